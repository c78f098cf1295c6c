#include "services/reporting/aggregate.h"

#include "services/reporting/store.h"
#include "services/reporting/subscriber.h"

namespace lapor::reporting {

ReportingAggregate MakeAggregate() {
  ReportingAggregate aggregate;
  aggregate.decide = [](const ReportFigures& report, const Command& command, absl::Time) {
    return Decide(report, command);
  };
  aggregate.standing = [](const ReportFigures& report, const Command&) {
    return eventlog::Standing{report.id, report.facts};
  };
  aggregate.load = LoadReports;
  aggregate.save = SaveReports;
  aggregate.append = AddToCells;
  aggregate.on_event = OnEvent;
  aggregate.keep = KeepAgencies;
  return aggregate;
}

}  // namespace lapor::reporting
