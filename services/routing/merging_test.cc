// Duplicates: a report that tells what another one tells follows that one, its lead, and may come back.
#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/routing/domain.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using decision::FromProto;
using report::v1::CLOCK_VERIFICATION;

Journey Submitted(const std::string& id = kReportId, absl::Duration later = absl::ZeroDuration()) {
  Journey journey(id);
  ReceiveReport submission = Submission();
  submission.at += later;
  journey.now = submission.at;
  return journey.Must(submission);
}
Journey Verified(const std::string& id = kReportId, absl::Duration later = absl::ZeroDuration()) {
  return Submitted(id, later).Must(VerifyReport{.actor = Triage()});
}
Journey Assigned(const std::string& id = kReportId, absl::Duration later = absl::ZeroDuration()) {
  return Verified(id, later).Must(AssignReport{Triage(), "id.32.73.dinkes"});
}

std::string RefusalOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  const std::string field = bad_input ? bad_input->violations(0).field() : "no refusal";
  return field + " " + absl::StatusCodeToString(status.code());
}

TEST_CASE("a merged report follows its lead: nobody holds it, no clock of it runs, both tell") {
  Journey lead = Assigned();
  Journey follower = Verified(kOtherReportId, absl::Hours(2));
  REQUIRE(Merge(follower, lead).ok());
  CHECK(follower.route.state == v1::ROUTE_STATE_MERGED);
  CHECK(follower.route.holder_agency_id.empty());
  CHECK(follower.route.lead_report_id == kReportId);
  CHECK(follower.deadlines.empty());
  CHECK(follower.handovers.back().cause == v1::HAND_CAUSE_MERGED);
  CHECK(follower.events.back().report_merged().lead_report_id() == kReportId);

  CHECK(lead.route.state == v1::ROUTE_STATE_ASSIGNED);
  CHECK(lead.route.followers == 1);
  const auto& joined = lead.events.back().follower_joined();
  CHECK(joined.follower_report_id() == kOtherReportId);
  CHECK(FromProto(joined.verified_at()) == *follower.route.verified_at);
  CHECK_FALSE(joined.has_assigned_at());
}

TEST_CASE("the lead keeps the earlier verification clock, whichever report that was of") {
  Journey lead = Submitted(kReportId, absl::Hours(24 * 3));
  Journey follower = Submitted(kOtherReportId);
  const absl::Time earlier = *follower.route.verification_due_at;
  REQUIRE(earlier < *lead.route.verification_due_at);
  REQUIRE(Merge(follower, lead).ok());
  CHECK(*lead.route.verification_due_at == earlier);
  CHECK(lead.route.verification_due_at == earlier);

  Journey early_lead = Submitted();
  Journey late_follower = Submitted(kOtherReportId, absl::Hours(24 * 3));
  REQUIRE(Merge(late_follower, early_lead).ok());
  CHECK(*early_lead.route.verification_due_at == earlier);
}

TEST_CASE("an earlier clock that has run out already is told at once, and once") {
  Journey lead = Submitted(kReportId, absl::Hours(24 * 7));
  Journey follower = Submitted(kOtherReportId);
  const absl::Time due_at = *follower.route.verification_due_at;
  follower.now = lead.now;
  REQUIRE(due_at < follower.now);
  follower.Must(PassVerification{});
  REQUIRE(Merge(follower, lead).ok());
  REQUIRE(lead.last.events.size() == 2);
  CHECK(FromProto(lead.last.events[0].verification_overdue().due_at()) == due_at);
  CHECK_FALSE(lead.deadlines.contains(CLOCK_VERIFICATION));
}

TEST_CASE("danger to life comes with the follower; flags of its own stay with it") {
  Journey lead = Assigned();
  ReceiveReport submission = Submission();
  submission.report.set_danger_to_life(true);
  submission.report.set_confidential(true);
  Journey follower(kOtherReportId);
  follower.Must(submission);
  REQUIRE(Merge(follower, lead).ok());
  CHECK(lead.route.danger_to_life);
  CHECK_FALSE(lead.route.confidential);
  CHECK(follower.route.confidential);
}

