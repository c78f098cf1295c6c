// The way from the examination to the publication and its side paths: what each stage needs, the documents,
// and who may answer them.
#include <catch2/catch.hpp>
#include <set>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/domain.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using testing::Declarations;
using testing::kAgency;
using testing::kStages;
using testing::Officer;
using testing::OfficerOf;
using testing::Story;
using testing::StoryAt;
using testing::TypesOf;
using testing::Wib;

constexpr auto kExamination = event::v1::ESCALATION_STAGE_EXAMINATION;
constexpr auto kExaminationReport = event::v1::ESCALATION_STAGE_EXAMINATION_REPORT;
constexpr auto kMonitoring = event::v1::ESCALATION_STAGE_RESOLUTION_AND_MONITORING;
constexpr auto kRecommendation = event::v1::ESCALATION_STAGE_RECOMMENDATION;
constexpr auto kPublication = event::v1::ESCALATION_STAGE_PUBLICATION;
constexpr auto kMediation = event::v1::ESCALATION_STAGE_MEDIATION;
constexpr auto kFound = event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND;
constexpr auto kDelay = event::v1::MALADMINISTRATION_PROTRACTED_DELAY;

// "field: rule; remedy" of a refusal that the state gives.
std::string Precondition(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  return std::string(status.message());
}
std::string Advancing(const Story& story, EscalationStage stage, const std::string& wib) {
  return Precondition(story.RefusalAt(wib, AdvanceEscalation{Officer(), stage}));
}
std::string Issuing(const Story& story, const IssueDocument& document, const std::string& wib) {
  return Precondition(story.RefusalAt(wib, document));
}
std::string Closing(const Story& story, event::v1::EscalationOutcome outcome, const std::string& wib,
                    event::v1::Maladministration kind = event::v1::MALADMINISTRATION_UNSPECIFIED) {
  return Precondition(story.RefusalAt(wib, CloseEscalation{Officer(), outcome, kind}));
}
bool Has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

TEST_CASE("a stage out of order is refused, and those that may follow are named") {
  CHECK(Has(
      Advancing(StoryAt(event::v1::ESCALATION_STAGE_MATERIAL_CHECK), kExaminationReport, "2025-06-18 09:00"),
      "stage: does not follow MATERIAL_CHECK; give one of EXAMINATION"));
  CHECK(Has(Advancing(StoryAt(kExamination), kRecommendation, "2025-06-18 09:00"),
            "give one of EXAMINATION_REPORT, MEDIATION, CONCILIATION, SPECIAL_ADJUDICATION"));
  CHECK(Has(Advancing(StoryAt(kMonitoring), kPublication, "2025-08-15 10:00"), "give one of RECOMMENDATION"));
  CHECK(
      Has(Advancing(StoryAt(kExamination), kExamination, "2025-06-18 09:00"), "does not follow EXAMINATION"));
}

TEST_CASE("from a stage that nobody advances from, the refusal says what leads on") {
  const auto refusal = [](EscalationStage stage) {
    const std::string text = Advancing(StoryAt(stage), kExamination, "2025-10-22 10:00");
    const std::string rule =
        "stage: AdvanceEscalation is not allowed in " + event::v1::EscalationStage_Name(stage) + "; ";
    CHECK(Has(text, rule));
    return text.substr(rule.size());
  };
  CHECK(Has(refusal(event::v1::ESCALATION_STAGE_PROPOSED), "wait for the reporter's consent"));
  CHECK(Has(refusal(event::v1::ESCALATION_STAGE_FORMAL_CHECK), "call CheckEligibility"));
  CHECK(Has(refusal(kExaminationReport), "RESOLUTION_AND_MONITORING comes by itself"));
  CHECK(Has(refusal(kPublication), "issue the PUBLICATION and the REPORT_TO_PARLIAMENT, then close it"));
  CHECK(Has(refusal(event::v1::ESCALATION_STAGE_CLOSED), "it is over"));
}

TEST_CASE("what officers ask for after the end is refused with what opens a case again") {
  Story story = StoryAt(event::v1::ESCALATION_STAGE_CLOSED);
  CHECK(Has(Precondition(story.RefusalAt("2026-06-15 09:00", CheckEligibility{Officer()})),
            "stage: CheckEligibility is not allowed in ESCALATION_STAGE_CLOSED; it is over"));
}

TEST_CASE("the formal check of a mere proposal is refused with what it lacks, and who gives it") {
  Story known = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  const CheckEligibility check{Officer()};
  CHECK(Has(Precondition(known.RefusalAt("2025-06-15 09:00", check)),
            "stage: CheckEligibility is not allowed in ESCALATION_STAGE_PROPOSED: it lacks the reporter's "
            "consent; wait until they give it at intake"));
  Story anonymous;
  anonymous.Submit("2025-06-02 08:00", false).Assign().Breach();
  CHECK(Has(Precondition(anonymous.RefusalAt("2025-06-15 09:00", check)),
            "lacks the reporter's consent and their full identity, a ground of the check"));
}

