#include "services/followup/store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <map>
#include <utility>

#include "libs/report/assignment_id.h"

namespace lapor::followup {
namespace {

struct Column {
  const char* name;
  const char* type;
};

// Of case_file, in the order in which ReadCase reads and AddCase writes them.
constexpr Column kColumns[] = {
    {"id", "text"},
    {"state", "smallint"},
    {"agency_id", "text"},
    {"report_class", "smallint"},
    {"supervision", "boolean"},
    {"category", "text"},
    {"region", "text"},
    {"policy_version", "text"},
    {"received_at", "timestamptz"},
    {"verified_at", "timestamptz"},
    {"first_agency_id", "text"},
    {"time_zone", "smallint"},
    {"first_response_started_at", "timestamptz"},
    {"first_response_due_at", "timestamptz"},
    {"first_response_met_at", "timestamptz"},
    {"first_response_breached_at", "timestamptz"},
    {"first_response_reminded_percent", "smallint"},
    {"first_response_raised_levels", "smallint"},
    {"first_response_alarm_at", "timestamptz"},
    {"resolution_started_at", "timestamptz"},
    {"resolution_due_at", "timestamptz"},
    {"resolution_met_at", "timestamptz"},
    {"resolution_breached_at", "timestamptz"},
    {"resolution_reminded_percent", "smallint"},
    {"resolution_raised_levels", "smallint"},
    {"resolution_alarm_at", "timestamptz"},
    {"reaction_started_at", "timestamptz"},
    {"reaction_due_at", "timestamptz"},
    {"reaction_met_at", "timestamptz"},
    {"reaction_breached_at", "timestamptz"},
    {"reaction_reminded_percent", "smallint"},
    {"reaction_raised_levels", "smallint"},
    {"reaction_alarm_at", "timestamptz"},
    {"question_started_at", "timestamptz"},
    {"question_due_at", "timestamptz"},
    {"question_met_at", "timestamptz"},
    {"question_breached_at", "timestamptz"},
    {"question_reminded_percent", "smallint"},
    {"question_raised_levels", "smallint"},
    {"question_alarm_at", "timestamptz"},
    {"promise_started_at", "timestamptz"},
    {"promise_due_at", "timestamptz"},
    {"promise_met_at", "timestamptz"},
    {"promise_breached_at", "timestamptz"},
    {"promise_reminded_percent", "smallint"},
    {"promise_raised_levels", "smallint"},
    {"promise_alarm_at", "timestamptz"},
    {"appeal_started_at", "timestamptz"},
    {"appeal_due_at", "timestamptz"},
    {"appeal_met_at", "timestamptz"},
    {"appeal_breached_at", "timestamptz"},
    {"appeal_reminded_percent", "smallint"},
    {"appeal_raised_levels", "smallint"},
    {"appeal_alarm_at", "timestamptz"},
    {"closed_at", "timestamptz"},
    {"reopen_until", "timestamptz"},
    {"closing", "smallint"},
    {"reopenings", "integer"},
    {"responses", "integer"},
    {"escalated", "boolean"},
    {"escalation_outcome", "smallint"},
    {"interim_answers", "integer"},
    {"delegate", "text"},
    {"questions", "integer"},
    {"question_id", "text"},
    {"supervisor_agency_id", "text"},
    {"appeal_granted", "boolean"},
    {"next_due_at", "timestamptz"},
    {"breached", "boolean"},
    {"parent_id", "text"},
    {"children", "integer"},
};
constexpr int kParentIdColumn = std::size(kColumns) - 2;
constexpr int kChildrenColumn = std::size(kColumns) - 1;

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
  return fmt::format("INSERT INTO case_file ({}) SELECT * FROM unnest({}) ON CONFLICT (id) DO UPDATE SET {}",
                     Names(), fmt::join(arrays, ", "), fmt::join(changes, ", "));
}

std::string SelectSql(const char* rest) { return fmt::format("SELECT {} FROM case_file {}", Names(), rest); }

const std::string kSaveSql = SaveSql();
const pg::Statement kSave{"cases_save", kSaveSql.c_str()};

const std::string kLoadSql = SelectSql("WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE");
const pg::Statement kLoad{"cases_load", kLoadSql.c_str()};

// Ids of a report's children are in the order of their numbers when sorted like this.
const std::string kLoadChildrenSql =
    SelectSql("WHERE parent_id = ANY($1::text[]) AND parent_id <> '' ORDER BY length(id), id FOR UPDATE");
const pg::Statement kLoadChildren{"cases_load_children", kLoadChildrenSql.c_str()};

// With its children and all their pauses, a row for each, in one snapshot.
const std::string kFindSql = fmt::format(
    "SELECT {}, began_at, ended_at FROM case_file LEFT JOIN clock_pause ON report_id = id "
    "WHERE id = $1 OR (parent_id = $1 AND parent_id <> '') ORDER BY length(id), id, number",
    Names());
const pg::Statement kFind{"cases_find", kFindSql.c_str()};

// Each names its states as its index does, so that a generic plan finds the index.
const char* const kPage = R"sql(
  AND ($2 = 0 OR state = $2) AND (NOT $3 OR breached) AND ($4 = 0 OR report_class = $4)
  AND ($8 = '' OR delegate = $8) AND (next_due_at, id) > ($5, $6)
  ORDER BY next_due_at, id LIMIT $7)sql";
