// The Ombudsman's clocks and the respondent's: when each starts, whom it reminds, and what its end brings.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/ombudsman/domain.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using testing::Declarations;
using testing::kAgency;
using testing::Officer;
using testing::ShippedOffices;
using testing::ShippedPolicy;
using testing::Story;
using testing::StoryAt;
using testing::TypesOf;
using testing::Wib;

constexpr auto kCheck = report::v1::CLOCK_OMBUDSMAN_CHECK;
constexpr auto kRapid = report::v1::CLOCK_RAPID_RESPONSE;
constexpr auto kExamination = event::v1::ESCALATION_STAGE_EXAMINATION;

TEST_CASE("the checks have a clock from the consent to the decision of the material check") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  CHECK(story.deadlines.empty());
  story.Consent("2025-06-16 09:00");
  REQUIRE(story.Clock(kCheck) != nullptr);
  CHECK(story.Clock(kCheck)->started_at == Wib("2025-06-16 09:00"));
  // 14 working days: without the Islamic new year, Friday 27 June.
  CHECK(story.Clock(kCheck)->due_at == Wib("2025-07-08 00:00"));
  story.Check("2025-06-17 09:00");
  CHECK_FALSE(story.Clock(kCheck)->met_at);
  story.Advance(kExamination, "2025-06-18 09:00");
  CHECK(story.Clock(kCheck)->met_at == Wib("2025-06-18 09:00"));
  CHECK(story.deadlines.empty());
}

TEST_CASE("the end of a case meets the clock of its checks, and ends all others") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.Close(event::v1::ESCALATION_OUTCOME_STOPPED);
  CHECK(story.Clock(kCheck)->met_at);

  Story examined = StoryAt(kExamination);
  examined.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "2025-06-18 10:00")
      .Deliver("2025-06-19 09:00")
      .Close(event::v1::ESCALATION_OUTCOME_RESOLVED);
  CHECK(examined.deadlines.empty());
  CHECK_FALSE(examined.Clock(report::v1::CLOCK_CLARIFICATION)->met_at);
}

TEST_CASE("reminders come at half and at four fifths of the term, each once, then the breach") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.At("2025-07-20 09:00", PassDeadline{});
  CHECK(TypesOf(story.last) == "ClockBreached");  // nobody looked before, and reminders come too late
  Story watched = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  watched.Pass("2025-06-26 09:00");
  CHECK(watched.last[0].clock_reminded().percent() == 50);
  CHECK(watched.last[0].clock_reminded().clock() == kCheck);
  CHECK(watched.last[0].clock_reminded().agency_id().empty());
  CHECK(decision::FromProto(watched.last[0].clock_reminded().due_at()) == watched.Clock(kCheck)->due_at);
  watched.Pass("2025-07-03 09:00");
  CHECK(watched.last[0].clock_reminded().percent() == 80);
  watched.Pass("2025-07-08 00:00");
  CHECK(watched.last[0].clock_breached().clock() == kCheck);
  CHECK(watched.last[0].clock_breached().agency_id().empty());
  CHECK(watched.now.stage == event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  // Met late, it is over, and the breach stays.
  watched.Check("2025-07-09 09:00").Advance(kExamination, "2025-07-10 09:00");
  CHECK(watched.Clock(kCheck)->met_at);
  CHECK(watched.Clock(kCheck)->breached_at);
  CHECK_FALSE(IsOverdue(watched.now));
}

TEST_CASE(
    "who has a letter is reminded of it, and let its term run out: the respondent, above or no agency") {
  const IssueDocument to_respondent = testing::Document(event::v1::DOCUMENT_KIND_SUMMONS);
  IssueDocument above = to_respondent;
  above.agency_id = "id.32";
  const IssueDocument to_person = testing::Document(event::v1::DOCUMENT_KIND_SUMMONS, "Kepala Dinas");
  for (const auto& [summons, whose] :
       {std::pair(to_respondent, kAgency), std::pair(above, "id.32"), std::pair(to_person, "")}) {
    Story story = StoryAt(kExamination);
    story.At("2025-06-18 10:00", summons).Deliver("2025-06-19 09:00").Pass("2025-06-23 09:00");
    CHECK(story.last[0].clock_reminded().clock() == report::v1::CLOCK_SUMMONS);
    CHECK(story.last[0].clock_reminded().agency_id() == whose);
    story.Pass("2025-06-27 09:00");
    CHECK(story.last[0].clock_breached().clock() == report::v1::CLOCK_SUMMONS);
    CHECK(story.last[0].clock_breached().agency_id() == whose);
  }
}

