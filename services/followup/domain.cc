#include "services/followup/domain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/agency_id.h"
#include "libs/report/assignment_id.h"
#include "libs/report/roles.h"
#include "services/followup/signals.h"

namespace lapor::followup {
namespace {

using decision::Refuse;
using report::v1::Actor;

constexpr CaseState kUnknown = v1::CASE_STATE_UNSPECIFIED;
constexpr CaseState kAwaiting = v1::CASE_STATE_AWAITING_ASSIGNMENT;
constexpr CaseState kOpen = v1::CASE_STATE_OPEN;
constexpr CaseState kAnswered = v1::CASE_STATE_ANSWERED;
constexpr CaseState kClosed = v1::CASE_STATE_CLOSED;
constexpr CaseState kEnded = v1::CASE_STATE_ENDED;
constexpr CaseState kArchived = v1::CASE_STATE_ARCHIVED;
constexpr CaseState kMerged = v1::CASE_STATE_MERGED;

using enum CommandKind;

// Whatever is told about a known report is heard in every state: services race, and what comes too late to
// matter leaves the state as it is.
constexpr decision::Transition<CaseState, CommandKind> kTransitions[] = {
    {kUnknown, kRegisterReport, kAwaiting},

    {kAwaiting, kRegisterReport, kAwaiting},
    {kAwaiting, kRecordVerification, kAwaiting},
    {kAwaiting, kAssignAgency, kOpen},
    {kAwaiting, kLeaveAgency, kAwaiting},
    {kAwaiting, kRecordReply, kAwaiting},
    {kAwaiting, kRecordReaction, kAwaiting},
    {kAwaiting, kEndCase, kEnded},
    {kAwaiting, kArchiveCase, kArchived},
    {kAwaiting, kRestoreCase, kAwaiting},
    {kAwaiting, kMergeCase, kMerged},
    {kAwaiting, kUnmergeCase, kAwaiting},
    {kAwaiting, kTakeFollower, kAwaiting},
    {kAwaiting, kRecordReopeningRequest, kAwaiting},
    {kAwaiting, kRecordAppeal, kAwaiting},
    {kAwaiting, kRecordEscalation, kAwaiting},
    {kAwaiting, kRecordEscalationOutcome, kAwaiting},
    {kAwaiting, kPassDeadline, kAwaiting},
    {kAwaiting, kRecountClocks, kAwaiting},

    {kOpen, kRegisterReport, kOpen},
    {kOpen, kRecordVerification, kOpen},
    {kOpen, kAssignAgency, kOpen},
    {kOpen, kLeaveAgency, kOpen},
    {kOpen, kRecordReply, kOpen},
    {kOpen, kRecordReaction, kOpen},
    {kOpen, kEndCase, kEnded},
    {kOpen, kArchiveCase, kArchived},
    {kOpen, kRestoreCase, kOpen},
    {kOpen, kMergeCase, kMerged},
    {kOpen, kUnmergeCase, kOpen},
    {kOpen, kTakeFollower, kOpen},
    {kOpen, kRecordReopeningRequest, kOpen},
    {kOpen, kRecordAppeal, kOpen},
    {kOpen, kRecordEscalation, kOpen},
    {kOpen, kRecordEscalationOutcome, kOpen},
    {kOpen, kPassDeadline, kOpen},
    {kOpen, kRecountClocks, kOpen},
    {kOpen, kRespondToCase, kOpen},
    {kOpen, kRespondToCase, kAnswered},
    {kOpen, kDelegateCase, kOpen},

    {kAnswered, kRegisterReport, kAnswered},
    {kAnswered, kRecordVerification, kAnswered},
    {kAnswered, kAssignAgency, kAnswered},
    {kAnswered, kAssignAgency, kOpen},
    {kAnswered, kLeaveAgency, kAnswered},
    {kAnswered, kRecordReply, kAnswered},
    {kAnswered, kRecordReaction, kAnswered},
    {kAnswered, kRecordReaction, kClosed},
    {kAnswered, kRecordReaction, kOpen},
    {kAnswered, kEndCase, kEnded},
    {kAnswered, kArchiveCase, kArchived},
    {kAnswered, kRestoreCase, kAnswered},
    {kAnswered, kMergeCase, kMerged},
    {kAnswered, kUnmergeCase, kAnswered},
    {kAnswered, kTakeFollower, kAnswered},
    {kAnswered, kRecordReopeningRequest, kAnswered},
    {kAnswered, kRecordAppeal, kAnswered},
    {kAnswered, kRecordEscalation, kAnswered},
    {kAnswered, kRecordEscalationOutcome, kAnswered},
    {kAnswered, kPassDeadline, kAnswered},
    {kAnswered, kPassDeadline, kClosed},
    {kAnswered, kRecountClocks, kAnswered},
    {kAnswered, kDelegateCase, kAnswered},
    {kAnswered, kCloseCase, kClosed},
    {kAnswered, kReopenCase, kOpen},
    {kAnswered, kDecideAppeal, kOpen},
    {kAnswered, kDecideAppeal, kClosed},

    {kClosed, kRegisterReport, kClosed},
    {kClosed, kRecordVerification, kClosed},
    {kClosed, kAssignAgency, kClosed},
    {kClosed, kLeaveAgency, kClosed},
    {kClosed, kRecordReply, kClosed},
    {kClosed, kRecordReply, kAnswered},
    {kClosed, kRecordReaction, kClosed},
    {kClosed, kRecordReaction, kOpen},
    {kClosed, kEndCase, kClosed},
    {kClosed, kArchiveCase, kClosed},
    {kClosed, kRestoreCase, kClosed},
    {kClosed, kRestoreCase, kOpen},
    {kClosed, kMergeCase, kClosed},
    {kClosed, kUnmergeCase, kClosed},
    {kClosed, kUnmergeCase, kOpen},
    {kClosed, kTakeFollower, kClosed},
    {kClosed, kRecordReopeningRequest, kClosed},
    {kClosed, kRecordReopeningRequest, kOpen},
    {kClosed, kRecordAppeal, kClosed},
    {kClosed, kRecordAppeal, kAnswered},
    {kClosed, kRecordEscalation, kClosed},
    {kClosed, kRecordEscalation, kAnswered},
    {kClosed, kRecordEscalationOutcome, kClosed},
    {kClosed, kPassDeadline, kClosed},
    {kClosed, kRecountClocks, kClosed},
    {kClosed, kReopenCase, kOpen},
    {kClosed, kDecideAppeal, kClosed},
    {kClosed, kDecideAppeal, kOpen},

    {kArchived, kRegisterReport, kArchived},
    {kArchived, kRecordVerification, kArchived},
    {kArchived, kAssignAgency, kArchived},
    {kArchived, kLeaveAgency, kArchived},
    {kArchived, kRecordReply, kArchived},
    {kArchived, kRecordReaction, kArchived},
    {kArchived, kEndCase, kEnded},
    {kArchived, kArchiveCase, kArchived},
    {kArchived, kRestoreCase, kAwaiting},
    {kArchived, kRestoreCase, kOpen},
    {kArchived, kMergeCase, kMerged},
    {kArchived, kUnmergeCase, kArchived},
    {kArchived, kTakeFollower, kArchived},
    {kArchived, kRecordReopeningRequest, kArchived},
    {kArchived, kRecordAppeal, kArchived},
    {kArchived, kRecordEscalation, kArchived},
    {kArchived, kRecordEscalationOutcome, kArchived},
    {kArchived, kPassDeadline, kArchived},
    {kArchived, kRecountClocks, kArchived},

    {kMerged, kRegisterReport, kMerged},
    {kMerged, kRecordVerification, kMerged},
    {kMerged, kAssignAgency, kMerged},
    {kMerged, kLeaveAgency, kMerged},
    {kMerged, kRecordReply, kMerged},
    {kMerged, kRecordReaction, kMerged},
    {kMerged, kEndCase, kEnded},
    {kMerged, kArchiveCase, kArchived},
    {kMerged, kRestoreCase, kMerged},
    {kMerged, kMergeCase, kMerged},
    {kMerged, kUnmergeCase, kAwaiting},
    {kMerged, kUnmergeCase, kOpen},
    {kMerged, kTakeFollower, kMerged},
    {kMerged, kRecordReopeningRequest, kMerged},
    {kMerged, kRecordAppeal, kMerged},
    {kMerged, kRecordEscalation, kMerged},
    {kMerged, kRecordEscalationOutcome, kMerged},
    {kMerged, kPassDeadline, kMerged},
    {kMerged, kRecountClocks, kMerged},

    {kEnded, kRegisterReport, kEnded},
    {kEnded, kRecordVerification, kEnded},
    {kEnded, kAssignAgency, kEnded},
    {kEnded, kLeaveAgency, kEnded},
    {kEnded, kRecordReply, kEnded},
    {kEnded, kRecordReaction, kEnded},
    {kEnded, kEndCase, kEnded},
    {kEnded, kArchiveCase, kEnded},
    {kEnded, kRestoreCase, kEnded},
    {kEnded, kMergeCase, kEnded},
    {kEnded, kUnmergeCase, kEnded},
    {kEnded, kTakeFollower, kEnded},
    {kEnded, kRecordReopeningRequest, kEnded},
    {kEnded, kRecordAppeal, kEnded},
    {kEnded, kRecordEscalation, kEnded},
    {kEnded, kRecordEscalationOutcome, kEnded},
    {kEnded, kPassDeadline, kEnded},
    {kEnded, kRecountClocks, kEnded},
};

std::string StateName(CaseState state) { return v1::CaseState_Name(state); }
std::string KindName(CommandKind kind) { return NameOf(kind); }

constexpr decision::Table<CaseState, CommandKind> kTable(kTransitions, StateName, KindName);

// Who owes what a clock waits for.
enum class Debtor { kHolder, kReporter, kSupervisor };

// What its end means while that is owed.
enum class End { kBreach, kSilence, kLapse };

struct ClockRule {
  report::v1::Clock name;
  CaseClock Case::*clock;
  // The state in which it runs.
  CaseState runs_in;
  Debtor debtor;
  End end;
  // Another state in which it runs.
  CaseState and_in = runs_in;
  // Or by the agency itself: it has no parts to remind of, and nobody above the agency is told.
  bool by_policy = true;
};

// All clocks of a case. The question comes first: its end tells when the resolution clock ends.
constexpr ClockRule kClocks[] = {
    {report::v1::CLOCK_QUESTION, &Case::question, kOpen, Debtor::kReporter, End::kLapse},
    {report::v1::CLOCK_FIRST_RESPONSE, &Case::first_response, kOpen, Debtor::kHolder, End::kBreach},
    {report::v1::CLOCK_RESOLUTION, &Case::resolution, kOpen, Debtor::kHolder, End::kBreach},
    {.name = report::v1::CLOCK_PROMISE,
     .clock = &Case::promise,
     .runs_in = kOpen,
     .debtor = Debtor::kHolder,
     .end = End::kBreach,
     .by_policy = false},
    {report::v1::CLOCK_REACTION, &Case::reaction, kAnswered, Debtor::kReporter, End::kSilence},
    {report::v1::CLOCK_APPEAL, &Case::appeal, kAnswered, Debtor::kSupervisor, End::kBreach, kClosed},
};
static_assert(std::size(kClocks) == kCaseClocks);

// Null for a clock that cases don't have.
const ClockRule* FindRule(report::v1::Clock name) {
  const auto* rule = std::ranges::find(kClocks, name, &ClockRule::name);
  return rule == std::end(kClocks) ? nullptr : rule;
}

// Whether a question makes the resolution clock rest: not where that had run out before it was asked.
bool IsPaused(const Case& c) {
  return !c.question_id.empty() && !c.resolution.breached_at && *c.resolution.due_at > *c.question.started_at;
}

// Whether the clock has been started and what it waits for is owed now, in time or late.
bool IsOwed(const Case& c, const ClockRule& rule) {
  const CaseClock& clock = c.*rule.clock;
  if ((c.state != rule.runs_in && c.state != rule.and_in) || !clock.due_at || clock.met_at) return false;
  if (rule.name == report::v1::CLOCK_QUESTION) return !c.question_id.empty();
  return rule.name != report::v1::CLOCK_RESOLUTION || !IsPaused(c);
}

Actor ActorOf(report::v1::Role role) {
  Actor actor;
  actor.set_role(role);
  return actor;
}

// What the policy data can't tell, in whose words.
absl::Status RefusePolicy(const std::string& what, const absl::Status& error) {
  return Refuse(
      absl::StatusCode::kFailedPrecondition, "policy",
      fmt::format("{} can't be set: {}", what, std::string(error.message())),
      "when the operators have put the policy data right, send the request again or replay the event");
}

std::string ToIsoDate(absl::CivilDay day) { return policy::ToIsoDate(policy::ToEpochDay(day)); }

absl::Status RefuseStranger(const std::string& remedy) {
  return Refuse(absl::StatusCode::kPermissionDenied, "report_id", "is not a case of the caller's agency",
                remedy);
}

// Whether the agency has the report or a part of it: then the answer is its own, too.
bool Answers(const Case& c, const std::string& agency_id) {
  const auto has = [&](const Case& part) { return part.agency_id == agency_id; };
  return !agency_id.empty() && (has(c) || std::ranges::any_of(c.children, has));
}

// Who decides an appeal against what the holder has done: the next one above who has no part in it.
std::string SupervisorOf(const Case& c) {
  if (!c.supervisor_agency_id.empty()) return c.supervisor_agency_id;
  for (int level = 1;; ++level) {
    const std::string supervisor(report::SupervisorOf(c.agency_id, level));
    if (supervisor.empty() || supervisor == report::kRootAgencyId) return report::kRootAgencyId;
    if (!Answers(c, supervisor)) return supervisor;
  }
}

// Nobody judges the answer of their own agency.
bool MayDecide(const Case& c, const Actor& actor) {
  if (Answers(c, actor.agency_id())) return false;
  const bool national = actor.role() == report::v1::ROLE_ARBITER && IsNational(actor);
  const bool judge =
      actor.role() == report::v1::ROLE_AGENCY_ADMIN || actor.role() == report::v1::ROLE_ARBITER;
  return national || (judge && report::IsWithin(SupervisorOf(c), actor.agency_id()));
}

absl::Status RefuseJudge() {
  return Refuse(
      absl::StatusCode::kPermissionDenied, "report_id", "is not a case whose appeals the caller decides",
      "administrators and arbiters of the agency that the appeal is with or of one above it do that, "
      "never those of the agency that answered");
}

// What the caller may do instead of what the state of their case doesn't allow; `c` is the report or a part.
std::string InsteadOf(const Case& c, const Case& report) {
  const bool is_part = &c != &report;
  switch (c.state) {
    case kAwaiting:
      return "wait until it is assigned to an agency";
    case kOpen:
      return "have the agency that holds it answer first, with RespondToCase";
    case kAnswered:
    case kClosed:
      if (IsAppealed(c)) return "wait for the decision of " + c.supervisor_agency_id + " on the appeal";
      if (is_part && report.state != kOpen) return "have the report reopened first, then this part of it";
      if (c.state == kAnswered)
        return "wait for the reporter, or take the answer back with ReopenCase and give another one";
      return "an officer of the agency that holds it, a central administrator or an arbiter above may take "
             "it up again with ReopenCase; the reporter may ask for that or appeal within the term that the "
             "closing told";
    case kEnded:
      return is_part ? "leave it: this part isn't owed any more"
                     : "leave it: the report was withdrawn, and nobody owes an answer any more";
    case kArchived:
      return "wait until the administrators restore it, as they may if its reporter contests the archiving";
    case kMerged:
      return "answer the report that it follows, or ask the administrators to unmerge it";
    case kUnknown:
    case v1::CaseState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::CaseState_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "wait until its submission is heard";
}

// Names both, as every service does.
absl::Status RefuseInState(const Case& c, const Case& report, CommandKind kind) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "state",
                fmt::format("{} is not allowed in {}", NameOf(kind), NameOf(c.state)), InsteadOf(c, report));
}

// Before the table, which would tell a stranger the state of the case.
absl::Status Authorise(const Case& report, const Command& command) {
  return std::visit(
      [&](const auto& cmd) {
        if constexpr (requires { cmd.actor; }) {
          const Case* c = CaseOf(report, ChildOf(command));
          if (!c || c->state == kUnknown) {
            return Refuse(absl::StatusCode::kNotFound, "report_id", "is not known here",
                          "check the tracking id; right after another call, give its token in not_before");
          }
          if constexpr (std::is_same_v<decltype(cmd), const DecideAppeal&>)
            return MayDecide(*c, cmd.actor) ? absl::OkStatus() : RefuseJudge();
          if (IsHolder(*c, cmd.actor)) return absl::OkStatus();
          if constexpr (std::is_same_v<decltype(cmd), const ReopenCase&>) {
            const auto role = cmd.actor.role();
            const bool arbiter =
                role == report::v1::ROLE_ARBITER &&
                (IsNational(cmd.actor) || report::IsWithin(c->agency_id, cmd.actor.agency_id()));
            // Of a child: who leads must be able to ask for more before they give the answer to all.
            const bool leads = IsHolder(report, cmd.actor);
            if (role == report::v1::ROLE_TRIAGE || arbiter || leads) return absl::OkStatus();
            return RefuseStranger(
                "ask the agency that holds the case, or a central administrator, to reopen it");
          }
          return RefuseStranger(
              "the agency that holds the case does this; ask the administrators who that is");
        }
        return absl::OkStatus();
      },
      command);
}

// Whether it is the doing of the holder's own people. Those of an agency above it count as such, for it may
// be a unit of theirs: the id doesn't say.
bool IsOwnDoing(const Case& c, const Actor& actor) {
  return report::IsOfAgency(actor.role()) && report::IsWithin(c.agency_id, actor.agency_id());
}

// Whether an agency, or the administrators in its place, owes an answer.
bool OwesAnswer(const Case& c) { return c.state == kAwaiting || c.state == kOpen; }

// Whether nobody owes the reporter anything, at least as long as the report stays where it is.
bool IsOver(const Case& c) { return !OwesAnswer(c) && c.state != kAnswered; }

// Those of the report that owe an answer, and who that is: "1 (id.32), 3 (its administrators)"; empty for
// none.
std::string OwingChildren(const Case& report) {
  std::vector<std::string> owing;
  for (size_t i = 0; i < report.children.size(); ++i) {
    const Case& child = report.children[i];
    if (!OwesAnswer(child)) continue;
    owing.push_back(
        fmt::format("{} ({})", i + 1, child.agency_id.empty() ? "its administrators" : child.agency_id));
  }
  return fmt::format("{}", fmt::join(owing, ", "));
}

// What the child is before it is assigned. Nobody owes a part of what is over.
Case NewChild(const Case& report, const AssignAgency& cmd) {
  Case child;
  child.id = report::ToString(report.id, cmd.child);
  child.state = IsOver(report) ? kEnded : kAwaiting;
  child.report_class = report.report_class;
  child.supervision = report.supervision;
  child.category = cmd.category.empty() ? report.category : cmd.category;
  child.region = report.region;
  child.policy_version = report.policy_version;
  child.received_at = report.received_at;
  return child;
}

// When it happened, as far as our clock has come.
absl::Time TimeOf(const Command& command, absl::Time now) {
  return std::visit(
      [now](const auto& cmd) {
        if constexpr (requires { cmd.at; }) return std::min(now, cmd.at);
        return now;
      },
      command);
}

// What one command means to one case of a report: its own or a child's. Adds to the decision.
class Turn {
 public:
  Turn(Decision& decision, int child, absl::Time now, const policy::Policy& policy)
      : decision_(decision),
        child_(child),
        now_(now),
        policy_(policy),
        report_(decision.next),
        next_(child == 0 ? decision.next : decision.next.children[static_cast<size_t>(child) - 1]) {}

