#include "libs/telling/event_words.h"

#include <cctype>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/decision/proto_time.h"
#include "libs/report/clocks.h"
#include "libs/telling/terms.h"

namespace lapor::telling {
namespace {

using decision::FromProto;

struct Teller {
  const Zone& days;
  const AgencyName& name;

  std::string Day(const google::protobuf::Timestamp& due_at) const {
    return ShowLastDay(FromProto(due_at), days);
  }

  static std::string ReportOr(const char* unknown, const std::string& report_id) {
    return report_id.empty() ? unknown : ShowReportId(report_id);
  }

  std::string Tell(const event::v1::ReportSubmitted& e) const {
    std::vector<std::string> parts = {Label(e.report_class())};
    if (parts.back().empty()) parts.back() = "unclassed";
    if (e.supervision()) parts.emplace_back("with supervision content (berkadar pengawasan)");
    parts.push_back("by " + Label(e.channel()));
    parts.push_back("category " + (e.category().empty() ? "not given" : e.category()));
    parts.push_back("region " + (e.region().empty() ? "not given" : e.region()));
    if (e.anonymous()) parts.emplace_back("anonymous (anonim)");
    if (e.confidential()) parts.emplace_back("confidential (rahasia)");
    if (e.attachment_count() > 0) parts.push_back(CountOf(e.attachment_count(), "attachment", "attachments"));
    return "Submitted (diterima): " + Joined(parts, ", ");
  }
  std::string Tell(const event::v1::ReportCompleted& e) const {
    std::vector<std::string> parts;
    for (const std::string& field : e.fields()) {
      const std::string& code = field == "category" ? e.category() : field == "region" ? e.region() : "";
      parts.push_back(code.empty() ? field : field + ' ' + code);
    }
    return "Completed (dilengkapi): " + Joined(parts, ", ");
  }
  std::string Tell(const event::v1::ReporterReplied&) const { return "Wrote (balasan pelapor)"; }
  std::string Tell(const event::v1::ReporterReacted& e) const {
    std::string text = e.satisfied() ? "Satisfied (puas)" : "Not satisfied (tidak puas)";
    if (e.reason() != event::v1::DISSATISFACTION_REASON_UNSPECIFIED) text += ": " + Label(e.reason());
    return e.rating() == 0 ? text : fmt::format("{}, rating {} of 5", text, e.rating());
  }
  std::string Tell(const event::v1::ReportWithdrawn&) const { return "Withdrawn (dicabut)"; }
  std::string Tell(const event::v1::EscalationRequested& e) const {
    return fmt::format("Asked for the Ombudsman (permintaan ke Ombudsman){}{}",
                       e.direct() ? " instead of the agency" : "",
                       e.name_secret() ? ", name kept secret" : "");
  }
  std::string Tell(const event::v1::EscalationConsented& e) const {
    return fmt::format("Agreed that the Ombudsman takes it up (persetujuan){}",
                       e.name_secret() ? ", name kept secret" : "");
  }
  std::string Tell(const event::v1::AttachmentAdded& e) const {
    return fmt::format("Attachment (lampiran): {}, {} bytes", e.media_type(), e.size_bytes());
  }

