// The API over gRPC, with tokens, on a real database.
#include "services/followup/api.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <set>

#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/followup/signals.h"
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
  v1::DecideAppealRequest Decision(bool granted) {
    auto request = Change<v1::DecideAppealRequest>();
    request.set_granted(granted);
    request.set_text("Foto bukan dari lokasi itu.");
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
  Api api{*executor, pool, visibility, responder, policy, clock};
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Followup::Stub> stub;
  int requests = 0;
};

TEST_CASE(
    "an answer from a template is given with its words, and a repeat gets it though the template is gone") {
  Desk desk;
  v1::RecordTemplateRequest record;
  record.mutable_template_()->set_template_id("selesai");
  record.mutable_template_()->set_title("Selesai");
  record.mutable_template_()->set_text("Laporan {report} sudah ditangani.");
  REQUIRE(desk.Call(&Followup::Stub::RecordTemplate, kAdministrator, record).ok());
  auto answer = desk.Answer();
  answer.clear_text();
  answer.set_template_id("selesai");
  const auto given = desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer);
  REQUIRE(given.status().ToString() == "OK");
  v1::ListResponsesRequest words;
  words.set_report_id(Desk::kReport);
  CHECK(desk.Call(&Followup::Stub::ListResponses, kOfficer, words)->responses(0).text() ==
        "Laporan 7K3M-9QXT-2B54 sudah ditangani.");

  v1::RemoveTemplateRequest remove;
  remove.set_template_id("selesai");
  REQUIRE(desk.Call(&Followup::Stub::RemoveTemplate, kAdministrator, remove).ok());
  const auto again = desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer);
  REQUIRE(again.status().ToString() == "OK");
  CHECK(again->SerializeAsString() == given->SerializeAsString());
  answer.set_request_id("request-9999");
  CHECK(desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("notes and templates are for officers and administrators of an agency") {
  Desk desk;
  auto note = desk.Change<v1::AddNoteRequest>();
  note.set_text("Tanya Bu Rina dulu.");
  CHECK(desk.Call(&Followup::Stub::AddNote, kOfficer, note).ok());
  CHECK(desk.Call(&Followup::Stub::AddNote, kMonitor, note).status().code() ==
        absl::StatusCode::kPermissionDenied);
  v1::ListNotesRequest list;
  list.set_report_id(Desk::kReport);
  CHECK(desk.Call(&Followup::Stub::ListNotes, kAdministrator, list)->notes_size() == 1);
  CHECK(desk.Call(&Followup::Stub::ListNotes, kNobody, list).status().code() ==
        absl::StatusCode::kUnauthenticated);
  CHECK(desk.Call(&Followup::Stub::ListTemplates, kMonitor, v1::ListTemplatesRequest()).status().code() ==
        absl::StatusCode::kPermissionDenied);
}

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

TEST_CASE("a case tells its reminders, how far its breaches went up, and its pauses") {
  Desk desk;
  const auto pass = [&](const char* wib) {
    desk.clock.Set(Wib(wib));
    desk.Scan();
  };
  pass("2025-06-13 00:00");
  pass("2025-06-14 00:00");
  pass("2025-06-17 00:00");
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer()).ok());
  desk.clock.Set(Wib("2025-06-18 09:00"));
  const Caller triage{"t-1", report::v1::ROLE_TRIAGE, ""};
  REQUIRE(desk.Call(&Followup::Stub::ReopenCase, triage, desk.Change<v1::ReopenCaseRequest>()).ok());

  const auto read = desk.Call(&Followup::Stub::GetCase, kOfficer, desk.ThisCase());
  REQUIRE(read.ok());
  REQUIRE(read->clocks_size() == 2);
  CHECK(read->clocks(0).reminded_percent() == 80);
  CHECK(read->clocks(0).raised_levels() == 1);
  CHECK(read->clocks(1).reminded_percent() == 50);
  CHECK(read->clocks(1).raised_levels() == 0);
  REQUIRE(read->pauses_size() == 1);
  CHECK(decision::FromProto(read->pauses(0).from()) == Wib("2025-06-17 00:00"));
  CHECK(decision::FromProto(read->pauses(0).to()) == Wib("2025-06-18 09:00"));
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
  bool list, get, words, respond, delegate, close, reopen, decide;
};

