#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"

namespace lapor::kafka {

// An offset: from the oldest message that the broker still has.
inline constexpr int64_t kBeginning = -1;

struct ConsumerOptions {
  std::string brokers = {};   // host:port,host:port
  std::string group_id = {};  // needed by Subscribe, unused by Assign
  std::string client_id = "lapor";
  // A member that is not heard of for so long loses its partitions to the others. Kafka's default lower
  // bound is 6 s. The embedded broker takes this less 1 s to rebalance, and it must be more than 3 s there.
  absl::Duration session_timeout = absl::Seconds(6);
  // The same for a member that does not call Poll.
  absl::Duration max_poll_interval = absl::Minutes(5);
  // How long the broker may hold back an answer when it has nothing new. Kafka answers as soon as it has a
  // message, so this only bounds idle traffic. The embedded broker always waits it out, so there it is how
  // late a message may be seen. Unset: 100 ms, or 5 ms if Create finds the embedded broker.
  std::optional<absl::Duration> fetch_wait = std::nullopt;
  // Messages fetched and not yet returned. Fetching stops above either, and librdkafka looks again up to a
  // second later: max_queued_messages is also the rate per second that is reached in any case.
  int max_queued_messages = 100'000;
  int max_queued_kbytes = 64 * 1024;
  // One answer of the broker.
  int max_fetch_bytes = 8 * 1024 * 1024;
  std::map<std::string, std::string> properties = {};  // librdkafka's own, for TLS, SASL and tuning
};

// Reads partitions from offsets that the caller keeps, in its database. Nothing is ever committed to Kafka.
// Not thread-safe. The callbacks run inside Poll and must not call back into the Consumer.
class Consumer {
 public:
  // The offset of the next message wanted, or kBeginning.
  using StoredOffset = std::function<absl::StatusOr<int64_t>(const TopicPartition&)>;
  using OnRevoked = std::function<void(const std::vector<TopicPartition>&)>;

  // Waits up to 1 s for a broker to say what it is, but does not need one. kInvalidArgument names the option
  // that is wrong.
  static absl::StatusOr<std::unique_ptr<Consumer>> Create(ConsumerOptions options);
  // Leaves the group; does not call on_revoked.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Joins the group, which shares out the partitions of `topics` among its members. For every partition
  // given to this one, Poll asks stored_offset and starts there. Before Poll gives partitions back it calls
  // on_revoked with those it had started; messages of theirs that were fetched are dropped.
  // kInvalidArgument: no group_id, no topic, or a topic name that Kafka does not allow.
  absl::Status Subscribe(const std::vector<std::string>& topics, StoredOffset stored_offset,
                         OnRevoked on_revoked);

  // Takes exactly these partitions, without a group: to tail, to look, in tests.
  absl::Status Assign(const std::vector<TopicPartition>& partitions, const StoredOffset& stored_offset);

  // Returns at once what has been fetched, at most max_messages, in order within a partition; when there is
  // nothing, waits up to timeout. Empty means that nothing came in time, also while the broker is away:
  // the client reconnects by itself.
  //
  // Messages come before errors that were met after them. No error ends the consumer, Poll may always be
  // called again:
  //   kOutOfRange         the position in out_of_range() is not on the broker any more (or not yet: another
  //                       broker, or one that lost data). Said once; the partition then stands still until
  //                       Seek, because only the caller can tell whether skipping loses anything.
  //   kNotFound           a topic or partition does not exist; it is taken up when it appears
  //   kPermissionDenied   to the topic or the group
  //   kFailedPrecondition the client cannot go on: destroy this object and create another
  //   and any error of stored_offset, which the next Poll asks again; nothing is read before it answers
  absl::StatusOr<std::vector<Message>> Poll(int max_messages, absl::Duration timeout);

  // The partition of the last kOutOfRange that Poll returned.
  const TopicPartition& out_of_range() const { return out_of_range_; }

  // For assigned partitions, else kFailedPrecondition. What was fetched and not returned is dropped, to be
  // fetched again. Pause needs to know the partition from the broker: kNotFound if nothing came from it yet.
  absl::Status Seek(const TopicPartition& partition, int64_t offset);
  absl::Status Pause(const TopicPartition& partition);
  absl::Status Resume(const TopicPartition& partition);

  // The partitions started and not given back, in order.
  std::vector<TopicPartition> assignment() const;
  // The offset after the last message that Poll returned, of an assigned partition; kBeginning when it starts
  // there.
  int64_t NextOffset(const TopicPartition& partition) const { return next_.at(partition); }

 private:
  struct Session;
  struct Problem {
    TopicPartition partition;
    absl::Status status;
  };

  Consumer(std::unique_ptr<Session> session, bool has_group);

  absl::Status Start(const std::vector<TopicPartition>& partitions, const StoredOffset& stored_offset);
  absl::Status Reassign();
  void ResumeAll();
  void GiveBack(std::vector<Message>& fetched);
  void AdvancePast(const std::vector<Message>& returned);
  absl::Status RequireAssigned(const TopicPartition& partition) const;

  std::unique_ptr<Session> session_;
  const bool has_group_;
  StoredOffset stored_offset_;
  OnRevoked on_revoked_;
  std::map<TopicPartition, int64_t> next_;  // of every assigned partition, the offset after the last returned
  std::set<TopicPartition> paused_;
  std::optional<std::vector<TopicPartition>> unanswered_;  // given by the group, stored offsets not known yet
  std::deque<Problem> problems_;                           // met, and still to be returned by Poll
  TopicPartition out_of_range_;
};

}  // namespace lapor::kafka
