#include "services/ombudsman/requests.h"

#include <catch2/catch.hpp>
#include <vector>

#include "libs/decision/refusal.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using testing::Officer;
using testing::StoryAt;

constexpr char kRequestId[] = "5d1c2b6e-0000-4000-8000-000000000001";
constexpr char kReport[] = "7k3m-9qxt-2b54";

using Fields = std::vector<std::string>;
Fields FieldsOf(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  Fields fields;
  if (const auto bad = decision::BadInputOf(status)) {
    for (const auto& violation : bad->violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST_CASE("everything that is wrong is told at once") {
  CHECK(FieldsOf(Read(v1::CheckEligibilityRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id"});
  CHECK(FieldsOf(Read(v1::AdvanceEscalationRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "stage"});
  CHECK(FieldsOf(Read(v1::CloseEscalationRequest(), Officer()).status()) ==
        Fields{"request_id", "report_id", "outcome"});
}

TEST_CASE("a formal check is asked for by the report alone") {
  v1::CheckEligibilityRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  const auto read = Read(request, Officer());
  REQUIRE(read.ok());
  CHECK(read->report_id == "7K3M9QXT2B54");
  CHECK(std::get<CheckEligibility>(read->command).actor.role() == report::v1::ROLE_OMBUDSMAN);
}

TEST_CASE("only stages after the material check are reached by advancing") {
  v1::AdvanceEscalationRequest request;
  request.set_request_id(kRequestId);
  request.set_report_id(kReport);
  for (const EscalationStage stage : testing::kStages) {
    request.set_stage(stage);
    const bool fits = stage == event::v1::ESCALATION_STAGE_EXAMINATION ||
                      stage == event::v1::ESCALATION_STAGE_EXAMINATION_REPORT;
    CHECK(Read(request, Officer()).ok() == fits);
  }
}

TEST_CASE("maladministration is named exactly when it was found") {
  const auto fields = [](event::v1::EscalationOutcome outcome, int kind) {
    v1::CloseEscalationRequest request;
    request.set_request_id(kRequestId);
    request.set_report_id(kReport);
    request.set_outcome(outcome);
    request.set_maladministration(static_cast<event::v1::Maladministration>(kind));
    const auto read = Read(request, Officer());
    return read.ok() ? Fields{} : FieldsOf(read.status());
  };
  const int kind = event::v1::MALADMINISTRATION_PARTIALITY;
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, kind).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, 0) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND, 99) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_FOUND, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_FOUND, kind) == Fields{"maladministration"});
  CHECK(fields(event::v1::ESCALATION_OUTCOME_RESOLVED, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_STOPPED, 0).empty());
  CHECK(fields(event::v1::ESCALATION_OUTCOME_NOT_ELIGIBLE, 0) == Fields{"outcome"});
  CHECK(fields(static_cast<event::v1::EscalationOutcome>(99), 0) == Fields{"outcome"});
}

TEST_CASE("a list has bounds, and goes on where the page before ended") {
  v1::ListEscalationsRequest request;
  CHECK(Read(request)->limit == kDefaultPageSize);
  request.set_page_size(kMaxPageSize);
  CHECK(Read(request)->limit == kMaxPageSize);
  request.set_page_size(kMaxPageSize + 1);
  request.set_stage(static_cast<EscalationStage>(99));
  request.set_page_token("?");
  CHECK(FieldsOf(Read(request).status()) == Fields{"stage", "page_size", "page_token"});

  const auto story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  request = {};
  request.set_page_token(PageTokenAfter(story.now));
  const auto query = Read(request);
  REQUIRE(query.ok());
  CHECK(query->after->opened_at == *story.now.opened_at);
  CHECK(query->after->id == story.now.id);
}

}  // namespace
}  // namespace lapor::ombudsman
