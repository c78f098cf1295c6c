// Notes and templates in PostgreSQL: the tables note and template.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lapor/followup/v1/followup.pb.h"
#include "libs/pg/tx.h"

namespace lapor::followup {

// `note.report_id` is the case's id, which may be that of a child assignment.
void AppendNote(pg::Tx& tx, const std::string& agency_id, const v1::Note& note);
// Those of the agency alone, the oldest first.
std::vector<v1::Note> ListNotes(pg::Tx& tx, const std::string& case_id, const std::string& agency_id);
std::optional<v1::Note> FindNote(pg::Tx& tx, const std::string& case_id, const std::string& agency_id,
                                 const std::string& note_id);
// The bytes of the agency's notes on the case, each counted as `min_bytes` or more.
int64_t NoteBytes(pg::Tx& tx, const std::string& case_id, const std::string& agency_id, int64_t min_bytes);

// New, or in the place of the one that there is.
void SaveTemplate(pg::Tx& tx, const v1::Template& saved);
// False: there is none.
bool RemoveTemplate(pg::Tx& tx, const std::string& agency_id, const std::string& template_id);
// Of these agencies, by template id and then by agency.
std::vector<v1::Template> ListTemplates(pg::Tx& tx, const std::vector<std::string>& agency_ids);
// That of the lowest of these agencies, which all stand above each other.
std::optional<v1::Template> FindTemplate(pg::Tx& tx, const std::vector<std::string>& agency_ids,
                                         const std::string& template_id);
// The bytes of the agency's templates but this one, each counted as `min_bytes` or more.
int64_t OtherTemplateBytes(pg::Tx& tx, const std::string& agency_id, const std::string& template_id,
                           int64_t min_bytes);

}  // namespace lapor::followup
