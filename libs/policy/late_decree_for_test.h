// The shipped policy as it is after a holiday has been decreed late, or taken back.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "libs/policy/data_dir_for_test.h"
#include "libs/policy/policy.h"

namespace lapor::policy {

// That of deploy/ (found by the environment's LAPOR_SOURCE_DIR, as ctest sets it), its calendars edited by
// `edit(file name, content)`.
template <class Edit>
std::shared_ptr<const Policy> ShippedPolicyWith(Edit edit) {
  const char* source = std::getenv("LAPOR_SOURCE_DIR");
  const std::filesystem::path deploy = std::filesystem::path(source == nullptr ? "." : source) / "deploy";
  const DataDir dir;
  for (const auto& file : std::filesystem::directory_iterator(deploy / "policy")) {
    const std::string name = file.path().filename().string();
    if (file.path().extension() != ".textproto") continue;
    std::stringstream content;
    content << std::ifstream(file.path()).rdbuf();
    dir.Write(name, edit(name, content.str()));
  }
  auto loaded = Policy::Load(dir.path(), deploy / "reference");
  if (!loaded.ok()) throw std::runtime_error(std::string(loaded.status().message()));
  return *loaded;
}

// As 2025-03-05; a working day of a year that has a calendar.
inline std::shared_ptr<const Policy> ShippedPolicyWithHoliday(const std::string& date) {
  const std::string year = date.substr(0, 4);
  return ShippedPolicyWith([&](const std::string& name, const std::string& content) {
    if (name != "calendar-" + year + ".textproto") return content;
    return Replace(content, "version: \"" + year + ".", "version: \"" + year + ".9") +
           "\ndecree { id: \"late\" citation { instrument: \"a late decree\" confidence: "
           "CONFIDENCE_UNVERIFIED } }\n"
           "day { date: \"" +
           date + "\" kind: HOLIDAY_KIND_NATIONAL name: \"Libur\" decree: \"late\" }\n";
  });
}

// A holiday of the shipped calendars is worked after all.
inline std::shared_ptr<const Policy> ShippedPolicyWithoutHoliday(const std::string& date) {
  return ShippedPolicyWith([&](const std::string&, const std::string& content) {
    const size_t day = content.find("day { date: \"" + date + "\"");
    if (day == std::string::npos) return content;
    return content.substr(0, day) + content.substr(content.find('\n', day) + 1);
  });
}

}  // namespace lapor::policy
