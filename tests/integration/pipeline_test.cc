// Risk: between the commit in one service and its effect in another something is lost, doubled or overtaken.
#include "tests/integration/pipeline.h"

#include <atomic>
#include <thread>

#include "libs/eventlog/history.h"

namespace lapor::test {
namespace {

using eventlog::Consumer;

void File(LedgerService& ledger, int from, int count, int subjects = 17) {
  std::vector<std::promise<bool>> answers(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    ledger.executor->Submit(
        {"r" + std::to_string(from + i),
         "f",
         "s" + std::to_string(subjects) + "." + std::to_string(i % subjects),
         {from + i, "", std::nullopt},
         "",
         [&answer = answers[static_cast<size_t>(i)]](auto outcome) { answer.set_value(outcome.ok()); }});
  }
  for (auto& answer : answers) REQUIRE(answer.get_future().get());
}

// The relay believes that the first half of each partition is with the broker.
void ForgetToSendHalf(LedgerService& ledger) {
  ledger.database.Query(
      "UPDATE relay_cursor c SET position = (SELECT position / 2 FROM event_head h "
      "WHERE (h.topic, h.partition) = (c.topic, c.partition))");
}

TEST_CASE("what one service commits takes effect in another, once and in order") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  File(alpha, 0, 300);
  CHECK(Eventually([&] { return Trails(beta) == Trails(alpha); }));
}

// Relay, consumer and database sessions die under load. Whether beta lost, doubled or reordered nothing.
bool SurvivesDeaths(eventlog::InboxRules rules) {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta", {.inbox_rules = rules});
  runtime::Metrics metrics;
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  for (int round = 0; round < 6; ++round) {
    File(alpha, round * 200, 200);
    switch (round % 3) {
      case 0:
        relay = nullptr;
        // It died before it could note what the broker had acknowledged last.
        alpha.database.Query("UPDATE relay_cursor SET position = greatest(position - 10, 0)");
        relay = StartRelay(alpha, broker, metrics);
        break;
      case 1:
        consumer = nullptr;
        consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
        break;
      case 2:
        alpha.database.TerminateBackends();
        beta.database.TerminateBackends();
        break;
    }
  }
  REQUIRE(Eventually([&] { return HasReadAll(beta, alpha); }));
  consumer = nullptr;
  return ShowsTheSame(beta, alpha);
}

TEST_CASE("relay, consumer and database sessions that die under load lose, double and reorder nothing") {
  CHECK(SurvivesDeaths({}));
}
TEST_CASE("an inbox that doesn't drop duplicates is found out by the deaths of relays") {
  CHECK_FALSE(SurvivesDeaths({.drop_duplicates = false}));
}

// Two instances share the partitions, one hands over its own, and then comes back as a zombie: it works on
// all of them without knowing that they are another's. Whether beta lost, doubled or reordered nothing.
bool SurvivesHandover(eventlog::InboxRules rules) {
  CleanBroker broker;
  const eventlog::ExecutorOptions options{.inbox_rules = rules};
  LedgerService alpha("alpha"), beta("beta", options);
  auto second_executor = beta.NewExecutor(options);
  runtime::Metrics metrics;
  auto relay = StartRelay(alpha, broker, metrics);
  auto one = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  auto two = StartConsumer(beta, *second_executor, broker, metrics, JournalOf(alpha));
  File(alpha, 0, 400);
  one = nullptr;  // its partitions go to the other
  File(alpha, 400, 400);
  REQUIRE(Eventually([&] { return HasReadAll(beta, alpha); }));

  // A group of its own is what keeps it from hearing of the handover.
  one = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha), "beta-zombie");
  LedgerService::Must(beta.pool.Transact([&](pg::Tx& tx) {
    // Nobody commits before both have begun with the same events.
    tx.Run("LOCK TABLE event_head IN EXCLUSIVE MODE");
    File(alpha, 800, 30, 1);
    return beta.AwaitLockWait("", 2) ? absl::OkStatus() : absl::DeadlineExceededError("the two didn't meet");
  }));
  REQUIRE(Eventually([&] { return HasReadAll(beta, alpha); }));
  one = nullptr;
  two = nullptr;
  return ShowsTheSame(beta, alpha);
}

TEST_CASE(
    "two instances of a service share the partitions, and neither handover nor zombie doubles anything") {
  CHECK(SurvivesHandover({}));
}
TEST_CASE("an inbox without the fence is found out by a zombie") {
  CHECK_FALSE(SurvivesHandover({.fence = false}));
}

