#include "services/ombudsman/subscriber.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Event;
using testing::Wib;

Event Happened() {
  Event event;
  *event.mutable_occurred_at() = decision::ToProto(Wib("2025-06-04 10:00"));
  return event;
}

TEST_CASE("each event means what the README says") {
  const auto kind = [](auto fill) {
    Event event = Happened();
    fill(event);
    const auto command = OnEvent(event);
    return command ? NameOf(KindOf(*command)) : "";
  };
  CHECK(kind([](Event& e) { e.mutable_report_submitted(); }) == "RegisterReport");
  CHECK(kind([](Event& e) { e.mutable_agency_assigned(); }) == "RecordAssignment");
  CHECK(kind([](Event& e) { e.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION); }) ==
        "RecordBreach");
  CHECK(kind([](Event& e) { e.mutable_reporter_reacted(); }) == "RecordReaction");
  CHECK(kind([](Event& e) { e.mutable_case_closed(); }) == "RecordClosing");
  CHECK(kind([](Event& e) { e.mutable_case_reopened(); }) == "RecordReopening");
  CHECK(kind([](Event& e) { e.mutable_verification_overdue(); }) == "RecordBreach");
  CHECK(kind([](Event& e) { e.mutable_report_archived(); }) == "RecordArchiving");
  CHECK(kind([](Event& e) { e.mutable_report_restored(); }) == "RecordRestoring");
  CHECK(kind([](Event& e) { e.mutable_escalation_requested(); }) == "RequestEscalation");
  CHECK(kind([](Event& e) { e.mutable_escalation_consented(); }) == "ConsentToEscalation");
  CHECK(kind([](Event& e) { e.mutable_report_withdrawn(); }) == "WithdrawReport");
  CHECK(kind([](Event& e) { e.mutable_appeal_decided(); }) == "RecordReaction");
  CHECK(kind([](Event& e) { e.mutable_appeal_decided()->set_granted(true); }).empty());
  CHECK(kind([](Event& e) { e.mutable_assignment_returned(); }).empty());
  CHECK(kind([](Event& e) { e.mutable_escalation_opened(); }).empty());
  CHECK(kind([](Event&) {}).empty());
}

TEST_CASE("of a child assignment only its clock that ran out is heard, as its agency's neglect") {
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    const auto* field = payloads->field(i);
    CAPTURE(field->name());
    Event event = Happened();
    event.set_child(1);
    event.GetReflection()->MutableMessage(&event, field);
    if (event.has_clock_breached()) event.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION);
    CHECK(OnEvent(event).has_value() == (field->name() == "clock_breached"));
  }
  Event breached = Happened();
  breached.set_child(1);
  breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  breached.mutable_clock_breached()->set_agency_id("id.32.73.dinkes");
  CHECK(std::get<RecordBreach>(*OnEvent(breached)).agency_id == "id.32.73.dinkes");
}

TEST_CASE("a clock of the Ombudsman's own case proposes no other one") {
  for (const auto clock : {report::v1::CLOCK_OMBUDSMAN_CHECK, report::v1::CLOCK_CLARIFICATION,
                           report::v1::CLOCK_CORRECTIVE_ACTION, report::v1::CLOCK_RECOMMENDATION}) {
    Event breached = Happened();
    breached.mutable_clock_breached()->set_clock(clock);
    CHECK_FALSE(OnEvent(breached));
  }
}

TEST_CASE("commands carry what the grounds are judged by, and the time of the event") {
  Event submitted = Happened();
  submitted.mutable_report_submitted()->set_policy_version("2024.1");
  submitted.mutable_report_submitted()->set_identity_known(true);
  const auto registered = std::get<RegisterReport>(*OnEvent(submitted));
  CHECK(registered.at == Wib("2025-06-04 10:00"));
  CHECK(registered.policy_version == "2024.1");
  CHECK(registered.identity_known);

  Event breached = Happened();
  breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION);
  breached.mutable_clock_breached()->set_agency_id("id.32");
  const auto breach = std::get<RecordBreach>(*OnEvent(breached));
  CHECK(breach.clock == report::v1::CLOCK_RESOLUTION);
  CHECK(breach.agency_id == "id.32");

  Event overdue = Happened();
  overdue.mutable_verification_overdue();
  const auto neglect = std::get<RecordBreach>(*OnEvent(overdue));
  CHECK(neglect.clock == report::v1::CLOCK_VERIFICATION);
  CHECK(neglect.agency_id == kNationalAdministrators);

  Event assigned = Happened();
  assigned.mutable_agency_assigned()->set_agency_id("id.32");
  CHECK(std::get<RecordAssignment>(*OnEvent(assigned)).agency_id == "id.32");
  CHECK_FALSE(std::get<RecordAssignment>(*OnEvent(assigned)).carried_over);
  assigned.mutable_agency_assigned()->set_carried_over(true);
  CHECK(std::get<RecordAssignment>(*OnEvent(assigned)).carried_over);

  Event requested = Happened();
  requested.mutable_escalation_requested()->set_identity_known(true);
  requested.mutable_escalation_requested()->set_name_secret(true);
  requested.mutable_escalation_requested()->set_direct(true);
  requested.mutable_escalation_requested()->mutable_declarations()->set_before_court(true);
  const auto request = std::get<RequestEscalation>(*OnEvent(requested));
  CHECK(request.identity_known);
  CHECK(request.name_secret);
  CHECK(request.direct);
  CHECK(request.declarations.before_court());

  Event consented = Happened();
  consented.mutable_escalation_consented()->set_name_secret(true);
  consented.mutable_escalation_consented()->mutable_declarations()->set_citizen_or_resident(true);
  const auto consent = std::get<ConsentToEscalation>(*OnEvent(consented));
  CHECK(consent.name_secret);
  CHECK(consent.declarations.citizen_or_resident());

  Event closed = Happened();
  closed.mutable_case_closed()->set_closing(event::v1::CLOSING_BY_REPORTER);
  CHECK(std::get<RecordClosing>(*OnEvent(closed)).closing == event::v1::CLOSING_BY_REPORTER);
}

}  // namespace
}  // namespace lapor::ombudsman
