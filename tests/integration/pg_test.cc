// libs/pg against a real PostgreSQL: what the header of the pool promises for every way a transaction can
// end.
#include <catch2/catch.hpp>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "tests/support/postgres.h"

namespace lapor::pg {
namespace {

using namespace std::string_literals;
using test::TestDatabase;

const Statement kInsert{"test_insert", "INSERT INTO item (id, label) VALUES ($1, $2)"};
const Statement kSelect{"test_select", "SELECT label FROM item WHERE id = $1"};
const Statement kLock{"test_lock", "SELECT id FROM item WHERE id = $1 FOR UPDATE"};
const Statement kSetting{"test_setting", "SELECT current_setting($1)"};

// A database with the table that the statements above want, and a pool on it.
struct Fixture {
  explicit Fixture(PoolOptions options = {}) : pool((options.conninfo = database.conninfo(), options)) {
    database.Query("CREATE TABLE item (id bigint PRIMARY KEY, label text CHECK (label <> 'forbidden'))");
  }

  absl::Status Insert(int64_t id, const std::string& label) {
    return pool.Transact([&](Tx& tx) {
      tx.Exec(kInsert, {id, label});
      return absl::OkStatus();
    });
  }
  std::string Labels() { return database.Query("SELECT string_agg(label, ',' ORDER BY id) FROM item"); }

  TestDatabase database;
  Pool pool;
};

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// One value of one row.
template <typename Read>
absl::Status Ask(Pool& pool, const std::string& sql, const Read& read) {
  return pool.Read([&](Tx& tx) {
    read(tx.Run(sql)[0]);
    return absl::OkStatus();
  });
}

// Waits until `sql` gives `wanted`.
void WaitFor(const TestDatabase& database, const std::string& sql, const std::string& wanted) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (database.Query(sql) != wanted) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("waited in vain for: " + sql);
    std::this_thread::yield();
  }
}

// Lets the backend end itself when the current transaction commits, after everything else has been done.
constexpr const char* kDieAtCommit = R"sql(
  CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    PERFORM pg_sleep(60);
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER die AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.label = 'deadly') EXECUTE FUNCTION die())sql";

}  // namespace

TEST_CASE("A body that returns OK is committed") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  CHECK(f.Labels() == "one");
}

TEST_CASE("A body that returns an error is rolled back, and the error is handed on") {
  Fixture f;
  const absl::Status status = f.pool.Transact([](Tx& tx) {
    tx.Exec(kInsert, {1, "one"});
    return absl::NotFoundError("no such report");
  });
  CHECK(status == absl::NotFoundError("no such report"));
  CHECK(f.Labels().empty());
}

TEST_CASE("An exception of the body is rolled back and told as our bug, without its text") {
  Fixture f;
  const absl::Status status = f.pool.Transact([](Tx& tx) -> absl::Status {
    tx.Exec(kInsert, {1, "one"});
    throw std::runtime_error("Budi");
  });
  CHECK(absl::IsInternal(status));
  CHECK(MessageOf(status).find("Budi") == std::string::npos);
  CHECK(f.Labels().empty());
}

TEST_CASE("A body that hides a failed statement is not committed") {
  Fixture f;
  const absl::Status status = f.pool.Transact([](Tx& tx) {
    tx.Exec(kInsert, {1, "one"});
    try {
      tx.Exec(kInsert, {1, "again"});
    } catch (const std::exception&) {
    }
    return absl::OkStatus();
  });
  CHECK(absl::IsInternal(status));
  CHECK(f.Labels().empty());
}

TEST_CASE("Read sees what is committed and can't write") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  std::string label;
  CHECK(f.pool
            .Read([&](Tx& tx) {
              label = tx.Exec(kSelect, {1})[0].Text(0);
              return absl::OkStatus();
            })
            .ok());
  CHECK(label == "one");
  const absl::Status status = f.pool.Read([](Tx& tx) {
    tx.Exec(kInsert, {2, "two"});
    return absl::OkStatus();
  });
  CHECK(absl::IsInternal(status));
  CHECK(f.Labels() == "one");
}

