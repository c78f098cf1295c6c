#include "services/routing/store.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "libs/report/assignment_id.h"

namespace lapor::routing {
namespace {

struct Column {
  const char* name;
  const char* type;
};

// Of table route, in the order of ReadRoute and SaveRoutes.
constexpr Column kRouteColumns[] = {
    {"report_id", "text"},
    {"state", "smallint"},
    {"report_class", "smallint"},
    {"supervision", "boolean"},
    {"confidential", "boolean"},
    {"danger_to_life", "boolean"},
    {"category", "text"},
    {"region", "text"},
    {"policy_version", "text"},
    {"received_at", "timestamptz"},
    {"complete_since", "timestamptz"},
    {"verification_due_at", "timestamptz"},
    {"verification_overdue", "boolean"},
    {"completion_fields", "text"},
    {"completion_asked_at", "timestamptz"},
    {"completion_due_at", "timestamptz"},
    {"completion_reminded_percent", "integer"},  // older than the reminders of the verification
    {"archive_reason", "smallint"},
    {"contest_until", "timestamptz"},
    {"archived_by", "text"},
    {"contested", "boolean"},
    {"withdrawn", "boolean"},
    {"claimed_by", "text"},
    {"claimed_until", "timestamptz"},
    {"holder_agency_id", "text"},
    {"held_since", "timestamptz"},
    {"last_agency_id", "text"},
    {"returned_from", "text"},
    {"proposed_agency_id", "text"},
    {"hops", "integer"},
    {"bounces", "integer"},
    {"handovers", "integer"},
    {"bound_agency_id", "text"},
    {"delivery_assigned_at", "timestamptz"},
    {"delivery_due_at", "timestamptz"},
    {"delivery_acknowledged_at", "timestamptz"},
    {"delivery_fell_back_at", "timestamptz"},
    {"parent_id", "text"},
    {"children", "smallint"},
    {"verified_at", "timestamptz"},
    {"assigned_at", "timestamptz"},
    {"answered", "boolean"},
    {"escalated", "boolean"},
    {"lead_report_id", "text"},
    {"merged_from", "smallint"},
    {"closed_meanwhile", "boolean"},
    {"followers", "integer"},
};

// `format` for each column, with {0} its number from 1, {1} its name and {2} its type; commas between.
std::string ForEachColumn(const char* format) {
  std::string list;
  int number = 0;
  for (const Column& column : kRouteColumns) {
    if (++number > 1) list += ", ";
    list += fmt::format(fmt::runtime(format), number, column.name, column.type);
  }
  return list;
}

const std::string kNames = ForEachColumn("{1}");
const std::string kLoadSql =
    "SELECT " + kNames +
    " FROM route WHERE report_id = ANY($1::text[]) ORDER BY parent_id <> '', report_id FOR UPDATE";
const std::string kLoadChildrenSql = "SELECT " + kNames +
                                     " FROM route WHERE parent_id = ANY($1::text[]) AND parent_id <> '' "
                                     "ORDER BY report_id FOR UPDATE";
const std::string kFindSql = "SELECT " + kNames + " FROM route WHERE report_id = $1";
const std::string kFindChildrenSql =
    "SELECT " + kNames + " FROM route WHERE parent_id = $1 AND parent_id <> ''";
const std::string kSaveSql = "INSERT INTO route (" + kNames + ") SELECT * FROM unnest(" +
                             ForEachColumn("${0}::{2}[]") + ") ON CONFLICT (report_id) DO UPDATE SET " +
                             ForEachColumn("{1} = excluded.{1}");
const pg::Statement kLoad{"route_load", kLoadSql.c_str()};
const pg::Statement kLoadChildren{"route_load_children", kLoadChildrenSql.c_str()};
const pg::Statement kFind{"route_find", kFindSql.c_str()};
const pg::Statement kFindChildren{"route_find_children", kFindChildrenSql.c_str()};
const pg::Statement kFindHolders{"route_find_holders",
                                 "SELECT report_id, holder_agency_id FROM route WHERE report_id = "
                                 "ANY($1::text[]) AND holder_agency_id <> ''"};
const pg::Statement kSave{"route_save", kSaveSql.c_str()};

// One state at a time, each in the order of its index, so that a long queue costs no more than a short one.
const std::string kTriageQueueSql =
    "SELECT waiting.* FROM unnest($1::smallint[]) AS s (state) CROSS JOIN LATERAL (SELECT " + kNames +
    " FROM route WHERE route.state = s.state AND route.state IN (1, 3, 6, 7) "
    "AND (NOT danger_to_life, verification_due_at, report_id) > ($2, $3, $4) "
    "AND ($5 = '' OR holder_agency_id = $5) "
    "AND ($6::text IS NULL OR claimed_by = $6 OR claimed_until IS NULL OR claimed_until <= $7) "
    "ORDER BY NOT danger_to_life, verification_due_at, report_id LIMIT $8) AS waiting "
    "ORDER BY NOT danger_to_life, verification_due_at, report_id LIMIT $8";
const pg::Statement kTriageQueue{"route_triage_queue", kTriageQueueSql.c_str()};

// The executor locks rows in the order of ids, this one in the order of the queue: so neither waits for the
// other.
const pg::Statement kClaim{"route_claim", R"sql(
  WITH held AS (
    SELECT report_id FROM route
    WHERE claimed_by = $1 AND claimed_by <> '' AND claimed_until > $2 FOR UPDATE SKIP LOCKED),
  holding AS (SELECT count(*) FROM route WHERE claimed_by = $1 AND claimed_by <> '' AND claimed_until > $2),
  free AS (
    SELECT first.report_id FROM unnest($3::smallint[]) AS s (state) CROSS JOIN LATERAL (
      SELECT report_id, danger_to_life, verification_due_at FROM route
      WHERE route.state = s.state AND route.state IN (1, 3, 6, 7)
        AND (claimed_until IS NULL OR claimed_until <= $2)
        AND ($4::text = '' OR region = $4 OR starts_with(region, $4 || '.'))
        AND NOT (contested AND archived_by = $1)
      ORDER BY NOT danger_to_life, verification_due_at, report_id
      LIMIT greatest($5::bigint - (SELECT count FROM holding), 0) FOR UPDATE SKIP LOCKED) AS first
    ORDER BY NOT first.danger_to_life, first.verification_due_at, first.report_id
    LIMIT greatest($5::bigint - (SELECT count FROM holding), 0))
  UPDATE route SET claimed_by = $1, claimed_until = $6
  WHERE report_id IN (SELECT report_id FROM held UNION ALL SELECT report_id FROM free))sql"};
// Of one account one at a time, or two would fill up what is free twice.
const pg::Statement kLockClaims{"route_lock_claims",
                                "SELECT pg_advisory_xact_lock(hashtext('claim ' || $1))"};
const std::string kClaimedSql =
    "SELECT " + kNames +
    " FROM route WHERE claimed_by = $1 AND claimed_by <> '' AND claimed_until > $2 "
    "ORDER BY NOT danger_to_life, verification_due_at, report_id";
const pg::Statement kClaimed{"route_claimed", kClaimedSql.c_str()};
const pg::Statement kReleaseClaims{"route_release_claims", R"sql(
  WITH held AS (
    SELECT report_id FROM route
    WHERE claimed_by = $1 AND claimed_by <> '' ORDER BY parent_id <> '', report_id FOR UPDATE)
  UPDATE route SET claimed_by = '', claimed_until = NULL WHERE report_id IN (SELECT report_id FROM held))sql"};

// Each agency's in the order of the index, so that a long backlog costs no more than a short one.
const std::string kPendingDeliveriesSql =
    "SELECT pending.* FROM unnest($1::text[]) AS a (agency_id) CROSS JOIN LATERAL (SELECT " + kNames +
    " FROM route WHERE holder_agency_id = a.agency_id "
    "AND delivery_assigned_at IS NOT NULL AND delivery_acknowledged_at IS NULL "
    "AND report_id <> ALL ($2::text[]) "
    "ORDER BY delivery_assigned_at, report_id LIMIT $3) AS pending "
    "ORDER BY delivery_assigned_at, report_id";
const pg::Statement kPendingDeliveries{"delivery_pending", kPendingDeliveriesSql.c_str()};
const pg::Statement kStillPending{"delivery_still_pending", R"sql(
  SELECT report_id, hops FROM route WHERE report_id = ANY ($1::text[])
    AND delivery_assigned_at IS NOT NULL AND delivery_acknowledged_at IS NULL)sql"};
const pg::Statement kAcknowledge{"delivery_acknowledge", R"sql(
  UPDATE route SET delivery_acknowledged_at = n.acknowledged_at
  FROM unnest($1::text[], $2::timestamptz[]) AS n (report_id, acknowledged_at)
  WHERE route.report_id = n.report_id)sql"};

const pg::Statement kAppendHandovers{
    "handover_append",
    "INSERT INTO handover (report_id, number, agency_id, since, returned_because, cause, decided_by_role, "
    "decided_by_agency, binding) "
    "SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::timestamptz[], $5::smallint[], "
    "$6::smallint[], $7::smallint[], $8::text[], $9::boolean[])"};
const pg::Statement kReadHandovers{
    "handover_read",
    "SELECT number, agency_id, since, returned_because, cause, decided_by_role, decided_by_agency, binding "
    "FROM handover WHERE report_id = $1 ORDER BY number"};

const pg::Statement kRegistryVersion{"registry_version", "SELECT version FROM registry"};
const pg::Statement kLockRegistry{"registry_lock", "SELECT version FROM registry FOR UPDATE"};
const pg::Statement kMoveRegistry{"registry_move", "UPDATE registry SET version = version + 1"};
const pg::Statement kAgencies{
    "agency_read",
    "SELECT agency_id, name, short_name, kind, parent_id, region, time_zone, version, details::text "
    "FROM agency"};
const pg::Statement kSaveAgencies{
    "agency_save",
    "INSERT INTO agency (agency_id, name, short_name, kind, parent_id, region, time_zone, version, details, "
    "ended) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], "
    "$7::smallint[], $8::bigint[], $9::jsonb[], $10::boolean[]) "
    "ON CONFLICT (agency_id) DO UPDATE SET name = excluded.name, short_name = excluded.short_name, "
    "kind = excluded.kind, parent_id = excluded.parent_id, region = excluded.region, "
    "time_zone = excluded.time_zone, version = excluded.version, details = excluded.details, "
    "ended = excluded.ended"};
const pg::Statement kOfficers{
    "liaison_officer_read",
    "SELECT agency_id, name, contact FROM liaison_officer ORDER BY agency_id, number"};
const pg::Statement kForgetOfficers{"liaison_officer_forget",
                                    "DELETE FROM liaison_officer WHERE agency_id = ANY($1::text[])"};
const pg::Statement kSaveOfficers{"liaison_officer_save",
                                  "INSERT INTO liaison_officer (agency_id, number, name, contact) "
                                  "SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[])"};

// Open reports whose `column` names an agency that has ended; in the order of its index, so that a page costs
// a page.
std::string WithEnded(const char* column) {
  return fmt::format(
      "(SELECT r.report_id FROM agency a CROSS JOIN LATERAL (SELECT report_id FROM route "
      "WHERE {0} = a.agency_id AND {0} NOT IN ('', 'id') AND holder_agency_id <> '' AND report_id > $1 "
      "ORDER BY report_id LIMIT $2) r WHERE a.ended ORDER BY r.report_id LIMIT $2)",
      column);
}
const std::string kToCarryOverSql =
    fmt::format("SELECT report_id FROM ({} UNION {} UNION {}) AS found ORDER BY report_id LIMIT $2",
                WithEnded("holder_agency_id"), WithEnded("proposed_agency_id"), WithEnded("bound_agency_id"));
const pg::Statement kToCarryOver{"route_to_carry_over", kToCarryOverSql.c_str()};
// Neither archived nor ended; parts come with their report.
const pg::Statement kWithClocks{"route_with_clocks", R"sql(
  SELECT report_id FROM route WHERE state NOT IN (8, 9) AND parent_id = '' AND report_id > $1
  ORDER BY report_id LIMIT $2)sql"};
const pg::Statement kToRelease{"route_to_release", R"sql(
  SELECT report_id, lead_report_id FROM (
    (SELECT report_id, lead_report_id FROM route
     WHERE state = 10 AND (withdrawn OR escalated OR closed_meanwhile) AND report_id > $1
     ORDER BY report_id LIMIT $2)
    UNION
    (SELECT f.report_id, f.lead_report_id FROM route l CROSS JOIN LATERAL (
       SELECT report_id, lead_report_id FROM route
       WHERE lead_report_id = l.report_id AND lead_report_id <> '' AND report_id > $1
       ORDER BY report_id LIMIT $2) f
     WHERE l.followers > 0 AND (l.state = 8 OR (l.state = 9 AND l.withdrawn))
     ORDER BY f.report_id LIMIT $2)) AS found
  ORDER BY report_id LIMIT $2)sql"};
const pg::Statement kFollowers{"route_followers", R"sql(
  SELECT report_id FROM route WHERE lead_report_id = $1 AND lead_report_id <> '' AND report_id > $2
  ORDER BY report_id LIMIT $3)sql"};
const pg::Statement kCountOpen{
    "route_count_open",
    "SELECT holder_agency_id, count(*) FROM route WHERE holder_agency_id = ANY($1::text[]) "
    "AND holder_agency_id NOT IN ('', 'id') AND holder_agency_id <> '' GROUP BY holder_agency_id"};

constexpr RouteState kWaitingStates[] = {v1::ROUTE_STATE_AWAITING_TRIAGE, v1::ROUTE_STATE_VERIFIED,
                                         v1::ROUTE_STATE_RETURNED, v1::ROUTE_STATE_IN_ARBITRATION};

// The fields' names are codes without commas.
std::string Join(const std::vector<std::string>& codes) { return fmt::format("{}", fmt::join(codes, ",")); }

std::vector<std::string> Split(std::string_view codes) {
  std::vector<std::string> split;
  while (!codes.empty()) {
    const size_t comma = std::min(codes.find(','), codes.size());
    split.emplace_back(codes.substr(0, comma));
    codes.remove_prefix(std::min(comma + 1, codes.size()));
  }
  return split;
}

Route ReadRoute(const pg::Row& row) {
  int column = 0;
  Route route;
  route.id = row.Text(column++);
  route.state = static_cast<RouteState>(row.Int32(column++));
  route.report_class = static_cast<report::v1::ReportClass>(row.Int32(column++));
  route.supervision = row.Bool(column++);
  route.confidential = row.Bool(column++);
  route.danger_to_life = row.Bool(column++);
  route.category = row.Text(column++);
  route.region = row.Text(column++);
  route.policy_version = row.Text(column++);
  route.received_at = row.Time(column++);
  route.complete_since = row.Time(column++);
  route.verification_due_at = row.OptTime(column++);
  route.verification_overdue = row.Bool(column++);
  route.completion_fields = Split(row.View(column++));
  route.completion_asked_at = row.OptTime(column++);
  route.completion_due_at = row.OptTime(column++);
  route.reminded_percent = row.Int32(column++);
  route.archive_reason = static_cast<report::v1::ArchiveReason>(row.Int32(column++));
  route.contest_until = row.OptTime(column++);
  route.archived_by = row.Text(column++);
  route.contested = row.Bool(column++);
  route.withdrawn = row.Bool(column++);
  route.claimed_by = row.Text(column++);
  route.claimed_until = row.OptTime(column++);
  route.holder_agency_id = row.Text(column++);
  route.held_since = row.Time(column++);
  route.last_agency_id = row.Text(column++);
  route.returned_from = row.Text(column++);
  route.proposed_agency_id = row.Text(column++);
  route.hops = row.Int32(column++);
  route.bounces = row.Int32(column++);
  route.handovers = row.Int32(column++);
  route.bound_agency_id = row.Text(column++);
  if (const auto assigned_at = row.OptTime(column++)) {
    route.delivery = Delivery{.assigned_at = *assigned_at, .due_at = row.Time(column++)};
    route.delivery->acknowledged_at = row.OptTime(column++);
    route.delivery->fell_back_at = row.OptTime(column++);
  } else {
    column += 3;
  }
  ++column;  // parent_id, which the id tells
  route.child = report::ParseAssignmentId(route.id).child;
  route.children.resize(static_cast<size_t>(row.Int32(column++)));
  route.verified_at = row.OptTime(column++);
  route.assigned_at = row.OptTime(column++);
  route.answered = row.Bool(column++);
  route.escalated = row.Bool(column++);
  route.lead_report_id = row.Text(column++);
  route.merged_from = static_cast<RouteState>(row.Int32(column++));
  route.closed_meanwhile = row.Bool(column++);
  route.followers = row.Int32(column++);
  return route;
}

// Each into its place.
void AddChildren(const pg::Result& rows, const std::function<Route*(const std::string& parent_id)>& parent) {
  for (const pg::Row row : rows) {
    Route child = ReadRoute(row);
    Route* of = parent(report::ParseAssignmentId(child.id).report_id);
    if (of != nullptr && child.child <= static_cast<int>(of->children.size()))
      of->children[static_cast<size_t>(child.child) - 1] = std::move(child);
  }
}

// What has no column of its own, as the JSON of the event; empty for most.
std::string DetailsOf(const Agency& agency) {
  Agency details;
  if (HasEnded(agency)) details.set_change(agency.change());
  *details.mutable_successors() = agency.successors();
  if (agency.has_team_decree()) *details.mutable_team_decree() = agency.team_decree();
  details.set_liaison_officers(agency.liaison_officers());
  if (agency.has_action_plan()) *details.mutable_action_plan() = agency.action_plan();
  details.set_application_id(agency.application_id());
  *details.mutable_service_hours() = agency.service_hours();
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(details, &json);
  return json;
}

void ReadDetails(const std::string& json, Agency& agency) {
  if (json == "{}") return;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // of a later version, after a way back
  Agency details;
  if (google::protobuf::util::JsonStringToMessage(json, &details, options).ok()) agency.MergeFrom(details);
}

Registry ReadAgencies(pg::Tx& tx, int64_t version) {
  const pg::Result rows = tx.Exec(kAgencies);
  std::vector<Agency> agencies;
  agencies.reserve(rows.size());
  for (const pg::Row row : rows) {
    Agency& agency = agencies.emplace_back();
    agency.set_agency_id(row.Text(0));
    agency.set_name(row.Text(1));
    agency.set_short_name(row.Text(2));
    agency.set_kind(static_cast<event::v1::AgencyKind>(row.Int32(3)));
    agency.set_parent_id(row.OptText(4).value_or(""));
    agency.set_region(row.Text(5));
    agency.set_time_zone(static_cast<report::v1::TimeZone>(row.Int32(6)));
    agency.set_version(row.Int(7));
    ReadDetails(row.Text(8), agency);
  }
  std::map<std::string, LiaisonOfficers> officers;
  for (const pg::Row row : tx.Exec(kOfficers)) {
    v1::LiaisonOfficer& officer = officers[row.Text(0)].emplace_back();
    officer.set_name(row.Text(1));
    officer.set_contact(row.Text(2));
  }
  return Registry(version, std::move(agencies), std::move(officers));
}

}  // namespace

std::unordered_map<std::string, Route> LoadRoutes(pg::Tx& tx, const std::vector<std::string>& ids) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.Add(id);
  const pg::Result rows = tx.Exec(kLoad, {std::move(wanted)});
  std::unordered_map<std::string, Route> routes;
  pg::Array parents;
  for (const pg::Row row : rows) {
    Route route = ReadRoute(row);
    if (!route.children.empty()) parents.Add(route.id);
    std::string id = route.id;
    routes.emplace(std::move(id), std::move(route));
  }
  // Reports before parts: the order in which everybody locks them.
  if (parents.size() > 0) {
    AddChildren(tx.Exec(kLoadChildren, {std::move(parents)}), [&](const std::string& id) {
      const auto found = routes.find(id);
      return found == routes.end() ? nullptr : &found->second;
    });
  }
  return routes;
}

