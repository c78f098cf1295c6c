#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"

namespace lapor::kafka {

struct ClusterOptions {
  std::string brokers = {};  // host:port,host:port
  std::string client_id = "lapor";
  absl::Duration timeout = absl::Seconds(10);          // of each question
  std::map<std::string, std::string> properties = {};  // librdkafka's own, for TLS, SASL and tuning
};

// The offsets that a partition holds: low is the oldest, high the one that the next message will get.
struct Watermarks {
  int64_t low = 0;
  int64_t high = 0;
  bool operator==(const Watermarks&) const = default;
};

// Questions to the broker. Each is answered by the broker as it is now, within the timeout, or kUnavailable.
// Thread-safe.
class Cluster {
 public:
  // Does not wait for the broker. kInvalidArgument names the option that is wrong.
  static absl::StatusOr<std::unique_ptr<Cluster>> Create(ClusterOptions options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Another id at the same address means another cluster, which has nothing of what the first acknowledged.
  absl::StatusOr<std::string> ClusterId();

  // kNotFound if there is no such topic.
  absl::StatusOr<int> PartitionCount(const std::string& topic);

  // kNotFound if there is no such partition.
  absl::StatusOr<Watermarks> GetWatermarks(const TopicPartition& partition);

  // Creates the topic if it is missing. replication -1 leaves it to the broker; retention may be
  // absl::InfiniteDuration(). An existing topic is left as it is: only its partitions are counted. On success
  // the topic can be used.
  //   kFailedPrecondition  it exists with another number of partitions (keys would move), or it is missing on
  //                        a broker that cannot create topics: the embedded one makes them at its start
  //   kInvalidArgument, kPermissionDenied  the broker refuses to create it so
  absl::Status EnsureTopic(const std::string& topic, int partitions, int replication,
                           absl::Duration retention);

 private:
  struct Session;

  Cluster(ClusterOptions options, std::unique_ptr<Session> session);

  absl::Status CreateTopic(const std::string& topic, int partitions, int replication,
                           absl::Duration retention);

  absl::StatusOr<int> AwaitTopic(const std::string& topic);

  ClusterOptions options_;
  std::unique_ptr<Session> session_;
};

}  // namespace lapor::kafka
