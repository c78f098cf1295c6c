// The tables of reporting. Everything here runs inside a transaction that the caller has begun; errors are
// those of pg::Tx.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lapor/event/v1/event.pb.h"
#include "lapor/event/v1/routing.pb.h"
#include "libs/eventlog/inbox.h"
#include "libs/pg/pool.h"
#include "services/reporting/domain.h"
#include "services/reporting/figures.h"

namespace lapor::reporting {

// For the executor.

// Those that are known, locked in ascending order.
std::unordered_map<std::string, ReportFigures> LoadReports(pg::Tx& tx, const std::vector<std::string>& ids);
void SaveReports(pg::Tx& tx, const std::vector<const ReportFigures*>& reports);
// Adds to the cells: one statement, whatever their number; locks in ascending order.
void AddToCells(pg::Tx& tx, const std::vector<Cell>& deltas);
// Keeps the agencies that these events record.
void KeepAgencies(pg::Tx& tx, const std::vector<const event::v1::Event*>& events);

// For readers.

// A cell with the name that it is shown by.
struct NamedCell {
  Cell cell;
  std::string name = {};
  event::v1::AgencyKind kind = event::v1::AGENCY_KIND_UNSPECIFIED;
};

// Zeros for a cell that no report has touched.
Cell FindCell(pg::Tx& tx, v1::Scope scope, const std::string& id);
// All cells of a scope, by id.
std::vector<Cell> ListCells(pg::Tx& tx, v1::Scope scope);
// An agency of the registry, or one that reports speak of though the registry's event is still on its way.
std::optional<NamedCell> FindAgency(pg::Tx& tx, const std::string& id);
// Agencies in the order of their ids after `after`, at most `limit`.
std::vector<NamedCell> ListAgencies(pg::Tx& tx, const std::string& after, int limit, bool with_reports_only);

// Reports in the order of their ids after `after`, at most `limit`.
std::vector<ReportFigures> ReadReports(pg::Tx& tx, const std::string& after, int limit);

// Forgets every report, figure and agency, and that any event was ever applied; gives what had been applied.
// Events in quarantine are forgotten too: they are in the streams, and would else be applied twice.
eventlog::Applied ForgetAll(pg::Tx& tx);

}  // namespace lapor::reporting
