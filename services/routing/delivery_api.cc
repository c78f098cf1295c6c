// The calls of agencies' own applications.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "libs/eventlog/deadlines.h"
#include "libs/report/assignment_id.h"
#include "libs/rpc/auth.h"
#include "services/routing/api.h"
#include "services/routing/store.h"

namespace lapor::routing {
namespace {

using decision::Refusals;
using decision::Refuse;

constexpr int kMaxAcknowledged = 256;

absl::Status RequireOfficer(const rpc::Caller& caller) {
  return rpc::Require(caller, {report::v1::ROLE_OFFICER, report::v1::ROLE_AGENCY_ADMIN});
}

// Whether what happens at `agency_id` is the caller's: their agency or a unit of it.
bool IsOwn(const Registry& registry, const rpc::Caller& caller, const std::string& agency_id) {
  return agency_id == caller.agency_id || registry.IsUnitOf(agency_id, caller.agency_id);
}

bool AnyHasApplication(const Registry& registry, const std::string& agency_id) {
  return std::ranges::any_of(registry.WithUnits(agency_id), [&](const std::string& id) {
    const Agency* agency = registry.Find(id);
    return agency != nullptr && HasApplication(*agency);
  });
}

}  // namespace

grpc::ServerWriteReactor<rpc::Bytes>* Api::WatchAssignments(rpc::Context* context,
                                                            const rpc::Bytes* request) {
  return parts_.responder.OpenFeed<v1::WatchAssignmentsRequest>(
      context, request, [this](const v1::WatchAssignmentsRequest& r, const std::shared_ptr<rpc::Feed>& feed) {
        const rpc::Caller& caller = feed->call().caller;
        if (auto status = RequireOfficer(caller); !status.ok()) return feed->End(status);
        std::optional<Place> resume;
        if (!r.resume_token().empty()) {
          auto place = ReadResumeToken(caller.agency_id, r.resume_token());
          if (!place.ok()) return feed->End(place.status());
          resume = *std::move(place);
        }
        parts_.registry->WhenLookedUp(caller.agency_id, [this, feed, resume = std::move(resume)] {
          const std::string& agency_id = feed->call().caller.agency_id;
          const auto registry = parts_.registry->Current();
          if (!AnyHasApplication(*registry, agency_id)) {
            return feed->End(Refuse(
                absl::StatusCode::kFailedPrecondition, "agency",
                "has no application in the registry, nor has a unit of it: nothing is ever sent to one",
                "let an operator record application_id of the agency with RecordAgencies"));
          }
          parts_.deliveries.Watch(agency_id, resume, feed);
        });
      });
}

rpc::Reactor* Api::AcknowledgeAssignments(rpc::Context* context, const rpc::Bytes* request,
                                          rpc::Bytes* response) {
  return parts_.responder.Read<v1::AcknowledgeAssignmentsRequest, v1::AcknowledgeAssignmentsResponse>(
      context, request, response, [this](const rpc::Call& call, const v1::AcknowledgeAssignmentsRequest& r) {
        return Acknowledge(call, r);
      });
}

// Beside the executor: nothing happens to the report, so there is no event. The rows are locked as the
// executor does it, so an assignment either falls back or is acknowledged first.
absl::StatusOr<v1::AcknowledgeAssignmentsResponse> Api::Acknowledge(
    const rpc::Call& call, const v1::AcknowledgeAssignmentsRequest& request) {
  if (auto status = RequireOfficer(call.caller); !status.ok()) return status;
  Refusals refusals;
  const int count = request.assignments_size();
  if (count < 1 || count > kMaxAcknowledged) {
    refusals.Add("assignments", fmt::format("{} assignments in one call", count),
                 fmt::format("give 1 to {}", kMaxAcknowledged));
    return refusals.status();
  }
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    const auto id = report::CheckAssignmentId(fmt::format("assignments[{}].report_id", i),
                                              request.assignments(i).report_id(), refusals);
    ids.push_back(report::ToString(id.report_id, id.child));
    if (request.assignments(i).hop() < 1) {
      refusals.Add(fmt::format("assignments[{}].hop", i), "is required", "give that of the assignment");
    }
  }
  if (!refusals.ok()) return refusals.status();

  const auto registry = parts_.registry->Current();
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(parts_.clock.Now()));
  v1::AcknowledgeAssignmentsResponse response;
  const absl::Status status = parts_.pool.Transact([&](pg::Tx& tx) -> absl::Status {
    response.Clear();
    const std::set<std::string> distinct(ids.begin(), ids.end());
    auto routes = LoadRoutes(tx, {distinct.begin(), distinct.end()});
    std::set<const Route*> acknowledged;
    for (int i = 0; i < count; ++i) {
      const std::string field = fmt::format("assignments[{}]", i);
      const auto found = routes.find(ids[i]);
      if (found == routes.end()) {
        return Refuse(absl::StatusCode::kNotFound, field + ".report_id", "is not a known report",
                      "acknowledge what WatchAssignments has sent");
      }
      Route& route = found->second;
      const auto is_own = [&](const std::string& agency_id) {
        return IsOwn(*registry, call.caller, agency_id);
      };
      if (!is_own(route.holder_agency_id) &&
          !std::ranges::any_of(ReadHandovers(tx, route.id), is_own, &Handover::agency_id)) {
        return Refuse(absl::StatusCode::kPermissionDenied, field + ".report_id",
                      "has never been with your agency or a unit of it",
                      "acknowledge what WatchAssignments has sent");
      }
      const int hop = request.assignments(i).hop();
      if (hop > route.hops) {
        return Refuse(absl::StatusCode::kInvalidArgument, field + ".hop",
                      "the report has not been assigned so often",
                      "acknowledge what WatchAssignments has sent");
      }
      const bool theirs = is_own(route.holder_agency_id);
      response.add_states(theirs ? routing::Acknowledge(route, hop, now) : v1::DELIVERY_STATE_WITHDRAWN);
      if (response.states(i) != v1::DELIVERY_STATE_WITHDRAWN) acknowledged.insert(&route);
    }
    std::vector<std::pair<std::string, report::v1::Clock>> met;
    for (const Route* route : acknowledged) met.emplace_back(route->id, report::v1::CLOCK_DELIVERY);
    SaveAcknowledged(tx, {acknowledged.begin(), acknowledged.end()});
    eventlog::ClearDeadlines(tx, met);
    return absl::OkStatus();
  });
  if (absl::IsUnknown(status)) {
    return absl::UnavailableError(
        "whether they were acknowledged is not known; send them again: that changes nothing if they were");
  }
  if (!status.ok()) return status;
  parts_.deliveries.Settle(ids);
  return response;
}

}  // namespace lapor::routing
