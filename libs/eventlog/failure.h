// What the failure of a transaction means for the batch in it.
#pragma once

#include "absl/status/status.h"

namespace lapor::eventlog {

// Another instance owns a partition of the batch's events.
inline bool IsFenced(const absl::Status& status) { return absl::IsFailedPrecondition(status); }

// Nobody's fault: lost connections, deadlocks, a COMMIT without a reply. The next attempt sees what really
// happened.
inline bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsUnknown(status) ||
         absl::IsResourceExhausted(status);
}

// A key that is taken may be the answer that another instance has just given to the same request, and a
// statement that ran out of time may have waited for a lock: worth one more look. Twice, it is an item's
// doing.
inline bool MayPass(const absl::Status& status) {
  return absl::IsAlreadyExists(status) || absl::IsDeadlineExceeded(status);
}

// The database holds it against the data of the item that stood alone. Of all else (time, a table that isn't
// there) an event is innocent: whoever brought it brings it again, in its order.
inline bool IsDataFault(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status);
}

}  // namespace lapor::eventlog
