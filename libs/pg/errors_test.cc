#include "libs/pg/errors.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace lapor::pg {
namespace {

absl::Status StatusOfThrown(const std::exception& error, const Progress& progress) {
  try {
    if (const auto* failure = dynamic_cast<const Failure*>(&error)) throw *failure;
    throw std::runtime_error(error.what());
  } catch (...) {
    return StatusOfCurrentException(progress);
  }
}

}  // namespace

TEST_CASE("An SQLSTATE says whose fault it is and whether to try again") {
  using enum absl::StatusCode;
  const std::pair<const char*, absl::StatusCode> cases[] = {
      {"23505", kAlreadyExists},     // unique_violation
      {"23P01", kAlreadyExists},     // exclusion_violation
      {"23502", kInvalidArgument},   // not_null_violation
      {"23503", kInvalidArgument},   // foreign_key_violation
      {"23514", kInvalidArgument},   // check_violation
      {"22P02", kInvalidArgument},   // invalid_text_representation
      {"22021", kInvalidArgument},   // character_not_in_repertoire
      {"40001", kAborted},           // serialization_failure
      {"40P01", kAborted},           // deadlock_detected
      {"55P03", kAborted},           // lock_not_available
      {"40003", kUnknown},           // statement_completion_unknown
      {"57014", kDeadlineExceeded},  // query_canceled
      {"57P01", kUnavailable},       // admin_shutdown
      {"57P03", kUnavailable},       // cannot_connect_now
      {"53100", kUnavailable},       // disk_full
      {"53300", kUnavailable},       // too_many_connections
      {"08006", kUnavailable},       // connection_failure
      {"42601", kInternal},          // syntax_error
      {"42P01", kInternal},          // undefined_table
      {"25006", kInternal},          // read_only_sql_transaction
      {"P0001", kInternal},          // raise_exception
      {"58030", kUnavailable},       // io_error
      {"XX000", kUnavailable},       // internal_error
      {"XX001", kUnavailable},       // data_corrupted
      {"", kInternal},
  };
  for (const auto& [sqlstate, code] : cases) {
    CAPTURE(sqlstate);
    CHECK(CodeOfSqlState(sqlstate) == code);
  }
}

TEST_CASE("The culprit is read from the fields at the end of the server's message, never from a value") {
  CHECK(CulpritIn("ERROR:  23505: duplicate key value violates unique constraint \"report_pkey\"\n"
                  "DETAIL:  Key (id)=(7) already exists.\n"
                  "SCHEMA NAME:  public\nTABLE NAME:  report\nCONSTRAINT NAME:  report_pkey\n"
                  "LOCATION:  _bt_check_unique, nbtinsert.c:666\n") == "constraint report_pkey");
  CHECK(CulpritIn("ERROR:  23502: null value\nDETAIL:  Failing row contains (Budi\n"
                  "SCHEMA NAME:  x\nCONSTRAINT NAME:  Budi).\n"
                  "SCHEMA NAME:  public\nTABLE NAME:  report\nCOLUMN NAME:  region\n"
                  "LOCATION:  ExecConstraints, execMain.c:1883\n") == "column region");
  CHECK(CulpritIn("ERROR:  22P02: invalid input syntax for type uuid: \"constraint \"x\"\"\n").empty());
  CHECK(CulpritIn("").empty());
}

TEST_CASE("Once COMMIT is sent, only a server's word counts: all else is in doubt") {
  const std::runtime_error any("libpqxx says so");
  CHECK(absl::IsUnknown(StatusOfThrown(any, {.commit_sent = true})));
  CHECK(absl::IsInternal(StatusOfThrown(any, {.commit_sent = false})));
}

TEST_CASE("What an unexpected exception says stays inside, for it may quote values") {
  const absl::Status status =
      StatusOfThrown(std::runtime_error("Budi, Jalan Merdeka 1"), {.statement = "report_insert"});
  CHECK(absl::IsInternal(status));
  CHECK(std::string(status.message()).find("Budi") == std::string::npos);
  CHECK(std::string(status.message()).find("report_insert") != std::string::npos);
}

}  // namespace lapor::pg
