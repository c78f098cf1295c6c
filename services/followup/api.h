// lapor.followup.v1.Followup over gRPC: authorises and checks a request, and makes a command of it; reads.
#pragma once

#include <initializer_list>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "lapor/followup/v1/followup.grpc.pb.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "libs/rpc/responder.h"
#include "libs/runtime/clock.h"
#include "services/followup/aggregate.h"
#include "services/followup/desk.h"
#include "services/followup/requests.h"

namespace lapor::followup {

// Thread-safe. What it is given outlives it.
class Api final
    : public rpc::RawService<
          v1::Followup::Service, v1::Followup::WithRawCallbackMethod_ListCases,
          v1::Followup::WithRawCallbackMethod_GetCase, v1::Followup::WithRawCallbackMethod_RespondToCase,
          v1::Followup::WithRawCallbackMethod_DelegateCase, v1::Followup::WithRawCallbackMethod_CloseCase,
          v1::Followup::WithRawCallbackMethod_ReopenCase, v1::Followup::WithRawCallbackMethod_DecideAppeal,
          v1::Followup::WithRawCallbackMethod_ListResponses, v1::Followup::WithRawCallbackMethod_AddNote,
          v1::Followup::WithRawCallbackMethod_ListNotes, v1::Followup::WithRawCallbackMethod_RecordTemplate,
          v1::Followup::WithRawCallbackMethod_ListTemplates,
          v1::Followup::WithRawCallbackMethod_RemoveTemplate> {
 public:
  Api(Executor& executor, pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder,
      std::shared_ptr<const policy::Policy> policy, const runtime::Clock& clock)
      : executor_(executor),
        pool_(pool),
        visibility_(visibility),
        responder_(responder),
        policy_(std::move(policy)),
        clock_(clock),
        desk_(pool, clock) {}

  rpc::Reactor* ListCases(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* GetCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* RespondToCase(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* DelegateCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* CloseCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ReopenCase(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* DecideAppeal(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListResponses(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;

  // In desk_api.cc.
  rpc::Reactor* AddNote(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListNotes(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* RecordTemplate(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;
  rpc::Reactor* ListTemplates(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* RemoveTemplate(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;

 private:
  using Roles = std::initializer_list<report::v1::Role>;
  using Done = rpc::Done<v1::CaseChange>;

  absl::StatusOr<v1::ListCasesResponse> List(const rpc::Caller& caller,
                                             const v1::ListCasesRequest& request) const;
  absl::StatusOr<v1::Case> Get(const rpc::Caller& caller, const v1::GetCaseRequest& request) const;
  absl::StatusOr<v1::ListResponsesResponse> Responses(const rpc::Caller& caller,
                                                      const v1::ListResponsesRequest& request) const;

  // Reads to how many others the same words were given, which the command is to know.
  void Respond(const rpc::Call& call, const v1::RespondToCaseRequest& given,
               const v1::RespondToCaseRequest& resolved, const Done& done);
  absl::Status CountSameAnswers(const std::string& report_id, followup::RespondToCase& command) const;

  // The one path of what changes a case: has the executor carry the command out once not_before is visible.
  template <class Request>
  void Change(const rpc::Call& call, const Request& request, Roles roles, absl::StatusOr<CaseCommand> command,
              const Done& done);

  Executor& executor_;
  pg::Pool& pool_;
  eventlog::Visibility& visibility_;
  rpc::Responder& responder_;
  const std::shared_ptr<const policy::Policy> policy_;
  const runtime::Clock& clock_;
  Desk desk_;
};

}  // namespace lapor::followup
