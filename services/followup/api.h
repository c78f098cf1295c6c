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
#include "services/followup/aggregate.h"
#include "services/followup/requests.h"

namespace lapor::followup {

// Thread-safe. What it is given outlives it.
class Api final : public v1::Followup::CallbackService {
 public:
  Api(Executor& executor, pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder,
      std::shared_ptr<const policy::Policy> policy)
      : executor_(executor),
        pool_(pool),
        visibility_(visibility),
        responder_(responder),
        policy_(std::move(policy)) {}

  grpc::ServerUnaryReactor* ListCases(grpc::CallbackServerContext* context,
                                      const v1::ListCasesRequest* request,
                                      v1::ListCasesResponse* response) override;
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context, const v1::GetCaseRequest* request,
                                    v1::Case* response) override;
  grpc::ServerUnaryReactor* RespondToCase(grpc::CallbackServerContext* context,
                                          const v1::RespondToCaseRequest* request,
                                          v1::CaseChange* response) override;
  grpc::ServerUnaryReactor* CloseCase(grpc::CallbackServerContext* context,
                                      const v1::CloseCaseRequest* request, v1::CaseChange* response) override;
  grpc::ServerUnaryReactor* ReopenCase(grpc::CallbackServerContext* context,
                                       const v1::ReopenCaseRequest* request,
                                       v1::CaseChange* response) override;
  grpc::ServerUnaryReactor* ListResponses(grpc::CallbackServerContext* context,
                                          const v1::ListResponsesRequest* request,
                                          v1::ListResponsesResponse* response) override;

 private:
  using Roles = std::initializer_list<report::v1::Role>;
  using Done = rpc::Done<v1::CaseChange>;

  absl::StatusOr<v1::ListCasesResponse> List(const rpc::Caller& caller,
                                             const v1::ListCasesRequest& request) const;
  absl::StatusOr<v1::Case> Get(const rpc::Caller& caller, const v1::GetCaseRequest& request) const;
  absl::StatusOr<v1::ListResponsesResponse> Responses(const rpc::Caller& caller,
                                                      const v1::ListResponsesRequest& request) const;

  // The one path of what changes a case: has the executor carry the command out once not_before is visible.
  template <class Request>
  void Change(const rpc::Call& call, const Request& request, Roles roles, absl::StatusOr<CaseCommand> command,
              const Done& done);

  Executor& executor_;
  pg::Pool& pool_;
  eventlog::Visibility& visibility_;
  rpc::Responder& responder_;
  const std::shared_ptr<const policy::Policy> policy_;
};

}  // namespace lapor::followup
