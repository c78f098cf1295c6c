// Due dates by the shipped calendars, worked out by hand.
#include "libs/policy/policy.h"

#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace lapor::policy {
namespace {

using report::v1::TIME_ZONE_WIB;
using report::v1::TIME_ZONE_WIT;
using report::v1::TIME_ZONE_WITA;

const Policy& Shipped() {
  static const auto policy = [] {
    const std::filesystem::path source = getenv("LAPOR_SOURCE_DIR");
    auto loaded = Policy::Load(source / "deploy/policy", source / "deploy/reference");
    if (!loaded.ok()) throw std::runtime_error(std::string(loaded.status().message()));
    return *loaded;
  }();
  return *policy;
}

// "2026-03-17T10:00+07:00"
absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d%ET%H:%M%Ez", text, &time, &error))
    throw std::runtime_error(text + ": " + error);
  return time;
}

ReportClock Verification(const std::string& start, report::v1::TimeZone zone = TIME_ZONE_WIB) {
  return {.policy_version = "2024.1",
          .clock = report::v1::CLOCK_VERIFICATION,
          .report_class = report::v1::REPORT_CLASS_COMPLAINT,
          .start = At(start),
          .time_zone = zone};
}

ReportClock Resolution(report::v1::ReportClass report_class, bool supervision, const std::string& start) {
  return {.policy_version = "2024.1",
          .clock = report::v1::CLOCK_RESOLUTION,
          .report_class = report_class,
          .supervision = supervision,
          .start = At(start),
          .time_zone = TIME_ZONE_WIB};
}

std::vector<std::string> Skipped(const v1::Explanation& explanation) {
  std::vector<std::string> days;
  for (const v1::SkippedDay& day : explanation.skipped()) {
    days.push_back(day.date() + " " + v1::SkipReason_Name(day.reason()).substr(12) +
                   (day.name().empty() ? "" : " " + day.name()));
  }
  return days;
}

TEST_CASE("three working days from a Monday end with the Thursday") {
  CHECK(*Shipped().DueAt(Verification("2026-02-02T08:00+07:00")) == At("2026-02-06T00:00+07:00"));
}

TEST_CASE("the hour of the start does not matter, only its day") {
  const absl::Time due = At("2026-02-06T00:00+07:00");
  CHECK(*Shipped().DueAt(Verification("2026-02-02T00:00+07:00")) == due);
  CHECK(*Shipped().DueAt(Verification("2026-02-02T23:59+07:00")) == due);
  CHECK(*Shipped().DueAt(Verification("2026-02-03T00:00+07:00")) == At("2026-02-07T00:00+07:00"));
}

TEST_CASE("a start on a weekend counts from the Monday") {
  CHECK(*Shipped().DueAt(Verification("2026-02-07T12:00+07:00")) == At("2026-02-12T00:00+07:00"));
  CHECK(*Shipped().DueAt(Verification("2026-02-08T12:00+07:00")) == At("2026-02-12T00:00+07:00"));
}

// Thursday evening in the west is Friday in the middle and the east.
TEST_CASE("days begin and end in the zone of the agency") {
  const std::string start = "2026-01-29T23:30+07:00";
  CHECK(*Shipped().DueAt(Verification(start, TIME_ZONE_WIB)) == At("2026-02-04T00:00+07:00"));
  CHECK(*Shipped().DueAt(Verification(start, TIME_ZONE_WITA)) == At("2026-02-05T00:00+08:00"));
  CHECK(*Shipped().DueAt(Verification(start, TIME_ZONE_WIT)) == At("2026-02-05T00:00+09:00"));
}

