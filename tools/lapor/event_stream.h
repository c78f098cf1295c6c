// The event streams as an analyst reads them: straight from Kafka, without a group, nothing committed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "libs/kafka/consumer.h"

namespace lapor::client {

// An event with its place on the broker.
struct StreamedEvent {
  int32_t partition = 0;
  int64_t offset = 0;
  // False: the bytes in `value` are no event of lapor, or one that contradicts its headers.
  bool decoded = false;
  event::v1::Event event;
  std::string value;
};

// Not thread-safe.
class EventStream {
 public:
  enum class From { kBeginning, kEnd };

  // All partitions of `topic`, from the oldest message or from those that come next. kUnavailable with the
  // address when the broker can't be reached, kNotFound when it has no such topic.
  static absl::StatusOr<std::unique_ptr<EventStream>> Open(const std::string& brokers,
                                                           const std::string& topic, From from);

  // What has come, in order within a partition; waits up to `timeout` when there is nothing.
  absl::StatusOr<std::vector<StreamedEvent>> Read(absl::Duration timeout);

  // Whether everything that the topic held at Open has been read.
  bool caught_up() const { return behind_.empty(); }

 private:
  EventStream() = default;

  std::unique_ptr<kafka::Consumer> consumer_;
  // The offset at which the topic ended at Open, of the partitions that aren't read up to it.
  std::map<int32_t, int64_t> behind_;
};

// The local stack's broker, as stack.sh keeps it in `var`: kNotFound when none was started there.
absl::StatusOr<std::string> LocalBrokers(const std::string& var);

}  // namespace lapor::client
