// What an event means to figures.
#pragma once

#include <optional>

#include "lapor/event/v1/event.pb.h"
#include "services/reporting/domain.h"

namespace lapor::reporting {

// Nothing for events that no figure depends on.
std::optional<Command> OnEvent(const event::v1::Event& event);

}  // namespace lapor::reporting
