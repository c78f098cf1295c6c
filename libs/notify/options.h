// The settings of notifications, and what they make. Nothing is sent, and nothing is kept to be sent, unless
// a channel is set.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/notify/outbox.h"
#include "libs/notify/sender.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/environment.h"
#include "libs/runtime/process.h"

namespace CLI {
class App;
}

namespace lapor::notify {

// Whom a service writes to.
enum class Audience { kReporters, kOfficers };

struct Options {
  std::string folder = "deploy/notify";
  std::string smtp_url;
  std::string smtp_user;
  std::string smtp_password_file;
  std::string from;
  std::string sms_file;
  int max_attempts = SenderOptions().max_attempts;
  // Of officers.
  std::string webhook_url;
  std::string webhook_token_file;
  int digest_minutes = 60;

  void AddTo(CLI::App& app, Audience audience);

  bool IsOn() const { return !smtp_url.empty() || !sms_file.empty() || !webhook_url.empty(); }

  // INVALID_ARGUMENT, naming the setting.
  absl::StatusOr<Channels> MakeChannels(runtime::Environment environment,
                                        const runtime::Clock& machine) const;
};

// What a service that IsOn writes to. Events are as old as the process's clock says; what is to be sent when,
// the machine's tells.
std::shared_ptr<const Outbox> MakeOutbox(const Options& options, const runtime::Process& process);

// The sender of it, not started; the template of its digests is PREFIXdigest. INVALID_ARGUMENT for a wrong
// setting or text.
absl::StatusOr<std::shared_ptr<Sender>> MakeSender(const Options& options, runtime::Process& process,
                                                   pg::Pool& pool, const std::string& prefix,
                                                   const std::vector<TemplateSpec>& templates,
                                                   Sender::Resolve resolve);

}  // namespace lapor::notify
