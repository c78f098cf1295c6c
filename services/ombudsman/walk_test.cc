// A walk through random commands and time: whatever officers, reporters, agencies and days bring, no clock is
// lost, no stage is reached but along the table, and no second escalation opens while one is.
#include <catch2/catch.hpp>
#include <random>
#include <set>

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

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) { now_.id = "7K3M9QXT2B54"; }

  void Go(int steps) {
    Try(RegisterReport{at_, "2024.1", Chance(70)});
    Try(RecordAssignment{at_, kAgency});
    for (int step = 0; step < steps; ++step) {
      at_ += absl::Hours(Number(1, 80));
      // Mostly the deadlines are looked at in time; if not, commands come first.
      if (Chance(80)) FireDue();
      Try(Some());
    }
  }

  std::set<EscalationStage> visited;
  std::set<event::v1::EscalationOutcome> outcomes;

 private:
  int Number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }

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
    const auto some_kind = static_cast<event::v1::DocumentKind>(Number(1, 9));
    switch (Number(0, 17)) {
      case 0:
        return RecordBreach{at_, report::v1::CLOCK_RESOLUTION, kAgency};
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
        return Chance(30) ? Command(OpenRapidResponse{Officer(), "x"}) : RecountClocks{};
      case 6:
        return TransferEscalation{Officer(), Chance(50) ? "bali" : "papua", "x"};
      case 7:
      case 8:
      case 9: {
        // Mostly one that the stage takes.
        auto kind = some_kind;
        for (const DocumentRule& rule : DocumentRules()) {
          const bool fits = std::ranges::find(rule.stages, now_.stage) != rule.stages.end();
          if (fits && Chance(40)) kind = rule.kind;
        }
        IssueDocument issue = testing::Document(kind);
        if (FindRule(kind)->recipient == Recipient::kOther) issue.addressee = "x";
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
        return ReplyToDocument{Chance(50) ? Officer() : OfficerOf(kAgency), now_.number, document, "x", {}};
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
    const auto decision = Decide(now_, command, at_, ShippedPolicy(), ShippedOffices());
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
      }
    }
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

  std::mt19937 random_;
  absl::Time at_ = Wib("2024-02-01 09:00");
  Escalation now_;
  std::map<report::v1::Clock, absl::Time> deadlines_;
};

TEST_CASE("no walk through commands and time loses a clock or leaves the table") {
  std::set<EscalationStage> visited;
  std::set<event::v1::EscalationOutcome> outcomes;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    Walk walk(seed);
    walk.Go(300);
    visited.insert(walk.visited.begin(), walk.visited.end());
    outcomes.insert(walk.outcomes.begin(), walk.outcomes.end());
  }
  // Or else it walked nowhere.
  for (const EscalationStage stage : kStages) {
    INFO(NameOf(stage));
    CHECK(visited.contains(stage));
  }
  for (int outcome = 1; outcome < event::v1::EscalationOutcome_ARRAYSIZE; ++outcome) {
    INFO(event::v1::EscalationOutcome_Name(outcome));
    CHECK(outcomes.contains(static_cast<event::v1::EscalationOutcome>(outcome)));
  }
}

}  // namespace
}  // namespace lapor::ombudsman
