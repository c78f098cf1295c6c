#include "libs/reading/words.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"
#include "libs/reading/shipped_data_for_test.h"

namespace lapor::reading {
namespace {

std::string Read(std::string_view text) {
  std::string out;
  for (const Word& word : Words(text, Shipped().abbreviations)) out += (out.empty() ? "" : " ") + word.text;
  return out;
}

TEST_CASE("Capitals, accents, punctuation and full-width letters don't matter") {
  CHECK(Read("JALAN Rusak!!") == "jalan rusak");
  CHECK(Read("réklame,ＰＬＮ;tarètan") == "reklame pln taretan");
  CHECK(Read("Qur\xE2\x80\x99"
             "an") == "quran");
  CHECK(Read("anak-anak") == "anak anak");
  CHECK(Read("") == "");
  CHECK(Read("?! ... \xF0\x9F\x98\xA1") == "");
}

TEST_CASE("What people abbreviate is written out") {
  CHECK(Read("jln yg rusak blm dibenerin") == "jalan yang rusak belum dibenerin");
  CHECK(Read("Jl. Sudirman") == "jalan sudirman");
  CHECK(Read("Kec. Pringsewu, Kab. Pringsewu") == "kecamatan pringsewu kabupaten pringsewu");
  CHECK(Read("knp gada") == "kenapa tidak ada");
}

TEST_CASE("Stretched letters and the 2 of doubled words are dropped, numbers stay") {
  CHECK(Read("paraaaah bangettt") == "parah sangat");
  CHECK(Read("lampu2 lampu2nya") == "lampu lampunya");
  CHECK(Read("p3k 1000 co2") == "p3k 1000 co2");
}

TEST_CASE("A word knows where it stands and what comes before it") {
  const std::string text = "Rusak. Di Bandung, kec. Coblong";
  const std::vector<Word> words = Words(text, Shipped().abbreviations);
  REQUIRE(words.size() == 5);
  CHECK(text.substr(words[2].begin, words[2].end - words[2].begin) == "Bandung");
  CHECK(words[1].begins_sentence);
  CHECK(words[2].capital);
  CHECK_FALSE(words[2].begins_phrase);
  CHECK(words[3].begins_phrase);
  CHECK_FALSE(words[4].begins_phrase);
  CHECK_FALSE(words[4].begins_sentence);
}

TEST_CASE("Broken UTF-8 and endless texts are read without harm") {
  CHECK(Read("jalan\xFF\xC3") == "jalan");
  CHECK(Read("\xE2\x82") == "");
  CHECK(Words(std::string(10 * kMaxTextBytes, 'a'), {}).size() == 1);
  CHECK(Words(std::string(10 * kMaxTextBytes, '1'), {}).back().end == kMaxTextBytes);
}

TEST_CASE("A mistake in abbreviations.csv is told with its line") {
  policy::DataDir dir;
  dir.Write("abbreviations.csv", "typed,meant\nyg,yang\nYG,yang\nyg,yang\nxx,!\n");
  const auto read = Abbreviations::Read(dir.path());
  REQUIRE_FALSE(read.ok());
  const std::string file = dir.File("abbreviations.csv");
  CHECK(read.status().message() == file + ":3: typed is 'YG'; it must be one word of a-z and 0-9\n" + file +
                                       ":4: 'yg' is there twice\n" + file + ":5: 'xx' stands for no word");
}

}  // namespace
}  // namespace lapor::reading
