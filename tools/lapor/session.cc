#include "tools/lapor/session.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"
#include "libs/runtime/secret.h"

namespace lapor::client {
namespace {

constexpr absl::Duration kTokenLifetime = absl::Hours(24 * 30);

}  // namespace

void SessionOptions::AddTo(CLI::App& app) {
  const char* local = std::getenv("LAPOR_VAR");
  var = local != nullptr ? local : "var";
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

std::string SessionOptions::ClockFile() const {
  return clock_file.empty() ? (std::filesystem::path(var) / "clock").string() : clock_file;
}

absl::StatusOr<rpc::Caller> ParseCaller(const std::string& text) {
  const size_t colon = text.find(':');
  rpc::Caller caller;
  caller.role = rpc::RoleOf(text.substr(0, colon));
  if (colon != std::string::npos) caller.agency_id = text.substr(colon + 1);
  const bool needs_agency =
      caller.role == report::v1::ROLE_OFFICER || caller.role == report::v1::ROLE_AGENCY_ADMIN;
  if (caller.role == report::v1::ROLE_UNSPECIFIED || (needs_agency && caller.agency_id.empty())) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}': act as triage, arbiter, ombudsman, operator, monitor, analyst, channel, officer:AGENCY, "
        "agency_admin:AGENCY or arbiter:AGENCY",
        text));
  }
  caller.subject = text;
  return caller;
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(SessionOptions options) {
  const auto in_var = [&](std::string& file, const char* name) {
    if (file.empty()) file = (std::filesystem::path(options.var) / name).string();
  };
  in_var(options.ca_file, "tls/ca.crt");
  in_var(options.token_key_file, "secrets/token.key");
  options.clock_file = options.ClockFile();
  if (!std::filesystem::exists(options.ca_file)) {
    return absl::FailedPreconditionError(fmt::format(
        "--ca-file: there is no {}, so no suite was ever started here; start one with `make demo`, "
        "or name the certificate authority of another one",
        options.ca_file));
  }

  std::unique_ptr<Session> session(new Session(std::move(options)));
  const SessionOptions& chosen = session->options_;
  session->channel_options_.tls_ca_file = chosen.ca_file;
  session->channel_options_.call_deadline = absl::Seconds(10);

  if (std::filesystem::exists(chosen.clock_file)) {
    auto clock = runtime::SimulatedClock::Open(chosen.clock_file);
    if (!clock.ok()) return clock.status();
    session->clock_ = *std::move(clock);
  } else {
    session->clock_ = std::make_unique<runtime::SystemClock>();
  }

  if (std::filesystem::exists(chosen.token_key_file)) {
    auto key =
        runtime::Secret::ReadText("--token-key-file", chosen.token_key_file, runtime::Environment::kLocal);
    if (!key.ok()) return key.status();
    auto issuer = rpc::TokenIssuer::Make(*std::move(key), "lapor", "lapor");
    if (!issuer.ok()) return issuer.status();
    session->issuer_ = *std::move(issuer);
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
    absl::StatusOr<std::string> signed_token = Token(caller, kTokenLifetime);
    if (!signed_token.ok()) return signed_token.status();
    token = *std::move(signed_token);
  }
  rpc::OnOwnBehalf(token, "", channel_options_, context);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Session::Token(const rpc::Caller& caller, absl::Duration lifetime) {
  if (!options_.token.empty()) return options_.token;
  if (!issuer_) {
    return absl::FailedPreconditionError(
        fmt::format("--token-key-file: there is no {}; give --token, or start a local stack with make demo",
                    options_.token_key_file));
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

}  // namespace lapor::client
