#include <algorithm>
#include <iostream>
#include <memory>

#include "fmt/format.h"
#include "libs/policy/reference.h"
#include "tools/lapor/commands.h"
#include "tools/lapor/figures_table.h"
#include "tools/lapor/positions.h"
#include "tools/lapor/registry.h"
#include "tools/lapor/simulation.h"

namespace lapor::client {
namespace {

using reporting::v1::Figures;
using ReportingStub = reporting::v1::Reporting::Stub;

struct Options {
  SimulationOptions simulation;
  std::string reference_dir = "deploy/reference";
  std::string policy_dir = "deploy/policy";
  int table_rows = 15;
};

// Tells at once, however the output is buffered.
template <class... Args>
void Say(fmt::format_string<Args...> format, Args&&... args) {
  std::cout << fmt::format(format, std::forward<Args>(args)...) << std::flush;
}

// 17122 as "17,122".
std::string Grouped(int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<size_t>(at), ",");
  return text;
}

absl::StatusOr<Figures> NationNow(CommandLine& line) {
  reporting::v1::GetFiguresRequest request;
  request.set_scope(reporting::v1::SCOPE_NATION);
  return line.Call(&ReportingStub::GetFigures, request, "monitor");
}

absl::Status LoadAgencies(CommandLine& line, Session& session, const std::string& directory) {
  Say("Registry   ");
  const auto recorded = LoadRegistry(session, directory);
  if (!recorded.ok()) return line.Explain(recorded.status(), "routing");
  const int64_t all = recorded->created() + recorded->changed() + recorded->unchanged();
  Say("{} agencies: {} created, {} changed, {} left alone\n", Grouped(all), Grouped(recorded->created()),
      Grouped(recorded->changed()), Grouped(recorded->unchanged()));
  return absl::OkStatus();
}

void SayProgressHeading() {
  Say("\n{:<16}{:>8}{:>11}{:>11}{:>12}{:>9}{:>9}{:>12}{:>8}\n", "up to, WIB", "filed", "verified", "returned",
      "answered", "closed", "ran out", "Ombudsman", "calls");
  Say("{:<16}{:>8}{:>11}{:>11}{:>12}{:>9}{:>9}{:>12}\n", "sampai dengan", "masuk", "terverif.", "kembali",
      "ditanggapi", "selesai", "lewat", "Ombudsman");
}

void SayProgress(absl::Time now, const Tally& tally) {
  Say("{:<16}{:>8}{:>11}{:>11}{:>12}{:>9}{:>9}{:>12}{:>8}\n", ShowTime(now, Wib()).substr(0, 14), tally.filed,
      tally.verified, tally.returned, tally.answered, tally.closed, tally.breached, tally.escalated,
      tally.calls);
}

// The agencies with the most reports, and what they come to.
absl::Status ShowAgencies(CommandLine& line, int table_rows) {
  reporting::v1::ListFiguresRequest request;
  request.set_scope(reporting::v1::SCOPE_AGENCY);
  request.set_with_reports_only(true);
  const auto list = line.List(
      &ReportingStub::ListFigures, request, "monitor", std::numeric_limits<int>::max(),
      [](const auto& page) -> const auto& { return page.figures(); });
  if (!list.ok()) return list.status();
  const auto nation = NationNow(line);
  if (!nation.ok()) return nation.status();

  std::vector<Figures> rows(list->figures().begin(), list->figures().end());
  std::map<reporting::v1::Band, int> bands;
  for (const Figures& row : rows) ++bands[row.band()];
  std::ranges::stable_sort(rows, std::ranges::greater(), &Figures::received);
  const size_t agencies = rows.size();
  rows.resize(std::min(agencies, static_cast<size_t>(table_rows)));
  Say("\nAgencies (instansi): the {} with the most reports of {} that have any; the last row is the "
      "nation\n\n{}",
      rows.size(), agencies, ShowFiguresTable(rows, &*nation));
  Say("Bands of followed-up % (kelompok tindak lanjut): above 90: {} agencies; 50 to 90: {}; below 50: {}\n",
      bands[reporting::v1::BAND_ABOVE_90], bands[reporting::v1::BAND_50_TO_90],
      bands[reporting::v1::BAND_BELOW_50]);
  return absl::OkStatus();
}

absl::Status ProveFigures(CommandLine& line) {
  const auto verified =
      line.Call(&ReportingStub::VerifyFigures, reporting::v1::VerifyFiguresRequest(), "operator");
  if (!verified.ok()) return verified.status();
  Say("Every figure recomputed from the reports: {} counts, {} differ\n", Grouped(verified->cells_compared()),
      verified->differences_size());
  return absl::OkStatus();
}

// The report that went the longest way: found by the Ombudsman to have been neglected, if there is one.
const Subject* MostTelling(const std::deque<Subject>& subjects) {
  const auto worth = [](const Subject& subject) {
    const Standing& standing = subject.standing;
    const bool found = standing.outcome == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND;
    return (found ? 1000 : 0) + 100 * static_cast<int>(standing.stage) + 10 * standing.returns +
           5 * standing.completions + standing.answers;
  };
  const Subject* best = nullptr;
  for (const Subject& subject : subjects) {
    if (subject.receipt_secret.empty()) continue;
    if (best == nullptr || worth(subject) > worth(*best)) best = &subject;
  }
  return best;
}

absl::Status ShowTelling(CommandLine& line, const Subject& subject) {
  intake::v1::GetReportRequest request;
  request.set_tracking_id(subject.id);
  request.set_receipt_secret(subject.receipt_secret);
  const auto report = line.Call(&intake::v1::Intake::Stub::GetReport, request, "");
  if (!report.ok()) return report.status();
  Say("\nOne report, from its submission to the Ombudsman, as its reporter sees it\n\n{}",
      ShowReport(*report, line.zone(), line.agency_name()));
  return absl::OkStatus();
}

// That "not ours" was no end: where the reports are that agencies sent away, and whose hands the one that was
// sent away most has been in.
absl::Status ShowMisrouted(CommandLine& line, const std::deque<Subject>& subjects) {
  int misrouted = 0, arrived = 0, returns = 0;
  const Subject* farthest = nullptr;
  for (const Subject& subject : subjects) {
    const Standing& standing = subject.standing;
    if (standing.returns == 0) continue;
    ++misrouted;
    returns += standing.returns;
    arrived += standing.agency == subject.story.agency;
    if (farthest == nullptr || standing.returns > farthest->standing.returns) farthest = &subject;
  }
  if (farthest == nullptr) return absl::OkStatus();
  routing::v1::ExplainRouteRequest request;
  request.set_report_id(farthest->id);
  const auto explained = line.Call(&routing::v1::Routing::Stub::ExplainRoute, request, "monitor");
  if (!explained.ok()) return explained.status();
  Say("\nNo wrong door (bukan wewenang): {} reports came to an agency that wasn't competent, and were "
      "returned {} "
      "times;\n{} of them are with the competent one, the others on their way or ended before. The one that "
      "was "
      "returned most:\n\n{}",
      misrouted, returns, arrived, ShowHands(*explained, line.zone(), line.agency_name()));
  return absl::OkStatus();
}

void SayWhatNext(const Subject* subject) {
  Say("\nTo go on\n");
  if (subject != nullptr) {
    const std::string id = ShowReportId(subject->id);
    Say("  lapor track {} --secret {}\n", id, subject->receipt_secret);
    Say("  lapor case {}                    why each of its clocks ended when it did\n", id);
    Say("  lapor duplicates {}              which other reports tell nearly the same\n", id);
    Say("  lapor events --report {} --text  its events, straight from Kafka\n", id);
  }
  Say("  lapor figures agencies --limit 30 | lapor queue | lapor escalations | lapor positions\n"
      "  lapor file --title 'Jalan berlubang' --text 'Di depan pasar.' --region 32.73 --category roads "
      "--anonymous\n");
}

absl::Status Simulate(Simulation& simulation, const Options& o) {
  const auto left = simulation.TakeOver();
  if (!left.ok()) return left.status();
  if (*left > 0)
    Say("Left over  {} reports of earlier runs are still on somebody's desk; work on them goes on\n", *left);
  Say("Simulation {} reports in three months, {} to {}; seed {}\n", o.simulation.reports,
      ShowLastDay(simulation.start() + absl::Hours(24), Wib()), ShowLastDay(simulation.end(), Wib()),
      o.simulation.seed);
  SayProgressHeading();
  return simulation.Run(SayProgress);
}

absl::Status RunDemo(CommandLine& line, Options& o) {
  auto opened = line.session();
  if (!opened.ok()) return opened.status();
  Session& session = **opened;
  const auto policy = policy::Policy::Load(o.policy_dir, o.reference_dir);
  if (!policy.ok()) return policy.status();
  const auto agencies = policy::ReadAgencies(o.reference_dir);
  if (!agencies.ok()) return agencies.status();
  const auto rules = policy::Competence::Load(o.policy_dir, *policy, *agencies);
  if (!rules.ok()) return rules.status();
  const Competence competence(**rules, *agencies);
  if (o.simulation.brokers.empty()) {
    auto brokers = LocalBrokers(line.session_options().var);
    if (!brokers.ok()) return brokers.status();
    o.simulation.brokers = *std::move(brokers);
  }

  if (auto status = LoadAgencies(line, session, o.reference_dir); !status.ok()) return status;
  const absl::Time began = absl::Now();
  auto simulation = Simulation::Make(session, o.simulation, **policy, competence);
  const bool calendar_ends = absl::IsOutOfRange(simulation.status());
  if (!simulation.ok() && !calendar_ends) return simulation.status();
  const auto before = NationNow(line);
  if (!before.ok()) return before.status();
  Say("So far     {} reports received, {} closed, {} before the Ombudsman\n", Grouped(before->received()),
      Grouped(before->closed()), Grouped(before->escalated()));

  const Subject* telling = nullptr;
  if (calendar_ends) {
    Say("Simulation none: it is {}, and clocks started from now on would end in a year without calendar "
        "data\n"
        "           ({});\n           here are the figures as they stand. `deploy/local/stack.sh wipe` and "
        "`make demo` begin anew.\n",
        ShowTime(session.clock().Now(), Wib()), std::string(simulation.status().message()));
  } else {
    if (auto status = Simulate(**simulation, o); !status.ok()) return status;
    telling = MostTelling((*simulation)->subjects());
    const auto after = NationNow(line);
    if (!after.ok()) return after.status();
    Say("\nNow        {} reports received, {} more than before; {} simulated days in {:.0f} s\n",
        Grouped(after->received()), Grouped(after->received() - before->received()), o.simulation.days,
        absl::ToDoubleSeconds(absl::Now() - began));
  }

  if (auto status = ShowAgencies(line, o.table_rows); !status.ok()) return status;
  if (auto status = ProveFigures(line); !status.ok()) return status;
  if (telling != nullptr) {
    if (auto status = ShowMisrouted(line, (*simulation)->subjects()); !status.ok()) return status;
    if (auto status = ShowTelling(line, *telling); !status.ok()) return status;
  }
  SayWhatNext(telling);
  return absl::OkStatus();
}

}  // namespace

void AddDemoCommand(CommandLine& line) {
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kOperatorGroup, "demo",
      "play three months of reports on a running suite with a simulated clock; `make demo` starts one",
      {"lapor demo", "lapor demo --reports 1000 --seed 7",
       "lapor demo    # again: goes on where the clock stands"},
      [&line, o] { return RunDemo(line, *o); });
  command.add_option("--reports", o->simulation.reports, "how many are filed")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command.add_option("--seed", o->simulation.seed, "the same seed at the same time tells the same stories")
      ->capture_default_str();
  command.add_option("--concurrency", o->simulation.concurrency, "calls at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  command.add_option("--rows", o->table_rows, "agencies in the table at the end")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_option("--brokers", o->simulation.brokers, "Kafka [the local stack's]; LAPOR_BROKERS")
      ->envname("LAPOR_BROKERS")
      ->type_name("HOST:PORT,...");
  command.add_option("--reference-dir", o->reference_dir, "reference data")
      ->envname("LAPOR_REFERENCE_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
  command.add_option("--policy-dir", o->policy_dir, "policy data")
      ->envname("LAPOR_POLICY_DIR")
      ->type_name("FOLDER")
      ->capture_default_str();
}

}  // namespace lapor::client
