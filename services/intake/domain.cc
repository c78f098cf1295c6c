#include "services/intake/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "services/intake/likeness.h"
#include "services/intake/receipt.h"

namespace lapor::intake {
namespace {

using decision::Refuse;
using event::v1::Event;
using report::v1::ReportStatus;
using Decision = decision::Decision<Report, Record>;
using Transition = decision::Transition<ReportStatus, CommandKind>;

constexpr char kProducer[] = "intake";

// --- The state machine ---

constexpr ReportStatus kNone = report::v1::REPORT_STATUS_UNSPECIFIED;
constexpr ReportStatus kReceived = report::v1::REPORT_STATUS_RECEIVED;
constexpr ReportStatus kAwaitingCompletion = report::v1::REPORT_STATUS_AWAITING_COMPLETION;
constexpr ReportStatus kVerified = report::v1::REPORT_STATUS_VERIFIED;
constexpr ReportStatus kInProcess = report::v1::REPORT_STATUS_IN_PROCESS;
constexpr ReportStatus kAnswered = report::v1::REPORT_STATUS_ANSWERED;
constexpr ReportStatus kClosed = report::v1::REPORT_STATUS_CLOSED;
constexpr ReportStatus kArchived = report::v1::REPORT_STATUS_ARCHIVED;
constexpr ReportStatus kWithdrawn = report::v1::REPORT_STATUS_WITHDRAWN;
constexpr ReportStatus kMerged = report::v1::REPORT_STATUS_MERGED;

// Where a command is allowed and where it leads; `to` kNone leaves the status as it is.
struct Rule {
  std::span<const ReportStatus> from;
  CommandKind on;
  ReportStatus to;
};
constexpr ReportStatus kStays = kNone;

constexpr ReportStatus kNew[] = {kNone};
constexpr ReportStatus kOnlyAwaitingCompletion[] = {kAwaitingCompletion};
constexpr ReportStatus kOnlyAnswered[] = {kAnswered};
constexpr ReportStatus kOnlyClosed[] = {kClosed};
constexpr ReportStatus kAnsweredOrClosed[] = {kAnswered, kClosed};
constexpr ReportStatus kOnlyArchived[] = {kArchived};
constexpr ReportStatus kReceivedOrVerified[] = {kReceived, kVerified};
constexpr ReportStatus kOnlyMerged[] = {kMerged};
constexpr ReportStatus kNotArchived[] = {kReceived, kAwaitingCompletion, kVerified, kInProcess, kAnswered,
                                         kClosed,   kWithdrawn,          kMerged};
constexpr ReportStatus kOpen[] = {kReceived, kAwaitingCompletion, kVerified, kInProcess, kAnswered};
constexpr ReportStatus kOpenOrMerged[] = {kReceived,  kAwaitingCompletion, kVerified,
                                          kInProcess, kAnswered,           kMerged};
constexpr ReportStatus kUnanswered[] = {kReceived, kAwaitingCompletion, kVerified, kInProcess};
constexpr ReportStatus kEnded[] = {kClosed, kArchived, kWithdrawn};
// What a merged report's own case comes to says nothing any more, as if it had ended.
constexpr ReportStatus kEndedOrMerged[] = {kClosed, kArchived, kWithdrawn, kMerged};
constexpr ReportStatus kAnsweredOrOver[] = {kAnswered, kClosed, kArchived, kWithdrawn, kMerged};
constexpr ReportStatus kOpenOrClosed[] = {kReceived,  kAwaitingCompletion, kVerified,
                                          kInProcess, kAnswered,           kClosed};
constexpr ReportStatus kNeverReopened[] = {kArchived, kWithdrawn, kMerged};
constexpr ReportStatus kNotWithdrawn[] = {kReceived, kAwaitingCompletion, kVerified, kInProcess, kAnswered,
                                          kClosed,   kArchived,           kMerged};
constexpr ReportStatus kNotMerged[] = {kReceived, kAwaitingCompletion, kVerified, kInProcess, kAnswered,
                                       kClosed,   kArchived,           kWithdrawn};
constexpr ReportStatus kAny[] = {kReceived, kAwaitingCompletion, kVerified,  kInProcess, kAnswered,
                                 kClosed,   kArchived,           kWithdrawn, kMerged};

constexpr Rule kRules[] = {
    // The reporter.
    {kNew, CommandKind::kSubmitReport, kReceived},
    {kOnlyAwaitingCompletion, CommandKind::kCompleteReport, kReceived},
    {kOpenOrMerged, CommandKind::kReplyToReport, kStays},
    {kOnlyAnswered, CommandKind::kReactToResponse, kClosed},
    {kOnlyAnswered, CommandKind::kReactToResponse, kInProcess},
    {kOnlyArchived, CommandKind::kContestArchive, kStays},
    {kOnlyClosed, CommandKind::kRequestReopening, kStays},
    {kAnsweredOrClosed, CommandKind::kAppealClosing, kStays},
    {kOpenOrMerged, CommandKind::kWithdrawReport, kWithdrawn},
    {kOpenOrMerged, CommandKind::kAddAttachment, kStays},
    {kNotWithdrawn, CommandKind::kRequestEscalation, kStays},

    // Other services. What they tell may cross what the reporter does meanwhile, so it is allowed in every
    // status; a report that has ended stays as it is, but for the reopening of a closed one, and a merged one
    // follows its lead until it is unmerged.
    {kUnanswered, CommandKind::kMarkVerified, kVerified},
    {kAnsweredOrOver, CommandKind::kMarkVerified, kStays},
    {kUnanswered, CommandKind::kMarkAwaitingCompletion, kAwaitingCompletion},
    {kAnsweredOrOver, CommandKind::kMarkAwaitingCompletion, kStays},
    {kOpen, CommandKind::kMarkArchived, kArchived},
    {kEndedOrMerged, CommandKind::kMarkArchived, kStays},
    {kOnlyArchived, CommandKind::kMarkRestored, kReceived},
    {kNotArchived, CommandKind::kMarkRestored, kStays},
    // An answer stands until followup reopens the case: its reporter may still judge it.
    {kUnanswered, CommandKind::kMarkAssigned, kInProcess},
    {kAnsweredOrOver, CommandKind::kMarkAssigned, kStays},
    {kUnanswered, CommandKind::kMarkReturned, kVerified},
    {kAnsweredOrOver, CommandKind::kMarkReturned, kStays},
    {kUnanswered, CommandKind::kMarkInProcess, kInProcess},
    {kAnsweredOrOver, CommandKind::kMarkInProcess, kStays},
    {kOpen, CommandKind::kMarkAnswered, kAnswered},
    {kEndedOrMerged, CommandKind::kMarkAnswered, kStays},
    {kOpen, CommandKind::kMarkClosed, kClosed},
    {kEndedOrMerged, CommandKind::kMarkClosed, kStays},
    {kOpenOrClosed, CommandKind::kMarkReopened, kInProcess},
    {kOpenOrClosed, CommandKind::kMarkReopened, kAnswered},
    {kNeverReopened, CommandKind::kMarkReopened, kStays},
    {kReceivedOrVerified, CommandKind::kMarkReopened, kStays},
    {kAny, CommandKind::kMarkQuestionAsked, kStays},
    {kAny, CommandKind::kMarkQuestionEnded, kStays},
    {kAny, CommandKind::kMarkClockMoved, kStays},
    {kAny, CommandKind::kMarkAppealDecided, kStays},
    {kOpenOrMerged, CommandKind::kMarkMerged, kMerged},
    {kEnded, CommandKind::kMarkMerged, kStays},
    {kOnlyMerged, CommandKind::kMarkUnmerged, kReceived},
    {kOnlyMerged, CommandKind::kMarkUnmerged, kVerified},
    {kOnlyMerged, CommandKind::kMarkUnmerged, kClosed},
    {kOnlyMerged, CommandKind::kMarkUnmerged, kWithdrawn},
    {kNotMerged, CommandKind::kMarkUnmerged, kStays},
    {kAny, CommandKind::kMarkChildAssigned, kStays},
    {kAny, CommandKind::kMarkChildReleased, kStays},
    {kAny, CommandKind::kMarkEscalationOpened, kStays},
    {kAny, CommandKind::kMarkRapidResponse, kStays},
    {kAny, CommandKind::kMarkEscalationClosed, kStays},
    {kAny, CommandKind::kNoteEvent, kStays},
};

constexpr size_t kTransitionCount = [] {
  size_t count = 0;
  for (const Rule& rule : kRules) count += rule.from.size();
  return count;
}();

// One row for each status of each rule.
constexpr std::array<Transition, kTransitionCount> kTransitions = [] {
  std::array<Transition, kTransitionCount> rows{};
  size_t next = 0;
  for (const Rule& rule : kRules) {
    for (const ReportStatus from : rule.from)
      rows[next++] = {from, rule.on, rule.to == kStays ? from : rule.to};
  }
  return rows;
}();

constexpr decision::Table<ReportStatus, CommandKind> kStateMachine(kTransitions, NameOf, NameOf);

constexpr const char* kKindNames[] = {
    "SubmitReport",         "CompleteReport",    "ReplyToReport",        "ReactToResponse",
    "ContestArchive",       "RequestReopening",  "AppealClosing",        "WithdrawReport",
    "AddAttachment",        "RequestEscalation", "MarkVerified",         "MarkAwaitingCompletion",
    "MarkArchived",         "MarkRestored",      "MarkAssigned",         "MarkReturned",
    "MarkInProcess",        "MarkAnswered",      "MarkClosed",           "MarkReopened",
    "MarkQuestionAsked",    "MarkQuestionEnded", "MarkClockMoved",       "MarkAppealDecided",
    "MarkMerged",           "MarkUnmerged",      "MarkChildAssigned",    "MarkChildReleased",
    "MarkEscalationOpened", "MarkRapidResponse", "MarkEscalationClosed", "NoteEvent"};
static_assert(std::size(kKindNames) == kCommandKinds);
static_assert(static_cast<int>(CommandKind::kNoteEvent) + 1 == kCommandKinds);

// --- What a decision is made of ---

// Those in other statuses stay as they are.
void Move(std::span<const ReportStatus> from, ReportStatus to, Report& next) {
  if (std::ranges::find(from, next.status) != from.end()) next.status = to;
}

// An event of the reporter's own doing, or of the officer's who typed for them; the caller sets the payload.
Event NewEvent(const Report& report, absl::Time now, report::v1::Actor actor) {
  Event event;
  event.set_subject(report.id);
  event.set_producer(kProducer);
  *event.mutable_occurred_at() = decision::ToProto(now);
  *event.mutable_actor() = std::move(actor);
  return event;
}

Event ReporterEvent(const Report& report, absl::Time now) {
  report::v1::Actor actor;
  actor.set_role(report::v1::ROLE_REPORTER);
  return NewEvent(report, now, std::move(actor));
}

void AppendToTimeline(Event event, Decision& decision) {
  decision.records.emplace_back(
      TimelineRow{decision.next.id, decision.next.timeline_length++, std::move(event)});
}

// Journals the event and shows it in the timeline.
void Tell(Event event, Decision& decision) {
  decision.events.push_back(event);
  AppendToTimeline(std::move(event), decision);
}

// The rows below belong to the entry that comes next in the timeline.

absl::Status ChargeText(size_t bytes, const std::string& field, Report& next) {
  next.text_bytes += std::max(kMinEntryBytes, static_cast<int64_t>(bytes));
  if (next.text_bytes <= kMaxReportTextBytes) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, field,
                fmt::format("all texts of the report together would exceed {} bytes", kMaxReportTextBytes),
                "attach longer material by reference");
}

absl::Status AddWords(const std::string& title, const std::string& text, const std::vector<int64_t>& keys,
                      const std::string& field, Decision& decision) {
  Report& next = decision.next;
  if (const auto status = ChargeText(title.size() + text.size(), field, next); !status.ok()) return status;
  decision.records.emplace_back(WordsRow{next.id, next.timeline_length, title, text, keys});
  return absl::OkStatus();
}

// Makes the report be found by these words where it lies; by the first of them, the most telling, also in the
// whole nation.
void AddLikeness(const std::vector<int64_t>& keys, Decision& decision) {
  const Report& report = decision.next;
  const std::string regency = RegencyOf(report.region);
  LikenessRow row{report.id, report.received_at, {}};
  for (size_t i = 0; i < keys.size(); ++i) {
    // Words that differ by vowels only have one key.
    if (std::ranges::count(std::span(keys).first(i), keys[i]) > 0) continue;
    row.keys.push_back(InScope(keys[i], regency));
    if (!regency.empty() && i < kNationKeyWords) row.keys.push_back(InScope(keys[i], ""));
  }
  if (!row.keys.empty()) decision.records.emplace_back(std::move(row));
}

// After the region was set; `before` is what it was.
void FollowRegion(const std::string& before, Decision& decision) {
  const Report& report = decision.next;
  const std::string regency = RegencyOf(report.region);
  if (regency != RegencyOf(before))
    decision.records.emplace_back(RelocationRow{report.id, report.received_at, regency});
}

absl::Status AddMessage(const std::string& message_id, const std::string& text, absl::Time now,
                        Decision& decision) {
  Report& next = decision.next;
  if (const auto status = ChargeText(text.size(), "text", next); !status.ok()) return status;
  decision.records.emplace_back(MessageRow{next.id, next.timeline_length, message_id, now, text});
  return absl::OkStatus();
}

absl::Status AddOneAttachment(const report::v1::Attachment& attachment, const std::string& field,
                              Decision& decision) {
  Report& next = decision.next;
  if (next.attachment_count >= kMaxReportAttachments) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, field,
        fmt::format("the report has {} attachments, the most that it may have", kMaxReportAttachments),
        "put several files into one");
  }
  decision.records.emplace_back(
      AttachmentRow{next.id, next.timeline_length, next.attachment_count++, attachment});
  return absl::OkStatus();
}

