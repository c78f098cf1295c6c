#include "services/routing/registry_change.h"

#include <catch2/catch.hpp>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using event::v1::AGENCY_KIND_NATIONAL;
using event::v1::AGENCY_KIND_UNIT;

absl::StatusOr<std::vector<Agency>> Plan(const Registry& registry, const std::vector<v1::Agency>& rows) {
  const auto changes = PlanChange(registry, rows, {}, *ShippedPolicy());
  if (!changes.ok()) return changes.status();
  std::vector<Agency> agencies;
  for (const PlannedChange& change : *changes) agencies.push_back(change.agency);
  return agencies;
}

google::protobuf::FieldMask MaskOf(const std::vector<std::string>& fields) {
  google::protobuf::FieldMask mask;
  mask.mutable_paths()->Add(fields.begin(), fields.end());
  return mask;
}

std::vector<PlannedChange> Changes(const Registry& registry, const std::vector<v1::Agency>& rows,
                                   const std::vector<std::string>& fields = {}) {
  const auto changes = PlanChange(registry, rows, MaskOf(fields), *ShippedPolicy());
  INFO(changes.status());
  REQUIRE(changes.ok());
  return *changes;
}

// What a change tells of the fields, as "name: Dinkes -> Dinas Kesehatan".
std::vector<std::string> Told(const PlannedChange& change) {
  std::vector<std::string> told;
  for (const auto& f : change.difference.fields())
    told.push_back(fmt::format("{}: {} -> {}", f.field(), f.before(), f.after()));
  return told;
}

v1::Agency CountryRow(const std::string& id) {
  for (const v1::Agency& row : Country()) {
    if (row.agency_id() == id) return row;
  }
  throw std::runtime_error(id);
}

// What is wrong with rows over the country, as "agencies[0].name: is required".
std::vector<std::string> Wrong(const std::vector<v1::Agency>& rows,
                               const Registry& registry = CountryRegistry(),
                               const std::vector<std::string>& fields = {}) {
  const auto plan = PlanChange(registry, rows, MaskOf(fields), *ShippedPolicy());
  if (plan.ok()) return {};
  CHECK(absl::IsInvalidArgument(plan.status()));
  std::vector<std::string> wrong;
  const auto bad_input = decision::BadInputOf(plan.status());
  REQUIRE(bad_input.has_value());
  for (const auto& violation : bad_input->violations()) {
    CHECK_FALSE(violation.remedy().empty());
    wrong.push_back(violation.field() + ": " + violation.rule());
  }
  return wrong;
}

v1::Agency Unit(const std::string& id, const std::string& parent_id = "id.32.73") {
  return AgencyRow(id, parent_id, AGENCY_KIND_UNIT, "32.73");
}

using Strings = std::vector<std::string>;

TEST_CASE("a first load gives an event for every agency, in its order, with version 1") {
  const auto plan = Plan(Registry(), Country());
  REQUIRE(plan.ok());
  REQUIRE(plan->size() == Country().size());
  CHECK(plan->front().agency_id() == "id");
  CHECK(plan->back().agency_id() == "id.81");
  CHECK(plan->back().time_zone() == report::v1::TIME_ZONE_WIT);
  for (const Agency& agency : *plan) CHECK(agency.version() == 1);
}

TEST_CASE("what is there already gives nothing; what differs gives its next version") {
  CHECK(Plan(CountryRegistry(), Country())->empty());

  std::vector<v1::Agency> rows = Country();
  rows[1].set_short_name("Kemenkes");
  rows[2].set_version(99);  // output only
  const auto plan = Plan(CountryRegistry(), rows);
  REQUIRE(plan->size() == 1);
  CHECK(plan->front().agency_id() == "id.kemenkes");
  CHECK(plan->front().short_name() == "Kemenkes");
  CHECK(plan->front().version() == 2);
}

TEST_CASE("an agency may move below another coordinator") {
  const auto plan = Plan(CountryRegistry(), {Unit("id.32.73.dinkes", "id.32")});
  REQUIRE(plan.ok());
  CHECK(plan->front().parent_id() == "id.32");
}

