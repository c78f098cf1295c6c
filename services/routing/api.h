// lapor.routing.v1.Routing over gRPC: checks and authorises a request and makes a command of it; reads.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/routing/v1/routing.grpc.pb.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/policy/competence.h"
#include "libs/policy/policy.h"
#include "libs/reading/reader.h"
#include "libs/rpc/responder.h"
#include "libs/runtime/clock.h"
#include "services/routing/aggregate.h"
#include "services/routing/delivery_desk.h"
#include "services/routing/registry_watch.h"
#include "services/routing/report_text.h"

namespace lapor::routing {

// Of one message: a nation's registry comes in one. What the server takes has to be set to it.
inline constexpr int kMaxRequestBytes = 8 * 1024 * 1024;

// Who may read routes, as far as the role goes.
inline constexpr std::initializer_list<report::v1::Role> kRouteReaders = {
    report::v1::ROLE_TRIAGE,       report::v1::ROLE_ARBITER,  report::v1::ROLE_MONITOR,
    report::v1::ROLE_OPERATOR,     report::v1::ROLE_SERVICE,  report::v1::ROLE_OFFICER,
    report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_OMBUDSMAN};

// A route with its hands, as callers see it.
v1::Route ToProto(const Route& route, const std::vector<Handover>& handovers);

// Thread-safe.
class Api final
    : public rpc::RawService<
          v1::Routing::Service, v1::Routing::WithRawCallbackMethod_RecordAgencies,
          v1::Routing::WithRawCallbackMethod_GetAgency, v1::Routing::WithRawCallbackMethod_ListAgencies,
          v1::Routing::WithRawCallbackMethod_ListTriageQueue, v1::Routing::WithRawCallbackMethod_ClaimReports,
          v1::Routing::WithRawCallbackMethod_ReleaseClaims, v1::Routing::WithRawCallbackMethod_DecideReports,
          v1::Routing::WithRawCallbackMethod_GetRoute, v1::Routing::WithRawCallbackMethod_SuggestRoute,
          v1::Routing::WithRawCallbackMethod_ExplainRoute, v1::Routing::WithRawCallbackMethod_VerifyReport,
          v1::Routing::WithRawCallbackMethod_RequestCompletion,
          v1::Routing::WithRawCallbackMethod_ArchiveReport, v1::Routing::WithRawCallbackMethod_AssignReport,
          v1::Routing::WithRawCallbackMethod_AddChildAssignment,
          v1::Routing::WithRawCallbackMethod_EndChildAssignment,
          v1::Routing::WithRawCallbackMethod_MergeReport, v1::Routing::WithRawCallbackMethod_UnmergeReport,
          v1::Routing::WithRawCallbackMethod_ListFollowers,
          v1::Routing::WithRawCallbackMethod_AcceptAssignment,
          v1::Routing::WithRawCallbackMethod_ReturnAssignment,
          v1::Routing::WithRawCallbackMethod_ArbitrateReport,
          v1::Routing::WithRawCallbackMethod_WatchAssignments,
          v1::Routing::WithRawCallbackMethod_AcknowledgeAssignments> {
 public:
  // What the API works with; references outlive it.
  struct Parts {
    RoutingExecutor& executor;
    eventlog::Visibility& visibility;
    const eventlog::Journal& journal;
    pg::Pool& pool;
    const runtime::Clock& clock;
    rpc::Responder& responder;
    std::shared_ptr<const policy::Policy> policy;
    std::shared_ptr<const policy::Competence> competence;
    std::shared_ptr<RegistryWatch> registry;
    std::shared_ptr<const reading::Reader> reader;
    AskText ask_text;
    DeliveryDesk& deliveries;
    // How long a claim holds.
    absl::Duration claim_term = absl::Minutes(15);
    // Called when events were journalled beside the executor.
    std::function<void()> wake_relay;
    // Called when an agency has ended.
    std::function<void()> wake_sweep;
  };

  explicit Api(Parts parts) : parts_(std::move(parts)) {}

  rpc::Reactor* RecordAgencies(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;
  rpc::Reactor* GetAgency(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListAgencies(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListTriageQueue(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;
  rpc::Reactor* ClaimReports(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ReleaseClaims(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* DecideReports(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* GetRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  // In suggest_api.cc.
  rpc::Reactor* SuggestRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ExplainRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;

  rpc::Reactor* VerifyReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* RequestCompletion(rpc::Context* context, const rpc::Bytes* request,
                                  rpc::Bytes* response) override;
  rpc::Reactor* ArchiveReport(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* AssignReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* AddChildAssignment(rpc::Context* context, const rpc::Bytes* request,
                                   rpc::Bytes* response) override;
  rpc::Reactor* EndChildAssignment(rpc::Context* context, const rpc::Bytes* request,
                                   rpc::Bytes* response) override;
  rpc::Reactor* MergeReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* UnmergeReport(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* ListFollowers(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* AcceptAssignment(rpc::Context* context, const rpc::Bytes* request,
                                 rpc::Bytes* response) override;
  rpc::Reactor* ReturnAssignment(rpc::Context* context, const rpc::Bytes* request,
                                 rpc::Bytes* response) override;
  rpc::Reactor* ArbitrateReport(rpc::Context* context, const rpc::Bytes* request,
                                rpc::Bytes* response) override;

  grpc::ServerWriteReactor<rpc::Bytes>* WatchAssignments(rpc::Context* context,
                                                         const rpc::Bytes* request) override;
  rpc::Reactor* AcknowledgeAssignments(rpc::Context* context, const rpc::Bytes* request,
                                       rpc::Bytes* response) override;

 private:
  using Roles = std::initializer_list<report::v1::Role>;
  using Answer = std::function<void(const absl::StatusOr<v1::RouteChange>&)>;

  // The one path of what changes a route: checks the role and what all these requests have in common, adds
  // that to what the handler has found, and has the executor carry the command out once not_before is visible
  // and the agency that the command names, if any, looked up.
  template <class Request>
  void Change(const rpc::Call& call, const Request& request, Roles roles, decision::Refusals refusals,
              Command command, const std::string& agency_id, const Answer& done,
              std::optional<RoutingExecutor::Counterpart> counterpart = std::nullopt);

  // A decision of triage, alone or as one of many.
  void Take(const rpc::Call& call, const v1::VerifyReportRequest& r, const Answer& done);
  void Take(const rpc::Call& call, const v1::RequestCompletionRequest& r, const Answer& done);
  void Take(const rpc::Call& call, const v1::ArchiveReportRequest& r, const Answer& done);
  void Take(const rpc::Call& call, const v1::AssignReportRequest& r, const Answer& done);
  void Take(const rpc::Call& call, const v1::MergeReportRequest& r, const Answer& done);
  void Take(const rpc::Call& call, const v1::TriageDecision& decision, const Answer& done);
  template <class Request>
  rpc::Reactor* TakeOne(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response,
                        const char* method = __builtin_FUNCTION());
  struct Decisions;

  absl::StatusOr<v1::ClaimReportsResponse> Claim(const rpc::Call& call,
                                                 const v1::ClaimReportsRequest& request);
  absl::StatusOr<v1::RecordAgenciesResponse> Record(const rpc::Call& call,
                                                    const v1::RecordAgenciesRequest& request);
  // The agency as `caller` may know it.
  v1::Agency Show(const Agency& agency, const Registry& registry, const rpc::Caller& caller) const;
  absl::StatusOr<v1::ListTriageQueueResponse> ReadQueue(const rpc::Call& call,
                                                        const v1::ListTriageQueueRequest& request);
  absl::StatusOr<v1::Route> ReadRoute(const rpc::Call& call, const v1::GetRouteRequest& request);
  absl::StatusOr<v1::ListFollowersResponse> PageOfFollowers(const rpc::Call& call,
                                                            const v1::ListFollowersRequest& request);
  absl::StatusOr<v1::SuggestRouteResponse> SuggestFor(const rpc::Call& call,
                                                      const v1::SuggestRouteRequest& request);

  // A report that the caller may read the route of, as people write its id.
  struct Readable {
    Route route;
    std::vector<Handover> handovers;
  };
  absl::StatusOr<Readable> FindReadable(const rpc::Caller& caller, const std::string& report_id) const;
  absl::StatusOr<v1::AcknowledgeAssignmentsResponse> Acknowledge(
      const rpc::Call& call, const v1::AcknowledgeAssignmentsRequest& request);
  absl::Status CheckMayRead(const rpc::Caller& caller, const std::vector<Handover>& handovers) const;

  const Parts parts_;
};

}  // namespace lapor::routing
