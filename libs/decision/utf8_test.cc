#include "libs/decision/utf8.h"

#include <catch2/catch.hpp>
#include <string>

namespace lapor::decision {
namespace {

TEST_CASE("characters are counted, not bytes") {
  CHECK(Inspect("").characters == 0);
  CHECK(Inspect("abc").characters == 3);
  CHECK(Inspect("caf\u00e9 \u2014 \U0001F6A7").characters == 8);
}

TEST_CASE("what is not UTF-8 is told") {
  for (const std::string text : {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xC1\xBF", "\xE2\x82", "\xE0\x9F\xBF",
                                 "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                                 "\xF5\x80\x80\x80", "\xFF", "ok\xFE", "caf\xE9 latin"}) {
    CAPTURE(text);
    CHECK_FALSE(Inspect(text).valid);
  }
}

TEST_CASE("the ends of every length are UTF-8") {
  for (const std::string text : {"\x7E", "\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    CHECK(Inspect(text).valid);
    CHECK(Inspect(text).characters == 1);
    CHECK_FALSE(Inspect(text).controls);
  }
}

TEST_CASE("control characters are told from line breaks and tabs") {
  CHECK(Inspect("a\nb").line_breaks);
  CHECK(Inspect("a\tb\r").line_breaks);
  CHECK_FALSE(Inspect("a\nb").controls);
  for (const std::string& text : {std::string(1, '\0'), std::string("\x1b"), std::string("\x7f"),
                                  std::string("\x08"), std::string("\xC2\x80"), std::string("\xC2\x9F")}) {
    CHECK(Inspect(text).controls);
    CHECK_FALSE(Inspect(text).line_breaks);
  }
}

TEST_CASE("a text of nothing but spaces and line breaks is blank") {
  CHECK(Inspect("").blank);
  CHECK(Inspect(" \n\t ").blank);
  CHECK_FALSE(Inspect(" a ").blank);
  CHECK_FALSE(Inspect("\u00e9").blank);
}

}  // namespace
}  // namespace lapor::decision
