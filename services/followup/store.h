// Cases in PostgreSQL: tables of migrations/.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "services/followup/domain.h"

namespace lapor::followup {

// Those of `ids` that exist, locked, in ascending order of id.
std::unordered_map<std::string, Case> LoadCases(pg::Tx& tx, const std::vector<std::string>& ids);

// Creates or overwrites all of them.
void SaveCases(pg::Tx& tx, const std::vector<const Case*>& cases);

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records);

// Without a lock.
std::optional<Case> FindCase(pg::Tx& tx, const std::string& id);

// Where a case stands in a list.
struct CasePlace {
  absl::Time next_due_at;
  std::string id;
};

// A page of an agency's cases: by NextDueAt, then id.
struct CaseQuery {
  std::string agency_id;
  // Unspecified: open and answered ones.
  CaseState state = v1::CASE_STATE_UNSPECIFIED;
  bool breached_only = false;
  // Unspecified: all.
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  // Only those after it.
  std::optional<CasePlace> after = std::nullopt;
  int limit;
};

// Without their pauses.
std::vector<Case> ListCases(pg::Tx& tx, const CaseQuery& query);

// Oldest first.
std::vector<Response> ListResponses(pg::Tx& tx, const std::string& report_id);

}  // namespace lapor::followup
