#include "services/routing/registry.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace lapor::routing {
namespace {

// Whether `code` is one of `codes` or, as 32.73 in 32, stands below it.
bool IsIn(std::string_view code, const google::protobuf::RepeatedPtrField<std::string>& codes) {
  return std::ranges::any_of(codes, [&](const std::string& above) {
    return code.starts_with(above) && (code.size() == above.size() || code[above.size()] == '.');
  });
}

bool Fits(const event::v1::Successor& successor, std::string_view region, std::string_view category) {
  return (successor.regions().empty() || IsIn(region, successor.regions())) &&
         (successor.categories().empty() || IsIn(category, successor.categories()));
}

bool TakesWhatIsLeft(const event::v1::Successor& successor) {
  return successor.regions().empty() && successor.categories().empty();
}

const std::string& SuccessorFor(const Agency& agency, std::string_view region, std::string_view category) {
  const auto& all = agency.successors();
  auto found = std::ranges::find_if(
      all, [&](const auto& s) { return !TakesWhatIsLeft(s) && Fits(s, region, category); });
  if (found == all.end()) found = std::ranges::find_if(all, TakesWhatIsLeft);
  return found->agency_id();
}

}  // namespace

bool IsEnding(event::v1::AgencyChange change) {
  return change == event::v1::AGENCY_CHANGE_MERGED || change == event::v1::AGENCY_CHANGE_SPLIT ||
         change == event::v1::AGENCY_CHANGE_CLOSED;
}

bool HasEnded(const Agency& agency) { return IsEnding(agency.change()); }

std::string SuccessorsOf(const Agency& agency) {
  std::string ids;
  for (const event::v1::Successor& successor : agency.successors()) {
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", successor.agency_id());
  }
  return ids;
}

Registry::Registry(int64_t version, std::vector<Agency> agencies,
                   std::map<std::string, LiaisonOfficers> officers)
    : version_(version), officers_(std::move(officers)) {
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

const LiaisonOfficers& Registry::OfficersOf(const std::string& agency_id) const {
  static const LiaisonOfficers kNone;
  const auto found = officers_.find(agency_id);
  return found == officers_.end() ? kNone : found->second;
}

std::string Registry::LivingFor(const std::string& agency_id, std::string_view region,
                                std::string_view category) const {
  // Successors live when they are recorded, so the way only leads to later endings, and ends.
  const Agency* agency = Find(agency_id);
  const std::string* id = &agency_id;
  while (agency != nullptr && HasEnded(*agency)) {
    id = &SuccessorFor(*agency, region, category);
    agency = Find(*id);
  }
  return *id;
}

std::vector<const Agency*> Registry::Page(std::string_view parent_id, std::string_view after_id, int limit,
                                          bool show_ended) const {
  std::vector<const Agency*> page;
  const auto full = [&] { return page.size() >= static_cast<size_t>(limit); };
  const auto show = [&](const Agency& agency) {
    if (show_ended || !HasEnded(agency)) page.push_back(&agency);
  };
  if (parent_id.empty()) {
    for (auto at = agencies_.upper_bound(after_id); at != agencies_.end() && !full(); ++at) show(at->second);
  } else if (const auto children = children_.find(parent_id); children != children_.end()) {
    const auto& ids = children->second;
    for (auto id = ids.upper_bound(after_id); id != ids.end() && !full(); ++id) show(*Find(*id));
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

std::vector<std::string> Registry::WithUnits(const std::string& agency_id) const {
  std::vector<std::string> ids = {agency_id};
  // Grows while it is walked.
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto below = children_.find(ids[i]);
    if (below == children_.end()) continue;
    for (const std::string& child : below->second) {
      if (Find(child)->kind() == event::v1::AGENCY_KIND_UNIT) ids.push_back(child);
    }
  }
  return ids;
}

std::string Registry::ArbiterBetween(std::string_view agency_id, std::string_view target_id) const {
  for (auto above = ParentOf(agency_id); !above.empty(); above = ParentOf(above)) {
    if (target_id.empty() || above == target_id || IsBelow(target_id, above)) return std::string(above);
  }
  return kRootAgencyId;
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
  if (agency.has_team_decree()) *proto.mutable_team_decree() = agency.team_decree();
  if (agency.has_action_plan()) *proto.mutable_action_plan() = agency.action_plan();
  proto.set_application_id(agency.application_id());
  *proto.mutable_service_hours() = agency.service_hours();
  if (HasEnded(agency)) proto.set_ended(agency.change());
  *proto.mutable_successors() = agency.successors();
  proto.set_liaison_officer_count(agency.liaison_officers());
  return proto;
}

}  // namespace lapor::routing
