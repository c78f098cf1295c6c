// The lines of `lapor file-batch`. Pure; thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "lapor/intake/v1/intake.pb.h"

namespace lapor::client {

// A lapor.intake.v1.SubmitReportRequest as JSON. The error is a refusal of the field "line N". It repeats
// nothing of the line, not even what the parser says of it: a reporter's words are in there.
absl::StatusOr<intake::v1::SubmitReportRequest> ReadBatchLine(int number, const std::string& text);

// The answer to a line that could not be read, in the words of the service.
intake::v1::SubmitReportsResponse RefusalOf(const absl::Status& refusal);

}  // namespace lapor::client
