#include "services/routing/registry_change.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/decision/refusal.h"
#include "libs/decision/utf8.h"
#include "services/routing/agency_attributes.h"

namespace lapor::routing {
namespace {

using google::protobuf::util::MessageDifferencer;

// More would not fit into the status of a call, and nobody reads them all.
constexpr int kMaxToldViolations = 20;
// Of those below an agency that is to end.
constexpr size_t kMaxToldAgencies = 5;

// Collects what is wrong with the rows, up to what can be told.
class Findings {
 public:
  void Add(size_t row, std::string_view field, std::string rule, std::string remedy) {
    if (++count_ > kMaxToldViolations) return;
    refusals_.Add(fmt::format("agencies[{}].{}", row, field), std::move(rule), std::move(remedy));
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

// An agency as a row would have it.
struct Candidate {
  Agency agency;
  LiaisonOfficers officers;
  // As it was; null when it is new.
  const Agency* current = nullptr;

  bool ends() const { return HasEnded(agency) && !(current != nullptr && HasEnded(*current)); }
};

// --- which fields there are, and who gives them

struct Field {
  const char* name;
  // Given by every row that comes without a mask, even empty.
  bool of_tree;
  // Empty can't be meant: with a mask it leaves what is there.
  bool never_empty;
  bool (*is_given)(const v1::Agency&);
  void (*take)(const v1::Agency&, Candidate&);
  std::string (*show)(const Agency&);
};

constexpr Field kFields[] = {
    {"name", true, true, [](const v1::Agency& row) { return !row.name().empty(); },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_name(row.name()); },
     [](const Agency& agency) { return agency.name(); }},
    {"short_name", true, false, [](const v1::Agency& row) { return !row.short_name().empty(); },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_short_name(row.short_name()); },
     [](const Agency& agency) { return agency.short_name(); }},
    {"kind", true, true,
     [](const v1::Agency& row) { return row.kind() != event::v1::AGENCY_KIND_UNSPECIFIED; },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_kind(row.kind()); },
     [](const Agency& agency) { return event::v1::AgencyKind_Name(agency.kind()); }},
    {"parent_id", true, true, [](const v1::Agency& row) { return !row.parent_id().empty(); },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_parent_id(row.parent_id()); },
     [](const Agency& agency) { return agency.parent_id(); }},
    {"region", true, false, [](const v1::Agency& row) { return !row.region().empty(); },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_region(row.region()); },
     [](const Agency& agency) { return agency.region(); }},
    {"time_zone", true, true,
     [](const v1::Agency& row) { return row.time_zone() != report::v1::TIME_ZONE_UNSPECIFIED; },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_time_zone(row.time_zone()); },
     [](const Agency& agency) { return report::v1::TimeZone_Name(agency.time_zone()); }},
    {"team_decree", false, false, [](const v1::Agency& row) { return row.has_team_decree(); },
     [](const v1::Agency& row, Candidate& to) {
       to.agency.clear_team_decree();
       if (row.has_team_decree()) *to.agency.mutable_team_decree() = row.team_decree();
     },
     [](const Agency& agency) {
       return agency.has_team_decree() ? Show(agency.team_decree()) : std::string();
     }},
    {"liaison_officers", false, false, [](const v1::Agency& row) { return !row.liaison_officers().empty(); },
     [](const v1::Agency& row, Candidate& to) {
       to.officers.assign(row.liaison_officers().begin(), row.liaison_officers().end());
       to.agency.set_liaison_officers(row.liaison_officers_size());
     },
     [](const Agency& agency) { return std::to_string(agency.liaison_officers()); }},
    {"action_plan", false, false, [](const v1::Agency& row) { return row.has_action_plan(); },
     [](const v1::Agency& row, Candidate& to) {
       to.agency.clear_action_plan();
       if (row.has_action_plan()) *to.agency.mutable_action_plan() = row.action_plan();
     },
     [](const Agency& agency) {
       return agency.has_action_plan() ? Show(agency.action_plan()) : std::string();
     }},
    {"application_id", false, false, [](const v1::Agency& row) { return !row.application_id().empty(); },
     [](const v1::Agency& row, Candidate& to) { to.agency.set_application_id(row.application_id()); },
     [](const Agency& agency) { return agency.application_id(); }},
    {"service_hours", false, false, [](const v1::Agency& row) { return !row.service_hours().empty(); },
     [](const v1::Agency& row, Candidate& to) { *to.agency.mutable_service_hours() = row.service_hours(); },
     [](const Agency& agency) { return Show(agency.service_hours()); }},
    {"ended", false, true,
     [](const v1::Agency& row) { return row.ended() != event::v1::AGENCY_CHANGE_UNSPECIFIED; },
     [](const v1::Agency& row, Candidate& to) {
       to.agency.set_change(row.ended());
       *to.agency.mutable_successors() = row.successors();
     },
     [](const Agency& agency) {
       if (!HasEnded(agency)) return std::string();
       std::string text = event::v1::AgencyChange_Name(agency.change());
       for (const event::v1::Successor& successor : agency.successors()) {
         text += fmt::format("{} {}", text.find(' ') == std::string::npos ? "," : ";", successor.agency_id());
         for (const std::string& code : successor.regions()) text += " " + code;
         for (const std::string& code : successor.categories()) text += " " + code;
       }
       return text;
     }},
};

