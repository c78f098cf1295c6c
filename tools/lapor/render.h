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
#include "lapor/ombudsman/v1/ombudsman.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/routing/v1/routing.pb.h"
#include "libs/telling/days.h"
#include "libs/telling/event_words.h"

namespace lapor::client {

using telling::AgencyName;
using telling::Describe;
using telling::ReadZone;
using telling::ShowDue;
using telling::ShowLastDay;
using telling::ShowReportId;
using telling::ShowTime;
using telling::Wib;
using telling::Zone;
using telling::ZoneOf;

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

// A report: what it is, how it stands, and its timeline with the words that belong to it; while it follows
// another one, that one's too.
std::string ShowReport(const intake::v1::Report& report, const Zone& zone, const AgencyName& name);

// A case with its child assignments and its clocks, and why each ends when it does.
std::string ShowCase(const followup::v1::Case& c, const Zone& zone, const AgencyName& name);

// A route with its hands, its child assignments and whom it follows.
std::string ShowRoute(const routing::v1::Route& route, const Zone& zone, const AgencyName& name);

// As "UU 23/2014, annex, A.1 (medium): Secondary education. A copy of the annex."
std::string ShowCitation(const policy::v1::Citation& citation);

// Why a report is where it is, and every hand that it has been in, with who decided and what the rules say;
// then the clocks of its way, day by day.
std::string ShowHands(const routing::v1::RouteExplanation& explanation, const Zone& zone,
                      const AgencyName& name);

// Cases before the Ombudsman, each with what is due.
std::string ShowEscalations(const ombudsman::v1::ListEscalationsResponse& list, const Zone& zone);

// A case with its grounds, its clocks, and what officers wrote where it is told.
std::string ShowEscalation(const ombudsman::v1::Escalation& e, const Zone& zone, const AgencyName& name);

// Grounds of the formal check, each with its law and what would make an unmet one met.
std::string ShowGrounds(const google::protobuf::RepeatedPtrField<ombudsman::v1::GroundPreview>& grounds);

// The Ombudsman's documents with their words and replies.
std::string ShowDocuments(const ombudsman::v1::ListDocumentsResponse& list, const Zone& zone);

// Reports that may be about the same matter, the likeliest first.
std::string ShowDuplicates(const intake::v1::ListDuplicateCandidatesResponse& response, const Zone& zone);

// An error as lines: of a refusal each field with its rule and its remedy.
std::string ShowError(const absl::Status& status);

}  // namespace lapor::client
