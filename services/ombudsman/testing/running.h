// The Ombudsman on a real database, without Kafka and gRPC.
#pragma once

#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "migrations/ombudsman.h"
#include "services/ombudsman/aggregate.h"
#include "services/ombudsman/testing/story.h"
#include "tests/support/postgres.h"

namespace lapor::ombudsman::testing {

struct Running {
  static constexpr char kReport[] = "7K3M9QXT2B54";

  Running() {
    auto all = migrations::eventlog();
    all.insert(all.end(), migrations::ombudsman().begin(), migrations::ombudsman().end());
    if (auto status = pg::Migrate(pool, all); !status.ok()) throw std::runtime_error(status.ToString());
    if (auto status = journal.Prepare(pool); !status.ok()) throw std::runtime_error(status.ToString());
    const std::shared_ptr<const policy::Policy> policy(&ShippedPolicy(), [](const auto*) {});
    executor = std::make_unique<Executor>(
        pool, journal, clock, MakeAggregate(policy, ShippedOffices()), eventlog::ExecutorOptions{},
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

  // What `producer` tells next about the report.
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

  // Assigned to kAgency, which lets the first response be late: proposed on 14 June 2025.
  void HearBreach() {
    event::v1::Event submitted;
    submitted.mutable_report_submitted()->set_policy_version("2024.1");
    Hear("intake", "2025-06-02 08:00", submitted);
    event::v1::Event assigned;
    assigned.mutable_agency_assigned()->set_agency_id(kAgency);
    Hear("routing", "2025-06-04 10:00", assigned);
    event::v1::Event breached;
    breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_FIRST_RESPONSE);
    breached.mutable_clock_breached()->set_agency_id(kAgency);
    Hear("followup", "2025-06-14 00:00", breached);
  }
  void HearConsent(const event::v1::ReporterDeclarations& declarations = Declarations()) {
    event::v1::Event consented;
    *consented.mutable_escalation_consented()->mutable_declarations() = declarations;
    Hear("intake", "2025-06-16 09:00", consented);
  }

  absl::StatusOr<eventlog::Outcome> Ask(const std::string& request_id, const Command& command) {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    executor->Submit(
        {request_id, "fingerprint", kReport, command, "",
         [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(std::move(outcome)); }});
    return answer.get_future().get();
  }

  // The types of what was told, in order.
  std::string Journalled() const {
    return database.Query("SELECT coalesce(string_agg(type, ' ' ORDER BY position), '') FROM event");
  }

  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};
  eventlog::Journal journal{"ombudsman", {}};
  eventlog::Visibility visibility{pool, "ombudsman"};
  runtime::ManualClock clock{Wib("2025-06-30 09:00")};
  const int32_t partition = journal.partitioning().Of(eventlog::Topic::kReport, kReport);
  std::map<std::string, int64_t> positions;
  int64_t offset = 0;
  std::unique_ptr<Executor> executor;
};

}  // namespace lapor::ombudsman::testing
