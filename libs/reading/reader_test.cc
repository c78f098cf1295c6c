#include "libs/reading/reader.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"
#include "libs/reading/shipped_data_for_test.h"

namespace lapor::reading {
namespace {

// Of a saved model, as that is quicker than to learn again.
Reader LoadReader() {
  policy::DataDir dir;
  REQUIRE(Shipped().classifier.Save(dir.path() / "model").ok());
  return Loaded(Reader::Load(ReferenceDir(), dir.path() / "model"));
}

TEST_CASE("A text tells its topic and its place, with the words that said so as they were typed") {
  const Reading reading = LoadReader().Read(
      "Lampu penerangan jalan umum (PJU) mati semua, gelap gulita, di Kec. Imogiri, Kab. Bantul.");
  REQUIRE_FALSE(reading.topics.empty());
  CHECK(reading.topics[0].category == "roads.lighting");
  CHECK(reading.sure);
  REQUIRE_FALSE(reading.topic_words.empty());
  REQUIRE(reading.places.size() == 1);
  CHECK(reading.places[0].place.best.code == "34.02.10");
  CHECK(reading.places[0].words == "Kec. Imogiri");
}

TEST_CASE("Below the threshold of the data a person decides") {
  const Reader reader = LoadReader();
  CHECK_FALSE(reader.Read("mohon segera ditindaklanjuti karena merugikan").sure);
  CHECK_FALSE(reader.Read("").sure);
  CHECK(reader.Read("").topics.empty());
  CHECK(reader.least_confidence() > 0.5);
}

TEST_CASE("A model with a category that is gone is refused") {
  const Sample samples[] = {{"health", Words("obat", {})}, {"alchemy", Words("emas", {})}};
  policy::DataDir dir;
  REQUIRE(Loaded(Classifier::Train(samples, samples)).Save(dir.path() / "model").ok());
  CHECK(Reader::Load(ReferenceDir(), dir.path() / "model").status().message() ==
        dir.File("model") + ": category alchemy is not in categories.csv; make a new model with lapor train");
}

}  // namespace
}  // namespace lapor::reading
