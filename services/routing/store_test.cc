#include "services/routing/store.h"

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "libs/policy/late_decree_for_test.h"
#include "libs/report/assignment_id.h"
#include "services/routing/testing/process.h"

namespace lapor::routing {
namespace {

// A route in whose columns no two of a kind are equal, so that none can take another's place.
Route FullRoute() {
  Route route;
  route.id = kReportId;
  route.state = v1::ROUTE_STATE_RETURNED;
  route.report_class = report::v1::REPORT_CLASS_ASPIRATION;
  route.supervision = true;
  route.confidential = false;
  route.danger_to_life = true;
  route.category = "roads";
  route.region = "32.73";
  route.policy_version = "2024.1";
  route.received_at = At("2025-03-01T10:00+07:00");
  route.complete_since = At("2025-03-02T10:00+07:00");
  route.verification_due_at = At("2025-03-03T10:00+07:00") + absl::Microseconds(7);
  route.verification_overdue = true;
  route.completion_fields = {"region", "description"};
  route.completion_asked_at = At("2025-03-03T10:00+07:00");
  route.completion_due_at = At("2025-03-04T10:00+07:00");
  route.reminded_percent = 50;
  route.archive_reason = report::v1::ARCHIVE_REASON_BEFORE_COURT;
  route.contest_until = At("2025-03-06T10:00+07:00");
  route.archived_by = "officer-1";
  route.contested = true;
  route.withdrawn = false;
  route.claimed_by = "officer-2";
  route.claimed_until = At("2025-03-07T10:00+07:00");
  route.holder_agency_id = "id";
  route.held_since = At("2025-03-05T10:00+07:00");
  route.last_agency_id = "id.32";
  route.returned_from = "id.33";
  route.proposed_agency_id = "id.34";
  route.hops = 4;
  route.bounces = 3;
  route.handovers = 9;
  route.bound_agency_id = "id.32.73";
  route.delivery = Delivery{.assigned_at = At("2025-03-08T10:00+07:00"),
                            .due_at = At("2025-03-09T10:00+07:00"),
                            .acknowledged_at = At("2025-03-10T10:00+07:00"),
                            .fell_back_at = At("2025-03-11T10:00+07:00")};
  route.verified_at = At("2025-03-12T10:00+07:00");
  route.assigned_at = At("2025-03-13T10:00+07:00");
  route.answered = true;
  route.escalated = false;
  route.followers = 5;
  return route;
}

// The number of a child assignment is in its id.
Route FullChild(int number) {
  Route child = FullRoute();
  child.child = number;
  child.id = report::ToString(kReportId, number);
  child.hops = 10 + number;
  return child;
}

void CheckSame(const Route& a, const Route& b) {
  CHECK(a.id == b.id);
  CHECK(a.state == b.state);
  CHECK(a.report_class == b.report_class);
  CHECK(a.supervision == b.supervision);
  CHECK(a.confidential == b.confidential);
  CHECK(a.danger_to_life == b.danger_to_life);
  CHECK(a.category == b.category);
  CHECK(a.region == b.region);
  CHECK(a.policy_version == b.policy_version);
  CHECK(a.received_at == b.received_at);
  CHECK(a.complete_since == b.complete_since);
  CHECK(a.verification_due_at == b.verification_due_at);
  CHECK(a.verification_overdue == b.verification_overdue);
  CHECK(a.completion_fields == b.completion_fields);
  CHECK(a.completion_asked_at == b.completion_asked_at);
  CHECK(a.completion_due_at == b.completion_due_at);
  CHECK(a.reminded_percent == b.reminded_percent);
  CHECK(a.archive_reason == b.archive_reason);
  CHECK(a.contest_until == b.contest_until);
  CHECK(a.archived_by == b.archived_by);
  CHECK(a.contested == b.contested);
  CHECK(a.withdrawn == b.withdrawn);
  CHECK(a.claimed_by == b.claimed_by);
  CHECK(a.claimed_until == b.claimed_until);
  CHECK(a.holder_agency_id == b.holder_agency_id);
  CHECK(a.held_since == b.held_since);
  CHECK(a.last_agency_id == b.last_agency_id);
  CHECK(a.returned_from == b.returned_from);
  CHECK(a.proposed_agency_id == b.proposed_agency_id);
  CHECK(a.hops == b.hops);
  CHECK(a.bounces == b.bounces);
  CHECK(a.handovers == b.handovers);
  CHECK(a.bound_agency_id == b.bound_agency_id);
  CHECK(a.delivery == b.delivery);
  CHECK(a.child == b.child);
  CHECK(a.verified_at == b.verified_at);
  CHECK(a.assigned_at == b.assigned_at);
  CHECK(a.lead_report_id == b.lead_report_id);
  CHECK(a.merged_from == b.merged_from);
  CHECK(a.answered == b.answered);
  CHECK(a.escalated == b.escalated);
  CHECK(a.closed_meanwhile == b.closed_meanwhile);
  CHECK(a.followers == b.followers);
  REQUIRE(a.children.size() == b.children.size());
  for (size_t i = 0; i < a.children.size(); ++i) CheckSame(a.children[i], b.children[i]);
}

Route Waiting(const std::string& id, RouteState state, absl::Time due_at, const std::string& holder = "id") {
  Route route = FullRoute();
  route.id = id;
  route.state = state;
  route.verification_due_at = due_at;
  route.holder_agency_id = holder;
  route.danger_to_life = false;
  route.claimed_by.clear();
  route.claimed_until.reset();
  return route;
}

void Save(RoutingProcess& process, const std::vector<Route>& routes) {
  std::vector<const Route*> pointers;
  for (const Route& route : routes) pointers.push_back(&route);
  Must(process.pool.Transact([&](pg::Tx& tx) {
    SaveRoutes(tx, pointers);
    return absl::OkStatus();
  }));
}

std::vector<std::string> Queue(RoutingProcess& process, TriageQuery query) {
  std::vector<std::string> ids;
  Must(process.pool.Read([&](pg::Tx& tx) {
    for (const Route& route : ReadTriageQueue(tx, query)) ids.push_back(route.id);
    return absl::OkStatus();
  }));
  return ids;
}

TEST_CASE("child assignments are saved, locked and read with their report, more than nine in their order") {
  RoutingProcess process;
  Route route = FullRoute();
  for (int number = 1; number <= 11; ++number) route.children.push_back(FullChild(number));
  Route other = FullRoute();
  other.id = kOtherReportId;
  other.children = {FullChild(1)};
  other.children[0].id = report::ToString(kOtherReportId, 1);
  for (int round = 0; round < 2; ++round) {
    Save(process, {route, other});
    Must(process.pool.Transact([&](pg::Tx& tx) {
      const auto loaded = LoadRoutes(tx, {kReportId, kOtherReportId, "7K3M9QXT2B62"});
      REQUIRE(loaded.size() == 2);
      CheckSame(loaded.at(kReportId), route);
      CheckSame(loaded.at(kOtherReportId), other);
      CheckSame(FindRoute(tx, kReportId).value(), route);
      CheckSame(FindRoute(tx, route.children[10].id).value(), route.children[10]);
      return absl::OkStatus();
    }));
    route.children.push_back(FullChild(12));
  }
}

TEST_CASE("a merged report keeps its lead, and the lead's followers are listed in pages") {
  RoutingProcess process;
  Route lead = FullRoute();
  std::vector<Route> routes = {lead};
  for (const char* id : {"F1", "F2", "F3"}) {
    Route follower = FullRoute();
    follower.id = id;
    follower.state = v1::ROUTE_STATE_MERGED;
    follower.holder_agency_id.clear();
    follower.lead_report_id = kReportId;
    follower.merged_from = v1::ROUTE_STATE_VERIFIED;
    routes.push_back(follower);
  }
  routes[2].escalated = true;
  Save(process, routes);
  Must(process.pool.Read([&](pg::Tx& tx) {
    CheckSame(FindRoute(tx, "F2").value(), routes[2]);
    CHECK(ReadFollowers(tx, kReportId, "", 2) == std::vector<std::string>{"F1", "F2"});
    CHECK(ReadFollowers(tx, kReportId, "F2", 2) == std::vector<std::string>{"F3"});
    CHECK(ReadFollowers(tx, "F1", "", 2).empty());
    // Only the one that has a reason, as long as there is its lead.
    const auto leaving = FollowersToRelease(tx, "", 10);
    REQUIRE(leaving.size() == 1);
    CHECK(leaving[0].report_id == "F2");
    CHECK(leaving[0].lead_report_id == kReportId);
    return absl::OkStatus();
  }));
}

TEST_CASE("a route is read as it was saved, the first time and when it has changed") {
  RoutingProcess process;
  Route route = FullRoute();
  Route other;
  other.id = "7K3M9QXT2B62";
  other.state = v1::ROUTE_STATE_ENDED;
  for (int round = 0; round < 2; ++round) {
    Save(process, {route, other});
    Must(process.pool.Transact([&](pg::Tx& tx) {
      const auto loaded = LoadRoutes(tx, {route.id, other.id, "unknown"});
      REQUIRE(loaded.size() == 2);
      CheckSame(loaded.at(route.id), route);
      CheckSame(loaded.at(other.id), other);
      CheckSame(*FindRoute(tx, route.id), route);
      CHECK_FALSE(FindRoute(tx, "unknown").has_value());
      return absl::OkStatus();
    }));
    route.state = v1::ROUTE_STATE_AWAITING_COMPLETION;
    route.verification_due_at.reset();
    route.completion_fields.clear();
    route.supervision = false;
    route.withdrawn = true;
    route.hops = 5;
  }
}

TEST_CASE("the database itself refuses an open report without a holder, and a closed one with") {
  RoutingProcess process;
  for (const auto& [state, holder] :
       {std::pair(v1::ROUTE_STATE_ASSIGNED, ""), {v1::ROUTE_STATE_ENDED, "id"}}) {
    const Route wrong = Waiting(kReportId, state, At("2025-03-03T10:00+07:00"), holder);
    const absl::Status status = process.pool.Transact([&](pg::Tx& tx) {
      SaveRoutes(tx, {&wrong});
      return absl::OkStatus();
    });
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).find("one_holder_while_open") != std::string::npos);
  }
}

