#include "services/intake/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/eventlog/uuid.h"
#include "libs/report/agency_id.h"
#include "libs/report/assignment_id.h"
#include "libs/report/clocks.h"
#include "libs/report/content.h"
#include "libs/report/roles.h"
#include "libs/rpc/status.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/log.h"
#include "services/intake/checks.h"
#include "services/intake/duplicates.h"
#include "services/intake/readers.h"
#include "services/intake/store.h"

namespace lapor::intake {
namespace {

using decision::Refusals;
using decision::Refuse;
using eventlog::Outcome;

constexpr char kProducer[] = "intake";
// With 55 random bits the first one will do.
constexpr int kMaxDraws = 3;
constexpr int kDefaultDuplicateCandidates = 10;
constexpr int kMaxDuplicateCandidates = 50;

report::v1::Token TokenOf(const Outcome& outcome) {
  report::v1::Token token;
  token.set_producer(kProducer);
  token.set_partition(outcome.partition);
  token.set_position(outcome.position);
  return token;
}

// As the database keeps it, so that repeats are told the very same time.
google::protobuf::Timestamp ToMicroseconds(absl::Time time) {
  return decision::ToProto(absl::FromUnixMicros(absl::ToUnixMicros(time)));
}

// Who did it, for events: the caller's role and agency, or the reporter.
report::v1::Actor ActorOf(const rpc::Caller& caller) {
  report::v1::Actor actor;
  actor.set_role(caller.anonymous() ? report::v1::ROLE_REPORTER : caller.role);
  actor.set_agency_id(caller.agency_id);
  return actor;
}

// What the parts of every reporter's request become: the report's id and the proof of being its reporter.
struct Claim {
  std::string id;
  std::string proof;
};
Claim CheckReceipt(const std::string& request_id, const v1::Receipt& receipt, Refusals& refusals) {
  eventlog::CheckRequestId(request_id, refusals);
  Claim claim;
  claim.id = report::CheckTrackingId("receipt.tracking_id", receipt.tracking_id(), refusals);
  if (receipt.receipt_secret().empty()) {
    refusals.Add("receipt.receipt_secret", "is required", "give the secret of the receipt");
  }
  claim.proof = ReceiptHash(receipt.receipt_secret());
  return claim;
}

// The earliest, where several agencies wait for the reporter.
std::optional<absl::Time> QuestionDueAt(const Report& report) {
  std::optional<absl::Time> earliest = report.question_due_at;
  for (const ChildAssignment& child : report.children) {
    if (child.question_due_at && (!earliest || *child.question_due_at < *earliest))
      earliest = child.question_due_at;
  }
  return earliest;
}

v1::Report Describe(const Report& report, Contents contents) {
  v1::Report proto;
  proto.set_tracking_id(report::ShowTrackingId(report.id));
  proto.set_status(report.status);
  proto.set_report_class(report.report_class);
  proto.set_supervision(report.supervision);
  proto.set_channel(report.channel);
  proto.set_title(std::move(contents.title));
  proto.set_description(std::move(contents.description));
  proto.set_category(report.category);
  proto.set_region(report.region);
  proto.set_anonymous(report.anonymous);
  proto.set_confidential(report.confidential);
  for (auto& attachment : contents.attachments) *proto.add_attachments() = std::move(attachment);
  *proto.mutable_received_at() = decision::ToProto(report.received_at);
  proto.set_agency_id(report.agency_id);
  for (const std::string& field : report.completion_fields) proto.add_completion_fields(field);
  if (report.contest_until) *proto.mutable_contest_until() = decision::ToProto(*report.contest_until);
  if (report.completion_due_at)
    *proto.mutable_completion_due_at() = decision::ToProto(*report.completion_due_at);
  // Not while it is asked for already: there is nothing more to ask until then.
  if (report.status == report::v1::REPORT_STATUS_CLOSED && report.reopen_until &&
      !report.reopening_requested && !report.appeal_waits) {
    *proto.mutable_reopen_until() = decision::ToProto(*report.reopen_until);
  }
  if (const auto due_at = QuestionDueAt(report))
    *proto.mutable_question_due_at() = decision::ToProto(*due_at);
  for (auto& event : contents.timeline) *proto.add_timeline() = std::move(event);
  for (auto& message : contents.messages) *proto.add_messages() = std::move(message);
  proto.set_escalation(report.escalation);
  return proto;
}

using Responses = google::protobuf::RepeatedPtrField<v1::Response>;

// Written to the lead's reporter about what they said or did, and no answer to the matter that others share.
bool IsPersonal(const followup::v1::Response& given) {
  return given.on_appeal() || given.kind() == event::v1::RESPONSE_KIND_QUESTION;
}

// In the order of `listed`.
void AddResponses(followup::v1::ListResponsesResponse listed, bool of_lead, Responses& responses) {
  for (followup::v1::Response& given : *listed.mutable_responses()) {
    if (of_lead && IsPersonal(given)) continue;
    v1::Response& response = *responses.Add();
    response.set_response_id(given.response_id());
    response.set_agency_id(given.agency_id());
    response.set_kind(given.kind());
    *response.mutable_given_at() = given.given_at();
    response.mutable_text()->swap(*given.mutable_text());
    response.mutable_evidence()->Swap(given.mutable_evidence());
    response.set_child(given.child());
    response.set_interim_reason(given.interim_reason());
    response.set_promised_on(given.promised_on());
    response.set_on_appeal(given.on_appeal());
  }
}

using Timeline = google::protobuf::RepeatedPtrField<event::v1::Event>;

bool HasResponses(const Timeline& timeline) {
  return std::ranges::any_of(timeline, [](const event::v1::Event& e) { return e.has_response_given(); });
}

// That somebody else reported the same is told to all readers, by which report only to those who may know:
// none but `known`, if that is given.
void ForgetOtherReports(event::v1::Event& event, const std::string& known = "") {
  if (event.has_report_merged() && event.report_merged().lead_report_id() != known)
    event.mutable_report_merged()->clear_lead_report_id();
  if (event.has_report_unmerged() && event.report_unmerged().lead_report_id() != known)
    event.mutable_report_unmerged()->clear_lead_report_id();
  if (event.has_follower_joined()) event.mutable_follower_joined()->clear_follower_report_id();
}

// The number of the Ombudsman's document that an event is about; empty for all other events.
std::string DocumentOf(const event::v1::Event& event) {
  if (event.has_document_issued()) return event.document_issued().document_number();
  if (event.has_document_delivered()) return event.document_delivered().document_number();
  if (event.has_document_replied()) return event.document_replied().document_number();
  return "";
}

// This agency and those that have ended and in whose place it is: it has their letters.
std::set<std::string> WithPredecessors(const std::string& agency_id, const Timeline& timeline) {
  std::set<std::string> selves = {agency_id};
  bool carried_over = false;  // to the one that was assigned next is one of them, from whoever had it before
  for (auto event = timeline.rbegin(); event != timeline.rend(); ++event) {
    if (!event->has_agency_assigned() || event->child() > 0) continue;
    const event::v1::AgencyAssigned& assigned = event->agency_assigned();
    if (carried_over) selves.insert(assigned.agency_id());
    carried_over = assigned.carried_over() && selves.contains(assigned.agency_id());
  }
  return selves;
}

// Leaves what ListDocuments of the Ombudsman tells this agency of: what was delivered, and to itself. It is
// not warned of a visit or a finding, nor told that a witness was summoned or the police asked, or when they
// were to come.
void ForgetOthersDocuments(const std::string& agency_id, Timeline& timeline) {
  const std::set<std::string> selves = WithPredecessors(agency_id, timeline);
  std::set<std::string> own;
  std::set<int64_t> own_dues;  // as they move with the calendars
  for (const event::v1::Event& event : timeline) {
    if (event.has_document_delivered() && selves.contains(event.document_delivered().agency_id())) {
      own.insert(DocumentOf(event));
      own_dues.insert(event.document_delivered().due_at().seconds());
    }
    if (event.has_clock_moved() && own_dues.contains(event.clock_moved().due_at_before().seconds()))
      own_dues.insert(event.clock_moved().due_at().seconds());
  }
  const auto is_others = [&](const event::v1::Event& event) {
    if (event.has_clock_moved()) {
      return report::IsLetterTerm(event.clock_moved().clock()) &&
             !own_dues.contains(event.clock_moved().due_at().seconds());
    }
    if (event.has_clock_reminded()) {
      return report::IsLetterTerm(event.clock_reminded().clock()) &&
             !selves.contains(event.clock_reminded().agency_id());
    }
    if (event.has_clock_breached()) {
      return report::IsLetterTerm(event.clock_breached().clock()) &&
             !selves.contains(event.clock_breached().agency_id());
    }
    const std::string number = DocumentOf(event);
    return !number.empty() && !own.contains(number);
  };
  timeline.erase(std::remove_if(timeline.begin(), timeline.end(), is_others), timeline.end());
}

// What the reporter declared to the Ombudsman is kept from agencies.
void ForgetDeclarations(Timeline& timeline) {
  for (event::v1::Event& event : timeline) {
    if (event.has_escalation_requested()) event.mutable_escalation_requested()->clear_declarations();
    if (event.has_escalation_consented()) event.mutable_escalation_consented()->clear_declarations();
  }
}

// Figures for officers, which say nothing to a reporter about the answer itself.
void ForgetSignals(event::v1::Event& event) {
  if (event.has_response_given()) event.mutable_response_given()->clear_signals();
}

// Whether a clock waits for agencies or administrators: that of the others says what the reporter did, or
// that the Ombudsman has the case.
bool WaitsForAgencies(report::v1::Clock clock) {
  switch (clock) {
    case report::v1::CLOCK_VERIFICATION:
    case report::v1::CLOCK_FIRST_RESPONSE:
    case report::v1::CLOCK_RESOLUTION:
    case report::v1::CLOCK_DELIVERY:
    case report::v1::CLOCK_PROMISE:
      return true;

    case report::v1::CLOCK_UNSPECIFIED:
    case report::v1::CLOCK_COMPLETION:
    case report::v1::CLOCK_REACTION:
    case report::v1::CLOCK_CONTEST:
    case report::v1::CLOCK_QUESTION:
    case report::v1::CLOCK_REOPENING:
    case report::v1::CLOCK_APPEAL:
    case report::v1::CLOCK_OMBUDSMAN_CHECK:
    case report::v1::CLOCK_CLARIFICATION:
    case report::v1::CLOCK_SECOND_CLARIFICATION:
    case report::v1::CLOCK_SUMMONS:
    case report::v1::CLOCK_CORRECTIVE_ACTION:
    case report::v1::CLOCK_RECOMMENDATION:
    case report::v1::CLOCK_RAPID_RESPONSE:
    case report::v1::Clock_INT_MIN_SENTINEL_DO_NOT_USE_:
    case report::v1::Clock_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

// Whether an event says how far agencies are, and nothing of what the reporter did or was asked; that an
// agency waits for them tells how far it is.
bool TellsProgress(const event::v1::Event& event) {
  using event::v1::Event;
  switch (event.payload_case()) {
    case Event::kReportVerified:
    case Event::kReportArchived:
    case Event::kReportRestored:
    case Event::kAgencyAssigned:
    case Event::kAssignmentAccepted:
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
    case Event::kVerificationOverdue:
    case Event::kChildAssignmentEnded:
    case Event::kFollowerJoined:
    case Event::kCaseOpened:
    case Event::kResponseGiven:
    case Event::kCaseClosed:
    case Event::kCaseReopened:
    case Event::kQuestionEnded:
    case Event::kCaseDelegated:
      return true;
    case Event::kClockBreached:
      return WaitsForAgencies(event.clock_breached().clock());
    case Event::kBreachRaised:
      return WaitsForAgencies(event.breach_raised().clock());
    case Event::kClockMoved:
      return WaitsForAgencies(event.clock_moved().clock());

    case Event::kReportSubmitted:
    case Event::kReportCompleted:
    case Event::kReporterReplied:
    case Event::kReporterReacted:
    case Event::kReportWithdrawn:
    case Event::kEscalationRequested:
    case Event::kEscalationConsented:
    case Event::kAttachmentAdded:
    case Event::kArchiveContested:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kAppealOpened:
    case Event::kAppealDecided:
    case Event::kCompletionRequested:
    case Event::kClockReminded:
    case Event::kReportMerged:
    case Event::kReportUnmerged:
    case Event::kAssignmentFellBack:
    case Event::kAgencyRecorded:
    case Event::kEscalationOpened:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kEscalationClosed:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    case Event::PAYLOAD_NOT_SET:
      return false;
  }
  return false;
}

// How the lead fares, for a reader of its follower.
v1::LeadProgress DescribeLead(const Report& lead, std::vector<event::v1::Event> timeline) {
  v1::LeadProgress progress;
  progress.set_status(lead.status);
  progress.set_agency_id(lead.agency_id);
  for (event::v1::Event& event : timeline) {
    if (!TellsProgress(event)) continue;
    // Whose report it is, about what and where, and by whom it was closed or opened again is its reporter's.
    ForgetOtherReports(event);
    event.clear_subject();
    if (event.actor().role() == report::v1::ROLE_REPORTER) event.clear_actor();
    if (event.has_report_verified()) event.mutable_report_verified()->Clear();
    if (event.has_report_archived()) event.mutable_report_archived()->Clear();
    if (event.has_report_restored()) event.mutable_report_restored()->Clear();
    if (event.has_follower_joined()) event.mutable_follower_joined()->Clear();
    if (event.has_agency_assigned()) event.mutable_agency_assigned()->clear_category();
    if (event.has_response_given()) event.mutable_response_given()->clear_reaction_due_at();
    // Whether the lead's reporter answered, or what they may still do, is theirs.
    if (event.has_question_ended()) event.mutable_question_ended()->clear_ending();
    if (event.has_case_closed()) {
      event.mutable_case_closed()->clear_closing();
      event.mutable_case_closed()->clear_reopen_until();
    }
    ForgetSignals(event);
    *progress.add_timeline() = std::move(event);
  }
  return progress;
}

}  // namespace

// A checked submission on its way to an id.
struct Api::Submission {
  std::string key;
  std::string fingerprint;
  report::v1::Actor actor;
  std::shared_ptr<const v1::NewReport> report;  // without the identity
  std::vector<int64_t> word_keys;
  std::optional<v1::Identity> identity;
  std::string trace;
  Answer<v1::SubmitReportResponse> done;
};

struct Api::Reading {
  rpc::Caller caller;
  std::string trace;
  absl::Time deadline;
  std::string id;
  bool gave_receipt;
  std::string proof;
  Answer<v1::Report> done;
};

// A report on its way to its reader, and whose answers are to be asked for.
struct Api::Found {
  v1::Report report;
  // The ids of the reports; empty: there is nothing to ask for, or nothing that may be told.
  std::string answered_id;
  std::string answered_lead_id;
};

Api::Api(const ApiOptions& options, ApiParts parts)
    : options_(options), parts_(std::move(parts)), readers_(options.read_threads, options.max_queued_reads) {}

template <class Request, class Response>
Api::Reactor* Api::Unary(Context* context, const Bytes* request, Bytes* response,
                         Handler<Request, Response> handler, const char* method) {
  return parts_.responder.Write<Request, Response>(
      context, request, response,
      [this, handler](const rpc::Call& call, Request decoded, rpc::Done<Response> done) {
        (this->*handler)(call, std::move(decoded), std::move(done));
      },
      method);
}

Api::Reactor* Api::SubmitReport(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Submit);
}
Api::Reactor* Api::CompleteReport(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Complete);
}
Api::Reactor* Api::ReplyToReport(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Write<intake::ReplyToReport, v1::ReplyToReportRequest>);
}
Api::Reactor* Api::ReactToResponse(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::React);
}
Api::Reactor* Api::ContestArchive(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Write<intake::ContestArchive, v1::ContestArchiveRequest>);
}
Api::Reactor* Api::RequestReopening(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response,
               &Api::Object<intake::RequestReopening, v1::RequestReopeningRequest>);
}
Api::Reactor* Api::AppealClosing(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Object<intake::AppealClosing, v1::AppealClosingRequest>);
}
Api::Reactor* Api::WithdrawReport(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Withdraw);
}
Api::Reactor* Api::AddAttachment(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Attach);
}
Api::Reactor* Api::RequestEscalation(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Escalate);
}
Api::Reactor* Api::GetReport(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::Get);
}
Api::Reactor* Api::ListDuplicateCandidates(Context* context, const Bytes* request, Bytes* response) {
  return Unary(context, request, response, &Api::ListDuplicates);
}

