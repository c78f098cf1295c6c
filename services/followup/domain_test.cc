// The state machine: what is allowed when, by whom, and what comes of it. Clocks are in clocks_test.cc.
#include "services/followup/domain.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using testing::ActorOf;
using testing::Assignment;
using testing::Final;
using testing::Interim;
using testing::kAgency;
using testing::kOtherAgency;
using testing::Officer;
using testing::Registration;
using testing::ShippedPolicy;
using testing::Story;
using testing::Wib;

constexpr CaseState kStates[] = {v1::CASE_STATE_UNSPECIFIED, v1::CASE_STATE_AWAITING_ASSIGNMENT,
                                 v1::CASE_STATE_OPEN,        v1::CASE_STATE_ANSWERED,
                                 v1::CASE_STATE_CLOSED,      v1::CASE_STATE_ENDED,
                                 v1::CASE_STATE_ARCHIVED,    v1::CASE_STATE_MERGED};

// A case as it really comes to be in that state.
Story StoryIn(CaseState state, report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT) {
  Story story;
  if (state == v1::CASE_STATE_UNSPECIFIED) return story;
  if (state == v1::CASE_STATE_AWAITING_ASSIGNMENT) {
    story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00"), report_class));
    return story;
  }
  story.Open(report_class);
  if (state == v1::CASE_STATE_OPEN) return story;
  if (state == v1::CASE_STATE_ENDED) return story.At("2025-06-05 08:00", EndCase{Wib("2025-06-05 08:00")});
  if (state == v1::CASE_STATE_ARCHIVED)
    return story.At("2025-06-05 08:00", ArchiveCase{Wib("2025-06-05 08:00")});
  if (state == v1::CASE_STATE_MERGED) return story.At("2025-06-05 08:00", MergeCase{Wib("2025-06-05 08:00")});
  story.At("2025-06-05 09:00", Final());
  if (state == v1::CASE_STATE_CLOSED) story.Pass("2025-07-01 00:00");
  return story;
}

// One of each kind, at a time when no clock has run out.
std::vector<Command> AllCommands() {
  const absl::Time at = Wib("2025-06-05 10:00");
  return {RegisterReport(Registration(at)),
          RecordVerification{at, report::v1::REPORT_CLASS_ASPIRATION, false, "health", "32.01"},
          Command(Assignment(at, kOtherAgency)),
          LeaveAgency{at},
          RecordReply{at},
          RecordReaction{at, true},
          EndCase{at},
          ArchiveCase{at},
          RestoreCase{at},
          MergeCase{at},
          UnmergeCase{at},
          TakeFollower{at, at - absl::Hours(240), at - absl::Hours(240)},
          RecordReopeningRequest{at},
          RecordAppeal{at},
          RecordEscalation{at},
          RecordEscalationOutcome{at, event::v1::ESCALATION_OUTCOME_NOT_FOUND},
          PassDeadline{report::v1::CLOCK_RESOLUTION},
          RecountClocks{},
          Command(testing::Promising(Interim(), absl::CivilDay(2025, 7, 1))),
          DelegateCase{Officer(), "desk-1"},
          CloseCase{Officer()},
          ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)},
          DecideAppeal{ActorOf(report::v1::ROLE_AGENCY_ADMIN, kOtherAgency), "", true, "Beralasan."}};
}

bool IsFromCaller(CommandKind kind) {
  return kind == CommandKind::kRespondToCase || kind == CommandKind::kDelegateCase ||
         kind == CommandKind::kCloseCase || kind == CommandKind::kReopenCase ||
         kind == CommandKind::kDecideAppeal;
}

TEST_CASE("every pair of state and command is decided as the table says, or refused naming both") {
  const auto commands = AllCommands();
  REQUIRE(commands.size() == kCommandKinds);
  for (const CaseState state : kStates) {
    // An information request, so that its agency may close it.
    Story story = StoryIn(state, report::v1::REPORT_CLASS_INFORMATION_REQUEST);
    REQUIRE(story.now.state == state);
    story.now.agency_id = kAgency;  // so that no command fails for want of a holder
    if (state == v1::CASE_STATE_ANSWERED || state == v1::CASE_STATE_CLOSED)  // or of an appeal
      story.At("2025-07-01 10:00", RecordAppeal{Wib("2025-07-01 10:00")});
    for (const Command& command : commands) {
      const CommandKind kind = KindOf(command);
      INFO(NameOf(state) << " " << NameOf(kind));
      const auto decision = Decide(story.now, command, Wib("2025-07-01 10:00"), ShippedPolicy());
      if (Transitions().Allows(state, kind)) {
        REQUIRE(decision.ok());
        CHECK(Transitions().Foresees(state, kind, decision->next.state));
      } else if (state == v1::CASE_STATE_UNSPECIFIED && IsFromCaller(kind)) {
        CHECK(decision.status().code() == absl::StatusCode::kNotFound);
      } else {
        CHECK(decision.status().code() == absl::StatusCode::kFailedPrecondition);
        const std::string text(decision.status().message());
        CHECK(text.find(NameOf(state)) != std::string::npos);
        CHECK(text.find(NameOf(kind)) != std::string::npos);
      }
    }
  }
}

