#include "libs/report/agency_id.h"

#include <catch2/catch.hpp>
#include <string>

namespace lapor::report {
namespace {

TEST_CASE("an agency's id has 2 to 64 characters of a-z, 0-9, dot and hyphen") {
  for (const std::string& id : {std::string("id"), std::string("id.32-a"), std::string(64, 'z')})
    CHECK(IsAgencyId(id));
  for (const std::string& id :
       {std::string(), std::string("x"), std::string(65, 'z'), std::string("id.Kemenkes"),
        std::string("id/32"), std::string("id 32"), std::string("id\0x", 4)})
    CHECK_FALSE(IsAgencyId(id));
}

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

TEST_CASE("the agency next above is what the id says before its last dot; the root has none") {
  CHECK(ParentOf("id.32.73.dinkes") == "id.32.73");
  CHECK(ParentOf("id.32") == kRootAgencyId);
  CHECK(ParentOf(kRootAgencyId).empty());
  CHECK(ParentOf("").empty());
}

TEST_CASE("supervisors are those above, level by level, and end with the root") {
  CHECK(SupervisorOf("id.32.73.dinkes", 1) == "id.32.73");
  CHECK(SupervisorOf("id.32.73.dinkes", 2) == "id.32");
  CHECK(SupervisorOf("id.32.73.dinkes", 3) == kRootAgencyId);
  CHECK(SupervisorOf("id.kemenkes", 3) == kRootAgencyId);
  CHECK(SupervisorOf("elsewhere", 1) == kRootAgencyId);
}

TEST_CASE("above no agency stands the root, and above the root nobody") {
  CHECK(SupervisorOf("", 1) == kRootAgencyId);
  CHECK(SupervisorOf(kRootAgencyId, 1).empty());
}

}  // namespace
}  // namespace lapor::report
