#include "libs/reading/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lapor::reading {
namespace {

constexpr int kBins = 10;

std::string TopicOf(const std::string& category) { return category.substr(0, category.find('.')); }

bool Covers(std::string_view outer, std::string_view inner) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '.');
}

std::string Share(int part, int whole) {
  return whole == 0 ? "none" : fmt::format("{:.1f}% ({} of {})", 100.0 * part / whole, part, whole);
}

}  // namespace

Evaluation Evaluate(const Classifier& classifier, const Places& places, const Abbreviations& abbreviations,
                    const std::vector<WrittenReport>& reports) {
  Evaluation result;
  for (int bin = 0; bin < kBins; ++bin) {
    result.bins.push_back(
        {.from = bin / static_cast<double>(kBins), .to = (bin + 1) / static_cast<double>(kBins)});
  }
  for (const double threshold : {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}) {
    result.thresholds.push_back({.threshold = threshold});
  }
  for (const WrittenReport& report : reports) {
    const std::vector<Word> words = Words(report.text, abbreviations);
    const Proposal proposal = classifier.Propose(words);
    const std::string first = proposal.topics.empty() ? "" : proposal.topics[0].category;
    const double confidence = proposal.topics.empty() ? 0 : proposal.topics[0].confidence;
    const bool right = first == report.category;
    ++result.reports;
    result.right += right;
    result.top3 += std::any_of(proposal.topics.begin(), proposal.topics.end(),
                               [&](const Topic& topic) { return topic.category == report.category; });
    result.right_topic += TopicOf(first) == TopicOf(report.category);
    Bin& bin =
        result.bins[static_cast<std::size_t>(std::min(kBins - 1, static_cast<int>(confidence * kBins)))];
    ++bin.reports;
    bin.right += right;
    bin.mean_confidence += confidence;
    for (AtThreshold& at : result.thresholds) {
      if (confidence < at.threshold) continue;
      ++at.reports;
      at.right += right;
    }
    if (!right) ++result.confusions[{report.category, first}];
    auto& [style_reports, style_right] = result.by_style[report.style];
    ++style_reports;
    style_right += right;

    const std::vector<Place> found = places.Find(words);
    if (report.region.empty()) {
      ++result.without_place;
      result.nothing_found += found.empty();
      continue;
    }
    const auto fits = [&](const PlaceCandidate& candidate) {
      return Covers(report.region, candidate.code) || Covers(candidate.code, report.region);
    };
    ++result.with_place;
    result.right_place += !found.empty() && fits(found[0].best);
    result.listed_place += std::any_of(found.begin(), found.end(), [&](const Place& place) {
      return fits(place.best) || std::any_of(place.alternatives.begin(), place.alternatives.end(), fits);
    });
  }
  for (Bin& bin : result.bins) {
    if (bin.reports == 0) continue;
    bin.mean_confidence /= bin.reports;
    const double accuracy = static_cast<double>(bin.right) / bin.reports;
    result.calibration_error += std::abs(accuracy - bin.mean_confidence) * bin.reports / result.reports;
  }
  return result;
}

std::string ToMarkdown(const Evaluation& evaluation) {
  const int all = evaluation.reports;
  std::string text = "| of the first proposal | |\n|---|---|\n";
  text += fmt::format("| the category | {} |\n", Share(evaluation.right, all));
  text += fmt::format("| the category among the first three | {} |\n", Share(evaluation.top3, all));
  text +=
      fmt::format("| the topic, as health of health.hospital | {} |\n", Share(evaluation.right_topic, all));
  text += fmt::format("| expected calibration error | {:.3f} |\n", evaluation.calibration_error);

  text += "\n| of the place | |\n|---|---|\n";
  text += fmt::format("| first place found, where one is named | {} |\n",
                      Share(evaluation.right_place, evaluation.with_place));
  text += fmt::format("| found or among the alternatives | {} |\n",
                      Share(evaluation.listed_place, evaluation.with_place));
  text += fmt::format("| none found, where none is named | {} |\n",
                      Share(evaluation.nothing_found, evaluation.without_place));

  text += "\n| confidence | reports | mean confidence | right |\n|---|---|---|---|\n";
  for (const Bin& bin : evaluation.bins) {
    if (bin.reports == 0) continue;
    text += fmt::format("| {:.1f} to {:.1f} | {} | {:.2f} | {:.2f} |\n", bin.from, bin.to, bin.reports,
                        bin.mean_confidence, static_cast<double>(bin.right) / bin.reports);
  }
  text += "\n| threshold | proposed without a person | of these right |\n|---|---|---|\n";
  for (const AtThreshold& at : evaluation.thresholds) {
    text += fmt::format("| {:.1f} | {} | {} |\n", at.threshold, Share(at.reports, all),
                        Share(at.right, at.reports));
  }
  text += "\n| style | right |\n|---|---|\n";
  for (const auto& [style, counts] : evaluation.by_style) {
    text += fmt::format("| {} | {} |\n", style, Share(counts.second, counts.first));
  }
  text += "\n| it is | proposed was | reports |\n|---|---|---|\n";
  std::vector<std::pair<std::pair<std::string, std::string>, int>> confusions(evaluation.confusions.begin(),
                                                                              evaluation.confusions.end());
  std::stable_sort(confusions.begin(), confusions.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [pair, count] : confusions) {
    text +=
        fmt::format("| {} | {} | {} |\n", pair.first, pair.second.empty() ? "nothing" : pair.second, count);
  }
  return text;
}

}  // namespace lapor::reading
