// The clocks of a case, with the shipped policy and calendars. Each of these has been wrong in comparable
// systems.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/followup/domain.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using report::v1::CLOCK_FIRST_RESPONSE;
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
using testing::Registration;
using testing::ShippedPolicy;
using testing::Story;
using testing::Wib;

// The clock that began when the case was opened.
struct OpenedClocks {
  absl::Time first_response_due_at;
  absl::Time resolution_due_at;
};

OpenedClocks Opened(absl::Time verified_at, absl::Time assigned_at, report::v1::ReportClass report_class,
                    bool supervision, report::v1::TimeZone zone) {
  Story story;
  story.At(verified_at, Registration(verified_at, report_class))
      .At(verified_at, RecordVerification{verified_at, report_class, supervision, "", ""})
      .At(assigned_at, Assignment(assigned_at, kAgency, zone));
  CHECK(story.deadlines.at(CLOCK_FIRST_RESPONSE) == *story.now.first_response.due_at);
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == *story.now.resolution.due_at);
  return {*story.now.first_response.due_at, *story.now.resolution.due_at};
}

TEST_CASE(
    "first response counts from the assignment, resolution from the verification, each class with its term") {
  const absl::Time verified = Wib("2025-06-16 09:00");  // a Monday
  const absl::Time assigned = Wib("2025-06-18 15:00");
  const auto due = [&](report::v1::ReportClass report_class, bool supervision) {
    return Opened(verified, assigned, report_class, supervision, report::v1::TIME_ZONE_WIB);
  };
  const auto complaint = due(report::v1::REPORT_CLASS_COMPLAINT, false);
  CHECK(complaint.first_response_due_at == Wib("2025-06-26 00:00"));
  CHECK(complaint.resolution_due_at == Wib("2025-07-08 00:00"));  // 27 June is free
  CHECK(due(report::v1::REPORT_CLASS_INFORMATION_REQUEST, false).resolution_due_at ==
        Wib("2025-06-24 00:00"));
  CHECK(due(report::v1::REPORT_CLASS_ASPIRATION, false).resolution_due_at == Wib("2025-07-08 00:00"));
  CHECK(due(report::v1::REPORT_CLASS_COMPLAINT, true).resolution_due_at == Wib("2025-09-12 00:00"));
}

TEST_CASE("clocks stand still over holidays and collective leave") {
  // Idulfitri 1446: from Friday 28 March to Monday 7 April 2025 nobody works.
  const auto due = Opened(Wib("2025-03-26 10:00"), Wib("2025-03-27 09:00"),
                          report::v1::REPORT_CLASS_INFORMATION_REQUEST, false, report::v1::TIME_ZONE_WIB);
  CHECK(due.first_response_due_at == Wib("2025-04-15 00:00"));
  CHECK(due.resolution_due_at == Wib("2025-04-12 00:00"));
}

TEST_CASE("days begin and end in the agency's zone") {
  // Monday 23:30 in Jakarta is Tuesday 01:30 in Jayapura.
  const absl::Time at = Wib("2025-06-16 23:30");
  const auto due = [&](report::v1::TimeZone zone) {
    return Opened(at, at, report::v1::REPORT_CLASS_COMPLAINT, false, zone).first_response_due_at;
  };
  CHECK(due(report::v1::TIME_ZONE_WIB) == Wib("2025-06-24 00:00"));
  CHECK(due(report::v1::TIME_ZONE_WITA) == Wib("2025-06-24 23:00"));
  CHECK(due(report::v1::TIME_ZONE_WIT) == Wib("2025-06-24 22:00"));
}

