// What roles have in common.
#pragma once

#include <string>

#include "lapor/report/v1/report.pb.h"
#include "libs/report/agency_id.h"

namespace lapor::report {

// The people of one agency, who act for it.
inline bool IsOfAgency(v1::Role role) { return role == v1::ROLE_OFFICER || role == v1::ROLE_AGENCY_ADMIN; }

// For which agency somebody acts who has that role, in that agency if in any: triage, and arbiters without an
// agency, are the national administrator's. Empty for who acts for none.
inline std::string AgencyOf(v1::Role role, const std::string& agency_id) {
  const bool national = role == v1::ROLE_TRIAGE || role == v1::ROLE_ARBITER;
  return agency_id.empty() && national ? kRootAgencyId : agency_id;
}

}  // namespace lapor::report
