#include "tools/lapor/script.h"

#include "tools/lapor/render.h"

namespace lapor::client {
namespace {

// How long the Ombudsman's officers take, in working days.
constexpr int kDaysToCheck = 2;
constexpr int kDaysToExamine = 3;
constexpr int kDaysOfExamination = 8;
constexpr int kDaysToDecide = 4;
// An agency in which maladministration was found answers after all.
constexpr int kDaysToRepent = 3;
constexpr int kDaysToAnswerAgain = 4;
constexpr int kDaysToClose = 4;
constexpr int kDaysToReturn = 1;

policy::EpochDay DayOf(absl::Time at) { return policy::ToEpochDay(absl::ToCivilDay(at, Wib().time_zone)); }

class Decision {
 public:
  Decision(const Story& story, const Standing& standing, absl::Time now, const policy::Calendar& calendar)
      : story_(story), s_(standing), now_(now), calendar_(calendar) {}

  std::optional<Act> Reporter(bool has_receipt) const {
    if (s_.status == report::v1::REPORT_STATUS_UNSPECIFIED) return When(now_ >= story_.filed_at, Act::kFile);
    if (!has_receipt || s_.status == report::v1::REPORT_STATUS_WITHDRAWN) return std::nullopt;
    if (IsAwaitingConsent() && story_.days_to_consent && Passed(*story_.days_to_consent, s_.stage_since))
      return Act::kTurnToOmbudsman;
    if (!IsOpen(s_)) return std::nullopt;
    if (story_.days_to_withdraw && Passed(*story_.days_to_withdraw, story_.filed_at)) return Act::kWithdraw;
    if (s_.status == report::v1::REPORT_STATUS_AWAITING_COMPLETION) {
      return When(story_.days_to_complete && Passed(*story_.days_to_complete, s_.status_since),
                  Act::kComplete);
    }
    if (s_.status == report::v1::REPORT_STATUS_ANSWERED) return Judge();
    return When(s_.interim_answered && !s_.reporter_replied && !story_.reply.empty(), Act::kReply);
  }

  std::optional<Act> Triage() const {
    if (s_.in_arbitration) return Act::kArbitrate;
    if (s_.status == report::v1::REPORT_STATUS_VERIFIED && s_.agency.empty()) return Act::kAssign;
    if (s_.status != report::v1::REPORT_STATUS_RECEIVED) return std::nullopt;
    if (!Passed(s_.completions == 0 ? story_.days_to_triage : 0, s_.status_since)) return std::nullopt;
    if (!story_.missing.empty() && s_.completions == 0) return Act::kAskCompletion;
    const bool in_scope = story_.archived_because == report::v1::ARCHIVE_REASON_UNSPECIFIED;
    return in_scope ? Act::kVerify : Act::kArchive;
  }

  std::optional<Act> Agency() const {
    if (s_.agency.empty() || !IsOpen(s_)) return std::nullopt;
    if (s_.status == report::v1::REPORT_STATUS_ANSWERED) {
      const bool closes = story_.closes_itself && s_.report_class != report::v1::REPORT_CLASS_COMPLAINT &&
                          Passed(kDaysToClose, s_.answered_at);
      return When(closes, Act::kClose);
    }
    if (s_.agency != story_.agency) {
      if (!Passed(kDaysToReturn, s_.with_agency_since)) return std::nullopt;
      return s_.agency == story_.government ? Act::kPassOn : Act::kReturn;
    }
    if (!s_.accepted && Passed(story_.days_to_accept, s_.with_agency_since)) return Act::kAccept;
    return s_.accepted ? Answer() : std::nullopt;
  }

  std::optional<Act> Ombudsman() const {
    if (s_.stage == event::v1::ESCALATION_STAGE_FORMAL_CHECK) return After(kDaysToCheck, Act::kCheck);
    if (s_.stage == event::v1::ESCALATION_STAGE_MATERIAL_CHECK) return After(kDaysToExamine, Act::kExamine);
    if (s_.stage == event::v1::ESCALATION_STAGE_EXAMINATION)
      return After(kDaysOfExamination, Act::kReportExamination);
    if (s_.stage == event::v1::ESCALATION_STAGE_EXAMINATION_REPORT) return After(kDaysToDecide, Act::kEnd);
    return std::nullopt;  // waits for the reporter, or for nobody
  }

