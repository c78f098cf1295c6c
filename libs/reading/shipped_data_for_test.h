// deploy/reference, read once for all tests of a program.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "libs/policy/reference.h"
#include "libs/reading/corpus.h"
#include "libs/reading/places.h"

namespace lapor::reading {

inline std::filesystem::path ReferenceDir() {
  return std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy/reference";
}

template <typename T>
T Loaded(absl::StatusOr<T> loaded) {
  INFO(loaded.status().message());
  REQUIRE(loaded.ok());
  return *std::move(loaded);
}

struct ShippedData {
  policy::Categories categories = Loaded(policy::ReadCategories(ReferenceDir()));
  policy::Regions regions = Loaded(policy::ReadRegions(ReferenceDir()));
  Abbreviations abbreviations = Loaded(Abbreviations::Read(ReferenceDir()));
  Places places = Loaded(Places::Read(ReferenceDir()));
  Corpus corpus = Loaded(ReadCorpus(ReferenceDir(), categories, regions));
  Classifier classifier = Loaded(TrainClassifier(corpus, {}, abbreviations));
};

inline const ShippedData& Shipped() {
  static const ShippedData shipped;
  return shipped;
}

}  // namespace lapor::reading
