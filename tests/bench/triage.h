// Decisions of administrators on reports that wait for them, over gRPC and durable when answered.
#pragma once

#include "tests/bench/figure.h"
#include "tools/lapor/session.h"

namespace lapor::bench {

// Files reports, and then has as many administrators at once decide about many in a call, and about one in a
// call. Begins on empty databases; a round of either side takes a fifth of `seconds`.
absl::StatusOr<Figure> TriageDecisions(client::Session& session, int pairs, double seconds);

}  // namespace lapor::bench
