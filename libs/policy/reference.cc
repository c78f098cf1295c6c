#include "libs/policy/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_split.h"
#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMinIdBytes = 2;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxNameBytes = 200;

// A word of a data file and what it means; `allowed` is built from the table so that the two can't differ.
template <typename T, std::size_t N>
using Words = std::pair<std::string_view, T>[N];

constexpr Words<RegionKind, 3> kRegionKinds = {
    {"province", RegionKind::kProvince}, {"regency", RegionKind::kRegency}, {"city", RegionKind::kCity}};
constexpr Words<report::v1::TimeZone, 3> kTimeZones = {{"WIB", report::v1::TIME_ZONE_WIB},
                                                       {"WITA", report::v1::TIME_ZONE_WITA},
                                                       {"WIT", report::v1::TIME_ZONE_WIT}};
constexpr Words<event::v1::AgencyKind, 6> kAgencyKinds = {
    {"national", event::v1::AGENCY_KIND_NATIONAL}, {"province", event::v1::AGENCY_KIND_PROVINCE},
    {"regency", event::v1::AGENCY_KIND_REGENCY},   {"city", event::v1::AGENCY_KIND_CITY},
    {"unit", event::v1::AGENCY_KIND_UNIT},         {"state_company", event::v1::AGENCY_KIND_STATE_COMPANY}};

// Where a row stands, for what is found wrong with it.
struct Origin {
  const fs::path* file;
  int line;
};

