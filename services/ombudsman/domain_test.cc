// The state machine: what is allowed at which stage, and what comes of it. The formal check is in
// grounds_test.cc.
#include "services/ombudsman/domain.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "libs/decision/proto_time.h"
#include "services/ombudsman/subscriber.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Event;
using testing::Declarations;
using testing::kAgency;
using testing::kStages;
using testing::Officer;
using testing::ShippedOffices;
using testing::ShippedPolicy;
using testing::Story;
using testing::StoryAt;
using testing::Wib;

constexpr auto kNone = event::v1::ESCALATION_STAGE_UNSPECIFIED;
constexpr auto kProposed = event::v1::ESCALATION_STAGE_PROPOSED;
constexpr auto kFormalCheck = event::v1::ESCALATION_STAGE_FORMAL_CHECK;
constexpr auto kMaterialCheck = event::v1::ESCALATION_STAGE_MATERIAL_CHECK;
constexpr auto kExamination = event::v1::ESCALATION_STAGE_EXAMINATION;
constexpr auto kExaminationReport = event::v1::ESCALATION_STAGE_EXAMINATION_REPORT;
constexpr auto kClosed = event::v1::ESCALATION_STAGE_CLOSED;

// The stage that may follow, ready for it: the path, and not its sides.
EscalationStage Following(EscalationStage stage) {
  for (const auto& row : Transitions().rows()) {
    if (row.from != stage || row.on != CommandKind::kAdvanceEscalation) continue;
    if (!IsSidePath(stage) || row.to == kExamination) return row.to;
  }
  return kExamination;
}

// One of each kind; of the documents of that story.
std::vector<Command> AllCommands(const Story& story) {
  const absl::Time at = Wib("2025-07-01 10:00");
  auto kind = event::v1::DOCUMENT_KIND_FIELD_CHECK;
  if (IsSidePath(story.now.stage)) kind = event::v1::DOCUMENT_KIND_SETTLEMENT;
  if (story.now.stage == event::v1::ESCALATION_STAGE_PUBLICATION) kind = event::v1::DOCUMENT_KIND_PUBLICATION;
  const int document = story.LastDocument();
  return {RegisterReport{at, "2024.1", false},
          RecordAssignment{at, "id.32"},
          RecordBreach{at, report::v1::CLOCK_RESOLUTION, kAgency},
          RecordReaction{at, false},
          RecordClosing{at, event::v1::CLOSING_BY_REPORTER},
          RecordReopening{at},
          RecordArchiving{at},
          RecordRestoring{at},
          RequestEscalation{at, true, true, Declarations()},
          ConsentToEscalation{at, true, Declarations()},
          WithdrawReport{at},
          PassDeadline{},
          RecountClocks{},
          CheckEligibility{Officer()},
          AdvanceEscalation{Officer(), Following(story.now.stage)},
          OpenRapidResponse{Officer(), "Nyawa terancam."},
          TransferEscalation{Officer(), "bali", "Lebih dekat."},
          testing::Document(kind, kind == event::v1::DOCUMENT_KIND_PUBLICATION ? "Umum" : ""),
          RecordDelivery{Officer(), 1, document, {}},
          ReplyToDocument{Officer(), 1, document, "Jawaban.", {}},
          RecordCompliance{Officer(), event::v1::COMPLIANCE_FULL, "Sudah."},
          CloseEscalation{Officer(), event::v1::ESCALATION_OUTCOME_STOPPED, {}}};
}

bool IsFromCaller(CommandKind kind) { return kind >= CommandKind::kCheckEligibility; }

