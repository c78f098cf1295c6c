#include "libs/report/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "libs/decision/utf8.h"

namespace lapor::report {
namespace {

using decision::Refusals;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsLetterOrDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsPrintable(char c) { return c > ' ' && c < 0x7F; }
bool IsTokenCharacter(char c) {
  return IsLetterOrDigit(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
}

// type/subtype, RFC 6838 section 4.2, without parameters.
bool IsMediaType(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.size() > kMaxMediaTypeCharacters) return false;
  const auto is_name = [](std::string_view name) {
    return !name.empty() && IsLetterOrDigit(name.front()) && std::ranges::all_of(name, IsTokenCharacter);
  };
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

// An https URL with a host, or a key without any scheme.
bool IsAttachmentUri(std::string_view text) {
  constexpr std::string_view kHttps = "https://";
  if (text.empty() || text.size() > kMaxUriCharacters || !std::ranges::all_of(text, IsPrintable))
    return false;
  if (text.starts_with(kHttps)) return text.size() > kHttps.size() && text[kHttps.size()] != '/';
  return text.find(':') == std::string_view::npos;
}

}  // namespace

void CheckText(const std::string& field, const std::string& text, TextForm form, size_t max_characters,
               bool required, Refusals& refusals) {
  if (text.empty() && !required) return;
  const decision::TextFacts facts = decision::Inspect(text);
  if (!facts.valid) {
    refusals.Add(field, "is not UTF-8", "encode it as UTF-8");
    return;
  }
  if (facts.characters > max_characters) {
    refusals.Add(field, fmt::format("has more than {} characters", max_characters),
                 max_characters == kMaxTextCharacters ? "shorten it; attach longer material by reference"
                                                      : "shorten it");
  }
  if (facts.controls || (form == TextForm::kLine && facts.line_breaks)) {
    refusals.Add(field,
                 form == TextForm::kLine ? "holds line breaks or other control characters"
                                         : "holds control characters other than line breaks and tabs",
                 "leave them out");
  } else if (facts.blank) {
    refusals.Add(
        field, required ? "is required" : "is blank",
        fmt::format("give 1 to {} characters{}", max_characters, required ? "" : ", or leave it out"));
  }
}

void CheckAttachment(const std::string& path, const v1::Attachment& attachment, Refusals& refusals) {
  if (attachment.sha256().size() != 64 || !std::ranges::all_of(attachment.sha256(), IsLowerHex)) {
    refusals.Add(path + ".sha256", "must be 64 lower-case hexadecimal digits",
                 "give the SHA-256 of the file's content");
  }
  if (attachment.size_bytes() < 1 || attachment.size_bytes() > kMaxAttachmentBytes) {
    refusals.Add(path + ".size_bytes", fmt::format("must be 1 to {}", kMaxAttachmentBytes),
                 "give the file's size; split or compress a larger one");
  }
  if (!IsMediaType(attachment.media_type())) {
    refusals.Add(path + ".media_type",
                 fmt::format("must be a media type of at most {} characters", kMaxMediaTypeCharacters),
                 "give type and subtype without parameters, as image/jpeg");
  }
  if (!IsAttachmentUri(attachment.uri())) {
    refusals.Add(
        path + ".uri",
        fmt::format("must be an https URL or a key of the attachment store, of 1 to {} printable ASCII "
                    "characters without spaces",
                    kMaxUriCharacters),
        "store the file first, and give the address at which it is fetched");
  }
}

}  // namespace lapor::report
