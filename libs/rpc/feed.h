#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "libs/rpc/call.h"
#include "libs/rpc/wire.h"

namespace lapor::rpc {

// A stream of responses to one request, that are written as they come about, from any thread, until the
// caller goes, the server's deadline comes or somebody ends it. Thread-safe.
//
// What is written while gRPC is busy waits in memory: whoever writes bounds it, by what the caller has
// acknowledged, say, or by waiting(). One who has gone without a word is noticed by the server's keepalive,
// sooner if something is written now and then.
class Feed final : public grpc::ServerWriteReactor<Bytes> {
 public:
  // Starts the stream, or ends it at once if the call is refused. It owns itself until gRPC is done with it.
  static std::shared_ptr<Feed> Start(MethodMetrics& metrics, Greeting greeting);

  // Writes `response` after those before it. False, and it is dropped, when the stream has ended.
  bool Write(Bytes response);

  // Ends the stream with `why` (OK is an end like another) after the response that is being written; drops
  // those behind it. The first end counts.
  void End(const absl::Status& why);

  bool ended() const;
  // Responses that gRPC has not taken yet.
  size_t waiting() const;

  const Call& call() const { return call_; }

 private:
  Feed(MethodMetrics& metrics, Call call) : call_(std::move(call)), record_(metrics, call_.traceparent) {}

  void EndAtDeadline();
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  // Starts whatever may start now. Needs mutex_, which is held over gRPC's calls so that none comes after
  // Finish; gRPC never calls back from inside them.
  void Advance();

  const Call call_;
  CallRecord record_;
  std::shared_ptr<Feed> self_;
  std::optional<grpc::Alarm> deadline_;
  std::atomic<bool> cancelled_ = false;

  Bytes outgoing_;  // gRPC's while writing_

  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  bool writing_ = false;
  bool finished_ = false;
  std::optional<absl::Status> end_;
  std::deque<Bytes> waiting_;
};

}  // namespace lapor::rpc
