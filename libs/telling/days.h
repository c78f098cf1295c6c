// How people read times, dates and tracking ids. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "lapor/report/v1/report.pb.h"

namespace lapor::telling {

// A zone that times are shown in.
struct Zone {
  std::string name;
  absl::TimeZone time_zone;
};
// "WIB", "WITA", "WIT" or "UTC", in either case; false for others.
bool ReadZone(std::string_view name, Zone* zone);
Zone Wib();
Zone ZoneOf(report::v1::TimeZone zone);

// As "Mon 2025-01-06 09:15"; the zone is told once, in a heading.
std::string ShowTime(absl::Time time, const Zone& zone);
// The last day on which something due then is in time, as "Mon 2025-01-06": due times are the first instant
// after that day, in `zone`. Where the zone isn't known, Wib() is right for all of Indonesia's: the days of
// the others end earlier, but on the same date.
std::string ShowLastDay(absl::Time due_at, const Zone& zone);

// When a clock ends: the last day, or of a term in hours the time in `zone`.
std::string ShowDue(report::v1::Clock clock, absl::Time due_at, const Zone& zone);

// The tracking id as receipts have it: 7K3M-9QXT-2B54; of a child assignment 7K3M-9QXT-2B54.1. Anything else
// as it is.
std::string ShowReportId(const std::string& id);

}  // namespace lapor::telling
