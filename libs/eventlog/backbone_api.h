// lapor.backbone.v1: a service's journal, inbox, quarantine and deadlines, for its peers and its operators.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lapor/backbone/v1/backbone.grpc.pb.h"
#include "libs/eventlog/journal.h"
#include "libs/rpc/responder.h"

namespace lapor::eventlog {

class BackboneApi final
    : public rpc::RawService<backbone::v1::Backbone::Service,
                             backbone::v1::Backbone::WithRawCallbackMethod_GetPositions,
                             backbone::v1::Backbone::WithRawCallbackMethod_ReadJournal,
                             backbone::v1::Backbone::WithRawCallbackMethod_ListQuarantine,
                             backbone::v1::Backbone::WithRawCallbackMethod_ReplayQuarantined,
                             backbone::v1::Backbone::WithRawCallbackMethod_DiscardQuarantined,
                             backbone::v1::Backbone::WithRawCallbackMethod_ListBlockedDeadlines,
                             backbone::v1::Backbone::WithRawCallbackMethod_RetryBlockedDeadlines> {
 public:
  // Executor::Release.
  using Release =
      std::function<absl::StatusOr<int>(int64_t id, const std::optional<std::string>& discard_reason)>;

  BackboneApi(pg::Pool& pool, const Journal& journal, rpc::Responder& responder, Release release)
      : pool_(pool), journal_(journal), responder_(responder), release_(std::move(release)) {}

  rpc::Reactor* GetPositions(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ReadJournal(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override;
  rpc::Reactor* ListQuarantine(rpc::Context* context, const rpc::Bytes* request,
                               rpc::Bytes* response) override;
  rpc::Reactor* ReplayQuarantined(rpc::Context* context, const rpc::Bytes* request,
                                  rpc::Bytes* response) override;
  rpc::Reactor* DiscardQuarantined(rpc::Context* context, const rpc::Bytes* request,
                                   rpc::Bytes* response) override;
  rpc::Reactor* ListBlockedDeadlines(rpc::Context* context, const rpc::Bytes* request,
                                     rpc::Bytes* response) override;
  rpc::Reactor* RetryBlockedDeadlines(rpc::Context* context, const rpc::Bytes* request,
                                      rpc::Bytes* response) override;

 private:
  pg::Pool& pool_;
  const Journal& journal_;
  rpc::Responder& responder_;
  const Release release_;
};

}  // namespace lapor::eventlog