const std::string kListInWorkSql =
    SelectSql(fmt::format("WHERE state IN (2, 3) AND agency_id = $1 {}", kPage).c_str());
const pg::Statement kListInWork{"cases_list_in_work", kListInWorkSql.c_str()};
const std::string kListDoneSql =
    SelectSql(fmt::format("WHERE state IN (4, 5, 6, 7) AND agency_id = $1 {}", kPage).c_str());
const pg::Statement kListDone{"cases_list_done", kListDoneSql.c_str()};
// Such a case waits for nothing else, so its next date is that of the appeal.
const std::string kListAppealsSql = SelectSql(
    fmt::format(
        "WHERE appeal_started_at IS NOT NULL AND appeal_met_at IS NULL AND supervisor_agency_id = $1 {}",
        kPage)
        .c_str());
const pg::Statement kListAppeals{"cases_list_appeals", kListAppealsSql.c_str()};

// What rests may go on, and an appeal runs where all else is closed. Says it as its index does.
const pg::Statement kOpenCases{"cases_open", R"sql(
  SELECT id FROM case_file
  WHERE parent_id = '' AND (state IN (1, 2, 3, 6, 7) OR (appeal_started_at IS NOT NULL AND appeal_met_at IS NULL))
    AND id > $1
  ORDER BY id LIMIT $2)sql"};

const pg::Statement kPauses{"clock_pauses", R"sql(
  SELECT report_id, began_at, ended_at FROM clock_pause
  WHERE report_id = ANY($1::text[]) ORDER BY report_id, number)sql"};

const pg::Statement kAddPauses{"clock_pauses_add", R"sql(
  INSERT INTO clock_pause (report_id, number, began_at, ended_at)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::timestamptz[]))sql"};

const pg::Statement kResponses{"responses", R"sql(
  SELECT report_id, number, response_id, agency_id, kind, given_at, text, interim_reason, promised_on,
         on_appeal
  FROM response
  WHERE report_id = ANY($1::text[]) ORDER BY given_at, report_id, number)sql"};

const pg::Statement kEvidence{"evidence", R"sql(
  SELECT report_id, response_number, sha256, size_bytes, media_type, uri FROM evidence
  WHERE report_id = ANY($1::text[]) ORDER BY report_id, response_number, number)sql"};

const pg::Statement kAddResponses{"responses_add", R"sql(
  INSERT INTO response (report_id, number, response_id, agency_id, kind, given_at, text, interim_reason,
                        promised_on, words_hash, on_appeal)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $5::smallint[], $6::timestamptz[],
                       $7::text[], $8::smallint[], $9::text[], $10::bigint[], $11::boolean[]))sql"};

