#include "tests/bench/deadlines.h"

#include <array>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/eventlog/due_scan.h"
#include "libs/eventlog/executor.h"
#include "libs/eventlog/journal.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "libs/report/tracking_id.h"
#include "libs/runtime/clock.h"
#include "migrations/eventlog.h"
#include "migrations/followup.h"
#include "services/followup/aggregate.h"
#include "tests/support/postgres.h"

namespace lapor::bench {
namespace {

constexpr int kManyOpen = 10'000'000;
constexpr int kFewOpen = 10'000;
constexpr int kDueOfAWave = 1'000'000;
constexpr int kWaves = 3;
constexpr int kIdleScansOfARound = 1'000;
// Against the peer: both have as many cases, and each side takes a few seconds.
constexpr int kCases = 100'000;
constexpr int kDueOfARound = 80'000;
constexpr int kJobsOfARound = 10'000;
constexpr int kFollowupCases = 100'000;
constexpr int kOpenedTogether = 2'000;

// ---- the smallest case there is: a breach is counted ----

struct Case {
  std::string id;
  int64_t breaches = 0;
};
struct Breach {
  report::v1::Clock clock;
  absl::Time due_at;
};
using eventlog::DueScan;
using CaseAggregate = eventlog::Aggregate<Case, Breach, std::monostate>;

constexpr const char* kTables = R"sql(
  CREATE TABLE bench_case (id text NOT NULL, breaches bigint NOT NULL, breached_at timestamptz) WITH (fillfactor = 70))sql";
// Of case i: twelve characters that sort at random, as ids of reports do.
constexpr const char* kId = "substr(md5(i::text), 1, 5) || lpad(to_hex(i), 7, '0')";

CaseAggregate MakeCases() {
  static const pg::Statement kLoad{
      "case_load", "SELECT id, breaches FROM bench_case WHERE id = ANY($1) ORDER BY id FOR UPDATE"};
  static const pg::Statement kSave{"case_save", R"sql(
    UPDATE bench_case SET breaches = n.breaches, breached_at = now()
    FROM unnest($1::text[], $2::bigint[]) AS n (id, breaches) WHERE bench_case.id = n.id)sql"};
  CaseAggregate cases;
  cases.decide = [](const Case& state, const Breach& breach,
                    absl::Time) -> absl::StatusOr<decision::Decision<Case, std::monostate>> {
    decision::Decision<Case, std::monostate> decision{state, {}, {}, {}};
    ++decision.next.breaches;
    auto* breached = decision.events.emplace_back().mutable_clock_breached();
    breached->set_clock(breach.clock);
    *breached->mutable_due_at() = decision::ToProto(breach.due_at);
    breached->set_agency_id("id.32.73.dinkes");
    return decision;
  };
  cases.standing = [](const Case& state, const Breach&) { return eventlog::Standing{state.id, 0}; };
  cases.load = [](pg::Tx& tx, const std::vector<std::string>& ids) {
    pg::Array wanted;
    for (const std::string& id : ids) wanted.Add(id);
    std::unordered_map<std::string, Case> states;
    for (const pg::Row& row : tx.Exec(kLoad, pg::Params(std::move(wanted)))) {
      states.emplace(row.Text(0), Case{row.Text(0), row.Int(1)});
    }
    return states;
  };
  cases.save = [](pg::Tx& tx, const std::vector<const Case*>& states) {
    pg::Array ids, breaches;
    for (const Case* state : states) {
      ids.Add(state->id);
      breaches.Add(state->breaches);
    }
    tx.Exec(kSave, pg::Params(std::move(ids), std::move(breaches)));
  };
  cases.append = [](pg::Tx&, const std::vector<std::monostate>&) {};
  cases.on_event = [](const event::v1::Event&) { return std::nullopt; };
  cases.on_deadline = [](report::v1::Clock clock, absl::Time due_at, int) { return Breach{clock, due_at}; };
  return cases;
}

// ---- what fires deadlines in a service: a database, and two lanes ----

template <class A>
struct Firing {
  Firing(const std::vector<pg::Migration>& migrations, A a, absl::Time now)
      : pool(pg::PoolOptions{.conninfo = database.conninfo(), .statement_timeout = absl::Minutes(1)}),
        clock(now),
        aggregate(std::move(a)) {
    std::vector<pg::Migration> all = migrations::eventlog();
    all.insert(all.end(), migrations.begin(), migrations.end());
    Must(pg::Migrate(pool, all));
    Must(journal.Prepare(pool));
  }

  DueScan::Fire NewLane() {
    auto executor = std::make_shared<eventlog::Executor<A>>(pool, journal, clock, aggregate,
                                                            eventlog::ExecutorOptions(), nullptr);
    return [executor](std::vector<eventlog::Deadline> due) { return executor->Fire(std::move(due)); };
  }

  // Deadlines fired a second, of all that are due.
  double Fire(int& fired) {
    const absl::Time start = absl::Now();
    fired = Must(scan.Scan());
    return fired / absl::ToDoubleSeconds(absl::Now() - start);
  }

