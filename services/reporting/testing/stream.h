// The streams of events that the other services write, and the projection of reporting over a real database.
#pragma once

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventlog/executor.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "migrations/reporting.h"
#include "services/reporting/aggregate.h"
#include "tests/support/postgres.h"

namespace lapor::reporting::testing {

using event::v1::Event;
using eventlog::Inbound;

// Payloads, with what figures look at.
inline Event Submitted(const std::string& region) {
  Event event;
  event.mutable_report_submitted()->set_region(region);
  return event;
}
inline Event Verified(const std::string& region = "") {
  Event event;
  event.mutable_report_verified()->set_region(region);
  return event;
}
inline Event Assigned(const std::string& agency) {
  Event event;
  event.mutable_agency_assigned()->set_agency_id(agency);
  return event;
}
inline Event Returned(const std::string& agency) {
  Event event;
  event.mutable_assignment_returned()->set_agency_id(agency);
  return event;
}
inline Event Closed(event::v1::Closing closing = event::v1::CLOSING_BY_REPORTER) {
  Event event;
  event.mutable_case_closed()->set_closing(closing);
  return event;
}
inline Event Responded(const std::string& agency,
                       event::v1::ResponseKind kind = event::v1::RESPONSE_KIND_INTERIM) {
  Event event;
  event.mutable_response_given()->set_agency_id(agency);
  event.mutable_response_given()->set_kind(kind);
  return event;
}
inline Event Breached(report::v1::Clock clock, const std::string& agency) {
  Event event;
  event.mutable_clock_breached()->set_clock(clock);
  event.mutable_clock_breached()->set_agency_id(agency);
  return event;
}
inline Event OfChild(int child, Event event) {
  event.set_child(child);
  return event;
}
inline Event Recorded(const std::string& agency, const std::string& name, int64_t version) {
  Event event;
  event.mutable_agency_recorded()->set_agency_id(agency);
  event.mutable_agency_recorded()->set_name(name);
  event.mutable_agency_recorded()->set_kind(event::v1::AGENCY_KIND_CITY);
  event.mutable_agency_recorded()->set_version(version);
  return event;
}

// Everything that was ever published, in the order of the broker.
class Stream {
 public:
  Event& Tell(const std::string& producer, const std::string& subject, Event event) {
    Inbound& inbound = events_.emplace_back();
    inbound.topic = event.has_agency_recorded() ? eventlog::Topic::kAgency : eventlog::Topic::kReport;
    inbound.partition = kPartitioning.Of(inbound.topic, subject);
    inbound.kafka_offset = ++last_[{"", inbound.topic, inbound.partition}] - 1;
    inbound.producer = producer;
    inbound.position = ++last_[{producer, inbound.topic, inbound.partition}];
    inbound.subject = subject;
    inbound.decoded = true;
    event.set_producer(producer);
    event.set_partition(inbound.partition);
    event.set_position(inbound.position);
    event.set_subject(subject);
    inbound.value = event.SerializeAsString();
    inbound.event = std::move(event);
    return inbound.event;
  }

  // A report of some region and its life, of about eighteen events.
  void TellLife(const std::string& report, std::mt19937& random) {
    const auto one_of = [&](const std::vector<std::string>& of) { return of[random() % of.size()]; };
    Tell("intake", report, Submitted(one_of({"", "11.01", "32", "32.73", "35.78.01"})));
    for (int i = 0; i < 18; ++i) {
      const std::string agency = one_of({"id.11", "id.32.73", "id.32.73.dinkes", "id.kemenkes"});
      Event event;
      switch (random() % 20) {
        case 0:
          event.mutable_reporter_reacted()->set_rating(static_cast<int>(random() % 6));
          Tell("intake", report, event);
          break;
        case 1:
          if (random() % 8 == 0)
            event.mutable_report_withdrawn();
          else
            event.mutable_report_completed()->set_region(one_of({"", "31.71"}));
          Tell("intake", report, event);
          break;
        case 2:
          Tell("routing", report, Verified(one_of({"", "32.73"})));
          break;
        case 3:
          if (random() % 8 == 0)
            event.mutable_report_archived();
          else
            event.mutable_assignment_accepted();
          Tell("routing", report, event);
          break;
        case 4:
        case 5:
          event = Assigned(agency);
          event.mutable_agency_assigned()->set_carried_over(random() % 3 == 0);
          Tell("routing", report, event);
          break;
        case 6:
          Tell("routing", report, Returned(agency));
          break;
        case 7:
          event = Responded(agency, static_cast<event::v1::ResponseKind>(1 + random() % 3));
          for (int sign = static_cast<int>(random() % 4); sign > 0; --sign)
            event.mutable_response_given()->add_signals(static_cast<event::v1::AnswerSignal>(sign));
          Tell("followup", report, OfChild(static_cast<int>(random() % 2), event));
          break;
        case 8:
          Tell("followup", report, Breached(static_cast<report::v1::Clock>(1 + random() % 11), agency));
          break;
        case 9:
          Tell("followup", report, Closed(static_cast<event::v1::Closing>(1 + random() % 3)));
          break;
        case 10:
          event.mutable_case_reopened();
          Tell("followup", report, OfChild(static_cast<int>(random() % 2), event));
          break;
        case 11:
          event.mutable_escalation_opened()->set_respondent_agency_id(random() % 8 == 0 ? "" : agency);
          Tell("ombudsman", report, event);
          break;
        case 12:
          if (random() % 2 == 0)
            event.mutable_report_merged();
          else
            event.mutable_report_unmerged();
          Tell("routing", report, event);
          break;
        case 13:
          Tell("routing", report, OfChild(1 + static_cast<int>(random() % 3), Assigned(agency)));
          break;
        case 14:
          if (random() % 2 == 0)
            event = Returned(agency);
          else
            event.mutable_child_assignment_ended()->set_agency_id(agency);
          Tell("routing", report, OfChild(1 + static_cast<int>(random() % 3), event));
          break;
        case 15:
          event = random() % 2 == 0 ? Responded(agency, event::v1::RESPONSE_KIND_FINAL)
                                    : Breached(report::v1::CLOCK_RESOLUTION, agency);
          Tell("followup", report, OfChild(1 + static_cast<int>(random() % 3), event));
          break;
        case 16:
          event.mutable_breach_raised()->set_clock(static_cast<report::v1::Clock>(1 + random() % 11));
          event.mutable_breach_raised()->set_agency_id(random() % 3 == 0 ? "" : agency);
          Tell("followup", report, OfChild(static_cast<int>(random() % 2), event));
          break;
        case 17:
          event.mutable_appeal_opened();
          Tell("followup", report, event);
          break;
        case 18:
          event.mutable_appeal_decided()->set_granted(random() % 2 == 0);
          Tell("followup", report, event);
          break;
        default:
          event.mutable_escalation_closed()->set_outcome(
              static_cast<event::v1::EscalationOutcome>(1 + random() % 5));
          Tell("ombudsman", report, event);
      }
    }
  }