  absl::Status Take(const Command& command) {
    const CommandKind kind = KindOf(command);
    const CaseState before = next_.state;
    if (!kTable.Allows(before, kind)) return RefuseInState(next_, report_, kind);

    const absl::Time at = TimeOf(command, now_);
    // A recount comes at a start, before what happened in time has been heard: what ran out waits for its
    // deadline.
    if (kind != kRecountClocks) ExpireWhatRanOut(at);
    const absl::Status status = std::visit([this](const auto& cmd) { return Apply(cmd); }, command);
    if (status.ok()) {
      DropWhatIsMoot(at);
      RearmBreached();
    }
    if (!status.ok() || kTable.Foresees(before, kind, next_.state)) return status;
    return absl::InternalError(
        fmt::format("{} leads from {} to {}, which the table of transitions doesn't foresee", NameOf(kind),
                    NameOf(before), NameOf(next_.state)));
  }

 private:
  absl::Status Apply(const RegisterReport& cmd) {
    if (next_.state != kUnknown) return absl::OkStatus();
    next_.state = kAwaiting;
    next_.received_at = cmd.at;
    next_.report_class = cmd.report_class;
    next_.supervision = cmd.supervision;
    next_.category = cmd.category;
    next_.region = cmd.region;
    next_.policy_version = cmd.policy_version;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordVerification& cmd) {
    // Once it is open its clocks run for the class it has.
    if (next_.state != kAwaiting) return absl::OkStatus();
    VerifyBy(cmd.at);
    if (cmd.report_class != report::v1::REPORT_CLASS_UNSPECIFIED) {
      next_.report_class = cmd.report_class;
      next_.supervision = cmd.supervision;
    }
    if (!cmd.category.empty()) next_.category = cmd.category;
    if (!cmd.region.empty()) next_.region = cmd.region;
    return absl::OkStatus();
  }

