#include "services/routing/api.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/eventlog/requests.h"
#include "libs/report/assignment_id.h"
#include "libs/report/roles.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/status.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/log.h"
#include "services/routing/store.h"

namespace lapor::routing {
namespace {

using decision::Refusals;
using decision::Refuse;
using decision::ToProto;
using report::v1::Role;

constexpr int kDefaultAgencyPageSize = 100;
constexpr int kDefaultQueuePageSize = 50;
constexpr int kDefaultFollowersPageSize = 100;
constexpr int kMaxPageSize = 1000;
// The end of the year 9999, as far as deadlines go.
constexpr int64_t kMaxDueUs = 253'402'300'799'999'999;
// That one account may hold.
constexpr int kMaxClaims = 100;
// Of one DecideReports call: they go into one batch of the executor.
constexpr int kMaxDecisions = 500;

constexpr const char* kCompletionFields[] = {"category", "region", "description", "attachments"};

constexpr std::initializer_list<Role> kEveryRole = {report::v1::ROLE_CHANNEL,      report::v1::ROLE_OFFICER,
                                                    report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_TRIAGE,
                                                    report::v1::ROLE_ARBITER,      report::v1::ROLE_OMBUDSMAN,
                                                    report::v1::ROLE_MONITOR,      report::v1::ROLE_ANALYST,
                                                    report::v1::ROLE_OPERATOR,     report::v1::ROLE_SERVICE};

std::string AgencyOf(const rpc::Caller& caller) { return report::AgencyOf(caller.role, caller.agency_id); }

Actor ActorOf(const rpc::Caller& caller) {
  Actor actor;
  actor.set_role(caller.role);
  actor.set_agency_id(AgencyOf(caller));
  return actor;
}

// --- checks of what was sent

void CheckCompletionFields(const google::protobuf::RepeatedPtrField<std::string>& fields,
                           Refusals& refusals) {
  const auto remedy = [] {
    return fmt::format("name what is missing: {}", fmt::join(kCompletionFields, ", "));
  };
  if (fields.empty()) refusals.Add("fields", "at least one is required", remedy());
  std::set<std::string> seen;
  for (int i = 0; i < fields.size(); ++i) {
    const bool known = std::ranges::find(kCompletionFields, fields[i]) != std::end(kCompletionFields);
    if (!known) refusals.Add(fmt::format("fields[{}]", i), "can't be asked for", remedy());
    if (known && !seen.insert(fields[i]).second) {
      refusals.Add(fmt::format("fields[{}]", i), "is named twice", "name each field once");
    }
    if (i == static_cast<int>(std::size(kCompletionFields))) return;  // enough is told
  }
}

void CheckArchiveReason(report::v1::ArchiveReason reason, Refusals& refusals) {
  if (reason == report::v1::ARCHIVE_REASON_NOT_COMPLETED) {
    refusals.Add("reason", "is given by the completion clock only", "give the reason that you found");
  } else if (reason == report::v1::ARCHIVE_REASON_UNSPECIFIED || !report::v1::ArchiveReason_IsValid(reason)) {
    refusals.Add("reason", "is required", "give one of the ARCHIVE_REASON_ values");
  }
}

void CheckReturnReason(ReturnReason reason, Refusals& refusals) {
  if (reason != event::v1::RETURN_REASON_UNSPECIFIED && event::v1::ReturnReason_IsValid(reason)) return;
  refusals.Add("reason", "is required", "give one of the RETURN_REASON_ values");
}

void CheckAgencyGiven(const std::string& agency_id, Refusals& refusals) {
  if (agency_id.empty()) refusals.Add("agency_id", "is required", "take an id of ListAgencies");
}

int ReadPageSize(int page_size, int default_size, Refusals& refusals) {
  if (page_size < 0 || page_size > kMaxPageSize) {
    refusals.Add("page_size", "is out of range",
                 fmt::format("give 1 to {}, or 0 for {}", kMaxPageSize, default_size));
  }
  return page_size == 0 ? default_size : page_size;
}

// --- page tokens: where the page before ended, as nobody should rely on it

std::string MakePageToken(const std::string& last) { return absl::WebSafeBase64Escape(last); }

std::string ReadPageToken(const std::string& token, Refusals& refusals) {
  std::string last;
  if (!absl::WebSafeBase64Unescape(token, &last)) {
    refusals.Add("page_token", "is not one of ours", "take next_page_token as it was given");
  }
  return last;
}

std::string QueuePlaceOf(const Route& route) {
  return fmt::format("{}{}/{}", route.danger_to_life ? '!' : '.',
                     absl::ToUnixMicros(*route.verification_due_at), route.id);
}

void ReadQueuePlace(const std::string& place, TriageQuery& query, Refusals& refusals) {
  if (place.empty()) return;
  int64_t due_us = 0;
  const char* end = place.data() + place.size();
  const auto [rest, error] = std::from_chars(place.data() + 1, end, due_us);
  const bool has_due =
      (place[0] == '!' || place[0] == '.') && error == std::errc() && due_us >= 0 && due_us <= kMaxDueUs;
  const bool has_id = has_due && rest != end && *rest == '/';
  const std::string report_id = has_id ? report::ParseAssignmentId({rest + 1, end}).report_id : "";
  if (report::ReadTrackingId(report_id).fault == report::TrackingIdFault::kMalformed) {
    refusals.Add("page_token", "is not one of ours", "take next_page_token as it was given");
    return;
  }
  query.after_danger_to_life = place[0] == '!';
  query.after_due_at = absl::FromUnixMicros(due_us);
  query.after_report_id = std::string(rest + 1, end);
}

// --- answers

v1::Route ToProto(const Route& route) {
  v1::Route proto;
  proto.set_report_id(route.id);
  proto.set_state(route.state);
  proto.set_report_class(route.report_class);
  proto.set_supervision(route.supervision);
  proto.set_category(route.category);
  proto.set_region(route.region);
  *proto.mutable_received_at() = ToProto(route.received_at);
  if (route.verification_due_at) *proto.mutable_verification_due_at() = ToProto(*route.verification_due_at);
  proto.set_holder_agency_id(route.holder_agency_id);
  proto.set_proposed_agency_id(route.proposed_agency_id);
  proto.set_hops(route.hops);
  proto.set_bounces(route.bounces);
  proto.set_binding(!route.bound_agency_id.empty());
  proto.set_verification_overdue(route.verification_overdue);
  proto.mutable_completion_fields()->Add(route.completion_fields.begin(), route.completion_fields.end());
  if (route.completion_due_at) *proto.mutable_completion_due_at() = ToProto(*route.completion_due_at);
  proto.set_returned_from_agency_id(route.returned_from);
  proto.set_archive_reason(route.archive_reason);
  if (route.contest_until) *proto.mutable_contest_until() = ToProto(*route.contest_until);
  proto.set_contested(route.contested);
  proto.set_danger_to_life(route.danger_to_life);
  if (route.claimed_until) *proto.mutable_claimed_until() = ToProto(*route.claimed_until);
  if (route.delivery) *proto.mutable_delivery() = ToProto(*route.delivery);
  proto.set_lead_report_id(route.lead_report_id);
  proto.set_followers(route.followers);
  return proto;
}

// A hand ends where the next one begins, which also tells why.
void AddHands(const std::vector<Handover>& handovers, v1::Route& proto) {
  v1::Hand* before = nullptr;
  for (const Handover& handover : handovers) {
    if (before != nullptr) {
      *before->mutable_until() = ToProto(handover.since);
      before->set_return_reason(handover.returned_because);
    }
    before = nullptr;
    if (handover.agency_id.empty()) continue;
    before = proto.add_hands();
    before->set_agency_id(handover.agency_id);
    *before->mutable_since() = ToProto(handover.since);
    before->set_carried_over(handover.cause == v1::HAND_CAUSE_CARRIED_OVER);
  }
}

// Whether the command can be about a child assignment, and then makes it so.
bool SetChild(int number, Command& command) {
  return std::visit(
      [number](auto& concrete) {
        if constexpr (requires { concrete.child; }) {
          concrete.child = number;
          return true;
        } else {
          return false;
        }
      },
      command);
}

// A claim belongs to an account.
absl::Status CheckMayClaim(const rpc::Caller& caller) {
  if (auto status = rpc::Require(caller, {report::v1::ROLE_TRIAGE}); !status.ok()) return status;
  if (!caller.subject.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "authorization", "the token names no account",
                "use a token with the claim sub");
}

v1::RecordAgenciesResponse Tell(const std::vector<PlannedChange>& changes, int rows, pg::Tx& tx) {
  v1::RecordAgenciesResponse response;
  std::vector<std::string> ended;
  for (const PlannedChange& change : changes) {
    *response.add_differences() = change.difference;
    if (HasEnded(change.agency)) {
      ended.push_back(change.agency.agency_id());
      response.set_ended(response.ended() + 1);
    } else if (change.agency.version() == 1) {
      response.set_created(response.created() + 1);
    } else {
      response.set_changed(response.changed() + 1);
    }
  }
  response.set_unchanged(rows - static_cast<int>(changes.size()));
  if (ended.empty()) return response;
  const auto open = CountOpenReports(tx, ended);
  for (v1::AgencyDifference& difference : *response.mutable_differences()) {
    const auto found = open.find(difference.agency_id());
    if (found != open.end()) difference.set_open_reports(found->second);
  }
  return response;
}

void ForgetOtherReports(Route& report) {
  report.lead_report_id.clear();
  report.followers = 0;
}

absl::Status UnknownReport() {
  return Refuse(
      absl::StatusCode::kNotFound, "report_id", "is not a known report",
      "check the tracking id; pass the token of the submission as not_before if it was made just now");
}

}  // namespace

v1::Route ToProto(const Route& route, const std::vector<Handover>& handovers) {
  v1::Route proto = ToProto(route);
  AddHands(handovers, proto);
  for (const Route& child : route.children) *proto.add_children() = ToProto(child);
  return proto;
}

// --- the registry

rpc::Reactor* Api::RecordAgencies(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Read<v1::RecordAgenciesRequest, v1::RecordAgenciesResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::RecordAgenciesRequest& r) { return Record(call, r); });
}

