#include "services/intake/responses.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <future>

#include "lapor/followup/v1/followup.grpc.pb.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/clock.h"

namespace lapor::intake {
namespace {

// A followup that answers with what it was asked, or never.
class Followup final : public followup::v1::Followup::CallbackService {
 public:
  explicit Followup(bool silent) : silent_(silent) {}

  grpc::ServerUnaryReactor* ListResponses(grpc::CallbackServerContext* context,
                                          const followup::v1::ListResponsesRequest* request,
                                          followup::v1::ListResponsesResponse* response) override {
    struct Silence final : grpc::ServerUnaryReactor {
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    if (silent_) return new Silence;
    const bool has_token = context->client_metadata().contains("authorization");
    response->add_responses()->set_text(request->report_id() + (has_token ? " with token" : ""));
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const bool silent_;
};

// What asking such a followup comes to; without a port there is no address of it.
absl::StatusOr<followup::v1::ListResponsesResponse> AskAt(std::optional<int> port) {
  const runtime::SystemClock clock;
  eventlog::PeerOptions options;
  if (port) options.addresses = {fmt::format("followup=127.0.0.1:{}", *port)};
  options.channel.plaintext = true;
  options.service_key_file = rpc::SharedSecrets().Path("secrets/service.key");
  const auto peers = eventlog::Peers::Make(options, "intake", runtime::Environment::kLocal, clock);
  REQUIRE(peers.status().ToString() == "OK");
  std::promise<absl::StatusOr<followup::v1::ListResponsesResponse>> answer;
  AskFollowup (**peers)("7K3M9QXT2B54", "", [&](auto listed) { answer.set_value(std::move(listed)); });
  return answer.get_future().get();
}

std::unique_ptr<rpc::Server> Serve(Followup& followup) {
  auto server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {&followup});
  REQUIRE(server.status().ToString() == "OK");
  return *std::move(server);
}

TEST_CASE("followup is asked for a report's responses as a service") {
  Followup followup(false);
  const auto server = Serve(followup);
  const auto listed = AskAt(server->port());
  REQUIRE(listed.status().ToString() == "OK");
  CHECK(listed->responses(0).text() == "7K3M9QXT2B54 with token");
}

TEST_CASE("a silent followup is given up within the deadline") {
  Followup followup(true);
  const auto server = Serve(followup);
  const absl::Time begin = absl::Now();
  CHECK(AskAt(server->port()).status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(absl::Now() - begin < 5 * kResponsesDeadline);
}

TEST_CASE("a followup without an address is an error, not a wait") { CHECK_FALSE(AskAt(std::nullopt).ok()); }

}  // namespace
}  // namespace lapor::intake
