// Escalations on a real PostgreSQL: what is written is what is read; and events and requests on their whole
// way through the executor.
#include "services/ombudsman/store.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string_view>

#include "services/ombudsman/documents.h"
#include "services/ombudsman/testing/running.h"
#include "services/ombudsman/testing/story.h"

namespace lapor::ombudsman {
namespace {

using event::v1::Event;
using testing::Declarations;
using testing::kAgency;
using testing::kStages;
using testing::Officer;
using testing::Running;
using testing::Story;
using testing::StoryAt;
using testing::Wib;

struct Database : Running {
  std::vector<std::string> List(const EscalationQuery& query) {
    std::vector<std::string> ids;
    In([&](pg::Tx& tx) {
      for (const Escalation& escalation : ListEscalations(tx, query)) ids.push_back(escalation.id);
    });
    return ids;
  }
};

void CheckSame(const Escalation& left, const Escalation& right) {
  CHECK(left.id == right.id);
  CHECK(left.facts.received_at == right.facts.received_at);
  CHECK(left.facts.policy_version == right.facts.policy_version);
  CHECK(left.facts.identity_known == right.facts.identity_known);
  CHECK(left.facts.agency_id == right.facts.agency_id);
  CHECK(left.facts.term_passed == right.facts.term_passed);
  CHECK(left.facts.dissatisfied == right.facts.dissatisfied);
  CHECK(left.facts.archived == right.facts.archived);
  CHECK(left.facts.closing == right.facts.closing);
  CHECK(left.facts.withdrawn == right.facts.withdrawn);
  CHECK(left.stage == right.stage);
  CHECK(left.number == right.number);
  CHECK(left.cause == right.cause);
  CHECK(left.clock == right.clock);
  CHECK(left.respondent_agency_id == right.respondent_agency_id);
  CHECK(left.opened_at == right.opened_at);
  CHECK(left.consented_at == right.consented_at);
  CHECK(left.name_secret == right.name_secret);
  CHECK(left.declarations.SerializeAsString() == right.declarations.SerializeAsString());
  CHECK(left.outcome == right.outcome);
  CHECK(left.maladministration == right.maladministration);
  CHECK(left.closed_at == right.closed_at);
  CHECK(left.stage_reached_at == right.stage_reached_at);
  CHECK(left.office == right.office);
  CHECK(left.direct == right.direct);
  CHECK(left.rapid_response == right.rapid_response);
  CHECK(left.check_owed == right.check_owed);
  CHECK(left.compliance == right.compliance);
  CHECK(left.compliance_at == right.compliance_at);
  REQUIRE(left.clocks.size() == right.clocks.size());
  for (size_t i = 0; i < left.clocks.size(); ++i) {
    const CaseClock& a = left.clocks[i];
    const CaseClock& b = right.clocks[i];
    CHECK(a.clock == b.clock);
    CHECK(a.document == b.document);
    CHECK(a.time_zone == b.time_zone);
    CHECK(a.started_at == b.started_at);
    CHECK(a.due_at == b.due_at);
    CHECK(a.alarm_at == b.alarm_at);
    CHECK(a.reminded_percent == b.reminded_percent);
    CHECK(a.met_at == b.met_at);
    CHECK(a.breached_at == b.breached_at);
  }
  REQUIRE(left.documents.size() == right.documents.size());
  for (size_t i = 0; i < left.documents.size(); ++i) {
    const Document& a = left.documents[i];
    const Document& b = right.documents[i];
    CHECK(a.number == b.number);
    CHECK(a.kind == b.kind);
    CHECK(a.agency_id == b.agency_id);
    CHECK(a.addressee_sha256 == b.addressee_sha256);
    CHECK(a.finding == b.finding);
    CHECK(a.maladministration == b.maladministration);
    CHECK(a.office == b.office);
    CHECK(a.issued_at == b.issued_at);
    CHECK(a.delivered_at == b.delivered_at);
    CHECK(a.replied_at == b.replied_at);
    CHECK(a.replies == b.replies);
  }
}

TEST_CASE("a report is read as it was written, at every stage") {
  Database db;
  for (const EscalationStage stage : kStages) {
    Escalation written = StoryAt(stage).now;
    // One report each, for a clock that was started is never taken back.
    written.id = fmt::format("REPORT{}", static_cast<int>(stage));
    db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&written}); });
    db.In([&](pg::Tx& tx) {
      CheckSame(LoadEscalations(tx, {written.id, "UNKNOWN"}).at(written.id), written);
      const auto found = FindEscalation(tx, written.id);
      CHECK(found.has_value() == (stage != event::v1::ESCALATION_STAGE_UNSPECIFIED));
      if (found) CheckSame(*found, written);
    });
  }
}