TEST_CASE("a deadline that fires while our clock has been set back is set again") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  const auto decision =
      Decide(story.now, PassDeadline{}, Wib("2025-06-17 09:00"), ShippedPolicy(), ShippedOffices());
  REQUIRE(decision.ok());
  REQUIRE(decision->deadlines.size() == 1);
  CHECK(decision->deadlines[0].due_at == story.deadlines.at(kCheck));
  CHECK(decision->events.empty());
}

// --- the rapid-response lane

TEST_CASE(
    "danger to life: the examination begins at once, from every check, and before the reporter agreed") {
  for (const EscalationStage stage :
       {event::v1::ESCALATION_STAGE_PROPOSED, event::v1::ESCALATION_STAGE_FORMAL_CHECK,
        event::v1::ESCALATION_STAGE_MATERIAL_CHECK}) {
    Story story = StoryAt(stage);
    story.At("2025-06-17 10:00", OpenRapidResponse{Officer(), "Pasien ditolak."});
    CHECK(story.now.stage == kExamination);
    CHECK(story.now.rapid_response);
    CHECK(TypesOf(story.last) == "RapidResponseOpened EscalationStageReached");
    CHECK(decision::FromProto(story.last[0].rapid_response_opened().due_at()) == Wib("2025-06-18 10:00"));
    CHECK(story.deadlines.at(kRapid) == Wib("2025-06-17 22:00"));
    CHECK(std::get<Note>(story.records.back()).text == "Pasien ditolak.");
    // What of the checks is still to be done goes on.
    CHECK(story.now.check_owed == (stage != event::v1::ESCALATION_STAGE_MATERIAL_CHECK));
    CHECK(story.deadlines.contains(kCheck) == (stage == event::v1::ESCALATION_STAGE_FORMAL_CHECK));
    story.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-17 12:00", "Rumah sakit");
    CHECK(story.Clock(kRapid)->met_at == Wib("2025-06-17 12:00"));
  }
}

TEST_CASE("nobody examined in time: the clock of the rapid response runs out to the hour") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.At("2025-06-20 17:00", OpenRapidResponse{Officer(), "x"});  // a Friday
  story.Pass("2025-06-21 16:59");
  CHECK(story.last[0].clock_reminded().percent() == 80);
  story.Pass("2025-06-21 17:00");
  CHECK(story.last[0].clock_breached().clock() == kRapid);
  CHECK(story.last[0].clock_breached().agency_id().empty());
}

TEST_CASE("in the rapid-response lane the formal check follows, without changing the stage") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  story.At("2025-06-17 10:00", OpenRapidResponse{Officer(), "x"});
  const auto refusal = [&](const Command& command) {
    return std::string(story.RefusalAt("2025-06-17 11:00", command).message());
  };
  CHECK(refusal(CheckEligibility{Officer()}).starts_with("report_id: lacks the reporter's consent"));
  story.Consent("2025-06-17 12:00");
  CHECK(story.now.stage == kExamination);
  CHECK(story.now.consented_at);
  CHECK(story.deadlines.contains(kCheck));
  story.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-17 13:00");
  for (const EscalationStage next :
       {event::v1::ESCALATION_STAGE_EXAMINATION_REPORT, event::v1::ESCALATION_STAGE_MEDIATION}) {
    CHECK(refusal(AdvanceEscalation{Officer(), next}).starts_with("stage: needs the formal check"));
  }
  story.Check("2025-06-17 14:00");
  CHECK(story.now.stage == kExamination);
  CHECK(TypesOf(story.last) == "EligibilityDecided");
  CHECK(story.Clock(kCheck)->met_at);
  CHECK(refusal(CheckEligibility{Officer()}).starts_with("report_id: has had its formal check"));
  story.Advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT, "2025-06-17 15:00");
}

TEST_CASE("in the rapid-response lane, too, what is not eligible is closed") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  event::v1::ReporterDeclarations declarations = Declarations();
  declarations.set_before_court(true);
  story.At("2025-06-17 10:00", OpenRapidResponse{Officer(), "x"})
      .At("2025-06-17 11:00", RequestEscalation{Wib("2025-06-17 11:00"), true, false, declarations})
      .Check("2025-06-17 12:00");
  CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE);
  CHECK(story.deadlines.empty());
}

