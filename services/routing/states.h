// Short names of the states, for the files that decide by them.
#pragma once

#include "lapor/routing/v1/routing.pb.h"

namespace lapor::routing {

inline constexpr auto kUnknown = v1::ROUTE_STATE_UNSPECIFIED;
inline constexpr auto kAwaitingTriage = v1::ROUTE_STATE_AWAITING_TRIAGE;
inline constexpr auto kAwaitingCompletion = v1::ROUTE_STATE_AWAITING_COMPLETION;
inline constexpr auto kVerified = v1::ROUTE_STATE_VERIFIED;
inline constexpr auto kAssigned = v1::ROUTE_STATE_ASSIGNED;
inline constexpr auto kAccepted = v1::ROUTE_STATE_ACCEPTED;
inline constexpr auto kReturned = v1::ROUTE_STATE_RETURNED;
inline constexpr auto kInArbitration = v1::ROUTE_STATE_IN_ARBITRATION;
inline constexpr auto kArchived = v1::ROUTE_STATE_ARCHIVED;
inline constexpr auto kEnded = v1::ROUTE_STATE_ENDED;
inline constexpr auto kMerged = v1::ROUTE_STATE_MERGED;

}  // namespace lapor::routing
