// What every entry of the policy data has to say about its source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lapor/policy/v1/policy.pb.h"

namespace lapor::policy {

// What is missing; nothing when all is there. `what` has the source, as "number".
std::vector<std::string> MissingOf(const v1::Citation& citation, std::string_view what);

}  // namespace lapor::policy
