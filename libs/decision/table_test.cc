#include "libs/decision/table.h"

#include <catch2/catch.hpp>

namespace lapor::decision {
namespace {

enum class Door { kOpen, kShut };
enum class Act { kPull, kPush };

std::string NameOfDoor(Door door) { return door == Door::kOpen ? "OPEN" : "SHUT"; }
std::string NameOfAct(Act act) { return act == Act::kPull ? "Pull" : "Push"; }

constexpr Transition<Door, Act> kRows[] = {{Door::kOpen, Act::kPull, Door::kShut},
                                           {Door::kShut, Act::kPush, Door::kOpen}};
constexpr Table<Door, Act> kTable(kRows, NameOfDoor, NameOfAct);

TEST_CASE("a pair in the table is allowed, and only to the state it foresees") {
  CHECK(kTable.Check(Door::kOpen, Act::kPull).ok());
  CHECK(kTable.Foresees(Door::kOpen, Act::kPull, Door::kShut));
  CHECK_FALSE(kTable.Foresees(Door::kOpen, Act::kPull, Door::kOpen));
}

TEST_CASE("a pair that is not in the table is refused, naming state and command") {
  const absl::Status status = kTable.Check(Door::kShut, Act::kPull);
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(status.message()).find("SHUT") != std::string::npos);
  CHECK(std::string(status.message()).find("Pull") != std::string::npos);
}

}  // namespace
}  // namespace lapor::decision
