#include "libs/eventlog/recount.h"

#include <utility>

#include "libs/eventlog/deadlines.h"
#include "libs/eventlog/failure.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {
namespace {

using runtime::Level;
using runtime::Log;

// Between two lines of the log that say how far it is.
constexpr int64_t kSubjectsOfALine = 100'000;

const pg::Statement kCountedBy{"recount_counted_by", "SELECT digest FROM recount"};
const pg::Statement kDone{"recount_done", "UPDATE recount SET digest = $1"};

}  // namespace

Recount::Recount(pg::Pool& pool, std::string digest, RecountOptions options, Running running,
                 CarryOut carry_out)
    : pool_(pool),
      digest_(std::move(digest)),
      options_(options),
      running_(std::move(running)),
      carry_out_(std::move(carry_out)) {}

void Recount::Start(std::function<void()> done) {
  thread_ = std::thread([this, done = std::move(done)] { Loop(done); });
}

void Recount::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Recount::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void Recount::Loop(const std::function<void()>& done) {
  while (!stopping()) {
    const absl::Status status = Proceed();
    if (status.ok()) return done();
    Log(Level::kWarning, "recount.interrupted",
        {{"subjects", subjects_}, {"error", std::string(status.message())}});
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.retry_delay), [this] { return stopping_; });
  }
}

absl::Status Recount::Proceed() {
  if (!begun_) {
    std::string counted_by;
    const absl::Status read = pool_.Read([&](pg::Tx& tx) {
      counted_by = tx.Exec(kCountedBy)[0].Text(0);
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    if (counted_by == digest_) return absl::OkStatus();
    Log(Level::kInfo, "recount.start", {{"counted_by", counted_by}, {"calendars", digest_}});
    begun_ = true;
  }
  while (!stopping()) {
    std::vector<std::string> subjects;
    const absl::Status read = pool_.Read([&](pg::Tx& tx) {
      subjects = running_(tx, last_, options_.max_batch_subjects);
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    if (subjects.empty()) return Finish();
    const auto count = static_cast<int64_t>(subjects.size());
    const std::string last = subjects.back();
    const absl::StatusOr<int> refused = carry_out_(std::move(subjects));
    if (!refused.ok() && IsOutage(refused.status())) return refused.status();
    // What fails for another reason would fail again, and is logged; the others don't wait for it.
    refused_ += refused.ok() ? *refused : count;
    if (subjects_ / kSubjectsOfALine != (subjects_ + count) / kSubjectsOfALine) {
      Log(Level::kInfo, "recount.going_on", {{"subjects", subjects_ + count}});
    }
    subjects_ += count;
    last_ = last;
  }
  return absl::CancelledError("stopped; the next start counts anew");
}

absl::Status Recount::Finish() {
  if (refused_ > 0) {
    Log(Level::kError, "recount.incomplete", {{"subjects", subjects_}, {"refused", refused_}});
    return absl::OkStatus();
  }
  const absl::Status stored = pool_.Transact([&](pg::Tx& tx) {
    tx.Exec(kDone, pg::Params(digest_));
    // What a missing calendar kept from firing may have its year now.
    RetryBlockedDeadlines(tx, "");
    return absl::OkStatus();
  });
  if (!stored.ok()) return stored;
  Log(Level::kInfo, "recount.done", {{"subjects", subjects_}, {"calendars", digest_}});
  return absl::OkStatus();
}

}  // namespace lapor::eventlog
