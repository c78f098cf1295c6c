#include "tools/lapor/health.h"

#include <catch2/catch.hpp>

#include "fmt/format.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/local_secrets.h"

namespace lapor::client {
namespace {

TEST_CASE("a server is healthy when it serves; when it doesn't, or is gone, the reason is told") {
  const rpc::LocalSecrets& secrets = rpc::SharedSecrets();
  rpc::ServerOptions options;
  options.address = "localhost:0";
  options.tls_cert_file = secrets.Path("tls/server.crt");
  options.tls_key_file = secrets.Path("tls/server.key");
  auto server = rpc::Server::Start(options, runtime::Environment::kLocal, {});
  REQUIRE(server.ok());
  const std::string address = fmt::format("localhost:{}", (*server)->port());
  const auto health = [&] { return CheckHealth(address, secrets.Path("tls/ca.crt"), absl::Seconds(5)); };

  CHECK(health() == absl::UnavailableError(address + " does not serve"));
  (*server)->SetServing(true);
  CHECK(health().ok());
  (*server)->Stop();
  CHECK(absl::IsUnavailable(health()));
  CHECK(std::string(health().message()).starts_with(address + " can't be reached: "));
}

}  // namespace
}  // namespace lapor::client
