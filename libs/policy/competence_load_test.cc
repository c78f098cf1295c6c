#include <catch2/catch.hpp>

#include "libs/policy/competence_dir_for_test.h"

namespace lapor::policy {
namespace {

// What is said of kCompetence with `from` replaced.
std::string Errors(std::string_view from, std::string_view to) {
  CompetenceDir dir;
  dir.Write(kCompetenceFile, Replace(kCompetence, from, to));
  return dir.Errors();
}

// What is said of kCompetence with one more rule, which is in line 15.
std::string ErrorsWith(std::string_view rule) {
  CompetenceDir dir;
  dir.Write(kCompetenceFile, kCompetence + RuleLine(rule));
  return dir.Errors();
}

TEST_CASE("the small country's rules are without a mistake") { CHECK(CompetenceDir().Errors().empty()); }

TEST_CASE("a rule that names what doesn't exist is told with its line") {
  CHECK(Errors("category: \"land\"", "category: \"lands\"")
            .find("competence.textproto:13: category 'lands' is not in categories.csv") == 0);
  CHECK(Errors("national: \"id.atrbpn\"", "national: \"id.bpn\"") ==
        "competence.textproto:13: national is 'id.bpn', which is no agency");
  CHECK(Errors("national: \"id.atrbpn\"", "national: \"id.32.01\"") ==
        "competence.textproto:13: national is 'id.32.01', which is an agency of 32.01; name its unit under "
        "province or "
        "regency");
  CHECK(
      Errors("regency: \"dinkes\"", "regency: \"dinkess\"")
          .find(
              "competence.textproto:6: regency is 'dinkess', which is a unit of no government that the rule "
              "reaches") == 0);
  CHECK(
      Errors("province: \"rsud\"", "province: \"dinkes\"") ==
      "competence.textproto:7: province is 'dinkes', which is a unit of no government that the rule reaches");
  CHECK(Errors("region: \"31\"", "region: \"33\"")
            .find("competence.textproto:10: region '33' is not in regions.csv\n") == 0);
  CHECK(
      Errors("region: \"31\"", "") ==
      "competence.textproto:10: place names neither a region nor a kind; leave it out for the whole nation");
  CHECK(Errors("subject: \"toll-road\"", "subject: \"toll\"") ==
        "competence.textproto:12: subject 'toll' is not in this file\ncompetence.textproto:3: subject "
        "'toll-road' is "
        "in no rule");
}

TEST_CASE("a rule's unit has to exist only where the rule reaches") {
  // Jakarta's cities of the small country have no units at all.
  CHECK(
      ErrorsWith(R"(id: "xx" category: "health" place { region: "31.71" } regency: "dinkes")") ==
      "competence.textproto:15: regency is 'dinkes', which is a unit of no government that the rule reaches");
  CHECK(ErrorsWith(R"(id: "xx" category: "health" place { region: "31.71" } province: "rsud")").empty());
  CHECK(ErrorsWith(R"(id: "xx" category: "health" place { region: "31.71" } regency: "")").empty());
}

TEST_CASE("a rule or a subject that lacks something is told with its line") {
  CHECK(Errors(" national: \"id.atrbpn\"", "") ==
        "competence.textproto:13: nobody answers: give national, province or regency");
  CHECK(Errors("category: \"land\" ", "").find("competence.textproto:13: category is missing") == 0);
  CHECK(Errors("\"id.atrbpn\" citation { instrument: \"x\"", "\"id.atrbpn\" citation { ") ==
        "competence.textproto:13: citation.instrument is missing: no rule without its source");
  CHECK(Errors("id: \"land\"", "id: \"Land\"") ==
        "competence.textproto:13: id is 'Land'; it must have 2 to 64 of a-z, 0-9, dot and hyphen");
  CHECK(Errors("id: \"land\"", "id: \"roads\"") ==
        "competence.textproto:13: id 'roads' is already in line 9");
  CHECK(Errors("version: \"1\"", "version: \"\"") ==
        "competence.textproto:1: version is ''; it must have 1 to 32 of a-z, 0-9, dot and hyphen");
  CHECK(Errors(" phrase: \"jalan tol\" phrase: \"gerbang tol\"", "") ==
        "competence.textproto:3: subject 'toll-road' has no phrase, so nothing could speak for it");
  CHECK(Errors("\"gerbang tol\"", "\" - \"") ==
        "competence.textproto:3: phrase ' - ' has 0 words; it must have 1 to 6");
  CHECK(Errors("name_en: \"Toll roads\"", "") ==
        "competence.textproto:3: name and name_en must have 1 to 200 bytes");
}

TEST_CASE("two rules that are equally near are a contradiction, which names both") {
  CHECK(ErrorsWith(R"(id: "bumpy" category: "roads" regency: "dpupr")") ==
        "competence.textproto:15: rule 'bumpy' contradicts rule 'roads' of line 9: they are equally near for "
        "roads in "
        "32 Jawa Barat and in 2 more cases");
  CHECK(ErrorsWith(R"(id: "vaccine" category: "health" subject: "vaccination" province: "rsud")")
            .find("competence.textproto:15: rule 'vaccine' contradicts rule 'vaccination' of line 8: they "
                  "are equally "
                  "near for health in 31 Jakarta") == 0);
}

TEST_CASE("a place that a rule names twice over is no contradiction of the rule with itself") {
  CHECK(Errors("region: \"31\"", "region: \"31\" region: \"31.71\"").empty());
}

TEST_CASE("a topic that nobody answers for in some place is a hole") {
  CHECK(
      Errors("id: \"land\" category: \"land\"", "id: \"land\" category: \"land\" place { region: \"32\" }") ==
      "competence.textproto: no rule answers for land (Pertanahan) in 1 of 3 regencies and cities, as 31.71 "
      "Kota "
      "Administrasi Jakarta Pusat");
  // A subject's rule answers only for those whose words speak for it.
  CHECK(
      Errors("id: \"roads\" category: \"roads\"", "id: \"roads\" category: \"roads\" subject: \"toll-road\" ")
          .find("competence.textproto: no rule answers for roads (Jalan) in 2 of 3 regencies and cities, as "
                "32.01 "
                "Kabupaten Bogor") != std::string::npos);
  // Kinds of places make holes, too.
  CHECK(Errors("id: \"land\" category: \"land\"",
               "id: \"land\" category: \"land\" place { kind: PLACE_KIND_REGENCY }")
            .find("no rule answers for land (Pertanahan) in 2 of 3") != std::string::npos);
}

TEST_CASE("a phrase that speaks for two subjects of one topic is refused") {
  CHECK(Errors("phrase: \"imunisasi\" }", "phrase: \"Jalan-TOL\" }").empty());
  CHECK(Errors("category: \"health\" subject", "category: \"health\" category: \"roads\" subject").empty());
  CompetenceDir dir;
  dir.Write(kCompetenceFile,
            Replace(Replace(kCompetence, "\"imunisasi\"", "\"Jalan-TOL\""), "category: \"health\" subject",
                    "category: \"health\" category: \"roads\" subject"));
  CHECK(dir.Errors() ==
        "competence.textproto:4: phrase 'Jalan-TOL' speaks for subject 'toll-road' of line 3 too, and both "
        "have rules "
        "for roads");
}

TEST_CASE("a missing file, and one of another form, are refused") {
  CompetenceDir dir;
  dir.Remove(kCompetenceFile);
  CHECK(dir.Errors() == "competence.textproto: cannot be read: No such file or directory");
  dir.Write(kCompetenceFile, "version: \"1\"\nrules { }\n");
  CHECK(dir.Errors().find("competence.textproto:2: column 7: ") == 0);
}

TEST_CASE("every mistake is told at once, up to twenty") {
  CompetenceDir dir;
  std::string many = kCompetence;
  for (int i = 0; i < 30; ++i)
    many += RuleLine("id: \"x" + std::to_string(i) + "\" category: \"none\" national: \"id\"");
  dir.Write(kCompetenceFile, many);
  CHECK(dir.Errors().find("\nand 10 more") != std::string::npos);
}

}  // namespace
}  // namespace lapor::policy