// The fields that a mask names; none is no mask.
absl::StatusOr<std::vector<const Field*>> FieldsOf(const google::protobuf::FieldMask& mask) {
  std::vector<const Field*> fields;
  for (const std::string& path : mask.paths()) {
    if (path == "successors") continue;  // comes with `ended`
    const auto* field = std::ranges::find(kFields, path, [](const Field& f) { return std::string(f.name); });
    if (field == std::end(kFields)) {
      std::string names;
      for (const Field& f : kFields) names += fmt::format("{}{}", names.empty() ? "" : ", ", f.name);
      return decision::Refuse(absl::StatusCode::kInvalidArgument, "update_mask",
                              "names what is no field of an agency that can be given", "name of: " + names);
    }
    fields.push_back(field);
  }
  return fields;
}

Candidate CandidateOf(const v1::Agency& row, const std::vector<const Field*>& mask,
                      const Registry& registry) {
  Candidate candidate;
  candidate.current = registry.Find(row.agency_id());
  if (candidate.current != nullptr) {
    candidate.agency = *candidate.current;
    candidate.officers = registry.OfficersOf(row.agency_id());
  }
  candidate.agency.set_agency_id(row.agency_id());
  candidate.agency.clear_changed_fields();
  if (!HasEnded(candidate.agency))
    candidate.agency.clear_change();  // told the last change; now tells an ending
  for (const Field& field : kFields) {
    const bool masked = candidate.current != nullptr && !mask.empty();
    const bool named = std::ranges::find(mask, &field) != mask.end();
    if (masked ? named && (!field.never_empty || field.is_given(row)) : field.of_tree || field.is_given(row))
      field.take(row, candidate);
  }
  // Persons whose task is over are kept no longer.
  if (candidate.ends()) {
    candidate.officers.clear();
    candidate.agency.set_liaison_officers(0);
  }
  return candidate;
}

bool SameOfficers(const LiaisonOfficers& a, const LiaisonOfficers& b) {
  return std::ranges::equal(a, b,
                            [](const auto& x, const auto& y) { return MessageDifferencer::Equals(x, y); });
}

// --- what a row says by itself

void CheckText(const std::string& field, std::string_view text, int max_characters, const Reject& reject) {
  const decision::TextFacts facts = decision::Inspect(text);
  if (facts.characters > static_cast<size_t>(max_characters)) {
    reject(field, fmt::format("is longer than {} characters", max_characters), "shorten it");
  }
  if (facts.controls || facts.line_breaks)
    reject(field, "holds a control character", "give one line of text");
}

