#include "services/intake/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "libs/decision/proto_time.h"
#include "libs/policy/calendar.h"
#include "libs/report/content.h"

namespace lapor::intake {
namespace {

using decision::Refusals;
using report::CheckText;
using report::kMaxTextCharacters;
using report::TextForm;

// WIT, where each day begins first.
const absl::TimeZone kFirstIndonesianZone = absl::FixedTimeZone(9 * 60 * 60);

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsIndonesianPhone(std::string_view text) {
  constexpr std::string_view kCountry = "+62";
  if (!text.starts_with(kCountry)) return false;
  text.remove_prefix(kCountry.size());
  return text.size() >= 8 && text.size() <= 13 && std::ranges::all_of(text, IsDigit);
}

bool IsEmail(std::string_view text) {
  const size_t at = text.find('@');
  return at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.find(' ') == std::string_view::npos;
}

void CheckWrittenAt(const google::protobuf::Timestamp& proto, absl::Time now, Refusals& refusals) {
  constexpr int64_t kMinSeconds = -62'135'596'800;  // the year 1
  constexpr int64_t kMaxSeconds = 253'402'300'799;  // the year 9999
  constexpr int32_t kMaxNanos = 999'999'999;
  constexpr char kField[] = "report.written_at";
  if (proto.seconds() < kMinSeconds || proto.seconds() > kMaxSeconds || proto.nanos() < 0 ||
      proto.nanos() > kMaxNanos) {
    refusals.Add(kField, "is not a time of the years 1 to 9999",
                 "give seconds and nanoseconds since 1970, in UTC");
    return;
  }
  const absl::Time written_at = decision::FromProto(proto);
  if (written_at > now + kMaxClockSkew) {
    refusals.Add(kField, "lies in the future",
                 "set the channel's clock (it may be 2 minutes fast), or leave the time out");
  } else if (written_at < now - kMaxWrittenAge) {
    refusals.Add(kField, "is older than a year", "leave it out, and tell the date in the description");
  }
}

}  // namespace

void CheckPlace(const std::string& prefix, const std::string& category, const std::string& region,
                const policy::Policy& policy, Refusals& refusals) {
  if (!category.empty() && policy.FindCategory(category) == nullptr) {
    refusals.Add(prefix + "category", "is not a code of categories.csv",
                 "take a code such as roads.regency, or leave it empty for an administrator to find it");
  }
  if (!region.empty() && policy.FindRegion(region) == nullptr) {
    refusals.Add(prefix + "region", "is not a code of regions.csv, nor of a district or village in one",
                 "take a code such as 32.73, or leave it empty for an administrator to find it");
  }
}

void CheckAttachments(const std::string& path, const Attachments& attachments, Refusals& refusals) {
  if (attachments.size() > kMaxRequestAttachments) {
    refusals.Add(path, fmt::format("has more than {} attachments", kMaxRequestAttachments),
                 "add the others one by one, by AddAttachment");
    return;
  }
  for (int i = 0; i < attachments.size(); ++i) {
    report::CheckAttachment(fmt::format("{}[{}]", path, i), attachments[i], refusals);
  }
}

void CheckIdentity(const std::string& path, const v1::Identity& identity, Refusals& refusals) {
  CheckText(path + ".name", identity.name(), TextForm::kLine, kMaxNameCharacters, true, refusals);
  if (!identity.nik().empty() &&
      (identity.nik().size() != kNikDigits || !std::ranges::all_of(identity.nik(), IsDigit))) {
    refusals.Add(path + ".nik", fmt::format("must have {} digits", kNikDigits),
                 "copy the NIK from the identity card, without spaces, or leave it empty");
  }
  if (!identity.phone().empty() && !IsIndonesianPhone(identity.phone())) {
    refusals.Add(path + ".phone", "must be +62 and 8 to 13 digits",
                 "write 0812... as +62812..., without spaces, or leave it empty");
  }
  CheckText(path + ".email", identity.email(), TextForm::kLine, kMaxEmailCharacters, false, refusals);
  if (!identity.email().empty() && !IsEmail(identity.email())) {
    refusals.Add(path + ".email", "is not an e-mail address",
                 "write it as name@example.id, or leave it empty");
  }
  CheckText(path + ".address", identity.address(), TextForm::kText, kMaxAddressCharacters, false, refusals);
}

void CheckReason(const std::string& path, event::v1::DissatisfactionReason reason, bool required,
                 Refusals& refusals) {
  if (!event::v1::DissatisfactionReason_IsValid(reason)) {
    refusals.Add(path, "is not a reason of the catalogue",
                 "choose one, as DISSATISFACTION_REASON_NOT_RESOLVED, or DISSATISFACTION_REASON_OTHER");
  } else if (required && reason == event::v1::DISSATISFACTION_REASON_UNSPECIFIED) {
    refusals.Add(
        path, "is required",
        "say what is wrong, as DISSATISFACTION_REASON_NOT_RESOLVED, or DISSATISFACTION_REASON_OTHER");
  }
}

void CheckDeclarations(const std::string& path, const event::v1::ReporterDeclarations& declarations,
                       absl::Time now, Refusals& refusals) {
  if (declarations.occurred_on().empty()) return;
  absl::CivilDay occurred_on;
  if (!policy::ParseIsoDate(declarations.occurred_on(), occurred_on)) {
    refusals.Add(path + ".occurred_on", "is not a date",
                 "write it as 2026-03-20, or leave it empty if it was when the report was received");
  } else if (occurred_on > absl::ToCivilDay(now, kFirstIndonesianZone)) {
    refusals.Add(path + ".occurred_on", "lies in the future", "give the day on which it happened");
  }
}

void CheckNewReport(const v1::NewReport& report, absl::Time now, const policy::Policy& policy,
                    Refusals& refusals) {
  const bool has_class = report.report_class() != report::v1::REPORT_CLASS_UNSPECIFIED &&
                         report::v1::ReportClass_IsValid(report.report_class());
  if (!has_class) {
    refusals.Add("report.report_class", "is required", "choose complaint, aspiration or information request");
  } else if (report.supervision() && report.report_class() != report::v1::REPORT_CLASS_COMPLAINT) {
    refusals.Add("report.supervision", "is for complaints only", "leave it false, or file a complaint");
  }
  if (report.channel() == report::v1::CHANNEL_UNSPECIFIED || !report::v1::Channel_IsValid(report.channel())) {
    refusals.Add("report.channel", "is required",
                 "say through which channel the report came, as CHANNEL_WEB");
  }
  if (!report::v1::Language_IsValid(report.language())) {
    refusals.Add("report.language", "is not a language that the suite writes in",
                 "choose LANGUAGE_INDONESIAN or LANGUAGE_ENGLISH, or leave it out for Indonesian");
  }
  CheckText("report.title", report.title(), TextForm::kLine, kMaxTitleCharacters, true, refusals);
  CheckText("report.description", report.description(), TextForm::kText, kMaxTextCharacters, true, refusals);
  CheckPlace("report.", report.category(), report.region(), policy, refusals);
  CheckAttachments("report.attachments", report.attachments(), refusals);
  if (report.has_identity()) {
    CheckIdentity("report.identity", report.identity(), refusals);
  } else if (!report.anonymous()) {
    refusals.Add("report.identity", "is required of a report that is not anonymous",
                 "give the reporter's name, or set anonymous");
  }
  if (report.has_written_at()) CheckWrittenAt(report.written_at(), now, refusals);
}

}  // namespace lapor::intake
