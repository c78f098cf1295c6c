#include "services/routing/carry_over.h"

#include <utility>

#include "libs/runtime/log.h"
#include "services/routing/store.h"

namespace lapor::routing {

CarryOverSweep::CarryOverSweep(pg::Pool& pool, std::shared_ptr<RegistryWatch> registry,
                               CarryOverOptions options, Do carry_out)
    : pool_(pool), registry_(std::move(registry)), options_(options), carry_out_(std::move(carry_out)) {}

void CarryOverSweep::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void CarryOverSweep::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CarryOverSweep::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void CarryOverSweep::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const absl::StatusOr<int> carried = Sweep();
    if (!carried.ok()) {
      runtime::Log(runtime::Level::kWarning, "carry_over.failed",
                   {{"error", std::string(carried.status().message())}});
    } else if (*carried > 0) {
      runtime::Log(runtime::Level::kInfo, "carry_over.done", {{"reports", *carried}});
    }
    lock.lock();
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.interval),
                   [this] { return stopping_ || woken_; });
  }
}

absl::StatusOr<int> CarryOverSweep::Sweep() {
  int carried = 0;
  std::string last;
  while (true) {
    std::vector<std::string> reports;
    absl::Status status = pool_.Read([&](pg::Tx& tx) {
      reports = ReportsToCarryOver(tx, last, options_.max_batch_reports);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    if (reports.empty()) return carried;
    // What is decided is decided by the registry in memory, which may be older than what was just read.
    if (status = registry_->Refresh(); !status.ok()) return status;

    last = reports.back();
    std::vector<RoutingExecutor::Order> orders;
    for (std::string& report : reports) orders.push_back({std::move(report), CarryOver{}});
    const int count = static_cast<int>(orders.size());
    if (status = carry_out_(std::move(orders)); !status.ok()) return status;
    carried += count;
    std::lock_guard lock(mutex_);
    if (stopping_) return carried;
  }
}

}  // namespace lapor::routing
