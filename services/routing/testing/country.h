// A small country for routing's tests, under the shipped policy:
//
//   id                      the national administrator
//   ├ id.kemenkes           a ministry
//   └ id.kemendagri         coordinates the provinces
//     ├ id.32               a province
//     │ └ id.32.73          a city
//     │   ├ id.32.73.dinkes   its units
//     │   └ id.32.73.dpupr    which has an application of its own
//     └ id.81               a province in the zone WIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/competence.h"
#include "libs/policy/policy.h"
#include "libs/reading/reader.h"
#include "services/routing/domain.h"
#include "services/routing/registry.h"
#include "services/routing/registry_change.h"

namespace lapor::routing {

// That of deploy/, found by the environment's LAPOR_SOURCE_DIR, as ctest sets it.
std::shared_ptr<const policy::Policy> ShippedPolicy();
inline constexpr char kPolicyVersion[] = "2024.1";
std::shared_ptr<const policy::Competence> ShippedRules();
// That of deploy/reference, which learns once for all tests.
std::shared_ptr<const reading::Reader> ShippedReader();

// Rows for RecordAgencies, coordinators first.
std::vector<v1::Agency> Country();
v1::Agency AgencyRow(const std::string& id, const std::string& parent_id, event::v1::AgencyKind kind,
                     const std::string& region = "", report::v1::TimeZone zone = report::v1::TIME_ZONE_WIB);
// Country() as a registry.
const Registry& CountryRegistry();
// `registry` after RecordAgencies; throws std::runtime_error when that is refused.
Registry RegistryAfter(const Registry& registry, const std::vector<v1::Agency>& rows,
                       const std::vector<std::string>& fields = {});
// A row that ends an agency, to be recorded with kEnded as fields.
v1::Agency EndingRow(const std::string& id, event::v1::AgencyChange change,
                     const std::vector<std::string>& successor_ids);
inline const std::vector<std::string> kEnded = {"ended"};
// The country after its city, and the units of it, were merged into the province, and the ministries closed.
const Registry& RegistryWithoutCity();

Actor ActorWith(report::v1::Role role, const std::string& agency_id);
Actor Triage();
Actor OfficerOf(const std::string& agency_id);
Actor AdministratorOf(const std::string& agency_id);
Actor ArbiterOf(const std::string& agency_id);

// "2025-03-04T10:00+07:00"
absl::Time At(const std::string& text);

// A complaint about health in the city, submitted on Tuesday 2025-03-04 at ten.
ReceiveReport Submission();
inline constexpr char kReportId[] = "7K3M9QXT2B54";

// Another report's.
inline constexpr char kOtherReportId[] = "2B54QXT7K3M9";

// A route as the fold of commands over it, and everything that came of it.
class Journey {
 public:
  explicit Journey(const std::string& report_id = kReportId) { route.id = report_id; }

  // Decides at `now` and takes over what was decided, if anything.
  absl::Status Do(const Command& command);
  // The same; throws std::runtime_error when it is refused.
  Journey& Must(const Command& command);

  // Of the report's route or, with a number, of a child assignment's.
  const Route& RouteOf(int child) const;

  Route route;
  const Registry* registry = &CountryRegistry();
  std::shared_ptr<const policy::Policy> policy = ShippedPolicy();
  absl::Time now = At("2025-03-04T10:00+07:00");
  std::vector<event::v1::Event> events;
  // Of the report itself; those of its children by their number.
  std::vector<Handover> handovers;
  std::map<int, std::vector<Handover>> child_handovers;
  // Open ones.
  std::map<report::v1::Clock, absl::Time> deadlines;
  std::map<int, std::map<report::v1::Clock, absl::Time>> child_deadlines;
  // Of the last command that was carried out.
  Decision last;
};

// Merges one report into another, as the executor does it: both change, or neither.
absl::Status Merge(Journey& follower, Journey& lead);
// Takes it back, for this reason.
absl::Status Unmerge(Journey& follower, Journey& lead,
                     event::v1::UnmergeReason reason = event::v1::UNMERGE_REASON_ADMINISTRATOR);

}  // namespace lapor::routing
