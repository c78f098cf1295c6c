// The ids of agencies, whose registry is routing's. An id says what it is below: id.32.73.dinkes is a unit of
// id.32.73, which id.32 coordinates, and all are below the root. What the registry says beyond that
// (provinces are below the Ministry of Home Affairs, too) is known to routing alone.
#pragma once

#include <string_view>

namespace lapor::report {

// The national administrator.
inline constexpr char kRootAgencyId[] = "id";

inline constexpr int kMinAgencyIdBytes = 2;
inline constexpr int kMaxAgencyIdBytes = 64;

// Whether `id` has the form of an agency's id: so many characters of a-z, 0-9, dot and hyphen. Such an id is
// also safe in a statement and in an answer.
bool IsAgencyId(std::string_view id);

// Whether `agency_id` is `of_agency_id` or stands below it. No agency, an empty id, is and has neither.
bool IsWithin(std::string_view agency_id, std::string_view of_agency_id);

// The agency next above, a part of `agency_id`; empty where its id names none, as for the root.
std::string_view ParentOf(std::string_view agency_id);

// The one so many levels above, from 1; the root where the id names fewer. No agency has only the root above
// it, and the root nobody: empty.
std::string_view SupervisorOf(std::string_view agency_id, int level);

}  // namespace lapor::report
