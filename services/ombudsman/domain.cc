#include "services/ombudsman/domain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/agency_id.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/grounds.h"

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
constexpr EscalationStage kMonitoring = event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING;
constexpr EscalationStage kRecommendation = event::v1::ESCALATION_STAGE_RECOMMENDATION;
constexpr EscalationStage kPublication = event::v1::ESCALATION_STAGE_PUBLICATION;
constexpr EscalationStage kMediation = event::v1::ESCALATION_STAGE_MEDIATION;
constexpr EscalationStage kConciliation = event::v1::ESCALATION_STAGE_CONCILIATION;
constexpr EscalationStage kAdjudication = event::v1::ESCALATION_STAGE_SPECIAL_ADJUDICATION;
constexpr EscalationStage kClosed = event::v1::ESCALATION_STAGE_CLOSED;

using enum CommandKind;

// --- the table

// Where a command is allowed and where it leads; without `to` it leaves the stage as it is.
struct Rule {
  std::span<const EscalationStage> from;
  CommandKind on;
  std::optional<EscalationStage> to = std::nullopt;
};

constexpr EscalationStage kAny[] = {kNone,        kProposed,          kFormalCheck,  kMaterialCheck,
                                    kExamination, kExaminationReport, kMonitoring,   kRecommendation,
                                    kPublication, kMediation,         kConciliation, kAdjudication,
                                    kClosed};
constexpr EscalationStage kOpen[] = {kProposed,          kFormalCheck,  kMaterialCheck,  kExamination,
                                     kExaminationReport, kMonitoring,   kRecommendation, kPublication,
                                     kMediation,         kConciliation, kAdjudication};
constexpr EscalationStage kTakenUp[] = {kFormalCheck,  kMaterialCheck,  kExamination, kExaminationReport,
                                        kMonitoring,   kRecommendation, kPublication, kMediation,
                                        kConciliation, kAdjudication};
constexpr EscalationStage kWithDocuments[] = {kExamination,    kExaminationReport, kMonitoring,
                                              kRecommendation, kPublication,       kMediation,
                                              kConciliation,   kAdjudication};
constexpr EscalationStage kIssuing[] = {kExamination, kMonitoring,   kPublication,
                                        kMediation,   kConciliation, kAdjudication};
constexpr EscalationStage kReported[] = {kExaminationReport, kMonitoring,   kRecommendation, kPublication,
                                         kMediation,         kConciliation, kAdjudication};
constexpr EscalationStage kChecked[] = {kProposed, kFormalCheck, kMaterialCheck};
constexpr EscalationStage kNeverOrClosed[] = {kNone, kClosed};
constexpr EscalationStage kSidePaths[] = {kMediation, kConciliation, kAdjudication};
constexpr EscalationStage kMayLeave[] = {kExamination, kMonitoring};
template <EscalationStage stage>
constexpr EscalationStage kOnly[] = {stage};

constexpr Rule kRules[] = {
    // Whatever is told about a known report is heard at every stage: services race, and what comes too late
    // to
    // matter leaves the stage as it is.
    {kAny, kRegisterReport},
    {kAny, kRecordAssignment},
    {kAny, kRecordBreach},
    {kNeverOrClosed, kRecordBreach, kProposed},
    {kAny, kRecordReaction},
    {kAny, kRecordClosing},
    {kOnly<kProposed>, kRecordClosing, kClosed},
    {kAny, kRecordReopening},
    {kAny, kRecordArchiving},
    {kAny, kRecordRestoring},
    {kNeverOrClosed, kRequestEscalation, kFormalCheck},
    {kOnly<kProposed>, kRequestEscalation, kFormalCheck},
    {kTakenUp, kRequestEscalation},
    {kNeverOrClosed, kConsentToEscalation},
    {kOnly<kProposed>, kConsentToEscalation, kFormalCheck},
    {kOnly<kClosed>, kConsentToEscalation, kFormalCheck},
    {kTakenUp, kConsentToEscalation},
    {kNeverOrClosed, kWithdrawReport},
    {kOpen, kWithdrawReport, kClosed},

    {kAny, kPassDeadline},
    {kOnly<kExaminationReport>, kPassDeadline, kMonitoring},
    {kAny, kRecountClocks},

    {kOnly<kFormalCheck>, kCheckEligibility, kMaterialCheck},
    {kOnly<kFormalCheck>, kCheckEligibility, kClosed},
    {kOnly<kExamination>, kCheckEligibility},
    {kOnly<kExamination>, kCheckEligibility, kClosed},
    {kChecked, kOpenRapidResponse, kExamination},
    {kOnly<kMaterialCheck>, kAdvanceEscalation, kExamination},
    {kOnly<kExamination>, kAdvanceEscalation, kExaminationReport},
    {kOnly<kMonitoring>, kAdvanceEscalation, kRecommendation},
    {kOnly<kRecommendation>, kAdvanceEscalation, kPublication},
    {kMayLeave, kAdvanceEscalation, kMediation},
    {kMayLeave, kAdvanceEscalation, kConciliation},
    {kMayLeave, kAdvanceEscalation, kAdjudication},
    {kSidePaths, kAdvanceEscalation, kExamination},
    {kSidePaths, kAdvanceEscalation, kMonitoring},
    {kOpen, kTransferEscalation},
    {kIssuing, kIssueDocument},
    {kWithDocuments, kRecordDelivery},
    {kWithDocuments, kReplyToDocument},
    {kReported, kRecordCompliance},
    {kOpen, kCloseEscalation, kClosed},
};

constexpr size_t CountRows() {
  size_t rows = 0;
  for (const Rule& rule : kRules) rows += rule.from.size();
  return rows;
}

constexpr auto kTransitions = [] {
  std::array<decision::Transition<EscalationStage, CommandKind>, CountRows()> rows{};
  size_t next = 0;
  for (const Rule& rule : kRules) {
    for (const EscalationStage from : rule.from) rows[next++] = {from, rule.on, rule.to.value_or(from)};
  }
  return rows;
}();

std::string StageName(EscalationStage stage) { return event::v1::EscalationStage_Name(stage); }
std::string KindName(CommandKind kind) { return NameOf(kind); }

constexpr decision::Table<EscalationStage, CommandKind> kTable(kTransitions, StageName, KindName);

