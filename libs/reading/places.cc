#include "libs/reading/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>

#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"

namespace lapor::reading {
namespace {

// The longest names have five words ("Kepulauan Siau Tagulandang Biaro", "Ogan Komering Ulu Selatan").
constexpr std::size_t kMaxNameWords = 5;
constexpr std::size_t kMaxAlternatives = 8;
// What comes after is not looked at: every name is compared with every other, and no report needs more.
constexpr std::size_t kMaxMentions = 40;
// What is less likely to name a place at all is not told.
constexpr double kLeastStrength = 0.25;
// How much an agreeing place elsewhere in the text adds to a meaning, and to the words naming a place at all.
constexpr double kAgreementFactor = 8;
constexpr double kAgreementStrength = 0.6;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A word that tells the kind of the place whose name follows.
std::optional<PlaceKind> KindOf(std::string_view word) {
  if (IsOneOf(word, {"kabupaten", "bupati"})) return PlaceKind::kRegency;
  if (IsOneOf(word, {"kota", "kotamadya", "walikota"})) return PlaceKind::kCity;
  if (IsOneOf(word, {"kecamatan", "distrik", "camat"})) return PlaceKind::kDistrict;
  if (IsOneOf(word, {"provinsi", "gubernur"})) return PlaceKind::kProvince;
  return std::nullopt;
}

// How much of the strength is left for a name behind this word.
double AfterWord(std::string_view word) {
  // Dishes, cloth and peoples are found everywhere.
  if (IsOneOf(word, {"nasi", "sate", "soto", "bakso", "masakan", "makan", "batik", "bika", "dodol", "bahasa",
                     "suku", "adat", "bengawan", "universitas"})) {
    return 0.1;
  }
  // Things that are called after a place which they need not be in.
  if (IsOneOf(word, {"desa",  "dusun",   "kelurahan", "kampung", "nagari", "dukuh", "gampong", "perumahan",
                     "perum", "komplek", "kompleks",  "blok",    "sungai", "kali",  "gunung",  "danau",
                     "laut",  "pulau",   "bukit",     "teluk",   "pantai", "pasar", "bank",    "toko",
                     "pt",    "masjid",  "gereja",    "orang",   "jurusan"})) {
    return 0.5;
  }
  if (IsOneOf(word, {"ke", "menuju", "arah", "dari"})) return 0.7;
  return 1;
}

// How sure a name without a kind before it is to be one. `capitals`: whoever writes uses them, so that
// leaving them out means something.
double BareStrength(std::span<const Word> words, std::size_t name, std::size_t length, bool only_districts,
                    bool ordinary, bool capitals) {
  const Word& word = words[name];
  const bool located =
      name > 0 && !word.begins_phrase && IsOneOf(words[name - 1].text, {"di", "nang", "ning", "ring"});
  const bool plainly_capital = word.capital && !word.begins_sentence;
  if (ordinary) return plainly_capital ? 0.7 : capitals ? 0.05 : located ? 0.45 : 0.2;
  if (only_districts) {
    if (plainly_capital) return 0.6;
    if (word.capital) return length > 1 ? 0.5 : 0.2;
    if (capitals) return 0.1;
    return length > 1 || located ? 0.4 : 0.1;
  }
  return word.capital || !capitals ? 0.85 : 0.5;
}

bool IsStreet(std::span<const Word> words, std::size_t name) {
  const auto street = [&](std::size_t at) {
    return IsOneOf(words[at].text, {"jalan", "gang", "gg", "lorong"});
  };
  if (name == 0 || words[name].begins_phrase) return false;
  if (street(name - 1)) return true;
  return name >= 2 && !words[name - 1].begins_phrase && street(name - 2) &&
         IsOneOf(words[name - 1].text, {"raya", "lintas", "lingkar", "besar", "baru", "lama"});
}

std::string Join(std::span<const Word> words) {
  std::string key;
  for (const Word& word : words) key += word.text;
  return key;
}
std::string KeyOf(std::string_view name) { return Join(Words(name, {})); }

// True when one of them is the other or lies in it.
bool Agree(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '.');
}

std::string_view WithoutKind(std::string_view name) {
  for (const std::string_view kind : {"Kabupaten ", "Kota ", "Administrasi "}) {
    if (name.starts_with(kind)) name.remove_prefix(kind.size());
  }
  return name;
}

PlaceKind KindOf(const policy::Region& region) {
  switch (region.kind) {
    case policy::RegionKind::kProvince:
      return PlaceKind::kProvince;
    case policy::RegionKind::kRegency:
      return PlaceKind::kRegency;
    case policy::RegionKind::kCity:
      return PlaceKind::kCity;
  }
  return PlaceKind::kProvince;
}

}  // namespace

