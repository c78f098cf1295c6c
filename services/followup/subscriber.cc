#include "services/followup/subscriber.h"

#include "libs/decision/proto_time.h"

namespace lapor::followup {

namespace {

std::optional<absl::Time> TimeIf(bool told, const google::protobuf::Timestamp& time) {
  return told ? std::optional(decision::FromProto(time)) : std::nullopt;
}

bool IsOver(event::v1::UnmergeReason reason) {
  return reason == event::v1::UNMERGE_REASON_WITHDRAWN || reason == event::v1::UNMERGE_REASON_CLOSED;
}

std::optional<Command> CommandOf(const event::v1::Event& event) {
  const absl::Time at = decision::FromProto(event.occurred_at());
  // No default: a new event makes the compiler point here.
  switch (event.payload_case()) {
    case event::v1::Event::kReportSubmitted: {
      const event::v1::ReportSubmitted& submitted = event.report_submitted();
      return RegisterReport{at,
                            submitted.report_class(),
                            submitted.supervision(),
                            submitted.category(),
                            submitted.region(),
                            submitted.policy_version()};
    }
    case event::v1::Event::kReportVerified: {
      const event::v1::ReportVerified& verified = event.report_verified();
      return RecordVerification{at, verified.report_class(), verified.supervision(), verified.category(),
                                verified.region()};
    }
    case event::v1::Event::kAgencyAssigned: {
      const event::v1::AgencyAssigned& assigned = event.agency_assigned();
      return AssignAgency{at,
                          assigned.agency_id(),
                          assigned.time_zone(),
                          assigned.carried_over(),
                          assigned.category(),
                          event.child(),
                          event.actor()};
    }
    case event::v1::Event::kAssignmentReturned:
    case event::v1::Event::kArbitrationRequested:
      return LeaveAgency{at, event.child()};
    case event::v1::Event::kChildAssignmentEnded:
      // Were no child named, it would end the report.
      if (event.child() == 0) return std::nullopt;
      return EndCase{at, event.child()};
    case event::v1::Event::kReporterReplied:
      return RecordReply{at};
    case event::v1::Event::kReporterReacted:
      return RecordReaction{at, event.reporter_reacted().satisfied()};
    case event::v1::Event::kReportWithdrawn:
      return EndCase{at};
    case event::v1::Event::kReportArchived:
      return ArchiveCase{at};
    case event::v1::Event::kReportRestored:
      return RestoreCase{at};
    case event::v1::Event::kReportMerged:
      return MergeCase{at};
    case event::v1::Event::kReportUnmerged:
      return UnmergeCase{at, IsOver(event.report_unmerged().reason())};
    case event::v1::Event::kFollowerJoined: {
      const event::v1::FollowerJoined& joined = event.follower_joined();
      return TakeFollower{at, TimeIf(joined.has_verified_at(), joined.verified_at()),
                          TimeIf(joined.has_assigned_at(), joined.assigned_at())};
    }
    case event::v1::Event::kReopeningRequested:
      return RecordReopeningRequest{at};
    case event::v1::Event::kClosingAppealed:
      return RecordAppeal{at};
    case event::v1::Event::kEscalationRequested:
    case event::v1::Event::kEscalationConsented:
      return RecordEscalation{at};
    case event::v1::Event::kEscalationOpened:
      // Again, for a consent that crossed the end of the proposal it was given to; a mere proposal is none of
      // the reporter's doing.
      if (event.escalation_opened().consent_needed()) return std::nullopt;
      return RecordEscalation{at};
    case event::v1::Event::kEscalationClosed:
      return RecordEscalationOutcome{at, event.escalation_closed().outcome()};

    // Before the report is verified, which tells its class, category and region again.
    case event::v1::Event::kReportCompleted:
    case event::v1::Event::kCompletionRequested:
    case event::v1::Event::kClockReminded:
    case event::v1::Event::kVerificationOverdue:
    // Routing answers with ReportRestored.
    case event::v1::Event::kArchiveContested:
    // Accountable is who was assigned; taking it up changes no clock, and by whose hands neither.
    case event::v1::Event::kAssignmentAccepted:
    case event::v1::Event::kAssignmentFellBack:
    case event::v1::Event::kAttachmentAdded:
    case event::v1::Event::kAgencyRecorded:
    // Between the reporter and the Ombudsman until it is closed.
    case event::v1::Event::kEligibilityDecided:
    case event::v1::Event::kEscalationStageReached:
    case event::v1::Event::kEscalationTransferred:
    case event::v1::Event::kRapidResponseOpened:
    case event::v1::Event::kDocumentIssued:
    case event::v1::Event::kDocumentDelivered:
    case event::v1::Event::kDocumentReplied:
    case event::v1::Event::kComplianceRecorded:
    // Our own.
    case event::v1::Event::kCaseOpened:
    case event::v1::Event::kResponseGiven:
    case event::v1::Event::kClockBreached:
    case event::v1::Event::kCaseClosed:
    case event::v1::Event::kCaseReopened:
    case event::v1::Event::kQuestionEnded:
    case event::v1::Event::kCaseDelegated:
    case event::v1::Event::kAppealOpened:
    case event::v1::Event::kAppealDecided:
    case event::v1::Event::kBreachRaised:
    case event::v1::Event::kClockMoved:
    case event::v1::Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Command> OnEvent(const event::v1::Event& event) {
  std::optional<Command> command = CommandOf(event);
  // What happens to a child assignment and is no command for one must not happen to the report.
  if (command && ChildOf(*command) != event.child()) return std::nullopt;
  return command;
}

}  // namespace lapor::followup
