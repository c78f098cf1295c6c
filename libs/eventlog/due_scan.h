// The due scan: open deadlines -> executor, when their time has come.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/eventlog/deadlines.h"
#include "libs/eventlog/topic.h"
#include "libs/runtime/clock.h"

namespace lapor::eventlog {

struct DueScanOptions {
  // How late a deadline may fire, at most, besides the work itself.
  absl::Duration interval = absl::Milliseconds(200);
  // Deadlines of one transaction.
  int max_batch_deadlines = 1000;
  // Transactions at a time, each about partitions of its own.
  int lanes = 2;
};

// Several instances may scan at once: the executor takes each deadline in its transaction, so each fires
// once.
class DueScan {
 public:
  using Fire = std::function<absl::Status(std::vector<Deadline>)>;
  using Ready = std::function<bool(const std::string& subject)>;

  // No deadline fires before its subject is `ready`: a service that was down over a due date first hears what
  // happened in time. Each lane fires one batch after the other, and a subject's deadlines are all of one
  // lane, the one of its partition: so they keep their order, and no two lanes append to the same partition.
  DueScan(pg::Pool& pool, const runtime::Clock& clock, DueScanOptions options, Ready ready,
          Partitioning partitioning, std::vector<Fire> lanes);
  // With one lane.
  DueScan(pg::Pool& pool, const runtime::Clock& clock, DueScanOptions options, Ready ready, Fire fire)
      : DueScan(pool, clock, options, std::move(ready), {}, std::vector<Fire>{std::move(fire)}) {}
  ~DueScan() { Stop(); }

  void Start();
  void Stop();

  // Fires everything that is due now and ready; how many that was. For tests; else the thread does it.
  absl::StatusOr<int> Scan();

 private:
  void Loop();
  bool stopping();

  pg::Pool& pool_;
  const runtime::Clock& clock_;
  const DueScanOptions options_;
  const Ready ready_;
  const Partitioning partitioning_;
  const std::vector<Fire> lanes_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lapor::eventlog
