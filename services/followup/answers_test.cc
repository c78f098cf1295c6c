// What an answer needs, what it tells, and who within the agency gives it.
#include <catch2/catch.hpp>

#include "libs/decision/refusal.h"
#include "services/followup/signals.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using testing::Assignment;
using testing::Final;
using testing::Interim;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Officer;
using testing::Promising;
using testing::ShippedPolicy;
using testing::Story;
using testing::Wib;

report::v1::FieldViolation WhatIsWrong(const absl::Status& status) {
  INFO(status);
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  const auto bad = decision::BadInputOf(status);
  REQUIRE(bad.has_value());
  REQUIRE(bad->violations_size() == 1);
  return bad->violations(0);
}

bool Says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

RespondToCase Bare(RespondToCase answer = Final()) {
  answer.evidence.clear();
  return answer;
}

TEST_CASE("a final answer carries the evidence that the policy asks of the class") {
  const auto wrong = WhatIsWrong(Story().Open().Refusal("2025-06-05 09:00", Bare()));
  CHECK(wrong.field() == "evidence");
  CHECK(Says(wrong.rule(), "at least 1"));

  for (const auto report_class :
       {report::v1::REPORT_CLASS_INFORMATION_REQUEST, report::v1::REPORT_CLASS_ASPIRATION}) {
    Story story;
    story.Open(report_class).At("2025-06-05 09:00", Bare());
    CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  }
}

TEST_CASE("a case takes as many interim answers as the policy allows, then the final one only") {
  const int max = ShippedPolicy().FindVersion("2024.1")->limits().max_interim_answers().value();
  Story story;
  story.Open();
  for (int given = 0; given < max; ++given) story.At("2025-06-05 09:00", Interim());
  CHECK(story.now.interim_answers == max);

  const auto wrong = WhatIsWrong(story.Refusal("2025-06-05 10:00", Interim()));
  CHECK(wrong.field() == "kind");
  CHECK(Says(wrong.rule(), std::to_string(max)));
  story.At("2025-06-05 10:00", Final());
  CHECK(story.now.responses == max + 1);

  // Final answers don't count, and a reopened case has had its interim ones.
  story.At("2025-06-06 09:00", ReopenCase{testing::ActorOf(report::v1::ROLE_TRIAGE)});
  CHECK(WhatIsWrong(story.Refusal("2025-06-06 10:00", Interim())).field() == "kind");
}

TEST_CASE("an interim answer tells why, and promises a date from today to the bound of the policy") {
  Story story;
  story.Open();
  // 14 working days from Thursday 5 June; 6, 9 and 27 June are free.
  for (const auto day : {absl::CivilDay(2025, 6, 5), absl::CivilDay(2025, 6, 30)}) {
    Story given = story;
    given.At("2025-06-05 23:59", Promising(Interim(), day));
    REQUIRE(given.last.size() == 1);
    const event::v1::ResponseGiven& told = given.last[0].response_given();
    CHECK(told.promised_on() == absl::FormatCivilTime(day));
    CHECK(told.interim_reason() == event::v1::INTERIM_REASON_WORK_IN_PROGRESS);
    const auto& response = std::get<Response>(given.records.back());
    CHECK(response.promised_on == absl::FormatCivilTime(day));
    CHECK(response.interim_reason == event::v1::INTERIM_REASON_WORK_IN_PROGRESS);
  }

  const auto past =
      WhatIsWrong(story.Refusal("2025-06-05 00:00", Promising(Interim(), absl::CivilDay(2025, 6, 4))));
  CHECK(past.field() == "promised_on");
  CHECK(Says(past.rule(), "before today, 2025-06-05"));
  CHECK(Says(past.remedy(), "2025-06-05 to 2025-06-30"));
  const auto late =
      WhatIsWrong(story.Refusal("2025-06-05 23:59", Promising(Interim(), absl::CivilDay(2025, 7, 1))));
  CHECK(late.field() == "promised_on");
  CHECK(Says(late.rule(), "after 2025-06-30"));
}

TEST_CASE("today is that of the zone of the case") {
  Story story;
  story.At("2025-06-02 08:00", testing::Registration(Wib("2025-06-02 08:00")))
      .At("2025-06-04 10:00", Assignment(Wib("2025-06-04 10:00"), kAgency, report::v1::TIME_ZONE_WIT));
  // 22:00 in Jakarta is midnight in Jayapura.
  CHECK(story.Refusal("2025-06-04 21:59", Promising(Interim(), absl::CivilDay(2025, 6, 4))).ok());
  CHECK(WhatIsWrong(story.Refusal("2025-06-04 22:00", Promising(Interim(), absl::CivilDay(2025, 6, 4))))
            .field() == "promised_on");
}