  test::TestDatabase database;
  pg::Pool pool;
  eventlog::Journal journal{"followup", {}};
  runtime::ManualClock clock;
  const A aggregate;
  DueScan scan{pool, clock, {}, [](const std::string&) { return true; }, {}, {NewLane(), NewLane()}};
};

// ---- a service that has nothing but deadlines ----

struct Service : Firing<CaseAggregate> {
  // With so many cases, whose deadlines are set by Open().
  explicit Service(int cases) : Firing({}, MakeCases(), absl::FromUnixSeconds(1'760'000'000)) {
    database.Query(kTables);
    database.Query(
        fmt::format("INSERT INTO bench_case SELECT {}, 0 FROM generate_series(1, {}) AS i", kId, cases));
    // Sorted at the end, an index is there in a fraction of the time.
    database.Query("SET maintenance_work_mem = '256MB'; ALTER TABLE bench_case ADD PRIMARY KEY (id)");
    database.Query("VACUUM ANALYZE bench_case");
  }

  // A deadline of each of the first `count` cases: one a millisecond from now on, mixed within a minute's, as
  // cases of one morning end in another order than they came in.
  void Open(int count) {
    const std::string without_indexes =
        "ALTER TABLE deadline DROP CONSTRAINT deadline_pkey; DROP INDEX deadline_due;";
    const std::string rows = fmt::format(
        "INSERT INTO deadline SELECT {}, {}, "
        "  to_timestamp({}) + (i + i::bigint * 7919 % 60000) * interval '1 ms' FROM generate_series(1, {}) "
        "i;",
        kId, static_cast<int>(report::v1::CLOCK_RESOLUTION), absl::ToUnixSeconds(clock.Now()), count);
    const std::string indexes =
        "SET maintenance_work_mem = '256MB';"
        "ALTER TABLE deadline ADD PRIMARY KEY (subject, clock);"
        "CREATE INDEX deadline_due ON deadline (due_at, subject, clock) WHERE blocked IS NULL";
    database.Query(without_indexes + rows + indexes);
    database.Query("VACUUM ANALYZE deadline");
    database.Query("CHECKPOINT");
  }

  // Deadlines fired a second, of all that are due; each once, with its event.
  double FireAll() {
    int fired = 0;
    const double rate = Fire(fired);
    CheckTold(fired);
    return rate;
  }

  // Scans a second that find nothing due.
  double IdleScans() {
    const absl::Time start = absl::Now();
    for (int i = 0; i < kIdleScansOfARound; ++i) {
      if (Must(scan.Scan()) != 0) Must(absl::InternalError("something is due"));
    }
    return kIdleScansOfARound / absl::ToDoubleSeconds(absl::Now() - start);
  }

  // So many breaches more than before, and as many events.
  void CheckTold(int more) {
    told += more;
    const std::string counts =
        database.Query("SELECT sum(breaches), (SELECT count(*) FROM event) FROM bench_case");
    if (more > 0 && counts == fmt::format("{}|{}", told, told)) return;
    Must(absl::InternalError(fmt::format("of {} deadlines, breaches and events: {}", told, counts)));
  }

  int64_t told = 0;
};

// ---- follow-up's own cases: whole states, terms by the policy, each alarm setting the next ----

struct Followup : Firing<followup::Aggregate> {
  Followup(const std::string& policy_dir, const std::string& reference_dir)
      : Firing(migrations::followup(),
               followup::MakeAggregate(Must(policy::Policy::Load(policy_dir, reference_dir))), kOpenedAt) {
    for (int opened = 0; opened < kFollowupCases; opened += kOpenedTogether) Open(kOpenedTogether);
    database.Query("VACUUM ANALYZE");
    database.Query("CHECKPOINT");
  }

  // Deadlines fired a second, at the next moment at which any is due: at that one, all are.
  double FireNext() {
    const std::string next = database.Query("SELECT extract(epoch FROM min(due_at))::bigint FROM deadline");
    clock.Set(absl::FromUnixSeconds(std::stoll(next)));
    int fired = 0;
    const double rate = Fire(fired);
    told += fired;
    const std::string events = database.Query("SELECT count(*) FROM event");
    if (fired != kFollowupCases || events != std::to_string(told))
      Must(absl::InternalError(fmt::format("{} fired, {} events of {}", fired, events, told)));
    return rate;
  }

 private:
  // Complaints that are verified and assigned, as the streams of intake and routing tell it.
  void Open(int count) {
    std::vector<eventlog::Inbound> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = report::NewTrackingId();
      event::v1::Event submitted, verified, assigned;
      submitted.mutable_report_submitted()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
      submitted.mutable_report_submitted()->set_policy_version("2024.1");
      verified.mutable_report_verified()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
      assigned.mutable_agency_assigned()->set_agency_id("id.32.73.dinkes");
      assigned.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIB);
      events.push_back(Told("intake", id, std::move(submitted)));
      events.push_back(Told("routing", id, std::move(verified)));
      events.push_back(Told("routing", id, std::move(assigned)));
    }
    if (!Must(opener.Apply(std::move(events))).empty()) Must(absl::InternalError("there is a gap"));
    // Each is told of as opened.
    told += count;
  }

