// Risk: an operator can't see, or can't mend, what a service could not carry out.
#include "libs/eventlog/backbone_api.h"

#include <grpcpp/server_builder.h>

#include <catch2/catch.hpp>

#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "tests/integration/ledger.h"

namespace lapor::test {
namespace {

using backbone::v1::Backbone;

// The API in front of a ledger, called over gRPC within the process with the limits that clients have.
class Served {
 public:
  Served() : server_(grpc::ServerBuilder().RegisterService(&api_).BuildAndStart()) {
    stub_ = Backbone::NewStub(server_->InProcessChannel({}));
  }
  ~Served() {
    server_->Shutdown();
    responder_.Stop();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Backbone::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                       Response*),
                                const Request& request, report::v1::Role role = report::v1::ROLE_OPERATOR) {
    grpc::ClientContext context;
    context.AddMetadata("authorization",
                        "Bearer " + rpc::SharedSecrets().Token({"someone", role, ""}, ledger.clock.Now()));
    Response response;
    const absl::Status status = rpc::FromGrpc((stub_.get()->*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  LedgerService ledger;

 private:
  runtime::Metrics metrics_;
  rpc::Authenticator authenticator_{*rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()), 10,
                                    ledger.clock};
  rpc::Responder responder_{{}, authenticator_, metrics_};
  eventlog::BackboneApi api_{ledger.pool, ledger.journal, responder_,
                             [this](int64_t id, const std::optional<std::string>& reason) {
                               return ledger.executor->Release(id, reason);
                             }};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Backbone::Stub> stub_;
};

TEST_CASE("however large the quarantined events are, each page of them reaches the operator") {
  Served served;
  constexpr int kEvents = 12;
  LedgerService::Must(served.ledger.pool.Transact([](pg::Tx& tx) {
    for (int i = 0; i < kEvents; ++i) {
      eventlog::Inbound inbound;
      inbound.topic = eventlog::Topic::kReport;
      inbound.subject = "a" + std::to_string(i);
      inbound.value = std::string(900'000, 'x');
      eventlog::Quarantine(tx, inbound, "can't be decoded");
    }
    return absl::OkStatus();
  }));
  std::vector<std::string> subjects;
  backbone::v1::ListQuarantineRequest request;
  request.set_page_size(1000);
  do {
    const auto page = served.Call(&Backbone::Stub::ListQuarantine, request);
    INFO(page.status());
    REQUIRE(page.ok());
    for (const auto& item : page->items()) subjects.push_back(item.subject());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  REQUIRE(subjects.size() == kEvents);
  for (size_t i = 0; i < kEvents; ++i) CHECK(subjects[i] == "a" + std::to_string(i));
}

TEST_CASE("blocked deadlines are counted and listed, and fire when they are retried") {
  Served served;
  LedgerService& ledger = served.ledger;
  const absl::Time due = ledger.clock.Now() + absl::Hours(1);
  std::vector<eventlog::Deadline> deadlines;
  for (const std::string subject : {"full1", "full2", "full3"}) {
    REQUIRE(ledger.Do("r " + subject, subject, {999'999, "", due}).ok());
    deadlines.push_back({subject, report::v1::CLOCK_REACTION, due});
  }
  ledger.clock.Set(due);
  REQUIRE(ledger.executor->Fire(deadlines).ok());

  const auto positions = served.Call(&Backbone::Stub::GetPositions, backbone::v1::GetPositionsRequest());
  REQUIRE(positions.ok());
  CHECK(positions->blocked_deadlines() == 3);
  backbone::v1::ListBlockedDeadlinesRequest list;
  list.set_page_size(2);
  const auto first = served.Call(&Backbone::Stub::ListBlockedDeadlines, list);
  REQUIRE(first.ok());
  REQUIRE(first->items_size() == 2);
  CHECK(first->items(0).subject() == "full1");
  CHECK(first->items(0).clock() == report::v1::CLOCK_REACTION);
  CHECK(first->items(0).due_at().seconds() == absl::ToUnixSeconds(due));
  CHECK(first->items(0).reason().find("23514") != std::string::npos);
  list.set_page_token(first->next_page_token());
  const auto second = served.Call(&Backbone::Stub::ListBlockedDeadlines, list);
  REQUIRE(second.ok());
  REQUIRE(second->items_size() == 1);
  CHECK(second->items(0).subject() == "full3");
  CHECK(second->next_page_token().empty());

  // There is room again.
  ledger.database.Query("UPDATE ledger SET total = 0");
  const auto due_now = [&] {
    size_t count = 0;
    LedgerService::Must(ledger.pool.Read([&](pg::Tx& tx) {
      count = eventlog::DueDeadlines(tx, due, std::nullopt, 10).size();
      return absl::OkStatus();
    }));
    return count;
  };
  CHECK(due_now() == 0);
  backbone::v1::RetryBlockedDeadlinesRequest retry;
  retry.set_subject("full2");
  CHECK(served.Call(&Backbone::Stub::RetryBlockedDeadlines, retry)->retried() == 1);
  CHECK(due_now() == 1);
  retry.clear_subject();
  CHECK(served.Call(&Backbone::Stub::RetryBlockedDeadlines, retry)->retried() == 2);
  REQUIRE(ledger.executor->Fire(deadlines).ok());
  CHECK(ledger.database.Query("SELECT sum(total) FROM ledger") == "3");
  CHECK(ledger.database.Query("SELECT count(*) FROM deadline") == "0");
}

TEST_CASE("what is blocked of a report's parts fires with the report's, and a part's alone") {
  Served served;
  const auto blocked = [&] {
    return served.ledger.database.Query(
        "SELECT string_agg(subject, ' ' ORDER BY subject) FROM deadline WHERE blocked IS NOT NULL");
  };
  served.ledger.database.Query(
      "INSERT INTO deadline (subject, clock, due_at, blocked) "
      "SELECT subject, 1, now(), 'why' FROM unnest(ARRAY['r1', 'r1.1', 'r1.12', 'r1.2', 'r12', 'r12.1']) AS "
      "subject");
  backbone::v1::RetryBlockedDeadlinesRequest retry;
  retry.set_subject("r1.1");
  CHECK(served.Call(&Backbone::Stub::RetryBlockedDeadlines, retry)->retried() == 1);
  CHECK(blocked() == "r1 r1.12 r1.2 r12 r12.1");
  retry.set_subject("r1");
  CHECK(served.Call(&Backbone::Stub::RetryBlockedDeadlines, retry)->retried() == 3);
  CHECK(blocked() == "r12 r12.1");
}

TEST_CASE("only operators see what is blocked or let it fire again") {
  Served served;
  const auto role = report::v1::ROLE_MONITOR;
  CHECK(absl::IsPermissionDenied(
      served.Call(&Backbone::Stub::ListBlockedDeadlines, backbone::v1::ListBlockedDeadlinesRequest(), role)
          .status()));
  CHECK(absl::IsPermissionDenied(
      served.Call(&Backbone::Stub::RetryBlockedDeadlines, backbone::v1::RetryBlockedDeadlinesRequest(), role)
          .status()));
}

}  // namespace
}  // namespace lapor::test
