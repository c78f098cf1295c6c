#include "services/routing/domain.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "libs/report/roles.h"
#include "libs/report/tracking_id.h"
#include "services/routing/clocks.h"
#include "services/routing/states.h"

namespace lapor::routing {
namespace {

using decision::Refuse;

using enum CommandKind;

// What a decision may look at besides the state and the command.
struct World {
  absl::Time now;
  const policy::Policy& policy;
  const Registry& registry;
  // Of a child assignment, the report's own route; else null.
  const Route* lead = nullptr;
};

Actor ActorWithoutAgency(report::v1::Role role) {
  Actor actor;
  actor.set_role(role);
  return actor;
}

Actor TheSuite() { return ActorWithoutAgency(report::v1::ROLE_SERVICE); }
Actor TheReporter() { return ActorWithoutAgency(report::v1::ROLE_REPORTER); }

event::v1::Event& AddEvent(Decision& decision, const Actor& actor) {
  event::v1::Event& event = decision.events.emplace_back();
  *event.mutable_actor() = actor;
  event.set_child(decision.next.child);
  return event;
}

// What is decided on a child assignment is decided on the report.
void Adopt(Decision child, Decision& decision) {
  const int number = child.next.child;
  for (decision::DeadlineChange& deadline : child.deadlines) deadline.child = number;
  decision.next.children[static_cast<size_t>(number) - 1] = std::move(child.next);
  std::ranges::move(child.events, std::back_inserter(decision.events));
  std::ranges::move(child.records, std::back_inserter(decision.records));
  std::ranges::move(child.deadlines, std::back_inserter(decision.deadlines));
}

// What was on its way to an application has gone to other hands.
void EndDelivery(Decision& decision) {
  if (!decision.next.delivery) return;
  decision.next.delivery.reset();
  decision.deadlines.push_back({report::v1::CLOCK_DELIVERY, std::nullopt});
}

// Who is accountable from now on; nobody, if empty.
void HandTo(Decision& decision, const std::string& agency_id, absl::Time at, HandCause cause, const Actor& by,
            ReturnReason because = event::v1::RETURN_REASON_UNSPECIFIED) {
  Route& route = decision.next;
  if (route.holder_agency_id == agency_id) return;
  EndDelivery(decision);
  // An event may tell of a time before the last handover, which it crossed.
  if (route.handovers > 0) at = std::max(at, route.held_since);
  route.holder_agency_id = agency_id;
  route.held_since = at;
  ++route.handovers;
  const bool binding = !agency_id.empty() && !route.bound_agency_id.empty();
  decision.records.push_back({route.id, route.handovers, agency_id, at, because, cause, by, binding});
}

// --- clocks

absl::StatusOr<absl::Time> DueAt(const Route& route, report::v1::Clock clock, absl::Time start,
                                 const World& world) {
  return routing::DueAt(InPolicy(route, clock, start, world.policy), world.policy);
}

absl::StatusOr<const policy::v1::PolicyVersion*> VersionOf(const Route& route, const policy::Policy& policy) {
  if (const auto* version = policy.FindVersion(route.policy_version)) return version;
  return absl::InternalError(
      fmt::format("policy version {} of the report is not loaded", route.policy_version));
}

// The row of the clock that runs, if one does, says what it does next.
void SetAlarm(const World& world, Decision& decision) {
  const report::v1::Clock clock = RunningClock(decision.next);
  if (clock != report::v1::CLOCK_UNSPECIFIED)
    decision.deadlines.push_back({clock, NextAlarm(decision.next, world.policy).at});
}

// Half of the term, or more, has passed. One reminder for all that have passed, should it be late.
void Remind(const World& world, Decision& decision) {
  Route& route = decision.next;
  const report::v1::Clock clock = RunningClock(route);
  const bool completing = clock == report::v1::CLOCK_COMPLETION;
  for (Alarm alarm = NextAlarm(route, world.policy); alarm.at <= world.now && alarm.percent < 100;
       alarm = NextAlarm(route, world.policy)) {
    route.reminded_percent = alarm.percent;
  }
  auto& reminded = *AddEvent(decision, TheSuite()).mutable_clock_reminded();
  *reminded.mutable_due_at() =
      decision::ToProto(completing ? *route.completion_due_at : *route.verification_due_at);
  reminded.set_percent(route.reminded_percent);
  reminded.set_clock(clock);
  if (!completing) reminded.set_agency_id(route.holder_agency_id);
}

// The submission is complete: the verification clock runs from here.
absl::Status StartVerification(HandCause cause, const Actor& by, absl::Time at, const World& world,
                               Decision& decision) {
  Route& route = decision.next;
  const auto due_at = DueAt(route, report::v1::CLOCK_VERIFICATION, at, world);
  if (!due_at.ok()) return due_at.status();
  route.state = kAwaitingTriage;
  route.complete_since = at;
  route.verification_due_at = *due_at;
  route.verification_overdue = false;
  route.reminded_percent = 0;
  SetAlarm(world, decision);
  HandTo(decision, kRootAgencyId, at, cause, by);
  return absl::OkStatus();
}

// In time or overdue.
bool VerificationRuns(const Route& route) {
  return route.state == kAwaitingTriage || route.state == kVerified;
}

// How far a report has come: to triage, through it, to an agency.
int StageOf(RouteState state) {
  if (state == kAwaitingTriage || state == kAwaitingCompletion) return 0;
  return state == kVerified ? 1 : 2;
}

void TellVerificationOverdue(Decision& decision) {
  decision.next.verification_overdue = true;
  *AddEvent(decision, TheSuite()).mutable_verification_overdue()->mutable_due_at() =
      decision::ToProto(*decision.next.verification_due_at);
}

// Stops the clocks that run. Whether verification was in time is a matter of `at`, not of when the deadline
// would have fired.
void StopClocks(absl::Time at, Decision& decision) {
  Route& route = decision.next;
  if (VerificationRuns(route)) {
    if (at >= *route.verification_due_at && !route.verification_overdue) TellVerificationOverdue(decision);
    decision.deadlines.push_back({report::v1::CLOCK_VERIFICATION, std::nullopt});
  }
  if (route.state == kAwaitingCompletion) {
    route.completion_fields.clear();
    route.completion_asked_at.reset();
    route.completion_due_at.reset();
    route.reminded_percent = 0;
    decision.deadlines.push_back({report::v1::CLOCK_COMPLETION, std::nullopt});
  }
}

// --- who may. Asked before the table, which would tell a stranger the state.

absl::Status CheckHolder(const Actor& actor, const Route& route) {
  if (report::IsOfAgency(actor.role()) && actor.agency_id() == route.holder_agency_id)
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "only officers of the accountable agency may do this", "let an officer of that agency do it");
}

absl::Status CheckUnclaimed(const std::string& officer, const Route& route, absl::Time now) {
  if (!route.claimed_until || now >= *route.claimed_until || officer == route.claimed_by)
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                "is claimed by another administrator, who is working on it",
                "take others with ClaimReports, or wait until claimed_until");
}