void SaveRoutes(pg::Tx& tx, const std::vector<const Route*>& reports) {
  std::vector<const Route*> routes;
  for (const Route* report : reports) {
    routes.push_back(report);
    for (const Route& child : report->children) routes.push_back(&child);
  }
  pg::Array id, state, report_class, supervision, confidential, danger_to_life, category, region,
      policy_version, received_at, complete_since, verification_due_at, verification_overdue,
      completion_fields, completion_asked_at, completion_due_at, completion_reminded_percent, archive_reason,
      contest_until, archived_by, contested, withdrawn, claimed_by, claimed_until, holder, held_since,
      last_agency, returned_from, proposed, hops, bounces, handovers, bound, delivery_assigned_at,
      delivery_due_at, delivery_acknowledged_at, delivery_fell_back_at, parent, children, verified_at,
      assigned_at, answered, escalated, lead, merged_from, closed_meanwhile, followers;
  for (const Route* route : routes) {
    id.Add(route->id);
    state.Add(static_cast<int>(route->state));
    report_class.Add(static_cast<int>(route->report_class));
    supervision.Add(route->supervision);
    confidential.Add(route->confidential);
    danger_to_life.Add(route->danger_to_life);
    category.Add(route->category);
    region.Add(route->region);
    policy_version.Add(route->policy_version);
    received_at.Add(route->received_at);
    complete_since.Add(route->complete_since);
    verification_due_at.Add(route->verification_due_at);
    verification_overdue.Add(route->verification_overdue);
    completion_fields.Add(Join(route->completion_fields));
    completion_asked_at.Add(route->completion_asked_at);
    completion_due_at.Add(route->completion_due_at);
    completion_reminded_percent.Add(route->reminded_percent);
    archive_reason.Add(static_cast<int>(route->archive_reason));
    contest_until.Add(route->contest_until);
    archived_by.Add(route->archived_by);
    contested.Add(route->contested);
    withdrawn.Add(route->withdrawn);
    claimed_by.Add(route->claimed_by);
    claimed_until.Add(route->claimed_until);
    holder.Add(route->holder_agency_id);
    held_since.Add(route->held_since);
    last_agency.Add(route->last_agency_id);
    returned_from.Add(route->returned_from);
    proposed.Add(route->proposed_agency_id);
    hops.Add(route->hops);
    bounces.Add(route->bounces);
    handovers.Add(route->handovers);
    bound.Add(route->bound_agency_id);
    const std::optional<Delivery>& delivery = route->delivery;
    using OptTime = std::optional<absl::Time>;
    delivery_assigned_at.Add(delivery ? OptTime(delivery->assigned_at) : OptTime());
    delivery_due_at.Add(delivery ? OptTime(delivery->due_at) : OptTime());
    delivery_acknowledged_at.Add(delivery ? delivery->acknowledged_at : OptTime());
    delivery_fell_back_at.Add(delivery ? delivery->fell_back_at : OptTime());
    parent.Add(route->child > 0 ? report::ParseAssignmentId(route->id).report_id : "");
    children.Add(static_cast<int>(route->children.size()));
    verified_at.Add(route->verified_at);
    assigned_at.Add(route->assigned_at);
    answered.Add(route->answered);
    escalated.Add(route->escalated);
    lead.Add(route->lead_report_id);
    merged_from.Add(static_cast<int>(route->merged_from));
    closed_meanwhile.Add(route->closed_meanwhile);
    followers.Add(route->followers);
  }
  tx.Exec(kSave, {std::move(id),
                  std::move(state),
                  std::move(report_class),
                  std::move(supervision),
                  std::move(confidential),
                  std::move(danger_to_life),
                  std::move(category),
                  std::move(region),
                  std::move(policy_version),
                  std::move(received_at),
                  std::move(complete_since),
                  std::move(verification_due_at),
                  std::move(verification_overdue),
                  std::move(completion_fields),
                  std::move(completion_asked_at),
                  std::move(completion_due_at),
                  std::move(completion_reminded_percent),
                  std::move(archive_reason),
                  std::move(contest_until),
                  std::move(archived_by),
                  std::move(contested),
                  std::move(withdrawn),
                  std::move(claimed_by),
                  std::move(claimed_until),
                  std::move(holder),
                  std::move(held_since),
                  std::move(last_agency),
                  std::move(returned_from),
                  std::move(proposed),
                  std::move(hops),
                  std::move(bounces),
                  std::move(handovers),
                  std::move(bound),
                  std::move(delivery_assigned_at),
                  std::move(delivery_due_at),
                  std::move(delivery_acknowledged_at),
                  std::move(delivery_fell_back_at),
                  std::move(parent),
                  std::move(children),
                  std::move(verified_at),
                  std::move(assigned_at),
                  std::move(answered),
                  std::move(escalated),
                  std::move(lead),
                  std::move(merged_from),
                  std::move(closed_meanwhile),
                  std::move(followers)});
}

