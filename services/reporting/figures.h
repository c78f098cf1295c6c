// What is counted, and what is computed from the counts. Pure and thread-safe.
//
// The definition of each figure stands at its field in lapor.reporting.v1.Figures; Cells() in domain.h
// carries it out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "lapor/reporting/v1/reporting.pb.h"

namespace lapor::reporting {

enum Counter : size_t {
  kReceived,
  kVerified,
  kInProcess,
  kClosed,
  kArchived,
  kWithdrawn,
  kOverdue,
  kBreached,
  kReturned,
  kReopened,
  kClosedBySilence,
  kEscalated,
  kMaladministrationFound,
  kRatingSum,
  kRatingCount,
  kMerged,
  kChildAssignments,
  kChildAnswered,
  kQuestions,
  kPromisesBroken,
  kBreachesRaised,
  kAppealed,
  kAppealsGranted,
  kAnswersCopyPaste,
  kAnswersOtherDoor,
  kAnswersNoEvidence,
  kCounters,  // how many there are
};

// The one name of each: field of lapor.reporting.v1.Figures, column of the table figure, word in differences.
inline constexpr std::array<const char*, kCounters> kCounterNames = {"received",
                                                                     "verified",
                                                                     "in_process",
                                                                     "closed",
                                                                     "archived",
                                                                     "withdrawn",
                                                                     "overdue",
                                                                     "breached",
                                                                     "returned",
                                                                     "reopened",
                                                                     "closed_by_silence",
                                                                     "escalated",
                                                                     "maladministration_found",
                                                                     "rating_sum",
                                                                     "rating_count",
                                                                     "merged",
                                                                     "child_assignments",
                                                                     "child_answered",
                                                                     "questions",
                                                                     "promises_broken",
                                                                     "breaches_raised",
                                                                     "appealed",
                                                                     "appeals_granted",
                                                                     "answers_copy_paste",
                                                                     "answers_other_door",
                                                                     "answers_no_evidence"};

using Counters = std::array<int64_t, kCounters>;

// The counts of one circle of reports, or what is to be added to them.
struct Cell {
  v1::Scope scope = v1::SCOPE_UNSPECIFIED;
  // Province code or agency id; empty for the nation.
  std::string id;
  Counters counts = {};

  bool operator==(const Cell&) const = default;
};

// Followed-up % in hundredths of a percent, rounded half up: 89 of 215 are 4140. Nothing without reports.
// 0 <= followed_up <= reports < 2^48.
std::optional<int64_t> FollowedUpBasisPoints(int64_t followed_up, int64_t reports);

// What parts the bands of agencies, in percent followed up; both belong to the middle one. As in the table of
// the agencies of South Sumatra, published in October 2020.
inline constexpr int64_t kUpperBandPercent = 90;
inline constexpr int64_t kLowerBandPercent = 50;

v1::Band BandOf(int64_t followed_up, int64_t reports);

// Open figures tell no smaller count that could point at a person: the usual k of disclosure control.
// Operators may raise it, never lower it.
inline constexpr int64_t kLeastSmallestToldCount = 5;

// The figures of a cell, without name and as_of. Counts of a province or an agency that are above 0 and below
// `smallest_told` are left out, with everything that would tell them: 1 leaves out nothing.
v1::Figures FiguresOf(const Cell& cell, int64_t smallest_told);

}  // namespace lapor::reporting
