// lapor.backbone.v1: a service's journal, inbox and quarantine, for its peers and its operators.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lapor/backbone/v1/backbone.grpc.pb.h"
#include "libs/eventlog/journal.h"
#include "libs/rpc/responder.h"

namespace lapor::eventlog {

class BackboneApi final : public backbone::v1::Backbone::CallbackService {
 public:
  // Executor::Release.
  using Release =
      std::function<absl::StatusOr<int>(int64_t id, const std::optional<std::string>& discard_reason)>;

  BackboneApi(pg::Pool& pool, const Journal& journal, rpc::Responder& responder, Release release)
      : pool_(pool), journal_(journal), responder_(responder), release_(std::move(release)) {}

  grpc::ServerUnaryReactor* GetPositions(grpc::CallbackServerContext* context,
                                         const backbone::v1::GetPositionsRequest* request,
                                         backbone::v1::GetPositionsResponse* response) override;
  grpc::ServerUnaryReactor* ReadJournal(grpc::CallbackServerContext* context,
                                        const backbone::v1::ReadJournalRequest* request,
                                        backbone::v1::ReadJournalResponse* response) override;
  grpc::ServerUnaryReactor* ListQuarantine(grpc::CallbackServerContext* context,
                                           const backbone::v1::ListQuarantineRequest* request,
                                           backbone::v1::ListQuarantineResponse* response) override;
  grpc::ServerUnaryReactor* ReplayQuarantined(grpc::CallbackServerContext* context,
                                              const backbone::v1::ReplayQuarantinedRequest* request,
                                              backbone::v1::ReplayQuarantinedResponse* response) override;
  grpc::ServerUnaryReactor* DiscardQuarantined(grpc::CallbackServerContext* context,
                                               const backbone::v1::DiscardQuarantinedRequest* request,
                                               backbone::v1::DiscardQuarantinedResponse* response) override;

 private:
  pg::Pool& pool_;
  const Journal& journal_;
  rpc::Responder& responder_;
  const Release release_;
};

}  // namespace lapor::eventlog
