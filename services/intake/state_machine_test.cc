#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "services/intake/domain.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

using report::v1::ReportStatus;

constexpr ReportStatus kStatuses[] = {
    report::v1::REPORT_STATUS_RECEIVED, report::v1::REPORT_STATUS_AWAITING_COMPLETION,
    report::v1::REPORT_STATUS_VERIFIED, report::v1::REPORT_STATUS_IN_PROCESS,
    report::v1::REPORT_STATUS_ANSWERED, report::v1::REPORT_STATUS_CLOSED,
    report::v1::REPORT_STATUS_ARCHIVED, report::v1::REPORT_STATUS_WITHDRAWN,
};

bool IsFromEvent(CommandKind kind) { return kind >= CommandKind::kMarkVerified; }

TEST_CASE("every command in every status does what the table says, and no other is carried out") {
  Story story;
  const std::vector<Command> commands = OneOfEach(story);
  REQUIRE(commands.size() == static_cast<size_t>(kCommandKinds));
  for (const ReportStatus status : kStatuses) {
    for (size_t i = 0; i < commands.size(); ++i) {
      const auto kind = static_cast<CommandKind>(i);
      REQUIRE(commands[i].index() == i);
      CAPTURE(NameOf(status), NameOf(kind));

      Story in_status = story;
      in_status.Force(status);
      const absl::Status told = in_status.Tell(commands[i]);
      if (!StateMachine().Allows(status, kind)) {
        CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
        CHECK(std::string(told.message()).find(NameOf(status)) != std::string::npos);
        CHECK(std::string(told.message()).find(NameOf(kind)) != std::string::npos);
        CHECK(in_status.report().status == status);
      } else {
        CHECK(told.ToString() == "OK");
        CHECK(StateMachine().Foresees(status, kind, in_status.report().status));
      }
    }
  }
}

TEST_CASE("what other services tell is taken in every status") {
  for (const ReportStatus status : kStatuses) {
    for (int i = 0; i < kCommandKinds; ++i) {
      const auto kind = static_cast<CommandKind>(i);
      CAPTURE(NameOf(status), NameOf(kind));
      if (IsFromEvent(kind)) CHECK(StateMachine().Allows(status, kind));
    }
  }
}

TEST_CASE("nothing but a submission happens to a report that does not exist") {
  const Story untold = Story::Untold();
  for (const Command& command : OneOfEach(untold)) {
    const auto kind = static_cast<CommandKind>(command.index());
    CAPTURE(NameOf(kind));
    Story story = untold;
    const absl::Status told = story.Tell(command);
    if (kind == CommandKind::kSubmitReport) {
      CHECK(told.ok());
    } else if (IsFromEvent(kind)) {
      CHECK(told.code() == absl::StatusCode::kFailedPrecondition);
    } else {
      CHECK(told.code() == absl::StatusCode::kNotFound);
    }
  }
}

// As README.md shows it: the moves, one line each, with all commands that make them.
std::string Diagram() {
  std::map<std::pair<ReportStatus, ReportStatus>, std::set<std::string>> moves;
  for (const auto& row : StateMachine().rows()) {
    if (row.from != row.to) moves[{row.from, row.to}].insert(NameOf(row.on));
  }
  std::ostringstream diagram;
  diagram << "stateDiagram-v2\n";
  for (const auto& [ends, commands] : moves) {
    const std::string from = ends.first == report::v1::REPORT_STATUS_UNSPECIFIED ? "[*]" : NameOf(ends.first);
    std::string names;
    for (const std::string& command : commands) names += (names.empty() ? "" : ", ") + command;
    diagram << "    " << from << " --> " << NameOf(ends.second) << ": " << names << "\n";
  }
  return diagram.str();
}

TEST_CASE("the README's diagram is the state machine") {
  const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
  std::ifstream file(source / "services/intake/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  const std::string text = readme.str();
  const std::string begin = "```mermaid\n";
  const size_t at = text.find(begin);
  REQUIRE(at != std::string::npos);
  const size_t end = text.find("```", at + begin.size());
  CHECK(text.substr(at + begin.size(), end - at - begin.size()) == Diagram());
}

}  // namespace
}  // namespace lapor::intake
