#include "libs/kafka/message.h"

#include <librdkafka/rdkafka.h>

#include <catch2/catch.hpp>
#include <string>

namespace lapor::kafka {
namespace {

// The vectors of Kafka's own test of its Java hash: enough partitions to see the whole positive hash.
TEST_CASE("A key goes to the partition that Kafka's Java clients choose") {
  const int32_t all = 0x7fffffff;
  const auto positive = [](int32_t hash) { return (hash & 0x7fffffff) % 0x7fffffff; };
  CHECK(PartitionOf("21", all) == positive(-973932308));
  CHECK(PartitionOf("foobar", all) == positive(-790332482));
  CHECK(PartitionOf("a-little-bit-long-string", all) == positive(-985981536));
  CHECK(PartitionOf("a-little-bit-longer-string", all) == positive(-1486304829));
  CHECK(PartitionOf("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", all) == positive(-58897971));
  CHECK(PartitionOf("abc", all) == positive(479470107));
}

TEST_CASE("A key of any bytes and length goes to the partition that librdkafka chooses") {
  std::string key;
  for (int length = 0; length < 300; ++length) {
    for (const int32_t count : {1, 3, 16, 97}) {
      INFO("length " << length << ", " << count << " partitions");
      REQUIRE(PartitionOf(key, count) ==
              rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), count, nullptr, nullptr));
    }
    key.push_back(static_cast<char>(length * 151 + 7));
  }
}

}  // namespace
}  // namespace lapor::kafka
