#include "services/intake/notices.h"

#include <utility>

#include "libs/decision/proto_time.h"
#include "services/intake/store.h"

namespace lapor::intake {
namespace {

using event::v1::Event;
using notify::Notification;
using notify::Placeholder;

Placeholder MaybeDay(std::string name) {
  Placeholder day = Placeholder::Day(std::move(name));
  day.optional = true;
  return day;
}

// Those that mean something to a reporter.
bool IsReportersClock(report::v1::Clock clock) {
  return clock == report::v1::CLOCK_COMPLETION || clock == report::v1::CLOCK_QUESTION ||
         clock == report::v1::CLOCK_REACTION || clock == report::v1::CLOCK_CONTEST ||
         clock == report::v1::CLOCK_REOPENING;
}

}  // namespace

std::vector<notify::TemplateSpec> NoticeTemplates() {
  const auto* const clocks = report::v1::Clock_descriptor();
  return {
      {"reporter-completion-asked", {Placeholder::Text("report"), Placeholder::Day("due")}},
      {"reporter-reminder",
       {Placeholder::Text("report"), Placeholder::Word("clock", clocks), Placeholder::Day("due")}},
      {"reporter-assigned", {Placeholder::Text("report")}},
      {"reporter-question", {Placeholder::Text("report"), Placeholder::Day("due")}},
      {"reporter-progress", {Placeholder::Text("report"), MaybeDay("promised")}},
      {"reporter-answered", {Placeholder::Text("report"), MaybeDay("due")}},
      {"reporter-closed", {Placeholder::Text("report"), MaybeDay("due")}},
      {"reporter-reopened", {Placeholder::Text("report")}},
      {"reporter-archived",
       {Placeholder::Text("report"), Placeholder::Word("reason", report::v1::ArchiveReason_descriptor()),
        MaybeDay("due")}},
      {"reporter-escalation-proposed", {Placeholder::Text("report")}},
      {"reporter-escalation-stage",
       {Placeholder::Text("report"), Placeholder::Word("stage", event::v1::EscalationStage_descriptor())}},
      {"reporter-escalation-outcome",
       {Placeholder::Text("report"),
        Placeholder::Word("outcome", event::v1::EscalationOutcome_descriptor())}},
      {"reporter-date-moved",
       {Placeholder::Text("report"), Placeholder::Word("clock", clocks), Placeholder::Day("due")}},
  };
}

std::optional<Notification> NoticeOf(const Event& event, report::v1::TimeZone zone) {
  Notification notice{.report_id = event.subject(), .child = event.child()};
  const auto tell = [&](const char* name) {
    notice.template_name = std::string(kNoticePrefix) + name;
    return notice;
  };
  const auto day = [&](const char* name, const google::protobuf::Timestamp& end) {
    notice.parameters[name] = notify::LastDay(decision::FromProto(end), zone);
  };
  const bool of_child = event.child() != 0;
  switch (event.payload_case()) {
    case Event::kCompletionRequested:
      day("due", event.completion_requested().due_at());
      return tell("completion-asked");
    case Event::kClockReminded: {
      const event::v1::ClockReminded& reminded = event.clock_reminded();
      if (!reminded.agency_id().empty() || !IsReportersClock(reminded.clock())) return std::nullopt;
      notice.parameters["clock"] = report::v1::Clock_Name(reminded.clock());
      day("due", reminded.due_at());
      return tell("reminder");
    }
    case Event::kAgencyAssigned:
      if (of_child || event.agency_assigned().carried_over()) return std::nullopt;
      return tell("assigned");
    case Event::kResponseGiven: {
      const event::v1::ResponseGiven& response = event.response_given();
      if (response.kind() == event::v1::RESPONSE_KIND_QUESTION) {
        day("due", response.question_due_at());
        return tell("question");
      }
      if (response.kind() == event::v1::RESPONSE_KIND_FINAL && !of_child) {
        if (response.has_reaction_due_at()) day("due", response.reaction_due_at());
        return tell("answered");
      }
      if (!response.promised_on().empty()) notice.parameters["promised"] = response.promised_on();
      return tell("progress");
    }
    case Event::kCaseClosed:
      if (of_child) return std::nullopt;
      if (event.case_closed().has_reopen_until()) day("due", event.case_closed().reopen_until());
      return tell("closed");
    case Event::kCaseReopened:
      if (of_child || event.case_reopened().answer_stands()) return std::nullopt;
      return tell("reopened");
    case Event::kReportArchived:
      notice.parameters["reason"] = report::v1::ArchiveReason_Name(event.report_archived().reason());
      if (event.report_archived().has_contest_until()) day("due", event.report_archived().contest_until());
      return tell("archived");
    case Event::kEscalationOpened:
      if (!event.escalation_opened().consent_needed()) return std::nullopt;
      return tell("escalation-proposed");
    case Event::kEscalationStageReached: {
      // Of the first and the last they are told as of what they are.
      const event::v1::EscalationStage stage = event.escalation_stage_reached().stage();
      if (stage == event::v1::ESCALATION_STAGE_PROPOSED || stage == event::v1::ESCALATION_STAGE_CLOSED)
        return std::nullopt;
      notice.parameters["stage"] = event::v1::EscalationStage_Name(stage);
      return tell("escalation-stage");
    }
    case Event::kEscalationClosed:
      notice.parameters["outcome"] = event::v1::EscalationOutcome_Name(event.escalation_closed().outcome());
      return tell("escalation-outcome");
    case Event::kClockMoved: {
      const report::v1::Clock clock = event.clock_moved().clock();
      if (of_child || (!IsReportersClock(clock) && clock != report::v1::CLOCK_FIRST_RESPONSE &&
                       clock != report::v1::CLOCK_RESOLUTION))
        return std::nullopt;
      notice.parameters["clock"] = report::v1::Clock_Name(clock);
      day("due", event.clock_moved().due_at());
      return tell("date-moved");
    }

    // What they did themselves.
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
    // What the timeline shows, to those who look.
    case Event::kReportVerified:
    case Event::kReportRestored:
    case Event::kAssignmentAccepted:
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
    case Event::kAssignmentFellBack:
    case Event::kVerificationOverdue:
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kCaseOpened:
    case Event::kQuestionEnded:
    case Event::kCaseDelegated:
    case Event::kAppealOpened:
    case Event::kAppealDecided:  // closes the case, or opens it again
    case Event::kClockBreached:
    case Event::kBreachRaised:
    case Event::kEligibilityDecided:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentDelivered:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    // Not about a report.
    case Event::kAgencyRecorded:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::function<void(pg::Tx&, const std::vector<const Event*>&)> TellReporters(
    std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const notify::Outbox> outbox) {
  return [policy = std::move(policy), outbox = std::move(outbox)](pg::Tx& tx,
                                                                  const std::vector<const Event*>& events) {
    std::vector<const Event*> told;
    std::vector<std::string> ids;
    for (const Event* event : events) {
      if (!NoticeOf(*event, report::v1::TIME_ZONE_UNSPECIFIED)) continue;
      told.push_back(event);
      ids.push_back(event->subject());
    }
    if (told.empty()) return;

    const auto reporters = FindKnownReporters(tx, ids);
    std::vector<notify::Outbox::Told> notices;
    for (const Event* event : told) {
      const auto reporter = reporters.find(event->subject());
      if (reporter == reporters.end()) continue;
      // A proposal that they never agreed to: the Ombudsman has had no case of theirs.
      if (event->has_escalation_closed() && reporter->second.escalation == v1::ESCALATION_STATUS_LAPSED)
        continue;
      const policy::Region* const region = policy->FindRegion(reporter->second.region);
      auto notice = NoticeOf(*event, region == nullptr ? report::v1::TIME_ZONE_WIB : region->time_zone);
      notice->language = reporter->second.language;
      notices.push_back({event, *std::move(notice)});
    }
    outbox->Add(tx, notices);
  };
}

notify::Sender::Resolve FindReporter(pg::Pool& pool, std::shared_ptr<const IdentityVault> vault) {
  return [&pool, vault = std::move(vault)](
             const std::string&, const std::string& report_id) -> absl::StatusOr<notify::Recipient> {
    std::string sealed;
    const absl::Status status = pool.Read([&](pg::Tx& tx) {
      const std::optional<Report> report = Find(tx, report_id);
      sealed = report ? ReadSealedIdentity(tx, *report) : "";
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    notify::Recipient recipient;
    if (sealed.empty()) return recipient;
    const auto identity = vault->Open(report_id, sealed);
    if (!identity.ok()) return identity.status();
    recipient.contacts.push_back({.mail = identity->email(), .phone = identity->phone()});
    return recipient;
  };
}

}  // namespace lapor::intake
