// Drives cases through random commands and random time, and compares them after every step with the model of
// testing/model.h. What holds of any case is checked beside it, for both could be wrong in the same way.
#include "services/followup/testing/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/policy/late_decree_for_test.h"
#include "services/followup/domain.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using report::v1::Clock;
using report::v1::CLOCK_APPEAL;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_PROMISE;
using report::v1::CLOCK_QUESTION;
using report::v1::CLOCK_REACTION;
using report::v1::CLOCK_RESOLUTION;
using report::v1::REPORT_CLASS_COMPLAINT;
using report::v1::REPORT_CLASS_INFORMATION_REQUEST;
using testing::ActorOf;
using testing::Days;
using testing::InWords;
using testing::kAnswered;
using testing::kAwaiting;
using testing::kOpen;
using testing::Minute;
using testing::Model;
using testing::Officer;
using testing::Part;
using testing::Watch;

// The shipped calendars; with a holiday on many Wednesdays; and without any collective leave.
const std::vector<Days>& Calendars() {
  static const auto decreed = policy::ShippedPolicyWith([](const std::string& name, std::string content) {
    if (!name.starts_with("calendar-")) return content;
    const int year = std::stoi(name.substr(name.find('-') + 1));
    content +=
        "\ndecree { id: \"late\" citation { instrument: \"a late decree\" confidence: "
        "CONFIDENCE_UNVERIFIED } }\n";
    const absl::CivilDay first = absl::NextWeekday(absl::CivilDay(year, 1, 1), absl::Weekday::wednesday);
    for (absl::CivilDay day = first; day.year() == year; day += 21) {
      const std::string date = absl::FormatCivilTime(day);
      if (content.find(date) != content.npos) continue;
      content +=
          "day { date: \"" + date + "\" kind: HOLIDAY_KIND_NATIONAL name: \"Libur\" decree: \"late\" }\n";
    }
    return content;
  });
  static const auto taken_back = policy::ShippedPolicyWith([](const std::string& name, std::string content) {
    if (!name.starts_with("calendar-")) return content;
    std::stringstream lines(content);
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      if (line.find("HOLIDAY_KIND_COLLECTIVE_LEAVE") == line.npos) kept += line + "\n";
    }
    return kept;
  });
  static const std::vector<Days> calendars = {Days(testing::ShippedPolicy()), Days(*decreed),
                                              Days(*taken_back)};
  return calendars;
}

using Walked = std::set<std::tuple<CaseState, CommandKind, CaseState>>;

// One report through random commands, valid or not, in random time. The same seed walks the same way.
class Walk {
 public:
  Walk(unsigned seed, Walked& walked, std::ostream* transcript = nullptr)
      : random_(seed), walked_(walked), transcript_(transcript) {
    case_.id = "7K3M9QXT2B54";
    random_.discard(10);
    now_ = testing::Wib("2024-02-01 00:00") + absl::Minutes(Pick(600 * 24 * 60));
  }

  // What is wrong after some step; empty: nothing.
  std::string Run() {
    Step(testing::Registration(now_, RandomClass()));
    if (Pick(4) > 0) Pass(RecordVerification{now_, case_.report_class, Pick(4) == 0, "", ""});
    if (Pick(8) > 0) Pass(RandomAssignment(0));
    for (int step = 0; step < 40 && wrong_.empty(); ++step) {
      PassTime();
      if (Pick(12) == 0) {
        days_ = &Calendars()[static_cast<size_t>(Pick(3))];
        Step(RecountClocks{});
      }
      FireDeadlines();
      Step(RandomCommand());
    }
    return wrong_;
  }

 private:
  int Pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  void PassTime() {
    const int kind = Pick(8);
    now_ += absl::Minutes(Pick(kind == 0 ? 21 * 24 * 60 : kind < 4 ? 5 * 24 * 60 : kind < 6 ? 24 * 60 : 60));
  }

  void Pass(const Command& command) {
    PassTime();
    Step(command);
  }

