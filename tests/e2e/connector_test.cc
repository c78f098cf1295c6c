// The reference connector against the five real processes, killed again and again.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/uuid.h"
#include "tests/e2e/journey.h"
#include "tests/e2e/stack.h"
#include "tools/lapor/registry.h"

namespace lapor::e2e {
namespace {

using RoutingStub = routing::v1::Routing::Stub;

constexpr char kAgency[] = "id.32.73.pdam";
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kReports = 40;
constexpr int kKills = 25;

bool Eventually(const std::function<bool()>& condition, absl::Duration limit = kPatience) {
  const absl::Time until = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

// The program, as an agency runs it.
class Connector {
 public:
  Connector(client::Session& session, const std::filesystem::path& folder)
      : ledger_(folder / "ledger"), log_(folder / "connector.log") {
    const client::SessionOptions& options = session.options();
    const auto signer = client::Signer::Open(options).value();
    std::ofstream(folder / fmt::format("{}.token", kAgency))
        << signer->Token(*client::ParseCaller(fmt::format("officer:{}", kAgency))).value() << '\n';
    const char* bin = std::getenv("LAPOR_BIN_DIR");
    arguments_ = {
        (std::filesystem::path(bin != nullptr ? bin : "build/dev/bin") / "lapor-connector").string(),
        kAgency,
        session.AddressOf("routing"),
        session.AddressOf("followup"),
        options.CaFile(),
        folder.string(),
        ledger_.string()};
  }
  ~Connector() { Kill(); }

  void Start() {
    std::vector<char*> arguments;
    for (std::string& argument : arguments_) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    process_ = fork();
    if (process_ != 0) return;
    // Nothing that takes memory or locks: other threads may have held them.
    dup2(open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

  // kill -9.
  void Kill() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  uintmax_t LedgerBytes() const {
    std::error_code missing;
    const uintmax_t size = std::filesystem::file_size(ledger_, missing);
    return missing ? 0 : size;
  }

  // How often the ledger has each line's first three words.
  std::map<std::string, int> Steps() const {
    std::map<std::string, int> steps;
    std::ifstream lines(ledger_);
    for (std::string line; std::getline(lines, line);) {
      size_t end = line.find(' ');
      for (int word = 0; word < 2 && end != std::string::npos; ++word) end = line.find(' ', end + 1);
      ++steps[line.substr(0, end)];
    }
    return steps;
  }

 private:
  const std::filesystem::path ledger_;
  const std::filesystem::path log_;
  std::vector<std::string> arguments_;
  pid_t process_ = 0;
};

// A report that is verified and assigned to the agency; its id.
std::string FileAndAssign(client::Session& session) {
  intake::v1::SubmitReportRequest submit;
  submit.set_request_id(eventlog::NewUuid());
  submit.mutable_report()->set_channel(report::v1::CHANNEL_WEB);
  submit.mutable_report()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  submit.mutable_report()->set_category("public-works.water");
  submit.mutable_report()->set_region("32.73");
  submit.mutable_report()->set_title("Air keruh");
  submit.mutable_report()->set_description("Air dari keran kami keruh sejak tiga hari.");
  submit.mutable_report()->set_anonymous(true);
  const auto filed = session.CallUntilAnswered(&intake::v1::Intake::Stub::SubmitReport, submit,
                                               *client::ParseCaller("channel"), kPatience);
  REQUIRE(filed.ok());
  std::string id = filed->tracking_id();
  std::erase(id, '-');

  routing::v1::VerifyReportRequest verify;
  verify.set_request_id(eventlog::NewUuid());
  verify.set_report_id(id);
  *verify.add_not_before() = filed->token();
  const auto triage = *client::ParseCaller("triage");
  REQUIRE(session.CallUntilAnswered(&RoutingStub::VerifyReport, verify, triage, kPatience).ok());
  routing::v1::AssignReportRequest assign;
  assign.set_request_id(eventlog::NewUuid());
  assign.set_report_id(id);
  assign.set_agency_id(kAgency);
  REQUIRE(session.CallUntilAnswered(&RoutingStub::AssignReport, assign, triage, kPatience).ok());
  return id;
}

// How often the report's timeline has each type of event.
std::map<std::string, int> TimelineOf(client::Session& session, const std::string& id) {
  intake::v1::GetReportRequest request;
  request.set_tracking_id(id);
  const auto report = session.CallUntilAnswered(&intake::v1::Intake::Stub::GetReport, request,
                                                *client::ParseCaller("triage"), kPatience);
  std::map<std::string, int> types;
  if (report.ok()) {
    for (const event::v1::Event& event : report->timeline()) ++types[eventlog::TypeOf(event)];
  }
  return types;
}

TEST_CASE("a connector that is killed at any point loses no assignment and doubles no step") {
  auto started = Stack::Up(absl::FromCivil(absl::CivilSecond(2025, 3, 3, 2), absl::UTCTimeZone()));
  INFO(started.status());
  REQUIRE(started.ok());
  Stack& stack = **started;
  client::Session& session = stack.session();
  const char* source = std::getenv("LAPOR_SOURCE_DIR");
  REQUIRE(client::LoadRegistry(session, std::string(source != nullptr ? source : ".") + "/deploy/reference")
              .ok());
  REQUIRE(GiveApplication(session, kAgency, "pdam-bandung").ok());

  const std::filesystem::path folder = std::filesystem::path(session.options().var) / "connector";
  std::filesystem::create_directories(folder);
  Connector connector(session, folder);
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::minstd_rand chance(seed);

  // Each time it is killed when it has written some more, which may be in the middle of anything.
  std::vector<std::string> ids;
  for (int kills = 0; kills < kKills; ++kills) {
    connector.Start();
    for (int i = 0; i < kReports / kKills + 1 && ids.size() < kReports; ++i)
      ids.push_back(FileAndAssign(session));
    const uintmax_t enough = connector.LedgerBytes() + chance() % 400;
    Eventually([&] { return connector.LedgerBytes() >= enough; }, absl::Milliseconds(1 + chance() % 1500));
    connector.Kill();
    if (kills == kKills / 2) {
      REQUIRE(stack.Kill("routing").ok());
      REQUIRE(stack.Start("routing").ok());
    }
  }
  REQUIRE(ids.size() == kReports);
  connector.Start();

  std::vector<std::string> wrong;
  for (const std::string& id : ids) {
    // Once one is lost, the others have had their time.
    Eventually([&] { return TimelineOf(session, id)["ResponseGiven"] >= 1; },
               wrong.empty() ? kPatience : absl::Seconds(1));
    auto timeline = TimelineOf(session, id);
    routing::v1::GetRouteRequest request;
    request.set_report_id(id);
    const auto route =
        session.CallUntilAnswered(&RoutingStub::GetRoute, request, *client::ParseCaller("triage"));
    const bool right = timeline["AgencyAssigned"] == 1 && timeline["AssignmentAccepted"] == 1 &&
                       timeline["ResponseGiven"] == 1 && timeline["AssignmentFellBack"] == 0 && route.ok() &&
                       route->delivery().state() == routing::v1::DELIVERY_STATE_ACKNOWLEDGED;
    if (!right) wrong.push_back(fmt::format("{}: {}", id, fmt::join(timeline, " ")));
  }
  // Stored, acknowledged, accepted and answered, each report once.
  Eventually([&] { return connector.Steps().size() == 4 * kReports; });
  for (const auto& [step, times] : connector.Steps()) {
    if (times != 1) wrong.push_back(fmt::format("{}: {} times", step, times));
  }
  if (!wrong.empty()) stack.KeepFiles();
  CHECK(wrong == std::vector<std::string>());
  CHECK(connector.Steps().size() == 4 * kReports);
}

}  // namespace
}  // namespace lapor::e2e
