#include "libs/notify/channel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "libs/notify/json.h"
#include "libs/notify/mail.h"
#include "libs/notify/transfer.h"

namespace lapor::notify {
namespace {

class Smtp final : public Channel {
 public:
  Smtp(SmtpOptions options, Tls tls, const runtime::Clock& clock)
      : options_(std::move(options)), tls_(tls), clock_(clock), transfer_(options_.timeout) {}

  absl::Status Send(const Message& message) override {
    const std::string bytes = ComposeMail(message, options_.from, clock_.Now());
    return transfer_.SendMail({.url = options_.url,
                               .user = options_.user,
                               .password = options_.password ? options_.password->bytes() : "",
                               .tls = tls_,
                               .from = options_.from,
                               .to = message.to,
                               .bytes = bytes});
  }
  void Cancel() override { transfer_.Cancel(); }

 private:
  const SmtpOptions options_;
  const Tls tls_;
  const runtime::Clock& clock_;
  Transfer transfer_;
};

class Webhook final : public Channel {
 public:
  explicit Webhook(WebhookOptions options) : options_(std::move(options)), transfer_(options_.timeout) {}

  absl::Status Send(const Message& message) override {
    // "Expect:" keeps libcurl from asking first whether a long body may come.
    std::vector<std::string> headers = {"Content-Type: application/json",
                                        "Expect:", "Idempotency-Key: " + message.id};
    if (options_.token) headers.push_back(fmt::format("Authorization: Bearer {}", options_.token->bytes()));
    return transfer_.SendPost({.url = options_.url, .headers = std::move(headers), .body = message.text});
  }
  void Cancel() override { transfer_.Cancel(); }

 private:
  const WebhookOptions options_;
  Transfer transfer_;
};

class File {
 public:
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  // The disk was full in the middle of the last line.
  bool EndsWithinLine() const {
    struct stat file;
    char last;
    return ::fstat(fd_, &file) == 0 && file.st_size > 0 && ::pread(fd_, &last, 1, file.st_size - 1) == 1 &&
           last != '\n';
  }

 private:
  const int fd_;
};

std::string Error() { return std::generic_category().message(errno); }

class SmsFile final : public Channel {
 public:
  explicit SmsFile(std::string path) : path_(std::move(path)) {}

  absl::Status Send(const Message& message) override {
    // Each time anew, so that the gateway can take the file away.
    const File file(path_);
    if (file.fd() < 0) return absl::UnavailableError("can't be opened: " + Error());
    std::string lines = file.EndsWithinLine() ? "\n" : "";
    for (const std::string& number : message.to)
      lines += JsonObject({{"id", message.id}, {"to", number}, {"text", message.text}}) + "\n";
    // In one call, so that whoever reads the file, or writes to it too, sees whole lines.
    const ssize_t written = ::write(file.fd(), lines.data(), lines.size());
    if (written >= 0 && written != static_cast<ssize_t>(lines.size()))
      return absl::UnavailableError("was written in part only");
    if (written < 0 || ::fsync(file.fd()) != 0) return absl::UnavailableError("can't be written: " + Error());
    return absl::OkStatus();
  }

 private:
  const std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Channel>> MakeSmtp(SmtpOptions options, const runtime::Clock& clock) {
  const auto target = CheckUrl("--notify-smtp-url", options.url, {"smtp", "smtps"});
  if (!target.ok()) return target.status();
  if (!IsMailAddress(options.from)) {
    return absl::InvalidArgumentError(
        "--notify-from: is needed with --notify-smtp-url, as a plain address like lapor@agency.example");
  }
  // Nobody listens in on this machine, and what a server here offers is a certificate of its own that no one
  // has signed.
  const Tls tls = target->on_this_machine                                    ? Tls::kNone
                  : options.environment == runtime::Environment::kProduction ? Tls::kDemanded
                                                                             : Tls::kIfOffered;
  return std::make_unique<Smtp>(std::move(options), tls, clock);
}

absl::StatusOr<std::unique_ptr<Channel>> MakeWebhook(WebhookOptions options) {
  const auto target = CheckUrl("--notify-webhook-url", options.url, {"https", "http"});
  if (!target.ok()) return target.status();
  if (options.environment == runtime::Environment::kProduction && !target->on_this_machine &&
      !options.url.starts_with("https:")) {
    return absl::InvalidArgumentError("--notify-webhook-url: has to be https in production");
  }
  return std::make_unique<Webhook>(std::move(options));
}

absl::StatusOr<std::unique_ptr<Channel>> MakeSmsFile(const std::string& path) {
  if (File(path).fd() < 0)
    return absl::InvalidArgumentError("--notify-sms-file: can't be opened: " + Error());
  return std::make_unique<SmsFile>(path);
}

}  // namespace lapor::notify