  // Mostly all that is due, each once.
  void FireDeadlines() {
    const auto due = rows_;
    for (const auto& [row, at] : due) {
      if (at > now_ || Pick(8) == 0) continue;
      rows_.erase(row);
      const PassDeadline passed{row.second, row.first};
      Step(passed);
      if (Pick(8) == 0) Step(passed);
    }
  }

  // When something happened that is heard now: often late, and rarely by a clock that is ahead of ours.
  absl::Time Heard() {
    const int kind = Pick(16);
    if (kind == 0) return now_ + absl::Minutes(2);
    return now_ - absl::Minutes(Pick(kind < 4 ? 5 * 24 * 60 : 60));
  }

  std::string RandomAgency() {
    static const std::string agencies[] = {"id.32.73", "id.32", "id.32.73.dinkes", "id.51", "id.51.71", "id"};
    return agencies[Pick(std::size(agencies))];
  }

  report::v1::ReportClass RandomClass() {
    static const report::v1::ReportClass classes[] = {REPORT_CLASS_COMPLAINT, REPORT_CLASS_COMPLAINT,
                                                      report::v1::REPORT_CLASS_ASPIRATION,
                                                      REPORT_CLASS_INFORMATION_REQUEST};
    return classes[Pick(4)];
  }

  AssignAgency RandomAssignment(int child) {
    const auto role = Pick(2) == 0 ? report::v1::ROLE_AGENCY_ADMIN : report::v1::ROLE_ARBITER;
    return {.at = Heard(),
            .agency_id = RandomAgency(),
            .time_zone = static_cast<report::v1::TimeZone>(report::v1::TIME_ZONE_WIB + Pick(3)),
            .carried_over = Pick(4) == 0,
            .child = child,
            .by = ActorOf(role, Pick(2) == 0 ? case_.agency_id : RandomAgency())};
  }

  Command RandomAnswer(const Case& c, int child) {
    const auto actor = Officer(Pick(16) == 0 ? RandomAgency() : c.agency_id);
    const int kind = Pick(8);
    if (kind < 2) return testing::Question(actor, child);
    if (kind < 4) {
      RespondToCase interim = testing::Interim(actor, child);
      interim.promised_on = absl::ToCivilDay(now_, absl::FixedTimeZone(8 * 3600)) + Pick(24) - 1;
      if (Pick(16) == 0) interim.interim_reason = event::v1::INTERIM_REASON_UNSPECIFIED;
      return interim;
    }
    RespondToCase final = testing::Final(actor, child);
    if (Pick(8) == 0) final.evidence.clear();
    return final;
  }

  Command RandomCommand() {
    const int children = static_cast<int>(case_.children.size());
    const int child = Pick(children + 1);
    const Case& c = *CaseOf(case_, child);
    const auto agency = [&](const std::string& likely) { return Pick(4) > 0 ? likely : RandomAgency(); };
    const bool rarely = Pick(6) == 0;
    switch (Pick(25)) {
      case 0:
        return RandomAssignment(children < 2 && rarely ? children + 1 : child);
      case 1:
        return RandomAssignment(rarely ? child + 1 : 0);
      case 2:
        return LeaveAgency{Heard(), child};
      case 3:
      case 4:
        return RecordReply{Heard()};
      case 5:
        return RecordReaction{Heard(), Pick(2) == 0};
      case 6:
        return EndCase{Heard(), rarely ? 0 : std::max(child, std::min(children, 1))};
      case 7:
        if (rarely) return ArchiveCase{Heard()};
        return RestoreCase{Heard()};
      case 8:
        if (rarely) return MergeCase{Heard()};
        return UnmergeCase{Heard(), Pick(4) == 0};
      case 9:
        return TakeFollower{Heard(),
                            Pick(4) > 0 ? std::optional(Heard() - absl::Hours(Pick(400))) : std::nullopt,
                            Pick(4) > 0 ? std::optional(Heard() - absl::Hours(Pick(400))) : std::nullopt};
      case 10:
        return RecordReopeningRequest{Heard()};
      case 11:
      case 12:
        return RecordAppeal{Heard()};
      case 13:
        if (Pick(3) == 0) return RecordEscalation{Heard()};
        return RecordEscalationOutcome{Heard(), event::v1::ESCALATION_OUTCOME_NOT_FOUND};
      case 14:
        return PassDeadline{static_cast<Clock>(Pick(report::v1::Clock_ARRAYSIZE)), child};
      case 15:
        return DelegateCase{Officer(agency(c.agency_id)), Pick(3) == 0 ? "" : "a-7", child};
      case 16:
        return CloseCase{Officer(agency(case_.agency_id))};
      case 17:
        if (Pick(2) == 0) return ReopenCase{ActorOf(report::v1::ROLE_TRIAGE), child};
        return ReopenCase{Officer(agency(rarely ? case_.agency_id : c.agency_id)), child};
      case 18:
        return DecideAppeal{ActorOf(report::v1::ROLE_AGENCY_ADMIN, agency(case_.supervisor_agency_id)),
                            "6a4b1a0e-0000-4000-8000-000000000004", Pick(2) == 0, "Tidak di sana."};
      case 19:
        if (rarely) return testing::Registration(Heard());
        return RecordVerification{Heard(), RandomClass(), Pick(2) == 0, "", ""};
      default:
        return RandomAnswer(c, child);
    }
  }

