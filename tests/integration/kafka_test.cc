// libs/kafka against a broker: what the headers of producer, consumer and cluster promise. Runs on the
// embedded broker and on a real Kafka.
#include "tests/support/kafka.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/kafka/cluster.h"
#include "libs/kafka/consumer.h"
#include "libs/kafka/embedded_broker.h"
#include "libs/kafka/producer.h"

namespace lapor::kafka {
namespace {

using Catch::Contains;
using test::TestBroker;

constexpr absl::Duration kLimit = absl::Seconds(60);  // for what takes milliseconds, or a few seconds
// The embedded broker lets the first member wait 3 s, and forgets it if its session has ended by then.
constexpr absl::Duration kShortSession = absl::Seconds(6);

template <typename T>
T Must(absl::StatusOr<T> result) {
  INFO(result.status().ToString());
  REQUIRE(result.ok());
  return *std::move(result);
}

void Must(const absl::Status& status) {
  INFO(status.ToString());
  REQUIRE(status.ok());
}

std::unique_ptr<Producer> NewProducer(const TestBroker& broker) {
  return Must(Producer::Create({.brokers = broker.brokers()}));
}

std::unique_ptr<Cluster> NewCluster(const TestBroker& broker) {
  return Must(Cluster::Create({.brokers = broker.brokers()}));
}

std::unique_ptr<Consumer> NewConsumer(const TestBroker& broker) {
  return Must(Consumer::Create({.brokers = broker.brokers()}));
}

std::unique_ptr<Consumer> NewMember(const TestBroker& broker, const std::string& group) {
  return Must(
      Consumer::Create({.brokers = broker.brokers(), .group_id = group, .session_timeout = kShortSession}));
}

std::vector<Message> Numbered(const std::string& topic, int32_t partition, int from, int count) {
  std::vector<Message> messages;
  for (int i = from; i < from + count; ++i) {
    Message& message = messages.emplace_back();
    message.topic = topic;
    message.partition = partition;
    message.key = "key";
    message.value = std::to_string(i);
  }
  return messages;
}

Consumer::StoredOffset From(int64_t offset) {
  return [offset](const TopicPartition&) { return offset; };
}

// Polls until `enough` of the messages so far.
std::vector<Message> PollUntil(Consumer& consumer,
                               const std::function<bool(const std::vector<Message>&)>& enough) {
  std::vector<Message> all;
  for (const absl::Time deadline = absl::Now() + kLimit; !enough(all);) {
    REQUIRE(absl::Now() < deadline);
    for (Message& message : Must(consumer.Poll(1000, absl::Milliseconds(100))))
      all.push_back(std::move(message));
  }
  return all;
}

std::vector<std::string> PollValues(Consumer& consumer, size_t count) {
  std::vector<std::string> values;
  for (const Message& message : PollUntil(consumer, [&](const auto& all) { return all.size() >= count; }))
    values.push_back(message.value);
  return values;
}

// Polls until there is an error; nothing else may come.
absl::Status PollError(Consumer& consumer) {
  for (const absl::Time deadline = absl::Now() + kLimit; absl::Now() < deadline;) {
    const auto messages = consumer.Poll(1000, absl::Milliseconds(100));
    if (!messages.ok()) return messages.status();
    REQUIRE(messages->empty());
  }
  FAIL("no error within the limit");
  return absl::OkStatus();
}

TEST_CASE("Messages come out of the partitions they were sent to, whole and in order") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(3);
  const auto producer = NewProducer(broker);
  std::vector<Message> sent;
  for (int i = 0; i < 300; ++i) {
    sent.push_back(
        {.topic = topic, .partition = i % 3, .key = fmt::format("key-{}", i), .value = std::to_string(i)});
    sent.back().headers = {{"ce_type", "lapor.event"}, {"ce_sequence", std::to_string(i)}, {"empty", ""}};
  }
  sent[7].value = std::string("\0\xff\n", 3);
  sent[8].value.clear();
  const std::vector<int64_t> offsets = Must(producer->Send(sent));
  REQUIRE(offsets.size() == sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    REQUIRE(offsets[i] == static_cast<int64_t>(i / 3));
    sent[i].offset = offsets[i];
  }

  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}, {topic, 1}, {topic, 2}}, From(kBeginning)));
  std::vector<Message> received =
      PollUntil(*consumer, [&](const auto& all) { return all.size() >= sent.size(); });
  std::stable_sort(sent.begin(), sent.end(), [](auto& a, auto& b) { return a.partition < b.partition; });
  std::stable_sort(received.begin(), received.end(),
                   [](auto& a, auto& b) { return a.partition < b.partition; });
  CHECK((received == sent));
}

