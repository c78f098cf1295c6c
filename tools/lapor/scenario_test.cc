#include "tools/lapor/scenario.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "tools/lapor/sample_reports.h"

namespace lapor::client {
namespace {

// The shipped one, found by the environment's LAPOR_SOURCE_DIR, as ctest sets it.
struct World {
  std::shared_ptr<const policy::Policy> policy;
  std::vector<policy::AgencyRow> agencies;
  std::shared_ptr<const policy::Competence> rules;
};

const World& TheWorld() {
  static const World world = [] {
    const std::filesystem::path deploy = std::filesystem::path(std::getenv("LAPOR_SOURCE_DIR")) / "deploy";
    auto policy = policy::Policy::Load(deploy / "policy", deploy / "reference");
    auto agencies = policy::ReadAgencies(deploy / "reference");
    REQUIRE(policy.ok());
    REQUIRE(agencies.ok());
    auto rules = policy::Competence::Load(deploy / "policy", *policy, *agencies);
    REQUIRE(rules.ok());
    return World{*std::move(policy), *std::move(agencies), *std::move(rules)};
  }();
  return world;
}

std::vector<Story> Stories(uint64_t seed) {
  const Competence competence(*TheWorld().rules, TheWorld().agencies);
  const absl::Time monday = absl::FromCivil(absl::CivilDay(2025, 1, 6), absl::FixedTimeZone(7 * 3600));
  return Imagine({.seed = seed, .reports = 300, .start = monday, .filing_days = 63}, *TheWorld().policy,
                 competence);
}

std::string Fingerprint(const std::vector<Story>& stories) {
  std::string all;
  for (const Story& story : stories) all += story.report.SerializeAsString() + story.agency + story.answer;
  return all;
}

TEST_CASE("the same seed tells the same stories, another one others") {
  CHECK(Fingerprint(Stories(1)) == Fingerprint(Stories(1)));
  CHECK(Fingerprint(Stories(1)) != Fingerprint(Stories(2)));
}

TEST_CASE("reports of all classes come by all channels from all zones, and take every kind of way") {
  std::set<int> classes, channels, zones;
  int supervised = 0, anonymous = 0, incomplete = 0, returned = 0, arbitrated = 0, neglected = 0,
      withdrawn = 0, passed_on = 0;
  for (const Story& story : Stories(1)) {
    classes.insert(story.report.report_class());
    channels.insert(story.report.channel());
    zones.insert(TheWorld().policy->FindRegion(story.region)->time_zone);
    supervised += story.report.supervision();
    anonymous += story.report.anonymous();
    incomplete += !story.missing.empty();
    returned += !story.wrong_agencies.empty();
    arbitrated += story.asks_arbiter && !story.wrong_agencies.empty();
    neglected += story.neglected;
    withdrawn += story.days_to_withdraw.has_value();
    passed_on += !story.government.empty();
  }
  CHECK(classes.size() == 3);
  CHECK(channels.size() == 6);
  CHECK(zones.size() == 3);
  for (const int count :
       {supervised, anonymous, incomplete, returned, arbitrated, neglected, withdrawn, passed_on})
    CHECK(count > 0);
}

TEST_CASE("every report belongs to an agency of the registry, and no wrong door stands above the right one") {
  const Competence competence(*TheWorld().rules, TheWorld().agencies);
  for (const Story& story : Stories(3)) {
    INFO(story.category << ' ' << story.region << ' ' << story.agency);
    CHECK(competence.Find(story.agency) != nullptr);
    for (const auto& [door, reason] : story.wrong_agencies) {
      CHECK(competence.Find(door) != nullptr);
      CHECK_FALSE(competence.IsBelow(story.agency, door));
      CHECK(door != story.agency);
    }
  }
}

TEST_CASE("every sample's category is one of the reference data") {
  for (const SampleReport& sample : SampleReports()) {
    INFO(sample.category);
    CHECK(TheWorld().policy->FindCategory(sample.category) != nullptr);
  }
}

TEST_CASE("the people of the demo go by the rules, and assign to somebody whatever they say") {
  const Competence competence(*TheWorld().rules, TheWorld().agencies);
  CHECK(competence.Of("health.puskesmas", "32.73") == "id.32.73.dinkes");
  CHECK(competence.Of("education.secondary", "32.73") == "id.32.disdik");
  CHECK(competence.Of("public-works.water", "31.71") == "id.31");
  CHECK(competence.Of("land", "32.73") == "id.atrbpn");
  CHECK(competence.Of("other", "32.73") == "id.kemenpanrb");
  CHECK(competence.Of("health", "") == "id.kemenpanrb");
}

}  // namespace
}  // namespace lapor::client