void AddIdentity(const std::string& sealed, Decision& decision) {
  Report& next = decision.next;
  if (sealed.empty()) return;
  next.identity_known = true;
  decision.records.emplace_back(IdentityRow{next.id, next.timeline_length, sealed});
}

// --- The reporter's commands ---

struct Context {
  absl::Time now;
  const policy::Policy& policy;
};

// The field of what is wrong with the report as it stands: none of the request's others is.
constexpr char kReportField[] = "receipt.tracking_id";

absl::Status RefuseWhileAppealWaits() {
  return Refuse(absl::StatusCode::kFailedPrecondition, kReportField,
                "is with a higher officer, who has to decide the appeal",
                "wait for the decision; the timeline of the report tells until when it is due");
}

// Whether a closed report may be taken up again, or its closing appealed.
absl::Status CheckReopenable(const Report& report, absl::Time now) {
  if (report.reopening_requested) {
    return Refuse(absl::StatusCode::kFailedPrecondition, kReportField, "is being taken up again already",
                  "wait for the agency's next answer, and judge that one");
  }
  if (!report.reopen_until) {
    return Refuse(absl::StatusCode::kFailedPrecondition, kReportField,
                  "no term to take it up again is known of its closing",
                  "try again in a minute if it was closed just now; else ask the Ombudsman with "
                  "RequestEscalation, or file a new report");
  }
  if (now >= *report.reopen_until) {
    return Refuse(absl::StatusCode::kFailedPrecondition, kReportField,
                  "the term to take it up again, or to appeal, is over",
                  "ask the Ombudsman with RequestEscalation, or file a new report");
  }
  return absl::OkStatus();
}

