// When the clocks that routing runs end, and when they remind. Pure.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/policy.h"
#include "services/routing/domain.h"
#include "services/routing/registry.h"

namespace lapor::routing {

// The clock of the route as the policy sees it; valid as long as `route`. Working days are those of the place
// that the report is about.
policy::ReportClock InPolicy(const Route& route, report::v1::Clock clock, absl::Time start,
                             const policy::Policy& policy);
// The delivery to the application of an agency, whose days count; valid as long as both.
policy::ReportClock DeliveryInPolicy(const Route& route, absl::Time start, const Agency& agency,
                                     const policy::Policy& policy);

// When a clock ends that starts then. FAILED_PRECONDITION, with the remedy, when the policy data can't tell.
absl::StatusOr<absl::Time> DueAt(const policy::ReportClock& clock, const policy::Policy& policy);

// Those of RouteExplanation.clocks: when they began and end, whether they were met, and why they end then.
// `handovers` are all of the route's, oldest first.
std::vector<v1::RouteClock> ExplainClocks(const Route& route, const std::vector<Handover>& handovers,
                                          const policy::Policy& policy, const Registry& registry);

// The verification or the completion clock, whichever runs on the route; UNSPECIFIED for none. Never both.
report::v1::Clock RunningClock(const Route& route);

// What a running clock does next, and when: remind, with the percentage of its term that has passed then, or
// end.
struct Alarm {
  absl::Time at;
  // 100 at the end.
  int percent = 100;
};

// Of the route's running clock. A reminder that the policy data can't tell is left out; the end always
// stands.
Alarm NextAlarm(const Route& route, const policy::Policy& policy);

}  // namespace lapor::routing
