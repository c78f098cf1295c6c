// What the steps of journeys have in common.
#pragma once

#include <google/protobuf/generated_enum_reflection.h>

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "lapor/followup/v1/followup.grpc.pb.h"
#include "lapor/intake/v1/intake.grpc.pb.h"
#include "lapor/ombudsman/v1/ombudsman.grpc.pb.h"
#include "lapor/reporting/v1/reporting.grpc.pb.h"
#include "lapor/routing/v1/routing.grpc.pb.h"

namespace lapor::e2e {

using FollowupStub = followup::v1::Followup::Stub;
using IntakeStub = intake::v1::Intake::Stub;
using OmbudsmanStub = ombudsman::v1::Ombudsman::Stub;
using ReportingStub = reporting::v1::Reporting::Stub;
using RoutingStub = routing::v1::Routing::Stub;

inline constexpr absl::Duration kPatience = absl::Seconds(30);

// key=value key="several words" ...
std::map<std::string, std::string> Fields(const std::string& text);

// The value that is called `name` behind the prefix of its enum.
template <class Enum>
absl::StatusOr<Enum> Named(const std::string& prefix, const std::string& name) {
  const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(prefix + name);
  if (value == nullptr) return absl::InvalidArgumentError(fmt::format("there is no {}{}", prefix, name));
  return static_cast<Enum>(value->number());
}

// Asks again until there is no difference any more, for at most kPatience.
absl::Status Eventually(const std::function<std::string()>& difference);

// Of FLOOD.1, the first part of FLOOD: ".1".
std::string PartOf(const std::string& name);

}  // namespace lapor::e2e
