// The API over gRPC, with tokens, on a real database.
#include "services/routing/api.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "libs/decision/refusal.h"
#include "libs/policy/reference.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/routing/testing/process.h"

namespace lapor::routing {
namespace {

using report::v1::Role;
using rpc::Caller;
using v1::Routing;

const Caller kTriage{"t-1", report::v1::ROLE_TRIAGE, ""};
const Caller kArbiter{"a-1", report::v1::ROLE_ARBITER, ""};
const Caller kOperator{"o-1", report::v1::ROLE_OPERATOR, ""};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};
const Caller kOmbudsman{"ori-1", report::v1::ROLE_OMBUDSMAN, ""};
const Caller kNobody{};

Caller OfficerAt(const std::string& agency_id) {
  return {"f-" + agency_id, report::v1::ROLE_OFFICER, agency_id};
}
Caller AdministratorAt(const std::string& agency_id) {
  return {"g-" + agency_id, report::v1::ROLE_AGENCY_ADMIN, agency_id};
}

struct Desk : RoutingProcess {
  Desk() {
    registry->Start();
    server = rpc::Server::Start({.plaintext = true, .max_request_bytes = kMaxRequestBytes},
                                runtime::Environment::kLocal, {&api})
                 .value();
    rpc::ChannelOptions options;
    options.plaintext = true;
    channel =
        rpc::Connect("127.0.0.1:" + std::to_string(server->port()), options, runtime::Environment::kLocal)
            .value();
    stub = Routing::NewStub(channel);
  }

  ~Desk() {
    server->Stop();
    responder.Stop();
    registry->Stop();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Routing::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                      Response*),
                                const Caller& caller, const Request& request) {
    grpc::ClientContext context;
    if (!caller.anonymous()) {
      context.AddMetadata("authorization", "Bearer " + rpc::SharedSecrets().Token(caller, clock.Now()));
    }
    Response response;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  // A request about the report, with an id of its own.
  template <class Request>
  Request About(const std::string& report_id = kReportId) {
    Request request;
    request.set_request_id("request-id-" + std::to_string(++ids));
    request.set_report_id(report_id);
    return request;
  }

  absl::StatusOr<v1::RouteChange> Verify(const Caller& caller) {
    return Call(&Routing::Stub::VerifyReport, caller, About<v1::VerifyReportRequest>());
  }
  absl::StatusOr<v1::RouteChange> Assign(const Caller& caller, const std::string& agency_id) {
    auto request = About<v1::AssignReportRequest>();
    request.set_agency_id(agency_id);
    return Call(&Routing::Stub::AssignReport, caller, request);
  }
  absl::StatusOr<v1::RouteChange> Return(const Caller& caller, const std::string& target_agency_id) {
    auto request = About<v1::ReturnAssignmentRequest>();
    request.set_reason(event::v1::RETURN_REASON_OTHER_LEVEL);
    request.set_target_agency_id(target_agency_id);
    return Call(&Routing::Stub::ReturnAssignment, caller, request);
  }
  absl::StatusOr<v1::Route> Get(const Caller& caller, const std::string& report_id = kReportId) {
    v1::GetRouteRequest request;
    request.set_report_id(report_id);
    return Call(&Routing::Stub::GetRoute, caller, request);
  }
  absl::StatusOr<v1::RecordAgenciesResponse> RecordRows(const Caller& caller,
                                                        const std::vector<v1::Agency>& rows) {
    v1::RecordAgenciesRequest request;
    request.mutable_agencies()->Add(rows.begin(), rows.end());
    return Call(&Routing::Stub::RecordAgencies, caller, request);
  }

  int ids = 0;
  int relay_wakes = 0;
  // Of intake, by report.
  std::map<std::string, std::string> texts;
  int carry_over_wakes = 0;
  runtime::Metrics metrics;
  rpc::Authenticator authenticator{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                   clock};
  rpc::Responder responder{{}, authenticator, metrics};
  DeliveryDesk deliveries{pool, registry, {}, metrics};
  Api api{
      {.executor = *executor,
       .visibility = visibility,
       .journal = journal,
       .pool = pool,
       .clock = clock,
       .responder = responder,
       .policy = ShippedPolicy(),
       .competence = ShippedRules(),
       .registry = registry,
       .reader = ShippedReader(),
       .ask_text = [this](const std::string& report_id, const std::string&) -> absl::StatusOr<std::string> {
         if (texts.contains(report_id)) return texts[report_id];
         return absl::UnavailableError("intake is away");
       },
       .deliveries = deliveries,
       .wake_relay = [this] { ++relay_wakes; },
       .wake_sweep = [this] { ++carry_over_wakes; }}};
  std::unique_ptr<rpc::Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Routing::Stub> stub;
};

// The fields of a refusal, in their order.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  if (const auto bad_input = decision::BadInputOf(status)) {
    for (const auto& violation : bad_input->violations()) fields.push_back(violation.field());
  }
  return fields;
}
using Strings = std::vector<std::string>;

TEST_CASE("a report goes from triage through the wrong agency and an arbiter into hands that keep it") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());

  auto queue = desk.Call(&Routing::Stub::ListTriageQueue, kTriage, v1::ListTriageQueueRequest());
  REQUIRE(queue->reports_size() == 1);
  CHECK(queue->reports(0).report_id() == kReportId);
  CHECK(queue->reports(0).state() == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(queue->reports(0).hands_size() == 0);

  const auto verified = desk.Verify(kTriage);
  REQUIRE(verified.ok());
  CHECK(verified->state() == v1::ROUTE_STATE_VERIFIED);
  CHECK(verified->token().producer() == "routing");
  CHECK(verified->token().position() == 1);
  REQUIRE(desk.Assign(kTriage, "id.81").ok());
  CHECK(desk.Return(OfficerAt("id.81"), "id.32.73.dinkes")->state() == v1::ROUTE_STATE_RETURNED);
  desk.clock.Advance(absl::Hours(1));
  REQUIRE(desk.Assign(kTriage, "id.32.73.dinkes").ok());
  CHECK(desk.Return(OfficerAt("id.32.73.dinkes"), "")->state() == v1::ROUTE_STATE_IN_ARBITRATION);
  auto arbitrate = desk.About<v1::ArbitrateReportRequest>();
  arbitrate.set_agency_id("id.32.73.dinkes");
  REQUIRE(desk.Call(&Routing::Stub::ArbitrateReport, kArbiter, arbitrate).ok());
  CHECK(desk.Call(&Routing::Stub::AcceptAssignment, OfficerAt("id.32.73.dinkes"),
                  desk.About<v1::AcceptAssignmentRequest>())
            ->state() == v1::ROUTE_STATE_ACCEPTED);
  CHECK(absl::IsFailedPrecondition(desk.Return(OfficerAt("id.32.73.dinkes"), "id.81").status()));

  const auto route = desk.Get(kMonitor);
  REQUIRE(route.ok());
  CHECK(route->holder_agency_id() == "id.32.73.dinkes");
  CHECK(route->hops() == 3);
  CHECK(route->bounces() == 2);
  CHECK(route->binding());
  Strings hands;
  for (const v1::Hand& hand : route->hands()) hands.push_back(hand.agency_id());
  CHECK(hands == Strings{"id", "id.81", "id", "id.32.73.dinkes", "id.32.73", "id.32.73.dinkes"});
  CHECK(route->hands(1).return_reason() == event::v1::RETURN_REASON_OTHER_LEVEL);
  CHECK(route->hands(2).return_reason() == event::v1::RETURN_REASON_UNSPECIFIED);
  CHECK(route->hands(2).until().seconds() - route->hands(2).since().seconds() == 3600);
  CHECK_FALSE(route->hands(5).has_until());

  event::v1::Event closed;
  closed.mutable_case_closed();
  desk.Apply("followup", kReportId, closed);
  CHECK(desk.Get(kMonitor)->holder_agency_id().empty());
  CHECK(desk.Get(kMonitor)->hands_size() == 6);
  CHECK(desk.Get(kMonitor)->hands(5).has_until());
}

