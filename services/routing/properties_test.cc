// What must hold whatever agencies, administrators, reporters and clocks do, in whatever order. Each walk is
// drawn from its own seed, which a failure names.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "services/routing/domain.h"
#include "services/routing/testing/country.h"

namespace lapor::routing {
namespace {

using report::v1::CLOCK_COMPLETION;
using report::v1::CLOCK_DELIVERY;
using report::v1::CLOCK_VERIFICATION;

constexpr int kWalks = 100'000;
constexpr int kStepsOfAWalk = 24;

const std::vector<std::string> kAgencies = {"id",       "id.kemenkes",     "id.kemendagri",  "id.32",
                                            "id.32.73", "id.32.73.dinkes", "id.32.73.dpupr", "id.81"};

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  int Below(int end) { return std::uniform_int_distribution<>(0, end - 1)(random_); }
  bool OneIn(int n) { return Below(n) == 0; }
  const std::string& Agency() { return kAgencies[Below(static_cast<int>(kAgencies.size()))]; }

 private:
  std::mt19937 random_;
};

// Whoever acts is mostly the one who may.
std::string Someone(const Route& route, Chance& chance) {
  return chance.OneIn(4) || route.holder_agency_id.empty() ? chance.Agency() : route.holder_agency_id;
}

Command AnyCommand(const Journey& journey, Chance& chance) {
  const Route& route = journey.route;
  const Actor officer = OfficerOf(Someone(route, chance));
  // Events tell of the past, by up to two days.
  const absl::Time at = journey.now - absl::Hours(chance.Below(48));
  switch (chance.Below(21)) {
    case 0:
    case 1:
    case 2:
      return VerifyReport{.actor = Triage()};
    case 3:
      return RequestCompletion{Triage(), {"region"}};
    case 4:
      return ArchiveReport{Triage(), report::v1::ARCHIVE_REASON_BEFORE_COURT, chance.OneIn(2) ? "a" : "b"};
    case 5:
    case 6:
    case 7:
      return AssignReport{Triage(), chance.Agency()};
    case 8:
      return AssignReport{AdministratorOf(Someone(route, chance)), chance.Agency()};
    case 9:
      return AcceptAssignment{officer};
    case 10:
    case 11:
    case 12:
    case 13:
      return ReturnAssignment{officer, event::v1::RETURN_REASON_OTHER_LEVEL,
                              chance.OneIn(6) ? "" : chance.Agency()};
    case 14:
    case 15:
      return ArbitrateReport{ArbiterOf(chance.OneIn(2) ? Someone(route, chance) : kRootAgencyId),
                             chance.Agency()};
    case 16:
      return chance.OneIn(2) ? Command(ReceiveCompletion{"", chance.OneIn(2) ? "81" : "", at})
                             : Command(ContestArchive{at});
    case 17:
      return chance.OneIn(4) ? Command(WithdrawReport{at}) : Command(EndRoute{at});
    case 18:
      return ReopenRoute{at};
    case 19:
      return CarryOver{};
    default:
      return Submission();
  }
}

// The deadlines that are due fire, as the due scan would have it; now and then late.
void FireDue(Journey& journey, Chance& chance) {
  for (const auto& [clock, due_at] : std::map(journey.deadlines)) {
    if (due_at > journey.now || chance.OneIn(3)) continue;
    journey.deadlines.erase(clock);
    if (clock == CLOCK_VERIFICATION) {
      journey.Must(PassVerification{});
    } else if (clock == CLOCK_DELIVERY) {
      journey.Must(PassDelivery{due_at});
    } else {
      journey.Must(PassCompletion{});
    }
  }
}

void CheckOneHolder(const Journey& journey) {
  const Route& route = journey.route;
  REQUIRE(IsOpen(route.state) == !route.holder_agency_id.empty());
  const RouteState state = route.state;
  if (state == v1::ROUTE_STATE_ASSIGNED || state == v1::ROUTE_STATE_ACCEPTED) {
    REQUIRE(route.holder_agency_id == route.last_agency_id);
    REQUIRE(route.holder_agency_id != kRootAgencyId);
    const std::string& bound = route.bound_agency_id;
    REQUIRE((bound.empty() || route.holder_agency_id == bound ||
             journey.registry->IsUnitOf(route.holder_agency_id, bound)));
  } else if (state == v1::ROUTE_STATE_IN_ARBITRATION) {
    REQUIRE(journey.registry->IsBelow(route.returned_from, route.holder_agency_id));
    REQUIRE(route.bound_agency_id.empty());
  } else if (IsOpen(state)) {
    REQUIRE(route.holder_agency_id == kRootAgencyId);
  }

  // The handovers tell the same, without gap or overlap.
  REQUIRE(route.handovers == static_cast<int>(journey.handovers.size()));
  REQUIRE(journey.handovers.back().agency_id == route.holder_agency_id);
  for (size_t i = 0; i < journey.handovers.size(); ++i) {
    const Handover& handover = journey.handovers[i];
    REQUIRE(handover.number == static_cast<int>(i) + 1);
    if (i == 0) continue;
    REQUIRE(handover.since >= journey.handovers[i - 1].since);
    REQUIRE(handover.agency_id != journey.handovers[i - 1].agency_id);
  }
}

void CheckClocks(const Journey& journey) {
  const Route& route = journey.route;
  const bool before_assignment =
      route.state == v1::ROUTE_STATE_AWAITING_TRIAGE || route.state == v1::ROUTE_STATE_VERIFIED;
  REQUIRE(journey.deadlines.contains(CLOCK_VERIFICATION) ==
          (before_assignment && !route.verification_overdue));
  REQUIRE(journey.deadlines.contains(CLOCK_COMPLETION) ==
          (route.state == v1::ROUTE_STATE_AWAITING_COMPLETION));

  // Only what an agency holds waits for its application, and until its people have taken it up it can fall
  // back.
  const bool assigned = route.state == v1::ROUTE_STATE_ASSIGNED;
  const bool pending = route.delivery && StateOf(*route.delivery) == v1::DELIVERY_STATE_PENDING;
  REQUIRE((!route.delivery || assigned || route.state == v1::ROUTE_STATE_ACCEPTED));
  REQUIRE((!route.delivery || HasApplication(*CountryRegistry().Find(route.holder_agency_id))));
  REQUIRE((!assigned || journey.deadlines.contains(CLOCK_DELIVERY) == pending));
  REQUIRE((pending || !journey.deadlines.contains(CLOCK_DELIVERY)));
}

// What the events of the whole walk say.
void CheckHistory(const Journey& journey, int reopenings) {
  const int max_bounces = ShippedPolicy()->FindVersion(kPolicyVersion)->limits().max_bounces().value();
  int hops = 0;
  int bounces = 0;
  int verifications = 1;  // starts of the clock
  int contests = 0;
  int overdue = 0;
  bool bound = false;
  std::set<int> fell_back;
  for (const event::v1::Event& event : journey.events) {
    REQUIRE(event.actor().role() != report::v1::ROLE_UNSPECIFIED);
    if (event.has_agency_assigned()) {
      REQUIRE(event.agency_assigned().hop() == ++hops);
      REQUIRE((!bound || event.agency_assigned().binding()));
      bound = event.agency_assigned().binding();
    }
    if (event.has_assignment_returned()) {
      REQUIRE_FALSE(bound);
      REQUIRE(event.assignment_returned().bounces() == ++bounces);
    }
    verifications += event.has_completion_requested() || event.has_report_restored();
    contests += event.report_restored().reason() == event::v1::RESTORE_REASON_CONTESTED;
    if (event.has_report_archived()) REQUIRE(event.report_archived().has_contest_until() == (contests == 0));
    overdue += event.has_verification_overdue();
    // Each assignment once at most.
    if (event.has_assignment_fell_back())
      REQUIRE(fell_back.insert(event.assignment_fell_back().hop()).second);
  }
  REQUIRE(hops == journey.route.hops);
  REQUIRE(bounces == journey.route.bounces);
  // A case that ended before the arbiter decided may, reopened, be returned once more: to the arbiter again.
  REQUIRE(bounces <= max_bounces + reopenings);
  // Verification runs once from the submission, once from each completion, and once from each restoration.
  REQUIRE(overdue <= verifications);
  REQUIRE(contests <= 1);
}

TEST_CASE(
    "whatever happens, an open report has one holder, its clocks run as they should, and bounces are "
    "bounded") {
  int assigned = 0, arbitrated = 0, bound = 0, ended = 0, archived = 0, overdue = 0, carried_over = 0;
  int fallen = 0;
  for (unsigned seed = 0; seed < kWalks; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Journey journey;
    journey.Must(Submission());
    int reopenings = 0;
    const int ending = chance.Below(2 * kStepsOfAWalk);  // in half of the walks, agencies end on the way
    for (int step = 0; step < kStepsOfAWalk; ++step) {
      if (step == ending) journey.registry = &RegistryWithoutCity();
      journey.now += absl::Hours(chance.Below(20));
      FireDue(journey, chance);
      const Command command = AnyCommand(journey, chance);
      const RouteState before = journey.route.state;
      const bool done = journey.Do(command).ok();
      if (done && KindOf(command) == CommandKind::kReturnAssignment) {
        // Not ours is never an ending.
        REQUIRE(IsOpen(journey.route.state));
      }
      if (!done) REQUIRE(journey.route.state == before);
      reopenings += before == v1::ROUTE_STATE_ENDED && IsOpen(journey.route.state);
      REQUIRE((done || KindOf(command) < CommandKind::kReceiveReport));
      CheckOneHolder(journey);
      // Those that have fired late are judged when they fire.
      if (journey.deadlines.empty() || journey.deadlines.begin()->second > journey.now) CheckClocks(journey);
      arbitrated += journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION;
      // As the sweep does, now and then late.
      if (step < ending || chance.OneIn(3)) continue;
      const int bounces = journey.route.bounces;
      const std::string holder = journey.route.holder_agency_id;
      journey.Must(CarryOver{});
      REQUIRE(journey.route.bounces == bounces);
      REQUIRE((holder.empty() || !HasEnded(*journey.registry->Find(journey.route.holder_agency_id))));
      carried_over += journey.route.holder_agency_id != holder;
      CheckOneHolder(journey);
    }
    CheckHistory(journey, reopenings);
    assigned += journey.route.hops > 0;
    bound += !journey.route.bound_agency_id.empty();
    ended += journey.route.state == v1::ROUTE_STATE_ENDED;
    archived += journey.route.state == v1::ROUTE_STATE_ARCHIVED;
    overdue += journey.route.verification_overdue;
    fallen += journey.route.delivery && journey.route.delivery->fell_back_at;
  }
  // The walks went everywhere.
  CHECK(assigned > kWalks / 10);
  CHECK(arbitrated > 0);
  CHECK(bound > 0);
  CHECK(ended > 0);
  CHECK(archived > 0);
  CHECK(overdue > 0);
  CHECK(carried_over > 0);
  CHECK(fallen > 0);
}

// --- no wrong door

// One agency is competent. It keeps what reaches it; so does a government that it is a unit of, and hands it
// down. Every other agency returns it, naming whom it pleases or asking the arbiter. Arbiters know better.
class MisroutedReport {
 public:
  explicit MisroutedReport(unsigned seed)
      : chance_(seed), competent_(kAgencies[1 + chance_.Below(static_cast<int>(kAgencies.size()) - 1)]) {}

