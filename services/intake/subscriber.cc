#include "services/intake/subscriber.h"

namespace lapor::intake {

using event::v1::Event;

std::optional<Command> OnEvent(const Event& event) {
  // About another agency's part of the report: who has that may read the report, which itself stays as it is.
  const bool of_child = event.child() != 0;
  switch (event.payload_case()) {
    case Event::kReportVerified:
      return MarkVerified{event};
    case Event::kCompletionRequested:
      return MarkAwaitingCompletion{event};
    case Event::kReportArchived:
      return MarkArchived{event};
    case Event::kReportRestored:
      return MarkRestored{event};
    case Event::kAgencyAssigned:
      if (of_child) return MarkChildAssigned{event};
      return MarkAssigned{event};
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
      if (of_child) return MarkChildReleased{event};
      return MarkReturned{event};
    case Event::kChildAssignmentEnded:
      return MarkChildReleased{event};
    case Event::kReportMerged:
      return MarkMerged{event};
    case Event::kReportUnmerged:
      return MarkUnmerged{event};
    case Event::kResponseGiven:
      if (event.response_given().kind() == event::v1::RESPONSE_KIND_QUESTION) return MarkQuestionAsked{event};
      // The leading agency's answer, which consolidates the others, is the one that the reporter judges.
      if (of_child) return NoteEvent{event};
      if (event.response_given().kind() == event::v1::RESPONSE_KIND_FINAL) return MarkAnswered{event};
      return MarkInProcess{event};
    case Event::kCaseClosed:
      if (of_child) return NoteEvent{event};
      return MarkClosed{event};
    case Event::kCaseReopened:
      if (of_child) return NoteEvent{event};
      return MarkReopened{event};
    case Event::kQuestionEnded:
      return MarkQuestionEnded{event};
    case Event::kClockMoved:
      return MarkClockMoved{event};
    case Event::kAppealDecided:
      if (of_child) return NoteEvent{event};
      return MarkAppealDecided{event};
    case Event::kEscalationOpened:
      return MarkEscalationOpened{event};
    case Event::kRapidResponseOpened:
      return MarkRapidResponse{event};
    case Event::kEscalationClosed:
      return MarkEscalationClosed{event};

    case Event::kClockReminded:
    case Event::kFollowerJoined:
    case Event::kVerificationOverdue:
    // These four of the report or of a child assignment.
    case Event::kAssignmentAccepted:
    case Event::kAssignmentFellBack:
    case Event::kCaseOpened:
    case Event::kClockBreached:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kCaseDelegated:
    // That the reporter appealed is known from themselves.
    case Event::kAppealOpened:
    case Event::kEscalationTransferred:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    case Event::kBreachRaised:
      return NoteEvent{event};

    // Our own.
    case Event::kReportSubmitted:
    case Event::kReportCompleted:
    case Event::kReporterReplied:
    case Event::kReporterReacted:
    case Event::kReportWithdrawn:
    case Event::kArchiveContested:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kEscalationRequested:
    case Event::kEscalationConsented:
    case Event::kAttachmentAdded:
    // Not about a report.
    case Event::kAgencyRecorded:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lapor::intake
