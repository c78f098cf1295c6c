// What is refused before a broker is ever asked.
#include <catch2/catch.hpp>
#include <string>

#include "libs/kafka/cluster.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/embedded_broker.h"
#include "libs/kafka/producer.h"

namespace lapor::kafka {
namespace {

using Catch::Contains;

std::string Refusal(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

std::string ProducerRefusal(const std::map<std::string, std::string>& properties) {
  return Refusal(Producer::Create({.brokers = "127.0.0.1:1", .properties = properties}).status());
}

std::string ConsumerRefusal(const std::map<std::string, std::string>& properties) {
  return Refusal(Consumer::Create({.brokers = "127.0.0.1:1", .properties = properties}).status());
}

TEST_CASE("An empty broker list is refused") {
  CHECK_THAT(Refusal(Cluster::Create({}).status()), Contains("brokers must not be empty"));
}

TEST_CASE("A property that librdkafka does not know is refused by its name") {
  CHECK_THAT(ProducerRefusal({{"ssl.ca.lokation", "x"}}), Contains("ssl.ca.lokation"));
}

TEST_CASE("A value that librdkafka does not accept is refused by the property's name") {
  CHECK_THAT(ConsumerRefusal({{"security.protocol", "tls"}}), Contains("security.protocol"));
}

TEST_CASE("A property that would weaken the delivery guarantees is refused, under each of its names") {
  CHECK_THAT(ProducerRefusal({{"enable.idempotence", "false"}}), Contains("would change enable.idempotence"));
  CHECK_THAT(ProducerRefusal({{"request.required.acks", "1"}}), Contains("would change acks"));
  CHECK_THAT(ConsumerRefusal({{"enable.auto.commit", "true"}}), Contains("would change enable.auto.commit"));
  CHECK_THAT(ConsumerRefusal({{"auto.offset.reset", "latest"}}), Contains("would change auto.offset.reset"));
  CHECK_THAT(ConsumerRefusal({{"metadata.broker.list", "elsewhere:1"}}),
             Contains("would change bootstrap.servers"));
}

TEST_CASE("Properties of transport security and tuning are taken") {
  const std::map<std::string, std::string> properties = {{"security.protocol", "ssl"},
                                                         {"ssl.endpoint.identification.algorithm", "https"},
                                                         {"compression.type", "lz4"}};
  CHECK(Producer::Create({.brokers = "127.0.0.1:1", .properties = properties}).ok());
}

TEST_CASE("A limit out of range is refused by the property's name") {
  ProducerOptions options{.brokers = "127.0.0.1:1"};
  options.max_message_bytes = 1;
  CHECK_THAT(Refusal(Producer::Create(options).status()), Contains("message.max.bytes"));
}

TEST_CASE("Subscribe without a group is refused") {
  const auto consumer = Consumer::Create({.brokers = "127.0.0.1:1"});
  REQUIRE(consumer.ok());
  CHECK_THAT(Refusal((*consumer)->Subscribe({"reports"}, nullptr, nullptr)), Contains("group_id"));
}

TEST_CASE("A topic of the embedded broker needs a name and a partition, and only one of its name") {
  CHECK_THAT(Refusal(EmbeddedBroker::Start({.topics = {{"reports", 0}}}).status()), Contains("at least 1"));
  CHECK_THAT(Refusal(EmbeddedBroker::Start({.topics = {{"", 1}}}).status()), Contains("needs a name"));
  CHECK_THAT(Refusal(EmbeddedBroker::Start({.topics = {{"reports", 1}, {"reports", 1}}}).status()),
             Contains("reports"));
}

TEST_CASE("Each embedded broker of a process has an address of its own") {
  const auto first = EmbeddedBroker::Start({});
  const auto second = EmbeddedBroker::Start({});
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK((*first)->brokers() != (*second)->brokers());
}

}  // namespace
}  // namespace lapor::kafka
