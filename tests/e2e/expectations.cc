// What must hold in the end.
#include <algorithm>
#include <set>

#include "fmt/ranges.h"
#include "libs/decision/proto_time.h"
#include "libs/eventlog/journal.h"
#include "libs/telling/days.h"
#include "tests/e2e/journey.h"

namespace lapor::e2e {

namespace {

std::string TypesOf(const intake::v1::Report& report) {
  std::vector<std::string> types;
  for (const event::v1::Event& event : report.timeline()) types.push_back(eventlog::TypeOf(event));
  return fmt::format("{}", fmt::join(types, " "));
}

}  // namespace

absl::Status Journey::ExpectReport(const std::string& name,
                                   const std::function<std::string(const intake::v1::Report&)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    intake::v1::GetReportRequest request;
    request.set_tracking_id((*subject)->id);
    request.set_receipt_secret((*subject)->receipt_secret);
    const auto report = session_.Call(&IntakeStub::GetReport, request);
    return report.ok() ? difference(*report) : report.status().ToString();
  });
}

absl::Status Journey::ExpectTold(const std::string& name, const std::string& clock_name, int times,
                                 const std::function<report::v1::Clock(const event::v1::Event&)>& clock_of) {
  const auto clock = Named<report::v1::Clock>("CLOCK_", clock_name);
  if (!clock.ok()) return clock.status();
  return ExpectReport(name, [&](const intake::v1::Report& report) -> std::string {
    const auto told = std::ranges::count(report.timeline(), *clock, clock_of);
    return told == times ? "" : fmt::format("it was told {} times: {}", told, TypesOf(report));
  });
}

absl::Status Journey::ExpectCase(const std::string& name,
                                 const std::function<std::string(const followup::v1::Case&)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    followup::v1::GetCaseRequest request;
    request.set_report_id((*subject)->id + PartOf(name));
    const auto c = session_.Call(&FollowupStub::GetCase, request, *client::ParseCaller("monitor"));
    return c.ok() ? difference(*c) : c.status().ToString();
  });
}

absl::Status Journey::ExpectEscalation(
    const std::string& name, const std::function<std::string(const ombudsman::v1::Escalation&)>& difference) {
  const auto subject = Find(name);
  if (!subject.ok()) return subject.status();
  return Eventually([&]() -> std::string {
    ombudsman::v1::GetEscalationRequest request;
    request.set_report_id((*subject)->id);
    const auto found =
        session_.Call(&OmbudsmanStub::GetEscalation, request, *client::ParseCaller("ombudsman"));
    return found.ok() ? difference(*found) : found.status().ToString();
  });
}

absl::Status Journey::ExpectOmbudsmanClock(
    const std::string& name, const std::string& clock_name,
    const std::function<std::string(const ombudsman::v1::Clock&)>& difference) {
  const auto clock = Named<report::v1::Clock>("CLOCK_", clock_name);
  if (!clock.ok()) return clock.status();
  return ExpectEscalation(name, [&](const ombudsman::v1::Escalation& e) -> std::string {
    const auto told = std::ranges::find(e.clocks(), *clock, &ombudsman::v1::Clock::clock);
    return told == e.clocks().end() ? "hasn't started" : difference(*told);
  });
}

absl::Status Journey::ExpectFigures(reporting::v1::Scope scope, const std::string& id,
                                    const std::string& expected) {
  static const std::regex figure(R"(([a-z_]+)=(\d+)(?:/(\d+))?)");
  return Eventually([&]() -> std::string {
    reporting::v1::GetFiguresRequest request;
    request.set_scope(scope);
    request.set_id(id);
    const auto figures = session_.Call(&ReportingStub::GetFigures, request, *client::ParseCaller("monitor"));
    if (!figures.ok()) return figures.status().ToString();
    const auto number = [&](const std::string& field) -> int64_t {
      const auto* descriptor = figures->GetDescriptor()->FindFieldByName(field);
      return descriptor == nullptr ? -1 : figures->GetReflection()->GetInt64(*figures, descriptor);
    };
    for (std::sregex_iterator m(expected.begin(), expected.end(), figure), end; m != end; ++m) {
      const bool fraction = (*m)[3].matched;
      const std::string field = fraction ? (*m)[1].str() + "_numerator" : (*m)[1].str();
      if (number(field) != std::stoll((*m)[2]) ||
          (fraction && number((*m)[1].str() + "_denominator") != std::stoll((*m)[3]))) {
        return fmt::format("{} is {}", field, number(field));
      }
    }
    return "";
  });
}

