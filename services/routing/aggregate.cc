#include "services/routing/aggregate.h"

#include "services/routing/store.h"
#include "services/routing/subscriber.h"

namespace lapor::routing {

RoutingExecutor::Counterpart TakenBy(const std::string& lead_report_id, const Actor& actor) {
  return {lead_report_id, [actor](const Route& follower) {
            return TakeFollower{std::make_shared<Route>(follower), actor};
          }};
}

RoutingExecutor::Counterpart ReleasedBy(const std::string& lead_report_id) {
  return {lead_report_id, [](const Route&) { return ReleaseFollower{}; }};
}

RoutingAggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy,
                               std::shared_ptr<RegistryWatch> registry) {
  RoutingAggregate aggregate;
  aggregate.decide = [policy, registry](const Route& route, const Command& command, absl::Time now) {
    return Decide(route, command, now, *policy, *registry->Current());
  };
  aggregate.standing = [](const Route& route, const Command& command) {
    const bool adds = KindOf(command) == CommandKind::kAddChildAssignment;
    const size_t child = adds ? route.children.size() : static_cast<size_t>(ChildOf(command));
    const Route& about = child > 0 ? route.children[child - 1] : route;
    return eventlog::Standing{about.id, static_cast<int>(about.state)};
  };
  aggregate.load = LoadRoutes;
  aggregate.save = SaveRoutes;
  aggregate.append = AppendHandovers;
  aggregate.on_event = OnEvent;
  aggregate.on_deadline = OnDeadline;
  // The recount begins with the backbone, and the clock of a delivery is its agency's.
  const auto running = [registry](pg::Tx& tx, const std::string& after, int limit) {
    registry->Refresh(tx);
    return ReportsWithClocks(tx, after, limit);
  };
  aggregate.recounting = RoutingAggregate::Recounting{
      .calendar_digest = policy->calendar_digest(), .running = running, .recount = RecountClocks{}};
  return aggregate;
}

}  // namespace lapor::routing
