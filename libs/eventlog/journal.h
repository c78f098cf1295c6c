// The journal: the events of this service, written in the transaction that changes its state.
//
// Appending is the last step of a transaction: it takes the heads of the partitions it needs FOR UPDATE in
// ascending order, reserves the next positions and inserts. The locks are held to the commit, so within a
// partition the order of positions is the order of commits, without gaps, and a reader that has seen position
// n has seen all before it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "libs/eventlog/inbox.h"
#include "libs/eventlog/topic.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

// An event on its way into the journal: subject, payload, actor and occurred_at are set; Append fills in the
// rest.
struct NewEvent {
  event::v1::Event event;
  std::string trace;  // W3C traceparent of what caused it; may be empty
};

// An event of the journal as the relay and ReadJournal hand it on.
struct JournalRow {
  Topic topic;
  int32_t partition;
  int64_t position;
  std::string event_id;
  std::string subject;
  std::string type;  // as "ReportSubmitted"
  absl::Time occurred_at;
  std::string payload;  // a serialized lapor.event.v1.Event
  std::string trace;
};

class Journal {
 public:
  Journal(std::string producer, Partitioning partitioning)
      : producer_(std::move(producer)), partitioning_(partitioning) {}

  const std::string& producer() const { return producer_; }
  const Partitioning& partitioning() const { return partitioning_; }

  // Makes the rows that Append locks, and the weeks of the journal that are needed next. Call at start and
  // daily.
  absl::Status Prepare(pg::Pool& pool) const;

  // Appends in the given order and fills in event_id, producer, partition, position and after. `applied` is
  // what this transaction has applied of other producers: the causes. INTERNAL when a partition hasn't been
  // prepared.
  absl::Status Append(pg::Tx& tx, Topic topic, const Applied& applied, std::vector<NewEvent>& events) const;

  // The events of one partition from `from` on, at most `limit`, in order.
  static std::vector<JournalRow> Read(pg::Tx& tx, Topic topic, int32_t partition, int64_t from, int limit);

  // The last position written in each partition.
  static std::map<int32_t, int64_t> Heads(pg::Tx& tx, Topic topic);

  // Drops the weeks that ended before `older_than`, as far as the broker has acknowledged all of their
  // events. Returns the names of what it dropped.
  static absl::StatusOr<std::vector<std::string>> Drop(pg::Pool& pool, absl::Time older_than);

 private:
  std::string producer_;
  Partitioning partitioning_;
};

// The name of the payload's message, as "ReportSubmitted"; empty when none is set.
std::string TypeOf(const event::v1::Event& event);

}  // namespace lapor::eventlog
