#pragma once

#include <string>
#include <string_view>

namespace lapor::rpc {

// W3C Trace Context, https://www.w3.org/TR/trace-context/: the header `traceparent`, 00-<32 hexadecimal
// digits of the trace>-<16 of the span>-<2 of flags>, goes with a request through gRPC metadata and event
// headers. Pure but for the random ids; thread-safe.

// The first span of a new trace.
std::string NewTraceparent();

// A span of our own in the trace of `traceparent`; of a new trace if that is malformed, as the standard asks.
std::string NextSpan(std::string_view traceparent);

// The 32 digits of the trace, which serve as correlation id too; empty if `traceparent` is malformed.
std::string TraceId(std::string_view traceparent);

}  // namespace lapor::rpc
