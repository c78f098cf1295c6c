#include "services/reporting/aggregate.h"

#include "services/reporting/store.h"
#include "services/reporting/subscriber.h"

namespace lapor::reporting {

ReportingAggregate MakeAggregate() {
  ReportingAggregate aggregate;
  aggregate.decide = [](const ReportFigures& report, const Command& command, absl::Time) {
    return Decide(report, command);
  };
  aggregate.state_number = [](const ReportFigures& report) { return report.facts; };
  aggregate.load = LoadReports;
  aggregate.save = SaveReports;
  aggregate.append = AddToCells;
  aggregate.on_event = OnEvent;
  aggregate.keep = KeepAgencies;
  return aggregate;
}

}  // namespace lapor::reporting
