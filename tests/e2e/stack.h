// The real processes, for journeys: started, killed and started again through a script with the verbs of
// deploy/local/stack.sh.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/lapor/session.h"

namespace lapor::e2e {

// LAPOR_E2E_STACK names another script with the same verbs, as one that drives containers; it then says by
// its environment where things are (LAPOR_VAR, LAPOR_HOST, LAPOR_PORT, LAPOR_CLOCK).
class Stack {
 public:
  // Starts everything in a folder of its own, on free ports, at simulated time `now`.
  static absl::StatusOr<std::unique_ptr<Stack>> Up(absl::Time now);
  // Stops everything and removes the folder, unless a journey failed: then says where it is.
  ~Stack();

  // kill -9.
  absl::Status Kill(const std::string& service) { return Run("kill " + service); }
  // Waits until it serves.
  absl::Status Start(const std::string& service) { return Run("start " + service); }
  absl::Status SetClock(absl::Time now);
  // Adds a national holiday, as 2025-03-05, to the calendar of its year, as a decree that comes late;
  // services read it when they start again.
  absl::Status DecreeHoliday(const std::string& date);
  absl::Status Restart(const std::string& service) { return Run("restart " + service); }

  client::Session& session() { return *session_; }
  void KeepFiles() { keep_files_ = true; }

 private:
  absl::Status Run(const std::string& verb) const;

  std::string script_;
  std::string var_;
  std::string clock_;
  std::string policy_;
  bool keep_files_ = false;
  std::unique_ptr<client::Session> session_;
};

}  // namespace lapor::e2e
