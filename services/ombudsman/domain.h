// An escalation: what the Ombudsman does with a report that was neglected.
//
// Every report that was submitted is known here, with the few facts on which the grounds of the formal check
// are judged; at most one escalation of it is open at a time. A neglected report is proposed and waits for
// its reporter's consent; a reporter may also ask, and need not wait for a breach: whether that was too early
// is for the formal check to say.
//
// The Ombudsman's clocks and the respondent's run until they are met, run out, or the escalation is closed.
// Each of them that runs has one deadline: its next reminder or, after the last one, its end.
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
#include "libs/policy/reference.h"

namespace lapor::ombudsman {

using event::v1::EscalationStage;

// The root of the registry: the national administrators, to whom a report belongs until it is assigned.
inline constexpr char kNationalAdministrators[] = "id";

// Of one escalation, and replies to one of them: far more than any case has.
inline constexpr size_t kMaxDocuments = 200;
inline constexpr int kMaxReplies = 50;

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
  // A final answer left the reporter dissatisfied, or their appeal was dismissed.
  bool dissatisfied = false;
  // It is archived, and not restored since.
  bool archived = false;
  // How the case is closed now; unspecified while it is not.
  event::v1::Closing closing = event::v1::CLOSING_UNSPECIFIED;
  bool withdrawn = false;
};

// A clock that was started.
struct CaseClock {
  report::v1::Clock clock = report::v1::CLOCK_UNSPECIFIED;
  // The number of the document that started it; 0 for the Ombudsman's own.
  int document = 0;
  // Of the office that had the case when it was started.
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  absl::Time started_at = absl::InfinitePast();
  absl::Time due_at = absl::InfiniteFuture();
  // When somebody is reminded next; due_at after the last reminder.
  absl::Time alarm_at = absl::InfiniteFuture();
  int reminded_percent = 0;
  // Both when it was met late.
  std::optional<absl::Time> met_at = std::nullopt;
  std::optional<absl::Time> breached_at = std::nullopt;
};

// What decisions need of a document; its words are records.
struct Document {
  // From 1, within the escalation.
  int number = 0;
  event::v1::DocumentKind kind = event::v1::DOCUMENT_KIND_UNSPECIFIED;
  // Empty where it goes to somebody who is no agency of the registry. Of a respondent that has ended, its
  // successor, who has the letter now; to whom it went, DocumentIssued says.
  std::string agency_id;
  // Of that somebody, as the letter names them: who they are is known from the letter alone.
  std::string addressee_sha256 = {};
  // Of an examination report.
  event::v1::Finding finding = event::v1::FINDING_UNSPECIFIED;
  event::v1::Maladministration maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
  // That issued it.
  std::string office;
  absl::Time issued_at = absl::InfinitePast();
  std::optional<absl::Time> delivered_at = std::nullopt;
  // The last time.
  std::optional<absl::Time> replied_at = std::nullopt;
  int replies = 0;
};

// The last escalation of a report; ESCALATION_STAGE_UNSPECIFIED when there was none.
struct Escalation {
  std::string id;  // the report's
  ReportFacts facts;

  EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  std::optional<absl::Time> stage_reached_at;
  // From 1; how many the report has had.
  int number = 0;
  event::v1::EscalationCause cause = event::v1::ESCALATION_CAUSE_UNSPECIFIED;
  // The clock that ran out, for a breach.
  report::v1::Clock clock = report::v1::CLOCK_UNSPECIFIED;
  std::string respondent_agency_id;
  // A code of ombudsman-offices.csv.
  std::string office;
  std::optional<absl::Time> opened_at;
  // When the reporter agreed, or asked.
  std::optional<absl::Time> consented_at;
  // UU 37/2008 art. 24(2); may be raised while the escalation is open, never lowered.
  bool name_secret = false;
  // What counts is what the reporter declared last before the formal check.
  event::v1::ReporterDeclarations declarations;
  // The reporter does not want the provider to resolve it, UU 25/2009 art. 46(2).
  bool direct = false;
  bool rapid_response = false;
  // The rapid-response lane went past the formal check, which is still to be done.
  bool check_owed = false;

  std::vector<CaseClock> clocks;
  std::vector<Document> documents;

  // The last that was recorded, and when.
  event::v1::Compliance compliance = event::v1::COMPLIANCE_UNSPECIFIED;
  std::optional<absl::Time> compliance_at;

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
  // The agency before has ended, and this one is in its place.
  bool carried_over = false;
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
  bool direct = false;
};
struct ConsentToEscalation {
  absl::Time at;
  bool name_secret;
  event::v1::ReporterDeclarations declarations;
};
struct WithdrawReport {
  absl::Time at;
};

// What time and the calendar bring.
struct PassDeadline {};
// The calendar has changed: running clocks are counted again. One that has run out stays so, told or not, and
// none is moved into the past.
struct RecountClocks {};

// What an officer found about a ground, against or beyond what is on record and declared.
struct Judgement {
  event::v1::Ground ground;
  bool met;
  std::string reason;
};

