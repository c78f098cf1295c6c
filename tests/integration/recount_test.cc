// Risk: a day that is made free late doesn't reach a running clock, moves it twice, or comes after the
// breach.
#include "libs/eventlog/recount.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "libs/eventlog/due_scan.h"
#include "tests/integration/ledger.h"

namespace lapor::test {
namespace {

using eventlog::Recount;

constexpr int kSubjects = 25;
constexpr const char* kMoved = "moved";

// A ledger whose reminder runs as a clock does: the calendars of old end it in an hour, the new ones in two.
struct Clocks : LedgerService {
  Clocks() {
    LedgerAggregate aggregate = MakeLedger();
    aggregate.decide = [add = aggregate.decide, subject_of_no_calendar = subject_of_no_calendar](
                           const Ledger& state, const Add& command,
                           absl::Time now) -> absl::StatusOr<decision::Decision<Ledger, std::string>> {
      if (command.note != kMoved) return add(state, command, now);
      if (state.id == *subject_of_no_calendar) return absl::OutOfRangeError("the year has no calendar");
      if (state.trail.find(kMoved) != std::string::npos)
        return decision::Decision<Ledger, std::string>{state, {}, {}, {}};
      return add(state, command, now);
    };
    executor = std::make_unique<LedgerExecutor>(pool, journal, clock, aggregate, eventlog::ExecutorOptions(),
                                                nullptr);
    std::vector<LedgerExecutor::Order> orders;
    for (int i = 0; i < kSubjects; ++i) {
      orders.push_back({"s" + std::to_string(i), {1, "", clock.Now() + absl::Hours(1)}});
    }
    Must(executor->Do(std::move(orders)).status());
  }

  absl::StatusOr<int> Order(const std::vector<std::string>& subjects) {
    std::vector<LedgerExecutor::Order> orders;
    for (const std::string& subject : subjects) orders.push_back({subject, {1, kMoved, moved_to}});
    return executor->Do(std::move(orders));
  }

  Recount NewRecount(Recount::CarryOut carry_out) {
    return Recount(
        pool, "calendars of 2026", {.max_batch_subjects = 10, .retry_delay = retry_delay},
        [this](pg::Tx& tx, const std::string& after, int limit) {
          static const pg::Statement kRunning{"ledger_running",
                                              "SELECT id FROM ledger WHERE id > $1 ORDER BY id LIMIT $2"};
          ++pages;
          std::vector<std::string> ids;
          for (const pg::Row& row : tx.Exec(kRunning, pg::Params(after, int64_t{limit})))
            ids.push_back(row.Text(0));
          return ids;
        },
        std::move(carry_out));
  }
  Recount NewRecount() {
    return NewRecount([this](const std::vector<std::string>& subjects) { return Order(subjects); });
  }

  // Runs a recount to its end.
  void Run(Recount& recount) {
    std::promise<void> done;
    recount.Start([&] { done.set_value(); });
    REQUIRE(done.get_future().wait_for(std::chrono::minutes(1)) == std::future_status::ready);
    recount.Stop();
  }

  std::string Due() const { return database.Query("SELECT count(*), count(DISTINCT due_at) FROM deadline"); }
  std::string Moves() const {
    return database.Query("SELECT count(*) FROM ledger WHERE trail = '+1 +1moved '");
  }
  std::string Digest() const { return database.Query("SELECT digest FROM recount"); }

