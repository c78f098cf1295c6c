#include "services/routing/registry.h"

#include <catch2/catch.hpp>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using event::v1::AGENCY_KIND_NATIONAL;
using event::v1::AGENCY_KIND_UNIT;

absl::StatusOr<std::vector<Agency>> Plan(const Registry& registry, const std::vector<v1::Agency>& rows) {
  return PlanChange(registry, rows, *ShippedPolicy());
}

// What is wrong with rows over the country, as "agencies[0].name: is required".
std::vector<std::string> Wrong(const std::vector<v1::Agency>& rows,
                               const Registry& registry = CountryRegistry()) {
  const auto plan = Plan(registry, rows);
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
  CHECK(Wrong(many) == Strings{"agencies: 5001 agencies in one call"});
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

// --- asking a registry

TEST_CASE("a registry knows its agencies and who is below whom") {
  const Registry& registry = CountryRegistry();
  CHECK(registry.Find("id.32.73")->parent_id() == "id.32");
  CHECK(registry.Find("id.nobody") == nullptr);
  CHECK(registry.IsBelow("id.32.73.dinkes", "id.32.73"));
  CHECK(registry.IsBelow("id.32.73.dinkes", "id"));
  CHECK_FALSE(registry.IsBelow("id.32.73", "id.32.73"));
  CHECK_FALSE(registry.IsBelow("id.32.73", "id.32.73.dinkes"));
  CHECK_FALSE(registry.IsBelow("id.nobody", "id"));
}

TEST_CASE("pages follow the order of ids, for all and for the children of one") {
  const Registry& registry = CountryRegistry();
  const auto ids = [&](const char* parent_id, const char* after_id, int limit) {
    Strings page;
    for (const Agency* agency : registry.Page(parent_id, after_id, limit))
      page.push_back(agency->agency_id());
    return page;
  };
  CHECK(ids("", "", 3) == Strings{"id", "id.32", "id.32.73"});
  CHECK(ids("", "id.81", 3) == Strings{"id.kemendagri", "id.kemenkes"});
  CHECK(ids("id.32.73", "", 1) == Strings{"id.32.73.dinkes"});
  CHECK(ids("id.32.73", "id.32.73.dinkes", 5) == Strings{"id.32.73.dpupr"});
  CHECK(ids("id.32.73.dinkes", "", 5).empty());
  CHECK(ids("id.nobody", "", 5).empty());
}

TEST_CASE("the arbiter is the nearest coordinator that has a say over both") {
  const Registry& registry = CountryRegistry();
  CHECK(registry.ArbiterBetween("id.32.73.dinkes", "") == "id.32.73");
  CHECK(registry.ArbiterBetween("id.32.73.dinkes", "id.32.73.dpupr") == "id.32.73");
  CHECK(registry.ArbiterBetween("id.32.73.dinkes", "id.32.73") == "id.32.73");
  CHECK(registry.ArbiterBetween("id.32.73.dinkes", "id.81") == "id.kemendagri");
  CHECK(registry.ArbiterBetween("id.32.73.dinkes", "id.kemenkes") == "id");
  CHECK(registry.ArbiterBetween("id.kemenkes", "") == "id");
}

}  // namespace
}  // namespace lapor::routing
