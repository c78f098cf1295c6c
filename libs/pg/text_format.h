// PostgreSQL's text format of the types that lapor uses, both ways. The session settings that Pool makes (ISO
// dates, UTC, hex bytea) are what the readers expect first; other forms that a server may send are read too.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace lapor::pg {

// Each appends the value to `out`. No quoting: none of these holds a character that needs it, but a time
// holds a space.
void AppendInt(int64_t value, std::string& out);
void AppendDouble(double value, std::string& out);
// Kept to the microsecond, rounded down. The infinite ends of absl::Time are PostgreSQL's.
void AppendTime(absl::Time value, std::string& out);
// As \x00ff.
void AppendHex(std::string_view bytes, std::string& out);

// Each gives nullopt when `text` isn't such a value, or doesn't fit.
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);
std::optional<bool> ParseBool(std::string_view text);
std::optional<std::string> ParseHex(std::string_view text);
// timestamptz as '2024-02-29 23:59:59.123456+00', with any offset and any year; a timestamp without offset is
// taken as UTC, a date as its first moment.
std::optional<absl::Time> ParseTime(std::string_view text);

}  // namespace lapor::pg
