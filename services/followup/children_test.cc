// Child assignments: the parts of a report that other agencies have beside the leading one.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
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
using testing::Deadlines;
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

constexpr char kThirdAgency[] = "id.32.73.dinkes";

// Led by kAgency as Story::Open has it. kOtherAgency has part 1 since Thursday 5 June 2025, 10:00: first
// response due at the end of 16 June, resolution at the end of 30 June. kThirdAgency has part 2 since Tuesday
// 10 June, 09:00, in WIT: due at the end of 17 June and of 1 July there, two hours before it is so in WIB.
Story Parts() {
  Story story;
  story.Open()
      .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1))
      .At("2025-06-10 09:00",
          PartAssignment(Wib("2025-06-10 09:00"), 2, kThirdAgency, report::v1::TIME_ZONE_WIT));
  return story;
}

// All parts are answered, and the report.
Story AnsweredParts() {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1))
      .At("2025-06-11 10:00", Final(Officer(kThirdAgency), 2))
      .At("2025-06-12 09:00", Final());
  REQUIRE(story.now.state == v1::CASE_STATE_ANSWERED);
  return story;
}

std::string RuleOf(const absl::Status& status, const std::string& field) {
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  const auto bad = decision::BadInputOf(status);
  REQUIRE(bad.has_value());
  CHECK(bad->violations(0).field() == field);
  return bad->violations(0).rule();
}

void CheckSameClock(const CaseClock& left, const CaseClock& right) {
  CHECK(left.started_at == right.started_at);
  CHECK(left.due_at == right.due_at);
  CHECK(left.met_at == right.met_at);
  CHECK(left.breached_at == right.breached_at);
}

void CheckSameCase(const Case& left, const Case& right) {
  CHECK(left.state == right.state);
  CHECK(left.agency_id == right.agency_id);
  CheckSameClock(left.first_response, right.first_response);
  CheckSameClock(left.resolution, right.resolution);
  CheckSameClock(left.reaction, right.reaction);
}

TEST_CASE(
    "a part has both clocks from its first assignment, in its own agency's zone, and the lead keeps its "
    "own") {
  Story story;
  story.Open();
  const Case lead = story.now;
  const Deadlines deadlines = story.deadlines;
  story.At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1));

  REQUIRE(story.now.children.size() == 1);
  const Case& child = story.Child(1);
  CHECK(child.id == "7K3M9QXT2B54.1");
  CHECK(child.state == v1::CASE_STATE_OPEN);
  CHECK(child.agency_id == kOtherAgency);
  CHECK(child.report_class == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK(child.region == lead.region);
  CHECK(child.policy_version == lead.policy_version);
  CHECK(child.received_at == lead.received_at);
  CHECK(child.verified_at == Wib("2025-06-05 10:00"));
  CHECK(story.child_deadlines.at(1) == Deadlines{{CLOCK_FIRST_RESPONSE, Wib("2025-06-17 00:00")},
                                                 {CLOCK_RESOLUTION, Wib("2025-07-01 00:00")}});
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[0].case_opened().agency_id() == kOtherAgency);
  CHECK(decision::FromProto(story.last[0].case_opened().resolution_due_at()) == Wib("2025-07-01 00:00"));
  CheckSameCase(story.now, lead);
  CHECK(story.deadlines == deadlines);

  story.At("2025-06-10 09:00",
           PartAssignment(Wib("2025-06-10 09:00"), 2, kThirdAgency, report::v1::TIME_ZONE_WIT));
  CHECK(story.last[0].child() == 2);
  CHECK(story.child_deadlines.at(2) == Deadlines{{CLOCK_FIRST_RESPONSE, Wib("2025-06-17 22:00")},
                                                 {CLOCK_RESOLUTION, Wib("2025-07-01 22:00")}});
}

TEST_CASE("a part counts from the microsecond in which it was assigned, however late that is heard") {
  Story story;
  const absl::Time assigned = Wib("2025-06-05 23:59") + absl::Seconds(59) + absl::Microseconds(999999);
  story.Open().At("2025-06-12 08:00", PartAssignment(assigned, 1));
  CHECK(story.Child(1).first_response.started_at == assigned);
  CHECK(story.Child(1).resolution.started_at == assigned);
  CHECK(decision::FromProto(story.last[0].occurred_at()) == assigned);
  CHECK(story.child_deadlines.at(1).at(CLOCK_FIRST_RESPONSE) == Wib("2025-06-17 00:00"));
}

