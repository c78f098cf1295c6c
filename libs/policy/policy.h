// When clocks end and why, where places lie, and what topics there are: the policy data of deploy/policy and
// deploy/reference, loaded, checked and asked. Pure: no clock, no SQL, no network.
//
// The rule of days: the day on which a clock starts is not counted; a clock of N days ends with the end of
// the Nth day that counts, in the zone of the agency. "The end" is the first instant of the next day, so a
// clock is met by what happens before its due time and breached at it. Working days are no Saturday, Sunday,
// national holiday, collective leave or closure of the agency. A pause skips the days after the one on which
// it began, up to and including the one on which it ended. A term in hours ends so many hours after its
// start, whatever the day, and no pause stops it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/policy/v1/policy.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/policy/calendar.h"
#include "libs/policy/closures.h"
#include "libs/policy/reference.h"
#include "libs/policy/versions.h"

namespace lapor::policy {

// The rules of competence, which competence.h reads: they need the agencies, and few programs need them.
inline constexpr char kCompetenceFile[] = "competence.textproto";

// While the reporter owed something. `from` is not after `to`.
struct Pause {
  absl::Time from;
  absl::Time to;
};

// A clock of a report or of a case before the Ombudsman, as it was started.
struct ReportClock {
  // The version that the report keeps.
  std::string_view policy_version = {};
  report::v1::Clock clock = report::v1::CLOCK_UNSPECIFIED;
  // May be unset where the term is the same for every class, as those of the Ombudsman are.
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  // The report has supervision content (berkadar pengawasan).
  bool supervision = false;
  // In the years 1970 to 9999.
  absl::Time start = absl::InfinitePast();
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  std::span<const Pause> pauses = {};
  // Whose closures count; empty: nobody's.
  std::string_view agency_id = {};
};

// In which the days of that zone begin and end; UTC for an unset one.
absl::TimeZone ZoneOf(report::v1::TimeZone zone);

// Immutable and safe to share between threads.
class Policy {
 public:
  // Reads deadlines*.textproto, calendar-*.textproto and closures.textproto of `policy_dir`, regions.csv and
  // categories.csv of `reference_dir`. INVALID_ARGUMENT with a line "FILE:LINE: reason" for each mistake; a
  // .textproto file of another name is one, for a misspelt name must not lose a policy in silence.
  static absl::StatusOr<std::shared_ptr<const Policy>> Load(const std::filesystem::path& policy_dir,
                                                            const std::filesystem::path& reference_dir);

  // The version under which a report received at that time stays. FAILED_PRECONDITION before the first took
  // effect.
  absl::StatusOr<std::string> VersionAt(absl::Time received) const;
  // The terms and limits of a version; null when it is not loaded.
  const v1::PolicyVersion* FindVersion(std::string_view version) const;

  // When a clock ends. NOT_FOUND for a version that is not loaded; OUT_OF_RANGE when days are needed of a
  // year that has no calendar, with that year and the remedy; INVALID_ARGUMENT for an unset field, a start
  // outside 1970 to 9999, or a pause that ends before it begins.
  absl::StatusOr<absl::Time> DueAt(const ReportClock& clock) const;
  // The same with its reasons. Slower than DueAt by the days it lists. Calendars and the agency are told of
  // terms in working days only, pauses of terms in days: the others don't depend on them.
  absl::StatusOr<v1::Explanation> Explain(const ReportClock& clock) const;
  // When that part of the term (1 to 99 percent) has passed: with the end of its last whole day that counts;
  // of a term in hours, to the second. Absent where that is less than one day. Errors as of DueAt, and
  // INVALID_ARGUMENT for another part.
  absl::StatusOr<std::optional<absl::Time>> ReminderAt(const ReportClock& clock, int percent) const;
  // When the supervisor of that level, from 1 for the first above the holder, is told that `clock`, which
  // ended at `due_at`, is still owed. Working days count from the first that is wholly late; levels above the
  // last step are told with it. Errors as of DueAt.
  absl::StatusOr<absl::Time> SupervisorAt(const ReportClock& clock, absl::Time due_at, int level) const;
  // How many attachments a final answer needs. NOT_FOUND for a version that is not loaded; INVALID_ARGUMENT
  // for an unset class.
  absl::StatusOr<int> MinEvidence(std::string_view version, report::v1::ReportClass report_class,
                                  bool supervision) const;

  // Changes with every day that calendars or closures make free: due dates that were computed under another
  // digest may be other ones now. 64 hexadecimal digits.
  const std::string& calendar_digest() const { return calendar_digest_; }

  const Closures& closures() const { return closures_; }
  const Calendar& calendar() const { return calendar_; }
  const Regions& regions() const { return regions_; }
  const Categories& categories() const { return categories_; }
  // Null when there is none; a district or village code finds its regency or city.
  const Region* FindRegion(std::string_view code) const { return policy::FindRegion(regions_, code); }
  const Category* FindCategory(std::string_view code) const;

 private:
  Policy() = default;

  Versions versions_;
  Calendar calendar_;
  Closures closures_;
  std::string calendar_digest_;
  Regions regions_;
  Categories categories_;
};

}  // namespace lapor::policy
