// What deploy/policy and deploy/reference say, checked against figures that are known from elsewhere.
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "libs/policy/competence.h"

namespace lapor::policy {
namespace {

std::filesystem::path Reference() {
  return std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/reference";
}

template <typename T>
T Loaded(absl::StatusOr<T> loaded) {
  INFO(loaded.status().message());
  REQUIRE(loaded.ok());
  return *std::move(loaded);
}

std::shared_ptr<const Policy> LoadPolicy() {
  return Loaded(
      Policy::Load(std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/policy", Reference()));
}

TEST_CASE("Indonesia has 38 provinces, 416 regencies and 98 cities in three zones") {
  std::map<RegionKind, int> kinds;
  std::map<report::v1::TimeZone, std::set<std::string>> provinces;
  for (const auto& [code, region] : Loaded(ReadRegions(Reference()))) {
    ++kinds[region.kind];
    provinces[region.time_zone].insert(code.substr(0, 2));
  }
  CHECK(kinds[RegionKind::kProvince] == 38);
  CHECK(kinds[RegionKind::kRegency] == 416);
  CHECK(kinds[RegionKind::kCity] == 98);
  // Sumatra 10, Java 6, West and Central Kalimantan; the rest of Kalimantan 3, Bali and Nusa Tenggara 3,
  // Sulawesi 6; Maluku 2, Papua 6.
  CHECK(provinces[report::v1::TIME_ZONE_WIB].size() == 18);
  CHECK(provinces[report::v1::TIME_ZONE_WITA].size() == 12);
  CHECK(provinces[report::v1::TIME_ZONE_WIT].size() == 8);
  CHECK(provinces[report::v1::TIME_ZONE_WIB].contains("62"));
  CHECK(provinces[report::v1::TIME_ZONE_WITA].contains("65"));
}

TEST_CASE("the registry holds every government with its units, under one root") {
  std::map<std::string, AgencyRow> agencies;
  std::map<event::v1::AgencyKind, int> kinds;
  for (const AgencyRow& agency : Loaded(ReadAgencies(Reference()))) {
    ++kinds[agency.kind];
    agencies[agency.id] = agency;
  }
  CHECK(kinds[event::v1::AGENCY_KIND_PROVINCE] == 38);
  CHECK(kinds[event::v1::AGENCY_KIND_REGENCY] == 416);
  CHECK(kinds[event::v1::AGENCY_KIND_CITY] == 98);
  CHECK(agencies.at("id.32.73").name == "Pemerintah Kota Bandung");
  CHECK(agencies.at("id.32.73").parent == "id.32");
  CHECK(agencies.at("id.32").parent == "id.kemendagri");
  CHECK(agencies.at("id.kemendagri").parent == "id");
  CHECK(agencies.at("id").parent.empty());
  CHECK(agencies.at("id.32.73.dinkes").name == "Dinas Kesehatan Kota Bandung");
  CHECK(agencies.at("id.31.71.dinkes").name == "Suku Dinas Kesehatan Kota Administrasi Jakarta Pusat");
  CHECK(agencies.at("id.91.71.dishub").time_zone == report::v1::TIME_ZONE_WIT);
  for (const auto& [id, agency] : agencies) CHECK(agency.name.find('{') == agency.name.npos);
}

TEST_CASE("in every regency and city every topic has an agency that exists, by a rule with its source") {
  std::set<std::string, std::less<>> ids;
  const std::vector<AgencyRow> agencies = Loaded(ReadAgencies(Reference()));
  for (const AgencyRow& agency : agencies) ids.insert(agency.id);
  const auto policy = LoadPolicy();
  const auto rules = Loaded(Competence::Load(
      std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/policy", policy, agencies));
  const auto exists = [&](std::string_view id) { return ids.contains(id); };
  std::set<std::string> fallbacks, unanswered;
  for (const auto& [category, topic] : policy->categories()) {
    for (const auto& [code, region] : policy->regions()) {
      if (region.kind == RegionKind::kProvince) continue;
      const Answer answer = rules->Ask({.categories = {{category}}, .regions = {{code}}}, exists);
      const Candidate& first = answer.candidates[0];
      if (first.rule == nullptr || !exists(first.agency_id)) unanswered.insert(category + " in " + code);
      if (!first.missing_agency_id.empty()) fallbacks.insert(first.missing_agency_id);
      if (answer.place_needed != PlaceNeeded::kNone) unanswered.insert(category + " in " + code);
    }
  }
  CHECK(unanswered == std::set<std::string>{});
  CHECK(fallbacks == std::set<std::string>{});
}

TEST_CASE("the shipped rules follow the division of affairs, and know the places that differ") {
  std::set<std::string, std::less<>> ids;
  const std::vector<AgencyRow> agencies = Loaded(ReadAgencies(Reference()));
  for (const AgencyRow& agency : agencies) ids.insert(agency.id);
  const auto rules = Loaded(Competence::Load(
      std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/policy", LoadPolicy(), agencies));
  const auto first = [&](const char* category, const char* region, std::vector<std::string> words = {}) {
    Question question{.words = std::move(words)};
    if (*category != '\0') question.categories.push_back({category});
    if (*region != '\0') question.regions.push_back({region});
    const Answer answer = rules->Ask(question, [&](std::string_view id) { return ids.contains(id); });
    return answer.candidates[0].agency_id;
  };
  CHECK(first("health.puskesmas", "32.73") == "id.32.73.dinkes");
  CHECK(first("education.basic", "32.73") == "id.32.73.disdik");
  CHECK(first("education.secondary", "32.73") == "id.32.disdik");
  CHECK(first("education", "32.73", {"PPDB SMA Negeri 3"}) == "id.32.disdik");
  CHECK(first("roads.regency", "32.73") == "id.32.73.dpupr");
  CHECK(first("roads.province", "32.73") == "id.32.dpupr");
  CHECK(first("roads.regency", "32.73", {"lubang di jalan tol"}) == "id.kemenpu");
  CHECK(first("immigration.passport", "") == "id.kemenimipas.imigrasi");
  CHECK(first("", "", {"paspor"}) == "id.kemenimipas.imigrasi");
  CHECK(first("order.police", "32.73") == "id.polri");
  CHECK(first("land", "32.73") == "id.atrbpn");
  CHECK(first("energy.electricity", "32.73") == "id.pln");
  CHECK(first("other", "32.73") == "id");

  // Jakarta's cities are no governments of their own.
  CHECK(first("public-works.water", "31.71") == "id.31");
  CHECK(first("health.hospital", "31.71") == "id.31.rsud");
  CHECK(first("public-works.drainage", "31.71") == "id.31.71.sda");
  CHECK(first("village", "31.71") == "id.31.71.setko");
  CHECK(first("village", "32.73") == "id.32.73.setda");
  CHECK(first("village", "32.04") == "id.32.04.dpmd");
  // Papua's special autonomy; Yogyakarta's and Batam's land.
  CHECK(first("education.secondary", "91.71") == "id.91.71.disdik");
  CHECK(first("education", "91.71", {"SMK"}) == "id.91.71.disdik");
  CHECK(first("land", "34.71", {"sultan ground"}) == "id.34");
  CHECK(first("land", "32.73", {"sultan ground"}) == "id.atrbpn");
  CHECK(first("land", "21.71", {"UWTO"}) == "id.bpbatam");
}

TEST_CASE("no shipped rule claims to have been read in an official text unless its note says so") {
  const auto rules =
      Loaded(Competence::Load(std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/policy",
                              LoadPolicy(), Loaded(ReadAgencies(Reference()))));
  for (const v1::CompetenceRule& rule : rules->rules().rule()) {
    INFO(rule.id());
    CHECK((rule.citation().confidence() != v1::CONFIDENCE_HIGH || !rule.citation().note().empty()));
  }
}

// The numbers of days that the decrees announce.
TEST_CASE("each year has as many free days as its decrees say") {
  const auto policy = LoadPolicy();
  CHECK(policy->calendar().years() == std::vector<int>{2024, 2025, 2026});
  const auto count = [&](int year, v1::HolidayKind kind) {
    int days = 0;
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      const v1::Holiday* holiday = policy->calendar().HolidayOn(ToEpochDay(day));
      days += holiday != nullptr && holiday->kind() == kind;
    }
    return days;
  };
  CHECK(count(2024, v1::HOLIDAY_KIND_NATIONAL) == 17 + 2);
  CHECK(count(2024, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 10);
  CHECK(count(2025, v1::HOLIDAY_KIND_NATIONAL) == 17);
  CHECK(count(2025, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 10 + 1);
  CHECK(count(2026, v1::HOLIDAY_KIND_NATIONAL) == 17);
  CHECK(count(2026, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 8);
  // Nobody decrees a leave for a day that is free anyway.
  for (const int year : policy->calendar().years()) {
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      if (policy->calendar().KindOf(ToEpochDay(day)) != Calendar::DayKind::kCollectiveLeave) continue;
      INFO(ToIsoDate(ToEpochDay(day)));
      CHECK(absl::GetWeekday(day) != absl::Weekday::saturday);
      CHECK(absl::GetWeekday(day) != absl::Weekday::sunday);
    }
  }
}

TEST_CASE("the limits of the shipped version are those of the domain") {
  const auto policy = LoadPolicy();
  const v1::PolicyVersion* version = policy->FindVersion("2024.1");
  REQUIRE(version != nullptr);
  CHECK(version->limits().max_bounces().value() == 3);
  CHECK(version->limits().max_escalation_age_years().value() == 2);
  REQUIRE(version->limits().reminder_percent_size() == 2);
  CHECK(version->limits().reminder_percent(0).value() == 50);
  CHECK(version->limits().reminder_percent(1).value() == 80);
}

TEST_CASE("places and topics are found through the policy") {
  const auto policy = LoadPolicy();
  CHECK(policy->FindRegion("53.71")->time_zone == report::v1::TIME_ZONE_WITA);
  CHECK(policy->FindRegion("53.71.01.1001")->name == "Kota Kupang");
  CHECK(policy->FindRegion("99") == nullptr);
  CHECK(policy->FindCategory("health.puskesmas")->parent == "health");
  CHECK(policy->FindCategory("nothing") == nullptr);
}

}  // namespace
}  // namespace lapor::policy
