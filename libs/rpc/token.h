#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/report/v1/role.pb.h"
#include "libs/runtime/secret.h"

namespace CLI {
class App;
}

namespace lapor::rpc {

// Who calls, as far as their token says.
struct Caller {
  // An opaque id given by whoever issued the token: never a name. Empty for a caller without a token.
  std::string subject;
  report::v1::Role role = report::v1::ROLE_UNSPECIFIED;
  // Set for officers and agency administrators, and for arbiters but the national one; else empty.
  std::string agency_id;

  bool anonymous() const { return role == report::v1::ROLE_UNSPECIFIED; }
};

// The role's word in tokens: "channel", "officer", "agency_admin", "triage", "arbiter", "ombudsman",
// "monitor", "analyst", "operator", "service". Empty for roles that no token gives.
std::string RoleName(report::v1::Role role);
// ROLE_UNSPECIFIED for any other word.
report::v1::Role RoleOf(const std::string& name);

// Which tokens are taken: JSON Web Tokens signed by ES256 (RFC 7519, 7518), with the claims iss and aud as
// below, sub, role (a word of RoleName), agency (for roles that have one), iat and exp (seconds since 1970).
struct TokenOptions {
  // Public keys in PEM: of who vouches for people and channels, and of the suite's own services. A key of one
  // kind can't vouch for the other. Several of a kind make a change of keys possible.
  std::vector<std::string> public_key_files;
  std::vector<std::string> service_public_key_files;
  std::string issuer = "lapor";
  std::string audience = "lapor";
  // Memory is about 300 bytes a token.
  size_t max_cached_tokens = 20'000;

  void AddTo(CLI::App& app);
};

// What a token that is signed as it should be says. Whether it holds now is for the reader to see.
struct VerifiedToken {
  Caller caller;
  absl::Time issued_at;
  absl::Time expires_at;
};

// Checks signatures and claims, but not the time. Immutable, thread-safe. A check takes about 0.4 ms.
class TokenVerifier {
 public:
  // kInvalidArgument naming the setting when a key can't be read.
  static absl::StatusOr<TokenVerifier> Load(const TokenOptions& options);

  // kUnauthenticated, a refusal of the field "authorization", which does not repeat the token.
  absl::StatusOr<VerifiedToken> Verify(const std::string& token) const;

 private:
  struct Key {
    std::string pem;
    bool for_services;
  };

  TokenOptions options_;
  std::vector<Key> keys_;
};

// Makes tokens: for the suite's services, for the local stack and for tests. Immutable, thread-safe.
class TokenIssuer {
 public:
  // `private_key` is an EC P-256 key in PEM; kInvalidArgument if it is not.
  static absl::StatusOr<TokenIssuer> Make(runtime::Secret private_key, std::string issuer,
                                          std::string audience);

  // Signs for [now, now + lifetime).
  absl::StatusOr<std::string> Mint(const Caller& caller, absl::Time now, absl::Duration lifetime) const;

 private:
  TokenIssuer(runtime::Secret private_key, std::string issuer, std::string audience);

  runtime::Secret private_key_;
  std::string issuer_;
  std::string audience_;
};

}  // namespace lapor::rpc
