// The batch executor: the one path by which anything changes in a service.
//
// Requests, events, due deadlines and what a service finds to be done by itself become commands. Commands
// that arrive while a transaction is in flight form the next batch (one waiting command makes a batch of one;
// there are no timers). One batch is one transaction: states are loaded and locked, commands folded over them
// in the order of arrival, states, records, deadlines and inbox rows written, events appended to the journal
// and, with their positions, answers kept. A command that fails its own rules fails alone; when the database
// refuses a batch, its items are carried out one by one, so that only the culprit fails.
//
// A batch may be repeated at any time, also when it isn't known whether it was committed: requests are known
// by their key, events by their position, deadlines by their row.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/decision/decision.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/deadlines.h"
#include "libs/eventlog/failure.h"
#include "libs/eventlog/inbox.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/quarantine.h"
#include "libs/eventlog/requests.h"
#include "libs/report/assignment_id.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {

// What a request is answered about, and the state of that: the service's own enum.
struct Standing {
  std::string subject;
  int state = 0;
};

// A service's domain as the executor sees it. State has a member `std::string id`, the subject; a subject
// that isn't in the database is a State with nothing but its id.
template <class StateT, class CommandT, class RecordT>
struct Aggregate {
  using State = StateT;
  using Command = CommandT;
  using Record = RecordT;

  // domain: pure.
  std::function<absl::StatusOr<decision::Decision<State, Record>>(const State&, const Command&,
                                                                  absl::Time now)>
      decide;
  // After the command: the subject or, if the command was about one, its child assignment.
  std::function<Standing(const State&, const Command&)> standing;

  // store: loads and locks in ascending order of id; saves; adds.
  std::function<std::unordered_map<std::string, State>(pg::Tx&, const std::vector<std::string>& ids)> load;
  std::function<void(pg::Tx&, const std::vector<const State*>&)> save;
  std::function<void(pg::Tx&, const std::vector<Record>&)> append;

  // subscriber: what an event of lapor.report.v1 means to this service; nothing, mostly.
  std::function<std::optional<Command>(const event::v1::Event&)> on_event;
  // What an open deadline means when it is due, of the subject or of its child assignment of that number. May
  // be empty where the service sets none.
  std::function<Command(report::v1::Clock, absl::Time due_at, int child)> on_deadline;
  // With on_deadline: clocks that end by the calendars, and so have to be counted anew when these change
  // (recount.h): the calendars, the subjects after `after` whose clocks run, and the command that counts a
  // subject's again. It leaves a state as it is, without an event, where that makes no difference.
  struct Recounting {
    std::string calendar_digest;
    std::function<std::vector<std::string>(pg::Tx&, const std::string& after, int limit)> running;
    Command recount;
  };
  std::optional<Recounting> recounting;
  // Keeps the slice that the service needs of lapor.agency.v1, an agency's events in their order. May be
  // empty.
  std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> keep;
  // Is told, in the transaction, what has come about in it: every event of lapor.report.v1 that took effect,
  // also those that mean no command here, and then the service's own new ones, with their ids. Never an event
  // twice, nor one that isn't in the journal: for what else has to follow an event exactly once. May be
  // empty.
  std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> observe;
};

struct ExecutorOptions {
  // Items of one transaction.
  int max_batch_items = 512;
  // Requests that wait; one more is refused with RESOURCE_EXHAUSTED.
  int max_waiting_requests = 8192;
  // Of one batch, on lost connections, deadlocks and the like.
  int max_attempts = 8;
  // Before the second attempt; doubled up to max_retry_delay, with jitter.
  absl::Duration retry_delay = absl::Milliseconds(20);
  absl::Duration max_retry_delay = absl::Seconds(1);
  InboxRules inbox_rules = {};
};

// Thread-safe.
template <class A>
class Executor {
 public:
  using State = typename A::State;
  using Command = typename A::Command;
  using Record = typename A::Record;
  using Done = std::function<void(absl::StatusOr<Outcome>)>;

  // What a command means to a second subject, seen from the state that it has led the first one to. Both
  // change, or neither does.
  struct Counterpart {
    std::string subject;
    std::function<Command(const State&)> command;
  };