grpc::ServerBidiReactor<Api::Bytes, Api::Bytes>* Api::SubmitReports(Context* context) {
  return parts_.responder.Converse<Bytes, Bytes>(
      context, [this](const rpc::Call& call, const Bytes& bytes, rpc::ItemDone<Bytes, Bytes> done) {
        auto request = rpc::Decode<v1::SubmitReportRequest>(bytes);
        const std::string request_id = request.ok() ? request->request_id() : "";
        const auto answer = [done = std::move(done), request_id,
                             trace = call.traceparent](absl::StatusOr<v1::SubmitReportResponse> submitted) {
          v1::SubmitReportsResponse response;
          response.set_request_id(request_id);
          if (submitted.ok()) {
            *response.mutable_accepted() = *std::move(submitted);
          } else {
            *response.mutable_refused() = rpc::ToRefusal(submitted.status(), rpc::TraceId(trace));
          }
          done(rpc::Encode(response));
        };
        if (!request.ok()) return answer(request.status());
        Submit(call, *std::move(request), answer);
      });
}

// --- Submission ---

std::vector<int64_t> Api::KeysOf(const std::string& title, const std::string& description) const {
  return parts_.vocabulary->WordKeys(parts_.vocabulary->TellingWords(title, description, kKeyWords));
}

