#include "services/intake/testing/counter.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <stdexcept>
#include <utility>

#include "libs/pg/migrate.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/testing/local_secrets.h"
#include "migrations/eventlog.h"
#include "migrations/intake.h"
#include "migrations/notify.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

void AnswerNothing(const std::string&, const std::string&,
                   const std::function<void(absl::StatusOr<followup::v1::ListResponsesResponse>)>& done) {
  done(followup::v1::ListResponsesResponse());
}

}  // namespace

Counter::Counter(Options options)
    : clock_(At("2025-03-03 09:00")),
      pool_({.conninfo = database_.conninfo()}),
      journal_("intake", eventlog::Partitioning()),
      visibility_(pool_, "intake") {
  Must(pg::Migrate(pool_, migrations::eventlog()));
  Must(pg::Migrate(pool_, migrations::intake()));
  Must(journal_.Prepare(pool_));
  Must(pg::Migrate(pool_, migrations::notify()));
  Aggregate aggregate = MakeAggregate(ShippedPolicy());
  aggregate.observe = std::move(options.observe);
  executor_ =
      std::make_unique<Executor>(pool_, journal_, clock_, std::move(aggregate), eventlog::ExecutorOptions(),
                                 [this](const eventlog::Applied& applied) { visibility_.Advance(applied); });
  const rpc::TokenOptions tokens = rpc::SharedSecrets().Tokens();
  authenticator_ = std::make_unique<rpc::Authenticator>(rpc::TokenVerifier::Load(tokens).value(),
                                                        tokens.max_cached_tokens, clock_);
  responder_ = std::make_unique<rpc::Responder>(rpc::ResponderOptions(), *authenticator_, metrics_);
  api_ = std::make_unique<Api>(
      ApiOptions{.open_counter = options.open_counter},
      ApiParts{.responder = *responder_,
               .executor = *executor_,
               .pool = pool_,
               .visibility = visibility_,
               .clock = clock_,
               .policy = ShippedPolicy(),
               .receipt_key = ReceiptKey(runtime::Secret(std::string(32, 'r'))),
               .vault = Vault(),
               .vocabulary = ShippedVocabulary(),
               .ask_responses = options.ask_responses ? std::move(options.ask_responses) : AnswerNothing,
               .draw_tracking_id = std::move(options.draw_tracking_id)});
  auto server = rpc::Server::Start({.plaintext = true}, runtime::Environment::kLocal, {api_.get()});
  Must(server.status());
  server_ = *std::move(server);
  stub_ = v1::Intake::NewStub(
      grpc::CreateChannel(fmt::format("127.0.0.1:{}", server_->port()), grpc::InsecureChannelCredentials()));
}

IdentityVault Counter::Vault() { return IdentityVault(runtime::Secret(std::string(32, 's'))); }

Counter::~Counter() {
  server_->Stop();
  responder_->Stop();
  executor_->Stop();
}

std::unique_ptr<grpc::ClientContext> Counter::As(report::v1::Role role, const std::string& agency_id,
                                                 const std::string& subject) const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->AddMetadata("authorization",
                       "Bearer " + rpc::SharedSecrets().Token({subject, role, agency_id}, clock_.Now()));
  return context;
}

report::v1::Token Counter::NextToken(const std::string& tracking_id, const std::string& producer) const {
  const std::string id = report::ReadTrackingId(tracking_id).id;
  report::v1::Token token;
  token.set_producer(producer);
  token.set_partition(journal_.partitioning().Of(eventlog::Topic::kReport, id));
  const auto applied = applied_.find({producer, eventlog::Topic::kReport, token.partition()});
  token.set_position(applied == applied_.end() ? 1 : applied->second + 1);
  return token;
}

report::v1::Token Counter::Receive(const std::string& tracking_id, event::v1::Event event) {
  const report::v1::Token token = NextToken(tracking_id, event.producer());
  event.set_subject(report::ReadTrackingId(tracking_id).id);
  event.set_partition(token.partition());
  event.set_position(token.position());
  eventlog::Inbound inbound;
  inbound.topic = eventlog::Topic::kReport;
  inbound.partition = token.partition();
  inbound.kafka_offset = token.position();
  inbound.producer = event.producer();
  inbound.position = token.position();
  inbound.subject = event.subject();
  inbound.value = event.SerializeAsString();
  inbound.decoded = true;
  inbound.event = std::move(event);
  applied_[{inbound.producer, inbound.topic, inbound.partition}] = inbound.position;
  const auto gaps = executor_->Apply({std::move(inbound)});
  Must(gaps.status());
  if (!gaps->empty()) throw std::runtime_error("the event left a gap");
  return token;
}

}  // namespace lapor::intake
