#include "services/reporting/subscriber.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace lapor::reporting {
namespace {

using event::v1::Event;

template <class Expected>
Expected The(const Event& event) {
  const std::optional<Command> command = OnEvent(event);
  REQUIRE(command.has_value());
  REQUIRE(std::holds_alternative<Expected>(*command));
  return std::get<Expected>(*command);
}

TEST_CASE("every event of the catalogue either changes figures or is known not to") {
  const std::set<std::string> changing = {
      "report_submitted",  "report_withdrawn",    "report_verified", "report_archived", "report_restored",
      "agency_assigned",   "assignment_returned", "response_given",  "case_closed",     "case_reopened",
      "escalation_opened", "report_merged",       "report_unmerged", "appeal_opened"};
  // By what stands in them, or in their envelope.
  const std::set<std::string> sometimes = {"report_completed",  "reporter_reacted",       "clock_breached",
                                           "escalation_closed", "child_assignment_ended", "appeal_decided",
                                           "breach_raised"};
  const std::set<std::string> never = {
      "archive_contested",        "follower_joined",       "clock_reminded",
      "reporter_replied",         "escalation_requested",  "escalation_consented",
      "attachment_added",         "completion_requested",  "assignment_accepted",
      "assignment_fell_back",     "arbitration_requested", "verification_overdue",
      "agency_recorded",          "case_opened",           "eligibility_decided",
      "escalation_stage_reached", "reopening_requested",   "closing_appealed",
      "question_ended",           "case_delegated",        "escalation_transferred",
      "rapid_response_opened",    "document_issued",       "document_delivered",
      "document_replied",         "compliance_recorded",   "clock_moved"};
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    const auto* field = payloads->field(i);
    CAPTURE(field->name());
    CHECK(changing.count(field->name()) + sometimes.count(field->name()) + never.count(field->name()) == 1);
    Event event;
    event.GetReflection()->MutableMessage(&event, field);
    CHECK(OnEvent(event).has_value() == changing.contains(field->name()));
  }
  CHECK_FALSE(OnEvent(Event()).has_value());
}

TEST_CASE("a submission and a completion say where the report belongs") {
  Event event;
  event.mutable_report_submitted()->set_region("32.73");
  CHECK(The<Submit>(event).province == 32);
  event.mutable_report_completed()->set_region("11.01");
  CHECK(The<Complete>(event).province == 11);
  event.mutable_report_completed()->set_region("");
  CHECK_FALSE(OnEvent(event).has_value());
  event.mutable_report_verified()->set_region("31");
  CHECK(The<Verify>(event).province == 31);
}

TEST_CASE("a question is no answer, of a report or of a child assignment; it counts with who asked") {
  for (const int child : {0, 2}) {
    Event event;
    event.set_child(child);
    event.mutable_response_given()->set_agency_id("id.32");
    event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
    CHECK(The<Count>(event).deeds == std::vector{Deed::kAsked});
    CHECK(The<Count>(event).agency_id == "id.32");
  }
}

TEST_CASE("a broken promise is no breach, and what is raised counts if it is owed by an agency") {
  for (const int child : {0, 2}) {
    Event broken;
    broken.set_child(child);
    broken.mutable_clock_breached()->set_clock(report::v1::CLOCK_PROMISE);
    broken.mutable_clock_breached()->set_agency_id("id.32");
    CHECK(The<Count>(broken).deeds == std::vector{Deed::kPromiseBroken});
    CHECK(The<Count>(broken).agency_id == "id.32");
    for (const auto clock :
         {report::v1::CLOCK_FIRST_RESPONSE, report::v1::CLOCK_RESOLUTION, report::v1::CLOCK_PROMISE}) {
      Event raised;
      raised.set_child(child);
      raised.mutable_breach_raised()->set_clock(clock);
      raised.mutable_breach_raised()->set_agency_id("id.32");
      CHECK(The<Count>(raised).deeds == std::vector{Deed::kBreachRaised});
      CHECK(The<Count>(raised).agency_id == "id.32");
    }
    for (const auto clock : {report::v1::CLOCK_VERIFICATION, report::v1::CLOCK_APPEAL,
                             report::v1::CLOCK_OMBUDSMAN_CHECK, report::v1::CLOCK_RECOMMENDATION}) {
      Event others;
      others.set_child(child);
      others.mutable_breach_raised()->set_clock(clock);
      CHECK_FALSE(OnEvent(others).has_value());
      others.mutable_clock_breached()->set_clock(clock);
      CHECK_FALSE(OnEvent(others).has_value());
    }
  }
}

