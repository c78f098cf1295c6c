#include "libs/rpc/conversation.h"

#include <spdlog/sinks/null_sink.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "libs/decision/refusal.h"
#include "libs/rpc/testdata/loopback.h"
#include "libs/runtime/log.h"

namespace lapor::rpc {
namespace {

using Item = ItemDone<EchoRequest, EchoResponse>;

// A server that only collects what it is asked, for the test to answer.
struct Collecting : Loopback {
  explicit Collecting(size_t max_in_flight_items = 8, absl::Duration deadline = absl::Minutes(1))
      : Loopback(Options(max_in_flight_items, deadline)) {
    service.on_item = [this](const Call&, const EchoRequest& request, Item item) {
      const std::lock_guard lock(mutex);
      heard.push_back(request.text());
      items.emplace_back(std::move(item));
    };
    stream = stub->Converse(&context);
  }

  ~Collecting() {
    context.TryCancel();
    Eventually([&] { return OpenCalls("Converse") == 0; });
    items.clear();
  }

  static ResponderOptions Options(size_t max_in_flight_items, absl::Duration deadline) {
    ResponderOptions options;
    options.max_in_flight_items = max_in_flight_items;
    options.default_stream_deadline = deadline;
    return options;
  }

  void Send(int from, int to) {
    for (int i = from; i < to; ++i) REQUIRE(stream->Write(Say(std::to_string(i))));
  }

  size_t Heard() {
    const std::lock_guard lock(mutex);
    return heard.size();
  }

  void Answer(size_t i, absl::StatusOr<EchoResponse> answer) {
    std::unique_lock lock(mutex);
    const Item item = *items.at(i);
    lock.unlock();
    item(std::move(answer));
  }

  std::string Next() {
    EchoResponse response;
    return stream->Read(&response) ? response.text() : "end";
  }

  absl::Status Finish() { return FromGrpc(stream->Finish()); }