TEST_CASE(
    "callers may answer an open case, close an answered one, delegate either, and reopen an answered or "
    "closed one or decide its appeal") {
  const auto allowed = [](CaseState state) {
    std::set<CommandKind> kinds;
    for (int kind = 0; kind < kCommandKinds; ++kind) {
      const auto k = static_cast<CommandKind>(kind);
      if (IsFromCaller(k) && Transitions().Allows(state, k)) kinds.insert(k);
    }
    return kinds;
  };
  using enum CommandKind;
  CHECK(allowed(v1::CASE_STATE_UNSPECIFIED).empty());
  CHECK(allowed(v1::CASE_STATE_AWAITING_ASSIGNMENT).empty());
  CHECK(allowed(v1::CASE_STATE_OPEN) == std::set{kRespondToCase, kDelegateCase});
  CHECK(allowed(v1::CASE_STATE_ANSWERED) == std::set{kDelegateCase, kCloseCase, kReopenCase, kDecideAppeal});
  CHECK(allowed(v1::CASE_STATE_CLOSED) == std::set{kReopenCase, kDecideAppeal});
  CHECK(allowed(v1::CASE_STATE_ENDED).empty());
  CHECK(allowed(v1::CASE_STATE_ARCHIVED).empty());
  CHECK(allowed(v1::CASE_STATE_MERGED).empty());
}

TEST_CASE("what other services tell of a known report is heard in every state, with or without supervision") {
  for (const CaseState state : kStates) {
    if (state == v1::CASE_STATE_UNSPECIFIED) continue;
    for (const Command& command : AllCommands()) {
      if (IsFromCaller(KindOf(command))) continue;
      INFO(NameOf(state) << " " << NameOf(KindOf(command)));
      for (const absl::Time now : {Wib("2025-06-05 10:00"), Wib("2025-12-01 10:00")}) {
        CHECK(Decide(StoryIn(state).now, command, now, ShippedPolicy()).ok());
      }
    }
  }
}

TEST_CASE("an event of a report whose submission was never told is refused, for it would be lost") {
  for (const Command& command : AllCommands()) {
    const CommandKind kind = KindOf(command);
    CHECK(Transitions().Allows(v1::CASE_STATE_UNSPECIFIED, kind) == (kind == CommandKind::kRegisterReport));
  }
}

TEST_CASE("the README's diagram shows the table, no more and no less") {
  std::ostringstream diagram;
  std::set<std::string> drawn;
  for (const auto& row : Transitions().rows()) {
    if (row.from == row.to) continue;
    const auto name = [](CaseState state) {
      return state == v1::CASE_STATE_UNSPECIFIED ? "[*]" : NameOf(state).substr(sizeof("CASE_STATE_") - 1);
    };
    diagram << "    " << name(row.from) << " --> " << name(row.to) << ": " << NameOf(row.on) << "\n";
  }
  std::ifstream file("README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string begin = "stateDiagram-v2\n";
  const size_t from = readme.find(begin);
  REQUIRE(from != std::string::npos);
  const size_t to = readme.find("```", from);
  CHECK(readme.substr(from + begin.size(), to - from - begin.size()) == diagram.str());
}

TEST_CASE("the first assignment opens the case and tells both due dates") {
  Story story;
  story.Open();

  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.agency_id == kAgency);
  REQUIRE(story.last.size() == 1);
  const Event& event = story.last[0];
  CHECK(decision::FromProto(event.occurred_at()) == Wib("2025-06-04 10:00"));
  CHECK(event.actor().role() == report::v1::ROLE_SERVICE);
  CHECK(event.case_opened().agency_id() == kAgency);
  CHECK(decision::FromProto(event.case_opened().first_response_due_at()) == Wib("2025-06-14 00:00"));
  CHECK(decision::FromProto(event.case_opened().resolution_due_at()) == Wib("2025-06-26 00:00"));
}