absl::Status Api::MaySubmit(const rpc::Caller& caller) const {
  if (options_.open_counter && caller.anonymous()) return absl::OkStatus();
  return rpc::Require(caller, {report::v1::ROLE_CHANNEL, report::v1::ROLE_OFFICER,
                               report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_TRIAGE});
}

void Api::Submit(const rpc::Call& call, v1::SubmitReportRequest request,
                 Answer<v1::SubmitReportResponse> done) {
  if (const auto allowed = MaySubmit(call.caller); !allowed.ok()) return done(allowed);
  Refusals refusals;
  eventlog::CheckRequestId(call.caller, request.request_id(), refusals);
  CheckNewReport(request.report(), parts_.clock.Now(), *parts_.policy, refusals);
  if (!refusals.ok()) return done(refusals.status());

  auto submission = std::make_shared<Submission>();
  submission->key = eventlog::RequestKey(call.caller, request.request_id());
  submission->actor = ActorOf(call.caller);
  std::string identity;
  if (request.report().has_identity()) {
    submission->identity = std::move(*request.mutable_report()->mutable_identity());
    request.mutable_report()->clear_identity();
    // The plain hash of a body with an identity could be searched for it.
    identity = parts_.vault.Fingerprint(*submission->identity);
  }
  submission->fingerprint = eventlog::Fingerprint(request.report(), identity);
  submission->word_keys = KeysOf(request.report().title(), request.report().description());
  submission->report = std::make_shared<v1::NewReport>(std::move(*request.mutable_report()));
  submission->trace = call.traceparent;
  submission->done = std::move(done);
  SubmitUnderNewId(submission, kMaxDraws);
}

