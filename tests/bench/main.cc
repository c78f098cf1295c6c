// The figures of make bench. Each is a ratio to a baseline that is run in turn in the same run, or says why
// it has none.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <regex>
#include <thread>

#include "fmt/format.h"
#include "libs/eventlog/relay.h"
#include "libs/eventlog/uuid.h"
#include "migrations/eventlog.h"
#include "migrations/reporting.h"
#include "services/reporting/aggregate.h"
#include "tests/bench/deadlines.h"
#include "tests/bench/duplicates.h"
#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/suggest.h"
#include "tests/bench/triage.h"
#include "tests/support/kafka.h"
#include "tests/support/postgres.h"
#include "tools/lapor/registry.h"

namespace lapor::bench {
namespace {

using eventlog::Topic;

struct Settings {
  client::SessionOptions session;
  int one_tx_port = 0;
  std::string pgbench_database;
  std::string out = "build/bench.json";
  std::string reference_dir = "deploy/reference";
  std::string policy_dir = "deploy/policy";
  std::string graphile_dir;
  int pairs = 5;
  double seconds = 5;
  int lifecycles_at_once = 48;
};

// ---- intake ----

double PgbenchRate(const std::string& database, const std::string& script, double seconds) {
  const std::string command = fmt::format("pgbench -n -M prepared -c 32 -j 2 -T {} -f '{}' '{}' 2>/dev/null",
                                          static_cast<int>(seconds), script, database);
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  for (char line[512]; pipe != nullptr && std::fgets(line, sizeof(line), pipe) != nullptr;) output += line;
  if (pipe == nullptr || pclose(pipe) != 0) Must(absl::InternalError("pgbench failed: " + command));
  std::smatch rate;
  if (!std::regex_search(output, rate, std::regex(R"(tps = ([0-9.]+))"))) Must(absl::InternalError(output));
  return std::stod(rate[1]);
}

std::vector<Figure> Intake(const Settings& settings) {
  auto ours = Must(client::Session::Open(settings.session));
  client::SessionOptions peer_options = settings.session;
  peer_options.port = settings.one_tx_port;
  auto peer = Must(client::Session::Open(peer_options));
  const Load peak{.duration = absl::Seconds(settings.seconds)};
  const auto rate_of = [&](client::Session& session) {
    return Must(SubmitReports(session, peak)).per_second;
  };

  Figure against_peer = InPairs(
      {.name = "intake_vs_one_tx", .goal = ">= 5x, p99 <= 10 ms at a third of the peak", .unit = "reports/s"},
      settings.pairs, [&] { return rate_of(*ours); }, [&] { return rate_of(*peer); });
  const Loaded calm = Must(SubmitReports(
      *ours,
      {.in_flight = 1024, .duration = absl::Seconds(2 * settings.seconds), .rate = against_peer.ours / 3}));
  against_peer.p50_ms = Quantile(calm.latencies_ms, 0.50);
  against_peer.p99_ms = Quantile(calm.latencies_ms, 0.99);

  Figure against_pgbench = InPairs(
      {.name = "intake_vs_pgbench", .goal = ">= 2x", .unit = "reports/s"}, settings.pairs,
      [&] { return rate_of(*ours); },
      [&] {
        return PgbenchRate(settings.pgbench_database, "tests/bench/pgbench_intake.sql", settings.seconds);
      });
  return {against_peer, against_pgbench};
}

// ---- relay ----

struct Journalled {
  Journalled() : pool(pg::PoolOptions{.conninfo = database.conninfo()}), journal("intake", {}) {
    Must(pg::Migrate(pool, migrations::eventlog()));
    Must(journal.Prepare(pool));
  }

  // Appends `count` events of as many reports.
  void Fill(int count) {
    constexpr int kAtOnce = 1000;
    for (int from = 0; from < count; from += kAtOnce) {
      Must(pool.Transact([&](pg::Tx& tx) {
        std::vector<eventlog::NewEvent> events(kAtOnce);
        for (eventlog::NewEvent& event : events) {
          event.event.set_subject(eventlog::NewUuid());
          event.event.mutable_report_submitted()->set_category("roads.regency");
          event.event.mutable_report_submitted()->set_region("32.73");
          event.event.mutable_report_submitted()->set_policy_version("2024.1");
        }
        return journal.Append(tx, Topic::kReport, {}, events);
      }));
    }
  }

