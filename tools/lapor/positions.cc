#include "tools/lapor/positions.h"

#include <future>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"

namespace lapor::client {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(5);

// How far each journal is, by (producer, topic, partition).
using Heads = std::map<std::tuple<std::string, std::string, int32_t>, int64_t>;

Heads HeadsOf(const Positions& positions) {
  Heads heads;
  for (const auto& [service, at] : positions) {
    for (const auto& journal : at.journal())
      heads[{service, journal.topic(), journal.partition()}] = journal.head();
  }
  return heads;
}

// The first thing found on its way; empty when all is quiet.
std::string OnItsWay(const Positions& positions) {
  for (const char* producer : kServices) {
    if (const int64_t events = Unrelayed(positions, producer); events > 0)
      return fmt::format("{} events of {} are not relayed", events, producer);
    for (const char* consumer : kServices) {
      if (const int64_t events = Unapplied(positions, producer, consumer); events > 0)
        return fmt::format("{} events of {} are not applied by {}", events, producer, consumer);
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<Positions> ReadPositions(Session& session) {
  const auto ask = [&session](const std::string& service) {
    return session.Call(session.Backbone(service), &backbone::v1::Backbone::Stub::GetPositions,
                        backbone::v1::GetPositionsRequest(), *ParseCaller("operator"));
  };
  std::map<std::string, std::future<absl::StatusOr<backbone::v1::GetPositionsResponse>>> asked;
  for (const char* service : kServices) asked[service] = std::async(std::launch::async, ask, service);

  Positions positions;
  absl::Status status;
  for (auto& [service, answer] : asked) {
    auto at = answer.get();
    if (at.ok()) {
      positions[service] = *std::move(at);
    } else if (status.ok()) {
      status =
          absl::Status(at.status().code(), fmt::format("{} at {}: {}", service, session.AddressOf(service),
                                                       std::string(at.status().message())));
    }
  }
  if (!status.ok()) return status;
  return positions;
}

int64_t Unrelayed(const Positions& positions, const std::string& producer) {
  int64_t events = 0;
  for (const auto& journal : positions.at(producer).journal()) events += journal.head() - journal.relayed();
  return events;
}

int64_t Unapplied(const Positions& positions, const std::string& producer, const std::string& consumer) {
  if (producer == consumer) return 0;  // its own events count as applied
  std::map<std::pair<std::string, int32_t>, int64_t> applied;
  for (const auto& inbox : positions.at(consumer).inbox()) {
    if (inbox.producer() == producer) applied[{inbox.topic(), inbox.partition()}] = inbox.applied();
  }
  int64_t events = 0;
  for (const auto& journal : positions.at(producer).journal()) {
    // Of the registry only reporting keeps something; the others don't read that stream.
    if (journal.topic() != "lapor.report.v1" && consumer != "reporting") continue;
    // The services are not asked at one moment: an inbox may be ahead of the head that was told.
    events += std::max<int64_t>(0, journal.head() - applied[{journal.topic(), journal.partition()}]);
  }
  return events;
}

int64_t Quarantined(const Positions& positions) {
  int64_t held = 0;
  for (const auto& [service, at] : positions) held += at.quarantined();
  return held;
}

absl::StatusOr<Positions> AwaitQuiet(Session& session, absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  std::optional<Heads> quiet_at;
  while (true) {
    auto positions = ReadPositions(session);
    if (!positions.ok()) return positions.status();
    const std::string on_its_way = OnItsWay(*positions);
    const Heads heads = HeadsOf(*positions);
    if (on_its_way.empty()) {
      if (quiet_at == heads) return positions;
      quiet_at = heads;
      continue;
    }
    quiet_at.reset();
    if (absl::Now() > until) {
      return absl::DeadlineExceededError(
          fmt::format("the suite did not come to rest in {}: {}", absl::FormatDuration(limit), on_its_way));
    }
    absl::SleepFor(kPause);
  }
}

}  // namespace lapor::client