  absl::Status Apply(const AssignAgency& cmd) {
    // While it still has who had the answer.
    const bool own_doing = IsOwnDoing(next_, cmd.by);
    // No answer is final while somebody owes a part of it.
    if (cmd.child != child_) return Reopen(ActorOf(report::v1::ROLE_SERVICE), cmd.at, own_doing);

    const bool changes_hands = cmd.agency_id != next_.agency_id;
    if (changes_hands) next_.delegate.clear();
    // What an agency promised that has ended, and asked, its successor has.
    if (changes_hands && !cmd.carried_over) LetGo(cmd.at);
    next_.agency_id = cmd.agency_id;
    if (changes_hands) RaiseAnew();
    // Who is accountable must be able to answer; nobody answers by what another agency said before it let the
    // report go. But what an agency has answered that has ended, its successor has answered; and what is over
    // needs no other answer.
    if (next_.state == kAnswered && changes_hands && !cmd.carried_over && !IsOver(report_))
      return Reopen(ActorOf(report::v1::ROLE_SERVICE), cmd.at, own_doing);
    if (next_.state != kAwaiting) return absl::OkStatus();

    next_.state = kOpen;
    next_.first_agency_id = cmd.agency_id;
    next_.time_zone = cmd.time_zone;
    // Verification precedes assignment in the stream; were it missing, the agency's time begins now.
    if (!next_.verified_at) next_.verified_at = cmd.at;
    if (auto status = Start(report::v1::CLOCK_FIRST_RESPONSE, cmd.at); !status.ok()) return status;
    if (auto status = Start(report::v1::CLOCK_RESOLUTION, *next_.verified_at); !status.ok()) return status;
    event::v1::CaseOpened& opened = *Emit(ActorOf(report::v1::ROLE_SERVICE), cmd.at).mutable_case_opened();
    opened.set_agency_id(next_.agency_id);
    *opened.mutable_first_response_due_at() = decision::ToProto(*next_.first_response.due_at);
    *opened.mutable_resolution_due_at() = decision::ToProto(*next_.resolution.due_at);
    return absl::OkStatus();
  }

