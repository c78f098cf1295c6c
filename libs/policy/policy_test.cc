// Due dates by the shipped calendars, worked out by hand.
#include "libs/policy/policy.h"

#include <stdlib.h>

#include <catch2/catch.hpp>

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

// Galungan 2024, from Tuesday 27 to Thursday 29 February, was a holiday of Bali: 1, 4 and 5 March count.
TEST_CASE("while an agency is closed, its clocks and those of all below it stand") {
  ReportClock clock = Verification("2024-02-26T10:00+08:00", TIME_ZONE_WITA);
  const absl::Time elsewhere = At("2024-03-01T00:00+08:00");
  CHECK(*Shipped().DueAt(clock) == elsewhere);
  clock.agency_id = "id.52";
  CHECK(*Shipped().DueAt(clock) == elsewhere);
  CHECK(Shipped().Explain(clock)->agency_id() == "id.52");
  CHECK(Shipped().Explain(clock)->closures_version().empty());
  for (const char* in_bali : {"id.51", "id.51.71.dinkes"}) {
    clock.agency_id = in_bali;
    CHECK(*Shipped().DueAt(clock) == At("2024-03-06T00:00+08:00"));
    const auto explanation = Shipped().Explain(clock);
    REQUIRE(explanation.ok());
    CHECK(Skipped(*explanation) == std::vector<std::string>{"2024-02-27 CLOSURE Hari Raya Suci Galungan",
                                                            "2024-02-28 CLOSURE Hari Raya Suci Galungan",
                                                            "2024-02-29 CLOSURE Hari Raya Suci Galungan",
                                                            "2024-03-02 WEEKEND", "2024-03-03 WEEKEND"});
    CHECK(explanation->agency_id() == in_bali);
    CHECK(explanation->closures_version() == "2024.1");
    CHECK(explanation->last_day() == "2024-03-05");
  }
}

// The Saturdays of Kuningan and Saraswati are in the list, too.
TEST_CASE(
    "a day that is free anyway keeps its reason when the agency is closed, and a closed one when paused") {
  ReportClock clock = Verification("2024-03-07T10:00+08:00", TIME_ZONE_WITA);
  clock.agency_id = "id.51";
  const std::vector<Pause> pauses = {{At("2024-03-07T11:00+08:00"), At("2024-03-14T11:00+08:00")}};
  clock.pauses = pauses;
  CHECK(Skipped(*Shipped().Explain(clock)) ==
        std::vector<std::string>{
            "2024-03-08 CLOSURE Hari Raya Suci Kuningan", "2024-03-09 WEEKEND", "2024-03-10 WEEKEND",
            "2024-03-11 NATIONAL_HOLIDAY Hari Suci Nyepi (Tahun Baru Saka 1946)",
            "2024-03-12 COLLECTIVE_LEAVE Cuti Bersama Hari Suci Nyepi (Tahun Baru Saka 1946)",
            "2024-03-13 PAUSED", "2024-03-14 PAUSED", "2024-03-16 WEEKEND", "2024-03-17 WEEKEND"});
}

TEST_CASE("calendar days go on while the agency is closed, and say nothing of it") {
  const ReportClock clock{.policy_version = "2024.1",
                          .clock = report::v1::CLOCK_CLARIFICATION,
                          .start = At("2024-02-26T09:00+08:00"),
                          .time_zone = TIME_ZONE_WITA,
                          .agency_id = "id.51"};
  const auto explanation = Shipped().Explain(clock);
  REQUIRE(explanation.ok());
  CHECK(explanation->last_day() == "2024-03-11");
  CHECK(explanation->skipped().empty());
  CHECK(explanation->agency_id().empty());
}

TEST_CASE("hours run around the clock from the second of the start, and nothing stops them") {
  // Good Friday evening, of an agency that is asked a question.
  ReportClock clock{.policy_version = "2024.1",
                    .clock = report::v1::CLOCK_RAPID_RESPONSE,
                    .start = At("2026-04-03T20:15+07:00") + absl::Seconds(7),
                    .time_zone = TIME_ZONE_WIB};
  const std::vector<Pause> pauses = {{clock.start, clock.start + absl::Hours(100)}};
  clock.pauses = pauses;
  CHECK(*Shipped().DueAt(clock) == At("2026-04-04T20:15+07:00") + absl::Seconds(7));
  const auto explanation = Shipped().Explain(clock);
  REQUIRE(explanation.ok());
  CHECK(explanation->due_at().seconds() == absl::ToUnixSeconds(*Shipped().DueAt(clock)));
  CHECK(explanation->last_day() == "2026-04-04");
  CHECK(explanation->skipped().empty());
  CHECK(explanation->pause().empty());
  CHECK(explanation->calendar_version().empty());
  // No calendar is needed.
  clock.start = At("2031-01-01T00:00+07:00");
  CHECK(*Shipped().DueAt(clock) == At("2031-01-02T00:00+07:00"));
  CHECK(Shipped().Explain(clock)->last_day() == "2031-01-01");
}

