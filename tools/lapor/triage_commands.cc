#include <memory>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using Stub = routing::v1::Routing::Stub;

constexpr int kDefaultLimit = 50;

std::string ShowQueue(const routing::v1::ListTriageQueueResponse& queue, const Zone& zone) {
  if (queue.reports().empty()) return "Nothing waits for an administrator.\n";
  Table table({{"report", "laporan"},
               {"waits for", "menunggu"},
               {"received, " + zone.name, "diterima"},
               {"due by", "tenggat"},
               {"class", "jenis"},
               {"category", "topik"},
               {"region", "daerah"},
               {"returned by", "dikembalikan oleh"},
               {"they name", "diusulkan"}});
  for (const routing::v1::Route& route : queue.reports()) {
    std::string due;
    // The first assignment meets it.
    if (route.has_verification_due_at() && (route.hops() == 0 || route.verification_overdue()))
      due = ShowLastDay(decision::FromProto(route.verification_due_at()), Wib());
    if (route.verification_overdue()) due += " OVERDUE";
    table.Add({ShowReportId(route.report_id()), Word(route.state()),
               ShowTime(decision::FromProto(route.received_at()), zone), due, Word(route.report_class()),
               route.category(), route.region(), route.returned_from_agency_id(),
               route.proposed_agency_id()});
  }
  return table.ToString();
}