// Nor does who archived a report judge whether that was right.
absl::Status CheckMayJudge(const std::string& officer, const Route& route, absl::Time now) {
  if (route.contested && !officer.empty() && officer == route.archived_by) {
    return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                  "was archived by you, which its reporter contests", "let another administrator judge it");
  }
  return CheckUnclaimed(officer, route, now);
}

// Whether the administrator of an agency decides for the one that has the route: the agency or a unit of it.
bool Administers(const Actor& actor, const Route& route, const World& world) {
  const std::string& own = actor.agency_id();
  const bool holds = own == route.holder_agency_id || world.registry.IsUnitOf(route.holder_agency_id, own);
  return actor.role() == report::v1::ROLE_AGENCY_ADMIN && holds;
}

absl::Status Admit(const AcceptAssignment& command, const Route& route, const World&) {
  return CheckHolder(command.actor, route);
}

absl::Status Admit(const ReturnAssignment& command, const Route& route, const World&) {
  return CheckHolder(command.actor, route);
}

absl::Status Admit(const AssignReport& command, const Route& route, const World& world) {
  if (command.actor.role() == report::v1::ROLE_TRIAGE)
    return CheckUnclaimed(command.officer, route, world.now);
  if (Administers(command.actor, route, world)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "only triage, or the administrator of the agency that is accountable or whose unit is, may "
                "assign it",
                "let one of them do it");
}

absl::Status Admit(const ArbitrateReport& command, const Route& route, const World& world) {
  const std::string& own = command.actor.agency_id();
  std::string arbiter = kRootAgencyId;
  if (route.state == kInArbitration) arbiter = route.holder_agency_id;
  if (route.state == kReturned)
    arbiter = world.registry.ArbiterBetween(route.returned_from, route.proposed_agency_id);
  if (command.actor.role() == report::v1::ROLE_ARBITER && (own == arbiter || own == kRootAgencyId))
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "only an arbiter of the agency that has to decide, or the national one, may do this",
                "let one of them do it");
}

absl::Status Admit(const AddChildAssignment& command, const Route& route, const World& world) {
  if (command.actor.role() == report::v1::ROLE_TRIAGE || Administers(command.actor, route, world))
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "only triage, or the administrator of the agency that leads, may give parts of it to others",
                "let one of them do it");
}

absl::Status Admit(const EndChildAssignment& command, const Route&, const World& world) {
  if (world.lead == nullptr) {
    return Refuse(absl::StatusCode::kInvalidArgument, "report_id", "names no child assignment",
                  "give the tracking id, a dot and the number of the child");
  }
  if (command.actor.role() == report::v1::ROLE_TRIAGE || Administers(command.actor, *world.lead, world))
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "only triage, or the administrator of the agency that leads, may end a child assignment",
                "let one of them do it, or answer it");
}

absl::Status Admit(const MergeReport& command, const Route& route, const World& world) {
  return CheckMayJudge(command.officer, route, world.now);
}

// The table would tell the state of the wrong report.
absl::Status Admit(const TakeFollower&, const Route& route, const World&) {
  if (route.state == kMerged) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "lead_report_id", "follows another report itself",
                  fmt::format("merge into that one, {}, or un-merge the lead first",
                              report::ShowTrackingId(route.lead_report_id)));
  }
  if (route.state == kAwaitingCompletion) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "lead_report_id",
                  "waits for its reporter, whom nobody else should wait for",
                  "merge it into the other, or wait until it is complete");
  }
  if (IsOpen(route.state)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "lead_report_id",
                fmt::format("is {}: nobody follows it up any more", NameOf(route.state)),
                "name an open report, or leave this one on its own");
}

// An order of the sweep may come twice.
absl::Status Admit(const UnmergeReport& command, const Route& route, const World&) {
  const bool ordered = command.actor.role() == report::v1::ROLE_SERVICE;
  const bool follows = route.state == kMerged && route.lead_report_id == command.lead_report_id;
  if (follows || (route.state != kMerged && !ordered)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kAborted, "report_id", "doesn't follow that report any more",
                "look at it again");
}

absl::Status Admit(const VerifyReport& command, const Route& route, const World& world) {
  return CheckMayJudge(command.officer, route, world.now);
}