  const std::vector<Inbound>& events() const { return events_; }

  // The same events as a consumer may get them: every partition in its order, the partitions mixed.
  std::vector<Inbound> Mixed(std::mt19937& random) const {
    std::map<std::pair<eventlog::Topic, int32_t>, std::vector<const Inbound*>> partitions;
    for (const Inbound& event : events_) partitions[{event.topic, event.partition}].push_back(&event);
    std::map<std::pair<eventlog::Topic, int32_t>, size_t> next;
    std::vector<Inbound> mixed;
    while (!partitions.empty()) {
      auto from = std::next(partitions.begin(), static_cast<std::ptrdiff_t>(random() % partitions.size()));
      size_t& index = next[from->first];
      mixed.push_back(*from->second[index++]);
      if (index == from->second.size()) partitions.erase(from);
    }
    return mixed;
  }

  static constexpr eventlog::Partitioning kPartitioning = {.report = 4, .agency = 1};

 private:
  std::vector<Inbound> events_;
  eventlog::Applied last_;
};

inline void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// Reporting without Kafka and gRPC.
struct Projection {
  Projection()
      : pool(pg::PoolOptions{.conninfo = database.conninfo()}), journal("reporting", Stream::kPartitioning) {
    Must(pg::Migrate(pool, migrations::eventlog()));
    Must(pg::Migrate(pool, migrations::reporting()));
    Must(journal.Prepare(pool));
    executor = NewExecutor();
  }

  std::unique_ptr<ReportingExecutor> NewExecutor() {
    return std::make_unique<ReportingExecutor>(pool, journal, clock, MakeAggregate(),
                                               eventlog::ExecutorOptions{},
                                               [this](const eventlog::Applied& applied) {
                                                 if (on_commit) on_commit(applied);
                                               });
  }

  // In batches of 1 to `max_batch` events.
  void Apply(const std::vector<Inbound>& events, std::mt19937& random, size_t max_batch) {
    for (auto next = events.begin(); next != events.end();) {
      const auto left = static_cast<size_t>(events.end() - next);
      const auto end = next + static_cast<std::ptrdiff_t>(std::min(left, 1 + random() % max_batch));
      ApplyBatch({next, end});
      next = end;
    }
  }

  void ApplyBatch(std::vector<Inbound> events) {
    const auto gaps = executor->Apply(std::move(events));
    Must(gaps.status());
    if (!gaps->empty()) throw std::runtime_error("a gap");
  }

  // Every cell that isn't all zeros, bit by bit.
  std::string Cells() const {
    return database.Query(
        "SELECT f FROM figure f WHERE greatest(received, returned, breached, child_assignments, questions, "
        "promises_broken, breaches_raised, escalated, answers_copy_paste, answers_other_door, "
        "answers_no_evidence) > 0 ORDER BY scope, id");
  }

  test::TestDatabase database;
  runtime::ManualClock clock{absl::FromUnixSeconds(1'736'000'000)};
  pg::Pool pool;
  eventlog::Journal journal;
  std::function<void(const eventlog::Applied&)> on_commit;
  std::unique_ptr<ReportingExecutor> executor;
};

}  // namespace lapor::reporting::testing
