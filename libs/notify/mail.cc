#include "libs/notify/mail.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace lapor::notify {
namespace {

std::string Base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // NUL
  return text;
}

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n'; });
}

// RFC 2047, in words of at most 75 characters that each hold whole characters.
std::string HeaderText(std::string_view text) {
  if (IsPlain(text) && text.find('\n') == std::string_view::npos && text.find("=?") == std::string_view::npos)
    return std::string(text);
  constexpr size_t kMaxWordBytes = 42;
  std::string words;
  while (!text.empty()) {
    size_t end = std::min(kMaxWordBytes, text.size());
    while (end < text.size() && end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + Base64(text.substr(0, end)) + "?=";
    text.remove_prefix(end);
  }
  return words;
}

std::string InLines(const std::string& base64) {
  std::string lines;
  for (size_t at = 0; at < base64.size(); at += 76) lines += base64.substr(at, 76) + "\r\n";
  return lines;
}

std::string WithCrlf(std::string_view text) {
  std::string lines;
  for (const char c : text) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  return lines;
}

}  // namespace

bool IsMailAddress(std::string_view text) {
  if (text.size() > 254 || std::ranges::count(text, '@') != 1) return false;
  const size_t at = text.find('@');
  if (at == 0 || at + 1 == text.size() || text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
  });
}

std::string PhoneNumber(std::string_view text) {
  std::string number;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number += c;
    } else if (c == '+' && number.empty()) {
      number += c;
    } else if (std::string_view(" -.()").find(c) == std::string_view::npos) {
      return "";
    }
  }
  const size_t digits = number.size() - (number.starts_with('+') ? 1 : 0);
  return digits >= 7 && digits <= 15 ? number : "";
}

std::string ComposeMail(const Message& message, const std::string& from, absl::Time date) {
  const bool plain = IsPlain(message.text);
  const std::string to = message.to.size() == 1 ? message.to.front() : "undisclosed-recipients:;";
  return fmt::format(
             "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\n"
             "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n",
             from, to, HeaderText(message.subject),
             absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", date, absl::UTCTimeZone()), message.id,
             from.substr(from.find('@') + 1), plain ? "7bit" : "base64") +
         (plain ? WithCrlf(message.text) : InLines(Base64(message.text)));
}

}  // namespace lapor::notify
