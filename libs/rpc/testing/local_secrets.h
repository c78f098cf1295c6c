#pragma once

#include <string>

#include "libs/rpc/token.h"
#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::rpc {

// What deploy/local/tls.sh makes, in a folder of its own. Takes about 0.3 s.
class LocalSecrets {
 public:
  // Throws std::runtime_error if the script fails. It is found by the environment's LAPOR_SOURCE_DIR, as
  // ctest sets it.
  LocalSecrets();

  // As Path("tls/ca.crt").
  std::string Path(const std::string& name) const { return folder_ / name; }

  // Trusts both the key of people and the services' key.
  TokenOptions Tokens() const;

  // The issuer of "token" (people and channels) or "service".
  TokenIssuer Issuer(const std::string& name = "token") const;

  // A token signed as `caller`'s role needs it.
  std::string Token(const Caller& caller, absl::Time now, absl::Duration lifetime = absl::Hours(1)) const;

 private:
  runtime::TemporaryFolder folder_;
};

// Those of the test program, made when first asked for.
const LocalSecrets& SharedSecrets();

}  // namespace lapor::rpc