TEST_CASE("a part has the report's topic unless it is given one of its own") {
  AssignAgency own = PartAssignment(Wib("2025-06-05 10:00"), 2);
  own.category = "health";
  Story story;
  story.Open()
      .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1, kThirdAgency))
      .At("2025-06-05 10:00", own);
  CHECK(story.Child(1).category == "roads");
  CHECK(story.Child(2).category == "health");
  CHECK(story.now.category == "roads");
}

TEST_CASE("a part with supervision content has the term of such a report") {
  Story story;
  story.At("2025-06-16 08:00", Registration(Wib("2025-06-16 08:00")))
      .At("2025-06-16 09:00",
          RecordVerification{Wib("2025-06-16 09:00"), report::v1::REPORT_CLASS_COMPLAINT, true, "", ""})
      .At("2025-06-16 09:00", Assignment(Wib("2025-06-16 09:00")))
      .At("2025-06-16 09:00", PartAssignment(Wib("2025-06-16 09:00"), 1));
  CHECK(story.Child(1).supervision);
  CHECK(story.Child(1).resolution.due_at == Wib("2025-09-12 00:00"));
}

TEST_CASE("each part runs out by itself, and its own agency is told of") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Interim()).At("2025-06-11 09:00", Interim(Officer(kThirdAgency), 2));
  story.Pass("2025-06-17 00:00");
  auto breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 1);
  CHECK(breaches[0].child() == 1);
  CHECK(breaches[0].clock_breached().clock() == CLOCK_FIRST_RESPONSE);
  CHECK(breaches[0].clock_breached().agency_id() == kOtherAgency);
  CHECK(decision::FromProto(breaches[0].clock_breached().due_at()) == Wib("2025-06-17 00:00"));
  CHECK(IsBreached(story.Child(1)));
  CHECK_FALSE(IsBreached(story.now));
  CHECK_FALSE(IsBreached(story.Child(2)));

  // Fired again, as after a lost COMMIT reply; and the lead's, long after.
  story.At("2025-06-17 00:01", PassDeadline{CLOCK_FIRST_RESPONSE, 1}).Pass("2025-06-26 00:00");
  breaches = story.Of(Event::kClockBreached);
  REQUIRE(breaches.size() == 2);
  CHECK(breaches[1].child() == 0);
  CHECK(breaches[1].clock_breached().agency_id() == kAgency);
  CHECK_FALSE(story.Child(1).resolution.breached_at.has_value());
}

TEST_CASE("an answer to a part just after the end of its clock doesn't hide the breach") {
  Story story = Parts();
  story.At("2025-06-17 00:00", Interim(Officer(kOtherAgency), 1));
  REQUIRE(story.last.size() == 2);
  CHECK(story.last[0].clock_breached().agency_id() == kOtherAgency);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[1].has_response_given());
}

TEST_CASE("the return of a part disturbs neither the others nor the lead, and moves no clock") {
  Story story = Parts();
  const Story before = story;
  story.At("2025-06-11 09:00", LeaveAgency{Wib("2025-06-11 09:00"), 1});
  CHECK(story.Child(1).agency_id.empty());
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  story.At("2025-06-12 09:00",
           PartAssignment(Wib("2025-06-12 09:00"), 1, "id.33", report::v1::TIME_ZONE_WITA));
  CHECK(story.last.empty());
  CHECK(story.Child(1).agency_id == "id.33");
  CheckSameClock(story.Child(1).first_response, before.Child(1).first_response);
  CheckSameClock(story.Child(1).resolution, before.Child(1).resolution);
  CheckSameCase(story.Child(2), before.Child(2));
  CheckSameCase(story.now, before.now);
  CHECK(story.deadlines == before.deadlines);
  CHECK(story.child_deadlines == before.child_deadlines);

  // Nor that of the lead the parts.
  story = before;
  story.At("2025-06-11 09:00", LeaveAgency{Wib("2025-06-11 09:00")});
  CHECK(story.now.agency_id.empty());
  CheckSameCase(story.Child(1), before.Child(1));
  CheckSameCase(story.Child(2), before.Child(2));
}