TEST_CASE("every field is read as it was written") {
  Database db;
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  story.At("2025-06-16 09:00", RequestEscalation{Wib("2025-06-16 09:00"), true, true, Declarations()})
      .At("2025-06-16 10:00", RecordReaction{Wib("2025-06-16 10:00"), false})
      .At("2025-06-16 11:00", RecordClosing{Wib("2025-06-16 11:00"), event::v1::CLOSING_BY_AGENCY})
      .At("2025-06-16 12:00", WithdrawReport{Wib("2025-06-16 12:00")});
  story.now.maladministration = event::v1::MALADMINISTRATION_IMPROPRIETY;
  for (const bool court : {true, false}) {
    story.now.declarations.set_before_court(court);
    story.now.declarations.set_in_other_mediation(!court);
    story.now.declarations.set_court_process(court);
    story.now.declarations.set_occurred_on(court ? "2025-01-02" : "");
    story.now.direct = court;
    story.now.rapid_response = !court;
    story.now.check_owed = court;
    story.now.compliance = event::v1::COMPLIANCE_PARTIAL;
    story.now.compliance_at = Wib("2025-06-17 09:00");
    db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&story.now}); });
    db.In([&](pg::Tx& tx) { CheckSame(*FindEscalation(tx, story.now.id), story.now); });
  }
}

TEST_CASE("verdicts are read by escalation, and by the moment of their check") {
  Database db;
  Story story;
  story.Submit().Assign().Request().Check("2025-06-17 09:00");  // not eligible
  const Escalation first = story.now;
  story.Breach("2025-06-26 00:00").Consent("2025-06-27 09:00").Check("2025-06-30 09:00");
  db.In([&](pg::Tx& tx) {
    SaveEscalations(tx, {&story.now});
    AppendRecords(tx, story.records);
  });
  db.In([&](pg::Tx& tx) {
    const auto unmet = [](const std::vector<Verdict>& verdicts) {
      std::vector<event::v1::Ground> grounds;
      for (const Verdict& verdict : verdicts) {
        if (!verdict.met) grounds.push_back(verdict.ground);
      }
      return grounds;
    };
    using Grounds = std::vector<event::v1::Ground>;
    const auto now = ReadVerdicts(tx, {story.now});
    CHECK(now.size() == 7);
    CHECK(now.at(0).basis == event::v1::VERDICT_BASIS_RECORD);
    CHECK(now.at(0).escalation == 2);
    CHECK(unmet(now).empty());
    CHECK(unmet(ReadVerdicts(tx, {first})) == Grounds{event::v1::GROUND_COMPLAINED_FIRST});
    CHECK(unmet(ReadVerdicts(tx, first.id, Wib("2025-06-17 09:00"))) ==
          Grounds{event::v1::GROUND_COMPLAINED_FIRST});
    CHECK(ReadVerdicts(tx, first.id, Wib("2025-06-30 09:00")).size() == 7);
    CHECK(ReadVerdicts(tx, std::vector<Escalation>{}).empty());
  });
}

