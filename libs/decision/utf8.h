#pragma once

#include <cstddef>
#include <string_view>

namespace lapor::decision {

// What a text is made of, found in one pass.
struct TextFacts {
  bool valid = true;  // UTF-8: no overlong forms, no surrogates; the rest holds only if it is
  size_t characters = 0;
  bool blank = true;         // nothing but spaces, line breaks and tabs
  bool line_breaks = false;  // line breaks or tabs
  bool controls = false;     // any other control character, U+0000 to U+001F and U+007F to U+009F
};
TextFacts Inspect(std::string_view text);

}  // namespace lapor::decision
