#include "services/ombudsman/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"

namespace lapor::ombudsman {
namespace {

using decision::Refuse;
using report::v1::Actor;

constexpr EscalationStage kNone = event::v1::ESCALATION_STAGE_UNSPECIFIED;
constexpr EscalationStage kProposed = event::v1::ESCALATION_STAGE_PROPOSED;
constexpr EscalationStage kFormalCheck = event::v1::ESCALATION_STAGE_FORMAL_CHECK;
constexpr EscalationStage kMaterialCheck = event::v1::ESCALATION_STAGE_MATERIAL_CHECK;
constexpr EscalationStage kExamination = event::v1::ESCALATION_STAGE_EXAMINATION;
constexpr EscalationStage kExaminationReport = event::v1::ESCALATION_STAGE_EXAMINATION_REPORT;
constexpr EscalationStage kClosed = event::v1::ESCALATION_STAGE_CLOSED;

using enum CommandKind;

// Whatever is told about a known report is heard at every stage: services race, and what comes too late to
// matter leaves the stage as it is.
constexpr decision::Transition<EscalationStage, CommandKind> kTransitions[] = {
    {kNone, kRegisterReport, kNone},
    {kNone, kRecordAssignment, kNone},
    {kNone, kRecordBreach, kProposed},
    {kNone, kRecordBreach, kNone},
    {kNone, kRecordReaction, kNone},
    {kNone, kRecordClosing, kNone},
    {kNone, kRecordReopening, kNone},
    {kNone, kRecordArchiving, kNone},
    {kNone, kRecordRestoring, kNone},
    {kNone, kRequestEscalation, kFormalCheck},
    {kNone, kConsentToEscalation, kNone},
    {kNone, kWithdrawReport, kNone},

    {kProposed, kRegisterReport, kProposed},
    {kProposed, kRecordAssignment, kProposed},
    {kProposed, kRecordBreach, kProposed},
    {kProposed, kRecordReaction, kProposed},
    {kProposed, kRecordClosing, kProposed},
    {kProposed, kRecordClosing, kClosed},
    {kProposed, kRecordReopening, kProposed},
    {kProposed, kRecordArchiving, kProposed},
    {kProposed, kRecordRestoring, kProposed},
    {kProposed, kRequestEscalation, kFormalCheck},
    {kProposed, kConsentToEscalation, kFormalCheck},
    {kProposed, kWithdrawReport, kClosed},
    {kProposed, kCloseEscalation, kClosed},

    {kFormalCheck, kRegisterReport, kFormalCheck},
    {kFormalCheck, kRecordAssignment, kFormalCheck},
    {kFormalCheck, kRecordBreach, kFormalCheck},
    {kFormalCheck, kRecordReaction, kFormalCheck},
    {kFormalCheck, kRecordClosing, kFormalCheck},
    {kFormalCheck, kRecordReopening, kFormalCheck},
    {kFormalCheck, kRecordArchiving, kFormalCheck},
    {kFormalCheck, kRecordRestoring, kFormalCheck},
    {kFormalCheck, kRequestEscalation, kFormalCheck},
    {kFormalCheck, kConsentToEscalation, kFormalCheck},
    {kFormalCheck, kWithdrawReport, kClosed},
    {kFormalCheck, kCheckEligibility, kMaterialCheck},
    {kFormalCheck, kCheckEligibility, kClosed},
    {kFormalCheck, kCloseEscalation, kClosed},

    {kMaterialCheck, kRegisterReport, kMaterialCheck},
    {kMaterialCheck, kRecordAssignment, kMaterialCheck},
    {kMaterialCheck, kRecordBreach, kMaterialCheck},
    {kMaterialCheck, kRecordReaction, kMaterialCheck},
    {kMaterialCheck, kRecordClosing, kMaterialCheck},
    {kMaterialCheck, kRecordReopening, kMaterialCheck},
    {kMaterialCheck, kRecordArchiving, kMaterialCheck},
    {kMaterialCheck, kRecordRestoring, kMaterialCheck},
    {kMaterialCheck, kRequestEscalation, kMaterialCheck},
    {kMaterialCheck, kConsentToEscalation, kMaterialCheck},
    {kMaterialCheck, kWithdrawReport, kClosed},
    {kMaterialCheck, kAdvanceEscalation, kExamination},
    {kMaterialCheck, kCloseEscalation, kClosed},

    {kExamination, kRegisterReport, kExamination},
    {kExamination, kRecordAssignment, kExamination},
    {kExamination, kRecordBreach, kExamination},
    {kExamination, kRecordReaction, kExamination},
    {kExamination, kRecordClosing, kExamination},
    {kExamination, kRecordReopening, kExamination},
    {kExamination, kRecordArchiving, kExamination},
    {kExamination, kRecordRestoring, kExamination},
    {kExamination, kRequestEscalation, kExamination},
    {kExamination, kConsentToEscalation, kExamination},
    {kExamination, kWithdrawReport, kClosed},
    {kExamination, kAdvanceEscalation, kExaminationReport},
    {kExamination, kCloseEscalation, kClosed},

    {kExaminationReport, kRegisterReport, kExaminationReport},
    {kExaminationReport, kRecordAssignment, kExaminationReport},
    {kExaminationReport, kRecordBreach, kExaminationReport},
    {kExaminationReport, kRecordReaction, kExaminationReport},
    {kExaminationReport, kRecordClosing, kExaminationReport},
    {kExaminationReport, kRecordReopening, kExaminationReport},
    {kExaminationReport, kRecordArchiving, kExaminationReport},
    {kExaminationReport, kRecordRestoring, kExaminationReport},
    {kExaminationReport, kRequestEscalation, kExaminationReport},
    {kExaminationReport, kConsentToEscalation, kExaminationReport},
    {kExaminationReport, kWithdrawReport, kClosed},
    {kExaminationReport, kCloseEscalation, kClosed},

    {kClosed, kRegisterReport, kClosed},
    {kClosed, kRecordAssignment, kClosed},
    {kClosed, kRecordBreach, kProposed},
    {kClosed, kRecordBreach, kClosed},
    {kClosed, kRecordReaction, kClosed},
    {kClosed, kRecordClosing, kClosed},
    {kClosed, kRecordReopening, kClosed},
    {kClosed, kRecordArchiving, kClosed},
    {kClosed, kRecordRestoring, kClosed},
    {kClosed, kRequestEscalation, kFormalCheck},
    {kClosed, kConsentToEscalation, kFormalCheck},
    {kClosed, kConsentToEscalation, kClosed},
    {kClosed, kWithdrawReport, kClosed},
};

std::string StageName(EscalationStage stage) { return event::v1::EscalationStage_Name(stage); }
std::string KindName(CommandKind kind) { return NameOf(kind); }

constexpr decision::Table<EscalationStage, CommandKind> kTable(kTransitions, StageName, KindName);

Actor ActorOf(report::v1::Role role) {
  Actor actor;
  actor.set_role(role);
  return actor;
}

// Before the table: there is no stage to tell of.
absl::Status CheckKnown(const Escalation& escalation, const Command& command) {
  return std::visit(
      [&](const auto& cmd) {
        if constexpr (requires { cmd.actor; }) {
          if (escalation.stage == kNone) {
            return Refuse(absl::StatusCode::kNotFound, "report_id", "is not before the Ombudsman",
                          "check the tracking id; right after another call, give its token in not_before");
          }
        } else if (!escalation.facts.received_at && KindOf(command) != kRegisterReport) {
          return Refuse(
              absl::StatusCode::kFailedPrecondition, "report_id",
              fmt::format("{} of a report whose submission was never told", NameOf(KindOf(command))),
              "find its ReportSubmitted in the journal of intake, or discard the event");
        }
        return absl::OkStatus();
      },
      command);
}

// The last moment at which a matter received at that time may still be brought before the Ombudsman. Years
// are counted in Jakarta, where the Ombudsman sits.
absl::Time LastDay(absl::Time received_at, int years) {
  constexpr int kJakartaOffsetSeconds = 7 * 60 * 60;
  const absl::TimeZone jakarta = absl::FixedTimeZone(kJakartaOffsetSeconds);
  const absl::CivilSecond received = absl::ToCivilSecond(received_at, jakarta);
  return absl::FromCivil(absl::CivilSecond(received.year() + years, received.month(), received.day(),
                                           received.hour(), received.minute(), received.second()),
                         jakarta);
}

// One decision in the making.
class Turn {
 public:
  Turn(const Escalation& before, absl::Time now, const policy::Policy& policy)
      : now_(now), policy_(policy), next_(decision_.next) {
    next_ = before;
  }

