#include "services/routing/subscriber.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using event::v1::Event;

const absl::Time kAt = At("2025-03-05T10:00+07:00");

Event EventAt() {
  Event event;
  *event.mutable_occurred_at() = decision::ToProto(kAt);
  return event;
}

TEST_CASE("a submission is received at the time at which the reporter filed it") {
  Event event = EventAt();
  event.mutable_report_submitted()->set_region("32.73");
  const auto command = std::get<ReceiveReport>(OnEvent(event).value());
  CHECK(command.report.region() == "32.73");
  CHECK(command.at == kAt);
}

TEST_CASE("a completion brings its codes and its time") {
  Event event = EventAt();
  event.mutable_report_completed()->set_category("roads");
  event.mutable_report_completed()->set_region("81");
  const auto command = std::get<ReceiveCompletion>(OnEvent(event).value());
  CHECK(command.category == "roads");
  CHECK(command.region == "81");
  CHECK(command.at == kAt);
}

TEST_CASE("contest, withdrawal, closing and reopening are told apart") {
  Event event = EventAt();
  event.mutable_archive_contested();
  CHECK(std::get<ContestArchive>(OnEvent(event).value()).at == kAt);
  event.mutable_report_withdrawn();
  CHECK(std::get<WithdrawReport>(OnEvent(event).value()).at == kAt);
  event.mutable_case_closed();
  CHECK(std::get<EndRoute>(OnEvent(event).value()).at == kAt);
  event.mutable_case_reopened();
  CHECK(std::get<ReopenRoute>(OnEvent(event).value()).at == kAt);
}

TEST_CASE("every other event means nothing to routing") {
  const auto* payload = Event::descriptor()->FindOneofByName("payload");
  int with_meaning = 0;
  for (int i = 0; i < payload->field_count(); ++i) {
    Event event = EventAt();
    event.GetReflection()->MutableMessage(&event, payload->field(i));
    if (OnEvent(event).has_value()) ++with_meaning;
  }
  CHECK(with_meaning == 10);
  CHECK_FALSE(OnEvent(Event()).has_value());
}

TEST_CASE("a deadline means what its clock says; of a delivery, with the time for which it was set") {
  CHECK(std::holds_alternative<PassVerification>(OnDeadline(report::v1::CLOCK_VERIFICATION, kAt, 0)));
  CHECK(std::holds_alternative<PassCompletion>(OnDeadline(report::v1::CLOCK_COMPLETION, kAt, 0)));
  CHECK(std::get<PassDelivery>(OnDeadline(report::v1::CLOCK_DELIVERY, kAt, 0)).due_at == kAt);
}

}  // namespace
}  // namespace lapor::routing
