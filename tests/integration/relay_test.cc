// Risk: the broker misses events of the journal, or holds them out of order, after crashes, take-overs and
// losses.
#include "libs/eventlog/relay.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "libs/eventlog/consumer.h"
#include "libs/eventlog/due_scan.h"
#include "libs/kafka/consumer.h"
#include "tests/integration/pipeline.h"

namespace lapor::test {
namespace {

using eventlog::Relay;
using eventlog::Topic;

// All that the broker holds of lapor.report.v1, in order of partition and offset, when `enough` are there.
std::vector<kafka::Message> ReadTopic(const std::string& brokers, size_t enough) {
  auto consumer = kafka::Consumer::Create({.brokers = brokers, .group_id = "", .client_id = "test"});
  REQUIRE(consumer.ok());
  std::vector<kafka::TopicPartition> partitions;
  for (int32_t p = 0; p < 4; ++p) partitions.push_back({NameOf(Topic::kReport), p});
  REQUIRE((*consumer)->Assign(partitions, [](const auto&) { return kafka::kBeginning; }).ok());
  std::vector<kafka::Message> messages;
  const absl::Time limit = absl::Now() + absl::Seconds(60);  // as Eventually
  while (messages.size() < enough && absl::Now() < limit) {
    auto polled = (*consumer)->Poll(10'000, absl::Milliseconds(100));
    if (!polled.ok()) continue;
    for (kafka::Message& message : *polled) messages.push_back(std::move(message));
  }
  std::ranges::stable_sort(messages, {}, [](const auto& m) { return std::pair(m.partition, m.offset); });
  return messages;
}

// Whether each partition holds positions from 1 on such that a consumer that drops duplicates never meets a
// gap; the last position of each.
std::map<int32_t, int64_t> ReadWithoutGaps(const std::vector<kafka::Message>& messages) {
  std::map<int32_t, int64_t> last;
  for (const kafka::Message& message : messages) {
    const eventlog::Inbound inbound = eventlog::ToInbound(message);
    REQUIRE(inbound.decoded);
    INFO("partition " << inbound.partition << " offset " << inbound.kafka_offset);
    REQUIRE(inbound.position <= last[inbound.partition] + 1);
    last[inbound.partition] = std::max(last[inbound.partition], inbound.position);
  }
  return last;
}

int64_t Sum(const std::map<int32_t, int64_t>& positions) {
  int64_t sum = 0;
  for (const auto& [partition, position] : positions) sum += position;
  return sum;
}

// Rounds until nothing is left to send.
int Drain(Relay& relay) {
  int sent = 0;
  const absl::Time limit = absl::Now() + absl::Seconds(60);
  for (int idle = 0; idle < 2 && absl::Now() < limit;) {
    const auto round = relay.Round();
    idle = round.ok() && *round == 0 ? idle + 1 : 0;
    if (round.ok()) sent += *round;
  }
  return sent;
}

void Fill(LedgerService& ledger, int from, int count) {
  for (int i = from; i < from + count; ++i) {
    REQUIRE(ledger.Do("r" + std::to_string(i), "s" + std::to_string(i % 13), {1, "", std::nullopt}).ok());
  }
}

eventlog::RelayOptions Options(const TestBroker& broker) {
  eventlog::RelayOptions options;
  options.brokers = broker.brokers();
  options.max_batch_events = 7;
  options.loss_check_interval = absl::ZeroDuration();
  return options;
}

TEST_CASE("the journal reaches the broker whole and in order, each event in its CloudEvents envelope") {
  CleanBroker broker;
  LedgerService ledger;
  Fill(ledger, 0, 100);
  runtime::Metrics metrics;
  Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
  CHECK(Drain(relay) == 100);

  const auto messages = ReadTopic(broker.brokers(), 100);
  REQUIRE(messages.size() == 100);
  CHECK(Sum(ReadWithoutGaps(messages)) == 100);
  std::map<std::string, std::string> headers;
  for (const kafka::Header& header : messages[0].headers) headers[header.key] = header.value;
  CHECK(headers["ce_specversion"] == "1.0");
  CHECK(headers["ce_type"] == "lapor.event.v1.ReporterReplied");
  CHECK(headers["ce_source"] == "/lapor/ledger");
  CHECK(headers["ce_subject"] == messages[0].key);
  CHECK(headers["ce_sequence"] == "1");
  CHECK(headers["content-type"] == "application/protobuf");
}

TEST_CASE("a relay that dies before it moved its cursor sends again, and readers meet no gap") {
  CleanBroker broker;
  LedgerService ledger;
  runtime::Metrics metrics;
  Fill(ledger, 0, 40);
  {
    Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
    Drain(relay);
  }
  // What a crash between acknowledgement and commit leaves behind.
  LedgerService::Must(ledger.pool.Transact([](pg::Tx& tx) {
    tx.Run("UPDATE relay_cursor SET position = greatest(position - 5, 0), kafka_offset = -1");
    return absl::OkStatus();
  }));
  Fill(ledger, 40, 20);
  Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
  const int again = Drain(relay);
  CHECK(again > 20);
  const auto messages = ReadTopic(broker.brokers(), 40 + static_cast<size_t>(again));
  CHECK(Sum(ReadWithoutGaps(messages)) == 60);
}

TEST_CASE("two relays of one service keep the order between them") {
  CleanBroker broker;
  LedgerService ledger;
  runtime::Metrics metrics;
  Relay one(ledger.pool, ledger.journal, Options(broker), metrics);
  Relay two(ledger.pool, ledger.journal, Options(broker), metrics);
  one.Start();
  two.Start();
  Fill(ledger, 0, 150);
  const auto messages = ReadTopic(broker.brokers(), 150);
  one.Stop();
  two.Stop();
  CHECK(Sum(ReadWithoutGaps(messages)) == 150);
}

TEST_CASE("while the broker is away nothing is lost") {
  CleanBroker broker;
  if (!broker.OwnsBroker()) {
    WARN("skipped: this broker isn't ours to stop");
    return;
  }
  LedgerService ledger;
  runtime::Metrics metrics;
  Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
  relay.Start();
  Fill(ledger, 0, 20);
  broker.Stop();
  Fill(ledger, 20, 20);
  broker.Start();
  const auto messages = ReadTopic(broker.brokers(), 40);
  relay.Stop();
  CHECK(Sum(ReadWithoutGaps(messages)) == 40);
}

TEST_CASE("a broker that has lost its log gets everything again") {
  CleanBroker broker;
  if (!broker.OwnsBroker()) {
    WARN("skipped: this broker isn't ours to wipe");
    return;
  }
  LedgerService ledger;
  runtime::Metrics metrics;
  Fill(ledger, 0, 30);
  {
    Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
    Drain(relay);
  }
  broker.LoseEverything();
  Fill(ledger, 30, 5);
  Relay relay(ledger.pool, ledger.journal, Options(broker), metrics);
  Drain(relay);
  CHECK(Sum(ReadWithoutGaps(ReadTopic(broker.brokers(), 35))) == 35);
}

TEST_CASE("a broker that loses everything, topics too, under a running relay and consumer is filled again") {
  CleanBroker broker;
  if (broker.embedded() != nullptr || !broker.OwnsBroker()) {
    WARN("skipped: only a real Kafka of our own can be wiped at its address");
    return;
  }
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  Fill(alpha, 0, 30);
  REQUIRE(Eventually([&] { return Trails(beta) == Trails(alpha); }));

  broker.WipeAndRestart();
  Fill(alpha, 30, 20);
  CHECK(Eventually([&] { return Trails(beta) == Trails(alpha); }));
  CHECK(Sum(ReadWithoutGaps(ReadTopic(broker.brokers(), 50))) == 50);
}

TEST_CASE("no deadline fires before the service has heard what the broker held when it started") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  Fill(alpha, 0, 40);
  Relay relay(alpha.pool, alpha.journal, Options(broker), metrics);
  REQUIRE(Drain(relay) == 40);

  std::promise<void> may_apply;
  const std::shared_future<void> allowed = may_apply.get_future().share();
  std::atomic<bool> asked = false;
  eventlog::Consumer consumer(
      beta.pool, {.brokers = broker.brokers(), .name = "beta", .topics = {Topic::kReport}},
      [&](std::vector<eventlog::Inbound> events) {
        asked = true;
        allowed.wait();
        return beta.executor->Apply(std::move(events));
      },
      JournalOf(alpha), metrics);
  LedgerService::Must(beta.pool.Transact([](pg::Tx& tx) {
    tx.Run("INSERT INTO deadline VALUES ('s1', 1, now() - interval '1 day')");
    return absl::OkStatus();
  }));
  const runtime::SystemClock clock;
  int fired = 0;
  eventlog::DueScan scan(
      beta.pool, clock, {},
      [&](const std::string& subject) {
        return consumer.HasHeard(beta.journal.partitioning().Of(Topic::kReport, subject));
      },
      [&](std::vector<eventlog::Deadline> due) {
        fired += static_cast<int>(due.size());
        return absl::OkStatus();
      });

  consumer.Start();
  CHECK(Eventually([&] { return asked.load(); }));
  CHECK(scan.Scan().value() == 0);
  may_apply.set_value();
  CHECK(Eventually([&] { return scan.Scan().value() == 1; }));
  CHECK(Trails(beta) == Trails(alpha));
  CHECK(fired == 1);
}

}  // namespace
}  // namespace lapor::test
