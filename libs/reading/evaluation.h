// How good the reading is on reports that it has not learnt from.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/reading/classifier.h"
#include "libs/reading/corpus.h"
#include "libs/reading/places.h"

namespace lapor::reading {

// Proposals of some range of confidence.
struct Bin {
  double from = 0;
  double to = 0;
  int reports = 0;
  int right = 0;
  double mean_confidence = 0;
};

// What comes of a threshold: how many reports get a proposal without a person, and how many of these are
// right.
struct AtThreshold {
  double threshold = 0;
  int reports = 0;
  int right = 0;
};

struct Evaluation {
  int reports = 0;
  // The first proposal is the category.
  int right = 0;
  // The category is among the first three.
  int top3 = 0;
  // The first proposal has the category's topic: health for health.hospital.
  int right_topic = 0;
  // The expected calibration error: how far confidence and accuracy lie apart, averaged over the bins.
  double calibration_error = 0;
  std::vector<Bin> bins;
  std::vector<AtThreshold> thresholds;
  // Of wrong first proposals: (what it is, what was proposed) and how often.
  std::map<std::pair<std::string, std::string>, int> confusions;
  // By style: reports, and right ones.
  std::map<std::string, std::pair<int, int>> by_style;
  // Of reports that name a place: the first place found lies in it, or it in the first place found; it is
  // among what was found, alternatives included.
  int with_place = 0;
  int right_place = 0;
  int listed_place = 0;
  // Of the others: nothing was found, as is right.
  int without_place = 0;
  int nothing_found = 0;
};

Evaluation Evaluate(const Classifier& classifier, const Places& places, const Abbreviations& abbreviations,
                    const std::vector<WrittenReport>& reports);

// The figures, as Markdown.
std::string ToMarkdown(const Evaluation& evaluation);

}  // namespace lapor::reading
