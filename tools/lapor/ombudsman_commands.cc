#include <memory>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using Stub = ombudsman::v1::Ombudsman::Stub;

constexpr char kRole[] = "ombudsman";
constexpr int kDefaultLimit = 50;

std::string ShowEscalations(const ombudsman::v1::ListEscalationsResponse& list, const Zone& zone) {
  if (list.escalations().empty()) return "No such escalations.\n";
  Table table({{"report", "laporan"},
               {"stage", "tahap"},
               {"opened, " + zone.name, "dibuka"},
               {"cause", "sebab"},
               {"respondent", "terlapor"},
               {"consent", "persetujuan"},
               {"outcome", "hasil"}});
  for (const ombudsman::v1::Escalation& e : list.escalations()) {
    std::string cause = Word(e.cause());
    if (e.clock() != report::v1::CLOCK_UNSPECIFIED) cause += ", " + Word(e.clock());
    const bool has_outcome = e.outcome() != event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
    table.Add({ShowReportId(e.report_id()), Word(e.stage()),
               ShowTime(decision::FromProto(e.opened_at()), zone), cause, e.respondent_agency_id(),
               e.consented() ? "yes" : "awaited", has_outcome ? Word(e.outcome()) : ""});
  }
  return table.ToString();
}

std::string ShowEscalation(const ombudsman::v1::Escalation& e, const Zone& zone, const AgencyName& name) {
  std::string text = fmt::format("{}  {}\n", ShowReportId(e.report_id()), Label(e.stage()));
  const auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12}{}\n", label, value);
  };
  line("cause", Label(e.cause()));
  line("clock", Label(e.clock()));
  line("respondent", e.respondent_agency_id().empty() ? "" : name(e.respondent_agency_id()));
  line("opened", ShowTime(decision::FromProto(e.opened_at()), zone) + ' ' + zone.name);
  line("consent", e.consented() ? "given" : "awaited");
  if (e.name_secret()) line("name", "kept secret");
  for (const event::v1::GroundVerdict& verdict : e.verdicts()) {
    line(verdict.met() ? "met" : "NOT MET", Label(verdict.ground()));
  }
  line("outcome", Label(e.outcome()));
  line("", Label(e.maladministration()));
  if (e.has_closed_at()) line("closed", ShowTime(decision::FromProto(e.closed_at()), zone) + ' ' + zone.name);
  return text;
}

}  // namespace

void AddOmbudsmanCommands(CommandLine& line) {
  struct ListOptions {
    ombudsman::v1::ListEscalationsRequest request;
    event::v1::EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
    int limit = kDefaultLimit;
  };
  const auto l = std::make_shared<ListOptions>();
  CLI::App& escalations = line.Add(kOmbudsmanGroup, "escalations",
                                   "reports before the Ombudsman, the oldest first; acts as ombudsman",
                                   {"lapor escalations", "lapor escalations --stage formal-check",
                                    "lapor escalations --stage closed --json"},
                                   [&line, l]() -> absl::Status {
                                     l->request.set_stage(l->stage);
                                     const auto list = line.List(
                                         &Stub::ListEscalations, l->request, kRole, l->limit,
                                         [](const auto& page) -> const auto& { return page.escalations(); });
                                     if (!list.ok()) return list.status();
                                     return line.Print(*list, ShowEscalations(*list, line.zone()));
                                   });
  AddEnum(escalations, "--stage", l->stage, "only these [all that are open]");
  escalations.add_option("--limit", l->limit, "escalations at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);

  const auto get = std::make_shared<ombudsman::v1::GetEscalationRequest>();
  CLI::App& escalation = line.Add(
      kOmbudsmanGroup, "escalation", "one escalation with the verdict on every ground; acts as ombudsman",
      {"lapor escalation 7K3M-9QXT-2B54"}, [&line, get]() -> absl::Status {
        const auto found = line.Call(&Stub::GetEscalation, *get, kRole);
        if (!found.ok()) return found.status();
        return line.Print(*found, ShowEscalation(*found, line.zone(), line.agency_name()));
      });
  AddReportId(escalation, *get->mutable_report_id());

  const auto check = std::make_shared<ombudsman::v1::CheckEligibilityRequest>();
  CLI::App& check_command = line.Add(
      kOmbudsmanGroup, "check",
      "carry out the formal check: the suite judges every ground by itself, from what the report and the "
      "reporter's declarations say (verifikasi formal); acts as ombudsman",
      {"lapor check 7K3M-9QXT-2B54"},
      [&line, check] { return line.PrintChange(line.Change(&Stub::CheckEligibility, *check, kRole)); });
  AddReportId(check_command, *check->mutable_report_id());

  struct AdvanceOptions {
    ombudsman::v1::AdvanceEscalationRequest request;
    event::v1::EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  };
  const auto a = std::make_shared<AdvanceOptions>();
  CLI::App& advance = line.Add(
      kOmbudsmanGroup, "advance", "go on to the next stage (tahap berikutnya); acts as ombudsman",
      {"lapor advance 7K3M-9QXT-2B54 examination", "lapor advance 7K3M-9QXT-2B54 examination-report"},
      [&line, a] {
        a->request.set_stage(a->stage);
        return line.PrintChange(line.Change(&Stub::AdvanceEscalation, a->request, kRole));
      });
  AddReportId(advance, *a->request.mutable_report_id());
  AddEnum(advance, "STAGE", a->stage, "the next one")
      ->type_name("examination|examination-report")
      ->required();

  struct EndOptions {
    ombudsman::v1::CloseEscalationRequest request;
    event::v1::EscalationOutcome outcome = event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
    event::v1::Maladministration kind = event::v1::MALADMINISTRATION_UNSPECIFIED;
  };
  const auto e = std::make_shared<EndOptions>();
  CLI::App& end =
      line.Add(kOmbudsmanGroup, "end", "close an escalation with its outcome (tutup); acts as ombudsman",
               {"lapor end 7K3M-9QXT-2B54 maladministration-found --kind protracted-delay",
                "lapor end 7K3M-9QXT-2B54 not-found", "lapor end 7K3M-9QXT-2B54 resolved"},
               [&line, e] {
                 e->request.set_outcome(e->outcome);
                 e->request.set_maladministration(e->kind);
                 return line.PrintChange(line.Change(&Stub::CloseEscalation, e->request, kRole));
               });
  AddReportId(end, *e->request.mutable_report_id());
  AddEnum(end, "OUTCOME", e->outcome, "what came of it")
      ->type_name("maladministration-found|not-found|resolved|stopped")
      ->required();
  AddEnum(end, "--kind", e->kind, "of maladministration, when it was found");
}

}  // namespace lapor::client