TEST_CASE("what the reporter has to complete, and until when, can be read") {
  Desk desk;
  desk.Apply("intake", kReportId, SubmissionEvent());
  auto request = desk.About<v1::RequestCompletionRequest>();
  request.add_fields("region");
  request.add_fields("description");
  REQUIRE(desk.Call(&Routing::Stub::RequestCompletion, kTriage, request).ok());
  const auto route = desk.Get(kTriage);
  CHECK(route->completion_fields_size() == 2);
  CHECK(route->completion_due_at().seconds() == absl::ToUnixSeconds(At("2025-03-19T00:00+07:00")));
  CHECK_FALSE(route->has_verification_due_at());
}

TEST_CASE("a report is named as people copy its tracking id, and a wrong one is told from an unknown one") {
  Desk desk;
  desk.Apply("intake", kReportId, SubmissionEvent());
  CHECK(desk.Get(kTriage, "7k3m-9qxt-2b54").ok());
  CHECK(desk.Get(kTriage, " 7k3m 9qxt 2b54").ok());
  for (const char* wrong : {"", "7K3M", "7K3M9QXT2B54X", "7K3M9QXT2B5\xC3\xA9", "7K3M-9QXT-2B45"}) {
    CAPTURE(wrong);
    const absl::Status status = desk.Get(kTriage, wrong).status();
    CHECK(absl::IsInvalidArgument(status));
    CHECK(FieldsOf(status) == Strings{"report_id"});
  }
  CHECK(absl::IsNotFound(desk.Get(kTriage, "7K3M9QXT2B62").status()));
  CHECK(FieldsOf(desk.Get(kTriage, "7K3M9QXT2B62").status()) == Strings{"report_id"});
}

TEST_CASE("everything that is wrong with a request is told at once") {
  Desk desk;
  const auto wrong = [](auto request) {
    request.set_request_id("short");
    request.set_report_id("nonsense");
    return request;
  };
  using Stub = Routing::Stub;
  auto verify = wrong(v1::VerifyReportRequest());
  verify.set_report_class(static_cast<report::v1::ReportClass>(77));
  CHECK(FieldsOf(desk.Call(&Stub::VerifyReport, kTriage, verify).status()) ==
        Strings{"report_class", "request_id", "report_id"});

  auto completion = wrong(v1::RequestCompletionRequest());
  CHECK(FieldsOf(desk.Call(&Stub::RequestCompletion, kTriage, completion).status()) ==
        Strings{"fields", "request_id", "report_id"});
  for (const char* field : {"region", "title", "region"}) completion.add_fields(field);
  CHECK(FieldsOf(desk.Call(&Stub::RequestCompletion, kTriage, completion).status()) ==
        Strings{"fields[1]", "fields[2]", "request_id", "report_id"});

  auto archive = wrong(v1::ArchiveReportRequest());
  CHECK(FieldsOf(desk.Call(&Stub::ArchiveReport, kTriage, archive).status()) ==
        Strings{"reason", "request_id", "report_id"});
  archive.set_reason(report::v1::ARCHIVE_REASON_NOT_COMPLETED);
  CHECK(FieldsOf(desk.Call(&Stub::ArchiveReport, kTriage, archive).status()) ==
        Strings{"reason", "request_id", "report_id"});

  CHECK(FieldsOf(desk.Call(&Stub::AssignReport, kTriage, wrong(v1::AssignReportRequest())).status()) ==
        Strings{"agency_id", "request_id", "report_id"});
  CHECK(FieldsOf(desk.Call(&Stub::AcceptAssignment, OfficerAt("id.81"), wrong(v1::AcceptAssignmentRequest()))
                     .status()) == Strings{"request_id", "report_id"});
  CHECK(FieldsOf(desk.Call(&Stub::ReturnAssignment, OfficerAt("id.81"), wrong(v1::ReturnAssignmentRequest()))
                     .status()) == Strings{"reason", "request_id", "report_id"});
  CHECK(FieldsOf(desk.Call(&Stub::ArbitrateReport, kArbiter, wrong(v1::ArbitrateReportRequest())).status()) ==
        Strings{"agency_id", "request_id", "report_id"});

  v1::ListTriageQueueRequest queue;
  queue.set_page_size(1001);
  queue.set_page_token("%");
  queue.set_state(v1::ROUTE_STATE_ASSIGNED);
  CHECK(FieldsOf(desk.Call(&Stub::ListTriageQueue, kTriage, queue).status()) ==
        Strings{"state", "page_size", "page_token"});
  queue.Clear();
  queue.set_page_token("bm9uc2Vuc2U");
  CHECK(FieldsOf(desk.Call(&Stub::ListTriageQueue, kTriage, queue).status()) == Strings{"page_token"});
  v1::ListAgenciesRequest agencies;
  agencies.set_page_size(-1);
  agencies.set_page_token("%");
  CHECK(FieldsOf(desk.Call(&Stub::ListAgencies, kTriage, agencies).status()) ==
        Strings{"page_size", "page_token"});
}

TEST_CASE("a repeated request gets its first answer; another body under the same id is refused") {
  Desk desk;
  desk.Apply("intake", kReportId, SubmissionEvent());
  auto request = desk.About<v1::VerifyReportRequest>();
  const auto first = desk.Call(&Routing::Stub::VerifyReport, kTriage, request);
  REQUIRE(first.ok());
  const auto repeat = desk.Call(&Routing::Stub::VerifyReport, kTriage, request);
  REQUIRE(repeat.ok());
  CHECK(repeat->SerializeAsString() == first->SerializeAsString());
  request.set_category("roads");
  CHECK(absl::IsAlreadyExists(desk.Call(&Routing::Stub::VerifyReport, kTriage, request).status()));
  CHECK(desk.Journalled() == "ReportVerified");
}

