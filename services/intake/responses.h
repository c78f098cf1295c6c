// The agency's answers, which are followup's: asked for a reader, never kept.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/followup/v1/followup.pb.h"
#include "libs/eventlog/peers.h"

namespace lapor::intake {

inline constexpr absl::Duration kResponsesDeadline = absl::Seconds(1);

// Asks for a report's responses without blocking, and calls back once, from any thread.
using AskResponses =
    std::function<void(const std::string& report_id, const std::string& traceparent,
                       std::function<void(absl::StatusOr<followup::v1::ListResponsesResponse>)> done)>;

// Asks the followup of --peer, within kResponsesDeadline. `peers` outlives the calls.
AskResponses AskFollowup(eventlog::Peers& peers);

}  // namespace lapor::intake
