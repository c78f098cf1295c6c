#include "tools/lapor/standing.h"

#include "libs/decision/proto_time.h"
#include "libs/report/clocks.h"

namespace lapor::client {
namespace {

using decision::FromProto;
using report::v1::ReportStatus;

// What each event means, at the time when it happened.
class Reader {
 public:
  Reader(const policy::Policy& policy, absl::Time at, Standing& standing)
      : policy_(policy), at_(at), s_(standing) {}

  void Read(const event::v1::ReportSubmitted& e) {
    Become(report::v1::REPORT_STATUS_RECEIVED);
    s_.report_class = e.report_class();
    s_.supervision = e.supervision();
    s_.category = e.category();
    s_.region = e.region();
    s_.policy_version = e.policy_version();
    StartVerification();
  }
  void Read(const event::v1::ReportCompleted& e) {
    Become(report::v1::REPORT_STATUS_RECEIVED);
    ++s_.completions;
    if (!e.category().empty()) s_.category = e.category();
    if (!e.region().empty()) s_.region = e.region();
    s_.due.erase(report::v1::CLOCK_COMPLETION);
    StartVerification();
  }
  void Read(const event::v1::ReporterReplied&) {
    s_.reporter_replied = true;
    if (s_.status == report::v1::REPORT_STATUS_ANSWERED) s_.due_unknown = true;
  }
  void Read(const event::v1::ReporterReacted& e) {
    s_.due.erase(report::v1::CLOCK_REACTION);
    Become(e.satisfied() ? report::v1::REPORT_STATUS_CLOSED : report::v1::REPORT_STATUS_IN_PROCESS);
  }
  void Read(const event::v1::ReportWithdrawn&) { End(report::v1::REPORT_STATUS_WITHDRAWN); }

  void Read(const event::v1::ReportVerified& e) {
    Become(report::v1::REPORT_STATUS_VERIFIED);
    s_.report_class = e.report_class();
    s_.supervision = e.supervision();
    s_.category = e.category();
    s_.region = e.region();
  }
  void Read(const event::v1::CompletionRequested& e) {
    Become(report::v1::REPORT_STATUS_AWAITING_COMPLETION);
    s_.due.erase(report::v1::CLOCK_VERIFICATION);
    s_.due[report::v1::CLOCK_COMPLETION] = FromProto(e.due_at());
  }
  void Read(const event::v1::ReportArchived&) { End(report::v1::REPORT_STATUS_ARCHIVED); }
  void Read(const event::v1::ReportRestored&) {
    Become(report::v1::REPORT_STATUS_RECEIVED);
    StartVerification();
  }
  void Read(const event::v1::AgencyAssigned& e) {
    if (s_.status != report::v1::REPORT_STATUS_ANSWERED) Become(report::v1::REPORT_STATUS_IN_PROCESS);
    s_.due.erase(report::v1::CLOCK_VERIFICATION);
    s_.agency = e.agency_id();
    s_.with_agency_since = at_;
    s_.accepted = false;
    s_.in_arbitration = false;
  }
  void Read(const event::v1::AssignmentAccepted&) { s_.accepted = true; }
  void Read(const event::v1::AssignmentReturned&) {
    if (s_.status != report::v1::REPORT_STATUS_ANSWERED) Become(report::v1::REPORT_STATUS_VERIFIED);
    s_.agency.clear();
    ++s_.returns;
  }
  void Read(const event::v1::ArbitrationRequested&) { s_.in_arbitration = true; }
  // Nobody of the demo merges: whoever did has the report until it is assigned again.
  void Read(const event::v1::ReportMerged&) {
    End(report::v1::REPORT_STATUS_MERGED);
    s_.agency.clear();
    s_.in_arbitration = false;
  }
  void Read(const event::v1::VerificationOverdue&) { s_.due.erase(report::v1::CLOCK_VERIFICATION); }

  void Read(const event::v1::CaseOpened& e) {
    s_.due[report::v1::CLOCK_FIRST_RESPONSE] = FromProto(e.first_response_due_at());
    s_.due[report::v1::CLOCK_RESOLUTION] = FromProto(e.resolution_due_at());
  }
  void Read(const event::v1::ResponseGiven& e) {
    // No answer yet.
    if (e.kind() == event::v1::RESPONSE_KIND_QUESTION) return;
    s_.due.erase(report::v1::CLOCK_FIRST_RESPONSE);
    if (e.kind() == event::v1::RESPONSE_KIND_INTERIM) {
      s_.interim_answered = true;
      return;
    }
    Become(report::v1::REPORT_STATUS_ANSWERED);
    ++s_.answers;
    s_.answered_at = at_;
    s_.due.erase(report::v1::CLOCK_RESOLUTION);
    if (e.has_reaction_due_at()) s_.due[report::v1::CLOCK_REACTION] = FromProto(e.reaction_due_at());
  }
  void Read(const event::v1::ClockBreached& e) {
    s_.breached = s_.breached || report::IsAgencyTerm(e.clock());
    s_.due.erase(e.clock());
  }
  void Read(const event::v1::ClockMoved& e) {
    if (s_.due.contains(e.clock())) s_.due[e.clock()] = FromProto(e.due_at());
  }
  void Read(const event::v1::CaseClosed&) { End(report::v1::REPORT_STATUS_CLOSED); }
  void Read(const event::v1::CaseReopened& e) {
    Become(e.answer_stands() ? report::v1::REPORT_STATUS_ANSWERED : report::v1::REPORT_STATUS_IN_PROCESS);
    s_.reopenings = e.reopenings();
    s_.reopened_at = at_;
    s_.due_unknown = true;
  }