  // Lets whoever has to act do so.
  void Act() {
    const Route& route = journey.route;
    const RouteState state = route.state;
    if (state == v1::ROUTE_STATE_AWAITING_TRIAGE) {
      journey.Must(VerifyReport{.actor = Triage()});
    } else if (state == v1::ROUTE_STATE_VERIFIED) {
      Assign(chance_.Agency());
    } else if (state == v1::ROUTE_STATE_RETURNED) {
      // Mostly where the agency said, which triage need not believe.
      Assign(chance_.OneIn(3) ? chance_.Agency() : route.proposed_agency_id);
    } else if (state == v1::ROUTE_STATE_IN_ARBITRATION) {
      journey.Must(ArbitrateReport{ArbiterOf(route.holder_agency_id), competent_});
      hops += journey.route.state == v1::ROUTE_STATE_ASSIGNED;
    } else {
      Hold();
    }
  }

  bool Arrived() const {
    return journey.route.state == v1::ROUTE_STATE_ACCEPTED && journey.route.holder_agency_id == competent_;
  }

  Journey journey;
  // Hands from one government or national body to another.
  int hops = 0;

 private:
  void Assign(const std::string& agency) { hops += journey.Do(AssignReport{Triage(), agency}).ok(); }

  void Hold() {
    const std::string holder = journey.route.holder_agency_id;
    if (holder == competent_) return (void)journey.Must(AcceptAssignment{OfficerOf(holder)});
    if (CountryRegistry().IsUnitOf(competent_, holder))
      return (void)journey.Must(AssignReport{AdministratorOf(holder), competent_});
    // A target that is no other agency is refused; then they think again.
    (void)journey.Do(ReturnAssignment{OfficerOf(holder), event::v1::RETURN_REASON_OTHER_AGENCY,
                                      chance_.OneIn(5) ? "" : chance_.Agency()});
  }