void AppendHandovers(pg::Tx& tx, const std::vector<Handover>& handovers) {
  pg::Array report_id, number, agency_id, since, because, cause, role, by_agency, binding;
  for (const Handover& handover : handovers) {
    report_id.Add(handover.report_id);
    number.Add(handover.number);
    agency_id.Add(handover.agency_id);
    since.Add(handover.since);
    because.Add(static_cast<int>(handover.returned_because));
    cause.Add(static_cast<int>(handover.cause));
    role.Add(static_cast<int>(handover.decided_by.role()));
    by_agency.Add(handover.decided_by.agency_id());
    binding.Add(handover.binding);
  }
  tx.Exec(kAppendHandovers,
          {std::move(report_id), std::move(number), std::move(agency_id), std::move(since),
           std::move(because), std::move(cause), std::move(role), std::move(by_agency), std::move(binding)});
}

std::vector<Route> ReadPendingDeliveries(pg::Tx& tx, const PendingQuery& query) {
  pg::Array agency_ids, under_way;
  for (const std::string& id : query.agency_ids) agency_ids.Add(id);
  for (const std::string& id : query.without) under_way.Add(id);
  std::vector<Route> routes;
  for (const pg::Row row :
       tx.Exec(kPendingDeliveries, {std::move(agency_ids), std::move(under_way), query.limit_per_agency})) {
    routes.push_back(ReadRoute(row));
  }
  return routes;
}

