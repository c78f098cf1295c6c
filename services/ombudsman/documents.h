// The Ombudsman's documents: which kinds a stage takes, to whom they go, and their numbers. Pure.
#pragma once

#include <span>
#include <string>

#include "lapor/event/v1/ombudsman.pb.h"
#include "libs/decision/refusal.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman {

// Who may be written to with a kind of document.
enum class Recipient {
  // The respondent, or who is above them.
  kAgency,
  // Somebody who is no agency of the registry.
  kOther,
  kEither,
};

struct DocumentRule {
  event::v1::DocumentKind kind;
  Recipient recipient;
  std::span<const EscalationStage> stages;
};
std::span<const DocumentRule> DocumentRules();
// Null for a kind that is none.
const DocumentRule* FindRule(event::v1::DocumentKind kind);

// As CLARIFICATION_REQUEST.
std::string NameOf(event::v1::DocumentKind kind);

struct DocumentId {
  std::string report_id;
  int escalation = 0;
  int document = 0;

  bool operator==(const DocumentId&) const = default;
};

// As 7K3M9QXT2B54-1/03.
std::string ToString(const DocumentId& id);
// Reads what somebody typed into the field document_number; of what is wrong adds to `refusals`.
DocumentId CheckDocumentNumber(const std::string& typed, decision::Refusals& refusals);

// Of UTF-8 text or any other bytes: 64 lower-case hexadecimal digits.
std::string Sha256(const std::string& bytes);

}  // namespace lapor::ombudsman
