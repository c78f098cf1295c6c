// What holds of every clock, over random clocks of all years that have a calendar.
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "libs/policy/data_dir_for_test.h"
#include "libs/policy/policy.h"

namespace lapor::policy {
namespace {

constexpr int kTrials = 3000;
constexpr absl::Duration kDay = absl::Hours(24);

std::filesystem::path Deploy() { return std::filesystem::path(getenv("LAPOR_SOURCE_DIR")) / "deploy"; }

std::shared_ptr<const Policy> Load(const std::filesystem::path& policy_dir) {
  auto loaded = Policy::Load(policy_dir, Deploy() / "reference");
  INFO(loaded.status().message());
  REQUIRE(loaded.ok());
  return *loaded;
}

class RandomClocks {
 public:
  explicit RandomClocks(std::uint64_t seed) : random_(seed) {}

  std::int64_t Below(std::int64_t end) { return static_cast<std::int64_t>(random_() % end); }
  absl::Duration Below(absl::Duration end) { return absl::Seconds(Below(absl::ToInt64Seconds(end))); }

  // Early enough in 2026 for the longest term with all pauses.
  absl::Time Start() {
    const absl::Time begin = absl::FromCivil(absl::CivilDay(2019, 1, 1), absl::UTCTimeZone());
    const absl::Time end = absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());
    return begin + Below(end - begin);
  }

  ReportClock Clock() {
    constexpr const char* kAgencies[] = {"", "id.32.73", "id.51", "id.51.71.dinkes"};
    return {.policy_version = "2024.1",
            .clock = static_cast<report::v1::Clock>(1 + Below(report::v1::Clock_MAX)),
            .report_class = static_cast<report::v1::ReportClass>(1 + Below(3)),
            .supervision = Below(2) == 0,
            .start = Start(),
            .time_zone = static_cast<report::v1::TimeZone>(1 + Below(3)),
            .agency_id = kAgencies[Below(std::size(kAgencies))]};
  }

  // Up to four, which may overlap.
  std::vector<Pause> Pauses(absl::Time after) {
    std::vector<Pause> pauses(Below(5));
    for (Pause& pause : pauses) {
      pause.from = after + Below(40 * kDay);
      pause.to = pause.from + Below(8 * kDay);
    }
    return pauses;
  }

  std::mt19937_64& engine() { return random_; }

