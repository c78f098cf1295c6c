// Who is competent: the rules of deploy/policy/competence.textproto, loaded, checked against topics, regions
// and agencies, and asked. Pure: no clock, no SQL, no network.
//
// Of the rules that hold for a matter in a place, one wins: that of a subject which the words speak for,
// before one without a subject; of these the one of the nearer topic (a topic's rule covers the subtopics
// that have none of their own); of these the one of the narrower place (a regency or city, before a province,
// before the nation; with a kind of place, before without). Two that are equally near are a contradiction; a
// topic that nobody answers for in some regency or city is a hole. Neither is ever loaded.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/policy/v1/policy.pb.h"
#include "libs/policy/policy.h"
#include "libs/policy/reference.h"

namespace lapor::policy {

// A code, and how sure it is: above 0, at most 1.
struct Likely {
  std::string code;
  double confidence = 1;
};

// What is known of a report, or supposed: as its codes say, or as somebody who read it does. Whatever is
// missing makes the answer less certain, never empty.
struct Question {
  // Codes of categories.csv; none of them has to be the right one.
  std::vector<Likely> categories = {};
  // Words and phrases in which subjects are looked for, in any case; the longer the text the longer it takes.
  std::vector<std::string> words = {};
  // Codes of regions.csv, or of districts and villages.
  std::vector<Likely> regions = {};
};

// What speaks for an agency, the strongest first.
enum class Basis {
  // The rule of a subject of the topic, that the words speak for.
  kSubject,
  // The rule of the topic.
  kCategory,
  // The rule of a subject that the words speak for, of a topic that was not asked about.
  kOtherCategory,
  // The rule of a subtopic, should it be about that.
  kSubcategory,
  // No rule: the government of the place.
  kGovernment,
  // The national administrator has to find it out, as a rule says or because none does.
  kTriage,
};

struct Candidate {
  std::string agency_id = {};
  Basis basis = Basis::kTriage;
  // Above 0, at most 1; comparable within one answer.
  double score = 0;
  // Null without a rule. Lives as long as the Competence.
  const v1::CompetenceRule* rule = nullptr;
  // What of the question the rule speaks of; null for nothing. Live as long as the Competence.
  const Category* category = nullptr;
  const Region* region = nullptr;
  // Of the subject, as the rules have them.
  std::vector<std::string> matched_phrases = {};
  // The agency that the rule means, when the registry doesn't know it; then agency_id stands above it.
  std::string missing_agency_id = {};
};

enum class PlaceNeeded { kNone, kProvince, kRegency };

struct Answer {
  // The best first, each agency once; never empty. At the end stands who takes what no rule decides: the
  // government of the place or, without one, the national administrator.
  std::vector<Candidate> candidates;
  // What is missing for the rule that speaks first to name an agency.
  PlaceNeeded place_needed = PlaceNeeded::kNone;
  // Neither a known topic nor a subject's words.
  bool category_needed = false;
};

// The words of a text in lower case, without what stands between them.
std::vector<std::string> Tokens(std::string_view text);

// Immutable and safe to share between threads.
class Competence {
 public:
  // Whether an agency is in the registry.
  using Exists = std::function<bool(std::string_view agency_id)>;

  // Reads competence.textproto of `policy_dir`. `agencies` are as ReadAgencies gives them. INVALID_ARGUMENT
  // with a line "FILE:LINE: reason" for each mistake, contradiction and hole.
  static absl::StatusOr<std::shared_ptr<const Competence>> Load(const std::filesystem::path& policy_dir,
                                                                std::shared_ptr<const Policy> policy,
                                                                std::span<const AgencyRow> agencies);

  // Everything else that is meant to be competent is looked for in `exists`; the root is taken to exist.
  Answer Ask(const Question& question, const Exists& exists) const;

  // Why a candidate of Ask is one, for people.
  std::string Why(const Candidate& candidate) const;

  const std::string& version() const { return rules_.version(); }
  const v1::CompetenceRules& rules() const { return rules_; }

 private:
  friend class CompetenceLoader;

  // A rule that covers a topic, and how far above it the topic stands for which it was made.
  struct Covering {
    const v1::CompetenceRule* rule;
    int distance;
  };
  using CoveringRules = std::vector<Covering>;

  struct Phrase {
    std::vector<std::string> tokens;
    const v1::Subject* subject;
    const std::string* text;
  };

  struct Found {
    const v1::Subject* subject;
    std::vector<std::string> phrases;
    int tokens = 0;
  };

  // Of one topic.
  struct Topic {
    const Category* category = nullptr;
    // Rules without a subject, and those with one.
    CoveringRules general;
    std::unordered_map<std::string_view, CoveringRules> by_subject;
    std::vector<const Category*> subtopics;
  };

  class Asking;

  explicit Competence(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

  void Index(std::span<const AgencyRow> agencies);
  // How narrow the place is for which a rule was made; -1 when it doesn't hold in `region`, which may be
  // null.
  static int Narrowness(const v1::CompetenceRule& rule, const Region* region);
  // The rule that wins; null when none holds. `region` may be null.
  static const v1::CompetenceRule* Winner(const CoveringRules& rules, const Region* region);
  std::vector<Found> FindSubjects(const std::vector<std::string>& words) const;
  // By the region's code.
  std::string_view GovernmentOf(std::string_view region) const;

  std::shared_ptr<const Policy> policy_;
  // Never moved: what follows points into it.
  v1::CompetenceRules rules_;
  std::unordered_map<std::string_view, Topic> topics_;
  std::unordered_map<std::string_view, const v1::Subject*> subjects_;
  // The topics for which a subject has rules, in the order of the file.
  std::unordered_map<std::string_view, std::vector<std::string_view>> topics_of_subject_;
  // By their first word.
  std::unordered_map<std::string, std::vector<Phrase>> phrases_;
  // By region.
  std::unordered_map<std::string, std::string> governments_;
  // Of every agency of the reference data.
  std::unordered_map<std::string, std::string> parents_;
};

}  // namespace lapor::policy
