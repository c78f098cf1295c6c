// The ways a message can go out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/environment.h"
#include "libs/runtime/secret.h"

namespace lapor::notify {

struct Message {
  // The same whenever it is sent again: the Message-ID, the Idempotency-Key.
  std::string id;
  // Addresses or numbers; a webhook has none.
  std::vector<std::string> to;
  // Of a mail.
  std::string subject;
  std::string text;
};

// Used by one thread at a time, but for Cancel.
class Channel {
 public:
  virtual ~Channel() = default;

  // Blocks, at most for its own timeout. Whoever gets an error can't know that nothing was sent.
  //   kUnavailable         it can't be reached, and nothing else can be sent by it now
  //   kFailedPrecondition  this message is refused for good: none of its mailboxes exists
  //   kCancelled           of Cancel
  //   others               this message failed, and may be sent again
  // Messages of errors hold no address.
  virtual absl::Status Send(const Message& message) = 0;

  // Ends a Send that is under way, and every later one. From any thread.
  virtual void Cancel() {}
};

// smtp://host:25, which turns to TLS where the server offers it, or smtps://host:465. In production a server
// elsewhere has to speak TLS; with one on this machine smtp:// stays in the clear, whatever it offers. `user`
// may be empty.
struct SmtpOptions {
  std::string url;
  std::string user;
  std::optional<runtime::Secret> password;
  std::string from;
  runtime::Environment environment = runtime::Environment::kProduction;
  absl::Duration timeout = absl::Seconds(30);
};
// `clock` dates the mails. INVALID_ARGUMENT for a wrong URL or `from`.
absl::StatusOr<std::unique_ptr<Channel>> MakeSmtp(SmtpOptions options, const runtime::Clock& clock);

// POSTs the text, which is JSON. In production to https only, unless it is on this machine.
struct WebhookOptions {
  std::string url;
  // Sent as "Authorization: Bearer".
  std::optional<runtime::Secret> token;
  runtime::Environment environment = runtime::Environment::kProduction;
  absl::Duration timeout = absl::Seconds(30);
};
absl::StatusOr<std::unique_ptr<Channel>> MakeWebhook(WebhookOptions options);

// The gateway's spool: appends to a file a line for each number, {"id", "to", "text"}, and is done when it is
// on the disk. Opens it for each message, and makes it when it is not there: who renames it has it for
// themselves. Only its owner can read the file. INVALID_ARGUMENT when it can't be opened.
absl::StatusOr<std::unique_ptr<Channel>> MakeSmsFile(const std::string& path);

}  // namespace lapor::notify
