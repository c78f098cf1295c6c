#include "services/intake/notices.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/notify/testing/shipped_texts.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using event::v1::Event;
using Parameters = std::map<std::string, std::string>;

// The end of 20 March 2026 in the zone WITA.
google::protobuf::Timestamp EndOfDay() {
  return decision::ToProto(absl::FromCivil(absl::CivilDay(2026, 3, 21), absl::FixedTimeZone(8 * 3600)));
}

// Of an event about a report: what its reporter is told, as "answered due=2026-03-20"; empty for nothing.
std::string Told(const Event& event) {
  Event about = event;
  about.set_subject(Story::kId);
  const auto notice = NoticeOf(about, report::v1::TIME_ZONE_WITA);
  if (!notice) return "";
  CHECK(notice->agency_id.empty());
  CHECK_FALSE(notice->in_digest);
  CHECK(notice->report_id == Story::kId);
  CHECK(notice->child == event.child());
  REQUIRE(notice->template_name.starts_with(kNoticePrefix));
  std::string told = notice->template_name.substr(std::string_view(kNoticePrefix).size());
  for (const auto& [name, value] : notice->parameters) told += " " + name + "=" + value;
  return told;
}

TEST_CASE("a reporter is told what waits for them, and until when") {
  Event event;
  *event.mutable_completion_requested()->mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "completion-asked due=2026-03-20");

  auto& reminded = *event.mutable_clock_reminded();
  reminded.set_clock(report::v1::CLOCK_COMPLETION);
  *reminded.mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "reminder clock=CLOCK_COMPLETION due=2026-03-20");
  reminded.set_agency_id("id.32");  // whose turn it is
  CHECK(Told(event).empty());
  reminded.clear_agency_id();
  reminded.set_clock(report::v1::CLOCK_VERIFICATION);  // the administrators'
  CHECK(Told(event).empty());

  auto& response = *event.mutable_response_given();
  response.set_kind(event::v1::RESPONSE_KIND_QUESTION);
  *response.mutable_question_due_at() = EndOfDay();
  CHECK(Told(event) == "question due=2026-03-20");
  response.set_kind(event::v1::RESPONSE_KIND_FINAL);
  CHECK(Told(event) == "answered");
  *response.mutable_reaction_due_at() = EndOfDay();
  CHECK(Told(event) == "answered due=2026-03-20");

  event.mutable_escalation_opened();
  CHECK(Told(event).empty());
  event.mutable_escalation_opened()->set_consent_needed(true);
  CHECK(Told(event) == "escalation-proposed");
}

TEST_CASE("a reporter is told where the report stands") {
  Event event;
  event.mutable_agency_assigned()->set_agency_id("id.32");
  CHECK(Told(event) == "assigned");
  event.mutable_agency_assigned()->set_carried_over(true);
  CHECK(Told(event).empty());

  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_INTERIM);
  CHECK(Told(event) == "progress");
  event.mutable_response_given()->set_promised_on("2026-04-01");
  CHECK(Told(event) == "progress promised=2026-04-01");

  *event.mutable_case_closed()->mutable_reopen_until() = EndOfDay();
  CHECK(Told(event) == "closed due=2026-03-20");
  event.mutable_case_reopened();
  CHECK(Told(event) == "reopened");
  event.mutable_case_reopened()->set_answer_stands(true);
  CHECK(Told(event).empty());

  event.mutable_report_archived()->set_reason(report::v1::ARCHIVE_REASON_BEFORE_COURT);
  CHECK(Told(event) == "archived reason=ARCHIVE_REASON_BEFORE_COURT");
  *event.mutable_report_archived()->mutable_contest_until() = EndOfDay();
  CHECK(Told(event) == "archived due=2026-03-20 reason=ARCHIVE_REASON_BEFORE_COURT");

  event.mutable_escalation_stage_reached()->set_stage(event::v1::ESCALATION_STAGE_EXAMINATION);
  CHECK(Told(event) == "escalation-stage stage=ESCALATION_STAGE_EXAMINATION");
  event.mutable_escalation_stage_reached()->set_stage(event::v1::ESCALATION_STAGE_PROPOSED);
  CHECK(Told(event).empty());
  event.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_SETTLED);
  CHECK(Told(event) == "escalation-outcome outcome=ESCALATION_OUTCOME_SETTLED");

  event.mutable_clock_moved()->set_clock(report::v1::CLOCK_RESOLUTION);
  *event.mutable_clock_moved()->mutable_due_at() = EndOfDay();
  CHECK(Told(event) == "date-moved clock=CLOCK_RESOLUTION due=2026-03-20");
  event.mutable_clock_moved()->set_clock(report::v1::CLOCK_SUMMONS);
  CHECK(Told(event).empty());
}

TEST_CASE("of another agency's part a reporter is told what it asks and answers, and no more") {
  Event event;
  event.set_child(2);
  event.mutable_agency_assigned();
  CHECK(Told(event).empty());
  event.mutable_case_closed();
  CHECK(Told(event).empty());
  event.mutable_case_reopened();
  CHECK(Told(event).empty());
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  CHECK(Told(event) == "progress");
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
  *event.mutable_response_given()->mutable_question_due_at() = EndOfDay();
  CHECK(Told(event) == "question due=2026-03-20");
}

TEST_CASE("the texts that are shipped tell reporters everything, in both languages") {
  notify::testing::CheckShippedTexts(kNoticePrefix, NoticeTemplates(), "<report>");
}

}  // namespace
}  // namespace lapor::intake
