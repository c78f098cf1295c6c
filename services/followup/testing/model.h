// What README.md says of a case, of its clocks and its parts, as a model that knows nothing of domain.cc:
// days are counted one by one, and what is told is told in words.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/decision/proto_time.h"
#include "libs/policy/policy.h"
#include "services/followup/domain.h"

namespace lapor::followup::testing {

using event::v1::Event;
using report::v1::Clock;
using report::v1::CLOCK_APPEAL;
using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_PROMISE;
using report::v1::CLOCK_QUESTION;
using report::v1::CLOCK_REACTION;
using report::v1::CLOCK_REOPENING;
using report::v1::CLOCK_RESOLUTION;
using report::v1::REPORT_CLASS_COMPLAINT;
using report::v1::REPORT_CLASS_INFORMATION_REQUEST;

inline constexpr CaseState kAwaiting = v1::CASE_STATE_AWAITING_ASSIGNMENT;
inline constexpr CaseState kOpen = v1::CASE_STATE_OPEN;
inline constexpr CaseState kAnswered = v1::CASE_STATE_ANSWERED;
inline constexpr CaseState kClosed = v1::CASE_STATE_CLOSED;
inline constexpr CaseState kEnded = v1::CASE_STATE_ENDED;
inline constexpr CaseState kArchived = v1::CASE_STATE_ARCHIVED;
inline constexpr CaseState kMerged = v1::CASE_STATE_MERGED;

// Since 1970-01-01.
using Day = int64_t;

inline bool IsBelow(const std::string& agency, const std::string& other) {
  return !agency.empty() && (agency == other || agency.starts_with(other + "."));
}

// Who is so many levels above; empty above the root.
inline std::string Above(std::string agency, int levels) {
  if (agency == "id") return "";
  for (; levels > 0; --levels) agency.erase(std::min(agency.rfind('.'), agency.size()));
  return agency.find('.') == agency.npos ? "id" : agency;
}

// Which days nobody works, and what the clocks are counted by in the tests.
class Days {
 public:
  explicit Days(const policy::Policy& policy) : policy_(policy) {
    for (Day day = 0; day < kDays; ++day) {
      const bool weekend = (kFirst + day + 3) % 7 >= 5;  // 1970 began on a Thursday
      free_[static_cast<size_t>(day)] = weekend || policy.calendar().HolidayOn(kFirst + day);
    }
  }

  bool IsFree(Day day, const std::string& agency) const {
    if (free_.at(static_cast<size_t>(day - kFirst))) return true;
    return std::ranges::any_of(policy_.closures().closures, [&](const policy::Closure& closure) {
      return day >= closure.first_day && day <= closure.last_day && IsBelow(agency, closure.agency_id);
    });
  }

  const policy::Policy& policy() const { return policy_; }

 private:
  static constexpr Day kFirst = absl::CivilDay(2024, 1, 1) - absl::CivilDay(1970, 1, 1);
  static constexpr Day kDays = absl::CivilDay(2027, 1, 1) - absl::CivilDay(2024, 1, 1);

