#include "tests/e2e/journey.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/uuid.h"
#include "tools/lapor/registry.h"

namespace lapor::e2e {
namespace {

using FollowupStub = followup::v1::Followup::Stub;
using IntakeStub = intake::v1::Intake::Stub;
using OmbudsmanStub = ombudsman::v1::Ombudsman::Stub;
using ReportingStub = reporting::v1::Reporting::Stub;
using RoutingStub = routing::v1::Routing::Stub;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Of a file that holds the words "evidence".
constexpr const char* kEvidenceSha256 = "5c9e6a6b1f1a6b8d3f0c7a2e4b9d8c7f6e5d4c3b2a1908f7e6d5c4b3a2910f0e";

// key=value key="several words" ...
std::map<std::string, std::string> Fields(const std::string& text) {
  static const std::regex field(R"re(([a-z_]+)(=("([^"]*)"|(\S+)))?)re");
  std::map<std::string, std::string> fields;
  for (std::sregex_iterator match(text.begin(), text.end(), field), end; match != end; ++match) {
    fields[(*match)[1]] = (*match)[4].matched ? (*match)[4].str() : (*match)[5].str();
  }
  return fields;
}

template <class Enum>
absl::StatusOr<Enum> Named(bool (*parse)(const std::string&, Enum*), const std::string& prefix,
                           const std::string& name) {
  Enum value;
  if (!parse(prefix + name, &value))
    return absl::InvalidArgumentError(fmt::format("there is no {}{}", prefix, name));
  return value;
}

bool ParseClock(const std::string& name, report::v1::Clock* clock) {
  return report::v1::Clock_Parse(name, clock);
}
bool ParseReturnReason(const std::string& name, event::v1::ReturnReason* reason) {
  return event::v1::ReturnReason_Parse(name, reason);
}
bool ParseStage(const std::string& name, event::v1::EscalationStage* stage) {
  return event::v1::EscalationStage_Parse(name, stage);
}
bool ParseOutcome(const std::string& name, event::v1::EscalationOutcome* outcome) {
  return event::v1::EscalationOutcome_Parse(name, outcome);
}
bool ParseMaladministration(const std::string& name, event::v1::Maladministration* kind) {
  return event::v1::Maladministration_Parse(name, kind);
}

absl::Status Eventually(const std::function<std::string()>& difference) {
  const absl::Time limit = absl::Now() + kPatience;
  while (true) {
    const std::string what = difference();
    if (what.empty()) return absl::OkStatus();
    if (absl::Now() > limit) return absl::FailedPreconditionError(what);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

// Of FLOOD.1, the first part of FLOOD: ".1".
std::string PartOf(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot);
}

std::string TypesOf(const intake::v1::Report& report) {
  std::vector<std::string> types;
  for (const event::v1::Event& event : report.timeline()) types.push_back(eventlog::TypeOf(event));
  return fmt::format("{}", fmt::join(types, " "));
}

}  // namespace

absl::Status GiveApplication(client::Session& session, const std::string& agency_id,
                             const std::string& application_id) {
  const auto as = client::ParseCaller("operator");
  routing::v1::GetAgencyRequest get;
  get.set_agency_id(agency_id);
  const auto agency = session.CallUntilAnswered(&RoutingStub::GetAgency, get, *as, kPatience);
  if (!agency.ok()) return agency.status();
  routing::v1::RecordAgenciesRequest record;
  *record.add_agencies() = *agency;
  record.mutable_agencies(0)->set_application_id(application_id);
  return session.CallUntilAnswered(&RoutingStub::RecordAgencies, record, *as, kPatience).status();
}

Journey::Journey(Stack& stack) : stack_(stack), session_(stack.session()) {
  AddTimeSteps();
  AddReporterSteps();
  AddTriageSteps();
  AddAgencySteps();
  AddOmbudsmanSteps();
  AddExpectations();
}

absl::Status Journey::Run(std::istream& text) {
  std::vector<std::string> batch;
  bool in_batch = false;
  int number = 0;
  const auto at_line = [&](const absl::Status& status, const std::string& line) {
    return absl::Status(status.code(),
                        fmt::format("line {}: {}\n  {}", number, line, std::string(status.message())));
  };
  for (std::string line; std::getline(text, line);) {
    ++number;
    const bool indented = line.starts_with("  ");
    if (in_batch && !indented) {
      in_batch = false;
      if (const absl::Status status = PerformBatch(batch); !status.ok())
        return at_line(status, "the batch before");
      batch.clear();
    }
    if (line.empty() || line.starts_with('#')) continue;
    if (in_batch) {
      batch.push_back(line.substr(2));
    } else if (line == "An offline batch is filed:") {
      in_batch = true;
    } else if (const absl::Status status = Perform(line); !status.ok()) {
      return at_line(status, line);
    }
  }
  return in_batch ? PerformBatch(batch) : absl::OkStatus();
}

void Journey::Add(const std::string& sentence, Step step) {
  steps_.emplace_back(std::regex(sentence + R"(\.?)"), std::move(step));
}

absl::Status Journey::Perform(const std::string& line) {
  static const std::regex refused(R"(refused ([a-z0-9_.\[\]]+): (.*))");
  std::smatch match;
  if (std::regex_match(line, match, refused)) {
    const std::string field = match[1];
    const absl::Status status = Perform(match[2]);
    if (status.ok()) return absl::FailedPreconditionError("was not refused");
    const auto bad_input = decision::BadInputOf(status);
    if (!bad_input) return absl::FailedPreconditionError("refused without a reason: " + status.ToString());
    for (const auto& violation : bad_input->violations()) {
      if (violation.field() == field) return absl::OkStatus();
    }
    return absl::FailedPreconditionError("refused for another reason: " + status.ToString());
  }
  for (const auto& [sentence, step] : steps_) {
    if (!std::regex_match(line, match, sentence)) continue;
    Words words;
    for (size_t i = 1; i < match.size(); ++i) words.push_back(match[i]);
    return step(words);
  }
  return absl::InvalidArgumentError("no step reads like this");
}

absl::StatusOr<Journey::Subject*> Journey::Find(const std::string& name) {
  const auto subject = subjects_.find(name.substr(0, name.find('.')));
  if (subject == subjects_.end())
    return absl::InvalidArgumentError(fmt::format("no report {} was filed", name));
  return &subject->second;
}

template <class Stub, class Request, class Response>
absl::Status Journey::Do(Subject& subject,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                         Request request, const rpc::Caller& caller) {
  request.set_request_id(eventlog::NewUuid());
  const absl::StatusOr<Response> response = session_.CallUntilAnswered(method, request, caller, kPatience);
  if (!response.ok()) return response.status();
  subject.tokens[response->token().producer()] = response->token();
  return absl::OkStatus();
}

template <class Stub, class Request, class Response>
absl::Status Journey::DoAs(const std::string& caller, const std::string& name,
                           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                           Request request) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  const auto as = client::ParseCaller(caller);
  if (!as.ok()) return as.status();
  request.set_report_id((*subject)->id + PartOf(name));
  for (const auto& [producer, token] : (*subject)->tokens) *request.add_not_before() = token;
  return Do(**subject, method, std::move(request), *as);
}

template <class Stub, class Request, class Response>
absl::Status Journey::DoAsReporter(const std::string& name,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                Response*),
                                   Request request) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  request.mutable_receipt()->set_tracking_id((*subject)->id);
  request.mutable_receipt()->set_receipt_secret((*subject)->receipt_secret);
  return Do(**subject, method, std::move(request));
}

