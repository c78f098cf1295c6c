// The batch executor: the one path by which anything changes in a service.
//
// Requests, events and due deadlines become commands. Commands that arrive while a transaction is in flight
// form the next batch (one waiting command makes a batch of one; there are no timers). One batch is one
// transaction: states are loaded and locked, commands folded over them in the order of arrival, states,
// records, deadlines, answers and inbox rows written, events appended to the journal last. A command that
// fails its own rules fails alone; when the database refuses a batch, its items are carried out one by one,
// so that only the culprit fails.
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
#include "libs/eventlog/inbox.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/quarantine.h"
#include "libs/eventlog/requests.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/log.h"

namespace lapor::eventlog {

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
  // The state's number, for Outcome::state.
  std::function<int(const State&)> state_number;

  // store: loads and locks in ascending order of id; saves; adds.
  std::function<std::unordered_map<std::string, State>(pg::Tx&, const std::vector<std::string>& ids)> load;
  std::function<void(pg::Tx&, const std::vector<const State*>&)> save;
  std::function<void(pg::Tx&, const std::vector<Record>&)> append;

  // subscriber: what an event of lapor.report.v1 means to this service; nothing, mostly.
  std::function<std::optional<Command>(const event::v1::Event&)> on_event;
  // What an open deadline means when it is due. May be empty where the service sets none.
  std::function<Command(report::v1::Clock, absl::Time due_at)> on_deadline;
  // Keeps the slice that the service needs of lapor.agency.v1. May be empty.
  std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> keep;
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

  struct Request {
    std::string key;          // see RequestKey()
    std::string fingerprint;  // see Fingerprint()
    std::string subject;
    Command command;
    std::string trace;
    Done done;
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
    {
      std::unique_lock lock(mutex_);
      if (stopping_) {
        lock.unlock();
        return request.done(
            absl::UnavailableError("shutting down; send the request again, with the same request_id"));
      }
      if (waiting_requests_ >= options_.max_waiting_requests) {
        lock.unlock();
        return request.done(absl::ResourceExhaustedError(
            "too many requests are waiting; send it again later, with the same request_id"));
      }
      ++waiting_requests_;
      queue_.push_back(Item{std::move(request), {}, {}, {}, nullptr});
    }
    wake_worker_.notify_one();
  }

  // Applies events in their order and waits until they are committed. Returns the gaps: in a partition with a
  // gap, everything before it is applied and nothing after it. FAILED_PRECONDITION when fenced.
  absl::StatusOr<std::vector<Gap>> Apply(std::vector<Inbound> events) {
    std::vector<std::optional<Command>> commands;
    commands.reserve(events.size());
    for (const Inbound& inbound : events) {
      const bool for_decision = inbound.decoded && inbound.topic == Topic::kReport;
      commands.push_back(for_decision ? aggregate_.on_event(inbound.event) : std::nullopt);
    }
    return Wait(Item{std::nullopt, std::move(events), std::move(commands), {}, nullptr});
  }

  // Fires those of `due` that are still open, and waits until that is committed.
  absl::Status Fire(std::vector<Deadline> due) {
    return Wait(Item{std::nullopt, {}, {}, std::move(due), nullptr}).status();
  }