absl::Status Apply(const SubmitReport& command, const Context& context, Decision& decision) {
  const auto version = context.policy.VersionAt(context.now);
  // Not the caller's fault, so it isn't told as a refusal.
  if (!version.ok()) return absl::InternalError(std::string(version.status().message()));

  const v1::NewReport& given = *command.report;
  Report& next = decision.next;
  next.status = kReceived;
  next.report_class = given.report_class();
  next.supervision = given.supervision();
  next.channel = given.channel();
  next.category = given.category();
  next.region = given.region();
  next.anonymous = given.anonymous();
  next.confidential = given.confidential();
  if (given.language() != report::v1::LANGUAGE_UNSPECIFIED) next.language = given.language();
  next.received_at = context.now;
  next.policy_version = *version;
  next.receipt_hash = command.receipt_hash;
  if (const auto status =
          AddWords(given.title(), given.description(), command.word_keys, "report.description", decision);
      !status.ok()) {
    return status;
  }
  AddLikeness(command.word_keys, decision);
  for (const auto& attachment : given.attachments()) {
    if (const auto status = AddOneAttachment(attachment, "report.attachments", decision); !status.ok())
      return status;
  }
  AddIdentity(command.sealed_identity, decision);

  Event event = NewEvent(next, context.now, command.actor);
  event::v1::ReportSubmitted& submitted = *event.mutable_report_submitted();
  submitted.set_report_class(next.report_class);
  submitted.set_supervision(next.supervision);
  submitted.set_channel(next.channel);
  submitted.set_category(next.category);
  submitted.set_region(next.region);
  submitted.set_anonymous(next.anonymous);
  submitted.set_confidential(next.confidential);
  submitted.set_attachment_count(next.attachment_count);
  submitted.set_policy_version(next.policy_version);
  // A channel's clock may be a little fast: nothing is written after it was received.
  const absl::Time written_at =
      given.has_written_at() ? std::min(decision::FromProto(given.written_at()), context.now) : context.now;
  *submitted.mutable_written_at() = decision::ToProto(written_at);
  submitted.set_identity_known(next.identity_known);
  submitted.set_danger_to_life(given.danger_to_life());
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const CompleteReport& command, const Context& context, Decision& decision) {
  Report& next = decision.next;
  Event event = ReporterEvent(next, context.now);
  event::v1::ReportCompleted& completed = *event.mutable_report_completed();

  const std::pair<const char*, bool> supplied[] = {{"category", !command.category.empty()},
                                                   {"region", !command.region.empty()},
                                                   {"description", !command.description.empty()},
                                                   {"attachments", !command.attachments.empty()}};
  for (const auto& [field, is_supplied] : supplied) {
    if (!is_supplied) continue;
    if (std::ranges::find(next.completion_fields, field) == next.completion_fields.end()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, field, "was not asked for",
                    fmt::format("supply only: {}", fmt::join(next.completion_fields, ", ")));
    }
    completed.add_fields(field);
  }
  if (completed.fields().empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  fmt::format("{}", fmt::join(next.completion_fields, ", ")), "nothing of it is supplied",
                  "supply at least one of the fields that were asked for");
  }

  if (!command.category.empty()) next.category = command.category;
  const std::string region_before = next.region;
  if (!command.region.empty()) next.region = command.region;
  completed.set_category(command.category);
  completed.set_region(command.region);
  if (!command.description.empty()) {
    if (const auto status = AddWords("", command.description, command.word_keys, "description", decision);
        !status.ok()) {
      return status;
    }
    AddLikeness(command.word_keys, decision);
  }
  FollowRegion(region_before, decision);
  for (const auto& attachment : command.attachments) {
    if (const auto status = AddOneAttachment(attachment, "attachments", decision); !status.ok())
      return status;
  }
  next.status = kReceived;
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const ReplyToReport& command, const Context& context, Decision& decision) {
  if (const auto status = AddMessage(command.message_id, command.text, context.now, decision); !status.ok()) {
    return status;
  }
  Event event = ReporterEvent(decision.next, context.now);
  event.mutable_reporter_replied()->set_message_id(command.message_id);
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const ReactToResponse& command, const Context& context, Decision& decision) {
  if (decision.next.appeal_waits) return RefuseWhileAppealWaits();
  Event event = ReporterEvent(decision.next, context.now);
  event::v1::ReporterReacted& reacted = *event.mutable_reporter_reacted();
  reacted.set_satisfied(command.satisfied);
  reacted.set_rating(command.rating);
  reacted.set_reason(command.reason);
  if (!command.text.empty()) {
    if (const auto status = AddMessage(command.message_id, command.text, context.now, decision);
        !status.ok()) {
      return status;
    }
    reacted.set_message_id(command.message_id);
  }
  // At once, not when followup tells that it has closed or reopened the case: one response has one reaction.
  decision.next.status = command.satisfied ? kClosed : kInProcess;
  if (command.satisfied) decision.next.closing = event::v1::CLOSING_BY_REPORTER;
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const ContestArchive& command, const Context& context, Decision& decision) {
  Report& next = decision.next;
  if (!next.contest_until || context.now >= *next.contest_until) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "receipt.tracking_id",
                  next.contest_until ? "the term to contest the archiving is over"
                                     : "the archiving was contested before, and stands",
                  "the Ombudsman may be asked with RequestEscalation, or a new report be filed");
  }
  if (const auto status = AddMessage(command.message_id, command.text, context.now, decision); !status.ok())
    return status;
  // Once; the status follows when routing has taken it up.
  next.contest_until.reset();
  Event event = ReporterEvent(next, context.now);
  event.mutable_archive_contested()->set_message_id(command.message_id);
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const RequestReopening& command, const Context& context, Decision& decision) {
  Report& next = decision.next;
  if (next.appeal_waits) return RefuseWhileAppealWaits();
  if (const auto status = CheckReopenable(next, context.now); !status.ok()) return status;
  if (const auto status = AddMessage(command.message_id, command.text, context.now, decision); !status.ok())
    return status;
  // The status follows when followup has taken it up.
  next.reopening_requested = true;
  Event event = ReporterEvent(next, context.now);
  event.mutable_reopening_requested()->set_message_id(command.message_id);
  event.mutable_reopening_requested()->set_reason(command.reason);
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const AppealClosing& command, const Context& context, Decision& decision) {
  Report& next = decision.next;
  if (next.appealed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, kReportField,
                  "was appealed before, and there is one appeal a report",
                  "read the report: its timeline tells what became of that; the Ombudsman may be asked with "
                  "RequestEscalation");
  }
  if (next.status == kClosed) {
    if (next.closing == event::v1::CLOSING_BY_REPORTER) {
      return Refuse(absl::StatusCode::kFailedPrecondition, kReportField,
                    "was closed because the reporter was satisfied",
                    "ask with RequestReopening that the agency take it up again");
    }
    if (const auto status = CheckReopenable(next, context.now); !status.ok()) return status;
  }
  if (const auto status = AddMessage(command.message_id, command.text, context.now, decision); !status.ok())
    return status;
  next.appealed = true;
  next.appeal_waits = true;
  Event event = ReporterEvent(next, context.now);
  event.mutable_closing_appealed()->set_message_id(command.message_id);
  event.mutable_closing_appealed()->set_reason(command.reason);
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const WithdrawReport&, const Context& context, Decision& decision) {
  decision.next.status = kWithdrawn;
  Event event = ReporterEvent(decision.next, context.now);
  event.mutable_report_withdrawn();
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const AddAttachment& command, const Context& context, Decision& decision) {
  if (const auto status = AddOneAttachment(command.attachment, "attachment", decision); !status.ok())
    return status;
  Event event = ReporterEvent(decision.next, context.now);
  event::v1::AttachmentAdded& added = *event.mutable_attachment_added();
  added.set_sha256(command.attachment.sha256());
  added.set_size_bytes(command.attachment.size_bytes());
  added.set_media_type(command.attachment.media_type());
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

absl::Status Apply(const RequestEscalation& command, const Context& context, Decision& decision) {
  Report& next = decision.next;
  if (next.escalation == v1::ESCALATION_STATUS_REQUESTED || next.escalation == v1::ESCALATION_STATUS_OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "escalation", "is requested or open already",
                  "read the report: its timeline tells how far the Ombudsman is");
  }
  AddIdentity(command.sealed_identity, decision);
  if (!next.identity_known) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "identity",
                  "the Ombudsman takes up reports of known reporters only (UU 37/2008 art. 24)",
                  "supply it with this call; it is sealed and stays hidden from agencies");
  }
  next.ombudsman_admitted = true;
  next.name_secret = next.name_secret || command.name_secret;
  Event event = ReporterEvent(next, context.now);
  if (next.escalation == v1::ESCALATION_STATUS_PROPOSED) {
    next.escalation = v1::ESCALATION_STATUS_OPEN;
    event::v1::EscalationConsented& consented = *event.mutable_escalation_consented();
    consented.set_name_secret(command.name_secret);
    *consented.mutable_declarations() = command.declarations;
  } else {
    next.escalation = v1::ESCALATION_STATUS_REQUESTED;
    event::v1::EscalationRequested& requested = *event.mutable_escalation_requested();
    requested.set_identity_known(true);
    requested.set_name_secret(command.name_secret);
    *requested.mutable_declarations() = command.declarations;
    requested.set_direct(command.direct);
  }
  Tell(std::move(event), decision);
  return absl::OkStatus();
}

