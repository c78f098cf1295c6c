#include "services/followup/subscriber.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using testing::Wib;

Event Happened() {
  Event event;
  *event.mutable_occurred_at() = decision::ToProto(Wib("2025-06-04 10:00"));
  return event;
}

TEST_CASE("a submission registers the report with all that its clocks depend on") {
  Event event = Happened();
  event::v1::ReportSubmitted& submitted = *event.mutable_report_submitted();
  submitted.set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  submitted.set_supervision(true);
  submitted.set_category("roads");
  submitted.set_region("32.73");
  submitted.set_policy_version("2024.1");

  const auto command = OnEvent(event);
  REQUIRE(command.has_value());
  const auto& registered = std::get<RegisterReport>(*command);
  CHECK(registered.at == Wib("2025-06-04 10:00"));
  CHECK(registered.report_class == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK(registered.supervision);
  CHECK(registered.category == "roads");
  CHECK(registered.region == "32.73");
  CHECK(registered.policy_version == "2024.1");
}

TEST_CASE("an assignment names the agency and its zone, and who decided it") {
  Event event = Happened();
  *event.mutable_actor() = testing::ActorOf(report::v1::ROLE_AGENCY_ADMIN, "id.92");
  event.mutable_agency_assigned()->set_agency_id("id.91");
  event.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIT);
  const auto command = OnEvent(event);
  const auto& assigned = std::get<AssignAgency>(*command);
  CHECK(assigned.at == Wib("2025-06-04 10:00"));
  CHECK(assigned.agency_id == "id.91");
  CHECK(assigned.time_zone == report::v1::TIME_ZONE_WIT);
  CHECK(assigned.by.role() == report::v1::ROLE_AGENCY_ADMIN);
  CHECK(assigned.by.agency_id() == "id.92");
}

// One of each that means anything, about that child.
std::vector<Event> AllEvents(int child) {
  std::vector<Event> events;
  const google::protobuf::OneofDescriptor& payload = *Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payload.field_count(); ++i) {
    Event event = Happened();
    event.set_child(child);
    event.GetReflection()->MutableMessage(&event, payload.field(i));
    events.push_back(event);
  }
  return events;
}

TEST_CASE("an event about a child assignment is about that child or means nothing, never about the report") {
  std::vector<std::string> heard;
  for (const Event& event : AllEvents(3)) {
    const auto command = OnEvent(event);
    if (!command) continue;
    CHECK(ChildOf(*command) == 3);
    heard.push_back(NameOf(KindOf(*command)));
  }
  CHECK(heard == std::vector<std::string>{"AssignAgency", "LeaveAgency", "LeaveAgency", "EndCase"});
  for (const Event& event : AllEvents(0)) {
    const auto command = OnEvent(event);
    if (command) CHECK(ChildOf(*command) == 0);
  }
}

TEST_CASE("the end of a child assignment that names no child ends no report") {
  Event event = Happened();
  event.mutable_child_assignment_ended();
  CHECK_FALSE(OnEvent(event).has_value());
}

TEST_CASE("the assignment of a child says which, and what its part is about") {
  Event event = Happened();
  event.set_child(2);
  event.mutable_agency_assigned()->set_agency_id("id.91");
  event.mutable_agency_assigned()->set_category("health");
  const auto command = OnEvent(event);
  const auto& assigned = std::get<AssignAgency>(*command);
  CHECK(assigned.child == 2);
  CHECK(assigned.category == "health");
}

TEST_CASE("a follower brings the starts that it has, to the microsecond") {
  Event event = Happened();
  CHECK_FALSE(event.mutable_follower_joined()->has_verified_at());
  auto command = OnEvent(event);
  CHECK_FALSE(std::get<TakeFollower>(*command).verified_at.has_value());
  CHECK_FALSE(std::get<TakeFollower>(*command).assigned_at.has_value());

  const absl::Time verified = Wib("2025-06-02 09:00") + absl::Microseconds(123457);
  *event.mutable_follower_joined()->mutable_verified_at() = decision::ToProto(verified);
  command = OnEvent(event);
  CHECK(std::get<TakeFollower>(*command).verified_at == verified);
  CHECK_FALSE(std::get<TakeFollower>(*command).assigned_at.has_value());

  *event.mutable_follower_joined()->mutable_assigned_at() =
      decision::ToProto(verified + absl::Microseconds(1));
  command = OnEvent(event);
  CHECK(std::get<TakeFollower>(*command).assigned_at == verified + absl::Microseconds(1));
}

