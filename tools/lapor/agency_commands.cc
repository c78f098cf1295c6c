#include <memory>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using FollowupStub = followup::v1::Followup::Stub;
using RoutingStub = routing::v1::Routing::Stub;

constexpr int kDefaultLimit = 50;

// What an agency does, an officer of it does: --agency AGENCY is short for --as officer:AGENCY.
void AddAgency(CLI::App& command, std::string& agency) {
  command
      .add_option("--agency", agency,
                  "the accountable agency; you act as one of its officers, unless --as says else")
      ->type_name("AGENCY");
}

// The caller's default role; without --agency and --as a usage error says what is missing.
absl::StatusOr<std::string> OfficerOf(const CommandLine& line, const std::string& agency) {
  if (!agency.empty()) return "officer:" + agency;
  const auto caller = line.Caller("");
  if (caller.ok() && !caller->anonymous()) return "";
  return absl::InvalidArgumentError(
      "say for which agency you act: --agency id.32.73.dpupr, or --as ROLE:AGENCY");
}

// A change of one report by an officer.
template <class Stub, class Request, class Response>
void AddChange(CommandLine& line, const char* name, const char* what,
               const std::vector<std::string>& examples,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const std::function<void(CLI::App&, Request&)>& add_options = {}) {
  const auto request = std::make_shared<Request>();
  const auto agency = std::make_shared<std::string>();
  CLI::App& command =
      line.Add(kAgencyGroup, name, what, examples, [&line, request, agency, method]() -> absl::Status {
        const auto officer = OfficerOf(line, *agency);
        if (!officer.ok()) return officer.status();
        return line.PrintChange(line.Change(method, *request, *officer));
      });
  AddAssignmentId(command, *request->mutable_report_id());
  AddAgency(command, *agency);
  if (add_options) add_options(command, *request);
}

// The earliest date that a case waits for or has missed.
std::string NextDue(const followup::v1::Case& c) {
  absl::Time next = absl::InfiniteFuture();
  std::string text;
  for (const followup::v1::CaseClock& clock : c.clocks()) {
    const absl::Time due_at = decision::FromProto(clock.due_at());
    if (clock.has_met_at() || due_at >= next) continue;
    next = due_at;
    text = fmt::format("{} {}{}", ShowLastDay(due_at, Wib()), Word(clock.clock()),
                       clock.has_breached_at() ? " RAN OUT" : "");
  }
  return text;
}

std::string ShowCases(const followup::v1::ListCasesResponse& list, const Zone& zone) {
  if (list.cases().empty()) return "No such cases.\n";
  Table table({{"report", "laporan"},
               {"state", "status"},
               {"opened, " + zone.name, "dibuka"},
               {"due by", "tenggat"},
               {"class", "jenis"},
               {"category", "topik"},
               {"region", "daerah"}});
  for (const followup::v1::Case& c : list.cases()) {
    table.Add({ShowReportId(c.report_id()), Word(c.state()),
               c.has_opened_at() ? ShowTime(decision::FromProto(c.opened_at()), zone) : "", NextDue(c),
               Word(c.report_class()), c.category(), c.region()});
  }
  return table.ToString();
}

void AddCases(CommandLine& line) {
  struct Options {
    followup::v1::ListCasesRequest request;
    followup::v1::CaseState state = followup::v1::CASE_STATE_UNSPECIFIED;
    report::v1::ReportClass report_class = report::v1::REPORT_CLASS_UNSPECIFIED;
    int limit = kDefaultLimit;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kAgencyGroup, "cases", "the work list of an agency, the earliest due date first; acts as monitor",
      {"lapor cases --agency id.32.73.dpupr", "lapor cases --as officer:id.32.73.dpupr --breached",
       "lapor cases --agency id.pln --state closed --limit 200"},
      [&line, o]() -> absl::Status {
        o->request.set_state(o->state);
        o->request.set_report_class(o->report_class);
        const auto list = line.List(
            &FollowupStub::ListCases, o->request, "monitor", o->limit,
            [](const auto& page) -> const auto& { return page.cases(); });
        if (!list.ok()) return list.status();
        if (list->cases().empty() && !o->request.agency_id().empty()) {
          if (auto status = line.CheckAgency(o->request.agency_id()); !status.ok()) return status;
        }
        return line.Print(*list, ShowCases(*list, line.zone()));
      });
  command.add_option("--agency", *o->request.mutable_agency_id(), "whose; officers may leave it out")
      ->type_name("AGENCY");
  AddEnum(command, "--state", o->state, "only these [open and answered]");
  AddEnum(command, "--class", o->report_class, "only these");
  command.add_flag_callback(
      "--breached", [o] { o->request.set_breached_only(true); }, "only those with a clock that ran out");
  command.add_option("--limit", o->limit, "cases at most")->capture_default_str()->check(CLI::PositiveNumber);
}

