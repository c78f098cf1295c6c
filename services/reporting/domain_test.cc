#include "services/reporting/domain.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <utility>

namespace lapor::reporting {
namespace {

using report::v1::CLOCK_FIRST_RESPONSE;
using report::v1::CLOCK_RESOLUTION;

using Figures = std::map<std::pair<v1::Scope, std::string>, Counters>;

void Add(const std::vector<Cell>& cells, Figures& figures) {
  for (const Cell& cell : cells) {
    Counters& sum = figures[{cell.scope, cell.id}];
    for (size_t i = 0; i < kCounters; ++i) sum[i] += cell.counts[i];
  }
}

Figures WithoutZeros(Figures figures) {
  std::erase_if(figures, [](const auto& figure) { return figure.second == Counters{}; });
  return figures;
}

ReportFigures After(const std::vector<Command>& commands) {
  ReportFigures report{.id = "7K3M9QXT2B54"};
  for (const Command& command : commands) report = Decide(report, command).next;
  return report;
}

// The figures of one report with this life.
struct Life {
  explicit Life(const std::vector<Command>& commands) { Add(Cells(After(commands)), figures); }

  // The counts that are not zero.
  std::map<std::string, int64_t> Nation() const { return Of(v1::SCOPE_NATION, ""); }
  std::map<std::string, int64_t> Province(const std::string& code) const {
    return Of(v1::SCOPE_PROVINCE, code);
  }
  std::map<std::string, int64_t> Agency(const std::string& id) const { return Of(v1::SCOPE_AGENCY, id); }

  std::map<std::string, int64_t> Of(v1::Scope scope, const std::string& id) const {
    std::map<std::string, int64_t> counts;
    const auto found = figures.find({scope, id});
    for (size_t i = 0; found != figures.end() && i < kCounters; ++i) {
      if (found->second[i] != 0) counts[kCounterNames[i]] = found->second[i];
    }
    return counts;
  }