  const policy::Policy& policy_;
  std::array<bool, kDays> free_;
};

inline std::string Minute(absl::Time time) {
  return absl::FormatTime("%m-%d %H:%M", time, absl::FixedTimeZone(7 * 3600));
}
inline std::string Minute(const google::protobuf::Timestamp& time) {
  return Minute(decision::FromProto(time));
}

// The events of the model and of the domain are compared in these words.
template <typename... Words>
std::string InWords(int child, const Words&... words) {
  std::string all = fmt::format("{}:", child);
  (all.append(" ").append(fmt::format("{}", words)), ...);
  return all;
}

inline std::string InWords(const Event& event) {
  const auto words = [&](const auto&... of_event) { return InWords(event.child(), of_event...); };
  if (event.has_case_opened()) {
    const auto& opened = event.case_opened();
    return words("opened", opened.agency_id(), Minute(opened.first_response_due_at()),
                 Minute(opened.resolution_due_at()));
  }
  if (event.has_question_ended()) {
    const auto& ended = event.question_ended();
    return words("question ended", static_cast<int>(ended.ending()),
                 ended.has_resolution_due_at() ? Minute(ended.resolution_due_at()) : "");
  }
  if (event.has_clock_breached()) {
    const auto& breached = event.clock_breached();
    return words("breached", static_cast<int>(breached.clock()), breached.agency_id(),
                 Minute(breached.due_at()));
  }
  if (event.has_breach_raised()) {
    const auto& raised = event.breach_raised();
    return words("raised", static_cast<int>(raised.clock()), raised.level(), raised.agency_id(),
                 raised.supervisor_agency_id());
  }
  if (event.has_clock_reminded()) {
    const auto& reminded = event.clock_reminded();
    return words("reminded", static_cast<int>(reminded.clock()), reminded.percent(), reminded.agency_id(),
                 Minute(reminded.due_at()));
  }
  if (event.has_clock_moved()) {
    const auto& moved = event.clock_moved();
    return words("moved", static_cast<int>(moved.clock()), Minute(moved.due_at_before()),
                 Minute(moved.due_at()));
  }
  if (event.has_case_closed())
    return words("closed", static_cast<int>(event.case_closed().closing()),
                 Minute(event.case_closed().reopen_until()));
  if (event.has_case_reopened())
    return words("reopened", event.case_reopened().reopenings(), event.case_reopened().answer_stands());
  if (event.has_appeal_opened())
    return words("appealed", event.appeal_opened().supervisor_agency_id(),
                 Minute(event.appeal_opened().due_at()));
  if (event.has_appeal_decided()) return words("decided", event.appeal_decided().granted());
  if (event.has_response_given()) return words("answered", event.response_given().agency_id());
  if (event.has_case_delegated()) return words("delegated");
  return event.ShortDebugString();
}

struct Watch {
  std::optional<absl::Time> start;
  std::optional<absl::Time> due;
  std::optional<absl::Time> met;
  bool breached = false;
  int percent = 0;
  int level = 0;
  // What it will tell next, if it is owed then.
  absl::Time next = absl::InfiniteFuture();
};

// A report, or a part of it.
struct Part {
  int number = 0;
  CaseState state = v1::CASE_STATE_UNSPECIFIED;
  std::string holder;
  std::string first_agency;
  int hours_east = 0;
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  bool supervision = false;
  std::optional<absl::Time> verified;
  std::array<Watch, report::v1::Clock_ARRAYSIZE> watches;
  // Which the resolution doesn't count.
  std::set<Day> reporters_days;
  bool asked = false;
  bool closed_by_silence = false;
  std::optional<absl::Time> reopen_until;
  bool escalated = false;
  std::string judge;
  std::string delegate;
  int reopenings = 0;
  int interim_answers = 0;
  int questions = 0;

  Watch& operator[](Clock clock) { return watches[clock]; }
  const Watch& operator[](Clock clock) const { return watches[clock]; }

  bool Owes() const { return state == kAwaiting || state == kOpen; }
  bool IsOver() const { return !Owes() && state != kAnswered; }
  bool IsAppealed() const { return watches[CLOCK_APPEAL].start && !watches[CLOCK_APPEAL].met; }

  // Whether its agency waits for the reporter: not where it was late before it asked.
  bool Waits() const {
    const Watch& resolution = watches[CLOCK_RESOLUTION];
    return asked && !resolution.breached && *resolution.due > *watches[CLOCK_QUESTION].start;
  }

  bool IsOwed(Clock clock) const {
    const Watch& watch = watches[clock];
    if (!watch.due || watch.met) return false;
    if (clock == CLOCK_REACTION) return state == kAnswered;
    if (clock == CLOCK_APPEAL) return state == kAnswered || state == kClosed;
    if (clock == CLOCK_QUESTION) return state == kOpen && asked;
    return state == kOpen && !(clock == CLOCK_RESOLUTION && Waits());
  }

  // Whose turn it is.
  std::string Debtor(Clock clock) const {
    if (clock == CLOCK_QUESTION || clock == CLOCK_REACTION) return "";
    return clock == CLOCK_APPEAL ? judge : holder;
  }

