#include "tools/lapor/registry.h"

#include "libs/policy/reference.h"

namespace lapor::client {
namespace {

// What one call of RecordAgencies takes.
constexpr size_t kMaxAgenciesPerCall = 5000;

}  // namespace

absl::StatusOr<routing::v1::RecordAgenciesResponse> LoadRegistry(Session& session,
                                                                 const std::filesystem::path& directory) {
  const auto rows = policy::ReadAgencies(directory);
  if (!rows.ok()) return rows.status();

  routing::v1::RecordAgenciesResponse sum;
  routing::v1::RecordAgenciesRequest request;
  for (size_t i = 0; i < rows->size(); ++i) {
    const policy::AgencyRow& row = (*rows)[i];
    routing::v1::Agency& agency = *request.add_agencies();
    agency.set_agency_id(row.id);
    agency.set_name(row.name);
    agency.set_short_name(row.short_name);
    agency.set_kind(row.kind);
    agency.set_parent_id(row.parent);
    agency.set_region(row.region);
    agency.set_time_zone(row.time_zone);
    if (request.agencies_size() < static_cast<int>(kMaxAgenciesPerCall) && i + 1 < rows->size()) continue;
    const auto recorded = session.CallUntilAnswered(&routing::v1::Routing::Stub::RecordAgencies, request,
                                                    *ParseCaller("operator"));
    if (!recorded.ok()) return recorded.status();
    sum.set_created(sum.created() + recorded->created());
    sum.set_changed(sum.changed() + recorded->changed());
    sum.set_unchanged(sum.unchanged() + recorded->unchanged());
    request.Clear();
  }
  return sum;
}

}  // namespace lapor::client
