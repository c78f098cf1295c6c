#include "services/routing/registry.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/decision/refusal.h"
#include "libs/decision/utf8.h"

namespace lapor::routing {
namespace {

// More would not fit into the status of a call, and nobody reads them all.
constexpr int kMaxToldViolations = 20;

// Collects what is wrong with the rows, up to what can be told.
class Findings {
 public:
  void Add(size_t row, const char* field, std::string rule, std::string remedy) {
    if (++count_ > kMaxToldViolations) return;
    refusals_.Add(fmt::format("agencies[{}]{}{}", row, *field == '\0' ? "" : ".", field), std::move(rule),
                  std::move(remedy));
  }

  absl::Status status() {
    if (count_ > kMaxToldViolations) {
      refusals_.Add("agencies", fmt::format("{} more rules are broken", count_ - kMaxToldViolations),
                    "put these right and send the agencies again");
    }
    return refusals_.status();
  }

 private:
  decision::Refusals refusals_;
  int count_ = 0;
};

bool IsAgencyId(std::string_view id) {
  return id.size() >= kMinAgencyIdBytes && id.size() <= kMaxAgencyIdBytes &&
         std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

void CheckText(size_t row, const char* field, std::string_view text, int max_characters, Findings& findings) {
  const decision::TextFacts facts = decision::Inspect(text);
  if (facts.characters > static_cast<size_t>(max_characters)) {
    findings.Add(row, field, fmt::format("is longer than {} characters", max_characters), "shorten it");
  }
  if (facts.controls || facts.line_breaks)
    findings.Add(row, field, "holds a control character", "give one line of text");
}

// What a row says by itself.
void CheckRow(size_t row, const v1::Agency& agency, const policy::Policy& policy, Findings& findings) {
  if (!IsAgencyId(agency.agency_id())) {
    findings.Add(row, "agency_id", "is not an agency's id",
                 fmt::format("give {} to {} characters of a-z, 0-9, dot and hyphen, as id.32.73",
                             kMinAgencyIdBytes, kMaxAgencyIdBytes));
  }
  if (agency.name().empty()) {
    findings.Add(row, "name", "is required",
                 fmt::format("give 1 to {} characters", kMaxAgencyNameCharacters));
  }
  CheckText(row, "name", agency.name(), kMaxAgencyNameCharacters, findings);
  CheckText(row, "short_name", agency.short_name(), kMaxAgencyShortNameCharacters, findings);
  if (!event::v1::AgencyKind_IsValid(agency.kind()) || agency.kind() == event::v1::AGENCY_KIND_UNSPECIFIED) {
    findings.Add(row, "kind", "is required", "give one of the AGENCY_KIND_ values");
  }

  const bool has_zone = report::v1::TimeZone_IsValid(agency.time_zone()) &&
                        agency.time_zone() != report::v1::TIME_ZONE_UNSPECIFIED;
  if (!has_zone)
    findings.Add(row, "time_zone", "is required", "give TIME_ZONE_WIB, TIME_ZONE_WITA or TIME_ZONE_WIT");
  if (agency.region().empty()) return;
  const auto region = policy.regions().find(agency.region());
  if (region == policy.regions().end()) {
    findings.Add(row, "region", "is not a known region",
                 "give a code of regions.csv, or leave it empty for a national body");
  } else if (has_zone && region->second.time_zone != agency.time_zone()) {
    findings.Add(row, "time_zone", "is not that of the region",
                 fmt::format("give {}", report::v1::TimeZone_Name(region->second.time_zone)));
  }
}

// The rows over the registry, as far as "who is below whom" goes.
class Hierarchy {
 public:
  Hierarchy(const Registry& registry, std::span<const v1::Agency> rows) : registry_(registry), rows_(rows) {
    for (size_t i = 0; i < rows.size(); ++i) row_of_.try_emplace(rows[i].agency_id(), i);
  }

  std::optional<size_t> RowOf(const std::string& agency_id) const {
    const auto found = row_of_.find(agency_id);
    return found == row_of_.end() ? std::nullopt : std::optional(found->second);
  }

  // Whether the way up from `agency_id` comes back to it.
  bool IsInCircle(const std::string& agency_id) {
    std::vector<std::string> way;
    std::unordered_set<std::string> seen;
    for (std::string at = agency_id; !at.empty() && !ends_.contains(at); at = ParentOf(at)) {
      if (!seen.insert(at).second) return at == agency_id;
      way.push_back(at);
    }
    ends_.insert(way.begin(), way.end());
    return false;
  }

 private:
  std::string ParentOf(const std::string& agency_id) const {
    if (const auto row = RowOf(agency_id)) return rows_[*row].parent_id();
    const Agency* agency = registry_.Find(agency_id);
    return agency == nullptr ? "" : agency->parent_id();
  }

  const Registry& registry_;
  const std::span<const v1::Agency> rows_;
  std::unordered_map<std::string, size_t> row_of_;
  std::unordered_set<std::string> ends_;  // from these the way up is known to end
};

// What a row says about its place among the others.
void CheckPlace(size_t row, const v1::Agency& agency, const Registry& registry, Hierarchy& hierarchy,
                Findings& findings) {
  const std::string& id = agency.agency_id();
  const std::string& parent_id = agency.parent_id();
  if (const size_t first = *hierarchy.RowOf(id); first != row) {
    return findings.Add(row, "agency_id", fmt::format("is that of agencies[{}] too", first),
                        "name each agency once");
  }
  if (id == kRootAgencyId) {
    if (!parent_id.empty()) {
      findings.Add(row, "parent_id", "the national administrator has no coordinator above it",
                   "leave it empty");
    }
    return;
  }
  if (parent_id.empty()) {
    return findings.Add(row, "parent_id",
                        fmt::format("is required: the only agency without a coordinator is the national "
                                    "administrator, {}",
                                    kRootAgencyId),
                        "name the coordinator above it");
  }
  if (parent_id == id)
    return findings.Add(row, "parent_id", "is the agency itself", "name the coordinator above it");
  if (registry.Find(parent_id) == nullptr) {
    const auto parent_row = hierarchy.RowOf(parent_id);
    if (!parent_row) {
      return findings.Add(row, "parent_id", "is not a known agency",
                          "record the coordinator first, or in this call");
    }
    if (*parent_row > row) {
      return findings.Add(row, "parent_id", fmt::format("is agencies[{}], which comes later", *parent_row),
                          "put coordinators before those below them");
    }
  }
  if (hierarchy.IsInCircle(id)) {
    findings.Add(row, "parent_id", "stands below the agency itself, which makes a circle",
                 "name a coordinator that is not below this agency");
  }
}

Agency FromProto(const v1::Agency& row) {
  Agency agency;
  agency.set_agency_id(row.agency_id());
  agency.set_name(row.name());
  agency.set_short_name(row.short_name());
  agency.set_kind(row.kind());
  agency.set_parent_id(row.parent_id());
  agency.set_region(row.region());
  agency.set_time_zone(row.time_zone());
  return agency;
}

}  // namespace

Registry::Registry(int64_t version, std::vector<Agency> agencies) : version_(version) {
  for (Agency& agency : agencies) {
    children_[agency.parent_id()].insert(agency.agency_id());
    std::string id = agency.agency_id();
    agencies_.insert_or_assign(std::move(id), std::move(agency));
  }
}

const Agency* Registry::Find(std::string_view agency_id) const {
  const auto found = agencies_.find(agency_id);
  return found == agencies_.end() ? nullptr : &found->second;
}

std::vector<const Agency*> Registry::Page(std::string_view parent_id, std::string_view after_id,
                                          int limit) const {
  std::vector<const Agency*> page;
  const auto full = [&] { return page.size() >= static_cast<size_t>(limit); };
  if (parent_id.empty()) {
    for (auto at = agencies_.upper_bound(after_id); at != agencies_.end() && !full(); ++at)
      page.push_back(&at->second);
  } else if (const auto children = children_.find(parent_id); children != children_.end()) {
    const auto& ids = children->second;
    for (auto id = ids.upper_bound(after_id); id != ids.end() && !full(); ++id) page.push_back(Find(*id));
  }
  return page;
}

std::string_view Registry::ParentOf(std::string_view agency_id) const {
  const Agency* agency = Find(agency_id);
  return agency == nullptr ? std::string_view() : std::string_view(agency->parent_id());
}

bool Registry::IsBelow(std::string_view agency_id, std::string_view coordinator_id) const {
  for (auto above = ParentOf(agency_id); !above.empty(); above = ParentOf(above)) {
    if (above == coordinator_id) return true;
  }
  return false;
}

bool Registry::IsUnitOf(std::string_view agency_id, std::string_view government_id) const {
  const Agency* at = Find(agency_id);
  for (; at != nullptr && at->kind() == event::v1::AGENCY_KIND_UNIT; at = Find(at->parent_id())) {
    if (at->parent_id() == government_id) return true;
  }
  return false;
}

std::string Registry::ArbiterBetween(std::string_view agency_id, std::string_view target_id) const {
  for (auto above = ParentOf(agency_id); !above.empty(); above = ParentOf(above)) {
    if (target_id.empty() || above == target_id || IsBelow(target_id, above)) return std::string(above);
  }
  return kRootAgencyId;
}

absl::StatusOr<std::vector<Agency>> PlanChange(const Registry& registry, std::span<const v1::Agency> rows,
                                               const policy::Policy& policy) {
  if (rows.empty() || rows.size() > kMaxRecordedAgencies) {
    return decision::Refuse(absl::StatusCode::kInvalidArgument, "agencies",
                            fmt::format("{} agencies in one call", rows.size()),
                            fmt::format("send 1 to {}", kMaxRecordedAgencies));
  }
  Findings findings;
  Hierarchy hierarchy(registry, rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    CheckRow(i, rows[i], policy, findings);
    CheckPlace(i, rows[i], registry, hierarchy, findings);
  }
  if (const absl::Status status = findings.status(); !status.ok()) return status;

  std::vector<Agency> changes;
  for (const v1::Agency& row : rows) {
    Agency agency = FromProto(row);
    const Agency* current = registry.Find(row.agency_id());
    agency.set_version(current == nullptr ? 1 : current->version());
    if (current != nullptr) {
      if (google::protobuf::util::MessageDifferencer::Equals(agency, *current)) continue;
      agency.set_version(current->version() + 1);
    }
    changes.push_back(std::move(agency));
  }
  return changes;
}

v1::Agency ToProto(const Agency& agency) {
  v1::Agency proto;
  proto.set_agency_id(agency.agency_id());
  proto.set_name(agency.name());
  proto.set_short_name(agency.short_name());
  proto.set_kind(agency.kind());
  proto.set_parent_id(agency.parent_id());
  proto.set_region(agency.region());
  proto.set_time_zone(agency.time_zone());
  proto.set_version(agency.version());
  return proto;
}

}  // namespace lapor::routing
