#include "libs/eventlog/relay.h"

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {
namespace {

using runtime::Level;
using runtime::Log;

const pg::Statement kTryLock{"relay_try_lock", "SELECT pg_try_advisory_xact_lock(hashtext('lapor.relay'))"};
const pg::Statement kEpoch{"relay_epoch", "SELECT epoch, cluster_id FROM relay"};
const pg::Statement kTakeOver{"relay_take_over", "UPDATE relay SET epoch = epoch + 1 RETURNING epoch"};
const pg::Statement kSetCluster{"relay_set_cluster", "UPDATE relay SET cluster_id = $1"};
const pg::Statement kCursors{"relay_cursors",
                             "SELECT topic, partition, position, kafka_offset FROM relay_cursor"};
const pg::Statement kReset{"relay_reset", "UPDATE relay_cursor SET position = 0, kafka_offset = -1"};

const pg::Statement kBehind{"relay_behind", R"sql(
  SELECT coalesce(sum(h.position - c.position), 0)
  FROM event_head h JOIN relay_cursor c USING (topic, partition))sql"};

// Of one question to the broker.
constexpr absl::Duration kQuestionTimeout = absl::Seconds(2);

// Looks only where the head is ahead of the cursor: what it costs grows with the partitions that have news.
const pg::Statement kUnsent{"relay_unsent", R"sql(
  SELECT h.topic, h.partition, e.position, e.event_id, e.subject, e.type, e.occurred_at, e.payload, e.trace
  FROM event_head h JOIN relay_cursor c ON c.topic = h.topic AND c.partition = h.partition AND c.position < h.position
  CROSS JOIN LATERAL (
    SELECT position, event_id, subject, type, occurred_at, payload, trace FROM event
    WHERE event.topic = h.topic AND event.partition = h.partition AND event.position > c.position
    ORDER BY event.position LIMIT $1) e
  ORDER BY h.topic, h.partition, e.position)sql"};

const pg::Statement kMove{"relay_move", R"sql(
  UPDATE relay_cursor SET position = n.position, kafka_offset = n.kafka_offset
  FROM unnest($1::smallint[], $2::int[], $3::bigint[], $4::bigint[]) AS n (topic, partition, position, kafka_offset)
  WHERE relay_cursor.topic = n.topic AND relay_cursor.partition = n.partition
    AND (SELECT epoch FROM relay) = $5)sql"};

// CloudEvents 1.0, Kafka binding in binary mode.
kafka::Message ToMessage(const std::string& producer, JournalRow row) {
  kafka::Message message;
  message.topic = NameOf(row.topic);
  message.partition = row.partition;
  message.headers = {{"ce_specversion", "1.0"},
                     {"ce_id", row.event_id},
                     {"ce_type", "lapor.event.v1." + row.type},
                     {"ce_source", "/lapor/" + producer},
                     {"ce_subject", row.subject},
                     {"ce_time", absl::FormatTime(absl::RFC3339_full, row.occurred_at, absl::UTCTimeZone())},
                     {"ce_sequence", std::to_string(row.position)},
                     {"content-type", "application/protobuf"}};
  if (!row.trace.empty()) message.headers.push_back({"traceparent", std::move(row.trace)});
  message.key = std::move(row.subject);
  message.value = std::move(row.payload);
  return message;
}

}  // namespace

Relay::Relay(pg::Pool& pool, const Journal& journal, RelayOptions options, runtime::Metrics& metrics)
    : pool_(pool),
      journal_(journal),
      options_(std::move(options)),
      sent_(
          metrics.Counter("lapor_relay_events_total", "Events of the journal that the broker acknowledged")),
      restarts_(
          metrics.Counter("lapor_relay_republications_total", "Times the whole journal went out again")),
      lag_(metrics.Gauge("lapor_relay_lag_events",
                         "Events of the journal not yet acknowledged by the broker")) {}

void Relay::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Relay::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Relay::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Relay::Loop() {
  absl::Time next_upkeep = absl::InfinitePast();
  while (true) {
    if (absl::Now() >= next_upkeep) {
      next_upkeep = absl::Now() + absl::Hours(1);
      if (const absl::Status status = journal_.Prepare(pool_); !status.ok()) {
        Log(Level::kWarning, "journal.upkeep_failed", {{"error", std::string(status.message())}});
      }
      const auto dropped = Journal::Drop(pool_, absl::Now() - options_.retention);
      if (!dropped.ok()) {
        Log(Level::kWarning, "journal.drop_failed", {{"error", std::string(dropped.status().message())}});
      } else {
        for (const std::string& week : *dropped) Log(Level::kInfo, "journal.dropped", {{"table", week}});
      }
    }

    const absl::StatusOr<int> sent = Round();
    if (!sent.ok()) Log(Level::kWarning, "relay.failed", {{"error", std::string(sent.status().message())}});

    std::unique_lock lock(mutex_);
    if (stopping_) return;
    if (sent.ok() && *sent > 0) continue;
    // After a failure a pause, whatever was committed meanwhile; else until the next commit.
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.poll_interval),
                   [&] { return stopping_ || (woken_ && sent.ok()); });
    woken_ = false;
    if (stopping_) return;
  }
}

