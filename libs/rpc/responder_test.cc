#include "libs/rpc/responder.h"

#include <grpcpp/test/default_reactor_test_peer.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "libs/decision/refusal.h"
#include "libs/rpc/testdata/loopback.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/log.h"

namespace lapor::rpc {
namespace {

using absl::StatusCode;

void WithToken(grpc::ClientContext& context, const std::string& token) {
  context.AddMetadata("authorization", "Bearer " + token);
}

TEST_CASE("a handler can be tested without a server") {
  Loopback loopback;
  loopback.service.on_write = [](const Call&, const EchoRequest& request, const Done<EchoResponse>& done) {
    done(Said(request.text() + "!"));
  };
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  const Bytes request = Encode(Say("hello"));
  Bytes response;
  CHECK(loopback.service.Write(&context, &request, &response) == peer.reactor());
  CHECK(peer.test_status_set());
  CHECK(peer.test_status().ok());
  CHECK(Decode<EchoResponse>(response)->text() == "hello!");
}

TEST_CASE("a request in another encoding than UTF-8 is refused by field, rule and remedy, unheard") {
  Loopback loopback;
  std::atomic<int> ran = 0;
  loopback.service.on_read = [&](const Call&, const EchoRequest&) { return Said(std::to_string(++ran)); };
  loopback.service.on_write = [&](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
    done(Said(std::to_string(++ran)));
  };
  for (const absl::Status& status :
       {loopback.Read({}, Say("caf\xE9")).status(), loopback.Write({}, Say("caf\xE9")).status()}) {
    CHECK(absl::IsInvalidArgument(status));
    REQUIRE(decision::BadInputOf(status).has_value());
    const auto violation = decision::BadInputOf(status)->violations(0);
    CHECK(violation.field() == "text");
    CHECK(violation.rule() == "is not UTF-8");
    CHECK(violation.remedy() == "encode it as UTF-8");
  }
  CHECK(ran == 0);
  CHECK(loopback.Calls("Read", "INVALID_ARGUMENT") == 1);
}

TEST_CASE("a refusal reaches the client with field, rule and remedy") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) {
    return decision::Refuse(StatusCode::kNotFound, "region", "is not known", "take a code of regions.csv");
  };
  const absl::Status status = loopback.Read().status();
  CHECK(absl::IsNotFound(status));
  CHECK(decision::BadInputOf(status)->violations(0).remedy() == "take a code of regions.csv");
  CHECK(loopback.Calls("Read", "NOT_FOUND") == 1);
}

TEST_CASE("even very many violations reach the client under their own code") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) {
    decision::Refusals refusals;
    for (int i = 0; i < 1000; ++i) refusals.Add("attachments[" + std::to_string(i) + "]", "é", "\"%\\é");
    return refusals.status();
  };
  const absl::Status status = loopback.Read().status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(decision::BadInputOf(status)->violations_size() > 10);
}

TEST_CASE(
    "what is our fault is logged under the correlation id that the client is told, and told no further") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) {
    return absl::DataLossError("journal of host db1");
  };
  std::ostringstream log;
  runtime::StartLog({"intake", runtime::Level::kInfo, std::make_shared<spdlog::sinks::ostream_sink_mt>(log)});

  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const absl::Status status =
      loopback
          .Read([&](grpc::ClientContext& context) {
            context.AddMetadata("traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
          })
          .status();
  runtime::StartLog({});
  CHECK(status == absl::InternalError("internal error; correlation id " + trace));
  CHECK(log.str().find("journal of host db1") != std::string::npos);
  CHECK(log.str().find(trace) != std::string::npos);
}

TEST_CASE("an exception of a handler is our fault, on a thread for reads and in a reactor") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    throw std::runtime_error("host db1");
  };
  loopback.service.on_write = [](const Call&, const EchoRequest&, const Done<EchoResponse>&) {
    throw std::runtime_error("host db1");
  };
  std::ostringstream log;
  runtime::StartLog({"intake", runtime::Level::kInfo, std::make_shared<spdlog::sinks::ostream_sink_mt>(log)});
  CHECK(absl::IsInternal(loopback.Read().status()));
  CHECK(absl::IsInternal(loopback.Write().status()));
  runtime::StartLog({});
  CHECK(log.str().find("host db1") != std::string::npos);
}

TEST_CASE("a call is answered once: later answers count for nothing") {
  Loopback loopback;
  loopback.service.on_write = [](const Call&, const EchoRequest&, const Done<EchoResponse>& done) {
    done(Said("first"));
    done(Said("second"));
    done(absl::InternalError("third"));
  };
  CHECK(loopback.Write()->text() == "first");
  CHECK(loopback.Calls("Write", "OK") == 1);
  CHECK(loopback.Calls("Write", "INTERNAL") == 0);
}

TEST_CASE("a call that a handler drops is answered all the same") {
  Loopback loopback;
  loopback.service.on_write = [](const Call&, const EchoRequest&, const Done<EchoResponse>&) {};
  runtime::StartLog(
      {.level = runtime::Level::kError, .sink = std::make_shared<spdlog::sinks::null_sink_mt>()});
  CHECK(absl::IsInternal(loopback.Write().status()));
  runtime::StartLog({});
}