void AddCase(CommandLine& line) {
  const auto request = std::make_shared<followup::v1::GetCaseRequest>();
  CLI::App& command =
      line.Add(kAgencyGroup, "case",
               "one case with its clocks: why each ends when it does, day by day; acts as monitor",
               {"lapor case 7K3M-9QXT-2B54", "lapor case 7K3M-9QXT-2B54 --as officer:id.32.73.dpupr --json"},
               [&line, request]() -> absl::Status {
                 const auto found = line.Call(&FollowupStub::GetCase, *request, "monitor");
                 if (!found.ok()) return found.status();
                 return line.Print(*found, ShowCase(*found, line.zone(), line.agency_name()));
               });
  AddAssignmentId(command, *request->mutable_report_id());
}

void AddReturn(CommandLine& line) {
  struct Options {
    routing::v1::ReturnAssignmentRequest request;
    event::v1::ReturnReason reason = event::v1::RETURN_REASON_UNSPECIFIED;
    std::string agency;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kAgencyGroup, "return", "return a report as not ours, with a reason, and whose it is (bukan wewenang)",
      {"lapor return 7K3M-9QXT-2B54 other-level --target id.32 --agency id.32.73.dpupr",
       "lapor return 7K3M-9QXT-2B54 other-agency --agency id.32.73.dpupr    # no target: asks the arbiter"},
      [&line, o]() -> absl::Status {
        const auto officer = OfficerOf(line, o->agency);
        if (!officer.ok()) return officer.status();
        o->request.set_reason(o->reason);
        return line.PrintChange(line.Change(&RoutingStub::ReturnAssignment, o->request, *officer));
      });
  AddAssignmentId(command, *o->request.mutable_report_id());
  AddEnum(command, "REASON", o->reason, "which other one is competent")->required();
  AddAgency(command, o->agency);
  command
      .add_option("--target", *o->request.mutable_target_agency_id(),
                  "where it belongs; without it the arbiter decides")
      ->type_name("AGENCY");
}

void AddAnswer(CommandLine& line) {
  struct Options {
    followup::v1::RespondToCaseRequest request;
    event::v1::ResponseKind kind = event::v1::RESPONSE_KIND_UNSPECIFIED;
    std::string agency;
    std::vector<std::string> files;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kAgencyGroup, "answer",
      "answer the reporter; a final answer to a complaint carries evidence (tanggapan)",
      {"lapor answer 7K3M-9QXT-2B54 interim --text 'Tim meninjau lokasi besok.' --agency id.32.73.dpupr",
       "lapor answer 7K3M-9QXT-2B54 final --text 'Sudah diperbaiki.' --evidence foto.jpg --agency "
       "id.32.73.dpupr"},
      [&line, o]() -> absl::Status {
        const auto officer = OfficerOf(line, o->agency);
        if (!officer.ok()) return officer.status();
        o->request.set_kind(o->kind);
        for (const std::string& file : o->files) {
          auto evidence = DescribeFile(file);
          if (!evidence.ok()) return evidence.status();
          *o->request.add_evidence() = *std::move(evidence);
        }
        return line.PrintChange(line.Change(&FollowupStub::RespondToCase, o->request, *officer));
      });
  AddAssignmentId(command, *o->request.mutable_report_id());
  AddEnum(command, "KIND", o->kind, "interim while work goes on, or final")->required();
  AddAgency(command, o->agency);
  AddText(command, "--text", *o->request.mutable_text(), "what the reporter reads")->required();
  command
      .add_option("--evidence", o->files, "file, or file=URI where it is stored; may be given several times")
      ->type_name("FILE[=URI]");
}

}  // namespace

void AddAgencyCommands(CommandLine& line) {
  AddCases(line);
  AddCase(line);
  AddChange(line, "accept", "take an assigned report up (terima)",
            {"lapor accept 7K3M-9QXT-2B54 --agency id.32.73.dpupr",
             "lapor accept 7K3M-9QXT-2B54 --as agency_admin:id.32.73",
             "lapor accept 7K3M-9QXT-2B54.1 --agency id.32.73.dlh    # the part of it that they have"},
            &RoutingStub::AcceptAssignment);
  AddReturn(line);
  AddAnswer(line);
  AddChange(line, "close", "close an answered information request or aspiration (selesai)",
            {"lapor close 7K3M-9QXT-2B54 --agency id.32.73.disdukcapil"}, &FollowupStub::CloseCase);

  const auto request = std::make_shared<followup::v1::ReopenCaseRequest>();
  const auto agency = std::make_shared<std::string>();
  CLI::App& reopen = line.Add(
      kAgencyGroup, "reopen", "take a closed or answered case up again (buka kembali); acts as triage",
      {"lapor reopen 7K3M-9QXT-2B54", "lapor reopen 7K3M-9QXT-2B54 --agency id.32.73.dpupr"},
      [&line, request, agency] {
        const std::string role = agency->empty() ? "triage" : "officer:" + *agency;
        return line.PrintChange(line.Change(&FollowupStub::ReopenCase, *request, role));
      });
  AddAssignmentId(reopen, *request->mutable_report_id());
  AddAgency(reopen, *agency);
}

}  // namespace lapor::client
