#include "services/reporting/api.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "libs/report/agency_id.h"
#include "libs/rpc/auth.h"
#include "libs/runtime/log.h"
#include "services/reporting/store.h"
#include "services/reporting/verification.h"

namespace lapor::reporting {
namespace {

using decision::Refusals;
using decision::Refuse;
using report::v1::ROLE_ANALYST;
using report::v1::ROLE_MONITOR;
using report::v1::ROLE_OPERATOR;

constexpr int kMaxPageSize = 1000;
constexpr int kDefaultPageSize = 100;

// Which page of which list: an opaque token of the list and the last id of the page before.
std::string PageToken(const v1::ListFiguresRequest& asked, const std::string& last_id) {
  return absl::WebSafeBase64Escape(
      fmt::format("{}{}{}", static_cast<int>(asked.scope()), asked.with_reports_only() ? '+' : '*', last_id));
}

// The last id of the page before; "" at the beginning; nothing for a token that isn't one of this list.
std::optional<std::string> LastId(const v1::ListFiguresRequest& asked) {
  if (asked.page_token().empty()) return "";
  std::string text;
  if (!absl::WebSafeBase64Unescape(asked.page_token(), &text) || text.size() < 2) return std::nullopt;
  std::string id = text.substr(2);
  if (!report::IsAgencyId(id) || PageToken(asked, id) != asked.page_token()) return std::nullopt;
  return id;
}

void SetTokens(const eventlog::Applied& applied,
               google::protobuf::RepeatedPtrField<report::v1::Token>* tokens) {
  for (const auto& [source, position] : applied) {
    if (source.topic != eventlog::Topic::kReport || source.producer.empty()) continue;
    report::v1::Token* token = tokens->Add();
    token->set_producer(source.producer);
    token->set_partition(source.partition);
    token->set_position(position);
  }
}

v1::Figures NamedFiguresOf(const NamedCell& named, int64_t smallest_told) {
  v1::Figures figures = FiguresOf(named.cell, smallest_told);
  figures.set_name(named.name);
  figures.set_agency_kind(named.kind);
  return figures;
}

absl::Status Check(const v1::GetFiguresRequest& asked, const policy::Regions& regions) {
  if (asked.scope() == v1::SCOPE_NATION) {
    if (asked.id().empty()) return absl::OkStatus();
    return Refuse(absl::StatusCode::kInvalidArgument, "id", "is empty for the nation",
                  "leave it out, or name the scope of the id");
  }
  if (asked.scope() == v1::SCOPE_PROVINCE) {
    const auto region = regions.find(asked.id());
    if (region != regions.end() && region->second.kind == policy::RegionKind::kProvince)
      return absl::OkStatus();
    return Refuse(absl::StatusCode::kNotFound, "id", "is the code of a province",
                  "take a code of two digits that ListFigures of SCOPE_PROVINCE gives");
  }
  if (asked.scope() == v1::SCOPE_AGENCY) {
    if (report::IsAgencyId(asked.id())) return absl::OkStatus();
    return Refuse(absl::StatusCode::kInvalidArgument, "id",
                  "is 2 to 64 characters of a-z, 0-9, dot and hyphen for an agency", "give an agency's id");
  }
  return Refuse(absl::StatusCode::kInvalidArgument, "scope", "is required",
                "give SCOPE_NATION, SCOPE_PROVINCE or SCOPE_AGENCY");
}

// Provinces in the order of their codes after `after`, at most `limit`.
std::vector<NamedCell> ListProvinces(pg::Tx& tx, const policy::Regions& regions, const std::string& after,
                                     int limit, bool with_reports_only) {
  std::map<std::string, NamedCell> provinces;
  for (const auto& [code, region] : regions) {
    if (region.kind == policy::RegionKind::kProvince)
      provinces[code] = {{v1::SCOPE_PROVINCE, code, {}}, region.name};
  }
  for (Cell& cell : ListCells(tx, v1::SCOPE_PROVINCE)) {
    NamedCell& province = provinces[cell.id];
    province.cell = std::move(cell);
  }
  std::vector<NamedCell> page;
  for (auto next = provinces.upper_bound(after); next != provinces.end(); ++next) {
    if (static_cast<int>(page.size()) == limit) break;
    if (with_reports_only && next->second.cell.counts[kReceived] == 0) continue;
    page.push_back(std::move(next->second));
  }
  return page;
}

}  // namespace

void ApiOptions::AddTo(CLI::App& app) {
  app.add_option("--smallest-told-count", smallest_told_count,
                 "open figures leave out counts of an agency or a province that are above 0 and below this")
      ->capture_default_str()
      ->check(CLI::Range(kLeastSmallestToldCount, int64_t{1000}));
}

rpc::Reactor* Api::GetFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::GetFiguresRequest, v1::Figures>(
      context, request, response, visibility_.NotBefore<v1::GetFiguresRequest>(),
      [this](const rpc::Call& call, const v1::GetFiguresRequest& asked) { return Get(call.caller, asked); });
}

rpc::Reactor* Api::ListFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.ReadWhen<v1::ListFiguresRequest, v1::ListFiguresResponse>(
      context, request, response, visibility_.NotBefore<v1::ListFiguresRequest>(),
      [this](const rpc::Call& call, const v1::ListFiguresRequest& asked) {
        return List(call.caller, asked);
      });
}

