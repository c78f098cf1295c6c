// After the answer: what the reporter may ask for when the case is closed, and what comes of an appeal to a
// higher officer.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/agency_id.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using report::v1::Actor;
using report::v1::CLOCK_APPEAL;
using report::v1::CLOCK_REACTION;
using report::v1::CLOCK_RESOLUTION;
using report::v1::ROLE_AGENCY_ADMIN;
using report::v1::ROLE_ARBITER;
using testing::ActorOf;
using testing::Assignment;
using testing::Final;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Officer;
using testing::Story;
using testing::Wib;

// Above kAgency.
const Actor kSupervisor = ActorOf(ROLE_AGENCY_ADMIN, kOtherAgency);

DecideAppeal Judgement(bool granted, const Actor& actor = kSupervisor) {
  return {actor, "6a4b1a0e-0000-4000-8000-000000000004", granted, "Foto bukan dari lokasi itu."};
}

// On Thursday 5 June 2025; silence would close it at the end of the 23rd.
Story Answered(report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT) {
  Story story;
  return story.Open(report_class).At("2025-06-05 09:00", Final());
}

Story ClosedBySilence() { return Answered().Pass("2025-06-24 00:00"); }

Story Appealed(Story story = Answered(), const std::string& wib = "2025-06-10 10:00") {
  return story.At(wib, RecordAppeal{Wib(wib)});
}

TEST_CASE("a closing tells until when the reporter may ask to reopen the case, and that it does") {
  Story story = ClosedBySilence();
  const event::v1::CaseClosed& closed = story.last.back().case_closed();
  CHECK(decision::FromProto(closed.reopen_until()) == Wib("2025-07-10 00:00"));

  story.At("2025-07-10 08:00", RecordReopeningRequest{Wib("2025-07-09 23:59")});  // heard late
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.last.back().has_case_reopened());
  CHECK(story.last.back().actor().role() == report::v1::ROLE_REPORTER);
  // From the answer to the request it was the reporter's turn.
  REQUIRE(story.now.pauses.size() == 1);
  CHECK(story.now.pauses[0].from == Wib("2025-06-05 09:00"));
  CHECK(story.now.pauses[0].to == Wib("2025-07-09 23:59"));
  CHECK_FALSE(story.now.reopen_until.has_value());
}

TEST_CASE("a closing by the reporter or the agency can be taken back within its term, too") {
  Story by_reporter = Answered();
  by_reporter.At("2025-06-10 09:00", RecordReaction{Wib("2025-06-10 09:00"), true})
      .At("2025-06-12 09:00", RecordReopeningRequest{Wib("2025-06-12 09:00")});
  CHECK(by_reporter.now.state == v1::CASE_STATE_OPEN);
  Story by_agency = Answered(report::v1::REPORT_CLASS_ASPIRATION);
  by_agency.At("2025-06-10 09:00", CloseCase{Officer()})
      .At("2025-06-12 09:00", RecordReopeningRequest{Wib("2025-06-12 09:00")});
  CHECK(by_agency.now.state == v1::CASE_STATE_OPEN);
}

