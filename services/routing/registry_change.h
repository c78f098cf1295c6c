// Changes of the registry: what recording agencies over it does, or why it is refused. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/field_mask.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/policy.h"
#include "services/routing/registry.h"

namespace lapor::routing {

inline constexpr int kMaxAgencyNameCharacters = 200;
inline constexpr int kMaxAgencyShortNameCharacters = 100;
// Agencies of one RecordAgencies call: all that Indonesia has, with room. So a registry is changed at once or
// not at all.
inline constexpr int kMaxRecordedAgencies = 25'000;
inline constexpr int kMaxLiaisonOfficers = 10;
inline constexpr int kMaxOfficerCharacters = 100;
inline constexpr int kMaxServiceHours = 21;  // three a day
inline constexpr int kMaxDecreeNumberCharacters = 60;
inline constexpr int kMaxPlanReferenceCharacters = 200;
inline constexpr int kMaxSuccessors = 50;
// Of each, regions and categories; there are 552 regions.
inline constexpr int kMaxSuccessorCodes = 600;

// What becomes of one agency.
struct PlannedChange {
  // As it will be recorded, and told.
  Agency agency;
  // Where they change: those from now on.
  std::optional<LiaisonOfficers> officers;
  // As the caller is told; without the number of open reports.
  v1::AgencyDifference difference;
};

// What recording `rows` over `registry` changes, in the order of the rows: those that are new (version 1) or
// differ (version + 1); rows that are in the registry already as they are give nothing. `mask` is that of
// RecordAgenciesRequest. Whatever is wrong with any of them is told at once (INVALID_ARGUMENT, fields as
// "agencies[3].parent_id"), and then nothing is to be recorded.
absl::StatusOr<std::vector<PlannedChange>> PlanChange(const Registry& registry,
                                                      std::span<const v1::Agency> rows,
                                                      const google::protobuf::FieldMask& mask,
                                                      const policy::Policy& policy);

// `registry` as it is after `changes`.
Registry After(const Registry& registry, const std::vector<PlannedChange>& changes);

}  // namespace lapor::routing