  Chance chance_;
  const std::string competent_;
};

TEST_CASE("however agencies return it, a report reaches the competent one in at most bound + 1 hops") {
  const int max_bounces = ShippedPolicy()->FindVersion(kPolicyVersion)->limits().max_bounces().value();
  int longest = 0;
  for (unsigned seed = 0; seed < kWalks; ++seed) {
    CAPTURE(seed);
    MisroutedReport report(seed);
    report.journey.Must(Submission());
    const absl::Time verification_due_at = *report.journey.route.verification_due_at;
    for (int step = 0; !report.Arrived(); ++step) {
      REQUIRE(step < 1000);
      report.Act();
      CheckOneHolder(report.journey);
      REQUIRE(IsOpen(report.journey.route.state));
      REQUIRE(report.hops <= max_bounces + 1);
    }
    REQUIRE(report.journey.route.verification_due_at == verification_due_at);
    longest = std::max(longest, report.hops);
  }
  CHECK(longest == max_bounces + 1);
}

TEST_CASE("agencies that return everything, always, still end with one that has to follow the report up") {
  const int max_bounces = ShippedPolicy()->FindVersion(kPolicyVersion)->limits().max_bounces().value();
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Journey journey;
    journey.Must(Submission()).Must(VerifyReport{.actor = Triage()});
    int returns = 0;
    while (true) {
      while (!IsOpen(journey.route.state) || journey.route.holder_agency_id == kRootAgencyId ||
             journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION) {
        const bool arbitration = journey.route.state == v1::ROUTE_STATE_IN_ARBITRATION;
        (void)journey.Do(arbitration ? Command(ArbitrateReport{ArbiterOf(kRootAgencyId), chance.Agency()})
                                     : Command(AssignReport{Triage(), chance.Agency()}));
      }
      absl::Status status;
      do {
        status = journey.Do(ReturnAssignment{OfficerOf(journey.route.holder_agency_id),
                                             event::v1::RETURN_REASON_OTHER_AGENCY,
                                             chance.OneIn(5) ? "" : chance.Agency()});
      } while (absl::IsInvalidArgument(status));
      if (!status.ok()) break;
      REQUIRE(++returns <= max_bounces);
    }
    CHECK_FALSE(journey.route.bound_agency_id.empty());
    CHECK(journey.route.state == v1::ROUTE_STATE_ASSIGNED);
    CHECK(journey.Do(AcceptAssignment{OfficerOf(journey.route.holder_agency_id)}).ok());
  }
}

