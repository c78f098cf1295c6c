#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "libs/rpc/auth.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/responder.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/metrics.h"
#include "testdata/echo.grpc.pb.h"

namespace lapor::rpc {

using testdata::EchoRequest;
using testdata::EchoResponse;

// A service whose behaviour each test says.
class EchoService final
    : public RawService<testdata::Echo::WithCallbackMethod_Converse<testdata::Echo::Service>,
                        testdata::Echo::WithRawCallbackMethod_Read,
                        testdata::Echo::WithRawCallbackMethod_Write,
                        testdata::Echo::WithRawCallbackMethod_Follow> {
 public:
  explicit EchoService(Responder& responder) : responder_(responder) {}

  std::function<absl::StatusOr<EchoResponse>(const Call&, const EchoRequest&)> on_read;
  std::function<void(const Call&, const EchoRequest&, Done<EchoResponse>)> on_write;
  std::function<void(const Call&, const EchoRequest&, ItemDone<EchoRequest, EchoResponse>)> on_item;

  std::function<void(const EchoRequest&, const std::shared_ptr<Feed>&)> on_follow;

  // Of the call that arrived last; gone when it is finished.
  std::atomic<Context*> last_context = nullptr;

  Reactor* Read(Context* context, const Bytes* request, Bytes* response) override {
    last_context = context;
    return responder_.Read<EchoRequest, EchoResponse>(context, request, response, on_read);
  }
  Reactor* Write(Context* context, const Bytes* request, Bytes* response) override {
    last_context = context;
    return responder_.Write<EchoRequest, EchoResponse>(context, request, response, on_write);
  }
  grpc::ServerBidiReactor<EchoRequest, EchoResponse>* Converse(Context* context) override {
    last_context = context;
    return responder_.Converse<EchoRequest, EchoResponse>(context, on_item);
  }
  grpc::ServerWriteReactor<Bytes>* Follow(Context* context, const Bytes* request) override {
    last_context = context;
    return responder_.OpenFeed<EchoRequest>(context, request, on_follow);
  }

 private:
  Responder& responder_;
};

inline EchoResponse Said(const std::string& text) {
  EchoResponse response;
  response.set_text(text);
  return response;
}

inline EchoRequest Say(const std::string& text) {
  EchoRequest request;
  request.set_text(text);
  return request;
}

// Waits until `condition` holds, for 5 s at most.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

// The echo service behind TLS on a port of its own, and a channel to it.
struct Loopback {
  explicit Loopback(const ResponderOptions& responder_options = {}, ServerOptions server_options = {})
      : responder(responder_options, authenticator, metrics), service(responder) {
    server_options.tls_cert_file = SharedSecrets().Path("tls/server.crt");
    server_options.tls_key_file = SharedSecrets().Path("tls/server.key");
    server = Server::Start(server_options, runtime::Environment::kLocal, {&service}).value();
    channel_options.tls_ca_file = SharedSecrets().Path("tls/ca.crt");
    channel = Connect(address(), channel_options, runtime::Environment::kLocal).value();
    stub = testdata::Echo::NewStub(channel);
  }

  std::string address() const { return "localhost:" + std::to_string(server->port()); }

  // One call of Read; `prepare` may change the context.
  absl::StatusOr<EchoResponse> Read(const std::function<void(grpc::ClientContext&)>& prepare = {},
                                    const EchoRequest& request = {}) {
    grpc::ClientContext context;
    if (prepare) prepare(context);
    EchoResponse response;
    const grpc::Status status = stub->Read(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  absl::StatusOr<EchoResponse> Write(const std::function<void(grpc::ClientContext&)>& prepare = {},
                                     const EchoRequest& request = {}) {
    grpc::ClientContext context;
    if (prepare) prepare(context);
    EchoResponse response;
    const grpc::Status status = stub->Write(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  double Calls(const std::string& method, const std::string& code) {
    return metrics.Counter("lapor_rpc_calls_total", "Calls by answer", {{"method", method}, {"code", code}})
        .Value();
  }
  double OpenCalls(const std::string& method) {
    return metrics.Gauge("lapor_rpc_open_calls", "Calls not answered yet", {{"method", method}}).Value();
  }

  runtime::ManualClock clock{absl::FromUnixSeconds(1'735'700'000)};
  runtime::Metrics metrics;
  Authenticator authenticator{TokenVerifier::Load(SharedSecrets().Tokens()).value(), 100, clock};
  Responder responder;
  EchoService service;
  std::unique_ptr<Server> server;
  ChannelOptions channel_options;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<testdata::Echo::Stub> stub;
};

}  // namespace lapor::rpc