std::vector<std::pair<std::string, int>> StillPending(pg::Tx& tx,
                                                      const std::vector<std::string>& report_ids) {
  pg::Array ids;
  for (const std::string& id : report_ids) ids.Add(id);
  std::vector<std::pair<std::string, int>> pending;
  for (const pg::Row row : tx.Exec(kStillPending, {std::move(ids)}))
    pending.emplace_back(row.Text(0), row.Int32(1));
  return pending;
}

void SaveAcknowledged(pg::Tx& tx, const std::vector<const Route*>& routes) {
  pg::Array ids, times;
  for (const Route* route : routes) {
    ids.Add(route->id);
    times.Add(*route->delivery->acknowledged_at);
  }
  tx.Exec(kAcknowledge, {std::move(ids), std::move(times)});
}

std::optional<Route> FindRoute(pg::Tx& tx, const std::string& id) {
  const pg::Result rows = tx.Exec(kFind, {id});
  if (rows.empty()) return std::nullopt;
  Route route = ReadRoute(rows[0]);
  if (!route.children.empty())
    AddChildren(tx.Exec(kFindChildren, {id}), [&](const std::string&) { return &route; });
  return route;
}

std::vector<std::string> ReadFollowers(pg::Tx& tx, const std::string& lead_report_id,
                                       const std::string& after_report_id, int limit) {
  std::vector<std::string> ids;
  for (const pg::Row row : tx.Exec(kFollowers, {lead_report_id, after_report_id, limit}))
    ids.push_back(row.Text(0));
  return ids;
}