// As "EXAMINATION_REPORT, MEDIATION": where an officer may advance to.
std::string NextStages(EscalationStage stage) {
  std::vector<std::string> names;
  for (const auto& row : kTable.rows()) {
    if (row.from == stage && row.on == kAdvanceEscalation) names.push_back(NameOf(row.to));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// What leads on from the stages that officers don't advance from.
const char* WhatEnds(EscalationStage stage) {
  if (stage == kProposed) {
    return "wait for the reporter's consent, which leads to FORMAL_CHECK; where lives are in danger call "
           "OpenRapidResponse; or close it";
  }
  if (stage == kFormalCheck) return "call CheckEligibility, which leads to MATERIAL_CHECK or to the end";
  if (stage == kExaminationReport) {
    return "RESOLUTION_AND_MONITORING comes by itself when CLOCK_CORRECTIVE_ACTION has run out, which the "
           "report's delivery starts; or close it as the report says";
  }
  if (stage == kPublication) return "issue the PUBLICATION and the REPORT_TO_PARLIAMENT, then close it";
  return "it is over; a new breach, or a request of the reporter, opens the next escalation";
}

// --- who may

Actor ActorOf(report::v1::Role role) {
  Actor actor;
  actor.set_role(role);
  return actor;
}

const Document* FindDocument(const Escalation& e, int escalation, int document) {
  const bool exists =
      escalation == e.number && document >= 1 && static_cast<size_t>(document) <= e.documents.size();
  return exists ? &e.documents[static_cast<size_t>(document) - 1] : nullptr;
}

// Before the table: there is no stage to tell of.
absl::Status CheckKnown(const Escalation& escalation, const Command& command) {
  return std::visit(
      [&](const auto& cmd) {
        if constexpr (requires { cmd.document; }) {
          const Document* document = FindDocument(escalation, cmd.escalation, cmd.document);
          // An agency learns of no document but its own, and of these when they are delivered.
          if (cmd.actor.role() != report::v1::ROLE_OMBUDSMAN &&
              (!document || document->agency_id.empty() || document->agency_id != cmd.actor.agency_id() ||
               !document->delivered_at)) {
            return Refuse(
                absl::StatusCode::kPermissionDenied, "document_number",
                "is of no document to the caller's agency in the last escalation",
                "give the number as it is on a document that ListDocuments shows; before its delivery is "
                "recorded, or after the end of a case, write to the Ombudsman's office");
          }
          if (!document) {
            return Refuse(absl::StatusCode::kNotFound, "document_number",
                          "is of no document of the last escalation",
                          "see ListDocuments; right after another call, give its token in not_before");
          }
        } else if constexpr (requires { cmd.actor; }) {
          if (escalation.stage == kNone) {
            return Refuse(absl::StatusCode::kNotFound, "report_id", "is not before the Ombudsman",
                          "check the tracking id; right after another call, give its token in not_before");
          }
        } else if (!escalation.facts.received_at && KindOf(command) != kRegisterReport &&
                   KindOf(command) != kPassDeadline && KindOf(command) != kRecountClocks) {
          return Refuse(
              absl::StatusCode::kFailedPrecondition, "report_id",
              fmt::format("{} of a report whose submission was never told", NameOf(KindOf(command))),
              "find its ReportSubmitted in the journal of intake, or discard the event");
        }
        return absl::OkStatus();
      },
      command);
}

// When it happened, as far as our clock has come.
absl::Time TimeOf(const Command& command, absl::Time now) {
  return std::visit(
      [now](const auto& cmd) {
        if constexpr (requires { cmd.at; }) return std::min(now, cmd.at);
        return now;
      },
      command);
}

// As the database keeps it.
absl::Time ToMicros(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

// --- documents and clocks of an escalation

const Document* LastOf(const Escalation& e, event::v1::DocumentKind kind) {
  const auto found = std::find_if(e.documents.rbegin(), e.documents.rend(),
                                  [kind](const Document& document) { return document.kind == kind; });
  return found == e.documents.rend() ? nullptr : &*found;
}

const CaseClock* ClockOf(const Escalation& e, report::v1::Clock name) {
  const auto found = std::find_if(e.clocks.rbegin(), e.clocks.rend(),
                                  [name](const CaseClock& clock) { return clock.clock == name; });
  return found == e.clocks.rend() ? nullptr : &*found;
}

const CaseClock* ClockOf(const Escalation& e, const Document& document) {
  const auto found = std::ranges::find(e.clocks, document.number, &CaseClock::document);
  return found == e.clocks.end() ? nullptr : &*found;
}

// Whether the addressee has had their time: they came, answered, or let it run out.
bool IsOver(const Escalation& e, const Document& document) {
  const CaseClock* clock = ClockOf(e, document);
  return clock && (clock->met_at || clock->breached_at);
}

// Who was summoned: an agency, or somebody of whom a hash is kept.
const std::string& AddresseeOf(const Document& document) {
  return document.agency_id.empty() ? document.addressee_sha256 : document.agency_id;
}

// Whether the Ombudsman has gone on from a request or a summons that wasn't heeded: by asking or summoning
// again, by having the same one brought, or by a report without them.
bool HasFollowUp(const Escalation& e, const Document& letter) {
  return std::ranges::any_of(e.documents, [&](const Document& later) {
    if (later.number <= letter.number) return false;
    if (later.kind == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT) return true;
    if (letter.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST) return later.kind == letter.kind;
    if (letter.kind != event::v1::DOCUMENT_KIND_SUMMONS) return false;
    return later.kind == event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL ||
           (later.kind == letter.kind && AddresseeOf(later) == AddresseeOf(letter));
  });
}

// Written once, before the stage of its name is reached, and delivered there.
bool IsStageBound(event::v1::DocumentKind kind) {
  return kind == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT ||
         kind == event::v1::DOCUMENT_KIND_RECOMMENDATION;
}

// Which clock the delivery of a document starts.
std::optional<report::v1::Clock> ClockFor(const Escalation& e, const Document& document) {
  if (document.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST) {
    const auto first = std::ranges::find(e.documents, document.kind, &Document::kind);
    return first->number == document.number ? report::v1::CLOCK_CLARIFICATION
                                            : report::v1::CLOCK_SECOND_CLARIFICATION;
  }
  if (document.kind == event::v1::DOCUMENT_KIND_SUMMONS) return report::v1::CLOCK_SUMMONS;
  if (document.kind == event::v1::DOCUMENT_KIND_RECOMMENDATION) return report::v1::CLOCK_RECOMMENDATION;
  // Of an examination report that finds it.
  if (document.finding == event::v1::FINDING_MALADMINISTRATION) return report::v1::CLOCK_CORRECTIVE_ACTION;
  return std::nullopt;
}

// Whose delivery started it; of no clock of the Ombudsman's own.
const Document& LetterOf(const Escalation& e, const CaseClock& clock) {
  return e.documents[static_cast<size_t>(clock.document) - 1];
}

// How many summons each addressee did not follow, and has not followed late.
std::map<std::string, int> FailuresToAppear(const Escalation& e) {
  std::map<std::string, int> failures;
  for (const CaseClock& clock : e.clocks) {
    if (clock.clock != report::v1::CLOCK_SUMMONS || !clock.breached_at || clock.met_at) continue;
    ++failures[AddresseeOf(LetterOf(e, clock))];
  }
  return failures;
}

// One decision in the making.
class Turn {
 public:
  Turn(const Escalation& before, absl::Time now, const policy::Policy& policy, const policy::Offices& offices)
      : now_(now), policy_(policy), offices_(offices), next_(decision_.next) {
    next_ = before;
    // It was opened before offices were told.
    if (IsOpen(next_.stage) && next_.office.empty())
      next_.office = policy::OfficeFor(offices_, next_.respondent_agency_id).code;
  }

  absl::StatusOr<Decision> Take(const Command& command) {
    // Clocks are counted again first, so that nobody is reminded by a calendar that no longer holds.
    if (KindOf(command) != kRecountClocks) {
      const auto pass_time = [&] { return PassTime(TimeOf(command, now_)); };
      if (auto status = Take(kPassDeadline, pass_time); !status.ok()) return status;
    }
    const auto apply = [&] { return std::visit([this](const auto& cmd) { return Apply(cmd); }, command); };
    if (auto status = Take(KindOf(command), apply); !status.ok()) return status;
    return std::move(decision_);
  }

 private:
  // One step, along the table.
  template <class Step>
  absl::Status Take(CommandKind kind, const Step& step) {
    const EscalationStage before = next_.stage;
    if (auto status = kTable.Check(before, kind); !status.ok()) return WithRemedy(kind, status);
    const absl::Status status = step();
    if (!status.ok() || kTable.Foresees(before, kind, next_.stage)) return status;
    return absl::InternalError(
        fmt::format("{} leads from {} to {}, which the table of transitions doesn't foresee", NameOf(kind),
                    NameOf(before), NameOf(next_.stage)));
  }

  // What the table refuses, with what the stage allows instead where officers would go on, or it is over.
  absl::Status WithRemedy(CommandKind kind, const absl::Status& refused) const {
    if (kind == kCheckEligibility && next_.stage == kProposed) {
      const std::string identity =
          next_.facts.identity_known ? "" : " and their full identity, a ground of the check";
      return RefuseStage(fmt::format("{} is not allowed in {}: it lacks the reporter's consent{}",
                                     NameOf(kind), StageName(next_.stage), identity),
                         "wait until they give it at intake; where lives are in danger call "
                         "OpenRapidResponse; or close it as resolved or stopped");
    }
    if (kind == kAdvanceEscalation || next_.stage == kClosed) {
      return RefuseStage(fmt::format("{} is not allowed in {}", NameOf(kind), StageName(next_.stage)),
                         WhatEnds(next_.stage));
    }
    return refused;
  }

  // --- what other services told

  absl::Status Apply(const RegisterReport& cmd) {
    if (next_.facts.received_at) return absl::OkStatus();
    next_.facts.received_at = cmd.at;
    next_.facts.policy_version = cmd.policy_version;
    next_.facts.identity_known = cmd.identity_known;
    return absl::OkStatus();
  }

  absl::Status Apply(const RecordAssignment& cmd) {
    const std::string before = std::exchange(next_.facts.agency_id, cmd.agency_id);
    // Who is in the place of a respondent that has ended answers for it, and has its letters.
    if (!cmd.carried_over || !IsOpen(next_.stage) || next_.respondent_agency_id != before)
      return absl::OkStatus();
    next_.respondent_agency_id = cmd.agency_id;
    for (Document& document : next_.documents) {
      if (document.agency_id == before) document.agency_id = cmd.agency_id;
    }
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
    // Who appealed was not satisfied, and whoever dismissed it left it at that.
    if (cmd.closing == event::v1::CLOSING_ON_APPEAL) next_.facts.dissatisfied = true;
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
    if (IsBeforeCheck()) next_.direct = cmd.direct;
    return HearReporter(cmd);
  }

  absl::Status Apply(const ConsentToEscalation& cmd) {
    // Intake takes no consent of somebody who stays unknown.
    next_.facts.identity_known = true;
    // A consent that crossed the closing of what it agrees to: the reporter wants the matter taken up all the
    // same.
    const bool crossed = next_.stage == kClosed && !next_.consented_at;
    if (crossed) OpenAsAsked(cmd.at);
    return IsOpen(next_.stage) ? HearReporter(cmd) : absl::OkStatus();
  }

  absl::Status Apply(const WithdrawReport& cmd) {
    next_.facts.withdrawn = true;
    if (IsOpen(next_.stage)) {
      Close(event::v1::ESCALATION_OUTCOME_STOPPED, event::v1::MALADMINISTRATION_UNSPECIFIED,
            ActorOf(report::v1::ROLE_REPORTER), cmd.at);
    }
    return absl::OkStatus();
  }

  // --- time and the calendar

  // What is due has passed by now, as before every command.
  absl::Status Apply(const PassDeadline&) { return absl::OkStatus(); }

  absl::Status Apply(const RecountClocks&) {
    for (CaseClock& clock : next_.clocks) {
      // What has run out stays so, whether or not it was told.
      if (!Runs(next_, clock) || clock.due_at <= now_) continue;
      if (auto status = Recount(clock); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Recount(CaseClock& clock) {
    const auto explained = policy_.Explain(InPolicy(next_, clock));
    if (!explained.ok()) return RefusePolicy(clock.clock, explained.status());
    const absl::Time due_at = decision::FromProto(explained->due_at());
    // Nobody is made late by a day that has passed already.
    if (due_at != clock.due_at && due_at > now_) {
      event::v1::ClockMoved& moved = *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_moved();
      moved.set_clock(clock.clock);
      *moved.mutable_due_at_before() = decision::ToProto(clock.due_at);
      *moved.mutable_due_at() = decision::ToProto(due_at);
      *moved.mutable_calendar_version() = explained->calendar_version();
      clock.due_at = due_at;
    }
    return SetAlarm(clock);
  }

  // Has everybody reminded, and everything breached, that was due at `at`.
  absl::Status PassTime(absl::Time at) {
    for (CaseClock& clock : next_.clocks) {
      if (!Runs(next_, clock) || at < clock.alarm_at) continue;
      if (at >= clock.due_at) {
        Breach(clock);
      } else if (auto status = Remind(clock, at); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  void Breach(CaseClock& clock) {
    clock.breached_at = now_;
    event::v1::ClockBreached& breached =
        *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_breached();
    breached.set_clock(clock.clock);
    *breached.mutable_due_at() = decision::ToProto(clock.due_at);
    breached.set_agency_id(TurnOf(clock));
    // Its reply may still lapse, or somebody be summoned again: that is for officers. Only this goes on by
    // itself.
    if (clock.clock == report::v1::CLOCK_CORRECTIVE_ACTION && next_.stage == kExaminationReport)
      Reach(kMonitoring, ActorOf(report::v1::ROLE_SERVICE), now_);
  }

  // Once for all milestones that have passed, should it be late.
  absl::Status Remind(CaseClock& clock, absl::Time at) {
    const int before = clock.reminded_percent;
    while (true) {
      const auto next = NextReminder(clock);
      if (!next.ok()) return next.status();
      clock.alarm_at = *next ? (*next)->at : clock.due_at;
      if (!*next || (*next)->at > at) break;
      clock.reminded_percent = (*next)->percent;
    }
    if (clock.reminded_percent == before) return absl::OkStatus();
    event::v1::ClockReminded& reminded =
        *Emit(ActorOf(report::v1::ROLE_SERVICE), now_).mutable_clock_reminded();
    reminded.set_clock(clock.clock);
    *reminded.mutable_due_at() = decision::ToProto(clock.due_at);
    reminded.set_percent(clock.reminded_percent);
    reminded.set_agency_id(TurnOf(clock));
    return absl::OkStatus();
  }

  struct Reminder {
    absl::Time at;
    int percent;
  };
  // Absent after the last one.
  absl::StatusOr<std::optional<Reminder>> NextReminder(const CaseClock& clock) const {
    const policy::v1::PolicyVersion* version = policy_.FindVersion(next_.facts.policy_version);
    if (version == nullptr) return std::nullopt;
    for (const auto& part : version->limits().reminder_percent()) {
      if (part.value() <= clock.reminded_percent) continue;
      const auto at = policy_.ReminderAt(InPolicy(next_, clock), part.value());
      if (!at.ok()) return RefusePolicy(clock.clock, at.status());
      if (*at && **at < clock.due_at) return Reminder{ToMicros(**at), part.value()};
    }
    return std::nullopt;
  }

  absl::Status SetAlarm(CaseClock& clock) const {
    const auto next = NextReminder(clock);
    if (!next.ok()) return next.status();
    clock.alarm_at = *next ? (*next)->at : clock.due_at;
    return absl::OkStatus();
  }

  absl::Status Start(report::v1::Clock name, int document, absl::Time at) {
    CaseClock clock{
        .clock = name, .document = document, .time_zone = ZoneOfOffice(), .started_at = ToMicros(at)};
    const auto due_at = policy_.DueAt(InPolicy(next_, clock));
    if (!due_at.ok()) return RefusePolicy(name, due_at.status());
    clock.due_at = ToMicros(*due_at);
    if (auto status = SetAlarm(clock); !status.ok()) return status;
    next_.clocks.push_back(clock);
    return absl::OkStatus();
  }

  report::v1::TimeZone ZoneOfOffice() const {
    const auto office = offices_.find(next_.office);
    // One that the reference data has given up since: its cases are the head office's.
    return (office == offices_.end() ? offices_.find(policy::kHeadOffice) : office)->second.time_zone;
  }

  // Also one that has run out: it is met late.
  void Meet(report::v1::Clock name, absl::Time at) {
    for (CaseClock& clock : next_.clocks) {
      if (clock.clock == name && !clock.met_at) clock.met_at = at;
    }
  }

  static absl::Status RefusePolicy(report::v1::Clock clock, const absl::Status& why) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, "policy",
        fmt::format("{} can't be set: {}", report::v1::Clock_Name(clock), std::string(why.message())),
        "when the operators have put the policy data right, send the request again or replay the event");
  }

  // Whose turn it is: of a letter's clock, who has the letter. Empty for the Ombudsman, and for an addressee
  // who is no agency.
  std::string TurnOf(const CaseClock& clock) const {
    return clock.document == 0 ? "" : LetterOf(next_, clock).agency_id;
  }

  // --- what officers do

  absl::Status Apply(const CheckEligibility& cmd) {
    if (!IsBeforeCheck()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id", "has had its formal check",
                    "read its verdicts with GetEscalation");
    }
    if (!next_.consented_at) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id", "lacks the reporter's consent",
                    "wait until they agree, or close it as resolved or stopped");
    }
    const auto limits = FindLimits();
    if (!limits.ok()) return limits.status();
    const auto verdicts = Judge(next_, **limits, cmd.judgements, now_);
    event::v1::EligibilityDecided decided;
    for (const event::v1::GroundVerdict& verdict : verdicts) {
      const auto judged = std::ranges::find(cmd.judgements, verdict.ground(), &Judgement::ground);
      const std::string reason = judged == cmd.judgements.end() ? "" : judged->reason;
      decision_.records.push_back(
          Verdict{next_.id, next_.number, verdict.ground(), verdict.met(), now_, verdict.basis(), reason});
      *decided.add_verdicts() = verdict;
    }
    decided.set_eligible(IsEligible(verdicts));
    *Emit(cmd.actor, now_).mutable_eligibility_decided() = decided;

    if (!decided.eligible()) {
      Close(event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE, event::v1::MALADMINISTRATION_UNSPECIFIED, cmd.actor,
            now_);
    } else if (next_.check_owed) {
      next_.check_owed = false;
      Meet(report::v1::CLOCK_OMBUDSMAN_CHECK, now_);
    } else {
      Reach(kMaterialCheck, cmd.actor, now_);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const OpenRapidResponse& cmd) {
    next_.rapid_response = true;
    next_.check_owed = next_.stage != kMaterialCheck;
    if (!next_.check_owed) Meet(report::v1::CLOCK_OMBUDSMAN_CHECK, now_);
    if (auto status = Start(report::v1::CLOCK_RAPID_RESPONSE, 0, now_); !status.ok()) return status;
    *Emit(cmd.actor, now_).mutable_rapid_response_opened()->mutable_due_at() =
        decision::ToProto(next_.clocks.back().due_at);
    Remember(NoteKind::kRapidResponse, cmd.reason);
    Reach(kExamination, cmd.actor, now_);
    return absl::OkStatus();
  }

  absl::Status Apply(const AdvanceEscalation& cmd) {
    if (!kTable.Foresees(next_.stage, kAdvanceEscalation, cmd.stage)) {
      return RefuseStage(fmt::format("does not follow {}", NameOf(next_.stage)),
                         "give one of " + NextStages(next_.stage));
    }
    if (next_.check_owed) {
      return RefuseStage("needs the formal check, which the rapid-response lane went past",
                         "call CheckEligibility first");
    }
    if (auto status = CheckReady(cmd.stage); !status.ok()) return status;
    if (next_.stage == kMaterialCheck) Meet(report::v1::CLOCK_OMBUDSMAN_CHECK, now_);
    Reach(cmd.stage, cmd.actor, now_);
    return absl::OkStatus();
  }

  // Whether what that stage needs is there.
  absl::Status CheckReady(EscalationStage stage) const {
    const bool reported = ExaminationReportOf(next_) != nullptr;
    if (stage == kExaminationReport && !reported)
      return RefuseWithout(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
    if (stage == kRecommendation && !LastOf(next_, event::v1::DOCUMENT_KIND_RECOMMENDATION))
      return RefuseWithout(event::v1::DOCUMENT_KIND_RECOMMENDATION);
    if (stage == kPublication && !IsIgnored()) {
      return RefuseStage(
          "needs a recommendation that was ignored: its term has run out, or after the superior's report "
          "COMPLIANCE_NONE or COMPLIANCE_PARTIAL was recorded",
          "wait for the end of CLOCK_RECOMMENDATION, or record the compliance; one that is complied with "
          "fully is "
          "closed");
    }
    if (next_.stage == kExamination && IsSidePath(stage) && reported) {
      return RefuseStage(
          "comes too late, for the examination report is written",
          "advance to EXAMINATION_REPORT; side paths lead off again from RESOLUTION_AND_MONITORING");
    }
    if (IsSidePath(next_.stage) && stage != (reported ? kMonitoring : kExamination)) {
      return RefuseStage("is not where the side path led off",
                         fmt::format("give {}", NameOf(reported ? kMonitoring : kExamination)));
    }
    return absl::OkStatus();
  }

  // The recommendation, or rather its addressee.
  bool IsIgnored() const {
    const CaseClock* clock = ClockOf(next_, report::v1::CLOCK_RECOMMENDATION);
    if (!clock || next_.compliance == event::v1::COMPLIANCE_FULL) return false;
    if (clock->breached_at) return true;
    return clock->met_at && next_.compliance_at >= clock->met_at;
  }

  absl::Status Apply(const TransferEscalation& cmd) {
    if (!offices_.contains(cmd.office)) {
      return Refuse(absl::StatusCode::kInvalidArgument, "office", "is no office of the Ombudsman",
                    "give a code that ListOffices shows, as jawa-barat");
    }
    if (cmd.office == next_.office) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "office", "has the case already",
                    "give another office's code, or leave it there");
    }
    event::v1::EscalationTransferred& told = *Emit(cmd.actor, now_).mutable_escalation_transferred();
    told.set_from_office(next_.office);
    told.set_to_office(cmd.office);
    next_.office = cmd.office;
    Remember(NoteKind::kTransfer, cmd.reason);
    return absl::OkStatus();
  }

  absl::Status Apply(const IssueDocument& cmd) {
    if (auto status = CheckMayIssue(cmd); !status.ok()) return status;
    Document document = Draft(cmd);
    event::v1::DocumentIssued& issued = *Emit(cmd.actor, now_).mutable_document_issued();
    issued.set_document_number(NumberOf(document));
    issued.set_kind(document.kind);
    issued.set_agency_id(document.agency_id);
    issued.set_finding(document.finding);
    issued.set_maladministration(document.maladministration);
    decision_.records.push_back(Letter{next_.id, next_.number, document.number, cmd.addressee, cmd.text,
                                       cmd.text_sha256, cmd.attachments});
    next_.documents.push_back(std::move(document));
    // The examination has begun.
    Meet(report::v1::CLOCK_RAPID_RESPONSE, now_);
    return absl::OkStatus();
  }

  Document Draft(const IssueDocument& cmd) const {
    Document document{.number = static_cast<int>(next_.documents.size()) + 1,
                      .kind = cmd.kind,
                      .agency_id = cmd.agency_id,
                      .finding = cmd.finding,
                      .maladministration = cmd.maladministration,
                      .office = next_.office,
                      .issued_at = now_};
    if (!cmd.addressee.empty()) document.addressee_sha256 = Sha256(cmd.addressee);
    if (cmd.agency_id.empty() && cmd.addressee.empty()) document.agency_id = next_.respondent_agency_id;
    return document;
  }

  absl::Status CheckMayIssue(const IssueDocument& cmd) const {
    const DocumentRule* rule = FindRule(cmd.kind);
    if (!rule || std::ranges::find(rule->stages, next_.stage) == rule->stages.end()) {
      std::vector<std::string> kinds;
      for (const DocumentRule& other : DocumentRules()) {
        if (std::ranges::find(other.stages, next_.stage) != other.stages.end())
          kinds.push_back(NameOf(other.kind));
      }
      return RefuseKind(fmt::format("is not issued in {}", NameOf(next_.stage)),
                        fmt::format("give one of {}, or advance first", fmt::join(kinds, ", ")));
    }
    if (next_.documents.size() >= kMaxDocuments) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "report_id",
                    fmt::format("has {} documents, which is the most", kMaxDocuments),
                    "close the escalation with what there is");
    }
    if (!cmd.agency_id.empty() && !report::IsWithin(next_.respondent_agency_id, cmd.agency_id)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "agency_id",
                    "is neither the respondent nor above them",
                    "leave it out for the respondent, or write to anybody else by addressee");
    }
    if (cmd.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST) return CheckMayAsk();
    if (cmd.kind == event::v1::DOCUMENT_KIND_SUMMONS) return CheckMaySummon(AddresseeOf(Draft(cmd)));
    if (cmd.kind == event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL) return CheckMayCompel();
    if (const Document* last = LastOf(next_, cmd.kind); last && IsStageBound(cmd.kind)) {
      return RefuseKind(fmt::format("is written already: {}", NumberOf(*last)),
                        fmt::format("advance to {}", NameOf(cmd.kind)));
    }
    return absl::OkStatus();
  }

  absl::Status CheckMayAsk() const {
    constexpr event::v1::DocumentKind kKind = event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST;
    const Document* last = LastOf(next_, kKind);
    if (std::ranges::count(next_.documents, kKind, &Document::kind) >= 2) {
      return RefuseKind("was issued twice, and the second request is the last",
                        "summon the respondent, or write the examination report");
    }
    if (!last || IsOver(next_, *last)) return absl::OkStatus();
    return RefuseKind(fmt::format("waits for the reply to {}, or for the end of its term", NumberOf(*last)),
                      "record its delivery, and wait until CLOCK_CLARIFICATION has run out");
  }

  absl::Status CheckMaySummon(const std::string& addressee) const {
    const auto limits = FindLimits();
    if (!limits.ok()) return limits.status();
    const int most = (*limits)->max_summons().value();
    if (FailuresToAppear(next_)[addressee] >= most) {
      return RefuseKind(
          fmt::format("was left unheeded {} times by this addressee, and there is no further one", most),
          "issue a REQUEST_TO_COMPEL to the police (UU 37/2008 art. 31)");
    }
    const Document* last = LastOf(next_, event::v1::DOCUMENT_KIND_SUMMONS);
    if (!last || IsOver(next_, *last)) return absl::OkStatus();
    return RefuseKind(
        fmt::format("waits for the end of {}", NumberOf(*last)),
        "record its delivery, then their coming as the reply, or wait until CLOCK_SUMMONS has run out");
  }

  absl::Status CheckMayCompel() const {
    const auto limits = FindLimits();
    if (!limits.ok()) return limits.status();
    const int needed = (*limits)->max_summons().value();
    int failures = 0;
    for (const auto& [addressee, count] : FailuresToAppear(next_)) failures = std::max(failures, count);
    if (failures >= needed) return absl::OkStatus();
    return RefuseKind(fmt::format("needs {} summons that were not heeded by the same addressee; there are {}",
                                  needed, failures),
                      "summon again (UU 37/2008 art. 31)");
  }

  absl::Status Apply(const RecordDelivery& cmd) {
    Document& document = DocumentOf(cmd);
    const absl::Time at = ToMicros(cmd.delivered_at.value_or(now_));
    const auto refuse_time = [](const std::string& rule) {
      return Refuse(absl::StatusCode::kInvalidArgument, "delivered_at", rule,
                    "give the time at which the addressee received it, or leave it out for now");
    };
    if (at > now_) return refuse_time("is in the future");
    if (at < document.issued_at) return refuse_time("is before the document was issued");
    if (document.delivered_at) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "document_number",
                    "is recorded as delivered already",
                    "read the delivery with ListDocuments; it is not changed");
    }
    // What went about earlier was a draft.
    if (IsStageBound(document.kind) && at < *next_.stage_reached_at)
      return refuse_time(fmt::format("is before {} was reached", NameOf(next_.stage)));
    return Deliver(document, at, cmd.actor);
  }

  absl::Status Deliver(Document& document, absl::Time at, const Actor& actor) {
    // So that its clock runs at the stage that waits for it.
    const bool report_waits =
        document.kind == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT && next_.stage == kExamination;
    const bool recommendation_waits =
        document.kind == event::v1::DOCUMENT_KIND_RECOMMENDATION && next_.stage != kRecommendation;
    if (report_waits || recommendation_waits) {
      return Refuse(
          absl::StatusCode::kFailedPrecondition, "document_number",
          fmt::format("is of a document that goes out at a later stage than {}", NameOf(next_.stage)),
          fmt::format("advance to {} first", NameOf(document.kind)));
    }
    document.delivered_at = at;
    const auto clock = ClockFor(next_, document);
    if (clock) {
      if (auto status = Start(*clock, document.number, at); !status.ok()) return status;
    }
    event::v1::DocumentDelivered& delivered = *Emit(actor, at).mutable_document_delivered();
    delivered.set_document_number(NumberOf(document));
    delivered.set_agency_id(document.agency_id);
    delivered.set_kind(document.kind);
    if (clock) *delivered.mutable_due_at() = decision::ToProto(next_.clocks.back().due_at);
    // What it asks for was done before it came.
    if (clock && next_.compliance == event::v1::COMPLIANCE_FULL) MeetByCompliance();
    return absl::OkStatus();
  }

  absl::Status Apply(const ReplyToDocument& cmd) {
    Document& document = DocumentOf(cmd);
    const bool by_agency = cmd.actor.role() != report::v1::ROLE_OMBUDSMAN;
    const CaseClock* second = ClockOf(next_, report::v1::CLOCK_SECOND_CLARIFICATION);
    if (by_agency && document.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST && second &&
        second->breached_at) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "document_number",
                    "is of a request to which the right of reply has lapsed with the second term",
                    "hand it in at the Ombudsman's office, whose officers may still record it as late");
    }
    if (document.replies >= kMaxReplies) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "document_number",
                    fmt::format("is of a document with {} replies, which is the most", kMaxReplies),
                    "reply to another document, or write to the Ombudsman's office");
    }
    // Who replies has it.
    if (!document.delivered_at) {
      if (auto status = Deliver(document, now_, cmd.actor); !status.ok()) return status;
    }
    ++document.replies;
    document.replied_at = now_;
    const CaseClock* clock = ClockOf(next_, document);
    event::v1::DocumentReplied& replied = *Emit(cmd.actor, now_).mutable_document_replied();
    replied.set_document_number(NumberOf(document));
    replied.set_late(clock && now_ >= clock->due_at);
    decision_.records.push_back(Reply{next_.id, next_.number, document.number, document.replies, now_,
                                      by_agency ? cmd.actor.agency_id() : "", cmd.text, cmd.attachments});
    MeetByReply(document, by_agency);
    return absl::OkStatus();
  }

  void MeetByReply(const Document& replied, bool by_agency) {
    // Corrective action is a deed: its clock waits for the record of compliance. So is coming: who was
    // summoned may write as well, but that they came the Ombudsman's officers see.
    if (replied.kind == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT ||
        (replied.kind == event::v1::DOCUMENT_KIND_SUMMONS && by_agency))
      return;
    for (CaseClock& clock : next_.clocks) {
      if (clock.document == 0 || clock.met_at) continue;
      const Document& waiting = LetterOf(next_, clock);
      // Both requests ask for the same: what an agency says to one of them it needn't say again to the other.
      const bool asked_too = replied.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST &&
                             waiting.kind == replied.kind && waiting.agency_id == replied.agency_id &&
                             !clock.breached_at;
      if (waiting.number == replied.number || asked_too) clock.met_at = now_;
    }
  }

  absl::Status Apply(const RecordCompliance& cmd) {
    const Document* report = ExaminationReportOf(next_);
    if (!report || report->finding != event::v1::FINDING_MALADMINISTRATION) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "compliance",
                    "is with the examination report's corrective action, and this one asks for none",
                    "close the escalation as the report says");
    }
    next_.compliance = cmd.compliance;
    next_.compliance_at = now_;
    event::v1::ComplianceRecorded& recorded = *Emit(cmd.actor, now_).mutable_compliance_recorded();
    recorded.set_compliance(cmd.compliance);
    recorded.set_agency_id(next_.respondent_agency_id);
    Remember(NoteKind::kCompliance, cmd.text);
    if (cmd.compliance == event::v1::COMPLIANCE_FULL) {
      MeetByCompliance();
      return absl::OkStatus();
    }
    // It turned out otherwise: the action is still owed, or the superior's report, and the clock runs on.
    for (CaseClock& clock : next_.clocks) {
      const bool unreported =
          clock.clock == report::v1::CLOCK_RECOMMENDATION && LetterOf(next_, clock).replies == 0;
      if (!clock.met_at || (clock.clock != report::v1::CLOCK_CORRECTIVE_ACTION && !unreported)) continue;
      clock.met_at.reset();
      // By the calendar of now, which may have come while it stood still.
      if (!Runs(next_, clock)) continue;
      if (auto status = Recount(clock); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void MeetByCompliance() {
    Meet(report::v1::CLOCK_CORRECTIVE_ACTION, now_);
    Meet(report::v1::CLOCK_RECOMMENDATION, now_);
  }

  absl::Status Apply(const CloseEscalation& cmd) {
    if (auto status = CheckOutcome(cmd); !status.ok()) return status;
    Close(cmd.outcome, cmd.maladministration, cmd.actor, now_);
    return absl::OkStatus();
  }

  // Whether what the outcome claims is there. Resolved or stopped needs nothing.
  absl::Status CheckOutcome(const CloseEscalation& cmd) const {
    const auto refuse = [](const std::string& rule, const std::string& remedy) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "outcome", rule, remedy);
    };
    const bool found = cmd.outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND;
    const bool not_found = cmd.outcome == event::v1::ESCALATION_OUTCOME_NOT_FOUND;
    const Document* report = ExaminationReportOf(next_);
    if ((found || not_found) && (!report || next_.stage == kExamination)) {
      return refuse(fmt::format("is one of the examination report, which {} precedes", NameOf(next_.stage)),
                    "issue the examination report and advance to it, or close as resolved or stopped");
    }
    if ((found && report->finding != event::v1::FINDING_MALADMINISTRATION) ||
        (not_found && report->finding != event::v1::FINDING_NONE)) {
      return refuse(fmt::format("is not what the examination report says, {}",
                                event::v1::Finding_Name(report->finding)),
                    "close as the report says, or as resolved or stopped");
    }
    if (found && cmd.maladministration != report->maladministration) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "maladministration",
                    "is not the one of the examination report",
                    fmt::format("give {}", event::v1::Maladministration_Name(report->maladministration)));
    }
    const bool published = next_.stage == kPublication &&
                           LastOf(next_, event::v1::DOCUMENT_KIND_PUBLICATION) &&
                           LastOf(next_, event::v1::DOCUMENT_KIND_REPORT_TO_PARLIAMENT);
    if (found && next_.compliance != event::v1::COMPLIANCE_FULL && !published) {
      return refuse(
          "leaves what the examination report asks for undone",
          next_.stage == kPublication
              ? "issue the PUBLICATION and the REPORT_TO_PARLIAMENT first, or record COMPLIANCE_FULL"
              : "record COMPLIANCE_FULL when it is done; else go on, at last to PUBLICATION");
    }
    if (cmd.outcome != event::v1::ESCALATION_OUTCOME_SETTLED) return absl::OkStatus();
    if (!IsSidePath(next_.stage)) {
      return refuse("is one of mediation, conciliation or special adjudication",
                    "advance to one of them first, or close otherwise");
    }
    const Document* settlement = LastOf(next_, event::v1::DOCUMENT_KIND_SETTLEMENT);
    if (!settlement || settlement->issued_at < *next_.stage_reached_at) {
      return refuse(fmt::format("needs the record of {}", NameOf(next_.stage)),
                    "issue a document of kind SETTLEMENT first");
    }
    return absl::OkStatus();
  }

  // --- steps

  // Proposed; a reporter who asked is heard next.
  void Open(event::v1::EscalationCause cause, report::v1::Clock clock,
            const std::string& respondent_agency_id, const Actor& actor, absl::Time at) {
    Escalation opened;
    opened.id = next_.id;
    opened.facts = next_.facts;
    opened.number = next_.number + 1;
    opened.stage = kProposed;
    opened.stage_reached_at = at;
    opened.cause = cause;
    opened.clock = clock;
    opened.respondent_agency_id = respondent_agency_id;
    opened.office = policy::OfficeFor(offices_, respondent_agency_id).code;
    opened.opened_at = at;
    next_ = std::move(opened);

    event::v1::EscalationOpened& told = *Emit(actor, at).mutable_escalation_opened();
    told.set_cause(cause);
    told.set_clock(clock);
    told.set_respondent_agency_id(respondent_agency_id);
    told.set_consent_needed(cause == event::v1::ESCALATION_CAUSE_BREACH);
    told.set_office(next_.office);
  }

  void OpenAsAsked(absl::Time at) {
    const std::string& agency = next_.facts.agency_id;
    Open(event::v1::ESCALATION_CAUSE_REPORTER_REQUEST, report::v1::CLOCK_UNSPECIFIED,
         agency.empty() ? kNationalAdministrators : agency, ActorOf(report::v1::ROLE_REPORTER), at);
  }

  // The formal check is still to be done.
  bool IsBeforeCheck() const {
    return next_.stage == kProposed || next_.stage == kFormalCheck || next_.check_owed;
  }

  // What the reporter says to an open escalation. The first time it is their consent.
  template <class Said>
  absl::Status HearReporter(const Said& said) {
    if (said.name_secret) next_.name_secret = true;
    if (IsBeforeCheck()) next_.declarations = said.declarations;
    if (next_.consented_at) return absl::OkStatus();
    next_.consented_at = said.at;
    if (next_.stage == kProposed) Reach(kFormalCheck, ActorOf(report::v1::ROLE_REPORTER), said.at);
    return Start(report::v1::CLOCK_OMBUDSMAN_CHECK, 0, said.at);
  }

  void Reach(EscalationStage stage, const Actor& actor, absl::Time at) {
    next_.stage = stage;
    next_.stage_reached_at = at;
    Emit(actor, at).mutable_escalation_stage_reached()->set_stage(stage);
  }

  void Close(event::v1::EscalationOutcome outcome, event::v1::Maladministration maladministration,
             const Actor& actor, absl::Time at) {
    Meet(report::v1::CLOCK_OMBUDSMAN_CHECK, at);
    next_.stage = kClosed;
    next_.stage_reached_at = at;
    next_.check_owed = false;
    next_.outcome = outcome;
    next_.maladministration = maladministration;
    next_.closed_at = at;
    event::v1::EscalationClosed& closed = *Emit(actor, at).mutable_escalation_closed();
    closed.set_outcome(outcome);
    closed.set_maladministration(maladministration);
    closed.set_compliance(next_.compliance);
  }

  void Remember(NoteKind kind, const std::string& text) {
    decision_.records.push_back(Note{next_.id, next_.number, kind, now_, text});
  }

  template <class Cmd>
  Document& DocumentOf(const Cmd& cmd) {
    return next_.documents[static_cast<size_t>(cmd.document) - 1];
  }

  std::string NumberOf(const Document& document) const {
    return ToString(DocumentId{next_.id, next_.number, document.number});
  }

  absl::StatusOr<const policy::v1::Limits*> FindLimits() const {
    const policy::v1::PolicyVersion* version = policy_.FindVersion(next_.facts.policy_version);
    if (version != nullptr) return &version->limits();
    return Refuse(absl::StatusCode::kFailedPrecondition, "policy",
                  fmt::format("version '{}', under which the report was received, is not loaded",
                              next_.facts.policy_version),
                  "when the operators have put the policy data right, send the request again");
  }

  static absl::Status RefuseKind(const std::string& rule, const std::string& remedy) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "kind", rule, remedy);
  }
  static absl::Status RefuseStage(const std::string& rule, const std::string& remedy) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "stage", rule, remedy);
  }
  static absl::Status RefuseWithout(event::v1::DocumentKind kind) {
    return RefuseStage(fmt::format("needs a document of kind {}", NameOf(kind)), "issue it first");
  }

  event::v1::Event& Emit(const Actor& actor, absl::Time at) {
    event::v1::Event& event = decision_.events.emplace_back();
    *event.mutable_actor() = actor;
    *event.mutable_occurred_at() = decision::ToProto(at);
    return event;
  }

  const absl::Time now_;
  const policy::Policy& policy_;
  const policy::Offices& offices_;
  Decision decision_;
  Escalation& next_;
};