  // In the table of deadlines.
  std::optional<absl::Time> Row(Clock clock) const {
    const Watch& watch = watches[clock];
    if (!IsOwed(clock)) return std::nullopt;
    const absl::Time row = watch.breached ? watch.next : std::min(watch.next, *watch.due);
    return row == absl::InfiniteFuture() ? std::nullopt : std::optional(row);
  }
};

class Model {
 public:
  // False where it is refused; then the model is spoilt.
  bool Take(const Command& command, absl::Time now, const Days& days) {
    now_ = now;
    days_ = &days;
    told.clear();
    const auto child = static_cast<size_t>(ChildOf(command));
    const auto* assignment = std::get_if<AssignAgency>(&command);
    if (assignment && child == parts.size()) AddPart();
    if (child >= parts.size() || !TakeBy(parts[child], command)) return false;

    const bool replied = std::holds_alternative<RecordReply>(command);
    const bool recount = std::holds_alternative<RecountClocks>(command);
    for (size_t n = 1; n < parts.size(); ++n) {
      if (recount || (replied && parts[n].asked)) TakeBy(parts[n], command);
    }
    Part& report = parts[0];
    if (child > 0 && parts[child].Owes() && report.state == kAnswered) TakeBy(report, command);
    if (report.IsOver()) {
      const absl::Time at = TimeOf(command);
      for (size_t n = 1; n < parts.size(); ++n) {
        if (parts[n].Owes()) TakeBy(parts[n], EndCase{at, static_cast<int>(n)});
      }
    }
    return true;
  }

  // The report and its parts.
  std::vector<Part> parts{1};
  // By the last command.
  std::vector<std::string> told;

 private:
  void AddPart() {
    Part part;
    part.number = static_cast<int>(parts.size());
    part.state = parts[0].IsOver() ? kEnded : kAwaiting;
    part.report_class = parts[0].report_class;
    part.supervision = parts[0].supervision;
    parts.push_back(part);
  }

  absl::Time TimeOf(const Command& command) const {
    return std::visit(
        [&](const auto& cmd) {
          if constexpr (requires { cmd.at; }) return std::min(cmd.at, now_);
          return now_;
        },
        command);
  }

  bool TakeBy(Part& p, const Command& command) {
    const absl::Time at = TimeOf(command);
    if (!std::holds_alternative<RecountClocks>(command)) Expire(p, at);
    if (!std::visit([&](const auto& cmd) { return Do(p, cmd); }, command)) return false;
    if (p.state != kAnswered && p.state != kClosed) WithdrawAppeal(p);
    if (p.state != kOpen) DropQuestion(p, at);
    return true;
  }

  // ---- Days ----

  static Day DayOf(const Part& p, absl::Time time) {
    return (absl::ToUnixSeconds(time) + p.hours_east * 3600) / 86400;
  }

  static absl::Time BeginOf(const Part& p, Day day) {
    return absl::FromUnixSeconds(day * 86400 - p.hours_east * 3600);
  }

  absl::Time EndOf(const Part& p, Day day, int working_days, Clock clock) const {
    while (working_days > 0) {
      ++day;
      const bool reporters = clock == CLOCK_RESOLUTION && p.reporters_days.contains(day);
      if (!reporters && !days_->IsFree(day, p.first_agency)) --working_days;
    }
    return BeginOf(p, day + 1);
  }

  // Of the version 2024.1, which doesn't change any more.
  static int Term(const Part& p, Clock clock) {
    if (clock == CLOCK_FIRST_RESPONSE) return 5;
    if (clock == CLOCK_PROMISE) return 14;
    if (clock != CLOCK_RESOLUTION) return 10;
    if (p.report_class == REPORT_CLASS_INFORMATION_REQUEST) return 5;
    return p.report_class == REPORT_CLASS_COMPLAINT && p.supervision ? 60 : 14;
  }

  // ---- Clocks ----

  void Start(Part& p, Clock clock, absl::Time at) {
    p[clock].start = at;
    p[clock].due = EndOf(p, DayOf(p, at), Term(p, clock), clock);
    LookAhead(p, clock);
  }

