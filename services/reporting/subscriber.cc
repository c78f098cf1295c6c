#include "services/reporting/subscriber.h"

#include <utility>

#include "libs/report/assignment_id.h"
#include "libs/report/clocks.h"

namespace lapor::reporting {
namespace {

bool IsPromise(report::v1::Clock clock) { return clock == report::v1::CLOCK_PROMISE; }

std::vector<Deed> SignsOf(const event::v1::ResponseGiven& given) {
  std::vector<Deed> signs;
  for (const int signal : given.signals()) {
    switch (static_cast<event::v1::AnswerSignal>(signal)) {
      case event::v1::ANSWER_SIGNAL_COPY_PASTE:
        signs.push_back(Deed::kCopyPaste);
        break;
      case event::v1::ANSWER_SIGNAL_OTHER_DOOR:
        signs.push_back(Deed::kOtherDoor);
        break;
      case event::v1::ANSWER_SIGNAL_NO_EVIDENCE:
        signs.push_back(Deed::kNoEvidence);
        break;
      case event::v1::ANSWER_SIGNAL_UNSPECIFIED:
      case event::v1::AnswerSignal_INT_MIN_SENTINEL_DO_NOT_USE_:
      case event::v1::AnswerSignal_INT_MAX_SENTINEL_DO_NOT_USE_:
        break;
    }
  }
  return signs;
}

// What counts with whose doing it is, of a report and of a child assignment alike.
std::optional<Command> AsDeed(const event::v1::Event& event) {
  if (event.has_response_given() && event.response_given().kind() == event::v1::RESPONSE_KIND_QUESTION)
    return Count{{Deed::kAsked}, event.response_given().agency_id()};
  if (event.has_clock_breached() && IsPromise(event.clock_breached().clock()))
    return Count{{Deed::kPromiseBroken}, event.clock_breached().agency_id()};
  if (event.has_breach_raised()) {
    const report::v1::Clock clock = event.breach_raised().clock();
    if (report::IsAgencyTerm(clock) || IsPromise(clock))
      return Count{{Deed::kBreachRaised}, event.breach_raised().agency_id()};
  }
  return std::nullopt;
}

// What is told of one child assignment changes nothing of the report itself.
std::optional<Command> OnEventOfChild(const event::v1::Event& event) {
  using event::v1::Event;
  const int child = event.child();
  if (child < 1 || child > report::kMaxChildren) return std::nullopt;  // nobody makes more
  if (event.has_agency_assigned()) return AssignChild{child, event.agency_assigned().agency_id()};
  if (event.has_child_assignment_ended()) return EndChild{child};
  if (event.has_assignment_returned()) return ReturnChild{event.assignment_returned().agency_id()};
  if (event.has_clock_breached() && report::IsAgencyTerm(event.clock_breached().clock()))
    return BreachChild{event.clock_breached().agency_id()};
  if (event.has_response_given()) {
    const event::v1::ResponseGiven& given = event.response_given();
    std::vector<Deed> signs = SignsOf(given);
    if (given.kind() == event::v1::RESPONSE_KIND_FINAL)
      return AnswerChild{child, true, given.agency_id(), std::move(signs)};
    if (!signs.empty()) return Count{std::move(signs), given.agency_id()};
  }
  if (event.has_case_reopened() && !event.case_reopened().answer_stands()) return AnswerChild{child, false};
  return std::nullopt;
}

}  // namespace

std::optional<Command> OnEvent(const event::v1::Event& event) {
  using event::v1::Event;
  if (auto deed = AsDeed(event)) return deed;
  if (event.child() != 0) return OnEventOfChild(event);
  // No default: a new event makes the compiler ask what it means to figures, of a child too.
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
    case Event::kReportMerged:
      return Merge{};
    case Event::kReportUnmerged: {
      const event::v1::UnmergeReason reason = event.report_unmerged().reason();
      return Unmerge{.open_again = reason != event::v1::UNMERGE_REASON_WITHDRAWN &&
                                   reason != event::v1::UNMERGE_REASON_CLOSED};
    }

    case Event::kResponseGiven:
      return Respond{event.response_given().agency_id(),
                     event.response_given().kind() == event::v1::RESPONSE_KIND_FINAL,
                     SignsOf(event.response_given())};
    case Event::kClockBreached:
      if (!report::IsAgencyTerm(event.clock_breached().clock())) return std::nullopt;
      return Breach{event.clock_breached().clock(), event.clock_breached().agency_id()};
    case Event::kCaseClosed:
      return Close{event.case_closed().closing() == event::v1::CLOSING_BY_SILENCE};
    case Event::kAppealOpened:
      return Appeal{};
    case Event::kAppealDecided:
      if (!event.appeal_decided().granted()) return std::nullopt;
      return GrantAppeal{};
    case Event::kCaseReopened:
      return Reopen{event.case_reopened().answer_stands()};

    case Event::kEscalationOpened:
      return Escalate{event.escalation_opened().respondent_agency_id()};
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
    case Event::kClockReminded:
    case Event::kAssignmentAccepted:
    case Event::kChildAssignmentEnded:  // never without a child
    case Event::kFollowerJoined:        // the follower tells it
    case Event::kAssignmentFellBack:    // whose hands of the agency: its clocks run all the same
    case Event::kArbitrationRequested:
    case Event::kVerificationOverdue:
    case Event::kAgencyRecorded:  // the registry has a stream of its own
    case Event::kCaseOpened:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kQuestionEnded:
    case Event::kCaseDelegated:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    case Event::kBreachRaised:  // of a clock that is no agency's; else it is a deed
    case Event::kClockMoved:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lapor::reporting
