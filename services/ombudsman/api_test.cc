// The API over gRPC, with tokens, on a real database.
#include "services/ombudsman/api.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/ombudsman/testing/running.h"

namespace lapor::ombudsman {
namespace {

using rpc::Caller;
using testing::Running;
using Stub = v1::Ombudsman::Stub;

const Caller kOfficer{"u-1", report::v1::ROLE_OMBUDSMAN, ""};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};

struct Desk : Running {
  Desk() {
    HearBreach();
    server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {&api}).value();
    rpc::ChannelOptions options;
    options.plaintext = true;
    stub = v1::Ombudsman::NewStub(
        rpc::Connect("127.0.0.1:" + std::to_string(server->port()), options, runtime::Environment::kLocal)
            .value());
  }
  ~Desk() {
    server->Stop();
    responder.Stop();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Caller& caller, const Request& request) {
    grpc::ClientContext context;
    if (!caller.anonymous()) {
      context.AddMetadata("authorization", "Bearer " + rpc::SharedSecrets().Token(caller, clock.Now()));
    }
    Response response;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  // A change of the escalation, with a request id of its own.
  template <class Request>
  Request Change() {
    Request request;
    request.set_request_id("request-" + std::to_string(++requests));
    request.set_report_id(kReport);
    return request;
  }
  v1::AdvanceEscalationRequest Advance(EscalationStage stage) {
    auto request = Change<v1::AdvanceEscalationRequest>();
    request.set_stage(stage);
    return request;
  }
  v1::CloseEscalationRequest Close(event::v1::EscalationOutcome outcome) {
    auto request = Change<v1::CloseEscalationRequest>();
    request.set_outcome(outcome);
    return request;
  }
  v1::IssueDocumentRequest Issue(event::v1::DocumentKind kind) {
    auto request = Change<v1::IssueDocumentRequest>();
    request.set_kind(kind);
    request.set_text("Isi surat.");
    return request;
  }
  // Examined: consented, checked and advanced.
  void Examine() {
    HearConsent();
    REQUIRE(Call(&Stub::CheckEligibility, kOfficer, Change<v1::CheckEligibilityRequest>()).ok());
    REQUIRE(Call(&Stub::AdvanceEscalation, kOfficer, Advance(event::v1::ESCALATION_STAGE_EXAMINATION)).ok());
  }
  template <class Request>
  Request OfDocument(const std::string& number) {
    Request request;
    request.set_request_id("request-" + std::to_string(++requests));
    request.set_document_number(number);
    return request;
  }
  void Deliver(const std::string& number) {
    REQUIRE(Call(&Stub::RecordDelivery, kOfficer, OfDocument<v1::RecordDeliveryRequest>(number)).ok());
  }
  // Writes an examination report that finds that.
  void Report(event::v1::Maladministration kind) {
    auto report = Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
    report.set_finding(event::v1::FINDING_MALADMINISTRATION);
    report.set_maladministration(kind);
    REQUIRE(Call(&Stub::IssueDocument, kOfficer, report).ok());
  }
  // Another clock runs out: after the end of the last escalation it opens the next one.
  void BreachAgain() {
    event::v1::Event breached;
    breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION);
    breached.mutable_clock_breached()->set_agency_id(testing::kAgency);
    Hear("followup", "2025-06-30 09:00", breached);
  }
  // The Ombudsman's own part of what this caller is given.
  v1::Dossier Export(const Caller& caller) {
    v1::ExportDossierRequest request;
    request.set_report_id(kReport);
    const auto exported = Call(&Stub::ExportDossier, caller, request);
    INFO(exported.status());
    REQUIRE(exported.ok());
    return packed;
  }
  v1::GetEscalationRequest ThisEscalation() {
    v1::GetEscalationRequest request;
    request.set_report_id(kReport);
    return request;
  }

  runtime::Metrics metrics;
  rpc::Authenticator authenticator{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                   clock};
  rpc::Responder responder{{}, authenticator, metrics};
  Api api{*executor,
          pool,
          visibility,
          responder,
          clock,
          std::shared_ptr<const policy::Policy>(&testing::ShippedPolicy(), [](const auto*) {}),
          testing::ShippedOffices(),
          [this](const rpc::Call&, v1::Dossier& dossier) { packed = dossier; }};
  v1::Dossier packed;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Stub> stub;
  int requests = 0;
};