TEST_CASE("every pair of stage and command is decided as the table says, or refused naming both") {
  for (const EscalationStage stage : kStages) {
    Story story = StoryAt(stage);
    REQUIRE(story.now.stage == stage);
    const auto commands = AllCommands(story);
    REQUIRE(commands.size() == kCommandKinds);
    for (const Command& command : commands) {
      const CommandKind kind = KindOf(command);
      INFO(NameOf(stage) << " " << NameOf(kind));
      const auto decision =
          Decide(story.now, command, Wib("2025-06-20 10:00"), ShippedPolicy(), ShippedOffices());
      INFO(decision.status());
      const bool of_document = kind == CommandKind::kRecordDelivery || kind == CommandKind::kReplyToDocument;
      if (decision.ok()) {
        CHECK(Transitions().Foresees(stage, kind, decision->next.stage));
      } else if (stage == kNone || (of_document && story.LastDocument() == 0)) {
        CHECK(decision.status().code() == absl::StatusCode::kNotFound);
      } else if (!Transitions().Allows(stage, kind)) {
        CHECK(decision.status().code() == absl::StatusCode::kFailedPrecondition);
        const std::string text(decision.status().message());
        CHECK(text.find(NameOf(stage)) != std::string::npos);
        CHECK(text.find(NameOf(kind)) != std::string::npos);
      } else {
        // What needs more than the stage has tests of its own.
        CHECK((kind == CommandKind::kCheckEligibility || kind == CommandKind::kAdvanceEscalation ||
               kind == CommandKind::kRecordDelivery || kind == CommandKind::kRecordCompliance));
      }
    }
  }
}

TEST_CASE("officers act only as the stage allows") {
  const auto allowed = [](EscalationStage stage) {
    std::set<CommandKind> kinds;
    for (int kind = 0; kind < kCommandKinds; ++kind) {
      const auto k = static_cast<CommandKind>(kind);
      if (IsFromCaller(k) && Transitions().Allows(stage, k)) kinds.insert(k);
    }
    return kinds;
  };
  using enum CommandKind;
  CHECK(allowed(kNone).empty());
  CHECK(allowed(kProposed) == std::set{kOpenRapidResponse, kTransferEscalation, kCloseEscalation});
  CHECK(allowed(kFormalCheck) ==
        std::set{kCheckEligibility, kOpenRapidResponse, kTransferEscalation, kCloseEscalation});
  CHECK(allowed(kMaterialCheck) ==
        std::set{kAdvanceEscalation, kOpenRapidResponse, kTransferEscalation, kCloseEscalation});
  CHECK(allowed(kExamination) == std::set{kCheckEligibility, kAdvanceEscalation, kTransferEscalation,
                                          kIssueDocument, kRecordDelivery, kReplyToDocument,
                                          kCloseEscalation});
  CHECK(allowed(kExaminationReport) == std::set{kTransferEscalation, kRecordDelivery, kReplyToDocument,
                                                kRecordCompliance, kCloseEscalation});
  CHECK(allowed(kClosed).empty());
}

TEST_CASE("what other services tell of a known report is heard at every stage") {
  for (const EscalationStage stage : kStages) {
    const Story story = StoryAt(stage);
    for (const Command& command : AllCommands(story)) {
      if (IsFromCaller(KindOf(command))) continue;
      INFO(NameOf(stage) << " " << NameOf(KindOf(command)));
      CHECK(story.Refusal(command).ok());
    }
  }
}

TEST_CASE("an event of a report whose submission was never told is refused, for it would be lost") {
  for (const Command& command : AllCommands(Story())) {
    const CommandKind kind = KindOf(command);
    const bool of_time = kind == CommandKind::kPassDeadline || kind == CommandKind::kRecountClocks;
    if (IsFromCaller(kind) || of_time) continue;
    INFO(NameOf(kind));
    const absl::Status status = Story().Refusal(command);
    CHECK(status.ok() == (kind == CommandKind::kRegisterReport));
    if (!status.ok()) CHECK(std::string(status.message()).find(NameOf(kind)) != std::string::npos);
  }
}

