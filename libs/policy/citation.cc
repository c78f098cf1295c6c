#include "libs/policy/citation.h"

#include <fmt/format.h>

namespace lapor::policy {

std::vector<std::string> MissingOf(const v1::Citation& citation, std::string_view what) {
  std::vector<std::string> missing;
  if (citation.instrument().empty())
    missing.push_back(fmt::format("citation.instrument is missing: no {} without its source", what));
  if (!citation.confidence()) missing.emplace_back("citation.confidence is missing");
  return missing;
}

}  // namespace lapor::policy