TEST_CASE("clocks start from what happened, not from when it was heard") {
  Story story;
  // The consumer was down for three days.
  const std::string heard = "2025-06-19 10:00";
  story.At(heard, Registration(Wib("2025-06-16 08:00")))
      .At(heard,
          RecordVerification{Wib("2025-06-16 09:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""})
      .At(heard, Assignment(Wib("2025-06-16 10:00")));
  CHECK(story.now.first_response.started_at == Wib("2025-06-16 10:00"));
  CHECK(story.now.first_response.due_at == Wib("2025-06-24 00:00"));
  CHECK(story.now.resolution.started_at == Wib("2025-06-16 09:00"));
}

TEST_CASE("an assignment without verification, which no stream should hold, counts from itself") {
  Story story;
  story.At("2025-06-16 08:00", Registration(Wib("2025-06-16 08:00")))
      .At("2025-06-16 10:00", Assignment(Wib("2025-06-16 10:00")));
  CHECK(story.now.resolution.started_at == Wib("2025-06-16 10:00"));
}

TEST_CASE("a transfer to an agency of another zone keeps every clock") {
  Story story;
  story.Open();
  const Case before = story.now;
  story.At("2025-06-09 09:00", LeaveAgency{Wib("2025-06-09 09:00")})
      .At("2025-06-10 09:00", Assignment(Wib("2025-06-10 09:00"), kOtherAgency, report::v1::TIME_ZONE_WIT));

  CHECK(story.now.agency_id == kOtherAgency);
  CHECK(story.now.first_response.started_at == before.first_response.started_at);
  CHECK(story.now.first_response.due_at == before.first_response.due_at);
  CHECK(story.now.resolution.due_at == before.resolution.due_at);
  CHECK(story.now.time_zone == report::v1::TIME_ZONE_WIB);
  CHECK(InPolicy(story.now, CLOCK_RESOLUTION).agency_id == kAgency);  // whose closures count
  CHECK(story.deadlines.at(CLOCK_FIRST_RESPONSE) == *before.first_response.due_at);
  CHECK(story.Of(Event::kCaseOpened).size() == 1);
}

TEST_CASE("known bug: any write resets the clock; none to an open case moves a clock of its agency") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim());
  const Case before = story.now;
  auto deadlines = story.deadlines;
  deadlines.erase(report::v1::CLOCK_PROMISE);  // the agency's own
  const absl::Time at = Wib("2025-06-10 12:00");
  const std::vector<Command> writes = {
      Registration(at),
      RecordVerification{at, report::v1::REPORT_CLASS_INFORMATION_REQUEST, true, "health", "32.01"},
      Assignment(at, kOtherAgency, report::v1::TIME_ZONE_WIT),
      LeaveAgency{at},
      Assignment(at),
      RecordReply{at},
      RecordReaction{at, true},
      RecordReaction{at, false},
      RecordEscalation{at},
      RecordEscalationOutcome{at, event::v1::ESCALATION_OUTCOME_RESOLVED},
      RecordReopeningRequest{at},
      RecordAppeal{at},
      DelegateCase{Officer(), "desk-1"},
      Interim(),
      PassDeadline{CLOCK_FIRST_RESPONSE},
      PassDeadline{CLOCK_RESOLUTION},
      PassDeadline{CLOCK_REACTION},
      TakeFollower{at, at, at},
      PartAssignment(at, 1),
      LeaveAgency{at, 1},
      PartAssignment(at, 1),
      Final(Officer(kOtherAgency), 1),
      PassDeadline{CLOCK_RESOLUTION, 1},
      EndCase{at, 1},
      RecountClocks{},
  };
  for (const Command& write : writes) {
    INFO(NameOf(KindOf(write)));
    story.At(at, write);
    for (const auto& [now_clock, before_clock] : {std::pair(story.now.first_response, before.first_response),
                                                  std::pair(story.now.resolution, before.resolution)}) {
      CHECK(now_clock.started_at == before_clock.started_at);
      CHECK(now_clock.due_at == before_clock.due_at);
      CHECK(now_clock.met_at == before_clock.met_at);
      CHECK(now_clock.breached_at == before_clock.breached_at);
    }
    auto now = story.deadlines;
    now.erase(report::v1::CLOCK_PROMISE);
    CHECK(now == deadlines);
  }
}

TEST_CASE("known bug: an update overrules the first response; no later answer meets, clears or restarts it") {
  Story story;
  story.Open().Pass("2025-06-14 00:00").At("2025-06-16 09:00", Interim());
  const CaseClock first = story.now.first_response;
  REQUIRE(first.met_at == Wib("2025-06-16 09:00"));
  REQUIRE(first.breached_at == Wib("2025-06-14 00:00"));
  story.At("2025-06-17 09:00", Interim())
      .At("2025-06-18 09:00", Final())
      .At("2025-06-19 09:00", ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)})
      .At("2025-06-20 09:00", Final());
  CHECK(story.now.first_response.started_at == first.started_at);
  CHECK(story.now.first_response.due_at == first.due_at);
  CHECK(story.now.first_response.met_at == first.met_at);
  CHECK(story.now.first_response.breached_at == first.breached_at);
}