  const absl::Time moved_to = clock.Now() + absl::Hours(2);
  absl::Duration retry_delay = absl::ZeroDuration();
  std::atomic<int> pages = 0;
  std::shared_ptr<std::string> subject_of_no_calendar = std::make_shared<std::string>();
};

TEST_CASE(
    "other calendars move every running clock once, by an event, and the next start has nothing to do") {
  Clocks ledger;
  Recount recount = ledger.NewRecount();
  ledger.Run(recount);
  CHECK(ledger.Moves() == "25");
  CHECK(ledger.Due() == "25|1");
  CHECK(ledger.database.Query("SELECT count(*) FROM event") == "50");
  CHECK(ledger.Digest() == "calendars of 2026");

  const int pages = ledger.pages;
  Recount next = ledger.NewRecount();
  ledger.Run(next);
  CHECK(ledger.pages == pages);
}

TEST_CASE("a recount that dies between two batches is done by the next start, and moves no clock twice") {
  Clocks ledger;
  ledger.retry_delay = absl::Hours(1);
  // The second batch is committed, but nobody comes to know.
  std::promise<void> dying;
  bool done = false;
  int batches = 0;
  Recount recount = ledger.NewRecount([&](const std::vector<std::string>& subjects) -> absl::StatusOr<int> {
    const auto refused = ledger.Order(subjects);
    if (++batches < 2) return refused;
    dying.set_value();
    return absl::UnavailableError("gone");
  });
  recount.Start([&] { done = true; });
  dying.get_future().wait();
  recount.Stop();
  CHECK_FALSE(done);
  CHECK(ledger.Moves() == "20");
  CHECK(ledger.Digest().empty());

  Recount next = ledger.NewRecount();
  ledger.Run(next);
  CHECK(ledger.Moves() == "25");
  CHECK(ledger.Digest() == "calendars of 2026");
}

TEST_CASE("a recount goes on where it was after an outage") {
  Clocks ledger;
  int batches = 0;
  Recount recount = ledger.NewRecount([&](const std::vector<std::string>& subjects) -> absl::StatusOr<int> {
    if (++batches == 2) return absl::UnavailableError("the database restarts");
    return ledger.Order(subjects);
  });
  ledger.Run(recount);
  CHECK(batches == 4);
  CHECK(ledger.Moves() == "25");
  CHECK(ledger.Digest() == "calendars of 2026");
}

TEST_CASE("two instances that recount at once move each clock once") {
  Clocks ledger;
  Recount ours = ledger.NewRecount(), theirs = ledger.NewRecount();
  std::promise<void> done;
  theirs.Start([&] { done.set_value(); });
  ledger.Run(ours);
  done.get_future().wait();
  CHECK(ledger.Moves() == "25");
}

TEST_CASE("a clock that can't be counted keeps its date, and the next start tries again") {
  Clocks ledger;
  *ledger.subject_of_no_calendar = "s7";
  Recount recount = ledger.NewRecount();
  ledger.Run(recount);
  CHECK(ledger.Moves() == "24");
  CHECK(ledger.Digest().empty());

  ledger.subject_of_no_calendar->clear();
  Recount next = ledger.NewRecount();
  ledger.Run(next);
  CHECK(ledger.Moves() == "25");
  CHECK(ledger.Digest() == "calendars of 2026");
}

TEST_CASE("no deadline fires by the calendars of old while clocks are recounted") {
  Clocks ledger;
  ledger.clock.Set(ledger.moved_to - absl::Minutes(30));  // down over the old date
  std::atomic<int> fired = 0;
  eventlog::DueScan scan(
      ledger.pool, ledger.clock, {.interval = absl::Milliseconds(1)}, [](const std::string&) { return true; },
      [&](std::vector<eventlog::Deadline> due) {
        fired += static_cast<int>(due.size());
        return ledger.executor->Fire(std::move(due));
      });
  Recount recount = ledger.NewRecount();
  std::promise<void> done;
  recount.Start([&] {
    scan.Start();
    done.set_value();
  });
  done.get_future().wait();
  CHECK(scan.Scan().value() == 0);
  CHECK(fired == 0);
  ledger.clock.Set(ledger.moved_to);
  CHECK(Eventually([&] { return fired == kSubjects; }));
  scan.Stop();
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger WHERE trail = '+1 +1moved +1! '") == "25");
}

}  // namespace
}  // namespace lapor::test
