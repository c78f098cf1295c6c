// How things look on a terminal: plain text, aligned columns, all times in one zone. Pure; thread-safe, as
// far as the given AgencyName is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lapor/event/v1/event.pb.h"
#include "lapor/followup/v1/followup.pb.h"
#include "lapor/intake/v1/intake.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/routing/v1/routing.pb.h"

namespace lapor::client {

// A zone that times are shown in.
struct Zone {
  std::string name;
  absl::TimeZone time_zone;
};
// "WIB", "WITA", "WIT" or "UTC", in either case; false for others.
bool ReadZone(std::string_view name, Zone* zone);
Zone Wib();
Zone ZoneOf(report::v1::TimeZone zone);

// As "Mon 2025-01-06 09:15"; the zone is told once, in a heading.
std::string ShowTime(absl::Time time, const Zone& zone);
// The last day on which something due then is in time, as "Mon 2025-01-06": due times are the first instant
// after that day, in `zone`. Where the zone isn't known, Wib() is right for all of Indonesia's: the days of
// the others end earlier, but on the same date.
std::string ShowLastDay(absl::Time due_at, const Zone& zone);

// The tracking id as receipts have it: 7K3M-9QXT-2B54; of a child assignment 7K3M-9QXT-2B54.1. Anything else
// as it is.
std::string ShowReportId(const std::string& id);

// Rows under a heading of two lines: the English word, and the Indonesian one below it.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string english;
    std::string indonesian;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // A line across.
  void AddRule() { rows_.emplace_back(); }
  bool empty() const { return rows_.empty(); }
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty one is a rule
};

// At most `max_characters` characters of UTF-8; a longer text ends in "…".
std::string Shorten(const std::string& text, size_t max_characters);

// The name of an agency by its id; the id itself where it isn't known.
using AgencyName = std::function<std::string(const std::string& agency_id)>;

// One event as a sentence, as "Assigned (disposisi) to Dinas Kesehatan Kota Bandung"; of a child assignment
// behind
// "[part 1] ". Days of due dates are those of `days`, the zone of the agency that the clocks run for.
std::string Describe(const event::v1::Event& event, const Zone& days, const AgencyName& name);

// A report: what it is, how it stands, and its timeline with the words that belong to it; while it follows
// another one, that one's too.
std::string ShowReport(const intake::v1::Report& report, const Zone& zone, const AgencyName& name);

// A case with its child assignments and its clocks, and why each ends when it does.
std::string ShowCase(const followup::v1::Case& c, const Zone& zone, const AgencyName& name);

// A route with its hands, its child assignments and whom it follows.
std::string ShowRoute(const routing::v1::Route& route, const Zone& zone, const AgencyName& name);

// As "UU 23/2014, annex, A.1 (medium): Secondary education. A copy of the annex."
std::string ShowCitation(const policy::v1::Citation& citation);

// Why a report is where it is, and every hand that it has been in, with who decided and what the rules say.
std::string ShowHands(const routing::v1::RouteExplanation& explanation, const Zone& zone,
                      const AgencyName& name);

// Reports that may be about the same matter, the likeliest first.
std::string ShowDuplicates(const intake::v1::ListDuplicateCandidatesResponse& response, const Zone& zone);

// An error as lines: of a refusal each field with its rule and its remedy.
std::string ShowError(const absl::Status& status);

}  // namespace lapor::client
