#include "services/intake/domain.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "services/intake/subscriber.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using decision::FromProto;
using event::v1::Event;

std::string FieldOf(const absl::Status& refusal) {
  const auto bad_input = decision::BadInputOf(refusal);
  return bad_input ? bad_input->violations(0).field() : "";
}

// Tells what another service's event means.
absl::Status TellEvent(Story& story, const Event& event) {
  const auto command = OnEvent(event);
  REQUIRE(command.has_value());
  return story.Tell(*command);
}

Event Assigned(const std::string& agency_id) {
  Event event = EventOf("routing");
  event.mutable_agency_assigned()->set_agency_id(agency_id);
  return event;
}

Event Responded(event::v1::ResponseKind kind) {
  Event event = EventOf("followup");
  event.mutable_response_given()->set_kind(kind);
  return event;
}

Event Opened(bool consent_needed) {
  Event event = EventOf("ombudsman");
  event.mutable_escalation_opened()->set_consent_needed(consent_needed);
  return event;
}

Event Closed() {
  Event event = EventOf("ombudsman");
  event.mutable_escalation_closed();
  return event;
}

Event CompletionRequested(const std::vector<std::string>& fields) {
  Event event = EventOf("routing");
  for (const std::string& field : fields) event.mutable_completion_requested()->add_fields(field);
  *event.mutable_completion_requested()->mutable_due_at() = decision::ToProto(At("2025-03-18 17:00"));
  return event;
}

