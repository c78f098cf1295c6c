// What a clock tells beside its end: reminders before it, and one supervisor after the other behind it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/decision/proto_time.h"
#include "services/followup/domain.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::BreachRaised;
using event::v1::ClockReminded;
using event::v1::Event;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_PROMISE;
using report::v1::CLOCK_REACTION;
using report::v1::CLOCK_RESOLUTION;
using testing::ActorOf;
using testing::Assignment;
using testing::Final;
using testing::Interim;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Officer;
using testing::PartAssignment;
using testing::Promising;
using testing::Registration;
using testing::Story;
using testing::Wib;

std::vector<ClockReminded> Reminders(const Story& story, report::v1::Clock clock) {
  std::vector<ClockReminded> told;
  for (const Event& event : story.Of(Event::kClockReminded)) {
    if (event.clock_reminded().clock() == clock) told.push_back(event.clock_reminded());
  }
  return told;
}

std::vector<BreachRaised> Raised(const Story& story, report::v1::Clock clock) {
  std::vector<BreachRaised> told;
  for (const Event& event : story.Of(Event::kBreachRaised)) {
    if (event.breach_raised().clock() == clock) told.push_back(event.breach_raised());
  }
  return told;
}

TEST_CASE("a clock reminds its holder when half and when four fifths of its term have passed") {
  Story story;
  story.Open();
  // 5 working days from Wednesday 4 June: half are 2 whole days, four fifths are 4.
  CHECK(story.alarms[0].at(CLOCK_FIRST_RESPONSE) == Wib("2025-06-11 00:00"));
  story.Pass("2025-06-10 23:59");
  CHECK(Reminders(story, CLOCK_FIRST_RESPONSE).empty());

  story.Pass("2025-06-11 00:00").Pass("2025-06-12 12:00");
  auto reminders = Reminders(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(reminders.size() == 1);
  CHECK(reminders[0].percent() == 50);
  CHECK(reminders[0].agency_id() == kAgency);
  CHECK(decision::FromProto(reminders[0].due_at()) == Wib("2025-06-14 00:00"));
  CHECK(story.now.first_response.reminded_percent == 50);

  story.Pass("2025-06-13 00:00").Pass("2025-06-13 12:00");
  reminders = Reminders(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(reminders.size() == 2);
  CHECK(reminders[1].percent() == 80);
  CHECK(story.alarms[0].at(CLOCK_FIRST_RESPONSE) == Wib("2025-06-14 00:00"));
  CHECK(story.Of(Event::kClockBreached).empty());
}

TEST_CASE("reminders that are late together are one, and one that is late beyond the end is none") {
  Story late;
  late.Open().Pass("2025-06-13 10:00");
  REQUIRE(Reminders(late, CLOCK_FIRST_RESPONSE).size() == 1);
  CHECK(Reminders(late, CLOCK_FIRST_RESPONSE)[0].percent() == 80);

  Story too_late;
  too_late.Open().Pass("2025-06-14 00:00");
  CHECK(Reminders(too_late, CLOCK_FIRST_RESPONSE).empty());
  CHECK(too_late.Of(Event::kClockBreached).size() == 1);
}

TEST_CASE("the reporter is reminded to react, under no agency, and anew after each reply") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());  // 10 working days: half are over on Monday the 16th
  story.Pass("2025-06-17 00:00");
  REQUIRE(Reminders(story, CLOCK_REACTION).size() == 1);
  CHECK(Reminders(story, CLOCK_REACTION)[0].percent() == 50);
  CHECK(Reminders(story, CLOCK_REACTION)[0].agency_id().empty());

  story.At("2025-06-18 20:00", RecordReply{Wib("2025-06-18 20:00")}).Pass("2025-06-26 00:00");
  CHECK(Reminders(story, CLOCK_REACTION).size() == 2);
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
}

