#include "services/reporting/store.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace lapor::reporting {
namespace {

// "received, verified, ..."
std::string Columns() { return fmt::format("{}", fmt::join(kCounterNames, ", ")); }

// A cell from which everything has moved away stays as a row of zeros, or was never written when that
// happened within one batch: nobody may tell the difference.
std::string NotZero() { return fmt::format("greatest({}) > 0", Columns()); }

// A join, where id = ANY($1) reads more easily: of a plan that was made while the table was small, ANY
// compares every row with every id, until the table is analysed; a join never gets worse than one scan.
const pg::Statement kLoadReports{"reporting_load_reports", R"sql(
  SELECT id, facts, reported_province, verified_province, agency_id, responded_by, array_to_string(returned_by, ' '),
         array_to_string(breached_by, ' '), reopened, rating, array_to_string(children, ' '),
         array_to_string(stands_for, ' '), array_to_string(deeds, ' '), array_to_string(respondents, ' ')
  FROM unnest($1::text[]) AS wanted (id) JOIN report USING (id) ORDER BY report.id FOR UPDATE OF report)sql"};

const pg::Statement kReadReports{"reporting_read_reports", R"sql(
  SELECT id, facts, reported_province, verified_province, agency_id, responded_by, array_to_string(returned_by, ' '),
         array_to_string(breached_by, ' '), reopened, rating, array_to_string(children, ' '),
         array_to_string(stands_for, ' '), array_to_string(deeds, ' '), array_to_string(respondents, ' ')
  FROM report WHERE id > $1 ORDER BY id LIMIT $2)sql"};

const pg::Statement kSaveReports{"reporting_save_reports", R"sql(
  INSERT INTO report (id, facts, reported_province, verified_province, agency_id, responded_by, returned_by, breached_by,
                      reopened, rating, children, stands_for, deeds, respondents)
  SELECT n.id, n.facts, n.reported_province, n.verified_province, n.agency_id, n.responded_by,
         string_to_array(n.returned_by, ' '), string_to_array(n.breached_by, ' '), n.reopened, n.rating,
         string_to_array(n.children, ' '), string_to_array(n.stands_for, ' '), string_to_array(n.deeds, ' '),
         string_to_array(n.respondents, ' ')
  FROM unnest($1::text[], $2::int[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::smallint[], $10::smallint[], $11::text[], $12::text[], $13::text[], $14::text[])
       AS n (id, facts, reported_province, verified_province, agency_id, responded_by, returned_by, breached_by, reopened,
             rating, children, stands_for, deeds, respondents)
  ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, reported_province = excluded.reported_province,
    verified_province = excluded.verified_province, agency_id = excluded.agency_id,
    responded_by = excluded.responded_by, returned_by = excluded.returned_by, breached_by = excluded.breached_by,
    reopened = excluded.reopened, rating = excluded.rating, children = excluded.children,
    stands_for = excluded.stands_for, deeds = excluded.deeds, respondents = excluded.respondents)sql"};

const std::string kAddToCellsSql = [] {
  std::vector<std::string> parameters;
  std::vector<std::string> sums;
  for (size_t i = 0; i < kCounters; ++i) {
    parameters.push_back(fmt::format("${}::bigint[]", i + 3));
    sums.push_back(fmt::format("{0} = figure.{0} + excluded.{0}", kCounterNames[i]));
  }
  return fmt::format(R"sql(
    INSERT INTO figure (scope, id, {0})
    SELECT * FROM unnest($1::smallint[], $2::text[], {1}) AS n (scope, id, {0}) ORDER BY scope, id COLLATE "C"
    ON CONFLICT (scope, id) DO UPDATE SET {2})sql",
                     Columns(), fmt::join(parameters, ", "), fmt::join(sums, ", "));
}();
const pg::Statement kAddToCells{"reporting_add_to_cells", kAddToCellsSql.c_str()};

const std::string kFindCellSql = fmt::format("SELECT {} FROM figure WHERE scope = $1 AND id = $2", Columns());
const pg::Statement kFindCell{"reporting_find_cell", kFindCellSql.c_str()};

const std::string kListCellsSql =
    fmt::format("SELECT {}, id FROM figure WHERE scope = $1 ORDER BY id", Columns());
const pg::Statement kListCells{"reporting_list_cells", kListCellsSql.c_str()};

const pg::Statement kKeepAgencies{"reporting_keep_agencies", R"sql(
  INSERT INTO agency (id, name, kind, version)
  SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[])
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, version = excluded.version
  WHERE agency.version < excluded.version)sql"};

