// What the events of other services mean to intake.
#pragma once

#include <optional>

#include "lapor/event/v1/event.pb.h"
#include "services/intake/domain.h"

namespace lapor::intake {

// A command for every event of another service about a report, so that the timeline is whole; nothing for
// intake's own, which are in the timeline since they were decided, and for those about agencies. Pure.
std::optional<Command> OnEvent(const event::v1::Event& event);

}  // namespace lapor::intake
