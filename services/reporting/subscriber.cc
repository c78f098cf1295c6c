#include "services/reporting/subscriber.h"

namespace lapor::reporting {

std::optional<Command> OnEvent(const event::v1::Event& event) {
  using event::v1::Event;
  // No default: a new event makes the compiler ask what it means to figures.
  switch (event.payload_case()) {
    case Event::kReportSubmitted:
      return Submit{ProvinceOf(event.report_submitted().region())};
    case Event::kReportCompleted:
      if (event.report_completed().region().empty()) return std::nullopt;
      return Complete{ProvinceOf(event.report_completed().region())};
    case Event::kReporterReacted: {
      const int32_t rating = event.reporter_reacted().rating();
      if (rating < 1 || rating > 5) return std::nullopt;  // none was given
      return Rate{static_cast<int16_t>(rating)};
    }
    case Event::kReportWithdrawn:
      return Withdraw{};

    case Event::kReportVerified:
      return Verify{ProvinceOf(event.report_verified().region())};
    case Event::kReportArchived:
      return Archive{};
    case Event::kReportRestored:
      return Restore{};
    case Event::kAgencyAssigned:
      return Assign{event.agency_assigned().agency_id(), event.agency_assigned().carried_over()};
    case Event::kAssignmentReturned:
      return Return{event.assignment_returned().agency_id()};

    case Event::kResponseGiven:
      return Respond{event.response_given().agency_id(),
                     event.response_given().kind() == event::v1::RESPONSE_KIND_FINAL};
    case Event::kClockBreached: {
      const report::v1::Clock clock = event.clock_breached().clock();
      // Those of administrators and reporters are no breach of an agency.
      if (clock != report::v1::CLOCK_FIRST_RESPONSE && clock != report::v1::CLOCK_RESOLUTION)
        return std::nullopt;
      return Breach{clock, event.clock_breached().agency_id()};
    }
    case Event::kCaseClosed:
      return Close{event.case_closed().closing() == event::v1::CLOSING_BY_SILENCE};
    case Event::kCaseReopened:
      return Reopen{event.case_reopened().answer_stands()};

    case Event::kEscalationOpened:
      return Escalate{};
    case Event::kEscalationClosed:
      if (event.escalation_closed().outcome() != event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND) {
        return std::nullopt;
      }
      return FindMaladministration{};

    case Event::kReporterReplied:
    case Event::kEscalationRequested:
    case Event::kEscalationConsented:
    case Event::kAttachmentAdded:
    case Event::kArchiveContested:
    case Event::kCompletionRequested:
    case Event::kCompletionReminded:
    case Event::kAssignmentAccepted:
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kAssignmentFellBack:  // whose hands of the agency: its clocks run all the same
    case Event::kArbitrationRequested:
    case Event::kVerificationOverdue:
    case Event::kAgencyRecorded:  // the registry has a stream of its own
    case Event::kCaseOpened:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lapor::reporting
