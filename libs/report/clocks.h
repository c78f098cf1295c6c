// Whose the clocks are.
#pragma once

#include "lapor/report/v1/report.pb.h"

namespace lapor::report {

// The terms that the law gives the agency which holds a report: those of administrators, reporters and the
// Ombudsman are no breach of an agency; nor is, in law, what it promised itself, or the term of who decides
// an appeal against it.
inline bool IsAgencyTerm(v1::Clock clock) {
  return clock == v1::CLOCK_FIRST_RESPONSE || clock == v1::CLOCK_RESOLUTION;
}

}  // namespace lapor::report