  absl::Status Apply(const LeaveAgency& cmd) {
    next_.agency_id.clear();
    next_.delegate.clear();
    LetGo(cmd.at);
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordReply& cmd) {
    // One that crossed the question was written before it and doesn't answer it.
    if (!next_.question_id.empty() && cmd.at > *next_.question.started_at) {
      EndQuestion(event::v1::QUESTION_ENDING_REPLIED, cmd.at);
      return absl::OkStatus();
    }
    if (next_.state != kAnswered && !WasNoSilence(cmd.at)) return absl::OkStatus();
    // A reply that crossed the answer was written before it and doesn't react to it; and where no clock runs,
    // none starts anew.
    if (!next_.reaction.started_at || cmd.at <= *next_.reaction.started_at) return absl::OkStatus();
    if (next_.state == kClosed) UndoSilence(cmd.at);
    return StartReaction(cmd.at);
  }

  absl::Status Apply(const RecordReaction& cmd) {
    if (IsOfEarlierAnswer(cmd.at)) return absl::OkStatus();
    if (next_.state != kAnswered && !WasNoSilence(cmd.at)) return absl::OkStatus();
    const Actor reporter = ActorOf(report::v1::ROLE_REPORTER);
    if (!cmd.satisfied) return Reopen(reporter, cmd.at);
    next_.reaction.met_at = cmd.at;
    next_.reaction.breached_at.reset();
    WithdrawAppeal();
    Close(event::v1::CLOSING_BY_REPORTER, reporter, cmd.at);
    return absl::OkStatus();
  }

  absl::Status Apply(const EndCase&) {
    WithdrawAppeal();
    if (next_.state != kClosed) next_.state = kEnded;
    return absl::OkStatus();
  }

  absl::Status Apply(const ArchiveCase&) {
    if (!HasEnded()) next_.state = kArchived;
    return absl::OkStatus();
  }

  absl::Status Apply(const RestoreCase& cmd) { return Rests(kArchived) ? GoOn(cmd.at) : absl::OkStatus(); }

  absl::Status Apply(const MergeCase&) {
    if (!HasEnded()) next_.state = kMerged;
    return absl::OkStatus();
  }

  absl::Status Apply(const UnmergeCase& cmd) {
    // What routing took to be closed, and is merged here, has been opened again: its agency has it still.
    if (cmd.over) return next_.state == kMerged ? GoOn(cmd.at) : absl::OkStatus();
    if (!Rests(kMerged)) return absl::OkStatus();
    if (auto status = Apply(LeaveAgency{cmd.at}); !status.ok()) return status;
    if (auto status = GoOn(cmd.at); !status.ok()) return status;
    ExpireWhatRanOut(std::min(now_, cmd.at));
    return absl::OkStatus();
  }

  // Whoever told it first: their clock is the one that counts.
  absl::Status Apply(const TakeFollower& cmd) {
    if (HasEnded()) return absl::OkStatus();
    if (cmd.verified_at) VerifyBy(*cmd.verified_at);
    for (const auto& [name, start] : {std::pair(report::v1::CLOCK_FIRST_RESPONSE, cmd.assigned_at),
                                      std::pair(report::v1::CLOCK_RESOLUTION, cmd.verified_at)}) {
      const CaseClock& clock = next_.*FindRule(name)->clock;
      const bool runs = clock.started_at && !clock.met_at && !clock.breached_at;
      if (!runs || !start || *start >= *clock.started_at) continue;
      if (auto status = Start(name, *start); !status.ok()) return status;
    }
    ExpireWhatRanOut(std::min(now_, cmd.at));
    return absl::OkStatus();
  }

  // The clock runs on where it stood when the answer was given.
  absl::Status Apply(const RecordReopeningRequest& cmd) {
    return IsReopenable(cmd.at) ? Reopen(ActorOf(report::v1::ROLE_REPORTER), cmd.at) : absl::OkStatus();
  }

  // Once a report. Who appeals is not silent.
  absl::Status Apply(const RecordAppeal& cmd) {
    if (next_.appeal.started_at || IsOfEarlierAnswer(cmd.at)) return absl::OkStatus();
    const bool no_silence = WasNoSilence(cmd.at);
    if (next_.state != kAnswered && !no_silence && !IsReopenable(cmd.at)) return absl::OkStatus();
    if (no_silence) UndoSilence(cmd.at);
    if (next_.state == kAnswered) next_.reaction = {};
    if (auto status = Start(report::v1::CLOCK_APPEAL, cmd.at); !status.ok()) return status;
    next_.supervisor_agency_id = SupervisorOf(next_);
    event::v1::AppealOpened& opened =
        *Emit(ActorOf(report::v1::ROLE_SERVICE), cmd.at).mutable_appeal_opened();
    opened.set_supervisor_agency_id(next_.supervisor_agency_id);
    *opened.mutable_due_at() = decision::ToProto(*next_.appeal.due_at);
    return absl::OkStatus();
  }

  // Who asks for the Ombudsman is not silent, UU 25/2009 art. 46(2).
  absl::Status Apply(const RecordEscalation& cmd) {
    next_.escalated = true;
    if (WasNoSilence(cmd.at)) UndoSilence(cmd.at);
    if (next_.state == kAnswered) next_.reaction = {};
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordEscalationOutcome& cmd) {
    next_.escalation_outcome = cmd.outcome;
    // What ended may be a proposal that the reporter never took up, and didn't stop the clock.
    if (!std::exchange(next_.escalated, false) || next_.state != kAnswered) return absl::OkStatus();
    return StartReaction(std::max(cmd.at, *next_.resolution.met_at));
  }

  absl::Status Apply(const PassDeadline& cmd) {
    const ClockRule* rule = FindRule(cmd.clock);
    if (!rule || !IsOwed(next_, *rule)) return absl::OkStatus();
    const CaseClock& clock = next_.*rule->clock;
    // What the agency owes has run out by now, and been raised, as before every command.
    if (clock.breached_at) return absl::OkStatus();
    if (*clock.due_at <= now_) {
      Expire(*rule);
    } else if (rule->by_policy) {
      Remind(*rule);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const RecountClocks&) {
    for (const ClockRule& rule : kClocks) {
      const CaseClock& clock = next_.*rule.clock;
      const bool has_run_out = clock.breached_at || (clock.due_at && *clock.due_at <= now_);
      const bool counts = rule.by_policy && clock.due_at && !clock.met_at && !has_run_out;
      if (counts && RunsOrWill(rule)) Recount(rule);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const RespondToCase& cmd) {
    const auto* version = policy_.FindVersion(next_.policy_version);
    if (!version) return RefusePolicy("an answer", absl::NotFoundError("its version is not loaded"));
    if (cmd.kind == event::v1::RESPONSE_KIND_FINAL) return AnswerFinally(cmd, *version);
    if (cmd.kind == event::v1::RESPONSE_KIND_QUESTION) return Ask(cmd, *version);
    return AnswerMeanwhile(cmd, *version);
  }

  absl::Status AnswerFinally(const RespondToCase& cmd, const policy::v1::PolicyVersion& version) {
    if (auto status = CheckFinal(cmd); !status.ok()) return status;
    MeetByAnswer();
    next_.state = kAnswered;
    next_.resolution.met_at = now_;
    if (child_ == 0) {
      if (auto status = StartReaction(now_); !status.ok()) return status;
    }
    event::v1::ResponseGiven& given = Give(cmd);
    if (next_.reaction.due_at) *given.mutable_reaction_due_at() = decision::ToProto(*next_.reaction.due_at);
    AddSignals(cmd, version.answer_signals(), given);
    return absl::OkStatus();
  }

  absl::Status AnswerMeanwhile(const RespondToCase& cmd, const policy::v1::PolicyVersion& version) {
    if (auto status = CheckInterim(cmd, version); !status.ok()) return status;
    MeetByAnswer();
    ++next_.interim_answers;
    next_.promise = {};
    next_.promise.started_at = now_;
    // The first instant after that day.
    next_.promise.due_at = absl::FromCivil(*cmd.promised_on + 1, policy::ZoneOf(next_.time_zone));
    SetAlarm(*FindRule(report::v1::CLOCK_PROMISE));
    AddSignals(cmd, version.answer_signals(), Give(cmd));
    return absl::OkStatus();
  }

  // No answer: what is owed stays owed, but the resolution waits for the reporter.
  absl::Status Ask(const RespondToCase& cmd, const policy::v1::PolicyVersion& version) {
    if (const int max = version.limits().max_questions().value(); next_.questions >= max) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "kind",
                    fmt::format("a case takes no more than {} questions", max),
                    "answer with what the agency knows or can find out");
    }
    if (!next_.question_id.empty()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "kind",
                    "a question waits for the reporter already",
                    "wait for the reply or for the end of its term, or answer without it");
    }
    next_.question = {};
    if (auto status = Start(report::v1::CLOCK_QUESTION, now_); !status.ok()) return status;
    ++next_.questions;
    next_.question_id = cmd.response_id;
    *Give(cmd).mutable_question_due_at() = decision::ToProto(*next_.question.due_at);
    return absl::OkStatus();
  }

