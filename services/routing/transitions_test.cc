// The whole product of states and commands, against the table; and the table against the diagram of the
// README.
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "libs/decision/refusal.h"
#include "services/routing/domain.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

constexpr auto kReason = event::v1::RETURN_REASON_OTHER_REGION;
constexpr int kCommandKinds = std::variant_size_v<Command>;

// Journeys that stand in every state, with every past that makes a difference.
std::vector<Journey> Journeys() {
  const Journey unknown;
  const Journey submitted = Journey(unknown).Must(Submission());
  const Journey incomplete = Journey(submitted).Must(RequestCompletion{Triage(), {"region"}});
  const Journey archived =
      Journey(submitted).Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_UNINTELLIGIBLE});
  const Journey contested = Journey(archived).Must(ContestArchive{archived.now});
  const Journey archived_for_good =
      Journey(contested).Must(ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_UNINTELLIGIBLE});
  Journey expiring = incomplete;
  expiring.now = *expiring.route.completion_due_at;
  const Journey uncompleted = Journey(expiring).Must(PassCompletion{});
  const Journey verified = Journey(submitted).Must(VerifyReport{.actor = Triage()});
  const Journey assigned = Journey(verified).Must(AssignReport{Triage(), "id.32.73"});
  const Journey delivering = Journey(verified).Must(AssignReport{Triage(), "id.32.73.dpupr"});
  const Journey accepted = Journey(assigned).Must(AcceptAssignment{OfficerOf("id.32.73")});
  const Journey returned = Journey(assigned).Must(ReturnAssignment{OfficerOf("id.32.73"), kReason, "id.81"});
  const Journey arbitrated = Journey(assigned).Must(ReturnAssignment{OfficerOf("id.32.73"), kReason, ""});
  const Journey closed_returned = Journey(returned).Must(EndRoute{returned.now});
  const Journey closed = Journey(accepted).Must(EndRoute{accepted.now});
  const Journey withdrawn = Journey(accepted).Must(WithdrawReport{accepted.now});
  Journey orphaned = accepted;
  orphaned.registry = &RegistryWithoutCity();
  const MergeReport merge{Triage(), kOtherReportId};
  const Journey merged = Journey(submitted).Must(merge);
  const Journey merged_verified = Journey(verified).Must(merge);
  const Journey merged_assigned = Journey(assigned).Must(merge);
  const Journey merged_leaving = Journey(merged).Must(WithdrawReport{merged.now});
  // With child assignments in every state.
  const Journey shared = Journey(assigned).Must(AddChildAssignment{Triage(), "id.kemenkes"});
  const Journey shared_accepted = Journey(shared).Must(AcceptAssignment{OfficerOf("id.kemenkes"), 1});
  const Journey shared_returned =
      Journey(shared).Must(ReturnAssignment{OfficerOf("id.kemenkes"), kReason, "id.81", 1});
  const Journey shared_arbitrated =
      Journey(shared).Must(ReturnAssignment{OfficerOf("id.kemenkes"), kReason, "", 1});
  const Journey shared_ended = Journey(shared).Must(EndChildAssignment{Triage(), 1});
  return {unknown,         submitted,
          incomplete,      expiring,
          uncompleted,     archived,
          contested,       archived_for_good,
          verified,        assigned,
          accepted,        returned,
          arbitrated,      closed,
          closed_returned, withdrawn,
          orphaned,        delivering,
          merged,          merged_verified,
          merged_assigned, merged_leaving,
          shared,          shared_accepted,
          shared_returned, shared_arbitrated,
          shared_ended};
}

// Commands of every kind that would succeed where they are allowed, by whoever is accountable.
std::vector<Command> CommandsFor(const Journey& journey) {
  const Route& route = journey.route;
  const Actor officer = OfficerOf(route.holder_agency_id);
  const absl::Time at = journey.now;
  if (!route.children.empty()) return {EndChildAssignment{Triage(), 1}};
  Journey other(kOtherReportId);
  other.Must(Submission());
  const auto follower = std::make_shared<Route>(other.Must(MergeReport{Triage(), route.id}).route);
  return {VerifyReport{.actor = Triage()},
          RequestCompletion{Triage(), {"region"}},
          ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT},
          AssignReport{Triage(), "id.kemenkes"},
          AcceptAssignment{officer},
          ReturnAssignment{officer, kReason, "id.81"},
          ReturnAssignment{officer, kReason, ""},
          ArbitrateReport{ArbiterOf(kRootAgencyId), "id.kemenkes"},
          ArbitrateReport{ArbiterOf(route.state == v1::ROUTE_STATE_IN_ARBITRATION ? route.holder_agency_id
                                                                                  : kRootAgencyId),
                          "id.kemenkes"},
          AddChildAssignment{Triage(), "id.81"},
          MergeReport{Triage(), kOtherReportId},
          TakeFollower{follower, Triage()},
          UnmergeReport{Triage(), kOtherReportId, event::v1::UNMERGE_REASON_ADMINISTRATOR},
          ReleaseFollower{},
          RecordAnswer{},
          RecordEscalation{},
          Submission(),
          ReceiveCompletion{"", "", at},
          ContestArchive{at},
          WithdrawReport{at},
          EndRoute{at},
          ReopenRoute{at},
          PassVerification{},
          PassCompletion{},
          PassDelivery{route.delivery ? route.delivery->due_at : at},
          CarryOver{},
          RecountClocks{}};
}

