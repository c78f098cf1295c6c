#include "libs/reading/places.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"
#include "libs/reading/shipped_data_for_test.h"

namespace lapor::reading {
namespace {

std::vector<Place> Find(std::string_view text) {
  return Shipped().places.Find(Words(text, Shipped().abbreviations));
}

// The code of the first place; empty for none.
std::string First(std::string_view text) {
  const std::vector<Place> places = Find(text);
  return places.empty() ? "" : places[0].best.code;
}

bool HasAlternative(const Place& place, std::string_view code) {
  return std::any_of(place.alternatives.begin(), place.alternatives.end(),
                     [&](const PlaceCandidate& other) { return other.code == code; });
}

TEST_CASE("Places are found by their official names") {
  CHECK(First("Air mati di Kota Surabaya") == "35.78");
  CHECK(First("Banjir di Kabupaten Sintang") == "61.05");
  CHECK(First("Jalan provinsi di Provinsi Lampung") == "18");
  CHECK(First("Sampah di Kabupaten Kepulauan Siau Tagulandang Biaro") == "71.09");
}

TEST_CASE("Places are found by what people call them") {
  CHECK(First("banjir di jaktim") == "31.75");
  CHECK(First("Jogja macet") == "34.71");
  CHECK(First("macet di Solo") == "33.72");
  CHECK(First("Ujung Pandang") == "73.71");
  CHECK(First("warga Makassar") == "73.71");
  CHECK(First("listrik mati di Waingapu") == "53.11");
  CHECK(First("jalan propinsi sumut hancur") == "12");
  CHECK(First("di tangsel banyak parkir liar") == "36.74");
}

TEST_CASE("Names are found with and without the space inside") {
  CHECK(First("di Tanjungpinang") == "21.72");
  CHECK(First("di Tanjung Pinang") == "21.72");
  CHECK(First("di palangka raya") == "62.71");
}

TEST_CASE("The longest name counts") {
  CHECK(First("warga Bandung Barat") == "32.17");
  CHECK(First("di Tangerang Selatan") == "36.74");
  CHECK(First("di Lampung Tengah") == "18.02");
}

TEST_CASE("Kabupaten or kota before a name says which of the two is meant") {
  CHECK(First("Kab. Bandung") == "32.04");
  CHECK(First("Kota Bandung") == "32.73");
  CHECK(First("kab malang") == "35.07");
  CHECK(First("Kota Padang") == "13.71");
}

TEST_CASE("A name of two regions lists both, and is sure of neither") {
  const std::vector<Place> places = Find("banjir di Bandung");
  REQUIRE(places.size() == 1);
  CHECK(places[0].best.code == "32.73");
  CHECK(places[0].best.confidence < 0.6);
  CHECK(HasAlternative(places[0], "32.04"));
  CHECK(HasAlternative(Find("warga Jambi")[0], "15.71"));
}

TEST_CASE("The name of a street is no place, the name behind it is") {
  CHECK(First("Jl. Sudirman Palembang") == "16.71");
  CHECK(First("lubang di Jl. Bandung, Kota Malang") == "35.73");
  CHECK(First("Jln Surabaya no 5") == "");
  CHECK(First("Jalan Raya Bogor, Jakarta Timur") == "31.75");
}

TEST_CASE("A district is found by kecamatan, or beside its region") {
  CHECK(First("Kec. Pringsewu") == "18.10.01");
  CHECK(First("Kec. Coblong, Kota Bandung") == "32.73.02");
  CHECK(First("lampu mati di Imogiri Bantul") == "34.02.10");
}

TEST_CASE("A district of many regions lists them, until the region is named") {
  const std::vector<Place> alone = Find("Kecamatan Karanganyar");
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].best.confidence < 0.3);
  CHECK(alone[0].alternatives.size() >= 5);
  const std::vector<Place> placed = Find("Kecamatan Karanganyar, Kebumen");
  REQUIRE_FALSE(placed.empty());
  CHECK(placed[0].best.code == "33.05.20");
  CHECK(placed[0].best.confidence > 2 * alone[0].best.confidence);
}

TEST_CASE("District and region that agree make each other surer") {
  CHECK(Find("di Coblong, Bandung")[0].best.confidence > Find("di Coblong")[0].best.confidence);
}

TEST_CASE("A place within another one that is named too stands alone") {
  CHECK(Find("Kec. Coblong, Kota Bandung, Jawa Barat").size() == 1);
}

TEST_CASE("Ordinary words that are names somewhere are not taken for places") {
  CHECK(First("lempar batu ke rumah, taman kota rusak, ibu dan ayah saya tetap tunggu") == "");
  CHECK(First("tepung pati dan batang pohon") == "");
  CHECK(First("Kota kami kotor. Taman kami rusak.") == "");
  CHECK(First("warga Kota Batu") == "35.79");
}

TEST_CASE("Dishes, cloth and rivers are found everywhere") {
  CHECK(First("warung sate Padang dan soto Lamongan") == "");
  CHECK(First("Bengawan Solo meluap") == "");
}

TEST_CASE("Two places are both told, the surer first") {
  const std::vector<Place> places = Find("Saya dari Kabupaten Bone dirujuk ke Kota Makassar");
  REQUIRE(places.size() == 2);
  CHECK(places[0].best.confidence >= places[1].best.confidence);
}

TEST_CASE("Texts without a place give none") {
  CHECK(Find("").empty());
  CHECK(Find("antre dari pagi tidak dilayani").empty());
  CHECK(Find("the quick brown fox jumps over the lazy dog").empty());
}

TEST_CASE("A text of nothing but names ends with the first forty") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "Kecamatan Karanganyar, ";
  const std::vector<Place> places = Find(text + "Kota Surabaya");
  REQUIRE(places.size() == 1);
  CHECK(places[0].best.name == "Karanganyar");
}

TEST_CASE("Every region is found by its official name") {
  for (const auto& [code, region] : Shipped().regions) {
    const std::vector<Place> places = Find("warga " + region.name);
    INFO(region.name);
    REQUIRE_FALSE(places.empty());
    CHECK((places[0].best.code == code || HasAlternative(places[0], code)));
  }
}

TEST_CASE("A mistake in the data of places is told with its line") {
  policy::DataDir dir;
  dir.Write("regions.csv", policy::kRegions);
  dir.Write("districts.csv", "code,name,parent\n32.73.02,Coblong,32.73\n32.99.01,Nowhere,32.99\n");
  dir.Write("place-names.csv", "name,codes\nBdg,32.73 99\n");
  const auto read = Places::Read(dir.path());
  REQUIRE_FALSE(read.ok());
  CHECK(read.status().message() == dir.File("place-names.csv") + ":2: region '99' is not in regions.csv\n" +
                                       dir.File("districts.csv") +
                                       ":3: 32.99.01 is not in region '32.99' of regions.csv");
}

}  // namespace
}  // namespace lapor::reading
