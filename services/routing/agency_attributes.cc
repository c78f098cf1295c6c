#include "services/routing/agency_attributes.h"

#include <algorithm>
#include <string_view>

#include "absl/time/civil_time.h"
#include "fmt/format.h"
#include "libs/report/agency_id.h"
#include "services/routing/registry_change.h"

namespace lapor::routing {
namespace {

constexpr const char* kWeekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int kMinutesOfADay = 24 * 60;
constexpr const char* kGiveADate = "give an ISO date, as 2025-03-31";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Written back it must be the same: 2025-02-30 is no day.
bool IsDate(const std::string& text) {
  absl::CivilDay day;
  return text.size() == 10 && absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
}

std::string ShowMinute(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace

void CheckTeamDecree(const event::v1::TeamDecree& decree, const Reject& reject) {
  const std::string& number = decree.number();
  const bool fits =
      !number.empty() && number.size() <= kMaxDecreeNumberCharacters && number.front() != ' ' &&
      number.back() != ' ' && std::ranges::all_of(number, [](char c) {
        return IsAlphanumeric(c) || std::string_view(" ./-()").find(c) != std::string_view::npos;
      });
  if (!fits) {
    reject("team_decree.number", "is not the number of a decree",
           fmt::format("give 1 to {} letters, digits, spaces and . / - ( )", kMaxDecreeNumberCharacters));
  }
  if (!IsDate(decree.issued_on())) reject("team_decree.issued_on", "is not a date", kGiveADate);
}

void CheckActionPlan(const event::v1::ActionPlan& plan, const Reject& reject) {
  const std::string& reference = plan.reference();
  const bool fits = !reference.empty() && reference.size() <= kMaxPlanReferenceCharacters &&
                    std::ranges::all_of(reference, [](char c) { return c > ' ' && c <= '~'; });
  if (!fits) {
    reject("action_plan.reference", "is not a number or an address",
           fmt::format("give 1 to {} characters of ASCII without spaces", kMaxPlanReferenceCharacters));
  }
  const bool from = IsDate(plan.valid_from());
  const bool until = IsDate(plan.valid_until());
  if (!from) reject("action_plan.valid_from", "is not a date", kGiveADate);
  if (!until) reject("action_plan.valid_until", "is not a date", kGiveADate);
  if (from && until && plan.valid_until() < plan.valid_from()) {
    reject("action_plan.valid_until", "is before valid_from", "give the last day of the plan");
  }
}

void CheckApplicationId(const std::string& id, const Reject& reject) {
  // Of the form of agencies' ids.
  if (id.empty() || report::IsAgencyId(id)) return;
  reject("application_id", "is not an application's id",
         fmt::format("give {} to {} characters of a-z, 0-9, dot and hyphen, or leave it empty",
                     report::kMinAgencyIdBytes, report::kMaxAgencyIdBytes));
}

void CheckServiceHours(const google::protobuf::RepeatedPtrField<event::v1::ServiceHours>& hours,
                       const Reject& reject) {
  if (hours.size() > kMaxServiceHours) {
    reject("service_hours", fmt::format("has more than {} entries", kMaxServiceHours),
           "give up to three a weekday");
    return;
  }
  for (int i = 0; i < hours.size(); ++i) {
    const event::v1::ServiceHours& h = hours[i];
    const std::string field = fmt::format("service_hours[{}]", i);
    if (h.weekday() < 1 || h.weekday() > 7) {
      reject(field + ".weekday", "is no weekday", "give 1 (Monday) to 7 (Sunday)");
    }
    if (h.opens_minute() < 0 || h.closes_minute() > kMinutesOfADay || h.opens_minute() >= h.closes_minute()) {
      reject(field, "does not open before it closes, within one day",
             fmt::format("give minutes from 0 to {}; split what goes past midnight", kMinutesOfADay));
    }
    for (int before = 0; before < i; ++before) {
      const event::v1::ServiceHours& b = hours[before];
      if (b.weekday() == h.weekday() && b.opens_minute() < h.closes_minute() &&
          h.opens_minute() < b.closes_minute()) {
        reject(field, fmt::format("overlaps with service_hours[{}]", before), "give each time once");
        break;
      }
    }
  }
}

std::string Show(const event::v1::TeamDecree& decree) {
  return fmt::format("{} of {}", decree.number(), decree.issued_on());
}

std::string Show(const event::v1::ActionPlan& plan) {
  return fmt::format("{}, {} to {}", plan.reference(), plan.valid_from(), plan.valid_until());
}

std::string Show(const google::protobuf::RepeatedPtrField<event::v1::ServiceHours>& hours) {
  std::string text;
  for (const event::v1::ServiceHours& h : hours) {
    const bool known = h.weekday() >= 1 && h.weekday() <= 7;
    text += fmt::format("{}{} {}-{}", text.empty() ? "" : ", ", known ? kWeekdays[h.weekday() - 1] : "?",
                        ShowMinute(h.opens_minute()), ShowMinute(h.closes_minute()));
  }
  return text;
}

}  // namespace lapor::routing
