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

// What the Ombudsman's officers owe themselves.
inline bool IsOmbudsmanTerm(v1::Clock clock) {
  return clock == v1::CLOCK_OMBUDSMAN_CHECK || clock == v1::CLOCK_RAPID_RESPONSE;
}

// What a letter of the Ombudsman gives whoever it is addressed to: an agency, or somebody who is none.
inline bool IsLetterTerm(v1::Clock clock) {
  return clock == v1::CLOCK_CLARIFICATION || clock == v1::CLOCK_SECOND_CLARIFICATION ||
         clock == v1::CLOCK_SUMMONS || clock == v1::CLOCK_CORRECTIVE_ACTION ||
         clock == v1::CLOCK_RECOMMENDATION;
}

}  // namespace lapor::report
