#include "libs/pg/errors.h"

#include <algorithm>
#include <pqxx/except>

#include "fmt/format.h"

namespace lapor::pg {
namespace {

absl::Status Lost(const Progress& progress) {
  if (progress.commit_sent) {
    return absl::UnknownError(fmt::format(
        "the connection was lost after COMMIT was sent (last statement: {}): look up whether it took effect",
        progress.statement));
  }
  return absl::UnavailableError(fmt::format(
      "the connection was lost before COMMIT (last statement: {}): nothing happened", progress.statement));
}

absl::Status OfSqlError(const std::string& sqlstate, const std::string& culprit, const Progress& progress) {
  // The server's reply to COMMIT is a plain no; an error without SQLSTATE is libpq's own, for want of a
  // reply.
  if (progress.commit_sent && sqlstate.empty()) return Lost(progress);
  return absl::Status(CodeOfSqlState(sqlstate),
                      fmt::format("SQLSTATE {}{}{} in statement {}", sqlstate, culprit.empty() ? "" : " on ",
                                  culprit, progress.statement));
}

}  // namespace

absl::StatusCode CodeOfSqlState(std::string_view sqlstate) {
  if (sqlstate == "23505" || sqlstate == "23P01") return absl::StatusCode::kAlreadyExists;
  if (sqlstate == "40003") return absl::StatusCode::kUnknown;
  if (sqlstate == "55P03") return absl::StatusCode::kAborted;
  if (sqlstate == "57014") return absl::StatusCode::kDeadlineExceeded;
  const std::string_view category = sqlstate.substr(0, 2);
  if (category == "22" || category == "23") return absl::StatusCode::kInvalidArgument;
  if (category == "40") return absl::StatusCode::kAborted;
  // A disk that fails and a server that is broken inside are the server's trouble, not that of what was
  // asked.
  for (const char* trouble : {"08", "53", "57", "58", "XX"}) {
    if (category == trouble) return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kInternal;
}

// libpq ends a verbose message with these fields, each on a line: SCHEMA NAME, TABLE NAME, COLUMN NAME,
// DATATYPE NAME, CONSTRAINT NAME, LOCATION. A value in the lines before may look the same, so only the last
// SCHEMA NAME counts.
std::string CulpritIn(std::string_view message) {
  const size_t fields = message.rfind("\nSCHEMA NAME:  ");
  if (fields == std::string_view::npos) return "";
  message.remove_prefix(fields);
  for (const auto& [label, kind] :
       {std::pair("\nCONSTRAINT NAME:  ", "constraint"), {"\nCOLUMN NAME:  ", "column"}}) {
    const size_t found = message.find(label);
    if (found == std::string_view::npos) continue;
    const std::string_view name = message.substr(found + std::string_view(label).size());
    return fmt::format("{} {}", kind, name.substr(0, name.find('\n')));
  }
  return "";
}

absl::Status StatusOfCurrentException(const Progress& progress) {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.status();
  } catch (const pqxx::sql_error& error) {
    return OfSqlError(error.sqlstate(), CulpritIn(error.what()), progress);
  } catch (const pqxx::deadlock_detected&) {  // libpqxx keeps class 40 apart, without the SQLSTATE
    return OfSqlError("40P01", "", progress);
  } catch (const pqxx::statement_completion_unknown&) {
    return OfSqlError("40003", "", progress);
  } catch (const pqxx::transaction_rollback&) {
    return OfSqlError("40001", "", progress);
  } catch (const pqxx::broken_connection&) {
    return Lost(progress);
  } catch (const std::exception& error) {
    // After COMMIT nothing but the server's own word tells how it ended, whatever libpqxx calls it.
    if (progress.commit_sent) return Lost(progress);
    // The type only: what() of a library may quote values.
    return absl::InternalError(
        fmt::format("exception {} after statement {}", typeid(error).name(), progress.statement));
  } catch (...) {
    if (progress.commit_sent) return Lost(progress);
    return absl::InternalError(fmt::format("unknown exception after statement {}", progress.statement));
  }
}

absl::Status StatusOfConnectFailure() {
  try {
    throw;
  } catch (const std::exception& error) {
    // libpq's words tell operators what to mend. But when it can't even read the connection string it quotes
    // from it, and a password may stand there.
    std::string words = error.what();
    std::replace(words.begin(), words.end(), '\n', ' ');
    if (words.starts_with("connection to server") || words.starts_with("could not translate host name")) {
      return absl::UnavailableError(fmt::format("cannot connect to PostgreSQL: {}", words));
    }
    return absl::UnavailableError(
        "cannot connect to PostgreSQL: libpq can't use the connection string; check its syntax and option "
        "names");
  }
}

}  // namespace lapor::pg
