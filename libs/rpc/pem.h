#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace lapor::rpc {

// The content of a file that holds a certificate, or several, in PEM. kInvalidArgument, naming `setting`, for
// anything else.
absl::StatusOr<std::string> ReadCertificate(const std::string& setting, const std::string& path);

// The same for a public key.
absl::StatusOr<std::string> ReadPublicKey(const std::string& setting, const std::string& path);

}  // namespace lapor::rpc
