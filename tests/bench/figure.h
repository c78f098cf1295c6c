// One line of build/bench.json: what was measured, against what, on what.
#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lapor::bench {

// A benchmark goes no further than what it needs.
inline void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status << '\n';
  std::exit(1);
}
template <class T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

struct Figure {
  std::string name;
  std::string goal;  // as docs/benchmarks.md words it
  std::string unit;
  double ours = 0;  // median
  std::optional<double> baseline = std::nullopt;
  std::optional<double> ratio = std::nullopt;  // median of the pairs' ratios
  int pairs = 0;
  std::optional<double> p50_ms = std::nullopt;
  std::optional<double> p99_ms = std::nullopt;
};

double Median(std::vector<double> values);
// `quantile` in [0, 1]; sorts its own copy.
double Quantile(std::vector<double> values, double quantile);

// Measures the two sides in turn, A B A B ..., after one round of each that isn't counted.
Figure InPairs(Figure figure, int pairs, const std::function<double()>& ours,
               const std::function<double()>& baseline);

// Adds the figures to the list in `path`, in place of those of the same names, with the machine; and prints
// them.
absl::Status Write(const std::string& path, const std::vector<Figure>& figures);

}  // namespace lapor::bench
