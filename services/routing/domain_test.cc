#include "services/routing/domain.h"

#include <catch2/catch.hpp>
#include <tuple>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using decision::FromProto;
using report::v1::CLOCK_COMPLETION;
using report::v1::CLOCK_VERIFICATION;

constexpr auto kReason = event::v1::RETURN_REASON_OTHER_AGENCY;

Journey Submitted() { return Journey().Must(Submission()); }
Journey Verified() { return Submitted().Must(VerifyReport{.actor = Triage()}); }
Journey Assigned(const std::string& agency_id = "id.32.73.dinkes") {
  return Verified().Must(AssignReport{Triage(), agency_id});
}
Journey Returned() {
  return Assigned().Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.32.73.dpupr"});
}

// Field and code of a refusal, as "agency_id INVALID_ARGUMENT".
std::string RefusalOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  const std::string field = bad_input ? bad_input->violations(0).field() : "no refusal";
  return field + " " + absl::StatusCodeToString(status.code());
}

// --- submission and the verification clock

TEST_CASE("a submitted report awaits triage in the hands of the national administrator") {
  const Journey journey = Submitted();
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(journey.route.holder_agency_id == kRootAgencyId);
  CHECK(journey.route.policy_version == kPolicyVersion);
  CHECK(journey.events.empty());
  REQUIRE(journey.handovers.size() == 1);
  CHECK(journey.handovers[0].number == 1);
  CHECK(journey.handovers[0].agency_id == kRootAgencyId);
  CHECK(journey.handovers[0].since == Submission().at);
}

TEST_CASE("the verification clock runs three working days from the submission, in the zone of the region") {
  // Tuesday; Friday is the third working day, so the clock ends as Saturday begins.
  CHECK(Submitted().route.verification_due_at == At("2025-03-08T00:00+07:00"));

  ReceiveReport in_maluku = Submission();
  in_maluku.report.set_region("81");
  CHECK(Journey().Must(in_maluku).route.verification_due_at == At("2025-03-08T00:00+09:00"));

  ReceiveReport nowhere = Submission();
  nowhere.report.clear_region();
  CHECK(Journey().Must(nowhere).route.verification_due_at == At("2025-03-08T00:00+07:00"));
}

TEST_CASE("a report without a class is received all the same") {
  ReceiveReport unclassed = Submission();
  unclassed.report.clear_report_class();
  CHECK(Journey().Do(unclassed).ok());
}

TEST_CASE("a report is received before anybody has loaded the registry") {
  Route route;
  route.id = kReportId;
  const auto decided = Decide(route, Submission(), Submission().at, *ShippedPolicy(), Registry());
  REQUIRE(decided.ok());
  CHECK(decided->next.holder_agency_id == kRootAgencyId);
}

TEST_CASE("a year without a calendar is an error, not a guess") {
  ReceiveReport late = Submission();
  late.at = At("2099-03-04T10:00+07:00");
  const absl::Status status = Journey().Do(late);
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(decision::BadInputOf(status)->violations(0).field() == "policy");
}

TEST_CASE("verification alone does not stop the verification clock; the first assignment does") {
  Journey journey = Verified();
  CHECK(journey.deadlines.contains(CLOCK_VERIFICATION));
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK_FALSE(journey.deadlines.contains(CLOCK_VERIFICATION));
}

TEST_CASE("archiving stops the verification clock") {
  Journey journey = Submitted().Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT});
  CHECK_FALSE(journey.deadlines.contains(CLOCK_VERIFICATION));
  CHECK(journey.route.holder_agency_id.empty());
  CHECK(journey.events.back().report_archived().reason() == report::v1::ARCHIVE_REASON_BEFORE_COURT);
}

TEST_CASE("an overdue verification is told once, by the suite, and the report stays where it is") {
  Journey journey = Submitted();
  const absl::Time due_at = *journey.route.verification_due_at;
  journey.now = due_at;
  journey.Must(PassVerification{});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  REQUIRE(journey.events.size() == 1);
  CHECK(FromProto(journey.events[0].verification_overdue().due_at()) == due_at);
  CHECK(journey.events[0].actor().role() == report::v1::ROLE_SERVICE);

  journey.Must(PassVerification{}).Must(VerifyReport{.actor = Triage()});
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK(journey.events.size() == 3);
}

TEST_CASE("an assignment at the due time is overdue, even if the deadline has not fired yet") {
  Journey journey = Verified();
  journey.now = *journey.route.verification_due_at;
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  REQUIRE(journey.last.events.size() == 2);
  CHECK(journey.last.events[0].has_verification_overdue());
  CHECK(journey.last.events[1].has_agency_assigned());
}

TEST_CASE("an assignment just before the due time is in time") {
  Journey journey = Verified();
  journey.now = *journey.route.verification_due_at - absl::Microseconds(1);
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK(journey.last.events.size() == 1);
}

// --- completion

TEST_CASE("asking for completion stops verification and starts the reporter's clock of ten working days") {
  Journey journey = Submitted().Must(RequestCompletion{Triage(), {"region", "description"}});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_COMPLETION);
  CHECK_FALSE(journey.deadlines.contains(CLOCK_VERIFICATION));
  const absl::Time due_at = At("2025-03-19T00:00+07:00");
  CHECK(journey.route.completion_due_at == due_at);
  const auto& requested = journey.events.back().completion_requested();
  CHECK(requested.fields_size() == 2);
  CHECK(FromProto(requested.due_at()) == due_at);
}

