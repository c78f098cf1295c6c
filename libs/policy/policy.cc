#include "libs/policy/policy.h"

#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/policy/data_file.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDaySeconds = std::int64_t{24} * 60 * 60;

// Indonesia has no daylight saving time, so an offset is all of a zone. Null for an unset zone.
std::optional<std::int64_t> OffsetSeconds(report::v1::TimeZone zone) {
  constexpr std::int64_t kHourSeconds = std::int64_t{60} * 60;
  if (zone == report::v1::TIME_ZONE_WIB) return 7 * kHourSeconds;
  if (zone == report::v1::TIME_ZONE_WITA) return 8 * kHourSeconds;
  if (zone == report::v1::TIME_ZONE_WIT) return 9 * kHourSeconds;
  return std::nullopt;
}

EpochDay DayOf(absl::Time time, std::int64_t offset_seconds) {
  return (absl::ToUnixSeconds(time) + offset_seconds) / kDaySeconds;
}

absl::Time StartOf(EpochDay day, std::int64_t offset_seconds) {
  return absl::FromUnixSeconds(day * kDaySeconds - offset_seconds);
}

// Dates of four digits, and nothing that overflows a count of seconds.
bool IsSupported(absl::Time time) {
  constexpr EpochDay kEnd = absl::CivilDay(10000, 1, 1) - absl::CivilDay(1970, 1, 1);
  return time >= absl::UnixEpoch() && time < absl::FromUnixSeconds(kEnd * kDaySeconds);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

// What to count, from when.
struct Count {
  const v1::Term& term;
  // Of the term's unit: all of it, or the part that is asked about.
  int amount;
  v1::StartEvent starts;
  absl::Time start;
  report::v1::TimeZone zone;
  std::int64_t offset_seconds;
  std::span<const Pause> pauses;
  std::string_view agency_id;
};

absl::StatusOr<Count> CountFrom(const v1::Term& term, v1::StartEvent starts, const ReportClock& clock) {
  const std::optional<std::int64_t> offset_seconds = OffsetSeconds(clock.time_zone);
  if (!offset_seconds) return absl::InvalidArgumentError("time_zone is not set; it is that of the agency");
  if (!IsSupported(clock.start)) return absl::InvalidArgumentError("start must be in the years 1970 to 9999");
  for (const Pause& pause : clock.pauses) {
    if (!IsSupported(pause.from) || !IsSupported(pause.to) || pause.from > pause.to) {
      return absl::InvalidArgumentError(
          "a pause must begin in the years 1970 to 9999 and not end before it begins");
    }
  }
  return Count{term,         term.amount(),  starts, clock.start, clock.time_zone, *offset_seconds,
               clock.pauses, clock.agency_id};
}

bool IsPaused(const Count& count, EpochDay day) {
  return std::any_of(count.pauses.begin(), count.pauses.end(), [&](const Pause& pause) {
    return day > DayOf(pause.from, count.offset_seconds) && day <= DayOf(pause.to, count.offset_seconds);
  });
}

v1::SkipReason ReasonToSkip(const Count& count, const Calendar& calendar, EpochDay day) {
  if (count.term.unit() == v1::DAY_UNIT_WORKING_DAYS) {
    switch (calendar.KindOf(day)) {
      case Calendar::DayKind::kWeekend:
        return v1::SKIP_REASON_WEEKEND;
      case Calendar::DayKind::kNationalHoliday:
        return v1::SKIP_REASON_NATIONAL_HOLIDAY;
      case Calendar::DayKind::kCollectiveLeave:
        return v1::SKIP_REASON_COLLECTIVE_LEAVE;
      case Calendar::DayKind::kWorking:
      case Calendar::DayKind::kNoData:
        break;
    }
  }
  return IsPaused(count, day) ? v1::SKIP_REASON_PAUSED : v1::SKIP_REASON_UNSPECIFIED;
}

absl::Status NoCalendar(const Count& count, const Calendar& calendar, EpochDay day) {
  const std::vector<int> years = calendar.years();
  return absl::OutOfRangeError(fmt::format(
      "there is no calendar for {0}, which {1} working days from {2} need (there are calendars for {3}); "
      "add calendar-{0}.textproto with the joint ministerial decree (SKB) of that year to the policy data",
      ToCivilDay(day).year(), count.amount, ToIsoDate(DayOf(count.start, count.offset_seconds)),
      fmt::join(years, ", ")));
}

bool IsInHours(const Count& count) { return count.term.unit() == v1::DAY_UNIT_HOURS; }

absl::Time EndOfHours(const Count& count) { return count.start + absl::Hours(count.amount); }

// When a count ends whose last day is this one.
absl::Time DueOn(const Count& count, EpochDay last_day) {
  return IsInHours(count) ? EndOfHours(count) : StartOf(last_day + 1, count.offset_seconds);
}

// The last day of a count; `skipped(day, reason)` is called for every day on the way that does not count.
template <typename Skipped>
absl::StatusOr<EpochDay> LastDay(const Count& count, const Calendar& calendar, Skipped skipped) {
  const bool working_days = count.term.unit() == v1::DAY_UNIT_WORKING_DAYS;
  if (IsInHours(count)) return DayOf(EndOfHours(count), count.offset_seconds);
  EpochDay day = DayOf(count.start, count.offset_seconds);
  for (int left = count.amount; left > 0;) {
    ++day;
    if (working_days && calendar.KindOf(day) == Calendar::DayKind::kNoData) {
      return NoCalendar(count, calendar, day);
    }
    if (const v1::SkipReason reason = ReasonToSkip(count, calendar, day)) {
      skipped(day, reason);
    } else {
      --left;
    }
  }
  return day;
}

absl::StatusOr<absl::Time> DueOf(const Count& count, const Calendar& calendar) {
  const absl::StatusOr<EpochDay> last_day = LastDay(count, calendar, [](EpochDay, v1::SkipReason) {});
  if (!last_day.ok()) return last_day.status();
  return DueOn(count, *last_day);
}

// All of the explanation but what it is about.
absl::StatusOr<v1::Explanation> ExplainCount(const Count& count, std::string_view version,
                                             const Calendar& calendar) {
  v1::Explanation explanation;
  explanation.set_policy_version(std::string(version));
  const auto last_day = LastDay(count, calendar, [&](EpochDay day, v1::SkipReason reason) {
    v1::SkippedDay& skipped = *explanation.add_skipped();
    skipped.set_date(ToIsoDate(day));
    skipped.set_reason(reason);
    const bool holiday =
        reason == v1::SKIP_REASON_NATIONAL_HOLIDAY || reason == v1::SKIP_REASON_COLLECTIVE_LEAVE;
    if (holiday) skipped.set_name(calendar.HolidayOn(day)->name());
  });
  if (!last_day.ok()) return last_day.status();

  explanation.set_starts(count.starts);
  *explanation.mutable_started_at() = ToTimestamp(count.start);
  explanation.set_time_zone(count.zone);
  *explanation.mutable_term() = count.term;
  for (const Pause& pause : count.pauses) {
    v1::Pause& told = *explanation.add_pause();
    *told.mutable_from() = ToTimestamp(pause.from);
    *told.mutable_to() = ToTimestamp(pause.to);
  }
  if (count.term.unit() == v1::DAY_UNIT_WORKING_DAYS) {
    const auto first_year = ToCivilDay(DayOf(count.start, count.offset_seconds) + 1).year();
    for (auto year = first_year; year <= ToCivilDay(*last_day).year(); ++year) {
      explanation.add_calendar_version(std::string(calendar.VersionOf(static_cast<int>(year))));
    }
  }
  explanation.set_last_day(ToIsoDate(*last_day));
  *explanation.mutable_due_at() = ToTimestamp(DueOn(count, *last_day));
  return explanation;
}

absl::StatusOr<const v1::PolicyVersion*> LoadedVersion(const Versions& versions, std::string_view name) {
  const auto found = versions.by_name.find(name);
  if (found != versions.by_name.end()) return &found->second;
  return absl::NotFoundError(fmt::format(
      "policy version '{}' is not loaded; keep the file of every version that reports carry", name));
}

absl::StatusOr<Count> CountOf(const Versions& versions, const ReportClock& clock) {
  const auto version = LoadedVersion(versions, clock.policy_version);
  if (!version.ok()) return version.status();
  const v1::ClockTerm* term = FindTerm(**version, clock.clock, clock.report_class, clock.supervision);
  if (term == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("there is no term for clock {} of report class {}; both must be set",
                    static_cast<int>(clock.clock), static_cast<int>(clock.report_class)));
  }
  return CountFrom(term->term(), term->starts(), clock);
}

