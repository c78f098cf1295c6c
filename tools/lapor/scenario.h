// What the people of the demo will do: a story for each report, drawn from a seed. What the suite does by
// itself, clocks above all, is no part of a story; it is watched. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lapor/event/v1/routing.pb.h"
#include "lapor/intake/v1/intake.pb.h"
#include "libs/policy/competence.h"
#include "libs/policy/policy.h"

namespace lapor::client {

// The agencies of the reference data, and which of them the rules name.
class Competence {
 public:
  // Both must outlive this.
  Competence(const policy::Competence& rules, const std::vector<policy::AgencyRow>& agencies);

  // Whom the rules name first for a topic and a place; somebody whom it can be assigned to, whatever they
  // say.
  std::string Of(const std::string& category, const std::string& region) const;
  // Null when there is none.
  const policy::AgencyRow* Find(const std::string& agency_id) const;
  // Whether `coordinator` stands above `agency`, at any distance.
  bool IsBelow(const std::string& agency, const std::string& coordinator) const;
  // The government that an agency is a unit of; empty for others.
  std::string GovernmentOf(const std::string& agency_id) const;

 private:
  const policy::Competence& rules_;
  std::map<std::string, const policy::AgencyRow*, std::less<>> agencies_;
};

// Days are working days from what comes before, unless said.
struct Story {
  // --- the reporter
  absl::Time filed_at = absl::InfinitePast();
  intake::v1::NewReport report;
  // Who brings it, as ParseCaller takes it; empty for a reporter at the web counter.
  std::string brought_by;
  // How many days until a completion is supplied; never, when absent.
  std::optional<int> days_to_complete;
  std::optional<int> days_to_withdraw;
  std::string reply;  // to an interim answer; empty for none
  // How many days until a final answer is judged; silence, when absent.
  std::optional<int> days_to_react;
  std::string objection;  // to the first final answer; empty when satisfied
  int rating = 0;
  // How many days until an escalation that is proposed is agreed to; never, when absent.
  std::optional<int> days_to_consent;
  // Asks for the Ombudsman when the second answer is no better.
  bool asks_ombudsman = false;
  bool name_secret = false;
  bool before_court = false;

  // --- the central administrator
  int days_to_triage = 0;
  std::vector<std::string> missing;
  // As the reporter completes it, or the administrator finds it.
  std::string category;
  std::string region;
  report::v1::ArchiveReason archived_because = report::v1::ARCHIVE_REASON_UNSPECIFIED;

  // --- the agencies
  // Those that it goes to first, and that return it, each with its reason.
  std::vector<std::pair<std::string, event::v1::ReturnReason>> wrong_agencies;
  // The last of them names no target.
  bool asks_arbiter = false;
  // Its administrator passes it on to the unit; empty when it goes there directly.
  std::string government;
  // The competent one.
  std::string agency;
  // Never answers by itself.
  bool neglected = false;
  int days_to_accept = 1;
  std::optional<int> days_to_interim;
  int days_to_answer = 5;
  std::string interim;
  event::v1::InterimReason interim_reason = event::v1::INTERIM_REASON_FIELD_CHECK;
  // Promised with the interim answer. Who answers later than that has broken the promise.
  int calendar_days_to_next_word = 14;
  std::string answer;
  // Closes an answered question or wish without waiting for the reporter.
  bool closes_itself = false;

  // --- the Ombudsman
  bool maladministration = true;
};

struct ScenarioOptions {
  uint64_t seed = 1;
  int reports = 300;
  // The first is filed on that day, in WIB.
  absl::Time start = absl::InfinitePast();
  // Calendar days over which they are filed.
  int filing_days = 63;
};

// In the order of filing.
std::vector<Story> Imagine(const ScenarioOptions& options, const policy::Policy& policy,
                           const Competence& competence);

// The rest of a report that an earlier demo left: its reporter's receipt is lost, so they are silent.
Story ImagineRest(std::mt19937_64& random, const std::string& agency);

}  // namespace lapor::client
