#include "tools/lapor/session.h"

#include <catch2/catch.hpp>

#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::client {
namespace {

using Catch::Contains;

std::string Told(const absl::Status& status) { return std::string(status.message()); }

TEST_CASE("a role that acts for an agency asks for it, and an unknown one gets the list") {
  CHECK(Told(ParseCaller("officer").status()) ==
        "officer needs an agency: officer:AGENCY, as officer:id.32.73.dpupr");
  CHECK_THAT(Told(ParseCaller("agency_admin:").status()), Contains("agency_admin needs an agency"));
  CHECK_THAT(Told(ParseCaller("mayor").status()), Contains("triage") && Contains("officer:AGENCY"));
  CHECK(ParseCaller("officer:id.32.73")->agency_id == "id.32.73");
}

TEST_CASE("a token is signed with the key alone, without certificates and services") {
  SessionOptions options;
  options.var = "there-is-no-such-folder";
  options.token_key_file = rpc::SharedSecrets().Path("secrets/token.key");
  const auto signer = Signer::Open(options);
  REQUIRE(signer.ok());
  const auto token = (*signer)->Token(*ParseCaller("officer:id.32.73"));
  REQUIRE(token.ok());
  const auto verified = rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens())->Verify(*token);
  REQUIRE(verified.ok());
  CHECK(verified->caller.agency_id == "id.32.73");
}

TEST_CASE("from a folder in which nothing was started, one is told how to say where") {
  const runtime::TemporaryFolder folder;
  SessionOptions options;
  options.var = folder / "var";
  for (const std::string& told : {Told(Session::Open(options).status()),
                                  Told((*Signer::Open(options))->Token(*ParseCaller("triage")).status())}) {
    CHECK_THAT(told, Contains(folder / "var") && Contains("--var or LAPOR_VAR"));
  }
}

}  // namespace
}  // namespace lapor::client
