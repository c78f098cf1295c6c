// Risk: a deadline fires twice, early or never, or costs while nothing is due.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "libs/eventlog/due_scan.h"
#include "tests/integration/ledger.h"

namespace lapor::test {
namespace {

using eventlog::Deadline;
using eventlog::DueScan;

constexpr const char* kDatabaseVariable = "LAPOR_TEST_DEADLINES_DATABASE";
const absl::Time kStart = absl::FromUnixSeconds(1'736'000'000);

LedgerAggregate MakeFiring() {
  LedgerAggregate aggregate = MakeLedger();
  aggregate.on_deadline = [](report::v1::Clock clock, absl::Time, int) {
    return Add{1, "!" + std::to_string(clock), std::nullopt};
  };
  return aggregate;
}

// What fires in one process: the scan, and a lane's executor each.
struct Firing {
  Firing(pg::Pool& pool, const runtime::Clock& clock, int batch = 100)
      : scan(pool, clock, {.max_batch_deadlines = batch}, [](const std::string&) { return true; },
             journal.partitioning(), {NewLane(pool, clock), NewLane(pool, clock)}) {}

  DueScan::Fire NewLane(pg::Pool& pool, const runtime::Clock& clock) {
    auto executor = std::make_shared<LedgerExecutor>(pool, journal, clock, MakeFiring(),
                                                     eventlog::ExecutorOptions(), nullptr);
    return [executor](std::vector<Deadline> due) { return executor->Fire(std::move(due)); };
  }

  eventlog::Journal journal{"ledger", {.report = 4, .agency = 1}};
  DueScan scan;
};

// Ledgers of which every one has a deadline of clock 3, one a second from kStart on.
void Open(const LedgerService& ledger, int count) {
  ledger.database.Query("INSERT INTO ledger SELECT 's' || i, 0, '' FROM generate_series(1, " +
                        std::to_string(count) + ") AS i");
  ledger.database.Query("INSERT INTO deadline SELECT 's' || i, 3, to_timestamp(" +
                        std::to_string(absl::ToUnixSeconds(kStart)) + " + i) FROM generate_series(1, " +
                        std::to_string(count) + ") AS i");
  ledger.database.Query("VACUUM ANALYZE deadline");
}

// Each of them fired once, with its event; "count|count|t|0" is what it should be.
std::string Fired(const LedgerService& ledger) {
  return ledger.database.Query(
      "SELECT (SELECT count(*) FROM ledger WHERE trail = '+1!3 '), "
      "(SELECT count(DISTINCT subject) FROM event), "
      "(SELECT bool_and(position = n) FROM (SELECT position, row_number() OVER "
      "  (PARTITION BY partition ORDER BY position) AS n FROM event) e) "
      "AND (SELECT count(*) FROM event) = (SELECT sum(position) FROM event_head WHERE topic = 1), "
      "(SELECT count(*) FROM deadline)");
}

// The process that is killed: fires until it is.
TEST_CASE("(fires deadlines until it is killed)", "[.firing]") {
  const char* database = std::getenv(kDatabaseVariable);
  if (database == nullptr) return;
  pg::Pool pool(pg::PoolOptions{.conninfo = database});
  const runtime::ManualClock clock(kStart + absl::Hours(24));
  Firing firing(pool, clock);
  while (firing.scan.Scan().ok()) continue;
}

pid_t SpawnFiring(const LedgerService& ledger) {
  setenv(kDatabaseVariable, ledger.database.conninfo().c_str(), 1);
  std::string program = "/proc/self/exe", what = "[.firing]";
  char* argv[] = {program.data(), what.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, argv[0], &quiet, nullptr, argv, environ) == 0);
  posix_spawn_file_actions_destroy(&quiet);
  return pid;
}

TEST_CASE("every deadline fires once, however often the process that fires is killed") {
  constexpr int kOpen = 10'000;
  LedgerService ledger;
  Open(ledger, kOpen);
  const auto left = [&] { return std::stoi(ledger.database.Query("SELECT count(*) FROM deadline")); };
  for (int rest = kOpen; rest > kOpen / 2; rest = left()) {
    const pid_t pid = SpawnFiring(ledger);
    const bool under_way = Eventually([&] { return left() < rest; });
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    REQUIRE(under_way);
  }
  REQUIRE(left() > 0);
  ledger.clock.Set(kStart + absl::Hours(24));
  Firing firing(ledger.pool, ledger.clock);
  REQUIRE(firing.scan.Scan().ok());
  CHECK(Fired(ledger) == "10000|10000|t|0");
}

TEST_CASE("every deadline fires once when two instances scan at the same time") {
  LedgerService ledger;
  Open(ledger, 5'000);
  ledger.clock.Set(kStart + absl::Hours(24));
  Firing ours(ledger.pool, ledger.clock), theirs(ledger.pool, ledger.clock, 70);
  std::thread racing([&] { CHECK(theirs.scan.Scan().ok()); });
  CHECK(ours.scan.Scan().ok());
  racing.join();
  CHECK(Fired(ledger) == "5000|5000|t|0");
}

TEST_CASE("a clock that jumps forward fires all that it passed, each subject's in the order they were due") {
  LedgerService ledger;
  Open(ledger, 200);
  // Two more of each subject, a day before and a day after the first.
  ledger.database.Query(
      "INSERT INTO deadline SELECT subject, 3 + n, due_at + n * interval '1 day' "
      "FROM deadline, generate_series(-1, 1, 2) AS n");
  Firing firing(ledger.pool, ledger.clock, 7);
  ledger.clock.Set(kStart + absl::Hours(24 * 30));
  CHECK(firing.scan.Scan().value() == 600);
  CHECK(ledger.database.Query("SELECT count(*), min(trail), max(trail) FROM ledger") ==
        "200|+1!2 +1!3 +1!4 |+1!2 +1!3 +1!4 ");
}

TEST_CASE("a clock that goes back fires nothing early and nothing again") {
  LedgerService ledger;
  Open(ledger, 20);
  Firing firing(ledger.pool, ledger.clock);
  ledger.clock.Set(kStart + absl::Seconds(10));
  CHECK(firing.scan.Scan().value() == 10);
  std::vector<Deadline> found;
  ledger.clock.Set(kStart + absl::Seconds(20));
  LedgerService::Must(ledger.pool.Read([&](pg::Tx& tx) {
    found = eventlog::DueDeadlines(tx, ledger.clock.Now(), std::nullopt, 100);
    return absl::OkStatus();
  }));
  REQUIRE(found.size() == 10);

  // Between the scan and the transaction, and from then on.
  ledger.clock.Set(kStart + absl::Seconds(5));
  CHECK(ledger.executor->Fire(found).ok());
  CHECK(firing.scan.Scan().value() == 0);
  CHECK(ledger.database.Query("SELECT count(*) FROM deadline") == "10");
  ledger.clock.Set(kStart + absl::Seconds(20));
  CHECK(firing.scan.Scan().value() == 10);
  CHECK(Fired(ledger) == "20|20|t|0");
}

TEST_CASE("a scan that finds nothing due reads as little among many open deadlines as among few") {
  const auto blocks_of_idle_scan = [](int open) {
    LedgerService ledger;
    Open(ledger, open);
    const auto fetched = [](pg::Tx& tx) {
      return tx
          .Run(
              "SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class "
              "WHERE relname LIKE 'deadline%' OR relname LIKE 'quarantine%'")[0]
          .Int(0);
    };
    int64_t blocks = 0;
    for (int scans = 0; scans < 10; ++scans) {  // the plan that stays is made after some
      LedgerService::Must(ledger.pool.Read([&](pg::Tx& tx) {
        const int64_t before = fetched(tx);
        CHECK(eventlog::DueDeadlines(tx, kStart, std::nullopt, 1000).empty());
        blocks = fetched(tx) - before;
        return absl::OkStatus();
      }));
    }
    return blocks;
  };
  const int64_t few = blocks_of_idle_scan(1'000);
  const int64_t many = blocks_of_idle_scan(200'000);
  CHECK(few > 0);
  CHECK(many <= few + 1);  // the index is one level higher
}

}  // namespace
}  // namespace lapor::test