TEST_CASE("a completion brings its codes and starts verification anew, from when the reporter made it") {
  Journey journey = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  journey.now = At("2025-03-11T09:00+07:00");
  journey.Must(ReceiveCompletion{"", "81", At("2025-03-10T09:00+07:00")});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(journey.route.category == "health");
  CHECK(journey.route.region == "81");
  CHECK(journey.route.complete_since == At("2025-03-10T09:00+07:00"));
  CHECK(*journey.route.verification_due_at == At("2025-03-14T00:00+09:00"));
  CHECK_FALSE(journey.deadlines.contains(CLOCK_COMPLETION));
}

// Fires the completion clock when it is due, as often as it takes to `percent` of the term; 100 for the end.
Journey PastCompletion(int percent) {
  Journey journey = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  while (journey.route.state == v1::ROUTE_STATE_AWAITING_COMPLETION &&
         journey.route.reminded_percent < percent) {
    journey.now = journey.deadlines.at(CLOCK_COMPLETION);
    journey.deadlines.clear();
    journey.Must(PassCompletion{});
  }
  return journey;
}

Journey Uncompleted() { return PastCompletion(100); }

TEST_CASE("the reporter is reminded at half and at four fifths of the term, and then no more") {
  const Journey journey = Uncompleted();
  std::vector<int> reminded;
  for (const auto& event : journey.events) {
    if (!event.has_clock_reminded()) continue;
    reminded.push_back(event.clock_reminded().percent());
    CHECK(FromProto(event.clock_reminded().due_at()) == At("2025-03-19T00:00+07:00"));
  }
  CHECK(reminded == std::vector{50, 80});
  // Asked on Tuesday; five of the ten working days are over with the next Tuesday.
  Journey half = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  CHECK(half.deadlines.at(CLOCK_COMPLETION) == At("2025-03-12T00:00+07:00"));
}

TEST_CASE("reminders come though the request was made at an odd moment, whatever the database keeps of it") {
  for (int us = 1; us < 10; ++us) {
    CAPTURE(us);
    Journey journey = Submitted();
    journey.now += absl::Microseconds(us) + absl::Nanoseconds(300);
    journey.Must(RequestCompletion{Triage(), {"region"}});
    int fired = 0;
    while (journey.route.state == v1::ROUTE_STATE_AWAITING_COMPLETION) {
      REQUIRE(journey.deadlines.contains(CLOCK_COMPLETION));
      REQUIRE(++fired <= 3);
      journey.now = journey.deadlines.at(CLOCK_COMPLETION);
      journey.deadlines.clear();
      journey.Must(PassCompletion{});
    }
    CHECK(fired == 3);
  }
}

TEST_CASE("a suite that was down reminds once of what it missed, and archives when the term is over") {
  Journey late = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  late.now = At("2025-03-18T12:00+07:00");
  late.Must(PassCompletion{});
  REQUIRE(late.last.events.size() == 1);
  CHECK(late.last.events[0].clock_reminded().percent() == 80);
  CHECK(late.deadlines.at(CLOCK_COMPLETION) == *late.route.completion_due_at);

  Journey too_late = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  too_late.now = At("2025-04-30T12:00+07:00");
  too_late.Must(PassCompletion{});
  CHECK(too_late.last.events[0].has_report_archived());
}

TEST_CASE(
    "a completion that crossed the archiving is not lost: the report waits for triage, with its codes") {
  Journey journey = Uncompleted();
  const absl::Time at = journey.now - absl::Seconds(1);
  journey.Must(ReceiveCompletion{"", "81", at});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(journey.route.region == "81");
  CHECK(journey.route.holder_agency_id == kRootAgencyId);
  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].report_restored().reason() == event::v1::RESTORE_REASON_COMPLETED);
  CHECK(journey.deadlines.contains(CLOCK_VERIFICATION));
  CHECK_FALSE(journey.route.contested);

  // Archived for another reason, it is the contest that opens it.
  Journey judged = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  judged.Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT});
  judged.Must(ReceiveCompletion{"", "81", judged.now});
  CHECK(judged.route.state == v1::ROUTE_STATE_ARCHIVED);
}

TEST_CASE("what the reporter did not complete is archived by the clock, with that reason") {
  Journey journey = Uncompleted();
  CHECK(journey.route.state == v1::ROUTE_STATE_ARCHIVED);
  CHECK(journey.events.back().report_archived().reason() == report::v1::ARCHIVE_REASON_NOT_COMPLETED);
  CHECK(journey.events.back().actor().role() == report::v1::ROLE_SERVICE);
}

TEST_CASE("a completion clock of an earlier request archives nothing") {
  Journey journey = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  journey.Must(ReceiveCompletion{"", "81", journey.now});
  journey.now += absl::Hours(48);
  journey.Must(RequestCompletion{Triage(), {"category"}}).Must(PassCompletion{});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_COMPLETION);
  CHECK(journey.last.events.empty());
}

// --- reminders and calendars

