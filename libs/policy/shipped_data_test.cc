// What deploy/policy and deploy/reference say, checked against figures that are known from elsewhere.
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <set>

#include "libs/policy/competence.h"
#include "libs/policy/csv.h"

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

TEST_CASE("the Ombudsman has a head office and 34 representative offices, in the zones of their provinces") {
  const Offices offices = Loaded(ReadOffices(Reference()));
  CHECK(offices.size() == 35);
  const Regions regions = Loaded(ReadRegions(Reference()));
  for (const auto& [code, office] : offices) {
    for (const std::string& province : office.provinces)
      CHECK(regions.at(province).time_zone == office.time_zone);
  }
  // Provinces younger than the offices are with those that they were part of.
  CHECK(OfficeFor(offices, "id.94").code == "papua");
  CHECK(OfficeFor(offices, "id.96.71").code == "papua-barat");
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
  CHECK(policy->calendar().years() == std::vector<int>{2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026});
  const auto count = [&](int year, v1::HolidayKind kind) {
    int days = 0;
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      const v1::Holiday* holiday = policy->calendar().HolidayOn(ToEpochDay(day));
      days += holiday != nullptr && holiday->kind() == kind;
    }
    return days;
  };
  CHECK(count(2019, v1::HOLIDAY_KIND_NATIONAL) == 16 + 1);
  CHECK(count(2019, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 4);
  CHECK(count(2020, v1::HOLIDAY_KIND_NATIONAL) == 16 + 1);
  // Four of the decree; four more of its first amendment, one of the second; less one of the third, three of
  // the fourth.
  CHECK(count(2020, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 4 + 4 + 1 - 1 - 3);
  // Ascension and Idul Fitri on one day.
  CHECK(count(2021, v1::HOLIDAY_KIND_NATIONAL) == 16 - 1);
  CHECK(count(2021, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 7 - 5 - 1);
  CHECK(count(2022, v1::HOLIDAY_KIND_NATIONAL) == 16);
  CHECK(count(2022, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 0 + 4);
  CHECK(count(2023, v1::HOLIDAY_KIND_NATIONAL) == 16);
  CHECK(count(2023, v1::HOLIDAY_KIND_COLLECTIVE_LEAVE) == 8 + 1 + 2);
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

// Where our calendars and the computed one of testdata/date-holidays.mjs have another day, and why.
struct Difference {
  // National holidays of ours that it hasn't, and of its that we haven't; empty for none.
  const char* ours;
  const char* theirs;
  const char* why;
};
constexpr Difference kDifferences[] = {
    {"2019-04-17", "", "the general election, of Keppres 10/2019"},
    {"2019-06-06", "2019-06-04", "Idul Fitri 1440 was a day later than computed: 5 and 6 June"},
    {"2019-09-01", "2019-08-31", "1 Muharam 1441 was decreed a day later than computed"},
    {"2020-12-09", "", "the regional elections, of Keppres 22/2020"},
    {"2021-08-11", "2021-08-09", "1 Muharam 1443, decreed for the 10th, was moved by the second amendment"},
    {"2021-10-20", "2021-10-18", "Maulid 1443, decreed for the 19th, was moved by the second amendment"},
    {"2023-04-23", "2023-04-21", "Idul Fitri 1444 was a day later than computed: 22 and 23 April"},
    {"2023-06-04", "2023-05-06",
     "Waisak 2567: the year had two candidates, and Indonesia took the later full moon"},
    {"2023-06-29", "2023-06-28", "Idul Adha 1444 was a day later than computed"},
    {"2023-09-28", "2023-09-27", "Maulid 1445 was decreed a day later than computed"},
    {"2024-02-14", "", "the general election, of Keppres 10/2024"},
    {"2024-03-31", "", "Easter Sunday, a national holiday since 2024, is not known to it"},
    {"2024-06-17", "2024-06-16", "Iduladha 1445 was a day later than computed"},
    {"2024-09-16", "2024-09-15", "Maulid 1446 was decreed a day later than computed"},
    {"2024-11-27", "", "the regional elections, of Keppres 33/2024"},
    {"2025-04-01", "2025-03-30", "Idulfitri 1446 was a day later than computed: 31 March and 1 April"},
    {"2025-04-20", "", "Easter Sunday"},
    {"2025-06-27", "2025-06-26", "1 Muharam 1447 was decreed a day later than computed"},
    {"2026-03-22", "2026-03-20", "Idulfitri 1447 was decreed a day later than computed: 21 and 22 March"},
    {"2026-04-05", "", "Easter Sunday"},
};

TEST_CASE(
    "our national holidays are those of an independent computation, but for differences with a reason") {
  const auto policy = LoadPolicy();
  const std::filesystem::path file =
      std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "libs/policy/testdata/date-holidays-id.csv";
  Diagnostics diagnostics;
  std::set<std::string> theirs;
  for (const CsvRow& row : ReadCsv(file, {"date", "name", "type"}, diagnostics)) {
    absl::CivilDay day;
    REQUIRE(ParseIsoDate(row.fields[0], day));
    const bool known = !policy->calendar().VersionOf(static_cast<int>(day.year())).empty();
    if (known && row.fields[2] == "public") theirs.insert(row.fields[0]);
  }
  REQUIRE(diagnostics.status().message() == "");
  std::set<std::string> ours;
  for (const int year : policy->calendar().years()) {
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      const v1::Holiday* holiday = policy->calendar().HolidayOn(ToEpochDay(day));
      if (holiday != nullptr && holiday->kind() == v1::HOLIDAY_KIND_NATIONAL) ours.insert(holiday->date());
    }
  }

  std::set<std::string> only_ours, only_theirs, explained_ours, explained_theirs;
  std::ranges::set_difference(ours, theirs, std::inserter(only_ours, only_ours.end()));
  std::ranges::set_difference(theirs, ours, std::inserter(only_theirs, only_theirs.end()));
  for (const Difference& difference : kDifferences) {
    if (*difference.ours != '\0') explained_ours.insert(difference.ours);
    if (*difference.theirs != '\0') explained_theirs.insert(difference.theirs);
  }
  CHECK(only_ours == explained_ours);
  CHECK(only_theirs == explained_theirs);
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
