// lapor.intake.v1.Intake: requests become checked commands; reports are read for those who may.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/intake/v1/intake.grpc.pb.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/responder.h"
#include "libs/rpc/worker_pool.h"
#include "libs/runtime/clock.h"
#include "services/intake/aggregate.h"
#include "services/intake/identity_vault.h"
#include "services/intake/likeness.h"
#include "services/intake/receipt.h"
#include "services/intake/responses.h"

namespace lapor::intake {

struct ApiOptions {
  // Whether reports are taken from callers without a token.
  bool open_counter = false;
  // Threads that read reports from the database, and reads that may wait for one.
  int read_threads = 4;
  size_t max_queued_reads = 256;
};

// What the API works with; what is referred to outlives it.
struct ApiParts {
  rpc::Responder& responder;
  Executor& executor;
  pg::Pool& pool;
  eventlog::Visibility& visibility;
  const runtime::Clock& clock;
  std::shared_ptr<const policy::Policy> policy;
  ReceiptKey receipt_key;
  IdentityVault vault;
  std::shared_ptr<const Vocabulary> vocabulary;
  AskResponses ask_responses;
  std::function<std::string()> draw_tracking_id = report::NewTrackingId;
};

using RawIntake = rpc::RawService<
    v1::Intake::Service, v1::Intake::WithRawCallbackMethod_SubmitReport,
    v1::Intake::WithRawCallbackMethod_SubmitReports, v1::Intake::WithRawCallbackMethod_CompleteReport,
    v1::Intake::WithRawCallbackMethod_ReplyToReport, v1::Intake::WithRawCallbackMethod_ReactToResponse,
    v1::Intake::WithRawCallbackMethod_ContestArchive, v1::Intake::WithRawCallbackMethod_RequestReopening,
    v1::Intake::WithRawCallbackMethod_AppealClosing, v1::Intake::WithRawCallbackMethod_WithdrawReport,
    v1::Intake::WithRawCallbackMethod_AddAttachment, v1::Intake::WithRawCallbackMethod_RequestEscalation,
    v1::Intake::WithRawCallbackMethod_GetReport, v1::Intake::WithRawCallbackMethod_ListDuplicateCandidates>;

class Api final : public RawIntake {
 public:
  using Context = rpc::Context;
  using Bytes = rpc::Bytes;
  using Reactor = rpc::Reactor;

  Api(const ApiOptions& options, ApiParts parts);

  Reactor* SubmitReport(Context* context, const Bytes* request, Bytes* response) override;
  grpc::ServerBidiReactor<Bytes, Bytes>* SubmitReports(Context* context) override;
  Reactor* CompleteReport(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReplyToReport(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ReactToResponse(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ContestArchive(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RequestReopening(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* AppealClosing(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* WithdrawReport(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* AddAttachment(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* RequestEscalation(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* GetReport(Context* context, const Bytes* request, Bytes* response) override;
  Reactor* ListDuplicateCandidates(Context* context, const Bytes* request, Bytes* response) override;

 private:
  template <class Response>
  using Answer = std::function<void(absl::StatusOr<Response>)>;
  template <class Request, class Response>
  using Handler = void (Api::*)(const rpc::Call&, Request, Answer<Response>);
  struct Submission;
  struct Reading;
  struct Found;

  template <class Request, class Response>
  Reactor* Unary(Context* context, const Bytes* request, Bytes* response, Handler<Request, Response> handler,
                 const char* method = __builtin_FUNCTION());

  void Submit(const rpc::Call& call, v1::SubmitReportRequest request, Answer<v1::SubmitReportResponse> done);
  void Complete(const rpc::Call& call, v1::CompleteReportRequest request, Answer<v1::ReportChange> done);
  template <class Words, class Request>
  void Write(const rpc::Call& call, Request request, Answer<v1::ReportChange> done);
  template <class Dispute, class Request>
  void Object(const rpc::Call& call, Request request, Answer<v1::ReportChange> done);
  void React(const rpc::Call& call, v1::ReactToResponseRequest request, Answer<v1::ReportChange> done);
  void Withdraw(const rpc::Call& call, v1::WithdrawReportRequest request, Answer<v1::ReportChange> done);
  void Attach(const rpc::Call& call, v1::AddAttachmentRequest request, Answer<v1::ReportChange> done);
  void Escalate(const rpc::Call& call, v1::RequestEscalationRequest request, Answer<v1::ReportChange> done);
  void Get(const rpc::Call& call, v1::GetReportRequest request, Answer<v1::Report> done);
  void ListDuplicates(const rpc::Call& call, v1::ListDuplicateCandidatesRequest request,
                      Answer<v1::ListDuplicateCandidatesResponse> done);

  // What a report with such words is found by; here and not with the decision, which one thread takes.
  std::vector<int64_t> KeysOf(const std::string& title, const std::string& description) const;
  absl::Status MaySubmit(const rpc::Caller& caller) const;
  // Submits under a new id, and again under another one if a report has it.
  void SubmitUnderNewId(const std::shared_ptr<const Submission>& submission, int draws);
  // Carries out a reporter's command on the report `id`.
  void Change(const rpc::Call& call, const std::string& request_id, std::string fingerprint, std::string id,
              Command command, Answer<v1::ReportChange> done);
  // Runs `read` on a thread of its own when what the tokens name is visible; refuses with `refuse` if that
  // can't be, or comes after the deadline.
  void ReadWhenVisible(const google::protobuf::RepeatedPtrField<report::v1::Token>& not_before,
                       absl::Time deadline, std::function<void()> read,
                       std::function<void(const absl::Status&)> refuse);
  void Read(const std::shared_ptr<const Reading>& reading);
  absl::StatusOr<Found> ReadReport(const Reading& reading);
  // Asks for what `found` still lacks, one after the other, and answers.
  void CollectResponses(const std::shared_ptr<const Reading>& reading, const std::shared_ptr<Found>& found);

  const ApiOptions options_;
  const ApiParts parts_;
  rpc::WorkerPool readers_;
};

}  // namespace lapor::intake
