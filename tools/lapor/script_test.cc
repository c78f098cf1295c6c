#include "tools/lapor/script.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "libs/decision/proto_time.h"

namespace lapor::client {
namespace {

// The shipped one, found by the environment's LAPOR_SOURCE_DIR, as ctest sets it.
const policy::Policy& ThePolicy() {
  static const auto policy = [] {
    const std::filesystem::path deploy = std::filesystem::path(std::getenv("LAPOR_SOURCE_DIR")) / "deploy";
    return policy::Policy::Load(deploy / "policy", deploy / "reference").value();
  }();
  return *policy;
}

// In January 2025, at ten in the morning in WIB; the 6th is a Monday.
absl::Time On(int day) {
  return absl::FromCivil(absl::CivilHour(2025, 1, day, 10), absl::FixedTimeZone(7 * 3600));
}

std::optional<Act> Next(Part part, const Story& story, const Standing& standing, int day) {
  return NextAct(part, story, standing, true, On(day), ThePolicy().calendar());
}

void Hear(Standing& standing, int day, event::v1::Event event) {
  *event.mutable_occurred_at() = decision::ToProto(On(day));
  Learn(event, ThePolicy(), standing);
}

// Submitted on the 6th, in Bandung.
Standing Submitted() {
  event::v1::Event event;
  auto& submitted = *event.mutable_report_submitted();
  submitted.set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  submitted.set_region("32.73");
  submitted.set_category("roads");
  submitted.set_policy_version("2024.1");
  Standing standing;
  Hear(standing, 6, event);
  return standing;
}

Standing AssignedTo(const std::string& agency, int day) {
  Standing standing = Submitted();
  event::v1::Event verified;
  verified.mutable_report_verified()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  Hear(standing, day, verified);
  event::v1::Event assigned;
  assigned.mutable_agency_assigned()->set_agency_id(agency);
  Hear(standing, day, assigned);
  return standing;
}

TEST_CASE("working days are counted without weekends and holidays") {
  // From Friday the 24th: Monday the 27th, Tuesday and Wednesday are free.
  CHECK(WorkingDaysBetween(On(24), On(30), ThePolicy().calendar()) == 1);
  CHECK(WorkingDaysBetween(On(6), On(6), ThePolicy().calendar()) == 0);
  CHECK_FALSE(IsWorkingDay(On(11), ThePolicy().calendar()));
}

TEST_CASE(
    "the verification clock of a submission is known from the policy, and met by the first assignment") {
  Standing standing = Submitted();
  REQUIRE(standing.due.contains(report::v1::CLOCK_VERIFICATION));
  CHECK(standing.due[report::v1::CLOCK_VERIFICATION] ==
        absl::FromCivil(absl::CivilDay(2025, 1, 10), absl::FixedTimeZone(7 * 3600)));
  CHECK(AssignedTo("id.32.73.dpupr", 7).due.count(report::v1::CLOCK_VERIFICATION) == 0);
}

TEST_CASE("nobody but reporters works on a free day") {
  Story story;
  CHECK(Next(Part::kTriage, story, Submitted(), 11) == std::nullopt);
  CHECK(Next(Part::kTriage, story, Submitted(), 13) == Act::kVerify);
  story.filed_at = On(11);
  CHECK(Next(Part::kReporter, story, Standing(), 11) == Act::kFile);
}

TEST_CASE("what is missing is asked for once, and then verified") {
  Story story;
  story.missing = {"region"};
  Standing standing = Submitted();
  CHECK(Next(Part::kTriage, story, standing, 7) == Act::kAskCompletion);
  event::v1::Event asked;
  asked.mutable_completion_requested()->add_fields("region");
  Hear(standing, 7, asked);
  CHECK(Next(Part::kTriage, story, standing, 8) == std::nullopt);
  event::v1::Event completed;
  completed.mutable_report_completed()->add_fields("region");
  Hear(standing, 8, completed);
  CHECK(Next(Part::kTriage, story, standing, 8) == Act::kVerify);
}

TEST_CASE("a wrong agency returns, the government passes on, the right one accepts and answers") {
  Story story;
  story.agency = "id.32.73.dpupr";
  story.government = "id.32.73";
  story.days_to_answer = 3;
  CHECK(Next(Part::kAgency, story, AssignedTo("id.kemenpanrb", 7), 8) == Act::kReturn);
  CHECK(Next(Part::kAgency, story, AssignedTo("id.32.73", 7), 8) == Act::kPassOn);
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  CHECK(Next(Part::kAgency, story, standing, 8) == Act::kAccept);
  standing.accepted = true;
  CHECK(Next(Part::kAgency, story, standing, 9) == std::nullopt);
  CHECK(Next(Part::kAgency, story, standing, 10) == Act::kAnswerFinal);
}

TEST_CASE("a neglecting agency answers only when the Ombudsman has found so") {
  Story story;
  story.agency = "id.32.73.dpupr";
  story.neglected = true;
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  standing.accepted = true;
  CHECK(Next(Part::kAgency, story, standing, 23) == std::nullopt);
  event::v1::Event closed;
  closed.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  Hear(standing, 16, closed);
  CHECK(Next(Part::kAgency, story, standing, 23) == Act::kAnswerFinal);
}

TEST_CASE("no silence is waited for while the reporter has the matter before the Ombudsman") {
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  event::v1::Event answered;
  answered.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  Standing asked_before = standing;
  Hear(asked_before, 8, answered);
  CHECK_FALSE(asked_before.due.contains(report::v1::CLOCK_REACTION));

  *answered.mutable_response_given()->mutable_reaction_due_at() = decision::ToProto(On(22));
  Hear(standing, 8, answered);
  REQUIRE(standing.due.contains(report::v1::CLOCK_REACTION));
  event::v1::Event requested;
  requested.mutable_escalation_requested();
  Hear(standing, 9, requested);
  CHECK_FALSE(standing.due.contains(report::v1::CLOCK_REACTION));
  event::v1::Event closed;
  closed.mutable_escalation_closed();
  Hear(standing, 16, closed);
  CHECK(standing.due_unknown);
}

TEST_CASE("what becomes of a part of a report leaves the report as it is") {
  const Standing before = AssignedTo("id.32.73.dpupr", 7);
  Standing standing = before;
  event::v1::Event event;
  event.set_child(1);
  event.mutable_agency_assigned()->set_agency_id("id.klhk");
  Hear(standing, 8, event);
  event.mutable_case_opened();
  Hear(standing, 8, event);
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  Hear(standing, 8, event);
  event.mutable_clock_breached()->set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  Hear(standing, 8, event);
  event.mutable_assignment_returned()->set_agency_id("id.klhk");
  Hear(standing, 8, event);
  CHECK(standing.status == before.status);
  CHECK(standing.agency == before.agency);
  CHECK(standing.answers == 0);
  CHECK(standing.returns == 0);
  CHECK(standing.due == before.due);
  CHECK_FALSE(standing.breached);
}

TEST_CASE("a question is no answer, and a broken promise no breach of the agency's terms") {
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  standing.due[report::v1::CLOCK_FIRST_RESPONSE] = On(12);
  event::v1::Event event;
  event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_QUESTION);
  Hear(standing, 8, event);
  CHECK(standing.status == report::v1::REPORT_STATUS_IN_PROCESS);
  CHECK(standing.answers == 0);
  CHECK(standing.due.contains(report::v1::CLOCK_FIRST_RESPONSE));
  event.mutable_clock_breached()->set_clock(report::v1::CLOCK_PROMISE);
  Hear(standing, 9, event);
  CHECK_FALSE(standing.breached);
  event.mutable_clock_breached()->set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  Hear(standing, 12, event);
  CHECK(standing.breached);
}

TEST_CASE("nobody acts on a report that follows another one") {
  Story story;
  story.agency = "id.32.73.dpupr";
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  event::v1::Event merged;
  merged.mutable_report_merged();
  Hear(standing, 8, merged);
  CHECK(standing.due.empty());
  for (const Part part : {Part::kReporter, Part::kTriage, Part::kAgency, Part::kOmbudsman})
    CHECK(Next(part, story, standing, 9) == std::nullopt);
}

TEST_CASE("a reporter without a receipt is silent") {
  Story story;
  story.days_to_react = 0;
  Standing standing = AssignedTo("id.32.73.dpupr", 7);
  standing.status = report::v1::REPORT_STATUS_ANSWERED;
  standing.answered_at = On(8);
  CHECK(NextAct(Part::kReporter, story, standing, true, On(9), ThePolicy().calendar()) == Act::kReact);
  CHECK(NextAct(Part::kReporter, story, standing, false, On(9), ThePolicy().calendar()) == std::nullopt);
}

}  // namespace
}  // namespace lapor::client
