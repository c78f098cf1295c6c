#include "services/followup/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/requests.h"
#include "libs/eventlog/uuid.h"
#include "libs/report/agency_id.h"
#include "libs/report/assignment_id.h"
#include "libs/report/content.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/auth.h"
#include "services/followup/desk_store.h"
#include "services/followup/requests.h"
#include "services/followup/store.h"

namespace lapor::followup {
namespace {

using decision::Refusals;
using decision::Refuse;
using report::v1::ROLE_AGENCY_ADMIN;
using report::v1::ROLE_OFFICER;

constexpr std::string_view kReportPlaceholder = "{report}";
constexpr std::string_view kAgencyPlaceholder = "{agency}";

// Who works at an agency's desk.
absl::Status RequireAgency(const rpc::Caller& caller, std::initializer_list<report::v1::Role> roles) {
  if (auto status = rpc::Require(caller, roles); !status.ok()) return status;
  if (!caller.agency_id.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "authorization", "the caller is of no agency",
                "call with the token of somebody of the agency");
}

// The agency and those above it, whose ids it begins with.
std::vector<std::string> WithThoseAbove(const std::string& agency_id) {
  std::vector<std::string> agencies;
  for (size_t dot = agency_id.find('.'); dot != std::string::npos; dot = agency_id.find('.', dot + 1))
    agencies.push_back(agency_id.substr(0, dot));
  agencies.push_back(agency_id);
  return agencies;
}

// The case that a request names, and its id.
struct FoundCase {
  std::string id;
  std::string agency_id;
};
absl::StatusOr<FoundCase> FindNamedCase(pg::Tx& tx, const report::AssignmentId& id) {
  const std::optional<Case> report = FindCase(tx, id.report_id);
  const Case* found = report ? CaseOf(*report, id.child) : nullptr;
  if (found) return FoundCase{found->id, found->agency_id};
  return Refuse(absl::StatusCode::kNotFound, "report_id", "is not known here",
                "check the tracking id; a report that was assigned just now is known in a moment");
}

bool IsTemplateId(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return id.size() >= kMinTemplateIdCharacters && id.size() <= kMaxTemplateIdCharacters &&
         std::ranges::all_of(id, allowed);
}

// The placeholder that `text` begins with; empty: none.
std::string_view PlaceholderAt(std::string_view text) {
  for (const std::string_view placeholder : {kReportPlaceholder, kAgencyPlaceholder}) {
    if (text.starts_with(placeholder)) return placeholder;
  }
  return "";
}

bool HasOnlyPlaceholders(std::string_view text) {
  for (size_t at = text.find_first_of("{}"); at != std::string_view::npos;
       at = text.find_first_of("{}", at)) {
    const std::string_view placeholder = PlaceholderAt(text.substr(at));
    if (placeholder.empty()) return false;
    at += placeholder.size();
  }
  return true;
}

absl::Status CheckTemplate(const v1::Template& recorded) {
  Refusals refusals;
  if (!IsTemplateId(recorded.template_id())) {
    refusals.Add("template.template_id",
                 fmt::format("must be {} to {} characters of a-z, 0-9, dot and hyphen",
                             kMinTemplateIdCharacters, kMaxTemplateIdCharacters),
                 "give an id as jalan-diperbaiki");
  }
  report::CheckText("template.title", recorded.title(), report::TextForm::kLine, kMaxTemplateTitleCharacters,
                    true, refusals);
  report::CheckText("template.text", recorded.text(), report::TextForm::kText, report::kMaxTextCharacters,
                    true, refusals);
  if (!HasOnlyPlaceholders(recorded.text())) {
    refusals.Add("template.text", "has a brace that is none of {report} and {agency}",
                 "take these for what is filled in, and parentheses for the rest");
  }
  return refusals.ok() ? absl::OkStatus() : refusals.status();
}

int64_t BytesOf(size_t text) { return std::max(kMinDeskEntryBytes, static_cast<int64_t>(text)); }

}  // namespace

std::string FillIn(const std::string& text, const TemplateValues& values) {
  std::string filled;
  for (size_t at = 0; at < text.size();) {
    const std::string_view placeholder = PlaceholderAt(std::string_view(text).substr(at));
    if (placeholder.empty()) {
      filled += text[at++];
    } else {
      filled += placeholder == kReportPlaceholder ? values.report : values.agency;
      at += placeholder.size();
    }
  }
  return filled;
}

// --- Notes ---

absl::StatusOr<v1::Note> Desk::AddNote(const rpc::Caller& caller, const v1::AddNoteRequest& request) const {
  if (auto status = RequireAgency(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  Refusals refusals;
  eventlog::CheckRequestId(request.request_id(), refusals);
  const report::AssignmentId id = report::CheckAssignmentId("report_id", request.report_id(), refusals);
  report::CheckText("text", request.text(), report::TextForm::kText, report::kMaxTextCharacters, true,
                    refusals);
  if (!refusals.ok()) return refusals.status();

  const std::string key = eventlog::RequestKey(caller, request.request_id());
  const std::string fingerprint = eventlog::Fingerprint(request);
  v1::Note note;
  const auto add = [&](pg::Tx& tx) -> absl::Status {
    note.Clear();
    const auto named = FindNamedCase(tx, id);
    if (!named.ok()) return named.status();
    const auto answers = eventlog::LoadAnswers(tx, {key});
    if (const auto answered = answers.find(key); answered != answers.end()) {
      if (answered->second.fingerprint != fingerprint) {
        return Refuse(absl::StatusCode::kAlreadyExists, "request_id", "was used before for another request",
                      "repeat a request with exactly the body it had, or take a new request_id");
      }
      auto first = FindNote(tx, named->id, caller.agency_id, answered->second.outcome.subject);
      // The caller is of another agency now, or the same request would have found it.
      if (!first) {
        return Refuse(absl::StatusCode::kPermissionDenied, "report_id", "the note is another agency's now",
                      "take a new request_id for a note of the present agency");
      }
      note = *std::move(first);
      return absl::OkStatus();
    }
    if (named->agency_id != caller.agency_id) {
      return Refuse(absl::StatusCode::kPermissionDenied, "report_id", "is not held by the caller's agency",
                    "write notes on cases that the agency has; those written before can be read");
    }
    if (NoteBytes(tx, named->id, caller.agency_id, kMinDeskEntryBytes) + BytesOf(request.text().size()) >
        kMaxNoteBytes) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "text",
                    fmt::format("the agency's notes on the case would exceed {} bytes", kMaxNoteBytes),
                    "keep longer material in the agency's own files, and note where it is");
    }
    // As the database keeps it, so that a repeat is told the very same time.
    const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now()));
    note.set_note_id(eventlog::NewUuid());
    note.set_report_id(named->id);
    *note.mutable_written_at() = decision::ToProto(now);
    note.set_written_by(caller.subject);
    note.set_text(request.text());
    AppendNote(tx, caller.agency_id, note);
    eventlog::Outcome outcome;
    outcome.subject = note.note_id();
    outcome.decided_at = now;
    eventlog::SaveAnswers(tx, {{key, {fingerprint, outcome}}});
    return absl::OkStatus();
  };
  absl::Status status = pool_.Transact(add);
  // A repeat that overtook this one has written the note.
  if (absl::IsAlreadyExists(status) && !decision::BadInputOf(status)) status = pool_.Transact(add);
  if (absl::IsUnknown(status)) return absl::UnavailableError("the note may have been written");
  if (!status.ok()) return status;
  return note;
}