TEST_CASE("the examination report's stage needs the report, and the recommendation's the recommendation") {
  CHECK(Has(Advancing(StoryAt(kExamination), kExaminationReport, "2025-06-18 09:00"),
            "stage: needs a document of kind EXAMINATION_REPORT"));
  CHECK(Has(Advancing(StoryAt(kMonitoring), kRecommendation, "2025-08-15 10:00"),
            "stage: needs a document of kind RECOMMENDATION"));
}

TEST_CASE("corrective action that is not done in time leads to resolution and monitoring by itself") {
  Story story = StoryAt(kExaminationReport);
  story.Deliver("2025-06-19 09:00");
  CHECK(story.last[0].document_delivered().document_number() == "7K3M9QXT2B54-1/01");
  const absl::Time due = decision::FromProto(story.last[0].document_delivered().due_at());
  story.Pass("2025-08-15 09:00");
  CHECK(TypesOf(story.last) == "ClockBreached EscalationStageReached");
  CHECK(story.last[0].clock_breached().clock() == report::v1::CLOCK_CORRECTIVE_ACTION);
  CHECK(story.last[0].clock_breached().agency_id() == kAgency);
  CHECK(decision::FromProto(story.last[0].clock_breached().due_at()) == due);
  CHECK(story.now.stage == kMonitoring);
}

TEST_CASE("corrective action that is done closes the case as found, and the term brings nothing any more") {
  Story story = StoryAt(kExaminationReport);
  story.Deliver("2025-06-19 09:00").Comply(event::v1::COMPLIANCE_FULL, "2025-07-10 09:00");
  CHECK(story.last[0].compliance_recorded().agency_id() == kAgency);
  story.Pass("2025-09-01 09:00");
  CHECK(story.now.stage == kExaminationReport);
  story.Close(kFound, kDelay, "2025-09-01 10:00");
  CHECK(story.last[0].escalation_closed().compliance() == event::v1::COMPLIANCE_FULL);
  CHECK(story.deadlines.empty());
}

TEST_CASE("compliance that turned out otherwise is owed again, and its clock had not stopped for good") {
  Story story = StoryAt(kExaminationReport);
  story.Deliver("2025-06-19 09:00")
      .Comply(event::v1::COMPLIANCE_FULL, "2025-07-10 09:00")
      .Comply(event::v1::COMPLIANCE_PARTIAL, "2025-07-11 09:00");
  CHECK(story.deadlines.contains(report::v1::CLOCK_CORRECTIVE_ACTION));
  story.Pass("2025-08-15 09:00");
  CHECK(story.now.stage == kMonitoring);
}

TEST_CASE("a recommendation that was not carried out after all is owed again, unless the superior reported") {
  Story story = StoryAt(kRecommendation);
  story.Deliver("2025-08-19 09:00")
      .Comply(event::v1::COMPLIANCE_FULL, "2025-09-01 09:00")
      .Comply(event::v1::COMPLIANCE_NONE, "2025-09-02 09:00");
  CHECK(story.deadlines.contains(report::v1::CLOCK_RECOMMENDATION));
  CHECK(Has(Advancing(story, kPublication, "2025-09-02 10:00"), "ignored"));
  Story reported = story;
  reported.Reply("2025-09-03 09:00")
      .Comply(event::v1::COMPLIANCE_FULL, "2025-09-04 09:00")
      .Comply(event::v1::COMPLIANCE_PARTIAL, "2025-09-05 09:00");
  CHECK(reported.deadlines.empty());
  story.Pass("2025-10-20 09:00").Advance(kPublication, "2025-10-20 10:00");
  CHECK(story.now.stage == kPublication);
}

TEST_CASE("what is done before the report is delivered is not asked for again") {
  Story story = StoryAt(kExaminationReport);
  story.Comply(event::v1::COMPLIANCE_FULL, "2025-06-18 12:00")
      .Deliver("2025-06-19 09:00")
      .Pass("2025-08-15 09:00");
  CHECK(story.now.stage == kExaminationReport);
}

TEST_CASE("found is closed when the action is done or the neglect was published, as the report says") {
  const std::string at = "2025-06-19 10:00";
  for (const EscalationStage stage :
       {event::v1::ESCALATION_STAGE_PROPOSED, event::v1::ESCALATION_STAGE_FORMAL_CHECK,
        event::v1::ESCALATION_STAGE_MATERIAL_CHECK, kExamination}) {
    CHECK(Has(Closing(StoryAt(stage), kFound, at, kDelay), "outcome: is one of the examination report"));
    CHECK(Has(Closing(StoryAt(stage), event::v1::ESCALATION_OUTCOME_NOT_FOUND, at), "examination report"));
  }
  Story written = StoryAt(kExamination);
  written.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-18 10:00");
  CHECK(Has(Closing(written, kFound, at, kDelay), "which EXAMINATION precedes"));

  const Story reported = StoryAt(kExaminationReport);
  CHECK(Has(Closing(reported, kFound, at, kDelay),
            "outcome: leaves what the examination report asks for undone"));
  CHECK(Has(Closing(reported, kFound, at, event::v1::MALADMINISTRATION_PARTIALITY),
            "maladministration: is not the one of the examination report; give "
            "MALADMINISTRATION_PROTRACTED_DELAY"));
  CHECK(Has(Closing(reported, event::v1::ESCALATION_OUTCOME_NOT_FOUND, at),
            "is not what the examination report says, FINDING_MALADMINISTRATION"));

  Story published = StoryAt(kPublication);
  CHECK(Has(Closing(published, kFound, "2025-10-22 09:00", kDelay),
            "issue the PUBLICATION and the REPORT_TO_PARLIAMENT"));
  published.Issue(event::v1::DOCUMENT_KIND_PUBLICATION, "2025-10-22 09:00", "Umum");
  CHECK(Has(Closing(published, kFound, "2025-10-22 10:00", kDelay), "REPORT_TO_PARLIAMENT"));
  published.Issue(event::v1::DOCUMENT_KIND_REPORT_TO_PARLIAMENT, "2025-10-22 10:00", "DPR dan Presiden")
      .Close(kFound, kDelay, "2025-10-22 11:00");
  CHECK(published.now.outcome == kFound);
}

