// What simulated reporters write about, and what agencies answer: Indonesian texts of the demo. No person is
// meant, and no text names one.
#pragma once

#include <span>
#include <string>

#include "lapor/event/v1/followup.pb.h"
#include "lapor/report/v1/report.pb.h"

namespace lapor::client {

struct SampleReport {
  report::v1::ReportClass report_class;
  // A code of categories.csv.
  const char* category;
  // "{street}" and "{place}" stand for where it is.
  const char* title;
  const char* description;
  // The final answer.
  const char* answer;
};

std::span<const SampleReport> SampleReports();
// An answer while work goes on, and why it does.
struct SampleInterim {
  const char* text;
  event::v1::InterimReason reason;
};
std::span<const SampleInterim> SampleInterimAnswers();
// What reporters say who aren't satisfied, and what they reply meanwhile.
std::span<const char* const> SampleObjections();
std::span<const char* const> SampleReplies();
std::span<const char* const> SampleStreets();

// `text` with its place filled in.
std::string InPlace(std::string text, const std::string& street, const std::string& place);

}  // namespace lapor::client
