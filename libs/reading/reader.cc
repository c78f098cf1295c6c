#include "libs/reading/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"
#include "libs/policy/reference.h"
#include "libs/reading/corpus.h"

namespace lapor::reading {
namespace {

constexpr std::size_t kTopicWords = 5;

absl::StatusOr<double> ReadLeastConfidence(const std::filesystem::path& reference_dir) {
  policy::Diagnostics diagnostics;
  const std::filesystem::path file = reference_dir / "reading.csv";
  double least = -1;
  for (const policy::CsvRow& row : policy::ReadCsv(file, {"name", "value", "source"}, diagnostics)) {
    const std::string& value = row.fields[1];
    double number = -1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (row.fields[0] != "least_confidence") {
      diagnostics.Add(file, row.line,
                      fmt::format("name is '{}'; it must be least_confidence", row.fields[0]));
    } else if (error != std::errc() || end != value.data() + value.size() || !(number >= 0 && number <= 1)) {
      diagnostics.Add(file, row.line, fmt::format("value is '{}'; it must be from 0 to 1", value));
    } else if (row.fields[2].empty()) {
      diagnostics.Add(file, row.line, "the source is missing");
    } else {
      least = number;
    }
  }
  if (diagnostics.ok() && least < 0) diagnostics.Add(file, 0, "has no least_confidence");
  if (!diagnostics.ok()) return diagnostics.status();
  return least;
}

absl::StatusOr<Classifier> LoadOrTrain(const std::filesystem::path& reference_dir,
                                       const std::filesystem::path& model_file,
                                       const Abbreviations& abbreviations) {
  const auto categories = policy::ReadCategories(reference_dir);
  if (!categories.ok()) return categories.status();
  if (!model_file.empty()) {
    absl::StatusOr<Classifier> classifier = Classifier::Load(model_file);
    if (!classifier.ok()) return classifier.status();
    for (const std::string& category : classifier->categories()) {
      if (categories->contains(category)) continue;
      return absl::InvalidArgumentError(
          fmt::format("{}: category {} is not in categories.csv; make a new model with lapor train",
                      model_file.string(), category));
    }
    return classifier;
  }
  const auto regions = policy::ReadRegions(reference_dir);
  if (!regions.ok()) return regions.status();
  const auto corpus = ReadCorpus(reference_dir, *categories, *regions);
  if (!corpus.ok()) return corpus.status();
  return TrainClassifier(*corpus, {}, abbreviations);
}

}  // namespace

Reader::Reader(Abbreviations abbreviations, Places places, Classifier classifier, double least_confidence)
    : abbreviations_(std::move(abbreviations)),
      places_(std::move(places)),
      classifier_(std::move(classifier)),
      least_confidence_(least_confidence) {}

absl::StatusOr<Reader> Reader::Load(const std::filesystem::path& reference_dir,
                                    const std::filesystem::path& model_file) {
  absl::StatusOr<Abbreviations> abbreviations = Abbreviations::Read(reference_dir);
  if (!abbreviations.ok()) return abbreviations.status();
  absl::StatusOr<Places> places = Places::Read(reference_dir);
  if (!places.ok()) return places.status();
  const absl::StatusOr<double> least_confidence = ReadLeastConfidence(reference_dir);
  if (!least_confidence.ok()) return least_confidence.status();
  absl::StatusOr<Classifier> classifier = LoadOrTrain(reference_dir, model_file, *abbreviations);
  if (!classifier.ok()) return classifier.status();
  return Reader(*std::move(abbreviations), *std::move(places), *std::move(classifier), *least_confidence);
}

Reading Reader::Read(std::string_view text) const {
  const std::vector<Word> words = Words(text, abbreviations_);
  const auto typed = [&](std::size_t first, std::size_t end) {
    return std::string(text.substr(words[first].begin, words[end - 1].end - words[first].begin));
  };
  Proposal proposal = classifier_.Propose(words);
  Reading reading;
  reading.topics = std::move(proposal.topics);
  reading.sure = !reading.topics.empty() && reading.topics[0].confidence >= least_confidence_;
  for (const Voice& voice : proposal.voices) {
    std::string word = typed(voice.word, voice.word + 1);
    std::vector<std::string>& spoke = reading.topic_words;
    if (std::find(spoke.begin(), spoke.end(), word) == spoke.end()) spoke.push_back(std::move(word));
    if (spoke.size() == kTopicWords) break;
  }
  for (Place& place : places_.Find(words)) {
    std::string named = typed(place.first_word, place.end_word);
    reading.places.push_back({std::move(place), std::move(named)});
  }
  return reading;
}

}  // namespace lapor::reading
