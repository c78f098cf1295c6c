// Two ledgers joined by a broker: what alpha is told, beta must show, once and in order, whatever breaks in
// between.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "libs/eventlog/consumer.h"
#include "libs/eventlog/relay.h"
#include "tests/integration/ledger.h"
#include "tests/support/kafka.h"

namespace lapor::test {

// A broker with nothing of earlier tests, and the two topics.
struct CleanBroker : TestBroker {
  CleanBroker() {
    if (embedded() == nullptr && OwnsBroker()) WipeAndRestart();
    CreateTopics();
  }
  // Everything it had acknowledged is gone.
  void LoseEverything() {
    WipeAndRestart();
    CreateTopics();
  }

 private:
  void CreateTopics() {
    CreateTopic(NameOf(eventlog::Topic::kReport), 4);
    CreateTopic(NameOf(eventlog::Topic::kAgency), 1);
  }
};

inline std::unique_ptr<eventlog::Relay> StartRelay(LedgerService& ledger, const TestBroker& broker,
                                                   runtime::Metrics& metrics) {
  auto relay = std::make_unique<eventlog::Relay>(
      ledger.pool, ledger.journal,
      eventlog::RelayOptions{.brokers = broker.brokers(),
                             .max_batch_events = 50,
                             .loss_check_interval = absl::Milliseconds(200)},
      metrics);
  relay->Start();
  return relay;
}

// What a service's journal has, as Backbone/ReadJournal answers.
inline eventlog::Consumer::ReadJournal JournalOf(LedgerService& ledger) {
  return [&ledger](const eventlog::Source& source,
                   int64_t from) -> absl::StatusOr<std::vector<event::v1::Event>> {
    std::vector<event::v1::Event> events;
    const absl::Status status = ledger.pool.Read([&](pg::Tx& tx) {
      events.clear();
      for (const auto& row : eventlog::Journal::Read(tx, source.topic, source.partition, from, 100)) {
        events.emplace_back().ParseFromString(row.payload);
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return events;
  };
}

inline std::unique_ptr<eventlog::Consumer> StartConsumer(LedgerService& reader, LedgerExecutor& executor,
                                                         const TestBroker& broker, runtime::Metrics& metrics,
                                                         eventlog::Consumer::ReadJournal read_journal,
                                                         const std::string& group = "") {
  auto consumer = std::make_unique<eventlog::Consumer>(
      reader.pool,
      eventlog::ConsumerOptions{.brokers = broker.brokers(),
                                .name = group.empty() ? reader.journal.producer() : group,
                                .topics = {eventlog::Topic::kReport},
                                .max_batch_events = 20,
                                .hold = absl::Milliseconds(100)},
      [&executor](std::vector<eventlog::Inbound> events) { return executor.Apply(std::move(events)); },
      std::move(read_journal), metrics);
  consumer->Start();
  return consumer;
}

// Every subject's trail at the writer, as the reader must show it.
inline std::string Trails(const LedgerService& ledger) {
  return ledger.database.Query(
      "SELECT string_agg(id || ': ' || regexp_replace(trail, '<[a-z]+', '', 'g'), E'\\n' ORDER BY id) FROM "
      "ledger");
}

// Whether the reader has read whatever the writer had written by now.
inline bool HasReadAll(const LedgerService& reader, const LedgerService& writer) {
  return reader.database.Query("SELECT coalesce(sum(position), 0) FROM inbox WHERE producer = '" +
                               writer.journal.producer() + "'") ==
         writer.database.Query("SELECT sum(position) FROM event_head");
}

// The same effects in the same order; and as each effect is an event of the reader's, so many of them.
inline bool ShowsTheSame(const LedgerService& reader, const LedgerService& writer) {
  const std::string count = "SELECT count(*) FROM event";
  return Trails(reader) == Trails(writer) && reader.database.Query(count) == writer.database.Query(count);
}

}  // namespace lapor::test
