// How fast routing says who is competent, and how fast it knows the rules and the registry.
#pragma once

#include <filesystem>
#include <vector>

#include "tests/bench/figure.h"
#include "tools/lapor/session.h"

namespace lapor::bench {

// In this process, on one core: what routing does between a request and its answer, for every topic in places
// drawn from a seed, without words; and loading what it needs from the files.
std::vector<Figure> SuggestInProcess(const std::filesystem::path& policy_dir,
                                     const std::filesystem::path& reference_dir, int pairs);

// The same questions of a routing service, one at a time.
Figure SuggestOverGrpc(client::Session& session, const std::filesystem::path& policy_dir,
                       const std::filesystem::path& reference_dir);

}  // namespace lapor::bench