// Some words that may name a place.
struct Places::Mention {
  std::size_t first_word;
  std::size_t end_word;
  // How sure it is that a place is meant at all.
  double strength;
  // What it may be; the shares add up to 1.
  struct Meaning {
    std::string code;
    double share;
  };
  std::vector<Meaning> meanings;

  void Normalize() {
    double sum = 0;
    for (const Meaning& meaning : meanings) sum += meaning.share;
    for (Meaning& meaning : meanings) meaning.share /= sum;
    std::stable_sort(meanings.begin(), meanings.end(),
                     [](const Meaning& a, const Meaning& b) { return a.share > b.share; });
  }
};

absl::StatusOr<Places> Places::Read(const std::filesystem::path& reference_dir) {
  const absl::StatusOr<policy::Regions> regions = policy::ReadRegions(reference_dir);
  if (!regions.ok()) return regions.status();
  policy::Diagnostics diagnostics;
  Places places;
  const auto add = [&](std::string_view name, const std::string& code) {
    std::vector<std::string>& codes = places.by_name_[KeyOf(name)];
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  };
  // First what people say, so that it stands first among a name's meanings.
  std::filesystem::path file = reference_dir / "place-names.csv";
  for (const policy::CsvRow& row : policy::ReadCsv(file, {"name", "codes"}, diagnostics)) {
    if (KeyOf(row.fields[0]).empty()) diagnostics.Add(file, row.line, "the name has no letter");
    if (row.fields[1] == "?" || row.fields[1] == "-") {
      (row.fields[1] == "?" ? places.ordinary_ : places.never_bare_).insert(KeyOf(row.fields[0]));
      continue;
    }
    std::istringstream codes(row.fields[1]);
    for (std::string code; codes >> code;) {
      if (regions->contains(code)) {
        add(row.fields[0], code);
      } else {
        diagnostics.Add(file, row.line, fmt::format("region '{}' is not in regions.csv", code));
      }
    }
  }
  for (const auto& [code, region] : *regions) {
    places.entries_.emplace(code, Entry{region.name, KindOf(region)});
    add(WithoutKind(region.name), code);
  }
  file = reference_dir / "districts.csv";
  for (const policy::CsvRow& row : policy::ReadCsv(file, {"code", "name", "parent"}, diagnostics)) {
    const std::string& code = row.fields[0];
    if (!regions->contains(row.fields[2]) || !Agree(row.fields[2], code) || code == row.fields[2]) {
      diagnostics.Add(file, row.line,
                      fmt::format("{} is not in region '{}' of regions.csv", code, row.fields[2]));
    }
    if (!places.entries_.emplace(code, Entry{row.fields[1], PlaceKind::kDistrict}).second) {
      diagnostics.Add(file, row.line, fmt::format("code {} is there twice", code));
    }
    add(row.fields[1], code);
  }
  if (!diagnostics.ok()) return diagnostics.status();
  return places;
}

std::string Places::NameOf(const std::string& code) const {
  const auto found = entries_.find(code);
  return found == entries_.end() ? std::string() : found->second.name;
}

std::vector<Places::Mention> Places::Mentions(std::span<const Word> words) const {
  // Who writes names with capitals means something by leaving them out.
  const auto capitals =
      std::count_if(words.begin(), words.end(), [](const Word& word) { return word.capital; });
  const bool uses_capitals = capitals > 1;
  std::vector<Mention> mentions;
  for (std::size_t at = 0; at < words.size() && mentions.size() < kMaxMentions;) {
    std::size_t longest = 1;
    while (longest < kMaxNameWords && at + longest < words.size() && !words[at + longest].begins_phrase)
      ++longest;
    // "Kota Padang" is the city and not the district of that name.
    if (const auto kind = KindOf(words[at].text); kind && longest > 1) {
      bool names_kind = false;
      for (std::size_t length = 1; length < longest; ++length) {
        const auto named = by_name_.find(Join(words.subspan(at + 1, length)));
        if (named == by_name_.end()) continue;
        for (const std::string& code : named->second) names_kind |= entries_.at(code).kind == *kind;
      }
      if (names_kind) {
        ++at;
        continue;
      }
    }
    std::size_t length = longest;
    auto found = by_name_.end();
    std::string key;
    for (; length > 0; --length) {
      key = Join(words.subspan(at, length));
      found = by_name_.find(key);
      if (found != by_name_.end()) break;
    }
    if (found == by_name_.end()) {
      ++at;
      continue;
    }
    Mention mention{.first_word = at, .end_word = at + length, .strength = 0.85, .meanings = {}};
    const std::size_t name = at;
    at += length;
    if (IsStreet(words, name)) continue;

    bool only_districts = true;
    for (const std::string& code : found->second) {
      only_districts &= entries_.at(code).kind == PlaceKind::kDistrict;
    }
    // "kota Purwokerto" is no city: then the word says nothing.
    bool told = false;
    PlaceKind kind = PlaceKind::kProvince;
    if (name > 0 && !words[name].begins_phrase) {
      for (const std::string& code : found->second) {
        if (KindOf(words[name - 1].text) != entries_.at(code).kind) continue;
        kind = entries_.at(code).kind;
        told = true;
      }
    }
    if (told) {
      mention.first_word = name - 1;
      mention.strength = 0.95;
    } else if (never_bare_.contains(key)) {
      continue;
    } else {
      mention.strength =
          BareStrength(words, name, length, only_districts, ordinary_.contains(key), uses_capitals);
    }
    if (name > 0 && !words[name].begins_phrase && !told) mention.strength *= AfterWord(words[name - 1].text);

    double rank = 1;
    for (const std::string& code : found->second) {
      const PlaceKind its = entries_.at(code).kind;
      double share = rank;
      if (its == PlaceKind::kRegency) share *= 0.8;  // who says Bandung means the city more often
      if (its == PlaceKind::kDistrict && !only_districts && !told) share *= 0.08;
      if (told && its != kind) share *= 0.03;
      // A regency's district of the same name adds nothing, unless it is asked for.
      const bool within = std::any_of(
          found->second.begin(), found->second.end(),
          [&](const std::string& other) { return other.size() < code.size() && Agree(other, code); });
      if (within && its == PlaceKind::kDistrict && !(told && kind == PlaceKind::kDistrict)) continue;
      mention.meanings.push_back({code, share});
      if (its != PlaceKind::kDistrict) rank *= 0.9;
    }
    mention.Normalize();
    mentions.push_back(std::move(mention));
  }
  return mentions;
}

