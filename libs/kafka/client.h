// What producer, consumer, cluster and embedded broker share of librdkafka's C API. Included by their .cc
// files only: no header that others include names librdkafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/log.h"
#include "libs/kafka/message.h"

namespace lapor::kafka {

template <auto kDestroy>
struct Destroyer {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

using Client = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;

// A client with `ours` as its properties. `brokers` is the list "host:port,host:port"; `extra` are the
// operator's own properties (TLS, SASL, tuning).
// kInvalidArgument, naming the property and its rule: empty `brokers`, a name that librdkafka does not
// know, a value that it refuses, or one that would change a property of `ours`.
absl::StatusOr<Client> NewClient(rd_kafka_type_t type, const std::string& brokers,
                                 const std::string& client_id,
                                 const std::vector<std::pair<std::string, std::string>>& ours,
                                 const std::map<std::string, std::string>& extra, int events = 0);

// "`doing`: librdkafka's text", with the code that tells the caller what can be done about it:
// kUnavailable for all that may pass by itself.
absl::Status ToStatus(rd_kafka_resp_err_t error, std::string_view doing, std::string_view detail = {});

void Log(Severity severity, std::string_view client, std::string_view text);

// The cluster that answers now; kUnavailable if none does within `timeout`.
absl::StatusOr<std::string> ClusterIdOf(rd_kafka_t* client, absl::Duration timeout);

// Whether this is the id of an embedded broker.
bool IsEmbedded(const std::string& cluster_id);

PartitionList ToList(const std::vector<TopicPartition>& partitions);

// Whole milliseconds, rounded up so that a wait never becomes a busy loop, in librdkafka's range.
int ToMilliseconds(absl::Duration duration);

}  // namespace lapor::kafka
