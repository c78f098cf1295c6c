#include "libs/runtime/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "absl/cleanup/cleanup.h"

namespace lapor::runtime {
namespace {

constexpr std::string_view kLocalMark = "local-only";

// Keys and PEM files are far smaller; a mistaken path should not be read into locked memory.
constexpr size_t kMaxFileBytes = 64 * 1024;

absl::Status Refused(const std::string& setting, const std::string& path, std::string_view reason) {
  return absl::InvalidArgumentError(fmt::format("{}: {}: {}", setting, path, reason));
}

// A buffer that leaves nothing behind.
struct Wiped : std::array<char, kMaxFileBytes> {
  ~Wiped() { sodium_memzero(data(), size()); }
};

// The content of the file in `buffer`, without line ends at its end.
absl::StatusOr<std::string_view> ReadFile(const std::string& setting, const std::string& path,
                                          Environment environment, Wiped& buffer) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Refused(setting, path, fmt::format("cannot open: {}", std::strerror(errno)));
  const absl::Cleanup close_fd = [fd] { ::close(fd); };

  struct stat info = {};
  if (::fstat(fd, &info) != 0)
    return Refused(setting, path, fmt::format("cannot stat: {}", std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return Refused(setting, path, "is not a file");
  if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return Refused(setting, path,
                   fmt::format("mode {:04o} lets others at it; chmod 600 it", info.st_mode & 07777U));
  }

  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Refused(setting, path, fmt::format("cannot read: {}", std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size == buffer.size())
    return Refused(setting, path, fmt::format("has {} bytes or more", kMaxFileBytes));

  std::string_view text(buffer.data(), size);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.starts_with(kLocalMark) && environment == Environment::kProduction) {
    return Refused(setting, path, "is a secret of the local stack; make a real one for production");
  }
  return text;
}

// Without the first line if that is the local mark.
std::string_view WithoutMark(std::string_view text) {
  if (!text.starts_with(kLocalMark)) return text;
  const size_t end = text.find('\n');
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
}

}  // namespace

void Secret::Free::operator()(char* bytes) const { sodium_free(bytes); }

Secret::Secret(std::string_view bytes) : size_(bytes.size()) {
  if (sodium_init() < 0) throw std::bad_alloc();
  bytes_.reset(static_cast<char*>(sodium_malloc(size_)));
  if (bytes_ == nullptr) throw std::bad_alloc();
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
  sodium_mprotect_readonly(bytes_.get());
}

absl::StatusOr<Secret> Secret::ReadKey(const std::string& setting, const std::string& path, size_t min_bytes,
                                       Environment environment) {
  Wiped file;
  const auto text = ReadFile(setting, path, environment, file);
  if (!text.ok()) return text.status();
  const std::string_view digits = WithoutMark(*text);

  Wiped key;
  size_t key_bytes = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), digits.data(), digits.size(),
                     nullptr, &key_bytes, &end) != 0 ||
      end != digits.data() + digits.size()) {
    return Refused(setting, path, "is not one line of hexadecimal digits, as `openssl rand -hex 32` writes");
  }
  if (key_bytes < min_bytes) {
    return Refused(setting, path, fmt::format("has {} bytes; at least {} are needed", key_bytes, min_bytes));
  }
  return Secret({key.data(), key_bytes});
}

absl::StatusOr<Secret> Secret::ReadText(const std::string& setting, const std::string& path,
                                        Environment environment) {
  Wiped file;
  const auto text = ReadFile(setting, path, environment, file);
  if (!text.ok()) return text.status();
  const std::string_view content = WithoutMark(*text);
  if (content.empty()) return Refused(setting, path, "is empty");
  return Secret(content);
}

}  // namespace lapor::runtime
