#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "lapor/report/v1/bad_input.pb.h"

namespace lapor::decision {

// What a caller did wrong, as an absl::Status that carries a report::v1::BadInput: which field, which rule it
// breaks, and what the caller can do about it. It travels to the caller unchanged, so neither rule nor remedy
// may repeat what a person wrote; name the limit, not the value. The message reads "field: rule; remedy".
// Everything here is pure and thread-safe.

// One violation. `code` is any error; kInvalidArgument for a value that can never be right,
// kFailedPrecondition for one that the state does not allow now, kNotFound, kPermissionDenied and so on.
absl::Status Refuse(absl::StatusCode code, const std::string& field, const std::string& rule,
                    const std::string& remedy);

// A command that the state does not allow: kFailedPrecondition of the field "state", naming both, as in
// "state: CloseCase is not allowed in AwaitingTriage; ...". Names are those of the code, never a person's
// words.
absl::Status RefuseTransition(const std::string& state, const std::string& command);

// Collects every violation of one request, so that the caller can put all of them right at once.
//
//   Refusals refusals;
//   if (title.empty()) refusals.Add("title", "is required", "give 1 to 200 characters");
//   if (!refusals.ok()) return refusals.status();
class Refusals {
 public:
  Refusals& Add(std::string field, std::string rule, std::string remedy);

  bool ok() const { return bad_input_.violations().empty(); }

  // OK without violations, else kInvalidArgument.
  absl::Status status() const;

 private:
  report::v1::BadInput bad_input_;
};

// The violations that `status` carries; none if it is OK or is not a refusal.
std::optional<report::v1::BadInput> BadInputOf(const absl::Status& status);

// `status` with `bad_input` in place of what it carried. For the seams that bring a refusal over a wire.
absl::Status WithBadInput(absl::Status status, const report::v1::BadInput& bad_input);

}  // namespace lapor::decision
