// The smallest service there is, for tests of the backbone: a ledger per subject, to which numbers are added.
// Each addition is an event; an event of another service adds too. Its trail shows every effect in order, so
// that a lost, doubled or reordered one is seen.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventlog/executor.h"
#include "libs/kafka/message.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "tests/support/postgres.h"

namespace lapor::test {

struct Ledger {
  std::string id;
  int64_t total = 0;
  std::string trail;  // "+5 +7 "
};

// `note` stands in the trail; a negative amount is against the rules.
struct Add {
  int64_t amount = 0;
  std::string note;
  std::optional<absl::Time> remind_at;
};

using LedgerAggregate = eventlog::Aggregate<Ledger, Add, std::string>;
using LedgerExecutor = eventlog::Executor<LedgerAggregate>;

inline constexpr const char* kLedgerTable = R"sql(
  CREATE TABLE ledger (id text PRIMARY KEY, total bigint NOT NULL CHECK (total < 1000000), trail text NOT NULL);
  CREATE TABLE ledger_line (id bigserial PRIMARY KEY, line text NOT NULL))sql";

// What others tell a ledger: the amount is the event's message_id.
inline event::v1::Event AmountEvent(const std::string& amount) {
  event::v1::Event event;
  event.mutable_reporter_replied()->set_message_id(amount);
  return event;
}

inline LedgerAggregate MakeLedger() {
  static const pg::Statement kLoad{
      "ledger_load", "SELECT id, total, trail FROM ledger WHERE id = ANY($1) ORDER BY id FOR UPDATE"};
  static const pg::Statement kSave{"ledger_save", R"sql(
    INSERT INTO ledger SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
    ON CONFLICT (id) DO UPDATE SET total = excluded.total, trail = excluded.trail)sql"};
  static const pg::Statement kAppend{"ledger_append",
                                     "INSERT INTO ledger_line (line) SELECT unnest($1::text[])"};

  LedgerAggregate ledger;
  ledger.decide = [](const Ledger& state, const Add& add,
                     absl::Time) -> absl::StatusOr<decision::Decision<Ledger, std::string>> {
    if (add.amount < 0)
      return absl::FailedPreconditionError("amount: must not be negative; add what there is");
    decision::Decision<Ledger, std::string> decision{
        state, {AmountEvent(std::to_string(add.amount))}, {}, {}};
    decision.next.total += add.amount;
    decision.next.trail += "+" + std::to_string(add.amount) + add.note + " ";
    decision.records.push_back(state.id + " " + std::to_string(add.amount));
    if (add.remind_at) decision.deadlines.push_back({report::v1::CLOCK_REACTION, *add.remind_at});
    return decision;
  };
  ledger.standing = [](const Ledger& state, const Add&) {
    return eventlog::Standing{state.id, static_cast<int>(state.total)};
  };
  ledger.load = [](pg::Tx& tx, const std::vector<std::string>& ids) {
    pg::Array wanted;
    for (const std::string& id : ids) wanted.Add(id);
    std::unordered_map<std::string, Ledger> states;
    for (const pg::Row& row : tx.Exec(kLoad, pg::Params(std::move(wanted)))) {
      states.emplace(row.Text(0), Ledger{row.Text(0), row.Int(1), row.Text(2)});
    }
    return states;
  };
  ledger.save = [](pg::Tx& tx, const std::vector<const Ledger*>& states) {
    pg::Array ids, totals, trails;
    for (const Ledger* state : states) {
      ids.Add(state->id);
      totals.Add(state->total);
      trails.Add(state->trail);
    }
    tx.Exec(kSave, pg::Params(std::move(ids), std::move(totals), std::move(trails)));
  };
  ledger.append = [](pg::Tx& tx, const std::vector<std::string>& lines) {
    pg::Array texts;
    for (const std::string& line : lines) texts.Add(line);
    tx.Exec(kAppend, pg::Params(std::move(texts)));
  };
  ledger.on_event = [](const event::v1::Event& event) -> std::optional<Add> {
    if (!event.has_reporter_replied()) return std::nullopt;
    return Add{std::stoll(event.reporter_replied().message_id()), "<" + event.producer(), std::nullopt};
  };
  ledger.on_deadline = [](report::v1::Clock, absl::Time, int) { return Add{1, "!", std::nullopt}; };
  return ledger;
}

