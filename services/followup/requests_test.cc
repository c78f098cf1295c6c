#include "services/followup/requests.h"

#include <catch2/catch.hpp>
#include <vector>

#include "libs/decision/refusal.h"
#include "libs/report/content.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using testing::ActorOf;
using testing::kAgency;
using testing::Officer;
using testing::Story;
using testing::Wib;

constexpr char kRequestId[] = "5d1c2b6e-0000-4000-8000-000000000001";

v1::RespondToCaseRequest ValidAnswer() {
  v1::RespondToCaseRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id("7k3m-9qxt-2b54");
  request.set_kind(event::v1::RESPONSE_KIND_FINAL);
  request.set_text("Jalan sudah diperbaiki.\nTerima kasih.");
  *request.add_evidence() = testing::Final().evidence[0];
  return request;
}

absl::StatusOr<CaseCommand> ReadAnswer(const v1::RespondToCaseRequest& request) {
  return Read(request, Officer(), "6a4b1a0e-0000-4000-8000-000000000001");
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  if (const auto bad = decision::BadInputOf(status)) {
    for (const auto& violation : bad->violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST_CASE("a valid answer becomes a command about the report's canonical id") {
  const auto read = ReadAnswer(ValidAnswer());
  REQUIRE(read.ok());
  CHECK(read->report_id == "7K3M9QXT2B54");
  const auto& command = std::get<RespondToCase>(read->command);
  CHECK(command.actor.agency_id() == kAgency);
  CHECK(command.kind == event::v1::RESPONSE_KIND_FINAL);
  CHECK(command.text == ValidAnswer().text());
  CHECK(command.evidence.size() == 1);
}

TEST_CASE("everything that is wrong is told at once") {
  v1::RespondToCaseRequest request;
  request.add_evidence();
  CHECK(FieldsOf(ReadAnswer(request).status()) ==
        std::vector<std::string>{"request_id", "report_id", "kind", "text", "evidence[0].sha256",
                                 "evidence[0].size_bytes", "evidence[0].media_type", "evidence[0].uri"});
}

TEST_CASE("a text is limited in characters, not in bytes") {
  v1::RespondToCaseRequest request = ValidAnswer();
  std::string text;
  for (size_t i = 0; i < report::kMaxTextCharacters; ++i) text += "é";
  request.set_text(text);
  CHECK(ReadAnswer(request).ok());
  request.set_text(text + "x");
  CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"text"});
}

TEST_CASE("a blank text and one that PostgreSQL can't hold are refused") {
  v1::RespondToCaseRequest request = ValidAnswer();
  for (const std::string& text : {std::string(" \n\t"), std::string("a\0b", 3), std::string("bell\a")}) {
    request.set_text(text);
    CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"text"});
  }
}

TEST_CASE("each piece of evidence is a reference, told by its place, and there are ten at most") {
  v1::RespondToCaseRequest request = ValidAnswer();
  request.mutable_evidence(0)->clear_sha256();
  CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"evidence[0].sha256"});

  v1::RespondToCaseRequest many = ValidAnswer();
  while (many.evidence_size() <= kMaxEvidence) *many.add_evidence() = many.evidence(0);
  CHECK(FieldsOf(ReadAnswer(many).status()) == std::vector<std::string>{"evidence"});
}

v1::RespondToCaseRequest ValidInterim() {
  v1::RespondToCaseRequest request = ValidAnswer();
  request.set_kind(event::v1::RESPONSE_KIND_INTERIM);
  request.set_interim_reason(event::v1::INTERIM_REASON_BUDGET);
  request.set_promised_on("2025-06-20");
  return request;
}

TEST_CASE("an interim answer needs a reason and a date, each told by its field; no other has either") {
  const auto read = ReadAnswer(ValidInterim());
  REQUIRE(read.ok());
  const auto& command = std::get<RespondToCase>(read->command);
  CHECK(command.interim_reason == event::v1::INTERIM_REASON_BUDGET);
  CHECK(command.promised_on == absl::CivilDay(2025, 6, 20));

  for (const char* date : {"", "20-06-2025", "2025-02-30", "2025-6-2", "besok"}) {
    v1::RespondToCaseRequest request = ValidInterim();
    request.set_promised_on(date);
    CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"promised_on"});
  }
  for (const int reason : {0, 99}) {
    v1::RespondToCaseRequest request = ValidInterim();
    request.set_interim_reason(static_cast<event::v1::InterimReason>(reason));
    CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"interim_reason"});
  }
  v1::RespondToCaseRequest final_answer = ValidInterim();
  final_answer.set_kind(event::v1::RESPONSE_KIND_FINAL);
  CHECK(FieldsOf(ReadAnswer(final_answer).status()) ==
        std::vector<std::string>{"interim_reason", "promised_on"});
}

