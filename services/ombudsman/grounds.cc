#include "services/ombudsman/grounds.h"

#include <algorithm>
#include <optional>

#include "absl/time/civil_time.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Ground;
using event::v1::VerdictBasis;

// Years are counted in Jakarta, where the Ombudsman sits.
absl::TimeZone Jakarta() {
  constexpr int kOffsetSeconds = 7 * 60 * 60;
  return absl::FixedTimeZone(kOffsetSeconds);
}

// The day that the reporter declared, if it is one.
std::optional<absl::CivilDay> DeclaredDay(const event::v1::ReporterDeclarations& declarations) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(declarations.occurred_on(), &day)) return std::nullopt;
  return day;
}

// Whether somebody who comes at `asked_at` comes within so many years of what happened: of all of that day
// where the reporter told it, else to the second of the receipt.
bool IsYoungEnough(const Escalation& escalation, absl::Time asked_at, int years) {
  if (const auto day = DeclaredDay(escalation.declarations)) {
    const absl::CivilDay last(day->year() + years, day->month(), day->day());
    return asked_at < absl::FromCivil(last + 1, Jakarta());
  }
  const absl::CivilSecond received = absl::ToCivilSecond(*escalation.facts.received_at, Jakarta());
  const absl::CivilSecond last(received.year() + years, received.month(), received.day(), received.hour(),
                               received.minute(), received.second());
  return asked_at <= absl::FromCivil(last, Jakarta());
}

struct GroundWords {
  Ground ground;
  const char* source;
  // Of the source.
  policy::v1::Confidence confidence;
  const char* remedy;
};
constexpr GroundWords kWords[] = {
    {event::v1::GROUND_IDENTITY, "UU 37/2008 art. 24(1)(a)", policy::v1::CONFIDENCE_HIGH,
     "the reporter gives their full identity when they consent or ask; their name may be kept secret"},
    {event::v1::GROUND_CITIZEN_OR_RESIDENT, "UU 37/2008 art. 23", policy::v1::CONFIDENCE_HIGH,
     "the reporter declares, when they consent or ask, that they are a citizen or resident"},
    {event::v1::GROUND_COMPLAINED_FIRST, "UU 37/2008 art. 24(1)(c); UU 25/2009 art. 46(2)",
     policy::v1::CONFIDENCE_HIGH,
     "a term of the provider passes, its final answer or the decision on an appeal leaves the reporter "
     "dissatisfied, or the report is archived; or the reporter asks for the direct path, because they don't "
     "want "
     "the provider to resolve it"},
    {event::v1::GROUND_WITHIN_TWO_YEARS, "UU 37/2008 art. 24", policy::v1::CONFIDENCE_HIGH,
     "the reporter declares a later day on which it happened; or an officer judges that it still goes on"},
    {event::v1::GROUND_NOT_BEFORE_COURT, "UU 37/2008 art. 36(1)(b)", policy::v1::CONFIDENCE_HIGH,
     "the court has ended, and the reporter declares so; or the complaint is about maladministration in the "
     "court's own process, and they declare that"},
    {event::v1::GROUND_NOT_SETTLED_ELSEWHERE, "UU 37/2008 art. 36(1)", policy::v1::CONFIDENCE_UNVERIFIED,
     "the case is reopened where its reporter had been satisfied; or the other mediation has ended, and the "
     "reporter declares so"},
    {event::v1::GROUND_WITHIN_AUTHORITY, "UU 37/2008 art. 36(1)", policy::v1::CONFIDENCE_UNVERIFIED,
     "an officer judges that it is within the Ombudsman's authority"},
};
const GroundWords& WordsOf(Ground ground) {
  static constexpr GroundWords kNoWords = {event::v1::GROUND_UNSPECIFIED, "",
                                           policy::v1::CONFIDENCE_UNSPECIFIED, ""};
  const auto* words = std::ranges::find(kWords, ground, &GroundWords::ground);
  return words == std::end(kWords) ? kNoWords : *words;
}

}  // namespace

std::vector<event::v1::GroundVerdict> Judge(const Escalation& escalation, const policy::v1::Limits& limits,
                                            const std::vector<Judgement>& judgements, absl::Time now) {
  const ReportFacts& facts = escalation.facts;
  const event::v1::ReporterDeclarations& declared = escalation.declarations;
  std::vector<event::v1::GroundVerdict> verdicts;
  const auto find = [&](Ground ground, bool met, VerdictBasis basis) {
    event::v1::GroundVerdict& verdict = verdicts.emplace_back();
    verdict.set_ground(ground);
    verdict.set_met(met);
    verdict.set_basis(basis);
    const auto judged = std::ranges::find(judgements, ground, &Judgement::ground);
    if (judged == judgements.end()) return;
    verdict.set_met(judged->met);
    verdict.set_basis(event::v1::VERDICT_BASIS_JUDGEMENT);
  };
  find(event::v1::GROUND_IDENTITY, facts.identity_known, event::v1::VERDICT_BASIS_RECORD);
  find(event::v1::GROUND_CITIZEN_OR_RESIDENT, declared.citizen_or_resident(),
       event::v1::VERDICT_BASIS_DECLARATION);
  // Told to the one complained about or their superior, and not resolved as it should be.
  const bool complained = facts.term_passed || facts.dissatisfied || facts.archived;
  find(event::v1::GROUND_COMPLAINED_FIRST, complained || escalation.direct,
       escalation.direct ? event::v1::VERDICT_BASIS_NOT_REQUIRED : event::v1::VERDICT_BASIS_RECORD);
  find(event::v1::GROUND_WITHIN_TWO_YEARS,
       IsYoungEnough(escalation, escalation.consented_at.value_or(now),
                     limits.max_escalation_age_years().value()),
       DeclaredDay(declared) ? event::v1::VERDICT_BASIS_DECLARATION : event::v1::VERDICT_BASIS_RECORD);
  find(event::v1::GROUND_NOT_BEFORE_COURT, !declared.before_court() || declared.court_process(),
       event::v1::VERDICT_BASIS_DECLARATION);
  // Silence, or an agency that closes its own answer, settles nothing: only a satisfied reporter does.
  const bool satisfied = facts.closing == event::v1::CLOSING_BY_REPORTER;
  find(event::v1::GROUND_NOT_SETTLED_ELSEWHERE, !satisfied && !declared.in_other_mediation(),
       satisfied ? event::v1::VERDICT_BASIS_RECORD : event::v1::VERDICT_BASIS_DECLARATION);
  // What SP4N-LAPOR! takes is about public services; that one is not for the Ombudsman, an officer finds.
  find(event::v1::GROUND_WITHIN_AUTHORITY, true, event::v1::VERDICT_BASIS_RECORD);
  return verdicts;
}

bool IsEligible(const std::vector<event::v1::GroundVerdict>& verdicts) {
  return std::ranges::all_of(verdicts, [](const auto& verdict) { return verdict.met(); });
}

std::string SourceOf(Ground ground) { return WordsOf(ground).source; }
policy::v1::Confidence ConfidenceOf(Ground ground) { return WordsOf(ground).confidence; }
std::string RemedyOf(Ground ground) { return WordsOf(ground).remedy; }

}  // namespace lapor::ombudsman
