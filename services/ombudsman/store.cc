#include "services/ombudsman/store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <utility>

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
const std::string kListOpenSql = SelectSql(R"sql(
  WHERE stage IN (1, 2, 3, 4, 5) AND (opened_at, id) > ($1, $2) ORDER BY opened_at, id LIMIT $3)sql");
const pg::Statement kListOpen{"escalations_list_open", kListOpenSql.c_str()};
const std::string kListStageSql = SelectSql(R"sql(
  WHERE stage > 0 AND stage = $4 AND (opened_at, id) > ($1, $2) ORDER BY opened_at, id LIMIT $3)sql");
const pg::Statement kListStage{"escalations_list_stage", kListStageSql.c_str()};

const pg::Statement kVerdicts{"verdicts", R"sql(
  SELECT report_id, escalation, ground, met, decided_at
  FROM verdict JOIN unnest($1::text[], $2::integer[]) AS wanted (report_id, escalation) USING (report_id, escalation)
  ORDER BY report_id, ground)sql"};

const pg::Statement kVerdictsAt{"verdicts_at", R"sql(
  SELECT report_id, escalation, ground, met, decided_at FROM verdict
  WHERE report_id = $1 AND decided_at = $2 ORDER BY ground)sql"};

const pg::Statement kAddVerdicts{"verdicts_add", R"sql(
  INSERT INTO verdict (report_id, escalation, ground, met, decided_at)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::smallint[], $4::boolean[], $5::timestamptz[]))sql"};

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
  return read;
}

std::vector<Verdict> VerdictsIn(const pg::Result& rows) {
  std::vector<Verdict> verdicts;
  for (const pg::Row& row : rows) {
    verdicts.push_back(
        {row.Text(0), row.Int32(1), static_cast<event::v1::Ground>(row.Int32(2)), row.Bool(3), row.Time(4)});
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
  }
  pg::Params params;
  for (pg::Array& column : columns) params.Add(std::move(column));
  tx.Exec(kSave, params);
}

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records) {
  pg::Array reports, escalations, grounds, met, times;
  for (const Record& record : records) {
    const Verdict& verdict = std::get<Verdict>(record);
    reports.Add(verdict.report_id);
    escalations.Add(verdict.escalation);
    grounds.Add(static_cast<int>(verdict.ground));
    met.Add(verdict.met);
    times.Add(verdict.decided_at);
  }
  tx.Exec(kAddVerdicts, pg::Params(std::move(reports), std::move(escalations), std::move(grounds),
                                   std::move(met), std::move(times)));
}

std::optional<Escalation> FindEscalation(pg::Tx& tx, const std::string& report_id) {
  const pg::Result rows = tx.Exec(kFind, pg::Params(report_id));
  if (rows.empty()) return std::nullopt;
  return ReadEscalation(rows[0]);
}

std::vector<Escalation> ListEscalations(pg::Tx& tx, const EscalationQuery& query) {
  const EscalationPlace after = query.after.value_or(EscalationPlace{absl::InfinitePast(), ""});
  pg::Params params(after.opened_at, after.id, query.limit);
  const bool one_stage = query.stage != event::v1::ESCALATION_STAGE_UNSPECIFIED;
  if (one_stage) params.Add(static_cast<int>(query.stage));
  std::vector<Escalation> escalations;
  for (const pg::Row& row : tx.Exec(one_stage ? kListStage : kListOpen, params)) {
    escalations.push_back(ReadEscalation(row));
  }
  return escalations;
}

std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::vector<Escalation>& escalations) {
  pg::Array reports, numbers;
  for (const Escalation& escalation : escalations) {
    reports.Add(escalation.id);
    numbers.Add(escalation.number);
  }
  return VerdictsIn(tx.Exec(kVerdicts, pg::Params(std::move(reports), std::move(numbers))));
}

std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::string& report_id, absl::Time decided_at) {
  return VerdictsIn(tx.Exec(kVerdictsAt, pg::Params(report_id, decided_at)));
}

}  // namespace lapor::ombudsman
