#include "services/intake/receipt.h"

#include <catch2/catch.hpp>

namespace lapor::intake {
namespace {

ReceiptKey Key(char byte) { return ReceiptKey(runtime::Secret(std::string(32, byte))); }

TEST_CASE("the secret of a report is always the same, and differs by report and by key") {
  CHECK(Key('a').SecretOf("7K3M9QXT2B54") == Key('a').SecretOf("7K3M9QXT2B54"));
  CHECK(Key('a').SecretOf("7K3M9QXT2B54") != Key('a').SecretOf("7K3M9QXT2B62"));
  CHECK(Key('a').SecretOf("7K3M9QXT2B54") != Key('b').SecretOf("7K3M9QXT2B54"));
}

TEST_CASE("a secret has 20 characters in groups of four") {
  const std::string secret = Key('a').SecretOf("7K3M9QXT2B54");
  CHECK(secret.size() == 24);
  for (size_t i = 0; i < secret.size(); ++i) CHECK((secret[i] == '-') == (i % 5 == 4));
}

TEST_CASE("a secret is recognised however it is typed, and no other is") {
  const std::string secret = Key('a').SecretOf("7K3M9QXT2B54");
  const std::string stored = ReceiptHash(secret);
  std::string typed;
  for (const char c : secret) {
    if (c != '-') typed.push_back(static_cast<char>(std::tolower(c)));
  }
  CHECK(SameReceipt(stored, ReceiptHash(typed)));
  CHECK_FALSE(SameReceipt(stored, ReceiptHash(Key('a').SecretOf("7K3M9QXT2B62"))));
}

TEST_CASE("what can't be a secret equals nothing, not even itself") {
  for (const char* typed : {"", "ABC", "K3M9-QXT2-B5H7-0ZZA-1C8", "K3M9-QXT2-B5H7-0ZZA-1C8U"}) {
    CHECK(ReceiptHash(typed).empty());
    CHECK_FALSE(SameReceipt(ReceiptHash(typed), ReceiptHash(typed)));
  }
}

}  // namespace
}  // namespace lapor::intake
