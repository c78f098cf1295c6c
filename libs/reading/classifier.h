// What a report is about, by its words: a multinomial logistic regression over words, pairs of words and
// parts of words, trained from labelled reports, with a confidence that is calibrated on reports kept out of
// the training.
//
// Our own and not Debian's fastText: with a dozen examples for each of 65 topics that library was right for
// 46% of the reports where this is for 58% (docs/reading.md), and it gives neither a calibrated confidence
// nor the words that spoke.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/reading/words.h"

namespace lapor::reading {

struct Sample {
  enum class Kind {
    // Written for the purpose: of the corpus.
    kWritten,
    // What people wrote: what only one of them wrote is not learnt.
    kConfirmed,
  };

  std::string category;
  std::vector<Word> words;
  Kind kind = Kind::kWritten;
};

struct Topic {
  std::string category;
  // How often such a proposal is right, by what was left out of the training.
  double confidence = 0;
};

// A word that spoke for a topic.
struct Voice {
  // The index among the words that were given.
  std::size_t word = 0;
  // Its part of the score by which the topic stands above the average one.
  double weight = 0;
};

struct Proposal {
  // The most confident first. Empty where not a word is known.
  std::vector<Topic> topics;
  // For the first topic, the loudest first; only what speaks for it.
  std::vector<Voice> voices;
};

// Thread-safe once made.
class Classifier {
 public:
  // Learns from `samples`, and how sure to be of it from `calibration`, which holds none of them. The same
  // samples in the same order give the same model, to the bit, on the same machine. INVALID_ARGUMENT with
  // fewer than two categories, or without calibration, or with a category there that no sample has.
  static absl::StatusOr<Classifier> Train(std::span<const Sample> samples,
                                          std::span<const Sample> calibration);

  // A file of Save. INVALID_ARGUMENT, with the file's name, for anything else.
  static absl::StatusOr<Classifier> Load(const std::filesystem::path& file);
  // Holds no word of any report: features are hashes, and those of a single report are left out.
  absl::Status Save(const std::filesystem::path& file) const;

  Proposal Propose(std::span<const Word> words, std::size_t max_topics = 3) const;

  const std::vector<std::string>& categories() const { return categories_; }
  // What scores are divided by: above 1 where training was too sure of itself.
  double temperature() const { return temperature_; }

 private:
  struct Features;

  // Trains the weights alone.
  void Fit(std::span<const Sample> samples);
  std::size_t IndexOf(const std::string& category) const;
  Features Extract(std::span<const Word> words) const;
  std::vector<double> Scores(const Features& features) const;

  std::vector<std::string> categories_;
  // A feature's hash and its row of weights_.
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;
  // By row: how rare it is.
  std::vector<float> rarity_;
  // What a feature counts that no training report had: it speaks for nothing, but against being sure.
  float unknown_rarity_ = 0;
  // By row, then by category.
  std::vector<float> weights_;
  std::vector<float> bias_;
  double temperature_ = 1;
};

}  // namespace lapor::reading
