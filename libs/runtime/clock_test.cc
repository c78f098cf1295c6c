#include "libs/runtime/clock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>
#include <vector>

#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::runtime {
namespace {

const absl::Time kNewYear = absl::FromCivil(absl::CivilSecond(2025, 1, 1, 8, 0, 0), absl::UTCTimeZone());

TEST_CASE("a simulated clock says what was set, to everyone who has it open") {
  const TemporaryFolder folder;
  const std::string path = folder / "clock";
  REQUIRE(SimulatedClock::Set(path, kNewYear).ok());
  const auto one = SimulatedClock::Open(path);
  const auto other = SimulatedClock::Open(path);
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  CHECK((*one)->Now() == kNewYear);

  REQUIRE(SimulatedClock::Set(path, kNewYear + absl::Hours(72) + absl::Microseconds(1)).ok());
  CHECK((*one)->Now() == kNewYear + absl::Hours(72) + absl::Microseconds(1));
  CHECK((*other)->Now() == (*one)->Now());
}

TEST_CASE("a simulated clock set by another process is seen") {
  const TemporaryFolder folder;
  const std::string path = folder / "clock";
  REQUIRE(SimulatedClock::Set(path, kNewYear).ok());
  const auto clock = SimulatedClock::Open(path);
  REQUIRE(clock.ok());

  const pid_t child = ::fork();
  if (child == 0) ::_exit(SimulatedClock::Set(path, kNewYear + absl::Hours(1)).ok() ? 0 : 1);
  int exit_status = -1;
  REQUIRE(::waitpid(child, &exit_status, 0) == child);
  CHECK(exit_status == 0);
  CHECK((*clock)->Now() == kNewYear + absl::Hours(1));
}

TEST_CASE("simulated time never goes back") {
  const TemporaryFolder folder;
  const std::string path = folder / "clock";
  REQUIRE(SimulatedClock::Set(path, kNewYear).ok());

  const absl::Status back = SimulatedClock::Set(path, kNewYear - absl::Microseconds(1));
  CHECK(back.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(SimulatedClock::Open(path).value()->Now() == kNewYear);
  CHECK(SimulatedClock::Set(path, kNewYear).ok());
}

TEST_CASE("of concurrent settings the latest time stays") {
  const TemporaryFolder folder;
  const std::string path = folder / "clock";
  REQUIRE(SimulatedClock::Set(path, kNewYear).ok());
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i)
        taken += SimulatedClock::Set(path, kNewYear + absl::Seconds(4 * i + t)).ok();
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(taken > 0);
  CHECK(SimulatedClock::Open(path).value()->Now() == kNewYear + absl::Seconds(4 * 499 + 3));
}

TEST_CASE("a clock that was never set is refused") {
  const TemporaryFolder folder;
  CHECK(absl::IsNotFound(SimulatedClock::Open(folder / "absent").status()));
  std::ofstream(folder / "empty").flush();
  CHECK(absl::IsFailedPrecondition(SimulatedClock::Open(folder / "empty").status()));
  std::ofstream(folder / "zero") << std::string(8, '\0');
  CHECK(absl::IsFailedPrecondition(SimulatedClock::Open(folder / "zero").status()));
}

}  // namespace
}  // namespace lapor::runtime
