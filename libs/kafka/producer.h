#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"

namespace lapor::kafka {

struct ProducerOptions {
  std::string brokers = {};  // host:port,host:port
  std::string client_id = "lapor";
  // The longest that a Send waits for the broker, at least 1 ms; librdkafka looks at it once a second.
  absl::Duration delivery_timeout = absl::Seconds(30);
  // How long a message waits for company. A batch handed to Send needs none.
  double linger_ms = 0;
  // Messages held at once, and their bytes. A Send of more goes out in parts; memory stays bounded.
  int max_queued_messages = 100'000;
  int max_queued_kbytes = 32 * 1024;
  // Key, value and headers of one message together.
  int max_message_bytes = 1'000'000;
  std::map<std::string, std::string> properties = {};  // librdkafka's own, for TLS, SASL and tuning
};

// Produces with Kafka's idempotence and acks=all: what Send reports as written is on every in-sync replica,
// once, and in order. Not thread-safe.
class Producer {
 public:
  // Does not wait for the broker. kInvalidArgument names the option that is wrong.
  static absl::StatusOr<std::unique_ptr<Producer>> Create(ProducerOptions options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Produces all messages, in order, to the partitions they name, and waits for every acknowledgement.
  // Returns the offsets, in the same order.
  //
  // On an error any of the messages may have been written. Nothing is tried again behind the caller's back:
  // the client is thrown away with all it holds, fatal errors of idempotence included, and the next Send
  // begins with a fresh one. So the answer to every error is to send the same messages again, in the same
  // order, and consumers drop the duplicates. The text names the first message known to have failed.
  //   kUnavailable       no acknowledgement in time, the connection broke, or idempotence failed: may pass
  //   kNotFound          the broker has no such topic or partition
  //   kInvalidArgument   a message is larger than max_message_bytes or than the broker allows
  //   kPermissionDenied, kUnauthenticated
  absl::StatusOr<std::vector<int64_t>> Send(const std::vector<Message>& messages);

 private:
  struct Session;

  explicit Producer(ProducerOptions options);

  ProducerOptions options_;
  std::unique_ptr<Session> session_;  // null after a failed Send
};

}  // namespace lapor::kafka
