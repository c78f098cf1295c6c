// Reports that follow another one, and what the other one, the lead, takes over from them.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/followup/domain.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_RESOLUTION;
using testing::Assignment;
using testing::Deadlines;
using testing::Final;
using testing::Interim;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Promising;
using testing::Registration;
using testing::Story;
using testing::Wib;

Story Awaiting() {
  Story story;
  return story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00")))
      .At("2025-06-03 09:00",
          RecordVerification{Wib("2025-06-03 09:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""});
}

Story Merged() {
  Story story;
  return story.Open().At("2025-06-05 09:00", MergeCase{Wib("2025-06-05 09:00")});
}

// The clocks of a follower's that had started so.
TakeFollower Follower(const std::string& verified_at, const std::string& assigned_at = "",
                      const std::string& joined_at = "2025-06-10 09:00") {
  TakeFollower command{Wib(joined_at), Wib(verified_at), std::nullopt};
  if (!assigned_at.empty()) command.assigned_at = Wib(assigned_at);
  return command;
}

TEST_CASE("a merged case rests; unmerged it is back with the administrators and goes on where it stood") {
  for (Story story : {Awaiting(), Story().Open()}) {
    const CaseState state = story.now.state;
    INFO(NameOf(state));
    const Deadlines deadlines = story.deadlines;
    const auto started = story.now.resolution.started_at;
    story.At("2025-06-05 09:00", MergeCase{Wib("2025-06-05 09:00")});
    CHECK(story.now.state == v1::CASE_STATE_MERGED);
    CHECK(story.deadlines.empty());
    CHECK(NextDueAt(story.now) == absl::InfiniteFuture());
    CHECK(story.last.empty());

    story.At("2025-06-10 10:00", UnmergeCase{Wib("2025-06-10 10:00")});
    CHECK(story.now.state == state);
    CHECK(story.now.agency_id.empty());
    CHECK(story.deadlines == deadlines);
    CHECK(story.now.resolution.started_at == started);
    CHECK(story.last.empty());
  }
}

TEST_CASE("no clock of a merged case fires; unmerged, what ran out meanwhile is breached at once") {
  Story story = Merged();
  story.Pass("2025-06-20 09:00").At("2025-06-20 09:00", PassDeadline{CLOCK_FIRST_RESPONSE});
  CHECK(story.Of(Event::kClockBreached).empty());

  story.At("2025-06-20 10:00", UnmergeCase{Wib("2025-06-20 10:00")});
  const auto breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 1);
  CHECK(breaches[0].clock_breached().clock() == CLOCK_FIRST_RESPONSE);
  CHECK(decision::FromProto(breaches[0].clock_breached().due_at()) == Wib("2025-06-14 00:00"));
  CHECK(breaches[0].clock_breached().agency_id().empty());
  CHECK(story.now.first_response.breached_at == Wib("2025-06-20 10:00"));
  CHECK(story.deadlines == Deadlines{{CLOCK_RESOLUTION, Wib("2025-06-26 00:00")}});
}

TEST_CASE(
    "what an agency promised doesn't bind the administrators with whom the report is when it is unmerged") {
  const auto unmerge = [](UnmergeCase command) {
    Story story;
    story.Open()
        .At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 12)))
        .At("2025-06-10 09:00", MergeCase{Wib("2025-06-10 09:00")})
        .At(command.at, command)
        .Pass("2025-06-20 12:00");
    return story.Of(Event::kClockBreached).size();
  };
  CHECK(unmerge({Wib("2025-06-11 09:00")}) == 0);
  CHECK(unmerge({Wib("2025-06-20 09:00")}) == 0);
  CHECK(unmerge({.at = Wib("2025-06-20 09:00"), .over = true}) == 1);  // its agency has it still
}

TEST_CASE("a merging hides no breach of the agency that had the report until then") {
  Story story;
  story.Open().At("2025-06-16 09:00", MergeCase{Wib("2025-06-16 09:00")});
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.last[0].clock_breached().agency_id() == kAgency);

  // It was in time, and heard late.
  Story in_time;
  in_time.Open().At("2025-06-16 09:00", MergeCase{Wib("2025-06-13 23:59")});
  CHECK(in_time.Of(Event::kClockBreached).empty());
}

