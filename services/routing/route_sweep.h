// The sweep that finds what nobody asks for, and has the executor do it: what is open with an agency that has
// ended is carried over to its successor, and who follows a report that nobody follows up any more gets
// triage of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"
#include "services/routing/aggregate.h"
#include "services/routing/registry_watch.h"

namespace lapor::routing {

struct RouteSweepOptions {
  // How long a report may stay where nobody does anything for it, at most, besides the work itself.
  absl::Duration interval = absl::Seconds(1);
  // Reports of one transaction.
  int max_batch_reports = 256;
};

// Nothing is remembered but what the database says, so nothing is lost with the process; and a report that
// was assigned in the same moment in which its agency ended, by an instance that did not know yet, or that
// came back to it when its case was reopened, is found by the next sweep. Several instances may sweep at
// once: to carry over what has been carried over does nothing. Thread-safe.
class RouteSweep {
 public:
  using Do = std::function<absl::Status(std::vector<RoutingExecutor::Order>)>;

  // `pool` must outlive this. `carry_out` is RoutingExecutor::Do.
  RouteSweep(pg::Pool& pool, std::shared_ptr<RegistryWatch> registry, RouteSweepOptions options,
             Do carry_out);
  ~RouteSweep() { Stop(); }

  void Start();
  void Stop();
  // An agency has just ended.
  void Wake();

  // Does everything that there is to do now, batch by batch; for how many reports. For tests; else the thread
  // does it.
  absl::StatusOr<int> Sweep();

 private:
  using Orders = std::vector<RoutingExecutor::Order>;
  // The orders for the first reports after `last`, which moves on; none at the end.
  using Find = absl::StatusOr<Orders> (RouteSweep::*)(std::string& last);

  absl::StatusOr<int> SweepFor(Find find);
  absl::StatusOr<Orders> CarryOvers(std::string& last);
  absl::StatusOr<Orders> Unmergings(std::string& last);
  void Loop();

  pg::Pool& pool_;
  const std::shared_ptr<RegistryWatch> registry_;
  const RouteSweepOptions options_;
  const Do carry_out_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  bool woken_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace lapor::routing