absl::Status Admit(const RequestCompletion& command, const Route& route, const World& world) {
  return CheckMayJudge(command.officer, route, world.now);
}

absl::Status Admit(const ArchiveReport& command, const Route& route, const World& world) {
  return CheckMayJudge(command.officer, route, world.now);
}

// Commands of triage, as their RPC has seen to, and what is no caller's.
template <class C>
absl::Status Admit(const C&, const Route&, const World&) {
  return absl::OkStatus();
}

// --- which agency

// An agency that can be made accountable. `field` is that of the request.
absl::StatusOr<const Agency*> FindAssignable(const std::string& agency_id, const char* field,
                                             const Registry& registry) {
  if (agency_id == kRootAgencyId) {
    return Refuse(absl::StatusCode::kInvalidArgument, field,
                  "is the national administrator, who follows nothing up",
                  "name the agency that is competent");
  }
  const Agency* agency = registry.Find(agency_id);
  if (agency == nullptr) {
    return Refuse(absl::StatusCode::kInvalidArgument, field, "is not a known agency",
                  "take an id of ListAgencies");
  }
  if (!HasEnded(*agency)) return agency;
  return Refuse(absl::StatusCode::kFailedPrecondition, field,
                fmt::format("has ended; in its place: {}", SuccessorsOf(*agency)),
                "name an agency that goes on");
}

// Triage assigns to all agencies, an administrator to their own and those below it.
absl::Status CheckOwnHands(const Actor& actor, const std::string& agency_id, const char* remedy,
                           const World& world) {
  const std::string& own = actor.agency_id();
  const bool in_own_hands = agency_id == own || world.registry.IsBelow(agency_id, own);
  if (actor.role() == report::v1::ROLE_TRIAGE || in_own_hands) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "agency_id", "is not below your agency", remedy);
}

void Assign(const Agency& agency, HandCause cause, const Actor& actor, absl::Time now, Decision& decision) {
  StopClocks(now, decision);
  Route& route = decision.next;
  route.state = kAssigned;
  if (!route.assigned_at) route.assigned_at = now;
  route.last_agency_id = agency.agency_id();
  route.returned_from.clear();
  route.proposed_agency_id.clear();
  ++route.hops;
  HandTo(decision, agency.agency_id(), now, cause, actor);
  auto& assigned = *AddEvent(decision, actor).mutable_agency_assigned();
  assigned.set_agency_id(agency.agency_id());
  assigned.set_hop(route.hops);
  assigned.set_time_zone(agency.time_zone());
  assigned.set_binding(!route.bound_agency_id.empty());
  if (route.child > 0) assigned.set_category(route.category);
}

// After an assignment, whatever led to it: the agency's own application is to take it. Its working days are
// the agency's.
absl::Status StartDelivery(const World& world, Decision& decision) {
  EndDelivery(decision);
  Route& route = decision.next;
  const Agency* agency = world.registry.Find(route.holder_agency_id);
  if (agency == nullptr || !HasApplication(*agency)) return absl::OkStatus();
  const auto due_at = routing::DueAt(DeliveryInPolicy(route, world.now, *agency, world.policy), world.policy);
  if (!due_at.ok()) return due_at.status();
  route.delivery = Delivery{.assigned_at = world.now, .due_at = *due_at};
  decision.deadlines.push_back({report::v1::CLOCK_DELIVERY, *due_at});
  return absl::OkStatus();
}

void RequestArbitration(const Actor& actor, const std::string& arbiter, absl::Time now, ReturnReason because,
                        Decision& decision) {
  Route& route = decision.next;
  route.state = kInArbitration;
  HandTo(decision, arbiter, now, v1::HAND_CAUSE_ARBITRATION, actor, because);
  auto& requested = *AddEvent(decision, actor).mutable_arbitration_requested();
  requested.set_arbiter_agency_id(arbiter);
  requested.set_bounces(route.bounces);
}

// The report goes nowhere any more.
void Leave(RouteState state, HandCause cause, const Actor& by, absl::Time at, Decision& decision) {
  StopClocks(at, decision);
  decision.next.state = state;
  HandTo(decision, "", at, cause, by);
}

// The reporter may contest it, once.
absl::Status Archive(report::v1::ArchiveReason reason, const Actor& actor, const std::string& officer,
                     const World& world, Decision& decision) {
  Route& route = decision.next;
  if (!route.contested) {
    const auto until = DueAt(route, report::v1::CLOCK_CONTEST, world.now, world);
    if (!until.ok()) return until.status();
    route.contest_until = *until;
  }
  Leave(kArchived, v1::HAND_CAUSE_ARCHIVED, actor, world.now, decision);
  route.archive_reason = reason;
  route.archived_by = officer;
  auto& archived = *AddEvent(decision, actor).mutable_report_archived();
  archived.set_reason(reason);
  if (route.contest_until) *archived.mutable_contest_until() = decision::ToProto(*route.contest_until);
  return absl::OkStatus();
}

// An archived report waits for triage again.
absl::Status Restore(event::v1::RestoreReason reason, absl::Time at, const World& world, Decision& decision) {
  Route& route = decision.next;
  route.archive_reason = report::v1::ARCHIVE_REASON_UNSPECIFIED;
  route.contest_until.reset();
  route.returned_from.clear();
  route.proposed_agency_id.clear();
  AddEvent(decision, TheSuite()).mutable_report_restored()->set_reason(reason);
  return StartVerification(v1::HAND_CAUSE_RESTORED, TheReporter(), at, world, decision);
}