TEST_CASE("Poll returns at most as many messages as asked for, and none twice") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  Must(NewProducer(broker)->Send(Numbered(topic, 0, 0, 10)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}}, From(0)));
  int next = 0;
  for (const absl::Time deadline = absl::Now() + kLimit; next < 10;) {
    REQUIRE(absl::Now() < deadline);
    const auto messages = Must(consumer->Poll(3, absl::Milliseconds(100)));
    REQUIRE(messages.size() <= 3);
    for (const Message& message : messages) CHECK(message.value == std::to_string(next++));
  }
}

TEST_CASE("A message larger than the limit is refused as such, and the next Send works") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  const auto producer = Must(Producer::Create({.brokers = broker.brokers(), .max_message_bytes = 10'000}));
  std::vector<Message> messages = Numbered(topic, 0, 0, 2);
  messages[1].value.assign(20'000, 'x');
  const absl::Status refused = producer->Send(messages).status();
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK_THAT(std::string(refused.message()), Contains("message 2 of 2") && Contains(topic + "/0"));
  Must(producer->Send(Numbered(topic, 0, 0, 1)));
}

TEST_CASE("A Send to a partition that does not exist is told so") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 1, 0, 1)));
  CHECK(absl::IsNotFound(producer->Send(Numbered(topic, 2, 0, 1)).status()));
}

TEST_CASE("A Send of more than the queue holds goes out in parts") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  const auto producer = Must(Producer::Create({.brokers = broker.brokers(), .max_queued_messages = 10}));
  CHECK(Must(producer->Send(Numbered(topic, 0, 0, 1000))).back() == 999);
}

TEST_CASE("A consumer starts at the offset that was stored") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 0, 0, 10)));
  Must(producer->Send(Numbered(topic, 1, 0, 10)));

  const auto consumer = NewMember(broker, topic);
  Must(consumer->Subscribe(
      {topic}, [](const TopicPartition& partition) { return partition.partition == 0 ? 7 : kBeginning; },
      [](const auto&) {}));
  std::map<int32_t, std::vector<int64_t>> offsets;
  for (const Message& message : PollUntil(*consumer, [](const auto& all) { return all.size() >= 13; }))
    offsets[message.partition].push_back(message.offset);
  CHECK(offsets[0] == std::vector<int64_t>{7, 8, 9});
  CHECK(offsets[1] == std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(consumer->assignment() == std::vector<TopicPartition>{{topic, 0}, {topic, 1}});
}

TEST_CASE("Nothing is read before the stored offsets are known, and everything after") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  Must(NewProducer(broker)->Send(Numbered(topic, 0, 0, 3)));
  bool database_is_down = true;
  const auto consumer = NewMember(broker, topic);
  Must(consumer->Subscribe(
      {topic},
      [&](const TopicPartition&) -> absl::StatusOr<int64_t> {
        if (database_is_down) return absl::UnavailableError("the database is away");
        return 1;
      },
      [](const auto&) {}));
  CHECK(PollError(*consumer).message() == "the database is away");
  CHECK(PollError(*consumer).message() == "the database is away");
  CHECK(consumer->assignment().empty());
  database_is_down = false;
  CHECK(PollValues(*consumer, 2) == std::vector<std::string>{"1", "2"});
}

TEST_CASE("A consumer whose stored offset was never answered can be destroyed") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  const auto consumer = NewMember(broker, topic);
  Must(consumer->Subscribe(
      {topic}, [](const auto&) { return absl::UnavailableError("never"); }, [](const auto&) {}));
  CHECK(absl::IsUnavailable(PollError(*consumer)));
}