TEST_CASE("a submission makes the report, its words, its attachments and its sealed identity") {
  const Story story;
  const Report& report = story.report();
  CHECK(report.status == report::v1::REPORT_STATUS_RECEIVED);
  CHECK(report.report_class == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK(report.supervision);
  CHECK(report.channel == report::v1::CHANNEL_MOBILE);
  CHECK(report.category == "roads.regency");
  CHECK(report.region == "32.73");
  CHECK_FALSE(report.anonymous);
  CHECK(report.confidential);
  CHECK(report.received_at == At("2025-03-03 09:00"));
  CHECK(report.policy_version == "2024.1");
  CHECK(report.receipt_hash == story.proof());
  CHECK(report.attachment_count == 1);
  CHECK(report.identity_known);
  CHECK_FALSE(report.ombudsman_admitted);
  CHECK(report.timeline_length == 1);

  REQUIRE(RowsOf<WordsRow>(story).size() == 1);
  CHECK(RowsOf<WordsRow>(story)[0].title == "Jalan berlubang");
  CHECK(RowsOf<WordsRow>(story)[0].text == FullReport().description());
  REQUIRE(RowsOf<AttachmentRow>(story).size() == 1);
  CHECK(RowsOf<AttachmentRow>(story)[0].attachment.sha256() == Photo().sha256());
  REQUIRE(RowsOf<IdentityRow>(story).size() == 1);
  CHECK(RowsOf<IdentityRow>(story)[0].sealed == "sealed");
}

TEST_CASE("the event of a submission tells codes and times, and the timeline holds it too") {
  v1::NewReport given = FullReport();
  *given.mutable_written_at() = decision::ToProto(At("2025-03-01 20:00"));
  const Story story(given);
  REQUIRE(story.last().events.size() == 1);
  const Event& event = story.last().events[0];
  CHECK(event.actor().role() == report::v1::ROLE_CHANNEL);
  const event::v1::ReportSubmitted& submitted = event.report_submitted();
  CHECK(submitted.report_class() == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK(submitted.supervision());
  CHECK(submitted.channel() == report::v1::CHANNEL_MOBILE);
  CHECK(submitted.category() == "roads.regency");
  CHECK(submitted.region() == "32.73");
  CHECK(submitted.confidential());
  CHECK(submitted.attachment_count() == 1);
  CHECK(submitted.policy_version() == "2024.1");
  CHECK(FromProto(submitted.written_at()) == At("2025-03-01 20:00"));
  CHECK(submitted.identity_known());

  REQUIRE(RowsOf<TimelineRow>(story).size() == 1);
  const TimelineRow entry = RowsOf<TimelineRow>(story)[0];
  CHECK(entry.entry_no == 0);
  CHECK(entry.event.subject() == Story::kId);
  CHECK(entry.event.producer() == "intake");
  CHECK(FromProto(entry.event.occurred_at()) == At("2025-03-03 09:00"));
  CHECK(entry.event.report_submitted().SerializeAsString() == submitted.SerializeAsString());
}

TEST_CASE("no event tells what a reporter typed, who they are, or where their files are") {
  Story story;
  const auto check_last = [&] {
    for (const Event& event : story.last().events) {
      const std::string bytes = event.SerializeAsString();
      for (const char* typed : {"berlubang", "Lubang", "sealed", "files.example.id", "CANARY"}) {
        CHECK(bytes.find(typed) == std::string::npos);
      }
    }
  };
  check_last();
  CHECK(story.Tell(story.Reply("CANARY")).ok());
  check_last();
  CHECK(story.Tell(story.Attaching()).ok());
  check_last();
  story.Force(report::v1::REPORT_STATUS_ANSWERED);
  ReactToResponse reaction = story.Reaction(false);
  reaction.text = "CANARY";
  CHECK(story.Tell(reaction).ok());
  check_last();
  story.Force(report::v1::REPORT_STATUS_AWAITING_COMPLETION);
  CompleteReport completion = story.Completion();
  completion.description = "CANARY";
  CHECK(story.Tell(completion).ok());
  check_last();
  CHECK(story.Tell(story.Escalation("sealed")).ok());
  check_last();
}

TEST_CASE("a channel's fast clock does not make a report written after it was received") {
  v1::NewReport given = FullReport();
  *given.mutable_written_at() = decision::ToProto(At("2025-03-03 09:01"));
  const Story story(given);
  CHECK(FromProto(story.last().events[0].report_submitted().written_at()) == At("2025-03-03 09:00"));
}

TEST_CASE("a second submission under the same id is refused, for the API to draw another one") {
  Story story;
  const Command again = OneOfEach(story)[0];
  CHECK(story.Tell(again).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("without a policy in effect a submission fails as our fault") {
  Story story = Story::Untold();
  CHECK(story.Tell(OneOfEach(story)[0], "1999-01-01 00:00").code() == absl::StatusCode::kInternal);
}

TEST_CASE("only the receipt's holder commands, and a stranger does not learn the status") {
  Story story;
  for (const report::v1::ReportStatus status :
       {report::v1::REPORT_STATUS_RECEIVED, report::v1::REPORT_STATUS_WITHDRAWN}) {
    story.Force(status);
    for (const std::string& proof : {std::string(32, 'q'), std::string()}) {
      const absl::Status told = story.Tell(WithdrawReport{.proof = proof});
      CHECK(told.code() == absl::StatusCode::kPermissionDenied);
      CHECK(FieldOf(told) == "receipt.receipt_secret");
    }
  }
}

// The report as routing archives it.
absl::Status Archive(Story& story, const std::string& contest_until) {
  event::v1::Event event = EventOf("routing");
  event.mutable_report_archived()->set_reason(report::v1::ARCHIVE_REASON_BEFORE_COURT);
  if (!contest_until.empty())
    *event.mutable_report_archived()->mutable_contest_until() = decision::ToProto(At(contest_until));
  return story.Tell(MarkArchived{event});
}

TEST_CASE("an archiving is contested in words, once; the status follows when routing restores the report") {
  Story story;
  REQUIRE(Archive(story, "2025-04-01 00:00").ok());
  CHECK(story.report().contest_until == At("2025-04-01 00:00"));
  REQUIRE(story.Tell(story.Contest("Perkaranya sudah selesai.")).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_ARCHIVED);
  REQUIRE(RowsOf<MessageRow>(story).size() == 1);
  CHECK(RowsOf<MessageRow>(story)[0].text == "Perkaranya sudah selesai.");
  CHECK(story.last().events[0].archive_contested().message_id() == RowsOf<MessageRow>(story)[0].message_id);
  CHECK(FieldOf(story.Tell(story.Contest("Lagi."))) == "receipt.tracking_id");

  event::v1::Event restored = EventOf("routing");
  restored.mutable_report_restored();
  REQUIRE(story.Tell(MarkRestored{restored}).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);

  // The second archiving leaves no term.
  REQUIRE(Archive(story, "").ok());
  CHECK(story.Tell(story.Contest("Lagi.")).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("an archiving is contested before its term is over, and not at its end") {
  Story late, in_time;
  REQUIRE(Archive(late, "2025-04-01 00:00").ok());
  REQUIRE(Archive(in_time, "2025-04-01 00:00").ok());
  CHECK(in_time.Tell(in_time.Contest("Sudah selesai."), "2025-03-31 23:59").ok());
  const absl::Status told = late.Tell(late.Contest("Sudah selesai."), "2025-04-01 00:00");
  CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(told.message()).find("term") != std::string::npos);
}

TEST_CASE("a completion that crossed its archiving ends as received") {
  Story story;
  REQUIRE(TellEvent(story, CompletionRequested({"description"})).ok());
  CompleteReport completion = story.Completion();
  completion.description = "Di depan toko nomor 12.";
  REQUIRE(story.Tell(completion).ok());
  REQUIRE(Archive(story, "2025-04-01 00:00").ok());
  event::v1::Event restored = EventOf("routing");
  restored.mutable_report_restored();
  REQUIRE(story.Tell(MarkRestored{restored}).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);
  CHECK_FALSE(story.report().contest_until.has_value());
}

TEST_CASE("a completion supplies what was asked for and goes back to the administrators") {
  Story story;
  REQUIRE(TellEvent(story, CompletionRequested({"category", "description", "attachments"})).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_AWAITING_COMPLETION);
  CHECK(story.report().completion_fields ==
        std::vector<std::string>{"category", "description", "attachments"});
  CHECK(story.report().completion_due_at == At("2025-03-18 17:00"));

  CompleteReport completion = story.Completion();
  completion.category = "roads.province";
  completion.description = "Di depan toko nomor 12.";
  completion.attachments = {Photo()};
  REQUIRE(story.Tell(completion).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);
  CHECK(story.report().category == "roads.province");
  CHECK(story.report().region == "32.73");
  CHECK(story.report().attachment_count == 2);
  CHECK(story.report().completion_fields.empty());
  CHECK_FALSE(story.report().completion_due_at.has_value());

  const event::v1::ReportCompleted& completed = story.last().events[0].report_completed();
  CHECK(completed.fields_size() == 3);
  CHECK(completed.category() == "roads.province");
  CHECK(completed.region().empty());
  REQUIRE(RowsOf<WordsRow>(story).size() == 1);
  CHECK(RowsOf<WordsRow>(story)[0].entry_no == 2);
  CHECK(RowsOf<WordsRow>(story)[0].text == "Di depan toko nomor 12.");
  CHECK(RowsOf<AttachmentRow>(story)[0].number == 1);
}

TEST_CASE("a completion of fields that were not asked for, or of none, is refused") {
  Story story;
  REQUIRE(TellEvent(story, CompletionRequested({"description"})).ok());
  CompleteReport completion = story.Completion();
  CHECK(FieldOf(story.Tell(completion)) == "description");
  completion.description = "Di depan toko nomor 12.";
  completion.region = "32.73";
  const absl::Status told = story.Tell(completion);
  CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(told) == "region");
  CHECK(story.report().status == report::v1::REPORT_STATUS_AWAITING_COMPLETION);
}

TEST_CASE("a reply is a message, and the event tells only its id") {
  Story story;
  REQUIRE(story.Tell(story.Reply("Ada kabar?")).ok());
  REQUIRE(RowsOf<MessageRow>(story).size() == 1);
  const MessageRow message = RowsOf<MessageRow>(story)[0];
  CHECK(message.text == "Ada kabar?");
  CHECK(message.written_at == At("2025-03-05 12:00"));
  CHECK(message.entry_no == 1);
  const Event& event = story.last().events[0];
  CHECK(event.actor().role() == report::v1::ROLE_REPORTER);
  CHECK(event.reporter_replied().message_id() == message.message_id);
}

TEST_CASE("a satisfied reporter closes an answered report, a dissatisfied one takes it up again") {
  Story satisfied;
  REQUIRE(TellEvent(satisfied, Responded(event::v1::RESPONSE_KIND_FINAL)).ok());
  REQUIRE(satisfied.Tell(satisfied.Reaction(true)).ok());
  CHECK(satisfied.report().status == report::v1::REPORT_STATUS_CLOSED);
  CHECK(satisfied.last().events[0].reporter_reacted().satisfied());
  CHECK(satisfied.last().events[0].reporter_reacted().rating() == 5);
  CHECK(satisfied.last().events[0].reporter_reacted().message_id().empty());
  CHECK(RowsOf<MessageRow>(satisfied).empty());

  Story dissatisfied;
  REQUIRE(TellEvent(dissatisfied, Responded(event::v1::RESPONSE_KIND_FINAL)).ok());
  REQUIRE(dissatisfied.Tell(dissatisfied.Reaction(false)).ok());
  CHECK(dissatisfied.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
  REQUIRE(RowsOf<MessageRow>(dissatisfied).size() == 1);
  CHECK(dissatisfied.last().events[0].reporter_reacted().message_id() ==
        RowsOf<MessageRow>(dissatisfied)[0].message_id);
}

TEST_CASE("the agency that is assigned holds the report until it returns it") {
  Story story;
  REQUIRE(TellEvent(story, Assigned("id.32.73")).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
  CHECK(story.report().agency_id == "id.32.73");

  Event returned = EventOf("routing");
  returned.mutable_assignment_returned()->set_agency_id("id.32.73");
  REQUIRE(TellEvent(story, returned).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_VERIFIED);
  CHECK(story.report().agency_id.empty());
}

TEST_CASE("an answer stands when the report changes hands") {
  Story story;
  REQUIRE(TellEvent(story, Assigned("id.32.73")).ok());
  REQUIRE(TellEvent(story, Responded(event::v1::RESPONSE_KIND_FINAL)).ok());
  REQUIRE(TellEvent(story, Assigned("id.32")).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_ANSWERED);
  CHECK(story.report().agency_id == "id.32");
}

TEST_CASE("an interim response leaves the report in process") {
  Story story;
  REQUIRE(TellEvent(story, Assigned("id.32.73")).ok());
  REQUIRE(TellEvent(story, Responded(event::v1::RESPONSE_KIND_INTERIM)).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
}

TEST_CASE("a verification corrects the codes, and raises confidentiality but never lowers it") {
  v1::NewReport open = FullReport();
  open.set_confidential(false);
  Story story(open);
  Event event = EventOf("routing");
  event::v1::ReportVerified& verified = *event.mutable_report_verified();
  verified.set_report_class(report::v1::REPORT_CLASS_INFORMATION_REQUEST);
  verified.set_category("roads.province");
  verified.set_region("32");
  verified.set_confidential(true);
  REQUIRE(TellEvent(story, event).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_VERIFIED);
  CHECK(story.report().report_class == report::v1::REPORT_CLASS_INFORMATION_REQUEST);
  CHECK_FALSE(story.report().supervision);
  CHECK(story.report().category == "roads.province");
  CHECK(story.report().region == "32");
  CHECK(story.report().confidential);

  verified.set_confidential(false);
  REQUIRE(TellEvent(story, event).ok());
  CHECK(story.report().confidential);
}

TEST_CASE("what comes too late shows in the timeline and leaves a withdrawn report withdrawn") {
  Story story;
  REQUIRE(story.Tell(story.Withdrawal()).ok());
  CHECK(story.last().events[0].has_report_withdrawn());
  for (const Event& event : {Assigned("id.32.73"), Responded(event::v1::RESPONSE_KIND_FINAL),
                             CompletionRequested({"description"})}) {
    const int length = story.report().timeline_length;
    REQUIRE(TellEvent(story, event).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_WITHDRAWN);
    CHECK(story.report().completion_fields.empty());
    CHECK(story.report().timeline_length == length + 1);
    CHECK(story.last().events.empty());
    REQUIRE(RowsOf<TimelineRow>(story).size() == 1);
    CHECK(RowsOf<TimelineRow>(story)[0].entry_no == length);
    CHECK(RowsOf<TimelineRow>(story)[0].event.SerializeAsString() == event.SerializeAsString());
  }
}

TEST_CASE("a closed report is taken up again when its case is reopened, an archived one is not") {
  Event reopened = EventOf("followup");
  reopened.mutable_case_reopened();
  Story story;
  story.Force(report::v1::REPORT_STATUS_CLOSED);
  REQUIRE(TellEvent(story, reopened).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
  // A closing by silence undone: the answer waits for the reporter again.
  reopened.mutable_case_reopened()->set_answer_stands(true);
  story.Force(report::v1::REPORT_STATUS_CLOSED);
  REQUIRE(TellEvent(story, reopened).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_ANSWERED);
  story.Force(report::v1::REPORT_STATUS_ARCHIVED);
  REQUIRE(TellEvent(story, reopened).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_ARCHIVED);
}

TEST_CASE("a reporter asks for the Ombudsman, who opens the case and decides it") {
  Story story;
  REQUIRE(story.Tell(story.Escalation()).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_REQUESTED);
  CHECK(story.report().ombudsman_admitted);
  CHECK(story.last().events[0].escalation_requested().identity_known());
  CHECK(story.last().events[0].escalation_requested().name_secret());
  REQUIRE(TellEvent(story, Opened(false)).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_OPEN);
  REQUIRE(TellEvent(story, Closed()).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_CLOSED);
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);
}

TEST_CASE("a reporter consents to the escalation that was proposed") {
  Story story;
  REQUIRE(TellEvent(story, Opened(true)).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_PROPOSED);
  REQUIRE(story.Tell(story.Escalation()).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_OPEN);
  CHECK(story.last().events[0].escalation_consented().name_secret());
}

TEST_CASE("a proposal that crosses the reporter's own request needs no consent") {
  Story story;
  REQUIRE(story.Tell(story.Escalation()).ok());
  REQUIRE(TellEvent(story, Opened(true)).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_OPEN);
}

TEST_CASE(
    "a rapid response lets the Ombudsman read until its case ends, and the reporter's consent is their own") {
  Story story;
  REQUIRE(TellEvent(story, Opened(true)).ok());
  Event opened = EventOf("ombudsman");
  opened.mutable_rapid_response_opened();
  REQUIRE(TellEvent(story, opened).ok());
  CHECK(story.report().rapid_response);
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_PROPOSED);
  CHECK_FALSE(story.report().ombudsman_admitted);
  REQUIRE(TellEvent(story, Closed()).ok());
  CHECK_FALSE(story.report().rapid_response);
}

TEST_CASE("a proposal that ends without the reporter's consent lapses") {
  Story story;
  REQUIRE(TellEvent(story, Opened(true)).ok());
  REQUIRE(TellEvent(story, Closed()).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_LAPSED);
  CHECK_FALSE(story.report().ombudsman_admitted);
}

TEST_CASE("an escalation is not asked for while one is requested or open, and again when it has ended") {
  Story story;
  for (const v1::EscalationStatus status : {v1::ESCALATION_STATUS_REQUESTED, v1::ESCALATION_STATUS_OPEN}) {
    story.Force(status);
    const absl::Status told = story.Tell(story.Escalation());
    CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(FieldOf(told) == "escalation");
  }
  for (const v1::EscalationStatus status : {v1::ESCALATION_STATUS_CLOSED, v1::ESCALATION_STATUS_LAPSED}) {
    story.Force(status);
    CHECK(story.Tell(story.Escalation()).ok());
    CHECK(story.last().events[0].has_escalation_requested());
  }
}

TEST_CASE("a new proposal after a closed case needs consent again") {
  Story story;
  REQUIRE(story.Tell(story.Escalation()).ok());
  REQUIRE(TellEvent(story, Opened(false)).ok());
  REQUIRE(TellEvent(story, Closed()).ok());
  REQUIRE(TellEvent(story, Opened(true)).ok());
  CHECK(story.report().escalation == v1::ESCALATION_STATUS_PROPOSED);
  REQUIRE(story.Tell(story.Escalation()).ok());
  CHECK(story.last().events[0].has_escalation_consented());
}

TEST_CASE("an anonymous reporter tells the Ombudsman who they are, and stays anonymous") {
  v1::NewReport anonymous = FullReport();
  anonymous.set_anonymous(true);
  Story story(anonymous, false);
  CHECK_FALSE(story.report().identity_known);
  const absl::Status told = story.Tell(story.Escalation());
  CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(told) == "identity");

  REQUIRE(story.Tell(story.Escalation("sealed later")).ok());
  CHECK(story.report().identity_known);
  CHECK(story.report().anonymous);
  REQUIRE(RowsOf<IdentityRow>(story).size() == 1);
  CHECK(RowsOf<IdentityRow>(story)[0].sealed == "sealed later");
}

TEST_CASE("a report takes as many attachments as the limit says") {
  Story story;
  while (story.report().attachment_count < kMaxReportAttachments) REQUIRE(story.Tell(story.Attaching()).ok());
  const absl::Status told = story.Tell(story.Attaching());
  CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(told) == "attachment");
}

TEST_CASE("a report takes texts up to the limit, and short ones count too") {
  Story long_texts;
  const std::string long_text(60'000, 'x');
  int replies = 0;
  while (long_texts.Tell(long_texts.Reply(long_text)).ok()) ++replies;
  CHECK(replies == (kMaxReportTextBytes - kMinEntryBytes) / 60'000);
  CHECK(FieldOf(long_texts.Tell(long_texts.Reply(long_text))) == "text");

  Story short_texts;
  replies = 0;
  while (short_texts.Tell(short_texts.Reply("x")).ok()) ++replies;
  CHECK(replies == kMaxReportTextBytes / kMinEntryBytes - 1);
}

TEST_CASE("a name is kept secret from the time that its reporter asks for it, and for good") {
  Story story;
  CHECK_FALSE(story.report().name_secret);
  RequestEscalation request = story.Escalation();
  request.name_secret = true;
  REQUIRE(story.Tell(request).ok());
  CHECK(story.report().name_secret);
  story.Force(v1::ESCALATION_STATUS_CLOSED);
  REQUIRE(story.Tell(story.Escalation()).ok());
  CHECK(story.report().name_secret);

  Story consenting;
  consenting.Force(v1::ESCALATION_STATUS_PROPOSED);
  REQUIRE(consenting.Tell(request).ok());
  CHECK(consenting.report().name_secret);
}

TEST_CASE("the agency whose arbiter decides is known until somebody is accountable again") {
  event::v1::Event returned = EventOf("routing");
  returned.mutable_assignment_returned();
  event::v1::Event arbitration = EventOf("routing");
  arbitration.mutable_arbitration_requested()->set_arbiter_agency_id("id.32");
  event::v1::Event assigned = EventOf("routing");
  assigned.mutable_agency_assigned()->set_agency_id("id.32.73");

  Story story;
  REQUIRE(story.Tell(MarkAssigned{assigned}).ok());
  REQUIRE(story.Tell(MarkReturned{returned}).ok());
  CHECK(story.report().arbiter_agency_id.empty());
  REQUIRE(story.Tell(MarkReturned{arbitration}).ok());
  CHECK(story.report().agency_id.empty());
  CHECK(story.report().arbiter_agency_id == "id.32");
  SECTION("assigned") { REQUIRE(story.Tell(MarkAssigned{assigned}).ok()); }
  SECTION("closed meanwhile, and reopened") {
    REQUIRE(story.Tell(MarkClosed{EventOf("followup")}).ok());
    REQUIRE(story.Tell(MarkReopened{EventOf("followup")}).ok());
  }
  CHECK(story.report().arbiter_agency_id.empty());
}

TEST_CASE("a case that opens again before it has ended leaves the decision with the arbiter") {
  event::v1::Event arbitration = EventOf("routing");
  arbitration.mutable_arbitration_requested()->set_arbiter_agency_id("id.32");
  Story story;
  REQUIRE(story.Tell(MarkReturned{arbitration}).ok());
  REQUIRE(story.Tell(MarkAnswered{EventOf("followup")}).ok());
  REQUIRE(story.Tell(MarkReopened{EventOf("followup")}).ok());
  CHECK(story.report().arbiter_agency_id == "id.32");
}

Event Merged(const std::string& lead_report_id = Story::kLeadId) {
  Event event = EventOf("routing");
  event.mutable_report_merged()->set_lead_report_id(lead_report_id);
  return event;
}

Event Unmerged(event::v1::UnmergeReason reason) {
  Event event = EventOf("routing");
  event.mutable_report_unmerged()->set_lead_report_id(Story::kLeadId);
  event.mutable_report_unmerged()->set_reason(reason);
  return event;
}

Event OfChild(int child, Event event) {
  event.set_child(child);
  return event;
}

TEST_CASE("a merged report follows its lead, is in nobody's hands, and comes back where it stood") {
  Story story;
  REQUIRE(TellEvent(story, Assigned("id.32.73")).ok());
  REQUIRE(TellEvent(story, OfChild(1, Assigned("id.32"))).ok());
  REQUIRE(TellEvent(story, Merged()).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_MERGED);
  CHECK(story.report().lead_report_id == Story::kLeadId);
  CHECK(story.report().agency_id.empty());
  CHECK(story.report().children.empty());

  REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_ADMINISTRATOR)).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_VERIFIED);
  CHECK(story.report().lead_report_id.empty());
  CHECK(story.report().status_before_merge == report::v1::REPORT_STATUS_UNSPECIFIED);
}

TEST_CASE("a report that nobody had verified when it was merged is received again when it is unmerged") {
  Story story;
  SECTION("received") {}
  SECTION("awaiting completion") { REQUIRE(TellEvent(story, CompletionRequested({"description"})).ok()); }
  REQUIRE(TellEvent(story, Merged()).ok());
  CHECK(story.report().completion_fields.empty());
  REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_LEAD_GONE)).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);
}

