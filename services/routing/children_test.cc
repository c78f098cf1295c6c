// Several agencies: the one that leads, and the child assignments beside it.
#include <catch2/catch.hpp>

#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "services/routing/domain.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using report::v1::CLOCK_DELIVERY;

constexpr auto kReason = event::v1::RETURN_REASON_OTHER_AGENCY;

Journey Led(const std::string& agency_id = "id.32.73.dinkes") {
  return Journey()
      .Must(Submission())
      .Must(VerifyReport{.actor = Triage()})
      .Must(AssignReport{Triage(), agency_id});
}

// Led by the city's health office; the ministry has part 1, the other province part 2.
Journey Shared() {
  return Led().Must(AddChildAssignment{Triage(), "id.kemenkes"}).Must(AddChildAssignment{Triage(), "id.81"});
}

std::string RefusalOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  const std::string field = bad_input ? bad_input->violations(0).field() : "no refusal";
  return field + " " + absl::StatusCodeToString(status.code());
}

TEST_CASE("a child assignment has an agency, hands and events of its own, and the report stays where it is") {
  Journey journey = Led();
  const std::vector<Handover> hands = journey.handovers;
  journey.now += absl::Hours(1);
  journey.Must(AddChildAssignment{Triage(), "id.kemenkes", "public-works.drainage"});

  REQUIRE(journey.route.children.size() == 1);
  const Route& child = journey.RouteOf(1);
  CHECK(child.id == std::string(kReportId) + ".1");
  CHECK(child.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(child.holder_agency_id == "id.kemenkes");
  CHECK(child.category == "public-works.drainage");
  CHECK(child.region == journey.route.region);
  CHECK(child.hops == 1);
  CHECK(child.assigned_at == journey.now);
  CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.route.holder_agency_id == "id.32.73.dinkes");
  CHECK(journey.handovers.size() == hands.size());
  REQUIRE(journey.child_handovers.at(1).size() == 1);
  CHECK(journey.child_handovers.at(1)[0].agency_id == "id.kemenkes");

  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].child() == 1);
  CHECK(journey.last.events[0].agency_assigned().agency_id() == "id.kemenkes");
  CHECK(journey.last.events[0].agency_assigned().category() == "public-works.drainage");
}

TEST_CASE("the topic of a part is the report's unless another one is given") {
  const Journey journey = Led().Must(AddChildAssignment{Triage(), "id.kemenkes"});
  CHECK(journey.RouteOf(1).category == journey.route.category);
  CHECK(journey.events.back().agency_assigned().category() == journey.route.category);
}

TEST_CASE("what becomes of one child changes nothing for the others or the report") {
  Journey journey = Shared();
  const RouteState lead = journey.route.state;
  journey.Must(ReturnAssignment{OfficerOf("id.kemenkes"), kReason, "id.32", 1});
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_RETURNED);
  CHECK(journey.RouteOf(1).holder_agency_id == kRootAgencyId);
  CHECK(journey.events.back().child() == 1);
  CHECK(journey.RouteOf(2).state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.RouteOf(2).holder_agency_id == "id.81");
  CHECK(journey.route.state == lead);
  CHECK(journey.route.bounces == 0);

  journey.Must(AcceptAssignment{OfficerOf("id.81"), 2});
  journey.Must(AssignReport{Triage(), "id.32", "", 1});
  CHECK(journey.RouteOf(1).holder_agency_id == "id.32");
  CHECK(journey.RouteOf(1).hops == 2);
  CHECK(journey.RouteOf(2).state == v1::ROUTE_STATE_ACCEPTED);

  // Nor does it concern a child when the leading agency returns the report.
  journey.Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.32.73.dpupr"});
  CHECK(journey.route.state == v1::ROUTE_STATE_RETURNED);
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.RouteOf(2).state == v1::ROUTE_STATE_ACCEPTED);
}