// What other agencies work on isn't stopped behind their backs.
absl::Status CheckChildrenEnded(const Route& route) {
  std::vector<std::string> open;
  for (const Route& child : route.children) {
    if (IsOpen(child.state)) open.push_back(child.id);
  }
  if (open.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                fmt::format("other agencies still have parts of it: {}", fmt::join(open, ", ")),
                "end these first with EndChildAssignment");
}

// --- commands of callers: decision.next is the state that they find, and change

absl::Status Carry(const VerifyReport& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (command.report_class != report::v1::REPORT_CLASS_UNSPECIFIED) route.report_class = command.report_class;
  if (!command.category.empty()) route.category = command.category;
  if (!command.region.empty()) route.region = command.region;
  const bool complaint = route.report_class == report::v1::REPORT_CLASS_COMPLAINT;
  route.supervision = command.supervision.value_or(route.supervision && complaint);
  route.confidential = route.confidential || command.raise_confidential;
  route.danger_to_life = command.danger_to_life.value_or(route.danger_to_life);

  decision::Refusals refusals;
  if (route.report_class == report::v1::REPORT_CLASS_UNSPECIFIED) {
    refusals.Add("report_class", "is required: the reporter chose none", "give the class as you judge it");
  }
  if (route.supervision && !complaint) {
    refusals.Add("supervision", "only a complaint has supervision content",
                 "leave it out, or correct report_class");
  }
  if (route.category.empty()) {
    refusals.Add("category", "is required: the reporter chose none", "give a code of categories.csv");
  } else if (world.policy.FindCategory(route.category) == nullptr) {
    refusals.Add("category", "is not a known category", "give a code of categories.csv");
  }
  if (!route.region.empty() && world.policy.FindRegion(route.region) == nullptr) {
    refusals.Add("region", "is not a known region", "give a code of regions.csv");
  }
  if (!refusals.ok()) return refusals.status();

  route.state = kVerified;
  if (!route.verified_at) route.verified_at = world.now;
  auto& verified = *AddEvent(decision, command.actor).mutable_report_verified();
  verified.set_report_class(route.report_class);
  verified.set_supervision(route.supervision);
  verified.set_category(route.category);
  verified.set_region(route.region);
  verified.set_confidential(route.confidential);
  verified.set_danger_to_life(route.danger_to_life);
  return absl::OkStatus();
}

absl::Status Carry(const RequestCompletion& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (route.followers > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  fmt::format("leads others ({}), whose time doesn't wait for its reporter", route.followers),
                  "go by what they tell, or un-merge those of ListFollowers first");
  }
  const auto due_at = DueAt(route, report::v1::CLOCK_COMPLETION, world.now, world);
  if (!due_at.ok()) return due_at.status();
  StopClocks(world.now, decision);
  route.state = kAwaitingCompletion;
  route.verification_due_at.reset();
  route.completion_fields = command.fields;
  route.completion_asked_at = world.now;
  route.completion_due_at = *due_at;
  route.reminded_percent = 0;
  SetAlarm(world, decision);
  auto& requested = *AddEvent(decision, command.actor).mutable_completion_requested();
  requested.mutable_fields()->Add(command.fields.begin(), command.fields.end());
  *requested.mutable_due_at() = decision::ToProto(*due_at);
  return absl::OkStatus();
}

absl::Status Carry(const ArchiveReport& command, const World& world, Decision& decision) {
  if (auto status = CheckChildrenEnded(decision.next); !status.ok()) return status;
  return Archive(command.reason, command.actor, command.officer, world, decision);
}

absl::Status Carry(const AssignReport& command, const World& world, Decision& decision) {
  const Route& route = decision.next;
  const auto agency = FindAssignable(command.agency_id, "agency_id", world.registry);
  if (!agency.ok()) return agency.status();
  if (auto status =
          CheckOwnHands(command.actor, command.agency_id,
                        "assign it to one of your units, or return it with the agency as target", world);
      !status.ok()) {
    return status;
  }
  const std::string& bound = route.bound_agency_id;
  if (!bound.empty() && command.agency_id != bound && !world.registry.IsUnitOf(command.agency_id, bound)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "agency_id",
                  "is not the agency that an arbiter has decided for, nor a unit of it",
                  "name one of these, or have the national arbiter decide again with ArbitrateReport");
  }
  if (command.agency_id == route.holder_agency_id) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "agency_id", "is accountable for it already",
                  "name another agency");
  }
  if (command.agency_id == route.returned_from) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "agency_id", "has just returned it",
                  "name another agency, or have an arbiter decide with ArbitrateReport");
  }
  Assign(**agency, v1::HAND_CAUSE_ASSIGNED, command.actor, world.now, decision);
  return absl::OkStatus();
}

absl::Status Carry(const AcceptAssignment& command, const World&, Decision& decision) {
  Route& route = decision.next;
  route.state = kAccepted;
  AddEvent(decision, command.actor).mutable_assignment_accepted()->set_agency_id(route.holder_agency_id);
  return absl::OkStatus();
}

absl::Status Carry(const ReturnAssignment& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  const std::string holder = route.holder_agency_id;
  const std::string& target = command.target_agency_id;
  if (!route.bound_agency_id.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  "was decided by an arbiter; it can't be returned", "follow it up");
  }
  if (!target.empty()) {
    const auto agency = FindAssignable(target, "target_agency_id", world.registry);
    if (!agency.ok()) return agency.status();
    // A regency stands below its province in the registry, but is a government of its own; a unit is not.
    if (target == holder || world.registry.IsUnitOf(target, holder)) {
      return Refuse(absl::StatusCode::kInvalidArgument, "target_agency_id",
                    "is the returning agency or a unit of it",
                    "keep it, assign it to your unit, or name another agency");
    }
  }
  const auto version = VersionOf(route, world.policy);
  if (!version.ok()) return version.status();

  ++route.bounces;
  route.returned_from = holder;
  route.proposed_agency_id = target;
  auto& returned = *AddEvent(decision, command.actor).mutable_assignment_returned();
  returned.set_agency_id(holder);
  returned.set_reason(command.reason);
  returned.set_target_agency_id(target);
  returned.set_bounces(route.bounces);

  if (!target.empty() && route.bounces < (*version)->limits().max_bounces().value()) {
    route.state = kReturned;
    HandTo(decision, kRootAgencyId, world.now, v1::HAND_CAUSE_RETURNED, command.actor, command.reason);
    return absl::OkStatus();
  }
  RequestArbitration(command.actor, world.registry.ArbiterBetween(holder, target), world.now, command.reason,
                     decision);
  return absl::OkStatus();
}