const std::string kFindAgencySql = fmt::format(R"sql(
  SELECT {}, id, a.name, a.kind
  FROM (SELECT id, name, kind FROM agency WHERE id = $2) a
  FULL JOIN (SELECT * FROM figure WHERE scope = $1 AND id = $2 AND {}) f USING (id))sql",
                                               Columns(), NotZero());
const pg::Statement kFindAgency{"reporting_find_agency", kFindAgencySql.c_str()};

// The first rows of two sorted lists make the first rows of both. Either may lack what the other has: an
// agency without reports has no figures, and the streams of reports and of the registry are in no common
// order.
const std::string kListAgenciesSql = fmt::format(R"sql(
  SELECT {}, id, a.name, a.kind
  FROM (SELECT id, name, kind FROM agency WHERE id > $2 ORDER BY id LIMIT $3) a
  FULL JOIN (SELECT * FROM figure WHERE scope = $1 AND id > $2 AND {} ORDER BY id LIMIT $3) f USING (id)
  ORDER BY id LIMIT $3)sql",
                                                 Columns(), NotZero());
const pg::Statement kListAgencies{"reporting_list_agencies", kListAgenciesSql.c_str()};

const std::string kListAgenciesWithReportsSql = fmt::format(R"sql(
  SELECT {}, f.id, a.name, a.kind FROM figure f LEFT JOIN agency a ON a.id = f.id
  WHERE f.scope = $1 AND f.id > $2 AND (f.received > 0 OR f.child_assignments > 0) ORDER BY f.id LIMIT $3)sql",
                                                            Columns());
const pg::Statement kListAgenciesWithReports{"reporting_list_agencies_with_reports",
                                             kListAgenciesWithReportsSql.c_str()};

const pg::Statement kForgetInbox{"reporting_forget_inbox", "DELETE FROM inbox"};
const pg::Statement kForgetQuarantine{"reporting_forget_quarantine", R"sql(
  UPDATE quarantine SET ended_at = now(), ending = 'forgotten: the figures were rebuilt from the streams'
  WHERE ended_at IS NULL)sql"};

std::vector<std::string> Split(std::string_view words) {
  std::vector<std::string> split;
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    split.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return split;
}

// The bits stand in the database (report.children): never reuse one.
constexpr int kChildEnded = 1 << 0;
constexpr int kChildAnswered = 1 << 1;

