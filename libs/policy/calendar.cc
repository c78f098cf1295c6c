#include "libs/policy/calendar.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "libs/policy/textproto.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

constexpr absl::CivilDay kEpoch(1970, 1, 1);
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 9999;

bool IsWeekend(absl::CivilDay day) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

void Check(const fs::path& file, const v1::Calendar& calendar, const MessageLines& lines,
           Diagnostics& diagnostics) {
  if (calendar.year() < kFirstYear || calendar.year() > kLastYear ||
      file.filename() != fmt::format("calendar-{}.textproto", calendar.year())) {
    diagnostics.Add(file, 1, fmt::format("year is {}; the file's name says otherwise", calendar.year()));
  }
  if (!calendar.version().starts_with(fmt::format("{}.", calendar.year()))) {
    diagnostics.Add(file, 1, fmt::format("version must be {}.N", calendar.year()));
  }
  if (calendar.day().empty()) diagnostics.Add(file, 1, "has no day: a year without holidays is a mistake");

  std::set<std::string> decrees;
  for (const v1::Decree& decree : calendar.decree()) {
    if (decree.id().empty()) diagnostics.Add(file, lines.at(&decree), "decree.id is missing");
    if (!decrees.insert(decree.id()).second) {
      diagnostics.Add(file, lines.at(&decree), fmt::format("decree '{}' is there twice", decree.id()));
    }
    if (decree.citation().instrument().empty() || !decree.citation().confidence()) {
      diagnostics.Add(file, lines.at(&decree), "decree.citation needs an instrument and a confidence");
    }
  }
  std::set<std::string> dates;
  for (const v1::Holiday& day : calendar.day()) {
    const int line = lines.at(&day);
    absl::CivilDay date;
    if (!ParseIsoDate(day.date(), date) || date.year() != calendar.year()) {
      diagnostics.Add(file, line,
                      fmt::format("'{}' is no date of {} written YYYY-MM-DD", day.date(), calendar.year()));
    }
    if (!dates.insert(day.date()).second) {
      diagnostics.Add(file, line, fmt::format("{} is there twice", day.date()));
    }
    if (!day.kind()) diagnostics.Add(file, line, "day.kind is missing");
    if (day.name().empty()) diagnostics.Add(file, line, "day.name is missing");
    if (!decrees.contains(day.decree())) {
      diagnostics.Add(file, line, fmt::format("decree '{}' is none of this file's", day.decree()));
    }
  }
}

}  // namespace

EpochDay ToEpochDay(absl::CivilDay day) { return day - kEpoch; }

absl::CivilDay ToCivilDay(EpochDay day) { return kEpoch + day; }

std::string ToIsoDate(EpochDay day) {
  const absl::CivilDay civil = ToCivilDay(day);
  return fmt::format("{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day());
}

bool ParseIsoDate(std::string_view text, absl::CivilDay& day) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = -1;
    const char* begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + length, value);
    return error == std::errc() && end == begin + length ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int month_day = number(8, 2);
  if (year < kFirstYear || month < 1 || month_day < 1) return false;
  day = absl::CivilDay(year, month, month_day);
  // absl normalises 30 February to 1 March; a date that moved does not exist.
  return day.month() == month && day.day() == month_day;
}

Calendar Calendar::Load(const fs::path& directory, Diagnostics& diagnostics) {
  Calendar all;
  const std::vector<fs::path> files = ListDataFiles(directory, "calendar-", ".textproto", diagnostics);
  if (files.empty()) diagnostics.Add(directory, 0, "has no calendar-YYYY.textproto");
  for (const fs::path& file : files) {
    v1::Calendar year;
    const auto lines = ReadTextproto(file, year, diagnostics);
    if (!lines) continue;
    Check(file, year, *lines, diagnostics);
    all.years_.emplace(year.year(), std::move(year));
  }
  if (diagnostics.ok()) all.Index();
  return all;
}

void Calendar::Index() {
  const absl::CivilDay first(years_.begin()->first, 1, 1);
  const absl::CivilDay end(years_.rbegin()->first + 1, 1, 1);
  first_ = ToEpochDay(first);
  for (absl::CivilDay day = first; day < end; ++day) {
    const bool known = years_.contains(static_cast<int>(day.year()));
    kinds_.push_back(!known ? DayKind::kNoData : IsWeekend(day) ? DayKind::kWeekend : DayKind::kWorking);
  }
  for (const auto& [year, calendar] : years_) {
    for (const v1::Holiday& holiday : calendar.day()) {
      absl::CivilDay date;
      ParseIsoDate(holiday.date(), date);
      holidays_[ToEpochDay(date)] = &holiday;
      kinds_[ToEpochDay(date) - first_] =
          holiday.kind() == v1::HOLIDAY_KIND_NATIONAL ? DayKind::kNationalHoliday : DayKind::kCollectiveLeave;
    }
  }
}

const v1::Holiday* Calendar::HolidayOn(EpochDay day) const {
  const auto found = holidays_.find(day);
  return found == holidays_.end() ? nullptr : found->second;
}

std::string_view Calendar::VersionOf(int year) const {
  const auto found = years_.find(year);
  return found == years_.end() ? std::string_view() : found->second.version();
}

std::vector<int> Calendar::years() const {
  std::vector<int> years;
  for (const auto& [year, calendar] : years_) years.push_back(year);
  return years;
}

}  // namespace lapor::policy
