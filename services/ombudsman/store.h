// Escalations in PostgreSQL: tables of migrations/.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman {

// Those of `ids` that exist, locked, in ascending order of id.
std::unordered_map<std::string, Escalation> LoadEscalations(pg::Tx& tx, const std::vector<std::string>& ids);

// Creates or overwrites all of them.
void SaveEscalations(pg::Tx& tx, const std::vector<const Escalation*>& escalations);

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records);

// Without a lock. Nullopt also for a report that was never escalated.
std::optional<Escalation> FindEscalation(pg::Tx& tx, const std::string& report_id);

// One of those before the last: its clocks and documents. Of its other facts the table keeps the last one's
// only.
Escalation ReadEarlier(pg::Tx& tx, const Escalation& last, int number);

// Where an escalation stands in a list.
struct EscalationPlace {
  absl::Time opened_at;
  std::string id;
};

// A page of escalations, the oldest first.
struct EscalationQuery {
  // Unspecified: all that are open.
  EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  // Empty: of all offices.
  std::string office = {};
  // Only those with a clock that has run out and is not met.
  bool overdue_only = false;
  // Only those after it.
  std::optional<EscalationPlace> after = std::nullopt;
  int limit;
};
std::vector<Escalation> ListEscalations(pg::Tx& tx, const EscalationQuery& query);

// The open escalations after `after`, ascending by id, at most `limit`: whose clocks a change of the calendar
// may move.
std::vector<std::string> OpenEscalations(pg::Tx& tx, const std::string& after, int limit);

// At which office a case is.
struct CaseOffice {
  std::string office;
  // It is open, and in the rapid-response lane went past the formal check, which is still to be done.
  bool check_owed;
};
// Of each of these reports, by report; of those that never had a case nothing.
std::unordered_map<std::string, CaseOffice> FindOffices(pg::Tx& tx,
                                                        const std::vector<std::string>& report_ids);

// A document with its words and its replies, the oldest first.
struct Correspondence {
  int escalation;
  Document document;
  Letter letter;
  // Of the clock that its delivery started.
  std::optional<absl::Time> due_at;
  std::vector<Reply> replies;
};
// Of all escalations of the report, the oldest first; only those that were delivered to `agency_id` unless
// that is empty.
std::vector<Correspondence> ListDocuments(pg::Tx& tx, const std::string& report_id,
                                          const std::string& agency_id);

// Of the formal checks of these escalations, by report and ground.
std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::vector<Escalation>& escalations);
// What officers found in an escalation, and what they noted, the oldest first.
struct Findings {
  std::vector<Verdict> verdicts;
  std::vector<Note> notes;
};
Findings ReadFindings(pg::Tx& tx, const Escalation& escalation);
// Of the formal check that was decided at that time, by ground.
std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::string& report_id, absl::Time decided_at);

}  // namespace lapor::ombudsman
