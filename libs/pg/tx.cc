#include "libs/pg/tx.h"

#include <pqxx/connection_base>
#include <pqxx/prepared_statement>
#include <pqxx/transaction_base>
#include <vector>

#include "fmt/format.h"
#include "libs/pg/errors.h"

namespace lapor::pg {

template <typename Call>
Result Tx::Guard(const char* statement, const Call& call) {
  if (progress_.failed) {
    throw Failure(absl::InternalError(fmt::format(
        "the body went on to statement {} after statement {} had failed", statement, progress_.statement)));
  }
  progress_.statement = statement;
  progress_.failed = true;  // until the call has come back
  const pqxx::result result = call();
  progress_.failed = false;
  return Result(result, statement);
}

Result Tx::Exec(const Statement& statement, const Params& params) {
  return Guard(statement.name, [&] {
    if (params.nul_in()) {
      throw Failure(absl::InvalidArgumentError(fmt::format(
          "parameter ${} of statement {} holds text with a NUL byte", *params.nul_in(), statement.name)));
    }
    std::vector<const char*> values;
    values.reserve(params.values().size());
    for (const auto& value : params.values()) values.push_back(value ? value->c_str() : nullptr);
    // Sends nothing when this connection knows the name, and refuses a second text under the same name.
    transaction_.conn().prepare(statement.name, statement.sql);
    return transaction_.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(values));
  });
}

Result Tx::Run(const std::string& sql) {
  return Guard("(unprepared)", [&] { return transaction_.exec(sql); });
}

void Tx::SeeOneMoment() { Run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); }

}  // namespace lapor::pg
