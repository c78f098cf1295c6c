#include "services/intake/api.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "libs/decision/refusal.h"
#include "services/intake/testing/counter.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using Stub = v1::Intake::Stub;

// The random UUID that "request-0001" stands for.
std::string UuidOf(const std::string& name) {
  return "5d41402a-bc4b-4a76-b971-00000000" + name.substr(name.size() - 4);
}

v1::SubmitReportRequest Submission(const std::string& name) {
  v1::SubmitReportRequest request;
  request.set_request_id(UuidOf(name));
  *request.mutable_report() = FullReport();
  *request.mutable_report()->mutable_identity() = FullIdentity();
  return request;
}

absl::StatusOr<v1::SubmitReportResponse> Submit(Counter& counter, const v1::SubmitReportRequest& request,
                                                std::unique_ptr<grpc::ClientContext> context = nullptr) {
  return Ask(counter, &Stub::SubmitReport, request, std::move(context));
}

v1::SubmitReportResponse Filed(Counter& counter, const std::string& request_id = "request-0001") {
  auto response = Submit(counter, Submission(request_id));
  REQUIRE(response.status().ToString() == "OK");
  return *response;
}

template <class Request>
Request For(const v1::SubmitReportResponse& filed, const std::string& request_id) {
  Request request;
  request.set_request_id(request_id);
  request.mutable_receipt()->set_tracking_id(filed.tracking_id());
  request.mutable_receipt()->set_receipt_secret(filed.receipt_secret());
  return request;
}

absl::StatusOr<v1::Report> Read(Counter& counter, const v1::SubmitReportResponse& filed) {
  v1::GetReportRequest request;
  request.set_tracking_id(filed.tracking_id());
  request.set_receipt_secret(filed.receipt_secret());
  return Ask(counter, &Stub::GetReport, request);
}

absl::StatusOr<v1::Report> ReadAs(Counter& counter, const std::string& tracking_id, report::v1::Role role,
                                  const std::string& agency_id = "") {
  v1::GetReportRequest request;
  request.set_tracking_id(tracking_id);
  return Ask(counter, &Stub::GetReport, request, counter.As(role, agency_id));
}

std::string FieldOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  return bad_input ? bad_input->violations(0).field() : "none: " + status.ToString();
}

event::v1::Event Assigned(const std::string& agency_id) {
  event::v1::Event event = EventOf("routing");
  event.mutable_agency_assigned()->set_agency_id(agency_id);
  return event;
}

event::v1::Event FinalResponse() {
  event::v1::Event event = EventOf("followup");
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  return event;
}

TEST_CASE("a filed report is read by its receipt, with its words and its timeline") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  CHECK(filed.tracking_id().size() == 14);
  CHECK(filed.receipt_secret().size() == 24);
  CHECK(filed.received_at().seconds() == absl::ToUnixSeconds(counter.clock().Now()));
  CHECK(filed.token().producer() == "intake");
  CHECK(filed.token().position() == 1);

  const auto report = Read(counter, filed);
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->tracking_id() == filed.tracking_id());
  CHECK(report->status() == report::v1::REPORT_STATUS_RECEIVED);
  CHECK(report->title() == FullReport().title());
  CHECK(report->description() == FullReport().description());
  CHECK(report->category() == "roads.regency");
  CHECK(report->confidential());
  CHECK(report->attachments_size() == 1);
  CHECK(report->reporter_name().empty());
  REQUIRE(report->timeline_size() == 1);
  CHECK(report->timeline(0).report_submitted().channel() == report::v1::CHANNEL_MOBILE);
  CHECK_FALSE(report->responses_unavailable());
}

TEST_CASE("a repeated submission gets the first answer and files nothing") {
  Counter counter;
  const v1::SubmitReportResponse first = Filed(counter);
  counter.clock().Advance(absl::Hours(24));
  const v1::SubmitReportResponse again = Filed(counter);
  CHECK(again.SerializeAsString() == first.SerializeAsString());
  CHECK(counter.database().Query("SELECT count(*) FROM report") == "1");
  CHECK(counter.database().Query("SELECT count(*) FROM event") == "1");
}

TEST_CASE("a request id with another body is refused, whatever part of it differs") {
  Counter counter;
  Filed(counter);
  v1::SubmitReportRequest other_words = Submission("request-0001");
  other_words.mutable_report()->set_title("Lampu jalan padam");
  v1::SubmitReportRequest other_identity = Submission("request-0001");
  other_identity.mutable_report()->mutable_identity()->set_nik("3273014107900002");
  for (const auto& request : {other_words, other_identity}) {
    const auto answer = Submit(counter, request);
    CHECK(answer.status().code() == absl::StatusCode::kAlreadyExists);
    CHECK(FieldOf(answer.status()) == "request_id");
  }
}

TEST_CASE("channels that number their requests alike each get an answer of their own") {
  Counter counter;
  v1::SubmitReportRequest request = Submission("request-0001");
  request.set_request_id("offline-0001");
  const auto as = [&](const std::string& channel) {
    return counter.As(report::v1::ROLE_CHANNEL, "", channel);
  };
  const auto first = Submit(counter, request, as("channel-1"));
  const auto second = Submit(counter, request, as("channel-2"));
  REQUIRE(first.status().ToString() == "OK");
  REQUIRE(second.status().ToString() == "OK");
  CHECK(second->tracking_id() != first->tracking_id());
  CHECK(second->receipt_secret() != first->receipt_secret());
  CHECK(Submit(counter, request, as("channel-1"))->SerializeAsString() == first->SerializeAsString());
}