std::vector<Place> Places::Find(std::span<const Word> words) const {
  std::vector<Mention> mentions = Mentions(words);
  // "Terminal Arjosari Malang": what stands before a region's name is in it, and no district elsewhere.
  for (std::size_t m = 0; m + 1 < mentions.size(); ++m) {
    const Mention& next = mentions[m + 1];
    if (next.first_word != mentions[m].end_word || words[next.first_word].begins_sentence) continue;
    const auto agrees = [&](const Mention::Meaning& meaning) {
      return std::any_of(next.meanings.begin(), next.meanings.end(),
                         [&](const Mention::Meaning& other) { return Agree(meaning.code, other.code); });
    };
    if (std::none_of(mentions[m].meanings.begin(), mentions[m].meanings.end(), agrees) &&
        entries_.at(mentions[m].meanings[0].code).kind == PlaceKind::kDistrict) {
      mentions[m].strength *= 0.4;
    }
  }
  // What the other mentions say, as they were before any agreement.
  const std::vector<Mention> before = mentions;
  for (std::size_t m = 0; m < mentions.size(); ++m) {
    double agreement = 0;
    for (Mention::Meaning& meaning : mentions[m].meanings) {
      double support = 0;
      for (std::size_t other = 0; other < before.size(); ++other) {
        if (other == m) continue;
        for (const Mention::Meaning& said : before[other].meanings) {
          if (!Agree(said.code, meaning.code)) continue;
          support = std::max(support, before[other].strength * said.share);
        }
      }
      meaning.share *= 1 + kAgreementFactor * support;
      agreement = std::max(agreement, support);
    }
    mentions[m].Normalize();
    mentions[m].strength = 1 - (1 - mentions[m].strength) * (1 - kAgreementStrength * agreement);
  }

  std::vector<Place> places;
  for (const Mention& mention : mentions) {
    if (mention.strength < kLeastStrength) continue;
    Place place{
        .best = {}, .alternatives = {}, .first_word = mention.first_word, .end_word = mention.end_word};
    for (const Mention::Meaning& meaning : mention.meanings) {
      const Entry& entry = entries_.at(meaning.code);
      PlaceCandidate candidate{meaning.code, entry.name, entry.kind, mention.strength * meaning.share};
      if (place.best.code.empty()) {
        place.best = std::move(candidate);
      } else if (place.alternatives.size() < kMaxAlternatives) {
        place.alternatives.push_back(std::move(candidate));
      }
    }
    const auto same = std::find_if(places.begin(), places.end(),
                                   [&](const Place& other) { return other.best.code == place.best.code; });
    if (same == places.end()) {
      places.push_back(std::move(place));
    } else if (same->best.confidence < place.best.confidence) {
      *same = std::move(place);
    }
  }
  std::erase_if(places, [all = places](const Place& place) {
    return std::any_of(all.begin(), all.end(), [&](const Place& other) {
      return other.best.code.size() > place.best.code.size() && Agree(other.best.code, place.best.code);
    });
  });
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.best.confidence > b.best.confidence; });
  return places;
}

}  // namespace lapor::reading