// Files whose name says nothing to the loader.
void RejectUnknownFiles(const fs::path& policy_dir, Diagnostics& diagnostics) {
  for (const fs::path& file : ListDataFiles(policy_dir, "", ".textproto", diagnostics)) {
    const std::string name = file.filename().string();
    const bool known = name.starts_with("deadlines") || name.starts_with("calendar-");
    if (known || name == kCompetenceFile) continue;
    diagnostics.Add(
        file, 0,
        fmt::format("is neither deadlines*.textproto nor calendar-YYYY.textproto nor {}", kCompetenceFile));
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Load(const fs::path& policy_dir,
                                                           const fs::path& reference_dir) {
  std::shared_ptr<Policy> policy(new Policy());
  Diagnostics diagnostics;
  RejectUnknownFiles(policy_dir, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();
  policy->versions_ = ReadVersions(policy_dir, diagnostics);
  policy->calendar_ = Calendar::Load(policy_dir, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();

  absl::StatusOr<Regions> regions = ReadRegions(reference_dir);
  if (!regions.ok()) return regions.status();
  absl::StatusOr<Categories> categories = ReadCategories(reference_dir);
  if (!categories.ok()) return categories.status();
  policy->regions_ = *std::move(regions);
  policy->categories_ = *std::move(categories);
  return policy;
}

absl::StatusOr<std::string> Policy::VersionAt(absl::Time received) const {
  // Regulations take effect in Jakarta's day.
  const std::int64_t jakarta_seconds = *OffsetSeconds(report::v1::TIME_ZONE_WIB);
  if (!IsSupported(received)) return absl::InvalidArgumentError("received must be in the years 1970 to 9999");
  const absl::CivilDay day = ToCivilDay(DayOf(received, jakarta_seconds));
  const auto later = versions_.by_effective_day.upper_bound(day);
  if (later == versions_.by_effective_day.begin()) {
    return absl::FailedPreconditionError(
        fmt::format("no policy version is in force on {}; the first, {}, takes effect on {}",
                    ToIsoDate(ToEpochDay(day)), later->second, ToIsoDate(ToEpochDay(later->first))));
  }
  return std::prev(later)->second;
}

const v1::PolicyVersion* Policy::FindVersion(std::string_view version) const {
  const auto found = versions_.by_name.find(version);
  return found == versions_.by_name.end() ? nullptr : &found->second;
}

const Category* Policy::FindCategory(std::string_view code) const {
  const auto found = categories_.find(code);
  return found == categories_.end() ? nullptr : &found->second;
}

absl::StatusOr<absl::Time> Policy::DueAt(const ReportClock& clock) const {
  const auto count = CountOf(versions_, clock);
  if (!count.ok()) return count.status();
  return DueOf(*count, calendar_);
}

absl::StatusOr<v1::Explanation> Policy::Explain(const ReportClock& clock) const {
  const auto count = CountOf(versions_, clock);
  if (!count.ok()) return count.status();
  absl::StatusOr<v1::Explanation> explanation = ExplainCount(*count, clock.policy_version, calendar_);
  if (explanation.ok()) explanation->set_clock(clock.clock);
  return explanation;
}

absl::StatusOr<std::optional<absl::Time>> Policy::ReminderAt(const ReportClock& clock, int percent) const {
  auto count = CountOf(versions_, clock);
  if (!count.ok()) return count.status();
  count->amount = count->term.amount() * percent / 100;
  if (count->amount == 0) return std::nullopt;
  return DueOf(*count, calendar_);
}

absl::StatusOr<absl::Time> Policy::SupervisorAt(const ReportClock& clock, absl::Time due_at,
                                                int level) const {
  const auto version = LoadedVersion(versions_, clock.policy_version);
  if (!version.ok()) return version.status();
  const auto& steps = (*version)->supervisor_step();
  const v1::Term& term = steps.at(std::clamp(level, 1, steps.size()) - 1).term();
  // The first day that is late counts: the clock's last day is where the count starts.
  ReportClock late = clock;
  late.start = due_at - absl::Nanoseconds(1);
  late.pauses = {};
  const auto count = CountFrom(term, v1::START_EVENT_UNSPECIFIED, late);
  if (!count.ok()) return count.status();
  return DueOf(*count, calendar_);
}

absl::StatusOr<int> Policy::MinEvidence(std::string_view version, report::v1::ReportClass report_class,
                                        bool supervision) const {
  const auto loaded = LoadedVersion(versions_, version);
  if (!loaded.ok()) return loaded.status();
  const v1::EvidenceRule* rule = FindEvidenceRule(**loaded, report_class, supervision);
  if (rule == nullptr) return absl::InvalidArgumentError("report_class is not set");
  return rule->min_evidence();
}

}  // namespace lapor::policy
