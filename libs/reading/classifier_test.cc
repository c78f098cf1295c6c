#include "libs/reading/classifier.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "libs/policy/data_dir_for_test.h"
#include "libs/reading/evaluation.h"
#include "libs/reading/shipped_data_for_test.h"

namespace lapor::reading {
namespace {

Proposal Propose(std::string_view text) {
  return Shipped().classifier.Propose(Words(text, Shipped().abbreviations));
}

std::string Bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Sample Of(std::string category, std::string_view text, Sample::Kind kind = Sample::Kind::kWritten) {
  return {std::move(category), Words(text, {}), kind};
}

// What people really write is harder than what we wrote: docs/reading.md. These floors stand well below what
// was measured on the test reports; they guard against breaking something, and claim nothing.
TEST_CASE("The test reports are read about as well as was measured") {
  const ShippedData& data = Shipped();
  const Evaluation result = Evaluate(data.classifier, data.places, data.abbreviations, data.corpus.test);
  INFO(ToMarkdown(result));
  CHECK(result.right > 0.45 * result.reports);
  CHECK(result.top3 > 0.65 * result.reports);
  CHECK(result.right_place > 0.6 * result.with_place);
  CHECK(result.nothing_found > 0.85 * result.without_place);
  CHECK(result.calibration_error < 0.2);
}

TEST_CASE("Nonsense, an empty text and a foreign language are never read with confidence") {
  for (const char* text :
       {"asdf qwer zxcv hjkl", "xkcd plugh xyzzy frobnicate", "!!!! ???? ....", "",
        "The neighbours upstairs moved their furniture around all night and nobody could sleep at all.",
        "Der Aufzug in unserem Haus funktioniert seit Wochen nicht mehr richtig.",
        "lorem ipsum dolor sit amet consectetur adipiscing elit", "12345 67890 1111 2222",
        "我家门口的路坏了"}) {
    const Proposal proposal = Propose(text);
    INFO(text);
    if (!proposal.topics.empty()) CHECK(proposal.topics[0].confidence < 0.5);
  }
  CHECK(Propose("").topics.empty());
  CHECK(Propose("12345 67890").topics.empty());
}

TEST_CASE("The words that spoke are those of the topic") {
  const Proposal proposal = Propose("kemarin pagi lampu penerangan jalan umum padam");
  REQUIRE_FALSE(proposal.topics.empty());
  CHECK(proposal.topics[0].category == "roads.lighting");
  REQUIRE_FALSE(proposal.voices.empty());
  CHECK(proposal.voices[0].word >= 2);  // neither kemarin nor pagi
}

TEST_CASE("Confidences fall, and add up to 1 over all categories") {
  const std::vector<Word> words = Words("paspor saya belum jadi", {});
  const Proposal proposal = Shipped().classifier.Propose(words, 1000);
  CHECK(proposal.topics.size() == Shipped().classifier.categories().size());
  double sum = 0;
  for (std::size_t i = 0; i < proposal.topics.size(); ++i) {
    sum += proposal.topics[i].confidence;
    if (i > 0) CHECK(proposal.topics[i].confidence <= proposal.topics[i - 1].confidence);
  }
  CHECK(sum == Approx(1));
}

TEST_CASE("The same reports make the same model, and a saved one reads as the one that was saved") {
  const ShippedData& data = Shipped();
  const std::vector<Sample> all = Samples(data.corpus.train, data.abbreviations);
  const std::vector<Sample> some(all.begin(), all.begin() + 150);
  const std::vector<Sample> calibration(all.begin(), all.begin() + 20);
  policy::DataDir dir;
  REQUIRE(Loaded(Classifier::Train(some, calibration)).Save(dir.path() / "a").ok());
  REQUIRE(Loaded(Classifier::Train(some, calibration)).Save(dir.path() / "b").ok());
  CHECK(Bytes(dir.path() / "a") == Bytes(dir.path() / "b"));

  REQUIRE(data.classifier.Save(dir.path() / "c").ok());
  const Classifier loaded = Loaded(Classifier::Load(dir.path() / "c"));
  for (std::size_t i = 0; i < 10; ++i) {
    const std::vector<Word> words = Words(data.corpus.test[i].text, data.abbreviations);
    CHECK(loaded.Propose(words).topics[0].confidence == data.classifier.Propose(words).topics[0].confidence);
  }
}

TEST_CASE("A file that is no model, or a part of one, is refused with its name") {
  policy::DataDir dir;
  CHECK(Classifier::Load(dir.path() / "none").status().message() == dir.File("none") + ": cannot be read");
  REQUIRE(Shipped().classifier.Save(dir.path() / "whole").ok());
  const std::string whole = Bytes(dir.path() / "whole");
  for (const std::string& bytes :
       {std::string(), std::string("x"), whole.substr(0, 20), whole.substr(0, whole.size() / 2),
        whole.substr(0, whole.size() - 1), whole + "x"}) {
    dir.Write("part", bytes);
    CHECK(Classifier::Load(dir.path() / "part").status().message() ==
          dir.File("part") + ": is no model of this version; make it with lapor train");
  }
}

TEST_CASE("What a single person wrote is not in the model") {
  const std::vector<Sample> written = {Of("a", "jalan rusak"), Of("b", "air mati")};
  const std::vector<Sample> calibration = {Of("a", "jalan")};
  std::vector<Sample> samples = written;
  samples.push_back(Of("a", "zulkarnain", Sample::Kind::kConfirmed));
  CHECK(Loaded(Classifier::Train(samples, calibration)).Propose(Words("zulkarnain", {})).topics.empty());
  samples.push_back(Of("a", "zulkarnain", Sample::Kind::kConfirmed));
  CHECK_FALSE(
      Loaded(Classifier::Train(samples, calibration)).Propose(Words("zulkarnain", {})).topics.empty());
}

TEST_CASE("There is nothing to learn from one category, and no confidence without calibration") {
  const std::vector<Sample> one = {Of("a", "jalan"), Of("a", "jembatan")};
  const std::vector<Sample> two = {Of("a", "jalan"), Of("b", "air")};
  CHECK_FALSE(Classifier::Train(one, one).ok());
  CHECK_FALSE(Classifier::Train(two, {}).ok());
  const std::vector<Sample> unknown = {Of("c", "jalan")};
  CHECK(Classifier::Train(two, unknown).status().message() ==
        "category c is only among the reports to calibrate with");
}

}  // namespace
}  // namespace lapor::reading
