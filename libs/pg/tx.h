// One transaction, as the body of Pool::Transact or Pool::Read sees it.
#pragma once

#include <string>

#include "libs/pg/params.h"
#include "libs/pg/result.h"

namespace pqxx {
class transaction_base;
}

namespace lapor::pg {

struct Progress;

// A statement with parameters $1, $2, ...; prepared on its first use of each connection. The name is unique
// in the process, stands in error messages and outlives every result: make these constants. Name the columns
// instead of writing *, so that a migration under a running process doesn't change what a prepared statement
// returns.
struct Statement {
  const char* name;
  const char* sql;
};

// Not thread-safe; lives as long as the call of the body. Its functions throw, and the throw ends the
// transaction: bodies don't catch. (A body that did, and returned OK, would be refused with kInternal.)
class Tx {
 public:
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  Result Exec(const Statement& statement, const Params& params = {});

  // Runs SQL without parameters and without preparing it: definitions, several statements with ';' between
  // them. Gives the result of the last one. Never build `sql` from what somebody typed.
  Result Run(const std::string& sql);

  // Makes the whole transaction see the one moment of its next statement, so that what it reads of several
  // tables belongs together: else each statement sees a moment of its own. Must come before any statement.
  void SeeOneMoment();

 private:
  friend class Pool;
  Tx(pqxx::transaction_base& transaction, Progress& progress)
      : transaction_(transaction), progress_(progress) {}
  template <typename Call>
  Result Guard(const char* statement, const Call& call);

  pqxx::transaction_base& transaction_;
  Progress& progress_;
};

}  // namespace lapor::pg
