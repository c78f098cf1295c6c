// Routes, handovers and the registry in PostgreSQL. Every function works in the transaction that it is given
// and throws as pg::Tx does.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "services/routing/domain.h"
#include "services/routing/registry.h"
#include "services/routing/registry_change.h"

namespace lapor::routing {

// --- for the batch executor

// Locks those that exist, in ascending order, with their child assignments. A child's own id brings it alone.
std::unordered_map<std::string, Route> LoadRoutes(pg::Tx& tx, const std::vector<std::string>& ids);
void SaveRoutes(pg::Tx& tx, const std::vector<const Route*>& routes);
void AppendHandovers(pg::Tx& tx, const std::vector<Handover>& handovers);

// --- for reading

// With its child assignments; a child's own id brings it alone.
std::optional<Route> FindRoute(pg::Tx& tx, const std::string& id);

// Who is accountable for these reports; one that nobody is accountable for, or that isn't known, is left out.
std::unordered_map<std::string, std::string> FindHolders(pg::Tx& tx,
                                                         const std::vector<std::string>& report_ids);

// Of one report, oldest first.
std::vector<Handover> ReadHandovers(pg::Tx& tx, const std::string& report_id);

// Who follows a report, after this one in the order of ids.
std::vector<std::string> ReadFollowers(pg::Tx& tx, const std::string& lead_report_id,
                                       const std::string& after_report_id, int limit);

// The states in which an administrator has to decide.
bool IsWaiting(RouteState state);

struct TriageQuery {
  // UNSPECIFIED for all in which a report waits; else one of them.
  RouteState state = v1::ROUTE_STATE_UNSPECIFIED;
  // Only what this agency has to decide; empty for everything.
  std::string holder_agency_id = {};
  // Without what others than this account have claimed at `now`; absent for that too.
  std::optional<std::string> claims_as = {};
  absl::Time now = absl::InfinitePast();
  // After this report in the order of the queue.
  bool after_danger_to_life = true;
  absl::Time after_due_at = absl::InfinitePast();
  std::string after_report_id = {};
  int limit = 0;
};

// Those that wait: danger to life first, then the oldest verification deadline.
std::vector<Route> ReadTriageQueue(pg::Tx& tx, const TriageQuery& query);

struct ClaimQuery {
  // The account's opaque id; never empty.
  std::string officer = {};
  int count = 0;
  // UNSPECIFIED for all of WaitsForTriage; else one of them.
  RouteState state = v1::ROUTE_STATE_UNSPECIFIED;
  // Empty for all.
  std::string region = {};
  absl::Time now = {};
  absl::Time until = {};
};

// Gives the officer the first of the queue that nobody has, until they have `count`, and renews what they
// have; returns all that they have. Who works on what is nothing that happens to a report: no command, no
// event.
std::vector<Route> Claim(pg::Tx& tx, const ClaimQuery& query);
// Returns how many.
int ReleaseClaims(pg::Tx& tx, const std::string& officer);

// --- deliveries to agencies' own applications

struct PendingQuery {
  std::vector<std::string> agency_ids;
  // But not these reports.
  std::vector<std::string> without = {};
  int limit_per_agency = 0;
};

// What nobody has acknowledged, the oldest assignment first; also what has fallen back.
std::vector<Route> ReadPendingDeliveries(pg::Tx& tx, const PendingQuery& query);
// Those of `report_ids` that wait to be acknowledged, with the assignment that does.
std::vector<std::pair<std::string, int>> StillPending(pg::Tx& tx, const std::vector<std::string>& report_ids);
// Writes that they are acknowledged, and when. They are locked, as LoadRoutes does it.
void SaveAcknowledged(pg::Tx& tx, const std::vector<const Route*>& routes);

// --- the registry

int64_t ReadRegistryVersion(pg::Tx& tx);
Registry ReadRegistry(pg::Tx& tx);
// Whoever is about to change it: waits for others who do, and holds the lock to the end of the transaction.
Registry LockRegistry(pg::Tx& tx);
// Records what is new, changed or ended, parents before children.
void SaveAgencies(pg::Tx& tx, const std::vector<PlannedChange>& changes);

// --- for the sweep

// Reports with a clock of routing's that may run, the first after `after_report_id` in the order of ids, at
// most `limit`. Looks at every report: for a change of the calendars only.
std::vector<std::string> ReportsWithClocks(pg::Tx& tx, const std::string& after_report_id, int limit);

// Open reports that an agency has which has ended, or that were proposed to it or bound to it: the first
// after `after_report_id` in the order of ids, at most `limit`. Costs what there is of them, not what is
// open.
std::vector<std::string> ReportsToCarryOver(pg::Tx& tx, const std::string& after_report_id, int limit);

struct Following {
  std::string report_id;
  std::string lead_report_id;
};

// Merged reports that have to follow their lead no more: it was archived or withdrawn, or their own reporter
// has given reason to. The first after `after_report_id`, at most `limit`; costs what there is of them.
std::vector<Following> FollowersToRelease(pg::Tx& tx, const std::string& after_report_id, int limit);

// How many open reports each of these agencies is accountable for; none is left out.
std::unordered_map<std::string, int64_t> CountOpenReports(pg::Tx& tx,
                                                          const std::vector<std::string>& agency_ids);

}  // namespace lapor::routing