TEST_CASE("a reminder goes to who holds the case then, not to who held it before") {
  Story story;
  story.Open()
      .At("2025-06-10 09:00", Assignment(Wib("2025-06-10 09:00"), kOtherAgency))
      .Pass("2025-06-11 00:00")
      .At("2025-06-12 09:00", LeaveAgency{Wib("2025-06-12 09:00")})
      .Pass("2025-06-13 00:00");
  const auto reminders = Reminders(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(reminders.size() == 2);
  CHECK(reminders[0].agency_id() == kOtherAgency);
  CHECK(reminders[1].agency_id().empty());
}

TEST_CASE("a pause that moves the end repeats no reminder") {
  Story story;
  story.Open().Pass("2025-06-17 00:00").At("2025-06-17 09:00", Final());
  REQUIRE(Reminders(story, CLOCK_RESOLUTION).size() == 1);
  // The reporter took eight working days; half of the term has passed once and for all.
  story.At("2025-06-30 10:00", RecordReaction{Wib("2025-06-30 10:00"), false}).Pass("2025-06-30 10:01");
  CHECK(Reminders(story, CLOCK_RESOLUTION).size() == 1);
  CHECK(story.now.resolution.due_at == Wib("2025-07-09 00:00"));
  CHECK(story.alarms[0].at(CLOCK_RESOLUTION) == Wib("2025-07-04 00:00"));
  story.Pass("2025-07-04 00:00");
  REQUIRE(Reminders(story, CLOCK_RESOLUTION).size() == 2);
  CHECK(Reminders(story, CLOCK_RESOLUTION)[1].percent() == 80);
}

TEST_CASE("nobody is reminded of an answer at the moment of giving it, nor after it") {
  Story story;
  story.Open().At("2025-06-13 10:00", Interim());  // four fifths have passed, but nobody looked
  CHECK(Reminders(story, CLOCK_FIRST_RESPONSE).empty());
  story.At("2025-06-13 10:01", PassDeadline{CLOCK_FIRST_RESPONSE}).Pass("2025-06-14 00:00");
  CHECK(Reminders(story, CLOCK_FIRST_RESPONSE).empty());
}

TEST_CASE("a deadline that fires while our clock is set back stays where it was") {
  Story story;
  story.Open();
  const absl::Time alarm = story.alarms[0].at(CLOCK_FIRST_RESPONSE);
  story.alarms[0].erase(CLOCK_FIRST_RESPONSE);  // the row was taken
  story.At("2025-06-10 23:59", PassDeadline{CLOCK_FIRST_RESPONSE});
  CHECK(story.alarms[0].at(CLOCK_FIRST_RESPONSE) == alarm);
  CHECK(Reminders(story, CLOCK_FIRST_RESPONSE).empty());
}

TEST_CASE("nobody is reminded of a promise, also where its deadline fires while our clock is set back") {
  Story story;
  story.Open().At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 24)));
  story.alarms[0].erase(CLOCK_PROMISE);  // the row was taken
  story.At("2025-06-24 09:00", PassDeadline{CLOCK_PROMISE});
  CHECK(Reminders(story, CLOCK_PROMISE).empty());
  CHECK(story.alarms[0].at(CLOCK_PROMISE) == Wib("2025-06-25 00:00"));
}

TEST_CASE("a breach goes up level by level while the answer is owed, to the national administrators") {
  Story story;
  story.Open().Pass("2025-06-14 00:00");
  // A working day after the end the agency's coordinator, after three the next one above, which is the last.
  CHECK(story.alarms[0].at(CLOCK_FIRST_RESPONSE) == Wib("2025-06-17 00:00"));
  story.Pass("2025-06-16 23:59");
  CHECK(Raised(story, CLOCK_FIRST_RESPONSE).empty());
  story.Pass("2025-06-17 00:00");
  auto raised = Raised(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].supervisor_agency_id() == "id.32");
  CHECK(raised[0].agency_id() == kAgency);
  CHECK(raised[0].level() == 1);
  CHECK(decision::FromProto(raised[0].due_at()) == Wib("2025-06-14 00:00"));

  story.Pass("2025-06-18 23:59").Pass("2025-06-19 00:00").Pass("2025-06-20 00:00");
  raised = Raised(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(raised.size() == 2);
  CHECK(raised[1].supervisor_agency_id() == "id");
  CHECK(raised[1].level() == 2);
  CHECK(story.now.first_response.raised_levels == 2);
  CHECK_FALSE(story.alarms[0].contains(CLOCK_FIRST_RESPONSE));
  CHECK(story.Of(Event::kClockBreached).size() == 1);
}

TEST_CASE("levels that are due together are told in their order, behind their breach") {
  Story story;
  story.Open().Pass("2025-08-01 00:00");
  std::vector<std::string> told;
  for (const Event& event : story.events) {
    if (event.has_clock_breached()) told.push_back("breach");
    if (event.has_breach_raised()) told.push_back(event.breach_raised().supervisor_agency_id());
  }
  CHECK(told == std::vector<std::string>{"breach", "id.32", "id", "breach", "id.32", "id"});
  CHECK(story.alarms[0].empty());
}

