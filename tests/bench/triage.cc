#include "tests/bench/triage.h"

#include <future>
#include <memory>
#include <mutex>

#include "libs/eventlog/uuid.h"
#include "tests/bench/load.h"

namespace lapor::bench {
namespace {

using Stub = routing::v1::Routing::Stub;

constexpr int kAdministrators = 8;
constexpr int kDecisionsOfACall = 250;

// The reports that wait for verification, to be taken by many at once.
class Waiting {
 public:
  // Reads the queue until it holds `expected`: until routing has heard of all that was filed.
  static absl::StatusOr<std::unique_ptr<Waiting>> Read(client::Session& session, size_t expected) {
    const absl::Time limit = absl::Now() + absl::Minutes(3);
    while (absl::Now() < limit) {
      auto waiting = std::make_unique<Waiting>();
      routing::v1::ListTriageQueueRequest request;
      request.set_state(routing::v1::ROUTE_STATE_AWAITING_TRIAGE);
      request.set_page_size(1000);
      do {
        const auto page = session.Call(&Stub::ListTriageQueue, request, *client::ParseCaller("monitor"));
        if (!page.ok()) return page.status();
        for (const auto& report : page->reports()) waiting->ids_.push_back(report.report_id());
        request.set_page_token(page->next_page_token());
      } while (!request.page_token().empty());
      if (waiting->ids_.size() >= expected) return waiting;
    }
    return absl::DeadlineExceededError("routing doesn't catch up with what was filed");
  }

  // At most so many; fewer when there are no more.
  std::vector<std::string> Take(int count) {
    std::lock_guard lock(mutex_);
    const size_t left = ids_.size() - std::min(ids_.size(), static_cast<size_t>(count));
    std::vector<std::string> taken(ids_.begin() + static_cast<std::ptrdiff_t>(left), ids_.end());
    ids_.resize(left);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> ids_;  // guarded by mutex_
};

routing::v1::VerifyReportRequest Verification(const std::string& report_id) {
  routing::v1::VerifyReportRequest verify;
  verify.set_request_id(eventlog::NewUuid());
  verify.set_report_id(report_id);
  return verify;
}

absl::Status DecideMany(client::Session& session, const std::vector<std::string>& ids,
                        const rpc::Caller& triage) {
  routing::v1::DecideReportsRequest request;
  for (const std::string& id : ids) *request.add_decisions()->mutable_verify() = Verification(id);
  const auto decided = session.Call(&Stub::DecideReports, request, triage);
  if (!decided.ok()) return decided.status();
  for (const auto& result : decided->results()) {
    if (result.has_refused()) return absl::InternalError(result.refused().message());
  }
  return absl::OkStatus();
}

absl::Status DecideOneByOne(client::Session& session, const std::vector<std::string>& ids,
                            const rpc::Caller& triage) {
  for (const std::string& id : ids) {
    const auto decided = session.Call(&Stub::VerifyReport, Verification(id), triage);
    if (!decided.ok()) return decided.status();
  }
  return absl::OkStatus();
}

using Decide = absl::Status (*)(client::Session&, const std::vector<std::string>&, const rpc::Caller&);

absl::StatusOr<double> Rate(client::Session& session, Waiting& waiting, Decide decide, int at_once,
                            double seconds) {
  const absl::Time start = absl::Now();
  const absl::Time end = start + absl::Seconds(seconds);
  std::vector<std::future<absl::StatusOr<int>>> administrators;
  for (int a = 0; a < kAdministrators; ++a) {
    administrators.push_back(std::async(std::launch::async, [&, a]() -> absl::StatusOr<int> {
      const rpc::Caller triage = *client::ParseCaller("triage@" + std::to_string(a));
      int decided = 0;
      while (absl::Now() < end) {
        const std::vector<std::string> ids = waiting.Take(at_once);
        if (ids.empty()) return absl::FailedPreconditionError("no more reports wait: file more beforehand");
        if (const absl::Status status = decide(session, ids, triage); !status.ok()) return status;
        decided += static_cast<int>(ids.size());
      }
      return decided;
    }));
  }
  absl::StatusOr<double> sum = 0.0;
  for (auto& administrator : administrators) {
    const absl::StatusOr<int> decided = administrator.get();
    if (!decided.ok()) sum = decided.status();
    if (sum.ok()) *sum += *decided;
  }
  if (!sum.ok()) return sum;
  return *sum / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace

absl::StatusOr<Figure> TriageDecisions(client::Session& session, int pairs, double seconds) {
  const auto filed = SubmitReports(session, {.duration = absl::Seconds(4 * seconds)});
  if (!filed.ok()) return filed.status();
  const auto waiting = Waiting::Read(session, filed->latencies_ms.size());
  if (!waiting.ok()) return waiting.status();
  absl::Status failure;
  const auto rate = [&](Decide decide, int at_once) {
    const auto measured = Rate(session, **waiting, decide, at_once, seconds / 5);
    if (!measured.ok()) failure = measured.status();
    return measured.value_or(1);
  };
  Figure figure = InPairs(
      {.name = "triage_decisions",
       .goal = ">= 1,000 a second (the baseline: one in a call)",
       .unit = "decisions/s"},
      pairs, [&] { return rate(DecideMany, kDecisionsOfACall); }, [&] { return rate(DecideOneByOne, 1); });
  if (!failure.ok()) return failure;
  return figure;
}

}  // namespace lapor::bench
