#include "libs/eventlog/deadlines.h"

#include <map>
#include <tuple>

namespace lapor::eventlog {
namespace {

// Mostly nothing at all is in quarantine, and that is asked once a statement, not once a row.
const pg::Statement kDue{"deadlines_due", R"sql(
  SELECT subject, clock, due_at FROM deadline
  WHERE due_at <= $1 AND (due_at, subject, clock) > ($2::timestamptz, $3::text, $4::smallint) AND blocked IS NULL
    AND (NOT EXISTS (SELECT FROM quarantine WHERE ended_at IS NULL)
         OR NOT EXISTS (SELECT FROM quarantine q
                        WHERE q.subject = split_part(deadline.subject, '.', 1) AND q.ended_at IS NULL))
  ORDER BY due_at, subject, clock LIMIT $5)sql"};

// Ascending, so that two transactions can't wait for each other.
const pg::Statement kAwaitTurn{"deadlines_await_turn", R"sql(
  SELECT pg_advisory_xact_lock(hashtext('lapor.deadlines'), partition)
  FROM (SELECT unnest($1::int[]) AS partition ORDER BY 1) AS ascending)sql"};

const pg::Statement kStillOpen{"deadlines_still_open", R"sql(
  SELECT n.index FROM unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::int[])
                      AS n (subject, clock, due_at, index)
  JOIN deadline USING (subject, clock, due_at))sql"};

const pg::Statement kTake{"deadlines_take", R"sql(
  DELETE FROM deadline USING unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::int[])
                             AS n (subject, clock, due_at, index)
  WHERE deadline.subject = n.subject AND deadline.clock = n.clock AND deadline.due_at = n.due_at
    AND deadline.blocked IS NULL
    AND (NOT EXISTS (SELECT FROM quarantine WHERE ended_at IS NULL)
         OR NOT EXISTS (SELECT FROM quarantine q
                        WHERE q.subject = split_part(deadline.subject, '.', 1) AND q.ended_at IS NULL))
  RETURNING n.index)sql"};

const pg::Statement kSet{"deadlines_set", R"sql(
  INSERT INTO deadline (subject, clock, due_at)
  SELECT * FROM unnest($1::text[], $2::smallint[], $3::timestamptz[])
  ON CONFLICT (subject, clock) DO UPDATE SET due_at = excluded.due_at, blocked = NULL)sql"};

const pg::Statement kClear{"deadlines_clear", R"sql(
  DELETE FROM deadline USING unnest($1::text[], $2::smallint[]) AS n (subject, clock)
  WHERE deadline.subject = n.subject AND deadline.clock = n.clock)sql"};

const pg::Statement kBlock{"deadlines_block", R"sql(
  INSERT INTO deadline (subject, clock, due_at, blocked) VALUES ($1, $2, $3, $4)
  ON CONFLICT (subject, clock) DO NOTHING)sql"};

const pg::Statement kListBlocked{"deadlines_list_blocked", R"sql(
  SELECT subject, clock, due_at, blocked FROM deadline
  WHERE blocked IS NOT NULL AND (subject, clock) > ($1::text, $2::smallint) ORDER BY subject, clock LIMIT $3)sql"};

const pg::Statement kRetry{"deadlines_retry", R"sql(
  UPDATE deadline SET blocked = NULL
  WHERE blocked IS NOT NULL AND ($1 = '' OR subject = $1 OR split_part(subject, '.', 1) = $1))sql"};

const pg::Statement kCountBlocked{"deadlines_count_blocked",
                                  "SELECT count(*) FROM deadline WHERE blocked IS NOT NULL"};

