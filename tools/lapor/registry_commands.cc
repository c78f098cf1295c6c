#include <cstdlib>
#include <memory>

#include "fmt/format.h"
#include "libs/policy/reference.h"
#include "tools/lapor/commands.h"
#include "tools/lapor/registry.h"

namespace lapor::client {
namespace {

using Stub = routing::v1::Routing::Stub;

constexpr int kDefaultLimit = 50;

std::string ShowAgencies(const routing::v1::ListAgenciesResponse& list, const std::string& parent_id) {
  if (list.agencies().empty()) {
    return parent_id.empty() ? "The registry is empty; load it with lapor registry load.\n"
                             : fmt::format("{} coordinates no other agency.\n", parent_id);
  }
  Table table({{"id", ""},
               {"name", "nama"},
               {"kind", "jenis"},
               {"region", "daerah"},
               {"zone", "waktu"},
               {"below", "di bawah"}});
  for (const routing::v1::Agency& agency : list.agencies()) {
    table.Add({agency.agency_id(), agency.name(), Word(agency.kind()), agency.region(),
               ZoneOf(agency.time_zone()).name, agency.parent_id()});
  }
  return table.ToString();
}

// Reads and checks the files, without telling anybody.
absl::Status Check(const std::string& directory) {
  const auto agencies = policy::ReadAgencies(directory);
  if (!agencies.ok()) return agencies.status();
  fmt::print("{} agencies, no mistake; nothing was sent.\n", agencies->size());
  return absl::OkStatus();
}

absl::Status Load(CommandLine& line, const std::string& directory) {
  // A suite that isn't there shall be told at once, not after LoadRegistry's patience.
  routing::v1::GetAgencyRequest root;
  root.set_agency_id("id");
  const auto known = line.Call(&Stub::GetAgency, root, "operator");
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();

  auto session = line.session();
  if (!session.ok()) return session.status();
  const auto recorded = LoadRegistry(**session, directory);
  if (!recorded.ok()) return line.Explain(recorded.status(), "routing");
  return line.Print(*recorded, fmt::format("{} agencies created, {} changed, {} left alone.\n",
                                           recorded->created(), recorded->changed(), recorded->unchanged()));
}

}  // namespace

void AddRegistryCommands(CommandLine& line) {
  CLI::App& family = line.AddFamily(kOperatorGroup, "registry", "the registry of agencies (daftar instansi)");

  struct LoadOptions {
    std::string directory = "deploy/reference";
    bool dry_run = false;
  };
  const auto o = std::make_shared<LoadOptions>();
  CLI::App& load = line.Add(
      kOperatorGroup, "load",
      "bring the agencies of a folder to routing: creates new ones, changes those that differ; acts as "
      "operator",
      {"lapor registry load", "lapor registry load --dry-run    # only checks the files",
       "lapor registry load --reference-dir my/reference"},
      [&line, o] { return o->dry_run ? Check(o->directory) : Load(line, o->directory); }, &family);
  load.add_option("--reference-dir", o->directory, "folder of agencies*.csv, units-*.csv and regions.csv")
      ->envname("LAPOR_REFERENCE_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
  load.add_flag("--dry-run", o->dry_run, "check the files only");

  struct ListOptions {
    routing::v1::ListAgenciesRequest request;
    int limit = kDefaultLimit;
  };
  const auto l = std::make_shared<ListOptions>();
  CLI::App& list = line.Add(
      kOperatorGroup, "list", "agencies by id; acts as monitor",
      {"lapor registry list --below id.32 --limit 100", "lapor registry list --below id.32.73",
       "lapor registry list --limit 20000 --json"},
      [&line, l]() -> absl::Status {
        const auto agencies = line.List(
            &Stub::ListAgencies, l->request, "monitor", l->limit,
            [](const auto& page) -> const auto& { return page.agencies(); });
        if (!agencies.ok()) return agencies.status();
        const std::string& parent_id = l->request.parent_id();
        if (agencies->agencies().empty() && !parent_id.empty()) {
          if (auto status = line.CheckAgency(parent_id); !status.ok()) return status;
        }
        return line.Print(*agencies, ShowAgencies(*agencies, parent_id));
      },
      &family);
  list.add_option("--below", *l->request.mutable_parent_id(), "only those that this one coordinates directly")
      ->type_name("AGENCY");
  list.add_option("--limit", l->limit, "agencies at most")->capture_default_str()->check(CLI::PositiveNumber);

  const auto get = std::make_shared<routing::v1::GetAgencyRequest>();
  CLI::App& show = line.Add(
      kOperatorGroup, "show", "one agency; acts as monitor", {"lapor registry show id.32.73.dpupr"},
      [&line, get]() -> absl::Status {
        const auto agency = line.Call(&Stub::GetAgency, *get, "monitor");
        if (!agency.ok()) return agency.status();
        const std::string above =
            agency->parent_id().empty() ? "nobody" : line.agency_name()(agency->parent_id());
        return line.Print(
            *agency,
            fmt::format("{}  {}\n  short name  {}\n  kind        {}\n  region      {}\n"
                        "  zone        {}\n  below       {}\n  version     {}\n",
                        agency->agency_id(), agency->name(), agency->short_name(), Label(agency->kind()),
                        agency->region(), ZoneOf(agency->time_zone()).name, above, agency->version()));
      },
      &family);
  show.add_option("AGENCY", *get->mutable_agency_id(), "id")->required();
}

}  // namespace lapor::client
