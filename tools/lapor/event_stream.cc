#include "tools/lapor/event_stream.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "fmt/format.h"
#include "libs/eventlog/consumer.h"
#include "libs/kafka/cluster.h"

namespace lapor::client {
namespace {

constexpr int kMaxMessages = 1000;
constexpr char kClientId[] = "lapor-client";
// Of each question to the broker.
constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);

}  // namespace

absl::StatusOr<std::unique_ptr<EventStream>> EventStream::Open(const std::string& brokers,
                                                               const std::string& topic, From from) {
  auto cluster =
      kafka::Cluster::Create({.brokers = brokers, .client_id = kClientId, .timeout = kBrokerTimeout});
  if (!cluster.ok()) return cluster.status();
  const auto partitions = (*cluster)->PartitionCount(topic);
  if (absl::IsUnavailable(partitions.status())) {
    return absl::UnavailableError(fmt::format(
        "the broker at {} can't be reached: {}\n"
        "  remedy: start the suite with `make demo`, or say where Kafka is with --brokers HOST:PORT",
        brokers, std::string(partitions.status().message())));
  }
  if (!partitions.ok()) return partitions.status();

  std::unique_ptr<EventStream> stream(new EventStream);
  std::vector<kafka::TopicPartition> assigned;
  std::map<int32_t, int64_t> ends;
  for (int32_t partition = 0; partition < *partitions; ++partition) {
    const auto marks = (*cluster)->GetWatermarks({topic, partition});
    if (!marks.ok()) return marks.status();
    assigned.push_back({topic, partition});
    ends[partition] = marks->high;
    if (from == From::kBeginning && marks->high > marks->low) stream->behind_[partition] = marks->high;
  }
  auto consumer = kafka::Consumer::Create({.brokers = brokers, .client_id = kClientId});
  if (!consumer.ok()) return consumer.status();
  stream->consumer_ = *std::move(consumer);
  const absl::Status status = stream->consumer_->Assign(
      assigned, [&](const kafka::TopicPartition& partition) -> absl::StatusOr<int64_t> {
        return from == From::kBeginning ? kafka::kBeginning : ends.at(partition.partition);
      });
  if (!status.ok()) return status;
  return stream;
}

absl::StatusOr<std::vector<StreamedEvent>> EventStream::Read(absl::Duration timeout) {
  auto messages = consumer_->Poll(kMaxMessages, timeout);
  if (absl::IsOutOfRange(messages.status())) {
    // The broker has dropped what we would have read next; go on with the oldest that it has.
    if (auto status = consumer_->Seek(consumer_->out_of_range(), kafka::kBeginning); !status.ok())
      return status;
    return std::vector<StreamedEvent>();
  }
  if (!messages.ok()) return messages.status();
  std::vector<StreamedEvent> events;
  for (kafka::Message& message : *messages) {
    const auto behind = behind_.find(message.partition);
    if (behind != behind_.end() && message.offset + 1 >= behind->second) behind_.erase(behind);
    StreamedEvent& event = events.emplace_back();
    event.partition = message.partition;
    event.offset = message.offset;
    eventlog::Inbound inbound = eventlog::ToInbound(std::move(message));
    event.decoded = inbound.decoded;
    event.event = std::move(inbound.event);
    event.value = std::move(inbound.value);
  }
  return events;
}

absl::StatusOr<std::string> LocalBrokers(const std::string& var) {
  const std::filesystem::path file = std::filesystem::path(var) / "run" / "broker.address";
  std::ifstream in(file);
  std::string brokers;
  if (in >> brokers) return brokers;
  return absl::NotFoundError(
      fmt::format("--brokers: no broker was started here (there is no {}); start the suite with `make demo`, "
                  "or give HOST:PORT",
                  file.string()));
}

}  // namespace lapor::client