TEST_CASE("what the administrator corrects at the verification holds, and empty corrections change nothing") {
  Story story;
  story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00")));
  story.At("2025-06-03 09:00",
           RecordVerification{Wib("2025-06-03 09:00"), report::v1::REPORT_CLASS_UNSPECIFIED, true, "", ""});
  CHECK(story.now.report_class == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK_FALSE(story.now.supervision);
  CHECK(story.now.category == "roads");
  CHECK(story.now.region == "32.73");

  story.At("2025-06-03 09:00", RecordVerification{Wib("2025-06-03 09:00"), report::v1::REPORT_CLASS_COMPLAINT,
                                                  true, "health", "32.01"});
  CHECK(story.now.supervision);
  CHECK(story.now.category == "health");
  CHECK(story.now.region == "32.01");
}

TEST_CASE("an interim answer leaves the case open, a final one makes it wait for the reporter") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim());
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].response_given().kind() == event::v1::RESPONSE_KIND_INTERIM);
  CHECK_FALSE(story.last[0].response_given().has_reaction_due_at());

  story.At("2025-06-05 10:00", Final());
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  REQUIRE(story.last.size() == 1);
  const event::v1::ResponseGiven& given = story.last[0].response_given();
  CHECK(given.agency_id() == kAgency);
  CHECK(given.kind() == event::v1::RESPONSE_KIND_FINAL);
  CHECK(given.evidence_count() == 1);
  CHECK(decision::FromProto(given.reaction_due_at()) == Wib("2025-06-24 00:00"));
  CHECK(story.last[0].actor().agency_id() == kAgency);
}

TEST_CASE("the words of an answer go into a record, and into no event") {
  Story story;
  story.Open().At("2025-06-05 09:00", Interim()).At("2025-06-05 10:00", Final());

  REQUIRE(story.records.size() == 2);
  const auto& first = std::get<Response>(story.records[0]);
  const auto& second = std::get<Response>(story.records[1]);
  CHECK(first.number == 1);
  CHECK(first.text == Interim().text);
  CHECK(second.number == 2);
  CHECK(second.agency_id == kAgency);
  CHECK(second.given_at == Wib("2025-06-05 10:00"));
  CHECK(second.evidence.size() == 1);
  CHECK(second.response_id == story.last[0].response_given().response_id());
  for (const Event& event : story.events) {
    CHECK(event.SerializeAsString().find("diperbaiki") == std::string::npos);
    CHECK(event.SerializeAsString().find("dikerjakan") == std::string::npos);
  }
}

TEST_CASE("a second final answer is refused until the case is reopened") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  const std::string message(story.Refusal("2025-06-06 09:00", Final()).message());
  CHECK(message.find("RespondToCase is not allowed in CASE_STATE_ANSWERED") != std::string::npos);
  CHECK(message.find("take the answer back with ReopenCase") != std::string::npos);

  story.At("2025-06-06 09:00", ReopenCase{Officer()}).At("2025-06-06 09:01", Final());
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
}

