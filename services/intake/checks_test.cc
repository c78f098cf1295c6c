#include "services/intake/checks.h"

#include <catch2/catch.hpp>
#include <functional>

#include "libs/decision/proto_time.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

const absl::Time kNow = At("2025-03-03 09:00");

// "field: rule" of each violation of a report, in their order.
std::vector<std::string> Violations(const std::function<void(v1::NewReport&)>& spoil) {
  v1::NewReport report = FullReport();
  *report.mutable_identity() = FullIdentity();
  spoil(report);
  decision::Refusals refusals;
  CheckNewReport(report, kNow, *ShippedPolicy(), refusals);
  std::vector<std::string> found;
  if (refusals.ok()) return found;
  CHECK(refusals.status().code() == absl::StatusCode::kInvalidArgument);
  const auto bad_input = decision::BadInputOf(refusals.status());
  REQUIRE(bad_input.has_value());
  for (const auto& violation : bad_input->violations()) {
    CHECK_FALSE(violation.remedy().empty());
    found.push_back(violation.field() + ": " + violation.rule());
  }
  return found;
}

std::string Only(const std::vector<std::string>& violations) {
  return violations.size() == 1 ? violations[0] : std::to_string(violations.size()) + " violations";
}

TEST_CASE("a report with all that it may have is fine, and so is one with the least") {
  CHECK(Violations([](v1::NewReport&) {}).empty());
  CHECK(Violations([](v1::NewReport& report) {
          report.clear_category();
          report.clear_region();
          report.clear_attachments();
          report.clear_identity();
          report.set_anonymous(true);
          report.clear_supervision();
        }).empty());
}

TEST_CASE("everything that is wrong is told at once") {
  CHECK(Violations([](v1::NewReport& report) { report = v1::NewReport(); }) ==
        std::vector<std::string>{"report.report_class: is required", "report.channel: is required",
                                 "report.title: is required", "report.description: is required",
                                 "report.identity: is required of a report that is not anonymous"});
}

TEST_CASE("classes and channels that don't exist are as good as none") {
  CHECK(Only(Violations([](v1::NewReport& report) {
          report.set_report_class(static_cast<report::v1::ReportClass>(77));
        })) == "report.report_class: is required");
  CHECK(Only(Violations([](v1::NewReport& report) {
          report.set_channel(static_cast<report::v1::Channel>(77));
        })) == "report.channel: is required");
}

TEST_CASE("a language is one that the suite writes in, or left out") {
  CHECK(Only(Violations([](v1::NewReport& report) {
          report.set_language(static_cast<report::v1::Language>(77));
        })) == "report.language: is not a language that the suite writes in");
  CHECK(Violations([](v1::NewReport& report) { report.set_language(report::v1::LANGUAGE_ENGLISH); }).empty());
}

// "field: rule" of what is wrong; empty when nothing is.
std::string OnlyOf(const decision::Refusals& refusals) {
  if (refusals.ok()) return "";
  const auto bad_input = decision::BadInputOf(refusals.status());
  REQUIRE(bad_input->violations_size() == 1);
  CHECK_FALSE(bad_input->violations(0).remedy().empty());
  return bad_input->violations(0).field() + ": " + bad_input->violations(0).rule();
}

TEST_CASE("what is complained about happened on a day that has come, somewhere in the country") {
  const auto check = [](const std::string& occurred_on, const std::string& now) {
    event::v1::ReporterDeclarations declarations;
    declarations.set_occurred_on(occurred_on);
    decision::Refusals refusals;
    CheckDeclarations("declarations", declarations, At(now), refusals);
    return OnlyOf(refusals);
  };
  CHECK(check("", "2025-03-03 09:00").empty());
  CHECK(check("2025-03-03", "2025-03-03 09:00").empty());
  // In Papua the next day begins at 15:00 UTC.
  CHECK(check("2025-03-04", "2025-03-03 15:00").empty());
  CHECK(check("2025-03-04", "2025-03-03 14:59") == "declarations.occurred_on: lies in the future");
  for (const char* no_date : {"3 Maret 2025", "2025-02-30", "2025-3-3"})
    CHECK(check(no_date, "2025-03-03 09:00") == "declarations.occurred_on: is not a date");
}

TEST_CASE("a reason is one of the catalogue; where it is required, none is told") {
  const auto check = [](int reason, bool required) {
    decision::Refusals refusals;
    CheckReason("reason", static_cast<event::v1::DissatisfactionReason>(reason), required, refusals);
    return OnlyOf(refusals);
  };
  CHECK(check(event::v1::DISSATISFACTION_REASON_UNTRUE, true).empty());
  CHECK(check(event::v1::DISSATISFACTION_REASON_UNSPECIFIED, false).empty());
  CHECK(check(event::v1::DISSATISFACTION_REASON_UNSPECIFIED, true) == "reason: is required");
  CHECK(check(77, false) == "reason: is not a reason of the catalogue");
}

TEST_CASE("supervision is for complaints") {
  CHECK(Only(Violations([](v1::NewReport& report) {
          report.set_report_class(report::v1::REPORT_CLASS_ASPIRATION);
        })) == "report.supervision: is for complaints only");
}

