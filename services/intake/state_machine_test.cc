#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
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
    report::v1::REPORT_STATUS_MERGED,
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

constexpr ReportStatus kOpen[] = {report::v1::REPORT_STATUS_RECEIVED,
                                  report::v1::REPORT_STATUS_AWAITING_COMPLETION,
                                  report::v1::REPORT_STATUS_VERIFIED, report::v1::REPORT_STATUS_IN_PROCESS,
                                  report::v1::REPORT_STATUS_ANSWERED};

// As README.md shows it: one line for each move with all commands that make it, and one for a move that leads
// out of all open statuses alike.
std::string Diagram() {
  using Move = std::pair<std::string, std::string>;
  std::vector<Move> order;
  std::map<Move, std::string> commands;
  const auto add = [&](const std::string& from, const std::string& to, CommandKind on) {
    std::string& names = commands[{from, to}];
    if (names.empty()) order.emplace_back(from, to);
    if (names.find(NameOf(on)) == std::string::npos) names += (names.empty() ? "" : ", ") + NameOf(on);
  };
  for (const auto& row : StateMachine().rows()) {
    if (row.from == row.to) continue;
    const bool from_all_open = std::ranges::all_of(kOpen, [&](ReportStatus open) {
      return open != row.to && StateMachine().Foresees(open, row.on, row.to);
    });
    const bool is_new = row.from == report::v1::REPORT_STATUS_UNSPECIFIED;
    add(from_all_open ? "Open" : is_new ? "[*]" : NameOf(row.from), NameOf(row.to), row.on);
  }
  std::ostringstream diagram;
  diagram << "stateDiagram-v2\n    state Open {\n";
  for (const ReportStatus open : kOpen) diagram << "        " << NameOf(open) << "\n";
  diagram << "    }\n";
  for (const Move& move : order) {
    diagram << "    " << move.first << " --> " << move.second << ": " << commands[move] << "\n";
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