TEST_CASE("each call is open to its roles, and to no other") {
  Desk desk;
  // Nobody's report: whoever may call is told that, and whoever may not is told nothing.
  using report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_ARBITER, report::v1::ROLE_MONITOR,
      report::v1::ROLE_OFFICER, report::v1::ROLE_OPERATOR, report::v1::ROLE_SERVICE, report::v1::ROLE_TRIAGE,
      report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_ANALYST, report::v1::ROLE_CHANNEL,
      report::v1::ROLE_UNSPECIFIED;
  using Stub = Routing::Stub;
  const auto check = [&](auto method, const auto& request, const std::set<Role>& allowed) {
    for (const Role role :
         {ROLE_UNSPECIFIED, ROLE_CHANNEL, ROLE_OFFICER, ROLE_AGENCY_ADMIN, ROLE_TRIAGE, ROLE_ARBITER,
          ROLE_OMBUDSMAN, ROLE_MONITOR, ROLE_ANALYST, ROLE_OPERATOR, ROLE_SERVICE}) {
      const bool officer = role == ROLE_OFFICER || role == ROLE_AGENCY_ADMIN;
      const Caller caller{role == ROLE_UNSPECIFIED ? "" : "c-1", role, officer ? "id.81" : ""};
      const absl::Status status = desk.Call(method, caller, request).status();
      CAPTURE(request.GetTypeName(), Role_Name(role), status.ToString());
      const bool refused = absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status);
      CHECK(refused == !allowed.contains(role));
      CHECK(absl::IsUnauthenticated(status) == (role == ROLE_UNSPECIFIED));
    }
  };
  const auto about = [&](auto request) {
    request.set_request_id("request-id-0");
    request.set_report_id(kReportId);
    return request;
  };
  auto completion = about(v1::RequestCompletionRequest());
  completion.add_fields("region");
  auto archive = about(v1::ArchiveReportRequest());
  archive.set_reason(report::v1::ARCHIVE_REASON_BEFORE_COURT);
  auto assign = about(v1::AssignReportRequest());
  assign.set_agency_id("id.81");
  auto give_back = about(v1::ReturnAssignmentRequest());
  give_back.set_reason(event::v1::RETURN_REASON_OTHER_AGENCY);
  auto arbitrate = about(v1::ArbitrateReportRequest());
  arbitrate.set_agency_id("id.81");
  v1::GetRouteRequest get;
  get.set_report_id(kReportId);

  const std::set<Role> readers = {ROLE_TRIAGE, ROLE_ARBITER, ROLE_MONITOR, ROLE_OPERATOR, ROLE_SERVICE};
  std::set<Role> route_readers = readers;
  route_readers.insert({ROLE_OFFICER, ROLE_AGENCY_ADMIN});
  const std::set<Role> follower_readers = route_readers;
  route_readers.insert(ROLE_OMBUDSMAN);
  const std::set<Role> everyone = {ROLE_CHANNEL,  ROLE_OFFICER,   ROLE_AGENCY_ADMIN, ROLE_TRIAGE,
                                   ROLE_ARBITER,  ROLE_OMBUDSMAN, ROLE_MONITOR,      ROLE_ANALYST,
                                   ROLE_OPERATOR, ROLE_SERVICE};
  check(&Stub::VerifyReport, about(v1::VerifyReportRequest()), {ROLE_TRIAGE});
  check(&Stub::RequestCompletion, completion, {ROLE_TRIAGE});
  check(&Stub::ArchiveReport, archive, {ROLE_TRIAGE});
  check(&Stub::AssignReport, assign, {ROLE_TRIAGE, ROLE_AGENCY_ADMIN});
  check(&Stub::AcceptAssignment, about(v1::AcceptAssignmentRequest()), {ROLE_OFFICER, ROLE_AGENCY_ADMIN});
  check(&Stub::ReturnAssignment, give_back, {ROLE_OFFICER, ROLE_AGENCY_ADMIN});
  check(&Stub::ArbitrateReport, arbitrate, {ROLE_ARBITER});
  check(&Stub::ListTriageQueue, v1::ListTriageQueueRequest(), readers);
  v1::ClaimReportsRequest claim;
  claim.set_count(1);
  check(&Stub::ClaimReports, claim, {ROLE_TRIAGE});
  check(&Stub::ReleaseClaims, v1::ReleaseClaimsRequest(), {ROLE_TRIAGE});
  v1::DecideReportsRequest decide;
  *decide.add_decisions()->mutable_verify() = about(v1::VerifyReportRequest());
  check(&Stub::DecideReports, decide, {ROLE_TRIAGE});
  auto add_child = about(v1::AddChildAssignmentRequest());
  add_child.set_agency_id("id.81");
  check(&Stub::AddChildAssignment, add_child, {ROLE_TRIAGE, ROLE_AGENCY_ADMIN});
  auto end_child = about(v1::EndChildAssignmentRequest());
  end_child.set_report_id(std::string(kReportId) + ".1");
  check(&Stub::EndChildAssignment, end_child, {ROLE_TRIAGE, ROLE_AGENCY_ADMIN});
  auto merge = about(v1::MergeReportRequest());
  merge.set_lead_report_id(report::NewTrackingId());
  check(&Stub::MergeReport, merge, {ROLE_TRIAGE});
  auto unmerge = about(v1::UnmergeReportRequest());
  unmerge.set_lead_report_id(report::NewTrackingId());
  check(&Stub::UnmergeReport, unmerge, {ROLE_TRIAGE});
  v1::ListFollowersRequest followers;
  followers.set_report_id(kReportId);
  check(&Stub::ListFollowers, followers, follower_readers);
  check(&Stub::GetRoute, get, route_readers);
  check(&Stub::GetAgency, v1::GetAgencyRequest(), everyone);
  check(&Stub::ListAgencies, v1::ListAgenciesRequest(), everyone);
  // Of administrators only the root's.
  check(&Stub::RecordAgencies, v1::RecordAgenciesRequest(), {ROLE_OPERATOR});
}

TEST_CASE("a regional arbiter reads the way of what its agencies have had; the national one of everything") {
  Desk desk;
  desk.RecordCountry();
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  REQUIRE(desk.Assign(kTriage, "id.32.73.dinkes").ok());
  const auto get_as = [&](const std::string& agency_id) {
    return desk.Get({"a-2", report::v1::ROLE_ARBITER, agency_id}).status();
  };
  CHECK(get_as("id").ok());
  CHECK(get_as("id.32.73").ok());
  CHECK(get_as("id.kemendagri").ok());
  CHECK(absl::IsPermissionDenied(get_as("id.81")));
  CHECK(absl::IsPermissionDenied(get_as("id.kemenkes")));
}

TEST_CASE("a name in another encoding than UTF-8 is refused by its row") {
  Desk desk;
  auto rows = Country();
  rows[3].set_name("Pemerintah Provinsi Jawa Barat \xE9");
  const absl::Status status = desk.RecordRows(kOperator, rows).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(FieldsOf(status) == Strings{"agencies[3].name"});
}

