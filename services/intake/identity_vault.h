// Who the reporters are, sealed: no table, event, log or backup tells it without the key.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lapor/intake/v1/intake.pb.h"
#include "libs/runtime/secret.h"

namespace lapor::intake {

// XChaCha20-Poly1305 with a random nonce; the tracking id is the associated data, so that a sealed identity
// can't be moved to another report. Immutable; thread-safe.
class IdentityVault {
 public:
  static constexpr size_t kMinKeyBytes = 32;

  // Of a longer key the first kMinKeyBytes are used.
  explicit IdentityVault(const runtime::Secret& key);

  std::string Seal(std::string_view tracking_id, const v1::Identity& identity) const;

  // DATA_LOSS when it was sealed with another key, for another report, or has been changed.
  absl::StatusOr<v1::Identity> Open(std::string_view tracking_id, std::string_view sealed) const;

  // Equal for equal identities, and without the key as good as random: for telling a repeated request from
  // another one. A plain hash would be open to trying all names and numbers.
  std::string Fingerprint(const v1::Identity& identity) const;

 private:
  runtime::Secret sealing_key_;
  runtime::Secret fingerprint_key_;
};

}  // namespace lapor::intake
