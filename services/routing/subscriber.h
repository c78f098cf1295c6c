// What the other services' events and our own deadlines mean to routing.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "services/routing/domain.h"

namespace lapor::routing {

// Nothing, mostly.
std::optional<Command> OnEvent(const event::v1::Event& event);

// Of the clocks that routing sets.
Command OnDeadline(report::v1::Clock clock, absl::Time due_at, int child);

}  // namespace lapor::routing