void Journey::AddTimeSteps() {
  Add(R"(The clock says (\S+?))", [this](const Words& w) {
    absl::Time now;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, w[0], &now, &error)) return absl::InvalidArgumentError(error);
    return stack_.SetClock(now);
  });
  Add(R"(The registry is loaded)", [this](const Words&) {
    const char* source = std::getenv("LAPOR_SOURCE_DIR");
    return client::LoadRegistry(session_, std::string(source != nullptr ? source : ".") + "/deploy/reference")
        .status();
  });
  Add(R"(The agency (\S+) is merged into (\S+?))", [this](const Words& w) {
    routing::v1::RecordAgenciesRequest request;
    routing::v1::Agency& agency = *request.add_agencies();
    agency.set_agency_id(w[0]);
    agency.set_ended(event::v1::AGENCY_CHANGE_MERGED);
    agency.add_successors()->set_agency_id(w[1]);
    request.mutable_update_mask()->add_paths("ended");
    return session_.Call(&RoutingStub::RecordAgencies, request, *client::ParseCaller("operator")).status();
  });
  Add(R"(The agency (\S+) has the application (\S+?))",
      [this](const Words& w) { return GiveApplication(session_, w[0], w[1]); });
  Add(R"(The service (\w+) is killed)", [this](const Words& w) { return stack_.Kill(w[0]); });
  Add(R"(The service (\w+) is started)", [this](const Words& w) { return stack_.Start(w[0]); });
}

