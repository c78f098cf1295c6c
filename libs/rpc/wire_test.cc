#include "libs/rpc/wire.h"

#include <catch2/catch.hpp>

#include "lapor/intake/v1/intake.pb.h"
#include "libs/decision/refusal.h"

namespace lapor::rpc {
namespace {

using intake::v1::SubmitReportRequest;

// The message as a careless client sends it: a text of its is replaced after it was encoded.
grpc::ByteBuffer WithReplaced(const SubmitReportRequest& request, const std::string& text,
                              const std::string& other) {
  std::string bytes = request.SerializeAsString();
  REQUIRE(text.size() == other.size());
  const size_t at = bytes.find(text);
  REQUIRE(at != std::string::npos);
  bytes.replace(at, text.size(), other);
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

SubmitReportRequest Request() {
  SubmitReportRequest request;
  request.set_request_id("12345678");
  request.mutable_report()->set_title("Jalan berlubang");
  request.mutable_report()->mutable_identity()->set_name("Siti Aminah");
  request.mutable_report()->add_attachments()->set_media_type("image/png");
  request.mutable_report()->add_attachments()->set_media_type("image/jpeg");
  return request;
}

TEST_CASE("a request goes through the wire as it was") {
  const auto decoded = Decode<SubmitReportRequest>(Encode(Request()));
  REQUIRE(decoded.ok());
  CHECK(decoded->SerializeAsString() == Request().SerializeAsString());
}

TEST_CASE("text in another encoding is refused by the path of its field") {
  const std::vector<std::pair<std::string, std::string>> places = {
      {"Jalan berlubang", "report.title"},
      {"Siti Aminah", "report.identity.name"},
      {"image/jpeg", "report.attachments[1].media_type"},
      {"12345678", "request_id"}};
  for (const auto& [text, field] : places) {
    const auto decoded =
        Decode<SubmitReportRequest>(WithReplaced(Request(), text, std::string(text.size(), '\xE9')));
    CHECK(decoded.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(decision::BadInputOf(decoded.status()).has_value());
    CHECK(decision::BadInputOf(decoded.status())->violations(0).field() == field);
    CHECK(decision::BadInputOf(decoded.status())->violations(0).rule() == "is not UTF-8");
  }
}

TEST_CASE("bytes that are no message at all are refused as such") {
  grpc::Slice slice(std::string("\x0A\xFF\xFF"));
  const auto decoded = Decode<SubmitReportRequest>(grpc::ByteBuffer(&slice, 1));
  CHECK(decoded.status().code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(decision::BadInputOf(decoded.status()).has_value());
  CHECK(decision::BadInputOf(decoded.status())->violations(0).field() == "request");
  CHECK(decision::BadInputOf(decoded.status())->violations(0).rule() ==
        "is not a lapor.intake.v1.SubmitReportRequest");
}

TEST_CASE("an empty body is an empty request") {
  grpc::Slice slice(std::string{});
  CHECK(Decode<SubmitReportRequest>(grpc::ByteBuffer(&slice, 1)).ok());
}

}  // namespace
}  // namespace lapor::rpc
