#include "services/ombudsman/aggregate.h"

#include "services/ombudsman/store.h"
#include "services/ombudsman/subscriber.h"

namespace lapor::ombudsman {

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy) {
  Aggregate aggregate;
  aggregate.decide = [policy](const Escalation& escalation, const Command& command, absl::Time now) {
    return Decide(escalation, command, now, *policy);
  };
  aggregate.standing = [](const Escalation& escalation, const Command&) {
    return eventlog::Standing{escalation.id, static_cast<int>(escalation.stage)};
  };
  aggregate.load = LoadEscalations;
  aggregate.save = SaveEscalations;
  aggregate.append = AppendRecords;
  aggregate.on_event = OnEvent;
  return aggregate;
}

}  // namespace lapor::ombudsman