  // Items that wait for the next transaction.
  size_t queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
  }

  // Applies the held event `id` and those that wait behind it. NOT_FOUND when it isn't held or waits itself;
  // what still fails stays in quarantine, with its new reason. With `discard_reason` the first one is given
  // up instead.
  absl::StatusOr<int> Release(int64_t id, const std::optional<std::string>& discard_reason);

 private:
  // One entry of the queue: a request, or a chunk of events, or a chunk of deadlines.
  struct Item {
    std::optional<Request> request;
    std::vector<Inbound> events;
    std::vector<std::optional<Command>> commands;  // of events
    std::vector<Deadline> deadlines;
    std::shared_ptr<std::promise<absl::StatusOr<std::vector<Gap>>>> promise;  // of events and deadlines
    std::string poison = {};  // why the database refused this single event or deadline when it stood alone

    size_t size() const { return request ? 1 : events.size() + deadlines.size(); }
  };
  using Items = std::vector<Item*>;

  // What one attempt came to; thrown away unless it commits.
  struct Result {
    std::unordered_map<const Item*, absl::StatusOr<Outcome>> outcomes;
    std::unordered_map<const Item*, std::vector<Gap>> gaps;
    Applied applied;
  };

  // The folding of one batch over the states it loaded.
  struct Fold {
    absl::Time now;
    std::unordered_map<std::string, State> states;
    std::set<std::string> changed;
    std::vector<NewEvent> events;
    std::vector<Record> records;
    std::map<std::pair<std::string, report::v1::Clock>, std::optional<absl::Time>> deadlines;
  };

  absl::StatusOr<std::vector<Gap>> Wait(Item item) {
    item.promise = std::make_shared<std::promise<absl::StatusOr<std::vector<Gap>>>>();
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

  static bool IsFenced(const absl::Status& status) { return absl::IsFailedPrecondition(status); }

  // Nobody's fault, so far: lost connections, deadlocks, a COMMIT without a reply. The next attempt sees what
  // really happened.
  static bool IsOutage(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsUnknown(status) ||
           absl::IsResourceExhausted(status);
  }

  // Once only: a key that is taken may be the answer that another instance has just given to the same
  // request, and a statement that ran out of time may have waited for a lock. Twice, it is an item's doing.
  static bool MayPass(const absl::Status& status) {
    return absl::IsAlreadyExists(status) || absl::IsDeadlineExceeded(status);
  }

  // What the database holds against the item's own data. Of all else (time, a schema that isn't there) the
  // event is innocent: it is tried again by whoever brought it, in its order.
  static bool IsDataFault(const absl::Status& status) {
    return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status);
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
    if (item.request || !item.poison.empty()) return Fail(items, status);
    if (item.size() == 1) {
      if (!IsDataFault(status)) return Fail(items, status);
      item.poison = std::string(status.message());
      return CarryOut(items);
    }
    std::vector<Gap> gaps;
    for (size_t i = 0; i < item.size(); ++i) {
      Item single;
      if (item.events.empty()) {
        single.deadlines.push_back(item.deadlines[i]);
      } else if (HasGap(gaps, item.events[i])) {
        continue;  // whoever wrote it: what follows a gap in its partition waits
      } else {
        single.events.push_back(item.events[i]);
        single.commands.push_back(item.commands[i]);
      }
      single.promise = std::make_shared<std::promise<absl::StatusOr<std::vector<Gap>>>>();
      auto done = single.promise->get_future();
      CarryOut({&single});
      absl::StatusOr<std::vector<Gap>> result = done.get();
      if (!result.ok()) return item.promise->set_value(std::move(result));
      gaps.insert(gaps.end(), result->begin(), result->end());
    }
    item.promise->set_value(std::move(gaps));
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
        item->promise->set_value(std::move(result.gaps[item]));
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

  absl::Status Attempt(pg::Tx& tx, const Items& items, Result& result);
  absl::Status Run(Fold& fold, const std::string& subject, const Command& command,
                   const std::string& trace) const;
  void ApplyEvents(pg::Tx& tx, Fold& fold, Inbox& inbox, std::set<std::string>& held, const Item& item,
                   std::vector<const event::v1::Event*>& kept, std::vector<Gap>& gaps) const;
  void Write(pg::Tx& tx, Fold& fold, const std::vector<const event::v1::Event*>& kept,
             const Applied& applied) const;

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
  Fold fold;
  fold.now = Now();

  // What has been done before: answered requests, deadlines that are gone.
  std::vector<std::string> keys;
  std::vector<Deadline> due;
  for (const Item* item : items) {
    if (item->request) keys.push_back(item->request->key);
    due.insert(due.end(), item->deadlines.begin(), item->deadlines.end());
  }
  auto answers = LoadAnswers(tx, keys);
  const std::vector<bool> taken = TakeDeadlines(tx, due);

  // The states that are to change, locked in one order everywhere.
  std::set<std::string> subjects;
  std::set<std::string> event_subjects;
  std::set<int32_t> partitions, agency_partitions;
  for (const Item* item : items) {
    if (item->request && !answers.contains(item->request->key)) subjects.insert(item->request->subject);
    for (size_t i = 0; i < item->events.size(); ++i) {
      const Inbound& inbound = item->events[i];
      (inbound.topic == Topic::kReport ? partitions : agency_partitions).insert(inbound.partition);
      if (!inbound.subject.empty()) event_subjects.insert(inbound.subject);
      if (item->commands[i]) subjects.insert(inbound.subject);
    }
  }
  for (size_t i = 0; i < due.size(); ++i) {
    if (taken[i]) subjects.insert(due[i].subject);
  }
  if (!subjects.empty()) fold.states = aggregate_.load(tx, {subjects.begin(), subjects.end()});

  // After the states, so that what they reflect is counted among the causes.
  for (const std::string& subject : subjects)
    partitions.insert(journal_.partitioning().Of(Topic::kReport, subject));
  Inbox inbox(journal_.producer(), options_.inbox_rules);
  if (!partitions.empty()) inbox.Load(tx, Topic::kReport, partitions);
  if (!agency_partitions.empty()) inbox.Load(tx, Topic::kAgency, agency_partitions);
  std::set<std::string> held = HeldSubjects(tx, event_subjects);

  // The fold, in the order of arrival.
  struct Pending {
    const Item* item;
    size_t events_end;  // its last event is the one before
    size_t events_begin;
  };
  std::vector<Pending> pending;
  std::unordered_map<std::string, const Item*> first_in_batch;
  std::vector<std::pair<const Item*, const Item*>> repeats;
  std::vector<const event::v1::Event*> kept;
  size_t due_index = 0;
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
      if (const absl::Status status = Run(fold, request.subject, request.command, request.trace);
          !status.ok()) {
        result.outcomes.emplace(item, status);
        continue;
      }
      first_in_batch.emplace(request.key, item);
      pending.push_back({item, fold.events.size(), begin});
    }
    ApplyEvents(tx, fold, inbox, held, *item, kept, result.gaps[item]);
    for (const Deadline& deadline : item->deadlines) {
      if (!taken[due_index++]) continue;
      if (held.contains(deadline.subject)) {
        // An event of this very batch has just been quarantined: now the deadline waits.
        fold.deadlines.try_emplace({deadline.subject, deadline.clock}, deadline.due_at);
        continue;
      }
      const absl::Status status =
          item->poison.empty()
              ? Run(fold, deadline.subject, aggregate_.on_deadline(deadline.clock, deadline.due_at), "")
              : absl::InternalError(item->poison);
      if (status.ok()) continue;
      runtime::Log(runtime::Level::kError, "deadline.blocked",
                   {{"subject", deadline.subject},
                    {"clock", report::v1::Clock_Name(deadline.clock)},
                    {"error", std::string(status.message())}});
      BlockDeadline(tx, deadline, std::string(status.message()));
    }
  }

  Write(tx, fold, kept, inbox.applied());

  // Answers know their positions only now.
  std::vector<std::pair<std::string, Answered>> new_answers;
  for (const Pending& p : pending) {
    const Request& request = *p.item->request;
    Outcome outcome{request.subject, aggregate_.state_number(fold.states.at(request.subject)),
                    journal_.partitioning().Of(Topic::kReport, request.subject), 0, fold.now};
    if (p.events_end > p.events_begin) outcome.position = fold.events[p.events_end - 1].event.position();
    result.outcomes.emplace(p.item, outcome);
    new_answers.emplace_back(request.key, Answered{request.fingerprint, outcome});
  }
  for (const auto& [repeat, first] : repeats) {
    const bool same = repeat->request->fingerprint == first->request->fingerprint;
    result.outcomes.emplace(repeat, same ? result.outcomes.at(first) : absl::StatusOr<Outcome>(other_body));
  }
  SaveAnswers(tx, new_answers);
  result.applied = inbox.applied();
  return inbox.Save(tx);
}