TEST_CASE("a request to reopen that comes after the term, or where nothing is closed, changes nothing") {
  Story late = ClosedBySilence();
  late.At("2025-07-10 00:00", RecordReopeningRequest{Wib("2025-07-10 00:00")});
  CHECK(late.now.state == v1::CASE_STATE_CLOSED);
  CHECK(late.last.empty());
  Story answered = Answered();
  answered.At("2025-06-10 10:00", RecordReopeningRequest{Wib("2025-06-10 10:00")});
  CHECK(answered.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(answered.last.empty());
}

TEST_CASE("an appeal goes to the agency above the one that answered, with a term") {
  const Story story = Appealed();
  REQUIRE(story.last.size() == 1);
  const event::v1::AppealOpened& opened = story.last[0].appeal_opened();
  CHECK(opened.supervisor_agency_id() == kOtherAgency);
  CHECK(decision::FromProto(opened.due_at()) == Wib("2025-06-25 00:00"));
  CHECK(IsAppealed(story.now));
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
}

TEST_CASE(
    "above an agency without a coordinator, and where nobody holds the case, are the national "
    "administrators") {
  for (const char* holder : {"id.33", "id", ""}) {
    INFO(holder);
    Story story = Answered();
    story.now.agency_id = holder;
    CHECK(Appealed(story).last.at(0).appeal_opened().supervisor_agency_id() == "id");
  }
  Story unit = Answered();
  unit.now.agency_id = "id.32.73.dinkes";
  CHECK(Appealed(unit).last.at(0).appeal_opened().supervisor_agency_id() == kAgency);
}

TEST_CASE("who appeals is not silent: the reaction clock stops until the appeal is decided") {
  Story story = Appealed();
  CHECK(story.deadlines == testing::Deadlines{{CLOCK_APPEAL, Wib("2025-06-25 00:00")}});
  CHECK(NextDueAt(story.now) == Wib("2025-06-25 00:00"));
  story.At("2025-06-11 09:00", RecordReply{Wib("2025-06-11 09:00")});
  CHECK_FALSE(story.deadlines.contains(CLOCK_REACTION));
  // Nor does the end of an escalation start it.
  story.At("2025-06-12 09:00", RecordEscalation{Wib("2025-06-12 09:00")})
      .At("2025-06-13 09:00",
          RecordEscalationOutcome{Wib("2025-06-13 09:00"), event::v1::ESCALATION_OUTCOME_STOPPED});
  CHECK(IsAppealed(story.now));
  CHECK_FALSE(story.deadlines.contains(CLOCK_REACTION));
  story.Pass("2025-08-01 00:00");
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);

  // One that is only heard when silence has closed the case undoes that.
  Story late = ClosedBySilence();
  late.At("2025-06-24 08:00", RecordAppeal{Wib("2025-06-23 22:00")});
  CHECK(late.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(IsAppealed(late.now));
}

TEST_CASE("the supervisor is reminded of an appeal, its breach is theirs, and those above them are told") {
  Story story = Appealed();
  story.Pass("2025-06-18 00:00");
  REQUIRE(story.Of(Event::kClockReminded).size() == 1);
  CHECK(story.last.back().clock_reminded().clock() == CLOCK_APPEAL);
  CHECK(story.last.back().clock_reminded().agency_id() == kOtherAgency);

  story.Pass("2025-06-25 00:00");
  REQUIRE(story.Of(Event::kClockBreached).size() == 1);
  CHECK(story.last.back().clock_breached().clock() == CLOCK_APPEAL);
  CHECK(story.last.back().clock_breached().agency_id() == kOtherAgency);
  CHECK_FALSE(IsBreached(story.now));

  story.Pass("2025-07-20 00:00");
  REQUIRE(story.Of(Event::kBreachRaised).size() == 1);
  const event::v1::BreachRaised raised = story.Of(Event::kBreachRaised)[0].breach_raised();
  CHECK(raised.agency_id() == kOtherAgency);
  CHECK(raised.supervisor_agency_id() == "id");
  // And it can still be decided.
  CHECK(story.Refusal("2025-07-20 09:00", Judgement(true)).ok());
}

TEST_CASE("an appeal that is granted reopens the case, and the agency's clock has rested since its answer") {
  Story story = Appealed();
  story.At("2025-06-12 10:00", Judgement(true));
  REQUIRE(story.last.size() == 2);
  const event::v1::AppealDecided& decided = story.last[0].appeal_decided();
  CHECK(decided.granted());
  CHECK(decided.supervisor_agency_id() == kOtherAgency);
  CHECK(decided.response_id() == Judgement(true).response_id);
  CHECK(story.last[0].SerializeAsString().find("Foto") == std::string::npos);
  CHECK(story.last[1].has_case_reopened());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  // 10, 11 and 12 June don't count.
  CHECK(story.deadlines == testing::Deadlines{{CLOCK_RESOLUTION, Wib("2025-07-02 00:00")}});

  const auto& words = std::get<Response>(story.records.at(story.records.size() - 2));
  CHECK(words.on_appeal);
  CHECK(words.text == Judgement(true).text);
  CHECK(words.agency_id == kOtherAgency);
  CHECK(words.number == 2);
  CHECK(story.now.appeal_granted);
}

TEST_CASE("an appeal that is dismissed closes an answered case, and leaves a closed one closed") {
  Story story = Appealed();
  story.At("2025-06-12 10:00", Judgement(false));
  REQUIRE(story.last.size() == 2);
  CHECK_FALSE(story.last[0].appeal_decided().granted());
  CHECK(story.last[1].case_closed().closing() == event::v1::CLOSING_ON_APPEAL);
  CHECK(decision::FromProto(story.last[1].case_closed().reopen_until()) == Wib("2025-06-27 00:00"));
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK(story.deadlines.empty());

  Story closed = Appealed(ClosedBySilence(), "2025-07-01 10:00");
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
  CHECK(closed.deadlines.contains(CLOCK_APPEAL));
  closed.At("2025-07-02 10:00", Judgement(false));
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
  CHECK(closed.now.closing == event::v1::CLOSING_BY_SILENCE);
  CHECK(closed.last.size() == 1);
}

TEST_CASE(
    "a closed case is taken up again where its appeal is granted, also if its agency closed it meanwhile") {
  Story closed = Appealed(ClosedBySilence(), "2025-07-01 10:00");
  CHECK(closed.At("2025-07-02 10:00", Judgement(true)).now.state == v1::CASE_STATE_OPEN);

  Story meanwhile = Appealed(Answered(report::v1::REPORT_CLASS_ASPIRATION));
  meanwhile.At("2025-06-11 09:00", CloseCase{Officer()});
  CHECK(IsAppealed(meanwhile.now));
  CHECK(meanwhile.At("2025-06-12 10:00", Judgement(true)).now.state == v1::CASE_STATE_OPEN);
}

TEST_CASE("there is one appeal a report, within the term of reopening") {
  Story story = Appealed();
  story.At("2025-06-11 09:00", RecordAppeal{Wib("2025-06-11 09:00")});
  CHECK(story.last.empty());
  CHECK(story.now.appeal.started_at == Wib("2025-06-10 10:00"));
  story.At("2025-06-12 10:00", Judgement(false))
      .At("2025-06-13 09:00", RecordAppeal{Wib("2025-06-13 09:00")});
  CHECK(story.last.empty());
  CHECK_FALSE(IsAppealed(story.now));

  Story late = ClosedBySilence();
  late.At("2025-07-10 00:00", RecordAppeal{Wib("2025-07-10 00:00")});
  CHECK_FALSE(IsAppealed(late.now));
  Story open;
  open.Open().At("2025-06-05 09:00", RecordAppeal{Wib("2025-06-05 09:00")});
  CHECK_FALSE(IsAppealed(open.now));
}

TEST_CASE("an agency does not evade an appeal by reopening its own case") {
  Story story = Appealed();
  CHECK(story.Refusal("2025-06-11 09:00", ReopenCase{Officer()}).code() ==
        absl::StatusCode::kFailedPrecondition);
  CHECK(story.Refusal("2025-06-11 09:00", ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)}).ok());
}

