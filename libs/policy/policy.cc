#include "libs/policy/policy.h"

#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
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

// What to count, from when, and by which days off.
struct Count {
  const v1::Term& term;
  // Of the term: all of it, or the part that is asked about.
  int percent;
  v1::StartEvent starts;
  const ReportClock& clock;
  std::int64_t offset_seconds;
  const Calendar& calendar;
  std::vector<const Closure*> closures;
};

bool IsInHours(const Count& count) { return count.term.unit() == v1::DAY_UNIT_HOURS; }

bool IsInWorkingDays(const Count& count) { return count.term.unit() == v1::DAY_UNIT_WORKING_DAYS; }

int WholeDays(const Count& count) { return count.term.amount() * count.percent / 100; }

EpochDay StartDay(const Count& count) { return DayOf(count.clock.start, count.offset_seconds); }

absl::StatusOr<Count> CountFrom(const v1::Term& term, v1::StartEvent starts, const ReportClock& clock,
                                const Calendar& calendar, const Closures& closures) {
  const std::optional<std::int64_t> offset_seconds = OffsetSeconds(clock.time_zone);
  if (!offset_seconds) return absl::InvalidArgumentError("time_zone is not set; it is that of the agency");
  if (!IsSupported(clock.start)) return absl::InvalidArgumentError("start must be in the years 1970 to 9999");
  for (const Pause& pause : clock.pauses) {
    if (!IsSupported(pause.from) || !IsSupported(pause.to) || pause.from > pause.to) {
      return absl::InvalidArgumentError(
          "a pause must begin in the years 1970 to 9999 and not end before it begins");
    }
  }
  Count count{.term = term,
              .percent = 100,
              .starts = starts,
              .clock = clock,
              .offset_seconds = *offset_seconds,
              .calendar = calendar,
              .closures = {}};
  if (IsInWorkingDays(count)) count.closures = ClosuresOf(closures, clock.agency_id);
  return count;
}

// Null unless the agency was closed.
const Closure* ClosureOn(const Count& count, EpochDay day) {
  for (const Closure* closure : count.closures) {
    if (day >= closure->first_day && day <= closure->last_day) return closure;
  }
  return nullptr;
}

bool IsPaused(const Count& count, EpochDay day) {
  return std::any_of(count.clock.pauses.begin(), count.clock.pauses.end(), [&](const Pause& pause) {
    return day > DayOf(pause.from, count.offset_seconds) && day <= DayOf(pause.to, count.offset_seconds);
  });
}