void Api::SubmitUnderNewId(const std::shared_ptr<const Submission>& submission, int draws) {
  std::string id = parts_.draw_tracking_id();
  intake::SubmitReport command{
      .actor = submission->actor,
      .report = submission->report,
      .sealed_identity = submission->identity ? parts_.vault.Seal(id, *submission->identity) : "",
      .receipt_hash = ReceiptHash(parts_.receipt_key.SecretOf(id)),
      .word_keys = submission->word_keys};
  parts_.executor.Submit({submission->key, submission->fingerprint, std::move(id), std::move(command),
                          submission->trace, [this, submission, draws](absl::StatusOr<Outcome> outcome) {
                            if (absl::IsFailedPrecondition(outcome.status())) {
                              if (draws > 1) return SubmitUnderNewId(submission, draws - 1);
                              return submission->done(
                                  absl::UnavailableError("no unused tracking id was found"));
                            }
                            if (!outcome.ok()) return submission->done(outcome.status());
                            // Of a repeated request this is the id that was drawn the first time.
                            v1::SubmitReportResponse response;
                            response.set_tracking_id(report::ShowTrackingId(outcome->subject));
                            response.set_receipt_secret(parts_.receipt_key.SecretOf(outcome->subject));
                            *response.mutable_received_at() = ToMicroseconds(outcome->decided_at);
                            *response.mutable_token() = TokenOf(*outcome);
                            submission->done(std::move(response));
                          }});
}

