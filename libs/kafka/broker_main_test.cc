// The process lapor-broker, as the local stack uses it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/kafka/cluster.h"

namespace lapor::kafka {
namespace {

pid_t Run(std::vector<std::string> arguments) {
  const char* folder = std::getenv("LAPOR_BIN_DIR");
  arguments.insert(arguments.begin(), std::string(folder == nullptr ? "." : folder) + "/lapor-broker");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&silence, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, argv[0], &silence, nullptr, argv.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&silence);
  return pid;
}

int ExitCodeOf(pid_t pid) {
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct Folder {
  Folder() : path((std::filesystem::temp_directory_path() / "lapor-broker-XXXXXX").string()) {
    REQUIRE(mkdtemp(path.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::string AwaitLine(const std::string& file) {
  std::string line;
  for (const absl::Time deadline = absl::Now() + absl::Seconds(20); absl::Now() < deadline;) {
    if (std::ifstream in(file); std::getline(in, line)) return line;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return line;
}

TEST_CASE("lapor-broker writes its address, has the topics it was given, and ends cleanly on SIGTERM") {
  const Folder folder;
  const pid_t pid = Run({"--topic", "lapor.report.v1:16", "--topic", "lapor.agency.v1:2", "--address-file",
                         folder.path + "/address"});
  const auto cluster = Cluster::Create({.brokers = AwaitLine(folder.path + "/address")});
  REQUIRE(cluster.ok());
  CHECK((*cluster)->PartitionCount("lapor.report.v1").value_or(0) == 16);
  CHECK((*cluster)->PartitionCount("lapor.agency.v1").value_or(0) == 2);
  kill(pid, SIGTERM);
  CHECK(ExitCodeOf(pid) == 0);
}

TEST_CASE("lapor-broker refuses a topic without a partition count, and an address file it cannot write") {
  CHECK(ExitCodeOf(Run({"--topic", "lapor.report.v1"})) != 0);
  CHECK(ExitCodeOf(Run({"--topic", "lapor.report.v1:0"})) != 0);
  CHECK(ExitCodeOf(Run({"--topic", "lapor.report.v1:2x"})) != 0);
  CHECK(ExitCodeOf(Run({"--address-file", "/nowhere/address"})) != 0);
}

}  // namespace
}  // namespace lapor::kafka