TEST_CASE("the signs of an answer come with it, interim or final, of a report or of a child assignment") {
  Event event;
  event::v1::ResponseGiven& given = *event.mutable_response_given();
  given.set_agency_id("id.32");
  given.set_kind(event::v1::RESPONSE_KIND_FINAL);
  given.add_signals(event::v1::ANSWER_SIGNAL_OTHER_DOOR);
  given.add_signals(event::v1::ANSWER_SIGNAL_COPY_PASTE);
  given.add_signals(event::v1::ANSWER_SIGNAL_NO_EVIDENCE);
  given.add_signals(static_cast<event::v1::AnswerSignal>(77));
  const std::vector<Deed> signs = {Deed::kOtherDoor, Deed::kCopyPaste, Deed::kNoEvidence};
  CHECK(The<Respond>(event).signs == signs);
  event.set_child(1);
  CHECK(The<AnswerChild>(event).signs == signs);
  CHECK(The<AnswerChild>(event).agency_id == "id.32");

  // The part is still to be answered.
  given.set_kind(event::v1::RESPONSE_KIND_INTERIM);
  CHECK(The<Count>(event).deeds == signs);
  CHECK(The<Count>(event).agency_id == "id.32");
  event.clear_child();
  CHECK(The<Respond>(event).signs == signs);
  CHECK_FALSE(The<Respond>(event).is_final);
}

TEST_CASE("an appeal counts once it is opened, and again where it is granted") {
  Event event;
  event.mutable_appeal_opened();
  The<Appeal>(event);
  event.mutable_appeal_decided()->set_granted(true);
  The<GrantAppeal>(event);
  event.mutable_appeal_decided()->set_granted(false);
  CHECK_FALSE(OnEvent(event).has_value());
}

TEST_CASE("a reaction counts with its rating, if there is one") {
  Event event;
  event.mutable_reporter_reacted()->set_rating(5);
  CHECK(The<Rate>(event).rating == 5);
  for (const int32_t none : {0, -1, 6, 1 << 20}) {
    event.mutable_reporter_reacted()->set_rating(none);
    CHECK_FALSE(OnEvent(event).has_value());
  }
}

TEST_CASE("an assignment and a return name their agency") {
  Event event;
  event.mutable_agency_assigned()->set_agency_id("id.32.73");
  CHECK(The<Assign>(event).agency_id == "id.32.73");
  event.mutable_assignment_returned()->set_agency_id("id.32");
  CHECK(The<Return>(event).agency_id == "id.32");
}

TEST_CASE("only the clocks of agencies can be breached by them") {
  Event event;
  for (const auto clock : {report::v1::CLOCK_FIRST_RESPONSE, report::v1::CLOCK_RESOLUTION}) {
    event.mutable_clock_breached()->set_clock(clock);
    event.mutable_clock_breached()->set_agency_id("id.32.73");
    CHECK(The<Breach>(event).clock == clock);
    CHECK(The<Breach>(event).agency_id == "id.32.73");
  }
  for (const auto clock : {report::v1::CLOCK_UNSPECIFIED, report::v1::CLOCK_VERIFICATION,
                           report::v1::CLOCK_COMPLETION, report::v1::CLOCK_REACTION}) {
    event.mutable_clock_breached()->set_clock(clock);
    CHECK_FALSE(OnEvent(event).has_value());
  }
}

