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

// Where an escalation stands in a list.
struct EscalationPlace {
  absl::Time opened_at;
  std::string id;
};

// A page of escalations, the oldest first.
struct EscalationQuery {
  // Unspecified: all that are open.
  EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  // Only those after it.
  std::optional<EscalationPlace> after = std::nullopt;
  int limit;
};
std::vector<Escalation> ListEscalations(pg::Tx& tx, const EscalationQuery& query);

// Of the formal checks of these escalations, by report and ground.
std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::vector<Escalation>& escalations);
// Of the formal check that was decided at that time, by ground.
std::vector<Verdict> ReadVerdicts(pg::Tx& tx, const std::string& report_id, absl::Time decided_at);

}  // namespace lapor::ombudsman
