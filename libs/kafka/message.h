#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lapor::kafka {

struct Header {
  std::string key;
  std::string value;
  bool operator==(const Header&) const = default;
};

struct Message {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = -1;  // Given by the broker: set in what a Consumer returns, ignored by a Producer.
  std::string key;
  std::string value;
  std::vector<Header> headers = {};
  bool operator==(const Message&) const = default;
};

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

// "topic/partition", as errors and logs name it.
std::string ToString(const TopicPartition& partition);

// The partition of `key` by Kafka's own default partitioner (positive murmur2, modulo), so that stream
// processors find equal keys of different topics in equal partitions. `partition_count` is at least 1.
int32_t PartitionOf(std::string_view key, int32_t partition_count);

}  // namespace lapor::kafka
