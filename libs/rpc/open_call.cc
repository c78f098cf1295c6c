#include "libs/rpc/open_call.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lapor::rpc {

OpenCall::OpenCall(grpc::CallbackServerContext* context, MethodMetrics& metrics, Call call)
    : call_(std::move(call)),
      record_(metrics, call_.traceparent),
      reactor_(context->DefaultReactor()),
      context_(context) {}

OpenCall::~OpenCall() { Finish(absl::InternalError("the handler dropped the call without an answer")); }

void OpenCall::FinishAtDeadline() {
  deadline_.emplace().Set(absl::ToChronoTime(call_.deadline), [weak = weak_from_this()](bool reached) {
    if (!reached) return;
    if (const auto open = weak.lock()) open->Finish(absl::DeadlineExceededError("the server's deadline"));
  });
}

void OpenCall::Finish(const absl::Status& answer, absl::FunctionRef<void()> fill) {
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    if (context_ == nullptr) return;
    if (answer.ok()) fill();
    cancelled = context_->IsCancelled();
    context_ = nullptr;
  }
  reactor_->Finish(record_.Close(answer, cancelled));
}

void OpenCall::Finish(const absl::Status& answer) {
  Finish(answer, [] {});
}

bool OpenCall::FinishIfAbandoned() {
  if (absl::Now() >= call_.deadline) {
    Finish(absl::DeadlineExceededError("the deadline passed before the work began"));
    return true;
  }
  {
    const std::lock_guard lock(mutex_);
    if (context_ == nullptr) return true;
    if (!context_->IsCancelled()) return false;
  }
  Finish(absl::CancelledError("the caller has gone"));
  return true;
}

}  // namespace lapor::rpc
