// The words of a report, which are intake's: asked for one suggestion, never kept.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/eventlog/peers.h"

namespace lapor::routing {

inline constexpr absl::Duration kTextDeadline = absl::Seconds(1);
// One more is RESOURCE_EXHAUSTED: the threads that wait for texts are those that read everything else too.
inline constexpr int kMaxTextsAtOnce = 2;

// The title and the description, with what was added to it. Blocks, at most kTextDeadline. UNAVAILABLE when
// intake doesn't answer; NOT_FOUND when it doesn't know the report.
using AskText =
    std::function<absl::StatusOr<std::string>(const std::string& report_id, const std::string& traceparent)>;

// Asks the intake of --peer. `peers` outlives the calls.
AskText AskIntake(eventlog::Peers& peers);

}  // namespace lapor::routing
