#include "libs/runtime/metrics.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace lapor::runtime {
namespace {

// The whole answer to GET /metrics.
std::string Scrape(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  REQUIRE(::write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char part[4096];
  for (ssize_t got; (got = ::read(fd, part, sizeof(part))) > 0;)
    answer.append(part, static_cast<size_t>(got));
  ::close(fd);
  return answer;
}

TEST_CASE("the same name and labels give the same series") {
  Metrics metrics;
  metrics.Counter("lapor_events_total", "Events", {{"producer", "intake"}}).Increment();
  metrics.Counter("lapor_events_total", "Events", {{"producer", "intake"}}).Increment();
  metrics.Counter("lapor_events_total", "Events", {{"producer", "routing"}}).Increment();
  CHECK(metrics.Counter("lapor_events_total", "Events", {{"producer", "intake"}}).Value() == 2);
  CHECK(metrics.Counter("lapor_events_total", "Events", {{"producer", "routing"}}).Value() == 1);
}

TEST_CASE("metrics are served over HTTP as Prometheus reads them") {
  Metrics metrics;
  metrics.Gauge("lapor_lag_events", "Not yet applied", {{"partition", "3"}}).Set(17);
  metrics.Histogram("lapor_call_seconds", "Of a call").Observe(0.002);
  REQUIRE(metrics.Serve("127.0.0.1:0").ok());
  REQUIRE(metrics.port() > 0);

  const std::string answer = Scrape(metrics.port());
  CHECK(answer.find("200 OK") != std::string::npos);
  CHECK(answer.find("lapor_lag_events{partition=\"3\"} 17") != std::string::npos);
  CHECK(answer.find("lapor_call_seconds_bucket{le=\"0.001\"} 0") != std::string::npos);
  CHECK(answer.find("lapor_call_seconds_bucket{le=\"0.0025\"} 1") != std::string::npos);
}

TEST_CASE("an address that can't be served is told") {
  Metrics taken;
  REQUIRE(taken.Serve("127.0.0.1:0").ok());
  const std::string address = fmt::format("127.0.0.1:{}", taken.port());

  Metrics metrics;
  const absl::Status status = metrics.Serve(address);
  CHECK(absl::IsUnavailable(status));
  CHECK(std::string(status.message()).find(address) != std::string::npos);
}

}  // namespace
}  // namespace lapor::runtime
