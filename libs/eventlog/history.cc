#include "libs/eventlog/history.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "libs/kafka/cluster.h"

namespace lapor::eventlog {
namespace {

constexpr int kMaxBatchEvents = 512;
constexpr absl::Duration kPollTimeout = absl::Milliseconds(100);
// How long the broker may send nothing of what it says it holds.
constexpr absl::Duration kPatience = absl::Seconds(30);

// What the broker holds of one partition, from its oldest event on, as far as that has to be read.
struct Partition {
  int64_t end;
  std::set<std::string> unmet;  // producers
};

// Takes those out of `sources` of which the first event in the broker's log is their first.
absl::Status MeetInBroker(const ConsumerOptions& broker, std::set<Source>& sources) {
  auto cluster = kafka::Cluster::Create({.brokers = broker.brokers, .properties = broker.kafka_properties});
  if (!cluster.ok()) return cluster.status();
  auto consumer = kafka::Consumer::Create({.brokers = broker.brokers, .properties = broker.kafka_properties});
  if (!consumer.ok()) return consumer.status();

  std::map<kafka::TopicPartition, Partition> reading;
  std::vector<kafka::TopicPartition> assigned;
  for (const Source& source : sources) {
    const kafka::TopicPartition name{NameOf(source.topic), source.partition};
    auto known = reading.find(name);
    if (known == reading.end()) {
      const auto held = (*cluster)->GetWatermarks(name);
      if (absl::IsNotFound(held.status())) continue;
      if (!held.ok()) return held.status();
      if (held->low == held->high) continue;
      known = reading.insert({name, {held->high, {}}}).first;
      assigned.push_back(name);
    }
    known->second.unmet.insert(source.producer);
  }
  const absl::Status started = (*consumer)->Assign(assigned, [](const auto&) { return kafka::kBeginning; });
  if (!started.ok()) return started;

  absl::Time limit = absl::Now() + kPatience;
  while (!reading.empty()) {
    auto messages = (*consumer)->Poll(kMaxBatchEvents, kPollTimeout);
    if (!messages.ok()) return messages.status();
    if (!messages->empty()) limit = absl::Now() + kPatience;
    if (absl::Now() > limit) return absl::UnavailableError("the broker doesn't send what it holds");
    for (kafka::Message& message : *messages) {
      const auto partition = reading.find({message.topic, message.partition});
      if (partition == reading.end()) continue;
      const Inbound inbound = ToInbound(std::move(message));
      auto& [end, unmet] = partition->second;
      if (unmet.erase(inbound.producer) > 0 && inbound.position == 1)
        sources.erase({inbound.producer, inbound.topic, inbound.partition});
      if (!unmet.empty() && inbound.kafka_offset + 1 < end) continue;
      if (const absl::Status paused = (*consumer)->Pause(partition->first); !paused.ok()) return paused;
      reading.erase(partition);
    }
  }
  return absl::OkStatus();
}

absl::Status MeetInJournal(const Consumer::ReadJournal& read_journal, const Source& source) {
  const auto events = read_journal(source, 1);
  if (!events.ok()) return events.status();
  if (events->empty() || events->front().position() != 1) return absl::OutOfRangeError("it begins later");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckHistory(const ConsumerOptions& broker, const Consumer::ReadJournal& read_journal,
                          const Applied& applied) {
  std::set<Source> sources;
  for (const auto& [source, position] : applied) {
    // A row without a producer only keeps an offset.
    if (!source.producer.empty() && position > 0) sources.insert(source);
  }
  if (const absl::Status met = MeetInBroker(broker, sources); !met.ok()) return met;
  for (const Source& source : sources) {
    const absl::Status met = MeetInJournal(read_journal, source);
    if (met.ok()) continue;
    return decision::Refuse(
        absl::StatusCode::kFailedPrecondition, "streams",
        fmt::format("the first events of {} in partition {} of {} are neither with the broker nor in its "
                    "journal ({})",
                    source.producer, source.partition, NameOf(source.topic), std::string(met.message())),
        fmt::format("restore the topic, or the database of {}, from a backup and ask again; nothing was "
                    "forgotten",
                    source.producer));
  }
  return absl::OkStatus();
}

}  // namespace lapor::eventlog