  // Silence closes nothing while the reporter has the matter before the Ombudsman.
  void Read(const event::v1::EscalationRequested&) { s_.due.erase(report::v1::CLOCK_REACTION); }
  void Read(const event::v1::EscalationConsented&) { s_.due.erase(report::v1::CLOCK_REACTION); }
  void Read(const event::v1::EscalationOpened&) {
    s_.finding = event::v1::FINDING_UNSPECIFIED;
    s_.maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
    Reach(event::v1::ESCALATION_STAGE_PROPOSED);
  }
  void Read(const event::v1::DocumentIssued& e) {
    if (e.kind() != event::v1::DOCUMENT_KIND_EXAMINATION_REPORT) return;
    s_.finding = e.finding();
    s_.maladministration = e.maladministration();
  }
  void Read(const event::v1::EscalationStageReached& e) { Reach(e.stage()); }
  void Read(const event::v1::EscalationClosed& e) {
    Reach(event::v1::ESCALATION_STAGE_CLOSED);
    s_.outcome = e.outcome();
    if (s_.status == report::v1::REPORT_STATUS_ANSWERED) s_.due_unknown = true;
  }

 private:
  void Become(ReportStatus status) {
    if (s_.status == status) return;
    s_.status = status;
    s_.status_since = at_;
  }
  void End(ReportStatus status) {
    Become(status);
    s_.due.clear();
    s_.due_unknown = false;
  }
  void Reach(event::v1::EscalationStage stage) {
    s_.stage = stage;
    s_.stage_since = at_;
  }
  void StartVerification() {
    const policy::Region* region = policy_.FindRegion(s_.region);
    const auto due_at =
        policy_.DueAt({.policy_version = s_.policy_version,
                       .clock = report::v1::CLOCK_VERIFICATION,
                       .report_class = s_.report_class,
                       .supervision = s_.supervision,
                       .start = at_,
                       .time_zone = region == nullptr ? report::v1::TIME_ZONE_WIB : region->time_zone});
    if (due_at.ok()) s_.due[report::v1::CLOCK_VERIFICATION] = *due_at;
  }