// --- The reporter's other requests ---

void Api::Change(const rpc::Call& call, const std::string& request_id, std::string fingerprint,
                 std::string id, Command command, Answer<v1::ReportChange> done) {
  std::string key = eventlog::ReporterRequestKey(id, request_id);
  parts_.executor.Submit({std::move(key), std::move(fingerprint), std::move(id), std::move(command),
                          call.traceparent, [done = std::move(done)](absl::StatusOr<Outcome> outcome) {
                            if (!outcome.ok()) return done(outcome.status());
                            v1::ReportChange change;
                            change.set_tracking_id(report::ShowTrackingId(outcome->subject));
                            change.set_status(static_cast<report::v1::ReportStatus>(outcome->state));
                            *change.mutable_token() = TokenOf(*outcome);
                            done(std::move(change));
                          }});
}

void Api::Complete(const rpc::Call& call, v1::CompleteReportRequest request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  CheckPlace("", request.category(), request.region(), *parts_.policy, refusals);
  report::CheckText("description", request.description(), report::TextForm::kText, report::kMaxTextCharacters,
                    false, refusals);
  CheckAttachments("attachments", request.attachments(), refusals);
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         intake::CompleteReport{.proof = std::move(claim.proof),
                                .category = request.category(),
                                .region = request.region(),
                                .description = request.description(),
                                .attachments = {request.attachments().begin(), request.attachments().end()},
                                .word_keys = KeysOf("", request.description())},
         std::move(done));
}

