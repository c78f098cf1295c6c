// The receipt secret: what proves that somebody is the reporter. 20 characters of Crockford's base32 (100
// bits), shown to the reporter once.
//
// It is derived from the tracking id with the server's key, so that a repeated request gets the same one
// although only its hash is stored. The hash decides who is let in: a new key changes what repeats of earlier
// requests are told, and locks nobody out.
#pragma once

#include <string>
#include <string_view>

#include "libs/runtime/secret.h"

namespace lapor::intake {

// Immutable; thread-safe.
class ReceiptKey {
 public:
  static constexpr size_t kMinKeyBytes = 32;

  // A key of kMinKeyBytes or more.
  explicit ReceiptKey(runtime::Secret key) : key_(std::move(key)) {}

  // As the reporter sees it, as K3M9-QXT2-B5H7-0ZZA-1C8D.
  std::string SecretOf(std::string_view tracking_id) const;

 private:
  runtime::Secret key_;
};

// What is stored of a secret, and what a caller's is compared by: 32 bytes. Takes it as people type it (see
// ReadBase32); what can't be a receipt secret has the empty hash, which equals no stored one.
std::string ReceiptHash(std::string_view typed);

// In constant time.
bool SameReceipt(std::string_view stored_hash, std::string_view presented_hash);

}  // namespace lapor::intake
