#include "libs/eventlog/due_scan.h"

#include <optional>
#include <utility>

#include "libs/report/assignment_id.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {

DueScan::DueScan(pg::Pool& pool, const runtime::Clock& clock, DueScanOptions options, Ready ready, Fire fire)
    : pool_(pool), clock_(clock), options_(options), ready_(std::move(ready)), fire_(std::move(fire)) {}

void DueScan::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void DueScan::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DueScan::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (const absl::StatusOr<int> fired = Scan(); !fired.ok()) {
      runtime::Log(runtime::Level::kWarning, "due_scan.failed",
                   {{"error", std::string(fired.status().message())}});
    }
    lock.lock();
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.interval), [this] { return stopping_; });
  }
}

absl::StatusOr<int> DueScan::Scan() {
  int fired = 0;
  std::optional<Deadline> last;
  while (true) {
    std::vector<Deadline> due;
    const absl::Time now = clock_.Now();
    absl::Status status = pool_.Read([&](pg::Tx& tx) {
      due = DueDeadlines(tx, now, last, options_.max_batch_deadlines);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    const bool is_last_page = static_cast<int>(due.size()) < options_.max_batch_deadlines;
    if (!due.empty()) last = due.back();
    std::erase_if(due, [this](const Deadline& deadline) {
      return !ready_(report::ParseAssignmentId(deadline.subject).report_id);
    });
    if (!due.empty()) {
      fired += static_cast<int>(due.size());
      status = fire_(std::move(due));
      if (!status.ok()) return status;
    }
    if (is_last_page) return fired;
  }
}

}  // namespace lapor::eventlog
