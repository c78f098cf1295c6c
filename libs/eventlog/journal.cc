#include "libs/eventlog/journal.h"

#include "absl/time/civil_time.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/eventlog/uuid.h"

namespace lapor::eventlog {
namespace {

const pg::Statement kPrepareHeads{"journal_prepare_heads", R"sql(
  WITH wanted AS (SELECT $1::smallint AS topic, generate_series(0, $2::int - 1) AS partition),
       heads AS (INSERT INTO event_head (topic, partition, position)
                 SELECT topic, partition, 0 FROM wanted ON CONFLICT DO NOTHING)
  INSERT INTO relay_cursor (topic, partition) SELECT topic, partition FROM wanted ON CONFLICT DO NOTHING)sql"};

// Ascending, so that two transactions can't wait for each other.
const pg::Statement kLockHeads{"journal_lock_heads", R"sql(
  SELECT partition, position FROM event_head
  WHERE topic = $1 AND partition = ANY($2::int[]) ORDER BY partition FOR UPDATE)sql"};

const pg::Statement kMoveHeads{"journal_move_heads", R"sql(
  UPDATE event_head SET position = n.position
  FROM unnest($2::int[], $3::bigint[]) AS n (partition, position)
  WHERE event_head.topic = $1 AND event_head.partition = n.partition)sql"};

const pg::Statement kInsert{"journal_insert", R"sql(
  INSERT INTO event (topic, partition, position, event_id, subject, type, occurred_at, payload, trace)
  SELECT $1::smallint, * FROM
    unnest($2::int[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::bytea[], $9::text[]))sql"};

const pg::Statement kRead{"journal_read", R"sql(
  SELECT position, event_id, subject, type, occurred_at, payload, trace FROM event
  WHERE topic = $1 AND partition = $2 AND position >= $3 ORDER BY position LIMIT $4)sql"};

const pg::Statement kHeads{"journal_heads", "SELECT partition, position FROM event_head WHERE topic = $1"};

// Weeks start on Mondays, in UTC by the database's own clock: the journal's retention has nothing to do with
// the time that reports live in.
const pg::Statement kPrepareWeeks{"journal_prepare_weeks", R"sql(
  SELECT 'event_' || to_char(week, 'IYYY"w"IW'), week, week + interval '7 days'
  FROM generate_series(date_trunc('week', now() AT TIME ZONE 'UTC'),
                       date_trunc('week', now() AT TIME ZONE 'UTC') + interval '14 days', interval '7 days') AS week
  WHERE to_regclass('event_' || to_char(week, 'IYYY"w"IW')) IS NULL)sql"};

const pg::Statement kOldWeeks{"journal_old_weeks", R"sql(
  SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_[0-9]{4}w[0-9]{2}$'
    AND to_date(substr(c.relname, 7), 'IYYY"w"IW') + 7 <= ($1::timestamptz AT TIME ZONE 'UTC')::date
  ORDER BY c.relname)sql"};

}  // namespace

std::string TypeOf(const event::v1::Event& event) {
  if (event.payload_case() == event::v1::Event::PAYLOAD_NOT_SET) return "";
  return event::v1::Event::descriptor()
      ->FindFieldByNumber(static_cast<int>(event.payload_case()))
      ->message_type()
      ->name();
}

absl::Status Journal::Prepare(pg::Pool& pool) const {
  return pool.Transact([this](pg::Tx& tx) {
    for (Topic topic : {Topic::kReport, Topic::kAgency}) {
      tx.Exec(kPrepareHeads, pg::Params(static_cast<int64_t>(topic), int64_t{partitioning_.count(topic)}));
    }
    tx.Run("SELECT pg_advisory_xact_lock(hashtext('lapor.journal.weeks'))");
    for (const pg::Row& week : tx.Exec(kPrepareWeeks)) {
      tx.Run(fmt::format("CREATE TABLE {} PARTITION OF event FOR VALUES FROM ('{}+00') TO ('{}+00')",
                         week.Text(0), week.Text(1), week.Text(2)));
    }
    return absl::OkStatus();
  });
}

absl::Status Journal::Append(pg::Tx& tx, Topic topic, const Applied& applied,
                             std::vector<NewEvent>& events) const {
  if (events.empty()) return absl::OkStatus();

  std::map<int32_t, int64_t> heads;
  for (NewEvent& e : events) {
    e.event.set_partition(partitioning_.Of(topic, e.event.subject()));
    heads[e.event.partition()] = 0;
  }
  pg::Array wanted;
  for (const auto& [partition, position] : heads) wanted.Add(int64_t{partition});
  const pg::Result locked = tx.Exec(kLockHeads, pg::Params(static_cast<int64_t>(topic), wanted));
  if (locked.size() != heads.size()) {
    // Counting from 1 again would tell every consumer that these are duplicates.
    return absl::InternalError(
        fmt::format("{} of the {} partitions of {} that are to be written have no row in event_head; is the "
                    "number of partitions the one that the journal was prepared with?",
                    heads.size() - locked.size(), heads.size(), NameOf(topic)));
  }
  for (const pg::Row& row : locked) heads[static_cast<int32_t>(row.Int(0))] = row.Int(1);

  pg::Array partitions, positions, ids, subjects, types, times, payloads, traces;
  for (NewEvent& e : events) {
    event::v1::Event& event = e.event;
    event.set_event_id(NewUuid());
    event.set_producer(producer_);
    event.set_position(++heads[event.partition()]);
    // Sources sort by producer first, so the causes of one partition are picked one by one; there are at most
    // five.
    for (const auto& [source, position] : applied) {
      if (source.topic == topic && source.partition == event.partition() && !source.producer.empty()) {
        (*event.mutable_after())[source.producer] = position;
      }
    }
    partitions.Add(int64_t{event.partition()});
    positions.Add(event.position());
    ids.Add(event.event_id());
    subjects.Add(event.subject());
    types.Add(TypeOf(event));
    times.Add(decision::FromProto(event.occurred_at()));
    payloads.AddBytes(event.SerializeAsString());
    traces.Add(e.trace);
  }
  tx.Exec(kInsert, pg::Params(static_cast<int64_t>(topic), partitions, positions, ids, subjects, types, times,
                              payloads, traces));

  pg::Array moved, moved_to;
  for (const auto& [partition, position] : heads) {
    moved.Add(int64_t{partition});
    moved_to.Add(position);
  }
  tx.Exec(kMoveHeads, pg::Params(static_cast<int64_t>(topic), moved, moved_to));
  return absl::OkStatus();
}

std::vector<JournalRow> Journal::Read(pg::Tx& tx, Topic topic, int32_t partition, int64_t from, int limit) {
  std::vector<JournalRow> rows;
  const auto params = pg::Params(static_cast<int64_t>(topic), int64_t{partition}, from, int64_t{limit});
  for (const pg::Row& row : tx.Exec(kRead, params)) {
    rows.push_back({topic, partition, row.Int(0), row.Text(1), row.Text(2), row.Text(3), row.Time(4),
                    row.Bytes(5), row.Text(6)});
  }
  return rows;
}

std::map<int32_t, int64_t> Journal::Heads(pg::Tx& tx, Topic topic) {
  std::map<int32_t, int64_t> heads;
  for (const pg::Row& row : tx.Exec(kHeads, pg::Params(static_cast<int64_t>(topic)))) {
    heads[static_cast<int32_t>(row.Int(0))] = row.Int(1);
  }
  return heads;
}

absl::StatusOr<std::vector<std::string>> Journal::Drop(pg::Pool& pool, absl::Time older_than) {
  std::vector<std::string> dropped;
  const absl::Status status = pool.Transact([&](pg::Tx& tx) {
    for (const pg::Row& week : tx.Exec(kOldWeeks, pg::Params(older_than))) {
      const std::string table = week.Text(0);
      const pg::Result unsent =
          tx.Run(fmt::format("SELECT 1 FROM {} e JOIN relay_cursor c USING (topic, partition) WHERE "
                             "e.position > c.position LIMIT 1",
                             table));
      if (!unsent.empty()) continue;
      tx.Run(fmt::format("DROP TABLE {}", table));
      dropped.push_back(table);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return dropped;
}

}  // namespace lapor::eventlog