TEST_CASE("a report that is merged into another lead remembers where it stood before the first one") {
  Story story;
  REQUIRE(TellEvent(story, Merged("A00000000000")).ok());
  REQUIRE(TellEvent(story, Merged()).ok());
  CHECK(story.report().lead_report_id == Story::kLeadId);
  REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_ESCALATED)).ok());
  CHECK(story.report().status == report::v1::REPORT_STATUS_RECEIVED);
}

TEST_CASE("what ends while the merging is on its way stays ended, whichever is told first") {
  SECTION("withdrawn, then merged") {
    Story story;
    REQUIRE(story.Tell(story.Withdrawal()).ok());
    REQUIRE(TellEvent(story, Merged()).ok());
    CHECK(story.report().lead_report_id.empty());
    REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_WITHDRAWN)).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_WITHDRAWN);
  }
  SECTION("merged, then withdrawn") {
    Story story;
    REQUIRE(TellEvent(story, Merged()).ok());
    REQUIRE(story.Tell(story.Withdrawal()).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_WITHDRAWN);
    CHECK(story.report().lead_report_id.empty());
    REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_WITHDRAWN)).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_WITHDRAWN);
  }
  Event closed = EventOf("followup");
  closed.mutable_case_closed();
  SECTION("closed, then merged") {
    Story story;
    REQUIRE(TellEvent(story, closed).ok());
    REQUIRE(TellEvent(story, Merged()).ok());
    REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_CLOSED)).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_CLOSED);
  }
  SECTION("merged, then closed") {
    Story story;
    REQUIRE(TellEvent(story, Merged()).ok());
    REQUIRE(TellEvent(story, closed).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_MERGED);
    REQUIRE(TellEvent(story, Unmerged(event::v1::UNMERGE_REASON_CLOSED)).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_CLOSED);
  }
}

