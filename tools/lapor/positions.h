// Where the suite's journals, relays and inboxes stand, and whether anything is still on its way.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/lapor/session.h"

namespace lapor::client {

// By service.
using Positions = std::map<std::string, backbone::v1::GetPositionsResponse>;

// Asks all services, at once. An error names the service and its address.
absl::StatusOr<Positions> ReadPositions(Session& session);

// Events that `producer` wrote and the broker has not acknowledged.
int64_t Unrelayed(const Positions& positions, const std::string& producer);
// Events that `producer` wrote and `consumer` has not applied.
int64_t Unapplied(const Positions& positions, const std::string& producer, const std::string& consumer);
// What is held in quarantines.
int64_t Quarantined(const Positions& positions);

// Waits until nothing is on its way: every event is relayed and applied by every service, twice in a row with
// the same positions, so that nothing new came of it either. Gives those positions; DEADLINE_EXCEEDED after
// `limit`, with what is still behind. Says nothing about deadlines that are due and about calls that are
// being made.
absl::StatusOr<Positions> AwaitQuiet(Session& session, absl::Duration limit);

}  // namespace lapor::client
