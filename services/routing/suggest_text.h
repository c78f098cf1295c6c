// Who is competent for a report of which not only codes are known, but the text, too. Pure.
#pragma once

#include <string>

#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/competence.h"
#include "libs/reading/reader.h"
#include "services/routing/registry.h"

namespace lapor::routing {

// As Suggest, for `question` with what `reader` makes of the text; and what that is.
v1::SuggestRouteResponse SuggestByText(const policy::Competence& rules, policy::Question question,
                                       const reading::Reader& reader, const std::string& text,
                                       const Registry& registry, int max_suggestions);

}  // namespace lapor::routing
