// How alike two reports are: in words, place, topic and time. Pure: no SQL, no clock; thread-safe.
//
// Words count by how rare they are, so that the name of a street says more than "jalan" and "rusak". They are
// read as libs/reading reads them (abbreviations written out), and two that differ by dropped vowels or one
// wrong letter are the same. An index finds likely reports by hashes of words (WordKeys); what is found is
// then judged by the words themselves (Judge).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/reading/words.h"
#include "libs/runtime/secret.h"

namespace lapor::intake {

// By so many words a report is found: enough for two texts to share some, few enough to write with each.
inline constexpr size_t kKeyWords = 6;
// And by so many of these from anywhere in the nation, for a report of the same whose place isn't told.
inline constexpr size_t kNationKeyWords = 2;
// So many words of a report are looked up. More than it is found by: another text may have ranked them
// higher.
inline constexpr size_t kAskedWords = 16;
// So many words of two texts are compared.
inline constexpr size_t kComparedWords = 40;
// What stands behind that isn't read for it.
inline constexpr size_t kMaxLikenessBytes = 4 << 10;

// A word that tells a text from others.
struct TellingWord {
  // As it reads: "ciliwung"; a number with the word that it belongs to: "rt 5".
  std::string text;
  // What it is compared by: without -nya, di- and the like.
  std::string form;
  // How rare it is; above 0.
  double weight = 0;
  // The shipped texts have it: not likely a misspelling of something else.
  bool known = false;
};

// The words of reports, and how much each one tells.
class Vocabulary {
 public:
  // Reads abbreviations.csv, regions.csv and the corpus of `reference_dir`. The same errors as
  // reading::ReadCorpus. Only the first 32 bytes of `key` or less matter; with another key what was filed
  // before isn't found by its words any more.
  static absl::StatusOr<std::shared_ptr<const Vocabulary>> Load(const std::filesystem::path& reference_dir,
                                                                const runtime::Secret& key);

  // Each one once, the most telling first; equally telling ones in an order that is the same for every text.
  std::vector<TellingWord> TellingWords(std::string_view title, std::string_view description,
                                        size_t max_words) const;

  // What a report can be found by wherever it is, in the order of `words`; nobody learns the words from them
  // without the key. See InScope.
  std::vector<int64_t> WordKeys(const std::vector<TellingWord>& words) const;

 private:
  Vocabulary(reading::Abbreviations abbreviations, const runtime::Secret& key);

  reading::Abbreviations abbreviations_;
  runtime::Secret hash_key_;
  int texts_ = 0;
  // In how many texts of the corpus a form is.
  std::unordered_map<std::string, int> texts_with_;
  // What names a province, regency or city tells nothing within it.
  std::unordered_set<std::string> regions_;
};

// The regency or city of a region's code, as 32.73 of 32.73.01; a province itself; empty: the nation.
std::string RegencyOf(std::string_view region);

// A word's key as it is in the index, within a regency or, for "", within the nation.
int64_t InScope(int64_t word_key, std::string_view regency);

// What two reports are compared by.
struct Matter {
  std::string region;
  std::string category;
  absl::Time received_at;
  std::vector<TellingWord> words;
};

struct Judgement {
  // 0 to 1; less than kLeastScore is no candidate.
  double score = 0;
  double text_likeness = 0;
  // Of the first one's words, the most telling first.
  std::vector<std::string> shared_words;
  // The district, regency or province that they share, as a code; empty: none, or not told.
  std::string shared_region;
  bool same_category = false;
  // In English, for people.
  std::string why;
};
inline constexpr double kLeastScore = 0.4;

Judgement Judge(const Matter& asked, const Matter& other);

}  // namespace lapor::intake
