#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lapor::kafka {

// A Kafka broker inside this process, in memory, listening on loopback: for the local stack and for tests.
// It speaks Kafka's protocol to any client, with these differences, which clients must be able to bear:
//   - The system chooses the port; a new broker has a new address, and a new cluster id (made of an address
//   in
//     memory: different within a process, and between processes as far as those are randomised).
//   - A partition keeps about 5 MB or 100,000 batches. Older ones are dropped, and a consumer that still
//     wanted them is told kOutOfRange.
//   - Topics are made at the start or by CreateTopic, not by clients; but a client that produces to or
//     subscribes to an unknown topic makes it, with 4 partitions.
//   - The first member of a group waits 3 s for others, so its session timeout must be longer; later
//     rebalances take the session timeout less 1 s.
//   - A consumer's fetch that finds nothing is answered only when its fetch_wait is over.
//   - Idempotent producers are accepted but not checked: a retried batch may be doubled or overtaken.
// Thread-safe.
class EmbeddedBroker {
 public:
  struct Topic {
    std::string name;
    int partitions = 1;
  };
  struct Options {
    std::vector<Topic> topics;
  };

  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(const Options& options);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  // 127.0.0.1:port
  std::string brokers() const;

  // kInvalidArgument: a partition count below 1, or the topic exists.
  absl::Status CreateTopic(const Topic& topic);

  // Faults, for tests. ---------------------------------------------------------------------------------

  // Kinds of request, by their numbers in Kafka's protocol.
  enum class Request : int16_t {
    kProduce = 0,
    kFetch = 1,
    kMetadata = 3,
    kJoinGroup = 11,
    kInitProducerId = 22
  };

  // Error codes of Kafka's protocol, and kDisconnect: the broker hangs up instead of answering.
  enum class Fault : int {
    kDisconnect = -195,
    kNotEnoughReplicas = 19,
    kOutOfOrderSequenceNumber = 45,
    kUnknownProducerId = 59,
  };

  // The next requests of this kind fail like this, one fault each, in order.
  void FailNext(Request request, const std::vector<Fault>& faults);

  // Down: all connections break and new ones are refused, at the same address, with the data kept.
  void SetDown(bool down);

  // Every answer comes so much later.
  void SetRoundTrip(absl::Duration duration);

 private:
  struct Host;

  explicit EmbeddedBroker(std::unique_ptr<Host> host);
  static absl::StatusOr<std::unique_ptr<Host>> NewHost();

  std::unique_ptr<Host> host_;
};

}  // namespace lapor::kafka