void CheckRequiredText(const std::string& field, std::string_view text, int max_characters,
                       const Reject& reject) {
  if (text.empty()) reject(field, "is required", fmt::format("give 1 to {} characters", max_characters));
  CheckText(field, text, max_characters, reject);
}

void CheckTree(const Agency& agency, const policy::Policy& policy, const Reject& reject) {
  if (!report::IsAgencyId(agency.agency_id())) {
    reject("agency_id", "is not an agency's id",
           fmt::format("give {} to {} characters of a-z, 0-9, dot and hyphen, as id.32.73",
                       report::kMinAgencyIdBytes, report::kMaxAgencyIdBytes));
  }
  CheckRequiredText("name", agency.name(), kMaxAgencyNameCharacters, reject);
  CheckText("short_name", agency.short_name(), kMaxAgencyShortNameCharacters, reject);
  if (!event::v1::AgencyKind_IsValid(agency.kind()) || agency.kind() == event::v1::AGENCY_KIND_UNSPECIFIED) {
    reject("kind", "is required", "give one of the AGENCY_KIND_ values");
  }

  const bool has_zone = report::v1::TimeZone_IsValid(agency.time_zone()) &&
                        agency.time_zone() != report::v1::TIME_ZONE_UNSPECIFIED;
  if (!has_zone) reject("time_zone", "is required", "give TIME_ZONE_WIB, TIME_ZONE_WITA or TIME_ZONE_WIT");
  if (agency.region().empty()) return;
  const auto region = policy.regions().find(agency.region());
  if (region == policy.regions().end()) {
    reject("region", "is not a known region",
           "give a code of regions.csv, or leave it empty for a national body");
  } else if (has_zone && region->second.time_zone != agency.time_zone()) {
    reject("time_zone", "is not that of the region",
           fmt::format("give {}", report::v1::TimeZone_Name(region->second.time_zone)));
  }
}

void CheckAttributes(const Candidate& candidate, const Reject& reject) {
  const Agency& agency = candidate.agency;
  if (agency.has_team_decree()) CheckTeamDecree(agency.team_decree(), reject);
  if (agency.has_action_plan()) CheckActionPlan(agency.action_plan(), reject);
  CheckApplicationId(agency.application_id(), reject);
  CheckServiceHours(agency.service_hours(), reject);

  if (candidate.officers.size() > kMaxLiaisonOfficers) {
    return reject("liaison_officers", fmt::format("names more than {}", kMaxLiaisonOfficers),
                  "name those who are to be reached first");
  }
  for (size_t i = 0; i < candidate.officers.size(); ++i) {
    const std::string field = fmt::format("liaison_officers[{}]", i);
    CheckRequiredText(field + ".name", candidate.officers[i].name(), kMaxOfficerCharacters, reject);
    CheckRequiredText(field + ".contact", candidate.officers[i].contact(), kMaxOfficerCharacters, reject);
  }
}

// --- what a row says about its place among the others

// The rows over the registry.
class Outlook {
 public:
  Outlook(const Registry& registry, const std::vector<Candidate>& rows) : registry_(registry), rows_(rows) {
    for (size_t i = 0; i < rows.size(); ++i) row_of_.try_emplace(rows[i].agency.agency_id(), i);
  }

  std::optional<size_t> RowOf(const std::string& agency_id) const {
    const auto found = row_of_.find(agency_id);
    return found == row_of_.end() ? std::nullopt : std::optional(found->second);
  }

  // As it will be; null when there won't be one.
  const Agency* Find(const std::string& agency_id) const {
    if (const auto row = RowOf(agency_id)) return &rows_[*row].agency;
    return registry_.Find(agency_id);
  }

  bool IsKnownAlready(const std::string& agency_id) const { return registry_.Find(agency_id) != nullptr; }

  // Those that go on below an agency that is there already.
  std::vector<std::string> LivingBelow(const std::string& agency_id) const {
    std::vector<std::string> below;
    for (const Agency* child : registry_.Page(agency_id, "", std::numeric_limits<int>::max())) {
      const Agency* then = Find(child->agency_id());
      if (!HasEnded(*then) && then->parent_id() == agency_id) below.push_back(then->agency_id());
    }
    return below;
  }

