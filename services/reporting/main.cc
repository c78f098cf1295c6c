#include <memory>
#include <string>

#include "libs/eventlog/service.h"
#include "libs/policy/reference.h"
#include "migrations/reporting.h"
#include "services/reporting/aggregate.h"
#include "services/reporting/api.h"

using namespace lapor;

int main(int argc, char** argv) {
  eventlog::Service service("reporting", "Figures of the nation, provinces and agencies, from events alone");
  std::string reference_dir = "deploy/reference";
  service.options()
      .add_option("--reference-dir", reference_dir, "where regions.csv is")
      ->capture_default_str();
  reporting::ApiOptions api_options;
  api_options.AddTo(service.options());

  policy::Regions regions;
  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    auto read = policy::ReadRegions(reference_dir);
    if (!read.ok()) return read.status();
    regions = *std::move(read);
    const auto executor = s.StartBackbone(migrations::reporting(), reporting::MakeAggregate());
    if (!executor.ok()) return executor.status();
    s.Serve(std::make_unique<reporting::Api>(
        s.pool(), s.visibility(), s.responder(), regions, api_options,
        [&s](const auto& body) { return s.WithoutConsumer(body); }, [&s] { return s.CheckHistory(); }));
    return absl::OkStatus();
  });
}