std::unordered_map<std::string, std::string> FindHolders(pg::Tx& tx,
                                                         const std::vector<std::string>& report_ids) {
  pg::Array ids;
  for (const std::string& id : report_ids) ids.Add(id);
  std::unordered_map<std::string, std::string> holders;
  for (const pg::Row row : tx.Exec(kFindHolders, pg::Params(std::move(ids))))
    holders.emplace(row.Text(0), row.Text(1));
  return holders;
}

std::vector<Handover> ReadHandovers(pg::Tx& tx, const std::string& report_id) {
  const pg::Result rows = tx.Exec(kReadHandovers, {report_id});
  std::vector<Handover> handovers;
  for (const pg::Row row : rows) {
    Handover& handover = handovers.emplace_back();
    handover.report_id = report_id;
    handover.number = row.Int32(0);
    handover.agency_id = row.Text(1);
    handover.since = row.Time(2);
    handover.returned_because = static_cast<ReturnReason>(row.Int32(3));
    handover.cause = static_cast<HandCause>(row.Int32(4));
    handover.decided_by.set_role(static_cast<report::v1::Role>(row.Int32(5)));
    handover.decided_by.set_agency_id(row.Text(6));
    handover.binding = row.Bool(7);
  }
  return handovers;
}

bool IsWaiting(RouteState state) {
  return std::ranges::find(kWaitingStates, state) != std::end(kWaitingStates);
}

