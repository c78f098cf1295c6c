#include "libs/policy/versions.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <vector>

#include "libs/policy/calendar.h"
#include "libs/policy/citation.h"
#include "libs/policy/competence.h"
#include "libs/policy/textproto.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxTermDays = 1000;
// One word is too little to go by, and nobody writes a long phrase twice in the same words.
constexpr std::size_t kMinPhraseWords = 2;
constexpr std::size_t kMaxPhraseWords = 8;

// Whether an entry is for such reports.
template <class Entry>
bool IsFor(const Entry& entry, report::v1::ReportClass report_class, bool supervision) {
  if (entry.has_supervision() && entry.supervision() != supervision) return false;
  const auto& classes = entry.report_class();
  return classes.empty() || std::find(classes.begin(), classes.end(), report_class) != classes.end();
}

bool HoldsFor(const v1::ClockTerm& term, report::v1::Clock clock, report::v1::ReportClass report_class,
              bool supervision) {
  return term.clock() == clock && IsFor(term, report_class, supervision);
}

// The set values of a proto enum.
template <typename Enum>
std::vector<Enum> ValuesOf() {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
  std::vector<Enum> values;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() != 0)
      values.push_back(static_cast<Enum>(descriptor->value(i)->number()));
  }
  return values;
}

// Checks one version's file.
class VersionChecker {
 public:
  VersionChecker(const fs::path& file, const MessageLines& lines, Diagnostics& diagnostics)
      : file_(file), lines_(lines), diagnostics_(diagnostics) {}

  void Check(const v1::PolicyVersion& version) {
    if (!IsVersionName(version.version())) {
      Reject(version, fmt::format("version is '{}'; it must have 1 to {} of a-z, 0-9, dot and hyphen",
                                  version.version(), kMaxVersionBytes));
    }
    absl::CivilDay day;
    if (!ParseIsoDate(version.effective_from(), day)) {
      Reject(version, fmt::format("effective_from is '{}'; it must be a date as 2024-01-01",
                                  version.effective_from()));
    }
    for (const v1::ClockTerm& term : version.clock_term()) {
      if (!term.clock()) Reject(term, "clock is missing");
      if (!term.starts()) Reject(term, "starts is missing");
      CheckTerm(term, term.has_term(), term.term());
    }
    CheckEveryClockHasOneTerm(version);
    CheckLimits(version);
    CheckSupervisorSteps(version);
    CheckEvidenceRules(version);
    CheckAnswerSignals(version);
  }

 private:
  using Message = google::protobuf::Message;

  void Reject(const Message& at, std::string_view reason) {
    // A message that is absent has no line of its own.
    const auto line = lines_.find(&at);
    diagnostics_.Add(file_, line == lines_.end() ? 0 : line->second, reason);
  }

  void CheckTerm(const Message& at, bool has_term, const v1::Term& term) {
    if (!has_term) return Reject(at, "term is missing");
    if (term.amount() < 1 || term.amount() > kMaxTermDays) {
      Reject(term, fmt::format("amount is {}; it must be 1 to {}", term.amount(), kMaxTermDays));
    }
    if (!term.unit()) Reject(term, "unit is missing");
    CheckCitation(term, term.citation());
  }

  void CheckCitation(const Message& at, const v1::Citation& citation) {
    for (const std::string& missing : MissingOf(citation, "number")) Reject(at, missing);
  }

  void CheckEveryClockHasOneTerm(const v1::PolicyVersion& version) {
    for (const auto clock : ValuesOf<report::v1::Clock>()) {
      for (const auto report_class : ValuesOf<report::v1::ReportClass>()) {
        for (const bool supervision : {false, true}) {
          std::vector<const v1::ClockTerm*> terms;
          for (const v1::ClockTerm& term : version.clock_term()) {
            if (HoldsFor(term, clock, report_class, supervision)) terms.push_back(&term);
          }
          if (terms.size() == 1) continue;
          const std::string which =
              fmt::format("{} of {} {} supervision", report::v1::Clock_Name(clock),
                          report::v1::ReportClass_Name(report_class), supervision ? "with" : "without");
          if (terms.empty()) Reject(version, fmt::format("{} has no term", which));
          for (std::size_t i = 1; i < terms.size(); ++i) {
            Reject(*terms[i], fmt::format("{} has a term already, in line {}", which, lines_.at(terms[0])));
          }
        }
      }
    }
  }

  void CheckLimits(const v1::PolicyVersion& version) {
    const v1::Limits& limits = version.limits();
    CheckLimit(version, "limits.max_bounces", limits.max_bounces());
    CheckLimit(version, "limits.max_escalation_age_years", limits.max_escalation_age_years());
    CheckLimit(version, "limits.max_interim_answers", limits.max_interim_answers());
    CheckLimit(version, "limits.max_questions", limits.max_questions());
    CheckLimit(version, "limits.max_summons", limits.max_summons());
    int previous = 0;
    for (const v1::Limit& percent : limits.reminder_percent()) {
      CheckLimit(version, "limits.reminder_percent", percent);
      if (percent.value() <= previous || percent.value() >= 100) {
        Reject(percent, "reminder_percent must ascend and stay below 100");
      }
      previous = percent.value();
    }
  }

