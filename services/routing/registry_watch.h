#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"
#include "services/routing/registry.h"

namespace lapor::routing {

// The registry in memory, followed as it changes in the database: at once by whoever calls Refresh after a
// change of their own, and within the interval when another instance has changed it. Thread-safe.
class RegistryWatch {
 public:
  // How long a change of another instance may go unnoticed.
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // Empty until the first Refresh. `pool` must outlive this.
  explicit RegistryWatch(pg::Pool& pool) : pool_(pool) {}
  ~RegistryWatch() { Stop(); }
  RegistryWatch(const RegistryWatch&) = delete;
  RegistryWatch& operator=(const RegistryWatch&) = delete;

  void Start();
  // Calls what waits.
  void Stop();

  // Never null. What it points at never changes.
  std::shared_ptr<const Registry> Current() const;

  // Looks whether the registry has changed and, if so, reads it. Blocks; errors are those of pg::Pool.
  absl::Status Refresh();
  // The same in a transaction of the caller's.
  void Refresh(pg::Tx& tx);

  // Calls `then` when the agency is known, or the database has been asked for it: at once, or soon from the
  // thread of this. Does not block. So an agency that another instance has just recorded is not told to be
  // unknown.
  void WhenLookedUp(const std::string& agency_id, std::function<void()> then);

 private:
  void Loop();

  pg::Pool& pool_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Registry> current_ = std::make_shared<Registry>();  // guarded by mutex_
  std::vector<std::function<void()>> waiting_;                              // guarded by mutex_
  bool stopping_ = false;                                                   // guarded by mutex_
  std::thread thread_;
};

}  // namespace lapor::routing