TEST_CASE("no report follows itself, a follower or a report that nobody follows up; no lead follows") {
  Journey itself = Assigned();
  CHECK(RefusalOf(itself.Do(MergeReport{Triage(), kReportId})) == "lead_report_id INVALID_ARGUMENT");

  Journey lead = Assigned();
  Journey follower = Assigned(kOtherReportId);
  REQUIRE(Merge(follower, lead).ok());
  Journey third = Assigned("3");
  CHECK(RefusalOf(Merge(third, follower)) == "lead_report_id FAILED_PRECONDITION");
  CHECK(third.route.state == v1::ROUTE_STATE_ASSIGNED);
  Journey fourth = Assigned("4");
  CHECK(RefusalOf(Merge(lead, fourth)) == "report_id FAILED_PRECONDITION");
  CHECK(RefusalOf(Merge(lead, follower)) == "report_id FAILED_PRECONDITION");
  CHECK(fourth.route.followers == 0);
  // Again is not allowed either.
  CHECK(absl::IsFailedPrecondition(Merge(follower, lead)));
  CHECK(lead.route.followers == 1);

  Journey archived = Submitted("5").Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT});
  Journey ended = Assigned("6");
  ended.Must(EndRoute{ended.now});
  CHECK(RefusalOf(Merge(third, archived)) == "lead_report_id FAILED_PRECONDITION");
  CHECK(RefusalOf(Merge(third, ended)) == "lead_report_id FAILED_PRECONDITION");
  Journey unknown("7");
  CHECK(RefusalOf(Merge(third, unknown)) == "lead_report_id NOT_FOUND");
}

TEST_CASE("a lead is as far as its follower, and of the same class") {
  const auto refusal = [](Journey follower, Journey lead) { return RefusalOf(Merge(follower, lead)); };
  CHECK(refusal(Verified("2"), Submitted()) == "lead_report_id FAILED_PRECONDITION");
  CHECK(refusal(Assigned("2"), Verified()) == "lead_report_id FAILED_PRECONDITION");
  CHECK(refusal(Submitted("2"), Assigned()) == "no refusal OK");

  Journey question = Submitted("2").Must(
      VerifyReport{.actor = Triage(), .report_class = report::v1::REPORT_CLASS_INFORMATION_REQUEST});
  CHECK(refusal(question, Assigned()) == "lead_report_id FAILED_PRECONDITION");
  Journey supervised = Submitted("2").Must(VerifyReport{.actor = Triage(), .supervision = true});
  CHECK(refusal(supervised, Assigned()) == "lead_report_id FAILED_PRECONDITION");
}

TEST_CASE("what another administrator has claimed is not merged from under their hands") {
  Journey lead = Assigned();
  Journey follower = Verified(kOtherReportId);
  follower.route.claimed_by = "somebody";
  follower.route.claimed_until = follower.now + absl::Minutes(5);
  CHECK(RefusalOf(Merge(follower, lead)) == "report_id FAILED_PRECONDITION");
}

