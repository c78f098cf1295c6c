// Requests, checked and turned into commands and queries. Refusals are INVALID_ARGUMENT and name every field
// at fault, its rule and the remedy, never what the caller wrote. Pure and thread-safe. (Text is UTF-8: the
// Responder takes no other.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lapor/followup/v1/followup.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/report/assignment_id.h"
#include "services/followup/domain.h"
#include "services/followup/store.h"

namespace lapor::followup {

// As followup.proto says; lengths in characters unless the name says bytes.
inline constexpr int kMaxEvidence = 10;
inline constexpr size_t kMaxDelegateCharacters = 64;
inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// Which report, and which command; a child assignment of it is named by the command.
struct CaseCommand {
  std::string report_id;
  Command command;
};

// `response_id` is a new UUID.
absl::StatusOr<CaseCommand> Read(const v1::RespondToCaseRequest& request, const report::v1::Actor& actor,
                                 const std::string& response_id);
absl::StatusOr<CaseCommand> Read(const v1::DelegateCaseRequest& request, const report::v1::Actor& actor);
absl::StatusOr<CaseCommand> Read(const v1::CloseCaseRequest& request, const report::v1::Actor& actor);
absl::StatusOr<CaseCommand> Read(const v1::ReopenCaseRequest& request, const report::v1::Actor& actor);
// The words get that response_id.
absl::StatusOr<CaseCommand> Read(const v1::DecideAppealRequest& request, const report::v1::Actor& actor,
                                 const std::string& response_id);

// A tracking id as people copy it, or the id of a child assignment.
absl::StatusOr<report::AssignmentId> ReadCaseId(const std::string& typed);

// Without an agency_id in the request, the caller's own is meant.
absl::StatusOr<CaseQuery> Read(const v1::ListCasesRequest& request, const report::v1::Actor& actor);
// Where the page that ends with this case is continued.
std::string PageTokenAfter(const Case& last);

}  // namespace lapor::followup
