// What a reporter may do about an answer or a closing that does not satisfy, and what agencies ask them.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/intake/domain.h"
#include "services/intake/subscriber.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using event::v1::Event;

constexpr char kMessageId[] = "11111111-2222-4333-8444-555555555558";

// The field and the rule.
std::string Told(const absl::Status& refusal) {
  CHECK(refusal.code() == absl::StatusCode::kFailedPrecondition);
  const auto bad_input = decision::BadInputOf(refusal);
  REQUIRE(bad_input.has_value());
  CHECK_FALSE(bad_input->violations(0).remedy().empty());
  return bad_input->violations(0).field() + " " + bad_input->violations(0).rule();
}

void TellEvent(Story& story, const Event& event) {
  const auto command = OnEvent(event);
  REQUIRE(command.has_value());
  REQUIRE(story.Tell(*command).ToString() == "OK");
}

Event Responded(event::v1::ResponseKind kind, const std::string& question_due_at = "", int child = 0) {
  Event event = EventOf("followup");
  event.set_child(child);
  event.mutable_response_given()->set_kind(kind);
  if (!question_due_at.empty())
    *event.mutable_response_given()->mutable_question_due_at() = decision::ToProto(At(question_due_at));
  return event;
}

Event QuestionEnded(int child = 0) {
  Event event = EventOf("followup");
  event.set_child(child);
  event.mutable_question_ended()->set_ending(event::v1::QUESTION_ENDING_REPLIED);
  return event;
}

Event CaseClosed(event::v1::Closing closing, const std::string& reopen_until) {
  Event event = EventOf("followup");
  event.mutable_case_closed()->set_closing(closing);
  if (!reopen_until.empty())
    *event.mutable_case_closed()->mutable_reopen_until() = decision::ToProto(At(reopen_until));
  return event;
}

Event CaseReopened() {
  Event event = EventOf("followup");
  event.mutable_case_reopened()->set_agency_id("id.32.73");
  return event;
}

Event AppealDecided(bool granted) {
  Event event = EventOf("followup");
  event.mutable_appeal_decided()->set_granted(granted);
  return event;
}

Event Assigned() {
  Event event = EventOf("routing");
  event.mutable_agency_assigned()->set_agency_id("id.32.73");
  return event;
}

RequestReopening Reopening(const Story& story) {
  return {.proof = story.proof(),
          .message_id = kMessageId,
          .text = "Lubangnya kembali.",
          .reason = event::v1::DISSATISFACTION_REASON_NOT_RESOLVED};
}

AppealClosing Appeal(const Story& story) {
  return {.proof = story.proof(),
          .message_id = kMessageId,
          .text = "Jawabannya tidak benar.",
          .reason = event::v1::DISSATISFACTION_REASON_UNTRUE};
}

// An answered report.
Story Answered() {
  Story story;
  TellEvent(story, Assigned());
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_FINAL));
  return story;
}

// One that was closed so; it may be reopened before 2025-04-01.
Story ClosedBy(event::v1::Closing closing, const std::string& reopen_until = "2025-04-01 00:00") {
  Story story = Answered();
  TellEvent(story, CaseClosed(closing, reopen_until));
  REQUIRE(story.report().status == report::v1::REPORT_STATUS_CLOSED);
  return story;
}