TEST_CASE("a case that was answered before its merging is reopened when it is unmerged") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final()).At("2025-06-06 09:00", MergeCase{Wib("2025-06-06 09:00")});
  CHECK(story.now.state == v1::CASE_STATE_MERGED);
  CHECK(story.deadlines.empty());
  story.Pass("2025-07-01 00:00");
  CHECK(story.now.state == v1::CASE_STATE_MERGED);

  story.At("2025-07-01 09:00", UnmergeCase{Wib("2025-07-01 09:00")});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.agency_id.empty());
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_reopened().agency_id().empty());
  CHECK(story.last[0].actor().role() == report::v1::ROLE_SERVICE);
  CHECK(story.deadlines.size() == 1);
  CHECK(story.deadlines.contains(CLOCK_RESOLUTION));

  // The merging crossed the closing by silence.
  Story silenced;
  silenced.Open()
      .At("2025-06-05 09:00", Final())
      .Pass("2025-06-24 00:00")
      .At("2025-06-24 00:01", MergeCase{Wib("2025-06-23 23:59")});
  CHECK(silenced.now.state == v1::CASE_STATE_CLOSED);
  silenced.At("2025-06-25 09:00", UnmergeCase{Wib("2025-06-25 09:00")});
  CHECK(silenced.now.state == v1::CASE_STATE_OPEN);
}

TEST_CASE("an answered case whose whole term was used up is breached when it is unmerged") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Interim())
      .At("2025-06-25 23:00", Final())  // the last day
      .At("2025-06-25 23:30", MergeCase{Wib("2025-06-25 23:30")})
      .At("2025-06-30 09:00", UnmergeCase{Wib("2025-06-30 09:00")});
  REQUIRE(story.last.size() == 3);
  CHECK(story.last[0].has_case_reopened());
  CHECK(story.last[1].clock_breached().clock() == CLOCK_RESOLUTION);
  // A working day has passed since, and nobody holds it.
  CHECK(story.last[2].breach_raised().supervisor_agency_id() == "id");
  CHECK(story.deadlines.empty());
}

TEST_CASE("what is closed or ended isn't merged") {
  Story closed;
  closed.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-05 10:00", RecordReaction{Wib("2025-06-05 10:00"), true})
      .At("2025-06-05 11:00", MergeCase{Wib("2025-06-05 11:00")});
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
  closed.At("2025-06-05 12:00", UnmergeCase{Wib("2025-06-05 12:00")});
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
  CHECK(closed.now.agency_id == kAgency);

  Story ended;
  ended.Open()
      .At("2025-06-05 09:00", EndCase{Wib("2025-06-05 09:00")})
      .At("2025-06-05 11:00", MergeCase{Wib("2025-06-05 11:00")})
      .At("2025-06-05 12:00", UnmergeCase{Wib("2025-06-05 12:00")});
  CHECK(ended.now.state == v1::CASE_STATE_ENDED);
}

TEST_CASE("what follows no more because it is over doesn't go on, unless it was opened again meanwhile") {
  const UnmergeCase over{Wib("2025-06-20 10:00"), true};
  // Routing took it to be closed; that it is merged here says that it was opened again before the merge.
  Story merged = Merged();
  const std::string agency = merged.now.agency_id;
  REQUIRE_FALSE(agency.empty());
  merged.At("2025-06-20 10:00", over);
  CHECK(merged.now.state == v1::CASE_STATE_OPEN);
  CHECK(merged.now.agency_id == agency);

  Story withdrawn = Merged();
  withdrawn.At("2025-06-20 09:00", EndCase{Wib("2025-06-20 09:00")});
  CHECK(withdrawn.now.state == v1::CASE_STATE_ENDED);
  withdrawn.At("2025-06-20 10:00", over);
  CHECK(withdrawn.now.state == v1::CASE_STATE_ENDED);

  Story silenced;
  silenced.Open().At("2025-06-05 09:00", Final()).Pass("2025-06-24 00:00").At("2025-06-24 00:01", over);
  CHECK(silenced.now.state == v1::CASE_STATE_CLOSED);
  CHECK(silenced.last.empty());
}

TEST_CASE("what happens to a merged report is kept and starts nothing") {
  Story story = Merged();
  const absl::Time at = Wib("2025-06-10 09:00");
  for (const Command& command :
       {Command(RecordReply{at}), Command(RecordReaction{at, false}), Command(RecordReaction{at, true}),
        Command(RestoreCase{at}), Command(LeaveAgency{at}), Command(Assignment(at, kOtherAgency)),
        Command(RecordEscalation{at})}) {
    INFO(NameOf(KindOf(command)));
    story.At(at, command);
    CHECK(story.now.state == v1::CASE_STATE_MERGED);
    CHECK(story.last.empty());
    CHECK(story.deadlines.empty());
  }
  CHECK(story.now.escalated);
  story.At(at, RecordEscalationOutcome{at, event::v1::ESCALATION_OUTCOME_RESOLVED});
  CHECK_FALSE(story.now.escalated);
  CHECK(story.now.escalation_outcome == event::v1::ESCALATION_OUTCOME_RESOLVED);
}