TEST_CASE("a delegate is a name without spaces, or nobody") {
  v1::DelegateCaseRequest request;
  CHECK(FieldsOf(Read(request, Officer()).status()) == std::vector<std::string>{"request_id", "report_id"});
  request.set_request_id(kRequestId);
  request.set_report_id("7K3M9QXT2B54.2");
  for (const std::string& name :
       {std::string(), std::string("o-17"), std::string("staf@dinas.go.id"), std::string(64, 'x')}) {
    request.set_delegate(name);
    const auto read = Read(request, Officer());
    REQUIRE(read.ok());
    CHECK(std::get<DelegateCase>(read->command).delegate == name);
    CHECK(ChildOf(read->command) == 2);
  }
  v1::ListCasesRequest list;
  for (const std::string& name :
       {std::string("dua kata"), std::string("tab\t"), std::string("é"), std::string(65, 'x')}) {
    request.set_delegate(name);
    CHECK(FieldsOf(Read(request, Officer()).status()) == std::vector<std::string>{"delegate"});
    list.set_delegate(name);
    CHECK(FieldsOf(Read(list, Officer()).status()) == std::vector<std::string>{"delegate"});
  }
}

TEST_CASE("a decision on an appeal needs words, and a report as a whole") {
  v1::DecideAppealRequest request;
  const auto read = [&] { return Read(request, Officer(), "6a4b1a0e-0000-4000-8000-000000000004"); };
  CHECK(FieldsOf(read().status()) == std::vector<std::string>{"request_id", "report_id", "text"});
  request.set_request_id(kRequestId);
  request.set_report_id("7K3M9QXT2B54.1");
  request.set_text("Beralasan.");
  CHECK(FieldsOf(read().status()) == std::vector<std::string>{"report_id"});
  request.set_report_id("7K3M9QXT2B54");
  request.set_granted(true);
  REQUIRE(read().ok());
  const auto& decision = std::get<DecideAppeal>(read()->command);
  CHECK(decision.granted);
  CHECK(decision.text == "Beralasan.");
}

TEST_CASE("appeals are listed of whoever they are with, never by who deals with the case elsewhere") {
  v1::ListCasesRequest request;
  CHECK_FALSE(Read(request, Officer())->appeals);
  request.set_appeals(true);
  CHECK(Read(request, Officer())->appeals);
  request.set_delegate("desk-roads");
  CHECK(FieldsOf(Read(request, Officer()).status()) == std::vector<std::string>{"delegate"});
}

TEST_CASE("a question is a kind of answer; another number is none") {
  v1::RespondToCaseRequest request = ValidAnswer();
  request.set_kind(event::v1::RESPONSE_KIND_QUESTION);
  CHECK(ReadAnswer(request).ok());
  request.set_kind(static_cast<event::v1::ResponseKind>(99));
  CHECK(FieldsOf(ReadAnswer(request).status()) == std::vector<std::string>{"kind"});
}

TEST_CASE("closing and reopening need a request id and a report") {
  v1::CloseCaseRequest close;
  v1::ReopenCaseRequest reopen;
  CHECK(FieldsOf(Read(close, Officer()).status()) == std::vector<std::string>{"request_id", "report_id"});
  CHECK(FieldsOf(Read(reopen, Officer()).status()) == std::vector<std::string>{"request_id", "report_id"});
  for (auto* id : {"7K3M9QXT2B54", "7k3m9qxt2b54", "7K3M-9QXT-2B54"}) {
    close.set_request_id(kRequestId);
    close.set_report_id(id);
    REQUIRE(Read(close, Officer()).ok());
    CHECK(Read(close, Officer())->report_id == "7K3M9QXT2B54");
  }
  for (auto* id : {"7K3M9QXT2B5", "7K3M9QXT2B54X", "7K3M9QXT2B5_"}) {
    CHECK_FALSE(ReadCaseId(id).ok());
  }
}

