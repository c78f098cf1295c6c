#include "libs/report/tracking_id.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "libs/report/base32.h"

namespace lapor::report {
namespace {

constexpr size_t kRandomCharacters = 11;
constexpr size_t kCharacters = kRandomCharacters + 1;

// Multiplication by x in the field of 32 elements, GF(2)[x] / (x^5 + x^2 + 1), where x generates all 31
// others.
constexpr uint8_t TimesX(uint8_t value) {
  return static_cast<uint8_t>((value & 0x10) != 0 ? (value << 1) ^ 0x25 : value << 1);
}

}  // namespace

// The sum over all 12 characters of c[i] * x^(11-i) is zero. A field has no zero divisors, so a single wrong
// character changes the sum; and the powers x^0 to x^11 differ, so the exchange of two different characters
// does too. Sums modulo 32 can't do both: their weights and the differences of these would all have to be
// odd.
char CheckCharacter(std::string_view random_part) {
  uint8_t sum = 0;
  for (const char c : random_part) sum = TimesX(static_cast<uint8_t>(sum ^ Base32Value(c)));
  return Base32Character(sum);
}

std::string NewTrackingId() {
  std::array<uint8_t, kRandomCharacters> random;
  randombytes_buf(random.data(), random.size());
  std::string id;
  id.reserve(kCharacters);
  for (const uint8_t byte : random) id.push_back(Base32Character(byte));
  id.push_back(CheckCharacter(id));
  return id;
}

std::string ShowTrackingId(std::string_view id) { return InGroups(id); }

TrackingIdReading ReadTrackingId(std::string_view typed) {
  std::optional<std::string> id = ReadBase32(typed);
  if (!id || id->size() != kCharacters) return {"", TrackingIdFault::kMalformed};
  const std::string_view random_part = std::string_view(*id).substr(0, kRandomCharacters);
  if (CheckCharacter(random_part) != id->back()) return {"", TrackingIdFault::kCheckCharacter};
  return {std::move(*id), TrackingIdFault::kNone};
}

std::string CheckTrackingId(const std::string& field, const std::string& typed,
                            decision::Refusals& refusals) {
  if (typed.empty()) {
    refusals.Add(field, "is required", "give the tracking id of the report, as 7K3M-9QXT-2B54");
    return "";
  }
  TrackingIdReading reading = ReadTrackingId(typed);
  switch (reading.fault) {
    case TrackingIdFault::kNone:
      break;
    case TrackingIdFault::kMalformed:
      refusals.Add(field, "is not a tracking id: 12 digits and letters, as 7K3M-9QXT-2B54",
                   "compare it with the receipt");
      break;
    case TrackingIdFault::kCheckCharacter:
      refusals.Add(field,
                   "has a check character that does not match, so a character is wrong or out of place",
                   "compare it with the receipt");
      break;
  }
  return reading.id;
}

}  // namespace lapor::report
