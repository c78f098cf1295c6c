#include "libs/policy/closures.h"

#include <fmt/format.h>

#include "libs/policy/citation.h"
#include "libs/policy/textproto.h"
#include "libs/policy/versions.h"
#include "libs/report/agency_id.h"

namespace lapor::policy {
namespace {

namespace fs = std::filesystem;

// More is a misprint of the year: it would stop every clock of the agency in silence.
constexpr EpochDay kMaxClosureDays = 366;

class ClosuresChecker {
 public:
  ClosuresChecker(const fs::path& file, const MessageLines& lines, Diagnostics& diagnostics)
      : file_(file), lines_(lines), diagnostics_(diagnostics) {}

  Closures Check(const v1::Closures& closures) {
    if (!IsVersionName(closures.version())) {
      Reject(closures, fmt::format("version is '{}'; it must have 1 to {} of a-z, 0-9, dot and hyphen",
                                   closures.version(), kMaxVersionBytes));
    }
    checked_.version = closures.version();
    for (const v1::Closure& closure : closures.closure()) {
      CheckAgency(closure);
      if (closure.name().empty()) Reject(closure, "closure.name is missing");
      for (const std::string& missing : MissingOf(closure.citation(), "closure")) Reject(closure, missing);
      CheckDays(closure);
    }
    return std::move(checked_);
  }

 private:
  void CheckAgency(const v1::Closure& closure) {
    if (!report::IsAgencyId(closure.agency_id())) {
      Reject(closure, fmt::format("agency_id is '{}'; it must have {} to {} of a-z, 0-9, dot and hyphen",
                                  closure.agency_id(), report::kMinAgencyIdBytes, report::kMaxAgencyIdBytes));
    } else if (closure.agency_id() == report::kRootAgencyId) {
      Reject(closure,
             "agency_id is that of all agencies; a day on which nobody works belongs in the calendar");
    }
  }

  void CheckDays(const v1::Closure& closure) {
    absl::CivilDay first;
    absl::CivilDay last;
    const bool is_first = ParseIsoDate(closure.first_date(), first);
    const bool is_last = ParseIsoDate(closure.last_date(), last);
    if (!is_first) RejectDate(closure, "first_date", closure.first_date());
    if (!is_last) RejectDate(closure, "last_date", closure.last_date());
    if (!is_first || !is_last) return;
    if (last < first) {
      return Reject(closure, fmt::format("last_date {} is before first_date {}", closure.last_date(),
                                         closure.first_date()));
    }
    if (last - first >= kMaxClosureDays) {
      return Reject(closure,
                    fmt::format("has {} days; it must have at most {}", last - first + 1, kMaxClosureDays));
    }
    Add(closure, {closure.agency_id(), ToEpochDay(first), ToEpochDay(last), closure.name()});
  }

  void RejectDate(const v1::Closure& closure, std::string_view field, std::string_view date) {
    Reject(closure, fmt::format("{} is '{}'; it must be a date as 2024-01-01", field, date));
  }

  void Add(const v1::Closure& at, Closure closure) {
    for (std::size_t i = 0; i < checked_.closures.size(); ++i) {
      const Closure& other = checked_.closures[i];
      if (other.agency_id != closure.agency_id || other.last_day < closure.first_day ||
          closure.last_day < other.first_day) {
        continue;
      }
      Reject(at, fmt::format("{} is closed on some of these days already, by line {}", closure.agency_id,
                             added_lines_[i]));
    }
    checked_.closures.push_back(std::move(closure));
    added_lines_.push_back(lines_.at(&at));
  }

  void Reject(const google::protobuf::Message& at, std::string_view reason) {
    diagnostics_.Add(file_, lines_.at(&at), reason);
  }

  const fs::path& file_;
  const MessageLines& lines_;
  Diagnostics& diagnostics_;
  Closures checked_;
  // Of each closure that was added.
  std::vector<int> added_lines_;
};

}  // namespace

Closures ReadClosures(const fs::path& policy_dir, Diagnostics& diagnostics) {
  const fs::path file = policy_dir / kClosuresFile;
  std::error_code error;
  if (!fs::exists(file, error) && !error) return {};
  v1::Closures closures;
  const auto lines = ReadTextproto(file, closures, diagnostics);
  if (!lines) return {};
  return ClosuresChecker(file, *lines, diagnostics).Check(closures);
}

std::vector<const Closure*> ClosuresOf(const Closures& closures, std::string_view agency_id) {
  std::vector<const Closure*> of_agency;
  for (const Closure& closure : closures.closures) {
    if (report::IsWithin(agency_id, closure.agency_id)) of_agency.push_back(&closure);
  }
  return of_agency;
}

}  // namespace lapor::policy