template <class A>
absl::Status Executor<A>::Run(Fold& fold, const std::string& subject, const Command& command,
                              const std::string& trace) const {
  auto [entry, is_new] = fold.states.try_emplace(subject);
  State& state = entry->second;
  if (is_new) state.id = subject;

  auto decided = aggregate_.decide(state, command, fold.now);
  if (!decided.ok()) return decided.status();

  state = std::move(decided->next);
  fold.changed.insert(subject);
  for (event::v1::Event& event : decided->events) {
    event.set_subject(subject);
    if (!event.has_occurred_at()) *event.mutable_occurred_at() = decision::ToProto(fold.now);
    fold.events.push_back({std::move(event), trace});
  }
  for (Record& record : decided->records) fold.records.push_back(std::move(record));
  for (const decision::DeadlineChange& change : decided->deadlines) {
    fold.deadlines[{subject, change.clock}] = change.due_at;
  }
  return absl::OkStatus();
}

template <class A>
void Executor<A>::ApplyEvents(pg::Tx& tx, Fold& fold, Inbox& inbox, std::set<std::string>& held,
                              const Item& item, std::vector<const event::v1::Event*>& kept,
                              std::vector<Gap>& gaps) const {
  for (size_t i = 0; i < item.events.size(); ++i) {
    const Inbound& inbound = item.events[i];
    Gap gap;
    const Verdict verdict = inbox.Judge(inbound, &gap);
    if (verdict == Verdict::kDuplicate) continue;
    if (verdict == Verdict::kGap) {
      if (!HasGap(gaps, inbound)) gaps.push_back(gap);
      continue;
    }

    std::string reason = item.poison;
    if (reason.empty() && !inbound.decoded) {
      reason = "can't be decoded: " + inbound.flaw;
    } else if (reason.empty() && inbound.topic == Topic::kAgency) {
      kept.push_back(&inbound.event);
    } else if (reason.empty() && item.commands[i]) {
      if (held.contains(inbound.subject)) {
        reason = "waits behind an earlier event of the same report";
      } else {
        const absl::Status status = Run(fold, inbound.subject, *item.commands[i], inbound.trace);
        if (!status.ok()) reason = std::string(status.message());
      }
    }
    if (reason.empty()) continue;
    const int64_t id = Quarantine(tx, inbound, reason);
    if (!inbound.subject.empty()) held.insert(inbound.subject);
    runtime::Log(runtime::Level::kError, "event.quarantined",
                 {{"id", id},
                  {"producer", inbound.producer},
                  {"partition", inbound.partition},
                  {"position", inbound.position},
                  {"reason", reason}});
  }
}

