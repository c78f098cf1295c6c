#include "tests/e2e/stack.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "fmt/format.h"
#include "libs/runtime/clock.h"

namespace lapor::e2e {
namespace {

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

bool IsFree(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return free;
}

// The services' ports, and two for a Kafka.
constexpr int kPorts = 7;

// The first of so many free ports in a row, below the range that the system gives to outgoing connections.
int FreePorts() {
  for (int first = 20'000 + getpid() % 10'000; first < 32'000; first += kPorts) {
    bool free = true;
    for (int port = first; port < first + kPorts; ++port) free = free && IsFree(port);
    if (free) return first;
  }
  return 7400;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Stack>> Stack::Up(absl::Time now) {
  const std::string source = Environment("LAPOR_SOURCE_DIR", ".");
  std::unique_ptr<Stack> stack(new Stack);
  stack->script_ = Environment("LAPOR_E2E_STACK", source + "/deploy/local/stack.sh");
  client::SessionOptions options;
  options.host = Environment("LAPOR_HOST", "localhost");
  if (std::getenv("LAPOR_E2E_STACK") == nullptr) {
    std::string folder = (std::filesystem::temp_directory_path() / "lapor-e2e-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return absl::InternalError("no temporary folder for " + folder);
    stack->var_ = folder;
    stack->clock_ = folder + "/clock";
    options.port = FreePorts();
    setenv("LAPOR_VAR", folder.c_str(), 1);
    stack->policy_ = folder + "/policy";
    std::filesystem::copy(source + "/deploy/policy", stack->policy_);
    setenv("LAPOR_CLOCK", stack->clock_.c_str(), 1);
    setenv("LAPOR_POLICY", stack->policy_.c_str(), 1);
    setenv("LAPOR_PORT", std::to_string(options.port).c_str(), 1);
    setenv("LAPOR_KAFKA_PORT", std::to_string(options.port + 5).c_str(), 1);
    setenv("LAPOR_BIN", Environment("LAPOR_BIN_DIR", "build/dev/bin").c_str(), 1);
  } else {
    stack->var_ = Environment("LAPOR_VAR", "var");
    stack->clock_ = Environment("LAPOR_CLOCK", stack->var_ + "/clock");
    stack->policy_ = Environment("LAPOR_POLICY", "");
    options.port = std::stoi(Environment("LAPOR_PORT", "7400"));
    stack->keep_files_ = true;
  }
  if (const absl::Status status = stack->SetClock(now); !status.ok()) return status;
  if (const absl::Status status = stack->Run("up"); !status.ok()) return status;

  options.var = stack->var_;
  options.clock_file = stack->clock_;
  auto session = client::Session::Open(options);
  if (!session.ok()) return session.status();
  stack->session_ = *std::move(session);
  return stack;
}

Stack::~Stack() {
  session_ = nullptr;
  const absl::Status status = Run(keep_files_ ? "down" : "wipe");
  if (!status.ok()) std::cerr << status.message() << '\n';
  if (keep_files_) std::cerr << "logs of the services: " << var_ << "/log\n";
}

absl::Status Stack::SetClock(absl::Time now) { return runtime::SimulatedClock::Set(clock_, now); }

absl::Status Stack::DecreeHoliday(const std::string& date) {
  if (policy_.empty()) return absl::FailedPreconditionError("LAPOR_POLICY names no copy that may be changed");
  const std::string year = date.substr(0, 4);
  std::ofstream calendar(fmt::format("{}/calendar-{}.textproto", policy_, year), std::ios::app);
  calendar << fmt::format(
      "decree {{ id: \"late-{0}\" citation {{ instrument: \"a late decree\" confidence: "
      "CONFIDENCE_UNVERIFIED }} }}\n"
      "day {{ date: \"{0}\" kind: HOLIDAY_KIND_NATIONAL name: \"Libur\" decree: \"late-{0}\" }}\n",
      date);
  calendar.close();
  return calendar.good() ? absl::OkStatus() : absl::InternalError("can't write the calendar of " + year);
}

absl::Status Stack::Run(const std::string& verb) const {
  const int status = std::system(fmt::format("'{}' {}", script_, verb).c_str());
  if (status == 0) return absl::OkStatus();
  return absl::InternalError(fmt::format("{} {}: exit status {}", script_, verb, WEXITSTATUS(status)));
}

}  // namespace lapor::e2e
