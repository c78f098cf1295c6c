#include "libs/rpc/pem.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string_view>

namespace lapor::rpc {
namespace {

absl::StatusOr<std::string> Read(const std::string& setting, const std::string& path, std::string_view what,
                                 std::string_view begin) {
  if (path.empty()) return absl::InvalidArgumentError(fmt::format("{}: is required", setting));
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  if (!file || content.str().find(begin) == std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}: is not a file with a {} in PEM", setting, path, what));
  }
  return content.str();
}

}  // namespace

absl::StatusOr<std::string> ReadCertificate(const std::string& setting, const std::string& path) {
  return Read(setting, path, "certificate", "-----BEGIN CERTIFICATE-----");
}

absl::StatusOr<std::string> ReadPublicKey(const std::string& setting, const std::string& path) {
  return Read(setting, path, "public key", "-----BEGIN PUBLIC KEY-----");
}

}  // namespace lapor::rpc