TEST_CASE("Two consumers of a group share the partitions, and the first is told what it gives back") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(4);
  std::set<TopicPartition> revoked;
  const auto first = NewMember(broker, topic);
  Must(first->Subscribe({topic}, From(kBeginning), [&](const auto& partitions) {
    revoked.insert(partitions.begin(), partitions.end());
  }));
  PollUntil(*first, [&](const auto&) { return first->assignment().size() == 4; });

  Must(first->Pause({topic, 3}));  // which it forgets with the partition

  auto second = NewMember(broker, topic);
  Must(second->Subscribe({topic}, From(kBeginning), [](const auto&) {}));
  PollUntil(*first, [&](const auto&) {
    Must(second->Poll(1, absl::ZeroDuration()));
    return first->assignment().size() == 2 && second->assignment().size() == 2;
  });
  CHECK(revoked == std::set<TopicPartition>{{topic, 0}, {topic, 1}, {topic, 2}, {topic, 3}});
  std::set<TopicPartition> together;
  for (const auto& consumer : {first.get(), second.get()})
    for (const TopicPartition& partition : consumer->assignment()) together.insert(partition);
  CHECK(together.size() == 4);

  revoked.clear();
  second.reset();
  PollUntil(*first, [&](const auto&) { return first->assignment().size() == 4; });
  CHECK_FALSE(revoked.empty());

  const auto producer = NewProducer(broker);
  for (int32_t partition = 0; partition < 4; ++partition)
    Must(producer->Send(Numbered(topic, partition, 0, 1)));
  CHECK(PollValues(*first, 4).size() == 4);
}

TEST_CASE("A position above the end of the partition is reported, and reading goes on after a Seek") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 0, 0, 5)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}, {topic, 1}}, From(100)));

  std::set<TopicPartition> gone;
  for (int i = 0; i < 2; ++i) {
    const absl::Status error = PollError(*consumer);
    CHECK(absl::IsOutOfRange(error));
    CHECK_THAT(std::string(error.message()),
               Contains(ToString(consumer->out_of_range())) && Contains("offset 100 is not on the broker"));
    gone.insert(consumer->out_of_range());
  }
  CHECK(gone == std::set<TopicPartition>{{topic, 0}, {topic, 1}});
  CHECK(Must(consumer->Poll(10, absl::Milliseconds(300))).empty());

  Must(consumer->Seek({topic, 0}, 3));
  Must(consumer->Seek({topic, 1}, kBeginning));
  CHECK(PollValues(*consumer, 2) == std::vector<std::string>{"3", "4"});
  Must(producer->Send(Numbered(topic, 1, 0, 1)));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"0"});
}

TEST_CASE("A Seek moves one partition and leaves the others where they were") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 0, 0, 5)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}, {topic, 1}}, From(kBeginning)));
  CHECK(PollValues(*consumer, 5).back() == "4");
  Must(producer->Send(Numbered(topic, 1, 10, 2)));
  CHECK(PollValues(*consumer, 2).back() == "11");
  Must(consumer->Seek({topic, 0}, 4));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"4"});
  Must(producer->Send(Numbered(topic, 1, 12, 1)));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"12"});
}

TEST_CASE("Of many Seeks in quick succession the last one counts") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  Must(NewProducer(broker)->Send(Numbered(topic, 0, 0, 10)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}, {topic, 1}}, From(0)));
  for (int i = 0; i < 100; ++i) Must(consumer->Seek({topic, 0}, i % 10));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"9"});
}

TEST_CASE("A partition that was paused is read after it is assigned anew") {
  TestBroker broker;
  const std::string topic = broker.NewTopic();
  Must(NewProducer(broker)->Send(Numbered(topic, 0, 0, 2)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}}, From(0)));
  CHECK(PollValues(*consumer, 2).size() == 2);
  Must(consumer->Pause({topic, 0}));
  Must(consumer->Assign({{topic, 0}}, From(1)));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"1"});
}

