#include "services/intake/likeness.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

Matter Told(const std::string& text, const std::string& region = "32.73",
            const std::string& category = "roads.regency",
            const std::string& received_at = "2025-03-03 09:00") {
  return {.region = region,
          .category = category,
          .received_at = At(received_at),
          .words = ShippedVocabulary()->TellingWords("", text, kComparedWords)};
}

// What two people wrote about one matter, and what a third wrote about another one of the same kind.
struct Example {
  const char* one;
  const char* other;
  const char* near_miss;
};

constexpr Example kExamples[] = {
    {"Jembatan di atas Sungai Ciliwung di RW 03 Kelurahan Bukit Duri retak dan pagarnya patah. Kendaraan "
     "berat "
     "masih lewat, kami takut ambruk.",
     "jmbtn ciliwung bukit duri udh retak pak, pager nya patah. tlg dicek sblm roboh, truk msh lewat situ",
     "Jembatan di atas Sungai Cipinang di Kelurahan Kebon Pala retak dan pagarnya patah. Truk berat masih "
     "lewat."},
    {"Lampu penerangan jalan di Jalan Kenanga mati sejak dua minggu, dari depan masjid Al Ikhlas sampai "
     "pertigaan "
     "pasar. Rawan jambret kalau malam.",
     "lampu jln kenanga gelap gulita udah 2 minggu, dpn mesjid al ikhlas. kmrn ada yg dijambret!!",
     "Lampu penerangan jalan di Jalan Flamboyan mati sejak dua minggu, gelap dan rawan jambret kalau malam."},
    {"Sampah di TPS Jalan Manggis sudah menumpuk seminggu tidak diangkut, baunya sampai ke SDN Sukamaju 2.",
     "mohon sampah tps manggis diangkut, udh numpuk semingguan bau bgt smp ke sdn sukamaju",
     "Sampah di TPS Jalan Rambutan sudah menumpuk tidak diangkut, baunya sampai ke puskesmas."},
    {"Air PDAM di Perumahan Griya Asri blok C keruh dan berbau sejak hari Senin, tidak bisa dipakai mandi.",
     "air pdam di griya asri keruh kecoklatan, bau. sdh dari senin ga bs buat mandi",
     "Air PDAM di Perumahan Bumi Indah mati total sejak hari Senin, kami membeli air galon."},
    {"Kepala sekolah SMPN 5 memungut uang perpisahan 350 ribu per siswa, padahal dilarang. Komite tidak "
     "pernah "
     "diajak bicara.",
     "Di SMPN 5 wali murid disuruh bayar perpisahan 350rb tanpa rapat komite, tolong kepala sekolahnya "
     "ditegur",
     "Di SMPN 12 wali murid disuruh membeli seragam di koperasi sekolah dengan harga mahal."},
    {"Sdh 3 bln bantuan PKH ibu saya di desa Sukaraja dusun Cikuda ga cair, pendamping Bu Rina ga bs "
     "dihubungi.",
     "Bantuan PKH warga Dusun Cikuda Desa Sukaraja belum cair tiga bulan dan pendampingnya sulit dihubungi.",
     "Bantuan PKH warga Dusun Pasirmalang Desa Cibodas dipotong oleh ketua kelompok."},
    {"Pohon beringin tua di depan Kantor Kelurahan Tegalsari miring dan hampir tumbang menimpa kabel "
     "listrik.",
     "Mohon pohn beringin dpn kelurahan tegalsari dtebang, sdh miring bgt mau tumbang kena kabel",
     "Pohon mahoni di Jalan Veteran tumbang dan menutup jalan sejak pagi."},
    {"Selokan di Gang Mawar RT 05 RW 11 mampet sehingga setiap hujan air masuk ke rumah warga.",
     "got gang mawar rt 5/rw 11 mampet, tiap ujan banjir msk rumah",
     "Selokan di Gang Teratai RT 02 RW 07 mampet sehingga setiap hujan air masuk ke rumah."},
    {"Antrean di Puskesmas Cempaka Baru sejak subuh, loket baru buka jam 9 dan dokter giginya tidak pernah "
     "ada.",
     "puskesmas cempaka baru loketny bk jam 9, dokter gigi ga prnh ada. antri dr subuh!!",
     "Di Puskesmas Anyelir obat hipertensi kosong sudah sebulan, pasien disuruh membeli sendiri di apotek."},
    {"Pabrik tekstil di Desa Karangmulya membuang limbah ke irigasi, airnya hitam dan ikan di kolam mati.",
     "Saluran irigasi Karang Mulya hitam pekat krn limbah pabrik tekstil, iwak ing kolam podo mati",
     "Pabrik tahu di Desa Wanasari membuang limbah ke sungai dan baunya menyengat."},
    {"Angkot jurusan Cicaheum Ledeng ngetem sembarangan di depan Stasiun sehingga macet setiap sore.",
     "Mcet trs tiap sore d stasiun gara2 angkot cicaheum-ledeng ngetm smbrangan",
     "Parkir liar di depan Pasar Kosambi membuat macet setiap sore, juru parkirnya memungut sepuluh ribu."},
    {"E-KTP saya sudah rekam sejak Juli di Kecamatan Arcamanik tetapi blangko selalu habis.",
     "ktp elektronik blm jadi dari juli, kecamatan arcamanik bilangnya blanko habis terus",
     "Akta kelahiran anak saya sebulan belum selesai di Dinas Kependudukan, petugas minta uang lima puluh "
     "ribu."},
};

