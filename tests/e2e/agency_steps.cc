// What agencies do.
#include "tests/e2e/journey.h"

namespace lapor::e2e {

namespace {

report::v1::Attachment Photo() {
  report::v1::Attachment photo;
  // Of a file that holds the words "evidence".
  photo.set_sha256("5c9e6a6b1f1a6b8d3f0c7a2e4b9d8c7f6e5d4c3b2a1908f7e6d5c4b3a2910f0e");
  photo.set_size_bytes(48'213);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://bukti.example.go.id/foto.jpg");
  return photo;
}

}  // namespace

void Journey::AddAgencySteps() {
  Add(R"re(officer (\S+) accepts ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &RoutingStub::AcceptAssignment,
                routing::v1::AcceptAssignmentRequest());
  });
  Add(R"re(The application of (\S+) acknowledges hop (\d+) of ([A-Z]+): ([A-Z_]+))re",
      [this](const Words& w) {
        const auto subject = Find(w[2]);
        if (!subject.ok()) return subject.status();
        routing::v1::AcknowledgeAssignmentsRequest request;
        request.add_assignments()->set_report_id((*subject)->id);
        request.mutable_assignments(0)->set_hop(std::stoi(w[1]));
        const auto states = session_.CallUntilAnswered(&RoutingStub::AcknowledgeAssignments, request,
                                                       *client::ParseCaller("officer:" + w[0]), kPatience);
        if (!states.ok()) return states.status();
        const std::string state = routing::v1::DeliveryState_Name(states->states(0));
        if (state == "DELIVERY_STATE_" + w[3]) return absl::OkStatus();
        return absl::FailedPreconditionError("is " + state);
      });
  Add(R"re(officer (\S+) returns ([A-Z]+(?:\.\d+)?): ([A-Z_]+)(?: to (\S+?))?)re", [this](const Words& w) {
    const auto reason = Named<event::v1::ReturnReason>("RETURN_REASON_", w[2]);
    if (!reason.ok()) return reason.status();
    routing::v1::ReturnAssignmentRequest request;
    request.set_reason(*reason);
    request.set_target_agency_id(w[3]);
    return DoAs("officer:" + w[0], w[1], &RoutingStub::ReturnAssignment, request);
  });
  Add(R"re(officer (\S+) answers ([A-Z]+(?:\.\d+)?): (interim|final) "(.*)"( without evidence)?)re",
      [this](const Words& w) {
        // Within the bound of the policy, which counts working days.
        constexpr int kPromisedDays = 14;
        followup::v1::RespondToCaseRequest request;
        const bool final_answer = w[2] == "final";
        request.set_kind(final_answer ? event::v1::RESPONSE_KIND_FINAL : event::v1::RESPONSE_KIND_INTERIM);
        request.set_text(w[3]);
        if (!final_answer) {
          request.set_interim_reason(event::v1::INTERIM_REASON_WORK_IN_PROGRESS);
          const absl::CivilDay today = absl::ToCivilDay(session_.clock().Now(), absl::UTCTimeZone());
          request.set_promised_on(absl::FormatCivilTime(today + kPromisedDays));
        }
        if (final_answer && w[4].empty()) {
          *request.add_evidence() = Photo();
        }
        return DoAs("officer:" + w[0], w[1], &FollowupStub::RespondToCase, request);
      });
  Add(R"re(officer (\S+) promises ([A-Z]+(?:\.\d+)?) for (\S+), ([A-Z_]+): "(.*)")re",
      [this](const Words& w) {
        const auto reason = Named<event::v1::InterimReason>("INTERIM_REASON_", w[3]);
        if (!reason.ok()) return reason.status();
        followup::v1::RespondToCaseRequest request;
        request.set_kind(event::v1::RESPONSE_KIND_INTERIM);
        request.set_promised_on(w[2]);
        request.set_interim_reason(*reason);
        request.set_text(w[4]);
        return DoAs("officer:" + w[0], w[1], &FollowupStub::RespondToCase, request);
      });
  Add(R"re(officer (\S+) asks the reporter of ([A-Z]+(?:\.\d+)?): "(.*)")re", [this](const Words& w) {
    followup::v1::RespondToCaseRequest request;
    request.set_kind(event::v1::RESPONSE_KIND_QUESTION);
    request.set_text(w[2]);
    return DoAs("officer:" + w[0], w[1], &FollowupStub::RespondToCase, request);
  });
  Add(R"re(officer (\S+) delegates ([A-Z]+(?:\.\d+)?) to (\S+?))re", [this](const Words& w) {
    followup::v1::DelegateCaseRequest request;
    request.set_delegate(w[2]);
    return DoAs("officer:" + w[0], w[1], &FollowupStub::DelegateCase, request);
  });
  Add(R"re(administrator (\S+) (grants|dismisses) the appeal of ([A-Z]+): "(.*)")re", [this](const Words& w) {
    followup::v1::DecideAppealRequest request;
    request.set_granted(w[1] == "grants");
    request.set_text(w[3]);
    return DoAs("agency_admin:" + w[0], w[2], &FollowupStub::DecideAppeal, request);
  });
  Add(R"re(officer (\S+) replies to document (\d+) of ([A-Z]+): "(.*)")re", [this](const Words& w) {
    ombudsman::v1::ReplyToDocumentRequest request;
    request.set_text(w[3]);
    return DoOnDocument("officer:" + w[0], w[2], w[1], &OmbudsmanStub::ReplyToDocument, request);
  });
  Add(R"re(officer (\S+) closes ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &FollowupStub::CloseCase, followup::v1::CloseCaseRequest());
  });
  Add(R"re(officer (\S+) reopens ([A-Z]+(?:\.\d+)?))re", [this](const Words& w) {
    return DoAs("officer:" + w[0], w[1], &FollowupStub::ReopenCase, followup::v1::ReopenCaseRequest());
  });
}

}  // namespace lapor::e2e
