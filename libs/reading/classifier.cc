#include "libs/reading/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string_view>

namespace lapor::reading {
namespace {

// Chosen by what they gave on the reports to calibrate with, never by those of the test; docs/reading.md.
constexpr int kEpochs = 12;
constexpr float kFirstRate = 4;
constexpr int kShortestPart = 3;
constexpr int kLongestPart = 4;
constexpr float kWordWeight = 1;
constexpr float kPairWeight = 0.5F;
constexpr float kPartWeight = 0.5F;
// How much of what is learnt for a subtopic its topic's other subtopics learn too.
constexpr float kShared = 0.5F;
// A feature of fewer confirmed reports may be somebody's name.
constexpr std::uint32_t kMinConfirmedReports = 2;

constexpr std::string_view kMagic = "lapor-reading-1\n";

std::uint64_t Hash(char kind, std::string_view first, std::string_view second = {}) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  const auto add = [&](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  };
  add({&kind, 1});
  add(first);
  if (!second.empty()) {
    add(" ");
    add(second);
  }
  return hash;
}

bool IsNumber(std::string_view word) { return word.find_first_not_of("0123456789") == word.npos; }

// A feature of a text before it is weighed, and the words that it comes from.
struct Raw {
  std::uint64_t hash;
  float weight;
  std::uint32_t first_word;
  std::uint32_t last_word;
};

std::vector<Raw> RawFeatures(std::span<const Word> words) {
  std::vector<Raw> raw;
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t before = kNone;
  std::string padded;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& text = words[i].text;
    // A number is a house, a price or a time: it says nothing about the topic.
    if (IsNumber(text)) {
      before = kNone;
      continue;
    }
    const auto at = static_cast<std::uint32_t>(i);
    raw.push_back({Hash('w', text), kWordWeight, at, at});
    if (before != kNone && !words[i].begins_phrase) {
      raw.push_back(
          {Hash('p', words[before].text, text), kPairWeight, static_cast<std::uint32_t>(before), at});
    }
    before = i;
    // Parts stand for what affixes and typing mistakes leave of a word: "perbaikan", "perbaikn".
    padded.assign(1, '_').append(text).append(1, '_');
    for (int length = kShortestPart; length <= kLongestPart; ++length) {
      const auto size = static_cast<std::size_t>(length);
      if (padded.size() <= size) break;
      for (std::size_t from = 0; from + size <= padded.size(); ++from) {
        raw.push_back({Hash('c', std::string_view(padded).substr(from, size)), kPartWeight, at, at});
      }
    }
  }
  return raw;
}

std::string Topmost(const std::string& category) { return category.substr(0, category.find('.')); }

std::vector<double> Softmax(std::vector<double> scores, double temperature) {
  const double highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp((score - highest) / temperature);
  for (double& score : scores) score /= sum;
  return scores;
}

// The temperature under which the truth is likeliest; golden-section search, as the loss has one minimum.
double FitTemperature(const std::vector<std::vector<double>>& scores, const std::vector<std::size_t>& truth) {
  const auto loss = [&](double log_temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      sum -= std::log(std::max(Softmax(scores[i], std::exp(log_temperature))[truth[i]], 1e-12));
    }
    return sum;
  };
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.05), high = std::log(20.0);
  for (int step = 0; step < 40; ++step) {
    const double a = high - ratio * (high - low), b = low + ratio * (high - low);
    if (loss(a) < loss(b)) {
      high = b;
    } else {
      low = a;
    }
  }
  return std::exp((low + high) / 2);
}

}  // namespace

// Known features as rows of the weights, of length 1 together with the unknown ones.
struct Classifier::Features {
  struct Known {
    std::uint32_t row;
    float value;
  };
  std::vector<Known> known;
  // Which of `known` come from which words.
  struct Origin {
    std::uint32_t known;
    float share;
    std::uint32_t first_word;
    std::uint32_t last_word;
  };
  std::vector<Origin> origins;
};