TEST_CASE("a part is answered by the agency that has it, and by nobody else") {
  const Story story = Parts();
  CHECK(story.Refusal("2025-06-11 09:00", Final(Officer(kOtherAgency), 1)).ok());
  for (const auto& actor : {Officer(), Officer(kThirdAgency), ActorOf(report::v1::ROLE_TRIAGE)}) {
    CHECK(story.Refusal("2025-06-11 09:00", Final(actor, 1)).code() == absl::StatusCode::kPermissionDenied);
  }
  CHECK(story.Refusal("2025-06-11 09:00", Interim(Officer(kOtherAgency))).code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE("the final answer to a part waits for no reaction; the reporter reacts to the report") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1));
  CHECK(story.Child(1).state == v1::CASE_STATE_ANSWERED);
  CHECK(story.Child(1).first_response.met_at == Wib("2025-06-11 09:00"));
  CHECK(story.Child(1).resolution.met_at == Wib("2025-06-11 09:00"));
  CHECK_FALSE(story.Child(1).reaction.started_at.has_value());
  CHECK(story.child_deadlines.at(1).empty());
  CHECK(NextDueAt(story.Child(1)) == absl::InfiniteFuture());
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[0].response_given().agency_id() == kOtherAgency);
  CHECK_FALSE(story.last[0].response_given().has_reaction_due_at());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.responses == 0);
  CHECK_FALSE(story.now.first_response.met_at.has_value());

  REQUIRE(story.records.size() == 1);
  CHECK(std::get<Response>(story.records[0]).report_id == "7K3M9QXT2B54.1");
  CHECK(std::get<Response>(story.records[0]).number == 1);
}

TEST_CASE("the final answer to a part of a complaint needs evidence, too") {
  RespondToCase bare = Final(Officer(kOtherAgency), 1);
  bare.evidence.clear();
  CHECK(RuleOf(Parts().Refusal("2025-06-11 09:00", bare), "evidence").find("evidence") != std::string::npos);
}

TEST_CASE("the report isn't answered finally while parts are owed, and the refusal says which and by whom") {
  Story story = Parts();
  CHECK(RuleOf(story.Refusal("2025-06-11 09:00", Final()), "kind") ==
        "can't be final while these child assignments owe an answer: 1 (id.32), 2 (id.32.73.dinkes)");
  story.At("2025-06-11 09:00", Interim());
  CHECK(story.now.responses == 1);

  story.At("2025-06-11 10:00", Final(Officer(kOtherAgency), 1))
      .At("2025-06-11 10:00", LeaveAgency{Wib("2025-06-11 10:00"), 2});
  CHECK(RuleOf(story.Refusal("2025-06-11 11:00", Final()), "kind") ==
        "can't be final while these child assignments owe an answer: 2 (its administrators)");

  story.At("2025-06-12 09:00", PartAssignment(Wib("2025-06-12 09:00"), 2, kThirdAgency))
      .At("2025-06-12 10:00", Final(Officer(kThirdAgency), 2))
      .At("2025-06-12 11:00", Final());
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(story.last[0].child() == 0);
  CHECK(story.last[0].response_given().has_reaction_due_at());
}

TEST_CASE("a part that isn't needed any more is owed no more, and can't be taken up again") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1))
      .At("2025-06-11 10:00", EndCase{Wib("2025-06-11 10:00"), 1})
      .At("2025-06-11 10:00", EndCase{Wib("2025-06-11 10:00"), 2});
  CHECK(story.Child(1).state == v1::CASE_STATE_ENDED);
  CHECK(story.Child(1).responses == 1);
  CHECK(story.Refusal("2025-06-11 10:30", ReopenCase{Officer(kOtherAgency), 1}).code() ==
        absl::StatusCode::kFailedPrecondition);
  CHECK(story.Child(2).state == v1::CASE_STATE_ENDED);
  CHECK(story.child_deadlines.at(2).empty());
  CHECK(NextDueAt(story.Child(2)) == absl::InfiniteFuture());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.Refusal("2025-06-11 11:00", Final()).ok());
  CHECK(story.Refusal("2025-06-11 11:00", Final(Officer(kThirdAgency), 2)).code() ==
        absl::StatusCode::kFailedPrecondition);
}

