#include "libs/policy/competence.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lapor::policy {
namespace {

constexpr char kRootAgencyId[] = "id";

// What speaks for an agency weighs so much, times how sure the topic and the region are.
constexpr double kSubjectWeight = 1.0;
constexpr double kCategoryWeight = 0.8;
// Without a topic the words are all there is.
constexpr double kOnlyWordsWeight = 0.75;
constexpr double kOtherCategoryWeight = 0.6;
constexpr double kSubcategoryWeight = 0.3;
// A rule that says so; it mustn't hide what words and subtopics tell.
constexpr double kTriageByRuleWeight = 0.2;
constexpr double kGovernmentWeight = 0.1;
constexpr double kTriageWeight = 0.05;

// More words that agree weigh more, with less and less difference.
double ByWords(double weight, int tokens) { return weight * (1 - 0.1 / tokens); }

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  // All of a letter beyond ASCII.
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsProvince(const Region& region) { return region.kind == RegionKind::kProvince; }

std::string NameOf(const Region& region) { return fmt::format("{} {}", region.code, region.name); }

}  // namespace

std::vector<std::string> Tokens(std::string_view text) {
  std::vector<std::string> tokens;
  bool inside = false;
  for (const char c : text) {
    if (!IsWordByte(c)) {
      inside = false;
      continue;
    }
    if (!inside) tokens.emplace_back();
    inside = true;
    tokens.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return tokens;
}

// ---- the index

void Competence::Index(std::span<const AgencyRow> agencies) {
  for (const auto& [code, category] : policy_->categories()) topics_[category.code].category = &category;
  for (const auto& [code, category] : policy_->categories()) {
    if (!category.parent.empty()) topics_[category.parent].subtopics.push_back(&category);
  }
  for (const v1::Subject& subject : rules_.subject()) {
    subjects_.try_emplace(subject.id(), &subject);
    for (const std::string& text : subject.phrase()) {
      std::vector<std::string> tokens = Tokens(text);
      if (tokens.empty()) continue;
      phrases_[tokens[0]].push_back({tokens, &subject, &text});
    }
  }
  // The longest first: "rumah sakit umum pusat" is no "rumah sakit".
  for (auto& [first, phrases] : phrases_) {
    std::stable_sort(phrases.begin(), phrases.end(),
                     [](const Phrase& a, const Phrase& b) { return a.tokens.size() > b.tokens.size(); });
  }

  std::unordered_map<std::string_view, std::vector<const v1::CompetenceRule*>> made_for;
  for (const v1::CompetenceRule& rule : rules_.rule()) {
    for (const std::string& category : rule.category()) {
      made_for[category].push_back(&rule);
      if (rule.subject().empty()) continue;
      auto& topics = topics_of_subject_[rule.subject()];
      if (std::find(topics.begin(), topics.end(), category) == topics.end()) topics.emplace_back(category);
    }
  }
  for (auto& [code, topic] : topics_) {
    int distance = 0;
    for (const Category* at = topic.category; at != nullptr; at = policy_->FindCategory(at->parent)) {
      for (const v1::CompetenceRule* rule : made_for[at->code]) {
        CoveringRules& rules = rule->subject().empty() ? topic.general : topic.by_subject[rule->subject()];
        rules.push_back({rule, distance});
      }
      ++distance;
    }
  }

  for (const AgencyRow& agency : agencies) {
    parents_[agency.id] = agency.parent;
    const bool governs = agency.kind == event::v1::AGENCY_KIND_PROVINCE ||
                         agency.kind == event::v1::AGENCY_KIND_REGENCY ||
                         agency.kind == event::v1::AGENCY_KIND_CITY;
    if (governs) governments_[agency.region] = agency.id;
  }
}

int Competence::Narrowness(const v1::CompetenceRule& rule, const Region* region) {
  if (!rule.has_place()) return 0;
  if (region == nullptr) return -1;
  int narrowness = 0;
  if (!rule.place().region().empty()) {
    for (const std::string& code : rule.place().region()) {
      if (code == region->code) narrowness = std::max(narrowness, IsProvince(*region) ? 2 : 4);
      if (code == region->parent) narrowness = std::max(narrowness, 2);
    }
    if (narrowness == 0) return -1;
  }
  if (!rule.place().kind().empty()) {
    const bool holds = std::any_of(rule.place().kind().begin(), rule.place().kind().end(), [&](int kind) {
      return (kind == v1::PLACE_KIND_REGENCY && region->kind == RegionKind::kRegency) ||
             (kind == v1::PLACE_KIND_CITY && region->kind == RegionKind::kCity);
    });
    if (!holds) return -1;
    ++narrowness;
  }
  return narrowness;
}

const v1::CompetenceRule* Competence::Winner(const CoveringRules& rules, const Region* region) {
  const v1::CompetenceRule* winner = nullptr;
  int distance = 0, narrowness = 0;
  for (const Covering& covering : rules) {
    const int narrow = Narrowness(*covering.rule, region);
    if (narrow < 0) continue;
    const bool nearer =
        covering.distance < distance || (covering.distance == distance && narrow > narrowness);
    if (winner != nullptr && !nearer) continue;
    winner = covering.rule;
    distance = covering.distance;
    narrowness = narrow;
  }
  return winner;
}

std::string_view Competence::GovernmentOf(std::string_view region) const {
  const auto found = governments_.find(std::string(region));
  return found == governments_.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<Competence::Found> Competence::FindSubjects(const std::vector<std::string>& words) const {
  std::vector<Found> found;
  for (const std::string& text : words) {
    const std::vector<std::string> tokens = Tokens(text);
    for (size_t at = 0; at < tokens.size();) {
      size_t taken = 1;
      const auto phrases = phrases_.find(tokens[at]);
      if (phrases != phrases_.end()) {
        for (const Phrase& phrase : phrases->second) {
          // One phrase may speak for subjects of several topics.
          if (phrase.tokens.size() < taken || phrase.tokens.size() > tokens.size() - at) continue;
          if (!std::equal(phrase.tokens.begin(), phrase.tokens.end(),
                          tokens.begin() + static_cast<std::ptrdiff_t>(at)))
            continue;
          taken = phrase.tokens.size();
          auto known = std::find_if(found.begin(), found.end(),
                                    [&](const Found& f) { return f.subject == phrase.subject; });
          if (known == found.end()) known = found.insert(found.end(), Found{phrase.subject, {}, 0});
          if (std::find(known->phrases.begin(), known->phrases.end(), *phrase.text) != known->phrases.end())
            continue;
          known->phrases.push_back(*phrase.text);
          known->tokens += static_cast<int>(phrase.tokens.size());
        }
      }
      at += taken;
    }
  }
  return found;
}

// ---- asking

// One question on its way to an answer.
class Competence::Asking {
 public:
  Asking(const Competence& rules, const Exists& exists) : rules_(rules), exists_(exists) {}

  Answer Ask(const Question& question) {
    const std::vector<Found> subjects = rules_.FindSubjects(question.words);
    std::vector<Topical> topics;
    for (const Likely& category : question.categories) {
      const auto topic = rules_.topics_.find(category.code);
      if (topic != rules_.topics_.end()) topics.push_back({&topic->second, category.confidence});
    }
    std::vector<Placed> places;
    for (const Likely& code : question.regions) {
      if (const Region* region = rules_.policy_->FindRegion(code.code))
        places.push_back({region, code.confidence});
    }
    if (places.empty()) places.push_back({nullptr, 1});

    for (const Placed& place : places) {
      for (const Topical& topic : topics) AskAbout(*topic.topic, topic.confidence, place, subjects);
      AskElsewhere(topics, place, subjects);
    }
    answer_.category_needed = topics.empty() && answer_.candidates.empty() && need_score_ == 0;
    AddGovernments(places);
    Sort();
    return std::move(answer_);
  }

 private:
  struct Topical {
    const Topic* topic;
    double confidence;
  };
  struct Placed {
    const Region* region;
    double confidence;
  };

  void AskAbout(const Topic& topic, double confidence, const Placed& place,
                const std::vector<Found>& subjects) {
    const double sure = confidence * place.confidence;
    for (const Found& found : subjects) {
      const auto rules = topic.by_subject.find(found.subject->id());
      if (rules == topic.by_subject.end()) continue;
      Add(Winner(rules->second, place.region), Basis::kSubject, sure * ByWords(kSubjectWeight, found.tokens),
          *topic.category, place.region, &found);
    }
    const v1::CompetenceRule* general = Winner(topic.general, place.region);
    Add(general, Basis::kCategory, sure * kCategoryWeight, *topic.category, place.region);
    for (const Category* subtopic : topic.subtopics) {
      const v1::CompetenceRule* rule =
          Winner(rules_.topics_.find(subtopic->code)->second.general, place.region);
      if (rule != general) Add(rule, Basis::kSubcategory, sure * kSubcategoryWeight, *subtopic, place.region);
    }
  }

  // What the words tell beyond the topics that were asked about: reporters choose wrong ones.
  void AskElsewhere(const std::vector<Topical>& topics, const Placed& place,
                    const std::vector<Found>& subjects) {
    for (const Found& found : subjects) {
      const bool within = std::any_of(topics.begin(), topics.end(), [&](const Topical& topical) {
        return topical.topic->by_subject.contains(found.subject->id());
      });
      const auto elsewhere = rules_.topics_of_subject_.find(found.subject->id());
      if (within || elsewhere == rules_.topics_of_subject_.end()) continue;
      const double weight = topics.empty() ? kOnlyWordsWeight : kOtherCategoryWeight;
      for (const std::string_view code : elsewhere->second) {
        const Topic& topic = rules_.topics_.find(code)->second;
        Add(Winner(topic.by_subject.find(found.subject->id())->second, place.region), Basis::kOtherCategory,
            place.confidence * ByWords(weight, found.tokens), *topic.category, place.region, &found);
      }
    }
  }

  void Add(const v1::CompetenceRule* rule, Basis basis, double score, const Category& category,
           const Region* region, const Found* found = nullptr) {
    if (rule == nullptr) return;
    Candidate candidate{
        .basis = basis, .score = score, .rule = rule, .category = &category, .region = region};
    if (found != nullptr) candidate.matched_phrases = found->phrases;
    std::string_view government;
    std::string_view unit;
    switch (rule->answers_case()) {
      case v1::CompetenceRule::kNational:
        candidate.agency_id = rule->national();
        break;
      case v1::CompetenceRule::kProvince:
        if (region == nullptr) return Need(PlaceNeeded::kProvince, score);
        government = rules_.GovernmentOf(IsProvince(*region) ? region->code : region->parent);
        unit = rule->province();
        break;
      case v1::CompetenceRule::kRegency:
        if (region == nullptr || IsProvince(*region)) return Need(PlaceNeeded::kRegency, score);
        government = rules_.GovernmentOf(region->code);
        unit = rule->regency();
        break;
      case v1::CompetenceRule::ANSWERS_NOT_SET:
        return;
    }
    if (candidate.agency_id.empty())
      candidate.agency_id = unit.empty() ? std::string(government) : fmt::format("{}.{}", government, unit);
    if (candidate.agency_id == kRootAgencyId) {
      candidate.basis = Basis::kTriage;
      candidate.score *= kTriageByRuleWeight;
    }
    Append(std::move(candidate), government);
  }

  // With the nearest that exists above the one that is meant, if that one doesn't.
  void Append(Candidate candidate, std::string_view government) {
    if (candidate.agency_id != kRootAgencyId && !exists_(candidate.agency_id)) {
      candidate.missing_agency_id = candidate.agency_id;
      std::string above(government);
      if (above.empty() || above == candidate.agency_id) above = ParentOf(candidate.agency_id);
      while (above != kRootAgencyId && !exists_(above)) above = ParentOf(above);
      candidate.agency_id = above;
    }
    answer_.candidates.push_back(std::move(candidate));
  }

  std::string ParentOf(const std::string& agency_id) const {
    const auto found = rules_.parents_.find(agency_id);
    return found == rules_.parents_.end() || found->second.empty() ? kRootAgencyId : found->second;
  }

  void Need(PlaceNeeded place, double score) {
    if (score <= need_score_) return;
    need_score_ = score;
    need_ = place;
  }

  void AddGovernments(const std::vector<Placed>& places) {
    for (const Placed& place : places) {
      if (place.region == nullptr) continue;
      Append({.agency_id = std::string(rules_.GovernmentOf(place.region->code)),
              .basis = Basis::kGovernment,
              .score = kGovernmentWeight * place.confidence,
              .region = place.region},
             "");
    }
  }

  void Sort() {
    auto& all = answer_.candidates;
    std::stable_sort(all.begin(), all.end(),
                     [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    // Each agency with what speaks for it most.
    std::vector<Candidate> once;
    for (Candidate& candidate : all) {
      const bool known = std::any_of(once.begin(), once.end(),
                                     [&](const Candidate& c) { return c.agency_id == candidate.agency_id; });
      if (!known) once.push_back(std::move(candidate));
    }
    const bool ends =
        !once.empty() && (once.back().basis == Basis::kGovernment || once.back().agency_id == kRootAgencyId);
    if (!ends) once.push_back({.agency_id = kRootAgencyId, .basis = Basis::kTriage, .score = kTriageWeight});
    all = std::move(once);
    if (need_score_ > 0 && need_score_ >= all.front().score) answer_.place_needed = need_;
  }

  const Competence& rules_;
  const Exists& exists_;
  Answer answer_;
  PlaceNeeded need_ = PlaceNeeded::kNone;
  double need_score_ = 0;
};

Answer Competence::Ask(const Question& question, const Exists& exists) const {
  return Asking(*this, exists).Ask(question);
}

// ---- why

std::string Competence::Why(const Candidate& candidate) const {
  std::string why;
  const auto say = [&](std::string_view text) {
    if (!why.empty()) why += "; ";
    why += text;
  };
  if (candidate.rule != nullptr) {
    const v1::CompetenceRule& rule = *candidate.rule;
    const Category& category = *candidate.category;
    const auto subject = subjects_.find(rule.subject());
    if (subject != subjects_.end()) {
      say(fmt::format("the words \"{}\" speak for {} ({})", fmt::join(candidate.matched_phrases, "\", \""),
                      subject->second->name(), subject->second->name_en()));
    }
    if (candidate.basis == Basis::kOtherCategory) {
      say(fmt::format("that is {}, which was not asked about", category.code));
    }
    if (candidate.basis == Basis::kSubcategory)
      say(fmt::format("should it be about {} ({})", category.name, category.name_en));
    const bool own =
        std::find(rule.category().begin(), rule.category().end(), category.code) != rule.category().end();
    if (candidate.basis == Basis::kCategory && !own)
      say(fmt::format("{} has no rule of its own: that of the topic above it holds", category.code));
    if (rule.has_place()) say("a rule for this place, which differs from the others");
    switch (rule.answers_case()) {
      case v1::CompetenceRule::kNational:
        say(rule.national() == kRootAgencyId
                ? "no agency can be named for all of it: the national administrator finds "
                  "out which one is competent"
                : "a matter of the nation");
        break;
      case v1::CompetenceRule::kProvince:
        say(fmt::format("a matter of the province, in {}", NameOf(*candidate.region)));
        break;
      case v1::CompetenceRule::kRegency:
        say(fmt::format("a matter of the {}, {}",
                        candidate.region->kind == RegionKind::kCity ? "city" : "regency",
                        NameOf(*candidate.region)));
        break;
      case v1::CompetenceRule::ANSWERS_NOT_SET:
        break;
    }
  } else if (candidate.basis == Basis::kGovernment) {
    say(fmt::format("no rule: the government of {}, which knows its units{}", NameOf(*candidate.region),
                    IsProvince(*candidate.region) ? " and coordinates its regencies and cities" : ""));
  } else {
    say("no rule: the national administrator finds out who is competent");
  }
  if (!candidate.missing_agency_id.empty()) {
    say(fmt::format("the registry has no {}, so the next above it that is there",
                    candidate.missing_agency_id));
  }
  return why;
}

}  // namespace lapor::policy