TEST_CASE("an interim answer without a reason or a date is refused, whoever made the command") {
  const Story story = Story().Open();
  RespondToCase undated = Interim();
  CHECK_FALSE(Decide(story.now, undated, Wib("2025-06-05 09:00"), ShippedPolicy()).ok());
  RespondToCase reasonless = Promising(Interim(), absl::CivilDay(2025, 6, 5));
  reasonless.interim_reason = event::v1::INTERIM_REASON_UNSPECIFIED;
  CHECK_FALSE(Decide(story.now, reasonless, Wib("2025-06-05 09:00"), ShippedPolicy()).ok());
}

std::vector<event::v1::ClockBreached> BrokenPromises(const Story& story) {
  std::vector<event::v1::ClockBreached> broken;
  for (const Event& event : story.Of(Event::kClockBreached)) {
    if (event.clock_breached().clock() == report::v1::CLOCK_PROMISE) broken.push_back(event.clock_breached());
  }
  return broken;
}

TEST_CASE("a promised date that passes without a word is a breach, once, and nobody above is told") {
  Story story;
  story.Open().At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 10)));
  CHECK(PromisedOn(story.now) == "2025-06-10");
  CHECK(story.deadlines.at(report::v1::CLOCK_PROMISE) == Wib("2025-06-11 00:00"));
  CHECK(story.alarms[0].at(report::v1::CLOCK_PROMISE) == Wib("2025-06-11 00:00"));
  CHECK(NextDueAt(story.now) == Wib("2025-06-11 00:00"));
  story.Pass("2025-06-10 23:59");
  CHECK(BrokenPromises(story).empty());
  story.Pass("2025-06-11 00:00").Pass("2025-06-20 00:00");
  REQUIRE(BrokenPromises(story).size() == 1);
  CHECK(BrokenPromises(story)[0].agency_id() == kAgency);
  for (const Event& event : story.Of(Event::kBreachRaised))
    CHECK(event.breach_raised().clock() != report::v1::CLOCK_PROMISE);
  for (const Event& event : story.Of(Event::kClockReminded))
    CHECK(event.clock_reminded().clock() != report::v1::CLOCK_PROMISE);
  CHECK_FALSE(IsBreached(story.now));
}

TEST_CASE("the next answer keeps a promise: an interim one by a new promise, a final one for good") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 10)))
      .At("2025-06-10 23:00", Promising(Interim(), absl::CivilDay(2025, 6, 12)));
  CHECK(PromisedOn(story.now) == "2025-06-12");
  story.Pass("2025-06-12 23:00").At("2025-06-12 23:30", Final());
  CHECK(story.now.promise.met_at == Wib("2025-06-12 23:30"));
  CHECK_FALSE(story.deadlines.contains(report::v1::CLOCK_PROMISE));
  story.Pass("2025-06-20 00:00");
  CHECK(BrokenPromises(story).empty());
}

TEST_CASE("no answer comes early enough to hide a promise that was broken before") {
  Story story;
  story.Open()
      .At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 10)))
      .At("2025-06-11 00:00", Final());
  CHECK(BrokenPromises(story).size() == 1);
}

TEST_CASE("a promise binds who gave it: not who gets the case, unless in the place of an agency that ended") {
  Story promised;
  promised.Open().At("2025-06-05 09:00", Promising(Interim(), absl::CivilDay(2025, 6, 10)));
  Story other = promised;
  other.At("2025-06-06 09:00", Assignment(Wib("2025-06-06 09:00"), kOtherAgency)).Pass("2025-06-12 00:00");
  CHECK(PromisedOn(other.now).empty());
  CHECK(BrokenPromises(other).empty());

  AssignAgency carried = Assignment(Wib("2025-06-06 09:00"), kOtherAgency);
  carried.carried_over = true;
  promised.At("2025-06-06 09:00", carried).Pass("2025-06-12 00:00");
  REQUIRE(BrokenPromises(promised).size() == 1);
  CHECK(BrokenPromises(promised)[0].agency_id() == kOtherAgency);
}

using Signals = std::vector<int>;
Signals SignalsOf(const RespondToCase& answer,
                  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_ASPIRATION) {
  Story story;
  story.Open(report_class).At("2025-06-05 09:00", answer);
  const auto& signals = story.last.at(0).response_given().signals();
  return {signals.begin(), signals.end()};
}