TEST_CASE("the README's diagram shows the table, no more and no less") {
  std::ostringstream diagram;
  for (const auto& row : Transitions().rows()) {
    if (row.from == row.to) continue;
    const auto name = [](EscalationStage stage) { return stage == kNone ? "[*]" : NameOf(stage); };
    diagram << "    " << name(row.from) << " --> " << name(row.to) << ": " << NameOf(row.on) << "\n";
  }
  std::ifstream file("README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string begin = "stateDiagram-v2\n";
  const size_t from = readme.find(begin);
  REQUIRE(from != std::string::npos);
  const size_t to = readme.find("```", from);
  CHECK(readme.substr(from + begin.size(), to - from - begin.size()) == diagram.str());
}

TEST_CASE("a breach proposes an escalation against the agency that was accountable") {
  Story story;
  story.Submit().Assign().Breach("2025-06-14 00:00");
  CHECK(story.now.stage == kProposed);
  CHECK(story.now.number == 1);
  CHECK_FALSE(story.now.consented_at.has_value());
  REQUIRE(story.last.size() == 1);
  const event::v1::EscalationOpened& opened = story.last[0].escalation_opened();
  CHECK(opened.cause() == event::v1::ESCALATION_CAUSE_BREACH);
  CHECK(opened.clock() == report::v1::CLOCK_FIRST_RESPONSE);
  CHECK(opened.respondent_agency_id() == kAgency);
  CHECK(opened.consent_needed());
  CHECK(opened.office() == "jawa-barat");
  CHECK(story.last[0].actor().role() == report::v1::ROLE_SERVICE);
  CHECK(decision::FromProto(story.last[0].occurred_at()) == Wib("2025-06-14 00:00"));
}

TEST_CASE("a breach while the report was with its administrators names the agency that had it last") {
  Story story;
  story.Submit().Assign();
  story.At("2025-06-14 00:00", RecordBreach{Wib("2025-06-14 00:00"), report::v1::CLOCK_RESOLUTION, ""});
  CHECK(story.now.respondent_agency_id == kAgency);
}

TEST_CASE(
    "the neglect of a part of the report is that of the agency that has it, or else of the one that leads") {
  const std::string of_child = "id.32.73.dinkes";
  for (const std::string& accountable : {of_child, std::string()}) {
    event::v1::Event breached;
    breached.set_child(1);
    breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_RESOLUTION);
    breached.mutable_clock_breached()->set_agency_id(accountable);
    *breached.mutable_occurred_at() = decision::ToProto(Wib("2025-06-14 00:00"));
    Story story;
    story.Submit().Assign().At("2025-06-14 00:00", OnEvent(breached).value());
    CHECK(story.now.stage == kProposed);
    CHECK(story.now.respondent_agency_id == (accountable.empty() ? kAgency : of_child));
    CHECK(story.now.facts.agency_id == kAgency);
    CHECK(story.now.facts.term_passed);
  }
}

TEST_CASE("neglect by triage proposes an escalation against the national administrators") {
  event::v1::Event overdue;
  overdue.mutable_verification_overdue();
  *overdue.mutable_occurred_at() = decision::ToProto(Wib("2025-06-06 00:00"));
  Story story;
  story.Submit().At("2025-06-06 00:00", OnEvent(overdue).value());
  CHECK(story.now.stage == kProposed);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].escalation_opened().clock() == report::v1::CLOCK_VERIFICATION);
  CHECK(story.last[0].escalation_opened().respondent_agency_id() == "id");
  CHECK(story.last[0].escalation_opened().office() == "pusat");
}

TEST_CASE("a request before any agency had the report is against the national administrators") {
  Story story;
  story.Submit().Request();
  CHECK(story.last[0].escalation_opened().respondent_agency_id() == "id");
}

TEST_CASE("a second breach while an escalation is open is noted only") {
  for (const EscalationStage stage : kStages) {
    if (!IsOpen(stage)) continue;
    Story story = StoryAt(stage);
    story.Breach("2025-06-20 00:00", report::v1::CLOCK_RESOLUTION);
    CHECK(story.now.stage == stage);
    CHECK(story.now.clock == report::v1::CLOCK_FIRST_RESPONSE);
    CHECK(story.now.number == 1);
    CHECK(story.last.empty());
  }
}