TEST_CASE("officers read the way of what they, or those below them, have had; of nothing else") {
  Desk desk;
  desk.RecordCountry();
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  REQUIRE(desk.Assign(kTriage, "id.32.73.dinkes").ok());
  REQUIRE(desk.Assign(kTriage, "id.81").ok());
  CHECK(desk.Get(OfficerAt("id.81")).ok());
  CHECK(desk.Get(OfficerAt("id.32.73.dinkes")).ok());
  CHECK(desk.Get(AdministratorAt("id.32")).ok());
  CHECK(absl::IsPermissionDenied(desk.Get(OfficerAt("id.32.73.dpupr")).status()));
  CHECK(absl::IsPermissionDenied(desk.Get(AdministratorAt("id.kemenkes")).status()));
}

TEST_CASE("the triage queue is read in pages, each beginning where the one before ended") {
  Desk desk;
  for (const char* id : {"AAAAAAAAAAAA", "CCCCCCCCCCCC", "BBBBBBBBBBBB"})
    desk.Apply("intake", id, SubmissionEvent());
  v1::ListTriageQueueRequest request;
  request.set_page_size(2);
  Strings ids;
  do {
    const auto page = desk.Call(&Routing::Stub::ListTriageQueue, kTriage, request);
    REQUIRE(page.ok());
    for (const v1::Route& route : page->reports()) ids.push_back(route.report_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  CHECK(ids == Strings{"AAAAAAAAAAAA", "BBBBBBBBBBBB", "CCCCCCCCCCCC"});
}

// A tracking id; those of other letters come later in order.
std::string Id(char letter) {
  const std::string random_part(11, letter);
  return random_part + report::CheckCharacter(random_part);
}

TEST_CASE("an administrator claims reports, which others neither see in their queue nor decide about") {
  Desk desk;
  for (const std::string& id : {Id('A'), Id('B')}) desk.Apply("intake", id, SubmissionEvent());
  const Caller other{"triage-2", report::v1::ROLE_TRIAGE, ""};
  v1::ClaimReportsRequest claim;
  claim.set_count(1);
  const auto claimed = desk.Call(&Routing::Stub::ClaimReports, kTriage, claim);
  REQUIRE(claimed.ok());
  REQUIRE(claimed->reports_size() == 1);
  CHECK(claimed->reports(0).report_id() == Id('A'));
  CHECK(decision::FromProto(claimed->reports(0).claimed_until()) == desk.clock.Now() + absl::Minutes(15));

  const auto seen = [&](const Caller& caller, bool include_claimed) {
    v1::ListTriageQueueRequest request;
    request.set_include_claimed(include_claimed);
    return desk.Call(&Routing::Stub::ListTriageQueue, caller, request).value().reports_size();
  };
  CHECK(seen(kTriage, false) == 2);
  CHECK(seen(other, false) == 1);
  CHECK(seen(other, true) == 2);

  const auto verify = [&](const Caller& caller) {
    return desk.Call(&Routing::Stub::VerifyReport, caller, desk.About<v1::VerifyReportRequest>(Id('A')))
        .status();
  };
  CHECK(absl::IsFailedPrecondition(verify(other)));
  CHECK(verify(kTriage).ok());

  CHECK(desk.Call(&Routing::Stub::ReleaseClaims, kTriage, v1::ReleaseClaimsRequest())->released() == 1);
  claim.set_count(2);
  CHECK(desk.Call(&Routing::Stub::ClaimReports, other, claim)->reports_size() == 2);
  claim.set_count(101);
  claim.set_region("99");
  claim.set_state(v1::ROUTE_STATE_IN_ARBITRATION);
  CHECK(FieldsOf(desk.Call(&Routing::Stub::ClaimReports, other, claim).status()) ==
        Strings{"count", "state", "region"});
}

TEST_CASE("many decisions are carried out or refused one by one, and a repeat gives the same answers") {
  Desk desk;
  desk.RecordCountry();
  for (const std::string& id : {Id('A'), Id('B'), Id('C')}) desk.Apply("intake", id, SubmissionEvent());
  v1::DecideReportsRequest request;
  *request.add_decisions()->mutable_verify() = desk.About<v1::VerifyReportRequest>(Id('A'));
  auto assign = desk.About<v1::AssignReportRequest>(Id('A'));
  assign.set_agency_id("id.81");
  *request.add_decisions()->mutable_assign() = assign;
  auto archive = desk.About<v1::ArchiveReportRequest>(Id('B'));
  *request.add_decisions()->mutable_archive() = archive;  // without a reason
  auto completion = desk.About<v1::RequestCompletionRequest>(Id('C'));
  completion.add_fields("region");
  *request.add_decisions()->mutable_request_completion() = completion;
  *request.add_decisions()->mutable_verify() = desk.About<v1::VerifyReportRequest>();  // nobody's report
  request.add_decisions();

  const auto first = desk.Call(&Routing::Stub::DecideReports, kTriage, request);
  REQUIRE(first.ok());
  REQUIRE(first->results_size() == 6);
  CHECK(first->results(0).done().state() == v1::ROUTE_STATE_VERIFIED);
  CHECK(first->results(1).done().state() == v1::ROUTE_STATE_ASSIGNED);
  CHECK(first->results(1).done().token().position() > 0);
  REQUIRE(first->results(2).refused().fields_size() == 1);
  CHECK(first->results(2).refused().fields(0).field() == "reason");
  CHECK(first->results(3).done().state() == v1::ROUTE_STATE_AWAITING_COMPLETION);
  CHECK(first->results(4).refused().code() == static_cast<int>(absl::StatusCode::kNotFound));
  CHECK(first->results(5).refused().fields(0).field() == "decision");

  const auto second = desk.Call(&Routing::Stub::DecideReports, kTriage, request);
  REQUIRE(second.ok());
  CHECK(second->SerializeAsString() == first->SerializeAsString());
  CHECK(desk.Journalled() == "CompletionRequested ReportVerified AgencyAssigned");

  CHECK(FieldsOf(desk.Call(&Routing::Stub::DecideReports, kTriage, v1::DecideReportsRequest()).status()) ==
        Strings{"decisions"});
}

TEST_CASE("parts of a report go to other agencies, under its id, a dot and their number") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  REQUIRE(desk.Assign(kTriage, "id.32.73.dinkes").ok());
  const std::string first = std::string(kReportId) + ".1";
  const std::string second = std::string(kReportId) + ".2";
  const auto add = [&](const std::string& agency_id) {
    auto request = desk.About<v1::AddChildAssignmentRequest>();
    request.set_agency_id(agency_id);
    return request;
  };
  const auto request = add("id.81");
  const auto added = desk.Call(&Routing::Stub::AddChildAssignment, kTriage, request);
  REQUIRE(added.ok());
  CHECK(added->report_id() == first);
  CHECK(added->state() == v1::ROUTE_STATE_ASSIGNED);
  CHECK(desk.Call(&Routing::Stub::AddChildAssignment, kTriage, add("id.kemenkes"))->report_id() == second);
  // A repeat is answered as the first time, and makes no third one.
  CHECK(desk.Call(&Routing::Stub::AddChildAssignment, kTriage, request)->SerializeAsString() ==
        added->SerializeAsString());

  // People write it with hyphens.
  CHECK(desk.Call(&Routing::Stub::AcceptAssignment, OfficerAt("id.81"),
                  desk.About<v1::AcceptAssignmentRequest>(report::ShowTrackingId(kReportId) + ".1"))
            ->state() == v1::ROUTE_STATE_ACCEPTED);
  auto back = desk.About<v1::ReturnAssignmentRequest>(second);
  back.set_reason(event::v1::RETURN_REASON_OTHER_AGENCY);
  const auto returned = desk.Call(&Routing::Stub::ReturnAssignment, OfficerAt("id.kemenkes"), back);
  REQUIRE(returned.ok());
  CHECK(returned->report_id() == second);

  // Whoever has a part reads the whole, and the other parts.
  const auto route = desk.Get(OfficerAt("id.81"));
  REQUIRE(route.ok());
  CHECK(route->state() == v1::ROUTE_STATE_ASSIGNED);
  CHECK(route->holder_agency_id() == "id.32.73.dinkes");
  REQUIRE(route->children_size() == 2);
  CHECK(route->children(0).report_id() == first);
  CHECK(route->children(0).state() == v1::ROUTE_STATE_ACCEPTED);
  const auto part = desk.Get(OfficerAt("id.32.73.dinkes"), second);
  REQUIRE(part.ok());
  CHECK(part->state() == v1::ROUTE_STATE_IN_ARBITRATION);
  REQUIRE(part->hands_size() == 2);
  CHECK(part->hands(0).agency_id() == "id.kemenkes");
  CHECK(absl::IsPermissionDenied(desk.Get(OfficerAt("id.32.73.dpupr")).status()));
  CHECK(absl::IsNotFound(desk.Get(kMonitor, std::string(kReportId) + ".3").status()));

  // In arbitration it waits in the queue, as a report would; and the queue goes on after it.
  v1::ListTriageQueueRequest queue;
  queue.set_page_size(1);
  const auto page = desk.Call(&Routing::Stub::ListTriageQueue, kTriage, queue);
  REQUIRE(page->reports_size() == 1);
  CHECK(page->reports(0).report_id() == second);
  queue.set_page_token(page->next_page_token());
  CHECK(desk.Call(&Routing::Stub::ListTriageQueue, kTriage, queue)->reports_size() == 0);

  auto end = desk.About<v1::EndChildAssignmentRequest>(second);
  CHECK(desk.Call(&Routing::Stub::EndChildAssignment, kTriage, end)->state() == v1::ROUTE_STATE_ENDED);
  CHECK(FieldsOf(desk.Call(&Routing::Stub::EndChildAssignment, kTriage,
                           desk.About<v1::EndChildAssignmentRequest>())
                     .status()) == Strings{"report_id"});
  // What concerns the report as a whole isn't about a part.
  CHECK(FieldsOf(desk.Call(&Routing::Stub::VerifyReport, kTriage, desk.About<v1::VerifyReportRequest>(first))
                     .status()) == Strings{"report_id"});
}

TEST_CASE("duplicates follow their lead, one by one or many at once, and come back") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  Strings ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(report::NewTrackingId());
    desk.Apply("intake", ids.back(), SubmissionEvent());
  }
  const auto merge = [&](const std::string& follower, const std::string& lead) {
    auto request = desk.About<v1::MergeReportRequest>(follower);
    request.set_lead_report_id(lead);
    return request;
  };
  const auto merged = desk.Call(&Routing::Stub::MergeReport, kTriage, merge(ids[1], ids[0]));
  REQUIRE(merged.ok());
  CHECK(merged->report_id() == ids[1]);
  CHECK(merged->state() == v1::ROUTE_STATE_MERGED);

  v1::DecideReportsRequest many;
  *many.add_decisions()->mutable_merge() = merge(ids[2], ids[0]);
  *many.add_decisions()->mutable_merge() = merge(ids[3], ids[1]);
  *many.add_decisions()->mutable_merge() = merge(ids[3], ids[3]);
  *many.add_decisions()->mutable_merge() = merge(ids[3], report::NewTrackingId());
  const auto results = desk.Call(&Routing::Stub::DecideReports, kTriage, many);
  REQUIRE(results.ok());
  CHECK(results->results(0).done().state() == v1::ROUTE_STATE_MERGED);
  for (int i = 1; i < 4; ++i) {
    REQUIRE(results->results(i).has_refused());
    CHECK(results->results(i).refused().fields(0).field() == "lead_report_id");
  }
  CHECK(results->results(1).refused().code() == 9);
  CHECK(results->results(2).refused().code() == 3);
  CHECK(results->results(3).refused().code() == 5);

  CHECK(desk.Get(kTriage, ids[0])->followers() == 2);
  const auto follower = desk.Get(kTriage, ids[1]);
  CHECK(follower->lead_report_id() == ids[0]);
  CHECK(follower->holder_agency_id().empty());
  // Those others haven't turned to the Ombudsman.
  CHECK(desk.Get(kOmbudsman, ids[0])->followers() == 0);
  CHECK(desk.Get(kOmbudsman, ids[1])->state() == v1::ROUTE_STATE_MERGED);
  CHECK(desk.Get(kOmbudsman, ids[1])->lead_report_id().empty());
  v1::ExplainRouteRequest explain;
  explain.set_report_id(ids[1]);
  CHECK_THAT(desk.Call(&Routing::Stub::ExplainRoute, kTriage, explain)->why(),
             Catch::Contains(report::ShowTrackingId(ids[0])));
  CHECK_THAT(desk.Call(&Routing::Stub::ExplainRoute, kOmbudsman, explain)->why(),
             Catch::StartsWith("It follows another report;"));
  v1::ListFollowersRequest followers;
  followers.set_report_id(ids[0]);
  followers.set_page_size(1);
  Strings listed;
  for (int page = 0; page < 3; ++page) {
    const auto response = desk.Call(&Routing::Stub::ListFollowers, kTriage, followers);
    REQUIRE(response.ok());
    listed.insert(listed.end(), response->report_ids().begin(), response->report_ids().end());
    followers.set_page_token(response->next_page_token());
    if (followers.page_token().empty()) break;
  }
  CHECK(std::set(listed.begin(), listed.end()) == std::set{ids[1], ids[2]});

  auto unmerge = desk.About<v1::UnmergeReportRequest>(ids[1]);
  unmerge.set_lead_report_id(ids[2]);
  CHECK(absl::IsAborted(desk.Call(&Routing::Stub::UnmergeReport, kTriage, unmerge).status()));
  unmerge = desk.About<v1::UnmergeReportRequest>(ids[1]);
  unmerge.set_lead_report_id(ids[0]);
  CHECK(desk.Call(&Routing::Stub::UnmergeReport, kTriage, unmerge)->state() ==
        v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(desk.Get(kTriage, ids[0])->followers() == 1);
}