// What a reporter writes, to whomever.
template <class Words, class Request>
void Api::Write(const rpc::Call& call, Request request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters, true,
                    refusals);
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         Words{.proof = std::move(claim.proof), .message_id = eventlog::NewUuid(), .text = request.text()},
         std::move(done));
}

// What a reporter brings forward against how the report was closed or answered.
template <class Dispute, class Request>
void Api::Object(const rpc::Call& call, Request request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  CheckReason("reason", request.reason(), true, refusals);
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters, true,
                    refusals);
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         Dispute{.proof = std::move(claim.proof),
                 .message_id = eventlog::NewUuid(),
                 .text = request.text(),
                 .reason = request.reason()},
         std::move(done));
}

void Api::React(const rpc::Call& call, v1::ReactToResponseRequest request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  if (request.rating() < 0 || request.rating() > kMaxRating) {
    refusals.Add("rating", fmt::format("must be 1 to {}, or 0 for none", kMaxRating), "choose one of these");
  }
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters,
                    !request.satisfied(), refusals);
  CheckReason("reason", request.reason(), false, refusals);
  if (request.satisfied() && request.reason() != event::v1::DISSATISFACTION_REASON_UNSPECIFIED) {
    refusals.Add("reason", "is for a reporter who is not satisfied",
                 "leave it out, or set satisfied to false");
  }
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         intake::ReactToResponse{.proof = std::move(claim.proof),
                                 .satisfied = request.satisfied(),
                                 .rating = request.rating(),
                                 .message_id = eventlog::NewUuid(),
                                 .text = request.text(),
                                 .reason = request.reason()},
         std::move(done));
}

void Api::Withdraw(const rpc::Call& call, v1::WithdrawReportRequest request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         intake::WithdrawReport{.proof = std::move(claim.proof)}, std::move(done));
}

void Api::Attach(const rpc::Call& call, v1::AddAttachmentRequest request, Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  report::CheckAttachment("attachment", request.attachment(), refusals);
  if (!refusals.ok()) return done(refusals.status());
  Change(call, request.request_id(), eventlog::Fingerprint(request), std::move(claim.id),
         intake::AddAttachment{.proof = std::move(claim.proof), .attachment = request.attachment()},
         std::move(done));
}