TEST_CASE("lists hold what is open, or one stage, the oldest first, page by page") {
  Database db;
  const auto save = [&](const std::string& id, EscalationStage stage, const std::string& opened_at) {
    Escalation escalation = StoryAt(stage).now;
    escalation.id = id;
    if (escalation.opened_at) escalation.opened_at = Wib(opened_at);
    db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&escalation}); });
  };
  save("A", event::v1::ESCALATION_STAGE_EXAMINATION, "2025-06-20 09:00");
  save("B", event::v1::ESCALATION_STAGE_PROPOSED, "2025-06-19 09:00");
  save("C", event::v1::ESCALATION_STAGE_PROPOSED, "2025-06-19 09:00");
  save("D", event::v1::ESCALATION_STAGE_CLOSED, "2025-06-18 09:00");
  save("E", event::v1::ESCALATION_STAGE_UNSPECIFIED, "");
  using Ids = std::vector<std::string>;
  CHECK(db.List({.limit = 10}) == Ids{"B", "C", "A"});
  CHECK(db.List({.stage = event::v1::ESCALATION_STAGE_PROPOSED, .limit = 10}) == Ids{"B", "C"});
  CHECK(db.List({.stage = event::v1::ESCALATION_STAGE_CLOSED, .limit = 10}) == Ids{"D"});
  CHECK(db.List({.limit = 1}) == Ids{"B"});
  CHECK(db.List({.after = EscalationPlace{Wib("2025-06-19 09:00"), "B"}, .limit = 1}) == Ids{"C"});
  CHECK(db.List({.after = EscalationPlace{Wib("2025-06-19 09:00"), "C"}, .limit = 10}) == Ids{"A"});
}

TEST_CASE("lists are narrowed to an office, and to what is overdue") {
  Database db;
  const auto save = [&](const std::string& id, const std::string& office, bool overdue) {
    Story story = StoryAt(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
    if (overdue) story.Pass("2025-07-20 09:00");
    story.now.id = id;
    story.now.office = office;
    db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&story.now}); });
  };
  save("A", "bali", false);
  save("B", "bali", true);
  save("C", "papua", true);
  using Ids = std::vector<std::string>;
  CHECK(db.List({.office = "bali", .limit = 10}) == Ids{"A", "B"});
  CHECK(db.List({.overdue_only = true, .limit = 10}) == Ids{"B", "C"});
  CHECK(db.List({.stage = event::v1::ESCALATION_STAGE_FORMAL_CHECK, .office = "papua", .limit = 10}) ==
        Ids{"C"});
  CHECK(db.List({.office = "aceh", .limit = 10}).empty());
}

TEST_CASE("those whose clocks a calendar may move are walked through in pages") {
  Database db;
  for (const char* id : {"A", "B", "C", "D"}) {
    Escalation escalation =
        StoryAt(*id == 'B' ? event::v1::ESCALATION_STAGE_CLOSED : event::v1::ESCALATION_STAGE_EXAMINATION)
            .now;
    escalation.id = id;
    db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&escalation}); });
  }
  using Ids = std::vector<std::string>;
  db.In([](pg::Tx& tx) {
    CHECK(OpenEscalations(tx, "", 2) == Ids{"A", "C"});
    CHECK(OpenEscalations(tx, "C", 2) == Ids{"D"});
  });
}