TEST_CASE(
    "the agencies of a part and of the report, central administrators and arbiters above reopen a part") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1));
  story.now.children[0].agency_id = "id.33.74";  // so that no arbiter of the one is above the other
  for (const auto& actor : {Officer("id.33.74"), Officer(), ActorOf(report::v1::ROLE_AGENCY_ADMIN, kAgency),
                            ActorOf(report::v1::ROLE_TRIAGE), ActorOf(report::v1::ROLE_ARBITER),
                            ActorOf(report::v1::ROLE_ARBITER, "id.33")}) {
    INFO(actor.ShortDebugString());
    CHECK(story.Refusal("2025-06-11 10:00", ReopenCase{actor, 1}).ok());
  }
  for (const auto& actor : {Officer(kThirdAgency), ActorOf(report::v1::ROLE_ARBITER, "id.32"),
                            ActorOf(report::v1::ROLE_MONITOR)}) {
    INFO(actor.ShortDebugString());
    CHECK(story.Refusal("2025-06-11 10:00", ReopenCase{actor, 1}).code() ==
          absl::StatusCode::kPermissionDenied);
  }
  // Nor does who has a part reopen the report.
  CHECK(AnsweredParts().Refusal("2025-06-12 10:00", ReopenCase{Officer(kThirdAgency)}).code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE("a part that is taken up again goes on with its clock; the time in between was not its agency's") {
  Story story = Parts();
  const Case lead = story.now;
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1));
  Story own = story;
  story.At("2025-06-13 09:00", ReopenCase{Officer(), 1});
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[0].case_reopened().reopenings() == 1);
  // 12 and 13 June were the lead's.
  CHECK(story.child_deadlines.at(1) == Deadlines{{CLOCK_RESOLUTION, Wib("2025-07-03 00:00")}});
  CHECK(std::get<ClockPause>(story.records.back()).report_id == "7K3M9QXT2B54.1");
  CheckSameCase(story.now, lead);
  CHECK(story.now.pauses.empty());

  own.At("2025-06-13 09:00", ReopenCase{Officer(kOtherAgency), 1});
  CHECK(own.child_deadlines.at(1) == Deadlines{{CLOCK_RESOLUTION, Wib("2025-07-01 00:00")}});
}

TEST_CASE("a part is taken up again only while its report is open") {
  Story story = AnsweredParts();
  const ReopenCase reopen{ActorOf(report::v1::ROLE_TRIAGE), 1};
  CHECK(RuleOf(story.Refusal("2025-06-12 10:00", reopen), "report_id").find("isn't open") !=
        std::string::npos);
  story.At("2025-06-12 10:00", ReopenCase{Officer()}).At("2025-06-12 10:01", reopen);
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  CHECK(RuleOf(story.Refusal("2025-06-12 10:02", reopen), "state").find("ReopenCase") != std::string::npos);
}

TEST_CASE("who answers a part again is told to have it taken up first, and its report before it") {
  const auto remedy = [](const Story& story) {
    const auto bad = decision::BadInputOf(story.Refusal("2025-06-12 10:00", Final(Officer(kOtherAgency), 1)));
    REQUIRE(bad.has_value());
    return bad->violations(0).remedy();
  };
  Story story = AnsweredParts();
  CHECK(remedy(story) == "have the report reopened first, then this part of it");
  story.At("2025-06-12 09:30", ReopenCase{Officer()});
  CHECK(remedy(story).find("take the answer back with ReopenCase") != std::string::npos);
  story.At("2025-06-12 09:31", EndCase{Wib("2025-06-12 09:31"), 1});
  CHECK(remedy(story) == "leave it: this part isn't owed any more");
}

TEST_CASE("a reporter who is not satisfied reopens the report, whose answered parts stay answered") {
  Story story = AnsweredParts();
  story.At("2025-06-13 09:00", RecordReaction{Wib("2025-06-13 09:00"), false});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.Child(1).state == v1::CASE_STATE_ANSWERED);
  CHECK(story.Child(2).state == v1::CASE_STATE_ANSWERED);
  CHECK(story.Refusal("2025-06-13 10:00", Final()).ok());
}

TEST_CASE("a new part of an answered report reopens it, for not all of it has been answered") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-12 12:00", PartAssignment(Wib("2025-06-12 10:00"), 1));
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.agency_id == kAgency);
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  REQUIRE(story.last.size() == 2);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[0].has_case_opened());
  CHECK(story.last[1].child() == 0);
  CHECK(story.last[1].case_reopened().agency_id() == kAgency);
  CHECK(story.last[1].actor().role() == report::v1::ROLE_SERVICE);
  // 10, 11 and 12 June, until the part was assigned, were the reporter's.
  CHECK(story.now.pauses.back().to == Wib("2025-06-12 10:00"));
  CHECK(story.deadlines == Deadlines{{CLOCK_RESOLUTION, Wib("2025-07-02 00:00")}});
}