TEST_CASE("every role gets what is its own from every call, and nothing else") {
  Desk desk;
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer()).ok());
  const std::vector<std::pair<Caller, Rights>> expected = {
      {kOfficer, {true, true, true, true, true, true, true, false}},
      {kAdministrator, {true, true, true, true, true, true, true, false}},
      {{"g", report::v1::ROLE_AGENCY_ADMIN, "id.32"}, {true, true, true, false, false, false, false, true}},
      {{"g", report::v1::ROLE_AGENCY_ADMIN, "id.33"},
       {false, false, false, false, false, false, false, false}},
      {kStranger, {false, false, false, false, false, false, false, false}},
      {{"c", report::v1::ROLE_CHANNEL, ""}, {false, false, false, false, false, false, false, false}},
      {{"t", report::v1::ROLE_TRIAGE, ""}, {true, true, false, false, false, false, true, false}},
      {{"a", report::v1::ROLE_ARBITER, "id"}, {true, true, false, false, false, false, true, true}},
      {{"a", report::v1::ROLE_ARBITER, "id.32"}, {true, true, false, false, false, false, true, true}},
      {{"a", report::v1::ROLE_ARBITER, "id.33"}, {false, false, false, false, false, false, false, false}},
      {{"u", report::v1::ROLE_OMBUDSMAN, ""}, {true, true, false, false, false, false, false, false}},
      {kMonitor, {true, true, true, false, false, false, false, false}},
      {{"n", report::v1::ROLE_ANALYST, ""}, {false, false, false, false, false, false, false, false}},
      {{"p", report::v1::ROLE_OPERATOR, ""}, {true, true, false, false, false, false, false, false}},
      {{"intake", report::v1::ROLE_SERVICE, ""}, {true, true, true, false, false, false, false, false}},
      {kNobody, {false, false, false, false, false, false, false, false}},
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
    check(rights.delegate,
          desk.Call(&Followup::Stub::DelegateCase, caller, desk.Change<v1::DelegateCaseRequest>()).status());
    check(rights.close,
          desk.Call(&Followup::Stub::CloseCase, caller, desk.Change<v1::CloseCaseRequest>()).status());
    check(rights.reopen,
          desk.Call(&Followup::Stub::ReopenCase, caller, desk.Change<v1::ReopenCaseRequest>()).status());
    check(rights.decide, desk.Call(&Followup::Stub::DecideAppeal, caller, desk.Decision(true)).status());
  }
}

TEST_CASE("who deals with a case, the holder's own people see and list, and nobody else") {
  Desk desk;
  auto delegate = desk.Change<v1::DelegateCaseRequest>();
  delegate.set_delegate("desk-roads");
  REQUIRE(desk.Call(&Followup::Stub::DelegateCase, kOfficer, delegate).ok());
  v1::ListCasesRequest list;
  list.set_agency_id(kAgency);
  for (const Caller& caller : {kOfficer, kAdministrator}) {
    CHECK(desk.Call(&Followup::Stub::GetCase, caller, desk.ThisCase())->delegate() == "desk-roads");
    CHECK(desk.Call(&Followup::Stub::ListCases, caller, list)->cases(0).delegate() == "desk-roads");
  }
  const std::vector<Caller> others = {{"g", report::v1::ROLE_AGENCY_ADMIN, "id.32"},
                                      {"a", report::v1::ROLE_ARBITER, "id"},
                                      {"intake", report::v1::ROLE_SERVICE, ""},
                                      kMonitor};
  for (const Caller& caller : others) {
    INFO(report::v1::Role_Name(caller.role));
    CHECK(desk.Call(&Followup::Stub::GetCase, caller, desk.ThisCase())->delegate().empty());
    list.clear_delegate();
    CHECK(desk.Call(&Followup::Stub::ListCases, caller, list)->cases(0).delegate().empty());
    list.set_delegate("desk-roads");
    const absl::Status status = desk.Call(&Followup::Stub::ListCases, caller, list).status();
    CHECK(status.code() == absl::StatusCode::kPermissionDenied);
    CHECK(decision::BadInputOf(status)->violations(0).field() == "delegate");
  }
  CHECK(desk.Call(&Followup::Stub::ListCases, kOfficer, list)->cases_size() == 1);
  list.set_delegate("desk-health");
  CHECK(desk.Call(&Followup::Stub::ListCases, kOfficer, list)->cases().empty());
}

