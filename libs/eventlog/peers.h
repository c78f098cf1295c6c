// The other services, as this one calls them: for what their journals have when the broker has lost it, and
// for words that only their owner keeps.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lapor/event/v1/event.pb.h"
#include "libs/eventlog/inbox.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"

namespace lapor::eventlog {

struct PeerOptions {
  // "service=host:port", one each.
  std::vector<std::string> addresses;
  rpc::ChannelOptions channel;
  // The private key (PEM) that proves to peers that a call is a service's own.
  std::string service_key_file;

  void AddTo(CLI::App& app);
};

// Thread-safe. Connections are made when they are first used, and again after a loss.
class Peers {
 public:
  // INVALID_ARGUMENT naming the setting. `clock` outlives this.
  static absl::StatusOr<std::unique_ptr<Peers>> Make(const PeerOptions& options, const std::string& self,
                                                     runtime::Environment environment,
                                                     const runtime::Clock& clock);

  // The channel to a service; FAILED_PRECONDITION when --peer doesn't name it.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& service) const;

  // Prepares a call of this service's own.
  absl::Status Prepare(grpc::ClientContext& context, const std::string& traceparent);

  // Prepares a call on behalf of the caller of `call`: with their token, so that the peer decides what they
  // may read; in their trace, and not beyond their deadline.
  void PrepareOnBehalfOf(const rpc::Call& call, grpc::ClientContext& context) const;

  // A page of the journal of `source.producer` from position `from` on. OUT_OF_RANGE when it no longer has
  // it.
  absl::StatusOr<std::vector<event::v1::Event>> ReadJournal(const Source& source, int64_t from);

 private:
  Peers(rpc::ChannelOptions options, std::unique_ptr<rpc::ServiceToken> token)
      : options_(std::move(options)), token_(std::move(token)) {}

  const rpc::ChannelOptions options_;
  const std::unique_ptr<rpc::ServiceToken> token_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace lapor::eventlog