  std::string Tell(const event::v1::ReportVerified& e) const {
    std::vector<std::string> parts = {Label(e.report_class())};
    if (e.supervision()) parts.emplace_back("with supervision content (berkadar pengawasan)");
    parts.push_back("category " + e.category());
    if (!e.region().empty()) parts.push_back("region " + e.region());
    if (e.confidential()) parts.emplace_back("confidential (rahasia)");
    return "Verified (terverifikasi): " + Joined(parts, ", ");
  }
  std::string Tell(const event::v1::CompletionRequested& e) const {
    return fmt::format("Completion asked for (tunda): {}, by {}", fmt::join(e.fields(), ", "),
                       Day(e.due_at()));
  }
  std::string Tell(const event::v1::ReportArchived& e) const {
    return "Archived (arsip): " + Label(e.reason()) +
           (e.has_contest_until() ? ", may be contested by " + Day(e.contest_until()) : "");
  }
  std::string Tell(const event::v1::ArchiveContested&) const { return "Contested the archiving (keberatan)"; }
  std::string Tell(const event::v1::ClockReminded& e) const {
    return fmt::format("Reminded (pengingat): {}% of the term is over, {}, which ends on {}{}", e.percent(),
                       Label(e.clock()), Day(e.due_at()),
                       e.agency_id().empty() ? "" : "; whose turn it is: " + name(e.agency_id()));
  }
  std::string Tell(const event::v1::ReportRestored& e) const {
    return "Open again (dibuka kembali): " + Label(e.reason());
  }
  std::string Tell(const event::v1::AgencyAssigned& e) const {
    return fmt::format("Assigned (disposisi) to {}{}{}{}{}", name(e.agency_id()),
                       e.category().empty() ? "" : ", for " + e.category(),
                       e.hop() > 1 ? fmt::format(", hand {}", e.hop()) : "",
                       e.binding() ? ", as the arbiter decided" : "",
                       e.carried_over() ? ", in the place of the agency before, which has ended" : "");
  }
  std::string Tell(const event::v1::AssignmentAccepted& e) const {
    return fmt::format("Taken up (diterima instansi) by {}", name(e.agency_id()));
  }
  std::string Tell(const event::v1::AssignmentFellBack& e) const {
    return fmt::format(
        "Fell back (tidak diambil aplikasi) to the people of {}: its application didn't acknowledge it by {}",
        name(e.agency_id()), Day(e.due_at()));
  }
  std::string Tell(const event::v1::ChildAssignmentEnded& e) const {
    return fmt::format("No longer needed (tidak diperlukan lagi) of {}", name(e.agency_id()));
  }
  // Reporters are not told which one it is.
  std::string Tell(const event::v1::ReportMerged& e) const {
    return "Merged (digabung) into " + ReportOr("another report", e.lead_report_id()) +
           ", about the same matter";
  }
  std::string Tell(const event::v1::FollowerJoined& e) const {
    return ReportOr("Another report", e.follower_report_id()) +
           ", about the same matter, was merged (digabung) into this one";
  }
  std::string Tell(const event::v1::ReportUnmerged& e) const {
    return "On its own again (dipisahkan): " + Label(e.reason());
  }
  std::string Tell(const event::v1::AssignmentReturned& e) const {
    return fmt::format(
        "Returned (dikembalikan) by {}: {}; {}", name(e.agency_id()), Label(e.reason()),
        e.target_agency_id().empty() ? "asks the arbiter" : "names " + name(e.target_agency_id()));
  }
  std::string Tell(const event::v1::ArbitrationRequested& e) const {
    return fmt::format("Before the arbiter (menunggu putusan): {}, after {}{}", name(e.arbiter_agency_id()),
                       CountOf(e.bounces(), "return", "returns"),
                       e.carried_over() ? "; the arbiter before has ended" : "");
  }
  std::string Tell(const event::v1::VerificationOverdue& e) const {
    return fmt::format("Verification overdue (lewat waktu): was due by {}", Day(e.due_at()));
  }
  std::string Tell(const event::v1::AgencyRecorded& e) const {
    std::string successors;
    for (const auto& successor : e.successors()) {
      successors +=
          fmt::format("{}{}", successors.empty() ? "; in its place: " : ", ", name(successor.agency_id()));
    }
    std::string fields;
    for (const std::string& field : e.changed_fields()) fields += " " + field;
    const bool told = e.change() != event::v1::AGENCY_CHANGE_UNSPECIFIED;
    return fmt::format("Agency {}: {}, version {}{}{}", told ? Label(e.change()) : "recorded (instansi)",
                       e.name(), e.version(), fields.empty() ? "" : ";" + fields, successors);
  }