TEST_CASE("the reporter's consent opens the formal check") {
  Story story;
  story.Submit("2025-06-02 08:00", false).Assign().Breach();
  story.At("2025-06-16 09:00", ConsentToEscalation{Wib("2025-06-16 08:59"), true, Declarations()});
  CHECK(story.now.stage == kFormalCheck);
  CHECK(story.now.consented_at == Wib("2025-06-16 08:59"));
  CHECK(story.now.name_secret);
  CHECK(story.now.facts.identity_known);
  REQUIRE(story.last.size() == 1);
  CHECK(story.last[0].escalation_stage_reached().stage() == kFormalCheck);
  CHECK(story.last[0].actor().role() == report::v1::ROLE_REPORTER);
}

TEST_CASE("a request of the reporter opens an escalation without a breach, and needs no consent") {
  Story story;
  story.Submit().Assign().Request();
  CHECK(story.now.stage == kFormalCheck);
  CHECK(story.now.consented_at == Wib("2025-06-16 09:00"));
  REQUIRE(story.last.size() == 2);
  const event::v1::EscalationOpened& opened = story.last[0].escalation_opened();
  CHECK(opened.cause() == event::v1::ESCALATION_CAUSE_REPORTER_REQUEST);
  CHECK(opened.clock() == report::v1::CLOCK_UNSPECIFIED);
  CHECK(opened.respondent_agency_id() == kAgency);
  CHECK_FALSE(opened.consent_needed());
  CHECK(story.last[1].escalation_stage_reached().stage() == kFormalCheck);
}

TEST_CASE("a request that meets a proposal is the consent to it") {
  Story story = StoryAt(kProposed);
  story.Request();
  CHECK(story.now.stage == kFormalCheck);
  CHECK(story.now.cause == event::v1::ESCALATION_CAUSE_BREACH);
  CHECK(story.now.number == 1);
  CHECK(story.now.consented_at == Wib("2025-06-16 09:00"));
  CHECK(story.last.size() == 1);
}

TEST_CASE("what the reporter declares last before the formal check counts, and secrecy is only ever raised") {
  Story story = StoryAt(kFormalCheck);
  event::v1::ReporterDeclarations before_court = Declarations();
  before_court.set_before_court(true);
  story.At("2025-06-17 08:00", RequestEscalation{Wib("2025-06-17 08:00"), true, true, before_court});
  CHECK(story.now.declarations.before_court());
  CHECK(story.now.name_secret);
  CHECK(story.now.consented_at == Wib("2025-06-16 09:00"));
  CHECK(story.last.empty());

  story.At("2025-06-17 08:01", RequestEscalation{Wib("2025-06-17 08:01"), true, false, Declarations()});
  CHECK_FALSE(story.now.declarations.before_court());
  CHECK(story.now.name_secret);

  Story later = StoryAt(kExamination);
  later.At("2025-06-19 08:00", RequestEscalation{Wib("2025-06-19 08:00"), true, true, before_court});
  CHECK_FALSE(later.now.declarations.before_court());
  CHECK(later.now.name_secret);
  CHECK(later.now.stage == kExamination);
}

TEST_CASE("a satisfied reporter's closing ends a mere proposal; what an officer has begun stays theirs") {
  Story proposed = StoryAt(kProposed);
  proposed.At("2025-06-20 09:00", RecordClosing{Wib("2025-06-20 08:00"), event::v1::CLOSING_BY_REPORTER});
  CHECK(proposed.now.stage == kClosed);
  CHECK(proposed.now.outcome == event::v1::ESCALATION_OUTCOME_RESOLVED);
  CHECK(proposed.now.closed_at == Wib("2025-06-20 08:00"));
  REQUIRE(proposed.last.size() == 1);
  CHECK(proposed.last[0].actor().role() == report::v1::ROLE_SERVICE);

  for (const EscalationStage stage : testing::TakenUp()) {
    Story begun = StoryAt(stage);
    begun.At("2025-06-20 09:00", RecordClosing{Wib("2025-06-20 08:00"), event::v1::CLOSING_BY_REPORTER});
    CHECK(begun.now.stage == stage);
    CHECK(begun.last.empty());
  }
}

