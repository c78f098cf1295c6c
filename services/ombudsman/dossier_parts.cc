#include "services/ombudsman/dossier_parts.h"

#include <grpcpp/client_context.h>

#include <string>

#include "absl/time/clock.h"
#include "lapor/followup/v1/followup.grpc.pb.h"
#include "lapor/intake/v1/intake.grpc.pb.h"
#include "lapor/routing/v1/routing.grpc.pb.h"
#include "libs/rpc/status.h"

namespace lapor::ombudsman {
namespace {

void Omit(const std::string& part, const std::string& reason, v1::Dossier& dossier) {
  v1::Omission& omission = *dossier.add_omissions();
  omission.set_part(part);
  omission.set_reason(reason);
}
void Omit(const std::string& part, const absl::Status& status, v1::Dossier& dossier) {
  Omit(part, absl::StatusCodeToString(status.code()) + ": " + std::string(status.message()), dossier);
}

// Calls a peer on behalf of the caller. Whether it answered; else the part is omitted.
template <class Service, class Request, class Response>
bool Ask(eventlog::Peers& peers, const rpc::Call& call, const std::string& service, const std::string& part,
         grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
         const Request& request, Response& response, v1::Dossier& dossier) {
  const auto channel = peers.ChannelTo(service);
  if (!channel.ok()) {
    Omit(part, channel.status(), dossier);
    return false;
  }
  grpc::ClientContext context;
  peers.PrepareOnBehalfOf(call, context);
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPartDeadline));
  const auto stub = Service::NewStub(*channel);
  const grpc::Status status = (stub.get()->*method)(&context, request, &response);
  if (!status.ok()) Omit(part, rpc::FromGrpc(status), dossier);
  return status.ok();
}

}  // namespace

void AddReport(intake::v1::Report report, v1::Dossier& dossier) {
  // No export carries the name, and what a service had read before it wrote an event is no part of the case.
  report.clear_reporter_name();
  for (event::v1::Event& event : *report.mutable_timeline()) event.clear_after();
  if (report.has_lead()) {
    for (event::v1::Event& event : *report.mutable_lead()->mutable_timeline()) event.clear_after();
  }
  // Intake answers all the same; who reads the dossier later can't ask again.
  if (report.responses_unavailable())
    Omit("answers", "UNAVAILABLE: the agencies' answers could not be had just then; export again", dossier);
  *dossier.mutable_report() = std::move(report);
}

AddParts AskPeers(eventlog::Peers& peers) {
  return [&peers](const rpc::Call& call, v1::Dossier& dossier) {
    intake::v1::GetReportRequest of_report;
    of_report.set_tracking_id(dossier.report_id());
    intake::v1::Report report;
    if (Ask<intake::v1::Intake>(peers, call, "intake", "report", &intake::v1::Intake::Stub::GetReport,
                                of_report, report, dossier)) {
      AddReport(std::move(report), dossier);
    }
    followup::v1::GetCaseRequest of_case;
    of_case.set_report_id(dossier.report_id());
    followup::v1::Case found;
    if (Ask<followup::v1::Followup>(peers, call, "followup", "case", &followup::v1::Followup::Stub::GetCase,
                                    of_case, found, dossier)) {
      *dossier.mutable_agency_case() = std::move(found);
    }
    routing::v1::ExplainRouteRequest of_hands;
    of_hands.set_report_id(dossier.report_id());
    routing::v1::RouteExplanation hands;
    if (Ask<routing::v1::Routing>(peers, call, "routing", "hands", &routing::v1::Routing::Stub::ExplainRoute,
                                  of_hands, hands, dossier)) {
      *dossier.mutable_hands() = std::move(hands);
    }
  };
}

}  // namespace lapor::ombudsman
