#include <memory>
#include <string>

#include "libs/eventlog/service.h"
#include "libs/notify/options.h"
#include "libs/policy/competence.h"
#include "libs/policy/policy.h"
#include "migrations/notify.h"
#include "migrations/routing.h"
#include "services/routing/aggregate.h"
#include "services/routing/api.h"
#include "services/routing/delivery_desk.h"
#include "services/routing/notices.h"
#include "services/routing/registry_watch.h"
#include "services/routing/route_sweep.h"

using namespace lapor;  // NOLINT: a main is nobody's header

int main(int argc, char** argv) {
  eventlog::Service service("routing",
                            "The agency registry, triage, and hands: who is accountable for a report now");
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
  std::string reading_model;
  int claim_minutes = 15;
  service.options()
      .add_option("--policy-dir", policy_dir, "deadlines, calendars and rules of competence")
      ->capture_default_str();
  service.options()
      .add_option("--reference-dir", reference_dir, "regions, categories and agencies")
      ->capture_default_str();

  service.options().add_option(
      "--reading-model", reading_model,
      "what lapor train has written; without it, the topics of texts are learned from the "
      "reference data at the start");
  service.options()
      .add_option("--claim-minutes", claim_minutes, "how long an administrator's claim of a report holds")
      ->check(CLI::Range(1, 24 * 60))
      ->capture_default_str();

  service.options().get_option("--max-request-bytes")->default_val(routing::kMaxRequestBytes);
  routing::DeliveryOptions delivery_options;
  delivery_options.AddTo(service.options());
  notify::Options notify_options;
  notify_options.AddTo(service.options(), notify::Audience::kOfficers);

  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    // Against the agencies of the reference data, not those of the registry, which may be empty yet.
    const auto agencies = policy::ReadAgencies(reference_dir);
    if (!agencies.ok()) return agencies.status();
    const auto competence = policy::Competence::Load(policy_dir, *policy, *agencies);
    if (!competence.ok()) return competence.status();
    auto read = reading::Reader::Load(reference_dir, reading_model);
    if (!read.ok()) return read.status();
    const auto reader = std::make_shared<const reading::Reader>(*std::move(read));
    const auto registry = std::make_shared<routing::RegistryWatch>(s.pool());
    routing::RoutingAggregate aggregate = routing::MakeAggregate(*policy, registry);
    std::shared_ptr<notify::Sender> notices;
    if (notify_options.IsOn()) {
      auto sender = notify::MakeSender(notify_options, s.process(), s.pool(), routing::kNoticePrefix,
                                       routing::NoticeTemplates(), routing::FindOfficers(registry));
      if (!sender.ok()) return sender.status();
      notices = *std::move(sender);
      aggregate.observe = routing::TellOfficers(registry, notify::MakeOutbox(notify_options, s.process()));
    }
    std::vector<pg::Migration> migrations = migrations::routing();
    migrations.insert(migrations.end(), migrations::notify().begin(), migrations::notify().end());
    const auto executor = s.StartBackbone(migrations, std::move(aggregate));
    if (!executor.ok()) return executor.status();

    if (const absl::Status status = registry->Refresh(); !status.ok()) return status;
    registry->Start();
    s.process().OnStop("registry", [registry] { registry->Stop(); });
    if (notices != nullptr) {
      notices->Start();
      s.process().OnStop("notices", [notices] { notices->Stop(); });
    }

    const auto sweep = std::make_shared<routing::RouteSweep>(
        s.pool(), registry, routing::RouteSweepOptions(),
        [executor = *executor](auto orders) { return executor->Do(std::move(orders)).status(); });
    sweep->Start();
    s.process().OnStop("sweep", [sweep] { sweep->Stop(); });

    const auto deliveries =
        std::make_shared<routing::DeliveryDesk>(s.pool(), registry, delivery_options, s.process().metrics());
    deliveries->Start();
    s.process().OnStop("deliveries", [deliveries] { deliveries->Stop(); });

    s.Serve(std::make_unique<routing::Api>(routing::Api::Parts{.executor = **executor,
                                                               .visibility = s.visibility(),
                                                               .journal = s.journal(),
                                                               .pool = s.pool(),
                                                               .clock = s.clock(),
                                                               .responder = s.responder(),
                                                               .policy = *policy,
                                                               .competence = *competence,
                                                               .registry = registry,
                                                               .reader = reader,
                                                               .ask_text = routing::AskIntake(s.peers()),
                                                               .deliveries = *deliveries,
                                                               .claim_term = absl::Minutes(claim_minutes),
                                                               .wake_relay = [&s] { s.relay().Wake(); },
                                                               .wake_sweep = [sweep] { sweep->Wake(); }}));
    return absl::OkStatus();
  });
}
