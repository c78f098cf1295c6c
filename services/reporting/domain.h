// What figures depend on, report by report, and how events change it. Pure and thread-safe.
//
// There is no state machine here, and no rule of another service: a report's row is a set of facts, each of
// which only one service tells. So any order in which events may arrive (each service's own order is kept)
// ends with the same row, and a rebuild with the same figures, bit by bit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lapor/report/v1/report.pb.h"
#include "libs/decision/decision.h"
#include "services/reporting/figures.h"

namespace lapor::reporting {

// The bits stand in the database (report.facts): never reuse one.
enum class Fact : int32_t {
  // Told by intake.
  kSubmitted = 1 << 0,
  kWithdrawn = 1 << 1,
  // Told by routing.
  kVerified = 1 << 2,
  kArchived = 1 << 3,
  kWithAgency = 1 << 4,  // assigned, and not returned since
  // Told by followup.
  kAnswered = 1 << 5,  // a final answer stands
  kClosed = 1 << 6,
  kClosedBySilence = 1 << 7,
  kFirstResponseBreached = 1 << 8,
  kResolutionBreached = 1 << 9,
  // Told by ombudsman.
  kEscalated = 1 << 10,
  kMaladministrationFound = 1 << 11,
  // Told by routing.
  kMerged = 1 << 12,
  // Told by followup.
  kAppealed = 1 << 13,
  kAppealGranted = 1 << 14,
};

// The first two digits of a region's code; 0 when there is none.
using Province = int16_t;
Province ProvinceOf(std::string_view region);

// A part of a report that another agency has beside the one that leads.
struct Child {
  // Told by routing. Accountable: the last one assigned; empty before the first.
  std::string agency_id = {};
  bool ended = false;
  // Told by followup: a final answer stands.
  bool answered = false;

  bool operator==(const Child&) const = default;
};

// What agencies do with a report, and with its child assignments, and what stays theirs; told by followup.
// The numbers stand in the database (report.deeds): never reuse one.
enum class Deed : int16_t {
  kAsked = 0,
  kPromiseBroken = 1,
  kBreachRaised = 2,
  // Signs of answers, interim and final.
  kCopyPaste = 3,
  kOtherDoor = 4,
  kNoEvidence = 5,
};

struct Deeds {
  Deed deed = Deed::kAsked;
  // Empty while the report, or that part, was with the administrators.
  std::string agency_id = {};
  // Of a sign once, in however many answers: what goes out twice about one matter is one bad answer.
  int32_t times = 0;

  bool operator==(const Deeds&) const = default;
};

// Who was complained about to the Ombudsman, and whether maladministration was found; told by ombudsman.
struct Respondent {
  // Empty where nobody was named.
  std::string agency_id = {};
  bool found = false;

  bool operator==(const Respondent&) const = default;
};

// The facts of one report.
struct ReportFigures {
  std::string id;
  int32_t facts = 0;
  // Told by intake; by routing where the administrator found another one, which then counts.
  Province reported_province = 0;
  Province verified_province = 0;
  // Accountable: the last one assigned; empty before the first.
  std::string agency_id = {};
  // In whose place it stands, as these have ended: what they answered is its answer.
  std::vector<std::string> stands_for = {};
  // Who gave the last answer, interim or final; empty before the first.
  std::string responded_by = {};
  // An entry for every return, of a child too.
  std::vector<std::string> returned_by = {};
  // Who let a clock run out while it was accountable, for a child too; each once.
  std::vector<std::string> breached_by = {};
  int16_t reopened = 0;
  // 1 to 5, the reporter's last; 0 when none was given.
  int16_t rating = 0;
  // By number, from 1 on: there is one below every number that was told.
  std::vector<Child> children = {};
  // Each deed of each agency once.
  std::vector<Deeds> deeds = {};
  // Each once; the one complained about last stands last.
  std::vector<Respondent> respondents = {};

  bool Is(Fact fact) const { return (facts & static_cast<int32_t>(fact)) != 0; }
  void Set(Fact fact, bool holds = true) {
    facts = holds ? facts | static_cast<int32_t>(fact) : facts & ~static_cast<int32_t>(fact);
  }
  bool operator==(const ReportFigures&) const = default;
};

// Commands; each is an event of the same meaning. All are allowed at any time.
struct Submit {
  Province province = 0;
};
struct Complete {
  Province province = 0;
};
struct Withdraw {};
struct Rate {
  int16_t rating = 0;
};
struct Verify {
  Province province = 0;
};
struct Archive {};
struct Restore {};
struct Assign {
  std::string agency_id;
  // In the place of the one that had it, which has ended.
  bool carried_over = false;
};
struct Return {
  std::string agency_id;
};
struct Respond {
  std::string agency_id;
  bool is_final = false;
  // What the answer itself gives away.
  std::vector<Deed> signs = {};
};
// Of the report or of a child assignment.
struct Count {
  std::vector<Deed> deeds = {};
  // Empty while the report, or that part, was with the administrators.
  std::string agency_id = {};
};
struct Appeal {};
struct GrantAppeal {};
// Of a clock of the agency.
struct Breach {
  report::v1::Clock clock = report::v1::CLOCK_UNSPECIFIED;
  // Empty while the report was with its administrators.
  std::string agency_id = {};
};
struct Close {
  bool by_silence = false;
};
struct Reopen {
  // Only a closing by silence is undone.
  bool answer_stands = false;
};
struct Escalate {
  // Complained about: the accountable agency, that of a child assignment, or the administrators.
  std::string respondent = {};
};
// With the one complained about last.
struct FindMaladministration {};
struct Merge {};
struct Unmerge {
  // The report goes on, with its administrators; otherwise it is over.
  bool open_again = false;
};
// Of child assignments. Numbers are 1 to report::kMaxChildren.
struct AssignChild {
  int child = 0;
  std::string agency_id;
};
struct EndChild {
  int child = 0;
};
struct ReturnChild {
  std::string agency_id;
};
// A final answer stands from now on, or no more.
struct AnswerChild {
  int child = 0;
  bool answered = false;
  // Of the answer: whose it is, and what it gives away.
  std::string agency_id = {};
  std::vector<Deed> signs = {};
};
struct BreachChild {
  // Empty while that part was with the administrators.
  std::string agency_id = {};
};

using Command =
    std::variant<Submit, Complete, Withdraw, Rate, Verify, Archive, Restore, Assign, Return, Respond, Count,
                 Appeal, GrantAppeal, Breach, Close, Reopen, Escalate, FindMaladministration, Merge, Unmerge,
                 AssignChild, EndChild, ReturnChild, AnswerChild, BreachChild>;

// What the report contributes to which cells: the definition of every count. Figures are the sums over all
// reports. A cell may stand here more than once.
std::vector<Cell> Cells(const ReportFigures& report);

// The next facts; the records are what has to be added to the cells: Cells(next) - Cells(report), without
// zeros. No events: reporting emits nothing.
decision::Decision<ReportFigures, Cell> Decide(const ReportFigures& report, const Command& command);

}  // namespace lapor::reporting