// Reports are counted once, and those of children are theirs. The newest come first and stand for the others,
// so that an agency which has given the same answer a million times costs no more than one that did so often.
const pg::Statement kSameAnswers{"responses_same", R"sql(
  SELECT count(DISTINCT split_part(report_id, '.', 1)) FROM (
    SELECT report_id FROM response
    WHERE agency_id = $1 AND words_hash = $2 AND given_at >= $3 AND split_part(report_id, '.', 1) <> $4
    ORDER BY given_at DESC LIMIT $5) newest)sql"};

const pg::Statement kAddEvidence{"evidence_add", R"sql(
  INSERT INTO evidence (report_id, response_number, number, sha256, size_bytes, media_type, uri)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::bigint[], $6::text[],
                       $7::text[]))sql"};

Case ReadCase(const pg::Row& row) {
  Case c;
  int column = 0;
  const auto text = [&] { return row.Text(column++); };
  const auto number = [&] { return row.Int32(column++); };
  const auto flag = [&] { return row.Bool(column++); };
  const auto time = [&] { return row.OptTime(column++); };
  const auto clock = [&](CaseClock& read) {
    read.started_at = time();
    read.due_at = time();
    read.met_at = time();
    read.breached_at = time();
    read.reminded_percent = number();
    read.raised_levels = number();
    read.alarm_at = time();
  };
  c.id = text();
  c.state = static_cast<CaseState>(number());
  c.agency_id = text();
  c.report_class = static_cast<report::v1::ReportClass>(number());
  c.supervision = flag();
  c.category = text();
  c.region = text();
  c.policy_version = text();
  c.received_at = row.Time(column++);
  c.verified_at = time();
  c.first_agency_id = text();
  c.time_zone = static_cast<report::v1::TimeZone>(number());
  clock(c.first_response);
  clock(c.resolution);
  clock(c.reaction);
  clock(c.question);
  clock(c.promise);
  clock(c.appeal);
  c.closed_at = time();
  c.reopen_until = time();
  c.closing = static_cast<event::v1::Closing>(number());
  c.reopenings = number();
  c.responses = number();
  c.escalated = flag();
  c.escalation_outcome = static_cast<event::v1::EscalationOutcome>(number());
  c.interim_answers = number();
  c.delegate = text();
  c.questions = number();
  c.question_id = text();
  c.supervisor_agency_id = text();
  c.appeal_granted = flag();
  return c;
}

// A row of the case, without its children.
void AddCase(const Case& c, const std::string& parent_id, std::vector<pg::Array>& columns) {
  size_t column = 0;
  const auto add = [&](const auto& value) { columns[column++].Add(value); };
  const auto add_clock = [&](const CaseClock& clock) {
    add(clock.started_at);
    add(clock.due_at);
    add(clock.met_at);
    add(clock.breached_at);
    add(clock.reminded_percent);
    add(clock.raised_levels);
    add(clock.alarm_at);
  };
  add(c.id);
  add(static_cast<int>(c.state));
  add(c.agency_id);
  add(static_cast<int>(c.report_class));
  add(c.supervision);
  add(c.category);
  add(c.region);
  add(c.policy_version);
  add(c.received_at);
  add(c.verified_at);
  add(c.first_agency_id);
  add(static_cast<int>(c.time_zone));
  add_clock(c.first_response);
  add_clock(c.resolution);
  add_clock(c.reaction);
  add_clock(c.question);
  add_clock(c.promise);
  add_clock(c.appeal);
  add(c.closed_at);
  add(c.reopen_until);
  add(static_cast<int>(c.closing));
  add(c.reopenings);
  add(c.responses);
  add(c.escalated);
  add(static_cast<int>(c.escalation_outcome));
  add(c.interim_answers);
  add(c.delegate);
  add(c.questions);
  add(c.question_id);
  add(c.supervisor_agency_id);
  add(c.appeal_granted);
  add(NextDueAt(c));
  add(IsBreached(c));
  add(parent_id);
  add(c.children.size());
}

bool MayHavePauses(const Case& c) { return c.reopenings > 0 || c.questions > 0; }

void AppendPauses(pg::Tx& tx, const std::vector<const ClockPause*>& pauses) {
  if (pauses.empty()) return;
  pg::Array reports, numbers, begins, ends;
  for (const ClockPause* pause : pauses) {
    reports.Add(pause->report_id);
    numbers.Add(pause->number);
    begins.Add(pause->pause.from);
    ends.Add(pause->pause.to);
  }
  tx.Exec(kAddPauses, pg::Params(std::move(reports), std::move(numbers), std::move(begins), std::move(ends)));
}