absl::StatusOr<v1::RecordAgenciesResponse> Api::Record(const rpc::Call& call,
                                                       const v1::RecordAgenciesRequest& request) {
  absl::Status status = rpc::Require(call.caller, {report::v1::ROLE_OPERATOR, report::v1::ROLE_AGENCY_ADMIN});
  if (!status.ok()) return status;
  if (call.caller.role == report::v1::ROLE_AGENCY_ADMIN && call.caller.agency_id != kRootAgencyId) {
    return Refuse(absl::StatusCode::kPermissionDenied, "authorization",
                  "only an operator or the national administrator records agencies", "ask one of them");
  }

  v1::RecordAgenciesResponse response;
  const std::vector<v1::Agency> rows(request.agencies().begin(), request.agencies().end());
  // What would change, or has; the number of open reports is that of the moment.
  const auto plan = [&](pg::Tx& tx, const Registry& registry) {
    auto changes = PlanChange(registry, rows, request.update_mask(), *parts_.policy);
    if (changes.ok()) response = Tell(*changes, static_cast<int>(rows.size()), tx);
    return changes;
  };
  if (request.validate_only()) {
    status = parts_.pool.Read([&](pg::Tx& tx) { return plan(tx, ReadRegistry(tx)).status(); });
    if (!status.ok()) return status;
    return response;
  }
  status = parts_.pool.Transact([&](pg::Tx& tx) -> absl::Status {
    const auto changes = plan(tx, LockRegistry(tx));
    if (!changes.ok()) return changes.status();
    if (!changes->empty()) SaveAgencies(tx, *changes);
    std::vector<eventlog::NewEvent> events;
    for (const PlannedChange& change : *changes) {
      event::v1::Event& event = events.emplace_back(eventlog::NewEvent{{}, call.traceparent}).event;
      event.set_subject(change.agency.agency_id());
      *event.mutable_occurred_at() = ToProto(parts_.clock.Now());
      *event.mutable_actor() = ActorOf(call.caller);
      *event.mutable_agency_recorded() = change.agency;
    }
    return parts_.journal.Append(tx, eventlog::Topic::kAgency, {}, events);
  });
  if (absl::IsUnknown(status)) {
    return absl::UnavailableError(
        "whether the agencies were recorded is not known; send them again: that changes nothing if they "
        "were");
  }
  if (!status.ok()) return status;
  parts_.wake_relay();
  runtime::Log(runtime::Level::kInfo, "registry.recorded",
               {{"created", response.created()},
                {"changed", response.changed()},
                {"ended", response.ended()},
                {"unchanged", response.unchanged()}});
  // What was recorded stands, whether or not it can be read back just now: the watch will try again by
  // itself.
  (void)parts_.registry->Refresh();
  if (response.ended() > 0) parts_.wake_sweep();
  return response;
}

