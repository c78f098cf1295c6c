// What every service of lapor is made of, so that its main says only what is its own:
//
//   int main(int argc, char** argv) {
//     eventlog::Service service("followup", "Cases of the accountable agencies");
//     policy::Directories directories;
//     directories.AddTo(service.options());
//     return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
//       auto policy = policy::Policy::Load(...);
//       if (!policy.ok()) return policy.status();
//       auto* executor = s.StartBackbone(migrations::followup(), followup::MakeAggregate(*policy));
//       ...
//       s.Serve(std::make_unique<followup::Api>(s, *executor));
//       return absl::OkStatus();
//     });
//   }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/eventlog/backbone_api.h"
#include "libs/eventlog/consumer.h"
#include "libs/eventlog/due_scan.h"
#include "libs/eventlog/executor.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/peers.h"
#include "libs/eventlog/recount.h"
#include "libs/eventlog/relay.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/responder.h"
#include "libs/rpc/server.h"
#include "libs/runtime/process.h"

namespace lapor::eventlog {

struct ServiceOptions {
  std::string database;  // libpq conninfo
  int database_connections = 12;
  std::string brokers;
  std::vector<std::string> kafka_properties;  // name=value
  Partitioning partitioning;
  ExecutorOptions executor;
  RelayOptions relay;
  ConsumerOptions consumer;
  DueScanOptions due_scan;
  PeerOptions peers;
  rpc::TokenOptions tokens;
  rpc::ResponderOptions responder;
  rpc::ServerOptions server;

  void AddTo(CLI::App& app);
};

class Service {
 public:
  Service(std::string name, std::string description);

  // Where a service adds settings of its own, before Run.
  CLI::App& options() { return process_.options(); }

  // The process: connects, calls `start`, serves until it is told to stop, stops in order. Gives the exit
  // code.
  int Run(int argc, const char* const* argv, const std::function<absl::Status(Service&)>& start);

  // From `start`, once: brings the schema up to date, and starts the executor, the relay, the consumer and,
  // after the recount, the due scan over this aggregate. The executor lives as long as the service.
  template <class A>
  absl::StatusOr<Executor<A>*> StartBackbone(const std::vector<pg::Migration>& migrations, A aggregate) {
    if (const absl::Status status = PrepareDatabase(migrations); !status.ok()) return status;
    const bool has_deadlines = aggregate.on_deadline != nullptr;
    const auto recounting = aggregate.recounting;
    options_.consumer.topics = {Topic::kReport};
    if (aggregate.keep != nullptr) options_.consumer.topics.push_back(Topic::kAgency);
    const auto new_executor = [&] {
      auto started = std::make_shared<Executor<A>>(pool(), journal(), clock(), aggregate, options_.executor,
                                                   [this](const Applied& applied) { OnCommit(applied); });
      process_.OnStop("executor", [started] { started->Stop(); });
      return started;
    };
    StartRelay();
    const auto executor = new_executor();
    StartConsumer([executor](std::vector<Inbound> events) { return executor->Apply(std::move(events)); });
    if (recounting) {
      recount_ = std::make_unique<Recount>(
          pool(), recounting->calendar_digest, RecountOptions(), recounting->running,
          [executor, command = recounting->recount](std::vector<std::string> subjects) {
            std::vector<typename Executor<A>::Order> orders;
            for (std::string& subject : subjects) orders.push_back({std::move(subject), command});
            return executor->Do(std::move(orders));
          });
    }
    if (has_deadlines) {
      // By executors of their own, so that requests don't wait behind a million of deadlines.
      std::vector<DueScan::Fire> lanes;
      for (int lane = 0; lane < options_.due_scan.lanes; ++lane) {
        lanes.emplace_back(
            [firing = new_executor()](std::vector<Deadline> due) { return firing->Fire(std::move(due)); });
      }
      StartDueScan(std::move(lanes));
    }
    release_ = [executor](int64_t id, const std::optional<std::string>& reason) {
      return executor->Release(id, reason);
    };
    return executor.get();
  }

  // From `start`: an API to serve, as soon as `start` has returned OK.
  void Serve(std::unique_ptr<grpc::Service> api) { apis_.push_back(std::move(api)); }

  // Stops consuming, runs `body`, and consumes on from where the inbox then stands.
  absl::Status WithoutConsumer(const std::function<absl::Status()>& body);

  // Whether this service could read its streams again from their beginning; as CheckHistory.
  absl::Status CheckHistory();

  // These hold from `start` on. All are thread-safe.
  runtime::Process& process() { return process_; }
  const runtime::Clock& clock() const { return process_.clock(); }
  pg::Pool& pool() { return *pool_; }
  const Journal& journal() const { return *journal_; }
  Relay& relay() { return *relay_; }
  Visibility& visibility() { return *visibility_; }
  Peers& peers() { return *peers_; }
  rpc::Responder& responder() { return *responder_; }

 private:
  absl::Status Connect();
  absl::Status PrepareDatabase(const std::vector<pg::Migration>& migrations);
  void StartRelay();
  void StartDueScan(std::vector<DueScan::Fire> lanes);
  void StartConsumer(Consumer::Apply apply);
  absl::Status StartServer();
  void OnCommit(const Applied& applied);

  runtime::Process process_;
  ServiceOptions options_;
  const runtime::SystemClock machine_clock_;  // for tokens, whatever time is simulated

  std::unique_ptr<pg::Pool> pool_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<Visibility> visibility_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<DueScan> due_scan_;
  std::unique_ptr<Recount> recount_;
  std::mutex consumer_mutex_;
  std::unique_ptr<Consumer> consumer_;
  BackboneApi::Release release_;

  std::unique_ptr<rpc::Authenticator> authenticator_;
  std::unique_ptr<rpc::Responder> responder_;
  std::vector<std::unique_ptr<grpc::Service>> apis_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace lapor::eventlog