TEST_CASE("known bug: escalation after the agency has answered; what was answered goes no level higher") {
  Story story;
  story.Open().Pass("2025-06-14 00:00").At("2025-06-16 09:00", Interim()).Pass("2025-06-20 00:00");
  CHECK(story.Of(Event::kBreachRaised).empty());
  story.Pass("2025-06-26 00:00").At("2025-06-26 09:00", Final()).Pass("2025-12-01 00:00");
  CHECK(story.Of(Event::kClockBreached).size() == 2);
  CHECK(story.Of(Event::kBreachRaised).empty());
}

TEST_CASE("known bug: a reminder after the answer") {
  Story story;
  story.Open().At("2025-06-10 09:00", Interim()).Pass("2025-06-13 12:00");
  CHECK(story.Of(Event::kClockReminded).empty());
  story.At("2025-06-16 09:00", Final()).Pass("2025-06-23 12:00");
  CHECK(story.Of(Event::kClockReminded).empty());
}

TEST_CASE(
    "known bug: a stale clock after a transfer; who holds the case then is told, by the first one's days") {
  Story story;
  story.Open().At("2025-06-10 09:00",
                  Assignment(Wib("2025-06-10 09:00"), "id.94.71.disdik", report::v1::TIME_ZONE_WIT));
  story.Pass("2025-06-13 22:00");  // the end of the day in Jayapura
  CHECK(story.Of(Event::kClockBreached).empty());
  story.Pass("2025-06-14 00:00");
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.Of(Event::kClockBreached)[0].clock_breached().agency_id() == "id.94.71.disdik");
  CHECK(InPolicy(story.now, CLOCK_FIRST_RESPONSE).agency_id == kAgency);

  story.At("2025-06-16 09:00", Assignment(Wib("2025-06-16 09:00"), "id.51.03")).Pass("2025-06-17 00:00");
  REQUIRE(story.Of(Event::kBreachRaised).size() == 1);
  CHECK(story.Of(Event::kBreachRaised)[0].breach_raised().agency_id() == "id.51.03");
  CHECK(story.Of(Event::kBreachRaised)[0].breach_raised().supervisor_agency_id() == "id.51");
}

TEST_CASE("known bug: a part that is late makes its report late, or is hidden by it; it breaches alone") {
  Story story;
  story.Open()
      .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1, "id.33"))
      .At("2025-06-10 09:00", Interim())
      .Pass("2025-06-17 00:00");
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.Of(Event::kClockBreached)[0].child() == 1);
  CHECK_FALSE(IsBreached(story.now));
  CHECK(IsBreached(story.Child(1)));
}

TEST_CASE("only the first answer counts as the first response") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim());
  CHECK(story.now.first_response.met_at == Wib("2025-06-05 09:00"));
  CHECK_FALSE(story.deadlines.contains(CLOCK_FIRST_RESPONSE));
  CHECK(story.deadlines.contains(CLOCK_RESOLUTION));

  story.At("2025-06-06 09:00", Interim()).At("2025-06-10 09:00", Final());
  CHECK(story.now.first_response.met_at == Wib("2025-06-05 09:00"));
}

TEST_CASE("a final answer as the first one meets both clocks and starts the reporter's") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());
  CHECK(story.now.first_response.met_at == Wib("2025-06-05 09:00"));
  CHECK(story.now.resolution.met_at == Wib("2025-06-05 09:00"));
  CHECK(story.deadlines ==
        std::map<report::v1::Clock, absl::Time>{{CLOCK_REACTION, Wib("2025-06-24 00:00")}});
}

