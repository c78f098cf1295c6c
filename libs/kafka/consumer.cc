#include "libs/kafka/consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "absl/time/clock.h"
#include "libs/kafka/client.h"

namespace lapor::kafka {
namespace {

Message ToMessage(const rd_kafka_message_t& from) {
  Message message;
  message.topic = rd_kafka_topic_name(from.rkt);
  message.partition = from.partition;
  message.offset = from.offset;
  message.key.assign(static_cast<const char*>(from.key), from.key_len);
  message.value.assign(static_cast<const char*>(from.payload), from.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&from, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    message.headers.reserve(rd_kafka_header_cnt(headers));
    const char* key = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &key, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i)
      message.headers.push_back({key, std::string(static_cast<const char*>(value), size)});
  }
  return message;
}

std::vector<TopicPartition> ToVector(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; list != nullptr && i < list->cnt; ++i)
    partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  return partitions;
}

absl::StatusOr<Client> Open(const ConsumerOptions& options, absl::Duration fetch_wait) {
  const auto number = [](absl::Duration duration) { return std::to_string(ToMilliseconds(duration)); };
  return NewClient(
      RD_KAFKA_CONSUMER, options.brokers, options.client_id,
      {// librdkafka asks for a group even where none is joined.
       {"group.id", options.group_id.empty() ? "lapor-no-group" : options.group_id},
       {"auto.offset.reset", "error"},
       {"enable.auto.commit", "false"},
       {"enable.auto.offset.store", "false"},
       {"allow.auto.create.topics", "false"},
       {"partition.assignment.strategy", "range"},
       {"check.crcs", "true"},
       {"session.timeout.ms", number(options.session_timeout)},
       {"heartbeat.interval.ms", number(options.session_timeout / 6)},
       {"max.poll.interval.ms", number(std::max(options.max_poll_interval, options.session_timeout))},
       {"fetch.min.bytes", "1"},
       {"fetch.wait.max.ms", number(fetch_wait)},
       {"fetch.error.backoff.ms", "50"},
       {"fetch.max.bytes", std::to_string(options.max_fetch_bytes)},
       {"max.partition.fetch.bytes", std::to_string(std::min(options.max_fetch_bytes, 1024 * 1024))},
       {"queued.min.messages", std::to_string(options.max_queued_messages)},
       {"queued.max.messages.kbytes", std::to_string(options.max_queued_kbytes)}},
      options.properties, RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR);
}

// Before 2.1.0 librdkafka keeps count of a partition that was lost with its topic, and then waits for ever
// for its own thread (its change log of 2.1.0, "blocking the consumer from closing"; Debian 12 has 2.0.2).
// The group has been left by then: what remains is a little memory, given up for a consumer that can begin
// again.
void Destroy(Client client) {
  constexpr auto kPatience = std::chrono::seconds(2);
  const std::string name = rd_kafka_name(client.get());
  std::promise<void> destroyed;
  const std::future<void> done = destroyed.get_future();
  std::thread([client = std::move(client), destroyed = std::move(destroyed)]() mutable {
    client.reset();
    destroyed.set_value();
  }).detach();
  if (done.wait_for(kPatience) != std::future_status::ready)
    Log(Severity::kWarning, name, "left behind: librdkafka doesn't finish closing it");
}

}  // namespace

