// What happens to a report, as its reporter sees it. Pure: no SQL, no clock, no randomness; ids, hashes and
// sealed bytes arrive in the commands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/intake/v1/intake.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/decision/decision.h"
#include "libs/decision/table.h"
#include "libs/policy/policy.h"

namespace lapor::intake {

// Limits of one report over its whole life, so that whoever reads it gets an answer of bounded size.
inline constexpr int kMaxReportAttachments = 50;
// Title, description, completions, replies and reactions together, in bytes of UTF-8; each counts as
// kMinEntryBytes or more, which bounds their number too.
inline constexpr int64_t kMaxReportTextBytes = 1 << 20;
inline constexpr int64_t kMinEntryBytes = 1024;

// Another agency's part of a report, beside the one that leads.
struct ChildAssignment {
  // As of the report: who has it now, and whose arbiter has to decide who does.
  std::string agency_id;
  std::string arbiter_agency_id;
  // While it waits for the reporter's answer to a question: until when.
  std::optional<absl::Time> question_due_at = {};

  bool operator==(const ChildAssignment&) const = default;
};

// What decisions need to know of a report; its words are never loaded for them. One that was never submitted
// has nothing but an id, and REPORT_STATUS_UNSPECIFIED.
struct Report {
  std::string id;  // the tracking id in canonical form
  report::v1::ReportStatus status = report::v1::REPORT_STATUS_UNSPECIFIED;
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  bool supervision = false;
  report::v1::Channel channel = report::v1::CHANNEL_UNSPECIFIED;
  std::string category;
  std::string region;
  bool anonymous = false;
  bool confidential = false;
  absl::Time received_at;
  std::string policy_version;
  std::string receipt_hash;

  // The one accountable holder now; empty while administrators have it.
  std::string agency_id;
  // The agency whose arbiter has to decide who is; empty but in arbitration.
  std::string arbiter_agency_id;
  // While that agency waits for the reporter's answer to a question: until when.
  std::optional<absl::Time> question_due_at;
  // By number, from 1 at index 0; without those at the end that nobody has.
  std::vector<ChildAssignment> children;
  // While it is merged: the report that it follows, and where it stood before.
  std::string lead_report_id;
  report::v1::ReportStatus status_before_merge = report::v1::REPORT_STATUS_UNSPECIFIED;
  // What the reporter is asked for now, and until when.
  std::vector<std::string> completion_fields;
  std::optional<absl::Time> completion_due_at;
  // While it is archived: until when the reporter may contest that.
  std::optional<absl::Time> contest_until;

  // While it is closed. How; unspecified while followup hasn't told it.
  event::v1::Closing closing = event::v1::CLOSING_UNSPECIFIED;
  // Until when the reporter may ask that it be taken up again, or appeal.
  std::optional<absl::Time> reopen_until;
  // The reporter did ask; once a closing.
  bool reopening_requested = false;

  // The reporter appealed to a higher officer; once a report, unless the appeal lapsed.
  bool appealed = false;
  // That officer has not decided yet.
  bool appeal_waits = false;

  // In which the reporter is written to.
  report::v1::Language language = report::v1::LANGUAGE_INDONESIAN;

  bool identity_known = false;
  // The reporter asked the Ombudsman to keep the name secret (UU 37/2008 art. 24(2)); never taken back.
  bool name_secret = false;
  // The overlay of the Ombudsman; the status goes its own way.
  v1::EscalationStatus escalation = v1::ESCALATION_STATUS_UNSPECIFIED;
  // The reporter asked for the Ombudsman or agreed, who may read the report from then on, and know the name.
  bool ombudsman_admitted = false;
  // Lives are in danger: until the escalation ends the Ombudsman reads the report, also before the reporter
  // agrees, who stays unknown till then.
  bool rapid_response = false;

