// Reporting as the batch executor sees it.
#pragma once

#include "libs/eventlog/executor.h"
#include "services/reporting/domain.h"

namespace lapor::reporting {

using ReportingAggregate = eventlog::Aggregate<ReportFigures, Command, Cell>;
using ReportingExecutor = eventlog::Executor<ReportingAggregate>;

ReportingAggregate MakeAggregate();

}  // namespace lapor::reporting
