// PostgreSQL for everyone else: a pool of connections and two ways to run a transaction on one of them.
//
//   const pg::Statement kTouch{"report_touch", "UPDATE report SET touched_at = $2 WHERE id = $1"};
//   absl::Status status = pool.Transact([&](pg::Tx& tx) {
//     tx.Exec(kTouch, {id, now});
//     return absl::OkStatus();
//   });
//
// What a failed transaction means. Where nothing happened, the same call may simply be made again:
//
//   kUnavailable        nothing happened: no connection, or it was lost before COMMIT was sent, or the
//                       server is starting, stopping, broken or out of memory, disk or connections.
//                       Retry after a pause
//   kAborted            nothing happened: deadlock, serialization failure, a lock that could not be had.
//                       Retry
//   kResourceExhausted  nothing happened: every connection was busy for acquire_timeout. Shed load
//   kDeadlineExceeded   nothing happened: a statement took longer than statement_timeout
//   kUnknown            COMMIT was sent and its reply is lost: look up whether it took effect before
//                       doing it again
//   kAlreadyExists      nothing happened: a unique or exclusion constraint, which the message names
//   kInvalidArgument    nothing happened: the data is at fault (SQLSTATE class 22; check, foreign key
//                       and not-null constraints; a NUL byte or bad UTF-8 in text)
//   kInternal           nothing happened: anything else, hence our bug
//
// and whatever error the body returned. Messages name SQLSTATE, constraint and statement, never a value: they
// may be logged.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"

namespace lapor::pg {

struct PoolOptions {
  // As libpq takes it: "host=... dbname=... user=..." or "postgresql://..."; what it leaves out comes from
  // PGHOST etc.
  std::string conninfo = "";
  // Shown in pg_stat_activity.
  std::string application_name = "lapor";
  int max_connections = 8;
  // How long a transaction waits for a connection when all are busy.
  absl::Duration acquire_timeout = absl::Seconds(5);
  // In whole seconds, at least 2; connect_timeout in `conninfo` goes before it.
  absl::Duration connect_timeout = absl::Seconds(5);
  // The longest that one statement may run, waiting for locks included, and that a transaction may sit idle:
  // locks of a process that has vanished with its machine are gone after that. Migrate() does without.
  absl::Duration statement_timeout = absl::Seconds(30);
};

// Thread-safe. Connects when a connection is first needed; a broken one is dropped and replaced. Sessions are
// in UTC, whatever the server's defaults; synchronous_commit is left as the server has it.
class Pool {
 public:
  using Body = std::function<absl::Status(Tx&)>;

  explicit Pool(PoolOptions options);
  // No transaction may be running.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs `body` once in one READ COMMITTED transaction. Commits if it returns OK, else rolls back and returns
  // its error. Blocks; the body makes no remote calls and doesn't ask the pool for another transaction.
  absl::Status Transact(const Body& body);

  // The same in a READ ONLY transaction, which never ends in kUnknown.
  absl::Status Read(const Body& body);

 private:
  struct Session;

  template <typename Transaction>
  absl::Status Run(const Body& body);
  absl::StatusOr<std::unique_ptr<Session>> Acquire();
  // Gives the place of a connection back, and the connection too unless it is nullptr.
  void Release(std::unique_ptr<Session> session);
  std::unique_ptr<Session> Connect() const;

  const PoolOptions options_;
  std::mutex mutex_;
  std::condition_variable released_;
  int free_ = 0;                                // places for connections not in use
  std::vector<std::unique_ptr<Session>> idle_;  // at most free_; the last one used comes first again
};

}  // namespace lapor::pg
