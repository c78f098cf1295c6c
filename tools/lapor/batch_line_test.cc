#include "tools/lapor/batch_line.h"

#include <catch2/catch.hpp>

namespace lapor::client {
namespace {

TEST_CASE("a line of JSON is read as a request") {
  const auto request = ReadBatchLine(1, R"({"request_id":"r","report":{"title":"Parkir liar"}})");
  REQUIRE(request.ok());
  CHECK(request->report().title() == "Parkir liar");
}

TEST_CASE("a line that is no request is refused by its number, and nothing of it is repeated") {
  for (const char* text : {"rahasia", R"({"report":{"title":"rahasia)", R"({"report":{"channel":"rahasia"}})",
                           R"({"rahasia":1})"}) {
    CAPTURE(text);
    const auto request = ReadBatchLine(3, text);
    REQUIRE_FALSE(request.ok());
    const intake::v1::SubmitReportsResponse told = RefusalOf(request.status());
    CHECK(told.refused().code() == 3);
    REQUIRE(told.refused().fields_size() == 1);
    CHECK(told.refused().fields(0).field() == "line 3");
    CHECK(told.DebugString().find("rahasia") == std::string::npos);
  }
}

}  // namespace
}  // namespace lapor::client