TEST_CASE("what the state doesn't allow is refused with what may be done instead") {
  const auto remedy = [](const Story& story, const Command& command) {
    const auto bad = decision::BadInputOf(story.Refusal("2025-06-10 11:00", command));
    REQUIRE(bad.has_value());
    REQUIRE(bad->violations_size() == 1);
    CHECK(bad->violations(0).field() == "state");
    CHECK(bad->violations(0).rule().starts_with(NameOf(KindOf(command)) + " is not allowed in CASE_STATE_"));
    return bad->violations(0).remedy();
  };
  const auto says = [](const std::string& text, const char* part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  Story closed = StoryIn(v1::CASE_STATE_ANSWERED);
  closed.At("2025-06-09 09:00", RecordReaction{Wib("2025-06-09 09:00"), true});
  for (const Command& command :
       {Command(Interim()), Command(Final()), Command(DelegateCase{Officer(), "a"})}) {
    const std::string text = remedy(closed, command);
    says(text, "an officer of the agency that holds it, a central administrator or an arbiter above");
    says(text, "ReopenCase");
    says(text, "the reporter may ask for that or appeal");
  }
  Story appealed = StoryIn(v1::CASE_STATE_ANSWERED);
  appealed.At("2025-06-10 10:00", RecordAppeal{Wib("2025-06-10 10:00")});
  says(remedy(appealed, Final()), "the decision of id.32 on the appeal");
  appealed.At("2025-06-10 10:30", RecordReaction{Wib("2025-06-10 10:30"), true});
  says(remedy(appealed, Final()), "ReopenCase");

  says(remedy(StoryIn(v1::CASE_STATE_OPEN), CloseCase{Officer()}), "answer first, with RespondToCase");
  says(remedy(StoryIn(v1::CASE_STATE_ENDED), Final()), "withdrawn");
  says(remedy(StoryIn(v1::CASE_STATE_ARCHIVED), Final()), "restore");
  says(remedy(StoryIn(v1::CASE_STATE_MERGED), Final()), "the report that it follows");
}

TEST_CASE("only officers of the holder answer and close") {
  const Story open = StoryIn(v1::CASE_STATE_OPEN, report::v1::REPORT_CLASS_ASPIRATION);
  const Story answered = StoryIn(v1::CASE_STATE_ANSWERED, report::v1::REPORT_CLASS_ASPIRATION);
  for (const auto& actor :
       {Officer(kOtherAgency), Officer(""), ActorOf(report::v1::ROLE_TRIAGE),
        ActorOf(report::v1::ROLE_ARBITER), ActorOf(report::v1::ROLE_MONITOR, kAgency),
        ActorOf(report::v1::ROLE_OMBUDSMAN, kAgency), ActorOf(report::v1::ROLE_SERVICE, kAgency),
        ActorOf(report::v1::ROLE_UNSPECIFIED, kAgency)}) {
    INFO(actor.ShortDebugString());
    CHECK(open.Refusal("2025-06-05 10:00", Interim(actor)).code() == absl::StatusCode::kPermissionDenied);
    CHECK(open.Refusal("2025-06-05 10:00", DelegateCase{actor, "desk-1"}).code() ==
          absl::StatusCode::kPermissionDenied);
    CHECK(answered.Refusal("2025-06-05 10:00", CloseCase{actor}).code() ==
          absl::StatusCode::kPermissionDenied);
  }
  CHECK(open.Refusal("2025-06-05 10:00", Interim(ActorOf(report::v1::ROLE_AGENCY_ADMIN, kAgency))).ok());
}

TEST_CASE("officers of the holder, central administrators and the arbiters above it reopen, nobody else") {
  const Story answered = StoryIn(v1::CASE_STATE_ANSWERED);
  for (const auto& actor :
       {Officer(), ActorOf(report::v1::ROLE_TRIAGE), ActorOf(report::v1::ROLE_ARBITER),
        ActorOf(report::v1::ROLE_ARBITER, "id"), ActorOf(report::v1::ROLE_ARBITER, "id.32")}) {
    CHECK(answered.Refusal("2025-06-05 10:00", ReopenCase{actor}).ok());
  }
  for (const auto& actor :
       {Officer(kOtherAgency), ActorOf(report::v1::ROLE_MONITOR), ActorOf(report::v1::ROLE_ARBITER, "id.33"),
        ActorOf(report::v1::ROLE_AGENCY_ADMIN, "id.32")}) {
    CHECK(answered.Refusal("2025-06-05 10:00", ReopenCase{actor}).code() ==
          absl::StatusCode::kPermissionDenied);
  }
}

TEST_CASE("a stranger learns nothing of the state of a case") {
  for (const CaseState state : kStates) {
    if (state == v1::CASE_STATE_UNSPECIFIED) continue;
    for (const Command& command :
         {Command(Final(Officer(kOtherAgency))), Command(CloseCase{Officer(kOtherAgency)}),
          Command(ReopenCase{Officer(kOtherAgency)}), Command(DelegateCase{Officer(kOtherAgency), "desk-1"}),
          Command(DecideAppeal{Officer(kOtherAgency), "", true, ""})}) {
      const absl::Status status = StoryIn(state).Refusal("2025-06-05 10:00", command);
      CHECK(status.code() == absl::StatusCode::kPermissionDenied);
      CHECK(std::string(status.message()).find("CASE_STATE") == std::string::npos);
    }
  }
}

TEST_CASE("nobody's officers may act while the case is back with the administrators") {
  Story story;
  story.Open().At("2025-06-05 09:00", LeaveAgency{Wib("2025-06-05 09:00")});
  CHECK(story.now.agency_id.empty());
  for (const auto& actor : {Officer(), Officer("")}) {
    CHECK(story.Refusal("2025-06-05 10:00", Interim(actor)).code() == absl::StatusCode::kPermissionDenied);
  }
  story.At("2025-06-05 11:00", Assignment(Wib("2025-06-05 11:00"), kOtherAgency));
  CHECK(story.Refusal("2025-06-05 12:00", Interim(Officer(kOtherAgency))).ok());
}

TEST_CASE("a satisfied reporter closes the case") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.At("2025-06-10 10:00", RecordReaction{Wib("2025-06-10 09:59"), true});
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK(story.now.closing == event::v1::CLOSING_BY_REPORTER);
  CHECK(story.now.closed_at == Wib("2025-06-10 09:59"));
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_closed().closing() == event::v1::CLOSING_BY_REPORTER);
  CHECK(story.last[0].case_closed().agency_id() == kAgency);
  CHECK(story.last[0].actor().role() == report::v1::ROLE_REPORTER);
  CHECK(decision::FromProto(story.last[0].occurred_at()) == Wib("2025-06-10 09:59"));
}

