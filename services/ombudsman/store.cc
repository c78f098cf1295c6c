#include "services/ombudsman/store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <map>
#include <utility>
#include <variant>

namespace lapor::ombudsman {
namespace {

struct Column {
  const char* name;
  const char* type;
};

// Of the table escalation, in the order in which ReadEscalation reads and SaveEscalations writes them.
constexpr Column kColumns[] = {
    {"id", "text"},
    {"received_at", "timestamptz"},
    {"policy_version", "text"},
    {"identity_known", "boolean"},
    {"agency_id", "text"},
    {"term_passed", "boolean"},
    {"dissatisfied", "boolean"},
    {"archived", "boolean"},
    {"closing", "smallint"},
    {"withdrawn", "boolean"},
    {"stage", "smallint"},
    {"number", "integer"},
    {"cause", "smallint"},
    {"clock", "smallint"},
    {"respondent_agency_id", "text"},
    {"opened_at", "timestamptz"},
    {"consented_at", "timestamptz"},
    {"name_secret", "boolean"},
    {"citizen_or_resident", "boolean"},
    {"before_court", "boolean"},
    {"in_other_mediation", "boolean"},
    {"outcome", "smallint"},
    {"maladministration", "smallint"},
    {"closed_at", "timestamptz"},
    {"stage_reached_at", "timestamptz"},
    {"office", "text"},
    {"direct", "boolean"},
    {"court_process", "boolean"},
    {"occurred_on", "text"},
    {"rapid_response", "boolean"},
    {"check_owed", "boolean"},
    {"compliance", "smallint"},
    {"compliance_at", "timestamptz"},
    {"overdue", "boolean"},
};

std::string Names() {
  std::vector<std::string> names;
  for (const Column& column : kColumns) names.push_back(column.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string SaveSql() {
  std::vector<std::string> arrays, changes;
  for (const Column& column : kColumns) {
    arrays.push_back(fmt::format("${}::{}[]", arrays.size() + 1, column.type));
    changes.push_back(fmt::format("{0} = excluded.{0}", column.name));
  }
  return fmt::format("INSERT INTO escalation ({}) SELECT * FROM unnest({}) ON CONFLICT (id) DO UPDATE SET {}",
                     Names(), fmt::join(arrays, ", "), fmt::join(changes, ", "));
}

std::string SelectSql(const char* rest) { return fmt::format("SELECT {} FROM escalation {}", Names(), rest); }

const std::string kSaveSql = SaveSql();
const pg::Statement kSave{"escalations_save", kSaveSql.c_str()};

const std::string kLoadSql = SelectSql("WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE");
const pg::Statement kLoad{"escalations_load", kLoadSql.c_str()};

const std::string kFindSql = SelectSql("WHERE id = $1 AND stage > 0");
const pg::Statement kFind{"escalations_find", kFindSql.c_str()};

// Each names its stages as its index does, so that a generic plan finds the index.
const char* const kPage = R"sql(
  AND ($1 = '' OR office = $1) AND (NOT $2 OR overdue) AND (opened_at, id) > ($3, $4)
  ORDER BY opened_at, id LIMIT $5)sql";
const std::string kListOpenSql = SelectSql(fmt::format("WHERE stage > 0 AND stage <> 6 {}", kPage).c_str());
const pg::Statement kListOpen{"escalations_list_open", kListOpenSql.c_str()};
const std::string kListStageSql = SelectSql(fmt::format("WHERE stage > 0 AND stage = $6 {}", kPage).c_str());
const pg::Statement kListStage{"escalations_list_stage", kListStageSql.c_str()};

const pg::Statement kFindOffices{
    "escalations_find_offices",
    "SELECT id, office, check_owed AND stage <> 6 FROM escalation WHERE id = ANY($1::text[]) AND stage > 0"};

const pg::Statement kOpenAfter{"escalations_open_after", R"sql(
  SELECT id FROM escalation WHERE stage > 0 AND stage <> 6 AND id > $1 ORDER BY id LIMIT $2)sql"};

// Of one escalation of each report.
const pg::Statement kClocks{"escalation_clocks", R"sql(
  SELECT report_id, clock, document, time_zone, started_at, due_at, alarm_at, reminded_percent, met_at, breached_at
  FROM escalation_clock JOIN unnest($1::text[], $2::integer[]) AS wanted (report_id, escalation)
    USING (report_id, escalation)
  ORDER BY report_id, started_at, document, clock)sql"};

const pg::Statement kSaveClocks{"escalation_clocks_save", R"sql(
  INSERT INTO escalation_clock (report_id, escalation, clock, document, time_zone, started_at, due_at, alarm_at,
                                reminded_percent, met_at, breached_at)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::smallint[], $4::integer[], $5::smallint[], $6::timestamptz[],
                       $7::timestamptz[], $8::timestamptz[], $9::integer[], $10::timestamptz[], $11::timestamptz[])
  ON CONFLICT (report_id, escalation, clock, document) DO UPDATE SET
    due_at = excluded.due_at, alarm_at = excluded.alarm_at, reminded_percent = excluded.reminded_percent,
    met_at = excluded.met_at, breached_at = excluded.breached_at)sql"};

const char* const kDocumentColumns =
    "kind, agency_id, finding, maladministration, office, issued_at, delivered_at, replied_at, replies, "
    "addressee_sha256";
const std::string kDocumentsSql = fmt::format(R"sql(
  SELECT report_id, number, {}
  FROM document JOIN unnest($1::text[], $2::integer[]) AS wanted (report_id, escalation) USING (report_id, escalation)
  ORDER BY report_id, number)sql",
                                              kDocumentColumns);
const pg::Statement kDocuments{"documents", kDocumentsSql.c_str()};

const pg::Statement kSaveDocuments{"documents_save", R"sql(
  INSERT INTO document (report_id, escalation, number, kind, agency_id, finding, maladministration, office, issued_at,
                        delivered_at, replied_at, replies, addressee_sha256)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::smallint[], $5::text[], $6::smallint[],
                       $7::smallint[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[],
                       $12::integer[], $13::text[])
  ON CONFLICT (report_id, escalation, number) DO UPDATE SET
    agency_id = excluded.agency_id, delivered_at = excluded.delivered_at, replied_at = excluded.replied_at,
    replies = excluded.replies)sql"};

const std::string kCorrespondenceSql =
    fmt::format(R"sql(
  SELECT d.escalation, d.number, {}, l.addressee, l.text, l.text_sha256, c.due_at
  FROM document d
  JOIN letter l ON (l.report_id, l.escalation, l.document) = (d.report_id, d.escalation, d.number)
  LEFT JOIN escalation_clock c ON (c.report_id, c.escalation, c.document) = (d.report_id, d.escalation, d.number)
  WHERE d.report_id = $1 AND ($2 = '' OR (d.agency_id = $2 AND d.delivered_at IS NOT NULL))
  ORDER BY d.escalation, d.number)sql",
                "d.kind, d.agency_id, d.finding, d.maladministration, "
                "d.office, d.issued_at, d.delivered_at, d.replied_at, d.replies, d.addressee_sha256");
