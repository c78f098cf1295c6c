#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/runtime/environment.h"

namespace lapor::runtime {

// A key or a password, read from a file, held in locked memory outside the heap and wiped at the end. It has
// no operator<<, and absl::StrCat does not take it: nothing logs it by accident. Immutable after it is read;
// thread-safe to read.
//
// Files: whoever is neither owner nor in the group may not read it, and only the owner may write it (so 0600
// and 0640 will do). A file whose first line begins with "local-only" was made by deploy/local/tls.sh; in
// Environment::kProduction it is refused.
class Secret {
 public:
  // A symmetric key: one line of hexadecimal digits, two for each of at least `min_bytes` bytes, as `openssl
  // rand -hex 32` writes. `setting` names the flag in errors.
  static absl::StatusOr<Secret> ReadKey(const std::string& setting, const std::string& path, size_t min_bytes,
                                        Environment environment);

  // Text as it is, such as a private key in PEM; not empty. Line ends at its end are dropped.
  static absl::StatusOr<Secret> ReadText(const std::string& setting, const std::string& path,
                                         Environment environment);

  // For tests and for what is derived from another secret.
  explicit Secret(std::string_view bytes);

  std::string_view bytes() const { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* bytes) const;
  };

  std::unique_ptr<char[], Free> bytes_;
  size_t size_;
};

}  // namespace lapor::runtime
