// The words of a report's text, as the rest of the library compares them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace lapor::reading {

// The longest text that is read; what comes after is not looked at. An intake's description is shorter.
inline constexpr std::size_t kMaxTextBytes = 32 << 10;

struct Word {
  // In lower case, without accents, abbreviations written out: "jln." is "jalan".
  std::string text;
  // Where it stands in the text as typed, in bytes.
  std::size_t begin = 0;
  std::size_t end = 0;
  // Typed with a capital first letter.
  bool capital = false;
  // A sentence or a line begins here, so that a capital says nothing.
  bool begins_sentence = false;
  // More than a space, a hyphen or an abbreviation's full stop separates it from the word before.
  bool begins_phrase = false;
};

// What people type instead of words, as data: "yg" for "yang". Thread-safe once read.
class Abbreviations {
 public:
  Abbreviations() = default;
  // Reads abbreviations.csv. INVALID_ARGUMENT with a line "FILE:LINE: reason" for each mistake.
  static absl::StatusOr<Abbreviations> Read(const std::filesystem::path& reference_dir);

  // What a typed word stands for; null for a word that is none of them.
  const std::vector<std::string>* Find(std::string_view typed) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> by_typed_;
};

// The words of a text. Numbers are words too. What is no letter or digit separates; broken UTF-8 does so too.
// Letters typed three times or more count once ("paraaah"), the 2 of a doubled word is dropped ("lampu2").
std::vector<Word> Words(std::string_view text, const Abbreviations& abbreviations);

}  // namespace lapor::reading
