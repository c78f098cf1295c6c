// The consumer: Kafka -> inbox.
//
// Reads the streams as a member of the service's group, from the offsets that stand in the service's own
// database, and hands chunks to the executor. Where events are missing it holds the partition, says so, and
// asks the service that wrote them for what its journal has; it never skips over a gap.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/eventlog/inbox.h"
#include "libs/kafka/cluster.h"
#include "libs/kafka/consumer.h"
#include "libs/runtime/metrics.h"

namespace lapor::eventlog {

struct ConsumerOptions {
  std::string brokers = {};
  std::map<std::string, std::string> kafka_properties = {};
  // The service; also its consumer group.
  std::string name = {};
  std::vector<Topic> topics = {Topic::kReport, Topic::kAgency};
  // Whose events are read; of others nothing is expected in order, or asked for. Empty: everybody's.
  std::set<std::string> producers = {};
  // Events handed to the executor at once.
  int max_batch_events = 512;
  // How long a partition with a gap that can't be filled is held before the next try.
  absl::Duration hold = absl::Seconds(1);
  // How often the broker is asked whether it still is the one that was read, and how far its log goes.
  absl::Duration check_interval = absl::Seconds(5);
};

// The value as an event. What can't be decoded keeps its place, by the headers, and its subject, by the key.
Inbound ToInbound(kafka::Message message);

class Consumer {
 public:
  using Apply = std::function<absl::StatusOr<std::vector<Gap>>(std::vector<Inbound>)>;
  // The events of `source` from position `from` on, in order, at most a page of them; from its producer's
  // journal.
  using ReadJournal =
      std::function<absl::StatusOr<std::vector<event::v1::Event>>(const Source& source, int64_t from)>;

  Consumer(pg::Pool& pool, ConsumerOptions options, Apply apply, ReadJournal read_journal,
           runtime::Metrics& metrics);
  ~Consumer() { Stop(); }

  void Start();
  // Returns when the chunk in work is committed.
  void Stop();

  // Whether what is known of the reports of this partition is up to date: this instance reads it, has applied
  // everything that the broker held at some moment since then, and misses nothing. Thread-safe.
  bool HasHeard(int32_t report_partition) const;

 private:
  void Loop();
  absl::Status Connect();
  absl::Status Step();
  absl::StatusOr<bool> SyncCluster();
  absl::Status Check();
  absl::Status StartOver(const kafka::TopicPartition& partition);
  absl::StatusOr<int64_t> StoredOffset(const kafka::TopicPartition& partition);
  void Hold(const Gap& gap, const absl::Status& why);
  void Unhear(const kafka::TopicPartition& partition);
  void UnhearAll();
  void ReleaseHeld();
  absl::Status Fill(const Gap& gap, int depth);

  pg::Pool& pool_;
  const ConsumerOptions options_;
  const Apply apply_;
  const ReadJournal read_journal_;
  prometheus::Counter& gaps_;
  prometheus::Gauge& held_gauge_;
  prometheus::Gauge& quarantined_;
  prometheus::Gauge& blocked_;
  runtime::Metrics& metrics_;

  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Consumer> kafka_;
  absl::Time next_check_;
  bool caught_up_ = false;  // heard_ is all that this instance reads
  std::map<kafka::TopicPartition, absl::Time> held_;
  mutable std::mutex heard_mutex_;
  std::set<kafka::TopicPartition> heard_;  // guarded by heard_mutex_
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace lapor::eventlog