absl::Status Carry(const ArbitrateReport& command, const World& world, Decision& decision) {
  const auto agency = FindAssignable(command.agency_id, "agency_id", world.registry);
  if (!agency.ok()) return agency.status();
  const std::string& own = command.actor.agency_id();
  // A coordinator binds those that it coordinates, and itself. For another agency it passes the case up, to
  // the first arbiter who can bind both; each one stands higher, so that ends.
  if (command.agency_id != own && !world.registry.IsBelow(command.agency_id, own)) {
    if (decision.next.state != kInArbitration) {
      return Refuse(absl::StatusCode::kPermissionDenied, "agency_id", "is not coordinated by your agency",
                    "choose an agency below yours, or let the national arbiter decide");
    }
    decision.next.proposed_agency_id = command.agency_id;
    RequestArbitration(command.actor, world.registry.ArbiterBetween(own, command.agency_id), world.now,
                       event::v1::RETURN_REASON_UNSPECIFIED, decision);
    return absl::OkStatus();
  }
  decision.next.bound_agency_id = command.agency_id;
  Assign(**agency, v1::HAND_CAUSE_ARBITRATED, command.actor, world.now, decision);
  return absl::OkStatus();
}

absl::Status Carry(const AddChildAssignment& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  const auto agency = FindAssignable(command.agency_id, "agency_id", world.registry);
  if (!agency.ok()) return agency.status();
  if (auto status = CheckOwnHands(command.actor, command.agency_id,
                                  "name one that is, or ask triage to bring the other one in", world);
      !status.ok()) {
    return status;
  }
  const bool has_part = command.agency_id == route.holder_agency_id ||
                        std::ranges::any_of(route.children, [&](const Route& child) {
                          return IsOpen(child.state) && child.holder_agency_id == command.agency_id;
                        });
  if (has_part) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "agency_id",
                  "has the report or a part of it already", "name another agency");
  }
  if (!command.category.empty() && world.policy.FindCategory(command.category) == nullptr) {
    return Refuse(absl::StatusCode::kInvalidArgument, "category", "is not a known category",
                  "give a code of categories.csv, or leave it out");
  }
  if (route.children.size() >= report::kMaxChildren) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  fmt::format("has {} child assignments, the most that it may have", report::kMaxChildren),
                  "assign again one that was returned, or let the leading agency see to the rest");
  }

  Decision child;
  child.next.child = static_cast<int>(route.children.size()) + 1;
  child.next.id = report::ToString(route.id, child.next.child);
  child.next.state = kReturned;  // with the administrators, for the moment
  child.next.report_class = route.report_class;
  child.next.supervision = route.supervision;
  child.next.confidential = route.confidential;
  child.next.danger_to_life = route.danger_to_life;
  child.next.category = command.category.empty() ? route.category : command.category;
  child.next.region = route.region;
  child.next.policy_version = route.policy_version;
  child.next.received_at = route.received_at;
  child.next.complete_since = route.complete_since;
  child.next.verification_due_at = route.verification_due_at;
  child.next.verified_at = route.verified_at;
  Assign(**agency, v1::HAND_CAUSE_ASSIGNED, command.actor, world.now, child);
  if (auto status = StartDelivery(world, child); !status.ok()) return status;
  route.children.emplace_back();
  Adopt(std::move(child), decision);
  return absl::OkStatus();
}

absl::Status Carry(const EndChildAssignment& command, const World& world, Decision& decision) {
  AddEvent(decision, command.actor)
      .mutable_child_assignment_ended()
      ->set_agency_id(decision.next.holder_agency_id);
  // For good: nothing opens it again.
  decision.next.withdrawn = true;
  Leave(kEnded, v1::HAND_CAUSE_NOT_NEEDED, command.actor, world.now, decision);
  return absl::OkStatus();
}

absl::Status Carry(const MergeReport& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (command.lead_report_id == route.id) {
    return Refuse(absl::StatusCode::kInvalidArgument, "lead_report_id", "is the report itself",
                  "name the report that tells the same");
  }
  if (route.followers > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  fmt::format("leads others ({}), and can't follow one itself", route.followers),
                  "merge the other report into this one, or un-merge those of ListFollowers first");
  }
  if (route.answered) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  "is answered, for its reporter to judge",
                  "leave it on its own, or merge the other report into it");
  }
  if (route.escalated) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                  "is before the Ombudsman, who judges each report by itself",
                  "leave it on its own, or merge the other report into it");
  }
  if (auto status = CheckChildrenEnded(route); !status.ok()) return status;

  route.returned_from.clear();
  route.proposed_agency_id.clear();
  route.lead_report_id = command.lead_report_id;
  route.merged_from = route.state;
  Leave(kMerged, v1::HAND_CAUSE_MERGED, command.actor, world.now, decision);
  AddEvent(decision, command.actor).mutable_report_merged()->set_lead_report_id(command.lead_report_id);
  return absl::OkStatus();
}

