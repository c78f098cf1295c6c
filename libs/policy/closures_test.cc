#include "libs/policy/closures.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"

namespace lapor::policy {
namespace {

// Lines 2 and 3 are closures.
const std::string kClosures = R"(version: "2026.1"
closure { agency_id: "id.51" first_date: "2026-06-16" last_date: "2026-06-18" name: "Galungan" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
closure { agency_id: "id.51.02" first_date: "2026-06-18" last_date: "2026-06-18" name: "Banjir" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
)";

// What is said of this file, without the directory's name.
std::string Errors(std::string_view content) {
  DataDir dir;
  dir.Write("closures.textproto", content);
  Diagnostics diagnostics;
  ReadClosures(dir.path(), diagnostics);
  return Replace(std::string(diagnostics.status().message()), dir.path().string() + "/", "");
}

std::string Errors(std::string_view from, std::string_view to) {
  return Errors(Replace(kClosures, from, to));
}

TEST_CASE("a closure is that of its agency and of all below it") {
  DataDir dir;
  dir.Write("closures.textproto", kClosures);
  Diagnostics diagnostics;
  const Closures closures = ReadClosures(dir.path(), diagnostics);
  REQUIRE(diagnostics.status().message() == "");
  CHECK(closures.version == "2026.1");
  const auto names = [&](std::string_view agency_id) {
    std::string all;
    for (const Closure* closure : ClosuresOf(closures, agency_id)) all += closure->name + " ";
    return all;
  };
  CHECK(names("id.51") == "Galungan ");
  CHECK(names("id.51.71.dinkes") == "Galungan ");
  CHECK(names("id.51.02.dinkes") == "Galungan Banjir ");
  CHECK(names("id.5") == "");
  CHECK(names("id.511") == "");
  CHECK(names("id") == "");
  CHECK(names("") == "");
}

TEST_CASE("there may be no file of closures, and no closure in it") {
  DataDir dir;
  Diagnostics diagnostics;
  CHECK(ReadClosures(dir.path(), diagnostics).closures.empty());
  CHECK(diagnostics.ok());
  CHECK(Errors("version: \"2026.1\"") == "");
}

TEST_CASE("a closure with a mistake is refused with file, line and reason") {
  CHECK(Errors(kClosures) == "");
  CHECK(Errors("version: \"2026.1\"", "version: \"A\"") ==
        "closures.textproto:1: version is 'A'; it must have 1 to 32 of a-z, 0-9, dot and hyphen");
  CHECK(Errors("closure {", "closuer {").find("closures.textproto:2: column 9: ") == 0);
  CHECK(Errors("\"id.51\"", "\"Bali\"") ==
        "closures.textproto:2: agency_id is 'Bali'; it must have 2 to 64 of a-z, 0-9, dot and hyphen");
  CHECK(Errors("agency_id: \"id.51\"", "") ==
        "closures.textproto:2: agency_id is ''; it must have 2 to 64 of a-z, 0-9, dot and hyphen");
  CHECK(Errors("\"id.51\"", "\"id\"") ==
        "closures.textproto:2: agency_id is that of all agencies; a day on which nobody works belongs in the "
        "calendar");
  CHECK(Errors("first_date: \"2026-06-16\"", "") ==
        "closures.textproto:2: first_date is ''; it must be a date as 2024-01-01");
  CHECK(Errors("last_date: \"2026-06-18\" name: \"Galungan\"",
               "last_date: \"2026-06-31\" name: \"Galungan\"") ==
        "closures.textproto:2: last_date is '2026-06-31'; it must be a date as 2024-01-01");
  CHECK(Errors("2026-06-16", "2026-06-19") ==
        "closures.textproto:2: last_date 2026-06-18 is before first_date 2026-06-19");
  CHECK(Errors("2026-06-16", "2025-06-18").empty());
  CHECK(Errors("2026-06-16", "2025-06-17") == "closures.textproto:2: has 367 days; it must have at most 366");
  CHECK(Errors("name: \"Banjir\"", "") == "closures.textproto:3: closure.name is missing");
  CHECK(Errors("name: \"Banjir\" citation { instrument: \"x\"", "name: \"Banjir\" citation {") ==
        "closures.textproto:3: citation.instrument is missing: no closure without its source");
  CHECK(Errors("name: \"Banjir\" citation { instrument: \"x\" confidence: CONFIDENCE_HIGH }",
               "name: \"Banjir\" citation { instrument: \"x\" }") ==
        "closures.textproto:3: citation.confidence is missing");
}

TEST_CASE("an agency is closed once on a day") {
  CHECK(Errors("id.51.02", "id.51") ==
        "closures.textproto:3: id.51 is closed on some of these days already, by line 2");
  // Adjacent is not twice.
  CHECK(Errors(Replace(Replace(kClosures, "id.51.02", "id.51"),
                       "first_date: \"2026-06-18\" last_date: "
                       "\"2026-06-18\"",
                       "first_date: \"2026-06-19\" last_date: \"2026-06-19\"")) == "");
}

}  // namespace
}  // namespace lapor::policy
