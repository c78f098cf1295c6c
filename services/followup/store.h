// Cases in PostgreSQL: tables of migrations/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "services/followup/domain.h"

namespace lapor::followup {

// Those reports of `ids` that exist, with their children, locked, in ascending order of id.
std::unordered_map<std::string, Case> LoadCases(pg::Tx& tx, const std::vector<std::string>& ids);

// Creates or overwrites all of them and their children.
void SaveCases(pg::Tx& tx, const std::vector<const Case*>& cases);

void AppendRecords(pg::Tx& tx, const std::vector<Record>& records);

// A report with its children, without a lock.
std::optional<Case> FindCase(pg::Tx& tx, const std::string& report_id);

// Ids of reports whose clocks, or those of a child, may still run, ascending, after `after`; at most `limit`.
std::vector<std::string> OpenCases(pg::Tx& tx, const std::string& after, int limit);

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
  // Empty: of all.
  std::string delegate = {};
  // Instead of the agency's own: those whose appeal waits for its decision, of any state.
  bool appeals = false;
  // Only those after it.
  std::optional<CasePlace> after = std::nullopt;
  int limit;
};

// Of reports and of children alike, without their pauses and children.
std::vector<Case> ListCases(pg::Tx& tx, const CaseQuery& query);

// To how many other reports than this one the agency has given answers, interim or final, with these words
// since then. What is read is bounded: above `enough` it may stop counting.
int CountSameAnswers(pg::Tx& tx, const std::string& agency_id, const std::string& report_id,
                     int64_t words_hash, absl::Time since, int enough);

// Of these cases together, the oldest first.
std::vector<Response> ListResponses(pg::Tx& tx, const std::vector<std::string>& case_ids);

}  // namespace lapor::followup
