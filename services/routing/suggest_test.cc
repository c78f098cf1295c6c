#include "services/routing/suggest.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "services/routing/clocks.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

Journey Received(const std::string& category, const std::string& region) {
  Journey journey;
  ReceiveReport submission = Submission();
  submission.report.set_category(category);
  submission.report.set_region(region);
  return journey.Must(submission);
}

v1::RouteExplanation ExplanationOf(const Journey& journey) {
  return Explain(journey.route, journey.handovers, v1::Route(), *ShippedRules(), CountryRegistry());
}

// What the rules say of `agency_id`, once a report of that topic and place is assigned to it.
v1::ExplainedHand HandOf(const std::string& agency_id, const std::string& category,
                         const std::string& region) {
  Journey journey = Received(category, region);
  VerifyReport verify{Triage()};
  if (category.empty()) verify.category = "health";
  journey.Must(verify).Must(AssignReport{Triage(), agency_id});
  journey.route.category = category;
  return *ExplanationOf(journey).hands().rbegin();
}

TEST_CASE("the agency that the rule names is competent, and so are its government and its units") {
  const v1::ExplainedHand named = HandOf("id.32.73.dinkes", "health", "32.73");
  CHECK(named.rules_say() == v1::RULES_SAY_COMPETENT);
  CHECK(named.rule_id() == "health");
  CHECK(named.why() == "assigned by triage; rule health names it: a matter of the city, 32.73 Kota Bandung");
  CHECK(HandOf("id.32.73", "health", "32.73").rules_say() == v1::RULES_SAY_COMPETENT);
}

TEST_CASE("who coordinates the government that is competent is not competent, nor is another unit of it") {
  const v1::ExplainedHand province = HandOf("id.32", "health", "32.73");
  CHECK(province.rules_say() == v1::RULES_SAY_NOT_COMPETENT);
  CHECK(province.why() ==
        "assigned by triage; rule health names Agency id.32.73.dinkes (id.32.73.dinkes) instead: a matter of "
        "the city, "
        "32.73 Kota Bandung");
  CHECK(HandOf("id.32.73.dpupr", "health", "32.73").rules_say() == v1::RULES_SAY_NOT_COMPETENT);
}

TEST_CASE("an agency that a later rule names may be competent, and its citation is told") {
  const v1::ExplainedHand hand = HandOf("id.32", "roads", "32.73");
  CHECK(hand.rules_say() == v1::RULES_SAY_POSSIBLE);
  CHECK(hand.rule_id() == "roads-province");
  CHECK(hand.citation().article() == "art. 15");
}

TEST_CASE("without a topic or a place the rules say that they can't tell") {
  CHECK(HandOf("id.81", "health", "").rules_say() == v1::RULES_SAY_UNDECIDED);
  CHECK(HandOf("id.81", "health", "").why() == "assigned by triage; the rules can't tell without the region");
  CHECK(HandOf("id.81", "", "32.73").rules_say() == v1::RULES_SAY_UNDECIDED);
  CHECK(HandOf("id.81", "other", "32.73").rules_say() == v1::RULES_SAY_UNDECIDED);
}

TEST_CASE("every state says why the report is there") {
  Journey journey = Received("health", "32.73");
  CHECK(ExplanationOf(journey).why() ==
        "It waits for triage. Until somebody else has it the national administrator is accountable.");
  Journey asked = journey;
  asked.Must(RequestCompletion{Triage(), {"region"}});
  CHECK(ExplanationOf(asked).why() == "It waits for the reporter, who was asked for: region.");
  journey.Must(VerifyReport{Triage()});
  CHECK(ExplanationOf(journey).why() ==
        "It is verified and waits to be assigned. Until then the national administrator is accountable.");
  journey.Must(AssignReport{Triage(), "id.81"});
  CHECK(ExplanationOf(journey).why() ==
        "Agency id.81 (id.81) is accountable: assigned by triage; rule health names Agency id.32.73.dinkes "
        "(id.32.73.dinkes) instead: a matter of the city, 32.73 Kota Bandung.");
  Journey returned = journey;
  returned.Must(ReturnAssignment{OfficerOf("id.81"), event::v1::RETURN_REASON_OTHER_REGION, "id.32.73"});
  CHECK(ExplanationOf(returned).why() ==
        "Agency id.81 (id.81) has returned it and names Agency id.32.73 (id.32.73). The national "
        "administrator assigns "
        "it anew.");
  journey.Must(ReturnAssignment{OfficerOf("id.81"), event::v1::RETURN_REASON_OTHER_REGION, ""});
  CHECK(ExplanationOf(journey).why() ==
        "Agency id.81 (id.81) has returned it, return number 1. Agency id.kemendagri (id.kemendagri) decides "
        "as "
        "arbiter, and that binds.");
  Journey archived = Received("health", "32.73");
  archived.Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_UNINTELLIGIBLE});
  CHECK(ExplanationOf(archived).why() == "Nobody is accountable any more: archived by triage.");
  CHECK(ExplanationOf(archived).end().cause() == v1::HAND_CAUSE_ARCHIVED);
}

TEST_CASE("what an arbiter decides about who has it already is told, though no hand changes") {
  Journey journey = Received("health", "32.73");
  journey.Must(VerifyReport{Triage()}).Must(AssignReport{Triage(), "id.32.73.dinkes"});
  journey.Must(ArbitrateReport{ArbiterOf(kRootAgencyId), "id.32.73.dinkes"});
  const v1::RouteExplanation explanation = ExplanationOf(journey);
  CHECK(explanation.hands_size() == 2);
  CHECK(explanation.why().find("An arbiter has since decided that it stays.") != std::string::npos);
}

