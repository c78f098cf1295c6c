#include <memory>
#include <string>

#include "libs/eventlog/service.h"
#include "libs/policy/policy.h"
#include "libs/policy/reference.h"
#include "migrations/ombudsman.h"
#include "services/ombudsman/aggregate.h"
#include "services/ombudsman/api.h"

using namespace lapor;  // NOLINT: a main is nobody's header

int main(int argc, char** argv) {
  eventlog::Service service("ombudsman", "Escalations: what the Ombudsman does with neglected reports");
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
  service.options().add_option("--policy-dir", policy_dir, "deadlines and calendars")->capture_default_str();
  service.options()
      .add_option("--reference-dir", reference_dir, "regions, categories and the Ombudsman's offices")
      ->capture_default_str();

  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    const auto offices = policy::ReadOffices(reference_dir);
    if (!offices.ok()) return offices.status();
    const auto executor =
        s.StartBackbone(migrations::ombudsman(), ombudsman::MakeAggregate(*policy, *offices));
    if (!executor.ok()) return executor.status();
    s.Serve(std::make_unique<ombudsman::Api>(**executor, s.pool(), s.visibility(), s.responder(), s.clock(),
                                             *policy, *offices, ombudsman::AskPeers(s.peers())));
    return absl::OkStatus();
  });
}