absl::Status Relay::Connect() {
  if (producer_ == nullptr) {
    auto producer = kafka::Producer::Create({.brokers = options_.brokers,
                                             .client_id = "lapor-" + journal_.producer(),
                                             .delivery_timeout = options_.delivery_timeout,
                                             .properties = options_.kafka_properties});
    if (!producer.ok()) return producer.status();
    producer_ = *std::move(producer);
  }
  if (cluster_ == nullptr) {
    auto cluster = kafka::Cluster::Create({.brokers = options_.brokers,
                                           .client_id = "lapor",
                                           .timeout = kQuestionTimeout,
                                           .properties = options_.kafka_properties});
    if (!cluster.ok()) return cluster.status();
    for (Topic topic : {Topic::kReport, Topic::kAgency}) {
      // The topics keep everything: analysts and new consumers read a report's whole life.
      const absl::Status ready = (*cluster)->EnsureTopic(NameOf(topic), journal_.partitioning().count(topic),
                                                         /*replication=*/-1, absl::InfiniteDuration());
      if (!ready.ok()) return ready;
    }
    cluster_ = *std::move(cluster);
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Relay::Round() {
  if (const absl::Status status = Connect(); !status.ok()) return status;
  int sent = 0;
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) -> absl::Status {
    // A cursor that is lost with the server's last moments only makes us produce again.
    tx.Run("SET LOCAL synchronous_commit = off");
    if (!tx.Exec(kTryLock)[0].Bool(0)) {
      epoch_ = -1;
      lag_.Set(0);  // the active instance tells it
      return absl::OkStatus();
    }
    if (tx.Exec(kEpoch)[0].Int(0) != epoch_) {
      epoch_ = tx.Exec(kTakeOver)[0].Int(0);
      next_loss_check_ = absl::InfinitePast();
    }

    Cursors cursors;
    for (const pg::Row& row : tx.Exec(kCursors)) {
      cursors[{static_cast<Topic>(row.Int(0)), static_cast<int32_t>(row.Int(1))}] = {row.Int(2), row.Int(3)};
    }
    bool lost = false;
    if (absl::Now() >= next_loss_check_) {
      if (const absl::Status checked = CheckForLoss(tx, cursors, &lost); !checked.ok()) return checked;
      next_loss_check_ = absl::Now() + options_.loss_check_interval;
      lag_.Set(static_cast<double>(tx.Exec(kBehind)[0].Int(0)));
    }
    if (lost) return absl::OkStatus();

    absl::StatusOr<int> done = Send(tx, cursors);
    if (!done.ok()) return done.status();
    sent = *done;
    return absl::OkStatus();
  });
  if (!status.ok()) {
    epoch_ = -1;
    // A broker that has lost everything has no topics either: the next round makes them.
    if (absl::IsNotFound(status)) cluster_.reset();
    return status;
  }
  sent_.Increment(sent);
  return sent;
}

