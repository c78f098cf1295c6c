// Sends agencies' own applications what they have been assigned, over and over until they acknowledge it.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"
#include "libs/rpc/feed.h"
#include "libs/runtime/metrics.h"
#include "services/routing/delivery.h"
#include "services/routing/domain.h"
#include "services/routing/registry_watch.h"

namespace CLI {
class App;
}

namespace lapor::routing {

struct DeliveryOptions {
  // Assignments under way on one stream: sent, and not acknowledged.
  int max_unacknowledged = 64;
  // What is not acknowledged by then is sent again, to any stream of the agency. By the machine's clock, as
  // the others.
  absl::Duration redelivery = absl::Seconds(30);
  // How long a stream is silent at most.
  absl::Duration heartbeat = absl::Seconds(15);
  // How long commits of other instances may go unnoticed.
  absl::Duration poll = absl::Milliseconds(500);

  void AddTo(CLI::App& app);
};

// One thread and two queries a look for all streams of this process, however many there are; a look follows
// every assignment that is made here, and the poll. What is under way is known in memory only: it may be sent
// twice, after a restart or by two instances at once, which applications have to bear anyway. Thread-safe.
class DeliveryDesk {
 public:
  // `pool` and `metrics` must outlive this.
  DeliveryDesk(pg::Pool& pool, std::shared_ptr<const RegistryWatch> registry, DeliveryOptions options,
               runtime::Metrics& metrics);
  ~DeliveryDesk() { Stop(); }
  DeliveryDesk(const DeliveryDesk&) = delete;
  DeliveryDesk& operator=(const DeliveryDesk&) = delete;

  void Start();
  // Writes nothing any more. The streams are ended by who serves them.
  void Stop();

  // Sends `feed` what the agency and its units are assigned. What was sent up to `resume` counts as under
  // way.
  void Watch(const std::string& agency_id, std::optional<Place> resume, std::shared_ptr<rpc::Feed> feed);

  // Something was assigned here.
  void Wake();

  // These were acknowledged here, or are withdrawn: the next ones may come.
  void Settle(const std::vector<std::string>& report_ids);

 private:
  struct Watcher {
    std::string agency_id;
    std::shared_ptr<rpc::Feed> feed;
    // Counts as sent, until then.
    std::optional<Place> resume;
    absl::Time resume_until;
    // The agency and its units, as of this version of the registry.
    std::vector<std::string> covers;
    int64_t registry_version = -1;
    // The last in the order, of what was sent.
    std::optional<Place> place;
    int under_way = 0;
    // What it let expire since it last acknowledged something.
    int expired = 0;
    absl::Time silent_since;
  };
  struct UnderWay {
    int64_t watcher;
    int hop;
    absl::Time until;
  };

  void Loop();
  absl::Status Look();
  void TakeNews(absl::Time now);
  void Forget(std::map<std::string, UnderWay>::iterator entry);
  void Cover(Watcher& watcher, const Registry& registry);
  void Send(Watcher& watcher, const Route& route, absl::Time now);
  void Note(int64_t watcher_id, const Route& route, absl::Time until);
  void KeepAlive(absl::Time now);

  pg::Pool& pool_;
  const std::shared_ptr<const RegistryWatch> registry_;
  const DeliveryOptions options_;
  prometheus::Gauge& streams_;
  prometheus::Counter& sent_;

  // Of the thread alone.
  std::map<int64_t, Watcher> watchers_;
  std::map<std::string, UnderWay> under_way_;  // by report: only its last assignment is sent
  int64_t next_watcher_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;                // guarded by mutex_
  bool stopping_ = false;             // guarded by mutex_
  std::vector<Watcher> arrivals_;     // guarded by mutex_
  std::vector<std::string> settled_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace lapor::routing