Classifier::Features Classifier::Extract(std::span<const Word> words) const {
  std::vector<Raw> raw = RawFeatures(words);
  std::stable_sort(raw.begin(), raw.end(), [](const Raw& a, const Raw& b) { return a.hash < b.hash; });
  Features features;
  double squares = 0;
  for (std::size_t i = 0; i < raw.size();) {
    std::size_t end = i;
    while (end < raw.size() && raw[end].hash == raw[i].hash) ++end;
    // Said twice is not meant twice.
    const float times = static_cast<float>(end - i);
    const float count = 1 + std::log(times);
    const auto found = rows_.find(raw[i].hash);
    const float rarity = found == rows_.end() ? unknown_rarity_ : rarity_[found->second];
    const float value = raw[i].weight * count * rarity;
    squares += static_cast<double>(value) * value;
    if (found != rows_.end()) {
      const auto known = static_cast<std::uint32_t>(features.known.size());
      features.known.push_back({found->second, value});
      for (std::size_t at = i; at < end; ++at) {
        features.origins.push_back({known, 1 / times, raw[at].first_word, raw[at].last_word});
      }
    }
    i = end;
  }
  const auto length = static_cast<float>(std::sqrt(squares));
  for (Features::Known& known : features.known) known.value /= length;
  return features;
}

std::vector<double> Classifier::Scores(const Features& features) const {
  const std::size_t classes = categories_.size();
  std::vector<double> scores(bias_.begin(), bias_.end());
  for (const Features::Known& known : features.known) {
    const float* weights = &weights_[known.row * classes];
    for (std::size_t c = 0; c < classes; ++c) scores[c] += static_cast<double>(known.value) * weights[c];
  }
  return scores;
}

std::size_t Classifier::IndexOf(const std::string& category) const {
  return static_cast<std::size_t>(std::lower_bound(categories_.begin(), categories_.end(), category) -
                                  categories_.begin());
}

void Classifier::Fit(std::span<const Sample> samples) {
  const std::size_t classes = categories_.size();
  // Features in how many reports; ordered, so that rows don't depend on a hash table's order.
  std::map<std::uint64_t, std::uint32_t> reports;
  // What the corpus holds may be kept, however rare.
  std::set<std::uint64_t> written;
  for (const Sample& sample : samples) {
    std::set<std::uint64_t> distinct;
    for (const Raw& raw : RawFeatures(sample.words)) distinct.insert(raw.hash);
    for (const std::uint64_t hash : distinct) {
      ++reports[hash];
      if (sample.kind != Sample::Kind::kConfirmed) written.insert(hash);
    }
  }
  rows_.clear();
  rarity_.clear();
  const auto rarity = [&](std::uint32_t seen) {
    return static_cast<float>(std::log((1.0 + static_cast<double>(samples.size())) / (1.0 + seen)) + 1);
  };
  for (const auto& [hash, seen] : reports) {
    if (seen < kMinConfirmedReports && !written.contains(hash)) continue;
    rows_.emplace(hash, static_cast<std::uint32_t>(rarity_.size()));
    rarity_.push_back(rarity(seen));
  }
  unknown_rarity_ = rarity(0);
  weights_.assign(rarity_.size() * classes, 0);
  bias_.assign(classes, 0);

  // Which categories share a topmost one: what is learnt of "road" helps all of them.
  std::vector<std::size_t> family(classes);
  std::map<std::string, std::size_t> families;
  for (std::size_t c = 0; c < classes; ++c) {
    family[c] = families.try_emplace(Topmost(categories_[c]), families.size()).first->second;
  }

  std::vector<Features> features;
  std::vector<std::size_t> truth;
  for (const Sample& sample : samples) {
    features.push_back(Extract(sample.words));
    truth.push_back(IndexOf(sample.category));
  }
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(1);  // fixed, so that training is the same each time
  std::vector<float> step(classes);
  std::vector<float> of_family(families.size());
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    // Not std::shuffle, whose result the standard leaves open.
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    const float rate = kFirstRate * (1 - static_cast<float>(epoch) / static_cast<float>(kEpochs));
    for (const std::size_t i : order) {
      const std::vector<double> likely = Softmax(Scores(features[i]), 1);
      std::fill(of_family.begin(), of_family.end(), 0.0F);
      for (std::size_t c = 0; c < classes; ++c) {
        step[c] = rate * ((c == truth[i] ? 1.0F : 0.0F) - static_cast<float>(likely[c]));
        of_family[family[c]] += step[c];
      }
      for (std::size_t c = 0; c < classes; ++c) step[c] += kShared * of_family[family[c]];
      for (const Features::Known& known : features[i].known) {
        float* weights = &weights_[known.row * classes];
        for (std::size_t c = 0; c < classes; ++c) weights[c] += step[c] * known.value;
      }
    }
  }
}