TEST_CASE("a reporter who is not satisfied reopens the case, as often as it takes") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.At("2025-06-05 11:00", RecordReaction{Wib("2025-06-05 11:00"), false});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.reopenings == 1);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_reopened().reopenings() == 1);
  CHECK(story.last[0].case_reopened().agency_id() == kAgency);

  story.At("2025-06-05 12:00", Final())
      .At("2025-06-05 13:00", RecordReaction{Wib("2025-06-05 13:00"), false});
  CHECK(story.last[0].case_reopened().reopenings() == 2);
}

TEST_CASE("reactions that no answer waits for change nothing") {
  for (const CaseState state : {v1::CASE_STATE_AWAITING_ASSIGNMENT, v1::CASE_STATE_OPEN,
                                v1::CASE_STATE_CLOSED, v1::CASE_STATE_ENDED}) {
    for (const bool satisfied : {true, false}) {
      INFO(NameOf(state));
      Story story = StoryIn(state);
      story.At("2025-07-02 10:00", RecordReaction{Wib("2025-07-02 10:00"), satisfied});
      CHECK(story.now.state == state);
      // But for the breaches of an open case, and those above who are told of them, which are due by then.
      CHECK(std::ranges::all_of(story.last, [](const event::v1::Event& event) {
        return event.has_clock_breached() || event.has_breach_raised();
      }));
    }
  }
}

TEST_CASE("what was said of an answer that its agency took back doesn't judge the next one") {
  // Answered anew at 12:00, which the reporter didn't know at 10:00, nor at the last moment before.
  Story anew = StoryIn(v1::CASE_STATE_ANSWERED);
  anew.At("2025-06-05 09:30", ReopenCase{Officer()}).At("2025-06-05 12:00", Final());
  const absl::Time answered = Wib("2025-06-05 12:00");
  for (const absl::Time said : {Wib("2025-06-05 10:00"), answered - absl::Microseconds(1)}) {
    for (const Command& judgement : {Command(RecordReaction{said, true}),
                                     Command(RecordReaction{said, false}), Command(RecordAppeal{said})}) {
      for (const bool silenced : {false, true}) {
        Story story = anew;
        if (silenced) story.Pass("2025-06-24 00:00");
        const CaseState state = story.now.state;
        story.At("2025-06-24 09:00", judgement);
        CHECK(story.now.state == state);
        CHECK(story.last.empty());
      }
    }
  }
  // Nothing is lost by it.
  CHECK(anew.At(answered, RecordAppeal{answered}).now.supervisor_agency_id == kOtherAgency);
  CHECK(anew.At(answered, RecordReaction{answered, true}).now.state == v1::CASE_STATE_CLOSED);
}

TEST_CASE("silence closes an answered case") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-23 23:59");
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-24 00:00");
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK(story.now.closing == event::v1::CLOSING_BY_SILENCE);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_closed().closing() == event::v1::CLOSING_BY_SILENCE);
  CHECK(story.last[0].actor().role() == report::v1::ROLE_SERVICE);
  CHECK(story.deadlines.empty());
}

TEST_CASE("a dissatisfaction that was said in time but heard after the closing by silence undoes it") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-24 00:00");
  REQUIRE(story.now.state == v1::CASE_STATE_CLOSED);

  Story late = story;
  late.At("2025-06-24 00:01", RecordReaction{Wib("2025-06-24 00:00"), false});
  CHECK(late.now.state == v1::CASE_STATE_CLOSED);

  story.At("2025-06-24 00:01", RecordReaction{Wib("2025-06-23 23:59"), false});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.now.closing == event::v1::CLOSING_UNSPECIFIED);
  CHECK_FALSE(story.now.closed_at.has_value());
  CHECK(story.Of(Event::kCaseReopened).size() == 1);
}

TEST_CASE(
    "a satisfaction that was said in time but heard after the closing by silence closes it by the reporter") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-24 00:00");

  Story late = story;
  late.At("2025-06-24 00:01", RecordReaction{Wib("2025-06-24 00:00"), true});
  CHECK(late.now.closing == event::v1::CLOSING_BY_SILENCE);

  story.At("2025-06-24 00:01", RecordReaction{Wib("2025-06-23 23:59"), true});
  CHECK(story.now.state == v1::CASE_STATE_CLOSED);
  CHECK(story.now.closing == event::v1::CLOSING_BY_REPORTER);
  CHECK(story.now.closed_at == Wib("2025-06-23 23:59"));
  CHECK(story.now.reaction.met_at == Wib("2025-06-23 23:59"));
  CHECK_FALSE(story.now.reaction.breached_at.has_value());
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_closed().closing() == event::v1::CLOSING_BY_REPORTER);
}

