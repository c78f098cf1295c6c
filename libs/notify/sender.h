// Sends what is in the outbox, on a thread of its own: whatever a server does, no case waits for it.
//
// What is due is claimed for a while, sent without a transaction, and recorded. A sender that dies in between
// leaves it to be sent again when the claim has run out, with the same Message-ID and Idempotency-Key; so
// does a server that took a message and whose answer was lost. Several senders of one database share the
// work.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/notify/channel.h"
#include "libs/notify/templates.h"
#include "libs/pg/pool.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/metrics.h"

namespace lapor::notify {

// Where somebody is reached. Of one who has both, the mail address counts, if mails are sent.
struct Contact {
  std::string mail = {};
  std::string phone = {};

  // As registries have it: a mail address or a number; which one, it tells itself.
  static Contact Of(const std::string& contact) { return {.mail = contact, .phone = contact}; }
};

struct Recipient {
  // Those that are no address or number are passed over.
  std::vector<Contact> contacts = {};
  // Of an agency: what its officers call it. Told as {agency}.
  std::string agency_name = {};
};

// The channels that are configured, each null if it isn't.
struct Channels {
  std::shared_ptr<Channel> smtp;
  std::shared_ptr<Channel> sms;
  // Of agencies only.
  std::shared_ptr<Channel> webhook;
};

struct SenderOptions {
  // Sent in vain so often, it is given up.
  int max_attempts = 60;
  // Before the second attempt; doubled up to max_retry_delay, with jitter.
  absl::Duration retry_delay = absl::Seconds(30);
  absl::Duration max_retry_delay = absl::Hours(1);
  // How long a channel that can't be reached is left alone, with all that only it can send; doubled up to
  // max_rest.
  absl::Duration rest = absl::Seconds(5);
  absl::Duration max_rest = absl::Minutes(5);
  // How soon what was added is seen.
  absl::Duration poll = absl::Seconds(1);
  // Rows of one message at most; what more an agency is to be told comes in the next one.
  int max_bundle = 1000;
  // How long a claim holds: longer than all channels may take for one message.
  absl::Duration lease = absl::Minutes(10);
  // How long what has ended is kept, and with it the memory that it was told.
  absl::Duration retention = absl::Hours(24 * 30);
};

// The pause after attempt number `attempt`, from 1, has failed: exponential, with a cap. `random` is in
// [0, 1): the upper half of the pause is jitter.
absl::Duration Backoff(int attempt, double random, const SenderOptions& options);

class Sender {
 public:
  // Looks up where the officers of an agency or, when it is empty, the reporter of the report are reached;
  // when it is sent, so that what was erased or changed counts. Called on the sender's thread; may block.
  using Resolve =
      std::function<absl::StatusOr<Recipient>(const std::string& agency_id, const std::string& report_id)>;

  // `digest` is the name of the template of several notifications. `machine` is the machine's clock.
  Sender(pg::Pool& pool, const runtime::Clock& machine, std::shared_ptr<const Templates> templates,
         std::string digest, Channels channels, Resolve resolve, SenderOptions options,
         runtime::Metrics& metrics);
  ~Sender() { Stop(); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void Start();
  // Breaks off what is under way; it is sent again later.
  void Stop();

  // Sends everything that is due, once; how many messages it took up. For tests; else the thread does it.
  absl::StatusOr<int> Round();

 private:
  // Of the columns `done` and `ways`.
  enum Bit { kSmtp = 1, kSms = 2, kWebhook = 4, kGaveUp = 8 };
  // One way to send, and what became of it.
  struct Way {
    Bit bit;
    std::string name;
    std::shared_ptr<Channel> channel;
    prometheus::Counter& sent;
    prometheus::Counter& failed;
    prometheus::Counter& given_up;
    absl::Time rests_until = absl::InfinitePast();
    absl::Duration next_rest;
  };
  struct Row {
    int64_t id;
    std::string key;
    std::string report_id;
    int child;
    Templates::Values parameters;
    absl::Time occurred_at;
    Templates::Item item;  // with what every template may tell
  };
  // What goes out together.
  struct Bundle {
    std::string agency_id;
    report::v1::Language language;
    int attempts;
    int done;
    absl::Time created_at;
    absl::Time lease;
    std::vector<Row> rows;
  };
  enum class Ending { kSent = 1, kNoAddress = 2, kGivenUp = 3 };
  // What a look at one bundle came to.
  struct Progress {
    int done = 0;
    int attempts = 0;
    // Bits; none as long as nobody could look up where it goes.
    int ways = 0;
    // InfiniteFuture: it ends.
    absl::Time next_attempt_at = absl::InfiniteFuture();
  };
  // The ways that a bundle goes, each with addresses or numbers.
  using To = std::map<Bit, std::vector<std::string>>;

  void Loop();
  bool AllRest() const;
  absl::StatusOr<std::optional<Bundle>> Claim();
  Progress SendBundle(const Bundle& bundle);
  To WaysTo(const Bundle& bundle, const Recipient& recipient) const;
  absl::Status Send(Way& way, const Bundle& bundle, const Recipient& recipient,
                    const std::vector<std::string>& to);
  bool IsOver(const Bundle& bundle, int attempts) const;
  absl::Duration Pause(int attempts);
  void GiveUp(Way& way, const Bundle& bundle, Progress& progress, const absl::Status& why);
  absl::Status Record(const Bundle& bundle, const Progress& progress);
  absl::Status LookAfter();

  pg::Pool& pool_;
  const runtime::Clock& machine_;
  const std::shared_ptr<const Templates> templates_;
  const std::string digest_;
  const Resolve resolve_;
  const SenderOptions options_;
  prometheus::Counter& no_address_;
  prometheus::Gauge& waiting_;
  std::vector<Way> ways_;
  std::minstd_rand random_{std::random_device{}()};
  absl::Time next_look_after_ = absl::InfinitePast();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace lapor::notify
