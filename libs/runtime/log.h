#pragma once

#include <spdlog/common.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace lapor::runtime {

// Structured logging: one JSON object a line, one line for each thing worth knowing.
//
//   Log(Level::kWarning, "relay.fenced", {{"partition", 3}, {"epoch", epoch}});
//
// gives
//
//   {"time":"2025-01-31T08:15:00.000123Z","level":"warning","service":"intake","event":"relay.fenced",
//    "partition":3,"epoch":7}
//
// An event is named by what happened, "part.participle". Lines never hold personal data: no name, phone
// number, address, identity number, receipt secret, token, nor any text that a person typed. Ids, codes,
// counts and times do. Log is thread-safe. The process has one log, so that libraries need not hand it down.

enum class Level { kDebug, kInfo, kWarning, kError };

class LogField {
 public:
  using Value = std::variant<int64_t, uint64_t, double, bool, std::string_view>;

  // `name` and text are only looked at during the call of Log.
  template <typename T>
  LogField(std::string_view name, const T& value) : name_(name), value_(ValueOf(value)) {}

  std::string_view name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  template <typename T>
  static Value ValueOf(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      return value;
    } else if constexpr (std::signed_integral<T>) {
      return static_cast<int64_t>(value);
    } else if constexpr (std::unsigned_integral<T>) {
      return static_cast<uint64_t>(value);
    } else if constexpr (std::floating_point<T>) {
      return static_cast<double>(value);
    } else {
      return std::string_view(value);
    }
  }

  std::string_view name_;
  Value value_;
};

// Writes the line if `level` is worth it. `trace_id` joins it to a request or an event; empty leaves it out.
void Log(Level level, std::string_view event, std::initializer_list<LogField> fields = {},
         std::string_view trace_id = {});

struct LogOptions {
  std::string service = "lapor";
  Level level = Level::kInfo;
  // Where lines go; null means standard error.
  spdlog::sink_ptr sink;
};

// Replaces the log; until then lines go to standard error under the name "lapor". Thread-safe.
void StartLog(const LogOptions& options);

}  // namespace lapor::runtime
