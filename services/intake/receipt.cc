#include "services/intake/receipt.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <optional>

#include "libs/report/base32.h"

namespace lapor::intake {
namespace {

constexpr size_t kSecretCharacters = 20;
constexpr size_t kHashBytes = crypto_generichash_BYTES;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string ReceiptKey::SecretOf(std::string_view tracking_id) const {
  std::array<uint8_t, crypto_generichash_BYTES> digest;
  crypto_generichash(digest.data(), digest.size(), Bytes(tracking_id), tracking_id.size(),
                     Bytes(key_.bytes()),
                     std::min<size_t>(key_.bytes().size(), crypto_generichash_KEYBYTES_MAX));
  std::string secret;
  for (size_t i = 0; i < kSecretCharacters; ++i) secret.push_back(report::Base32Character(digest[i]));
  return report::InGroups(secret);
}

std::string ReceiptHash(std::string_view typed) {
  const std::optional<std::string> secret = report::ReadBase32(typed);
  if (!secret || secret->size() != kSecretCharacters) return "";
  std::string hash(kHashBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), Bytes(*secret),
                     secret->size(), nullptr, 0);
  return hash;
}

bool SameReceipt(std::string_view stored_hash, std::string_view presented_hash) {
  return stored_hash.size() == kHashBytes && presented_hash.size() == kHashBytes &&
         sodium_memcmp(stored_hash.data(), presented_hash.data(), kHashBytes) == 0;
}

}  // namespace lapor::intake