TEST_CASE("administrators are reminded of a report that waits for them, with the percentage and the date") {
  Journey journey = Submitted();
  const absl::Time due_at = *journey.route.verification_due_at;
  // One of three working days is what half of the term comes to in whole days; two are four fifths.
  for (const int percent : {50, 80}) {
    journey.now = journey.deadlines.at(CLOCK_VERIFICATION);
    REQUIRE(journey.now < due_at);
    journey.Must(PassVerification{});
    REQUIRE(journey.last.events.size() == 1);
    const auto& reminded = journey.last.events[0].clock_reminded();
    CHECK(reminded.clock() == CLOCK_VERIFICATION);
    CHECK(reminded.percent() == percent);
    CHECK(reminded.agency_id() == kRootAgencyId);
    CHECK(FromProto(reminded.due_at()) == due_at);
  }
  CHECK(journey.deadlines.at(CLOCK_VERIFICATION) == due_at);
}

TEST_CASE("a deadline that was set before there were reminders ends the term at its end") {
  Journey journey = Submitted();
  journey.now = *journey.route.verification_due_at;
  journey.deadlines.clear();
  journey.Must(PassVerification{});
  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].has_verification_overdue());
}

TEST_CASE("the first assignment ends the reminders") {
  Journey journey = Submitted().Must(VerifyReport{.actor = Triage()});
  journey.now = journey.deadlines.at(CLOCK_VERIFICATION);
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"}).Must(PassVerification{});
  CHECK(journey.last.events.empty());
  CHECK_FALSE(journey.deadlines.contains(CLOCK_VERIFICATION));
}

// --- triage at speed

Journey ClaimedBy(const std::string& officer) {
  Journey journey = Submitted();
  journey.route.claimed_by = officer;
  journey.route.claimed_until = journey.now + absl::Minutes(15);
  return journey;
}

TEST_CASE("what an administrator has claimed, nobody else decides about, until the claim has ended") {
  const auto commands = [](const std::string& officer) {
    return std::vector<Command>{VerifyReport{.actor = Triage(), .officer = officer},
                                RequestCompletion{Triage(), {"region"}, officer},
                                ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, officer}};
  };
  for (const Command& command : commands("officer-2")) {
    Journey journey = ClaimedBy("officer-1");
    CHECK(RefusalOf(journey.Do(command)) == "report_id FAILED_PRECONDITION");
    journey.now = *journey.route.claimed_until;
    CHECK(journey.Do(command).ok());
  }
  for (const Command& command : commands("officer-1")) CHECK(ClaimedBy("officer-1").Do(command).ok());
}

TEST_CASE("a claim lasts from the verification to the assignment, and ends with it") {
  Journey journey = ClaimedBy("officer-1").Must(VerifyReport{.actor = Triage(), .officer = "officer-1"});
  CHECK(journey.route.claimed_by == "officer-1");
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), "id.32.73.dinkes", "officer-2"})) ==
        "report_id FAILED_PRECONDITION");
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes", "officer-1"});
  CHECK(journey.route.claimed_by.empty());
  CHECK_FALSE(journey.route.claimed_until.has_value());
}

TEST_CASE("danger to life is what the reporter said, until an administrator judges it") {
  ReceiveReport submission = Submission();
  submission.report.set_danger_to_life(true);
  Journey journey;
  journey.Must(submission);
  CHECK(journey.route.danger_to_life);
  Journey unjudged = Journey(journey).Must(VerifyReport{.actor = Triage()});
  CHECK(unjudged.events.back().report_verified().danger_to_life());
  journey.Must(VerifyReport{.actor = Triage(), .danger_to_life = false});
  CHECK_FALSE(journey.route.danger_to_life);
  CHECK_FALSE(journey.events.back().report_verified().danger_to_life());
}

// --- contesting an archiving

Journey Archived() {
  return Submitted().Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, "officer-1"});
}

TEST_CASE("an archiving says until when it may be contested: 21 working days") {
  const Journey journey = Archived();
  // Nyepi and its leave, and the long leave of Idulfitri 2025 lie between.
  const absl::Time until = At("2025-04-12T00:00+07:00");
  CHECK(journey.route.contest_until == until);
  CHECK(FromProto(journey.events.back().report_archived().contest_until()) == until);
}

TEST_CASE("a contested report waits for triage again, with its verification clock from then on") {
  Journey journey = Archived();
  journey.now = At("2025-03-10T09:00+07:00");
  journey.Must(ContestArchive{journey.now});
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(journey.route.holder_agency_id == kRootAgencyId);
  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].report_restored().reason() == event::v1::RESTORE_REASON_CONTESTED);
  CHECK(*journey.route.verification_due_at == At("2025-03-14T00:00+07:00"));
}

TEST_CASE("who archived a report doesn't judge it once it is contested; others do") {
  const Journey contested = Archived().Must(ContestArchive{At("2025-03-04T11:00+07:00")});
  const auto commands = [](const std::string& officer) {
    return std::vector<Command>{VerifyReport{.actor = Triage(), .officer = officer},
                                RequestCompletion{Triage(), {"region"}, officer},
                                ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, officer}};
  };
  for (const Command& command : commands("officer-1"))
    CHECK(RefusalOf(Journey(contested).Do(command)) == "report_id PERMISSION_DENIED");
  for (const Command& command : commands("officer-2")) CHECK(Journey(contested).Do(command).ok());
}

