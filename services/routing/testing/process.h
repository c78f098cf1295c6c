// Routing on a real database without Kafka: journal, executor, registry, for tests.
#pragma once

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventlog/journal.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "migrations/routing.h"
#include "services/routing/aggregate.h"
#include "services/routing/registry_watch.h"
#include "services/routing/store.h"
#include "services/routing/testing/country.h"
#include "tests/support/postgres.h"

namespace lapor::routing {

inline void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

struct RoutingProcess {
  RoutingProcess() {
    std::vector<pg::Migration> all = migrations::eventlog();
    all.insert(all.end(), migrations::routing().begin(), migrations::routing().end());
    Must(pg::Migrate(pool, all));
    Must(journal.Prepare(pool));
    executor = std::make_unique<RoutingExecutor>(
        pool, journal, clock, MakeAggregate(ShippedPolicy(), registry), eventlog::ExecutorOptions{},
        [this](const eventlog::Applied& applied) { visibility.Advance(applied); });
  }

  // Records Country() behind the API's back, as another instance would.
  void RecordCountry() { Record(Country()); }
  void Record(const std::vector<v1::Agency>& rows, const std::vector<std::string>& fields = {}) {
    google::protobuf::FieldMask mask;
    mask.mutable_paths()->Add(fields.begin(), fields.end());
    Must(pool.Transact([&](pg::Tx& tx) {
      SaveAgencies(tx, PlanChange(LockRegistry(tx), rows, mask, *ShippedPolicy()).value());
      return absl::OkStatus();
    }));
  }

  // The next event of `producer` about a report, applied as the consumer would.
  void Apply(const std::string& producer, const std::string& report_id, event::v1::Event event) {
    eventlog::Inbound inbound;
    inbound.topic = eventlog::Topic::kReport;
    inbound.partition = journal.partitioning().Of(inbound.topic, report_id);
    inbound.position = ++positions[{producer, inbound.partition}];
    inbound.kafka_offset = ++offset;
    inbound.producer = producer;
    inbound.subject = report_id;
    inbound.decoded = true;
    event.set_subject(report_id);
    inbound.event = std::move(event);
    Must(executor->Apply({inbound}).status());
  }

  absl::StatusOr<eventlog::Outcome> Do(const std::string& report_id, Command command) {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    executor->Submit(
        {"request-" + std::to_string(++requests), "", report_id, std::move(command), "",
         [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(std::move(outcome)); }});
    return answer.get_future().get();
  }

  // Types of the journalled events, in their order.
  std::string Journalled() const {
    return database.Query("SELECT string_agg(type, ' ' ORDER BY topic, partition, position) FROM event");
  }

  test::TestDatabase database;
  runtime::ManualClock clock{At("2025-03-04T12:00+07:00")};
  pg::Pool pool{pg::PoolOptions{.conninfo = database.conninfo()}};
  eventlog::Journal journal{"routing", {}};
  eventlog::Visibility visibility{pool, "routing"};
  std::shared_ptr<RegistryWatch> registry = std::make_shared<RegistryWatch>(pool);
  std::unique_ptr<RoutingExecutor> executor;
  std::map<std::pair<std::string, int32_t>, int64_t> positions;
  int64_t offset = 0;
  int requests = 0;
};

inline event::v1::Event SubmissionEvent() {
  event::v1::Event event;
  const ReceiveReport submission = Submission();
  *event.mutable_report_submitted() = submission.report;
  event.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(submission.at));
  return event;
}

}  // namespace lapor::routing
