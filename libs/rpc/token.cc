#include "libs/rpc/token.h"

#include <fmt/format.h>
#include <jwt.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "libs/decision/refusal.h"
#include "libs/rpc/pem.h"

namespace lapor::rpc {
namespace {

using report::v1::Role;

// A token of ours has about 400 bytes. The limit keeps parsing cheap.
constexpr size_t kMaxTokenBytes = 4096;

// 64 bytes in base64url. The library's decoder is content with more.
constexpr size_t kSignatureDigits = 86;

constexpr std::array<std::pair<Role, std::string_view>, 10> kRoleNames = {{
    {report::v1::ROLE_CHANNEL, "channel"},
    {report::v1::ROLE_OFFICER, "officer"},
    {report::v1::ROLE_AGENCY_ADMIN, "agency_admin"},
    {report::v1::ROLE_TRIAGE, "triage"},
    {report::v1::ROLE_ARBITER, "arbiter"},
    {report::v1::ROLE_OMBUDSMAN, "ombudsman"},
    {report::v1::ROLE_MONITOR, "monitor"},
    {report::v1::ROLE_ANALYST, "analyst"},
    {report::v1::ROLE_OPERATOR, "operator"},
    {report::v1::ROLE_SERVICE, "service"},
}};

// Whether a caller of this role acts for an agency: officers do; an arbiter does, unless it is the national
// one.
bool AgencyFits(Role role, bool has_agency) {
  if (role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN) return has_agency;
  return !has_agency || role == report::v1::ROLE_ARBITER;
}

struct FreeJwt {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Null unless `key` signed it.
Jwt Decode(const std::string& token, const std::string& key) {
  jwt_t* decoded = nullptr;
  if (jwt_decode(&decoded, token.c_str(), Bytes(key), static_cast<int>(key.size())) != 0) return nullptr;
  Jwt jwt(decoded);
  // The library believes the token's own word for the algorithm: with HS256 the public key, which everybody
  // has, would serve as the secret.
  return jwt_get_alg(jwt.get()) == JWT_ALG_ES256 ? std::move(jwt) : nullptr;
}

std::string Text(const Jwt& jwt, const char* claim) {
  const char* value = jwt_get_grant(jwt.get(), claim);
  return value == nullptr ? std::string() : value;
}

std::optional<absl::Time> Time(const Jwt& jwt, const char* claim) {
  errno = 0;
  const long seconds = jwt_get_grant_int(jwt.get(), claim);
  if (errno != 0) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

absl::Status Refused(const std::string& rule, const std::string& remedy) {
  return decision::Refuse(absl::StatusCode::kUnauthenticated, "authorization", rule, remedy);
}

// The claims of a token whose signature is right.
absl::StatusOr<VerifiedToken> Read(const Jwt& jwt, const TokenOptions& options, bool for_services) {
  const std::string remedy = "ask for a token for lapor";
  if (Text(jwt, "iss") != options.issuer)
    return Refused("the token's iss is not the one that is trusted", remedy);
  if (Text(jwt, "aud") != options.audience) return Refused("the token's aud is not lapor's", remedy);

  VerifiedToken token;
  token.caller = {Text(jwt, "sub"), RoleOf(Text(jwt, "role")), Text(jwt, "agency")};
  if (token.caller.subject.empty()) return Refused("the token has no sub", remedy);
  if (token.caller.anonymous()) return Refused("the token's role is not one of lapor's", remedy);
  if (for_services != (token.caller.role == report::v1::ROLE_SERVICE)) {
    return Refused("the token's key may not vouch for its role", remedy);
  }
  if (!AgencyFits(token.caller.role, !token.caller.agency_id.empty())) {
    return Refused("the token's agency is missing, or there for a role that has none", remedy);
  }
  const auto issued_at = Time(jwt, "iat");
  const auto expires_at = Time(jwt, "exp");
  if (!issued_at || !expires_at) return Refused("the token's iat and exp are not both whole seconds", remedy);
  token.issued_at = *issued_at;
  token.expires_at = *expires_at;
  return token;
}

}  // namespace

std::string RoleName(Role role) {
  for (const auto& [named, name] : kRoleNames) {
    if (named == role) return std::string(name);
  }
  return {};
}

Role RoleOf(const std::string& name) {
  for (const auto& [role, known] : kRoleNames) {
    if (known == name) return role;
  }
  return report::v1::ROLE_UNSPECIFIED;
}

void TokenOptions::AddTo(CLI::App& app) {
  app.add_option("--token-public-key-file", public_key_files,
                 "Public key, PEM, of who vouches for people and channels; may be repeated")
      ->type_name("FILE");
  app.add_option("--service-public-key-file", service_public_key_files,
                 "Public key, PEM, of the suite's services; may be repeated")
      ->type_name("FILE");
  app.add_option("--token-issuer", issuer, "The iss that tokens must have")->capture_default_str();
  app.add_option("--token-audience", audience, "The aud that tokens must have")->capture_default_str();
  app.add_option("--max-cached-tokens", max_cached_tokens, "Verified tokens remembered, about 300 bytes each")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

absl::StatusOr<TokenVerifier> TokenVerifier::Load(const TokenOptions& options) {
  TokenVerifier verifier;
  verifier.options_ = options;
  const auto load = [&verifier](const std::string& setting, const std::vector<std::string>& paths,
                                bool for_services) -> absl::Status {
    for (const std::string& path : paths) {
      auto pem = ReadPublicKey(setting, path);
      if (!pem.ok()) return pem.status();
      verifier.keys_.push_back({*std::move(pem), for_services});
    }
    return absl::OkStatus();
  };
  if (auto status = load("--token-public-key-file", options.public_key_files, false); !status.ok())
    return status;
  if (auto status = load("--service-public-key-file", options.service_public_key_files, true); !status.ok()) {
    return status;
  }
  if (verifier.keys_.empty()) return absl::InvalidArgumentError("--token-public-key-file: is required");
  return verifier;
}

absl::StatusOr<VerifiedToken> TokenVerifier::Verify(const std::string& token) const {
  if (token.size() > kMaxTokenBytes) {
    return Refused(fmt::format("the token has more than {} bytes", kMaxTokenBytes), "ask for a shorter one");
  }
  const std::string remedy = "ask for a token for lapor";
  if (token.size() - (token.rfind('.') + 1) != kSignatureDigits) {
    return Refused("the token has no signature by ES256", remedy);
  }
  for (const Key& key : keys_) {
    if (const Jwt jwt = Decode(token, key.pem)) return Read(jwt, options_, key.for_services);
  }
  return Refused("the token is not signed by a key that is trusted, by ES256", remedy);
}

TokenIssuer::TokenIssuer(runtime::Secret private_key, std::string issuer, std::string audience)
    : private_key_(std::move(private_key)), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

absl::StatusOr<TokenIssuer> TokenIssuer::Make(runtime::Secret private_key, std::string issuer,
                                              std::string audience) {
  TokenIssuer made(std::move(private_key), std::move(issuer), std::move(audience));
  // A wrong key shows at the first signature; better now than at the first call.
  const Caller probe{"probe", report::v1::ROLE_MONITOR, ""};
  if (auto token = made.Mint(probe, absl::UnixEpoch(), absl::Seconds(1)); !token.ok()) return token.status();
  return made;
}

absl::StatusOr<std::string> TokenIssuer::Mint(const Caller& caller, absl::Time now,
                                              absl::Duration lifetime) const {
  jwt_t* created = nullptr;
  if (jwt_new(&created) != 0) return absl::ResourceExhaustedError("no memory for a token");
  const Jwt jwt(created);
  const auto add = [&jwt](const char* claim, const std::string& value) {
    return jwt_add_grant(jwt.get(), claim, value.c_str()) == 0;
  };
  const bool complete = add("iss", issuer_) && add("aud", audience_) && add("sub", caller.subject) &&
                        add("role", RoleName(caller.role)) &&
                        (caller.agency_id.empty() || add("agency", caller.agency_id)) &&
                        jwt_add_grant_int(jwt.get(), "iat", absl::ToUnixSeconds(now)) == 0 &&
                        jwt_add_grant_int(jwt.get(), "exp", absl::ToUnixSeconds(now + lifetime)) == 0;
  if (!complete) return absl::InternalError("a claim of a token can't be written");

  const std::string_view key = private_key_.bytes();
  if (jwt_set_alg(jwt.get(), JWT_ALG_ES256, Bytes(key), static_cast<int>(key.size())) != 0) {
    return absl::InvalidArgumentError("the private key of tokens can't be used");
  }
  const std::unique_ptr<char, decltype(&std::free)> signed_token(jwt_encode_str(jwt.get()), &std::free);
  if (signed_token == nullptr)
    return absl::InvalidArgumentError("the private key of tokens is not an EC P-256 key in PEM");
  return std::string(signed_token.get());
}

}  // namespace lapor::rpc