TEST_CASE("what a merged report's own case comes to leaves it merged") {
  Event archived = EventOf("routing"), closed = EventOf("followup"), reopened = EventOf("followup");
  archived.mutable_report_archived();
  closed.mutable_case_closed();
  reopened.mutable_case_reopened();
  for (const Event& event : {archived, closed, reopened, Responded(event::v1::RESPONSE_KIND_FINAL),
                             Responded(event::v1::RESPONSE_KIND_INTERIM), Assigned("id.32.73"),
                             CompletionRequested({"description"}), Opened(true), Closed()}) {
    CAPTURE(event.payload_case());
    Story story;
    story.Force(report::v1::REPORT_STATUS_MERGED);
    REQUIRE(TellEvent(story, event).ok());
    CHECK(story.report().status == report::v1::REPORT_STATUS_MERGED);
    CHECK(story.report().lead_report_id == Story::kLeadId);
    CHECK(story.report().completion_fields.empty());
  }
}

TEST_CASE("a merged report's reporter writes, attaches, withdraws and turns to the Ombudsman, and no more") {
  Story merged;
  merged.Force(report::v1::REPORT_STATUS_MERGED);
  const std::vector<Command> commands = OneOfEach(merged);
  std::vector<CommandKind> allowed;
  for (const Command& command : commands) {
    const auto kind = static_cast<CommandKind>(command.index());
    Story story = merged;
    if (kind < CommandKind::kMarkVerified && story.Tell(command).ok()) allowed.push_back(kind);
  }
  CHECK(allowed == std::vector<CommandKind>{CommandKind::kReplyToReport, CommandKind::kWithdrawReport,
                                            CommandKind::kAddAttachment, CommandKind::kRequestEscalation});
}

