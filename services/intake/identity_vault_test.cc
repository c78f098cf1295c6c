#include "services/intake/identity_vault.h"

#include <catch2/catch.hpp>

#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

IdentityVault Vault(char byte) { return IdentityVault(runtime::Secret(std::string(32, byte))); }

TEST_CASE("an identity is read back only with its key and for its report") {
  const std::string sealed = Vault('a').Seal("7K3M9QXT2B54", FullIdentity());
  const auto opened = Vault('a').Open("7K3M9QXT2B54", sealed);
  REQUIRE(opened.ok());
  CHECK(opened->SerializeAsString() == FullIdentity().SerializeAsString());
  CHECK(Vault('b').Open("7K3M9QXT2B54", sealed).status().code() == absl::StatusCode::kDataLoss);
  CHECK(Vault('a').Open("7K3M9QXT2B62", sealed).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a sealed identity shows nothing, and no two are alike") {
  const std::string sealed = Vault('a').Seal("7K3M9QXT2B54", FullIdentity());
  CHECK(sealed.find("Siti") == std::string::npos);
  CHECK(sealed.find("3273") == std::string::npos);
  CHECK(sealed != Vault('a').Seal("7K3M9QXT2B54", FullIdentity()));
}

TEST_CASE("any change of a sealed identity is noticed") {
  const std::string sealed = Vault('a').Seal("7K3M9QXT2B54", FullIdentity());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    REQUIRE_FALSE(Vault('a').Open("7K3M9QXT2B54", changed).ok());
    REQUIRE_FALSE(Vault('a').Open("7K3M9QXT2B54", sealed.substr(0, i)).ok());
  }
}

TEST_CASE("the fingerprint tells identities apart, and differs by key") {
  v1::Identity other = FullIdentity();
  other.set_nik("3273014107900002");
  CHECK(Vault('a').Fingerprint(FullIdentity()) == Vault('a').Fingerprint(FullIdentity()));
  CHECK(Vault('a').Fingerprint(FullIdentity()) != Vault('a').Fingerprint(other));
  CHECK(Vault('a').Fingerprint(FullIdentity()) != Vault('b').Fingerprint(FullIdentity()));
}

}  // namespace
}  // namespace lapor::intake
