#include "services/ombudsman/documents.h"

#include <fmt/format.h>
#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "libs/report/tracking_id.h"

namespace lapor::ombudsman {
namespace {

constexpr EscalationStage kExamined[] = {event::v1::ESCALATION_STAGE_EXAMINATION};
constexpr EscalationStage kExaminedOrWatched[] = {event::v1::ESCALATION_STAGE_EXAMINATION,
                                                  event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING};
constexpr EscalationStage kWatched[] = {event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING};
constexpr EscalationStage kSidePaths[] = {event::v1::ESCALATION_STAGE_MEDIATION,
                                          event::v1::ESCALATION_STAGE_CONCILIATION,
                                          event::v1::ESCALATION_STAGE_SPECIAL_ADJUDICATION};
constexpr EscalationStage kPublished[] = {event::v1::ESCALATION_STAGE_PUBLICATION};

constexpr DocumentRule kRules[] = {
    {event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, Recipient::kAgency, kExamined},
    {event::v1::DOCUMENT_KIND_SUMMONS, Recipient::kEither, kExamined},
    {event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL, Recipient::kOther, kExamined},
    {event::v1::DOCUMENT_KIND_FIELD_CHECK, Recipient::kEither, kExaminedOrWatched},
    {event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, Recipient::kAgency, kExamined},
    {event::v1::DOCUMENT_KIND_RECOMMENDATION, Recipient::kAgency, kWatched},
    {event::v1::DOCUMENT_KIND_SETTLEMENT, Recipient::kEither, kSidePaths},
    {event::v1::DOCUMENT_KIND_PUBLICATION, Recipient::kOther, kPublished},
    {event::v1::DOCUMENT_KIND_REPORT_TO_PARLIAMENT, Recipient::kOther, kPublished},
};

// A whole text that is a number from 1, of at most three digits.
bool ReadNumber(std::string_view text, int* number) {
  constexpr size_t kMaxDigits = 3;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && rest == end && *number > 0 && text.size() <= kMaxDigits;
}

}  // namespace

std::span<const DocumentRule> DocumentRules() { return kRules; }

const DocumentRule* FindRule(event::v1::DocumentKind kind) {
  const auto* rule = std::ranges::find(kRules, kind, &DocumentRule::kind);
  return rule == std::end(kRules) ? nullptr : rule;
}

std::string NameOf(event::v1::DocumentKind kind) {
  return event::v1::DocumentKind_Name(kind).substr(sizeof("DOCUMENT_KIND_") - 1);
}

std::string ToString(const DocumentId& id) {
  return fmt::format("{}-{}/{:02}", id.report_id, id.escalation, id.document);
}

DocumentId CheckDocumentNumber(const std::string& typed, decision::Refusals& refusals) {
  DocumentId id;
  const std::string_view text = typed;
  const size_t hyphen = text.rfind('-');
  const size_t slash = text.rfind('/');
  const bool parted = hyphen != text.npos && slash != text.npos && hyphen < slash;
  if (!parted || !ReadNumber(text.substr(hyphen + 1, slash - hyphen - 1), &id.escalation) ||
      !ReadNumber(text.substr(slash + 1), &id.document)) {
    refusals.Add("document_number", "is none of a document",
                 "give it as on the document, as 7K3M9QXT2B54-1/03");
    return {};
  }
  id.report_id = report::CheckTrackingId("document_number", std::string(text.substr(0, hyphen)), refusals);
  return id;
}

std::string Sha256(const std::string& bytes) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string digits;
  for (const unsigned char byte : hash) digits += fmt::format("{:02x}", byte);
  return digits;
}

}  // namespace lapor::ombudsman
