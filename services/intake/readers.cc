#include "services/intake/readers.h"

#include <algorithm>

#include "libs/decision/refusal.h"
#include "libs/report/agency_id.h"
#include "services/intake/receipt.h"

namespace lapor::intake {
namespace {

using decision::Refuse;
using report::IsWithin;

absl::Status Denied(const std::string& rule, const std::string& remedy) {
  return Refuse(absl::StatusCode::kPermissionDenied, "authorization", rule, remedy);
}

// Whether the agency that has the report, or one that has a child assignment of it, is as asked.
template <class Predicate>
bool AnyHolder(const Report& report, const Predicate& is_asked) {
  return is_asked(report.agency_id) ||
         std::ranges::any_of(report.children, is_asked, &ChildAssignment::agency_id);
}
template <class Predicate>
bool AnyArbiter(const Report& report, const Predicate& is_asked) {
  return is_asked(report.arbiter_agency_id) ||
         std::ranges::any_of(report.children, is_asked, &ChildAssignment::arbiter_agency_id);
}

}  // namespace

absl::StatusOr<Sight> MayRead(const Report& report, const Report* lead, const rpc::Caller& caller,
                              bool gave_receipt, const std::string& proof) {
  if (gave_receipt) {
    if (SameReceipt(report.receipt_hash, proof)) return Sight{};
    return Refuse(absl::StatusCode::kPermissionDenied, "receipt_secret",
                  "is not the receipt secret of this report", "compare it with the receipt");
  }
  const bool named = !report.anonymous && !report.name_secret;
  const Report& held = lead != nullptr ? *lead : report;
  const auto is_callers = [&](const std::string& agency_id) {
    return !agency_id.empty() && agency_id == caller.agency_id;
  };
  const auto is_below_callers = [&](const std::string& agency_id) {
    return IsWithin(agency_id, caller.agency_id);
  };
  switch (caller.role) {
    case report::v1::ROLE_OFFICER:
    case report::v1::ROLE_AGENCY_ADMIN:
      if (AnyHolder(held, is_callers)) return Sight{.reporter_name = named};
      if (caller.role == report::v1::ROLE_AGENCY_ADMIN && AnyHolder(held, is_below_callers)) return Sight{};
      return Denied("the caller's agency does not hold this report",
                    "ask the administrators who is accountable for it now");
    case report::v1::ROLE_TRIAGE:
      return Sight{.reporter_name = named};
    case report::v1::ROLE_ARBITER: {
      const bool national = caller.agency_id.empty() || caller.agency_id == report::kRootAgencyId;
      if (national || AnyArbiter(held, is_callers) || AnyHolder(held, is_below_callers)) return Sight{};
      return Denied("the caller's agency neither decides about this report nor coordinates who holds it",
                    "leave it to the arbiter of the agency that does, or to the national one");
    }
    case report::v1::ROLE_MONITOR:
    case report::v1::ROLE_SERVICE:
      return Sight{};
    case report::v1::ROLE_OMBUDSMAN:
      if (report.ombudsman_admitted) return Sight{.reporter_name = true};
      // Lives are in danger: what happened can't wait for the consent, who told it can.
      if (report.rapid_response) return Sight{};
      return Denied("the reporter has neither asked for the Ombudsman nor agreed",
                    "wait until the reporter does");
    case report::v1::ROLE_UNSPECIFIED:
      return Refuse(absl::StatusCode::kUnauthenticated, "receipt_secret",
                    "is required of a caller without a token",
                    "give the receipt secret, or call with a token");
    case report::v1::ROLE_CHANNEL:
    case report::v1::ROLE_ANALYST:
    case report::v1::ROLE_OPERATOR:
    case report::v1::ROLE_REPORTER:
    case report::v1::Role_INT_MIN_SENTINEL_DO_NOT_USE_:
    case report::v1::Role_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return Denied("the caller's role does not read reports", "give the reporter's receipt secret");
}

}  // namespace lapor::intake