TEST_CASE("a clock is met until its last moment, breached at its end, once, and by the holder") {
  Story story;
  story.Open().Pass("2025-06-13 23:59");
  CHECK(story.last.empty() == false);  // the opening
  CHECK(story.Of(Event::kClockBreached).empty());

  story.Pass("2025-06-14 00:00");
  auto breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 1);
  CHECK(breaches[0].clock_breached().clock() == CLOCK_FIRST_RESPONSE);
  CHECK(decision::FromProto(breaches[0].clock_breached().due_at()) == Wib("2025-06-14 00:00"));
  CHECK(breaches[0].clock_breached().agency_id() == kAgency);
  CHECK(breaches[0].actor().role() == report::v1::ROLE_SERVICE);
  CHECK(story.now.state == v1::CASE_STATE_OPEN);

  // Fired again, as after a lost COMMIT reply, and answered late: the breach stays the only one.
  story.At("2025-06-14 00:01", PassDeadline{CLOCK_FIRST_RESPONSE}).At("2025-06-16 09:00", Interim());
  CHECK(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.now.first_response.breached_at == Wib("2025-06-14 00:00"));
  CHECK(story.now.first_response.met_at == Wib("2025-06-16 09:00"));

  story.Pass("2025-06-30 00:00").Pass("2025-06-30 00:01");
  breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 2);
  CHECK(breaches[1].clock_breached().clock() == CLOCK_RESOLUTION);
}

TEST_CASE("an answer just after the end of the clock, before the due scan looked, doesn't hide the breach") {
  Story story;
  story.Open().At("2025-06-14 00:00", Interim());
  REQUIRE(story.last.size() == 2);
  CHECK(story.last[0].clock_breached().clock() == CLOCK_FIRST_RESPONSE);
  CHECK(story.last[1].has_response_given());
  CHECK_FALSE(story.deadlines.contains(CLOCK_FIRST_RESPONSE));
}

TEST_CASE("a transfer after the end of the clock doesn't move the breach to the next agency") {
  Story story;
  story.Open().At("2025-06-14 00:10", Assignment(Wib("2025-06-14 00:05"), kOtherAgency));
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.Of(Event::kClockBreached)[0].clock_breached().agency_id() == kAgency);

  Story in_time;
  in_time.Open()
      .At("2025-06-14 00:10", Assignment(Wib("2025-06-13 23:55"), kOtherAgency))
      .Pass("2025-06-14 00:11");
  REQUIRE(in_time.Of(Event::kClockBreached).size() == 1);
  CHECK(in_time.Of(Event::kClockBreached)[0].clock_breached().agency_id() == kOtherAgency);
}

TEST_CASE("a withdrawal in time leaves no breach, one after the end of the clock does") {
  Story in_time;
  in_time.Open().At("2025-06-14 00:10", EndCase{Wib("2025-06-13 23:59")}).Pass("2025-07-30 00:00");
  CHECK(in_time.Of(Event::kClockBreached).empty());

  Story late;
  late.Open().At("2025-06-14 00:10", EndCase{Wib("2025-06-14 00:00")});
  CHECK(late.Of(Event::kClockBreached).size() == 1);
}

TEST_CASE("an event from a clock that is ahead of ours breaches nothing early") {
  Story story;
  story.Open().At("2025-06-13 23:59", RecordReply{Wib("2025-06-14 00:01")});
  CHECK(story.Of(Event::kClockBreached).empty());
}

TEST_CASE("a reply starts the reporter's clock anew and silence counts from there") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());
  CHECK(story.deadlines.at(CLOCK_REACTION) == Wib("2025-06-24 00:00"));
  story.At("2025-06-20 20:00", RecordReply{Wib("2025-06-20 20:00")});
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(story.deadlines.at(CLOCK_REACTION) == Wib("2025-07-08 00:00"));

  // The old deadline was on its way already.
  story.At("2025-06-24 00:00", PassDeadline{CLOCK_REACTION});
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  story.Pass("2025-07-08 00:00");
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
}

TEST_CASE("a reply that crossed the answer, or comes out of order, never shortens the reporter's time") {
  Story story;
  story.Open().At("2025-06-10 09:00", Final()).At("2025-06-10 09:01", RecordReply{Wib("2025-06-10 08:59")});
  CHECK(story.now.reaction.started_at == Wib("2025-06-10 09:00"));
}