TEST_CASE("a caller reads their own write of another service, as soon as it is here") {
  Desk desk;
  v1::GetRouteRequest request;
  request.set_report_id(kReportId);
  report::v1::Token& token = *request.add_not_before();
  token.set_producer("intake");
  token.set_partition(desk.journal.partitioning().Of(eventlog::Topic::kReport, kReportId));
  token.set_position(1);
  auto verify = desk.About<v1::VerifyReportRequest>();
  *verify.add_not_before() = token;
  auto read =
      std::async(std::launch::async, [&] { return desk.Call(&Routing::Stub::GetRoute, kTriage, request); });
  auto written = std::async(std::launch::async,
                            [&] { return desk.Call(&Routing::Stub::VerifyReport, kTriage, verify); });
  desk.Apply("intake", kReportId, SubmissionEvent());
  CHECK(read.get().ok());
  CHECK(written.get().ok());
}

// --- the registry

TEST_CASE("agencies are recorded with an event each, once, and can be read at once") {
  Desk desk;
  const auto recorded = desk.RecordRows(kOperator, Country());
  REQUIRE(recorded.ok());
  CHECK(recorded->created() == static_cast<int>(Country().size()));
  CHECK(desk.database.Query("SELECT count(*), count(DISTINCT subject) FROM event WHERE topic = 2 AND "
                            "type = 'AgencyRecorded'") == "8|8");
  CHECK(desk.relay_wakes == 1);

  v1::GetAgencyRequest get;
  get.set_agency_id("id.81");
  CHECK(desk.Call(&Routing::Stub::GetAgency, kMonitor, get)->version() == 1);
  get.set_agency_id("id.nobody");
  const absl::Status unknown = desk.Call(&Routing::Stub::GetAgency, kMonitor, get).status();
  CHECK(absl::IsNotFound(unknown));
  CHECK(FieldsOf(unknown) == Strings{"agency_id"});

  std::vector<v1::Agency> rows = Country();
  rows[1].set_name("Kementerian Kesehatan");
  rows.push_back(AgencyRow("id.new", "id", event::v1::AGENCY_KIND_NATIONAL));
  const auto again = desk.RecordRows(AdministratorAt("id"), rows);
  REQUIRE(again.ok());
  CHECK(again->created() == 1);
  CHECK(again->changed() == 1);
  CHECK(again->unchanged() == 7);
  CHECK(desk.database.Query("SELECT count(*) FROM event") == "10");
}

