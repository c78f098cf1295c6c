#include "libs/rpc/auth.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/decision/refusal.h"

namespace lapor::rpc {
namespace {

// How far the issuer's clock may be ahead of ours.
constexpr absl::Duration kMaxClockSkew = absl::Minutes(1);

constexpr std::string_view kScheme = "bearer ";

absl::Status Refused(const std::string& rule, const std::string& remedy) {
  return decision::Refuse(absl::StatusCode::kUnauthenticated, "authorization", rule, remedy);
}

absl::StatusOr<Caller> IfHolds(const VerifiedToken& token, absl::Time now) {
  if (now >= token.expires_at) return Refused("the token has expired", "ask for a new one");
  if (now + kMaxClockSkew < token.issued_at) {
    return Refused("the token's iat is in the future", "set the issuer's clock right");
  }
  return token.caller;
}

}  // namespace

Authenticator::Authenticator(TokenVerifier verifier, size_t max_cached_tokens, const runtime::Clock& clock)
    : verifier_(std::move(verifier)), max_cached_tokens_(max_cached_tokens), clock_(clock) {}

absl::StatusOr<Caller> Authenticator::Authenticate(const std::string& token) {
  if (token.empty()) return Caller{};
  Digest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  const absl::Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    // One that has expired stays until it is the oldest: it is refused without a check of its signature.
    if (const auto found = cached_.find(digest); found != cached_.end()) return IfHolds(found->second, now);
  }

  auto verified = verifier_.Verify(token);
  if (!verified.ok()) return verified.status();

  const std::lock_guard lock(mutex_);
  if (cached_.emplace(digest, *verified).second) {
    oldest_first_.push_back(digest);
    if (oldest_first_.size() > max_cached_tokens_) {
      cached_.erase(oldest_first_.front());
      oldest_first_.pop_front();
    }
  }
  return IfHolds(*verified, now);
}

size_t Authenticator::cached_tokens() const {
  const std::lock_guard lock(mutex_);
  return cached_.size();
}

// A digest is as good as random already.
size_t Authenticator::DigestHash::operator()(const Digest& digest) const {
  size_t hash;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

absl::StatusOr<std::string> BearerToken(const grpc::CallbackServerContext& context) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return std::string();
  if (std::next(first) != last) return Refused("is there more than once", "send it once");
  const std::string_view value(first->second.data(), first->second.size());
  if (value.size() <= kScheme.size() ||
      absl::AsciiStrToLower(std::string(value.substr(0, kScheme.size()))) != kScheme) {
    return Refused("is not of the form 'Bearer TOKEN'", "send a token, or leave it out");
  }
  return std::string(value.substr(kScheme.size()));
}

absl::Status Require(const Caller& caller, std::initializer_list<report::v1::Role> roles) {
  std::string names;
  for (const report::v1::Role role : roles) {
    if (caller.role == role) return absl::OkStatus();
    names += (names.empty() ? "" : ", ") + RoleName(role);
  }
  if (caller.anonymous())
    return Refused("is required", fmt::format("send a token with one of the roles {}", names));
  return decision::Refuse(absl::StatusCode::kPermissionDenied, "authorization",
                          "the token's role may not call this",
                          fmt::format("send a token with one of the roles {}", names));
}

}  // namespace lapor::rpc
