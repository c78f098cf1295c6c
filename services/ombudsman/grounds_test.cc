// The formal check: each ground of UU 37/2008 with its own verdict, and one that fails names itself.
#include "services/ombudsman/grounds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "libs/decision/proto_time.h"
#include "services/ombudsman/domain.h"
#include "services/ombudsman/subscriber.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Ground;
using testing::Declarations;
using testing::Officer;
using testing::Story;
using testing::StoryAt;
using testing::Wib;

std::map<Ground, bool> VerdictsOf(const event::v1::EligibilityDecided& decided) {
  std::map<Ground, bool> verdicts;
  for (const auto& verdict : decided.verdicts()) verdicts[verdict.ground()] = verdict.met();
  REQUIRE(verdicts.size() == static_cast<size_t>(decided.verdicts_size()));
  return verdicts;
}

// The grounds that the formal check of this story finds unmet.
std::vector<Ground> Missing(Story story) {
  story.Check("2025-06-30 09:00");
  // A reminder may come first.
  const auto event =
      std::ranges::find_if(story.last, [](const auto& e) { return e.has_eligibility_decided(); });
  REQUIRE(event != story.last.end());
  const event::v1::EligibilityDecided& decided = event->eligibility_decided();
  std::vector<Ground> missing;
  for (const auto& [ground, met] : VerdictsOf(decided)) {
    if (!met) missing.push_back(ground);
  }
  CHECK(decided.eligible() == missing.empty());
  CHECK(story.now.stage ==
        (missing.empty() ? event::v1::ESCALATION_STAGE_MATERIAL_CHECK : event::v1::ESCALATION_STAGE_CLOSED));
  return missing;
}
using Grounds = std::vector<Ground>;

TEST_CASE("every ground gets a verdict, in the event and on record") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.Check();
  const auto verdicts = VerdictsOf(story.last[0].eligibility_decided());
  CHECK(verdicts.size() == static_cast<size_t>(event::v1::Ground_ARRAYSIZE - 1));
  REQUIRE(story.records.size() == verdicts.size());
  for (const Record& record : story.records) {
    const Verdict& verdict = std::get<Verdict>(record);
    CHECK(verdict.report_id == story.now.id);
    CHECK(verdict.escalation == 1);
    CHECK(verdict.met == verdicts.at(verdict.ground));
    CHECK(verdict.basis != event::v1::VERDICT_BASIS_UNSPECIFIED);
    CHECK(verdict.reason.empty());
    CHECK(verdict.decided_at == Wib("2025-06-17 09:00"));
  }
}

TEST_CASE("a neglected report of a known citizen is eligible and goes to the material check") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.Check();
  REQUIRE(story.last.size() == 2);
  CHECK(story.last[0].eligibility_decided().eligible());
  CHECK(story.last[1].escalation_stage_reached().stage() == event::v1::ESCALATION_STAGE_MATERIAL_CHECK);
  CHECK(story.last[0].actor().role() == report::v1::ROLE_OMBUDSMAN);
}

TEST_CASE("one that lacks a ground is closed as not eligible") {
  Story story;
  story.Submit().Assign().Request().Check();
  REQUIRE(story.last.size() == 2);
  CHECK_FALSE(story.last[0].eligibility_decided().eligible());
  CHECK(story.last[1].escalation_closed().outcome() == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE);
  CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE);
}

TEST_CASE("identity: unknown fails, supplied with the request or by consenting holds") {
  Story unknown;
  unknown.Submit("2025-06-02 08:00", false).Assign().Breach();
  unknown.At("2025-06-16 09:00", RequestEscalation{Wib("2025-06-16 09:00"), false, false, Declarations()});
  CHECK(Missing(unknown) == Grounds{event::v1::GROUND_IDENTITY});

  Story supplied;
  supplied.Submit("2025-06-02 08:00", false).Assign().Breach().Request();
  CHECK(Missing(supplied).empty());
  Story consented;
  consented.Submit("2025-06-02 08:00", false).Assign().Breach().Consent();
  CHECK(Missing(consented).empty());
}