TEST_CASE("what was unmerged because it is over doesn't go on, everything else does") {
  const auto over = [](event::v1::UnmergeReason reason) {
    Event event = Happened();
    event.mutable_report_unmerged()->set_reason(reason);
    return std::get<UnmergeCase>(*OnEvent(event)).over;
  };
  CHECK(over(event::v1::UNMERGE_REASON_WITHDRAWN));
  CHECK(over(event::v1::UNMERGE_REASON_CLOSED));
  CHECK_FALSE(over(event::v1::UNMERGE_REASON_ADMINISTRATOR));
  CHECK_FALSE(over(event::v1::UNMERGE_REASON_LEAD_GONE));
  CHECK_FALSE(over(event::v1::UNMERGE_REASON_ESCALATED));
  CHECK_FALSE(over(event::v1::UNMERGE_REASON_UNSPECIFIED));
}

TEST_CASE("each event means what the README says") {
  const auto kind = [](auto fill) {
    Event event = Happened();
    fill(event);
    const auto command = OnEvent(event);
    return command ? NameOf(KindOf(*command)) : "";
  };
  CHECK(kind([](Event& e) { e.mutable_report_verified(); }) == "RecordVerification");
  CHECK(kind([](Event& e) { e.mutable_assignment_returned(); }) == "LeaveAgency");
  CHECK(kind([](Event& e) { e.mutable_arbitration_requested(); }) == "LeaveAgency");
  CHECK(kind([](Event& e) { e.mutable_reporter_replied(); }) == "RecordReply");
  CHECK(kind([](Event& e) { e.mutable_reporter_reacted(); }) == "RecordReaction");
  CHECK(kind([](Event& e) { e.mutable_report_withdrawn(); }) == "EndCase");
  CHECK(kind([](Event& e) { e.mutable_report_archived(); }) == "ArchiveCase");
  CHECK(kind([](Event& e) { e.mutable_report_restored(); }) == "RestoreCase");
  CHECK(kind([](Event& e) { e.mutable_archive_contested(); }).empty());
  CHECK(kind([](Event& e) { e.mutable_report_merged(); }) == "MergeCase");
  CHECK(kind([](Event& e) { e.mutable_report_unmerged(); }) == "UnmergeCase");
  CHECK(kind([](Event& e) { e.mutable_follower_joined(); }) == "TakeFollower");
  CHECK(kind([](Event& e) { e.mutable_reopening_requested(); }) == "RecordReopeningRequest");
  CHECK(kind([](Event& e) { e.mutable_closing_appealed(); }) == "RecordAppeal");
  CHECK(kind([](Event& e) { e.mutable_attachment_added(); }).empty());
  CHECK(kind([](Event& e) { e.mutable_report_completed(); }).empty());
  CHECK(kind([](Event& e) { e.mutable_escalation_requested(); }) == "RecordEscalation");
  CHECK(kind([](Event& e) { e.mutable_escalation_consented(); }) == "RecordEscalation");
  CHECK(kind([](Event& e) { e.mutable_escalation_opened(); }) == "RecordEscalation");
  CHECK(kind([](Event& e) { e.mutable_escalation_opened()->set_consent_needed(true); }).empty());
  CHECK(kind([](Event& e) { e.mutable_escalation_closed(); }) == "RecordEscalationOutcome");
  CHECK(kind([](Event& e) { e.mutable_assignment_accepted(); }).empty());
  CHECK(kind([](Event& e) { e.mutable_response_given(); }).empty());
  CHECK(kind([](Event&) {}).empty());
}

TEST_CASE("what the reporter thinks and what the Ombudsman found come through") {
  Event reaction = Happened();
  reaction.mutable_reporter_reacted()->set_satisfied(true);
  CHECK(std::get<RecordReaction>(*OnEvent(reaction)).satisfied);
  reaction.mutable_reporter_reacted()->set_satisfied(false);
  CHECK_FALSE(std::get<RecordReaction>(*OnEvent(reaction)).satisfied);

  Event closed = Happened();
  closed.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_RESOLVED);
  CHECK(std::get<RecordEscalationOutcome>(*OnEvent(closed)).outcome ==
        event::v1::ESCALATION_OUTCOME_RESOLVED);
}

}  // namespace
}  // namespace lapor::followup
