#include "services/ombudsman/subscriber.h"

#include "libs/decision/proto_time.h"
#include "libs/report/clocks.h"

namespace lapor::ombudsman {

using event::v1::Event;

std::optional<Command> OnEvent(const Event& event) {
  const absl::Time at = decision::FromProto(event.occurred_at());
  // What is told of a child assignment is not told of the report. But its clock that ran out is neglect, by
  // its agency: that one is the respondent.
  if (event.child() > 0 && !event.has_clock_breached()) return std::nullopt;
  // No default: a new event makes the compiler point here.
  switch (event.payload_case()) {
    case Event::kReportSubmitted:
      return RegisterReport{at, event.report_submitted().policy_version(),
                            event.report_submitted().identity_known()};
    case Event::kAgencyAssigned:
      return RecordAssignment{at, event.agency_assigned().agency_id(),
                              event.agency_assigned().carried_over()};
    case Event::kClockBreached:
      if (!report::IsAgencyTerm(event.clock_breached().clock())) return std::nullopt;
      return RecordBreach{at, event.clock_breached().clock(), event.clock_breached().agency_id()};
    case Event::kVerificationOverdue:
      return RecordBreach{at, report::v1::CLOCK_VERIFICATION, kNationalAdministrators};
    case Event::kReporterReacted:
      return RecordReaction{at, event.reporter_reacted().satisfied()};
    case Event::kCaseClosed:
      return RecordClosing{at, event.case_closed().closing()};
    case Event::kCaseReopened:
      return RecordReopening{at};
    case Event::kReportArchived:
      return RecordArchiving{at};
    case Event::kReportRestored:
      return RecordRestoring{at};
    case Event::kEscalationRequested: {
      const event::v1::EscalationRequested& requested = event.escalation_requested();
      return RequestEscalation{at, requested.identity_known(), requested.name_secret(),
                               requested.declarations(), requested.direct()};
    }
    case Event::kEscalationConsented:
      return ConsentToEscalation{at, event.escalation_consented().name_secret(),
                                 event.escalation_consented().declarations()};
    case Event::kAppealDecided:
      // A dismissed one leaves its reporter as dissatisfied as the answer did.
      if (event.appeal_decided().granted()) return std::nullopt;
      return RecordReaction{at, false};
    case Event::kReportWithdrawn:
      return WithdrawReport{at};

    // No ground of the formal check depends on them.
    case Event::kReportCompleted:
    case Event::kReporterReplied:
    case Event::kAttachmentAdded:
    case Event::kReportVerified:
    case Event::kCompletionRequested:
    case Event::kClockReminded:
    case Event::kArchiveContested:
    case Event::kAssignmentAccepted:
    case Event::kAgencyRecorded:
    case Event::kCaseOpened:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kQuestionEnded:
    case Event::kCaseDelegated:
    case Event::kAppealOpened:
    case Event::kBreachRaised:
    case Event::kClockMoved:
    case Event::kResponseGiven:
    // Whoever was last accountable stays the one complained about.
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kAssignmentFellBack:
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
    // Our own.
    case Event::kEscalationOpened:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kEscalationClosed:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lapor::ombudsman
