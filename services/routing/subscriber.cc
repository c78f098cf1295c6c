#include "services/routing/subscriber.h"

#include "libs/decision/proto_time.h"

namespace lapor::routing {

using event::v1::Event;

std::optional<Command> OnEvent(const Event& event) {
  const absl::Time at = decision::FromProto(event.occurred_at());
  switch (event.payload_case()) {
    case Event::kReportSubmitted:
      return ReceiveReport{event.report_submitted(), at};
    case Event::kReportCompleted:
      return ReceiveCompletion{event.report_completed().category(), event.report_completed().region(), at};
    case Event::kArchiveContested:
      return ContestArchive{at};
    case Event::kReportWithdrawn:
      return WithdrawReport{at};
    case Event::kCaseClosed:
      return EndRoute{at, event.actor()};
    case Event::kCaseReopened:
      return ReopenRoute{at, event.actor(), event.child(), event.case_reopened().answer_stands()};
    case Event::kResponseGiven:
      if (event.child() > 0 || event.response_given().kind() != event::v1::RESPONSE_KIND_FINAL)
        return std::nullopt;
      return RecordAnswer{};
    case Event::kEscalationRequested:
    case Event::kEscalationConsented:
      return RecordEscalation{true};
    case Event::kEscalationOpened:
      // Again, for a consent that crossed the end of the proposal it was given to; a mere proposal is none of
      // the reporter's doing.
      if (event.escalation_opened().consent_needed()) return std::nullopt;
      return RecordEscalation{true};
    case Event::kEscalationClosed:
      return RecordEscalation{false};

    // The words, the agency's answers and the Ombudsman's work change nothing about whose hands the report is
    // in.
    case Event::kReporterReplied:
    case Event::kReporterReacted:
    case Event::kAttachmentAdded:
    case Event::kCaseOpened:
    case Event::kClockBreached:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kQuestionEnded:
    case Event::kCaseDelegated:
    case Event::kAppealOpened:
    case Event::kAppealDecided:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    case Event::kBreachRaised:
    case Event::kClockMoved:
    // Our own.
    case Event::kReportVerified:
    case Event::kCompletionRequested:
    case Event::kReportArchived:
    case Event::kAgencyAssigned:
    case Event::kAssignmentAccepted:
    case Event::kAssignmentFellBack:
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
    case Event::kVerificationOverdue:
    case Event::kClockReminded:
    case Event::kReportRestored:
    case Event::kAgencyRecorded:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

Command OnDeadline(report::v1::Clock clock, absl::Time due_at, int child) {
  if (clock == report::v1::CLOCK_COMPLETION) return PassCompletion{};
  if (clock == report::v1::CLOCK_DELIVERY) return PassDelivery{due_at, child};
  return PassVerification{};
}

}  // namespace lapor::routing
