#include "services/routing/delivery.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/routing/domain.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using report::v1::CLOCK_DELIVERY;

constexpr char kAgency[] = "id.32.73.dpupr";

// Tuesday at ten, to the agency that has an application of its own.
Journey Delivering() {
  return Journey()
      .Must(Submission())
      .Must(VerifyReport{.actor = Triage()})
      .Must(AssignReport{Triage(), kAgency});
}

std::vector<std::string> KindsOf(const std::vector<event::v1::Event>& events) {
  std::vector<std::string> kinds;
  for (const event::v1::Event& event : events) {
    kinds.push_back(event.GetDescriptor()->FindFieldByNumber(event.payload_case())->name());
  }
  return kinds;
}

// --- the term

TEST_CASE("an assignment is delivered to an agency that has an application, and to no other") {
  const Journey journey = Delivering();
  REQUIRE(journey.route.delivery);
  CHECK(journey.route.delivery->assigned_at == journey.now);
  CHECK(StateOf(*journey.route.delivery) == v1::DELIVERY_STATE_PENDING);
  // One working day: Wednesday.
  CHECK(journey.deadlines.at(CLOCK_DELIVERY) == At("2025-03-06T00:00+07:00"));

  Journey other = Journey().Must(Submission()).Must(VerifyReport{.actor = Triage()});
  other.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK_FALSE(other.route.delivery);
  CHECK_FALSE(other.deadlines.contains(CLOCK_DELIVERY));
}

TEST_CASE("what is not acknowledged in its term falls back to the people of the agency, once") {
  Journey journey = Delivering();
  const absl::Time due_at = journey.deadlines.at(CLOCK_DELIVERY);
  journey.events.clear();
  journey.now = due_at;
  journey.Must(PassDelivery{due_at});
  REQUIRE(KindsOf(journey.events) == std::vector<std::string>{"assignment_fell_back"});
  const auto& event = journey.events[0].assignment_fell_back();
  CHECK(event.agency_id() == kAgency);
  CHECK(event.hop() == 1);
  CHECK(decision::FromProto(event.due_at()) == due_at);
  CHECK(journey.events[0].actor().role() == report::v1::ROLE_SERVICE);
  // In the same hands: only not in those of the application.
  CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.route.holder_agency_id == kAgency);
  CHECK(StateOf(*journey.route.delivery) == v1::DELIVERY_STATE_FELL_BACK);

  journey.Must(PassDelivery{due_at});
  CHECK(journey.events.size() == 1);
  journey.Must(AcceptAssignment{OfficerOf(kAgency)});
}

TEST_CASE("what was acknowledged, or taken up by the people of the agency, doesn't fall back") {
  Journey journey = Delivering();
  const absl::Time due_at = journey.deadlines.at(CLOCK_DELIVERY);
  SECTION("acknowledged") { Acknowledge(journey.route, 1, journey.now); }
  SECTION("taken up") { journey.Must(AcceptAssignment{OfficerOf(kAgency)}); }
  journey.events.clear();
  journey.now = due_at;
  journey.Must(PassDelivery{due_at});
  CHECK(journey.events.empty());
  CHECK_FALSE(journey.route.delivery->fell_back_at);
}

TEST_CASE("a deadline of an assignment before means nothing to the one after") {
  Journey journey = Delivering();
  const absl::Time first = journey.deadlines.at(CLOCK_DELIVERY);
  journey.now += absl::Hours(24);
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK_FALSE(journey.deadlines.contains(CLOCK_DELIVERY));
  journey.Must(AssignReport{Triage(), kAgency});
  CHECK(journey.deadlines.at(CLOCK_DELIVERY) == At("2025-03-07T00:00+07:00"));
  journey.events.clear();
  journey.now = first;
  journey.Must(PassDelivery{first});
  CHECK(journey.events.empty());
}

