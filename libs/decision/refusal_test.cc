#include "libs/decision/refusal.h"

#include <catch2/catch.hpp>

namespace lapor::decision {
namespace {

TEST_CASE("a refusal tells field, rule and remedy, to people and to programs") {
  const absl::Status status = Refuse(absl::StatusCode::kNotFound, "region", "is not a known region code",
                                     "take a code of regions.csv");

  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(std::string(status.message()) == "region: is not a known region code; take a code of regions.csv");
  const auto bad_input = BadInputOf(status);
  REQUIRE(bad_input.has_value());
  REQUIRE(bad_input->violations_size() == 1);
  CHECK(bad_input->violations(0).field() == "region");
  CHECK(bad_input->violations(0).rule() == "is not a known region code");
  CHECK(bad_input->violations(0).remedy() == "take a code of regions.csv");
}

TEST_CASE("an illegal transition is refused naming the state and the command") {
  const absl::Status status = RefuseTransition("AwaitingTriage", "CloseCase");

  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(BadInputOf(status)->violations(0).field() == "state");
  CHECK(BadInputOf(status)->violations(0).rule() == "CloseCase is not allowed in AwaitingTriage");
}

TEST_CASE("several violations are told at once, in the order of discovery") {
  Refusals refusals;
  refusals.Add("title", "is required", "give 1 to 200 characters");
  refusals.Add("region", "is not a known region code", "take a code of regions.csv");

  CHECK_FALSE(refusals.ok());
  const absl::Status status = refusals.status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(status.message()) ==
        "title: is required; give 1 to 200 characters | "
        "region: is not a known region code; take a code of regions.csv");
  REQUIRE(BadInputOf(status)->violations_size() == 2);
  CHECK(BadInputOf(status)->violations(1).field() == "region");
}

TEST_CASE("no violation is no refusal") {
  CHECK(Refusals().ok());
  CHECK(Refusals().status().ok());
}

TEST_CASE("a refusal is never OK, whatever code it was given") {
  CHECK_FALSE(Refuse(absl::StatusCode::kOk, "field", "rule", "remedy").ok());
}

TEST_CASE("a status that is no refusal carries no violations") {
  CHECK_FALSE(BadInputOf(absl::OkStatus()).has_value());
  CHECK_FALSE(BadInputOf(absl::InternalError("disk")).has_value());
}

}  // namespace
}  // namespace lapor::decision