TEST_CASE("documents are read with their words, all their replies and the attachments of each") {
  Database db;
  Story story = StoryAt(event::v1::ESCALATION_STAGE_EXAMINATION);
  report::v1::Attachment file;
  file.set_sha256(std::string(64, 'a'));
  file.set_size_bytes(7);
  file.set_media_type("image/jpeg");
  file.set_uri("https://example.go.id/a.jpg");
  IssueDocument request = testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  request.text_sha256 = std::string(64, 'b');
  request.attachments = {file, file};
  story.At("2025-06-18 10:00", request).Deliver("2025-06-19 09:00");
  report::v1::Attachment other_file = file;
  other_file.set_sha256(std::string(64, 'c'));
  story.At("2025-06-20 09:00", ReplyToDocument{testing::OfficerOf(kAgency), 1, 1, "Pertama.", {file}});
  story.At("2025-06-20 10:00", ReplyToDocument{Officer(), 1, 1, "Kedua.", {}});
  story.At("2025-06-20 11:00", ReplyToDocument{testing::OfficerOf(kAgency), 1, 1, "Ketiga.", {other_file}});
  story.Issue(event::v1::DOCUMENT_KIND_SUMMONS, "2025-06-21 09:00", "Kepala Dinas");
  db.In([&](pg::Tx& tx) {
    SaveEscalations(tx, {&story.now});
    AppendRecords(tx, story.records);
  });
  db.In([&](pg::Tx& tx) {
    const auto all = ListDocuments(tx, story.now.id, "");
    REQUIRE(all.size() == 2);
    CHECK(all[0].escalation == 1);
    CHECK(all[0].document.kind == event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
    CHECK(all[0].letter.text == "Isi surat.");
    CHECK(all[0].letter.text_sha256 == std::string(64, 'b'));
    REQUIRE(all[0].letter.attachments.size() == 2);
    CHECK(all[0].letter.attachments[1].SerializeAsString() == file.SerializeAsString());
    CHECK(all[0].due_at == Wib("2025-07-04 00:00"));
    REQUIRE(all[0].replies.size() == 3);
    CHECK(all[0].replies[0].text == "Pertama.");
    CHECK(all[0].replies[0].agency_id == kAgency);
    CHECK(all[0].replies[0].replied_at == Wib("2025-06-20 09:00"));
    REQUIRE(all[0].replies[0].attachments.size() == 1);
    CHECK(all[0].replies[0].attachments[0].SerializeAsString() == file.SerializeAsString());
    CHECK(all[0].replies[1].text == "Kedua.");
    CHECK(all[0].replies[1].agency_id.empty());
    CHECK(all[0].replies[1].attachments.empty());
    REQUIRE(all[0].replies[2].attachments.size() == 1);
    CHECK(all[0].replies[2].attachments[0].SerializeAsString() == other_file.SerializeAsString());
    CHECK(all[1].letter.addressee == "Kepala Dinas");
    CHECK(all[1].replies.empty());
    CHECK(all[1].document.addressee_sha256 == Sha256("Kepala Dinas"));
    REQUIRE(ListDocuments(tx, story.now.id, kAgency).size() == 1);
    CHECK(ListDocuments(tx, story.now.id, kAgency)[0].replies.size() == 3);
    CHECK(ListDocuments(tx, story.now.id, "id.33").empty());
  });
}

TEST_CASE("an agency lists what was delivered to it, no drafts") {
  Database db;
  Story story = StoryAt(event::v1::ESCALATION_STAGE_EXAMINATION);
  story.Issue(event::v1::DOCUMENT_KIND_FIELD_CHECK, "2025-06-18 10:00");
  const auto listed = [&](const std::string& agency_id) {
    size_t count = 0;
    db.In([&](pg::Tx& tx) { count = ListDocuments(tx, story.now.id, agency_id).size(); });
    return count;
  };
  db.In([&](pg::Tx& tx) {
    SaveEscalations(tx, {&story.now});
    AppendRecords(tx, story.records);
  });
  CHECK(listed("") == 1);
  CHECK(listed(kAgency) == 0);
  story.Deliver("2025-06-19 09:00");
  db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&story.now}); });
  CHECK(listed(kAgency) == 1);
}

TEST_CASE("a report that was only told to be written is still to be issued after the migration") {
  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};
  auto all = migrations::eventlog();
  all.insert(all.end(), migrations::ombudsman().begin(), migrations::ombudsman().end());
  // As the version before had it.
  auto old = all;
  std::erase_if(old, [](const pg::Migration& migration) {
    return std::string_view(migration.component) == "ombudsman" && migration.number > 2;
  });
  REQUIRE(pg::Migrate(pool, old).ok());
  database.Query(
      "INSERT INTO escalation SELECT 'A', now(), '2024.1', true, '', true, false, 0, false, 5, 1, 1, 0, '', "
      "now(), now(), false, true, false, false, 0, 0, NULL RETURNING 1");
  REQUIRE(pg::Migrate(pool, all).ok());
  CHECK(database.Query("SELECT stage FROM escalation") == "4");
}

