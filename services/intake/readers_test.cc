#include "services/intake/readers.h"

#include <catch2/catch.hpp>

#include "services/intake/receipt.h"

namespace lapor::intake {
namespace {

constexpr char kAgency[] = "id.32.73";

Report HeldReport() {
  Report report;
  report.id = "7K3M9QXT2B54";
  report.status = report::v1::REPORT_STATUS_IN_PROCESS;
  report.agency_id = kAgency;
  report.receipt_hash = std::string(32, 'r');
  report.identity_known = true;
  return report;
}

// "no", "words", or "words and name".
std::string Sees(const Report& report, report::v1::Role role, const std::string& agency_id = "",
                 const Report* lead = nullptr) {
  const auto sight = MayRead(report, lead, {"someone", role, agency_id}, false, "");
  if (!sight.ok()) return "no";
  return sight->reporter_name ? "words and name" : "words";
}

TEST_CASE("each role sees what it may of a report that an agency holds") {
  const Report report = HeldReport();
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "words and name");
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, kAgency) == "words and name");
  CHECK(Sees(report, report::v1::ROLE_TRIAGE) == "words and name");
  CHECK(Sees(report, report::v1::ROLE_ARBITER) == "words");
  CHECK(Sees(report, report::v1::ROLE_MONITOR) == "words");
  CHECK(Sees(report, report::v1::ROLE_SERVICE) == "words");
  CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "no");
  CHECK(Sees(report, report::v1::ROLE_CHANNEL) == "no");
  CHECK(Sees(report, report::v1::ROLE_ANALYST) == "no");
  CHECK(Sees(report, report::v1::ROLE_OPERATOR) == "no");
  CHECK(Sees(report, report::v1::ROLE_REPORTER) == "no");
  CHECK(Sees(report, report::v1::ROLE_UNSPECIFIED) == "no");
}

TEST_CASE("the administrator of an agency reads what a unit below it holds, and its officers do not") {
  Report report = HeldReport();
  report.agency_id = "id.32.73.dinkes";
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, kAgency) == "words");
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, "id.32") == "words");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "no");
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, "id.32.74") == "no");
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, "id.32.73.dinkes.rsud") == "no");
}

TEST_CASE("an agency's arbiter reads what it decides about and what those that it coordinates hold") {
  Report report = HeldReport();
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id") == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.32") == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, kAgency) == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.33") == "no");
  report.agency_id.clear();
  CHECK(Sees(report, report::v1::ROLE_ARBITER) == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.32") == "no");
  report.arbiter_agency_id = "id.kemendagri";
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.kemendagri") == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.32") == "no");
}

TEST_CASE("who has a child assignment reads the report as who leads does") {
  Report report = HeldReport();
  report.children = {{}, {.agency_id = "id.32.73.dinkes", .arbiter_agency_id = ""}};
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "words and name");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.73.dinkes") == "words and name");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.73.dishub") == "no");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "") == "no");

  report.agency_id = "id.11";
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, kAgency) == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.32") == "words");
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.33") == "no");
  report.children = {{.agency_id = "", .arbiter_agency_id = "id.33"}};
  CHECK(Sees(report, report::v1::ROLE_ARBITER, "id.33") == "words");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.73.dinkes") == "no");
  report.anonymous = true;
  report.children = {{.agency_id = "id.32.73.dinkes", .arbiter_agency_id = ""}};
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.73.dinkes") == "words");
}

