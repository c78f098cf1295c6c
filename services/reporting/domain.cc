#include "services/reporting/domain.h"

#include <algorithm>
#include <cctype>

#include "fmt/format.h"

namespace lapor::reporting {
namespace {

Counter CounterOf(Deed deed) {
  switch (deed) {
    case Deed::kAsked:
      return kQuestions;
    case Deed::kPromiseBroken:
      return kPromisesBroken;
    case Deed::kBreachRaised:
      return kBreachesRaised;
    case Deed::kCopyPaste:
      return kAnswersCopyPaste;
    case Deed::kOtherDoor:
      return kAnswersOtherDoor;
    case Deed::kNoEvidence:
      return kAnswersNoEvidence;
  }
  return kCounters;  // unreachable
}

bool IsSign(Deed deed) {
  return deed == Deed::kCopyPaste || deed == Deed::kOtherDoor || deed == Deed::kNoEvidence;
}

Counters CountersOf(const Child& child) {
  const bool counted = !child.agency_id.empty() && (!child.ended || child.answered);
  Counters counts = {};
  counts[kChildAssignments] = counted;
  counts[kChildAnswered] = counted && child.answered;
  return counts;
}

Counters CountersOf(const ReportFigures& report) {
  const bool withdrawn = report.Is(Fact::kWithdrawn);
  const bool archived = !withdrawn && report.Is(Fact::kArchived);
  const bool closed = !withdrawn && !archived && report.Is(Fact::kClosed);
  // Its lead is in somebody's process, or late: it isn't, itself.
  const bool merged = !withdrawn && !archived && !closed && report.Is(Fact::kMerged);
  const bool open = !withdrawn && !archived && !closed && !merged;
  // What an agency has never acted on is received, not in process; nor does the answer of the one before
  // count.
  const bool acted_on = report.responded_by == report.agency_id ||
                        std::ranges::find(report.stands_for, report.responded_by) != report.stands_for.end();
  const bool in_process = open && report.Is(Fact::kWithAgency) && acted_on;
  const bool first_response_late = report.Is(Fact::kFirstResponseBreached) && report.responded_by.empty();
  const bool resolution_late = report.Is(Fact::kResolutionBreached) && !report.Is(Fact::kAnswered);

  Counters counts = {};
  counts[kReceived] = 1;
  counts[kVerified] = report.Is(Fact::kVerified);
  counts[kInProcess] = in_process;
  counts[kClosed] = closed;
  counts[kArchived] = archived;
  counts[kWithdrawn] = withdrawn;
  counts[kOverdue] = open && (first_response_late || resolution_late);
  counts[kBreached] = report.Is(Fact::kFirstResponseBreached) || report.Is(Fact::kResolutionBreached);
  counts[kReturned] = static_cast<int64_t>(report.returned_by.size());
  counts[kReopened] = report.reopened;
  counts[kClosedBySilence] = closed && report.Is(Fact::kClosedBySilence);
  counts[kEscalated] = report.Is(Fact::kEscalated);
  counts[kMaladministrationFound] = report.Is(Fact::kMaladministrationFound);
  counts[kRatingSum] = report.rating;
  counts[kRatingCount] = report.rating > 0;
  counts[kMerged] = merged;
  counts[kAppealed] = report.Is(Fact::kAppealed);
  counts[kAppealsGranted] = report.Is(Fact::kAppealGranted);
  for (const Child& child : report.children) {
    const Counters part = CountersOf(child);
    for (size_t i = 0; i < kCounters; ++i) counts[i] += part[i];
  }
  for (const Deeds& deeds : report.deeds) counts[CounterOf(deeds.deed)] += deeds.times;
  return counts;
}

// Adds `sign` times `cells` to `sum`, cell by cell. There are a handful of either.
void Add(const std::vector<Cell>& cells, int64_t sign, std::vector<Cell>& sum) {
  for (const Cell& cell : cells) {
    auto kept = std::ranges::find_if(
        sum, [&](const Cell& other) { return other.scope == cell.scope && other.id == cell.id; });
    if (kept == sum.end()) kept = sum.insert(kept, Cell{cell.scope, cell.id, {}});
    for (size_t i = 0; i < kCounters; ++i) kept->counts[i] += sign * cell.counts[i];
  }
}

struct Fold {
  ReportFigures& report;