TEST_CASE("lists read their index without sorting") {
  Database db;
  db.In([&](pg::Tx& tx) {
    // Prepares both statements in this session.
    ListEscalations(tx, {.limit = 1});
    ListEscalations(tx, {.stage = event::v1::ESCALATION_STAGE_PROPOSED, .limit = 1});
    tx.Run(
        "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; "
        "SET LOCAL enable_bitmapscan = off");
    const auto plan = [&](const std::string& call) {
      std::string text;
      for (const pg::Row& row : tx.Run("EXPLAIN EXECUTE " + call)) text += row.Text(0) + "\n";
      CHECK(text.find("Sort") == std::string::npos);
      return text;
    };
    CHECK(plan("escalations_list_open('', false, '-infinity', '', 10)").find("escalation_not_closed") !=
          std::string::npos);
    CHECK(plan("escalations_list_stage('', false, '-infinity', '', 10, 1)").find("escalation_by_stage") !=
          std::string::npos);
  });
}

TEST_CASE("the schema refuses an examination of what nobody consented to") {
  Database db;
  Escalation unconsented = StoryAt(event::v1::ESCALATION_STAGE_EXAMINATION).now;
  unconsented.consented_at.reset();
  const absl::Status status = db.pool.Transact([&](pg::Tx& tx) {
    SaveEscalations(tx, {&unconsented});
    return absl::OkStatus();
  });
  CHECK(std::string(status.message()).find("consent_before_the_formal_check") != std::string::npos);
}

TEST_CASE("in the rapid-response lane the schema takes an examination before the consent") {
  Database db;
  Story story = StoryAt(event::v1::ESCALATION_STAGE_PROPOSED);
  story.At("2025-06-17 10:00", OpenRapidResponse{Officer(), "x"});
  db.In([&](pg::Tx& tx) { SaveEscalations(tx, {&story.now}); });
  db.In([&](pg::Tx& tx) { CheckSame(*FindEscalation(tx, story.now.id), story.now); });
}

TEST_CASE("a clock reminds, runs out and leads on by itself, through the executor") {
  Running service;
  service.HearBreach();
  service.HearConsent();
  auto ask = [&, n = 0](const Command& command) mutable {
    const auto done = service.Ask("request-" + std::to_string(++n), command);
    INFO(done.status());
    REQUIRE(done.ok());
    return *done;
  };
  ask(CheckEligibility{Officer()});
  ask(AdvanceEscalation{Officer(), event::v1::ESCALATION_STAGE_EXAMINATION});
  const auto issued = ask(testing::Document(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT));
  CHECK(issued.subject == "7K3M9QXT2B54-1/01");
  ask(AdvanceEscalation{Officer(), event::v1::ESCALATION_STAGE_EXAMINATION_REPORT});
  CHECK(ask(RecordDelivery{Officer(), 1, 1, {}}).subject == "7K3M9QXT2B54-1/01");
  const auto fire = [&](const std::string& wib) {
    service.clock.Set(Wib(wib));
    std::vector<eventlog::Deadline> due;
    service.In([&](pg::Tx& tx) { due = eventlog::DueDeadlines(tx, service.clock.Now(), std::nullopt, 10); });
    REQUIRE(due.size() == 1);
    REQUIRE(service.executor->Fire(due).ok());
  };
  fire("2025-07-25 09:00");
  CHECK(service.Journalled().ends_with("DocumentDelivered ClockReminded"));
  fire("2025-08-20 09:00");
  CHECK(service.Journalled().ends_with("ClockReminded ClockBreached EscalationStageReached"));
  CHECK(service.database.Query("SELECT count(*) FROM deadline") == "0");
  CHECK(service.database.Query("SELECT stage, overdue FROM escalation").find("7") != std::string::npos);
}

