#include "libs/report/base32.h"

#include <array>

namespace lapor::report {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kGroupCharacters = 4;

constexpr std::array<int8_t, 256> kValues = [] {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return values;
}();

char Canonical(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

}  // namespace

char Base32Character(uint8_t value) { return kAlphabet[value % kAlphabet.size()]; }

int Base32Value(char canonical) { return kValues[static_cast<unsigned char>(canonical)]; }

std::optional<std::string> ReadBase32(std::string_view typed) {
  std::string canonical;
  canonical.reserve(typed.size());
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    const char read = Canonical(c);
    if (Base32Value(read) < 0) return std::nullopt;
    canonical.push_back(read);
  }
  return canonical;
}

std::string InGroups(std::string_view canonical) {
  std::string grouped;
  grouped.reserve(canonical.size() + canonical.size() / kGroupCharacters);
  for (size_t i = 0; i < canonical.size(); ++i) {
    if (i > 0 && i % kGroupCharacters == 0) grouped.push_back('-');
    grouped.push_back(canonical[i]);
  }
  return grouped;
}

}  // namespace lapor::report