  Child& ChildOf(int number) const {
    const auto children = static_cast<size_t>(number);
    if (report.children.size() < children) report.children.resize(children);
    return report.children[children - 1];
  }
  void AddBreach(const std::string& agency) const {
    const bool known = std::ranges::find(report.breached_by, agency) != report.breached_by.end();
    if (!agency.empty() && !known) report.breached_by.push_back(agency);
  }

  void AddDeeds(const std::vector<Deed>& deeds, const std::string& agency) const {
    for (const Deed deed : deeds) {
      auto kept = std::ranges::find_if(
          report.deeds, [&](const Deeds& of) { return of.deed == deed && of.agency_id == agency; });
      if (kept == report.deeds.end()) kept = report.deeds.insert(kept, Deeds{deed, agency, 0});
      if (kept->times == 0 || !IsSign(deed)) ++kept->times;
    }
  }

  void operator()(const Submit& submit) const {
    report.Set(Fact::kSubmitted);
    report.reported_province = submit.province;
  }
  void operator()(const Complete& complete) const { report.reported_province = complete.province; }
  void operator()(const Withdraw&) const { report.Set(Fact::kWithdrawn); }
  void operator()(const Rate& rate) const { report.rating = rate.rating; }

  void operator()(const Verify& verify) const {
    report.Set(Fact::kVerified);
    report.verified_province = verify.province;
  }
  void operator()(const Archive&) const { report.Set(Fact::kArchived); }
  void operator()(const Restore&) const { report.Set(Fact::kArchived, false); }
  void operator()(const Assign& assign) const {
    // A successor acts on with what the agency before has said.
    if (!assign.carried_over) {
      report.stands_for.clear();
    } else if (!report.agency_id.empty()) {
      report.stands_for.push_back(report.agency_id);
    }
    report.agency_id = assign.agency_id;
    report.Set(Fact::kWithAgency);
  }
  void operator()(const Return& back) const {
    report.returned_by.push_back(back.agency_id);
    report.Set(Fact::kWithAgency, false);
  }

  void operator()(const Respond& respond) const {
    report.responded_by = respond.agency_id;
    if (respond.is_final) report.Set(Fact::kAnswered);
    AddDeeds(respond.signs, respond.agency_id);
  }
  void operator()(const Count& count) const { AddDeeds(count.deeds, count.agency_id); }
  void operator()(const Appeal&) const { report.Set(Fact::kAppealed); }
  void operator()(const GrantAppeal&) const { report.Set(Fact::kAppealGranted); }
  void operator()(const Breach& breach) const {
    report.Set(breach.clock == report::v1::CLOCK_FIRST_RESPONSE ? Fact::kFirstResponseBreached
                                                                : Fact::kResolutionBreached);
    AddBreach(breach.agency_id);
  }
  void operator()(const Close& close) const {
    report.Set(Fact::kClosed);
    report.Set(Fact::kClosedBySilence, close.by_silence);
  }
  // The clock of the resolution was never reset: a breach makes the report overdue again.
  void operator()(const Reopen& reopen) const {
    report.Set(Fact::kClosed, false);
    report.Set(Fact::kClosedBySilence, false);
    if (reopen.answer_stands) return;
    report.Set(Fact::kAnswered, false);
    ++report.reopened;
  }

  void operator()(const Escalate& escalate) const {
    report.Set(Fact::kEscalated);
    const auto known = std::ranges::find(report.respondents, escalate.respondent, &Respondent::agency_id);
    if (known == report.respondents.end()) {
      report.respondents.push_back({escalate.respondent});
    } else {
      std::rotate(known, known + 1, report.respondents.end());
    }
  }
  // An escalation is closed before the next one is opened.
  void operator()(const FindMaladministration&) const {
    report.Set(Fact::kMaladministrationFound);
    if (!report.respondents.empty()) report.respondents.back().found = true;
  }

