// Reading competence.textproto, and refusing one that is wrong, contradicts itself or leaves a hole.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "libs/policy/citation.h"
#include "libs/policy/competence.h"
#include "libs/policy/data_file.h"
#include "libs/policy/textproto.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMinIdBytes = 2;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxPhraseWords = 6;

bool HasForm(std::string_view id, std::size_t min_bytes, std::size_t max_bytes) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return id.size() >= min_bytes && id.size() <= max_bytes && std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace

class CompetenceLoader {
 public:
  CompetenceLoader(const fs::path& file, std::shared_ptr<const Policy> policy,
                   std::span<const AgencyRow> agencies)
      : file_(file), policy_(std::move(policy)), agencies_(agencies), loaded_(new Competence(policy_)) {
    for (const AgencyRow& agency : agencies_) by_id_.try_emplace(agency.id, &agency);
  }

  absl::StatusOr<std::shared_ptr<const Competence>> Load() {
    v1::CompetenceRules& rules = loaded_->rules_;
    auto lines = ReadTextproto(file_, rules, diagnostics_);
    if (!lines) return diagnostics_.status();
    lines_ = *std::move(lines);

    if (!IsVersionName(rules.version())) {
      Reject(rules, fmt::format("version is '{}'; it must have 1 to {} of a-z, 0-9, dot and hyphen",
                                rules.version(), kMaxVersionBytes));
    }
    for (const v1::Subject& subject : rules.subject()) CheckSubject(subject);
    for (const v1::CompetenceRule& rule : rules.rule()) CheckRule(rule);
    for (const v1::Subject& subject : rules.subject()) {
      if (!used_subjects_.contains(subject.id()))
        Reject(subject, fmt::format("subject '{}' is in no rule", subject.id()));
    }
    // What follows refers to all of it; wrong ids would only repeat themselves.
    if (!diagnostics_.ok()) return diagnostics_.status();

    loaded_->Index(agencies_);
    CheckPhrases();
    CheckContradictions();
    CheckHoles();
    if (!diagnostics_.ok()) return diagnostics_.status();
    return std::shared_ptr<const Competence>(loaded_);
  }

 private:
  using Message = google::protobuf::Message;
  using Covering = Competence::Covering;
  using CoveringRules = Competence::CoveringRules;

  int LineOf(const Message& at) const {
    // A message that is absent has no line of its own.
    const auto line = lines_.find(&at);
    return line == lines_.end() ? 0 : line->second;
  }
  void Reject(const Message& at, std::string_view reason) { diagnostics_.Add(file_, LineOf(at), reason); }

  void CheckId(const Message& at, const std::string& id, std::unordered_map<std::string, int>& known) {
    if (!HasForm(id, kMinIdBytes, kMaxIdBytes)) {
      Reject(at, fmt::format("id is '{}'; it must have {} to {} of a-z, 0-9, dot and hyphen", id, kMinIdBytes,
                             kMaxIdBytes));
    }
    const auto [entry, added] = known.try_emplace(id, LineOf(at));
    if (!added) Reject(at, fmt::format("id '{}' is already in line {}", id, entry->second));
  }

  void CheckSubject(const v1::Subject& subject) {
    CheckId(subject, subject.id(), subject_lines_);
    for (const std::string* name : {&subject.name(), &subject.name_en()}) {
      if (name->empty() || name->size() > kMaxNameBytes)
        Reject(subject, fmt::format("name and name_en must have 1 to {} bytes", kMaxNameBytes));
    }
    if (subject.phrase().empty())
      Reject(subject, fmt::format("subject '{}' has no phrase, so nothing could speak for it", subject.id()));
    for (const std::string& phrase : subject.phrase()) {
      const std::size_t words = Tokens(phrase).size();
      if (words < 1 || words > kMaxPhraseWords)
        Reject(subject,
               fmt::format("phrase '{}' has {} words; it must have 1 to {}", phrase, words, kMaxPhraseWords));
    }
  }