TEST_CASE("a new coordinator may stand before those that are moved below it") {
  CHECK(Plan(CountryRegistry(), {Unit("id.32.73.setda"), Unit("id.32.73.dinkes", "id.32.73.setda")}).ok());
  CHECK(Wrong({Unit("id.32.73.dinkes", "id.32.73.setda"), Unit("id.32.73.setda")}) ==
        Strings{"agencies[0].parent_id: is agencies[1], which comes later"});
}

TEST_CASE("a call without agencies, or with too many, is refused") {
  CHECK(Wrong({}) == Strings{"agencies: 0 agencies in one call"});
  std::vector<v1::Agency> many;
  for (int i = 0; i <= kMaxRecordedAgencies; ++i) many.push_back(Unit(fmt::format("id.{}", i)));
  CHECK(Wrong(many) == Strings{"agencies: 25001 agencies in one call"});
}

TEST_CASE("an id has 2 to 64 characters of a-z, 0-9, dot and hyphen") {
  for (const std::string& id : {std::string("x"), std::string(65, 'a'), std::string("id.Kemenkes"),
                                std::string("id kemenkes"), std::string("id/32"), std::string("")}) {
    CAPTURE(id);
    CHECK(Wrong({Unit(id)}) == Strings{"agencies[0].agency_id: is not an agency's id"});
  }
  CHECK(Wrong({Unit(std::string(64, 'a')), Unit("a-")}).empty());
}

TEST_CASE("an agency is named once in a call") {
  CHECK(Wrong({Unit("id.32.73.setda"), Unit("id.32.73.setda")}) ==
        Strings{"agencies[1].agency_id: is that of agencies[0] too"});
}

TEST_CASE("names are there, not too long, and of one line; characters count, not bytes") {
  v1::Agency unit = Unit("id.32.73.setda");
  unit.set_name("");
  CHECK(Wrong({unit}) == Strings{"agencies[0].name: is required"});

  std::string name;
  for (int i = 0; i < kMaxAgencyNameCharacters; ++i) name += "é";
  unit.set_name(name);
  CHECK(Wrong({unit}).empty());
  unit.set_name(name + "x");
  CHECK(Wrong({unit}) == Strings{"agencies[0].name: is longer than 200 characters"});

  unit.set_name("Setda");
  unit.set_short_name(std::string(kMaxAgencyShortNameCharacters + 1, 'x'));
  CHECK(Wrong({unit}) == Strings{"agencies[0].short_name: is longer than 100 characters"});
  unit.set_short_name("a\nb");
  CHECK(Wrong({unit}) == Strings{"agencies[0].short_name: holds a control character"});
}

TEST_CASE("kind and zone are required, regions are known, and zones are those of the regions") {
  CHECK(Wrong({AgencyRow("id.x", "id", event::v1::AGENCY_KIND_UNSPECIFIED)}) ==
        Strings{"agencies[0].kind: is required"});
  CHECK(Wrong({AgencyRow("id.x", "id", static_cast<event::v1::AgencyKind>(77))}) ==
        Strings{"agencies[0].kind: is required"});
  CHECK(Wrong({AgencyRow("id.x", "id", AGENCY_KIND_NATIONAL, "", report::v1::TIME_ZONE_UNSPECIFIED)}) ==
        Strings{"agencies[0].time_zone: is required"});
  CHECK(Wrong({AgencyRow("id.x", "id", AGENCY_KIND_UNIT, "99")}) ==
        Strings{"agencies[0].region: is not a known region"});
  CHECK(Wrong({AgencyRow("id.x", "id", AGENCY_KIND_UNIT, "81")}) ==
        Strings{"agencies[0].time_zone: is not that of the region"});
}

