#include "services/reporting/figures.h"

#include <algorithm>
#include <initializer_list>

namespace lapor::reporting {
namespace {

using google::protobuf::FieldDescriptor;

const std::array<const FieldDescriptor*, kCounters>& CounterFields() {
  static const auto fields = [] {
    std::array<const FieldDescriptor*, kCounters> found;
    std::ranges::transform(kCounterNames, found.begin(),
                           [](const char* name) { return v1::Figures::descriptor()->FindFieldByName(name); });
    return found;
  }();
  return fields;
}

// Sets counts that are above 0 and below `smallest_told` to 0; whether there were any.
bool Suppress(Counters& counts, int64_t smallest_told) {
  const Counters all = counts;
  for (int64_t& count : counts) {
    if (count < smallest_told) count = 0;
  }
  // No count itself, but it would tell how many ratings there are.
  if (counts[kRatingCount] == 0) counts[kRatingSum] = 0;
  return counts != all;
}

}  // namespace

std::optional<int64_t> FollowedUpBasisPoints(int64_t followed_up, int64_t reports) {
  if (reports == 0) return std::nullopt;
  return (2 * 10'000 * followed_up + reports) / (2 * reports);
}

v1::Band BandOf(int64_t followed_up, int64_t reports) {
  if (reports == 0) return v1::BAND_NO_REPORTS;
  if (100 * followed_up > kUpperBandPercent * reports) return v1::BAND_ABOVE_90;
  if (100 * followed_up < kLowerBandPercent * reports) return v1::BAND_BELOW_50;
  return v1::BAND_50_TO_90;
}

v1::Figures FiguresOf(const Cell& cell, int64_t smallest_told) {
  v1::Figures figures;
  figures.set_scope(cell.scope);
  figures.set_id(cell.id);

  Counters told = cell.counts;
  if (cell.scope != v1::SCOPE_NATION) figures.set_suppressed(Suppress(told, smallest_told));
  for (size_t counter = 0; counter < kCounters; ++counter) {
    figures.GetReflection()->SetInt64(&figures, CounterFields()[counter], told[counter]);
  }

  // What would give a suppressed part away is left out with it.
  const auto are_told = [&](std::initializer_list<Counter> parts) {
    return std::ranges::all_of(parts, [&](Counter part) { return told[part] == cell.counts[part]; });
  };
  if (!are_told({kReceived, kMerged})) return figures;
  const int64_t reports = told[kReceived] - told[kMerged];
  figures.set_followed_up_denominator(reports);
  if (!are_told({kInProcess, kClosed})) return figures;
  const int64_t followed_up = told[kClosed] + told[kInProcess];
  figures.set_followed_up_numerator(followed_up);
  figures.set_band(BandOf(followed_up, reports));
  if (const auto basis_points = FollowedUpBasisPoints(followed_up, reports)) {
    figures.set_followed_up_percent(static_cast<double>(*basis_points) / 100);
  }
  return figures;
}

}  // namespace lapor::reporting