TEST_CASE("a child that bounces too often is decided by an arbiter, alone") {
  Journey journey = Shared();
  journey.Must(ReturnAssignment{OfficerOf("id.kemenkes"), kReason, "", 1});
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_IN_ARBITRATION);
  journey.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), "id.32", 1});
  CHECK(journey.RouteOf(1).bound_agency_id == "id.32");
  CHECK(journey.route.bound_agency_id.empty());
  CHECK(RefusalOf(journey.Do(ReturnAssignment{OfficerOf("id.32"), kReason, "", 1})) ==
        "report_id FAILED_PRECONDITION");
}

TEST_CASE("only the agency that has a part acts on it") {
  Journey journey = Shared();
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.32.73.dinkes"), 1})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.kemenkes"), 2})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.kemenkes")})) == "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.kemenkes"), 3})) == "report_id NOT_FOUND");
}

TEST_CASE("a part goes to an agency that has none yet, by whoever may assign") {
  Journey journey = Shared();
  const auto add = [&](const Actor& actor, const std::string& agency, const std::string& category = "") {
    return RefusalOf(Journey(journey).Do(AddChildAssignment{actor, agency, category}));
  };
  CHECK(add(Triage(), "id.32.73.dinkes") == "agency_id FAILED_PRECONDITION");
  CHECK(add(Triage(), "id.81") == "agency_id FAILED_PRECONDITION");
  CHECK(add(Triage(), "id") == "agency_id INVALID_ARGUMENT");
  CHECK(add(Triage(), "id.nobody") == "agency_id INVALID_ARGUMENT");
  CHECK(add(Triage(), "id.32", "no-such-topic") == "category INVALID_ARGUMENT");
  // The city's administrator leads by its unit; the other unit is below it, the province is not.
  CHECK(Journey(journey).Do(AddChildAssignment{AdministratorOf("id.32.73"), "id.32.73.dpupr"}).ok());
  CHECK(Journey(journey).Do(AddChildAssignment{AdministratorOf("id.32.73"), "id.32.73"}).ok());
  CHECK(add(AdministratorOf("id.32.73"), "id.32") == "agency_id PERMISSION_DENIED");
  CHECK(add(AdministratorOf("id.81"), "id.32") == "report_id PERMISSION_DENIED");
  CHECK(add(OfficerOf("id.32.73.dinkes"), "id.32") == "report_id PERMISSION_DENIED");
}

TEST_CASE("a report has twenty child assignments at most, those that ended among them") {
  Journey journey = Led();
  for (int child = 1; child <= report::kMaxChildren; ++child) {
    journey.Must(AddChildAssignment{Triage(), "id.81"});
    if (child < report::kMaxChildren) journey.Must(EndChildAssignment{Triage(), child});
  }
  CHECK(RefusalOf(journey.Do(AddChildAssignment{Triage(), "id.32"})) == "report_id FAILED_PRECONDITION");
}

TEST_CASE("triage or the leading agency's administrator ends a child assignment, for good") {
  Journey journey = Shared();
  CHECK(RefusalOf(journey.Do(EndChildAssignment{OfficerOf("id.kemenkes"), 1})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(EndChildAssignment{AdministratorOf("id.81"), 2})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(EndChildAssignment{Triage(), 0})) == "report_id INVALID_ARGUMENT");
  journey.Must(EndChildAssignment{AdministratorOf("id.32.73"), 1});
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_ENDED);
  CHECK(journey.RouteOf(1).holder_agency_id.empty());
  CHECK(journey.last.events[0].child() == 1);
  CHECK(journey.last.events[0].child_assignment_ended().agency_id() == "id.kemenkes");
  CHECK(journey.child_handovers.at(1).back().cause == v1::HAND_CAUSE_NOT_NEEDED);
  CHECK(absl::IsFailedPrecondition(journey.Do(EndChildAssignment{Triage(), 1})));

  journey.Must(EndRoute{journey.now}).Must(ReopenRoute{journey.now});
  CHECK(journey.route.state == v1::ROUTE_STATE_ACCEPTED);
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_ENDED);
  // The other one ended with the report, and comes back when its own case is opened again.
  CHECK(journey.RouteOf(2).state == v1::ROUTE_STATE_ENDED);
  journey.Must(ReopenRoute{journey.now, {}, 2}).Must(ReopenRoute{journey.now, {}, 1});
  CHECK(journey.RouteOf(2).state == v1::ROUTE_STATE_ACCEPTED);
  CHECK(journey.RouteOf(2).holder_agency_id == "id.81");
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_ENDED);
}

