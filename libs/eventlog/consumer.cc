#include "libs/eventlog/consumer.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "libs/eventlog/deadlines.h"
#include "libs/eventlog/quarantine.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {
namespace {

using runtime::Level;
using runtime::Log;

constexpr absl::Duration kPollTimeout = absl::Milliseconds(100);
// Between two questions while there are events to catch up with.
constexpr absl::Duration kCatchUpInterval = absl::Milliseconds(100);
constexpr absl::Duration kQuestionTimeout = absl::Seconds(2);
// A missing event may have missing causes of its own; each is older than the one before, and there are five
// producers.
constexpr int kMaxFillDepth = 1000;
constexpr size_t kMaxSubjectBytes = 128;

const pg::Statement kCluster{"consumer_cluster", "SELECT cluster_id FROM inbox_cluster"};
const pg::Statement kSetCluster{"consumer_set_cluster", "UPDATE inbox_cluster SET cluster_id = $1"};
const pg::Statement kForgetOffsets{"consumer_forget_offsets", "UPDATE inbox SET kafka_offset = -1"};
// Of bytes without a producer's position, which are known by their offset alone.
const pg::Statement kForgetUnplaced{"consumer_forget_unplaced", "DELETE FROM inbox WHERE producer = ''"};
const pg::Statement kForgetPartition{
    "consumer_forget_partition", "UPDATE inbox SET kafka_offset = -1 WHERE topic = $1 AND partition = $2"};
const pg::Statement kForgetUnplacedOfPartition{
    "consumer_forget_unplaced_of_partition",
    "DELETE FROM inbox WHERE producer = '' AND topic = $1 AND partition = $2"};

// Ids of reports and agencies are short and of printable ASCII; a key that isn't one is kept out of texts.
bool CanBeId(std::string_view key) {
  return key.size() <= kMaxSubjectBytes &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Inbound ToInbound(kafka::Message message) {
  Inbound inbound;
  inbound.topic = TopicNamed(message.topic).value_or(Topic::kReport);
  inbound.partition = message.partition;
  inbound.kafka_offset = message.offset;
  for (const kafka::Header& header : message.headers) {
    if (header.key == "ce_source" && header.value.starts_with("/lapor/"))
      inbound.producer = header.value.substr(7);
    if (header.key == "ce_sequence") {
      std::from_chars(header.value.data(), header.value.data() + header.value.size(), inbound.position);
    }
    if (header.key == "traceparent" && !rpc::TraceId(header.value).empty()) inbound.trace = header.value;
  }
  if (inbound.producer.empty() || inbound.position < 1) {
    inbound.producer.clear();
    inbound.position = 0;
  }
  if (CanBeId(message.key)) inbound.subject = std::move(message.key);
  inbound.value = std::move(message.value);
  Decode(inbound);
  return inbound;
}

Consumer::Consumer(pg::Pool& pool, ConsumerOptions options, Apply apply, ReadJournal read_journal,
                   runtime::Metrics& metrics)
    : pool_(pool),
      options_(std::move(options)),
      apply_(std::move(apply)),
      read_journal_(std::move(read_journal)),
      gaps_(metrics.Counter("lapor_inbox_gaps_total", "Times events were missing and were asked for")),
      held_gauge_(metrics.Gauge("lapor_inbox_held_partitions", "Partitions held because events are missing")),
      quarantined_(
          metrics.Gauge("lapor_quarantine_held_events", "Events set aside, for an operator to look at")),
      blocked_(metrics.Gauge("lapor_deadlines_blocked", "Deadlines that failed, for an operator to retry")),
      metrics_(metrics) {}

void Consumer::Start() {
  stopping_ = false;
  thread_ = std::thread([this] { Loop(); });
}

void Consumer::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  kafka_.reset();
  held_.clear();
  UnhearAll();
}

bool Consumer::HasHeard(int32_t report_partition) const {
  std::lock_guard lock(heard_mutex_);
  return heard_.contains({NameOf(Topic::kReport), report_partition});
}

void Consumer::Unhear(const kafka::TopicPartition& partition) {
  caught_up_ = false;
  std::lock_guard lock(heard_mutex_);
  heard_.erase(partition);
}

void Consumer::UnhearAll() {
  caught_up_ = false;
  std::lock_guard lock(heard_mutex_);
  heard_.clear();
}

void Consumer::Loop() {
  while (!stopping_) {
    absl::Status status = kafka_ == nullptr ? Connect() : Step();
    if (status.ok()) continue;
    Log(Level::kWarning, "consumer.failed", {{"error", std::string(status.message())}});
    // What was applied is known to the database; a new consumer reads on from there.
    UnhearAll();
    kafka_.reset();
    held_.clear();
    for (absl::Time until = absl::Now() + options_.hold; !stopping_ && absl::Now() < until;) {
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
}

absl::Status Consumer::Connect() {
  if (cluster_ == nullptr) {
    auto cluster = kafka::Cluster::Create({.brokers = options_.brokers,
                                           .client_id = "lapor",
                                           .timeout = kQuestionTimeout,
                                           .properties = options_.kafka_properties});
    if (!cluster.ok()) return cluster.status();
    cluster_ = *std::move(cluster);
  }
  if (const absl::StatusOr<bool> other = SyncCluster(); !other.ok()) return other.status();
  next_check_ = absl::Now();
  auto consumer = kafka::Consumer::Create({.brokers = options_.brokers,
                                           .group_id = "lapor-" + options_.name,
                                           .client_id = "lapor-" + options_.name,
                                           .properties = options_.kafka_properties});
  if (!consumer.ok()) return consumer.status();
  kafka_ = *std::move(consumer);
  std::vector<std::string> topics;
  for (Topic topic : options_.topics) topics.emplace_back(NameOf(topic));
  return kafka_->Subscribe(
      topics, [this](const kafka::TopicPartition& partition) { return StoredOffset(partition); },
      [this](const std::vector<kafka::TopicPartition>& revoked) {
        for (const kafka::TopicPartition& partition : revoked) {
          held_.erase(partition);
          Unhear(partition);
        }
      });
}

// Offsets mean nothing in another cluster: then everything is read again, and positions tell what is new.
// Says whether the cluster is another one.
absl::StatusOr<bool> Consumer::SyncCluster() {
  const absl::StatusOr<std::string> cluster_id = cluster_->ClusterId();
  if (!cluster_id.ok()) return cluster_id.status();
  bool other = false;
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) {
    quarantined_.Set(static_cast<double>(CountQuarantined(tx)));
    blocked_.Set(static_cast<double>(CountBlockedDeadlines(tx)));
    other = tx.Exec(kCluster)[0].Text(0) != *cluster_id;
    if (!other) return absl::OkStatus();
    tx.Exec(kSetCluster, {*cluster_id});
    tx.Exec(kForgetOffsets);
    tx.Exec(kForgetUnplaced);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return other;
}

absl::Status Consumer::Check() {
  // What is held is tried again by the clock: to ask often wouldn't help it.
  next_check_ = absl::Now() + (caught_up_ || !held_.empty() ? options_.check_interval : kCatchUpInterval);
  const absl::StatusOr<bool> other = SyncCluster();
  if (!other.ok()) {
    UnhearAll();  // the broker is away; there may be news when it is back
    return absl::OkStatus();
  }
  if (*other) return absl::UnavailableError("another cluster than before: everything is read again");

  // What Poll has returned is applied by now, or sought again.
  const std::vector<kafka::TopicPartition> partitions = kafka_->assignment();
  bool caught_up = !partitions.empty();
  for (const kafka::TopicPartition& partition : partitions) {
    const absl::StatusOr<kafka::Watermarks> marks = cluster_->GetWatermarks(partition);
    if (!marks.ok()) return absl::OkStatus();  // asked again soon
    const int64_t lag = marks->high - std::max(kafka_->NextOffset(partition), marks->low);
    metrics_
        .Gauge("lapor_inbox_lag_events", "Messages of a partition, read by this instance, not yet applied",
               {{"topic", partition.topic}, {"partition", std::to_string(partition.partition)}})
        .Set(static_cast<double>(lag));
    std::lock_guard lock(heard_mutex_);
    if (lag == 0 && !held_.contains(partition)) heard_.insert(partition);
    caught_up = caught_up && heard_.contains(partition);
  }
  if (caught_up && !caught_up_) {
    Log(Level::kInfo, "consumer.caught_up", {});
  }
  caught_up_ = caught_up;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Consumer::StoredOffset(const kafka::TopicPartition& partition) {
  int64_t offset = 0;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    offset = Inbox::NextOffset(tx, *TopicNamed(partition.topic), partition.partition);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return offset > 0 ? offset : kafka::kBeginning;
}

absl::Status Consumer::Step() {
  ReleaseHeld();
  if (absl::Now() >= next_check_) {
    if (const absl::Status status = Check(); !status.ok()) return status;
  }
  absl::StatusOr<std::vector<kafka::Message>> messages =
      kafka_->Poll(options_.max_batch_events, kPollTimeout);
  if (absl::IsOutOfRange(messages.status())) {
    Log(Level::kWarning, "consumer.offset_gone", {{"error", std::string(messages.status().message())}});
    if (const absl::Status status = Check(); !status.ok()) return status;
    return StartOver(kafka_->out_of_range());
  }
  if (!messages.ok()) return messages.status();
  if (messages->empty()) return absl::OkStatus();

  std::vector<Inbound> events;
  events.reserve(messages->size());
  for (kafka::Message& message : *messages) {
    Inbound& inbound = events.emplace_back(ToInbound(std::move(message)));
    if (options_.producers.empty() || options_.producers.contains(inbound.producer)) continue;
    inbound.producer.clear();
    inbound.position = 0;
    Decode(inbound);
  }
  const absl::StatusOr<std::vector<Gap>> gaps = apply_(std::move(events));
  if (!gaps.ok()) return gaps.status();

  for (const Gap& gap : *gaps) {
    gaps_.Increment();
    Log(Level::kWarning, "inbox.gap",
        {{"producer", gap.source.producer},
         {"partition", gap.source.partition},
         {"from", gap.from},
         {"to", gap.to}});
    const absl::Status filled = Fill(gap, 0);
    if (!filled.ok()) Hold(gap, filled);
    const absl::Status sought =
        kafka_->Seek({NameOf(gap.source.topic), gap.source.partition}, gap.kafka_offset);
    if (!sought.ok()) return sought;
  }
  return absl::OkStatus();
}

absl::Status Consumer::StartOver(const kafka::TopicPartition& partition) {
  Unhear(partition);
  const absl::Status forgotten = pool_.Transact([&](pg::Tx& tx) {
    const auto topic = static_cast<int64_t>(*TopicNamed(partition.topic));
    tx.Exec(kForgetPartition, {topic, partition.partition});
    tx.Exec(kForgetUnplacedOfPartition, {topic, partition.partition});
    return absl::OkStatus();
  });
  if (!forgotten.ok()) return forgotten;
  return kafka_->Seek(partition, kafka::kBeginning);
}

void Consumer::Hold(const Gap& gap, const absl::Status& why) {
  const kafka::TopicPartition partition{NameOf(gap.source.topic), gap.source.partition};
  Log(Level::kError, "inbox.held",
      {{"producer", gap.source.producer},
       {"partition", gap.source.partition},
       {"from", gap.from},
       {"to", gap.to},
       {"error", std::string(why.message())}});
  Unhear(partition);
  if (kafka_->Pause(partition).ok()) held_[partition] = absl::Now() + options_.hold;
  held_gauge_.Set(static_cast<double>(held_.size()));
}

void Consumer::ReleaseHeld() {
  for (auto held = held_.begin(); held != held_.end();) {
    if (absl::Now() < held->second || !kafka_->Resume(held->first).ok()) {
      ++held;
    } else {
      held = held_.erase(held);
    }
  }
  held_gauge_.Set(static_cast<double>(held_.size()));
}

absl::Status Consumer::Fill(const Gap& gap, int depth) {
  if (depth > kMaxFillDepth) return absl::InternalError("causes of causes without an end");
  for (int64_t from = gap.from; from <= gap.to;) {
    if (stopping_) return absl::CancelledError("stopping");
    absl::StatusOr<std::vector<event::v1::Event>> missing = read_journal_(gap.source, from);
    if (!missing.ok()) return missing.status();
    if (missing->empty() || missing->front().position() != from) {
      return absl::DataLossError(fmt::format("the journal of {} has no position {} of partition {}",
                                             gap.source.producer, from, gap.source.partition));
    }
    std::vector<Inbound> events;
    for (const event::v1::Event& event : *missing) {
      if (event.position() > gap.to) break;
      Inbound& inbound = events.emplace_back();
      inbound.topic = gap.source.topic;
      inbound.partition = gap.source.partition;
      inbound.kafka_offset = -1;
      inbound.producer = gap.source.producer;
      inbound.position = event.position();
      inbound.subject = event.subject();
      inbound.value = event.SerializeAsString();
      Decode(inbound);
    }
    const int64_t next = from + static_cast<int64_t>(events.size());
    const absl::StatusOr<std::vector<Gap>> gaps = apply_(std::move(events));
    if (!gaps.ok()) return gaps.status();
    if (gaps->empty()) {
      from = next;
      continue;
    }
    // Their own causes first; then these again, of which the applied ones are duplicates now.
    for (const Gap& inner : *gaps) {
      if (const absl::Status status = Fill(inner, depth + 1); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace lapor::eventlog
