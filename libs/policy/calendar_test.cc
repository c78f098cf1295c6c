#include "libs/policy/calendar.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"

namespace lapor::policy {
namespace {

Calendar::DayKind KindOn(const Calendar& calendar, int year, int month, int day) {
  return calendar.KindOf(ToEpochDay(absl::CivilDay(year, month, day)));
}

// What is said of a directory with this one calendar, without the directory's name.
std::string Errors(std::string_view content, std::string_view name = "calendar-2026.textproto") {
  DataDir dir;
  dir.Write(name, content);
  Diagnostics diagnostics;
  Calendar::Load(dir.path(), diagnostics);
  return Replace(std::string(diagnostics.status().message()), dir.path().string() + "/", "");
}

TEST_CASE("dates are written and read as ISO dates, and only those that exist") {
  absl::CivilDay day;
  REQUIRE(ParseIsoDate("2024-02-29", day));
  CHECK(day == absl::CivilDay(2024, 2, 29));
  CHECK(ToIsoDate(ToEpochDay(day)) == "2024-02-29");
  CHECK(ToCivilDay(ToEpochDay(day)) == day);
  for (const char* bad : {"", "2025-02-29", "2025-2-9", "2025-13-01", "2025-00-10", "2025-01-00",
                          "2025-01-32", "1969-12-31", "2025/01/01", "2025-01-0x", "2025-01-011"}) {
    CHECK_FALSE(ParseIsoDate(bad, day));
  }
}

TEST_CASE("a year's days are working days but for weekends, holidays and collective leave") {
  DataDir dir;
  dir.Write("calendar-2026.textproto", kCalendar2026);
  Diagnostics diagnostics;
  const Calendar calendar = Calendar::Load(dir.path(), diagnostics);
  REQUIRE(diagnostics.status().message() == "");
  CHECK(KindOn(calendar, 2026, 1, 1) == Calendar::DayKind::kNationalHoliday);
  CHECK(KindOn(calendar, 2026, 1, 2) == Calendar::DayKind::kWorking);
  CHECK(KindOn(calendar, 2026, 1, 3) == Calendar::DayKind::kWeekend);
  CHECK(KindOn(calendar, 2026, 1, 4) == Calendar::DayKind::kWeekend);
  CHECK(KindOn(calendar, 2026, 12, 24) == Calendar::DayKind::kCollectiveLeave);
  CHECK(KindOn(calendar, 2026, 12, 31) == Calendar::DayKind::kWorking);
  CHECK(calendar.HolidayOn(ToEpochDay(absl::CivilDay(2026, 1, 1)))->name() == "Tahun Baru");
  CHECK(calendar.HolidayOn(ToEpochDay(absl::CivilDay(2026, 1, 3))) == nullptr);
  CHECK(calendar.VersionOf(2026) == "2026.1");
  CHECK(calendar.VersionOf(2027).empty());
}

TEST_CASE("a year without a calendar has no days, between two calendars too") {
  DataDir dir;
  dir.Write("calendar-2024.textproto", Replace(kCalendar2026, "2026", "2024"));
  dir.Write("calendar-2026.textproto", kCalendar2026);
  Diagnostics diagnostics;
  const Calendar calendar = Calendar::Load(dir.path(), diagnostics);
  REQUIRE(diagnostics.ok());
  CHECK(calendar.years() == std::vector<int>{2024, 2026});
  CHECK(KindOn(calendar, 2023, 12, 31) == Calendar::DayKind::kNoData);
  CHECK(KindOn(calendar, 2024, 12, 31) == Calendar::DayKind::kWorking);
  CHECK(KindOn(calendar, 2025, 1, 1) == Calendar::DayKind::kNoData);
  CHECK(KindOn(calendar, 2025, 1, 4) == Calendar::DayKind::kNoData);
  CHECK(KindOn(calendar, 2027, 1, 1) == Calendar::DayKind::kNoData);
}

TEST_CASE("a moved calendar still names its holidays") {
  DataDir dir;
  dir.Write("calendar-2026.textproto", kCalendar2026);
  Diagnostics diagnostics;
  Calendar first = Calendar::Load(dir.path(), diagnostics);
  const Calendar moved = std::move(first);
  CHECK(moved.HolidayOn(ToEpochDay(absl::CivilDay(2026, 12, 24)))->name() == "Cuti Bersama");
}

TEST_CASE("a calendar with a mistake is refused with file, line and reason") {
  CHECK(Errors(kCalendar2026).empty());
  CHECK(Errors("yaer: 2026\n") ==
        "calendar-2026.textproto:1: column 5: Message type \"lapor.policy.v1.Calendar\" has no field named "
        "\"yaer\".");
  CHECK(Errors(Replace(kCalendar2026, "HOLIDAY_KIND_NATIONAL", "HOLIDAY"))
            .find("calendar-2026.textproto:5: column ") == 0);
  CHECK(Errors(Replace(kCalendar2026, "year: 2026", "year: 2025"))
            .find("calendar-2026.textproto:1: year is 2025; the file's name says otherwise\n") == 0);
  CHECK(Errors(Replace(kCalendar2026, "\"2026.1\"", "\"1\"")) ==
        "calendar-2026.textproto:1: version must be 2026.N");
  CHECK(Errors("year: 2026 version: \"2026.1\"") ==
        "calendar-2026.textproto:1: has no day: a year without holidays is a mistake");
  CHECK(Errors(Replace(kCalendar2026, "2026-12-24", "2026-02-30")) ==
        "calendar-2026.textproto:6: '2026-02-30' is no date of 2026 written YYYY-MM-DD");
  CHECK(Errors(Replace(kCalendar2026, "2026-12-24", "2025-12-24")) ==
        "calendar-2026.textproto:6: '2025-12-24' is no date of 2026 written YYYY-MM-DD");
  CHECK(Errors(Replace(kCalendar2026, "2026-12-24", "2026-01-01")) ==
        "calendar-2026.textproto:6: 2026-01-01 is there twice");
  CHECK(Errors(Replace(kCalendar2026, "kind: HOLIDAY_KIND_NATIONAL", "")) ==
        "calendar-2026.textproto:5: day.kind is missing");
  CHECK(Errors(Replace(kCalendar2026, "name: \"Tahun Baru\"", "")) ==
        "calendar-2026.textproto:5: day.name is missing");
  CHECK(Errors(Replace(kCalendar2026, "id: \"skb\"", "id: \"other\"")) ==
        "calendar-2026.textproto:5: decree 'skb' is none of this file's\n"
        "calendar-2026.textproto:6: decree 'skb' is none of this file's");
  CHECK(Errors(Replace(kCalendar2026, "id: \"skb\"", ""))
            .find("calendar-2026.textproto:4: decree.id is missing\n") == 0);
  CHECK(Errors(kCalendar2026 +
               "decree { id: \"skb\" citation { instrument: \"x\" confidence: CONFIDENCE_HIGH } }") ==
        "calendar-2026.textproto:7: decree 'skb' is there twice");
  CHECK(Errors(Replace(kCalendar2026, "confidence: CONFIDENCE_HIGH", "")) ==
        "calendar-2026.textproto:4: decree.citation needs an instrument and a confidence");
  CHECK(Errors(Replace(kCalendar2026, "instrument: \"x\"", "")) ==
        "calendar-2026.textproto:4: decree.citation needs an instrument and a confidence");
}

TEST_CASE("a directory without a calendar is refused") {
  DataDir dir;
  Diagnostics diagnostics;
  Calendar::Load(dir.path(), diagnostics);
  CHECK(diagnostics.status().message() == dir.path().string() + ": has no calendar-YYYY.textproto");
}

}  // namespace
}  // namespace lapor::policy