absl::StatusOr<Classifier> Classifier::Train(std::span<const Sample> samples,
                                             std::span<const Sample> calibration) {
  std::set<std::string> categories;
  for (const Sample& sample : samples) categories.insert(sample.category);
  if (categories.size() < 2)
    return absl::InvalidArgumentError("there must be reports of two categories or more");
  if (calibration.empty()) return absl::InvalidArgumentError("there must be reports to calibrate with");
  for (const Sample& sample : calibration) {
    if (!categories.contains(sample.category)) {
      return absl::InvalidArgumentError(
          fmt::format("category {} is only among the reports to calibrate with", sample.category));
    }
  }
  Classifier classifier;
  classifier.categories_.assign(categories.begin(), categories.end());
  classifier.Fit(samples);
  std::vector<std::vector<double>> scores;
  std::vector<std::size_t> truth;
  for (const Sample& sample : calibration) {
    scores.push_back(classifier.Scores(classifier.Extract(sample.words)));
    truth.push_back(classifier.IndexOf(sample.category));
  }
  classifier.temperature_ = FitTemperature(scores, truth);
  return classifier;
}

Proposal Classifier::Propose(std::span<const Word> words, std::size_t max_topics) const {
  const Features features = Extract(words);
  Proposal proposal;
  if (features.known.empty()) return proposal;
  const std::vector<double> likely = Softmax(Scores(features), temperature_);
  for (std::size_t c = 0; c < likely.size(); ++c) proposal.topics.push_back({categories_[c], likely[c]});
  // Stable, so that equals stand in the order of their codes.
  std::stable_sort(proposal.topics.begin(), proposal.topics.end(),
                   [](const Topic& a, const Topic& b) { return a.confidence > b.confidence; });
  const std::size_t classes = categories_.size();
  const std::size_t first = IndexOf(proposal.topics[0].category);
  std::vector<double> voices(words.size(), 0);
  for (const Features::Origin& origin : features.origins) {
    const Features::Known& known = features.known[origin.known];
    const float* weights = &weights_[known.row * classes];
    const float average = std::accumulate(weights, weights + classes, 0.0F) / static_cast<float>(classes);
    const double part = static_cast<double>(known.value) * (weights[first] - average) * origin.share;
    const bool pair = origin.first_word != origin.last_word;
    voices[origin.first_word] += pair ? part / 2 : part;
    if (pair) voices[origin.last_word] += part / 2;
  }
  for (std::size_t i = 0; i < voices.size(); ++i) {
    if (voices[i] > 0) proposal.voices.push_back({i, voices[i]});
  }
  std::stable_sort(proposal.voices.begin(), proposal.voices.end(),
                   [](const Voice& a, const Voice& b) { return a.weight > b.weight; });
  if (proposal.topics.size() > max_topics) proposal.topics.resize(max_topics);
  return proposal;
}

namespace {

// A model file: the magic, then numbers and texts in the byte order of the machine, which is little-endian on
// all that Debian builds this for; a model is made where it is used, or on one like it.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& file) : out_(file, std::ios::binary | std::ios::trunc) {}

