// Who is competent: what routing suggests and explains, and the rules themselves.
#include <algorithm>
#include <memory>
#include <set>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/policy/competence.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using Stub = routing::v1::Routing::Stub;

std::string ShowReading(const routing::v1::Reading& reading) {
  std::string text = "The text (dibaca):";
  for (const routing::v1::ReadTopic& topic : reading.topics())
    text += fmt::format(" {} {:.0f}%", topic.category(), 100 * topic.confidence());
  if (!reading.words().empty()) text += fmt::format("; by the words {}", fmt::join(reading.words(), ", "));
  text += "\n";
  for (const routing::v1::ReadPlace& place : reading.places()) {
    text += fmt::format(
        "  place {} {} {:.0f}%, \"{}\"{}\n", place.region(), place.name(), 100 * place.confidence(),
        place.words(),
        place.alternatives().empty() ? "" : fmt::format("; or {}", fmt::join(place.alternatives(), ", ")));
  }
  return text;
}

std::string ShowSuggestions(const routing::v1::SuggestRouteResponse& response, const AgencyName& name) {
  std::string text;
  if (response.place_needed() != routing::v1::PLACE_NEEDED_UNSPECIFIED) {
    text += fmt::format("The region is missing ({}): ask the reporter for it, or give --region.\n",
                        Label(response.place_needed()));
  }
  if (response.category_needed())
    text += "Nothing tells the topic: ask the reporter for it, or give --category or --words.\n";
  if (response.has_reading()) text += ShowReading(response.reading());
  if (response.needs_person()) text += "The text doesn't tell the topic surely enough: read the report.\n";
  if (response.category_doubted()) text += "The text tells another topic than the one that is recorded.\n";
  int number = 0;
  for (const routing::v1::Suggestion& suggestion : response.suggestions()) {
    text += fmt::format("{:>3}. {}  {:.2f}\n", ++number, name(suggestion.agency_id()), suggestion.score());
    text += fmt::format("     {}{}\n",
                        suggestion.rule_id().empty() ? "" : fmt::format("rule {}: ", suggestion.rule_id()),
                        suggestion.why());
    if (suggestion.has_citation()) text += fmt::format("     {}\n", ShowCitation(suggestion.citation()));
  }
  return text + fmt::format("Rules {} (deploy/policy/competence.textproto).\n", response.rules_version());
}

void AddSuggest(CommandLine& line) {
  struct Options {
    routing::v1::SuggestRouteRequest request;
    std::vector<std::string> words;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kTriageGroup, "suggest",
      "who is competent, with the rule, its source and the words that speak for it (saran); acts as triage",
      {"lapor suggest 7K3M-9QXT-2B54", "lapor suggest 7K3M-9QXT-2B54 --read    # reads the text too",
       "lapor suggest 7K3M-9QXT-2B54 --words 'jalan tol'    # what the text says",
       "lapor suggest 7K3M-9QXT-2B54 --category roads.national    # what if it were that",
       "lapor suggest --category education.secondary --region 32.73 --as officer:id.32.73    # without a "
       "report"},
      [&line, o]() -> absl::Status {
        if (!o->request.report_id().empty()) {
          const auto id = ReadReportId("ID", o->request.report_id());
          if (!id.ok()) return id.status();
          o->request.set_report_id(*id);
        }
        o->request.mutable_subject_words()->Add(o->words.begin(), o->words.end());
        const auto suggested = line.Call(&Stub::SuggestRoute, o->request, "triage");
        if (!suggested.ok()) return suggested.status();
        return line.Print(*suggested, ShowSuggestions(*suggested, line.agency_name()));
      });
  command.add_option("ID", *o->request.mutable_report_id(), "tracking id; without one, what the options say");
  command.add_option("--category", *o->request.mutable_category(), "in place of the recorded one")
      ->type_name("CODE");
  command.add_option("--region", *o->request.mutable_region(), "in place of the recorded one")
      ->type_name("CODE");
  command.add_flag_callback(
      "--read", [o] { o->request.set_read_text(true); },
      "read the report's text, for its topic and its places");
  command.add_option("--words", o->words, "words or phrases of the report that tell its subject")
      ->type_name("WORDS");
  command
      .add_option_function<int>(
          "--limit", [o](int limit) { o->request.set_max_suggestions(limit); }, "suggestions at most")
      ->type_name("1-50");
}

