#include "libs/report/tracking_id.h"

#include <catch2/catch.hpp>
#include <set>

#include "libs/report/base32.h"

namespace lapor::report {
namespace {

constexpr int kSamples = 200;

TEST_CASE("a new tracking id reads back, as it is and as people see it") {
  for (int i = 0; i < kSamples; ++i) {
    const std::string id = NewTrackingId();
    CHECK(id.size() == 12);
    const TrackingIdReading reading = ReadTrackingId(id);
    CHECK(reading.fault == TrackingIdFault::kNone);
    CHECK(reading.id == id);
    CHECK(ReadTrackingId(ShowTrackingId(id)).id == id);
  }
}

TEST_CASE("a tracking id is shown in groups of four") {
  CHECK(ShowTrackingId("7K3M9QXT2B54") == "7K3M-9QXT-2B54");
}

TEST_CASE("new tracking ids differ, and use every character in every random place") {
  std::set<std::string> ids;
  std::set<std::pair<size_t, char>> used;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = NewTrackingId();
    ids.insert(id);
    for (size_t place = 0; place < 11; ++place) used.emplace(place, id[place]);
  }
  CHECK(ids.size() == 2000);
  CHECK(used.size() == 11 * 32);
}

TEST_CASE("every single wrong character is told") {
  for (int i = 0; i < kSamples; ++i) {
    const std::string id = NewTrackingId();
    for (size_t place = 0; place < id.size(); ++place) {
      for (uint8_t value = 0; value < 32; ++value) {
        std::string wrong = id;
        wrong[place] = Base32Character(value);
        if (wrong == id) continue;
        REQUIRE(ReadTrackingId(wrong).fault == TrackingIdFault::kCheckCharacter);
      }
    }
  }
}

TEST_CASE("every exchange of two different characters is told, adjacent or not") {
  for (int i = 0; i < kSamples; ++i) {
    const std::string id = NewTrackingId();
    for (size_t a = 0; a < id.size(); ++a) {
      for (size_t b = a + 1; b < id.size(); ++b) {
        if (id[a] == id[b]) continue;
        std::string wrong = id;
        std::swap(wrong[a], wrong[b]);
        REQUIRE(ReadTrackingId(wrong).fault == TrackingIdFault::kCheckCharacter);
      }
    }
  }
}

// The property does not hang on the samples: in each pair of adjacent places, whatever stands in the others.
TEST_CASE("every pair of characters in every pair of adjacent places is told from its exchange") {
  for (size_t place = 0; place + 1 < 11; ++place) {
    for (uint8_t first = 0; first < 32; ++first) {
      for (uint8_t second = 0; second < first; ++second) {
        std::string one(11, '0');
        one[place] = Base32Character(first);
        one[place + 1] = Base32Character(second);
        std::string other = one;
        std::swap(other[place], other[place + 1]);
        REQUIRE(CheckCharacter(one) != CheckCharacter(other));
      }
    }
  }
}

TEST_CASE("a tracking id is read in either case, with hyphens and spaces, and with look-alikes") {
  std::string id = "0101010101A";
  id.push_back(CheckCharacter(id));
  for (const std::string typed : {"oioioioioia", "OLOLOLOLOLA", "0l0I 0101-01a", " O1o1 o1O1-o1A"}) {
    CHECK(ReadTrackingId(typed + id.back()).id == id);
  }
}

TEST_CASE("what is no tracking id is told from one with a wrong character") {
  for (const char* typed : {"", "-", "7K3M-9QXT-2B5", "7K3M-9QXT-2B54H", "7K3M-9QXT-2B5U", "7K3M-9QXT-2B5!",
                            "7K3M\n9QXT2B5H", "7K3M-9QXT-2B5\xC3\xA9"}) {
    CAPTURE(typed);
    const TrackingIdReading reading = ReadTrackingId(typed);
    CHECK(reading.fault == TrackingIdFault::kMalformed);
    CHECK(reading.id.empty());
  }
}

TEST_CASE("a tracking id that was misread is told from one that never was one") {
  const auto rule_of = [](const std::string& typed) {
    decision::Refusals refusals;
    CHECK(CheckTrackingId("tracking_id", typed, refusals).empty());
    return decision::BadInputOf(refusals.status())->violations(0).rule();
  };
  CHECK(rule_of("") == "is required");
  CHECK(rule_of("hello") == "is not a tracking id: 12 digits and letters, as 7K3M-9QXT-2B54");
  std::string misread = NewTrackingId();
  misread[3] = misread[3] == '7' ? '8' : '7';
  CHECK(rule_of(misread) ==
        "has a check character that does not match, so a character is wrong or out of place");

  decision::Refusals refusals;
  const std::string id = NewTrackingId();
  CHECK(CheckTrackingId("tracking_id", ShowTrackingId(id), refusals) == id);
  CHECK(refusals.ok());
}

}  // namespace
}  // namespace lapor::report