// As "2:id.32.73 0:".
std::string WordsOf(const std::vector<Child>& children) {
  std::vector<std::string> words;
  for (const Child& child : children) {
    const int facts = (child.ended ? kChildEnded : 0) | (child.answered ? kChildAnswered : 0);
    words.push_back(fmt::format("{}:{}", facts, child.agency_id));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<Child> ChildrenOf(std::string_view words) {
  std::vector<Child> children;
  for (const std::string& word : Split(words)) {
    const int facts = word[0] - '0';
    children.push_back({.agency_id = word.substr(2),
                        .ended = (facts & kChildEnded) != 0,
                        .answered = (facts & kChildAnswered) != 0});
  }
  return children;
}

// As "0:2:id.32.73 2:1:".
std::string WordsOf(const std::vector<Deeds>& all) {
  std::vector<std::string> words;
  for (const Deeds& deeds : all)
    words.push_back(fmt::format("{}:{}:{}", static_cast<int>(deeds.deed), deeds.times, deeds.agency_id));
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<Deeds> DeedsOf(std::string_view words) {
  std::vector<Deeds> all;
  for (const std::string& word : Split(words)) {
    const size_t times = word.find(':') + 1;
    const size_t agency = word.find(':', times) + 1;
    all.push_back({.deed = static_cast<Deed>(std::stoi(word)),
                   .agency_id = word.substr(agency),
                   .times = std::stoi(word.substr(times))});
  }
  return all;
}

// As "1:id.32.73 0:": 1 where maladministration was found.
std::string WordsOf(const std::vector<Respondent>& respondents) {
  std::vector<std::string> words;
  for (const Respondent& respondent : respondents)
    words.push_back(fmt::format("{}:{}", respondent.found ? 1 : 0, respondent.agency_id));
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<Respondent> RespondentsOf(std::string_view words) {
  std::vector<Respondent> respondents;
  for (const std::string& word : Split(words))
    respondents.push_back({.agency_id = word.substr(2), .found = word[0] == '1'});
  return respondents;
}

ReportFigures ReportOf(const pg::Row& row) {
  return {.id = row.Text(0),
          .facts = row.Int32(1),
          .reported_province = static_cast<Province>(row.Int(2)),
          .verified_province = static_cast<Province>(row.Int(3)),
          .agency_id = row.Text(4),
          .stands_for = Split(row.View(11)),
          .responded_by = row.Text(5),
          .returned_by = Split(row.View(6)),
          .breached_by = Split(row.View(7)),
          .reopened = static_cast<int16_t>(row.Int(8)),
          .rating = static_cast<int16_t>(row.Int(9)),
          .children = ChildrenOf(row.View(10)),
          .deeds = DeedsOf(row.View(12)),
          .respondents = RespondentsOf(row.View(13))};
}

// The first columns of `row` are the counts; NULL where there is no figure.
Cell CellOf(const pg::Row& row, v1::Scope scope, std::string id) {
  Cell cell{scope, std::move(id), {}};
  if (row.IsNull(0)) return cell;
  for (size_t i = 0; i < kCounters; ++i) cell.counts[i] = row.Int(static_cast<int>(i));
  return cell;
}

NamedCell NamedCellOf(const pg::Row& row) {
  constexpr int kAfterCounts = static_cast<int>(kCounters);
  return {CellOf(row, v1::SCOPE_AGENCY, row.Text(kAfterCounts)), row.OptText(kAfterCounts + 1).value_or(""),
          static_cast<event::v1::AgencyKind>(row.OptInt(kAfterCounts + 2).value_or(0))};
}

}  // namespace

std::unordered_map<std::string, ReportFigures> LoadReports(pg::Tx& tx, const std::vector<std::string>& ids) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.Add(id);
  std::unordered_map<std::string, ReportFigures> reports;
  reports.reserve(ids.size());
  for (const pg::Row& row : tx.Exec(kLoadReports, pg::Params(std::move(wanted)))) {
    reports.emplace(row.Text(0), ReportOf(row));
  }
  return reports;
}

void SaveReports(pg::Tx& tx, const std::vector<const ReportFigures*>& reports) {
  pg::Array ids, facts, reported_provinces, verified_provinces, agencies, responded_by, returned_by,
      breached_by, reopened, ratings, children, stands_for, deeds, respondents;
  for (const ReportFigures* report : reports) {
    ids.Add(report->id);
    facts.Add(report->facts);
    reported_provinces.Add(report->reported_province);
    verified_provinces.Add(report->verified_province);
    agencies.Add(report->agency_id);
    responded_by.Add(report->responded_by);
    returned_by.Add(fmt::format("{}", fmt::join(report->returned_by, " ")));
    breached_by.Add(fmt::format("{}", fmt::join(report->breached_by, " ")));
    reopened.Add(report->reopened);
    ratings.Add(report->rating);
    children.Add(WordsOf(report->children));
    stands_for.Add(fmt::format("{}", fmt::join(report->stands_for, " ")));
    deeds.Add(WordsOf(report->deeds));
    respondents.Add(WordsOf(report->respondents));
  }
  tx.Exec(kSaveReports,
          pg::Params(std::move(ids), std::move(facts), std::move(reported_provinces),
                     std::move(verified_provinces), std::move(agencies), std::move(responded_by),
                     std::move(returned_by), std::move(breached_by), std::move(reopened), std::move(ratings),
                     std::move(children), std::move(stands_for), std::move(deeds), std::move(respondents)));
}

void AddToCells(pg::Tx& tx, const std::vector<Cell>& deltas) {
  std::map<std::pair<v1::Scope, std::string_view>, Counters> sums;
  for (const Cell& delta : deltas) {
    Counters& sum = sums[{delta.scope, delta.id}];
    for (size_t i = 0; i < kCounters; ++i) sum[i] += delta.counts[i];
  }
  pg::Array scopes, ids;
  std::array<pg::Array, kCounters> counts;
  for (const auto& [key, sum] : sums) {
    if (sum == Counters{}) continue;
    scopes.Add(static_cast<int64_t>(key.first));
    ids.Add(key.second);
    for (size_t i = 0; i < kCounters; ++i) counts[i].Add(sum[i]);
  }
  if (ids.size() == 0) return;
  pg::Params params(std::move(scopes), std::move(ids));
  for (pg::Array& column : counts) params.Add(std::move(column));
  tx.Exec(kAddToCells, params);
}

void KeepAgencies(pg::Tx& tx, const std::vector<const event::v1::Event*>& events) {
  // The newest of each: one statement can't write a row twice.
  std::map<std::string_view, const event::v1::AgencyRecorded*> newest;
  for (const event::v1::Event* event : events) {
    if (!event->has_agency_recorded()) continue;
    const event::v1::AgencyRecorded& agency = event->agency_recorded();
    const auto [kept, is_new] = newest.try_emplace(agency.agency_id(), &agency);
    if (!is_new && kept->second->version() < agency.version()) kept->second = &agency;
  }
  if (newest.empty()) return;
  pg::Array ids, names, kinds, versions;
  for (const auto& [id, agency] : newest) {
    ids.Add(id);
    names.Add(agency->name());
    kinds.Add(static_cast<int64_t>(agency->kind()));
    versions.Add(agency->version());
  }
  tx.Exec(kKeepAgencies, pg::Params(std::move(ids), std::move(names), std::move(kinds), std::move(versions)));
}

Cell FindCell(pg::Tx& tx, v1::Scope scope, const std::string& id) {
  const pg::Result found = tx.Exec(kFindCell, {static_cast<int64_t>(scope), id});
  return found.empty() ? Cell{scope, id, {}} : CellOf(found[0], scope, id);
}

std::vector<Cell> ListCells(pg::Tx& tx, v1::Scope scope) {
  std::vector<Cell> cells;
  for (const pg::Row& row : tx.Exec(kListCells, {static_cast<int64_t>(scope)})) {
    cells.push_back(CellOf(row, scope, row.Text(static_cast<int>(kCounters))));
  }
  return cells;
}

std::optional<NamedCell> FindAgency(pg::Tx& tx, const std::string& id) {
  const pg::Result found = tx.Exec(kFindAgency, {static_cast<int64_t>(v1::SCOPE_AGENCY), id});
  if (found.empty()) return std::nullopt;
  return NamedCellOf(found[0]);
}

std::vector<NamedCell> ListAgencies(pg::Tx& tx, const std::string& after, int limit, bool with_reports_only) {
  std::vector<NamedCell> agencies;
  for (const pg::Row& row : tx.Exec(with_reports_only ? kListAgenciesWithReports : kListAgencies,
                                    {static_cast<int64_t>(v1::SCOPE_AGENCY), after, limit})) {
    agencies.push_back(NamedCellOf(row));
  }
  return agencies;
}

std::vector<ReportFigures> ReadReports(pg::Tx& tx, const std::string& after, int limit) {
  std::vector<ReportFigures> reports;
  for (const pg::Row& row : tx.Exec(kReadReports, {after, limit})) reports.push_back(ReportOf(row));
  return reports;
}

eventlog::Applied ForgetAll(pg::Tx& tx) {
  // Tables are locked in the order in which the executor's transactions do it.
  tx.Run("TRUNCATE report, agency, figure");
  eventlog::Applied applied = eventlog::Inbox::All(tx);
  tx.Exec(kForgetInbox);
  tx.Exec(kForgetQuarantine);
  return applied;
}

}  // namespace lapor::reporting