void AddExplain(CommandLine& line) {
  const auto request = std::make_shared<routing::v1::ExplainRouteRequest>();
  CLI::App& command = line.Add(
      kTriageGroup, "explain",
      "why a report is where it is: who decided each of its hands, what the rules say of it, and why "
      "its verification, completion and delivery end when they do (penjelasan); acts as triage",
      {"lapor explain 7K3M-9QXT-2B54", "lapor explain 7K3M-9QXT-2B54 --as officer:id.32.73.dinkes",
       "lapor explain 7K3M-9QXT-2B54 --json --as monitor"},
      [&line, request]() -> absl::Status {
        const auto explained = line.Call(&Stub::ExplainRoute, *request, "triage");
        if (!explained.ok()) return explained.status();
        return line.Print(*explained, ShowHands(*explained, line.zone(), line.agency_name()) +
                                          "\nSuggested now (saran)\n" +
                                          ShowSuggestions(explained->now(), line.agency_name()));
      });
  AddAssignmentId(command, *request->mutable_report_id());
}

struct RulesOptions {
  std::string policy_dir = "deploy/policy";
  std::string reference_dir = "deploy/reference";
};

// Reads and checks the files as routing does when it starts, and says how much there is and how sure it is.
absl::Status CheckRules(const RulesOptions& o) {
  const auto policy = policy::Policy::Load(o.policy_dir, o.reference_dir);
  if (!policy.ok()) return policy.status();
  const auto agencies = policy::ReadAgencies(o.reference_dir);
  if (!agencies.ok()) return agencies.status();
  const auto rules = policy::Competence::Load(o.policy_dir, *policy, *agencies);
  if (!rules.ok()) return rules.status();

  std::map<policy::v1::Confidence, int> sure;
  for (const policy::v1::CompetenceRule& rule : (*rules)->rules().rule())
    ++sure[rule.citation().confidence()];
  std::string confidences;
  for (const auto& [confidence, count] : sure)
    confidences += fmt::format("{}{} {}", confidences.empty() ? "" : ", ", count, Word(confidence));
  // What a regency's reports would fall back to the government for.
  std::set<std::string, std::less<>> known;
  for (const policy::AgencyRow& agency : *agencies) known.insert(agency.id);
  std::set<std::string> missing;
  int cases = 0;
  for (const auto& [category, topic] : (*policy)->categories()) {
    for (const auto& [code, region] : (*policy)->regions()) {
      if (region.kind == policy::RegionKind::kProvince) continue;
      ++cases;
      const policy::Answer answer = (*rules)->Ask({.categories = {{category}}, .regions = {{code}}},
                                                  [&](std::string_view id) { return known.contains(id); });
      const std::string& lacks = answer.candidates[0].missing_agency_id;
      if (!lacks.empty()) missing.insert(lacks);
    }
  }
  fmt::print(
      "Rules {}: {} rules and {} subjects, no contradiction; sources: {}.\n"
      "{} topics in {} regencies and cities: all {} have an answer.\n",
      (*rules)->version(), (*rules)->rules().rule_size(), (*rules)->rules().subject_size(), confidences,
      (*policy)->categories().size(), cases / std::max<size_t>((*policy)->categories().size(), 1), cases);
  for (const std::string& id : missing) fmt::print("There is no {}: its government is meant.\n", id);
  return absl::OkStatus();
}

}  // namespace

void AddCompetenceCommands(CommandLine& line) {
  AddSuggest(line);
  AddExplain(line);

  CLI::App& family =
      line.AddFamily(kOperatorGroup, "rules", "the rules of who is competent (aturan kewenangan)");
  const auto o = std::make_shared<RulesOptions>();
  CLI::App& check = line.Add(
      kOperatorGroup, "check",
      "check the files as routing does when it starts: mistakes, contradictions and holes, with file and "
      "line; asks no "
      "service",
      {"lapor rules check", "lapor rules check --policy-dir my/policy --reference-dir my/reference"},
      [o] { return CheckRules(*o); }, &family);
  check.add_option("--policy-dir", o->policy_dir, "folder of competence.textproto")
      ->envname("LAPOR_POLICY_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
  check
      .add_option("--reference-dir", o->reference_dir,
                  "folder of categories.csv, regions.csv and agencies*.csv")
      ->envname("LAPOR_REFERENCE_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
}

}  // namespace lapor::client
