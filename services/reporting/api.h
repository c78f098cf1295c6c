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
class Api final : public v1::Reporting::CallbackService {
 public:
  // Stops the consumer, runs the body, and consumes on from where the inbox then stands.
  using WithoutConsumer = std::function<absl::Status(const std::function<absl::Status()>& body)>;

  Api(pg::Pool& pool, eventlog::Visibility& visibility, rpc::Responder& responder,
      const policy::Regions& regions, ApiOptions options, WithoutConsumer without_consumer)
      : pool_(pool),
        visibility_(visibility),
        responder_(responder),
        regions_(regions),
        options_(options),
        without_consumer_(std::move(without_consumer)) {}

  grpc::ServerUnaryReactor* GetFigures(grpc::CallbackServerContext* context,
                                       const v1::GetFiguresRequest* request, v1::Figures* response) override;
  grpc::ServerUnaryReactor* ListFigures(grpc::CallbackServerContext* context,
                                        const v1::ListFiguresRequest* request,
                                        v1::ListFiguresResponse* response) override;
  grpc::ServerUnaryReactor* VerifyFigures(grpc::CallbackServerContext* context,
                                          const v1::VerifyFiguresRequest* request,
                                          v1::VerifyFiguresResponse* response) override;
  grpc::ServerUnaryReactor* RebuildFigures(grpc::CallbackServerContext* context,
                                           const v1::RebuildFiguresRequest* request,
                                           v1::RebuildFiguresResponse* response) override;

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
};

}  // namespace lapor::reporting