TEST_CASE("a merged report is read by who reads its lead, with its own reporter's wishes") {
  Report lead = HeldReport();
  lead.anonymous = true;
  lead.ombudsman_admitted = true;
  lead.children = {{.agency_id = "id.32.73.dinkes", .arbiter_agency_id = "id.33"}};
  Report follower = HeldReport();
  follower.status = report::v1::REPORT_STATUS_MERGED;
  // What it once had says nothing while it follows.
  follower.agency_id = "id.11";

  CHECK(Sees(follower, report::v1::ROLE_OFFICER, kAgency, &lead) == "words and name");
  CHECK(Sees(follower, report::v1::ROLE_OFFICER, "id.32.73.dinkes", &lead) == "words and name");
  CHECK(Sees(follower, report::v1::ROLE_AGENCY_ADMIN, "id.32", &lead) == "words");
  CHECK(Sees(follower, report::v1::ROLE_ARBITER, "id.33", &lead) == "words");
  CHECK(Sees(follower, report::v1::ROLE_OFFICER, "id.11", &lead) == "no");
  CHECK(Sees(follower, report::v1::ROLE_TRIAGE, "", &lead) == "words and name");
  // The lead's reporter let the Ombudsman in, and not this one.
  CHECK(Sees(follower, report::v1::ROLE_OMBUDSMAN, "", &lead) == "no");
  follower.ombudsman_admitted = true;
  follower.name_secret = true;
  CHECK(Sees(follower, report::v1::ROLE_OMBUDSMAN, "", &lead) == "words and name");
  CHECK(Sees(follower, report::v1::ROLE_OFFICER, kAgency, &lead) == "words");
}

TEST_CASE("an agency that does not hold the report sees nothing of it") {
  Report report = HeldReport();
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.74") == "no");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32") == "no");
  CHECK(Sees(report, report::v1::ROLE_AGENCY_ADMIN, "id.32.74") == "no");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "") == "no");
  report.agency_id.clear();
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "no");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "") == "no");
}

TEST_CASE(
    "nobody but the Ombudsman learns the name of a reporter who is anonymous or asked to keep it secret") {
  Report report = HeldReport();
  (GENERATE(true, false) ? report.anonymous : report.name_secret) = true;
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "words");
  CHECK(Sees(report, report::v1::ROLE_TRIAGE) == "words");
  report.ombudsman_admitted = true;
  CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "words and name");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, kAgency) == "words");
}

TEST_CASE("the Ombudsman reads what its reporter let them read, whatever became of the case") {
  Report report = HeldReport();
  for (const v1::EscalationStatus escalation :
       {v1::ESCALATION_STATUS_PROPOSED, v1::ESCALATION_STATUS_OPEN, v1::ESCALATION_STATUS_CLOSED}) {
    report.escalation = escalation;
    report.ombudsman_admitted = false;
    CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "no");
    report.ombudsman_admitted = true;
    CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "words and name");
  }
}

TEST_CASE("in danger to life the Ombudsman reads before the consent, and learns the name with it") {
  Report report = HeldReport();
  report.rapid_response = true;
  CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "words");
  CHECK(Sees(report, report::v1::ROLE_OFFICER, "id.32.74") == "no");
  report.ombudsman_admitted = true;
  CHECK(Sees(report, report::v1::ROLE_OMBUDSMAN) == "words and name");
  // Each report by itself.
  const Report follower = HeldReport();
  CHECK(Sees(follower, report::v1::ROLE_OMBUDSMAN, "", &report) == "no");
}

TEST_CASE("the receipt makes a reporter of anybody, and a wrong one of nobody") {
  const Report report = HeldReport();
  const std::string right(32, 'r');
  const std::string wrong(32, 'w');
  for (const report::v1::Role role :
       {report::v1::ROLE_UNSPECIFIED, report::v1::ROLE_CHANNEL, report::v1::ROLE_TRIAGE}) {
    const rpc::Caller caller{"someone", role, ""};
    const auto sight = MayRead(report, nullptr, caller, true, right);
    REQUIRE(sight.ok());
    CHECK_FALSE(sight->reporter_name);
    CHECK(MayRead(report, nullptr, caller, true, wrong).status().code() ==
          absl::StatusCode::kPermissionDenied);
    CHECK(MayRead(report, nullptr, caller, true, "").status().code() == absl::StatusCode::kPermissionDenied);
  }
}

TEST_CASE("without token and receipt a caller is asked for one of them") {
  CHECK(MayRead(HeldReport(), nullptr, {}, false, "").status().code() == absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace lapor::intake