TEST_CASE("an escalation is listed, checked, examined and closed with its outcome") {
  Desk desk;
  auto listed = desk.Call(&Stub::ListEscalations, kOfficer, v1::ListEscalationsRequest());
  REQUIRE(listed.ok());
  REQUIRE(listed->escalations_size() == 1);
  CHECK(listed->escalations(0).stage() == event::v1::ESCALATION_STAGE_PROPOSED);
  CHECK_FALSE(listed->escalations(0).consented());
  CHECK(listed->escalations(0).verdicts().empty());

  desk.HearConsent();
  const auto check = desk.Change<v1::CheckEligibilityRequest>();
  const auto checked = desk.Call(&Stub::CheckEligibility, kOfficer, check);
  REQUIRE(checked.ok());
  CHECK(checked->stage() == event::v1::ESCALATION_STAGE_MATERIAL_CHECK);
  CHECK(checked->verdicts_size() == 7);
  CHECK(checked->token().producer() == "ombudsman");
  CHECK(checked->token().position() == 5);  // a reminder came first

  // The repeat comes later and is told the same.
  desk.clock.Advance(absl::Hours(1));
  const auto repeated = desk.Call(&Stub::CheckEligibility, kOfficer, check);
  REQUIRE(repeated.ok());
  CHECK(repeated->SerializeAsString() == checked->SerializeAsString());

  const auto advance = [&](EscalationStage stage) {
    const auto advanced = desk.Call(&Stub::AdvanceEscalation, kOfficer, desk.Advance(stage));
    INFO(advanced.status());
    REQUIRE(advanced.ok());
    CHECK(advanced->stage() == stage);
    CHECK(advanced->verdicts().empty());
  };
  advance(event::v1::ESCALATION_STAGE_EXAMINATION);
  auto report = desk.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
  report.set_finding(event::v1::FINDING_MALADMINISTRATION);
  report.set_maladministration(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  REQUIRE(desk.Call(&Stub::IssueDocument, kOfficer, report).ok());
  advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT);
  auto done = desk.Change<v1::RecordComplianceRequest>();
  done.set_compliance(event::v1::COMPLIANCE_FULL);
  done.set_text("Sudah dikerjakan.");
  REQUIRE(desk.Call(&Stub::RecordCompliance, kOfficer, done).ok());
  auto close = desk.Close(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  close.set_maladministration(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  REQUIRE(desk.Call(&Stub::CloseEscalation, kOfficer, close).ok());

  const auto read = desk.Call(&Stub::GetEscalation, kMonitor, desk.ThisEscalation());
  REQUIRE(read.ok());
  CHECK(read->stage() == event::v1::ESCALATION_STAGE_CLOSED);
  CHECK(read->outcome() == event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
  CHECK(read->consented());
  CHECK(read->declarations().citizen_or_resident());
  CHECK(read->number() == 1);
  CHECK(read->office() == "jawa-barat");
  CHECK(read->finding() == event::v1::FINDING_MALADMINISTRATION);
  CHECK(read->compliance() == event::v1::COMPLIANCE_FULL);
  REQUIRE(read->clocks_size() == 1);
  CHECK(read->clocks(0).clock() == report::v1::CLOCK_OMBUDSMAN_CHECK);
  CHECK(read->clocks(0).has_met_at());
  CHECK(read->clocks(0).explanation().term().amount() == 14);
  CHECK(read->verdicts(0).basis() == event::v1::VERDICT_BASIS_RECORD);
  CHECK(read->verdicts_size() == 7);
  listed = desk.Call(&Stub::ListEscalations, kOfficer, v1::ListEscalationsRequest());
  REQUIRE(listed.ok());
  CHECK(listed->escalations().empty());
}

TEST_CASE("the answer to a formal check says which ground is missing") {
  Desk desk;
  event::v1::ReporterDeclarations before_court = testing::Declarations();
  before_court.set_before_court(true);
  desk.HearConsent(before_court);
  const auto checked =
      desk.Call(&Stub::CheckEligibility, kOfficer, desk.Change<v1::CheckEligibilityRequest>());
  REQUIRE(checked.ok());
  CHECK(checked->stage() == event::v1::ESCALATION_STAGE_CLOSED);
  std::set<event::v1::Ground> missing;
  for (const auto& verdict : checked->verdicts()) {
    if (!verdict.met()) missing.insert(verdict.ground());
  }
  REQUIRE(checked->grounds_size() == 7);
  for (const v1::GroundPreview& ground : checked->grounds()) {
    const bool unmet = ground.verdict().ground() == event::v1::GROUND_NOT_BEFORE_COURT;
    CHECK(ground.verdict().met() == !unmet);
    CHECK_FALSE(ground.source().empty());
    CHECK(ground.remedy().empty() == !unmet);
  }
  CHECK(missing == std::set{event::v1::GROUND_NOT_BEFORE_COURT});
  CHECK(desk.Journalled().ends_with("EligibilityDecided EscalationClosed"));
}

TEST_CASE("only officers of the Ombudsman act; monitors, operators and services read") {
  Desk desk;
  const std::map<report::v1::Role, bool> readers = {
      {report::v1::ROLE_UNSPECIFIED, false}, {report::v1::ROLE_CHANNEL, false},
      {report::v1::ROLE_OFFICER, false},     {report::v1::ROLE_AGENCY_ADMIN, false},
      {report::v1::ROLE_TRIAGE, false},      {report::v1::ROLE_ARBITER, false},
      {report::v1::ROLE_OMBUDSMAN, true},    {report::v1::ROLE_MONITOR, true},
      {report::v1::ROLE_ANALYST, false},     {report::v1::ROLE_OPERATOR, true},
      {report::v1::ROLE_SERVICE, true},
  };
  for (const auto& [role, reads] : readers) {
    INFO(report::v1::Role_Name(role));
    const bool officer = role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN;
    const Caller caller{"x", role, officer ? testing::kAgency : ""};
    const auto refusal =
        caller.anonymous() ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kPermissionDenied;
    const auto check = [&](bool allowed, const absl::Status& status) {
      INFO(status);
      // The stage may refuse what the role permits.
      const bool permitted = status.ok() || status.code() == absl::StatusCode::kFailedPrecondition;
      CHECK((allowed ? permitted : status.code() == refusal));
    };
    const bool acts = role == report::v1::ROLE_OMBUDSMAN;
    check(reads, desk.Call(&Stub::ListEscalations, caller, v1::ListEscalationsRequest()).status());
    check(reads, desk.Call(&Stub::GetEscalation, caller, desk.ThisEscalation()).status());
    check(acts,
          desk.Call(&Stub::CheckEligibility, caller, desk.Change<v1::CheckEligibilityRequest>()).status());
    check(acts,
          desk.Call(&Stub::AdvanceEscalation, caller, desk.Advance(event::v1::ESCALATION_STAGE_EXAMINATION))
              .status());
    check(acts, desk.Call(&Stub::CloseEscalation, caller, desk.Close(event::v1::ESCALATION_OUTCOME_NOT_FOUND))
                    .status());
    v1::PreviewEligibilityRequest preview;
    preview.set_report_id(Desk::kReport);
    check(reads, desk.Call(&Stub::PreviewEligibility, caller, preview).status());
    v1::ListDocumentsRequest documents;
    documents.set_report_id(Desk::kReport);
    const bool reads_letters = (reads && role != report::v1::ROLE_OPERATOR) || officer;
    check(reads_letters, desk.Call(&Stub::ListDocuments, caller, documents).status());
    check(!caller.anonymous(), desk.Call(&Stub::ListOffices, caller, v1::ListOfficesRequest()).status());
    check(acts,
          desk.Call(&Stub::IssueDocument, caller, desk.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK)).status());
    auto compliance = desk.Change<v1::RecordComplianceRequest>();
    compliance.set_compliance(event::v1::COMPLIANCE_FULL);
    compliance.set_text("x");
    check(acts, desk.Call(&Stub::RecordCompliance, caller, compliance).status());
    if (acts) continue;  // these would be carried out
    check(false,
          desk.Call(&Stub::OpenRapidResponse, caller, desk.Change<v1::OpenRapidResponseRequest>()).status());
    check(
        false,
        desk.Call(&Stub::TransferEscalation, caller, desk.Change<v1::TransferEscalationRequest>()).status());
    check(false, desk.Call(&Stub::RecordDelivery, caller,
                           desk.OfDocument<v1::RecordDeliveryRequest>("7K3M9QXT2B54-1/01"))
                     .status());
    if (officer) continue;  // whether they may reply, the document says
    check(false, desk.Call(&Stub::ReplyToDocument, caller,
                           desk.OfDocument<v1::ReplyToDocumentRequest>("7K3M9QXT2B54-1/01"))
                     .status());
  }
  CHECK(desk.Journalled() == "EscalationOpened");
}

TEST_CASE("what is wrong with a request comes through, and an unknown report is not found") {
  Desk desk;
  const absl::Status bad = desk.Call(&Stub::CloseEscalation, kOfficer, v1::CloseEscalationRequest()).status();
  CHECK(bad.code() == absl::StatusCode::kInvalidArgument);
  CHECK(decision::BadInputOf(bad)->violations_size() == 3);

  auto unknown = desk.ThisEscalation();
  unknown.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Stub::GetEscalation, kOfficer, unknown).status().code() == absl::StatusCode::kNotFound);
  auto check = desk.Change<v1::CheckEligibilityRequest>();
  check.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Stub::CheckEligibility, kOfficer, check).status().code() == absl::StatusCode::kNotFound);
  check = desk.Change<v1::CheckEligibilityRequest>();
  const absl::Status early = desk.Call(&Stub::CheckEligibility, kOfficer, check).status();
  CHECK(early.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(early.message()).find("ESCALATION_STAGE_PROPOSED") != std::string::npos);
}