TEST_CASE("handovers are read in their order, and never written twice") {
  RoutingProcess process;
  const std::vector<Handover> handovers = {
      {kReportId, 1, "id", At("2025-03-01T10:00+07:00"), event::v1::RETURN_REASON_UNSPECIFIED},
      {kReportId, 2, "id.32", At("2025-03-02T10:00+07:00"), event::v1::RETURN_REASON_UNSPECIFIED,
       v1::HAND_CAUSE_ARBITRATED, ArbiterOf("id.kemendagri"), true},
      {kReportId, 3, "", At("2025-03-03T10:00+07:00"), event::v1::RETURN_REASON_OTHER_LEVEL}};
  const auto append = [&] {
    return process.pool.Transact([&](pg::Tx& tx) {
      AppendHandovers(tx, handovers);
      return absl::OkStatus();
    });
  };
  Must(append());
  Must(process.pool.Read([&](pg::Tx& tx) {
    const auto read = ReadHandovers(tx, kReportId);
    REQUIRE(read.size() == 3);
    for (size_t i = 0; i < 3; ++i) {
      CHECK(read[i].number == handovers[i].number);
      CHECK(read[i].agency_id == handovers[i].agency_id);
      CHECK(read[i].since == handovers[i].since);
      CHECK(read[i].returned_because == handovers[i].returned_because);
      CHECK(read[i].cause == handovers[i].cause);
      CHECK(read[i].decided_by.role() == handovers[i].decided_by.role());
      CHECK(read[i].decided_by.agency_id() == handovers[i].decided_by.agency_id());
      CHECK(read[i].binding == handovers[i].binding);
    }
    CHECK(ReadHandovers(tx, "unknown").empty());
    return absl::OkStatus();
  }));
  CHECK(absl::IsAlreadyExists(append()));
}

