#include "services/ombudsman/notices.h"

#include <string>
#include <unordered_map>
#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/report/clocks.h"
#include "services/ombudsman/store.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Event;
using notify::Notification;
using notify::Placeholder;

// The reporter asks for the Ombudsman, or agrees.
bool IsConsent(const Event& event) {
  return event.has_escalation_consented() || event.has_escalation_requested();
}

// A code that the reference data has given up since is the head office's.
const policy::Office& OfficeOf(const policy::Offices& offices, const std::string& code) {
  const auto office = offices.find(code);
  return (office == offices.end() ? offices.find(policy::kHeadOffice) : office)->second;
}

}  // namespace

std::vector<notify::TemplateSpec> NoticeTemplates() {
  const Placeholder report = Placeholder::Text("report"), agency = Placeholder::Text("agency");
  const Placeholder clock = Placeholder::Word("clock", report::v1::Clock_descriptor()),
                    due = Placeholder::Day("due");
  return {
      {"ombudsman-case", {report, agency}},
      {"ombudsman-rapid", {report, agency}},
      {"ombudsman-transferred", {report, agency}},
      {"ombudsman-reminder", {report, agency, clock, due, Placeholder::Text("percent")}},
      {"ombudsman-breach", {report, agency, clock, due}},
      {"ombudsman-reply", {report, agency, Placeholder::Text("document")}},
      {"ombudsman-digest", {agency, Placeholder::Text("count"), Placeholder::Text("items")}},
  };
}

std::optional<Notification> NoticeOf(const Event& event, const policy::Office& office, bool check_owed) {
  // A case in the rapid-response lane waited for its reporter all the same, and reaches no stage when they
  // agree.
  const bool check_begins = IsConsent(event) && check_owed;
  if (event.producer() != "ombudsman" && !check_begins) return std::nullopt;
  Notification notice{.agency_id = office.code, .report_id = event.subject()};
  const auto tell = [&](const char* name, bool at_once) {
    notice.template_name = std::string(kNoticePrefix) + name;
    notice.in_digest = !at_once;
    return notice;
  };
  const auto of_clock = [&](const auto& told) {
    notice.parameters["clock"] = report::v1::Clock_Name(told.clock());
    notice.parameters["due"] = notify::LastDay(decision::FromProto(told.due_at()), office.time_zone);
  };
  if (check_begins) return tell("case", false);
  switch (static_cast<int>(event.payload_case())) {
    case Event::kEscalationStageReached:
      // The other stages it has reached by itself; before this one the case waits for the reporter.
      if (event.escalation_stage_reached().stage() != event::v1::ESCALATION_STAGE_FORMAL_CHECK)
        return std::nullopt;
      return tell("case", false);
    case Event::kRapidResponseOpened:
      return tell("rapid", true);
    case Event::kEscalationTransferred:
      return tell("transferred", false);
    case Event::kClockReminded:
      // Else it is the turn of who has the letter, and where that is an agency, routing tells its officers.
      if (!report::IsOmbudsmanTerm(event.clock_reminded().clock())) return std::nullopt;
      of_clock(event.clock_reminded());
      notice.parameters["percent"] = std::to_string(event.clock_reminded().percent());
      return tell("reminder", false);
    case Event::kClockBreached:
      // A letter's too: what follows is for the office to decide.
      of_clock(event.clock_breached());
      return tell("breach", true);
    case Event::kDocumentReplied:
      notice.parameters["document"] = event.document_replied().document_number();
      return tell("reply", false);
    default:
      return std::nullopt;
  }
}

std::function<void(pg::Tx&, const std::vector<const Event*>&)> TellOffices(
    policy::Offices offices, std::shared_ptr<const notify::Outbox> outbox) {
  return [offices = std::move(offices), outbox = std::move(outbox)](pg::Tx& tx,
                                                                    const std::vector<const Event*>& events) {
    std::vector<std::string> report_ids;
    for (const Event* event : events) {
      if (event->producer() == "ombudsman" || IsConsent(*event)) report_ids.push_back(event->subject());
    }
    if (report_ids.empty()) return;
    const std::unordered_map<std::string, CaseOffice> cases = FindOffices(tx, report_ids);
    std::vector<notify::Outbox::Told> notices;
    for (const Event* event : events) {
      const auto found = cases.find(event->subject());
      if (found == cases.end()) continue;
      const auto& [code, check_owed] = found->second;
      if (auto notice = NoticeOf(*event, OfficeOf(offices, code), check_owed))
        notices.push_back({event, *std::move(notice)});
    }
    outbox->Add(tx, notices);
  };
}

notify::Sender::Resolve FindContacts(policy::Offices offices) {
  return [offices = std::move(offices)](const std::string& code,
                                        const std::string&) -> absl::StatusOr<notify::Recipient> {
    const auto office = offices.find(code);
    if (office == offices.end()) return notify::Recipient{.contacts = {}, .agency_name = code};
    notify::Recipient recipient{.contacts = {}, .agency_name = office->second.name};
    for (const std::string& contact : office->second.contacts)
      recipient.contacts.push_back(notify::Contact::Of(contact));
    return recipient;
  };
}

}  // namespace lapor::ombudsman
