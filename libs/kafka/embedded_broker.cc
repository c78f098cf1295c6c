#include "libs/kafka/embedded_broker.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <mutex>
#include <set>
#include <utility>

#include "libs/kafka/client.h"

namespace lapor::kafka {
namespace {

constexpr int kEveryBroker = -1;

}  // namespace

// A client of librdkafka's that carries its mock cluster.
struct EmbeddedBroker::Host {
  explicit Host(Client created)
      : client(std::move(created)), cluster(rd_kafka_handle_mock_cluster(client.get())) {}

  Client client;
  rd_kafka_mock_cluster_t* cluster;
};

// librdkafka makes the cluster id of the cluster's address in memory, and an address may come again. So that
// a new broker of this process never passes for an old one, an address is used once.
absl::StatusOr<std::unique_ptr<EmbeddedBroker::Host>> EmbeddedBroker::NewHost() {
  static std::mutex mutex;
  static std::set<rd_kafka_mock_cluster_t*> used;
  const std::scoped_lock lock(mutex);
  std::vector<std::unique_ptr<Host>> repeated;  // kept until the end, so that the next one lies elsewhere
  while (true) {
    auto client = NewClient(RD_KAFKA_PRODUCER, "embedded", "lapor-embedded-broker",
                            {{"test.mock.num.brokers", "1"}}, {});
    if (!client.ok()) return client.status();
    auto host = std::make_unique<Host>(*std::move(client));
    if (host->cluster == nullptr)
      return absl::UnavailableError("the embedded broker cannot listen on 127.0.0.1");
    if (used.insert(host->cluster).second) return host;
    repeated.push_back(std::move(host));
  }
}

absl::StatusOr<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::Start(const Options& options) {
  auto host = NewHost();
  if (!host.ok()) return host.status();
  std::unique_ptr<EmbeddedBroker> broker(new EmbeddedBroker(*std::move(host)));
  for (const Topic& topic : options.topics)
    if (absl::Status status = broker->CreateTopic(topic); !status.ok()) return status;
  return broker;
}

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Host> host) : host_(std::move(host)) {}
EmbeddedBroker::~EmbeddedBroker() = default;

std::string EmbeddedBroker::brokers() const { return rd_kafka_mock_cluster_bootstraps(host_->cluster); }

absl::Status EmbeddedBroker::CreateTopic(const Topic& topic) {
  if (topic.name.empty() || topic.partitions < 1)
    return absl::InvalidArgumentError(
        fmt::format("topic \"{}\" with {} partitions: a topic needs a name and at "
                    "least 1 partition",
                    topic.name, topic.partitions));
  const rd_kafka_resp_err_t error =
      rd_kafka_mock_topic_create(host_->cluster, topic.name.c_str(), topic.partitions, /*replication=*/1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("topic {}: {}", topic.name, rd_kafka_err2str(error)));
}

void EmbeddedBroker::FailNext(Request request, const std::vector<Fault>& faults) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const Fault fault : faults) errors.push_back(static_cast<rd_kafka_resp_err_t>(fault));
  rd_kafka_mock_push_request_errors_array(host_->cluster, static_cast<int16_t>(request), errors.size(),
                                          errors.data());
}

void EmbeddedBroker::SetDown(bool down) {
  if (down) {
    rd_kafka_mock_broker_set_down(host_->cluster, kEveryBroker);
  } else {
    rd_kafka_mock_broker_set_up(host_->cluster, kEveryBroker);
  }
}

void EmbeddedBroker::SetRoundTrip(absl::Duration duration) {
  rd_kafka_mock_broker_set_rtt(host_->cluster, kEveryBroker, ToMilliseconds(duration));
}

}  // namespace lapor::kafka
