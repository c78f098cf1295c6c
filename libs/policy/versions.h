// The policy versions of deploy/policy: which terms hold, and since when.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "lapor/policy/v1/policy.pb.h"
#include "libs/policy/data_file.h"

namespace lapor::policy {

inline constexpr std::size_t kMaxVersionBytes = 32;

// Whether `name` may name a version: 1 to 32 of a-z, 0-9, dot and hyphen.
bool IsVersionName(std::string_view name);

// Every loaded version, by its name and by the day on which it takes effect.
struct Versions {
  std::map<std::string, v1::PolicyVersion, std::less<>> by_name;
  std::map<absl::CivilDay, std::string> by_effective_day;
};

// Reads every deadlines*.textproto of the directory.
Versions ReadVersions(const std::filesystem::path& policy_dir, Diagnostics& diagnostics);

// The term of a clock for a kind of report. Checked at loading: there is exactly one for every clock, class
// and supervision; null for unset or unknown values.
const v1::ClockTerm* FindTerm(const v1::PolicyVersion& version, report::v1::Clock clock,
                              report::v1::ReportClass report_class, bool supervision);
// How much evidence a final answer to a kind of report needs. Checked in the same way.
const v1::EvidenceRule* FindEvidenceRule(const v1::PolicyVersion& version,
                                         report::v1::ReportClass report_class, bool supervision);

}  // namespace lapor::policy