  void LookAhead(Part& p, Clock clock) const {
    Watch& watch = p[clock];
    if (watch.breached) {
      constexpr int kSteps[] = {1, 3, 5};
      const int days = kSteps[std::min(watch.level, 2)];
      watch.next = clock == CLOCK_PROMISE
                       ? absl::InfiniteFuture()
                       : EndOf(p, DayOf(p, *watch.due) - 1, days, report::v1::CLOCK_UNSPECIFIED);
      return;
    }
    watch.next = *watch.due;
    if (clock == CLOCK_PROMISE) return;
    for (const auto& [percent, at] : Reminders(p, clock)) watch.next = std::min(watch.next, at);
  }

  std::vector<std::pair<int, absl::Time>> Reminders(const Part& p, Clock clock) const {
    std::vector<std::pair<int, absl::Time>> reminders;
    for (const int percent : {50, 80}) {
      if (percent > p[clock].percent) {
        const int days = Term(p, clock) * percent / 100;
        reminders.emplace_back(percent, EndOf(p, DayOf(p, *p[clock].start), days, clock));
      }
    }
    return reminders;
  }

  // What has run out by then, but the silence of the reporter.
  void Expire(Part& p, absl::Time at) {
    for (const Clock clock :
         {CLOCK_QUESTION, CLOCK_FIRST_RESPONSE, CLOCK_RESOLUTION, CLOCK_PROMISE, CLOCK_APPEAL}) {
      Watch& watch = p[clock];
      if (!p.IsOwed(clock)) continue;
      if (!watch.breached && *watch.due <= at) {
        watch.breached = true;
        if (clock == CLOCK_QUESTION) {
          EndQuestion(p, event::v1::QUESTION_ENDING_LAPSED, *watch.due);
          continue;
        }
        Tell(p, "breached", static_cast<int>(clock), p.Debtor(clock), Minute(*watch.due));
        LookAhead(p, clock);
      }
      if (watch.breached) Raise(p, clock, at);
    }
  }

  void Raise(Part& p, Clock clock, absl::Time at) {
    Watch& watch = p[clock];
    while (watch.next <= at) {
      const std::string debtor = p.Debtor(clock);
      const std::string supervisor = Above(debtor, watch.level + 1);
      if (!supervisor.empty()) {
        ++watch.level;
        Tell(p, "raised", static_cast<int>(clock), watch.level, debtor, supervisor);
      }
      LookAhead(p, clock);
      if (supervisor.empty() || supervisor == "id") watch.next = absl::InfiniteFuture();
    }
  }

  void Recount(Part& p, Clock clock) {
    Watch& watch = p[clock];
    const absl::Time due = EndOf(p, DayOf(p, *watch.start), Term(p, clock), clock);
    if (due != *watch.due && due > now_) {
      Tell(p, "moved", static_cast<int>(clock), Minute(*watch.due), Minute(due));
      watch.due = due;
    }
    LookAhead(p, clock);
  }

  // The days after the one on which it began, to that on which it ended, were the reporter's.
  void Pause(Part& p, Day began, Day ended) {
    for (Day day = began + 1; day <= ended; ++day) p.reporters_days.insert(day);
    Watch& resolution = p[CLOCK_RESOLUTION];
    const absl::Time due = EndOf(p, DayOf(p, *resolution.start), Term(p, CLOCK_RESOLUTION), CLOCK_RESOLUTION);
    // Nobody is late by a holiday that was taken back.
    if (due >= *resolution.due || due > now_) resolution.due = due;
    LookAhead(p, CLOCK_RESOLUTION);
  }

