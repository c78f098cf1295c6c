#include "libs/telling/event_words.h"

#include <catch2/catch.hpp>

namespace lapor::telling {
namespace {

TEST_CASE(
    "a breach that names no agency names who let it run out: the Ombudsman, an addressee, administrators") {
  const auto accountable = [](report::v1::Clock clock, const std::string& agency_id = "") {
    event::v1::Event event;
    event.mutable_clock_breached()->set_clock(clock);
    event.mutable_clock_breached()->set_agency_id(agency_id);
    const std::string told = Describe(event, Wib(), [](const std::string& id) { return id; });
    return told.substr(told.rfind(": ") + 2);
  };
  CHECK(accountable(report::v1::CLOCK_OMBUDSMAN_CHECK) == "the Ombudsman");
  CHECK(accountable(report::v1::CLOCK_RAPID_RESPONSE) == "the Ombudsman");
  CHECK(accountable(report::v1::CLOCK_SUMMONS) == "the addressee");
  CHECK(accountable(report::v1::CLOCK_SUMMONS, "id.32") == "id.32");
  CHECK(accountable(report::v1::CLOCK_FIRST_RESPONSE) == "the administrators");
}

}  // namespace
}  // namespace lapor::telling
