// What the Ombudsman does.
#include "tests/e2e/journey.h"

namespace lapor::e2e {

void Journey::AddOmbudsmanSteps() {
  Add(R"re(ombudsman checks ([A-Z]+))re", [this](const Words& w) {
    return DoAs("ombudsman", w[0], &OmbudsmanStub::CheckEligibility,
                ombudsman::v1::CheckEligibilityRequest());
  });
  Add(R"re(ombudsman advances ([A-Z]+) to ([A-Z_]+))re", [this](const Words& w) {
    const auto stage = Named<event::v1::EscalationStage>("ESCALATION_STAGE_", w[1]);
    if (!stage.ok()) return stage.status();
    ombudsman::v1::AdvanceEscalationRequest request;
    request.set_stage(*stage);
    return DoAs("ombudsman", w[0], &OmbudsmanStub::AdvanceEscalation, request);
  });
  Add(R"re(ombudsman opens the rapid response of ([A-Z]+): "(.*)")re", [this](const Words& w) {
    ombudsman::v1::OpenRapidResponseRequest request;
    request.set_reason(w[1]);
    return DoAs("ombudsman", w[0], &OmbudsmanStub::OpenRapidResponse, request);
  });
  Add(R"re(ombudsman transfers ([A-Z]+) to the office (\S+): "(.*)")re", [this](const Words& w) {
    ombudsman::v1::TransferEscalationRequest request;
    request.set_office(w[1]);
    request.set_reason(w[2]);
    return DoAs("ombudsman", w[0], &OmbudsmanStub::TransferEscalation, request);
  });
  // A document is called by its number within the escalation, from 1; it goes to the respondent, or to whom
  // is named.
  Add(R"re(ombudsman issues document (\d+) of ([A-Z]+), ([A-Z_]+)(?: to "(.*?)")?(?: that finds ([A-Z]+)(?: ([A-Z_]+))?)?: "(.*)")re",
      [this](const Words& w) {
        const auto kind = Named<event::v1::DocumentKind>("DOCUMENT_KIND_", w[2]);
        if (!kind.ok()) return kind.status();
        ombudsman::v1::IssueDocumentRequest request;
        request.set_kind(*kind);
        request.set_addressee(w[3]);
        request.set_text(w[6]);
        if (!w[4].empty()) {
          const auto finding = Named<event::v1::Finding>("FINDING_", w[4]);
          if (!finding.ok()) return finding.status();
          request.set_finding(*finding);
        }
        if (!w[5].empty()) {
          const auto found = Named<event::v1::Maladministration>("MALADMINISTRATION_", w[5]);
          if (!found.ok()) return found.status();
          request.set_maladministration(*found);
        }
        return DoAs("ombudsman", w[1], &OmbudsmanStub::IssueDocument, request);
      });
  Add(R"re(document (\d+) of ([A-Z]+) is delivered)re", [this](const Words& w) {
    return DoOnDocument("ombudsman", w[1], w[0], &OmbudsmanStub::RecordDelivery,
                        ombudsman::v1::RecordDeliveryRequest());
  });
  Add(R"re(ombudsman records that what was asked of ([A-Z]+) is done ([A-Z]+): "(.*)")re",
      [this](const Words& w) {
        const auto compliance = Named<event::v1::Compliance>("COMPLIANCE_", w[1]);
        if (!compliance.ok()) return compliance.status();
        ombudsman::v1::RecordComplianceRequest request;
        request.set_compliance(*compliance);
        request.set_text(w[2]);
        return DoAs("ombudsman", w[0], &OmbudsmanStub::RecordCompliance, request);
      });
  Add(R"re(ombudsman closes ([A-Z]+): ([A-Z_]+)(?: ([A-Z_]+))?)re", [this](const Words& w) {
    const auto outcome = Named<event::v1::EscalationOutcome>("ESCALATION_OUTCOME_", w[1]);
    if (!outcome.ok()) return outcome.status();
    ombudsman::v1::CloseEscalationRequest request;
    request.set_outcome(*outcome);
    if (!w[2].empty()) {
      const auto kind = Named<event::v1::Maladministration>("MALADMINISTRATION_", w[2]);
      if (!kind.ok()) return kind.status();
      request.set_maladministration(*kind);
    }
    return DoAs("ombudsman", w[0], &OmbudsmanStub::CloseEscalation, request);
  });
}

}  // namespace lapor::e2e
