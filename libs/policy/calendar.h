// Which days are worked: weekends, national holidays and collective leave (cuti bersama).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "lapor/policy/v1/policy.pb.h"
#include "libs/policy/data_file.h"

namespace lapor::policy {

// A day, counted from 1970-01-01. Cheap to step and to index with, which a civil date is not.
using EpochDay = std::int64_t;

EpochDay ToEpochDay(absl::CivilDay day);
absl::CivilDay ToCivilDay(EpochDay day);
// As 2026-03-20.
std::string ToIsoDate(EpochDay day);
// False unless `text` is an existing date written as 2026-03-20.
bool ParseIsoDate(std::string_view text, absl::CivilDay& day);

// The calendars of all loaded years. Immutable after loading, so safe to share between threads.
class Calendar {
 public:
  enum class DayKind : std::uint8_t { kWorking, kWeekend, kNationalHoliday, kCollectiveLeave, kNoData };

  Calendar() = default;
  // holidays_ points into years_, whose nodes a move keeps and a copy would not.
  Calendar(Calendar&&) = default;
  Calendar& operator=(Calendar&&) = default;

  // Reads every calendar-YYYY.textproto of the directory.
  static Calendar Load(const std::filesystem::path& directory, Diagnostics& diagnostics);

  // kNoData for the days of a year without a calendar, weekends included: nobody guesses.
  DayKind KindOf(EpochDay day) const {
    const EpochDay at = day - first_;
    return at >= 0 && at < static_cast<EpochDay>(kinds_.size()) ? kinds_[at] : DayKind::kNoData;
  }
  // Null unless the day is a holiday or collective leave.
  const v1::Holiday* HolidayOn(EpochDay day) const;
  // As 2026.1; empty for a year without a calendar.
  std::string_view VersionOf(int year) const;
  // The years that have a calendar, ascending.
  std::vector<int> years() const;

 private:
  void Index();

  std::map<int, v1::Calendar> years_;
  std::map<EpochDay, const v1::Holiday*> holidays_;
  // From the first of January of the first year to the end of the last.
  EpochDay first_ = 0;
  std::vector<DayKind> kinds_;
};

}  // namespace lapor::policy