  void CheckSupervisorSteps(const v1::PolicyVersion& version) {
    if (version.supervisor_step().empty())
      Reject(version, "supervisor_step is missing; there is at least one");
    int previous = 0;
    for (const v1::SupervisorStep& step : version.supervisor_step()) {
      CheckTerm(step, step.has_term(), step.term());
      if (!step.has_term()) continue;
      if (step.term().unit() && step.term().unit() != v1::DAY_UNIT_WORKING_DAYS)
        Reject(step, "supervisor_step must be in working days");
      if (step.term().amount() <= previous) Reject(step, "supervisor_step must ascend");
      previous = step.term().amount();
    }
  }

  void CheckEvidenceRules(const v1::PolicyVersion& version) {
    for (const v1::EvidenceRule& rule : version.evidence_rule()) {
      if (rule.min_evidence() < 0) Reject(rule, "min_evidence must not be negative");
      CheckCitation(rule, rule.citation());
    }
    for (const auto report_class : ValuesOf<report::v1::ReportClass>()) {
      for (const bool supervision : {false, true}) {
        const auto rules = std::ranges::count_if(version.evidence_rule(), [&](const v1::EvidenceRule& rule) {
          return IsFor(rule, report_class, supervision);
        });
        if (rules == 1) continue;
        Reject(version, fmt::format("{} {} supervision has {} evidence rules; it must have one",
                                    report::v1::ReportClass_Name(report_class),
                                    supervision ? "with" : "without", rules));
      }
    }
  }

  void CheckAnswerSignals(const v1::PolicyVersion& version) {
    const v1::AnswerSignals& signals = version.answer_signals();
    if (signals.other_door_phrase().empty()) Reject(version, "answer_signals.other_door_phrase is missing");
    for (const std::string& phrase : signals.other_door_phrase()) {
      const std::size_t words = Tokens(phrase).size();
      if (words < kMinPhraseWords || words > kMaxPhraseWords)
        Reject(signals, fmt::format("other_door_phrase '{}' has {} words; it must have {} to {}", phrase,
                                    words, kMinPhraseWords, kMaxPhraseWords));
    }
    // An answer is the same as another one, or as none.
    CheckLimit(version, "answer_signals.same_answers", signals.same_answers(), 2);
    CheckLimit(version, "answer_signals.same_answers_days", signals.same_answers_days());
  }

  void CheckLimit(const v1::PolicyVersion& version, std::string_view name, const v1::Limit& limit,
                  int min = 1) {
    const Message& at = lines_.contains(&limit) ? static_cast<const Message&>(limit) : version;
    if (limit.value() < min)
      Reject(at, fmt::format("{} is {}; it must be at least {}", name, limit.value(), min));
    CheckCitation(at, limit.citation());
  }

  const fs::path& file_;
  const MessageLines& lines_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool IsVersionName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxVersionBytes && std::all_of(name.begin(), name.end(), allowed);
}

Versions ReadVersions(const fs::path& policy_dir, Diagnostics& diagnostics) {
  Versions versions;
  const std::vector<fs::path> files = ListDataFiles(policy_dir, "deadlines", ".textproto", diagnostics);
  if (files.empty()) diagnostics.Add(policy_dir, 0, "has no deadlines*.textproto");
  for (const fs::path& file : files) {
    v1::PolicyVersion version;
    const auto lines = ReadTextproto(file, version, diagnostics);
    if (!lines) continue;
    VersionChecker(file, *lines, diagnostics).Check(version);
    const std::string name = version.version();
    absl::CivilDay day;
    ParseIsoDate(version.effective_from(), day);
    if (const auto [other, added] = versions.by_effective_day.try_emplace(day, name); !added) {
      diagnostics.Add(file, 1, fmt::format("takes effect on the same day as version '{}'", other->second));
    }
    if (!versions.by_name.try_emplace(name, std::move(version)).second) {
      diagnostics.Add(file, 1, fmt::format("version '{}' is in another file already", name));
    }
  }
  return versions;
}

const v1::ClockTerm* FindTerm(const v1::PolicyVersion& version, report::v1::Clock clock,
                              report::v1::ReportClass report_class, bool supervision) {
  for (const v1::ClockTerm& term : version.clock_term()) {
    if (HoldsFor(term, clock, report_class, supervision)) return &term;
  }
  return nullptr;
}

const v1::EvidenceRule* FindEvidenceRule(const v1::PolicyVersion& version,
                                         report::v1::ReportClass report_class, bool supervision) {
  for (const v1::EvidenceRule& rule : version.evidence_rule()) {
    if (IsFor(rule, report_class, supervision)) return &rule;
  }
  return nullptr;
}

}  // namespace lapor::policy
