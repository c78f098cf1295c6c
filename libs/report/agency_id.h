// The ids of agencies, whose registry is routing's. An id says what it is below: id.32.73.dinkes is a unit of
// id.32.73, which id.32 coordinates, and all are below the root. What the registry says beyond that
// (provinces are below the Ministry of Home Affairs, too) is known to routing alone.
#pragma once

#include <string_view>

namespace lapor::report {

// The national administrator.
inline constexpr char kRootAgencyId[] = "id";

// Whether `agency_id` is `of_agency_id` or stands below it. No agency, an empty id, is and has neither.
bool IsWithin(std::string_view agency_id, std::string_view of_agency_id);

}  // namespace lapor::report