TEST_CASE(
    "a part whose case is opened again comes back while its report is open, not behind one that follows "
    "another") {
  Journey journey = Shared().Must(EndRoute{At("2025-03-04T10:00+07:00")});
  journey.Must(ReopenRoute{journey.now});
  Journey merged = Journey(journey).Must(MergeReport{Triage(), kOtherReportId});
  journey.Must(ReopenRoute{journey.now, {}, 1});
  CHECK(journey.RouteOf(1).state == v1::ROUTE_STATE_ACCEPTED);
  merged.Must(ReopenRoute{merged.now, {}, 1});
  CHECK(merged.RouteOf(1).state == v1::ROUTE_STATE_ENDED);
}

TEST_CASE("a report that ends ends in all hands") {
  Journey closed = Shared().Must(EndRoute{At("2025-03-04T10:00+07:00")});
  Journey withdrawn = Shared().Must(WithdrawReport{At("2025-03-04T10:00+07:00")});
  for (const Journey& journey : {closed, withdrawn}) {
    for (const Route& child : journey.route.children) {
      CHECK(child.state == v1::ROUTE_STATE_ENDED);
      CHECK(child.holder_agency_id.empty());
    }
  }
  withdrawn.Must(ReopenRoute{withdrawn.now});
  CHECK(withdrawn.RouteOf(1).state == v1::ROUTE_STATE_ENDED);
}

TEST_CASE("a report is neither archived nor merged while other agencies have parts of it") {
  Journey journey = Shared().Must(EndChildAssignment{Triage(), 1});
  CHECK(RefusalOf(journey.Do(MergeReport{Triage(), kOtherReportId})) == "report_id FAILED_PRECONDITION");
  journey.Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.32"});
  const absl::Status refused = journey.Do(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT});
  CHECK(RefusalOf(refused) == "report_id FAILED_PRECONDITION");
  CHECK(std::string(refused.message()).find(std::string(kReportId) + ".2") != std::string::npos);
  journey.Must(EndChildAssignment{Triage(), 2});
  CHECK(journey.Do(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT}).ok());
}

TEST_CASE("a part waits for the application of its agency, and falls back alone") {
  Journey journey = Led().Must(AddChildAssignment{Triage(), "id.32.73.dpupr"});
  CHECK_FALSE(journey.deadlines.contains(CLOCK_DELIVERY));
  const absl::Time due_at = journey.child_deadlines.at(1).at(CLOCK_DELIVERY);
  journey.now = due_at;
  journey.Must(PassDelivery{due_at, 1});
  CHECK(journey.last.events.at(0).has_assignment_fell_back());
  CHECK(journey.last.events[0].child() == 1);
  CHECK(StateOf(*journey.RouteOf(1).delivery) == v1::DELIVERY_STATE_FELL_BACK);
}

TEST_CASE("when agencies end, every part is carried over to the successor") {
  Journey journey = Led("id.81").Must(AddChildAssignment{Triage(), "id.32.73.dinkes"});
  journey.registry = &RegistryWithoutCity();
  journey.Must(CarryOver{});
  CHECK(journey.route.holder_agency_id == "id.81");
  CHECK(journey.RouteOf(1).holder_agency_id == "id.32");
  CHECK(journey.RouteOf(1).bounces == 0);
  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].child() == 1);
  CHECK(journey.last.events[0].agency_assigned().carried_over());
}

}  // namespace
}  // namespace lapor::routing
