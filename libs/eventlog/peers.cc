#include "libs/eventlog/peers.h"

#include <CLI/App.hpp>
#include <utility>

#include "fmt/format.h"
#include "lapor/backbone/v1/backbone.grpc.pb.h"
#include "libs/rpc/status.h"
#include "libs/runtime/secret.h"

namespace lapor::eventlog {

void PeerOptions::AddTo(CLI::App& app) {
  app.add_option("--peer", addresses, "another service, as followup=host:port; may be given several times");
  app.add_option("--service-key-file", service_key_file,
                 "private key (PEM, EC P-256) by which this service proves itself to its peers");
  channel.AddTo(app);
}

absl::StatusOr<std::unique_ptr<Peers>> Peers::Make(const PeerOptions& options, const std::string& self,
                                                   runtime::Environment environment,
                                                   const runtime::Clock& clock) {
  auto key = runtime::Secret::ReadText("--service-key-file", options.service_key_file, environment);
  if (!key.ok()) return key.status();
  auto issuer = rpc::TokenIssuer::Make(*std::move(key), "lapor", "lapor");
  if (!issuer.ok()) return issuer.status();

  std::unique_ptr<Peers> peers(
      new Peers(options.channel, std::make_unique<rpc::ServiceToken>(*std::move(issuer), self, clock)));
  for (const std::string& peer : options.addresses) {
    const size_t equals = peer.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("--peer: '{}' is not service=host:port", peer));
    }
    auto channel = rpc::Connect(peer.substr(equals + 1), options.channel, environment);
    if (!channel.ok()) return channel.status();
    peers->channels_[peer.substr(0, equals)] = *std::move(channel);
  }
  return peers;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Peers::ChannelTo(const std::string& service) const {
  const auto channel = channels_.find(service);
  if (channel == channels_.end()) {
    return absl::FailedPreconditionError(fmt::format("--peer: no address of {} is configured", service));
  }
  return channel->second;
}

absl::Status Peers::Prepare(grpc::ClientContext& context, const std::string& traceparent) {
  const absl::StatusOr<std::string> token = token_->Get();
  if (!token.ok()) return token.status();
  rpc::OnOwnBehalf(*token, traceparent, options_, context);
  return absl::OkStatus();
}

void Peers::PrepareOnBehalfOf(const rpc::Call& call, grpc::ClientContext& context) const {
  rpc::OnBehalfOf(call, options_, context);
}

absl::StatusOr<std::vector<event::v1::Event>> Peers::ReadJournal(const Source& source, int64_t from) {
  auto channel = ChannelTo(source.producer);
  if (!channel.ok()) return channel.status();
  grpc::ClientContext context;
  if (const absl::Status status = Prepare(context, ""); !status.ok()) return status;

  backbone::v1::ReadJournalRequest request;
  request.set_topic(NameOf(source.topic));
  request.set_partition(source.partition);
  request.set_from_position(from);
  backbone::v1::ReadJournalResponse response;
  const auto stub = backbone::v1::Backbone::NewStub(*channel);
  const absl::Status status = rpc::FromGrpc(stub->ReadJournal(&context, request, &response));
  if (!status.ok()) return status;
  return std::vector<event::v1::Event>(std::make_move_iterator(response.mutable_events()->begin()),
                                       std::make_move_iterator(response.mutable_events()->end()));
}

}  // namespace lapor::eventlog
