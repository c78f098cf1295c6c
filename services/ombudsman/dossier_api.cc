// ExportDossier.
#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/roles.h"
#include "services/ombudsman/api.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/dossier.h"

namespace lapor::ombudsman {
namespace {

// The respondent reads what it is complained about; what the reporter declared to the Ombudsman stays there.
absl::Status RequireSight(const rpc::Caller& caller, v1::Escalation& escalation) {
  if (report::IsOfAgency(caller.role)) {
    escalation.clear_declarations();
    if (caller.agency_id == escalation.respondent_agency_id()) return absl::OkStatus();
    return decision::Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                            "is not a case in which the caller's agency is the respondent",
                            "ask the Ombudsman's office that has the case");
  }
  return rpc::Require(caller,
                      {report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_MONITOR, report::v1::ROLE_SERVICE});
}

// What an examination report finds that an agency has not been given yet.
void ForgetUndelivered(v1::Dossier& dossier) {
  const auto is_report = [&](const v1::Document& document) {
    return document.kind() == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT;
  };
  v1::Escalation& escalation = *dossier.mutable_escalation();
  if (escalation.has_closed_at() || std::ranges::any_of(dossier.documents(), is_report)) return;
  escalation.clear_finding();
  escalation.clear_maladministration();
}

}  // namespace

rpc::Reactor* Api::ExportDossier(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ExportDossierRequest, v1::ExportDossierResponse>(
      context, request, response, visibility_.NotBefore<v1::ExportDossierRequest>(),
      [this](const rpc::Call& call, const v1::ExportDossierRequest& r) { return Export(call, r); });
}

absl::StatusOr<v1::ExportDossierResponse> Api::Export(const rpc::Call& call,
                                                      const v1::ExportDossierRequest& request) {
  if (!dossiers_.try_acquire())
    return absl::ResourceExhaustedError("too many dossiers are being made; ask again in a moment");
  const absl::Cleanup release = [this] { dossiers_.release(); };

  v1::Dossier dossier;
  auto escalation = Describe(request.report_id());
  if (!escalation.ok()) return escalation.status();
  if (auto status = RequireSight(call.caller, *escalation); !status.ok()) return status;
  *dossier.mutable_escalation() = *std::move(escalation);
  dossier.set_report_id(dossier.escalation().report_id());
  *dossier.mutable_exported_at() = decision::ToProto(clock_.Now());
  dossier.mutable_exported_for()->set_role(call.caller.role);
  dossier.mutable_exported_for()->set_agency_id(call.caller.agency_id);

  v1::ListDocumentsRequest of_documents;
  of_documents.set_report_id(dossier.report_id());
  auto documents = Documents(call.caller, of_documents);
  if (!documents.ok()) return documents.status();
  *dossier.mutable_documents() = std::move(*documents->mutable_documents());
  if (report::IsOfAgency(call.caller.role)) ForgetUndelivered(dossier);
  add_parts_(call, dossier);

  auto archive = PackDossier(dossier);
  if (!archive.ok()) return archive.status();
  v1::ExportDossierResponse response;
  response.set_file_name(DossierFileName(dossier));
  response.set_sha256(Sha256(*archive));
  response.set_archive(*std::move(archive));
  return response;
}

}  // namespace lapor::ombudsman
