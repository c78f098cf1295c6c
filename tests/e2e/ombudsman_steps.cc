// What the Ombudsman does.
#include <archive.h>
#include <archive_entry.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <set>

#include "fmt/ranges.h"
#include "lapor/ombudsman/v1/dossier.pb.h"
#include "tests/e2e/journey.h"

namespace lapor::e2e {

namespace {

// The files of a zip, by name.
std::map<std::string, std::string> Unzip(const std::string& zip) {
  std::map<std::string, std::string> files;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_memory(reader.get(), zip.data(), zip.size()) != ARCHIVE_OK) return files;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    std::string& content = files[archive_entry_pathname(entry)];
    char buffer[4096];
    for (la_ssize_t size; (size = archive_read_data(reader.get(), buffer, sizeof(buffer))) > 0;)
      content.append(buffer, static_cast<size_t>(size));
  }
  return files;
}

// "One", "the other"
std::vector<std::string> Quoted(const std::string& text) {
  static const std::regex quoted(R"re("([^"]*)")re");
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), quoted), end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

std::string DifferenceOf(const std::string& zip, const std::vector<std::string>& has,
                         const std::vector<std::string>& has_not, const std::string& omits) {
  const auto files = Unzip(zip);
  for (const char* name : {"dossier.json", "dossier.html", "manifest.json"})
    if (!files.contains(name)) return fmt::format("there is no {} in it", name);
  for (const std::string& words : has)
    if (files.at("dossier.json").find(words) == std::string::npos) return "it lacks " + words;
  for (const auto& [name, content] : files) {
    for (const std::string& words : has_not)
      if (content.find(words) != std::string::npos) return fmt::format("{} has {}", name, words);
  }
  ombudsman::v1::Manifest manifest;
  if (!google::protobuf::util::JsonStringToMessage(files.at("manifest.json"), &manifest).ok())
    return "its manifest can't be read";
  std::set<std::string> omitted;
  for (const ombudsman::v1::Omission& omission : manifest.omissions()) omitted.insert(omission.part());
  const std::string omissions = fmt::format("{}", fmt::join(omitted, ", "));
  return omissions == omits ? "" : fmt::format("it omits '{}'", omissions);
}

}  // namespace

absl::Status Journey::ExportDossier(const std::string& caller, const std::string& name,
                                    const std::function<std::string(const std::string& zip)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  const auto as = client::ParseCaller(caller);
  if (!as.ok()) return as.status();
  ombudsman::v1::ExportDossierRequest request;
  request.set_report_id((*subject)->id);
  for (const auto& [producer, token] : (*subject)->tokens) *request.add_not_before() = token;
  const auto export_now = [&] {
    return session_.CallUntilAnswered(&OmbudsmanStub::ExportDossier, request, *as, kPatience);
  };
  if (const auto exported = export_now(); !exported.ok()) return exported.status();
  // The other services may hear a moment later what the Ombudsman knows.
  return Eventually([&]() -> std::string {
    const auto exported = export_now();
    return exported.ok() ? difference(exported->archive()) : exported.status().ToString();
  });
}

absl::Status Journey::ExpectPreview(
    const std::string& name,
    const std::function<std::string(const ombudsman::v1::PreviewEligibilityResponse&)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    ombudsman::v1::PreviewEligibilityRequest request;
    request.set_report_id((*subject)->id);
    const auto preview =
        session_.Call(&OmbudsmanStub::PreviewEligibility, request, *client::ParseCaller("ombudsman"));
    return preview.ok() ? difference(*preview) : preview.status().ToString();
  });
}

void Journey::AddOmbudsmanSteps() {
  Add(R"re(ombudsman previews ([A-Z]+): eligible)re", [this](const Words& w) {
    return ExpectPreview(w[0], [](const ombudsman::v1::PreviewEligibilityResponse& preview) {
      return std::string(preview.eligible() ? "" : "is not");
    });
  });
  // That one, and no other.
  Add(R"re(ombudsman previews ([A-Z]+): ([A-Z_]+) isn't met, to be met "(.*)")re", [this](const Words& w) {
    const auto ground = Named<event::v1::Ground>("GROUND_", w[1]);
    if (!ground.ok()) return ground.status();
    return ExpectPreview(w[0], [&](const ombudsman::v1::PreviewEligibilityResponse& preview) -> std::string {
      std::vector<std::string> unmet;
      std::string remedy;
      for (const ombudsman::v1::GroundPreview& told : preview.grounds()) {
        if (told.verdict().met()) continue;
        unmet.push_back(event::v1::Ground_Name(told.verdict().ground()));
        remedy = told.remedy();
      }
      if (preview.eligible() || unmet != std::vector{event::v1::Ground_Name(*ground)})
        return fmt::format("not met are: {}", fmt::join(unmet, ", "));
      return remedy.find(w[2]) != std::string::npos ? "" : "to be met: " + remedy;
    });
  });
  // Words that the data and the page both have, words that are nowhere in it, and exactly the parts that are
  // left out.
  Add(R"re((ombudsman|monitor|officer \S+) exports the dossier of ([A-Z]+); it has ("[^"]*"(?:, "[^"]*")*)(?:, but not ("[^"]*"(?:, "[^"]*")*))?(?:, and omits ([a-z, ]+))?)re",
      [this](const Words& w) {
        std::string caller = w[0];
        std::ranges::replace(caller, ' ', ':');
        const auto has = Quoted(w[2]), has_not = Quoted(w[3]);
        return ExportDossier(caller, w[1],
                             [&](const std::string& zip) { return DifferenceOf(zip, has, has_not, w[4]); });
      });
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
  // A document is called by its number within the escalation, from 1; it goes to the respondent, to an
  // agency above it, or to whom is named.
  Add(R"re(ombudsman issues document (\d+) of ([A-Z]+), ([A-Z_]+)(?: to (?:"(.*?)"|(\S+?)))?(?: that finds ([A-Z]+)(?: ([A-Z_]+))?)?: "(.*)")re",
      [this](const Words& w) {
        const auto kind = Named<event::v1::DocumentKind>("DOCUMENT_KIND_", w[2]);
        if (!kind.ok()) return kind.status();
        ombudsman::v1::IssueDocumentRequest request;
        request.set_kind(*kind);
        request.set_addressee(w[3]);
        request.set_agency_id(w[4]);
        request.set_text(w[7]);
        if (!w[5].empty()) {
          const auto finding = Named<event::v1::Finding>("FINDING_", w[5]);
          if (!finding.ok()) return finding.status();
          request.set_finding(*finding);
        }
        if (!w[6].empty()) {
          const auto found = Named<event::v1::Maladministration>("MALADMINISTRATION_", w[6]);
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