TEST_CASE("the triage queue has what waits, the oldest verification deadline first, in pages and by filter") {
  RoutingProcess process;
  const absl::Time first = At("2025-03-03T00:00+07:00");
  const absl::Time later = At("2025-03-04T00:00+07:00");
  Save(process, {Waiting("DDDDDDDDDDDD", v1::ROUTE_STATE_VERIFIED, first),
                 Waiting("BBBBBBBBBBBB", v1::ROUTE_STATE_AWAITING_TRIAGE, later),
                 Waiting("AAAAAAAAAAAA", v1::ROUTE_STATE_RETURNED, later),
                 Waiting("CCCCCCCCCCCC", v1::ROUTE_STATE_IN_ARBITRATION, first, "id.32"),
                 Waiting("EEEEEEEEEEEE", v1::ROUTE_STATE_ASSIGNED, first, "id.32"),
                 Waiting("FFFFFFFFFFFF", v1::ROUTE_STATE_ARCHIVED, first, "")});
  using Ids = std::vector<std::string>;
  CHECK(Queue(process, {.limit = 10}) == Ids{"CCCCCCCCCCCC", "DDDDDDDDDDDD", "AAAAAAAAAAAA", "BBBBBBBBBBBB"});
  CHECK(Queue(process, {.limit = 2}) == Ids{"CCCCCCCCCCCC", "DDDDDDDDDDDD"});
  CHECK(Queue(process, {.after_danger_to_life = false,
                        .after_due_at = first,
                        .after_report_id = "CCCCCCCCCCCC",
                        .limit = 2}) == Ids{"DDDDDDDDDDDD", "AAAAAAAAAAAA"});
  CHECK(Queue(process, {.state = v1::ROUTE_STATE_RETURNED, .limit = 10}) == Ids{"AAAAAAAAAAAA"});
  CHECK(Queue(process, {.holder_agency_id = "id.32", .limit = 10}) == Ids{"CCCCCCCCCCCC"});
  CHECK(
      Queue(process, {.state = v1::ROUTE_STATE_VERIFIED, .holder_agency_id = "id.32", .limit = 10}).empty());
}

