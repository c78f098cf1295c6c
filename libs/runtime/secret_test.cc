#include "libs/runtime/secret.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::runtime {
namespace {

constexpr Environment kProduction = Environment::kProduction;
constexpr Environment kLocal = Environment::kLocal;

const std::string kDigits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class SecretFile {
 public:
  explicit SecretFile(const std::string& content, mode_t mode = 0600) {
    std::ofstream(path()) << content;
    ::chmod(path().c_str(), mode);
  }
  std::string path() const { return folder_ / "receipt.key"; }

 private:
  TemporaryFolder folder_;
};

absl::StatusOr<Secret> ReadKey(const SecretFile& file, Environment environment = kProduction) {
  return Secret::ReadKey("--receipt-key-file", file.path(), 32, environment);
}

std::string Error(const absl::StatusOr<Secret>& secret) { return std::string(secret.status().message()); }

TEST_CASE("a key is the bytes that its hexadecimal digits write") {
  const auto key = ReadKey(SecretFile(kDigits + "\n"));
  REQUIRE(key.ok());
  REQUIRE(key->bytes().size() == 32);
  for (size_t i = 0; i < 32; ++i) CHECK(key->bytes()[i] == static_cast<char>(i));
}

TEST_CASE("a secret that others can get at is refused, naming the setting and the remedy") {
  for (const mode_t mode : {0604, 0644, 0602, 0620, 0660}) {
    const auto key = ReadKey(SecretFile(kDigits, mode));
    CHECK(Error(key).find("--receipt-key-file") == 0);
    CHECK(Error(key).find("chmod 600") != std::string::npos);
  }
  CHECK(ReadKey(SecretFile(kDigits, 0640)).ok());
  CHECK(ReadKey(SecretFile(kDigits, 0400)).ok());
}

TEST_CASE("a key that is short, malformed or absent is refused without repeating it") {
  CHECK(Error(ReadKey(SecretFile(kDigits.substr(2)))).find("has 31 bytes; at least 32") != std::string::npos);
  for (const std::string& content :
       {kDigits + "0", kDigits + "\nx", std::string("correct horse"), std::string()}) {
    const std::string error = Error(ReadKey(SecretFile(content)));
    CHECK(error.find("--receipt-key-file") == 0);
    CHECK(error.find("horse") == std::string::npos);
  }
  CHECK(Error(Secret::ReadKey("--receipt-key-file", "/absent", 32, kLocal)).find("cannot open") !=
        std::string::npos);
}

TEST_CASE("a secret of the local stack is refused in production and accepted locally") {
  const SecretFile file("local-only\n" + kDigits + "\n");
  CHECK(ReadKey(file, kLocal).ok());
  CHECK(Error(ReadKey(file, kProduction)).find("local stack") != std::string::npos);
}

TEST_CASE("a text is given as it stands") {
  const SecretFile file("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n");
  const auto text = Secret::ReadText("--token-private-key-file", file.path(), kProduction);
  REQUIRE(text.ok());
  CHECK(std::string(text->bytes()) == "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----");
  CHECK_FALSE(Secret::ReadText("--password-file", SecretFile("\n").path(), kProduction).ok());
}

TEST_CASE("a secret keeps its bytes when it is moved") {
  Secret secret("abc");
  const Secret moved = std::move(secret);
  CHECK(std::string(moved.bytes()) == "abc");
}

}  // namespace
}  // namespace lapor::runtime