TEST_CASE("a call that only validates tells what it would do, and does nothing") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  REQUIRE(desk.Assign(kTriage, "id.32.73.dinkes").ok());

  v1::RecordAgenciesRequest request;
  request.mutable_update_mask()->add_paths("name");
  request.mutable_update_mask()->add_paths("ended");
  *request.add_agencies() = EndingRow("id.32.73.dinkes", event::v1::AGENCY_CHANGE_MERGED, {"id.32.73.dpupr"});
  request.add_agencies()->set_agency_id("id.32.73.dpupr");
  request.mutable_agencies(1)->set_name("Dinas PUPR dan Kesehatan");
  *request.add_agencies() = AgencyRow("id.new", "id", event::v1::AGENCY_KIND_NATIONAL);
  request.add_agencies()->set_agency_id("id.81");
  request.set_validate_only(true);
  const auto told = desk.Call(&Routing::Stub::RecordAgencies, kOperator, request);
  REQUIRE(told.ok());
  CHECK(told->created() == 1);
  CHECK(told->changed() == 1);
  CHECK(told->ended() == 1);
  CHECK(told->unchanged() == 1);
  REQUIRE(told->differences_size() == 3);
  CHECK(told->differences(0).change() == event::v1::AGENCY_CHANGE_MERGED);
  CHECK(told->differences(0).open_reports() == 1);
  CHECK(told->differences(1).fields(0).field() == "name");
  CHECK(told->differences(1).fields(0).before() == "Agency id.32.73.dpupr");
  CHECK(told->differences(1).fields(0).after() == "Dinas PUPR dan Kesehatan");
  CHECK(told->differences(2).change() == event::v1::AGENCY_CHANGE_CREATED);
  CHECK(desk.database.Query("SELECT version FROM registry") == "1");
  CHECK(desk.carry_over_wakes == 0);

  request.set_validate_only(false);
  const auto done = desk.Call(&Routing::Stub::RecordAgencies, kOperator, request);
  REQUIRE(done.ok());
  CHECK(done->SerializeAsString() == told->SerializeAsString());
  CHECK(desk.carry_over_wakes == 1);
  // Again, as after a lost answer: nothing.
  CHECK(desk.Call(&Routing::Stub::RecordAgencies, kOperator, request)->unchanged() == 4);

  const absl::Status assigned = desk.Assign(kTriage, "id.32.73.dinkes").status();
  CHECK(absl::IsFailedPrecondition(assigned));
  CHECK(FieldsOf(assigned) == Strings{"agency_id"});
  v1::ListAgenciesRequest list;
  list.set_parent_id("id.32.73");
  CHECK(desk.Call(&Routing::Stub::ListAgencies, kMonitor, list)->agencies_size() == 1);
  list.set_show_ended(true);
  const auto all = desk.Call(&Routing::Stub::ListAgencies, kMonitor, list);
  REQUIRE(all->agencies_size() == 2);
  CHECK(all->agencies(0).ended() == event::v1::AGENCY_CHANGE_MERGED);
  CHECK(all->agencies(0).successors(0).agency_id() == "id.32.73.dpupr");
}

TEST_CASE(
    "liaison officers are named to their agency, its coordinators and operators; to others only counted") {
  Desk desk;
  std::vector<v1::Agency> rows = Country();
  rows[5].add_liaison_officers()->set_name("Layanan");
  rows[5].mutable_liaison_officers(0)->set_contact("dinkes@bandung.example");
  REQUIRE(desk.RecordRows(kOperator, rows).ok());

  v1::GetAgencyRequest get;
  get.set_agency_id("id.32.73.dinkes");
  const auto named = [&](const Caller& caller) {
    const auto agency = desk.Call(&Routing::Stub::GetAgency, caller, get);
    REQUIRE(agency.ok());
    CHECK(agency->liaison_officer_count() == 1);
    return agency->liaison_officers_size();
  };
  CHECK(desk.database.Query(
            "SELECT count(*) FROM event WHERE position('bandung.example'::bytea IN payload) > 0") == "0");
  CHECK(named(kOperator) == 1);
  CHECK(named(OfficerAt("id.32.73.dinkes")) == 1);
  CHECK(named(AdministratorAt("id.32.73")) == 1);
  CHECK(named(AdministratorAt("id")) == 1);
  CHECK(named(kTriage) == 1);
  CHECK(named(OfficerAt("id.32.73.dpupr")) == 0);
  CHECK(named(AdministratorAt("id.81")) == 0);
  CHECK(named(kMonitor) == 0);
  const auto list = desk.Call(&Routing::Stub::ListAgencies, kOperator, v1::ListAgenciesRequest());
  for (const v1::Agency& agency : list->agencies()) CHECK(agency.liaison_officers().empty());
}

