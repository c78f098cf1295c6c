// The public name of a report: 11 random characters (55 bits, so that nobody finds reports by trying) and a
// check character, in Crockford's base32. The canonical form, 7K3M9QXT2B5H, is the report's id everywhere
// inside; people see 7K3M-9QXT-2B5H. Everything here is thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace lapor::intake {

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

// The character that makes `random_part` a tracking id. It tells every single wrong character and every
// exchange of two characters, adjacent or not.
char CheckCharacter(std::string_view random_part);

}  // namespace lapor::intake