  absl::StatusOr<Decision> Take(const Command& command) {
    const absl::Status status = std::visit([this](const auto& cmd) { return Apply(cmd); }, command);
    if (!status.ok()) return status;
    return std::move(decision_);
  }

 private:
  absl::Status Apply(const RegisterReport& cmd) {
    if (next_.facts.received_at) return absl::OkStatus();
    next_.facts.received_at = cmd.at;
    next_.facts.policy_version = cmd.policy_version;
    next_.facts.identity_known = cmd.identity_known;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordAssignment& cmd) {
    next_.facts.agency_id = cmd.agency_id;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordBreach& cmd) {
    next_.facts.term_passed = true;
    // A second clock that runs out while one is dealt with is part of the matter; a withdrawn report is no
    // matter.
    if (IsOpen(next_.stage) || next_.facts.withdrawn) return absl::OkStatus();
    const std::string respondent = cmd.agency_id.empty() ? next_.facts.agency_id : cmd.agency_id;
    Open(event::v1::ESCALATION_CAUSE_BREACH, cmd.clock, respondent, ActorOf(report::v1::ROLE_SERVICE),
         cmd.at);
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordReaction& cmd) {
    if (!cmd.satisfied) next_.facts.dissatisfied = true;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordClosing& cmd) {
    next_.facts.closing = cmd.closing;
    // Only a satisfied reporter settles a matter that nobody has taken up yet; what is already in an
    // officer's hands they close.
    if (next_.stage == kProposed && cmd.closing == event::v1::CLOSING_BY_REPORTER) {
      Close(event::v1::ESCALATION_OUTCOME_RESOLVED, event::v1::MALADMINISTRATION_UNSPECIFIED,
            ActorOf(report::v1::ROLE_SERVICE), cmd.at);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordReopening&) {
    next_.facts.closing = event::v1::CLOSING_UNSPECIFIED;
    return absl::OkStatus();
  }

  // Archived is not resolved: a proposal stays, and its reporter may still agree.
  absl::Status Apply(const RecordArchiving&) {
    next_.facts.archived = true;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordRestoring&) {
    next_.facts.archived = false;
    return absl::OkStatus();
  }

  absl::Status Apply(const RequestEscalation& cmd) {
    if (cmd.identity_known) next_.facts.identity_known = true;
    if (!IsOpen(next_.stage)) OpenAsAsked(cmd.at);
    HearReporter(cmd);
    return absl::OkStatus();
  }

  absl::Status Apply(const ConsentToEscalation& cmd) {
    // Intake takes no consent of somebody who stays unknown.
    next_.facts.identity_known = true;
    // A consent that crossed the closing of what it agrees to: the reporter wants the matter taken up all the
    // same.
    const bool crossed = next_.stage == kClosed && !next_.consented_at;
    if (crossed) OpenAsAsked(cmd.at);
    if (IsOpen(next_.stage)) HearReporter(cmd);
    return absl::OkStatus();
  }

  absl::Status Apply(const WithdrawReport& cmd) {
    next_.facts.withdrawn = true;
    if (IsOpen(next_.stage)) {
      Close(event::v1::ESCALATION_OUTCOME_STOPPED, event::v1::MALADMINISTRATION_UNSPECIFIED,
            ActorOf(report::v1::ROLE_REPORTER), cmd.at);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const CheckEligibility& cmd) {
    const policy::v1::PolicyVersion* version = policy_.FindVersion(next_.facts.policy_version);
    if (version == nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "policy",
                    fmt::format("version '{}', under which the report was received, is not loaded",
                                next_.facts.policy_version),
                    "when the operators have put the policy data right, send the request again");
    }
    event::v1::EligibilityDecided decided;
    Judge(version->limits().max_escalation_age_years().value(), decided);
    *Emit(cmd.actor, now_).mutable_eligibility_decided() = decided;
    for (const event::v1::GroundVerdict& verdict : decided.verdicts()) {
      decision_.records.push_back(Verdict{next_.id, next_.number, verdict.ground(), verdict.met(), now_});
    }
    if (decided.eligible()) {
      Reach(kMaterialCheck, cmd.actor, now_);
    } else {
      Close(event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE, event::v1::MALADMINISTRATION_UNSPECIFIED, cmd.actor,
            now_);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const AdvanceEscalation& cmd) {
    const EscalationStage following = next_.stage == kMaterialCheck ? kExamination : kExaminationReport;
    if (cmd.stage != following) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "stage",
                    fmt::format("is not the one after {}", NameOf(next_.stage)),
                    fmt::format("give {}", NameOf(following)));
    }
    Reach(following, cmd.actor, now_);
    return absl::OkStatus();
  }

