#include "libs/eventlog/due_scan.h"

#include <future>
#include <optional>
#include <utility>

#include "libs/report/assignment_id.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {

DueScan::DueScan(pg::Pool& pool, const runtime::Clock& clock, DueScanOptions options, Ready ready,
                 Partitioning partitioning, std::vector<Fire> lanes)
    : pool_(pool),
      clock_(clock),
      options_(options),
      ready_(std::move(ready)),
      partitioning_(partitioning),
      lanes_(std::move(lanes)) {}

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

bool DueScan::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

absl::StatusOr<int> DueScan::Scan() {
  const int limit = options_.max_batch_deadlines * static_cast<int>(lanes_.size());
  int fired = 0;
  std::optional<Deadline> last;
  // A page is read while the one before is fired.
  std::vector<std::future<absl::Status>> firing(lanes_.size());
  absl::Status status;
  for (bool is_last_page = false; status.ok() && !is_last_page && !stopping();) {
    std::vector<Deadline> due;
    const absl::Time now = clock_.Now();
    status = pool_.Read([&](pg::Tx& tx) {
      due = DueDeadlines(tx, now, last, limit);
      return absl::OkStatus();
    });
    if (!status.ok()) break;
    is_last_page = static_cast<int>(due.size()) < limit;
    if (!due.empty()) last = due.back();

    std::vector<std::vector<Deadline>> shares(lanes_.size());
    for (Deadline& deadline : due) {
      const std::string report_id = report::ParseAssignmentId(deadline.subject).report_id;
      if (!ready_(report_id)) continue;
      const auto partition = static_cast<size_t>(partitioning_.Of(Topic::kReport, report_id));
      shares[partition % lanes_.size()].push_back(std::move(deadline));
    }
    for (size_t lane = 0; lane < lanes_.size(); ++lane) {
      if (firing[lane].valid()) status.Update(firing[lane].get());
      if (!status.ok() || shares[lane].empty()) continue;
      fired += static_cast<int>(shares[lane].size());
      firing[lane] = std::async(std::launch::async, lanes_[lane], std::move(shares[lane]));
    }
  }
  for (auto& share : firing) {
    if (share.valid()) status.Update(share.get());
  }
  if (!status.ok()) return status;
  return fired;
}

}  // namespace lapor::eventlog