  test::TestDatabase database;
  pg::Pool pool;
  eventlog::Journal journal;
};

double RelayRate(Journalled& journalled, const std::string& brokers, int max_batch_events, int count) {
  runtime::Metrics metrics;
  eventlog::RelayOptions options;
  options.brokers = brokers;
  options.max_batch_events = max_batch_events;
  eventlog::Relay relay(journalled.pool, journalled.journal, options, metrics);
  Must(relay.Round().status());  // connects, and asks whether the broker lost anything
  journalled.Fill(count);
  const absl::Time start = absl::Now();
  for (int sent = 0; sent < count;) sent += Must(relay.Round());
  return count / absl::ToDoubleSeconds(absl::Now() - start);
}

std::vector<Figure> Relay(const Settings& settings) {
  Journalled batched, single;
  test::TestBroker broker;
  for (Topic topic : {Topic::kReport, Topic::kAgency}) {
    broker.CreateTopic(NameOf(topic), batched.journal.partitioning().count(topic));
  }
  return {InPairs(
      {.name = "relay",
       .goal = ">= 10x of one event a round (stands in for a change-data-capture peer)",
       .unit = "events/s"},
      settings.pairs, [&] { return RelayRate(batched, broker.brokers(), 2000, 100'000); },
      [&] { return RelayRate(single, broker.brokers(), 1, 4'000); })};
}

// ---- projection ----

struct Projection {
  Projection() : pool(pg::PoolOptions{.conninfo = database.conninfo()}), journal("reporting", {}) {
    std::vector<pg::Migration> all = migrations::eventlog();
    all.insert(all.end(), migrations::reporting().begin(), migrations::reporting().end());
    Must(pg::Migrate(pool, all));
    Must(journal.Prepare(pool));
    executor = std::make_unique<reporting::ReportingExecutor>(
        pool, journal, clock, reporting::MakeAggregate(), eventlog::ExecutorOptions{.max_batch_items = 1000},
        nullptr);
  }

  // The next `count` events of a stream: submissions, verifications and assignments of ever new reports.
  std::vector<eventlog::Inbound> Next(int count) {
    std::vector<eventlog::Inbound> events;
    for (int i = 0; i < count; ++i) {
      if (step == 0) subject = eventlog::NewUuid();
      eventlog::Inbound& inbound = events.emplace_back();
      inbound.topic = Topic::kReport;
      inbound.partition = journal.partitioning().Of(Topic::kReport, subject);
      inbound.producer = "intake";
      inbound.position = ++positions[inbound.partition];
      inbound.kafka_offset = inbound.position - 1;
      inbound.subject = subject;
      inbound.decoded = true;
      event::v1::Event& event = inbound.event;
      event.set_subject(subject);
      event.set_producer("intake");
      event.set_partition(inbound.partition);
      event.set_position(inbound.position);
      switch (step) {
        case 0:
          event.mutable_report_submitted()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
          event.mutable_report_submitted()->set_region("32.73");
          break;
        case 1:
          event.mutable_report_verified()->set_region("32.73");
          break;
        default:
          event.mutable_agency_assigned()->set_agency_id("id.32.73");
          event.mutable_agency_assigned()->set_hop(1);
      }
      step = (step + 1) % 3;
    }
    return events;
  }

  double Rate(int chunk, int count) {
    std::vector<std::vector<eventlog::Inbound>> chunks;
    for (int done = 0; done < count; done += chunk) chunks.push_back(Next(chunk));
    const absl::Time start = absl::Now();
    for (auto& events : chunks) {
      if (!Must(executor->Apply(std::move(events))).empty())
        Must(absl::InternalError("a gap in the bench's own stream"));
    }
    return count / absl::ToDoubleSeconds(absl::Now() - start);
  }

  test::TestDatabase database;
  pg::Pool pool;
  eventlog::Journal journal;
  runtime::SystemClock clock;
  std::unique_ptr<reporting::ReportingExecutor> executor;
  std::map<int32_t, int64_t> positions;
  std::string subject;
  int step = 0;
};

std::vector<Figure> ProjectionFigure(const Settings& settings) {
  Projection batched, single;
  return {InPairs(
      {.name = "projection_batch_vs_single", .goal = ">= 20x", .unit = "events/s"}, settings.pairs,
      [&] { return batched.Rate(1000, 120'000); }, [&] { return single.Rate(1, 3'000); })};
}

// ---- lifecycle ----

// File, assign, resolve, search until resolved: the four steps of DIGIT PGR's own load test.
absl::Status Lifecycle(client::Session& session) {
  const rpc::Caller channel = *client::ParseCaller("channel"), triage = *client::ParseCaller("triage"),
                    officer = *client::ParseCaller("officer:id.32.73");
  const auto with_id = [](auto request) {
    request.set_request_id(eventlog::NewUuid());
    return request;
  };
  intake::v1::SubmitReportRequest file;
  file.mutable_report()->set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  file.mutable_report()->set_channel(report::v1::CHANNEL_WEB);
  file.mutable_report()->set_title("Jalan berlubang");
  file.mutable_report()->set_description("Lubang besar di tengah jalan depan pasar.");
  file.mutable_report()->set_category("roads.regency");
  file.mutable_report()->set_region("32.73");
  file.mutable_report()->set_anonymous(true);
  const auto filed = session.Call(&intake::v1::Intake::Stub::SubmitReport, with_id(file), channel);
  if (!filed.ok()) return filed.status();
  std::string id = filed->tracking_id();
  std::erase(id, '-');

  routing::v1::VerifyReportRequest verify;
  verify.set_report_id(id);
  *verify.add_not_before() = filed->token();
  const auto verified =
      session.CallUntilAnswered(&routing::v1::Routing::Stub::VerifyReport, with_id(verify), triage);
  if (!verified.ok()) return verified.status();
  routing::v1::AssignReportRequest assign;
  assign.set_report_id(id);
  assign.set_agency_id("id.32.73");
  const auto assigned =
      session.CallUntilAnswered(&routing::v1::Routing::Stub::AssignReport, with_id(assign), triage);
  if (!assigned.ok()) return assigned.status();

  followup::v1::RespondToCaseRequest resolve;
  resolve.set_report_id(id);
  resolve.set_kind(event::v1::RESPONSE_KIND_FINAL);
  resolve.set_text("Lubang sudah ditutup.");
  auto& photo = *resolve.add_evidence();
  photo.set_sha256("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  photo.set_size_bytes(183'220);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://lampiran.example.go.id/foto.jpg");
  *resolve.add_not_before() = assigned->token();
  const auto resolved =
      session.CallUntilAnswered(&followup::v1::Followup::Stub::RespondToCase, with_id(resolve), officer);
  if (!resolved.ok()) return resolved.status();

  intake::v1::GetReportRequest search;
  search.set_tracking_id(id);
  search.set_receipt_secret(filed->receipt_secret());
  *search.add_not_before() = resolved->token();
  const auto found = session.CallUntilAnswered(&intake::v1::Intake::Stub::GetReport, search);
  if (!found.ok()) return found.status();
  if (found->status() != report::v1::REPORT_STATUS_ANSWERED)
    return absl::InternalError("resolved, but not found so");
  return absl::OkStatus();
}

std::vector<Figure> Lifecycles(const Settings& settings) {
  auto session = Must(client::Session::Open(settings.session));
  Must(client::LoadRegistry(*session, settings.reference_dir).status());
  std::vector<double> rates, latencies_ms;
  for (int round = 0; round <= settings.pairs; ++round) {
    const absl::Time start = absl::Now();
    const absl::Time end = start + absl::Seconds(settings.seconds);
    std::vector<std::future<std::vector<double>>> citizens;
    for (int c = 0; c < settings.lifecycles_at_once; ++c) {
      citizens.push_back(std::async(std::launch::async, [&] {
        std::vector<double> took_ms;
        while (absl::Now() < end) {
          const absl::Time begun = absl::Now();
          Must(Lifecycle(*session));
          took_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - begun));
        }
        return took_ms;
      }));
    }
    size_t ended = 0;
    for (auto& citizen : citizens) {
      const std::vector<double> took_ms = citizen.get();
      ended += took_ms.size();
      if (round > 0) latencies_ms.insert(latencies_ms.end(), took_ms.begin(), took_ms.end());
    }
    if (round > 0) rates.push_back(static_cast<double>(ended) / absl::ToDoubleSeconds(absl::Now() - start));
  }
  return {{.name = "lifecycle",
           .goal = ">= 1,000 a second",
           .unit = "lifecycles/s",
           .ours = Median(rates),
           .pairs = settings.pairs,
           .p50_ms = Quantile(latencies_ms, 0.50),
           .p99_ms = Quantile(latencies_ms, 0.99)}};
}

// ---- triage ----

std::vector<Figure> Triage(const Settings& settings) {
  const auto session = Must(client::Session::Open(settings.session));
  return {Must(TriageDecisions(*session, settings.pairs, settings.seconds))};
}

// ---- duplicates ----

std::vector<Figure> DuplicateFigures(const Settings& settings) {
  return Duplicates(settings.policy_dir, settings.reference_dir, settings.pairs);
}

// ---- deadlines ----

std::vector<Figure> DeadlineFigures(const Settings& settings) {
  return Deadlines(settings.graphile_dir, settings.policy_dir, settings.reference_dir, settings.pairs);
}

// ---- suggestions ----

std::vector<Figure> Suggestions(const Settings& settings) {
  std::vector<Figure> figures = SuggestInProcess(settings.policy_dir, settings.reference_dir, settings.pairs);
  auto session = Must(client::Session::Open(settings.session));
  Must(client::LoadRegistry(*session, settings.reference_dir).status());
  figures.push_back(SuggestOverGrpc(*session, settings.policy_dir, settings.reference_dir));
  return figures;
}

}  // namespace
}  // namespace lapor::bench

int main(int argc, char** argv) {
  using namespace lapor::bench;
  CLI::App app(
      "Figures of lapor, as ratios to baselines run in turn; tests/bench/run.sh starts what they need");
  Settings settings;
  settings.session.AddTo(app);
  app.add_option("--one-tx-port", settings.one_tx_port, "of the peer that does one transaction a request");
  app.add_option("--pgbench-database", settings.pgbench_database, "with intake's schema, as libpq takes it");
  app.add_option("--out", settings.out, "the list of figures")->capture_default_str();
  app.add_option("--reference-dir", settings.reference_dir)->capture_default_str();
  app.add_option("--policy-dir", settings.policy_dir)->capture_default_str();
  app.add_option(
      "--graphile-dir", settings.graphile_dir,
      "tests/bench/graphile with its packages; without it, nothing is compared with graphile-worker");
  app.add_option("--pairs", settings.pairs, "rounds that count")->capture_default_str();
  app.add_option("--seconds", settings.seconds, "of one side of a round")->capture_default_str();
  app.add_option("--lifecycles-at-once", settings.lifecycles_at_once)->capture_default_str();
  std::vector<std::string> names;
  app.add_option("figures", names,
                 "intake, relay, projection, suggest, lifecycle, triage, duplicates, deadlines")
      ->required();
  CLI11_PARSE(app, argc, argv);

  const std::map<std::string, std::function<std::vector<Figure>(const Settings&)>> all = {
      {"intake", Intake},
      {"relay", Relay},
      {"projection", ProjectionFigure},
      {"suggest", Suggestions},
      {"lifecycle", Lifecycles},
      {"triage", Triage},
      {"duplicates", DuplicateFigures},
      {"deadlines", DeadlineFigures}};
  for (const std::string& name : names) {
    const auto figure = all.find(name);
    if (figure == all.end()) {
      std::cerr << "bench: there is no figure " << name << '\n';
      return 2;
    }
    Must(Write(settings.out, figure->second(settings)));
  }
  return 0;
}
