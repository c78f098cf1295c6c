#include "libs/decision/refusal.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/cord.h"

namespace lapor::decision {
namespace {

using report::v1::BadInput;

constexpr char kPayloadType[] = "type.googleapis.com/lapor.report.v1.BadInput";

void AddTo(BadInput& bad_input, std::string field, std::string rule, std::string remedy) {
  auto* violation = bad_input.add_violations();
  violation->set_field(std::move(field));
  violation->set_rule(std::move(rule));
  violation->set_remedy(std::move(remedy));
}

std::string Describe(const BadInput& bad_input) {
  std::string text;
  for (const auto& violation : bad_input.violations()) {
    text += fmt::format("{}{}: {}; {}", text.empty() ? "" : " | ", violation.field(), violation.rule(),
                        violation.remedy());
  }
  return text;
}

absl::Status StatusOf(absl::StatusCode code, const BadInput& bad_input) {
  return WithBadInput(absl::Status(code, Describe(bad_input)), bad_input);
}

}  // namespace

absl::Status Refuse(absl::StatusCode code, const std::string& field, const std::string& rule,
                    const std::string& remedy) {
  // A refusal that is OK would let the refused thing happen.
  if (code == absl::StatusCode::kOk) code = absl::StatusCode::kInternal;
  BadInput bad_input;
  AddTo(bad_input, field, rule, remedy);
  return StatusOf(code, bad_input);
}

absl::Status RefuseTransition(const std::string& state, const std::string& command) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "state",
                fmt::format("{} is not allowed in {}", command, state),
                "read the current state again and choose what it allows");
}

Refusals& Refusals::Add(std::string field, std::string rule, std::string remedy) {
  AddTo(bad_input_, std::move(field), std::move(rule), std::move(remedy));
  return *this;
}

absl::Status Refusals::status() const {
  if (ok()) return absl::OkStatus();
  return StatusOf(absl::StatusCode::kInvalidArgument, bad_input_);
}

std::optional<BadInput> BadInputOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadType);
  BadInput bad_input;
  if (!payload.has_value() || !bad_input.ParseFromString(std::string(*payload))) return std::nullopt;
  return bad_input;
}

absl::Status WithBadInput(absl::Status status, const BadInput& bad_input) {
  status.SetPayload(kPayloadType, absl::Cord(bad_input.SerializeAsString()));
  return status;
}

}  // namespace lapor::decision
