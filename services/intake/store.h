// Reports in PostgreSQL; the tables are in migrations/.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lapor/event/v1/event.pb.h"
#include "lapor/intake/v1/intake.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/pg/tx.h"
#include "services/intake/domain.h"

namespace lapor::intake {

// Loads and locks, in ascending order of id; an id without a report is left out.
std::unordered_map<std::string, Report> Load(pg::Tx& tx, const std::vector<std::string>& ids);

// Writes these reports, new or not. No id twice.
void Save(pg::Tx& tx, const std::vector<const Report*>& reports);

void Append(pg::Tx& tx, const std::vector<Record>& records);

// The state alone, without a lock.
std::optional<Report> Find(pg::Tx& tx, const std::string& id);

// Those that there are, in ascending order of id.
std::vector<Report> FindMany(pg::Tx& tx, const std::vector<std::string>& ids);

// What ListDuplicateCandidates looks at, however many reports there are: of each key and of the place the
// newest.
inline constexpr int kMaxReportsOfKey = 16;
inline constexpr int kMaxAlike = 24;
inline constexpr int kMaxNear = 16;

// A key to be looked up, of the asked report's word of that number.
struct AskedKey {
  int64_t key;
  int word;
  double weight;
};
// Reports other than this one, of the time from `since` to `now`, that have most of these: at most kMaxAlike,
// the likeliest first.
std::vector<std::string> FindAlike(pg::Tx& tx, const std::string& report_id,
                                   const std::vector<AskedKey>& keys, absl::Time since, absl::Time now);
// The newest of a regency or city and a category, at most kMaxNear; this one may be among them.
std::vector<std::string> FindNear(pg::Tx& tx, const std::string& region, const std::string& category,
                                  absl::Time since);

// Title and description of reports, of each entry at most so many characters.
struct Told {
  std::string title;
  std::string description;
};
std::unordered_map<std::string, Told> ReadWords(pg::Tx& tx, const std::vector<std::string>& ids,
                                                size_t max_characters);

// What goes with a report, as of the state that Find gave: what was added meanwhile is left out.
struct Contents {
  std::string title;
  std::string description;  // each addition after an empty line
  std::vector<event::v1::Event> timeline;
  std::vector<v1::Message> messages;
  std::vector<report::v1::Attachment> attachments;
};
Contents ReadContents(pg::Tx& tx, const Report& report);

// The timeline alone.
std::vector<event::v1::Event> ReadTimeline(pg::Tx& tx, const Report& report);

// Of those reports of which it is known who the reporter is.
struct KnownReporter {
  std::string region;
  // In which they are written to; UNSPECIFIED: not told.
  report::v1::Language language = report::v1::LANGUAGE_UNSPECIFIED;
  v1::EscalationStatus escalation = v1::ESCALATION_STATUS_UNSPECIFIED;
};
std::unordered_map<std::string, KnownReporter> FindKnownReporters(pg::Tx& tx,
                                                                  const std::vector<std::string>& report_ids);

// Empty when none is known.
std::string ReadSealedIdentity(pg::Tx& tx, const Report& report);

}  // namespace lapor::intake
