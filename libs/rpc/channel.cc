#include "libs/rpc/channel.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/pem.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/config.h"
#include "libs/runtime/secret.h"

namespace lapor::rpc {
namespace {

using runtime::Environment;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const ChannelOptions& options,
                                                                      Environment environment) {
  if (options.plaintext) {
    if (environment == Environment::kLocal) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError(
        "--client-plaintext: production speaks TLS only; give --client-tls-ca-file");
  }
  grpc::SslCredentialsOptions tls;
  auto ca = ReadCertificate("--client-tls-ca-file", options.tls_ca_file);
  if (!ca.ok()) return ca.status();
  tls.pem_root_certs = *std::move(ca);
  if (!options.tls_client_cert_file.empty()) {
    auto cert = ReadCertificate("--client-tls-cert-file", options.tls_client_cert_file);
    if (!cert.ok()) return cert.status();
    const auto key =
        runtime::Secret::ReadText("--client-tls-key-file", options.tls_client_key_file, environment);
    if (!key.ok()) return key.status();
    tls.pem_cert_chain = *std::move(cert);
    tls.pem_private_key = std::string(key->bytes());
  }
  return grpc::SslCredentials(tls);
}

void Prepare(const std::string& token, const std::string& traceparent, absl::Time deadline,
             grpc::ClientContext& context) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  context.AddMetadata("traceparent", traceparent);
  context.set_deadline(absl::ToChronoTime(deadline));
}

}  // namespace

void ChannelOptions::AddTo(CLI::App& app) {
  app.add_option("--client-tls-ca-file", tls_ca_file,
                 "Authority of the certificates of servers that we call, PEM")
      ->type_name("FILE");
  app.add_option("--client-tls-cert-file", tls_client_cert_file,
                 "Our certificate for servers that ask for one, PEM")
      ->type_name("FILE");
  app.add_option("--client-tls-key-file", tls_client_key_file, "Its private key, PEM")->type_name("FILE");
  app.add_flag("--client-plaintext", plaintext, "Call without TLS; local only");
  runtime::AddDuration(app, "--client-deadline", call_deadline, "Of a call that we make");
  runtime::AddDuration(app, "--client-keepalive", keepalive,
                       "After which a silent connection is asked for a sign of life");
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                       const ChannelOptions& options,
                                                       Environment environment) {
  auto credentials = Credentials(options, environment);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(options.keepalive)));
  return grpc::CreateCustomChannel(address, *std::move(credentials), arguments);
}

void OnBehalfOf(const Call& call, const ChannelOptions& options, grpc::ClientContext& context) {
  Prepare(call.token, NextSpan(call.traceparent),
          std::min(call.deadline, absl::Now() + options.call_deadline), context);
}

void OnOwnBehalf(const std::string& token, const std::string& traceparent, const ChannelOptions& options,
                 grpc::ClientContext& context) {
  Prepare(token, NextSpan(traceparent), absl::Now() + options.call_deadline, context);
}

ServiceToken::ServiceToken(TokenIssuer issuer, std::string service, const runtime::Clock& clock,
                           absl::Duration lifetime)
    : issuer_(std::move(issuer)),
      caller_{std::move(service), report::v1::ROLE_SERVICE, ""},
      clock_(clock),
      lifetime_(lifetime) {}

absl::StatusOr<std::string> ServiceToken::Get() {
  const std::lock_guard lock(mutex_);
  const absl::Time now = clock_.Now();
  if (now >= renew_at_) {
    auto token = issuer_.Mint(caller_, now, lifetime_);
    if (!token.ok()) return token.status();
    token_ = *std::move(token);
    renew_at_ = now + lifetime_ / 2;
  }
  return token_;
}

}  // namespace lapor::rpc