TEST_CASE("a reporter asks in words that a closed report be taken up again; the status follows the case") {
  Story story = ClosedBy(event::v1::CLOSING_BY_SILENCE);
  CHECK(story.report().reopen_until == At("2025-04-01 00:00"));
  REQUIRE(story.Tell(Reopening(story)).ToString() == "OK");
  CHECK(story.report().status == report::v1::REPORT_STATUS_CLOSED);
  REQUIRE(RowsOf<MessageRow>(story).size() == 1);
  CHECK(RowsOf<MessageRow>(story)[0].text == "Lubangnya kembali.");
  REQUIRE(story.last().events.size() == 1);
  const Event& event = story.last().events[0];
  CHECK(event.actor().role() == report::v1::ROLE_REPORTER);
  CHECK(event.reopening_requested().message_id() == kMessageId);
  CHECK(event.reopening_requested().reason() == event::v1::DISSATISFACTION_REASON_NOT_RESOLVED);
  CHECK(event.SerializeAsString().find("Lubang") == std::string::npos);

  CHECK(Told(story.Tell(Reopening(story))) == "receipt.tracking_id is being taken up again already");
  CHECK(Told(story.Tell(Appeal(story))) == "receipt.tracking_id is being taken up again already");
  TellEvent(story, CaseReopened());
  CHECK(story.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
  CHECK_FALSE(story.report().reopen_until.has_value());

  // Another closing, another term.
  TellEvent(story, CaseClosed(event::v1::CLOSING_BY_AGENCY, "2025-05-01 00:00"));
  CHECK(story.Tell(Reopening(story), "2025-04-30 23:59").ToString() == "OK");
}

TEST_CASE("a report that is not closed is neither reopened nor, unanswered, appealed") {
  Story story;
  TellEvent(story, Assigned());
  CHECK(Told(story.Tell(Reopening(story))).starts_with("state "));
  CHECK(Told(story.Tell(Appeal(story))).starts_with("state "));
  Story answered = Answered();
  CHECK(Told(answered.Tell(Reopening(answered))).starts_with("state "));
}

TEST_CASE("a closed report is reopened and appealed before the term is over, and not at its end") {
  for (const bool appeals : {false, true}) {
    Story in_time = ClosedBy(event::v1::CLOSING_BY_SILENCE);
    Story late = in_time;
    const Command command = appeals ? Command(Appeal(late)) : Command(Reopening(late));
    CHECK(in_time.Tell(command, "2025-03-31 23:59").ToString() == "OK");
    CHECK(Told(late.Tell(command, "2025-04-01 00:00")) ==
          "receipt.tracking_id the term to take it up again, or to appeal, is over");
  }
}

TEST_CASE("a report is neither reopened nor appealed before followup has told until when it may be") {
  Story story = Answered();
  REQUIRE(story.Tell(story.Reaction(true)).ok());
  CHECK(Told(story.Tell(Reopening(story))) ==
        "receipt.tracking_id no term to take it up again is known of its closing");
  TellEvent(story, CaseClosed(event::v1::CLOSING_BY_REPORTER, "2025-04-01 00:00"));
  CHECK(story.Tell(Reopening(story)).ToString() == "OK");

  Story without_term = ClosedBy(event::v1::CLOSING_BY_AGENCY, "");
  CHECK(Told(without_term.Tell(Appeal(without_term))) ==
        "receipt.tracking_id no term to take it up again is known of its closing");
}

TEST_CASE(
    "an answer is appealed before anybody closed the report, and nobody judges it until that is decided") {
  Story story = Answered();
  REQUIRE(story.Tell(Appeal(story)).ToString() == "OK");
  CHECK(story.report().status == report::v1::REPORT_STATUS_ANSWERED);
  REQUIRE(RowsOf<MessageRow>(story).size() == 1);
  CHECK(RowsOf<MessageRow>(story)[0].text == "Jawabannya tidak benar.");
  const Event& event = story.last().events[0];
  CHECK(event.closing_appealed().message_id() == kMessageId);
  CHECK(event.closing_appealed().reason() == event::v1::DISSATISFACTION_REASON_UNTRUE);
  CHECK(Told(story.Tell(story.Reaction(true))) ==
        "receipt.tracking_id is with a higher officer, who has to decide the appeal");

  TellEvent(story, AppealDecided(true));
  TellEvent(story, CaseReopened());
  CHECK(story.report().status == report::v1::REPORT_STATUS_IN_PROCESS);
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_FINAL));
  CHECK(story.Tell(story.Reaction(true)).ToString() == "OK");
}