// --- What other services decided ---

void Follow(const MarkVerified& command, Report& next) {
  const event::v1::ReportVerified& verified = command.event.report_verified();
  if (verified.report_class() != report::v1::REPORT_CLASS_UNSPECIFIED) {
    next.report_class = verified.report_class();
    next.supervision = verified.supervision();
  }
  if (!verified.category().empty()) next.category = verified.category();
  if (!verified.region().empty()) next.region = verified.region();
  // An administrator may raise it, never lower it.
  next.confidential = next.confidential || verified.confidential();
  Move(kUnanswered, kVerified, next);
}

void Follow(const MarkAwaitingCompletion& command, Report& next) {
  Move(kUnanswered, kAwaitingCompletion, next);
  const event::v1::CompletionRequested& requested = command.event.completion_requested();
  next.completion_fields.assign(requested.fields().begin(), requested.fields().end());
  next.completion_due_at = decision::FromProto(requested.due_at());
}

void Follow(const MarkArchived& command, Report& next) {
  Move(kOpen, kArchived, next);
  const event::v1::ReportArchived& archived = command.event.report_archived();
  if (next.status == kArchived && archived.has_contest_until())
    next.contest_until = decision::FromProto(archived.contest_until());
}

void Follow(const MarkRestored&, Report& next) {
  Move(kOnlyArchived, kReceived, next);
  next.contest_until.reset();
}

