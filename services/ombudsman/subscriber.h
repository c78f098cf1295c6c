#pragma once

#include <optional>

#include "lapor/event/v1/event.pb.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman {

// What an event means to the Ombudsman; nullopt for those that mean nothing. Pure.
std::optional<Command> OnEvent(const event::v1::Event& event);

}  // namespace lapor::ombudsman
