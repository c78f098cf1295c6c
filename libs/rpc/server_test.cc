#include "libs/rpc/server.h"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <catch2/catch.hpp>
#include <latch>
#include <optional>
#include <thread>

#include "libs/decision/refusal.h"
#include "libs/rpc/testdata/loopback.h"

namespace lapor::rpc {
namespace {

using runtime::Environment;

// What grpc.health.v1.Health/Check says. Its request may be empty; its answer is a number in field 1.
enum class Health : uint32_t { kUnknown = 0, kServing = 1, kNotServing = 2 };

Health HealthOf(const Loopback& loopback) {
  grpc::TemplatedGenericStub<google::protobuf::Empty, google::protobuf::UInt32Value> stub(loopback.channel);
  grpc::ClientContext context;
  const google::protobuf::Empty request;
  google::protobuf::UInt32Value answer;
  std::latch answered(1);
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &answer,
                 [&](const grpc::Status& status) {
                   CHECK(status.ok());
                   answered.count_down();
                 });
  answered.wait();
  return static_cast<Health>(answer.value());
}

absl::Status StartStatus(const ServerOptions& options, Environment environment) {
  return Server::Start(options, environment, {}).status();
}

TEST_CASE("health says whether calls are welcome") {
  Loopback loopback;
  CHECK(HealthOf(loopback) == Health::kNotServing);
  loopback.server->SetServing(true);
  CHECK(HealthOf(loopback) == Health::kServing);
  loopback.server->SetServing(false);
  CHECK(HealthOf(loopback) == Health::kNotServing);
}

TEST_CASE("reflection lists the services") {
  const Loopback loopback;
  // ServerReflectionRequest{list_services: "*"}, and the answer as bytes.
  grpc::GenericStub stub(loopback.channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream =
      stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto next = [&] { return queue.Next(&tag, &ok) && ok; };
  stream->StartCall(nullptr);
  REQUIRE(next());
  const grpc::Slice request("\x3A\x01*", 3);
  stream->WriteLast(grpc::ByteBuffer(&request, 1), {}, nullptr);
  REQUIRE(next());
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  REQUIRE(next());
  grpc::Slice bytes;
  REQUIRE(answer.DumpToSingleSlice(&bytes).ok());
  const std::string text(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  CHECK(text.find("lapor.rpc.testdata.Echo") != std::string::npos);
  CHECK(text.find("grpc.health.v1.Health") != std::string::npos);
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  queue.Shutdown();
}

TEST_CASE("a request beyond the limit is refused; a text of 1 MB comes through to the service") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest& request) {
    return decision::Refuse(absl::StatusCode::kInvalidArgument, "description",
                            "has more than 20000 characters", std::to_string(request.text().size()));
  };
  const absl::Status long_text = loopback.Read({}, Say(std::string(1'000'000, 'a'))).status();
  CHECK(decision::BadInputOf(long_text)->violations(0).remedy() == "1000000");
  CHECK(absl::IsResourceExhausted(loopback.Read({}, Say(std::string(2'000'000, 'a'))).status()));
}

TEST_CASE("metadata beyond the limit are refused") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) { return Said("x"); };
  const auto with = [&](size_t bytes) {
    return loopback
        .Read([&](grpc::ClientContext& context) { context.AddMetadata("x-long", std::string(bytes, 'a')); })
        .status();
  };
  CHECK(with(10'000).ok());
  CHECK(absl::IsResourceExhausted(with(20'000)));
}

TEST_CASE("whoever does not speak TLS, or does not trust the server, gets no answer") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) { return Said("x"); };
  REQUIRE(loopback.Read().ok());
  ChannelOptions plain;
  plain.plaintext = true;
  const auto status_over = [&](const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    EchoResponse response;
    return FromGrpc(testdata::Echo::NewStub(channel)->Read(&context, {}, &response));
  };
  CHECK(absl::IsUnavailable(status_over(Connect(loopback.address(), plain, Environment::kLocal).value())));

  const LocalSecrets strangers;
  ChannelOptions stranger;
  stranger.tls_ca_file = strangers.Path("tls/ca.crt");
  CHECK(absl::IsUnavailable(status_over(Connect(loopback.address(), stranger, Environment::kLocal).value())));
}

TEST_CASE("a server that asks for client certificates serves only those who have one") {
  ServerOptions mutual;
  mutual.tls_client_ca_file = SharedSecrets().Path("tls/ca.crt");
  Loopback loopback({}, mutual);
  loopback.service.on_read = [](const Call&, const EchoRequest&) { return Said("x"); };
  CHECK(absl::IsUnavailable(loopback.Read().status()));

  ChannelOptions known = loopback.channel_options;
  known.tls_client_cert_file = SharedSecrets().Path("tls/server.crt");
  known.tls_client_key_file = SharedSecrets().Path("tls/server.key");
  loopback.stub = testdata::Echo::NewStub(Connect(loopback.address(), known, Environment::kLocal).value());
  CHECK(loopback.Read().ok());
}

TEST_CASE("production refuses plain text and the secrets of the local stack") {
  ServerOptions plain;
  plain.plaintext = true;
  CHECK(StartStatus(plain, Environment::kLocal).ok());
  CHECK(std::string(StartStatus(plain, Environment::kProduction).message()).find("--plaintext") == 0);

  ServerOptions local;
  local.tls_cert_file = SharedSecrets().Path("tls/server.crt");
  local.tls_key_file = SharedSecrets().Path("tls/server.key");
  CHECK(std::string(StartStatus(local, Environment::kProduction).message()).find("--tls-key-file") == 0);

  ChannelOptions client;
  client.plaintext = true;
  CHECK(absl::IsInvalidArgument(Connect("localhost:1", client, Environment::kProduction).status()));
}

TEST_CASE("a server that can't start says which setting is wrong") {
  CHECK(std::string(StartStatus({}, Environment::kLocal).message()).find("--tls-cert-file: is required") ==
        0);
  ServerOptions wrong;
  wrong.tls_cert_file = SharedSecrets().Path("secrets/token.pub");
  CHECK(std::string(StartStatus(wrong, Environment::kLocal).message()).find("--tls-cert-file") == 0);

  const Loopback taken;
  ServerOptions same;
  same.plaintext = true;
  same.address = "127.0.0.1:" + std::to_string(taken.server->port());
  const absl::Status status = StartStatus(same, Environment::kLocal);
  CHECK(absl::IsUnavailable(status));
  CHECK(std::string(status.message()).find(same.address) != std::string::npos);
}

TEST_CASE("a stopping server takes no new calls and lets those under way end") {
  Loopback loopback;
  std::optional<Done<EchoResponse>> under_way;
  std::latch begun(1);
  loopback.service.on_write = [&](const Call&, const EchoRequest&, Done<EchoResponse> done) {
    under_way = std::move(done);
    begun.count_down();
  };
  absl::StatusOr<EchoResponse> answer;
  std::thread client([&] { answer = loopback.Write(); });
  begun.wait();
  std::thread stopper([&] { loopback.server->Stop(); });
  const auto refuses_new_calls = [&] {
    return absl::IsUnavailable(loopback
                                   .Read([](grpc::ClientContext& context) {
                                     context.set_deadline(std::chrono::system_clock::now() +
                                                          std::chrono::seconds(1));
                                   })
                                   .status());
  };
  loopback.service.on_read = [](const Call&, const EchoRequest&) { return Said("x"); };
  CHECK(Eventually(refuses_new_calls));
  (*under_way)(Said("ended"));
  under_way.reset();
  stopper.join();
  client.join();
  REQUIRE(answer.ok());
  CHECK(answer->text() == "ended");
}

TEST_CASE("a stopping server waits no longer than its grace for clients") {
  ServerOptions options;
  options.stop_grace = absl::Milliseconds(20);
  Loopback loopback({}, options);
  loopback.service.on_item = [](const Call&, const EchoRequest&, const auto&) {};
  grpc::ClientContext context;
  const auto stream = loopback.stub->Converse(&context);
  REQUIRE(Eventually([&] { return loopback.OpenCalls("Converse") == 1; }));
  loopback.server->Stop();
  EchoResponse response;
  CHECK_FALSE(stream->Read(&response));
  CHECK_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace lapor::rpc