absl::Status Journey::File(const std::string& name, const std::string& channel,
                           const std::string& report_class, const std::string& fields,
                           const std::string& request_id) {
  intake::v1::SubmitReportRequest request;
  request.set_request_id(request_id);
  intake::v1::NewReport& report = *request.mutable_report();
  report::v1::Channel door;
  if (!report::v1::Channel_Parse("CHANNEL_" + channel, &door))
    return absl::InvalidArgumentError("no channel " + channel);
  report::v1::ReportClass kind;
  if (!report::v1::ReportClass_Parse("REPORT_CLASS_" + report_class, &kind)) {
    return absl::InvalidArgumentError("no class " + report_class);
  }
  report.set_channel(door);
  report.set_report_class(kind);
  auto given = Fields(fields);
  report.set_category(given["category"]);
  report.set_region(given["region"]);
  report.set_title(given["title"]);
  report.set_description(given["text"]);
  report.set_supervision(given.contains("supervision"));
  report.set_confidential(given.contains("confidential"));
  report.set_anonymous(!given.contains("name"));
  if (given.contains("name")) report.mutable_identity()->set_name(given["name"]);

  const auto filed = session_.CallUntilAnswered(&IntakeStub::SubmitReport, request,
                                                *client::ParseCaller("channel"), kPatience);
  if (!filed.ok()) return filed.status();
  std::string id = filed->tracking_id();
  std::erase(id, '-');
  subjects_[name] = {id, filed->receipt_secret(), {{filed->token().producer(), filed->token()}}};
  batch_[request_id] = id;
  return absl::OkStatus();
}

absl::Status Journey::PerformBatch(const std::vector<std::string>& items) {
  grpc::ClientContext context;
  if (const absl::Status status = session_.Prepare(context, *client::ParseCaller("channel")); !status.ok())
    return status;
  const auto stream = session_.Get<IntakeStub>().SubmitReports(&context);
  std::vector<std::string> names;
  for (const std::string& item : items) {
    auto given = Fields(item);
    names.push_back(item.substr(0, item.find(' ')));
    intake::v1::SubmitReportRequest request;
    request.set_request_id(given["request"]);
    request.mutable_report()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
    request.mutable_report()->set_channel(report::v1::CHANNEL_MOBILE);
    request.mutable_report()->set_category(given["category"]);
    request.mutable_report()->set_region(given["region"]);
    request.mutable_report()->set_title(given["title"]);
    request.mutable_report()->set_description(given["text"]);
    request.mutable_report()->set_anonymous(true);
    if (!stream->Write(request)) break;
  }
  stream->WritesDone();
  intake::v1::SubmitReportsResponse response;
  for (size_t i = 0; stream->Read(&response); ++i) {
    if (!response.has_accepted())
      return absl::FailedPreconditionError("refused: " + response.refused().message());
    std::string id = response.accepted().tracking_id();
    std::erase(id, '-');
    batch_[response.request_id()] = id;
    subjects_[names.at(i)] = {
        id, response.accepted().receipt_secret(), {{"intake", response.accepted().token()}}};
  }
  return rpc::FromGrpc(stream->Finish());
}

