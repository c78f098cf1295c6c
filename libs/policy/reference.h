// The reference data of deploy/reference: regions, agencies, topics and the offices of the Ombudsman, read
// and checked. Plain data; safe to share between threads once read. Every error is INVALID_ARGUMENT with a
// line "FILE:LINE: reason" for each mistake.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/event/v1/routing.pb.h"
#include "lapor/report/v1/report.pb.h"

namespace lapor::policy {

enum class RegionKind { kProvince, kRegency, kCity };

// A province, a regency (kabupaten) or a city (kota), by its official code.
struct Region {
  // As 32 or 32.73.
  std::string code;
  std::string name;
  RegionKind kind = RegionKind::kProvince;
  // The province; empty for provinces.
  std::string parent;
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
};

using Regions = std::map<std::string, Region, std::less<>>;

// Reads regions.csv.
absl::StatusOr<Regions> ReadRegions(const std::filesystem::path& reference_dir);

// The region of a code: the code itself or, for a district (32.73.01) or a village (32.73.01.1001), its
// regency or city; these levels are not in the data, so only their form is checked. Null when there is none.
const Region* FindRegion(const Regions& regions, std::string_view code);

// A topic of reports.
struct Category {
  // As education or education.basic-school.
  std::string code;
  // Indonesian.
  std::string name;
  std::string name_en;
  // The topic of a subtopic; else empty.
  std::string parent;
};

using Categories = std::map<std::string, Category, std::less<>>;

// Reads categories.csv.
absl::StatusOr<Categories> ReadCategories(const std::filesystem::path& reference_dir);

// A body that answers for reports.
struct AgencyRow {
  // As id.kemenkes, id.32.73 or id.32.73.dinkes: 2 to 64 characters of a-z, 0-9, dot and hyphen.
  std::string id;
  std::string name;
  std::string short_name;
  event::v1::AgencyKind kind = event::v1::AGENCY_KIND_UNSPECIFIED;
  // The coordinator above, its arbiter; empty for the root only.
  std::string parent;
  // Empty for bodies of the whole nation.
  std::string region;
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  // Where it comes from, as FILE:LINE; a unit of a template from the row of its government.
  std::string origin = {};
};

// Reads every agencies*.csv, and gives each agency that names a template the units of units-TEMPLATE.csv; a
// row for one such unit takes the template's place. Checked: ids are unique, there is one root and no cycle,
// parents and regions exist, zones are those of the regions, and every region has exactly one government.
// Parents come before their children.
absl::StatusOr<std::vector<AgencyRow>> ReadAgencies(const std::filesystem::path& reference_dir);

// An office of the Ombudsman: the head office, or the representative one of some provinces.
struct Office {
  // As jawa-barat; kHeadOffice for the head office.
  std::string code;
  std::string name;
  report::v1::TimeZone time_zone = report::v1::TIME_ZONE_UNSPECIFIED;
  // Codes of the provinces that it is competent for, ascending; none of the head office.
  std::vector<std::string> provinces;
  // Where its officers are told of their cases: mail addresses, telephone numbers; may be empty.
  std::vector<std::string> contacts;
};
inline constexpr char kHeadOffice[] = "pusat";

using Offices = std::map<std::string, Office, std::less<>>;

// Reads ombudsman-offices.csv. Checked: the head office is there, and every province of regions.csv has
// exactly one other.
absl::StatusOr<Offices> ReadOffices(const std::filesystem::path& reference_dir);

// The office that is competent for an agency: that of its province, as of 32 for id.32.73.dinkes; the head
// office for a body of the whole nation. `offices` are those that ReadOffices gave.
const Office& OfficeFor(const Offices& offices, std::string_view agency_id);

}  // namespace lapor::policy
