#include "tests/bench/suggest.h"

#include <sched.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/reading/corpus.h"
#include "services/routing/suggest.h"
#include "services/routing/suggest_text.h"

namespace lapor::bench {
namespace {

constexpr int kQuestions = 200'000;
constexpr size_t kTexts = 20'000;
constexpr int kCalls = 10'000;
constexpr int kUncountedCalls = 500;
constexpr int kSeed = 1;

struct Loaded {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const policy::Competence> rules;
  routing::Registry registry;
};

// All that stands between the files and the first suggestion; routing itself reads the registry from its
// database.
Loaded Load(const std::filesystem::path& policy_dir, const std::filesystem::path& reference_dir) {
  Loaded loaded;
  loaded.policy = Must(policy::Policy::Load(policy_dir, reference_dir));
  const auto agencies = Must(policy::ReadAgencies(reference_dir));
  loaded.rules = Must(policy::Competence::Load(policy_dir, loaded.policy, agencies));
  std::vector<routing::Agency> registered;
  registered.reserve(agencies.size());
  for (const policy::AgencyRow& row : agencies) {
    routing::Agency& agency = registered.emplace_back();
    agency.set_agency_id(row.id);
    agency.set_name(row.name);
    agency.set_short_name(row.short_name);
    agency.set_kind(row.kind);
    agency.set_parent_id(row.parent);
    agency.set_region(row.region);
    agency.set_time_zone(row.time_zone);
  }
  loaded.registry = routing::Registry(1, std::move(registered), {});
  return loaded;
}

// A topic and a place, drawn evenly.
class Questions {
 public:
  explicit Questions(const policy::Policy& policy) : random_(kSeed) {
    for (const auto& [code, category] : policy.categories()) categories_.push_back(code);
    for (const auto& [code, region] : policy.regions()) regions_.push_back(code);
  }
  std::pair<std::string, std::string> Next() {
    return {categories_[random_() % categories_.size()], regions_[random_() % regions_.size()]};
  }

 private:
  std::mt19937_64 random_;
  std::vector<std::string> categories_;
  std::vector<std::string> regions_;
};

// The texts of the corpus that nothing was learned from, with as much of their place as a reporter gives.
Figure SuggestByTexts(const Loaded& loaded, const std::filesystem::path& reference_dir) {
  const auto reader = Must(reading::Reader::Load(reference_dir));
  const auto corpus =
      Must(reading::ReadCorpus(reference_dir, loaded.policy->categories(), loaded.policy->regions()));
  std::vector<double> latencies_ms;
  latencies_ms.reserve(kTexts);
  const absl::Time start = absl::Now();
  for (size_t i = 0; i < kTexts; ++i) {
    const reading::WrittenReport& report = corpus.test[i % corpus.test.size()];
    policy::Question question;
    if (i % 2 == 0 && !report.region.empty()) question.regions.push_back({report.region});
    const absl::Time asked = absl::Now();
    const routing::v1::SuggestRouteResponse response =
        routing::SuggestByText(*loaded.rules, std::move(question), reader, report.text, loaded.registry,
                               routing::kDefaultSuggestions);
    const std::string answer = response.SerializeAsString();
    latencies_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - asked));
    if (answer.empty()) std::exit(1);
  }
  return {.name = "suggest_route_text",
          .goal = "p99 < 20 ms on one core, with text",
          .unit = "suggestions/s",
          .ours = kTexts / absl::ToDoubleSeconds(absl::Now() - start),
          .p50_ms = Quantile(latencies_ms, 0.50),
          .p99_ms = Quantile(latencies_ms, 0.99)};
}

void StayOnOneCore() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

}  // namespace

std::vector<Figure> SuggestInProcess(const std::filesystem::path& policy_dir,
                                     const std::filesystem::path& reference_dir, int pairs) {
  cpu_set_t all_cores;
  sched_getaffinity(0, sizeof(all_cores), &all_cores);
  StayOnOneCore();
  std::vector<double> loads_ms;
  for (int round = 0; round < pairs; ++round) {
    const absl::Time start = absl::Now();
    Load(policy_dir, reference_dir);
    loads_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
  }

  const Loaded loaded = Load(policy_dir, reference_dir);
  Questions questions(*loaded.policy);
  std::vector<double> latencies_ms;
  latencies_ms.reserve(kQuestions);
  const absl::Time start = absl::Now();
  for (int i = 0; i < kQuestions; ++i) {
    const auto [category, region] = questions.Next();
    const absl::Time asked = absl::Now();
    const routing::v1::SuggestRouteResponse response =
        routing::Suggest(*loaded.rules, {.categories = {{category}}, .regions = {{region}}}, loaded.registry,
                         routing::kDefaultSuggestions);
    const std::string answer = response.SerializeAsString();
    latencies_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - asked));
    if (answer.empty()) std::exit(1);
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  Figure by_text = SuggestByTexts(loaded, reference_dir);
  sched_setaffinity(0, sizeof(all_cores), &all_cores);
  return {{.name = "suggest_route",
           .goal = "p99 < 5 ms on one core, without text",
           .unit = "suggestions/s",
           .ours = kQuestions / seconds,
           .p50_ms = Quantile(latencies_ms, 0.50),
           .p99_ms = Quantile(latencies_ms, 0.99)},
          std::move(by_text),
          {.name = "load_registry_and_rules",
           .goal = "< 2 s",
           .unit = "ms",
           .ours = Median(loads_ms),
           .pairs = pairs,
           .p50_ms = Quantile(loads_ms, 0.50),
           .p99_ms = Quantile(loads_ms, 0.99)}};
}

Figure SuggestOverGrpc(client::Session& session, const std::filesystem::path& policy_dir,
                       const std::filesystem::path& reference_dir) {
  const auto policy = Must(policy::Policy::Load(policy_dir, reference_dir));
  Questions questions(*policy);
  const rpc::Caller triage = Must(client::ParseCaller("triage"));
  std::vector<double> latencies_ms;
  absl::Time start;
  for (int i = -kUncountedCalls; i < kCalls; ++i) {
    if (i == 0) start = absl::Now();
    const auto [category, region] = questions.Next();
    routing::v1::SuggestRouteRequest request;
    request.set_category(category);
    request.set_region(region);
    const absl::Time asked = absl::Now();
    Must(session.CallUntilAnswered(&routing::v1::Routing::Stub::SuggestRoute, request, triage));
    if (i >= 0) latencies_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - asked));
  }
  return {.name = "suggest_route_grpc",
          .goal = "p99 < 5 ms, one at a time",
          .unit = "suggestions/s",
          .ours = kCalls / absl::ToDoubleSeconds(absl::Now() - start),
          .p50_ms = Quantile(latencies_ms, 0.50),
          .p99_ms = Quantile(latencies_ms, 0.99)};
}

}  // namespace lapor::bench