  eventlog::Inbound Told(const std::string& producer, const std::string& id, event::v1::Event event) {
    const int32_t partition = journal.partitioning().Of(eventlog::Topic::kReport, id);
    event.set_subject(id);
    event.set_producer(producer);
    event.set_partition(partition);
    event.set_position(++positions[{producer, partition}]);
    *event.mutable_occurred_at() = decision::ToProto(kOpenedAt);
    return {.topic = eventlog::Topic::kReport,
            .partition = partition,
            .kafka_offset = ++offset,
            .producer = producer,
            .position = event.position(),
            .subject = id,
            .value = event.SerializeAsString(),
            .decoded = true,
            .event = event};
  }

  // A Monday without a holiday in the weeks after it.
  static inline const absl::Time kOpenedAt =
      absl::FromCivil(absl::CivilSecond(2025, 7, 7, 9, 0, 0), absl::FixedTimeZone(7 * 60 * 60));
  eventlog::Executor<followup::Aggregate> opener{pool, journal, clock, aggregate, {}, nullptr};
  std::map<std::pair<std::string, int32_t>, int64_t> positions;
  int64_t offset = 0;
  int64_t told = 0;
};

// ---- the peer ----

struct Graphile {
  explicit Graphile(std::string folder) : dir(std::move(folder)) { Run(0); }

  // Jobs done a second, of as many as are queued first.
  double Jobs() {
    cases.database.Query(fmt::format(
        "SELECT count(graphile_worker.add_job('breach', json_build_object("
        "  'subject', {}, 'partition', i % 16, 'payload', '{}'))) FROM generate_series(1, {}) AS i",
        kId, std::string(160, 'A'), kJobsOfARound));
    cases.database.Query("ANALYZE");
    cases.database.Query("CHECKPOINT");
    const double rate = Run(kJobsOfARound);
    cases.CheckTold(kJobsOfARound);
    return rate;
  }

  // Does the jobs that wait; with none, prepares its tables.
  double Run(int jobs) const {
    const std::string where = cases.database.Query(R"sql(
      SELECT format('PGHOST=%L PGPORT=%s PGUSER=%I PGDATABASE=%I', split_part(current_setting('unix_socket_directories'), ',', 1),
                    current_setting('port'), current_user, current_database()))sql");
    const std::string command = fmt::format("{} node '{}/worker.mjs' {}", where, dir, jobs);
    FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    for (std::array<char, 256> line;
         pipe != nullptr && std::fgets(line.data(), line.size(), pipe) != nullptr;) {
      output += line.data();
    }
    if (pipe == nullptr || pclose(pipe) != 0) Must(absl::InternalError("graphile-worker failed: " + output));
    return jobs == 0 ? 0 : std::stod(output);
  }

  const std::string dir;
  Service cases{kCases};
};

}  // namespace

std::vector<Figure> Deadlines(const std::string& graphile_dir, const std::string& policy_dir,
                              const std::string& reference_dir, int pairs) {
  std::vector<Figure> figures;
  if (graphile_dir.empty()) {
    std::cerr << "  deadlines_vs_graphile: skipped, for want of --graphile-dir\n";
  } else {
    Service ours(kCases);
    Graphile peer(graphile_dir);
    figures.push_back(InPairs(
        {.name = "deadlines_vs_graphile", .goal = ">= 5x", .unit = "deadlines/s"}, pairs,
        [&] {
          ours.Open(kDueOfARound);
          ours.clock.Advance(absl::Milliseconds(kDueOfARound + 60'000));
          return ours.FireAll();
        },
        [&] { return peer.Jobs(); }));
  }

  const absl::Time start = absl::Now();
  Service many(kManyOpen), few(kFewOpen);
  many.Open(kManyOpen);
  few.Open(kFewOpen);
  std::cerr << fmt::format("  10 million opened in {:.0f} s\n", absl::ToDoubleSeconds(absl::Now() - start));
  figures.push_back(InPairs(
      {.name = "deadlines_idle_cost", .goal = "flat: >= 0.8x of with 10,000 open", .unit = "scans/s"}, pairs,
      [&] { return many.IdleScans(); }, [&] { return few.IdleScans(); }));

  std::vector<double> rates;
  for (int wave = 0; wave < kWaves; ++wave) {
    many.clock.Advance(absl::Milliseconds(kDueOfAWave));
    rates.push_back(many.FireAll());
    std::cerr << fmt::format("  wave {}: {:.0f} a second\n", wave + 1, rates.back());
  }
  figures.push_back({.name = "deadlines_10m_open_1m_due",
                     .goal = ">= 33,334 a second: a million in 30 s",
                     .unit = "deadlines/s",
                     .ours = Median(rates),
                     .pairs = kWaves});

  // The reminders of the first response, and its breach.
  Followup followup(policy_dir, reference_dir);
  rates.clear();
  for (int wave = 0; wave < kWaves; ++wave) rates.push_back(followup.FireNext());
  figures.push_back({.name = "deadlines_followup",
                     .goal = "none of its own",
                     .unit = "deadlines/s",
                     .ours = Median(rates),
                     .pairs = kWaves});
  return figures;
}

}  // namespace lapor::bench