v1::Agency Api::Show(const Agency& agency, const Registry& registry, const rpc::Caller& caller) const {
  v1::Agency proto = ToProto(agency);
  const std::string own = AgencyOf(caller);
  const bool may_know =
      caller.role == report::v1::ROLE_OPERATOR ||
      (!own.empty() && (own == agency.agency_id() || registry.IsBelow(agency.agency_id(), own)));
  if (!may_know) return proto;
  const LiaisonOfficers& officers = registry.OfficersOf(agency.agency_id());
  proto.mutable_liaison_officers()->Add(officers.begin(), officers.end());
  return proto;
}

rpc::Reactor* Api::GetAgency(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::GetAgencyRequest, v1::Agency>(
      context, request, response,
      [this](const rpc::Call& call, const v1::GetAgencyRequest& r, const rpc::Done<v1::Agency>& done) {
        if (auto status = rpc::Require(call.caller, kEveryRole); !status.ok()) return done(status);
        parts_.registry->WhenLookedUp(r.agency_id(), [this, caller = call.caller, id = r.agency_id(), done] {
          const auto registry = parts_.registry->Current();
          const Agency* agency = registry->Find(id);
          if (agency != nullptr) return done(Show(*agency, *registry, caller));
          done(Refuse(absl::StatusCode::kNotFound, "agency_id", "is not a known agency",
                      "take an id of ListAgencies"));
        });
      });
}

