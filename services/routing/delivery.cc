#include "services/routing/delivery.h"

#include <charconv>
#include <string_view>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "libs/report/tracking_id.h"
#include "services/routing/domain.h"

namespace lapor::routing {
namespace {

constexpr std::string_view kTokenForm = "1";

// The part up to the next slash, which is taken off.
std::string_view TakePart(std::string_view& text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view part = text.substr(0, slash);
  text.remove_prefix(std::min(slash + 1, text.size()));
  return part;
}

}  // namespace

bool HasApplication(const Agency& agency) { return !agency.application_id().empty(); }

v1::DeliveryState StateOf(const Delivery& delivery) {
  if (delivery.acknowledged_at) {
    return delivery.fell_back_at ? v1::DELIVERY_STATE_ACKNOWLEDGED_LATE : v1::DELIVERY_STATE_ACKNOWLEDGED;
  }
  return delivery.fell_back_at ? v1::DELIVERY_STATE_FELL_BACK : v1::DELIVERY_STATE_PENDING;
}

v1::Delivery ToProto(const Delivery& delivery) {
  v1::Delivery proto;
  proto.set_state(StateOf(delivery));
  *proto.mutable_assigned_at() = decision::ToProto(delivery.assigned_at);
  *proto.mutable_due_at() = decision::ToProto(delivery.due_at);
  if (delivery.acknowledged_at)
    *proto.mutable_acknowledged_at() = decision::ToProto(*delivery.acknowledged_at);
  return proto;
}

v1::DeliveryState Acknowledge(Route& route, int hop, absl::Time now) {
  if (!route.delivery || route.hops != hop) return v1::DELIVERY_STATE_WITHDRAWN;
  if (!route.delivery->acknowledged_at) route.delivery->acknowledged_at = now;
  return StateOf(*route.delivery);
}

std::string MakeResumeToken(const std::string& agency_id, const Place& place) {
  return absl::WebSafeBase64Escape(fmt::format("{}/{}/{}/{}", kTokenForm, agency_id,
                                               absl::ToUnixMicros(place.assigned_at), place.report_id));
}

absl::StatusOr<Place> ReadResumeToken(const std::string& agency_id, const std::string& token) {
  const absl::Status malformed = decision::Refuse(
      absl::StatusCode::kInvalidArgument, "resume_token", "is not one of ours",
      "give resume_token of the last message as it was, or leave it out: then everything that is not "
      "acknowledged comes again");
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return malformed;
  std::string_view rest = text;
  if (TakePart(rest) != kTokenForm) return malformed;
  const std::string_view agency = TakePart(rest);
  const std::string_view time = TakePart(rest);
  int64_t us = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), us);
  if (error != std::errc() || end != time.data() + time.size()) return malformed;
  const std::string report_id = report::ParseAssignmentId(rest).report_id;
  if (report_id.empty() || report::ReadTrackingId(report_id).id != report_id) return malformed;
  if (agency != agency_id) {
    return decision::Refuse(absl::StatusCode::kPermissionDenied, "resume_token",
                            "was given to another agency's application",
                            "keep a token for each agency, or leave it out");
  }
  return Place{absl::FromUnixMicros(us), std::string(rest)};
}

}  // namespace lapor::routing
