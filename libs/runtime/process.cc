#include "libs/runtime/process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <system_error>

#include "absl/synchronization/mutex.h"

namespace lapor::runtime {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitWrongConfiguration = 2;

const std::map<std::string, Environment> kEnvironments = {{"production", Environment::kProduction},
                                                          {"local", Environment::kLocal}};
const std::map<std::string, Level> kLevels = {
    {"debug", Level::kDebug}, {"info", Level::kInfo}, {"warning", Level::kWarning}, {"error", Level::kError}};

// Holds SIGTERM and SIGINT back from this thread and those it will start, until Release or the end.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    fd_ = ::signalfd(-1, &set_, SFD_CLOEXEC);
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  }
  ~HeldSignals() {
    Release();
    ::close(fd_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  void Release() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  int fd() const { return fd_; }

 private:
  sigset_t set_;
  sigset_t before_;
  int fd_;
};

int MakeEventFd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

absl::Status WriteReadyFile(const std::string& path) {
  // Whole or not at all, for those who wait for it.
  const std::string unfinished = path + ".new";
  {
    std::ofstream file(unfinished);
    file << ::getpid() << '\n';
    if (!file.flush())
      return absl::InvalidArgumentError(fmt::format("--ready-file: cannot write {}", unfinished));
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return absl::InvalidArgumentError(fmt::format("--ready-file: cannot write {}", path));
  }
  return absl::OkStatus();
}

}  // namespace

Process::Process(std::string name, std::string description)
    : name_(std::move(name)), app_(std::move(description), "lapor-" + name_), stop_fd_(MakeEventFd()) {
  app_.set_version_flag("--version", LAPOR_VERSION);
  AddChoice(app_, "--environment", settings_.environment, kEnvironments,
            "Production refuses simulated time, plain text and local secrets");
  AddChoice(app_, "--log-level", settings_.log_level, kLevels, "Lines below it are not written");
  app_.add_option("--metrics-address", settings_.metrics_address,
                  "host:port that serves GET /metrics; empty (default) serves none")
      ->type_name("ADDRESS");
  app_.add_option("--simulated-clock", settings_.simulated_clock_file,
                  "File that says what time it is, for the demo and tests; local only")
      ->type_name("FILE");
  app_.add_option("--ready-file", settings_.ready_file,
                  "File that exists while the process is ready; holds its id")
      ->type_name("FILE");
}

Process::~Process() { ::close(stop_fd_); }

int Process::Run(int argc, const char* const* argv, const std::function<absl::Status(Process&)>& start) {
  try {
    if (const absl::Status parsed = ParseConfiguration(app_, name_, argc, argv); !parsed.ok())
      return Failed(parsed);
  } catch (const CLI::Success& help_or_version) {
    return app_.exit(help_or_version);
  }

  HeldSignals signals;
  // A peer that goes away is an error of a write, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  // Debian's Abseil follows the order of gRPC's locks, for debugging: 3% of a busy service.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  absl::Status status = Prepare();
  if (status.ok()) status = start(*this);
  if (status.ok() && !settings_.ready_file.empty()) status = WriteReadyFile(settings_.ready_file);
  if (!status.ok()) {
    StopAll();
    return Failed(status);
  }

  Log(Level::kInfo, "process.ready", {{"version", LAPOR_VERSION}, {"pid", ::getpid()}});
  AwaitStop(signals.fd());
  signals.Release();
  StopAll();

  const std::lock_guard lock(mutex_);
  if (!stop_reason_.ok()) return Failed(stop_reason_);
  Log(Level::kInfo, "process.stopped");
  return 0;
}

// What does not depend on the service.
absl::Status Process::Prepare() {
  StartLog({name_, settings_.log_level, nullptr});
  if (settings_.simulated_clock_file.empty()) {
    clock_ = std::make_unique<SystemClock>();
  } else if (settings_.environment == Environment::kProduction) {
    return absl::InvalidArgumentError("--simulated-clock: production lives in real time; leave it out");
  } else {
    auto simulated = SimulatedClock::Open(settings_.simulated_clock_file);
    if (!simulated.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("--simulated-clock: {}", std::string(simulated.status().message())));
    }
    clock_ = *std::move(simulated);
  }
  metrics_.Gauge("lapor_build_info", "Always 1; the labels tell what runs", {{"version", LAPOR_VERSION}})
      .Set(1);
  if (settings_.metrics_address.empty()) return absl::OkStatus();
  const absl::Status served = metrics_.Serve(settings_.metrics_address);
  if (served.ok()) return served;
  return absl::InvalidArgumentError(fmt::format("--metrics-address: {}", std::string(served.message())));
}

void Process::OnStop(std::string what, std::function<void()> stop) {
  stops_.emplace_back(std::move(what), std::move(stop));
}

void Process::Stop(const absl::Status& why) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  stopping_ = true;
  stop_reason_ = why;
  ::eventfd_write(stop_fd_, 1);
}

void Process::AwaitStop(int signals_fd) {
  pollfd fds[] = {{signals_fd, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
  while (::poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  if (fds[0].revents != 0) {
    signalfd_siginfo signal = {};
    if (::read(signals_fd, &signal, sizeof(signal)) == sizeof(signal)) {
      Log(Level::kInfo, "process.signalled", {{"signal", signal.ssi_signo}});
    }
  }
  const std::lock_guard lock(mutex_);
  stopping_ = true;
}

void Process::StopAll() {
  if (!settings_.ready_file.empty()) ::unlink(settings_.ready_file.c_str());
  for (; !stops_.empty(); stops_.pop_back()) {
    Log(Level::kDebug, "process.stopping", {{"part", stops_.back().first}});
    stops_.back().second();
  }
}

int Process::Failed(const absl::Status& status) const {
  const std::string message(status.message());
  if (absl::IsInvalidArgument(status)) {
    fmt::print(stderr, "lapor-{}: {}\nSee lapor-{} --help.\n", name_, message, name_);
    return kExitWrongConfiguration;
  }
  Log(Level::kError, "process.failed", {{"error", status.ToString()}});
  return kExitFailed;
}

}  // namespace lapor::runtime