TEST_CASE("who has a part of the report judges no answer to it: the appeal goes to the next one above") {
  Story story;
  story.Open().At("2025-06-03 09:00", testing::PartAssignment(Wib("2025-06-03 09:00"), 1, kOtherAgency));
  story.At("2025-06-04 09:00", Final(Officer(kOtherAgency), 1)).At("2025-06-05 09:00", Final());
  story = Appealed(story);
  CHECK(story.last.back().appeal_opened().supervisor_agency_id() == report::kRootAgencyId);
  CHECK(story.Refusal("2025-06-11 09:00", Judgement(true)).code() == absl::StatusCode::kPermissionDenied);
}

TEST_CASE("no closing waits for a calendar; without one no date is told") {
  const auto kind = report::v1::REPORT_CLASS_INFORMATION_REQUEST;
  Story story;
  story.At("2026-12-11 08:00", testing::Registration(Wib("2026-12-11 08:00"), kind));
  story.At("2026-12-11 09:00", Assignment(Wib("2026-12-11 09:00"))).At("2026-12-14 09:00", Final());
  story.At("2026-12-22 09:00", RecordReaction{Wib("2026-12-22 09:00"), true});
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK_FALSE(story.last.back().case_closed().has_reopen_until());
}

TEST_CASE("a decision needs an appeal that waits, and is one") {
  const auto refused = [](const Story& story, const std::string& wib) {
    const absl::Status status = story.Refusal(wib, Judgement(true));
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(decision::BadInputOf(status).has_value());
    CHECK(decision::BadInputOf(status)->violations(0).field() == "report_id");
    return std::string(status.message());
  };
  CHECK(refused(Answered(), "2025-06-10 09:00").find("no appeal") != std::string::npos);
  Story decided = Appealed();
  decided.At("2025-06-12 10:00", Judgement(false));
  CHECK(refused(decided, "2025-06-12 11:00").find("decided already") != std::string::npos);
}

