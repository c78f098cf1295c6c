#include "libs/pg/params.h"

#include <catch2/catch.hpp>

namespace lapor::pg {
namespace {

using namespace std::string_literals;
using Values = std::vector<std::optional<std::string>>;

template <typename... T>
std::string ArrayOf(const T&... elements) {
  Array array;
  (array.Add(elements), ...);
  return array.text();
}

}  // namespace

TEST_CASE("An array without elements is empty, not null") { CHECK(ArrayOf() == "{}"); }

TEST_CASE("Array text keeps quotes, backslashes, separators and UTF-8") {
  CHECK(ArrayOf("plain") == R"({"plain"})");
  CHECK(ArrayOf("", "a,b", "{c}", " d ", "e\nf") == "{\"\",\"a,b\",\"{c}\",\" d \",\"e\nf\"}");
  CHECK(ArrayOf(R"(say "hi")") == R"({"say \"hi\""})");
  CHECK(ArrayOf(R"(C:\dir\)") == R"({"C:\\dir\\"})");
  CHECK(ArrayOf(R"("\)") == R"({"\"\\"})");
  CHECK(ArrayOf("Jalan rusak — ✓") == R"({"Jalan rusak — ✓"})");
}

TEST_CASE("The word NULL in an array is text, and AddNull is null") {
  Array array;
  array.Add("NULL");
  array.AddNull();
  array.Add(std::optional<std::string>());
  array.Add(std::optional<std::string>("x"));
  CHECK(array.text() == R"({"NULL",NULL,NULL,"x"})");
  CHECK(array.size() == 4);
}

TEST_CASE("An array holds numbers, booleans, times and bytes") {
  CHECK(ArrayOf(1, int64_t{-9}, uint16_t{7}) == "{1,-9,7}");
  CHECK(ArrayOf(true, false) == "{t,f}");
  CHECK(ArrayOf(0.5, -2.0) == "{0.5,-2}");
  CHECK(ArrayOf(absl::UnixEpoch(), absl::InfiniteFuture()) == R"({"1970-01-01 00:00:00+00","infinity"})");
  CHECK(ArrayOf(Bytes{"\0\x7f\xff\"\\"s}, Bytes{""}) == R"({"\\x007fff225c","\\x"})");
}

TEST_CASE("Parameters keep their order, and nothing is added for nothing") {
  CHECK(Params().values().empty());
  CHECK(Params(1, "two", std::string("three"), true, 4.5).values() ==
        Values{"1", "two", "three", "t", "4.5"});
}

TEST_CASE("A parameter without value is null, an empty one is not") {
  CHECK(Params(std::nullopt, std::optional<int64_t>(), std::optional<int64_t>(3), "", Bytes{""}).values() ==
        Values{std::nullopt, std::nullopt, "3", "", "\\x"});
}

TEST_CASE("A parameter's text is not escaped, its bytes are hex, its array is whole") {
  Array array;
  array.Add("a");
  CHECK(Params(R"("\)", Bytes{"\0"s}, absl::UnixEpoch(), array).values() ==
        Values{R"("\)", "\\x00", "1970-01-01 00:00:00+00", R"({"a"})"});
}

TEST_CASE("The first parameter with a NUL byte in its text is pointed out") {
  Array clean;
  clean.Add(Bytes{"\0"s});
  Array dirty;
  dirty.Add("fine");
  dirty.Add("a\0b"s);
  CHECK(Params(clean, Bytes{"\0"s}, "x").nul_in() == std::nullopt);
  CHECK(Params(clean, dirty).nul_in() == 2);
  CHECK(Params("a\0b"s, dirty).nul_in() == 1);
}

}  // namespace lapor::pg
