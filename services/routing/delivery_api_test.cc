// What an agency's own application sees, over gRPC, on a real database.
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "libs/decision/refusal.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "libs/runtime/metrics.h"
#include "services/routing/api.h"
#include "services/routing/testing/process.h"

namespace lapor::routing {
namespace {

using rpc::Caller;
using v1::Routing;
using Strings = std::vector<std::string>;

constexpr char kAgency[] = "id.32.73.dpupr";
const Caller kApplication{"app-1", report::v1::ROLE_OFFICER, kAgency};
const Caller kCity{"app-2", report::v1::ROLE_AGENCY_ADMIN, "id.32.73"};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};

// One stream of an application.
class Stream {
 public:
  Stream(Routing::Stub& stub, const Caller& caller, const runtime::Clock& clock,
         const std::string& resume_token = "") {
    context_.AddMetadata("authorization", "Bearer " + rpc::SharedSecrets().Token(caller, clock.Now()));
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::WatchAssignmentsRequest request;
    request.set_resume_token(resume_token);
    reader_ = stub.WatchAssignments(&context_, request);
  }
  ~Stream() { context_.TryCancel(); }

  // The report of the next message; "" of one that only says that the stream is alive, "end" at its end.
  std::string Next() {
    if (!reader_->Read(&last)) return "end";
    return last.assignment().report_id();
  }
  // The next report, whatever signs of life come before it.
  std::string NextReport() {
    std::string next = Next();
    while (next.empty()) next = Next();
    return next;
  }
  Strings NextReports(size_t count) {
    Strings reports;
    while (reports.size() < count) reports.push_back(NextReport());
    return reports;
  }
  // Its end.
  absl::Status Status() {
    while (Next() != "end") {
    }
    return rpc::FromGrpc(reader_->Finish());
  }
  void Cancel() { context_.TryCancel(); }

  v1::AssignmentDelivery last;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::AssignmentDelivery>> reader_;
};

DeliveryOptions Patient(int max_unacknowledged = 64) {
  return {.max_unacknowledged = max_unacknowledged,
          .redelivery = absl::Hours(1),
          .heartbeat = absl::Milliseconds(100),
          .poll = absl::Milliseconds(20)};
}

DeliveryOptions Insisting() {
  DeliveryOptions options = Patient();
  options.redelivery = absl::Milliseconds(200);
  return options;
}

struct Office : RoutingProcess {
  explicit Office(const DeliveryOptions& options = Patient()) : desk(pool, registry, options, metrics) {
    RecordCountry();
    Must(registry->Refresh());
    desk.Start();
    server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {&api}).value();
    rpc::ChannelOptions channel_options;
    channel_options.plaintext = true;
    stub = Routing::NewStub(rpc::Connect("127.0.0.1:" + std::to_string(server->port()), channel_options,
                                         runtime::Environment::kLocal)
                                .value());
  }
  ~Office() {
    responder.EndFeeds();
    server->Stop();
    responder.Stop();
    desk.Stop();
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Routing::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                      Response*),
                                const Caller& caller, const Request& request) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + rpc::SharedSecrets().Token(caller, clock.Now()));
    Response response;
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  // Behind the API's back, as another instance would: a verified report is assigned.
  std::string Assigned(const std::string& agency_id = kAgency) {
    const std::string id = report::NewTrackingId();
    Apply("intake", id, SubmissionEvent());
    Must(Do(id, VerifyReport{.actor = Triage()}).status());
    Assign(id, agency_id);
    return id;
  }
  void Assign(const std::string& report_id, const std::string& agency_id) {
    clock.Advance(absl::Seconds(1));
    Must(Do(report_id, AssignReport{Triage(), agency_id}).status());
  }
  Strings Assigned(int count) {
    Strings ids;
    for (int i = 0; i < count; ++i) ids.push_back(Assigned());
    return ids;
  }

  absl::StatusOr<v1::AcknowledgeAssignmentsResponse> Acknowledge(const Strings& report_ids, int hop = 1,
                                                                 const Caller& caller = kApplication) {
    v1::AcknowledgeAssignmentsRequest request;
    for (const std::string& id : report_ids) {
      auto& assignment = *request.add_assignments();
      assignment.set_report_id(id);
      assignment.set_hop(hop);
    }
    return Call(&Routing::Stub::AcknowledgeAssignments, caller, request);
  }
  v1::DeliveryState Acknowledged(const std::string& report_id, int hop = 1) {
    const auto response = Acknowledge({report_id}, hop);
    return response.ok() ? response->states(0) : v1::DELIVERY_STATE_UNSPECIFIED;
  }

  v1::Route Get(const std::string& report_id) {
    v1::GetRouteRequest request;
    request.set_report_id(report_id);
    return Call(&Routing::Stub::GetRoute, kMonitor, request).value();
  }

  // The due scan's work, as of the end of the term.
  void FireDeliveries(const Strings& report_ids) {
    std::vector<eventlog::Deadline> due;
    for (const std::string& id : report_ids)
      due.push_back({id, report::v1::CLOCK_DELIVERY, At("2025-03-06T00:00+07:00")});
    Must(executor->Fire(due));
  }
  int FellBack() const {
    return std::stoi(database.Query("SELECT count(*) FROM event WHERE type = 'AssignmentFellBack'"));
  }
  double Streams() { return metrics.Gauge("lapor_delivery_streams", "", {}).Value(); }

  runtime::Metrics metrics;
  rpc::Authenticator authenticator{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                   clock};
  rpc::Responder responder{{}, authenticator, metrics};
  DeliveryDesk desk;
  Api api{{.executor = *executor,
           .visibility = visibility,
           .journal = journal,
           .pool = pool,
           .clock = clock,
           .responder = responder,
           .policy = ShippedPolicy(),
           .competence = ShippedRules(),
           .registry = registry,
           .reader = nullptr,
           .ask_text = {},
           .deliveries = desk,
           .wake_relay = [] {},
           .wake_sweep = [] {}}};
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Routing::Stub> stub;
};