TEST_CASE("a report that is verified anew after it was merged keeps its first start") {
  Story story = Awaiting();
  story.At("2025-06-05 09:00", MergeCase{Wib("2025-06-05 09:00")})
      .At("2025-06-10 09:00", UnmergeCase{Wib("2025-06-10 09:00")})
      .At("2025-06-11 09:00",
          RecordVerification{Wib("2025-06-11 09:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""})
      .At("2025-06-11 10:00", Assignment(Wib("2025-06-11 10:00")));
  CHECK(story.now.resolution.started_at == Wib("2025-06-03 09:00"));
  CHECK(story.now.first_response.started_at == Wib("2025-06-11 10:00"));
}

TEST_CASE("the lead's clocks count from the follower's start where that was earlier") {
  Story story;
  story.Open().At("2025-06-10 09:00", Follower("2025-05-27 09:00", "2025-06-03 10:00"));
  CHECK(story.now.verified_at == Wib("2025-05-27 09:00"));
  CHECK(story.now.first_response.started_at == Wib("2025-06-03 10:00"));
  CHECK(story.now.resolution.started_at == Wib("2025-05-27 09:00"));
  // 29 and 30 May, 6 and 9 June are free.
  CHECK(story.deadlines == Deadlines{{CLOCK_FIRST_RESPONSE, Wib("2025-06-13 00:00")},
                                     {CLOCK_RESOLUTION, Wib("2025-06-21 00:00")}});
  CHECK(story.last.empty());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
}

TEST_CASE("a follower brings each start by itself") {
  Story story;
  story.Open();
  const Deadlines deadlines = story.deadlines;
  story.At("2025-06-10 09:00", Follower("2025-06-02 09:00"));
  CHECK(story.deadlines.at(CLOCK_FIRST_RESPONSE) == deadlines.at(CLOCK_FIRST_RESPONSE));
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-06-25 00:00"));

  Story other;
  other.Open().At("2025-06-10 09:00",
                  TakeFollower{Wib("2025-06-10 09:00"), std::nullopt, Wib("2025-06-03 10:00")});
  CHECK(other.deadlines.at(CLOCK_FIRST_RESPONSE) == Wib("2025-06-13 00:00"));
  CHECK(other.deadlines.at(CLOCK_RESOLUTION) == deadlines.at(CLOCK_RESOLUTION));

  Story none;
  none.Open().At("2025-06-10 09:00", TakeFollower{Wib("2025-06-10 09:00"), std::nullopt, std::nullopt});
  CHECK(none.deadlines == deadlines);
  CHECK(none.now.verified_at == Wib("2025-06-03 09:00"));
}

TEST_CASE(
    "no follower moves a start to a later time, not even by a microsecond, and an earlier one by just that") {
  Story story;
  story.Open();
  const Deadlines deadlines = story.deadlines;
  const absl::Time verified = Wib("2025-06-03 09:00"), assigned = Wib("2025-06-04 10:00");
  const absl::Duration tick = absl::Microseconds(1);
  const absl::Time at = Wib("2025-06-10 09:00");
  for (const absl::Duration later : {tick, absl::ZeroDuration()}) {
    story.At(at, TakeFollower{at, verified + later, assigned + later});
    CHECK(story.now.verified_at == verified);
    CHECK(story.now.resolution.started_at == verified);
    CHECK(story.now.first_response.started_at == assigned);
  }
  story.At(at, TakeFollower{at, verified - tick, assigned - tick});
  CHECK(story.now.verified_at == verified - tick);
  CHECK(story.now.resolution.started_at == verified - tick);
  CHECK(story.now.first_response.started_at == assigned - tick);
  CHECK(story.deadlines == deadlines);  // the same days

  // Just before midnight is the day before.
  story.At(at, TakeFollower{at, Wib("2025-06-03 00:00") - tick, std::nullopt});
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-06-25 00:00"));
}

TEST_CASE("clocks that are met or have run out keep their start") {
  Story story;
  story.Open()
      .Pass("2025-06-14 00:00")          // the first response runs out
      .At("2025-06-16 09:00", Final());  // and the resolution is met
  const Case before = story.now;
  const Deadlines deadlines = story.deadlines;
  story.At("2025-06-17 09:00", Follower("2025-05-27 09:00", "2025-05-28 10:00", "2025-06-17 09:00"));
  CHECK(story.now.first_response.started_at == before.first_response.started_at);
  CHECK(story.now.first_response.due_at == before.first_response.due_at);
  CHECK(story.now.resolution.started_at == before.resolution.started_at);
  CHECK(story.now.resolution.due_at == before.resolution.due_at);
  CHECK(story.deadlines == deadlines);
  CHECK(story.last.empty());

  // Met by an interim answer, while the resolution runs.
  Story interim;
  interim.Open()
      .At("2025-06-05 09:00", Interim())
      .At("2025-06-10 09:00", Follower("2025-06-02 09:00", "2025-06-02 10:00"));
  CHECK(interim.now.first_response.started_at == Wib("2025-06-04 10:00"));
  CHECK(interim.now.resolution.started_at == Wib("2025-06-02 09:00"));
}

TEST_CASE("a clock that has run out from the earlier start is breached at once, never in silence") {
  Story story;
  story.Open().At("2025-06-10 09:00", Follower("2025-04-14 09:00", "2025-04-15 10:00"));
  const std::vector<Event> breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 2);
  CHECK(story.Of(Event::kBreachRaised).size() == 4);  // long ago, each to both above
  CHECK(breaches[0].clock_breached().clock() == CLOCK_FIRST_RESPONSE);
  CHECK(breaches[1].clock_breached().clock() == CLOCK_RESOLUTION);
  for (const Event& event : breaches) {
    CHECK(event.clock_breached().agency_id() == kAgency);
    CHECK(decision::FromProto(event.clock_breached().due_at()) < Wib("2025-06-10 09:00"));
    CHECK(decision::FromProto(event.occurred_at()) == Wib("2025-06-10 09:00"));
  }
  CHECK(decision::FromProto(breaches[1].clock_breached().due_at()) == story.now.resolution.due_at);
  CHECK(story.deadlines.empty());
  CHECK(NextDueAt(story.now) == std::min(*story.now.first_response.due_at, *story.now.resolution.due_at));
  story.Pass("2025-12-01 00:00");
  CHECK(story.Of(Event::kClockBreached).size() == 2);
}

TEST_CASE("what had run out before the follower came is breached by the date that it had then") {
  Story story;
  story.Open().At("2025-06-16 09:00", Follower("2025-06-02 09:00", "2025-06-02 10:00", "2025-06-16 08:00"));
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(decision::FromProto(story.last[0].clock_breached().due_at()) == Wib("2025-06-14 00:00"));
  CHECK(story.now.first_response.started_at == Wib("2025-06-04 10:00"));
}

TEST_CASE("a lead that waits for its assignment opens from the follower's verification") {
  for (const bool verified : {true, false}) {
    Story story;
    story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00")));
    if (verified) story = Awaiting();
    story.At("2025-06-03 10:00", Follower("2025-05-27 09:00", "", "2025-06-03 10:00"))
        .At("2025-06-03 11:00",
            RecordVerification{Wib("2025-06-03 11:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""})
        .At("2025-06-04 10:00", Assignment(Wib("2025-06-04 10:00")));
    CHECK(story.now.resolution.started_at == Wib("2025-05-27 09:00"));
    CHECK(story.now.first_response.started_at == Wib("2025-06-04 10:00"));
  }
}

TEST_CASE("pauses of the lead stay when its clock counts from an earlier start") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-12 10:00", RecordReaction{Wib("2025-06-12 10:00"), false});  // 10, 11 and 12 June
  CHECK(story.now.resolution.due_at == Wib("2025-07-02 00:00"));
  story.At("2025-06-13 09:00", Follower("2025-06-02 09:00", "", "2025-06-13 09:00"));
  CHECK(story.now.pauses.size() == 1);
  CHECK(story.now.resolution.due_at == Wib("2025-07-01 00:00"));
  CHECK(story.deadlines == Deadlines{{CLOCK_RESOLUTION, Wib("2025-07-01 00:00")}});
}

TEST_CASE("a lead that is over takes nothing from a follower") {
  Story story;
  story.Open().At("2025-06-05 09:00", EndCase{Wib("2025-06-05 09:00")});
  const Case before = story.now;
  story.At("2025-06-10 09:00", Follower("2025-04-14 09:00", "2025-04-15 10:00"));
  CHECK(story.now.resolution.started_at == before.resolution.started_at);
  CHECK(story.now.verified_at == before.verified_at);
  CHECK(story.last.empty());
}

TEST_CASE("the parts of a lead keep their own clocks when a follower joins it") {
  Story story;
  story.Open().At("2025-06-05 10:00", testing::PartAssignment(Wib("2025-06-05 10:00"), 1));
  const Deadlines deadlines = story.child_deadlines.at(1);
  story.At("2025-06-10 09:00", Follower("2025-05-27 09:00", "2025-06-03 10:00"));
  CHECK(story.child_deadlines.at(1) == deadlines);
}

}  // namespace
}  // namespace lapor::followup