TEST_CASE("operators see how cases stand, and not what reporters declared") {
  Desk desk;
  desk.HearConsent();
  const Caller operating{"op", report::v1::ROLE_OPERATOR, ""};
  for (const auto& [caller, reads] : {std::pair(kOfficer, true), {kMonitor, true}, {operating, false}}) {
    const auto one = desk.Call(&Stub::GetEscalation, caller, desk.ThisEscalation());
    REQUIRE(one.ok());
    CHECK(one->consented());
    CHECK(one->has_declarations() == reads);
    const auto listed = desk.Call(&Stub::ListEscalations, caller, v1::ListEscalationsRequest());
    REQUIRE(listed.ok());
    CHECK(listed->escalations(0).has_declarations() == reads);
  }
}

TEST_CASE("pages lead from one to the next, each escalation with its own verdicts") {
  Desk desk;
  desk.HearConsent();
  REQUIRE(desk.Call(&Stub::CheckEligibility, kOfficer, desk.Change<v1::CheckEligibilityRequest>()).ok());
  Escalation other = testing::StoryAt(event::v1::ESCALATION_STAGE_PROPOSED).now;
  other.id = "AAAAAAAAAAAA";
  desk.In([&](pg::Tx& tx) { SaveEscalations(tx, {&other}); });

  v1::ListEscalationsRequest list;
  list.set_page_size(1);
  std::map<std::string, int> verdicts;
  for (int pages = 0; pages < 2; ++pages) {
    const auto page = desk.Call(&Stub::ListEscalations, kOfficer, list);
    REQUIRE(page.ok());
    REQUIRE(page->escalations_size() == 1);
    verdicts[page->escalations(0).report_id()] = page->escalations(0).verdicts_size();
    list.set_page_token(page->next_page_token());
  }
  CHECK(verdicts == std::map<std::string, int>{{"AAAAAAAAAAAA", 0}, {Desk::kReport, 7}});
}

