#include "libs/reading/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"

namespace lapor::reading {
namespace {

constexpr char32_t kBroken = 0xFFFD;

// The character at `at`, which is moved behind it.
char32_t Next(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : -1;
  if (more < 0) return kBroken;
  char32_t c = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (at == text.size() || (byte(at) & 0xC0) != 0x80) return kBroken;
    c = c << 6 | (byte(at++) & 0x3F);
  }
  return c;
}

// The plain lower-case letter of a letter of ASCII, Latin-1 or the full-width forms; 0 for what is no letter
// or digit.
char Plain(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c = c - 0xFF01 + '!';
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return static_cast<char>(c);
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  // From U+00C0; the second half repeats the first in lower case. '.' is no letter.
  constexpr std::string_view kLatin1 = "aaaaaaaceeeeiiiidnooooo.ouuuuyts";
  if (c >= 0xC0 && c <= 0xFF) {
    const char letter = kLatin1[(c - 0xC0) & 0x1F];
    return letter == '.' ? 0 : letter;
  }
  return 0;
}

bool IsUpper(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNumber(std::string_view word) { return std::all_of(word.begin(), word.end(), IsDigit); }

// Marks inside words, as in Qur'an or disa', and characters without width.
bool IsInside(char32_t c) {
  return c == '\'' || c == 0x2019 || c == 0x00AD || (c >= 0x200B && c <= 0x200D) || c == 0xFEFF;
}

// "paraaah" -> "parah"; numbers stay.
std::string WithoutStretching(std::string_view word) {
  if (IsNumber(word)) return std::string(word);
  std::string out;
  for (std::size_t i = 0; i < word.size();) {
    std::size_t end = i;
    while (end < word.size() && word[end] == word[i]) ++end;
    out.append(end - i >= 3 && !IsDigit(word[i]) ? 1 : end - i, word[i]);
    i = end;
  }
  return out;
}

// "lampu2" and "lampu2nya" -> "lampu", "lampunya"; "p2" and "co2" stay.
std::string WithoutDoubling(std::string word) {
  const std::size_t two = word.find('2');
  if (two == word.npos || two < 4) return word;
  const std::string_view rest = std::string_view(word).substr(two + 1);
  if (rest.empty() || rest == "nya" || rest == "an" || rest == "ku") word.erase(two, 1);
  return word;
}

}  // namespace

absl::StatusOr<Abbreviations> Abbreviations::Read(const std::filesystem::path& reference_dir) {
  policy::Diagnostics diagnostics;
  const std::filesystem::path file = reference_dir / "abbreviations.csv";
  Abbreviations abbreviations;
  for (const policy::CsvRow& row : policy::ReadCsv(file, {"typed", "meant"}, diagnostics)) {
    const std::vector<Word> typed = Words(row.fields[0], {});
    const std::vector<Word> meant = Words(row.fields[1], {});
    if (typed.size() != 1 || typed[0].text != row.fields[0]) {
      diagnostics.Add(file, row.line,
                      fmt::format("typed is '{}'; it must be one word of a-z and 0-9", row.fields[0]));
      continue;
    }
    if (meant.empty()) {
      diagnostics.Add(file, row.line, fmt::format("'{}' stands for no word", row.fields[0]));
      continue;
    }
    std::vector<std::string> words;
    for (const Word& word : meant) words.push_back(word.text);
    if (!abbreviations.by_typed_.try_emplace(row.fields[0], std::move(words)).second) {
      diagnostics.Add(file, row.line, fmt::format("'{}' is there twice", row.fields[0]));
    }
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return abbreviations;
}

const std::vector<std::string>* Abbreviations::Find(std::string_view typed) const {
  const auto found = by_typed_.find(typed);
  return found == by_typed_.end() ? nullptr : &found->second;
}

std::vector<Word> Words(std::string_view text, const Abbreviations& abbreviations) {
  text = text.substr(0, kMaxTextBytes);
  std::vector<Word> words;
  Word next;
  next.begins_sentence = next.begins_phrase = true;
  bool abbreviated = false;
  const auto finish = [&](std::size_t end) {
    if (next.text.empty()) return;
    next.end = end;
    const std::string typed = WithoutDoubling(WithoutStretching(next.text));
    const std::vector<std::string>* meant = abbreviations.Find(typed);
    abbreviated = meant != nullptr;
    if (meant == nullptr) {
      next.text = typed;
      words.push_back(next);
    } else {
      for (const std::string& word : *meant) {
        next.text = word;
        words.push_back(next);
        next.begins_sentence = next.begins_phrase = false;
      }
    }
    next = {};
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = Next(text, at);
    if (const char letter = Plain(c); letter != 0) {
      if (next.text.empty()) {
        next.begin = begin;
        next.capital = IsUpper(c);
      }
      next.text += letter;
      continue;
    }
    if (IsInside(c)) continue;
    finish(begin);
    const bool line = c == '\n' || c == '\r';
    const bool stop = c == '.' && !abbreviated;
    if (line || stop || c == '!' || c == '?') next.begins_sentence = true;
    if (c != ' ' && c != '-' && c != '\t' && !(c == '.' && abbreviated)) next.begins_phrase = true;
  }
  finish(text.size());
  return words;
}

}  // namespace lapor::reading
