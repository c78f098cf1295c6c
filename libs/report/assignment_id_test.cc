#include "libs/report/assignment_id.h"

#include <catch2/catch.hpp>

#include "libs/report/tracking_id.h"

namespace lapor::report {
namespace {

TEST_CASE("A child assignment's id is its report's, a dot and its number, and reads back") {
  const std::string report_id = NewTrackingId();
  CHECK(ToString(report_id, 0) == report_id);
  CHECK(ToString(report_id, 12) == report_id + ".12");
  CHECK(ParseAssignmentId(report_id) == AssignmentId{report_id, 0});
  CHECK(ParseAssignmentId(report_id + ".12") == AssignmentId{report_id, 12});
}

TEST_CASE("Typed ids are read with hyphens and in either case, the number after the dot as it is") {
  const std::string report_id = NewTrackingId();
  decision::Refusals refusals;
  CHECK(CheckAssignmentId("report_id", ShowTrackingId(report_id) + ".3", refusals) ==
        AssignmentId{report_id, 3});
  CHECK(CheckAssignmentId("report_id", report_id, refusals) == AssignmentId{report_id, 0});
  CHECK(refusals.ok());
}

TEST_CASE("What is no number of a child is refused, with the field") {
  for (const char* number : {"", "0", "01", "21", "-1", "1x", "1.1", "99999999999"}) {
    CAPTURE(number);
    decision::Refusals refusals;
    CheckAssignmentId("report_id", NewTrackingId() + "." + number, refusals);
    CHECK(!refusals.ok());
  }
}

}  // namespace
}  // namespace lapor::report
