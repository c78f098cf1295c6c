#include "services/routing/delivery_desk.h"

#include <CLI/App.hpp>
#include <algorithm>

#include "absl/time/clock.h"
#include "libs/rpc/wire.h"
#include "libs/runtime/config.h"
#include "libs/runtime/log.h"
#include "services/routing/store.h"

namespace lapor::routing {
namespace {

v1::Assignment AssignmentOf(const Route& route) {
  v1::Assignment assignment;
  assignment.set_report_id(route.id);
  assignment.set_hop(route.hops);
  assignment.set_agency_id(route.holder_agency_id);
  *assignment.mutable_delivery() = ToProto(*route.delivery);
  assignment.set_state(route.state);
  assignment.set_report_class(route.report_class);
  assignment.set_supervision(route.supervision);
  assignment.set_category(route.category);
  assignment.set_region(route.region);
  assignment.set_danger_to_life(route.danger_to_life);
  assignment.set_binding(!route.bound_agency_id.empty());
  return assignment;
}

Place PlaceOf(const Route& route) { return {route.delivery->assigned_at, route.id}; }

}  // namespace

void DeliveryOptions::AddTo(CLI::App& app) {
  app.add_option("--max-unacknowledged-deliveries", max_unacknowledged,
                 "Assignments of one stream to an agency's application that may wait to be acknowledged")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  runtime::AddDuration(app, "--redelivery-interval", redelivery,
                       "When an assignment that an agency's application has not acknowledged is sent again");
  runtime::AddDuration(app, "--delivery-heartbeat", heartbeat,
                       "How long a stream to an agency's application is silent at most");
}

DeliveryDesk::DeliveryDesk(pg::Pool& pool, std::shared_ptr<const RegistryWatch> registry,
                           DeliveryOptions options, runtime::Metrics& metrics)
    : pool_(pool),
      registry_(std::move(registry)),
      options_(options),
      streams_(metrics.Gauge("lapor_delivery_streams", "Streams to agencies' own applications", {})),
      sent_(metrics.Counter("lapor_delivery_sent_total",
                            "Assignments sent to agencies' own applications, each time", {})) {}

void DeliveryDesk::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void DeliveryDesk::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeliveryDesk::Watch(const std::string& agency_id, std::optional<Place> resume,
                         std::shared_ptr<rpc::Feed> feed) {
  Watcher watcher;
  watcher.agency_id = agency_id;
  watcher.feed = std::move(feed);
  watcher.place = resume;
  watcher.resume = std::move(resume);
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      arrivals_.push_back(std::move(watcher));
      woken_ = true;
    }
  }
  wake_.notify_all();
}

void DeliveryDesk::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void DeliveryDesk::Settle(const std::vector<std::string>& report_ids) {
  {
    const std::lock_guard lock(mutex_);
    settled_.insert(settled_.end(), report_ids.begin(), report_ids.end());
    woken_ = true;
  }
  wake_.notify_all();
}

void DeliveryDesk::Loop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.poll), [this] { return stopping_ || woken_; });
      if (stopping_) return;
      woken_ = false;
    }
    if (const absl::Status status = Look(); !status.ok()) {
      runtime::Log(runtime::Level::kWarning, "deliveries.not_read",
                   {{"error", std::string(status.message())}});
      // The poll tries again; a wake would only try at once.
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.poll), [this] { return stopping_; });
    }
  }
}

// Whoever has come or gone, what has been settled, and what has been under way for too long.
void DeliveryDesk::TakeNews(absl::Time now) {
  std::vector<Watcher> arrivals;
  std::vector<std::string> settled;
  {
    const std::lock_guard lock(mutex_);
    arrivals.swap(arrivals_);
    settled.swap(settled_);
  }
  for (const std::string& report_id : settled) {
    if (const auto entry = under_way_.find(report_id); entry != under_way_.end()) {
      if (const auto watcher = watchers_.find(entry->second.watcher); watcher != watchers_.end())
        watcher->second.expired = 0;
      Forget(entry);
    }
  }
  std::erase_if(watchers_, [](const auto& known) { return known.second.feed->ended(); });
  for (auto entry = under_way_.begin(); entry != under_way_.end();) {
    const bool over = entry->second.until <= now || !watchers_.contains(entry->second.watcher);
    const auto next = std::next(entry);
    if (over) {
      if (const auto watcher = watchers_.find(entry->second.watcher); watcher != watchers_.end())
        ++watcher->second.expired;
      Forget(entry);
    }
    entry = next;
  }
  for (Watcher& watcher : arrivals) {
    watcher.resume_until = now + options_.redelivery;
    watcher.silent_since = now;
    watchers_.emplace(++next_watcher_, std::move(watcher));
  }
  streams_.Set(static_cast<double>(watchers_.size()));
}