TEST_CASE("declarations: not a citizen or resident, before a court, in another mediation") {
  const auto missing = [](const std::function<void(event::v1::ReporterDeclarations&)>& change) {
    event::v1::ReporterDeclarations declarations = Declarations();
    change(declarations);
    Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
    story.At("2025-06-16 09:00", ConsentToEscalation{Wib("2025-06-16 09:00"), false, declarations});
    return Missing(story);
  };
  CHECK(missing([](auto&) {}).empty());
  CHECK(missing([](auto& d) { d.set_citizen_or_resident(false); }) ==
        Grounds{event::v1::GROUND_CITIZEN_OR_RESIDENT});
  CHECK(missing([](auto& d) { d.set_before_court(true); }) == Grounds{event::v1::GROUND_NOT_BEFORE_COURT});
  CHECK(missing([](auto& d) { d.set_in_other_mediation(true); }) ==
        Grounds{event::v1::GROUND_NOT_SETTLED_ELSEWHERE});
}

TEST_CASE("complained first: a term has passed, the answer did not satisfy, or the report was archived") {
  Story early;
  early.Submit().Assign().Request();
  CHECK(Missing(early) == Grounds{event::v1::GROUND_COMPLAINED_FIRST});

  Story unassigned;
  unassigned.Submit().Request();
  CHECK(Missing(unassigned) == Grounds{event::v1::GROUND_COMPLAINED_FIRST});

  Story neglected_by_triage;
  neglected_by_triage.Submit();
  neglected_by_triage
      .At("2025-06-06 00:00",
          RecordBreach{Wib("2025-06-06 00:00"), report::v1::CLOCK_VERIFICATION, kNationalAdministrators})
      .Consent();
  CHECK(Missing(neglected_by_triage).empty());

  Story archived;
  archived.Submit().At("2025-06-05 09:00", RecordArchiving{Wib("2025-06-05 09:00")}).Request();
  CHECK(Missing(archived).empty());

  Story restored = archived;
  restored.At("2025-06-05 10:00", RecordRestoring{Wib("2025-06-05 10:00")});
  CHECK(Missing(restored) == Grounds{event::v1::GROUND_COMPLAINED_FIRST});

  Story dissatisfied = early;
  dissatisfied.At("2025-06-18 09:00", RecordReaction{Wib("2025-06-18 09:00"), false});
  CHECK(Missing(dissatisfied).empty());

  // Whoever dismissed the appeal left it at that.
  event::v1::Event dismissed;
  dismissed.mutable_appeal_decided()->set_granted(false);
  *dismissed.mutable_occurred_at() = decision::ToProto(Wib("2025-06-18 09:00"));
  CHECK(Missing(Story(early).At("2025-06-18 09:00", OnEvent(dismissed).value())).empty());
  CHECK(Missing(Story(early).At("2025-06-18 09:00",
                                RecordClosing{Wib("2025-06-18 09:00"), event::v1::CLOSING_ON_APPEAL}))
            .empty());

  Story satisfied = early;
  satisfied.At("2025-06-18 09:00", RecordReaction{Wib("2025-06-18 09:00"), true});
  CHECK(Missing(satisfied) == Grounds{event::v1::GROUND_COMPLAINED_FIRST});

  // Too early when asked, but the term passed before an officer looked.
  Story passed = early;
  passed.Breach("2025-06-26 00:00", report::v1::CLOCK_RESOLUTION);
  CHECK(Missing(passed).empty());
}

TEST_CASE("two years: to the minute in Jakarta, and measured when the reporter came") {
  const auto missing = [](const std::string& received, const std::string& asked) {
    Story story;
    story.Submit(received).Assign(received).Breach(received).Request(asked);
    return Missing(story);
  };
  CHECK(missing("2023-06-16 09:00", "2025-06-16 09:00").empty());
  CHECK(missing("2023-06-16 09:00", "2025-06-16 09:01") == Grounds{event::v1::GROUND_WITHIN_TWO_YEARS});
  // A leap day has no like two years later.
  CHECK(missing("2024-02-29 12:00", "2026-03-01 12:00").empty());
  CHECK(missing("2024-02-29 12:00", "2026-03-01 12:01") == Grounds{event::v1::GROUND_WITHIN_TWO_YEARS});
}

TEST_CASE("settled: only a satisfied reporter settles a matter, until the case is reopened") {
  const auto with = [](event::v1::Closing closing) {
    Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
    return story.At("2025-06-18 09:00", RecordClosing{Wib("2025-06-18 09:00"), closing});
  };
  CHECK(Missing(with(event::v1::CLOSING_BY_REPORTER)) == Grounds{event::v1::GROUND_NOT_SETTLED_ELSEWHERE});
  CHECK(Missing(with(event::v1::CLOSING_BY_SILENCE)).empty());
  CHECK(Missing(with(event::v1::CLOSING_BY_AGENCY)).empty());
  CHECK(Missing(with(event::v1::CLOSING_BY_REPORTER)
                    .At("2025-06-19 09:00", RecordReopening{Wib("2025-06-19 09:00")}))
            .empty());
}

