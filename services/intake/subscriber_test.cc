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
                                     "escalation_consented", "attachment_added", "archive_contested"};
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

TEST_CASE("an arbitration takes the report from the agency as a return does") {
  Event event = EventOf("routing");
  event.mutable_arbitration_requested();
  CHECK(std::holds_alternative<MarkReturned>(*OnEvent(event)));
}

TEST_CASE("an event without payload means nothing") { CHECK_FALSE(OnEvent(EventOf("routing")).has_value()); }

}  // namespace
}  // namespace lapor::intake
