#include "services/ombudsman/api.h"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/report/roles.h"
#include "libs/rpc/auth.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/grounds.h"
#include "services/ombudsman/store.h"

namespace lapor::ombudsman {
namespace {

constexpr char kProducer[] = "ombudsman";

// Of how cases stand; letters are for fewer.
absl::Status RequireReader(const rpc::Caller& caller) {
  return rpc::Require(caller, {report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_MONITOR,
                               report::v1::ROLE_OPERATOR, report::v1::ROLE_SERVICE});
}

event::v1::GroundVerdict ToProto(const Verdict& verdict) {
  event::v1::GroundVerdict proto;
  proto.set_ground(verdict.ground);
  proto.set_met(verdict.met);
  proto.set_basis(verdict.basis);
  return proto;
}

v1::Judgement ToJudgement(const Verdict& verdict) {
  v1::Judgement proto;
  proto.set_ground(verdict.ground);
  proto.set_met(verdict.met);
  proto.set_reason(verdict.reason);
  return proto;
}

v1::NoteKind ToProto(NoteKind kind) {
  switch (kind) {
    case NoteKind::kRapidResponse:
      return v1::NOTE_KIND_RAPID_RESPONSE;
    case NoteKind::kTransfer:
      return v1::NOTE_KIND_TRANSFER;
    case NoteKind::kCompliance:
      return v1::NOTE_KIND_COMPLIANCE;
  }
  return v1::NOTE_KIND_UNSPECIFIED;
}

v1::Note ToProto(const Note& note) {
  v1::Note proto;
  proto.set_kind(ToProto(note.kind));
  *proto.mutable_written_at() = decision::ToProto(note.written_at);
  proto.set_text(note.text);
  return proto;
}

// With its law, and the remedy if it is not met.
v1::GroundPreview Explain(const event::v1::GroundVerdict& verdict) {
  v1::GroundPreview ground;
  *ground.mutable_verdict() = verdict;
  ground.set_source(SourceOf(verdict.ground()));
  ground.set_confidence(ConfidenceOf(verdict.ground()));
  if (!verdict.met()) ground.set_remedy(RemedyOf(verdict.ground()));
  return ground;
}

std::string NumberOf(const Escalation& escalation, int document) {
  return document == 0 ? "" : ToString(DocumentId{escalation.id, escalation.number, document});
}

v1::Clock ToProto(const Escalation& escalation, const CaseClock& clock) {
  v1::Clock proto;
  proto.set_clock(clock.clock);
  *proto.mutable_started_at() = decision::ToProto(clock.started_at);
  *proto.mutable_due_at() = decision::ToProto(clock.due_at);
  if (clock.met_at) *proto.mutable_met_at() = decision::ToProto(*clock.met_at);
  if (clock.breached_at) *proto.mutable_breached_at() = decision::ToProto(*clock.breached_at);
  proto.set_document_number(NumberOf(escalation, clock.document));
  proto.set_reminded_percent(clock.reminded_percent);
  return proto;
}

v1::Escalation ToProto(const rpc::Caller& caller, const Escalation& escalation) {
  v1::Escalation proto;
  proto.set_report_id(escalation.id);
  proto.set_stage(escalation.stage);
  proto.set_cause(escalation.cause);
  proto.set_clock(escalation.clock);
  proto.set_respondent_agency_id(escalation.respondent_agency_id);
  if (escalation.opened_at) *proto.mutable_opened_at() = decision::ToProto(*escalation.opened_at);
  proto.set_consented(escalation.consented_at.has_value());
  proto.set_name_secret(escalation.name_secret);
  proto.set_outcome(escalation.outcome);
  proto.set_maladministration(escalation.maladministration);
  if (escalation.closed_at) *proto.mutable_closed_at() = decision::ToProto(*escalation.closed_at);
  proto.set_number(escalation.number);
  // What people declare is no business of those who run the machines.
  if (escalation.consented_at && caller.role != report::v1::ROLE_OPERATOR)
    *proto.mutable_declarations() = escalation.declarations;
  proto.set_office(escalation.office);
  proto.set_rapid_response(escalation.rapid_response);
  proto.set_overdue(IsOverdue(escalation));
  proto.set_direct(escalation.direct);
  for (const CaseClock& clock : escalation.clocks) *proto.add_clocks() = ToProto(escalation, clock);
  if (const Document* report = ExaminationReportOf(escalation)) {
    proto.set_finding(report->finding);
    proto.set_maladministration(report->maladministration);
  }
  proto.set_compliance(escalation.compliance);
  return proto;
}

v1::Document ToProto(const std::string& report_id, Correspondence c) {
  v1::Document proto;
  const Document& document = c.document;
  proto.set_document_number(ToString(DocumentId{report_id, c.escalation, document.number}));
  proto.set_kind(document.kind);
  proto.set_agency_id(document.agency_id);
  proto.set_addressee(std::move(c.letter.addressee));
  proto.set_text_sha256(std::move(c.letter.text_sha256));
  proto.set_text(std::move(c.letter.text));
  proto.mutable_attachments()->Assign(c.letter.attachments.begin(), c.letter.attachments.end());
  *proto.mutable_issued_at() = decision::ToProto(document.issued_at);
  if (document.delivered_at) *proto.mutable_delivered_at() = decision::ToProto(*document.delivered_at);
  if (c.due_at) *proto.mutable_due_at() = decision::ToProto(*c.due_at);
  for (Reply& reply : c.replies) {
    v1::Reply& told = *proto.add_replies();
    *told.mutable_replied_at() = decision::ToProto(reply.replied_at);
    told.set_text(std::move(reply.text));
    told.mutable_attachments()->Assign(reply.attachments.begin(), reply.attachments.end());
    told.set_agency_id(std::move(reply.agency_id));
  }
  proto.set_finding(document.finding);
  proto.set_maladministration(document.maladministration);
  proto.set_office(document.office);
  return proto;
}

void SetSubject(const std::string& subject, v1::EscalationChange& change) { change.set_report_id(subject); }
void SetSubject(const std::string& subject, v1::DocumentChange& change) {
  change.set_document_number(subject);
}

template <class Change>
Change ToProto(const eventlog::Outcome& outcome) {
  Change change;
  SetSubject(outcome.subject, change);
  change.set_stage(static_cast<EscalationStage>(outcome.state));
  change.mutable_token()->set_producer(kProducer);
  change.mutable_token()->set_partition(outcome.partition);
  change.mutable_token()->set_position(outcome.position);
  return change;
}

}  // namespace

rpc::Reactor* Api::ListEscalations(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ListEscalationsRequest, v1::ListEscalationsResponse>(
      context, request, response, visibility_.NotBefore<v1::ListEscalationsRequest>(),
      [this](const rpc::Call& call, const v1::ListEscalationsRequest& r) { return List(call.caller, r); });
}

absl::StatusOr<v1::ListEscalationsResponse> Api::List(const rpc::Caller& caller,
                                                      const v1::ListEscalationsRequest& request) const {
  if (auto status = RequireReader(caller); !status.ok()) return status;
  const auto query = Read(request);
  if (!query.ok()) return query.status();

  std::vector<Escalation> escalations;
  std::vector<Verdict> verdicts;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    escalations = ombudsman::ListEscalations(tx, *query);
    verdicts = ReadVerdicts(tx, escalations);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;

  v1::ListEscalationsResponse response;
  std::map<std::string, v1::Escalation*> by_report;
  for (const Escalation& escalation : escalations) {
    v1::Escalation* proto = response.add_escalations();
    *proto = ToProto(caller, escalation);
    by_report[escalation.id] = proto;
  }
  for (const Verdict& verdict : verdicts) *by_report.at(verdict.report_id)->add_verdicts() = ToProto(verdict);
  if (response.escalations_size() == query->limit)
    response.set_next_page_token(PageTokenAfter(escalations.back()));
  return response;
}

rpc::Reactor* Api::GetEscalation(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::GetEscalationRequest, v1::Escalation>(
      context, request, response, visibility_.NotBefore<v1::GetEscalationRequest>(),
      [this](const rpc::Call& call, const v1::GetEscalationRequest& r) { return Get(call.caller, r); });
}

absl::StatusOr<v1::Escalation> Api::Get(const rpc::Caller& caller,
                                        const v1::GetEscalationRequest& request) const {
  if (auto status = RequireReader(caller); !status.ok()) return status;
  return Describe(caller, request.report_id());
}

absl::StatusOr<v1::Escalation> Api::Describe(const rpc::Caller& caller,
                                             const std::string& typed_report_id) const {
  Findings findings;
  const auto found = Find(typed_report_id, &findings);
  if (!found.ok()) return found.status();
  return Describe(caller, *found, findings);
}

v1::Escalation Api::Describe(const rpc::Caller& caller, const Escalation& escalation,
                             const Findings& findings) const {
  v1::Escalation told = ToProto(caller, escalation);
  for (const Verdict& verdict : findings.verdicts) *told.add_verdicts() = ToProto(verdict);
  for (size_t i = 0; i < escalation.clocks.size(); ++i) {
    const auto explained = policy_->Explain(InPolicy(escalation, escalation.clocks[i]));
    // A version that is not loaded any more explains nothing; the clock stands all the same.
    if (explained.ok()) *told.mutable_clocks(static_cast<int>(i))->mutable_explanation() = *explained;
  }
  // Reasons stay with the Ombudsman.
  if (caller.role != report::v1::ROLE_OMBUDSMAN) return told;
  for (const Verdict& verdict : findings.verdicts) {
    if (verdict.basis == event::v1::VERDICT_BASIS_JUDGEMENT) *told.add_judgements() = ToJudgement(verdict);
  }
  for (const Note& note : findings.notes) *told.add_notes() = ToProto(note);
  return told;
}

absl::StatusOr<Escalation> Api::Find(const std::string& typed_report_id, Findings* findings) const {
  const auto report_id = ReadReportId(typed_report_id);
  if (!report_id.ok()) return report_id.status();
  std::optional<Escalation> found;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    found = FindEscalation(tx, *report_id);
    if (found && findings) *findings = ReadFindings(tx, *found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (found) return *std::move(found);
  return decision::Refuse(absl::StatusCode::kNotFound, "report_id", "is not before the Ombudsman",
                          "check the tracking id; right after another call, give its token in not_before");
}

rpc::Reactor* Api::PreviewEligibility(rpc::Context* context, const rpc::Bytes* request,
                                      rpc::Bytes* response) {
  return responder_.ReadWhen<v1::PreviewEligibilityRequest, v1::PreviewEligibilityResponse>(
      context, request, response, visibility_.NotBefore<v1::PreviewEligibilityRequest>(),
      [this](const rpc::Call& call, const v1::PreviewEligibilityRequest& r) {
        return Preview(call.caller, r);
      });
}

absl::StatusOr<v1::PreviewEligibilityResponse> Api::Preview(
    const rpc::Caller& caller, const v1::PreviewEligibilityRequest& request) const {
  if (auto status = RequireReader(caller); !status.ok()) return status;
  const auto found = Find(request.report_id(), nullptr);
  if (!found.ok()) return found.status();
  const policy::v1::PolicyVersion* version = policy_->FindVersion(found->facts.policy_version);
  if (version == nullptr) {
    return decision::Refuse(absl::StatusCode::kFailedPrecondition, "policy",
                            "the version under which the report was received is not loaded",
                            "when the operators have put the policy data right, ask again");
  }
  const auto verdicts = Judge(*found, version->limits(), {}, clock_.Now());
  v1::PreviewEligibilityResponse response;
  for (const event::v1::GroundVerdict& verdict : verdicts) *response.add_grounds() = Explain(verdict);
  response.set_eligible(IsEligible(verdicts));
  return response;
}

rpc::Reactor* Api::CheckEligibility(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  // On a thread for reads: the verdicts, which are part of the answer and of its repeats, are read back.
  return responder_.ReadWhen<v1::CheckEligibilityRequest, v1::EscalationChange>(
      context, request, response, visibility_.NotBefore<v1::CheckEligibilityRequest>(),
      [this](const rpc::Call& call, const v1::CheckEligibilityRequest& r) { return Check(call, r); });
}

absl::StatusOr<v1::EscalationChange> Api::Check(const rpc::Call& call,
                                                const v1::CheckEligibilityRequest& request) {
  std::promise<absl::StatusOr<eventlog::Outcome>> decided;
  Submit(call, request,
         [&](absl::StatusOr<eventlog::Outcome> outcome) { decided.set_value(std::move(outcome)); });
  const auto outcome = decided.get_future().get();
  if (!outcome.ok()) return outcome.status();

  std::vector<Verdict> verdicts;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    verdicts = ReadVerdicts(tx, outcome->subject, outcome->decided_at);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  auto change = ToProto<v1::EscalationChange>(*outcome);
  for (const Verdict& verdict : verdicts) {
    *change.add_verdicts() = ToProto(verdict);
    *change.add_grounds() = Explain(ToProto(verdict));
  }
  return change;
}

rpc::Reactor* Api::AdvanceEscalation(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::AdvanceEscalationRequest, v1::EscalationChange>(context, request, response);
}

rpc::Reactor* Api::OpenRapidResponse(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::OpenRapidResponseRequest, v1::EscalationChange>(context, request, response);
}

rpc::Reactor* Api::TransferEscalation(rpc::Context* context, const rpc::Bytes* request,
                                      rpc::Bytes* response) {
  return Write<v1::TransferEscalationRequest, v1::EscalationChange>(context, request, response);
}

rpc::Reactor* Api::IssueDocument(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::IssueDocumentRequest, v1::DocumentChange>(context, request, response);
}

rpc::Reactor* Api::RecordDelivery(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::RecordDeliveryRequest, v1::DocumentChange>(context, request, response);
}

rpc::Reactor* Api::ReplyToDocument(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::ReplyToDocumentRequest, v1::DocumentChange>(context, request, response);
}

rpc::Reactor* Api::RecordCompliance(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::RecordComplianceRequest, v1::EscalationChange>(context, request, response);
}

rpc::Reactor* Api::CloseEscalation(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return Write<v1::CloseEscalationRequest, v1::EscalationChange>(context, request, response);
}

rpc::Reactor* Api::ListDocuments(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ListDocumentsRequest, v1::ListDocumentsResponse>(
      context, request, response, visibility_.NotBefore<v1::ListDocumentsRequest>(),
      [this](const rpc::Call& call, const v1::ListDocumentsRequest& r) { return Documents(call.caller, r); });
}

absl::StatusOr<v1::ListDocumentsResponse> Api::Documents(const rpc::Caller& caller,
                                                         const v1::ListDocumentsRequest& request) const {
  // An agency sees what was delivered to it; operators see no letters.
  const bool agency = report::IsOfAgency(caller.role);
  if (!agency) {
    if (auto status = rpc::Require(
            caller, {report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_MONITOR, report::v1::ROLE_SERVICE});
        !status.ok()) {
      return status;
    }
  }
  const auto report_id = ReadReportId(request.report_id());
  if (!report_id.ok()) return report_id.status();
  std::vector<Correspondence> documents;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    documents = ombudsman::ListDocuments(tx, *report_id, agency ? caller.agency_id : "");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  v1::ListDocumentsResponse response;
  for (Correspondence& document : documents) {
    *response.add_documents() = ToProto(*report_id, std::move(document));
  }
  return response;
}

rpc::Reactor* Api::ListOffices(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::ListOfficesRequest, v1::ListOfficesResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ListOfficesRequest&) { return Offices(call.caller); });
}