TEST_CASE("who does not want the provider to resolve it need not have waited for them") {
  Story direct;
  direct.Submit().Assign();
  direct.At("2025-06-16 09:00",
            RequestEscalation{Wib("2025-06-16 09:00"), true, false, Declarations(), true});
  CHECK(direct.now.direct);
  direct.Check();
  const event::v1::GroundVerdict& verdict = direct.last[0].eligibility_decided().verdicts(2);
  CHECK(verdict.ground() == event::v1::GROUND_COMPLAINED_FIRST);
  CHECK(verdict.met());
  CHECK(verdict.basis() == event::v1::VERDICT_BASIS_NOT_REQUIRED);
}

TEST_CASE("two years: counted to the end of the last day from the day that the reporter declared") {
  const auto missing = [](const std::string& occurred_on) {
    Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
    event::v1::ReporterDeclarations declarations = Declarations();
    declarations.set_occurred_on(occurred_on);
    story.At("2025-06-16 23:59", ConsentToEscalation{Wib("2025-06-16 23:59"), false, declarations});
    return Missing(story);
  };
  CHECK(missing("2023-06-16").empty());
  CHECK(missing("2023-06-15") == Grounds{event::v1::GROUND_WITHIN_TWO_YEARS});
  // What is no day is not counted from.
  CHECK(missing("lama sekali").empty());
}

TEST_CASE("a matter before a court is for the Ombudsman only if it is about the court's own process") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  event::v1::ReporterDeclarations declarations = Declarations();
  declarations.set_before_court(true);
  declarations.set_court_process(true);
  story.At("2025-06-16 09:00", ConsentToEscalation{Wib("2025-06-16 09:00"), false, declarations});
  CHECK(Missing(story).empty());
}

TEST_CASE("an officer judges against the record, with a reason that is in no event") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.At("2025-06-17 09:00",
           CheckEligibility{Officer(), {{event::v1::GROUND_WITHIN_AUTHORITY, false, "Urusan swasta."}}});
  CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE);
  const event::v1::GroundVerdict& verdict = story.last[0].eligibility_decided().verdicts(6);
  CHECK(verdict.ground() == event::v1::GROUND_WITHIN_AUTHORITY);
  CHECK_FALSE(verdict.met());
  CHECK(verdict.basis() == event::v1::VERDICT_BASIS_JUDGEMENT);
  for (const auto& event : story.events) CHECK(event.ShortDebugString().find("swasta") == std::string::npos);
  CHECK(std::get<Verdict>(story.records.at(6)).reason == "Urusan swasta.");

  Story early;
  early.Submit().Assign().Request();
  early.At(
      "2025-06-17 09:00",
      CheckEligibility{Officer(), {{event::v1::GROUND_COMPLAINED_FIRST, true, "Surat ke dinas dilihat."}}});
  CHECK(early.now.stage == event::v1::ESCALATION_STAGE_MATERIAL_CHECK);
}

TEST_CASE("every ground names its law, and what would make it met") {
  for (int ground = 1; ground < event::v1::Ground_ARRAYSIZE; ++ground) {
    INFO(ground);
    CHECK(SourceOf(static_cast<Ground>(ground)).starts_with("UU 37/2008 art. "));
    CHECK_FALSE(RemedyOf(static_cast<Ground>(ground)).empty());
  }
}

TEST_CASE("several missing grounds are all told") {
  Story story;
  story.Submit("2023-01-02 08:00", false);
  story.At("2025-06-16 09:00", RequestEscalation{Wib("2025-06-16 09:00"), false, false, {}});
  CHECK(Missing(story) == Grounds{event::v1::GROUND_IDENTITY, event::v1::GROUND_CITIZEN_OR_RESIDENT,
                                  event::v1::GROUND_COMPLAINED_FIRST, event::v1::GROUND_WITHIN_TWO_YEARS});
}

TEST_CASE("a report of a policy version that is not loaded is not judged by another one") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  story.now.facts.policy_version = "1999.1";
  const absl::Status status = story.Refusal(CheckEligibility{Officer()});
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(status.message()).find("1999.1") != std::string::npos);
}

}  // namespace
}  // namespace lapor::ombudsman
