#include "libs/rpc/testing/local_secrets.h"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "libs/runtime/secret.h"

namespace lapor::rpc {

LocalSecrets::LocalSecrets() {
  const char* source = std::getenv("LAPOR_SOURCE_DIR");
  if (source == nullptr) throw std::runtime_error("LAPOR_SOURCE_DIR is not set; run the test with ctest");
  const std::string command = fmt::format("LAPOR_VAR='{}' '{}/deploy/local/tls.sh'", folder_ / "", source);
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
}

TokenOptions LocalSecrets::Tokens() const {
  TokenOptions options;
  options.public_key_files = {Path("secrets/token.pub")};
  options.service_public_key_files = {Path("secrets/service.pub")};
  return options;
}

TokenIssuer LocalSecrets::Issuer(const std::string& name) const {
  const std::string path = Path(fmt::format("secrets/{}.key", name));
  auto key = runtime::Secret::ReadText("token key", path, runtime::Environment::kLocal);
  return TokenIssuer::Make(*std::move(key), Tokens().issuer, Tokens().audience).value();
}

std::string LocalSecrets::Token(const Caller& caller, absl::Time now, absl::Duration lifetime) const {
  const bool is_service = caller.role == report::v1::ROLE_SERVICE;
  return Issuer(is_service ? "service" : "token").Mint(caller, now, lifetime).value();
}

const LocalSecrets& SharedSecrets() {
  static const LocalSecrets secrets;
  return secrets;
}

}  // namespace lapor::rpc
