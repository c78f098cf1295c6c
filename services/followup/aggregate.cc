#include "services/followup/aggregate.h"

#include "services/followup/store.h"
#include "services/followup/subscriber.h"

namespace lapor::followup {

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy) {
  Aggregate aggregate;
  aggregate.decide = [policy](const Case& c, const Command& command, absl::Time now) {
    return Decide(c, command, now, *policy);
  };
  aggregate.standing = [](const Case& report, const Command& command) {
    const Case& c = *CaseOf(report, ChildOf(command));
    return eventlog::Standing{c.id, static_cast<int>(c.state)};
  };
  aggregate.load = LoadCases;
  aggregate.save = SaveCases;
  aggregate.append = AppendRecords;
  aggregate.on_event = OnEvent;
  aggregate.on_deadline = [](report::v1::Clock clock, absl::Time, int child) {
    return PassDeadline{clock, child};
  };
  aggregate.recounting = Aggregate::Recounting{
      .calendar_digest = policy->calendar_digest(), .running = OpenCases, .recount = RecountClocks{}};
  return aggregate;
}

}  // namespace lapor::followup
