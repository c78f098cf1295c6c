// The API over gRPC, with tokens, on a real database.
#include "services/ombudsman/api.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>

#include "libs/decision/refusal.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/ombudsman/testing/running.h"

namespace lapor::ombudsman {
namespace {

using rpc::Caller;
using testing::Running;
using Stub = v1::Ombudsman::Stub;

const Caller kOfficer{"u-1", report::v1::ROLE_OMBUDSMAN, ""};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};

struct Desk : Running {
  Desk() {
    HearBreach();
    server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {&api}).value();
    rpc::ChannelOptions options;
    options.plaintext = true;
    stub = v1::Ombudsman::NewStub(
        rpc::Connect("127.0.0.1:" + std::to_string(server->port()), options, runtime::Environment::kLocal)
            .value());
  }
  ~Desk() {
    server->Stop();
    responder.Stop();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
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

  // A change of the escalation, with a request id of its own.
  template <class Request>
  Request Change() {
    Request request;
    request.set_request_id("request-" + std::to_string(++requests));
    request.set_report_id(kReport);
    return request;
  }
  v1::AdvanceEscalationRequest Advance(EscalationStage stage) {
    auto request = Change<v1::AdvanceEscalationRequest>();
    request.set_stage(stage);
    return request;
  }
  v1::CloseEscalationRequest Close(event::v1::EscalationOutcome outcome) {
    auto request = Change<v1::CloseEscalationRequest>();
    request.set_outcome(outcome);
    return request;
  }
  v1::GetEscalationRequest ThisEscalation() {
    v1::GetEscalationRequest request;
    request.set_report_id(kReport);
    return request;
  }

  runtime::Metrics metrics;
  rpc::Authenticator authenticator{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                   clock};
  rpc::Responder responder{{}, authenticator, metrics};
  Api api{*executor, pool, visibility, responder};
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Stub> stub;
  int requests = 0;
};

TEST_CASE("an escalation is listed, checked, examined and closed with its outcome") {
  Desk desk;
  auto listed = desk.Call(&Stub::ListEscalations, kOfficer, v1::ListEscalationsRequest());
  REQUIRE(listed.ok());
  REQUIRE(listed->escalations_size() == 1);
  CHECK(listed->escalations(0).stage() == event::v1::ESCALATION_STAGE_PROPOSED);
  CHECK_FALSE(listed->escalations(0).consented());
  CHECK(listed->escalations(0).verdicts().empty());

  desk.HearConsent();
  const auto check = desk.Change<v1::CheckEligibilityRequest>();
  const auto checked = desk.Call(&Stub::CheckEligibility, kOfficer, check);
  REQUIRE(checked.ok());
  CHECK(checked->stage() == event::v1::ESCALATION_STAGE_MATERIAL_CHECK);
  CHECK(checked->verdicts_size() == 6);
  CHECK(checked->token().producer() == "ombudsman");
  CHECK(checked->token().position() == 4);

  // The repeat comes later and is told the same.
  desk.clock.Advance(absl::Hours(1));
  const auto repeated = desk.Call(&Stub::CheckEligibility, kOfficer, check);
  REQUIRE(repeated.ok());
  CHECK(repeated->SerializeAsString() == checked->SerializeAsString());

  for (const auto stage :
       {event::v1::ESCALATION_STAGE_EXAMINATION, event::v1::ESCALATION_STAGE_EXAMINATION_REPORT}) {
    const auto advanced = desk.Call(&Stub::AdvanceEscalation, kOfficer, desk.Advance(stage));
    REQUIRE(advanced.ok());
    CHECK(advanced->stage() == stage);
    CHECK(advanced->verdicts().empty());
  }
  auto close = desk.Close(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  close.set_maladministration(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  REQUIRE(desk.Call(&Stub::CloseEscalation, kOfficer, close).ok());

  const auto read = desk.Call(&Stub::GetEscalation, kMonitor, desk.ThisEscalation());
  REQUIRE(read.ok());
  CHECK(read->stage() == event::v1::ESCALATION_STAGE_CLOSED);
  CHECK(read->outcome() == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  CHECK(read->consented());
  CHECK(read->declarations().citizen_or_resident());
  CHECK(read->number() == 1);
  CHECK(read->verdicts_size() == 6);
  listed = desk.Call(&Stub::ListEscalations, kOfficer, v1::ListEscalationsRequest());
  REQUIRE(listed.ok());
  CHECK(listed->escalations().empty());
}

TEST_CASE("the answer to a formal check says which ground is missing") {
  Desk desk;
  event::v1::ReporterDeclarations before_court = testing::Declarations();
  before_court.set_before_court(true);
  desk.HearConsent(before_court);
  const auto checked =
      desk.Call(&Stub::CheckEligibility, kOfficer, desk.Change<v1::CheckEligibilityRequest>());
  REQUIRE(checked.ok());
  CHECK(checked->stage() == event::v1::ESCALATION_STAGE_CLOSED);
  std::set<event::v1::Ground> missing;
  for (const auto& verdict : checked->verdicts()) {
    if (!verdict.met()) missing.insert(verdict.ground());
  }
  CHECK(missing == std::set{event::v1::GROUND_NOT_BEFORE_COURT});
  CHECK(desk.Journalled().ends_with("EligibilityDecided EscalationClosed"));
}

TEST_CASE("only officers of the Ombudsman act; monitors, operators and services read") {
  Desk desk;
  const std::map<report::v1::Role, bool> readers = {
      {report::v1::ROLE_UNSPECIFIED, false}, {report::v1::ROLE_CHANNEL, false},
      {report::v1::ROLE_OFFICER, false},     {report::v1::ROLE_AGENCY_ADMIN, false},
      {report::v1::ROLE_TRIAGE, false},      {report::v1::ROLE_ARBITER, false},
      {report::v1::ROLE_OMBUDSMAN, true},    {report::v1::ROLE_MONITOR, true},
      {report::v1::ROLE_ANALYST, false},     {report::v1::ROLE_OPERATOR, true},
      {report::v1::ROLE_SERVICE, true},
  };
  for (const auto& [role, reads] : readers) {
    INFO(report::v1::Role_Name(role));
    const bool officer = role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN;
    const Caller caller{"x", role, officer ? testing::kAgency : ""};
    const auto refusal =
        caller.anonymous() ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kPermissionDenied;
    const auto check = [&](bool allowed, const absl::Status& status) {
      INFO(status);
      // The stage may refuse what the role permits.
      const bool permitted = status.ok() || status.code() == absl::StatusCode::kFailedPrecondition;
      CHECK((allowed ? permitted : status.code() == refusal));
    };
    const bool acts = role == report::v1::ROLE_OMBUDSMAN;
    check(reads, desk.Call(&Stub::ListEscalations, caller, v1::ListEscalationsRequest()).status());
    check(reads, desk.Call(&Stub::GetEscalation, caller, desk.ThisEscalation()).status());
    check(acts,
          desk.Call(&Stub::CheckEligibility, caller, desk.Change<v1::CheckEligibilityRequest>()).status());
    check(acts,
          desk.Call(&Stub::AdvanceEscalation, caller, desk.Advance(event::v1::ESCALATION_STAGE_EXAMINATION))
              .status());
    check(acts, desk.Call(&Stub::CloseEscalation, caller, desk.Close(event::v1::ESCALATION_OUTCOME_NOT_FOUND))
                    .status());
  }
  CHECK(desk.Journalled() == "EscalationOpened");
}

TEST_CASE("what is wrong with a request comes through, and an unknown report is not found") {
  Desk desk;
  const absl::Status bad = desk.Call(&Stub::CloseEscalation, kOfficer, v1::CloseEscalationRequest()).status();
  CHECK(bad.code() == absl::StatusCode::kInvalidArgument);
  CHECK(decision::BadInputOf(bad)->violations_size() == 3);

  auto unknown = desk.ThisEscalation();
  unknown.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Stub::GetEscalation, kOfficer, unknown).status().code() == absl::StatusCode::kNotFound);
  auto check = desk.Change<v1::CheckEligibilityRequest>();
  check.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Stub::CheckEligibility, kOfficer, check).status().code() == absl::StatusCode::kNotFound);
  check = desk.Change<v1::CheckEligibilityRequest>();
  const absl::Status early = desk.Call(&Stub::CheckEligibility, kOfficer, check).status();
  CHECK(early.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(early.message()).find("ESCALATION_STAGE_PROPOSED") != std::string::npos);
}

TEST_CASE("pages lead from one to the next, each escalation with its own verdicts") {
  Desk desk;
  desk.HearConsent();
  REQUIRE(desk.Call(&Stub::CheckEligibility, kOfficer, desk.Change<v1::CheckEligibilityRequest>()).ok());
  Escalation other = testing::StoryAt(event::v1::ESCALATION_STAGE_PROPOSED).now;
  other.id = "AAAAAAAAAAAA";
  desk.In([&](pg::Tx& tx) { SaveEscalations(tx, {&other}); });

  v1::ListEscalationsRequest list;
  list.set_page_size(1);
  std::map<std::string, int> verdicts;
  for (int pages = 0; pages < 2; ++pages) {
    const auto page = desk.Call(&Stub::ListEscalations, kOfficer, list);
    REQUIRE(page.ok());
    REQUIRE(page->escalations_size() == 1);
    verdicts[page->escalations(0).report_id()] = page->escalations(0).verdicts_size();
    list.set_page_token(page->next_page_token());
  }
  CHECK(verdicts == std::map<std::string, int>{{"AAAAAAAAAAAA", 0}, {Desk::kReport, 6}});
}

}  // namespace
}  // namespace lapor::ombudsman
