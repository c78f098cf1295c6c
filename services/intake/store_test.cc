#include "services/intake/store.h"

#include <catch2/catch.hpp>

#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "migrations/intake.h"
#include "services/intake/testing/reports.h"
#include "tests/support/postgres.h"

namespace lapor::intake {
namespace {

struct Shelf {
  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};

  Shelf() { REQUIRE(pg::Migrate(pool, migrations::intake()).ok()); }

  // What a command came to, kept as the executor keeps it.
  void Keep(const Story& story) {
    const absl::Status status = pool.Transact([&](pg::Tx& tx) {
      Save(tx, {&story.report()});
      Append(tx, story.last().records);
      return absl::OkStatus();
    });
    REQUIRE(status.ToString() == "OK");
  }
};

void CheckSame(const Report& a, const Report& b) {
  CHECK(a.id == b.id);
  CHECK(a.status == b.status);
  CHECK(a.report_class == b.report_class);
  CHECK(a.supervision == b.supervision);
  CHECK(a.channel == b.channel);
  CHECK(a.category == b.category);
  CHECK(a.region == b.region);
  CHECK(a.anonymous == b.anonymous);
  CHECK(a.confidential == b.confidential);
  CHECK(a.received_at == b.received_at);
  CHECK(a.policy_version == b.policy_version);
  CHECK(a.receipt_hash == b.receipt_hash);
  CHECK(a.agency_id == b.agency_id);
  CHECK(a.arbiter_agency_id == b.arbiter_agency_id);
  CHECK(a.children == b.children);
  CHECK(a.lead_report_id == b.lead_report_id);
  CHECK(a.status_before_merge == b.status_before_merge);
  CHECK(a.completion_fields == b.completion_fields);
  CHECK(a.completion_due_at == b.completion_due_at);
  CHECK(a.contest_until == b.contest_until);
  CHECK(a.closing == b.closing);
  CHECK(a.reopen_until == b.reopen_until);
  CHECK(a.reopening_requested == b.reopening_requested);
  CHECK(a.appealed == b.appealed);
  CHECK(a.appeal_waits == b.appeal_waits);
  CHECK(a.question_due_at == b.question_due_at);
  CHECK(a.language == b.language);
  CHECK(a.identity_known == b.identity_known);
  CHECK(a.name_secret == b.name_secret);
  CHECK(a.escalation == b.escalation);
  CHECK(a.ombudsman_admitted == b.ombudsman_admitted);
  CHECK(a.rapid_response == b.rapid_response);
  CHECK(a.attachment_count == b.attachment_count);
  CHECK(a.text_bytes == b.text_bytes);
  CHECK(a.timeline_length == b.timeline_length);
}

TEST_CASE("a report is loaded as it was saved, new and changed") {
  Shelf shelf;
  Story story;
  shelf.Keep(story);
  const auto check = [&] {
    const absl::Status status = shelf.pool.Transact([&](pg::Tx& tx) {
      const auto loaded = Load(tx, {"000000000000", Story::kId});
      REQUIRE(loaded.size() == 1);
      CheckSame(loaded.at(Story::kId), story.report());
      CheckSame(*Find(tx, Story::kId), story.report());
      CHECK_FALSE(Find(tx, "000000000000").has_value());
      return absl::OkStatus();
    });
    CHECK(status.ToString() == "OK");
  };
  check();

  // Everything that may change does.
  event::v1::Event event = EventOf("routing");
  event.mutable_agency_assigned()->set_agency_id("id.32.73");
  REQUIRE(story.Tell(MarkAssigned{event}).ok());
  shelf.Keep(story);
  event = EventOf("routing");
  event.mutable_completion_requested()->add_fields("description");
  event.mutable_completion_requested()->add_fields("attachments");
  event.mutable_completion_requested()->mutable_due_at()->set_seconds(1'742'000'000);
  REQUIRE(story.Tell(MarkAwaitingCompletion{event}).ok());
  shelf.Keep(story);
  event = EventOf("routing");
  event.mutable_report_verified()->set_report_class(report::v1::REPORT_CLASS_ASPIRATION);
  event.mutable_report_verified()->set_category("education");
  event.mutable_report_verified()->set_region("11");
  check();
  REQUIRE(story.Tell(MarkVerified{event}).ok());
  shelf.Keep(story);
  REQUIRE(story.Tell(story.Escalation("sealed again")).ok());
  shelf.Keep(story);
  check();
  event = EventOf("routing");
  event.mutable_report_merged()->set_lead_report_id(Story::kLeadId);
  REQUIRE(story.Tell(MarkMerged{event}).ok());
  shelf.Keep(story);
  check();
}

TEST_CASE("a rapid response is loaded as it was saved, opened and over") {
  Shelf shelf;
  Story story;
  for (const Command& command : {Command(MarkRapidResponse{EventOf("ombudsman")}),
                                 Command(MarkEscalationClosed{EventOf("ombudsman")})}) {
    REQUIRE(story.Tell(command).ok());
    shelf.Keep(story);
    const absl::Status status = shelf.pool.Read([&](pg::Tx& tx) {
      CheckSame(*Find(tx, Story::kId), story.report());
      return absl::OkStatus();
    });
    CHECK(status.ToString() == "OK");
  }
}

TEST_CASE("what a reporter may do about a closing, and what they are asked, is loaded as it was saved") {
  Shelf shelf;
  v1::NewReport english = FullReport();
  english.set_language(report::v1::LANGUAGE_ENGLISH);
  Story story(english);
  const auto keep_and_check = [&] {
    shelf.Keep(story);
    const absl::Status status = shelf.pool.Read([&](pg::Tx& tx) {
      CheckSame(*Find(tx, Story::kId), story.report());
      return absl::OkStatus();
    });
    CHECK(status.ToString() == "OK");
  };
  keep_and_check();
  event::v1::Event question = EventOf("followup");
  question.mutable_response_given()->mutable_question_due_at()->set_seconds(1'742'000'000);
  REQUIRE(story.Tell(MarkQuestionAsked{question}).ok());
  keep_and_check();
  question.set_child(2);
  REQUIRE(story.Tell(MarkQuestionAsked{question}).ok());
  REQUIRE(story.report().children.size() == 2);
  keep_and_check();
  event::v1::Event closed = EventOf("followup");
  closed.mutable_case_closed()->set_closing(event::v1::CLOSING_BY_SILENCE);
  closed.mutable_case_closed()->mutable_reopen_until()->set_seconds(1'743'000'000);
  REQUIRE(story.Tell(MarkClosed{closed}).ok());
  keep_and_check();
  Story appealed = story;
  REQUIRE(
      appealed.Tell(AppealClosing{.proof = story.proof(), .message_id = "", .text = "", .reason = {}}).ok());
  REQUIRE(story
              .Tell(RequestReopening{.proof = story.proof(),
                                     .message_id = "11111111-2222-4333-8444-555555555558",
                                     .text = "Lubangnya kembali.",
                                     .reason = {}})
              .ok());
  keep_and_check();
  const absl::Status status = shelf.pool.Transact([&](pg::Tx& tx) {
    Save(tx, {&appealed.report()});
    CheckSame(*Find(tx, Story::kId), appealed.report());
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
}

TEST_CASE("child assignments are kept under their numbers, whoever has them") {
  Shelf shelf;
  Story story;
  const auto tell = [&](int child, const std::string& agency_id, const std::string& arbiter_id) {
    event::v1::Event event = EventOf("routing");
    event.set_child(child);
    if (!agency_id.empty()) {
      event.mutable_agency_assigned()->set_agency_id(agency_id);
      REQUIRE(story.Tell(MarkChildAssigned{event}).ok());
    } else {
      event.mutable_arbitration_requested()->set_arbiter_agency_id(arbiter_id);
      REQUIRE(story.Tell(MarkChildReleased{event}).ok());
    }
    shelf.Keep(story);
    const absl::Status status = shelf.pool.Read([&](pg::Tx& tx) {
      CHECK(Find(tx, Story::kId)->children == story.report().children);
      return absl::OkStatus();
    });
    CHECK(status.ToString() == "OK");
  };
  shelf.Keep(story);
  tell(3, "id.32", "");
  CHECK(story.report().children.size() == 3);
  tell(1, "id.11", "");
  tell(3, "", "id");
  tell(1, "", "");
  CHECK(story.report().children.size() == 3);
  tell(3, "", "");
  CHECK(story.report().children.empty());
}

TEST_CASE("the contents of a report are read in their order, as of its state") {
  Shelf shelf;
  Story story;
  shelf.Keep(story);
  story.Force(report::v1::REPORT_STATUS_AWAITING_COMPLETION);
  CompleteReport completion = story.Completion();
  completion.description = "Quotes \" and \\ and {braces}, NULL";
  REQUIRE(story.Tell(completion).ok());
  shelf.Keep(story);
  REQUIRE(story.Tell(story.Attaching()).ok());
  shelf.Keep(story);
  const Report before_reply = story.report();
  REQUIRE(story.Tell(story.Reply("Ada kabar?")).ok());
  shelf.Keep(story);

  const absl::Status status = shelf.pool.Read([&](pg::Tx& tx) {
    const Contents contents = ReadContents(tx, story.report());
    CHECK(contents.title == "Jalan berlubang");
    CHECK(contents.description == FullReport().description() + "\n\nQuotes \" and \\ and {braces}, NULL");
    REQUIRE(contents.attachments.size() == 2);
    CHECK(contents.attachments[1].SerializeAsString() == Photo().SerializeAsString());
    REQUIRE(contents.messages.size() == 1);
    CHECK(contents.messages[0].text() == "Ada kabar?");
    CHECK(contents.messages[0].message_id() == story.Reply("").message_id);
    REQUIRE(contents.timeline.size() == 4);
    CHECK(contents.timeline[0].has_report_submitted());
    CHECK(contents.timeline[1].has_report_completed());
    CHECK(contents.timeline[2].has_attachment_added());
    CHECK(contents.timeline[3].has_reporter_replied());

    const Contents earlier = ReadContents(tx, before_reply);
    CHECK(earlier.messages.empty());
    CHECK(earlier.timeline.size() == 3);
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
}

TEST_CASE("of several sealed identities the newest counts") {
  Shelf shelf;
  Story story;
  shelf.Keep(story);
  const Report before = story.report();
  REQUIRE(story.Tell(story.Escalation(std::string("\0sealed\xFF", 8))).ok());
  shelf.Keep(story);
  const absl::Status status = shelf.pool.Read([&](pg::Tx& tx) {
    CHECK(ReadSealedIdentity(tx, story.report()) == std::string("\0sealed\xFF", 8));
    CHECK(ReadSealedIdentity(tx, before) == "sealed");
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
}

TEST_CASE("many reports are saved at once, and ids sort by their bytes") {
  Shelf shelf;
  std::vector<Report> reports;
  for (const char* id : {"C00000000000", "A00000000000", "900000000000", "B00000000000"}) {
    Report report = Story().report();
    report.id = id;
    reports.push_back(report);
  }
  const absl::Status status = shelf.pool.Transact([&](pg::Tx& tx) {
    Save(tx, {&reports[0], &reports[1], &reports[2], &reports[3]});
    CHECK(Load(tx, {"C00000000000", "900000000000", "nobody"}).size() == 2);
    Append(tx, {});
    return absl::OkStatus();
  });
  CHECK(status.ToString() == "OK");
  CHECK(shelf.database.Query("SELECT string_agg(id, ' ' ORDER BY id) FROM report") ==
        "900000000000 A00000000000 B00000000000 C00000000000");
}

}  // namespace
}  // namespace lapor::intake