  void CheckRule(const v1::CompetenceRule& rule) {
    CheckId(rule, rule.id(), rule_lines_);
    if (rule.category().empty()) Reject(rule, "category is missing");
    for (const std::string& category : rule.category()) {
      if (policy_->FindCategory(category) == nullptr)
        Reject(rule, fmt::format("category '{}' is not in categories.csv", category));
    }
    if (!rule.subject().empty()) {
      used_subjects_.insert(rule.subject());
      if (!subject_lines_.contains(rule.subject()))
        Reject(rule, fmt::format("subject '{}' is not in this file", rule.subject()));
    }
    if (rule.has_place()) CheckPlace(rule, rule.place());
    CheckAnswer(rule);
    for (const std::string& missing : MissingOf(rule.citation(), "rule")) Reject(rule, missing);
  }

  void CheckPlace(const v1::CompetenceRule& rule, const v1::Place& place) {
    if (place.region().empty() && place.kind().empty())
      Reject(rule, "place names neither a region nor a kind; leave it out for the whole nation");
    for (const std::string& code : place.region()) {
      // No districts: rules go by governments, and those have none.
      if (!policy_->regions().contains(code))
        Reject(rule, fmt::format("region '{}' is not in regions.csv", code));
    }
    for (const int kind : place.kind()) {
      if (kind == v1::PLACE_KIND_UNSPECIFIED) Reject(rule, "kind is missing");
    }
  }

  void CheckAnswer(const v1::CompetenceRule& rule) {
    switch (rule.answers_case()) {
      case v1::CompetenceRule::kNational: {
        const auto agency = by_id_.find(rule.national());
        if (agency == by_id_.end()) {
          Reject(rule, fmt::format("national is '{}', which is no agency", rule.national()));
        } else if (!agency->second->region.empty()) {
          Reject(rule,
                 fmt::format("national is '{}', which is an agency of {}; name its unit under province or "
                             "regency",
                             rule.national(), agency->second->region));
        }
        return;
      }
      case v1::CompetenceRule::kProvince:
        return CheckUnit(rule, "province", rule.province(), true);
      case v1::CompetenceRule::kRegency:
        return CheckUnit(rule, "regency", rule.regency(), false);
      case v1::CompetenceRule::ANSWERS_NOT_SET:
        return Reject(rule, "nobody answers: give national, province or regency");
    }
  }

  // Some governments may do without the unit, but a unit that none has is misspelt.
  void CheckUnit(const v1::CompetenceRule& rule, std::string_view field, const std::string& unit,
                 bool province) {
    if (unit.empty()) return;
    const bool exists = std::any_of(agencies_.begin(), agencies_.end(), [&](const AgencyRow& government) {
      const auto region = policy_->regions().find(government.region);
      if (region == policy_->regions().end() || government.kind == event::v1::AGENCY_KIND_UNIT) return false;
      if ((region->second.kind == RegionKind::kProvince) != province) return false;
      return Reaches(rule, region->second) && by_id_.contains(fmt::format("{}.{}", government.id, unit));
    });
    if (!exists) {
      Reject(rule,
             fmt::format("{} is '{}', which is a unit of no government that the rule reaches", field, unit));
    }
  }

  // Whether the rule can name a unit of the government of this region.
  bool Reaches(const v1::CompetenceRule& rule, const Region& government) const {
    if (Competence::Narrowness(rule, &government) >= 0) return true;
    if (government.kind != RegionKind::kProvince) return false;
    const auto& regions = policy_->regions();
    return std::any_of(regions.begin(), regions.end(), [&](const auto& entry) {
      return entry.second.parent == government.code && Competence::Narrowness(rule, &entry.second) >= 0;
    });
  }

  // A phrase that tells two subjects of one topic tells neither.
  void CheckPhrases() {
    std::set<std::pair<const v1::Subject*, const v1::Subject*>> told;
    for (const auto& [code, category] : policy_->categories()) {
      const Competence::Topic& topic = loaded_->topics_.at(code);
      std::map<std::vector<std::string>, const v1::Subject*> spoken_for;
      // In the order of the file, so that the later one is told.
      for (const v1::Subject& subject : loaded_->rules_.subject()) {
        if (!topic.by_subject.contains(subject.id())) continue;
        for (const std::string& phrase : subject.phrase()) {
          const auto [entry, added] = spoken_for.try_emplace(Tokens(phrase), &subject);
          if (added) continue;
          if (entry->second == &subject) {
            if (told.insert({&subject, &subject}).second)
              Reject(subject, fmt::format("phrase '{}' is there twice", phrase));
          } else if (told.insert({entry->second, &subject}).second) {
            Reject(
                subject,
                fmt::format("phrase '{}' speaks for subject '{}' of line {} too, and both have rules for {}",
                            phrase, entry->second->id(), LineOf(*entry->second), code));
          }
        }
      }
    }
  }

