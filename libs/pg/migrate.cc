#include "libs/pg/migrate.h"

#include <map>
#include <string>

#include "fmt/format.h"

namespace lapor::pg {
namespace {

// Whoever migrates this database holds the lock to the end of its transaction. The key is arbitrary and
// forever.
const Statement kLock{"migrate_lock", "SELECT pg_advisory_xact_lock(7307218430052915564)"};

const Statement kNoTimeout{"migrate_no_timeout",
                           "SELECT set_config('statement_timeout', '0', true),"
                           " set_config('idle_in_transaction_session_timeout', '0', true)"};

const Statement kCreate{"migrate_create", R"sql(
  CREATE TABLE IF NOT EXISTS schema_migration (
    component text NOT NULL,
    number int NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (component, number)))sql"};

const Statement kFind{"migrate_find", R"sql(
  SELECT checksum = encode(sha256(convert_to($3, 'UTF8')), 'hex')
  FROM schema_migration WHERE component = $1 AND number = $2)sql"};

const Statement kRecord{"migrate_record", R"sql(
  INSERT INTO schema_migration (component, number, name, checksum)
  VALUES ($1, $2, $3, encode(sha256(convert_to($4, 'UTF8')), 'hex')))sql"};

absl::Status CheckNumbers(const std::vector<Migration>& migrations) {
  std::map<std::string, int> last;
  for (const Migration& m : migrations) {
    const int expected = ++last[m.component];
    if (m.number != expected) {
      return absl::FailedPreconditionError(
          fmt::format("migration {} {} has number {}, expected {}: number them 1, 2, 3, ... without gaps",
                      m.component, m.name, m.number, expected));
    }
  }
  return absl::OkStatus();
}

void Lock(Tx& tx) {
  tx.Exec(kNoTimeout);
  tx.Exec(kLock);
}

absl::Status Apply(Tx& tx, const Migration& m) {
  Lock(tx);
  const Result applied = tx.Exec(kFind, {m.component, m.number, m.sql});
  if (applied.empty()) {
    tx.Run(m.sql);
    tx.Exec(kRecord, {m.component, m.number, m.name, m.sql});
    return absl::OkStatus();
  }
  if (applied[0].Bool(0)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "its text has changed since it was applied: restore it, and put the change into a new migration");
}

}  // namespace

absl::Status Migrate(Pool& pool, const std::vector<Migration>& migrations) {
  if (absl::Status status = CheckNumbers(migrations); !status.ok()) return status;
  absl::Status status = pool.Transact([](Tx& tx) {
    Lock(tx);
    tx.Exec(kCreate);
    return absl::OkStatus();
  });
  for (const Migration& m : migrations) {
    if (!status.ok()) break;
    status = pool.Transact([&m](Tx& tx) { return Apply(tx, m); });
    if (!status.ok()) {
      return absl::Status(status.code(), fmt::format("migration {} {}: {}", m.component, m.name,
                                                     std::string(status.message())));
    }
  }
  return status;
}

}  // namespace lapor::pg
