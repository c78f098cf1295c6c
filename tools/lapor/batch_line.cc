#include "tools/lapor/batch_line.h"

#include <google/protobuf/util/json_util.h>

#include "fmt/format.h"
#include "libs/decision/refusal.h"

namespace lapor::client {

absl::StatusOr<intake::v1::SubmitReportRequest> ReadBatchLine(int number, const std::string& text) {
  intake::v1::SubmitReportRequest request;
  if (google::protobuf::util::JsonStringToMessage(text, &request).ok()) return request;
  return decision::Refuse(
      absl::StatusCode::kInvalidArgument, fmt::format("line {}", number),
      "is not a lapor.intake.v1.SubmitReportRequest as JSON",
      "look for a missing quote, brace or comma, and for fields that the message doesn't have");
}

intake::v1::SubmitReportsResponse RefusalOf(const absl::Status& refusal) {
  intake::v1::SubmitReportsResponse response;
  report::v1::Refusal& refused = *response.mutable_refused();
  refused.set_code(static_cast<int>(refusal.code()));
  refused.set_message(std::string(refusal.message()));
  if (const auto bad_input = decision::BadInputOf(refusal))
    *refused.mutable_fields() = bad_input->violations();
  return response;
}

}  // namespace lapor::client