TEST_CASE("a nation's registry is recorded in one call, and with one row in error not at all") {
  Desk desk;
  const char* source = getenv("LAPOR_SOURCE_DIR");
  const auto agencies = policy::ReadAgencies(std::string(source) + "/deploy/reference");
  REQUIRE(agencies.ok());
  std::vector<v1::Agency> rows;
  for (const policy::AgencyRow& agency : *agencies) {
    rows.push_back(AgencyRow(agency.id, agency.parent, agency.kind, agency.region, agency.time_zone));
    rows.back().set_name(agency.name);
  }
  REQUIRE(rows.size() > 17'000);
  rows.back().set_name("");
  CHECK(FieldsOf(desk.RecordRows(kOperator, rows).status()) ==
        Strings{"agencies[" + std::to_string(rows.size() - 1) + "].name"});
  CHECK(desk.database.Query("SELECT count(*) FROM agency") == "0");

  rows.back().set_name("Dinas");
  const auto recorded = desk.RecordRows(kOperator, rows);
  INFO(recorded.status());
  REQUIRE(recorded.ok());
  CHECK(recorded->created() == static_cast<int>(rows.size()));
  CHECK(desk.RecordRows(kOperator, rows)->unchanged() == static_cast<int>(rows.size()));
}

TEST_CASE("a call with one wrong row records nothing") {
  Desk desk;
  std::vector<v1::Agency> rows = Country();
  rows.back().set_region("99");
  const absl::Status status = desk.RecordRows(kOperator, rows).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(FieldsOf(status) == Strings{"agencies[7].region"});
  CHECK(desk.database.Query("SELECT (SELECT count(*) FROM agency), (SELECT count(*) FROM event), version "
                            "FROM registry") == "0|0|0");
}

TEST_CASE("agencies are listed in pages, all or the children of one") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  v1::ListAgenciesRequest request;
  request.set_page_size(3);
  Strings ids;
  do {
    const auto page = desk.Call(&Routing::Stub::ListAgencies, kMonitor, request);
    REQUIRE(page.ok());
    for (const v1::Agency& agency : page->agencies()) ids.push_back(agency.agency_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  CHECK(ids.size() == Country().size());
  CHECK(std::ranges::is_sorted(ids));
  request.Clear();
  request.set_parent_id("id.32.73");
  CHECK(desk.Call(&Routing::Stub::ListAgencies, kMonitor, request)->agencies_size() == 2);
}

TEST_CASE("a report goes at once to an agency that another instance has just recorded") {
  Desk desk;
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  desk.RecordCountry();
  CHECK(desk.Assign(kTriage, "id.81").ok());
}

v1::SuggestRouteRequest Asking(const std::string& category, const std::string& region,
                               const std::string& words = "") {
  v1::SuggestRouteRequest request;
  request.set_category(category);
  request.set_region(region);
  if (!words.empty()) request.add_subject_words(words);
  return request;
}

TEST_CASE("the text tells topic and place of a report without either, with the words that spoke") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  event::v1::Event submission = SubmissionEvent();
  submission.mutable_report_submitted()->clear_category();
  submission.mutable_report_submitted()->clear_region();
  desk.Apply("intake", kReportId, submission);
  v1::SuggestRouteRequest request;
  request.set_report_id(kReportId);
  const auto unread = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(unread.ok());
  CHECK(unread->category_needed());
  CHECK_FALSE(unread->has_reading());

  request.set_read_text(true);
  desk.texts[kReportId] =
      "Jalan berlubang\nJalan rusak parah banyak lubang di Kota Sukabumi, mohon segera diaspal karena sering "
      "ada "
      "motor jatuh di jalan berlubang itu.";
  const auto read = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(read.ok());
  REQUIRE(read->reading().topics_size() > 0);
  CHECK(read->reading().topics(0).category().starts_with("roads"));
  CHECK_FALSE(read->reading().words().empty());
  REQUIRE(read->reading().places_size() > 0);
  CHECK(read->reading().places(0).region() == "32.72");
  CHECK_FALSE(read->category_needed());
  CHECK(read->needs_person() == !read->reading().sure());

  desk.texts[kReportId] = "Tolong\nlorem ipsum";
  const auto unclear = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(unclear.ok());
  CHECK(unclear->needs_person());
  CHECK_FALSE(unclear->reading().sure());
}

TEST_CASE(
    "a recorded topic stays among those suggested, and is in doubt when the text surely tells another") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  v1::SuggestRouteRequest request;
  request.set_report_id(kReportId);
  request.set_read_text(true);
  desk.texts[kReportId] =
      "KTP elektronik belum jadi\nSudah enam bulan rekam KTP elektronik di Disdukcapil, blangko KTP katanya "
      "kosong, "
      "kartu keluarga juga belum dicetak.";
  const auto read = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(read.ok());
  REQUIRE(read->reading().sure());
  CHECK(read->category_doubted());
  CHECK_FALSE(read->needs_person());
  CHECK(std::ranges::any_of(read->suggestions(), [](const v1::Suggestion& suggestion) {
    return suggestion.agency_id() == "id.32.73.dinkes" && suggestion.category() == "health";
  }));
}

TEST_CASE("a text is read for triage alone, of a report, and while intake answers") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  v1::SuggestRouteRequest request;
  request.set_read_text(true);
  CHECK(FieldsOf(desk.Call(&Routing::Stub::SuggestRoute, kTriage, request).status()) == Strings{"report_id"});
  request.set_report_id(kReportId);
  CHECK(absl::IsUnavailable(desk.Call(&Routing::Stub::SuggestRoute, kTriage, request).status()));
  const Caller monitor{"m-1", report::v1::ROLE_MONITOR, ""};
  CHECK(absl::IsPermissionDenied(desk.Call(&Routing::Stub::SuggestRoute, monitor, request).status()));
}