std::vector<Route> ReadTriageQueue(pg::Tx& tx, const TriageQuery& query) {
  pg::Array states;
  for (const RouteState state : kWaitingStates) {
    if (query.state == v1::ROUTE_STATE_UNSPECIFIED || query.state == state)
      states.Add(static_cast<int>(state));
  }
  const pg::Result rows = tx.Exec(
      kTriageQueue, {std::move(states), !query.after_danger_to_life, query.after_due_at,
                     query.after_report_id, query.holder_agency_id, query.claims_as, query.now, query.limit});
  std::vector<Route> routes;
  routes.reserve(rows.size());
  for (const pg::Row row : rows) routes.push_back(ReadRoute(row));
  return routes;
}

std::vector<Route> Claim(pg::Tx& tx, const ClaimQuery& query) {
  pg::Array states;
  for (const RouteState state : kWaitingStates) {
    const bool wanted = query.state == v1::ROUTE_STATE_UNSPECIFIED || query.state == state;
    if (wanted && WaitsForTriage(state)) states.Add(static_cast<int>(state));
  }
  tx.Exec(kLockClaims, {query.officer});
  tx.Exec(kClaim, {query.officer, query.now, std::move(states), query.region, query.count, query.until});
  std::vector<Route> routes;
  for (const pg::Row row : tx.Exec(kClaimed, {query.officer, query.now})) routes.push_back(ReadRoute(row));
  return routes;
}

