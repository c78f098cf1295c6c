#include "libs/policy/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

// More would hide the first, which is often the cause of the others.
constexpr std::size_t kMaxListedDiagnostics = 20;

}  // namespace

void Diagnostics::Add(const fs::path& file, int line, std::string_view text) {
  lines_.push_back(line > 0 ? fmt::format("{}:{}: {}", file.string(), line, text)
                            : fmt::format("{}: {}", file.string(), text));
}

absl::Status Diagnostics::status() const {
  if (ok()) return absl::OkStatus();
  const std::size_t listed = std::min(lines_.size(), kMaxListedDiagnostics);
  std::string text = fmt::format(
      "{}", fmt::join(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(listed), "\n"));
  if (listed < lines_.size()) text += fmt::format("\nand {} more", lines_.size() - listed);
  return absl::InvalidArgumentError(text);
}

std::optional<std::string> ReadDataFile(const fs::path& file, Diagnostics& diagnostics) {
  std::error_code error;
  const auto size_bytes = fs::file_size(file, error);
  if (error) {
    diagnostics.Add(file, 0, fmt::format("cannot be read: {}", error.message()));
    return std::nullopt;
  }
  if (size_bytes > kMaxDataFileBytes) {
    diagnostics.Add(file, 0, fmt::format("has {} bytes; at most {} are read", size_bytes, kMaxDataFileBytes));
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    diagnostics.Add(file, 0, "cannot be read");
    return std::nullopt;
  }
  return content;
}

std::vector<fs::path> ListDataFiles(const fs::path& directory, std::string_view prefix,
                                    std::string_view suffix, Diagnostics& diagnostics) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) files.push_back(it->path());
  }
  if (error) diagnostics.Add(directory, 0, fmt::format("cannot be read: {}", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace lapor::policy