  // ---- One step ----

  void Step(const Command& command) {
    if (!wrong_.empty()) return;
    Model next = model_;
    const bool allowed = next.Take(command, now_, *days_);
    const auto decision = Decide(case_, command, now_, days_->policy());
    Write(command, decision);
    if (allowed != decision.ok()) {
      wrong_ = fmt::format("the model {} it, the domain says {}", allowed ? "allows" : "refuses",
                           decision.status().ToString());
      return;
    }
    if (!allowed) {
      if (absl::IsInternal(decision.status())) wrong_ = decision.status().ToString();
      return;
    }
    const Case before = std::exchange(case_, decision->next);
    model_ = std::move(next);
    if (const Case* old = CaseOf(before, ChildOf(command)))
      walked_.emplace(old->state, KindOf(command), CaseOf(case_, ChildOf(command))->state);
    for (const decision::DeadlineChange& change : decision->deadlines) {
      const std::pair row(change.child, change.clock);
      rows_.erase(row);
      if (change.due_at) rows_[row] = *change.due_at;
    }
    CompareEvents(decision->events);
    for (int child = 0; CaseOf(case_, child); ++child) {
      Compare(*CaseOf(case_, child), model_.parts.at(static_cast<size_t>(child)));
      CheckRules(CaseOf(before, child), *CaseOf(case_, child), child);
    }
    for (const Event& event : decision->events) CheckTold(event);
  }

  void Write(const Command& command, const absl::StatusOr<Decision>& decision) {
    if (!transcript_) return;
    *transcript_ << absl::FormatTime("%Y-%m-%d %H:%M ", now_, absl::FixedTimeZone(7 * 3600))
                 << NameOf(KindOf(command)) << " " << ChildOf(command);
    std::visit(
        [&](const auto& cmd) {
          if constexpr (requires { cmd.at; }) *transcript_ << ", of " << Minute(cmd.at);
          if constexpr (requires { cmd.agency_id; }) *transcript_ << ", to " << cmd.agency_id;
          if constexpr (requires { cmd.clock; }) *transcript_ << ", " << report::v1::Clock_Name(cmd.clock);
          if constexpr (requires { cmd.actor; }) *transcript_ << ", by " << cmd.actor.ShortDebugString();
          if constexpr (requires { cmd.kind; }) *transcript_ << event::v1::ResponseKind_Name(cmd.kind);
        },
        command);
    if (std::holds_alternative<RecountClocks>(command))
      *transcript_ << ", calendar " << days_ - Calendars().data();
    *transcript_ << "\n";
    if (!decision.ok()) {
      *transcript_ << "    " << decision.status().message() << "\n";
      return;
    }
    for (const Event& event : decision->events) *transcript_ << "    " << InWords(event) << "\n";
    for (int child = 0; CaseOf(decision->next, child); ++child)
      *transcript_ << "    " << child << " " << NameOf(CaseOf(decision->next, child)->state) << "\n";
  }