TEST_CASE(
    "un-merged, a report is where it was, as far as administrators are concerned, and its clock has run on") {
  Journey submitted = Submitted("2"), verified = Verified("3"), assigned = Assigned("4");
  Journey incomplete = Submitted("5").Must(RequestCompletion{Triage(), {"region"}});
  Journey lead = Assigned();
  const absl::Time due_at = *submitted.route.verification_due_at;
  for (Journey* follower : {&submitted, &verified, &assigned, &incomplete}) {
    REQUIRE(Merge(*follower, lead).ok());
    follower->now += absl::Hours(1);
    REQUIRE(Unmerge(*follower, lead).ok());
    CHECK(follower->route.holder_agency_id == kRootAgencyId);
    CHECK(follower->route.lead_report_id.empty());
    CHECK(follower->handovers.back().cause == v1::HAND_CAUSE_UNMERGED);
    const auto& unmerged = follower->events.back().report_unmerged();
    CHECK(unmerged.lead_report_id() == kReportId);
    CHECK(unmerged.reason() == event::v1::UNMERGE_REASON_ADMINISTRATOR);
  }
  CHECK(lead.route.followers == 0);
  CHECK(submitted.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(submitted.route.verification_due_at == due_at);
  CHECK(verified.route.state == v1::ROUTE_STATE_VERIFIED);
  CHECK(verified.route.verification_due_at == due_at);
  // It has been assigned, so verification is over; it needs an agency again.
  CHECK(assigned.route.state == v1::ROUTE_STATE_RETURNED);
  CHECK(assigned.deadlines.empty());
  CHECK(assigned.Do(AssignReport{Triage(), "id.81"}).ok());
  // No verification clock ran, so it starts.
  CHECK(incomplete.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(incomplete.deadlines.contains(CLOCK_VERIFICATION));
}

TEST_CASE("the lead gives no time back when a follower leaves") {
  Journey lead = Submitted(kReportId, absl::Hours(24 * 3));
  Journey follower = Submitted(kOtherReportId);
  REQUIRE(Merge(follower, lead).ok());
  const auto due_at = lead.route.verification_due_at;
  REQUIRE(Unmerge(follower, lead).ok());
  CHECK(lead.route.verification_due_at == due_at);
}

TEST_CASE("only the merge that one has seen is taken back") {
  Journey lead = Assigned(), other = Assigned("2"), follower = Assigned(kOtherReportId);
  REQUIRE(Merge(follower, lead).ok());
  CHECK(absl::IsAborted(Unmerge(follower, other)));
  CHECK(follower.route.state == v1::ROUTE_STATE_MERGED);
}

TEST_CASE("a follower that its reporter withdrew, or that was closed meanwhile, ends when it leaves") {
  Journey lead = Assigned();
  Journey withdrawn = Assigned("2"), closed = Assigned("3"), reopened = Assigned("4"),
          escalated = Assigned("5");
  for (Journey* follower : {&withdrawn, &closed, &reopened, &escalated}) REQUIRE(Merge(*follower, lead).ok());
  const absl::Time at = lead.now;
  withdrawn.Must(RecordEscalation{}).Must(WithdrawReport{at});
  closed.Must(EndRoute{at});
  reopened.Must(EndRoute{at}).Must(ReopenRoute{at});
  // Whatever else crosses it.
  escalated.Must(RecordEscalation{}).Must(EndRoute{at}).Must(ReopenRoute{at});
  const auto end = [&](Journey& follower) {
    REQUIRE(Unmerge(follower, lead, event::v1::UNMERGE_REASON_LEAD_GONE).ok());
    return std::pair(follower.route.state, follower.events.back().report_unmerged().reason());
  };
  CHECK(end(withdrawn) == std::pair(v1::ROUTE_STATE_ENDED, event::v1::UNMERGE_REASON_WITHDRAWN));
  CHECK(end(closed) == std::pair(v1::ROUTE_STATE_ENDED, event::v1::UNMERGE_REASON_CLOSED));
  CHECK(end(reopened) == std::pair(v1::ROUTE_STATE_RETURNED, event::v1::UNMERGE_REASON_LEAD_GONE));
  CHECK(end(escalated) == std::pair(v1::ROUTE_STATE_RETURNED, event::v1::UNMERGE_REASON_ESCALATED));
}

TEST_CASE("what is answered, or before the Ombudsman, follows nobody; it may lead") {
  Journey answered = Assigned("2").Must(RecordAnswer{});
  Journey escalated = Assigned("3").Must(RecordEscalation{});
  Journey lead = Assigned();
  CHECK(RefusalOf(Merge(answered, lead)) == "report_id FAILED_PRECONDITION");
  CHECK(RefusalOf(Merge(escalated, lead)) == "report_id FAILED_PRECONDITION");
  CHECK(Merge(lead, answered).ok());
  // Until neither holds any more.
  escalated.Must(RecordEscalation{false});
  CHECK(Merge(escalated, answered).ok());
  Journey reopened = Assigned("4").Must(RecordAnswer{});
  reopened.Must(ReopenRoute{.at = reopened.now, .by = {}, .child = 0, .answer_stands = true});
  CHECK(RefusalOf(Merge(reopened, answered)) == "report_id FAILED_PRECONDITION");
  reopened.Must(ReopenRoute{reopened.now});
  CHECK(Merge(reopened, answered).ok());
}

TEST_CASE(
    "a complete report doesn't wait behind an incomplete one, nor does one that leads have to be completed") {
  Journey incomplete = Submitted().Must(RequestCompletion{Triage(), {"region"}});
  Journey complete = Submitted("2");
  CHECK(RefusalOf(Merge(complete, incomplete)) == "lead_report_id FAILED_PRECONDITION");
  Journey also = Submitted("3").Must(RequestCompletion{Triage(), {"region"}});
  CHECK(RefusalOf(Merge(also, incomplete)) == "lead_report_id FAILED_PRECONDITION");
  REQUIRE(Merge(incomplete, complete).ok());
  CHECK(RefusalOf(complete.Do(RequestCompletion{Triage(), {"region"}})) == "report_id FAILED_PRECONDITION");
}

TEST_CASE(
    "a contested archiving is judged by somebody else, also by merging, and what was decided before it "
    "counts no more") {
  Journey contested =
      Verified("2").Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, "a"});
  contested.Must(ContestArchive{contested.now});
  Journey lead = Submitted();
  CHECK(RefusalOf(Journey(contested).Do(MergeReport{Triage(), kReportId, "a"})) ==
        "report_id PERMISSION_DENIED");
  // Neither is as far as a verified one.
  Journey verified = Verified("3");
  CHECK(RefusalOf(Merge(verified, contested)) == "lead_report_id FAILED_PRECONDITION");
  const absl::Time due_at = *contested.route.verification_due_at;
  REQUIRE(Merge(contested, lead).ok());
  REQUIRE(Unmerge(contested, lead).ok());
  CHECK(contested.route.state == v1::ROUTE_STATE_AWAITING_TRIAGE);
  CHECK(contested.route.verification_due_at == due_at);
}

