#include "services/followup/signals.h"

#include <catch2/catch.hpp>

#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

bool PointsElsewhere(const std::string& text) {
  return followup::PointsElsewhere(text, testing::ShippedPolicy().FindVersion("2024.1")->answer_signals());
}

TEST_CASE("an answer that sends its reader to another door is told, however it is typed") {
  CHECK(PointsElsewhere("Untuk keterangan lebih lanjut silakan menghubungi dinas terkait."));
  CHECK(PointsElsewhere("SILAKAN  Menghubungi\nkantor kami"));
  CHECK(PointsElsewhere("Mohon maaf, hal itu: bukan kewenangan kami!"));
}

TEST_CASE("an answer that names what was done points nowhere, nor does part of a word") {
  CHECK_FALSE(PointsElsewhere(""));
  CHECK_FALSE(PointsElsewhere("Jalan sudah diperbaiki. Kami sudah menghubungi pelapor."));
  CHECK_FALSE(PointsElsewhere("Agar menghubungikan dua desa, jembatan dibangun."));
}

TEST_CASE("the same words are known again, whatever their case, punctuation and report") {
  const std::string report = "7K3M9QXT2B54", other = "3M9Q7KXTB542";
  const int64_t words = WordsHash("Laporan " + report + " sudah kami tindak lanjuti.", report);
  CHECK(words == WordsHash("laporan " + report + ": SUDAH kami -- tindak lanjuti", report));
  CHECK(words == WordsHash("Laporan " + other + " sudah kami tindak lanjuti.", other));
  CHECK(words != WordsHash("Laporan " + other + " sudah kami tindak lanjuti.", report));
  CHECK(words != WordsHash("Laporan sudah tindak kami lanjuti.", report));
  CHECK(WordsHash("ab c", report) != WordsHash("a bc", report));
}

TEST_CASE("the end of a long answer counts, too") {
  std::string text;
  while (text.size() < size_t{70} << 10) text += "kami sedang meneliti ";
  CHECK_FALSE(PointsElsewhere(text));
  CHECK(PointsElsewhere(text + "silakan menghubungi dinas"));
  CHECK(WordsHash(text + "satu", "") != WordsHash(text + "dua", ""));
}

}  // namespace
}  // namespace lapor::followup