void Journey::AddReporterSteps() {
  Add(R"re(([A-Z]+) is filed by (\w+): (complaint|aspiration|information_request) (.*))re",
      [this](const Words& w) {
        std::string channel = w[1], kind = w[2];
        std::ranges::transform(channel, channel.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        std::ranges::transform(kind, kind.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        return File(w[0], channel, kind, w[3], eventlog::NewUuid());
      });
  Add(R"re(The reporter completes ([A-Z]+): (.*?))re", [this](const Words& w) {
    auto given = Fields(w[1]);
    intake::v1::CompleteReportRequest request;
    request.set_category(given["category"]);
    request.set_region(given["region"]);
    request.set_description(given["text"]);
    return DoAsReporter(w[0], &IntakeStub::CompleteReport, request);
  });
  Add(R"re(The reporter replies to ([A-Z]+): "(.*)")re", [this](const Words& w) {
    intake::v1::ReplyToReportRequest request;
    request.set_text(w[1]);
    return DoAsReporter(w[0], &IntakeStub::ReplyToReport, request);
  });
  Add(R"re(The reporter is satisfied with ([A-Z]+): rating (\d))re", [this](const Words& w) {
    intake::v1::ReactToResponseRequest request;
    request.set_satisfied(true);
    request.set_rating(std::stoi(w[1]));
    return DoAsReporter(w[0], &IntakeStub::ReactToResponse, request);
  });
  Add(R"re(The reporter is not satisfied with ([A-Z]+): "(.*)")re", [this](const Words& w) {
    intake::v1::ReactToResponseRequest request;
    request.set_text(w[1]);
    return DoAsReporter(w[0], &IntakeStub::ReactToResponse, request);
  });
  Add(R"re(The reporter contests the archiving of ([A-Z]+): "(.*)")re", [this](const Words& w) {
    intake::v1::ContestArchiveRequest request;
    request.set_text(w[1]);
    return DoAsReporter(w[0], &IntakeStub::ContestArchive, request);
  });
  Add(R"re(The reporter withdraws ([A-Z]+))re", [this](const Words& w) {
    return DoAsReporter(w[0], &IntakeStub::WithdrawReport, intake::v1::WithdrawReportRequest());
  });
  Add(R"re(The reporter of ([A-Z]+) (?:consents to the escalation|asks for the Ombudsman): (.*?))re",
      [this](const Words& w) {
        auto given = Fields(w[1]);
        intake::v1::RequestEscalationRequest request;
        if (given.contains("name")) request.mutable_identity()->set_name(given["name"]);
        request.set_name_secret(given.contains("secret"));
        request.mutable_declarations()->set_citizen_or_resident(given.contains("resident"));
        request.mutable_declarations()->set_before_court(given.contains("court"));
        return DoAsReporter(w[0], &IntakeStub::RequestEscalation, request);
      });
}

void Journey::AddTriageSteps() {
  Add(R"re((triage\S*) verifies ([A-Z]+))re", [this](const Words& w) {
    return DoAs(w[0], w[1], &RoutingStub::VerifyReport, routing::v1::VerifyReportRequest());
  });
  Add(R"re((triage\S*) asks for ([a-z]+) of ([A-Z]+))re", [this](const Words& w) {
    routing::v1::RequestCompletionRequest request;
    request.add_fields(w[1]);
    return DoAs(w[0], w[2], &RoutingStub::RequestCompletion, request);
  });
  Add(R"re((triage\S*) archives ([A-Z]+): ([A-Z_]+))re", [this](const Words& w) {
    routing::v1::ArchiveReportRequest request;
    report::v1::ArchiveReason reason;
    if (!report::v1::ArchiveReason_Parse("ARCHIVE_REASON_" + w[2], &reason))
      return absl::InvalidArgumentError(w[2]);
    request.set_reason(reason);
    return DoAs(w[0], w[1], &RoutingStub::ArchiveReport, request);
  });
  Add(R"re((triage\S*) assigns ([A-Z]+(?:\.\d+)?) to (\S+?))re", [this](const Words& w) {
    routing::v1::AssignReportRequest request;
    request.set_agency_id(w[2]);
    return DoAs(w[0], w[1], &RoutingStub::AssignReport, request);
  });
  Add(R"re((triage\S*) gives a part of ([A-Z]+) to ([^\s:]+?)(?:: (\S+?))?)re", [this](const Words& w) {
    routing::v1::AddChildAssignmentRequest request;
    request.set_agency_id(w[2]);
    request.set_category(w[3]);
    return DoAs(w[0], w[1], &RoutingStub::AddChildAssignment, request);
  });
  Add(R"re((triage\S*) finds that ([A-Z]+\.\d+) isn't needed)re", [this](const Words& w) {
    return DoAs(w[0], w[1], &RoutingStub::EndChildAssignment, routing::v1::EndChildAssignmentRequest());
  });
  Add(R"re((triage\S*) merges ([A-Z]+) into ([A-Z]+))re", [this](const Words& w) {
    const auto lead = Find(w[2]);
    if (!lead.ok()) return lead.status();
    routing::v1::MergeReportRequest request;
    request.set_lead_report_id((*lead)->id);
    return DoAs(w[0], w[1], &RoutingStub::MergeReport, request);
  });
  Add(R"re((triage\S*) takes ([A-Z]+) apart from ([A-Z]+))re", [this](const Words& w) {
    const auto lead = Find(w[2]);
    if (!lead.ok()) return lead.status();
    routing::v1::UnmergeReportRequest request;
    request.set_lead_report_id((*lead)->id);
    return DoAs(w[0], w[1], &RoutingStub::UnmergeReport, request);
  });
  Add(R"re(intake finds that ([A-Z]+) resembles ([A-Z]+))re", [this](const Words& w) {
    const auto report = Find(w[0]);
    if (!report.ok()) return report.status();
    const auto other = Find(w[1]);
    if (!other.ok()) return other.status();
    return Eventually([&]() -> std::string {
      intake::v1::ListDuplicateCandidatesRequest request;
      request.set_tracking_id((*report)->id);
      const auto found =
          session_.Call(&IntakeStub::ListDuplicateCandidates, request, *client::ParseCaller("triage"));
      if (!found.ok()) return found.status().ToString();
      if (found->candidates().empty()) return "finds none";
      std::string first = found->candidates(0).tracking_id();
      std::erase(first, '-');
      return first == (*other)->id ? "" : "finds another one first: " + found->candidates(0).why();
    });
  });
  Add(R"re(routing suggests (\S+) for ([A-Z]+)( by its text)?)re",
      [this](const Words& w) { return ExpectSuggestion(w[0], w[1], !w[2].empty()); });
  Add(R"re(routing explains ([A-Z]+): "(.*)")re", [this](const Words& w) {
    const auto subject = Find(w[0]);
    if (!subject.ok()) return subject.status();
    routing::v1::ExplainRouteRequest request;
    request.set_report_id((*subject)->id);
    const auto explained =
        session_.Call(&RoutingStub::ExplainRoute, request, *client::ParseCaller("monitor"));
    if (!explained.ok()) return explained.status();
    std::string said = explained->why();
    for (const auto& hand : explained->hands()) said += "\n" + hand.why();
    if (said.find(w[1]) != std::string::npos) return absl::OkStatus();
    return absl::FailedPreconditionError("it says " + said);
  });
  Add(R"re(arbiter (\S+) decides that ([A-Z]+(?:\.\d+)?) belongs to (\S+?))re", [this](const Words& w) {
    routing::v1::ArbitrateReportRequest request;
    request.set_agency_id(w[2]);
    return DoAs("arbiter:" + w[0], w[1], &RoutingStub::ArbitrateReport, request);
  });
}

void Journey::AddAgencySteps() {
  Add(R"re(officer (\S+) accepts ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &RoutingStub::AcceptAssignment,
                routing::v1::AcceptAssignmentRequest());
  });
  Add(R"re(The application of (\S+) acknowledges hop (\d+) of ([A-Z]+): ([A-Z_]+))re",
      [this](const Words& w) {
        const auto subject = Find(w[2]);
        if (!subject.ok()) return subject.status();
        routing::v1::AcknowledgeAssignmentsRequest request;
        request.add_assignments()->set_report_id((*subject)->id);
        request.mutable_assignments(0)->set_hop(std::stoi(w[1]));
        const auto states = session_.CallUntilAnswered(&RoutingStub::AcknowledgeAssignments, request,
                                                       *client::ParseCaller("officer:" + w[0]), kPatience);
        if (!states.ok()) return states.status();
        const std::string state = routing::v1::DeliveryState_Name(states->states(0));
        if (state == "DELIVERY_STATE_" + w[3]) return absl::OkStatus();
        return absl::FailedPreconditionError("is " + state);
      });
  Add(R"re(officer (\S+) returns ([A-Z]+(?:\.\d+)?): ([A-Z_]+)(?: to (\S+?))?)re", [this](const Words& w) {
    const auto reason = Named(ParseReturnReason, "RETURN_REASON_", w[2]);
    if (!reason.ok()) return reason.status();
    routing::v1::ReturnAssignmentRequest request;
    request.set_reason(*reason);
    request.set_target_agency_id(w[3]);
    return DoAs("officer:" + w[0], w[1], &RoutingStub::ReturnAssignment, request);
  });
  Add(R"re(officer (\S+) answers ([A-Z]+(?:\.\d+)?): (interim|final) "(.*)"( without evidence)?)re",
      [this](const Words& w) {
        followup::v1::RespondToCaseRequest request;
        const bool final_answer = w[2] == "final";
        request.set_kind(final_answer ? event::v1::RESPONSE_KIND_FINAL : event::v1::RESPONSE_KIND_INTERIM);
        request.set_text(w[3]);
        if (final_answer && w[4].empty()) {
          report::v1::Attachment& evidence = *request.add_evidence();
          evidence.set_sha256(kEvidenceSha256);
          evidence.set_size_bytes(48'213);
          evidence.set_media_type("image/jpeg");
          evidence.set_uri("https://bukti.example.go.id/foto.jpg");
        }
        return DoAs("officer:" + w[0], w[1], &FollowupStub::RespondToCase, request);
      });
  Add(R"re(officer (\S+) closes ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &FollowupStub::CloseCase, followup::v1::CloseCaseRequest());
  });
  Add(R"re(officer (\S+) reopens ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &FollowupStub::ReopenCase, followup::v1::ReopenCaseRequest());
  });
}

