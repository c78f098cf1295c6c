#include "libs/kafka/client.h"

#include <fmt/format.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace lapor::kafka {
namespace {

using Properties = std::vector<std::pair<std::string, std::string>>;
using Config = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;

LogSink& Sink() {
  static LogSink sink;
  return sink;
}

void OnLog(const rd_kafka_t* client, int level, const char* /*facility*/, const char* text) {
  const Severity severity = level <= LOG_ERR       ? Severity::kError
                            : level <= LOG_WARNING ? Severity::kWarning
                            : level <= LOG_INFO    ? Severity::kInfo
                                                   : Severity::kDebug;
  Log(severity, client == nullptr ? "kafka" : rd_kafka_name(client), text);
}

absl::Status Set(rd_kafka_conf_t* config, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(config, name.c_str(), value.c_str(), reason.data(), reason.size()) ==
      RD_KAFKA_CONF_OK)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("Kafka property {}: {}; correct or remove it", name, reason.data()));
}

std::string Get(const rd_kafka_conf_t* config, const std::string& name) {
  std::array<char, 1024> value{};
  size_t size = value.size();
  if (rd_kafka_conf_get(config, name.c_str(), value.data(), &size) != RD_KAFKA_CONF_OK) return {};
  return value.data();
}

// Compared after all are set, not by name before: librdkafka knows most properties by several names.
absl::Status ApplyExtra(rd_kafka_conf_t* config, const Properties& ours,
                        const std::map<std::string, std::string>& extra) {
  std::vector<std::string> before;
  before.reserve(ours.size());
  for (const auto& [name, value] : ours) before.push_back(Get(config, name));
  for (const auto& [name, value] : extra) {
    if (absl::Status status = Set(config, name, value); !status.ok()) return status;
    for (size_t i = 0; i < ours.size(); ++i) {
      if (Get(config, ours[i].first) != before[i])
        return absl::InvalidArgumentError(
            fmt::format("Kafka property {} would change {}, which this suite needs to be {}; remove it", name,
                        ours[i].first, before[i]));
    }
  }
  return absl::OkStatus();
}

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  static const std::map<rd_kafka_resp_err_t, absl::StatusCode> kCodes = {
      {RD_KAFKA_RESP_ERR__INVALID_ARG, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_INVALID_CONFIG, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, absl::StatusCode::kInvalidArgument},
      {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, absl::StatusCode::kNotFound},
      {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, absl::StatusCode::kNotFound},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, absl::StatusCode::kNotFound},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, absl::StatusCode::kPermissionDenied},
      {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, absl::StatusCode::kPermissionDenied},
      {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, absl::StatusCode::kPermissionDenied},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, absl::StatusCode::kUnauthenticated},
      {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, absl::StatusCode::kUnauthenticated},
      {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, absl::StatusCode::kOutOfRange},
      {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, absl::StatusCode::kOutOfRange},
      {RD_KAFKA_RESP_ERR__FATAL, absl::StatusCode::kFailedPrecondition},
      {RD_KAFKA_RESP_ERR__STATE, absl::StatusCode::kFailedPrecondition},
  };
  const auto found = kCodes.find(error);
  return found == kCodes.end() ? absl::StatusCode::kUnavailable : found->second;
}

}  // namespace

void SetLogSink(LogSink sink) { Sink() = std::move(sink); }

void Log(Severity severity, std::string_view client, std::string_view text) {
  if (Sink()) Sink()(severity, fmt::format("{}: {}", client, text));
}

absl::StatusOr<Client> NewClient(rd_kafka_type_t type, const std::string& brokers,
                                 const std::string& client_id, const Properties& ours,
                                 const std::map<std::string, std::string>& extra, int events) {
  if (brokers.empty())
    return absl::InvalidArgumentError("Kafka brokers must not be empty; give them as host:port,host:port");
  Properties properties = ours;
  properties.insert(properties.end(), {{"bootstrap.servers", brokers},
                                       {"client.id", client_id},
                                       {"socket.nagle.disable", "true"},
                                       {"socket.keepalive.enable", "true"},
                                       // A broker that comes back is found again soon, without a storm.
                                       {"reconnect.backoff.ms", "50"},
                                       {"reconnect.backoff.max.ms", "1000"}});
  Config config(rd_kafka_conf_new());
  for (const auto& [name, value] : properties)
    if (absl::Status status = Set(config.get(), name, value); !status.ok()) return status;
  if (absl::Status status = ApplyExtra(config.get(), properties, extra); !status.ok()) return status;
  rd_kafka_conf_set_log_cb(config.get(), OnLog);
  rd_kafka_conf_set_events(config.get(), events);

  std::array<char, 512> reason{};
  Client client(rd_kafka_new(type, config.get(), reason.data(), reason.size()));
  if (!client)
    return absl::InvalidArgumentError(fmt::format("Kafka client {}: {}", client_id, reason.data()));
  static_cast<void>(config.release());  // Owned by the client from here on.
  return client;
}

absl::Status ToStatus(rd_kafka_resp_err_t error, std::string_view doing, std::string_view detail) {
  return absl::Status(CodeOf(error),
                      detail.empty() ? fmt::format("{}: {}", doing, rd_kafka_err2str(error))
                                     : fmt::format("{}: {} ({})", doing, detail, rd_kafka_err2name(error)));
}

absl::StatusOr<std::string> ClusterIdOf(rd_kafka_t* client, absl::Duration timeout) {
  // librdkafka remembers the id of the last answer, so have one now.
  const rd_kafka_metadata_t* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client, /*all_topics=*/0, nullptr, &answer, ToMilliseconds(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(error, "asking the broker for its cluster id");
  rd_kafka_metadata_destroy(answer);
  char* id = rd_kafka_clusterid(client, /*timeout_ms=*/0);
  if (id == nullptr) return absl::UnavailableError("the broker does not tell its cluster id");
  std::string copy = id;
  rd_kafka_mem_free(client, id);
  return copy;
}

// So librdkafka names its mock clusters.
bool IsEmbedded(const std::string& cluster_id) { return cluster_id.starts_with("mockCluster"); }

PartitionList ToList(const std::vector<TopicPartition>& partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  return list;
}

int ToMilliseconds(absl::Duration duration) {
  constexpr int64_t kLongestMs = 3'600'000;
  return static_cast<int>(std::clamp<int64_t>(
      absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))), 0, kLongestMs));
}

}  // namespace lapor::kafka
