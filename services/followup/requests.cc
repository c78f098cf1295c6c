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
#include "libs/report/tracking_id.h"

namespace lapor::followup {
namespace {

using decision::Refusals;
using eventlog::CheckRequestId;
using report::CheckTrackingId;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsPrintable(char c) { return c > ' ' && c < 0x7F; }

void CheckText(const std::string& text, Refusals& refusals) {
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = static_cast<size_t>(std::ranges::count_if(text, is_start));
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  const auto is_control = [&](char c) { return (c >= 0 && c < ' ' && !is_blank(c)) || c == 0x7F; };
  if (std::ranges::all_of(text, is_blank)) {
    refusals.Add("text", "is required", fmt::format("give 1 to {} characters", kMaxTextCharacters));
  } else if (characters > kMaxTextCharacters) {
    refusals.Add("text", fmt::format("has more than {} characters", kMaxTextCharacters),
                 "shorten it; add longer material as evidence");
  }
  if (std::ranges::any_of(text, is_control)) {
    refusals.Add("text", "holds control characters other than line breaks and tabs", "leave them out");
  }
}

// type/subtype, RFC 6838 section 4.2, without parameters.
bool IsMediaType(std::string_view text) {
  const auto is_name = [](std::string_view name) {
    const auto in_name = [](char c) {
      return IsLetter(c) || IsDigit(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
    };
    return !name.empty() && (IsLetter(name[0]) || IsDigit(name[0])) && std::ranges::all_of(name, in_name);
  };
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && text.size() <= kMaxMediaTypeCharacters &&
         is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

// An https URL with a host, or a key of the attachment store, without any scheme.
bool IsUri(std::string_view text) {
  constexpr std::string_view kHttps = "https://";
  if (text.empty() || text.size() > kMaxUriCharacters || !std::ranges::all_of(text, IsPrintable))
    return false;
  if (text.starts_with(kHttps)) return text.size() > kHttps.size() && text[kHttps.size()] != '/';
  return text.find(':') == std::string_view::npos;
}

void CheckAttachment(const std::string& path, const report::v1::Attachment& attachment, Refusals& refusals) {
  const auto is_hex = [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); };
  if (attachment.sha256().size() != 64 || !std::ranges::all_of(attachment.sha256(), is_hex)) {
    refusals.Add(path + ".sha256", "must be 64 lower-case hexadecimal digits",
                 "give the SHA-256 of the file's content");
  }
  if (attachment.size_bytes() < 1 || attachment.size_bytes() > kMaxAttachmentBytes) {
    refusals.Add(path + ".size_bytes", fmt::format("must be 1 to {}", kMaxAttachmentBytes),
                 "give the file's size; split or compress a larger one");
  }
  if (!IsMediaType(attachment.media_type())) {
    refusals.Add(path + ".media_type",
                 fmt::format("must be a media type of at most {} characters", kMaxMediaTypeCharacters),
                 "give type and subtype without parameters, as image/jpeg");
  }
  if (!IsUri(attachment.uri())) {
    refusals.Add(
        path + ".uri",
        fmt::format("must be an https URL or a key of the attachment store, of 1 to {} printable ASCII "
                    "characters without spaces",
                    kMaxUriCharacters),
        "store the file first, and give the address at which it is fetched");
  }
}

void CheckKind(event::v1::ResponseKind kind, Refusals& refusals) {
  if (kind == event::v1::RESPONSE_KIND_INTERIM || kind == event::v1::RESPONSE_KIND_FINAL) return;
  refusals.Add("kind", "is required", "give RESPONSE_KIND_INTERIM or RESPONSE_KIND_FINAL");
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

// For what CloseCase and ReopenCase have in common: everything.
template <class CommandOfKind, class Request>
absl::StatusOr<CaseCommand> ReadBare(const Request& request, const report::v1::Actor& actor) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(report_id), CommandOfKind{actor}};
}

}  // namespace

absl::StatusOr<CaseCommand> Read(const v1::RespondToCaseRequest& request, const report::v1::Actor& actor,
                                 const std::string& response_id) {
  Refusals refusals;
  CheckRequestId(request.request_id(), refusals);
  std::string report_id = CheckTrackingId("report_id", request.report_id(), refusals);
  CheckKind(request.kind(), refusals);
  CheckText(request.text(), refusals);
  if (request.evidence_size() > kMaxEvidence) {
    refusals.Add("evidence", fmt::format("has more than {} attachments", kMaxEvidence),
                 "choose the best, or give the others with an interim answer");
  } else {
    for (int i = 0; i < request.evidence_size(); ++i) {
      CheckAttachment(fmt::format("evidence[{}]", i), request.evidence(i), refusals);
    }
  }
  if (!refusals.ok()) return refusals.status();
  return CaseCommand{std::move(report_id),
                     RespondToCase{actor,
                                   response_id,
                                   request.kind(),
                                   request.text(),
                                   {request.evidence().begin(), request.evidence().end()}}};
}

absl::StatusOr<CaseCommand> Read(const v1::CloseCaseRequest& request, const report::v1::Actor& actor) {
  return ReadBare<CloseCase>(request, actor);
}

absl::StatusOr<CaseCommand> Read(const v1::ReopenCaseRequest& request, const report::v1::Actor& actor) {
  return ReadBare<ReopenCase>(request, actor);
}

absl::StatusOr<std::string> ReadReportId(const std::string& typed) {
  Refusals refusals;
  std::string id = CheckTrackingId("report_id", typed, refusals);
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
        "give CASE_STATE_OPEN, _ANSWERED, _CLOSED or _ENDED, or leave it out for open and answered ones");
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
  query.after = ReadPageToken(request.page_token(), refusals);
  if (!refusals.ok()) return refusals.status();
  return query;
}

std::string PageTokenAfter(const Case& last) {
  return absl::WebSafeBase64Escape(fmt::format("{}.{}", absl::ToUnixMicros(NextDueAt(last)), last.id));
}

}  // namespace lapor::followup