TEST_CASE("a hand of before it was recorded who decides is explained as far as it goes") {
  Journey journey = Received("health", "32.73");
  journey.Must(VerifyReport{Triage()}).Must(AssignReport{Triage(), "id.32.73.dinkes"});
  for (Handover& handover : journey.handovers) {
    handover.cause = v1::HAND_CAUSE_UNSPECIFIED;
    handover.decided_by.Clear();
  }
  const v1::RouteExplanation explanation = ExplanationOf(journey);
  CHECK(explanation.hands(0).why() == "who decided was not recorded yet");
  CHECK(explanation.hands(1).rules_say() == v1::RULES_SAY_COMPETENT);
}

TEST_CASE("the clocks of a route are explained: when they end, by which article, and whether they were met") {
  const auto explained = [](const Journey& journey) {
    return ExplainClocks(journey.route, journey.handovers, *ShippedPolicy(), CountryRegistry());
  };
  using decision::FromProto;
  Journey journey = Received("health", "32.73");
  REQUIRE(explained(journey).size() == 1);
  const v1::RouteClock running = explained(journey)[0];
  CHECK(running.clock() == report::v1::CLOCK_VERIFICATION);
  CHECK(FromProto(running.started_at()) == At("2025-03-04T10:00+07:00"));
  CHECK(FromProto(running.due_at()) == At("2025-03-08T00:00+07:00"));
  CHECK(running.explanation().due_at().seconds() == running.due_at().seconds());
  CHECK_FALSE(running.explanation().term().citation().instrument().empty());
  CHECK_FALSE(running.has_met_at());
  CHECK_FALSE(running.breached());

  Journey asked = journey;
  asked.Must(RequestCompletion{Triage(), {"region"}});
  REQUIRE(explained(asked).size() == 1);
  CHECK(explained(asked)[0].clock() == report::v1::CLOCK_COMPLETION);
  CHECK(explained(asked)[0].has_explanation());
  // From before its start was recorded.
  asked.route.completion_asked_at.reset();
  CHECK_FALSE(explained(asked)[0].has_started_at());
  CHECK_FALSE(explained(asked)[0].has_explanation());

  journey.now = At("2025-03-10T09:00+07:00");
  journey.Must(PassVerification{});
  CHECK(explained(journey)[0].breached());
  journey.Must(VerifyReport{Triage()}).Must(AssignReport{Triage(), "id.32.73.dpupr"});
  const auto assigned = explained(journey);
  REQUIRE(assigned.size() == 2);
  CHECK(FromProto(assigned[0].met_at()) == journey.now);
  CHECK(assigned[0].breached());
  CHECK(assigned[1].clock() == report::v1::CLOCK_DELIVERY);
  CHECK(FromProto(assigned[1].due_at()) == At("2025-03-12T00:00+07:00"));
  CHECK(assigned[1].explanation().due_at().seconds() == assigned[1].due_at().seconds());
  CHECK_FALSE(assigned[1].has_met_at());
  CHECK_FALSE(assigned[1].breached());
  journey.route.delivery->acknowledged_at = journey.now;
  CHECK(explained(journey)[1].has_met_at());

  // A part has none of its own; and taking over an earlier follower's assignment meets nothing.
  journey.route.child = 1;
  CHECK(explained(journey)[0].clock() == report::v1::CLOCK_DELIVERY);
  asked = Received("health", "32.73");
  asked.route.assigned_at = At("2025-03-05T10:00+07:00");
  CHECK_FALSE(explained(asked)[0].has_met_at());
}

TEST_CASE("a verification is explained by the zone that it was counted in, whatever the region is now") {
  Journey journey = Received("health", "32.73");
  journey.Must(VerifyReport{.actor = Triage(), .region = "81.71"});
  const auto clock = ExplainClocks(journey.route, journey.handovers, *ShippedPolicy(), CountryRegistry())[0];
  CHECK(clock.explanation().time_zone() == report::v1::TIME_ZONE_WIB);
  CHECK(clock.explanation().due_at().seconds() == clock.due_at().seconds());
}

TEST_CASE("of few suggestions the first is the best, and the last is who takes what no rule decides") {
  const policy::Question question{.categories = {{"roads"}}, .regions = {{"32.73"}}};
  const auto all = Suggest(*ShippedRules(), question, CountryRegistry(), kMaxSuggestions);
  REQUIRE(all.suggestions_size() >= 3);
  for (int max = 1; max < all.suggestions_size(); ++max) {
    const auto few = Suggest(*ShippedRules(), question, CountryRegistry(), max);
    REQUIRE(few.suggestions_size() == max);
    CHECK(few.suggestions(0).agency_id() == all.suggestions(0).agency_id());
    if (max > 1) CHECK(few.suggestions().rbegin()->agency_id() == all.suggestions().rbegin()->agency_id());
  }
}

TEST_CASE(
    "before the registry is loaded everything stands with the national administrator, and it is said why") {
  const auto suggested =
      Suggest(*ShippedRules(), {.categories = {{"health"}}, .regions = {{"32.73"}}}, Registry(), 10);
  CHECK(suggested.suggestions_size() == 1);
  CHECK(suggested.suggestions(0).agency_id() == kRootAgencyId);
  CHECK(suggested.suggestions(0).missing_agency_id() == "id.32.73.dinkes");
}

}  // namespace
}  // namespace lapor::routing
