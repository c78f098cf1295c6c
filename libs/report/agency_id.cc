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

std::string_view ParentOf(std::string_view agency_id) {
  const size_t dot = agency_id.rfind('.');
  return dot == agency_id.npos ? std::string_view() : agency_id.substr(0, dot);
}

std::string_view SupervisorOf(std::string_view agency_id, int level) {
  if (agency_id == kRootAgencyId) return {};
  for (; level > 0 && !agency_id.empty(); --level) agency_id = ParentOf(agency_id);
  return agency_id.empty() ? kRootAgencyId : agency_id;
}

}  // namespace lapor::report
