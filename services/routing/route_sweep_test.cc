// That no report stays with an agency that has ended, or behind a lead that is gone, whatever crashes, on a
// real database.
#include "services/routing/route_sweep.h"

#include <catch2/catch.hpp>
#include <thread>

#include "services/routing/testing/process.h"

namespace lapor::routing {
namespace {

// Another instance of routing on the same database, with a registry of its own age.
struct Instance {
  explicit Instance(RoutingProcess& process)
      : registry(std::make_shared<RegistryWatch>(process.pool)),
        executor(process.pool, process.journal, process.clock, MakeAggregate(ShippedPolicy(), registry), {},
                 nullptr) {
    Must(registry->Refresh());
  }

  std::shared_ptr<RegistryWatch> registry;
  RoutingExecutor executor;
};

struct Land : RoutingProcess {
  Land() {
    RecordCountry();
    Must(registry->Refresh());
  }

  // Reports with an agency, as many as asked for.
  std::vector<std::string> Assigned(const std::string& agency_id, int count) {
    std::vector<std::string> reports;
    for (int i = 0; i < count; ++i) {
      reports.push_back("REPORT" + std::to_string(1'000'000 + next_report++));
      Apply("intake", reports.back(), SubmissionEvent());
      Must(Do(reports.back(), VerifyReport{.actor = Triage()}).status());
      Must(Do(reports.back(), AssignReport{Triage(), agency_id}).status());
    }
    return reports;
  }

  void Merge(const std::string& agency_id, const std::string& successor_id) {
    Record({EndingRow(agency_id, event::v1::AGENCY_CHANGE_MERGED, {successor_id})}, kEnded);
  }

  RouteSweep Sweep(int batch, RouteSweep::Do carry_out) {
    return RouteSweep(pool, registry, {.interval = absl::Milliseconds(5), .max_batch_reports = batch},
                      std::move(carry_out));
  }
  RouteSweep Sweep(int batch = 256) {
    return Sweep(batch, [this](auto orders) { return executor->Do(std::move(orders)).status(); });
  }

  std::string CountWith(const std::string& agency_id) {
    return database.Query("SELECT count(*) FROM route WHERE holder_agency_id = '" + agency_id + "'");
  }
  // The AgencyAssigned events of one report.
  std::string AssignmentsOf(const std::string& report_id) {
    return database.Query("SELECT count(*) FROM event WHERE type = 'AgencyAssigned' AND subject = '" +
                          report_id + "'");
  }