TEST_CASE("a call without a deadline gets the server's; one with a deadline keeps it") {
  ResponderOptions options;
  options.default_deadline = absl::Seconds(7);
  Loopback loopback(options);
  loopback.service.on_read = [](const Call& call, const EchoRequest&) {
    EchoResponse response;
    response.set_deadline_unix_ms(absl::ToUnixMillis(call.deadline));
    return response;
  };
  const absl::Time before = absl::Now();
  const absl::Time given = absl::FromUnixMillis(loopback.Read()->deadline_unix_ms() + 1);
  CHECK(given >= before + options.default_deadline);
  CHECK(given <= absl::Now() + options.default_deadline + absl::Milliseconds(1));

  const absl::Time own = absl::Now() + absl::Seconds(60);
  const auto kept =
      loopback.Read([&](grpc::ClientContext& context) { context.set_deadline(absl::ToChronoTime(own)); });
  CHECK(absl::FromUnixMillis(kept->deadline_unix_ms()) <= own + absl::Seconds(1));
  CHECK(absl::FromUnixMillis(kept->deadline_unix_ms()) >= own - absl::Seconds(1));
}

TEST_CASE("the server ends a call that has no deadline of its own and gets no answer") {
  ResponderOptions options;
  options.default_deadline = absl::Milliseconds(30);
  Loopback loopback(options);
  std::optional<Done<EchoResponse>> late;
  loopback.service.on_write = [&](const Call&, const EchoRequest&, Done<EchoResponse> done) {
    late = std::move(done);
  };
  CHECK(absl::IsDeadlineExceeded(loopback.Write().status()));
  (*late)(Said("too late"));
  CHECK(loopback.Calls("Write", "DEADLINE_EXCEEDED") == 1);
  CHECK(loopback.Calls("Write", "OK") == 0);
  CHECK(loopback.OpenCalls("Write") == 0);
}

// One thread for reads, and room for one that waits.
struct Congested : Loopback {
  Congested() : Loopback(Options()) {
    service.on_read = [this](const Call&, const EchoRequest& request) {
      ++ran;
      if (request.text() == "block") {
        blocked.count_down();
        release.wait();
      }
      return Said("done");
    };
  }
  static ResponderOptions Options() {
    ResponderOptions options;
    options.read_threads = 1;
    options.max_queued_reads = 1;
    return options;
  }
  std::latch blocked{1};
  std::latch release{1};
  std::atomic<int> ran = 0;
};

TEST_CASE("one read more than may wait is refused at once, while the others are still at it") {
  Congested server;
  absl::StatusOr<EchoResponse> first, second;
  std::thread running([&] { first = server.Read({}, Say("block")); });
  server.blocked.wait();
  std::thread waiting([&] { second = server.Read(); });
  REQUIRE(Eventually([&] { return server.OpenCalls("Read") == 2; }));

  const absl::Status third = server.Read().status();
  CHECK(absl::IsResourceExhausted(third));
  CHECK(decision::BadInputOf(third)->violations(0).remedy().find("try again") == 0);
  CHECK(server.ran == 1);
  server.release.count_down();
  running.join();
  waiting.join();
  CHECK(first.ok());
  CHECK(second.ok());
}

TEST_CASE("a read that waited beyond its deadline, or whose caller has gone, is not run") {
  Congested server;
  std::thread running([&] { server.Read({}, Say("block")).status().IgnoreError(); });
  server.blocked.wait();
  SECTION("deadline") {
    const auto status = server.Read([](grpc::ClientContext& context) {
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(20));
    });
    CHECK(absl::IsDeadlineExceeded(status.status()));
  }
  SECTION("cancelled") {
    grpc::ClientContext context;
    std::thread waiting([&] {
      EchoResponse response;
      CHECK(server.stub->Read(&context, {}, &response).error_code() == grpc::StatusCode::CANCELLED);
    });
    REQUIRE(Eventually([&] { return server.OpenCalls("Read") == 2; }));
    context.TryCancel();
    waiting.join();
  }
  REQUIRE(Eventually([&] { return server.service.last_context.load()->IsCancelled(); }));
  server.release.count_down();
  running.join();
  server.server->Stop();
  CHECK(server.ran == 1);
  CHECK(server.OpenCalls("Read") == 0);
}

TEST_CASE("a call that is cancelled under way takes its answer without harm") {
  Loopback loopback;
  std::optional<Done<EchoResponse>> under_way;
  std::latch begun(1);
  loopback.service.on_write = [&](const Call&, const EchoRequest&, Done<EchoResponse> done) {
    under_way = std::move(done);
    begun.count_down();
  };
  grpc::ClientContext context;
  std::thread client([&] {
    EchoResponse response;
    CHECK(loopback.stub->Write(&context, {}, &response).error_code() == grpc::StatusCode::CANCELLED);
  });
  begun.wait();
  context.TryCancel();
  client.join();
  REQUIRE(Eventually([&] { return loopback.service.last_context.load()->IsCancelled(); }));
  (*under_way)(Said("for nobody"));
  under_way.reset();
  loopback.server->Stop();
  CHECK(loopback.OpenCalls("Write") == 0);
  CHECK(loopback.Calls("Write", "CANCELLED") == 1);
}

