#include "services/routing/registry.h"

#include <catch2/catch.hpp>

#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using event::v1::AGENCY_CHANGE_CLOSED;
using event::v1::AGENCY_CHANGE_MERGED;
using event::v1::AGENCY_CHANGE_SPLIT;
using Strings = std::vector<std::string>;

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

TEST_CASE("what was with an agency that has ended is with the living end of its successors") {
  Registry registry = RegistryAfter(
      CountryRegistry(), {EndingRow("id.32.73.dinkes", AGENCY_CHANGE_MERGED, {"id.32.73.dpupr"})}, kEnded);
  registry =
      RegistryAfter(registry, {EndingRow("id.32.73.dpupr", AGENCY_CHANGE_CLOSED, {"id.32.73"})}, kEnded);
  registry = RegistryAfter(registry, {EndingRow("id.32.73", AGENCY_CHANGE_MERGED, {"id.32"})}, kEnded);
  CHECK(registry.LivingFor("id.32.73.dinkes", "32.73", "health") == "id.32");
  CHECK(registry.LivingFor("id.32", "32.73", "health") == "id.32");
  CHECK(registry.LivingFor("id.nobody", "", "") == "id.nobody");
  CHECK(registry.LivingFor("", "", "").empty());
}

TEST_CASE("a split agency's reports go by region and category, to the first that fits, else to the default") {
  v1::Agency split = EndingRow("id.kemenkes", AGENCY_CHANGE_SPLIT, {"id.32", "id.81", "id.32.73"});
  split.mutable_successors(1)->add_regions("81");
  split.mutable_successors(2)->add_regions("32");
  split.mutable_successors(2)->add_categories("roads");
  const Registry registry = RegistryAfter(CountryRegistry(), {split}, kEnded);
  const auto living = [&](const char* region, const char* category) {
    return registry.LivingFor("id.kemenkes", region, category);
  };
  CHECK(living("81.71", "health") == "id.81");
  CHECK(living("32.73.01", "roads.regency") == "id.32.73");
  CHECK(living("32.73", "health") == "id.32");
  CHECK(living("8", "roads") == "id.32");
  CHECK(living("", "") == "id.32");
}

}  // namespace
}  // namespace lapor::routing