template <class A>
void Executor<A>::Write(pg::Tx& tx, Fold& fold, const std::vector<const event::v1::Event*>& kept,
                        const Applied& applied) const {
  if (!kept.empty() && aggregate_.keep) aggregate_.keep(tx, kept);

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

  journal_.Append(tx, Topic::kReport, applied, fold.events);
}

template <class A>
absl::StatusOr<int> Executor<A>::Release(int64_t id, const std::optional<std::string>& discard_reason) {
  int applied = 0;
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) -> absl::Status {
    applied = 0;
    std::vector<QuarantineRow> rows = TakeQuarantined(tx, id);
    if (rows.empty()) {
      return decision::Refuse(absl::StatusCode::kNotFound, "id",
                              "is not held, or waits behind an earlier one",
                              "release the first quarantined event of the report");
    }
    Fold fold;
    fold.now = Now();
    fold.states = aggregate_.load(tx, {rows.front().inbound.subject});
    Inbox inbox(journal_.producer());
    inbox.Load(tx, Topic::kReport, {rows.front().inbound.partition});
    std::vector<const event::v1::Event*> kept;
    for (QuarantineRow& row : rows) {
      if (row.id == id && discard_reason) {
        EndQuarantine(tx, id, "discarded: " + *discard_reason);
        continue;
      }
      Inbound& inbound = row.inbound;
      Decode(inbound);
      if (!inbound.decoded) {
        if (row.id != id) break;
        return decision::Refuse(absl::StatusCode::kFailedPrecondition, "id",
                                "still can't be decoded: " + inbound.flaw,
                                "mend that, or discard the event with a reason");
      }
      if (inbound.topic == Topic::kAgency) {
        kept.push_back(&inbound.event);
      } else if (const auto command = aggregate_.on_event(inbound.event)) {
        if (!Run(fold, inbound.subject, *command, "").ok()) break;
      }
      EndQuarantine(tx, row.id, "applied");
      ++applied;
    }
    Write(tx, fold, kept, inbox.applied());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return applied;
}

}  // namespace lapor::eventlog