TEST_CASE("a reply that was written in time but heard after the closing by silence undoes it") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-24 00:00");
  for (const char* too_late_or_before_the_answer : {"2025-06-24 00:00", "2025-06-05 08:59"}) {
    Story silent = story;
    silent.At("2025-06-24 00:01", RecordReply{Wib(too_late_or_before_the_answer)});
    CHECK(silent.now.closing == event::v1::CLOSING_BY_SILENCE);
    CHECK(silent.last.empty());
  }

  story.At("2025-06-24 00:01", RecordReply{Wib("2025-06-20 20:00")});
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(story.now.closing == event::v1::CLOSING_UNSPECIFIED);
  CHECK_FALSE(story.now.closed_at.has_value());
  CHECK(story.now.reopenings == 0);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_reopened().answer_stands());
  CHECK(story.deadlines.at(report::v1::CLOCK_REACTION) == Wib("2025-07-08 00:00"));
  story.Pass("2025-07-08 00:00");
  CHECK(story.now.closing == event::v1::CLOSING_BY_SILENCE);
}

TEST_CASE("silence closes nothing while the reporter has the matter before the Ombudsman") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.At("2025-06-10 09:00", RecordEscalation{Wib("2025-06-10 09:00")});
  CHECK(story.deadlines.empty());
  CHECK(NextDueAt(story.now) == absl::InfiniteFuture());
  // The deadline was on its way already; the Ombudsman opens what was asked for; and the reporter writes on.
  story.At("2025-06-24 00:00", PassDeadline{report::v1::CLOCK_REACTION})
      .At("2025-06-24 09:00", RecordEscalation{Wib("2025-06-10 09:00")})
      .At("2025-06-25 09:00", RecordReply{Wib("2025-06-25 09:00")})
      .Pass("2025-10-01 00:00");
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(story.deadlines.empty());

  story.At("2025-10-01 10:00",
           RecordEscalationOutcome{Wib("2025-10-01 09:00"), event::v1::ESCALATION_OUTCOME_NOT_FOUND});
  CHECK(story.now.reaction.started_at == Wib("2025-10-01 09:00"));
  CHECK(story.deadlines.at(report::v1::CLOCK_REACTION) == Wib("2025-10-16 00:00"));
  story.Pass("2025-10-16 00:00");
  CHECK(story.now.closing == event::v1::CLOSING_BY_SILENCE);
}

TEST_CASE("a final answer to a reporter who is before the Ombudsman starts no clock until that ends") {
  Story story = StoryIn(v1::CASE_STATE_OPEN);
  story.At("2025-06-05 09:00", RecordEscalation{Wib("2025-06-05 09:00")}).At("2025-06-05 10:00", Final());
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  CHECK_FALSE(story.last[0].response_given().has_reaction_due_at());
  CHECK(story.deadlines.empty());
  // It was decided just before the answer, and heard after it.
  story.At("2025-06-05 10:01",
           RecordEscalationOutcome{Wib("2025-06-05 09:59"), event::v1::ESCALATION_OUTCOME_STOPPED});
  CHECK(story.now.reaction.started_at == Wib("2025-06-05 10:00"));
}

TEST_CASE("before the Ombudsman the reporter may still judge the answer, and the agency answer again") {
  Story satisfied = StoryIn(v1::CASE_STATE_ANSWERED);
  satisfied.At("2025-06-10 09:00", RecordEscalation{Wib("2025-06-10 09:00")})
      .At("2025-06-11 09:00", RecordReaction{Wib("2025-06-11 09:00"), true});
  CHECK(satisfied.now.closing == event::v1::CLOSING_BY_REPORTER);
  satisfied.At("2025-06-12 09:00",
               RecordEscalationOutcome{Wib("2025-06-12 09:00"), event::v1::ESCALATION_OUTCOME_RESOLVED});
  CHECK(satisfied.deadlines.empty());
  CHECK(satisfied.now.state == v1::CASE_STATE_CLOSED);

  Story dissatisfied = StoryIn(v1::CASE_STATE_ANSWERED);
  dissatisfied.At("2025-06-10 09:00", RecordEscalation{Wib("2025-06-10 09:00")})
      .At("2025-06-11 09:00", RecordReaction{Wib("2025-06-11 09:00"), false})
      .At("2025-06-12 09:00", Final());
  CHECK(dissatisfied.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(dissatisfied.deadlines.empty());
}

TEST_CASE("who asked for the Ombudsman in time was not silent, though it is heard after the closing") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.Pass("2025-06-24 00:00");
  Story late = story;
  late.At("2025-06-24 00:01", RecordEscalation{Wib("2025-06-24 00:00")});
  CHECK(late.now.closing == event::v1::CLOSING_BY_SILENCE);

  story.At("2025-06-24 00:01", RecordEscalation{Wib("2025-06-23 23:59")});
  CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].case_reopened().answer_stands());
  CHECK(story.deadlines.empty());
}

