// Risk: a caller is told what they may not know, or can't make out what they are told.
#include "services/reporting/api.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "libs/decision/refusal.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/local_secrets.h"
#include "services/reporting/testing/stream.h"

namespace lapor::reporting {
namespace {

using report::v1::Role;
using testing::Projection;
using testing::Stream;

constexpr Role kEveryRole[] = {report::v1::ROLE_CHANNEL,      report::v1::ROLE_OFFICER,
                               report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_TRIAGE,
                               report::v1::ROLE_ARBITER,      report::v1::ROLE_OMBUDSMAN,
                               report::v1::ROLE_MONITOR,      report::v1::ROLE_ANALYST,
                               report::v1::ROLE_OPERATOR,     report::v1::ROLE_SERVICE};

const policy::Regions& ShippedRegions() {
  static const policy::Regions regions =
      policy::ReadRegions(std::filesystem::path(std::getenv("LAPOR_SOURCE_DIR")) / "deploy/reference")
          .value();
  return regions;
}

// The API in front of a projection, called over gRPC within the process.
class Served {
 public:
  Served() {
    projection.on_commit = [this](const eventlog::Applied& applied) { visibility_.Advance(applied); };
    server_ = grpc::ServerBuilder().RegisterService(&api_).BuildAndStart();
    stub_ = v1::Reporting::NewStub(server_->InProcessChannel({}));
  }
  ~Served() {
    server_->Shutdown();
    responder_.Stop();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  absl::StatusOr<v1::Figures> Get(v1::Scope scope, const std::string& id,
                                  Role role = report::v1::ROLE_UNSPECIFIED) {
    v1::GetFiguresRequest request;
    request.set_scope(scope);
    request.set_id(id);
    return Call<v1::Figures>(&v1::Reporting::Stub::GetFigures, request, role);
  }
  absl::StatusOr<v1::ListFiguresResponse> List(const v1::ListFiguresRequest& request,
                                               Role role = report::v1::ROLE_UNSPECIFIED) {
    return Call<v1::ListFiguresResponse>(&v1::Reporting::Stub::ListFigures, request, role);
  }
  absl::StatusOr<v1::VerifyFiguresResponse> Verify(Role role) {
    return Call<v1::VerifyFiguresResponse>(&v1::Reporting::Stub::VerifyFigures, v1::VerifyFiguresRequest(),
                                           role);
  }
  absl::StatusOr<v1::RebuildFiguresResponse> Rebuild(Role role) {
    return Call<v1::RebuildFiguresResponse>(&v1::Reporting::Stub::RebuildFigures, v1::RebuildFiguresRequest(),
                                            role);
  }

  template <class Response, class Method, class Request>
  absl::StatusOr<Response> Call(Method method, const Request& request, Role role) {
    grpc::ClientContext context;
    if (role != report::v1::ROLE_UNSPECIFIED) {
      const bool of_agency = role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN;
      context.AddMetadata("authorization", "Bearer " + rpc::SharedSecrets().Token(
                                                           {"someone", role, of_agency ? "id.32.73" : ""},
                                                           projection.clock.Now()));
    }
    Response response;
    const absl::Status status = rpc::FromGrpc((stub_.get()->*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  Projection projection;
  int times_without_consumer = 0;
  // What is said of the streams' beginnings.
  absl::Status history;

 private:
  runtime::Metrics metrics_;
  rpc::Authenticator authenticator_{rpc::TokenVerifier::Load(rpc::SharedSecrets().Tokens()).value(), 100,
                                    projection.clock};
  rpc::Responder responder_{{}, authenticator_, metrics_};
  eventlog::Visibility visibility_{projection.pool, "reporting"};
  Api api_{projection.pool,
           visibility_,
           responder_,
           ShippedRegions(),
           {},
           [this](const auto& body) {
             ++times_without_consumer;
             return body();
           },
           [this] { return history; }};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Reporting::Stub> stub_;
};

// `closed` closed reports of Bandung and `open` ones in process.
Stream Bandung(int closed, int open) {
  Stream stream;
  stream.Tell("routing", "id.32.73", testing::Recorded("id.32.73", "Pemerintah Kota Bandung", 1));
  for (int i = 0; i < closed + open; ++i) {
    const std::string report = "report-" + std::to_string(i);
    stream.Tell("intake", report, testing::Submitted("32.73"));
    stream.Tell("routing", report, testing::Assigned("id.32.73"));
    stream.Tell("followup", report, testing::Responded("id.32.73"));
    if (i < closed) stream.Tell("followup", report, testing::Closed());
  }
  return stream;
}

std::string FieldOf(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  return bad_input ? bad_input->violations(0).field() : "";
}

TEST_CASE("anyone may read figures; small counts are told to callers with a token only") {
  Served served;
  served.projection.ApplyBatch(Bandung(12, 3).events());

  const auto open = served.Get(v1::SCOPE_AGENCY, "id.32.73");
  REQUIRE(open.ok());
  CHECK(open->name() == "Pemerintah Kota Bandung");
  CHECK(open->agency_kind() == event::v1::AGENCY_KIND_CITY);
  CHECK(open->received() == 15);
  CHECK(open->closed() == 12);
  CHECK(open->in_process() == 0);
  CHECK(open->suppressed());
  CHECK_FALSE(open->has_followed_up_percent());

  for (const Role role : kEveryRole) {
    CAPTURE(report::v1::Role_Name(role));
    const auto told = served.Get(v1::SCOPE_AGENCY, "id.32.73", role);
    REQUIRE(told.ok());
    CHECK(told->in_process() == 3);
    CHECK(told->followed_up_percent() == 100);
    CHECK_FALSE(told->suppressed());
  }

  const auto province = served.Get(v1::SCOPE_PROVINCE, "32");
  REQUIRE(province.ok());
  CHECK(province->name() == "Jawa Barat");
  CHECK(province->suppressed());
  const auto nation = served.Get(v1::SCOPE_NATION, "");
  REQUIRE(nation.ok());
  CHECK(nation->in_process() == 3);
  CHECK(nation->band() == v1::BAND_ABOVE_90);
}

TEST_CASE(
    "few merged reports are told to callers with a token only, and the percentage that would tell them") {
  Served served;
  Stream stream = Bandung(12, 0);
  for (int i = 0; i < 2; ++i) {
    event::v1::Event merged;
    merged.mutable_report_merged()->set_lead_report_id("report-0");
    const std::string report = "follower-" + std::to_string(i);
    stream.Tell("intake", report, testing::Submitted("32.73"));
    stream.Tell("routing", report, testing::Assigned("id.32.73"));
    stream.Tell("routing", report, merged);
  }
  served.projection.ApplyBatch(stream.events());

  const auto open = served.Get(v1::SCOPE_AGENCY, "id.32.73");
  REQUIRE(open.ok());
  CHECK(open->suppressed());
  CHECK(open->received() == 14);
  CHECK(open->merged() == 0);
  CHECK(open->followed_up_denominator() == 0);
  CHECK_FALSE(open->has_followed_up_percent());

  const auto told = served.Get(v1::SCOPE_AGENCY, "id.32.73", report::v1::ROLE_MONITOR);
  REQUIRE(told.ok());
  CHECK(told->merged() == 2);
  CHECK(told->followed_up_denominator() == 12);
  CHECK(told->followed_up_percent() == 100);
}

TEST_CASE("figures name the positions of the report stream that they hold") {
  Served served;
  const Stream stream = Bandung(6, 0);
  served.projection.ApplyBatch(stream.events());
  v1::ListFiguresRequest request;
  request.set_scope(v1::SCOPE_AGENCY);
  const auto list = served.List(request);
  REQUIRE(list.ok());
  int64_t positions = 0;
  for (const auto& token : list->as_of()) positions += token.position();
  CHECK(positions == static_cast<int64_t>(stream.events().size()) - 1);  // less the registry's
  CHECK(served.Get(v1::SCOPE_NATION, "")->as_of_size() == list->as_of_size());
}

TEST_CASE("provinces are listed by code, all of the reference data or those with reports") {
  Served served;
  served.projection.ApplyBatch(Bandung(6, 0).events());
  v1::ListFiguresRequest request;
  request.set_scope(v1::SCOPE_PROVINCE);
  request.set_page_size(30);
  auto list = served.List(request);
  REQUIRE(list.ok());
  CHECK(list->figures_size() == 30);
  CHECK(list->figures(0).name() == "Aceh");
  CHECK(list->figures(0).band() == v1::BAND_NO_REPORTS);
  request.set_page_token(list->next_page_token());
  list = served.List(request);
  REQUIRE(list.ok());
  CHECK(list->figures_size() == 8);
  CHECK(list->next_page_token().empty());

  request.clear_page_token();
  request.set_with_reports_only(true);
  list = served.List(request);
  REQUIRE(list.ok());
  REQUIRE(list->figures_size() == 1);
  CHECK(list->figures(0).id() == "32");
  CHECK(list->figures(0).closed() == 6);
}

TEST_CASE("agencies are listed by id, and the last full page has no next one") {
  Served served;
  Stream stream = Bandung(6, 0);
  for (const std::string id : {"id.11", "id.12", "id.99"})
    stream.Tell("routing", id, testing::Recorded(id, id, 1));
  served.projection.ApplyBatch(stream.events());
  v1::ListFiguresRequest request;
  request.set_scope(v1::SCOPE_AGENCY);
  request.set_page_size(2);
  std::vector<std::string> ids;
  for (int pages = 1;; ++pages) {
    const auto list = served.List(request);
    REQUIRE(list.ok());
    CHECK(list->figures_size() == 2);
    for (const v1::Figures& figures : list->figures()) ids.push_back(figures.id());
    if (list->next_page_token().empty()) break;
    request.set_page_token(list->next_page_token());
  }
  CHECK(ids == std::vector<std::string>{"id.11", "id.12", "id.32.73", "id.99"});
}

TEST_CASE("a wrong request is told which field breaks which rule") {
  Served served;
  const auto refused = [](const auto& answer) {
    return std::pair(answer.status().code(), FieldOf(answer.status()));
  };
  using absl::StatusCode;
  CHECK(refused(served.Get(v1::SCOPE_UNSPECIFIED, "")) ==
        std::pair(StatusCode::kInvalidArgument, std::string("scope")));
  CHECK(refused(served.Get(v1::SCOPE_NATION, "32")) ==
        std::pair(StatusCode::kInvalidArgument, std::string("id")));
  CHECK(refused(served.Get(v1::SCOPE_PROVINCE, "10")) == std::pair(StatusCode::kNotFound, std::string("id")));
  CHECK(refused(served.Get(v1::SCOPE_PROVINCE, "32.73")) ==
        std::pair(StatusCode::kNotFound, std::string("id")));
  CHECK(refused(served.Get(v1::SCOPE_AGENCY, "id.32.73")) ==
        std::pair(StatusCode::kNotFound, std::string("id")));
  CHECK(refused(served.Get(v1::SCOPE_AGENCY, "")) ==
        std::pair(StatusCode::kInvalidArgument, std::string("id")));
  CHECK(refused(served.Get(v1::SCOPE_AGENCY, std::string("id\0", 3))) ==
        std::pair(StatusCode::kInvalidArgument, std::string("id")));

  v1::ListFiguresRequest request;
  request.set_scope(v1::SCOPE_NATION);
  request.set_page_size(1001);
  request.set_page_token("of another list");
  const auto list = served.List(request);
  CHECK(absl::IsInvalidArgument(list.status()));
  REQUIRE(decision::BadInputOf(list.status()).has_value());
  CHECK(decision::BadInputOf(list.status())->violations_size() == 3);
}

TEST_CASE("a page token serves only the list that gave it") {
  Served served;
  served.projection.ApplyBatch(Bandung(6, 0).events());
  v1::ListFiguresRequest request;
  request.set_scope(v1::SCOPE_PROVINCE);
  request.set_page_size(5);
  request.set_page_token(served.List(request)->next_page_token());
  CHECK(served.List(request).ok());
  request.set_with_reports_only(true);
  CHECK(FieldOf(served.List(request).status()) == "page_token");
  request.set_with_reports_only(false);
  request.set_scope(v1::SCOPE_AGENCY);
  CHECK(FieldOf(served.List(request).status()) == "page_token");
}

TEST_CASE("only operators, analysts and monitors verify, and only operators rebuild") {
  Served served;
  for (const Role role : kEveryRole) {
    CAPTURE(report::v1::Role_Name(role));
    const bool verifies = role == report::v1::ROLE_OPERATOR || role == report::v1::ROLE_ANALYST ||
                          role == report::v1::ROLE_MONITOR;
    CHECK(served.Verify(role).status().code() ==
          (verifies ? absl::StatusCode::kOk : absl::StatusCode::kPermissionDenied));
    CHECK(served.Rebuild(role).status().code() ==
          (role == report::v1::ROLE_OPERATOR ? absl::StatusCode::kOk : absl::StatusCode::kPermissionDenied));
  }
  CHECK(absl::IsUnauthenticated(served.Verify(report::v1::ROLE_UNSPECIFIED).status()));
  CHECK(absl::IsUnauthenticated(served.Rebuild(report::v1::ROLE_UNSPECIFIED).status()));
  CHECK(served.times_without_consumer == 1);
}

TEST_CASE("a rebuild forgets while nothing is consumed, and says where the streams stood") {
  Served served;
  const Stream stream = Bandung(6, 2);
  served.projection.ApplyBatch(stream.events());
  const std::string cells = served.projection.Cells();
  const auto as_of = served.Get(v1::SCOPE_NATION, "")->as_of();

  const auto rebuilt = served.Rebuild(report::v1::ROLE_OPERATOR);
  REQUIRE(rebuilt.ok());
  CHECK(served.times_without_consumer == 1);
  CHECK(rebuilt->rebuilt_at_size() == as_of.size());
  CHECK(served.Get(v1::SCOPE_NATION, "")->received() == 0);

  served.projection.ApplyBatch(stream.events());
  CHECK(served.projection.Cells() == cells);
  CHECK(served.Verify(report::v1::ROLE_OPERATOR)->differences().empty());
}

TEST_CASE("figures that could not grow back are not forgotten") {
  Served served;
  served.projection.ApplyBatch(Bandung(6, 2).events());
  const std::string cells = served.projection.Cells();
  served.history =
      decision::Refuse(absl::StatusCode::kFailedPrecondition, "streams", "begin too late", "restore");

  const auto refused = served.Rebuild(report::v1::ROLE_OPERATOR);
  CHECK(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(refused.status()) == "streams");
  CHECK(served.times_without_consumer == 0);
  CHECK(served.projection.Cells() == cells);
  CHECK(served.Get(v1::SCOPE_NATION, "")->received() == 8);
}

TEST_CASE("a read waits for the events that its caller has caused") {
  Served served;
  Stream stream;
  const auto& event = stream.Tell("intake", "report", testing::Submitted("32"));
  v1::GetFiguresRequest request;
  request.set_scope(v1::SCOPE_NATION);
  auto* token = request.add_not_before();
  token->set_producer("intake");
  token->set_partition(event.partition());
  token->set_position(event.position());
  auto answer = std::async(std::launch::async, [&] {
    return served.Call<v1::Figures>(&v1::Reporting::Stub::GetFigures, request, report::v1::ROLE_UNSPECIFIED);
  });
  served.projection.ApplyBatch(stream.events());
  const auto figures = answer.get();
  REQUIRE(figures.ok());
  CHECK(figures->received() == 1);
}

}  // namespace
}  // namespace lapor::reporting
