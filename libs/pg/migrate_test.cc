#include "libs/pg/migrate.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "migrations/pg_testdata.h"

namespace lapor::pg {

TEST_CASE(
    "Migrations are embedded in order, with their numbers in decimal and every character of their text") {
  const std::vector<Migration>& embedded = migrations::pg_testdata();
  REQUIRE(embedded.size() == 2);
  CHECK(embedded[0].number == 1);
  CHECK(embedded[1].number == 10);
  for (const Migration& migration : embedded) {
    CHECK(migration.component == std::string("pg_testdata"));
    std::ifstream file("testdata/migrations/" + std::string(migration.name) + ".sql");
    REQUIRE(file);
    CHECK(migration.sql == std::string(std::istreambuf_iterator<char>(file), {}));
  }
}

TEST_CASE("Migrations with a gap, a repetition or a wrong start are refused before anything happens") {
  Pool nowhere({.conninfo = "host=/nonexistent"});
  using Numbers = std::vector<int>;
  for (const Numbers& numbers : {Numbers{2}, Numbers{0}, Numbers{1, 3}, Numbers{1, 1}, Numbers{2, 1}}) {
    std::vector<Migration> migrations;
    for (const int number : numbers) migrations.push_back({"shop", number, "0000_name", "SELECT 1"});
    const absl::Status status = Migrate(nowhere, migrations);
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(std::string(status.message()).find("shop 0000_name") != std::string::npos);
  }
}

TEST_CASE("Each component counts its migrations for itself") {
  Pool nowhere({.conninfo = "host=/nonexistent"});
  CHECK(absl::IsUnavailable(
      Migrate(nowhere, {{"a", 1, "", ""}, {"b", 1, "", ""}, {"a", 2, "", ""}, {"b", 2, "", ""}})));
}

}  // namespace lapor::pg
