// Numbered migrations, forward only. lapor_migrations() in cmake/Lapor.cmake embeds a service's
// migrations/*.sql.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "libs/pg/pool.h"

namespace lapor::pg {

// `sql` may hold many statements but no BEGIN or COMMIT: it runs in one transaction, which has to be safe
// while the previous version of the process still works on the same database.
struct Migration {
  const char* component;  // whose they are: migrations of several components may share a database
  int number;             // 1, 2, 3, ... within the component, without gaps
  const char* name;
  const char* sql;
};

// Applies what is missing, in the given order, each migration in a transaction of its own together with its
// row in schema_migration(component, number, name, checksum, applied_at). Processes that start together wait
// for each other; each migration runs once. Statements may take as long as they need.
//
// A database with more migrations than these is fine: a newer version has been here. Errors, beside those of
// Pool::Transact, whose message is given the name of the migration:
//   kFailedPrecondition  the text of an applied migration has changed, or the numbers are not 1, 2, 3, ...
//   kUnknown             as everywhere; here the same call may be made again
absl::Status Migrate(Pool& pool, const std::vector<Migration>& migrations);

}  // namespace lapor::pg
