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

// Empty when none is known.
std::string ReadSealedIdentity(pg::Tx& tx, const Report& report);

}  // namespace lapor::intake