  template <typename T>
  void Same(const char* what, int child, Clock clock, const T& in_domain, const T& in_model) {
    if (in_domain == in_model || !wrong_.empty()) return;
    const std::string of = clock == report::v1::CLOCK_UNSPECIFIED ? "" : report::v1::Clock_Name(clock) + " ";
    wrong_ = fmt::format("{}of {} {} is another one in the model", of, child, what);
  }

  void CompareEvents(const std::vector<Event>& events) {
    std::vector<std::string> told;
    for (const Event& event : events) told.push_back(InWords(event));
    if (told != model_.told && wrong_.empty())
      wrong_ = fmt::format("told: {}\nin the model: {}", fmt::join(told, ", "), fmt::join(model_.told, ", "));
  }

  void Compare(const Case& c, const Part& part) {
    const auto same = [&](const char* what, const auto& in_domain, const auto& in_model) {
      Same(what, part.number, report::v1::CLOCK_UNSPECIFIED, in_domain, in_model);
    };
    same("the state", c.state, part.state);
    same("the holder", c.agency_id, part.holder);
    same("the supervisor", c.supervisor_agency_id, part.judge);
    same("whether a question waits", !c.question_id.empty(), part.asked);
    same("whether it is before the Ombudsman", c.escalated, part.escalated);
    same("the term of reopening", c.reopen_until, part.reopen_until);
    for (const auto& [name, clock] : ClocksOf(c)) {
      const Watch& watch = part[name];
      const auto same_clock = [&, name = name](const char* what, const auto& in_domain,
                                               const auto& in_model) {
        Same(what, part.number, name, in_domain, in_model);
      };
      same_clock("the start", clock->started_at, watch.start);
      same_clock("the due date", clock->due_at, watch.due);
      same_clock("the answer", clock->met_at, watch.met);
      same_clock("the breach", clock->breached_at.has_value(), watch.breached);
      same_clock("the reminder", clock->reminded_percent, watch.percent);
      same_clock("the level", clock->raised_levels, watch.level);
      same_clock("the row", RowOf(part.number, name), part.Row(name));
    }
  }

  std::optional<absl::Time> RowOf(int child, Clock clock) const {
    const auto row = rows_.find({child, clock});
    return row == rows_.end() ? std::nullopt : std::optional(row->second);
  }

  // ---- What holds of any case, whatever the model says ----

  void Rule(bool holds, const char* rule) {
    if (!holds && wrong_.empty()) wrong_ = fmt::format("broken: {}", rule);
  }

