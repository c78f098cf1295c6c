// Days on which one agency does not work while others do: a holiday of its region, an office under water.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "libs/policy/calendar.h"
#include "libs/policy/data_file.h"

namespace lapor::policy {

inline constexpr char kClosuresFile[] = "closures.textproto";

struct Closure {
  // It and all below it are closed.
  std::string agency_id;
  // Both included.
  EpochDay first_day = 0;
  EpochDay last_day = 0;
  // In Indonesian.
  std::string name;
};

struct Closures {
  // Empty without a file.
  std::string version;
  std::vector<Closure> closures;
};

// Reads closures.textproto, which may be absent.
Closures ReadClosures(const std::filesystem::path& policy_dir, Diagnostics& diagnostics);

// Those of the agency and of all above it; none for no agency.
std::vector<const Closure*> ClosuresOf(const Closures& closures, std::string_view agency_id);

}  // namespace lapor::policy
