#include "services/routing/notices.h"

#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/report/assignment_id.h"
#include "libs/report/clocks.h"
#include "services/routing/store.h"

namespace lapor::routing {
namespace {

using event::v1::Event;
using notify::Notification;
using notify::Placeholder;

// The reporter answered what the agency of a part had asked.
bool EndsQuestionOfPart(const Event& event) {
  return event.has_question_ended() && event.child() > 0 &&
         event.question_ended().ending() == event::v1::QUESTION_ENDING_REPLIED;
}

// Whose holder is told of what the reporter wrote.
std::string Written(const Event& event) { return report::ToString(event.subject(), event.child()); }

}  // namespace

std::vector<notify::TemplateSpec> NoticeTemplates() {
  const Placeholder report = Placeholder::Text("report"), agency = Placeholder::Text("agency");
  const Placeholder clock = Placeholder::Word("clock", report::v1::Clock_descriptor()),
                    due = Placeholder::Day("due");
  return {
      {"officer-assigned", {report, agency}},
      {"officer-reminder", {report, agency, clock, due, Placeholder::Text("percent")}},
      {"officer-breach", {report, agency, clock, due}},
      {"officer-verification-overdue", {report, agency, due}},
      {"officer-ombudsman-breach", {report, agency, clock, due}},
      {"officer-breach-raised", {report, agency, clock, due, {.name = "owing", .optional = true}}},
      {"officer-reply", {report, agency}},
      {"officer-reopened", {report, agency}},
      {"officer-appeal", {report, agency, due}},
      {"officer-document",
       {report, agency, Placeholder::Text("document"),
        Placeholder::Word("kind", event::v1::DocumentKind_descriptor())}},
      {"officer-digest", {agency, Placeholder::Text("count"), Placeholder::Text("items")}},
  };
}

std::optional<Notification> NoticeOf(const Event& event, const std::string& holder,
                                     const Registry& registry) {
  Notification notice{.report_id = event.subject(), .child = event.child()};
  // Nothing for an event that names nobody: it is the reporter's turn, or the administrators'.
  const auto tell = [&](const char* name, const std::string& agency_id,
                        bool at_once) -> std::optional<Notification> {
    if (agency_id.empty()) return std::nullopt;
    notice.template_name = std::string(kNoticePrefix) + name;
    notice.agency_id = agency_id;
    notice.in_digest = !at_once;
    return notice;
  };
  const auto due = [&](const google::protobuf::Timestamp& end, const std::string& agency_id) {
    const Agency* const agency = registry.Find(agency_id);
    notice.parameters["due"] = notify::LastDay(
        decision::FromProto(end), agency == nullptr ? report::v1::TIME_ZONE_WIB : agency->time_zone());
  };
  switch (event.payload_case()) {
    case Event::kAgencyAssigned:
      return tell("assigned", event.agency_assigned().agency_id(), false);
    case Event::kClockReminded: {
      const event::v1::ClockReminded& reminded = event.clock_reminded();
      notice.parameters["clock"] = report::v1::Clock_Name(reminded.clock());
      notice.parameters["percent"] = std::to_string(reminded.percent());
      due(reminded.due_at(), reminded.agency_id());
      return tell("reminder", reminded.agency_id(), false);
    }
    case Event::kClockBreached: {
      const event::v1::ClockBreached& breached = event.clock_breached();
      notice.parameters["clock"] = report::v1::Clock_Name(breached.clock());
      due(breached.due_at(), breached.agency_id());
      // Of a letter's term nobody above is told: what follows is for the Ombudsman to decide.
      return tell(report::IsLetterTerm(breached.clock()) ? "ombudsman-breach" : "breach",
                  breached.agency_id(), true);
    }
    case Event::kBreachRaised: {
      const event::v1::BreachRaised& raised = event.breach_raised();
      notice.parameters["clock"] = report::v1::Clock_Name(raised.clock());
      if (!raised.agency_id().empty()) notice.parameters["owing"] = raised.agency_id();
      due(raised.due_at(), raised.supervisor_agency_id());
      return tell("breach-raised", raised.supervisor_agency_id(), true);
    }
    // It is still owed, and nobody is above the administrators whom this could be raised to.
    case Event::kVerificationOverdue:
      due(event.verification_overdue().due_at(), kRootAgencyId);
      return tell("verification-overdue", kRootAgencyId, true);
    case Event::kReporterReplied:
      // While the administrators have it, no agency waits for the reply.
      return tell("reply", holder == kRootAgencyId ? "" : holder, false);
    case Event::kQuestionEnded:
      // Whoever leads is told of the reply itself, which names no part.
      if (!EndsQuestionOfPart(event)) return std::nullopt;
      return tell("reply", holder == kRootAgencyId ? "" : holder, false);
    case Event::kCaseReopened:
      // Also after a reaction, a request or an appeal of the reporter, which are followed by this.
      if (event.case_reopened().answer_stands()) return std::nullopt;
      return tell("reopened", event.case_reopened().agency_id(), false);
    case Event::kAppealOpened: {
      const event::v1::AppealOpened& appeal = event.appeal_opened();
      due(appeal.due_at(), appeal.supervisor_agency_id());
      return tell("appeal", appeal.supervisor_agency_id(), true);
    }
    // Not when it is issued: an unannounced field check stays one, and a report is no draft any more.
    case Event::kDocumentDelivered: {
      const event::v1::DocumentDelivered& document = event.document_delivered();
      notice.parameters["document"] = document.document_number();
      notice.parameters["kind"] = event::v1::DocumentKind_Name(document.kind());
      return tell("document", document.agency_id(), true);
    }

    // What is nobody's turn, what the agency did itself, and what the above are told after.
    case Event::kReportSubmitted:
    case Event::kReportCompleted:
    case Event::kReporterReacted:
    case Event::kReportWithdrawn:
    case Event::kArchiveContested:
    case Event::kReopeningRequested:
    case Event::kClosingAppealed:
    case Event::kEscalationRequested:
    case Event::kEscalationConsented:
    case Event::kAttachmentAdded:
    case Event::kReportVerified:
    case Event::kCompletionRequested:
    case Event::kReportArchived:
    case Event::kReportRestored:
    case Event::kAssignmentAccepted:
    case Event::kAssignmentReturned:
    case Event::kArbitrationRequested:
    case Event::kAssignmentFellBack:
    case Event::kChildAssignmentEnded:
    case Event::kReportMerged:
    case Event::kFollowerJoined:
    case Event::kReportUnmerged:
    case Event::kCaseOpened:
    case Event::kResponseGiven:
    case Event::kCaseClosed:
    case Event::kCaseDelegated:
    case Event::kAppealDecided:
    case Event::kClockMoved:
    case Event::kEscalationOpened:
    case Event::kEligibilityDecided:
    case Event::kEscalationStageReached:
    case Event::kEscalationClosed:
    case Event::kEscalationTransferred:
    case Event::kRapidResponseOpened:
    case Event::kDocumentIssued:
    case Event::kDocumentReplied:
    case Event::kComplianceRecorded:
    // Not about a report.
    case Event::kAgencyRecorded:
    case Event::PAYLOAD_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::function<void(pg::Tx&, const std::vector<const Event*>&)> TellOfficers(
    std::shared_ptr<const RegistryWatch> registry, std::shared_ptr<const notify::Outbox> outbox) {
  return [registry = std::move(registry), outbox = std::move(outbox)](
             pg::Tx& tx, const std::vector<const Event*>& events) {
    // Who has the reports whose reporters wrote, of the other events these themselves say it.
    std::vector<std::string> written;
    for (const Event* event : events) {
      if (event->has_reporter_replied() || EndsQuestionOfPart(*event)) written.push_back(Written(*event));
    }
    std::unordered_map<std::string, std::string> holders;
    if (!written.empty()) holders = FindHolders(tx, written);

    const auto current = registry->Current();
    std::vector<notify::Outbox::Told> notices;
    for (const Event* event : events) {
      const auto holder = holders.find(Written(*event));
      auto notice = NoticeOf(*event, holder == holders.end() ? "" : holder->second, *current);
      if (notice) notices.push_back({event, *std::move(notice)});
    }
    outbox->Add(tx, notices);
  };
}

notify::Sender::Resolve FindOfficers(std::shared_ptr<const RegistryWatch> registry) {
  return [registry = std::move(registry)](const std::string& agency_id,
                                          const std::string&) -> absl::StatusOr<notify::Recipient> {
    const auto current = registry->Current();
    const Agency* const agency = current->Find(agency_id);
    notify::Recipient recipient{.contacts = {},
                                .agency_name = agency == nullptr ? agency_id : agency->name()};
    for (const v1::LiaisonOfficer& officer : current->OfficersOf(agency_id))
      recipient.contacts.push_back(notify::Contact::Of(officer.contact()));
    return recipient;
  };
}

}  // namespace lapor::routing
