// lapor.reporting.v1 over gRPC.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lapor/reporting/v1/reporting.grpc.pb.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/policy/reference.h"
#include "libs/rpc/responder.h"
#include "services/reporting/figures.h"

namespace CLI {
class App;
}

namespace lapor::reporting {

struct ApiOptions {
  // Callers without a token are not told counts of a province or an agency above 0 and below this.
  int64_t smallest_told_count = kLeastSmallestToldCount;

  void AddTo(CLI::App& app);
};

// Thread-safe. What it is given outlives it.
class Api final
    : public rpc::RawService<v1::Reporting::Service, v1::Reporting::WithRawCallbackMethod_GetFigures,
                             v1::Reporting::WithRawCallbackMethod_ListFigures,
                             v1::Reporting::WithRawCallbackMethod_VerifyFigures,
                             v1::Reporting::WithRawCallbackMethod_RebuildFigures> {
 public:
  // Stops the consumer, runs the body, and consumes on from where the inbox then stands.
  using WithoutConsumer = std::function<absl::Status(const std::function<absl::Status()>& body)>;
  // Whether the streams can be read again from their beginning: eventlog::CheckHistory.
  using CheckHistory = std::function<absl::Status()>;

  Api(pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder,
      const policy::Regions& regions, ApiOptions options, WithoutConsumer without_consumer,
      CheckHistory check_history)
      : pool_(pool),
        visibility_(visibility),
        responder_(responder),
        regions_(regions),
        options_(options),
        without_consumer_(std::move(without_consumer)),
        check_history_(std::move(check_history)) {}

  rpc::Reactor* GetFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* VerifyFigures(rpc::Context* context, const rpc::Bytes* request,
                              rpc::Bytes* response) override;
  rpc::Reactor* RebuildFigures(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;

 private:
  absl::StatusOr<v1::Figures> Get(const rpc::Caller& caller, const v1::GetFiguresRequest& asked) const;
  absl::StatusOr<v1::ListFiguresResponse> List(const rpc::Caller& caller,
                                               const v1::ListFiguresRequest& asked) const;
  absl::StatusOr<v1::VerifyFiguresResponse> Verify(const rpc::Caller& caller) const;
  absl::StatusOr<v1::RebuildFiguresResponse> Rebuild(const rpc::Caller& caller);

  int64_t SmallestTold(const rpc::Caller& caller) const;

  pg::Pool& pool_;
  eventlog::Visibility& visibility_;
  rpc::Responder& responder_;
  const policy::Regions& regions_;
  const ApiOptions options_;
  const WithoutConsumer without_consumer_;
  const CheckHistory check_history_;
};

}  // namespace lapor::reporting