  void CheckContradictions() {
    struct Contradiction {
      const v1::CompetenceRule* a;
      const v1::CompetenceRule* b;
      std::string example;
      int cases = 0;
    };
    // By the lines of both rules, and so in the order of the file.
    std::map<std::pair<int, int>, Contradiction> found;
    const auto check = [&](const Category& category, const CoveringRules& rules) {
      if (rules.size() < 2) return;
      for (const auto& [code, region] : policy_->regions()) {
        const auto clash = Clash(rules, region);
        if (!clash) continue;
        auto [a, b] = *clash;
        if (LineOf(*a) > LineOf(*b)) std::swap(a, b);
        Contradiction& contradiction = found[{LineOf(*a), LineOf(*b)}];
        if (contradiction.cases++ > 0) continue;
        contradiction.a = a;
        contradiction.b = b;
        contradiction.example = fmt::format("{} in {} {}", category.code, region.code, region.name);
      }
    };
    for (const auto& [code, category] : policy_->categories()) {
      const Competence::Topic& topic = loaded_->topics_.at(code);
      check(category, topic.general);
      for (const auto& [subject, rules] : topic.by_subject) check(category, rules);
    }
    for (const auto& [lines, contradiction] : found) {
      const std::string more =
          contradiction.cases == 1 ? "" : fmt::format(" and in {} more cases", contradiction.cases - 1);
      Reject(*contradiction.b,
             fmt::format("rule '{}' contradicts rule '{}' of line {}: they are equally near for {}{}",
                         contradiction.b->id(), contradiction.a->id(), lines.first, contradiction.example,
                         more));
    }
  }

  // Two rules that are the nearest in the region, both.
  static std::optional<std::pair<const v1::CompetenceRule*, const v1::CompetenceRule*>> Clash(
      const CoveringRules& rules, const Region& region) {
    const v1::CompetenceRule* winner = Competence::Winner(rules, &region);
    if (winner == nullptr) return std::nullopt;
    const auto of_winner =
        std::find_if(rules.begin(), rules.end(), [&](const Covering& c) { return c.rule == winner; });
    const int narrowness = Competence::Narrowness(*winner, &region);
    for (const Covering& covering : rules) {
      const bool equal = covering.distance == of_winner->distance &&
                         Competence::Narrowness(*covering.rule, &region) == narrowness;
      if (covering.rule != winner && equal) return std::pair(winner, covering.rule);
    }
    return std::nullopt;
  }

  void CheckHoles() {
    for (const auto& [code, category] : policy_->categories()) {
      const CoveringRules& rules = loaded_->topics_.at(code).general;
      int holes = 0, places = 0;
      const Region* example = nullptr;
      for (const auto& [region_code, region] : policy_->regions()) {
        if (region.kind == RegionKind::kProvince) continue;
        ++places;
        if (Competence::Winner(rules, &region) != nullptr) continue;
        if (holes++ == 0) example = &region;
      }
      if (holes == 0) continue;
      diagnostics_.Add(file_, 0,
                       fmt::format("no rule answers for {} ({}) in {} of {} regencies and cities, as {} {}",
                                   code, category.name, holes, places, example->code, example->name));
    }
  }

  const fs::path file_;
  const std::shared_ptr<const Policy> policy_;
  const std::span<const AgencyRow> agencies_;
  const std::shared_ptr<Competence> loaded_;
  Diagnostics diagnostics_;
  MessageLines lines_;
  std::unordered_map<std::string_view, const AgencyRow*> by_id_;
  std::unordered_map<std::string, int> subject_lines_;
  std::unordered_map<std::string, int> rule_lines_;
  std::unordered_set<std::string> used_subjects_;
};

absl::StatusOr<std::shared_ptr<const Competence>> Competence::Load(const fs::path& policy_dir,
                                                                   std::shared_ptr<const Policy> policy,
                                                                   std::span<const AgencyRow> agencies) {
  return CompetenceLoader(policy_dir / kCompetenceFile, std::move(policy), agencies).Load();
}

}  // namespace lapor::policy