TEST_CASE("there is one agency without a coordinator: the national administrator") {
  CHECK(Wrong({AgencyRow("id", "id.kemenkes", AGENCY_KIND_NATIONAL)}) ==
        Strings{"agencies[0].parent_id: the national administrator has no coordinator above it"});
  CHECK(Wrong({AgencyRow("id.x", "", AGENCY_KIND_NATIONAL)}) ==
        Strings{"agencies[0].parent_id: is required: the only agency without a coordinator is the national "
                "administrator, id"});
}

TEST_CASE("coordinators are known") {
  CHECK(Wrong({Unit("id.32.73.setda", "id.nobody")}) ==
        Strings{"agencies[0].parent_id: is not a known agency"});
  CHECK(Wrong({Unit("id.32.73")}, Registry()) == Strings{"agencies[0].parent_id: is the agency itself"});
  CHECK(Wrong({Unit("id.32.73.dinkes")}, Registry()) ==
        Strings{"agencies[0].parent_id: is not a known agency"});
}

TEST_CASE("nobody is moved below itself, directly or by a detour") {
  const std::string circle = "parent_id: stands below the agency itself, which makes a circle";
  CHECK(Wrong({Unit("id.32.73", "id.32.73")}) == Strings{"agencies[0].parent_id: is the agency itself"});
  CHECK(Wrong({Unit("id.32.73", "id.32.73.dinkes")}) == Strings{"agencies[0]." + circle});
  CHECK(Wrong({AgencyRow("id.kemendagri", "id.32.73.dinkes", AGENCY_KIND_NATIONAL)}) ==
        Strings{"agencies[0]." + circle});
  // Two moves, each right by itself; whoever only hangs below the circle is not blamed.
  CHECK(Wrong({Unit("id.32.73.dinkes", "id.32.73.dpupr"), Unit("id.32.73.dpupr", "id.32.73.dinkes"),
               Unit("id.32.73.dinkes.uptd", "id.32.73.dinkes")}) ==
        Strings{"agencies[0]." + circle, "agencies[1]." + circle});
}

TEST_CASE("everything that is wrong is told at once, up to what fits into an answer") {
  CHECK(Wrong({AgencyRow("X", "id.nobody", event::v1::AGENCY_KIND_UNSPECIFIED, "99")}).size() == 4);

  const std::vector<v1::Agency> rows(100, AgencyRow("X", "id", AGENCY_KIND_UNIT));
  const Strings wrong = Wrong(rows);
  CHECK(wrong.size() == 21);
  CHECK(wrong.back() == "agencies: 179 more rules are broken");
}

TEST_CASE("one row in error keeps all others out") {
  CHECK_FALSE(Plan(CountryRegistry(), {Unit("id.32.73.setda"), Unit("X")}).ok());
}

// --- attributes

v1::Agency Connected() {
  v1::Agency row = CountryRow("id.32.73");
  row.mutable_team_decree()->set_number("188.45/Kep.12-Diskominfo/2024");
  row.mutable_team_decree()->set_issued_on("2024-02-29");
  row.mutable_action_plan()->set_reference("RA-7/2024");
  row.mutable_action_plan()->set_valid_from("2024-03-01");
  row.mutable_action_plan()->set_valid_until("2025-12-31");
  row.set_application_id("lapor-bandung");
  for (int day = 1; day <= 5; ++day) {
    event::v1::ServiceHours& hours = *row.add_service_hours();
    hours.set_weekday(day);
    hours.set_opens_minute(8 * 60);
    hours.set_closes_minute(16 * 60);
  }
  v1::LiaisonOfficer& officer = *row.add_liaison_officers();
  officer.set_name("Layanan pengaduan");
  officer.set_contact("lapor@bandung.example");
  return row;
}