  void operator()(const Merge&) const { report.Set(Fact::kMerged); }
  void operator()(const Unmerge& unmerge) const {
    report.Set(Fact::kMerged, false);
    if (unmerge.open_again) report.Set(Fact::kWithAgency, false);
  }

  void operator()(const AssignChild& assign) const {
    Child& child = ChildOf(assign.child);
    child.agency_id = assign.agency_id;
    child.ended = false;
  }
  void operator()(const EndChild& end) const { ChildOf(end.child).ended = true; }
  void operator()(const ReturnChild& back) const { report.returned_by.push_back(back.agency_id); }
  void operator()(const AnswerChild& answer) const {
    ChildOf(answer.child).answered = answer.answered;
    AddDeeds(answer.signs, answer.agency_id);
  }
  // The report's own clocks are those of the agency that leads.
  void operator()(const BreachChild& breach) const { AddBreach(breach.agency_id); }
};

}  // namespace

Province ProvinceOf(std::string_view region) {
  const auto digit = [&](size_t i) { return std::isdigit(static_cast<unsigned char>(region[i])) != 0; };
  if (region.size() < 2 || !digit(0) || !digit(1) || (region.size() > 2 && region[2] != '.')) return 0;
  return static_cast<Province>((region[0] - '0') * 10 + (region[1] - '0'));
}

std::vector<Cell> Cells(const ReportFigures& report) {
  std::vector<Cell> cells;
  if (!report.Is(Fact::kSubmitted)) return cells;
  const Counters counts = CountersOf(report);
  cells.reserve(3 + report.returned_by.size() + report.breached_by.size() + report.children.size() +
                report.deeds.size() + report.respondents.size());
  cells.push_back({v1::SCOPE_NATION, "", counts});

  const Province province =
      report.verified_province > 0 ? report.verified_province : report.reported_province;
  if (province > 0) cells.push_back({v1::SCOPE_PROVINCE, fmt::format("{:02}", province), counts});

  if (!report.agency_id.empty()) {
    Cell& cell = cells.emplace_back(Cell{v1::SCOPE_AGENCY, report.agency_id, counts});
    // These are with whose doing they are.
    for (Counter counter :
         {kReturned, kBreached, kChildAssignments, kChildAnswered, kEscalated, kMaladministrationFound})
      cell.counts[counter] = 0;
    for (const Deeds& deeds : report.deeds) cell.counts[CounterOf(deeds.deed)] = 0;
  }
  for (const std::string& agency : report.returned_by) {
    Cell& cell = cells.emplace_back(Cell{v1::SCOPE_AGENCY, agency, {}});
    cell.counts[kReturned] = 1;
  }
  for (const std::string& agency : report.breached_by) {
    Cell& cell = cells.emplace_back(Cell{v1::SCOPE_AGENCY, agency, {}});
    cell.counts[kBreached] = 1;
  }
  for (const Child& child : report.children) {
    if (child.agency_id.empty()) continue;
    cells.push_back({v1::SCOPE_AGENCY, child.agency_id, CountersOf(child)});
  }
  for (const Deeds& deeds : report.deeds) {
    if (deeds.agency_id.empty()) continue;
    Cell& cell = cells.emplace_back(Cell{v1::SCOPE_AGENCY, deeds.agency_id, {}});
    cell.counts[CounterOf(deeds.deed)] = deeds.times;
  }
  for (const Respondent& respondent : report.respondents) {
    if (respondent.agency_id.empty()) continue;
    Cell& cell = cells.emplace_back(Cell{v1::SCOPE_AGENCY, respondent.agency_id, {}});
    cell.counts[kEscalated] = 1;
    cell.counts[kMaladministrationFound] = respondent.found;
  }
  return cells;
}

decision::Decision<ReportFigures, Cell> Decide(const ReportFigures& report, const Command& command) {
  decision::Decision<ReportFigures, Cell> decision{report, {}, {}, {}};
  std::visit(Fold{decision.next}, command);
  Add(Cells(decision.next), 1, decision.records);
  Add(Cells(report), -1, decision.records);
  std::erase_if(decision.records, [](const Cell& cell) { return cell.counts == Counters{}; });
  return decision;
}

}  // namespace lapor::reporting
