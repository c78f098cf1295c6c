// Events that could not be decoded or applied, with their bytes and the reason. Only later events of the same
// subject wait behind one; all others go on.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventlog/inbox.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

struct QuarantineRow {
  int64_t id = 0;
  Inbound inbound;  // not decoded
  std::string reason;
  absl::Time quarantined_at;
};

// Those of `subjects` that have an event in quarantine. Their events there are locked: none leaves while this
// transaction adds one behind it, and whoever took one out has committed.
std::set<std::string> LockHeldSubjects(pg::Tx& tx, const std::set<std::string>& subjects);

// Returns its number.
int64_t Quarantine(pg::Tx& tx, const Inbound& inbound, const std::string& reason);

// Whether an operator has discarded this event before: the stream is read again when figures are rebuilt, or
// by way of another broker.
bool WasDiscarded(pg::Tx& tx, const Inbound& inbound);

// Held events, by number, after `after`: at most `limit`, and none after those that make up `max_bytes`.
std::vector<QuarantineRow> ListQuarantine(pg::Tx& tx, int64_t after, int limit, int64_t max_bytes);

// The held event `id`, if it is held.
std::optional<QuarantineRow> FindQuarantined(pg::Tx& tx, int64_t id);

// The held event `id` and the next of its subject, if one waits. Empty when `id` isn't held or, as it isn't
// the first of its subject, has to wait itself.
std::vector<QuarantineRow> TakeQuarantined(pg::Tx& tx, int64_t id);

// What EndQuarantine left of the event `id`, if that ended as asked: the first held event of its subject, if
// one waits.
struct EndedQuarantine {
  std::optional<int64_t> next_held;
};
std::optional<EndedQuarantine> FindEnded(pg::Tx& tx, int64_t id, const std::string& ending);

// Says anew why the event is held.
void ExplainQuarantine(pg::Tx& tx, int64_t id, const std::string& reason);

// Takes it out of quarantine; `ending` stays on record, as "applied" or "discarded: reason".
void EndQuarantine(pg::Tx& tx, int64_t id, const std::string& ending);

int64_t CountQuarantined(pg::Tx& tx);

}  // namespace lapor::eventlog
