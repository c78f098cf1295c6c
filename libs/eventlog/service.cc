#include "libs/eventlog/service.h"

#include <CLI/App.hpp>

#include "fmt/format.h"
#include "libs/eventlog/history.h"
#include "libs/kafka/log.h"
#include "libs/runtime/log.h"
#include "migrations/eventlog.h"

namespace lapor::eventlog {
namespace {

absl::StatusOr<std::map<std::string, std::string>> ParseProperties(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> properties;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("--kafka-property: '{}' is not name=value", text));
    }
    properties[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return properties;
}

void LogKafka(kafka::Severity severity, const std::string& text) {
  switch (severity) {
    case kafka::Severity::kDebug:
      return runtime::Log(runtime::Level::kDebug, "kafka.client", {{"text", text}});
    case kafka::Severity::kInfo:
      return runtime::Log(runtime::Level::kInfo, "kafka.client", {{"text", text}});
    case kafka::Severity::kWarning:
    case kafka::Severity::kError:  // of a connection, mostly; what it means to us is logged by who asked
      return runtime::Log(runtime::Level::kWarning, "kafka.client", {{"text", text}});
  }
}

}  // namespace

void ServiceOptions::AddTo(CLI::App& app) {
  app.add_option("--database", database, "this service's own PostgreSQL database, as libpq takes it")
      ->required();
  app.add_option("--database-connections", database_connections, "connections at most")
      ->capture_default_str()
      ->check(CLI::Range(4, 200));
  app.add_option("--brokers", brokers, "Kafka, as host:port,host:port")->required();
  app.add_option("--kafka-property", kafka_properties,
                 "a setting of librdkafka, as name=value (TLS, SASL); may be given several times");
  app.add_option("--report-partitions", partitioning.report,
                 "partitions of lapor.report.v1; the same in every service, for ever")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--max-batch-items", executor.max_batch_items, "commands of one transaction")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--max-waiting-requests", executor.max_waiting_requests,
                 "requests that may wait for a transaction; more are refused at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  runtime::AddDuration(app, "--due-scan-interval", due_scan.interval, "how late a deadline may fire");
  runtime::AddDuration(app, "--journal-retention", relay.retention, "how long events stay in the journal");
  peers.AddTo(app);
  tokens.AddTo(app);
  responder.AddTo(app);
  server.AddTo(app);
}

Service::Service(std::string name, std::string description)
    : process_(std::move(name), std::move(description)) {
  options_.AddTo(process_.options());
}

int Service::Run(int argc, const char* const* argv, const std::function<absl::Status(Service&)>& start) {
  return process_.Run(argc, argv, [&](runtime::Process&) {
    absl::Status status = Connect();
    if (status.ok()) status = start(*this);
    if (status.ok()) status = StartServer();
    return status;
  });
}

absl::Status Service::Connect() {
  kafka::SetLogSink(LogKafka);
  auto properties = ParseProperties(options_.kafka_properties);
  if (!properties.ok()) return properties.status();
  options_.relay.brokers = options_.consumer.brokers = options_.brokers;
  options_.relay.kafka_properties = options_.consumer.kafka_properties = *std::move(properties);
  options_.consumer.name = process_.name();
  options_.consumer.producers = {std::begin(kProducers), std::end(kProducers)};

  pool_ = std::make_unique<pg::Pool>(pg::PoolOptions{.conninfo = options_.database,
                                                     .application_name = "lapor-" + process_.name(),
                                                     .max_connections = options_.database_connections});
  journal_ = std::make_unique<Journal>(process_.name(), options_.partitioning);
  auto peers = Peers::Make(options_.peers, process_.name(), process_.environment(), machine_clock_);
  if (!peers.ok()) return peers.status();
  peers_ = *std::move(peers);
  auto verifier = rpc::TokenVerifier::Load(options_.tokens);
  if (!verifier.ok()) return verifier.status();
  authenticator_ = std::make_unique<rpc::Authenticator>(*std::move(verifier),
                                                        options_.tokens.max_cached_tokens, machine_clock_);
  responder_ = std::make_unique<rpc::Responder>(options_.responder, *authenticator_, process_.metrics());
  visibility_ = std::make_unique<Visibility>(*pool_, process_.name());
  process_.OnStop("visibility", [this] { visibility_.reset(); });
  return absl::OkStatus();
}

absl::Status Service::PrepareDatabase(const std::vector<pg::Migration>& migrations) {
  std::vector<pg::Migration> all = migrations::eventlog();
  all.insert(all.end(), migrations.begin(), migrations.end());
  if (const absl::Status status = pg::Migrate(*pool_, all); !status.ok()) return status;
  return journal_->Prepare(*pool_);
}

void Service::StartRelay() {
  relay_ = std::make_unique<Relay>(*pool_, *journal_, options_.relay, process_.metrics());
  relay_->Start();
  process_.OnStop("relay", [this] { relay_->Stop(); });
}

void Service::StartDueScan(std::vector<DueScan::Fire> lanes) {
  due_scan_ = std::make_unique<DueScan>(
      *pool_, clock(), options_.due_scan,
      [this](const std::string& report_id) {
        return consumer_->HasHeard(journal_->partitioning().Of(Topic::kReport, report_id));
      },
      journal_->partitioning(), std::move(lanes));
  process_.OnStop("due scan", [this] { due_scan_->Stop(); });
  if (recount_ == nullptr) return due_scan_->Start();
  recount_->Start([this] { due_scan_->Start(); });
  process_.OnStop("recount", [this] { recount_->Stop(); });
}

void Service::StartConsumer(Consumer::Apply apply) {
  consumer_ = std::make_unique<Consumer>(
      *pool_, options_.consumer, std::move(apply),
      [this](const Source& source, int64_t from) { return peers_->ReadJournal(source, from); },
      process_.metrics());
  consumer_->Start();
  process_.OnStop("consumer", [this] {
    std::lock_guard lock(consumer_mutex_);
    consumer_->Stop();
  });
}

absl::Status Service::WithoutConsumer(const std::function<absl::Status()>& body) {
  std::lock_guard lock(consumer_mutex_);
  consumer_->Stop();
  const absl::Status status = body();
  visibility_->Forget();  // the inbox may stand where it stood long ago
  consumer_->Start();
  return status;
}

absl::Status Service::CheckHistory() {
  Applied applied;
  const absl::Status read = pool_->Read([&](pg::Tx& tx) {
    applied = Inbox::All(tx);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return eventlog::CheckHistory(
      options_.consumer,
      [this](const Source& source, int64_t from) { return peers_->ReadJournal(source, from); }, applied);
}

absl::Status Service::StartServer() {
  apis_.push_back(std::make_unique<BackboneApi>(*pool_, *journal_, *responder_, release_));
  std::vector<grpc::Service*> services;
  for (const auto& api : apis_) services.push_back(api.get());
  auto server = rpc::Server::Start(options_.server, process_.environment(), services);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  process_.OnStop("server", [this] {
    responder_->EndFeeds();
    server_->Stop();
    responder_->Stop();
  });
  server_->SetServing(true);
  return absl::OkStatus();
}

void Service::OnCommit(const Applied& applied) {
  visibility_->Advance(applied);
  relay_->Wake();
}

}  // namespace lapor::eventlog