TEST_CASE("a route is suggested for a report by its codes, and for what they might be instead") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  v1::SuggestRouteRequest request;
  request.set_report_id("7k3m-9qxt-2b54");
  const auto suggested = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(suggested.ok());
  const v1::Suggestion& first = suggested->suggestions(0);
  CHECK(first.agency_id() == "id.32.73.dinkes");
  CHECK(first.basis() == v1::SUGGESTION_BASIS_CATEGORY);
  CHECK(first.rule_id() == "health");
  CHECK(first.citation().instrument() == "UU 23/2014");
  CHECK(first.category() == "health");
  CHECK(first.region() == "32.73");
  // The small country's city has no hospital, so it is named itself already.
  CHECK(suggested->suggestions().rbegin()->basis() == v1::SUGGESTION_BASIS_TRIAGE);
  CHECK(suggested->place_needed() == v1::PLACE_NEEDED_UNSPECIFIED);
  CHECK(suggested->rules_version() == ShippedRules()->version());

  request.set_category("roads.regency");
  request.add_subject_words("Rumah sakit umum pusat");
  request.set_max_suggestions(2);
  const auto instead = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request);
  REQUIRE(instead->suggestions_size() == 2);
  CHECK(instead->suggestions(0).agency_id() == "id.32.73.dpupr");
  CHECK(instead->suggestions(1).basis() == v1::SUGGESTION_BASIS_GOVERNMENT);
}

TEST_CASE("a suggestion needs no report, and tells which words spoke for it and what the registry lacks") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  const auto told =
      desk.Call(&Routing::Stub::SuggestRoute, OfficerAt("id.81"), Asking("health", "32.73", "Vaksin habis"));
  REQUIRE(told.ok());
  CHECK(told->suggestions(0).subject_id() == "vaccination");
  CHECK(told->suggestions(0).matched_phrases(0) == "vaksin");
  const auto missing = desk.Call(&Routing::Stub::SuggestRoute, kMonitor, Asking("education.basic", "32.73"));
  CHECK(missing->suggestions(0).agency_id() == "id.32.73");
  CHECK(missing->suggestions(0).missing_agency_id() == "id.32.73.disdik");
  const auto placeless = desk.Call(&Routing::Stub::SuggestRoute, kMonitor, Asking("education.basic", ""));
  CHECK(placeless->place_needed() == v1::PLACE_NEEDED_REGENCY);
  CHECK(placeless->suggestions(0).agency_id() == "id");
  CHECK(desk.Call(&Routing::Stub::SuggestRoute, kMonitor, v1::SuggestRouteRequest())->category_needed());
}

TEST_CASE("what is wrong with a question is told field by field, without its words") {
  Desk desk;
  v1::SuggestRouteRequest request = Asking("nothing", "99", std::string(101, 'x'));
  request.set_max_suggestions(51);
  const auto refused = desk.Call(&Routing::Stub::SuggestRoute, kTriage, request).status();
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(FieldsOf(refused) == Strings{"category", "region", "subject_words[0]", "max_suggestions"});
  CHECK(refused.message().find("xxx") == std::string::npos);
}

TEST_CASE("who may not read a route is neither told what is suggested for it, nor why it is there") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  v1::SuggestRouteRequest suggest;
  suggest.set_report_id(kReportId);
  v1::ExplainRouteRequest explain;
  explain.set_report_id(kReportId);
  CHECK(absl::IsPermissionDenied(
      desk.Call(&Routing::Stub::SuggestRoute, OfficerAt("id.81"), suggest).status()));
  CHECK(absl::IsPermissionDenied(
      desk.Call(&Routing::Stub::ExplainRoute, OfficerAt("id.81"), explain).status()));
  CHECK(
      absl::IsUnauthenticated(desk.Call(&Routing::Stub::SuggestRoute, kNobody, Asking("land", "")).status()));
  CHECK(absl::IsUnauthenticated(desk.Call(&Routing::Stub::ExplainRoute, kNobody, explain).status()));
  explain.set_report_id("0000-0000-0000");
  CHECK(absl::IsNotFound(desk.Call(&Routing::Stub::ExplainRoute, kTriage, explain).status()));
}

TEST_CASE("every hand of a report is explained: who decided, why, and what the rules say of it") {
  Desk desk;
  REQUIRE(desk.RecordRows(kOperator, Country()).ok());
  desk.Apply("intake", kReportId, SubmissionEvent());
  REQUIRE(desk.Verify(kTriage).ok());
  REQUIRE(desk.Assign(kTriage, "id.81").ok());
  REQUIRE(desk.Return(OfficerAt("id.81"), "").ok());
  auto arbitrate = desk.About<v1::ArbitrateReportRequest>();
  arbitrate.set_agency_id("id.32.73");
  REQUIRE(desk.Call(&Routing::Stub::ArbitrateReport, kArbiter, arbitrate).ok());

  v1::ExplainRouteRequest request;
  request.set_report_id(kReportId);
  const auto explained = desk.Call(&Routing::Stub::ExplainRoute, kMonitor, request);
  REQUIRE(explained.ok());
  REQUIRE(explained->hands_size() == 4);
  REQUIRE(explained->clocks_size() == 1);
  CHECK(explained->clocks(0).has_explanation());
  CHECK(explained->hands(0).change().cause() == v1::HAND_CAUSE_SUBMITTED);
  CHECK(explained->hands(0).rules_say() == v1::RULES_SAY_UNSPECIFIED);
  const v1::ExplainedHand& wrong = explained->hands(1);
  CHECK(wrong.hand().agency_id() == "id.81");
  CHECK(wrong.hand().has_until());
  CHECK(wrong.change().cause() == v1::HAND_CAUSE_ASSIGNED);
  CHECK(wrong.change().decided_by() == report::v1::ROLE_TRIAGE);
  CHECK(wrong.rules_say() == v1::RULES_SAY_NOT_COMPETENT);
  CHECK(wrong.rule_id() == "health");
  CHECK(explained->hands(2).change().cause() == v1::HAND_CAUSE_ARBITRATION);
  CHECK(explained->hands(2).change().return_reason() == event::v1::RETURN_REASON_OTHER_LEVEL);
  CHECK(explained->hands(2).change().decided_by_agency_id() == "id.81");
  const v1::ExplainedHand& now = explained->hands(3);
  CHECK(now.change().cause() == v1::HAND_CAUSE_ARBITRATED);
  CHECK(now.change().decided_by() == report::v1::ROLE_ARBITER);
  CHECK(now.change().binding());
  CHECK(now.rules_say() == v1::RULES_SAY_COMPETENT);
  CHECK(explained->route().hands_size() == 4);
  CHECK(explained->now().suggestions(0).agency_id() == "id.32.73.dinkes");
  CHECK_FALSE(explained->has_end());

  event::v1::Event closed;
  closed.mutable_case_closed();
  closed.mutable_actor()->set_role(report::v1::ROLE_REPORTER);
  desk.Apply("followup", kReportId, closed);
  const auto ended = desk.Call(&Routing::Stub::ExplainRoute, kMonitor, request);
  CHECK(ended->end().cause() == v1::HAND_CAUSE_CLOSED);
  CHECK(ended->end().decided_by() == report::v1::ROLE_REPORTER);
  CHECK(ended->why() == "Nobody is accountable any more: closed by reporter.");
}

}  // namespace
}  // namespace lapor::routing