struct Consumer::Session {
  explicit Session(Client opened)
      : client(std::move(opened)), queue(rd_kafka_queue_get_consumer(client.get())) {}
  ~Session() {
    // Closing would wait for ever for our answer to an assignment that was not started.
    rd_kafka_assign(client.get(), nullptr);
    rd_kafka_consumer_close(client.get());
    topics.clear();
    queue.reset();
    Destroy(std::move(client));
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Makes librdkafka ask for the partitions of a topic at once, else it does so within a second.
  void Ask(const std::string& topic) {
    TopicHandle& handle = topics[topic];
    if (!handle) handle.reset(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  }

  // rd_kafka_assign leaves partitions that it takes away to stop by themselves, and librdkafka aborts if they
  // are taken away again before they have. Its main thread works through one queue: our first question is
  // answered after the orders to stop, the second after their reports.
  void AwaitStops() const {
    for (int question = 0; question < 2; ++question) {
      rd_kafka_topic_partition_list_t* assigned = nullptr;
      if (rd_kafka_assignment(client.get(), &assigned) == RD_KAFKA_RESP_ERR_NO_ERROR) PartitionList{assigned};
    }
  }

  void Take(rd_kafka_event_t* event, Consumer& consumer, std::vector<Message>& messages) const;
  void TakeError(rd_kafka_event_t* event, Consumer& consumer) const;

  Client client;
  Queue queue;
  std::map<std::string, TopicHandle> topics;
};

absl::StatusOr<std::unique_ptr<Consumer>> Consumer::Create(ConsumerOptions options) {
  constexpr absl::Duration kFetchWait = absl::Milliseconds(100);
  constexpr absl::Duration kFetchWaitEmbedded = absl::Milliseconds(5);
  auto client = Open(options, options.fetch_wait.value_or(kFetchWait));
  if (!client.ok()) return client.status();
  if (!options.fetch_wait && IsEmbedded(ClusterIdOf(client->get(), absl::Seconds(1)).value_or(""))) {
    client = Open(options, kFetchWaitEmbedded);
    if (!client.ok()) return client.status();
  }
  rd_kafka_poll_set_consumer(client->get());
  return std::unique_ptr<Consumer>(
      new Consumer(std::make_unique<Session>(*std::move(client)), /*has_group=*/!options.group_id.empty()));
}

Consumer::Consumer(std::unique_ptr<Session> session, bool has_group)
    : session_(std::move(session)), has_group_(has_group) {}
Consumer::~Consumer() = default;

absl::Status Consumer::Subscribe(const std::vector<std::string>& topics, StoredOffset stored_offset,
                                 OnRevoked on_revoked) {
  if (!has_group_) return absl::InvalidArgumentError("Subscribe needs ConsumerOptions.group_id; set it");
  stored_offset_ = std::move(stored_offset);
  on_revoked_ = std::move(on_revoked);
  std::vector<TopicPartition> any_partition;
  for (const std::string& topic : topics) {
    session_->Ask(topic);
    any_partition.push_back({topic, RD_KAFKA_PARTITION_UA});
  }
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(session_->client.get(), ToList(any_partition).get());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : ToStatus(error, "subscribing");
}

absl::Status Consumer::Assign(const std::vector<TopicPartition>& partitions,
                              const StoredOffset& stored_offset) {
  for (const TopicPartition& partition : partitions) session_->Ask(partition.topic);
  return Start(partitions, stored_offset);
}

absl::StatusOr<std::vector<Message>> Consumer::Poll(int max_messages, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  std::vector<Message> messages;
  while (problems_.empty() && messages.size() < static_cast<size_t>(max_messages)) {
    const bool wait = messages.empty() && !unanswered_;
    const Event event(
        rd_kafka_queue_poll(session_->queue.get(), wait ? ToMilliseconds(deadline - absl::Now()) : 0));
    if (event) {
      session_->Take(event.get(), *this, messages);
    } else if (unanswered_) {  // Not before the queue is empty: a newer event may take the partitions away.
      if (absl::Status status = Start(*unanswered_, stored_offset_); !status.ok()) return status;
      unanswered_.reset();
    } else if (!messages.empty() || absl::Now() >= deadline) {
      break;
    }
  }
  AdvancePast(messages);
  if (!messages.empty() || problems_.empty()) return messages;
  Problem problem = std::move(problems_.front());
  problems_.pop_front();
  if (absl::IsOutOfRange(problem.status)) out_of_range_ = std::move(problem.partition);
  return std::move(problem.status);
}

void Consumer::Session::Take(rd_kafka_event_t* event, Consumer& consumer,
                             std::vector<Message>& messages) const {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_FETCH:
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event))
        messages.push_back(ToMessage(*message));
      break;
    case RD_KAFKA_EVENT_REBALANCE:
      if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        consumer.unanswered_ = ToVector(rd_kafka_event_topic_partition_list(event));
      } else {
        consumer.GiveBack(messages);
      }
      break;
    case RD_KAFKA_EVENT_ERROR:
      TakeError(event, consumer);
      break;
    default:
      break;
  }
}