TEST_CASE("no command hides a level whose turn had come before it, and none is told early") {
  Story story;
  story.Open().Pass("2025-06-14 00:00").At("2025-06-19 10:00", Assignment(Wib("2025-06-17 10:00"), "id.51"));
  const auto raised = Raised(story, CLOCK_FIRST_RESPONSE);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].supervisor_agency_id() == "id.32");
  CHECK(raised[0].agency_id() == kAgency);
}

TEST_CASE("while nobody holds the case the national administrators are told, and above them is nobody") {
  Story story;
  story.Open().At("2025-06-12 09:00", LeaveAgency{Wib("2025-06-12 09:00")}).Pass("2025-06-17 00:00");
  REQUIRE(Raised(story, CLOCK_FIRST_RESPONSE).size() == 1);
  CHECK(Raised(story, CLOCK_FIRST_RESPONSE)[0].supervisor_agency_id() == "id");
  CHECK(Raised(story, CLOCK_FIRST_RESPONSE)[0].agency_id().empty());
  CHECK_FALSE(story.alarms[0].contains(CLOCK_FIRST_RESPONSE));

  Story national;
  national.Open().At("2025-06-12 09:00", Assignment(Wib("2025-06-12 09:00"), "id")).Pass("2025-06-17 00:00");
  CHECK(Raised(national, CLOCK_FIRST_RESPONSE).empty());
  CHECK_FALSE(national.alarms[0].contains(CLOCK_FIRST_RESPONSE));
}

TEST_CASE("what is late in other hands is told to those above these, from the first, also after a return") {
  Story story;
  story.Open().At("2025-06-14 09:00", LeaveAgency{Wib("2025-06-14 09:00")}).Pass("2025-06-23 00:00");
  REQUIRE(Raised(story, CLOCK_FIRST_RESPONSE).size() == 1);
  story.At("2025-06-23 10:00", Assignment(Wib("2025-06-23 10:00"), "id.33.74.dinkes"))
      .Pass("2025-06-23 10:01");
  std::vector<std::string> told;
  for (const BreachRaised& raised : Raised(story, CLOCK_FIRST_RESPONSE)) {
    if (raised.agency_id() == "id.33.74.dinkes") told.push_back(raised.supervisor_agency_id());
  }
  CHECK(told == std::vector<std::string>{"id.33.74", "id.33", "id"});
}

TEST_CASE("what was answered late and comes to other hands goes up anew, above these") {
  Story story;
  story.Open().Pass("2025-08-01 00:00").At("2025-08-01 09:00", Final());
  REQUIRE(Raised(story, CLOCK_RESOLUTION).size() == 2);  // to the last one
  story.At("2025-08-04 09:00", Assignment(Wib("2025-08-04 09:00"), "id.33.74"));
  REQUIRE(story.now.state == v1::CASE_STATE_OPEN);
  story.Pass("2025-08-04 09:01");
  const auto raised = Raised(story, CLOCK_RESOLUTION);
  REQUIRE(raised.size() == 4);
  CHECK(raised[2].agency_id() == "id.33.74");
  CHECK(raised[2].supervisor_agency_id() == "id.33");
  CHECK(raised[3].supervisor_agency_id() == "id");
  // The first response was given, late as it was.
  CHECK(Raised(story, CLOCK_FIRST_RESPONSE).size() == 2);
}

TEST_CASE("a case that is reopened after its breach goes on to the next level, and tells none twice") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Interim())
      .Pass("2025-06-26 00:00")
      .Pass("2025-06-27 00:00")
      .At("2025-06-30 09:00", Final())
      .Pass("2025-07-02 00:00");
  REQUIRE(Raised(story, CLOCK_RESOLUTION).size() == 1);
  story.At("2025-07-07 09:00", RecordReaction{Wib("2025-07-07 09:00"), false}).Pass("2025-07-07 09:01");
  const auto raised = Raised(story, CLOCK_RESOLUTION);
  REQUIRE(raised.size() == 2);
  CHECK(raised[1].level() == 2);
  CHECK(raised[1].supervisor_agency_id() == "id");
}

