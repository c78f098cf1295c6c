// The inbox: how far this service has applied the events of each other service, per partition.
//
// The row of (producer, topic, partition) moves in the transaction of the effect, and only from the value
// that the transaction began with: an effect is neither doubled nor lost, and a consumer that has lost its
// partition to another instance (a zombie) can't commit.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lapor/event/v1/event.pb.h"
#include "libs/eventlog/topic.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

// One stream of events: what one service writes to one partition.
struct Source {
  std::string producer;
  Topic topic;
  int32_t partition;
  auto operator<=>(const Source&) const = default;
};

// The last position applied of each source; a source that is not in it is at 0.
using Applied = std::map<Source, int64_t>;

// An event as it came from the broker, or from a producer's journal when the broker had lost it.
struct Inbound {
  Topic topic;
  int32_t partition;
  int64_t kafka_offset;  // -1 when it came from the journal
  std::string producer;  // from the headers, so that bytes which can't be decoded still have their place
  int64_t position = 0;  // 0: unknown; then only the offset tells duplicates
  std::string subject;   // the Kafka key, also of bytes which can't be decoded; "" when it can't be an id
  std::string value;
  bool decoded = false;
  event::v1::Event event;  // if decoded
  std::string flaw = {};   // if not: why
  std::string trace = {};  // W3C traceparent of what caused it; may be empty
};

// Reads `value` into `event` and sets `decoded`, if it is an event that this version knows and that says of
// itself what its place (producer, position, partition, subject) says. Else sets `flaw`.
void Decode(Inbound& inbound);

// Events that are missing before `at` could be applied: positions [from, to] of `source`.
struct Gap {
  Source source;
  int64_t from;
  int64_t to;
  int64_t kafka_offset;  // of the event that has to wait
};

enum class Verdict { kApply, kDuplicate, kGap };

// A test switches a rule off to see that its own checks notice; nothing else does.
struct InboxRules {
  bool drop_duplicates = true;
  bool fence = true;
};

// What the inbox rules say of a batch, event by event, and what is to be written afterwards. One object
// serves one transaction.
class Inbox {
 public:
  // `self` is the service's own name: its own events count as applied.
  explicit Inbox(std::string self, InboxRules rules = {}) : self_(std::move(self)), rules_(rules) {}

  // Reads the rows of these partitions.
  void Load(pg::Tx& tx, Topic topic, const std::set<int32_t>& partitions);

  // Judges the next event of its partition:
  //   position <= applied: a duplicate; = applied + 1, and every cause applied: apply; else a gap.
  // kApply moves the position. After a gap every later event of the partition is a gap too (of the same
  // `gap`).
  Verdict Judge(const Inbound& inbound, Gap* gap);

  // Writes what moved. FAILED_PRECONDITION (fenced) when a row no longer has the value this transaction began
  // with: another instance owns the partition now.
  absl::Status Save(pg::Tx& tx) const;

  const Applied& applied() const { return applied_; }

  // Where to read on in Kafka: the offset after the last one of any producer; 0 when nothing was read.
  static int64_t NextOffset(pg::Tx& tx, Topic topic, int32_t partition);
  // Everything applied so far.
  static Applied All(pg::Tx& tx);

 private:
  struct Row {
    int64_t position;
    int64_t kafka_offset;
  };

  std::string self_;
  InboxRules rules_;
  std::map<Source, Row> before_;
  std::map<Source, Row> after_;
  Applied applied_;
  std::map<std::pair<Topic, int32_t>, Gap> stopped_;
};

}  // namespace lapor::eventlog
