#include "services/followup/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/report/content.h"

namespace lapor::followup {
namespace {

using decision::Refusals;
using eventlog::CheckRequestId;
using report::CheckAssignmentId;

void CheckKind(event::v1::ResponseKind kind, Refusals& refusals) {
  if (kind != event::v1::RESPONSE_KIND_UNSPECIFIED && event::v1::ResponseKind_IsValid(kind)) return;
  refusals.Add("kind", "is required",
               "give RESPONSE_KIND_INTERIM, RESPONSE_KIND_FINAL or RESPONSE_KIND_QUESTION");
}

// When the next word comes, and why only then: of interim answers, and of no others.
std::optional<absl::CivilDay> CheckPromise(const v1::RespondToCaseRequest& request, Refusals& refusals) {
  const bool has_reason = request.interim_reason() != event::v1::INTERIM_REASON_UNSPECIFIED;
  if (request.kind() != event::v1::RESPONSE_KIND_INTERIM) {
    const std::string rule = "is of interim answers only";
    if (has_reason) refusals.Add("interim_reason", rule, "leave it out, or give an interim answer");
    if (!request.promised_on().empty())
      refusals.Add("promised_on", rule, "leave it out, or give an interim answer");
    return std::nullopt;
  }
  if (!has_reason || !event::v1::InterimReason_IsValid(request.interim_reason())) {
    refusals.Add("interim_reason", "is required of an interim answer",
                 "give the INTERIM_REASON_ that says why work goes on");
  }
  absl::CivilDay promised_on;
  if (policy::ParseIsoDate(request.promised_on(), promised_on)) return promised_on;
  refusals.Add("promised_on", "is required of an interim answer, and a date as 2026-03-20",
               "name the day, in the agency's zone, by which your next word comes");
  return std::nullopt;
}

bool IsDelegate(const std::string& name) {
  return name.size() <= kMaxDelegateCharacters &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
}

void CheckDelegate(const std::string& name, Refusals& refusals) {
  if (IsDelegate(name)) return;
  refusals.Add(
      "delegate",
      fmt::format("must be at most {} printable ASCII characters without spaces", kMaxDelegateCharacters),
      "give the account or the desk as your agency names it, or leave it out for nobody in particular");
}

// What a page token holds: microseconds since 1970 and the id, as 1718000000000000.7K3M9QXT2B54.
std::optional<CasePlace> ReadPageToken(const std::string& token, Refusals& refusals) {
  if (token.empty()) return std::nullopt;
  std::string text;
  int64_t due_us = 0;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    const char* const end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, due_us);
    if (error == std::errc() && dot != end && *dot == '.') {
      const bool never = due_us == absl::ToUnixMicros(absl::InfiniteFuture());
      return CasePlace{never ? absl::InfiniteFuture() : absl::FromUnixMicros(due_us),
                       std::string(dot + 1, end)};
    }
  }
  refusals.Add("page_token", "is none that ListCases gave",
               "give next_page_token of the page before, unchanged");
  return std::nullopt;
}

}  // namespace

absl::StatusOr<CaseCommand> Read(const v1::RespondToCaseRequest& request, const report::v1::Actor& actor,
                                 const std::string& response_id) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  report::AssignmentId id = CheckAssignmentId("report_id", request.report_id(), refusals);
  CheckKind(request.kind(), refusals);
  const auto promised_on = CheckPromise(request, refusals);
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters, true,
                    refusals);
  if (request.evidence_size() > kMaxEvidence) {
    refusals.Add("evidence", fmt::format("has more than {} attachments", kMaxEvidence),
                 "choose the best, or give the others with an interim answer");
  } else {
    for (int i = 0; i < request.evidence_size(); ++i) {
      report::CheckAttachment(fmt::format("evidence[{}]", i), request.evidence(i), refusals);
    }
  }
  if (!refusals.ok()) return refusals.status();
  RespondToCase command{actor,
                        response_id,
                        request.kind(),
                        request.text(),
                        {request.evidence().begin(), request.evidence().end()},
                        id.child};
  command.interim_reason = request.interim_reason();
  command.promised_on = promised_on;
  return CaseCommand{std::move(id.report_id), std::move(command)};
}