// Checks the fields of one file's rows.
class RowChecker {
 public:
  RowChecker(const fs::path& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void Reject(int line, std::string_view reason) { diagnostics_.Add(file_, line, reason); }

  template <typename T, std::size_t N>
  std::optional<T> Word(int line, std::string_view column, std::string_view text, const Words<T, N>& words) {
    std::string allowed;
    for (const auto& [word, value] : words) {
      if (word == text) return value;
      allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", word);
    }
    Reject(line, fmt::format("{} is '{}'; it must be one of {}", column, text, allowed));
    return std::nullopt;
  }

  void Name(int line, std::string_view column, std::string_view text) {
    if (text.empty() || text.size() > kMaxNameBytes) {
      Reject(line, fmt::format("{} must have 1 to {} bytes", column, kMaxNameBytes));
    }
  }

  void Id(int line, std::string_view column, std::string_view text) {
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    if (text.size() < kMinIdBytes || text.size() > kMaxIdBytes ||
        !std::all_of(text.begin(), text.end(), allowed)) {
      Reject(line, fmt::format("{} is '{}'; it must have {} to {} of a-z, 0-9, dot and hyphen", column, text,
                               kMinIdBytes, kMaxIdBytes));
    }
  }

 private:
  const fs::path& file_;
  Diagnostics& diagnostics_;
};

// True when code has the form of `form`, in which 0 stands for any digit.
bool HasForm(std::string_view code, std::string_view form) {
  return std::equal(code.begin(), code.end(), form.begin(), form.end(),
                    [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

Regions ReadRegions(const fs::path& reference_dir, Diagnostics& diagnostics) {
  const fs::path file = reference_dir / "regions.csv";
  RowChecker check(file, diagnostics);
  Regions regions;
  std::vector<std::pair<int, const Region*>> rows;
  for (const CsvRow& row : ReadCsv(file, {"code", "name", "kind", "parent", "time_zone"}, diagnostics)) {
    const std::optional<RegionKind> kind = check.Word(row.line, "kind", row.fields[2], kRegionKinds);
    const auto time_zone = check.Word(row.line, "time_zone", row.fields[4], kTimeZones);
    if (!kind || !time_zone) continue;
    Region region{.code = row.fields[0],
                  .name = row.fields[1],
                  .kind = *kind,
                  .parent = row.fields[3],
                  .time_zone = *time_zone};
    const bool province = region.kind == RegionKind::kProvince;
    if (!HasForm(region.code, province ? "00" : "00.00")) {
      check.Reject(row.line, fmt::format("code is '{}'; a {} has the form {}", region.code, row.fields[2],
                                         province ? "00" : "00.00"));
    } else if (region.parent != (province ? "" : region.code.substr(0, 2))) {
      check.Reject(row.line, fmt::format("parent of {} is '{}'; its code says '{}'", region.code,
                                         region.parent, province ? "" : region.code.substr(0, 2)));
    }
    check.Name(row.line, "name", region.name);
    const auto [entry, added] = regions.try_emplace(region.code, region);
    if (!added) check.Reject(row.line, fmt::format("code {} is there twice", region.code));
    if (added) rows.emplace_back(row.line, &entry->second);
  }
  for (const auto& [line, region] : rows) {
    const std::string province = region->code.substr(0, 2);
    if (!regions.contains(province)) {
      check.Reject(line, fmt::format("province {} of {} is not in the file", province, region->code));
    }
  }
  return regions;
}

// ---- agencies ----

struct Listed {
  AgencyRow agency;
  Origin origin;
};

// The agencies as they are gathered, by id, in the order of the files.
struct Registry {
  std::vector<Listed> agencies;
  std::unordered_map<std::string, std::size_t> by_id;

  // False when the id is taken.
  bool Add(AgencyRow agency, Origin origin) {
    if (!by_id.try_emplace(agency.id, agencies.size()).second) return false;
    agency.origin = fmt::format("{}:{}", origin.file->string(), origin.line);
    agencies.push_back({std::move(agency), origin});
    return true;
  }
};

struct UnitTemplate {
  std::string code;
  // With {region} for the region's name.
  std::string name;
  std::string short_name;
};

std::vector<UnitTemplate> ReadUnits(const fs::path& file, Diagnostics& diagnostics) {
  RowChecker check(file, diagnostics);
  std::vector<UnitTemplate> units;
  std::unordered_set<std::string> codes;
  for (const CsvRow& row : ReadCsv(file, {"code", "name", "short_name"}, diagnostics)) {
    units.push_back({row.fields[0], row.fields[1], row.fields[2]});
    check.Id(row.line, "code", row.fields[0]);
    check.Name(row.line, "name", row.fields[1]);
    check.Name(row.line, "short_name", row.fields[2]);
    if (!codes.insert(row.fields[0]).second) {
      check.Reject(row.line, fmt::format("code '{}' is there twice", row.fields[0]));
    }
  }
  return units;
}

std::string FillIn(std::string text, std::string_view region_name) {
  constexpr std::string_view kPlace = "{region}";
  for (std::size_t at = text.find(kPlace); at != text.npos; at = text.find(kPlace, at + region_name.size())) {
    text.replace(at, kPlace.size(), region_name);
  }
  return text;
}

std::optional<RegionKind> GovernedRegion(event::v1::AgencyKind kind) {
  if (kind == event::v1::AGENCY_KIND_PROVINCE) return RegionKind::kProvince;
  if (kind == event::v1::AGENCY_KIND_REGENCY) return RegionKind::kRegency;
  if (kind == event::v1::AGENCY_KIND_CITY) return RegionKind::kCity;
  return std::nullopt;
}

// Agencies that have the units of a template.
struct WithUnits {
  std::size_t agency;
  std::string units;
};

std::vector<WithUnits> ReadAgencyFile(const fs::path& file, const Regions& regions, Registry& registry,
                                      Diagnostics& diagnostics) {
  RowChecker check(file, diagnostics);
  std::vector<WithUnits> with_units;
  for (const CsvRow& row :
       ReadCsv(file, {"id", "name", "kind", "parent", "region", "time_zone", "short_name", "units"},
               diagnostics)) {
    AgencyRow agency{.id = row.fields[0],
                     .name = row.fields[1],
                     .short_name = row.fields[6],
                     .kind = check.Word(row.line, "kind", row.fields[2], kAgencyKinds)
                                 .value_or(event::v1::AGENCY_KIND_UNSPECIFIED),
                     .parent = row.fields[3],
                     .region = row.fields[4],
                     .time_zone = check.Word(row.line, "time_zone", row.fields[5], kTimeZones)
                                      .value_or(report::v1::TIME_ZONE_UNSPECIFIED)};
    check.Id(row.line, "id", agency.id);
    check.Name(row.line, "name", agency.name);
    check.Name(row.line, "short_name", agency.short_name);
    const auto region = regions.find(agency.region);
    const std::optional<RegionKind> governed = GovernedRegion(agency.kind);
    if (region != regions.end()) {
      if (governed && *governed != region->second.kind) {
        check.Reject(row.line, fmt::format("kind '{}' does not fit region {} {}", row.fields[2],
                                           agency.region, region->second.name));
      }
      if (agency.time_zone && agency.time_zone != region->second.time_zone) {
        check.Reject(row.line,
                     fmt::format("time_zone {} is not that of region {}", row.fields[5], agency.region));
      }
    } else if (!agency.region.empty() || governed) {
      check.Reject(row.line, fmt::format("region '{}' is not in regions.csv", agency.region));
    }
    const std::string id = agency.id;
    const Origin origin{&file, row.line};
    if (!registry.Add(std::move(agency), origin)) {
      const Origin first = registry.agencies[registry.by_id.at(id)].origin;
      check.Reject(row.line,
                   fmt::format("id '{}' is already at {}:{}", id, first.file->string(), first.line));
    } else if (!row.fields[7].empty()) {
      with_units.push_back({registry.agencies.size() - 1, row.fields[7]});
    }
  }
  return with_units;
}

void AddUnits(const fs::path& reference_dir, const std::vector<WithUnits>& with_units, const Regions& regions,
              Registry& registry, Diagnostics& diagnostics) {
  std::map<std::string, std::vector<UnitTemplate>> templates;
  for (const auto& [index, name] : with_units) {
    const auto [entry, added] = templates.try_emplace(name);
    if (added) entry->second = ReadUnits(reference_dir / fmt::format("units-{}.csv", name), diagnostics);
    const auto [government, origin] = registry.agencies[index];
    const auto region = regions.find(government.region);
    const std::string_view place = region == regions.end() ? government.name : region->second.name;
    for (const UnitTemplate& unit : entry->second) {
      AgencyRow agency{.id = fmt::format("{}.{}", government.id, unit.code),
                       .name = FillIn(unit.name, place),
                       .short_name = FillIn(unit.short_name, place),
                       .kind = event::v1::AGENCY_KIND_UNIT,
                       .parent = government.id,
                       .region = government.region,
                       .time_zone = government.time_zone};
      RowChecker check(*origin.file, diagnostics);
      check.Id(origin.line, "id of a unit", agency.id);
      check.Name(origin.line, "name of a unit", agency.name);
      // A taken id is a row of an agencies file: the unit as it really is.
      registry.Add(std::move(agency), origin);
    }
  }
}

void CheckEveryRegionHasAGovernment(const fs::path& reference_dir, const Regions& regions,
                                    const Registry& registry, Diagnostics& diagnostics) {
  std::map<std::string, const Listed*> governments;
  for (const Listed& listed : registry.agencies) {
    if (!GovernedRegion(listed.agency.kind)) continue;
    const auto [entry, added] = governments.try_emplace(listed.agency.region, &listed);
    if (!added) {
      diagnostics.Add(*listed.origin.file, listed.origin.line,
                      fmt::format("region {} has a government already: {}", listed.agency.region,
                                  entry->second->agency.id));
    }
  }
  for (const auto& [code, region] : regions) {
    if (!governments.contains(code)) {
      diagnostics.Add(reference_dir / "regions.csv", 0,
                      fmt::format("region {} {} has no government in agencies*.csv", code, region.name));
    }
  }
}

// Root first, then by levels; reports what the root does not reach.
std::vector<AgencyRow> ParentsFirst(const fs::path& reference_dir, const Registry& registry,
                                    Diagnostics& diagnostics) {
  std::unordered_map<std::string, std::vector<const Listed*>> children;
  for (const Listed& listed : registry.agencies) {
    const auto& [agency, origin] = listed;
    children[agency.parent].push_back(&listed);
    if (!agency.parent.empty() && !registry.by_id.contains(agency.parent)) {
      diagnostics.Add(*origin.file, origin.line,
                      fmt::format("parent '{}' of {} is no agency", agency.parent, agency.id));
    }
  }
  std::vector<const Listed*>& roots = children[""];
  if (roots.empty()) diagnostics.Add(reference_dir, 0, "no agency is without parent; one must be the root");
  for (std::size_t i = 1; i < roots.size(); ++i) {
    diagnostics.Add(
        *roots[i]->origin.file, roots[i]->origin.line,
        fmt::format("{} has no parent; only the root, {}, may", roots[i]->agency.id, roots[0]->agency.id));
  }
  if (!diagnostics.ok()) return {};

  std::vector<AgencyRow> ordered{roots[0]->agency};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto below = children.find(ordered[i].id);
    if (below == children.end()) continue;
    for (const Listed* child : below->second) ordered.push_back(child->agency);
  }
  if (ordered.size() == registry.agencies.size()) return ordered;

  std::unordered_set<std::string> reached;
  for (const AgencyRow& agency : ordered) reached.insert(agency.id);
  for (const auto& [agency, origin] : registry.agencies) {
    if (reached.contains(agency.id)) continue;
    diagnostics.Add(*origin.file, origin.line,
                    fmt::format("{} is in a cycle of parents, or below one", agency.id));
  }
  return ordered;
}

}  // namespace

absl::StatusOr<Regions> ReadRegions(const fs::path& reference_dir) {
  Diagnostics diagnostics;
  Regions regions = ReadRegions(reference_dir, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();
  return regions;
}

const Region* FindRegion(const Regions& regions, std::string_view code) {
  if (HasForm(code, "00.00.00") || HasForm(code, "00.00.00.0000")) code = code.substr(0, 5);
  const auto found = regions.find(code);
  return found == regions.end() ? nullptr : &found->second;
}

absl::StatusOr<Categories> ReadCategories(const fs::path& reference_dir) {
  Diagnostics diagnostics;
  const fs::path file = reference_dir / "categories.csv";
  RowChecker check(file, diagnostics);
  Categories categories;
  for (const CsvRow& row : ReadCsv(file, {"code", "name", "name_en", "parent"}, diagnostics)) {
    Category category{
        .code = row.fields[0], .name = row.fields[1], .name_en = row.fields[2], .parent = row.fields[3]};
    check.Id(row.line, "code", category.code);
    check.Name(row.line, "name", category.name);
    check.Name(row.line, "name_en", category.name_en);
    // A topic stands above its subtopics, so that a reader sees the tree; that also rules out cycles.
    if (!category.parent.empty() && !categories.contains(category.parent)) {
      check.Reject(row.line, fmt::format("parent '{}' is no category above this line", category.parent));
    }
    const std::string code = category.code;
    if (!categories.try_emplace(code, std::move(category)).second) {
      check.Reject(row.line, fmt::format("code '{}' is there twice", code));
    }
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return categories;
}

absl::StatusOr<std::vector<AgencyRow>> ReadAgencies(const fs::path& reference_dir) {
  Diagnostics diagnostics;
  const Regions regions = ReadRegions(reference_dir, diagnostics);
  const std::vector<fs::path> files = ListDataFiles(reference_dir, "agencies", ".csv", diagnostics);
  if (files.empty()) diagnostics.Add(reference_dir, 0, "has no agencies*.csv");
  // What follows refers to regions; wrong ones would only repeat themselves.
  if (!diagnostics.ok()) return diagnostics.status();

  Registry registry;
  std::vector<WithUnits> with_units;
  for (const fs::path& file : files) {
    const std::vector<WithUnits> more = ReadAgencyFile(file, regions, registry, diagnostics);
    with_units.insert(with_units.end(), more.begin(), more.end());
  }
  AddUnits(reference_dir, with_units, regions, registry, diagnostics);
  CheckEveryRegionHasAGovernment(reference_dir, regions, registry, diagnostics);
  std::vector<AgencyRow> agencies = ParentsFirst(reference_dir, registry, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();
  return agencies;
}

absl::StatusOr<Offices> ReadOffices(const fs::path& reference_dir) {
  Diagnostics diagnostics;
  const Regions regions = ReadRegions(reference_dir, diagnostics);
  const fs::path file = reference_dir / "ombudsman-offices.csv";
  RowChecker check(file, diagnostics);
  Offices offices;
  std::map<std::string, std::string> office_of;  // by province
  for (const CsvRow& row :
       ReadCsv(file, {"code", "name", "time_zone", "provinces", "contacts"}, diagnostics)) {
    Office office{.code = row.fields[0],
                  .name = row.fields[1],
                  .time_zone = check.Word(row.line, "time_zone", row.fields[2], kTimeZones)
                                   .value_or(report::v1::TIME_ZONE_UNSPECIFIED),
                  .provinces = absl::StrSplit(row.fields[3], ' ', absl::SkipEmpty()),
                  .contacts = absl::StrSplit(row.fields[4], ' ', absl::SkipEmpty())};
    check.Id(row.line, "code", office.code);
    check.Name(row.line, "name", office.name);
    if ((office.code == kHeadOffice) != office.provinces.empty()) {
      check.Reject(row.line, fmt::format("every office but '{}' has provinces, and only those", kHeadOffice));
    }
    for (const std::string& province : office.provinces) {
      if (!HasForm(province, "00") || !regions.contains(province)) {
        check.Reject(row.line, fmt::format("'{}' is no province of regions.csv", province));
      } else if (const auto [other, added] = office_of.try_emplace(province, office.code); !added) {
        check.Reject(row.line,
                     fmt::format("province {} has the office '{}' already", province, other->second));
      }
    }
    std::ranges::sort(office.provinces);
    const std::string code = office.code;
    if (!offices.try_emplace(code, std::move(office)).second) {
      check.Reject(row.line, fmt::format("code '{}' is there twice", code));
    }
  }
  if (!diagnostics.ok()) return diagnostics.status();

  if (!offices.contains(kHeadOffice)) {
    diagnostics.Add(file, 0, fmt::format("the head office, '{}', is missing", kHeadOffice));
  }
  for (const auto& [code, region] : regions) {
    if (region.kind == RegionKind::kProvince && !office_of.contains(code)) {
      diagnostics.Add(file, 0, fmt::format("province {} {} has no office", code, region.name));
    }
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return offices;
}

const Office& OfficeFor(const Offices& offices, std::string_view agency_id) {
  // The second part of an id: 32 of id.32.73.dinkes, kemenkes of id.kemenkes, nothing of id.
  const size_t dot = agency_id.find('.');
  const std::string_view second = dot == agency_id.npos ? "" : agency_id.substr(dot + 1);
  const std::string_view province = second.substr(0, second.find('.'));
  for (const auto& [code, office] : offices) {
    if (std::ranges::find(office.provinces, province) != office.provinces.end()) return office;
  }
  return offices.find(kHeadOffice)->second;
}

}  // namespace lapor::policy