TEST_CASE("an event tells an agency's attributes, and of its liaison officers how many there are") {
  const auto changes = Changes(CountryRegistry(), {Connected()});
  REQUIRE(changes.size() == 1);
  const Agency& agency = changes[0].agency;
  CHECK(agency.change() == event::v1::AGENCY_CHANGE_CHANGED);
  CHECK(Strings(agency.changed_fields().begin(), agency.changed_fields().end()) ==
        Strings{"team_decree", "liaison_officers", "action_plan", "application_id", "service_hours"});
  CHECK(agency.team_decree().issued_on() == "2024-02-29");
  CHECK(agency.liaison_officers() == 1);
  REQUIRE(changes[0].officers.has_value());
  CHECK(changes[0].officers->at(0).contact() == "lapor@bandung.example");
  CHECK(agency.ShortDebugString().find("bandung.example") == std::string::npos);
  CHECK(Told(changes[0]) ==
        Strings{"team_decree:  -> 188.45/Kep.12-Diskominfo/2024 of 2024-02-29", "liaison_officers: 0 -> 1",
                "action_plan:  -> RA-7/2024, 2024-03-01 to 2025-12-31", "application_id:  -> lapor-bandung",
                "service_hours:  -> mon 08:00-16:00, tue 08:00-16:00, wed 08:00-16:00, "
                "thu 08:00-16:00, fri 08:00-16:00"});
}

TEST_CASE("rows without attributes leave those that are there; a mask may empty them") {
  const Registry connected = RegistryAfter(CountryRegistry(), {Connected()});
  CHECK(Changes(connected, Country()).empty());
  CHECK(Changes(connected, {Connected()}).empty());

  v1::Agency row;
  row.set_agency_id("id.32.73");
  const auto changes = Changes(connected, {row}, {"team_decree", "liaison_officers", "name"});
  REQUIRE(changes.size() == 1);
  CHECK_FALSE(changes[0].agency.has_team_decree());
  CHECK(changes[0].officers->empty());
  CHECK(changes[0].agency.has_action_plan());
  CHECK(changes[0].agency.name() == "Agency id.32.73");  // an empty name can't be meant
}

TEST_CASE("another officer is a change, though there are as many as before") {
  const Registry connected = RegistryAfter(CountryRegistry(), {Connected()});
  v1::Agency row = Connected();
  row.mutable_liaison_officers(0)->set_contact("+62-22-555");
  const auto changes = Changes(connected, {row});
  REQUIRE(changes.size() == 1);
  CHECK(Told(changes[0]) == Strings{"liaison_officers: 1 -> 1"});
  CHECK(changes[0].agency.version() == 3);
}

TEST_CASE("a mask names fields of an agency, and only they are taken from the rows") {
  v1::Agency row = CountryRow("id.32.73");
  row.set_name("Kota Bandung");
  row.set_short_name("Bandung");
  const auto changes = Changes(CountryRegistry(), {row}, {"name"});
  REQUIRE(changes.size() == 1);
  CHECK(Told(changes[0]) == Strings{"name: Agency id.32.73 -> Kota Bandung"});

  google::protobuf::FieldMask wrong;
  wrong.add_paths("colour");
  CHECK(
      PlanChange(CountryRegistry(), std::vector{row}, wrong, *ShippedPolicy()).status().message() ==
      "update_mask: names what is no field of an agency that can be given; name of: name, short_name, kind, "
      "parent_id, region, time_zone, team_decree, liaison_officers, action_plan, application_id, "
      "service_hours, ended");
}

