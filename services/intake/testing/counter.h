// The whole of intake but Kafka: its API over gRPC, on a database of its own. The clock stands still.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "lapor/intake/v1/intake.grpc.pb.h"
#include "libs/eventlog/executor.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/visibility.h"
#include "libs/pg/pool.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/responder.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/metrics.h"
#include "services/intake/api.h"
#include "tests/support/postgres.h"

namespace lapor::intake {

class Counter {
 public:
  struct Options {
    bool open_counter = true;
    AskResponses ask_responses = nullptr;  // none: there are no responses
    std::function<std::string()> draw_tracking_id = report::NewTrackingId;
    decltype(Aggregate::observe) observe = nullptr;
  };

  explicit Counter(Options options);
  Counter() : Counter(Options{}) {}
  ~Counter();

  v1::Intake::Stub& stub() { return *stub_; }
  const test::TestDatabase& database() const { return database_; }
  runtime::ManualClock& clock() { return clock_; }
  pg::Pool& pool() { return pool_; }
  // What identities are sealed with.
  static IdentityVault Vault();

  // A call's context with the token of such a caller.
  std::unique_ptr<grpc::ClientContext> As(report::v1::Role role, const std::string& agency_id = "",
                                          const std::string& subject = "someone") const;

  // Applies an event of another service, as its next in the report's partition, and gives the token to read
  // it by.
  report::v1::Token Receive(const std::string& tracking_id, event::v1::Event event);
  // The token that the next event of this service will have.
  report::v1::Token NextToken(const std::string& tracking_id, const std::string& producer) const;

 private:
  test::TestDatabase database_;
  runtime::ManualClock clock_;
  runtime::Metrics metrics_;
  pg::Pool pool_;
  eventlog::Journal journal_;
  eventlog::Visibility visibility_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<rpc::Authenticator> authenticator_;
  std::unique_ptr<rpc::Responder> responder_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::Intake::Stub> stub_;
  eventlog::Applied applied_;
};

// What a call came to.
template <class Request, class Response>
absl::StatusOr<Response> Ask(Counter& counter,
                             grpc::Status (v1::Intake::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                      Response*),
                             const Request& request, std::unique_ptr<grpc::ClientContext> context = nullptr) {
  if (context == nullptr) context = std::make_unique<grpc::ClientContext>();
  Response response;
  const absl::Status status = rpc::FromGrpc((counter.stub().*method)(context.get(), request, &response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace lapor::intake
