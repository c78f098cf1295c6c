// One report on its way to the Ombudsman through a test.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
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

// "2025-03-27 09:00" in WIB.
inline absl::Time Wib(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M%z", text + "+0700", &time, &error)) throw std::runtime_error(error);
  return time;
}

inline constexpr char kAgency[] = "id.32.73";

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

class Story {
 public:
  Story() { now.id = "7K3M9QXT2B54"; }

  // Carries the command out at that time; it must be allowed.
  Story& At(const std::string& wib, const Command& command) {
    auto decision = Decide(now, command, Wib(wib), ShippedPolicy());
    INFO(NameOf(KindOf(command)) << ": " << decision.status());
    REQUIRE(decision.ok());
    CHECK(decision->deadlines.empty());
    now = decision->next;
    last = std::move(decision->events);
    events.insert(events.end(), last.begin(), last.end());
    records.insert(records.end(), decision->records.begin(), decision->records.end());
    return *this;
  }

  // What the escalation says to a command that it doesn't allow.
  absl::Status Refusal(const Command& command) const {
    return Decide(now, command, Wib("2025-07-10 09:00"), ShippedPolicy()).status();
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
  Story& Close(event::v1::EscalationOutcome outcome,
               event::v1::Maladministration kind = event::v1::MALADMINISTRATION_UNSPECIFIED,
               const std::string& wib = "2025-06-20 09:00") {
    return At(wib, CloseEscalation{Officer(), outcome, kind});
  }

  Escalation now;
  std::vector<event::v1::Event> last;  // of the last command
  std::vector<event::v1::Event> events;
  std::vector<Record> records;
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
  return story.Advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT);
}

inline constexpr EscalationStage kStages[] = {
    event::v1::ESCALATION_STAGE_UNSPECIFIED,  event::v1::ESCALATION_STAGE_PROPOSED,
    event::v1::ESCALATION_STAGE_FORMAL_CHECK, event::v1::ESCALATION_STAGE_MATERIAL_CHECK,
    event::v1::ESCALATION_STAGE_EXAMINATION,  event::v1::ESCALATION_STAGE_EXAMINATION_REPORT,
    event::v1::ESCALATION_STAGE_CLOSED};

}  // namespace lapor::ombudsman::testing