rpc::Reactor* Api::ListAgencies(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::ListAgenciesRequest, v1::ListAgenciesResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ListAgenciesRequest& r,
             const rpc::Done<v1::ListAgenciesResponse>& done) {
        if (auto status = rpc::Require(call.caller, kEveryRole); !status.ok()) return done(status);
        Refusals refusals;
        const int page_size = ReadPageSize(r.page_size(), kDefaultAgencyPageSize, refusals);
        const std::string after = ReadPageToken(r.page_token(), refusals);
        if (!refusals.ok()) return done(refusals.status());
        const auto registry = parts_.registry->Current();
        v1::ListAgenciesResponse page;
        for (const Agency* agency : registry->Page(r.parent_id(), after, page_size, r.show_ended())) {
          *page.add_agencies() = ToProto(*agency);
        }
        if (page.agencies_size() == page_size) {
          page.set_next_page_token(MakePageToken(page.agencies(page_size - 1).agency_id()));
        }
        done(std::move(page));
      });
}

// --- reading routes

rpc::Reactor* Api::ListTriageQueue(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::ListTriageQueueRequest, v1::ListTriageQueueResponse>(
      context, request, response, parts_.visibility.NotBefore<v1::ListTriageQueueRequest>(),
      [this](const rpc::Call& call, const v1::ListTriageQueueRequest& r) { return ReadQueue(call, r); });
}

