#include "tests/bench/duplicates.h"

#include <fmt/format.h>

#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "libs/reading/corpus.h"
#include "libs/report/tracking_id.h"
#include "migrations/intake.h"
#include "services/intake/duplicates.h"
#include "services/intake/store.h"
#include "tests/support/postgres.h"

namespace lapor::bench {
namespace {

constexpr int kManyReports = 1'000'000;
constexpr int kSomeReports = 100'000;
constexpr int kFewReports = 10'000;
constexpr int kReportsAtOnce = 2'000;
constexpr int kQuestionsOfARound = 200;
// As many as a busy executor puts into one transaction.
constexpr int kReportsOfATransaction = 256;
constexpr int kTransactionsOfARound = 20;
constexpr int kSeed = 1;

struct World {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const intake::Vocabulary> vocabulary;
  // Of the corpus, as often as they are in it.
  std::vector<std::string> words;
  std::vector<std::string> regencies;
  std::vector<std::string> categories;
  absl::Time now = absl::Now();
};

World Read(const std::filesystem::path& policy_dir, const std::filesystem::path& reference_dir) {
  World world;
  world.policy = Must(policy::Policy::Load(policy_dir, reference_dir));
  world.vocabulary = Must(intake::Vocabulary::Load(reference_dir, runtime::Secret(std::string(32, 'k'))));
  const auto corpus =
      Must(reading::ReadCorpus(reference_dir, world.policy->categories(), world.policy->regions()));
  const auto abbreviations = Must(reading::Abbreviations::Read(reference_dir));
  for (const reading::WrittenReport& report : corpus.train) {
    for (const reading::Word& word : reading::Words(report.text, abbreviations))
      world.words.push_back(word.text);
  }
  for (const auto& [code, region] : world.policy->regions()) {
    if (!region.parent.empty()) world.regencies.push_back(code);
  }
  for (const auto& [code, category] : world.policy->categories()) world.categories.push_back(code);
  return world;
}

// Reports of words as they are distributed in the corpus, in streets of made-up names; one regency of seven
// in the first city, as in a capital, the others after Zipf.
class Writer {
 public:
  Writer(const World& world, uint64_t seed) : world_(world), random_(seed) {
    double sum = 0;
    for (size_t rank = 1; rank <= world.regencies.size(); ++rank)
      upto_.push_back(sum += 1.0 / static_cast<double>(rank));
  }

  struct Written {
    std::string title;
    std::string text;
    std::string region;
    std::string category;
    absl::Time received_at;
  };

  Written Next() {
    Written written;
    const double drawn = std::uniform_real_distribution<>(0, upto_.back())(random_);
    const auto regency = std::lower_bound(upto_.begin(), upto_.end(), drawn) - upto_.begin();
    written.region = fmt::format("{}.{:02}", world_.regencies[static_cast<size_t>(regency)], 1 + Below(20));
    written.category = world_.categories[Below(Below(world_.categories.size()) + 1)];
    // All within the time that is looked at: the most that can be.
    written.received_at = world_.now - absl::Seconds(Below(179 * 24 * 3600));
    written.title = Words(4);
    written.text = fmt::format("{} di jalan {} rt {} rw {} {}", Words(8 + Below(8)), Name(), 1 + Below(12),
                               1 + Below(15), Words(6 + Below(8)));
    return written;
  }

 private:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

  std::string Words(size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + world_.words[Below(world_.words.size())];
    return text;
  }

  std::string Name() {
    constexpr std::string_view kSyllables[] = {"me", "la",    "ti",   "ke",  "na",  "nga", "su",
                                               "ra", "wi",    "jaya", "ma",  "war", "du",  "ri",
                                               "an", "ggrek", "bu",   "kit", "ca",  "sar"};
    std::string name;
    for (int i = 0; i < 3; ++i) name += kSyllables[Below(std::size(kSyllables))];
    return name;
  }