  // What any answer meets, interim or final; a first response only once.
  void MeetByAnswer() {
    if (!next_.first_response.met_at) next_.first_response.met_at = now_;
    if (next_.promise.due_at) next_.promise.met_at = now_;
  }

  // Records the words, and tells of them.
  event::v1::ResponseGiven& Give(const RespondToCase& cmd) {
    Response response{next_.id, ++next_.responses, cmd.response_id, next_.agency_id, cmd.kind,
                      now_,     cmd.text,          cmd.evidence};
    response.interim_reason = cmd.interim_reason;
    if (cmd.promised_on) response.promised_on = ToIsoDate(*cmd.promised_on);
    if (cmd.kind != event::v1::RESPONSE_KIND_QUESTION) response.words_hash = WordsHash(cmd.text, report_.id);

    event::v1::ResponseGiven& given = *Emit(cmd.actor, now_).mutable_response_given();
    given.set_agency_id(next_.agency_id);
    given.set_response_id(cmd.response_id);
    given.set_kind(cmd.kind);
    given.set_evidence_count(static_cast<int>(cmd.evidence.size()));
    given.set_promised_on(response.promised_on);
    given.set_interim_reason(cmd.interim_reason);
    given.set_from_template(cmd.from_template);
    decision_.records.push_back(std::move(response));
    return given;
  }