absl::StatusOr<v1::ListTriageQueueResponse> Api::ReadQueue(const rpc::Call& call,
                                                           const v1::ListTriageQueueRequest& request) {
  absl::Status status =
      rpc::Require(call.caller, {report::v1::ROLE_TRIAGE, report::v1::ROLE_ARBITER, report::v1::ROLE_MONITOR,
                                 report::v1::ROLE_OPERATOR, report::v1::ROLE_SERVICE});
  if (!status.ok()) return status;
  Refusals refusals;
  TriageQuery query;
  query.state = request.state();
  if (query.state != v1::ROUTE_STATE_UNSPECIFIED && !IsWaiting(query.state)) {
    refusals.Add("state", "is not one in which reports wait for an administrator",
                 "give AWAITING_TRIAGE, VERIFIED, RETURNED or IN_ARBITRATION, or leave it out");
  }
  query.limit = ReadPageSize(request.page_size(), kDefaultQueuePageSize, refusals);
  ReadQueuePlace(ReadPageToken(request.page_token(), refusals), query, refusals);
  if (!refusals.ok()) return refusals.status();
  const std::string agency_id = AgencyOf(call.caller);
  if (call.caller.role == report::v1::ROLE_ARBITER && agency_id != kRootAgencyId)
    query.holder_agency_id = agency_id;
  if (call.caller.role == report::v1::ROLE_TRIAGE && !request.include_claimed())
    query.claims_as = call.caller.subject;
  query.now = parts_.clock.Now();

  std::vector<Route> routes;
  status = parts_.pool.Read([&](pg::Tx& tx) {
    routes = ReadTriageQueue(tx, query);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  v1::ListTriageQueueResponse response;
  for (const Route& route : routes) *response.add_reports() = ToProto(route);
  if (response.reports_size() == query.limit) {
    response.set_next_page_token(MakePageToken(QueuePlaceOf(routes.back())));
  }
  return response;
}

rpc::Reactor* Api::GetRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::GetRouteRequest, v1::Route>(
      context, request, response, parts_.visibility.NotBefore<v1::GetRouteRequest>(),
      [this](const rpc::Call& call, const v1::GetRouteRequest& r) { return ReadRoute(call, r); });
}

absl::StatusOr<v1::Route> Api::ReadRoute(const rpc::Call& call, const v1::GetRouteRequest& request) {
  const auto readable = FindReadable(call.caller, request.report_id());
  if (!readable.ok()) return readable.status();
  return ToProto(readable->route, readable->handovers);
}

absl::StatusOr<Api::Readable> Api::FindReadable(const rpc::Caller& caller,
                                                const std::string& typed_id) const {
  absl::Status status = rpc::Require(caller, kRouteReaders);
  if (!status.ok()) return status;
  Refusals refusals;
  const report::AssignmentId id = report::CheckAssignmentId("report_id", typed_id, refusals);
  if (!refusals.ok()) return refusals.status();

  // Whoever has, or had, the report or a part of it may read the whole.
  std::optional<Route> report;
  std::vector<Handover> handovers, own;
  status = parts_.pool.Read([&](pg::Tx& tx) {
    report = FindRoute(tx, id.report_id);
    if (!report) return absl::OkStatus();
    handovers = ReadHandovers(tx, report->id);
    if (id.child == 0) own = handovers;
    for (const Route& child : report->children) {
      const std::vector<Handover> more = ReadHandovers(tx, child.id);
      handovers.insert(handovers.end(), more.begin(), more.end());
      if (child.child == id.child) own = more;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!report || id.child > static_cast<int>(report->children.size())) return UnknownReport();
  if (status = CheckMayRead(caller, handovers); !status.ok()) return status;
  // Who else reported the same hasn't turned to the Ombudsman.
  if (caller.role == report::v1::ROLE_OMBUDSMAN) ForgetOtherReports(*report);
  if (id.child == 0) return Readable{*std::move(report), std::move(own)};
  return Readable{report->children[static_cast<size_t>(id.child) - 1], std::move(own)};
}

absl::Status Api::CheckMayRead(const rpc::Caller& caller, const std::vector<Handover>& handovers) const {
  const std::string agency_id = AgencyOf(caller);
  const bool regional_arbiter = caller.role == report::v1::ROLE_ARBITER && agency_id != kRootAgencyId;
  if (!report::IsOfAgency(caller.role) && !regional_arbiter) return absl::OkStatus();
  const auto registry = parts_.registry->Current();
  const bool involved = std::ranges::any_of(handovers, [&](const Handover& handover) {
    return handover.agency_id == agency_id || registry->IsBelow(handover.agency_id, agency_id);
  });
  if (involved) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                "has never been with your agency or one below it",
                "ask the agency that is accountable for it");
}

// --- changing routes

template <class Request>
void Api::Change(const rpc::Call& call, const Request& request, Roles roles, Refusals refusals,
                 Command command, const std::string& agency_id, const Answer& done,
                 std::optional<RoutingExecutor::Counterpart> counterpart) {
  if (auto status = rpc::Require(call.caller, roles); !status.ok()) return done(status);
  eventlog::CheckRequestId(call.caller, request.request_id(), refusals);
  report::AssignmentId id = report::CheckAssignmentId("report_id", request.report_id(), refusals);
  if (id.child > 0 && !SetChild(id.child, command)) {
    refusals.Add("report_id", "names a child assignment, but this concerns the report as a whole",
                 "give the tracking id without the number");
  }
  if (!refusals.ok()) return done(refusals.status());

  auto answer = [this, done,
                 producer = parts_.journal.producer()](absl::StatusOr<eventlog::Outcome> outcome) {
    if (!outcome.ok()) return done(outcome.status());
    parts_.deliveries.Wake();  // most of what changes a route may assign it
    v1::RouteChange change;
    change.set_report_id(outcome->subject);
    change.set_state(static_cast<RouteState>(outcome->state));
    change.mutable_token()->set_producer(producer);
    change.mutable_token()->set_partition(outcome->partition);
    change.mutable_token()->set_position(outcome->position);
    done(std::move(change));
  };
  RoutingExecutor::Request item{eventlog::RequestKey(call.caller, request.request_id()),
                                eventlog::Fingerprint(request),
                                std::move(id.report_id),
                                std::move(command),
                                call.traceparent,
                                std::move(answer),
                                std::move(counterpart)};
  auto submit = [this, item = std::move(item)]() mutable { parts_.executor.Submit(std::move(item)); };
  parts_.visibility.Await(
      {request.not_before().begin(), request.not_before().end()},
      [this, done, agency_id, submit = std::move(submit)](const absl::Status& visible) mutable {
        if (!visible.ok()) return done(visible);
        if (agency_id.empty()) return submit();
        parts_.registry->WhenLookedUp(agency_id, std::move(submit));
      });
}

void Api::Take(const rpc::Call& call, const v1::VerifyReportRequest& r, const Answer& done) {
  Refusals refusals;
  if (!report::v1::ReportClass_IsValid(r.report_class())) {
    refusals.Add("report_class", "is not a class of reports", "give one of the REPORT_CLASS_ values");
  }
  routing::VerifyReport command{.actor = ActorOf(call.caller),
                                .report_class = r.report_class(),
                                .category = r.category(),
                                .region = r.region(),
                                .raise_confidential = r.raise_confidential(),
                                .officer = call.caller.subject};
  if (r.has_supervision()) command.supervision = r.supervision();
  if (r.has_danger_to_life()) command.danger_to_life = r.danger_to_life();
  Change(call, r, {report::v1::ROLE_TRIAGE}, refusals, std::move(command), "", done);
}

void Api::Take(const rpc::Call& call, const v1::RequestCompletionRequest& r, const Answer& done) {
  Refusals refusals;
  CheckCompletionFields(r.fields(), refusals);
  routing::RequestCompletion command{
      ActorOf(call.caller), {r.fields().begin(), r.fields().end()}, call.caller.subject};
  Change(call, r, {report::v1::ROLE_TRIAGE}, refusals, std::move(command), "", done);
}

void Api::Take(const rpc::Call& call, const v1::ArchiveReportRequest& r, const Answer& done) {
  Refusals refusals;
  CheckArchiveReason(r.reason(), refusals);
  Change(call, r, {report::v1::ROLE_TRIAGE}, refusals,
         routing::ArchiveReport{ActorOf(call.caller), r.reason(), call.caller.subject}, "", done);
}

void Api::Take(const rpc::Call& call, const v1::AssignReportRequest& r, const Answer& done) {
  Refusals refusals;
  CheckAgencyGiven(r.agency_id(), refusals);
  Change(call, r, {report::v1::ROLE_TRIAGE, report::v1::ROLE_AGENCY_ADMIN}, refusals,
         routing::AssignReport{ActorOf(call.caller), r.agency_id(), call.caller.subject}, r.agency_id(),
         done);
}

template <class Request>
rpc::Reactor* Api::TakeOne(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response,
                           const char* method) {
  return parts_.responder.Write<Request, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const Request& r, const rpc::Done<v1::RouteChange>& done) {
        Take(call, r, done);
      },
      method);
}