TEST_CASE("danger to life comes first, and pages go on after it") {
  RoutingProcess process;
  const absl::Time first = At("2025-03-03T00:00+07:00");
  Route danger = Waiting("BBBBBBBBBBBB", v1::ROUTE_STATE_VERIFIED, first + absl::Hours(99));
  danger.danger_to_life = true;
  Save(process, {Waiting("AAAAAAAAAAAA", v1::ROUTE_STATE_AWAITING_TRIAGE, first), danger});
  using Ids = std::vector<std::string>;
  CHECK(Queue(process, {.limit = 10}) == Ids{"BBBBBBBBBBBB", "AAAAAAAAAAAA"});
  CHECK(Queue(process, {.after_danger_to_life = true,
                        .after_due_at = *danger.verification_due_at,
                        .after_report_id = danger.id,
                        .limit = 10}) == Ids{"AAAAAAAAAAAA"});
}

// --- claims

struct Claims {
  std::vector<std::string> Take(const std::string& officer, int count, ClaimQuery query = {}) {
    query.officer = officer;
    query.count = count;
    query.now = now;
    query.until = now + absl::Minutes(15);
    std::vector<std::string> ids;
    Must(process.pool.Transact([&](pg::Tx& tx) {
      for (const Route& route : Claim(tx, query)) ids.push_back(route.id);
      return absl::OkStatus();
    }));
    return ids;
  }

  // A queue of so many, A first.
  explicit Claims(int reports) {
    std::vector<Route> routes;
    for (int i = 0; i < reports; ++i) {
      routes.push_back(Waiting(std::string(12, static_cast<char>('A' + i)), v1::ROUTE_STATE_AWAITING_TRIAGE,
                               now + absl::Hours(i)));
    }
    Save(process, routes);
  }

  RoutingProcess process;
  absl::Time now = At("2025-03-03T09:00+07:00");
};
using Ids = std::vector<std::string>;
std::string Id(char letter) { return std::string(12, letter); }

TEST_CASE("administrators claim the front of the queue without meeting, and a repeated claim takes no more") {
  Claims claims(5);
  CHECK(claims.Take("one", 2) == Ids{Id('A'), Id('B')});
  CHECK(claims.Take("two", 2) == Ids{Id('C'), Id('D')});
  CHECK(claims.Take("one", 2) == Ids{Id('A'), Id('B')});
  CHECK(claims.Take("one", 9) == Ids{Id('A'), Id('B'), Id('E')});
  CHECK(Queue(claims.process, {.claims_as = "two", .now = claims.now, .limit = 10}) == Ids{Id('C'), Id('D')});
  CHECK(Queue(claims.process, {.limit = 10}).size() == 5);
}

