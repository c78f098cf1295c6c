#include "tests/bench/figure.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "fmt/format.h"

namespace lapor::bench {
namespace {

// As "AMD EPYC ..., 2 cores, 24 GiB".
std::string Machine() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  struct sysinfo memory = {};
  sysinfo(&memory);
  return fmt::format("{}, {} cores, {:.0f} GiB", model, std::thread::hardware_concurrency(),
                     static_cast<double>(memory.totalram) * memory.mem_unit / (1 << 30));
}

google::protobuf::Value Number(const std::optional<double>& number) {
  google::protobuf::Value value;
  if (number && std::isfinite(*number)) {
    value.set_number_value(std::round(*number * 1000) / 1000);
  } else {
    value.set_null_value(google::protobuf::NULL_VALUE);
  }
  return value;
}

google::protobuf::Value Text(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return value;
}

google::protobuf::Value ToValue(const Figure& figure, const std::string& machine) {
  google::protobuf::Value value;
  auto& fields = *value.mutable_struct_value()->mutable_fields();
  fields["name"] = Text(figure.name);
  fields["goal"] = Text(figure.goal);
  fields["unit"] = Text(figure.unit);
  fields["ours"] = Number(figure.ours);
  fields["baseline"] = Number(figure.baseline);
  fields["ratio"] = Number(figure.ratio);
  fields["pairs"] = Number(figure.pairs);
  fields["p50_ms"] = Number(figure.p50_ms);
  fields["p99_ms"] = Number(figure.p99_ms);
  fields["machine"] = Text(machine);
  return value;
}

}  // namespace

double Quantile(std::vector<double> values, double quantile) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const auto index = static_cast<size_t>(quantile * static_cast<double>(values.size() - 1) + 0.5);
  return values[index];
}

double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

Figure InPairs(Figure figure, int pairs, const std::function<double()>& ours,
               const std::function<double()>& baseline) {
  ours();
  baseline();
  std::vector<double> a, b, ratios;
  for (int pair = 0; pair < pairs; ++pair) {
    a.push_back(ours());
    b.push_back(baseline());
    ratios.push_back(a.back() / b.back());
    std::cerr << fmt::format("  {} pair {}: {:.0f} against {:.0f} {}\n", figure.name, pair + 1, a.back(),
                             b.back(), figure.unit);
  }
  figure.pairs = pairs;
  figure.ours = Median(a);
  figure.baseline = Median(b);
  figure.ratio = Median(ratios);
  return figure;
}

absl::Status Write(const std::string& path, const std::vector<Figure>& figures) {
  google::protobuf::ListValue list;
  if (std::ifstream old(path); old) {
    std::stringstream text;
    text << old.rdbuf();
    if (!google::protobuf::util::JsonStringToMessage(text.str(), &list).ok()) list.Clear();
  }
  const std::string machine = Machine();
  for (const Figure& figure : figures) {
    for (int i = 0; i < list.values_size(); ++i) {
      if (list.values(i).struct_value().fields().at("name").string_value() == figure.name) {
        list.mutable_values()->DeleteSubrange(i--, 1);
      }
    }
    *list.add_values() = ToValue(figure, machine);
    const auto show = [](const std::optional<double>& number, const char* format) {
      return number ? fmt::format(fmt::runtime(format), *number) : std::string("-");
    };
    std::cout << fmt::format("{:<28} {:>12} {:>12} {:>8}  {:<14} p50 {:>8} p99 {:>8} ms  goal: {}\n",
                             figure.name, show(figure.ours, "{:.0f}"), show(figure.baseline, "{:.0f}"),
                             show(figure.ratio, "{:.1f}x"), figure.unit, show(figure.p50_ms, "{:.2f}"),
                             show(figure.p99_ms, "{:.2f}"), figure.goal);
  }
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  if (!google::protobuf::util::MessageToJsonString(list, &json, options).ok()) {
    return absl::InternalError("the figures can't be written as JSON");
  }
  std::ofstream file(path, std::ios::trunc);
  file << json;
  if (!file.flush()) return absl::UnavailableError("can't write " + path);
  return absl::OkStatus();
}

}  // namespace lapor::bench
