#include "libs/runtime/config.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <vector>

#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::runtime {
namespace {

// What a process with a few settings makes of its command line, environment and file.
struct Parsed {
  int pool_size = 4;
  bool open_counter = false;
  absl::Duration deadline = absl::Seconds(10);
  int color = 1;
  absl::Status status;

  Parsed(std::vector<const char*> arguments, const std::map<std::string, std::string>& environment = {}) {
    CLI::App app("a process", "lapor-intake");
    app.add_option("--pool-size", pool_size, "Connections")->check(CLI::Range(1, 100));
    app.add_flag("--open-counter", open_counter, "Anyone may file");
    AddDuration(app, "--deadline", deadline, "Of a call");
    AddChoice<int>(app, "--color", color, {{"red", 1}, {"green", 2}}, "Of the log");
    arguments.insert(arguments.begin(), "lapor-intake");
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    status = ParseConfiguration(app, "intake", static_cast<int>(arguments.size()), arguments.data());
    for (const auto& [name, value] : environment) ::unsetenv(name.c_str());
  }

  std::string error() const { return std::string(status.message()); }
};

TEST_CASE("a setting is taken from flag, own variable, common variable, file, default, in this order") {
  const TemporaryFolder folder;
  const std::string file = folder / "intake.toml";
  std::ofstream(file) << "pool-size = 5\n";
  const std::string config = "--config=" + file;
  const std::map<std::string, std::string> common = {{"LAPOR_POOL_SIZE", "6"}};
  const std::map<std::string, std::string> both = {{"LAPOR_POOL_SIZE", "6"}, {"LAPOR_INTAKE_POOL_SIZE", "7"}};

  CHECK(Parsed({}).pool_size == 4);
  CHECK(Parsed({config.c_str()}).pool_size == 5);
  CHECK(Parsed({config.c_str()}, common).pool_size == 6);
  CHECK(Parsed({config.c_str()}, both).pool_size == 7);
  CHECK(Parsed({config.c_str(), "--pool-size", "8"}, both).pool_size == 8);
}

TEST_CASE("an empty variable gives nothing") {
  CHECK(Parsed({}, {{"LAPOR_INTAKE_POOL_SIZE", ""}, {"LAPOR_POOL_SIZE", "6"}}).pool_size == 6);
}

TEST_CASE("the file itself may be named by the environment, and must then exist") {
  const TemporaryFolder folder;
  std::ofstream(folder / "intake.toml") << "pool-size = 5\nopen-counter = true\ndeadline = \"250ms\"\n";

  const Parsed parsed({}, {{"LAPOR_INTAKE_CONFIG", folder / "intake.toml"}});
  CHECK(parsed.status.ok());
  CHECK(parsed.pool_size == 5);
  CHECK(parsed.open_counter);
  CHECK(parsed.deadline == absl::Milliseconds(250));
  CHECK_FALSE(Parsed({}, {{"LAPOR_CONFIG", folder / "absent.toml"}}).status.ok());
  CHECK_FALSE(Parsed({"--config", "absent.toml"}).status.ok());
}

TEST_CASE("a choice is one of its words") {
  CHECK(Parsed({}).color == 1);
  CHECK(Parsed({"--color=green"}).color == 2);
  CHECK(Parsed({"--color=blue"}).error() == "--color: blue is none of green|red");
}

TEST_CASE("a wrong value is refused with the name of its setting, wherever it stands") {
  const TemporaryFolder folder;
  const std::string file = folder / "intake.toml";
  std::ofstream(file) << "pool-size = 500\n";

  CHECK(Parsed({"--pool-size", "many"}).error().find("--pool-size") != std::string::npos);
  CHECK(Parsed({}, {{"LAPOR_POOL_SIZE", "0"}}).error().find("--pool-size") != std::string::npos);
  CHECK(Parsed({"--config", file.c_str()}).error().find("--pool-size") != std::string::npos);
  CHECK(Parsed({"--deadline", "10"}).error().find("--deadline") != std::string::npos);
  CHECK(Parsed({"--deadline", "-1s"}).error().find("--deadline") != std::string::npos);
}

TEST_CASE("an unknown flag or key is refused by name") {
  const TemporaryFolder folder;
  const std::string file = folder / "intake.toml";
  std::ofstream(file) << "pool-sise = 5\n";

  CHECK(Parsed({"--pool-sise=5"}).error().find("pool-sise") != std::string::npos);
  CHECK(Parsed({"--config", file.c_str()}).error().find("pool-sise") != std::string::npos);
}

}  // namespace
}  // namespace lapor::runtime