int ReleaseClaims(pg::Tx& tx, const std::string& officer) {
  return static_cast<int>(tx.Exec(kReleaseClaims, {officer}).affected_rows());
}

int64_t ReadRegistryVersion(pg::Tx& tx) { return tx.Exec(kRegistryVersion)[0].Int(0); }

// A version that is older than the agencies makes a reader look again, never miss something.
Registry ReadRegistry(pg::Tx& tx) {
  const int64_t version = ReadRegistryVersion(tx);
  return ReadAgencies(tx, version);
}

Registry LockRegistry(pg::Tx& tx) {
  const int64_t version = tx.Exec(kLockRegistry)[0].Int(0);
  return ReadAgencies(tx, version);
}

void SaveAgencies(pg::Tx& tx, const std::vector<PlannedChange>& changes) {
  pg::Array id, name, short_name, kind, parent_id, region, time_zone, version, details, ended;
  pg::Array with_officers, officer_of, officer_number, officer_name, officer_contact;
  for (const PlannedChange& change : changes) {
    const Agency& agency = change.agency;
    id.Add(agency.agency_id());
    name.Add(agency.name());
    short_name.Add(agency.short_name());
    kind.Add(static_cast<int>(agency.kind()));
    agency.parent_id().empty() ? parent_id.AddNull() : parent_id.Add(agency.parent_id());
    region.Add(agency.region());
    time_zone.Add(static_cast<int>(agency.time_zone()));
    version.Add(agency.version());
    details.Add(DetailsOf(agency));
    ended.Add(HasEnded(agency));
    if (!change.officers) continue;
    with_officers.Add(agency.agency_id());
    int number = 0;
    for (const v1::LiaisonOfficer& officer : *change.officers) {
      officer_of.Add(agency.agency_id());
      officer_number.Add(++number);
      officer_name.Add(officer.name());
      officer_contact.Add(officer.contact());
    }
  }
  tx.Exec(kSaveAgencies, {std::move(id), std::move(name), std::move(short_name), std::move(kind),
                          std::move(parent_id), std::move(region), std::move(time_zone), std::move(version),
                          std::move(details), std::move(ended)});
  if (with_officers.size() > 0) tx.Exec(kForgetOfficers, {std::move(with_officers)});
  if (officer_of.size() > 0) {
    tx.Exec(kSaveOfficers, {std::move(officer_of), std::move(officer_number), std::move(officer_name),
                            std::move(officer_contact)});
  }
  tx.Exec(kMoveRegistry);
}