using Step = std::tuple<RouteState, CommandKind, RouteState>;

TEST_CASE("every pair of a state and a command does what the table says, and nothing else") {
  std::set<Step> taken;
  std::set<RouteState> states;
  std::set<CommandKind> kinds;
  for (const Journey& journey : Journeys()) {
    for (const Command& command : CommandsFor(journey)) {
      const RouteState from = journey.RouteOf(ChildOf(command)).state;
      const CommandKind kind = KindOf(command);
      CAPTURE(NameOf(from), NameOf(kind));
      states.insert(from);
      kinds.insert(kind);

      Journey next = journey;
      const absl::Status status = next.Do(command);
      CHECK(status.ok() == Transitions().Allows(from, kind));
      if (status.ok()) {
        taken.emplace(from, kind, next.RouteOf(ChildOf(command)).state);
      } else if (from == v1::ROUTE_STATE_UNSPECIFIED) {
        CHECK(absl::IsNotFound(status));
      } else if (kind == CommandKind::kTakeFollower) {
        // Told of the report that is to lead, not of the one that was named first.
        CHECK(decision::BadInputOf(status)->violations(0).field() == "lead_report_id");
      } else {
        CHECK(absl::IsFailedPrecondition(status));
        CHECK(std::string(status.message()).find(NameOf(kind) + " is not allowed in " + NameOf(from)) !=
              std::string::npos);
      }
    }
  }
  CHECK(states.size() == static_cast<size_t>(v1::RouteState_ARRAYSIZE));
  CHECK(kinds.size() == static_cast<size_t>(kCommandKinds));

  std::set<Step> foreseen;
  for (const auto& row : Transitions().rows()) foreseen.emplace(row.from, row.on, row.to);
  CHECK(foreseen.size() == Transitions().rows().size());
  for (const auto& [from, kind, to] : foreseen) {
    CAPTURE(NameOf(from), NameOf(kind), NameOf(to));
    CHECK(taken.contains({from, kind, to}));
  }
}

bool IsCallers(CommandKind kind) {
  const bool counterpart = kind == CommandKind::kTakeFollower || kind == CommandKind::kReleaseFollower;
  return kind < CommandKind::kReceiveReport && !counterpart;
}

TEST_CASE("what events and deadlines mean is allowed in every state of a known report") {
  for (int state = 1; state < v1::RouteState_ARRAYSIZE; ++state) {
    for (int kind = static_cast<int>(CommandKind::kReceiveReport); kind < kCommandKinds; ++kind) {
      CAPTURE(state, kind);
      CHECK(Transitions().Allows(static_cast<RouteState>(state), static_cast<CommandKind>(kind)));
    }
  }
}

TEST_CASE("every command has a name of its own") {
  std::set<std::string> names;
  for (int kind = 0; kind < kCommandKinds; ++kind) names.insert(NameOf(static_cast<CommandKind>(kind)));
  CHECK(names.size() == static_cast<size_t>(kCommandKinds));
  CHECK(NameOf(CommandKind::kCarryOver) == "CarryOver");
}

// The table as a Mermaid diagram: one arrow for each pair of states. Left out is what leaves a state as it
// is, unless a caller asked for it.
std::string Diagram() {
  std::vector<std::pair<std::string, std::string>> arrows;
  for (const auto& row : Transitions().rows()) {
    if (row.from == row.to && !IsCallers(row.on)) continue;
    const std::string from = row.from == v1::ROUTE_STATE_UNSPECIFIED ? "[*]" : NameOf(row.from);
    const std::string arrow = from + " --> " + NameOf(row.to);
    const auto known = std::ranges::find(arrows, arrow, [](const auto& a) { return a.first; });
    if (known == arrows.end()) {
      arrows.emplace_back(arrow, NameOf(row.on));
    } else {
      known->second += ", " + NameOf(row.on);
    }
  }
  std::string diagram = "stateDiagram-v2\n";
  for (const auto& [arrow, commands] : arrows) diagram += "  " + arrow + " : " + commands + "\n";
  return diagram;
}

TEST_CASE("the diagram of the README is the table") {
  std::ifstream file(std::string(getenv("LAPOR_SOURCE_DIR")) + "/services/routing/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  INFO("put this between the lines ```mermaid and ```:\n" << Diagram());
  CHECK(readme.str().find("```mermaid\n" + Diagram() + "```\n") != std::string::npos);
}

}  // namespace
}  // namespace lapor::routing