TEST_CASE("an interim answer is read with its reason and the date that it promises") {
  Desk desk;
  v1::RespondToCaseRequest answer = desk.Answer();
  answer.set_kind(event::v1::RESPONSE_KIND_INTERIM);
  answer.set_interim_reason(event::v1::INTERIM_REASON_BUDGET);
  answer.set_promised_on("2025-06-10");
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer).ok());
  v1::ListResponsesRequest words;
  words.set_report_id(Desk::kReport);
  const auto responses = desk.Call(&Followup::Stub::ListResponses, kOfficer, words);
  REQUIRE(responses->responses_size() == 1);
  CHECK(responses->responses(0).promised_on() == "2025-06-10");
  CHECK(responses->responses(0).interim_reason() == event::v1::INTERIM_REASON_BUDGET);
}

TEST_CASE("a question is read with its term until the reporter's reply, then with its pause") {
  Desk desk;
  v1::RespondToCaseRequest question = desk.Answer();
  question.set_kind(event::v1::RESPONSE_KIND_QUESTION);
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, question).ok());
  auto read = desk.Call(&Followup::Stub::GetCase, kOfficer, desk.ThisCase());
  REQUIRE(read.ok());
  v1::ListResponsesRequest words;
  words.set_report_id(Desk::kReport);
  const auto responses = desk.Call(&Followup::Stub::ListResponses, kOfficer, words);
  CHECK(read->question_id() == responses->responses(0).response_id());
  CHECK(read->clocks(0).clock() == report::v1::CLOCK_QUESTION);
  CHECK(read->clocks(0).explanation().starts() == policy::v1::START_EVENT_QUESTION_ASKED);

  event::v1::Event replied;
  replied.mutable_reporter_replied();
  desk.clock.Set(Wib("2025-06-05 10:00"));
  desk.Hear("intake", "2025-06-05 10:00", replied);
  read = desk.Call(&Followup::Stub::GetCase, kOfficer, desk.ThisCase());
  CHECK(read->question_id().empty());
  CHECK(read->pauses_size() == 1);
}

TEST_CASE("a promised date is read with the case, and has no explanation but the agency's word") {
  Desk desk;
  v1::RespondToCaseRequest answer = desk.Answer();
  answer.set_kind(event::v1::RESPONSE_KIND_INTERIM);
  answer.set_interim_reason(event::v1::INTERIM_REASON_BUDGET);
  answer.set_promised_on("2025-06-10");
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer).ok());
  const auto read = desk.Call(&Followup::Stub::GetCase, kMonitor, desk.ThisCase());
  REQUIRE(read.ok());
  CHECK(read->promised_on() == "2025-06-10");
  for (const v1::CaseClock& clock : read->clocks())
    CHECK(clock.has_explanation() == (clock.clock() != report::v1::CLOCK_PROMISE));
}

