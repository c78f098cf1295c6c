#pragma once

#include <optional>

#include "lapor/event/v1/event.pb.h"
#include "services/followup/domain.h"

namespace lapor::followup {

// What an event means to a case, of a report or of a child assignment; nullopt for those that mean nothing.
// Pure.
std::optional<Command> OnEvent(const event::v1::Event& event);

}  // namespace lapor::followup