TEST_CASE(
    "administrators and arbiters of the supervisor and above decide, and national arbiters; nobody else") {
  const Story story = Appealed();
  for (const Actor& actor :
       {kSupervisor, ActorOf(ROLE_ARBITER, kOtherAgency), ActorOf(ROLE_AGENCY_ADMIN, "id"),
        ActorOf(ROLE_ARBITER, "id"), ActorOf(ROLE_ARBITER)}) {
    INFO(actor.ShortDebugString());
    CHECK(story.Refusal("2025-06-12 10:00", Judgement(true, actor)).ok());
  }
  for (const Actor& actor :
       {ActorOf(ROLE_AGENCY_ADMIN, kAgency), ActorOf(ROLE_ARBITER, kAgency), Officer(kOtherAgency), Officer(),
        ActorOf(ROLE_AGENCY_ADMIN, "id.33"), ActorOf(ROLE_ARBITER, "id.33"), ActorOf(ROLE_AGENCY_ADMIN),
        ActorOf(report::v1::ROLE_TRIAGE), ActorOf(report::v1::ROLE_MONITOR)}) {
    INFO(actor.ShortDebugString());
    CHECK(story.Refusal("2025-06-12 10:00", Judgement(true, actor)).code() ==
          absl::StatusCode::kPermissionDenied);
  }
  // The supervisor has taken the place of the agency that answered, and ended: it is judged from above.
  Story merged = Appealed();
  AssignAgency carried = Assignment(Wib("2025-06-11 09:00"), kOtherAgency);
  carried.carried_over = true;
  merged.At("2025-06-11 09:00", carried);
  CHECK(merged.Refusal("2025-06-12 10:00", Judgement(true)).code() == absl::StatusCode::kPermissionDenied);
  CHECK(merged.Refusal("2025-06-12 10:00", Judgement(true, ActorOf(ROLE_ARBITER))).ok());
}

TEST_CASE("an appeal lapses where the answer falls or the reporter is content, and may be made anew then") {
  const absl::Time at = Wib("2025-06-11 09:00");
  for (const Command& command : {Command(RecordReaction{at, false}), Command(RecordReaction{at, true}),
                                 Command(ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)}),
                                 Command(Assignment(at, "id.33")), Command(testing::PartAssignment(at, 1)),
                                 Command(EndCase{at}), Command(ArchiveCase{at}), Command(MergeCase{at})}) {
    INFO(NameOf(KindOf(command)));
    Story story = Appealed();
    story.At(at, command);
    CHECK_FALSE(IsAppealed(story.now));
    CHECK(story.now.supervisor_agency_id.empty());
    CHECK_FALSE(story.deadlines.contains(CLOCK_APPEAL));
    CHECK_FALSE(story.Refusal("2025-06-12 10:00", Judgement(true)).ok());
  }
  Story again = Appealed();
  again.At(at, ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)}).At("2025-06-12 09:00", Final());
  CHECK(IsAppealed(Appealed(again, "2025-06-13 09:00").now));
}

TEST_CASE(
    "the way to the Ombudsman and the withdrawal of a closed report: the one leaves the appeal, the other "
    "ends it") {
  Story escalated = Appealed();
  escalated.At("2025-06-11 09:00", RecordEscalation{Wib("2025-06-11 09:00")});
  CHECK(IsAppealed(escalated.now));
  CHECK(escalated.Refusal("2025-06-12 10:00", Judgement(false)).ok());

  Story withdrawn = Appealed(ClosedBySilence(), "2025-07-01 10:00");
  withdrawn.At("2025-07-02 09:00", EndCase{Wib("2025-07-02 09:00")});
  CHECK_FALSE(IsAppealed(withdrawn.now));
}

}  // namespace
}  // namespace lapor::followup
