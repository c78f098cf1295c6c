#include "libs/eventlog/quarantine.h"

namespace lapor::eventlog {
namespace {

const pg::Statement kHeld{"quarantine_held", R"sql(
  SELECT subject FROM quarantine WHERE ended_at IS NULL AND subject = ANY($1::text[]) ORDER BY id FOR UPDATE)sql"};

const pg::Statement kInsert{"quarantine_insert", R"sql(
  INSERT INTO quarantine (topic, partition, kafka_offset, producer, position, subject, value, reason)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id)sql"};

const pg::Statement kDiscarded{"quarantine_discarded", R"sql(
  SELECT EXISTS (SELECT FROM quarantine
                 WHERE topic = $1 AND partition = $2 AND producer = $3 AND position = $4 AND position > 0
                   AND ending LIKE 'discarded:%'))sql"};

const pg::Statement kList{"quarantine_list", R"sql(
  SELECT id, topic, partition, kafka_offset, producer, position, subject, value, reason, quarantined_at
  FROM (SELECT *, sum(octet_length(value)) OVER (ORDER BY id) - octet_length(value) AS bytes_before
        FROM (SELECT * FROM quarantine WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2) page) page
  WHERE bytes_before < $3 ORDER BY id)sql"};

const pg::Statement kFind{"quarantine_find", R"sql(
  SELECT id, topic, partition, kafka_offset, producer, position, subject, value, reason, quarantined_at
  FROM quarantine WHERE ended_at IS NULL AND id = $1)sql"};

const pg::Statement kTake{"quarantine_take", R"sql(
  SELECT id, topic, partition, kafka_offset, producer, position, subject, value, reason, quarantined_at
  FROM quarantine
  WHERE ended_at IS NULL AND (id = $1 OR subject = (SELECT subject FROM quarantine WHERE id = $1 AND subject <> ''))
  ORDER BY id LIMIT 2)sql"};

const pg::Statement kFindEnded{"quarantine_find_ended", R"sql(
  SELECT (SELECT min(held.id) FROM quarantine held
          WHERE held.ended_at IS NULL AND held.subject = ended.subject AND held.subject <> '')
  FROM quarantine ended WHERE id = $1 AND ending = $2)sql"};

const pg::Statement kExplain{"quarantine_explain", "UPDATE quarantine SET reason = $2 WHERE id = $1"};

const pg::Statement kEnd{"quarantine_end",
                         "UPDATE quarantine SET ended_at = now(), ending = $2 WHERE id = $1"};

const pg::Statement kCount{"quarantine_count", "SELECT count(*) FROM quarantine WHERE ended_at IS NULL"};

std::vector<QuarantineRow> Rows(const pg::Result& result) {
  std::vector<QuarantineRow> rows;
  for (const pg::Row& row : result) {
    QuarantineRow& item = rows.emplace_back();
    item.id = row.Int(0);
    item.inbound.topic = static_cast<Topic>(row.Int(1));
    item.inbound.partition = static_cast<int32_t>(row.Int(2));
    item.inbound.kafka_offset = row.Int(3);
    item.inbound.producer = row.Text(4);
    item.inbound.position = row.Int(5);
    item.inbound.subject = row.Text(6);
    item.inbound.value = row.Bytes(7);
    item.reason = row.Text(8);
    item.quarantined_at = row.Time(9);
  }
  return rows;
}

}  // namespace

std::set<std::string> LockHeldSubjects(pg::Tx& tx, const std::set<std::string>& subjects) {
  std::set<std::string> held;
  if (subjects.empty()) return held;
  pg::Array wanted;
  for (const std::string& subject : subjects) wanted.Add(subject);
  for (const pg::Row& row : tx.Exec(kHeld, pg::Params(wanted))) held.insert(row.Text(0));
  return held;
}

bool WasDiscarded(pg::Tx& tx, const Inbound& inbound) {
  return tx
      .Exec(kDiscarded, pg::Params(static_cast<int64_t>(inbound.topic), int64_t{inbound.partition},
                                   inbound.producer, inbound.position))[0]
      .Bool(0);
}

int64_t Quarantine(pg::Tx& tx, const Inbound& inbound, const std::string& reason) {
  return tx
      .Exec(kInsert, pg::Params(static_cast<int64_t>(inbound.topic), int64_t{inbound.partition},
                                inbound.kafka_offset, inbound.producer, inbound.position, inbound.subject,
                                pg::Bytes{inbound.value}, reason))[0]
      .Int(0);
}

std::vector<QuarantineRow> ListQuarantine(pg::Tx& tx, int64_t after, int limit, int64_t max_bytes) {
  return Rows(tx.Exec(kList, pg::Params(after, int64_t{limit}, max_bytes)));
}

std::optional<QuarantineRow> FindQuarantined(pg::Tx& tx, int64_t id) {
  std::vector<QuarantineRow> rows = Rows(tx.Exec(kFind, pg::Params(id)));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<QuarantineRow> TakeQuarantined(pg::Tx& tx, int64_t id) {
  std::vector<QuarantineRow> rows = Rows(tx.Exec(kTake, pg::Params(id)));
  if (rows.empty() || rows.front().id != id) return {};
  return rows;
}

std::optional<EndedQuarantine> FindEnded(pg::Tx& tx, int64_t id, const std::string& ending) {
  const pg::Result rows = tx.Exec(kFindEnded, pg::Params(id, ending));
  if (rows.size() == 0) return std::nullopt;
  return EndedQuarantine{rows[0].IsNull(0) ? std::nullopt : std::optional(rows[0].Int(0))};
}

void ExplainQuarantine(pg::Tx& tx, int64_t id, const std::string& reason) {
  tx.Exec(kExplain, pg::Params(id, reason));
}

void EndQuarantine(pg::Tx& tx, int64_t id, const std::string& ending) {
  tx.Exec(kEnd, pg::Params(id, ending));
}

int64_t CountQuarantined(pg::Tx& tx) { return tx.Exec(kCount)[0].Int(0); }

}  // namespace lapor::eventlog