rpc::Reactor* Api::VerifyFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::VerifyFiguresRequest, v1::VerifyFiguresResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::VerifyFiguresRequest&) { return Verify(call.caller); });
}

rpc::Reactor* Api::RebuildFigures(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::RebuildFiguresRequest, v1::RebuildFiguresResponse>(
      context, request, response,
      [this](const rpc::Call& call, const v1::RebuildFiguresRequest&) { return Rebuild(call.caller); });
}

absl::StatusOr<v1::Figures> Api::Get(const rpc::Caller& caller, const v1::GetFiguresRequest& asked) const {
  const absl::Status valid = Check(asked, regions_);
  if (!valid.ok()) return valid;

  v1::Figures figures;
  const absl::Status read = pool_.Read([&](pg::Tx& tx) -> absl::Status {
    tx.SeeOneMoment();
    NamedCell named;
    if (asked.scope() == v1::SCOPE_AGENCY) {
      std::optional<NamedCell> agency = FindAgency(tx, asked.id());
      if (!agency) {
        return Refuse(absl::StatusCode::kNotFound, "id", "is an agency of the registry",
                      "take an id that ListFigures of SCOPE_AGENCY gives");
      }
      named = *std::move(agency);
    } else {
      named.cell = FindCell(tx, asked.scope(), asked.id());
      if (asked.scope() == v1::SCOPE_PROVINCE) named.name = regions_.at(asked.id()).name;
    }
    figures = NamedFiguresOf(named, SmallestTold(caller));
    SetTokens(eventlog::Inbox::All(tx), figures.mutable_as_of());
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return figures;
}

absl::StatusOr<v1::ListFiguresResponse> Api::List(const rpc::Caller& caller,
                                                  const v1::ListFiguresRequest& asked) const {
  Refusals refusals;
  if (asked.scope() != v1::SCOPE_PROVINCE && asked.scope() != v1::SCOPE_AGENCY) {
    refusals.Add("scope", "is SCOPE_PROVINCE or SCOPE_AGENCY", "give one of them; the nation is GetFigures'");
  }
  if (asked.page_size() < 0 || asked.page_size() > kMaxPageSize) {
    refusals.Add("page_size", "is 1 to 1,000, or 0 for 100", "ask for more pages");
  }
  const std::optional<std::string> after = LastId(asked);
  if (!after) {
    refusals.Add("page_token",
                 "is next_page_token of the page before, with the same scope and with_reports_only",
                 "send it unchanged, or none to begin anew");
  }
  if (!refusals.ok()) return refusals.status();

  const int page_size = asked.page_size() == 0 ? kDefaultPageSize : asked.page_size();
  v1::ListFiguresResponse list;
  const absl::Status read = pool_.Read([&](pg::Tx& tx) {
    tx.SeeOneMoment();
    // One more than the page: whether another follows.
    std::vector<NamedCell> rows =
        asked.scope() == v1::SCOPE_AGENCY
            ? ListAgencies(tx, *after, page_size + 1, asked.with_reports_only())
            : ListProvinces(tx, regions_, *after, page_size + 1, asked.with_reports_only());
    const bool more = static_cast<int>(rows.size()) > page_size;
    if (more) rows.pop_back();
    for (const NamedCell& row : rows) *list.add_figures() = NamedFiguresOf(row, SmallestTold(caller));
    if (more) list.set_next_page_token(PageToken(asked, rows.back().cell.id));
    SetTokens(eventlog::Inbox::All(tx), list.mutable_as_of());
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return list;
}

absl::StatusOr<v1::VerifyFiguresResponse> Api::Verify(const rpc::Caller& caller) const {
  const absl::Status allowed = rpc::Require(caller, {ROLE_OPERATOR, ROLE_ANALYST, ROLE_MONITOR});
  if (!allowed.ok()) return allowed;
  absl::StatusOr<Verification> verification = reporting::VerifyFigures(pool_);
  if (!verification.ok()) return verification.status();
  v1::VerifyFiguresResponse response;
  response.set_cells_compared(verification->counts_compared);
  for (std::string& difference : verification->differences) response.add_differences(std::move(difference));
  return response;
}

absl::StatusOr<v1::RebuildFiguresResponse> Api::Rebuild(const rpc::Caller& caller) {
  const absl::Status allowed = rpc::Require(caller, {ROLE_OPERATOR});
  if (!allowed.ok()) return allowed;
  // What can't be read again must not be forgotten.
  if (const absl::Status whole = check_history_(); !whole.ok()) return whole;
  v1::RebuildFiguresResponse response;
  const absl::Status forgotten = without_consumer_([&] {
    return pool_.Transact([&](pg::Tx& tx) {
      SetTokens(ForgetAll(tx), response.mutable_rebuilt_at());
      return absl::OkStatus();
    });
  });
  if (!forgotten.ok()) return forgotten;
  runtime::Log(runtime::Level::kWarning, "figures.forgotten");
  return response;
}

int64_t Api::SmallestTold(const rpc::Caller& caller) const {
  return caller.anonymous() ? options_.smallest_told_count : 1;
}

}  // namespace lapor::reporting
