#include "libs/runtime/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cmath>
#include <iterator>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace lapor::runtime {
namespace {

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view Name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// The length of the UTF-8 sequence that `text` starts with, or 0 if it starts with none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size_t length = 0;
  if (lead < 0x80) length = 1;
  if (lead >= 0xC2 && lead < 0xE0) length = 2;
  if (lead >= 0xE0 && lead < 0xF0) length = 3;
  if (lead >= 0xF0 && lead < 0xF5) length = 4;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0)) return 0;
  if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90)) return 0;
  return length;
}

void AppendString(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const char c = text.front();
    if (length == 0) {
      line += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  line += '"';
}

struct AppendValue {
  std::string& line;
  void operator()(bool value) const { line += value ? "true" : "false"; }
  void operator()(int64_t value) const { fmt::format_to(std::back_inserter(line), "{}", value); }
  void operator()(uint64_t value) const { fmt::format_to(std::back_inserter(line), "{}", value); }
  void operator()(double value) const {
    // JSON knows neither infinity nor NaN.
    if (std::isfinite(value)) {
      fmt::format_to(std::back_inserter(line), "{}", value);
    } else {
      line += "null";
    }
  }
  void operator()(std::string_view value) const { AppendString(line, value); }
};

void AppendFields(std::string& line, std::initializer_list<LogField> fields) {
  for (const LogField& field : fields) {
    if (!line.empty()) line += ',';
    AppendString(line, field.name());
    line += ':';
    std::visit(AppendValue{line}, field.value());
  }
}

struct ProcessLog {
  explicit ProcessLog(const LogOptions& options)
      : service(options.service),
        logger(options.service,
               options.sink ? options.sink : std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.set_level(SpdlogLevel(options.level));
    logger.flush_on(spdlog::level::debug);
  }

  std::string service;
  spdlog::logger logger;
};

std::atomic<ProcessLog*>& TheLog() {
  static std::atomic<ProcessLog*> log = new ProcessLog({});
  return log;
}

}  // namespace

void StartLog(const LogOptions& options) {
  // All of them live to the end, and beyond: a thread may still write to one that has been replaced.
  static std::mutex mutex;
  static auto& replaced = *new std::vector<ProcessLog*>();
  const std::lock_guard lock(mutex);
  replaced.push_back(TheLog().exchange(new ProcessLog(options)));
}

void Log(Level level, std::string_view event, std::initializer_list<LogField> fields,
         std::string_view trace_id) {
  ProcessLog& log = *TheLog().load();
  if (!log.logger.should_log(SpdlogLevel(level))) return;

  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  std::string line;
  AppendFields(line, {{"time", time}, {"level", Name(level)}, {"service", log.service}, {"event", event}});
  if (!trace_id.empty()) AppendFields(line, {{"trace_id", trace_id}});
  AppendFields(line, fields);
  line = fmt::format("{{{}}}", line);
  // As text, not as a format: it may hold braces.
  log.logger.log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace lapor::runtime