void Journey::AddOmbudsmanSteps() {
  Add(R"re(ombudsman checks ([A-Z]+))re", [this](const Words& w) {
    return DoAs("ombudsman", w[0], &OmbudsmanStub::CheckEligibility,
                ombudsman::v1::CheckEligibilityRequest());
  });
  Add(R"re(ombudsman advances ([A-Z]+) to ([A-Z_]+))re", [this](const Words& w) {
    const auto stage = Named(ParseStage, "ESCALATION_STAGE_", w[1]);
    if (!stage.ok()) return stage.status();
    ombudsman::v1::AdvanceEscalationRequest request;
    request.set_stage(*stage);
    return DoAs("ombudsman", w[0], &OmbudsmanStub::AdvanceEscalation, request);
  });
  Add(R"re(ombudsman closes ([A-Z]+): ([A-Z_]+)(?: ([A-Z_]+))?)re", [this](const Words& w) {
    const auto outcome = Named(ParseOutcome, "ESCALATION_OUTCOME_", w[1]);
    if (!outcome.ok()) return outcome.status();
    ombudsman::v1::CloseEscalationRequest request;
    request.set_outcome(*outcome);
    if (!w[2].empty()) {
      const auto kind = Named(ParseMaladministration, "MALADMINISTRATION_", w[2]);
      if (!kind.ok()) return kind.status();
      request.set_maladministration(*kind);
    }
    return DoAs("ombudsman", w[0], &OmbudsmanStub::CloseEscalation, request);
  });
}

