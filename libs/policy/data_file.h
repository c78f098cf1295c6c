// Reading the files of deploy/policy and deploy/reference, and telling all that is wrong with them at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lapor::policy {

// The largest data file that is read. The largest that is shipped has 60 KB.
inline constexpr std::size_t kMaxDataFileBytes = 16 << 20;

// What is wrong with some files. An operator corrects them all in one go, so nothing stops at the first.
class Diagnostics {
 public:
  // `line` counts from 1; 0 means the file as a whole.
  void Add(const std::filesystem::path& file, int line, std::string_view text);

  bool ok() const { return lines_.empty(); }
  // OK, or INVALID_ARGUMENT with a line "FILE:LINE: reason" for each.
  absl::Status status() const;

 private:
  std::vector<std::string> lines_;
};

// The whole file, or nothing and a diagnostic.
std::optional<std::string> ReadDataFile(const std::filesystem::path& file, Diagnostics& diagnostics);

// The files of a directory whose name begins and ends so, by name. A directory that can't be read is a
// diagnostic.
std::vector<std::filesystem::path> ListDataFiles(const std::filesystem::path& directory,
                                                 std::string_view prefix, std::string_view suffix,
                                                 Diagnostics& diagnostics);

}  // namespace lapor::policy