// When something is due of each clock that runs; of each name at most one does.
std::map<report::v1::Clock, absl::Time> AlarmsOf(const Escalation& escalation) {
  std::map<report::v1::Clock, absl::Time> alarms;
  for (const CaseClock& clock : escalation.clocks) {
    if (Runs(escalation, clock)) alarms.emplace(clock.clock, clock.alarm_at);
  }
  return alarms;
}

// The table of deadlines mirrors the state: no command can forget one. The row of one that has fired is gone
// from the table; it is set again as long as its clock runs, even should our clock have been set back
// meanwhile.
void ChangeDeadlines(const Escalation& before, CommandKind kind, Decision& decision) {
  const auto old = AlarmsOf(before);
  const auto now = AlarmsOf(decision.next);
  for (const auto& [clock, at] : now) {
    const auto stood = old.find(clock);
    const bool stands = stood != old.end() && stood->second == at && kind != kPassDeadline;
    if (!stands) decision.deadlines.push_back({clock, at});
  }
  for (const auto& [clock, at] : old) {
    if (!now.contains(clock)) decision.deadlines.push_back({clock, std::nullopt});
  }
}

}  // namespace

std::string NameOf(EscalationStage stage) { return StageName(stage).substr(sizeof("ESCALATION_STAGE_") - 1); }

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
    case kPassDeadline:
      return "PassDeadline";
    case kRecountClocks:
      return "RecountClocks";
    case kCheckEligibility:
      return "CheckEligibility";
    case kAdvanceEscalation:
      return "AdvanceEscalation";
    case kOpenRapidResponse:
      return "OpenRapidResponse";
    case kTransferEscalation:
      return "TransferEscalation";
    case kIssueDocument:
      return "IssueDocument";
    case kRecordDelivery:
      return "RecordDelivery";
    case kReplyToDocument:
      return "ReplyToDocument";
    case kRecordCompliance:
      return "RecordCompliance";
    case kCloseEscalation:
      return "CloseEscalation";
  }
  return "";
}

