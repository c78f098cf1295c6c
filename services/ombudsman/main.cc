#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventlog/service.h"
#include "libs/notify/options.h"
#include "libs/policy/policy.h"
#include "libs/policy/reference.h"
#include "migrations/notify.h"
#include "migrations/ombudsman.h"
#include "services/ombudsman/aggregate.h"
#include "services/ombudsman/api.h"
#include "services/ombudsman/notices.h"

using namespace lapor;  // NOLINT: a main is nobody's header

int main(int argc, char** argv) {
  eventlog::Service service("ombudsman", "Escalations: what the Ombudsman does with neglected reports");
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
  service.options().add_option("--policy-dir", policy_dir, "deadlines and calendars")->capture_default_str();
  service.options()
      .add_option("--reference-dir", reference_dir, "regions, categories and the Ombudsman's offices")
      ->capture_default_str();

  notify::Options notify_options;
  notify_options.AddTo(service.options(), notify::Audience::kOfficers);

  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    const auto offices = policy::ReadOffices(reference_dir);
    if (!offices.ok()) return offices.status();
    ombudsman::Aggregate aggregate = ombudsman::MakeAggregate(*policy, *offices);
    std::shared_ptr<notify::Sender> notices;
    if (notify_options.IsOn()) {
      auto sender = notify::MakeSender(notify_options, s.process(), s.pool(), ombudsman::kNoticePrefix,
                                       ombudsman::NoticeTemplates(), ombudsman::FindContacts(*offices));
      if (!sender.ok()) return sender.status();
      notices = *std::move(sender);
      aggregate.observe = ombudsman::TellOffices(*offices, notify::MakeOutbox(notify_options, s.process()));
    }
    std::vector<pg::Migration> migrations = migrations::ombudsman();
    migrations.insert(migrations.end(), migrations::notify().begin(), migrations::notify().end());
    const auto executor = s.StartBackbone(migrations, std::move(aggregate));
    if (!executor.ok()) return executor.status();
    if (notices != nullptr) {
      notices->Start();
      s.process().OnStop("notices", [notices] { notices->Stop(); });
    }
    s.Serve(std::make_unique<ombudsman::Api>(**executor, s.pool(), s.visibility(), s.responder(), s.clock(),
                                             *policy, *offices, ombudsman::AskPeers(s.peers())));
    return absl::OkStatus();
  });
}
