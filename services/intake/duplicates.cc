#include "services/intake/duplicates.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "libs/decision/proto_time.h"
#include "libs/report/tracking_id.h"
#include "services/intake/store.h"

namespace lapor::intake {
namespace {

// In their own regency and, for reports whose place isn't told there, in the nation.
std::vector<AskedKey> KeysToAsk(const Report& asked, const std::vector<TellingWord>& words,
                                const Vocabulary& vocabulary) {
  const std::vector<int64_t> word_keys = vocabulary.WordKeys(words);
  const std::string regency = RegencyOf(asked.region);
  std::vector<AskedKey> keys;
  for (size_t i = 0; i < word_keys.size(); ++i) {
    const int number = static_cast<int>(i);
    keys.push_back({InScope(word_keys[i], ""), number, words[i].weight});
    if (!regency.empty()) keys.push_back({InScope(word_keys[i], regency), number, words[i].weight});
  }
  return keys;
}

Matter MatterOf(const Report& report, std::vector<TellingWord> words) {
  return {.region = report.region,
          .category = report.category,
          .received_at = report.received_at,
          .words = std::move(words)};
}

v1::DuplicateCandidate Describe(const Report& report, Judgement judgement, absl::Time asked_at) {
  v1::DuplicateCandidate candidate;
  candidate.set_tracking_id(report::ShowTrackingId(report.id));
  candidate.set_score(judgement.score);
  candidate.set_why(std::move(judgement.why));
  candidate.set_text_likeness(judgement.text_likeness);
  for (std::string& word : judgement.shared_words) candidate.add_shared_words(std::move(word));
  candidate.set_shared_region(std::move(judgement.shared_region));
  candidate.set_same_category(judgement.same_category);
  candidate.set_seconds_apart(absl::ToInt64Seconds(absl::AbsDuration(report.received_at - asked_at)));
  candidate.set_status(report.status);
  *candidate.mutable_received_at() = decision::ToProto(report.received_at);
  return candidate;
}

bool IsCandidate(const Report& report, const Report& asked) {
  return report.id != asked.id && report.id != asked.lead_report_id &&
         report.status != report::v1::REPORT_STATUS_WITHDRAWN &&
         report.status != report::v1::REPORT_STATUS_ARCHIVED;
}

}  // namespace

std::vector<v1::DuplicateCandidate> FindDuplicates(pg::Tx& tx, const Report& asked,
                                                   const Vocabulary& vocabulary, absl::Time now,
                                                   size_t max_candidates) {
  const auto words_of = [&](const std::unordered_map<std::string, Told>& told, const std::string& id) {
    const auto found = told.find(id);
    if (found == told.end()) return std::vector<TellingWord>();
    return vocabulary.TellingWords(found->second.title, found->second.description, kComparedWords);
  };
  const Matter matter = MatterOf(asked, words_of(ReadWords(tx, {asked.id}, kMaxLikenessBytes), asked.id));

  const absl::Time since = now - kDuplicatesWithin;
  std::vector<TellingWord> rarest = matter.words;
  rarest.resize(std::min(rarest.size(), kAskedWords));
  std::set<std::string> ids;
  for (std::string& id : FindAlike(tx, asked.id, KeysToAsk(asked, rarest, vocabulary), since, now))
    ids.insert(std::move(id));
  for (std::string& id : FindNear(tx, asked.region, asked.category, since)) ids.insert(std::move(id));

  std::map<std::string, Report> reports;
  const auto find_all = [&](const std::set<std::string>& wanted) {
    std::set<std::string> leads;
    for (Report& report : FindMany(tx, {wanted.begin(), wanted.end()})) {
      if (!report.lead_report_id.empty()) leads.insert(report.lead_report_id);
      std::string id = report.id;
      reports.insert_or_assign(std::move(id), std::move(report));
    }
    return leads;
  };
  // A merged report's lead may tell the same in other words, or be of long ago.
  ids.merge(find_all(ids));
  find_all(ids);

  const auto told = ReadWords(tx, {ids.begin(), ids.end()}, kMaxLikenessBytes);
  std::map<std::string, Judgement> best;  // by the report that stands for it
  for (const auto& [id, report] : reports) {
    const auto lead = reports.find(report.lead_report_id);
    const Report& stands = lead == reports.end() ? report : lead->second;
    // One that follows somebody who isn't told here stands for nobody.
    if (!stands.lead_report_id.empty() || !IsCandidate(report, asked) || !IsCandidate(stands, asked))
      continue;
    Judgement judgement = Judge(matter, MatterOf(stands, words_of(told, id)));
    if (judgement.score < kLeastScore) continue;
    Judgement& kept = best[stands.id];
    if (kept.score < judgement.score) kept = std::move(judgement);
  }

  std::vector<v1::DuplicateCandidate> candidates;
  for (auto& [id, judgement] : best)
    candidates.push_back(Describe(reports.at(id), std::move(judgement), asked.received_at));
  // Of equal ones the nearest in time first.
  std::ranges::stable_sort(candidates, [](const auto& a, const auto& b) {
    return std::pair(-a.score(), a.seconds_apart()) < std::pair(-b.score(), b.seconds_apart());
  });
  if (candidates.size() > max_candidates) candidates.resize(max_candidates);
  return candidates;
}

}  // namespace lapor::intake
