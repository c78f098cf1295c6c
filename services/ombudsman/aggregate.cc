#include "services/ombudsman/aggregate.h"

#include <type_traits>
#include <utility>

#include "services/ombudsman/documents.h"
#include "services/ombudsman/store.h"
#include "services/ombudsman/subscriber.h"

namespace lapor::ombudsman {

namespace {

// Who asked for a document, or wrote of one, is answered about that.
std::string SubjectOf(const Escalation& escalation, const Command& command) {
  return std::visit(
      [&](const auto& cmd) {
        using Cmd = std::decay_t<decltype(cmd)>;
        if constexpr (std::is_same_v<Cmd, IssueDocument>) {
          return ToString({escalation.id, escalation.number, static_cast<int>(escalation.documents.size())});
        } else if constexpr (requires { cmd.document; }) {
          return ToString({escalation.id, cmd.escalation, cmd.document});
        } else {
          return escalation.id;
        }
      },
      command);
}

}  // namespace

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy, policy::Offices offices) {
  Aggregate aggregate;
  const std::string digest = policy->calendar_digest();
  aggregate.decide = [policy, offices = std::move(offices)](const Escalation& escalation,
                                                            const Command& command, absl::Time now) {
    return Decide(escalation, command, now, *policy, offices);
  };
  aggregate.standing = [](const Escalation& escalation, const Command& command) {
    return eventlog::Standing{SubjectOf(escalation, command), static_cast<int>(escalation.stage)};
  };
  aggregate.load = LoadEscalations;
  aggregate.save = SaveEscalations;
  aggregate.append = AppendRecords;
  aggregate.on_event = OnEvent;
  // Which clock it is of, the escalation knows by itself.
  aggregate.on_deadline = [](report::v1::Clock, absl::Time, int) { return PassDeadline{}; };
  aggregate.recounting = Aggregate::Recounting{
      .calendar_digest = digest, .running = OpenEscalations, .recount = RecountClocks{}};
  return aggregate;
}

}  // namespace lapor::ombudsman
