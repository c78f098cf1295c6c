#include "libs/rpc/call.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/decision/refusal.h"
#include "libs/rpc/status.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/log.h"

namespace lapor::rpc {

MethodMetrics::MethodMetrics(runtime::Metrics& metrics, std::string method)
    : metrics_(metrics),
      method_(std::move(method)),
      open_(metrics.Gauge("lapor_rpc_open_calls", "Calls not answered yet", {{"method", method_}})),
      seconds_(metrics.Histogram("lapor_rpc_seconds", "From the arrival of a call to its answer",
                                 {{"method", method_}})) {}

void MethodMetrics::Closed(absl::StatusCode code, absl::Duration took) {
  seconds_.Observe(absl::ToDoubleSeconds(took));
  auto& calls = calls_.at(static_cast<size_t>(code));
  prometheus::Counter* counter = calls.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may come here; both find the same counter.
    counter = &metrics_.Counter("lapor_rpc_calls_total", "Calls by answer",
                                {{"method", method_}, {"code", absl::StatusCodeToString(code)}});
    calls.store(counter, std::memory_order_release);
  }
  counter->Increment();
  // Last, so that a call that is not open any more has been counted.
  open_.Decrement();
}

CallRecord::CallRecord(MethodMetrics& metrics, std::string traceparent)
    : metrics_(metrics), traceparent_(std::move(traceparent)), started_(absl::Now()) {
  metrics_.Opened();
}

grpc::Status CallRecord::Close(const absl::Status& answer, bool cancelled) {
  metrics_.Closed(cancelled ? absl::StatusCode::kCancelled : answer.code(), absl::Now() - started_);
  if (answer.ok()) return grpc::Status::OK;

  const std::string correlation_id = TraceId(traceparent_);
  // What the caller is told in words, and what passes by itself, is not worth a line: the metrics count it.
  if (!decision::BadInputOf(answer).has_value() && !IsTransient(answer)) {
    runtime::Log(runtime::Level::kError, "rpc.failed",
                 {{"method", metrics_.method()}, {"status", answer.ToString()}}, correlation_id);
  }
  return ToGrpc(answer, correlation_id);
}

}  // namespace lapor::rpc