  const World& world_;
  std::mt19937_64 random_;
  std::vector<double> upto_;  // by regency: the sum of the shares up to it
};

// A submission as intake's API makes it, with or without what reports are found by.
intake::SubmitReport Submission(const World& world, const Writer::Written& written, bool with_keys) {
  intake::SubmitReport submission;
  submission.actor.set_role(report::v1::ROLE_CHANNEL);
  auto report = std::make_shared<intake::v1::NewReport>();
  report->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  report->set_channel(report::v1::CHANNEL_WEB);
  report->set_title(written.title);
  report->set_description(written.text);
  report->set_region(written.region);
  report->set_category(written.category);
  report->set_anonymous(true);
  submission.report = report;
  submission.receipt_hash = std::string(32, 'r');
  if (with_keys) {
    submission.word_keys = world.vocabulary->WordKeys(
        world.vocabulary->TellingWords(written.title, written.text, intake::kKeyWords));
  }
  return submission;
}

// Decided reports and their rows.
struct Batch {
  std::vector<intake::Report> reports;
  std::vector<intake::Record> records;
};

Batch Decide(const World& world, Writer& writer, int64_t first_id, int count, bool with_keys,
             bool received_now = false) {
  Batch batch;
  for (int64_t id = first_id; id < first_id + count; ++id) {
    Writer::Written written = writer.Next();
    if (received_now) written.received_at = world.now;
    intake::Report report;
    report.id = fmt::format("{:012}", id);
    auto decided = Must(
        intake::Decide(report, Submission(world, written, with_keys), written.received_at, *world.policy));
    batch.reports.push_back(std::move(decided.next));
    for (intake::Record& record : decided.records) batch.records.push_back(std::move(record));
  }
  return batch;
}

void Keep(pg::Pool& pool, const Batch& batch) {
  Must(pool.Transact([&](pg::Tx& tx) {
    std::vector<const intake::Report*> reports;
    for (const intake::Report& report : batch.reports) reports.push_back(&report);
    intake::Save(tx, reports);
    intake::Append(tx, batch.records);
    return absl::OkStatus();
  }));
}

class Counter {
 public:
  Counter(const World& world, int reports)
      : world_(world),
        pool_(pg::PoolOptions{.conninfo = database_.conninfo(), .statement_timeout = absl::Minutes(5)}) {
    Must(pg::Migrate(pool_, migrations::intake()));
    // Sorted at the end, an index is there in a tenth of the time.
    Run("DROP INDEX likeness_key");
    Run("DROP INDEX report_place");
    const int halves[] = {reports / 2, reports - reports / 2};
    std::vector<std::future<void>> writers;
    for (int half = 0; half < 2; ++half) {
      writers.push_back(std::async(std::launch::async, [&, half] {
        Writer writer(world_, kSeed + static_cast<uint64_t>(half));
        for (int done = 0; done < halves[half]; done += kReportsAtOnce) {
          const int count = std::min(kReportsAtOnce, halves[half] - done);
          Keep(pool_, Decide(world_, writer, half * halves[0] + done, count, true));
        }
      }));
    }
    for (auto& writer : writers) writer.get();
    next_id_ = reports;
    Run("SET maintenance_work_mem = '512MB'; "
        "CREATE INDEX likeness_key ON likeness (period, key, received_at, report_id)");
    Run("CREATE INDEX report_place ON report (left(region, 5), category, received_at)");
    Run("VACUUM ANALYZE");
    std::uniform_int_distribution<int64_t> any(0, reports - 1);
    std::mt19937_64 random(kSeed);
    for (int i = 0; i < kQuestionsOfARound; ++i) asked_.push_back(fmt::format("{:012}", any(random)));
  }

  // The questions of a round, answered a second.
  double Questions(std::vector<double>& latencies_ms) {
    const absl::Time start = absl::Now();
    size_t candidates = 0;
    for (const std::string& id : asked_) {
      const absl::Time begin = absl::Now();
      Must(pool_.Read([&](pg::Tx& tx) {
        candidates +=
            intake::FindDuplicates(tx, *intake::Find(tx, id), *world_.vocabulary, world_.now, 10).size();
        return absl::OkStatus();
      }));
      latencies_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
    }
    if (candidates == 0) Must(absl::InternalError("not a candidate was found"));
    return kQuestionsOfARound / absl::ToDoubleSeconds(absl::Now() - start);
  }

  // Reports filed a second, from the checked request to the commit, in transactions of many.
  double Filings(bool with_keys) {
    Writer writer(world_, static_cast<uint64_t>(next_id_));
    const absl::Time start = absl::Now();
    for (int i = 0; i < kTransactionsOfARound; ++i) {
      Keep(pool_, Decide(world_, writer, next_id_, kReportsOfATransaction, with_keys, true));
      next_id_ += kReportsOfATransaction;
    }
    return kTransactionsOfARound * kReportsOfATransaction / absl::ToDoubleSeconds(absl::Now() - start);
  }

 private:
  void Run(const std::string& sql) { database_.Query(sql); }

  const World& world_;
  test::TestDatabase database_;
  pg::Pool pool_;
  std::vector<std::string> asked_;
  int64_t next_id_ = 0;
};

}  // namespace

std::vector<Figure> Duplicates(const std::filesystem::path& policy_dir,
                               const std::filesystem::path& reference_dir, int pairs) {
  const World world = Read(policy_dir, reference_dir);
  const absl::Time start = absl::Now();
  Counter many(world, kManyReports);
  Counter some(world, kSomeReports);
  Counter few(world, kFewReports);
  std::cerr << fmt::format("  all filed in {:.0f} s\n", absl::ToDoubleSeconds(absl::Now() - start));
  std::vector<double> latencies_ms, others_ms;
  Figure against_some = InPairs(
      {.name = "duplicate_candidates_1m", .goal = "flat: >= 0.8x of among 100,000", .unit = "questions/s"},
      pairs, [&] { return many.Questions(latencies_ms); }, [&] { return some.Questions(others_ms); });
  against_some.p50_ms = Quantile(latencies_ms, 0.50);
  against_some.p99_ms = Quantile(latencies_ms, 0.99);
  const Figure against_few = InPairs(
      {.name = "duplicate_candidates_vs_10k",
       .goal = "bounded: no more rows than its limits",
       .unit = "questions/s"},
      pairs, [&] { return many.Questions(others_ms); }, [&] { return few.Questions(others_ms); });
  const Figure filings = InPairs(
      {.name = "filing_with_likeness_1m", .goal = "says what it costs the tables", .unit = "reports/s"},
      pairs, [&] { return many.Filings(true); }, [&] { return many.Filings(false); });
  return {against_some, against_few, filings};
}

}  // namespace lapor::bench