TEST_CASE("A paused partition stands still, also through a Seek, and resumes where it was") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 0, 0, 2)));
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}, {topic, 1}}, From(kBeginning)));
  CHECK(PollValues(*consumer, 2).back() == "1");

  Must(consumer->Pause({topic, 0}));
  Must(producer->Send(Numbered(topic, 0, 2, 2)));
  Must(consumer->Seek({topic, 0}, 1));
  Must(producer->Send(Numbered(topic, 1, 10, 3)));
  CHECK(PollValues(*consumer, 3) == std::vector<std::string>{"10", "11", "12"});
  CHECK(Must(consumer->Poll(10, absl::Milliseconds(300))).empty());
  Must(consumer->Resume({topic, 0}));
  CHECK(PollValues(*consumer, 3) == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("Seek, Pause and Resume of a partition that is not assigned are refused") {
  TestBroker broker;
  const auto consumer = NewConsumer(broker);
  CHECK(absl::IsFailedPrecondition(consumer->Seek({"reports", 0}, 0)));
  CHECK(absl::IsFailedPrecondition(consumer->Pause({"reports", 0})));
  CHECK(absl::IsFailedPrecondition(consumer->Resume({"reports", 0})));
}

TEST_CASE("Watermarks say what a partition holds") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(2);
  const auto cluster = NewCluster(broker);
  CHECK(Must(cluster->GetWatermarks({topic, 1})) == Watermarks{0, 0});
  Must(NewProducer(broker)->Send(Numbered(topic, 1, 0, 12)));
  CHECK(Must(cluster->GetWatermarks({topic, 1})) == Watermarks{0, 12});
  CHECK(Must(cluster->GetWatermarks({topic, 0})) == Watermarks{0, 0});
  CHECK(absl::IsNotFound(cluster->GetWatermarks({topic, 2}).status()));
}

TEST_CASE("A topic is created once, and counted") {
  TestBroker broker;
  const std::string topic = broker.NewTopic(3);
  const auto cluster = NewCluster(broker);
  CHECK(Must(cluster->PartitionCount(topic)) == 3);
  Must(cluster->EnsureTopic(topic, 3, 1, absl::Hours(1)));
  const absl::Status other = cluster->EnsureTopic(topic, 4, 1, absl::Hours(1));
  CHECK(absl::IsFailedPrecondition(other));
  CHECK_THAT(std::string(other.message()), Contains("has 3 partitions and 4 are configured"));
  CHECK(absl::IsNotFound(cluster->PartitionCount(topic + "-missing").status()));

  const absl::Status missing = cluster->EnsureTopic(topic + "-missing", 2, 1, absl::Hours(1));
  if (broker.embedded() == nullptr) {
    Must(missing);
    CHECK(Must(cluster->PartitionCount(topic + "-missing")) == 2);
    CHECK(absl::IsInvalidArgument(cluster->EnsureTopic(topic + "-copies", 1, 3, absl::Hours(1))));
  } else {
    CHECK(absl::IsFailedPrecondition(missing));
    CHECK_THAT(std::string(missing.message()), Contains("--topic " + topic + "-missing:2"));
  }
}

TEST_CASE("A wiped cluster has another id, under the eyes of the same client") {
  TestBroker broker;
  if (!broker.OwnsBroker()) return;
  auto cluster = NewCluster(broker);
  const std::string id = Must(cluster->ClusterId());
  CHECK_FALSE(id.empty());
  CHECK(Must(cluster->ClusterId()) == id);
  broker.WipeAndRestart();
  if (broker.embedded() != nullptr) cluster = NewCluster(broker);  // another address
  CHECK(Must(cluster->ClusterId()) != id);
}

TEST_CASE("Producer and consumer get over a broker that goes away and comes back") {
  TestBroker broker;
  if (!broker.OwnsBroker()) return;
  const std::string topic = broker.NewTopic();
  const auto producer =
      Must(Producer::Create({.brokers = broker.brokers(), .delivery_timeout = absl::Seconds(1)}));
  const auto consumer = NewMember(broker, topic);
  int64_t stored = 0;
  Must(consumer->Subscribe(
      {topic}, [&](const TopicPartition&) { return stored; }, [](const auto&) {}));
  Must(producer->Send(Numbered(topic, 0, 0, 1)));
  CHECK(PollValues(*consumer, 1) == std::vector<std::string>{"0"});
  stored = 1;

  broker.Stop();
  const absl::Status unsent = producer->Send(Numbered(topic, 0, 1, 1)).status();
  CHECK(absl::IsUnavailable(unsent));
  CHECK_THAT(std::string(unsent.message()), Contains("message 1 of 1"));
  CHECK(Must(consumer->Poll(10, absl::Milliseconds(100))).empty());
  CHECK(absl::IsUnavailable(Must(Cluster::Create({.brokers = broker.brokers(), .timeout = absl::Seconds(1)}))
                                ->ClusterId()
                                .status()));
  broker.Start();

  absl::StatusOr<std::vector<int64_t>> offsets = absl::UnknownError("");
  for (const absl::Time deadline = absl::Now() + kLimit; !offsets.ok();) {
    REQUIRE(absl::Now() < deadline);
    offsets = producer->Send(Numbered(topic, 0, 1, 1));
  }
  const std::vector<std::string> values = PollValues(*consumer, static_cast<size_t>(offsets->back()));
  CHECK(std::set<std::string>(values.begin(), values.end()) == std::set<std::string>{"1"});
}