  void CheckRules(const Case* before, const Case& c, int child) {
    const auto owes = [](const Case& any) { return any.state == kOpen || any.state == kAwaiting; };
    Rule(child == 0 || !owes(c) || owes(case_), "nobody owes a part of a report that is answered or over");
    for (CaseClock Case::*clock : {&Case::first_response, &Case::resolution}) {
      if (!before || !(before->*clock).started_at) continue;
      const CaseClock& was = before->*clock;
      const CaseClock& is = c.*clock;
      Rule(is.started_at && *is.started_at <= *was.started_at, "no clock of the agency is reset");
      if (!was.breached_at) continue;
      Rule(is.breached_at == was.breached_at && is.due_at == was.due_at, "no breach is undone or moved");
    }
    const auto waits = [&](Clock clock) { return RowOf(child, clock).has_value(); };
    if (c.state == kOpen) {
      const auto runs = [](const CaseClock& clock) {
        return clock.due_at && !clock.met_at && !clock.breached_at;
      };
      Rule(c.resolution.started_at && !c.resolution.met_at, "who has an open case owes its resolution");
      Rule(!runs(c.first_response) || waits(CLOCK_FIRST_RESPONSE), "no first response is forgotten");
      Rule(!runs(c.promise) || waits(CLOCK_PROMISE), "no promise is forgotten");
      const bool rests = waits(CLOCK_QUESTION) && *c.resolution.due_at > *c.question.started_at;
      Rule(!runs(c.resolution) || waits(CLOCK_RESOLUTION) != rests,
           "the resolution rests for a question that was asked in time, and for nothing else");
      Rule(c.question_id.empty() || waits(CLOCK_QUESTION), "no question waits for ever");
      Rule(!runs(c.promise) || !c.agency_id.empty(), "nobody is bound by what another has promised");
    }
    if (c.state == kAnswered && child == 0) {
      const bool silent = !c.escalated && !IsAppealed(c);
      Rule(silent == waits(CLOCK_REACTION), "an answer waits for the reporter's reaction");
    }
    if (IsAppealed(c)) Rule(c.appeal.breached_at || waits(CLOCK_APPEAL), "no appeal is forgotten");
    for (const auto& [name, clock] : ClocksOf(c)) {
      const auto row = RowOf(child, name);
      if (!row) continue;
      Rule(!clock->met_at, "what is met tells nothing any more");
      Rule(clock->breached_at || *row <= *clock->due_at, "a clock is looked at when it ends, at the latest");
    }
  }

  void CheckTold(const Event& event) {
    const auto dated = [](const auto& told) { return decision::FromProto(told.due_at()); };
    if (event.has_clock_breached()) {
      const auto& told = event.clock_breached();
      Rule(dated(told) <= now_, "nothing runs out before its end");
      const bool once = breached_.insert({event.child(), told.clock()}).second;
      // Promises and appeals may be made anew.
      Rule(once || told.clock() == CLOCK_PROMISE || told.clock() == CLOCK_APPEAL, "a clock runs out once");
    }
    if (event.has_breach_raised() && event.breach_raised().clock() != CLOCK_APPEAL) {
      const std::pair clock(event.child(), event.breach_raised().clock());
      Rule(breached_.contains(clock), "only what has run out goes up");
      const int level = event.breach_raised().level();
      Rule(level == levels_[clock] + 1 || level == 1,
           "levels are told in their order, in other hands from the first");
      levels_[clock] = level;
    }
    if (event.has_clock_reminded()) {
      const std::pair clock(event.child(), event.clock_reminded().clock());
      Rule(dated(event.clock_reminded()) > now_, "nobody is reminded of what has run out");
      if (clock.second != CLOCK_FIRST_RESPONSE && clock.second != CLOCK_RESOLUTION) return;  // may be new
      const int percent = event.clock_reminded().percent();
      Rule(std::exchange(percents_[clock], percent) < percent, "each part of a term is told once");
    }
  }

  std::minstd_rand random_;
  Walked& walked_;
  std::ostream* transcript_;
  const Days* days_ = Calendars().data();
  absl::Time now_;
  Case case_;
  Model model_;
  // The table of deadlines, by child and clock.
  std::map<std::pair<int, Clock>, absl::Time> rows_;
  std::set<std::pair<int, Clock>> breached_;
  std::map<std::pair<int, Clock>, int> levels_;
  std::map<std::pair<int, Clock>, int> percents_;
  std::string wrong_;
};

TEST_CASE(
    "whatever happens in whatever order and time, a case is what the rules make of it, clock by clock") {
  Walked walked;
  for (unsigned seed = 1; seed <= 12000; ++seed) {
    const std::string wrong = Walk(seed, walked).Run();
    if (wrong.empty()) continue;
    std::ostringstream transcript;
    Walk(seed, walked, &transcript).Run();
    FAIL("seed " << seed << "\n" << transcript.str() << wrong);
  }
  // The walks were worth walking.
  for (const auto& [from, on, to] : Transitions().rows()) {
    INFO(NameOf(from) << " " << NameOf(on) << " " << NameOf(to));
    CHECK(walked.contains({from, on, to}));
  }
}

}  // namespace
}  // namespace lapor::followup
