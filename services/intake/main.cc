#include <memory>
#include <string>

#include "libs/eventlog/service.h"
#include "libs/notify/options.h"
#include "libs/policy/policy.h"
#include "libs/runtime/secret.h"
#include "migrations/intake.h"
#include "migrations/notify.h"
#include "services/intake/aggregate.h"
#include "services/intake/api.h"
#include "services/intake/notices.h"

using namespace lapor;  // NOLINT: a main is nobody's header

int main(int argc, char** argv) {
  eventlog::Service service("intake", "The reporter's only counter: reports, receipts, timelines");
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
  std::string receipt_key_file;
  std::string sealing_key_file;
  intake::ApiOptions api_options;
  CLI::App& options = service.options();
  options.add_option("--policy-dir", policy_dir, "deadlines and calendars")->capture_default_str();
  options.add_option("--reference-dir", reference_dir, "regions and categories")->capture_default_str();
  options
      .add_option("--receipt-key-file", receipt_key_file,
                  "key that receipt secrets are derived from: a line of 64 or more hexadecimal digits")
      ->required();
  options
      .add_option(
          "--sealing-key-file", sealing_key_file,
          "key that seals the reporters' identities, written like the other; lost with it, they are lost")
      ->required();
  options.add_flag("--open-counter", api_options.open_counter, "take reports from callers without a token");
  notify::Options notify_options;
  notify_options.AddTo(options, notify::Audience::kReporters);

  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    // Without a policy in effect no report could be received.
    if (const auto version = (*policy)->VersionAt(s.clock().Now()); !version.ok()) return version.status();
    auto receipt_key = runtime::Secret::ReadKey("--receipt-key-file", receipt_key_file,
                                                intake::ReceiptKey::kMinKeyBytes, s.process().environment());
    if (!receipt_key.ok()) return receipt_key.status();
    const auto sealing_key =
        runtime::Secret::ReadKey("--sealing-key-file", sealing_key_file, intake::IdentityVault::kMinKeyBytes,
                                 s.process().environment());
    if (!sealing_key.ok()) return sealing_key.status();

    const auto vocabulary = intake::Vocabulary::Load(reference_dir, *sealing_key);
    if (!vocabulary.ok()) return vocabulary.status();

    intake::Aggregate aggregate = intake::MakeAggregate(*policy);
    std::shared_ptr<notify::Sender> notices;
    if (notify_options.IsOn()) {
      auto sender = notify::MakeSender(
          notify_options, s.process(), s.pool(), intake::kNoticePrefix, intake::NoticeTemplates(),
          intake::FindReporter(s.pool(), std::make_shared<const intake::IdentityVault>(*sealing_key)));
      if (!sender.ok()) return sender.status();
      notices = *std::move(sender);
      aggregate.observe = intake::TellReporters(*policy, notify::MakeOutbox(notify_options, s.process()));
    }
    std::vector<pg::Migration> migrations = migrations::intake();
    migrations.insert(migrations.end(), migrations::notify().begin(), migrations::notify().end());
    const auto executor = s.StartBackbone(migrations, std::move(aggregate));
    if (!executor.ok()) return executor.status();
    if (notices != nullptr) {
      notices->Start();
      s.process().OnStop("notices", [notices] { notices->Stop(); });
    }
    s.Serve(std::make_unique<intake::Api>(
        api_options, intake::ApiParts{.responder = s.responder(),
                                      .executor = **executor,
                                      .pool = s.pool(),
                                      .visibility = s.visibility(),
                                      .clock = s.clock(),
                                      .policy = *policy,
                                      .receipt_key = intake::ReceiptKey(*std::move(receipt_key)),
                                      .vault = intake::IdentityVault(*sealing_key),
                                      .vocabulary = *vocabulary,
                                      .ask_responses = intake::AskFollowup(s.peers())}));
    return absl::OkStatus();
  });
}
