#include "tools/lapor/session.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "libs/runtime/secret.h"

namespace lapor::client {
namespace {

constexpr absl::Duration kTokenLifetime = absl::Hours(24 * 30);

std::string Or(const std::string& file, const std::string& var, const char* name) {
  return file.empty() ? (std::filesystem::path(var) / name).string() : file;
}

// Most who read it stand in another folder than the one where they started the suite.
std::string Elsewhere(const std::string& flag, const std::string& file) {
  return fmt::format(
      "{}: there is no {}; go to the folder in which the suite was started, or name that folder's var with "
      "--var "
      "or LAPOR_VAR; `make demo` starts a suite",
      flag, file);
}

}  // namespace

void SessionOptions::AddTo(CLI::App& app) {
  if (const char* local = std::getenv("LAPOR_VAR")) var = local;
  const auto add = [&](const char* flag, auto& value, const char* type, const char* what) {
    return app.add_option(flag, value, what)->type_name(type)->group("Where the suite is");
  };
  add("--host", host, "HOST", "where the services are")->envname("LAPOR_HOST")->capture_default_str();
  add("--port", port, "PORT", "of intake; routing, followup, ombudsman and reporting follow")
      ->envname("LAPOR_PORT")
      ->capture_default_str();
  add("--at", addresses, "SERVICE=HOST:PORT", "a service that is elsewhere; may be given several times");
  add("--var", var, "FOLDER", "the local stack's folder, for its certificates, keys and clock; LAPOR_VAR")
      ->capture_default_str();
  add("--ca-file", ca_file, "FILE", "authority of the services' certificates, PEM [VAR/tls/ca.crt]");
  add("--token-key-file", token_key_file, "FILE",
      "key that signs the tokens of whom you act as, PEM [VAR/secrets/token.key]");
  add("--token", token, "TOKEN", "a token that you were given, instead of signing one")
      ->envname("LAPOR_TOKEN");
  add("--clock-file", clock_file, "FILE",
      "simulated time of a local stack; none for the machine's [VAR/clock, if it is there]");
}

std::string SessionOptions::CaFile() const { return Or(ca_file, var, "tls/ca.crt"); }
std::string SessionOptions::TokenKeyFile() const { return Or(token_key_file, var, "secrets/token.key"); }
std::string SessionOptions::ClockFile() const { return Or(clock_file, var, "clock"); }

absl::StatusOr<rpc::Caller> ParseCaller(const std::string& text) {
  // What tells accounts of one role apart comes last, after @.
  const std::string who = text.substr(0, text.find('@'));
  const size_t colon = who.find(':');
  rpc::Caller caller;
  caller.role = rpc::RoleOf(who.substr(0, colon));
  if (colon != std::string::npos) caller.agency_id = who.substr(colon + 1);
  const bool needs_agency =
      caller.role == report::v1::ROLE_OFFICER || caller.role == report::v1::ROLE_AGENCY_ADMIN;
  if (needs_agency && caller.agency_id.empty()) {
    const std::string role = rpc::RoleName(caller.role);
    return absl::InvalidArgumentError(
        fmt::format("{} needs an agency: {}:AGENCY, as {}:id.32.73.dpupr", role, role, role));
  }
  if (caller.role == report::v1::ROLE_UNSPECIFIED) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}': act as triage, arbiter, ombudsman, operator, monitor, analyst, channel, officer:AGENCY, "
        "agency_admin:AGENCY or arbiter:AGENCY; one of several of them with @ and a name of the account "
        "behind it",
        text));
  }
  caller.subject = text;
  return caller;
}

absl::StatusOr<std::unique_ptr<Signer>> Signer::Open(const SessionOptions& options) {
  std::unique_ptr<Signer> signer(new Signer(options));
  if (const std::string file = options.TokenKeyFile(); std::filesystem::exists(file)) {
    auto key = runtime::Secret::ReadText("--token-key-file", file, runtime::Environment::kLocal);
    if (!key.ok()) return key.status();
    auto issuer = rpc::TokenIssuer::Make(*std::move(key), "lapor", "lapor");
    if (!issuer.ok()) return issuer.status();
    signer->issuer_ = *std::move(issuer);
  }
  return signer;
}