const pg::Statement kCorrespondence{"correspondence", kCorrespondenceSql.c_str()};

const pg::Statement kReplies{"replies", R"sql(
  SELECT escalation, document, number, replied_at, agency_id, text FROM reply
  WHERE report_id = $1 ORDER BY escalation, document, number)sql"};

const pg::Statement kAttachments{"document_attachments", R"sql(
  SELECT escalation, document, reply, sha256, size_bytes, media_type, uri FROM document_attachment
  WHERE report_id = $1 ORDER BY escalation, document, reply, number)sql"};

const pg::Statement kAddLetters{"letters_add", R"sql(
  INSERT INTO letter (report_id, escalation, document, addressee, text, text_sha256)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[]))sql"};

const pg::Statement kAddReplies{"replies_add", R"sql(
  INSERT INTO reply (report_id, escalation, document, number, replied_at, agency_id, text)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[], $5::timestamptz[], $6::text[],
                       $7::text[]))sql"};

const pg::Statement kAddAttachments{"document_attachments_add", R"sql(
  INSERT INTO document_attachment (report_id, escalation, document, reply, number, sha256, size_bytes, media_type, uri)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::text[],
                       $7::bigint[], $8::text[], $9::text[]))sql"};

const pg::Statement kAddNotes{"officer_notes_add", R"sql(
  INSERT INTO officer_note (report_id, escalation, kind, written_at, text)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::smallint[], $4::timestamptz[], $5::text[]))sql"};

