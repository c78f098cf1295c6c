#include "services/ombudsman/notices.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/notify/testing/shipped_texts.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Event;

const policy::Office kPapua{.code = "papua",
                            .name = "Papua",
                            .time_zone = report::v1::TIME_ZONE_WIT,
                            .provinces = {},
                            .contacts = {}};

// The end of 20 March 2026 in the zone of the office.
google::protobuf::Timestamp EndOfDay() {
  return decision::ToProto(absl::FromCivil(absl::CivilDay(2026, 3, 21), absl::FixedTimeZone(9 * 3600)));
}

// What the office is told, as "at once: breach due=2026-03-20"; empty for nothing.
std::string Told(Event event, const std::string& producer = "ombudsman", bool check_owed = false) {
  event.set_subject("7K3M9QXT2B54");
  event.set_producer(producer);
  const auto notice = NoticeOf(event, kPapua, check_owed);
  if (!notice) return "";
  CHECK(notice->report_id == "7K3M9QXT2B54");
  CHECK(notice->agency_id == "papua");
  REQUIRE(notice->template_name.starts_with(kNoticePrefix));
  std::string told = (notice->in_digest ? "later: " : "at once: ") +
                     notice->template_name.substr(std::string_view(kNoticePrefix).size());
  for (const auto& [name, value] : notice->parameters) told += " " + name + "=" + value;
  return told;
}

TEST_CASE("an office is told what waits for it, and at once what has run out or can't wait") {
  Event event;
  event.mutable_escalation_opened()->set_consent_needed(true);
  CHECK(Told(event).empty());  // it waits for the reporter
  event.mutable_escalation_stage_reached()->set_stage(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  CHECK(Told(event) == "later: case");
  event.mutable_escalation_stage_reached()->set_stage(event::v1::ESCALATION_STAGE_EXAMINATION);
  CHECK(Told(event).empty());  // it did that itself
  event.mutable_rapid_response_opened();
  CHECK(Told(event) == "at once: rapid");
  event.mutable_escalation_transferred()->set_to_office("papua");
  CHECK(Told(event) == "later: transferred");
  event.mutable_document_replied()->set_document_number("7K3M9QXT2B54-1/01");
  CHECK(Told(event) == "later: reply document=7K3M9QXT2B54-1/01");
}

TEST_CASE("an office is told of the consent that the check of its rapid case waits for, and of no other") {
  Event event;
  event.mutable_escalation_consented();
  CHECK(Told(event, "intake", true) == "later: case");
  CHECK(Told(event, "intake", false).empty());  // the formal check is reached, and that is told
  event.mutable_escalation_requested();
  CHECK(Told(event, "intake", true) == "later: case");
  event.mutable_reporter_replied();
  CHECK(Told(event, "intake", true).empty());
}

TEST_CASE("an office is reminded of its own terms, and told of all that ran out before it, of no agency's") {
  Event event;
  auto& reminded = *event.mutable_clock_reminded();
  reminded.set_clock(report::v1::CLOCK_OMBUDSMAN_CHECK);
  reminded.set_percent(80);
  *reminded.mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "later: reminder clock=CLOCK_OMBUDSMAN_CHECK due=2026-03-20 percent=80");
  reminded.set_clock(report::v1::CLOCK_CLARIFICATION);
  reminded.set_agency_id("id.91");
  CHECK(Told(event).empty());
  // Nor of a letter to somebody who is no agency.
  reminded.clear_agency_id();
  CHECK(Told(event).empty());

  auto& breached = *event.mutable_clock_breached();
  breached.set_clock(report::v1::CLOCK_CLARIFICATION);
  breached.set_agency_id("id.91");
  *breached.mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "at once: breach clock=CLOCK_CLARIFICATION due=2026-03-20");
  CHECK(Told(event, "followup").empty());
}

TEST_CASE("the texts that are shipped tell offices everything, in both languages") {
  notify::testing::CheckShippedTexts(kNoticePrefix, NoticeTemplates(), "<agency>");
}

}  // namespace
}  // namespace lapor::ombudsman