TEST_CASE("a final answer is told to be without evidence, to point elsewhere, or to be copied") {
  CHECK(SignalsOf(Final()).empty());
  CHECK(SignalsOf(Bare()) == Signals{event::v1::ANSWER_SIGNAL_NO_EVIDENCE});
  RespondToCase elsewhere = Final();
  elsewhere.text = "Silakan menghubungi dinas.";
  CHECK(SignalsOf(elsewhere) == Signals{event::v1::ANSWER_SIGNAL_OTHER_DOOR});

  const int same = ShippedPolicy().FindVersion("2024.1")->answer_signals().same_answers().value();
  RespondToCase copied = Final();
  copied.same_answers = same - 2;
  CHECK(SignalsOf(copied).empty());
  copied.same_answers = same - 1;  // with this one it is the last that is needed
  CHECK(SignalsOf(copied) == Signals{event::v1::ANSWER_SIGNAL_COPY_PASTE});
}

TEST_CASE(
    "an interim answer is looked through as a final one, but has nothing to show yet; a question isn't") {
  CHECK(SignalsOf(Interim()).empty());
  RespondToCase interim = Interim();
  interim.text = "Silakan menghubungi dinas.";
  interim.same_answers = 1000;
  CHECK(SignalsOf(interim) ==
        Signals{event::v1::ANSWER_SIGNAL_COPY_PASTE, event::v1::ANSWER_SIGNAL_OTHER_DOOR});
  RespondToCase question = testing::Question();
  question.text = interim.text;
  question.same_answers = 1000;
  CHECK(SignalsOf(question).empty());

  Story story;
  story.Open()
      .At("2025-06-05 09:00", question)
      .At("2025-06-05 09:30", interim)
      .At("2025-06-05 10:00", Final());
  CHECK_FALSE(std::get<Response>(story.records[0]).words_hash.has_value());
  CHECK(std::get<Response>(story.records[1]).words_hash == WordsHash(interim.text, ""));
  CHECK(std::get<Response>(story.records[2]).words_hash.has_value());
}

TEST_CASE("an answer from a template is told to be one") {
  RespondToCase answer = Final();
  for (const bool from_template : {true, false}) {
    answer.from_template = from_template;
    Story story;
    story.Open().At("2025-06-05 09:00", answer);
    CHECK(story.last[0].response_given().from_template() == from_template);
  }
}

TEST_CASE("a case is delegated within the agency, and nobody is told to whom") {
  Story story;
  story.Open().At("2025-06-05 09:00", DelegateCase{Officer(), "desk-roads"});
  CHECK(story.now.delegate == "desk-roads");
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_delegated().agency_id() == kAgency);
  CHECK_FALSE(Says(story.last[0].SerializeAsString(), "desk-roads"));

  story.At("2025-06-05 10:00", DelegateCase{Officer(), "desk-roads"});
  CHECK(story.last.empty());
  story.At("2025-06-05 11:00", Final()).At("2025-06-05 12:00", DelegateCase{Officer(), "o-17"});
  CHECK(story.now.delegate == "o-17");
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  story.At("2025-06-05 13:00", DelegateCase{Officer(), ""});
  CHECK(story.now.delegate.empty());
  CHECK(story.last.empty());
}

TEST_CASE("who gets the case doesn't learn who had it at the agency before") {
  Story delegated;
  delegated.Open().At("2025-06-05 09:00", DelegateCase{Officer(), "desk-roads"});
  for (const Command& command : {Command(LeaveAgency{Wib("2025-06-05 10:00")}),
                                 Command(Assignment(Wib("2025-06-05 10:00"), kOtherAgency))}) {
    Story story = delegated;
    story.At("2025-06-05 10:00", command);
    CHECK(story.now.delegate.empty());
  }
  delegated.At("2025-06-05 10:00", Assignment(Wib("2025-06-05 10:00"), kAgency));
  CHECK(delegated.now.delegate == "desk-roads");
}

TEST_CASE("what is closed or has ended is delegated to nobody") {
  Story closed;
  closed.Open()
      .At("2025-06-05 09:00", Final())
      .At("2025-06-06 09:00", RecordReaction{Wib("2025-06-06 09:00"), true});
  Story ended;
  ended.Open().At("2025-06-05 09:00", EndCase{Wib("2025-06-05 09:00")});
  for (const Story& story : {closed, ended}) {
    const auto wrong = WhatIsWrong(story.Refusal("2025-06-06 10:00", DelegateCase{Officer(), "desk-1"}));
    CHECK(wrong.field() == "state");
    CHECK(Says(wrong.rule(), "DelegateCase"));
  }
}

}  // namespace
}  // namespace lapor::followup
