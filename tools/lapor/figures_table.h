// Figures as tables, with numerator and denominator beside every percentage. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "lapor/reporting/v1/reporting.pb.h"

namespace lapor::client {

// A row an agency, a province or the nation, in the given order; `total`, below a line, may be null.
std::string ShowFiguresTable(const std::vector<reporting::v1::Figures>& rows,
                             const reporting::v1::Figures* total);

// All figures of one circle of reports, a line each.
std::string ShowFigures(const reporting::v1::Figures& figures);

// Brings the rows with most reports first, and drops those beyond `limit`; whether there were any.
bool KeepLargest(size_t limit, google::protobuf::RepeatedPtrField<reporting::v1::Figures>* figures);

}  // namespace lapor::client