TEST_CASE("a report that finds nothing closes as not found, and asks for no action") {
  Story story = StoryAt(kExamination);
  IssueDocument report = testing::Document(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
  report.finding = event::v1::FINDING_NONE;
  report.maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
  story.At("2025-06-18 10:00", report)
      .Advance(kExaminationReport, "2025-06-18 11:00")
      .Deliver("2025-06-19 09:00");
  CHECK_FALSE(story.last[0].document_delivered().has_due_at());
  CHECK(Has(Closing(story, kFound, "2025-06-20 09:00", kDelay), "is not what the examination report says"));
  CHECK(Has(Precondition(story.RefusalAt("2025-06-20 09:00",
                                         RecordCompliance{Officer(), event::v1::COMPLIANCE_FULL, "x"})),
            "compliance: "));
  story.Close(event::v1::ESCALATION_OUTCOME_NOT_FOUND);
  CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_NOT_FOUND);
}

TEST_CASE("an officer may close any open stage as resolved or stopped") {
  for (const EscalationStage stage : kStages) {
    if (!IsOpen(stage)) continue;
    for (const auto outcome :
         {event::v1::ESCALATION_OUTCOME_RESOLVED, event::v1::ESCALATION_OUTCOME_STOPPED}) {
      Story story = StoryAt(stage);
      story.Close(outcome);
      CHECK(story.now.outcome == outcome);
      CHECK(story.deadlines.empty());
    }
  }
}

TEST_CASE("a recommendation is published when its term is over without a report") {
  Story story = StoryAt(kRecommendation);
  CHECK(Has(Advancing(story, kPublication, "2025-08-18 12:00"),
            "stage: needs a recommendation that was ignored"));
  story.Deliver("2025-08-19 09:00");
  CHECK(decision::FromProto(story.last[0].document_delivered().due_at()) == Wib("2025-10-19 00:00"));
  CHECK(Has(Advancing(story, kPublication, "2025-10-18 23:59"), "ignored"));
  // Time comes first, though its deadline was not looked at.
  Story late = story;
  late.Advance(kPublication, "2025-10-19 00:00");
  CHECK(TypesOf(late.last) == "ClockBreached EscalationStageReached");
  // Nor when it was carried out after all.
  Story done = story;
  done.Pass("2025-10-20 09:00").Comply(event::v1::COMPLIANCE_FULL, "2025-10-21 09:00");
  CHECK(Has(Advancing(done, kPublication, "2025-10-22 09:00"), "one that is complied with fully is closed"));
}

TEST_CASE("a superior's report is no compliance: one that admits none leads to the publication") {
  Story story = StoryAt(kRecommendation);
  story.Comply(event::v1::COMPLIANCE_NONE, "2025-08-18 12:00")
      .Deliver("2025-08-19 09:00")
      .Reply("2025-09-01 09:00");
  CHECK_FALSE(story.last[0].document_replied().late());
  CHECK(story.deadlines.empty());
  CHECK(Has(Advancing(story, kPublication, "2025-09-01 10:00"), "ignored"));
  story.Comply(event::v1::COMPLIANCE_PARTIAL, "2025-09-02 09:00").Advance(kPublication, "2025-09-02 10:00");
  CHECK(story.now.stage == kPublication);
}

