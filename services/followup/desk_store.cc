#include "services/followup/desk_store.h"

#include "libs/decision/proto_time.h"

namespace lapor::followup {
namespace {

const pg::Statement kAppendNote{"note_append", R"sql(
  INSERT INTO note (case_id, agency_id, note_id, written_at, written_by, text)
  VALUES ($1, $2, $3::uuid, $4, $5, $6))sql"};

const pg::Statement kListNotes{"notes_list", R"sql(
  SELECT case_id, note_id, written_at, written_by, text FROM note
  WHERE case_id = $1 AND agency_id = $2 ORDER BY written_at, note_id)sql"};

const pg::Statement kFindNote{"note_find", R"sql(
  SELECT case_id, note_id, written_at, written_by, text FROM note
  WHERE case_id = $1 AND agency_id = $2 AND note_id = $3::uuid)sql"};

const pg::Statement kNoteBytes{"note_bytes", R"sql(
  SELECT coalesce(sum(greatest(octet_length(text), $3::bigint)), 0)::bigint FROM note
  WHERE case_id = $1 AND agency_id = $2)sql"};

const pg::Statement kSaveTemplate{"template_save", R"sql(
  INSERT INTO template (agency_id, template_id, title, text) VALUES ($1, $2, $3, $4)
  ON CONFLICT (agency_id, template_id) DO UPDATE SET title = excluded.title, text = excluded.text)sql"};

const pg::Statement kRemoveTemplate{"template_remove",
                                    "DELETE FROM template WHERE agency_id = $1 AND template_id = $2"};

const pg::Statement kListTemplates{"templates_list", R"sql(
  SELECT agency_id, template_id, title, text FROM template
  WHERE agency_id = ANY($1::text[]) ORDER BY template_id, agency_id)sql"};

// Of agencies that stand above each other, the lowest has the longest id.
const pg::Statement kFindTemplate{"template_find", R"sql(
  SELECT agency_id, template_id, title, text FROM template
  WHERE agency_id = ANY($1::text[]) AND template_id = $2 ORDER BY length(agency_id) DESC LIMIT 1)sql"};

const pg::Statement kOtherTemplateBytes{"template_bytes", R"sql(
  SELECT coalesce(sum(greatest(octet_length(title) + octet_length(text), $3::bigint)), 0)::bigint FROM template
  WHERE agency_id = $1 AND template_id <> $2)sql"};

pg::Array ArrayOf(const std::vector<std::string>& texts) {
  pg::Array array;
  for (const std::string& text : texts) array.Add(text);
  return array;
}

v1::Note NoteAt(const pg::Row& row) {
  v1::Note note;
  note.set_report_id(row.Text(0));
  note.set_note_id(row.Text(1));
  *note.mutable_written_at() = decision::ToProto(row.Time(2));
  note.set_written_by(row.Text(3));
  note.set_text(row.Text(4));
  return note;
}

v1::Template TemplateAt(const pg::Row& row) {
  v1::Template found;
  found.set_agency_id(row.Text(0));
  found.set_template_id(row.Text(1));
  found.set_title(row.Text(2));
  found.set_text(row.Text(3));
  return found;
}

}  // namespace

void AppendNote(pg::Tx& tx, const std::string& agency_id, const v1::Note& note) {
  tx.Exec(kAppendNote, pg::Params(note.report_id(), agency_id, note.note_id(),
                                  decision::FromProto(note.written_at()), note.written_by(), note.text()));
}

std::vector<v1::Note> ListNotes(pg::Tx& tx, const std::string& case_id, const std::string& agency_id) {
  std::vector<v1::Note> notes;
  for (const pg::Row row : tx.Exec(kListNotes, pg::Params(case_id, agency_id))) notes.push_back(NoteAt(row));
  return notes;
}

std::optional<v1::Note> FindNote(pg::Tx& tx, const std::string& case_id, const std::string& agency_id,
                                 const std::string& note_id) {
  const pg::Result rows = tx.Exec(kFindNote, pg::Params(case_id, agency_id, note_id));
  if (rows.empty()) return std::nullopt;
  return NoteAt(rows[0]);
}

int64_t NoteBytes(pg::Tx& tx, const std::string& case_id, const std::string& agency_id, int64_t min_bytes) {
  return tx.Exec(kNoteBytes, pg::Params(case_id, agency_id, min_bytes))[0].Int(0);
}

void SaveTemplate(pg::Tx& tx, const v1::Template& saved) {
  tx.Exec(kSaveTemplate, pg::Params(saved.agency_id(), saved.template_id(), saved.title(), saved.text()));
}

bool RemoveTemplate(pg::Tx& tx, const std::string& agency_id, const std::string& template_id) {
  return tx.Exec(kRemoveTemplate, pg::Params(agency_id, template_id)).affected_rows() == 1;
}

std::vector<v1::Template> ListTemplates(pg::Tx& tx, const std::vector<std::string>& agency_ids) {
  std::vector<v1::Template> templates;
  for (const pg::Row row : tx.Exec(kListTemplates, pg::Params(ArrayOf(agency_ids))))
    templates.push_back(TemplateAt(row));
  return templates;
}

std::optional<v1::Template> FindTemplate(pg::Tx& tx, const std::vector<std::string>& agency_ids,
                                         const std::string& template_id) {
  const pg::Result rows = tx.Exec(kFindTemplate, pg::Params(ArrayOf(agency_ids), template_id));
  if (rows.empty()) return std::nullopt;
  return TemplateAt(rows[0]);
}

int64_t OtherTemplateBytes(pg::Tx& tx, const std::string& agency_id, const std::string& template_id,
                           int64_t min_bytes) {
  return tx.Exec(kOtherTemplateBytes, pg::Params(agency_id, template_id, min_bytes))[0].Int(0);
}

}  // namespace lapor::followup
