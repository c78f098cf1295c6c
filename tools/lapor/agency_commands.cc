#include <algorithm>
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
  command
      .add_option("--delegate", *o->request.mutable_delegate(),
                  "only those that this one of the agency deals with; as an officer of it")
      ->type_name("NAME");
  command.add_flag_callback(
      "--appeals", [o] { o->request.set_appeals(true); },
      "instead, those whose appeal waits for the agency's decision");
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
      {"lapor answer 7K3M-9QXT-2B54 interim --interim-reason field-check --promised-on 2026-03-20 --text "
       "'Tim "
       "meninjau lokasi.' --agency id.32.73.dpupr",
       "lapor answer 7K3M-9QXT-2B54 question --text 'Di depan toko yang mana?' --agency id.32.73.dpupr",
       "lapor answer 7K3M-9QXT-2B54 final --template jalan-diperbaiki --evidence foto.jpg --agency "
       "id.32.73.dpupr",
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
  AddEnum(command, "KIND", o->kind,
          "interim while work goes on, final, or a question, which is no answer yet")
      ->required();
  AddAgency(command, o->agency);
  CLI::Option_group& words = *command.add_option_group("words", "one of");
  words.require_option(1);
  AddText(words, "--text", *o->request.mutable_text(), "what the reporter reads");
  words
      .add_option("--template", *o->request.mutable_template_id(),
                  "a template of the agency or of one above it, in the place of the text")
      ->type_name("ID");
  AddEnumOption<event::v1::InterimReason>(
      command, "--interim-reason",
      [o](event::v1::InterimReason reason) { o->request.set_interim_reason(reason); },
      "why work goes on; of interim answers");
  command
      .add_option("--promised-on", *o->request.mutable_promised_on(),
                  "the day of the next word, as 2026-03-20; of interim answers")
      ->type_name("DATE");
  command
      .add_option("--evidence", o->files, "file, or file=URI where it is stored; may be given several times")
      ->type_name("FILE[=URI]");
}

void AddDelegate(CommandLine& line) {
  AddChange<FollowupStub, followup::v1::DelegateCaseRequest, followup::v1::CaseChange>(
      line, "delegate", "say who of the agency deals with a case; only the agency knows (delegasi)",
      {"lapor delegate 7K3M-9QXT-2B54 --to meja-2 --agency id.32.73.dpupr",
       "lapor delegate 7K3M-9QXT-2B54 --to-nobody --agency id.32.73.dpupr"},
      &FollowupStub::DelegateCase, [](CLI::App& command, followup::v1::DelegateCaseRequest& request) {
        CLI::Option_group& whom = *command.add_option_group("whom", "one of");
        whom.require_option(1);
        whom.add_option("--to", *request.mutable_delegate(), "an account or a desk, as the agency names it")
            ->type_name("NAME");
        whom.add_flag_callback(
            "--to-nobody", [&request] { request.clear_delegate(); }, "take the delegation back");
      });
}

void AddDecideAppeal(CommandLine& line) {
  const auto request = std::make_shared<followup::v1::DecideAppealRequest>();
  const auto agency = std::make_shared<std::string>();
  CLI::App& command = line.Add(
      kAgencyGroup, "decide-appeal",
      "decide the reporter's appeal against an agency below (putusan banding); acts as arbiter",
      {"lapor decide-appeal 7K3M-9QXT-2B54 --granted --text 'Tanggapan tidak sesuai keadaan.' --agency "
       "id.32.73",
       "lapor decide-appeal 7K3M-9QXT-2B54 --dismissed --text 'Perbaikan sudah selesai.'"},
      [&line, request, agency] {
        const std::string role = agency->empty() ? "arbiter" : "agency_admin:" + *agency;
        return line.PrintChange(line.Change(&FollowupStub::DecideAppeal, *request, role));
      });
  AddReportId(command, *request->mutable_report_id());
  CLI::Option_group& decision = *command.add_option_group("decision", "one of");
  decision.require_option(1);
  decision.add_flag_callback(
      "--granted", [request] { request->set_granted(true); }, "the case is taken up again");
  decision.add_flag_callback(
      "--dismissed", [request] { request->set_granted(false); }, "the case is closed");
  AddText(command, "--text", *request->mutable_text(), "the reasons, which the reporter reads")->required();
  command.add_option("--agency", *agency, "that decides; you act as its administrator")->type_name("AGENCY");
}

std::string ShowNotes(const followup::v1::ListNotesResponse& list, const Zone& zone) {
  if (list.notes().empty()) return "No notes of the agency's.\n";
  std::string text = fmt::format("Notes (catatan), times in {}\n", zone.name);
  for (const followup::v1::Note& note : list.notes()) {
    text += fmt::format("  {}  {}\n    {}\n", ShowTime(decision::FromProto(note.written_at()), zone),
                        note.written_by(), note.text());
  }
  return text;
}

