// Whether the figures are what their reports make them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/pool.h"

namespace lapor::reporting {

struct Verification {
  // Differences beyond these are not told.
  static constexpr size_t kMaxDifferences = 1000;

  int64_t counts_compared = 0;
  // As "agency id.32.73 closed: kept 12, recomputed 13".
  std::vector<std::string> differences;
};

// Sums Cells() over all reports and compares with the cells that are kept, all as of one moment; locks
// nothing and changes nothing. Takes about a second per million reports; memory is that of the cells. Errors
// are those of pg::Pool.
absl::StatusOr<Verification> VerifyFigures(pg::Pool& pool);

}  // namespace lapor::reporting