TEST_CASE("a dismissed appeal closes the report, and no second one is heard") {
  Story story = Answered();
  REQUIRE(story.Tell(Appeal(story)).ok());
  TellEvent(story, AppealDecided(false));
  TellEvent(story, CaseClosed(event::v1::CLOSING_ON_APPEAL, "2025-04-01 00:00"));
  CHECK(story.report().status == report::v1::REPORT_STATUS_CLOSED);
  CHECK(Told(story.Tell(Appeal(story))) ==
        "receipt.tracking_id was appealed before, and there is one appeal a report");
  CHECK(story.Tell(Reopening(story)).ToString() == "OK");
}

TEST_CASE("while an appeal against the closing waits, the report is not reopened beside it") {
  Story story = ClosedBy(event::v1::CLOSING_BY_AGENCY);
  REQUIRE(story.Tell(Appeal(story)).ok());
  CHECK(Told(story.Tell(Reopening(story))) ==
        "receipt.tracking_id is with a higher officer, who has to decide the appeal");
}

TEST_CASE("an appeal that lapsed with the answer keeps nobody from judging the next one, or appealing") {
  Story story = Answered();
  REQUIRE(story.Tell(Appeal(story)).ok());
  // Another agency got the report meanwhile.
  TellEvent(story, CaseReopened());
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_FINAL));
  Story again = story;
  CHECK(story.Tell(story.Reaction(true)).ToString() == "OK");
  CHECK(again.Tell(Appeal(again)).ToString() == "OK");
}

TEST_CASE("who was satisfied appeals nothing, whatever closed the report at the same time") {
  for (const event::v1::Closing told : {event::v1::CLOSING_BY_REPORTER, event::v1::CLOSING_BY_SILENCE}) {
    Story story = Answered();
    REQUIRE(story.Tell(story.Reaction(true)).ok());
    TellEvent(story, CaseClosed(told, "2025-04-01 00:00"));
    CHECK(Told(story.Tell(Appeal(story))) ==
          "receipt.tracking_id was closed because the reporter was satisfied");
  }
}

TEST_CASE("a report that was closed while it was merged may be reopened when it is unmerged") {
  Story story;
  Event merged = EventOf("routing");
  merged.mutable_report_merged()->set_lead_report_id(Story::kLeadId);
  TellEvent(story, merged);
  TellEvent(story, CaseClosed(event::v1::CLOSING_BY_SILENCE, "2025-04-01 00:00"));
  Event unmerged = EventOf("routing");
  unmerged.mutable_report_unmerged()->set_reason(event::v1::UNMERGE_REASON_CLOSED);
  TellEvent(story, unmerged);
  CHECK(story.Tell(Reopening(story)).ToString() == "OK");
}

TEST_CASE("a dissatisfied reporter's reason is told") {
  Story story = Answered();
  ReactToResponse reaction = story.Reaction(false);
  reaction.reason = event::v1::DISSATISFACTION_REASON_SENT_ELSEWHERE;
  REQUIRE(story.Tell(reaction).ok());
  CHECK(story.last().events[0].reporter_reacted().reason() ==
        event::v1::DISSATISFACTION_REASON_SENT_ELSEWHERE);
}

TEST_CASE("a question is no answer: the status stays, and the reporter learns until when to reply") {
  Story story;
  for (const report::v1::ReportStatus status :
       {report::v1::REPORT_STATUS_IN_PROCESS, report::v1::REPORT_STATUS_VERIFIED,
        report::v1::REPORT_STATUS_ANSWERED}) {
    story.Force(status);
    TellEvent(story, Responded(event::v1::RESPONSE_KIND_QUESTION, "2025-03-20 17:00"));
    CHECK(story.report().status == status);
    CHECK(story.report().question_due_at == At("2025-03-20 17:00"));
    CHECK(story.Tell(story.Reply("Di depan nomor 12.")).ToString() == "OK");
    TellEvent(story, QuestionEnded());
    CHECK_FALSE(story.report().question_due_at.has_value());
  }
}

