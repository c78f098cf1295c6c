// The registry of agencies: who there is, and who coordinates whom.
//
// Everything here but RegistryWatch (registry_watch.h) is pure. A Registry never changes once it is built, so
// it is shared between threads freely; a change of the registry is a new Registry.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lapor/event/v1/routing.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/report/agency_id.h"

namespace lapor::routing {

// An agency is what its last event says.
using Agency = event::v1::AgencyRecorded;

// The root: accountable for every report that is in nobody else's hands. Its id is fixed because reports come
// in, and have to have a holder, whether or not the registry has been loaded yet.
using report::kRootAgencyId;

// Of one agency. They are persons, so no event has them.
using LiaisonOfficers = std::vector<v1::LiaisonOfficer>;

// Whether these changes end an agency.
bool IsEnding(event::v1::AgencyChange change);
// Whether it has ended: merged, split or closed. It stays, so that what was once with it can be read.
bool HasEnded(const Agency& agency);
// Its successors' ids, as "id.32, id.33".
std::string SuccessorsOf(const Agency& agency);

class Registry {
 public:
  // Empty, as before the first load.
  Registry() = default;
  // `agencies` are as PlanChange let them in: unique ids, known parents, no circle; those that have ended
  // have successors. `officers` by agency.
  Registry(int64_t version, std::vector<Agency> agencies, std::map<std::string, LiaisonOfficers> officers);

  // Grows with every change of the registry; 0 when empty.
  int64_t version() const { return version_; }

  // Null when there is none. It may have ended.
  const Agency* Find(std::string_view agency_id) const;

  // None for an unknown agency.
  const LiaisonOfficers& OfficersOf(const std::string& agency_id) const;

  // Who has what was the agency's: itself, or the living end of its successors for a report about `region`
  // and `category`. An unknown agency is taken as it is.
  std::string LivingFor(const std::string& agency_id, std::string_view region,
                        std::string_view category) const;

  // The agencies after `after_id` in the order of ids, at most `limit`; with a parent_id only its children;
  // those that have ended only with `show_ended`.
  std::vector<const Agency*> Page(std::string_view parent_id, std::string_view after_id, int limit,
                                  bool show_ended = false) const;

  // Whether `coordinator_id` stands above `agency_id`, at any distance.
  bool IsBelow(std::string_view agency_id, std::string_view coordinator_id) const;

  // Whether `agency_id` is a unit of `government_id`, or of a unit of it. A regency stands below its province
  // too, but is a government of its own, with units of its own.
  bool IsUnitOf(std::string_view agency_id, std::string_view government_id) const;

  // The agency and the units below it, at any distance; only an id that is known has units.
  std::vector<std::string> WithUnits(const std::string& agency_id) const;

  // Who decides when `agency_id` says that `target_id` is competent: the nearest coordinator above the one
  // that is, or stands above, the other; without a target the coordinator right above. At last the root.
  std::string ArbiterBetween(std::string_view agency_id, std::string_view target_id) const;

 private:
  // The id of the coordinator; empty for the root and for an unknown agency.
  std::string_view ParentOf(std::string_view agency_id) const;

  int64_t version_ = 0;
  std::map<std::string, Agency, std::less<>> agencies_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> children_;  // by parent
  std::map<std::string, LiaisonOfficers> officers_;                                  // by agency
};

// Without liaison officers, but with their number.
v1::Agency ToProto(const Agency& agency);

}  // namespace lapor::routing