TEST_CASE("a child assignment is with its agency until that returns it, an arbiter decides, or it is over") {
  Story story;
  REQUIRE(TellEvent(story, Assigned("id.32.73")).ok());
  REQUIRE(TellEvent(story, OfChild(1, Assigned("id.11"))).ok());
  REQUIRE(TellEvent(story, OfChild(2, Assigned("id.12"))).ok());
  REQUIRE(story.report().children.size() == 2);
  CHECK(story.report().children[0].agency_id == "id.11");
  CHECK(story.report().children[1].agency_id == "id.12");

  Event returned = EventOf("routing"), arbitration = EventOf("routing"), ended = EventOf("routing");
  returned.mutable_assignment_returned();
  arbitration.mutable_arbitration_requested()->set_arbiter_agency_id("id.32");
  ended.mutable_child_assignment_ended();
  REQUIRE(TellEvent(story, OfChild(1, returned)).ok());
  REQUIRE(TellEvent(story, OfChild(1, arbitration)).ok());
  CHECK(story.report().children[0] == ChildAssignment{.agency_id = "", .arbiter_agency_id = "id.32"});
  REQUIRE(TellEvent(story, OfChild(1, Assigned("id.13"))).ok());
  CHECK(story.report().children[0] == ChildAssignment{.agency_id = "id.13", .arbiter_agency_id = ""});
  // What it asks stands when another agency takes its place, and not when another has the part.
  Event asked = EventOf("followup"), carried = Assigned("id.14");
  asked.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
  asked.mutable_response_given()->mutable_question_due_at()->set_seconds(1'742'000'000);
  REQUIRE(TellEvent(story, OfChild(1, asked)).ok());
  carried.mutable_agency_assigned()->set_carried_over(true);
  REQUIRE(TellEvent(story, OfChild(1, carried)).ok());
  CHECK(story.report().children[0] ==
        ChildAssignment{.agency_id = "id.14",
                        .arbiter_agency_id = "",
                        .question_due_at = absl::FromUnixSeconds(1'742'000'000)});
  REQUIRE(TellEvent(story, OfChild(1, Assigned("id.13"))).ok());
  CHECK(story.report().children[0] == ChildAssignment{.agency_id = "id.13", .arbiter_agency_id = ""});
  REQUIRE(TellEvent(story, OfChild(2, ended)).ok());
  CHECK(story.report().children.size() == 1);
  REQUIRE(TellEvent(story, OfChild(1, ended)).ok());
  CHECK(story.report().children.empty());
  CHECK(story.report().agency_id == "id.32.73");
  CHECK(story.report().arbiter_agency_id.empty());
}

TEST_CASE("a number that no child assignment can have changes nothing but the timeline") {
  for (const int child : {-1, report::kMaxChildren + 1, 2'000'000'000}) {
    Story story;
    REQUIRE(TellEvent(story, OfChild(child, Assigned("id.11"))).ok());
    CHECK(story.report().children.empty());
    CHECK(story.report().agency_id.empty());
    CHECK(RowsOf<TimelineRow>(story).size() == 1);
  }
}

// The keys by which the last command made the report be found.
std::vector<int64_t> KeysOf(const Story& story) {
  std::vector<int64_t> keys;
  for (const LikenessRow& row : RowsOf<LikenessRow>(story))
    keys.insert(keys.end(), row.keys.begin(), row.keys.end());
  std::ranges::sort(keys);
  return keys;
}

TEST_CASE("a report is found by all its words where it lies, and by the most telling ones everywhere") {
  const auto filed = [](const std::string& region) {
    auto given = std::make_shared<v1::NewReport>(FullReport());
    given->set_region(region);
    Story story = Story::Untold();
    REQUIRE(story
                .Tell(SubmitReport{.actor = {},
                                   .report = given,
                                   .sealed_identity = "",
                                   .receipt_hash = story.proof(),
                                   .word_keys = {11, 12, 13, 14, 12}})
                .ok());
    CHECK(RowsOf<WordsRow>(story)[0].keys == std::vector<int64_t>{11, 12, 13, 14, 12});
    return KeysOf(story);
  };
  CHECK(filed("") == std::vector<int64_t>{11, 12, 13, 14});
  std::vector<int64_t> expected = {11, 12};
  for (const int64_t key : {11, 12, 13, 14}) expected.push_back(InScope(key, "32.73"));
  std::ranges::sort(expected);
  CHECK(filed("32.73") == expected);
  CHECK(filed("32.73.01") == expected);
}

TEST_CASE("a report that turns out to lie in another regency is found there, and in its own as before") {
  Event event = EventOf("routing");
  const auto relocations = [&](const std::string& region) {
    Story story;
    event.mutable_report_verified()->set_region(region);
    REQUIRE(TellEvent(story, event).ok());
    return RowsOf<RelocationRow>(story);
  };
  CHECK(relocations("").empty());
  CHECK(relocations("32.73.02").empty());
  REQUIRE(relocations("32.74").size() == 1);
  CHECK(relocations("32.74")[0].regency == "32.74");
  CHECK(relocations("32.74")[0].received_at == At("2025-03-03 09:00"));

  Story story;
  REQUIRE(TellEvent(story, CompletionRequested({"region", "description"})).ok());
  CompleteReport completion = story.Completion();
  completion.region = "11.01";
  completion.description = "Di depan toko nomor 12.";
  completion.word_keys = {21};
  REQUIRE(story.Tell(completion).ok());
  REQUIRE(RowsOf<RelocationRow>(story).size() == 1);
  CHECK(RowsOf<RelocationRow>(story)[0].regency == "11.01");
  CHECK(KeysOf(story) == [] {
    std::vector<int64_t> keys = {21, InScope(21, "11.01")};
    std::ranges::sort(keys);
    return keys;
  }());
}

}  // namespace
}  // namespace lapor::intake
