#include "services/intake/identity_vault.h"

#include <fmt/format.h>
#include <sodium.h>

namespace lapor::intake {
namespace {

// Sealed: the format's number, the nonce, the ciphertext with its tag.
constexpr char kFormat = 1;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(IdentityVault::kMinKeyBytes == crypto_kdf_KEYBYTES);

// The keys that are derived from the one in the file. The numbers are for ever.
enum class KeyUse : uint64_t { kSealing = 1, kFingerprint = 2 };

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

runtime::Secret Derive(const runtime::Secret& key, KeyUse use, size_t bytes) {
  std::string derived(bytes, '\0');
  crypto_kdf_derive_from_key(Bytes(derived), bytes, static_cast<uint64_t>(use), "identity",
                             Bytes(key.bytes()));
  runtime::Secret secret(derived);
  sodium_memzero(derived.data(), derived.size());
  return secret;
}

}  // namespace

IdentityVault::IdentityVault(const runtime::Secret& key)
    : sealing_key_(Derive(key, KeyUse::kSealing, crypto_aead_xchacha20poly1305_ietf_KEYBYTES)),
      fingerprint_key_(Derive(key, KeyUse::kFingerprint, crypto_generichash_KEYBYTES)) {}

std::string IdentityVault::Seal(std::string_view tracking_id, const v1::Identity& identity) const {
  const std::string plain = identity.SerializeAsString();
  std::string sealed(1 + kNonceBytes + plain.size() + kTagBytes, kFormat);
  unsigned char* nonce = Bytes(sealed) + 1;
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, Bytes(plain), plain.size(),
                                             Bytes(tracking_id), tracking_id.size(), nullptr, nonce,
                                             Bytes(sealing_key_.bytes()));
  return sealed;
}

absl::StatusOr<v1::Identity> IdentityVault::Open(std::string_view tracking_id,
                                                 std::string_view sealed) const {
  const absl::Status unreadable = absl::DataLossError(
      fmt::format("the sealed identity of {} can't be opened with this key", tracking_id));
  if (sealed.size() < 1 + kNonceBytes + kTagBytes || sealed.front() != kFormat) return unreadable;
  const unsigned char* nonce = Bytes(sealed) + 1;
  std::string plain(sealed.size() - 1 - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(plain), nullptr, nullptr, nonce + kNonceBytes, plain.size() + kTagBytes, Bytes(tracking_id),
          tracking_id.size(), nonce, Bytes(sealing_key_.bytes())) != 0) {
    return unreadable;
  }
  v1::Identity identity;
  if (!identity.ParseFromString(plain)) return unreadable;
  return identity;
}

std::string IdentityVault::Fingerprint(const v1::Identity& identity) const {
  // Of one process version, equal messages serialize equally: the message has no map and no unknown fields.
  const std::string plain = identity.SerializeAsString();
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(Bytes(digest), digest.size(), Bytes(plain), plain.size(),
                     Bytes(fingerprint_key_.bytes()), fingerprint_key_.bytes().size());
  return digest;
}

}  // namespace lapor::intake
