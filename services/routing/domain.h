// What routing decides: triage, and hands: who is accountable for a report now. Pure.
//
// The invariant: every open report has exactly one accountable holder at every moment. It is the root (the
// national administrator) while the report waits for triage, for the reporter or for an assignment; the
// arbiter in arbitration; else the agency. Only a report that is archived or ended has none; one that was
// merged has that of its lead. So it is with each child assignment, which has a route of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/event/v1/routing.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/decision/decision.h"
#include "libs/decision/table.h"
#include "libs/policy/policy.h"
#include "services/routing/delivery.h"
#include "services/routing/registry.h"

namespace lapor::routing {

using event::v1::ReturnReason;
using report::v1::Actor;
using v1::HandCause;
using v1::RouteState;

// The way of one report through the administration, or of the part of it that another agency than the leading
// one has: a child assignment.
struct Route {
  // The report's; of a child assignment as report::ToString makes it.
  std::string id;
  // Of a child assignment: its number. 0: this is the report's own.
  int child = 0;
  // The child assignments that were ever made, in the order of their numbers.
  std::vector<Route> children;
  // UNSPECIFIED: routing doesn't know the report.
  RouteState state = v1::ROUTE_STATE_UNSPECIFIED;

  // As the reporter chose, until an administrator judged otherwise.
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  bool supervision = false;
  bool confidential = false;
  bool danger_to_life = false;
  std::string category;
  std::string region;

  std::string policy_version;
  absl::Time received_at;
  // When the submission was last completed: the start of the verification clock.
  absl::Time complete_since;
  // Of the verification clock, that ran last: met by the first assignment. None while the reporter owes
  // something.
  std::optional<absl::Time> verification_due_at;
  bool verification_overdue = false;
  // While the reporter owes something: what, since when and until when.
  std::vector<std::string> completion_fields;
  std::optional<absl::Time> completion_asked_at;
  std::optional<absl::Time> completion_due_at;
  // How much of the term of the clock that runs, of the verification or the completion, had passed when it
  // reminded last, in percent.
  int reminded_percent = 0;
  // While archived, why, and until when the reporter may contest it: not if they did so before.
  report::v1::ArchiveReason archive_reason = report::v1::ARCHIVE_REASON_UNSPECIFIED;
  std::optional<absl::Time> contest_until;
  // Of who archived it last, the opaque id of the account; empty for the completion clock. Somebody else
  // judges it once it is contested.
  std::string archived_by;
  bool contested = false;
  // The reporter took it back: nothing opens it again.
  bool withdrawn = false;
  // While it waits for triage: the opaque id of the account that alone decides about it, until when. Empty:
  // whoever comes first.
  std::string claimed_by;
  std::optional<absl::Time> claimed_until;

  // Empty for none: archived, ended or merged.
  std::string holder_agency_id;
  absl::Time held_since;
  // The first time each; absent too where it was before this was recorded.
  std::optional<absl::Time> verified_at;
  std::optional<absl::Time> assigned_at;
  // The agency that it was assigned to last.
  std::string last_agency_id;
  // While returned or in arbitration, and when it ended there: who returned it, and where they say it belongs
  // (may be empty).
  std::string returned_from;
  std::string proposed_agency_id;
  int hops = 0;
  int bounces = 0;
  // How often the holder changed.
  int handovers = 0;
  // Whom an arbiter has decided for: nobody can return it any more, and it stays with this agency and its
  // units. Empty: nobody.
  std::string bound_agency_id;

  // Of the last assignment, while it holds and if the agency has an application of its own.
  std::optional<Delivery> delivery;