TEST_CASE("side paths lead back to where they led off, or to a settlement") {
  for (const EscalationStage side : {kMediation, event::v1::ESCALATION_STAGE_CONCILIATION,
                                     event::v1::ESCALATION_STAGE_SPECIAL_ADJUDICATION}) {
    Story story = StoryAt(kExamination);
    story.Advance(side, "2025-06-18 10:00");
    CHECK(Has(Advancing(story, kMonitoring, "2025-06-18 11:00"),
              "stage: is not where the side path led off; give EXAMINATION"));
    CHECK(Has(Closing(story, event::v1::ESCALATION_OUTCOME_SETTLED, "2025-06-18 11:00"),
              "outcome: needs the record of " + NameOf(side)));
    story.Issue(event::v1::DOCUMENT_KIND_SETTLEMENT, "2025-06-18 12:00")
        .Advance(kExamination, "2025-06-18 13:00");
    CHECK(Has(Closing(story, event::v1::ESCALATION_OUTCOME_SETTLED, "2025-06-18 14:00"),
              "outcome: is one of mediation, conciliation or special adjudication"));
    // The record of one that failed settles nothing.
    story.Advance(side, "2025-06-18 14:00");
    CHECK(Has(Closing(story, event::v1::ESCALATION_OUTCOME_SETTLED, "2025-06-18 15:00"), "needs the record"));
    story.Issue(event::v1::DOCUMENT_KIND_SETTLEMENT, "2025-06-18 15:00")
        .Close(event::v1::ESCALATION_OUTCOME_SETTLED);
    CHECK(story.now.outcome == event::v1::ESCALATION_OUTCOME_SETTLED);
  }
  Story watched = StoryAt(kMonitoring);
  watched.Advance(kMediation, "2025-08-18 09:00");
  CHECK(Has(Advancing(watched, kExamination, "2025-08-18 10:00"), "give RESOLUTION_AND_MONITORING"));
  watched.Advance(kMonitoring, "2025-08-18 10:00");
  CHECK(watched.now.stage == kMonitoring);

  Story written = StoryAt(kExamination);
  written.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-18 10:00");
  CHECK(Has(Advancing(written, kMediation, "2025-06-18 11:00"), "stage: comes too late"));
}

TEST_CASE("each kind of document is issued at its stages only, and the others are named") {
  for (const EscalationStage stage :
       {kExamination, kMonitoring, kPublication, kMediation, event::v1::ESCALATION_STAGE_CONCILIATION,
        event::v1::ESCALATION_STAGE_SPECIAL_ADJUDICATION}) {
    const Story story = StoryAt(stage);
    for (const DocumentRule& rule : DocumentRules()) {
      INFO(NameOf(stage) << " " << NameOf(rule.kind));
      const IssueDocument document =
          testing::Document(rule.kind, rule.recipient == Recipient::kOther ? "Kepolisian" : "");
      const absl::Status status = story.RefusalAt("2025-10-22 09:00", document);
      const bool fits = std::ranges::find(rule.stages, stage) != rule.stages.end();
      const std::string text(status.message());
      if (fits) {
        CHECK((status.ok() || rule.kind == event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL));
      } else {
        CHECK(text.starts_with("kind: is not issued in " + NameOf(stage)));
      }
    }
  }
  CHECK(Has(
      Issuing(StoryAt(kPublication), testing::Document(event::v1::DOCUMENT_KIND_SUMMONS), "2025-10-22 09:00"),
      "give one of PUBLICATION, REPORT_TO_PARLIAMENT"));
  Story twice = StoryAt(kExamination);
  twice.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-18 10:00");
  CHECK(
      Has(Issuing(twice, testing::Document(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT), "2025-06-18 11:00"),
          "kind: is written already: 7K3M9QXT2B54-1/01"));
}

TEST_CASE("a document tells its number and recipient, and no word of it is in an event") {
  Story story = StoryAt(kExamination);
  IssueDocument to_province = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  to_province.agency_id = "id.32";
  to_province.text_sha256 = "hash";
  story.At("2025-06-18 10:00", to_province);
  CHECK(TypesOf(story.last) == "DocumentIssued");
  CHECK(story.last[0].document_issued().document_number() == "7K3M9QXT2B54-1/01");
  CHECK(story.last[0].document_issued().agency_id() == "id.32");
  CHECK(story.last[0].ShortDebugString().find("surat") == std::string::npos);
  const Letter& letter = std::get<Letter>(story.records.back());
  CHECK(letter.text == "Isi surat.");
  CHECK(letter.text_sha256 == "hash");
  CHECK(story.now.documents[0].office == "jawa-barat");

  story.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 11:00", "Kepala Desa");
  CHECK(story.last[0].document_issued().agency_id().empty());
  CHECK(std::get<Letter>(story.records.back()).addressee == "Kepala Desa");
  story.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 12:00");
  CHECK(story.last[0].document_issued().agency_id() == kAgency);

  to_province.agency_id = "id.33";
  to_province.kind = event::v1::DOCUMENT_KIND_FIELD_CHECK;
  CHECK(Has(Issuing(story, to_province, "2025-06-18 13:00"),
            "agency_id: is neither the respondent nor above them"));
}

