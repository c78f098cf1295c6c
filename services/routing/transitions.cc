// The state machine of a route, as data.
#include <algorithm>
#include <array>
#include <string_view>

#include "services/routing/domain.h"
#include "services/routing/states.h"

namespace lapor::routing {
namespace {

using enum CommandKind;

using Transition = decision::Transition<RouteState, CommandKind>;

// Every command that does something, or may. Commands of events and deadlines are allowed in every state
// besides.
constexpr Transition kMoves[] = {
    {kUnknown, kReceiveReport, kAwaitingTriage},

    // Triage.
    {kAwaitingTriage, kVerifyReport, kVerified},
    {kAwaitingTriage, kRequestCompletion, kAwaitingCompletion},
    {kAwaitingTriage, kArchiveReport, kArchived},
    {kAwaitingCompletion, kArchiveReport, kArchived},
    {kVerified, kArchiveReport, kArchived},
    // What an agency said on returning it may show that it is out of scope. That it isn't theirs never ends
    // it.
    {kReturned, kArchiveReport, kArchived},
    {kAwaitingTriage, kPassVerification, kAwaitingTriage},
    {kVerified, kPassVerification, kVerified},

    // The reporter's part.
    {kAwaitingCompletion, kReceiveCompletion, kAwaitingTriage},
    {kAwaitingCompletion, kPassCompletion, kArchived},
    {kAwaitingCompletion, kPassCompletion, kAwaitingCompletion},
    {kArchived, kContestArchive, kAwaitingTriage},
    {kArchived, kContestArchive, kArchived},
    // What was archived as not completed, while the completion was on its way.
    {kArchived, kReceiveCompletion, kAwaitingTriage},
    {kArchived, kReceiveCompletion, kArchived},

    // Hands.
    {kVerified, kAssignReport, kAssigned},
    {kReturned, kAssignReport, kAssigned},
    {kAssigned, kAssignReport, kAssigned},
    {kAccepted, kAssignReport, kAssigned},
    {kAssigned, kAcceptAssignment, kAccepted},
    {kAssigned, kReturnAssignment, kReturned},
    {kAssigned, kReturnAssignment, kInArbitration},
    {kAccepted, kReturnAssignment, kReturned},
    {kAccepted, kReturnAssignment, kInArbitration},
    {kAssigned, kPassDelivery, kAssigned},
    {kInArbitration, kArbitrateReport, kAssigned},
    // To the arbiter above, who can bind the agency that this one can't.
    {kInArbitration, kArbitrateReport, kInArbitration},
    // For the administrator who thinks that the agency that returned it is competent all the same.
    {kReturned, kArbitrateReport, kAssigned},
    // So that what binds can be put right.
    {kAssigned, kArbitrateReport, kAssigned},
    {kAccepted, kArbitrateReport, kAssigned},

    // Several agencies.
    {kAssigned, kAddChildAssignment, kAssigned},
    {kAccepted, kAddChildAssignment, kAccepted},
    {kAssigned, kEndChildAssignment, kEnded},
    {kAccepted, kEndChildAssignment, kEnded},
    {kReturned, kEndChildAssignment, kEnded},
    {kInArbitration, kEndChildAssignment, kEnded},

    // Duplicates.
    {kAwaitingTriage, kMergeReport, kMerged},
    {kAwaitingCompletion, kMergeReport, kMerged},
    {kVerified, kMergeReport, kMerged},
    {kAssigned, kMergeReport, kMerged},
    {kAccepted, kMergeReport, kMerged},
    {kReturned, kMergeReport, kMerged},
    {kInArbitration, kMergeReport, kMerged},
    {kAwaitingTriage, kTakeFollower, kAwaitingTriage},
    {kVerified, kTakeFollower, kVerified},
    {kAssigned, kTakeFollower, kAssigned},
    {kAccepted, kTakeFollower, kAccepted},
    {kReturned, kTakeFollower, kReturned},
    {kInArbitration, kTakeFollower, kInArbitration},
    {kMerged, kUnmergeReport, kAwaitingTriage},
    {kMerged, kUnmergeReport, kVerified},
    {kMerged, kUnmergeReport, kReturned},
    {kMerged, kUnmergeReport, kEnded},

    // The end, which is told from elsewhere.
    {kAwaitingTriage, kWithdrawReport, kEnded},
    {kAwaitingCompletion, kWithdrawReport, kEnded},
    {kVerified, kWithdrawReport, kEnded},
    {kAssigned, kWithdrawReport, kEnded},
    {kAccepted, kWithdrawReport, kEnded},
    {kReturned, kWithdrawReport, kEnded},
    {kInArbitration, kWithdrawReport, kEnded},
    {kAwaitingTriage, kEndRoute, kEnded},
    {kAwaitingCompletion, kEndRoute, kEnded},
    {kVerified, kEndRoute, kEnded},
    {kAssigned, kEndRoute, kEnded},
    {kAccepted, kEndRoute, kEnded},
    {kReturned, kEndRoute, kEnded},
    {kInArbitration, kEndRoute, kEnded},
    {kEnded, kReopenRoute, kAccepted},
    {kEnded, kReopenRoute, kReturned},
    {kEnded, kReopenRoute, kEnded},

    // The agency has ended. Its successor has yet to take the report up.
    {kAssigned, kCarryOver, kAssigned},
    {kAccepted, kCarryOver, kAssigned},
    {kAccepted, kCarryOver, kAccepted},
    {kReturned, kCarryOver, kReturned},
    {kInArbitration, kCarryOver, kInArbitration},
};

constexpr RouteState kKnownStates[] = {kAwaitingTriage, kAwaitingCompletion, kVerified, kAssigned, kAccepted,
                                       kReturned,       kInArbitration,      kArchived, kEnded,    kMerged};

// What may come too late, and then leaves the state as it is: events cross on their way, and a transaction
// may overtake a deadline that is due already.
constexpr CommandKind kMayBeLate[] = {
    kReceiveReport,  kReceiveCompletion, kContestArchive,   kWithdrawReport,  kEndRoute,
    kReopenRoute,    kRecordAnswer,      kRecordEscalation, kReleaseFollower, kPassVerification,
    kPassCompletion, kPassDelivery,      kCarryOver,        kRecountClocks};

// Calls `stays(state, command)` for those pairs of a known state and a command that may be late that move
// nothing.
template <class Stays>
constexpr void ForEachLate(Stays stays) {
  for (const RouteState state : kKnownStates) {
    for (const CommandKind kind : kMayBeLate) {
      const bool moves = std::ranges::any_of(
          kMoves, [&](const Transition& row) { return row.from == state && row.on == kind; });
      if (!moves) stays(state, kind);
    }
  }
}

constexpr size_t kLatePairs = [] {
  size_t count = 0;
  ForEachLate([&](RouteState, CommandKind) { ++count; });
  return count;
}();

constexpr auto kTransitions = [] {
  std::array<Transition, std::size(kMoves) + kLatePairs> all{};
  auto* end = std::ranges::copy(kMoves, all.begin()).out;
  ForEachLate([&](RouteState state, CommandKind kind) { *end++ = {state, kind, state}; });
  return all;
}();

constexpr std::array<const char*, std::variant_size_v<Command>> kCommandNames = {
    "VerifyReport",     "RequestCompletion", "ArchiveReport",      "AssignReport",       "AcceptAssignment",
    "ReturnAssignment", "ArbitrateReport",   "AddChildAssignment", "EndChildAssignment", "MergeReport",
    "TakeFollower",     "UnmergeReport",     "ReleaseFollower",    "ReceiveReport",      "ReceiveCompletion",
    "ContestArchive",   "WithdrawReport",    "EndRoute",           "ReopenRoute",        "RecordAnswer",
    "RecordEscalation", "PassVerification",  "PassCompletion",     "PassDelivery",       "CarryOver",
    "RecountClocks"};

}  // namespace

CommandKind KindOf(const Command& command) { return static_cast<CommandKind>(command.index()); }

int ChildOf(const Command& command) {
  return std::visit(
      [](const auto& concrete) {
        if constexpr (requires { concrete.child; }) {
          return concrete.child;
        } else {
          return 0;
        }
      },
      command);
}

std::string NameOf(CommandKind kind) { return kCommandNames[static_cast<size_t>(kind)]; }

std::string NameOf(RouteState state) {
  constexpr std::string_view kPrefix = "ROUTE_STATE_";
  return v1::RouteState_Name(state).substr(kPrefix.size());
}

const decision::Table<RouteState, CommandKind>& Transitions() {
  static constexpr decision::Table<RouteState, CommandKind> kTable(kTransitions, NameOf, NameOf);
  return kTable;
}

bool WaitsForTriage(RouteState state) {
  return state == kAwaitingTriage || state == kVerified || state == kReturned;
}

bool IsOpen(RouteState state) {
  return state != kUnknown && state != kArchived && state != kEnded && state != kMerged;
}

}  // namespace lapor::routing
