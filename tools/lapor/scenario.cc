#include "tools/lapor/scenario.h"

#include <algorithm>
#include <iterator>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "tools/lapor/render.h"
#include "tools/lapor/sample_reports.h"

namespace lapor::client {
namespace {

// Places of all three zones; those named more often are larger.
constexpr const char* kPlaces[] = {"32.73", "32.73", "32.73", "32.04", "35.78", "35.78", "35.78", "31.71",
                                   "31.74", "31.74", "33.74", "34.71", "34.04", "12.71", "12.71", "16.71",
                                   "73.71", "73.71", "73.71", "51.71", "53.71", "52.03", "63.71", "64.71",
                                   "71.71", "81.71", "91.71", "91.71", "96.71"};

// Hours, in WIB, at which people file.
constexpr int kFilingHours[] = {8, 11, 19};

// For what no rule names anybody.
constexpr char kFallbackAgency[] = "id.kemenpanrb";
constexpr char kRootAgency[] = "id";

// Draws whose results are the same with every standard library.
class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}

  // 0 to below - 1.
  int Below(int below) { return static_cast<int>(random_() % static_cast<uint64_t>(below)); }
  int Between(int first, int last) { return first + Below(last - first + 1); }
  bool Percent(int percent) { return Below(100) < percent; }
  template <class Items>
  const auto& OneOf(const Items& items) {
    return items[static_cast<size_t>(Below(static_cast<int>(std::size(items))))];
  }

 private:
  std::mt19937_64& random_;
};