TEST_CASE("who archives it the second time doesn't open it either, and the second archiving stands") {
  Journey journey = Archived().Must(ContestArchive{At("2025-03-04T11:00+07:00")});
  journey.Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, "officer-2"});
  CHECK_FALSE(journey.route.contest_until.has_value());
  CHECK_FALSE(journey.events.back().report_archived().has_contest_until());
  journey.Must(ContestArchive{journey.now});
  CHECK(journey.route.state == v1::ROUTE_STATE_ARCHIVED);
  CHECK(journey.last.events.empty());
}

TEST_CASE("what the clock archived, anybody may judge") {
  Journey journey = Uncompleted();
  journey.Must(ContestArchive{journey.now});
  CHECK(journey.Do(VerifyReport{.actor = Triage(), .officer = "officer-1"}).ok());
}

TEST_CASE("a contest doesn't open what its reporter took back") {
  Journey journey = Archived();
  journey.Must(WithdrawReport{journey.now}).Must(ContestArchive{journey.now});
  CHECK(journey.route.state == v1::ROUTE_STATE_ARCHIVED);
}

// --- verification

TEST_CASE("verification tells what the administrator judged, and keeps what they did not touch") {
  Journey journey =
      Submitted().Must(VerifyReport{.actor = Triage(), .category = "roads", .raise_confidential = true});
  const auto& verified = journey.events.back().report_verified();
  CHECK(verified.report_class() == report::v1::REPORT_CLASS_COMPLAINT);
  CHECK(verified.category() == "roads");
  CHECK(verified.region() == "32.73");
  CHECK(verified.confidential());
  CHECK(journey.events.back().actor().role() == report::v1::ROLE_TRIAGE);
}

TEST_CASE("confidentiality is never lowered") {
  ReceiveReport confidential = Submission();
  confidential.report.set_confidential(true);
  CHECK(Journey()
            .Must(confidential)
            .Must(VerifyReport{.actor = Triage()})
            .events.back()
            .report_verified()
            .confidential());
}

TEST_CASE("supervision goes when a complaint turns out to be something else") {
  ReceiveReport supervised = Submission();
  supervised.report.set_supervision(true);
  Journey journey =
      Journey()
          .Must(supervised)
          .Must(VerifyReport{.actor = Triage(), .report_class = report::v1::REPORT_CLASS_ASPIRATION});
  CHECK_FALSE(journey.events.back().report_verified().supervision());
}

TEST_CASE("what can't be verified is told all at once") {
  ReceiveReport bare = Submission();
  bare.report.clear_report_class();
  bare.report.clear_category();
  Journey journey = Journey().Must(bare);
  const absl::Status status =
      journey.Do(VerifyReport{.actor = Triage(), .supervision = true, .region = "99"});
  CHECK(absl::IsInvalidArgument(status));
  const auto bad_input = decision::BadInputOf(status);
  REQUIRE(bad_input->violations_size() == 4);
  CHECK(bad_input->violations(0).field() == "report_class");
  CHECK(bad_input->violations(1).field() == "supervision");
  CHECK(bad_input->violations(2).field() == "category");
  CHECK(bad_input->violations(3).field() == "region");
  CHECK(journey.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);

  CHECK(RefusalOf(journey.Do(VerifyReport{.actor = Triage(),
                                          .report_class = report::v1::REPORT_CLASS_COMPLAINT,
                                          .category = "nonsense"})) == "category INVALID_ARGUMENT");
}

// --- hands

TEST_CASE("an assignment makes the agency the holder and tells its hop and its zone") {
  Journey journey = Verified().Must(AssignReport{Triage(), "id.81"});
  CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.route.holder_agency_id == "id.81");
  const auto& assigned = journey.events.back().agency_assigned();
  CHECK(assigned.agency_id() == "id.81");
  CHECK(assigned.hop() == 1);
  CHECK(assigned.time_zone() == report::v1::TIME_ZONE_WIT);
  CHECK_FALSE(assigned.binding());
  CHECK(journey.handovers.back().agency_id == "id.81");
  CHECK(journey.handovers.back().number == 2);
}

TEST_CASE("nothing is assigned to an unknown agency or to the national administrator") {
  Journey journey = Verified();
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), "id.nobody"})) == "agency_id INVALID_ARGUMENT");
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), kRootAgencyId})) == "agency_id INVALID_ARGUMENT");
}

TEST_CASE("triage may take it from one agency to another, but not to the same") {
  Journey journey = Assigned().Must(AssignReport{Triage(), "id.81"});
  CHECK(journey.events.back().agency_assigned().hop() == 2);
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), "id.81"})) == "agency_id FAILED_PRECONDITION");
}