  struct Request {
    std::string key;          // see RequestKey()
    std::string fingerprint;  // see Fingerprint()
    std::string subject;
    Command command;
    std::string trace;
    Done done;
    std::optional<Counterpart> counterpart = std::nullopt;
  };

  // `on_commit` is told, in the order of commits, what has been applied of other services' events.
  Executor(pg::Pool& pool, const Journal& journal, const runtime::Clock& clock, A aggregate,
           ExecutorOptions options, std::function<void(const Applied&)> on_commit)
      : pool_(pool),
        journal_(journal),
        clock_(clock),
        aggregate_(std::move(aggregate)),
        options_(options),
        on_commit_(std::move(on_commit)),
        worker_([this] { Work(); }),
        completer_([this] { Complete(); }) {}

  ~Executor() { Stop(); }

  // Carries out everything that was taken, then stops. Later calls are UNAVAILABLE.
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_worker_.notify_all();
    if (worker_.joinable()) worker_.join();
    {
      std::lock_guard lock(mutex_);
      worker_gone_ = true;
    }
    wake_completer_.notify_all();
    if (completer_.joinable()) completer_.join();
  }

  // `done` is called exactly once, from a thread of the executor; at once when the request isn't taken
  // (RESOURCE_EXHAUSTED, UNAVAILABLE).
  void Submit(Request request) {
    absl::Status refusal;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) {
        refusal = absl::UnavailableError("shutting down; send the request again, with the same request_id");
      } else if (waiting_requests_ >= options_.max_waiting_requests) {
        refusal = absl::ResourceExhaustedError(
            "too many requests are waiting; send it again later, with the same request_id");
      } else {
        ++waiting_requests_;
        queue_.push_back(Item{.request = std::move(request)});
      }
    }
    if (!refusal.ok()) return request.done(refusal);
    wake_worker_.notify_one();
  }

  // Applies events in their order and waits until they are committed. Returns the gaps: in a partition with a
  // gap, everything before it is applied and nothing after it. FAILED_PRECONDITION when fenced.
  absl::StatusOr<std::vector<Gap>> Apply(std::vector<Inbound> events) {
    std::vector<std::optional<Command>> commands;
    commands.reserve(events.size());
    for (const Inbound& inbound : events) commands.push_back(CommandOf(inbound));
    auto effects = Wait(Item{.events = std::move(events), .commands = std::move(commands)});
    if (!effects.ok()) return effects.status();
    return std::move(effects->gaps);
  }

  // Fires those of `due` that are still open and due, and waits until that is committed.
  absl::Status Fire(std::vector<Deadline> due) { return Wait(Item{.deadlines = std::move(due)}).status(); }

  // What a service finds to be done by itself, where no request, event or deadline tells it.
  struct Order {
    std::string subject;
    Command command;
    std::optional<Counterpart> counterpart = std::nullopt;
  };

  // Carries the orders out in one transaction, and waits until that is committed. An order that is refused is
  // logged, and given again by whoever still finds it to be done; so is one that was lost with the process.
  // That is why it has to leave a state as it is where it has been carried out already, or be refused as
  // ABORTED. Returns how many were refused otherwise.
  absl::StatusOr<int> Do(std::vector<Order> orders) {
    const auto effects = Wait(Item{.orders = std::move(orders)});
    if (!effects.ok()) return effects.status();
    return effects->refused;
  }

  // Items that wait for the next transaction.
  size_t queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
  }

  // Applies the held event `id` and then, one by one, those that wait behind it; returns how many. With
  // `discard_reason` the first one is given up instead. What still can't be applied stays in quarantine, with
  // its new reason, and all that is behind it. What has ended so before counts as done now. NOT_FOUND when
  // `id` isn't held or waits itself,
  // FAILED_PRECONDITION when it still can't be applied.
  absl::StatusOr<int> Release(int64_t id, const std::optional<std::string>& discard_reason) {
    int applied = 0;
    for (Held held{id, discard_reason};; held.discard_reason.reset()) {
      const absl::StatusOr<Effects> effects = Wait(Item{.release = held});
      if (!effects.ok()) return held.id == id ? effects.status() : absl::StatusOr<int>(applied);
      if (!held.discard_reason) ++applied;
      if (!effects->next_held) return applied;
      held.id = *effects->next_held;
    }
  }

 private:
  // A quarantined event that is to take effect or, with a reason, to be given up.
  struct Held {
    int64_t id;
    std::optional<std::string> discard_reason;
  };

  // What came of an item that isn't a request.
  struct Effects {
    std::vector<Gap> gaps = {};                       // of events
    int refused = 0;                                  // of orders
    std::optional<int64_t> next_held = std::nullopt;  // of a release: who waits next
  };
  using Promise = std::promise<absl::StatusOr<Effects>>;

  // One entry of the queue: a request, a chunk of events, of deadlines or of orders, or a release.
  struct Item {
    std::optional<Request> request = std::nullopt;
    std::vector<Inbound> events = {};
    std::vector<std::optional<Command>> commands = {};  // of events
    std::vector<Deadline> deadlines = {};
    std::vector<Order> orders = {};
    std::optional<Held> release = std::nullopt;
    std::shared_ptr<Promise> promise = nullptr;  // of all but requests
    absl::Status poison = {};  // what the database said to this single one when it stood alone

    size_t size() const { return std::max<size_t>(events.size() + deadlines.size() + orders.size(), 1); }
  };
  using Items = std::vector<Item*>;

  // What one attempt came to; thrown away unless it commits.
  struct Result {
    std::unordered_map<const Item*, absl::StatusOr<Outcome>> outcomes;
    std::unordered_map<const Item*, absl::StatusOr<Effects>> effects;
    Applied applied;
  };

  // The folding of one batch over the states it loaded.
  struct Fold {
    absl::Time now;
    Inbox inbox;
    std::set<std::string> held = {};  // subjects with an event in quarantine
    std::unordered_map<std::string, State> states = {};
    std::set<std::string> changed = {};
    std::vector<NewEvent> events = {};
    std::vector<Record> records = {};
    std::map<std::pair<std::string, report::v1::Clock>, std::optional<absl::Time>> deadlines = {};
    std::vector<const event::v1::Event*> kept = {};   // of lapor.agency.v1
    std::vector<const event::v1::Event*> heard = {};  // of lapor.report.v1
    std::deque<Inbound> released = {};                // what these two may point to
  };

  absl::StatusOr<Effects> Wait(Item item) {
    item.promise = std::make_shared<Promise>();
    auto result = item.promise->get_future();
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return absl::UnavailableError("shutting down");
      queue_.push_back(std::move(item));
    }
    wake_worker_.notify_one();
    return result.get();
  }

  void Work() {
    while (true) {
      std::vector<Item> batch;
      {
        std::unique_lock lock(mutex_);
        wake_worker_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        for (size_t items = 0; !queue_.empty() && items < static_cast<size_t>(options_.max_batch_items);) {
          items += queue_.front().size();
          if (queue_.front().request) --waiting_requests_;
          batch.push_back(std::move(queue_.front()));
          queue_.pop_front();
        }
      }
      Items items;
      for (Item& item : batch) items.push_back(&item);
      CarryOut(items);
    }
  }

  // Carries the items out and answers every one of them.
  void CarryOut(const Items& items) {
    absl::Duration delay = options_.retry_delay;
    bool may_pass = true;
    for (int attempt = 1;; ++attempt) {
      Result result;
      const absl::Status status = pool_.Transact([&](pg::Tx& tx) {
        result = Result{};
        return Attempt(tx, items, result);
      });
      if (status.ok()) return Answer(items, result);
      if (IsFenced(status)) return CarryOutWithoutEvents(items, status);
      if (IsOutage(status)) {
        if (attempt >= options_.max_attempts) return Fail(items, status);
      } else if (!MayPass(status) || !std::exchange(may_pass, false)) {
        return CarryOutAlone(items, status);
      }
      runtime::Log(runtime::Level::kWarning, "executor.retry",
                   {{"attempt", attempt}, {"error", std::string(status.message())}});
      PauseFor(delay);
      delay = std::min(delay * 2, options_.max_retry_delay);
    }
  }

  void CarryOutWithoutEvents(const Items& items, const absl::Status& status) {
    Items rest;
    for (Item* item : items) {
      if (item->events.empty()) {
        rest.push_back(item);
      } else {
        item->promise->set_value(status);
      }
    }
    if (!rest.empty()) CarryOut(rest);
  }

  // The database refused the batch as such: find the culprit.
  void CarryOutAlone(const Items& items, const absl::Status& status) {
    if (items.size() > 1) {
      for (Item* item : items) CarryOut({item});
      return;
    }
    Item& item = *items.front();
    if (item.request || !item.poison.ok()) return Fail(items, status);
    if (item.size() == 1) {
      if (!IsDataFault(status)) return Fail(items, status);
      item.poison = status;
      return CarryOut(items);
    }
    Effects all;
    absl::Status failure;
    for (size_t i = 0; i < item.size(); ++i) {
      Item single{.promise = std::make_shared<Promise>()};
      if (!item.deadlines.empty()) {
        single.deadlines.push_back(item.deadlines[i]);
      } else if (!item.orders.empty()) {
        single.orders.push_back(item.orders[i]);
      } else if (HasGap(all.gaps, item.events[i])) {
        continue;  // whoever wrote it: what follows a gap in its partition waits
      } else {
        single.events.push_back(item.events[i]);
        single.commands.push_back(item.commands[i]);
      }
      auto done = single.promise->get_future();
      CarryOut({&single});
      const absl::StatusOr<Effects> effects = done.get();
      failure.Update(effects.status());
      if (effects.ok()) {
        all.gaps.insert(all.gaps.end(), effects->gaps.begin(), effects->gaps.end());
        all.refused += effects->refused;
      } else if (!item.events.empty()) {
        break;  // deadlines and orders have no order, but events do
      }
    }
    item.promise->set_value(failure.ok() ? absl::StatusOr<Effects>(std::move(all)) : failure);
  }

  static bool HasGap(const std::vector<Gap>& gaps, const Inbound& inbound) {
    return std::ranges::any_of(gaps, [&](const Gap& gap) {
      return gap.source.topic == inbound.topic && gap.source.partition == inbound.partition;
    });
  }

  void Fail(const Items& items, const absl::Status& status) {
    runtime::Log(runtime::Level::kError, "executor.failed",
                 {{"items", static_cast<int64_t>(items.size())},
                  {"code", absl::StatusCodeToString(status.code())},
                  {"error", std::string(status.message())}});
    for (Item* item : items) {
      if (!item->request) {
        item->promise->set_value(status);
      } else if (IsOutage(status) || absl::IsDeadlineExceeded(status)) {
        Finish(*item, absl::UnavailableError(
                          "the database can't be reached now; whether the request was carried out "
                          "will be known: send it again, with the same request_id"));
      } else {
        Finish(*item, absl::InternalError(std::string(status.message())));
      }
    }
  }

  void Answer(const Items& items, Result& result) {
    if (on_commit_) on_commit_(result.applied);
    for (Item* item : items) {
      if (item->request) {
        Finish(*item, std::move(result.outcomes.at(item)));
      } else {
        item->promise->set_value(std::move(result.effects.at(item)));
      }
    }
  }

  void Finish(Item& item, absl::StatusOr<Outcome> outcome) {
    {
      std::lock_guard lock(mutex_);
      completions_.emplace_back(std::move(item.request->done), std::move(outcome));
    }
    wake_completer_.notify_one();
  }

  // Answers go out on a thread of their own, while the next transaction is already on its way.
  void Complete() {
    while (true) {
      std::deque<std::pair<Done, absl::StatusOr<Outcome>>> ready;
      {
        std::unique_lock lock(mutex_);
        wake_completer_.wait(lock, [this] { return worker_gone_ || !completions_.empty(); });
        if (completions_.empty()) return;
        ready.swap(completions_);
      }
      for (auto& [done, outcome] : ready) done(std::move(outcome));
    }
  }

  void PauseFor(absl::Duration delay) {
    static thread_local std::minstd_rand random(std::random_device{}());
    const double jitter = std::uniform_real_distribution<>(0.5, 1.0)(random);
    std::unique_lock lock(mutex_);
    wake_worker_.wait_for(lock, absl::ToChronoNanoseconds(delay * jitter), [this] { return stopping_; });
  }

  // To the microsecond, as the database keeps it: what is decided now reads back equal.
  absl::Time Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())); }

  std::optional<Command> CommandOf(const Inbound& inbound) const {
    const bool for_decision = inbound.decoded && inbound.topic == Topic::kReport;
    return for_decision ? aggregate_.on_event(inbound.event) : std::nullopt;
  }

  absl::Status Attempt(pg::Tx& tx, const Items& items, Result& result);
  using Decision = decision::Decision<State, Record>;
  absl::StatusOr<Decision> Consider(Fold& fold, const std::string& subject, const Command& command) const;
  void Adopt(Fold& fold, const std::string& subject, Decision decided, const std::string& trace) const;
  absl::Status Run(Fold& fold, const std::string& subject, const Command& command, const std::string& trace,
                   const std::optional<Counterpart>& counterpart = std::nullopt) const;
  absl::Status TakeEffect(Fold& fold, const Inbound& inbound, const std::optional<Command>& command) const;
  std::vector<Gap> ApplyChunk(pg::Tx& tx, Fold& fold, const Item& item) const;
  absl::StatusOr<Effects> LetGo(pg::Tx& tx, Fold& fold, const Item& item) const;
  void Write(pg::Tx& tx, Fold& fold) const;

  pg::Pool& pool_;
  const Journal& journal_;
  const runtime::Clock& clock_;
  const A aggregate_;
  const ExecutorOptions options_;
  const std::function<void(const Applied&)> on_commit_;

  mutable std::mutex mutex_;
  std::condition_variable wake_worker_;
  std::condition_variable wake_completer_;
  std::deque<Item> queue_;
  int waiting_requests_ = 0;
  std::deque<std::pair<Done, absl::StatusOr<Outcome>>> completions_;
  bool stopping_ = false;
  bool worker_gone_ = false;

  std::thread worker_;
  std::thread completer_;
};

