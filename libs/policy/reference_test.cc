#include "libs/policy/reference.h"

#include <catch2/catch.hpp>

#include "libs/policy/data_dir_for_test.h"

namespace lapor::policy {
namespace {

std::string Without(const DataDir& dir, const absl::Status& status) {
  return Replace(std::string(status.message()), dir.path().string() + "/", "");
}

std::string RegionErrors(std::string_view regions) {
  DataDir dir;
  dir.Write("regions.csv", regions);
  return Without(dir, ReadRegions(dir.path()).status());
}

std::string CategoryErrors(std::string_view categories) {
  DataDir dir;
  dir.Write("categories.csv", categories);
  return Without(dir, ReadCategories(dir.path()).status());
}

// A registry of three governments with two units each.
class RegistryDir : public DataDir {
 public:
  RegistryDir() {
    Write("regions.csv", kRegions);
    Write("agencies-a.csv", kAgencies);
    Write("units-regency.csv", kUnits);
  }
  std::string Errors() const { return Without(*this, ReadAgencies(path()).status()); }
};

std::string AgencyErrors(std::string_view from, std::string_view to) {
  RegistryDir dir;
  dir.Write("agencies-a.csv", Replace(kAgencies, from, to));
  return dir.Errors();
}

TEST_CASE("regions are found by their code, and by the codes of their districts and villages") {
  DataDir dir;
  dir.Write("regions.csv", kRegions);
  const auto regions = ReadRegions(dir.path());
  REQUIRE(regions.ok());
  REQUIRE(FindRegion(*regions, "32.73") != nullptr);
  CHECK(FindRegion(*regions, "32.73")->name == "Kota Bandung");
  CHECK(FindRegion(*regions, "32.73")->kind == RegionKind::kCity);
  CHECK(FindRegion(*regions, "32.73")->parent == "32");
  CHECK(FindRegion(*regions, "32.73")->time_zone == report::v1::TIME_ZONE_WIB);
  CHECK(FindRegion(*regions, "32")->kind == RegionKind::kProvince);
  CHECK(FindRegion(*regions, "32.73.01") == FindRegion(*regions, "32.73"));
  CHECK(FindRegion(*regions, "32.73.01.1001") == FindRegion(*regions, "32.73"));
  for (const char* none : {"", "3", "33", "32.99", "32.99.01", "32.73.", "32.73.1", "32.73.01.1",
                           "32.73.01.1001.1", "32-73", "32.73.0x"}) {
    CHECK(FindRegion(*regions, none) == nullptr);
  }
}

TEST_CASE("a mistake in regions.csv is told with its line") {
  CHECK(RegionErrors(kRegions).empty());
  CHECK(RegionErrors(Replace(kRegions, "city", "town")) ==
        "regions.csv:4: kind is 'town'; it must be one of province, regency, city");
  CHECK(RegionErrors(Replace(kRegions, "city,32,WIB", "city,32,GMT")) ==
        "regions.csv:4: time_zone is 'GMT'; it must be one of WIB, WITA, WIT");
  CHECK(RegionErrors(Replace(kRegions, "32.73", "3273")) ==
        "regions.csv:4: code is '3273'; a city has the form 00.00");
  CHECK(RegionErrors(Replace(kRegions, "32,Jawa Barat", "3,Jawa Barat"))
            .find("regions.csv:2: code is '3'; a province has the form 00\n") == 0);
  CHECK(RegionErrors(Replace(kRegions, "city,32", "city,33")) ==
        "regions.csv:4: parent of 32.73 is '33'; its code says '32'");
  CHECK(RegionErrors(Replace(kRegions, "32.73", "32.01")) == "regions.csv:4: code 32.01 is there twice");
  CHECK(RegionErrors(Replace(kRegions, "Kota Bandung", "")) ==
        "regions.csv:4: name must have 1 to 200 bytes");
  CHECK(RegionErrors(Replace(kRegions, "32,Jawa Barat", "33,Jawa Barat")) ==
        "regions.csv:3: province 32 of 32.01 is not in the file\nregions.csv:4: province 32 of 32.73 is not "
        "in the file");
}

TEST_CASE("categories are read with their parents") {
  DataDir dir;
  dir.Write("categories.csv", kCategories);
  const auto categories = ReadCategories(dir.path());
  REQUIRE(categories.ok());
  const Category& hospital = categories->find("health.hospital")->second;
  CHECK(hospital.name == "Rumah Sakit");
  CHECK(hospital.name_en == "Hospitals");
  CHECK(hospital.parent == "health");
}

TEST_CASE("a mistake in categories.csv is told with its line") {
  CHECK(CategoryErrors(Replace(kCategories, "Hospitals,health", "Hospitals,wealth")) ==
        "categories.csv:3: parent 'wealth' is no category above this line");
  CHECK(CategoryErrors(Replace(kCategories, "Hospitals,health", "Hospitals,health.hospital")) ==
        "categories.csv:3: parent 'health.hospital' is no category above this line");
  CHECK(CategoryErrors(Replace(kCategories, "health.hospital,", "health,")) ==
        "categories.csv:3: code 'health' is there twice");
  CHECK(CategoryErrors(Replace(kCategories, "health.hospital,", "Health,")) ==
        "categories.csv:3: code is 'Health'; it must have 2 to 64 of a-z, 0-9, dot and hyphen");
}

TEST_CASE("agencies come with the units of their template, parents first") {
  const RegistryDir dir;
  const auto agencies = ReadAgencies(dir.path());
  REQUIRE(dir.Errors().empty());
  std::vector<std::string> ids;
  for (const AgencyRow& agency : *agencies) ids.push_back(agency.id);
  CHECK(ids == std::vector<std::string>{"id", "id.kemendagri", "id.32", "id.32.01", "id.32.73",
                                        "id.32.01.dinkes", "id.32.01.dishub", "id.32.73.dinkes",
                                        "id.32.73.dishub"});
  const AgencyRow& dinkes = (*agencies)[7];
  CHECK(dinkes.name == "Dinas Kesehatan Kota Bandung");
  CHECK(dinkes.short_name == "Dinkes Kota Bandung");
  CHECK(dinkes.kind == event::v1::AGENCY_KIND_UNIT);
  CHECK(dinkes.parent == "id.32.73");
  CHECK(dinkes.region == "32.73");
  CHECK(dinkes.time_zone == report::v1::TIME_ZONE_WIB);
}

TEST_CASE("a row of a further file takes the place of a unit of the template") {
  const RegistryDir dir;
  dir.Write("agencies-b.csv",
            "id,name,kind,parent,region,time_zone,short_name,units\n"
            "id.32.73.dinkes,Dinas Kesehatan,unit,id.32.73,32.73,WIB,Dinkes Kota,\n");
  const auto agencies = ReadAgencies(dir.path());
  REQUIRE(dir.Errors().empty());
  int found = 0;
  for (const AgencyRow& agency : *agencies) {
    if (agency.id != "id.32.73.dinkes") continue;
    ++found;
    CHECK(agency.short_name == "Dinkes Kota");
  }
  CHECK(found == 1);
  CHECK(agencies->size() == 9);
}

TEST_CASE("a parent may stand below its child, in another file") {
  const RegistryDir dir;
  dir.Write("agencies-0.csv",
            "id,name,kind,parent,region,time_zone,short_name,units\n"
            "id.pusk,Puskesmas,unit,id.32.73.dinkes,32.73,WIB,Puskesmas,\n");
  const auto agencies = ReadAgencies(dir.path());
  REQUIRE(dir.Errors().empty());
  CHECK(agencies->back().id == "id.pusk");
}

TEST_CASE("a mistake in the registry is told with its file and line") {
  CHECK(AgencyErrors("id.32.73,Pem", "id.32.01,Pem").find("agencies-a.csv:6: id 'id.32.01' is already at ") ==
        0);
  CHECK(AgencyErrors("regency,id.32,", "regency,id.33,") ==
        "agencies-a.csv:5: parent 'id.33' of id.32.01 is no agency");
  CHECK(AgencyErrors("city,id.32,32.73", "city,id.32,32.99")
            .find("agencies-a.csv:6: region '32.99' is not in regions.csv\n") == 0);
  CHECK(AgencyErrors("city,id.32,32.73", "city,id.32,")
            .find("agencies-a.csv:6: region '' is not in regions.csv\n") == 0);
  CHECK(AgencyErrors("32.73,WIB", "32.73,WIT") ==
        "agencies-a.csv:6: time_zone WIT is not that of region 32.73");
  CHECK(AgencyErrors("32.73,WIB", "32.73,CET") ==
        "agencies-a.csv:6: time_zone is 'CET'; it must be one of WIB, WITA, WIT");
  CHECK(AgencyErrors(",city,", ",regency,") ==
        "agencies-a.csv:6: kind 'regency' does not fit region 32.73 Kota Bandung");
  CHECK(AgencyErrors(",city,", ",town,")
            .find("agencies-a.csv:6: kind is 'town'; it must be one of national, ") == 0);
  CHECK(AgencyErrors("id.32.73,Pem", "ID.32.73,Pem")
            .find("agencies-a.csv:6: id is 'ID.32.73'; it must have 2 to 64") == 0);
  CHECK(AgencyErrors("Pemerintah Kota Bandung", std::string(201, 'x')) ==
        "agencies-a.csv:6: name must have 1 to 200 bytes");
  CHECK(AgencyErrors("Pemkot Bandung", "") == "agencies-a.csv:6: short_name must have 1 to 200 bytes");
  CHECK(AgencyErrors("Pemkot Bandung,regency", "Pemkot Bandung,town") ==
        "units-town.csv: cannot be read: No such file or directory");
}

TEST_CASE("there is one root, and everything is below it") {
  CHECK(AgencyErrors("national,id,", "national,,") ==
        "agencies-a.csv:3: id.kemendagri has no parent; only the root, id, may");
  CHECK(AgencyErrors("national,,", "national,id.kemendagri,").find("no agency is without parent") !=
        std::string::npos);
  CHECK(AgencyErrors("national,id,", "national,id.32,")
            .find("agencies-a.csv:3: id.kemendagri is in a cycle of parents, or below one\n"
                  "agencies-a.csv:4: id.32 is in a cycle of parents, or below one\n") == 0);
  CHECK(AgencyErrors("city,id.32,", "city,id.32.73,")
            .find("agencies-a.csv:6: id.32.73 is in a cycle of parents, or below one") == 0);
}

TEST_CASE("every region has exactly one government") {
  const RegistryDir dir;
  dir.Write("regions.csv", kRegions + "32.74,Kota Cirebon,city,32,WIB\n");
  CHECK(dir.Errors() == "regions.csv: region 32.74 Kota Cirebon has no government in agencies*.csv");
  dir.Write("agencies-b.csv",
            "id,name,kind,parent,region,time_zone,short_name,units\n"
            "id.a,A,city,id.32,32.74,WIB,A,\n"
            "id.b,B,city,id.32,32.74,WIB,B,\n");
  CHECK(dir.Errors() == "agencies-b.csv:3: region 32.74 has a government already: id.a");
}

TEST_CASE("a mistake in a unit template is told with its line") {
  const RegistryDir dir;
  dir.Write("units-regency.csv", Replace(kUnits, "dishub", "dinkes"));
  CHECK(dir.Errors() == "units-regency.csv:3: code 'dinkes' is there twice");
  dir.Write("units-regency.csv", Replace(kUnits, "dishub", "Dis Hub"));
  CHECK(dir.Errors().find("units-regency.csv:3: code is 'Dis Hub'; it must have 2 to 64") == 0);
}

TEST_CASE("a directory without agencies is refused") {
  DataDir dir;
  dir.Write("regions.csv", kRegions);
  CHECK(ReadAgencies(dir.path()).status().message() == dir.path().string() + ": has no agencies*.csv");
  CHECK_FALSE(ReadAgencies(dir.path() / "none").ok());
}

constexpr char kOffices[] =
    "code,name,time_zone,provinces,contacts\n"
    "pusat,Kantor Pusat,WIB,,\n"
    "jawa-barat,Perwakilan Jawa Barat,WIB,32,a@jabar.example +6222123\n";

std::string OfficeErrors(std::string_view from, std::string_view to) {
  DataDir dir;
  dir.Write("regions.csv", kRegions);
  dir.Write("ombudsman-offices.csv", Replace(kOffices, from, to));
  return Without(dir, ReadOffices(dir.path()).status());
}

TEST_CASE("the office for an agency is that of its province, and the head office for national bodies") {
  DataDir dir;
  dir.Write("regions.csv", kRegions);
  dir.Write("ombudsman-offices.csv", kOffices);
  const auto offices = ReadOffices(dir.path());
  REQUIRE(offices.ok());
  CHECK(offices->at("jawa-barat").name == "Perwakilan Jawa Barat");
  CHECK(offices->at("jawa-barat").time_zone == report::v1::TIME_ZONE_WIB);
  CHECK(offices->at("jawa-barat").contacts == std::vector<std::string>{"a@jabar.example", "+6222123"});
  CHECK(offices->at("pusat").contacts.empty());
  CHECK(OfficeFor(*offices, "id.32").code == "jawa-barat");
  CHECK(OfficeFor(*offices, "id.32.73").code == "jawa-barat");
  CHECK(OfficeFor(*offices, "id.32.73.dinkes").code == "jawa-barat");
  for (const char* national : {"id", "id.kemenkes", "id.kemenkes.32", "id.321", "", "32"}) {
    CHECK(OfficeFor(*offices, national).code == "pusat");
  }
}

TEST_CASE("a mistake in ombudsman-offices.csv is told with its line") {
  CHECK(OfficeErrors("pusat", "pusat").empty());
  CHECK(OfficeErrors("WIB,32", "GMT,32") ==
        "ombudsman-offices.csv:3: time_zone is 'GMT'; it must be one of WIB, WITA, WIT");
  CHECK(OfficeErrors("WIB,32", "WIB,32 33") == "ombudsman-offices.csv:3: '33' is no province of regions.csv");
  CHECK(OfficeErrors("WIB,32", "WIB,32.73")
            .starts_with("ombudsman-offices.csv:3: '32.73' is no province of regions.csv"));
  CHECK(OfficeErrors("WIB,32", "WIB,32 32") ==
        "ombudsman-offices.csv:3: province 32 has the office 'jawa-barat' already");
  CHECK(OfficeErrors("WIB,32", "WIB,") ==
        "ombudsman-offices.csv:3: every office but 'pusat' has provinces, and only those");
  CHECK(OfficeErrors("jawa-barat", "Jawa").find("code is 'Jawa'") != std::string::npos);
  CHECK(OfficeErrors("Kantor Pusat", "") == "ombudsman-offices.csv:2: name must have 1 to 200 bytes");
  CHECK(OfficeErrors("pusat,Kantor Pusat,WIB,,\n", "") ==
        "ombudsman-offices.csv: the head office, 'pusat', is missing");
  CHECK(OfficeErrors("jawa-barat,Perwakilan Jawa Barat,WIB,32,a@jabar.example +6222123\n", "") ==
        "ombudsman-offices.csv: province 32 Jawa Barat has no office");
  CHECK(OfficeErrors("jawa-barat", "pusat").find("code 'pusat' is there twice") != std::string::npos);
}

}  // namespace
}  // namespace lapor::policy
