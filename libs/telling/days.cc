#include "libs/telling/days.h"

#include <algorithm>
#include <map>

#include "libs/report/assignment_id.h"

namespace lapor::telling {

bool ReadZone(std::string_view name, Zone* zone) {
  static const std::map<std::string, int> hours = {{"WIB", 7}, {"WITA", 8}, {"WIT", 9}, {"UTC", 0}};
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
  const auto found = hours.find(upper);
  if (found == hours.end()) return false;
  *zone = {upper, absl::FixedTimeZone(found->second * 3600)};
  return true;
}

Zone Wib() {
  Zone zone;
  ReadZone("WIB", &zone);
  return zone;
}

Zone ZoneOf(report::v1::TimeZone zone) {
  Zone found = Wib();
  if (zone == report::v1::TIME_ZONE_WITA) ReadZone("WITA", &found);
  if (zone == report::v1::TIME_ZONE_WIT) ReadZone("WIT", &found);
  return found;
}

std::string ShowTime(absl::Time time, const Zone& zone) {
  return absl::FormatTime("%a %Y-%m-%d %H:%M", time, zone.time_zone);
}

std::string ShowLastDay(absl::Time due_at, const Zone& zone) {
  return absl::FormatTime("%a %Y-%m-%d", due_at - absl::Nanoseconds(1), zone.time_zone);
}

std::string ShowDue(report::v1::Clock clock, absl::Time due_at, const Zone& zone) {
  if (clock == report::v1::CLOCK_RAPID_RESPONSE) return ShowTime(due_at, zone) + " " + zone.name;
  return ShowLastDay(due_at, Wib());
}

std::string ShowReportId(const std::string& id) {
  constexpr size_t kIdCharacters = 12;
  constexpr size_t kGroupCharacters = 4;
  auto [report, child] = report::ParseAssignmentId(id);
  if (report.size() != kIdCharacters || report.find('.') != std::string::npos) return id;
  for (size_t at = kIdCharacters - kGroupCharacters; at > 0; at -= kGroupCharacters) report.insert(at, "-");
  return report::ToString(report, child);
}

}  // namespace lapor::telling
