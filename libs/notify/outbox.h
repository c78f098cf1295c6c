// What is to be told to reporters and officers, kept in the database of the service that knows where they are
// reached. A row is written in the transaction of what it tells, so it is neither lost nor told of something
// that was rolled back; Sender (sender.h) sends it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/pg/tx.h"
#include "libs/runtime/clock.h"

namespace lapor::notify {

// How long something is worth telling. What happened earlier isn't told at all, as when a service reads a
// stream from its beginning; what can't be sent for so long is given up.
inline constexpr absl::Duration kMaxAge = absl::Hours(7 * 24);

// One event, for one who is told of it.
struct Notification {
  // Whose officers; empty: the report's reporter.
  std::string agency_id = {};
  std::string report_id = {};
  // The child assignment that it is about; 0: the report itself.
  int child = 0;
  // As "reporter-answered": a template of templates.h.
  std::string template_name = {};
  // Ids, codes (names of enums' values) and days, as the template's placeholders want them. Nothing of a
  // person.
  std::map<std::string, std::string> parameters = {};
  // UNSPECIFIED: not known.
  report::v1::Language language = report::v1::LANGUAGE_UNSPECIFIED;
  // Waits, and goes out in one message with whatever else the agency is told in that interval.
  bool in_digest = false;
};

// The last day of a term, as "2026-03-20". `end` is the first instant after it: midnight in the zone that the
// term is counted in, wherever its reader is. Of a term in hours, the day in the reader's zone, and without
// one in that of Jakarta.
std::string LastDay(absl::Time end, report::v1::TimeZone zone);

// Thread-safe.
class Outbox {
 public:
  // `clock` is the service's, and tells how old an event is; `machine` tells when to send.
  Outbox(const runtime::Clock& clock, const runtime::Clock& machine, absl::Duration digest_interval)
      : clock_(clock), machine_(machine), digest_interval_(digest_interval) {}

  // Adds what is told of one event; of an event nobody is told twice, however often this is called.
  struct Told {
    const event::v1::Event* event;
    Notification notification;
  };
  void Add(pg::Tx& tx, const std::vector<Told>& told) const;

 private:
  const runtime::Clock& clock_;
  const runtime::Clock& machine_;
  const absl::Duration digest_interval_;
};

}  // namespace lapor::notify