TEST_CASE("a broker that lost its log in the middle loses nothing for those who read it") {
  CleanBroker broker;
  if (!broker.OwnsBroker()) {
    WARN("skipped: this broker isn't ours to wipe");
    return;
  }
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  File(alpha, 0, 200);
  consumer = nullptr;
  File(alpha, 200, 100);
  relay = nullptr;
  broker.LoseEverything();
  relay = StartRelay(alpha, broker, metrics);
  consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  File(alpha, 300, 100);
  CHECK(Eventually([&] { return Trails(beta) == Trails(alpha); }));
}

TEST_CASE("events that the broker doesn't have are asked from the journal that has them") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  File(alpha, 0, 100);
  ForgetToSendHalf(alpha);
  auto relay = StartRelay(alpha, broker, metrics);
  std::atomic<int> asked = 0;
  auto consumer = StartConsumer(
      beta, *beta.executor, broker, metrics,
      [&, journal = JournalOf(alpha)](const eventlog::Source& source, int64_t from) {
        // The producer is away at first: the partitions are held, not skipped.
        if (++asked <= 3) {
          return absl::StatusOr<std::vector<event::v1::Event>>(absl::UnavailableError("no connection"));
        }
        return journal(source, from);
      });
  CHECK(Eventually([&] { return Trails(beta) == Trails(alpha); }));
  CHECK(asked > 3);
}

TEST_CASE("while a partition waits for what is missing, its reports alone count as not up to date") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  File(alpha, 0, 100);
  alpha.database.Query("UPDATE relay_cursor SET position = 1 WHERE topic = 1 AND partition = 0");
  auto relay = StartRelay(alpha, broker, metrics);
  std::atomic<bool> is_away = true;
  auto consumer =
      StartConsumer(beta, *beta.executor, broker, metrics,
                    [&, journal = JournalOf(alpha)](const eventlog::Source& source, int64_t from) {
                      if (!is_away) return journal(source, from);
                      return absl::StatusOr<std::vector<event::v1::Event>>(absl::UnavailableError("away"));
                    });
  CHECK(Eventually([&] { return consumer->HasHeard(1) && consumer->HasHeard(2) && consumer->HasHeard(3); }));
  CHECK_FALSE(consumer->HasHeard(0));
  is_away = false;
  CHECK(Eventually([&] { return consumer->HasHeard(0); }));
  CHECK(Trails(beta) == Trails(alpha));
}

TEST_CASE("what this version doesn't know goes to quarantine from a journal too") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  File(alpha, 0, 100);
  ForgetToSendHalf(alpha);
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics,
                                [journal = JournalOf(alpha)](const eventlog::Source& source, int64_t from) {
                                  auto events = journal(source, from);
                                  if (events.ok() && from == 1) events->front().clear_payload();
                                  return events;
                                });
  REQUIRE(Eventually([&] { return HasReadAll(beta, alpha); }));
  const std::string unknown =
      "FROM quarantine WHERE position = 1 AND reason LIKE '%of no kind that this version%'";
  CHECK(beta.database.Query("SELECT count(*) " + unknown) == "4");
  // Behind it waits its own subject alone, and loses nothing.
  CHECK(beta.database.Query("SELECT count(DISTINCT subject) FROM quarantine") == "4");
  CHECK(beta.database.Query("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM quarantine)") ==
        "100");
}

TEST_CASE("a stream that has lost its beginning with the broker and in the journal is named") {
  CleanBroker broker;
  if (!broker.OwnsBroker()) {
    WARN("skipped: this broker isn't ours to wipe");
    return;
  }
  const bool begins_in_the_middle = GENERATE(false, true);
  CAPTURE(begins_in_the_middle);
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  File(alpha, 0, 100);
  if (begins_in_the_middle) ForgetToSendHalf(alpha);
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  REQUIRE(Eventually([&] { return Trails(beta) == Trails(alpha); }));

  eventlog::Applied applied;
  LedgerService::Must(beta.pool.Read([&](pg::Tx& tx) {
    applied = eventlog::Inbox::All(tx);
    return absl::OkStatus();
  }));
  const eventlog::ConsumerOptions at{.brokers = broker.brokers()};
  const absl::Status pruned = eventlog::CheckHistory(
      at, [](const auto&, int64_t) { return absl::OutOfRangeError("older than the retention"); }, applied);
  CHECK(pruned.ok() == !begins_in_the_middle);
  if (begins_in_the_middle) {
    CHECK(pruned.code() == absl::StatusCode::kFailedPrecondition);
    const std::string text(pruned.message());
    CAPTURE(text);
    for (const char* part : {"alpha", "lapor.report.v1", "older than the retention", "restore the topic"})
      CHECK(text.find(part) != std::string::npos);
  }
  CHECK(eventlog::CheckHistory(at, JournalOf(alpha), applied).ok());
}