  void EndQuestion(Part& p, event::v1::QuestionEnding ending, absl::Time at) {
    const bool waited = p.Waits();
    const Watch question = p[CLOCK_QUESTION];
    const Day began = DayOf(p, *question.start);
    const Day last = DayOf(p, *question.due) - 1;
    const Day ended = std::min({DayOf(p, at), DayOf(p, now_), last});
    p.asked = false;
    if (ending == event::v1::QUESTION_ENDING_REPLIED) p[CLOCK_QUESTION].met = std::min(at, now_);
    if (ending == event::v1::QUESTION_ENDING_DROPPED) p[CLOCK_QUESTION] = {};
    if (waited && p.state != kEnded) Pause(p, began, ended);
    const Watch& resolution = p[CLOCK_RESOLUTION];
    const bool owed = !resolution.breached && !resolution.met;
    Tell(p, "question ended", static_cast<int>(ending), owed ? Minute(*resolution.due) : "");
  }

  void DropQuestion(Part& p, absl::Time at) {
    if (p.asked) EndQuestion(p, event::v1::QUESTION_ENDING_DROPPED, at);
  }

  void LetGo(Part& p, absl::Time at) {
    p[CLOCK_PROMISE] = {};
    DropQuestion(p, at);
  }

  void WithdrawAppeal(Part& p) {
    if (!p.IsAppealed()) return;
    p[CLOCK_APPEAL] = {};
    p.judge.clear();
  }

  void StartReaction(Part& p, absl::Time at) {
    p[CLOCK_REACTION] = {};
    if (!p.escalated && !p.IsAppealed()) Start(p, CLOCK_REACTION, at);
  }

  void Close(Part& p, event::v1::Closing closing, absl::Time at) {
    p.state = kClosed;
    p.closed_by_silence = closing == event::v1::CLOSING_BY_SILENCE;
    p.reopen_until = EndOf(p, DayOf(p, at), Term(p, CLOCK_REOPENING), CLOCK_REOPENING);
    Tell(p, "closed", static_cast<int>(closing), Minute(*p.reopen_until));
  }

  void TakeUp(Part& p, CaseState state) {
    p.state = state;
    p.closed_by_silence = false;
    p.reopen_until.reset();
    Tell(p, "reopened", p.reopenings, state == kAnswered);
  }

  // From the answer on it was the reporter's turn, but not where the agency takes its answer back.
  void Reopen(Part& p, absl::Time at, bool by_holder = false) {
    Watch& resolution = p[CLOCK_RESOLUTION];
    const absl::Time answered = *std::exchange(resolution.met, std::nullopt);
    ++p.reopenings;
    TakeUp(p, kOpen);
    p[CLOCK_REACTION] = {};
    if (resolution.breached) return;
    if (by_holder) return Recount(p, CLOCK_RESOLUTION);
    Pause(p, DayOf(p, answered), DayOf(p, at));
  }

  // Closed by a silence that was none, as is heard now.
  bool WasNoSilence(const Part& p, absl::Time at) const {
    return p.state == kClosed && p.closed_by_silence && at < *p[CLOCK_REACTION].due;
  }

  // Said of an answer that another one has replaced.
  static bool IsStale(const Part& p, absl::Time at) {
    const auto& answered = p[CLOCK_RESOLUTION].met;
    return p.reopenings > 0 && answered && at < *answered;
  }

  void GoOn(Part& p, absl::Time at) {
    if (p[CLOCK_RESOLUTION].met) return Reopen(p, at);
    p.state = p[CLOCK_FIRST_RESPONSE].start ? kOpen : kAwaiting;
  }

  // ---- Commands ----

  bool Do(Part& p, const RegisterReport& cmd) {
    if (p.state != v1::CASE_STATE_UNSPECIFIED) return true;
    p.state = kAwaiting;
    p.report_class = cmd.report_class;
    p.supervision = cmd.supervision;
    return true;
  }

  bool Do(Part& p, const RecordVerification& cmd) {
    if (p.state != kAwaiting) return true;
    p.verified = std::min(cmd.at, p.verified.value_or(cmd.at));
    p.report_class = cmd.report_class;
    p.supervision = cmd.supervision;
    return true;
  }