void Follow(const MarkAssigned& command, Report& next) {
  next.agency_id = command.event.agency_assigned().agency_id();
  next.arbiter_agency_id.clear();
  Move(kUnanswered, kInProcess, next);
}

void Follow(const MarkReturned& command, Report& next) {
  next.agency_id.clear();
  next.arbiter_agency_id = command.event.arbitration_requested().arbiter_agency_id();
  Move(kUnanswered, kVerified, next);
}

void Follow(const MarkInProcess&, Report& next) { Move(kUnanswered, kInProcess, next); }

void Follow(const MarkAnswered&, Report& next) {
  Move(kOpen, kAnswered, next);
  // Who answers without waiting for the reporter waits no more.
  next.question_due_at.reset();
}

void Follow(const MarkClosed& command, Report& next) {
  Move(kOpen, kClosed, next);
  // A merged report that was closed on the way there is over when it is unmerged.
  if (next.status != kClosed && next.status != kMerged) return;
  const event::v1::CaseClosed& closed = command.event.case_closed();
  // The reporter's word stands, though silence was told at the same time.
  if (next.closing != event::v1::CLOSING_BY_REPORTER) next.closing = closed.closing();
  next.reopen_until.reset();
  if (closed.has_reopen_until()) next.reopen_until = decision::FromProto(closed.reopen_until());
  next.reopening_requested = false;
}