TEST_CASE("a completion that crosses the merge counts from when it came") {
  Journey follower = Submitted("2").Must(RequestCompletion{Triage(), {"region"}});
  Journey lead = Submitted();
  REQUIRE(Merge(follower, lead).ok());
  const absl::Time at = follower.now;
  follower.now += absl::Hours(24 * 3);
  follower.Must(ReceiveCompletion{"", "32.73", at});
  REQUIRE(Unmerge(follower, lead).ok());
  CHECK(follower.route.region == "32.73");
  CHECK(follower.route.complete_since == at);
  CHECK(follower.deadlines.at(CLOCK_VERIFICATION) == lead.deadlines.at(CLOCK_VERIFICATION));
}

TEST_CASE("the earlier start goes on with the lead when that comes to follow another one") {
  Journey early = Assigned("2"), middle = Assigned("3", absl::Hours(24)),
          last = Assigned("4", absl::Hours(48));
  REQUIRE(Merge(early, middle).ok());
  REQUIRE(Unmerge(early, middle).ok());
  REQUIRE(Merge(middle, last).ok());
  const auto& joined = last.events.back().follower_joined();
  CHECK(FromProto(joined.verified_at()) == *early.route.verified_at);
  CHECK(FromProto(joined.assigned_at()) == *early.route.assigned_at);
}

TEST_CASE("an order of the sweep that comes twice is refused as overtaken") {
  Journey lead = Assigned(), follower = Assigned(kOtherReportId);
  REQUIRE(Merge(follower, lead).ok());
  Actor suite;
  suite.set_role(report::v1::ROLE_SERVICE);
  const UnmergeReport order{suite, kReportId, event::v1::UNMERGE_REASON_LEAD_GONE};
  follower.Must(order);
  CHECK(absl::IsAborted(follower.Do(order)));
}

}  // namespace
}  // namespace lapor::routing
