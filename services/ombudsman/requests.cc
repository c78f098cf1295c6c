#include "services/ombudsman/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/report/tracking_id.h"

namespace lapor::ombudsman {
namespace {

using decision::Refusals;
using eventlog::CheckRequestId;
using report::CheckTrackingId;

void CheckOutcome(const v1::CloseEscalationRequest& request, Refusals& refusals) {
  const auto outcome = request.outcome();
  if (outcome == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE) {
    refusals.Add("outcome", "is given by the formal check only", "call CheckEligibility");
  } else if (outcome == event::v1::ESCALATION_OUTCOME_UNSPECIFIED ||
             !event::v1::EscalationOutcome_IsValid(outcome)) {
    refusals.Add("outcome", "is required",
                 "give ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, _NOT_FOUND, _RESOLVED "
                 "or _STOPPED");
  }
  const bool found = outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND;
  const bool named = request.maladministration() != event::v1::MALADMINISTRATION_UNSPECIFIED;
  if (named && !event::v1::Maladministration_IsValid(request.maladministration())) {
    refusals.Add("maladministration", "is none of the ten kinds",
                 "give one of the MALADMINISTRATION_ values");
  } else if (found != named) {
    refusals.Add("maladministration", "is there exactly when maladministration was found",
                 found ? "name the kind that was found" : "leave it out");
  }
}

// What a page token holds: microseconds since 1970 and the id, as 1718000000000000.7K3M9QXT2B54.
std::optional<EscalationPlace> ReadPageToken(const std::string& token, Refusals& refusals) {
  if (token.empty()) return std::nullopt;
  std::string text;
  int64_t opened_us = 0;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    const char* const end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, opened_us);
    if (error == std::errc() && dot != end && *dot == '.') {
      return EscalationPlace{absl::FromUnixMicros(opened_us), std::string(dot + 1, end)};
    }
  }
  refusals.Add("page_token", "is none that ListEscalations gave",
               "give next_page_token of the page before, unchanged");
  return std::nullopt;
}

}  // namespace

absl::StatusOr<EscalationCommand> Read(const v1::CheckEligibilityRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id), CheckEligibility{actor}};
}

absl::StatusOr<EscalationCommand> Read(const v1::AdvanceEscalationRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (request.stage() != event::v1::ESCALATION_STAGE_EXAMINATION &&
      request.stage() != event::v1::ESCALATION_STAGE_EXAMINATION_REPORT) {
    refusals.Add(
        "stage", "is not reached by advancing",
        "give ESCALATION_STAGE_EXAMINATION or _EXAMINATION_REPORT; CheckEligibility leads to the material "
        "check, CloseEscalation to the end");
  }
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id), AdvanceEscalation{actor, request.stage()}};
}

absl::StatusOr<EscalationCommand> Read(const v1::CloseEscalationRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  CheckOutcome(request, refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id),
                           CloseEscalation{actor, request.outcome(), request.maladministration()}};
}

absl::StatusOr<std::string> ReadReportId(const std::string& typed) {
  Refusals refusals;
  std::string id = CheckTrackingId("report_id", typed, refusals);
  if (!refusals.ok()) return refusals.status();
  return id;
}

absl::StatusOr<EscalationQuery> Read(const v1::ListEscalationsRequest& request) {
  Refusals refusals;
  EscalationQuery query;
  query.stage = request.stage();
  if (!event::v1::EscalationStage_IsValid(query.stage)) {
    refusals.Add("stage", "is not a stage",
                 "give one of the ESCALATION_STAGE_ values, or leave it out for all open ones");
  }
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    refusals.Add("page_size", fmt::format("must be 1 to {}", kMaxPageSize),
                 fmt::format("give a size in these bounds, or 0 for {}", kDefaultPageSize));
  }
  query.limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  query.after = ReadPageToken(request.page_token(), refusals);
  if (!refusals.ok()) return refusals.status();
  return query;
}

std::string PageTokenAfter(const Escalation& last) {
  return absl::WebSafeBase64Escape(fmt::format("{}.{}", absl::ToUnixMicros(*last.opened_at), last.id));
}

}  // namespace lapor::ombudsman