// --- the calendar changes

// The same terms with a calendar in which these days, not on record when the clock was started, are free.
Decision Recount(Story& story, const std::string& wib, const std::string& due_at_before) {
  // As if the calendar had been another one then.
  for (CaseClock& clock : story.now.clocks) {
    clock.due_at = Wib(due_at_before);
    clock.alarm_at = std::min(clock.alarm_at, clock.due_at);
  }
  auto decision = Decide(story.now, RecountClocks{}, Wib(wib), ShippedPolicy(), ShippedOffices());
  REQUIRE(decision.ok());
  return *std::move(decision);
}

TEST_CASE("a day that was made free late moves what still runs, and tells by which calendar") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  const Decision decision = Recount(story, "2025-06-18 09:00", "2025-07-05 00:00");
  REQUIRE(TypesOf(decision.events) == "ClockMoved");
  const event::v1::ClockMoved& moved = decision.events[0].clock_moved();
  CHECK(moved.clock() == kCheck);
  CHECK(decision::FromProto(moved.due_at_before()) == Wib("2025-07-05 00:00"));
  CHECK(decision::FromProto(moved.due_at()) == Wib("2025-07-08 00:00"));
  REQUIRE(moved.calendar_version_size() == 1);
  CHECK(moved.calendar_version(0).starts_with("2025."));
  CHECK(decision.next.clocks[0].due_at == Wib("2025-07-08 00:00"));
  // Once counted, twice is the same.
  story.now = decision.next;
  const auto again =
      Decide(story.now, RecountClocks{}, Wib("2025-06-18 10:00"), ShippedPolicy(), ShippedOffices());
  REQUIRE(again.ok());
  CHECK(again->events.empty());
}

TEST_CASE("a clock that ran out by the old calendar stays so, though nobody had looked") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  const Decision in_time = Recount(story, "2025-07-04 23:59", "2025-07-05 00:00");
  CHECK(TypesOf(in_time.events) == "ClockMoved");
  const Decision decision = Recount(story, "2025-07-05 00:00", "2025-07-05 00:00");
  CHECK(decision.events.empty());
  story.now = decision.next;
  story.At("2025-07-05 00:00", PassDeadline{});
  CHECK(TypesOf(story.last) == "ClockBreached");
  CHECK(decision::FromProto(story.last[0].clock_breached().due_at()) == Wib("2025-07-05 00:00"));
}

TEST_CASE("no calendar moves a breach that was told, or a clock into the past") {
  Story breached = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  breached.Pass("2025-07-08 09:00");
  CHECK(Recount(breached, "2025-07-08 10:00", "2025-07-05 00:00").events.empty());

  Story late = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  const Decision decision = Recount(late, "2025-07-08 09:00", "2025-07-10 00:00");
  CHECK(decision.events.empty());
  CHECK(decision.next.clocks[0].due_at == Wib("2025-07-10 00:00"));
}

TEST_CASE(
    "a clock that goes on is counted by the calendar of then, which may have come while it stood still") {
  constexpr auto kAction = report::v1::CLOCK_CORRECTIVE_ACTION;
  Story story = StoryAt(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT);
  story.Deliver("2025-06-19 09:00").Comply(event::v1::COMPLIANCE_FULL, "2025-07-10 09:00");
  const absl::Time due_at = story.Clock(kAction)->due_at;
  const Decision counted = Recount(story, "2025-07-11 09:00", "2025-07-30 00:00");
  CHECK(counted.events.empty());  // it is met
  story.now = counted.next;
  // Also where the date of old has gone by meanwhile, by which nothing was owed.
  for (const char* const otherwise : {"2025-07-14 09:00", "2025-07-30 09:00"}) {
    Story owing = story;
    owing.Comply(event::v1::COMPLIANCE_PARTIAL, otherwise);
    CHECK(TypesOf(owing.last) == "ComplianceRecorded ClockMoved");
    CHECK(owing.Clock(kAction)->due_at == due_at);
  }
}

TEST_CASE("a clock that can't be counted is an error that names what is wrong, not a guess") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  story.now.facts.policy_version = "1999.1";
  const absl::Status status = story.RefusalAt(
      "2025-06-16 09:00", ConsentToEscalation{Wib("2025-06-16 09:00"), false, Declarations()});
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(status.message()).starts_with("policy: CLOCK_OMBUDSMAN_CHECK can't be set"));
}

}  // namespace
}  // namespace lapor::ombudsman