TEST_CASE("attributes are refused by field, without repeating what was typed") {
  v1::Agency row = Connected();
  row.mutable_team_decree()->set_number("said: \"no\"");
  row.mutable_team_decree()->set_issued_on("2025-02-29");
  row.mutable_action_plan()->set_reference("a plan");
  row.mutable_action_plan()->set_valid_until("2024-02-01");
  row.set_application_id("Lapor!");
  row.mutable_service_hours(1)->set_weekday(1);
  row.mutable_service_hours(2)->set_weekday(8);
  row.mutable_service_hours(3)->set_closes_minute(480);
  row.mutable_liaison_officers(0)->set_name("");
  row.add_liaison_officers()->set_name("a\nb");
  CHECK(Wrong({row}) ==
        Strings{"agencies[0].team_decree.number: is not the number of a decree",
                "agencies[0].team_decree.issued_on: is not a date",
                "agencies[0].action_plan.reference: is not a number or an address",
                "agencies[0].action_plan.valid_until: is before valid_from",
                "agencies[0].application_id: is not an application's id",
                "agencies[0].service_hours[1]: overlaps with service_hours[0]",
                "agencies[0].service_hours[2].weekday: is no weekday",
                "agencies[0].service_hours[3]: does not open before it closes, within one day",
                "agencies[0].liaison_officers[0].name: is required",
                "agencies[0].liaison_officers[1].name: holds a control character",
                "agencies[0].liaison_officers[1].contact: is required"});

  row = Connected();
  for (int i = 0; i < kMaxLiaisonOfficers; ++i) *row.add_liaison_officers() = row.liaison_officers(0);
  for (int i = 0; i < kMaxServiceHours; ++i) *row.add_service_hours() = row.service_hours(0);
  CHECK(Wrong({row}) == Strings{"agencies[0].service_hours: has more than 21 entries",
                                "agencies[0].liaison_officers: names more than 10"});
}

// --- endings

using event::v1::AGENCY_CHANGE_CLOSED;
using event::v1::AGENCY_CHANGE_MERGED;
using event::v1::AGENCY_CHANGE_SPLIT;

TEST_CASE("an agency that is merged stays in the registry, names its successor and forgets its officers") {
  v1::Agency unit = CountryRow("id.32.73.dinkes");
  *unit.add_liaison_officers() = Connected().liaison_officers(0);
  const Registry registry = RegistryAfter(CountryRegistry(), {unit});
  const v1::Agency row = EndingRow("id.32.73.dinkes", AGENCY_CHANGE_MERGED, {"id.32.73.dpupr"});
  const auto changes = Changes(registry, {row}, kEnded);
  REQUIRE(changes.size() == 1);
  CHECK(Told(changes[0]) ==
        Strings{"liaison_officers: 1 -> 0", "ended:  -> AGENCY_CHANGE_MERGED, id.32.73.dpupr"});
  CHECK(changes[0].officers->empty());

  const Registry after = After(registry, changes);
  CHECK(HasEnded(*after.Find("id.32.73.dinkes")));
  CHECK(after.LivingFor("id.32.73.dinkes", "", "") == "id.32.73.dpupr");
  CHECK(after.Page("id.32.73", "", 10).size() == 1);
  CHECK(after.Page("id.32.73", "", 10, true).size() == 2);
  // Sent again, in either form, it changes nothing.
  CHECK(Changes(after, {row}, kEnded).empty());
  CHECK(Changes(after, Country()).empty());
}

TEST_CASE("what has ended changes no more, and is no coordinator and no successor") {
  const Registry registry = RegistryAfter(
      CountryRegistry(), {EndingRow("id.32.73.dinkes", AGENCY_CHANGE_MERGED, {"id.32.73.dpupr"})}, kEnded);
  const std::string ended = "has ended; in its place: id.32.73.dpupr";

  v1::Agency renamed = CountryRow("id.32.73.dinkes");
  renamed.set_name("Dinkes");
  CHECK(Wrong({renamed}, registry) == Strings{"agencies[0].name: can't change: the agency " + ended});
  CHECK(Wrong({Unit("id.32.73.uptd", "id.32.73.dinkes")}, registry) ==
        Strings{"agencies[0].parent_id: " + ended});
  CHECK(Wrong({EndingRow("id.kemenkes", AGENCY_CHANGE_CLOSED, {"id.32.73.dinkes"})}, registry, kEnded) ==
        Strings{"agencies[0].successors[0].agency_id: " + ended});
  CHECK(Wrong({EndingRow("id.32.73.dinkes", AGENCY_CHANGE_MERGED, {"id.kemenkes"})}, registry, kEnded) ==
        Strings{"agencies[0].ended: can't change: the agency " + ended});
}

