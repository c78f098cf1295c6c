#include "libs/kafka/message.h"

#include <fmt/format.h>

namespace lapor::kafka {
namespace {

// MurmurHash2, 32 bits, with the seed that Kafka's Java clients use; words are little-endian.
uint32_t Murmur2(std::string_view data) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(data[i])); };

  uint32_t hash = kSeed ^ static_cast<uint32_t>(data.size());
  size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  if (i < data.size()) {
    for (size_t tail = 0; i + tail < data.size(); ++tail) hash ^= byte(i + tail) << (8 * tail);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

}  // namespace

std::string ToString(const TopicPartition& partition) {
  return fmt::format("{}/{}", partition.topic, partition.partition);
}

int32_t PartitionOf(std::string_view key, int32_t partition_count) {
  return static_cast<int32_t>(Murmur2(key) & 0x7fffffff) % partition_count;
}

}  // namespace lapor::kafka