  Figures figures;
};

using Counts = std::map<std::string, int64_t>;

TEST_CASE("deeds stay with who did them, whoever has the report later, and add up in nation and province") {
  const Life life({Submit{32}, Assign{"id.32", false}, Count{{Deed::kAsked}, "id.32"},
                   Count{{Deed::kAsked}, "id.32"}, Count{{Deed::kPromiseBroken}, "id.32"},
                   Count{{Deed::kBreachRaised}, "id.32"}, Return{"id.32"}, Count{{Deed::kBreachRaised}, ""},
                   Assign{"id.11", false}, Respond{"id.11", true, {Deed::kOtherDoor, Deed::kNoEvidence}},
                   Count{{Deed::kBreachRaised}, "id.11"}});
  const Counts of_all = {{"received", 1},           {"in_process", 1},         {"returned", 1},
                         {"questions", 2},          {"promises_broken", 1},    {"breaches_raised", 3},
                         {"answers_other_door", 1}, {"answers_no_evidence", 1}};
  CHECK(life.Nation() == of_all);
  CHECK(life.Province("32") == of_all);
  CHECK(life.Agency("id.32") ==
        Counts{{"returned", 1}, {"questions", 2}, {"promises_broken", 1}, {"breaches_raised", 1}});
  CHECK(life.Agency("id.11") == Counts{{"received", 1},
                                       {"in_process", 1},
                                       {"breaches_raised", 1},
                                       {"answers_other_door", 1},
                                       {"answers_no_evidence", 1}});
}

TEST_CASE("the signs of an answer to a child assignment count with who gave it") {
  const Life life({Submit{32}, Assign{"id.32", false}, AssignChild{1, "id.11"},
                   AnswerChild{1, true, "id.11", {Deed::kCopyPaste}}});
  CHECK(life.Agency("id.11") ==
        Counts{{"child_assignments", 1}, {"child_answered", 1}, {"answers_copy_paste", 1}});
  CHECK(life.Agency("id.32") == Counts{{"received", 1}});
}

TEST_CASE("a sign counts once for a report with each agency, in however many of its answers it is") {
  const Life life({Submit{32}, Assign{"id.32", false}, Respond{"id.32", false, {Deed::kCopyPaste}},
                   Respond{"id.32", true, {Deed::kCopyPaste, Deed::kNoEvidence}}, Reopen{},
                   Respond{"id.32", true, {Deed::kCopyPaste}}, AssignChild{1, "id.11"},
                   Count{{Deed::kCopyPaste}, "id.11"}, AnswerChild{1, true, "id.11", {Deed::kCopyPaste}}});
  CHECK(life.Agency("id.32").at("answers_copy_paste") == 1);
  CHECK(life.Agency("id.32").at("answers_no_evidence") == 1);
  CHECK(life.Agency("id.11").at("answers_copy_paste") == 1);
  CHECK(life.Nation().at("answers_copy_paste") == 2);
  CHECK(life.Province("32") == life.Nation());
}

TEST_CASE("a question leaves a report unanswered: it is not in process, and stays overdue") {
  const Life life({Submit{32}, Assign{"id.32", false}, Count{{Deed::kAsked}, "id.32"},
                   Breach{CLOCK_FIRST_RESPONSE, "id.32"}});
  CHECK(life.Nation() == Counts{{"received", 1}, {"questions", 1}, {"overdue", 1}, {"breached", 1}});
}

TEST_CASE("an appeal counts with the agency that is accountable, whatever it comes to") {
  const Life dismissed({Submit{32}, Assign{"id.32", false}, Appeal{}});
  CHECK(dismissed.Agency("id.32") == Counts{{"received", 1}, {"appealed", 1}});
  const Life granted({Submit{32}, Assign{"id.32", false}, Appeal{}, GrantAppeal{}});
  CHECK(granted.Agency("id.32") == Counts{{"received", 1}, {"appealed", 1}, {"appeals_granted", 1}});
}

TEST_CASE("a report is received when it is submitted, in the nation and in the province of its region") {
  const Life life({Submit{32}});
  CHECK(life.Nation() == Counts{{"received", 1}});
  CHECK(life.Province("32") == Counts{{"received", 1}});
  CHECK(life.figures.size() == 2);
}

TEST_CASE("a report without a region counts in no province") { CHECK(Life({Submit{0}}).figures.size() == 1); }

TEST_CASE("a report that was never submitted counts nowhere, whatever is told of it") {
  CHECK(Life({Verify{32}, Assign{"a"}, Close{}}).figures.empty());
}

TEST_CASE("the region that an administrator finds goes before the one that the reporter named") {
  CHECK(Life({Submit{32}, Verify{31}}).Province("31") == Counts{{"received", 1}, {"verified", 1}});
  CHECK(Life({Submit{32}, Verify{31}}).Province("32").empty());
  CHECK(Life({Submit{32}, Verify{0}}).Province("32") == Counts{{"received", 1}, {"verified", 1}});
  CHECK(Life({Submit{0}, Complete{32}}).Province("32") == Counts{{"received", 1}});
  CHECK(Life({Submit{32}, Complete{33}, Verify{0}}).Province("33") ==
        Counts{{"received", 1}, {"verified", 1}});
}

TEST_CASE("a report is in process while its agency has answered it, finally or not, also when reopened") {
  const Counts in_process = {{"received", 1}, {"verified", 1}, {"in_process", 1}};
  CHECK(Life({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a"}}).Province("32") == in_process);
  CHECK(Life({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a"}}).Agency("a") == in_process);
  CHECK(Life({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a", true}}).Agency("a") == in_process);
  CHECK(Life({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a", true}, Reopen{}}).Agency("a") ==
        Counts{{"received", 1}, {"verified", 1}, {"in_process", 1}, {"reopened", 1}});
}

TEST_CASE("a report that no agency, or not the present one, has answered is received and not in process") {
  const Counts untouched = {{"received", 1}, {"verified", 1}};
  CHECK(Life({Submit{32}, Verify{32}}).Nation() == untouched);
  for (const std::vector<Command>& life : std::vector<std::vector<Command>>{
           {Submit{32}, Verify{32}, Assign{"a"}},
           {Submit{32}, Verify{32}, Assign{"b"}, Respond{"b"}, Assign{"a"}},
           // One that acted on it, lost it, and has not acted since another did.
           {Submit{32}, Verify{32}, Assign{"a"}, Respond{"a"}, Assign{"b"}, Respond{"b"}, Assign{"a"}}}) {
    CHECK(Life(life).Nation() == untouched);
    CHECK(Life(life).Province("32") == untouched);
    CHECK(Life(life).Agency("a") == untouched);
  }
}

TEST_CASE("what an agency that has ended answered is its successor's answer, and no bounce") {
  const Counts in_process = {{"received", 1}, {"verified", 1}, {"in_process", 1}};
  const Life life({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a"}, Assign{"b", true}});
  CHECK(life.Agency("b") == in_process);
  CHECK(life.Agency("a").empty());
  CHECK(life.Nation() == in_process);
  // Also if the answer crossed that.
  CHECK(Life({Submit{32}, Verify{32}, Assign{"a"}, Assign{"b", true}, Respond{"a"}}).Agency("b") ==
        in_process);
  // What the agency before that has said stays its own.
  CHECK(
      Life({Submit{32}, Verify{32}, Assign{"c"}, Respond{"c"}, Assign{"a"}, Assign{"b", true}}).Agency("b") ==
      Counts{{"received", 1}, {"verified", 1}});
}

TEST_CASE("a returned report is in nobody's process, and its agency is accountable until another has it") {
  const Life returned({Submit{32}, Verify{32}, Assign{"a"}, Respond{"a"}, Return{"a"}});
  CHECK(returned.Agency("a") == Counts{{"received", 1}, {"verified", 1}, {"returned", 1}});
  CHECK(returned.Nation() == Counts{{"received", 1}, {"verified", 1}, {"returned", 1}});
}

TEST_CASE(
    "what a report counts moves with it to the next agency, but returns and breaches stay with their doer") {
  const Life moved(
      {Submit{32}, Verify{32}, Assign{"a"}, Breach{CLOCK_FIRST_RESPONSE, "a"}, Return{"a"}, Assign{"b"}});
  CHECK(moved.Agency("a") == Counts{{"breached", 1}, {"returned", 1}});
  CHECK(moved.Agency("b") == Counts{{"received", 1}, {"verified", 1}, {"overdue", 1}});
  CHECK(moved.Nation() ==
        Counts{{"received", 1}, {"verified", 1}, {"overdue", 1}, {"breached", 1}, {"returned", 1}});

  const Life there_and_back({Submit{32}, Verify{32}, Assign{"a"}, Return{"a"}, Assign{"b"}, Return{"b"},
                             Assign{"a"}, Return{"a"}, Assign{"a"}});
  CHECK(there_and_back.Agency("a") == Counts{{"received", 1}, {"verified", 1}, {"returned", 2}});
  CHECK(there_and_back.Agency("b") == Counts{{"returned", 1}});
  CHECK(there_and_back.Province("32").at("returned") == 3);
}

TEST_CASE(
    "a report is breached once, with each agency that let a clock run out, and with none at the "
    "administrators'") {
  const Life shared({Submit{32}, Assign{"a"}, Breach{CLOCK_FIRST_RESPONSE, "a"}, Assign{"b"},
                     Breach{CLOCK_RESOLUTION, "b"}});
  CHECK(shared.Agency("a") == Counts{{"breached", 1}});
  CHECK(shared.Agency("b").at("breached") == 1);
  CHECK(shared.Nation().at("breached") == 1);

  const Life alone(
      {Submit{32}, Assign{"a"}, Breach{CLOCK_FIRST_RESPONSE, "a"}, Breach{CLOCK_RESOLUTION, "a"}});
  CHECK(alone.Agency("a").at("breached") == 1);

  const Life between({Submit{32}, Assign{"a"}, Return{"a"}, Breach{CLOCK_FIRST_RESPONSE, ""}, Assign{"b"}});
  CHECK(between.Nation().at("breached") == 1);
  CHECK_FALSE(between.Agency("a").contains("breached"));
  CHECK_FALSE(between.Agency("b").contains("breached"));
}

TEST_CASE("a report is overdue from the first response's breach to any answer") {
  const std::vector<Command> breached = {Submit{32}, Assign{"a"}, Breach{CLOCK_FIRST_RESPONSE, "a"}};
  CHECK(Life(breached).Agency("a") == Counts{{"received", 1}, {"overdue", 1}, {"breached", 1}});
  std::vector<Command> answered = breached;
  answered.push_back(Respond{"a"});
  CHECK(Life(answered).Agency("a") == Counts{{"received", 1}, {"in_process", 1}, {"breached", 1}});
}

TEST_CASE(
    "a report is overdue from the resolution's breach to a final answer, and again when it is reopened") {
  std::vector<Command> life = {Submit{32}, Assign{"a"}, Respond{"a"}, Breach{CLOCK_RESOLUTION, "a"}};
  const auto overdue = [&] { return Life(life).Agency("a").contains("overdue"); };
  CHECK(overdue());
  life.push_back(Respond{"a"});
  CHECK(overdue());
  life.push_back(Respond{"a", true});
  CHECK_FALSE(overdue());
  life.push_back(Reopen{});
  CHECK(overdue());
  life.push_back(Close{});
  CHECK_FALSE(overdue());
  CHECK(Life(life).Agency("a").at("breached") == 1);
}

TEST_CASE("a closed report is closed until it is reopened, and knows whether silence closed it") {
  std::vector<Command> life = {Submit{32}, Assign{"a"}, Respond{"a", true}, Close{true}};
  CHECK(Life(life).Agency("a") == Counts{{"received", 1}, {"closed", 1}, {"closed_by_silence", 1}});
  life.push_back(Reopen{});
  CHECK(Life(life).Agency("a") == Counts{{"received", 1}, {"in_process", 1}, {"reopened", 1}});
  life.push_back(Close{false});
  CHECK(Life(life).Agency("a") == Counts{{"received", 1}, {"closed", 1}, {"reopened", 1}});
}

TEST_CASE("a closing by silence that is undone leaves the answer as it was and is no reopening") {
  const Life life({Submit{32}, Assign{"a"}, Respond{"a", true}, Breach{CLOCK_RESOLUTION, "a"}, Close{true},
                   Reopen{.answer_stands = true}});
  CHECK(life.Agency("a") == Counts{{"received", 1}, {"in_process", 1}, {"breached", 1}});
}

TEST_CASE("a report is one of closed, archived and withdrawn, in whatever order these came") {
  for (const std::vector<Command>& life :
       std::vector<std::vector<Command>>{{Submit{32}, Close{true}, Archive{}, Withdraw{}},
                                         {Submit{32}, Withdraw{}, Archive{}, Close{true}}}) {
    CHECK(Life(life).Nation() == Counts{{"received", 1}, {"withdrawn", 1}});
  }
  for (const std::vector<Command>& life : std::vector<std::vector<Command>>{
           {Submit{32}, Close{true}, Archive{}}, {Submit{32}, Archive{}, Close{true}}}) {
    CHECK(Life(life).Nation() == Counts{{"received", 1}, {"archived", 1}});
  }
  CHECK(Life({Submit{32}, Assign{"a"}, Breach{CLOCK_RESOLUTION, "a"}, Withdraw{}}).Agency("a") ==
        Counts{{"received", 1}, {"withdrawn", 1}, {"breached", 1}});
}

TEST_CASE("the last rating of a reporter counts") {
  CHECK(Life({Submit{32}, Assign{"a"}, Rate{1}, Rate{4}}).Agency("a") ==
        Counts{{"received", 1}, {"rating_sum", 4}, {"rating_count", 1}});
}

TEST_CASE("a report before the Ombudsman counts with who is complained about, and so does what is found") {
  const Life own({Submit{32}, Assign{"a"}, Escalate{"a"}, Escalate{"a"}, FindMaladministration{}});
  const Counts of_both = {{"received", 1}, {"escalated", 1}, {"maladministration_found", 1}};
  CHECK(own.Agency("a") == of_both);
  CHECK(own.Nation() == of_both);

  // A part of it was late.
  const Life part({Submit{32}, Assign{"a"}, Respond{"a"}, AssignChild{1, "b"}, BreachChild{"b"},
                   Escalate{"b"}, FindMaladministration{}});
  CHECK(part.Agency("a") == Counts{{"received", 1}, {"in_process", 1}});
  CHECK(part.Agency("b") ==
        Counts{{"breached", 1}, {"child_assignments", 1}, {"escalated", 1}, {"maladministration_found", 1}});
  CHECK(part.Nation() == Counts{{"received", 1},
                                {"in_process", 1},
                                {"child_assignments", 1},
                                {"escalated", 1},
                                {"maladministration_found", 1}});
  CHECK(part.Province("32") == part.Nation());

  // The administrators left it lying: an agency that gets it afterwards has nothing to do with that.
  const Life lying({Submit{32}, Escalate{"id"}, Verify{32}, Assign{"a"}, FindMaladministration{}});
  CHECK(lying.Agency("id") == Counts{{"escalated", 1}, {"maladministration_found", 1}});
  CHECK(lying.Agency("a") == Counts{{"received", 1}, {"verified", 1}});

  // It went on to others meanwhile, also to a successor.
  for (const bool carried_over : {false, true}) {
    const Life moved(
        {Submit{32}, Assign{"a"}, Escalate{"a"}, Assign{"b", carried_over}, FindMaladministration{}});
    CHECK(moved.Agency("a") == Counts{{"escalated", 1}, {"maladministration_found", 1}});
    CHECK(moved.Agency("b") == Counts{{"received", 1}});
  }
}

TEST_CASE("each of those complained about counts once, and maladministration with the one it was found of") {
  const auto counts = [](const std::vector<Command>& escalations, const std::string& agency) {
    std::vector<Command> life = {Submit{32}};
    life.insert(life.end(), escalations.begin(), escalations.end());
    return Life(life).Agency(agency);
  };
  const Counts examined = {{"escalated", 1}};
  const Counts found = {{"escalated", 1}, {"maladministration_found", 1}};
  const std::vector<Command> second = {Escalate{"a"}, Escalate{"b"}, FindMaladministration{}};
  CHECK(counts(second, "a") == examined);
  CHECK(counts(second, "b") == found);
  const std::vector<Command> first_again = {Escalate{"a"}, Escalate{"b"}, Escalate{"a"},
                                            FindMaladministration{}};
  CHECK(counts(first_again, "a") == found);
  CHECK(counts(first_again, "b") == examined);
  const std::vector<Command> twice = {Escalate{"a"}, FindMaladministration{}, Escalate{"b"},
                                      FindMaladministration{}, Escalate{"a"}};
  CHECK(counts(twice, "a") == found);
  CHECK(counts(twice, "b") == found);
  const std::vector<Command> nobody = {Escalate{"a"}, Escalate{""}, FindMaladministration{}};
  CHECK(counts(nobody, "a") == examined);
  for (const std::vector<Command>& escalations : {second, first_again, twice, nobody}) {
    std::vector<Command> life = {Submit{32}};
    life.insert(life.end(), escalations.begin(), escalations.end());
    CHECK(Life(life).Nation() == Counts{{"received", 1}, {"escalated", 1}, {"maladministration_found", 1}});
  }
}

TEST_CASE("a merged report is received, and neither in process nor overdue: its lead is") {
  const std::vector<Command> late = {Submit{32}, Assign{"a"}, Respond{"a"}, Breach{CLOCK_RESOLUTION, "a"}};
  CHECK(Life(late).Agency("a").at("overdue") == 1);
  std::vector<Command> merged = late;
  merged.emplace_back(Merge{});
  const Counts following = {{"received", 1}, {"breached", 1}, {"merged", 1}};
  CHECK(Life(merged).Nation() == following);
  CHECK(Life(merged).Province("32") == following);
  CHECK(Life(merged).Agency("a") == following);
}

TEST_CASE("a report that follows no more is back with the administrators, and as late as it was") {
  const Life back({Submit{32}, Assign{"a"}, Respond{"a"}, Breach{CLOCK_RESOLUTION, "a"}, Merge{},
                   Unmerge{.open_again = true}});
  CHECK(back.Agency("a") == Counts{{"received", 1}, {"overdue", 1}, {"breached", 1}});
  CHECK(Life({Submit{32}, Assign{"a"}, Merge{}, Unmerge{.open_again = true}, Assign{"b"}, Respond{"b"}})
            .Agency("b") == Counts{{"received", 1}, {"in_process", 1}});
}

TEST_CASE("a merged report that is over is withdrawn, archived or closed, whatever is told first") {
  const std::vector<Command> ends = {Withdraw{}, Archive{}, Close{}};
  const std::vector<std::string> names = {"withdrawn", "archived", "closed"};
  for (size_t i = 0; i < ends.size(); ++i) {
    const Counts over = {{"received", 1}, {names[i], 1}};
    CHECK(Life({Submit{32}, Merge{}, ends[i]}).Nation() == over);
    CHECK(Life({Submit{32}, ends[i], Merge{}}).Nation() == over);
    CHECK(Life({Submit{32}, Merge{}, ends[i], Unmerge{}}).Nation() == over);
  }
  // Its case was closed while the merging was on its way, and is opened again: with the agency that had it.
  CHECK(Life({Submit{32}, Assign{"a"}, Respond{"a", true}, Merge{}, Close{}, Unmerge{}, Reopen{}})
            .Agency("a") == Counts{{"received", 1}, {"in_process", 1}, {"reopened", 1}});
}

TEST_CASE("a child assignment counts where the report does, and with the agency that has it") {
  const Life split({Submit{32}, Assign{"a"}, AssignChild{1, "b"}, AssignChild{2, "c"}, AnswerChild{2, true}});
  CHECK(split.Nation() == Counts{{"received", 1}, {"child_assignments", 2}, {"child_answered", 1}});
  CHECK(split.Province("32") == split.Nation());
  CHECK(split.Agency("a") == Counts{{"received", 1}});
  CHECK(split.Agency("b") == Counts{{"child_assignments", 1}});
  CHECK(split.Agency("c") == Counts{{"child_assignments", 1}, {"child_answered", 1}});
}

TEST_CASE("a child assignment moves with its agency, and its answer stands until it is taken up again") {
  std::vector<Command> life = {Submit{32}, Assign{"a"}, AssignChild{1, "b"}, AnswerChild{1, true},
                               AssignChild{1, "c"}};
  CHECK(Life(life).Agency("b").empty());
  CHECK(Life(life).Agency("c") == Counts{{"child_assignments", 1}, {"child_answered", 1}});
  life.emplace_back(AnswerChild{1, false});
  CHECK(Life(life).Agency("c") == Counts{{"child_assignments", 1}});
}

TEST_CASE("a child assignment that ended without an answer counts nowhere; an answered one stays") {
  CHECK(Life({Submit{32}, Assign{"a"}, AssignChild{1, "b"}, EndChild{1}}).Nation() ==
        Counts{{"received", 1}});
  CHECK(Life({Submit{32}, Assign{"a"}, AssignChild{1, "b"}, EndChild{1}}).Agency("b").empty());
  for (const std::vector<Command>& life : std::vector<std::vector<Command>>{
           {Submit{32}, AssignChild{1, "b"}, AnswerChild{1, true}, EndChild{1}},
           {Submit{32}, AssignChild{1, "b"}, EndChild{1}, AnswerChild{1, true}}}) {
    CHECK(Life(life).Agency("b") == Counts{{"child_assignments", 1}, {"child_answered", 1}});
  }
  // Needed after all.
  CHECK(Life({Submit{32}, AssignChild{1, "b"}, EndChild{1}, AssignChild{1, "c"}}).Agency("c") ==
        Counts{{"child_assignments", 1}});
}

TEST_CASE("a child's return and breach are those of its agency, and leave the report as it is") {
  const std::vector<Command> whole = {Submit{32}, Assign{"a"}, Respond{"a"}, AssignChild{1, "b"}};
  std::vector<Command> life = whole;
  life.emplace_back(BreachChild{"b"});
  life.emplace_back(BreachChild{"b"});
  life.emplace_back(ReturnChild{"b"});
  life.emplace_back(BreachChild{""});  // while the administrators had it
  CHECK(Life(life).Agency("a") == Life(whole).Agency("a"));
  CHECK(Life(life).Agency("b") == Counts{{"returned", 1}, {"breached", 1}, {"child_assignments", 1}});
  CHECK(Life(life).Nation() ==
        Counts{{"received", 1}, {"in_process", 1}, {"returned", 1}, {"child_assignments", 1}});
}

TEST_CASE("a province is the first two digits of a region's code") {
  CHECK(ProvinceOf("32") == 32);
  CHECK(ProvinceOf("32.73") == 32);
  CHECK(ProvinceOf("32.73.01.1001") == 32);
  CHECK(ProvinceOf("") == 0);
  CHECK(ProvinceOf("3") == 0);
  CHECK(ProvinceOf("321") == 0);
  CHECK(ProvinceOf("ab.73") == 0);
}

TEST_CASE("an event that changes no figure adds to no cell") {
  const ReportFigures report = After({Submit{32}, Assign{"a"}, Respond{"a"}});
  CHECK(Decide(report, Respond{"a"}).records.empty());
  CHECK(Decide(report, Assign{"a"}).records.empty());
  CHECK(Decide(report, Complete{32}).records.empty());
}

// Random lives, told by each service in its own order.
using Told = std::vector<std::vector<Command>>;

Told RandomLife(std::mt19937& random) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto province = [&] {
    return static_cast<Province>(std::vector{0, 11, 31, 32}[static_cast<size_t>(pick(4))]);
  };
  const auto agency = [&] { return std::string(1, static_cast<char>('a' + pick(3))); };
  const auto child = [&] { return 1 + pick(2); };
  const auto one_of = [&](const std::vector<Command>& commands) {
    return commands[static_cast<size_t>(pick(static_cast<int>(commands.size())))];
  };
  Told told(4);
  for (int i = pick(8); i >= 0; --i) {
    told[0].push_back(i == 0
                          ? Submit{province()}
                          : one_of({Submit{province()}, Complete{province()}, Withdraw{}, Rate{3}, Rate{5}}));
    told[1].push_back(
        one_of({Verify{province()}, Archive{}, Assign{agency()}, Return{agency()}, Assign{agency(), true},
                Merge{}, Unmerge{pick(2) == 0}, AssignChild{child(), agency()},
                AssignChild{child(), agency()}, EndChild{child()}, ReturnChild{agency()}}));
    const auto signs = [&] {
      std::vector<Deed> all = {Deed::kCopyPaste, Deed::kOtherDoor, Deed::kNoEvidence};
      all.resize(static_cast<size_t>(pick(4)));
      return all;
    };
    told[2].push_back(
        one_of({Respond{agency(), false, signs()}, Respond{agency(), true, signs()},
                Breach{CLOCK_RESOLUTION, agency()}, Breach{CLOCK_FIRST_RESPONSE, ""}, Close{pick(2) == 0},
                Reopen{pick(2) == 0}, AnswerChild{child(), pick(3) > 0, agency(), signs()},
                BreachChild{agency()}, Count{signs(), agency()}, Count{{Deed::kAsked}, agency()}}));
    told[3].push_back(one_of({Escalate{agency()}, Escalate{""}, FindMaladministration{}}));
  }
  return told;
}

std::vector<Command> Interleave(const Told& told, std::mt19937& random) {
  std::vector<Command> life;
  std::vector<size_t> next(told.size());
  while (true) {
    std::vector<size_t> open;
    for (size_t i = 0; i < told.size(); ++i) {
      if (next[i] < told[i].size()) open.push_back(i);
    }
    if (open.empty()) return life;
    const size_t teller = open[random() % open.size()];
    life.push_back(told[teller][next[teller]++]);
  }
}

TEST_CASE("what was added to the cells is always what the reports make them") {
  std::mt19937 random(1);
  Figures kept;
  Figures recomputed;
  for (int i = 0; i < 2000; ++i) {
    ReportFigures report{.id = std::to_string(i)};
    for (const Command& command : Interleave(RandomLife(random), random)) {
      const auto decision = Decide(report, command);
      CHECK(decision.events.empty());
      Add(decision.records, kept);
      report = decision.next;
    }
    Add(Cells(report), recomputed);
  }
  CHECK(WithoutZeros(kept) == WithoutZeros(recomputed));
}

TEST_CASE("a report ends the same in whatever order the services' events arrive") {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const Told told = RandomLife(random);
    CHECK(After(Interleave(told, random)) == After(Interleave(told, random)));
  }
}

// What counts with an agency whoever is accountable for the report.
bool IsOfDoer(size_t counter) {
  return counter == kReturned || counter == kChildAssignments || counter == kChildAnswered ||
         counter == kQuestions || counter == kAnswersCopyPaste || counter == kAnswersOtherDoor ||
         counter == kAnswersNoEvidence;
}

TEST_CASE("every agency's reports, and those that none has had, make the nation's") {
  std::mt19937 random(3);
  Figures figures;
  Counters without_agency = {};
  for (int i = 0; i < 2000; ++i) {
    const ReportFigures report = After(Interleave(RandomLife(random), random));
    Add(Cells(report), figures);
    if (!report.agency_id.empty()) continue;
    for (const Cell& cell : Cells(report)) {
      if (cell.scope != v1::SCOPE_NATION) continue;
      for (size_t c = 0; c < kCounters; ++c) without_agency[c] += IsOfDoer(c) ? 0 : cell.counts[c];
    }
  }
  Counters sum = without_agency;
  for (const auto& [key, counts] : figures) {
    for (size_t c = 0; key.first == v1::SCOPE_AGENCY && c < kCounters; ++c) sum[c] += counts[c];
  }
  Counters nation = figures.at({v1::SCOPE_NATION, ""});
  // Several agencies may share the breach of one report, or none have it; and what the Ombudsman examines.
  for (const Counter shared : {kBreached, kEscalated, kMaladministrationFound}) sum[shared] = nation[shared];
  CHECK(sum == nation);
}

}  // namespace
}  // namespace lapor::reporting
