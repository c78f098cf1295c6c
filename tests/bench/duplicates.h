// How fast intake finds the reports that may tell the same as one, and what it costs to make reports be
// found.
#pragma once

#include <filesystem>
#include <vector>

#include "tests/bench/figure.h"

namespace lapor::bench {

// In this process, on databases of its own: the same questions among a million reports, a hundred and ten
// thousand; and filing with the keys that reports are found by and without, into the big one.
std::vector<Figure> Duplicates(const std::filesystem::path& policy_dir,
                               const std::filesystem::path& reference_dir, int pairs);

}  // namespace lapor::bench