TEST_CASE(
    "a second clarification is asked for after the first one's term only; then the right of reply lapses") {
  Story story = StoryAt(kExamination);
  const auto request = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  story.At("2025-06-18 10:00", request);
  CHECK(Has(Issuing(story, request, "2025-06-18 11:00"), "kind: waits for the reply to 7K3M9QXT2B54-1/01"));
  story.Deliver("2025-06-19 09:00");
  CHECK(decision::FromProto(story.last[0].document_delivered().due_at()) == Wib("2025-07-04 00:00"));
  CHECK(Has(Issuing(story, request, "2025-07-03 09:00"), "waits for the reply"));
  story.Pass("2025-07-04 09:00");
  CHECK(story.last.back().clock_breached().clock() == report::v1::CLOCK_CLARIFICATION);
  CHECK(IsOverdue(story.now));
  story.At("2025-07-04 10:00", request).Deliver("2025-07-05 09:00");
  CHECK(story.Clock(report::v1::CLOCK_SECOND_CLARIFICATION)->document == 2);
  CHECK(Has(Issuing(story, request, "2025-07-06 09:00"), "kind: was issued twice"));
  // Until the end of the second term the agency may still answer, the first one too.
  const ReplyToDocument by_agency{OfficerOf(kAgency), 1, 1, "Jawaban.", {}};
  CHECK(story.RefusalAt("2025-07-19 23:59", by_agency).ok());

  story.Pass("2025-07-20 09:00");
  CHECK(story.last.back().clock_breached().clock() == report::v1::CLOCK_SECOND_CLARIFICATION);
  for (const int document : {1, 2}) {
    const ReplyToDocument lapsed{OfficerOf(kAgency), 1, document, "Jawaban.", {}};
    CHECK(Has(Precondition(story.RefusalAt("2025-07-21 09:00", lapsed)),
              "document_number: is of a request to which the right of reply has lapsed"));
  }
  // Time comes first here, too.
  story.Reply("2025-07-21 09:00");
  CHECK(story.last[0].document_replied().late());
  CHECK(story.Clock(report::v1::CLOCK_SECOND_CLARIFICATION)->met_at == Wib("2025-07-21 09:00"));
  CHECK(Has(Precondition(story.RefusalAt("2025-07-21 10:00", by_agency)), "lapsed"));
}

TEST_CASE("an answer to the first request is one to the second, of the agency that has both") {
  const IssueDocument same = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  IssueDocument above = same;
  above.agency_id = "id.32";
  for (const IssueDocument& second : {same, above}) {
    const bool answered = second.agency_id.empty();
    Story story = StoryAt(kExamination);
    story.At("2025-06-18 10:00", same)
        .Deliver("2025-06-19 09:00")
        .Pass("2025-07-04 09:00")
        .At("2025-07-04 10:00", second)
        .Deliver("2025-07-05 09:00");
    const ReplyToDocument to_first{OfficerOf(kAgency), 1, 1, "Jawaban.", {}};
    story.At("2025-07-08 09:00", to_first);
    CHECK(story.last.back().document_replied().late());
    CHECK(story.Clock(report::v1::CLOCK_CLARIFICATION)->met_at);
    CHECK(story.deadlines.contains(report::v1::CLOCK_SECOND_CLARIFICATION) != answered);
    // No right lapses of who has answered.
    story.Pass("2025-08-01 09:00");
    if (answered) CHECK(story.RefusalAt("2025-08-01 10:00", to_first).ok());
  }
}

TEST_CASE("a case is overdue until what ran out is met, is followed by the next letter, or the case ends") {
  Story asked = StoryAt(kExamination);
  const auto run_out = [](Story& story, const IssueDocument& document, const std::string& from,
                          const std::string& to) {
    story.At(from, document);
    CHECK_FALSE(IsOverdue(story.now));
    story.Deliver(from).Pass(to);
    CHECK(IsOverdue(story.now));
  };
  const auto request = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  run_out(asked, request, "2025-06-18 10:00", "2025-07-04 09:00");
  run_out(asked, request, "2025-07-04 10:00", "2025-07-20 09:00");
  Story ended = asked;
  ended.Close(event::v1::ESCALATION_OUTCOME_RESOLVED, {}, "2025-07-21 09:00");
  CHECK_FALSE(IsOverdue(ended.now));

  // Each summons in the place of the one before, of the same addressee alone.
  Story written = asked;
  const auto report = testing::Document(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
  written.At("2025-07-21 09:00", report);
  CHECK_FALSE(IsOverdue(written.now));
  Story summoned = StoryAt(kExamination);
  const auto summons = testing::Document(event::v1::DOCUMENT_KIND_SUMMONS);
  run_out(summoned, summons, "2025-06-18 10:00", "2025-06-26 09:00");
  run_out(summoned, summons, "2025-06-26 10:00", "2025-07-04 09:00");
  Story other = summoned;
  other.Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-07-04 10:00", "Kepala Dinas");
  CHECK(IsOverdue(other.now));
  run_out(summoned, summons, "2025-07-04 10:00", "2025-07-12 09:00");
  summoned.Issue(event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL, "2025-07-12 10:00", "Kapolres");
  CHECK_FALSE(IsOverdue(summoned.now));

  // What is to be put right is owed until it is.
  written.Advance(kExaminationReport, "2025-07-22 09:00")
      .Deliver("2025-07-22 10:00")
      .Pass("2025-10-01 09:00");
  CHECK(IsOverdue(written.now));
  written.Comply(event::v1::COMPLIANCE_FULL, "2025-10-02 09:00");
  CHECK_FALSE(IsOverdue(written.now));
}

TEST_CASE("a reply that crosses the end of its term is late, and the breach comes before it") {
  Story story = StoryAt(kExamination);
  story.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "2025-06-18 10:00").Deliver("2025-06-19 09:00");
  Story in_time = story;
  in_time.Reply("2025-07-03 23:59", OfficerOf(kAgency));
  CHECK_FALSE(in_time.last.back().document_replied().late());
  CHECK(in_time.deadlines.empty());
  story.Reply("2025-07-04 00:00", OfficerOf(kAgency));
  CHECK(TypesOf(story.last) == "ClockBreached DocumentReplied");
  CHECK(story.last[1].document_replied().late());
}