  std::string Tell(const event::v1::CaseOpened& e) const {
    return fmt::format("Case opened (proses): first response due by {}, resolution by {}",
                       Day(e.first_response_due_at()), Day(e.resolution_due_at()));
  }
  std::string Tell(const event::v1::ResponseGiven& e) const {
    std::string kind = Label(e.kind());
    kind[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(kind[0])));
    std::string text = fmt::format("{} by {}", kind, name(e.agency_id()));
    if (e.evidence_count() > 0) text += ", with evidence";
    if (!e.promised_on().empty())
      text += fmt::format("; {}, next word promised for {}", Label(e.interim_reason()), e.promised_on());
    if (e.has_question_due_at())
      text += fmt::format("; the agency waits for the reporter until {}", Day(e.question_due_at()));
    if (e.has_reaction_due_at())
      text += fmt::format("; the reporter may react by {}", Day(e.reaction_due_at()));
    if (e.from_template()) text += "; from a template (templat)";
    for (const int signal : e.signals())
      text += fmt::format("; SIGN (tanda): {}", Label(static_cast<event::v1::AnswerSignal>(signal)));
    return text;
  }
  // Of a clock that is no agency's.
  static std::string KeeperOf(report::v1::Clock clock) {
    if (report::IsOmbudsmanTerm(clock)) return "the Ombudsman";
    return report::IsLetterTerm(clock) ? "the addressee" : "the administrators";
  }
  std::string Tell(const event::v1::ClockBreached& e) const {
    return fmt::format("RAN OUT (lewat waktu): {}, was due by {}; accountable: {}", Label(e.clock()),
                       Day(e.due_at()), e.agency_id().empty() ? KeeperOf(e.clock()) : name(e.agency_id()));
  }
  std::string Tell(const event::v1::BreachRaised& e) const {
    return fmt::format("Still owed (diteruskan ke atasan): {}, was due by {}; {} is to see to it",
                       Label(e.clock()), Day(e.due_at()), name(e.supervisor_agency_id()));
  }
  std::string Tell(const event::v1::ClockMoved& e) const {
    return fmt::format("Due date moved (kalender berubah): {}, from {} to {}, by calendar {}",
                       Label(e.clock()), Day(e.due_at_before()), Day(e.due_at()),
                       fmt::join(e.calendar_version(), ", "));
  }
  std::string Tell(const event::v1::QuestionEnded& e) const {
    return "Question ended (pertanyaan selesai): " + Label(e.ending()) +
           (e.has_resolution_due_at() ? "; resolution is due by " + Day(e.resolution_due_at()) : "");
  }
  std::string Tell(const event::v1::CaseDelegated& e) const {
    return "Delegated (didelegasikan) within " + name(e.agency_id());
  }
  std::string Tell(const event::v1::ReopeningRequested& e) const {
    return "Asked to take it up again (minta dibuka kembali): " + Label(e.reason());
  }
  std::string Tell(const event::v1::ClosingAppealed& e) const {
    return "Appealed (banding): " + Label(e.reason());
  }
  std::string Tell(const event::v1::AppealOpened& e) const {
    return fmt::format("Appeal (banding) with {}, to be decided by {}", name(e.supervisor_agency_id()),
                       Day(e.due_at()));
  }
  std::string Tell(const event::v1::AppealDecided& e) const {
    return fmt::format("Appeal {} by {}", e.granted() ? "granted (dikabulkan)" : "dismissed (ditolak)",
                       name(e.supervisor_agency_id()));
  }
  std::string Tell(const event::v1::CaseClosed& e) const {
    return "Closed (selesai) " + Label(e.closing()) +
           (e.has_reopen_until() ? "; may be taken up again, or appealed, by " + Day(e.reopen_until()) : "");
  }
  std::string Tell(const event::v1::CaseReopened& e) const {
    if (e.answer_stands())
      return "Not closed (belum selesai): the reporter had not been silent; the answer stands";
    return fmt::format("Reopened (dibuka kembali), {} with {}", CountOf(e.reopenings(), "time", "times"),
                       name(e.agency_id()));
  }