absl::StatusOr<CaseCommand> Read(const v1::DelegateCaseRequest& request, const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  report::AssignmentId id = CheckAssignmentId("report_id", request.report_id(), refusals);
  CheckDelegate(request.delegate(), refusals);
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(id.report_id), DelegateCase{actor, request.delegate(), id.child}};
}

absl::StatusOr<CaseCommand> Read(const v1::CloseCaseRequest& request, const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  report::AssignmentId id = CheckAssignmentId("report_id", request.report_id(), refusals);
  if (id.child > 0) {
    refusals.Add("report_id", "names a child assignment, which ends with its report",
                 "close the report, by its tracking id alone, or have EndChildAssignment end the child");
  }
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(id.report_id), CloseCase{actor}};
}

absl::StatusOr<CaseCommand> Read(const v1::ReopenCaseRequest& request, const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  report::AssignmentId id = CheckAssignmentId("report_id", request.report_id(), refusals);
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(id.report_id), ReopenCase{actor, id.child}};
}

absl::StatusOr<CaseCommand> Read(const v1::DecideAppealRequest& request, const report::v1::Actor& actor,
                                 const std::string& response_id) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  report::AssignmentId id = CheckAssignmentId("report_id", request.report_id(), refusals);
  if (id.child > 0) {
    refusals.Add("report_id", "names a child assignment, whose answer is not appealed by itself",
                 "give the report, by its tracking id alone");
  }
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters, true,
                    refusals);
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(id.report_id),
                     DecideAppeal{actor, response_id, request.granted(), request.text()}};
}

absl::StatusOr<report::AssignmentId> ReadCaseId(const std::string& typed) {
  Refusals refusals;
  report::AssignmentId id = CheckAssignmentId("report_id", typed, refusals);
  if (!refusals.ok()) return refusals.status();
  return id;
}

absl::StatusOr<CaseQuery> Read(const v1::ListCasesRequest& request, const report::v1::Actor& actor) {
  Refusals refusals;
  CaseQuery query;
  query.agency_id = request.agency_id().empty() ? actor.agency_id() : request.agency_id();
  if (query.agency_id.empty()) {
    refusals.Add("agency_id", "is required of a caller without an agency",
                 "name the agency whose cases are meant");
  }
  query.state = request.state();
  if (query.state == v1::CASE_STATE_AWAITING_ASSIGNMENT || !v1::CaseState_IsValid(query.state)) {
    refusals.Add(
        "state", "is not one in which an agency has cases",
        "give CASE_STATE_OPEN, _ANSWERED, _CLOSED, _ENDED, _ARCHIVED or _MERGED, or leave it out for "
        "open and answered ones");
  }
  query.breached_only = request.breached_only();
  query.report_class = request.report_class();
  if (!report::v1::ReportClass_IsValid(query.report_class)) {
    refusals.Add("report_class", "is not a class of reports",
                 "give one of the REPORT_CLASS_ values, or leave it out");
  }
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    refusals.Add("page_size", fmt::format("must be 1 to {}", kMaxPageSize),
                 fmt::format("give a size in these bounds, or 0 for {}", kDefaultPageSize));
  }
  query.limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  query.delegate = request.delegate();
  CheckDelegate(query.delegate, refusals);
  query.appeals = request.appeals();
  if (query.appeals && !query.delegate.empty()) {
    refusals.Add("delegate", "is of the agency's own cases, and appeals are against others'",
                 "leave out delegate or appeals");
  }
  query.after = ReadPageToken(request.page_token(), refusals);
  if (!refusals.ok()) return refusals.status();
  return query;
}

std::string PageTokenAfter(const Case& last) {
  return absl::WebSafeBase64Escape(fmt::format("{}.{}", absl::ToUnixMicros(NextDueAt(last)), last.id));
}

}  // namespace lapor::followup
