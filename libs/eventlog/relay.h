// The relay: journal -> Kafka.
//
// One relay is active per service: a round is a transaction that holds an advisory lock, freed by the
// database when its connection ends, however that ends; the epoch tells a relay that another was active
// since. A round reads what stands beyond the cursor, partition by partition in the order of positions,
// produces it with the idempotent producer, waits for every acknowledgement and moves the cursor. A crash in
// between produces again; consumers drop duplicates by their positions.
//
// A broker that has lost what it had acknowledged (another cluster id, a log that ends below the acknowledged
// offset, an offset that was given twice) gets everything again that the journal still has.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/eventlog/journal.h"
#include "libs/kafka/cluster.h"
#include "libs/kafka/producer.h"
#include "libs/runtime/metrics.h"

namespace lapor::eventlog {

struct RelayOptions {
  std::string brokers = {};
  std::map<std::string, std::string> kafka_properties = {};
  // Events of one round and partition.
  int max_batch_events = 2000;
  // How soon another instance's commit is noticed.
  absl::Duration poll_interval = absl::Milliseconds(100);
  // How often the broker is asked whether it still has what it acknowledged.
  absl::Duration loss_check_interval = absl::Seconds(5);
  // How long a round waits for acknowledgements. A round is one transaction, and Stop waits for its end, so
  // this is shorter than what either may last.
  absl::Duration delivery_timeout = absl::Seconds(5);
  // How long the journal keeps what the broker has acknowledged.
  absl::Duration retention = absl::Hours(24 * 30);
};

class Relay {
 public:
  Relay(pg::Pool& pool, const Journal& journal, RelayOptions options, runtime::Metrics& metrics);
  ~Relay() { Stop(); }

  void Start();
  void Stop();
  // Something was committed. From any thread.
  void Wake();

  // One round: how many events the broker acknowledged; 0 as well when another instance is active. For tests;
  // else the thread does it.
  absl::StatusOr<int> Round();

 private:
  struct Cursor {
    int64_t position;
    int64_t kafka_offset;
  };
  using Cursors = std::map<std::pair<Topic, int32_t>, Cursor>;

  void Loop();
  absl::Status Connect();
  absl::Status CheckForLoss(pg::Tx& tx, const Cursors& cursors, bool* lost);
  void StartAgain(pg::Tx& tx);
  absl::StatusOr<int> Send(pg::Tx& tx, const Cursors& cursors);

  pg::Pool& pool_;
  const Journal& journal_;
  const RelayOptions options_;
  prometheus::Counter& sent_;
  prometheus::Counter& restarts_;
  prometheus::Gauge& lag_;

  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<kafka::Cluster> cluster_;
  int64_t epoch_ = -1;  // -1: not active
  absl::Time next_loss_check_ = absl::InfinitePast();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lapor::eventlog