TEST_CASE("lengths are counted in characters") {
  const auto repeated = [](const char* character, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += character;
    return text;
  };
  CHECK(Violations([&](v1::NewReport& report) { report.set_title(repeated("\u00e9", 200)); }).empty());
  CHECK(Only(Violations([&](v1::NewReport& report) { report.set_title(repeated("\u00e9", 201)); })) ==
        "report.title: has more than 200 characters");
  CHECK(
      Violations([&](v1::NewReport& report) { report.set_description(repeated("\u00e9", 20'000)); }).empty());
  CHECK(Only(Violations([&](v1::NewReport& report) { report.set_description(repeated("x", 20'001)); })) ==
        "report.description: has more than 20000 characters");
  CHECK(Only(Violations([&](v1::NewReport& report) { report.set_description(repeated("x", 1 << 20)); })) ==
        "report.description: has more than 20000 characters");
}

TEST_CASE("a title is one line without control characters, a description may have more lines") {
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_title("a\nb"); })) ==
        "report.title: holds line breaks or other control characters");
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_title(std::string("a\0b", 3)); })) ==
        "report.title: holds line breaks or other control characters");
  CHECK(Violations([](v1::NewReport& report) { report.set_description("a\r\n\tb"); }).empty());
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_description(std::string("a\0b", 3)); })) ==
        "report.description: holds control characters other than line breaks and tabs");
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_description("\x1b[31m"); })) ==
        "report.description: holds control characters other than line breaks and tabs");
}

TEST_CASE("blank texts are no texts, and what is not UTF-8 is told") {
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_title("  "); })) ==
        "report.title: is required");
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_description("caf\xE9"); })) ==
        "report.description: is not UTF-8");
}

TEST_CASE("places and topics are codes of the reference data; districts and villages count") {
  CHECK(Violations([](v1::NewReport& report) { report.set_region("32.73.01.1001"); }).empty());
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_region("99.99"); })) ==
        "report.region: is not a code of regions.csv, nor of a district or village in one");
  CHECK(Only(Violations([](v1::NewReport& report) { report.set_category("ufo"); })) ==
        "report.category: is not a code of categories.csv");
}

TEST_CASE("a report is written neither in the future nor more than a year ago") {
  const auto written = [](absl::Time at) {
    return [at](v1::NewReport& report) { *report.mutable_written_at() = decision::ToProto(at); };
  };
  CHECK(Violations(written(kNow + absl::Minutes(2))).empty());
  CHECK(Violations(written(kNow - absl::Hours(365 * 24))).empty());
  CHECK(Only(Violations(written(kNow + absl::Seconds(121)))) == "report.written_at: lies in the future");
  CHECK(Only(Violations(written(kNow - absl::Hours(367 * 24)))) == "report.written_at: is older than a year");
  CHECK(Only(Violations([](v1::NewReport& report) { report.mutable_written_at()->set_nanos(-1); })) ==
        "report.written_at: is not a time of the years 1 to 9999");
  CHECK(Only(Violations([](v1::NewReport& report) {
          report.mutable_written_at()->set_seconds(std::numeric_limits<int64_t>::max());
        })) == "report.written_at: is not a time of the years 1 to 9999");
}

TEST_CASE("an attachment without a hash is told by its place") {
  CHECK(Only(Violations([](v1::NewReport& report) { report.mutable_attachments(0)->clear_sha256(); })) ==
        "report.attachments[0].sha256: must be 64 lower-case hexadecimal digits");
}

TEST_CASE("a request has at most ten attachments") {
  const auto with = [](int count) {
    return Violations([count](v1::NewReport& report) {
      while (report.attachments_size() < count) *report.add_attachments() = Photo();
    });
  };
  CHECK(with(10).empty());
  CHECK(Only(with(11)) == "report.attachments: has more than 10 attachments");
}

TEST_CASE("an identity has a name; number, phone and e-mail are well formed or empty") {
  const auto spoilt = [](const std::function<void(v1::Identity&)>& spoil) {
    return Only(Violations([&](v1::NewReport& report) { spoil(*report.mutable_identity()); }));
  };
  CHECK(spoilt([](auto& i) { i.clear_name(); }) == "report.identity.name: is required");
  CHECK(spoilt([](auto& i) { i.set_name(std::string(201, 'x')); }) ==
        "report.identity.name: has more than 200 characters");
  for (const char* nik : {"123", "327301410790000a", "32730141079000011"}) {
    CHECK(spoilt([&](auto& i) { i.set_nik(nik); }) == "report.identity.nik: must have 16 digits");
  }
  for (const char* phone :
       {"081234567890", "+6281234", "+62812345678901234", "+1 202 555 0100", "+62 812345678"}) {
    CHECK(spoilt([&](auto& i) { i.set_phone(phone); }) ==
          "report.identity.phone: must be +62 and 8 to 13 digits");
  }
  for (const char* email : {"siti", "@example.id", "siti@", "si ti@example.id", "a@b@c"}) {
    CHECK(spoilt([&](auto& i) { i.set_email(email); }) == "report.identity.email: is not an e-mail address");
  }
  CHECK(spoilt([](auto& i) { i.set_address(std::string(501, 'x')); }) ==
        "report.identity.address: has more than 500 characters");
  CHECK(spoilt([](auto& i) {
          i.clear_nik();
          i.clear_phone();
          i.clear_email();
          i.clear_address();
        }) == "0 violations");
}

TEST_CASE("no refusal repeats what the caller wrote") {
  v1::NewReport report = FullReport();
  report.set_title("CANARY\n");
  report.set_category("CANARY");
  report.set_region("CANARY");
  report.mutable_attachments(0)->set_uri("CANARY:");
  report.mutable_identity()->set_nik("CANARY");
  decision::Refusals refusals;
  CheckNewReport(report, kNow, *ShippedPolicy(), refusals);
  CHECK(std::string(refusals.status().message()).find("CANARY") == std::string::npos);
}

}  // namespace
}  // namespace lapor::intake
