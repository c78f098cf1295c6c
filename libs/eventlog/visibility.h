// Reading one's own writes: waiting until this service has applied what a token names.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lapor/report/v1/report.pb.h"
#include "libs/eventlog/inbox.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

// Thread-safe. Told of this process's commits at once; of other instances' commits by looking into the inbox
// while somebody waits.
class Visibility {
 public:
  using Tokens = std::vector<report::v1::Token>;
  using Done = std::function<void(absl::Status)>;

  static constexpr absl::Duration kMaxWait = absl::Seconds(2);
  // A call that names more is refused.
  static constexpr int kMaxTokens = 64;
  // Calls that wait at once; one more is refused.
  static constexpr int kMaxWaiters = 4096;

  Visibility(pg::Pool& pool, std::string self);
  ~Visibility();

  void Advance(const Applied& applied);
  // What has been applied is to be learned anew: the inbox went back.
  void Forget();

  // Calls `done` once: at once when all tokens are visible, when they become so, with DEADLINE_EXCEEDED after
  // kMaxWait, or with RESOURCE_EXHAUSTED when too many wait. A service's own writes are always visible to
  // itself. From another thread, or from this call.
  void Await(Tokens tokens, Done done);

  // The same for the not_before of a request, as rpc::Responder::ReadWhen takes it.
  template <typename Request>
  std::function<void(const Request&, Done)> NotBefore() {
    return [this](const Request& request, Done done) {
      Await(Tokens(request.not_before().begin(), request.not_before().end()), std::move(done));
    };
  }

 private:
  struct Waiter {
    Tokens tokens;
    absl::Time until;
    Done done;
  };

  bool Visible(const Tokens& tokens) const;
  // Takes those whose wait is over out of the list.
  std::vector<std::pair<Done, absl::Status>> TakeReady(absl::Time now);
  void Watch();

  pg::Pool& pool_;
  const std::string self_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Applied applied_;
  std::list<Waiter> waiters_;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace lapor::eventlog
