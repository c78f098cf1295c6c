// Open deadlines. Each fires exactly once and never early: the row is taken in the transaction that carries
// the deadline's command out, and a row that is gone fires nothing. What it costs grows with what is due, not
// with what is open.
//
// A deadline waits while an event of its subject is in quarantine: what was done in time must not lose to it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

struct Deadline {
  // A report, or a child assignment of it (libs/report/assignment_id.h).
  std::string subject;
  report::v1::Clock clock;
  absl::Time due_at;
};

// The earliest that are due at `now`, in their order, at most `limit`; a page continues `after` the last one
// of the page before.
std::vector<Deadline> DueDeadlines(pg::Tx& tx, absl::Time now, const std::optional<Deadline>& after,
                                   int limit);

// Waits until no other transaction fires deadlines of these partitions, and keeps others waiting until its
// own end: several instances that have found the same deadlines would else all load, and lock, their
// subjects. Only before anything else in a transaction is locked.
void AwaitTurn(pg::Tx& tx, const std::set<int32_t>& partitions);

// Result[i] tells whether deadlines[i] is still open, with this very due time. Locks nothing.
std::vector<bool> StillOpen(pg::Tx& tx, const std::vector<Deadline>& deadlines);

// Takes those of `deadlines` that are due at `now` (it may have gone back since they were found), still open,
// with this very due time, and don't wait; result[i] tells whether deadlines[i] was.
std::vector<bool> TakeDeadlines(pg::Tx& tx, absl::Time now, const std::vector<Deadline>& deadlines);

// Sets the deadlines of these subjects' clocks; one that stands already moves.
void SetDeadlines(pg::Tx& tx, const std::vector<Deadline>& deadlines);

// Clears them, if they stand.
void ClearDeadlines(pg::Tx& tx, const std::vector<std::pair<std::string, report::v1::Clock>>& deadlines);

// Keeps a taken deadline whose command failed, out of the way and with its reason, for an operator.
void BlockDeadline(pg::Tx& tx, const Deadline& deadline, const std::string& reason);

struct BlockedDeadline {
  Deadline deadline;
  std::string reason;
};

// Blocked deadlines by subject and clock, after those of `after`, at most `limit`.
std::vector<BlockedDeadline> ListBlockedDeadlines(pg::Tx& tx,
                                                  const std::pair<std::string, report::v1::Clock>& after,
                                                  int limit);

// Lets the blocked deadlines of `subject` and its child assignments, or all when it is empty, fire again.
// Returns how many.
int RetryBlockedDeadlines(pg::Tx& tx, const std::string& subject);

int64_t CountBlockedDeadlines(pg::Tx& tx);

}  // namespace lapor::eventlog
