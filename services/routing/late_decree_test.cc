// A calendar that changes while clocks run.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/policy/late_decree_for_test.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using decision::FromProto;
using report::v1::CLOCK_COMPLETION;
using report::v1::CLOCK_VERIFICATION;

// Wednesday, the first day that counts of a submission of Tuesday 4 March 2025.
const std::shared_ptr<const policy::Policy>& WithHolidayOnWednesday() {
  static const auto policy = policy::ShippedPolicyWithHoliday("2025-03-05");
  return policy;
}

TEST_CASE("a holiday decreed late moves a running verification clock by a recorded event, once") {
  Journey journey = Journey().Must(Submission());
  REQUIRE(*journey.route.verification_due_at == At("2025-03-08T00:00+07:00"));
  journey.policy = WithHolidayOnWednesday();
  journey.Must(RecountClocks{});
  REQUIRE(journey.last.events.size() == 1);
  const auto& moved = journey.last.events[0].clock_moved();
  CHECK(moved.clock() == CLOCK_VERIFICATION);
  CHECK(FromProto(moved.due_at_before()) == At("2025-03-08T00:00+07:00"));
  // Saturday and Sunday are free anyway.
  CHECK(FromProto(moved.due_at()) == At("2025-03-11T00:00+07:00"));
  CHECK(moved.calendar_version_size() == 1);
  CHECK(*journey.route.verification_due_at == At("2025-03-11T00:00+07:00"));
  // The first of three days is Thursday now.
  CHECK(journey.deadlines.at(CLOCK_VERIFICATION) == At("2025-03-07T00:00+07:00"));

  journey.Must(RecountClocks{});
  CHECK(journey.last.events.empty());
}

TEST_CASE("a verification that is overdue stays overdue, whatever is decreed afterwards") {
  Journey journey = Journey().Must(Submission());
  journey.now = At("2025-03-10T09:00+07:00");
  journey.policy = WithHolidayOnWednesday();
  // Not looked at yet, and overdue all the same.
  journey.Must(RecountClocks{});
  CHECK(journey.last.events.empty());
  journey.Must(PassVerification{});
  REQUIRE(journey.last.events.size() == 1);
  CHECK(FromProto(journey.last.events[0].verification_overdue().due_at()) == At("2025-03-08T00:00+07:00"));
  journey.Must(RecountClocks{});
  CHECK(journey.last.events.empty());
  CHECK(journey.route.verification_overdue);
}

TEST_CASE("nobody is late by a decree: a holiday that is taken back brings no due date into the past") {
  const auto without = policy::ShippedPolicyWithoutHoliday("2025-03-31");
  Journey journey;
  journey.now = At("2025-03-26T10:00+07:00");
  ReceiveReport submission = Submission();
  submission.report.set_policy_version(kPolicyVersion);
  submission.at = journey.now;
  journey.Must(submission);
  const absl::Time told = *journey.route.verification_due_at;
  // In time for the reader of the new calendar to act.
  Journey early = journey;
  early.policy = without;
  early.Must(RecountClocks{});
  REQUIRE(early.last.events.size() == 1);
  CHECK(*early.route.verification_due_at < told);
  // Too late.
  Journey late = journey;
  late.policy = without;
  late.now = told - absl::Minutes(1);
  late.Must(RecountClocks{});
  CHECK(late.last.events.empty());
  CHECK(*late.route.verification_due_at == told);
}

TEST_CASE("what the reporter owes moves too, and a merged report's clock, which runs on, without an alarm") {
  Journey asked = Journey().Must(Submission()).Must(RequestCompletion{Triage(), {"region"}});
  const absl::Time told = *asked.route.completion_due_at;
  asked.policy = WithHolidayOnWednesday();
  asked.Must(RecountClocks{});
  REQUIRE(asked.last.events.size() == 1);
  CHECK(asked.last.events[0].clock_moved().clock() == CLOCK_COMPLETION);
  CHECK(*asked.route.completion_due_at - told == absl::Hours(24));

  Journey lead = Journey(kOtherReportId).Must(Submission());
  Journey follower = Journey().Must(Submission());
  REQUIRE(Merge(follower, lead).ok());
  follower.policy = WithHolidayOnWednesday();
  follower.Must(RecountClocks{});
  CHECK(*follower.route.verification_due_at == At("2025-03-11T00:00+07:00"));
  CHECK(follower.deadlines.empty());
}

TEST_CASE("a report that is assigned, archived or over has no clock to move") {
  for (const Command& last : {Command(AssignReport{Triage(), "id.32.73.dinkes"}),
                              Command(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT}),
                              Command(WithdrawReport{At("2025-03-04T11:00+07:00")})}) {
    Journey journey = Journey().Must(Submission()).Must(VerifyReport{.actor = Triage()}).Must(last);
    journey.policy = WithHolidayOnWednesday();
    journey.Must(RecountClocks{});
    CHECK(journey.last.events.empty());
    CHECK_FALSE(journey.deadlines.contains(CLOCK_VERIFICATION));
  }
}

}  // namespace
}  // namespace lapor::routing
