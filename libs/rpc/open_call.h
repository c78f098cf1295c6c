#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/wire.h"

namespace lapor::rpc {

// A unary call between its start and its answer. gRPC keeps context, request and response until the call is
// finished, and frees them any time after; this keeps whoever comes late from touching them. Thread-safe.
class OpenCall : public std::enable_shared_from_this<OpenCall> {
 public:
  OpenCall(grpc::CallbackServerContext* context, MethodMetrics& metrics, Call call);
  // Finishes with kInternal what was never answered.
  ~OpenCall();
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  const Call& call() const { return call_; }
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Finishes with kDeadlineExceeded at the call's deadline. For callers that set none: gRPC sees to those
  // that did.
  void FinishAtDeadline();

  // The first time, answers; `fill` then writes the response, and runs only if `answer` is OK.
  void Finish(const absl::Status& answer, absl::FunctionRef<void()> fill);
  void Finish(const absl::Status& answer);

  // Whether nobody waits for an answer any more; then it is finished.
  bool FinishIfAbandoned();

 private:
  const Call call_;
  CallRecord record_;
  grpc::ServerUnaryReactor* const reactor_;

  std::mutex mutex_;
  grpc::CallbackServerContext* context_;  // guarded by mutex_; null when finished
  std::optional<grpc::Alarm> deadline_;
};

// Answers a unary call: with a response or with an error. The first answer counts; a copy answers the same
// call; when the last copy goes and none was used, the call is answered with kInternal. Thread-safe.
template <typename Response>
class Done {
 public:
  Done(std::shared_ptr<OpenCall> open, Bytes* response) : open_(std::move(open)), response_(response) {}

  void operator()(const absl::StatusOr<Response>& answer) const {
    Bytes bytes;
    if (answer.ok()) bytes = Encode(*answer);
    open_->Finish(answer.status(), [&] { response_->Swap(&bytes); });
  }

 private:
  std::shared_ptr<OpenCall> open_;
  Bytes* response_;
};

}  // namespace lapor::rpc