TEST_CASE("claims at the same moment never give one report to two") {
  Claims claims(20);
  std::vector<std::future<Ids>> taken;
  for (int officer = 0; officer < 8; ++officer) {
    taken.push_back(std::async(
        std::launch::async, [&, officer] { return claims.Take("officer-" + std::to_string(officer), 3); }));
  }
  std::set<std::string> all;
  size_t sum = 0;
  for (auto& ids : taken) {
    const Ids got = ids.get();
    sum += got.size();
    all.insert(got.begin(), got.end());
  }
  CHECK(all.size() == sum);
  CHECK(sum > 3);
}

TEST_CASE("a claim ends by its term, and by being given back") {
  Claims claims(2);
  CHECK(claims.Take("one", 2).size() == 2);
  CHECK(claims.Take("two", 2).empty());
  claims.now += absl::Minutes(15);
  CHECK(claims.Take("two", 2).size() == 2);
  Must(claims.process.pool.Transact([&](pg::Tx& tx) {
    CHECK(ReleaseClaims(tx, "two") == 2);
    return absl::OkStatus();
  }));
  CHECK(claims.Take("one", 2).size() == 2);
}

TEST_CASE(
    "claims go by state and place, and pass over what waits for an arbiter or was archived by oneself") {
  Claims claims(1);
  Route elsewhere = Waiting("BBBBBBBBBBBB", v1::ROUTE_STATE_VERIFIED, claims.now);
  elsewhere.region = "81.71";
  Route contested = Waiting("CCCCCCCCCCCC", v1::ROUTE_STATE_AWAITING_TRIAGE, claims.now);
  contested.contested = true;
  contested.archived_by = "one";
  Save(claims.process,
       {elsewhere, contested, Waiting("DDDDDDDDDDDD", v1::ROUTE_STATE_IN_ARBITRATION, claims.now, "id.32")});
  CHECK(claims.Take("three", 9, {.region = "81"}) == Ids{Id('B')});
  CHECK(claims.Take("four", 9, {.region = "8"}).empty());
  CHECK(claims.Take("one", 9, {.state = v1::ROUTE_STATE_AWAITING_TRIAGE}) == Ids{Id('A')});
  CHECK(claims.Take("two", 9) == Ids{Id('C')});
}

// --- the registry

TEST_CASE("the registry is read as it was recorded, with a version that grows") {
  RoutingProcess process;
  process.RecordCountry();
  v1::Agency moved = Country()[5];
  moved.set_parent_id("id.32");
  process.Record({moved});
  Must(process.pool.Read([&](pg::Tx& tx) {
    const Registry registry = ReadRegistry(tx);
    CHECK(registry.version() == 2);
    CHECK(ReadRegistryVersion(tx) == 2);
    CHECK(registry.Page("", "", 100).size() == Country().size());
    CHECK(registry.Find("id")->parent_id().empty());
    CHECK(registry.Find("id.32.73.dinkes")->parent_id() == "id.32");
    CHECK(registry.Find("id.32.73.dinkes")->version() == 2);
    CHECK(registry.Find("id.81")->time_zone() == report::v1::TIME_ZONE_WIT);
    CHECK(registry.Find("id.81")->kind() == event::v1::AGENCY_KIND_PROVINCE);
    CHECK(registry.Find("id.81")->name() == "Agency id.81");
    CHECK(registry.Find("id.81")->region() == "81");
    return absl::OkStatus();
  }));
}