// One transaction, top to bottom.
template <class A>
absl::Status Executor<A>::Attempt(pg::Tx& tx, const Items& items, Result& result) {
  Fold fold{Now(), Inbox(journal_.producer(), options_.inbox_rules)};

  // Deadlines that another instance has fired meanwhile are none of this batch's business.
  std::vector<Deadline> due;
  std::set<int32_t> due_partitions;
  for (const Item* item : items) {
    for (const Deadline& deadline : item->deadlines) {
      due.push_back(deadline);
      due_partitions.insert(
          journal_.partitioning().Of(Topic::kReport, report::ParseAssignmentId(deadline.subject).report_id));
    }
  }
  if (!due.empty()) AwaitTurn(tx, due_partitions);
  const std::vector<bool> open = StillOpen(tx, due);
  std::vector<Deadline> still;
  for (size_t i = 0; i < due.size(); ++i) {
    if (open[i]) still.push_back(due[i]);
  }

  // Whom it is about, and what has been answered before.
  std::vector<std::string> keys;
  for (const Item* item : items) {
    if (item->request) keys.push_back(item->request->key);
  }
  auto answers = LoadAnswers(tx, keys);
  std::set<std::string> subjects, hearers;  // whose states may change; who may be held
  std::set<int32_t> partitions, agency_partitions;
  const auto about = [&](const std::string& subject, const std::optional<Counterpart>& counterpart) {
    subjects.insert(subject);
    if (counterpart) subjects.insert(counterpart->subject);
  };
  for (const Item* item : items) {
    if (item->request && !answers.contains(item->request->key))
      about(item->request->subject, item->request->counterpart);
    for (size_t i = 0; i < item->events.size(); ++i) {
      const Inbound& inbound = item->events[i];
      (inbound.topic == Topic::kReport ? partitions : agency_partitions).insert(inbound.partition);
      hearers.insert(inbound.subject);
      if (item->commands[i]) subjects.insert(inbound.subject);
    }
    for (const Order& order : item->orders) about(order.subject, order.counterpart);
    if (!item->release) continue;
    if (const auto row = FindQuarantined(tx, item->release->id)) {
      hearers.insert(row->inbound.subject);
      if (row->inbound.topic == Topic::kReport) subjects.insert(row->inbound.subject);
    }
  }

  for (const Deadline& deadline : still)
    subjects.insert(report::ParseAssignmentId(deadline.subject).report_id);

  // Locked in one order everywhere: what is held, the states, the deadlines.
  fold.held = LockHeldSubjects(tx, hearers);
  if (!subjects.empty()) fold.states = aggregate_.load(tx, {subjects.begin(), subjects.end()});
  const std::vector<bool> taken = TakeDeadlines(tx, fold.now, still);

  // After the states, so that what they reflect is counted among the causes.
  for (const std::string& subject : subjects)
    partitions.insert(journal_.partitioning().Of(Topic::kReport, subject));
  if (!partitions.empty()) fold.inbox.Load(tx, Topic::kReport, partitions);
  if (!agency_partitions.empty()) fold.inbox.Load(tx, Topic::kAgency, agency_partitions);

  // The fold, in the order of arrival.
  struct Pending {
    const Item* item;
    size_t events_end;  // its last event is the one before
    size_t events_begin;
    Standing standing;  // that it led to; others of the batch may lead on
  };
  std::vector<Pending> pending;
  std::unordered_map<std::string, const Item*> first_in_batch;
  std::vector<std::pair<const Item*, const Item*>> repeats;
  size_t due_index = 0, still_index = 0;
  const absl::Status other_body =
      decision::Refuse(absl::StatusCode::kAlreadyExists, "request_id", "was used before for another request",
                       "repeat a request with exactly the body it had, or take a new request_id");
  for (const Item* item : items) {
    if (item->request) {
      const Request& request = *item->request;
      if (const auto answered = answers.find(request.key); answered != answers.end()) {
        result.outcomes.emplace(item, answered->second.fingerprint == request.fingerprint
                                          ? absl::StatusOr<Outcome>(answered->second.outcome)
                                          : other_body);
        continue;
      }
      if (const auto first = first_in_batch.find(request.key); first != first_in_batch.end()) {
        repeats.emplace_back(item, first->second);
        continue;
      }
      const size_t begin = fold.events.size();
      if (const absl::Status status =
              Run(fold, request.subject, request.command, request.trace, request.counterpart);
          !status.ok()) {
        result.outcomes.emplace(item, status);
        continue;
      }
      first_in_batch.emplace(request.key, item);
      pending.push_back({item, fold.events.size(), begin,
                         aggregate_.standing(fold.states.at(request.subject), request.command)});
      continue;
    }
    absl::StatusOr<Effects>& effects =
        result.effects
            .emplace(item,
                     item->release ? LetGo(tx, fold, *item) : Effects{.gaps = ApplyChunk(tx, fold, *item)})
            .first->second;
    for (const Deadline& deadline : item->deadlines) {
      if (!open[due_index++] || !taken[still_index++]) continue;
      const report::AssignmentId of = report::ParseAssignmentId(deadline.subject);
      if (fold.held.contains(of.report_id)) {
        // An event of this very batch has just been quarantined: now the deadline waits.
        fold.deadlines.try_emplace({deadline.subject, deadline.clock}, deadline.due_at);
        continue;
      }
      absl::Status status = item->poison;
      if (status.ok()) {
        status =
            Run(fold, of.report_id, aggregate_.on_deadline(deadline.clock, deadline.due_at, of.child), "");
      }
      if (status.ok()) continue;
      runtime::Log(runtime::Level::kError, "deadline.blocked",
                   {{"subject", deadline.subject},
                    {"clock", report::v1::Clock_Name(deadline.clock)},
                    {"error", std::string(status.message())}});
      BlockDeadline(tx, deadline, std::string(status.message()));
    }
    for (const Order& order : item->orders) {
      const absl::Status status =
          item->poison.ok() ? Run(fold, order.subject, order.command, "", order.counterpart) : item->poison;
      if (status.ok()) continue;
      // Else somebody has carried it out meanwhile.
      const bool refused = !absl::IsAborted(status);
      if (refused) ++effects->refused;
      runtime::Log(refused ? runtime::Level::kError : runtime::Level::kInfo, "order.refused",
                   {{"subject", order.subject}, {"error", std::string(status.message())}});
    }
  }

  Write(tx, fold);
  result.applied = fold.inbox.applied();
  if (absl::Status saved = fold.inbox.Save(tx); !saved.ok()) return saved;
  const absl::Status appended = journal_.Append(tx, Topic::kReport, fold.inbox.applied(), fold.events);
  if (!appended.ok()) return appended;
  if (aggregate_.observe) {
    for (const NewEvent& written : fold.events) fold.heard.push_back(&written.event);
    if (!fold.heard.empty()) aggregate_.observe(tx, fold.heard);
  }

  // Answers know their positions only now.
  std::vector<std::pair<std::string, Answered>> new_answers;
  for (const Pending& p : pending) {
    const Request& request = *p.item->request;
    Outcome outcome{p.standing.subject, p.standing.state,
                    journal_.partitioning().Of(Topic::kReport, request.subject), 0, fold.now};
    // Its own, not those of the counterpart.
    for (size_t i = p.events_begin; i < p.events_end; ++i) {
      const event::v1::Event& event = fold.events[i].event;
      if (event.subject() == request.subject) outcome.position = event.position();
    }
    result.outcomes.emplace(p.item, outcome);
    new_answers.emplace_back(request.key, Answered{request.fingerprint, outcome});
  }
  for (const auto& [repeat, first] : repeats) {
    const bool same = repeat->request->fingerprint == first->request->fingerprint;
    result.outcomes.emplace(repeat, same ? result.outcomes.at(first) : absl::StatusOr<Outcome>(other_body));
  }
  SaveAnswers(tx, new_answers);
  return absl::OkStatus();
}

