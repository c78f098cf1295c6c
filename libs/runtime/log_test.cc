#include "libs/runtime/log.h"

#include <spdlog/sinks/ostream_sink.h>

#include <catch2/catch.hpp>
#include <limits>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

namespace lapor::runtime {
namespace {

// The process's log, caught while this lives.
class CaughtLog {
 public:
  explicit CaughtLog(Level level = Level::kDebug) {
    StartLog({"intake", level, std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)});
  }
  ~CaughtLog() { StartLog({}); }
  std::string text() const { return out_.str(); }

  // What follows the fixed head of the only line.
  std::string Tail() const {
    const std::string line = text();
    const size_t event_end = line.find(R"("event":"x")") + std::string(R"("event":"x")").size();
    return line.substr(event_end, line.size() - event_end - 1);
  }

 private:
  std::ostringstream out_;
};

TEST_CASE("a line is one JSON object with time, level, service and event first") {
  CaughtLog caught;
  Log(Level::kWarning, "relay.fenced", {{"partition", 3}});

  const std::string line = caught.text();
  CHECK(line.substr(0, 9) == R"({"time":")");
  CHECK(line.substr(35, 2) == "Z\"");
  CHECK(line.substr(37) == R"(,"level":"warning","service":"intake","event":"relay.fenced","partition":3})"
                           "\n");
}

TEST_CASE("fields keep their type") {
  CaughtLog caught;
  const std::string owned = "text";
  Log(Level::kInfo, "x",
      {{"int", -3},
       {"big", std::numeric_limits<uint64_t>::max()},
       {"double", 0.5},
       {"yes", true},
       {"literal", "a"},
       {"owned", owned},
       {"none", std::numeric_limits<double>::quiet_NaN()}});
  CHECK(
      caught.Tail() ==
      R"(,"int":-3,"big":18446744073709551615,"double":0.5,"yes":true,"literal":"a","owned":"text","none":null})");
}

TEST_CASE("a trace id is written when given") {
  CaughtLog caught;
  Log(Level::kInfo, "x", {{"n", 1}}, "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(caught.Tail() == R"(,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","n":1})");
}

TEST_CASE("text can break neither the line nor the JSON") {
  CaughtLog caught;
  Log(Level::kInfo, "x",
      {{"text", "say \"hi\" \\ {} \n\t\x01"}, {"utf8", "Ngaliyan — é"}, {"bad", "a\xFF\xC3(\xED\xA0\x80"}});
  CHECK(
      caught.Tail() ==
      R"(,"text":"say \"hi\" \\ {} \n\u0009\u0001","utf8":"Ngaliyan — é","bad":"a\ufffd\ufffd(\ufffd\ufffd\ufffd"})");
}

TEST_CASE("what is below the level is not written") {
  CaughtLog caught(Level::kWarning);
  Log(Level::kInfo, "x");
  Log(Level::kWarning, "x");
  CHECK(caught.Tail() == "}");
}

TEST_CASE("lines of several threads do not mix") {
  CaughtLog caught;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) Log(Level::kInfo, "x", {{"text", std::string(200, 'a')}});
    });
  }
  for (auto& thread : threads) thread.join();

  std::istringstream lines(caught.text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.ends_with(R"(,"text":")" + std::string(200, 'a') + "\"}"));
  }
  CHECK(count == 400);
}

}  // namespace
}  // namespace lapor::runtime
