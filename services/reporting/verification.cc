#include "services/reporting/verification.h"

#include <map>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "services/reporting/store.h"

namespace lapor::reporting {
namespace {

constexpr int kReportsPerRead = 10'000;

using Figures = std::map<std::pair<v1::Scope, std::string>, Counters>;

Figures Recompute(pg::Tx& tx) {
  Figures figures;
  std::string last;
  while (true) {
    const std::vector<ReportFigures> reports = ReadReports(tx, last, kReportsPerRead);
    if (reports.empty()) return figures;
    last = reports.back().id;
    for (const ReportFigures& report : reports) {
      for (const Cell& cell : Cells(report)) {
        Counters& sum = figures[{cell.scope, cell.id}];
        for (size_t i = 0; i < kCounters; ++i) sum[i] += cell.counts[i];
      }
    }
  }
}

Figures ReadKept(pg::Tx& tx) {
  Figures figures;
  for (v1::Scope scope : {v1::SCOPE_NATION, v1::SCOPE_PROVINCE, v1::SCOPE_AGENCY}) {
    for (Cell& cell : ListCells(tx, scope))
      figures.emplace(std::pair(scope, std::move(cell.id)), cell.counts);
  }
  return figures;
}

std::string_view NameOf(v1::Scope scope) {
  if (scope == v1::SCOPE_PROVINCE) return "province ";
  return scope == v1::SCOPE_AGENCY ? "agency " : "nation";
}

}  // namespace

absl::StatusOr<Verification> VerifyFigures(pg::Pool& pool) {
  Figures kept;
  Figures recomputed;
  const absl::Status read = pool.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    kept = ReadKept(tx);
    recomputed = Recompute(tx);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;

  // A cell that only one of them has is one of zeros in the other.
  for (const auto& [key, counts] : kept) recomputed.try_emplace(key);
  Verification verification;
  for (const auto& [key, counts] : recomputed) {
    const Counters& compared = kept[key];
    for (size_t i = 0; i < kCounters; ++i) {
      ++verification.counts_compared;
      if (compared[i] == counts[i] || verification.differences.size() == Verification::kMaxDifferences)
        continue;
      verification.differences.push_back(fmt::format("{}{} {}: kept {}, recomputed {}", NameOf(key.first),
                                                     key.second, kCounterNames[i], compared[i], counts[i]));
    }
  }
  return verification;
}

}  // namespace lapor::reporting