TEST_CASE("a cause that the broker holds behind its effect is applied first") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta"), gamma("gamma");
  runtime::Metrics metrics;
  // gamma reacts to what alpha wrote; then the new broker gets gamma's journal first.
  File(alpha, 1, 40);
  {
    auto relay = StartRelay(alpha, broker, metrics);
    auto consumer = StartConsumer(gamma, *gamma.executor, broker, metrics, JournalOf(alpha));
    REQUIRE(Eventually([&] { return Trails(gamma) == Trails(alpha); }));
  }
  CleanBroker other;
  auto gamma_relay = StartRelay(gamma, other, metrics);
  REQUIRE(Eventually([&] { return gamma.database.Query("SELECT sum(position) FROM relay_cursor") == "40"; }));
  auto alpha_relay = StartRelay(alpha, other, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, other, metrics,
                                [from_alpha = JournalOf(alpha), from_gamma = JournalOf(gamma)](
                                    const eventlog::Source& source, int64_t from) {
                                  return (source.producer == "alpha" ? from_alpha : from_gamma)(source, from);
                                });
  // Each amount once from alpha and, after it, once from gamma.
  CHECK(Eventually([&] { return beta.database.Query("SELECT sum(total) FROM ledger") == "1640"; }));
  const std::string first_effects = beta.database.Query(
      "SELECT count(*) FROM ledger WHERE position('<gamma' IN trail) > position('<alpha' IN trail)");
  CHECK(first_effects == beta.database.Query("SELECT count(*) FROM ledger"));
}

TEST_CASE("a foreign message on the topic goes to quarantine, and the stream goes on") {
  CleanBroker broker;
  LedgerService alpha("alpha"), beta("beta");
  runtime::Metrics metrics;
  auto producer = kafka::Producer::Create({.brokers = broker.brokers(), .client_id = "stranger"});
  REQUIRE(producer.ok());
  std::vector<kafka::Message> strange(4);
  for (int32_t p = 0; p < 4; ++p) {
    strange[static_cast<size_t>(p)] = {
        NameOf(eventlog::Topic::kReport), p, -1, std::string("\xff\x00k", 3), "not an event", {}};
  }
  REQUIRE((*producer)->Send(strange).ok());
  auto relay = StartRelay(alpha, broker, metrics);
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(alpha));
  File(alpha, 0, 50);
  CHECK(Eventually([&] { return Trails(beta) == Trails(alpha); }));
  CHECK(beta.database.Query("SELECT count(*) FROM quarantine") == "4");
}

TEST_CASE("who isn't one of us has no place in the stream, on whichever broker") {
  LedgerService beta("beta");
  runtime::Metrics metrics;
  const auto read = [&](int expected) {
    CleanBroker broker;
    auto producer = kafka::Producer::Create({.brokers = broker.brokers(), .client_id = "stranger"});
    REQUIRE(producer.ok());
    const std::vector<kafka::Header> headers = {{"ce_source", "/lapor/stranger"}, {"ce_sequence", "7"}};
    REQUIRE((*producer)->Send({{NameOf(eventlog::Topic::kReport), 0, -1, "k", "strange", headers}}).ok());
    eventlog::Consumer consumer(
        beta.pool,
        {.brokers = broker.brokers(),
         .name = "beta",
         .topics = {eventlog::Topic::kReport},
         .producers = {"alpha"}},
        [&](std::vector<eventlog::Inbound> events) { return beta.executor->Apply(std::move(events)); },
        JournalOf(beta), metrics);
    consumer.Start();
    return Eventually(
        [&] { return beta.database.Query("SELECT count(*) FROM quarantine") == std::to_string(expected); });
  };
  CHECK(read(1));
  CHECK(read(2));
}

TEST_CASE("what waits for an operator shows in the metrics of a service that starts") {
  CleanBroker broker;
  LedgerService beta("beta");
  beta.database.Query(
      "INSERT INTO deadline (subject, clock, due_at, blocked) VALUES ('r1', 1, now(), 'why')");
  beta.database.Query(
      "INSERT INTO quarantine (topic, partition, kafka_offset, producer, position, subject, value, reason) "
      "VALUES (1, 0, 0, 'alpha', 1, 's1', '', 'why'), (1, 0, 1, 'alpha', 2, 's2', '', 'why')");
  runtime::Metrics metrics;
  auto consumer = StartConsumer(beta, *beta.executor, broker, metrics, JournalOf(beta));
  const auto shows = [&](const char* line) { return metrics.Text().find(line) != std::string::npos; };
  CHECK(Eventually(
      [&] { return shows("\nlapor_quarantine_held_events 2\n") && shows("\nlapor_deadlines_blocked 1\n"); }));
}

}  // namespace
}  // namespace lapor::test