TEST_CASE("an agency's administrator assigns to the units below it only, and only what the agency holds") {
  CHECK(Assigned("id.32.73").Do(AssignReport{AdministratorOf("id.32.73"), "id.32.73.dinkes"}).ok());
  CHECK(Assigned("id.32").Do(AssignReport{AdministratorOf("id.32"), "id.32.73.dinkes"}).ok());
  CHECK(RefusalOf(Assigned("id.32.73").Do(AssignReport{AdministratorOf("id.32.73"), "id.81"})) ==
        "agency_id PERMISSION_DENIED");
  CHECK(RefusalOf(Assigned("id.81").Do(AssignReport{AdministratorOf("id.32.73"), "id.32.73.dinkes"})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(Assigned("id.32.73").Do(AssignReport{OfficerOf("id.32.73"), "id.32.73.dinkes"})) ==
        "report_id PERMISSION_DENIED");
}

TEST_CASE("only officers of the accountable agency accept, and once") {
  Journey journey = Assigned();
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.32.73")})) == "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(AcceptAssignment{Triage()})) == "report_id PERMISSION_DENIED");
  journey.Must(AcceptAssignment{OfficerOf("id.32.73.dinkes")});
  CHECK(journey.route.state == v1::ROUTE_STATE_ACCEPTED);
  CHECK(journey.events.back().assignment_accepted().agency_id() == "id.32.73.dinkes");
  CHECK(RefusalOf(journey.Do(AcceptAssignment{OfficerOf("id.32.73.dinkes")})) == "state FAILED_PRECONDITION");
}

TEST_CASE("a return with a target brings the report back to triage, with the proposal") {
  const Journey journey = Returned();
  CHECK(journey.route.state == v1::ROUTE_STATE_RETURNED);
  CHECK(journey.route.holder_agency_id == kRootAgencyId);
  CHECK(journey.route.proposed_agency_id == "id.32.73.dpupr");
  CHECK(journey.route.returned_from == "id.32.73.dinkes");
  const auto& returned = journey.events.back().assignment_returned();
  CHECK(returned.agency_id() == "id.32.73.dinkes");
  CHECK(returned.reason() == kReason);
  CHECK(returned.target_agency_id() == "id.32.73.dpupr");
  CHECK(returned.bounces() == 1);
  CHECK(journey.handovers.back().returned_because == kReason);
  CHECK(journey.handovers.back().decided_by.role() == report::v1::ROLE_OFFICER);
}

TEST_CASE("only the accountable agency returns, and names neither itself nor a unit of its own") {
  Journey journey = Assigned("id.32.73");
  const Actor officer = OfficerOf("id.32.73");
  CHECK(RefusalOf(journey.Do(ReturnAssignment{OfficerOf("id.81"), kReason, "id.kemenkes"})) ==
        "report_id PERMISSION_DENIED");
  for (const char* target : {"id.32.73", "id.32.73.dinkes", "id.nobody", kRootAgencyId}) {
    CAPTURE(target);
    CHECK(RefusalOf(journey.Do(ReturnAssignment{officer, kReason, target})) ==
          "target_agency_id INVALID_ARGUMENT");
  }
}

TEST_CASE("what an agency has just returned does not go back to it but by an arbiter") {
  Journey journey = Returned();
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), "id.32.73.dinkes"})) == "agency_id FAILED_PRECONDITION");
  // The city coordinates both; the ministry has no say.
  CHECK(RefusalOf(journey.Do(ArbitrateReport{ArbiterOf("id.kemenkes"), "id.32.73.dinkes"})) ==
        "report_id PERMISSION_DENIED");
  journey.Must(ArbitrateReport{ArbiterOf("id.32.73"), "id.32.73.dinkes"});
  CHECK(journey.events.back().agency_assigned().binding());
}

TEST_CASE("after another agency had it, the one that returned it may get it again") {
  Journey journey = Returned().Must(AssignReport{Triage(), "id.81"});
  CHECK(journey.route.returned_from.empty());
  CHECK(journey.route.proposed_agency_id.empty());
  CHECK(journey.Do(AssignReport{Triage(), "id.32.73.dinkes"}).ok());
}

TEST_CASE("a return without a target goes to the coordinator right above, as arbiter") {
  Journey journey = Assigned().Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, ""});
  CHECK(journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION);
  CHECK(journey.route.holder_agency_id == "id.32.73");
  REQUIRE(journey.last.events.size() == 2);
  CHECK(journey.last.events[0].has_assignment_returned());
  CHECK(journey.last.events[1].arbitration_requested().arbiter_agency_id() == "id.32.73");
  CHECK(journey.last.events[1].arbitration_requested().bounces() == 1);
}

TEST_CASE("the return that reaches the bounce limit goes to the common coordinator, whatever the target") {
  Journey journey = Returned();
  journey.Must(AssignReport{Triage(), "id.81"});
  journey.Must(ReturnAssignment{OfficerOf("id.81"), kReason, "id.kemenkes"});
  CHECK(journey.route.state == v1::ROUTE_STATE_RETURNED);
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  journey.Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.81"});
  CHECK(journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION);
  CHECK(journey.route.bounces == 3);
  CHECK(journey.route.holder_agency_id == "id.kemendagri");
}

TEST_CASE("an arbiter binds itself and those below it; the national one binds all; nobody returns it then") {
  const Journey in_arbitration = Assigned().Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, ""});

  Journey journey = in_arbitration;
  CHECK(RefusalOf(journey.Do(ArbitrateReport{ArbiterOf("id.32"), "id.32.73.dpupr"})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(ArbitrateReport{Triage(), "id.32.73.dpupr"})) == "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(journey.Do(ArbitrateReport{ArbiterOf("id.32.73"), "id.nobody"})) ==
        "agency_id INVALID_ARGUMENT");
  journey.Must(ArbitrateReport{ArbiterOf("id.32.73"), "id.32.73.dinkes"});
  CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
  const absl::Status refused = journey.Do(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.81"});
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(std::string(refused.message()).find("decided by an arbiter") != std::string::npos);

  journey = in_arbitration;
  CHECK(journey.Do(ArbitrateReport{ArbiterOf(kRootAgencyId), "id.kemenkes"}).ok());
}