// The earlier of two times, where there are.
std::optional<absl::Time> Earlier(std::optional<absl::Time> a, std::optional<absl::Time> b) {
  return a && b ? std::min(*a, *b) : (a ? a : b);
}

absl::Status Carry(const TakeFollower& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  const Route& follower = *command.follower;
  const auto refuse = [](const std::string& rule, const std::string& remedy) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "lead_report_id", rule, remedy);
  };
  // Classes have different terms, so there would be no earlier clock to keep.
  const bool classed = follower.report_class != report::v1::REPORT_CLASS_UNSPECIFIED;
  if (classed && (follower.report_class != route.report_class || follower.supervision != route.supervision)) {
    return refuse("is of another class than the report that is to follow it",
                  "correct the class with VerifyReport first, or leave them apart");
  }
  const int stage = StageOf(follower.merged_from);
  if (stage > StageOf(route.state)) {
    return refuse("is not as far on its way as the report that is to follow it",
                  "verify and assign it first, or merge it into the other");
  }
  ++route.followers;
  route.danger_to_life = route.danger_to_life || follower.danger_to_life;
  route.verified_at = Earlier(route.verified_at, follower.verified_at);
  route.assigned_at = Earlier(route.assigned_at, follower.assigned_at);
  if (VerificationRuns(route) && stage < 2 && follower.verification_due_at &&
      *follower.verification_due_at < *route.verification_due_at) {
    route.complete_since = follower.complete_since;
    route.verification_due_at = follower.verification_due_at;
    if (world.now >= *route.verification_due_at && !route.verification_overdue)
      TellVerificationOverdue(decision);
    decision.deadlines.push_back({report::v1::CLOCK_VERIFICATION, std::nullopt});
    SetAlarm(world, decision);
  }
  auto& joined = *AddEvent(decision, command.actor).mutable_follower_joined();
  joined.set_follower_report_id(follower.id);
  if (follower.verified_at) *joined.mutable_verified_at() = decision::ToProto(*follower.verified_at);
  if (follower.assigned_at) *joined.mutable_assigned_at() = decision::ToProto(*follower.assigned_at);
  return absl::OkStatus();
}

// What a merged report itself gives as a reason to follow its lead no more.
event::v1::UnmergeReason OwnReasonToLeave(const Route& route) {
  if (route.withdrawn) return event::v1::UNMERGE_REASON_WITHDRAWN;
  if (route.closed_meanwhile) return event::v1::UNMERGE_REASON_CLOSED;
  return route.escalated ? event::v1::UNMERGE_REASON_ESCALATED : event::v1::UNMERGE_REASON_UNSPECIFIED;
}

absl::Status Carry(const UnmergeReport& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  const event::v1::UnmergeReason own = OwnReasonToLeave(route);
  const RouteState before = std::exchange(route.merged_from, kUnknown);
  const bool over = route.withdrawn || std::exchange(route.closed_meanwhile, false);
  auto& unmerged = *AddEvent(decision, command.actor).mutable_report_unmerged();
  unmerged.set_lead_report_id(std::exchange(route.lead_report_id, ""));
  unmerged.set_reason(own == event::v1::UNMERGE_REASON_UNSPECIFIED ? command.reason : own);
  if (over) {
    route.state = kEnded;
    return absl::OkStatus();
  }
  // It was incomplete, and waited for its reporter: administrators look at it anew.
  if (!route.verification_due_at)
    return StartVerification(v1::HAND_CAUSE_UNMERGED, command.actor, world.now, world, decision);
  route.state = StageOf(before) == 2 ? kReturned : StageOf(before) == 1 ? kVerified : kAwaitingTriage;
  HandTo(decision, kRootAgencyId, world.now, v1::HAND_CAUSE_UNMERGED, command.actor);
  // It has run on all the while.
  SetAlarm(world, decision);
  return absl::OkStatus();
}

absl::Status Carry(const ReleaseFollower&, const World&, Decision& decision) {
  decision.next.followers = std::max(decision.next.followers - 1, 0);
  return absl::OkStatus();
}

// --- events

absl::Status Carry(const ReceiveReport& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (route.state != kUnknown) return absl::OkStatus();
  route.report_class = command.report.report_class();
  route.supervision = command.report.supervision();
  route.confidential = command.report.confidential();
  route.danger_to_life = command.report.danger_to_life();
  route.category = command.report.category();
  route.region = command.report.region();
  route.policy_version = command.report.policy_version();
  route.received_at = command.at;
  return StartVerification(v1::HAND_CAUSE_SUBMITTED, TheReporter(), command.at, world, decision);
}

absl::Status Carry(const ReceiveCompletion& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  // Intake has taken it in time, whatever the clock said here meanwhile.
  const bool crossed = route.state == kArchived && !route.withdrawn &&
                       route.archive_reason == report::v1::ARCHIVE_REASON_NOT_COMPLETED;
  const bool merged = route.state == kMerged && route.merged_from == kAwaitingCompletion;
  if (route.state != kAwaitingCompletion && !merged && !crossed) return absl::OkStatus();
  if (!command.category.empty()) route.category = command.category;
  if (!command.region.empty()) route.region = command.region;
  if (crossed) return Restore(event::v1::RESTORE_REASON_COMPLETED, command.at, world, decision);
  if (merged) {
    // Complete from then on, should it be on its own again.
    const auto due_at = DueAt(route, report::v1::CLOCK_VERIFICATION, command.at, world);
    if (!due_at.ok()) return due_at.status();
    route.merged_from = kAwaitingTriage;
    route.complete_since = command.at;
    route.verification_due_at = *due_at;
    route.verification_overdue = false;
    return absl::OkStatus();
  }
  StopClocks(command.at, decision);
  return StartVerification(v1::HAND_CAUSE_SUBMITTED, TheReporter(), command.at, world, decision);
}

