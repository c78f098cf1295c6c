// Questions to the reporter: what they pause, for how long, and how they end.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using event::v1::QuestionEnded;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_QUESTION;
using report::v1::CLOCK_RESOLUTION;
using testing::Assignment;
using testing::Final;
using testing::Interim;
using testing::kOtherAgency;
using testing::Officer;
using testing::PartAssignment;
using testing::Question;
using testing::Story;
using testing::Wib;

RecordReply Reply(const std::string& wib) { return {Wib(wib)}; }

std::vector<QuestionEnded> Ended(const Story& story) {
  std::vector<QuestionEnded> ended;
  for (const Event& event : story.Of(Event::kQuestionEnded)) ended.push_back(event.question_ended());
  return ended;
}

// Asked on Tuesday 10 June 2025; the reporter has until the end of the 24th. Without it the resolution is due
// at the end of the 25th.
Story Asked() {
  Story story;
  return story.Open().At("2025-06-10 09:00", Question());
}

TEST_CASE("a question tells until when the reporter may reply, and is no answer") {
  const Story story = Asked();
  REQUIRE(story.last.size() == 1);
  const event::v1::ResponseGiven& given = story.last[0].response_given();
  CHECK(given.kind() == event::v1::RESPONSE_KIND_QUESTION);
  CHECK(decision::FromProto(given.question_due_at()) == Wib("2025-06-25 00:00"));
  CHECK(given.signals().empty());
  CHECK(story.now.question_id == given.response_id());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK_FALSE(story.now.first_response.met_at.has_value());
  CHECK(story.now.interim_answers == 0);
}

TEST_CASE("while a question waits the resolution clock has no alarm, and all others run") {
  Story story = Asked();
  CHECK(story.deadlines == testing::Deadlines{{CLOCK_FIRST_RESPONSE, Wib("2025-06-14 00:00")},
                                              {CLOCK_QUESTION, Wib("2025-06-25 00:00")}});
  story.Pass("2025-06-24 23:59");
  CHECK(story.now.first_response.breached_at.has_value());
  CHECK_FALSE(story.now.resolution.breached_at.has_value());

  Story promised;
  promised.Open()
      .At("2025-06-05 09:00", testing::Promising(Interim(), absl::CivilDay(2025, 6, 11)))
      .At("2025-06-10 09:00", Question());
  CHECK_FALSE(promised.now.promise.met_at.has_value());
  CHECK(promised.deadlines.contains(report::v1::CLOCK_PROMISE));
}

TEST_CASE("the reporter is reminded of a question") {
  Story story = Asked();
  story.Pass("2025-06-18 00:00");
  bool reminded = false;
  for (const Event& event : story.Of(Event::kClockReminded)) {
    if (event.clock_reminded().clock() != CLOCK_QUESTION) continue;
    reminded = true;
    CHECK(event.clock_reminded().percent() == 50);
    CHECK(event.clock_reminded().agency_id().empty());
  }
  CHECK(reminded);
}

TEST_CASE("the reply ends the question, and its days are a pause of the resolution clock") {
  Story story = Asked();
  story.At("2025-06-13 08:00", Reply("2025-06-12 10:00"));  // heard a day later
  REQUIRE(Ended(story).size() == 1);
  CHECK(Ended(story)[0].ending() == event::v1::QUESTION_ENDING_REPLIED);
  CHECK(Ended(story)[0].response_id() == Question().response_id);
  // The 11th and 12th don't count, and the 27th is free.
  CHECK(decision::FromProto(Ended(story)[0].resolution_due_at()) == Wib("2025-07-01 00:00"));
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-07-01 00:00"));
  CHECK_FALSE(story.deadlines.contains(CLOCK_QUESTION));
  REQUIRE(story.now.pauses.size() == 1);
  CHECK(story.now.pauses[0].from == Wib("2025-06-10 09:00"));
  CHECK(story.now.pauses[0].to == Wib("2025-06-12 10:00"));
  const auto& recorded = std::get<ClockPause>(story.records.back());
  CHECK(recorded.number == 1);
  CHECK(recorded.pause.to == Wib("2025-06-12 10:00"));
  CHECK(story.now.question_id.empty());
}

TEST_CASE("a reply that was written before the question doesn't end it") {
  Story story = Asked();
  story.At("2025-06-10 09:01", Reply("2025-06-10 09:00"));
  CHECK(Ended(story).empty());
  CHECK_FALSE(story.now.question_id.empty());
}

TEST_CASE("when the reporter's term is over the agency goes on without, whenever that is looked at") {
  for (const char* looked_at : {"2025-06-25 00:00", "2025-06-28 12:00"}) {
    Story story = Asked();
    story.Pass(looked_at);
    REQUIRE(Ended(story).size() == 1);
    CHECK(Ended(story)[0].ending() == event::v1::QUESTION_ENDING_LAPSED);
    // Of 14 days the 4th, 5th and 10th had passed; the 25th is the agency's again.
    CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-07-11 00:00"));
    story.At("2025-06-30 09:00", Reply("2025-06-29 09:00"));
    CHECK(Ended(story).size() == 1);
  }
  // By a command that comes before the alarm is looked at, too.
  Story late = Asked();
  late.At("2025-06-28 12:00", LeaveAgency{Wib("2025-06-28 12:00")});
  REQUIRE(Ended(late).size() == 1);
  CHECK(Ended(late)[0].ending() == event::v1::QUESTION_ENDING_LAPSED);
  CHECK(late.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-07-11 00:00"));
}

TEST_CASE("a final answer drops the question, and the days it waited stay a pause if the case is reopened") {
  Story story = Asked();
  story.At("2025-06-12 10:00", Final());
  REQUIRE(Ended(story).size() == 1);
  CHECK(Ended(story)[0].ending() == event::v1::QUESTION_ENDING_DROPPED);
  CHECK_FALSE(Ended(story)[0].has_resolution_due_at());
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);

  story.At("2025-06-16 10:00", RecordReaction{Wib("2025-06-16 10:00"), false});
  // 11, 12, 13 and 16 June were the reporter's.
  CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-07-03 00:00"));
}

