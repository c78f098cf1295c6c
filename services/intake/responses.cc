#include "services/intake/responses.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "lapor/followup/v1/followup.grpc.pb.h"
#include "libs/rpc/status.h"

namespace lapor::intake {
namespace {

// Kept until gRPC calls back.
struct Question {
  grpc::ClientContext context;
  std::unique_ptr<followup::v1::Followup::Stub> stub;
  followup::v1::ListResponsesRequest request;
  followup::v1::ListResponsesResponse response;
};

}  // namespace

AskResponses AskFollowup(eventlog::Peers& peers) {
  return [&peers](const std::string& report_id, const std::string& traceparent, auto done) {
    const auto channel = peers.ChannelTo("followup");
    if (!channel.ok()) return done(channel.status());
    const auto question = std::make_shared<Question>();
    if (const auto status = peers.Prepare(question->context, traceparent); !status.ok()) return done(status);
    question->context.set_deadline(absl::ToChronoTime(absl::Now() + kResponsesDeadline));
    question->stub = followup::v1::Followup::NewStub(*channel);
    question->request.set_report_id(report_id);
    question->stub->async()->ListResponses(&question->context, &question->request, &question->response,
                                           [question, done = std::move(done)](const grpc::Status& status) {
                                             if (!status.ok()) return done(rpc::FromGrpc(status));
                                             done(std::move(question->response));
                                           });
  };
}

}  // namespace lapor::intake
