#include "libs/notify/channel.h"

#include <fcntl.h>
#include <fmt/format.h>
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

class SmsFile final : public Channel {
 public:
  explicit SmsFile(int fd) : fd_(fd) {}
  ~SmsFile() override { ::close(fd_); }

  absl::Status Send(const Message& message) override {
    std::string lines = half_written_ ? "\n" : "";
    for (const std::string& number : message.to)
      lines += JsonObject({{"id", message.id}, {"to", number}, {"text", message.text}}) + "\n";
    // In one call, so that whoever reads the file, or writes to it too, sees whole lines.
    const ssize_t written = ::write(fd_, lines.data(), lines.size());
    if (written >= 0) half_written_ = written != static_cast<ssize_t>(lines.size());
    if (written < 0 || half_written_ || ::fsync(fd_) != 0)
      return absl::UnavailableError("can't be written: " + std::generic_category().message(errno));
    return absl::OkStatus();
  }

 private:
  const int fd_;
  // The disk was full in the middle of a line.
  bool half_written_ = false;
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
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::InvalidArgumentError("--notify-sms-file: can't be opened: " +
                                      std::generic_category().message(errno));
  }
  return std::make_unique<SmsFile>(fd);
}

}  // namespace lapor::notify
