// Whether the streams can still be read from their beginning: to be asked before what came of them is
// forgotten.
#pragma once

#include "absl/status/status.h"
#include "libs/eventlog/consumer.h"
#include "libs/eventlog/inbox.h"

namespace lapor::eventlog {

// OK when of each source of `applied` the first event is where a consumer that starts anew would get it:
// first of its producer in the broker's log of the partition, or else in the producer's journal. Reads each
// partition until it has met all of its producers. Errors:
//   FAILED_PRECONDITION  naming the first source that has lost its beginning, and why its journal hasn't got
//                        it: with the reason of `read_journal`
//   UNAVAILABLE          the broker doesn't say
absl::Status CheckHistory(const ConsumerOptions& broker, const Consumer::ReadJournal& read_journal,
                          const Applied& applied);

}  // namespace lapor::eventlog
