#include "libs/decision/utf8.h"

#include <cstdint>

namespace lapor::decision {
namespace {

// The length of the character that begins `bytes`, 2 to 4 bytes, and its code point; length 0 when it is not
// UTF-8.
struct Decoded {
  size_t length;
  uint32_t code_point;
};
Decoded DecodeMultibyte(std::string_view bytes) {
  constexpr Decoded kBad{0, 0};
  const auto lead = static_cast<uint8_t>(bytes[0]);
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return kBad;
  uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if ((byte & 0xC0) != 0x80) return kBad;
    code_point = code_point << 6 | (byte & 0x3F);
  }
  const bool overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return kBad;
  return {length, code_point};
}

}  // namespace

TextFacts Inspect(std::string_view text) {
  TextFacts facts;
  for (size_t i = 0; i < text.size(); ++facts.characters) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x80) {
      ++i;
      if (byte > ' ' && byte != 0x7F) {
        facts.blank = false;
      } else if (byte == '\n' || byte == '\r' || byte == '\t') {
        facts.line_breaks = true;
      } else if (byte != ' ') {
        facts.controls = true;
      }
      continue;
    }
    const Decoded decoded = DecodeMultibyte(text.substr(i));
    if (decoded.length == 0) {
      facts.valid = false;
      return facts;
    }
    if (decoded.code_point <= 0x9F) facts.controls = true;
    facts.blank = false;
    i += decoded.length;
  }
  return facts;
}

}  // namespace lapor::decision