  std::mutex mutex;
  std::vector<std::string> heard;
  std::vector<std::optional<Item>> items;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<EchoRequest, EchoResponse>> stream;
};

TEST_CASE("a stream is answered in the order of arrival, however the work overtakes itself") {
  Collecting server;
  server.Send(0, 5);
  REQUIRE(Eventually([&] { return server.Heard() == 5; }));
  for (const size_t i : {3, 1, 4, 0, 2}) server.Answer(i, Said("answer " + std::to_string(i)));
  for (int i = 0; i < 5; ++i) CHECK(server.Next() == "answer " + std::to_string(i));

  server.stream->WritesDone();
  CHECK(server.Next() == "end");
  CHECK(server.Finish().ok());
  REQUIRE(Eventually([&] { return server.OpenCalls("Converse") == 0; }));
  CHECK(server.Calls("Converse", "OK") == 1);
}

TEST_CASE("a stream is read no further than the number of requests that may wait") {
  Collecting server(4);
  server.Send(0, 20);
  REQUIRE(Eventually([&] { return server.Heard() == 4; }));
  server.Answer(1, Said("1"));
  CHECK(server.Heard() == 4);

  server.Answer(0, Said("0"));
  REQUIRE(Eventually([&] { return server.Heard() == 6; }));
  CHECK(server.Next() == "0");
  CHECK(server.Next() == "1");
  CHECK(server.Heard() == 6);
}

TEST_CASE("a sender that has said everything still gets every answer") {
  Collecting server;
  server.Send(0, 3);
  server.stream->WritesDone();
  REQUIRE(Eventually([&] { return server.Heard() == 3; }));
  for (const size_t i : {2, 1, 0}) server.Answer(i, Said(std::to_string(i)));
  for (int i = 0; i < 3; ++i) CHECK(server.Next() == std::to_string(i));
  CHECK(server.Next() == "end");
  CHECK(server.Finish().ok());
}

TEST_CASE("an item answered with an error ends the stream, after the answers before it") {
  Collecting server;
  server.Send(0, 3);
  REQUIRE(Eventually([&] { return server.Heard() == 3; }));
  server.Answer(2, Said("2"));
  server.Answer(1, decision::Refuse(absl::StatusCode::kResourceExhausted, "server", "is full", "try again"));
  server.Answer(0, Said("0"));
  CHECK(server.Next() == "0");
  CHECK(server.Next() == "end");
  const absl::Status status = server.Finish();
  CHECK(absl::IsResourceExhausted(status));
  CHECK(decision::BadInputOf(status)->violations(0).remedy() == "try again");
}

TEST_CASE("an item that is dropped without an answer ends the stream as our fault") {
  Collecting server;
  server.Send(0, 1);
  REQUIRE(Eventually([&] { return server.Heard() == 1; }));
  runtime::StartLog(
      {.level = runtime::Level::kError, .sink = std::make_shared<spdlog::sinks::null_sink_mt>()});
  server.items.clear();
  CHECK(server.Next() == "end");
  CHECK(absl::IsInternal(server.Finish()));
  runtime::StartLog({});
}

TEST_CASE("an item is answered once: later answers count for nothing") {
  Collecting server;
  server.Send(0, 2);
  REQUIRE(Eventually([&] { return server.Heard() == 2; }));
  server.Answer(1, Said("first"));
  server.Answer(1, Said("second"));
  server.Answer(0, Said("zero"));
  server.Answer(0, Said("again"));
  CHECK(server.Next() == "zero");
  CHECK(server.Next() == "first");
  server.Answer(0, absl::InternalError("far too late"));
  server.stream->WritesDone();
  CHECK(server.Next() == "end");
  CHECK(server.Finish().ok());
}

TEST_CASE("the server ends a stream that has no deadline of its own") {
  Collecting server(8, absl::Milliseconds(50));
  server.Send(0, 1);
  CHECK(server.Next() == "end");
  CHECK(absl::IsDeadlineExceeded(server.Finish()));
  server.Answer(0, Said("too late"));
}

TEST_CASE("a stream that is cancelled under way takes its answers without harm") {
  Collecting server;
  server.Send(0, 3);
  REQUIRE(Eventually([&] { return server.Heard() == 3; }));
  server.context.TryCancel();
  CHECK(server.Next() == "end");
  CHECK(absl::IsCancelled(server.Finish()));
  REQUIRE(Eventually([&] { return server.OpenCalls("Converse") == 0; }));
  CHECK(server.Calls("Converse", "CANCELLED") == 1);
  for (const size_t i : {0, 1, 2}) server.Answer(i, Said("for nobody"));
  server.server->Stop();
}

TEST_CASE("a stream of a bad token is refused before its first request") {
  Loopback loopback;
  loopback.service.on_item = [](const Call&, const EchoRequest&, const Item&) { FAIL("an item was begun"); };
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer x.y.z");
  const auto stream = loopback.stub->Converse(&context);
  stream->Write(Say("0"));
  EchoResponse response;
  CHECK_FALSE(stream->Read(&response));
  CHECK(absl::IsUnauthenticated(FromGrpc(stream->Finish())));
}

TEST_CASE("many requests over several streams all get their own answers") {
  Loopback loopback;
  loopback.service.on_item = [](const Call&, const EchoRequest& request, const Item& item) {
    item(Said(request.text()));
  };
  std::vector<std::thread> clients;
  std::atomic<int> right = 0;
  for (int c = 0; c < 3; ++c) {
    clients.emplace_back([&, c] {
      grpc::ClientContext context;
      const auto stream = loopback.stub->Converse(&context);
      std::thread sender([&] {
        for (int i = 0; i < 500; ++i) stream->Write(Say(std::to_string(c) + "/" + std::to_string(i)));
        stream->WritesDone();
      });
      EchoResponse response;
      for (int i = 0; stream->Read(&response); ++i) {
        right += response.text() == std::to_string(c) + "/" + std::to_string(i);
      }
      sender.join();
      right += stream->Finish().ok();
    });
  }
  for (auto& client : clients) client.join();
  CHECK(right == 3 * 501);
}

}  // namespace
}  // namespace lapor::rpc
