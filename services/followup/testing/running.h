// Followup on a real database, without Kafka and gRPC.
#pragma once

#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/eventlog/due_scan.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "migrations/followup.h"
#include "services/followup/aggregate.h"
#include "services/followup/store.h"
#include "services/followup/testing/story.h"
#include "tests/support/postgres.h"

namespace lapor::followup::testing {

inline std::shared_ptr<const policy::Policy> Shipped() {
  return {&ShippedPolicy(), [](const auto*) {}};
}

struct Running {
  static constexpr char kReport[] = "7K3M9QXT2B54";

  explicit Running(std::shared_ptr<const policy::Policy> p = Shipped()) : policy(std::move(p)) {
    auto all = migrations::eventlog();
    all.insert(all.end(), migrations::followup().begin(), migrations::followup().end());
    if (auto status = pg::Migrate(pool, all); !status.ok()) throw std::runtime_error(status.ToString());
    if (auto status = journal.Prepare(pool); !status.ok()) throw std::runtime_error(status.ToString());
    Restart();
  }

  // With the present policy.
  void Restart() {
    executor =
        std::make_unique<Executor>(pool, journal, clock, MakeAggregate(policy), eventlog::ExecutorOptions{},
                                   [this](const eventlog::Applied& applied) { visibility.Advance(applied); });
  }

  template <class Body>
  void In(Body body) {
    const absl::Status status = pool.Transact([&](pg::Tx& tx) {
      body(tx);
      return absl::OkStatus();
    });
    INFO(status);
    REQUIRE(status.ok());
  }

  // What `producer` tells next about the report, heard at the clock's time.
  void Hear(const std::string& producer, const std::string& happened_at, event::v1::Event event) {
    event.set_subject(kReport);
    event.set_producer(producer);
    event.set_partition(partition);
    event.set_position(++positions[producer]);
    *event.mutable_occurred_at() = decision::ToProto(Wib(happened_at));
    const auto gaps = executor->Apply({eventlog::Inbound{.topic = eventlog::Topic::kReport,
                                                         .partition = partition,
                                                         .kafka_offset = offset++,
                                                         .producer = producer,
                                                         .position = event.position(),
                                                         .subject = kReport,
                                                         .value = event.SerializeAsString(),
                                                         .decoded = true,
                                                         .event = event}});
    INFO(gaps.status());
    REQUIRE(gaps.ok());
    REQUIRE(gaps->empty());
  }

  // Assigned to kAgency on 4 June 2025 as in Story::Open.
  void HearOpening(report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT) {
    clock.Set(Wib("2025-06-04 10:01"));
    event::v1::Event submitted;
    submitted.mutable_report_submitted()->set_report_class(report_class);
    submitted.mutable_report_submitted()->set_policy_version("2024.1");
    Hear("intake", "2025-06-02 08:00", submitted);
    event::v1::Event verified;
    verified.mutable_report_verified()->set_report_class(report_class);
    Hear("routing", "2025-06-03 09:00", verified);
    event::v1::Event assigned;
    assigned.mutable_agency_assigned()->set_agency_id(kAgency);
    assigned.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIB);
    Hear("routing", "2025-06-04 10:00", assigned);
  }

  // Child assignment `child` is assigned on 5 June 2025, as in children_test.cc.
  void HearPart(int child, const std::string& agency_id = kOtherAgency) {
    clock.Set(Wib("2025-06-05 10:01"));
    event::v1::Event assigned;
    assigned.set_child(child);
    assigned.mutable_agency_assigned()->set_agency_id(agency_id);
    assigned.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIB);
    Hear("routing", "2025-06-05 10:00", assigned);
  }

  absl::StatusOr<eventlog::Outcome> Ask(const std::string& request_id, const Command& command) {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    executor->Submit(
        {request_id, "fingerprint", kReport, command, "",
         [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(std::move(outcome)); }});
    return answer.get_future().get();
  }

  // Fires what is due; how many that was.
  int Scan() {
    eventlog::DueScan scan(
        pool, clock, {}, [](const auto&) { return true; },
        [this](auto due) { return executor->Fire(std::move(due)); });
    return scan.Scan().value();
  }

  Case Now() {
    std::optional<Case> found;
    In([&](pg::Tx& tx) { found = FindCase(tx, kReport); });
    REQUIRE(found.has_value());
    return *found;
  }

  // The types of what was told, in order.
  std::string Journalled() const {
    return database.Query("SELECT coalesce(string_agg(type, ' ' ORDER BY position), '') FROM event");
  }

  std::shared_ptr<const policy::Policy> policy;
  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};
  eventlog::Journal journal{"followup", {}};
  eventlog::Visibility visibility{pool, "followup"};
  runtime::ManualClock clock{Wib("2025-06-04 10:01")};
  const int32_t partition = journal.partitioning().Of(eventlog::Topic::kReport, kReport);
  std::map<std::string, int64_t> positions;
  int64_t offset = 0;
  std::unique_ptr<Executor> executor;
};

}  // namespace lapor::followup::testing