void Api::Escalate(const rpc::Call& call, v1::RequestEscalationRequest request,
                   Answer<v1::ReportChange> done) {
  Refusals refusals;
  Claim claim = CheckReceipt(request.request_id(), request.receipt(), refusals);
  if (request.has_identity()) CheckIdentity("identity", request.identity(), refusals);
  CheckDeclarations("declarations", request.declarations(), parts_.clock.Now(), refusals);
  if (!refusals.ok()) return done(refusals.status());
  std::string identity;
  std::string sealed;
  if (request.has_identity()) {
    identity = parts_.vault.Fingerprint(request.identity());
    sealed = parts_.vault.Seal(claim.id, request.identity());
    request.clear_identity();
  }
  Change(call, request.request_id(), eventlog::Fingerprint(request, identity), std::move(claim.id),
         intake::RequestEscalation{.proof = std::move(claim.proof),
                                   .sealed_identity = std::move(sealed),
                                   .name_secret = request.name_secret(),
                                   .declarations = request.declarations(),
                                   .direct = request.direct()},
         std::move(done));
}

// --- Reading ---

void Api::Get(const rpc::Call& call, v1::GetReportRequest request, Answer<v1::Report> done) {
  Refusals refusals;
  // An agency may know the report by its child assignment.
  report::AssignmentId id = report::CheckAssignmentId("tracking_id", request.tracking_id(), refusals);
  if (!refusals.ok()) return done(refusals.status());
  const auto reading = std::make_shared<const Reading>(
      Reading{call.caller, call.traceparent, call.deadline, std::move(id.report_id),
              !request.receipt_secret().empty(), ReceiptHash(request.receipt_secret()), std::move(done)});
  ReadWhenVisible(
      request.not_before(), reading->deadline, [this, reading] { Read(reading); },
      [reading](const absl::Status& refusal) { reading->done(refusal); });
}

void Api::ReadWhenVisible(const google::protobuf::RepeatedPtrField<report::v1::Token>& not_before,
                          absl::Time deadline, std::function<void()> read,
                          std::function<void(const absl::Status&)> refuse) {
  parts_.visibility.Await(
      {not_before.begin(), not_before.end()},
      [this, deadline, read = std::move(read), refuse = std::move(refuse)](const absl::Status& visible) {
        if (!visible.ok()) return refuse(visible);
        const bool queued = readers_.TrySubmit([deadline, read, refuse] {
          if (absl::Now() < deadline) return read();
          refuse(absl::DeadlineExceededError("the deadline passed before the read began"));
        });
        if (queued) return;
        refuse(Refuse(absl::StatusCode::kResourceExhausted, "server", "has too many reads waiting",
                      "try again after a pause, and a longer one each time"));
      });
}

void Api::ListDuplicates(const rpc::Call& call, v1::ListDuplicateCandidatesRequest request,
                         Answer<v1::ListDuplicateCandidatesResponse> done) {
  const auto allowed = rpc::Require(call.caller, {report::v1::ROLE_TRIAGE, report::v1::ROLE_SERVICE});
  if (!allowed.ok()) return done(allowed);
  Refusals refusals;
  const std::string id = report::CheckTrackingId("tracking_id", request.tracking_id(), refusals);
  int max_candidates = request.max_candidates();
  if (max_candidates < 0 || max_candidates > kMaxDuplicateCandidates) {
    refusals.Add(
        "max_candidates",
        fmt::format("must be 1 to {}, or 0 for {}", kMaxDuplicateCandidates, kDefaultDuplicateCandidates),
        "choose one of these");
  }
  if (!refusals.ok()) return done(refusals.status());
  if (max_candidates == 0) max_candidates = kDefaultDuplicateCandidates;
  ReadWhenVisible(
      request.not_before(), call.deadline,
      [this, id, max_candidates, done] {
        v1::ListDuplicateCandidatesResponse response;
        const absl::Status read = parts_.pool.Read([&](pg::Tx& tx) -> absl::Status {
          response.Clear();
          const std::optional<Report> report = Find(tx, id);
          if (!report) {
            return Refuse(absl::StatusCode::kNotFound, "tracking_id",
                          "there is no report with this tracking id", "compare it with the work list");
          }
          for (auto& candidate : FindDuplicates(tx, *report, *parts_.vocabulary, parts_.clock.Now(),
                                                static_cast<size_t>(max_candidates))) {
            *response.add_candidates() = std::move(candidate);
          }
          return absl::OkStatus();
        });
        if (!read.ok()) return done(read);
        done(std::move(response));
      },
      done);
}

