#include "libs/report/agency_id.h"

#include <catch2/catch.hpp>

namespace lapor::report {
namespace {

TEST_CASE("an agency is within itself and whatever its id begins with") {
  CHECK(IsWithin("id.32.73", "id.32.73"));
  CHECK(IsWithin("id.32.73.dinkes", "id.32.73"));
  CHECK(IsWithin("id.32.73.dinkes", "id.32"));
  CHECK(IsWithin("id.kemenkes", kRootAgencyId));
}

TEST_CASE("it is not within those below it, beside it, or with an id that only looks alike") {
  CHECK_FALSE(IsWithin("id.32", "id.32.73"));
  CHECK_FALSE(IsWithin("id.32.74", "id.32.73"));
  CHECK_FALSE(IsWithin("id.32.73", "id.32.7"));
  CHECK_FALSE(IsWithin("idx.32", kRootAgencyId));
}

TEST_CASE("no agency is within none, and none within it") {
  CHECK_FALSE(IsWithin("", "id.32.73"));
  CHECK_FALSE(IsWithin("id.32.73", ""));
  CHECK_FALSE(IsWithin("", ""));
}

}  // namespace
}  // namespace lapor::report
