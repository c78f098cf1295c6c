#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace lapor::runtime {

// The metrics of one process, in Prometheus' model. Handed to those who count; thread-safe.
//
//   prometheus::Counter& sent = metrics.Counter("lapor_relay_events_total", "Events acknowledged by the
//   broker"); sent.Increment();
//
// Counter, Gauge and Histogram give the series of that name and those labels, made at the first call: keep
// the reference, it is good as long as the Metrics. Names begin with "lapor_" and end with a unit or
// "_total". Labels take few values and never anything of a person. A malformed name, or one name for two
// kinds of metric, is a broken invariant: it ends the process.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Buckets of kSecondsBuckets unless said; a name keeps the buckets of its first call.
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help,
                                   const Labels& labels = {},
                                   const prometheus::Histogram::BucketBoundaries& buckets = kSecondsBuckets);

  // 50 us to 10 s: a durable answer takes about one millisecond, a deadline is about ten seconds.
  static const prometheus::Histogram::BucketBoundaries kSecondsBuckets;

  // Serves GET /metrics on "host:port" until the end; port 0 takes a free one. kUnavailable when it can't.
  // Once only.
  absl::Status Serve(const std::string& address);

  // The port that Serve listens on; 0 before.
  int port() const { return port_; }

  // All series in Prometheus' text format.
  std::string Text() const;

 private:
  class HttpServer;

  prometheus::Registry registry_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

}  // namespace lapor::runtime