  absl::Status CheckFinal(const RespondToCase& cmd) const {
    const auto min_evidence =
        policy_.MinEvidence(next_.policy_version, next_.report_class, next_.supervision);
    if (!min_evidence.ok()) return RefusePolicy("the evidence that is needed", min_evidence.status());
    if (static_cast<int>(cmd.evidence.size()) < *min_evidence) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "evidence",
                    fmt::format("a final answer to a report of this class carries evidence: at least {} "
                                "attachment(s)",
                                *min_evidence),
                    "add what shows what was done");
    }
    if (const std::string owing = OwingChildren(next_); !owing.empty()) {
      return Refuse(
          absl::StatusCode::kFailedPrecondition, "kind",
          "can't be final while these child assignments owe an answer: " + owing,
          "wait for their answers and give an interim one meanwhile, or have EndChildAssignment end "
          "those that aren't needed any more");
    }
    return absl::OkStatus();
  }

  absl::Status CheckInterim(const RespondToCase& cmd, const policy::v1::PolicyVersion& version) const {
    if (const int max = version.limits().max_interim_answers().value(); next_.interim_answers >= max) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "kind",
                    fmt::format("a case takes no more than {} interim answers", max),
                    "give the final answer");
    }
    if (!cmd.promised_on || cmd.interim_reason == event::v1::INTERIM_REASON_UNSPECIFIED) {
      return Refuse(absl::StatusCode::kInvalidArgument, "promised_on",
                    "an interim answer says why, and by when the next word comes",
                    "give interim_reason and promised_on");
    }
    const auto end = policy_.DueAt(InPolicy(next_, report::v1::CLOCK_PROMISE, now_));
    if (!end.ok()) return RefusePolicy("the last date that may be promised", end.status());
    const absl::TimeZone zone = policy::ZoneOf(next_.time_zone);
    const absl::CivilDay today = absl::ToCivilDay(now_, zone);
    const absl::CivilDay last = absl::ToCivilDay(*end - absl::Nanoseconds(1), zone);
    if (*cmd.promised_on >= today && *cmd.promised_on <= last) return absl::OkStatus();
    const bool past = *cmd.promised_on < today;
    return Refuse(absl::StatusCode::kFailedPrecondition, "promised_on",
                  past ? "is before today, " + ToIsoDate(today)
                       : "is after " + ToIsoDate(last) + ", the last date that may be promised today",
                  fmt::format("promise your next word, which may be another interim answer, for {} to {}",
                              ToIsoDate(today), ToIsoDate(last)));
  }

  // Of an interim answer, too: it meets the first response. But it has nothing to show yet.
  void AddSignals(const RespondToCase& cmd, const policy::v1::AnswerSignals& signals,
                  event::v1::ResponseGiven& given) const {
    // This one is the same as itself.
    if (cmd.same_answers + 1 >= signals.same_answers().value())
      given.add_signals(event::v1::ANSWER_SIGNAL_COPY_PASTE);
    if (PointsElsewhere(cmd.text, signals)) given.add_signals(event::v1::ANSWER_SIGNAL_OTHER_DOOR);
    if (cmd.kind == event::v1::RESPONSE_KIND_FINAL && cmd.evidence.empty())
      given.add_signals(event::v1::ANSWER_SIGNAL_NO_EVIDENCE);
  }

  // Who it is stays with the agency: the event doesn't say.
  absl::Status Apply(const DelegateCase& cmd) {
    if (std::exchange(next_.delegate, cmd.delegate) == cmd.delegate || cmd.delegate.empty())
      return absl::OkStatus();
    Emit(cmd.actor, now_).mutable_case_delegated()->set_agency_id(next_.agency_id);
    return absl::OkStatus();
  }

  absl::Status Apply(const CloseCase& cmd) {
    if (next_.report_class == report::v1::REPORT_CLASS_COMPLAINT) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                    "a complaint is closed by its reporter or by silence",
                    "wait for the reporter's reaction, or for the end of the reaction clock");
    }
    next_.reaction = {};
    Close(event::v1::CLOSING_BY_AGENCY, cmd.actor, now_);
    return absl::OkStatus();
  }

  absl::Status Apply(const ReopenCase& cmd) {
    if (child_ > 0 && report_.state != kOpen) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                    "is a child assignment of a report that isn't open", "have the report reopened first");
    }
    if (IsAppealed(next_) && IsHolder(next_, cmd.actor)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                    "is under appeal against what the caller's agency did",
                    "wait for the decision of " + next_.supervisor_agency_id + ", who may grant it");
    }
    return Reopen(cmd.actor, now_, IsHolder(next_, cmd.actor));
  }

  // Also where the agency has closed the case meanwhile: an appeal is not evaded.
  absl::Status Apply(const DecideAppeal& cmd) {
    if (!IsAppealed(next_)) {
      const bool decided = next_.appeal.met_at.has_value();
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                    decided ? "has an appeal that is decided already, and there is one a report"
                            : "has no appeal that waits for a decision",
                    decided ? "leave it; the reporter may turn to the Ombudsman"
                            : "decide what ListCases lists with appeals");
    }
    next_.appeal.met_at = now_;
    next_.appeal_granted = cmd.granted;
    const std::string judge = cmd.actor.agency_id().empty() ? report::kRootAgencyId : cmd.actor.agency_id();
    Response words{next_.id,
                   ++next_.responses,
                   cmd.response_id,
                   judge,
                   event::v1::RESPONSE_KIND_UNSPECIFIED,
                   now_,
                   cmd.text,
                   {}};
    words.on_appeal = true;
    decision_.records.push_back(std::move(words));
    event::v1::AppealDecided& decided = *Emit(cmd.actor, now_).mutable_appeal_decided();
    decided.set_granted(cmd.granted);
    decided.set_supervisor_agency_id(judge);
    decided.set_response_id(cmd.response_id);

    if (cmd.granted) return Reopen(cmd.actor, now_);
    if (next_.state == kAnswered) Close(event::v1::CLOSING_ON_APPEAL, cmd.actor, now_);
    return absl::OkStatus();
  }

  // The start of the resolution clock: the earliest that anybody has told, for clocks are never reset.
  void VerifyBy(absl::Time at) { next_.verified_at = std::min(at, next_.verified_at.value_or(at)); }

  // Whether the case rests in that state. Nor was it silence, should that have closed the case while its
  // coming to rest was on its way.
  bool Rests(CaseState state) const {
    const bool silenced = next_.state == kClosed && next_.closing == event::v1::CLOSING_BY_SILENCE;
    return next_.state == state || silenced;
  }

  // From where it rested. The clocks have run on, and what ran out meanwhile is breached now. An answer
  // doesn't bind: who gave it has let the report go, and its reporter couldn't react.
  absl::Status GoOn(absl::Time at) {
    if (next_.resolution.met_at) return Reopen(ActorOf(report::v1::ROLE_SERVICE), at);
    next_.state = next_.first_response.started_at ? kOpen : kAwaiting;
    return absl::OkStatus();
  }

  // What the agency owes counts on while the case rests.
  bool RunsOrWill(const ClockRule& rule) const {
    const bool rests = next_.state == kArchived || next_.state == kMerged;
    return next_.state == rule.runs_in || next_.state == rule.and_in ||
           (rests && rule.debtor == Debtor::kHolder);
  }

  bool HasEnded() const { return next_.state == kClosed || next_.state == kEnded; }

  // Whether the reporter did something at that time, before the silence for which the case was closed was
  // over: it was only heard late.
  bool WasNoSilence(absl::Time at) const {
    return next_.state == kClosed && next_.closing == event::v1::CLOSING_BY_SILENCE &&
           at < *next_.reaction.due_at;
  }

  // Whether what the reporter said at that time is about an answer that has been taken back since: nobody has
  // read the one that stands before it was given. Nothing is lost: intake hears of both, and the reporter may
  // judge anew. Before the first answer there was none to judge: then their counter's clock is behind ours.
  bool IsOfEarlierAnswer(absl::Time at) const {
    return next_.reopenings > 0 && next_.resolution.met_at && at < *next_.resolution.met_at;
  }

  // Whether the reporter may still ask that it be taken up again, or appeal.
  bool IsReopenable(absl::Time at) const {
    return next_.state == kClosed && next_.reopen_until && at < *next_.reopen_until;
  }

  // So that no command hides a breach or moves it to another agency, however late the deadline is looked at.
  // But a reporter who reacts before anybody looked was not silent.
  void ExpireWhatRanOut(absl::Time at) {
    for (const ClockRule& rule : kClocks) {
      if (rule.end == End::kSilence || !IsOwed(next_, rule)) continue;
      const CaseClock& clock = next_.*rule.clock;
      if (!clock.breached_at && *clock.due_at <= at) Expire(rule);
      if (clock.breached_at && IsOwed(next_, rule)) Raise(rule, at);
    }
  }

  void Expire(const ClockRule& rule) {
    CaseClock& clock = next_.*rule.clock;
    clock.breached_at = now_;
    switch (rule.end) {
      case End::kBreach:
        return Breach(rule);
      case End::kSilence:
        return Close(event::v1::CLOSING_BY_SILENCE, ActorOf(report::v1::ROLE_SERVICE), now_);
      case End::kLapse:
        return EndQuestion(event::v1::QUESTION_ENDING_LAPSED, *clock.due_at);
    }
  }

  // The reporter owes nothing any more. What was a pause is one at most until their term was over, however
  // late anybody looks.
  void EndQuestion(event::v1::QuestionEnding ending, absl::Time at) {
    const bool replied = ending == event::v1::QUESTION_ENDING_REPLIED;
    const bool paused = IsPaused(next_);
    const absl::Time from = *next_.question.started_at;
    // The last instant of the last day: the next one is the agency's again.
    const absl::Time end = std::max(from, *next_.question.due_at - absl::Microseconds(1));
    const absl::Time to = std::clamp(std::min(at, now_), from, end);
    const std::string response_id = std::exchange(next_.question_id, "");
    if (replied) next_.question.met_at = to;
    if (ending == event::v1::QUESTION_ENDING_DROPPED) next_.question = {};
    if (paused && next_.state != kEnded) Pause(from, to);
    event::v1::QuestionEnded& ended =
        *Emit(ActorOf(replied ? report::v1::ROLE_REPORTER : report::v1::ROLE_SERVICE), replied ? to : now_)
             .mutable_question_ended();
    ended.set_response_id(response_id);
    ended.set_ending(ending);
    const CaseClock& resolution = next_.resolution;
    if (!resolution.breached_at && !resolution.met_at)
      *ended.mutable_resolution_due_at() = decision::ToProto(*resolution.due_at);
  }

  // Of the resolution clock. Where the calendar can't tell how far it moves, the date stands until there is
  // one; and it never moves into the past, as it might where a holiday was taken back.
  void Pause(absl::Time from, absl::Time to) {
    next_.pauses.push_back({from, to});
    decision_.records.push_back(
        ClockPause{next_.id, static_cast<int>(next_.pauses.size()), next_.pauses.back()});
    CaseClock& resolution = next_.resolution;
    const auto due_at = policy_.DueAt(InPolicy(next_, report::v1::CLOCK_RESOLUTION));
    const bool late_by_decree = due_at.ok() && *due_at < *resolution.due_at && *due_at <= now_;
    if (due_at.ok() && !late_by_decree) resolution.due_at = *due_at;
    SetAlarm(*FindRule(report::v1::CLOCK_RESOLUTION));
  }

  // A promise binds who gave it, and a question waits for who asked.
  void LetGo(absl::Time at) {
    next_.promise = {};
    DropQuestion(at);
  }

  void DropQuestion(absl::Time at) {
    if (!next_.question_id.empty()) EndQuestion(event::v1::QUESTION_ENDING_DROPPED, at);
  }

  // An appeal lapses without a decision where there is nothing to decide any more: the answer that it is
  // against doesn't stand.
  void WithdrawAppeal() {
    if (!IsAppealed(next_)) return;
    next_.appeal = {};
    next_.supervisor_agency_id.clear();
  }

  // What only makes sense in the state that the case has left.
  void DropWhatIsMoot(absl::Time at) {
    if (next_.state != kAnswered && next_.state != kClosed) WithdrawAppeal();
    if (next_.state != kOpen) DropQuestion(at);
  }

  void Breach(const ClockRule& rule) {
    event::v1::ClockBreached& breached =
        *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_breached();
    breached.set_clock(rule.name);
    *breached.mutable_due_at() = decision::ToProto(*(next_.*rule.clock).due_at);
    breached.set_agency_id(Owing(rule));
    SetAlarm(rule);
  }

  // Tells those above the holder of a breach whose turn has come. It ends with the national administrators,
  // who are told last or hold the case themselves.
  void Raise(const ClockRule& rule, absl::Time at) {
    CaseClock& clock = next_.*rule.clock;
    // At the breach there was no calendar to tell it.
    if (!clock.alarm_at) SetAlarm(rule);
    while (clock.alarm_at && *clock.alarm_at <= at) {
      const int level = clock.raised_levels + 1;
      const std::string supervisor(report::SupervisorOf(Owing(rule), level));
      if (!supervisor.empty()) {
        clock.raised_levels = level;
        event::v1::BreachRaised& raised =
            *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_breach_raised();
        raised.set_clock(rule.name);
        *raised.mutable_due_at() = decision::ToProto(*clock.due_at);
        raised.set_agency_id(Owing(rule));
        raised.set_supervisor_agency_id(supervisor);
        raised.set_level(level);
      }
      SetAlarm(rule);
      if (supervisor.empty() || supervisor == report::kRootAgencyId) clock.alarm_at = absl::InfiniteFuture();
    }
  }

  // Nobody could tell when the next supervisor's turn is, and perhaps can now; nor did anybody look while the
  // case rested.
  void RearmBreached() {
    for (const ClockRule& rule : kClocks) {
      const CaseClock& clock = next_.*rule.clock;
      if (clock.breached_at && !clock.alarm_at && IsOwed(next_, rule)) SetAlarm(rule);
    }
  }

  // What is late in other hands is told to those above these, whoever was told of it before; so it is where
  // the late answer falls with the hands that gave it.
  void RaiseAnew() {
    for (const ClockRule& rule : kClocks) {
      CaseClock& clock = next_.*rule.clock;
      if (rule.debtor != Debtor::kHolder || !clock.breached_at) continue;
      clock.raised_levels = 0;
      SetAlarm(rule);
    }
  }

  // Once for all parts of the term that have passed. Not before other commands: nobody is reminded of what
  // they do at this moment.
  void Remind(const ClockRule& rule) {
    CaseClock& clock = next_.*rule.clock;
    int passed = 0;
    for (const auto& [percent, at] : RemindersOf(rule)) {
      if (at <= now_) passed = percent;
    }
    if (passed > 0) {
      clock.reminded_percent = passed;
      event::v1::ClockReminded& reminded =
          *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_reminded();
      *reminded.mutable_due_at() = decision::ToProto(*clock.due_at);
      reminded.set_percent(passed);
      reminded.set_clock(rule.name);
      reminded.set_agency_id(Owing(rule));
    }
    SetAlarm(rule);
  }

  // Those of the clock that haven't been told, in their order. One that the policy data can't tell is left
  // out: the due date counts.
  std::vector<std::pair<int, absl::Time>> RemindersOf(const ClockRule& rule) const {
    std::vector<std::pair<int, absl::Time>> reminders;
    const auto* version = policy_.FindVersion(next_.policy_version);
    if (!version) return reminders;
    const policy::ReportClock clock = InPolicy(next_, rule.name);
    for (const policy::v1::Limit& limit : version->limits().reminder_percent()) {
      if (limit.value() <= (next_.*rule.clock).reminded_percent) continue;
      const auto at = policy_.ReminderAt(clock, limit.value());
      if (at.ok() && *at) reminders.emplace_back(limit.value(), **at);
    }
    return reminders;
  }

  void SetAlarm(const ClockRule& rule) {
    CaseClock& clock = next_.*rule.clock;
    if (!rule.by_policy) {
      clock.alarm_at = clock.breached_at ? absl::InfiniteFuture() : *clock.due_at;
      return;
    }
    if (clock.breached_at) {
      const auto at =
          policy_.SupervisorAt(InPolicy(next_, rule.name), *clock.due_at, clock.raised_levels + 1);
      clock.alarm_at = at.ok() ? std::optional(*at) : std::nullopt;
      return;
    }
    const auto reminders = RemindersOf(rule);
    clock.alarm_at = reminders.empty() ? *clock.due_at : reminders.front().second;
  }

  // The agency whose turn it is; empty: the reporter's or, while nobody holds the case, its administrators'.
  std::string Owing(const ClockRule& rule) const {
    switch (rule.debtor) {
      case Debtor::kHolder:
        return next_.agency_id;
      case Debtor::kReporter:
        return "";
      case Debtor::kSupervisor:
        return next_.supervisor_agency_id;
    }
    return "";
  }

  void Close(event::v1::Closing closing, const Actor& actor, absl::Time at) {
    // No closing waits for a calendar; without one there is no date to tell, and officers reopen.
    const auto reopen_until = policy_.DueAt(InPolicy(next_, report::v1::CLOCK_REOPENING, at));
    next_.reopen_until.reset();
    if (reopen_until.ok()) next_.reopen_until = *reopen_until;
    next_.state = kClosed;
    next_.closing = closing;
    next_.closed_at = at;
    event::v1::CaseClosed& closed = *Emit(actor, at).mutable_case_closed();
    closed.set_closing(closing);
    closed.set_agency_id(next_.agency_id);
    if (reopen_until.ok()) *closed.mutable_reopen_until() = decision::ToProto(*reopen_until);
  }

  // `own_doing`: the agency itself takes its answer back.
  absl::Status Reopen(const Actor& actor, absl::Time at, bool own_doing = false) {
    const absl::Time answered_at = *next_.resolution.met_at;
    // The reporter's counter may have a clock that is a little behind ours.
    at = std::max(at, answered_at);

    ++next_.reopenings;
    TakeUp(kOpen, actor, at);
    next_.reaction = {};
    next_.resolution.met_at.reset();
    // Since the answer it was the reporter's turn; but no agency stretches its clock by an answer that it
    // takes back.
    if (!next_.resolution.breached_at && !own_doing) {
      Pause(answered_at, at);
      return absl::OkStatus();
    }
    // The calendar may have changed since the answer.
    if (!next_.resolution.breached_at) Recount(*FindRule(report::v1::CLOCK_RESOLUTION));
    return absl::OkStatus();
  }

  // The answer stands, and waits for the reporter again.
  void UndoSilence(absl::Time at) { TakeUp(kAnswered, ActorOf(report::v1::ROLE_REPORTER), at); }

  void TakeUp(CaseState state, const Actor& actor, absl::Time at) {
    next_.state = state;
    next_.closed_at.reset();
    next_.reopen_until.reset();
    next_.closing = event::v1::CLOSING_UNSPECIFIED;
    event::v1::CaseReopened& reopened = *Emit(actor, at).mutable_case_reopened();
    reopened.set_agency_id(next_.agency_id);
    reopened.set_reopenings(next_.reopenings);
    reopened.set_answer_stands(state == kAnswered);
  }

  absl::Status StartReaction(absl::Time at) {
    next_.reaction = {};
    if (next_.escalated || IsAppealed(next_)) return absl::OkStatus();
    return Start(report::v1::CLOCK_REACTION, at);
  }

  // Starts a clock of the next state, or counts again one that has been paused: what was told isn't told
  // again.
  absl::Status Start(report::v1::Clock name, absl::Time at) {
    const ClockRule& rule = *FindRule(name);
    CaseClock& clock = next_.*rule.clock;
    clock.started_at = at;
    const auto due_at = policy_.DueAt(InPolicy(next_, name));
    if (!due_at.ok()) return RefusePolicy(report::v1::Clock_Name(name), due_at.status());
    clock.due_at = *due_at;
    SetAlarm(rule);
    return absl::OkStatus();
  }

  // Counts a clock that hasn't run out with the calendar of now. Nobody is late by a decree: where a holiday
  // that was taken back would have ended the clock already, its date stands; so it does where the data for
  // the new one is missing.
  void Recount(const ClockRule& rule) {
    CaseClock& clock = next_.*rule.clock;
    const policy::ReportClock in_policy = InPolicy(next_, rule.name);
    const auto due_at = policy_.DueAt(in_policy);
    if (!due_at.ok()) return;
    if (*due_at != *clock.due_at && *due_at > now_) {
      event::v1::ClockMoved& moved = *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_moved();
      moved.set_clock(rule.name);
      *moved.mutable_due_at_before() = decision::ToProto(*clock.due_at);
      *moved.mutable_due_at() = decision::ToProto(*due_at);
      if (const auto explanation = policy_.Explain(in_policy); explanation.ok())
        *moved.mutable_calendar_version() = explanation->calendar_version();
      clock.due_at = *due_at;
    }
    SetAlarm(rule);
  }

  event::v1::Event& Emit(const Actor& actor, absl::Time at) {
    event::v1::Event& event = decision_.events.emplace_back();
    event.set_child(child_);
    *event.mutable_actor() = actor;
    *event.mutable_occurred_at() = decision::ToProto(at);
    return event;
  }

  Decision& decision_;
  const int child_;
  const absl::Time now_;
  const policy::Policy& policy_;
  // The report with all its children.
  const Case& report_;
  // The case whose turn it is.
  Case& next_;
};