  // The agency's final answer stands, for its reporter to judge.
  bool answered = false;
  // The reporter has turned to the Ombudsman, whose case isn't closed yet.
  bool escalated = false;
  // While merged: the report that it follows, and the state that it was in before.
  std::string lead_report_id;
  RouteState merged_from = v1::ROUTE_STATE_UNSPECIFIED;
  // While merged: its case turned out to have been closed.
  bool closed_meanwhile = false;
  // How many follow this one.
  int followers = 0;
};

// From `since` on this agency was accountable, as the next one after the handover before; empty: nobody any
// more.
struct Handover {
  std::string report_id;
  // From 1, without gaps.
  int number = 0;
  std::string agency_id;
  absl::Time since;
  // Why the hand before gave it away; UNSPECIFIED unless it was returned.
  ReturnReason returned_because = event::v1::RETURN_REASON_UNSPECIFIED;
  // What brought it here, and who decided; UNSPECIFIED in records of before these were kept.
  HandCause cause = v1::HAND_CAUSE_UNSPECIFIED;
  Actor decided_by = {};
  // An arbiter had decided: nobody could return it from here.
  bool binding = false;
};

using Record = Handover;
using Decision = decision::Decision<Route, Record>;

// What callers ask for; the meaning is that of the RPC with the same name.

// `officer` is the opaque id of the caller's account; `child` the child assignment that is meant, 0 for the
// report itself.
struct VerifyReport {
  Actor actor;
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  std::optional<bool> supervision = {};
  std::string category = {};
  std::string region = {};
  bool raise_confidential = false;
  std::optional<bool> danger_to_life = {};
  std::string officer = {};
};

struct RequestCompletion {
  Actor actor;
  std::vector<std::string> fields;
  std::string officer = {};
};

struct ArchiveReport {
  Actor actor;
  report::v1::ArchiveReason reason = report::v1::ARCHIVE_REASON_UNSPECIFIED;
  std::string officer = {};
};

struct AssignReport {
  Actor actor;
  std::string agency_id;
  std::string officer = {};
  int child = 0;
};

struct AcceptAssignment {
  Actor actor;
  int child = 0;
};

struct ReturnAssignment {
  Actor actor;
  ReturnReason reason = event::v1::RETURN_REASON_UNSPECIFIED;
  std::string target_agency_id;
  int child = 0;
};

struct ArbitrateReport {
  Actor actor;
  std::string agency_id;
  int child = 0;
};

struct AddChildAssignment {
  Actor actor;
  std::string agency_id;
  // Empty: the report's.
  std::string category = {};
};

struct EndChildAssignment {
  Actor actor;
  int child = 0;
};

// A merge is this, and TakeFollower of the lead: both or neither.
struct MergeReport {
  Actor actor;
  std::string lead_report_id;
  std::string officer = {};
};

// `follower` is as MergeReport has left it.
struct TakeFollower {
  std::shared_ptr<const Route> follower;
  Actor actor;
};

// Taking a merge back is this, and ReleaseFollower of the lead: both or neither. Refused unless the report
// follows that lead.
struct UnmergeReport {
  Actor actor;
  std::string lead_report_id;
  event::v1::UnmergeReason reason = event::v1::UNMERGE_REASON_UNSPECIFIED;
};

struct ReleaseFollower {};

// What the other services' events mean here, at the time of the event. Allowed in every state, for events
// cross on their way: one that comes too late leaves the state as it is.

struct ReceiveReport {
  event::v1::ReportSubmitted report;
  absl::Time at;
};

struct ReceiveCompletion {
  // Empty where the reporter changed nothing.
  std::string category;
  std::string region;
  absl::Time at;
};

// The reporter contests that it was archived.
struct ContestArchive {
  absl::Time at;
};

// The reporter took the report back.
struct WithdrawReport {
  absl::Time at;
};

// The case was closed.
struct EndRoute {
  absl::Time at;
  Actor by = {};
};

// The case was opened again: that of the report, or that of a child assignment.
struct ReopenRoute {
  absl::Time at;
  Actor by = {};
  int child = 0;
  // Nothing but the closing is undone.
  bool answer_stands = false;
};

// The agency gave its final answer.
struct RecordAnswer {};

// The reporter turned to the Ombudsman, who judges each report by itself; or that is closed.
struct RecordEscalation {
  bool open = true;
};

// What deadlines mean. One that has been overtaken leaves the state as it is.

// Reminds the administrators, or at the end of the term tells that it is over.
struct PassVerification {};

// Reminds the reporter, or at the end of the term archives the report.
struct PassCompletion {};

// The assignment is with the people of the agency, if its application has not acknowledged it.
struct PassDelivery {
  absl::Time due_at;
  int child = 0;
};

// What the registry means. One that finds nothing that has ended leaves the state as it is.

// Puts the successors in the place of agencies that have ended: of the one that is accountable, of the one
// that was proposed, of the one that an arbiter has decided for.
struct CarryOver {};

// The calendars have changed: clocks that run end when they end by the new ones. What is right already stays.
struct RecountClocks {};

using Command =
    std::variant<VerifyReport, RequestCompletion, ArchiveReport, AssignReport, AcceptAssignment,
                 ReturnAssignment, ArbitrateReport, AddChildAssignment, EndChildAssignment, MergeReport,
                 TakeFollower, UnmergeReport, ReleaseFollower, ReceiveReport, ReceiveCompletion,
                 ContestArchive, WithdrawReport, EndRoute, ReopenRoute, RecordAnswer, RecordEscalation,
                 PassVerification, PassCompletion, PassDelivery, CarryOver, RecountClocks>;

// In the order of Command.
enum class CommandKind {
  kVerifyReport,
  kRequestCompletion,
  kArchiveReport,
  kAssignReport,
  kAcceptAssignment,
  kReturnAssignment,
  kArbitrateReport,
  kAddChildAssignment,
  kEndChildAssignment,
  kMergeReport,
  kTakeFollower,
  kUnmergeReport,
  kReleaseFollower,
  kReceiveReport,
  kReceiveCompletion,
  kContestArchive,
  kWithdrawReport,
  kEndRoute,
  kReopenRoute,
  kRecordAnswer,
  kRecordEscalation,
  kPassVerification,
  kPassCompletion,
  kPassDelivery,
  kCarryOver,
  kRecountClocks,
};

CommandKind KindOf(const Command& command);
// The child assignment that it is about; 0 for the report itself.
int ChildOf(const Command& command);
// As "VerifyReport".
std::string NameOf(CommandKind kind);
// As "AWAITING_TRIAGE".
std::string NameOf(RouteState state);

// The whole state machine.
const decision::Table<RouteState, CommandKind>& Transitions();

// Whether somebody is accountable: not archived, ended or merged.
bool IsOpen(RouteState state);

// Whether it waits for an administrator of triage, who may claim it.
bool WaitsForTriage(RouteState state);

// What `command` does to `route` at `now`. Refusals, as decision::Refuse makes them: NOT_FOUND for a report
// that isn't known, FAILED_PRECONDITION for what the state doesn't allow, PERMISSION_DENIED for a caller that
// isn't accountable, INVALID_ARGUMENT for an unknown agency, category or region, FAILED_PRECONDITION for an
// agency that has ended. Other errors are those of Policy::DueAt.
//
// A command about a child assignment is decided on the child alone; what ends a report, or finds that an
// agency has ended, is decided on its children, too. A report that is opened again doesn't bring its parts
// back: their cases are opened again one by one.
absl::StatusOr<Decision> Decide(const Route& route, const Command& command, absl::Time now,
                                const policy::Policy& policy, const Registry& registry);

}  // namespace lapor::routing