  bool Do(Part& p, const AssignAgency& cmd) {
    const bool by_agency =
        cmd.by.role() == report::v1::ROLE_OFFICER || cmd.by.role() == report::v1::ROLE_AGENCY_ADMIN;
    const bool by_holder = by_agency && IsBelow(p.holder, cmd.by.agency_id());
    if (cmd.child != p.number) {
      Reopen(p, cmd.at, by_holder);
      return true;
    }
    const bool other_hands = p.holder != cmd.agency_id && !cmd.carried_over;
    if (p.holder != cmd.agency_id) p.delegate.clear();
    if (other_hands) LetGo(p, cmd.at);
    const bool anew = p.holder != cmd.agency_id;
    p.holder = cmd.agency_id;
    for (const Clock clock : {CLOCK_FIRST_RESPONSE, CLOCK_RESOLUTION}) {
      if (!anew || !p[clock].breached) continue;
      p[clock].level = 0;
      LookAhead(p, clock);
    }
    if (p.state == kAnswered && other_hands && !parts[0].IsOver()) Reopen(p, cmd.at, by_holder);
    if (p.state != kAwaiting) return true;

    p.state = kOpen;
    p.first_agency = cmd.agency_id;
    p.hours_east = 7 + cmd.time_zone - report::v1::TIME_ZONE_WIB;
    Start(p, CLOCK_FIRST_RESPONSE, cmd.at);
    Start(p, CLOCK_RESOLUTION, p.verified.value_or(cmd.at));
    Tell(p, "opened", p.holder, Minute(*p[CLOCK_FIRST_RESPONSE].due), Minute(*p[CLOCK_RESOLUTION].due));
    return true;
  }

  bool Do(Part& p, const LeaveAgency& cmd) {
    p.holder.clear();
    p.delegate.clear();
    LetGo(p, cmd.at);
    return true;
  }

  bool Do(Part& p, const RecordReply& cmd) {
    if (p.asked && cmd.at > *p[CLOCK_QUESTION].start) {
      EndQuestion(p, event::v1::QUESTION_ENDING_REPLIED, cmd.at);
      return true;
    }
    const bool heard = p.state == kAnswered || WasNoSilence(p, cmd.at);
    const auto since = p[CLOCK_REACTION].start;
    if (!heard || !since || cmd.at <= *since) return true;
    if (p.state == kClosed) TakeUp(p, kAnswered);
    StartReaction(p, cmd.at);
    return true;
  }

  bool Do(Part& p, const RecordReaction& cmd) {
    if (IsStale(p, cmd.at) || (p.state != kAnswered && !WasNoSilence(p, cmd.at))) return true;
    if (!cmd.satisfied) {
      Reopen(p, cmd.at);
      return true;
    }
    p[CLOCK_REACTION].met = cmd.at;
    p[CLOCK_REACTION].breached = false;
    WithdrawAppeal(p);
    Close(p, event::v1::CLOSING_BY_REPORTER, cmd.at);
    return true;
  }

  bool Do(Part& p, const EndCase&) {
    WithdrawAppeal(p);
    if (p.state != kClosed) p.state = kEnded;
    return true;
  }

  bool Do(Part& p, const ArchiveCase&) {
    if (p.state != kClosed && p.state != kEnded) p.state = kArchived;
    return true;
  }

  bool Do(Part& p, const RestoreCase& cmd) {
    if (p.state == kArchived || p.closed_by_silence) GoOn(p, cmd.at);
    return true;
  }

  bool Do(Part& p, const MergeCase&) {
    if (p.state != kClosed && p.state != kEnded) p.state = kMerged;
    return true;
  }

  bool Do(Part& p, const UnmergeCase& cmd) {
    if (p.state != kMerged && (cmd.over || !p.closed_by_silence)) return true;
    if (!cmd.over) {
      p.holder.clear();
      p.delegate.clear();
      LetGo(p, cmd.at);
    }
    GoOn(p, cmd.at);
    if (!cmd.over) Expire(p, std::min(now_, cmd.at));
    return true;
  }

  bool Do(Part& p, const TakeFollower& cmd) {
    if (p.state == kClosed || p.state == kEnded) return true;
    if (cmd.verified_at) p.verified = std::min(*cmd.verified_at, p.verified.value_or(*cmd.verified_at));
    for (const auto& [clock, start] :
         {std::pair(CLOCK_FIRST_RESPONSE, cmd.assigned_at), std::pair(CLOCK_RESOLUTION, cmd.verified_at)}) {
      const Watch& watch = p[clock];
      if (start && watch.start && !watch.met && !watch.breached && *start < *watch.start)
        Start(p, clock, *start);
    }
    Expire(p, std::min(now_, cmd.at));
    return true;
  }

