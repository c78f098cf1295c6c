// What a service decides, as data. Decide(state, command, now) is pure: it reads no clock, no database and no
// network and draws no random number; the batch executor of libs/eventlog carries its decision out, whole or
// not at all, in one transaction.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/report/v1/report.pb.h"

namespace lapor::decision {

// Sets the one deadline of this clock for the subject, or clears it (no due_at).
struct DeadlineChange {
  report::v1::Clock clock;
  std::optional<absl::Time> due_at;
  // Of a child assignment of the subject: its number.
  int child = 0;
};

template <class State, class Record>
struct Decision {
  State next;

  // What happened, oldest first: payload and actor; occurred_at where it isn't `now`. The executor fills in
  // ids, subject, position and causes.
  std::vector<event::v1::Event> events;

  // Rows that are only ever added: words, hands, attachments. A state never has to load them to decide.
  std::vector<Record> records;

  std::vector<DeadlineChange> deadlines;
};

}  // namespace lapor::decision
