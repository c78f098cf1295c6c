// How fast due deadlines fire, and what those cost that aren't due.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/figure.h"

namespace lapor::bench {

// In this process, on databases of its own: due scan, executor and journal as every service has them, over
// the smallest case there is, and over follow-up's. `graphile_dir` holds worker.mjs of tests/bench/graphile
// and what it needs; without it there is no figure against it.
std::vector<Figure> Deadlines(const std::string& graphile_dir, const std::string& policy_dir,
                              const std::string& reference_dir, int pairs);

}  // namespace lapor::bench
