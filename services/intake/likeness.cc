#include "services/intake/likeness.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "libs/policy/reference.h"
#include "libs/reading/corpus.h"

namespace lapor::intake {
namespace {

// --- Words ---

constexpr size_t kLeastWordBytes = 3;
constexpr size_t kMaxWordBytes = 24;
constexpr size_t kMaxNumberDigits = 4;  // longer ones are of people: telephones, identity cards
constexpr size_t kLeastStemBytes = 4;
constexpr size_t kLeastSkeletonBytes = 4;
constexpr size_t kLeastMisspeltBytes = 6;
// A word that more texts have tells nothing: "mohon", "sudah", "rusak".
constexpr double kMostCommon = 0.015;
// A word in no more texts than this, behind a word that introduces places, is a name.
constexpr int kMostTextsOfName = 3;
// A name tells more than another rare word; a number less, as there are few of them.
constexpr double kNameFactor = 2;
constexpr double kNumberFactor = 0.7;
// What a misspelt word counts of the right one.
constexpr double kMisspeltFactor = 0.8;

// Behind these stands which one it is: "jalan melati", "rt 05", "sdn 3", "jembatan ciliwung".
constexpr std::string_view kIntroducers[] = {
    "blok",      "desa",       "dusun",     "flyover",   "gang",      "gedung",    "halte",      "jalan",
    "jembatan",  "kali",       "kampung",   "kecamatan", "kelurahan", "kilometer", "km",         "komplek",
    "kompleks",  "lingkungan", "madrasah",  "masjid",    "nomor",     "pasar",     "perempatan", "pertigaan",
    "perumahan", "posyandu",   "puskesmas", "rsud",      "rt",        "rumah",     "rusun",      "rw",
    "sd",        "sdn",        "sekolah",   "simpang",   "sma",       "sman",      "smk",        "smkn",
    "smp",       "smpn",       "stasiun",   "sungai",    "taman",     "terminal",  "underpass",  "waduk"};
static_assert(std::ranges::is_sorted(kIntroducers));

// Words without a matter of their own that the corpus, which is written tersely, has too seldom to tell by
// itself.
constexpr std::string_view kFunctionWords[] = {
    "agar",    "akibatnya", "antara",  "apabila",  "atau",    "bahkan",   "bahwa",    "begitu",  "beliau",
    "berupa",  "demikian",  "dengan",  "hingga",   "jika",    "kalau",    "kami",     "karena",  "kasih",
    "ketika",  "kita",      "laporan", "maka",     "maupun",  "mereka",   "meskipun", "namun",   "oleh",
    "perlu",   "saat",      "sambil",  "sebab",    "sebelum", "segera",   "sehingga", "sejak",   "selain",
    "seluruh", "sementara", "sering",  "serta",    "setelah", "setiap",   "silakan",  "sungguh", "supaya",
    "tentang", "terhadap",  "terima",  "tersebut", "tetapi",  "walaupun", "yaitu",    "yakni"};
static_assert(std::ranges::is_sorted(kFunctionWords));

bool IsFunctionWord(std::string_view word) { return std::ranges::binary_search(kFunctionWords, word); }

bool IsIntroducer(std::string_view word) { return std::ranges::binary_search(kIntroducers, word); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNumber(std::string_view word) { return std::ranges::all_of(word, IsDigit); }
bool IsVowel(char c) { return std::string_view("aeiou").find(c) != std::string_view::npos; }

// Without what is most often put before or behind a word. What is left needn't be a word: it is only
// compared.
std::string FormOf(std::string_view word) {
  word = word.substr(0, kMaxWordBytes);
  if (word.ends_with("nya") && word.size() >= kLeastStemBytes + 3) word.remove_suffix(3);
  for (const std::string_view prefix : {"meng", "mem", "ber", "ter", "di", "ke"}) {
    if (word.starts_with(prefix) && word.size() >= kLeastStemBytes + prefix.size()) {
      word.remove_prefix(prefix.size());
      break;
    }
  }
  return std::string(word);
}

// What people keep of a word when they are short of space: "jembatan" is "jmbtn". Short ones stay whole.
std::string SkeletonOf(const std::string& form) {
  std::string skeleton;
  for (const char c : form) {
    if (!IsVowel(c)) skeleton += c;
  }
  return skeleton.size() >= kLeastSkeletonBytes ? skeleton : form;
}

bool IsSubsequence(std::string_view part, std::string_view whole) {
  size_t found = 0;
  for (const char c : whole) {
    if (found < part.size() && part[found] == c) ++found;
  }
  return found == part.size();
}

// Whether one letter is wrong, missing, too many, or has changed places with the next.
bool IsOneLetterOff(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto [at, bt] = std::ranges::mismatch(a, b);
  const std::string_view rest_a(at, a.end());
  const std::string_view rest_b(bt, b.end());
  if (b.size() > a.size()) return rest_a == rest_b.substr(1);
  if (rest_a.empty() || rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() >= 2 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

// Two words that the corpus knows are two words; a number is never misspelt.
bool IsMisspelling(const TellingWord& a, const TellingWord& b) {
  if (a.known && b.known) return false;
  const std::string& x = a.form;
  const std::string& y = b.form;
  // The first letter is seldom the wrong one; most pairs of words end here.
  if (x.empty() || y.empty() || x[0] != y[0]) return false;
  if (std::ranges::any_of(x, IsDigit) || std::ranges::any_of(y, IsDigit)) return false;
  if (std::min(x.size(), y.size()) >= kLeastMisspeltBytes && IsOneLetterOff(x, y)) return true;
  return (IsSubsequence(x, y) || IsSubsequence(y, x)) && SkeletonOf(x) == SkeletonOf(y);
}

runtime::Secret HashKey(const runtime::Secret& key) {
  std::array<unsigned char, crypto_shorthash_KEYBYTES> derived;
  crypto_generichash(derived.data(), derived.size(), reinterpret_cast<const unsigned char*>("likeness"), 8,
                     reinterpret_cast<const unsigned char*>(key.bytes().data()),
                     std::min<size_t>(key.bytes().size(), crypto_generichash_KEYBYTES_MAX));
  runtime::Secret secret({reinterpret_cast<const char*>(derived.data()), derived.size()});
  sodium_memzero(derived.data(), derived.size());
  return secret;
}

// --- Judging ---

// What a score is made of; the sum is 1.
constexpr double kTextWeight = 0.60;
constexpr double kPlaceWeight = 0.16;
constexpr double kCategoryWeight = 0.12;
constexpr double kTimeWeight = 0.12;
// Where one of them isn't told, it speaks half.
constexpr double kNotTold = 0.5;
constexpr double kSameRegency = 0.6;
constexpr double kSameProvince = 0.2;
constexpr double kSameRoot = 0.5;
// Of all that, for two that are told of different regencies: few matters are in both, but a place may be
// wrong.
constexpr double kElsewhere = 0.6;
// After so long time speaks half.
constexpr absl::Duration kHalfTime = absl::Hours(14 * 24);

constexpr size_t kMaxSharedWords = 8;
// Of these the reasons name so many.
constexpr size_t kMaxNamedWords = 5;

// 32, 32.73 and 32.73.01 are of 2, 5 and 8 bytes.
constexpr size_t kProvinceBytes = 2;
constexpr size_t kRegencyBytes = 5;
constexpr size_t kDistrictBytes = 8;

double Squares(const std::vector<TellingWord>& words) {
  double sum = 0;
  for (const TellingWord& word : words) sum += word.weight * word.weight;
  return sum;
}

// The cosine of the two texts. How many words the other text has beyond the shared ones counts by its root
// only: one writes an SMS about what another one writes a letter about.
void CompareWords(const Matter& asked, const Matter& other, Judgement& judgement) {
  std::vector<const TellingWord*> left;
  for (const TellingWord& word : other.words) left.push_back(&word);
  std::vector<const TellingWord*> unmatched;
  double shared = 0;
  std::vector<const TellingWord*> found;
  const auto match = [&](const TellingWord& word, const auto& is_same, double factor) {
    const auto same = std::ranges::find_if(left, [&](const TellingWord* o) { return is_same(*o); });
    if (same == left.end()) return false;
    shared += factor * word.weight * (*same)->weight;
    found.push_back(&word);
    left.erase(same);
    return true;
  };
  for (const TellingWord& word : asked.words) {
    if (!match(
            word, [&](const TellingWord& o) { return o.form == word.form; }, 1))
      unmatched.push_back(&word);
  }
  for (const TellingWord* word : unmatched)
    match(
        *word, [&](const TellingWord& o) { return IsMisspelling(*word, o); }, kMisspeltFactor);
  if (found.empty()) return;
  judgement.text_likeness = std::min(1.0, shared / std::sqrt(Squares(asked.words) * Squares(other.words)));
  std::ranges::stable_sort(found, std::greater<>(), &TellingWord::weight);
  for (const TellingWord* word : found) judgement.shared_words.push_back(word->text);
}

// The longest of district, regency and province that both begin with.
std::string SharedRegion(std::string_view a, std::string_view b) {
  for (const size_t bytes : {kDistrictBytes, kRegencyBytes, kProvinceBytes}) {
    if (a.size() >= bytes && b.size() >= bytes && a.substr(0, bytes) == b.substr(0, bytes))
      return std::string(a.substr(0, bytes));
  }
  return "";
}

bool IsElsewhere(std::string_view a, std::string_view b) {
  const size_t bytes = std::min({a.size(), b.size(), kRegencyBytes});
  return a.substr(0, bytes) != b.substr(0, bytes);
}

double PlaceScore(const Matter& asked, const Matter& other, const std::string& shared) {
  if (IsElsewhere(asked.region, other.region)) return shared.empty() ? 0 : kSameProvince;
  if (shared.size() == kDistrictBytes) return 1;
  if (shared.size() == kRegencyBytes) return kSameRegency;
  return kNotTold;
}

std::string_view Root(std::string_view category) { return category.substr(0, category.find('.')); }

double CategoryScore(const Matter& asked, const Matter& other) {
  if (asked.category.empty() || other.category.empty()) return kNotTold;
  if (asked.category == other.category) return 1;
  return Root(asked.category) == Root(other.category) ? kSameRoot : 0;
}

std::string Plural(int64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string Why(const Matter& asked, const Matter& other, const Judgement& judgement) {
  std::vector<std::string> reasons;
  const std::vector<std::string>& words = judgement.shared_words;
  if (words.empty()) {
    reasons.push_back("no distinctive word in common");
  } else {
    reasons.push_back(fmt::format(
        "{} of {} in common: {}{}", words.size(),
        Plural(static_cast<int64_t>(asked.words.size()), "distinctive word"),
        fmt::join(words.begin(),
                  words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kMaxNamedWords)), ", "),
        words.size() > kMaxNamedWords ? ", ..." : ""));
  }
  if (asked.region.empty() || other.region.empty()) {
    reasons.push_back("place not told by both");
  } else if (judgement.shared_region.empty()) {
    reasons.push_back("another province");
  } else {
    const size_t bytes = judgement.shared_region.size();
    reasons.push_back(bytes == kDistrictBytes  ? "same district"
                      : bytes == kRegencyBytes ? "same regency or city"
                                               : "same province");
  }
  const absl::Duration apart = absl::AbsDuration(asked.received_at - other.received_at);
  const int64_t hours = absl::ToInt64Hours(apart);
  reasons.push_back((hours < 48 ? Plural(hours, "hour") : Plural(hours / 24, "day")) + " apart");
  if (asked.category.empty() || other.category.empty()) {
    reasons.push_back("topic not told by both");
  } else if (judgement.same_category) {
    reasons.push_back("same topic");
  } else if (Root(asked.category) == Root(other.category)) {
    reasons.push_back("related topic");
  } else {
    reasons.push_back("another topic");
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

Vocabulary::Vocabulary(reading::Abbreviations abbreviations, const runtime::Secret& key)
    : abbreviations_(std::move(abbreviations)), hash_key_(HashKey(key)) {}

absl::StatusOr<std::shared_ptr<const Vocabulary>> Vocabulary::Load(const std::filesystem::path& reference_dir,
                                                                   const runtime::Secret& key) {
  auto abbreviations = reading::Abbreviations::Read(reference_dir);
  if (!abbreviations.ok()) return abbreviations.status();
  const auto categories = policy::ReadCategories(reference_dir);
  if (!categories.ok()) return categories.status();
  const auto regions = policy::ReadRegions(reference_dir);
  if (!regions.ok()) return regions.status();
  const auto corpus = reading::ReadCorpus(reference_dir, *categories, *regions);
  if (!corpus.ok()) return corpus.status();

  std::shared_ptr<Vocabulary> vocabulary(new Vocabulary(*std::move(abbreviations), key));
  for (const auto* reports : {&corpus->train, &corpus->calibrate}) {
    for (const reading::WrittenReport& report : *reports) {
      ++vocabulary->texts_;
      std::unordered_set<std::string> forms;
      for (const reading::Word& word : reading::Words(report.text, vocabulary->abbreviations_))
        forms.insert(FormOf(word.text));
      for (const std::string& form : forms) ++vocabulary->texts_with_[form];
    }
  }
  for (const auto& [code, region] : *regions) {
    for (const reading::Word& word : reading::Words(region.name, vocabulary->abbreviations_))
      vocabulary->regions_.insert(FormOf(word.text));
  }
  return vocabulary;
}

std::vector<TellingWord> Vocabulary::TellingWords(std::string_view title, std::string_view description,
                                                  size_t max_words) const {
  std::unordered_map<std::string, TellingWord> by_form;
  const double rarest = std::log(texts_ + 1);
  const auto add = [&](TellingWord word) {
    TellingWord& kept = by_form[word.form];
    if (kept.weight < word.weight) kept = std::move(word);
  };
  for (const std::string_view text : {title, description.substr(0, kMaxLikenessBytes)}) {
    std::string before;
    for (const reading::Word& word : reading::Words(text, abbreviations_)) {
      const std::string introducer = std::exchange(before, IsIntroducer(word.text) ? word.text : "");
      if (IsNumber(word.text)) {
        if (introducer.empty() || word.text.size() > kMaxNumberDigits) continue;
        const std::string number =
            word.text.substr(std::min(word.text.find_first_not_of('0'), word.text.size()));
        add({fmt::format("{} {}", introducer, number), introducer + number, kNumberFactor * rarest, true});
        continue;
      }
      if (word.text.size() < kLeastWordBytes || IsFunctionWord(word.text)) continue;
      std::string form = FormOf(word.text);
      if (regions_.contains(form)) continue;
      const auto found = texts_with_.find(form);
      const int texts = found == texts_with_.end() ? 0 : found->second;
      if (texts > kMostCommon * texts_) continue;
      const bool is_name = !introducer.empty() && before.empty() && texts <= kMostTextsOfName;
      const double weight = std::log((texts_ + 1.0) / (texts + 1.0)) * (is_name ? kNameFactor : 1);
      add({word.text.substr(0, kMaxWordBytes), std::move(form), weight, texts > 0});
    }
  }
  std::vector<TellingWord> words;
  words.reserve(by_form.size());
  for (auto& [form, word] : by_form) words.push_back(std::move(word));
  // By a hash and not by the alphabet, of which one end would hold too many of the words that nobody knows.
  const auto rank = [](const TellingWord& word) {
    return std::tuple(-word.weight, std::hash<std::string>()(word.form), std::string_view(word.form));
  };
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(max_words, words.size()));
  std::partial_sort(words.begin(), end, words.end(),
                    [&](const TellingWord& a, const TellingWord& b) { return rank(a) < rank(b); });
  words.erase(end, words.end());
  return words;
}

std::vector<int64_t> Vocabulary::WordKeys(const std::vector<TellingWord>& words) const {
  std::vector<int64_t> keys;
  for (const TellingWord& word : words) {
    const std::string skeleton = SkeletonOf(word.form);
    std::array<unsigned char, crypto_shorthash_BYTES> hash;
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(skeleton.data()), skeleton.size(),
                     reinterpret_cast<const unsigned char*>(hash_key_.bytes().data()));
    int64_t key;
    static_assert(sizeof(key) == sizeof(hash));
    std::memcpy(&key, hash.data(), sizeof(key));
    keys.push_back(key);
  }
  return keys;
}

std::string RegencyOf(std::string_view region) { return std::string(region.substr(0, kRegencyBytes)); }

int64_t InScope(int64_t word_key, std::string_view regency) {
  uint64_t code = 0;
  for (const char c : regency) {
    if (IsDigit(c)) code = code * 10 + static_cast<uint64_t>(c - '0');
  }
  if (code == 0) return word_key;
  // Spreads few small numbers over all bits (the finalizer of SplitMix64), so that no two words' keys of two
  // regencies meet more often than by chance.
  code += 0x9E3779B97F4A7C15;
  code = (code ^ code >> 30) * 0xBF58476D1CE4E5B9;
  code = (code ^ code >> 27) * 0x94D049BB133111EB;
  code ^= code >> 31;
  return static_cast<int64_t>(static_cast<uint64_t>(word_key) ^ code);
}

Judgement Judge(const Matter& asked, const Matter& other) {
  Judgement judgement;
  CompareWords(asked, other, judgement);
  judgement.shared_region = SharedRegion(asked.region, other.region);
  judgement.same_category = !asked.category.empty() && asked.category == other.category;
  const double halves =
      absl::FDivDuration(absl::AbsDuration(asked.received_at - other.received_at), kHalfTime);
  judgement.score = kTextWeight * judgement.text_likeness +
                    kPlaceWeight * PlaceScore(asked, other, judgement.shared_region) +
                    kCategoryWeight * CategoryScore(asked, other) + kTimeWeight * std::exp2(-halves);
  if (IsElsewhere(asked.region, other.region)) judgement.score *= kElsewhere;
  judgement.why = Why(asked, other, judgement);
  if (judgement.shared_words.size() > kMaxSharedWords) judgement.shared_words.resize(kMaxSharedWords);
  return judgement;
}

}  // namespace lapor::intake