void Consumer::Session::TakeError(rd_kafka_event_t* event, Consumer& consumer) const {
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  const char* text = rd_kafka_event_error_string(event);
  if (rd_kafka_event_error_is_fatal(event) != 0) {
    consumer.problems_.push_back({{}, ToStatus(RD_KAFKA_RESP_ERR__FATAL, "consuming", text)});
    return;
  }
  const std::unique_ptr<rd_kafka_topic_partition_t, Destroyer<rd_kafka_topic_partition_destroy>> where(
      rd_kafka_event_topic_partition(event));
  if (error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET && where) {
    const TopicPartition partition{where->topic, where->partition};
    const auto position = consumer.next_.find(partition);
    if (position == consumer.next_.end()) return;
    if (where->offset < 0) {  // Not our position: the broker did not say where the partition begins.
      consumer.problems_.push_back(
          {partition, absl::UnavailableError(fmt::format("{}: {}", ToString(partition), text))});
      static_cast<void>(consumer.Reassign());
    } else if (where->offset == position->second) {  // Else it is about where we were before a Seek.
      consumer.problems_.push_back(
          {partition, absl::OutOfRangeError(fmt::format("{}: offset {} is not on the broker: {}",
                                                        ToString(partition), where->offset, text))});
    }
    return;
  }
  absl::Status status = ToStatus(error, "consuming", text);
  if (absl::IsUnavailable(status)) {  // librdkafka gets over it by itself
    Log(Severity::kWarning, rd_kafka_name(client.get()), text);
  } else {
    consumer.problems_.push_back({{}, std::move(status)});
  }
}

absl::Status Consumer::Start(const std::vector<TopicPartition>& partitions,
                             const StoredOffset& stored_offset) {
  std::map<TopicPartition, int64_t> next;
  for (const TopicPartition& partition : partitions) {
    const absl::StatusOr<int64_t> offset = stored_offset(partition);
    if (!offset.ok()) return offset.status();
    next[partition] = *offset;
  }
  ResumeAll();
  next_ = std::move(next);
  return Reassign();
}

// Makes librdkafka fetch from what next_ says; paused partitions stay so. This is also how to seek:
// rd_kafka_seek refuses a partition that has stopped at an error.
absl::Status Consumer::Reassign() {
  const std::vector<TopicPartition> partitions = assignment();
  const PartitionList list = ToList(partitions);
  for (int i = 0; i < list->cnt; ++i) {
    const int64_t offset = next_[partitions[static_cast<size_t>(i)]];
    list->elems[i].offset = offset == kBeginning ? int64_t{RD_KAFKA_OFFSET_BEGINNING} : offset;
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(session_->client.get(), list.get());
  session_->AwaitStops();
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : ToStatus(error, "assigning partitions");
}

// librdkafka would remember a pause until the partition comes back, and keep it still then.
void Consumer::ResumeAll() {
  if (paused_.empty()) return;
  rd_kafka_resume_partitions(session_->client.get(), ToList({paused_.begin(), paused_.end()}).get());
  paused_.clear();
}

void Consumer::GiveBack(std::vector<Message>& fetched) {
  // All of them: with the range strategy a group gives everything back before it shares out anew.
  fetched.clear();
  problems_.clear();
  unanswered_.reset();
  if (!next_.empty()) on_revoked_(assignment());
  ResumeAll();
  next_.clear();
  rd_kafka_assign(session_->client.get(), nullptr);
}

void Consumer::AdvancePast(const std::vector<Message>& returned) {
  for (size_t i = 0; i < returned.size(); ++i) {
    const Message& message = returned[i];
    const bool last_of_run = i + 1 == returned.size() || returned[i + 1].partition != message.partition ||
                             returned[i + 1].topic != message.topic;
    if (last_of_run) next_[{message.topic, message.partition}] = message.offset + 1;
  }
}

absl::Status Consumer::Seek(const TopicPartition& partition, int64_t offset) {
  if (absl::Status status = RequireAssigned(partition); !status.ok()) return status;
  std::erase_if(problems_, [&](const Problem& problem) { return problem.partition == partition; });
  next_[partition] = offset;
  return Reassign();
}

absl::Status Consumer::Pause(const TopicPartition& partition) {
  if (absl::Status status = RequireAssigned(partition); !status.ok()) return status;
  const PartitionList list = ToList({partition});
  rd_kafka_pause_partitions(session_->client.get(), list.get());
  if (const rd_kafka_resp_err_t error = list->elems[0].err; error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return ToStatus(error, fmt::format("pausing {}", ToString(partition)));
  paused_.insert(partition);
  return absl::OkStatus();
}

absl::Status Consumer::Resume(const TopicPartition& partition) {
  if (absl::Status status = RequireAssigned(partition); !status.ok()) return status;
  paused_.erase(partition);
  rd_kafka_resume_partitions(session_->client.get(), ToList({partition}).get());
  return absl::OkStatus();
}

absl::Status Consumer::RequireAssigned(const TopicPartition& partition) const {
  if (next_.contains(partition)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} is not assigned to this consumer", ToString(partition)));
}

std::vector<TopicPartition> Consumer::assignment() const {
  std::vector<TopicPartition> partitions;
  partitions.reserve(next_.size());
  for (const auto& [partition, offset] : next_) partitions.push_back(partition);
  return partitions;
}

}  // namespace lapor::kafka