// Tuesday 17 March 2026; the 18th to the 24th are free; 25, 26, 27 count.
TEST_CASE("the week of Nyepi and Idulfitri 2026 is skipped, day by day, with reasons") {
  const auto explanation = Shipped().Explain(Verification("2026-03-17T10:00+07:00"));
  REQUIRE(explanation.ok());
  CHECK(Skipped(*explanation) ==
        std::vector<std::string>{
            "2026-03-18 COLLECTIVE_LEAVE Cuti Bersama Hari Suci Nyepi (Tahun Baru Saka 1948)",
            "2026-03-19 NATIONAL_HOLIDAY Hari Suci Nyepi (Tahun Baru Saka 1948)",
            "2026-03-20 COLLECTIVE_LEAVE Cuti Bersama Idulfitri 1447 Hijriah",
            "2026-03-21 NATIONAL_HOLIDAY Idulfitri 1447 Hijriah",
            "2026-03-22 NATIONAL_HOLIDAY Idulfitri 1447 Hijriah",
            "2026-03-23 COLLECTIVE_LEAVE Cuti Bersama Idulfitri 1447 Hijriah",
            "2026-03-24 COLLECTIVE_LEAVE Cuti Bersama Idulfitri 1447 Hijriah",
        });
  CHECK(explanation->policy_version() == "2024.1");
  CHECK(explanation->clock() == report::v1::CLOCK_VERIFICATION);
  CHECK(explanation->starts() == v1::START_EVENT_SUBMITTED);
  CHECK(explanation->started_at().seconds() == absl::ToUnixSeconds(At("2026-03-17T10:00+07:00")));
  CHECK(explanation->time_zone() == TIME_ZONE_WIB);
  CHECK(explanation->term().amount() == 3);
  CHECK(explanation->term().unit() == v1::DAY_UNIT_WORKING_DAYS);
  CHECK(explanation->term().citation().instrument() == "SP4N-LAPOR!, text of the application");
  CHECK(explanation->calendar_version_size() == 1);
  CHECK(explanation->calendar_version(0) == "2026.1");
  CHECK(explanation->last_day() == "2026-03-27");
  CHECK(explanation->due_at().seconds() == absl::ToUnixSeconds(At("2026-03-28T00:00+07:00")));
}

// Tuesday 23 December 2025: the 24th, 29, 30, 31 and 2 January count.
TEST_CASE("a clock runs over the end of a year by both calendars") {
  ReportClock clock = Verification("2025-12-23T09:00+07:00");
  clock.clock = report::v1::CLOCK_FIRST_RESPONSE;
  const auto explanation = Shipped().Explain(clock);
  REQUIRE(explanation.ok());
  CHECK(explanation->last_day() == "2026-01-02");
  CHECK(Skipped(*explanation) == std::vector<std::string>{
                                     "2025-12-25 NATIONAL_HOLIDAY Kelahiran Yesus Kristus",
                                     "2025-12-26 COLLECTIVE_LEAVE Cuti Bersama Kelahiran Yesus Kristus",
                                     "2025-12-27 WEEKEND",
                                     "2025-12-28 WEEKEND",
                                     "2026-01-01 NATIONAL_HOLIDAY Tahun Baru 2026 Masehi",
                                 });
  REQUIRE(explanation->calendar_version_size() == 2);
  CHECK(explanation->calendar_version(0) == "2025.2");
  CHECK(explanation->calendar_version(1) == "2026.1");
}

// The amendment of August 2025 made Monday the 18th free: 19, 20, 21 count.
TEST_CASE("a day that an amending decree added is free") {
  CHECK(*Shipped().DueAt(Verification("2025-08-15T09:00+07:00")) == At("2025-08-22T00:00+07:00"));
}

// Wednesday 14 February 2024 was election day: 13, 15, 16 count after Monday the 12th.
// Monday 18 May 2020: the leave of the 22nd and of 26 to 29 was dropped, so 19, 20 and 22 count; 21 was
// Ascension.
TEST_CASE("leave that an amending decree dropped is worked") {
  CHECK(*Shipped().DueAt(Verification("2020-05-18T09:00+07:00")) == At("2020-05-23T00:00+07:00"));
  // 24 and 25 May were Idul Fitri: 26, 27 and 28 count.
  CHECK(*Shipped().DueAt(Verification("2020-05-22T09:00+07:00")) == At("2020-05-29T00:00+07:00"));
  // 28, 29 and 30 December count, the 31st was left of the leave that had been moved.
  CHECK(*Shipped().DueAt(Verification("2020-12-23T09:00+07:00")) == At("2020-12-31T00:00+07:00"));
  CHECK(*Shipped().DueAt(Verification("2020-12-28T09:00+07:00")) == At("2021-01-05T00:00+07:00"));
}

// Monday 9 August 2021: 10, 12 and 13 count; the Islamic new year was moved from the 10th to the 11th.
TEST_CASE("a holiday that an amending decree moved is free on its new day only") {
  CHECK(*Shipped().DueAt(Verification("2021-08-09T09:00+07:00")) == At("2021-08-14T00:00+07:00"));
  const auto explanation = Shipped().Explain(Verification("2021-10-18T09:00+07:00"));
  REQUIRE(explanation.ok());
  CHECK(Skipped(*explanation) ==
        std::vector<std::string>{"2021-10-20 NATIONAL_HOLIDAY Maulid Nabi Muhammad SAW"});
  CHECK(explanation->last_day() == "2021-10-22");
  CHECK(explanation->calendar_version(0) == "2021.3");
}