absl::Status Journey::ExpectSuggestion(const std::string& agency_id, const std::string& name, bool by_text) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    routing::v1::SuggestRouteRequest request;
    request.set_report_id((*subject)->id);
    request.set_read_text(by_text);
    const auto suggested = session_.Call(&RoutingStub::SuggestRoute, request, *client::ParseCaller("triage"));
    if (!suggested.ok()) return suggested.status().ToString();
    const std::string& first = suggested->suggestions(0).agency_id();
    return first == agency_id ? "" : "suggests " + first;
  });
}

absl::Status Journey::ExpectReport(const std::string& name,
                                   const std::function<std::string(const intake::v1::Report&)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    intake::v1::GetReportRequest request;
    request.set_tracking_id((*subject)->id);
    request.set_receipt_secret((*subject)->receipt_secret);
    const auto report = session_.Call(&IntakeStub::GetReport, request);
    return report.ok() ? difference(*report) : report.status().ToString();
  });
}

absl::Status Journey::ExpectFigures(reporting::v1::Scope scope, const std::string& id,
                                    const std::string& expected) {
  static const std::regex figure(R"(([a-z_]+)=(\d+)(?:/(\d+))?)");
  return Eventually([&]() -> std::string {
    reporting::v1::GetFiguresRequest request;
    request.set_scope(scope);
    request.set_id(id);
    const auto figures = session_.Call(&ReportingStub::GetFigures, request, *client::ParseCaller("monitor"));
    if (!figures.ok()) return figures.status().ToString();
    const auto number = [&](const std::string& field) -> int64_t {
      const auto* descriptor = figures->GetDescriptor()->FindFieldByName(field);
      return descriptor == nullptr ? -1 : figures->GetReflection()->GetInt64(*figures, descriptor);
    };
    for (std::sregex_iterator m(expected.begin(), expected.end(), figure), end; m != end; ++m) {
      const bool fraction = (*m)[3].matched;
      const std::string field = fraction ? (*m)[1].str() + "_numerator" : (*m)[1].str();
      if (number(field) != std::stoll((*m)[2]) ||
          (fraction && number((*m)[1].str() + "_denominator") != std::stoll((*m)[3]))) {
        return fmt::format("{} is {}", field, number(field));
      }
    }
    return "";
  });
}

