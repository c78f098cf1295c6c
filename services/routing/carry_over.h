// The sweep that leaves no report with an agency that has ended: finds what is open there, and has the
// executor carry it over to the successor.
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

struct CarryOverOptions {
  // How long a report may stay with an agency that has ended, at most, besides the work itself.
  absl::Duration interval = absl::Seconds(1);
  // Reports of one transaction.
  int max_batch_reports = 256;
};

// Nothing is remembered but what the database says, so nothing is lost with the process; and a report that
// was assigned in the same moment in which its agency ended, by an instance that did not know yet, or that
// came back to it when its case was reopened, is found by the next sweep. Several instances may sweep at
// once: to carry over what has been carried over does nothing. Thread-safe.
class CarryOverSweep {
 public:
  using Do = std::function<absl::Status(std::vector<RoutingExecutor::Order>)>;

  // `pool` must outlive this. `carry_out` is RoutingExecutor::Do.
  CarryOverSweep(pg::Pool& pool, std::shared_ptr<RegistryWatch> registry, CarryOverOptions options,
                 Do carry_out);
  ~CarryOverSweep() { Stop(); }

  void Start();
  void Stop();
  // An agency has just ended.
  void Wake();

  // Carries over everything that there is now, batch by batch; how many reports that was. For tests; else the
  // thread does it.
  absl::StatusOr<int> Sweep();

 private:
  void Loop();

  pg::Pool& pool_;
  const std::shared_ptr<RegistryWatch> registry_;
  const CarryOverOptions options_;
  const Do carry_out_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  bool woken_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace lapor::routing
