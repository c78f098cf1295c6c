// The public name of a report: 11 random characters (55 bits, so that nobody finds reports by trying) and a
// check character, in Crockford's base32. The canonical form, 7K3M9QXT2B54, is the report's id everywhere
// inside; people see 7K3M-9QXT-2B54. Everything here is thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "libs/decision/refusal.h"

namespace lapor::report {

// A new one in canonical form, from the operating system's random numbers.
std::string NewTrackingId();

// As people see it.
std::string ShowTrackingId(std::string_view id);

enum class TrackingIdFault {
  kNone,
  // Not 12 characters, or characters that are never in one.
  kMalformed,
  // One character is wrong or two have changed places: somebody misread it. It is no id of any report.
  kCheckCharacter,
};

struct TrackingIdReading {
  std::string id;  // canonical; empty with a fault
  TrackingIdFault fault;
};

// Reads what somebody typed: in either case, with or without hyphens and spaces, O for 0, I and L for 1.
TrackingIdReading ReadTrackingId(std::string_view typed);

// The same for the field `field` of a request: the canonical id, or "" after adding to `refusals` what is
// wrong, which tells a misread id from one that never was one.
std::string CheckTrackingId(const std::string& field, const std::string& typed, decision::Refusals& refusals);

// The character that makes `random_part` a tracking id. It tells every single wrong character and every
// exchange of two characters, adjacent or not.
char CheckCharacter(std::string_view random_part);

}  // namespace lapor::report