v1::SkipReason ReasonToSkip(const Count& count, EpochDay day) {
  if (IsInWorkingDays(count)) {
    switch (count.calendar.KindOf(day)) {
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
  if (ClosureOn(count, day) != nullptr) return v1::SKIP_REASON_CLOSURE;
  return IsPaused(count, day) ? v1::SKIP_REASON_PAUSED : v1::SKIP_REASON_UNSPECIFIED;
}

absl::Status NoCalendar(const Count& count, EpochDay day) {
  const std::vector<int> years = count.calendar.years();
  return absl::OutOfRangeError(fmt::format(
      "there is no calendar for {0}, which {1} working days from {2} need (there are calendars for {3}); "
      "add calendar-{0}.textproto with the joint ministerial decree (SKB) of that year to the policy data",
      ToCivilDay(day).year(), WholeDays(count), ToIsoDate(StartDay(count)), fmt::join(years, ", ")));
}

// The last day of a count of days; `skipped(day, reason)` is called for every day on the way that does not
// count.
template <typename Skipped>
absl::StatusOr<EpochDay> LastDay(const Count& count, Skipped skipped) {
  EpochDay day = StartDay(count);
  for (int left = WholeDays(count); left > 0;) {
    ++day;
    if (IsInWorkingDays(count) && count.calendar.KindOf(day) == Calendar::DayKind::kNoData) {
      return NoCalendar(count, day);
    }
    if (const v1::SkipReason reason = ReasonToSkip(count, day)) {
      skipped(day, reason);
    } else {
      --left;
    }
  }
  return day;
}

template <typename Skipped>
absl::StatusOr<absl::Time> DueOf(const Count& count, Skipped skipped) {
  if (IsInHours(count)) return count.clock.start + absl::Hours(count.term.amount()) * count.percent / 100;
  const absl::StatusOr<EpochDay> last_day = LastDay(count, skipped);
  if (!last_day.ok()) return last_day.status();
  return StartOf(*last_day + 1, count.offset_seconds);
}

absl::StatusOr<absl::Time> DueOf(const Count& count) {
  return DueOf(count, [](EpochDay, v1::SkipReason) {});
}

// What a count depended on, beside its term and the days it skipped.
void ExplainWhatWasLookedAt(const Count& count, EpochDay last_day, const Closures& closures,
                            v1::Explanation& explanation) {
  if (!IsInHours(count)) {
    for (const Pause& pause : count.clock.pauses) {
      v1::Pause& told = *explanation.add_pause();
      *told.mutable_from() = ToTimestamp(pause.from);
      *told.mutable_to() = ToTimestamp(pause.to);
    }
  }
  if (!IsInWorkingDays(count)) return;
  const auto first_year = ToCivilDay(StartDay(count) + 1).year();
  for (auto year = first_year; year <= ToCivilDay(last_day).year(); ++year) {
    explanation.add_calendar_version(std::string(count.calendar.VersionOf(static_cast<int>(year))));
  }
  explanation.set_agency_id(std::string(count.clock.agency_id));
  const bool was_closed = std::ranges::any_of(explanation.skipped(), [](const v1::SkippedDay& day) {
    return day.reason() == v1::SKIP_REASON_CLOSURE;
  });
  if (was_closed) explanation.set_closures_version(closures.version);
}

absl::StatusOr<v1::Explanation> ExplainCount(const Count& count, const Closures& closures) {
  v1::Explanation explanation;
  const auto due = DueOf(count, [&](EpochDay day, v1::SkipReason reason) {
    v1::SkippedDay& skipped = *explanation.add_skipped();
    skipped.set_date(ToIsoDate(day));
    skipped.set_reason(reason);
    const bool holiday =
        reason == v1::SKIP_REASON_NATIONAL_HOLIDAY || reason == v1::SKIP_REASON_COLLECTIVE_LEAVE;
    if (holiday) skipped.set_name(count.calendar.HolidayOn(day)->name());
    if (reason == v1::SKIP_REASON_CLOSURE) skipped.set_name(ClosureOn(count, day)->name);
  });
  if (!due.ok()) return due.status();

  // What is due at midnight could be met on the day before.
  const EpochDay last_day = DayOf(*due - absl::Nanoseconds(1), count.offset_seconds);
  explanation.set_policy_version(std::string(count.clock.policy_version));
  explanation.set_clock(count.clock.clock);
  explanation.set_starts(count.starts);
  *explanation.mutable_started_at() = ToTimestamp(count.clock.start);
  explanation.set_time_zone(count.clock.time_zone);
  *explanation.mutable_term() = count.term;
  ExplainWhatWasLookedAt(count, last_day, closures, explanation);
  explanation.set_last_day(ToIsoDate(last_day));
  *explanation.mutable_due_at() = ToTimestamp(*due);
  return explanation;
}

absl::StatusOr<const v1::PolicyVersion*> LoadedVersion(const Versions& versions, std::string_view name) {
  const auto found = versions.by_name.find(name);
  if (found != versions.by_name.end()) return &found->second;
  return absl::NotFoundError(fmt::format(
      "policy version '{}' is not loaded; keep the file of every version that reports carry", name));
}

absl::StatusOr<Count> CountOf(const Versions& versions, const ReportClock& clock, const Calendar& calendar,
                              const Closures& closures) {
  const auto version = LoadedVersion(versions, clock.policy_version);
  if (!version.ok()) return version.status();
  const v1::ClockTerm* term = FindTerm(**version, clock.clock, clock.report_class, clock.supervision);
  if (term == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("there is no term for clock {} of report class {}; both must be set",
                    static_cast<int>(clock.clock), static_cast<int>(clock.report_class)));
  }
  return CountFrom(term->term(), term->starts(), clock, calendar, closures);
}

// Files whose name says nothing to the loader.
void RejectUnknownFiles(const fs::path& policy_dir, Diagnostics& diagnostics) {
  for (const fs::path& file : ListDataFiles(policy_dir, "", ".textproto", diagnostics)) {
    const std::string name = file.filename().string();
    const bool known = name.starts_with("deadlines") || name.starts_with("calendar-");
    if (known || name == kCompetenceFile || name == kClosuresFile) continue;
    diagnostics.Add(file, 0,
                    fmt::format("is neither deadlines*.textproto nor calendar-YYYY.textproto nor {} nor {}",
                                kClosuresFile, kCompetenceFile));
  }
}

// Of every day that is free and whose it is, in an order of its own: comments, names, sources and the order
// of the files don't count.
std::string DigestOf(const Calendar& calendar, const Closures& closures) {
  std::string days;
  for (const int year : calendar.years()) {
    days += fmt::format("{}\n", year);
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
      const v1::Holiday* holiday = calendar.HolidayOn(ToEpochDay(day));
      if (holiday == nullptr) continue;
      days += fmt::format("{} {}\n", holiday->date(), static_cast<int>(holiday->kind()));
    }
  }
  std::set<std::string> closed;
  for (const Closure& closure : closures.closures) {
    closed.insert(fmt::format("{} {} {}\n", closure.agency_id, ToIsoDate(closure.first_day),
                              ToIsoDate(closure.last_day)));
  }
  for (const std::string& closure : closed) days += closure;

  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(days.data()), days.size());
  return fmt::format("{:02x}", fmt::join(hash, ""));
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
  policy->closures_ = ReadClosures(policy_dir, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();
  policy->calendar_digest_ = DigestOf(policy->calendar_, policy->closures_);

  absl::StatusOr<Regions> regions = ReadRegions(reference_dir);
  if (!regions.ok()) return regions.status();
  absl::StatusOr<Categories> categories = ReadCategories(reference_dir);
  if (!categories.ok()) return categories.status();
  policy->regions_ = *std::move(regions);
  policy->categories_ = *std::move(categories);
  return policy;
}

absl::TimeZone ZoneOf(report::v1::TimeZone zone) {
  return absl::FixedTimeZone(static_cast<int>(OffsetSeconds(zone).value_or(0)));
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
  const auto count = CountOf(versions_, clock, calendar_, closures_);
  if (!count.ok()) return count.status();
  return DueOf(*count);
}

absl::StatusOr<v1::Explanation> Policy::Explain(const ReportClock& clock) const {
  const auto count = CountOf(versions_, clock, calendar_, closures_);
  if (!count.ok()) return count.status();
  return ExplainCount(*count, closures_);
}

absl::StatusOr<std::optional<absl::Time>> Policy::ReminderAt(const ReportClock& clock, int percent) const {
  if (percent < 1 || percent > 99) return absl::InvalidArgumentError("percent must be 1 to 99");
  auto count = CountOf(versions_, clock, calendar_, closures_);
  if (!count.ok()) return count.status();
  count->percent = percent;
  if (!IsInHours(*count) && WholeDays(*count) == 0) return std::nullopt;
  return DueOf(*count);
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
  const auto count = CountFrom(term, v1::START_EVENT_UNSPECIFIED, late, calendar_, closures_);
  if (!count.ok()) return count.status();
  return DueOf(*count);
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
