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

const char* WeekdayName(int weekday) {
  constexpr const char* kNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return weekday >= 1 && weekday <= 7 ? kNames[weekday - 1] : "?";
}

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

absl::Status Record(CommandLine& line, absl::StatusOr<RegistryRows> rows, bool dry_run) {
  if (!rows.ok()) return rows.status();
  // A suite that isn't there shall be told at once, not after RecordRows' patience.
  routing::v1::GetAgencyRequest root;
  root.set_agency_id("id");
  const auto known = line.Call(&Stub::GetAgency, root, "operator");
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();

  auto session = line.session();
  if (!session.ok()) return session.status();
  const auto caller = line.Caller("operator");
  if (!caller.ok()) return caller.status();
  rows->request.set_validate_only(dry_run);
  const auto recorded = RecordRows(**session, *rows, *caller);
  if (!recorded.ok()) return line.Explain(recorded.status(), "routing");
  return line.Print(*recorded, fmt::format("{}{} agencies created, {} changed, {} ended, {} left alone{}.\n",
                                           dry_run ? ShowDifferences(*recorded) : "", recorded->created(),
                                           recorded->changed(), recorded->ended(), recorded->unchanged(),
                                           dry_run ? "; a dry run: nothing was done" : ""));
}

std::string ShowAgency(const routing::v1::Agency& agency, const AgencyName& name) {
  std::string text;
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<11} {}\n", what, value);
  };
  text = fmt::format("{}  {}\n", agency.agency_id(), agency.name());
  add("short name", agency.short_name());
  add("kind", Label(agency.kind()));
  add("region", agency.region());
  add("zone", ZoneOf(agency.time_zone()).name);
  add("below", agency.parent_id().empty() ? "nobody" : name(agency.parent_id()));
  if (agency.has_team_decree())
    add("decree", fmt::format("{} of {}", agency.team_decree().number(), agency.team_decree().issued_on()));
  if (agency.has_action_plan()) {
    add("plan", fmt::format("{}, {} to {}", agency.action_plan().reference(),
                            agency.action_plan().valid_from(), agency.action_plan().valid_until()));
  }
  add("application", agency.application_id());
  for (const event::v1::ServiceHours& hours : agency.service_hours()) {
    add("hours",
        fmt::format("{} {:02}:{:02}-{:02}:{:02}", WeekdayName(hours.weekday()), hours.opens_minute() / 60,
                    hours.opens_minute() % 60, hours.closes_minute() / 60, hours.closes_minute() % 60));
  }
  if (agency.liaison_officer_count() > 0) add("officers", std::to_string(agency.liaison_officer_count()));
  for (const routing::v1::LiaisonOfficer& officer : agency.liaison_officers())
    add("", fmt::format("{} <{}>", officer.name(), officer.contact()));
  if (agency.ended() != event::v1::AGENCY_CHANGE_UNSPECIFIED) add("ended", Label(agency.ended()));
  for (const event::v1::Successor& successor : agency.successors()) {
    add("in place",
        fmt::format("{}{}{}{}{}", name(successor.agency_id()), successor.regions().empty() ? "" : " ",
                    fmt::join(successor.regions(), " "), successor.categories().empty() ? "" : " ",
                    fmt::join(successor.categories(), " ")));
  }
  add("version", std::to_string(agency.version()));
  return text;
}

}  // namespace

void AddRegistryCommands(CommandLine& line) {
  CLI::App& family = line.AddFamily(kOperatorGroup, "registry", "the registry of agencies (daftar instansi)");

  struct LoadOptions {
    std::string directory = "deploy/reference";
    bool dry_run = false;
    bool check = false;
  };
  const auto o = std::make_shared<LoadOptions>();
  CLI::App& load = line.Add(
      kOperatorGroup, "load",
      "bring the agencies of a folder to routing: creates new ones, changes those that differ, all or "
      "nothing; acts as operator",
      {"lapor registry load", "lapor registry load --dry-run    # tells what would change",
       "lapor registry load --reference-dir my/reference --check    # only reads the files"},
      [&line, o] {
        return o->check ? Check(o->directory) : Record(line, ReadReference(o->directory), o->dry_run);
      },
      &family);
  load.add_option("--reference-dir", o->directory, "folder of agencies*.csv, units-*.csv and regions.csv")
      ->envname("LAPOR_REFERENCE_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
  load.add_flag("--dry-run", o->dry_run, "ask routing what would change, and change nothing");
  load.add_flag("--check", o->check, "check the files only, without routing");

  struct ImportOptions {
    std::string file;
    bool dry_run = false;
  };
  const auto i = std::make_shared<ImportOptions>();
  CLI::App& import = line.Add(
      kOperatorGroup, "import",
      "change what a CSV has columns for: names, coordinators, attributes, endings; all or nothing; acts as "
      "operator",
      {"lapor registry import mergers.csv --dry-run    # tells what would change",
       "lapor registry import mergers.csv    # id,ended,successors"},
      [&line, i] { return Record(line, ReadChanges(i->file), i->dry_run); }, &family);
  import.add_option("FILE", i->file, "CSV with a header; see below")->required();
  import.add_flag("--dry-run", i->dry_run, "ask routing what would change, and change nothing");
  import.footer(import.get_footer() + "\n" + HelpOfChanges());

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
  list.add_flag_function(
      "--ended", [l](int64_t) { l->request.set_show_ended(true); }, "also those that have ended");
  list.add_option("--limit", l->limit, "agencies at most")->capture_default_str()->check(CLI::PositiveNumber);

  const auto get = std::make_shared<routing::v1::GetAgencyRequest>();
  CLI::App& show = line.Add(
      kOperatorGroup, "show", "one agency; acts as monitor, which names no liaison officers",
      {"lapor registry show id.32.73.dpupr",
       "lapor registry show id.32.73.dpupr --as operator    # with its liaison officers"},
      [&line, get]() -> absl::Status {
        const auto agency = line.Call(&Stub::GetAgency, *get, "monitor");
        if (!agency.ok()) return agency.status();
        return line.Print(*agency, ShowAgency(*agency, line.agency_name()));
      },
      &family);
  show.add_option("AGENCY", *get->mutable_agency_id(), "id")->required();
}

}  // namespace lapor::client
