// Which places a text names: provinces, regencies, cities and districts, by their official and colloquial
// names.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/policy/reference.h"
#include "libs/reading/words.h"

namespace lapor::reading {

enum class PlaceKind { kProvince, kRegency, kCity, kDistrict };

struct PlaceCandidate {
  // As 16, 16.71 or 16.71.03.
  std::string code;
  std::string name;
  PlaceKind kind = PlaceKind::kProvince;
  // How sure it is that this place is meant; those of one mention add up to at most 1.
  double confidence = 0;
};

// A place that a text names once or more.
struct Place {
  // The likeliest.
  PlaceCandidate best;
  // What else the words may mean, the likeliest first.
  std::vector<PlaceCandidate> alternatives;
  // The words that name it, with those that say its kind, as [first_word, end_word).
  std::size_t first_word = 0;
  std::size_t end_word = 0;
};

// Thread-safe once read.
class Places {
 public:
  // Reads regions.csv, districts.csv and place-names.csv. INVALID_ARGUMENT with a line "FILE:LINE: reason"
  // for each mistake.
  static absl::StatusOr<Places> Read(const std::filesystem::path& reference_dir);

  // The surest first; a place that holds another one which the text names too is left out, as it is in that
  // one's code. Names of streets are not taken for places.
  std::vector<Place> Find(std::span<const Word> words) const;

  // The name of a province, a regency, a city or a district; empty for a code that isn't one's.
  std::string NameOf(const std::string& code) const;

 private:
  struct Entry {
    std::string name;
    PlaceKind kind;
  };
  struct Mention;

  std::vector<Mention> Mentions(std::span<const Word> words) const;

  // By code.
  std::unordered_map<std::string, Entry> entries_;
  // Codes by a name's words without the spaces between them, as these are typed or not: "tanjungpinang".
  std::unordered_map<std::string, std::vector<std::string>> by_name_;
  // Names, written the same way, that are ordinary words as well: "batu", which is stone.
  std::unordered_set<std::string> ordinary_;
  // Names that say nothing without their kind before them: "kota", which is a district's name and means city.
  std::unordered_set<std::string> never_bare_;
};

}  // namespace lapor::reading
