#include "libs/report/agency_id.h"

namespace lapor::report {

bool IsAgencyId(std::string_view id) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  return id.size() >= kMinAgencyIdBytes && id.size() <= kMaxAgencyIdBytes &&
         id.find_first_not_of(kAllowed) == id.npos;
}

bool IsWithin(std::string_view agency_id, std::string_view of_agency_id) {
  if (of_agency_id.empty() || !agency_id.starts_with(of_agency_id)) return false;
  return agency_id.size() == of_agency_id.size() || agency_id[of_agency_id.size()] == '.';
}

}  // namespace lapor::report