TEST_CASE("an arbiter passes a case up whose agency it can't bind, to the first who can bind both") {
  Journey journey = Assigned().Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, ""});
  journey.Must(ArbitrateReport{ArbiterOf("id.32.73"), "id.81"});
  CHECK(journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION);
  CHECK(journey.route.holder_agency_id == "id.kemendagri");
  CHECK(journey.route.proposed_agency_id == "id.81");
  CHECK(journey.route.bounces == 1);
  REQUIRE(journey.last.events.size() == 1);
  CHECK(journey.last.events[0].arbitration_requested().arbiter_agency_id() == "id.kemendagri");

  journey.Must(ArbitrateReport{ArbiterOf("id.kemendagri"), "id.81"});
  CHECK(journey.route.bound_agency_id == "id.81");
  // After a return, which triage decides, nothing is passed up.
  Journey returned =
      Assigned().Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, "id.32.73.dpupr"});
  CHECK(RefusalOf(returned.Do(ArbitrateReport{ArbiterOf("id.32.73"), "id.kemenkes"})) ==
        "agency_id PERMISSION_DENIED");
}

TEST_CASE("an arbiter's decision goes on binding those to whom the report is passed") {
  Journey journey = Assigned("id.32.73").Must(ReturnAssignment{OfficerOf("id.32.73"), kReason, ""});
  journey.Must(ArbitrateReport{ArbiterOf("id.32"), "id.32.73"});
  journey.Must(AssignReport{AdministratorOf("id.32.73"), "id.32.73.dinkes"});
  CHECK(journey.events.back().agency_assigned().binding());
  CHECK(absl::IsFailedPrecondition(journey.Do(ReturnAssignment{OfficerOf("id.32.73.dinkes"), kReason, ""})));
}

TEST_CASE(
    "what an arbiter decided stays with that agency and its units, until the national one decides again") {
  Journey journey = Assigned("id.32.73").Must(ReturnAssignment{OfficerOf("id.32.73"), kReason, ""});
  journey.Must(ArbitrateReport{ArbiterOf("id.32"), "id.32.73"});
  for (const char* other : {"id.81", "id.32", "id.kemenkes"}) {
    CHECK(RefusalOf(journey.Do(AssignReport{Triage(), other})) == "agency_id FAILED_PRECONDITION");
  }
  // From unit to unit, and back.
  journey.Must(AssignReport{Triage(), "id.32.73.dinkes"});
  journey.Must(AssignReport{AdministratorOf("id.32.73"), "id.32.73.dpupr"});
  journey.Must(AssignReport{Triage(), "id.32.73"});
  CHECK(journey.events.back().agency_assigned().binding());

  // The coordinator has decided, and is not asked again.
  CHECK(RefusalOf(journey.Do(ArbitrateReport{ArbiterOf("id.32"), "id.32"})) == "report_id PERMISSION_DENIED");
  journey.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), "id.81"});
  CHECK(journey.route.holder_agency_id == "id.81");
  CHECK(journey.events.back().agency_assigned().binding());
  CHECK(RefusalOf(journey.Do(AssignReport{Triage(), "id.32.73"})) == "agency_id FAILED_PRECONDITION");
}

TEST_CASE("an agency's administrator takes back what a unit holds, or gives it to another unit") {
  const Actor administrator = AdministratorOf("id.32.73");
  CHECK(Assigned("id.32.73.dinkes").Do(AssignReport{administrator, "id.32.73.dpupr"}).ok());
  CHECK(Assigned("id.32.73.dinkes").Do(AssignReport{administrator, "id.32.73"}).ok());
  CHECK(RefusalOf(Assigned("id.32.73.dinkes").Do(AssignReport{administrator, "id.81"})) ==
        "agency_id PERMISSION_DENIED");
  // The province coordinates the city, whose units are not its own.
  CHECK(RefusalOf(Assigned("id.32.73.dinkes").Do(AssignReport{AdministratorOf("id.32"), "id.32.73.dpupr"})) ==
        "report_id PERMISSION_DENIED");
  CHECK(RefusalOf(Assigned("id.32.73").Do(AssignReport{AdministratorOf("id.32"), "id.32"})) ==
        "report_id PERMISSION_DENIED");
}

TEST_CASE("a stranger does not learn the state from what it forbids") {
  const Journey ended = Assigned().Must(EndRoute{At("2025-03-05T10:00+07:00")});
  for (Journey journey : {Submitted(), Returned(), ended}) {
    const Command commands[] = {
        AcceptAssignment{OfficerOf("id.81")}, ReturnAssignment{OfficerOf("id.81"), kReason, "id.kemenkes"},
        AssignReport{AdministratorOf("id.81"), "id.81"}, ArbitrateReport{ArbiterOf("id.81"), "id.81"}};
    for (const Command& command : commands) {
      CAPTURE(NameOf(KindOf(command)), NameOf(journey.route.state));
      CHECK(RefusalOf(journey.Do(command)) == "report_id PERMISSION_DENIED");
    }
  }
}

// --- the end, and back