TEST_CASE("a token says who calls; without one the method decides; a bad one is refused before the handler") {
  Loopback loopback;
  std::atomic<int> ran = 0;
  loopback.service.on_read = [&](const Call& call, const EchoRequest&) {
    ++ran;
    EchoResponse response;
    response.set_subject(call.caller.subject);
    response.set_text(RoleName(call.caller.role));
    return response;
  };
  const Caller channel = {"channel-3", report::v1::ROLE_CHANNEL, ""};
  const std::string token = SharedSecrets().Token(channel, loopback.clock.Now(), absl::Minutes(10));
  const auto read_with = [&](const std::string& authorization) {
    return loopback.Read(
        [&](grpc::ClientContext& context) { context.AddMetadata("authorization", authorization); });
  };

  CHECK(read_with("Bearer " + token)->subject() == "channel-3");
  CHECK(read_with("bearer " + token)->text() == "channel");
  CHECK(loopback.Read()->text().empty());
  CHECK(ran == 3);

  for (const std::string& bad :
       {std::string("Bearer x.y.z"), "Basic " + token, std::string("Bearer "), token}) {
    const absl::Status status = read_with(bad).status();
    CHECK(absl::IsUnauthenticated(status));
    CHECK_FALSE(decision::BadInputOf(status)->violations(0).remedy().empty());
  }
  loopback.clock.Advance(absl::Minutes(10));
  CHECK(decision::BadInputOf(read_with("Bearer " + token).status())->violations(0).rule() ==
        "the token has expired");
  CHECK(absl::IsUnauthenticated(loopback
                                    .Read([&](grpc::ClientContext& context) {
                                      WithToken(context, token);
                                      WithToken(context, token);
                                    })
                                    .status()));
  CHECK(ran == 3);
}

TEST_CASE("a call of ours carries the caller's token, trace and remaining time") {
  Loopback loopback;
  const std::string token =
      SharedSecrets().Token({"officer-1", report::v1::ROLE_OFFICER, "id.3374"}, loopback.clock.Now());
  loopback.service.on_read = [](const Call& call, const EchoRequest&) {
    EchoResponse response;
    response.set_subject(call.caller.subject);
    response.set_traceparent(call.traceparent);
    response.set_deadline_unix_ms(absl::ToUnixMillis(call.deadline));
    return response;
  };
  Call call;
  call.token = token;
  call.traceparent = NewTraceparent();
  call.deadline = absl::Now() + absl::Seconds(2);
  const auto answer = loopback.Read(
      [&](grpc::ClientContext& context) { OnBehalfOf(call, loopback.channel_options, context); });
  REQUIRE(answer.ok());
  CHECK(answer->subject() == "officer-1");
  CHECK(TraceId(answer->traceparent()) == TraceId(call.traceparent));
  CHECK(answer->traceparent() != call.traceparent);
  CHECK(absl::FromUnixMillis(answer->deadline_unix_ms()) < call.deadline + absl::Milliseconds(500));

  call.deadline = absl::Now() + absl::Hours(1);
  const auto trimmed = loopback.Read(
      [&](grpc::ClientContext& context) { OnBehalfOf(call, loopback.channel_options, context); });
  CHECK(absl::FromUnixMillis(trimmed->deadline_unix_ms()) <
        absl::Now() + loopback.channel_options.call_deadline + absl::Seconds(1));
}

TEST_CASE("a service calls under its own token, minted anew when half its life is over") {
  Loopback loopback;
  loopback.service.on_read = [](const Call& call, const EchoRequest&) {
    return Said(call.caller.subject + " " + RoleName(call.caller.role));
  };
  ServiceToken own(SharedSecrets().Issuer("service"), "routing", loopback.clock, absl::Minutes(30));
  const std::string first = own.Get().value();
  CHECK(loopback
            .Read([&](grpc::ClientContext& context) {
              OnOwnBehalf(first, "", loopback.channel_options, context);
            })
            ->text() == "routing service");

  loopback.clock.Advance(absl::Minutes(14));
  CHECK(own.Get().value() == first);
  loopback.clock.Advance(absl::Minutes(1));
  CHECK(own.Get().value() != first);
}

TEST_CASE("calls are counted by method and answer, with their time") {
  Loopback loopback;
  loopback.service.on_read = [](const Call&, const EchoRequest&) { return Said("x"); };
  REQUIRE(loopback.Read().ok());
  REQUIRE(loopback.Read().ok());
  CHECK(loopback.Calls("Read", "OK") == 2);
  CHECK(loopback.OpenCalls("Read") == 0);
  CHECK(loopback.metrics.Text().find("lapor_rpc_seconds_count{method=\"Read\"} 2") != std::string::npos);
}

}  // namespace
}  // namespace lapor::rpc