CommandKind KindOf(const Command& command) { return static_cast<CommandKind>(command.index()); }

const decision::Table<EscalationStage, CommandKind>& Transitions() { return kTable; }

absl::StatusOr<Decision> Decide(const Escalation& before, const Command& command, absl::Time now,
                                const policy::Policy& policy, const policy::Offices& offices) {
  if (auto status = CheckKnown(before, command); !status.ok()) return status;
  auto decision = Turn(before, now, policy, offices).Take(command);
  if (decision.ok()) ChangeDeadlines(before, KindOf(command), *decision);
  return decision;
}

bool IsOpen(EscalationStage stage) { return stage != kNone && stage != kClosed; }

bool IsSidePath(EscalationStage stage) {
  return std::ranges::find(kSidePaths, stage) != std::end(kSidePaths);
}

bool Runs(const Escalation& escalation, const CaseClock& clock) {
  return IsOpen(escalation.stage) && !clock.met_at && !clock.breached_at;
}

bool IsOverdue(const Escalation& escalation) {
  return IsOpen(escalation.stage) && std::ranges::any_of(escalation.clocks, [&](const CaseClock& clock) {
           const bool unmet = clock.breached_at && !clock.met_at;
           return unmet && !(clock.document > 0 && HasFollowUp(escalation, LetterOf(escalation, clock)));
         });
}

policy::ReportClock InPolicy(const Escalation& escalation, const CaseClock& clock) {
  return {.policy_version = escalation.facts.policy_version,
          .clock = clock.clock,
          .start = clock.started_at,
          .time_zone = clock.time_zone};
}

const Document* ExaminationReportOf(const Escalation& escalation) {
  return LastOf(escalation, event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
}

}  // namespace lapor::ombudsman
