#include "libs/policy/competence.h"

#include <catch2/catch.hpp>

#include "libs/policy/competence_dir_for_test.h"

namespace lapor::policy {
namespace {

using Strings = std::vector<std::string>;

const Competence& Rules() {
  static const std::shared_ptr<const Competence> rules = CompetenceDir().Load().value();
  return *rules;
}

bool Everything(std::string_view) { return true; }

Question About(const std::string& category, const std::string& region, Strings words = {}) {
  Question question{.words = std::move(words)};
  if (!category.empty()) question.categories.push_back({category});
  if (!region.empty()) question.regions.push_back({region});
  return question;
}

// The agencies of the answer, and the rule of the first.
Strings AgenciesOf(const Answer& answer) {
  Strings ids;
  for (const Candidate& candidate : answer.candidates) ids.push_back(candidate.agency_id);
  return ids;
}
std::string RuleOf(const Answer& answer) {
  const v1::CompetenceRule* rule = answer.candidates[0].rule;
  return rule == nullptr ? "" : rule->id();
}
Answer Ask(const Question& question) { return Rules().Ask(question, Everything); }

TEST_CASE("a topic's rule names the unit of the regency or city, and its government comes last") {
  const Answer answer = Ask(About("health", "32.73"));
  CHECK(answer.candidates[0].agency_id == "id.32.73.dinkes");
  CHECK(answer.candidates[0].basis == Basis::kCategory);
  CHECK(RuleOf(answer) == "health");
  CHECK(answer.candidates.back().agency_id == "id.32.73");
  CHECK(answer.candidates.back().basis == Basis::kGovernment);
  CHECK(answer.place_needed == PlaceNeeded::kNone);
}

TEST_CASE("a district or a village is answered for by its regency or city") {
  CHECK(Ask(About("health", "32.73.01.1001")).candidates[0].agency_id == "id.32.73.dinkes");
}

TEST_CASE("a subtopic's own rule wins over that of its topic, and is the topic's alternative") {
  CHECK(Ask(About("health.hospital", "32.73")).candidates[0].agency_id == "id.32.rsud");
  const Answer topic = Ask(About("health", "32.73"));
  CHECK(AgenciesOf(topic) == Strings{"id.32.73.dinkes", "id.32.rsud", "id.32.73"});
  CHECK(topic.candidates[1].basis == Basis::kSubcategory);
}

TEST_CASE("a rule for a place wins over the one for the nation") {
  CHECK(Ask(About("roads", "31.71")).candidates[0].agency_id == "id.31.dpupr");
  CHECK(RuleOf(Ask(About("roads", "31.71"))) == "roads-jakarta");
  CHECK(Ask(About("roads", "32.01")).candidates[0].agency_id == "id.32.01.dpupr");
}

TEST_CASE("the narrowest place wins: a city before its province, a kind before none") {
  CompetenceDir dir;
  dir.Write(kCompetenceFile,
            kCompetence +
                RuleLine(R"(id: "city" category: "land" place { kind: PLACE_KIND_CITY } regency: "")") +
                RuleLine(R"(id: "west-java" category: "land" place { region: "32" } province: "")") +
                RuleLine(R"(id: "bandung" category: "land" place { region: "32.73" } regency: "dishub")"));
  REQUIRE(dir.Errors().empty());
  const auto rules = *dir.Load();
  CHECK(RuleOf(rules->Ask(About("land", "31.71"), Everything)) == "city");
  CHECK(RuleOf(rules->Ask(About("land", "32.01"), Everything)) == "west-java");
  CHECK(RuleOf(rules->Ask(About("land", "32.73"), Everything)) == "bandung");
  CHECK(RuleOf(rules->Ask(About("land", "32"), Everything)) == "west-java");
  CHECK(RuleOf(rules->Ask(About("land", ""), Everything)) == "land");
}

TEST_CASE("the nearer topic wins before the narrower place does") {
  CHECK(RuleOf(Ask(About("roads.national", "31.71"))) == "roads-national");
}

TEST_CASE("the words of a subject win over the topic, and are told") {
  const Answer answer = Ask(About("roads", "32.73", {"Lubang di Gerbang Tol", "jalan tol"}));
  CHECK(AgenciesOf(answer) == Strings{"id.kemenpu", "id.32.73.dpupr", "id.32.73"});
  CHECK(answer.candidates[0].basis == Basis::kSubject);
  CHECK(RuleOf(answer) == "roads-toll");
  CHECK(answer.candidates[0].matched_phrases == Strings{"gerbang tol", "jalan tol"});
  CHECK(Rules().Why(answer.candidates[0]) ==
        "the words \"gerbang tol\", \"jalan tol\" speak for Jalan tol (Toll roads); a matter of the nation");
}

TEST_CASE("a subject is found by whole words in their order, whatever the case and punctuation") {
  CHECK(RuleOf(Ask(About("roads", "32.73", {"JALAN-TOL!"}))) == "roads-toll");
  CHECK(RuleOf(Ask(About("roads", "32.73", {"jalan di tol"}))) == "roads");
  CHECK(RuleOf(Ask(About("roads", "32.73", {"tol jalan"}))) == "roads");
  CHECK(RuleOf(Ask(About("roads", "32.73", {"jalan tolol"}))) == "roads");
  CHECK(RuleOf(Ask(About("roads", "32.73", {"jalan", "tol"}))) == "roads");
}

TEST_CASE("words of another topic stand behind the topic that was chosen, but lead without one") {
  const Answer wrong = Ask(About("land", "32.73", {"vaksin"}));
  CHECK(AgenciesOf(wrong) == Strings{"id.atrbpn", "id.32.73.dinkes", "id.32.73"});
  CHECK(wrong.candidates[1].basis == Basis::kOtherCategory);
  CHECK(wrong.candidates[1].category->code == "health");
  const Answer none = Ask(About("", "32.73", {"vaksin"}));
  CHECK(AgenciesOf(none) == Strings{"id.32.73.dinkes", "id.32.73"});
  CHECK_FALSE(none.category_needed);
  // "Other" says as little as nothing.
  CHECK(Ask(About("other", "32.73", {"vaksin"})).candidates[0].agency_id == "id.32.73.dinkes");
}

TEST_CASE("without a place a matter of the nation is answered, and others say which place they need") {
  const Answer nation = Ask(About("land", ""));
  CHECK(AgenciesOf(nation) == Strings{"id.atrbpn", "id"});
  CHECK(nation.place_needed == PlaceNeeded::kNone);
  const Answer regency = Ask(About("health", ""));
  CHECK(AgenciesOf(regency) == Strings{"id"});
  CHECK(regency.candidates[0].basis == Basis::kTriage);
  CHECK(regency.place_needed == PlaceNeeded::kRegency);
  CHECK(Ask(About("health.hospital", "")).place_needed == PlaceNeeded::kProvince);
  CHECK(Ask(About("", "", {"vaksin"})).place_needed == PlaceNeeded::kRegency);
}

TEST_CASE("a province alone answers for its own matters; for its regencies' it is only who coordinates") {
  const Answer hospital = Ask(About("health.hospital", "32"));
  CHECK(AgenciesOf(hospital) == Strings{"id.32.rsud", "id.32"});
  CHECK(hospital.place_needed == PlaceNeeded::kNone);
  const Answer health = Ask(About("health", "32"));
  CHECK(health.place_needed == PlaceNeeded::kRegency);
  CHECK(health.candidates.back().agency_id == "id.32");
}

TEST_CASE("an unknown topic or place is as none, and never gives an empty answer") {
  const Answer answer = Ask(About("lands", "99"));
  CHECK(AgenciesOf(answer) == Strings{"id"});
  CHECK(answer.category_needed);
  CHECK(AgenciesOf(Ask({})) == Strings{"id"});
  CHECK(AgenciesOf(Ask(About("", "32.73"))) == Strings{"id.32.73"});
  CHECK(Rules().Why(Ask({}).candidates[0]) ==
        "no rule: the national administrator finds out who is competent");
}

TEST_CASE("a rule may leave it to the national administrator, who comes before the government of the place") {
  const Answer answer = Ask(About("other", "32.73"));
  CHECK(AgenciesOf(answer) == Strings{"id", "id.32.73"});
  CHECK(answer.candidates[0].basis == Basis::kTriage);
  CHECK(RuleOf(answer) == "other");
}

TEST_CASE("where the registry has no such unit its government is meant, and that is said") {
  const auto without = [](Strings missing) {
    return [missing = std::move(missing)](std::string_view id) {
      return std::find(missing.begin(), missing.end(), id) == missing.end();
    };
  };
  const Answer unit = Rules().Ask(About("health", "32.73"), without({"id.32.73.dinkes"}));
  CHECK(unit.candidates[0].agency_id == "id.32.73");
  CHECK(unit.candidates[0].missing_agency_id == "id.32.73.dinkes");
  CHECK(Rules().Why(unit.candidates[0]) ==
        "a matter of the city, 32.73 Kota Bandung; the registry has no id.32.73.dinkes, so the next above it "
        "that is "
        "there");
  const Answer government = Rules().Ask(About("health", "32.73"), without({"id.32.73.dinkes", "id.32.73"}));
  CHECK(government.candidates[0].agency_id == "id.32");
  const Answer nobody = Rules().Ask(About("land", "32.73"), [](std::string_view) { return false; });
  CHECK(AgenciesOf(nobody) == Strings{"id"});
  CHECK(nobody.candidates[0].missing_agency_id == "id.atrbpn");
}

TEST_CASE("of several topics and places that a reading supposes, the likelier ranks first") {
  Question question{.categories = {{"health", 0.3}, {"land", 0.7}},
                    .regions = {{"32.73", 0.9}, {"32.01", 0.1}}};
  CHECK(AgenciesOf(Ask(question)) ==
        Strings{"id.atrbpn", "id.32.73.dinkes", "id.32.73", "id.32.rsud", "id.32.01.dinkes", "id.32.01"});
}

TEST_CASE("every agency is named once, with what speaks for it most") {
  const Answer answer = Ask(About("roads", "32.73", {"jalan tol"}));
  int named = 0;
  for (const Candidate& candidate : answer.candidates) named += candidate.agency_id == "id.kemenpu";
  CHECK(named == 1);
  CHECK(answer.candidates[0].basis == Basis::kSubject);
}

}  // namespace
}  // namespace lapor::policy
