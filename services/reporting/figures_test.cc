#include "services/reporting/figures.h"

#include <catch2/catch.hpp>
#include <map>
#include <utility>
#include <vector>

namespace lapor::reporting {
namespace {

Cell AgencyCell(const std::map<Counter, int64_t>& counts) {
  Cell cell{v1::SCOPE_AGENCY, "id.32.73", {}};
  for (const auto& [counter, count] : counts) cell.counts[counter] = count;
  return cell;
}

TEST_CASE("77 closed and 12 in process of 215 are 41.40 percent, as an official evaluation computed") {
  const v1::Figures figures = FiguresOf(AgencyCell({{kReceived, 215}, {kClosed, 77}, {kInProcess, 12}}), 1);
  CHECK(figures.followed_up_numerator() == 89);
  CHECK(figures.followed_up_denominator() == 215);
  CHECK(figures.followed_up_percent() == 41.40);
  CHECK(figures.band() == v1::BAND_BELOW_50);
}

TEST_CASE("merged reports are in neither part of the fraction: their leads are") {
  const v1::Figures figures =
      FiguresOf(AgencyCell({{kReceived, 20}, {kMerged, 10}, {kClosed, 4}, {kInProcess, 5}}), 1);
  CHECK(figures.followed_up_numerator() == 9);
  CHECK(figures.followed_up_denominator() == 10);
  CHECK(figures.followed_up_percent() == 90);
  CHECK(figures.band() == v1::BAND_50_TO_90);

  const v1::Figures all = FiguresOf(AgencyCell({{kReceived, 2}, {kMerged, 2}}), 1);
  CHECK(all.followed_up_denominator() == 0);
  CHECK_FALSE(all.has_followed_up_percent());
  CHECK(all.band() == v1::BAND_NO_REPORTS);
}

TEST_CASE("percentages are rounded half up to two decimals") {
  CHECK(FollowedUpBasisPoints(0, 7) == 0);
  CHECK(FollowedUpBasisPoints(7, 7) == 10'000);
  CHECK(FollowedUpBasisPoints(2, 3) == 6667);
  CHECK(FollowedUpBasisPoints(1, 3) == 3333);
  CHECK(FollowedUpBasisPoints(1, 800) == 13);    // 0.125
  CHECK(FollowedUpBasisPoints(1, 20'000) == 1);  // 0.005
  CHECK(FollowedUpBasisPoints(1, 20'001) == 0);
  CHECK_FALSE(FollowedUpBasisPoints(0, 0).has_value());
}

TEST_CASE("the band from 50 to 90 holds both its ends") {
  CHECK(BandOf(0, 1) == v1::BAND_BELOW_50);
  CHECK(BandOf(4'999, 10'000) == v1::BAND_BELOW_50);
  CHECK(BandOf(5'000, 10'000) == v1::BAND_50_TO_90);
  CHECK(BandOf(9'000, 10'000) == v1::BAND_50_TO_90);
  CHECK(BandOf(9'001, 10'000) == v1::BAND_ABOVE_90);
  CHECK(BandOf(1, 1) == v1::BAND_ABOVE_90);
}

TEST_CASE("the band is that of the exact fraction, not of the rounded percentage") {
  CHECK(FollowedUpBasisPoints(90'001, 100'000) == 9'000);
  CHECK(BandOf(90'001, 100'000) == v1::BAND_ABOVE_90);
  CHECK(FollowedUpBasisPoints(49'999, 100'000) == 5'000);
  CHECK(BandOf(49'999, 100'000) == v1::BAND_BELOW_50);
}

TEST_CASE("an agency without reports is in a band of its own, without a percentage") {
  const v1::Figures figures = FiguresOf(AgencyCell({}), 1);
  CHECK(figures.band() == v1::BAND_NO_REPORTS);
  CHECK_FALSE(figures.has_followed_up_percent());
  CHECK_FALSE(figures.suppressed());
}

TEST_CASE(
    "18 agencies give the shares that were published for South Sumatra in October 2020: 39, 11 and 50 "
    "percent") {
  const std::vector<std::pair<int64_t, int64_t>> agencies = {
      {10, 10}, {19, 20},       {91, 100}, {46, 50}, {9'001, 10'000}, {3, 3},  {12, 13},  // above 90
      {9, 10},  {1, 2},                                                                   // between
      {0, 4},   {1, 3},         {49, 100}, {4, 10},  {2, 5},          {7, 15}, {0, 1},
      {5, 12},  {4'999, 10'000}};  // below 50
  std::map<v1::Band, int64_t> count;
  for (const auto& [followed_up, received] : agencies) ++count[BandOf(followed_up, received)];
  const auto percent = [&](v1::Band band) { return (*FollowedUpBasisPoints(count[band], 18) + 50) / 100; };
  CHECK(count ==
        std::map<v1::Band, int64_t>{{v1::BAND_ABOVE_90, 7}, {v1::BAND_50_TO_90, 2}, {v1::BAND_BELOW_50, 9}});
  CHECK(percent(v1::BAND_ABOVE_90) == 39);
  CHECK(percent(v1::BAND_50_TO_90) == 11);
  CHECK(percent(v1::BAND_BELOW_50) == 50);
}

TEST_CASE("every count reaches the field of its name") {
  Cell cell{v1::SCOPE_PROVINCE, "16", {}};
  for (size_t i = 0; i < kCounters; ++i) cell.counts[i] = static_cast<int64_t>(100 + i);
  const v1::Figures figures = FiguresOf(cell, 1);
  CHECK(figures.scope() == v1::SCOPE_PROVINCE);
  CHECK(figures.id() == "16");
  CHECK(figures.received() == 100 + kReceived);
  CHECK(figures.verified() == 100 + kVerified);
  CHECK(figures.in_process() == 100 + kInProcess);
  CHECK(figures.closed() == 100 + kClosed);
  CHECK(figures.archived() == 100 + kArchived);
  CHECK(figures.withdrawn() == 100 + kWithdrawn);
  CHECK(figures.overdue() == 100 + kOverdue);
  CHECK(figures.breached() == 100 + kBreached);
  CHECK(figures.returned() == 100 + kReturned);
  CHECK(figures.reopened() == 100 + kReopened);
  CHECK(figures.closed_by_silence() == 100 + kClosedBySilence);
  CHECK(figures.escalated() == 100 + kEscalated);
  CHECK(figures.maladministration_found() == 100 + kMaladministrationFound);
  CHECK(figures.rating_sum() == 100 + kRatingSum);
  CHECK(figures.rating_count() == 100 + kRatingCount);
  CHECK(figures.merged() == 100 + kMerged);
  CHECK(figures.child_assignments() == 100 + kChildAssignments);
  CHECK(figures.child_answered() == 100 + kChildAnswered);
}

TEST_CASE("counts of 1 to 4 are left out of open figures, 0 and 5 are told") {
  const v1::Figures figures = FiguresOf(AgencyCell({{kReceived, 20},
                                                    {kClosed, 9},
                                                    {kInProcess, 5},
                                                    {kOverdue, 4},
                                                    {kBreached, 1},
                                                    {kWithdrawn, 0},
                                                    {kChildAssignments, 6},
                                                    {kChildAnswered, 3}}),
                                        5);
  CHECK(figures.suppressed());
  CHECK(figures.overdue() == 0);
  CHECK(figures.breached() == 0);
  CHECK(figures.in_process() == 5);
  CHECK(figures.child_assignments() == 6);
  CHECK(figures.child_answered() == 0);
  CHECK(figures.followed_up_numerator() == 14);
  CHECK(figures.followed_up_percent() == 70);
  CHECK(figures.band() == v1::BAND_50_TO_90);
}

TEST_CASE("figures without a small count say that nothing was left out") {
  CHECK_FALSE(FiguresOf(AgencyCell({{kReceived, 20}, {kClosed, 9}}), 5).suppressed());
}

TEST_CASE("what would tell a suppressed part of the fraction is left out with it") {
  const auto closed_is_small = FiguresOf(AgencyCell({{kReceived, 20}, {kClosed, 4}, {kInProcess, 9}}), 5);
  CHECK(closed_is_small.received() == 20);
  CHECK(closed_is_small.in_process() == 9);
  CHECK(closed_is_small.closed() == 0);
  CHECK(closed_is_small.followed_up_numerator() == 0);
  CHECK_FALSE(closed_is_small.has_followed_up_percent());
  CHECK(closed_is_small.band() == v1::BAND_UNSPECIFIED);

  const auto received_is_small = FiguresOf(AgencyCell({{kReceived, 3}}), 5);
  CHECK(received_is_small.followed_up_denominator() == 0);
  CHECK_FALSE(received_is_small.has_followed_up_percent());
  CHECK(received_is_small.band() == v1::BAND_UNSPECIFIED);

  const auto merged_is_small = FiguresOf(AgencyCell({{kReceived, 20}, {kMerged, 2}, {kClosed, 9}}), 5);
  CHECK(merged_is_small.received() == 20);
  CHECK(merged_is_small.merged() == 0);
  CHECK(merged_is_small.closed() == 9);
  CHECK(merged_is_small.followed_up_denominator() == 0);
  CHECK(merged_is_small.followed_up_numerator() == 0);
  CHECK_FALSE(merged_is_small.has_followed_up_percent());
  CHECK(merged_is_small.band() == v1::BAND_UNSPECIFIED);

  const auto few_ratings = FiguresOf(AgencyCell({{kReceived, 20}, {kRatingSum, 19}, {kRatingCount, 4}}), 5);
  CHECK(few_ratings.rating_sum() == 0);
  CHECK(few_ratings.rating_count() == 0);
}

TEST_CASE("the nation's figures are told in full") {
  Cell cell{v1::SCOPE_NATION, "", {}};
  cell.counts[kReceived] = 3;
  cell.counts[kClosed] = 2;
  const v1::Figures figures = FiguresOf(cell, 5);
  CHECK_FALSE(figures.suppressed());
  CHECK(figures.closed() == 2);
  CHECK(figures.followed_up_percent() == 66.67);
}

}  // namespace
}  // namespace lapor::reporting