template <class A>
absl::Status Executor<A>::Run(Fold& fold, const std::string& subject, const Command& command,
                              const std::string& trace, const std::optional<Counterpart>& counterpart) const {
  auto decided = Consider(fold, subject, command);
  if (!decided.ok()) return decided.status();
  if (counterpart) {
    auto other = Consider(fold, counterpart->subject, counterpart->command(decided->next));
    if (!other.ok()) return other.status();
    Adopt(fold, counterpart->subject, *std::move(other), trace);
  }
  Adopt(fold, subject, *std::move(decided), trace);
  return absl::OkStatus();
}

template <class A>
auto Executor<A>::Consider(Fold& fold, const std::string& subject, const Command& command) const
    -> absl::StatusOr<Decision> {
  auto [entry, is_new] = fold.states.try_emplace(subject);
  if (is_new) entry->second.id = subject;
  return aggregate_.decide(entry->second, command, fold.now);
}

template <class A>
void Executor<A>::Adopt(Fold& fold, const std::string& subject, Decision decided,
                        const std::string& trace) const {
  fold.states.at(subject) = std::move(decided.next);
  fold.changed.insert(subject);
  for (event::v1::Event& event : decided.events) {
    event.set_subject(subject);
    if (!event.has_occurred_at()) *event.mutable_occurred_at() = decision::ToProto(fold.now);
    fold.events.push_back({std::move(event), trace});
  }
  for (Record& record : decided.records) fold.records.push_back(std::move(record));
  for (const decision::DeadlineChange& change : decided.deadlines) {
    fold.deadlines[{report::ToString(subject, change.child), change.clock}] = change.due_at;
  }
}