 private:
  std::mt19937_64 random_;
};

absl::TimeZone Zone(const ReportClock& clock) { return absl::FixedTimeZone(3600 * (6 + clock.time_zone)); }

TEST_CASE("a clock ends after its start, in days with a midnight, and no earlier for a later start") {
  const auto policy = Load(Deploy() / "policy");
  RandomClocks random(1);
  for (int i = 0; i < kTrials; ++i) {
    ReportClock clock = random.Clock();
    const std::vector<Pause> pauses = random.Pauses(clock.start);
    clock.pauses = pauses;
    const absl::Time due = *policy->DueAt(clock);
    REQUIRE(due > clock.start);
    if (policy->Explain(clock)->term().unit() != v1::DAY_UNIT_HOURS) {
      const absl::TimeZone zone = Zone(clock);
      REQUIRE(absl::ToCivilSecond(due, zone) == absl::CivilSecond(absl::ToCivilDay(due, zone)));
    }
    ReportClock later = clock;
    later.start += random.Below(30 * kDay);
    REQUIRE(*policy->DueAt(later) >= due);
  }
}

TEST_CASE("an explanation adds up: each day counts or was skipped for what it was") {
  const auto policy = Load(Deploy() / "policy");
  RandomClocks random(2);
  std::map<v1::SkipReason, int> reasons;
  for (int i = 0; i < kTrials; ++i) {
    ReportClock clock = random.Clock();
    const std::vector<Pause> pauses = random.Pauses(clock.start);
    clock.pauses = pauses;
    const v1::Explanation explanation = *policy->Explain(clock);
    REQUIRE(explanation.due_at().seconds() == absl::ToUnixSeconds(*policy->DueAt(clock)));
    absl::CivilDay last;
    REQUIRE(ParseIsoDate(explanation.last_day(), last));
    const v1::Term& term = explanation.term();
    if (term.unit() == v1::DAY_UNIT_HOURS) {
      REQUIRE(absl::FromUnixSeconds(explanation.due_at().seconds()) ==
              clock.start + absl::Hours(term.amount()));
      REQUIRE(explanation.skipped().empty());
      continue;
    }
    const absl::CivilDay first = absl::ToCivilDay(clock.start, Zone(clock));
    REQUIRE(last - first == term.amount() + explanation.skipped_size());
    auto skipped = explanation.skipped().begin();
    for (absl::CivilDay day = first + 1; day <= last; ++day) {
      const absl::Weekday weekday = absl::GetWeekday(day);
      const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
      const bool was_skipped =
          skipped != explanation.skipped().end() && skipped->date() == ToIsoDate(ToEpochDay(day));
      if (!was_skipped) {
        REQUIRE((!weekend || term.unit() == v1::DAY_UNIT_CALENDAR_DAYS));
        continue;
      }
      ++reasons[skipped->reason()];
      const bool unnamed =
          skipped->reason() == v1::SKIP_REASON_WEEKEND || skipped->reason() == v1::SKIP_REASON_PAUSED;
      REQUIRE(skipped->name().empty() == unnamed);
      if (term.unit() == v1::DAY_UNIT_CALENDAR_DAYS) REQUIRE(skipped->reason() == v1::SKIP_REASON_PAUSED);
      ++skipped;
    }
    REQUIRE(skipped == explanation.skipped().end());
    const bool closed = std::ranges::any_of(explanation.skipped(), [](const v1::SkippedDay& day) {
      return day.reason() == v1::SKIP_REASON_CLOSURE;
    });
    REQUIRE(explanation.closures_version().empty() == !closed);
  }
  // The clocks met everything that days can be skipped for.
  CHECK(reasons.size() == 5);
}

TEST_CASE("reminders come after the start, each after the ones before it, and none after the end") {
  const auto policy = Load(Deploy() / "policy");
  RandomClocks random(3);
  for (int i = 0; i < kTrials; ++i) {
    ReportClock clock = random.Clock();
    const std::vector<Pause> pauses = random.Pauses(clock.start);
    clock.pauses = pauses;
    const int percent = 1 + static_cast<int>(random.Below(98));
    const std::optional<absl::Time> first = *policy->ReminderAt(clock, percent);
    const std::optional<absl::Time> second = *policy->ReminderAt(clock, percent + 1);
    if (!first) continue;
    REQUIRE(second);
    REQUIRE(*first > clock.start);
    REQUIRE(*first <= *second);
    REQUIRE(*second <= *policy->DueAt(clock));
  }
}

TEST_CASE("supervisors are told after the end, the higher ones later") {
  const auto policy = Load(Deploy() / "policy");
  const int steps = policy->FindVersion("2024.1")->supervisor_step_size();
  RandomClocks random(4);
  for (int i = 0; i < kTrials; ++i) {
    const ReportClock clock = random.Clock();
    absl::Time previous = *policy->DueAt(clock);
    const absl::Time due = previous;
    for (int level = 1; level <= steps; ++level) {
      const absl::Time told = *policy->SupervisorAt(clock, due, level);
      REQUIRE(told > previous);
      previous = told;
    }
    REQUIRE(*policy->SupervisorAt(clock, due, steps + 1) == previous);
  }
}

TEST_CASE("pauses in any order, whole or in parts, give the same end; one more gives no earlier one") {
  const auto policy = Load(Deploy() / "policy");
  RandomClocks random(5);
  for (int i = 0; i < kTrials; ++i) {
    ReportClock clock = random.Clock();
    std::vector<Pause> pauses = random.Pauses(clock.start);
    clock.pauses = pauses;
    const absl::Time due = *policy->DueAt(clock);

    std::vector<Pause> parts;
    for (const Pause& pause : pauses) {
      const absl::Time split = pause.from + random.Below(pause.to - pause.from + absl::Seconds(1));
      parts.push_back({pause.from, split});
      parts.push_back({split, pause.to});
    }
    std::ranges::shuffle(parts, random.engine());
    clock.pauses = parts;
    REQUIRE(*policy->DueAt(clock) == due);

    for (const Pause& more : random.Pauses(clock.start)) pauses.push_back(more);
    clock.pauses = pauses;
    REQUIRE(*policy->DueAt(clock) >= due);
  }
}

TEST_CASE("a holiday or a closure more never makes anything due earlier, and some things later") {
  const auto policy = Load(Deploy() / "policy");
  RandomClocks random(6);
  DataDir dir;
  std::filesystem::copy(Deploy() / "policy", dir.path());
  std::string closures = "version: \"more\"\n";
  for (const int year : policy->calendar().years()) {
    const std::string name = "calendar-" + std::to_string(year) + ".textproto";
    std::set<std::string> added;
    for (int i = 0; i < 6; ++i) {
      const EpochDay day = ToEpochDay(absl::CivilDay(year, 1, 1)) + random.Below(365);
      const std::string date = ToIsoDate(day);
      if (policy->calendar().HolidayOn(day) == nullptr && added.insert(date).second) {
        std::ofstream(dir.path() / name, std::ios::app)
            << "day { date: \"" << date
            << "\" kind: HOLIDAY_KIND_NATIONAL name: \"Libur\" decree: \"skb\" }\n";
      }
      const EpochDay closed = ToEpochDay(absl::CivilDay(year, 1 + 2 * i, 1)) + random.Below(50);
      closures += "closure { agency_id: \"id.32\" first_date: \"" + ToIsoDate(closed) + "\" last_date: \"" +
                  ToIsoDate(closed + 2) +
                  "\" name: \"Libur\" citation { instrument: \"x\" confidence: CONFIDENCE_UNVERIFIED } }\n";
    }
  }
  std::ifstream shipped(Deploy() / "policy" / "closures.textproto");
  const std::string text(std::istreambuf_iterator<char>(shipped), {});
  dir.Write("closures.textproto", closures + text.substr(text.find("\nclosure {")));
  const auto with_more = Load(dir.path());
  CHECK(with_more->calendar_digest() != policy->calendar_digest());

  int later = 0;
  for (int i = 0; i < kTrials; ++i) {
    ReportClock clock = random.Clock();
    const std::vector<Pause> pauses = random.Pauses(clock.start);
    clock.pauses = pauses;
    const absl::Time due = *policy->DueAt(clock);
    REQUIRE(*with_more->DueAt(clock) >= due);
    later += *with_more->DueAt(clock) > due;
    const auto reminder = *policy->ReminderAt(clock, 50);
    if (reminder) REQUIRE(**with_more->ReminderAt(clock, 50) >= *reminder);
    REQUIRE(*with_more->SupervisorAt(clock, due, 1) >= *policy->SupervisorAt(clock, due, 1));
  }
  CHECK(later > kTrials / 20);
}

}  // namespace
}  // namespace lapor::policy
