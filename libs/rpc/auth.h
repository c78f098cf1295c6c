#pragma once

#include <grpcpp/server_context.h>

#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/token.h"
#include "libs/runtime/clock.h"

namespace lapor::rpc {

// Tells who calls, by the bearer token of the call. Thread-safe; never blocks beyond a check of a signature.
//
// Checked tokens are remembered by their SHA-256, since a check takes 0.4 ms and looking one up 2 us; whether
// one has expired is looked at each time. When the memory is full the oldest goes.
class Authenticator {
 public:
  // `clock` says when tokens expire, and must outlive this. Hand in the machine's (SystemClock), also to a
  // process that lives in simulated time: days pass there while a token is on its way.
  Authenticator(TokenVerifier verifier, size_t max_cached_tokens, const runtime::Clock& clock);

  // The caller whom `token` proves; kUnauthenticated, a refusal, if it does not hold. An empty token, as a
  // call without one has, proves a caller without role: the RPC decides whether that will do.
  absl::StatusOr<Caller> Authenticate(const std::string& token);

  // How many tokens are remembered.
  size_t cached_tokens() const;

 private:
  using Digest = std::array<unsigned char, 32>;
  struct DigestHash {
    size_t operator()(const Digest& digest) const;
  };

  const TokenVerifier verifier_;
  const size_t max_cached_tokens_;
  const runtime::Clock& clock_;

  mutable std::mutex mutex_;
  std::unordered_map<Digest, VerifiedToken, DigestHash> cached_;  // guarded by mutex_
  std::deque<Digest> oldest_first_;                               // guarded by mutex_
};

// The token of the call's metadata `authorization: Bearer TOKEN`; empty without such metadata.
// kUnauthenticated, a refusal, if they are malformed.
absl::StatusOr<std::string> BearerToken(const grpc::CallbackServerContext& context);

// OK if the caller has one of `roles`; else a refusal: kUnauthenticated without a token, kPermissionDenied
// with one.
absl::Status Require(const Caller& caller, std::initializer_list<report::v1::Role> roles);

}  // namespace lapor::rpc