// What officers of the Ombudsman ask for; a reply may come from the agency that a document was addressed to.
struct CheckEligibility {
  report::v1::Actor actor;
  std::vector<Judgement> judgements = {};
};
struct AdvanceEscalation {
  report::v1::Actor actor;
  EscalationStage stage;
};
struct OpenRapidResponse {
  report::v1::Actor actor;
  std::string reason;
};
struct TransferEscalation {
  report::v1::Actor actor;
  std::string office;
  std::string reason;
};
struct IssueDocument {
  report::v1::Actor actor;
  event::v1::DocumentKind kind;
  // At most one of the two; neither is the respondent.
  std::string agency_id = {};
  std::string addressee = {};
  std::string text = {};
  std::string text_sha256 = {};
  std::vector<report::v1::Attachment> attachments = {};
  event::v1::Finding finding = event::v1::FINDING_UNSPECIFIED;
  event::v1::Maladministration maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
};
struct RecordDelivery {
  report::v1::Actor actor;
  int escalation;
  int document;
  // Absent for now.
  std::optional<absl::Time> delivered_at;
};
struct ReplyToDocument {
  report::v1::Actor actor;
  int escalation;
  int document;
  std::string text;
  std::vector<report::v1::Attachment> attachments;
};
struct RecordCompliance {
  report::v1::Actor actor;
  event::v1::Compliance compliance;
  std::string text;
};
struct CloseEscalation {
  report::v1::Actor actor;
  event::v1::EscalationOutcome outcome;
  event::v1::Maladministration maladministration;
};

using Command =
    std::variant<RegisterReport, RecordAssignment, RecordBreach, RecordReaction, RecordClosing,
                 RecordReopening, RecordArchiving, RecordRestoring, RequestEscalation, ConsentToEscalation,
                 WithdrawReport, PassDeadline, RecountClocks, CheckEligibility, AdvanceEscalation,
                 OpenRapidResponse, TransferEscalation, IssueDocument, RecordDelivery, ReplyToDocument,
                 RecordCompliance, CloseEscalation>;

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
  kPassDeadline,
  kRecountClocks,
  kCheckEligibility,
  kAdvanceEscalation,
  kOpenRapidResponse,
  kTransferEscalation,
  kIssueDocument,
  kRecordDelivery,
  kReplyToDocument,
  kRecordCompliance,
  kCloseEscalation,
};
inline constexpr int kCommandKinds = std::variant_size_v<Command>;

// As FORMAL_CHECK.
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
  event::v1::VerdictBasis basis = event::v1::VERDICT_BASIS_UNSPECIFIED;
  // Of a judgement.
  std::string reason = {};
};

// The words of a document, and to whom they go.
struct Letter {
  std::string report_id;
  int escalation;
  int document;
  std::string addressee;
  std::string text;
  std::string text_sha256;
  std::vector<report::v1::Attachment> attachments;
};
struct Reply {
  std::string report_id;
  int escalation;
  int document;
  int number;  // from 1
  absl::Time replied_at;
  // Empty: recorded by the Ombudsman's officers.
  std::string agency_id;
  std::string text;
  std::vector<report::v1::Attachment> attachments;
};

// What an officer gave as the reason of what they did, or saw.
enum class NoteKind { kRapidResponse = 1, kTransfer = 2, kCompliance = 3 };
struct Note {
  std::string report_id;
  int escalation;
  NoteKind kind;
  absl::Time written_at;
  std::string text;
};
using Record = std::variant<Verdict, Letter, Reply, Note>;

using Decision = decision::Decision<Escalation, Record>;

// The whole state machine.
const decision::Table<EscalationStage, CommandKind>& Transitions();

// Time comes first: what has run out by the time of the command is breached before it takes effect, so that
// no command hides a breach. NOT_FOUND for an officer's command about a report without escalation, or a
// document that isn't there; PERMISSION_DENIED for an agency's about a document of others;
// FAILED_PRECONDITION when the stage doesn't allow the command, or something that it needs is missing. Of an
// event, an error means that the stream is broken, or the policy data: it is quarantined.
absl::StatusOr<Decision> Decide(const Escalation& before, const Command& command, absl::Time now,
                                const policy::Policy& policy, const policy::Offices& offices);

// Whether it waits for anybody: neither none nor closed.
bool IsOpen(EscalationStage stage);
// Mediation, conciliation or special adjudication.
bool IsSidePath(EscalationStage stage);

// Neither met nor run out, of an open escalation.
bool Runs(const Escalation& escalation, const CaseClock& clock);
// Whether in an open escalation a clock has run out, isn't met, and nothing was written in its letter's
// place.
bool IsOverdue(const Escalation& escalation);
policy::ReportClock InPolicy(const Escalation& escalation, const CaseClock& clock);

// Null before it is written.
const Document* ExaminationReportOf(const Escalation& escalation);

}  // namespace lapor::ombudsman
