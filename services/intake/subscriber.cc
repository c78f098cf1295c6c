#include "services/intake/subscriber.h"

namespace lapor::intake {

using event::v1::Event;

std::optional<Command> OnEvent(const Event& event) {
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
      return MarkAssigned{event};
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
      return MarkReturned{event};
    case Event::kResponseGiven:
      if (event.response_given().kind() == event::v1::RESPONSE_KIND_FINAL) return MarkAnswered{event};
      return MarkInProcess{event};
    case Event::kCaseClosed:
      return MarkClosed{event};
    case Event::kCaseReopened:
      return MarkReopened{event};
    case Event::kEscalationOpened:
      return MarkEscalationOpened{event};
    case Event::kEscalationClosed:
      return MarkEscalationClosed{event};

    case Event::kCompletionReminded:
    case Event::kAssignmentAccepted:
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kAssignmentFellBack:
    case Event::kVerificationOverdue:
    case Event::kCaseOpened:
    case Event::kClockBreached:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
      return NoteEvent{event};

    // Our own.
    case Event::kReportSubmitted:
    case Event::kReportCompleted:
    case Event::kReporterReplied:
    case Event::kReporterReacted:
    case Event::kReportWithdrawn:
    case Event::kArchiveContested:
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
