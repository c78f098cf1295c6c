#include <memory>
#include <string>

#include "libs/eventlog/service.h"
#include "libs/policy/policy.h"
#include "migrations/followup.h"
#include "services/followup/aggregate.h"
#include "services/followup/api.h"

using namespace lapor;  // NOLINT: a main is nobody's header

int main(int argc, char** argv) {
  eventlog::Service service("followup", "Cases of the accountable agencies: their clocks and their answers");
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
  service.options().add_option("--policy-dir", policy_dir, "deadlines and calendars")->capture_default_str();
  service.options()
      .add_option("--reference-dir", reference_dir, "regions and categories")
      ->capture_default_str();

  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    const auto executor = s.StartBackbone(migrations::followup(), followup::MakeAggregate(*policy));
    if (!executor.ok()) return executor.status();
    s.Serve(std::make_unique<followup::Api>(**executor, s.pool(), s.visibility(), s.responder(), *policy,
                                            s.clock()));
    return absl::OkStatus();
  });
}
