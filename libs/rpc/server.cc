#include "libs/rpc/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/pem.h"
#include "libs/runtime/config.h"
#include "libs/runtime/secret.h"

namespace lapor::rpc {
namespace {

using runtime::Environment;

// A client may ask for a sign of life this often and no oftener.
constexpr absl::Duration kMinClientPing = absl::Seconds(20);

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(const ServerOptions& options,
                                                                     Environment environment) {
  if (options.plaintext) {
    if (environment == Environment::kLocal) return grpc::InsecureServerCredentials();
    return absl::InvalidArgumentError(
        "--plaintext: production speaks TLS only; give --tls-cert-file instead");
  }
  const auto cert = ReadCertificate("--tls-cert-file", options.tls_cert_file);
  if (!cert.ok()) return cert.status();
  const auto key = runtime::Secret::ReadText("--tls-key-file", options.tls_key_file, environment);
  if (!key.ok()) return key.status();

  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({std::string(key->bytes()), *cert});
  if (!options.tls_client_ca_file.empty()) {
    const auto client_ca = ReadCertificate("--tls-client-ca-file", options.tls_client_ca_file);
    if (!client_ca.ok()) return client_ca.status();
    tls.pem_root_certs = *client_ca;
    tls.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(tls);
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options.connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(kMinClientPing));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Two processes must not share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetResourceQuota(grpc::ResourceQuota("lapor").Resize(options.max_buffer_bytes));
  // Only reflection uses the synchronous API.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

}  // namespace

void ServerOptions::AddTo(CLI::App& app) {
  app.add_option("--address", address, "host:port to listen on")->capture_default_str();
  app.add_option("--tls-cert-file", tls_cert_file, "Certificate of the server, PEM")->type_name("FILE");
  app.add_option("--tls-key-file", tls_key_file, "Private key of the server, PEM")->type_name("FILE");
  app.add_option("--tls-client-ca-file", tls_client_ca_file,
                 "Authority that clients must have a certificate of, PEM")
      ->type_name("FILE");
  app.add_flag("--plaintext", plaintext, "Serve without TLS; local only");
  app.add_option("--max-request-bytes", max_request_bytes, "Of one message")
      ->check(CLI::Range(64 * 1024, 64 * 1024 * 1024))
      ->capture_default_str();
  app.add_option("--max-metadata-bytes", max_metadata_bytes, "Of one call")
      ->check(CLI::Range(8 * 1024, 1024 * 1024))
      ->capture_default_str();
  app.add_option("--max-concurrent-streams", max_concurrent_streams, "Calls at a time on one connection")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--max-buffer-bytes", max_buffer_bytes, "Of all connections")
      ->check(CLI::Range(size_t{16} << 20, size_t{16} << 30))
      ->capture_default_str();
  runtime::AddDuration(app, "--max-connection-age", max_connection_age,
                       "After which a connection takes no new calls");
  runtime::AddDuration(app, "--connection-age-grace", connection_age_grace, "In which its calls must end");
  runtime::AddDuration(app, "--keepalive", keepalive,
                       "After which a silent connection is asked for a sign of life");
  runtime::AddDuration(app, "--keepalive-timeout", keepalive_timeout,
                       "After which it is dropped without one");
  runtime::AddDuration(app, "--stop-grace", stop_grace, "In which calls must end when the process stops");
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Environment environment,
                                                      const std::vector<grpc::Service*>& services) {
  auto credentials = Credentials(options, environment);
  if (!credentials.ok()) return credentials.status();

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  int port = 0;
  builder.AddListeningPort(options.address, *std::move(credentials), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);

  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(fmt::format("--address: cannot listen on {}", options.address));
  }
  std::unique_ptr<Server> started(new Server(std::move(server), port, options.stop_grace));
  started->SetServing(false);
  return started;
}

Server::Server(std::unique_ptr<grpc::Server> server, int port, absl::Duration stop_grace)
    : server_(std::move(server)), port_(port), stop_grace_(stop_grace) {}

Server::~Server() { Stop(); }

void Server::SetServing(bool serving) { server_->GetHealthCheckService()->SetServingStatus(serving); }

void Server::Stop() {
  SetServing(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + stop_grace_));
  server_->Wait();
}

}  // namespace lapor::rpc
