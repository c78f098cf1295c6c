#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/config.h"
#include "libs/runtime/environment.h"
#include "libs/runtime/log.h"
#include "libs/runtime/metrics.h"

namespace lapor::runtime {

// The life of a process, so that a main only says what is its own:
//
//   int main(int argc, char** argv) {
//     runtime::Process process("intake", "The reporter's only counter");
//     rpc::ServerOptions server_options;
//     server_options.AddTo(process.options());
//     return process.Run(argc, argv, [&](runtime::Process& p) -> absl::Status {
//       auto server = rpc::Server::Start(server_options, ...);
//       if (!server.ok()) return server.status();
//       p.OnStop("server", [s = std::shared_ptr(*std::move(server))] { s->Stop(); });
//       return absl::OkStatus();
//     });
//   }
//
// Run reads the configuration, starts the log and the metrics, calls `start`, says that the process is ready,
// waits for SIGTERM, SIGINT or Stop, and then stops what was registered, last first. A second signal ends it
// at once.
class Process {
 public:
  // `name` is short, as "intake": it names the log's service and the environment's variables.
  Process(std::string name, std::string description);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Where concerns add their settings, before Run.
  CLI::App& options() { return app_; }

  // The exit code: 0 after an ordered stop; 2 for a wrong configuration, which is told on standard error with
  // the name of the setting (also when `start` answers kInvalidArgument); 1 if `start` or the work failed.
  // Once only.
  int Run(int argc, const char* const* argv, const std::function<absl::Status(Process&)>& start);

  // Registers what to do at the end. From `start` only. Whatever was registered is stopped even if `start`
  // fails.
  void OnStop(std::string what, std::function<void()> stop);

  // Ends the process as a signal would; with an error, the exit code is 1. The first call counts. Any thread.
  void Stop(const absl::Status& why);

  // These hold from `start` on.
  Environment environment() const { return settings_.environment; }
  const Clock& clock() const { return *clock_; }
  const std::string& name() const { return name_; }

  // At any time.
  Metrics& metrics() { return metrics_; }

 private:
  struct Settings {
    Environment environment = Environment::kProduction;
    Level log_level = Level::kInfo;
    std::string metrics_address;
    std::string simulated_clock_file;
    std::string ready_file;
  };

  absl::Status Prepare();
  void AwaitStop(int signals_fd);
  void StopAll();
  int Failed(const absl::Status& status) const;

  const std::string name_;
  CLI::App app_;
  Settings settings_;
  Metrics metrics_;
  std::unique_ptr<Clock> clock_;
  std::vector<std::pair<std::string, std::function<void()>>> stops_;

  const int stop_fd_;
  std::mutex mutex_;
  bool stopping_ = false;     // guarded by mutex_
  absl::Status stop_reason_;  // guarded by mutex_
};

}  // namespace lapor::runtime