TEST_CASE(
    "who leads gets no pause by a new part of what they have answered: they can't stretch their clock") {
  AssignAgency part = PartAssignment(Wib("2025-06-12 10:00"), 1, "id.32.73.dinkes");
  part.by = ActorOf(report::v1::ROLE_AGENCY_ADMIN, kAgency);
  Story story;
  story.Open().At("2025-06-05 09:00", Final()).At("2025-06-12 12:00", part);
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.pauses.empty());
  CHECK(story.deadlines == Deadlines{{CLOCK_RESOLUTION, Wib("2025-06-26 00:00")}});
}

TEST_CASE("who gives its answered part to a unit of its own gets no pause, but who leads does") {
  Story story = AnsweredParts();
  const absl::Time due = *story.Child(1).resolution.due_at;
  AssignAgency assignment = PartAssignment(Wib("2025-06-13 09:00"), 1, "id.32.dinkes");
  assignment.by = ActorOf(report::v1::ROLE_AGENCY_ADMIN, kOtherAgency);
  story.now.agency_id = "id.33";  // who isn't below the part's agency
  story.At("2025-06-13 09:00", assignment);
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  CHECK(story.Child(1).resolution.due_at == due);
  CHECK(story.Child(1).pauses.empty());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.pauses.size() == 1);
}

TEST_CASE("an answered part that comes to other hands is reopened, and an answered report with it") {
  Story story = AnsweredParts();
  AssignAgency assignment = PartAssignment(Wib("2025-06-13 09:00"), 1, "id.33");
  Story same = story;
  same.At("2025-06-13 09:00", PartAssignment(Wib("2025-06-13 09:00"), 1, kOtherAgency));
  CHECK(same.now.state == v1::CASE_STATE_ANSWERED);
  Story carried = story;
  assignment.carried_over = true;
  carried.At("2025-06-13 09:00", assignment);
  CHECK(carried.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(carried.Child(1).state == v1::CASE_STATE_ANSWERED);
  CHECK(carried.Child(1).agency_id == "id.33");
  CHECK(carried.last.empty());

  assignment.carried_over = false;
  story.At("2025-06-13 09:00", assignment);
  CHECK(story.Child(1).state == v1::CASE_STATE_OPEN);
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.Child(2).state == v1::CASE_STATE_ANSWERED);
  REQUIRE(story.last.size() == 2);
  CHECK(story.last[0].child() == 1);
  CHECK(story.last[1].child() == 0);
}

// The ways in which a report with parts can come to be over.
std::vector<std::pair<CaseState, Command>> Ends(absl::Time at) {
  return {{v1::CASE_STATE_ENDED, EndCase{at}},
          {v1::CASE_STATE_ARCHIVED, ArchiveCase{at}},
          {v1::CASE_STATE_MERGED, MergeCase{at}}};
}

TEST_CASE("what is over for the report is over in its parts, but for those that are answered") {
  for (const auto& [state, end] : Ends(Wib("2025-06-12 09:00"))) {
    INFO(NameOf(state));
    Story story = Parts();
    story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1)).At("2025-06-12 09:00", end);
    CHECK(story.now.state == state);
    CHECK(story.Child(1).state == v1::CASE_STATE_ANSWERED);
    CHECK(story.Child(2).state == v1::CASE_STATE_ENDED);
    CHECK(story.deadlines.empty());
    CHECK(story.child_deadlines.at(2).empty());
    CHECK(story.last.empty());

    // Routing tells it as well; and what was reported once more goes on without the parts that have ended.
    story.At("2025-06-12 09:01", EndCase{Wib("2025-06-12 09:00"), 1})
        .At("2025-06-12 09:01", EndCase{Wib("2025-06-12 09:00"), 2})
        .At("2025-06-12 10:00", RestoreCase{Wib("2025-06-12 10:00")})
        .At("2025-06-12 10:00", UnmergeCase{Wib("2025-06-12 10:00")});
    CHECK(story.Child(1).state == v1::CASE_STATE_ENDED);
    CHECK(story.Child(2).state == v1::CASE_STATE_ENDED);
    CHECK(story.child_deadlines.at(2).empty());
  }
}

TEST_CASE("the end of a report hides no breach of its parts, and breaches nothing that ended in time") {
  for (const auto& [state, end] : Ends(Wib("2025-06-17 12:00"))) {
    INFO(NameOf(state));
    Story story = Parts();
    story.At("2025-06-11 09:00", Interim()).At("2025-06-18 09:00", end);
    const auto breaches = story.Of(Event::kClockBreached);
    REQUIRE(breaches.size() == 1);
    CHECK(breaches[0].child() == 1);
    CHECK(breaches[0].clock_breached().agency_id() == kOtherAgency);
    CHECK(story.Child(2).state == v1::CASE_STATE_ENDED);
    CHECK_FALSE(IsBreached(story.Child(2)));  // due at 22:00, after the end
  }
}

