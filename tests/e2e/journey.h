// Journeys: a report's life as text that a person can read, carried out over gRPC only.
#pragma once

#include <functional>
#include <istream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/eventlog/uuid.h"
#include "tests/e2e/stack.h"
#include "tests/e2e/step_words.h"

namespace lapor::e2e {

// Records that the agency has an application of its own.
absl::Status GiveApplication(client::Session& session, const std::string& agency_id,
                             const std::string& application_id);

// Carries out one journey. Steps speak of reports by names in capitals; every command waits for what the
// report's earlier commands caused (not_before), and every expectation waits, at most 30 s, until it holds.
class Journey {
 public:
  explicit Journey(Stack& stack);

  // Stops at the first step that fails; the error names the line.
  absl::Status Run(std::istream& text);

 private:
  using Words = std::vector<std::string>;
  using Step = std::function<absl::Status(const Words& words)>;

  // What the journey knows of a report.
  struct Subject {
    std::string id;
    std::string receipt_secret;
    std::map<std::string, report::v1::Token> tokens;  // by producer
  };

  void Add(const std::string& sentence, Step step);
  absl::Status Perform(const std::string& line);
  absl::Status PerformBatch(const std::vector<std::string>& items);
  absl::StatusOr<Subject*> Find(const std::string& name);

  void AddTimeSteps();
  void AddReporterSteps();
  void AddTriageSteps();
  void AddAgencySteps();
  void AddOmbudsmanSteps();
  void AddExpectations();

  absl::Status File(const std::string& name, const std::string& channel, const std::string& report_class,
                    const std::string& fields, const std::string& request_id);
  absl::Status ExpectSuggestion(const std::string& agency_id, const std::string& name, bool by_text);
  absl::Status ExpectReport(const std::string& name,
                            const std::function<std::string(const intake::v1::Report&)>& difference);
  // How often an event of the report's timeline is about that clock.
  absl::Status ExpectTold(const std::string& name, const std::string& clock_name, int times,
                          const std::function<report::v1::Clock(const event::v1::Event&)>& clock_of);
  absl::Status ExpectCase(const std::string& name,
                          const std::function<std::string(const followup::v1::Case&)>& difference);
  absl::Status ExpectEscalation(
      const std::string& name,
      const std::function<std::string(const ombudsman::v1::Escalation&)>& difference);
  absl::Status ExpectPreview(
      const std::string& name,
      const std::function<std::string(const ombudsman::v1::PreviewEligibilityResponse&)>& difference);
  absl::Status ExportDossier(const std::string& caller, const std::string& name,
                             const std::function<std::string(const std::string& zip)>& difference);
  // Of the clocks of that name, the first.
  absl::Status ExpectOmbudsmanClock(
      const std::string& name, const std::string& clock_name,
      const std::function<std::string(const ombudsman::v1::Clock&)>& difference);
  absl::Status ExpectFigures(reporting::v1::Scope scope, const std::string& id, const std::string& expected);

  // Calls, keeping the token that comes back for the report's next calls.
  template <class Stub, class Request, class Response>
  absl::Status Do(Subject& subject,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  Request request, const rpc::Caller& caller = {});
  // The same for calls of officers, which name the report and wait for its tokens.
  template <class Stub, class Request, class Response>
  absl::Status DoAs(const std::string& caller, const std::string& name,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    Request request);
  // The same for calls about document `nth` of the report's first escalation.
  template <class Request>
  absl::Status DoOnDocument(const std::string& caller, const std::string& name, const std::string& nth,
                            grpc::Status (OmbudsmanStub::*method)(grpc::ClientContext*, const Request&,
                                                                  ombudsman::v1::DocumentChange*),
                            Request request);
  // The same for calls of the reporter, with the receipt.
  template <class Stub, class Request, class Response>
  absl::Status DoAsReporter(const std::string& name,
                            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                            Request request);

  Stack& stack_;
  client::Session& session_;
  std::vector<std::pair<std::regex, Step>> steps_;
  std::map<std::string, Subject> subjects_;
  std::map<std::string, std::string> batch_;  // request id -> report id
};

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

template <class Request>
absl::Status Journey::DoOnDocument(const std::string& caller, const std::string& name, const std::string& nth,
                                   grpc::Status (OmbudsmanStub::*method)(grpc::ClientContext*, const Request&,
                                                                         ombudsman::v1::DocumentChange*),
                                   Request request) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  const auto as = client::ParseCaller(caller);
  if (!as.ok()) return as.status();
  request.set_document_number(fmt::format("{}-1/{:0>2}", (*subject)->id, nth));
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

}  // namespace lapor::e2e