TEST_CASE("a case that rests or has ended neither reminds nor raises; one that goes on catches up") {
  Story archived;
  archived.Open().At("2025-06-05 09:00", ArchiveCase{Wib("2025-06-05 09:00")}).Pass("2025-06-18 00:00");
  CHECK(archived.alarms[0].empty());
  archived.At("2025-06-18 09:00", RestoreCase{Wib("2025-06-18 09:00")}).Pass("2025-06-18 09:01");
  CHECK(archived.Of(Event::kClockBreached).size() == 1);
  CHECK(Raised(archived, CLOCK_FIRST_RESPONSE).size() == 1);
  CHECK(Reminders(archived, CLOCK_RESOLUTION).size() == 1);

  Story ended;
  ended.Open().Pass("2025-06-14 00:00").At("2025-06-14 09:00", EndCase{Wib("2025-06-14 09:00")});
  CHECK(ended.alarms[0].empty());
  CHECK(ended.Pass("2025-07-30 00:00").Of(Event::kBreachRaised).empty());
}

TEST_CASE("a breach at the end of the last known year is raised once its next year is known") {
  // Until then nothing is refused, and nothing fires in vain.
  Story story;
  const absl::Time at = Wib("2026-12-23 08:00");
  story.At(at, Registration(at, report::v1::REPORT_CLASS_INFORMATION_REQUEST))
      .At(at, RecordVerification{at, report::v1::REPORT_CLASS_INFORMATION_REQUEST, false, "", ""});
  Case& c = story.now;
  c.state = v1::CASE_STATE_OPEN;
  c.agency_id = kAgency;
  c.time_zone = report::v1::TIME_ZONE_WIB;
  c.resolution.started_at = at;
  c.resolution.due_at = Wib("2027-01-01 00:00");
  story.At("2027-01-01 00:00", PassDeadline{CLOCK_RESOLUTION});
  CHECK(story.Of(Event::kClockBreached).size() == 1);
  CHECK_FALSE(story.alarms[0].contains(CLOCK_RESOLUTION));
  CHECK_FALSE(story.now.resolution.alarm_at.has_value());

  // As if the calendar had come: the date is one that can be told.
  story.now.resolution.due_at = Wib("2026-12-01 00:00");
  story.At("2027-01-04 00:00", RecordReply{Wib("2027-01-04 00:00")});
  CHECK(Raised(story, CLOCK_RESOLUTION).size() == 2);
}

TEST_CASE("a breach whose supervisors nobody could time goes up when the case goes on, or is reopened") {
  Story late;
  late.Open().Pass("2025-06-26 00:00");
  REQUIRE(late.now.resolution.breached_at.has_value());
  const auto untimed = [](Story story) {
    story.now.first_response.alarm_at.reset();
    story.now.resolution.alarm_at.reset();
    story.alarms[0].clear();
    return story;
  };

  Story archived = late;
  archived = untimed(archived.At("2025-06-26 09:00", ArchiveCase{Wib("2025-06-26 09:00")}));
  archived.At("2025-07-10 09:00", RestoreCase{Wib("2025-07-10 09:00")});
  CHECK(archived.alarms[0].contains(CLOCK_RESOLUTION));

  Story answered = late;
  answered = untimed(answered.At("2025-06-26 09:00", Final()));
  CHECK_FALSE(answered.alarms[0].contains(CLOCK_RESOLUTION));
  answered.At("2025-07-01 09:00", RecordReaction{Wib("2025-07-01 09:00"), false});
  CHECK(answered.alarms[0].contains(CLOCK_RESOLUTION));
  CHECK(Raised(answered.Pass("2025-07-10 00:00"), CLOCK_RESOLUTION).size() == 2);
}

TEST_CASE("a part reminds and is raised by itself, above its own agency") {
  Story story;
  story.Open().At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1, "id.32.74.dinkes"));
  story.At("2025-06-10 09:00", Interim()).Pass("2025-06-12 00:00").Pass("2025-06-17 00:00");
  const auto reminders = story.Of(Event::kClockReminded);
  const auto reminded = std::ranges::find_if(reminders, [](const Event& e) { return e.child() == 1; });
  REQUIRE(reminded != reminders.end());
  CHECK(reminded->clock_reminded().agency_id() == "id.32.74.dinkes");

  story.Pass("2025-06-18 00:00");
  const auto raised = story.Of(Event::kBreachRaised);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].child() == 1);
  CHECK(raised[0].breach_raised().supervisor_agency_id() == "id.32.74");
  CHECK(raised[0].breach_raised().agency_id() == "id.32.74.dinkes");
}

}  // namespace
}  // namespace lapor::followup
