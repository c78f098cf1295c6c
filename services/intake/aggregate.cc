#include "services/intake/aggregate.h"

#include <utility>

#include "services/intake/store.h"
#include "services/intake/subscriber.h"

namespace lapor::intake {

// Intake sets no deadlines and keeps nothing of the registry.
Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy) {
  Aggregate aggregate;
  aggregate.decide = [policy = std::move(policy)](const Report& report, const Command& command,
                                                  absl::Time now) {
    return Decide(report, command, now, *policy);
  };
  aggregate.standing = [](const Report& report, const Command&) {
    return eventlog::Standing{report.id, static_cast<int>(report.status)};
  };
  aggregate.load = Load;
  aggregate.save = Save;
  aggregate.append = Append;
  aggregate.on_event = OnEvent;
  return aggregate;
}

}  // namespace lapor::intake