  // Whether the way up from `agency_id` comes back to it.
  bool IsInCircle(const std::string& agency_id) {
    std::vector<std::string> way;
    std::unordered_set<std::string> seen;
    for (std::string at = agency_id; !at.empty() && !ends_.contains(at);) {
      if (!seen.insert(at).second) return at == agency_id;
      way.push_back(at);
      const Agency* agency = Find(at);
      at = agency == nullptr ? "" : agency->parent_id();
    }
    ends_.insert(way.begin(), way.end());
    return false;
  }

 private:
  const Registry& registry_;
  const std::vector<Candidate>& rows_;
  std::unordered_map<std::string, size_t> row_of_;
  std::unordered_set<std::string> ends_;  // from these the way up is known to end
};

std::string InItsPlace(const Agency& ended) {
  return fmt::format("has ended; in its place: {}", SuccessorsOf(ended));
}

void CheckParent(size_t row, const Agency& agency, Outlook& outlook, const Reject& reject) {
  const std::string& id = agency.agency_id();
  const std::string& parent_id = agency.parent_id();
  if (id == kRootAgencyId) {
    if (!parent_id.empty()) {
      reject("parent_id", "the national administrator has no coordinator above it", "leave it empty");
    }
    return;
  }
  if (parent_id.empty()) {
    return reject("parent_id",
                  fmt::format("is required: the only agency without a coordinator is the national "
                              "administrator, {}",
                              kRootAgencyId),
                  "name the coordinator above it");
  }
  if (parent_id == id) return reject("parent_id", "is the agency itself", "name the coordinator above it");
  const auto parent_row = outlook.RowOf(parent_id);
  if (!outlook.IsKnownAlready(parent_id)) {
    if (!parent_row)
      return reject("parent_id", "is not a known agency", "record the coordinator first, or in this call");
    if (*parent_row > row) {
      return reject("parent_id", fmt::format("is agencies[{}], which comes later", *parent_row),
                    "put coordinators before those below them");
    }
  }
  if (outlook.IsInCircle(id)) {
    return reject("parent_id", "stands below the agency itself, which makes a circle",
                  "name a coordinator that is not below this agency");
  }
  const Agency* parent = outlook.Find(parent_id);
  if (HasEnded(*parent) && !HasEnded(agency)) {
    reject("parent_id", InItsPlace(*parent), "name a coordinator that goes on, in this call if need be");
  }
}

// --- what a row says about an ending

void CheckSuccessor(const std::string& field, const event::v1::Successor& successor, const Agency& agency,
                    const Outlook& outlook, const policy::Policy& policy, const Reject& reject) {
  const std::string& id = successor.agency_id();
  const Agency* there = outlook.Find(id);
  constexpr const char* kNameOther = "name an agency that goes on";
  if (id == agency.agency_id()) {
    reject(field + ".agency_id", "is the agency itself", kNameOther);
  } else if (id == kRootAgencyId) {
    reject(field + ".agency_id", "is the national administrator, who follows nothing up", kNameOther);
  } else if (there == nullptr) {
    reject(field + ".agency_id", "is not a known agency", "record the successor first, or in this call");
  } else if (HasEnded(*there)) {
    // So there are no circles, and no chains within one call.
    reject(field + ".agency_id", InItsPlace(*there), kNameOther);
  }
  if (successor.regions_size() + successor.categories_size() > kMaxSuccessorCodes) {
    return reject(field, fmt::format("has more than {} regions and categories", kMaxSuccessorCodes),
                  "name provinces and topics, which stand for all that is in them");
  }
  for (int i = 0; i < successor.regions_size(); ++i) {
    if (policy.regions().contains(successor.regions(i))) continue;
    reject(fmt::format("{}.regions[{}]", field, i), "is not a known region", "give a code of regions.csv");
  }
  for (int i = 0; i < successor.categories_size(); ++i) {
    if (policy.FindCategory(successor.categories(i)) != nullptr) continue;
    reject(fmt::format("{}.categories[{}]", field, i), "is not a known category",
           "give a code of categories.csv");
  }
}

