#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lapor::runtime {

// Where time comes from. Everything that decides is handed a Clock (or, better, a time); nothing else asks
// the machine. Implementations are thread-safe and never block.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's time.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// Stands still until it is told otherwise: for unit tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time now) : now_us_(absl::ToUnixMicros(now)) {}
  absl::Time Now() const override { return absl::FromUnixMicros(now_us_.load()); }
  void Set(absl::Time now) { now_us_.store(absl::ToUnixMicros(now)); }
  void Advance(absl::Duration by) { now_us_.fetch_add(absl::ToInt64Microseconds(by)); }

 private:
  std::atomic<int64_t> now_us_;
};

// The time that stands in a file of eight bytes (microseconds since 1970 in the machine's byte order), mapped
// and shared, so that all processes of a demo or a test live at the same moment. Reading it is one atomic
// load. A production configuration refuses it.
class SimulatedClock final : public Clock {
 public:
  // The file must exist and have been set. Errors: kNotFound, kFailedPrecondition.
  static absl::StatusOr<std::unique_ptr<SimulatedClock>> Open(const std::string& path);

  // Makes `path` say `now` to every process at once; creates it if need be. Time never goes back: an earlier
  // `now` is kFailedPrecondition and changes nothing. The same `now` again is fine. Safe against concurrent
  // calls, from other processes too.
  static absl::Status Set(const std::string& path, absl::Time now);

  ~SimulatedClock() override;
  SimulatedClock(const SimulatedClock&) = delete;
  SimulatedClock& operator=(const SimulatedClock&) = delete;

  absl::Time Now() const override;

 private:
  using Word = std::atomic<int64_t>;
  static_assert(Word::is_always_lock_free && sizeof(Word) == sizeof(int64_t), "shared between processes");

  explicit SimulatedClock(const Word* now_us) : now_us_(now_us) {}

  const Word* now_us_;  // mapped, owned
};

}  // namespace lapor::runtime
