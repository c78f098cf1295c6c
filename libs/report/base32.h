// Crockford's base32: what people read out, type and copy by hand. 0-9 and A-Z without I, L, O and U.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lapor::report {

// The character of a value of five bits; higher bits are ignored.
char Base32Character(uint8_t value);

// The value, 0 to 31, of one of the 32 characters in its canonical form (upper case); -1 for anything else.
int Base32Value(char canonical);

// What somebody typed, in canonical form: upper case, without hyphens and spaces, O read as 0, I and L as 1.
// Nullopt when another character is in it.
std::optional<std::string> ReadBase32(std::string_view typed);

// In groups of four: 7K3M9QXT2B54 becomes 7K3M-9QXT-2B54.
std::string InGroups(std::string_view canonical);

}  // namespace lapor::report
