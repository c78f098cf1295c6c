// Which other reports may tell the same as one. Looks at a bounded number of them, however many there are:
// those found by its words (store.h: FindAlike) and the newest of its place and topic, judged one by one.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "lapor/intake/v1/intake.pb.h"
#include "libs/pg/tx.h"
#include "services/intake/domain.h"
#include "services/intake/likeness.h"

namespace lapor::intake {

// Older ones are left out.
inline constexpr absl::Duration kDuplicatesWithin = absl::Hours(180 * 24);

// The likeliest first. A merged report stands for its lead. None that was withdrawn or archived, none that
// follows `asked` and none that `asked` follows.
std::vector<v1::DuplicateCandidate> FindDuplicates(pg::Tx& tx, const Report& asked,
                                                   const Vocabulary& vocabulary, absl::Time now,
                                                   size_t max_candidates);

}  // namespace lapor::intake
