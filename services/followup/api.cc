#include "services/followup/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/eventlog/uuid.h"
#include "libs/report/agency_id.h"
#include "libs/report/assignment_id.h"
#include "libs/report/roles.h"
#include "libs/rpc/auth.h"
#include "libs/runtime/log.h"
#include "services/followup/signals.h"
#include "services/followup/store.h"

namespace lapor::followup {
namespace {

using decision::Refuse;
using report::v1::Actor;
using report::v1::ROLE_AGENCY_ADMIN;
using report::v1::ROLE_ARBITER;
using report::v1::ROLE_MONITOR;
using report::v1::ROLE_OFFICER;
using report::v1::ROLE_OMBUDSMAN;
using report::v1::ROLE_OPERATOR;
using report::v1::ROLE_SERVICE;
using report::v1::ROLE_TRIAGE;

constexpr char kProducer[] = "followup";

Actor ActorOf(const rpc::Caller& caller) {
  Actor actor;
  actor.set_role(caller.role);
  actor.set_agency_id(caller.agency_id);
  return actor;
}

// Cases hold no words and no person: whoever watches over all agencies may read all of them, officers those
// of their own, administrators and arbiters of an agency those of the agencies below it, too.
absl::Status RequireReader(const rpc::Caller& caller) {
  return rpc::Require(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN, ROLE_TRIAGE, ROLE_ARBITER, ROLE_OMBUDSMAN,
                               ROLE_MONITOR, ROLE_OPERATOR, ROLE_SERVICE});
}

// Of a reader: whether they may read what these agencies hold, any of them.
absl::Status RequireSight(const rpc::Caller& caller, const std::vector<std::string>& agency_ids,
                          const std::string& field) {
  const bool officer = caller.role == ROLE_OFFICER;
  const bool coordinator =
      caller.role == ROLE_AGENCY_ADMIN || (caller.role == ROLE_ARBITER && !IsNational(ActorOf(caller)));
  if (!officer && !coordinator) return absl::OkStatus();
  const bool seen = std::ranges::any_of(agency_ids, [&](const std::string& agency_id) {
    return report::IsWithin(agency_id, caller.agency_id) && (coordinator || agency_id == caller.agency_id);
  });
  if (seen) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kPermissionDenied, field, "is not of the caller's agency, nor of one below",
      "officers read the cases that their own agency holds, administrators and arbiters those of the "
      "agencies below it, too");
}

// Who has a part of a report, not taken back, sees the whole: the answer is one. So does who judges it.
absl::Status RequireSight(const rpc::Caller& caller, const Case& report) {
  std::vector<std::string> agency_ids = {report.agency_id};
  for (const Case& child : report.children) {
    if (child.state != v1::CASE_STATE_ENDED) agency_ids.push_back(child.agency_id);
  }
  if (IsAppealed(report)) agency_ids.push_back(report.supervisor_agency_id);
  return RequireSight(caller, agency_ids, "report_id");
}

// Whether the caller is one of that agency's own people.
bool IsOwn(const rpc::Caller& caller, const std::string& agency_id) {
  return report::IsOfAgency(caller.role) && caller.agency_id == agency_id;
}

absl::Status UnknownReport() {
  return Refuse(absl::StatusCode::kNotFound, "report_id", "is not known here",
                "check the tracking id; right after another call, give its token in not_before");
}

void AddTime(const std::optional<absl::Time>& time, google::protobuf::Timestamp* (v1::CaseClock::*field)(),
             v1::CaseClock& proto) {
  if (time) *(proto.*field)() = decision::ToProto(*time);
}

v1::Appeal AppealOf(const Case& c) {
  v1::Appeal proto;
  proto.set_supervisor_agency_id(c.supervisor_agency_id);
  *proto.mutable_opened_at() = decision::ToProto(*c.appeal.started_at);
  *proto.mutable_due_at() = decision::ToProto(*c.appeal.due_at);
  if (c.appeal.met_at) *proto.mutable_decided_at() = decision::ToProto(*c.appeal.met_at);
  proto.set_granted(c.appeal_granted);
  return proto;
}

