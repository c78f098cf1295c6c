#include "libs/rpc/trace.h"

#include <fmt/format.h>

#include <cstdint>

#include "absl/random/random.h"

namespace lapor::rpc {
namespace {

// 00-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-SSSSSSSSSSSSSSSS-FF
constexpr size_t kTraceAt = 3, kTraceDigits = 32;
constexpr size_t kSpanAt = 36, kSpanDigits = 16;
constexpr size_t kFlagsAt = 53, kFlagsDigits = 2;
constexpr size_t kLength = 55;

constexpr std::string_view kSampled = "01";

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

bool IsValid(std::string_view header) {
  if (header.size() < kLength) return false;
  const std::string_view version = header.substr(0, 2);
  // Later versions may add fields after those of version 00.
  if (version == "00" ? header.size() != kLength : header.size() > kLength && header[kLength] != '-')
    return false;
  const std::string_view trace = header.substr(kTraceAt, kTraceDigits);
  const std::string_view span = header.substr(kSpanAt, kSpanDigits);
  return IsHex(version) && version != "ff" && header[kTraceAt - 1] == '-' && IsHex(trace) && !IsZero(trace) &&
         header[kSpanAt - 1] == '-' && IsHex(span) && !IsZero(span) && header[kFlagsAt - 1] == '-' &&
         IsHex(header.substr(kFlagsAt, kFlagsDigits));
}

// Not zero, which the standard keeps for "none".
uint64_t RandomId() {
  thread_local absl::InsecureBitGen random;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, UINT64_MAX);
}

std::string Format(std::string_view trace, std::string_view flags) {
  return fmt::format("00-{}-{:016x}-{}", trace, RandomId(), flags);
}

}  // namespace

std::string NewTraceparent() {
  return Format(fmt::format("{:016x}{:016x}", RandomId(), RandomId()), kSampled);
}

std::string NextSpan(std::string_view traceparent) {
  if (!IsValid(traceparent)) return NewTraceparent();
  return Format(traceparent.substr(kTraceAt, kTraceDigits), traceparent.substr(kFlagsAt, kFlagsDigits));
}

std::string TraceId(std::string_view traceparent) {
  if (!IsValid(traceparent)) return {};
  return std::string(traceparent.substr(kTraceAt, kTraceDigits));
}

}  // namespace lapor::rpc