TEST_CASE("A unique violation is kAlreadyExists with the constraint and the statement, without the values") {
  Fixture f;
  REQUIRE(f.Insert(777123, "Budi").ok());
  const absl::Status status = f.Insert(777123, "Siti");
  CHECK(absl::IsAlreadyExists(status));
  CHECK(MessageOf(status) == "SQLSTATE 23505 on constraint item_pkey in statement test_insert");
}

TEST_CASE("What the data is at fault for is kInvalidArgument, without the data") {
  Fixture f;
  CHECK(MessageOf(f.Insert(1, "forbidden")) ==
        "SQLSTATE 23514 on constraint item_label_check in statement test_insert");
  CHECK(absl::IsInvalidArgument(f.Insert(1, "forbidden")));
  CHECK(absl::IsInvalidArgument(f.Insert(1, "bad UTF-8: \xff")));
  CHECK(absl::IsInvalidArgument(f.Insert(1, "a\0b"s)));

  const Statement as_uuid{"test_uuid", "SELECT $1::uuid"};
  const absl::Status status = f.pool.Read([&](Tx& tx) {
    tx.Exec(as_uuid, {"Budi"});
    return absl::OkStatus();
  });
  CHECK(status == absl::InvalidArgumentError("SQLSTATE 22P02 in statement test_uuid"));
}

TEST_CASE("A wrong statement is kInternal and names itself, and the next transaction works") {
  Fixture f;
  const Statement wrong{"test_wrong", "SELECT nothing FROM nowhere"};
  const absl::Status status = f.pool.Transact([&](Tx& tx) {
    tx.Exec(wrong);
    return absl::OkStatus();
  });
  CHECK(status == absl::InternalError("SQLSTATE 42P01 in statement test_wrong"));
  CHECK(f.Insert(1, "one").ok());
}

TEST_CASE("Two statements may not share a name") {
  Fixture f({.max_connections = 1});
  REQUIRE(f.Insert(1, "one").ok());
  const Statement other{"test_insert", "SELECT 1"};
  const absl::Status status = f.pool.Transact([&](Tx& tx) {
    tx.Exec(other);
    return absl::OkStatus();
  });
  CHECK(absl::IsInternal(status));
}

TEST_CASE("Reading a row as what it isn't is kInternal and says which column") {
  Fixture f;
  const auto read = [&](auto how) { return MessageOf(Ask(f.pool, "SELECT NULL, 'x', 3000000000", how)); };
  CHECK(read([](Row row) { row.Text(0); }) ==
        "statement (unprepared), column 0: NULL where a value was expected");
  CHECK(read([](Row row) { row.Int(1); }) ==
        "statement (unprepared), column 1: not a whole number of 64 bits");
  CHECK(read([](Row row) { row.Int32(2); }) ==
        "statement (unprepared), column 2: not a whole number of 32 bits");
  CHECK(read([](Row row) { row.Text(3); }) == "statement (unprepared), column 3: there is no such column");
  CHECK(MessageOf(Ask(f.pool, "SELECT 1 WHERE false", [](Row) {})) ==
        "statement (unprepared) gave 0 rows, row 0 was read");
}