void Api::Read(const std::shared_ptr<const Reading>& reading) {
  absl::StatusOr<Found> found = ReadReport(*reading);
  if (!found.ok()) return reading->done(found.status());
  CollectResponses(reading, std::make_shared<Found>(*std::move(found)));
}

void Api::CollectResponses(const std::shared_ptr<const Reading>& reading,
                           const std::shared_ptr<Found>& found) {
  const bool of_lead = found->answered_id.empty();
  const std::string id = std::exchange(of_lead ? found->answered_lead_id : found->answered_id, "");
  if (id.empty()) return reading->done(std::move(found->report));
  parts_.ask_responses(
      id, reading->trace,
      [this, reading, found, of_lead](absl::StatusOr<followup::v1::ListResponsesResponse> listed) {
        v1::Report& report = found->report;
        if (listed.ok()) {
          AddResponses(*std::move(listed), of_lead,
                       of_lead ? *report.mutable_lead()->mutable_responses() : *report.mutable_responses());
        } else {
          report.set_responses_unavailable(true);
        }
        CollectResponses(reading, found);
      });
}

absl::StatusOr<Api::Found> Api::ReadReport(const Reading& reading) {
  std::optional<Report> report;
  std::optional<Report> lead;
  Contents contents;
  std::vector<event::v1::Event> lead_timeline;
  std::string sealed_identity;
  const absl::Status read = parts_.pool.Read([&](pg::Tx& tx) -> absl::Status {
    report = Find(tx, reading.id);
    if (!report) {
      return Refuse(absl::StatusCode::kNotFound, "tracking_id", "there is no report with this tracking id",
                    "compare it with the receipt");
    }
    if (!report->lead_report_id.empty()) lead = Find(tx, report->lead_report_id);
    const auto sight =
        MayRead(*report, lead ? &*lead : nullptr, reading.caller, reading.gave_receipt, reading.proof);
    if (!sight.ok()) return sight.status();
    contents = ReadContents(tx, *report);
    if (lead) lead_timeline = ReadTimeline(tx, *lead);
    if (sight->reporter_name) sealed_identity = ReadSealedIdentity(tx, *report);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;

  Found found{.report = Describe(*report, std::move(contents)), .answered_id = "", .answered_lead_id = ""};
  v1::Report& proto = found.report;
  if (HasResponses(proto.timeline())) found.answered_id = report->id;
  // By their own right: a reporter has none to the lead, nor the Ombudsman unless its reporter agreed.
  const bool may_read_lead =
      lead && !reading.gave_receipt && MayRead(*lead, nullptr, reading.caller, false, "").ok();
  const bool knows_others = !reading.gave_receipt && reading.caller.role != report::v1::ROLE_OMBUDSMAN;
  if (!knows_others) {
    for (event::v1::Event& event : *proto.mutable_timeline())
      ForgetOtherReports(event, may_read_lead ? lead->id : "");
  }
  if (reading.gave_receipt) {
    for (event::v1::Event& event : *proto.mutable_timeline()) ForgetSignals(event);
  }
  const std::string agency_id = report::AgencyOf(reading.caller.role, reading.caller.agency_id);
  if (!agency_id.empty() && !reading.gave_receipt) {
    ForgetOthersDocuments(agency_id, *proto.mutable_timeline());
    ForgetDeclarations(*proto.mutable_timeline());
  }
  if (lead) {
    *proto.mutable_lead() = DescribeLead(*lead, std::move(lead_timeline));
    if (may_read_lead) proto.mutable_lead()->set_tracking_id(report::ShowTrackingId(lead->id));
    if (HasResponses(proto.lead().timeline()) && (may_read_lead || !lead->confidential))
      found.answered_lead_id = lead->id;
  }
  if (sealed_identity.empty()) return found;
  auto identity = parts_.vault.Open(reading.id, sealed_identity);
  // A report whose name is lost is still worth reading; operators learn of it.
  if (!identity.ok()) {
    runtime::Log(runtime::Level::kError, "identity.unreadable", {{"report_id", reading.id}},
                 rpc::TraceId(reading.trace));
    return found;
  }
  proto.mutable_reporter_name()->swap(*identity->mutable_name());
  return found;
}

}  // namespace lapor::intake