  absl::Status Apply(const CloseEscalation& cmd) {
    const bool needs_report = cmd.outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND ||
                              cmd.outcome == event::v1::ESCALATION_OUTCOME_NOT_FOUND;
    if (needs_report && next_.stage != kExaminationReport) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "outcome",
                    fmt::format("is one of the examination report, which {} precedes", NameOf(next_.stage)),
                    "advance to the examination report first, or close as resolved or stopped");
    }
    Close(cmd.outcome, cmd.maladministration, cmd.actor, now_);
    return absl::OkStatus();
  }

  // The formal check, UU 37/2008 art. 23, 24 and 36, ground by ground; domain.md tells how sure each source
  // is.
  void Judge(int max_age_years, event::v1::EligibilityDecided& decided) const {
    const ReportFacts& facts = next_.facts;
    const event::v1::ReporterDeclarations& declared = next_.declarations;
    bool eligible = true;
    const auto find = [&](event::v1::Ground ground, bool met) {
      event::v1::GroundVerdict& verdict = *decided.add_verdicts();
      verdict.set_ground(ground);
      verdict.set_met(met);
      eligible = eligible && met;
    };
    find(event::v1::GROUND_IDENTITY, facts.identity_known);
    find(event::v1::GROUND_CITIZEN_OR_RESIDENT, declared.citizen_or_resident());
    // Art. 24(1)(c): told to the one complained about or their superior, and not resolved as it should be.
    find(event::v1::GROUND_COMPLAINED_FIRST, facts.term_passed || facts.dissatisfied || facts.archived);
    // What counts is when the reporter came, not when an officer found the time.
    find(event::v1::GROUND_WITHIN_TWO_YEARS,
         *next_.consented_at <= LastDay(*facts.received_at, max_age_years));
    find(event::v1::GROUND_NOT_BEFORE_COURT, !declared.before_court());
    // Silence, or an agency that closes its own answer, settles nothing: only a satisfied reporter does.
    find(event::v1::GROUND_NOT_SETTLED_ELSEWHERE,
         facts.closing != event::v1::CLOSING_BY_REPORTER && !declared.in_other_mediation());
    decided.set_eligible(eligible);
  }

