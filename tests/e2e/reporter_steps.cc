// What reporters do.
#include <algorithm>
#include <cctype>

#include "libs/eventlog/uuid.h"
#include "tests/e2e/journey.h"

namespace lapor::e2e {

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
  report.set_danger_to_life(given.contains("danger"));
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
  Add(R"re(The reporter asks to reopen ([A-Z]+), ([A-Z_]+): "(.*)")re", [this](const Words& w) {
    const auto reason = Named<event::v1::DissatisfactionReason>("DISSATISFACTION_REASON_", w[1]);
    if (!reason.ok()) return reason.status();
    intake::v1::RequestReopeningRequest request;
    request.set_reason(*reason);
    request.set_text(w[2]);
    return DoAsReporter(w[0], &IntakeStub::RequestReopening, request);
  });
  Add(R"re(The reporter appeals ([A-Z]+), ([A-Z_]+): "(.*)")re", [this](const Words& w) {
    const auto reason = Named<event::v1::DissatisfactionReason>("DISSATISFACTION_REASON_", w[1]);
    if (!reason.ok()) return reason.status();
    intake::v1::AppealClosingRequest request;
    request.set_reason(*reason);
    request.set_text(w[2]);
    return DoAsReporter(w[0], &IntakeStub::AppealClosing, request);
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
        request.mutable_declarations()->set_occurred_on(given["occurred_on"]);
        request.set_direct(given.contains("direct"));
        return DoAsReporter(w[0], &IntakeStub::RequestEscalation, request);
      });
}

}  // namespace lapor::e2e