TEST_CASE("what goes to other hands, or ends, is withdrawn") {
  Journey journey = Delivering();
  SECTION("assigned to another agency") { journey.Must(AssignReport{Triage(), "id.81"}); }
  SECTION("returned") {
    journey.Must(ReturnAssignment{OfficerOf(kAgency), event::v1::RETURN_REASON_OTHER_AGENCY, "id.81"});
  }
  SECTION("returned without a target") {
    journey.Must(ReturnAssignment{OfficerOf(kAgency), event::v1::RETURN_REASON_OTHER_AGENCY, ""});
  }
  SECTION("withdrawn by the reporter") { journey.Must(WithdrawReport{journey.now}); }
  SECTION("closed") { journey.Must(EndRoute{journey.now}); }
  CHECK_FALSE(journey.route.delivery);
  CHECK_FALSE(journey.deadlines.contains(CLOCK_DELIVERY));
  CHECK(Acknowledge(journey.route, 1, journey.now) == v1::DELIVERY_STATE_WITHDRAWN);
}

TEST_CASE("an arbiter who leaves it where it is makes a new assignment, that is delivered anew") {
  Journey journey = Delivering();
  Acknowledge(journey.route, 1, journey.now);
  journey.now += absl::Hours(1);
  journey.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), kAgency});
  CHECK(journey.route.hops == 2);
  CHECK(StateOf(*journey.route.delivery) == v1::DELIVERY_STATE_PENDING);
  CHECK(journey.route.delivery->assigned_at == journey.now);
  CHECK(journey.deadlines.contains(CLOCK_DELIVERY));
}

// --- acknowledging

TEST_CASE("an acknowledgement counts the first time, and may be repeated") {
  Journey journey = Delivering();
  const absl::Time first = journey.now + absl::Hours(1);
  CHECK(Acknowledge(journey.route, 1, first) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(Acknowledge(journey.route, 1, first + absl::Hours(1)) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(journey.route.delivery->acknowledged_at == first);
  CHECK(Acknowledge(journey.route, 2, first) == v1::DELIVERY_STATE_WITHDRAWN);
}

TEST_CASE("an acknowledgement after it fell back is told to be late") {
  Journey journey = Delivering();
  journey.now = journey.deadlines.at(CLOCK_DELIVERY);
  journey.Must(PassDelivery{journey.now});
  CHECK(Acknowledge(journey.route, 1, journey.now) == v1::DELIVERY_STATE_ACKNOWLEDGED_LATE);
  CHECK(ToProto(*journey.route.delivery).state() == v1::DELIVERY_STATE_ACKNOWLEDGED_LATE);
  CHECK(ToProto(*journey.route.delivery).has_acknowledged_at());
}

// --- resume tokens

const Place kPlace{At("2025-03-04T10:00+07:00") + absl::Microseconds(7), kReportId};

std::string RefusalOf(const std::string& token) {
  const absl::Status status = ReadResumeToken(kAgency, token).status();
  const auto bad_input = decision::BadInputOf(status);
  return bad_input ? bad_input->violations(0).field() + " " + absl::StatusCodeToString(status.code())
                   : status.ToString();
}

TEST_CASE("a resume token is the place that it was made of") {
  const auto place = ReadResumeToken(kAgency, MakeResumeToken(kAgency, kPlace));
  REQUIRE(place.ok());
  CHECK(*place == kPlace);
}

TEST_CASE("a resume token of another agency is refused, and so is what never was one") {
  CHECK(RefusalOf(MakeResumeToken("id.32.73", kPlace)) == "resume_token PERMISSION_DENIED");
  CHECK(RefusalOf("not base64!") == "resume_token INVALID_ARGUMENT");
  for (const char* text :
       {"", "1", "1/id.32.73.dpupr", "1/id.32.73.dpupr/17/", "1/id.32.73.dpupr/x/7K3M9QXT2B54",
        "1/id.32.73.dpupr/17/7K3M9QXT2B55", "2/id.32.73.dpupr/17/7K3M9QXT2B54",
        "1/id.32.73.dpupr//7K3M9QXT2B54", "1/id.32.73.dpupr/17/7K3M9QXT2B54/"}) {
    CAPTURE(text);
    CHECK(RefusalOf(absl::WebSafeBase64Escape(text)) == "resume_token INVALID_ARGUMENT");
  }
}

}  // namespace
}  // namespace lapor::routing