TEST_CASE("the letters of a respondent that has ended are its successor's, through the executor") {
  Running service;
  service.clock.Set(Wib("2025-06-18 09:00"));
  service.HearBreach();
  service.HearConsent();
  int requests = 0;
  const auto ask = [&](const Command& command) {
    REQUIRE(service.Ask("request-" + std::to_string(++requests), command).ok());
  };
  ask(CheckEligibility{Officer()});
  ask(AdvanceEscalation{Officer(), event::v1::ESCALATION_STAGE_EXAMINATION});
  ask(testing::Document(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST));
  ask(RecordDelivery{Officer(), 1, 1, {}});
  Event assigned;
  assigned.mutable_agency_assigned()->set_agency_id("id.32.73.disdik");
  assigned.mutable_agency_assigned()->set_carried_over(true);
  service.Hear("routing", "2025-06-18 09:00", assigned);
  service.In([&](pg::Tx& tx) {
    CHECK(ListDocuments(tx, Running::kReport, testing::kAgency).empty());
    CHECK(ListDocuments(tx, Running::kReport, "id.32.73.disdik").size() == 1);
  });
  ask(ReplyToDocument{testing::OfficerOf("id.32.73.disdik"), 1, 1, "Jawaban.", {}});
}

TEST_CASE("from the breach to the outcome, through the executor") {
  Running service;
  service.HearBreach();
  CHECK(service.Journalled() == "EscalationOpened");
  CHECK(service.Ask("request-0", CheckEligibility{Officer()}).status().code() ==
        absl::StatusCode::kFailedPrecondition);

  service.HearConsent();
  const auto checked = service.Ask("request-1", CheckEligibility{Officer()});
  REQUIRE(checked.ok());
  CHECK(checked->state == event::v1::ESCALATION_STAGE_MATERIAL_CHECK);
  service.clock.Set(Wib("2025-07-01 09:00"));
  const auto repeated = service.Ask("request-1", CheckEligibility{Officer()});
  REQUIRE(repeated.ok());
  service.In([&](pg::Tx& tx) {
    CHECK(ReadVerdicts(tx, Running::kReport, checked->decided_at).size() == 7);
    CHECK(ReadVerdicts(tx, Running::kReport, repeated->decided_at).size() == 7);
  });

  const auto advance = [](EscalationStage stage) { return AdvanceEscalation{Officer(), stage}; };
  REQUIRE(service.Ask("request-2", advance(event::v1::ESCALATION_STAGE_EXAMINATION)).ok());
  REQUIRE(service.Ask("request-3", testing::Document(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT)).ok());
  REQUIRE(service.Ask("request-5", advance(event::v1::ESCALATION_STAGE_EXAMINATION_REPORT)).ok());
  REQUIRE(service.Ask("request-6", RecordCompliance{Officer(), event::v1::COMPLIANCE_FULL, "Sudah."}).ok());
  const CloseEscalation close{Officer(), event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND,
                              event::v1::MALADMINISTRATION_PROTRACTED_DELAY};
  REQUIRE(service.Ask("request-4", close).ok());
  CHECK(service.Journalled() ==
        "EscalationOpened EscalationStageReached ClockReminded EligibilityDecided EscalationStageReached "
        "EscalationStageReached DocumentIssued EscalationStageReached ComplianceRecorded EscalationClosed");
}

TEST_CASE("an event of a report that was never submitted waits in quarantine") {
  Running service;
  Event breached;
  breached.mutable_clock_breached()->set_clock(report::v1::CLOCK_FIRST_RESPONSE);
  service.Hear("followup", "2025-06-14 00:00", breached);
  CHECK(service.database.Query("SELECT reason FROM quarantine").find("submission was never told") !=
        std::string::npos);
  CHECK(service.database.Query("SELECT count(*) FROM escalation") == "0");
}

}  // namespace
}  // namespace lapor::ombudsman