TEST_CASE("the end of a proposal that the reporter never took up moves no clock") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  const auto deadlines = story.deadlines;
  story.At("2025-06-10 09:00",
           RecordEscalationOutcome{Wib("2025-06-10 09:00"), event::v1::ESCALATION_OUTCOME_STOPPED});
  CHECK(story.deadlines == deadlines);
}

TEST_CASE("an answered case that comes to another agency is reopened, and that one answers") {
  const auto transferred = [](const std::vector<Command>& before) {
    Story story = StoryIn(v1::CASE_STATE_ANSWERED);
    for (const Command& command : before) story.At("2025-06-12 10:00", command);
    CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
    return story.At("2025-06-12 10:00", Assignment(Wib("2025-06-12 10:00"), kOtherAgency));
  };
  for (Story story : {transferred({}), transferred({LeaveAgency{Wib("2025-06-11 09:00")}})}) {
    CHECK(story.now.state == v1::CASE_STATE_OPEN);
    REQUIRE(story.last.size() == 1);
    CHECK(story.last[0].case_reopened().agency_id() == kOtherAgency);
    CHECK_FALSE(story.last[0].case_reopened().answer_stands());
    CHECK(story.last[0].actor().role() == report::v1::ROLE_SERVICE);
    CHECK_FALSE(story.now.resolution.met_at.has_value());
    CHECK(story.now.resolution.started_at == Wib("2025-06-03 09:00"));
    // 10, 11 and 12 June were the reporter's; the clock goes on, it isn't reset.
    CHECK(story.deadlines ==
          std::map<report::v1::Clock, absl::Time>{{report::v1::CLOCK_RESOLUTION, Wib("2025-07-02 00:00")}});
    story.At("2025-06-13 09:00", Final(Officer(kOtherAgency)));
    CHECK(story.now.state == v1::CASE_STATE_ANSWERED);
  }

  // The same agency again: nothing has changed hands.
  Story same = StoryIn(v1::CASE_STATE_ANSWERED);
  same.At("2025-06-12 10:00", Assignment(Wib("2025-06-12 10:00"), kAgency));
  CHECK(same.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(same.last.empty());
}

TEST_CASE("the successor of an agency that has ended stands on its answer, and inherits its clocks") {
  AssignAgency carried = Assignment(Wib("2025-06-12 10:00"), kOtherAgency);
  carried.carried_over = true;

  Story answered = StoryIn(v1::CASE_STATE_ANSWERED);
  const auto reaction = answered.deadlines;
  answered.At("2025-06-12 10:00", carried);
  CHECK(answered.now.state == v1::CASE_STATE_ANSWERED);
  CHECK(answered.now.agency_id == kOtherAgency);
  CHECK(answered.last.empty());
  CHECK(answered.deadlines == reaction);

  Story open = StoryIn(v1::CASE_STATE_OPEN);
  const auto clocks = open.deadlines;
  open.At("2025-06-12 10:00", carried);
  CHECK(open.now.agency_id == kOtherAgency);
  CHECK(open.last.empty());
  CHECK(open.deadlines == clocks);
}

TEST_CASE("an agency closes answered requests and aspirations, never a complaint") {
  const Story complaint = StoryIn(v1::CASE_STATE_ANSWERED);
  CHECK(complaint.Refusal("2025-06-06 09:00", CloseCase{Officer()}).code() ==
        absl::StatusCode::kFailedPrecondition);

  for (const auto report_class :
       {report::v1::REPORT_CLASS_INFORMATION_REQUEST, report::v1::REPORT_CLASS_ASPIRATION}) {
    Story story = StoryIn(v1::CASE_STATE_ANSWERED, report_class);
    story.At("2025-06-06 09:00", CloseCase{Officer()});
    CHECK(story.now.state == v1::CASE_STATE_CLOSED);
    CHECK(story.last[0].case_closed().closing() == event::v1::CLOSING_BY_AGENCY);
    CHECK(story.last[0].actor().agency_id() == kAgency);
    CHECK(story.deadlines.empty());
  }
}

TEST_CASE("an archived case rests, and goes on where it stood when it is restored") {
  for (const CaseState state : {v1::CASE_STATE_AWAITING_ASSIGNMENT, v1::CASE_STATE_OPEN}) {
    Story story = StoryIn(state);
    const auto deadlines = story.deadlines;
    story.At("2025-06-06 09:00", ArchiveCase{Wib("2025-06-06 09:00")});
    CHECK(story.now.state == v1::CASE_STATE_ARCHIVED);
    CHECK(story.deadlines.empty());
    CHECK(NextDueAt(story.now) == absl::InfiniteFuture());
    story.At("2025-06-06 10:00", RestoreCase{Wib("2025-06-06 10:00")});
    CHECK(story.now.state == state);
    if (state == v1::CASE_STATE_OPEN) CHECK(story.deadlines == deadlines);
  }
  Story closed = StoryIn(v1::CASE_STATE_CLOSED);
  closed.At("2025-07-02 09:00", ArchiveCase{Wib("2025-07-02 09:00")});
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
}

TEST_CASE(
    "clocks run on while a report is archived; what ran out is breached when it is restored, not before") {
  Story story = StoryIn(v1::CASE_STATE_OPEN);
  story.At("2025-06-05 09:00", ArchiveCase{Wib("2025-06-05 09:00")});
  story.Pass("2025-07-20 09:00");
  CHECK_FALSE(IsBreached(story.now));
  story.At("2025-07-20 10:00", RestoreCase{Wib("2025-07-20 10:00")}).Pass("2025-07-20 11:00");
  CHECK(IsBreached(story.now));
}

TEST_CASE(
    "a case that was answered before its archiving is reopened with it: nobody is closed by silence "
    "unheard") {
  Story story = StoryIn(v1::CASE_STATE_ANSWERED);
  story.At("2025-06-06 09:00", LeaveAgency{Wib("2025-06-06 09:00")})
      .At("2025-06-06 09:30", ArchiveCase{Wib("2025-06-06 09:30")})
      .At("2025-06-10 09:00", RestoreCase{Wib("2025-06-10 09:00")});
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
  CHECK(story.last.back().has_case_reopened());
  CHECK_FALSE(story.deadlines.contains(report::v1::CLOCK_REACTION));
  CHECK(story.deadlines.contains(report::v1::CLOCK_RESOLUTION));

  // The archiving crossed the closing by silence.
  Story silenced = StoryIn(v1::CASE_STATE_CLOSED);
  silenced.At("2025-07-02 09:00", ArchiveCase{Wib("2025-07-02 09:00")})
      .At("2025-07-03 09:00", RestoreCase{Wib("2025-07-03 09:00")});
  CHECK(silenced.now.state == v1::CASE_STATE_OPEN);
}

TEST_CASE("what is withdrawn while it is archived, nothing restores") {
  Story story = StoryIn(v1::CASE_STATE_OPEN);
  story.At("2025-06-06 09:00", ArchiveCase{Wib("2025-06-06 09:00")})
      .At("2025-06-06 09:30", EndCase{Wib("2025-06-06 09:30")})
      .At("2025-06-06 10:00", RestoreCase{Wib("2025-06-06 10:00")});
  CHECK(story.now.state == v1::CASE_STATE_ENDED);
}

TEST_CASE("a withdrawn report ends its case and leaves no deadline; a closed one stays closed") {
  for (const CaseState state :
       {v1::CASE_STATE_AWAITING_ASSIGNMENT, v1::CASE_STATE_OPEN, v1::CASE_STATE_ANSWERED}) {
    Story story = StoryIn(state);
    story.At("2025-06-06 09:00", EndCase{Wib("2025-06-06 09:00")});
    CHECK(story.now.state == v1::CASE_STATE_ENDED);
    CHECK(story.deadlines.empty());
    CHECK(NextDueAt(story.now) == absl::InfiniteFuture());
  }
  Story closed = StoryIn(v1::CASE_STATE_CLOSED);
  closed.At("2025-07-02 09:00", EndCase{Wib("2025-07-02 09:00")});
  CHECK(closed.now.state == v1::CASE_STATE_CLOSED);
}

TEST_CASE("an assignment that comes after the withdrawal opens nothing") {
  Story story;
  story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00")))
      .At("2025-06-03 09:00", EndCase{Wib("2025-06-03 09:00")})
      .At("2025-06-03 09:01", Assignment(Wib("2025-06-03 08:59")));
  CHECK(story.now.state == v1::CASE_STATE_ENDED);
  CHECK(story.events.empty());
  CHECK(story.deadlines.empty());
}

TEST_CASE("the outcome before the Ombudsman is kept") {
  Story story = StoryIn(v1::CASE_STATE_OPEN);
  story.At("2025-06-06 09:00",
           RecordEscalationOutcome{Wib("2025-06-06 09:00"),
                                   event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND});
  CHECK(story.now.escalation_outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  CHECK(story.now.state == v1::CASE_STATE_OPEN);
}

}  // namespace
}  // namespace lapor::followup