absl::Status Relay::CheckForLoss(pg::Tx& tx, const Cursors& cursors, bool* lost) {
  const absl::StatusOr<std::string> cluster_id = cluster_->ClusterId();
  if (!cluster_id.ok()) return cluster_id.status();
  const std::string known = tx.Exec(kEpoch)[0].Text(1);
  if (known != *cluster_id) tx.Exec(kSetCluster, {*cluster_id});
  if (!known.empty() && known != *cluster_id) {
    Log(Level::kWarning, "relay.other_cluster", {{"was", known}, {"is", *cluster_id}});
    *lost = true;
  }
  for (const auto& [key, cursor] : cursors) {
    if (*lost || cursor.kafka_offset < 0) continue;
    const auto marks = cluster_->GetWatermarks({NameOf(key.first), key.second});
    if (!marks.ok() && !absl::IsNotFound(marks.status())) return marks.status();
    const int64_t end = marks.ok() ? marks->high : 0;
    if (end > cursor.kafka_offset) continue;
    Log(Level::kWarning, "relay.log_ends_too_early",
        {{"partition", key.second}, {"end", end}, {"acknowledged", cursor.kafka_offset}});
    *lost = true;
  }
  if (*lost) StartAgain(tx);
  return absl::OkStatus();
}

void Relay::StartAgain(pg::Tx& tx) {
  Log(Level::kWarning, "relay.republishing", {{"epoch", epoch_}});
  tx.Exec(kReset);
  restarts_.Increment();
  cluster_.reset();  // so that the next round makes the topics, should they be gone
  Wake();
}

absl::StatusOr<int> Relay::Send(pg::Tx& tx, const Cursors& cursors) {
  std::vector<kafka::Message> messages;
  std::vector<int64_t> positions;
  for (const pg::Row& row : tx.Exec(kUnsent, {options_.max_batch_events})) {
    positions.push_back(row.Int(2));
    messages.push_back(
        ToMessage(journal_.producer(),
                  {static_cast<Topic>(row.Int(0)), static_cast<int32_t>(row.Int(1)), row.Int(2), row.Text(3),
                   row.Text(4), row.Text(5), row.Time(6), row.Bytes(7), row.Text(8)}));
  }
  if (messages.empty()) return 0;

  const absl::StatusOr<std::vector<int64_t>> offsets = producer_->Send(messages);
  if (!offsets.ok()) {
    next_loss_check_ = absl::InfinitePast();
    return offsets.status();
  }

  std::map<std::pair<Topic, int32_t>, Cursor> moved;
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::pair key(*TopicNamed(messages[i].topic), messages[i].partition);
    const int64_t acknowledged = moved.contains(key) ? moved[key].kafka_offset : cursors.at(key).kafka_offset;
    if ((*offsets)[i] <= acknowledged) {
      Log(Level::kWarning, "relay.offset_given_twice",
          {{"partition", key.second}, {"offset", (*offsets)[i]}});
      StartAgain(tx);
      return 0;
    }
    moved[key] = {positions[i], (*offsets)[i]};
  }
  pg::Array topics, partitions, moved_to, moved_offsets;
  for (const auto& [key, cursor] : moved) {
    topics.Add(static_cast<int64_t>(key.first));
    partitions.Add(key.second);
    moved_to.Add(cursor.position);
    moved_offsets.Add(cursor.kafka_offset);
  }
  const size_t rows = tx.Exec(kMove, pg::Params(std::move(topics), std::move(partitions), std::move(moved_to),
                                                std::move(moved_offsets), epoch_))
                          .affected_rows();
  if (rows != moved.size()) return absl::FailedPreconditionError("fenced: another relay has taken over");
  return static_cast<int>(messages.size());
}

}  // namespace lapor::eventlog
