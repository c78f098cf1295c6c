#include "libs/reading/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"

namespace lapor::reading {
namespace {

constexpr std::array<std::string_view, 6> kStyles = {"formal", "sms", "typo", "regional", "mixed", "noplace"};
// Telephone numbers and numbers of identity have more.
constexpr std::size_t kMaxDigits = 6;
constexpr int kCalibrateEvery = 5;

bool HasPersonalNumber(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (++digits > kMaxDigits) return true;
    } else if (c != ' ' && c != '-' && c != '.') {  // "0812-3456 7890"
      digits = 0;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<Corpus> ReadCorpus(const std::filesystem::path& reference_dir,
                                  const policy::Categories& categories, const policy::Regions& regions) {
  policy::Diagnostics diagnostics;
  Corpus corpus;
  std::map<std::string, std::vector<WrittenReport>*> splits = {
      {"train", &corpus.train}, {"calibrate", &corpus.calibrate}, {"test", &corpus.test}};
  std::filesystem::path file = reference_dir / "corpus" / "reports.csv";
  std::set<std::string> ids, texts;
  for (const policy::CsvRow& row :
       policy::ReadCsv(file, {"id", "split", "category", "region", "style", "text"}, diagnostics)) {
    const auto reject = [&](std::string_view reason) { diagnostics.Add(file, row.line, reason); };
    WrittenReport report{.id = row.fields[0],
                         .category = row.fields[2],
                         .region = row.fields[3],
                         .style = row.fields[4],
                         .text = row.fields[5]};
    const auto split = splits.find(row.fields[1]);
    if (split == splits.end()) {
      reject(fmt::format("split is '{}'; it must be train, calibrate or test", row.fields[1]));
      continue;
    }
    if (report.id.empty() || !ids.insert(report.id).second)
      reject(fmt::format("id '{}' is empty or there twice", report.id));
    if (!categories.contains(report.category)) {
      reject(fmt::format("category '{}' is not in categories.csv", report.category));
    }
    if (!report.region.empty() && !regions.contains(report.region)) {
      reject(fmt::format("region '{}' is not in regions.csv", report.region));
    }
    if (std::find(kStyles.begin(), kStyles.end(), report.style) == kStyles.end()) {
      reject(fmt::format("style is '{}'; it must be one of {}", report.style, fmt::join(kStyles, ", ")));
    }
    if (report.text.empty()) reject("the text is empty");
    if (!texts.insert(report.text).second) reject("the text is there twice");
    if (HasPersonalNumber(report.text))
      reject("the text has digits that could be a person's number; leave them out");
    split->second->push_back(std::move(report));
  }
  file = reference_dir / "corpus" / "terms.csv";
  for (const policy::CsvRow& row : policy::ReadCsv(file, {"category", "terms"}, diagnostics)) {
    const std::string& category = row.fields[0];
    if (!categories.contains(category)) {
      diagnostics.Add(file, row.line, fmt::format("category '{}' is not in categories.csv", category));
    }
    std::istringstream terms(row.fields[1]);
    for (std::string term; std::getline(terms, term, ';');) {
      corpus.terms.push_back({.id = "", .category = category, .region = "", .style = "", .text = term});
    }
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return corpus;
}

absl::StatusOr<std::vector<WrittenReport>> ReadConfirmed(const std::filesystem::path& file,
                                                         const policy::Categories& categories) {
  policy::Diagnostics diagnostics;
  std::vector<WrittenReport> reports;
  const std::optional<std::string> content = policy::ReadDataFile(file, diagnostics);
  if (!content) return diagnostics.status();
  std::istringstream lines(*content);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t tab = line.find('\t');
    if (tab == line.npos || tab + 1 == line.size()) {
      diagnostics.Add(file, number, "is not CATEGORY, a tab, and a text");
      continue;
    }
    const std::string category = line.substr(0, tab);
    if (!categories.contains(category)) {
      // Not what stands there: it may be a person's words.
      diagnostics.Add(file, number, "what stands before the tab is not in categories.csv");
      continue;
    }
    reports.push_back(
        {.id = "", .category = category, .region = "", .style = "", .text = line.substr(tab + 1)});
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return reports;
}

std::vector<Sample> Samples(const std::vector<WrittenReport>& reports, const Abbreviations& abbreviations,
                            Sample::Kind kind) {
  std::vector<Sample> samples;
  samples.reserve(reports.size());
  for (const WrittenReport& report : reports) {
    samples.push_back({report.category, Words(report.text, abbreviations), kind});
  }
  return samples;
}

absl::StatusOr<Classifier> TrainClassifier(const Corpus& corpus, const std::vector<WrittenReport>& confirmed,
                                           const Abbreviations& abbreviations) {
  std::vector<Sample> samples = Samples(corpus.train, abbreviations);
  std::vector<Sample> calibration = Samples(corpus.calibrate, abbreviations);
  for (Sample& sample : Samples(corpus.terms, abbreviations)) samples.push_back(std::move(sample));
  int at = 0;
  for (Sample& sample : Samples(confirmed, abbreviations, Sample::Kind::kConfirmed)) {
    (at++ % kCalibrateEvery == 0 ? calibration : samples).push_back(std::move(sample));
  }
  return Classifier::Train(samples, calibration);
}

}  // namespace lapor::reading