void CheckSuccessors(const Agency& agency, const Outlook& outlook, const policy::Policy& policy,
                     const Reject& reject) {
  const auto& successors = agency.successors();
  const bool split = agency.change() == event::v1::AGENCY_CHANGE_SPLIT;
  const auto takes_rest = std::ranges::count_if(
      successors, [](const auto& s) { return s.regions().empty() && s.categories().empty(); });
  if (!split && successors.size() != 1) {
    return reject("successors", "is not one agency",
                  "name the one that stands in its place; a split has several");
  }
  if (split && (successors.size() < 2 || successors.size() > kMaxSuccessors)) {
    return reject("successors", fmt::format("is not 2 to {} agencies", kMaxSuccessors),
                  "name those that stand in its place; a merger has one");
  }
  if (takes_rest != 1) {
    reject("successors",
           split ? "exactly one takes what fits no other, and so has no regions and categories"
                 : "takes everything, whatever the region and the category",
           "leave its regions and categories empty");
  }
  std::unordered_set<std::string> seen;
  for (int i = 0; i < successors.size(); ++i) {
    const std::string field = fmt::format("successors[{}]", i);
    if (!seen.insert(successors[i].agency_id()).second) {
      reject(field + ".agency_id", "is named twice", "name each successor once");
      continue;
    }
    CheckSuccessor(field, successors[i], agency, outlook, policy, reject);
  }
}

void CheckEnding(const Candidate& candidate, const Outlook& outlook, const policy::Policy& policy,
                 const Reject& reject) {
  const Agency& agency = candidate.agency;
  const std::string& id = agency.agency_id();
  if (candidate.current == nullptr) {
    return reject("ended", "the agency is not known, so it can't end", "record it first, or leave it out");
  }
  if (id == kRootAgencyId) {
    return reject("ended", "the national administrator does not end", "rename it, or move its tasks");
  }
  if (const std::vector<std::string> below = outlook.LivingBelow(id); !below.empty()) {
    std::string told;
    for (size_t i = 0; i < below.size() && i < kMaxToldAgencies; ++i)
      told += fmt::format("{}{}", i == 0 ? "" : ", ", below[i]);
    if (below.size() > kMaxToldAgencies) told += fmt::format(" and {} more", below.size() - kMaxToldAgencies);
    reject("ended", fmt::format("coordinates {}", told),
           "move them below another coordinator or end them, before or in the same call");
  }
  CheckSuccessors(agency, outlook, policy, reject);
}

void Check(size_t row, const Candidate& candidate, Outlook& outlook, const policy::Policy& policy,
           Findings& findings) {
  const Reject reject = [&](const std::string& field, std::string rule, std::string remedy) {
    findings.Add(row, field, std::move(rule), std::move(remedy));
  };
  const Agency& agency = candidate.agency;
  CheckTree(agency, policy, reject);
  CheckAttributes(candidate, reject);
  if (const size_t first = *outlook.RowOf(agency.agency_id()); first != row) {
    return reject("agency_id", fmt::format("is that of agencies[{}] too", first), "name each agency once");
  }
  CheckParent(row, agency, outlook, reject);
  if (agency.change() != event::v1::AGENCY_CHANGE_UNSPECIFIED && !IsEnding(agency.change())) {
    return reject("ended", "is no way to end", "give MERGED, SPLIT or CLOSED, or leave it out");
  }
  if (candidate.ends()) CheckEnding(candidate, outlook, policy, reject);
}

// --- what a row changes