TEST_CASE("a reopened case gets back the time that was the reporter's, and not a day more") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());
  const absl::Time before = *story.now.resolution.due_at;
  CHECK(before == Wib("2025-06-26 00:00"));

  // Answered on Thursday the 5th, rejected on Thursday the 12th: 10, 11 and 12 June were working days.
  story.At("2025-06-12 10:00", RecordReaction{Wib("2025-06-12 10:00"), false});
  CHECK(story.now.resolution.started_at == Wib("2025-06-03 09:00"));
  CHECK(story.now.resolution.due_at == Wib("2025-07-02 00:00"));  // 27 June is free
  CHECK_FALSE(story.now.resolution.met_at.has_value());
  CHECK(story.deadlines ==
        std::map<report::v1::Clock, absl::Time>{{CLOCK_RESOLUTION, Wib("2025-07-02 00:00")}});

  // And again: pauses add up.
  story.At("2025-06-13 09:00", Final()).At("2025-06-17 09:00", ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)});
  CHECK(story.now.resolution.due_at == Wib("2025-07-04 00:00"));
  REQUIRE(story.now.pauses.size() == 2);
  CHECK(story.now.pauses[1].from == Wib("2025-06-13 09:00"));
  CHECK(story.now.pauses[1].to == Wib("2025-06-17 09:00"));
}

TEST_CASE("an agency that reopens its own case gets no pause: it can't stretch its clock") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());
  story.At("2025-06-20 09:00", ReopenCase{Officer()});
  CHECK(story.now.pauses.empty());
  CHECK_FALSE(story.now.resolution.met_at.has_value());
  CHECK(story.deadlines ==
        std::map<report::v1::Clock, absl::Time>{{CLOCK_RESOLUTION, Wib("2025-06-26 00:00")}});
}

TEST_CASE("nor by giving what it has answered to a unit of its own, or taking it from there") {
  const std::string unit = std::string(kAgency) + ".dinkes";
  const auto due_after = [](const std::string& from, const std::string& to, const report::v1::Actor& by) {
    Story story;
    story.Open()
        .At("2025-06-04 11:00", Assignment(Wib("2025-06-04 11:00"), from))
        .At("2025-06-05 09:00", Final(Officer(from)));
    AssignAgency assignment = Assignment(Wib("2025-06-20 09:00"), to);
    assignment.by = by;
    story.At("2025-06-20 09:00", assignment);
    CHECK(story.now.state == v1::CASE_STATE_OPEN);
    CHECK(story.now.pauses.empty() == (story.now.resolution.due_at == Wib("2025-06-26 00:00")));
    return *story.now.resolution.due_at;
  };
  const auto admin = ActorOf(report::v1::ROLE_AGENCY_ADMIN, kAgency);
  CHECK(due_after(kAgency, unit, admin) == Wib("2025-06-26 00:00"));
  CHECK(due_after(unit, kAgency, admin) == Wib("2025-06-26 00:00"));
  // Who has no part in the answer decides for the reporter.
  for (const auto& other : {ActorOf(report::v1::ROLE_TRIAGE), ActorOf(report::v1::ROLE_ARBITER, kOtherAgency),
                            ActorOf(report::v1::ROLE_AGENCY_ADMIN, "id.33")}) {
    CHECK(due_after(kAgency, unit, other) > Wib("2025-06-26 00:00"));
  }
}

TEST_CASE("every pause that moved the due date is a record, in order") {
  Story story;
  const ReopenCase reopen{ActorOf(report::v1::ROLE_TRIAGE)};
  story.Open().At("2025-06-05 09:00", Final()).At("2025-06-05 10:00", reopen);
  story.At("2025-06-05 11:00", Final()).At("2025-06-05 12:00", reopen);
  std::vector<ClockPause> pauses;
  for (const Record& record : story.records) {
    if (const auto* pause = std::get_if<ClockPause>(&record)) pauses.push_back(*pause);
  }
  REQUIRE(pauses.size() == 2);
  CHECK(pauses[0].number == 1);
  CHECK(pauses[1].number == 2);
  CHECK(pauses[1].pause.from == Wib("2025-06-05 11:00"));
}

TEST_CASE("a case reopened after it was closed counts the whole time from the answer as a pause") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Final())
      .Pass("2025-06-24 00:00")
      .At("2025-07-10 09:00", ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  // 3 days were used; 11 are left after 10 July.
  CHECK(story.now.resolution.due_at == Wib("2025-07-29 00:00"));
}