void Follow(const MarkReopened& command, Report& next) {
  // What ended before an arbiter comes back with the administrators; what has not is still the arbiter's.
  if (next.status == kClosed) next.arbiter_agency_id.clear();
  // Back after an archiving or a merge: no agency has it yet.
  const bool waits = next.status == kReceived || next.status == kVerified;
  if (waits && command.event.case_reopened().agency_id().empty()) return;
  Move(kOpenOrClosed, command.event.case_reopened().answer_stands() ? kAnswered : kInProcess, next);
}

void Follow(const MarkAppealDecided&, Report& next) { next.appeal_waits = false; }

void Follow(const MarkMerged& command, Report& next) {
  if (std::ranges::find(kOpenOrMerged, next.status) == std::end(kOpenOrMerged)) return;
  // Of one that changes its lead it is known already.
  if (next.status != kMerged) next.status_before_merge = next.status;
  next.status = kMerged;
  next.lead_report_id = command.event.report_merged().lead_report_id();
  // From now on it is with whom its lead is with.
  next.agency_id.clear();
  next.arbiter_agency_id.clear();
  next.children.clear();
}

void Follow(const MarkUnmerged& command, Report& next) {
  if (next.status != kMerged) return;
  switch (command.event.report_unmerged().reason()) {
    // What closed or withdrew it may have been told while it was merged.
    case event::v1::UNMERGE_REASON_CLOSED:
      next.status = kClosed;
      return;
    case event::v1::UNMERGE_REASON_WITHDRAWN:
      next.status = kWithdrawn;
      return;
    case event::v1::UNMERGE_REASON_UNSPECIFIED:
    case event::v1::UNMERGE_REASON_ADMINISTRATOR:
    case event::v1::UNMERGE_REASON_LEAD_GONE:
    case event::v1::UNMERGE_REASON_ESCALATED:
    case event::v1::UnmergeReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case event::v1::UnmergeReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  // Back with the administrators, who had verified it or not.
  const bool verified =
      next.status_before_merge != kReceived && next.status_before_merge != kAwaitingCompletion;
  next.status = verified ? kVerified : kReceived;
}

// Null for a number that no child assignment can have: such an event changes the timeline alone.
ChildAssignment* ChildOf(const Event& event, Report& next) {
  const int number = event.child();
  if (number < 1 || number > report::kMaxChildren) return nullptr;
  if (next.children.size() < static_cast<size_t>(number)) next.children.resize(static_cast<size_t>(number));
  return &next.children[static_cast<size_t>(number) - 1];
}

void Follow(const MarkChildAssigned& command, Report& next) {
  ChildAssignment* child = ChildOf(command.event, next);
  if (child == nullptr) return;
  const event::v1::AgencyAssigned& assigned = command.event.agency_assigned();
  child->agency_id = assigned.agency_id();
  child->arbiter_agency_id.clear();
  // In the place of an agency that has ended its question stands.
  if (!assigned.carried_over()) child->question_due_at.reset();
}

void DropEmptyChildren(Report& next) {
  while (!next.children.empty() && next.children.back() == ChildAssignment()) next.children.pop_back();
}

void Follow(const MarkChildReleased& command, Report& next) {
  ChildAssignment* child = ChildOf(command.event, next);
  if (child == nullptr) return;
  *child = {.agency_id = "", .arbiter_agency_id = command.event.arbitration_requested().arbiter_agency_id()};
  DropEmptyChildren(next);
}

// Of the report itself or of a child assignment, each of which has one question at a time.
void SetQuestion(const Event& event, std::optional<absl::Time> due_at, Report& next) {
  if (event.child() == 0) {
    next.question_due_at = due_at;
  } else if (ChildAssignment* child = ChildOf(event, next); child != nullptr) {
    child->question_due_at = due_at;
    DropEmptyChildren(next);
  }
}

void Follow(const MarkQuestionAsked& command, Report& next) {
  SetQuestion(command.event, decision::FromProto(command.event.response_given().question_due_at()), next);
}

void Follow(const MarkQuestionEnded& command, Report& next) {
  SetQuestion(command.event, std::nullopt, next);
}

void Follow(const MarkClockMoved& command, Report& next) {
  const event::v1::ClockMoved& moved = command.event.clock_moved();
  const absl::Time due_at = decision::FromProto(moved.due_at());
  if (moved.clock() == report::v1::CLOCK_COMPLETION && next.completion_due_at)
    next.completion_due_at = due_at;
  if (moved.clock() == report::v1::CLOCK_QUESTION) SetQuestion(command.event, due_at, next);
}

void Follow(const MarkEscalationOpened& command, Report& next) {
  // A reporter who asked while the proposal was under way has agreed to it.
  const bool waits = command.event.escalation_opened().consent_needed() &&
                     next.escalation != v1::ESCALATION_STATUS_REQUESTED;
  next.escalation = waits ? v1::ESCALATION_STATUS_PROPOSED : v1::ESCALATION_STATUS_OPEN;
}

void Follow(const MarkRapidResponse&, Report& next) { next.rapid_response = true; }

void Follow(const MarkEscalationClosed&, Report& next) {
  // Where lives are in danger the case is examined before the reporter agrees: no mere proposal ends then.
  const bool was_case = next.rapid_response || next.escalation != v1::ESCALATION_STATUS_PROPOSED;
  next.rapid_response = false;
  next.escalation = was_case ? v1::ESCALATION_STATUS_CLOSED : v1::ESCALATION_STATUS_LAPSED;
}

void Follow(const NoteEvent&, Report&) {}

template <class C>
concept ReportersOwn = requires(const C& command) {
  command.proof;
};
template <class C>
concept FromEvent = requires(const C& command) {
  command.event;
};

// Whether the caller may command anything here at all; only then do they learn what the status allows.
template <class C>
absl::Status Admit(const Report& report, const C& command) {
  if constexpr (ReportersOwn<C>) {
    if (report.status == kNone) {
      return Refuse(absl::StatusCode::kNotFound, "receipt.tracking_id",
                    "there is no report with this tracking id", "compare it with the receipt");
    }
    if (!SameReceipt(report.receipt_hash, command.proof)) {
      return Refuse(absl::StatusCode::kPermissionDenied, "receipt.receipt_secret",
                    "is not the receipt secret of this report", "compare it with the receipt");
    }
  }
  return absl::OkStatus();
}

template <class C>
absl::Status Carry(const C& command, const Context& context, Decision& decision) {
  if constexpr (FromEvent<C>) {
    const std::string region_before = decision.next.region;
    Follow(command, decision.next);
    FollowRegion(region_before, decision);
    AppendToTimeline(command.event, decision);
    return absl::OkStatus();
  } else {
    return Apply(command, context, decision);
  }
}

}  // namespace

