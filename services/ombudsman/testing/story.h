// One report on its way to the Ombudsman through a test.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventlog/journal.h"
#include "libs/policy/policy.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman::testing {

// The shipped policy.
inline const policy::Policy& ShippedPolicy() {
  static const std::shared_ptr<const policy::Policy> policy = [] {
    const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
    auto loaded = policy::Policy::Load(source / "deploy/policy", source / "deploy/reference");
    if (!loaded.ok()) throw std::runtime_error(std::string(loaded.status().message()));
    return *loaded;
  }();
  return *policy;
}

inline const policy::Offices& ShippedOffices() {
  static const policy::Offices offices = [] {
    const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
    auto read = policy::ReadOffices(source / "deploy/reference");
    if (!read.ok()) throw std::runtime_error(std::string(read.status().message()));
    return *read;
  }();
  return offices;
}

// "2025-03-27 09:00" in WIB.
inline absl::Time Wib(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M%z", text + "+0700", &time, &error)) throw std::runtime_error(error);
  return time;
}

inline constexpr char kAgency[] = "id.32.73";

// An officer of that agency.
inline report::v1::Actor OfficerOf(const std::string& agency_id) {
  report::v1::Actor actor;
  actor.set_role(report::v1::ROLE_OFFICER);
  actor.set_agency_id(agency_id);
  return actor;
}

inline report::v1::Actor Officer() {
  report::v1::Actor actor;
  actor.set_role(report::v1::ROLE_OMBUDSMAN);
  return actor;
}

// Of a citizen whose matter is before nobody else.
inline event::v1::ReporterDeclarations Declarations() {
  event::v1::ReporterDeclarations declarations;
  declarations.set_citizen_or_resident(true);
  return declarations;
}

// The types of events, as "EscalationOpened EscalationStageReached".
inline std::string TypesOf(const std::vector<event::v1::Event>& events) {
  std::string types;
  for (const event::v1::Event& event : events) types += (types.empty() ? "" : " ") + eventlog::TypeOf(event);
  return types;
}

inline IssueDocument Document(event::v1::DocumentKind kind, const std::string& addressee = "") {
  IssueDocument document{.actor = Officer(), .kind = kind, .addressee = addressee, .text = "Isi surat."};
  if (kind == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT) {
    document.finding = event::v1::FINDING_MALADMINISTRATION;
    document.maladministration = event::v1::MALADMINISTRATION_PROTRACTED_DELAY;
  }
  return document;
}

class Story {
 public:
  Story() { now.id = "7K3M9QXT2B54"; }

  // Carries the command out at that time; it must be allowed.
  Story& At(const std::string& wib, const Command& command) {
    auto decision = Decide(now, command, Wib(wib), ShippedPolicy(), ShippedOffices());
    INFO(NameOf(KindOf(command)) << ": " << decision.status());
    REQUIRE(decision.ok());
    now = decision->next;
    // Every clock that runs has its one deadline, and nothing else has.
    for (const decision::DeadlineChange& change : decision->deadlines) {
      if (change.due_at) {
        deadlines[change.clock] = *change.due_at;
      } else {
        deadlines.erase(change.clock);
      }
    }
    std::map<report::v1::Clock, absl::Time> alarms;
    for (const CaseClock& clock : now.clocks) {
      if (Runs(now, clock)) CHECK(alarms.emplace(clock.clock, clock.alarm_at).second);
    }
    CHECK(alarms == deadlines);
    last = std::move(decision->events);
    events.insert(events.end(), last.begin(), last.end());
    records.insert(records.end(), decision->records.begin(), decision->records.end());
    return *this;
  }

  // What the escalation says to a command that it doesn't allow.
  absl::Status Refusal(const Command& command) const {
    return Decide(now, command, Wib("2025-07-10 09:00"), ShippedPolicy(), ShippedOffices()).status();
  }
  absl::Status RefusalAt(const std::string& wib, const Command& command) const {
    return Decide(now, command, Wib(wib), ShippedPolicy(), ShippedOffices()).status();
  }

