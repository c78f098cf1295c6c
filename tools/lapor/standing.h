// How a report stands, as far as the event stream tells: what any consumer can know. Pure.
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/followup/v1/followup.pb.h"
#include "lapor/ombudsman/v1/ombudsman.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/policy/policy.h"

namespace lapor::client {

struct Standing {
  report::v1::ReportStatus status = report::v1::REPORT_STATUS_UNSPECIFIED;
  absl::Time status_since;
  report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
  bool supervision = false;
  std::string category;
  std::string region;
  std::string policy_version;
  int completions = 0;

  // Who is accountable among the agencies; empty while the administrators are.
  std::string agency;
  absl::Time with_agency_since;
  bool accepted = false;
  int returns = 0;
  bool in_arbitration = false;

  bool interim_answered = false;
  bool reporter_replied = false;
  absl::Time answered_at;
  int answers = 0;  // final ones
  int reopenings = 0;
  absl::Time reopened_at;
  bool breached = false;

  event::v1::EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  absl::Time stage_since;
  event::v1::EscalationOutcome outcome = event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
  // Of the examination report; unspecified before it.
  event::v1::Finding finding = event::v1::FINDING_UNSPECIFIED;
  event::v1::Maladministration maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;

  // Clocks that run, with the time at which the suite will act unless somebody does before.
  std::map<report::v1::Clock, absl::Time> due;
  // The stream doesn't say when a clock that was started anew will run out: followup has to be asked.
  bool due_unknown = false;
};

// Not archived, withdrawn, closed or merged.
bool IsOpen(const Standing& standing);

// What `event` means for its report; one about a child assignment means nothing for it. `policy` computes the
// verification clock, which no event carries.
void Learn(const event::v1::Event& event, const policy::Policy& policy, Standing& standing);

// What the work lists tell of a report whose events were before our time.
Standing StandingOf(const routing::v1::Route& route);
Standing StandingOf(const followup::v1::Case& c);
void Learn(const ombudsman::v1::Escalation& escalation, Standing& standing);
// Takes over the clocks that run.
void LearnClocks(const followup::v1::Case& c, Standing& standing);

}  // namespace lapor::client