 private:
  bool Passed(int days, absl::Time since) const {
    return now_ >= since && WorkingDaysBetween(since, now_, calendar_) >= days;
  }
  std::optional<Act> After(int days, Act act) const { return When(Passed(days, s_.stage_since), act); }

  bool IsAwaitingConsent() const { return s_.stage == event::v1::ESCALATION_STAGE_PROPOSED; }

  std::optional<Act> Judge() const {
    if (!story_.days_to_react || !Passed(*story_.days_to_react, s_.answered_at)) return std::nullopt;
    // The second answer was no better.
    if (s_.reopenings > 0 && story_.asks_ombudsman) {
      return When(s_.stage == event::v1::ESCALATION_STAGE_UNSPECIFIED, Act::kTurnToOmbudsman);
    }
    return Act::kReact;
  }

  std::optional<Act> Answer() const {
    if (s_.reopenings > 0) return When(Passed(kDaysToAnswerAgain, s_.reopened_at), Act::kAnswerFinal);
    if (story_.neglected) {
      const bool told = s_.outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND;
      return When(told && Passed(kDaysToRepent, s_.stage_since), Act::kAnswerFinal);
    }
    if (story_.days_to_interim && !s_.interim_answered &&
        Passed(*story_.days_to_interim, s_.with_agency_since))
      return Act::kAnswerInterim;
    return When(Passed(story_.days_to_answer, s_.with_agency_since), Act::kAnswerFinal);
  }

  static std::optional<Act> When(bool ready, Act act) { return ready ? std::optional(act) : std::nullopt; }

  const Story& story_;
  const Standing& s_;
  const absl::Time now_;
  const policy::Calendar& calendar_;
};

}  // namespace

std::string NameOf(Act act) {
  switch (act) {
    case Act::kFile:
      return "filing";
    case Act::kComplete:
      return "completing";
    case Act::kReply:
      return "replying";
    case Act::kReact:
      return "reacting";
    case Act::kWithdraw:
      return "withdrawing";
    case Act::kTurnToOmbudsman:
      return "turning to the Ombudsman";
    case Act::kAskCompletion:
      return "asking for completion";
    case Act::kArchive:
      return "archiving";
    case Act::kVerify:
      return "verifying";
    case Act::kAssign:
      return "assigning";
    case Act::kArbitrate:
      return "arbitrating";
    case Act::kPassOn:
      return "passing on to a unit";
    case Act::kAccept:
      return "accepting";
    case Act::kReturn:
      return "returning";
    case Act::kAnswerInterim:
      return "answering in the meantime";
    case Act::kAnswerFinal:
      return "answering";
    case Act::kClose:
      return "closing";
    case Act::kCheck:
      return "the formal check";
    case Act::kExamine:
      return "opening the examination";
    case Act::kReportExamination:
      return "the examination report";
    case Act::kEnd:
      return "closing the escalation";
  }
  return "";
}

int WorkingDaysBetween(absl::Time from, absl::Time to, const policy::Calendar& calendar) {
  int days = 0;
  for (policy::EpochDay day = DayOf(from) + 1; day <= DayOf(to); ++day) {
    days += calendar.KindOf(day) == policy::Calendar::DayKind::kWorking ? 1 : 0;
  }
  return days;
}

bool IsWorkingDay(absl::Time at, const policy::Calendar& calendar) {
  return calendar.KindOf(DayOf(at)) == policy::Calendar::DayKind::kWorking;
}

std::optional<Act> NextAct(Part part, const Story& story, const Standing& standing, bool has_receipt,
                           absl::Time now, const policy::Calendar& calendar) {
  const Decision decision(story, standing, now, calendar);
  if (part == Part::kReporter) return decision.Reporter(has_receipt);
  if (!IsWorkingDay(now, calendar)) return std::nullopt;
  switch (part) {
    case Part::kReporter:
      break;
    case Part::kTriage:
      return decision.Triage();
    case Part::kAgency:
      return decision.Agency();
    case Part::kOmbudsman:
      return decision.Ombudsman();
  }
  return std::nullopt;
}

std::string NextAgency(const Story& story, const Standing& standing) {
  const auto returns = static_cast<size_t>(standing.returns);
  if (returns < story.wrong_agencies.size()) return story.wrong_agencies[returns].first;
  return story.government.empty() ? story.agency : story.government;
}

}  // namespace lapor::client