TEST_CASE("a reminder comes with the end of the last whole day of its part") {
  // Monday 6 July 2026, 14 working days to Friday the 24th: 7 are 15 July, 11 (of 11.2) are the 21st.
  const ReportClock clock = Resolution(report::v1::REPORT_CLASS_COMPLAINT, false, "2026-07-06T09:00+07:00");
  CHECK(**Shipped().ReminderAt(clock, 50) == At("2026-07-16T00:00+07:00"));
  CHECK(**Shipped().ReminderAt(clock, 80) == At("2026-07-22T00:00+07:00"));
  // 3 working days: one whole day at 50%, none at 33%.
  CHECK(**Shipped().ReminderAt(Verification("2026-07-06T09:00+07:00"), 50) == At("2026-07-08T00:00+07:00"));
  CHECK(*Shipped().ReminderAt(Verification("2026-07-06T09:00+07:00"), 33) == std::nullopt);
  for (const int percent : {0, 100}) {
    CHECK(absl::IsInvalidArgument(Shipped().ReminderAt(clock, percent).status()));
  }
  CHECK(absl::IsOutOfRange(Shipped().ReminderAt(Verification("2026-12-31T09:00+07:00"), 50).status()));
}

TEST_CASE("a reminder waits while the clock stands") {
  ReportClock clock = Resolution(report::v1::REPORT_CLASS_COMPLAINT, false, "2026-07-06T09:00+07:00");
  const std::vector<Pause> pauses = {{At("2026-07-13T15:00+07:00"), At("2026-07-15T09:00+07:00")}};
  clock.pauses = pauses;
  CHECK(**Shipped().ReminderAt(clock, 50) == At("2026-07-18T00:00+07:00"));
}

TEST_CASE("a reminder of a term in hours comes to the second") {
  const ReportClock clock{.policy_version = "2024.1",
                          .clock = report::v1::CLOCK_RAPID_RESPONSE,
                          .start = At("2026-04-03T20:00+07:00"),
                          .time_zone = TIME_ZONE_WIB};
  CHECK(**Shipped().ReminderAt(clock, 50) == At("2026-04-04T08:00+07:00"));
  // 19.2 hours.
  CHECK(**Shipped().ReminderAt(clock, 80) == At("2026-04-04T15:12+07:00"));
}

TEST_CASE("supervisors are told 1, 3 and 5 working days after the end, whatever was paused before it") {
  ReportClock clock = Verification("2026-02-02T08:00+07:00");
  // Due with the end of Thursday 5 February.
  const absl::Time due = *Shipped().DueAt(clock);
  const std::vector<Pause> pauses = {{At("2026-02-03T15:00+07:00"), At("2026-02-20T09:00+07:00")}};
  clock.pauses = pauses;
  CHECK(*Shipped().SupervisorAt(clock, due, 1) == At("2026-02-07T00:00+07:00"));
  CHECK(*Shipped().SupervisorAt(clock, due, 2) == At("2026-02-11T00:00+07:00"));
  CHECK(*Shipped().SupervisorAt(clock, due, 3) == At("2026-02-13T00:00+07:00"));
  CHECK(*Shipped().SupervisorAt(clock, due, 4) == At("2026-02-13T00:00+07:00"));
}

TEST_CASE("supervisors of a closed agency are told when it has worked again") {
  ReportClock clock = Verification("2024-09-18T08:00+08:00", TIME_ZONE_WITA);
  clock.agency_id = "id.51";
  // Due with the end of Monday 23 September 2024; Galungan is from Tuesday to Thursday.
  CHECK(*Shipped().SupervisorAt(clock, *Shipped().DueAt(clock), 1) == At("2024-09-28T00:00+08:00"));
  clock.agency_id = {};
  CHECK(*Shipped().SupervisorAt(clock, *Shipped().DueAt(clock), 1) == At("2024-09-25T00:00+08:00"));
}

TEST_CASE("what is asked of supervisors and evidence without a version or a class is refused") {
  ReportClock clock = Verification("2026-02-02T08:00+07:00");
  const absl::Time due = *Shipped().DueAt(clock);
  clock.policy_version = "0";
  CHECK(absl::IsNotFound(Shipped().SupervisorAt(clock, due, 1).status()));
  clock = Verification("2026-02-02T08:00+07:00");
  CHECK(absl::IsInvalidArgument(Shipped().SupervisorAt(clock, absl::InfiniteFuture(), 1).status()));
  CHECK(absl::IsOutOfRange(Shipped().SupervisorAt(clock, At("2026-12-31T00:00+07:00"), 2).status()));
  CHECK(absl::IsNotFound(Shipped().MinEvidence("0", report::v1::REPORT_CLASS_COMPLAINT, false).status()));
  CHECK(absl::IsInvalidArgument(
      Shipped().MinEvidence("2024.1", report::v1::REPORT_CLASS_UNSPECIFIED, false).status()));
}

TEST_CASE("a final answer to a complaint shows evidence, that to a wish or a question need not") {
  CHECK(*Shipped().MinEvidence("2024.1", report::v1::REPORT_CLASS_COMPLAINT, false) == 1);
  CHECK(*Shipped().MinEvidence("2024.1", report::v1::REPORT_CLASS_COMPLAINT, true) == 1);
  CHECK(*Shipped().MinEvidence("2024.1", report::v1::REPORT_CLASS_ASPIRATION, false) == 0);
  CHECK(*Shipped().MinEvidence("2024.1", report::v1::REPORT_CLASS_INFORMATION_REQUEST, true) == 0);
}

}  // namespace
}  // namespace lapor::policy