TEST_CASE("a part that is assigned when its report is over is recorded, and owed by nobody") {
  std::vector<Story> over;
  for (const auto& [state, end] : Ends(Wib("2025-06-05 09:00"))) {
    over.push_back(Story().Open().At("2025-06-05 09:00", end));
  }
  over.push_back(Story().Open().At("2025-06-05 08:00", Final()).Pass("2025-07-01 00:00"));
  for (Story& story : over) {
    const CaseState state = story.now.state;
    INFO(NameOf(state));
    story.At("2025-07-01 09:00", PartAssignment(Wib("2025-07-01 09:00"), 1));
    CHECK(story.now.state == state);
    CHECK(story.Child(1).state == v1::CASE_STATE_ENDED);
    CHECK(story.Child(1).agency_id == kOtherAgency);
    CHECK(story.last.empty());
    CHECK(story.deadlines.empty());
    CHECK(story.child_deadlines[1].empty());
  }
}

TEST_CASE("an answered part of a closed report that comes to other hands stays answered") {
  Story story = AnsweredParts();
  story.At("2025-06-13 09:00", RecordReaction{Wib("2025-06-13 09:00"), true})
      .At("2025-06-13 10:00", PartAssignment(Wib("2025-06-13 08:00"), 1, "id.33"));
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK(story.Child(1).state == v1::CASE_STATE_ANSWERED);
  CHECK(story.Child(1).agency_id == "id.33");
  CHECK(story.last.empty());
}

TEST_CASE("what the reporter does and the Ombudsman finds is about the report only") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1));
  const Story before = story;
  const absl::Time at = Wib("2025-06-12 09:00");
  for (const Command& command :
       {Command(RecordReply{at}), Command(RecordReaction{at, false}), Command(RecordReaction{at, true}),
        Command(RecordEscalation{at}),
        Command(RecordEscalationOutcome{at, event::v1::ESCALATION_OUTCOME_RESOLVED})}) {
    story.At(at, command);
    CheckSameCase(story.Child(1), before.Child(1));
    CheckSameCase(story.Child(2), before.Child(2));
    CHECK_FALSE(story.Child(1).escalated);
  }
}

TEST_CASE(
    "parts are numbered without gaps; what is told of one that doesn't exist is refused, for it would be "
    "lost") {
  const Story story = Parts();
  const absl::Time at = Wib("2025-06-11 09:00");
  for (const Command& command :
       {Command(PartAssignment(at, 4)), Command(PartAssignment(at, -1)), Command(LeaveAgency{at, 3}),
        Command(EndCase{at, 3}), Command(PassDeadline{CLOCK_RESOLUTION, 3})}) {
    INFO(NameOf(KindOf(command)));
    CHECK(story.Refusal("2025-06-11 09:00", command).code() == absl::StatusCode::kFailedPrecondition);
  }
  CHECK(Story().Refusal("2025-06-11 09:00", PartAssignment(at, 1)).code() ==
        absl::StatusCode::kFailedPrecondition);
  Story full;
  full.Open();
  for (int child = 1; child <= 20; ++child) full.At("2025-06-05 10:00", PartAssignment(at, child));
  CHECK(full.Refusal("2025-06-11 09:00", PartAssignment(at, 21)).code() ==
        absl::StatusCode::kFailedPrecondition);
  for (const Command& command :
       {Command(Interim(Officer(), 3)), Command(ReopenCase{ActorOf(report::v1::ROLE_TRIAGE), 3})}) {
    CHECK(story.Refusal("2025-06-11 09:00", command).code() == absl::StatusCode::kNotFound);
  }
}

TEST_CASE("every due date of a part is the one that its explanation gives") {
  Story story = Parts();
  story.At("2025-06-11 09:00", Final(Officer(kOtherAgency), 1))
      .At("2025-06-13 09:00", ReopenCase{Officer(), 1});
  for (const Case& child : story.now.children) {
    for (const auto name : {CLOCK_FIRST_RESPONSE, CLOCK_RESOLUTION}) {
      const auto explanation = ShippedPolicy().Explain(InPolicy(child, name));
      REQUIRE(explanation.ok());
      const CaseClock& clock = name == CLOCK_RESOLUTION ? child.resolution : child.first_response;
      CHECK(decision::FromProto(explanation->due_at()) == *clock.due_at);
    }
  }
}

}  // namespace
}  // namespace lapor::followup
