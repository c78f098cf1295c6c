#include "libs/reading/corpus.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "libs/policy/data_dir_for_test.h"
#include "libs/reading/shipped_data_for_test.h"

namespace lapor::reading {
namespace {

std::map<std::string, int> PerCategory(const std::vector<WrittenReport>& reports) {
  std::map<std::string, int> counts;
  for (const WrittenReport& report : reports) ++counts[report.category];
  return counts;
}

// Sorted and without repetition.
std::vector<std::string> WordSet(const WrittenReport& report) {
  std::set<std::string> words;
  for (const Word& word : Words(report.text, Shipped().abbreviations)) words.insert(word.text);
  return {words.begin(), words.end()};
}

double Similarity(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(a.size() + b.size() - both.size());
}

TEST_CASE("Every category is learnt, calibrated and measured") {
  const Corpus& corpus = Shipped().corpus;
  const auto train = PerCategory(corpus.train), calibrate = PerCategory(corpus.calibrate),
             test = PerCategory(corpus.test), terms = PerCategory(corpus.terms);
  for (const auto& [code, category] : Shipped().categories) {
    INFO(code);
    REQUIRE(train.contains(code));
    CHECK(train.at(code) >= 12);
    CHECK(calibrate.contains(code));
    REQUIRE(test.contains(code));
    CHECK(test.at(code) >= 2);
    CHECK(terms.contains(code));
  }
}

TEST_CASE("No report of the test or the calibration is much like one that is learnt from") {
  const Corpus& corpus = Shipped().corpus;
  std::vector<std::vector<std::string>> learnt;
  for (const WrittenReport& report : corpus.train) learnt.push_back(WordSet(report));
  for (const std::vector<WrittenReport>* kept_out : {&corpus.calibrate, &corpus.test}) {
    for (const WrittenReport& report : *kept_out) {
      const std::vector<std::string> words = WordSet(report);
      for (std::size_t i = 0; i < learnt.size(); ++i) {
        if (Similarity(words, learnt[i]) < 0.4) continue;
        INFO(report.text << "\n" << corpus.train[i].text);
        FAIL_CHECK();
      }
    }
  }
}

TEST_CASE("The corpus is varied: every style, with and without a place, from all parts of the country") {
  const Corpus& corpus = Shipped().corpus;
  std::map<std::string, int> styles;
  std::set<std::string> provinces;
  int without_place = 0;
  for (const WrittenReport& report : corpus.train) {
    ++styles[report.style];
    if (report.region.empty()) {
      ++without_place;
    } else {
      provinces.insert(report.region.substr(0, 2));
    }
  }
  CHECK(styles.size() == 6);
  for (const auto& [style, count] : styles) CHECK(count >= 50);
  CHECK(without_place > 300);
  CHECK(provinces.size() >= 36);
}

TEST_CASE("A mistake in the corpus is told with its line") {
  policy::DataDir dir;
  dir.Write("regions.csv", policy::kRegions);
  dir.Write("categories.csv", policy::kCategories);
  std::filesystem::create_directory(dir.path() / "corpus");
  dir.Write("corpus/reports.csv", R"(id,split,category,region,style,text
1,train,health,32.73,sms,antri lama
2,teach,health,,sms,obat habis
3,test,roads,99,shouted,jalan rusak
3,test,health,,sms,antri lama
4,test,health,,sms,hubungi saya di 0812-0000 0000
)");
  dir.Write("corpus/terms.csv", "category,terms\nfun,taman; kolam\n");
  const auto read = ReadCorpus(dir.path(), Loaded(policy::ReadCategories(dir.path())),
                               Loaded(policy::ReadRegions(dir.path())));
  REQUIRE_FALSE(read.ok());
  const std::string file = dir.File("corpus/reports.csv");
  CHECK(read.status().message() ==
        file + ":3: split is 'teach'; it must be train, calibrate or test\n" +  //
            file + ":4: category 'roads' is not in categories.csv\n" +          //
            file + ":4: region '99' is not in regions.csv\n" +                  //
            file + ":4: style is 'shouted'; it must be one of formal, sms, typo, regional, mixed, noplace\n" +
            file + ":5: id '3' is empty or there twice\n" +  //
            file + ":5: the text is there twice\n" +         //
            file + ":6: the text has digits that could be a person's number; leave them out\n" +
            dir.File("corpus/terms.csv") + ":2: category 'fun' is not in categories.csv");
}

TEST_CASE("A mistake among confirmed assignments is told with its line, and without what was written") {
  policy::DataDir dir;
  dir.Write("confirmed.tsv", "health\tpuskesmas tutup\r\nhealth puskesmas\nnothing\trahasia\nhealth\t\n");
  const auto categories = Loaded(policy::ReadCategories(ReferenceDir()));
  const auto read = ReadConfirmed(dir.path() / "confirmed.tsv", categories);
  REQUIRE_FALSE(read.ok());
  const std::string file = dir.File("confirmed.tsv");
  CHECK(read.status().message() == file + ":2: is not CATEGORY, a tab, and a text\n" + file +
                                       ":3: what stands before the tab is not in categories.csv\n" + file +
                                       ":4: is not CATEGORY, a tab, and a text");
  dir.Write("confirmed.tsv", "health\tpuskesmas tutup\r\n");
  CHECK(Loaded(ReadConfirmed(dir.path() / "confirmed.tsv", categories))[0].text == "puskesmas tutup");
}

}  // namespace
}  // namespace lapor::reading