rpc::Reactor* Api::VerifyReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return TakeOne<v1::VerifyReportRequest>(context, request, response);
}
rpc::Reactor* Api::RequestCompletion(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return TakeOne<v1::RequestCompletionRequest>(context, request, response);
}
rpc::Reactor* Api::ArchiveReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return TakeOne<v1::ArchiveReportRequest>(context, request, response);
}
rpc::Reactor* Api::AssignReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return TakeOne<v1::AssignReportRequest>(context, request, response);
}

// --- several agencies, and duplicates

rpc::Reactor* Api::AddChildAssignment(rpc::Context* context, const rpc::Bytes* request,
                                      rpc::Bytes* response) {
  return parts_.responder.Write<v1::AddChildAssignmentRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::AddChildAssignmentRequest& r, const Answer& done) {
        Refusals refusals;
        CheckAgencyGiven(r.agency_id(), refusals);
        Change(call, r, {report::v1::ROLE_TRIAGE, report::v1::ROLE_AGENCY_ADMIN}, refusals,
               routing::AddChildAssignment{ActorOf(call.caller), r.agency_id(), r.category()}, r.agency_id(),
               done);
      });
}

rpc::Reactor* Api::EndChildAssignment(rpc::Context* context, const rpc::Bytes* request,
                                      rpc::Bytes* response) {
  return parts_.responder.Write<v1::EndChildAssignmentRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::EndChildAssignmentRequest& r, const Answer& done) {
        Change(call, r, {report::v1::ROLE_TRIAGE, report::v1::ROLE_AGENCY_ADMIN}, {},
               routing::EndChildAssignment{ActorOf(call.caller)}, "", done);
      });
}

void Api::Take(const rpc::Call& call, const v1::MergeReportRequest& r, const Answer& done) {
  Refusals refusals;
  const std::string lead = report::CheckTrackingId("lead_report_id", r.lead_report_id(), refusals);
  const Actor actor = ActorOf(call.caller);
  Change(call, r, {report::v1::ROLE_TRIAGE}, refusals, routing::MergeReport{actor, lead, call.caller.subject},
         "", done, TakenBy(lead, actor));
}

rpc::Reactor* Api::MergeReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return TakeOne<v1::MergeReportRequest>(context, request, response);
}