std::string NameOf(CommandKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

std::string NameOf(ReportStatus status) {
  constexpr std::string_view kPrefix = "REPORT_STATUS_";
  const std::string& name = report::v1::ReportStatus_Name(status);
  return status == kNone ? "NONE" : name.substr(kPrefix.size());
}

const decision::Table<ReportStatus, CommandKind>& StateMachine() { return kStateMachine; }

absl::StatusOr<decision::Decision<Report, Record>> Decide(const Report& report, const Command& command,
                                                          absl::Time now, const policy::Policy& policy) {
  const auto kind = static_cast<CommandKind>(command.index());
  if (const auto admitted = std::visit([&](const auto& c) { return Admit(report, c); }, command);
      !admitted.ok()) {
    return admitted;
  }
  if (const auto allowed = kStateMachine.Check(report.status, kind); !allowed.ok()) return allowed;

  Decision decision{.next = report, .events = {}, .records = {}, .deadlines = {}};
  const Context context{now, policy};
  if (const auto carried = std::visit([&](const auto& c) { return Carry(c, context, decision); }, command);
      !carried.ok()) {
    return carried;
  }
  Report& next = decision.next;
  if (next.status != kAwaitingCompletion) {
    next.completion_fields.clear();
    next.completion_due_at.reset();
  }
  if (next.status != kClosed && next.status != kMerged) {
    next.closing = event::v1::CLOSING_UNSPECIFIED;
    next.reopen_until.reset();
    next.reopening_requested = false;
  }
  // An appeal lapses where what it is against doesn't stand any more; it wasn't heard, so it doesn't count.
  if (next.appeal_waits && next.status != kAnswered && next.status != kClosed)
    next.appeal_waits = next.appealed = false;
  // Nobody waits for an answer about what is over.
  if (std::ranges::find(kOpen, next.status) == std::end(kOpen)) {
    next.question_due_at.reset();
    for (ChildAssignment& child : next.children) child.question_due_at.reset();
    DropEmptyChildren(next);
  }
  if (next.status != kMerged) {
    next.lead_report_id.clear();
    next.status_before_merge = kNone;
  }
  if (!kStateMachine.Foresees(report.status, kind, next.status)) {
    return absl::InternalError(fmt::format("{} led from {} to {}, which the state machine does not foresee",
                                           NameOf(kind), NameOf(report.status), NameOf(next.status)));
  }
  return decision;
}

}  // namespace lapor::intake
