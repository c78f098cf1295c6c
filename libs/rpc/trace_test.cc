#include "libs/rpc/trace.h"

#include <catch2/catch.hpp>
#include <set>

namespace lapor::rpc {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kHeader = "00-" + kTrace + "-00f067aa0ba902b7-00";

TEST_CASE("the next span stays in the trace and keeps its flags, under an id of its own") {
  const std::string next = NextSpan(kHeader);
  CHECK(next.size() == 55);
  CHECK(next.substr(0, 36) == "00-" + kTrace + "-");
  CHECK(next.substr(36, 16) != "00f067aa0ba902b7");
  CHECK(next.substr(52) == "-00");
  CHECK(TraceId(next) == kTrace);
}

TEST_CASE("a header of a later version is continued") {
  CHECK(TraceId(NextSpan("01-" + kTrace + "-00f067aa0ba902b7-01-more")) == kTrace);
}

TEST_CASE("a malformed header starts a new trace") {
  const std::string zero_trace = std::string(32, '0');
  for (const std::string& header :
       {std::string(), std::string("00"), kHeader + "0", kHeader + "-more", kHeader.substr(0, 54),
        "ff-" + kTrace + "-00f067aa0ba902b7-00", "01-" + kTrace + "-00f067aa0ba902b7-01more",
        "00-" + zero_trace + "-00f067aa0ba902b7-00", "00-" + kTrace + "-0000000000000000-00",
        std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00"),
        "00_" + kTrace + "-00f067aa0ba902b7-00", "00-" + kTrace + "_00f067aa0ba902b7-00",
        "00-" + kTrace + "-00f067aa0ba902b7_00", "00-" + kTrace + "-00f067aa0ba902b7-0\n"}) {
    CAPTURE(header);
    CHECK(TraceId(header).empty());
    CHECK(TraceId(NextSpan(header)).size() == 32);
    CHECK(TraceId(NextSpan(header)) != kTrace);
  }
}

TEST_CASE("new traces differ") {
  std::set<std::string> traces;
  for (int i = 0; i < 1000; ++i) traces.insert(TraceId(NewTraceparent()));
  CHECK(traces.size() == 1000);
}

}  // namespace
}  // namespace lapor::rpc