TEST_CASE("an interim answer leaves the question open") {
  Story story = Asked();
  story.At("2025-06-11 10:00", Interim());
  CHECK(Ended(story).empty());
  CHECK_FALSE(story.deadlines.contains(CLOCK_RESOLUTION));
}

TEST_CASE("a question is dropped with the hands it was asked by, and with the case") {
  const absl::Time at = Wib("2025-06-12 10:00");
  for (const Command& command : {Command(LeaveAgency{at}), Command(Assignment(at, kOtherAgency)),
                                 Command(EndCase{at}), Command(ArchiveCase{at}), Command(MergeCase{at})}) {
    INFO(NameOf(KindOf(command)));
    Story story = Asked();
    story.At(at, command);
    REQUIRE(Ended(story).size() == 1);
    CHECK(Ended(story)[0].ending() == event::v1::QUESTION_ENDING_DROPPED);
    CHECK(story.now.question_id.empty());
    CHECK_FALSE(story.deadlines.contains(CLOCK_QUESTION));
    if (story.now.state == v1::CASE_STATE_OPEN)
      CHECK(story.deadlines.at(CLOCK_RESOLUTION) == Wib("2025-07-01 00:00"));
  }
  AssignAgency carried = Assignment(at, kOtherAgency);
  carried.carried_over = true;
  Story successor = Asked();
  successor.At(at, carried);
  CHECK(Ended(successor).empty());
  CHECK_FALSE(successor.now.question_id.empty());
}

TEST_CASE(
    "a question that is asked when the clock has run out pauses nothing, and hides nobody from those above") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim()).Pass("2025-06-26 00:00");
  REQUIRE(story.now.resolution.breached_at.has_value());
  story.At("2025-06-26 09:00", Question()).Pass("2025-06-30 23:00");
  CHECK(story.Of(Event::kBreachRaised).size() == 1);
  story.At("2025-07-01 09:00", Reply("2025-07-01 09:00"));
  REQUIRE(Ended(story).size() == 1);
  CHECK_FALSE(Ended(story)[0].has_resolution_due_at());
  CHECK(story.now.pauses.empty());
}

TEST_CASE("who asks on the last day has no day left after the reply") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim()).At("2025-06-25 09:00", Question());
  story.At("2025-06-26 10:00", Reply("2025-06-26 10:00")).Pass("2025-06-26 10:01");
  CHECK(story.now.resolution.breached_at.has_value());
}

TEST_CASE("a follower whose clock had run out before the question breaches in spite of it") {
  Story story = Asked();
  story.At("2025-06-11 09:00",
           TakeFollower{Wib("2025-06-11 09:00"), Wib("2025-05-02 09:00"), Wib("2025-05-02 09:00")});
  CHECK(story.now.resolution.breached_at.has_value());
  story.At("2025-06-12 10:00", Reply("2025-06-12 10:00"));
  CHECK(story.now.pauses.empty());
}

TEST_CASE("one question at a time, and no more of them than the policy allows") {
  const int max = testing::ShippedPolicy().FindVersion("2024.1")->limits().max_questions().value();
  Story story = Asked();
  const auto refused = [&](const std::string& wib) {
    const absl::Status status = story.Refusal(wib, Question());
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(decision::BadInputOf(status).has_value());
    CHECK(decision::BadInputOf(status)->violations(0).field() == "kind");
    return std::string(status.message());
  };
  CHECK(refused("2025-06-10 10:00").find("waits for the reporter already") != std::string::npos);
  for (int asked = 1; asked < max; ++asked) {
    story.At("2025-06-10 11:00", Reply("2025-06-10 11:00")).At("2025-06-10 11:30", Question());
  }
  story.At("2025-06-10 12:00", Reply("2025-06-10 12:00"));
  CHECK(refused("2025-06-10 13:00").find("no more than") != std::string::npos);
}

TEST_CASE("an answered case asks nothing") {
  Story story;
  story.Open().At("2025-06-05 09:00", Final());
  const absl::Status status = story.Refusal("2025-06-05 10:00", Question());
  CHECK(std::string(status.message()).find("RespondToCase is not allowed in CASE_STATE_ANSWERED") !=
        std::string::npos);
}

TEST_CASE("each part pauses for its own question only, and one reply answers all") {
  Story story;
  story.Open()
      .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1))
      .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 2, "id.33"))
      .At("2025-06-10 09:00", Question(Officer(kOtherAgency), 1));
  CHECK(story.deadlines.contains(CLOCK_RESOLUTION));
  CHECK_FALSE(story.child_deadlines[1].contains(CLOCK_RESOLUTION));
  CHECK(story.child_deadlines[2].contains(CLOCK_RESOLUTION));

  story.At("2025-06-10 10:00", Question()).At("2025-06-12 10:00", Reply("2025-06-12 10:00"));
  REQUIRE(story.Of(Event::kQuestionEnded).size() == 2);
  CHECK(story.Of(Event::kQuestionEnded)[0].child() == 0);
  CHECK(story.Of(Event::kQuestionEnded)[1].child() == 1);
  CHECK(story.now.pauses.size() == 1);
  CHECK(story.Child(1).pauses.size() == 1);
  CHECK(story.Child(2).pauses.empty());
  CHECK(story.child_deadlines[1].contains(CLOCK_RESOLUTION));
}

}  // namespace
}  // namespace lapor::followup
