#include "libs/runtime/metrics.h"

#include <fmt/format.h>
#include <httplib.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <thread>

#include "absl/strings/numbers.h"
#include "libs/runtime/log.h"

namespace lapor::runtime {
namespace {

// A series of `builder`'s kind. The library throws on what only a programmer can get wrong.
template <typename Builder, typename... Arguments>
auto& Series(Builder builder, prometheus::Registry& registry, const std::string& name,
             const std::string& help, const Metrics::Labels& labels, const Arguments&... arguments) {
  try {
    return builder.Name(name).Help(help).Register(registry).Add(labels, arguments...);
  } catch (const std::exception& error) {
    Log(Level::kError, "metric.invalid", {{"name", name}, {"error", error.what()}});
    std::abort();
  }
}

}  // namespace

// Not prometheus::Exposer: its server takes two seconds to stop.
class Metrics::HttpServer {
 public:
  explicit HttpServer(const Metrics& metrics) {
    // One thread and no kept connections: a scrape every few seconds is all it sees.
    server_.new_task_queue = [] { return new httplib::ThreadPool(1); };
    server_.set_keep_alive_max_count(1);
    server_.set_read_timeout(std::chrono::seconds(1));
    // Without SO_REUSEPORT, with which two processes would share the port unnoticed.
    server_.set_socket_options([](int fd) {
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    server_.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics.Text(), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  ~HttpServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // The port, or 0.
  int Listen(const std::string& host, int port) {
    if (port == 0)
      port = server_.bind_to_any_port(host);
    else if (!server_.bind_to_port(host, port))
      port = 0;
    if (port <= 0) return 0;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() has no effect on a server that does not run yet.
    while (!server_.is_running()) std::this_thread::yield();
    return port;
  }

 private:
  httplib::Server server_;
  std::thread thread_;
};

const prometheus::Histogram::BucketBoundaries Metrics::kSecondsBuckets = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help,
                                      const Labels& labels) {
  return Series(prometheus::BuildCounter(), registry_, name, help, labels);
}

prometheus::Gauge& Metrics::Gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Series(prometheus::BuildGauge(), registry_, name, help, labels);
}

prometheus::Histogram& Metrics::Histogram(const std::string& name, const std::string& help,
                                          const Labels& labels,
                                          const prometheus::Histogram::BucketBoundaries& buckets) {
  return Series(prometheus::BuildHistogram(), registry_, name, help, labels, buckets);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

absl::Status Metrics::Serve(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(fmt::format("{} is not host:port", address));
  }
  auto server = std::make_unique<HttpServer>(*this);
  port_ = server->Listen(address.substr(0, colon), port);
  if (port_ == 0) return absl::UnavailableError(fmt::format("cannot listen on {}", address));
  server_ = std::move(server);
  return absl::OkStatus();
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

}  // namespace lapor::runtime
