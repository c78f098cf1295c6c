#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"
#include "libs/rpc/token.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/environment.h"

namespace CLI {
class App;
}

namespace lapor::rpc {

// How this process calls others.
struct ChannelOptions {
  // PEM; the authority of the servers' certificates. Required unless `plaintext`.
  std::string tls_ca_file;
  // PEM; for servers that ask for a certificate.
  std::string tls_client_cert_file;
  std::string tls_client_key_file;
  // Without TLS; Environment::kLocal only.
  bool plaintext = false;
  // Of a call that is made; a shorter one of the call that it is made for counts.
  absl::Duration call_deadline = absl::Seconds(5);
  // A silent connection is asked for a sign of life after this.
  absl::Duration keepalive = absl::Seconds(30);

  // As --client-..., since a server has flags of its own for TLS.
  void AddTo(CLI::App& app);
};

// A channel to "host:port". It connects by itself and again after a loss. kInvalidArgument naming the
// setting.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                       const ChannelOptions& options,
                                                       runtime::Environment environment);

// Prepares `context` for a call on behalf of the caller of `call`: with their token, in their trace, and not
// beyond their deadline.
void OnBehalfOf(const Call& call, const ChannelOptions& options, grpc::ClientContext& context);

// Prepares `context` for a call of our own. `token` may be empty; an empty `traceparent` starts a trace.
//
// The token is plain metadata rather than gRPC's call credentials: those cost a callback each call, and do
// not go over a connection without TLS, which Connect allows locally and only there.
void OnOwnBehalf(const std::string& token, const std::string& traceparent, const ChannelOptions& options,
                 grpc::ClientContext& context);

// A service's own token, minted when asked for and again when half its life is over. Thread-safe.
class ServiceToken {
 public:
  // `service` is "intake". `clock` is the one that authenticators go by, the machine's; it must outlive this.
  ServiceToken(TokenIssuer issuer, std::string service, const runtime::Clock& clock,
               absl::Duration lifetime = absl::Minutes(30));

  absl::StatusOr<std::string> Get();

 private:
  const TokenIssuer issuer_;
  const Caller caller_;
  const runtime::Clock& clock_;
  const absl::Duration lifetime_;

  std::mutex mutex_;
  std::string token_;                           // guarded by mutex_
  absl::Time renew_at_ = absl::InfinitePast();  // guarded by mutex_
};

}  // namespace lapor::rpc
