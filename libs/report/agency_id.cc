#include "libs/report/agency_id.h"

namespace lapor::report {

bool IsWithin(std::string_view agency_id, std::string_view of_agency_id) {
  if (of_agency_id.empty() || !agency_id.starts_with(of_agency_id)) return false;
  return agency_id.size() == of_agency_id.size() || agency_id[of_agency_id.size()] == '.';
}

}  // namespace lapor::report
