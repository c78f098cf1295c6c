#pragma once

#include <grpcpp/support/status.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/token.h"
#include "libs/runtime/metrics.h"

namespace lapor::rpc {

// What a handler may want to know of a call besides its request.
struct Call {
  Caller caller;
  // The caller's own, to ask another service on their behalf. Never log it.
  std::string token;
  // Our span in the caller's trace (or in a new one), for event headers and calls of our own.
  std::string traceparent;
  // The caller's, or the server's for a call that came without one. By the machine's clock.
  absl::Time deadline;
};

// What is known of a call before its request is looked at.
struct Greeting {
  Call call;
  // Why it is refused, or OK.
  absl::Status refusal;
  // gRPC ends a call at the deadline that its caller set; the server must do it at its own.
  bool server_sets_deadline = false;
};

// The metrics of one method. Thread-safe.
class MethodMetrics {
 public:
  MethodMetrics(runtime::Metrics& metrics, std::string method);

  void Opened() { open_.Increment(); }
  void Closed(absl::StatusCode code, absl::Duration took);

  const std::string& method() const { return method_; }

 private:
  // All codes of absl::StatusCode.
  static constexpr size_t kCodes = 17;

  runtime::Metrics& metrics_;
  const std::string method_;
  prometheus::Gauge& open_;
  prometheus::Histogram& seconds_;
  // By code, found at its first use.
  std::array<std::atomic<prometheus::Counter*>, kCodes> calls_ = {};
};

// Follows a call from its start to its one answer.
class CallRecord {
 public:
  CallRecord(MethodMetrics& metrics, std::string traceparent);

  // Counts the answer, logs what the caller is not told, and gives what they are told. Once only. `cancelled`
  // when nobody waits for the answer any more.
  grpc::Status Close(const absl::Status& answer, bool cancelled);

 private:
  MethodMetrics& metrics_;
  const std::string traceparent_;
  const absl::Time started_;
};

}  // namespace lapor::rpc
