// An escalation: what the Ombudsman does with a report that was neglected.
//
// Every report that was submitted is known here, with the few facts on which the grounds of the formal check
// are judged; at most one escalation of it is open at a time. A neglected report is proposed and waits for
// its reporter's consent; a reporter may also ask, and need not wait for a breach: whether that was too early
// is for the formal check to say.
//
// Pure and thread-safe: no database, no clock, no randomness.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/event/v1/followup.pb.h"
#include "lapor/event/v1/intake.pb.h"
#include "lapor/event/v1/ombudsman.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/decision/decision.h"
#include "libs/decision/table.h"
#include "libs/policy/policy.h"

namespace lapor::ombudsman {

using event::v1::EscalationStage;

// The root of the registry: the national administrators, to whom a report belongs until it is assigned.
inline constexpr char kNationalAdministrators[] = "id";

// What other services told of the report itself, whether it is escalated or not.
struct ReportFacts {
  // Absent: the submission was never told.
  std::optional<absl::Time> received_at;
  std::string policy_version;
  // The identity is sealed in intake and may be disclosed to the Ombudsman.
  bool identity_known = false;
  // The last agency that was accountable; empty before the first assignment.
  std::string agency_id;
  // The provider's time is over: a clock of its administrators or its agency ran out.
  bool term_passed = false;
  // A final answer left the reporter dissatisfied.
  bool dissatisfied = false;
  // It is archived, and not restored since.
  bool archived = false;
  // How the case is closed now; unspecified while it is not.
  event::v1::Closing closing = event::v1::CLOSING_UNSPECIFIED;
  bool withdrawn = false;
};

// The last escalation of a report; ESCALATION_STAGE_UNSPECIFIED when there was none.
struct Escalation {
  std::string id;  // the report's
  ReportFacts facts;

  EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  // From 1; how many the report has had.
  int number = 0;
  event::v1::EscalationCause cause = event::v1::ESCALATION_CAUSE_UNSPECIFIED;
  // The clock that ran out, for a breach.
  report::v1::Clock clock = report::v1::CLOCK_UNSPECIFIED;
  std::string respondent_agency_id;
  std::optional<absl::Time> opened_at;
  // When the reporter agreed, or asked.
  std::optional<absl::Time> consented_at;
  // UU 37/2008 art. 24(2); may be raised while the escalation is open, never lowered.
  bool name_secret = false;
  // What counts is what the reporter declared last before the formal check.
  event::v1::ReporterDeclarations declarations;

  event::v1::EscalationOutcome outcome = event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
  event::v1::Maladministration maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
  std::optional<absl::Time> closed_at;
};

// What other services told; `at` is when it happened there.
struct RegisterReport {
  absl::Time at;
  std::string policy_version;
  bool identity_known;
};
struct RecordAssignment {
  absl::Time at;
  std::string agency_id;
};
struct RecordBreach {
  absl::Time at;
  report::v1::Clock clock;
  // Who let it run out. Empty while the report was with its administrators.
  std::string agency_id;
};
struct RecordReaction {
  absl::Time at;
  bool satisfied;
};
struct RecordClosing {
  absl::Time at;
  event::v1::Closing closing;
};
struct RecordReopening {
  absl::Time at;
};
struct RecordArchiving {
  absl::Time at;
};
struct RecordRestoring {
  absl::Time at;
};
struct RequestEscalation {
  absl::Time at;
  bool identity_known;
  bool name_secret;
  event::v1::ReporterDeclarations declarations;
};
struct ConsentToEscalation {
  absl::Time at;
  bool name_secret;
  event::v1::ReporterDeclarations declarations;
};
struct WithdrawReport {
  absl::Time at;
};

// What officers of the Ombudsman ask for.
struct CheckEligibility {
  report::v1::Actor actor;
};
struct AdvanceEscalation {
  report::v1::Actor actor;
  EscalationStage stage;
};
struct CloseEscalation {
  report::v1::Actor actor;
  event::v1::EscalationOutcome outcome;
  event::v1::Maladministration maladministration;
};

using Command =
    std::variant<RegisterReport, RecordAssignment, RecordBreach, RecordReaction, RecordClosing,
                 RecordReopening, RecordArchiving, RecordRestoring, RequestEscalation, ConsentToEscalation,
                 WithdrawReport, CheckEligibility, AdvanceEscalation, CloseEscalation>;

// In the order of Command.
enum class CommandKind {
  kRegisterReport,
  kRecordAssignment,
  kRecordBreach,
  kRecordReaction,
  kRecordClosing,
  kRecordReopening,
  kRecordArchiving,
  kRecordRestoring,
  kRequestEscalation,
  kConsentToEscalation,
  kWithdrawReport,
  kCheckEligibility,
  kAdvanceEscalation,
  kCloseEscalation,
};
inline constexpr int kCommandKinds = std::variant_size_v<Command>;

std::string NameOf(EscalationStage stage);
// As CheckEligibility.
std::string NameOf(CommandKind kind);
CommandKind KindOf(const Command& command);

// A ground of the formal check, as it was found.
struct Verdict {
  std::string report_id;
  int escalation;  // Escalation::number
  event::v1::Ground ground;
  bool met;
  absl::Time decided_at;
};
using Record = std::variant<Verdict>;

using Decision = decision::Decision<Escalation, Record>;

// The whole state machine.
const decision::Table<EscalationStage, CommandKind>& Transitions();

// NOT_FOUND for an officer's command about a report without escalation; FAILED_PRECONDITION when the stage
// doesn't allow the command. Of an event, an error means that the stream is broken: it is quarantined.
absl::StatusOr<Decision> Decide(const Escalation& before, const Command& command, absl::Time now,
                                const policy::Policy& policy);

// Whether it waits for anybody: neither none nor closed.
bool IsOpen(EscalationStage stage);

}  // namespace lapor::ombudsman
