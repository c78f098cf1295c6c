// What administrators of triage and arbiters do, and what they are told.
#include "tests/e2e/journey.h"

namespace lapor::e2e {

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

}  // namespace lapor::e2e