  // Proposed; a reporter who asked is heard next.
  void Open(event::v1::EscalationCause cause, report::v1::Clock clock,
            const std::string& respondent_agency_id, const Actor& actor, absl::Time at) {
    Escalation opened;
    opened.id = next_.id;
    opened.facts = next_.facts;
    opened.number = next_.number + 1;
    opened.stage = kProposed;
    opened.cause = cause;
    opened.clock = clock;
    opened.respondent_agency_id = respondent_agency_id;
    opened.opened_at = at;
    next_ = std::move(opened);

    event::v1::EscalationOpened& told = *Emit(actor, at).mutable_escalation_opened();
    told.set_cause(cause);
    told.set_clock(clock);
    told.set_respondent_agency_id(respondent_agency_id);
    told.set_consent_needed(cause == event::v1::ESCALATION_CAUSE_BREACH);
  }

  void OpenAsAsked(absl::Time at) {
    const std::string& agency = next_.facts.agency_id;
    Open(event::v1::ESCALATION_CAUSE_REPORTER_REQUEST, report::v1::CLOCK_UNSPECIFIED,
         agency.empty() ? kNationalAdministrators : agency, ActorOf(report::v1::ROLE_REPORTER), at);
  }

  // What the reporter says to an open escalation. The first time it is their consent.
  template <class Said>
  void HearReporter(const Said& said) {
    if (said.name_secret) next_.name_secret = true;
    if (next_.stage == kProposed) {
      next_.consented_at = said.at;
      Reach(kFormalCheck, ActorOf(report::v1::ROLE_REPORTER), said.at);
    }
    if (next_.stage == kFormalCheck) next_.declarations = said.declarations;
  }