TEST_CASE("a preview tells of every unmet ground its law and what would make it met, and changes nothing") {
  Desk desk;
  v1::PreviewEligibilityRequest request;
  request.set_report_id(Desk::kReport);
  const auto preview = desk.Call(&Stub::PreviewEligibility, kMonitor, request);
  REQUIRE(preview.ok());
  CHECK_FALSE(preview->eligible());
  REQUIRE(preview->grounds_size() == 7);
  CHECK(preview->grounds(0).verdict().ground() == event::v1::GROUND_IDENTITY);
  CHECK_FALSE(preview->grounds(0).verdict().met());
  CHECK(preview->grounds(0).source() == "UU 37/2008 art. 24(1)(a)");
  CHECK(preview->grounds(0).confidence() == policy::v1::CONFIDENCE_HIGH);
  CHECK(preview->grounds(6).verdict().ground() == event::v1::GROUND_WITHIN_AUTHORITY);
  CHECK(preview->grounds(6).confidence() == policy::v1::CONFIDENCE_UNVERIFIED);
  CHECK(preview->grounds(0).remedy().find("identity") != std::string::npos);
  CHECK(preview->grounds(2).verdict().met());
  CHECK(preview->grounds(2).remedy().empty());
  desk.HearConsent();
  CHECK(desk.Call(&Stub::PreviewEligibility, kMonitor, request)->eligible());
  CHECK(desk.Journalled() == "EscalationOpened EscalationStageReached");
  request.set_report_id("ZZZZZZZZZZZK");
  CHECK(desk.Call(&Stub::PreviewEligibility, kMonitor, request).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("a letter goes out, arrives and is answered by the agency that it was addressed to") {
  Desk desk;
  desk.Examine();
  const auto request = desk.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  const auto issued = desk.Call(&Stub::IssueDocument, kOfficer, request);
  REQUIRE(issued.ok());
  CHECK(issued->document_number() == "7K3M9QXT2B54-1/01");
  CHECK(issued->stage() == event::v1::ESCALATION_STAGE_EXAMINATION);
  // The repeat is told the same number, whatever was issued since.
  REQUIRE(desk.Call(&Stub::IssueDocument, kOfficer, desk.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK)).ok());
  CHECK(desk.Call(&Stub::IssueDocument, kOfficer, request)->document_number() == "7K3M9QXT2B54-1/01");
  auto to_nobody = desk.Issue(event::v1::DOCUMENT_KIND_SUMMONS);
  to_nobody.set_addressee("Kepala Desa");
  REQUIRE(desk.Call(&Stub::IssueDocument, kOfficer, to_nobody).ok());

  auto delivery = desk.OfDocument<v1::RecordDeliveryRequest>(issued->document_number());
  *delivery.mutable_delivered_at() = decision::ToProto(desk.clock.Now() + absl::Hours(1));
  const absl::Status future = desk.Call(&Stub::RecordDelivery, kOfficer, delivery).status();
  CHECK(future.code() == absl::StatusCode::kInvalidArgument);
  CHECK(decision::BadInputOf(future)->violations(0).field() == "delivered_at");
  delivery.clear_delivered_at();
  REQUIRE(desk.Call(&Stub::RecordDelivery, kOfficer, delivery).ok());

  auto reply = desk.OfDocument<v1::ReplyToDocumentRequest>(issued->document_number());
  reply.set_text("Jawaban.");
  const Caller stranger{"o-2", report::v1::ROLE_OFFICER, "id.33"};
  const Caller agency{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  CHECK(desk.Call(&Stub::ReplyToDocument, stranger, reply).status().code() ==
        absl::StatusCode::kPermissionDenied);
  const auto replied = desk.Call(&Stub::ReplyToDocument, agency, reply);
  REQUIRE(replied.ok());
  CHECK(replied->document_number() == issued->document_number());

  v1::ListDocumentsRequest list;
  list.set_report_id(Desk::kReport);
  const auto all = desk.Call(&Stub::ListDocuments, kOfficer, list);
  REQUIRE(all.ok());
  REQUIRE(all->documents_size() == 3);
  CHECK(all->documents(0).text() == "Isi surat.");
  CHECK(all->documents(0).text_sha256().size() == 64);
  REQUIRE(all->documents(0).replies_size() == 1);
  CHECK(all->documents(0).replies(0).text() == "Jawaban.");
  CHECK(all->documents(0).replies(0).agency_id() == testing::kAgency);
  CHECK(all->documents(0).replies(0).has_replied_at());
  CHECK(all->documents(0).has_due_at());
  CHECK(all->documents(2).addressee() == "Kepala Desa");
  // The field check is not delivered to it yet.
  CHECK(desk.Call(&Stub::ListDocuments, agency, list)->documents_size() == 1);
  CHECK(desk.Call(&Stub::ListDocuments, stranger, list)->documents().empty());
}

TEST_CASE("an agency reads nothing of a report's draft, in its list or its dossier, until it is delivered") {
  Desk desk;
  desk.Examine();
  desk.Report(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  const Caller agency{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  CHECK(desk.Export(agency).documents().empty());
  CHECK(desk.Export(agency).escalation().finding() == event::v1::FINDING_UNSPECIFIED);
  CHECK(desk.Export(agency).escalation().maladministration() == event::v1::MALADMINISTRATION_UNSPECIFIED);
  CHECK(desk.Export(kOfficer).documents_size() == 1);
  CHECK(desk.Export(kOfficer).escalation().finding() == event::v1::FINDING_MALADMINISTRATION);

  REQUIRE(desk.Call(&Stub::AdvanceEscalation, kOfficer,
                    desk.Advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT))
              .ok());
  desk.Deliver("7K3M9QXT2B54-1/01");
  CHECK(desk.Export(agency).documents_size() == 1);
  CHECK(desk.Export(agency).escalation().finding() == event::v1::FINDING_MALADMINISTRATION);
}

TEST_CASE("offices are told, and cases by office and by what is overdue") {
  Desk desk;
  const auto offices =
      desk.Call(&Stub::ListOffices, Caller{"c", report::v1::ROLE_CHANNEL, ""}, v1::ListOfficesRequest());
  REQUIRE(offices.ok());
  CHECK(offices->offices_size() == 35);
  CHECK(offices->offices(0).code() == "aceh");
  CHECK(offices->offices(0).province(0) == "11");
  auto transfer = desk.Change<v1::TransferEscalationRequest>();
  transfer.set_office("bali");
  transfer.set_reason("Lebih dekat.");
  REQUIRE(desk.Call(&Stub::TransferEscalation, kOfficer, transfer).ok());
  v1::ListEscalationsRequest list;
  list.set_office("bali");
  CHECK(desk.Call(&Stub::ListEscalations, kOfficer, list)->escalations_size() == 1);
  list.set_overdue_only(true);
  CHECK(desk.Call(&Stub::ListEscalations, kOfficer, list)->escalations().empty());
  list.set_overdue_only(false);
  list.set_office("jawa-barat");
  CHECK(desk.Call(&Stub::ListEscalations, kOfficer, list)->escalations().empty());
}

TEST_CASE("danger to life is examined at once, and its reason stays with the Ombudsman") {
  Desk desk;
  auto open = desk.Change<v1::OpenRapidResponseRequest>();
  open.set_reason("Pasien ditolak.");
  const auto opened = desk.Call(&Stub::OpenRapidResponse, kOfficer, open);
  REQUIRE(opened.ok());
  CHECK(opened->stage() == event::v1::ESCALATION_STAGE_EXAMINATION);
  const auto read = desk.Call(&Stub::GetEscalation, kMonitor, desk.ThisEscalation());
  CHECK(read->rapid_response());
  CHECK_FALSE(read->consented());
  CHECK(read->ShortDebugString().find("Pasien") == std::string::npos);
}

TEST_CASE("officers of the Ombudsman read why they did what they did, and nobody else") {
  Desk desk;
  auto open = desk.Change<v1::OpenRapidResponseRequest>();
  open.set_reason("Pasien ditolak.");
  REQUIRE(desk.Call(&Stub::OpenRapidResponse, kOfficer, open).ok());
  desk.clock.Advance(absl::Minutes(1));
  auto transfer = desk.Change<v1::TransferEscalationRequest>();
  transfer.set_office("bali");
  transfer.set_reason("Lebih dekat.");
  REQUIRE(desk.Call(&Stub::TransferEscalation, kOfficer, transfer).ok());
  desk.HearConsent();
  auto check = desk.Change<v1::CheckEligibilityRequest>();
  v1::Judgement& judgement = *check.add_judgements();
  judgement.set_ground(event::v1::GROUND_WITHIN_AUTHORITY);
  judgement.set_met(true);
  judgement.set_reason("Pelayanan publik.");
  REQUIRE(desk.Call(&Stub::CheckEligibility, kOfficer, check).ok());

  const auto read = desk.Call(&Stub::GetEscalation, kOfficer, desk.ThisEscalation());
  REQUIRE(read.ok());
  REQUIRE(read->judgements_size() == 1);
  CHECK(read->judgements(0).ground() == event::v1::GROUND_WITHIN_AUTHORITY);
  CHECK(read->judgements(0).met());
  CHECK(read->judgements(0).reason() == "Pelayanan publik.");
  REQUIRE(read->notes_size() == 2);
  CHECK(read->notes(0).kind() == v1::NOTE_KIND_RAPID_RESPONSE);
  CHECK(read->notes(0).text() == "Pasien ditolak.");
  CHECK(read->notes(0).has_written_at());
  CHECK(read->notes(1).kind() == v1::NOTE_KIND_TRANSFER);
  CHECK(desk.Export(kOfficer).escalation().notes_size() == 2);
  CHECK(desk.Export(kOfficer).escalation().judgements_size() == 1);

  const Caller respondent{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  for (const Caller& caller : {kMonitor, respondent}) {
    CHECK(desk.Export(caller).escalation().notes().empty());
    CHECK(desk.Export(caller).escalation().judgements().empty());
  }
  const Caller others[] = {
      kMonitor, {"op", report::v1::ROLE_OPERATOR, ""}, {"s", report::v1::ROLE_SERVICE, ""}};
  for (const Caller& caller : others) {
    const auto by_other = desk.Call(&Stub::GetEscalation, caller, desk.ThisEscalation());
    REQUIRE(by_other.ok());
    CHECK(by_other->notes().empty());
    CHECK(by_other->judgements().empty());
  }
}

TEST_CASE("a dossier is for the Ombudsman, monitors and the respondent, each as far as they may read") {
  Desk desk;
  desk.Examine();
  REQUIRE(
      desk.Call(&Stub::IssueDocument, kOfficer, desk.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST))
          .ok());
  v1::ExportDossierRequest request;
  request.set_report_id(Desk::kReport);
  const Caller respondent{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  for (const Caller& caller : {kOfficer, kMonitor, respondent}) {
    const auto exported = desk.Call(&Stub::ExportDossier, caller, request);
    INFO(exported.status());
    REQUIRE(exported.ok());
    CHECK(exported->file_name() == std::string("dossier-") + Desk::kReport + "-1.zip");
    CHECK(exported->sha256().size() == 64);
    CHECK(exported->archive().starts_with("PK"));
  }
}

TEST_CASE("a stranger learns from no refusal of a dossier whether a report is before the Ombudsman") {
  Desk desk;
  const auto refusal = [&](const Caller& caller, const char* report_id) {
    v1::ExportDossierRequest request;
    request.set_report_id(report_id);
    const absl::Status status = desk.Call(&Stub::ExportDossier, caller, request).status();
    const auto details = decision::BadInputOf(status);
    return status.ToString() + (details ? details->ShortDebugString() : "");
  };
  constexpr char kUnknown[] = "ZZZZZZZZZZZK";
  for (const auto& [role, agency] : {std::pair(report::v1::ROLE_OFFICER, "id.33"),
                                     {report::v1::ROLE_AGENCY_ADMIN, "id.33"},
                                     {report::v1::ROLE_CHANNEL, ""},
                                     {report::v1::ROLE_TRIAGE, ""},
                                     {report::v1::ROLE_OPERATOR, ""}}) {
    INFO(report::v1::Role_Name(role));
    const Caller stranger{"x", role, agency};
    CHECK_THAT(refusal(stranger, Desk::kReport), Catch::StartsWith("PERMISSION_DENIED"));
    CHECK(refusal(stranger, kUnknown) == refusal(stranger, Desk::kReport));
  }
  CHECK_THAT(refusal(kOfficer, kUnknown), Catch::StartsWith("NOT_FOUND"));
}

TEST_CASE("an agency's dossier tells nothing of documents that were not delivered to it") {
  Desk desk;
  desk.Examine();
  const Caller agency{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  auto to_other = desk.Issue(event::v1::DOCUMENT_KIND_SUMMONS);
  to_other.set_addressee("Kepala Desa");
  const auto summons = desk.Call(&Stub::IssueDocument, kOfficer, to_other);
  REQUIRE(summons.ok());
  desk.Deliver(summons->document_number());
  const auto request =
      desk.Call(&Stub::IssueDocument, kOfficer, desk.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST));
  REQUIRE(request.ok());
  desk.Deliver(request->document_number());

  const auto clocks = [&](const Caller& caller) {
    std::vector<std::string> numbers;
    const v1::Dossier dossier = desk.Export(caller);
    for (const v1::Clock& clock : dossier.escalation().clocks()) numbers.push_back(clock.document_number());
    return numbers;
  };
  using Numbers = std::vector<std::string>;
  CHECK(clocks(kOfficer) == Numbers{"", summons->document_number(), request->document_number()});
  CHECK(clocks(agency) == Numbers{"", request->document_number()});
}

TEST_CASE("a dossier tells of the escalations before the last what is kept of them, but to no agency") {
  Desk desk;
  desk.Examine();
  desk.Report(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  auto transfer = desk.Change<v1::TransferEscalationRequest>();
  transfer.set_office("bali");
  transfer.set_reason("Lebih dekat.");
  REQUIRE(desk.Call(&Stub::TransferEscalation, kOfficer, transfer).ok());
  REQUIRE(
      desk.Call(&Stub::CloseEscalation, kOfficer, desk.Close(event::v1::ESCALATION_OUTCOME_RESOLVED)).ok());
  CHECK(desk.Export(kOfficer).earlier().empty());
  desk.BreachAgain();

  const v1::Dossier dossier = desk.Export(kOfficer);
  CHECK(dossier.escalation().number() == 2);
  CHECK(dossier.escalation().verdicts().empty());
  REQUIRE(dossier.earlier_size() == 1);
  const v1::EarlierEscalation& first = dossier.earlier(0);
  CHECK(first.number() == 1);
  CHECK(first.verdicts_size() == 7);
  REQUIRE(first.clocks_size() == 1);
  CHECK(first.clocks(0).clock() == report::v1::CLOCK_OMBUDSMAN_CHECK);
  CHECK(first.clocks(0).explanation().term().amount() == 14);
  CHECK(first.finding() == event::v1::FINDING_MALADMINISTRATION);
  CHECK(first.maladministration() == event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  REQUIRE(first.notes_size() == 1);
  CHECK(first.notes(0).text() == "Lebih dekat.");

  CHECK(desk.Export(kMonitor).earlier_size() == 1);
  CHECK(desk.Export(kMonitor).earlier(0).notes().empty());
  CHECK(desk.Export({"o-1", report::v1::ROLE_OFFICER, testing::kAgency}).earlier().empty());
}

TEST_CASE("a report that was delivered in an earlier escalation shows no agency the draft of the next one") {
  Desk desk;
  const Caller agency{"o-1", report::v1::ROLE_OFFICER, testing::kAgency};
  desk.Examine();
  desk.Report(event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  REQUIRE(desk.Call(&Stub::AdvanceEscalation, kOfficer,
                    desk.Advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT))
              .ok());
  desk.Deliver("7K3M9QXT2B54-1/01");
  REQUIRE(
      desk.Call(&Stub::CloseEscalation, kOfficer, desk.Close(event::v1::ESCALATION_OUTCOME_RESOLVED)).ok());

  desk.BreachAgain();
  desk.Examine();
  desk.Report(event::v1::MALADMINISTRATION_IMPROPRIETY);
  CHECK(desk.Export(agency).documents_size() == 1);
  CHECK(desk.Export(agency).escalation().finding() == event::v1::FINDING_UNSPECIFIED);
  CHECK(desk.Export(agency).escalation().maladministration() == event::v1::MALADMINISTRATION_UNSPECIFIED);

  // Nor does the end of a case show what it never was given.
  REQUIRE(
      desk.Call(&Stub::CloseEscalation, kOfficer, desk.Close(event::v1::ESCALATION_OUTCOME_RESOLVED)).ok());
  CHECK(desk.Export(agency).escalation().finding() == event::v1::FINDING_UNSPECIFIED);
  CHECK(desk.Export(agency).escalation().maladministration() == event::v1::MALADMINISTRATION_UNSPECIFIED);
  CHECK(desk.Export(kOfficer).escalation().maladministration() == event::v1::MALADMINISTRATION_IMPROPRIETY);
}

}  // namespace
}  // namespace lapor::ombudsman