const pg::Statement kNotes{"officer_notes", R"sql(
  SELECT kind, written_at, text FROM officer_note
  WHERE report_id = $1 AND escalation = $2 ORDER BY written_at, kind)sql"};

const pg::Statement kVerdicts{"verdicts", R"sql(
  SELECT report_id, escalation, ground, met, decided_at, basis, reason
  FROM verdict JOIN unnest($1::text[], $2::integer[]) AS wanted (report_id, escalation) USING (report_id, escalation)
  ORDER BY report_id, ground)sql"};

const pg::Statement kVerdictsAt{"verdicts_at", R"sql(
  SELECT report_id, escalation, ground, met, decided_at, basis, reason FROM verdict
  WHERE report_id = $1 AND decided_at = $2 ORDER BY ground)sql"};

const pg::Statement kAddVerdicts{"verdicts_add", R"sql(
  INSERT INTO verdict (report_id, escalation, ground, met, decided_at, basis, reason)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::smallint[], $4::boolean[], $5::timestamptz[], $6::smallint[],
                       $7::text[]))sql"};

Escalation ReadEscalation(const pg::Row& row) {
  Escalation read;
  int column = 0;
  const auto text = [&] { return row.Text(column++); };
  const auto number = [&] { return row.Int32(column++); };
  const auto flag = [&] { return row.Bool(column++); };
  const auto time = [&] { return row.OptTime(column++); };
  read.id = text();
  read.facts.received_at = time();
  read.facts.policy_version = text();
  read.facts.identity_known = flag();
  read.facts.agency_id = text();
  read.facts.term_passed = flag();
  read.facts.dissatisfied = flag();
  read.facts.archived = flag();
  read.facts.closing = static_cast<event::v1::Closing>(number());
  read.facts.withdrawn = flag();
  read.stage = static_cast<EscalationStage>(number());
  read.number = number();
  read.cause = static_cast<event::v1::EscalationCause>(number());
  read.clock = static_cast<report::v1::Clock>(number());
  read.respondent_agency_id = text();
  read.opened_at = time();
  read.consented_at = time();
  read.name_secret = flag();
  read.declarations.set_citizen_or_resident(flag());
  read.declarations.set_before_court(flag());
  read.declarations.set_in_other_mediation(flag());
  read.outcome = static_cast<event::v1::EscalationOutcome>(number());
  read.maladministration = static_cast<event::v1::Maladministration>(number());
  read.closed_at = time();
  read.stage_reached_at = time();
  read.office = text();
  read.direct = flag();
  read.declarations.set_court_process(flag());
  read.declarations.set_occurred_on(text());
  read.rapid_response = flag();
  read.check_owed = flag();
  read.compliance = static_cast<event::v1::Compliance>(number());
  read.compliance_at = time();
  return read;
}

// From kDocumentColumns, which begin at `column`.
Document ReadDocument(const pg::Row& row, int number, int column) {
  return {.number = number,
          .kind = static_cast<event::v1::DocumentKind>(row.Int32(column)),
          .agency_id = row.Text(column + 1),
          .addressee_sha256 = row.Text(column + 9),
          .finding = static_cast<event::v1::Finding>(row.Int32(column + 2)),
          .maladministration = static_cast<event::v1::Maladministration>(row.Int32(column + 3)),
          .office = row.Text(column + 4),
          .issued_at = row.Time(column + 5),
          .delivered_at = row.OptTime(column + 6),
          .replied_at = row.OptTime(column + 7),
          .replies = row.Int32(column + 8)};
}

