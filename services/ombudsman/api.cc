#include "services/ombudsman/api.h"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/rpc/auth.h"
#include "services/ombudsman/store.h"

namespace lapor::ombudsman {
namespace {

constexpr char kProducer[] = "ombudsman";

absl::Status RequireReader(const rpc::Caller& caller) {
  return rpc::Require(caller, {report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_MONITOR,
                               report::v1::ROLE_OPERATOR, report::v1::ROLE_SERVICE});
}

// So that an escalation and its verdicts are of one moment.
void SeeOneMoment(pg::Tx& tx) { tx.Run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); }

event::v1::GroundVerdict ToProto(const Verdict& verdict) {
  event::v1::GroundVerdict proto;
  proto.set_ground(verdict.ground);
  proto.set_met(verdict.met);
  return proto;
}

v1::Escalation ToProto(const Escalation& escalation) {
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
  if (escalation.consented_at) *proto.mutable_declarations() = escalation.declarations;
  return proto;
}

v1::EscalationChange ToProto(const eventlog::Outcome& outcome) {
  v1::EscalationChange change;
  change.set_report_id(outcome.subject);
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
    SeeOneMoment(tx);
    escalations = ombudsman::ListEscalations(tx, *query);
    verdicts = ReadVerdicts(tx, escalations);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;

  v1::ListEscalationsResponse response;
  std::map<std::string, v1::Escalation*> by_report;
  for (const Escalation& escalation : escalations) {
    v1::Escalation* proto = response.add_escalations();
    *proto = ToProto(escalation);
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
  const auto report_id = ReadReportId(request.report_id());
  if (!report_id.ok()) return report_id.status();

  std::optional<Escalation> found;
  std::vector<Verdict> verdicts;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    SeeOneMoment(tx);
    found = FindEscalation(tx, *report_id);
    if (found) verdicts = ReadVerdicts(tx, {*found});
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!found) {
    return decision::Refuse(absl::StatusCode::kNotFound, "report_id", "is not before the Ombudsman",
                            "check the tracking id; right after another call, give its token in not_before");
  }
  v1::Escalation response = ToProto(*found);
  for (const Verdict& verdict : verdicts) *response.add_verdicts() = ToProto(verdict);
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
  v1::EscalationChange change = ToProto(*outcome);
  for (const Verdict& verdict : verdicts) *change.add_verdicts() = ToProto(verdict);
  return change;
}

rpc::Reactor* Api::AdvanceEscalation(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::AdvanceEscalationRequest, v1::EscalationChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::AdvanceEscalationRequest& r, const Done& done) {
        Change(call, r, done);
      });
}

rpc::Reactor* Api::CloseEscalation(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::CloseEscalationRequest, v1::EscalationChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::CloseEscalationRequest& r, const Done& done) {
        Change(call, r, done);
      });
}

template <class Request>
void Api::Change(const rpc::Call& call, const Request& request, const Done& done) {
  // The request is gone when this returns.
  visibility_.NotBefore<Request>()(request, [this, call, request, done](const absl::Status& visible) {
    if (!visible.ok()) return done(visible);
    Submit(call, request, [done](absl::StatusOr<eventlog::Outcome> outcome) {
      if (!outcome.ok()) return done(outcome.status());
      done(ToProto(*outcome));
    });
  });
}

template <class Request>
void Api::Submit(const rpc::Call& call, const Request& request, Executor::Done done) {
  if (auto status = rpc::Require(call.caller, {report::v1::ROLE_OMBUDSMAN}); !status.ok())
    return done(status);
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
