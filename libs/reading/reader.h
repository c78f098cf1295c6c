// What the text of a report says: what it is about, and which places it names.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/reading/classifier.h"
#include "libs/reading/places.h"
#include "libs/reading/words.h"

namespace lapor::reading {

// A place that the text names, and how.
struct NamedPlace {
  Place place;
  // As typed.
  std::string words;
};

struct Reading {
  // The first three, the most confident first; none where not a word is known.
  std::vector<Topic> topics;
  // The words that spoke loudest for the first topic, as typed.
  std::vector<std::string> topic_words;
  // The first topic is confident enough to be proposed. Else a person has to read the report; the topics are
  // then no more than what that person may look at first.
  bool sure = false;
  // The surest first.
  std::vector<NamedPlace> places;
};

// Thread-safe once loaded. Keeps nothing of what it reads.
class Reader {
 public:
  // Reads the reference data. The model is one that `lapor train` wrote or, with an empty path, is trained at
  // once from the corpus, which takes about a second. INVALID_ARGUMENT with a line "FILE:LINE: reason" for
  // each mistake; a model whose categories are not in categories.csv is one.
  static absl::StatusOr<Reader> Load(const std::filesystem::path& reference_dir,
                                     const std::filesystem::path& model_file = {});

  // Any text, however broken; what stands behind kMaxTextBytes is not looked at.
  Reading Read(std::string_view text) const;

  // Of reading.csv.
  double least_confidence() const { return least_confidence_; }

 private:
  Reader(Abbreviations abbreviations, Places places, Classifier classifier, double least_confidence);

  Abbreviations abbreviations_;
  Places places_;
  Classifier classifier_;
  double least_confidence_;
};

}  // namespace lapor::reading