// The clocks and documents of escalations that have been read.
void ReadParts(pg::Tx& tx, const std::vector<Escalation*>& escalations) {
  pg::Array reports, numbers;
  std::unordered_map<std::string, Escalation*> by_report;
  for (Escalation* escalation : escalations) {
    if (escalation->number == 0) continue;
    reports.Add(escalation->id);
    numbers.Add(escalation->number);
    by_report.emplace(escalation->id, escalation);
  }
  if (by_report.empty()) return;
  for (const pg::Row& row : tx.Exec(kClocks, pg::Params(reports, numbers))) {
    by_report.at(row.Text(0))
        ->clocks.push_back({.clock = static_cast<report::v1::Clock>(row.Int32(1)),
                            .document = row.Int32(2),
                            .time_zone = static_cast<report::v1::TimeZone>(row.Int32(3)),
                            .started_at = row.Time(4),
                            .due_at = row.Time(5),
                            .alarm_at = row.Time(6),
                            .reminded_percent = row.Int32(7),
                            .met_at = row.OptTime(8),
                            .breached_at = row.OptTime(9)});
  }
  constexpr int kFirstDocumentColumn = 2;
  for (const pg::Row& row : tx.Exec(kDocuments, pg::Params(std::move(reports), std::move(numbers)))) {
    by_report.at(row.Text(0))->documents.push_back(ReadDocument(row, row.Int32(1), kFirstDocumentColumn));
  }
}

void SaveClocks(pg::Tx& tx, const std::vector<const Escalation*>& escalations) {
  pg::Array reports, numbers, clocks, documents, zones, starts, dues, alarms, percents, mets, breaches;
  for (const Escalation* e : escalations) {
    for (const CaseClock& clock : e->clocks) {
      reports.Add(e->id);
      numbers.Add(e->number);
      clocks.Add(static_cast<int>(clock.clock));
      documents.Add(clock.document);
      zones.Add(static_cast<int>(clock.time_zone));
      starts.Add(clock.started_at);
      dues.Add(clock.due_at);
      alarms.Add(clock.alarm_at);
      percents.Add(clock.reminded_percent);
      mets.Add(clock.met_at);
      breaches.Add(clock.breached_at);
    }
  }
  if (reports.size() == 0) return;
  tx.Exec(kSaveClocks,
          pg::Params(std::move(reports), std::move(numbers), std::move(clocks), std::move(documents),
                     std::move(zones), std::move(starts), std::move(dues), std::move(alarms),
                     std::move(percents), std::move(mets), std::move(breaches)));
}

void SaveDocuments(pg::Tx& tx, const std::vector<const Escalation*>& escalations) {
  pg::Array reports, numbers, documents, kinds, agencies, findings, maladministrations, offices, issued,
      delivered, replied, replies, addressees;
  for (const Escalation* e : escalations) {
    for (const Document& document : e->documents) {
      reports.Add(e->id);
      numbers.Add(e->number);
      documents.Add(document.number);
      kinds.Add(static_cast<int>(document.kind));
      agencies.Add(document.agency_id);
      findings.Add(static_cast<int>(document.finding));
      maladministrations.Add(static_cast<int>(document.maladministration));
      offices.Add(document.office);
      issued.Add(document.issued_at);
      delivered.Add(document.delivered_at);
      replied.Add(document.replied_at);
      replies.Add(document.replies);
      addressees.Add(document.addressee_sha256);
    }
  }
  if (reports.size() == 0) return;
  tx.Exec(kSaveDocuments,
          pg::Params(std::move(reports), std::move(numbers), std::move(documents), std::move(kinds),
                     std::move(agencies), std::move(findings), std::move(maladministrations),
                     std::move(offices), std::move(issued), std::move(delivered), std::move(replied),
                     std::move(replies), std::move(addressees)));
}

// Rows of document_attachment in the making.
class Attachments {
 public:
  void Add(const std::string& report_id, int escalation, int document, int reply,
           const std::vector<report::v1::Attachment>& attachments) {
    int number = 0;
    for (const report::v1::Attachment& attachment : attachments) {
      reports_.Add(report_id);
      escalations_.Add(escalation);
      documents_.Add(document);
      replies_.Add(reply);
      numbers_.Add(++number);
      hashes_.Add(attachment.sha256());
      sizes_.Add(attachment.size_bytes());
      types_.Add(attachment.media_type());
      uris_.Add(attachment.uri());
    }
  }
  void Write(pg::Tx& tx) {
    if (reports_.size() == 0) return;
    tx.Exec(kAddAttachments, pg::Params(std::move(reports_), std::move(escalations_), std::move(documents_),
                                        std::move(replies_), std::move(numbers_), std::move(hashes_),
                                        std::move(sizes_), std::move(types_), std::move(uris_)));
  }