  int attachment_count = 0;
  int64_t text_bytes = 0;
  // The number of entries; the next entry's number.
  int timeline_length = 0;
};

// Commands of callers. `proof` is the hash of the receipt secret that the caller presented.

struct SubmitReport {
  report::v1::Actor actor;
  // Without the identity. Shared with whoever may have to repeat the command under another id: texts can be
  // long.
  std::shared_ptr<const v1::NewReport> report;
  std::string sealed_identity;  // empty: none was given
  std::string receipt_hash;
  // Of its most telling words, the most telling first (likeness.h).
  std::vector<int64_t> word_keys;
};

struct CompleteReport {
  std::string proof;
  // Empty ones were not supplied.
  std::string category;
  std::string region;
  std::string description;
  std::vector<report::v1::Attachment> attachments;
  // Of the description's, as of a submission's.
  std::vector<int64_t> word_keys;
};

struct ReplyToReport {
  std::string proof;
  std::string message_id;
  std::string text;
};

struct ReactToResponse {
  std::string proof;
  bool satisfied = false;
  int rating = 0;
  std::string message_id;
  std::string text;  // empty: no words
  // Of a reporter who isn't satisfied; may be unspecified.
  event::v1::DissatisfactionReason reason = event::v1::DISSATISFACTION_REASON_UNSPECIFIED;
};

struct ContestArchive {
  std::string proof;
  std::string message_id;
  std::string text;
};

struct RequestReopening {
  std::string proof;
  std::string message_id;
  std::string text;
  event::v1::DissatisfactionReason reason = event::v1::DISSATISFACTION_REASON_UNSPECIFIED;
};

struct AppealClosing {
  std::string proof;
  std::string message_id;
  std::string text;
  event::v1::DissatisfactionReason reason = event::v1::DISSATISFACTION_REASON_UNSPECIFIED;
};

struct WithdrawReport {
  std::string proof;
};

struct AddAttachment {
  std::string proof;
  report::v1::Attachment attachment;
};

struct RequestEscalation {
  std::string proof;
  std::string sealed_identity;  // empty: none was given
  bool name_secret = false;
  event::v1::ReporterDeclarations declarations;
  // Without waiting for the provider; says nothing where the Ombudsman's case was proposed already.
  bool direct = false;
};

// What other services decided; `event` goes into the timeline as it was received. They are allowed whatever
// became of the report meanwhile: what has ended stays ended.

struct MarkVerified {
  event::v1::Event event;
};
struct MarkAwaitingCompletion {
  event::v1::Event event;
};
struct MarkArchived {
  event::v1::Event event;
};
struct MarkRestored {
  event::v1::Event event;
};
struct MarkAssigned {
  event::v1::Event event;
};
// Back with the administrators.
struct MarkReturned {
  event::v1::Event event;
};
// The agency works on it: an interim response.
struct MarkInProcess {
  event::v1::Event event;
};
// A final response.
struct MarkAnswered {
  event::v1::Event event;
};
struct MarkClosed {
  event::v1::Event event;
};
struct MarkReopened {
  event::v1::Event event;
};
// The agency asked the reporter something, of the report or of a child assignment; no answer.
struct MarkQuestionAsked {
  event::v1::Event event;
};
struct MarkQuestionEnded {
  event::v1::Event event;
};
// The calendar has changed while the reporter owed something.
struct MarkClockMoved {
  event::v1::Event event;
};
struct MarkAppealDecided {
  event::v1::Event event;
};
// It follows another report, which its administrators found to be about the same matter.
struct MarkMerged {
  event::v1::Event event;
};
struct MarkUnmerged {
  event::v1::Event event;
};
// Of a child assignment; the report itself stays as it is.
struct MarkChildAssigned {
  event::v1::Event event;
};
// The agency has it no more: returned, before an arbiter, or over.
struct MarkChildReleased {
  event::v1::Event event;
};
struct MarkEscalationOpened {
  event::v1::Event event;
};
struct MarkRapidResponse {
  event::v1::Event event;
};
struct MarkEscalationClosed {
  event::v1::Event event;
};
// Nothing but the timeline changes.
struct NoteEvent {
  event::v1::Event event;
};

using Command =
    std::variant<SubmitReport, CompleteReport, ReplyToReport, ReactToResponse, ContestArchive,
                 RequestReopening, AppealClosing, WithdrawReport, AddAttachment, RequestEscalation,
                 MarkVerified, MarkAwaitingCompletion, MarkArchived, MarkRestored, MarkAssigned, MarkReturned,
                 MarkInProcess, MarkAnswered, MarkClosed, MarkReopened, MarkQuestionAsked, MarkQuestionEnded,
                 MarkClockMoved, MarkAppealDecided, MarkMerged, MarkUnmerged, MarkChildAssigned,
                 MarkChildReleased, MarkEscalationOpened, MarkRapidResponse, MarkEscalationClosed, NoteEvent>;

// In the order of Command.
enum class CommandKind {
  kSubmitReport,
  kCompleteReport,
  kReplyToReport,
  kReactToResponse,
  kContestArchive,
  kRequestReopening,
  kAppealClosing,
  kWithdrawReport,
  kAddAttachment,
  kRequestEscalation,
  kMarkVerified,
  kMarkAwaitingCompletion,
  kMarkArchived,
  kMarkRestored,
  kMarkAssigned,
  kMarkReturned,
  kMarkInProcess,
  kMarkAnswered,
  kMarkClosed,
  kMarkReopened,
  kMarkQuestionAsked,
  kMarkQuestionEnded,
  kMarkClockMoved,
  kMarkAppealDecided,
  kMarkMerged,
  kMarkUnmerged,
  kMarkChildAssigned,
  kMarkChildReleased,
  kMarkEscalationOpened,
  kMarkRapidResponse,
  kMarkEscalationClosed,
  kNoteEvent,
};
inline constexpr int kCommandKinds = static_cast<int>(std::variant_size_v<Command>);

std::string NameOf(CommandKind kind);
std::string NameOf(report::v1::ReportStatus status);

// Rows that are only ever added. entry_no is the entry of the timeline that brought them.

struct WordsRow {
  std::string report_id;
  int entry_no;
  std::string title;  // of the submission only
  std::string text;
  std::vector<int64_t> keys;
};

// The report is found by these keys, words' in their scopes.
struct LikenessRow {
  std::string report_id;
  absl::Time received_at;
  std::vector<int64_t> keys;
};

// From now on the report is found by all its words in another regency.
struct RelocationRow {
  std::string report_id;
  absl::Time received_at;
  std::string regency;
};

struct MessageRow {
  std::string report_id;
  int entry_no;
  std::string message_id;
  absl::Time written_at;
  std::string text;
};

struct AttachmentRow {
  std::string report_id;
  int entry_no;
  int number;  // within the report, from 0
  report::v1::Attachment attachment;
};

// The newest of a report counts.
struct IdentityRow {
  std::string report_id;
  int entry_no;
  std::string sealed;
};

struct TimelineRow {
  std::string report_id;
  int entry_no;
  event::v1::Event event;
};

using Record =
    std::variant<WordsRow, LikenessRow, RelocationRow, MessageRow, AttachmentRow, IdentityRow, TimelineRow>;

// The whole state machine.
const decision::Table<report::v1::ReportStatus, CommandKind>& StateMachine();

// What a caller did wrong is a refusal (libs/decision/refusal.h):
//   NOT_FOUND            there is no such report
//   PERMISSION_DENIED    the receipt secret is wrong
//   FAILED_PRECONDITION  the status, or what is known of the report, doesn't allow it; for SubmitReport alone
//   it means
//                        that another report has this id
// INTERNAL is a fault of this code or of the policy data.
absl::StatusOr<decision::Decision<Report, Record>> Decide(const Report& report, const Command& command,
                                                          absl::Time now, const policy::Policy& policy);

}  // namespace lapor::intake
