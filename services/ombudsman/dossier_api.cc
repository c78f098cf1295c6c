// ExportDossier.
#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/roles.h"
#include "services/ombudsman/api.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/dossier.h"

namespace lapor::ombudsman {
namespace {

// The escalation of a report to its respondent alone: another agency isn't told whether there is one.
absl::StatusOr<v1::Escalation> ToRespondent(const rpc::Caller& caller,
                                            absl::StatusOr<v1::Escalation> escalation) {
  const bool is_respondent = escalation.ok() && escalation->respondent_agency_id() == caller.agency_id;
  const bool is_strange = escalation.ok() || absl::IsNotFound(escalation.status());
  if (is_respondent || !is_strange) return escalation;
  return decision::Refuse(absl::StatusCode::kPermissionDenied, "report_id",
                          "is not a case in which the caller's agency is the respondent",
                          "ask the Ombudsman's office that has the case");
}

// What the respondent doesn't read: what the reporter declared to the Ombudsman, and whatever tells of a
// document that was not delivered to it. The documents are those that were.
void ForgetWhatIsNotTheirs(v1::Dossier& dossier) {
  v1::Escalation& escalation = *dossier.mutable_escalation();
  escalation.clear_declarations();
  const auto is_given = [&](const auto& which) { return std::ranges::any_of(dossier.documents(), which); };

  auto& clocks = *escalation.mutable_clocks();
  const auto is_hidden = [&](const v1::Clock& clock) {
    const std::string& number = clock.document_number();
    return !number.empty() && !is_given([&](const auto& given) { return given.document_number() == number; });
  };
  clocks.erase(std::remove_if(clocks.begin(), clocks.end(), is_hidden), clocks.end());

  // The report of an earlier escalation tells nothing of this one's.
  const std::string of_this = fmt::format("{}-{}/", escalation.report_id(), escalation.number());
  const bool has_report = is_given([&](const v1::Document& given) {
    return given.kind() == event::v1::DOCUMENT_KIND_EXAMINATION_REPORT &&
           given.document_number().starts_with(of_this);
  });
  if (has_report) return;
  escalation.clear_finding();
  // An outcome that was found is on everybody's timeline, with its kind.
  if (escalation.outcome() != event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND)
    escalation.clear_maladministration();
}

v1::EarlierEscalation Earlier(v1::Escalation told) {
  v1::EarlierEscalation earlier;
  earlier.set_number(told.number());
  *earlier.mutable_verdicts() = std::move(*told.mutable_verdicts());
  *earlier.mutable_clocks() = std::move(*told.mutable_clocks());
  earlier.set_finding(told.finding());
  earlier.set_maladministration(told.maladministration());
  *earlier.mutable_judgements() = std::move(*told.mutable_judgements());
  *earlier.mutable_notes() = std::move(*told.mutable_notes());
  return earlier;
}

}  // namespace

rpc::Reactor* Api::ExportDossier(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ExportDossierRequest, v1::ExportDossierResponse>(
      context, request, response, visibility_.NotBefore<v1::ExportDossierRequest>(),
      [this](const rpc::Call& call, const v1::ExportDossierRequest& r) { return Export(call, r); });
}

absl::StatusOr<std::vector<v1::EarlierEscalation>> Api::DescribeEarlier(const rpc::Caller& caller,
                                                                        const std::string& report_id) const {
  std::vector<v1::EarlierEscalation> all;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    all.clear();
    const auto last = FindEscalation(tx, report_id);
    for (int number = 1; last && number < last->number; ++number) {
      const Escalation earlier = ReadEarlier(tx, *last, number);
      all.push_back(Earlier(Describe(caller, earlier, ReadFindings(tx, earlier))));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return all;
}

absl::StatusOr<v1::ExportDossierResponse> Api::Export(const rpc::Call& call,
                                                      const v1::ExportDossierRequest& request) {
  const bool of_agency = report::IsOfAgency(call.caller.role);
  if (!of_agency) {
    if (auto status = rpc::Require(
            call.caller, {report::v1::ROLE_OMBUDSMAN, report::v1::ROLE_MONITOR, report::v1::ROLE_SERVICE});
        !status.ok()) {
      return status;
    }
  }
  auto escalation = Describe(call.caller, request.report_id());
  if (of_agency) escalation = ToRespondent(call.caller, std::move(escalation));
  if (!escalation.ok()) return escalation.status();

  if (!dossiers_.try_acquire())
    return absl::ResourceExhaustedError("too many dossiers are being made; ask again in a moment");
  const absl::Cleanup release = [this] { dossiers_.release(); };

  v1::Dossier dossier;
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
  if (of_agency) {
    ForgetWhatIsNotTheirs(dossier);
  } else {
    auto earlier = DescribeEarlier(call.caller, dossier.report_id());
    if (!earlier.ok()) return earlier.status();
    dossier.mutable_earlier()->Assign(earlier->begin(), earlier->end());
  }
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
