// The registry, from files to routing: the folder of reference data with its templates, or a file of changes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/lapor/session.h"

namespace lapor::client {

// What files say, as one call of RecordAgencies; all of it is recorded or nothing.
struct RegistryRows {
  routing::v1::RecordAgenciesRequest request;
  // Where each agency stands, as "agencies-national.csv:7".
  std::vector<std::string> origins;
};

// Every agency of the reference data in `directory`, as policy::ReadAgencies gives them: the fields of the
// tree. INVALID_ARGUMENT with file, line and reason for each mistake.
absl::StatusOr<RegistryRows> ReadReference(const std::filesystem::path& directory);

// A file of changes: CSV with a header that names `id` and any of the columns that HelpOfChanges() tells;
// only what has a column is changed. Errors as above, and they repeat no contact of a person.
absl::StatusOr<RegistryRows> ReadChanges(const std::filesystem::path& file);
std::string HelpOfChanges();

// Sends them; what routing refuses is told by file and line.
absl::StatusOr<routing::v1::RecordAgenciesResponse> RecordRows(Session& session, const RegistryRows& rows,
                                                               const rpc::Caller& caller);

// `status` of a call with `rows`, with files and lines in place of "agencies[3]".
absl::Status WithOrigins(const absl::Status& status, const std::vector<std::string>& origins);

// What was or would be done, agency by agency.
std::string ShowDifferences(const routing::v1::RecordAgenciesResponse& recorded);

// Records every agency of the reference data in `directory`; again is harmless. A mistake in a file is
// INVALID_ARGUMENT with file, line and reason, and nothing is recorded.
absl::StatusOr<routing::v1::RecordAgenciesResponse> LoadRegistry(Session& session,
                                                                 const std::filesystem::path& directory);

}  // namespace lapor::client
