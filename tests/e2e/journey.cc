#include "tests/e2e/journey.h"

#include <utility>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "tests/e2e/step_words.h"
#include "tools/lapor/registry.h"

namespace lapor::e2e {

std::map<std::string, std::string> Fields(const std::string& text) {
  static const std::regex field(R"re(([a-z_]+)(=("([^"]*)"|(\S+)))?)re");
  std::map<std::string, std::string> fields;
  for (std::sregex_iterator match(text.begin(), text.end(), field), end; match != end; ++match) {
    fields[(*match)[1]] = (*match)[4].matched ? (*match)[4].str() : (*match)[5].str();
  }
  return fields;
}

absl::Status Eventually(const std::function<std::string()>& difference) {
  const absl::Time limit = absl::Now() + kPatience;
  while (true) {
    const std::string what = difference();
    if (what.empty()) return absl::OkStatus();
    if (absl::Now() > limit) return absl::FailedPreconditionError(what);
    absl::SleepFor(absl::Milliseconds(20));
  }
}

std::string PartOf(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot);
}

absl::Status GiveApplication(client::Session& session, const std::string& agency_id,
                             const std::string& application_id) {
  const auto as = client::ParseCaller("operator");
  routing::v1::GetAgencyRequest get;
  get.set_agency_id(agency_id);
  const auto agency = session.CallUntilAnswered(&RoutingStub::GetAgency, get, *as, kPatience);
  if (!agency.ok()) return agency.status();
  routing::v1::RecordAgenciesRequest record;
  *record.add_agencies() = *agency;
  record.mutable_agencies(0)->set_application_id(application_id);
  return session.CallUntilAnswered(&RoutingStub::RecordAgencies, record, *as, kPatience).status();
}

Journey::Journey(Stack& stack) : stack_(stack), session_(stack.session()) {
  AddTimeSteps();
  AddReporterSteps();
  AddTriageSteps();
  AddAgencySteps();
  AddOmbudsmanSteps();
  AddExpectations();
}

absl::Status Journey::Run(std::istream& text) {
  std::vector<std::string> batch;
  bool in_batch = false;
  int number = 0;
  const auto at_line = [&](const absl::Status& status, const std::string& line) {
    return absl::Status(status.code(),
                        fmt::format("line {}: {}\n  {}", number, line, std::string(status.message())));
  };
  for (std::string line; std::getline(text, line);) {
    ++number;
    const bool indented = line.starts_with("  ");
    if (in_batch && !indented) {
      in_batch = false;
      if (const absl::Status status = PerformBatch(batch); !status.ok())
        return at_line(status, "the batch before");
      batch.clear();
    }
    if (line.empty() || line.starts_with('#')) continue;
    if (in_batch) {
      batch.push_back(line.substr(2));
    } else if (line == "An offline batch is filed:") {
      in_batch = true;
    } else if (const absl::Status status = Perform(line); !status.ok()) {
      return at_line(status, line);
    }
  }
  return in_batch ? PerformBatch(batch) : absl::OkStatus();
}

void Journey::Add(const std::string& sentence, Step step) {
  steps_.emplace_back(std::regex(sentence + R"(\.?)"), std::move(step));
}

absl::Status Journey::Perform(const std::string& line) {
  static const std::regex refused(R"re(refused ([a-z0-9_.\[\]]+)(?: as "([^"]*)")?: (.*))re");
  std::smatch match;
  if (std::regex_match(line, match, refused)) {
    const std::string field = match[1], words = match[2];
    const absl::Status status = Perform(match[3]);
    if (status.ok()) return absl::FailedPreconditionError("was not refused");
    const auto bad_input = decision::BadInputOf(status);
    if (!bad_input) return absl::FailedPreconditionError("refused without a reason: " + status.ToString());
    for (const auto& violation : bad_input->violations()) {
      const std::string told = violation.rule() + "; " + violation.remedy();
      if (violation.field() == field && told.find(words) != std::string::npos) return absl::OkStatus();
    }
    return absl::FailedPreconditionError("refused for another reason: " + status.ToString());
  }
  for (const auto& [sentence, step] : steps_) {
    if (!std::regex_match(line, match, sentence)) continue;
    Words words;
    for (size_t i = 1; i < match.size(); ++i) words.push_back(match[i]);
    return step(words);
  }
  return absl::InvalidArgumentError("no step reads like this");
}

absl::StatusOr<Journey::Subject*> Journey::Find(const std::string& name) {
  const auto subject = subjects_.find(name.substr(0, name.find('.')));
  if (subject == subjects_.end())
    return absl::InvalidArgumentError(fmt::format("no report {} was filed", name));
  return &subject->second;
}

void Journey::AddTimeSteps() {
  Add(R"(The clock says (\S+?))", [this](const Words& w) {
    absl::Time now;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, w[0], &now, &error)) return absl::InvalidArgumentError(error);
    return stack_.SetClock(now);
  });
  Add(R"(The registry is loaded)", [this](const Words&) {
    const char* source = std::getenv("LAPOR_SOURCE_DIR");
    return client::LoadRegistry(session_, std::string(source != nullptr ? source : ".") + "/deploy/reference")
        .status();
  });
  Add(R"(The agency (\S+) is merged into (\S+?))", [this](const Words& w) {
    routing::v1::RecordAgenciesRequest request;
    routing::v1::Agency& agency = *request.add_agencies();
    agency.set_agency_id(w[0]);
    agency.set_ended(event::v1::AGENCY_CHANGE_MERGED);
    agency.add_successors()->set_agency_id(w[1]);
    request.mutable_update_mask()->add_paths("ended");
    return session_.Call(&RoutingStub::RecordAgencies, request, *client::ParseCaller("operator")).status();
  });
  Add(R"(The agency (\S+) has the application (\S+?))",
      [this](const Words& w) { return GiveApplication(session_, w[0], w[1]); });
  Add(R"(The service (\w+) is killed)", [this](const Words& w) { return stack_.Kill(w[0]); });
  Add(R"(Holidays are decreed late for (\S+) and (\S+), and the services start again with them)",
      [this](const Words& w) {
        absl::Status status = stack_.DecreeHoliday(w[0]);
        if (status.ok()) status = stack_.DecreeHoliday(w[1]);
        for (const char* service : {"routing", "followup", "ombudsman", "intake"})
          if (status.ok()) status = stack_.Restart(service);
        return status;
      });
  Add(R"(The service (\w+) is started)", [this](const Words& w) { return stack_.Start(w[0]); });
}

}  // namespace lapor::e2e