  void Reach(EscalationStage stage, const Actor& actor, absl::Time at) {
    next_.stage = stage;
    Emit(actor, at).mutable_escalation_stage_reached()->set_stage(stage);
  }

  void Close(event::v1::EscalationOutcome outcome, event::v1::Maladministration maladministration,
             const Actor& actor, absl::Time at) {
    next_.stage = kClosed;
    next_.outcome = outcome;
    next_.maladministration = maladministration;
    next_.closed_at = at;
    event::v1::EscalationClosed& closed = *Emit(actor, at).mutable_escalation_closed();
    closed.set_outcome(outcome);
    closed.set_maladministration(maladministration);
  }

  event::v1::Event& Emit(const Actor& actor, absl::Time at) {
    event::v1::Event& event = decision_.events.emplace_back();
    *event.mutable_actor() = actor;
    *event.mutable_occurred_at() = decision::ToProto(at);
    return event;
  }

  const absl::Time now_;
  const policy::Policy& policy_;
  Decision decision_;
  Escalation& next_;
};

}  // namespace

std::string NameOf(EscalationStage stage) { return StageName(stage); }

std::string NameOf(CommandKind kind) {
  switch (kind) {
    case kRegisterReport:
      return "RegisterReport";
    case kRecordAssignment:
      return "RecordAssignment";
    case kRecordBreach:
      return "RecordBreach";
    case kRecordReaction:
      return "RecordReaction";
    case kRecordClosing:
      return "RecordClosing";
    case kRecordReopening:
      return "RecordReopening";
    case kRecordArchiving:
      return "RecordArchiving";
    case kRecordRestoring:
      return "RecordRestoring";
    case kRequestEscalation:
      return "RequestEscalation";
    case kConsentToEscalation:
      return "ConsentToEscalation";
    case kWithdrawReport:
      return "WithdrawReport";
    case kCheckEligibility:
      return "CheckEligibility";
    case kAdvanceEscalation:
      return "AdvanceEscalation";
    case kCloseEscalation:
      return "CloseEscalation";
  }
  return "";
}

CommandKind KindOf(const Command& command) { return static_cast<CommandKind>(command.index()); }

const decision::Table<EscalationStage, CommandKind>& Transitions() { return kTable; }

absl::StatusOr<Decision> Decide(const Escalation& before, const Command& command, absl::Time now,
                                const policy::Policy& policy) {
  const CommandKind kind = KindOf(command);
  if (auto status = CheckKnown(before, command); !status.ok()) return status;
  if (auto status = kTable.Check(before.stage, kind); !status.ok()) return status;

  auto decision = Turn(before, now, policy).Take(command);
  if (decision.ok() && !kTable.Foresees(before.stage, kind, decision->next.stage)) {
    return absl::InternalError(
        fmt::format("{} leads from {} to {}, which the table of transitions doesn't foresee", NameOf(kind),
                    NameOf(before.stage), NameOf(decision->next.stage)));
  }
  return decision;
}

bool IsOpen(EscalationStage stage) { return stage != kNone && stage != kClosed; }

}  // namespace lapor::ombudsman
