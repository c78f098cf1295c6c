#include "libs/kafka/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/time/clock.h"
#include "libs/kafka/client.h"

namespace lapor::kafka {
namespace {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;

}  // namespace

struct Cluster::Session {
  // All topics, because asking for one by name makes the embedded broker create it.
  absl::StatusOr<Metadata> Ask(int timeout_ms) const {
    const rd_kafka_metadata_t* answer = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(client.get(), /*all_topics=*/1, nullptr, &answer, timeout_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(error, "asking the broker for its topics");
    return Metadata(answer);
  }

  Client client;
};

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Create(ClusterOptions options) {
  auto client = NewClient(RD_KAFKA_PRODUCER, options.brokers, options.client_id,
                          {{"allow.auto.create.topics", "false"}}, options.properties);
  if (!client.ok()) return client.status();
  auto session = std::make_unique<Session>();
  session->client = *std::move(client);
  return std::unique_ptr<Cluster>(new Cluster(std::move(options), std::move(session)));
}

Cluster::Cluster(ClusterOptions options, std::unique_ptr<Session> session)
    : options_(std::move(options)), session_(std::move(session)) {}
Cluster::~Cluster() = default;

absl::StatusOr<std::string> Cluster::ClusterId() {
  return ClusterIdOf(session_->client.get(), options_.timeout);
}

absl::StatusOr<int> Cluster::PartitionCount(const std::string& topic) {
  const auto metadata = session_->Ask(ToMilliseconds(options_.timeout));
  if (!metadata.ok()) return metadata.status();
  for (int i = 0; i < (*metadata)->topic_cnt; ++i) {
    const rd_kafka_metadata_topic& found = (*metadata)->topics[i];
    if (topic != found.topic) continue;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(found.err, fmt::format("topic {}", topic));
    return found.partition_cnt;
  }
  return absl::NotFoundError(fmt::format("topic {} does not exist", topic));
}

absl::StatusOr<Watermarks> Cluster::GetWatermarks(const TopicPartition& partition) {
  Watermarks watermarks;
  const rd_kafka_resp_err_t error =
      rd_kafka_query_watermark_offsets(session_->client.get(), partition.topic.c_str(), partition.partition,
                                       &watermarks.low, &watermarks.high, ToMilliseconds(options_.timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToStatus(error, fmt::format("asking for the offsets of {}", ToString(partition)));
  return watermarks;
}

absl::Status Cluster::EnsureTopic(const std::string& topic, int partitions, int replication,
                                  absl::Duration retention) {
  absl::StatusOr<int> count = PartitionCount(topic);
  if (absl::IsNotFound(count.status())) {
    const absl::StatusOr<std::string> id = ClusterId();
    if (!id.ok()) return id.status();
    // It names a controller that does not exist, so asking that one would only end with the timeout.
    if (IsEmbedded(*id))
      return absl::FailedPreconditionError(
          fmt::format("topic {} is missing and the embedded broker creates none; start it with --topic {}:{}",
                      topic, topic, partitions));
    const absl::Status created = CreateTopic(topic, partitions, replication, retention);
    // Another process may have been faster.
    if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
    count = AwaitTopic(topic);
  }
  if (!count.ok()) return count.status();
  if (*count == partitions) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "topic {} has {} partitions and {} are configured; configure {}, or use another topic: adding "
      "partitions would move keys away from their history",
      topic, *count, partitions, *count));
}

// The controller has the topic; its brokers learn of it a little later.
absl::StatusOr<int> Cluster::AwaitTopic(const std::string& topic) {
  const absl::Time deadline = absl::Now() + options_.timeout;
  while (true) {
    absl::StatusOr<int> count = PartitionCount(topic);
    absl::Status answer = count.status();
    for (int i = 0; answer.ok() && i < *count; ++i) answer = GetWatermarks({topic, i}).status();
    if (answer.ok()) return count;
    if (absl::Now() >= deadline) return answer;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

absl::Status Cluster::CreateTopic(const std::string& topic, int partitions, int replication,
                                  absl::Duration retention) {
  std::array<char, 512> reason{};
  const NewTopic wanted(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, reason.data(), reason.size()));
  if (!wanted) return absl::InvalidArgumentError(fmt::format("topic {}: {}", topic, reason.data()));
  const int64_t retention_ms =
      retention == absl::InfiniteDuration() ? -1 : absl::ToInt64Milliseconds(retention);
  rd_kafka_NewTopic_set_config(wanted.get(), "retention.ms", std::to_string(retention_ms).c_str());

  const AdminOptions admin(rd_kafka_AdminOptions_new(session_->client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), ToMilliseconds(options_.timeout), nullptr, 0);
  rd_kafka_AdminOptions_set_operation_timeout(admin.get(), ToMilliseconds(options_.timeout), nullptr, 0);
  const Queue queue(rd_kafka_queue_new(session_->client.get()));
  rd_kafka_NewTopic_t* list[] = {wanted.get()};
  rd_kafka_CreateTopics(session_->client.get(), list, 1, admin.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), -1));  // Comes: the request has a timeout of its own.

  rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  const char* text = rd_kafka_event_error_string(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    size_t count = 0;
    const auto* const* topics =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    if (count > 0) {
      error = rd_kafka_topic_result_error(topics[0]);
      text = rd_kafka_topic_result_error_string(topics[0]);
    }
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return absl::AlreadyExistsError(topic);
  return ToStatus(error, fmt::format("creating topic {}", topic), text == nullptr ? "" : text);
}

}  // namespace lapor::kafka
