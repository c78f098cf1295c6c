// Cases on a real PostgreSQL: what is written is what is read; and events, deadlines and requests on their
// whole way through the executor.
#include "services/followup/store.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "libs/runtime/testing/temporary_folder.h"
#include "services/followup/testing/running.h"
#include "services/followup/testing/story.h"

namespace lapor::followup {
namespace {

using event::v1::Event;
using testing::ActorOf;
using testing::Assignment;
using testing::Final;
using testing::Interim;
using testing::kAgency;
using testing::kOtherAgency;
using testing::PartAssignment;
using testing::Registration;
using testing::Running;
using testing::Story;
using testing::Wib;

struct Database : Running {
  void Save(const std::vector<Case>& cases) {
    std::vector<const Case*> pointers;
    for (const Case& c : cases) pointers.push_back(&c);
    In([&](pg::Tx& tx) { SaveCases(tx, pointers); });
  }

  std::vector<std::string> List(const CaseQuery& query) {
    std::vector<std::string> ids;
    In([&](pg::Tx& tx) {
      for (const Case& c : ListCases(tx, query)) ids.push_back(c.id);
    });
    return ids;
  }
};

void CheckSame(const CaseClock& left, const CaseClock& right) {
  CHECK(left.started_at == right.started_at);
  CHECK(left.due_at == right.due_at);
  CHECK(left.met_at == right.met_at);
  CHECK(left.breached_at == right.breached_at);
  CHECK(left.reminded_percent == right.reminded_percent);
  CHECK(left.raised_levels == right.raised_levels);
  CHECK(left.alarm_at == right.alarm_at);
}

void CheckSame(const Case& left, const Case& right) {
  CHECK(left.id == right.id);
  CHECK(left.state == right.state);
  CHECK(left.agency_id == right.agency_id);
  CHECK(left.report_class == right.report_class);
  CHECK(left.supervision == right.supervision);
  CHECK(left.category == right.category);
  CHECK(left.region == right.region);
  CHECK(left.policy_version == right.policy_version);
  CHECK(left.received_at == right.received_at);
  CHECK(left.verified_at == right.verified_at);
  CHECK(left.first_agency_id == right.first_agency_id);
  CHECK(left.time_zone == right.time_zone);
  CheckSame(left.first_response, right.first_response);
  CheckSame(left.resolution, right.resolution);
  CheckSame(left.reaction, right.reaction);
  CheckSame(left.question, right.question);
  CheckSame(left.promise, right.promise);
  CheckSame(left.appeal, right.appeal);
  REQUIRE(left.pauses.size() == right.pauses.size());
  for (size_t i = 0; i < left.pauses.size(); ++i) {
    CHECK(left.pauses[i].from == right.pauses[i].from);
    CHECK(left.pauses[i].to == right.pauses[i].to);
  }
  CHECK(left.closed_at == right.closed_at);
  CHECK(left.closing == right.closing);
  CHECK(left.reopenings == right.reopenings);
  CHECK(left.responses == right.responses);
  CHECK(left.escalated == right.escalated);
  CHECK(left.escalation_outcome == right.escalation_outcome);
  CHECK(left.interim_answers == right.interim_answers);
  CHECK(left.delegate == right.delegate);
  CHECK(left.questions == right.questions);
  CHECK(left.question_id == right.question_id);
  CHECK(left.reopen_until == right.reopen_until);
  CHECK(left.supervisor_agency_id == right.supervisor_agency_id);
  CHECK(left.appeal_granted == right.appeal_granted);
  REQUIRE(left.children.size() == right.children.size());
  for (size_t i = 0; i < left.children.size(); ++i) CheckSame(left.children[i], right.children[i]);
}

// A life in which every field gets a value of its own.
Story FullStory() {
  Story story;
  story.Open()
      .Pass("2025-06-14 00:00")
      .At("2025-06-16 09:00", Interim())
      .At("2025-06-16 10:00", DelegateCase{testing::Officer(), "desk-roads"})
      .At("2025-06-17 09:00", Final())
      .At("2025-06-18 09:00", RecordReaction{Wib("2025-06-18 09:00"), false})
      .At("2025-06-19 09:00", Final())
      .At("2025-06-20 09:00", ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)})
      .At("2025-06-23 09:00", Final())
      .At("2025-06-24 09:00",
          RecordEscalationOutcome{Wib("2025-06-24 09:00"), event::v1::ESCALATION_OUTCOME_STOPPED})
      .At("2025-06-24 10:00", RecordEscalation{Wib("2025-06-24 10:00")})
      .At("2025-06-25 09:00", RecordReaction{Wib("2025-06-25 09:00"), true});
  return story;
}

