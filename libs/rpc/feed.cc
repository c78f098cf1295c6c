#include "libs/rpc/feed.h"

#include <utility>

#include "absl/time/time.h"

namespace lapor::rpc {

std::shared_ptr<Feed> Feed::Start(MethodMetrics& metrics, Greeting greeting) {
  const std::shared_ptr<Feed> feed(new Feed(metrics, std::move(greeting.call)));
  feed->self_ = feed;
  if (!greeting.refusal.ok()) {
    feed->End(greeting.refusal);
  } else if (greeting.server_sets_deadline) {
    feed->EndAtDeadline();
  }
  return feed;
}

void Feed::EndAtDeadline() {
  deadline_.emplace().Set(absl::ToChronoTime(call_.deadline), [weak = std::weak_ptr(self_)](bool reached) {
    if (!reached) return;
    if (const auto self = weak.lock()) self->End(absl::DeadlineExceededError("the server's deadline"));
  });
}

bool Feed::Write(Bytes response) {
  const std::lock_guard lock(mutex_);
  if (end_) return false;
  waiting_.push_back(std::move(response));
  Advance();
  return true;
}

void Feed::End(const absl::Status& why) {
  const std::lock_guard lock(mutex_);
  if (end_) return;
  end_ = why;
  waiting_.clear();
  Advance();
}

bool Feed::ended() const {
  const std::lock_guard lock(mutex_);
  return end_.has_value();
}

size_t Feed::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + (writing_ ? 1 : 0);
}

void Feed::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    Advance();
  }
  if (!ok) End(absl::CancelledError("the caller has gone"));
}

void Feed::OnCancel() {
  cancelled_ = true;
  End(absl::CancelledError("the caller has gone"));
}

void Feed::OnDone() {
  // The last that gRPC does; this goes with the last who writes.
  const std::shared_ptr<Feed> self = std::move(self_);
}

void Feed::Advance() {
  if (finished_ || writing_) return;
  if (end_) {
    finished_ = true;
    Finish(record_.Close(*end_, cancelled_));
  } else if (!waiting_.empty()) {
    outgoing_ = std::move(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
    StartWrite(&outgoing_);
  }
}

}  // namespace lapor::rpc