std::string RefusalOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  const std::string field = bad_input ? bad_input->violations(0).field() : "no refusal";
  return field + " " + absl::StatusCodeToString(status.code());
}

TEST_CASE("an assignment comes again and again until it is acknowledged, and then no more") {
  Office office(Insisting());
  Stream stream(*office.stub, kApplication, office.clock);
  const std::string id = office.Assigned();
  REQUIRE(stream.NextReport() == id);
  const v1::Assignment& assignment = stream.last.assignment();
  CHECK(assignment.hop() == 1);
  CHECK(assignment.agency_id() == kAgency);
  CHECK(assignment.state() == v1::ROUTE_STATE_ASSIGNED);
  CHECK(assignment.delivery().state() == v1::DELIVERY_STATE_PENDING);
  CHECK(assignment.category() == "health");
  CHECK(office.Get(id).delivery().state() == v1::DELIVERY_STATE_PENDING);
  CHECK(stream.NextReport() == id);
  CHECK(stream.NextReport() == id);

  CHECK(office.Acknowledged(id) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(office.Acknowledged(id) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(office.Get(id).delivery().state() == v1::DELIVERY_STATE_ACKNOWLEDGED);
  // One may have been on its way.
  const std::string other = office.Assigned();
  std::string next = stream.NextReport();
  if (next == id) next = stream.NextReport();
  CHECK(next == other);
  CHECK(office.Acknowledged(other) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  office.FireDeliveries({id, other});
  CHECK(office.FellBack() == 0);
}

TEST_CASE("no more is under way than may be; what is acknowledged makes room") {
  Office office(Patient(3));
  const Strings ids = office.Assigned(5);
  Stream stream(*office.stub, kApplication, office.clock);
  CHECK(stream.NextReports(3) == Strings{ids[0], ids[1], ids[2]});
  // Only signs of life.
  CHECK(stream.Next().empty());
  CHECK(stream.Next().empty());
  REQUIRE(office.Acknowledge({ids[1]}).ok());
  CHECK(stream.NextReport() == ids[3]);
  CHECK(stream.Next().empty());
  REQUIRE(office.Acknowledge({ids[0], ids[2], ids[3]}).ok());
  CHECK(stream.NextReport() == ids[4]);
}

TEST_CASE("a part of a report comes to the application of its agency like any assignment, under its own id") {
  Office office;
  const std::string led = office.Assigned("id.81");
  Must(office.Do(led, AddChildAssignment{Triage(), kAgency}).status());
  const std::string part = led + ".1";
  std::string token;
  {
    Stream stream(*office.stub, kApplication, office.clock);
    REQUIRE(stream.NextReport() == part);
    CHECK(stream.last.assignment().hop() == 1);
    token = stream.last.resume_token();
  }
  // Its place is known again.
  Stream again(*office.stub, kApplication, office.clock, token);
  CHECK(again.Next().empty());
  CHECK(office.Acknowledged(part) == v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(office.Get(part).delivery().state() == v1::DELIVERY_STATE_ACKNOWLEDGED);
  office.FireDeliveries({part});
  CHECK(office.FellBack() == 0);
}

TEST_CASE("a part that the application doesn't acknowledge in its term falls back, with its number") {
  Office office;
  const std::string led = office.Assigned("id.81");
  Must(office.Do(led, AddChildAssignment{Triage(), kAgency}).status());
  office.clock.Set(At("2025-03-06T00:00+07:00"));
  std::vector<eventlog::Deadline> due;
  Must(office.pool.Read([&](pg::Tx& tx) {
    due = eventlog::DueDeadlines(tx, office.clock.Now(), std::nullopt, 10);
    return absl::OkStatus();
  }));
  REQUIRE(due.size() == 1);
  CHECK(due[0].subject == led + ".1");
  Must(office.executor->Fire(due));
  CHECK(office.FellBack() == 1);
  CHECK(office.Get(led + ".1").delivery().state() == v1::DELIVERY_STATE_FELL_BACK);
}

TEST_CASE("two streams of an agency share its assignments, and what one leaves the other gets") {
  Office office;
  Stream first(*office.stub, kApplication, office.clock);
  auto second = std::make_unique<Stream>(*office.stub, kApplication, office.clock);
  REQUIRE(first.Next().empty());
  REQUIRE(second->Next().empty());
  const Strings ids = office.Assigned(6);
  Strings received = first.NextReports(3);
  const Strings others = second->NextReports(3);
  received.insert(received.end(), others.begin(), others.end());
  CHECK(std::set(received.begin(), received.end()) == std::set(ids.begin(), ids.end()));

  second.reset();
  const Strings again = first.NextReports(3);
  CHECK(std::set(again.begin(), again.end()) == std::set(others.begin(), others.end()));
}

TEST_CASE("with a resume token, what was sent up to it doesn't come again at once; what is new does") {
  Office office;
  const Strings ids = office.Assigned(2);
  std::string token;
  {
    Stream stream(*office.stub, kApplication, office.clock);
    CHECK(stream.NextReports(2) == ids);
    token = stream.last.resume_token();
  }
  Stream stream(*office.stub, kApplication, office.clock, token);
  CHECK(stream.Next().empty());
  CHECK(stream.last.resume_token() == token);
  const std::string next = office.Assigned();
  CHECK(stream.NextReport() == next);
  CHECK(stream.last.resume_token() != token);

  Stream without(*office.stub, kApplication, office.clock);
  stream.Cancel();
  const Strings all = without.NextReports(3);
  CHECK(std::set(all.begin(), all.end()) == std::set{ids[0], ids[1], next});
}

TEST_CASE("what commits behind the place of a resume token is sent all the same") {
  Office office(Insisting());
  const Strings ids = office.Assigned(2);
  // As if the application had been sent the second one, and the first one had not been committed yet.
  Route second;
  Must(office.pool.Read([&](pg::Tx& tx) {
    second = *FindRoute(tx, ids[1]);
    return absl::OkStatus();
  }));
  REQUIRE(office.Acknowledge({ids[1]}).ok());
  Stream stream(*office.stub, kApplication, office.clock,
                MakeResumeToken(kAgency, {second.delivery->assigned_at, ids[1]}));
  CHECK(stream.NextReport() == ids[0]);
}

TEST_CASE("a resume token of another agency is refused, and so is anything else: nothing is sent") {
  Office office;
  office.Assigned();
  const std::string others = MakeResumeToken("id.81", {office.clock.Now(), kReportId});
  CHECK(RefusalOf(Stream(*office.stub, kApplication, office.clock, others).Status()) ==
        "resume_token PERMISSION_DENIED");
  CHECK(RefusalOf(Stream(*office.stub, kApplication, office.clock, "nonsense").Status()) ==
        "resume_token INVALID_ARGUMENT");
  CHECK(office.Streams() == 0);
  CHECK(office.metrics.Counter("lapor_delivery_sent_total", "", {}).Value() == 0);
}

TEST_CASE("only an agency with an application, or with one at a unit, has anything to watch") {
  Office office;
  CHECK(RefusalOf(Stream(*office.stub, {"f", report::v1::ROLE_OFFICER, "id.81"}, office.clock).Status()) ==
        "agency FAILED_PRECONDITION");
  CHECK(RefusalOf(Stream(*office.stub, {"t", report::v1::ROLE_TRIAGE, ""}, office.clock).Status()) ==
        "authorization PERMISSION_DENIED");

  const std::string id = office.Assigned();
  Stream city(*office.stub, kCity, office.clock);
  CHECK(city.NextReport() == id);
  CHECK(office.Acknowledge({id}, 1, kCity)->states(0) == v1::DELIVERY_STATE_ACKNOWLEDGED);
}

TEST_CASE("what is not acknowledged in its term falls back once, and can be acknowledged late") {
  Office office;
  const std::string id = office.Assigned();
  office.clock.Set(At("2025-03-06T00:00+07:00"));
  office.FireDeliveries({id});
  office.FireDeliveries({id});
  CHECK(office.FellBack() == 1);
  CHECK(office.Get(id).delivery().state() == v1::DELIVERY_STATE_FELL_BACK);
  CHECK(office.Get(id).holder_agency_id() == kAgency);

  Stream stream(*office.stub, kApplication, office.clock);
  CHECK(stream.NextReport() == id);
  CHECK(stream.last.assignment().delivery().state() == v1::DELIVERY_STATE_FELL_BACK);
  CHECK(office.Acknowledged(id) == v1::DELIVERY_STATE_ACKNOWLEDGED_LATE);
  CHECK(office.Get(id).delivery().state() == v1::DELIVERY_STATE_ACKNOWLEDGED_LATE);
  CHECK(office.FellBack() == 1);
}

TEST_CASE("an assignment is either acknowledged in time or falls back, also when both come at once") {
  Office office;
  const Strings ids = office.Assigned(40);
  office.clock.Set(At("2025-03-06T00:00+07:00"));
  std::thread firing([&] {
    for (const std::string& id : ids) office.FireDeliveries({id});
  });
  int late = 0;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id)
    late += office.Acknowledged(*id) == v1::DELIVERY_STATE_ACKNOWLEDGED_LATE;
  firing.join();
  CHECK(office.FellBack() == late);
  for (const std::string& id : ids) {
    CHECK(office.Get(id).delivery().has_acknowledged_at());
  }
  CHECK(office.database.Query("SELECT count(*) FROM deadline") == "0");
}

TEST_CASE("a report that has gone to other hands is withdrawn from the application") {
  Office office(Insisting());
  Stream stream(*office.stub, kApplication, office.clock);
  const std::string id = office.Assigned();
  CHECK(stream.NextReport() == id);
  office.Assign(id, "id.32.73.dinkes");
  CHECK(office.Acknowledged(id) == v1::DELIVERY_STATE_WITHDRAWN);
  const std::string other = office.Assigned();
  std::string next = stream.NextReport();
  while (next == id) next = stream.NextReport();  // was on its way
  CHECK(next == other);
  CHECK(stream.NextReport() == other);

  // And back: another assignment.
  office.Assign(id, kAgency);
  next = stream.NextReport();
  while (next == other) next = stream.NextReport();
  CHECK(next == id);
  CHECK(stream.last.assignment().hop() == 3);
  CHECK(office.Acknowledged(id, 1) == v1::DELIVERY_STATE_WITHDRAWN);
  CHECK(office.Acknowledged(id, 3) == v1::DELIVERY_STATE_ACKNOWLEDGED);
}

TEST_CASE("what can't be acknowledged is told by its place in the call, and nothing of the call counts") {
  Office office;
  const std::string id = office.Assigned();
  const std::string others = office.Assigned("id.81");
  CHECK(RefusalOf(office.Acknowledge({}).status()) == "assignments INVALID_ARGUMENT");
  CHECK(RefusalOf(office.Acknowledge({id, "nonsense"}).status()) ==
        "assignments[1].report_id INVALID_ARGUMENT");
  CHECK(RefusalOf(office.Acknowledge({id}, 0).status()) == "assignments[0].hop INVALID_ARGUMENT");
  CHECK(RefusalOf(office.Acknowledge({id, report::NewTrackingId()}).status()) ==
        "assignments[1].report_id NOT_FOUND");
  CHECK(RefusalOf(office.Acknowledge({id, others}).status()) == "assignments[1].report_id PERMISSION_DENIED");
  CHECK(RefusalOf(office.Acknowledge({id}, 2).status()) == "assignments[0].hop INVALID_ARGUMENT");
  CHECK(RefusalOf(office.Acknowledge({id}, 1, kMonitor).status()) == "authorization PERMISSION_DENIED");
  CHECK(office.Get(id).delivery().state() == v1::DELIVERY_STATE_PENDING);
}

TEST_CASE("a stream is told when its server stops") {
  Office office;
  Stream stream(*office.stub, kApplication, office.clock);
  CHECK(stream.Next().empty());
  office.responder.EndFeeds();
  CHECK(absl::IsUnavailable(stream.Status()));
}

}  // namespace
}  // namespace lapor::routing