TEST_CASE("attributes, officers and endings are read as they were recorded, by any instance") {
  RoutingProcess process;
  process.RecordCountry();
  v1::Agency row = Country()[5];
  row.mutable_team_decree()->set_number("188/2024");
  row.mutable_team_decree()->set_issued_on("2024-03-01");
  row.mutable_action_plan()->set_reference("RA-7");
  row.mutable_action_plan()->set_valid_from("2024-03-01");
  row.mutable_action_plan()->set_valid_until("2025-03-01");
  row.set_application_id("lapor-bandung");
  row.add_service_hours()->set_weekday(5);
  row.mutable_service_hours(0)->set_opens_minute(480);
  row.mutable_service_hours(0)->set_closes_minute(690);
  for (const char* name : {"Layanan", "Jaga"}) {
    v1::LiaisonOfficer& officer = *row.add_liaison_officers();
    officer.set_name(name);
    officer.set_contact("dinkes@bandung.example");
  }
  process.Record({row});
  Must(process.pool.Read([&](pg::Tx& tx) {
    const Registry registry = ReadRegistry(tx);
    v1::Agency read = ToProto(*registry.Find(row.agency_id()));
    CHECK(read.liaison_officer_count() == 2);
    const LiaisonOfficers& officers = registry.OfficersOf(row.agency_id());
    REQUIRE(officers.size() == 2);
    CHECK(officers[1].name() == "Jaga");
    read.mutable_liaison_officers()->Add(officers.begin(), officers.end());
    read.clear_version();
    read.clear_liaison_officer_count();
    CHECK(read.SerializeAsString() == row.SerializeAsString());
    return absl::OkStatus();
  }));

  v1::Agency split = EndingRow(row.agency_id(), event::v1::AGENCY_CHANGE_SPLIT, {"id.32.73.dpupr", "id.32"});
  split.mutable_successors(0)->add_regions("32");
  split.mutable_successors(0)->add_categories("health");
  process.Record({split}, kEnded);
  Must(process.pool.Read([&](pg::Tx& tx) {
    const Registry registry = ReadRegistry(tx);
    CHECK(HasEnded(*registry.Find(row.agency_id())));
    CHECK(registry.LivingFor(row.agency_id(), "32.73", "health") == "id.32.73.dpupr");
    CHECK(registry.LivingFor(row.agency_id(), "32.73", "roads") == "id.32");
    CHECK(registry.OfficersOf(row.agency_id()).empty());
    return absl::OkStatus();
  }));
  CHECK(process.database.Query("SELECT count(*) FROM liaison_officer") == "0");
}

TEST_CASE("what the version before this one records leaves attributes as they are") {
  RoutingProcess process;
  v1::Agency row = Country()[0];
  row.set_application_id("lapor");
  process.Record({row});
  process.database.Query("UPDATE agency SET name = 'Admin', version = version + 1");
  Must(process.pool.Read([&](pg::Tx& tx) {
    const Registry registry = ReadRegistry(tx);
    CHECK(registry.Find("id")->name() == "Admin");
    CHECK(registry.Find("id")->version() == 2);
    CHECK(registry.Find("id")->application_id() == "lapor");
    return absl::OkStatus();
  }));
}

TEST_CASE("whoever changes the registry sees what the one before has committed") {
  RoutingProcess process;
  process.RecordCountry();
  std::promise<void> locked;
  std::future<int64_t> second;
  Must(process.pool.Transact([&](pg::Tx& tx) {
    const Registry registry = LockRegistry(tx);
    second = std::async(std::launch::async, [&] {
      int64_t seen = 0;
      locked.set_value();
      Must(process.pool.Transact([&](pg::Tx& other) {
        seen = LockRegistry(other).Find("id.kemenkes")->version();
        return absl::OkStatus();
      }));
      return seen;
    });
    locked.get_future().get();
    v1::Agency renamed = Country()[1];
    renamed.set_name("Kementerian Kesehatan");
    SaveAgencies(tx, PlanChange(registry, std::vector{renamed}, {}, *ShippedPolicy()).value());
    return absl::OkStatus();
  }));
  CHECK(second.get() == 2);
}

TEST_CASE("a watch is empty before its first look, and then follows") {
  RoutingProcess process;
  RegistryWatch watch(process.pool);
  CHECK(watch.Current()->version() == 0);
  process.RecordCountry();
  CHECK(watch.Current()->Find("id.81") == nullptr);
  Must(watch.Refresh());
  const auto before = watch.Current();
  CHECK(before->Find("id.81") != nullptr);
  Must(watch.Refresh());
  CHECK(watch.Current() == before);  // nothing new: nothing read
}

TEST_CASE("a watch notices by itself what another instance has recorded") {
  RoutingProcess process;
  RegistryWatch watch(process.pool);
  watch.Start();
  process.RecordCountry();
  const absl::Time limit = absl::Now() + absl::Seconds(10);
  while (watch.Current()->Find("id.81") == nullptr && absl::Now() < limit) std::this_thread::yield();
  CHECK(watch.Current()->Find("id.81") != nullptr);
}