// --- several agencies

// A command about a child assignment, or one that makes or ends one.
Command AnyCommandOnChildren(const Journey& journey, Chance& chance) {
  const int children = static_cast<int>(journey.route.children.size());
  const int number = 1 + chance.Below(children + 1);  // now and then of a child that isn't there
  const Route& child = journey.RouteOf(std::min(number, children));
  const Actor officer = OfficerOf(Someone(child, chance));
  switch (chance.Below(8)) {
    case 0:
      return AddChildAssignment{chance.OneIn(3) ? AdministratorOf(Someone(journey.route, chance)) : Triage(),
                                chance.Agency()};
    case 1:
      return EndChildAssignment{chance.OneIn(3) ? AdministratorOf(Someone(journey.route, chance)) : Triage(),
                                number};
    case 2:
    case 3:
      return AssignReport{Triage(), chance.Agency(), "", number};
    case 4:
      return AcceptAssignment{officer, number};
    case 5:
    case 6:
      return ReturnAssignment{officer, event::v1::RETURN_REASON_OTHER_AGENCY,
                              chance.OneIn(5) ? "" : chance.Agency(), number};
    default:
      return ArbitrateReport{ArbiterOf(chance.OneIn(2) ? Someone(child, chance) : kRootAgencyId),
                             chance.Agency(), number};
  }
}