void AppendResponses(pg::Tx& tx, const std::vector<const Response*>& responses) {
  if (responses.empty()) return;
  pg::Array reports, numbers, ids, agencies, kinds, times, texts, reasons, promises, hashes_of_words,
      on_appeal;
  pg::Array evidence_reports, evidence_responses, evidence_numbers, hashes, sizes, types, uris;
  for (const Response* response : responses) {
    reports.Add(response->report_id);
    numbers.Add(response->number);
    ids.Add(response->response_id);
    agencies.Add(response->agency_id);
    kinds.Add(static_cast<int>(response->kind));
    times.Add(response->given_at);
    texts.Add(response->text);
    reasons.Add(static_cast<int>(response->interim_reason));
    promises.Add(response->promised_on);
    hashes_of_words.Add(response->words_hash);
    on_appeal.Add(response->on_appeal);
    int number = 0;
    for (const report::v1::Attachment& attachment : response->evidence) {
      evidence_reports.Add(response->report_id);
      evidence_responses.Add(response->number);
      evidence_numbers.Add(++number);
      hashes.Add(attachment.sha256());
      sizes.Add(attachment.size_bytes());
      types.Add(attachment.media_type());
      uris.Add(attachment.uri());
    }
  }
  tx.Exec(kAddResponses,
          pg::Params(std::move(reports), std::move(numbers), std::move(ids), std::move(agencies),
                     std::move(kinds), std::move(times), std::move(texts), std::move(reasons),
                     std::move(promises), std::move(hashes_of_words), std::move(on_appeal)));
  if (hashes.size() == 0) return;
  tx.Exec(kAddEvidence,
          pg::Params(std::move(evidence_reports), std::move(evidence_responses), std::move(evidence_numbers),
                     std::move(hashes), std::move(sizes), std::move(types), std::move(uris)));
}

}  // namespace

std::unordered_map<std::string, Case> LoadCases(pg::Tx& tx, const std::vector<std::string>& ids) {
  pg::Array wanted, parents, paused;
  for (const std::string& id : ids) wanted.Add(id);
  std::unordered_map<std::string, Case> cases;
  for (const pg::Row& row : tx.Exec(kLoad, pg::Params(std::move(wanted)))) {
    Case c = ReadCase(row);
    if (row.Int32(kChildrenColumn) > 0) parents.Add(c.id);
    if (MayHavePauses(c)) paused.Add(c.id);
    cases.emplace(c.id, std::move(c));
  }
  // Statements of their own: they see what was committed while the first one waited for locks. Who has the
  // lock of a report has those of its children.
  if (parents.size() > 0) {
    for (const pg::Row& row : tx.Exec(kLoadChildren, pg::Params(std::move(parents)))) {
      Case child = ReadCase(row);
      if (MayHavePauses(child)) paused.Add(child.id);
      cases.at(row.Text(kParentIdColumn)).children.push_back(std::move(child));
    }
  }
  if (paused.size() > 0) {
    for (const pg::Row& row : tx.Exec(kPauses, pg::Params(std::move(paused)))) {
      const report::AssignmentId of = report::ParseAssignmentId(row.Text(0));
      Case& report = cases.at(of.report_id);
      Case& c = of.child == 0 ? report : report.children.at(static_cast<size_t>(of.child) - 1);
      c.pauses.push_back({row.Time(1), row.Time(2)});
    }
  }
  return cases;
}

void SaveCases(pg::Tx& tx, const std::vector<const Case*>& cases) {
  std::vector<pg::Array> columns(std::size(kColumns));
  for (const Case* c : cases) {
    AddCase(*c, "", columns);
    for (const Case& child : c->children) AddCase(child, c->id, columns);
  }
  pg::Params params;
  for (pg::Array& column : columns) params.Add(std::move(column));
  tx.Exec(kSave, params);
}

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records) {
  std::vector<const Response*> responses;
  std::vector<const ClockPause*> pauses;
  for (const Record& record : records) {
    if (const auto* response = std::get_if<Response>(&record)) responses.push_back(response);
    if (const auto* pause = std::get_if<ClockPause>(&record)) pauses.push_back(pause);
  }
  AppendResponses(tx, responses);
  AppendPauses(tx, pauses);
}