// The table of deadlines mirrors the state: no command can forget one. The row of a deadline that has passed
// is gone, and put back where it stands all the same, as when our clock was set back.
void ChangeDeadlines(const Case& before, const Command& command, Decision& decision) {
  const auto* passed = std::get_if<PassDeadline>(&command);
  const int children = static_cast<int>(decision.next.children.size());
  for (int child = 0; child <= children; ++child) {
    const Case* old = CaseOf(before, child);
    const Case& now = *CaseOf(decision.next, child);
    for (const ClockRule& rule : kClocks) {
      const auto alarm = AlarmOf(now, rule.name);
      const bool changed = alarm != (old ? AlarmOf(*old, rule.name) : std::nullopt);
      const bool taken = alarm && passed && passed->clock == rule.name && passed->child == child;
      if (changed || taken) decision.deadlines.push_back({rule.name, alarm, child});
    }
  }
}

}  // namespace

std::string NameOf(CaseState state) { return StateName(state); }

std::string NameOf(CommandKind kind) {
  switch (kind) {
    case kRegisterReport:
      return "RegisterReport";
    case kRecordVerification:
      return "RecordVerification";
    case kAssignAgency:
      return "AssignAgency";
    case kLeaveAgency:
      return "LeaveAgency";
    case kRecordReply:
      return "RecordReply";
    case kRecordReaction:
      return "RecordReaction";
    case kEndCase:
      return "EndCase";
    case kArchiveCase:
      return "ArchiveCase";
    case kRestoreCase:
      return "RestoreCase";
    case kMergeCase:
      return "MergeCase";
    case kUnmergeCase:
      return "UnmergeCase";
    case kTakeFollower:
      return "TakeFollower";
    case kRecordReopeningRequest:
      return "RecordReopeningRequest";
    case kRecordAppeal:
      return "RecordAppeal";
    case kRecordEscalation:
      return "RecordEscalation";
    case kRecordEscalationOutcome:
      return "RecordEscalationOutcome";
    case kPassDeadline:
      return "PassDeadline";
    case kRecountClocks:
      return "RecountClocks";
    case kRespondToCase:
      return "RespondToCase";
    case kDelegateCase:
      return "DelegateCase";
    case kCloseCase:
      return "CloseCase";
    case kReopenCase:
      return "ReopenCase";
    case kDecideAppeal:
      return "DecideAppeal";
  }
  return "";
}

