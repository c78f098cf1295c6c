// What people say of a report, and what they attach, as every service takes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lapor/report/v1/report.pb.h"
#include "libs/decision/refusal.h"

namespace lapor::report {

// Of a report's description, of messages and of answers.
inline constexpr size_t kMaxTextCharacters = 20'000;
inline constexpr int64_t kMaxAttachmentBytes = 100 << 20;
inline constexpr size_t kMaxMediaTypeCharacters = 127;
inline constexpr size_t kMaxUriCharacters = 2048;

// A line has no control characters; a text may hold line breaks and tabs. `required` ones are not blank.
enum class TextForm { kLine, kText };
void CheckText(const std::string& field, const std::string& text, TextForm form, size_t max_characters,
               bool required, decision::Refusals& refusals);

// A reference that can be checked and fetched; `path` is the field that holds it, as "evidence[0]".
void CheckAttachment(const std::string& path, const v1::Attachment& attachment, decision::Refusals& refusals);

}  // namespace lapor::report
