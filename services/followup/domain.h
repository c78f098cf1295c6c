// A case: what the accountable agency owes the reporter of one report, and until when. Where other agencies
// have parts of the report (child assignments), each part is a case of the same kind, with clocks of its own.
//
// The clocks are the heart of it. They start once, at the times of the events that start them, and nothing
// but the answer they wait for stops them: no transfer, return, correction or interim answer moves a due
// date. The resolution clock pauses while it is the reporter's turn: between an answer and the reopening, and
// while a question to them is open; unless it had run out before, or it is the holder's own doing that the
// case is reopened: no agency stretches its clock. And a change of the calendar moves what hasn't run out.
//
// Pure and thread-safe: no database, no clock, no randomness.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "lapor/event/v1/followup.pb.h"
#include "lapor/event/v1/ombudsman.pb.h"
#include "lapor/followup/v1/followup.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/decision/decision.h"
#include "libs/decision/table.h"
#include "libs/policy/policy.h"

namespace lapor::followup {

using v1::CaseState;

struct CaseClock {
  std::optional<absl::Time> started_at;
  std::optional<absl::Time> due_at;
  // When what the clock waits for happened; possibly after the breach.
  std::optional<absl::Time> met_at;
  // When it was established that the clock had run out; stays for ever.
  std::optional<absl::Time> breached_at;
  // The highest part of the term whose passing was told; 0: none was.
  int reminded_percent = 0;
  // How many above the holder were told of the breach.
  int raised_levels = 0;
  // When it is to be looked at next: for a reminder, at its end, then for the next supervisor. InfiniteFuture
  // once all were told. Absent: at its end or, of a breached clock, nobody could tell when.
  std::optional<absl::Time> alarm_at;
};

// CASE_STATE_UNSPECIFIED is a report of which nothing is known.
struct Case {
  // The report's; of a child assignment as report::ToString makes it.
  std::string id;
  CaseState state = v1::CASE_STATE_UNSPECIFIED;
  // The holder; empty before the first assignment and while the report is back with its administrators.
  std::string agency_id;

  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  bool supervision = false;
  std::string category;
  std::string region;
  std::string policy_version;
  absl::Time received_at;
  std::optional<absl::Time> verified_at;

  // All clocks of the case count the days of the first agency, in its zone and without those on which it is
  // closed, whoever holds the case later. The agency of older cases isn't known.
  std::string first_agency_id;
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  // Starts when the case opens, met by the first answer; later ones don't change it.
  CaseClock first_response;
  // Starts with the verification (of a child when it is first assigned), met by the final answer.
  CaseClock resolution;
  // Starts with the final answer, anew with every reply; met by the reporter's reaction. Doesn't run while
  // the case is escalated, and starts when that ends. A child has none: the reporter reacts to the report.
  CaseClock reaction;
  // Starts with a question to the reporter and ends with it; while one is open the resolution clock rests, if
  // it hadn't run out before.
  CaseClock question;
  // Ends with the date that the agency promised in its last interim answer, met by its next answer.
  CaseClock promise;
  // Starts with the reporter's appeal, met by its decision. A child has none.
  CaseClock appeal;
  // Of the resolution clock, oldest first: from an answer to the reopening, and for a question.
  std::vector<policy::Pause> pauses;

  std::optional<absl::Time> closed_at;
  // Of a closed report: until when the reporter may ask that it be taken up again, or appeal.
  std::optional<absl::Time> reopen_until;
  event::v1::Closing closing = event::v1::CLOSING_UNSPECIFIED;
  int reopenings = 0;
  // Answers so far, interim and final.
  int responses = 0;
  // Of these the interim ones.
  int interim_answers = 0;
  int questions = 0;
  // The response_id of the question that waits for the reporter; empty: none does.
  std::string question_id;
  // Who of the holder deals with it, as the agency calls them; empty: nobody in particular.
  std::string delegate;
  // Who decides the reporter's appeal, or did; empty: there was none.
  std::string supervisor_agency_id;
  bool appeal_granted = false;
  // The reporter has turned to the Ombudsman, whose case isn't closed yet.
  bool escalated = false;
  // Of the report's last case before the Ombudsman, if that is closed.
  event::v1::EscalationOutcome escalation_outcome = event::v1::ESCALATION_OUTCOME_UNSPECIFIED;

