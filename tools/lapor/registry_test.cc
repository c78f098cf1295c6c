#include "tools/lapor/registry.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "libs/decision/refusal.h"
#include "libs/policy/data_dir_for_test.h"

namespace lapor::client {
namespace {

using policy::DataDir;

absl::StatusOr<RegistryRows> Read(const DataDir& dir, const char* text) {
  dir.Write("changes.csv", text);
  return ReadChanges(dir.File("changes.csv"));
}

// The message without the folder.
std::string Error(const DataDir& dir, const char* text) {
  const auto rows = Read(dir, text);
  REQUIRE(absl::IsInvalidArgument(rows.status()));
  return policy::Replace(std::string(rows.status().message()), dir.path().string() + "/", "");
}

TEST_CASE("a file of changes gives the fields that it has columns for, and no others") {
  const DataDir dir;
  const auto rows = Read(dir,
                         "name,id,time_zone\n"
                         "\"Dinas Kesehatan, Kota Bandung\",id.32.73.dinkes,WIB\n"
                         ",id.32.73.dpupr,\n");
  INFO(rows.status());
  REQUIRE(rows.ok());
  const auto& request = rows->request;
  CHECK(request.update_mask().ShortDebugString() == "paths: \"name\" paths: \"time_zone\"");
  REQUIRE(request.agencies_size() == 2);
  CHECK(request.agencies(0).agency_id() == "id.32.73.dinkes");
  CHECK(request.agencies(0).name() == "Dinas Kesehatan, Kota Bandung");
  CHECK(request.agencies(0).time_zone() == report::v1::TIME_ZONE_WIB);
  CHECK(request.agencies(1).time_zone() == report::v1::TIME_ZONE_UNSPECIFIED);
  CHECK(rows->origins[1] == dir.File("changes.csv") + ":3");
}

TEST_CASE("attributes are read from their columns") {
  const DataDir dir;
  const auto rows =
      Read(dir,
           "id,decree,decree_date,officers,plan,plan_from,plan_until,application,service_hours\n"
           "id.32.73,188/2024,2024-03-01,Layanan <a@b.example>; Jaga <+62>,RA-7,2024-03-01,"
           "2025-03-01,lapor-bandung,mon-thu 08:00-16:00; fri 08:00-11:30\n"
           "id.32.74,,,,,,,,\n");
  INFO(rows.status());
  REQUIRE(rows.ok());
  CHECK(rows->request.update_mask().paths_size() == 5);
  const routing::v1::Agency& agency = rows->request.agencies(0);
  CHECK(agency.team_decree().number() == "188/2024");
  CHECK(agency.liaison_officers(1).name() == "Jaga");
  CHECK(agency.liaison_officers(1).contact() == "+62");
  CHECK(agency.action_plan().valid_until() == "2025-03-01");
  REQUIRE(agency.service_hours_size() == 5);
  CHECK(agency.service_hours(4).weekday() == 5);
  CHECK(agency.service_hours(4).closes_minute() == 11 * 60 + 30);
  CHECK_FALSE(rows->request.agencies(1).has_team_decree());
  CHECK_FALSE(rows->request.agencies(1).has_action_plan());
}

TEST_CASE("endings name who stands in the place of an agency") {
  const DataDir dir;
  const auto rows = Read(dir,
                         "id,ended,successors\n"
                         "id.a,merged,id.b\n"
                         "id.c,SPLIT,id.d; id.e 32 33.01 health\n");
  INFO(rows.status());
  REQUIRE(rows.ok());
  CHECK(rows->request.update_mask().ShortDebugString() == "paths: \"ended\"");
  CHECK(rows->request.agencies(0).ended() == event::v1::AGENCY_CHANGE_MERGED);
  const auto& split = rows->request.agencies(1);
  CHECK(split.ended() == event::v1::AGENCY_CHANGE_SPLIT);
  CHECK(split.successors(0).regions().empty());
  CHECK(split.successors(1).regions_size() == 2);
  CHECK(split.successors(1).categories(0) == "health");
}

TEST_CASE("every mistake of a file is told with its line, and no contact is repeated") {
  const DataDir dir;
  CHECK(
      Error(dir, "id,colour\nid.a,red\n").starts_with("changes.csv:1: column 'colour' is none of id, name,"));
  CHECK(Error(dir, "name\nx\n") == "changes.csv:1: has no column 'id'");
  CHECK(Error(dir, "id\nid.a\n") == "changes.csv:1: has no column besides 'id', so it changes nothing");
  CHECK(Error(dir, "id,name\n") == "changes.csv: has no rows");
  CHECK(Error(dir,
              "id,kind,officers,service_hours\n"
              "id.a,town,Budi 0812,mon 8-16\n"
              "id.b,unit,,\n"
              "id.a,unit,,sun-mon 08:00-09:00\n") ==
        "changes.csv:2: kind is none of national, province, regency, city, unit, state-company\n"
        "changes.csv:2: officers is not 'NAME <CONTACT>; NAME <CONTACT>'\n"
        "changes.csv:2: service_hours is not 'mon-thu 08:00-16:00; fri 08:00-11:30'\n"
        "changes.csv:4: service_hours is not 'mon-thu 08:00-16:00; fri 08:00-11:30'\n"
        "changes.csv:4: id 'id.a' is already at changes.csv:2");
}

TEST_CASE("what routing refuses is told by file and line") {
  decision::Refusals refusals;
  refusals.Add("agencies[1].parent_id", "is agencies[0], which comes later", "put coordinators first");
  refusals.Add("agencies", "7 more rules are broken", "put these right");
  const absl::Status located = WithOrigins(refusals.status(), {"a.csv:2", "a.csv:3"});
  CHECK(located.code() == absl::StatusCode::kInvalidArgument);
  const auto bad_input = decision::BadInputOf(located);
  REQUIRE(bad_input.has_value());
  CHECK(bad_input->violations(0).field() == "a.csv:3: parent_id");
  CHECK(bad_input->violations(0).rule() == "is a.csv:2, which comes later");
  CHECK(bad_input->violations(1).field() == "agencies");
}

TEST_CASE("a row of an instance takes the place of a template's unit, with the line that it came from") {
  const DataDir dir;
  const char* source = getenv("LAPOR_SOURCE_DIR");
  REQUIRE(source != nullptr);
  for (const auto& file : std::filesystem::directory_iterator(std::string(source) + "/deploy/reference"))
    std::filesystem::copy(file.path(), dir.path() / file.path().filename());
  dir.Write("agencies-own.csv",
            "id,name,kind,parent,region,time_zone,short_name,units\n"
            "id.32.73.dinkes,Dinas Kesehatan Kota Bandung,unit,id.32.73,32.73,WIB,Dinkes Bandung,\n");
  const auto rows = ReadReference(dir.path());
  INFO(rows.status());
  REQUIRE(rows.ok());
  CHECK(rows->request.agencies_size() > 17'000);
  // All of it has to fit into one call.
  CHECK(rows->request.agencies_size() <= 25'000);
  CHECK(rows->request.ByteSizeLong() < 4 * 1024 * 1024);
  int found = 0;
  for (int i = 0; i < rows->request.agencies_size(); ++i) {
    if (rows->request.agencies(i).agency_id() != "id.32.73.dinkes") continue;
    ++found;
    CHECK(rows->request.agencies(i).name() == "Dinas Kesehatan Kota Bandung");
    CHECK(rows->origins[static_cast<size_t>(i)] == dir.File("agencies-own.csv") + ":2");
  }
  CHECK(found == 1);
}

TEST_CASE("a dry run is told agency by agency, from what to what") {
  routing::v1::RecordAgenciesResponse recorded;
  routing::v1::AgencyDifference& created = *recorded.add_differences();
  created.set_agency_id("id.new");
  created.set_change(event::v1::AGENCY_CHANGE_CREATED);
  routing::v1::AgencyDifference& merged = *recorded.add_differences();
  merged.set_agency_id("id.old");
  merged.set_change(event::v1::AGENCY_CHANGE_MERGED);
  merged.set_open_reports(12);
  routing::v1::FieldDifference& field = *merged.add_fields();
  field.set_field("ended");
  field.set_after("AGENCY_CHANGE_MERGED, id.new");
  CHECK(ShowDifferences(recorded) ==
        "created  id.new\n"
        "merged   id.old\n"
        "           ended: (none) -> AGENCY_CHANGE_MERGED, id.new\n"
        "           12 open reports are carried over\n");
}

}  // namespace
}  // namespace lapor::client