TEST_CASE(
    "an appeal is in the supervisor's list, is decided there, and its words are read with the answers") {
  Desk desk;
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer()).ok());
  event::v1::Event appealed;
  appealed.mutable_closing_appealed();
  desk.clock.Set(Wib("2025-06-05 10:00"));
  desk.Hear("intake", "2025-06-05 10:00", appealed);

  const Caller supervisor{"g", report::v1::ROLE_AGENCY_ADMIN, kOtherAgency};
  v1::ListCasesRequest list;
  list.set_appeals(true);
  CHECK(desk.Call(&Followup::Stub::ListCases, kOfficer, list)->cases().empty());
  const auto listed = desk.Call(&Followup::Stub::ListCases, supervisor, list);
  REQUIRE(listed.ok());
  REQUIRE(listed->cases_size() == 1);
  CHECK(listed->cases(0).appeal().supervisor_agency_id() == kOtherAgency);
  CHECK_FALSE(listed->cases(0).appeal().has_decided_at());

  // Until it is decided.
  CHECK(desk.Call(&Followup::Stub::GetCase, kStranger, desk.ThisCase()).ok());

  const auto decided = desk.Call(&Followup::Stub::DecideAppeal, supervisor, desk.Decision(true));
  REQUIRE(decided.ok());
  CHECK(decided->state() == v1::CASE_STATE_OPEN);
  CHECK(desk.Call(&Followup::Stub::ListCases, supervisor, list)->cases().empty());
  const auto read = desk.Call(&Followup::Stub::GetCase, kOfficer, desk.ThisCase());
  CHECK(read->appeal().granted());
  CHECK(read->appeal().has_decided_at());
  CHECK(desk.Call(&Followup::Stub::GetCase, kStranger, desk.ThisCase()).status().code() ==
        absl::StatusCode::kPermissionDenied);

  v1::ListResponsesRequest words;
  words.set_report_id(Desk::kReport);
  const auto responses = desk.Call(&Followup::Stub::ListResponses, kOfficer, words);
  REQUIRE(responses->responses_size() == 2);
  CHECK_FALSE(responses->responses(0).on_appeal());
  CHECK(responses->responses(1).on_appeal());
  CHECK(responses->responses(1).agency_id() == kOtherAgency);
  CHECK(responses->responses(1).text() == "Foto bukan dari lokasi itu.");
  CHECK(desk.Call(&Followup::Stub::DecideAppeal, supervisor, desk.Decision(true)).status().code() ==
        absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("an answer whose words went to many others tells so, be they interim or final") {
  for (const auto kind : {event::v1::RESPONSE_KIND_FINAL, event::v1::RESPONSE_KIND_INTERIM}) {
    Desk desk;
    v1::RespondToCaseRequest answer = desk.Answer();
    answer.set_kind(kind);
    if (kind == event::v1::RESPONSE_KIND_INTERIM) {
      answer.set_interim_reason(event::v1::INTERIM_REASON_WORK_IN_PROGRESS);
      answer.set_promised_on("2025-06-10");
    }
    const int enough = desk.policy->FindVersion("2024.1")->answer_signals().same_answers().value();
    std::vector<Record> records;
    for (int i = 1; i < enough; ++i) {
      Response other{fmt::format("AAAAAAAAAAA{}", i),
                     1,
                     testing::Final().response_id,
                     kAgency,
                     i == 1 ? event::v1::RESPONSE_KIND_INTERIM : event::v1::RESPONSE_KIND_FINAL,
                     desk.clock.Now() - absl::Hours(i),
                     answer.text(),
                     {}};
      other.words_hash = WordsHash(answer.text(), "");
      records.push_back(other);
    }
    desk.In([&](pg::Tx& tx) { AppendRecords(tx, records); });
    REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kOfficer, answer).ok());
    event::v1::Event given;
    desk.In([&](pg::Tx& tx) {
      const auto rows = tx.Run("SELECT payload FROM event ORDER BY position DESC LIMIT 1");
      REQUIRE(given.ParseFromString(rows[0].Bytes(0)));
    });
    REQUIRE(given.response_given().signals_size() == 1);
    CHECK(given.response_given().signals(0) == event::v1::ANSWER_SIGNAL_COPY_PASTE);
  }
}

// Part 1 is kOtherAgency's, part 2 that of id.33.
struct DeskOfParts : Desk {
  DeskOfParts() {
    HearPart(1);
    HearPart(2, "id.33");
  }

  v1::RespondToCaseRequest AnswerTo(int child) {
    v1::RespondToCaseRequest answer = Answer();
    answer.set_report_id(report::ToString(kReport, child));
    answer.set_text(fmt::format("Bagian {} selesai.", child));
    return answer;
  }
  absl::StatusOr<v1::Case> Get(const Caller& caller, int child) {
    v1::GetCaseRequest get;
    get.set_report_id(report::ToString(kReport, child));
    return Call(&Followup::Stub::GetCase, caller, get);
  }
  absl::StatusOr<v1::ListResponsesResponse> Words(const Caller& caller, int child) {
    v1::ListResponsesRequest words;
    words.set_report_id(report::ToString(kReport, child));
    return Call(&Followup::Stub::ListResponses, caller, words);
  }
};

const Caller kPart2Officer{"o-4", report::v1::ROLE_OFFICER, "id.33"};

TEST_CASE("a part is in its agency's work list, answered there, and read within its report") {
  DeskOfParts desk;
  const auto list = desk.Call(&Followup::Stub::ListCases, kStranger, v1::ListCasesRequest());
  REQUIRE(list.ok());
  REQUIRE(list->cases_size() == 1);
  CHECK(list->cases(0).report_id() == "7K3M9QXT2B54.1");
  const auto lead = desk.Call(&Followup::Stub::ListCases, kOfficer, v1::ListCasesRequest());
  REQUIRE(lead->cases_size() == 1);
  CHECK(lead->cases(0).children().empty());

  const auto change = desk.Call(&Followup::Stub::RespondToCase, kStranger, desk.AnswerTo(1));
  REQUIRE(change.ok());
  CHECK(change->report_id() == "7K3M9QXT2B54.1");
  CHECK(change->state() == v1::CASE_STATE_ANSWERED);
  CHECK(change->token().partition() == desk.partition);
  CHECK(change->token().position() == 4);

  const auto report = desk.Get(kOfficer, 0);
  REQUIRE(report.ok());
  CHECK(report->report_id() == Desk::kReport);
  CHECK(report->state() == v1::CASE_STATE_OPEN);
  REQUIRE(report->children_size() == 2);
  CHECK(report->children(0).state() == v1::CASE_STATE_ANSWERED);
  CHECK(report->children(1).report_id() == "7K3M9QXT2B54.2");
  for (const v1::Case& child : report->children()) {
    REQUIRE(child.clocks_size() == 2);
    for (const v1::CaseClock& clock : child.clocks()) {
      CHECK(clock.explanation().due_at().seconds() == clock.due_at().seconds());
    }
  }
  const auto part = desk.Get(kPart2Officer, 2);
  REQUIRE(part.ok());
  CHECK(part->SerializeAsString() == report->children(1).SerializeAsString());
}

