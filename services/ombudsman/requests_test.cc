#include "services/ombudsman/requests.h"

#include <catch2/catch.hpp>
#include <vector>

#include "libs/decision/refusal.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using testing::Officer;
using testing::StoryAt;

constexpr char kRequestId[] = "5d1c2b6e-0000-4000-8000-000000000001";
constexpr char kReport[] = "7k3m-9qxt-2b54";

using Fields = std::vector<std::string>;
Fields FieldsOf(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  Fields fields;
  if (const auto bad = decision::BadInputOf(status)) {
    for (const auto& violation : bad->violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST_CASE("everything that is wrong is told at once") {
  CHECK(FieldsOf(Read(v1::CheckEligibilityRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id"});
  CHECK(FieldsOf(Read(v1::AdvanceEscalationRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "stage"});
  CHECK(FieldsOf(Read(v1::CloseEscalationRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "outcome"});
  CHECK(FieldsOf(Read(v1::OpenRapidResponseRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "reason"});
  CHECK(FieldsOf(Read(v1::TransferEscalationRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "office", "reason"});
  CHECK(FieldsOf(Read(v1::IssueDocumentRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "kind", "text"});
  CHECK(FieldsOf(Read(v1::RecordDeliveryRequest(), Officer()).status()) ==
        Fields{"request_id", "document_number"});
  CHECK(FieldsOf(Read(v1::ReplyToDocumentRequest(), Officer()).status()) ==
        Fields{"request_id", "document_number", "text"});
  CHECK(FieldsOf(Read(v1::RecordComplianceRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "compliance", "text"});
}

TEST_CASE("each ground is judged once, and with a reason") {
  v1::CheckEligibilityRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  const auto judge = [&](event::v1::Ground ground, const std::string& reason) {
    v1::Judgement& judgement = *request.add_judgements();
    judgement.set_ground(ground);
    judgement.set_met(true);
    judgement.set_reason(reason);
  };
  judge(event::v1::GROUND_IDENTITY, "KTP dilihat.");
  const auto read = Read(request, Officer());
  REQUIRE(read.ok());
  const auto& judgements = std::get<CheckEligibility>(read->command).judgements;
  REQUIRE(judgements.size() == 1);
  CHECK(judgements[0].met);
  CHECK(judgements[0].reason == "KTP dilihat.");
  judge(event::v1::GROUND_IDENTITY, "");
  judge(event::v1::GROUND_UNSPECIFIED, "x");
  CHECK(FieldsOf(Read(request, Officer()).status()) ==
        Fields{"judgements[1].ground", "judgements[1].reason", "judgements[2].ground"});
}

TEST_CASE("a document goes to an agency or to somebody else, as its kind has it") {
  const auto fields = [](event::v1::DocumentKind kind, const std::string& agency_id,
                         const std::string& addressee) {
    v1::IssueDocumentRequest request;
    request.set_request_id(kRequestId);
    request.set_report_id(kReport);
    request.set_kind(kind);
    request.set_agency_id(agency_id);
    request.set_addressee(addressee);
    request.set_text("Isi surat.");
    const auto read = Read(request, Officer());
    return read.ok() ? Fields{} : FieldsOf(read.status());
  };
  CHECK(fields(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "", "").empty());
  CHECK(fields(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "id.32", "").empty());
  CHECK(fields(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "", "Kepala Dinas") == Fields{"addressee"});
  CHECK(fields(event::v1::DOCUMENT_KIND_SUMMONS, "", "Kepala Dinas").empty());
  CHECK(fields(event::v1::DOCUMENT_KIND_SUMMONS, "id.32", "Kepala Dinas") == Fields{"addressee"});
  CHECK(fields(event::v1::DOCUMENT_KIND_SUMMONS, "ID 32", "") == Fields{"agency_id"});
  CHECK(fields(event::v1::DOCUMENT_KIND_SUMMONS, "", "satu\ndua") == Fields{"addressee"});
  CHECK(fields(event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL, "", "") == Fields{"addressee"});
  CHECK(fields(static_cast<event::v1::DocumentKind>(99), "", "") == Fields{"kind"});
}

TEST_CASE("an examination report tells its finding, other documents none") {
  const auto fields = [](event::v1::DocumentKind kind, event::v1::Finding finding, int maladministration) {
    v1::IssueDocumentRequest request;
    request.set_request_id(kRequestId);
    request.set_report_id(kReport);
    request.set_kind(kind);
    request.set_finding(finding);
    request.set_maladministration(static_cast<event::v1::Maladministration>(maladministration));
    request.set_text("Isi surat.");
    const auto read = Read(request, Officer());
    return read.ok() ? Fields{} : FieldsOf(read.status());
  };
  const auto report = event::v1::DOCUMENT_KIND_EXAMINATION_REPORT;
  CHECK(fields(report, event::v1::FINDING_MALADMINISTRATION, 1).empty());
  CHECK(fields(report, event::v1::FINDING_NONE, 0).empty());
  CHECK(fields(report, event::v1::FINDING_UNSPECIFIED, 0) == Fields{"finding"});
  CHECK(fields(report, event::v1::FINDING_MALADMINISTRATION, 0) == Fields{"maladministration"});
  CHECK(fields(report, event::v1::FINDING_STOPPED, 1) == Fields{"maladministration"});
  CHECK(fields(event::v1::DOCUMENT_KIND_SUMMONS, event::v1::FINDING_NONE, 0) == Fields{"finding"});
}

TEST_CASE("a document's words have a hash, and its attachments are references that can be checked") {
  v1::IssueDocumentRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  request.set_kind(event::v1::DOCUMENT_KIND_SUMMONS);
  request.set_text("abc");
  const auto read = Read(request, Officer());
  REQUIRE(read.ok());
  CHECK(std::get<IssueDocument>(read->command).text_sha256 ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  request.add_attachments();
  CHECK(FieldsOf(Read(request, Officer()).status()).front().starts_with("attachments[0]."));
  for (int i = 0; i < kMaxAttachments; ++i) request.add_attachments();
  CHECK(FieldsOf(Read(request, Officer()).status()) == Fields{"attachments"});
  request.clear_attachments();
  request.set_text(std::string(kMaxDocumentCharacters + 1, 'x'));
  CHECK(FieldsOf(Read(request, Officer()).status()) == Fields{"text"});
}

TEST_CASE("what is told of a document names it") {
  v1::ReplyToDocumentRequest request;
  request.set_request_id(kRequestId);
  request.set_document_number("7k3m-9qxt-2b54-2/03");
  request.set_text("Jawaban.");
  const auto read = Read(request, testing::OfficerOf(testing::kAgency));
  REQUIRE(read.ok());
  CHECK(read->report_id == "7K3M9QXT2B54");
  const auto& reply = std::get<ReplyToDocument>(read->command);
  CHECK(reply.escalation == 2);
  CHECK(reply.document == 3);
  CHECK(reply.actor.agency_id() == testing::kAgency);
}

TEST_CASE("a formal check is asked for by the report alone") {
  v1::CheckEligibilityRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  const auto read = Read(request, Officer());
  REQUIRE(read.ok());
  CHECK(read->report_id == "7K3M9QXT2B54");
  CHECK(std::get<CheckEligibility>(read->command).actor.role() == report::v1::ROLE_OMBUDSMAN);
}

TEST_CASE("only stages after the material check are reached by advancing") {
  v1::AdvanceEscalationRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  for (const EscalationStage stage : testing::kStages) {
    request.set_stage(stage);
    const bool fits = IsOpen(stage) && stage != event::v1::ESCALATION_STAGE_PROPOSED &&
                      stage != event::v1::ESCALATION_STAGE_FORMAL_CHECK &&
                      stage != event::v1::ESCALATION_STAGE_MATERIAL_CHECK;
    CHECK(Read(request, Officer()).ok() == fits);
  }
}

TEST_CASE("maladministration is named exactly when it was found") {
  const auto fields = [](event::v1::EscalationOutcome outcome, int kind) {
    v1::CloseEscalationRequest request;
    request.set_request_id(kRequestId);
    request.set_report_id(kReport);
    request.set_outcome(outcome);
    request.set_maladministration(static_cast<event::v1::Maladministration>(kind));
    const auto read = Read(request, Officer());
    return read.ok() ? Fields{} : FieldsOf(read.status());
  };
  const int kind = event::v1::MALADMINISTRATION_PARTIALITY;
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, kind).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, 0) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, 99) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_FOUND, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_FOUND, kind) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_RESOLVED, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_STOPPED, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_SETTLED, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE, 0) == Fields{"outcome"});
  CHECK(fields(static_cast<event::v1::EscalationOutcome>(99), 0) == Fields{"outcome"});
}

TEST_CASE("a list has bounds, and goes on where the page before ended") {
  v1::ListEscalationsRequest request;
  CHECK(Read(request)->limit == kDefaultPageSize);
  request.set_page_size(kMaxPageSize);
  CHECK(Read(request)->limit == kMaxPageSize);
  request.set_page_size(kMaxPageSize + 1);
  request.set_stage(static_cast<EscalationStage>(99));
  request.set_page_token("?");
  CHECK(FieldsOf(Read(request).status()) == Fields{"stage", "page_size", "page_token"});

  const auto story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  request = {};
  request.set_page_token(PageTokenAfter(story.now));
  const auto query = Read(request);
  REQUIRE(query.ok());
  CHECK(query->after->opened_at == *story.now.opened_at);
  CHECK(query->after->id == story.now.id);
}

}  // namespace
}  // namespace lapor::ombudsman