TEST_CASE("answers name their agency and are final or not, closings silent or not") {
  Event event;
  event.mutable_response_given()->set_agency_id("id.32.73");
  CHECK(The<Respond>(event).agency_id == "id.32.73");
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_INTERIM);
  CHECK_FALSE(The<Respond>(event).is_final);
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  CHECK(The<Respond>(event).is_final);
  event.mutable_case_closed()->set_closing(event::v1::CLOSING_BY_REPORTER);
  CHECK_FALSE(The<Close>(event).by_silence);
  event.mutable_case_closed()->set_closing(event::v1::CLOSING_BY_SILENCE);
  CHECK(The<Close>(event).by_silence);
  event.mutable_case_reopened();
  CHECK_FALSE(The<Reopen>(event).answer_stands);
  event.mutable_case_reopened()->set_answer_stands(true);
  CHECK(The<Reopen>(event).answer_stands);
}

TEST_CASE("a report that follows no more is open again, unless its reporter or its agency has ended it") {
  Event event;
  event.mutable_report_merged()->set_lead_report_id("7K3M9QXT2B54");
  The<Merge>(event);
  for (int reason = event::v1::UnmergeReason_MIN; reason <= event::v1::UnmergeReason_MAX; ++reason) {
    CAPTURE(reason);
    event.mutable_report_unmerged()->set_reason(static_cast<event::v1::UnmergeReason>(reason));
    const bool over =
        reason == event::v1::UNMERGE_REASON_WITHDRAWN || reason == event::v1::UNMERGE_REASON_CLOSED;
    CHECK(The<Unmerge>(event).open_again != over);
  }
}

TEST_CASE("what is told of a child assignment is its own, and nothing of the report's") {
  const std::set<std::string> own = {"agency_assigned", "assignment_returned", "child_assignment_ended",
                                     "case_reopened"};
  // By what stands in them.
  const std::set<std::string> sometimes = {"clock_breached", "response_given"};
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    const auto* field = payloads->field(i);
    CAPTURE(field->name());
    Event event;
    event.set_child(1);
    event.GetReflection()->MutableMessage(&event, field);
    CHECK(OnEvent(event).has_value() == own.contains(field->name()));
  }

  Event event;
  event.set_child(2);
  event.mutable_agency_assigned()->set_agency_id("id.32");
  CHECK(The<AssignChild>(event).child == 2);
  CHECK(The<AssignChild>(event).agency_id == "id.32");
  event.mutable_child_assignment_ended();
  CHECK(The<EndChild>(event).child == 2);
  event.mutable_assignment_returned()->set_agency_id("id.32");
  CHECK(The<ReturnChild>(event).agency_id == "id.32");
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_INTERIM);
  CHECK_FALSE(OnEvent(event).has_value());
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  CHECK(The<AnswerChild>(event).child == 2);
  CHECK(The<AnswerChild>(event).answered);
  event.mutable_case_reopened();
  CHECK_FALSE(The<AnswerChild>(event).answered);
  event.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION);
  event.mutable_clock_breached()->set_agency_id("id.32");
  CHECK(The<BreachChild>(event).agency_id == "id.32");
  event.mutable_clock_breached()->set_clock(report::v1::CLOCK_REACTION);
  CHECK_FALSE(OnEvent(event).has_value());

  event.mutable_agency_assigned();
  for (const int none : {-1, 21, 1 << 30}) {
    event.set_child(none);
    CHECK_FALSE(OnEvent(event).has_value());
  }
}

TEST_CASE("an escalation names who is complained about") {
  Event event;
  event.mutable_escalation_opened()->set_respondent_agency_id("id.32.73.dpupr");
  CHECK(The<Escalate>(event).respondent == "id.32.73.dpupr");
}

TEST_CASE("of the Ombudsman's outcomes only found maladministration counts") {
  Event event;
  event.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  The<FindMaladministration>(event);
  event.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_NOT_FOUND);
  CHECK_FALSE(OnEvent(event).has_value());
}

}  // namespace
}  // namespace lapor::reporting
