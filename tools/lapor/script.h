// Who does what next: a story and how its report stands decide. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/policy/calendar.h"
#include "tools/lapor/scenario.h"
#include "tools/lapor/standing.h"

namespace lapor::client {

enum class Part { kReporter, kTriage, kAgency, kOmbudsman };

enum class Act {
  // The reporter.
  kFile,
  kComplete,
  kReply,
  kReact,
  kWithdraw,
  kTurnToOmbudsman,  // asks, or agrees
  // The administrators.
  kAskCompletion,
  kArchive,
  kVerify,
  kAssign,
  kArbitrate,
  // The agencies.
  kPassOn,
  kAccept,
  kReturn,
  kAnswerInterim,
  kAnswerFinal,
  kClose,
  // The Ombudsman.
  kCheck,
  kExamine,
  kReportExamination,
  kEnd,
};

std::string NameOf(Act act);

// Working days after the day of `from`, up to the day of `to`, in WIB.
int WorkingDaysBetween(absl::Time from, absl::Time to, const policy::Calendar& calendar);
bool IsWorkingDay(absl::Time at, const policy::Calendar& calendar);

// What this part does now, if anything. `has_receipt`: the reporter can still prove to be one.
std::optional<Act> NextAct(Part part, const Story& story, const Standing& standing, bool has_receipt,
                           absl::Time now, const policy::Calendar& calendar);

// Where triage sends it next: the wrong doors first, then the government or the competent agency.
std::string NextAgency(const Story& story, const Standing& standing);

}  // namespace lapor::client
