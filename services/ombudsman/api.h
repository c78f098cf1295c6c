// lapor.ombudsman.v1.Ombudsman over gRPC: authorises and checks a request, and makes a command of it; reads.
#pragma once

#include "absl/status/statusor.h"
#include "lapor/ombudsman/v1/ombudsman.grpc.pb.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/rpc/responder.h"
#include "services/ombudsman/aggregate.h"
#include "services/ombudsman/requests.h"

namespace lapor::ombudsman {

// Thread-safe. What it is given outlives it.
class Api final : public v1::Ombudsman::CallbackService {
 public:
  Api(Executor& executor, pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder)
      : executor_(executor), pool_(pool), visibility_(visibility), responder_(responder) {}

  grpc::ServerUnaryReactor* ListEscalations(grpc::CallbackServerContext* context,
                                            const v1::ListEscalationsRequest* request,
                                            v1::ListEscalationsResponse* response) override;
  grpc::ServerUnaryReactor* GetEscalation(grpc::CallbackServerContext* context,
                                          const v1::GetEscalationRequest* request,
                                          v1::Escalation* response) override;
  grpc::ServerUnaryReactor* CheckEligibility(grpc::CallbackServerContext* context,
                                             const v1::CheckEligibilityRequest* request,
                                             v1::EscalationChange* response) override;
  grpc::ServerUnaryReactor* AdvanceEscalation(grpc::CallbackServerContext* context,
                                              const v1::AdvanceEscalationRequest* request,
                                              v1::EscalationChange* response) override;
  grpc::ServerUnaryReactor* CloseEscalation(grpc::CallbackServerContext* context,
                                            const v1::CloseEscalationRequest* request,
                                            v1::EscalationChange* response) override;

 private:
  using Done = rpc::Done<v1::EscalationChange>;

  absl::StatusOr<v1::ListEscalationsResponse> List(const rpc::Caller& caller,
                                                   const v1::ListEscalationsRequest& request) const;
  absl::StatusOr<v1::Escalation> Get(const rpc::Caller& caller,
                                     const v1::GetEscalationRequest& request) const;
  absl::StatusOr<v1::EscalationChange> Check(const rpc::Call& call,
                                             const v1::CheckEligibilityRequest& request);

  template <class Request>
  void Change(const rpc::Call& call, const Request& request, const Done& done);
  // Has the executor carry the request out.
  template <class Request>
  void Submit(const rpc::Call& call, const Request& request, Executor::Done done);

  Executor& executor_;
  pg::Pool& pool_;
  eventlog::Visibility& visibility_;
  rpc::Responder& responder_;
};

}  // namespace lapor::ombudsman