absl::Status Carry(const ContestArchive& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (route.state != kArchived || route.withdrawn || route.contested) return absl::OkStatus();
  route.contested = true;
  return Restore(event::v1::RESTORE_REASON_CONTESTED, command.at, world, decision);
}

absl::Status Carry(const WithdrawReport& command, const World&, Decision& decision) {
  decision.next.withdrawn = true;
  if (IsOpen(decision.next.state))
    Leave(kEnded, v1::HAND_CAUSE_WITHDRAWN, TheReporter(), command.at, decision);
  return absl::OkStatus();
}

absl::Status Carry(const EndRoute& command, const World&, Decision& decision) {
  if (decision.next.state == kMerged) decision.next.closed_meanwhile = true;
  if (IsOpen(decision.next.state)) Leave(kEnded, v1::HAND_CAUSE_CLOSED, command.by, command.at, decision);
  return absl::OkStatus();
}

absl::Status Carry(const ReopenRoute& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  // A part whose report went on its way meanwhile has ended with it.
  if (world.lead != nullptr && !IsOpen(world.lead->state)) return absl::OkStatus();
  route.closed_meanwhile = false;
  if (!command.answer_stands) route.answered = false;
  if (route.state != kEnded || route.withdrawn || route.last_agency_id.empty()) return absl::OkStatus();
  // As it was: followup knows of no agency either, once it has heard of the return.
  const bool returned = !route.returned_from.empty();
  route.state = returned ? kReturned : kAccepted;
  HandTo(decision, returned ? kRootAgencyId : route.last_agency_id, command.at, v1::HAND_CAUSE_REOPENED,
         command.by);
  return absl::OkStatus();
}

absl::Status Carry(const RecordAnswer&, const World&, Decision& decision) {
  decision.next.answered = true;
  return absl::OkStatus();
}

absl::Status Carry(const RecordEscalation& command, const World&, Decision& decision) {
  decision.next.escalated = command.open;
  return absl::OkStatus();
}

// --- deadlines

// Whatever is due by now is done, and the next alarm set: a row that was written before reminders were, or
// under another calendar, comes at another time, and is as good.
absl::Status Carry(const PassVerification&, const World& world, Decision& decision) {
  const Route& route = decision.next;
  if (RunningClock(route) != report::v1::CLOCK_VERIFICATION) return absl::OkStatus();
  if (world.now >= *route.verification_due_at) {
    TellVerificationOverdue(decision);
  } else if (NextAlarm(route, world.policy).at <= world.now) {
    Remind(world, decision);
  }
  SetAlarm(world, decision);
  return absl::OkStatus();
}

absl::Status Carry(const PassCompletion&, const World& world, Decision& decision) {
  const Route& route = decision.next;
  if (route.state != kAwaitingCompletion) return absl::OkStatus();
  if (world.now >= *route.completion_due_at)
    return Archive(report::v1::ARCHIVE_REASON_NOT_COMPLETED, TheSuite(), "", world, decision);
  if (NextAlarm(route, world.policy).at <= world.now) Remind(world, decision);
  SetAlarm(world, decision);
  return absl::OkStatus();
}

absl::Status Carry(const PassDelivery& command, const World& world, Decision& decision) {
  Route& route = decision.next;
  // Once the people of the agency have taken it up, there is nothing to fall back to them.
  const bool stands = route.state == kAssigned && route.delivery &&
                      route.delivery->due_at == command.due_at &&
                      StateOf(*route.delivery) == v1::DELIVERY_STATE_PENDING;
  if (!stands) return absl::OkStatus();
  route.delivery->fell_back_at = world.now;
  auto& fell_back = *AddEvent(decision, TheSuite()).mutable_assignment_fell_back();
  fell_back.set_agency_id(route.holder_agency_id);
  fell_back.set_hop(route.hops);
  *fell_back.mutable_due_at() = decision::ToProto(command.due_at);
  return absl::OkStatus();
}

// --- the calendars

// The clock goes on to where it ends now. Nothing moves that has run out, and nobody is late by a decree: a
// day that is worked after all brings no due date into the past.
absl::Status Recount(const policy::ReportClock& clock, const World& world, absl::Time& due_at,
                     Decision& decision) {
  const auto explanation = world.policy.Explain(clock);
  if (!explanation.ok()) return explanation.status();
  const absl::Time moved_to = decision::FromProto(explanation->due_at());
  if (moved_to == due_at || due_at <= world.now || moved_to <= world.now) return absl::OkStatus();
  auto& moved = *AddEvent(decision, TheSuite()).mutable_clock_moved();
  moved.set_clock(clock.clock);
  *moved.mutable_due_at_before() = decision::ToProto(due_at);
  *moved.mutable_due_at() = explanation->due_at();
  *moved.mutable_calendar_version() = explanation->calendar_version();
  due_at = moved_to;
  return absl::OkStatus();
}

