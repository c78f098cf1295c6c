// What an agency is accountable for: a report or, where several agencies have a part of it, a child
// assignment. Its id is that of the report, for a child followed by a dot and its number: 7K3M9QXT2B54.1.
#pragma once

#include <string>
#include <string_view>

#include "libs/decision/refusal.h"

namespace lapor::report {

// Numbers of children are from 1 to this; a report seldom has more than three.
inline constexpr int kMaxChildren = 20;

struct AssignmentId {
  // The tracking id in canonical form.
  std::string report_id;
  // 0: the report itself.
  int child = 0;

  bool operator==(const AssignmentId&) const = default;
};

std::string ToString(std::string_view report_id, int child);

// What ToString made. Anything else is taken for the id of a report.
AssignmentId ParseAssignmentId(std::string_view id);

// Reads what somebody typed into the field `field` of a request, as CheckTrackingId does; of what is wrong
// adds to `refusals`.
AssignmentId CheckAssignmentId(const std::string& field, const std::string& typed,
                               decision::Refusals& refusals);

}  // namespace lapor::report
