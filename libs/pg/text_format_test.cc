#include "libs/pg/text_format.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace lapor::pg {
namespace {

std::string Written(absl::Time time) {
  std::string out;
  AppendTime(time, out);
  return out;
}

std::string Written(double value) {
  std::string out;
  AppendDouble(value, out);
  return out;
}

absl::Time Utc(int64_t year, int month, int day, int hour, int minute, int second, int64_t micros = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone()) +
         absl::Microseconds(micros);
}

}  // namespace

TEST_CASE("A time is written as PostgreSQL writes it") {
  CHECK(Written(Utc(2024, 2, 29, 7, 5, 9)) == "2024-02-29 07:05:09+00");
  CHECK(Written(Utc(2024, 2, 29, 23, 59, 59, 123456)) == "2024-02-29 23:59:59.123456+00");
  CHECK(Written(Utc(2024, 2, 29, 0, 0, 0, 42)) == "2024-02-29 00:00:00.000042+00");
  CHECK(Written(Utc(1969, 12, 31, 23, 59, 59, 999999)) == "1969-12-31 23:59:59.999999+00");
  CHECK(Written(Utc(987, 1, 2, 0, 0, 0)) == "0987-01-02 00:00:00+00");
  CHECK(Written(Utc(12024, 1, 2, 0, 0, 0)) == "12024-01-02 00:00:00+00");
  CHECK(Written(Utc(0, 12, 31, 0, 0, 0)) == "0001-12-31 00:00:00+00 BC");
  CHECK(Written(absl::InfiniteFuture()) == "infinity");
  CHECK(Written(absl::InfinitePast()) == "-infinity");
}

TEST_CASE("A time between two microseconds is rounded down, before 1970 too") {
  CHECK(Written(absl::UnixEpoch() + absl::Nanoseconds(1999)) == "1970-01-01 00:00:00.000001+00");
  CHECK(Written(absl::UnixEpoch() - absl::Nanoseconds(1)) == "1969-12-31 23:59:59.999999+00");
}

TEST_CASE("A time is read in every form PostgreSQL writes") {
  CHECK(ParseTime("2024-02-29 23:59:59+00") == Utc(2024, 2, 29, 23, 59, 59));
  CHECK(ParseTime("2024-02-29 23:59:59.123456+00") == Utc(2024, 2, 29, 23, 59, 59, 123456));
  CHECK(ParseTime("2024-02-29 23:59:59.5+00") == Utc(2024, 2, 29, 23, 59, 59, 500000));
  CHECK(ParseTime("2024-03-01 06:59:59+07") == Utc(2024, 2, 29, 23, 59, 59));
  CHECK(ParseTime("2024-02-29 18:29:59-05:30") == Utc(2024, 2, 29, 23, 59, 59));
  CHECK(ParseTime("1860-01-01 07:07:12+07:07:12") == Utc(1860, 1, 1, 0, 0, 0));
  CHECK(ParseTime("2024-02-29 23:59:59") == Utc(2024, 2, 29, 23, 59, 59));
  CHECK(ParseTime("2024-02-29") == Utc(2024, 2, 29, 0, 0, 0));
  CHECK(ParseTime("12024-01-02 00:00:00+00") == Utc(12024, 1, 2, 0, 0, 0));
  CHECK(ParseTime("0001-12-31 00:00:00+00 BC") == Utc(0, 12, 31, 0, 0, 0));
  CHECK(ParseTime("0001-12-31 BC") == Utc(0, 12, 31, 0, 0, 0));
  CHECK(ParseTime("infinity") == absl::InfiniteFuture());
  CHECK(ParseTime("-infinity") == absl::InfinitePast());
}

TEST_CASE("What is not a time is refused") {
  for (const char* text : {"",
                           "now",
                           "2024",
                           "2024-02",
                           "2024-02-30",
                           "2023-02-29",
                           "2024-13-01",
                           "2024-00-01",
                           "24-01-01",
                           "2024-01-01 ",
                           "2024-01-01 24:00:00+00",
                           "2024-01-01 00:60:00+00",
                           "2024-01-01 00:00",
                           "2024-01-01 00:00:00.+00",
                           "2024-01-01 00:00:00.1234567+00",
                           "2024-01-01 00:00:00+0",
                           "2024-01-01 00:00:00+00 AD",
                           "2024-01-01 00:00:00+00x",
                           "2024-01-01T00:00:00Z",
                           "01/02/2024"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTime(text).has_value());
  }
}

TEST_CASE("Every microsecond survives writing and reading") {
  for (int64_t micros = -40'000'000'000'000'000; micros < 40'000'000'000'000'000;
       micros += 7'919'000'123'457) {
    const absl::Time time = absl::FromUnixMicros(micros);
    REQUIRE(ParseTime(Written(time)) == time);
  }
}

TEST_CASE("Bytes are written and read as hex") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  std::string hex;
  AppendHex(all, hex);
  CHECK(hex.substr(0, 8) == "\\x000102");
  CHECK(hex.substr(hex.size() - 4) == "feff");
  CHECK(ParseHex(hex) == all);
  CHECK(ParseHex("\\xABcd") == "\xab\xcd");
  CHECK(ParseHex("\\x") == "");
  for (const char* text : {"", "\\", "x00", "00", "\\x0", "\\x0g", "\\xg0", "\\000"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseHex(text).has_value());
  }
}

TEST_CASE("Numbers are written and read without loss") {
  std::string out;
  AppendInt(std::numeric_limits<int64_t>::min(), out);
  CHECK(out == "-9223372036854775808");
  CHECK(ParseInt(out) == std::numeric_limits<int64_t>::min());
  CHECK(ParseInt("9223372036854775807") == std::numeric_limits<int64_t>::max());
  for (const char* text : {"", "9223372036854775808", "1.0", " 1", "1 ", "0x1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseInt(text).has_value());
  }

  for (double value : {0.1, -1e300, 5e-324, 12345.678}) CHECK(ParseDouble(Written(value)) == value);
  CHECK(Written(-std::nan("")) == "NaN");
  CHECK(std::isnan(ParseDouble("NaN").value()));
  CHECK(ParseDouble("-Infinity") == -std::numeric_limits<double>::infinity());
  CHECK_FALSE(ParseDouble("1,5").has_value());

  CHECK(ParseBool("t") == true);
  CHECK(ParseBool("f") == false);
  CHECK_FALSE(ParseBool("true").has_value());
}

}  // namespace lapor::pg
