#include "libs/kafka/producer.h"

#include <fmt/format.h>

#include <utility>

#include "libs/kafka/client.h"

namespace lapor::kafka {
namespace {

// How often a Send that waits for acknowledgements looks up. Events wake it at once.
constexpr int kPollMs = 1000;

// One Send under way.
struct Delivery {
  explicit Delivery(const std::vector<Message>& to_send) : messages(to_send), offsets(to_send.size(), -1) {}

  bool done() const { return acknowledged == messages.size() || !failure.ok(); }

  void Fail(size_t index, rd_kafka_resp_err_t error, std::string_view detail) {
    if (!failure.ok()) return;
    const Message& message = messages[index];
    failure = ToStatus(error,
                       fmt::format("message {} of {}, for {}, is not acknowledged", index + 1,
                                   messages.size(), ToString({message.topic, message.partition})),
                       detail);
    // librdkafka's fatal errors end with the client, which is replaced.
    if (absl::IsFailedPrecondition(failure)) failure = absl::UnavailableError(failure.message());
  }

  const std::vector<Message>& messages;
  std::vector<int64_t> offsets;
  size_t acknowledged = 0;
  absl::Status failure;
};

// A message's number travels through librdkafka as its opaque pointer.
void* ToOpaque(size_t index) { return reinterpret_cast<void*>(index); }
size_t ToIndex(const void* opaque) { return reinterpret_cast<size_t>(opaque); }

absl::StatusOr<Client> Open(const ProducerOptions& options) {
  const std::string delivery_timeout_ms =
      std::to_string(std::max(1, ToMilliseconds(options.delivery_timeout)));
  return NewClient(RD_KAFKA_PRODUCER, options.brokers, options.client_id,
                   {{"enable.idempotence", "true"},
                    {"acks", "all"},
                    {"allow.auto.create.topics", "false"},
                    {"partitioner", "murmur2_random"},  // if ever a message comes without a partition
                    {"message.timeout.ms", delivery_timeout_ms},
                    {"linger.ms", fmt::format("{}", options.linger_ms)},
                    {"queue.buffering.max.messages", std::to_string(options.max_queued_messages)},
                    {"queue.buffering.max.kbytes", std::to_string(options.max_queued_kbytes)},
                    {"message.max.bytes", std::to_string(options.max_message_bytes)},
                    // A topic that is missing is said to be, instead of timing out.
                    {"topic.metadata.propagation.max.ms", "3000"}},
                   options.properties, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

}  // namespace

// A client and what it owes us. Destroying it discards all that was not sent.
struct Producer::Session {
  explicit Session(Client opened) : client(std::move(opened)), queue(rd_kafka_queue_get_main(client.get())) {}
  ~Session() { rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Enqueue(Delivery& delivery, size_t index) {
    const Message& message = delivery.messages[index];
    arguments.clear();
    const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
      arguments.emplace_back().vtype = type;
      return arguments.back();
    };
    add(RD_KAFKA_VTYPE_RKT).u.rkt = Topic(message.topic);
    add(RD_KAFKA_VTYPE_PARTITION).u.i32 = message.partition;
    add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
    add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = ToOpaque(index);
    add(RD_KAFKA_VTYPE_KEY).u.mem = {const_cast<char*>(message.key.data()), message.key.size()};
    add(RD_KAFKA_VTYPE_VALUE).u.mem = {const_cast<char*>(message.value.data()), message.value.size()};
    for (const Header& header : message.headers)
      add(RD_KAFKA_VTYPE_HEADER).u.header = {header.key.c_str(), header.value.data(),
                                             static_cast<ssize_t>(header.value.size())};
    while (!delivery.done()) {
      const Error error(rd_kafka_produceva(client.get(), arguments.data(), arguments.size()));
      if (!error) return;
      const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
      if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        Collect(delivery, kPollMs);
      } else {
        delivery.Fail(index, code, rd_kafka_error_string(error.get()));
      }
    }
  }

  // By its handle and not by name: then librdkafka asks for the partitions at once, else within a second.
  rd_kafka_topic_t* Topic(const std::string& name) {
    TopicHandle& topic = topics[name];
    if (!topic) topic.reset(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    return topic.get();
  }

  // Waits for the next event and takes it in.
  void Collect(Delivery& delivery, int timeout_ms) {
    const Event event(rd_kafka_queue_poll(queue.get(), timeout_ms));
    if (!event) return;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR) {
      while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event.get())) {
        const size_t index = ToIndex(report->_private);
        if (report->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
          delivery.Fail(index, report->err, FatalReason());
        } else if (report->offset < 0) {
          // The broker had it already, from an attempt whose answer was lost, and no longer knows where.
          delivery.Fail(index, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER,
                        "written, but the offset is not known");
        } else {
          delivery.offsets[index] = report->offset;
          ++delivery.acknowledged;
        }
      }
    } else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) {
      // Fatal errors show in the delivery reports too; the others librdkafka gets over.
      Log(Severity::kWarning, rd_kafka_name(client.get()), rd_kafka_event_error_string(event.get()));
    }
  }

  std::string FatalReason() const {
    char reason[512] = "";
    rd_kafka_fatal_error(client.get(), reason, sizeof(reason));
    return reason;
  }

  Client client;
  Queue queue;
  std::map<std::string, TopicHandle> topics;
  std::vector<rd_kafka_vu_t> arguments;  // kept for its capacity
};

absl::StatusOr<std::unique_ptr<Producer>> Producer::Create(ProducerOptions options) {
  auto client = Open(options);
  if (!client.ok()) return client.status();
  std::unique_ptr<Producer> producer(new Producer(std::move(options)));
  producer->session_ = std::make_unique<Session>(*std::move(client));
  return producer;
}

Producer::Producer(ProducerOptions options) : options_(std::move(options)) {}
Producer::~Producer() = default;

absl::StatusOr<std::vector<int64_t>> Producer::Send(const std::vector<Message>& messages) {
  if (session_ == nullptr) {
    auto client = Open(options_);
    if (!client.ok()) return absl::UnavailableError(client.status().message());
    session_ = std::make_unique<Session>(*std::move(client));
  }
  Delivery delivery(messages);
  for (size_t i = 0; i < messages.size() && delivery.failure.ok(); ++i) session_->Enqueue(delivery, i);
  while (!delivery.done()) session_->Collect(delivery, kPollMs);
  if (!delivery.failure.ok()) {
    session_.reset();
    return delivery.failure;
  }
  return std::move(delivery.offsets);
}

}  // namespace lapor::kafka