TEST_CASE("Values of every type go through PostgreSQL unchanged") {
  Fixture f;
  const absl::Time time = absl::FromUnixMicros(1'709'251'199'123'456);
  const std::string bytes = "\0\xff\\\"x"s;
  const std::string text = "Jalan \"rusak\" \\ di {Kota, Bogor} — ✓ '; NULL";
  const Statement echo{"test_echo", R"sql(
    SELECT $1::bigint, $2::text, $3::bool, $4::float8, $5::timestamptz, $6::bytea, $7::text, $8::bigint, $9::timestamptz,
           $10::smallint)sql"};
  const absl::Status status = f.pool.Read([&](Tx& tx) {
    const Result result = tx.Exec(echo, {int64_t{-7}, text, true, 0.1, time, Bytes{bytes}, std::nullopt,
                                         std::optional<int64_t>(), absl::InfiniteFuture(), 3});
    const Row row = result[0];
    CHECK(row.Int(0) == -7);
    CHECK(row.Text(1) == text);
    CHECK(row.Bool(2));
    CHECK(row.Double(3) == 0.1);
    CHECK(row.Time(4) == time);
    CHECK(row.OptTime(4) == time);
    CHECK(row.Bytes(5) == bytes);
    CHECK(row.IsNull(6));
    CHECK(row.OptText(6) == std::nullopt);
    CHECK(row.OptText(1) == text);
    CHECK(row.OptInt(7) == std::nullopt);
    CHECK(row.OptInt(0) == -7);
    CHECK(row.Time(8) == absl::InfiniteFuture());
    CHECK(row.Int32(9) == 3);
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
}

TEST_CASE("Arrays are unnested into the rows they were built from") {
  Fixture f;
  const std::vector<std::string> texts = {"",   "NULL", "null",  "a,b", "{}", "\"",
                                          "\\", "\\\"", " pad ", "'",   "é✓", "\n\t"};
  Array numbers, labels, blobs, times, flags, scores;
  for (size_t i = 0; i < texts.size(); ++i) {
    numbers.Add(i);
    labels.Add(texts[i]);
    blobs.AddBytes(texts[i] + "\0\xfe"s);
    times.Add(absl::FromUnixMicros(static_cast<int64_t>(i) * 86'400'000'123));
    flags.Add(i % 2 == 0);
    i == 3 ? scores.AddNull() : scores.Add(static_cast<double>(i) / 3);
  }
  const Statement unnest{"test_unnest", R"sql(
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::timestamptz[], $5::bool[], $6::float8[]))sql"};
  const absl::Status status = f.pool.Read([&](Tx& tx) {
    const Result rows = tx.Exec(unnest, Params(numbers, labels, blobs, times, flags, scores));
    REQUIRE(rows.size() == texts.size());
    size_t i = 0;
    for (const Row& row : rows) {
      CAPTURE(i);
      CHECK(row.Int(0) == static_cast<int64_t>(i));
      CHECK(row.View(1) == texts[i]);
      CHECK(row.Bytes(2) == texts[i] + "\0\xfe"s);
      CHECK(row.Time(3) == absl::FromUnixMicros(static_cast<int64_t>(i) * 86'400'000'123));
      CHECK(row.Bool(4) == (i % 2 == 0));
      CHECK((i == 3 ? row.IsNull(5) : row.Double(5) == static_cast<double>(i) / 3));
      ++i;
    }
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
}

TEST_CASE("A statement tells how many rows it has touched") {
  Fixture f;
  CHECK(f.pool
            .Transact([](Tx& tx) {
              CHECK(tx.Run("INSERT INTO item SELECT generate_series(1, 5), 'x'").affected_rows() == 5);
              CHECK(tx.Exec(kSelect, {99}).empty());
              return absl::OkStatus();
            })
            .ok());
}

TEST_CASE("A deadlock ends with one transaction committed and the other kAborted") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  REQUIRE(f.Insert(2, "two").ok());
  std::latch both_hold_one(2);
  absl::Status first, second;
  const auto lock_in_order = [&](int64_t a, int64_t b, absl::Status& status) {
    status = f.pool.Transact([&](Tx& tx) {
      tx.Exec(kLock, {a});
      both_hold_one.arrive_and_wait();
      tx.Exec(kLock, {b});
      return absl::OkStatus();
    });
  };
  std::thread other([&] { lock_in_order(2, 1, second); });
  lock_in_order(1, 2, first);
  other.join();
  CHECK(first.ok() != second.ok());
  CHECK(absl::IsAborted(first.ok() ? second : first));
}

TEST_CASE("A serialization failure and a lock that can't be had are kAborted") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  CHECK(absl::IsAborted(f.pool.Transact([&](Tx& tx) {
    tx.Run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    tx.Exec(kSelect, {1});
    f.database.Query("UPDATE item SET label = 'changed'");
    tx.Exec(kLock, {1});
    return absl::OkStatus();
  })));
  CHECK(f.pool
            .Transact([&](Tx& tx) {
              tx.Exec(kLock, {1});
              CHECK(absl::IsAborted(f.pool.Transact([](Tx& inner) {
                inner.Run("SELECT id FROM item FOR UPDATE NOWAIT");
                return absl::OkStatus();
              })));
              return absl::OkStatus();
            })
            .ok());
}

TEST_CASE("A statement that takes too long is kDeadlineExceeded") {
  Fixture f({.statement_timeout = absl::Milliseconds(50)});
  CHECK(absl::IsDeadlineExceeded(Ask(f.pool, "SELECT pg_sleep(60)", [](Row) {})));
}

TEST_CASE("A transaction that finds every connection busy is kResourceExhausted after the timeout") {
  Fixture f({.max_connections = 1, .acquire_timeout = absl::Milliseconds(20)});
  absl::Status inner;
  CHECK(f.pool
            .Transact([&](Tx& tx) {
              tx.Exec(kInsert, {1, "one"});
              inner = f.Insert(2, "two");
              return absl::OkStatus();
            })
            .ok());
  CHECK(absl::IsResourceExhausted(inner));
  CHECK(f.Insert(2, "two").ok());
}

TEST_CASE("Many threads share few connections") {
  Fixture f({.application_name = "shared", .max_connections = 2});
  std::vector<std::thread> threads;
  std::vector<absl::Status> statuses(8);
  for (size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int64_t n = 0; n < 20 && statuses[i].ok(); ++n)
        statuses[i] = f.Insert(static_cast<int64_t>(i) * 20 + n, "x");
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) CHECK(status.ToString() == "OK");
  CHECK(f.database.Query("SELECT count(*) FROM item") == "160");
  CHECK(f.database.Query("SELECT count(*) <= 2 FROM pg_stat_activity WHERE application_name = 'shared'") ==
        "t");
}

TEST_CASE("A connection survives an error of its transaction") {
  Fixture f({.max_connections = 1});
  const auto backend = [&] {
    int64_t pid = 0;
    REQUIRE(Ask(f.pool, "SELECT pg_backend_pid()", [&](Row row) { pid = row.Int(0); }).ok());
    return pid;
  };
  const int64_t before = backend();
  REQUIRE(f.Insert(1, "one").ok());
  REQUIRE(absl::IsAlreadyExists(f.Insert(1, "one")));
  REQUIRE(absl::IsInvalidArgument(f.Insert(2, "forbidden")));
  CHECK(backend() == before);
}

TEST_CASE("Sessions have the pool's settings, whatever the database sets, after a lost connection too") {
  Fixture f({.application_name = "it's", .statement_timeout = absl::Seconds(7)});
  f.database.Query(fmt::format(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Jayapura''', current_database());"
      " EXECUTE format('ALTER DATABASE %I SET DateStyle = ''SQL, DMY''', current_database());"
      " EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', "
      "current_database());"
      " EXECUTE format('ALTER DATABASE %I SET synchronous_commit = ''local''', current_database()); END $$"));
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    if (lost) f.database.TerminateBackends();
    const absl::Status status = f.pool.Read([](Tx& tx) {
      const auto setting = [&](const char* name) { return tx.Exec(kSetting, {name})[0].Text(0); };
      CHECK(setting("TimeZone") == "UTC");
      CHECK(setting("DateStyle") == "ISO, DMY");
      CHECK(setting("statement_timeout") == "7s");
      CHECK(setting("idle_in_transaction_session_timeout") == "7s");
      CHECK(setting("application_name") == "it's");
      CHECK(setting("transaction_isolation") == "read committed");
      CHECK(setting("synchronous_commit") == "local");
      return absl::OkStatus();
    });
    CHECK(status.ToString() == "OK");
  }
}

TEST_CASE("Connections lost while idle are replaced before anyone notices, statements included") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  f.database.TerminateBackends();
  CHECK(f.Insert(2, "two").ToString() == "OK");
  CHECK(f.Labels() == "one,two");
}

TEST_CASE("A connection lost before COMMIT is kUnavailable, and nothing happened") {
  Fixture f;
  const auto lose = [&](bool use_again) {
    return f.pool.Transact([&](Tx& tx) {
      tx.Exec(kInsert, {1, "one"});
      f.database.TerminateBackends();
      if (use_again) tx.Exec(kSelect, {1});
      return absl::OkStatus();
    });
  };
  CHECK(absl::IsUnavailable(lose(true)));
  CHECK(absl::IsUnavailable(lose(false)));
  CHECK(f.Labels().empty());
  CHECK(f.Insert(1, "one").ok());
}

TEST_CASE("A connection lost before the first statement is not replaced within the transaction") {
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  CHECK(absl::IsUnavailable(f.pool.Transact([&](Tx& tx) {
    f.database.TerminateBackends();
    tx.Exec(kInsert, {2, "two"});
    return absl::OkStatus();
  })));
  CHECK(f.Labels() == "one");
}

TEST_CASE("A COMMIT whose reply is lost is kUnknown when it had no effect") {
  Fixture f;
  f.database.Query(kDieAtCommit);
  CHECK(absl::IsUnknown(f.Insert(1, "deadly")));
  CHECK(f.Labels().empty());
  CHECK(f.Insert(2, "harmless").ok());
}

TEST_CASE("A COMMIT whose reply is lost is kUnknown when it had effect") {
  if (!TestDatabase::OwnsServer()) {
    WARN("skipped: it needs a server of its own");
    return;
  }
  Fixture f;
  REQUIRE(f.Insert(1, "before").ok());
  // With a standby that doesn't exist the backend commits, and then waits with its reply until it is ended.
  f.database.Query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  f.database.Query("SELECT pg_reload_conf()");
  WaitFor(f.database, "SHOW synchronous_standby_names", "nobody");
  absl::Status status;
  std::thread committer([&] { status = f.Insert(2, "in doubt"); });
  WaitFor(f.database, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "1");
  f.database.TerminateBackends();
  committer.join();
  f.database.Query("ALTER SYSTEM RESET synchronous_standby_names");
  f.database.Query("SELECT pg_reload_conf()");
  CHECK(absl::IsUnknown(status));
  CHECK(f.Labels() == "before,in doubt");
}

TEST_CASE("A constraint that fails at COMMIT is a plain error, not a doubt") {
  Fixture f;
  f.database.Query("ALTER TABLE item ADD UNIQUE (label) DEFERRABLE INITIALLY DEFERRED");
  REQUIRE(f.Insert(1, "one").ok());
  const absl::Status status = f.Insert(2, "one");
  CHECK(absl::IsAlreadyExists(status));
  CHECK(MessageOf(status).find("item_label_key") != std::string::npos);
  CHECK(f.Labels() == "one");
}

TEST_CASE("While the server is down all is kUnavailable, and afterwards the same pool works") {
  if (!TestDatabase::OwnsServer()) {
    WARN("skipped: it needs a server of its own");
    return;
  }
  Fixture f;
  REQUIRE(f.Insert(1, "one").ok());
  TestDatabase::StopServer();
  CHECK(absl::IsUnavailable(f.Insert(2, "two")));
  CHECK(absl::IsUnavailable(f.Insert(2, "two")));
  TestDatabase::StartServer();
  CHECK(f.Insert(2, "two").ok());
  CHECK(f.Labels() == "one,two");
}

TEST_CASE("A password in a connection string that libpq can't read stays out of the message") {
  Pool pool({.conninfo = "host=/nonexistent password=geheim rahasia"});
  const absl::Status status = Ask(pool, "SELECT 1", [](Row) {});
  CHECK(absl::IsUnavailable(status));
  CHECK(MessageOf(status).find("rahasia") == std::string::npos);
}

// Migrations.

namespace {

const Migration kFirst{"shop", 1, "0001_shelf",
                       "CREATE TABLE shelf (id int); INSERT INTO shelf VALUES (1), (2)"};
const Migration kSecond{"shop", 2, "0002_label", "ALTER TABLE shelf ADD label text NOT NULL DEFAULT ''"};

std::string Applied(const TestDatabase& database) {
  return database.Query("SELECT string_agg(name, ',' ORDER BY component, number) FROM schema_migration");
}

}  // namespace

TEST_CASE("Migrations are applied once, in order, and recorded; later ones are added") {
  TestDatabase database;
  Pool pool({.conninfo = database.conninfo()});
  REQUIRE(Migrate(pool, {kFirst}).ToString() == "OK");
  REQUIRE(Migrate(pool, {kFirst, kSecond}).ToString() == "OK");
  REQUIRE(Migrate(pool, {kFirst, kSecond}).ToString() == "OK");
  CHECK(Applied(database) == "0001_shelf,0002_label");
  CHECK(database.Query("SELECT count(*) FROM shelf") == "2");
}

TEST_CASE("Processes that migrate at the same time apply each migration once") {
  TestDatabase database;
  const Migration slow{"shop", 3, "0003_slow", "SELECT pg_sleep(0.05); INSERT INTO shelf VALUES (3, 'slow')"};
  std::latch together(3);
  std::vector<absl::Status> statuses(3);
  std::vector<std::thread> processes;
  processes.reserve(statuses.size());
  for (absl::Status& status : statuses) {
    processes.emplace_back([&] {
      Pool pool({.conninfo = database.conninfo()});
      together.arrive_and_wait();
      status = Migrate(pool, {kFirst, kSecond, slow});
    });
  }
  for (std::thread& process : processes) process.join();
  for (const absl::Status& status : statuses) CHECK(status.ToString() == "OK");
  CHECK(database.Query("SELECT count(*) FROM shelf") == "3");
  CHECK(Applied(database) == "0001_shelf,0002_label,0003_slow");
}

TEST_CASE("A migration whose text has changed since it was applied is refused by name") {
  TestDatabase database;
  Pool pool({.conninfo = database.conninfo()});
  REQUIRE(Migrate(pool, {kFirst}).ok());
  Migration changed = kFirst;
  changed.sql = "CREATE TABLE shelf (id bigint)";
  const absl::Status status = Migrate(pool, {changed, kSecond});
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(MessageOf(status).find("shop 0001_shelf") != std::string::npos);
  CHECK(Applied(database) == "0001_shelf");
}

TEST_CASE("A migration that fails leaves nothing behind, and names itself") {
  TestDatabase database;
  Pool pool({.conninfo = database.conninfo()});
  const Migration broken{"shop", 2, "0002_broken", "INSERT INTO shelf VALUES (3); SELECT broken"};
  const absl::Status status = Migrate(pool, {kFirst, broken});
  CHECK(absl::IsInternal(status));
  CHECK(MessageOf(status).find("shop 0002_broken: SQLSTATE 42703") != std::string::npos);
  CHECK(database.Query("SELECT count(*) FROM shelf") == "2");
  CHECK(Applied(database) == "0001_shelf");
}

TEST_CASE("A database that a newer version has migrated is left as it is") {
  TestDatabase database;
  Pool pool({.conninfo = database.conninfo()});
  REQUIRE(Migrate(pool, {kFirst, kSecond}).ok());
  CHECK(Migrate(pool, {kFirst}).ToString() == "OK");
  CHECK(Applied(database) == "0001_shelf,0002_label");
}

TEST_CASE("A migration may take longer than statements usually may") {
  TestDatabase database;
  Pool pool({.conninfo = database.conninfo(), .statement_timeout = absl::Milliseconds(20)});
  CHECK(Migrate(pool, {{"shop", 1, "0001_slow", "SELECT pg_sleep(0.1)"}}).ToString() == "OK");
}

}  // namespace lapor::pg
