// A walk through random commands, time and two calendars: whatever officers, reporters, agencies and days
// bring, no clock is lost or tells of anybody but who has its letter, what has run out stays so, no stage is
// reached but along the table, and no second escalation opens while one is.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "libs/policy/late_decree_for_test.h"
#include "libs/report/clocks.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/domain.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using testing::Declarations;
using testing::kAgency;
using testing::kStages;
using testing::Officer;
using testing::OfficerOf;
using testing::ShippedOffices;
using testing::ShippedPolicy;
using testing::Wib;

constexpr char kAbove[] = "id.32";

// The shipped policy, but nobody works on Wednesdays.
const policy::Policy& FreeWednesdays() {
  static const auto policy = policy::ShippedPolicyWith([](const std::string& name, std::string content) {
    if (!name.starts_with("calendar-")) return content;
    const int year = std::stoi(name.substr(std::string_view("calendar-").size()));
    content += "\ndecree { id: \"late\" citation { instrument: \"x\" confidence: CONFIDENCE_UNVERIFIED } }\n";
    auto day = absl::NextWeekday(absl::CivilDay(year - 1, 12, 31), absl::Weekday::wednesday);
    for (; day.year() == year; day += 7) {
      const std::string date = absl::FormatCivilTime(day);
      if (content.find(date) != content.npos) continue;
      content +=
          "day { date: \"" + date + "\" kind: HOLIDAY_KIND_NATIONAL name: \"Libur\" decree: \"late\" }\n";
    }
    return content;
  });
  return *policy;
}