 private:
  pg::Array reports_, escalations_, documents_, replies_, numbers_, hashes_, sizes_, types_, uris_;
};

void Append(pg::Tx& tx, const std::vector<const Verdict*>& verdicts) {
  pg::Array reports, escalations, grounds, met, times, bases, reasons;
  for (const Verdict* verdict : verdicts) {
    reports.Add(verdict->report_id);
    escalations.Add(verdict->escalation);
    grounds.Add(static_cast<int>(verdict->ground));
    met.Add(verdict->met);
    times.Add(verdict->decided_at);
    bases.Add(static_cast<int>(verdict->basis));
    reasons.Add(verdict->reason);
  }
  tx.Exec(kAddVerdicts, pg::Params(std::move(reports), std::move(escalations), std::move(grounds),
                                   std::move(met), std::move(times), std::move(bases), std::move(reasons)));
}

void Append(pg::Tx& tx, const std::vector<const Letter*>& letters) {
  pg::Array reports, escalations, documents, addressees, texts, hashes;
  Attachments attachments;
  for (const Letter* letter : letters) {
    reports.Add(letter->report_id);
    escalations.Add(letter->escalation);
    documents.Add(letter->document);
    addressees.Add(letter->addressee);
    texts.Add(letter->text);
    hashes.Add(letter->text_sha256);
    attachments.Add(letter->report_id, letter->escalation, letter->document, 0, letter->attachments);
  }
  tx.Exec(kAddLetters, pg::Params(std::move(reports), std::move(escalations), std::move(documents),
                                  std::move(addressees), std::move(texts), std::move(hashes)));
  attachments.Write(tx);
}

void Append(pg::Tx& tx, const std::vector<const Reply*>& replies) {
  pg::Array reports, escalations, documents, numbers, times, agencies, texts;
  Attachments attachments;
  for (const Reply* reply : replies) {
    reports.Add(reply->report_id);
    escalations.Add(reply->escalation);
    documents.Add(reply->document);
    numbers.Add(reply->number);
    times.Add(reply->replied_at);
    agencies.Add(reply->agency_id);
    texts.Add(reply->text);
    attachments.Add(reply->report_id, reply->escalation, reply->document, reply->number, reply->attachments);
  }
  tx.Exec(kAddReplies,
          pg::Params(std::move(reports), std::move(escalations), std::move(documents), std::move(numbers),
                     std::move(times), std::move(agencies), std::move(texts)));
  attachments.Write(tx);
}

void Append(pg::Tx& tx, const std::vector<const Note*>& notes) {
  pg::Array reports, escalations, kinds, times, texts;
  for (const Note* note : notes) {
    reports.Add(note->report_id);
    escalations.Add(note->escalation);
    kinds.Add(static_cast<int>(note->kind));
    times.Add(note->written_at);
    texts.Add(note->text);
  }
  tx.Exec(kAddNotes, pg::Params(std::move(reports), std::move(escalations), std::move(kinds),
                                std::move(times), std::move(texts)));
}

// Those of one type.
template <class Of>
void AppendThose(pg::Tx& tx, const std::vector<Record>& records) {
  std::vector<const Of*> those;
  for (const Record& record : records) {
    if (const auto* one = std::get_if<Of>(&record)) those.push_back(one);
  }
  if (!those.empty()) Append(tx, those);
}

std::vector<Verdict> VerdictsIn(const pg::Result& rows) {
  std::vector<Verdict> verdicts;
  for (const pg::Row& row : rows) {
    verdicts.push_back({row.Text(0), row.Int32(1), static_cast<event::v1::Ground>(row.Int32(2)), row.Bool(3),
                        row.Time(4), static_cast<event::v1::VerdictBasis>(row.Int32(5)), row.Text(6)});
  }
  return verdicts;
}

}  // namespace

