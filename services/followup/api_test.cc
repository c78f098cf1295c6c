// The API over gRPC, with tokens, on a real database.
#include "services/followup/api.h"

#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <set>

#include "libs/decision/refusal.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/followup/testing/running.h"

namespace lapor::followup {
namespace {

using report::v1::Role;
using rpc::Caller;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Running;
using testing::Wib;
using v1::Followup;

const Caller kNobody{};
const Caller kOfficer{"o-1", report::v1::ROLE_OFFICER, kAgency};
const Caller kAdministrator{"o-2", report::v1::ROLE_AGENCY_ADMIN, kAgency};
const Caller kStranger{"o-3", report::v1::ROLE_OFFICER, kOtherAgency};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};

struct Desk : Running {
  Desk() {
    HearOpening();
    server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {&api}).value();
    rpc::ChannelOptions options;
    options.plaintext = true;
    stub = Followup::NewStub(
        rpc::Connect("127.0.0.1:" + std::to_string(server->port()), options, runtime::Environment::kLocal)
            .value());
  }
  ~Desk() {
    server->Stop();
    responder.Stop();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Followup::Stub::*method)(grpc::ClientContext*, const Request&,
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

  // A change of the report, with a request id of its own.
  template <class Request>
  Request Change() {
    Request request;
    request.set_request_id("request-" + std::to_string(++requests));
    request.set_report_id(kReport);
    return request;
  }
  v1::RespondToCaseRequest Answer() {
    auto request = Change<v1::RespondToCaseRequest>();
    request.set_kind(event::v1::RESPONSE_KIND_FINAL);
    request.set_text("Jalan sudah diperbaiki.");
    *request.add_evidence() = testing::Final().evidence[0];
    return request;
  }
  v1::GetCaseRequest ThisCase() {
    v1::GetCaseRequest request;
    request.set_report_id(kReport);
    return request;
  }

  runtime::Metrics metrics;
  rpc::Authenticator authenticator{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                   clock};
  rpc::Responder responder{{}, authenticator, metrics};
  Api api{*executor, pool, visibility, responder, policy};
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Followup::Stub> stub;
  int requests = 0;
};

TEST_CASE("a case is found in the work list, answered, and read with its clocks explained") {
  Desk desk;
  v1::ListCasesRequest list;
  const auto before = desk.Call(&Followup::Stub::ListCases, kOfficer, list);
  REQUIRE(before.ok());
  REQUIRE(before->cases_size() == 1);
  CHECK(before->cases(0).report_id() == Desk::kReport);
  CHECK(before->next_page_token().empty());

  const auto change = desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer());
  REQUIRE(change.ok());
  CHECK(change->state() == v1::CASE_STATE_ANSWERED);
  CHECK(change->token().producer() == "followup");
  CHECK(change->token().partition() == desk.partition);
  CHECK(change->token().position() == 2);

  v1::GetCaseRequest get = desk.ThisCase();
  *get.add_not_before() = change->token();
  const auto read = desk.Call(&Followup::Stub::GetCase, kOfficer, get);
  REQUIRE(read.ok());
  CHECK(read->state() == v1::CASE_STATE_ANSWERED);
  REQUIRE(read->clocks_size() == 3);
  for (const v1::CaseClock& clock : read->clocks()) {
    CHECK(clock.explanation().due_at().seconds() == clock.due_at().seconds());
    CHECK(clock.explanation().policy_version() == "2024.1");
  }
  CHECK(read->clocks(1).explanation().skipped_size() > 0);

  v1::ListResponsesRequest words;
  words.set_report_id(Desk::kReport);
  const auto responses = desk.Call(&Followup::Stub::ListResponses, kOfficer, words);
  REQUIRE(responses.ok());
  REQUIRE(responses->responses_size() == 1);
  CHECK(responses->responses(0).text() == "Jalan sudah diperbaiki.");
  CHECK(responses->responses(0).evidence_size() == 1);
}

TEST_CASE("a repeat gets the first answer, another body is refused") {
  Desk desk;
  v1::RespondToCaseRequest answer = desk.Answer();
  const auto first = desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer);
  const auto again = desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer);
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  answer.set_text("Lain lagi.");
  CHECK(desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer).status().code() ==
        absl::StatusCode::kAlreadyExists);
  CHECK(desk.database.Query("SELECT count(*) FROM response") == "1");
}

TEST_CASE("what is wrong with a request comes through to the caller, field by field") {
  Desk desk;
  v1::RespondToCaseRequest request = desk.Answer();
  request.set_text("");
  request.mutable_evidence(0)->clear_sha256();
  const absl::Status status = desk.Call(&Followup::Stub::RespondToCase, kOfficer, request).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  const auto bad = decision::BadInputOf(status);
  REQUIRE(bad.has_value());
  REQUIRE(bad->violations_size() == 2);
  CHECK(bad->violations(0).field() == "text");
  CHECK(bad->violations(1).field() == "evidence[0].sha256");
}

TEST_CASE("an answer in another encoding than UTF-8 is refused by its field") {
  Desk desk;
  v1::RespondToCaseRequest request = desk.Answer();
  request.set_text("caf\xE9");
  const absl::Status status = desk.Call(&Followup::Stub::RespondToCase, kOfficer, request).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(decision::BadInputOf(status).has_value());
  CHECK(decision::BadInputOf(status)->violations(0).field() == "text");
}

TEST_CASE("an illegal transition names the state and the command; an unknown report is not found") {
  Desk desk;
  const absl::Status closed =
      desk.Call(&Followup::Stub::CloseCase, kOfficer, desk.Change<v1::CloseCaseRequest>()).status();
  CHECK(closed.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(closed.message()).find("CloseCase is not allowed in CASE_STATE_OPEN") !=
        std::string::npos);

  auto unknown = desk.Change<v1::ReopenCaseRequest>();
  unknown.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Followup::Stub::ReopenCase, kOfficer, unknown).status().code() ==
        absl::StatusCode::kNotFound);
  v1::GetCaseRequest get;
  get.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Followup::Stub::GetCase, kMonitor, get).status().code() == absl::StatusCode::kNotFound);
}

