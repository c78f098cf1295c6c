// A client's view of the suite: five services, and whom one calls them as. The command line, the simulation
// and the journeys of tests/e2e all speak through it, over gRPC only.
#pragma once

#include <grpcpp/client_context.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lapor/backbone/v1/backbone.grpc.pb.h"
#include "lapor/followup/v1/followup.grpc.pb.h"
#include "lapor/intake/v1/intake.grpc.pb.h"
#include "lapor/ombudsman/v1/ombudsman.grpc.pb.h"
#include "lapor/reporting/v1/reporting.grpc.pb.h"
#include "lapor/routing/v1/routing.grpc.pb.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"
#include "libs/rpc/token.h"
#include "libs/runtime/clock.h"

namespace lapor::client {

// The services in the order of their ports.
inline constexpr const char* kServices[] = {"intake", "routing", "followup", "ombudsman", "reporting"};

struct SessionOptions {
  std::string host = "localhost";
  // Of intake; the others follow.
  int port = 7400;
  // "service=host:port", where they don't.
  std::vector<std::string> addresses;
  // Where the local stack keeps its certificates, keys and clock; the files below default to those in it.
  std::string var = "var";
  std::string ca_file;
  // Signs the tokens of whom we act as; needed by officers' commands only.
  std::string token_key_file;
  // Instead of signing: a token that somebody issued.
  std::string token;
  // "none" for the machine's time whatever is in `var`.
  std::string clock_file;

  void AddTo(CLI::App& app);
  // Each is the file above or, without one, that in `var`.
  std::string CaFile() const;
  std::string TokenKeyFile() const;
  std::string ClockFile() const;
};

// "triage", "arbiter", "ombudsman", "operator", "monitor", "channel", or "officer:AGENCY",
// "agency_admin:AGENCY", "arbiter:AGENCY"; INVALID_ARGUMENT with what is missing, or with the list.
absl::StatusOr<rpc::Caller> ParseCaller(const std::string& text);

// The tokens of whom one acts as. Needs nothing but the key. Thread-safe.
class Signer {
 public:
  // A key that isn't there is no error yet; one that can't be read is.
  static absl::StatusOr<std::unique_ptr<Signer>> Open(const SessionOptions& options);

  // The token that was given or, for `caller`, one that is signed; FAILED_PRECONDITION without a key.
  absl::StatusOr<std::string> Token(const rpc::Caller& caller,
                                    absl::Duration lifetime = absl::Hours(24 * 30));

  // The machine's, or the simulated one of a stack that has it.

 private:
  explicit Signer(SessionOptions options) : options_(std::move(options)) {}

  const SessionOptions options_;
  std::optional<rpc::TokenIssuer> issuer_;

  struct Signed {
    std::string token;
    absl::Time renew_at;
  };
  std::mutex mutex_;
  std::map<std::string, Signed> tokens_;  // guarded by mutex_
};

// Thread-safe.
class Session {
 public:
  static absl::StatusOr<std::unique_ptr<Session>> Open(SessionOptions options);

  // One call, as nobody (a reporter) or as `caller`. The error is the service's own, with its BadInput.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const rpc::Caller& caller = {}) {
    return Call(Get<Stub>(), method, request, caller);
  }
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const rpc::Caller& caller) {
    grpc::ClientContext context;
    if (const absl::Status status = Prepare(context, caller); !status.ok()) return status;
    Response response;
    const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // The same, again and again while the service can't be reached or is overloaded, up to `limit`: safe
  // because requests are idempotent.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> CallUntilAnswered(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                          const Request&, Response*),
                                             const Request& request, const rpc::Caller& caller = {},
                                             absl::Duration limit = absl::Seconds(30)) {
    const absl::Time until = absl::Now() + limit;
    while (true) {
      absl::StatusOr<Response> response = Call(method, request, caller);
      if (response.ok() || !rpc::IsTransient(response.status()) || absl::Now() > until) return response;
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

  template <class Stub>
  Stub& Get() {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }
  backbone::v1::Backbone::Stub& Backbone(const std::string& service) { return *backbones_.at(service); }
  // The service that a stub speaks to, and where it is.
  template <class Stub>
  static const char* ServiceOf();
  const std::string& AddressOf(const std::string& service) const { return addresses_.at(service); }

  // For calls that Call doesn't cover, as streams.
  absl::Status Prepare(grpc::ClientContext& context, const rpc::Caller& caller);

  // The machine's, or the simulated one of a stack that has it.
  const runtime::Clock& clock() const { return *clock_; }
  const SessionOptions& options() const { return options_; }

 private:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  SessionOptions options_;
  rpc::ChannelOptions channel_options_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<runtime::Clock> clock_;
  std::tuple<std::unique_ptr<intake::v1::Intake::Stub>, std::unique_ptr<routing::v1::Routing::Stub>,
             std::unique_ptr<followup::v1::Followup::Stub>, std::unique_ptr<ombudsman::v1::Ombudsman::Stub>,
             std::unique_ptr<reporting::v1::Reporting::Stub>>
      stubs_;
  std::map<std::string, std::unique_ptr<backbone::v1::Backbone::Stub>> backbones_;
  std::map<std::string, std::string> addresses_;  // by service
};

template <class Stub>
const char* Session::ServiceOf() {
  if constexpr (std::is_same_v<Stub, intake::v1::Intake::Stub>) return "intake";
  if constexpr (std::is_same_v<Stub, routing::v1::Routing::Stub>) return "routing";
  if constexpr (std::is_same_v<Stub, followup::v1::Followup::Stub>) return "followup";
  if constexpr (std::is_same_v<Stub, ombudsman::v1::Ombudsman::Stub>) return "ombudsman";
  return "reporting";
}

}  // namespace lapor::client
