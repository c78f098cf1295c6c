#include "libs/eventlog/visibility.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/decision/refusal.h"

namespace lapor::eventlog {
namespace {

// How soon another instance's commit is noticed while somebody waits for it.
constexpr std::chrono::milliseconds kPollInterval(20);

}  // namespace

Visibility::Visibility(pg::Pool& pool, std::string self)
    : pool_(pool), self_(std::move(self)), watcher_([this] { Watch(); }) {}

Visibility::~Visibility() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watcher_.join();
  for (Waiter& waiter : waiters_) waiter.done(absl::UnavailableError("shutting down"));
}

void Visibility::Advance(const Applied& applied) {
  std::vector<std::pair<Done, absl::Status>> ready;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [source, position] : applied) {
      int64_t& known = applied_[source];
      known = std::max(known, position);
    }
    ready = TakeReady(absl::InfinitePast());
  }
  for (auto& [done, status] : ready) done(status);
}

void Visibility::Forget() {
  std::lock_guard lock(mutex_);
  applied_.clear();
}

void Visibility::Await(Tokens tokens, Done done) {
  if (tokens.size() > kMaxTokens) {
    return done(decision::Refuse(absl::StatusCode::kInvalidArgument, "not_before", "has at most 64 tokens",
                                 "name the last token of each partition only"));
  }
  {
    std::unique_lock lock(mutex_);
    if (!Visible(tokens)) {
      if (waiters_.size() >= kMaxWaiters) {
        lock.unlock();
        return done(absl::ResourceExhaustedError("too many calls wait for not_before; ask again later"));
      }
      waiters_.push_back({std::move(tokens), absl::Now() + kMaxWait, std::move(done)});
      lock.unlock();
      changed_.notify_all();
      return;
    }
  }
  done(absl::OkStatus());
}

bool Visibility::Visible(const Tokens& tokens) const {
  return std::ranges::all_of(tokens, [this](const report::v1::Token& token) {
    if (token.producer() == self_ || token.position() == 0) return true;
    const auto known = applied_.find(Source{token.producer(), Topic::kReport, token.partition()});
    return known != applied_.end() && known->second >= token.position();
  });
}

std::vector<std::pair<Visibility::Done, absl::Status>> Visibility::TakeReady(absl::Time now) {
  std::vector<std::pair<Done, absl::Status>> ready;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const bool visible = Visible(waiter->tokens);
    if (!visible && now < waiter->until) {
      ++waiter;
      continue;
    }
    ready.emplace_back(
        std::move(waiter->done),
        visible ? absl::OkStatus()
                : decision::Refuse(
                      absl::StatusCode::kDeadlineExceeded, "not_before", "is not visible here within 2 s",
                      "ask again; if it never is, check the token's producer, partition and position"));
    waiter = waiters_.erase(waiter);
  }
  return ready;
}

void Visibility::Watch() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiters_.empty(); });
    if (stopping_) return;
    changed_.wait_for(lock, kPollInterval, [this] { return stopping_; });
    if (stopping_ || waiters_.empty()) continue;
    auto over = TakeReady(absl::Now());  // before the database is asked, which may take its time
    lock.unlock();
    for (auto& [done, status] : over) done(status);

    Applied applied;
    const absl::Status read = pool_.Read([&](pg::Tx& tx) {
      applied = Inbox::All(tx);
      return absl::OkStatus();
    });
    if (read.ok()) Advance(applied);
    lock.lock();
  }
}

}  // namespace lapor::eventlog
