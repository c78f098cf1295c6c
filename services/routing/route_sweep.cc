#include "services/routing/route_sweep.h"

#include <set>
#include <utility>

#include "libs/report/assignment_id.h"
#include "libs/runtime/log.h"
#include "services/routing/store.h"

namespace lapor::routing {

RouteSweep::RouteSweep(pg::Pool& pool, std::shared_ptr<RegistryWatch> registry, RouteSweepOptions options,
                       Do carry_out)
    : pool_(pool), registry_(std::move(registry)), options_(options), carry_out_(std::move(carry_out)) {}

void RouteSweep::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void RouteSweep::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RouteSweep::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void RouteSweep::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const absl::StatusOr<int> done = Sweep();
    if (!done.ok()) {
      runtime::Log(runtime::Level::kWarning, "route_sweep.failed",
                   {{"error", std::string(done.status().message())}});
    } else if (*done > 0) {
      runtime::Log(runtime::Level::kInfo, "route_sweep.done", {{"reports", *done}});
    }
    lock.lock();
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.interval),
                   [this] { return stopping_ || woken_; });
  }
}

absl::StatusOr<int> RouteSweep::Sweep() {
  int done = 0;
  for (const Find find : {&RouteSweep::CarryOvers, &RouteSweep::Unmergings}) {
    const absl::StatusOr<int> count = SweepFor(find);
    if (!count.ok()) return count;
    done += *count;
  }
  return done;
}

absl::StatusOr<int> RouteSweep::SweepFor(Find find) {
  int done = 0;
  std::string last;
  while (true) {
    absl::StatusOr<Orders> orders = (this->*find)(last);
    if (!orders.ok()) return orders.status();
    if (orders->empty()) return done;
    const int count = static_cast<int>(orders->size());
    if (const absl::Status status = carry_out_(*std::move(orders)); !status.ok()) return status;
    done += count;
    std::lock_guard lock(mutex_);
    if (stopping_) return done;
  }
}

absl::StatusOr<RouteSweep::Orders> RouteSweep::CarryOvers(std::string& last) {
  std::vector<std::string> ids;
  absl::Status status = pool_.Read([&](pg::Tx& tx) {
    ids = ReportsToCarryOver(tx, last, options_.max_batch_reports);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  Orders orders;
  if (ids.empty()) return orders;
  // What is decided is decided by the registry in memory, which may be older than what was just read.
  if (status = registry_->Refresh(); !status.ok()) return status;
  last = ids.back();
  // A child assignment is carried over with its report.
  std::set<std::string> reports;
  for (const std::string& id : ids) reports.insert(report::ParseAssignmentId(id).report_id);
  for (const std::string& id : reports) orders.push_back({id, CarryOver{}});
  return orders;
}

absl::StatusOr<RouteSweep::Orders> RouteSweep::Unmergings(std::string& last) {
  std::vector<Following> found;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    found = FollowersToRelease(tx, last, options_.max_batch_reports);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  Orders orders;
  if (found.empty()) return orders;
  last = found.back().report_id;
  Actor suite;
  suite.set_role(report::v1::ROLE_SERVICE);
  for (const Following& following : found) {
    orders.push_back({following.report_id,
                      UnmergeReport{suite, following.lead_report_id, event::v1::UNMERGE_REASON_LEAD_GONE},
                      ReleasedBy(following.lead_report_id)});
  }
  return orders;
}

}  // namespace lapor::routing