// Where it stands, as far as others could change it.
auto Standing(const Route& route) {
  return std::tuple(route.state, route.holder_agency_id, route.hops, route.bounces, route.handovers,
                    route.bound_agency_id);
}

TEST_CASE("whatever happens to one part of a report, every other part stays as it is, in one hand each") {
  int shared = 0, returned = 0, ended_alone = 0, parts = 0;
  for (unsigned seed = 0; seed < kWalks / 10; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Journey journey;
    journey.Must(Submission()).Must(VerifyReport{.actor = Triage()});
    journey.Must(AssignReport{Triage(), chance.OneIn(2) ? "id.32.73" : "id.81"});
    for (int step = 0; step < kStepsOfAWalk; ++step) {
      journey.now += absl::Hours(chance.Below(5));
      const bool on_child = chance.OneIn(2);
      const Command command = on_child && !journey.route.children.empty()
                                  ? AnyCommandOnChildren(journey, chance)
                              : chance.OneIn(3) ? Command(AddChildAssignment{Triage(), chance.Agency()})
                                                : AnyCommand(journey, chance);
      const Route before = journey.route;
      if (!journey.Do(command).ok()) continue;

      const int about = ChildOf(command);
      const CommandKind kind = KindOf(command);
      const bool concerns_all = kind == CommandKind::kWithdrawReport || kind == CommandKind::kEndRoute ||
                                kind == CommandKind::kCarryOver;
      for (int number = 0; number <= static_cast<int>(before.children.size()) && !concerns_all; ++number) {
        const Route& was = number == 0 ? before : before.children[static_cast<size_t>(number) - 1];
        if (number != about) REQUIRE(Standing(journey.RouteOf(number)) == Standing(was));
      }
      for (const event::v1::Event& event : journey.last.events) {
        const bool made = kind == CommandKind::kAddChildAssignment;
        if (!concerns_all)
          REQUIRE(event.child() == (made ? static_cast<int>(journey.route.children.size()) : about));
      }
      CheckOneHolder(journey);
      for (const Route& child : journey.route.children) {
        REQUIRE(IsOpen(child.state) == !child.holder_agency_id.empty());
        REQUIRE(child.handovers == static_cast<int>(journey.child_handovers.at(child.child).size()));
        REQUIRE(child.hops >= 1);
        // Nobody works on a part of what is over.
        if (!IsOpen(journey.route.state)) REQUIRE_FALSE(IsOpen(child.state));
      }
      returned += about > 0 && kind == CommandKind::kReturnAssignment;
      ended_alone += kind == CommandKind::kEndChildAssignment;
    }
    shared += !journey.route.children.empty();
    parts += static_cast<int>(journey.route.children.size());
  }
  CHECK(shared > kWalks / 20);
  CHECK(parts > shared);
  CHECK(returned > 0);
  CHECK(ended_alone > 0);
}