void AddQueue(CommandLine& line) {
  struct Options {
    routing::v1::ListTriageQueueRequest request;
    routing::v1::RouteState state = routing::v1::ROUTE_STATE_UNSPECIFIED;
    int limit = kDefaultLimit;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command =
      line.Add(kTriageGroup, "queue",
               "reports that wait for an administrator, danger to life first, then the oldest deadline "
               "(antrean); acts as triage",
               {"lapor queue", "lapor queue --state returned", "lapor queue --as arbiter:id.32 --json"},
               [&line, o]() -> absl::Status {
                 o->request.set_state(o->state);
                 const auto queue = line.List(
                     &Stub::ListTriageQueue, o->request, "triage", o->limit,
                     [](const auto& page) -> const auto& { return page.reports(); });
                 if (!queue.ok()) return queue.status();
                 return line.Print(*queue, ShowQueue(*queue, line.zone()));
               });
  AddEnum(command, "--state", o->state, "only these")
      ->type_name("awaiting-triage|verified|returned|in-arbitration");
  command.add_option("--limit", o->limit, "reports at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

void AddClaims(CommandLine& line) {
  const auto request = std::make_shared<routing::v1::ClaimReportsRequest>();
  const auto state = std::make_shared<routing::v1::RouteState>(routing::v1::ROUTE_STATE_UNSPECIFIED);
  request->set_count(20);
  CLI::App& claim = line.Add(
      kTriageGroup, "claim",
      "take the first reports of the queue that nobody else has, for you alone until the claim ends (ambil)",
      {"lapor claim --count 20", "lapor claim --region 32 --as triage@1"},
      [&line, request, state]() -> absl::Status {
        request->set_state(*state);
        const auto claimed = line.Call(&Stub::ClaimReports, *request, "triage");
        if (!claimed.ok()) return claimed.status();
        routing::v1::ListTriageQueueResponse held;
        *held.mutable_reports() = claimed->reports();
        return line.Print(held, ShowQueue(held, line.zone()));
      });
  claim
      .add_option_function<int>(
          "--count", [request](const int& count) { request->set_count(count); },
          "that you are to hold, 1 to 100")
      ->default_str("20");
  AddEnum(claim, "--state", *state, "only these")->type_name("awaiting-triage|verified|returned");
  claim.add_option("--region", *request->mutable_region(), "only of this place")->type_name("CODE");

  line.Add(kTriageGroup, "release", "give back all that you have claimed (lepas)", {"lapor release"},
           [&line]() -> absl::Status {
             const auto released =
                 line.Call(&Stub::ReleaseClaims, routing::v1::ReleaseClaimsRequest(), "triage");
             if (!released.ok()) return released.status();
             return line.Print(*released, fmt::format("{} released\n", released->released()));
           });
}

// A change of one report's route by whoever `role` says. `add_id` is AddReportId or AddAssignmentId; `done`
// says what it did, where the new state doesn't.
template <class Request>
void AddChange(CommandLine& line, const char* name, const char* what,
               const std::vector<std::string>& examples,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, routing::v1::RouteChange*),
               const char* role, CLI::Option* (*add_id)(CLI::App&, std::string&),
               const std::function<void(CLI::App&, Request&)>& add_options, const char* done = "") {
  const auto request = std::make_shared<Request>();
  CLI::App& command = line.Add(kTriageGroup, name, what, examples, [&line, request, method, role, done] {
    return line.PrintChange(line.Change(method, *request, role), done);
  });
  add_id(command, *request->mutable_report_id());
  add_options(command, *request);
}

void AddVerify(CommandLine& line) {
  const auto report_class = std::make_shared<report::v1::ReportClass>();
  const auto request = std::make_shared<routing::v1::VerifyReportRequest>();
  CLI::App& command = line.Add(
      kTriageGroup, "verify",
      "find a report complete and within scope, putting right what is wrong (verifikasi); acts as triage",
      {"lapor verify 7K3M-9QXT-2B54", "lapor verify 7K3M-9QXT-2B54 --category roads.regency --region 32.73",
       "lapor verify 7K3M-9QXT-2B54 --class complaint --supervision --raise-confidential"},
      [&line, request, report_class] {
        request->set_report_class(*report_class);
        return line.PrintChange(line.Change(&Stub::VerifyReport, *request, "triage"));
      });
  AddReportId(command, *request->mutable_report_id());
  AddEnum(command, "--class", *report_class, "as you judge it");
  command.add_option("--category", *request->mutable_category(), "as you judge it")->type_name("CODE");
  command.add_option("--region", *request->mutable_region(), "as you judge it")->type_name("CODE");
  command.add_flag_callback(
      "--supervision", [request] { request->set_supervision(true); }, "with supervision content");
  command.add_flag_callback(
      "--no-supervision", [request] { request->set_supervision(false); }, "without supervision content");
  command.add_flag_callback(
      "--danger", [request] { request->set_danger_to_life(true); }, "somebody's life is in danger (gawat)");
  command.add_flag_callback(
      "--no-danger", [request] { request->set_danger_to_life(false); }, "nobody's life is in danger");
  command.add_flag_callback(
      "--raise-confidential", [request] { request->set_raise_confidential(true); },
      "hide it from the public; can't be taken back");
}

// Several agencies.
void AddParts(CommandLine& line) {
  AddChange<routing::v1::AddChildAssignmentRequest>(
      line, "split",
      "give a part of a report to another agency, beside the one that has the report and leads (bagi); acts "
      "as triage",
      {"lapor split 7K3M-9QXT-2B54 --to id.32.73.dlh",
       "lapor split 7K3M-9QXT-2B54 --to id.32.73.dlh --category environment",
       "lapor split 7K3M-9QXT-2B54 --to id.32.73.dlh --as agency_admin:id.32.73"},
      &Stub::AddChildAssignment, "triage", AddReportId,
      [](CLI::App& split, routing::v1::AddChildAssignmentRequest& request) {
        split.add_option("--to", *request.mutable_agency_id(), "who gets the part")
            ->type_name("AGENCY")
            ->required();
        split.add_option("--category", *request.mutable_category(), "topic of the part [the report's]")
            ->type_name("CODE");
      },
      "This part has clocks of its own; the leading agency answers for good when all parts have been "
      "answered.\n");

  AddChange<routing::v1::EndChildAssignmentRequest>(
      line, "unsplit",
      "end a part that isn't needed any more; what was answered stays (batal bagi); acts as triage",
      {"lapor unsplit 7K3M-9QXT-2B54.1", "lapor unsplit 7K3M-9QXT-2B54.1 --as agency_admin:id.32.73"},
      &Stub::EndChildAssignment, "triage", AddAssignmentId,
      [](CLI::App&, routing::v1::EndChildAssignmentRequest&) {},
      "The leading agency doesn't wait for this part any more.\n");
}

// Reports that tell the same.
void AddMerging(CommandLine& line) {
  const auto near = std::make_shared<intake::v1::ListDuplicateCandidatesRequest>();
  CLI::App& duplicates = line.Add(
      kTriageGroup, "duplicates",
      "reports that may be about the same matter: near in words, place and time (duplikat); acts as triage",
      {"lapor duplicates 7K3M-9QXT-2B54", "lapor duplicates 7K3M-9QXT-2B54 --limit 30 --json"},
      [&line, near]() -> absl::Status {
        const auto found = line.Call(&intake::v1::Intake::Stub::ListDuplicateCandidates, *near, "triage");
        if (!found.ok()) return found.status();
        return line.Print(*found, ShowDuplicates(*found, line.zone()));
      });
  AddReportId(duplicates, *near->mutable_tracking_id());
  duplicates
      .add_option_function<int>(
          "--limit", [near](int limit) { near->set_max_candidates(limit); }, "reports at most [10]")
      ->type_name("1-50");

  AddChange<routing::v1::MergeReportRequest>(
      line, "merge",
      "let a report follow another one about the same matter; can be taken back (gabung); acts as triage",
      {"lapor merge 7K3M-9QXT-2B54 --into 4W8R-D2N6-HPV6"}, &Stub::MergeReport, "triage", AddReportId,
      [](CLI::App& merge, routing::v1::MergeReportRequest& request) {
        merge
            .add_option("--into", *request.mutable_lead_report_id(), "tracking id of the one that it follows")
            ->type_name("ID")
            ->required();
      },
      "Its reporter sees from now on how the other report fares; lapor unmerge takes it back.\n");

  const auto apart = std::make_shared<routing::v1::UnmergeReportRequest>();
  CLI::App& unmerge = line.Add(
      kTriageGroup, "unmerge", "let a report follow no other one any more (pisah); acts as triage",
      {"lapor unmerge 7K3M-9QXT-2B54"}, [&line, apart]() -> absl::Status {
        routing::v1::GetRouteRequest get;
        get.set_report_id(apart->report_id());
        const auto route = line.Call(&Stub::GetRoute, get, "triage");
        if (!route.ok()) return route.status();
        if (route->lead_report_id().empty())
          return absl::FailedPreconditionError("it follows no other report: there is nothing to take back");
        apart->set_lead_report_id(route->lead_report_id());
        return line.PrintChange(
            line.Change(&Stub::UnmergeReport, *apart, "triage"),
            "It is with the administrators again; its clocks have run on all the while.\n");
      });
  AddReportId(unmerge, *apart->mutable_report_id());

  struct Options {
    routing::v1::ListFollowersRequest request;
    int limit = kDefaultLimit;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& followers =
      line.Add(kTriageGroup, "followers", "which reports follow this one (pengikut); acts as triage",
               {"lapor followers 4W8R-D2N6-HPV6", "lapor followers 4W8R-D2N6-HPV6 --limit 1000 --as monitor"},
               [&line, o]() -> absl::Status {
                 const auto list = line.List(
                     &Stub::ListFollowers, o->request, "triage", o->limit,
                     [](const auto& page) -> const auto& { return page.report_ids(); });
                 if (!list.ok()) return list.status();
                 std::string text;
                 for (const std::string& id : list->report_ids()) text += ShowReportId(id) + '\n';
                 return line.Print(*list, text.empty() ? "No report follows it.\n" : text);
               });
  AddReportId(followers, *o->request.mutable_report_id());
  followers.add_option("--limit", o->limit, "reports at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

}  // namespace

void AddTriageCommands(CommandLine& line) {
  AddQueue(line);
  AddClaims(line);
  AddVerify(line);

  AddChange<routing::v1::RequestCompletionRequest>(
      line, "ask", "ask the reporter for what is missing, field by field (tunda); acts as triage",
      {"lapor ask 7K3M-9QXT-2B54 region", "lapor ask 7K3M-9QXT-2B54 description attachments"},
      &Stub::RequestCompletion, "triage", AddReportId,
      [](CLI::App& command, routing::v1::RequestCompletionRequest& request) {
        command
            .add_option_function<std::vector<std::string>>(
                "FIELD",
                [&request](const std::vector<std::string>& fields) {
                  for (const std::string& field : fields) request.add_fields(field);
                },
                "category, region, description, attachments")
            ->required();
      });

  const auto reason = std::make_shared<report::v1::ArchiveReason>();
  const auto archive = std::make_shared<routing::v1::ArchiveReportRequest>();
  CLI::App& command = line.Add(
      kTriageGroup, "archive", "archive with a coded reason; \"not ours\" is none (arsip); acts as triage",
      {"lapor archive 7K3M-9QXT-2B54 before-court"}, [&line, archive, reason] {
        archive->set_reason(*reason);
        return line.PrintChange(line.Change(&Stub::ArchiveReport, *archive, "triage"));
      });
  AddReportId(command, *archive->mutable_report_id());
  AddEnum(command, "REASON", *reason, "why")->required();

  AddChange<routing::v1::AssignReportRequest>(
      line, "assign", "make an agency accountable (disposisi); acts as triage",
      {"lapor assign 7K3M-9QXT-2B54 id.32.73.dpupr",
       "lapor assign 7K3M-9QXT-2B54 id.32.73.dpupr --as agency_admin:id.32.73    # to one of its own units"},
      &Stub::AssignReport, "triage", AddAssignmentId,
      [](CLI::App& assign, routing::v1::AssignReportRequest& request) {
        assign.add_option("AGENCY", *request.mutable_agency_id(), "id, as lapor registry list shows")
            ->required();
      });

  AddChange<routing::v1::ArbitrateReportRequest>(
      line, "arbitrate",
      "decide which agency is competent; nobody can return it then (putusan); acts as arbiter",
      {"lapor arbitrate 7K3M-9QXT-2B54 id.32.73.dpupr",
       "lapor arbitrate 7K3M-9QXT-2B54 id.32.73.dpupr --as arbiter:id.32.73"},
      &Stub::ArbitrateReport, "arbiter", AddAssignmentId,
      [](CLI::App& arbitrate, routing::v1::ArbitrateReportRequest& request) {
        arbitrate.add_option("AGENCY", *request.mutable_agency_id(), "the competent agency")->required();
      });

  const auto route = std::make_shared<routing::v1::GetRouteRequest>();
  CLI::App& show =
      line.Add(kTriageGroup, "route", "where a report is, and every hand it has been in; acts as triage",
               {"lapor route 7K3M-9QXT-2B54", "lapor route 7K3M-9QXT-2B54 --json --as monitor"},
               [&line, route]() -> absl::Status {
                 const auto found = line.Call(&Stub::GetRoute, *route, "triage");
                 if (!found.ok()) return found.status();
                 return line.Print(*found, ShowRoute(*found, line.zone(), line.agency_name()));
               });
  AddAssignmentId(show, *route->mutable_report_id());

  AddParts(line);
  AddMerging(line);
}

}  // namespace lapor::client
