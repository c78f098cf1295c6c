// The registry of agencies: who there is, and who coordinates whom.
//
// Everything here but RegistryWatch (registry_watch.h) is pure. A Registry never changes once it is built, so
// it is shared between threads freely; a change of the registry is a new Registry.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/event/v1/routing.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/policy.h"
#include "libs/report/agency_id.h"

namespace lapor::routing {

// An agency is what its last event says.
using Agency = event::v1::AgencyRecorded;

// The root: accountable for every report that is in nobody else's hands. Its id is fixed because reports come
// in, and have to have a holder, whether or not the registry has been loaded yet.
using report::kRootAgencyId;

inline constexpr int kMinAgencyIdBytes = 2;
inline constexpr int kMaxAgencyIdBytes = 64;
inline constexpr int kMaxAgencyNameCharacters = 200;
inline constexpr int kMaxAgencyShortNameCharacters = 100;
// Agencies of one RecordAgencies call.
inline constexpr int kMaxRecordedAgencies = 5000;

class Registry {
 public:
  // Empty, as before the first load.
  Registry() = default;
  // `agencies` are as PlanChange let them in: unique ids, known parents, no circle.
  Registry(int64_t version, std::vector<Agency> agencies);

  // Grows with every change of the registry; 0 when empty.
  int64_t version() const { return version_; }

  // Null when there is none.
  const Agency* Find(std::string_view agency_id) const;

  // The agencies after `after_id` in the order of ids, at most `limit`; with a parent_id only its children.
  std::vector<const Agency*> Page(std::string_view parent_id, std::string_view after_id, int limit) const;

  // Whether `coordinator_id` stands above `agency_id`, at any distance.
  bool IsBelow(std::string_view agency_id, std::string_view coordinator_id) const;

  // Whether `agency_id` is a unit of `government_id`, or of a unit of it. A regency stands below its province
  // too, but is a government of its own, with units of its own.
  bool IsUnitOf(std::string_view agency_id, std::string_view government_id) const;

  // Who decides when `agency_id` says that `target_id` is competent: the nearest coordinator above the one
  // that is, or stands above, the other; without a target the coordinator right above. At last the root.
  std::string ArbiterBetween(std::string_view agency_id, std::string_view target_id) const;

 private:
  // The id of the coordinator; empty for the root and for an unknown agency.
  std::string_view ParentOf(std::string_view agency_id) const;

  int64_t version_ = 0;
  std::map<std::string, Agency, std::less<>> agencies_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> children_;  // by parent
};

// What recording `rows` over `registry` changes, in the order of the rows: those that are new (version 1) or
// differ (version + 1); rows that are in the registry already as they are give nothing. Whatever is wrong
// with any of them is told at once (INVALID_ARGUMENT, fields as "agencies[3].parent_id"), and then nothing is
// to be recorded.
absl::StatusOr<std::vector<Agency>> PlanChange(const Registry& registry, std::span<const v1::Agency> rows,
                                               const policy::Policy& policy);

v1::Agency ToProto(const Agency& agency);

}  // namespace lapor::routing