void Journey::AddExpectations() {
  Add(R"re(Expect ([A-Z]+) status ([A-Z_]+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const std::string status = report::v1::ReportStatus_Name(report.status());
      return status == "REPORT_STATUS_" + w[1] ? "" : "is " + status;
    });
  });
  Add(R"re(Expect ([A-Z]+) closing ([A-Z_]+))re", [this](const Words& w) {
    const auto closing = Named<event::v1::Closing>("CLOSING_", w[1]);
    if (!closing.ok()) return closing.status();
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const auto last = std::find_if(report.timeline().rbegin(), report.timeline().rend(),
                                     [](const event::v1::Event& event) { return event.has_case_closed(); });
      if (last == report.timeline().rend()) return "is " + TypesOf(report);
      return last->case_closed().closing() == *closing ? "" : "is closed otherwise";
    });
  });
  Add(R"re(Expect ([A-Z]+(?:\.\d+)?) case ([A-Z_]+) with (\S+?))re", [this](const Words& w) {
    return ExpectCase(w[0], [&](const followup::v1::Case& part) -> std::string {
      const std::string state = followup::v1::CaseState_Name(part.state());
      if (state == "CASE_STATE_" + w[1] && part.agency_id() == w[2]) return "";
      return fmt::format("is {} with {}", state, part.agency_id());
    });
  });
  Add(R"re(Expect that ([A-Z]+) follows a report with status ([A-Z_]+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      if (!report.lead().tracking_id().empty()) return "tells its reporter the other's tracking id";
      const std::string status = report::v1::ReportStatus_Name(report.lead().status());
      return status == "REPORT_STATUS_" + w[1] ? "" : "the other is " + status;
    });
  });
  Add(R"re(The reporter of ([A-Z]+) sees the answer to the other, "(.*)")re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const auto& responses = report.lead().responses();
      const bool seen = std::ranges::any_of(responses, [&](const auto& r) { return r.text() == w[1]; });
      return seen ? "" : fmt::format("sees {} answers", responses.size());
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline: (.*?))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return TypesOf(report) == w[1] ? "" : "is " + TypesOf(report);
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline has (\w+))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return (" " + TypesOf(report) + " ").find(" " + w[1] + " ") != std::string::npos
                 ? ""
                 : "is " + TypesOf(report);
    });
  });
  Add(R"re(Expect ([A-Z]+) timeline ends: (.*?))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      return TypesOf(report).ends_with(w[1]) ? "" : "is " + TypesOf(report);
    });
  });
  Add(R"re(The reporter of ([A-Z]+) sees the answer "(.*)")re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const bool seen =
          std::ranges::any_of(report.responses(), [&](const auto& r) { return r.text() == w[1]; });
      return seen ? "" : fmt::format("sees {} answers", report.responses_size());
    });
  });
  // What never happened holds at once: it stands behind an expectation of something that would come later.
  Add(R"re(Expect ([A-Z]+) never breached ([A-Z_]+))re", [this](const Words& w) {
    return ExpectTold(w[0], w[1], 0,
                      [](const event::v1::Event& event) { return event.clock_breached().clock(); });
  });
  Add(R"re(Expect ([A-Z]+) breached ([A-Z_]+)(?:, which (\S+) owed)?)re", [this](const Words& w) {
    return ExpectTold(w[0], w[1], 1, [&](const event::v1::Event& event) {
      const event::v1::ClockBreached& breached = event.clock_breached();
      const bool named = w[2].empty() || w[2] == breached.agency_id();
      return named ? breached.clock() : report::v1::CLOCK_UNSPECIFIED;
    });
  });
  Add(R"re(Expect ([A-Z]+) never reminded ([A-Z_]+))re", [this](const Words& w) {
    return ExpectTold(w[0], w[1], 0,
                      [](const event::v1::Event& event) { return event.clock_reminded().clock(); });
  });
  Add(R"re(Expect ([A-Z]+) reminded ([A-Z_]+) at (\d+)%(?:, which (\S+) owes)?)re", [this](const Words& w) {
    return ExpectTold(w[0], w[1], 1, [&](const event::v1::Event& event) {
      const event::v1::ClockReminded& reminded = event.clock_reminded();
      const bool named = w[3].empty() || w[3] == reminded.agency_id();
      return named && reminded.percent() == std::stoi(w[2]) ? reminded.clock()
                                                            : report::v1::CLOCK_UNSPECIFIED;
    });
  });
  // The due date as its last day, in the zone of the case.
  Add(R"re(Expect ([A-Z]+(?:\.\d+)?) clock ([A-Z_]+) to end with (\S+?)(, skipping (\S+?))?)re",
      [this](const Words& w) {
        const auto clock = Named<report::v1::Clock>("CLOCK_", w[1]);
        if (!clock.ok()) return clock.status();
        return ExpectCase(w[0], [&](const followup::v1::Case& c) -> std::string {
          for (const followup::v1::CaseClock& told : c.clocks()) {
            if (told.clock() != *clock) continue;
            const policy::v1::Explanation& why = told.explanation();
            if (why.last_day() != w[2]) return "ends with " + why.last_day();
            if (why.due_at().seconds() != told.due_at().seconds())
              return "is explained with another date than it has";
            const bool skips =
                std::ranges::any_of(why.skipped(), [&](const auto& day) { return day.date() == w[4]; });
            return w[4].empty() || skips ? "" : "doesn't skip " + w[4];
          }
          return "hasn't started";
        });
      });
  // As it was told: the date stands, whatever the calendars of now would say.
  Add(R"re(Expect ([A-Z]+(?:\.\d+)?) clock ([A-Z_]+) to have run out with (\S+?))re", [this](const Words& w) {
    const auto clock = Named<report::v1::Clock>("CLOCK_", w[1]);
    if (!clock.ok()) return clock.status();
    return ExpectCase(w[0], [&](const followup::v1::Case& c) -> std::string {
      const auto told = std::ranges::find(c.clocks(), *clock, &followup::v1::CaseClock::clock);
      if (told == c.clocks().end() || !told->has_breached_at()) return "has not run out";
      const std::string last_day = telling::ShowLastDay(decision::FromProto(told->due_at()), telling::Wib());
      return last_day.ends_with(w[2]) ? "" : "ran out with " + last_day;
    });
  });
  Add(R"re(Expect ([A-Z]+) raised to (\S+?))re", [this](const Words& w) {
    return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
      const bool raised = std::ranges::any_of(report.timeline(), [&](const event::v1::Event& event) {
        return event.has_breach_raised() && event.breach_raised().supervisor_agency_id() == w[1];
      });
      return raised ? "" : "is " + TypesOf(report);
    });
  });
  Add(R"re(Expect ([A-Z]+) stage ([A-Z_]+))re", [this](const Words& w) {
    return ExpectEscalation(w[0], [&](const ombudsman::v1::Escalation& e) -> std::string {
      const std::string stage = event::v1::EscalationStage_Name(e.stage());
      return stage == "ESCALATION_STAGE_" + w[1] ? "" : "is " + stage;
    });
  });
  Add(R"re(Expect ([A-Z]+) (among|not among) the overdue cases of the office (\S+?))re",
      [this](const Words& w) {
        const auto subject = Find(w[0]);
        if (!subject.ok()) return subject.status();
        return Eventually([&]() -> std::string {
          ombudsman::v1::ListEscalationsRequest request;
          request.set_office(w[2]);
          request.set_overdue_only(true);
          const auto listed =
              session_.Call(&OmbudsmanStub::ListEscalations, request, *client::ParseCaller("ombudsman"));
          if (!listed.ok()) return listed.status().ToString();
          const bool among = std::ranges::any_of(
              listed->escalations(), [&](const auto& e) { return e.report_id() == (*subject)->id; });
          return among == (w[1] == "among") ? "" : fmt::format("{} are", listed->escalations_size());
        });
      });
  Add(R"re(Expect ([A-Z]+) in the office (\S+?))re", [this](const Words& w) {
    return ExpectEscalation(w[0], [&](const ombudsman::v1::Escalation& e) -> std::string {
      return e.office() == w[1] ? "" : "is in " + e.office();
    });
  });
  // With the ground that wasn't met, where that was why.
  Add(R"re(Expect ([A-Z]+) closed by the Ombudsman as ([A-Z_]+)(?:, for want of ([A-Z_]+))?)re",
      [this](const Words& w) {
        const auto outcome = Named<event::v1::EscalationOutcome>("ESCALATION_OUTCOME_", w[1]);
        if (!outcome.ok()) return outcome.status();
        return ExpectReport(w[0], [&](const intake::v1::Report& report) -> std::string {
          std::string unmet;
          for (const event::v1::Event& event : report.timeline()) {
            for (const auto& verdict : event.eligibility_decided().verdicts())
              if (!verdict.met()) unmet += event::v1::Ground_Name(verdict.ground());
            if (event.escalation_closed().outcome() == *outcome)
              return unmet == (w[2].empty() ? "" : "GROUND_" + w[2]) ? "" : "wants " + unmet;
          }
          return "is " + TypesOf(report);
        });
      });
  // One that is met late keeps its breach.
  Add(R"re(Expect ([A-Z]+) before the Ombudsman (breached|met) ([A-Z_]+))re", [this](const Words& w) {
    return ExpectOmbudsmanClock(w[0], w[2], [&](const ombudsman::v1::Clock& clock) -> std::string {
      const bool happened = w[1] == "met" ? clock.has_met_at() : clock.has_breached_at();
      return happened ? "" : w[1] == "met" ? "is not met" : "has not run out";
    });
  });
  Add(R"re(Expect ([A-Z]+) before the Ombudsman clock ([A-Z_]+) to end at (\S+?))re", [this](const Words& w) {
    absl::Time end;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, w[2], &end, &error)) return absl::InvalidArgumentError(error);
    return ExpectOmbudsmanClock(w[0], w[1], [&](const ombudsman::v1::Clock& clock) -> std::string {
      const absl::Time due_at = decision::FromProto(clock.due_at());
      return due_at == end ? "" : "ends at " + absl::FormatTime(due_at);
    });
  });
  Add(R"re(Expect (\d+) reports of the batch)re", [this](const Words& w) {
    std::set<std::string> ids;
    for (const auto& [request, id] : batch_) {
      if (request.starts_with("offline")) ids.insert(id);
    }
    return ids.size() == std::stoul(w[0])
               ? absl::OkStatus()
               : absl::FailedPreconditionError(fmt::format("there are {}", ids.size()));
  });
  Add(R"re(Expect figures of agency (\S+): (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_AGENCY, w[0], w[1]); });
  Add(R"re(Expect figures of province (\S+): (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_PROVINCE, w[0], w[1]); });
  Add(R"re(Expect figures of the nation: (.*?))re",
      [this](const Words& w) { return ExpectFigures(reporting::v1::SCOPE_NATION, "", w[0]); });
  Add(R"re(Expect that the figures equal a recomputation)re", [this](const Words&) {
    const auto verified = session_.Call(&ReportingStub::VerifyFigures, reporting::v1::VerifyFiguresRequest(),
                                        *client::ParseCaller("operator"));
    if (!verified.ok()) return verified.status();
    if (verified->differences().empty() && verified->cells_compared() > 0) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format("{}", fmt::join(verified->differences(), "; ")));
  });
}

}  // namespace lapor::e2e
