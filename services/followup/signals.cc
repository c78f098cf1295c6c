#include "services/followup/signals.h"

#include <algorithm>
#include <string>

#include "libs/reading/words.h"

namespace lapor::followup {
namespace {

// Between two words, before the first and after the last, so that words are found whole.
constexpr char kBetween = ' ';

// The words, folded, as " silakan hubungi kami ".
std::string Folded(std::string_view text) {
  std::string folded(1, kBetween);
  // What the library doesn't read at once is read in parts; a word that is cut in two is so in every copy.
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), reading::kMaxTextBytes))) {
    for (const reading::Word& word : reading::Words(text, {})) {
      folded += word.text;
      folded += kBetween;
    }
  }
  return folded;
}

}  // namespace

bool PointsElsewhere(std::string_view text, const policy::v1::AnswerSignals& signals) {
  const std::string words = Folded(text);
  return std::ranges::any_of(signals.other_door_phrase(), [&](const std::string& phrase) {
    return words.find(Folded(phrase)) != std::string::npos;
  });
}

int64_t WordsHash(std::string_view text, std::string_view report_id) {
  std::string words = Folded(text);
  const std::string left_out = Folded(report_id);
  for (size_t at = 0; left_out.size() > 1 && (at = words.find(left_out, at)) != std::string::npos;) {
    words.erase(at, left_out.size() - 1);
  }
  // FNV-1a. Who wants two texts to be alike can copy one.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : words) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return static_cast<int64_t>(hash);
}

}  // namespace lapor::followup
