// Assignments on their way to an agency's own application. Pure.
//
// What is sent is what nobody has acknowledged: never what comes after a place in some order, for rows commit
// later than their places say. A place only tells what somebody has been sent already.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/routing/v1/routing.pb.h"
#include "services/routing/registry.h"

namespace lapor::routing {

struct Route;

// Whether what the agency is assigned is sent to an application of its own.
bool HasApplication(const Agency& agency);

// Of the last assignment of a report, while the agency has it.
struct Delivery {
  absl::Time assigned_at;
  // When it is with the people of the agency, unless it was acknowledged.
  absl::Time due_at;
  std::optional<absl::Time> acknowledged_at = {};
  // Not before due_at, and only when it was not acknowledged.
  std::optional<absl::Time> fell_back_at = {};

  bool operator==(const Delivery&) const = default;
};

v1::DeliveryState StateOf(const Delivery& delivery);
v1::Delivery ToProto(const Delivery& delivery);

// What acknowledging the assignment `hop` of the report at `now` comes to: ACKNOWLEDGED or ACKNOWLEDGED_LATE,
// noted in `route` the first time; WITHDRAWN when there is nothing to acknowledge any more.
v1::DeliveryState Acknowledge(Route& route, int hop, absl::Time now);

// Where a stream has come to, in the order in which assignments are sent.
struct Place {
  absl::Time assigned_at;
  std::string report_id;

  bool operator==(const Place&) const = default;
  bool operator<(const Place& other) const {
    return std::tie(assigned_at, report_id) < std::tie(other.assigned_at, other.report_id);
  }
};

// A place as the application `of` an agency keeps it. Nobody should rely on its form.
std::string MakeResumeToken(const std::string& agency_id, const Place& place);
// INVALID_ARGUMENT for what never was one, PERMISSION_DENIED for that of another agency. Whoever made up a
// place would only be sent some assignments later than they need be, so it carries no signature.
absl::StatusOr<Place> ReadResumeToken(const std::string& agency_id, const std::string& token);

}  // namespace lapor::routing