template <class A>
absl::Status Executor<A>::TakeEffect(Fold& fold, const Inbound& inbound,
                                     const std::optional<Command>& command) const {
  if (!inbound.decoded) return absl::InvalidArgumentError("can't be decoded: " + inbound.flaw);
  if (inbound.topic == Topic::kAgency) {
    fold.kept.push_back(&inbound.event);
    return absl::OkStatus();
  }
  const absl::Status status =
      command ? Run(fold, inbound.subject, *command, inbound.trace) : absl::OkStatus();
  if (status.ok()) fold.heard.push_back(&inbound.event);
  return status;
}

template <class A>
std::vector<Gap> Executor<A>::ApplyChunk(pg::Tx& tx, Fold& fold, const Item& item) const {
  std::vector<Gap> gaps;
  for (size_t i = 0; i < item.events.size(); ++i) {
    const Inbound& inbound = item.events[i];
    Gap gap;
    const Verdict verdict = fold.inbox.Judge(inbound, &gap);
    if (verdict == Verdict::kDuplicate) continue;
    if (verdict == Verdict::kGap) {
      if (!HasGap(gaps, inbound)) gaps.push_back(gap);
      continue;
    }

    absl::Status status = item.poison;
    const bool matters = item.commands[i] || inbound.topic == Topic::kAgency;
    if (status.ok() && matters && fold.held.contains(inbound.subject)) {
      status = absl::FailedPreconditionError("waits behind an earlier event of the same subject");
    }
    if (status.ok()) status = TakeEffect(fold, inbound, item.commands[i]);
    if (status.ok()) continue;
    if (WasDiscarded(tx, inbound)) continue;
    const std::string reason(status.message());
    const int64_t id = Quarantine(tx, inbound, reason);
    fold.held.insert(inbound.subject);
    runtime::Log(runtime::Level::kError, "event.quarantined",
                 {{"id", id},
                  {"producer", inbound.producer},
                  {"partition", inbound.partition},
                  {"position", inbound.position},
                  {"reason", reason}});
  }
  return gaps;
}