TEST_CASE("reporters who number their requests alike do not meet, nor does one who comes by two channels") {
  Counter counter;
  const auto reply_to = [](const v1::SubmitReportResponse& filed) {
    auto reply = For<v1::ReplyToReportRequest>(filed, "request-0001");
    reply.set_text("Ada kabar?");
    return reply;
  };
  const v1::SubmitReportResponse one = Filed(counter, "request-0002");
  const v1::SubmitReportResponse other = Filed(counter, "request-0003");
  const auto first = Ask(counter, &Stub::ReplyToReport, reply_to(one));
  REQUIRE(first.status().ToString() == "OK");
  CHECK(Ask(counter, &Stub::ReplyToReport, reply_to(other)).status().ToString() == "OK");
  CHECK(Ask(counter, &Stub::ReplyToReport, reply_to(one), counter.As(report::v1::ROLE_CHANNEL))
            ->SerializeAsString() == first->SerializeAsString());
}

TEST_CASE("without a token a request id must be one that nobody else hits upon") {
  Counter counter;
  v1::SubmitReportRequest request = Submission("request-0001");
  for (const char* id :
       {"tour-0001", "5d41402a-bc4b-1a76-b971-000000000001", "00000000-0000-0000-0000-000000000000",
        "5d41402a-bc4b-4a76-b971-00000000000g", "5d41402a-bc4b-4a76-b971-0000000000011"}) {
    CAPTURE(id);
    request.set_request_id(id);
    const auto answer = Submit(counter, request);
    CHECK(answer.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(FieldOf(answer.status()) == "request_id");
  }
}

TEST_CASE("when the drawn id is another report's, another one is drawn") {
  const std::string taken = report::NewTrackingId();
  int draws = 0;
  Counter counter({.draw_tracking_id = [&] { return ++draws <= 2 ? taken : report::NewTrackingId(); }});
  const v1::SubmitReportResponse first = Filed(counter, "request-0001");
  const v1::SubmitReportResponse second = Filed(counter, "request-0002");
  CHECK(draws == 3);
  CHECK(first.tracking_id() == report::ShowTrackingId(taken));
  CHECK(second.tracking_id() != first.tracking_id());
  // Sealed and derived for the id that it was filed under.
  CHECK(Read(counter, second).status().ToString() == "OK");
  CHECK(ReadAs(counter, second.tracking_id(), report::v1::ROLE_TRIAGE)->reporter_name() ==
        FullIdentity().name());
}

TEST_CASE("everything wrong in a submission is told at once, by field, rule and remedy") {
  Counter counter;
  v1::SubmitReportRequest request;
  request.set_request_id("short");
  const auto answer = Submit(counter, request);
  CHECK(answer.status().code() == absl::StatusCode::kInvalidArgument);
  const auto bad_input = decision::BadInputOf(answer.status());
  REQUIRE(bad_input.has_value());
  CHECK(bad_input->violations_size() == 6);
  CHECK(bad_input->violations(0).field() == "request_id");
  CHECK(counter.database().Query("SELECT count(*) FROM request") == "0");
}

TEST_CASE("a text of 1 MB and text in another encoding are refused by name") {
  Counter counter;
  v1::SubmitReportRequest huge = Submission("request-0001");
  huge.mutable_report()->set_description(std::string(1 << 20, 'x'));
  CHECK(FieldOf(Submit(counter, huge).status()) == "report.description");

  v1::SubmitReportRequest latin = Submission("request-0002");
  latin.mutable_report()->set_title("caf\xE9");
  const auto answer = Submit(counter, latin);
  CHECK(answer.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldOf(answer.status()) == "report.title");
}

TEST_CASE("without a token a report is taken where the counter is open, and with one from who may file") {
  Counter closed({.open_counter = false});
  CHECK(Submit(closed, Submission("request-0001")).status().code() == absl::StatusCode::kUnauthenticated);
  for (const report::v1::Role role : {report::v1::ROLE_CHANNEL, report::v1::ROLE_OFFICER,
                                      report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_TRIAGE}) {
    const bool of_agency = role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN;
    const std::string agency = of_agency ? "id.32.73" : "";
    const std::string request_id = "request-" + std::to_string(1000 + role);
    CHECK(Submit(closed, Submission(request_id), closed.As(role, agency)).status().ToString() == "OK");
  }
  for (const report::v1::Role role : {report::v1::ROLE_MONITOR, report::v1::ROLE_ANALYST,
                                      report::v1::ROLE_OPERATOR, report::v1::ROLE_OMBUDSMAN}) {
    CHECK(Submit(closed, Submission("request-2000"), closed.As(role)).status().code() ==
          absl::StatusCode::kPermissionDenied);
  }
}

TEST_CASE("a stream is answered item by item in the order of arrival; repeats and refusals stand alone") {
  Counter counter;
  grpc::ClientContext context;
  const auto stream = counter.stub().SubmitReports(&context);
  std::vector<v1::SubmitReportRequest> requests;
  for (int i = 0; i < 300; ++i) requests.push_back(Submission("request-" + std::to_string(1000 + i)));
  requests[7].mutable_report()->clear_title();
  requests[9].mutable_report()->set_title("caf\xE9");
  requests[12] = requests[11];
  std::thread writer([&] {
    for (const auto& request : requests) stream->Write(request);
    stream->WritesDone();
  });
  std::vector<v1::SubmitReportsResponse> responses;
  for (v1::SubmitReportsResponse response; stream->Read(&response);) responses.push_back(response);
  writer.join();
  CHECK(stream->Finish().ok());

  REQUIRE(responses.size() == requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    CAPTURE(i);
    if (i == 9) {
      CHECK(responses[i].refused().fields(0).field() == "report.title");
      continue;
    }
    REQUIRE(responses[i].request_id() == requests[i].request_id());
    CHECK(responses[i].has_accepted() == (i != 7));
  }
  CHECK(responses[7].refused().code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(responses[7].refused().fields(0).field() == "report.title");
  CHECK_FALSE(responses[7].refused().fields(0).remedy().empty());
  CHECK(responses[12].accepted().tracking_id() == responses[11].accepted().tracking_id());
  CHECK(responses[12].accepted().receipt_secret() == responses[11].accepted().receipt_secret());
  CHECK(counter.database().Query("SELECT count(*) FROM report") == "297");
}

TEST_CASE("a wrong receipt, a misread id and an unknown report are told apart") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  auto request = For<v1::WithdrawReportRequest>(filed, "request-0002");
  request.mutable_receipt()->set_receipt_secret(Filed(counter, "request-0003").receipt_secret());
  const auto wrong_secret = Ask(counter, &Stub::WithdrawReport, request);
  CHECK(wrong_secret.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(FieldOf(wrong_secret.status()) == "receipt.receipt_secret");

  std::string misread = filed.tracking_id();
  misread[0] = misread[0] == '7' ? '8' : '7';
  request = For<v1::WithdrawReportRequest>(filed, "request-0004");
  request.mutable_receipt()->set_tracking_id(misread);
  const auto wrong_check = Ask(counter, &Stub::WithdrawReport, request);
  CHECK(wrong_check.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldOf(wrong_check.status()) == "receipt.tracking_id");

  request.mutable_receipt()->set_tracking_id(report::NewTrackingId());
  const auto unknown = Ask(counter, &Stub::WithdrawReport, request);
  CHECK(unknown.status().code() == absl::StatusCode::kNotFound);
  CHECK(FieldOf(unknown.status()) == "receipt.tracking_id");

  v1::GetReportRequest get;
  get.set_tracking_id(filed.tracking_id());
  CHECK(Ask(counter, &Stub::GetReport, get).status().code() == absl::StatusCode::kUnauthenticated);
  get.set_receipt_secret("wrong");
  CHECK(FieldOf(Ask(counter, &Stub::GetReport, get).status()) == "receipt_secret");
  get.set_tracking_id(report::NewTrackingId());
  CHECK(Ask(counter, &Stub::GetReport, get).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a reporter completes, replies, attaches, judges and asks for the Ombudsman") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  event::v1::Event completion_requested = EventOf("routing");
  completion_requested.mutable_completion_requested()->add_fields("description");
  counter.Receive(filed.tracking_id(), completion_requested);
  CHECK(Read(counter, filed)->completion_fields(0) == "description");

  auto completion = For<v1::CompleteReportRequest>(filed, "request-0002");
  completion.set_description("Di depan toko nomor 12.");
  const auto completed = Ask(counter, &Stub::CompleteReport, completion);
  REQUIRE(completed.status().ToString() == "OK");
  CHECK(completed->tracking_id() == filed.tracking_id());
  CHECK(completed->status() == report::v1::REPORT_STATUS_RECEIVED);
  CHECK(completed->token().position() == filed.token().position() + 1);
  CHECK(Ask(counter, &Stub::CompleteReport, completion)->SerializeAsString() ==
        completed->SerializeAsString());

  auto reply = For<v1::ReplyToReportRequest>(filed, "request-0003");
  reply.set_text("Ada kabar?");
  CHECK(Ask(counter, &Stub::ReplyToReport, reply).status().ToString() == "OK");
  auto attaching = For<v1::AddAttachmentRequest>(filed, "request-0004");
  *attaching.mutable_attachment() = Photo();
  CHECK(Ask(counter, &Stub::AddAttachment, attaching).status().ToString() == "OK");

  auto reaction = For<v1::ReactToResponseRequest>(filed, "request-0005");
  reaction.set_rating(6);
  CHECK(FieldOf(Ask(counter, &Stub::ReactToResponse, reaction).status()) == "rating");
  reaction.set_rating(1);
  CHECK(FieldOf(Ask(counter, &Stub::ReactToResponse, reaction).status()) == "text");
  reaction.set_text("Belum diperbaiki.");
  CHECK(FieldOf(Ask(counter, &Stub::ReactToResponse, reaction).status()) == "state");
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  counter.Receive(filed.tracking_id(), FinalResponse());
  CHECK(Ask(counter, &Stub::ReactToResponse, reaction)->status() == report::v1::REPORT_STATUS_IN_PROCESS);

  auto escalation = For<v1::RequestEscalationRequest>(filed, "request-0006");
  escalation.mutable_declarations()->set_citizen_or_resident(true);
  CHECK(Ask(counter, &Stub::RequestEscalation, escalation).status().ToString() == "OK");
  const auto withdrawn =
      Ask(counter, &Stub::WithdrawReport, For<v1::WithdrawReportRequest>(filed, "request-0007"));
  CHECK(withdrawn->status() == report::v1::REPORT_STATUS_WITHDRAWN);

  const auto report = Read(counter, filed);
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->status() == report::v1::REPORT_STATUS_WITHDRAWN);
  CHECK(report->escalation() == v1::ESCALATION_STATUS_REQUESTED);
  CHECK(report->description() == FullReport().description() + "\n\nDi depan toko nomor 12.");
  REQUIRE(report->messages_size() == 2);
  CHECK(report->messages(0).text() == "Ada kabar?");
  CHECK(report->messages(1).text() == "Belum diperbaiki.");
  CHECK(report->attachments_size() == 2);
  using Event = event::v1::Event;
  std::vector<Event::PayloadCase> story;
  for (const Event& event : report->timeline()) story.push_back(event.payload_case());
  CHECK(story == std::vector<Event::PayloadCase>{Event::kReportSubmitted, Event::kCompletionRequested,
                                                 Event::kReportCompleted, Event::kReporterReplied,
                                                 Event::kAttachmentAdded, Event::kAgencyAssigned,
                                                 Event::kResponseGiven, Event::kReporterReacted,
                                                 Event::kEscalationRequested, Event::kReportWithdrawn});
}

event::v1::Event ClosedBySilence() {
  event::v1::Event event = EventOf("followup");
  event.mutable_case_closed()->set_closing(event::v1::CLOSING_BY_SILENCE);
  event.mutable_case_closed()->mutable_reopen_until()->set_seconds(4'000'000'000);
  return event;
}

TEST_CASE("a reporter asks that a closed report be taken up again, in words and with a reason") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  counter.Receive(filed.tracking_id(), FinalResponse());
  counter.Receive(filed.tracking_id(), ClosedBySilence());
  CHECK(Read(counter, filed)->reopen_until().seconds() == 4'000'000'000);

  auto reopening = For<v1::RequestReopeningRequest>(filed, "request-0002");
  reopening.set_text("Lubangnya kembali.");
  CHECK(FieldOf(Ask(counter, &Stub::RequestReopening, reopening).status()) == "reason");
  reopening.set_reason(event::v1::DISSATISFACTION_REASON_NOT_RESOLVED);
  reopening.clear_text();
  CHECK(FieldOf(Ask(counter, &Stub::RequestReopening, reopening).status()) == "text");
  reopening.set_text("Lubangnya kembali.");
  const auto asked = Ask(counter, &Stub::RequestReopening, reopening);
  REQUIRE(asked.status().ToString() == "OK");
  CHECK(asked->status() == report::v1::REPORT_STATUS_CLOSED);
  CHECK(Ask(counter, &Stub::RequestReopening, reopening)->SerializeAsString() == asked->SerializeAsString());
  CHECK(Read(counter, filed)->messages(0).text() == "Lubangnya kembali.");
  CHECK_FALSE(Read(counter, filed)->has_reopen_until());
}

TEST_CASE("a reporter appeals against an answer, and learns of the decision with its words") {
  Counter counter({.ask_responses = [](const std::string&, const std::string&, auto done) {
    followup::v1::ListResponsesResponse listed;
    listed.add_responses()->set_on_appeal(true);
    followup::v1::Response& interim = *listed.add_responses();
    interim.set_interim_reason(event::v1::INTERIM_REASON_BUDGET);
    interim.set_promised_on("2025-03-20");
    done(std::move(listed));
  }});
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  counter.Receive(filed.tracking_id(), FinalResponse());
  auto appeal = For<v1::AppealClosingRequest>(filed, "request-0002");
  appeal.set_text("Jawabannya tidak benar.");
  CHECK(FieldOf(Ask(counter, &Stub::AppealClosing, appeal).status()) == "reason");
  appeal.set_reason(event::v1::DISSATISFACTION_REASON_UNTRUE);
  CHECK(Ask(counter, &Stub::AppealClosing, appeal)->status() == report::v1::REPORT_STATUS_ANSWERED);
  const auto report = Read(counter, filed);
  REQUIRE(report->responses_size() == 2);
  CHECK(report->responses(0).on_appeal());
  CHECK(report->responses(1).interim_reason() == event::v1::INTERIM_REASON_BUDGET);
  CHECK(report->responses(1).promised_on() == "2025-03-20");
}

TEST_CASE("a satisfied reporter gives no reason for being dissatisfied") {
  Counter counter;
  auto reaction = For<v1::ReactToResponseRequest>(Filed(counter), "request-0002");
  reaction.set_satisfied(true);
  reaction.set_reason(event::v1::DISSATISFACTION_REASON_UNTRUE);
  CHECK(FieldOf(Ask(counter, &Stub::ReactToResponse, reaction).status()) == "reason");
}

TEST_CASE("a request for the Ombudsman about a day that has not come is refused") {
  Counter counter;
  auto escalation = For<v1::RequestEscalationRequest>(Filed(counter), "request-0002");
  escalation.mutable_declarations()->set_occurred_on("2999-01-01");
  CHECK(FieldOf(Ask(counter, &Stub::RequestEscalation, escalation).status()) == "declarations.occurred_on");
}

TEST_CASE("the reporter is told until when the first of several questions waits for them") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  const auto ask = [&](int child, int64_t due_at) {
    event::v1::Event event = EventOf("followup");
    event.set_child(child);
    event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
    event.mutable_response_given()->mutable_question_due_at()->set_seconds(due_at);
    counter.Receive(filed.tracking_id(), event);
  };
  CHECK_FALSE(Read(counter, filed)->has_question_due_at());
  ask(1, 1'742'000'000);
  ask(0, 1'743'000'000);
  CHECK(Read(counter, filed)->question_due_at().seconds() == 1'742'000'000);
}

TEST_CASE("officers read the signs of a bad answer, its reporter does not") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  event::v1::Event answered = FinalResponse();
  answered.mutable_response_given()->add_signals(event::v1::ANSWER_SIGNAL_OTHER_DOOR);
  counter.Receive(filed.tracking_id(), answered);
  CHECK(Read(counter, filed)->timeline(2).response_given().signals_size() == 0);
  CHECK(ReadAs(counter, filed.tracking_id(), report::v1::ROLE_OFFICER, "id.32.73")
            ->timeline(2)
            .response_given()
            .signals_size() == 1);
}

TEST_CASE(
    "an agency learns of no term of the Ombudsman's letters but of its own, and of those it has inherited") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  const auto tell = [&](event::v1::Event event) { counter.Receive(filed.tracking_id(), std::move(event)); };
  tell(Assigned("id.32.73"));
  const auto deliver = [&](const std::string& number, const std::string& agency_id, int64_t due) {
    event::v1::Event event = EventOf("ombudsman");
    event.mutable_document_delivered()->set_document_number(number);
    event.mutable_document_delivered()->set_agency_id(agency_id);
    event.mutable_document_delivered()->mutable_due_at()->set_seconds(due);
    tell(event);
    auto& reminded = *event.mutable_clock_reminded();
    reminded.set_clock(report::v1::CLOCK_SUMMONS);
    reminded.set_agency_id(agency_id);
    tell(event);
    auto& moved = *event.mutable_clock_moved();
    moved.set_clock(report::v1::CLOCK_SUMMONS);
    moved.mutable_due_at_before()->set_seconds(due);
    moved.mutable_due_at()->set_seconds(due + 86'400);
    tell(event);
    auto& breached = *event.mutable_clock_breached();
    breached.set_clock(report::v1::CLOCK_SUMMONS);
    breached.set_agency_id(agency_id);
    tell(event);
  };
  const auto sees = [&](report::v1::Role role, const std::string& agency_id = "") {
    const auto report = ReadAs(counter, filed.tracking_id(), role, agency_id);
    REQUIRE(report.status().ToString() == "OK");
    int told = 0;
    for (const event::v1::Event& event : report->timeline())
      told += event.has_document_delivered() || event.has_clock_reminded() || event.has_clock_moved() ||
              event.has_clock_breached();
    return told;
  };
  deliver("1/01", "id.32.73", 1'770'000'000);
  deliver("1/02", "", 1'771'000'000);  // to a witness
  CHECK(sees(report::v1::ROLE_MONITOR) == 8);
  CHECK(sees(report::v1::ROLE_OFFICER, "id.32.73") == 4);

  // The agency is merged into another one, which has its letters.
  event::v1::Event successor = Assigned("id.32.74");
  successor.mutable_agency_assigned()->set_carried_over(true);
  tell(successor);
  CHECK(sees(report::v1::ROLE_OFFICER, "id.32.74") == 4);
  // Other hands inherit nothing.
  tell(Assigned("id.32.75"));
  CHECK(sees(report::v1::ROLE_OFFICER, "id.32.75") == 0);
}

TEST_CASE("what a reporter declared to the Ombudsman, no agency reads") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  auto escalation = For<v1::RequestEscalationRequest>(filed, "request-0002");
  escalation.mutable_declarations()->set_citizen_or_resident(true);
  escalation.mutable_declarations()->set_occurred_on("2024-11-04");
  escalation.set_direct(true);
  REQUIRE(Ask(counter, &Stub::RequestEscalation, escalation).status().ToString() == "OK");
  const auto declared = [](const absl::StatusOr<v1::Report>& report) {
    REQUIRE(report.status().ToString() == "OK");
    return report->timeline().rbegin()->escalation_requested().declarations().occurred_on();
  };
  CHECK(declared(ReadAs(counter, filed.tracking_id(), report::v1::ROLE_OFFICER, "id.32.73")).empty());
  CHECK(declared(ReadAs(counter, filed.tracking_id(), report::v1::ROLE_TRIAGE)).empty());
  CHECK(declared(ReadAs(counter, filed.tracking_id(), report::v1::ROLE_OMBUDSMAN)) == "2024-11-04");
  CHECK(declared(Read(counter, filed)) == "2024-11-04");
}

TEST_CASE("an agency learns of its own documents of the Ombudsman when they are delivered, others of all") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  const auto issue = [&](const std::string& number, const std::string& agency_id) {
    event::v1::Event event = EventOf("ombudsman");
    event.mutable_document_issued()->set_document_number(number);
    event.mutable_document_issued()->set_agency_id(agency_id);
    counter.Receive(filed.tracking_id(), event);
  };
  const auto deliver = [&](const std::string& number, const std::string& agency_id) {
    event::v1::Event event = EventOf("ombudsman");
    event.mutable_document_delivered()->set_document_number(number);
    event.mutable_document_delivered()->set_agency_id(agency_id);
    counter.Receive(filed.tracking_id(), event);
    event.mutable_document_replied()->set_document_number(number);
    counter.Receive(filed.tracking_id(), event);
  };
  const auto sees = [&](report::v1::Role role, const std::string& agency_id = "") {
    const auto report = ReadAs(counter, filed.tracking_id(), role, agency_id);
    REQUIRE(report.status().ToString() == "OK");
    std::string seen;
    for (const event::v1::Event& event : report->timeline()) {
      if (event.has_document_issued()) seen += " issued " + event.document_issued().document_number();
      if (event.has_document_delivered())
        seen += " delivered " + event.document_delivered().document_number();
      if (event.has_document_replied()) seen += " replied " + event.document_replied().document_number();
    }
    return seen;
  };
  issue("1/01", "id.32.73");  // a field check, say
  CHECK(sees(report::v1::ROLE_OFFICER, "id.32.73").empty());
  CHECK(sees(report::v1::ROLE_MONITOR) == " issued 1/01");
  deliver("1/01", "id.32.73");
  issue("1/02", "");  // to the police
  deliver("1/02", "");
  issue("1/03", "id.32");  // to the superior
  deliver("1/03", "id.32");
  issue("1/04", "id");  // the national administrators can be the respondent, too

  const std::string first = " issued 1/01 delivered 1/01 replied 1/01";
  const std::string third = " issued 1/03 delivered 1/03 replied 1/03";
  CHECK(sees(report::v1::ROLE_OFFICER, "id.32.73") == first);
  CHECK(sees(report::v1::ROLE_AGENCY_ADMIN, "id.32") == third);
  CHECK(sees(report::v1::ROLE_ARBITER, "id.32") == third);
  CHECK(sees(report::v1::ROLE_ARBITER).empty());
  CHECK(sees(report::v1::ROLE_TRIAGE).empty());
  CHECK(sees(report::v1::ROLE_MONITOR) ==
        first + " issued 1/02 delivered 1/02 replied 1/02" + third + " issued 1/04");
  deliver("1/04", "id");
  const std::string fourth = " issued 1/04 delivered 1/04 replied 1/04";
  CHECK(sees(report::v1::ROLE_TRIAGE) == fourth);
  CHECK(sees(report::v1::ROLE_ARBITER) == fourth);
}

TEST_CASE("who holds the report reads it, with the name of a reporter who is not anonymous") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  v1::SubmitReportRequest request = Submission("request-0002");
  request.mutable_report()->set_anonymous(true);
  const auto anonymous = Submit(counter, request);
  REQUIRE(anonymous.ok());
  for (const auto& id : {filed.tracking_id(), anonymous->tracking_id()}) {
    CHECK(ReadAs(counter, id, report::v1::ROLE_OFFICER, "id.32.73").status().code() ==
          absl::StatusCode::kPermissionDenied);
    counter.Receive(id, Assigned("id.32.73"));
    const bool named = id == filed.tracking_id();
    const auto by_officer = ReadAs(counter, id, report::v1::ROLE_OFFICER, "id.32.73");
    REQUIRE(by_officer.status().ToString() == "OK");
    CHECK(by_officer->reporter_name() == (named ? FullIdentity().name() : ""));
    CHECK(by_officer->title() == FullReport().title());
    CHECK(ReadAs(counter, id, report::v1::ROLE_MONITOR)->reporter_name().empty());
    CHECK(ReadAs(counter, id, report::v1::ROLE_OFFICER, "id.32.74").status().code() ==
          absl::StatusCode::kPermissionDenied);
    CHECK(ReadAs(counter, id, report::v1::ROLE_OMBUDSMAN).status().code() ==
          absl::StatusCode::kPermissionDenied);
  }

  CHECK(Ask(counter, &Stub::RequestEscalation, For<v1::RequestEscalationRequest>(*anonymous, "request-0003"))
            .status()
            .ToString() == "OK");
  event::v1::Event opened = EventOf("ombudsman");
  opened.mutable_escalation_opened();
  counter.Receive(anonymous->tracking_id(), opened);
  CHECK(ReadAs(counter, anonymous->tracking_id(), report::v1::ROLE_OMBUDSMAN)->reporter_name() ==
        FullIdentity().name());
  CHECK(ReadAs(counter, anonymous->tracking_id(), report::v1::ROLE_OFFICER, "id.32.73")
            ->reporter_name()
            .empty());
}

TEST_CASE("a request id of another call is refused though the bodies look alike") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  const auto escalation = For<v1::RequestEscalationRequest>(filed, "request-0002");
  const auto withdrawal = For<v1::WithdrawReportRequest>(filed, "request-0002");
  REQUIRE(escalation.SerializeAsString() == withdrawal.SerializeAsString());
  CHECK(Ask(counter, &Stub::RequestEscalation, escalation).status().ToString() == "OK");
  CHECK(Ask(counter, &Stub::WithdrawReport, withdrawal).status().code() == absl::StatusCode::kAlreadyExists);
}

TEST_CASE("an anonymous reporter supplies the identity with the request for the Ombudsman") {
  Counter counter;
  v1::SubmitReportRequest request = Submission("request-0001");
  request.mutable_report()->set_anonymous(true);
  request.mutable_report()->clear_identity();
  const auto filed = Submit(counter, request);
  REQUIRE(filed.ok());
  auto escalation = For<v1::RequestEscalationRequest>(*filed, "request-0002");
  const auto unknown = Ask(counter, &Stub::RequestEscalation, escalation);
  CHECK(unknown.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(unknown.status()) == "identity");
  *escalation.mutable_identity() = FullIdentity();
  const auto requested = Ask(counter, &Stub::RequestEscalation, escalation);
  REQUIRE(requested.status().ToString() == "OK");
  CHECK(Ask(counter, &Stub::RequestEscalation, escalation)->SerializeAsString() ==
        requested->SerializeAsString());
  escalation.mutable_identity()->set_name("Budi Santoso");
  CHECK(Ask(counter, &Stub::RequestEscalation, escalation).status().code() ==
        absl::StatusCode::kAlreadyExists);
}

TEST_CASE("no table holds an identity in the clear, and only words and messages hold words") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  auto reply = For<v1::ReplyToReportRequest>(filed, "request-0002");
  reply.set_text("Ada kabar?");
  CHECK(Ask(counter, &Stub::ReplyToReport, reply).status().ToString() == "OK");
  const auto tables_with = [&](const std::string& text) {
    std::string found;
    const std::string tables = counter.database().Query(
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'");
    std::istringstream names(tables);
    for (std::string table; names >> table;) {
      // Bytes show as hexadecimal digits: look for the text in that form too.
      const std::string count = counter.database().Query(
          "SELECT count(*) FROM " + table + " t WHERE position('" + text +
          "' in t::text) > 0 OR position(encode('" + text + "', 'hex') in t::text) > 0");
      if (count != "0") found += (found.empty() ? "" : " ") + table;
    }
    return found;
  };
  for (const char* secret : {"Siti", "3273014107900001", "6281234567890", "siti@example", "Braga"}) {
    CHECK(tables_with(secret).empty());
  }
  CHECK(tables_with("berlubang") == "words");
  CHECK(tables_with("Ada kabar") == "message");
  CHECK(tables_with(filed.receipt_secret()).empty());
}

TEST_CASE("the agency's responses are asked for once there is one, and their lack is told") {
  bool available = true;
  int asked = 0;
  Counter counter({.ask_responses = [&](const std::string& report_id, const std::string&, auto done) {
    ++asked;
    if (!available) return done(absl::UnavailableError("followup is down"));
    followup::v1::ListResponsesResponse listed;
    followup::v1::Response& response = *listed.add_responses();
    response.set_response_id("r-1");
    response.set_agency_id("id.32.73");
    response.set_kind(event::v1::RESPONSE_KIND_FINAL);
    response.mutable_given_at()->set_seconds(1'741'000'000);
    response.set_text("Sudah diperbaiki: " + report_id);
    *response.add_evidence() = Photo();
    done(std::move(listed));
  }});
  const v1::SubmitReportResponse filed = Filed(counter);
  CHECK(Read(counter, filed)->responses_size() == 0);
  CHECK(asked == 0);

  counter.Receive(filed.tracking_id(), FinalResponse());
  const auto report = Read(counter, filed);
  REQUIRE(report->responses_size() == 1);
  CHECK(report->responses(0).response_id() == "r-1");
  CHECK(report->responses(0).agency_id() == "id.32.73");
  CHECK(report->responses(0).kind() == event::v1::RESPONSE_KIND_FINAL);
  CHECK(report->responses(0).given_at().seconds() == 1'741'000'000);
  CHECK(report->responses(0).text() == "Sudah diperbaiki: " + report::ReadTrackingId(filed.tracking_id()).id);
  CHECK(report->responses(0).evidence_size() == 1);
  CHECK_FALSE(report->responses_unavailable());

  available = false;
  CHECK(Read(counter, filed)->responses_unavailable());
  CHECK(Read(counter, filed)->title() == FullReport().title());
}

std::string IdOf(const v1::SubmitReportResponse& filed) {
  return report::ReadTrackingId(filed.tracking_id()).id;
}

void Merge(Counter& counter, const v1::SubmitReportResponse& follower, const v1::SubmitReportResponse& lead) {
  event::v1::Event merged = EventOf("routing");
  merged.mutable_report_merged()->set_lead_report_id(IdOf(lead));
  counter.Receive(follower.tracking_id(), merged);
  event::v1::Event joined = EventOf("routing");
  joined.mutable_follower_joined()->set_follower_report_id(IdOf(follower));
  counter.Receive(lead.tracking_id(), joined);
}

// A followup that has the given answers of every report.
AskResponses Answering(std::vector<std::pair<event::v1::ResponseKind, int>> kinds_and_children) {
  return
      [given = std::move(kinds_and_children)](const std::string& report_id, const std::string&, auto done) {
        followup::v1::ListResponsesResponse listed;
        for (const auto& [kind, child] : given) {
          followup::v1::Response& response = *listed.add_responses();
          response.set_kind(kind);
          response.set_child(child);
          response.set_text("of " + report_id);
        }
        done(std::move(listed));
      };
}

TEST_CASE("a reporter whose report follows another one learns how that fares, and not which it is") {
  const bool confidential = GENERATE(false, true);
  CAPTURE(confidential);
  Counter counter({.ask_responses = Answering({{event::v1::RESPONSE_KIND_FINAL, 0}})});
  v1::SubmitReportRequest request = Submission("request-0001");
  request.mutable_report()->set_confidential(confidential);
  const v1::SubmitReportResponse lead = *Submit(counter, request);
  const v1::SubmitReportResponse follower = Filed(counter, "request-0002");
  counter.Receive(lead.tracking_id(), Assigned("id.32.73"));
  Merge(counter, follower, lead);
  auto reply = For<v1::ReplyToReportRequest>(lead, "request-0003");
  reply.set_text("Ada kabar?");
  REQUIRE(Ask(counter, &Stub::ReplyToReport, reply).ok());
  REQUIRE(
      Ask(counter, &Stub::RequestEscalation, For<v1::RequestEscalationRequest>(lead, "request-0004")).ok());
  event::v1::Event opened = EventOf("ombudsman");
  opened.mutable_escalation_opened();
  counter.Receive(lead.tracking_id(), opened);
  counter.Receive(lead.tracking_id(), FinalResponse());

  const auto report = Read(counter, follower);
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->status() == report::v1::REPORT_STATUS_MERGED);
  CHECK(report->agency_id().empty());
  CHECK(report->lead().status() == report::v1::REPORT_STATUS_ANSWERED);
  CHECK(report->lead().agency_id() == "id.32.73");
  using Event = event::v1::Event;
  std::vector<Event::PayloadCase> story;
  for (const Event& event : report->lead().timeline()) story.push_back(event.payload_case());
  CHECK(story == std::vector<Event::PayloadCase>{Event::kAgencyAssigned, Event::kFollowerJoined,
                                                 Event::kResponseGiven});
  CHECK(report->lead().responses_size() == (confidential ? 0 : 1));
  CHECK_FALSE(report->responses_unavailable());
  // The words of the answer were made for this test, of an id that no officer would write.
  v1::Report told = *report;
  for (v1::Response& response : *told.mutable_lead()->mutable_responses()) response.clear_text();
  CHECK(told.SerializeAsString().find(IdOf(lead)) == std::string::npos);
  CHECK(told.SerializeAsString().find(lead.tracking_id()) == std::string::npos);

  const auto of_lead = Read(counter, lead);
  CHECK(of_lead->SerializeAsString().find(IdOf(follower)) == std::string::npos);
  CHECK_FALSE(of_lead->has_lead());
}

TEST_CASE(
    "a follower's reporter learns neither what the lead's reporter was asked nor what they objected to") {
  Counter counter({.ask_responses = [](const std::string&, const std::string&, auto done) {
    followup::v1::ListResponsesResponse listed;
    listed.add_responses()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
    listed.add_responses()->set_kind(event::v1::RESPONSE_KIND_FINAL);
    listed.add_responses()->set_on_appeal(true);
    done(std::move(listed));
  }});
  v1::SubmitReportRequest open = Submission("request-0001");
  open.mutable_report()->set_confidential(false);
  const v1::SubmitReportResponse lead = *Submit(counter, open);
  const v1::SubmitReportResponse follower = Filed(counter, "request-0002");
  Merge(counter, follower, lead);
  const auto tell = [&](auto set) {
    event::v1::Event event = EventOf("followup");
    set(event);
    counter.Receive(lead.tracking_id(), event);
  };
  tell([](auto& e) { e.mutable_question_ended()->set_ending(event::v1::QUESTION_ENDING_LAPSED); });
  tell([](auto& e) { e.mutable_response_given()->add_signals(event::v1::ANSWER_SIGNAL_COPY_PASTE); });
  tell([](auto& e) { e.mutable_appeal_opened(); });
  tell([](auto& e) { e.mutable_clock_breached()->set_clock(report::v1::CLOCK_APPEAL); });
  tell([](auto& e) { e.mutable_breach_raised()->set_clock(report::v1::CLOCK_CLARIFICATION); });
  tell([](auto& e) { e.mutable_clock_moved()->set_clock(report::v1::CLOCK_REACTION); });
  tell([](auto& e) { e.mutable_appeal_decided(); });
  counter.Receive(lead.tracking_id(), ClosedBySilence());
  tell([](auto& e) { e.mutable_breach_raised()->set_clock(report::v1::CLOCK_RESOLUTION); });

  const v1::LeadProgress progress = Read(counter, follower)->lead();
  using Event = event::v1::Event;
  std::vector<Event::PayloadCase> story;
  for (const Event& event : progress.timeline()) story.push_back(event.payload_case());
  CHECK(story == std::vector<Event::PayloadCase>{Event::kFollowerJoined, Event::kQuestionEnded,
                                                 Event::kResponseGiven, Event::kCaseClosed,
                                                 Event::kBreachRaised});
  CHECK(progress.timeline(1).question_ended().ending() == event::v1::QUESTION_ENDING_UNSPECIFIED);
  CHECK(progress.timeline(2).response_given().signals_size() == 0);
  CHECK(progress.timeline(3).case_closed().closing() == event::v1::CLOSING_UNSPECIFIED);
  CHECK_FALSE(progress.timeline(3).case_closed().has_reopen_until());
  REQUIRE(progress.responses_size() == 1);
  CHECK(progress.responses(0).kind() == event::v1::RESPONSE_KIND_FINAL);
}

TEST_CASE("who reads the lead reads its followers, and finds the one by the other") {
  Counter counter({.ask_responses = Answering({{event::v1::RESPONSE_KIND_FINAL, 0}})});
  const v1::SubmitReportResponse lead = Filed(counter, "request-0001");
  v1::SubmitReportRequest request = Submission("request-0002");
  request.mutable_report()->set_anonymous(true);
  const v1::SubmitReportResponse follower = *Submit(counter, request);
  counter.Receive(lead.tracking_id(), Assigned("id.32.73"));
  counter.Receive(lead.tracking_id(), FinalResponse());
  counter.Receive(follower.tracking_id(), Assigned("id.11"));
  Merge(counter, follower, lead);

  const auto report = ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OFFICER, "id.32.73");
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->reporter_name().empty());
  CHECK(report->lead().tracking_id() == lead.tracking_id());
  REQUIRE(report->lead().responses_size() == 1);
  CHECK(report->lead().responses(0).text() == "of " + IdOf(lead));
  CHECK(report->timeline(2).report_merged().lead_report_id() == IdOf(lead));
  CHECK(ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OFFICER, "id.11").status().code() ==
        absl::StatusCode::kPermissionDenied);
  const auto of_lead = ReadAs(counter, lead.tracking_id(), report::v1::ROLE_OFFICER, "id.32.73");
  CHECK(of_lead->reporter_name() == FullIdentity().name());
  CHECK(of_lead->timeline(3).follower_joined().follower_report_id() == IdOf(follower));

  event::v1::Event unmerged = EventOf("routing");
  unmerged.mutable_report_unmerged()->set_reason(event::v1::UNMERGE_REASON_ADMINISTRATOR);
  counter.Receive(follower.tracking_id(), unmerged);
  CHECK_FALSE(Read(counter, follower)->has_lead());
  CHECK(ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OFFICER, "id.32.73").status().code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE(
    "the Ombudsman learns of a lead that its reporter did not let them read no more than a follower does") {
  Counter counter({.ask_responses = Answering({{event::v1::RESPONSE_KIND_FINAL, 0}})});
  const v1::SubmitReportResponse lead = Filed(counter, "request-0001");
  const v1::SubmitReportResponse follower = Filed(counter, "request-0002");
  counter.Receive(lead.tracking_id(), FinalResponse());
  Merge(counter, follower, lead);
  CHECK(ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OMBUDSMAN).status().code() ==
        absl::StatusCode::kPermissionDenied);
  const auto admit = [&](const v1::SubmitReportResponse& filed, const std::string& request_id) {
    REQUIRE(
        Ask(counter, &Stub::RequestEscalation, For<v1::RequestEscalationRequest>(filed, request_id)).ok());
  };
  admit(follower, "request-0003");
  auto report = ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OMBUDSMAN);
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->lead().tracking_id().empty());
  CHECK(report->lead().responses_size() == 0);
  admit(lead, "request-0004");
  report = ReadAs(counter, follower.tracking_id(), report::v1::ROLE_OMBUDSMAN);
  CHECK(report->lead().tracking_id() == lead.tracking_id());
  CHECK(report->lead().responses_size() == 1);
}