// --- duplicates

TEST_CASE(
    "however reports are merged and taken apart, there is no chain, and somebody has every one of them") {
  int merged = 0, unmerged = 0, refused = 0, released = 0;
  for (unsigned seed = 0; seed < kWalks / 20; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    std::vector<Journey> reports;
    for (const char* id : {"1", "2", "3", "4"}) {
      Journey& report = reports.emplace_back(std::string(id));
      ReceiveReport submission = Submission();
      submission.at += absl::Hours(chance.Below(100));
      report.now = submission.at;
      report.Must(submission);
    }
    const auto lead_of = [&](const Route& follower) -> Journey& {
      return *std::ranges::find_if(
          reports, [&](const Journey& report) { return report.route.id == follower.lead_report_id; });
    };
    for (int step = 0; step < 3 * kStepsOfAWalk; ++step) {
      Journey& report = reports[static_cast<size_t>(chance.Below(4))];
      Journey& other = reports[static_cast<size_t>(chance.Below(4))];
      report.now = other.now = std::max(report.now, other.now) + absl::Hours(chance.Below(4));
      const auto lead_due = other.route.verification_due_at;
      if (chance.OneIn(3) && &report != &other) {
        const bool done = Merge(report, other).ok();
        (done ? merged : refused)++;
        // Never later than it was.
        if (done && lead_due) REQUIRE(*other.route.verification_due_at <= *lead_due);
      } else if (report.route.state == v1::ROUTE_STATE_MERGED && chance.OneIn(3)) {
        REQUIRE(Unmerge(report, lead_of(report.route)).ok());
        ++unmerged;
      } else if (chance.OneIn(10)) {
        report.Must(RecordEscalation{chance.OneIn(2)});
      } else {
        (void)report.Do(AnyCommand(report, chance));
      }
      for (Journey& follower : reports) {
        if (follower.route.state != v1::ROUTE_STATE_MERGED) {
          REQUIRE(follower.route.lead_report_id.empty());
          REQUIRE(follower.route.merged_from == v1::ROUTE_STATE_UNSPECIFIED);
          continue;
        }
        Journey& lead = lead_of(follower.route);
        REQUIRE(lead.route.state != v1::ROUTE_STATE_MERGED);
        // As the sweep does.
        const bool gone = lead.route.state == v1::ROUTE_STATE_ARCHIVED ||
                          (lead.route.state == v1::ROUTE_STATE_ENDED && lead.route.withdrawn);
        const Route& route = follower.route;
        if (!gone && !route.withdrawn && !route.escalated && !route.closed_meanwhile) continue;
        follower.now = std::max(follower.now, lead.now);
        REQUIRE(Unmerge(follower, lead, event::v1::UNMERGE_REASON_LEAD_GONE).ok());
        REQUIRE((IsOpen(follower.route.state) || follower.route.state == v1::ROUTE_STATE_ENDED));
        ++released;
      }
      for (const Journey& lead : reports) {
        REQUIRE(lead.route.followers == std::ranges::count_if(reports, [&](const Journey& follower) {
                  return follower.route.lead_report_id == lead.route.id;
                }));
      }
    }
    for (const Journey& journey : reports) CheckOneHolder(journey);
  }
  CHECK(merged > 1000);
  CHECK(unmerged > 100);
  CHECK(refused > 1000);
  CHECK(released > 100);
}

}  // namespace
}  // namespace lapor::routing