TEST_CASE("an agency replies to its own documents only, and learns of no others") {
  Story story = StoryAt(kExamination);
  story.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "2025-06-18 10:00")
      .Deliver("2025-06-18 10:30")
      .Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 11:00", "Kepala Desa")
      .Deliver("2025-06-18 11:30")
      .Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 12:00");
  const auto refusal = [&](const std::string& agency, int escalation, int document) {
    const absl::Status status = story.RefusalAt(
        "2025-06-19 09:00", ReplyToDocument{OfficerOf(agency), escalation, document, "x", {}});
    CHECK(status.code() == absl::StatusCode::kPermissionDenied);
    return std::string(status.message());
  };
  const std::string told = refusal("id.33", 1, 1);
  CHECK(told.starts_with("document_number: "));
  CHECK(refusal("id.33", 1, 9) == told);
  CHECK(refusal("id.33", 2, 1) == told);
  CHECK(refusal(kAgency, 1, 2) == told);
  // Nor of its own before they are delivered, and no reply delivers them.
  CHECK(refusal(kAgency, 1, 3) == told);
  CHECK(refusal("", 1, 2) == told);
  CHECK(story.RefusalAt("2025-06-19 09:00", RecordDelivery{Officer(), 1, 9, {}}).code() ==
        absl::StatusCode::kNotFound);
  CHECK(story.RefusalAt("2025-06-19 09:00", RecordDelivery{Officer(), 2, 1, {}}).code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("the successor of a respondent that has ended answers for it, and has its letters") {
  const std::string successor = "id.32.73.disdik";
  const auto request = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  IssueDocument above = testing::Document(event::v1::DOCUMENT_KIND_FIELD_CHECK);
  above.agency_id = "id.32";
  Story story = StoryAt(kExamination);
  story.At("2025-06-18 10:00", request)
      .Deliver("2025-06-19 09:00")
      .At("2025-06-19 10:00", above)
      .Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-06-19 11:00", "Kepala Dinas");
  const absl::Time at = Wib("2025-06-20 09:00");
  Story moved = story;
  moved.At("2025-06-20 09:00", RecordAssignment{at, successor, true});
  CHECK(moved.now.respondent_agency_id == successor);
  CHECK(moved.now.documents[0].agency_id == successor);
  CHECK(moved.now.documents[1].agency_id == "id.32");
  CHECK(moved.now.documents[2].agency_id.empty());
  const auto reply = [](const std::string& agency_id) {
    return ReplyToDocument{OfficerOf(agency_id), 1, 1, "Jawaban.", {}};
  };
  CHECK(moved.RefusalAt("2025-06-21 09:00", reply(kAgency)).code() == absl::StatusCode::kPermissionDenied);
  Story reminded = moved;
  reminded.Pass("2025-06-27 09:00");
  CHECK(reminded.last[0].clock_reminded().agency_id() == successor);
  moved.At("2025-06-21 09:00", reply(successor));
  CHECK(moved.deadlines.empty());

  // Not one that merely has it next; nor of whom the case isn't about, or not any more.
  Story next = story;
  next.At("2025-06-20 09:00", RecordAssignment{at, successor});
  CHECK(next.now.respondent_agency_id == kAgency);
  next.At("2025-06-20 10:00", RecordAssignment{Wib("2025-06-20 10:00"), "id.33", true});
  CHECK(next.now.respondent_agency_id == kAgency);
  Story closed = StoryAt(event::v1::ESCALATION_STAGE_CLOSED);
  closed.At("2025-06-20 09:00", RecordAssignment{at, successor, true});
  CHECK(closed.now.respondent_agency_id == kAgency);
}

TEST_CASE("who replies has the document, though its delivery was not recorded") {
  Story story = StoryAt(kExamination);
  story.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "2025-06-18 10:00").Reply("2025-06-20 09:00");
  CHECK(TypesOf(story.last) == "DocumentDelivered DocumentReplied");
  CHECK(story.last[0].document_delivered().agency_id() == kAgency);
  CHECK(story.last[0].document_delivered().kind() == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  CHECK(story.now.documents[0].delivered_at == Wib("2025-06-20 09:00"));
  CHECK(story.Clock(report::v1::CLOCK_CLARIFICATION)->met_at == Wib("2025-06-20 09:00"));
  const Reply& reply = std::get<Reply>(story.records.back());
  CHECK(reply.agency_id.empty());
  CHECK(reply.number == 1);
  story.Reply("2025-06-20 10:00", OfficerOf(kAgency));
  CHECK(std::get<Reply>(story.records.back()).agency_id == kAgency);
  CHECK(std::get<Reply>(story.records.back()).number == 2);
}

TEST_CASE("a delivery is recorded once, neither in the future nor before the document was issued") {
  Story story = StoryAt(kExamination);
  story.Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-06-18 10:00");
  const auto refusal = [&](const std::string& delivered_at) {
    return std::string(
        story.RefusalAt("2025-06-20 09:00", RecordDelivery{Officer(), 1, 1, Wib(delivered_at)}).message());
  };
  CHECK(Has(refusal("2025-06-20 09:01"), "delivered_at: is in the future"));
  CHECK(Has(refusal("2025-06-18 09:59"), "delivered_at: is before the document was issued"));
  story.At("2025-06-20 09:00", RecordDelivery{Officer(), 1, 1, Wib("2025-06-19 09:00")});
  CHECK(story.Clock(report::v1::CLOCK_SUMMONS)->started_at == Wib("2025-06-19 09:00"));
  CHECK(Has(refusal("2025-06-19 09:00"), "document_number: is recorded as delivered already"));

  // The report goes out when its stage is reached, so that its clock runs there.
  Story written = StoryAt(kExamination);
  written.Issue(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT, "2025-06-18 10:00");
  CHECK(Has(Precondition(written.RefusalAt("2025-06-19 09:00", RecordDelivery{Officer(), 1, 1, {}})),
            "advance to EXAMINATION_REPORT first"));
  Story recommended = StoryAt(kMonitoring);
  recommended.Issue(event::v1::DOCUMENT_KIND_RECOMMENDATION, "2025-08-18 10:00");
  CHECK(Has(Precondition(recommended.RefusalAt("2025-08-19 09:00", RecordDelivery{Officer(), 1, 2, {}})),
            "advance to RECOMMENDATION first"));
  // And not earlier, whatever is recorded later.
  written.Advance(kExaminationReport, "2025-06-19 10:00");
  const auto delivering = [](const Story& of, int document, const std::string& at) {
    const absl::Status status =
        of.RefusalAt("2025-08-20 09:00", RecordDelivery{Officer(), 1, document, Wib(at)});
    CHECK((status.ok() || status.code() == absl::StatusCode::kInvalidArgument));
    return std::string(status.message());
  };
  CHECK(Has(delivering(written, 1, "2025-06-19 09:59"),
            "delivered_at: is before EXAMINATION_REPORT was reached"));
  CHECK(delivering(written, 1, "2025-06-19 10:00").empty());
  recommended.Advance(kRecommendation, "2025-08-19 10:00");
  CHECK(Has(delivering(recommended, 2, "2025-08-19 09:59"),
            "delivered_at: is before RECOMMENDATION was reached"));
  CHECK(delivering(recommended, 2, "2025-08-19 10:00").empty());
}

TEST_CASE("after three summons that were not heeded the police may compel, and not before") {
  Story story = StoryAt(kExamination);
  const auto compel = testing::Document(event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL, "Kapolres");
  const auto summons = testing::Document(event::v1::DOCUMENT_KIND_SUMMONS);
  for (const auto& [issued, over] :
       {std::pair("2025-06-18 10:00", "2025-06-26 09:00"), std::pair("2025-06-26 10:00", "2025-07-04 09:00"),
        std::pair("2025-07-04 10:00", "2025-07-12 09:00")}) {
    CHECK(Has(Issuing(story, compel, issued), "kind: needs 3 summons that were not heeded"));
    story.At(issued, summons);
    CHECK(Has(Issuing(story, summons, issued), "kind: waits for the end of"));
    story.Deliver(issued).Pass(over);
    CHECK(story.last.back().clock_breached().clock() == report::v1::CLOCK_SUMMONS);
  }
  CHECK(Has(Issuing(story, summons, "2025-07-12 10:00"), "issue a REQUEST_TO_COMPEL"));
  story.At("2025-07-12 10:00", compel);
  CHECK(story.last[0].document_issued().kind() == event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL);

  // Who came, if late, was not brought.
  story.Reply("2025-07-12 11:00");
  Story came = story;
  came.At("2025-07-13 09:00", ReplyToDocument{Officer(), 1, 3, "Hadir.", {}});
  CHECK(Has(Issuing(came, compel, "2025-07-13 10:00"), "there are 2"));
}

TEST_CASE("what an agency writes to a summons is kept as a reply, and is no coming") {
  Story story = StoryAt(kExamination);
  story.Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-06-18 10:00")
      .Deliver("2025-06-18 11:00")
      .Reply("2025-06-19 09:00", OfficerOf(kAgency));
  CHECK(TypesOf(story.last) == "DocumentReplied");
  CHECK(std::get<Reply>(story.records.back()).agency_id == kAgency);
  CHECK(story.deadlines.contains(report::v1::CLOCK_SUMMONS));
  story.Pass("2025-06-26 09:00").Reply("2025-06-26 10:00", OfficerOf(kAgency));
  CHECK(story.Clock(report::v1::CLOCK_SUMMONS)->breached_at);
  CHECK_FALSE(story.Clock(report::v1::CLOCK_SUMMONS)->met_at);
  CHECK(IsOverdue(story.now));
  story.Reply("2025-06-26 11:00");
  CHECK(story.Clock(report::v1::CLOCK_SUMMONS)->met_at == Wib("2025-06-26 11:00"));
}

TEST_CASE("who did not come is counted by each addressee") {
  Story story = StoryAt(kExamination);
  const auto compel = testing::Document(event::v1::DOCUMENT_KIND_REQUEST_TO_COMPEL, "Kapolres");
  const auto ignore = [&](const std::string& addressee, const std::string& from, const std::string& to) {
    story.Issue(event::v1::DOCUMENT_KIND_SUMMONS, from, addressee).Deliver(from).Pass(to);
  };
  ignore("", "2025-06-18 10:00", "2025-06-26 09:00");
  ignore("", "2025-06-26 10:00", "2025-07-04 09:00");
  ignore("Kepala Dinas", "2025-07-04 10:00", "2025-07-12 09:00");
  CHECK(Has(Issuing(story, compel, "2025-07-12 10:00"), "by the same addressee; there are 2"));
  ignore("Kepala Bidang", "2025-07-12 10:00", "2025-07-20 09:00");
  ignore("Kepala Dinas", "2025-07-20 10:00", "2025-07-28 09:00");
  CHECK(Has(Issuing(story, compel, "2025-07-28 10:00"), "there are 2"));
  ignore("Kepala Dinas", "2025-07-28 10:00", "2025-08-05 09:00");
  // That one is summoned no more, others are.
  CHECK(Has(
      Issuing(story, testing::Document(event::v1::DOCUMENT_KIND_SUMMONS, "Kepala Dinas"), "2025-08-05 10:00"),
      "issue a REQUEST_TO_COMPEL"));
  Story other = story;
  other.Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-08-05 10:00");
  story.At("2025-08-05 10:00", compel);
  // Whom it was is in the letter alone.
  CHECK(story.now.documents[2].addressee_sha256 == Sha256("Kepala Dinas"));
  CHECK(story.now.documents[0].addressee_sha256.empty());
}

TEST_CASE("documents and replies have bounds") {
  Story story = StoryAt(kExamination);
  for (size_t i = 0; i < kMaxDocuments; ++i)
    story.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 10:00");
  CHECK(Has(Issuing(story, testing::Document(event::v1::DOCUMENT_KIND_FIELD_CHECK), "2025-06-18 11:00"),
            "report_id: has 200 documents"));
  for (int i = 0; i < kMaxReplies; ++i) story.Reply("2025-06-18 12:00");
  CHECK(Has(Precondition(story.RefusalAt("2025-06-18 13:00", ReplyToDocument{Officer(), 1, 200, "x", {}})),
            "document_number: is of a document with 50 replies"));
}

TEST_CASE("a case goes to another office, and its next documents and clocks with it") {
  Story story = StoryAt(kExamination);
  const auto refusal = [&](const std::string& office) {
    return story.RefusalAt("2025-06-18 10:00", TransferEscalation{Officer(), office, "x"});
  };
  CHECK(refusal("atlantis").code() == absl::StatusCode::kInvalidArgument);
  CHECK(Has(std::string(refusal("atlantis").message()), "office: is no office of the Ombudsman"));
  CHECK(Has(Precondition(refusal("jawa-barat")), "office: has the case already"));
  story.At("2025-06-18 10:00", TransferEscalation{Officer(), "bali", "Lebih dekat."});
  CHECK(story.last[0].escalation_transferred().from_office() == "jawa-barat");
  CHECK(story.last[0].escalation_transferred().to_office() == "bali");
  CHECK(std::get<Note>(story.records.back()).kind == NoteKind::kTransfer);
  story.Issue(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST, "2025-06-18 11:00").Deliver("2025-06-19 09:00");
  CHECK(story.now.documents[0].office == "bali");
  CHECK(story.Clock(report::v1::CLOCK_CLARIFICATION)->due_at == Wib("2025-07-03 23:00"));  // midnight in Bali
}

TEST_CASE("numbers of documents are read as people copy them") {
  decision::Refusals refusals;
  const DocumentId id{"7K3M9QXT2B54", 1, 3};
  CHECK(ToString(id) == "7K3M9QXT2B54-1/03");
  CHECK(CheckDocumentNumber("7K3M9QXT2B54-1/03", refusals) == id);
  CHECK(CheckDocumentNumber("7k3m-9qxt-2b54-1/3", refusals) == id);
  CHECK(refusals.ok());
  for (const char* wrong :
       {"", "7K3M9QXT2B54", "7K3M9QXT2B54-1", "7K3M9QXT2B54/1-3", "7K3M9QXT2B54-0/03", "7K3M9QXT2B54-1/0",
        "7K3M9QXT2B54-1/x", "7K3M9QXT2B54-1/1234", "7K3M9QXT2B55-1/03"}) {
    INFO(wrong);
    decision::Refusals told;
    CheckDocumentNumber(wrong, told);
    CHECK_FALSE(told.ok());
  }
}

}  // namespace
}  // namespace lapor::ombudsman