  // Each of these happens when it is heard.
  Story& Submit(const std::string& wib = "2025-06-02 08:00", bool identity_known = true) {
    return At(wib, RegisterReport{Wib(wib), "2024.1", identity_known});
  }
  Story& Assign(const std::string& wib = "2025-06-04 10:00", const std::string& agency_id = kAgency) {
    return At(wib, RecordAssignment{Wib(wib), agency_id});
  }
  Story& Breach(const std::string& wib = "2025-06-14 00:00",
                report::v1::Clock clock = report::v1::CLOCK_FIRST_RESPONSE) {
    return At(wib, RecordBreach{Wib(wib), clock, now.facts.agency_id});
  }
  Story& Consent(const std::string& wib = "2025-06-16 09:00") {
    return At(wib, ConsentToEscalation{Wib(wib), false, Declarations()});
  }
  Story& Request(const std::string& wib = "2025-06-16 09:00") {
    return At(wib, RequestEscalation{Wib(wib), true, false, Declarations()});
  }
  Story& Check(const std::string& wib = "2025-06-17 09:00") { return At(wib, CheckEligibility{Officer()}); }
  Story& Advance(EscalationStage stage, const std::string& wib = "2025-06-18 09:00") {
    return At(wib, AdvanceEscalation{Officer(), stage});
  }
  Story& Issue(event::v1::DocumentKind kind, const std::string& wib, const std::string& addressee = "") {
    return At(wib, Document(kind, addressee));
  }
  // Of the last document.
  Story& Deliver(const std::string& wib) {
    return At(wib, RecordDelivery{Officer(), now.number, LastDocument(), {}});
  }
  Story& Reply(const std::string& wib, const report::v1::Actor& by = Officer()) {
    return At(wib, ReplyToDocument{by, now.number, LastDocument(), "Jawaban.", {}});
  }
  Story& Comply(event::v1::Compliance compliance, const std::string& wib) {
    return At(wib, RecordCompliance{Officer(), compliance, "Yang terlihat."});
  }
  // The deadlines that are due by then fire, the earliest first.
  Story& Pass(const std::string& wib) {
    while (true) {
      const auto due = std::ranges::min_element(deadlines, {}, [](const auto& d) { return d.second; });
      if (due == deadlines.end() || due->second > Wib(wib)) return *this;
      deadlines.erase(due);
      At(wib, PassDeadline{});
    }
  }
  int LastDocument() const { return static_cast<int>(now.documents.size()); }
  const CaseClock* Clock(report::v1::Clock name) const {
    const auto found = std::ranges::find(now.clocks, name, &CaseClock::clock);
    return found == now.clocks.end() ? nullptr : &*found;
  }
  Story& Close(event::v1::EscalationOutcome outcome,
               event::v1::Maladministration kind = event::v1::MALADMINISTRATION_UNSPECIFIED,
               const std::string& wib = "2025-06-20 09:00") {
    return At(wib, CloseEscalation{Officer(), outcome, kind});
  }

  Escalation now;
  std::vector<event::v1::Event> last;  // of the last command
  std::vector<event::v1::Event> events;
  std::vector<Record> records;
  std::map<report::v1::Clock, absl::Time> deadlines;
};

// A report as it really comes to be at that stage.
inline Story StoryAt(EscalationStage stage) {
  Story story;
  story.Submit().Assign();
  if (stage == event::v1::ESCALATION_STAGE_UNSPECIFIED) return story;
  story.Breach();
  if (stage == event::v1::ESCALATION_STAGE_PROPOSED) return story;
  story.Consent();
  if (stage == event::v1::ESCALATION_STAGE_FORMAL_CHECK) return story;
  story.Check();
  if (stage == event::v1::ESCALATION_STAGE_MATERIAL_CHECK) return story;
  if (stage == event::v1::ESCALATION_STAGE_CLOSED) return story.Close(event::v1::ESCALATION_OUTCOME_STOPPED);
  story.Advance(event::v1::ESCALATION_STAGE_EXAMINATION);
  if (stage == event::v1::ESCALATION_STAGE_EXAMINATION) return story;
  if (IsSidePath(stage)) return story.Advance(stage);
  story.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-18 10:00")
      .Advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT, "2025-06-18 11:00");
  if (stage == event::v1::ESCALATION_STAGE_EXAMINATION_REPORT) return story;
  story.Deliver("2025-06-19 09:00").Pass("2025-08-15 09:00");
  if (stage == event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING) return story;
  story.Issue(event::v1::DOCUMENT_KIND_RECOMMENDATION, "2025-08-18 10:00")
      .Advance(event::v1::ESCALATION_STAGE_RECOMMENDATION, "2025-08-18 11:00");
  if (stage == event::v1::ESCALATION_STAGE_RECOMMENDATION) return story;
  return story.Deliver("2025-08-19 09:00")
      .Pass("2025-10-20 09:00")
      .Advance(event::v1::ESCALATION_STAGE_PUBLICATION, "2025-10-21 09:00");
}

inline constexpr EscalationStage kStages[] = {event::v1::ESCALATION_STAGE_UNSPECIFIED,
                                              event::v1::ESCALATION_STAGE_PROPOSED,
                                              event::v1::ESCALATION_STAGE_FORMAL_CHECK,
                                              event::v1::ESCALATION_STAGE_MATERIAL_CHECK,
                                              event::v1::ESCALATION_STAGE_EXAMINATION,
                                              event::v1::ESCALATION_STAGE_EXAMINATION_REPORT,
                                              event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING,
                                              event::v1::ESCALATION_STAGE_RECOMMENDATION,
                                              event::v1::ESCALATION_STAGE_PUBLICATION,
                                              event::v1::ESCALATION_STAGE_MEDIATION,
                                              event::v1::ESCALATION_STAGE_CONCILIATION,
                                              event::v1::ESCALATION_STAGE_SPECIAL_ADJUDICATION,
                                              event::v1::ESCALATION_STAGE_CLOSED};

// Those at which an officer has taken it up.
inline std::vector<EscalationStage> TakenUp() {
  std::vector<EscalationStage> stages;
  for (const EscalationStage stage : kStages) {
    if (IsOpen(stage) && stage != event::v1::ESCALATION_STAGE_PROPOSED) stages.push_back(stage);
  }
  return stages;
}

}  // namespace lapor::ombudsman::testing