absl::StatusOr<v1::ListNotesResponse> Desk::ListNotes(const rpc::Caller& caller,
                                                      const v1::ListNotesRequest& request) const {
  if (auto status = RequireAgency(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  const auto id = ReadCaseId(request.report_id());
  if (!id.ok()) return id.status();
  v1::ListNotesResponse response;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) -> absl::Status {
    const auto named = FindNamedCase(tx, *id);
    if (!named.ok()) return named.status();
    for (v1::Note& note : followup::ListNotes(tx, named->id, caller.agency_id))
      *response.add_notes() = std::move(note);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

// --- Templates ---

absl::StatusOr<v1::Template> Desk::RecordTemplate(const rpc::Caller& caller,
                                                  const v1::RecordTemplateRequest& request) const {
  if (auto status = RequireAgency(caller, {ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  v1::Template recorded = request.template_();
  if (recorded.agency_id().empty()) recorded.set_agency_id(caller.agency_id);
  if (recorded.agency_id() != caller.agency_id) {
    return Refuse(absl::StatusCode::kPermissionDenied, "template.agency_id", "is not the caller's agency",
                  "leave it out; each agency records its own templates");
  }
  if (auto status = CheckTemplate(recorded); !status.ok()) return status;
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) -> absl::Status {
    const int64_t others =
        OtherTemplateBytes(tx, recorded.agency_id(), recorded.template_id(), kMinDeskEntryBytes);
    if (others + BytesOf(recorded.title().size() + recorded.text().size()) > kMaxTemplateBytes) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "template.text",
                    fmt::format("the agency's templates would exceed {} bytes", kMaxTemplateBytes),
                    "remove templates that nobody answers from, by RemoveTemplate");
    }
    SaveTemplate(tx, recorded);
    return absl::OkStatus();
  });
  if (absl::IsUnknown(status)) return absl::UnavailableError("the template may have been recorded");
  if (!status.ok()) return status;
  return recorded;
}

absl::StatusOr<v1::ListTemplatesResponse> Desk::ListTemplates(const rpc::Caller& caller) const {
  if (auto status = RequireAgency(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  v1::ListTemplatesResponse response;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    for (v1::Template& found : followup::ListTemplates(tx, WithThoseAbove(caller.agency_id)))
      *response.add_templates() = std::move(found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::RemoveTemplateResponse> Desk::RemoveTemplate(
    const rpc::Caller& caller, const v1::RemoveTemplateRequest& request) const {
  if (auto status = RequireAgency(caller, {ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  bool removed = false;
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) {
    removed = followup::RemoveTemplate(tx, caller.agency_id, request.template_id());
    return absl::OkStatus();
  });
  if (absl::IsUnknown(status)) return absl::UnavailableError("the template may have been removed");
  if (!status.ok()) return status;
  if (!removed) {
    return Refuse(absl::StatusCode::kNotFound, "template_id", "is not a template of the caller's agency",
                  "take one of ListTemplates; those of an agency above are that agency's to remove");
  }
  return v1::RemoveTemplateResponse();
}

absl::StatusOr<v1::RespondToCaseRequest> Desk::ResolveTemplate(const rpc::Caller& caller,
                                                               v1::RespondToCaseRequest request) const {
  if (request.template_id().empty()) return request;
  if (auto status = RequireAgency(caller, {ROLE_OFFICER, ROLE_AGENCY_ADMIN}); !status.ok()) return status;
  if (!request.text().empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "template_id", "stands beside a text",
                  "leave one of them out: a template is answered with unchanged");
  }
  const auto id = ReadCaseId(request.report_id());
  if (!id.ok()) return id.status();

  std::optional<v1::Template> found;
  bool answered_before = false;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    found = FindTemplate(tx, WithThoseAbove(caller.agency_id), request.template_id());
    if (!found) {
      const std::string key = eventlog::RequestKey(caller, request.request_id());
      answered_before = !eventlog::LoadAnswers(tx, {key}).empty();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (found) {
    request.set_text(
        FillIn(found->text(), {.report = report::ShowTrackingId(id->report_id), .agency = caller.agency_id}));
    return request;
  }
  if (answered_before) {
    // Whatever stands here is compared with nothing, and told to nobody.
    request.set_text(request.template_id());
    return request;
  }
  return Refuse(absl::StatusCode::kNotFound, "template_id",
                "is not a template of the caller's agency, nor of one above it",
                "take one of ListTemplates, or give the text itself");
}

}  // namespace lapor::followup
