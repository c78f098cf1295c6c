#include "services/routing/report_text.h"

#include <grpcpp/client_context.h>

#include <memory>
#include <semaphore>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "lapor/intake/v1/intake.grpc.pb.h"
#include "libs/rpc/status.h"

namespace lapor::routing {

AskText AskIntake(eventlog::Peers& peers) {
  const auto slots = std::make_shared<std::counting_semaphore<kMaxTextsAtOnce>>(kMaxTextsAtOnce);
  return [&peers, slots](const std::string& report_id,
                         const std::string& traceparent) -> absl::StatusOr<std::string> {
    if (!slots->try_acquire()) return absl::ResourceExhaustedError("too many texts are being read");
    const absl::Cleanup release = [&slots] { slots->release(); };
    const auto channel = peers.ChannelTo("intake");
    if (!channel.ok()) return channel.status();
    grpc::ClientContext context;
    if (const auto status = peers.Prepare(context, traceparent); !status.ok()) return status;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kTextDeadline));
    intake::v1::GetReportRequest request;
    request.set_tracking_id(report_id);
    intake::v1::Report report;
    const grpc::Status status = intake::v1::Intake::NewStub(*channel)->GetReport(&context, request, &report);
    if (!status.ok()) return rpc::FromGrpc(status);
    return report.title() + "\n" + report.description();
  };
}

}  // namespace lapor::routing
