// Requests, checked and turned into commands and queries. Refusals are INVALID_ARGUMENT and name every field
// at fault, its rule and the remedy, never what the caller wrote. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "lapor/ombudsman/v1/ombudsman.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "services/ombudsman/domain.h"
#include "services/ombudsman/store.h"

namespace lapor::ombudsman {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;
// Of a document and of a reply; what officers note has the length of other texts (libs/report/content.h).
inline constexpr size_t kMaxDocumentCharacters = 100'000;
inline constexpr int kMaxAttachments = 50;
inline constexpr size_t kMaxAddresseeCharacters = 200;

// Whose report, and which command.
struct EscalationCommand {
  std::string report_id;
  Command command;
};

absl::StatusOr<EscalationCommand> Read(const v1::CheckEligibilityRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::AdvanceEscalationRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::OpenRapidResponseRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::TransferEscalationRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::IssueDocumentRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::RecordDeliveryRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::ReplyToDocumentRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::RecordComplianceRequest& request,
                                       const report::v1::Actor& actor);
absl::StatusOr<EscalationCommand> Read(const v1::CloseEscalationRequest& request,
                                       const report::v1::Actor& actor);

// A tracking id, as people copy it, in the form that keys have.
absl::StatusOr<std::string> ReadReportId(const std::string& typed);

absl::StatusOr<EscalationQuery> Read(const v1::ListEscalationsRequest& request);
// Where the page that ends with this escalation is continued.
std::string PageTokenAfter(const Escalation& last);

}  // namespace lapor::ombudsman