// As far as it is the caller's to know.
v1::Case ToProto(const Case& c, const rpc::Caller& caller) {
  v1::Case proto;
  proto.set_report_id(c.id);
  proto.set_state(c.state);
  proto.set_agency_id(c.agency_id);
  proto.set_report_class(c.report_class);
  proto.set_supervision(c.supervision);
  proto.set_category(c.category);
  proto.set_region(c.region);
  *proto.mutable_received_at() = decision::ToProto(c.received_at);
  if (c.first_response.started_at)
    *proto.mutable_opened_at() = decision::ToProto(*c.first_response.started_at);
  if (c.first_response.met_at)
    *proto.mutable_first_responded_at() = decision::ToProto(*c.first_response.met_at);
  if (c.closed_at) *proto.mutable_closed_at() = decision::ToProto(*c.closed_at);
  proto.set_closing(c.closing);
  proto.set_reopenings(c.reopenings);
  proto.set_escalation_outcome(c.escalation_outcome);
  proto.set_promised_on(PromisedOn(c));
  proto.set_question_id(c.question_id);
  if (c.appeal.started_at) *proto.mutable_appeal() = AppealOf(c);
  if (IsHolder(c, ActorOf(caller))) proto.set_delegate(c.delegate);
  for (const auto& [name, clock] : ClocksOf(c)) {
    if (!clock->started_at) continue;
    v1::CaseClock& told = *proto.add_clocks();
    told.set_clock(name);
    AddTime(clock->started_at, &v1::CaseClock::mutable_started_at, told);
    AddTime(clock->due_at, &v1::CaseClock::mutable_due_at, told);
    AddTime(clock->met_at, &v1::CaseClock::mutable_met_at, told);
    AddTime(clock->breached_at, &v1::CaseClock::mutable_breached_at, told);
    told.set_reminded_percent(clock->reminded_percent);
    told.set_raised_levels(clock->raised_levels);
  }
  return proto;
}

// With its clocks explained, its pauses and its children.
v1::Case ToFullProto(const Case& c, const rpc::Caller& caller, const policy::Policy& policy) {
  v1::Case proto = ToProto(c, caller);
  for (const policy::Pause& pause : c.pauses) {
    policy::v1::Pause& told = *proto.add_pauses();
    *told.mutable_from() = decision::ToProto(pause.from);
    *told.mutable_to() = decision::ToProto(pause.to);
  }
  for (v1::CaseClock& clock : *proto.mutable_clocks()) {
    if (!IsByPolicy(clock.clock())) continue;
    auto explanation = policy.Explain(InPolicy(c, clock.clock()));
    if (explanation.ok()) {
      *clock.mutable_explanation() = *std::move(explanation);
    } else {
      // The due date stands all the same; the operators have taken away the data that it was made from.
      runtime::Log(runtime::Level::kWarning, "clock.unexplained",
                   {{"report", c.id}, {"reason", std::string(explanation.status().message())}});
    }
  }
  for (const Case& child : c.children) *proto.add_children() = ToFullProto(child, caller, policy);
  return proto;
}

v1::Response ToProto(const Response& response) {
  v1::Response proto;
  proto.set_response_id(response.response_id);
  proto.set_agency_id(response.agency_id);
  proto.set_kind(response.kind);
  *proto.mutable_given_at() = decision::ToProto(response.given_at);
  proto.set_text(response.text);
  proto.mutable_evidence()->Add(response.evidence.begin(), response.evidence.end());
  proto.set_child(report::ParseAssignmentId(response.report_id).child);
  proto.set_interim_reason(response.interim_reason);
  proto.set_promised_on(response.promised_on);
  proto.set_on_appeal(response.on_appeal);
  return proto;
}

}  // namespace

rpc::Reactor* Api::ListCases(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ListCasesRequest, v1::ListCasesResponse>(
      context, request, response, visibility_.NotBefore<v1::ListCasesRequest>(),
      [this](const rpc::Call& call, const v1::ListCasesRequest& r) { return List(call.caller, r); });
}