TEST_CASE("a case is read as it was written, with its pauses, by both ways of reading") {
  Database db;
  const Story story = FullStory();
  REQUIRE(story.now.pauses.size() == 2);
  db.Save({story.now});
  db.In([&](pg::Tx& tx) { AppendRecords(tx, story.records); });

  db.In([&](pg::Tx& tx) {
    CheckSame(LoadCases(tx, {story.now.id, "UNKNOWN"}).at(story.now.id), story.now);
    CHECK(LoadCases(tx, {"UNKNOWN"}).empty());
    const auto found = FindCase(tx, story.now.id);
    REQUIRE(found.has_value());
    CheckSame(*found, story.now);
    CHECK_FALSE(FindCase(tx, "UNKNOWN").has_value());
  });
}

TEST_CASE("a case is read as it was written at every step of its life") {
  Database db;
  Story story;
  db.Save({story.At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00"))).now});
  db.In([&](pg::Tx& tx) { CheckSame(*FindCase(tx, story.now.id), story.now); });
  story = Story();
  db.Save({story.Open().now});
  db.In([&](pg::Tx& tx) { CheckSame(*FindCase(tx, story.now.id), story.now); });
  db.Save({story.At("2025-06-05 09:00", Final()).now});
  db.In([&](pg::Tx& tx) { CheckSame(*FindCase(tx, story.now.id), story.now); });
}

const report::v1::Actor kSupervisor = ActorOf(report::v1::ROLE_AGENCY_ADMIN, kOtherAgency);

TEST_CASE("questions, promises and appeals are read as they were written, at every step") {
  Database db;
  Story story;
  story.Open().At("2025-06-05 09:00", Interim());
  size_t written = 0;
  const auto check = [&](const std::string& wib, const Command& command) {
    INFO(wib);
    story.At(wib, command);
    db.Save({story.now});
    db.In([&](pg::Tx& tx) {
      AppendRecords(tx, {story.records.begin() + static_cast<std::ptrdiff_t>(written), story.records.end()});
      CheckSame(*FindCase(tx, story.now.id), story.now);
      CheckSame(LoadCases(tx, {story.now.id}).at(story.now.id), story.now);
    });
    written = story.records.size();
  };
  check("2025-06-10 09:00", testing::Question());
  check("2025-06-11 09:00", RecordReply{Wib("2025-06-11 09:00")});
  REQUIRE(story.now.pauses.size() == 1);  // though it was never reopened
  check("2025-06-12 09:00", Final());
  check("2025-06-13 09:00", RecordAppeal{Wib("2025-06-13 09:00")});
  check("2025-06-16 09:00",
        DecideAppeal{kSupervisor, testing::Question().response_id, false, "Sudah benar."});
  REQUIRE(story.now.reopen_until.has_value());
  check("2025-06-17 09:00", RecordReopeningRequest{Wib("2025-06-17 09:00")});
  check("2025-06-18 09:00", Final());
  db.In([&](pg::Tx& tx) {
    const auto responses = ListResponses(tx, {story.now.id});
    REQUIRE(responses.size() == 5);
    CHECK(responses[1].kind == event::v1::RESPONSE_KIND_QUESTION);
    CHECK_FALSE(responses[2].on_appeal);
    CHECK(responses[3].on_appeal);
    CHECK(responses[3].agency_id == kOtherAgency);
    CHECK(responses[3].text == "Sudah benar.");
  });
}

TEST_CASE("the appeals that wait for an agency are listed by their due date, open or closed, and no others") {
  Database db;
  const auto appealed = [](const std::string& id, Story story, const std::string& wib) {
    story.At(wib, RecordAppeal{Wib(wib)}).now.id = id;
    return story;
  };
  const auto answered = [] { return Story().Open().At("2025-06-05 09:00", Final()); };
  Story decided = appealed("D", answered(), "2025-06-10 09:00");
  decided.At("2025-06-11 09:00", DecideAppeal{kSupervisor, "", false, ""});
  Story others = answered();
  others.now.agency_id = "id.33.74";
  db.Save({appealed("A", answered(), "2025-06-12 09:00").now,
           appealed("B", answered(), "2025-06-10 09:00").now,
           appealed("C", answered().Pass("2025-06-24 00:00"), "2025-06-26 09:00").now, decided.now,
           appealed("E", others, "2025-06-10 09:00").now});
  using Ids = std::vector<std::string>;
  CaseQuery query{.agency_id = kOtherAgency, .appeals = true, .limit = 100};
  CHECK(db.List(query) == Ids{"B", "A", "C"});
  query.state = v1::CASE_STATE_CLOSED;
  CHECK(db.List(query) == Ids{"C"});
  query.agency_id = kAgency;
  CHECK(db.List(query).empty());
}

TEST_CASE("answers are read in the order given, each with its evidence") {
  Database db;
  const Story story = FullStory();
  db.Save({story.now});
  db.In([&](pg::Tx& tx) { AppendRecords(tx, story.records); });
  db.In([&](pg::Tx& tx) {
    const auto responses = ListResponses(tx, {story.now.id});
    REQUIRE(responses.size() == 4);
    CHECK(responses[0].kind == event::v1::RESPONSE_KIND_INTERIM);
    CHECK(responses[0].text == Interim().text);
    CHECK(responses[0].agency_id == kAgency);
    CHECK(responses[0].evidence.empty());
    CHECK(responses[0].interim_reason == event::v1::INTERIM_REASON_WORK_IN_PROGRESS);
    CHECK(responses[0].promised_on == absl::FormatCivilTime(testing::LastPromise(Wib("2025-06-16 09:00"))));
    CHECK(responses[1].promised_on.empty());
    CHECK(responses[1].response_id == Final().response_id);
    CHECK(responses[1].given_at == Wib("2025-06-17 09:00"));
    REQUIRE(responses[3].evidence.size() == 1);
    CHECK(responses[3].evidence[0].SerializeAsString() == Final().evidence[0].SerializeAsString());
    CHECK(ListResponses(tx, {"UNKNOWN"}).empty());
  });
}

TEST_CASE("the same words of one agency are counted by report, within the days, and no further than needed") {
  Database db;
  const absl::Time now = Wib("2025-06-05 09:00");
  std::vector<Record> records;
  const auto add = [&](const std::string& report_id, const std::string& agency_id, int64_t words_hash,
                       absl::Time given_at) {
    Response response{report_id,
                      static_cast<int>(records.size()) + 1,
                      Final().response_id,
                      agency_id,
                      event::v1::RESPONSE_KIND_FINAL,
                      given_at,
                      "",
                      {}};
    response.words_hash = words_hash;
    records.push_back(response);
  };
  add("THIS", kAgency, 7, now);
  add("THIS.1", kAgency, 7, now);
  add("A", kAgency, 7, now - absl::Hours(24));
  add("A", kAgency, 7, now);
  add("A.2", kAgency, 7, now);
  add("B", kAgency, 7, now - absl::Hours(25));
  add("C", kOtherAgency, 7, now);
  add("D", kAgency, 8, now);
  db.In([&](pg::Tx& tx) {
    AppendRecords(tx, records);
    CHECK(CountSameAnswers(tx, kAgency, "THIS", 7, now - absl::Hours(24), 5) == 1);
    CHECK(CountSameAnswers(tx, kAgency, "THIS", 7, now - absl::Hours(48), 5) == 2);
    CHECK(CountSameAnswers(tx, kAgency, "B", 7, now - absl::Hours(48), 5) == 2);
    CHECK(CountSameAnswers(tx, kAgency, "THIS", 9, now - absl::Hours(48), 5) == 0);
    records.clear();
    for (int i = 0; i < 100; ++i) add(fmt::format("E{}", i), kAgency, 10, now);
    AppendRecords(tx, records);
    const int count = CountSameAnswers(tx, kAgency, "THIS", 10, now - absl::Hours(24), 3);
    CHECK(count >= 3);
    CHECK(count < 100);
  });
}

// With so many parts that the order of their numbers isn't that of their ids as text; the last ones reopened.
Story StoryOfParts() {
  Story story;
  story.Open();
  const absl::Time odd = Wib("2025-06-05 10:00") + absl::Microseconds(123457);
  for (int child = 1; child <= 12; ++child) {
    AssignAgency part = PartAssignment(odd, child, fmt::format("id.33.{}", child));
    part.category = fmt::format("topic-{}", child);
    story.At(odd, part);
  }
  for (const int child : {2, 10, 11, 12}) {
    const auto officer = testing::Officer(fmt::format("id.33.{}", child));
    story.At(odd + absl::Hours(child), Interim(officer, child))
        .At(odd + absl::Hours(child) + absl::Microseconds(1), Final(officer, child));
  }
  for (const int child : {11, 12}) {
    story.At(fmt::format("2025-06-10 09:{}", child), ReopenCase{ActorOf(report::v1::ROLE_TRIAGE), child});
  }
  return story.At("2025-06-11 09:00", Interim()).At("2025-06-11 10:00", EndCase{Wib("2025-06-11 10:00"), 3});
}

TEST_CASE("a report is read with its parts as it was written, to the microsecond, by both ways of reading") {
  Database db;
  const Story story = StoryOfParts();
  Story other = FullStory();
  other.now.id = "8K3M9QXT2B54";
  REQUIRE(story.Child(12).pauses.size() == 1);
  db.Save({story.now, other.now});
  db.In([&](pg::Tx& tx) { AppendRecords(tx, story.records); });
  db.In([&](pg::Tx& tx) {
    const auto loaded = LoadCases(tx, {other.now.id, story.now.id});
    REQUIRE(loaded.size() == 2);
    CheckSame(loaded.at(story.now.id), story.now);
    CHECK(loaded.at(other.now.id).children.empty());
    CheckSame(*FindCase(tx, story.now.id), story.now);
    // A part isn't a report.
    CHECK(FindCase(tx, "7K3M9QXT2B54.1")->children.empty());
  });

  // Again, with what has changed in one of them.
  Story later = story;
  later.At("2025-06-12 09:00", LeaveAgency{Wib("2025-06-12 09:00"), 10});
  db.Save({later.now});
  db.In([&](pg::Tx& tx) { CheckSame(LoadCases(tx, {story.now.id}).at(story.now.id), later.now); });
}

TEST_CASE("reports without parts cost no statement more to load") {
  Database db;
  Story with = StoryOfParts();
  with.now.id = "8K3M9QXT2B54";
  for (Case& child : with.now.children) child.id.replace(0, with.now.id.size(), with.now.id);
  db.Save({Story().Open().now, with.now});
  db.In([&](pg::Tx& tx) {
    const auto prepared = [&] {
      return tx.Run("SELECT count(*) FROM pg_prepared_statements WHERE name = 'cases_load_children'")[0].Int(
          0);
    };
    REQUIRE(LoadCases(tx, {"7K3M9QXT2B54", "UNKNOWN"}).size() == 1);
    CHECK(prepared() == 0);
    REQUIRE(LoadCases(tx, {"7K3M9QXT2B54", "8K3M9QXT2B54"}).at("8K3M9QXT2B54").children.size() == 12);
    CHECK(prepared() == 1);
  });
}

TEST_CASE(
    "a row that the version before writes is a report without parts, and its changes leave parts alone") {
  Database db;
  db.Save({StoryOfParts().now});
  db.In([&](pg::Tx& tx) {
    const std::string before =
        tx.Run(
              "SELECT string_agg(column_name, ', ') FROM information_schema.columns "
              "WHERE table_name = 'case_file' AND column_name NOT IN ('id', 'parent_id', 'children') "
              "AND column_name !~ '^first_agency_id$|_(reminded_percent|raised_levels|alarm_at)$'")[0]
            .Text(0);
    tx.Run(fmt::format(
        "INSERT INTO case_file (id, {0}) SELECT 'NEW', {0} FROM case_file WHERE id = '7K3M9QXT2B54'",
        before));
    tx.Run("UPDATE case_file SET state = 3 WHERE id = '7K3M9QXT2B54'");
    const Case written = LoadCases(tx, {"NEW"}).at("NEW");
    CHECK(written.children.empty());
    CHECK(AlarmOf(written, report::v1::CLOCK_RESOLUTION) == written.resolution.due_at);
    CHECK(LoadCases(tx, {"7K3M9QXT2B54"}).at("7K3M9QXT2B54").children.size() == 12);
  });
}

TEST_CASE("answers to a report and to its parts are read in the order given, each with its own evidence") {
  Database db;
  const Story story = StoryOfParts();
  db.Save({story.now});
  db.In([&](pg::Tx& tx) { AppendRecords(tx, story.records); });
  db.In([&](pg::Tx& tx) {
    std::vector<std::string> ids = {story.now.id};
    for (const Case& child : story.now.children) ids.push_back(child.id);
    std::string given;
    for (const Response& response : ListResponses(tx, ids)) {
      given += fmt::format("{}#{} ", response.report_id.substr(story.now.id.size()), response.number);
      CHECK(response.evidence.size() == (response.kind == event::v1::RESPONSE_KIND_FINAL ? 1 : 0));
    }
    CHECK(given == ".2#1 .2#2 .10#1 .10#2 .11#1 .11#2 .12#1 .12#2 #1 ");

    const auto one = ListResponses(tx, {"7K3M9QXT2B54.10"});
    REQUIRE(one.size() == 2);
    CHECK(one[1].agency_id == "id.33.10");
    CHECK(one[1].evidence.size() == 1);
  });
}

// Cases of several agencies, states and due dates.
std::vector<Case> ManyCases() {
  std::vector<Case> cases;
  const auto add = [&](const std::string& id, Story story) {
    story.now.id = id;
    cases.push_back(story.now);
  };
  add("A", Story().Open());                                                           // due 14 June
  add("B", Story().Open().At("2025-06-05 09:00", Interim()));                         // due 26 June
  add("C", Story().Open().At("2025-06-05 09:00", Final()));                           // due 21 June
  add("D", Story().Open().At("2025-06-05 09:00", EndCase{Wib("2025-06-05 09:00")}));  // nothing due
  add("E", Story().Open().At("2025-06-05 09:00", Assignment(Wib("2025-06-05 09:00"), kOtherAgency)));
  add("F", Story().Open().Pass("2025-06-16 00:00"));                     // breached, due 14 June
  add("G", Story().Open(report::v1::REPORT_CLASS_INFORMATION_REQUEST));  // due 13 June
  add("H", Story().Open().At("2025-06-05 09:00", Final()).Pass("2025-07-01 00:00"));
  add("I", Story().At("2025-06-02 08:00", Registration(Wib("2025-06-02 08:00"))));
  add("J", Story().Open().At("2025-06-05 09:00", MergeCase{Wib("2025-06-05 09:00")}));
  add("L", Story().Open().At("2025-06-05 09:00", DelegateCase{testing::Officer(), "desk-roads"}));
  // The agency's part of a report that another one leads, due at the end of 16 June.
  Story part;
  part.now.id = "K";
  add("K", part.Open()
               .At("2025-06-05 09:00", Assignment(Wib("2025-06-05 09:00"), "id.33"))
               .At("2025-06-05 10:00", PartAssignment(Wib("2025-06-05 10:00"), 1, kAgency)));
  return cases;
}

TEST_CASE("the work list holds the agency's open and answered cases, the most urgent first") {
  Database db;
  db.Save(ManyCases());
  using Ids = std::vector<std::string>;
  CHECK(db.List({.agency_id = kAgency, .limit = 100}) == Ids{"G", "A", "F", "L", "K.1", "C", "B"});
  CHECK(db.List({.agency_id = kOtherAgency, .limit = 100}) == Ids{"E"});
  CHECK(db.List({.agency_id = "", .limit = 100}).empty());
  CHECK(db.List({.agency_id = kAgency, .state = v1::CASE_STATE_ANSWERED, .limit = 100}) == Ids{"C"});
  CHECK(db.List({.agency_id = kAgency, .state = v1::CASE_STATE_OPEN, .limit = 100}) ==
        Ids{"G", "A", "F", "L", "K.1", "B"});
  CHECK(db.List({.agency_id = "id.33", .limit = 100}) == Ids{"K"});
  CHECK(db.List({.agency_id = kAgency, .state = v1::CASE_STATE_MERGED, .limit = 100}) == Ids{"J"});
  CHECK(db.List({.agency_id = kAgency, .state = v1::CASE_STATE_ENDED, .limit = 100}) == Ids{"D"});
  CHECK(db.List({.agency_id = kAgency, .state = v1::CASE_STATE_CLOSED, .limit = 100}) == Ids{"H"});
  CHECK(db.List({.agency_id = kAgency, .breached_only = true, .limit = 100}) == Ids{"F"});
  CHECK(db.List({.agency_id = kAgency, .delegate = "desk-roads", .limit = 100}) == Ids{"L"});
  CHECK(db.List({.agency_id = kAgency,
                 .report_class = report::v1::REPORT_CLASS_INFORMATION_REQUEST,
                 .limit = 100}) == Ids{"G"});
}

TEST_CASE("pages of one case each give every case once, also those with the same due date") {
  Database db;
  db.Save(ManyCases());
  for (const auto state : {v1::CASE_STATE_UNSPECIFIED, v1::CASE_STATE_ENDED}) {
    CaseQuery query{.agency_id = kAgency, .state = state, .limit = 100};
    const auto all = db.List(query);
    query.limit = 1;
    std::vector<std::string> paged;
    while (true) {
      std::vector<Case> page;
      db.In([&](pg::Tx& tx) { page = ListCases(tx, query); });
      if (page.empty()) break;
      paged.push_back(page[0].id);
      query.after = CasePlace{NextDueAt(page[0]), page[0].id};
      REQUIRE(paged.size() <= all.size());
    }
    CHECK(paged == all);
  }
}

TEST_CASE("work lists read their index, whatever the filters, without sorting") {
  Database db;
  db.Save(ManyCases());
  db.In([&](pg::Tx& tx) {
    // Prepares both statements in this session.
    ListCases(tx, {.agency_id = kAgency, .limit = 1});
    ListCases(tx, {.agency_id = kAgency, .state = v1::CASE_STATE_CLOSED, .limit = 1});
    ListCases(tx, {.agency_id = kAgency, .appeals = true, .limit = 1});
    tx.Run(
        "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; "
        "SET LOCAL enable_bitmapscan = off");
    const auto plan = [&](const std::string& statement) {
      std::string text;
      for (const pg::Row& row :
           tx.Run("EXPLAIN EXECUTE " + statement + "('a', 4, true, 1, '-infinity', '', 10, '')")) {
        text += row.Text(0) + "\n";
      }
      return text;
    };
    const std::string in_work = plan("cases_list_in_work");
    CHECK(in_work.find("case_file_in_work") != std::string::npos);
    CHECK(in_work.find("Sort") == std::string::npos);
    const std::string appeals = plan("cases_list_appeals");
    CHECK(appeals.find("case_file_appealed") != std::string::npos);
    CHECK(appeals.find("Sort") == std::string::npos);
    CHECK(plan("cases_list_done").find("case_file_behind") != std::string::npos);
  });
}

TEST_CASE(
    "reports whose clocks may run are read page by page, by their index, parts and ended ones left out") {
  Database db;
  db.Save(ManyCases());
  db.In([&](pg::Tx& tx) {
    std::vector<std::string> ids;
    for (std::vector<std::string> page = OpenCases(tx, "", 2); !page.empty();
         page = OpenCases(tx, page.back(), 2)) {
      ids.insert(ids.end(), page.begin(), page.end());
    }
    // D was withdrawn, H is closed.
    CHECK(ids == std::vector<std::string>{"A", "B", "C", "E", "F", "G", "I", "J", "K", "L"});
    tx.Run("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off");
    std::string plan;
    for (const pg::Row& row : tx.Run("EXPLAIN EXECUTE cases_open('', 10)")) plan += row.Text(0) + "\n";
    INFO(plan);
    CHECK(plan.find("case_file_open") != std::string::npos);
    CHECK(plan.find("Sort") == std::string::npos);
  });
}

TEST_CASE("the parts of a report are found by an index, whatever the plan") {
  Database db;
  db.Save({StoryOfParts().now});
  db.In([&](pg::Tx& tx) {
    LoadCases(tx, {"7K3M9QXT2B54"});
    FindCase(tx, "7K3M9QXT2B54");
    tx.Run("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off");
    const auto plan = [&](const std::string& execution) {
      std::string text;
      for (const pg::Row& row : tx.Run("EXPLAIN EXECUTE " + execution)) text += row.Text(0) + "\n";
      return text;
    };
    CHECK(plan("cases_load_children('{a}')").find("case_file_children") != std::string::npos);
    const std::string find = plan("cases_find('a')");
    INFO(find);
    CHECK(find.find("case_file_children") != std::string::npos);
    CHECK(find.find("case_file_pkey") != std::string::npos);
    CHECK(find.find("Seq Scan on case_file") == std::string::npos);
  });
}

TEST_CASE("events open a case, its clocks remind, run out and go up, once and never early, until an answer") {
  Running service;
  service.HearOpening();
  CHECK(service.Journalled() == "CaseOpened");
  const auto deadlines = [&] {
    return service.database.Query("SELECT clock, due_at FROM deadline ORDER BY clock");
  };
  CHECK(deadlines() == "2|2025-06-10 17:00:00+00\n3|2025-06-16 17:00:00+00");

  std::string journalled = "CaseOpened";
  const auto fires = [&](const char* early, const char* due, const char* told) {
    service.clock.Set(Wib(early));
    CHECK(service.Scan() == 0);
    service.clock.Set(Wib(due));
    CHECK(service.Scan() == 1);
    CHECK(service.Scan() == 0);
    journalled += fmt::format(" {}", told);
    CHECK(service.Journalled() == journalled);
  };
  fires("2025-06-10 23:59", "2025-06-11 00:00", "ClockReminded");
  fires("2025-06-12 23:59", "2025-06-13 00:00", "ClockReminded");
  fires("2025-06-13 23:59", "2025-06-14 00:00", "ClockBreached");
  CHECK(deadlines() == "2|2025-06-16 17:00:00+00\n3|2025-06-16 17:00:00+00");
  service.clock.Set(Wib("2025-06-17 00:00"));
  CHECK(service.Scan() == 2);
  journalled += " BreachRaised ClockReminded";
  CHECK(service.Journalled() == journalled);

  REQUIRE(service.Ask("request-1", Final()).ok());
  journalled += " ResponseGiven";
  CHECK(service.Journalled() == journalled);
  CHECK(deadlines() == "5|2025-06-24 17:00:00+00");

  service.clock.Set(Wib("2025-07-03 00:00"));
  CHECK(service.Scan() == 1);
  CHECK(service.Now().closing == event::v1::CLOSING_BY_SILENCE);
  CHECK(service.Journalled() == journalled + " CaseClosed");
  CHECK(service.database.Query("SELECT count(*) FROM deadline") == "0");
}

TEST_CASE("parts of a report run out and are answered each by itself, and end with the report") {
  Running service;
  service.HearOpening();
  service.HearPart(1);
  service.HearPart(2, "id.33");
  CHECK(service.database.Query("SELECT subject, clock, due_at FROM deadline ORDER BY subject, clock") ==
        "7K3M9QXT2B54|2|2025-06-10 17:00:00+00\n7K3M9QXT2B54|3|2025-06-16 17:00:00+00\n"
        "7K3M9QXT2B54.1|2|2025-06-11 17:00:00+00\n7K3M9QXT2B54.1|3|2025-06-18 17:00:00+00\n"
        "7K3M9QXT2B54.2|2|2025-06-11 17:00:00+00\n7K3M9QXT2B54.2|3|2025-06-18 17:00:00+00");
  REQUIRE(service.Ask("request-1", testing::Promising(Interim(), absl::CivilDay(2025, 6, 20))).ok());
  const auto answered = service.Ask("request-2", Final(testing::Officer(kOtherAgency), 1));
  REQUIRE(answered.ok());
  CHECK(answered->subject == "7K3M9QXT2B54.1");
  CHECK(answered->state == v1::CASE_STATE_ANSWERED);
  CHECK(answered->partition == service.partition);

  service.clock.Set(Wib("2025-06-16 23:59"));
  CHECK(service.Scan() == 1);
  CHECK(service.Scan() == 0);
  service.clock.Set(Wib("2025-06-17 00:00"));
  CHECK(service.Scan() == 2);
  CHECK(service.Scan() == 0);
  const Case now = service.Now();
  CHECK_FALSE(IsBreached(now));
  CHECK_FALSE(IsBreached(now.children[0]));
  CHECK(IsBreached(now.children[1]));
  CHECK(service.Journalled() ==
        "CaseOpened CaseOpened CaseOpened ResponseGiven ResponseGiven ClockReminded ClockReminded "
        "ClockBreached");
  CHECK(service.database.Query("SELECT DISTINCT subject FROM event") == "7K3M9QXT2B54");

  const auto refused = service.Ask("request-3", Final());
  CHECK(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  Event archived;
  archived.mutable_report_archived();
  service.Hear("routing", "2025-06-17 00:00", archived);
  CHECK(service.database.Query("SELECT id, state FROM case_file ORDER BY id") ==
        "7K3M9QXT2B54|6\n7K3M9QXT2B54.1|3\n7K3M9QXT2B54.2|5");
  CHECK(service.database.Query("SELECT count(*) FROM deadline") == "0");
}

TEST_CASE("a report that follows another one has no deadline, and both count from whoever told it first") {
  Running service;
  service.HearOpening();
  Event joined;
  *joined.mutable_follower_joined()->mutable_verified_at() = decision::ToProto(Wib("2025-06-02 09:00"));
  service.Hear("routing", "2025-06-04 10:01", joined);
  CHECK(service.Now().resolution.started_at == Wib("2025-06-02 09:00"));
  CHECK(service.database.Query("SELECT clock, due_at FROM deadline ORDER BY clock") ==
        "2|2025-06-10 17:00:00+00\n3|2025-06-13 17:00:00+00");

  Event merged;
  merged.mutable_report_merged();
  service.Hear("routing", "2025-06-04 10:01", merged);
  CHECK(service.Now().state == v1::CASE_STATE_MERGED);
  CHECK(service.database.Query("SELECT count(*) FROM deadline") == "0");
  Event unmerged;
  unmerged.mutable_report_unmerged();
  service.clock.Set(Wib("2025-06-14 00:00"));
  service.Hear("routing", "2025-06-14 00:00", unmerged);
  CHECK(service.Now().state == v1::CASE_STATE_OPEN);
  CHECK(service.Journalled() == "CaseOpened ClockBreached");
  CHECK(service.database.Query("SELECT clock FROM deadline ORDER BY clock") == "2\n3");
}

TEST_CASE("a clock that ran out under the version before goes up from now on") {
  auto schema = migrations::eventlog();
  schema.insert(schema.end(), migrations::followup().begin(), migrations::followup().begin() + 4);
  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};
  REQUIRE(pg::Migrate(pool, schema).ok());
  const auto add = [&](const char* id, const char* met_at) {
    database.Query(fmt::format(
        "INSERT INTO case_file (id, state, agency_id, report_class, supervision, category, region, "
        "policy_version, received_at, verified_at, time_zone, first_response_started_at, "
        "first_response_due_at, first_response_met_at, first_response_breached_at, closing, reopenings, "
        "responses, escalated, escalation_outcome, next_due_at, breached) VALUES "
        "('{}', 2, 'id.32.73', 1, false, 'roads', '32.73', '2024.1', '2025-06-02', '2025-06-03', 1, "
        "'2025-06-04', '2025-06-14', {}, '2025-06-14', 0, 0, 0, false, 0, '2025-06-14', true)",
        id, met_at));
  };
  add("OWED", "NULL");
  add("ANSWERED", "'2025-06-15'");
  REQUIRE(pg::Migrate(pool, migrations::followup()).ok());
  CHECK(database.Query("SELECT subject, clock, due_at FROM deadline") == "OWED|2|2025-06-14 00:00:00+00");
}

TEST_CASE("a repeated request answers once") {
  Running service;
  service.HearOpening();
  const auto first = service.Ask("request-1", Final());
  const auto again = service.Ask("request-1", Final());
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(first->position == again->position);
  CHECK(again->state == v1::CASE_STATE_ANSWERED);
  CHECK(service.database.Query("SELECT count(*) FROM response") == "1");
}

TEST_CASE("what one transaction folds is what is read afterwards: reopened twice in a breath") {
  Running service;
  service.HearOpening();
  for (const char* id : {"request-1", "request-3"}) {
    REQUIRE(service.Ask(id, Final()).ok());
    REQUIRE(service.Ask(std::string("re") + id, ReopenCase{ActorOf(report::v1::ROLE_TRIAGE)}).ok());
  }
  const Case now = service.Now();
  CHECK(now.reopenings == 2);
  CHECK(now.pauses.size() == 2);
  CHECK(now.responses == 2);
}

TEST_CASE(
    "an event that needs a calendar nobody has waits in quarantine, saying so, and is replayed with it") {
  runtime::TemporaryFolder folder;
  const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
  const std::filesystem::path policy_dir = folder / "policy";
  std::filesystem::copy(source / "deploy/policy", policy_dir);
  std::filesystem::remove(policy_dir / "calendar-2025.textproto");
  const auto without = policy::Policy::Load(policy_dir, source / "deploy/reference");
  REQUIRE(without.ok());

  Running service(*without);
  service.HearOpening();
  CHECK(service.Now().state == v1::CASE_STATE_AWAITING_ASSIGNMENT);
  CHECK(service.Journalled().empty());
  const std::string reason = service.database.Query("SELECT reason FROM quarantine");
  INFO(reason);
  CHECK(reason.find("no calendar for 2025") != std::string::npos);
  CHECK(reason.find("add calendar-2025.textproto") != std::string::npos);

  // What the reporter writes comes after it and waits with it.
  Event reply;
  reply.mutable_reporter_replied();
  service.Hear("intake", "2025-06-04 11:00", reply);
  CHECK(service.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "2");

  // The operator adds the year, restarts and replays.
  std::filesystem::copy(source / "deploy/policy/calendar-2025.textproto", policy_dir);
  const auto with = policy::Policy::Load(policy_dir, source / "deploy/reference");
  REQUIRE(with.ok());
  service.policy = *with;
  service.Restart();
  const auto applied = service.executor->Release(1, std::nullopt);
  REQUIRE(applied.ok());
  CHECK(*applied == 2);
  CHECK(service.Now().state == v1::CASE_STATE_OPEN);
  CHECK(service.Now().first_response.due_at == Wib("2025-06-14 00:00"));
  CHECK(service.Journalled() == "CaseOpened");
  CHECK(service.database.Query("SELECT count(*) FROM deadline") == "2");
}

}  // namespace
}  // namespace lapor::followup
