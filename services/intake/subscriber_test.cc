#include "services/intake/subscriber.h"

#include <catch2/catch.hpp>
#include <set>

#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using event::v1::Event;

// An event with an empty payload of this kind.
Event WithPayload(const google::protobuf::FieldDescriptor* payload) {
  Event event = EventOf("someone");
  event.GetReflection()->MutableMessage(&event, payload);
  return event;
}

TEST_CASE("every event of another service about a report goes into the timeline, and none of intake's own") {
  const std::set<std::string> own = {"report_submitted",     "report_completed", "reporter_replied",
                                     "reporter_reacted",     "report_withdrawn", "escalation_requested",
                                     "escalation_consented", "attachment_added", "archive_contested",
                                     "reopening_requested",  "closing_appealed"};
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    const auto* payload = payloads->field(i);
    CAPTURE(payload->name());
    const Event event = WithPayload(payload);
    const auto command = OnEvent(event);
    if (own.contains(payload->name()) || payload->name() == "agency_recorded") {
      CHECK_FALSE(command.has_value());
      continue;
    }
    REQUIRE(command.has_value());
    Story story;
    REQUIRE(story.Tell(*command).ok());
    REQUIRE(RowsOf<TimelineRow>(story).size() == 1);
    CHECK(RowsOf<TimelineRow>(story)[0].event.SerializeAsString() == event.SerializeAsString());
  }
}

TEST_CASE("what happens to a child assignment shows in the timeline and leaves the report as it is") {
  for (const char* name :
       {"agency_assigned", "assignment_accepted", "assignment_returned", "arbitration_requested",
        "assignment_fell_back", "case_opened", "response_given", "clock_breached", "case_closed",
        "question_ended", "case_delegated", "appeal_decided", "case_reopened", "child_assignment_ended"}) {
    for (const report::v1::ReportStatus status :
         {report::v1::REPORT_STATUS_RECEIVED, report::v1::REPORT_STATUS_IN_PROCESS,
          report::v1::REPORT_STATUS_ANSWERED, report::v1::REPORT_STATUS_CLOSED}) {
      CAPTURE(name, status);
      Event event = WithPayload(Event::descriptor()->FindFieldByName(name));
      REQUIRE(event.payload_case() != Event::PAYLOAD_NOT_SET);
      event.set_child(1);
      if (event.has_response_given())
        event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
      Story story;
      Event leading = EventOf("routing");
      leading.mutable_agency_assigned()->set_agency_id("id.32.73");
      REQUIRE(story.Tell(*OnEvent(leading)).ok());
      story.Force(status);
      REQUIRE(story.Tell(*OnEvent(event)).ok());
      CHECK(story.report().status == status);
      CHECK(story.report().agency_id == "id.32.73");
      CHECK(story.report().arbiter_agency_id.empty());
      REQUIRE(RowsOf<TimelineRow>(story).size() == 1);
      CHECK(RowsOf<TimelineRow>(story)[0].event.child() == 1);
    }
  }
}

TEST_CASE("an arbitration takes the report from the agency as a return does") {
  Event event = EventOf("routing");
  event.mutable_arbitration_requested();
  CHECK(std::holds_alternative<MarkReturned>(*OnEvent(event)));
}

TEST_CASE("an event without payload means nothing") { CHECK_FALSE(OnEvent(EventOf("routing")).has_value()); }

}  // namespace
}  // namespace lapor::intake
