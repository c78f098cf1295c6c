// What the rules of competence say: of a question, and of a report's way. Pure; the registry says which
// agencies there are. A reader of texts would add what it has read to the question; nothing here would
// change.
#pragma once

#include <vector>

#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/competence.h"
#include "services/routing/domain.h"
#include "services/routing/registry.h"

namespace lapor::routing {

inline constexpr int kDefaultSuggestions = 10;
inline constexpr int kMaxSuggestions = 50;

// What a route's codes ask; empty for codes that aren't recorded.
policy::Question QuestionOf(const Route& route);

// The best, at most `max`; of several the last is always who takes what no rule decides.
v1::SuggestRouteResponse Suggest(const policy::Competence& rules, const policy::Question& question,
                                 const Registry& registry, int max);

// Why the report is where it is. `handovers` are all of the report's, oldest first, and `hands` the same as
// GetRoute shows them.
v1::RouteExplanation Explain(const Route& route, const std::vector<Handover>& handovers, v1::Route hands,
                             const policy::Competence& rules, const Registry& registry);

}  // namespace lapor::routing
