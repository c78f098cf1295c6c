// What happened, in the words of the house: a sentence an event. Pure; thread-safe, as far as the given
// AgencyName is.
#pragma once

#include <functional>
#include <string>

#include "lapor/event/v1/event.pb.h"
#include "libs/telling/days.h"

namespace lapor::telling {

// The name of an agency by its id; the id itself where it isn't known.
using AgencyName = std::function<std::string(const std::string& agency_id)>;

// One event as a sentence, as "Assigned (disposisi) to Dinas Kesehatan Kota Bandung"; of a child assignment
// behind
// "[part 1] ". Days of due dates are those of `days`, the zone of the agency that the clocks run for.
std::string Describe(const event::v1::Event& event, const Zone& days, const AgencyName& name);

// The id under which the words that belong to an event are kept, in intake or followup; empty for none.
std::string MessageIdOf(const event::v1::Event& event);

}  // namespace lapor::telling
