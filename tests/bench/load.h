// Load on intake over gRPC: many calls in flight, each report new.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/lapor/session.h"

namespace lapor::bench {

struct Load {
  // Calls in flight at once.
  int in_flight = 256;
  absl::Duration duration = absl::Seconds(5);
  // Calls begun a second, evenly; 0: as many as `in_flight` allows.
  double rate = 0;
};

struct Loaded {
  double per_second = 0;
  // Of each answered call; with a rate, from the moment it was due to begin.
  std::vector<double> latencies_ms;
};

// UNKNOWN with the first error if any call fails.
absl::StatusOr<Loaded> SubmitReports(client::Session& session, const Load& load);

}  // namespace lapor::bench