void DeliveryDesk::Forget(std::map<std::string, UnderWay>::iterator entry) {
  if (const auto watcher = watchers_.find(entry->second.watcher); watcher != watchers_.end())
    --watcher->second.under_way;
  under_way_.erase(entry);
}

void DeliveryDesk::Cover(Watcher& watcher, const Registry& registry) {
  if (watcher.registry_version == registry.version()) return;
  watcher.covers = registry.WithUnits(watcher.agency_id);
  watcher.registry_version = registry.version();
}

absl::Status DeliveryDesk::Look() {
  const absl::Time now = absl::Now();
  TakeNews(now);
  if (watchers_.empty()) return absl::OkStatus();

  // Who may be sent what, of those who can take more.
  const auto registry = registry_->Current();
  std::map<std::string, std::vector<int64_t>> takers;  // by agency
  for (auto& [id, watcher] : watchers_) {
    Cover(watcher, *registry);
    // Nor to one who doesn't read: what was sent again and again would heap up.
    if (watcher.under_way >= options_.max_unacknowledged ||
        watcher.feed->waiting() >= static_cast<size_t>(options_.max_unacknowledged))
      continue;
    for (const std::string& agency_id : watcher.covers) takers[agency_id].push_back(id);
  }
  PendingQuery query{.agency_ids = {}, .limit_per_agency = options_.max_unacknowledged};
  for (const auto& [agency_id, ids] : takers) query.agency_ids.push_back(agency_id);
  for (const auto& [report_id, entry] : under_way_) query.without.push_back(report_id);

  std::vector<Route> pending;
  std::map<std::string, int> still;
  const absl::Status status = pool_.Read([&](pg::Tx& tx) {
    pending.clear();
    still.clear();
    if (!under_way_.empty()) {
      for (auto& [report_id, hop] : StillPending(tx, query.without)) still.emplace(report_id, hop);
    }
    if (!query.agency_ids.empty()) pending = ReadPendingDeliveries(tx, query);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;

  // Acknowledged at another instance, or in other hands.
  for (auto entry = under_way_.begin(); entry != under_way_.end();) {
    const auto found = still.find(entry->first);
    const auto next = std::next(entry);
    if (found == still.end() || found->second != entry->second.hop) {
      Forget(entry);
      Wake();  // there is room now, or a newer assignment of the same report
    }
    entry = next;
  }

  for (const Route& route : pending) {
    Watcher* taker = nullptr;
    int64_t taker_id = 0;
    for (const int64_t id : takers[route.holder_agency_id]) {
      Watcher& watcher = watchers_.at(id);
      if (watcher.under_way >= options_.max_unacknowledged) continue;
      // Not who lets things expire, if there is another; else the least busy, of these the newest, as the
      // older may be the half of a broken connection.
      if (taker == nullptr ||
          std::pair(watcher.expired, watcher.under_way) <= std::pair(taker->expired, taker->under_way)) {
        taker = &watcher;
        taker_id = id;
      }
    }
    if (taker == nullptr) continue;
    const bool has_it = taker->resume && !(*taker->resume < PlaceOf(route)) && now < taker->resume_until;
    Note(taker_id, route, has_it ? taker->resume_until : now + options_.redelivery);
    if (!has_it) Send(*taker, route, now);
  }
  KeepAlive(now);
  return absl::OkStatus();
}

void DeliveryDesk::Note(int64_t watcher_id, const Route& route, absl::Time until) {
  under_way_.insert_or_assign(route.id, UnderWay{watcher_id, route.hops, until});
  ++watchers_.at(watcher_id).under_way;
}

void DeliveryDesk::Send(Watcher& watcher, const Route& route, absl::Time now) {
  if (!watcher.place || *watcher.place < PlaceOf(route)) watcher.place = PlaceOf(route);
  v1::AssignmentDelivery message;
  *message.mutable_assignment() = AssignmentOf(route);
  message.set_resume_token(MakeResumeToken(watcher.agency_id, *watcher.place));
  watcher.feed->Write(rpc::Encode(message));
  watcher.silent_since = now;
  sent_.Increment();
}

void DeliveryDesk::KeepAlive(absl::Time now) {
  for (auto& [id, watcher] : watchers_) {
    // One who doesn't read is not written to any more.
    if (now - watcher.silent_since < options_.heartbeat || watcher.feed->waiting() > 0) continue;
    v1::AssignmentDelivery message;
    if (watcher.place) message.set_resume_token(MakeResumeToken(watcher.agency_id, *watcher.place));
    watcher.feed->Write(rpc::Encode(message));
    watcher.silent_since = now;
  }
}

}  // namespace lapor::routing