TEST_CASE("silence, the agency's closing and archiving keep a proposal, and its reporter may still consent") {
  const absl::Time at = Wib("2025-06-15 08:00");
  for (const Command& ending :
       std::vector<Command>{RecordClosing{at, event::v1::CLOSING_BY_SILENCE},
                            RecordClosing{at, event::v1::CLOSING_BY_AGENCY}, RecordArchiving{at}}) {
    Story story = StoryAt(kProposed);
    story.At("2025-06-15 09:00", ending);
    CHECK(story.now.stage == kProposed);
    CHECK(story.last.empty());
    story.Consent("2025-06-16 09:00");
    CHECK(story.now.stage == kFormalCheck);
    CHECK(story.now.number == 1);
  }
}

TEST_CASE("a withdrawn report stops its escalation, and later breaches propose nothing") {
  for (const EscalationStage stage : kStages) {
    Story story = StoryAt(stage);
    const bool open = IsOpen(stage);
    story.At("2025-06-20 09:00", WithdrawReport{Wib("2025-06-20 09:00")});
    CHECK(story.now.stage == (open ? kClosed : stage));
    CHECK(story.last.size() == (open ? 1U : 0U));
    if (open) CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_STOPPED);

    story.Breach("2025-06-26 00:00", report::v1::CLOCK_RESOLUTION);
    CHECK(story.now.stage == (stage == kNone ? kNone : kClosed));
    CHECK(story.last.empty());
  }
}

TEST_CASE("after one escalation is closed another may open, with nothing of the first but the count") {
  Story story = StoryAt(kExaminationReport);
  story.Comply(event::v1::COMPLIANCE_FULL, "2025-06-19 12:00")
      .Close(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND,
             event::v1::MALADMINISTRATION_PROTRACTED_DELAY);
  story.Breach("2025-06-26 00:00", report::v1::CLOCK_RESOLUTION);
  CHECK(story.now.stage == kProposed);
  CHECK(story.now.number == 2);
  CHECK(story.now.clock == report::v1::CLOCK_RESOLUTION);
  CHECK_FALSE(story.now.consented_at.has_value());
  CHECK_FALSE(story.now.closed_at.has_value());
  CHECK_FALSE(story.now.declarations.citizen_or_resident());
  CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_UNSPECIFIED);
  CHECK(story.now.maladministration == event::v1::MALADMINISTRATION_UNSPECIFIED);
  CHECK(story.now.documents.empty());
  CHECK(story.now.clocks.empty());
  CHECK(story.now.compliance == event::v1::COMPLIANCE_UNSPECIFIED);

  Story asked = StoryAt(kClosed);
  asked.Request("2025-07-01 09:00");
  CHECK(asked.now.stage == kFormalCheck);
  CHECK(asked.now.number == 2);
}

TEST_CASE("a consent that crossed the closing of its proposal is taken as a request") {
  Story story = StoryAt(kProposed);
  story.Close(event::v1::ESCALATION_OUTCOME_STOPPED).Consent("2025-06-20 08:59");
  CHECK(story.now.stage == kFormalCheck);
  CHECK(story.now.number == 2);
  CHECK(story.now.cause == event::v1::ESCALATION_CAUSE_REPORTER_REQUEST);

  // Not when it had been given: this one is only late.
  Story closed = StoryAt(kClosed);
  closed.Consent("2025-06-21 09:00");
  CHECK(closed.now.stage == kClosed);
  CHECK(closed.last.empty());
}

}  // namespace
}  // namespace lapor::ombudsman