// Waits until `holds`, at most a minute.
template <class Condition>
bool Eventually(const Condition& holds) {
  const absl::Time limit = absl::Now() + absl::Seconds(60);
  while (!holds()) {
    if (absl::Now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

// A ledger service without Kafka: database, journal, executor.
struct LedgerService {
  explicit LedgerService(const std::string& name = "ledger", eventlog::ExecutorOptions options = {},
                         absl::Duration statement_timeout = absl::Seconds(30))
      : pool(pg::PoolOptions{.conninfo = database.conninfo(), .statement_timeout = statement_timeout}),
        journal(name, {.report = 4, .agency = 1}) {
    Must(pg::Migrate(pool, migrations::eventlog()));
    Must(pool.Transact([](pg::Tx& tx) {
      tx.Run(kLedgerTable);
      return absl::OkStatus();
    }));
    Must(journal.Prepare(pool));
    executor = NewExecutor(options);
  }

  std::unique_ptr<LedgerExecutor> NewExecutor(eventlog::ExecutorOptions options = {}) {
    return std::make_unique<LedgerExecutor>(pool, journal, clock, MakeLedger(), options, nullptr);
  }

  // Submits and waits for the answer.
  absl::StatusOr<eventlog::Outcome> Do(const std::string& key, const std::string& subject, Add add,
                                       std::string fingerprint = "same") {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    executor->Submit(
        {key, std::move(fingerprint), subject, std::move(add), "",
         [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(std::move(outcome)); }});
    return answer.get_future().get();
  }

  // Makes one batch of what these calls queue, in their order: a transaction is in flight until they have.
  // Returns what each came to.
  std::vector<absl::Status> InOneBatch(const std::vector<std::function<absl::Status()>>& calls) {
    std::vector<absl::Status> statuses(calls.size());
    std::vector<std::thread> callers;
    const absl::Status held = pool.Transact([&](pg::Tx& tx) {
      tx.Run("LOCK TABLE deadline IN ACCESS EXCLUSIVE MODE");
      callers.emplace_back([this] { Must(executor->Fire({{"nobody", report::v1::CLOCK_REACTION, {}}})); });
      bool queued = AwaitLockWait("JOIN deadline");
      for (size_t i = 0; i < calls.size(); ++i) {
        callers.emplace_back([&, i] { statuses[i] = calls[i](); });
        queued = queued && Eventually([&] { return executor->queued() == i + 1; });
      }
      return queued ? absl::OkStatus() : absl::DeadlineExceededError("the calls didn't queue up");
    });
    for (std::thread& caller : callers) caller.join();
    Must(held);
    return statuses;
  }

  // Waits until so many sessions wait for a lock, each in a statement with these words.
  bool AwaitLockWait(const std::string& words, int sessions = 1) const {
    return Eventually([&] {
      return database.Query(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock' AND query LIKE '%" +
                 words + "%'") == std::to_string(sessions);
    });
  }

  std::string Trail(const std::string& subject) const {
    return database.Query("SELECT trail FROM ledger WHERE id = '" + subject + "'");
  }

  static void Must(const absl::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }

  TestDatabase database;
  runtime::ManualClock clock{absl::FromUnixSeconds(1'736'000'000)};
  pg::Pool pool;
  eventlog::Journal journal;
  std::unique_ptr<LedgerExecutor> executor;
};

// Another subject, in the same or in another partition.
inline std::string SamePartition(const eventlog::Journal& journal, const std::string& subject) {
  const auto of = [&](const std::string& key) {
    return journal.partitioning().Of(eventlog::Topic::kReport, key);
  };
  std::string other = "n";
  while (of(other) != of(subject)) other += "n";
  return other;
}
inline std::string OtherPartition(const eventlog::Journal& journal, const std::string& subject) {
  const auto of = [&](const std::string& key) {
    return journal.partitioning().Of(eventlog::Topic::kReport, key);
  };
  std::string other = "o";
  while (of(other) == of(subject)) other += "o";
  return other;
}

// The next event that `producer` writes about `subject` in the ledger's partitioning.
inline eventlog::Inbound FromOther(const eventlog::Journal& journal, const std::string& producer,
                                   int64_t position, const std::string& subject, const std::string& amount,
                                   int64_t offset, const std::map<std::string, int64_t>& after = {}) {
  eventlog::Inbound inbound;
  inbound.topic = eventlog::Topic::kReport;
  inbound.partition = journal.partitioning().Of(inbound.topic, subject);
  inbound.kafka_offset = offset;
  inbound.producer = producer;
  inbound.position = position;
  inbound.subject = subject;
  inbound.decoded = true;
  inbound.event = AmountEvent(amount);
  inbound.event.set_producer(producer);
  inbound.event.set_position(position);
  inbound.event.set_subject(subject);
  inbound.event.set_partition(inbound.partition);
  for (const auto& [cause, at] : after) (*inbound.event.mutable_after())[cause] = at;
  inbound.value = inbound.event.SerializeAsString();
  return inbound;
}

// The same as the broker hands it over.
inline kafka::Message MessageOf(const eventlog::Inbound& inbound) {
  return {NameOf(inbound.topic),
          inbound.partition,
          inbound.kafka_offset,
          inbound.subject,
          inbound.value,
          {{"ce_source", "/lapor/" + inbound.producer}, {"ce_sequence", std::to_string(inbound.position)}}};
}

}  // namespace lapor::test
