// Late changes of the calendar. The real one: on 7 August 2025 the joint decree was amended, and Monday
// 18 August became collective leave (calendar-2025.textproto).
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/runtime/testing/temporary_folder.h"
#include "services/followup/domain.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::ClockMoved;
using event::v1::Event;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_REACTION;
using report::v1::CLOCK_RESOLUTION;
using testing::Assignment;
using testing::Final;
using testing::kAgency;
using testing::Officer;
using testing::PartAssignment;
using testing::Registration;
using testing::ShippedPolicy;
using testing::Story;
using testing::Wib;

// The shipped policy, with the calendar of 2025 changed: without its lines that hold `dropped`, under
// `version`; without any, the whole year is missing.
std::shared_ptr<const policy::Policy> PolicyOf(const std::string& version, const std::string& dropped) {
  const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
  runtime::TemporaryFolder folder;
  const std::filesystem::path policy_dir = folder / "policy";
  std::filesystem::copy(source / "deploy/policy", policy_dir);
  const std::filesystem::path calendar = policy_dir / "calendar-2025.textproto";
  std::filesystem::remove(calendar);
  if (!version.empty()) {
    std::ifstream shipped(source / "deploy/policy/calendar-2025.textproto");
    std::ofstream changed(calendar);
    for (std::string line; std::getline(shipped, line);) {
      if (line.starts_with("version:")) line = "version: \"" + version + "\"";
      if (line.find(dropped) == line.npos) changed << line << "\n";
    }
  }
  auto loaded = policy::Policy::Load(policy_dir, source / "deploy/reference");
  if (!loaded.ok()) throw std::runtime_error(std::string(loaded.status().message()));
  return *std::move(loaded);
}

// When 18 August was still a working day.
const policy::Policy& BeforeTheDecree() {
  static const auto policy = PolicyOf("2025.1", "2025-08-18");
  return *policy;
}