TEST_CASE("an election day is free") {
  CHECK(*Shipped().DueAt(Verification("2024-02-12T09:00+07:00")) == At("2024-02-17T00:00+07:00"));
}

TEST_CASE("the term of the resolution depends on the class and on supervision content") {
  // Monday 6 July 2026; no holiday until 17 August.
  const std::string start = "2026-07-06T09:00+07:00";
  CHECK(*Shipped().DueAt(Resolution(report::v1::REPORT_CLASS_INFORMATION_REQUEST, false, start)) ==
        At("2026-07-14T00:00+07:00"));
  CHECK(*Shipped().DueAt(Resolution(report::v1::REPORT_CLASS_COMPLAINT, false, start)) ==
        At("2026-07-25T00:00+07:00"));
  CHECK(*Shipped().DueAt(Resolution(report::v1::REPORT_CLASS_ASPIRATION, false, start)) ==
        At("2026-07-25T00:00+07:00"));
  // July has 19 working days left, August 19 (two holidays), September 22: 60 is 30 September.
  CHECK(*Shipped().DueAt(Resolution(report::v1::REPORT_CLASS_COMPLAINT, true, start)) ==
        At("2026-10-01T00:00+07:00"));
}

TEST_CASE("calendar days need no calendar, and skip nothing") {
  const ReportClock clock{.policy_version = "2024.1",
                          .clock = report::v1::CLOCK_RECOMMENDATION,
                          .start = At("2026-12-15T09:00+08:00"),
                          .time_zone = TIME_ZONE_WITA};
  CHECK(*Shipped().DueAt(clock) == At("2027-02-14T00:00+08:00"));
  const auto explanation = Shipped().Explain(clock);
  REQUIRE(explanation.ok());
  CHECK(explanation->clock() == report::v1::CLOCK_RECOMMENDATION);
  CHECK(explanation->skipped().empty());
  CHECK(explanation->calendar_version().empty());
  CHECK(explanation->last_day() == "2027-02-13");
  CHECK(explanation->term().citation().article() == "art. 38(2)");
}

TEST_CASE("a year without a calendar is an error with its remedy, not a guess") {
  // 29, 30 and 31 December are all that is needed.
  CHECK(*Shipped().DueAt(Verification("2026-12-28T09:00+07:00")) == At("2027-01-01T00:00+07:00"));
  const auto due = Shipped().DueAt(Verification("2026-12-29T09:00+07:00"));
  CHECK(absl::IsOutOfRange(due.status()));
  CHECK(due.status().message() ==
        "there is no calendar for 2027, which 3 working days from 2026-12-29 need (there are calendars for "
        "2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026); add calendar-2027.textproto with the joint "
        "ministerial decree (SKB) of that year to "
        "the policy "
        "data");
  CHECK(Shipped().Explain(Verification("2026-12-29T09:00+07:00")).status() == due.status());
  CHECK(absl::IsOutOfRange(Shipped().DueAt(Verification("2018-12-29T09:00+07:00")).status()));
  // Before the first calendar only the start may lie.
  CHECK(Shipped().DueAt(Verification("2018-12-31T09:00+07:00")).ok());
}

TEST_CASE("while the reporter owes something the clock stands") {
  ReportClock clock = Verification("2026-02-02T08:00+07:00");
  // Asked on Tuesday, completed on Friday: Tuesday counts, Wednesday to Friday don't, Monday and Tuesday do.
  const std::vector<Pause> pauses = {{At("2026-02-03T15:00+07:00"), At("2026-02-06T09:00+07:00")}};
  clock.pauses = pauses;
  CHECK(*Shipped().DueAt(clock) == At("2026-02-11T00:00+07:00"));
  const auto explanation = Shipped().Explain(clock);
  REQUIRE(explanation.ok());
  CHECK(Skipped(*explanation) == std::vector<std::string>{"2026-02-04 PAUSED", "2026-02-05 PAUSED",
                                                          "2026-02-06 PAUSED", "2026-02-07 WEEKEND",
                                                          "2026-02-08 WEEKEND"});
  REQUIRE(explanation->pause_size() == 1);
  CHECK(explanation->pause(0).to().seconds() == absl::ToUnixSeconds(pauses[0].to));
}

