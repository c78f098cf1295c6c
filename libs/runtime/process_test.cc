#include "libs/runtime/process.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::runtime {
namespace {

using Start = std::function<absl::Status(Process&)>;

int Run(std::vector<const char*> arguments, const Start& start) {
  Process process("intake", "The reporter's only counter");
  arguments.insert(arguments.begin(), {"lapor-intake", "--log-level=error"});
  const int exit_code = process.Run(static_cast<int>(arguments.size()), arguments.data(), start);
  StartLog({});
  return exit_code;
}

absl::Status StopAtOnce(Process& process) {
  process.Stop(absl::OkStatus());
  return absl::OkStatus();
}

TEST_CASE("a process stops its parts in the reverse order of registration, on a signal") {
  std::vector<std::string> stopped;
  const int exit_code = Run({}, [&](Process& process) {
    for (const char* part : {"pool", "relay", "server"}) {
      process.OnStop(part, [&stopped, part] { stopped.push_back(part); });
    }
    ::kill(::getpid(), SIGTERM);
    return absl::OkStatus();
  });
  CHECK(exit_code == 0);
  CHECK(stopped == std::vector<std::string>{"server", "relay", "pool"});
}

TEST_CASE("a part that fails later ends the process in order, with exit code 1") {
  bool stopped = false;
  std::thread part;
  const int exit_code = Run({}, [&](Process& process) {
    process.OnStop("part", [&] { stopped = true; });
    part = std::thread([&process] { process.Stop(absl::DataLossError("the journal has a gap")); });
    return absl::OkStatus();
  });
  part.join();
  CHECK(exit_code == 1);
  CHECK(stopped);
}

TEST_CASE("a start that fails stops what was started; the exit code tells configuration from failure") {
  bool stopped = false;
  CHECK(Run({}, [&](Process& process) {
          process.OnStop("pool", [&] { stopped = true; });
          return absl::UnavailableError("no database");
        }) == 1);
  CHECK(stopped);
  CHECK(Run({}, [](Process&) { return absl::InvalidArgumentError("--policy-folder: no such folder"); }) == 2);
}

TEST_CASE("a wrong setting ends the process before anything starts, with exit code 2") {
  const Start never = [](Process&) -> absl::Status {
    FAIL("started");
    return absl::OkStatus();
  };
  CHECK(Run({"--environment=staging"}, never) == 2);
  CHECK(Run({"--no-such-setting=1"}, never) == 2);
  CHECK(Run({"--metrics-address=nowhere:-1"}, never) == 2);
  CHECK(Run({"--environment=local", "--simulated-clock=/absent"}, never) == 2);
}

TEST_CASE("production is the default and refuses a simulated clock; local takes it") {
  const TemporaryFolder folder;
  const absl::Time time = absl::FromUnixSeconds(1'735'700'000);
  REQUIRE(SimulatedClock::Set(folder / "clock", time).ok());
  const std::string clock = "--simulated-clock=" + folder / "clock";

  CHECK(Run({clock.c_str()}, StopAtOnce) == 2);
  CHECK(Run({"--environment=local", clock.c_str()}, [&](Process& process) {
          CHECK(process.environment() == Environment::kLocal);
          CHECK(process.clock().Now() == time);
          return StopAtOnce(process);
        }) == 0);
  CHECK(Run({}, [&](Process& process) {
          CHECK(process.environment() == Environment::kProduction);
          return StopAtOnce(process);
        }) == 0);
}

TEST_CASE("the ready file stands from ready to the stop") {
  const TemporaryFolder folder;
  const std::string path = folder / "ready";
  const std::string flag = "--ready-file=" + path;
  bool before = true;
  bool at_stop = true;
  std::thread watcher;
  std::string content;
  CHECK(Run({flag.c_str()}, [&](Process& process) {
          before = std::filesystem::exists(path);
          process.OnStop("part", [&] { at_stop = std::filesystem::exists(path); });
          watcher = std::thread([&] {
            while (!std::filesystem::exists(path)) std::this_thread::yield();
            std::ifstream(path) >> content;
            process.Stop(absl::OkStatus());
          });
          return absl::OkStatus();
        }) == 0);
  watcher.join();
  CHECK_FALSE(before);
  CHECK_FALSE(at_stop);
  CHECK(content == std::to_string(::getpid()));
}

TEST_CASE("help and version end well") {
  CHECK(Run({"--help"}, StopAtOnce) == 0);
  CHECK(Run({"--version"}, StopAtOnce) == 0);
}

TEST_CASE("the process counts itself") {
  CHECK(Run({}, [](Process& process) {
          CHECK(process.metrics().Text().find("lapor_build_info{version=") != std::string::npos);
          return StopAtOnce(process);
        }) == 0);
}

}  // namespace
}  // namespace lapor::runtime