report::v1::Attachment Photo(Dice& dice) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string sha256;
  for (int i = 0; i < 64; ++i) sha256 += kHex[dice.Below(16)];
  report::v1::Attachment photo;
  photo.set_sha256(sha256);
  photo.set_size_bytes(dice.Between(40'000, 4'000'000));
  photo.set_media_type("image/jpeg");
  photo.set_uri("demo/" + sha256 + ".jpg");
  return photo;
}

// Some agencies neglect most of what they get; that they do is part of the seed, so that it shows in figures.
bool Neglects(const std::string& agency, uint64_t seed) {
  uint64_t hash = 1469598103934665603ULL + seed;
  for (const char c : agency) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return (hash >> 20) % 8 == 0;
}

class Author {
 public:
  Author(const ScenarioOptions& options, const policy::Policy& policy, const Competence& competence)
      : options_(options), policy_(policy), competence_(competence), random_(options.seed), dice_(random_) {}

  Story Write(int number) {
    Story story;
    const SampleReport& sample = dice_.OneOf(SampleReports());
    story.category = sample.category;
    story.region = dice_.OneOf(kPlaces);
    story.agency = competence_.Of(story.category, story.region);
    const policy::Region& place = *policy_.FindRegion(story.region);
    const std::string street = dice_.OneOf(SampleStreets());

    intake::v1::NewReport& report = story.report;
    report.set_report_class(sample.report_class);
    report.set_title(InPlace(sample.title, street, place.name));
    report.set_description(InPlace(sample.description, street, place.name));
    report.set_category(story.category);
    report.set_region(story.region);
    const bool complaint = sample.report_class == report::v1::REPORT_CLASS_COMPLAINT;
    report.set_supervision(complaint && dice_.Percent(15));
    report.set_confidential(dice_.Percent(8));
    if (complaint && dice_.Percent(55)) *report.add_attachments() = Photo(dice_);
    TellWho(number, story);
    ChooseDoor(place, story);
    Triage(story);
    Forward(place, story);
    FollowUp(sample, complaint, story);
    React(story);
    return story;
  }

 private:
  void TellWho(int number, Story& story) {
    story.report.set_anonymous(dice_.Percent(30));
    if (story.report.anonymous() && dice_.Percent(60)) return;
    intake::v1::Identity& identity = *story.report.mutable_identity();
    identity.set_name(fmt::format("Pelapor Contoh {}", number));
    if (dice_.Percent(40)) identity.set_phone(fmt::format("+6280000{:06}", number));
  }

  void ChooseDoor(const policy::Region& place, Story& story) {
    const int day = dice_.Below(options_.filing_days);
    const absl::CivilDay first = absl::ToCivilDay(options_.start, Wib().time_zone);
    const int hour = dice_.OneOf(kFilingHours);
    story.filed_at = absl::FromCivil(absl::CivilHour(first + day) + hour, Wib().time_zone);

    constexpr report::v1::Channel kDoors[] = {
        report::v1::CHANNEL_WEB,          report::v1::CHANNEL_WEB,
        report::v1::CHANNEL_MOBILE,       report::v1::CHANNEL_MOBILE,
        report::v1::CHANNEL_MOBILE,       report::v1::CHANNEL_SMS,
        report::v1::CHANNEL_SOCIAL_MEDIA, report::v1::CHANNEL_AGENCY_APPLICATION,
        report::v1::CHANNEL_COUNTER};
    const report::v1::Channel door = dice_.OneOf(kDoors);
    story.report.set_channel(door);
    if (door == report::v1::CHANNEL_WEB) return;
    story.brought_by = door == report::v1::CHANNEL_COUNTER ? "officer:id." + place.code : "channel";
    // A village without a signal: written some days before the channel could send it.
    if (door == report::v1::CHANNEL_MOBILE && dice_.Percent(20)) {
      *story.report.mutable_written_at() =
          decision::ToProto(story.filed_at - absl::Hours(24 * dice_.Between(1, 4)));
    }
  }

  void Triage(Story& story) {
    story.days_to_triage = dice_.Percent(4) ? 5 : dice_.Below(3);
    if (dice_.Percent(12)) {
      const bool place_missing = dice_.Percent(70);
      story.missing.emplace_back(place_missing ? "region" : "category");
      place_missing ? story.report.clear_region() : story.report.clear_category();
      if (dice_.Percent(65)) story.days_to_complete = dice_.Between(1, 6);
    }
    if (dice_.Percent(4)) {
      constexpr report::v1::ArchiveReason kReasons[] = {
          report::v1::ARCHIVE_REASON_BEFORE_COURT, report::v1::ARCHIVE_REASON_CRIMINAL_MATTER,
          report::v1::ARCHIVE_REASON_NOT_PUBLIC_SERVICE, report::v1::ARCHIVE_REASON_UNINTELLIGIBLE};
      story.archived_because = dice_.OneOf(kReasons);
    }
    if (dice_.Percent(4)) story.days_to_withdraw = dice_.Between(1, 8);
  }

  // Some go to wrong doors first: another unit of the same government, another level, another region.
  void Forward(const policy::Region& place, Story& story) {
    if (dice_.Percent(25)) story.government = competence_.GovernmentOf(story.agency);
    if (!dice_.Percent(20)) return;
    story.government.clear();
    const std::pair<std::string, event::v1::ReturnReason> doors[] = {
        {"id." + place.code + ".setda", event::v1::RETURN_REASON_OTHER_AGENCY},
        {"id." + place.parent + ".dpupr", event::v1::RETURN_REASON_OTHER_LEVEL},
        {place.code == "35.78" ? "id.33.74" : "id.35.78", event::v1::RETURN_REASON_OTHER_REGION},
        {"id.kemenpanrb", event::v1::RETURN_REASON_OTHER_LEVEL},
        {"id." + place.parent + ".setda", event::v1::RETURN_REASON_OTHER_LEVEL}};
    const int wrong = dice_.Percent(70) ? 1 : dice_.Between(2, 3);
    const int first = dice_.Below(static_cast<int>(std::size(doors)));
    for (int i = 0; i < wrong; ++i) {
      const auto& door = doors[static_cast<size_t>(first + i) % std::size(doors)];
      // A coordinator keeps what belongs to those below it, so it is no wrong door.
      const bool is_wrong = competence_.Find(door.first) != nullptr && door.first != story.agency &&
                            !competence_.IsBelow(story.agency, door.first);
      if (is_wrong) story.wrong_agencies.push_back(door);
    }
    story.asks_arbiter = dice_.Percent(25);
  }

  void FollowUp(const SampleReport& sample, bool complaint, Story& story) {
    story.neglected = dice_.Percent(Neglects(story.agency, options_.seed) ? 75 : 7);
    story.days_to_accept = dice_.Below(3);
    if (dice_.Percent(complaint ? 60 : 20)) story.days_to_interim = dice_.Between(1, 4);
    // A first answer within five days is the rule, so slow ones begin with an interim answer.
    story.days_to_answer = story.days_to_interim ? dice_.Between(4, 14) : dice_.Between(1, 5);
    if (story.report.supervision()) story.days_to_answer += dice_.Between(5, 25);
    const SampleInterim& interim = dice_.OneOf(SampleInterimAnswers());
    story.interim = interim.text;
    story.interim_reason = interim.reason;
    story.answer = sample.answer;
    story.closes_itself = !complaint && dice_.Percent(40);
  }

  void React(Story& story) {
    if (dice_.Percent(60)) story.days_to_react = dice_.Between(0, 6);
    if (dice_.Percent(18)) story.objection = dice_.OneOf(SampleObjections());
    if (dice_.Percent(25)) story.reply = dice_.OneOf(SampleReplies());
    story.rating = story.objection.empty() ? dice_.Between(3, 5) : dice_.Between(1, 2);
    story.asks_ombudsman = !story.objection.empty() && dice_.Percent(30);
    if (dice_.Percent(60)) story.days_to_consent = dice_.Between(1, 4);
    story.name_secret = dice_.Percent(30);
    story.before_court = dice_.Percent(8);
    story.maladministration = dice_.Percent(80);
  }

  const ScenarioOptions& options_;
  const policy::Policy& policy_;
  const Competence& competence_;
  std::mt19937_64 random_;
  Dice dice_;
};

}  // namespace

