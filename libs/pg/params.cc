#include "libs/pg/params.h"

namespace lapor::pg {

std::string& Array::Next() {
  if (size_++ > 0) text_.push_back(',');
  return text_;
}

void Array::Add(absl::Time value) {
  std::string& out = Next();
  out.push_back('"');
  AppendTime(value, out);
  out.push_back('"');
}

// Always quoted, so that an empty text, one that reads NULL, and one with commas, braces or spaces stay what
// they are; within the quotes only the quote itself and the backslash are special.
void Array::Add(std::string_view text) {
  std::string& out = Next();
  out.push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out.append(text, copied, i - copied);
      out.push_back('\\');
      copied = i;
    } else if (c == '\0') {
      has_nul_ = true;
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

void Array::AddBytes(std::string_view bytes) {
  std::string& out = Next();
  out += "\"\\";  // the array's own escape before the one of \x
  AppendHex(bytes, out);
  out.push_back('"');
}

Params& Params::Add(absl::Time value) {
  AppendTime(value, Next());
  return *this;
}

Params& Params::Add(std::string_view text) {
  Next() = text;
  NoteNul(text.find('\0') != std::string_view::npos);
  return *this;
}

Params& Params::Add(Bytes bytes) {
  AppendHex(bytes.value, Next());
  return *this;
}

Params& Params::Add(Array array) {
  array.text_.push_back('}');
  Next() = std::move(array.text_);
  NoteNul(array.has_nul_);
  return *this;
}

}  // namespace lapor::pg
