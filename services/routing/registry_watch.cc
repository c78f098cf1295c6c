#include "services/routing/registry_watch.h"

#include <utility>

#include "libs/runtime/log.h"
#include "services/routing/store.h"

namespace lapor::routing {

void RegistryWatch::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void RegistryWatch::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Registry> RegistryWatch::Current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

absl::Status RegistryWatch::Refresh() {
  return pool_.Read([this](pg::Tx& tx) {
    Refresh(tx);
    return absl::OkStatus();
  });
}

void RegistryWatch::Refresh(pg::Tx& tx) {
  if (ReadRegistryVersion(tx) == Current()->version()) return;
  auto read = std::make_shared<const Registry>(ReadRegistry(tx));
  std::lock_guard lock(mutex_);
  // Two may refresh at once; what was read later is not replaced by what was read before.
  if (read->version() > current_->version()) current_ = std::move(read);
}

void RegistryWatch::WhenLookedUp(const std::string& agency_id, std::function<void()> then) {
  {
    std::lock_guard lock(mutex_);
    if (current_->Find(agency_id) == nullptr && !stopping_) {
      waiting_.push_back(std::move(then));
      wake_.notify_all();
      return;
    }
  }
  then();
}

void RegistryWatch::Loop() {
  while (true) {
    // Taken first: who comes during the look is served by the next one.
    std::vector<std::function<void()>> served;
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, absl::ToChronoMilliseconds(kInterval),
                     [this] { return stopping_ || !waiting_.empty(); });
      served.swap(waiting_);
      last = stopping_;
    }
    if (const absl::Status status = Refresh(); !status.ok()) {
      runtime::Log(runtime::Level::kWarning, "registry.not_read", {{"error", std::string(status.message())}});
    }
    for (const auto& then : served) then();
    if (last) return;
  }
}

}  // namespace lapor::routing
