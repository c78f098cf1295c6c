#include "libs/notify/options.h"

#include <CLI/App.hpp>
#include <optional>

#include "libs/runtime/secret.h"

namespace lapor::notify {
namespace {

absl::StatusOr<std::optional<runtime::Secret>> ReadSecret(const std::string& setting, const std::string& path,
                                                          runtime::Environment environment) {
  if (path.empty()) return std::nullopt;
  auto secret = runtime::Secret::ReadText(setting, path, environment);
  if (!secret.ok()) return secret.status();
  return std::optional(*std::move(secret));
}

const runtime::Clock& Machine() {
  static const runtime::SystemClock clock;
  return clock;
}

}  // namespace

void Options::AddTo(CLI::App& app, Audience audience) {
  app.add_option("--notify-dir", folder, "what notifications say")->capture_default_str();
  app.add_option("--notify-smtp-url", smtp_url,
                 "mail server, as smtp://host:587 or smtps://host:465; without it nothing is mailed");
  app.add_option("--notify-smtp-user", smtp_user, "who we are to the mail server; without it nobody");
  app.add_option("--notify-smtp-password-file", smtp_password_file, "and the password");
  app.add_option("--notify-from", from, "the sender's address of mails");
  app.add_option("--notify-sms-file", sms_file,
                 "file to which messages for telephone numbers are appended, a JSON object a line, for a "
                 "gateway to send; without it none are written");
  app.add_option("--notify-max-attempts", max_attempts, "after so many a notification is given up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  if (audience == Audience::kReporters) return;
  app.add_option("--notify-webhook-url", webhook_url,
                 "gets everything that agencies are told, as JSON without personal data");
  app.add_option("--notify-webhook-token-file", webhook_token_file, "sent to it as a bearer token");
  app.add_option("--notify-digest-minutes", digest_minutes,
                 "an agency is told what can wait once in so many minutes")
      ->check(CLI::Range(1, 24 * 60))
      ->capture_default_str();
}

absl::StatusOr<Channels> Options::MakeChannels(runtime::Environment environment,
                                               const runtime::Clock& machine) const {
  Channels channels;
  if (!smtp_url.empty()) {
    auto password = ReadSecret("--notify-smtp-password-file", smtp_password_file, environment);
    if (!password.ok()) return password.status();
    auto smtp = MakeSmtp({.url = smtp_url,
                          .user = smtp_user,
                          .password = *std::move(password),
                          .from = from,
                          .environment = environment},
                         machine);
    if (!smtp.ok()) return smtp.status();
    channels.smtp = *std::move(smtp);
  }
  if (!sms_file.empty()) {
    auto sms = MakeSmsFile(sms_file);
    if (!sms.ok()) return sms.status();
    channels.sms = *std::move(sms);
  }
  if (!webhook_url.empty()) {
    auto token = ReadSecret("--notify-webhook-token-file", webhook_token_file, environment);
    if (!token.ok()) return token.status();
    auto webhook = MakeWebhook({.url = webhook_url, .token = *std::move(token), .environment = environment});
    if (!webhook.ok()) return webhook.status();
    channels.webhook = *std::move(webhook);
  }
  return channels;
}

std::shared_ptr<const Outbox> MakeOutbox(const Options& options, const runtime::Process& process) {
  return std::make_shared<Outbox>(process.clock(), Machine(), absl::Minutes(options.digest_minutes));
}

absl::StatusOr<std::shared_ptr<Sender>> MakeSender(const Options& options, runtime::Process& process,
                                                   pg::Pool& pool, const std::string& prefix,
                                                   const std::vector<TemplateSpec>& templates,
                                                   Sender::Resolve resolve) {
  auto read = Templates::Load(options.folder, prefix, templates);
  if (!read.ok()) return read.status();
  auto channels = options.MakeChannels(process.environment(), Machine());
  if (!channels.ok()) return channels.status();
  return std::make_shared<Sender>(pool, Machine(), *std::move(read), prefix + "digest", *std::move(channels),
                                  std::move(resolve), SenderOptions{.max_attempts = options.max_attempts},
                                  process.metrics());
}

}  // namespace lapor::notify