  bool Do(Part& p, const RecordReopeningRequest& cmd) {
    if (p.state == kClosed && cmd.at < *p.reopen_until) Reopen(p, cmd.at);
    return true;
  }

  bool Do(Part& p, const RecordAppeal& cmd) {
    if (p[CLOCK_APPEAL].start || IsStale(p, cmd.at)) return true;
    const bool reopenable = p.state == kClosed && cmd.at < *p.reopen_until;
    if (p.state != kAnswered && !reopenable) return true;
    if (WasNoSilence(p, cmd.at)) TakeUp(p, kAnswered);
    if (p.state == kAnswered) p[CLOCK_REACTION] = {};
    p.judge = p.holder == "id" ? "id" : Above(p.holder, 1);
    while (p.judge != "id" && HasPart(p.judge)) p.judge = Above(p.judge, 1);
    Start(p, CLOCK_APPEAL, cmd.at);
    Tell(p, "appealed", p.judge, Minute(*p[CLOCK_APPEAL].due));
    return true;
  }

  bool Do(Part& p, const RecordEscalation& cmd) {
    p.escalated = true;
    if (WasNoSilence(p, cmd.at)) TakeUp(p, kAnswered);
    if (p.state == kAnswered) p[CLOCK_REACTION] = {};
    return true;
  }

  bool Do(Part& p, const RecordEscalationOutcome& cmd) {
    const bool was_escalated = std::exchange(p.escalated, false);
    if (was_escalated && p.state == kAnswered) StartReaction(p, std::max(cmd.at, *p[CLOCK_RESOLUTION].met));
    return true;
  }

  bool Do(Part& p, const PassDeadline& cmd) {
    Watch& watch = p[cmd.clock];
    if (!p.IsOwed(cmd.clock) || watch.breached) return true;
    if (*watch.due <= now_) {  // the reaction: all others have run out before
      watch.breached = true;
      Close(p, event::v1::CLOSING_BY_SILENCE, now_);
      return true;
    }
    if (cmd.clock == CLOCK_PROMISE) return true;
    const int before = watch.percent;
    for (const auto& [percent, at] : Reminders(p, cmd.clock)) {
      if (at <= now_) watch.percent = percent;
    }
    if (watch.percent > before) {
      Tell(p, "reminded", static_cast<int>(cmd.clock), watch.percent, p.Debtor(cmd.clock),
           Minute(*watch.due));
    }
    LookAhead(p, cmd.clock);
    return true;
  }

  bool Do(Part& p, const RecountClocks&) {
    const bool rests = p.state == kArchived || p.state == kMerged;
    for (const Clock clock :
         {CLOCK_QUESTION, CLOCK_FIRST_RESPONSE, CLOCK_RESOLUTION, CLOCK_REACTION, CLOCK_APPEAL}) {
      const Watch& watch = p[clock];
      if (!watch.due || watch.met || watch.breached || *watch.due <= now_) continue;
      const bool of_agency = clock == CLOCK_FIRST_RESPONSE || clock == CLOCK_RESOLUTION;
      if (p.IsOwed(clock) || (of_agency && (rests || p.state == kOpen))) Recount(p, clock);
    }
    return true;
  }

  bool IsHolder(const Part& p, const report::v1::Actor& actor) const {
    return actor.role() == report::v1::ROLE_OFFICER && !p.holder.empty() && p.holder == actor.agency_id();
  }