absl::StatusOr<v1::ListCasesResponse> Api::List(const rpc::Caller& caller,
                                                const v1::ListCasesRequest& request) const {
  if (auto status = RequireReader(caller); !status.ok()) return status;
  const auto query = Read(request, ActorOf(caller));
  if (!query.ok()) return query.status();
  if (auto status = RequireSight(caller, {query->agency_id}, "agency_id"); !status.ok()) return status;

  if (!query->delegate.empty() && !IsOwn(caller, query->agency_id)) {
    return Refuse(absl::StatusCode::kPermissionDenied, "delegate",
                  "is known to the agency's own officers and administrators only", "leave it out");
  }

  std::vector<Case> cases;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    cases = followup::ListCases(tx, *query);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  v1::ListCasesResponse response;
  for (const Case& c : cases) *response.add_cases() = ToProto(c, caller);
  if (response.cases_size() == query->limit) response.set_next_page_token(PageTokenAfter(cases.back()));
  return response;
}

rpc::Reactor* Api::GetCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::GetCaseRequest, v1::Case>(
      context, request, response, visibility_.NotBefore<v1::GetCaseRequest>(),
      [this](const rpc::Call& call, const v1::GetCaseRequest& r) { return Get(call.caller, r); });
}

absl::StatusOr<v1::Case> Api::Get(const rpc::Caller& caller, const v1::GetCaseRequest& request) const {
  if (auto status = RequireReader(caller); !status.ok()) return status;
  const auto id = ReadCaseId(request.report_id());
  if (!id.ok()) return id.status();

  std::optional<Case> report;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    report = FindCase(tx, id->report_id);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  const Case* found = report ? CaseOf(*report, id->child) : nullptr;
  if (!found) return UnknownReport();
  if (auto seen = RequireSight(caller, *report); !seen.ok()) return seen;
  return ToFullProto(*found, caller, *policy_);
}

rpc::Reactor* Api::ListResponses(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::ListResponsesRequest, v1::ListResponsesResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ListResponsesRequest& r) { return Responses(call.caller, r); });
}

absl::StatusOr<v1::ListResponsesResponse> Api::Responses(const rpc::Caller& caller,
                                                         const v1::ListResponsesRequest& request) const {
  if (auto status = rpc::Require(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN, ROLE_MONITOR, ROLE_SERVICE});
      !status.ok()) {
    return status;
  }
  const auto id = ReadCaseId(request.report_id());
  if (!id.ok()) return id.status();

  std::optional<Case> report;
  const Case* found = nullptr;
  std::vector<Response> responses;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    report = FindCase(tx, id->report_id);
    found = report ? CaseOf(*report, id->child) : nullptr;
    if (!found) return absl::OkStatus();
    std::vector<std::string> case_ids = {found->id};
    for (const Case& child : found->children) case_ids.push_back(child.id);
    responses = followup::ListResponses(tx, case_ids);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!found) return UnknownReport();
  if (auto seen = RequireSight(caller, *report); !seen.ok()) return seen;

  v1::ListResponsesResponse response;
  for (const Response& given : responses) *response.add_responses() = ToProto(given);
  return response;
}

rpc::Reactor* Api::RespondToCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.WriteWhen<v1::RespondToCaseRequest, v1::CaseChange>(
      context, request, response, visibility_.NotBefore<v1::RespondToCaseRequest>(),
      [this](const rpc::Call& call, const v1::RespondToCaseRequest& r, const Done& done) {
        const Roles roles = {ROLE_OFFICER, ROLE_AGENCY_ADMIN};
        if (auto status = rpc::Require(call.caller, roles); !status.ok()) return done(status);
        const auto resolved = desk_.ResolveTemplate(call.caller, r);
        if (!resolved.ok()) return done(resolved.status());
        Respond(call, r, *resolved, done);
      });
}

