#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "libs/policy/reference.h"
#include "libs/reading/corpus.h"
#include "libs/reading/evaluation.h"
#include "libs/reading/reader.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

// What stands between them in a document is written anew.
constexpr std::string_view kFiguresBegin = "<!-- figures: lapor train --report -->\n";
constexpr std::string_view kFiguresEnd = "<!-- end of figures -->";

struct TrainOptions {
  std::string reference_dir = "deploy/reference";
  std::string confirmed;
  std::string model;
  std::string report;
};

absl::Status WriteFigures(const std::string& file, const std::string& figures) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  const std::size_t begin = text.find(kFiguresBegin);
  const std::size_t end = text.find(kFiguresEnd);
  if (!in.is_open() || begin == text.npos || end == text.npos || end < begin) {
    return absl::InvalidArgumentError(fmt::format("{}: cannot be read, or has no lines '{}' and '{}'", file,
                                                  kFiguresBegin.substr(0, kFiguresBegin.size() - 1),
                                                  kFiguresEnd));
  }
  in.close();
  text.replace(begin + kFiguresBegin.size(), end - begin - kFiguresBegin.size(), "\n" + figures + "\n");
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out.fail()) return absl::InvalidArgumentError(fmt::format("{}: cannot be written", file));
  return absl::OkStatus();
}

// How long it takes to read each of the reports, on this machine; not among the figures, which are the same
// anywhere.
std::string Speed(const reading::Classifier& classifier, const reading::Places& places,
                  const reading::Abbreviations& abbreviations,
                  const std::vector<reading::WrittenReport>& reports) {
  std::vector<absl::Duration> took;
  for (const reading::WrittenReport& report : reports) {
    const absl::Time begin = absl::Now();
    const std::vector<reading::Word> words = reading::Words(report.text, abbreviations);
    classifier.Propose(words);
    places.Find(words);
    took.push_back(absl::Now() - begin);
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](std::size_t percent) {
    return absl::ToDoubleMilliseconds(took[(took.size() - 1) * percent / 100]);
  };
  return fmt::format("Reading one: median {:.2f} ms, 99th percentile {:.2f} ms.\n", at(50), at(99));
}

absl::Status Train(const TrainOptions& options) {
  const auto categories = policy::ReadCategories(options.reference_dir);
  if (!categories.ok()) return categories.status();
  const auto regions = policy::ReadRegions(options.reference_dir);
  if (!regions.ok()) return regions.status();
  const auto abbreviations = reading::Abbreviations::Read(options.reference_dir);
  if (!abbreviations.ok()) return abbreviations.status();
  const auto places = reading::Places::Read(options.reference_dir);
  if (!places.ok()) return places.status();
  const auto corpus = reading::ReadCorpus(options.reference_dir, *categories, *regions);
  if (!corpus.ok()) return corpus.status();
  std::vector<reading::WrittenReport> confirmed;
  if (!options.confirmed.empty()) {
    auto read = reading::ReadConfirmed(options.confirmed, *categories);
    if (!read.ok()) return read.status();
    confirmed = *std::move(read);
  }
  const auto classifier = reading::TrainClassifier(*corpus, confirmed, *abbreviations);
  if (!classifier.ok()) return classifier.status();
  const std::string figures =
      fmt::format(
          "{} reports and {} terms to learn from, {} to calibrate with, {} to measure by; {} confirmed.\n\n",
          corpus->train.size(), corpus->terms.size(), corpus->calibrate.size(), corpus->test.size(),
          confirmed.size()) +
      reading::ToMarkdown(reading::Evaluate(*classifier, *places, *abbreviations, corpus->test));
  fmt::print("{}", figures);
  if (!corpus->test.empty()) {
    fmt::print("\n{}", Speed(*classifier, *places, *abbreviations, corpus->test));
  }
  if (!options.model.empty()) {
    if (absl::Status saved = classifier->Save(options.model); !saved.ok()) return saved;
    fmt::print("\nModel: {}\n", options.model);
  }
  if (!options.report.empty()) return WriteFigures(options.report, figures);
  return absl::OkStatus();
}

struct ReadOptions {
  std::string reference_dir = "deploy/reference";
  std::string model;
  std::string text;
};

absl::Status Read(const ReadOptions& options) {
  const auto reader = reading::Reader::Load(options.reference_dir, options.model);
  if (!reader.ok()) return reader.status();
  const reading::Reading reading = reader->Read(options.text);
  if (reading.topics.empty()) fmt::print("No word of it is known.\n");
  for (const reading::Topic& topic : reading.topics)
    fmt::print("{:4.0f}%  {}\n", 100 * topic.confidence, topic.category);
  if (!reading.topic_words.empty()) fmt::print("       {}\n", fmt::join(reading.topic_words, ", "));
  fmt::print("{}\n", reading.sure ? "sure enough to be proposed" : "a person decides");
  for (const reading::NamedPlace& named : reading.places) {
    const reading::PlaceCandidate& best = named.place.best;
    fmt::print("{:4.0f}%  {} {}, by \"{}\"\n", 100 * best.confidence, best.code, best.name, named.words);
    for (const reading::PlaceCandidate& other : named.place.alternatives) {
      fmt::print("       or {:.0f}%  {} {}\n", 100 * other.confidence, other.code, other.name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddReadingCommands(CommandLine& line) {
  auto train = std::make_shared<TrainOptions>();
  CLI::App& train_command =
      line.Add(kOperatorGroup, "train",
               "learn topics from the corpus and from confirmed assignments, and measure (latih)",
               {"lapor train", "lapor train --confirmed assignments.tsv --model reading.model"},
               [train] { return Train(*train); });
  train_command.add_option("--reference", train->reference_dir, "folder of the reference data")
      ->capture_default_str();
  train_command.add_option("--confirmed", train->confirmed,
                           "more reports to learn from: lines CATEGORY<TAB>TEXT");
  train_command.add_option("--model", train->model, "where to write the model");
  train_command.add_option("--report", train->report, "a document in which to write the figures anew");

  auto read = std::make_shared<ReadOptions>();
  CLI::App& read_command =
      line.Add(kOperatorGroup, "read", "what a text says: its topic and its places (baca)",
               {"lapor read 'lampu jalan mati di Jl. Sudirman Palembang'"}, [read] { return Read(*read); });
  AddText(read_command, "text", read->text, "the text")->required();
  read_command.add_option("--reference", read->reference_dir, "folder of the reference data")
      ->capture_default_str();
  read_command.add_option("--model", read->model,
                          "a model of lapor train; without one it learns from the corpus first");
}

}  // namespace lapor::client
