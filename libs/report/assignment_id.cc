#include "libs/report/assignment_id.h"

#include <fmt/format.h>

#include <charconv>

#include "libs/report/tracking_id.h"

namespace lapor::report {
namespace {

// 0 for what is no number of a child.
int ReadChild(std::string_view digits) {
  int child = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, child);
  const bool whole = error == std::errc() && rest == end && !digits.starts_with('0');
  return whole && child >= 1 && child <= kMaxChildren ? child : 0;
}

}  // namespace

std::string ToString(std::string_view report_id, int child) {
  return child == 0 ? std::string(report_id) : fmt::format("{}.{}", report_id, child);
}

AssignmentId ParseAssignmentId(std::string_view id) {
  const size_t dot = id.find('.');
  if (dot == std::string_view::npos) return {std::string(id), 0};
  const int child = ReadChild(id.substr(dot + 1));
  if (child == 0) return {std::string(id), 0};
  return {std::string(id.substr(0, dot)), child};
}

AssignmentId CheckAssignmentId(const std::string& field, const std::string& typed,
                               decision::Refusals& refusals) {
  const size_t dot = typed.find('.');
  AssignmentId id{CheckTrackingId(field, typed.substr(0, dot), refusals), 0};
  if (dot == std::string::npos) return id;
  id.child = ReadChild(std::string_view(typed).substr(dot + 1));
  if (id.child == 0) {
    refusals.Add(
        field, "ends in what is no number of a child assignment",
        fmt::format("give the tracking id, a dot and 1 to {}, or the tracking id alone", kMaxChildren));
  }
  return id;
}

}  // namespace lapor::report
