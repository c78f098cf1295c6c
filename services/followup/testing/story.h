// One case on its way through a test, with the time and the deadlines that the executor would keep for it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/policy/policy.h"
#include "services/followup/domain.h"

namespace lapor::followup::testing {

// The shipped policy and calendars.
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

inline report::v1::Actor ActorOf(report::v1::Role role, const std::string& agency_id = "") {
  report::v1::Actor actor;
  actor.set_role(role);
  actor.set_agency_id(agency_id);
  return actor;
}

inline constexpr char kAgency[] = "id.32.73";
inline constexpr char kOtherAgency[] = "id.32";

inline report::v1::Actor Officer(const std::string& agency_id = kAgency) {
  return ActorOf(report::v1::ROLE_OFFICER, agency_id);
}

inline RegisterReport Registration(
    absl::Time at, report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT) {
  return {at, report_class, false, "roads", "32.73", "2024.1"};
}

inline AssignAgency Assignment(absl::Time at, const std::string& agency_id = kAgency,
                               report::v1::TimeZone zone = report::v1::TIME_ZONE_WIB) {
  return {at, agency_id, zone};
}

// Of the child assignment of that number.
inline AssignAgency PartAssignment(absl::Time at, int child, const std::string& agency_id = kOtherAgency,
                                   report::v1::TimeZone zone = report::v1::TIME_ZONE_WIB) {
  AssignAgency assignment = Assignment(at, agency_id, zone);
  assignment.child = child;
  return assignment;
}

inline RespondToCase Interim(const report::v1::Actor& actor = Officer(), int child = 0) {
  return {actor,
          "6a4b1a0e-0000-4000-8000-000000000001",
          event::v1::RESPONSE_KIND_INTERIM,
          "Sedang dikerjakan.",
          {},
          child,
          event::v1::INTERIM_REASON_WORK_IN_PROGRESS};
}

// The last date that may be promised then, in WIB.
inline absl::CivilDay LastPromise(absl::Time at) {
  const policy::ReportClock clock{.policy_version = "2024.1",
                                  .clock = report::v1::CLOCK_PROMISE,
                                  .report_class = report::v1::REPORT_CLASS_COMPLAINT,
                                  .start = at,
                                  .time_zone = report::v1::TIME_ZONE_WIB};
  return absl::ToCivilDay(ShippedPolicy().DueAt(clock).value() - absl::Seconds(1),
                          policy::ZoneOf(report::v1::TIME_ZONE_WIB));
}

inline RespondToCase Promising(RespondToCase interim, absl::CivilDay day) {
  interim.promised_on = day;
  return interim;
}

inline RespondToCase Final(const report::v1::Actor& actor = Officer(), int child = 0) {
  report::v1::Attachment photo;
  photo.set_sha256(std::string(64, 'a'));
  photo.set_size_bytes(1);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://example.test/photo.jpg");
  return {actor,
          "6a4b1a0e-0000-4000-8000-000000000002",
          event::v1::RESPONSE_KIND_FINAL,
          "Sudah diperbaiki.",
          {photo},
          child};
}

inline RespondToCase Question(const report::v1::Actor& actor = Officer(), int child = 0) {
  return {actor,
          "6a4b1a0e-0000-4000-8000-000000000003",
          event::v1::RESPONSE_KIND_QUESTION,
          "Di kilometer berapa?",
          {},
          child};
}

inline Command Dated(Command command, absl::Time at) {
  auto* answer = std::get_if<RespondToCase>(&command);
  if (answer && answer->kind == event::v1::RESPONSE_KIND_INTERIM && !answer->promised_on)
    answer->promised_on = LastPromise(at);
  return command;
}

// Open deadlines or alarms of one case.
using Deadlines = std::map<report::v1::Clock, absl::Time>;

class Story {
 public:
  Story() { now.id = "7K3M9QXT2B54"; }

  // Carries the command out at that time; it must be allowed.
  // An interim answer without a date promises its next word as late as it may.
  Story& At(absl::Time time, Command command) {
    command = Dated(std::move(command), time);
    auto decision = Decide(now, command, time, *policy);
    INFO(NameOf(KindOf(command)) << ": " << decision.status());
    REQUIRE(decision.ok());
    now = decision->next;
    for (const decision::DeadlineChange& change : decision->deadlines) {
      if (change.due_at) {
        alarms[change.child][change.clock] = *change.due_at;
      } else {
        alarms[change.child].erase(change.clock);
      }
    }
    ReadDeadlines();
    last = std::move(decision->events);
    events.insert(events.end(), last.begin(), last.end());
    records.insert(records.end(), decision->records.begin(), decision->records.end());
    return *this;
  }
  Story& At(const std::string& wib, const Command& command) { return At(Wib(wib), command); }

  // What the case says to a command that it doesn't allow.
  absl::Status Refusal(const std::string& wib, const Command& command) const {
    return Decide(now, Dated(command, Wib(wib)), Wib(wib), *policy).status();
  }

  // Fires what is due, as the due scan does: the row of a deadline is gone before its command is carried out.
  Story& Pass(const std::string& wib) {
    const absl::Time time = Wib(wib);
    for (int child = 0; CaseOf(now, child); ++child) {
      const Deadlines due = alarms[child];
      for (const auto& [clock, due_at] : due) {
        if (due_at > time) continue;
        alarms[child].erase(clock);
        At(time, PassDeadline{clock, child});
      }
    }
    return *this;
  }

  // An open complaint: received Monday 2 June 2025, verified on Tuesday, assigned on Wednesday at 10:00.
  // First response due at the end of 13 June, resolution at the end of 25 June (6 and 9 June are free).
  Story& Open(report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT) {
    return At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00"), report_class))
        .At("2025-06-03 09:00",
            RecordVerification{Wib("2025-06-03 09:00"), report_class, false, "roads", "32.73"})
        .At("2025-06-04 10:00", Assignment(Wib("2025-06-04 10:00")));
  }

  // The events of one kind.
  std::vector<event::v1::Event> Of(event::v1::Event::PayloadCase kind) const {
    std::vector<event::v1::Event> found;
    for (const auto& event : events) {
      if (event.payload_case() == kind) found.push_back(event);
    }
    return found;
  }

  const Case& Child(int child) const { return now.children.at(static_cast<size_t>(child) - 1); }

  const policy::Policy* policy = &ShippedPolicy();
  Case now;
  // The rows that the executor would keep: of the report (0) and its children.
  std::map<int, Deadlines> alarms;
  // The due dates that are still ahead.
  Deadlines deadlines;  // of the report itself
  std::map<int, Deadlines> child_deadlines;
  std::vector<event::v1::Event> last;  // of the last command
  std::vector<event::v1::Event> events;
  std::vector<Record> records;

 private:
  void ReadDeadlines() {
    for (int child = 0; CaseOf(now, child); ++child) {
      const Case& c = *CaseOf(now, child);
      Deadlines& of_case = child == 0 ? deadlines : child_deadlines[child];
      of_case.clear();
      for (const auto& [name, clock] : ClocksOf(c)) {
        // The row is there whenever the clock has something to tell.
        const auto row = alarms[child].find(name);
        CHECK((row == alarms[child].end() ? std::nullopt : std::optional(row->second)) == AlarmOf(c, name));
        if (AlarmOf(c, name) && !clock->breached_at) of_case[name] = *clock->due_at;
      }
    }
  }
};

}  // namespace lapor::followup::testing