  std::string Tell(const event::v1::EscalationOpened& e) const {
    std::string cause = Label(e.cause());
    if (e.clock() != report::v1::CLOCK_UNSPECIFIED) cause += ", " + Label(e.clock());
    return fmt::format("OMBUDSMAN {} (Ombudsman): {}; {}{}", e.consent_needed() ? "proposed" : "opened",
                       cause,
                       e.respondent_agency_id().empty() ? "no respondent yet"
                                                        : "respondent: " + name(e.respondent_agency_id()),
                       e.consent_needed() ? "; waits for the reporter's consent" : "");
  }
  std::string Tell(const event::v1::EligibilityDecided& e) const {
    std::vector<std::string> missing;
    for (const event::v1::GroundVerdict& verdict : e.verdicts()) {
      if (!verdict.met()) missing.push_back(Label(verdict.ground()));
    }
    const std::string grounds = e.eligible()
                                    ? fmt::format("eligible, all {} grounds are met", e.verdicts_size())
                                    : fmt::format("not eligible, not met: {}", Joined(missing, ", "));
    return "Ombudsman, formal check (verifikasi formal): " + grounds;
  }
  std::string Tell(const event::v1::EscalationStageReached& e) const {
    return "Ombudsman, stage reached: " + Label(e.stage());
  }
  std::string Tell(const event::v1::EscalationClosed& e) const {
    std::string text = "Ombudsman, closed (selesai): " + Label(e.outcome());
    if (e.maladministration() != event::v1::MALADMINISTRATION_UNSPECIFIED)
      text += ", " + Label(e.maladministration());
    if (e.compliance() != event::v1::COMPLIANCE_UNSPECIFIED) text += ", " + Label(e.compliance());
    return text;
  }
  std::string Tell(const event::v1::EscalationTransferred& e) const {
    return fmt::format("Ombudsman, transferred (dilimpahkan): from office {} to {}", e.from_office(),
                       e.to_office());
  }
  std::string Tell(const event::v1::RapidResponseOpened& e) const {
    return fmt::format("Ombudsman, rapid response (Respon Cepat): examination to begin by {}",
                       Day(e.due_at()));
  }
  std::string Tell(const event::v1::DocumentIssued& e) const {
    std::string text = fmt::format("Ombudsman, {} {}", Label(e.kind()), e.document_number());
    if (!e.agency_id().empty()) text += " to " + name(e.agency_id());
    if (e.finding() != event::v1::FINDING_UNSPECIFIED) text += ": " + Label(e.finding());
    if (e.maladministration() != event::v1::MALADMINISTRATION_UNSPECIFIED)
      text += ", " + Label(e.maladministration());
    return text;
  }
  std::string Tell(const event::v1::DocumentDelivered& e) const {
    return fmt::format("Ombudsman, {} delivered (diterima){}", e.document_number(),
                       e.has_due_at() ? ", reply due by " + Day(e.due_at()) : "");
  }
  std::string Tell(const event::v1::DocumentReplied& e) const {
    return fmt::format("Ombudsman, {} replied to (dijawab){}", e.document_number(), e.late() ? ", late" : "");
  }
  std::string Tell(const event::v1::ComplianceRecorded& e) const {
    return fmt::format("Ombudsman, {} by {}", Label(e.compliance()), name(e.agency_id()));
  }
};

std::string DescribePayload(const event::v1::Event& event, const Teller& teller) {
  switch (event.payload_case()) {
    case event::v1::Event::kReportSubmitted:
      return teller.Tell(event.report_submitted());
    case event::v1::Event::kReportCompleted:
      return teller.Tell(event.report_completed());
    case event::v1::Event::kReporterReplied:
      return teller.Tell(event.reporter_replied());
    case event::v1::Event::kReporterReacted:
      return teller.Tell(event.reporter_reacted());
    case event::v1::Event::kReportWithdrawn:
      return teller.Tell(event.report_withdrawn());
    case event::v1::Event::kEscalationRequested:
      return teller.Tell(event.escalation_requested());
    case event::v1::Event::kEscalationConsented:
      return teller.Tell(event.escalation_consented());
    case event::v1::Event::kAttachmentAdded:
      return teller.Tell(event.attachment_added());
    case event::v1::Event::kReportVerified:
      return teller.Tell(event.report_verified());
    case event::v1::Event::kCompletionRequested:
      return teller.Tell(event.completion_requested());
    case event::v1::Event::kReportArchived:
      return teller.Tell(event.report_archived());
    case event::v1::Event::kArchiveContested:
      return teller.Tell(event.archive_contested());
    case event::v1::Event::kClockReminded:
      return teller.Tell(event.clock_reminded());
    case event::v1::Event::kReportRestored:
      return teller.Tell(event.report_restored());
    case event::v1::Event::kAgencyAssigned:
      return teller.Tell(event.agency_assigned());
    case event::v1::Event::kAssignmentAccepted:
      return teller.Tell(event.assignment_accepted());
    case event::v1::Event::kAssignmentFellBack:
      return teller.Tell(event.assignment_fell_back());
    case event::v1::Event::kChildAssignmentEnded:
      return teller.Tell(event.child_assignment_ended());
    case event::v1::Event::kReportMerged:
      return teller.Tell(event.report_merged());
    case event::v1::Event::kFollowerJoined:
      return teller.Tell(event.follower_joined());
    case event::v1::Event::kReportUnmerged:
      return teller.Tell(event.report_unmerged());
    case event::v1::Event::kAssignmentReturned:
      return teller.Tell(event.assignment_returned());
    case event::v1::Event::kArbitrationRequested:
      return teller.Tell(event.arbitration_requested());
    case event::v1::Event::kVerificationOverdue:
      return teller.Tell(event.verification_overdue());
    case event::v1::Event::kAgencyRecorded:
      return teller.Tell(event.agency_recorded());
    case event::v1::Event::kCaseOpened:
      return teller.Tell(event.case_opened());
    case event::v1::Event::kResponseGiven:
      return teller.Tell(event.response_given());
    case event::v1::Event::kClockBreached:
      return teller.Tell(event.clock_breached());
    case event::v1::Event::kCaseClosed:
      return teller.Tell(event.case_closed());
    case event::v1::Event::kCaseReopened:
      return teller.Tell(event.case_reopened());
    case event::v1::Event::kEscalationOpened:
      return teller.Tell(event.escalation_opened());
    case event::v1::Event::kEligibilityDecided:
      return teller.Tell(event.eligibility_decided());
    case event::v1::Event::kEscalationStageReached:
      return teller.Tell(event.escalation_stage_reached());
    case event::v1::Event::kEscalationClosed:
      return teller.Tell(event.escalation_closed());
    case event::v1::Event::kReopeningRequested:
      return teller.Tell(event.reopening_requested());
    case event::v1::Event::kClosingAppealed:
      return teller.Tell(event.closing_appealed());
    case event::v1::Event::kQuestionEnded:
      return teller.Tell(event.question_ended());
    case event::v1::Event::kCaseDelegated:
      return teller.Tell(event.case_delegated());
    case event::v1::Event::kAppealOpened:
      return teller.Tell(event.appeal_opened());
    case event::v1::Event::kAppealDecided:
      return teller.Tell(event.appeal_decided());
    case event::v1::Event::kEscalationTransferred:
      return teller.Tell(event.escalation_transferred());
    case event::v1::Event::kRapidResponseOpened:
      return teller.Tell(event.rapid_response_opened());
    case event::v1::Event::kDocumentIssued:
      return teller.Tell(event.document_issued());
    case event::v1::Event::kDocumentDelivered:
      return teller.Tell(event.document_delivered());
    case event::v1::Event::kDocumentReplied:
      return teller.Tell(event.document_replied());
    case event::v1::Event::kComplianceRecorded:
      return teller.Tell(event.compliance_recorded());
    case event::v1::Event::kBreachRaised:
      return teller.Tell(event.breach_raised());
    case event::v1::Event::kClockMoved:
      return teller.Tell(event.clock_moved());
    case event::v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  return "Something that this program doesn't know yet";
}

}  // namespace

std::string Describe(const event::v1::Event& event, const Zone& days, const AgencyName& name) {
  const std::string what = DescribePayload(event, Teller{days, name});
  return event.child() == 0 ? what : fmt::format("[part {}] {}", event.child(), what);
}

std::string MessageIdOf(const event::v1::Event& event) {
  if (event.has_reporter_replied()) return event.reporter_replied().message_id();
  if (event.has_reporter_reacted()) return event.reporter_reacted().message_id();
  if (event.has_reopening_requested()) return event.reopening_requested().message_id();
  if (event.has_closing_appealed()) return event.closing_appealed().message_id();
  if (event.has_archive_contested()) return event.archive_contested().message_id();
  if (event.has_response_given()) return event.response_given().response_id();
  if (event.has_appeal_decided()) return event.appeal_decided().response_id();
  return "";
}

}  // namespace lapor::telling