bool IsClarification(const Escalation& e, const CaseClock& clock) {
  return clock.document > 0 && e.documents[static_cast<size_t>(clock.document) - 1].kind ==
                                   event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST;
}

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) { now_.id = "7K3M9QXT2B54"; }

  void Go(int steps) {
    Try(RegisterReport{at_, "2024.1", Chance(70)});
    Try(RecordAssignment{at_, kAgency});
    for (int step = 0; step < steps; ++step) {
      at_ += absl::Hours(Number(1, 80));
      if (Chance(4)) ChangeCalendar();
      // Mostly the deadlines are looked at in time; if not, commands come first.
      if (Chance(80)) FireDue();
      Try(Some());
    }
  }

  std::set<EscalationStage> visited;
  std::set<event::v1::EscalationOutcome> outcomes;
  // What is rarely met, and how often it was.
  std::map<std::string, int> met;

 private:
  int Number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }

  // As a service that starts with another calendar: what runs is counted before anything else happens.
  void ChangeCalendar() {
    policy_ = policy_ == &ShippedPolicy() ? &FreeWednesdays() : &ShippedPolicy();
    REQUIRE(Try(RecountClocks{}));
    // To count what has been counted changes nothing.
    const auto again = Decide(now_, RecountClocks{}, at_, *policy_, ShippedOffices());
    REQUIRE(again.ok());
    CHECK(again->events.empty());
  }

  void FireDue() {
    while (true) {
      const auto due = std::ranges::min_element(deadlines_, {}, [](const auto& d) { return d.second; });
      if (due == deadlines_.end() || due->second > at_) return;
      deadlines_.erase(due);
      REQUIRE(Try(PassDeadline{}));
    }
  }

  Command Some() {
    const int document = Number(0, static_cast<int>(now_.documents.size()) + 1);
    switch (Number(0, 17)) {
      case 0:
        return RecordBreach{at_, report::v1::CLOCK_RESOLUTION, now_.facts.agency_id};
      case 1:
        return ConsentToEscalation{at_, Chance(50), Declarations()};
      case 2:
        return RequestEscalation{at_, true, false, Declarations(), Chance(50)};
      case 3:
        return Chance(5) ? Command(WithdrawReport{at_}) : RecordReaction{at_, Chance(50)};
      case 4:
        if (Chance(90)) return CheckEligibility{Officer()};
        return CheckEligibility{Officer(), {{event::v1::GROUND_WITHIN_AUTHORITY, false, "x"}}};
      case 5:
        if (Chance(30)) return OpenRapidResponse{Officer(), "x"};
        // Merged into another one, which is merged into that one later.
        return RecordAssignment{at_, now_.facts.agency_id == kAgency ? "id.32.04" : kAgency, true};
      case 6:
        return TransferEscalation{Officer(), Chance(50) ? "bali" : "papua", "x"};
      case 7:
      case 8:
      case 9: {
        // Mostly one that the stage takes.
        std::vector<event::v1::DocumentKind> fitting;
        for (const DocumentRule& rule : DocumentRules()) {
          if (std::ranges::find(rule.stages, now_.stage) != rule.stages.end()) fitting.push_back(rule.kind);
        }
        auto kind = static_cast<event::v1::DocumentKind>(Number(1, 9));
        if (!fitting.empty() && Chance(80))
          kind = fitting[static_cast<size_t>(Number(1, static_cast<int>(fitting.size()))) - 1];
        IssueDocument issue = testing::Document(kind);
        const Recipient recipient = FindRule(kind)->recipient;
        if (recipient == Recipient::kOther || (recipient == Recipient::kEither && Chance(30))) {
          issue.addressee = "x";
        } else if (Chance(30)) {
          issue.agency_id = kAbove;
        }
        if (issue.finding == event::v1::FINDING_MALADMINISTRATION && Chance(20)) {
          issue.finding = event::v1::FINDING_NONE;
          issue.maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
        }
        return issue;
      }
      case 10:
      case 11:
        return RecordDelivery{Officer(), now_.number, document,
                              Chance(50) ? std::nullopt : std::optional(at_ - absl::Hours(Number(0, 300)))};
      case 12:
        return ReplyToDocument{Chance(40)   ? Officer()
                               : Chance(70) ? OfficerOf(now_.facts.agency_id)
                                            : OfficerOf(kAbove),
                               now_.number,
                               document,
                               "x",
                               {}};
      case 13:
        return RecordCompliance{Officer(), static_cast<event::v1::Compliance>(Number(1, 3)), "x"};
      case 14:
        if (Chance(70)) return PassDeadline{};
        return CloseEscalation{
            Officer(),
            static_cast<event::v1::EscalationOutcome>(Chance(90) ? Chance(50) ? 2 : 6 : Number(3, 5)),
            event::v1::MALADMINISTRATION_PROTRACTED_DELAY};
      default:
        return AdvanceEscalation{Officer(), SomeStage()};
    }
  }

  // Mostly one that may follow.
  EscalationStage SomeStage() {
    EscalationStage stage = kStages[Number(4, std::size(kStages) - 2)];
    for (const auto& row : Transitions().rows()) {
      if (row.from == now_.stage && row.on == CommandKind::kAdvanceEscalation && Chance(40)) stage = row.to;
    }
    return stage;
  }

  bool Try(const Command& command) {
    const auto decision = Decide(now_, command, at_, *policy_, ShippedOffices());
    if (!decision.ok()) {
      INFO(NameOf(KindOf(command)) << ": " << decision.status());
      CHECK(decision.status().code() != absl::StatusCode::kInternal);
      return false;
    }
    const Escalation& next = decision->next;
    INFO(NameOf(KindOf(command)) << " in " << NameOf(now_.stage) << " leads to " << NameOf(next.stage));
    // At most one is open.
    if (next.number != now_.number) {
      CHECK_FALSE(IsOpen(now_.stage));
      CHECK(next.number == now_.number + 1);
    }
    // What was breached stays so, and no clock of the same case disappears.
    if (next.number == now_.number) {
      REQUIRE(next.clocks.size() >= now_.clocks.size());
      REQUIRE(next.documents.size() >= now_.documents.size());
      for (size_t i = 0; i < now_.clocks.size(); ++i) {
        if (now_.clocks[i].breached_at) CHECK(next.clocks[i].breached_at == now_.clocks[i].breached_at);
        CHECK(next.clocks[i].started_at == now_.clocks[i].started_at);
        CheckDue(now_.clocks[i], next.clocks[i]);
      }
    }
    CheckTurns(decision->events);
    RememberLetters(command, next);
    CheckReply(command, next);
    CheckCalendar(next);
    // Only carried over, the report is the respondent's all the time.
    if (IsOpen(next.stage)) CHECK(next.respondent_agency_id == next.facts.agency_id);
    if (!IsOpen(next.stage)) CHECK_FALSE(IsOverdue(next));
    for (const decision::DeadlineChange& change : decision->deadlines) {
      if (change.due_at) {
        deadlines_[change.clock] = *change.due_at;
      } else {
        deadlines_.erase(change.clock);
      }
    }
    // Every clock that runs has exactly one deadline, and nothing else has.
    std::map<report::v1::Clock, absl::Time> alarms;
    for (const CaseClock& clock : next.clocks) {
      if (Runs(next, clock)) CHECK(alarms.emplace(clock.clock, clock.alarm_at).second);
      CHECK(clock.alarm_at <= clock.due_at);
    }
    CHECK(alarms == deadlines_);
    // Nothing is examined that its reporter didn't agree to, but where lives are in danger.
    if (IsOpen(next.stage) && next.stage != event::v1::ESCALATION_STAGE_PROPOSED)
      CHECK((next.consented_at || next.check_owed));
    now_ = next;
    visited.insert(now_.stage);
    outcomes.insert(now_.outcome);
    return true;
  }

  // What has run out stays so, and nobody is made late.
  void CheckDue(const CaseClock& before, const CaseClock& after) {
    if (after.due_at == before.due_at) return;
    ++met["moved"];
    CHECK_FALSE(before.breached_at);
    CHECK((before.met_at || before.due_at > at_));
    CHECK(after.due_at > at_);
  }

  // Who is reminded, or let it run out, has the letter; of its own the Ombudsman's office is told.
  void CheckTurns(const std::vector<event::v1::Event>& events) {
    const auto check = [&](const auto& told) {
      INFO(told.ShortDebugString());
      const auto clock = std::ranges::find_if(now_.clocks, [&](const CaseClock& running) {
        return running.clock == told.clock() && Runs(now_, running);
      });
      REQUIRE(clock != now_.clocks.end());
      CHECK(report::IsOmbudsmanTerm(told.clock()) == (clock->document == 0));
      const std::string whose = clock->document == 0 ? "" : letters_.at(clock->document);
      CHECK(told.agency_id() == whose);
      if (clock->document > 0) ++met[whose.empty() ? "told of no agency" : "told of an agency"];
      if (whose == kAbove) ++met["told of an agency above"];
    };
    for (const event::v1::Event& event : events) {
      if (event.has_clock_reminded()) check(event.clock_reminded());
      if (event.has_clock_breached()) check(event.clock_breached());
    }
  }

  // Who has which letter of the escalation, told apart from what the escalation says.
  void RememberLetters(const Command& command, const Escalation& next) {
    if (next.number != now_.number) letters_.clear();
    if (const auto* issue = std::get_if<IssueDocument>(&command)) {
      const std::string agency = issue->agency_id.empty() ? now_.respondent_agency_id : issue->agency_id;
      letters_[static_cast<int>(next.documents.size())] = issue->addressee.empty() ? agency : "";
    }
    const auto* assignment = std::get_if<RecordAssignment>(&command);
    if (!assignment || !IsOpen(now_.stage)) return;
    for (auto& [document, agency] : letters_) {
      if (agency == now_.facts.agency_id) agency = assignment->agency_id;
    }
  }

  // Who has answered one request for clarification owes no answer to another one.
  void CheckReply(const Command& command, const Escalation& next) {
    const auto* reply = std::get_if<ReplyToDocument>(&command);
    if (!reply) return;
    const event::v1::DocumentKind kind = next.documents[static_cast<size_t>(reply->document) - 1].kind;
    if (kind != event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST) return;
    for (size_t i = 0; i < next.clocks.size(); ++i) {
      const CaseClock& clock = next.clocks[i];
      if (!IsClarification(next, clock) || letters_.at(clock.document) != letters_.at(reply->document))
        continue;
      CHECK_FALSE(Runs(next, clock));
      const bool ran = i < now_.clocks.size() && Runs(now_, now_.clocks[i]);
      if (ran && clock.document != reply->document) ++met["an answer to two requests"];
    }
  }

  // What runs is counted by the calendar of now, but where nobody could be in time any more.
  void CheckCalendar(const Escalation& next) {
    for (const CaseClock& clock : next.clocks) {
      if (!Runs(next, clock) || clock.due_at <= at_) continue;
      const auto due_at = policy_->DueAt(InPolicy(next, clock));
      REQUIRE(due_at.ok());
      CHECK((clock.due_at == *due_at || *due_at <= at_));
    }
  }

  std::mt19937 random_;
  const policy::Policy* policy_ = &ShippedPolicy();
  // Of each document the agency that has it; empty for somebody else.
  std::map<int, std::string> letters_;
  absl::Time at_ = Wib("2024-02-01 09:00");
  Escalation now_;
  std::map<report::v1::Clock, absl::Time> deadlines_;
};

TEST_CASE(
    "no walk through commands, time and calendars loses a clock, tells the wrong one or leaves the table") {
  std::set<EscalationStage> visited;
  std::set<event::v1::EscalationOutcome> outcomes;
  std::map<std::string, int> met;
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    INFO("seed " << seed);
    Walk walk(seed);
    walk.Go(300);
    visited.insert(walk.visited.begin(), walk.visited.end());
    outcomes.insert(walk.outcomes.begin(), walk.outcomes.end());
    for (const auto& [what, times] : walk.met) met[what] += times;
  }
  // Or else it walked nowhere.
  for (const EscalationStage stage : kStages) {
    INFO(NameOf(stage));
    CHECK(visited.contains(stage));
  }
  for (const char* const what : {"moved", "told of an agency", "told of an agency above", "told of no agency",
                                 "an answer to two requests"}) {
    INFO(what);
    CHECK(met[what] > 0);
  }
  for (int outcome = 1; outcome < event::v1::EscalationOutcome_ARRAYSIZE; ++outcome) {
    INFO(event::v1::EscalationOutcome_Name(outcome));
    CHECK(outcomes.contains(static_cast<event::v1::EscalationOutcome>(outcome)));
  }
}

}  // namespace
}  // namespace lapor::ombudsman
