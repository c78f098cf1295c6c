#include "libs/pg/text_format.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/time/civil_time.h"

namespace lapor::pg {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// "00" to "ff", and back: one look-up a byte.
constexpr std::array<std::array<char, 2>, 256> kHexOfByte = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = {digits[i >> 4], digits[i & 15]};
  return table;
}();

constexpr int kNoDigit = -1;
constexpr std::array<int, 256> kDigitOfHex = [] {
  std::array<int, 256> table{};
  table.fill(kNoDigit);
  for (int i = 0; i < 10; ++i) table['0' + i] = i;
  for (int i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = 10 + i;
  return table;
}();

// Appends with leading zeros up to `width`.
void AppendPadded(int64_t value, int width, std::string& out) {
  for (int64_t bound = 10; --width > 0; bound *= 10) {
    if (value < bound) out.push_back('0');
  }
  AppendInt(value, out);
}

template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  T value;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// Walks over the text of a time. After the first mismatch `ok` is false and nothing more is taken.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  bool Take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void Need(char c) { ok = ok && Take(c); }

  // A number of min to max digits within [low, high].
  int64_t Number(size_t min_digits, size_t max_digits, int64_t low, int64_t high) {
    int64_t value = 0;
    size_t digits = 0;
    while (digits < max_digits && digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') {
      value = value * 10 + (rest[digits++] - '0');
    }
    rest.remove_prefix(digits);
    ok = ok && digits >= min_digits && value >= low && value <= high;
    return value;
  }

  // What follows the point of the seconds, in microseconds.
  int64_t Fraction() {
    const size_t before = rest.size();
    int64_t micros = Number(1, 6, 0, kMicrosPerSecond - 1);
    for (size_t digits = before - rest.size(); digits < 6; ++digits) micros *= 10;
    return micros;
  }
};

}  // namespace

void AppendInt(int64_t value, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void AppendDouble(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";  // to_chars may say -nan, which PostgreSQL refuses
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void AppendTime(absl::Time value, std::string& out) {
  if (value == absl::InfiniteFuture()) {
    out += "infinity";
    return;
  }
  if (value == absl::InfinitePast()) {
    out += "-infinity";
    return;
  }
  const int64_t micros = absl::ToUnixMicros(value);
  int64_t days = micros / kMicrosPerDay;
  if (micros % kMicrosPerDay < 0) --days;
  const int64_t of_day = micros - days * kMicrosPerDay;
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + days;

  const bool before_christ = date.year() <= 0;  // there is no year 0: 1 BC comes before 1
  AppendPadded(before_christ ? 1 - date.year() : date.year(), 4, out);
  out.push_back('-');
  AppendPadded(date.month(), 2, out);
  out.push_back('-');
  AppendPadded(date.day(), 2, out);
  out.push_back(' ');
  const int64_t seconds = of_day / kMicrosPerSecond;
  AppendPadded(seconds / 3600, 2, out);
  out.push_back(':');
  AppendPadded(seconds / 60 % 60, 2, out);
  out.push_back(':');
  AppendPadded(seconds % 60, 2, out);
  if (const int64_t fraction = of_day % kMicrosPerSecond; fraction != 0) {
    out.push_back('.');
    AppendPadded(fraction, 6, out);
  }
  out += before_christ ? "+00 BC" : "+00";
}

void AppendHex(std::string_view bytes, std::string& out) {
  const size_t start = out.size();
  out.resize(start + 2 + 2 * bytes.size());
  char* to = out.data() + start;
  *to++ = '\\';
  *to++ = 'x';
  for (const char byte : bytes) {
    const auto& hex = kHexOfByte[static_cast<unsigned char>(byte)];
    *to++ = hex[0];
    *to++ = hex[1];
  }
}

std::optional<int64_t> ParseInt(std::string_view text) { return ParseWhole<int64_t>(text); }

std::optional<double> ParseDouble(std::string_view text) { return ParseWhole<double>(text); }

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "t") return true;
  if (text == "f") return false;
  return std::nullopt;
}

std::optional<std::string> ParseHex(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  text.remove_prefix(2);
  std::string bytes(text.size() / 2, '\0');
  int invalid = 0;  // a sign bit once any digit had one
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = kDigitOfHex[static_cast<unsigned char>(text[2 * i])];
    const int low = kDigitOfHex[static_cast<unsigned char>(text[2 * i + 1])];
    invalid |= high | low;
    bytes[i] = static_cast<char>((high * 16) | low);
  }
  if (invalid < 0) return std::nullopt;
  return bytes;
}

std::optional<absl::Time> ParseTime(std::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();

  Scanner scan{text};
  int64_t year = scan.Number(4, 6, 1, 294'276);
  scan.Need('-');
  const int64_t month = scan.Number(2, 2, 1, 12);
  scan.Need('-');
  const int64_t day = scan.Number(2, 2, 1, 31);

  int64_t of_day = 0;
  if (scan.ok && scan.Take(' ') && !scan.rest.starts_with("BC")) {
    const int64_t hour = scan.Number(2, 2, 0, 23);
    scan.Need(':');
    const int64_t minute = scan.Number(2, 2, 0, 59);
    scan.Need(':');
    const int64_t second = scan.Number(2, 2, 0, 59);
    of_day = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
    if (scan.Take('.')) of_day += scan.Fraction();

    const bool west = scan.Take('-');
    if (west || scan.Take('+')) {
      int64_t offset = scan.Number(2, 2, 0, 15) * 3600;
      if (scan.Take(':')) offset += scan.Number(2, 2, 0, 59) * 60;
      if (scan.Take(':')) offset += scan.Number(2, 2, 0, 59);
      of_day += (west ? offset : -offset) * kMicrosPerSecond;
    }
    scan.Take(' ');
  }
  if (scan.rest == "BC") {
    year = 1 - year;
    scan.rest = {};
  }
  if (!scan.ok || !scan.rest.empty()) return std::nullopt;

  const absl::CivilDay date(year, month, day);
  if (date.day() != day) return std::nullopt;  // civil time would have made 1 March of 30 February
  return absl::FromUnixMicros((date - absl::CivilDay(1970, 1, 1)) * kMicrosPerDay + of_day);
}

}  // namespace lapor::pg