// What only the embedded broker can be made to do, or does as any would. --------------------------------

TEST_CASE("A consumer and a producer can be destroyed while the broker is away") {
  TestBroker broker;
  if (broker.embedded() == nullptr) return;
  const std::string topic = broker.NewTopic();
  auto producer = NewProducer(broker);
  auto consumer = NewMember(broker, topic);
  Must(consumer->Subscribe({topic}, From(kBeginning), [](const auto&) {}));
  Must(producer->Send(Numbered(topic, 0, 0, 1)));
  PollValues(*consumer, 1);
  broker.Stop();
  const absl::Time began = absl::Now();
  producer.reset();
  consumer.reset();
  CHECK(absl::Now() - began < absl::Seconds(8));
}

TEST_CASE("A fatal error of the idempotent producer fails one Send and not the next") {
  TestBroker broker;
  if (broker.embedded() == nullptr) return;
  const std::string topic = broker.NewTopic();
  const auto producer = NewProducer(broker);
  Must(producer->Send(Numbered(topic, 0, 0, 1)));
  using Fault = EmbeddedBroker::Fault;
  broker.embedded()->FailNext(EmbeddedBroker::Request::kProduce, {Fault::kOutOfOrderSequenceNumber});
  const absl::Status fatal = producer->Send(Numbered(topic, 0, 1, 1)).status();
  CHECK(absl::IsUnavailable(fatal));
  INFO(fatal.ToString());
  CHECK_THAT(std::string(fatal.message()), Contains("sequence"));
  CHECK(Must(producer->Send(Numbered(topic, 0, 1, 2))) == std::vector<int64_t>{1, 2});
}

TEST_CASE("Errors that pass by themselves do not show") {
  TestBroker broker;
  if (broker.embedded() == nullptr) return;
  const std::string topic = broker.NewTopic();
  const auto producer = NewProducer(broker);
  using Fault = EmbeddedBroker::Fault;
  broker.embedded()->FailNext(EmbeddedBroker::Request::kProduce,
                              {Fault::kNotEnoughReplicas, Fault::kDisconnect});
  Must(producer->Send(Numbered(topic, 0, 0, 10)));
  broker.embedded()->FailNext(EmbeddedBroker::Request::kFetch, {Fault::kDisconnect});
  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}}, From(0)));
  CHECK(PollValues(*consumer, 10).back() == "9");
}

TEST_CASE("A consumer behind what the embedded broker keeps is told so, with nothing skipped") {
  TestBroker broker;
  if (broker.embedded() == nullptr) return;
  const std::string topic = broker.NewTopic();
  const auto producer = NewProducer(broker);
  std::vector<Message> batch = Numbered(topic, 0, 0, 10);
  for (Message& message : batch) message.value.assign(100'000, 'x');
  for (int i = 0; i < 10; ++i) Must(producer->Send(batch));  // 10 MB, of which 5 are kept
  const Watermarks kept = Must(NewCluster(broker)->GetWatermarks({topic, 0}));
  CHECK(kept.high == 100);
  CHECK(kept.low > 0);

  const auto consumer = NewConsumer(broker);
  Must(consumer->Assign({{topic, 0}}, From(0)));
  CHECK(absl::IsOutOfRange(PollError(*consumer)));
  CHECK(consumer->out_of_range() == TopicPartition{topic, 0});
  Must(consumer->Seek({topic, 0}, kBeginning));
  const size_t left = static_cast<size_t>(kept.high - kept.low);
  const auto messages = PollUntil(*consumer, [&](const auto& all) { return all.size() >= left; });
  CHECK(messages.front().offset == kept.low);
  CHECK(messages.size() == left);
}

}  // namespace
}  // namespace lapor::kafka