rpc::Reactor* Api::UnmergeReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::UnmergeReportRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::UnmergeReportRequest& r, const Answer& done) {
        Refusals refusals;
        const std::string lead = report::CheckTrackingId("lead_report_id", r.lead_report_id(), refusals);
        Change(call, r, {report::v1::ROLE_TRIAGE}, refusals,
               routing::UnmergeReport{ActorOf(call.caller), lead, event::v1::UNMERGE_REASON_ADMINISTRATOR},
               "", done, ReleasedBy(lead));
      });
}

rpc::Reactor* Api::ListFollowers(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::ListFollowersRequest, v1::ListFollowersResponse>(
      context, request, response, parts_.visibility.NotBefore<v1::ListFollowersRequest>(),
      [this](const rpc::Call& call, const v1::ListFollowersRequest& r) { return PageOfFollowers(call, r); });
}

absl::StatusOr<v1::ListFollowersResponse> Api::PageOfFollowers(const rpc::Call& call,
                                                               const v1::ListFollowersRequest& request) {
  if (call.caller.role == report::v1::ROLE_OMBUDSMAN) {
    return Refuse(absl::StatusCode::kPermissionDenied, "authorization",
                  "who else reported the same is not told to the Ombudsman",
                  "ask the administrators, if the case needs it");
  }
  const auto readable = FindReadable(call.caller, request.report_id());
  if (!readable.ok()) return readable.status();
  Refusals refusals;
  const int limit = ReadPageSize(request.page_size(), kDefaultFollowersPageSize, refusals);
  const std::string after = ReadPageToken(request.page_token(), refusals);
  if (!refusals.ok()) return refusals.status();

  std::vector<std::string> ids;
  const absl::Status status = parts_.pool.Read([&](pg::Tx& tx) {
    ids = ReadFollowers(tx, readable->route.id, after, limit);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  v1::ListFollowersResponse response;
  response.mutable_report_ids()->Add(ids.begin(), ids.end());
  if (response.report_ids_size() == limit) response.set_next_page_token(MakePageToken(ids.back()));
  return response;
}

// Answers of one DecideReports call, as they come in.
struct Api::Decisions {
  std::mutex mutex;
  v1::DecideReportsResponse response;  // guarded by mutex
  int open = 0;                        // guarded by mutex
  std::function<void(v1::DecideReportsResponse)> done;
  std::string correlation_id;

  void Answer(int index, const absl::StatusOr<v1::RouteChange>& change) {
    std::unique_lock lock(mutex);
    v1::TriageResult& result = *response.mutable_results(index);
    if (change.ok()) {
      *result.mutable_done() = *change;
    } else {
      *result.mutable_refused() = rpc::ToRefusal(change.status(), correlation_id);
    }
    if (--open > 0) return;
    lock.unlock();
    done(std::move(response));
  }
};

rpc::Reactor* Api::DecideReports(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::DecideReportsRequest, v1::DecideReportsResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::DecideReportsRequest& r,
             const rpc::Done<v1::DecideReportsResponse>& done) {
        if (auto status = rpc::Require(call.caller, {report::v1::ROLE_TRIAGE}); !status.ok())
          return done(status);
        Refusals refusals;
        if (r.decisions().empty() || r.decisions_size() > kMaxDecisions) {
          refusals.Add("decisions", fmt::format("{} decisions in one call", r.decisions_size()),
                       fmt::format("give 1 to {}", kMaxDecisions));
        }
        if (!refusals.ok()) return done(refusals.status());

        const auto decisions = std::make_shared<Decisions>();
        decisions->done = done;
        decisions->correlation_id = rpc::TraceId(call.traceparent);
        decisions->open = r.decisions_size();
        for (int i = 0; i < r.decisions_size(); ++i) decisions->response.add_results();
        for (int i = 0; i < r.decisions_size(); ++i) {
          Take(call, r.decisions(i), [decisions, i](const absl::StatusOr<v1::RouteChange>& change) {
            decisions->Answer(i, change);
          });
        }
      });
}

void Api::Take(const rpc::Call& call, const v1::TriageDecision& decision, const Answer& done) {
  switch (decision.decision_case()) {
    case v1::TriageDecision::kVerify:
      return Take(call, decision.verify(), done);
    case v1::TriageDecision::kRequestCompletion:
      return Take(call, decision.request_completion(), done);
    case v1::TriageDecision::kArchive:
      return Take(call, decision.archive(), done);
    case v1::TriageDecision::kAssign:
      return Take(call, decision.assign(), done);
    case v1::TriageDecision::kMerge:
      return Take(call, decision.merge(), done);
    case v1::TriageDecision::DECISION_NOT_SET:
      break;
  }
  Refusals refusals;
  refusals.Add("decision", "is required", "give one of verify, request_completion, archive, assign, merge");
  done(refusals.status());
}

