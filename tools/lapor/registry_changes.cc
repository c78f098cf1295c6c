// ReadChanges of registry.h: a CSV whose header says which fields it changes.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>

#include "fmt/format.h"
#include "libs/policy/csv.h"
#include "libs/policy/data_file.h"
#include "libs/telling/terms.h"
#include "tools/lapor/registry.h"

namespace lapor::client {

using telling::ReadWord;
using telling::WordsOf;
namespace {

using policy::Diagnostics;
using routing::v1::Agency;

constexpr const char* kWeekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string Trim(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

// The parts between separators, trimmed; none of an empty text.
std::vector<std::string> Parts(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (std::string part = Trim(text.substr(0, end)); !part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// What is wrong with a value, or nothing. It repeats none: some are of persons.
using Wrong = std::optional<std::string>;

template <class Enum>
Wrong ReadEnum(const std::string& text, Enum& value) {
  if (text.empty()) return std::nullopt;
  const auto& type = *google::protobuf::GetEnumDescriptor<Enum>();
  int number = 0;
  if (!ReadWord(type, text, &number)) return fmt::format("is none of {}", fmt::join(WordsOf(type), ", "));
  value = static_cast<Enum>(number);
  return std::nullopt;
}

Wrong ReadOfficers(const std::string& text, Agency& agency) {
  for (const std::string& part : Parts(text, ';')) {
    const size_t open = part.find('<');
    if (open == part.npos || part.back() != '>') return "is not 'NAME <CONTACT>; NAME <CONTACT>'";
    routing::v1::LiaisonOfficer& officer = *agency.add_liaison_officers();
    officer.set_name(Trim(part.substr(0, open)));
    officer.set_contact(Trim(part.substr(open + 1, part.size() - open - 2)));
  }
  return std::nullopt;
}

std::optional<int> ReadWeekday(const std::string& text) {
  const auto found = std::ranges::find(kWeekdays, text, [](const char* day) { return std::string(day); });
  if (found == std::end(kWeekdays)) return std::nullopt;
  return static_cast<int>(found - kWeekdays) + 1;
}

// "08:30"
std::optional<int> ReadMinute(const std::string& text) {
  int hour = 0, minute = 0;
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const char* at = text.data();
  if (std::from_chars(at, at + 2, hour).ptr != at + 2) return std::nullopt;
  if (std::from_chars(at + 3, at + 5, minute).ptr != at + 5 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

Wrong ReadHours(const std::string& text, Agency& agency) {
  constexpr const char* kForm = "is not 'mon-thu 08:00-16:00; fri 08:00-11:30'";
  for (const std::string& part : Parts(text, ';')) {
    const std::vector<std::string> words = Parts(part, ' ');
    if (words.size() != 2) return kForm;
    const std::vector<std::string> days = Parts(words[0], '-');
    const std::vector<std::string> times = Parts(words[1], '-');
    if (days.empty() || days.size() > 2 || times.size() != 2) return kForm;
    const auto first = ReadWeekday(days.front()), last = ReadWeekday(days.back());
    const auto opens = ReadMinute(times[0]), closes = ReadMinute(times[1]);
    if (!first || !last || !opens || !closes || *last < *first) return kForm;
    for (int day = *first; day <= *last; ++day) {
      event::v1::ServiceHours& hours = *agency.add_service_hours();
      hours.set_weekday(day);
      hours.set_opens_minute(*opens);
      hours.set_closes_minute(*closes);
    }
  }
  return std::nullopt;
}

// "id.32", or "id.32; id.33 33 34.01 health": regions begin with a digit, categories with a letter.
Wrong ReadSuccessors(const std::string& text, Agency& agency) {
  for (const std::string& part : Parts(text, ';')) {
    event::v1::Successor& successor = *agency.add_successors();
    for (const std::string& word : Parts(part, ' ')) {
      if (successor.agency_id().empty()) {
        successor.set_agency_id(word);
      } else if (word[0] >= '0' && word[0] <= '9') {
        successor.add_regions(word);
      } else {
        successor.add_categories(word);
      }
    }
  }
  return std::nullopt;
}

struct ChangeColumn {
  const char* name;
  const char* field;  // of update_mask
  const char* what;
  Wrong (*read)(const std::string& text, Agency& agency);
};

// Of a text that is taken as it is.
template <auto Set>
Wrong Take(const std::string& text, Agency& agency) {
  Set(agency, text);
  return std::nullopt;
}

constexpr ChangeColumn kColumns[] = {
    {"id", "", "the agency's; required", Take<[](Agency& a, const std::string& t) { a.set_agency_id(t); }>},
    {"name", "name", "", Take<[](Agency& a, const std::string& t) { a.set_name(t); }>},
    {"short_name", "short_name", "", Take<[](Agency& a, const std::string& t) { a.set_short_name(t); }>},
    {"kind", "kind", "national, province, regency, city, unit or state-company",
     [](const std::string& text, Agency& agency) {
       event::v1::AgencyKind kind = event::v1::AGENCY_KIND_UNSPECIFIED;
       Wrong wrong = ReadEnum(text, kind);
       agency.set_kind(kind);
       return wrong;
     }},
    {"parent", "parent_id", "the coordinator above",
     Take<[](Agency& a, const std::string& t) { a.set_parent_id(t); }>},
    {"region", "region", "code of regions.csv",
     Take<[](Agency& a, const std::string& t) { a.set_region(t); }>},
    {"time_zone", "time_zone", "WIB, WITA or WIT",
     [](const std::string& text, Agency& agency) {
       report::v1::TimeZone zone = report::v1::TIME_ZONE_UNSPECIFIED;
       Wrong wrong = ReadEnum(text, zone);
       agency.set_time_zone(zone);
       return wrong;
     }},
    {"decree", "team_decree", "number of the team's decree (SK); empty: not connected",
     Take<[](Agency& a, const std::string& t) {
       if (!t.empty()) a.mutable_team_decree()->set_number(t);
     }>},
    {"decree_date", "team_decree", "as 2025-03-31", Take<[](Agency& a, const std::string& t) {
       if (!t.empty()) a.mutable_team_decree()->set_issued_on(t);
     }>},
    {"officers", "liaison_officers", "NAME <CONTACT>; NAME <CONTACT>", ReadOfficers},
    {"plan", "action_plan", "number or address of the action plan", Take<[](Agency& a, const std::string& t) {
       if (!t.empty()) a.mutable_action_plan()->set_reference(t);
     }>},
    {"plan_from", "action_plan", "its first day", Take<[](Agency& a, const std::string& t) {
       if (!t.empty()) a.mutable_action_plan()->set_valid_from(t);
     }>},
    {"plan_until", "action_plan", "its last day", Take<[](Agency& a, const std::string& t) {
       if (!t.empty()) a.mutable_action_plan()->set_valid_until(t);
     }>},
    {"application", "application_id", "id of its integrated application",
     Take<[](Agency& a, const std::string& t) { a.set_application_id(t); }>},
    {"service_hours", "service_hours", "mon-thu 08:00-16:00; fri 08:00-11:30", ReadHours},
    {"ended", "ended", "merged, split or closed",
     [](const std::string& text, Agency& agency) {
       event::v1::AgencyChange change = event::v1::AGENCY_CHANGE_UNSPECIFIED;
       Wrong wrong = ReadEnum(text, change);
       agency.set_ended(change);
       return wrong;
     }},
    {"successors", "ended", "id.32, or of a split id.32; id.33 33 34.01 health", ReadSuccessors},
};

// The columns that the header names, in its order; empty with diagnostics.
std::vector<const ChangeColumn*> ReadHeader(const std::filesystem::path& file, Diagnostics& diagnostics) {
  const auto content = policy::ReadDataFile(file, diagnostics);
  if (!content) return {};
  std::string header = content->substr(0, content->find('\n'));
  if (!header.empty() && header.back() == '\r') header.pop_back();
  std::vector<const ChangeColumn*> columns;
  for (const std::string& name : Parts(header, ',')) {
    const auto* column =
        std::ranges::find(kColumns, name, [](const ChangeColumn& c) { return std::string(c.name); });
    if (column == std::end(kColumns)) {
      diagnostics.Add(file, 1,
                      fmt::format("column '{}' is none of {}", name,
                                  fmt::join(
                                      [] {
                                        std::vector<std::string> names;
                                        for (const ChangeColumn& c : kColumns) names.emplace_back(c.name);
                                        return names;
                                      }(),
                                      ", ")));
    } else if (std::ranges::find(columns, column) != columns.end()) {
      diagnostics.Add(file, 1, fmt::format("column '{}' is there twice", name));
    } else {
      columns.push_back(column);
    }
  }
  if (std::ranges::find(columns, &kColumns[0]) == columns.end())
    diagnostics.Add(file, 1, "has no column 'id'");
  return columns;
}

}  // namespace

std::string HelpOfChanges() {
  std::string help = "Columns, in any order:\n";
  for (const ChangeColumn& column : kColumns) help += fmt::format("  {:<14} {}\n", column.name, column.what);
  return help;
}

absl::StatusOr<RegistryRows> ReadChanges(const std::filesystem::path& file) {
  Diagnostics diagnostics;
  const std::vector<const ChangeColumn*> columns = ReadHeader(file, diagnostics);
  if (!diagnostics.ok()) return diagnostics.status();

  RegistryRows rows;
  std::vector<std::string_view> names;
  std::set<std::string> fields;
  for (const ChangeColumn* column : columns) {
    names.emplace_back(column->name);
    const bool is_new = *column->field != '\0' && fields.insert(column->field).second;
    if (is_new) rows.request.mutable_update_mask()->add_paths(column->field);
  }
  std::unordered_map<std::string, int> line_of;
  for (const policy::CsvRow& row : policy::ReadCsv(file, names, diagnostics)) {
    Agency& agency = *rows.request.add_agencies();
    rows.origins.push_back(fmt::format("{}:{}", file.string(), row.line));
    for (size_t i = 0; i < columns.size(); ++i) {
      if (const Wrong wrong = columns[i]->read(row.fields[i], agency))
        diagnostics.Add(file, row.line, fmt::format("{} {}", columns[i]->name, *wrong));
    }
    const auto [first, is_new] = line_of.try_emplace(agency.agency_id(), row.line);
    if (is_new) continue;
    diagnostics.Add(
        file, row.line,
        fmt::format("id '{}' is already at {}:{}", agency.agency_id(), file.string(), first->second));
  }
  if (fields.empty()) diagnostics.Add(file, 1, "has no column besides 'id', so it changes nothing");
  if (rows.origins.empty()) diagnostics.Add(file, 0, "has no rows");
  if (!diagnostics.ok()) return diagnostics.status();
  return rows;
}

}  // namespace lapor::client
