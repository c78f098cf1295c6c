// What an agency's people have at hand while they work on a case: notes for each other, and templates to
// answer from. No event tells of either, and no decision depends on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lapor/followup/v1/followup.pb.h"
#include "libs/pg/pool.h"
#include "libs/rpc/token.h"
#include "libs/runtime/clock.h"

namespace lapor::followup {

// Of one agency's notes on one case, and of one agency's templates, together, so that each list is an answer
// of bounded size; each counts as kMinDeskEntryBytes or more, which bounds their number.
inline constexpr int64_t kMaxNoteBytes = 1 << 20;
inline constexpr int64_t kMaxTemplateBytes = 1 << 19;
inline constexpr int64_t kMinDeskEntryBytes = 1024;

inline constexpr size_t kMinTemplateIdCharacters = 2;
inline constexpr size_t kMaxTemplateIdCharacters = 64;
inline constexpr size_t kMaxTemplateTitleCharacters = 200;

// What a template's placeholders stand for.
struct TemplateValues {
  std::string report;
  std::string agency;
};
// `text` is that of a recorded template.
std::string FillIn(const std::string& text, const TemplateValues& values);

// Thread-safe; what it is given outlives it. All of it may block. What the caller did wrong is a
// refusal with field, rule and remedy.
class Desk {
 public:
  Desk(pg::Pool& pool, const runtime::Clock& clock) : pool_(pool), clock_(clock) {}

  absl::StatusOr<v1::Note> AddNote(const rpc::Caller& caller, const v1::AddNoteRequest& request) const;
  absl::StatusOr<v1::ListNotesResponse> ListNotes(const rpc::Caller& caller,
                                                  const v1::ListNotesRequest& request) const;

  absl::StatusOr<v1::Template> RecordTemplate(const rpc::Caller& caller,
                                              const v1::RecordTemplateRequest& request) const;
  absl::StatusOr<v1::ListTemplatesResponse> ListTemplates(const rpc::Caller& caller) const;
  absl::StatusOr<v1::RemoveTemplateResponse> RemoveTemplate(const rpc::Caller& caller,
                                                            const v1::RemoveTemplateRequest& request) const;

  // The request, its text filled in from its template if it names one; else as it is. A repeat of a request
  // that was answered before is passed on though the template is gone meanwhile: it gets the first answer.
  absl::StatusOr<v1::RespondToCaseRequest> ResolveTemplate(const rpc::Caller& caller,
                                                           v1::RespondToCaseRequest request) const;

 private:
  pg::Pool& pool_;
  const runtime::Clock& clock_;
};

}  // namespace lapor::followup