  bool Do(Part& p, const RespondToCase& cmd) {
    if (!IsHolder(p, cmd.actor) || p.state != kOpen) return false;
    if (cmd.kind == event::v1::RESPONSE_KIND_QUESTION) {
      if (p.asked || ++p.questions > 2) return false;
      p.asked = true;
      p[CLOCK_QUESTION] = {};
      Start(p, CLOCK_QUESTION, now_);
    } else {
      const bool final = cmd.kind == event::v1::RESPONSE_KIND_FINAL;
      if (final ? !MayBeFinal(p, cmd) : !MayPromise(p, cmd)) return false;
      if (!p[CLOCK_FIRST_RESPONSE].met) p[CLOCK_FIRST_RESPONSE].met = now_;
      if (p[CLOCK_PROMISE].due) p[CLOCK_PROMISE].met = now_;
      if (final) {
        p.state = kAnswered;
        p[CLOCK_RESOLUTION].met = now_;
        if (p.number == 0) StartReaction(p, now_);
      } else {
        p[CLOCK_PROMISE] = {};
        p[CLOCK_PROMISE].start = now_;
        p[CLOCK_PROMISE].due = BeginOf(p, *cmd.promised_on - absl::CivilDay() + 1);
        LookAhead(p, CLOCK_PROMISE);
      }
    }
    Tell(p, "answered", p.holder);
    return true;
  }

  bool MayBeFinal(const Part& p, const RespondToCase& cmd) const {
    const bool shown = p.report_class != REPORT_CLASS_COMPLAINT || !cmd.evidence.empty();
    const auto owes = [](const Part& part) { return part.number > 0 && part.Owes(); };
    return shown && (p.number > 0 || std::ranges::none_of(parts, owes));
  }

  bool MayPromise(Part& p, const RespondToCase& cmd) const {
    if (++p.interim_answers > 5 || cmd.interim_reason == event::v1::INTERIM_REASON_UNSPECIFIED) return false;
    const Day today = DayOf(p, now_);
    const Day promised = *cmd.promised_on - absl::CivilDay();
    return promised >= today && BeginOf(p, promised) < EndOf(p, today, Term(p, CLOCK_PROMISE), CLOCK_PROMISE);
  }

  bool Do(Part& p, const DelegateCase& cmd) {
    if (!IsHolder(p, cmd.actor) || (p.state != kOpen && p.state != kAnswered)) return false;
    const bool changes = p.delegate != cmd.delegate;
    p.delegate = cmd.delegate;
    if (changes && !p.delegate.empty()) Tell(p, "delegated");
    return true;
  }

  bool Do(Part& p, const CloseCase& cmd) {
    if (!IsHolder(p, cmd.actor) || p.state != kAnswered || p.report_class == REPORT_CLASS_COMPLAINT)
      return false;
    p[CLOCK_REACTION] = {};
    Close(p, event::v1::CLOSING_BY_AGENCY, now_);
    return true;
  }

  bool Do(Part& p, const ReopenCase& cmd) {
    const bool by_holder = IsHolder(p, cmd.actor);
    const bool may =
        by_holder || IsHolder(parts[0], cmd.actor) || cmd.actor.role() == report::v1::ROLE_TRIAGE;
    if (!may || (p.state != kAnswered && p.state != kClosed)) return false;
    if (p.number > 0 && parts[0].state != kOpen) return false;
    if (by_holder && p.IsAppealed()) return false;
    Reopen(p, now_, by_holder);
    return true;
  }

  bool HasPart(const std::string& agency) const {
    return !agency.empty() &&
           std::ranges::any_of(parts, [&](const Part& part) { return part.holder == agency; });
  }

  bool Do(Part& p, const DecideAppeal& cmd) {
    const std::string& agency = cmd.actor.agency_id();
    if (!p.IsAppealed() || HasPart(agency) || !IsBelow(p.judge, agency)) return false;
    p[CLOCK_APPEAL].met = now_;
    Tell(p, "decided", cmd.granted);
    if (cmd.granted) {
      Reopen(p, now_);
    } else if (p.state == kAnswered) {
      Close(p, event::v1::CLOSING_ON_APPEAL, now_);
    }
    return true;
  }

  template <typename... Words>
  void Tell(const Part& p, const Words&... words) {
    told.push_back(InWords(p.number, words...));
  }

  absl::Time now_;
  const Days* days_ = nullptr;
};

}  // namespace lapor::followup::testing
