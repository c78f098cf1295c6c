#include "services/ombudsman/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/report/agency_id.h"
#include "libs/report/content.h"
#include "libs/report/tracking_id.h"
#include "services/ombudsman/documents.h"

namespace lapor::ombudsman {
namespace {

using decision::Refusals;
using eventlog::CheckRequestId;
using report::CheckTrackingId;

void CheckMaladministration(event::v1::Maladministration kind, bool found, Refusals& refusals) {
  const bool named = kind != event::v1::MALADMINISTRATION_UNSPECIFIED;
  if (named && !event::v1::Maladministration_IsValid(kind)) {
    refusals.Add("maladministration", "is none of the ten kinds",
                 "give one of the MALADMINISTRATION_ values");
  } else if (found != named) {
    refusals.Add("maladministration", "is there exactly when maladministration was found",
                 found ? "name the kind that was found" : "leave it out");
  }
}

void CheckOutcome(const v1::CloseEscalationRequest& request, Refusals& refusals) {
  const auto outcome = request.outcome();
  if (outcome == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE) {
    refusals.Add("outcome", "is given by the formal check only", "call CheckEligibility");
  } else if (outcome == event::v1::ESCALATION_OUTCOME_UNSPECIFIED ||
             !event::v1::EscalationOutcome_IsValid(outcome)) {
    refusals.Add("outcome", "is required",
                 "give ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, _NOT_FOUND, _RESOLVED, _STOPPED "
                 "or _SETTLED");
  }
  CheckMaladministration(request.maladministration(),
                         outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, refusals);
}

// Why an officer did something, or what they saw.
void CheckNote(const char* field, const std::string& text, Refusals& refusals) {
  report::CheckText(field, text, report::TextForm::kText, report::kMaxTextCharacters, true, refusals);
}

void CheckJudgements(const v1::CheckEligibilityRequest& request, Refusals& refusals) {
  std::set<event::v1::Ground> seen;
  for (int i = 0; i < request.judgements_size(); ++i) {
    const v1::Judgement& judgement = request.judgements(i);
    const std::string path = fmt::format("judgements[{}]", i);
    if (judgement.ground() == event::v1::GROUND_UNSPECIFIED ||
        !event::v1::Ground_IsValid(judgement.ground())) {
      refusals.Add(path + ".ground", "is required", "give one of the GROUND_ values");
    } else if (!seen.insert(judgement.ground()).second) {
      refusals.Add(path + ".ground", "is judged twice", "give each ground once");
    }
    CheckNote((path + ".reason").c_str(), judgement.reason(), refusals);
  }
}

// The words and attachments of a document or a reply.
template <class Request>
void CheckWords(const Request& request, Refusals& refusals) {
  report::CheckText("text", request.text(), report::TextForm::kText, kMaxDocumentCharacters, true, refusals);
  if (request.attachments_size() > kMaxAttachments) {
    refusals.Add("attachments", fmt::format("are more than {}", kMaxAttachments),
                 "put them together, or give the others with another document");
    return;
  }
  for (int i = 0; i < request.attachments_size(); ++i) {
    report::CheckAttachment(fmt::format("attachments[{}]", i), request.attachments(i), refusals);
  }
}

void CheckRecipient(const v1::IssueDocumentRequest& request, const DocumentRule& rule, Refusals& refusals) {
  const bool other = !request.addressee().empty();
  if (other && !request.agency_id().empty()) {
    refusals.Add("addressee", "is not given with agency_id",
                 "give one of them, or neither for the respondent");
  } else if (other && rule.recipient == Recipient::kAgency) {
    refusals.Add("addressee", "is none of this kind, which goes to the respondent or who is above them",
                 "leave it out, and give agency_id where it isn't the respondent");
  } else if (!other && rule.recipient == Recipient::kOther) {
    refusals.Add("addressee", "is required of this kind, which goes to nobody of the registry",
                 "say to whom it goes");
  }
  if (!request.agency_id().empty() && !report::IsAgencyId(request.agency_id())) {
    refusals.Add("agency_id", "is not the id of an agency", "give it as the registry has it, as id.32.73");
  }
  report::CheckText("addressee", request.addressee(), report::TextForm::kLine, kMaxAddresseeCharacters, false,
                    refusals);
}

void CheckFinding(const v1::IssueDocumentRequest& request, Refusals& refusals) {
  const bool is_report = request.kind() == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT;
  const bool given = request.finding() != event::v1::FINDING_UNSPECIFIED;
  if (is_report != given || !event::v1::Finding_IsValid(request.finding())) {
    refusals.Add("finding", "is there exactly of an examination report",
                 is_report ? "give FINDING_MALADMINISTRATION, _NONE or _STOPPED" : "leave it out");
  }
  CheckMaladministration(request.maladministration(),
                         request.finding() == event::v1::FINDING_MALADMINISTRATION, refusals);
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
  CheckJudgements(request, refusals);
  if (!refusals.ok()) return refusals.status();
  CheckEligibility check{actor};
  for (const v1::Judgement& judgement : request.judgements()) {
    check.judgements.push_back({judgement.ground(), judgement.met(), judgement.reason()});
  }
  return EscalationCommand{std::move(report_id), std::move(check)};
}

absl::StatusOr<EscalationCommand> Read(const v1::AdvanceEscalationRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  const bool reached = std::ranges::any_of(Transitions().rows(), [&](const auto& row) {
    return row.on == CommandKind::kAdvanceEscalation && row.to == request.stage();
  });
  if (!reached) {
    refusals.Add(
        "stage", "is not reached by advancing",
        "give one of the ESCALATION_STAGE_ values from EXAMINATION on; CheckEligibility leads to the "
        "material check, CloseEscalation to the end");
  }
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id), AdvanceEscalation{actor, request.stage()}};
}