TEST_CASE("an agency reads the report by the id of its child assignment") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  event::v1::Event assigned = Assigned("id.32");
  assigned.set_child(2);
  counter.Receive(filed.tracking_id(), assigned);
  const auto report = ReadAs(counter, filed.tracking_id() + ".2", report::v1::ROLE_OFFICER, "id.32");
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->tracking_id() == filed.tracking_id());
  CHECK(report->agency_id().empty());
  CHECK(report->timeline(1).child() == 2);
  CHECK(FieldOf(ReadAs(counter, filed.tracking_id() + ".x", report::v1::ROLE_OFFICER, "id.32").status()) ==
        "tracking_id");
}

TEST_CASE("the reporter sees the answer to a part of the report at once, with its number") {
  Counter counter({.ask_responses = Answering({{event::v1::RESPONSE_KIND_FINAL, 1}})});
  const v1::SubmitReportResponse filed = Filed(counter);
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  event::v1::Event answered = FinalResponse();
  answered.set_child(1);
  counter.Receive(filed.tracking_id(), answered);
  const auto report = Read(counter, filed);
  REQUIRE(report.ok());
  CHECK(report->status() == report::v1::REPORT_STATUS_IN_PROCESS);
  REQUIRE(report->responses_size() == 1);
  CHECK(report->responses(0).child() == 1);
}

TEST_CASE("a read waits for what its tokens name") {
  Counter counter;
  const v1::SubmitReportResponse filed = Filed(counter);
  v1::GetReportRequest request;
  request.set_tracking_id(filed.tracking_id());
  request.set_receipt_secret(filed.receipt_secret());
  *request.add_not_before() = filed.token();
  CHECK(Ask(counter, &Stub::GetReport, request).status().ToString() == "OK");

  *request.add_not_before() = counter.NextToken(filed.tracking_id(), "routing");
  auto waiting = std::async(std::launch::async, [&] { return Ask(counter, &Stub::GetReport, request); });
  counter.Receive(filed.tracking_id(), Assigned("id.32.73"));
  const auto report = waiting.get();
  REQUIRE(report.status().ToString() == "OK");
  CHECK(report->agency_id() == "id.32.73");

  request.clear_not_before();
  *request.add_not_before() = counter.NextToken(filed.tracking_id(), "routing");
  CHECK(Ask(counter, &Stub::GetReport, request).status().code() == absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace lapor::intake