absl::StatusOr<std::string> Signer::Token(const rpc::Caller& caller, absl::Duration lifetime) {
  if (!options_.token.empty()) return options_.token;
  if (!issuer_) {
    return absl::FailedPreconditionError(Elsewhere("--token-key-file", options_.TokenKeyFile()) +
                                         "; whom a suite elsewhere has given a token says it with --token");
  }
  const absl::Time now = absl::Now();  // the machine's, by which services look at tokens
  std::lock_guard lock(mutex_);
  Signed& known = tokens_[caller.subject + ' ' + rpc::RoleName(caller.role) + ' ' + caller.agency_id];
  if (known.token.empty() || now >= known.renew_at || lifetime != kTokenLifetime) {
    auto token = issuer_->Mint(caller, now, lifetime);
    if (!token.ok()) return token.status();
    known = {*std::move(token), now + lifetime / 2};
  }
  return known.token;
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(SessionOptions options) {
  options.ca_file = options.CaFile();
  options.token_key_file = options.TokenKeyFile();
  options.clock_file = options.ClockFile();
  if (!std::filesystem::exists(options.ca_file)) {
    return absl::FailedPreconditionError(Elsewhere("--ca-file", options.ca_file));
  }

  std::unique_ptr<Session> session(new Session(std::move(options)));
  const SessionOptions& chosen = session->options_;
  session->channel_options_.tls_ca_file = chosen.ca_file;
  session->channel_options_.call_deadline = absl::Seconds(10);

  auto signer = Signer::Open(chosen);
  if (!signer.ok()) return signer.status();
  session->signer_ = *std::move(signer);

  if (std::filesystem::exists(chosen.clock_file)) {
    auto clock = runtime::SimulatedClock::Open(chosen.clock_file);
    if (!clock.ok()) return clock.status();
    session->clock_ = *std::move(clock);
  } else {
    session->clock_ = std::make_unique<runtime::SystemClock>();
  }

  std::map<std::string, std::string>& addresses = session->addresses_;
  int port = chosen.port;
  for (const char* service : kServices) addresses[service] = fmt::format("{}:{}", chosen.host, port++);
  for (const std::string& address : chosen.addresses) {
    const size_t equals = address.find('=');
    if (equals == std::string::npos || !addresses.contains(address.substr(0, equals))) {
      return absl::InvalidArgumentError(fmt::format("--at: '{}' is not service=host:port", address));
    }
    addresses[address.substr(0, equals)] = address.substr(equals + 1);
  }
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  for (const auto& [service, address] : addresses) {
    auto channel = rpc::Connect(address, session->channel_options_, runtime::Environment::kLocal);
    if (!channel.ok()) return channel.status();
    session->backbones_[service] = backbone::v1::Backbone::NewStub(*channel);
    channels[service] = *std::move(channel);
  }
  session->stubs_ = {intake::v1::Intake::NewStub(channels["intake"]),
                     routing::v1::Routing::NewStub(channels["routing"]),
                     followup::v1::Followup::NewStub(channels["followup"]),
                     ombudsman::v1::Ombudsman::NewStub(channels["ombudsman"]),
                     reporting::v1::Reporting::NewStub(channels["reporting"])};
  return session;
}

absl::Status Session::Prepare(grpc::ClientContext& context, const rpc::Caller& caller) {
  std::string token;
  if (!caller.anonymous()) {
    absl::StatusOr<std::string> signed_token = signer_->Token(caller, kTokenLifetime);
    if (!signed_token.ok()) return signed_token.status();
    token = *std::move(signed_token);
  }
  rpc::OnOwnBehalf(token, "", channel_options_, context);
  return absl::OkStatus();
}

}  // namespace lapor::client
