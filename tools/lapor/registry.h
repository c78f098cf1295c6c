// The registry of deploy/reference, brought to routing.
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "tools/lapor/session.h"

namespace lapor::client {

// Records every agency of the reference data in `directory`; again is harmless. The sum of what was created,
// changed and left alone. A mistake in a file is INVALID_ARGUMENT with file, line and reason, and nothing is
// recorded.
absl::StatusOr<routing::v1::RecordAgenciesResponse> LoadRegistry(Session& session,
                                                                 const std::filesystem::path& directory);

}  // namespace lapor::client