TEST_CASE("closing and withdrawal end the route in nobody's hands and stop its clocks") {
  for (const Command& end : {Command(EndRoute{At("2025-03-05T10:00+07:00")}),
                             Command(WithdrawReport{At("2025-03-05T10:00+07:00")})}) {
    for (Journey journey :
         {Submitted(), Submitted().Must(RequestCompletion{Triage(), {"region"}}), Assigned()}) {
      journey.Must(end);
      CHECK(journey.route.state == v1::ROUTE_STATE_ENDED);
      CHECK(journey.route.holder_agency_id.empty());
      CHECK(journey.deadlines.empty());
      CHECK(journey.handovers.back().agency_id.empty());
      CHECK(journey.handovers.back().since == At("2025-03-05T10:00+07:00"));
    }
  }
}

TEST_CASE("a reopened case is back with the agency that had it last") {
  Journey journey = Assigned().Must(EndRoute{At("2025-03-05T10:00+07:00")});
  journey.Must(ReopenRoute{At("2025-03-06T10:00+07:00")});
  CHECK(journey.route.state == v1::ROUTE_STATE_ACCEPTED);
  CHECK(journey.route.holder_agency_id == "id.32.73.dinkes");
}

TEST_CASE(
    "one that was closed while it was with no agency is reopened with the administrators, as returned") {
  const Actor officer = OfficerOf("id.32.73.dinkes");
  for (Journey journey : {Returned(), Assigned().Must(ReturnAssignment{officer, kReason, ""})}) {
    journey.Must(EndRoute{At("2025-03-05T10:00+07:00")}).Must(ReopenRoute{At("2025-03-06T10:00+07:00")});
    CHECK(journey.route.state == v1::ROUTE_STATE_RETURNED);
    CHECK(journey.route.holder_agency_id == kRootAgencyId);
    CHECK(journey.route.returned_from == "id.32.73.dinkes");
    CHECK(RefusalOf(journey.Do(AcceptAssignment{officer})) == "report_id PERMISSION_DENIED");
    CHECK(journey.Do(AssignReport{Triage(), "id.81"}).ok());
  }
}

TEST_CASE("what the reporter took back is not opened again, in whatever order the events cross") {
  Journey journey = Assigned().Must(EndRoute{At("2025-03-05T10:00+07:00")});
  journey.Must(WithdrawReport{At("2025-03-05T10:01+07:00")}).Must(ReopenRoute{At("2025-03-05T10:00+07:00")});
  CHECK(journey.route.state == v1::ROUTE_STATE_ENDED);

  journey = Assigned().Must(EndRoute{At("2025-03-05T10:00+07:00")});
  journey.Must(ReopenRoute{At("2025-03-05T10:00+07:00")}).Must(WithdrawReport{At("2025-03-05T10:01+07:00")});
  CHECK(journey.route.state == v1::ROUTE_STATE_ENDED);
}

TEST_CASE("hands never overlap, even if an event tells of a time before the last handover") {
  Journey journey = Assigned();
  journey.Must(WithdrawReport{journey.now - absl::Hours(1)});
  CHECK(journey.handovers.back().since == journey.now);
}

TEST_CASE("a report that nobody has heard of is not found") {
  Journey journey;
  CHECK(RefusalOf(journey.Do(VerifyReport{.actor = Triage()})) == "report_id NOT_FOUND");
}

TEST_CASE("an illegal transition is refused naming state and command") {
  Journey journey = Submitted();
  const absl::Status status = journey.Do(AssignReport{Triage(), "id.81"});
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(std::string(status.message()).find("AssignReport is not allowed in AWAITING_TRIAGE") !=
        std::string::npos);
}

TEST_CASE("every change of hands tells its cause, who decided, and whether it binds") {
  Journey journey = Assigned();
  const std::string agency = journey.route.holder_agency_id;
  journey.Must(ReturnAssignment{OfficerOf(agency), event::v1::RETURN_REASON_OTHER_AGENCY, ""});
  journey.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), agency});
  Actor closer;
  closer.set_role(report::v1::ROLE_REPORTER);
  journey.Must(EndRoute{journey.now, closer}).Must(ReopenRoute{journey.now, closer});
  std::vector<std::tuple<HandCause, report::v1::Role, bool>> told;
  for (const Handover& handover : journey.handovers)
    told.emplace_back(handover.cause, handover.decided_by.role(), handover.binding);
  CHECK(told == std::vector<std::tuple<HandCause, report::v1::Role, bool>>{
                    {v1::HAND_CAUSE_SUBMITTED, report::v1::ROLE_REPORTER, false},
                    {v1::HAND_CAUSE_ASSIGNED, report::v1::ROLE_TRIAGE, false},
                    {v1::HAND_CAUSE_ARBITRATION, report::v1::ROLE_OFFICER, false},
                    {v1::HAND_CAUSE_ARBITRATED, report::v1::ROLE_ARBITER, true},
                    {v1::HAND_CAUSE_CLOSED, report::v1::ROLE_REPORTER, false},
                    {v1::HAND_CAUSE_REOPENED, report::v1::ROLE_REPORTER, true}});
}

// --- carry-over

const Registry& WithoutDinkes() {
  static const Registry registry = RegistryAfter(
      CountryRegistry(), {EndingRow("id.32.73.dinkes", event::v1::AGENCY_CHANGE_MERGED, {"id.32.73.dpupr"})},
      kEnded);
  return registry;
}

