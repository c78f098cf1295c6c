// The recount: at its start a service that finds other calendars than those by which it last counted gives an
// order for each subject whose clocks run, so that they end by the new ones. Serving goes on meanwhile, but
// deadlines wait: a day that was made free late must not become a breach.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

struct RecountOptions {
  // Subjects of one transaction.
  int max_batch_subjects = 500;
  // After an outage of the database, before it goes on.
  absl::Duration retry_delay = absl::Seconds(1);
};

// Nothing is remembered but the digest of the calendars, and that only when every order was carried out. So a
// recount that was interrupted, or of which an order was refused, is done anew by the next start, from the
// beginning: to recount what has been recounted changes nothing. That is why several instances may recount at
// once, too.
class Recount {
 public:
  // The subjects after `after`, ascending, at most `limit`; all those whose clocks may be running.
  using Running = std::function<std::vector<std::string>(pg::Tx&, const std::string& after, int limit)>;
  // Carries out an order for each of them; how many were refused.
  using CarryOut = std::function<absl::StatusOr<int>(std::vector<std::string> subjects)>;

  // `digest` tells one set of calendars from another. `pool` must outlive this.
  Recount(pg::Pool& pool, std::string digest, RecountOptions options, Running running, CarryOut carry_out);
  ~Recount() { Stop(); }

  // Calls `done` once, from a thread of its own: when every subject has had its order, or when the calendars
  // are the same. Not when it is stopped before.
  void Start(std::function<void()> done);
  // Ends it between two batches.
  void Stop();

 private:
  void Loop(const std::function<void()>& done);
  // Goes on from where it was, to the end.
  absl::Status Proceed();
  absl::Status Finish();
  bool stopping();

  pg::Pool& pool_;
  const std::string digest_;
  const RecountOptions options_;
  const Running running_;
  const CarryOut carry_out_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;

  // Of the thread.
  bool begun_ = false;
  std::string last_;
  int64_t subjects_ = 0;
  int64_t refused_ = 0;
};

}  // namespace lapor::eventlog
