#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lapor::rpc {

// Threads for work that blocks, such as reads of a database, with a bound on what waits for them. First come,
// first served. Thread-safe.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t max_queued);
  // As Stop.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False at once, and `work` is not run, when `max_queued` wait already or the pool stops. `work` must not
  // throw.
  [[nodiscard]] bool TrySubmit(std::function<void()> work);

  // Takes nothing more, runs what waits, and ends the threads.
  void Stop();

  size_t queued() const;

 private:
  void Work();

  const size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace lapor::rpc
