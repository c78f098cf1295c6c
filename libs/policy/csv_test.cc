#include "libs/policy/csv.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"

namespace lapor::policy {
namespace {

struct Result {
  std::vector<CsvRow> rows;
  std::string errors;
};

// Reads `content` as columns a,b.
Result Read(std::string_view content) {
  DataDir dir;
  dir.Write("t.csv", content);
  Diagnostics diagnostics;
  Result result;
  result.rows = ReadCsv(dir.path() / "t.csv", {"a", "b"}, diagnostics);
  result.errors = Replace(std::string(diagnostics.status().message()), dir.path().string() + "/", "");
  return result;
}

TEST_CASE("rows come with the line on which they begin") {
  const Result result = Read("a,b\n1,2\r\n\"x\ny\",\"say \"\"ja\"\", please\"\n,");
  REQUIRE(result.errors.empty());
  REQUIRE(result.rows.size() == 3);
  CHECK(result.rows[0].line == 2);
  CHECK(result.rows[0].fields == std::vector<std::string>{"1", "2"});
  CHECK(result.rows[1].line == 3);
  CHECK(result.rows[1].fields == std::vector<std::string>{"x\ny", "say \"ja\", please"});
  CHECK(result.rows[2].line == 5);
  CHECK(result.rows[2].fields == std::vector<std::string>{"", ""});
}

TEST_CASE("a header alone has no rows and no errors") {
  const Result result = Read("a,b\n");
  CHECK(result.rows.empty());
  CHECK(result.errors.empty());
}

TEST_CASE("what is not strict CSV is told with its line") {
  CHECK(Read("").errors == "t.csv:1: the header must be a,b");
  CHECK(Read("b,a\n").errors == "t.csv:1: the header must be a,b");
  CHECK(Read("a,b,c\n").errors == "t.csv:1: the header must be a,b");
  CHECK(Read("a,b\n1\n").errors == "t.csv:2: has 1 fields; the header has 2");
  CHECK(Read("a,b\n1,2,3\n").errors == "t.csv:2: has 3 fields; the header has 2");
  CHECK(Read("a,b\n\n1,2\n").errors == "t.csv:2: has 1 fields; the header has 2");
  CHECK(Read("a,b\n1,x\"y\n").errors ==
        "t.csv:2: a quote inside a field that does not begin with one; quote the field and double the quote");
  CHECK(Read("a,b\n1,\"x\"y\n").errors ==
        "t.csv:2: a quoted field must end at a comma or the end of the line");
  CHECK(Read("a,b\n1,2\n1,\"x\n").errors == "t.csv:4: a quoted field is not closed");
  CHECK(Read("a,b\n1, 2\n").errors == "t.csv:2: ' 2' begins or ends with a space");
  CHECK(Read("a,b\n1,2 \n").errors == "t.csv:2: '2 ' begins or ends with a space");
}

TEST_CASE("one bad row does not hide the next, nor the good ones") {
  const Result result = Read("a,b\n1,x\"y\n1\n3,4\n");
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0].line == 4);
  CHECK(result.errors ==
        "t.csv:2: a quote inside a field that does not begin with one; quote the field and double the quote\n"
        "t.csv:3: has 1 fields; the header has 2");
}

TEST_CASE("only well-formed UTF-8 is read") {
  CHECK(Read("a,b\nKab. Bogor,\xE2\x82\xAC \xF0\x9F\x98\x80\n").errors.empty());
  for (const char* bad :
       {"\xFF", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    CHECK(Read(std::string("a,b\n1,") + bad).errors == "t.csv: is not UTF-8");
  }
}

TEST_CASE("a missing file and an oversized one are told") {
  DataDir dir;
  Diagnostics missing;
  ReadCsv(dir.path() / "no.csv", {"a"}, missing);
  CHECK(missing.status().message() == dir.File("no.csv") + ": cannot be read: No such file or directory");

  dir.Write("big.csv", "a\n");
  std::filesystem::resize_file(dir.path() / "big.csv", kMaxDataFileBytes + 1);
  Diagnostics big;
  ReadCsv(dir.path() / "big.csv", {"a"}, big);
  CHECK(big.status().message() == dir.File("big.csv") + ": has 16777217 bytes; at most 16777216 are read");
}

TEST_CASE("a flood of diagnostics is cut, and says so") {
  Diagnostics diagnostics;
  for (int line = 1; line <= 23; ++line) diagnostics.Add("f", line, "bad");
  const std::string text(diagnostics.status().message());
  CHECK(text.find("f:20: bad\nand 3 more") != text.npos);
  CHECK(text.find("f:21") == text.npos);
}

}  // namespace
}  // namespace lapor::policy