  int next_report = 0;
};

TEST_CASE("every open report of an agency that ends goes to its successor, in batches, once") {
  Land land;
  const auto reports = land.Assigned("id.32.73.dinkes", 23);
  land.Assigned("id.32.73.dpupr", 2);
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");

  CHECK(land.Sweep(5).Sweep().value() == 23);
  CHECK(land.CountWith("id.32.73.dinkes") == "0");
  CHECK(land.CountWith("id.32.73.dpupr") == "25");
  CHECK(land.Sweep(5).Sweep().value() == 0);
  for (const std::string& report : reports) CHECK(land.AssignmentsOf(report) == "2");
  Must(land.pool.Read([&](pg::Tx& tx) {
    const auto hands = ReadHandovers(tx, reports[0]);
    REQUIRE(hands.size() == 3);
    CHECK(hands[1].cause == v1::HAND_CAUSE_ASSIGNED);
    CHECK(hands[2].cause == v1::HAND_CAUSE_CARRIED_OVER);
    CHECK(hands[2].agency_id == "id.32.73.dpupr");
    return absl::OkStatus();
  }));
}

TEST_CASE("a crash between two batches loses nothing and doubles nothing") {
  Land land;
  const auto reports = land.Assigned("id.32.73.dinkes", 20);
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");

  // The process dies after its second batch was committed, before it knew.
  int batches = 0;
  RouteSweep dying = land.Sweep(4, [&](auto orders) {
    Must(land.executor->Do(std::move(orders)).status());
    return ++batches < 2 ? absl::OkStatus() : absl::UnavailableError("gone");
  });
  CHECK_FALSE(dying.Sweep().ok());
  CHECK(land.CountWith("id.32.73.dinkes") == "12");

  // Another one, which knows nothing of it, goes on from what the database says.
  Instance next(land);
  RouteSweep sweep(land.pool, next.registry, {},
                   [&](auto orders) { return next.executor.Do(std::move(orders)).status(); });
  CHECK(sweep.Sweep().value() == 12);
  CHECK(land.CountWith("id.32.73.dpupr") == "20");
  for (const std::string& report : reports) CHECK(land.AssignmentsOf(report) == "2");
}

TEST_CASE("a report that an instance assigns late, not knowing that the agency has ended, is carried over") {
  Land land;
  Instance late(land);  // knows the registry of before
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");
  CHECK(land.Sweep().Sweep().value() == 0);

  const std::string report = land.Assigned("id.kemenkes", 1)[0];
  Must(late.executor.Do({{report, AssignReport{Triage(), "id.32.73.dinkes"}}}).status());
  REQUIRE(land.CountWith("id.32.73.dinkes") == "1");

  RouteSweep sweep = land.Sweep();
  sweep.Start();
  for (int i = 0; i < 2000 && land.CountWith("id.32.73.dinkes") != "0"; ++i)
    absl::SleepFor(absl::Milliseconds(5));
  sweep.Stop();
  CHECK(land.CountWith("id.32.73.dpupr") == "1");
}

TEST_CASE("an instance that has yet to hear of the ending refreshes its registry before it decides") {
  Land land;
  land.Assigned("id.32.73.dinkes", 3);
  Instance stale(land);
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");
  REQUIRE_FALSE(HasEnded(*stale.registry->Current()->Find("id.32.73.dinkes")));
  RouteSweep sweep(land.pool, stale.registry, {},
                   [&](auto orders) { return stale.executor.Do(std::move(orders)).status(); });
  CHECK(sweep.Sweep().value() == 3);
  CHECK(land.CountWith("id.32.73.dpupr") == "3");
}

TEST_CASE("two instances that sweep at once carry each report over once") {
  Land land;
  const auto reports = land.Assigned("id.32.73.dinkes", 40);
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");
  Instance other(land);
  RouteSweep theirs(land.pool, other.registry, {.max_batch_reports = 3},
                    [&](auto orders) { return other.executor.Do(std::move(orders)).status(); });
  std::thread racing([&] { CHECK(theirs.Sweep().ok()); });
  CHECK(land.Sweep(3).Sweep().ok());
  racing.join();
  CHECK(land.CountWith("id.32.73.dpupr") == "40");
  for (const std::string& report : reports) CHECK(land.AssignmentsOf(report) == "2");
}

TEST_CASE("what is returned naming an agency that ends, or bound to it, follows its successor") {
  Land land;
  const auto reports = land.Assigned("id.kemenkes", 2);
  Must(land.Do(reports[0], ReturnAssignment{OfficerOf("id.kemenkes"), event::v1::RETURN_REASON_OTHER_LEVEL,
                                            "id.32.73.dinkes"})
           .status());
  Must(land.Do(reports[1], ArbitrateReport{ArbiterOf("id"), "id.32.73.dinkes"}).status());
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");
  CHECK(land.Sweep().Sweep().value() == 2);
  Must(land.pool.Read([&](pg::Tx& tx) {
    CHECK(FindRoute(tx, reports[0])->proposed_agency_id == "id.32.73.dpupr");
    CHECK(FindRoute(tx, reports[1])->bound_agency_id == "id.32.73.dpupr");
    CHECK(ReportsToCarryOver(tx, "", 10).empty());
    return absl::OkStatus();
  }));
}

TEST_CASE("reports that are closed stay where they were closed") {
  Land land;
  const std::string report = land.Assigned("id.32.73.dinkes", 1)[0];
  Must(land.Do(report, EndRoute{land.clock.Now()}).status());
  land.Merge("id.32.73.dinkes", "id.32.73.dpupr");
  CHECK(land.Sweep().Sweep().value() == 0);
  Must(land.Do(report, ReopenRoute{land.clock.Now()}).status());
  CHECK(land.Sweep().Sweep().value() == 1);
  CHECK(land.CountWith("id.32.73.dpupr") == "1");
}

// --- followers

struct Duplicates : Land {
  // Merges `follower` into `lead` as the API does it.
  absl::Status MergeInto(const std::string& follower, const std::string& lead) {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    executor->Submit(
        {"merge-" + std::to_string(++requests), "", follower, MergeReport{Triage(), lead}, "",
         [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(std::move(outcome)); },
         TakenBy(lead, Triage())});
    return answer.get_future().get().status();
  }
  std::string StateOf(const std::string& report) {
    return database.Query("SELECT state || ' ' || lead_report_id FROM route WHERE report_id = '" + report +
                          "'");
  }
  std::string FollowersOf(const std::string& report) {
    return database.Query("SELECT followers FROM route WHERE report_id = '" + report + "'");
  }
};

TEST_CASE("a merge that is refused for its lead leaves both as they were") {
  Duplicates land;
  const auto reports = land.Assigned("id.32.73.dinkes", 3);
  Must(land.MergeInto(reports[1], reports[0]));
  const std::string journalled = land.Journalled();
  CHECK(absl::IsFailedPrecondition(land.MergeInto(reports[2], reports[1])));
  CHECK(absl::IsFailedPrecondition(land.MergeInto(reports[0], reports[2])));
  CHECK(absl::IsInvalidArgument(land.MergeInto(reports[2], reports[2])));
  CHECK(land.StateOf(reports[2]) == "4 ");
  CHECK(land.FollowersOf(reports[0]) == "1");
  CHECK(land.FollowersOf(reports[2]) == "0");
  CHECK(land.Journalled() == journalled);
}

TEST_CASE("merges that would make a chain, asked for at once by two instances, leave one of them") {
  Duplicates land;
  for (int round = 0; round < 20; ++round) {
    const auto reports = land.Assigned("id.32.73.dinkes", 2);
    Instance other(land);
    std::promise<absl::Status> across;
    std::thread racing([&] {
      std::promise<absl::StatusOr<eventlog::Outcome>> answer;
      other.executor.Submit({"race-" + std::to_string(round), "", reports[1],
                             MergeReport{Triage(), reports[0]}, "",
                             [&](absl::StatusOr<eventlog::Outcome> outcome) { answer.set_value(outcome); },
                             TakenBy(reports[0], Triage())});
      across.set_value(answer.get_future().get().status());
    });
    const absl::Status here = land.MergeInto(reports[0], reports[1]);
    racing.join();
    const absl::Status there = across.get_future().get();
    CHECK(here.ok() != there.ok());
    CHECK(land.database.Query("SELECT count(*) FROM route f JOIN route l ON l.report_id = f.lead_report_id "
                              "WHERE l.state = 10") == "0");
  }
}

TEST_CASE("who follows a lead that is archived or withdrawn gets triage of its own, once") {
  Duplicates land;
  const auto reports = land.Assigned("id.32.73.dinkes", 13);
  for (size_t i = 1; i < 13; ++i) Must(land.MergeInto(reports[i], reports[0]));
  CHECK(land.FollowersOf(reports[0]) == "12");
  CHECK(land.Sweep(5).Sweep().value() == 0);

  event::v1::Event withdrawn;
  withdrawn.mutable_report_withdrawn();
  withdrawn.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(land.clock.Now()));
  land.Apply("intake", reports[0], withdrawn);
  CHECK(land.Sweep(5).Sweep().value() == 12);
  CHECK(land.FollowersOf(reports[0]) == "0");
  for (size_t i = 1; i < 13; ++i) CHECK(land.StateOf(reports[i]) == "6 ");
  CHECK(land.database.Query("SELECT count(*) FROM event WHERE type = 'ReportUnmerged'") == "12");
  CHECK(land.Sweep(5).Sweep().value() == 0);
}

TEST_CASE("a follower whose reporter turns to the Ombudsman is on its own again, the others follow on") {
  Duplicates land;
  const auto reports = land.Assigned("id.32.73.dinkes", 3);
  Must(land.MergeInto(reports[1], reports[0]));
  Must(land.MergeInto(reports[2], reports[0]));
  event::v1::Event asked;
  asked.mutable_escalation_requested();
  asked.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(land.clock.Now()));
  land.Apply("intake", reports[1], asked);
  CHECK(land.Sweep().Sweep().value() == 1);
  CHECK(land.StateOf(reports[1]) == "6 ");
  CHECK(land.StateOf(reports[2]) == "10 " + reports[0]);
  CHECK(land.FollowersOf(reports[0]) == "1");
}

TEST_CASE("a part of a report is carried over with its agency, the report stays") {
  Land land;
  const auto reports = land.Assigned("id.81", 2);
  for (const std::string& report : reports)
    Must(land.Do(report, AddChildAssignment{Triage(), "id.32.73.dinkes"}).status());
  CHECK(land.CountWith("id.32.73.dinkes") == "2");
  land.Land::Merge("id.32.73.dinkes", "id.32.73.dpupr");
  CHECK(land.Sweep().Sweep().value() == 2);
  CHECK(land.CountWith("id.32.73.dpupr") == "2");
  CHECK(land.CountWith("id.81") == "2");
}

}  // namespace
}  // namespace lapor::routing