template <class A>
absl::StatusOr<typename Executor<A>::Effects> Executor<A>::LetGo(pg::Tx& tx, Fold& fold,
                                                                 const Item& item) const {
  const Held& held = *item.release;
  const std::string ending = held.discard_reason ? "discarded: " + *held.discard_reason : "applied";
  std::vector<QuarantineRow> rows = TakeQuarantined(tx, held.id);
  if (rows.empty()) {
    // Asked again, as where the reply of the COMMIT was lost: it is done.
    if (const auto ended = FindEnded(tx, held.id, ending)) return Effects{.next_held = ended->next_held};
    return decision::Refuse(absl::StatusCode::kNotFound, "id", "is not held, or waits behind an earlier one",
                            "release the first quarantined event of the report");
  }
  const std::string subject = rows.front().inbound.subject;
  if (!held.discard_reason) {
    Inbound& inbound = fold.released.emplace_back(std::move(rows.front().inbound));
    Decode(inbound);
    const absl::Status status =
        item.poison.ok() ? TakeEffect(fold, inbound, CommandOf(inbound)) : item.poison;
    if (!status.ok()) {
      const std::string reason(status.message());
      ExplainQuarantine(tx, held.id, reason);
      return decision::Refuse(absl::StatusCode::kFailedPrecondition, "id",
                              "still can't be applied: " + reason,
                              "mend that, or discard the event with a reason");
    }
  }
  EndQuarantine(tx, held.id, ending);
  if (rows.size() > 1) return Effects{.next_held = rows[1].id};
  fold.held.erase(subject);
  return Effects{};
}

template <class A>
void Executor<A>::Write(pg::Tx& tx, Fold& fold) const {
  if (!fold.kept.empty() && aggregate_.keep) aggregate_.keep(tx, fold.kept);

  std::vector<const State*> changed;
  for (const std::string& subject : fold.changed) changed.push_back(&fold.states.at(subject));
  if (!changed.empty()) aggregate_.save(tx, changed);
  if (!fold.records.empty()) aggregate_.append(tx, fold.records);

  std::vector<Deadline> set;
  std::vector<std::pair<std::string, report::v1::Clock>> cleared;
  for (const auto& [key, due_at] : fold.deadlines) {
    if (due_at) {
      set.push_back({key.first, key.second, *due_at});
    } else {
      cleared.push_back(key);
    }
  }
  SetDeadlines(tx, set);
  ClearDeadlines(tx, cleared);
}

}  // namespace lapor::eventlog