  template <typename T>
  void Put(const T& number) {
    out_.write(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void Put(const std::string& text) {
    Put(static_cast<std::uint32_t>(text.size()));
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  template <typename T>
  void Put(const std::vector<T>& numbers) {
    Put(static_cast<std::uint32_t>(numbers.size()));
    out_.write(reinterpret_cast<const char*>(numbers.data()),
               static_cast<std::streamsize>(numbers.size() * sizeof(T)));
  }
  bool Close() {
    out_.close();
    return !out_.fail();
  }

 private:
  std::ofstream out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T Number() {
    T number{};
    if (Need(sizeof number)) {
      std::memcpy(&number, rest_.data(), sizeof number);
      rest_.remove_prefix(sizeof number);
    }
    return number;
  }
  std::string Text() {
    const auto size = Number<std::uint32_t>();
    std::string text;
    if (Need(size)) {
      text = rest_.substr(0, size);
      rest_.remove_prefix(size);
    }
    return text;
  }
  template <typename T>
  std::vector<T> Numbers() {
    const std::size_t count = Number<std::uint32_t>();
    std::vector<T> numbers;
    if (Need(count * sizeof(T))) {
      numbers.resize(count);
      if (count > 0) std::memcpy(numbers.data(), rest_.data(), count * sizeof(T));
      rest_.remove_prefix(count * sizeof(T));
    }
    return numbers;
  }
  // Everything was there, and nothing more.
  bool complete() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  bool Need(std::size_t bytes) {
    ok_ = ok_ && rest_.size() >= bytes;
    return ok_;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

absl::Status Classifier::Save(const std::filesystem::path& file) const {
  Writer out(file);
  for (const char c : kMagic) out.Put(c);
  out.Put(static_cast<std::uint32_t>(categories_.size()));
  for (const std::string& category : categories_) out.Put(category);
  // In the order of the rows.
  std::vector<std::uint64_t> hashes(rows_.size());
  for (const auto& [hash, row] : rows_) hashes[row] = hash;
  out.Put(hashes);
  out.Put(rarity_);
  out.Put(unknown_rarity_);
  out.Put(weights_);
  out.Put(bias_);
  out.Put(temperature_);
  if (!out.Close()) return absl::InvalidArgumentError(fmt::format("{}: cannot be written", file.string()));
  return absl::OkStatus();
}

absl::StatusOr<Classifier> Classifier::Load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    return absl::InvalidArgumentError(fmt::format("{}: cannot be read", file.string()));
  }
  const auto broken = [&] {
    return absl::InvalidArgumentError(
        fmt::format("{}: is no model of this version; make it with lapor train", file.string()));
  };
  if (!std::string_view(bytes).starts_with(kMagic)) return broken();
  Reader from(std::string_view(bytes).substr(kMagic.size()));
  Classifier classifier;
  const auto classes = from.Number<std::uint32_t>();
  for (std::uint32_t c = 0; c < classes && from.ok(); ++c) classifier.categories_.push_back(from.Text());
  const auto hashes = from.Numbers<std::uint64_t>();
  for (std::uint32_t row = 0; row < hashes.size(); ++row) classifier.rows_.emplace(hashes[row], row);
  classifier.rarity_ = from.Numbers<float>();
  classifier.unknown_rarity_ = from.Number<float>();
  classifier.weights_ = from.Numbers<float>();
  classifier.bias_ = from.Numbers<float>();
  classifier.temperature_ = from.Number<double>();
  const std::size_t rows = classifier.rows_.size();
  if (!from.complete() || classes < 2 || classifier.rarity_.size() != rows || hashes.size() != rows ||
      classifier.weights_.size() != rows * classes || classifier.bias_.size() != classes ||
      !(classifier.temperature_ > 0) ||
      !std::is_sorted(classifier.categories_.begin(), classifier.categories_.end())) {
    return broken();
  }
  return classifier;
}

}  // namespace lapor::reading
