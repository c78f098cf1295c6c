#include "libs/eventlog/requests.h"

#include <catch2/catch.hpp>

#include "lapor/intake/v1/intake.pb.h"
#include "libs/eventlog/uuid.h"

namespace lapor::eventlog {
namespace {

const rpc::Caller kAnyone;
const rpc::Caller kChannel = {"channel-1", report::v1::ROLE_CHANNEL, ""};

bool IsTaken(const rpc::Caller& caller, const std::string& request_id) {
  decision::Refusals refusals;
  CheckRequestId(caller, request_id, refusals);
  return refusals.ok();
}

TEST_CASE("a request id is 8 to 64 printable characters without spaces") {
  for (const std::string& good : {std::string("offline1"), std::string(64, 'x'), NewUuid()}) {
    CHECK(IsTaken(kChannel, good));
  }
  for (const std::string& bad :
       {std::string(), std::string("offline"), std::string(65, 'x'), std::string("two words"),
        std::string("tab\tstop"), std::string("caf\xC3\xA9 12345"), std::string("zero\0byte", 9)}) {
    CAPTURE(bad);
    CHECK_FALSE(IsTaken(kChannel, bad));
  }
}

TEST_CASE("of a caller without a token it is a random UUID, which nobody else hits upon") {
  CHECK(IsTaken(kAnyone, NewUuid()));
  CHECK(IsTaken(kAnyone, "5D41402A-BC4B-4A76-B971-9D911017C592"));
  for (const char* bad :
       {"tour-0001", "00000000-0000-0000-0000-000000000000", "5d41402a-bc4b-1a76-b971-9d911017c592",
        "5d41402a-bc4b-4a76-b971-9d911017c59", "5d41402a-bc4b-4a76-b971-9d911017c5920",
        "5d41402abc4b4a76b9719d911017c592", "5d41402a-bc4b-4a76-b971-9d911017c59g"}) {
    CAPTURE(bad);
    CHECK_FALSE(IsTaken(kAnyone, bad));
  }
}

TEST_CASE("nobody is known by another's key, even where the names run into each other") {
  const std::string id = NewUuid();
  const rpc::Caller other = {"channel-2", report::v1::ROLE_CHANNEL, ""};
  const rpc::Caller sly = {"7K3M9QXT2B54", report::v1::ROLE_CHANNEL, ""};
  CHECK(RequestKey(kChannel, id) == RequestKey(kChannel, id));
  CHECK(RequestKey(kChannel, id) != RequestKey(other, id));
  CHECK(RequestKey(kChannel, id) != RequestKey(kAnyone, id));
  CHECK(RequestKey(sly, id) != ReporterRequestKey("7K3M9QXT2B54", id));
  CHECK(ReporterRequestKey("7K3M9QXT2B54", id) != ReporterRequestKey("7K3M9QXT2B62", id));
}

TEST_CASE("a fingerprint tells bodies, types and what was taken out apart, not ids of requests") {
  intake::v1::WithdrawReportRequest withdrawal;
  withdrawal.mutable_receipt()->set_tracking_id("7K3M-9QXT-2B54");
  auto repeat = withdrawal;
  repeat.set_request_id(NewUuid());
  CHECK(Fingerprint(repeat) == Fingerprint(withdrawal));

  auto other = withdrawal;
  other.mutable_receipt()->set_receipt_secret("secret");
  CHECK(Fingerprint(other) != Fingerprint(withdrawal));
  CHECK(Fingerprint(withdrawal, "identity") != Fingerprint(withdrawal));

  intake::v1::RequestEscalationRequest alike;
  *alike.mutable_receipt() = withdrawal.receipt();
  REQUIRE(alike.SerializeAsString() == withdrawal.SerializeAsString());
  CHECK(Fingerprint(alike) != Fingerprint(withdrawal));
}

}  // namespace
}  // namespace lapor::eventlog
