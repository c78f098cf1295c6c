#include "services/routing/clocks.h"

#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/routing/states.h"

namespace lapor::routing {
namespace {

// The verification clock, in the zone whose days it was counted in: the region may have been put right since.
policy::ReportClock VerificationInPolicy(const Route& route, const policy::Policy& policy) {
  const policy::ReportClock now =
      InPolicy(route, report::v1::CLOCK_VERIFICATION, route.complete_since, policy);
  policy::ReportClock then = now;
  for (const report::v1::TimeZone zone :
       {now.time_zone, report::v1::TIME_ZONE_WIB, report::v1::TIME_ZONE_WITA, report::v1::TIME_ZONE_WIT}) {
    then.time_zone = zone;
    const auto due_at = policy.DueAt(then);
    if (due_at.ok() && *due_at == *route.verification_due_at) return then;
  }
  return now;
}

// The first assignment since the report was complete: one that was completed or contested is verified anew.
std::optional<absl::Time> FirstAssignment(const Route& route, const std::vector<Handover>& handovers) {
  for (const Handover& handover : handovers) {
    const bool assigned = !handover.agency_id.empty() && handover.agency_id != kRootAgencyId;
    if (assigned && handover.since >= route.complete_since) return handover.since;
  }
  return std::nullopt;
}

}  // namespace

policy::ReportClock InPolicy(const Route& route, report::v1::Clock clock, absl::Time start,
                             const policy::Policy& policy) {
  const policy::Region* region = policy.FindRegion(route.region);
  // A reporter may leave the class to the administrator. Until then it counts as what most reports are.
  const bool unclassed = route.report_class == report::v1::REPORT_CLASS_UNSPECIFIED;
  return {.policy_version = route.policy_version,
          .clock = clock,
          .report_class = unclassed ? report::v1::REPORT_CLASS_COMPLAINT : route.report_class,
          .supervision = route.supervision,
          .start = start,
          .time_zone = region == nullptr ? report::v1::TIME_ZONE_WIB : region->time_zone};
}

policy::ReportClock DeliveryInPolicy(const Route& route, absl::Time start, const Agency& agency,
                                     const policy::Policy& policy) {
  policy::ReportClock clock = InPolicy(route, report::v1::CLOCK_DELIVERY, start, policy);
  clock.time_zone = agency.time_zone();
  clock.agency_id = agency.agency_id();
  return clock;
}

absl::StatusOr<absl::Time> DueAt(const policy::ReportClock& clock, const policy::Policy& policy) {
  const auto due_at = policy.DueAt(clock);
  if (due_at.ok()) return due_at;
  return decision::Refuse(
      absl::StatusCode::kFailedPrecondition, "policy",
      fmt::format("{} can't be set: {}", report::v1::Clock_Name(clock.clock),
                  std::string(due_at.status().message())),
      "when the operators have put the policy data right, send the request again or replay the event");
}

std::vector<v1::RouteClock> ExplainClocks(const Route& route, const std::vector<Handover>& handovers,
                                          const policy::Policy& policy, const Registry& registry) {
  std::vector<v1::RouteClock> clocks;
  const auto add = [&](report::v1::Clock name, std::optional<absl::Time> start,
                       absl::Time due_at) -> v1::RouteClock& {
    v1::RouteClock& clock = clocks.emplace_back();
    clock.set_clock(name);
    if (start) *clock.mutable_started_at() = decision::ToProto(*start);
    *clock.mutable_due_at() = decision::ToProto(due_at);
    return clock;
  };
  const auto explain = [&](const policy::ReportClock& in_policy, v1::RouteClock& clock) {
    auto explanation = policy.Explain(in_policy);
    if (explanation.ok()) *clock.mutable_explanation() = *std::move(explanation);
  };
  // A part has that of the whole, which tells it.
  if (route.verification_due_at && route.child == 0) {
    v1::RouteClock& clock =
        add(report::v1::CLOCK_VERIFICATION, route.complete_since, *route.verification_due_at);
    explain(VerificationInPolicy(route, policy), clock);
    if (const auto met_at = FirstAssignment(route, handovers))
      *clock.mutable_met_at() = decision::ToProto(*met_at);
    clock.set_breached(route.verification_overdue);
  }
  if (route.completion_due_at) {
    v1::RouteClock& clock =
        add(report::v1::CLOCK_COMPLETION, route.completion_asked_at, *route.completion_due_at);
    if (route.completion_asked_at)
      explain(InPolicy(route, clock.clock(), *route.completion_asked_at, policy), clock);
  }
  if (route.delivery) {
    v1::RouteClock& clock =
        add(report::v1::CLOCK_DELIVERY, route.delivery->assigned_at, route.delivery->due_at);
    const Agency* agency = registry.Find(route.holder_agency_id);
    if (agency != nullptr)
      explain(DeliveryInPolicy(route, route.delivery->assigned_at, *agency, policy), clock);
    if (route.delivery->acknowledged_at)
      *clock.mutable_met_at() = decision::ToProto(*route.delivery->acknowledged_at);
    clock.set_breached(route.delivery->fell_back_at.has_value());
  }
  return clocks;
}

report::v1::Clock RunningClock(const Route& route) {
  if (route.state == kAwaitingCompletion) return report::v1::CLOCK_COMPLETION;
  // The verification clock runs to the first assignment. Only one of these states holds then: the others come
  // after it, or without it.
  const bool verifying = route.state == kAwaitingTriage || route.state == kVerified;
  return verifying && !route.verification_overdue ? report::v1::CLOCK_VERIFICATION
                                                  : report::v1::CLOCK_UNSPECIFIED;
}

Alarm NextAlarm(const Route& route, const policy::Policy& policy) {
  const report::v1::Clock name = RunningClock(route);
  const bool completing = name == report::v1::CLOCK_COMPLETION;
  const absl::Time due_at = completing ? *route.completion_due_at : *route.verification_due_at;
  // Reports from before this was recorded have no start of the completion clock.
  const absl::Time start = completing ? route.completion_asked_at.value_or(due_at) : route.complete_since;
  const policy::ReportClock clock = InPolicy(route, name, start, policy);
  const policy::v1::PolicyVersion* version = policy.FindVersion(route.policy_version);
  if (version == nullptr) return {due_at};
  for (const policy::v1::Limit& reminder : version->limits().reminder_percent()) {
    if (reminder.value() <= route.reminded_percent) continue;
    const auto at = policy.ReminderAt(clock, reminder.value());
    if (at.ok() && *at && **at < due_at) return {**at, reminder.value()};
  }
  return {due_at};
}

}  // namespace lapor::routing