absl::StatusOr<EscalationCommand> Read(const v1::OpenRapidResponseRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  CheckNote("reason", request.reason(), refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id), OpenRapidResponse{actor, request.reason()}};
}

absl::StatusOr<EscalationCommand> Read(const v1::TransferEscalationRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (request.office().empty()) {
    refusals.Add("office", "is required", "give a code that ListOffices shows, as jawa-barat");
  }
  CheckNote("reason", request.reason(), refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id),
                           TransferEscalation{actor, request.office(), request.reason()}};
}

absl::StatusOr<EscalationCommand> Read(const v1::IssueDocumentRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (const DocumentRule* rule = FindRule(request.kind())) {
    CheckRecipient(request, *rule, refusals);
    CheckFinding(request, refusals);
  } else {
    refusals.Add("kind", "is required", "give one of the DOCUMENT_KIND_ values");
  }
  CheckWords(request, refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id),
                           IssueDocument{actor,
                                         request.kind(),
                                         request.agency_id(),
                                         request.addressee(),
                                         request.text(),
                                         Sha256(request.text()),
                                         {request.attachments().begin(), request.attachments().end()},
                                         request.finding(),
                                         request.maladministration()}};
}

absl::StatusOr<EscalationCommand> Read(const v1::RecordDeliveryRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  DocumentId id = CheckDocumentNumber(request.document_number(), refusals);
  if (!refusals.ok()) return refusals.status();
  RecordDelivery record{actor, id.escalation, id.document, std::nullopt};
  if (request.has_delivered_at()) record.delivered_at = decision::FromProto(request.delivered_at());
  return EscalationCommand{std::move(id.report_id), std::move(record)};
}

absl::StatusOr<EscalationCommand> Read(const v1::ReplyToDocumentRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  DocumentId id = CheckDocumentNumber(request.document_number(), refusals);
  CheckWords(request, refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(id.report_id),
                           ReplyToDocument{actor,
                                           id.escalation,
                                           id.document,
                                           request.text(),
                                           {request.attachments().begin(), request.attachments().end()}}};
}

absl::StatusOr<EscalationCommand> Read(const v1::RecordComplianceRequest& request,
                                       const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (request.compliance() == event::v1::COMPLIANCE_UNSPECIFIED ||
      !event::v1::Compliance_IsValid(request.compliance())) {
    refusals.Add("compliance", "is required", "give COMPLIANCE_FULL, _PARTIAL or _NONE");
  }
  CheckNote("text", request.text(), refusals);
  if (!refusals.ok()) return refusals.status();
  return EscalationCommand{std::move(report_id),
                           RecordCompliance{actor, request.compliance(), request.text()}};
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
  query.office = request.office();
  query.overdue_only = request.overdue_only();
  query.limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  query.after = ReadPageToken(request.page_token(), refusals);
  if (!refusals.ok()) return refusals.status();
  return query;
}

std::string PageTokenAfter(const Escalation& last) {
  return absl::WebSafeBase64Escape(fmt::format("{}.{}", absl::ToUnixMicros(*last.opened_at), last.id));
}

}  // namespace lapor::ombudsman
