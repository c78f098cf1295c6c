#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"

namespace lapor::rpc {

// A stream in which every request gets one response, in the order of arrival however the work on them
// overtakes itself. A stream is read on only while fewer than `max_in_flight` requests wait for their
// answers, so that a fast sender is held back by flow control instead of filling memory.
//
// It ends OK when the sender has said everything and has got every response; with the error of the first
// request that was answered with an error, after the responses before it (what is refused about one item
// should therefore be told in its response); or with DEADLINE_EXCEEDED at the server's deadline. Work that is
// under way at an early end goes on; its answers are dropped.
template <typename Request, typename Response>
class Conversation final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  // Answers one request, as Done (open_call.h) does a unary call.
  class ItemDone {
   public:
    ItemDone(std::shared_ptr<Conversation> conversation, uint64_t item)
        : ticket_(std::make_shared<Ticket>(std::move(conversation), item)) {}

    void operator()(absl::StatusOr<Response> answer) const {
      ticket_->conversation->Answer(ticket_->item, std::move(answer));
    }

   private:
    struct Ticket {
      Ticket(std::shared_ptr<Conversation> c, uint64_t i) : conversation(std::move(c)), item(i) {}
      ~Ticket() {
        conversation->Answer(item, absl::InternalError("the handler dropped an item without an answer"));
      }
      Ticket(const Ticket&) = delete;
      Ticket& operator=(const Ticket&) = delete;

      const std::shared_ptr<Conversation> conversation;
      const uint64_t item;
    };
    std::shared_ptr<Ticket> ticket_;
  };

  // Works on one request. Must not block; the request is gone when it returns.
  using Begin = std::function<void(const Call&, const Request&, ItemDone)>;

  // Starts the stream, or ends it at once if the call is refused. It owns itself until gRPC is done with it.
  static Conversation* Start(MethodMetrics& metrics, Greeting greeting, size_t max_in_flight, Begin begin) {
    const std::shared_ptr<Conversation> conversation(
        new Conversation(metrics, std::move(greeting.call), max_in_flight, std::move(begin)));
    conversation->self_ = conversation;
    if (!greeting.refusal.ok()) {
      conversation->End(greeting.refusal);
      return conversation.get();
    }
    if (greeting.server_sets_deadline) conversation->EndAtDeadline();
    const std::lock_guard lock(conversation->mutex_);
    conversation->Advance();
    return conversation.get();
  }

 private:
  Conversation(MethodMetrics& metrics, Call call, size_t max_in_flight, Begin begin)
      : call_(std::move(call)),
        record_(metrics, call_.traceparent),
        max_in_flight_(max_in_flight),
        begin_(std::move(begin)) {}

  void EndAtDeadline() {
    deadline_.emplace().Set(absl::ToChronoTime(call_.deadline), [weak = std::weak_ptr(self_)](bool reached) {
      if (!reached) return;
      if (const auto self = weak.lock()) self->End(absl::DeadlineExceededError("the server's deadline"));
    });
  }

  void OnReadDone(bool ok) override {
    uint64_t item = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!ok || !early_end_.ok()) {
        reading_ = false;
        heard_all_ = true;
        Advance();
        return;
      }
      item = first_item_ + answers_.size();
      answers_.emplace_back();
    }
    // reading_ is still set, so that incoming_ is ours and items begin in the order of arrival.
    try {
      begin_(call_, incoming_, ItemDone(self_, item));
    } catch (const std::exception& error) {
      End(absl::InternalError(error.what()));
    }
    const std::lock_guard lock(mutex_);
    reading_ = false;
    Advance();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) early_end_ = absl::CancelledError("the caller has gone");
    Advance();
  }

  void OnCancel() override {
    cancelled_ = true;
    End(absl::CancelledError("the caller has gone"));
  }

  void OnDone() override {
    // The last that gRPC does; this goes with the last item under way.
    const std::shared_ptr<Conversation> self = std::move(self_);
  }

  void Answer(uint64_t item, absl::StatusOr<Response> answer) {
    const std::lock_guard lock(mutex_);
    if (item < first_item_) return;
    auto& slot = answers_[item - first_item_];
    if (slot.has_value()) return;
    slot = std::move(answer);
    Advance();
  }

  void End(const absl::Status& why) {
    const std::lock_guard lock(mutex_);
    if (early_end_.ok()) early_end_ = why;
    Advance();
  }

  // Starts whatever may start now. Needs mutex_, which is held over gRPC's calls so that none comes after
  // Finish; gRPC never calls back from inside them.
  void Advance() {
    if (finished_) return;
    if (!writing_ && early_end_.ok() && !answers_.empty() && answers_.front().has_value()) {
      absl::StatusOr<Response> answer = *std::move(answers_.front());
      answers_.pop_front();
      ++first_item_;
      if (answer.ok()) {
        outgoing_ = *std::move(answer);
        writing_ = true;
        this->StartWrite(&outgoing_);
      } else {
        early_end_ = answer.status();
      }
    }
    const bool said_all = heard_all_ && answers_.empty();
    if (!writing_ && (!early_end_.ok() || said_all)) {
      finished_ = true;
      this->Finish(record_.Close(early_end_, cancelled_));
      return;
    }
    if (!reading_ && !heard_all_ && early_end_.ok() && answers_.size() < max_in_flight_) {
      reading_ = true;
      this->StartRead(&incoming_);
    }
  }

  const Call call_;
  CallRecord record_;
  const size_t max_in_flight_;
  const Begin begin_;
  std::shared_ptr<Conversation> self_;
  std::optional<grpc::Alarm> deadline_;
  std::atomic<bool> cancelled_ = false;

  Request incoming_;   // gRPC's while reading_
  Response outgoing_;  // gRPC's while writing_

  std::mutex mutex_;
  // All below guarded by mutex_.
  bool reading_ = false;
  bool writing_ = false;
  bool heard_all_ = false;
  bool finished_ = false;
  absl::Status early_end_;
  // The items that have arrived and not been answered to the caller, from first_item_ on.
  std::deque<std::optional<absl::StatusOr<Response>>> answers_;
  uint64_t first_item_ = 0;
};

template <typename Request, typename Response>
using ItemDone = typename Conversation<Request, Response>::ItemDone;

}  // namespace lapor::rpc