std::vector<std::string> ReportsWithClocks(pg::Tx& tx, const std::string& after_report_id, int limit) {
  std::vector<std::string> ids;
  for (const pg::Row row : tx.Exec(kWithClocks, {after_report_id, limit})) ids.push_back(row.Text(0));
  return ids;
}

std::vector<std::string> ReportsToCarryOver(pg::Tx& tx, const std::string& after_report_id, int limit) {
  std::vector<std::string> ids;
  for (const pg::Row row : tx.Exec(kToCarryOver, {after_report_id, limit})) ids.push_back(row.Text(0));
  return ids;
}

std::vector<Following> FollowersToRelease(pg::Tx& tx, const std::string& after_report_id, int limit) {
  std::vector<Following> found;
  for (const pg::Row row : tx.Exec(kToRelease, {after_report_id, limit}))
    found.push_back({row.Text(0), row.Text(1)});
  return found;
}

std::unordered_map<std::string, int64_t> CountOpenReports(pg::Tx& tx,
                                                          const std::vector<std::string>& agency_ids) {
  pg::Array wanted;
  for (const std::string& id : agency_ids) wanted.Add(id);
  std::unordered_map<std::string, int64_t> counts;
  for (const pg::Row row : tx.Exec(kCountOpen, {std::move(wanted)})) counts[row.Text(0)] = row.Int(1);
  return counts;
}

}  // namespace lapor::routing
