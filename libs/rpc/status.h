#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "lapor/report/v1/bad_input.pb.h"

namespace lapor::rpc {

// How a status goes over gRPC. Pure and thread-safe.

// What the caller is told about `status`:
// - a refusal (libs/decision/refusal.h): its code and text, word for word, and its BadInput in the details
//   (grpc-status-details-bin, a google.rpc.Status), cut to what clients accept as metadata;
// - what may pass by itself (IsTransient): its code, and that a repeat may help;
// - all else is our fault, even a kNotFound that nobody explained: INTERNAL.
// The text of the latter two only adds `correlation_id`, under which the log tells more: a library's status
// may name tables, hosts or data.
grpc::Status ToGrpc(const absl::Status& status, const std::string& correlation_id);

// The same for one item of many; logs what is our fault, as the call itself is none.
report::v1::Refusal ToRefusal(const absl::Status& status, const std::string& correlation_id);

// kUnavailable, kAborted, kResourceExhausted, kDeadlineExceeded, kCancelled.
bool IsTransient(const absl::Status& status);

// The status of a call that we made; a refusal is one again. Codes that gRPC does not know are kUnknown.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace lapor::rpc