TEST_CASE(
    "what two people tell of one matter is likelier the same than what is told of another of its kind") {
  for (const Example& example : kExamples) {
    const Matter asked = Told(example.one);
    // The other one wrote five days later, from the phone: no topic told.
    const Judgement same = Judge(asked, Told(example.other, "32.73", "", "2025-03-08 20:00"));
    const Judgement near =
        Judge(asked, Told(example.near_miss, "32.73", "roads.regency", "2025-03-04 08:00"));
    INFO(same.why << "\n" << near.why);
    CHECK(same.score >= kLeastScore);
    CHECK(same.text_likeness > 1.3 * near.text_likeness);
    CHECK(same.score > near.score);
    // And found at all: by a word of the one that is among those the other is found by.
    const Vocabulary& vocabulary = *ShippedVocabulary();
    const auto stored = vocabulary.WordKeys(vocabulary.TellingWords("", example.other, kKeyWords));
    const auto looked_up = vocabulary.WordKeys(vocabulary.TellingWords("", example.one, kAskedWords));
    CHECK(std::ranges::count_if(
              looked_up, [&](int64_t key) { return std::ranges::find(stored, key) != stored.end(); }) >= 1);
  }
}

std::vector<std::string> Texts(const std::vector<TellingWord>& words) {
  std::vector<std::string> texts;
  for (const TellingWord& word : words) texts.push_back(word.text);
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::string> Telling(const std::string& text, size_t max_words = kComparedWords) {
  return Texts(ShippedVocabulary()->TellingWords("", text, max_words));
}

TEST_CASE("names and numbers of places tell, and what everybody writes does not") {
  CHECK(Telling("Mohon jln. Kenanga no 12 RT 05 segera diperbaiki, sudah rusak!") ==
        std::vector<std::string>{"diperbaiki", "kenanga", "nomor 12", "rt 5"});
  CHECK(Telling("sudah ada dari dan yang di ke ini itu").empty());
  // Within a city its name tells nothing.
  CHECK(Telling("di Kota Bandung, Jawa Barat").empty());
}

TEST_CASE("a person's numbers and bare quantities are no words") {
  CHECK(Telling("hubungi nomor 081234567890 atau NIK 3273014107900001, sudah 14 hari, 2 kali") ==
        std::vector<std::string>{"hubungi", "nik"});
}

TEST_CASE("a name tells more than a rare word, and that more than a usual one") {
  const auto words = ShippedVocabulary()->TellingWords("", "banjir di Jalan Kenanga, plengsengan", 10);
  REQUIRE(words.size() >= 3);
  CHECK(words[0].text == "kenanga");
  CHECK(words[0].weight > 1.5 * words[1].weight);
  CHECK(words.back().text == "banjir");
}

TEST_CASE("a title's words count as the description's, each once, and no more than asked for") {
  const Vocabulary& vocabulary = *ShippedVocabulary();
  const auto words = vocabulary.TellingWords("Jembatan Ciliwung", "jembatan ciliwung retak", 10);
  CHECK(Texts(words) == std::vector<std::string>{"ciliwung", "jembatan", "retak"});
  CHECK(vocabulary.TellingWords("Jembatan Ciliwung", "jembatan ciliwung retak", 1).size() == 1);
  CHECK(vocabulary.TellingWords("", "", 10).empty());
  CHECK(vocabulary.TellingWords("\xFF\xFE", std::string(100'000, 'x') + "\xC3", 10).size() <= 1);
}

TEST_CASE("equally telling words come in the same order whatever stands around them") {
  const Vocabulary& vocabulary = *ShippedVocabulary();
  const auto order = [&](const std::string& text) {
    std::vector<std::string> shared;
    for (const TellingWord& word : vocabulary.TellingWords("", text, 40)) {
      if (word.text.starts_with("zz")) shared.push_back(word.text);
    }
    return shared;
  };
  CHECK(order("zzabu zzbiru zzcoklat") == order("kemarin zzcoklat lalu zzbiru anyelir zzabu"));
}

TEST_CASE("a word is found however its vowels were saved, and by nobody who hasn't the key") {
  const Vocabulary& vocabulary = *ShippedVocabulary();
  const auto key_of = [](const Vocabulary& v, const std::string& word) {
    const auto keys = v.WordKeys(v.TellingWords("", word, 1));
    REQUIRE(keys.size() == 1);
    return keys[0];
  };
  CHECK(key_of(vocabulary, "jembatan") == key_of(vocabulary, "jmbtn"));
  CHECK(key_of(vocabulary, "jembatannya") == key_of(vocabulary, "jembatan"));
  CHECK(key_of(vocabulary, "jembatan") != key_of(vocabulary, "selokan"));
  const auto other =
      Vocabulary::Load(SourceDir() / "deploy/reference", runtime::Secret(std::string(32, 'o')));
  REQUIRE(other.ok());
  CHECK(key_of(**other, "jembatan") != key_of(vocabulary, "jembatan"));
}

TEST_CASE("a key belongs to a regency, whatever district of it is told") {
  CHECK(RegencyOf("32.73.01.1001") == "32.73");
  CHECK(RegencyOf("32") == "32");
  CHECK(RegencyOf("").empty());
  CHECK(InScope(4711, "") == 4711);
  CHECK(InScope(4711, "32.73") != InScope(4711, "32.74"));
  CHECK(InScope(4711, "32.73") != 4711);
  // So that the database can mix them itself.
  CHECK(InScope(4711, "32.73") == (4711 ^ InScope(0, "32.73")));
}

TEST_CASE("a misspelling counts for the word, another known word or number does not") {
  const auto likeness = [](const char* a, const char* b) { return Judge(Told(a), Told(b)).text_likeness; };
  CHECK(likeness("Anggrek", "anggrk") > 0.7);
  CHECK(likeness("Anggrek", "Angrgek") > 0.7);
  CHECK(likeness("Anggrek", "anggrek") == Approx(1));
  CHECK(likeness("jalan di RT 05", "jalan di RT 06") == 0);
  CHECK(likeness("kuning", "kenanga") == 0);
  CHECK(likeness("banjir", "") == 0);
}

TEST_CASE("a nearer place, the same topic and a shorter time make a report likelier") {
  const std::string text = "Jembatan Ciliwung retak";
  const Matter asked = Told(text, "32.73.01");
  const auto score = [&](const std::string& region, const std::string& category, const std::string& at) {
    return Judge(asked, Told(text, region, category, at)).score;
  };
  const std::string now = "2025-03-03 09:00", category = "roads.regency";
  CHECK(score("32.73.01", category, now) == Approx(1));
  CHECK(score("32.73.01", category, now) > score("32.73.02", category, now));
  CHECK(score("32.73.02", category, now) > score("", category, now));
  CHECK(score("32", category, now) == score("", category, now));
  CHECK(score("", category, now) > score("32.74", category, now));
  CHECK(score("32.74", category, now) > score("33.01", category, now));
  CHECK(score("32.73.01", category, now) > score("32.73.01", "", now));
  CHECK(score("32.73.01", "roads", now) > score("32.73.01", "health", now));
  CHECK(score("32.73.01", category, now) > score("32.73.01", category, "2025-03-09 09:00"));
  CHECK(score("32.73.01", category, "2025-02-25 09:00") == score("32.73.01", category, "2025-03-09 09:00"));
}

TEST_CASE("without a word in common only the same topic in the same district at the same time is likely") {
  const Matter asked = Told("Jembatan Ciliwung retak", "32.73.01");
  const auto score = [&](const std::string& region, const std::string& at) {
    return Judge(asked, Told("Plengsengan ambrol", region, "roads.regency", at)).score;
  };
  CHECK(score("32.73.01", "2025-03-03 09:00") >= kLeastScore);
  CHECK(score("32.73.01", "2025-03-10 09:00") < kLeastScore);
  CHECK(score("32.73", "2025-03-03 09:00") < kLeastScore);
}

TEST_CASE("what speaks for a candidate is told in words") {
  const Judgement judgement = Judge(Told("Jembatan Ciliwung retak", "32.73.01"),
                                    Told("jmbtn ciliwung ambrol", "32.73.01", "roads", "2025-03-05 21:00"));
  CHECK(judgement.why ==
        "2 of 3 distinctive words in common: ciliwung, jembatan; same district; 2 days apart; related topic");
  CHECK(judgement.shared_words == std::vector<std::string>{"ciliwung", "jembatan"});
  CHECK(judgement.shared_region == "32.73.01");
  CHECK_FALSE(judgement.same_category);
}

}  // namespace
}  // namespace lapor::intake
