#include "libs/rpc/status.h"

#include <fmt/format.h>

#include <utility>

#include "libs/decision/refusal.h"
#include "libs/rpc/wire_status.pb.h"
#include "libs/runtime/log.h"

namespace lapor::rpc {
namespace {

// Clients accept 8 KiB of metadata unless told otherwise; the message may grow threefold by escapes, and the
// details by a third as base64.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailsBytes = 3 * 1024;

std::string Shortened(std::string text) {
  if (text.size() <= kMaxMessageBytes) return text;
  size_t end = kMaxMessageBytes;
  // Not in the middle of a UTF-8 sequence.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

grpc::Status TellRefusal(const absl::Status& status, report::v1::BadInput bad_input) {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message = Shortened(std::string(status.message()));
  while (bad_input.violations_size() > 1 && bad_input.ByteSizeLong() > kMaxDetailsBytes) {
    bad_input.mutable_violations()->RemoveLast();
  }

  WireStatus wire;
  wire.set_code(code);
  wire.set_message(message);
  wire.add_details()->PackFrom(bad_input);
  return {code, message, wire.SerializeAsString()};
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status, const std::string& correlation_id) {
  if (status.ok()) return grpc::Status::OK;
  if (auto bad_input = decision::BadInputOf(status)) return TellRefusal(status, *std::move(bad_input));

  if (IsTransient(status)) {
    return {static_cast<grpc::StatusCode>(status.code()),
            fmt::format(
                "not possible just now; try again after a pause, with the same request_id if there is one; "
                "correlation id {}",
                correlation_id)};
  }
  return {grpc::StatusCode::INTERNAL, fmt::format("internal error; correlation id {}", correlation_id)};
}

report::v1::Refusal ToRefusal(const absl::Status& status, const std::string& correlation_id) {
  const bool ours = !decision::BadInputOf(status) && !IsTransient(status);
  if (ours) {
    runtime::Log(runtime::Level::kError, "item.failed", {{"status", status.ToString()}}, correlation_id);
  }
  const grpc::Status told = ToGrpc(status, correlation_id);
  report::v1::Refusal refusal;
  refusal.set_code(told.error_code());
  refusal.set_message(told.error_message());
  if (auto bad_input = decision::BadInputOf(status))
    refusal.mutable_fields()->Swap(bad_input->mutable_violations());
  return refusal;
}

bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());

  WireStatus wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const auto& detail : wire.details()) {
    report::v1::BadInput bad_input;
    if (detail.UnpackTo(&bad_input)) result = decision::WithBadInput(std::move(result), bad_input);
  }
  return result;
}

}  // namespace lapor::rpc