absl::StatusOr<v1::ListOfficesResponse> Api::Offices(const rpc::Caller& caller) const {
  if (auto status = rpc::Require(
          caller, {report::v1::ROLE_CHANNEL, report::v1::ROLE_OFFICER, report::v1::ROLE_AGENCY_ADMIN,
                   report::v1::ROLE_TRIAGE, report::v1::ROLE_ARBITER, report::v1::ROLE_OMBUDSMAN,
                   report::v1::ROLE_MONITOR, report::v1::ROLE_ANALYST, report::v1::ROLE_OPERATOR,
                   report::v1::ROLE_SERVICE});
      !status.ok()) {
    return status;
  }
  v1::ListOfficesResponse response;
  for (const auto& [code, office] : offices_) {
    v1::Office& proto = *response.add_offices();
    proto.set_code(code);
    proto.set_name(office.name);
    for (const std::string& province : office.provinces) proto.add_province(province);
  }
  return response;
}

template <class Request, class Response>
rpc::Reactor* Api::Write(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<Request, Response>(
      context, request, response,
      [this](const rpc::Call& call, const Request& r, const Done<Response>& done) {
        Change<Request, Response>(call, r, done);
      });
}

template <class Request, class Response>
void Api::Change(const rpc::Call& call, const Request& request, const Done<Response>& done) {
  // The request is gone when this returns.
  visibility_.NotBefore<Request>()(request, [this, call, request, done](const absl::Status& visible) {
    if (!visible.ok()) return done(visible);
    Submit(call, request, [done](absl::StatusOr<eventlog::Outcome> outcome) {
      if (!outcome.ok()) return done(outcome.status());
      done(ToProto<Response>(*outcome));
    });
  });
}

template <class Request>
void Api::Submit(const rpc::Call& call, const Request& request, Executor::Done done) {
  // An agency answers what it was asked; whether it was, the document says.
  const bool may_reply =
      std::is_same_v<Request, v1::ReplyToDocumentRequest> && report::IsOfAgency(call.caller.role);
  if (!may_reply) {
    if (auto status = rpc::Require(call.caller, {report::v1::ROLE_OMBUDSMAN}); !status.ok())
      return done(status);
  }
  report::v1::Actor actor;
  actor.set_role(call.caller.role);
  actor.set_agency_id(call.caller.agency_id);
  auto command = Read(request, actor);
  if (!command.ok()) return done(command.status());
  executor_.Submit({eventlog::RequestKey(call.caller, request.request_id()), eventlog::Fingerprint(request),
                    std::move(command->report_id), std::move(command->command), call.traceparent,
                    std::move(done)});
}

}  // namespace lapor::ombudsman
