#include "services/routing/notices.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/notify/testing/shipped_texts.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using event::v1::Event;

// The end of 20 March 2026 in the zone of id.81.
google::protobuf::Timestamp EndOfDay() {
  return decision::ToProto(absl::FromCivil(absl::CivilDay(2026, 3, 21), absl::FixedTimeZone(9 * 3600)));
}

// Whom an event is told, and what, as "id.81 at once: breach due=2026-03-20"; empty for nobody.
std::string Told(const Event& event, const std::string& holder = "") {
  Event about = event;
  about.set_subject(kReportId);
  const auto notice = NoticeOf(about, holder, CountryRegistry());
  if (!notice) return "";
  CHECK(notice->report_id == kReportId);
  CHECK(notice->child == event.child());
  REQUIRE(notice->template_name.starts_with(kNoticePrefix));
  std::string told = notice->agency_id + (notice->in_digest ? ": " : " at once: ") +
                     notice->template_name.substr(std::string_view(kNoticePrefix).size());
  for (const auto& [name, value] : notice->parameters) told += " " + name + "=" + value;
  return told;
}

TEST_CASE("officers are told of what they have to do, what can wait in a digest") {
  Event event;
  event.mutable_agency_assigned()->set_agency_id("id.32");
  CHECK(Told(event) == "id.32: assigned");
  event.set_child(1);
  CHECK(Told(event) == "id.32: assigned");
  event.clear_child();

  auto& reminded = *event.mutable_clock_reminded();
  reminded.set_clock(report::v1::CLOCK_RESOLUTION);
  reminded.set_percent(80);
  *reminded.mutable_due_at() = EndOfDay();
  CHECK(Told(event).empty());  // the reporter's turn, or the administrators'
  reminded.set_agency_id("id.81");
  CHECK(Told(event) == "id.81: reminder clock=CLOCK_RESOLUTION due=2026-03-20 percent=80");

  event.mutable_reporter_replied();
  CHECK(Told(event, "id.32.73") == "id.32.73: reply");
  CHECK(Told(event, kRootAgencyId).empty());
  CHECK(Told(event).empty());

  event.mutable_question_ended()->set_ending(event::v1::QUESTION_ENDING_REPLIED);
  CHECK(Told(event, "id.32.73").empty());  // told of the reply itself
  event.set_child(2);
  CHECK(Told(event, "id.81") == "id.81: reply");
  CHECK(Told(event, kRootAgencyId).empty());
  event.mutable_question_ended()->set_ending(event::v1::QUESTION_ENDING_DROPPED);
  CHECK(Told(event, "id.81").empty());
  event.clear_child();

  event.mutable_case_reopened()->set_agency_id("id.32");
  CHECK(Told(event) == "id.32: reopened");
  event.mutable_case_reopened()->set_answer_stands(true);
  CHECK(Told(event).empty());
}

TEST_CASE("what has run out, an appeal and what the Ombudsman sends is told at once") {
  Event event;
  auto& breached = *event.mutable_clock_breached();
  breached.set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  breached.set_agency_id("id.81");
  *breached.mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "id.81 at once: breach clock=CLOCK_FIRST_RESPONSE due=2026-03-20");
  // It is owed to the Ombudsman, and nobody above the agency is told.
  breached.set_clock(report::v1::CLOCK_SUMMONS);
  CHECK(Told(event) == "id.81 at once: ombudsman-breach clock=CLOCK_SUMMONS due=2026-03-20");
  breached.clear_agency_id();
  CHECK(Told(event).empty());  // to somebody who is no agency

  auto& raised = *event.mutable_breach_raised();
  raised.set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  raised.set_supervisor_agency_id("id.81");
  *raised.mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "id.81 at once: breach-raised clock=CLOCK_FIRST_RESPONSE due=2026-03-20");
  raised.set_agency_id("id.32.73");
  CHECK(Told(event) ==
        "id.81 at once: breach-raised clock=CLOCK_FIRST_RESPONSE due=2026-03-20 owing=id.32.73");

  *event.mutable_verification_overdue()->mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "id at once: verification-overdue due=2026-03-20");

  event.mutable_appeal_opened()->set_supervisor_agency_id("id.81");
  *event.mutable_appeal_opened()->mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "id.81 at once: appeal due=2026-03-20");

  event.mutable_document_issued()->set_agency_id("id.32");
  CHECK(Told(event).empty());  // it has not been delivered
  event.mutable_document_delivered()->set_document_number("7K3M9QXT2B54-1/03");
  event.mutable_document_delivered()->set_kind(event::v1::DOCUMENT_KIND_SUMMONS);
  CHECK(Told(event).empty());  // to somebody who is no agency
  event.mutable_document_delivered()->set_agency_id("id.32");
  CHECK(Told(event) == "id.32 at once: document document=7K3M9QXT2B54-1/03 kind=DOCUMENT_KIND_SUMMONS");
}

TEST_CASE("the texts that are shipped tell officers everything, in both languages") {
  notify::testing::CheckShippedTexts(kNoticePrefix, NoticeTemplates(), "<agency>");
}

}  // namespace
}  // namespace lapor::routing