CommandKind KindOf(const Command& command) { return static_cast<CommandKind>(command.index()); }

int ChildOf(const Command& command) {
  return std::visit(
      [](const auto& cmd) {
        if constexpr (requires { cmd.child; }) return cmd.child;
        return 0;
      },
      command);
}

const Case* CaseOf(const Case& report, int child) {
  if (child == 0) return &report;
  const bool exists = child > 0 && static_cast<size_t>(child) <= report.children.size();
  return exists ? &report.children[static_cast<size_t>(child) - 1] : nullptr;
}

const decision::Table<CaseState, CommandKind>& Transitions() { return kTable; }

absl::StatusOr<Decision> Decide(const Case& report, const Command& command, absl::Time now,
                                const policy::Policy& policy) {
  if (auto status = Authorise(report, command); !status.ok()) return status;

  Decision decision;
  Case& next = decision.next;
  next = report;
  const auto take = [&](int child, const Command& of_child) {
    return Turn(decision, child, now, policy).Take(of_child);
  };

  const int child = ChildOf(command);
  const auto* assignment = std::get_if<AssignAgency>(&command);
  const bool is_new = child <= report::kMaxChildren && next.children.size() + 1 == static_cast<size_t>(child);
  if (assignment && is_new && next.state != kUnknown) next.children.push_back(NewChild(next, *assignment));
  if (!CaseOf(next, child)) return kTable.Check(kUnknown, KindOf(command));
  if (auto status = take(child, command); !status.ok()) return status;

  // A change of the calendar reaches all parts, and a reply answers whoever has asked.
  for (int n = 1; CaseOf(next, n); ++n) {
    const bool asks = KindOf(command) == kRecordReply && !CaseOf(next, n)->question_id.empty();
    if (KindOf(command) != kRecountClocks && !asks) continue;
    if (auto status = take(n, command); !status.ok()) return status;
  }
  // What a child does to its report: nobody has answered all of it while a part is owed.
  if (child > 0 && next.state == kAnswered && OwesAnswer(*CaseOf(next, child))) {
    if (auto status = take(0, command); !status.ok()) return status;
  }
  // And the report to its children: what is over as a whole is over in its parts.
  for (int n = 1; IsOver(next) && CaseOf(next, n); ++n) {
    if (!OwesAnswer(*CaseOf(next, n))) continue;
    if (auto status = take(n, EndCase{TimeOf(command, now), n}); !status.ok()) return status;
  }
  ChangeDeadlines(report, command, decision);
  return decision;
}

std::array<std::pair<report::v1::Clock, const CaseClock*>, kCaseClocks> ClocksOf(const Case& c) {
  std::array<std::pair<report::v1::Clock, const CaseClock*>, kCaseClocks> clocks;
  std::ranges::transform(kClocks, clocks.begin(),
                         [&](const ClockRule& rule) { return std::pair(rule.name, &(c.*rule.clock)); });
  return clocks;
}

policy::ReportClock InPolicy(const Case& c, report::v1::Clock name) {
  return InPolicy(c, name, *(c.*FindRule(name)->clock).started_at);
}

policy::ReportClock InPolicy(const Case& c, report::v1::Clock name, absl::Time start) {
  policy::ReportClock clock{.policy_version = c.policy_version,
                            .clock = name,
                            .report_class = c.report_class,
                            .supervision = c.supervision,
                            .start = start,
                            .time_zone = c.time_zone,
                            .agency_id = c.first_agency_id};
  if (name == report::v1::CLOCK_RESOLUTION) clock.pauses = c.pauses;
  return clock;
}

std::optional<absl::Time> AlarmOf(const Case& c, report::v1::Clock name) {
  const ClockRule* rule = FindRule(name);
  if (!rule || !IsOwed(c, *rule)) return std::nullopt;
  const CaseClock& clock = c.*rule->clock;
  if (!clock.breached_at) return std::min(*clock.due_at, clock.alarm_at.value_or(*clock.due_at));
  return clock.alarm_at == absl::InfiniteFuture() ? std::nullopt : clock.alarm_at;
}

absl::Time NextDueAt(const Case& c) {
  absl::Time next = absl::InfiniteFuture();
  for (const ClockRule& rule : kClocks) {
    if (IsOwed(c, rule)) next = std::min(next, *(c.*rule.clock).due_at);
  }
  return next;
}

bool IsAppealed(const Case& c) { return c.appeal.started_at && !c.appeal.met_at; }

std::string PromisedOn(const Case& c) {
  if (!c.promise.due_at) return "";
  return ToIsoDate(absl::ToCivilDay(*c.promise.due_at, policy::ZoneOf(c.time_zone)) - 1);
}

bool IsByPolicy(report::v1::Clock name) {
  const ClockRule* rule = FindRule(name);
  return rule && rule->by_policy;
}

bool IsBreached(const Case& c) { return c.first_response.breached_at || c.resolution.breached_at; }

bool IsNational(const report::v1::Actor& actor) {
  return actor.agency_id().empty() || actor.agency_id() == report::kRootAgencyId;
}

bool IsHolder(const Case& c, const report::v1::Actor& actor) {
  return report::IsOfAgency(actor.role()) && !c.agency_id.empty() && actor.agency_id() == c.agency_id;
}

}  // namespace lapor::followup