TEST_CASE("a breach of the resolution stays through a late answer and a reopening") {
  Story story;
  story.Open().Pass("2025-06-26 00:00").At("2025-06-30 09:00", Final());
  const CaseClock breached = story.now.resolution;
  REQUIRE(breached.breached_at.has_value());

  story.At("2025-07-02 09:00", RecordReaction{Wib("2025-07-02 09:00"), false});
  CHECK(story.now.resolution.breached_at == breached.breached_at);
  CHECK(story.now.resolution.due_at == breached.due_at);
  CHECK(story.now.pauses.empty());
  CHECK(story.deadlines.empty());
  story.Pass("2025-12-01 00:00");
  CHECK(story.Of(Event::kClockBreached).size() == 2);  // first response and resolution, once each
  CHECK(NextDueAt(story.now) == *breached.due_at);
}

TEST_CASE("a case reopened with nothing left of its term is breached then, not before") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim()).At("2025-06-25 23:00", Final());  // the last day
  story.At("2025-06-30 09:00", RecordReaction{Wib("2025-06-30 09:00"), false});
  CHECK(story.Of(Event::kClockBreached).empty());
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-06-26 00:00"));
  story.Pass("2025-06-30 09:01");
  CHECK(story.Of(Event::kClockBreached).size() == 1);
}

TEST_CASE("a reaction from a clock behind ours reopens without a negative pause") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-05 09:01", RecordReaction{Wib("2025-06-05 08:59"), false});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.pauses[0].from == story.now.pauses[0].to);
}

TEST_CASE("the work list is sorted by what is due next or was missed") {
  Story story;
  story.Open();
  CHECK(NextDueAt(story.now) == Wib("2025-06-14 00:00"));
  CHECK_FALSE(IsBreached(story.now));
  story.Pass("2025-06-14 00:00");
  CHECK(NextDueAt(story.now) == Wib("2025-06-14 00:00"));
  CHECK(IsBreached(story.now));
  story.At("2025-06-16 09:00", Interim());
  CHECK(NextDueAt(story.now) == Wib("2025-06-26 00:00"));
  story.At("2025-06-17 09:00", Final());
  CHECK(NextDueAt(story.now) == Wib("2025-07-03 00:00"));
  story.At("2025-06-18 09:00", RecordReaction{Wib("2025-06-18 09:00"), true});
  CHECK(NextDueAt(story.now) == absl::InfiniteFuture());
}

TEST_CASE("every due date is the one that its explanation gives") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-12 10:00", RecordReaction{Wib("2025-06-12 10:00"), false});
  story.At("2025-06-16 10:00", Final());
  story.At("2025-06-16 11:00", RecordAppeal{Wib("2025-06-16 11:00")});
  for (const auto& [name, clock] : ClocksOf(story.now)) {
    if (!clock->started_at || !IsByPolicy(name)) continue;
    const auto explanation = ShippedPolicy().Explain(InPolicy(story.now, name));
    REQUIRE(explanation.ok());
    CHECK(decision::FromProto(explanation->due_at()) == *clock->due_at);
  }
}

TEST_CASE("without a calendar for the year nothing is guessed: the refusal names the year and the remedy") {
  Story story;
  story.At("2026-12-20 08:00", Registration(Wib("2026-12-20 08:00")))
      .At("2026-12-21 08:00",
          RecordVerification{Wib("2026-12-21 08:00"), report::v1::REPORT_CLASS_COMPLAINT, false, "", ""});
  const absl::Status assigned = story.Refusal("2026-12-21 09:00", Assignment(Wib("2026-12-21 09:00")));
  const std::string text(assigned.message());
  CHECK(assigned.code() == absl::StatusCode::kFailedPrecondition);
  for (const char* part :
       {"policy: ", "no calendar for 2027", "add calendar-2027.textproto", "replay the event"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }

  // A caller is told the same, instead of an answer whose silence nobody could measure.
  Story late;
  late.At("2026-12-01 08:00", Registration(Wib("2026-12-01 08:00")))
      .At("2026-12-01 09:00", Assignment(Wib("2026-12-01 09:00")));
  const absl::Status answered = late.Refusal("2026-12-22 09:00", Final());
  CHECK(std::string(answered.message()).find("no calendar for 2027") != std::string::npos);
  CHECK(std::string(answered.message()).find("send the request again") != std::string::npos);
}

}  // namespace
}  // namespace lapor::followup