rpc::Reactor* Api::ClaimReports(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::ClaimReportsRequest, v1::ClaimReportsResponse>(
      context, request, response, parts_.visibility.NotBefore<v1::ClaimReportsRequest>(),
      [this](const rpc::Call& call, const v1::ClaimReportsRequest& r) { return Claim(call, r); });
}

absl::StatusOr<v1::ClaimReportsResponse> Api::Claim(const rpc::Call& call,
                                                    const v1::ClaimReportsRequest& request) {
  if (auto status = CheckMayClaim(call.caller); !status.ok()) return status;
  Refusals refusals;
  if (request.count() < 1 || request.count() > kMaxClaims) {
    refusals.Add("count", "is out of range", fmt::format("give 1 to {}", kMaxClaims));
  }
  if (request.state() != v1::ROUTE_STATE_UNSPECIFIED && !WaitsForTriage(request.state())) {
    refusals.Add("state", "is not one in which reports wait for triage",
                 "give AWAITING_TRIAGE, VERIFIED or RETURNED, or leave it out");
  }
  if (!request.region().empty() && parts_.policy->FindRegion(request.region()) == nullptr) {
    refusals.Add("region", "is not a known region", "give a code of regions.csv");
  }
  if (!refusals.ok()) return refusals.status();

  const absl::Time now = parts_.clock.Now();
  std::vector<Route> claimed;
  const absl::Status status = parts_.pool.Transact([&](pg::Tx& tx) {
    claimed = routing::Claim(tx, {.officer = call.caller.subject,
                                  .count = request.count(),
                                  .state = request.state(),
                                  .region = request.region(),
                                  .now = now,
                                  .until = now + parts_.claim_term});
    return absl::OkStatus();
  });
  // Whether a claim was committed shows when it is repeated.
  if (absl::IsUnknown(status)) return absl::UnavailableError("the claim may have been made");
  if (!status.ok()) return status;
  v1::ClaimReportsResponse response;
  for (const Route& route : claimed) *response.add_reports() = ToProto(route);
  return response;
}

rpc::Reactor* Api::ReleaseClaims(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Read<v1::ReleaseClaimsRequest, v1::ReleaseClaimsResponse>(
      context, request, response,
      [this](const rpc::Call& call,
             const v1::ReleaseClaimsRequest&) -> absl::StatusOr<v1::ReleaseClaimsResponse> {
        if (auto status = CheckMayClaim(call.caller); !status.ok()) return status;
        v1::ReleaseClaimsResponse released;
        const absl::Status status = parts_.pool.Transact([&](pg::Tx& tx) {
          released.set_released(routing::ReleaseClaims(tx, call.caller.subject));
          return absl::OkStatus();
        });
        if (absl::IsUnknown(status)) return absl::UnavailableError("the claims may have been released");
        if (!status.ok()) return status;
        return released;
      });
}

rpc::Reactor* Api::AcceptAssignment(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::AcceptAssignmentRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::AcceptAssignmentRequest& r,
             const rpc::Done<v1::RouteChange>& done) {
        Change(call, r, {report::v1::ROLE_OFFICER, report::v1::ROLE_AGENCY_ADMIN}, {},
               routing::AcceptAssignment{ActorOf(call.caller)}, "", done);
      });
}

rpc::Reactor* Api::ReturnAssignment(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::ReturnAssignmentRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ReturnAssignmentRequest& r,
             const rpc::Done<v1::RouteChange>& done) {
        Refusals refusals;
        CheckReturnReason(r.reason(), refusals);
        Change(call, r, {report::v1::ROLE_OFFICER, report::v1::ROLE_AGENCY_ADMIN}, refusals,
               routing::ReturnAssignment{ActorOf(call.caller), r.reason(), r.target_agency_id()},
               r.target_agency_id(), done);
      });
}

rpc::Reactor* Api::ArbitrateReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.Write<v1::ArbitrateReportRequest, v1::RouteChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ArbitrateReportRequest& r,
             const rpc::Done<v1::RouteChange>& done) {
        Refusals refusals;
        CheckAgencyGiven(r.agency_id(), refusals);
        Change(call, r, {report::v1::ROLE_ARBITER}, refusals,
               routing::ArbitrateReport{ActorOf(call.caller), r.agency_id()}, r.agency_id(), done);
      });
}

}  // namespace lapor::routing
