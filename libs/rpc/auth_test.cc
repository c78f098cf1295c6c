#include "libs/rpc/auth.h"

#include <sodium.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "libs/decision/refusal.h"
#include "libs/rpc/testing/local_secrets.h"

namespace lapor::rpc {
namespace {

using report::v1::ROLE_AGENCY_ADMIN;
using report::v1::ROLE_CHANNEL;
using report::v1::ROLE_MONITOR;
using report::v1::ROLE_OFFICER;
using report::v1::ROLE_SERVICE;

const absl::Time kNow = absl::FromUnixSeconds(1'735'700'000);
const Caller kOfficer = {"officer-17", ROLE_OFFICER, "id.3374.dpu"};

struct Bench {
  runtime::ManualClock clock{kNow};
  Authenticator authenticator{TokenVerifier::Load(SharedSecrets().Tokens()).value(), 3, clock};

  std::string Refusal(const std::string& token) {
    const auto caller = authenticator.Authenticate(token);
    CHECK(absl::IsUnauthenticated(caller.status()));
    const auto bad_input = decision::BadInputOf(caller.status());
    REQUIRE(bad_input.has_value());
    CHECK(bad_input->violations(0).field() == "authorization");
    CHECK_FALSE(bad_input->violations(0).remedy().empty());
    CHECK(caller.status().ToString().find(token) == std::string::npos);
    return bad_input->violations(0).rule();
  }
};

std::string Base64(const std::string& text) {
  std::string encoded;
  absl::WebSafeBase64Escape(text, &encoded);
  return encoded;
}

TEST_CASE("a token proves subject, role and agency") {
  Bench bench;
  const auto officer = bench.authenticator.Authenticate(SharedSecrets().Token(kOfficer, kNow));
  REQUIRE(officer.ok());
  CHECK(officer->subject == "officer-17");
  CHECK(officer->role == ROLE_OFFICER);
  CHECK(officer->agency_id == "id.3374.dpu");
  const auto service =
      bench.authenticator.Authenticate(SharedSecrets().Token({"routing", ROLE_SERVICE, ""}, kNow));
  REQUIRE(service.ok());
  CHECK(service->role == ROLE_SERVICE);
}

TEST_CASE("a caller without a token has no role") {
  Bench bench;
  const auto caller = bench.authenticator.Authenticate("");
  REQUIRE(caller.ok());
  CHECK(caller->anonymous());
}

TEST_CASE("a token holds until it expires, remembered or not") {
  Bench bench;
  const std::string token = SharedSecrets().Token(kOfficer, kNow, absl::Minutes(10));
  CHECK(bench.authenticator.Authenticate(token).ok());
  CHECK(bench.authenticator.cached_tokens() == 1);

  bench.clock.Advance(absl::Minutes(10) - absl::Microseconds(1));
  CHECK(bench.authenticator.Authenticate(token).ok());
  bench.clock.Advance(absl::Microseconds(1));
  CHECK(bench.Refusal(token) == "the token has expired");
  CHECK(Bench().authenticator.Authenticate(token).ok());
  Bench later;
  later.clock.Advance(absl::Minutes(10));
  CHECK(later.Refusal(token) == "the token has expired");
}

TEST_CASE("a token from the future is refused, but for a small difference of clocks") {
  Bench bench;
  CHECK(bench.authenticator.Authenticate(SharedSecrets().Token(kOfficer, kNow + absl::Seconds(59))).ok());
  CHECK(bench.Refusal(SharedSecrets().Token(kOfficer, kNow + absl::Minutes(2))) ==
        "the token's iat is in the future");
}

TEST_CASE("the memory of tokens is bounded") {
  Bench bench;
  for (int i = 0; i < 5; ++i) {
    const Caller monitor = {"monitor-" + std::to_string(i), ROLE_MONITOR, ""};
    CHECK(bench.authenticator.Authenticate(SharedSecrets().Token(monitor, kNow)).value().subject ==
          monitor.subject);
  }
  CHECK(bench.authenticator.cached_tokens() == 3);
}

TEST_CASE("a token that was tampered with is refused and not remembered") {
  Bench bench;
  const std::string token = SharedSecrets().Token(kOfficer, kNow);
  const std::string other = SharedSecrets().Token({"officer-18", ROLE_OFFICER, "id.3374.dpu"}, kNow);
  const auto signed_part = [](const std::string& t) { return t.substr(0, t.rfind('.') + 1); };
  const auto signature = [](const std::string& t) { return t.substr(t.rfind('.') + 1); };

  for (const std::string& bad :
       {std::string("xyz"), std::string("xx.yy.zz"), std::string(5000, 'x'), signed_part(token), token + "x",
        signed_part(token) + signature(other), signed_part(other) + signature(token)}) {
    CAPTURE(bad);
    bench.Refusal(bad);
  }
  CHECK(bench.authenticator.cached_tokens() == 0);
}

TEST_CASE("only ES256 will do: neither no signature, nor one by the public key as a secret") {
  Bench bench;
  std::stringstream public_key;
  public_key << std::ifstream(SharedSecrets().Path("secrets/token.pub")).rdbuf();
  const std::string claims =
      Base64(R"({"iss":"lapor","aud":"lapor","sub":"x","role":"triage","iat":1735700000,"exp":1735790000})");

  const std::string unsigned_token = Base64(R"({"alg":"none"})") + "." + claims + ".";
  bench.Refusal(unsigned_token);

  const std::string signed_part = Base64(R"({"alg":"HS256"})") + "." + claims;
  crypto_auth_hmacsha256_state state;
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  crypto_auth_hmacsha256_init(&state, bytes(public_key.str()), public_key.str().size());
  crypto_auth_hmacsha256_update(&state, bytes(signed_part), signed_part.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  bench.Refusal(signed_part + "." + Base64(mac));
}

TEST_CASE("a key vouches only for its kind of caller") {
  Bench bench;
  const auto officer_by_service_key = SharedSecrets().Issuer("service").Mint(kOfficer, kNow, absl::Hours(1));
  const auto service_by_token_key =
      SharedSecrets().Issuer("token").Mint({"routing", ROLE_SERVICE, ""}, kNow, absl::Hours(1));
  CHECK(bench.Refusal(*officer_by_service_key) == "the token's key may not vouch for its role");
  CHECK(bench.Refusal(*service_by_token_key) == "the token's key may not vouch for its role");
}

TEST_CASE("a token for somebody else's system is refused") {
  TokenOptions other_issuer = SharedSecrets().Tokens();
  other_issuer.issuer = "other";
  TokenOptions other_audience = SharedSecrets().Tokens();
  other_audience.audience = "other";
  const std::string token = SharedSecrets().Token(kOfficer, kNow);
  for (const TokenOptions& options : {other_issuer, other_audience}) {
    CHECK(absl::IsUnauthenticated(TokenVerifier::Load(options)->Verify(token).status()));
  }
}

TEST_CASE("a token needs a subject, a role of lapor's, and an agency just when the role has one") {
  Bench bench;
  const auto refused = [&](const Caller& caller) {
    return bench.Refusal(SharedSecrets().Token(caller, kNow));
  };
  CHECK(refused({"", ROLE_CHANNEL, ""}) == "the token has no sub");
  CHECK(refused({"x", report::v1::ROLE_REPORTER, ""}) == "the token's role is not one of lapor's");
  CHECK(refused({"x", ROLE_OFFICER, ""}).find("agency is missing") != std::string::npos);
  CHECK(refused({"x", ROLE_AGENCY_ADMIN, ""}).find("agency is missing") != std::string::npos);
  CHECK(refused({"x", ROLE_MONITOR, "id.3374"}).find("agency is missing") != std::string::npos);
}

TEST_CASE("an arbiter may belong to an agency, and the national one to none") {
  Bench bench;
  for (const char* agency : {"id.33", ""}) {
    const Caller arbiter = {"arbiter-1", report::v1::ROLE_ARBITER, agency};
    CHECK(bench.authenticator.Authenticate(SharedSecrets().Token(arbiter, kNow)).value().agency_id == agency);
  }
}

TEST_CASE("every role has a word, and the word gives the role") {
  for (int number = ROLE_CHANNEL; number <= ROLE_SERVICE; ++number) {
    const auto role = static_cast<report::v1::Role>(number);
    CHECK_FALSE(RoleName(role).empty());
    CHECK(RoleOf(RoleName(role)) == role);
  }
  CHECK(RoleOf("root") == report::v1::ROLE_UNSPECIFIED);
  CHECK(RoleOf("") == report::v1::ROLE_UNSPECIFIED);
}

TEST_CASE("a method tells who may call it") {
  CHECK(Require(kOfficer, {ROLE_AGENCY_ADMIN, ROLE_OFFICER}).ok());
  CHECK(absl::IsPermissionDenied(Require(kOfficer, {ROLE_MONITOR})));
  CHECK(absl::IsUnauthenticated(Require(Caller{}, {ROLE_MONITOR})));
  CHECK(decision::BadInputOf(Require(kOfficer, {ROLE_MONITOR, ROLE_SERVICE}))->violations(0).remedy() ==
        "send a token with one of the roles monitor, service");
}

TEST_CASE("a key that is none is refused by the name of its setting") {
  TokenOptions none;
  CHECK(std::string(TokenVerifier::Load(none).status().message()).find("--token-public-key-file") == 0);
  TokenOptions wrong;
  wrong.service_public_key_files = {SharedSecrets().Path("tls/ca.crt")};
  CHECK(std::string(TokenVerifier::Load(wrong).status().message()).find("--service-public-key-file") == 0);
  CHECK_FALSE(TokenIssuer::Make(runtime::Secret("no key"), "lapor", "lapor").ok());
}

}  // namespace
}  // namespace lapor::rpc
