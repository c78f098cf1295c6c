// The one seam at which errors of libpqxx and PostgreSQL become absl::Status; private to libs/pg.
//
// No message holds the text of a statement or a value: both may be personal data. What helps to find the
// fault stands there instead: the SQLSTATE, the constraint, the name of the statement.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace lapor::pg {

// Carries a status of our own out of the body of a transaction.
class Failure : public std::exception {
 public:
  explicit Failure(absl::Status status) : status_(std::move(status)) {}
  const absl::Status& status() const { return status_; }
  const char* what() const noexcept override { return "lapor::pg::Failure"; }

 private:
  absl::Status status_;
};

// How far a transaction had come when something was thrown.
struct Progress {
  const char* statement = "none";  // the last one begun
  bool failed = false;             // whether that one has failed
  bool commit_sent = false;
};

// What PostgreSQL's error means for the caller, as documented in pool.h.
absl::StatusCode CodeOfSqlState(std::string_view sqlstate);

// "constraint report_pkey" or "column region", as a verbose message of the server names the culprit, or "".
// What stands before in the message holds values and is not looked at.
std::string CulpritIn(std::string_view message);

// To be called in a catch block of everything.
absl::Status StatusOfCurrentException(const Progress& progress);

// The same for what was thrown while connecting.
absl::Status StatusOfConnectFailure();

}  // namespace lapor::pg
