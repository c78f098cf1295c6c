#include "libs/rpc/feed.h"

#include <catch2/catch.hpp>
#include <mutex>

#include "libs/decision/refusal.h"
#include "libs/rpc/testdata/loopback.h"

namespace lapor::rpc {
namespace {

// A server that only keeps the feed it opened, for the test to write to.
struct Following : Loopback {
  explicit Following(absl::Duration deadline = absl::Minutes(1)) : Loopback(Options(deadline)) {
    service.on_follow = [this](const EchoRequest& request, const std::shared_ptr<Feed>& opened) {
      const std::lock_guard lock(mutex);
      asked = request.text();
      feed = opened;
    };
  }

  ~Following() {
    context.TryCancel();
    Eventually([&] { return OpenCalls("Follow") == 0; });
  }

  static ResponderOptions Options(absl::Duration deadline) {
    ResponderOptions options;
    options.default_stream_deadline = deadline;
    return options;
  }

  std::shared_ptr<Feed> Open(const std::string& text = "the news") {
    stream = stub->Follow(&context, Say(text));
    Eventually([&] { return Opened() != nullptr; });
    return Opened();
  }
  std::shared_ptr<Feed> Opened() {
    const std::lock_guard lock(mutex);
    return feed;
  }

  std::string Next() {
    EchoResponse response;
    return stream->Read(&response) ? response.text() : "end";
  }
  absl::Status Finish() { return FromGrpc(stream->Finish()); }

  std::mutex mutex;
  std::string asked;
  std::shared_ptr<Feed> feed;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<EchoResponse>> stream;
};

TEST_CASE("a feed brings what is written, in its order, as it comes about") {
  Following server;
  const auto feed = server.Open();
  CHECK(server.asked == "the news");
  for (int i = 0; i < 100; ++i) CHECK(feed->Write(Encode(Said(std::to_string(i)))));
  for (int i = 0; i < 100; ++i) CHECK(server.Next() == std::to_string(i));
  CHECK(feed->Write(Encode(Said("later"))));
  CHECK(server.Next() == "later");
  CHECK(Eventually([&] { return feed->waiting() == 0; }));

  feed->End(absl::OkStatus());
  CHECK(server.Next() == "end");
  CHECK(server.Finish().ok());
  CHECK_FALSE(feed->Write(Encode(Said("too late"))));
  REQUIRE(Eventually([&] { return server.OpenCalls("Follow") == 0; }));
  CHECK(server.Calls("Follow", "OK") == 1);
}

TEST_CASE("a feed that is refused tells why") {
  Following server;
  server.Open()->End(decision::Refuse(absl::StatusCode::kInvalidArgument, "text", "is odd", "say another"));
  CHECK(server.Next() == "end");
  const absl::Status status = server.Finish();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(decision::BadInputOf(status)->violations(0).field() == "text");
}

TEST_CASE("a feed with a wrong token never begins") {
  Following server;
  server.context.AddMetadata("authorization", "Bearer nonsense");
  server.stream = server.stub->Follow(&server.context, Say("the news"));
  CHECK(server.Next() == "end");
  CHECK(absl::IsUnauthenticated(server.Finish()));
  CHECK(server.Opened() == nullptr);
}

TEST_CASE("a caller who goes is noticed") {
  Following server;
  const auto feed = server.Open();
  CHECK_FALSE(feed->ended());
  server.context.TryCancel();
  CHECK(Eventually([&] { return feed->ended(); }));
  feed->End(absl::OkStatus());
  CHECK_FALSE(feed->Write(Encode(Said("too late"))));
  CHECK(Eventually([&] { return server.Calls("Follow", "CANCELLED") == 1; }));
}

TEST_CASE("a caller who doesn't read holds nothing up but what is written to them") {
  Following server;
  const auto feed = server.Open();
  // More than the connection's window of flow control takes.
  const std::string long_text(200'000, 'x');
  for (int i = 0; i < 50; ++i) CHECK(feed->Write(Encode(Said(long_text))));
  CHECK(feed->waiting() > 0);
  feed->End(absl::UnavailableError("stopping"));
  CHECK(feed->waiting() <= 1);
}

TEST_CASE("a feed without a deadline of its caller ends at the server's") {
  Following server(absl::Milliseconds(50));
  server.Open();
  CHECK(server.Next() == "end");
  CHECK(absl::IsDeadlineExceeded(server.Finish()));
}

TEST_CASE("a server that stops ends its feeds at once, and opens no more") {
  Following server;
  const auto feed = server.Open();
  server.responder.EndFeeds();
  CHECK(server.Next() == "end");
  CHECK(absl::IsUnavailable(server.Finish()));
  grpc::ClientContext context;
  const auto late = server.stub->Follow(&context, Say("the news"));
  EchoResponse response;
  CHECK_FALSE(late->Read(&response));
  CHECK(absl::IsUnavailable(FromGrpc(late->Finish())));
}

}  // namespace
}  // namespace lapor::rpc