TEST_CASE("a final answer and the end of a report end the question, an interim answer does not") {
  const Story asked = [] {
    Story story;
    TellEvent(story, Assigned());
    TellEvent(story, Responded(event::v1::RESPONSE_KIND_QUESTION, "2025-03-20 17:00"));
    return story;
  }();
  Story interim = asked, answered = asked, withdrawn = asked;
  TellEvent(interim, Responded(event::v1::RESPONSE_KIND_INTERIM));
  CHECK(interim.report().question_due_at.has_value());
  TellEvent(answered, Responded(event::v1::RESPONSE_KIND_FINAL));
  CHECK_FALSE(answered.report().question_due_at.has_value());
  REQUIRE(withdrawn.Tell(withdrawn.Withdrawal()).ok());
  CHECK_FALSE(withdrawn.report().question_due_at.has_value());
}

TEST_CASE("the agency of a child assignment asks for itself, and its question ends by itself") {
  Story story;
  Event assigned = Assigned();
  assigned.set_child(2);
  TellEvent(story, assigned);
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_QUESTION, "2025-03-18 17:00", 2));
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_QUESTION, "2025-03-20 17:00"));
  TellEvent(story, QuestionEnded());
  REQUIRE(story.report().children.size() == 2);
  CHECK(story.report().children[1].question_due_at == At("2025-03-18 17:00"));
  TellEvent(story, QuestionEnded(2));
  CHECK_FALSE(story.report().children[1].question_due_at.has_value());
  CHECK(story.report().children[1].agency_id == "id.32.73");
}

TEST_CASE(
    "a request for the Ombudsman tells what is declared, and a direct one that it is; a consent has no "
    "direct") {
  RequestEscalation asked = Story().Escalation();
  asked.direct = true;
  asked.declarations.set_court_process(true);
  asked.declarations.set_occurred_on("2024-12-31");
  Story story;
  REQUIRE(story.Tell(asked).ok());
  const event::v1::EscalationRequested& requested = story.last().events[0].escalation_requested();
  CHECK(requested.direct());
  CHECK(requested.declarations().court_process());
  CHECK(requested.declarations().occurred_on() == "2024-12-31");

  Story proposed;
  proposed.Force(v1::ESCALATION_STATUS_PROPOSED);
  REQUIRE(proposed.Tell(asked).ok());
  CHECK(proposed.last().events[0].escalation_consented().declarations().court_process());
}

TEST_CASE("a reporter is written to in Indonesian unless they choose another language") {
  CHECK(Story().report().language == report::v1::LANGUAGE_INDONESIAN);
  v1::NewReport english = FullReport();
  english.set_language(report::v1::LANGUAGE_ENGLISH);
  CHECK(Story(english).report().language == report::v1::LANGUAGE_ENGLISH);
}

TEST_CASE("a date that the reporter goes by moves with the calendar, and no other") {
  const auto moved = [](report::v1::Clock clock, const std::string& due_at) {
    Event event = EventOf("followup");
    event.mutable_clock_moved()->set_clock(clock);
    *event.mutable_clock_moved()->mutable_due_at() = decision::ToProto(At(due_at));
    return event;
  };
  Story story;
  TellEvent(story, Assigned());
  TellEvent(story, Responded(event::v1::RESPONSE_KIND_QUESTION, "2025-03-21 00:00"));
  TellEvent(story, moved(report::v1::CLOCK_RESOLUTION, "2025-04-20 00:00"));
  CHECK(story.report().question_due_at == At("2025-03-21 00:00"));
  TellEvent(story, moved(report::v1::CLOCK_QUESTION, "2025-03-24 00:00"));
  CHECK(story.report().question_due_at == At("2025-03-24 00:00"));
  // Nothing is asked for: there is no date to move.
  TellEvent(story, moved(report::v1::CLOCK_COMPLETION, "2025-03-24 00:00"));
  CHECK_FALSE(story.report().completion_due_at.has_value());
}

}  // namespace
}  // namespace lapor::intake
