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
class Api final
    : public rpc::RawService<v1::Ombudsman::Service, v1::Ombudsman::WithRawCallbackMethod_ListEscalations,
                             v1::Ombudsman::WithRawCallbackMethod_GetEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_CheckEligibility,
                             v1::Ombudsman::WithRawCallbackMethod_AdvanceEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_CloseEscalation> {
 public:
  Api(Executor& executor, pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder)
      : executor_(executor), pool_(pool), visibility_(visibility), responder_(responder) {}

  rpc::Reactor* ListEscalations(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;
  rpc::Reactor* GetEscalation(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* CheckEligibility(rpc::Context* context, const rpc::Bytes* request,
                                 rpc::Bytes* response) override;
  rpc::Reactor* AdvanceEscalation(rpc::Context* context, const rpc::Bytes* request,
                                  rpc::Bytes* response) override;
  rpc::Reactor* CloseEscalation(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;

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