// A complaint that was verified on Tuesday 5 August 2025 and assigned on Monday the 11th at 10:00. With the
// decree, first response is due at the end of the 19th and resolution at the end of the 26th; before it, a
// day earlier.
Story OpenedUnder(const policy::Policy& policy) {
  Story story;
  story.policy = &policy;
  return story.At("2025-08-04 08:00", Registration(Wib("2025-08-04 08:00")))
      .At("2025-08-05 09:00",
          RecordVerification{Wib("2025-08-05 09:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""})
      .At("2025-08-11 10:00", Assignment(Wib("2025-08-11 10:00")));
}

// With the calendar that holds now.
Story& Recount(Story& story, const std::string& wib, const policy::Policy& policy = ShippedPolicy()) {
  story.policy = &policy;
  return story.At(wib, RecountClocks{});
}

std::vector<ClockMoved> Moved(const Story& story) {
  std::vector<ClockMoved> moved;
  for (const Event& event : story.Of(Event::kClockMoved)) moved.push_back(event.clock_moved());
  return moved;
}

TEST_CASE(
    "known bug: no recalculation after a calendar change; a late decree moves the clocks that run, once") {
  Story story = OpenedUnder(BeforeTheDecree());
  REQUIRE(story.now.first_response.due_at == Wib("2025-08-19 00:00"));
  REQUIRE(story.now.resolution.due_at == Wib("2025-08-26 00:00"));

  Recount(story, "2025-08-12 09:00");
  const auto moved = Moved(story);
  REQUIRE(moved.size() == 2);
  CHECK(moved[0].clock() == CLOCK_FIRST_RESPONSE);
  CHECK(decision::FromProto(moved[0].due_at_before()) == Wib("2025-08-19 00:00"));
  CHECK(decision::FromProto(moved[0].due_at()) == Wib("2025-08-20 00:00"));
  REQUIRE(moved[0].calendar_version_size() == 1);
  CHECK(moved[0].calendar_version(0) == "2025.2");
  CHECK(moved[1].clock() == CLOCK_RESOLUTION);
  CHECK(story.deadlines == testing::Deadlines{{CLOCK_FIRST_RESPONSE, Wib("2025-08-20 00:00")},
                                              {CLOCK_RESOLUTION, Wib("2025-08-27 00:00")}});
  CHECK(story.events.back().actor().role() == report::v1::ROLE_SERVICE);

  Recount(story, "2025-08-12 09:01");
  CHECK(story.last.empty());
  story.Pass("2025-08-19 12:00");
  CHECK(story.Of(Event::kClockBreached).empty());
  CHECK(story.Pass("2025-08-20 00:00").Of(Event::kClockBreached).size() == 1);
}

TEST_CASE("a recount without a change does nothing, in every state") {
  for (const Command& command :
       {Command(Final()), Command(ArchiveCase{Wib("2025-08-12 08:00")}),
        Command(EndCase{Wib("2025-08-12 08:00")}), Command(RecordReply{Wib("2025-08-12 08:00")})}) {
    Story story = OpenedUnder(ShippedPolicy());
    story.At("2025-08-12 08:00", command);
    const auto alarms = story.alarms;
    Recount(story, "2025-08-13 09:00");
    CHECK(story.last.empty());
    CHECK(story.alarms == alarms);
  }
}

TEST_CASE("what is still to be told moves with the days, what was told isn't told again") {
  Story story = OpenedUnder(BeforeTheDecree());
  story.Pass("2025-08-15 00:00");  // half of both terms
  REQUIRE(story.Of(Event::kClockReminded).size() == 2);
  REQUIRE(story.alarms[0].at(CLOCK_RESOLUTION) == Wib("2025-08-21 00:00"));
  Recount(story, "2025-08-15 09:00").Pass("2025-08-15 09:01");
  CHECK(story.alarms[0].at(CLOCK_RESOLUTION) == Wib("2025-08-22 00:00"));
  CHECK(story.Of(Event::kClockReminded).size() == 2);
}

TEST_CASE("a breach that has happened stays, also where nobody had looked before the decree") {
  Story looked = OpenedUnder(BeforeTheDecree());
  looked.Pass("2025-08-19 00:00");
  Recount(looked, "2025-08-19 00:01");
  Story late = OpenedUnder(BeforeTheDecree());
  Recount(late, "2025-08-19 00:01");
  // What happened in time may not have been heard yet: the deadline says so, which waits for that.
  CHECK(late.Of(Event::kClockBreached).empty());
  late.Pass("2025-08-19 00:02");
  for (const Story* story : {&looked, &late}) {
    CHECK(story->Of(Event::kClockBreached).size() == 1);
    CHECK(story->now.first_response.breached_at.has_value());
    CHECK(story->now.first_response.due_at == Wib("2025-08-19 00:00"));
    REQUIRE(Moved(*story).size() == 1);
    CHECK(Moved(*story)[0].clock() == CLOCK_RESOLUTION);
  }
}

TEST_CASE("nobody is late by a decree: a holiday that is taken back ends no clock in the past") {
  Story in_time = OpenedUnder(ShippedPolicy());
  Recount(in_time, "2025-08-12 09:00", BeforeTheDecree());
  CHECK(in_time.deadlines.at(CLOCK_FIRST_RESPONSE) == Wib("2025-08-19 00:00"));

  Story late = OpenedUnder(ShippedPolicy());
  Recount(late, "2025-08-19 12:00", BeforeTheDecree());
  CHECK(late.deadlines.at(CLOCK_FIRST_RESPONSE) == Wib("2025-08-20 00:00"));
  CHECK(late.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-08-26 00:00"));
  CHECK(late.Of(Event::kClockBreached).empty());
  Recount(late, "2025-08-19 12:01", BeforeTheDecree());
  CHECK(late.last.empty());
}

TEST_CASE("what was met stays as it was met; the reporter's clock moves") {
  Story story = OpenedUnder(BeforeTheDecree());
  story.At("2025-08-12 09:00", Final());
  const Case before = story.now;
  Recount(story, "2025-08-12 10:00");
  CHECK(story.now.first_response.due_at == before.first_response.due_at);
  CHECK(story.now.resolution.due_at == before.resolution.due_at);
  REQUIRE(Moved(story).size() == 1);
  CHECK(Moved(story)[0].clock() == CLOCK_REACTION);
  CHECK(story.deadlines.at(CLOCK_REACTION) == Wib("2025-08-28 00:00"));
}

TEST_CASE("a clock that goes on after an answer counts with the calendar of then, whoever reopens the case") {
  Story own = OpenedUnder(BeforeTheDecree());
  own.At("2025-08-12 09:00", Final());
  Recount(own, "2025-08-12 10:00").At("2025-08-13 09:00", ReopenCase{Officer()});
  CHECK(own.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-08-27 00:00"));
  CHECK(Moved(own).back().clock() == CLOCK_RESOLUTION);

  Story reporter = OpenedUnder(BeforeTheDecree());
  reporter.At("2025-08-12 09:00", Final());
  Recount(reporter, "2025-08-12 10:00")
      .At("2025-08-13 09:00", RecordReaction{Wib("2025-08-13 09:00"), false});
  CHECK(reporter.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-08-28 00:00"));  // and a day's pause
}

TEST_CASE("clocks of a case that rests are counted again, for they run on; what ran out meanwhile is not") {
  Story story = OpenedUnder(BeforeTheDecree());
  story.At("2025-08-12 09:00", ArchiveCase{Wib("2025-08-12 09:00")});
  Recount(story, "2025-08-13 09:00");
  CHECK(Moved(story).size() == 2);
  CHECK(story.alarms[0].empty());
  story.At("2025-08-19 09:00", RestoreCase{Wib("2025-08-19 09:00")}).Pass("2025-08-19 09:01");
  CHECK(story.Of(Event::kClockBreached).empty());

  Story late = OpenedUnder(BeforeTheDecree());
  late.At("2025-08-12 09:00", MergeCase{Wib("2025-08-12 09:00")});
  Recount(late, "2025-08-19 09:00").At("2025-08-19 10:00", UnmergeCase{Wib("2025-08-19 10:00")});
  REQUIRE(late.Of(Event::kClockBreached).size() == 1);
  CHECK(late.now.first_response.due_at == Wib("2025-08-19 00:00"));

  Story ended = OpenedUnder(BeforeTheDecree());
  ended.At("2025-08-12 09:00", EndCase{Wib("2025-08-12 09:00")});
  Recount(ended, "2025-08-13 09:00");
  CHECK(Moved(ended).empty());
}

TEST_CASE("the parts of a report are counted again with it") {
  Story story = OpenedUnder(BeforeTheDecree());
  story.At("2025-08-12 09:00", PartAssignment(Wib("2025-08-12 09:00"), 1));
  REQUIRE(story.child_deadlines[1].at(CLOCK_FIRST_RESPONSE) == Wib("2025-08-20 00:00"));
  Recount(story, "2025-08-12 10:00");
  CHECK(story.child_deadlines[1].at(CLOCK_FIRST_RESPONSE) == Wib("2025-08-21 00:00"));
  const auto moved = story.Of(Event::kClockMoved);
  REQUIRE(moved.size() == 4);
  CHECK(moved[1].child() == 0);
  CHECK(moved[2].child() == 1);
}

TEST_CASE("without the calendar that made them, dates stand as they are, and nothing is refused") {
  Story story = OpenedUnder(ShippedPolicy());
  const auto deadlines = story.deadlines;
  const auto without = PolicyOf("", "");
  Recount(story, "2025-08-12 09:00", *without);
  CHECK(story.last.empty());
  CHECK(story.deadlines == deadlines);
}

TEST_CASE("a report that nobody knows has no clocks to count") {
  CHECK_FALSE(Story().Refusal("2025-08-12 09:00", RecountClocks{}).ok());
}

}  // namespace
}  // namespace lapor::followup
