// Risk: figures are not what the events make them.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "fmt/format.h"
#include "services/reporting/store.h"
#include "services/reporting/subscriber.h"
#include "services/reporting/testing/stream.h"
#include "services/reporting/verification.h"

namespace lapor::reporting {
namespace {

using testing::Must;
using testing::Projection;
using testing::Stream;

Stream RandomStream(int reports, unsigned seed) {
  std::mt19937 random(seed);
  Stream stream;
  for (int i = 0; i < reports; ++i) stream.TellLife("report-" + std::to_string(i), random);
  return stream;
}

// The figures by the shortest way: event by event, all in memory.
std::map<std::pair<v1::Scope, std::string>, Counters> FiguresOf(
    const std::vector<eventlog::Inbound>& events) {
  std::map<std::string, ReportFigures> reports;
  for (const eventlog::Inbound& inbound : events) {
    ReportFigures& report =
        reports.try_emplace(inbound.subject, ReportFigures{.id = inbound.subject}).first->second;
    if (const auto command = OnEvent(inbound.event)) report = Decide(report, *command).next;
  }
  std::map<std::pair<v1::Scope, std::string>, Counters> figures;
  for (const auto& [id, report] : reports) {
    for (const Cell& cell : Cells(report)) {
      Counters& sum = figures[{cell.scope, cell.id}];
      for (size_t i = 0; i < kCounters; ++i) sum[i] += cell.counts[i];
    }
  }
  return figures;
}

std::map<std::pair<v1::Scope, std::string>, Counters> KeptFigures(pg::Pool& pool) {
  std::map<std::pair<v1::Scope, std::string>, Counters> figures;
  Must(pool.Read([&](pg::Tx& tx) {
    for (v1::Scope scope : {v1::SCOPE_NATION, v1::SCOPE_PROVINCE, v1::SCOPE_AGENCY}) {
      for (const Cell& cell : ListCells(tx, scope)) {
        if (cell.counts != Counters{}) figures[{scope, cell.id}] = cell.counts;
      }
    }
    return absl::OkStatus();
  }));
  return figures;
}

TEST_CASE("figures are those of the events, however these are batched and partitions are mixed") {
  const Stream stream = RandomStream(30, 1);
  std::mt19937 random(2);
  std::string cells;
  for (const size_t max_batch : {1, 7, 400}) {
    CAPTURE(max_batch);
    Projection projection;
    projection.Apply(stream.Mixed(random), random, max_batch);
    CHECK(KeptFigures(projection.pool) == FiguresOf(stream.events()));
    if (cells.empty()) cells = projection.Cells();
    CHECK(projection.Cells() == cells);
  }
}

TEST_CASE("a rebuild from zero ends in the same figures, bit by bit, and forgets what waits in quarantine") {
  const Stream stream = RandomStream(150, 3);
  std::mt19937 random(4);
  Projection projection;
  projection.Apply(stream.Mixed(random), random, 50);
  const std::string cells = projection.Cells();
  Must(projection.pool.Transact([&](pg::Tx& tx) {
    eventlog::Quarantine(tx, stream.events().front(), "a broken import");
    return absl::OkStatus();
  }));

  eventlog::Applied before;
  eventlog::Applied forgotten;
  Must(projection.pool.Transact([&](pg::Tx& tx) {
    before = eventlog::Inbox::All(tx);
    forgotten = ForgetAll(tx);
    return absl::OkStatus();
  }));
  CHECK(forgotten == before);
  CHECK(projection.Cells().empty());
  CHECK(projection.database.Query("SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM agency), "
                                  "(SELECT count(*) FROM inbox), "
                                  "(SELECT count(*) FROM quarantine WHERE ended_at IS NULL)") == "0|0|0|0");

  projection.Apply(stream.Mixed(random), random, 200);
  CHECK(projection.Cells() == cells);
}

TEST_CASE(
    "two instances that share the partitions keep the same figures, and never wait for each other in a "
    "circle") {
  const Stream stream = RandomStream(150, 5);
  Projection projection;
  const auto apply_partitions = [&](ReportingExecutor& executor, int32_t remainder) {
    std::vector<eventlog::Inbound> batch;
    for (const eventlog::Inbound& event : stream.events()) {
      if (event.partition % 2 == remainder) batch.push_back(event);
      if (batch.size() < 20 && &event != &stream.events().back()) continue;
      Must(executor.Apply(std::move(batch)).status());
      batch.clear();
    }
  };
  auto other = projection.NewExecutor();
  std::thread second([&] { apply_partitions(*other, 1); });
  apply_partitions(*projection.executor, 0);
  second.join();
  CHECK(KeptFigures(projection.pool) == FiguresOf(stream.events()));
  CHECK(projection.database.Query(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == "0");
}

TEST_CASE("figures and positions that are read together belong together, while events are applied") {
  Projection projection;
  Stream stream;
  for (int i = 0; i < 2000; ++i)
    stream.Tell("intake", "report-" + std::to_string(i), testing::Submitted("32"));
  std::atomic<bool> applied = false;
  std::thread writer([&] {
    std::mt19937 random(6);
    projection.Apply(stream.events(), random, 8);
    applied = true;
  });
  int reads = 0;
  int torn = 0;
  while (!applied) {
    Must(projection.pool.Read([&](pg::Tx& tx) {
      tx.SeeOneMoment();
      const int64_t received = FindCell(tx, v1::SCOPE_NATION, "").counts[kReceived];
      int64_t positions = 0;
      for (const auto& [source, position] : eventlog::Inbox::All(tx)) positions += position;
      torn += positions == received ? 0 : 1;
      return absl::OkStatus();
    }));
    ++reads;
  }
  writer.join();
  CHECK(reads > 10);
  CHECK(torn == 0);
}

TEST_CASE("verification finds nothing to say about figures that are right") {
  const Stream stream = RandomStream(60, 7);
  std::mt19937 random(8);
  Projection projection;
  CHECK(VerifyFigures(projection.pool)->counts_compared == 0);
  projection.Apply(stream.Mixed(random), random, 50);
  const auto verification = VerifyFigures(projection.pool);
  REQUIRE(verification.ok());
  CHECK(verification->differences.empty());
  // The nation; Aceh, Jakarta, West Java, East Java; four agencies.
  CHECK(verification->counts_compared == static_cast<int64_t>((1 + 4 + 4) * kCounters));
}

TEST_CASE("verification names every count that differs, and every cell that is missing or too many") {
  Projection projection;
  Stream stream;
  stream.Tell("intake", "a", testing::Submitted("32"));
  stream.Tell("routing", "a", testing::Assigned("id.32.73"));
  stream.Tell("followup", "a", testing::Responded("id.32.73"));
  projection.ApplyBatch(stream.events());
  Must(projection.pool.Transact([](pg::Tx& tx) {
    tx.Run(
        "UPDATE figure SET closed = 12 WHERE id = 'id.32.73';"
        "DELETE FROM figure WHERE scope = 2;"
        "INSERT INTO figure SELECT 3, 'id.11', 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0");
    return absl::OkStatus();
  }));
  CHECK(VerifyFigures(projection.pool)->differences ==
        std::vector<std::string>{
            "province 32 received: kept 0, recomputed 1", "province 32 in_process: kept 0, recomputed 1",
            "agency id.11 returned: kept 7, recomputed 0", "agency id.32.73 closed: kept 12, recomputed 0"});
}

TEST_CASE("who was complained about is kept with the report, and in the rebuilt figures") {
  Projection projection;
  Stream stream;
  const auto escalated = [&](const std::string& respondent) {
    event::v1::Event event;
    event.mutable_escalation_opened()->set_respondent_agency_id(respondent);
    stream.Tell("ombudsman", "a", event);
    event.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
    stream.Tell("ombudsman", "a", event);
  };
  stream.Tell("intake", "a", testing::Submitted("32"));
  stream.Tell("routing", "a", testing::Assigned("id.32.73"));
  escalated("id.32.73.dpupr");
  escalated("");
  stream.Tell("routing", "a", testing::Assigned("id.11"));
  escalated("id");
  for (const size_t max_batch : {1, 100}) {
    std::mt19937 random(11);
    projection.Apply(stream.events(), random, max_batch);
    CHECK(projection.database.Query("SELECT respondents FROM report") == "{1:id.32.73.dpupr,1:,1:id}");
    CHECK(projection.database.Query("SELECT id, escalated, maladministration_found FROM figure "
                                    "WHERE escalated > 0 AND scope = 3 ORDER BY id") ==
          "id|1|1\nid.32.73.dpupr|1|1");
    CHECK(VerifyFigures(projection.pool)->differences.empty());
    Must(projection.pool.Transact([](pg::Tx& tx) {
      ForgetAll(tx);
      return absl::OkStatus();
    }));
  }
}

TEST_CASE("reports from before respondents were kept stay as they were counted, with who leads them") {
  auto schema = migrations::eventlog();
  schema.insert(schema.end(), migrations::reporting().begin(), migrations::reporting().begin() + 4);
  test::TestDatabase database;
  pg::Pool pool{{.conninfo = database.conninfo()}};
  Must(pg::Migrate(pool, schema));
  const auto add = [&](const char* id, Fact told, const char* agency) {
    const int facts =
        static_cast<int>(Fact::kSubmitted) | static_cast<int>(Fact::kEscalated) | static_cast<int>(told);
    database.Query(
        fmt::format("INSERT INTO report (id, facts, reported_province, verified_province, agency_id, "
                    "responded_by, returned_by, breached_by, reopened, rating) "
                    "VALUES ('{}', {}, 0, 0, '{}', '', '{{}}', '{{}}', 0, 0)",
                    id, facts, agency));
  };
  add("EXAMINED", Fact::kEscalated, "id.11");
  add("FOUND", Fact::kMaladministrationFound, "id.11");
  add("LYING", Fact::kMaladministrationFound, "");
  database.Query(
      "INSERT INTO figure (scope, id, received, verified, in_process, closed, archived, withdrawn, overdue, "
      "breached, returned, reopened, closed_by_silence, escalated, maladministration_found, rating_sum, "
      "rating_count) VALUES (1, '', 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 2, 0, 0), "
      "(3, 'id.11', 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0)");
  Must(pg::Migrate(pool, migrations::reporting()));
  CHECK(VerifyFigures(pool)->differences.empty());
}

TEST_CASE("an agency is shown as its newest record names it, whatever is replayed later") {
  Projection projection;
  Stream stream;
  stream.Tell("routing", "id.32.73", testing::Recorded("id.32.73", "Kota Bandung", 1));
  stream.Tell("routing", "id.32.73", testing::Recorded("id.32.73", "Pemerintah Kota Bandung", 2));
  projection.ApplyBatch(stream.events());
  Must(projection.pool.Transact([&](pg::Tx& tx) {
    KeepAgencies(tx, {&stream.events().front().event});
    const auto agency = FindAgency(tx, "id.32.73");
    REQUIRE(agency.has_value());
    CHECK(agency->name == "Pemerintah Kota Bandung");
    CHECK(agency->kind == event::v1::AGENCY_KIND_CITY);
    CHECK(agency->cell.counts == Counters{});
    CHECK_FALSE(FindAgency(tx, "id.11").has_value());
    return absl::OkStatus();
  }));
}

TEST_CASE(
    "an agency that has but a part of a report is found and listed, whether the registry has told of it or "
    "not") {
  Projection projection;
  Stream stream;
  stream.Tell("intake", "a", testing::Submitted("32"));
  stream.Tell("routing", "a", testing::Assigned("id.32.73"));
  // The second one is told of first.
  stream.Tell("routing", "a", testing::OfChild(2, testing::Assigned("id.klhk")));
  stream.Tell("followup", "a",
              testing::OfChild(2, testing::Responded("id.klhk", event::v1::RESPONSE_KIND_FINAL)));
  std::mt19937 random(10);
  projection.Apply(stream.events(), random, 1);
  CHECK(projection.database.Query("SELECT children FROM report") == "{0:,2:id.klhk}");
  Must(projection.pool.Read([](pg::Tx& tx) {
    const auto agency = FindAgency(tx, "id.klhk");
    REQUIRE(agency.has_value());
    CHECK(agency->cell.counts[kReceived] == 0);
    CHECK(agency->cell.counts[kChildAssignments] == 1);
    CHECK(agency->cell.counts[kChildAnswered] == 1);
    for (const bool with_reports_only : {false, true}) {
      const auto agencies = ListAgencies(tx, "", 10, with_reports_only);
      REQUIRE(agencies.size() == 2);
      CHECK(agencies[1].cell.id == "id.klhk");
    }
    return absl::OkStatus();
  }));
  CHECK(VerifyFigures(projection.pool)->differences.empty());
}

TEST_CASE(
    "the list of agencies holds those without reports and those the registry hasn't told of yet, page by "
    "page") {
  Projection projection;
  Stream stream;
  for (const char id : std::string("bdfhjlnprtvxz")) {
    stream.Tell("routing", {id}, testing::Recorded({id}, "Agency", 1));
  }
  for (const char id : std::string("cdghklopstwx")) {
    stream.Tell("intake", {id}, testing::Submitted(""));
    stream.Tell("routing", {id}, testing::Assigned({id}));
  }
  stream.Tell("routing", "c", testing::Assigned("d"));
  std::mt19937 random(9);
  projection.Apply(stream.events(), random, 3);

  const auto ids = [&](int page_size, bool with_reports_only) {
    std::string all;
    std::string last;
    Must(projection.pool.Read([&](pg::Tx& tx) {
      while (true) {
        const auto page = ListAgencies(tx, last, page_size, with_reports_only);
        for (const NamedCell& agency : page) all += agency.cell.id;
        if (page.empty()) return absl::OkStatus();
        last = page.back().cell.id;
      }
    }));
    return all;
  };
  for (const int page_size : {1, 2, 3, 100}) {
    CAPTURE(page_size);
    CHECK(ids(page_size, false) == "bdfghjklnoprstvwxz");
    CHECK(ids(page_size, true) == "dghklopstwx");
  }
}

}  // namespace
}  // namespace lapor::reporting