// What a caller of that role gets from each RPC about a case of kAgency, which is answered.
struct Rights {
  bool list, get, words, respond, close, reopen;
};

TEST_CASE("every role gets what is its own from every call, and nothing else") {
  Desk desk;
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer()).ok());
  const std::vector<std::pair<Caller, Rights>> expected = {
      {kOfficer, {true, true, true, true, true, true}},
      {kAdministrator, {true, true, true, true, true, true}},
      {{"g", report::v1::ROLE_AGENCY_ADMIN, "id.32"}, {true, true, true, false, false, false}},
      {{"g", report::v1::ROLE_AGENCY_ADMIN, "id.33"}, {false, false, false, false, false, false}},
      {kStranger, {false, false, false, false, false, false}},
      {{"c", report::v1::ROLE_CHANNEL, ""}, {false, false, false, false, false, false}},
      {{"t", report::v1::ROLE_TRIAGE, ""}, {true, true, false, false, false, true}},
      {{"a", report::v1::ROLE_ARBITER, "id"}, {true, true, false, false, false, true}},
      {{"a", report::v1::ROLE_ARBITER, "id.32"}, {true, true, false, false, false, true}},
      {{"a", report::v1::ROLE_ARBITER, "id.33"}, {false, false, false, false, false, false}},
      {{"u", report::v1::ROLE_OMBUDSMAN, ""}, {true, true, false, false, false, false}},
      {kMonitor, {true, true, true, false, false, false}},
      {{"n", report::v1::ROLE_ANALYST, ""}, {false, false, false, false, false, false}},
      {{"p", report::v1::ROLE_OPERATOR, ""}, {true, true, false, false, false, false}},
      {{"intake", report::v1::ROLE_SERVICE, ""}, {true, true, true, false, false, false}},
      {kNobody, {false, false, false, false, false, false}},
  };
  for (const auto& [caller, rights] : expected) {
    INFO(report::v1::Role_Name(caller.role) << " " << caller.agency_id);
    const auto refusal =
        caller.anonymous() ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kPermissionDenied;
    const auto check = [&](bool allowed, const absl::Status& status) {
      INFO(status);
      // The state may refuse what the role permits.
      const bool permitted = status.ok() || status.code() == absl::StatusCode::kFailedPrecondition;
      CHECK((allowed ? permitted : status.code() == refusal));
    };
    v1::ListCasesRequest list;
    list.set_agency_id(kAgency);
    check(rights.list, desk.Call(&Followup::Stub::ListCases, caller, list).status());
    check(rights.get, desk.Call(&Followup::Stub::GetCase, caller, desk.ThisCase()).status());
    v1::ListResponsesRequest words;
    words.set_report_id(Desk::kReport);
    check(rights.words, desk.Call(&Followup::Stub::ListResponses, caller, words).status());
    check(rights.respond, desk.Call(&Followup::Stub::RespondToCase, caller, desk.Answer()).status());
    check(rights.close,
          desk.Call(&Followup::Stub::CloseCase, caller, desk.Change<v1::CloseCaseRequest>()).status());
    check(rights.reopen,
          desk.Call(&Followup::Stub::ReopenCase, caller, desk.Change<v1::ReopenCaseRequest>()).status());
  }
}

TEST_CASE("officers list the cases of their own agency only") {
  Desk desk;
  const auto own = desk.Call(&Followup::Stub::ListCases, kStranger, v1::ListCasesRequest());
  REQUIRE(own.ok());
  CHECK(own->cases().empty());
}

TEST_CASE("pages lead from one to the next") {
  Desk desk;
  for (const char* id : {"AAAAAAAAAAAA", "BBBBBBBBBBBB"}) {
    Case copy = desk.Now();
    copy.id = id;
    desk.In([&](pg::Tx& tx) { SaveCases(tx, {&copy}); });
  }
  v1::ListCasesRequest list;
  list.set_page_size(2);
  std::set<std::string> ids;
  for (int pages = 0; pages < 2; ++pages) {
    const auto page = desk.Call(&Followup::Stub::ListCases, kOfficer, list);
    REQUIRE(page.ok());
    for (const v1::Case& c : page->cases()) CHECK(ids.insert(c.report_id()).second);
    list.set_page_token(page->next_page_token());
  }
  CHECK(ids.size() == 3);
  CHECK(list.page_token().empty());
}

TEST_CASE("a read that must not be before an event waits for it") {
  Desk desk;
  v1::GetCaseRequest get = desk.ThisCase();
  report::v1::Token& token = *get.add_not_before();
  token.set_producer("intake");
  token.set_partition(desk.partition);
  token.set_position(desk.positions["intake"] + 1);
  auto read =
      std::async(std::launch::async, [&] { return desk.Call(&Followup::Stub::GetCase, kMonitor, get); });
  event::v1::Event withdrawn;
  withdrawn.mutable_report_withdrawn();
  desk.Hear("intake", "2025-06-04 10:00", withdrawn);
  const auto seen = read.get();
  REQUIRE(seen.ok());
  CHECK(seen->state() == v1::CASE_STATE_ENDED);

  auto change = desk.Change<v1::CloseCaseRequest>();
  *change.add_not_before() = get.not_before(0);
  change.mutable_not_before(0)->set_position(1000);
  CHECK(desk.Call(&Followup::Stub::CloseCase, kOfficer, change).status().code() ==
        absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace lapor::followup
