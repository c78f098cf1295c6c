#include "libs/runtime/clock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"

namespace lapor::runtime {
namespace {

constexpr size_t kFileBytes = sizeof(int64_t);

// A new file reads as zero; no simulation starts in 1970, so zero means "not set".
constexpr int64_t kUnset = 0;

absl::Status ErrnoStatus(const char* action, const std::string& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, fmt::format("simulated clock {}: cannot {}", path, action));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SimulatedClock>> SimulatedClock::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open", path);
  const absl::Cleanup close_fd = [fd] { ::close(fd); };

  struct stat info = {};
  if (::fstat(fd, &info) != 0) return ErrnoStatus("stat", path);
  if (info.st_size != kFileBytes) {
    return absl::FailedPreconditionError(fmt::format("simulated clock {}: has {} bytes, not {}; set it first",
                                                     path, info.st_size, kFileBytes));
  }
  void* mapped = ::mmap(nullptr, kFileBytes, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return ErrnoStatus("map", path);

  auto clock = std::unique_ptr<SimulatedClock>(new SimulatedClock(static_cast<const Word*>(mapped)));
  if (clock->now_us_->load() == kUnset) {
    return absl::FailedPreconditionError(fmt::format("simulated clock {}: set it first", path));
  }
  return clock;
}

absl::Status SimulatedClock::Set(const std::string& path, absl::Time now) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus("open", path);
  const absl::Cleanup close_fd = [fd] { ::close(fd); };

  if (::ftruncate(fd, kFileBytes) != 0) return ErrnoStatus("size", path);
  void* mapped = ::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return ErrnoStatus("map", path);
  const absl::Cleanup unmap = [mapped] { ::munmap(mapped, kFileBytes); };

  auto* now_us = static_cast<Word*>(mapped);
  const int64_t wanted_us = absl::ToUnixMicros(now);
  int64_t current_us = now_us->load();
  while (wanted_us >= current_us) {
    if (now_us->compare_exchange_weak(current_us, wanted_us)) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      fmt::format("simulated clock {}: it is {} already; time does not go back", path,
                  absl::FormatTime(absl::FromUnixMicros(current_us))));
}

SimulatedClock::~SimulatedClock() { ::munmap(const_cast<Word*>(now_us_), kFileBytes); }

absl::Time SimulatedClock::Now() const {
  return absl::FromUnixMicros(now_us_->load(std::memory_order_acquire));
}

}  // namespace lapor::runtime