TEST_CASE("a pause within one day, or after the end, changes nothing") {
  ReportClock clock = Verification("2026-02-02T08:00+07:00");
  const std::vector<Pause> pauses = {{At("2026-02-03T09:00+07:00"), At("2026-02-03T15:00+07:00")},
                                     {At("2026-02-05T09:00+07:00"), At("2026-02-20T15:00+07:00")}};
  clock.pauses = pauses;
  CHECK(*Shipped().DueAt(clock) == At("2026-02-06T00:00+07:00"));
}

TEST_CASE("what is asked with a field unset or out of range is refused") {
  const auto refusal = [](ReportClock clock) {
    const absl::Status status = Shipped().DueAt(clock).status();
    CHECK(absl::IsInvalidArgument(status));
    return std::string(status.message());
  };
  ReportClock clock = Verification("2026-02-02T08:00+07:00");
  clock.time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  CHECK(refusal(clock) == "time_zone is not set; it is that of the agency");
  clock = Verification("2026-02-02T08:00+07:00");
  clock.clock = report::v1::CLOCK_UNSPECIFIED;
  CHECK(refusal(clock) == "there is no term for clock 0 of report class 1; both must be set");
  clock = Verification("2026-02-02T08:00+07:00");
  for (const absl::Time start :
       {absl::InfiniteFuture(), absl::InfinitePast(), absl::UnixEpoch() - absl::Nanoseconds(1)}) {
    clock.start = start;
    CHECK(refusal(clock) == "start must be in the years 1970 to 9999");
  }
  clock = Verification("2026-02-02T08:00+07:00");
  const std::vector<Pause> backwards = {{At("2026-02-04T09:00+07:00"), At("2026-02-03T09:00+07:00")}};
  clock.pauses = backwards;
  CHECK(refusal(clock) == "a pause must begin in the years 1970 to 9999 and not end before it begins");
  CHECK(absl::IsNotFound(Shipped().DueAt(ReportClock{.policy_version = "0"}).status()));
}

// Over random clocks of the years that have calendars.
TEST_CASE(
    "a due time is a midnight after the start, later for later starts, and what its explanation adds up to") {
  std::mt19937_64 random(20260117);
  const std::int64_t begin = absl::ToUnixSeconds(At("2024-01-01T00:00+07:00"));
  const std::int64_t end = absl::ToUnixSeconds(At("2026-09-01T00:00+07:00"));
  for (int i = 0; i < 2000; ++i) {
    ReportClock clock{
        .policy_version = "2024.1",
        .clock = static_cast<report::v1::Clock>(1 + random() % 5),
        .report_class = static_cast<report::v1::ReportClass>(1 + random() % 3),
        .supervision = random() % 2 == 0,
        .start = absl::FromUnixSeconds(begin + static_cast<std::int64_t>(random() % (end - begin))),
        .time_zone = static_cast<report::v1::TimeZone>(1 + random() % 3)};
    const auto zone = absl::FixedTimeZone(3600 * (6 + clock.time_zone));
    const absl::Time due = *Shipped().DueAt(clock);
    REQUIRE(due > clock.start);
    REQUIRE(absl::ToCivilSecond(due, zone) == absl::CivilSecond(absl::ToCivilDay(due, zone)));

    const v1::Explanation explanation = *Shipped().Explain(clock);
    REQUIRE(explanation.due_at().seconds() == absl::ToUnixSeconds(due));
    const absl::CivilDay first = absl::ToCivilDay(clock.start, zone);
    const absl::CivilDay last = absl::ToCivilDay(due, zone) - 1;
    REQUIRE(last - first == explanation.term().amount() + explanation.skipped_size());
    int weekend_days = 0;
    for (absl::CivilDay day = first + 1; day <= last; ++day) {
      const absl::Weekday weekday = absl::GetWeekday(day);
      weekend_days += weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
    }
    REQUIRE(weekend_days <= explanation.skipped_size());
    for (const v1::SkippedDay& day : explanation.skipped()) {
      REQUIRE((day.reason() == v1::SKIP_REASON_WEEKEND) == day.name().empty());
    }

    ReportClock later = clock;
    later.start += absl::Seconds(random() % (30 * 24 * 3600));
    REQUIRE(*Shipped().DueAt(later) >= due);

    ReportClock paused = clock;
    const std::vector<Pause> pauses = {{later.start, later.start + absl::Hours(random() % 240)}};
    paused.pauses = pauses;
    REQUIRE(*Shipped().DueAt(paused) >= due);
  }
}

}  // namespace
}  // namespace lapor::policy
