// What a request must look like, field by field. Each check adds what is wrong to `refusals`, with the
// field's path in the request, the rule and the remedy; neither repeats what the caller wrote. Pure;
// thread-safe.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "lapor/event/v1/intake.pb.h"
#include "lapor/intake/v1/intake.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/decision/refusal.h"
#include "libs/policy/policy.h"

namespace lapor::intake {

// As intake.proto says; lengths in characters unless the name says bytes.
inline constexpr size_t kMaxTitleCharacters = 200;
inline constexpr int kMaxRequestAttachments = 10;
inline constexpr size_t kMaxNameCharacters = 200;
inline constexpr size_t kNikDigits = 16;
inline constexpr size_t kMaxEmailCharacters = 254;
inline constexpr size_t kMaxAddressCharacters = 500;
inline constexpr int kMaxRating = 5;
// Of `written_at`.
inline constexpr absl::Duration kMaxClockSkew = absl::Minutes(2);
inline constexpr absl::Duration kMaxWrittenAge = absl::Hours(366 * 24);

using Attachments = google::protobuf::RepeatedPtrField<report::v1::Attachment>;

// `prefix` is the path of the message with its dot, as "report."; empty codes are fine.
void CheckPlace(const std::string& prefix, const std::string& category, const std::string& region,
                const policy::Policy& policy, decision::Refusals& refusals);
void CheckAttachments(const std::string& path, const Attachments& attachments, decision::Refusals& refusals);
void CheckIdentity(const std::string& path, const v1::Identity& identity, decision::Refusals& refusals);

// Why a reporter isn't satisfied. No code of the catalogue, or none though it is required, is refused.
void CheckReason(const std::string& path, event::v1::DissatisfactionReason reason, bool required,
                 decision::Refusals& refusals);
void CheckDeclarations(const std::string& path, const event::v1::ReporterDeclarations& declarations,
                       absl::Time now, decision::Refusals& refusals);

void CheckNewReport(const v1::NewReport& report, absl::Time now, const policy::Policy& policy,
                    decision::Refusals& refusals);

}  // namespace lapor::intake