// `given` as the caller gave it, by which it is known again, whatever has become of the template since;
// `resolved` with the template's words.
void Api::Respond(const rpc::Call& call, const v1::RespondToCaseRequest& given,
                  const v1::RespondToCaseRequest& resolved, const Done& done) {
  auto command = Read(resolved, ActorOf(call.caller), eventlog::NewUuid());
  if (command.ok()) {
    auto& respond = std::get<followup::RespondToCase>(command->command);
    respond.from_template = !given.template_id().empty();
    if (respond.kind != event::v1::RESPONSE_KIND_QUESTION) {
      if (auto status = CountSameAnswers(command->report_id, respond); !status.ok()) return done(status);
    }
  }
  Change(call, given, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}, std::move(command), done);
}

absl::Status Api::CountSameAnswers(const std::string& report_id, followup::RespondToCase& command) const {
  return pool_.Read([&](pg::Tx& tx) {
    const auto report = FindCase(tx, report_id);
    // Where either is missing, the command will be refused.
    const auto* version = report ? policy_->FindVersion(report->policy_version) : nullptr;
    if (!version) return absl::OkStatus();
    const policy::v1::AnswerSignals& signals = version->answer_signals();
    command.same_answers = followup::CountSameAnswers(
        tx, command.actor.agency_id(), report_id, WordsHash(command.text, report_id),
        clock_.Now() - absl::Hours(24) * signals.same_answers_days().value(), signals.same_answers().value());
    return absl::OkStatus();
  });
}

rpc::Reactor* Api::DelegateCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::DelegateCaseRequest, v1::CaseChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::DelegateCaseRequest& r, const Done& done) {
        Change(call, r, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}, Read(r, ActorOf(call.caller)), done);
      });
}

rpc::Reactor* Api::CloseCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::CloseCaseRequest, v1::CaseChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::CloseCaseRequest& r, const Done& done) {
        Change(call, r, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}, Read(r, ActorOf(call.caller)), done);
      });
}

rpc::Reactor* Api::ReopenCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::ReopenCaseRequest, v1::CaseChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::ReopenCaseRequest& r, const Done& done) {
        Change(call, r, {ROLE_OFFICER, ROLE_AGENCY_ADMIN, ROLE_TRIAGE, ROLE_ARBITER},
               Read(r, ActorOf(call.caller)), done);
      });
}

rpc::Reactor* Api::DecideAppeal(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Write<v1::DecideAppealRequest, v1::CaseChange>(
      context, request, response,
      [this](const rpc::Call& call, const v1::DecideAppealRequest& r, const Done& done) {
        Change(call, r, {ROLE_AGENCY_ADMIN, ROLE_ARBITER}, Read(r, ActorOf(call.caller), eventlog::NewUuid()),
               done);
      });
}

template <class Request>
void Api::Change(const rpc::Call& call, const Request& request, Roles roles,
                 absl::StatusOr<CaseCommand> command, const Done& done) {
  if (auto status = rpc::Require(call.caller, roles); !status.ok()) return done(status);
  if (!command.ok()) return done(command.status());
  auto answer = [done](absl::StatusOr<eventlog::Outcome> outcome) {
    if (!outcome.ok()) return done(outcome.status());
    v1::CaseChange change;
    change.set_report_id(outcome->subject);
    change.set_state(static_cast<CaseState>(outcome->state));
    change.mutable_token()->set_producer(kProducer);
    change.mutable_token()->set_partition(outcome->partition);
    change.mutable_token()->set_position(outcome->position);
    done(std::move(change));
  };
  auto item = std::make_shared<Executor::Request>(Executor::Request{
      eventlog::RequestKey(call.caller, request.request_id()), eventlog::Fingerprint(request),
      std::move(command->report_id), std::move(command->command), call.traceparent, std::move(answer)});
  visibility_.NotBefore<Request>()(request, [this, item, done](const absl::Status& visible) {
    if (!visible.ok()) return done(visible);
    executor_.Submit(std::move(*item));
  });
}

}  // namespace lapor::followup