  const policy::Policy& policy_;
  const absl::Time at_;
  Standing& s_;
};

}  // namespace

bool IsOpen(const Standing& standing) {
  return standing.status != report::v1::REPORT_STATUS_UNSPECIFIED &&
         standing.status != report::v1::REPORT_STATUS_CLOSED &&
         standing.status != report::v1::REPORT_STATUS_ARCHIVED &&
         standing.status != report::v1::REPORT_STATUS_WITHDRAWN &&
         standing.status != report::v1::REPORT_STATUS_MERGED;
}

void Learn(const event::v1::Event& event, const policy::Policy& policy, Standing& standing) {
  // What becomes of a part of the report leaves the report as it is.
  if (event.child() > 0) return;
  Reader reader(policy, FromProto(event.occurred_at()), standing);
  switch (event.payload_case()) {
    case event::v1::Event::kReportSubmitted:
      return reader.Read(event.report_submitted());
    case event::v1::Event::kReportCompleted:
      return reader.Read(event.report_completed());
    case event::v1::Event::kReporterReplied:
      return reader.Read(event.reporter_replied());
    case event::v1::Event::kReporterReacted:
      return reader.Read(event.reporter_reacted());
    case event::v1::Event::kReportWithdrawn:
      return reader.Read(event.report_withdrawn());
    case event::v1::Event::kReportVerified:
      return reader.Read(event.report_verified());
    case event::v1::Event::kCompletionRequested:
      return reader.Read(event.completion_requested());
    case event::v1::Event::kReportArchived:
      return reader.Read(event.report_archived());
    case event::v1::Event::kReportRestored:
      return reader.Read(event.report_restored());
    case event::v1::Event::kAgencyAssigned:
      return reader.Read(event.agency_assigned());
    case event::v1::Event::kAssignmentAccepted:
      return reader.Read(event.assignment_accepted());
    case event::v1::Event::kAssignmentReturned:
      return reader.Read(event.assignment_returned());
    case event::v1::Event::kArbitrationRequested:
      return reader.Read(event.arbitration_requested());
    case event::v1::Event::kReportMerged:
      return reader.Read(event.report_merged());
    case event::v1::Event::kVerificationOverdue:
      return reader.Read(event.verification_overdue());
    case event::v1::Event::kCaseOpened:
      return reader.Read(event.case_opened());
    case event::v1::Event::kResponseGiven:
      return reader.Read(event.response_given());
    case event::v1::Event::kClockBreached:
      return reader.Read(event.clock_breached());
    case event::v1::Event::kClockMoved:
      return reader.Read(event.clock_moved());
    case event::v1::Event::kCaseClosed:
      return reader.Read(event.case_closed());
    case event::v1::Event::kCaseReopened:
      return reader.Read(event.case_reopened());
    case event::v1::Event::kEscalationRequested:
      return reader.Read(event.escalation_requested());
    case event::v1::Event::kEscalationConsented:
      return reader.Read(event.escalation_consented());
    case event::v1::Event::kEscalationOpened:
      return reader.Read(event.escalation_opened());
    case event::v1::Event::kEscalationStageReached:
      return reader.Read(event.escalation_stage_reached());
    case event::v1::Event::kEscalationClosed:
      return reader.Read(event.escalation_closed());
    case event::v1::Event::kDocumentIssued:
      return reader.Read(event.document_issued());
    // These change nothing that anybody of the demo waits for.
    case event::v1::Event::kArchiveContested:
    case event::v1::Event::kClockReminded:
    case event::v1::Event::kChildAssignmentEnded:
    case event::v1::Event::kFollowerJoined:
    case event::v1::Event::kReportUnmerged:
    case event::v1::Event::kAssignmentFellBack:
    case event::v1::Event::kAttachmentAdded:
    case event::v1::Event::kAgencyRecorded:
    case event::v1::Event::kEligibilityDecided:
    case event::v1::Event::kReopeningRequested:
    case event::v1::Event::kClosingAppealed:
    case event::v1::Event::kQuestionEnded:
    case event::v1::Event::kCaseDelegated:
    case event::v1::Event::kAppealOpened:
    case event::v1::Event::kAppealDecided:
    case event::v1::Event::kEscalationTransferred:
    case event::v1::Event::kRapidResponseOpened:
    case event::v1::Event::kDocumentDelivered:
    case event::v1::Event::kDocumentReplied:
    case event::v1::Event::kComplianceRecorded:
    case event::v1::Event::kBreachRaised:
    case event::v1::Event::PAYLOAD_NOT_SET:
      return;
  }
}

Standing StandingOf(const routing::v1::Route& route) {
  Standing s;
  const bool received = route.state() == routing::v1::ROUTE_STATE_AWAITING_TRIAGE;
  s.status = received ? report::v1::REPORT_STATUS_RECEIVED : report::v1::REPORT_STATUS_VERIFIED;
  s.status_since = FromProto(route.received_at());
  s.report_class = route.report_class();
  s.supervision = route.supervision();
  s.category = route.category();
  s.region = route.region();
  s.returns = route.bounces();
  s.in_arbitration = route.state() == routing::v1::ROUTE_STATE_IN_ARBITRATION;
  const bool runs = received || route.state() == routing::v1::ROUTE_STATE_VERIFIED;
  if (runs && route.has_verification_due_at() && !route.verification_overdue())
    s.due[report::v1::CLOCK_VERIFICATION] = FromProto(route.verification_due_at());
  return s;
}

Standing StandingOf(const followup::v1::Case& c) {
  Standing s;
  const bool answered = c.state() == followup::v1::CASE_STATE_ANSWERED;
  s.status = answered ? report::v1::REPORT_STATUS_ANSWERED : report::v1::REPORT_STATUS_IN_PROCESS;
  s.status_since = s.with_agency_since = FromProto(c.opened_at());
  s.report_class = c.report_class();
  s.supervision = c.supervision();
  s.category = c.category();
  s.region = c.region();
  s.agency = c.agency_id();
  // Whether it was is routing's to know; nobody accepts twice.
  s.accepted = true;
  s.reopenings = c.reopenings();
  s.reopened_at = s.status_since;
  for (const followup::v1::CaseClock& clock : c.clocks()) {
    if (clock.clock() == report::v1::CLOCK_RESOLUTION && clock.has_met_at())
      s.answered_at = FromProto(clock.met_at());
    s.breached = s.breached || (report::IsAgencyTerm(clock.clock()) && clock.has_breached_at());
  }
  LearnClocks(c, s);
  return s;
}

void Learn(const ombudsman::v1::Escalation& escalation, Standing& standing) {
  standing.stage = escalation.stage();
  standing.stage_since = FromProto(escalation.opened_at());
  standing.finding = escalation.finding();
  standing.maladministration = escalation.maladministration();
}

void LearnClocks(const followup::v1::Case& c, Standing& standing) {
  standing.due_unknown = false;
  const bool answered = c.state() == followup::v1::CASE_STATE_ANSWERED;
  if (!answered && c.state() != followup::v1::CASE_STATE_OPEN) return;
  for (const followup::v1::CaseClock& clock : c.clocks()) {
    const bool reporters = clock.clock() == report::v1::CLOCK_REACTION;
    // Nothing that anybody of the demo waits for follows from the others.
    if (!reporters && !report::IsAgencyTerm(clock.clock())) continue;
    const bool runs = reporters == answered && !clock.has_met_at() && !clock.has_breached_at();
    if (runs) {
      standing.due[clock.clock()] = FromProto(clock.due_at());
    } else {
      standing.due.erase(clock.clock());
    }
  }
}

}  // namespace lapor::client