TEST_CASE("the lead's final answer waits for the parts, says for which, and then tells all of it") {
  DeskOfParts desk;
  const absl::Status refused = desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer()).status();
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(decision::BadInputOf(refused).has_value());
  CHECK(decision::BadInputOf(refused)->violations(0).field() == "kind");
  CHECK(decision::BadInputOf(refused)->violations(0).rule().find("1 (id.32), 2 (id.33)") !=
        std::string::npos);

  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kPart2Officer, desk.AnswerTo(2)).ok());
  desk.clock.Advance(absl::Microseconds(1));
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kStranger, desk.AnswerTo(1)).ok());
  desk.clock.Advance(absl::Microseconds(1));
  const auto change = desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.Answer());
  REQUIRE(change.ok());
  CHECK(change->report_id() == Desk::kReport);

  const auto all = desk.Words(kMonitor, 0);
  REQUIRE(all.ok());
  REQUIRE(all->responses_size() == 3);
  CHECK(all->responses(0).child() == 2);
  CHECK(all->responses(0).text() == "Bagian 2 selesai.");
  CHECK(all->responses(0).evidence_size() == 1);
  CHECK(all->responses(1).child() == 1);
  CHECK(all->responses(2).child() == 0);
  const auto one = desk.Words(kMonitor, 1);
  REQUIRE(one.ok());
  REQUIRE(one->responses_size() == 1);
  CHECK(one->responses(0).child() == 1);
}

TEST_CASE("who has a part reads the whole, and who leads the parts; nobody else's officers read either") {
  DeskOfParts desk;
  for (const Caller& caller : {kOfficer, kAdministrator, kStranger, kPart2Officer,
                               Caller{"g", report::v1::ROLE_AGENCY_ADMIN, "id.33"}}) {
    INFO(caller.agency_id);
    for (const int child : {0, 1, 2}) {
      CHECK(desk.Get(caller, child).ok());
      CHECK(desk.Words(caller, child).ok());
    }
  }
  for (const Caller& caller :
       {Caller{"x", report::v1::ROLE_OFFICER, "id.34"}, Caller{"x", report::v1::ROLE_OFFICER, "id.33.74"},
        Caller{"x", report::v1::ROLE_AGENCY_ADMIN, "id.34"}}) {
    INFO(caller.agency_id);
    for (const int child : {0, 1, 2}) {
      CHECK(desk.Get(caller, child).status().code() == absl::StatusCode::kPermissionDenied);
      CHECK(desk.Words(caller, child).status().code() == absl::StatusCode::kPermissionDenied);
    }
  }
}

TEST_CASE("the lead takes an answered part up again; a part is closed by nobody; unknown ones aren't found") {
  DeskOfParts desk;
  REQUIRE(desk.Call(&Followup::Stub::RespondToCase, kStranger, desk.AnswerTo(1)).ok());
  auto reopen = desk.Change<v1::ReopenCaseRequest>();
  reopen.set_report_id("7k3m9qxt2b54.1");
  const auto reopened = desk.Call(&Followup::Stub::ReopenCase, kOfficer, reopen);
  REQUIRE(reopened.ok());
  CHECK(reopened->report_id() == "7K3M9QXT2B54.1");
  CHECK(reopened->state() == v1::CASE_STATE_OPEN);

  auto close = desk.Change<v1::CloseCaseRequest>();
  close.set_report_id("7K3M9QXT2B54.1");
  CHECK(desk.Call(&Followup::Stub::CloseCase, kStranger, close).status().code() ==
        absl::StatusCode::kInvalidArgument);

  CHECK(desk.Get(kMonitor, 3).status().code() == absl::StatusCode::kNotFound);
  CHECK(desk.Words(kMonitor, 3).status().code() == absl::StatusCode::kNotFound);
  CHECK(desk.Call(&Followup::Stub::RespondToCase, kOfficer, desk.AnswerTo(3)).status().code() ==
        absl::StatusCode::kNotFound);
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
