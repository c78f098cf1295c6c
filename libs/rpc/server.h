#pragma once

#include <grpcpp/server.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/runtime/environment.h"

namespace CLI {
class App;
}

namespace lapor::rpc {

struct ServerOptions {
  // host:port; port 0 takes a free one.
  std::string address = "127.0.0.1:0";
  // PEM. Both are required unless `plaintext`.
  std::string tls_cert_file = {};
  std::string tls_key_file = {};
  // PEM; if given, only clients with a certificate of this authority may connect.
  std::string tls_client_ca_file = {};
  // Without TLS; Environment::kLocal only.
  bool plaintext = false;

  // A larger request is RESOURCE_EXHAUSTED, told by gRPC itself; leaves room for a text of 1 MB, which a
  // service then refuses by name and limit.
  int max_request_bytes = 1536 * 1024;
  // Of one call, names and values.
  int max_metadata_bytes = 16 * 1024;
  // Calls at a time on one connection; more wait at the client.
  int max_concurrent_streams = 1024;
  // What gRPC may hold in buffers for all connections.
  size_t max_buffer_bytes = 64 * 1024 * 1024;
  // After this a connection takes no new calls, so that clients spread over new instances; its calls have
  // `grace` to end.
  absl::Duration max_connection_age = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Minutes(5);
  // A silent connection is asked for a sign of life after this, and dropped without one after
  // `keepalive_timeout`.
  absl::Duration keepalive = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // How long the calls under way have to end when the server stops; then they are cancelled.
  absl::Duration stop_grace = absl::Seconds(10);

  void AddTo(CLI::App& app);
};

// A gRPC server with the health service (grpc.health.v1) and reflection. Thread-safe.
class Server {
 public:
  // Listens; NOT_SERVING in health until SetServing(true). The services must outlive this. kInvalidArgument,
  // naming the setting, for a wrong configuration; kUnavailable when the address can't be listened on.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       runtime::Environment environment,
                                                       const std::vector<grpc::Service*>& services);
  // As Stop.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What health answers to those who ask whether to send calls here.
  void SetServing(bool serving);

  // Takes no new calls, waits for those under way, at most options.stop_grace, cancels the rest, and returns
  // when every handler has answered. So stop the server before what its handlers work with.
  void Stop();

  int port() const { return port_; }

 private:
  Server(std::unique_ptr<grpc::Server> server, int port, absl::Duration stop_grace);

  std::unique_ptr<grpc::Server> server_;
  const int port_;
  const absl::Duration stop_grace_;
};

}  // namespace lapor::rpc