Journey WithDinkes() {
  Journey journey;
  journey.Must(Submission())
      .Must(VerifyReport{.actor = Triage()})
      .Must(AssignReport{Triage(), "id.32.73.dinkes"});
  return journey;
}

TEST_CASE("a report of an agency that has ended goes to its successor, as a hand and not as a bounce") {
  Journey journey = WithDinkes().Must(AcceptAssignment{OfficerOf("id.32.73.dinkes")});
  const size_t events = journey.events.size();
  journey.registry = &WithoutDinkes();
  journey.now += absl::Hours(1);
  journey.Must(CarryOver{});

  CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(journey.route.holder_agency_id == "id.32.73.dpupr");
  CHECK(journey.route.bounces == 0);
  CHECK(journey.route.hops == 2);
  REQUIRE(journey.events.size() == events + 1);
  const event::v1::AgencyAssigned& assigned = journey.events.back().agency_assigned();
  CHECK(journey.events.back().actor().role() == report::v1::ROLE_SERVICE);
  CHECK(assigned.agency_id() == "id.32.73.dpupr");
  CHECK(assigned.hop() == 2);
  CHECK(assigned.carried_over());
  CHECK(journey.handovers.back().cause == v1::HAND_CAUSE_CARRIED_OVER);
  CHECK(journey.handovers.back().since == journey.now);
  // Whatever runs, runs on; and the successor's own application is sent it.
  REQUIRE(journey.last.deadlines.size() == 1);
  CHECK(journey.last.deadlines[0].clock == report::v1::CLOCK_DELIVERY);

  journey.Must(CarryOver{});
  CHECK(journey.last.events.empty());
  CHECK(journey.last.records.empty());
}

TEST_CASE("a report that nothing has ended for is left alone") {
  Journey journey = WithDinkes();
  journey.Must(CarryOver{});
  CHECK(journey.last.events.empty());
  CHECK(journey.route.holder_agency_id == "id.32.73.dinkes");
}

TEST_CASE("what was closed with an agency that has ended goes to its successor when it is opened again") {
  Journey journey = WithDinkes();
  journey.Must(EndRoute{journey.now});
  journey.registry = &WithoutDinkes();
  journey.Must(CarryOver{});
  CHECK(journey.last.events.empty());
  journey.Must(ReopenRoute{journey.now}).Must(CarryOver{});
  CHECK(journey.route.holder_agency_id == "id.32.73.dpupr");
}

TEST_CASE("a successor stands where the agency stood that was proposed, or decided for") {
  Journey returned;
  returned.Must(Submission())
      .Must(VerifyReport{.actor = Triage()})
      .Must(AssignReport{Triage(), "id.kemenkes"});
  Journey bound = returned;
  returned.Must(
      ReturnAssignment{OfficerOf("id.kemenkes"), event::v1::RETURN_REASON_OTHER_LEVEL, "id.32.73.dinkes"});
  returned.registry = &WithoutDinkes();
  returned.Must(CarryOver{});
  CHECK(returned.route.state == v1::ROUTE_STATE_RETURNED);
  CHECK(returned.route.proposed_agency_id == "id.32.73.dpupr");
  CHECK(returned.last.events.empty());

  bound.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), "id.32.73.dinkes"});
  bound.registry = &WithoutDinkes();
  bound.Must(CarryOver{});
  CHECK(bound.route.bound_agency_id == "id.32.73.dpupr");
  CHECK(bound.route.holder_agency_id == "id.32.73.dpupr");
  CHECK(bound.events.back().agency_assigned().binding());
}

TEST_CASE("the coordinator that now stands above decides in place of an arbiter that has ended") {
  Journey journey = WithDinkes();
  journey.Must(ReturnAssignment{OfficerOf("id.32.73.dinkes"), event::v1::RETURN_REASON_OTHER_AGENCY, ""});
  REQUIRE(journey.route.holder_agency_id == "id.32.73");
  journey.registry = &RegistryWithoutCity();
  journey.Must(CarryOver{});
  CHECK(journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION);
  CHECK(journey.route.holder_agency_id ==
        "id.kemendagri");  // above the province, which took the unit's place
  const event::v1::ArbitrationRequested& requested = journey.events.back().arbitration_requested();
  CHECK(requested.arbiter_agency_id() == "id.kemendagri");
  CHECK(requested.carried_over());
  CHECK(requested.bounces() == journey.route.bounces);
}

TEST_CASE("an agency that has ended is no target, and who stands in its place is told") {
  Journey journey = WithDinkes();
  journey.registry = &WithoutDinkes();
  const absl::Status status = journey.Do(
      ReturnAssignment{OfficerOf("id.32.73.dinkes"), event::v1::RETURN_REASON_OTHER_AGENCY, "id.kemenkes"});
  CHECK(status.ok());  // it may still say so, until its reports are gone
  const absl::Status assigned = journey.Do(AssignReport{Triage(), "id.32.73.dinkes"});
  CHECK(absl::IsFailedPrecondition(assigned));
  CHECK(assigned.message() ==
        "agency_id: has ended; in its place: id.32.73.dpupr; name an agency that goes on");
}

}  // namespace
}  // namespace lapor::routing