Competence::Competence(const policy::Competence& rules, const std::vector<policy::AgencyRow>& agencies)
    : rules_(rules) {
  for (const policy::AgencyRow& row : agencies) agencies_[row.id] = &row;
}

std::string Competence::Of(const std::string& category, const std::string& region) const {
  const policy::Answer answer = rules_.Ask({.categories = {{category}}, .regions = {{region}}},
                                           [this](std::string_view id) { return agencies_.contains(id); });
  const std::string& first = answer.candidates[0].agency_id;
  const bool named = first != kRootAgency && answer.place_needed == policy::PlaceNeeded::kNone;
  return named ? first : kFallbackAgency;
}

const policy::AgencyRow* Competence::Find(const std::string& agency_id) const {
  const auto found = agencies_.find(agency_id);
  return found == agencies_.end() ? nullptr : found->second;
}

bool Competence::IsBelow(const std::string& agency, const std::string& coordinator) const {
  for (const policy::AgencyRow* row = Find(agency); row != nullptr; row = Find(row->parent)) {
    if (row->parent == coordinator) return true;
  }
  return false;
}

std::string Competence::GovernmentOf(const std::string& agency_id) const {
  const policy::AgencyRow* agency = Find(agency_id);
  const bool unit =
      agency != nullptr && agency->kind == event::v1::AGENCY_KIND_UNIT && !agency->region.empty();
  return unit ? agency->parent : "";
}

std::vector<Story> Imagine(const ScenarioOptions& options, const policy::Policy& policy,
                           const Competence& competence) {
  Author author(options, policy, competence);
  std::vector<Story> stories;
  for (int number = 1; number <= options.reports; ++number) stories.push_back(author.Write(number));
  std::ranges::stable_sort(stories, {}, &Story::filed_at);
  return stories;
}

Story ImagineRest(std::mt19937_64& random, const std::string& agency) {
  Dice dice(random);
  Story story;
  story.agency = agency;
  story.days_to_accept = 0;
  story.days_to_answer = dice.Between(2, 10);
  story.neglected = dice.Percent(30);
  story.answer = "Laporan sudah ditindaklanjuti. Mohon maaf atas keterlambatannya.";
  story.maladministration = dice.Percent(80);
  return story;
}

}  // namespace lapor::client