std::optional<Case> FindCase(pg::Tx& tx, const std::string& report_id) {
  constexpr int kBeganAt = std::size(kColumns);
  std::vector<Case> found;  // the report, then its children
  for (const pg::Row& row : tx.Exec(kFind, pg::Params(report_id))) {
    if (found.empty() || found.back().id != row.View(0)) found.push_back(ReadCase(row));
    if (!row.IsNull(kBeganAt)) found.back().pauses.push_back({row.Time(kBeganAt), row.Time(kBeganAt + 1)});
  }
  if (found.empty()) return std::nullopt;
  Case report = std::move(found.front());
  report.children.assign(std::make_move_iterator(found.begin() + 1), std::make_move_iterator(found.end()));
  return report;
}

std::vector<std::string> OpenCases(pg::Tx& tx, const std::string& after, int limit) {
  std::vector<std::string> ids;
  for (const pg::Row& row : tx.Exec(kOpenCases, pg::Params(after, limit))) ids.push_back(row.Text(0));
  return ids;
}

std::vector<Case> ListCases(pg::Tx& tx, const CaseQuery& query) {
  const bool done = query.state == v1::CASE_STATE_CLOSED || query.state == v1::CASE_STATE_ENDED ||
                    query.state == v1::CASE_STATE_ARCHIVED || query.state == v1::CASE_STATE_MERGED;
  const CasePlace after = query.after.value_or(CasePlace{absl::InfinitePast(), ""});
  const pg::Statement& statement = query.appeals ? kListAppeals : done ? kListDone : kListInWork;
  std::vector<Case> cases;
  for (const pg::Row& row :
       tx.Exec(statement, pg::Params(query.agency_id, static_cast<int>(query.state), query.breached_only,
                                     static_cast<int>(query.report_class), after.next_due_at, after.id,
                                     query.limit, query.delegate))) {
    cases.push_back(ReadCase(row));
  }
  return cases;
}

int CountSameAnswers(pg::Tx& tx, const std::string& agency_id, const std::string& report_id,
                     int64_t words_hash, absl::Time since, int enough) {
  // A report that was reopened may have got the same answer several times, but hardly as often as this.
  constexpr int kAnswersOfOneReport = 10;
  const int limit = enough * kAnswersOfOneReport;
  return tx.Exec(kSameAnswers, pg::Params(agency_id, words_hash, since, report_id, limit))[0].Int32(0);
}

std::vector<Response> ListResponses(pg::Tx& tx, const std::vector<std::string>& case_ids) {
  pg::Array ids;
  for (const std::string& id : case_ids) ids.Add(id);
  std::vector<Response> responses;
  std::map<std::pair<std::string, int>, size_t> index;  // by case and number
  for (const pg::Row& row : tx.Exec(kResponses, pg::Params(ids))) {
    index.emplace(std::pair(row.Text(0), row.Int32(1)), responses.size());
    responses.push_back({row.Text(0),
                         row.Int32(1),
                         row.Text(2),
                         row.Text(3),
                         static_cast<event::v1::ResponseKind>(row.Int32(4)),
                         row.Time(5),
                         row.Text(6),
                         {},
                         static_cast<event::v1::InterimReason>(row.Int32(7)),
                         row.Text(8),
                         {},
                         row.Bool(9)});
  }
  for (const pg::Row& row : tx.Exec(kEvidence, pg::Params(ids))) {
    // One that came between the two statements is left out.
    const auto given = index.find({row.Text(0), row.Int32(1)});
    if (given == index.end()) continue;
    report::v1::Attachment& attachment = responses[given->second].evidence.emplace_back();
    attachment.set_sha256(row.Text(2));
    attachment.set_size_bytes(row.Int(3));
    attachment.set_media_type(row.Text(4));
    attachment.set_uri(row.Text(5));
  }
  return responses;
}

}  // namespace lapor::followup