void AddNotes(CommandLine& line) {
  const auto note = std::make_shared<followup::v1::AddNoteRequest>();
  const auto list = std::make_shared<followup::v1::ListNotesRequest>();
  const auto agency = std::make_shared<std::string>();
  CLI::App& add =
      line.Add(kAgencyGroup, "note", "note something about a case for the agency's own people (catatan)",
               {"lapor note 7K3M-9QXT-2B54 --text 'Menunggu kabar bidang anggaran.' --agency id.32.73.dpupr"},
               [&line, note, agency]() -> absl::Status {
                 const auto officer = OfficerOf(line, *agency);
                 if (!officer.ok()) return officer.status();
                 const auto added = line.Change(&FollowupStub::AddNote, *note, *officer);
                 if (!added.ok()) return added.status();
                 return line.Print(*added, fmt::format("{}  noted\n", ShowReportId(added->report_id())));
               });
  AddAssignmentId(add, *note->mutable_report_id());
  AddText(add, "--text", *note->mutable_text(), "what to note")->required();
  AddAgency(add, *agency);

  CLI::App& show = line.Add(kAgencyGroup, "notes", "the agency's own notes on a case, the oldest first",
                            {"lapor notes 7K3M-9QXT-2B54 --agency id.32.73.dpupr"},
                            [&line, list, agency]() -> absl::Status {
                              const auto officer = OfficerOf(line, *agency);
                              if (!officer.ok()) return officer.status();
                              const auto notes = line.Call(&FollowupStub::ListNotes, *list, *officer);
                              if (!notes.ok()) return notes.status();
                              return line.Print(*notes, ShowNotes(*notes, line.zone()));
                            });
  AddAssignmentId(show, *list->mutable_report_id());
  AddAgency(show, *agency);
}

std::string ShowTemplates(const followup::v1::ListTemplatesResponse& list) {
  if (list.templates().empty()) return "No templates.\n";
  Table table({{"template", "templat"}, {"of", "instansi"}, {"title", "judul"}, {"text", "isi"}});
  constexpr size_t kShownCharacters = 60;
  for (const followup::v1::Template& t : list.templates()) {
    std::string text = t.text();
    std::ranges::replace(text, '\n', ' ');
    table.Add({t.template_id(), t.agency_id(), t.title(), Shorten(text, kShownCharacters)});
  }
  return table.ToString();
}

// The default caller of what an agency's administrators do.
absl::StatusOr<std::string> AdministratorOf(const CommandLine& line, const std::string& agency) {
  auto officer = OfficerOf(line, agency);
  if (!officer.ok() || agency.empty()) return officer;
  return "agency_admin:" + agency;
}

void AddTemplates(CommandLine& line) {
  const auto agency = std::make_shared<std::string>();
  CLI::App& list = line.Add(
      kAgencyGroup, "templates", "what an agency answers from: its own templates and those of agencies above",
      {"lapor templates --agency id.32.73.dpupr", "lapor templates --agency id.32.73.dpupr --json"},
      [&line, agency]() -> absl::Status {
        const auto officer = OfficerOf(line, *agency);
        if (!officer.ok()) return officer.status();
        const auto templates =
            line.Call(&FollowupStub::ListTemplates, followup::v1::ListTemplatesRequest(), *officer);
        if (!templates.ok()) return templates.status();
        return line.Print(*templates, ShowTemplates(*templates));
      });
  AddAgency(list, *agency);

  const auto recorded = std::make_shared<followup::v1::RecordTemplateRequest>();
  CLI::App& record = line.Add(
      kAgencyGroup, "record-template", "record a template for answers, new or anew; acts as agency_admin",
      {"lapor record-template jalan-diperbaiki --title 'Jalan diperbaiki' --text 'Laporan {report} sudah "
       "ditangani {agency}.' --agency id.32.73.dpupr"},
      [&line, recorded, agency]() -> absl::Status {
        const auto administrator = AdministratorOf(line, *agency);
        if (!administrator.ok()) return administrator.status();
        const auto kept = line.Call(&FollowupStub::RecordTemplate, *recorded, *administrator);
        if (!kept.ok()) return kept.status();
        return line.Print(*kept, fmt::format("{} of {}  recorded\n", kept->template_id(), kept->agency_id()));
      });
  followup::v1::Template& given = *recorded->mutable_template_();
  record.add_option("ID", *given.mutable_template_id(), "a-z, 0-9, dot and hyphen")->required();
  record.add_option("--title", *given.mutable_title(), "1 to 200 characters")->type_name("TEXT")->required();
  AddText(record, "--text", *given.mutable_text(), "{report} and {agency} are filled in")->required();
  AddAgency(record, *agency);

  const auto removed = std::make_shared<followup::v1::RemoveTemplateRequest>();
  CLI::App& remove = line.Add(
      kAgencyGroup, "remove-template", "remove a template; answers given from it stay; acts as agency_admin",
      {"lapor remove-template jalan-diperbaiki --agency id.32.73.dpupr"},
      [&line, removed, agency]() -> absl::Status {
        const auto administrator = AdministratorOf(line, *agency);
        if (!administrator.ok()) return administrator.status();
        const auto gone = line.Call(&FollowupStub::RemoveTemplate, *removed, *administrator);
        if (!gone.ok()) return gone.status();
        return line.Print(*gone, fmt::format("{}  removed\n", removed->template_id()));
      });
  remove.add_option("ID", *removed->mutable_template_id(), "of the agency's own")->required();
  AddAgency(remove, *agency);
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
  AddDelegate(line);
  AddNotes(line);
  AddTemplates(line);
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
  AddDecideAppeal(line);
}

}  // namespace lapor::client