TEST_CASE(
    "a child assignment is named by the report's id, a dot and its number, and the command is about it") {
  v1::RespondToCaseRequest answer = ValidAnswer();
  answer.set_report_id("7k3m-9qxt-2b54.2");
  const auto read = ReadAnswer(answer);
  REQUIRE(read.ok());
  CHECK(read->report_id == "7K3M9QXT2B54");
  CHECK(ChildOf(read->command) == 2);
  CHECK(ChildOf(ReadAnswer(ValidAnswer())->command) == 0);

  v1::ReopenCaseRequest reopen;
  reopen.set_request_id(kRequestId);
  reopen.set_report_id("7K3M9QXT2B54.20");
  REQUIRE(Read(reopen, Officer()).ok());
  CHECK(Read(reopen, Officer())->report_id == "7K3M9QXT2B54");
  CHECK(ChildOf(Read(reopen, Officer())->command) == 20);
  CHECK(*ReadCaseId("7k3m9qxt2b54.1") == report::AssignmentId{"7K3M9QXT2B54", 1});
  for (auto* id :
       {"7K3M9QXT2B54.", "7K3M9QXT2B54.0", "7K3M9QXT2B54.21", "7K3M9QXT2B54.1.1", "7K3M9QXT2B54.x"}) {
    reopen.set_report_id(id);
    CHECK(FieldsOf(Read(reopen, Officer()).status()) == std::vector<std::string>{"report_id"});
  }
}

TEST_CASE("a child assignment can't be closed, whatever its state, and the refusal says what can") {
  v1::CloseCaseRequest close;
  close.set_request_id(kRequestId);
  close.set_report_id("7K3M9QXT2B54.1");
  const absl::Status status = Read(close, Officer()).status();
  CHECK(FieldsOf(status) == std::vector<std::string>{"report_id"});
  CHECK(std::string(status.message()).find("child assignment") != std::string::npos);
  CHECK(std::string(status.message()).find("EndChildAssignment") != std::string::npos);
}

TEST_CASE("a list is of the caller's agency unless another is named") {
  v1::ListCasesRequest request;
  CHECK(Read(request, Officer())->agency_id == kAgency);
  CHECK(Read(request, Officer())->limit == kDefaultPageSize);
  CHECK(FieldsOf(Read(request, ActorOf(report::v1::ROLE_MONITOR)).status()) ==
        std::vector<std::string>{"agency_id"});
  request.set_agency_id("id.32");
  CHECK(Read(request, ActorOf(report::v1::ROLE_MONITOR))->agency_id == "id.32");
}

TEST_CASE("a list's filters and page size have bounds") {
  v1::ListCasesRequest request;
  request.set_state(v1::CASE_STATE_AWAITING_ASSIGNMENT);
  request.set_report_class(static_cast<report::v1::ReportClass>(99));
  request.set_page_size(kMaxPageSize + 1);
  request.set_page_token("?");
  CHECK(FieldsOf(Read(request, Officer()).status()) ==
        std::vector<std::string>{"state", "report_class", "page_size", "page_token"});
  request = {};
  request.set_page_size(-1);
  CHECK_FALSE(Read(request, Officer()).ok());
  request.set_page_size(kMaxPageSize);
  CHECK(Read(request, Officer())->limit == kMaxPageSize);
  request.set_state(v1::CASE_STATE_MERGED);
  CHECK(Read(request, Officer())->state == v1::CASE_STATE_MERGED);
}

TEST_CASE("a page goes on where the one before ended, also among cases that wait for nothing") {
  Story story;
  story.Open();
  v1::ListCasesRequest request;
  request.set_page_token(PageTokenAfter(story.now));
  auto query = Read(request, Officer());
  REQUIRE(query.ok());
  CHECK(query->after->next_due_at == NextDueAt(story.now));
  CHECK(query->after->id == story.now.id);

  story.At("2025-06-05 09:00", testing::PartAssignment(Wib("2025-06-05 09:00"), 1));
  request.set_page_token(PageTokenAfter(story.Child(1)));
  query = Read(request, Officer());
  REQUIRE(query.ok());
  CHECK(query->after->id == "7K3M9QXT2B54.1");

  story.At("2025-06-05 09:00", EndCase{Wib("2025-06-05 09:00")});
  request.set_page_token(PageTokenAfter(story.now));
  query = Read(request, Officer());
  REQUIRE(query.ok());
  CHECK(query->after->next_due_at == absl::InfiniteFuture());
}

}  // namespace
}  // namespace lapor::followup
