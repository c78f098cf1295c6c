#include "libs/rpc/status.h"

#include <catch2/catch.hpp>

#include "libs/decision/refusal.h"

namespace lapor::rpc {
namespace {

using absl::StatusCode;

TEST_CASE("a refusal crosses gRPC whole") {
  const absl::Status refusal = decision::Refuse(StatusCode::kNotFound, "region", "is not a known region code",
                                                "take a code of regions.csv");

  const grpc::Status wire = ToGrpc(refusal, "id");
  CHECK(wire.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(wire.error_message() == "region: is not a known region code; take a code of regions.csv");
  const absl::Status back = FromGrpc(wire);
  CHECK(back == refusal);
  CHECK(decision::BadInputOf(back)->violations(0).remedy() == "take a code of regions.csv");
}

TEST_CASE("what is our fault is told without internals") {
  for (const StatusCode code :
       {StatusCode::kInternal, StatusCode::kUnknown, StatusCode::kDataLoss, StatusCode::kNotFound,
        StatusCode::kUnauthenticated, StatusCode::kInvalidArgument}) {
    const grpc::Status wire = ToGrpc(absl::Status(code, "table report, host db1"), "4bf92f35");
    CHECK(wire.error_code() == grpc::StatusCode::INTERNAL);
    CHECK(wire.error_message() == "internal error; correlation id 4bf92f35");
    CHECK(wire.error_details().empty());
  }
}

TEST_CASE("what passes by itself keeps its code, so that clients know to try again") {
  for (const StatusCode code :
       {StatusCode::kUnavailable, StatusCode::kAborted, StatusCode::kResourceExhausted,
        StatusCode::kDeadlineExceeded, StatusCode::kCancelled}) {
    const grpc::Status wire = ToGrpc(absl::Status(code, "host db1"), "4bf92f35");
    CHECK(static_cast<int>(wire.error_code()) == static_cast<int>(code));
    CHECK(wire.error_message().find("db1") == std::string::npos);
    CHECK(wire.error_message().find("4bf92f35") != std::string::npos);
  }
}

TEST_CASE("a refusal that is too long for metadata is cut, not lost") {
  decision::Refusals refusals;
  for (int i = 0; i < 1000; ++i) {
    refusals.Add("attachments[" + std::to_string(i) + "].sha256", "é has 64 digits", "hash the content");
  }
  const grpc::Status wire = ToGrpc(refusals.status(), "id");
  CHECK(wire.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(wire.error_message().size() + wire.error_details().size() < 6000);
  const auto bad_input = decision::BadInputOf(FromGrpc(wire));
  REQUIRE(bad_input.has_value());
  CHECK(bad_input->violations_size() > 10);
  CHECK(bad_input->violations(0).field() == "attachments[0].sha256");
}

TEST_CASE("a cut message stays UTF-8") {
  for (size_t shift = 0; shift < 3; ++shift) {
    std::string rule(shift, 'a');
    for (int i = 0; i < 1000; ++i) rule += "é";
    const grpc::Status wire = ToGrpc(decision::Refuse(StatusCode::kInvalidArgument, "f", rule, "r"), "id");
    const std::string text = wire.error_message().substr(3 + shift);
    for (size_t i = 0; i + 3 < text.size(); i += 2) REQUIRE(text.substr(i, 2) == "é");
  }
}

TEST_CASE("OK stays OK, and a foreign status keeps code and text") {
  CHECK(ToGrpc(absl::OkStatus(), "id").ok());
  CHECK(FromGrpc(grpc::Status::OK).ok());
  CHECK(FromGrpc({grpc::StatusCode::UNAVAILABLE, "gone"}) == absl::UnavailableError("gone"));
  CHECK(FromGrpc({grpc::StatusCode::ABORTED, "torn", "\xFF\xFF"}) == absl::AbortedError("torn"));
}

}  // namespace
}  // namespace lapor::rpc
