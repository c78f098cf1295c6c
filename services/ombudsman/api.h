// lapor.ombudsman.v1.Ombudsman over gRPC: authorises and checks a request, and makes a command of it; reads.
#pragma once

#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/ombudsman/v1/dossier.pb.h"
#include "lapor/ombudsman/v1/ombudsman.grpc.pb.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "libs/policy/reference.h"
#include "libs/rpc/responder.h"
#include "libs/runtime/clock.h"
#include "services/ombudsman/aggregate.h"
#include "services/ombudsman/dossier_parts.h"
#include "services/ombudsman/requests.h"
#include "services/ombudsman/store.h"

namespace lapor::ombudsman {

// One more waits for its caller to ask again.
inline constexpr int kMaxDossiersAtOnce = 2;

// Thread-safe. What it is given by reference outlives it.
class Api final
    : public rpc::RawService<v1::Ombudsman::Service, v1::Ombudsman::WithRawCallbackMethod_ListEscalations,
                             v1::Ombudsman::WithRawCallbackMethod_GetEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_PreviewEligibility,
                             v1::Ombudsman::WithRawCallbackMethod_CheckEligibility,
                             v1::Ombudsman::WithRawCallbackMethod_AdvanceEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_OpenRapidResponse,
                             v1::Ombudsman::WithRawCallbackMethod_TransferEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_IssueDocument,
                             v1::Ombudsman::WithRawCallbackMethod_RecordDelivery,
                             v1::Ombudsman::WithRawCallbackMethod_ReplyToDocument,
                             v1::Ombudsman::WithRawCallbackMethod_ListDocuments,
                             v1::Ombudsman::WithRawCallbackMethod_RecordCompliance,
                             v1::Ombudsman::WithRawCallbackMethod_CloseEscalation,
                             v1::Ombudsman::WithRawCallbackMethod_ListOffices,
                             v1::Ombudsman::WithRawCallbackMethod_ExportDossier> {
 public:
  Api(Executor& executor, pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder,
      const runtime::Clock& clock, std::shared_ptr<const policy::Policy> policy, policy::Offices offices,
      AddParts add_parts)
      : executor_(executor),
        pool_(pool),
        visibility_(visibility),
        responder_(responder),
        clock_(clock),
        policy_(std::move(policy)),
        offices_(std::move(offices)),
        add_parts_(std::move(add_parts)) {}

  rpc::Reactor* ListEscalations(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;
  rpc::Reactor* GetEscalation(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* PreviewEligibility(rpc::Context* context, const rpc::Bytes* request,
                                   rpc::Bytes* response) override;
  rpc::Reactor* CheckEligibility(rpc::Context* context, const rpc::Bytes* request,
                                 rpc::Bytes* response) override;
  rpc::Reactor* AdvanceEscalation(rpc::Context* context, const rpc::Bytes* request,
                                  rpc::Bytes* response) override;
  rpc::Reactor* OpenRapidResponse(rpc::Context* context, const rpc::Bytes* request,
                                  rpc::Bytes* response) override;
  rpc::Reactor* TransferEscalation(rpc::Context* context, const rpc::Bytes* request,
                                   rpc::Bytes* response) override;
  rpc::Reactor* IssueDocument(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* RecordDelivery(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;
  rpc::Reactor* ReplyToDocument(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;
  rpc::Reactor* ListDocuments(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* RecordCompliance(rpc::Context* context, const rpc::Bytes* request,
                                 rpc::Bytes* response) override;
  rpc::Reactor* CloseEscalation(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;
  rpc::Reactor* ListOffices(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ExportDossier(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;

 private:
  template <class Response>
  using Done = rpc::Done<Response>;

  absl::StatusOr<v1::ListEscalationsResponse> List(const rpc::Caller& caller,
                                                   const v1::ListEscalationsRequest& request) const;
  absl::StatusOr<v1::Escalation> Get(const rpc::Caller& caller,
                                     const v1::GetEscalationRequest& request) const;
  absl::StatusOr<v1::PreviewEligibilityResponse> Preview(const rpc::Caller& caller,
                                                         const v1::PreviewEligibilityRequest& request) const;
  absl::StatusOr<v1::EscalationChange> Check(const rpc::Call& call,
                                             const v1::CheckEligibilityRequest& request);
  absl::StatusOr<v1::ListDocumentsResponse> Documents(const rpc::Caller& caller,
                                                      const v1::ListDocumentsRequest& request) const;
  absl::StatusOr<v1::ListOfficesResponse> Offices(const rpc::Caller& caller) const;
  absl::StatusOr<v1::ExportDossierResponse> Export(const rpc::Call& call,
                                                   const v1::ExportDossierRequest& request);
  // With its verdicts and its clocks explained; for the Ombudsman's officers also with what they wrote.
  absl::StatusOr<v1::Escalation> Describe(const rpc::Caller& caller,
                                          const std::string& typed_report_id) const;
  v1::Escalation Describe(const rpc::Caller& caller, const Escalation& escalation,
                          const Findings& findings) const;
  // The escalations of a report before its last one, the oldest first.
  absl::StatusOr<std::vector<v1::EarlierEscalation>> DescribeEarlier(const rpc::Caller& caller,
                                                                     const std::string& report_id) const;
  // NOT_FOUND when the report never was before the Ombudsman. `findings` may be null.
  absl::StatusOr<Escalation> Find(const std::string& typed_report_id, Findings* findings) const;

  template <class Request, class Response>
  rpc::Reactor* Write(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response);
  template <class Request, class Response>
  void Change(const rpc::Call& call, const Request& request, const Done<Response>& done);
  // Has the executor carry the request out.
  template <class Request>
  void Submit(const rpc::Call& call, const Request& request, Executor::Done done);

  Executor& executor_;
  pg::Pool& pool_;
  eventlog::Visibility& visibility_;
  rpc::Responder& responder_;
  const runtime::Clock& clock_;
  const std::shared_ptr<const policy::Policy> policy_;
  const policy::Offices offices_;
  const AddParts add_parts_;
  std::counting_semaphore<kMaxDossiersAtOnce> dossiers_{kMaxDossiersAtOnce};
};

}  // namespace lapor::ombudsman
