// The labelled reports that the classifier learns from and is measured by.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/policy/reference.h"
#include "libs/reading/classifier.h"
#include "libs/reading/words.h"

namespace lapor::reading {

// A report of deploy/reference/corpus/reports.csv.
struct WrittenReport {
  std::string id;
  std::string category;
  // What the text names; empty where it names no place.
  std::string region;
  // formal, sms, typo, regional, mixed or noplace.
  std::string style;
  std::string text;
};

struct Corpus {
  std::vector<WrittenReport> train;
  // Says how sure to be; not learnt from.
  std::vector<WrittenReport> calibrate;
  // Neither learnt from nor looked at to choose anything.
  std::vector<WrittenReport> test;
  // Words that are usual for a category, of corpus/terms.csv; learnt from.
  std::vector<WrittenReport> terms;
};

// Reads both files. INVALID_ARGUMENT with a line "FILE:LINE: reason" for each mistake: a category or region
// that isn't there, a text twice, or one with a row of digits that could be a person's number.
absl::StatusOr<Corpus> ReadCorpus(const std::filesystem::path& reference_dir,
                                  const policy::Categories& categories, const policy::Regions& regions);

// Reads assignments that officers have confirmed, as an operator exports them: lines CATEGORY<TAB>TEXT, the
// text without line breaks. The same errors.
absl::StatusOr<std::vector<WrittenReport>> ReadConfirmed(const std::filesystem::path& file,
                                                         const policy::Categories& categories);

std::vector<Sample> Samples(const std::vector<WrittenReport>& reports, const Abbreviations& abbreviations,
                            Sample::Kind kind = Sample::Kind::kWritten);

// A classifier of the corpus and, where there are any, of confirmed assignments. Every fifth of these goes to
// the calibration instead, so that confidence follows what people really write. INVALID_ARGUMENT as
// Classifier::Train.
absl::StatusOr<Classifier> TrainClassifier(const Corpus& corpus, const std::vector<WrittenReport>& confirmed,
                                           const Abbreviations& abbreviations);

}  // namespace lapor::reading
