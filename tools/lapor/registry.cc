#include "tools/lapor/registry.h"

#include <cctype>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "libs/policy/reference.h"
#include "libs/telling/terms.h"

namespace lapor::client {

using telling::Word;
namespace {

// A nation takes seconds on a busy machine; what calls have otherwise might be too short.
constexpr absl::Duration kRecordingDeadline = absl::Minutes(1);
// While routing can't be reached, or is overloaded.
constexpr absl::Duration kRetryLimit = absl::Seconds(30);

constexpr const char* kTreeFields[] = {"name", "short_name", "kind", "parent_id", "region", "time_zone"};

// `text` with the origin in place of every "agencies[3]", and of a dot after it a colon.
std::string Locate(const std::string& text, const std::vector<std::string>& origins) {
  constexpr std::string_view kWord = "agencies[";
  std::string located;
  for (size_t at = 0;;) {
    const size_t found = text.find(kWord, at);
    located += text.substr(at, found - at);
    if (found == std::string::npos) return located;
    size_t end = found + kWord.size();
    size_t row = 0;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0 &&
           row <= origins.size())
      row = row * 10 + static_cast<size_t>(text[end++] - '0');
    const bool known = end < text.size() && text[end] == ']' && row < origins.size();
    located += known ? origins[row] : std::string(kWord);
    at = known ? end + 1 : found + kWord.size();
    if (known && at < text.size() && text[at] == '.') {
      located += ": ";
      ++at;
    }
  }
}

}  // namespace

absl::StatusOr<RegistryRows> ReadReference(const std::filesystem::path& directory) {
  const auto agencies = policy::ReadAgencies(directory);
  if (!agencies.ok()) return agencies.status();
  RegistryRows rows;
  for (const char* field : kTreeFields) rows.request.mutable_update_mask()->add_paths(field);
  for (const policy::AgencyRow& row : *agencies) {
    routing::v1::Agency& agency = *rows.request.add_agencies();
    agency.set_agency_id(row.id);
    agency.set_name(row.name);
    agency.set_short_name(row.short_name);
    agency.set_kind(row.kind);
    agency.set_parent_id(row.parent);
    agency.set_region(row.region);
    agency.set_time_zone(row.time_zone);
    rows.origins.push_back(row.origin);
  }
  return rows;
}

absl::Status WithOrigins(const absl::Status& status, const std::vector<std::string>& origins) {
  absl::Status located(status.code(), Locate(std::string(status.message()), origins));
  auto bad_input = decision::BadInputOf(status);
  if (!bad_input) return located;
  for (auto& violation : *bad_input->mutable_violations()) {
    violation.set_field(Locate(violation.field(), origins));
    violation.set_rule(Locate(violation.rule(), origins));
  }
  return decision::WithBadInput(std::move(located), *bad_input);
}

absl::StatusOr<routing::v1::RecordAgenciesResponse> RecordRows(Session& session, const RegistryRows& rows,
                                                               const rpc::Caller& caller) {
  const absl::Time until = absl::Now() + kRetryLimit;
  while (true) {
    grpc::ClientContext context;
    if (const absl::Status status = session.Prepare(context, caller); !status.ok()) return status;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kRecordingDeadline));
    routing::v1::RecordAgenciesResponse response;
    const absl::Status status = rpc::FromGrpc(
        session.Get<routing::v1::Routing::Stub>().RecordAgencies(&context, rows.request, &response));
    if (status.ok()) return response;
    if (!rpc::IsTransient(status) || absl::Now() > until) return WithOrigins(status, rows.origins);
    absl::SleepFor(absl::Milliseconds(50));
  }
}

std::string ShowDifferences(const routing::v1::RecordAgenciesResponse& recorded) {
  std::string text;
  for (const routing::v1::AgencyDifference& difference : recorded.differences()) {
    text += fmt::format("{:<8} {}", Word(difference.change()), difference.agency_id());
    for (const routing::v1::FieldDifference& field : difference.fields()) {
      const auto show = [](const std::string& value) { return value.empty() ? "(none)" : value; };
      text +=
          fmt::format("\n           {}: {} -> {}", field.field(), show(field.before()), show(field.after()));
    }
    if (difference.open_reports() > 0) {
      text += fmt::format("\n           {} open {} carried over", difference.open_reports(),
                          difference.open_reports() == 1 ? "report is" : "reports are");
    }
    text += '\n';
  }
  return text;
}

absl::StatusOr<routing::v1::RecordAgenciesResponse> LoadRegistry(Session& session,
                                                                 const std::filesystem::path& directory) {
  const auto rows = ReadReference(directory);
  if (!rows.ok()) return rows.status();
  return RecordRows(session, *rows, *ParseCaller("operator"));
}

}  // namespace lapor::client
