// What roles have in common.
#pragma once

#include "lapor/report/v1/report.pb.h"

namespace lapor::report {

// The people of one agency, who act for it.
inline bool IsOfAgency(v1::Role role) { return role == v1::ROLE_OFFICER || role == v1::ROLE_AGENCY_ADMIN; }

}  // namespace lapor::report
