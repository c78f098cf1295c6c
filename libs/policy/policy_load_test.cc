#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"
#include "libs/policy/policy.h"

namespace lapor::policy {
namespace {

// Policy and reference data in one directory, valid until a test overwrites a file.
class PolicyDir : public DataDir {
 public:
  PolicyDir() {
    Write("deadlines.textproto", kDeadlines);
    Write("calendar-2026.textproto", kCalendar2026);
    Write("regions.csv", kRegions);
    Write("categories.csv", kCategories);
  }
  std::string Errors() const {
    return Replace(std::string(Policy::Load(path(), path()).status().message()), path().string() + "/", "");
  }
};

// What is said of kDeadlines with `from` replaced.
std::string Errors(std::string_view from, std::string_view to) {
  PolicyDir dir;
  dir.Write("deadlines.textproto", Replace(kDeadlines, from, to));
  return dir.Errors();
}

TEST_CASE("a version holds from the start of its day in Jakarta until a later one") {
  PolicyDir dir;
  dir.Write("deadlines-2.textproto",
            Replace(Replace(kDeadlines, "version: \"1\"", "version: \"2\""), "2026-01-01", "2026-07-01"));
  const auto policy = Policy::Load(dir.path(), dir.path());
  REQUIRE(dir.Errors().empty());
  const absl::Time jakarta_july = absl::FromCivil(absl::CivilHour(2026, 6, 30, 17), absl::UTCTimeZone());
  CHECK(*(*policy)->VersionAt(jakarta_july - absl::Nanoseconds(1)) == "1");
  CHECK(*(*policy)->VersionAt(jakarta_july) == "2");
  CHECK(*(*policy)->VersionAt(jakarta_july + absl::Hours(24 * 4000)) == "2");

  const absl::Time jakarta_2026 = absl::FromCivil(absl::CivilHour(2025, 12, 31, 17), absl::UTCTimeZone());
  CHECK((*policy)->VersionAt(jakarta_2026).ok());
  const auto before = (*policy)->VersionAt(jakarta_2026 - absl::Seconds(1));
  CHECK(absl::IsFailedPrecondition(before.status()));
  CHECK(before.status().message() ==
        "no policy version is in force on 2025-12-31; the first, 1, takes effect on 2026-01-01");

  CHECK((*policy)->FindVersion("1")->limits().max_bounces().value() == 3);
  CHECK((*policy)->FindVersion("2")->effective_from() == "2026-07-01");
  CHECK((*policy)->FindVersion("3") == nullptr);
}

TEST_CASE("a report keeps the terms of its version") {
  PolicyDir dir;
  dir.Write("deadlines-2.textproto", Replace(Replace(Replace(kDeadlines, "version: \"1\"", "version: \"2\""),
                                                     "2026-01-01", "2026-07-01"),
                                             "amount: 3", "amount: 2"));
  const auto policy = *Policy::Load(dir.path(), dir.path());
  ReportClock clock{.policy_version = "1",
                    .clock = report::v1::CLOCK_VERIFICATION,
                    .report_class = report::v1::REPORT_CLASS_COMPLAINT,
                    .start = absl::FromCivil(absl::CivilDay(2026, 7, 6), absl::UTCTimeZone()),
                    .time_zone = report::v1::TIME_ZONE_WIB};
  const absl::Time first = *policy->DueAt(clock);
  clock.policy_version = "2";
  CHECK(first - *policy->DueAt(clock) == absl::Hours(24));
  clock.policy_version = "3";
  CHECK(absl::IsNotFound(policy->DueAt(clock).status()));
  CHECK(policy->DueAt(clock).status().message() ==
        "policy version '3' is not loaded; keep the file of every version that reports carry");
}

TEST_CASE("a version with a mistake is refused with file, line and reason") {
  CHECK(PolicyDir().Errors().empty());
  CHECK(Errors("version: \"1\"", "version: \"One\"") ==
        "deadlines.textproto:1: version is 'One'; it must have 1 to 32 of a-z, 0-9, dot and hyphen");
  CHECK(Errors("2026-01-01", "2026-01-32") ==
        "deadlines.textproto:1: effective_from is '2026-01-32'; it must be a date as 2024-01-01");
  CHECK(Errors("amount: 3 ", "amount: 0 ") == "deadlines.textproto:4: amount is 0; it must be 1 to 1000");
  CHECK(Errors("amount: 3 ", "amount: 1001 ") ==
        "deadlines.textproto:4: amount is 1001; it must be 1 to 1000");
  CHECK(Errors("amount: 3 unit: DAY_UNIT_WORKING_DAYS", "amount: 3") ==
        "deadlines.textproto:4: unit is missing");
  CHECK(Errors("starts: START_EVENT_SUBMITTED", "") == "deadlines.textproto:4: starts is missing");
  CHECK(Errors("clock: CLOCK_VERIFICATION", "").find("deadlines.textproto:4: clock is missing\n") == 0);
  CHECK(Errors("amount: 3 unit: DAY_UNIT_WORKING_DAYS citation { instrument: \"x\"",
               "amount: 3 unit: DAY_UNIT_WORKING_DAYS citation {") ==
        "deadlines.textproto:4: citation.instrument is missing: no number without its source");
  CHECK(
      Errors("amount: 3 unit: DAY_UNIT_WORKING_DAYS citation { instrument: \"x\" confidence: CONFIDENCE_HIGH",
             "amount: 3 unit: DAY_UNIT_WORKING_DAYS citation { instrument: \"x\"") ==
      "deadlines.textproto:4: citation.confidence is missing");
  CHECK(Errors("max_bounces { value: 3 ", "max_bounces { ") ==
        "deadlines.textproto:13: limits.max_bounces is 0; it must be at least 1");
  CHECK(Errors("value: 80", "value: 50") ==
        "deadlines.textproto:19: reminder_percent must ascend and stay below 100");
  CHECK(Errors("value: 80", "value: 100") ==
        "deadlines.textproto:19: reminder_percent must ascend and stay below 100");
}

TEST_CASE("a text that does not parse is refused with line and column") {
  CHECK(Errors("amount: 3 ", "amount: three ").find("deadlines.textproto:4: column 85: ") == 0);
  CHECK(Errors("amount: 3", "amonut: 3").find("has no field named \"amonut\"") != std::string::npos);
}

TEST_CASE("a clock without a term for some class, and one with two, are refused") {
  CHECK(
      Errors("clock: CLOCK_VERIFICATION",
             "clock: CLOCK_VERIFICATION report_class: REPORT_CLASS_COMPLAINT "
             "report_class: REPORT_CLASS_ASPIRATION supervision: true") ==
      "deadlines.textproto:1: CLOCK_VERIFICATION of REPORT_CLASS_COMPLAINT without supervision has no term\n"
      "deadlines.textproto:1: CLOCK_VERIFICATION of REPORT_CLASS_ASPIRATION without supervision has no term\n"
      "deadlines.textproto:1: CLOCK_VERIFICATION of REPORT_CLASS_INFORMATION_REQUEST without supervision has "
      "no "
      "term\n"
      "deadlines.textproto:1: CLOCK_VERIFICATION of REPORT_CLASS_INFORMATION_REQUEST with supervision has no "
      "term");
  CHECK(Errors("clock: CLOCK_FIRST_RESPONSE",
               "clock: CLOCK_VERIFICATION report_class: REPORT_CLASS_COMPLAINT supervision: true")
            .find("deadlines.textproto:5: CLOCK_VERIFICATION of REPORT_CLASS_COMPLAINT with supervision has "
                  "a term "
                  "already, in line 4\n") == 0);
}

TEST_CASE("steps of the supervisors that are not later and later working days are refused") {
  CHECK(Errors("supervisor_step { term { amount: 2", "supervisor_step { term { amount: 1") ==
        "deadlines.textproto:33: supervisor_step must ascend");
  CHECK(Errors("supervisor_step { term { amount: 2 unit: DAY_UNIT_WORKING_DAYS",
               "supervisor_step { term { amount: 2 unit: DAY_UNIT_HOURS") ==
        "deadlines.textproto:33: supervisor_step must be in working days");
  CHECK(Errors("supervisor_step { term { amount: 1 unit: DAY_UNIT_WORKING_DAYS citation { instrument: \"x\"",
               "supervisor_step { term { amount: 1 unit: DAY_UNIT_WORKING_DAYS citation {") ==
        "deadlines.textproto:32: citation.instrument is missing: no number without its source");
  CHECK(Errors("evidence_rule {", "supervisor_step {}\nevidence_rule {") ==
        "deadlines.textproto:34: term is missing");
  PolicyDir dir;
  dir.Write("deadlines.textproto", kDeadlines.substr(0, kDeadlines.find("supervisor_step")) +
                                       kDeadlines.substr(kDeadlines.find("evidence_rule")));
  CHECK(dir.Errors() == "deadlines.textproto:1: supervisor_step is missing; there is at least one");
}

TEST_CASE("the need of evidence is told once for every kind of report, with its source") {
  CHECK(Errors("min_evidence: 1", "min_evidence: -1") ==
        "deadlines.textproto:34: min_evidence must not be negative");
  CHECK(Errors("min_evidence: 1 citation { instrument: \"x\" confidence: CONFIDENCE_HIGH }",
               "min_evidence: 1") ==
        "deadlines.textproto:34: citation.instrument is missing: no number without its source\n"
        "deadlines.textproto:34: citation.confidence is missing");
  CHECK(
      Errors("min_evidence: 1",
             "report_class: REPORT_CLASS_COMPLAINT report_class: REPORT_CLASS_ASPIRATION min_evidence: 1") ==
      "deadlines.textproto:1: REPORT_CLASS_INFORMATION_REQUEST without supervision has 0 evidence rules; it "
      "must have one\n"
      "deadlines.textproto:1: REPORT_CLASS_INFORMATION_REQUEST with supervision has 0 evidence rules; it "
      "must "
      "have one");
  CHECK(
      Errors("answer_signals {",
             "evidence_rule { report_class: REPORT_CLASS_COMPLAINT supervision: true citation { instrument: "
             "\"x\" confidence: CONFIDENCE_HIGH } }\nanswer_signals {") ==
      "deadlines.textproto:1: REPORT_CLASS_COMPLAINT with supervision has 2 evidence rules; it must have "
      "one");
}

TEST_CASE("signals that would speak for every answer, or for none, are refused") {
  CHECK(Errors("other_door_phrase: \"silakan menghubungi\"", "") ==
        "deadlines.textproto:1: answer_signals.other_door_phrase is missing");
  CHECK(Errors("silakan menghubungi", "menghubungi!") ==
        "deadlines.textproto:35: other_door_phrase 'menghubungi!' has 1 words; it must have 2 to 8");
  CHECK(Errors("silakan menghubungi", "1 2 3 4 5 6 7 8").empty());
  CHECK(Errors("silakan menghubungi", "1 2 3 4 5 6 7 8 9") ==
        "deadlines.textproto:35: other_door_phrase '1 2 3 4 5 6 7 8 9' has 9 words; it must have 2 to 8");
  CHECK(Errors("same_answers { value: 5", "same_answers { value: 1") ==
        "deadlines.textproto:37: answer_signals.same_answers is 1; it must be at least 2");
  CHECK(
      Errors("same_answers { value: 5 citation { instrument: \"x\"", "same_answers { value: 5 citation {") ==
      "deadlines.textproto:37: citation.instrument is missing: no number without its source");
  CHECK(Errors("same_answers_days { value: 30 ", "same_answers_days { ") ==
        "deadlines.textproto:38: answer_signals.same_answers_days is 0; it must be at least 1");
}

TEST_CASE("every limit is needed, at least 1 and with its source") {
  for (const char* limit :
       {"max_bounces", "max_escalation_age_years", "max_interim_answers", "max_questions", "max_summons"}) {
    // Left out: what follows the name up to its line's end is a comment.
    const std::string said = Errors("  " + std::string(limit) + " {", "  # {");
    CHECK(said == "deadlines.textproto:1: limits." + std::string(limit) +
                      " is 0; it must be at least 1\n"
                      "deadlines.textproto:1: citation.instrument is missing: no number without its source\n"
                      "deadlines.textproto:1: citation.confidence is missing");
  }
}

TEST_CASE("versions that can't be told apart are refused") {
  PolicyDir dir;
  dir.Write("deadlines-b.textproto", Replace(kDeadlines, "2026-01-01", "2026-07-01"));
  CHECK(dir.Errors() == "deadlines.textproto:1: version '1' is in another file already");
  dir.Write("deadlines-b.textproto", Replace(kDeadlines, "version: \"1\"", "version: \"2\""));
  CHECK(dir.Errors() == "deadlines.textproto:1: takes effect on the same day as version '2'");
}

TEST_CASE("files that the loader would pass over in silence are refused") {
  PolicyDir dir;
  dir.Write("calender-2027.textproto", "");
  CHECK(dir.Errors() ==
        "calender-2027.textproto: is neither deadlines*.textproto nor calendar-YYYY.textproto nor "
        "closures.textproto nor competence.textproto");
}

TEST_CASE("the digest changes with the days that are free, and with nothing else that calendars say") {
  const std::string closures =
      "version: \"1\"\n"
      "closure { agency_id: \"id.51\" first_date: \"2026-06-16\" last_date: \"2026-06-18\" name: \"a\" "
      "citation { "
      "instrument: \"x\" confidence: CONFIDENCE_HIGH } }\n"
      "closure { agency_id: \"id.32\" first_date: \"2026-06-16\" last_date: \"2026-06-16\" name: \"b\" "
      "citation { "
      "instrument: \"x\" confidence: CONFIDENCE_HIGH } }\n";
  PolicyDir dir;
  const auto digest = [&] { return (*Policy::Load(dir.path(), dir.path()))->calendar_digest(); };
  const auto with_calendar = [&](const std::string& calendar) {
    dir.Write("calendar-2026.textproto", calendar);
    return digest();
  };
  const auto with_closures = [&](const std::string& text) {
    dir.Write("closures.textproto", text);
    return digest();
  };
  const std::string first = digest();
  // So that a change of the form is noticed: it recomputes every open clock.
  CHECK(first == "43e2db0b58494d029101a039e1cd08e805bc522ebe577c9baf2362129d08798f");

  CHECK(with_calendar(Replace(kCalendar2026, "2026-12-24", "2026-12-28")) != first);
  CHECK(with_calendar(Replace(kCalendar2026, "HOLIDAY_KIND_NATIONAL", "HOLIDAY_KIND_COLLECTIVE_LEAVE")) !=
        first);
  CHECK(with_calendar(kCalendar2026.substr(0, kCalendar2026.find("day { date: \"2026-12-24"))) != first);
  CHECK(with_calendar("# A comment.\n" + Replace(kCalendar2026, "Tahun Baru", "Hari Baru")) == first);
  CHECK(with_calendar(Replace(kCalendar2026, "instrument: \"x\"", "instrument: \"y\"")) == first);
  CHECK(with_calendar(Replace(kCalendar2026, "\"2026.1\"", "\"2026.2\"")) == first);
  const auto christmas = kCalendar2026.find("day { date: \"2026-12-24");
  const auto new_year = kCalendar2026.find("day { date: \"2026-01-01");
  CHECK(with_calendar(kCalendar2026.substr(0, new_year) + kCalendar2026.substr(christmas) +
                      kCalendar2026.substr(new_year, christmas - new_year)) == first);
  dir.Write("calendar-2027.textproto", Replace(kCalendar2026, "2026", "2027"));
  CHECK(digest() != first);
  dir.Remove("calendar-2027.textproto");

  CHECK(with_closures("version: \"1\"") == first);
  const std::string closed = with_closures(closures);
  CHECK(closed != first);
  CHECK(with_closures(Replace(closures, "id.32", "id.33")) != closed);
  CHECK(with_closures(Replace(closures, "2026-06-18", "2026-06-17")) != closed);
  CHECK(with_closures(Replace(closures, "name: \"a\"", "name: \"c\"")) == closed);
  const auto west_java = closures.find("closure { agency_id: \"id.32");
  const auto bali = closures.find("closure { agency_id: \"id.51");
  CHECK(with_closures(closures.substr(0, bali) + closures.substr(west_java) +
                      closures.substr(bali, west_java - bali)) == closed);
}

TEST_CASE("missing data is refused") {
  PolicyDir dir;
  dir.Remove("deadlines.textproto");
  CHECK(dir.Errors().find("has no deadlines*.textproto") != std::string::npos);
  dir.Write("deadlines.textproto", kDeadlines);
  dir.Remove("regions.csv");
  CHECK(dir.Errors() == "regions.csv: cannot be read: No such file or directory");
  CHECK_FALSE(Policy::Load(dir.path() / "none", dir.path()).ok());
}

TEST_CASE("mistakes of several files are told together") {
  PolicyDir dir;
  dir.Write("closures.textproto", "");
  dir.Write("deadlines.textproto", Replace(kDeadlines, "amount: 3 ", "amount: 0 "));
  dir.Write("calendar-2026.textproto", Replace(kCalendar2026, "2026-12-24", "2026-12-99"));
  CHECK(dir.Errors() ==
        "deadlines.textproto:4: amount is 0; it must be 1 to 1000\n"
        "calendar-2026.textproto:6: '2026-12-99' is no date of 2026 written YYYY-MM-DD\n"
        "closures.textproto:1: version is ''; it must have 1 to 32 of a-z, 0-9, dot and hyphen");
}

}  // namespace
}  // namespace lapor::policy