TEST_CASE("who coordinates others does not end before they have gone, or go in the same call") {
  CHECK(Wrong({EndingRow("id.32.73", AGENCY_CHANGE_MERGED, {"id.32"})}, CountryRegistry(), kEnded) ==
        Strings{"agencies[0].ended: coordinates id.32.73.dinkes, id.32.73.dpupr"});

  v1::Agency moved;
  moved.set_agency_id("id.32.73.dpupr");
  moved.set_parent_id("id.32");
  CHECK(Changes(CountryRegistry(),
                {EndingRow("id.32.73", AGENCY_CHANGE_MERGED, {"id.32"}),
                 EndingRow("id.32.73.dinkes", AGENCY_CHANGE_CLOSED, {"id.32"}), moved},
                {"ended", "parent_id"})
            .size() == 3);
  CHECK(Wrong({EndingRow("id.32.73", AGENCY_CHANGE_MERGED, {"id.32"}),
               EndingRow("id.32.73.dinkes", AGENCY_CHANGE_CLOSED, {"id.32"}),
               EndingRow("id.32.73.dpupr", AGENCY_CHANGE_CLOSED, {"id.32.73"})},
              CountryRegistry(),
              kEnded) == Strings{"agencies[2].successors[0].agency_id: has ended; in its place: id.32"});
}

TEST_CASE("endings that can't be are refused") {
  const auto wrong = [](const v1::Agency& row) { return Wrong({row}, CountryRegistry(), kEnded); };
  CHECK(wrong(EndingRow("id", AGENCY_CHANGE_CLOSED, {"id.32"}))[0] ==
        "agencies[0].ended: the national administrator does not end");
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_CLOSED, {})) ==
        Strings{"agencies[0].successors: is not one agency"});
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_MERGED, {"id.32", "id.32.73"})) ==
        Strings{"agencies[0].successors: is not one agency"});
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_MERGED, {"id.81"})) ==
        Strings{"agencies[0].successors[0].agency_id: is the agency itself"});
  CHECK(
      wrong(EndingRow("id.81", AGENCY_CHANGE_MERGED, {"id"})) ==
      Strings{"agencies[0].successors[0].agency_id: is the national administrator, who follows nothing up"});
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_MERGED, {"id.nobody"})) ==
        Strings{"agencies[0].successors[0].agency_id: is not a known agency"});
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_SPLIT, {"id.32"})) ==
        Strings{"agencies[0].successors: is not 2 to 50 agencies"});
  CHECK(wrong(EndingRow("id.81", event::v1::AGENCY_CHANGE_CREATED, {})) ==
        Strings{"agencies[0].ended: is no way to end"});
  CHECK(wrong(EndingRow("id.81", AGENCY_CHANGE_SPLIT, {"id.32", "id.32.73"})) ==
        Strings{"agencies[0].successors: exactly one takes what fits no other, and so has no regions and "
                "categories"});
  v1::Agency split = EndingRow("id.81", AGENCY_CHANGE_SPLIT, {"id.32", "id.32"});
  split.mutable_successors(0)->add_regions("99");
  split.mutable_successors(0)->add_categories("nothing");
  CHECK(wrong(split) == Strings{"agencies[0].successors[0].regions[0]: is not a known region",
                                "agencies[0].successors[0].categories[0]: is not a known category",
                                "agencies[0].successors[1].agency_id: is named twice"});
  v1::Agency unborn = Unit("id.32.73.setda");
  unborn.set_ended(AGENCY_CHANGE_CLOSED);
  unborn.add_successors()->set_agency_id("id.32.73");
  CHECK(Wrong({unborn}) == Strings{"agencies[0].ended: the agency is not known, so it can't end"});
}

// --- at national scale

TEST_CASE("all that a nation has is planned in one call") {
  std::vector<v1::Agency> rows = Country();
  while (rows.size() < 20'000) {
    rows.push_back(Unit(fmt::format("id.32.73.u{}", rows.size())));
    rows.back().set_name("Dinas");
  }
  const auto plan = Plan(Registry(), rows);
  REQUIRE(plan.ok());
  CHECK(plan->size() == 20'000);
}

}  // namespace
}  // namespace lapor::routing
