#include <limits>
#include <memory>

#include "fmt/format.h"
#include "tools/lapor/commands.h"
#include "tools/lapor/figures_table.h"

namespace lapor::client {
namespace {

using reporting::v1::Figures;
using Stub = reporting::v1::Reporting::Stub;

// Where the stream stood: with the events up to here anyone recomputes the figures.
template <class Response>
std::string ShowAsOf(const Response& response) {
  int64_t events = 0;
  for (const report::v1::Token& token : response.as_of()) events += token.position();
  return fmt::format("As of {} events of the stream; the positions, partition by partition, are in --json.\n",
                     events);
}

struct Options {
  std::string scope = "nation";
  std::string id;
  bool all = false;
  bool open = false;
  bool verify = false;
  bool rebuild = false;
  int limit = std::numeric_limits<int>::max();
};

// Those who may see everything don't get suppressed counts; --open is the view of anyone.
std::string RoleOf(const Options& o) { return o.open ? "" : "monitor"; }

absl::Status ShowOne(CommandLine& line, const Options& o, reporting::v1::Scope scope) {
  reporting::v1::GetFiguresRequest request;
  request.set_scope(scope);
  request.set_id(o.id);
  const auto figures = line.Call(&Stub::GetFigures, request, RoleOf(o));
  if (!figures.ok()) return figures.status();
  return line.Print(*figures, ShowFigures(*figures) + ShowAsOf(*figures));
}

absl::Status ShowMany(CommandLine& line, const Options& o, reporting::v1::Scope scope) {
  reporting::v1::ListFiguresRequest request;
  request.set_scope(scope);
  request.set_with_reports_only(!o.all);
  // All of them: the list comes by id, and the largest shall stand first.
  auto list = line.List(
      &Stub::ListFigures, request, RoleOf(o), std::numeric_limits<int>::max(),
      [](const auto& page) -> const auto& { return page.figures(); });
  if (!list.ok()) return list.status();
  const int known = list->figures_size();
  const bool shortened = KeepLargest(static_cast<size_t>(o.limit), list->mutable_figures());
  const std::vector<Figures> rows(list->figures().begin(), list->figures().end());
  std::string text = ShowFiguresTable(rows, nullptr);
  if (shortened) text += fmt::format("{} of {} rows; --limit shows more.\n", rows.size(), known);
  return line.Print(*list, text + ShowAsOf(*list));
}

absl::Status Verify(CommandLine& line) {
  const auto verified = line.Call(&Stub::VerifyFigures, reporting::v1::VerifyFiguresRequest(), "operator");
  if (!verified.ok()) return verified.status();
  std::string text = fmt::format("{} counts recomputed and compared; {} differ.\n",
                                 verified->cells_compared(), verified->differences_size());
  for (const std::string& difference : verified->differences()) text += "  " + difference + '\n';
  if (auto status = line.Print(*verified, text); !status.ok()) return status;
  if (verified->differences().empty()) return absl::OkStatus();
  return absl::DataLossError(
      "figures differ from a recomputation; rebuild them with lapor figures --rebuild");
}

absl::Status Rebuild(CommandLine& line) {
  const auto rebuilt = line.Call(&Stub::RebuildFigures, reporting::v1::RebuildFiguresRequest(), "operator");
  if (!rebuilt.ok()) return rebuilt.status();
  std::string after;
  for (const report::v1::Token& token : rebuilt->rebuilt_at())
    after += " --after " + CommandLine::ShowToken(token);
  return line.Print(*rebuilt,
                    "All figures are forgotten and grow back from the event stream; they are complete when\n"
                    "this answers: lapor figures" +
                        after + '\n');
}

}  // namespace

void AddFiguresCommands(CommandLine& line) {
  const auto o = std::make_shared<Options>();
  CLI::App& command =
      line.Add(kFiguresGroup, "figures",
               "what was received, is in process, closed, overdue and followed up (angka); acts as monitor",
               {"lapor figures", "lapor figures agencies --limit 20", "lapor figures provinces --all",
                "lapor figures agency id.32.73.dpupr", "lapor figures province 32 --json",
                "lapor figures --open    # as anyone sees them",
                "lapor figures --after intake/3/17    # with what the command that printed this token did",
                "lapor figures --verify", "lapor figures --rebuild"},
               [&line, o]() -> absl::Status {
                 if (o->rebuild) return Rebuild(line);
                 if (o->verify) return Verify(line);
                 const bool one_of_many = o->scope == "agency" || o->scope == "province";
                 if (one_of_many == o->id.empty()) {
                   return absl::InvalidArgumentError(
                       one_of_many ? fmt::format("say which {}: lapor figures {} ID", o->scope, o->scope)
                                   : fmt::format("{} takes no id", o->scope));
                 }
                 const auto scope = o->scope.starts_with("agenc") ? reporting::v1::SCOPE_AGENCY
                                    : o->scope == "nation"        ? reporting::v1::SCOPE_NATION
                                                                  : reporting::v1::SCOPE_PROVINCE;
                 const bool many = o->scope == "agencies" || o->scope == "provinces";
                 return many ? ShowMany(line, *o, scope) : ShowOne(line, *o, scope);
               });
  command.add_option("WHAT", o->scope, "nation, provinces, agencies, or one province or agency")
      ->check(CLI::IsMember({"nation", "provinces", "agencies", "province", "agency"}))
      ->type_name("nation|provinces|agencies|province|agency")
      ->capture_default_str();
  command.add_option("ID", o->id, "of one province, as 32, or one agency, as id.32.73.dpupr");
  command.add_option("--limit", o->limit, "rows at most, the largest first")->check(CLI::PositiveNumber);
  command.add_flag("--all", o->all, "rows without reports too");
  command.add_flag("--open", o->open, "as callers without a token see them: small counts are left out");
  command.add_flag("--verify", o->verify, "recompute every figure and compare; acts as operator");
  command.add_flag("--rebuild", o->rebuild, "forget all figures and read the streams anew; acts as operator");
}

}  // namespace lapor::client