TEST_CASE("an agency that is not known is looked up before it is told to be unknown") {
  RoutingProcess process;
  RegistryWatch watch(process.pool);
  watch.Start();
  process.RecordCountry();
  const auto look_up = [&](const std::string& agency_id) {
    auto known = std::make_shared<std::promise<bool>>();
    watch.WhenLookedUp(agency_id, [&watch, known, agency_id] {
      known->set_value(watch.Current()->Find(agency_id) != nullptr);
    });
    return known->get_future().get();
  };
  CHECK(look_up("id.81"));
  CHECK_FALSE(look_up("id.nobody"));
  watch.Stop();
  CHECK_FALSE(look_up("id.nobody"));
}

// --- the aggregate, from events, requests and deadlines to rows and events

TEST_CASE(
    "a report comes in by an event, is verified and assigned by requests, and every hand is on record") {
  RoutingProcess process;
  process.RecordCountry();
  Must(process.registry->Refresh());
  process.Apply("intake", kReportId, SubmissionEvent());
  // The first reminder.
  CHECK(process.database.Query("SELECT clock, due_at FROM deadline") == "1|2025-03-05 17:00:00+00");
  Must(process.Do(kReportId, VerifyReport{.actor = Triage()}).status());
  const auto outcome = process.Do(kReportId, AssignReport{Triage(), "id.81"});
  REQUIRE(outcome.ok());
  CHECK(outcome->state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(outcome->position == 2);

  CHECK(process.Journalled() == "ReportVerified AgencyAssigned");
  CHECK(process.database.Query("SELECT number, agency_id FROM handover ORDER BY number") == "1|id\n2|id.81");
  CHECK(process.database.Query("SELECT state, holder_agency_id FROM route") == "4|id.81");
  CHECK(process.database.Query("SELECT count(*) FROM deadline") == "0");
  CHECK(process.database.Query("SELECT count(*) FROM quarantine") == "0");
}

TEST_CASE("a due deadline fires once, though it is offered twice") {
  RoutingProcess process;
  process.Apply("intake", kReportId, SubmissionEvent());
  process.clock.Set(At("2025-03-06T00:00+07:00"));
  const std::vector<eventlog::Deadline> due = {
      {kReportId, report::v1::CLOCK_VERIFICATION, process.clock.Now()}};
  Must(process.executor->Fire(due));
  Must(process.executor->Fire(due));
  CHECK(process.Journalled() == "ClockReminded");
  // The row stands for what comes next.
  CHECK(process.database.Query("SELECT clock, due_at FROM deadline") == "1|2025-03-06 17:00:00+00");
}

TEST_CASE("a recount that begins with the service moves a delivery's clock, in the zone of its agency") {
  RoutingProcess process;
  process.RecordCountry();
  Must(process.registry->Refresh());
  process.Apply("intake", kReportId, SubmissionEvent());
  Must(process.Do(kReportId, VerifyReport{.actor = Triage()}).status());
  Must(process.Do(kReportId, AssignReport{Triage(), "id.32.73.dpupr"}).status());
  const auto deliveries_due = [&] {
    return process.database.Query(
        "SELECT count(*) FROM deadline WHERE due_at = '2025-03-07T00:00+07:00' "
        "AND clock = " +
        std::to_string(report::v1::CLOCK_DELIVERY));
  };
  CHECK(deliveries_due() == "0");

  // Started anew, on the morrow of a decree: it has read no registry yet.
  const RoutingAggregate started = MakeAggregate(policy::ShippedPolicyWithHoliday("2025-03-05"),
                                                 std::make_shared<RegistryWatch>(process.pool));
  RoutingExecutor executor(process.pool, process.journal, process.clock, started, {}, nullptr);
  std::vector<RoutingExecutor::Order> orders;
  Must(process.pool.Read([&](pg::Tx& tx) {
    for (const std::string& id : started.recounting->running(tx, "", 10))
      orders.push_back({id, started.recounting->recount});
    return absl::OkStatus();
  }));
  Must(executor.Do(std::move(orders)).status());
  CHECK(deliveries_due() == "1");
}

TEST_CASE("an event about a report that nobody submitted is kept in quarantine") {
  RoutingProcess process;
  event::v1::Event event;
  event.mutable_case_closed();
  process.Apply("followup", kReportId, event);
  CHECK(process.database.Query("SELECT count(*) FROM route") == "0");
  CHECK(process.database.Query("SELECT reason LIKE '%not a known report%' FROM quarantine") == "t");
}

}  // namespace
}  // namespace lapor::routing