std::unordered_map<std::string, Escalation> LoadEscalations(pg::Tx& tx, const std::vector<std::string>& ids) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.Add(id);
  std::unordered_map<std::string, Escalation> escalations;
  for (const pg::Row& row : tx.Exec(kLoad, pg::Params(std::move(wanted)))) {
    Escalation read = ReadEscalation(row);
    escalations.emplace(read.id, std::move(read));
  }
  // Statements of their own: they see what was committed while the first one waited for locks.
  std::vector<Escalation*> all;
  for (auto& [id, escalation] : escalations) all.push_back(&escalation);
  ReadParts(tx, all);
  return escalations;
}

void SaveEscalations(pg::Tx& tx, const std::vector<const Escalation*>& escalations) {
  std::vector<pg::Array> columns(std::size(kColumns));
  for (const Escalation* e : escalations) {
    size_t column = 0;
    const auto add = [&](const auto& value) { columns[column++].Add(value); };
    add(e->id);
    add(e->facts.received_at);
    add(e->facts.policy_version);
    add(e->facts.identity_known);
    add(e->facts.agency_id);
    add(e->facts.term_passed);
    add(e->facts.dissatisfied);
    add(e->facts.archived);
    add(static_cast<int>(e->facts.closing));
    add(e->facts.withdrawn);
    add(static_cast<int>(e->stage));
    add(e->number);
    add(static_cast<int>(e->cause));
    add(static_cast<int>(e->clock));
    add(e->respondent_agency_id);
    add(e->opened_at);
    add(e->consented_at);
    add(e->name_secret);
    add(e->declarations.citizen_or_resident());
    add(e->declarations.before_court());
    add(e->declarations.in_other_mediation());
    add(static_cast<int>(e->outcome));
    add(static_cast<int>(e->maladministration));
    add(e->closed_at);
    add(e->stage_reached_at);
    add(e->office);
    add(e->direct);
    add(e->declarations.court_process());
    add(e->declarations.occurred_on());
    add(e->rapid_response);
    add(e->check_owed);
    add(static_cast<int>(e->compliance));
    add(e->compliance_at);
    add(IsOverdue(*e));
  }
  pg::Params params;
  for (pg::Array& column : columns) params.Add(std::move(column));
  tx.Exec(kSave, params);
  SaveClocks(tx, escalations);
  SaveDocuments(tx, escalations);
}

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records) {
  AppendThose<Verdict>(tx, records);
  AppendThose<Letter>(tx, records);
  AppendThose<Reply>(tx, records);
  AppendThose<Note>(tx, records);
}

std::optional<Escalation> FindEscalation(pg::Tx& tx, const std::string& report_id) {
  const pg::Result rows = tx.Exec(kFind, pg::Params(report_id));
  if (rows.empty()) return std::nullopt;
  Escalation escalation = ReadEscalation(rows[0]);
  ReadParts(tx, {&escalation});
  return escalation;
}

Escalation ReadEarlier(pg::Tx& tx, const Escalation& last, int number) {
  Escalation earlier;
  earlier.id = last.id;
  earlier.facts = last.facts;
  earlier.stage = event::v1::ESCALATION_STAGE_CLOSED;
  earlier.number = number;
  ReadParts(tx, {&earlier});
  return earlier;
}

std::vector<Escalation> ListEscalations(pg::Tx& tx, const EscalationQuery& query) {
  const EscalationPlace after = query.after.value_or(EscalationPlace{absl::InfinitePast(), ""});
  pg::Params params(query.office, query.overdue_only, after.opened_at, after.id, query.limit);
  const bool one_stage = query.stage != event::v1::ESCALATION_STAGE_UNSPECIFIED;
  if (one_stage) params.Add(static_cast<int>(query.stage));
  std::vector<Escalation> escalations;
  for (const pg::Row& row : tx.Exec(one_stage ? kListStage : kListOpen, params)) {
    escalations.push_back(ReadEscalation(row));
  }
  std::vector<Escalation*> all;
  for (Escalation& escalation : escalations) all.push_back(&escalation);
  ReadParts(tx, all);
  return escalations;
}