v1::AgencyDifference DifferenceOf(const Candidate& candidate, const Registry& registry) {
  v1::AgencyDifference difference;
  difference.set_agency_id(candidate.agency.agency_id());
  difference.set_change(event::v1::AGENCY_CHANGE_CREATED);
  if (candidate.current == nullptr) return difference;
  difference.set_change(candidate.ends() ? candidate.agency.change() : event::v1::AGENCY_CHANGE_CHANGED);
  const bool same_officers =
      SameOfficers(candidate.officers, registry.OfficersOf(candidate.agency.agency_id()));
  for (const Field& field : kFields) {
    std::string before = field.show(*candidate.current);
    std::string after = field.show(candidate.agency);
    if (before == after && (same_officers || std::string_view(field.name) != "liaison_officers")) continue;
    v1::FieldDifference& told = *difference.add_fields();
    told.set_field(field.name);
    told.set_before(std::move(before));
    told.set_after(std::move(after));
  }
  return difference;
}

PlannedChange PlannedOf(Candidate candidate, v1::AgencyDifference difference) {
  PlannedChange change;
  change.agency = std::move(candidate.agency);
  change.agency.set_change(difference.change());
  change.agency.set_version(candidate.current == nullptr ? 1 : candidate.current->version() + 1);
  bool officers = candidate.current == nullptr && !candidate.officers.empty();
  for (const v1::FieldDifference& field : difference.fields()) {
    officers = officers || field.field() == "liaison_officers";
    if (difference.change() == event::v1::AGENCY_CHANGE_CHANGED)
      change.agency.add_changed_fields(field.field());
  }
  if (officers) change.officers = std::move(candidate.officers);
  change.difference = std::move(difference);
  return change;
}

}  // namespace

absl::StatusOr<std::vector<PlannedChange>> PlanChange(const Registry& registry,
                                                      std::span<const v1::Agency> rows,
                                                      const google::protobuf::FieldMask& mask,
                                                      const policy::Policy& policy) {
  if (rows.empty() || rows.size() > kMaxRecordedAgencies) {
    return decision::Refuse(absl::StatusCode::kInvalidArgument, "agencies",
                            fmt::format("{} agencies in one call", rows.size()),
                            fmt::format("send 1 to {}", kMaxRecordedAgencies));
  }
  const auto fields = FieldsOf(mask);
  if (!fields.ok()) return fields.status();

  std::vector<Candidate> candidates;
  candidates.reserve(rows.size());
  for (const v1::Agency& row : rows) candidates.push_back(CandidateOf(row, *fields, registry));

  Findings findings;
  Outlook outlook(registry, candidates);
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (candidate.current == nullptr || !HasEnded(*candidate.current)) {
      Check(i, candidate, outlook, policy, findings);
    } else if (const v1::AgencyDifference difference = DifferenceOf(candidate, registry);
               !difference.fields().empty()) {
      findings.Add(i, difference.fields(0).field(),
                   "can't change: the agency " + InItsPlace(*candidate.current),
                   "leave it as it is, or record a new agency under an id of its own");
    }
  }
  if (const absl::Status status = findings.status(); !status.ok()) return status;

  std::vector<PlannedChange> changes;
  for (Candidate& candidate : candidates) {
    v1::AgencyDifference difference = DifferenceOf(candidate, registry);
    if (candidate.current != nullptr && difference.fields().empty()) continue;
    changes.push_back(PlannedOf(std::move(candidate), std::move(difference)));
  }
  return changes;
}

Registry After(const Registry& registry, const std::vector<PlannedChange>& changes) {
  std::map<std::string, Agency> agencies;
  std::map<std::string, LiaisonOfficers> officers;
  for (const Agency* agency : registry.Page("", "", std::numeric_limits<int>::max(), true)) {
    agencies[agency->agency_id()] = *agency;
    officers[agency->agency_id()] = registry.OfficersOf(agency->agency_id());
  }
  for (const PlannedChange& change : changes) {
    agencies[change.agency.agency_id()] = change.agency;
    if (change.officers) officers[change.agency.agency_id()] = *change.officers;
  }
  std::vector<Agency> all;
  for (auto& [id, agency] : agencies) all.push_back(std::move(agency));
  return Registry(registry.version() + 1, std::move(all), std::move(officers));
}

}  // namespace lapor::routing