  // The child assignments that were ever made; number n stands at n - 1. They have no children.
  std::vector<Case> children;
};

// What other services told. `at` is when it happened there: clocks start from it, however late it is heard.
// A command with a `child` is about the child assignment of that number or, with 0, about the report itself.
struct RegisterReport {
  absl::Time at;
  report::v1::ReportClass report_class;
  bool supervision;
  std::string category;
  std::string region;
  std::string policy_version;
};
// With what the administrator corrected; an unspecified class and empty codes change nothing.
struct RecordVerification {
  absl::Time at;
  report::v1::ReportClass report_class;
  bool supervision;
  std::string category;
  std::string region;
};
struct AssignAgency {
  absl::Time at;
  std::string agency_id;
  report::v1::TimeZone time_zone;
  // In the place of the one that had it, which has ended.
  bool carried_over = false;
  // Empty: the report's. Only of a child that is assigned for the first time.
  std::string category = {};
  int child = 0;
  // Who decided it.
  report::v1::Actor by = {};
};
// The agency returned the report, or it is before the arbiter: back with the administrators.
struct LeaveAgency {
  absl::Time at;
  int child = 0;
};
struct RecordReply {
  absl::Time at;
};
struct RecordReaction {
  absl::Time at;
  bool satisfied;
};
// Withdrawn; of a child: not needed any more.
struct EndCase {
  absl::Time at;
  int child = 0;
};
struct ArchiveCase {
  absl::Time at;
};
// What was archived is open again, where it stood.
struct RestoreCase {
  absl::Time at;
};
// The report follows another one, its lead.
struct MergeCase {
  absl::Time at;
};
// It doesn't any more, and is back with the administrators.
struct UnmergeCase {
  absl::Time at;
  // It was withdrawn or closed meanwhile, as far as routing has heard: nothing goes on, but what was opened
  // again.
  bool over = false;
};
// About the lead: another report follows it, whose clocks had started at these times, if they had.
struct TakeFollower {
  absl::Time at;
  std::optional<absl::Time> verified_at;
  std::optional<absl::Time> assigned_at;
};
// The reporter asks that what is closed be taken up again.
struct RecordReopeningRequest {
  absl::Time at;
};
// The reporter appeals against the answer or the closing, to who is above the holder.
struct RecordAppeal {
  absl::Time at;
};
// The reporter asked for the Ombudsman, or agreed.
struct RecordEscalation {
  absl::Time at;
};
struct RecordEscalationOutcome {
  absl::Time at;
  event::v1::EscalationOutcome outcome;
};

// A deadline that this case has set is due.
struct PassDeadline {
  report::v1::Clock clock;
  int child = 0;
};

// Days may have become free or working days, as by a holiday that was decreed late: the clocks of the report
// and of its children that run are counted again, with the policy data of now.
struct RecountClocks {};

// What callers ask for.
struct RespondToCase {
  report::v1::Actor actor;
  std::string response_id;
  event::v1::ResponseKind kind;
  std::string text;
  std::vector<report::v1::Attachment> evidence;
  int child = 0;
  // Of interim answers.
  event::v1::InterimReason interim_reason = event::v1::INTERIM_REASON_UNSPECIFIED;
  std::optional<absl::CivilDay> promised_on = {};
  // Of answers, interim and final: to how many other reports the agency has given the same words, within the
  // days that the policy looks at. Counted beforehand, so answers that are given at the same time don't see
  // each other: it is for a signal only.
  int same_answers = 0;
  // The words are a template of the agency's, unchanged.
  bool from_template = false;
};
// Empty: nobody in particular any more.
struct DelegateCase {
  report::v1::Actor actor;
  std::string delegate;
  int child = 0;
};
// Of reports only: children end with them.
struct CloseCase {
  report::v1::Actor actor;
};
struct ReopenCase {
  report::v1::Actor actor;
  int child = 0;
};
struct DecideAppeal {
  report::v1::Actor actor;
  std::string response_id;
  bool granted;
  std::string text;
};

using Command = std::variant<RegisterReport, RecordVerification, AssignAgency, LeaveAgency, RecordReply,
                             RecordReaction, EndCase, ArchiveCase, RestoreCase, MergeCase, UnmergeCase,
                             TakeFollower, RecordReopeningRequest, RecordAppeal, RecordEscalation,
                             RecordEscalationOutcome, PassDeadline, RecountClocks, RespondToCase,
                             DelegateCase, CloseCase, ReopenCase, DecideAppeal>;

// In the order of Command.
enum class CommandKind {
  kRegisterReport,
  kRecordVerification,
  kAssignAgency,
  kLeaveAgency,
  kRecordReply,
  kRecordReaction,
  kEndCase,
  kArchiveCase,
  kRestoreCase,
  kMergeCase,
  kUnmergeCase,
  kTakeFollower,
  kRecordReopeningRequest,
  kRecordAppeal,
  kRecordEscalation,
  kRecordEscalationOutcome,
  kPassDeadline,
  kRecountClocks,
  kRespondToCase,
  kDelegateCase,
  kCloseCase,
  kReopenCase,
  kDecideAppeal,
};
inline constexpr int kCommandKinds = std::variant_size_v<Command>;

std::string NameOf(CaseState state);
// As RespondToCase.
std::string NameOf(CommandKind kind);
CommandKind KindOf(const Command& command);
// The number of the child assignment that the command is about; 0: the report.
int ChildOf(const Command& command);
// The case of that number; null if there is none.
const Case* CaseOf(const Case& report, int child);

// What an agency answered.
struct Response {
  // Of the case: the report's id or a child's.
  std::string report_id;
  // From 1, in the order given.
  int number;
  std::string response_id;
  std::string agency_id;
  event::v1::ResponseKind kind;
  absl::Time given_at;
  std::string text;
  std::vector<report::v1::Attachment> evidence;
  event::v1::InterimReason interim_reason = event::v1::INTERIM_REASON_UNSPECIFIED;
  // An ISO date; empty: none.
  std::string promised_on = {};
  // Of answers, interim and final: WordsHash, by which the same words are counted.
  std::optional<int64_t> words_hash = {};
  // What a higher officer wrote on an appeal: no answer, of no kind.
  bool on_appeal = false;
};
// One more of Case::pauses.
struct ClockPause {
  // As of Response.
  std::string report_id;
  // From 1, in their order.
  int number;
  policy::Pause pause;
};
using Record = std::variant<Response, ClockPause>;

using Decision = decision::Decision<Case, Record>;

// The whole state machine, of a report and of each of its children.
const decision::Table<CaseState, CommandKind>& Transitions();

// `report` is the case of the report with its children: what concerns one may concern the others.
//
// NOT_FOUND for a caller's command about a report or child that isn't known; PERMISSION_DENIED when it isn't
// the caller's case; FAILED_PRECONDITION when the state doesn't allow the command, or the policy data can't
// tell a due date. Of an event, the latter two mean that the stream or the policy data is broken: it is
// quarantined.
absl::StatusOr<Decision> Decide(const Case& report, const Command& command, absl::Time now,
                                const policy::Policy& policy);

// The clocks of a case, with their names.
inline constexpr size_t kCaseClocks = 6;
std::array<std::pair<report::v1::Clock, const CaseClock*>, kCaseClocks> ClocksOf(const Case& c);

// The clock as the policy sees it, for DueAt and Explain; valid as long as `c`. The clock must have been
// started.
policy::ReportClock InPolicy(const Case& c, report::v1::Clock name);
// The same for a clock that isn't started yet.
policy::ReportClock InPolicy(const Case& c, report::v1::Clock name, absl::Time start);

// When this clock of the case will fire next, if it will: its alarm, which may be earlier than its due date,
// or later. It is what stands in the table of deadlines.
std::optional<absl::Time> AlarmOf(const Case& c, report::v1::Clock name);

// The earliest date that the case still waits for or has missed; InfiniteFuture when it waits for nothing.
// The work list is sorted by it.
absl::Time NextDueAt(const Case& c);

// Whether a clock of the agency ran out.
bool IsBreached(const Case& c);

// Whether the reporter's appeal waits for its decision.
bool IsAppealed(const Case& c);

// The date that the agency promised last, as 2026-03-20; empty for none.
std::string PromisedOn(const Case& c);

// Whether the policy says when the clock ends, and can explain it; else the agency has named the date.
bool IsByPolicy(report::v1::Clock name);

// Whether an arbiter is the national one, with a say over all agencies.
bool IsNational(const report::v1::Actor& actor);

// Whether the caller is an officer of the agency that holds the case.
bool IsHolder(const Case& c, const report::v1::Actor& actor);

}  // namespace lapor::followup