std::vector<std::string> OpenEscalations(pg::Tx& tx, const std::string& after, int limit) {
  std::vector<std::string> ids;
  for (const pg::Row& row : tx.Exec(kOpenAfter, pg::Params(after, limit))) ids.push_back(row.Text(0));
  return ids;
}

std::unordered_map<std::string, CaseOffice> FindOffices(pg::Tx& tx,
                                                        const std::vector<std::string>& report_ids) {
  pg::Array ids;
  for (const std::string& id : report_ids) ids.Add(id);
  std::unordered_map<std::string, CaseOffice> offices;
  for (const pg::Row& row : tx.Exec(kFindOffices, pg::Params(std::move(ids))))
    offices.emplace(row.Text(0), CaseOffice{row.Text(1), row.Bool(2)});
  return offices;
}

std::vector<Correspondence> ListDocuments(pg::Tx& tx, const std::string& report_id,
                                          const std::string& agency_id) {
  constexpr int kFirstDocumentColumn = 2;
  std::vector<Correspondence> documents;
  std::map<std::pair<int, int>, size_t> index;  // by escalation and number
  for (const pg::Row& row : tx.Exec(kCorrespondence, pg::Params(report_id, agency_id))) {
    const int escalation = row.Int32(0);
    const int number = row.Int32(1);
    index.emplace(std::pair(escalation, number), documents.size());
    Correspondence& c = documents.emplace_back();
    c.escalation = escalation;
    c.document = ReadDocument(row, number, kFirstDocumentColumn);
    int column = kFirstDocumentColumn + 10;
    c.letter = {report_id, escalation, number, row.Text(column), row.Text(column + 1), row.Text(column + 2),
                {}};
    column += 3;
    c.due_at = row.OptTime(column);
  }
  // Of the document that a row is about; null for one that isn't asked for.
  const auto find = [&](const pg::Row& row) {
    const auto found = index.find({row.Int32(0), row.Int32(1)});
    return found == index.end() ? nullptr : &documents[found->second];
  };
  for (const pg::Row& row : tx.Exec(kReplies, pg::Params(report_id))) {
    Correspondence* c = find(row);
    if (c == nullptr) continue;
    c->replies.push_back(
        {report_id, row.Int32(0), row.Int32(1), row.Int32(2), row.Time(3), row.Text(4), row.Text(5), {}});
  }
  for (const pg::Row& row : tx.Exec(kAttachments, pg::Params(report_id))) {
    Correspondence* c = find(row);
    if (c == nullptr) continue;
    // Replies are numbered from 1, without a gap; 0 is the letter.
    const auto reply = static_cast<size_t>(row.Int32(2));
    report::v1::Attachment& attachment =
        (reply == 0 ? c->letter.attachments : c->replies.at(reply - 1).attachments).emplace_back();
    attachment.set_sha256(row.Text(3));
    attachment.set_size_bytes(row.Int(4));
    attachment.set_media_type(row.Text(5));
    attachment.set_uri(row.Text(6));
  }
  return documents;
}

std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::vector<Escalation>& escalations) {
  pg::Array reports, numbers;
  for (const Escalation& escalation : escalations) {
    reports.Add(escalation.id);
    numbers.Add(escalation.number);
  }
  return VerdictsIn(tx.Exec(kVerdicts, pg::Params(std::move(reports), std::move(numbers))));
}

Findings ReadFindings(pg::Tx& tx, const Escalation& escalation) {
  Findings findings{.verdicts = ReadVerdicts(tx, {escalation}), .notes = {}};
  for (const pg::Row& row : tx.Exec(kNotes, pg::Params(escalation.id, escalation.number))) {
    findings.notes.push_back(
        {escalation.id, escalation.number, static_cast<NoteKind>(row.Int32(0)), row.Time(1), row.Text(2)});
  }
  return findings;
}

std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::string& report_id, absl::Time decided_at) {
  return VerdictsIn(tx.Exec(kVerdictsAt, pg::Params(report_id, decided_at)));
}

}  // namespace lapor::ombudsman