void Journey::AddExpectations() {
  Add(R"re(Expect ([A-Z]+) status ([A-Z_]+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const std::string status = report::v1::ReportStatus_Name(report.status());
      return status == "REPORT_STATUS_" + w[1] ? "" : "is " + status;
    });
  });
  Add(R"re(Expect ([A-Z]+\.\d+) case ([A-Z_]+) with (\S+?))re", [this](const Words& w) {
    const auto subject = Find(w[0]);
    if (!subject.ok()) return subject.status();
    return Eventually([&]() -> std::string {
      followup::v1::GetCaseRequest request;
      request.set_report_id((*subject)->id + PartOf(w[0]));
      const auto part = session_.Call(&FollowupStub::GetCase, request, *client::ParseCaller("monitor"));
      if (!part.ok()) return part.status().ToString();
      const std::string state = followup::v1::CaseState_Name(part->state());
      if (state == "CASE_STATE_" + w[1] && part->agency_id() == w[2]) return "";
      return fmt::format("is {} with {}", state, part->agency_id());
    });
  });
  Add(R"re(Expect that ([A-Z]+) follows a report with status ([A-Z_]+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      if (!report.lead().tracking_id().empty()) return "tells its reporter the other's tracking id";
      const std::string status = report::v1::ReportStatus_Name(report.lead().status());
      return status == "REPORT_STATUS_" + w[1] ? "" : "the other is " + status;
    });
  });
  Add(R"re(The reporter of ([A-Z]+) sees the answer to the other, "(.*)")re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const auto& responses = report.lead().responses();
      const bool seen = std::ranges::any_of(responses, [&](const auto& r) { return r.text() == w[1]; });
      return seen ? "" : fmt::format("sees {} answers", responses.size());
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline: (.*?))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return TypesOf(report) == w[1] ? "" : "is " + TypesOf(report);
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline has (\w+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return (" " + TypesOf(report) + " ").find(" " + w[1] + " ") != std::string::npos
                 ? ""
                 : "is " + TypesOf(report);
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline ends: (.*?))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return TypesOf(report).ends_with(w[1]) ? "" : "is " + TypesOf(report);
    });
  });
  Add(R"re(The reporter of ([A-Z]+) sees the answer "(.*)")re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const bool seen =
          std::ranges::any_of(report.responses(), [&](const auto& r) { return r.text() == w[1]; });
      return seen ? "" : fmt::format("sees {} answers", report.responses_size());
    });
  });
  Add(R"re(Expect ([A-Z]+) breached ([A-Z_]+))re", [this](const Words& w) {
    const auto clock = Named(ParseClock, "CLOCK_", w[1]);
    if (!clock.ok()) return clock.status();
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const auto breaches = std::ranges::count_if(report.timeline(), [&](const event::v1::Event& event) {
        return event.has_clock_breached() && event.clock_breached().clock() == *clock;
      });
      return breaches == 1 ? "" : fmt::format("breached {} times", breaches);
    });
  });
  Add(R"re(Expect (\d+) reports of the batch)re", [this](const Words& w) {
    std::set<std::string> ids;
    for (const auto& [request, id] : batch_) {
      if (request.starts_with("offline")) ids.insert(id);
    }
    return ids.size() == std::stoul(w[0])
               ? absl::OkStatus()
               : absl::FailedPreconditionError(fmt::format("there are {}", ids.size()));
  });
  Add(R"re(Expect figures of agency (\S+): (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_AGENCY, w[0], w[1]); });
  Add(R"re(Expect figures of province (\S+): (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_PROVINCE, w[0], w[1]); });
  Add(R"re(Expect figures of the nation: (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_NATION, "", w[0]); });
  Add(R"re(Expect that the figures equal a recomputation)re", [this](const Words&) {
    const auto verified = session_.Call(&ReportingStub::VerifyFigures, reporting::v1::VerifyFiguresRequest(),
                                        *client::ParseCaller("operator"));
    if (!verified.ok()) return verified.status();
    if (verified->differences().empty() && verified->cells_compared() > 0) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format("{}", fmt::join(verified->differences(), "; ")));
  });
}

}  // namespace lapor::e2e