absl::Status Carry(const RecountClocks&, const World& world, Decision& decision) {
  Route& route = decision.next;
  const RouteState stage = route.state == kMerged ? route.merged_from : route.state;
  const bool verifying = stage == kAwaitingTriage || stage == kVerified;
  if (verifying && route.verification_due_at && !route.verification_overdue) {
    const auto clock = InPolicy(route, report::v1::CLOCK_VERIFICATION, route.complete_since, world.policy);
    if (auto status = Recount(clock, world, *route.verification_due_at, decision); !status.ok())
      return status;
  }
  if (route.state == kAwaitingCompletion && route.completion_asked_at) {
    const auto clock =
        InPolicy(route, report::v1::CLOCK_COMPLETION, *route.completion_asked_at, world.policy);
    if (auto status = Recount(clock, world, *route.completion_due_at, decision); !status.ok()) return status;
  }
  SetAlarm(world, decision);
  const Agency* agency = world.registry.Find(route.holder_agency_id);
  if (route.delivery && agency != nullptr && StateOf(*route.delivery) == v1::DELIVERY_STATE_PENDING) {
    const auto clock = DeliveryInPolicy(route, route.delivery->assigned_at, *agency, world.policy);
    if (auto status = Recount(clock, world, route.delivery->due_at, decision); !status.ok()) return status;
    decision.deadlines.push_back({report::v1::CLOCK_DELIVERY, route.delivery->due_at});
  }
  return absl::OkStatus();
}

// --- the registry

absl::Status Carry(const CarryOver&, const World& world, Decision& decision) {
  Route& route = decision.next;
  if (!IsOpen(route.state)) return absl::OkStatus();
  const auto living = [&](const std::string& agency_id) {
    return world.registry.LivingFor(agency_id, route.region, route.category);
  };
  route.proposed_agency_id = living(route.proposed_agency_id);
  route.bound_agency_id = living(route.bound_agency_id);
  const std::string successor = living(route.holder_agency_id);
  if (successor == route.holder_agency_id) return absl::OkStatus();

  if (route.state == kInArbitration) {
    // Whom the arbiter coordinated was moved before it ended, not always below its successor.
    const std::string arbiter =
        world.registry.ArbiterBetween(living(route.returned_from), route.proposed_agency_id);
    HandTo(decision, arbiter, world.now, v1::HAND_CAUSE_CARRIED_OVER, TheSuite());
    auto& requested = *AddEvent(decision, TheSuite()).mutable_arbitration_requested();
    requested.set_arbiter_agency_id(arbiter);
    requested.set_bounces(route.bounces);
    requested.set_carried_over(true);
  } else {
    const Agency* agency = world.registry.Find(successor);
    if (agency == nullptr) return absl::InternalError("the registry has no agency " + successor);
    Assign(*agency, v1::HAND_CAUSE_CARRIED_OVER, TheSuite(), world.now, decision);
    decision.events.back().mutable_agency_assigned()->set_carried_over(true);
  }
  return absl::OkStatus();
}

absl::Status CheckKnown(const Route& route, CommandKind kind) {
  if (route.state != kUnknown || kind == kReceiveReport) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kNotFound, kind == kTakeFollower ? "lead_report_id" : "report_id",
      "is not a known report",
      "check the tracking id; pass the token of the submission as not_before if it was made just now");
}

// On one route: the report's own, or that of a child assignment.
absl::StatusOr<Decision> DecideOn(const Route& route, const Command& command, const World& world) {
  const CommandKind kind = KindOf(command);
  if (auto status = CheckKnown(route, kind); !status.ok()) return status;
  const absl::Status admitted =
      std::visit([&](const auto& concrete) { return Admit(concrete, route, world); }, command);
  if (!admitted.ok()) return admitted;
  if (auto status = Transitions().Check(route.state, kind); !status.ok()) return status;

  Decision decision;
  decision.next = route;
  const absl::Status carried =
      std::visit([&](const auto& concrete) { return Carry(concrete, world, decision); }, command);
  if (!carried.ok()) return carried;
  if (decision.next.hops > route.hops) {
    if (auto status = StartDelivery(world, decision); !status.ok()) return status;
  }
  if (!WaitsForTriage(decision.next.state)) {
    decision.next.claimed_by.clear();
    decision.next.claimed_until.reset();
  }

  if (!Transitions().Foresees(route.state, kind, decision.next.state)) {
    return absl::InternalError(fmt::format("{} led from {} to {}, which no transition foresees", NameOf(kind),
                                           NameOf(route.state), NameOf(decision.next.state)));
  }
  return decision;
}

// What concerns a report as a whole, and so every part of it.
bool ConcernsChildren(CommandKind kind) {
  return kind == kWithdrawReport || kind == kEndRoute || kind == kCarryOver || kind == kRecountClocks;
}

absl::Status DecideOnChild(int number, const Command& command, World world, Decision& decision) {
  const Route lead = decision.next;
  world.lead = &lead;
  auto child = DecideOn(lead.children[static_cast<size_t>(number) - 1], command, world);
  if (!child.ok()) return child.status();
  Adopt(*std::move(child), decision);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Decision> Decide(const Route& route, const Command& command, absl::Time now,
                                const policy::Policy& policy, const Registry& registry) {
  const CommandKind kind = KindOf(command);
  const World world{now, policy, registry};
  if (const int number = ChildOf(command); number > 0) {
    if (auto status = CheckKnown(route, kind); !status.ok()) return status;
    if (number > static_cast<int>(route.children.size())) {
      return Refuse(absl::StatusCode::kNotFound, "report_id", "has no child assignment of this number",
                    "GetRoute tells those that it has");
    }
    Decision decision{.next = route, .events = {}, .records = {}, .deadlines = {}};
    if (auto status = DecideOnChild(number, command, world, decision); !status.ok()) return status;
    return decision;
  }
  auto decision = DecideOn(route, command, world);
  if (!decision.ok() || !ConcernsChildren(kind)) return decision;
  for (const Route& child : route.children) {
    if (auto status = DecideOnChild(child.child, command, world, *decision); !status.ok()) return status;
  }
  return decision;
}

}  // namespace lapor::routing