// Which of those that are due at `now` the statement names by their index.
std::vector<bool> Found(pg::Tx& tx, const pg::Statement& statement, const std::vector<Deadline>& deadlines,
                        absl::Time now) {
  std::vector<bool> found(deadlines.size(), false);
  pg::Array subjects, clocks, times, indexes;
  for (size_t i = 0; i < deadlines.size(); ++i) {
    if (deadlines[i].due_at > now) continue;
    subjects.Add(deadlines[i].subject);
    clocks.Add(int64_t{deadlines[i].clock});
    times.Add(deadlines[i].due_at);
    indexes.Add(static_cast<int64_t>(i));
  }
  if (subjects.size() == 0) return found;
  for (const pg::Row& row : tx.Exec(statement, pg::Params(subjects, clocks, times, indexes))) {
    found[static_cast<size_t>(row.Int(0))] = true;
  }
  return found;
}

}  // namespace

std::vector<Deadline> DueDeadlines(pg::Tx& tx, absl::Time now, const std::optional<Deadline>& after,
                                   int limit) {
  const Deadline start = after.value_or(Deadline{"", report::v1::CLOCK_UNSPECIFIED, absl::UnixEpoch()});
  const auto params = pg::Params(now, start.due_at, start.subject, int64_t{start.clock}, int64_t{limit});
  std::vector<Deadline> due;
  for (const pg::Row& row : tx.Exec(kDue, params)) {
    due.push_back({row.Text(0), static_cast<report::v1::Clock>(row.Int(1)), row.Time(2)});
  }
  return due;
}

void AwaitTurn(pg::Tx& tx, const std::set<int32_t>& partitions) {
  pg::Array wanted;
  for (int32_t partition : partitions) wanted.Add(int64_t{partition});
  tx.Exec(kAwaitTurn, pg::Params(wanted));
}

std::vector<bool> StillOpen(pg::Tx& tx, const std::vector<Deadline>& deadlines) {
  return Found(tx, kStillOpen, deadlines, absl::InfiniteFuture());
}

std::vector<bool> TakeDeadlines(pg::Tx& tx, absl::Time now, const std::vector<Deadline>& deadlines) {
  return Found(tx, kTake, deadlines, now);
}

void SetDeadlines(pg::Tx& tx, const std::vector<Deadline>& deadlines) {
  if (deadlines.empty()) return;
  pg::Array subjects, clocks, times;
  for (const Deadline& deadline : deadlines) {
    subjects.Add(deadline.subject);
    clocks.Add(int64_t{deadline.clock});
    times.Add(deadline.due_at);
  }
  tx.Exec(kSet, pg::Params(subjects, clocks, times));
}

void ClearDeadlines(pg::Tx& tx, const std::vector<std::pair<std::string, report::v1::Clock>>& deadlines) {
  if (deadlines.empty()) return;
  pg::Array subjects, clocks;
  for (const auto& [subject, clock] : deadlines) {
    subjects.Add(subject);
    clocks.Add(int64_t{clock});
  }
  tx.Exec(kClear, pg::Params(subjects, clocks));
}

void BlockDeadline(pg::Tx& tx, const Deadline& deadline, const std::string& reason) {
  tx.Exec(kBlock, pg::Params(deadline.subject, int64_t{deadline.clock}, deadline.due_at, reason));
}

std::vector<BlockedDeadline> ListBlockedDeadlines(pg::Tx& tx,
                                                  const std::pair<std::string, report::v1::Clock>& after,
                                                  int limit) {
  std::vector<BlockedDeadline> blocked;
  const auto params = pg::Params(after.first, int64_t{after.second}, int64_t{limit});
  for (const pg::Row& row : tx.Exec(kListBlocked, params)) {
    blocked.push_back({{row.Text(0), static_cast<report::v1::Clock>(row.Int(1)), row.Time(2)}, row.Text(3)});
  }
  return blocked;
}

int RetryBlockedDeadlines(pg::Tx& tx, const std::string& subject) {
  return static_cast<int>(tx.Exec(kRetry, pg::Params(subject)).affected_rows());
}

int64_t CountBlockedDeadlines(pg::Tx& tx) { return tx.Exec(kCountBlocked)[0].Int(0); }

}  // namespace lapor::eventlog
