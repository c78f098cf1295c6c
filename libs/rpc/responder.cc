#include "libs/rpc/responder.h"

#include <chrono>
#include <exception>
#include <tuple>

#include "absl/time/clock.h"
#include "libs/decision/refusal.h"
#include "libs/rpc/trace.h"
#include "libs/runtime/config.h"

namespace lapor::rpc {
namespace {

std::string TraceparentOf(const Context& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found == context.client_metadata().end()) return NewTraceparent();
  return NextSpan({found->second.data(), found->second.size()});
}

}  // namespace

void ResponderOptions::AddTo(CLI::App& app) {
  runtime::AddDuration(app, "--default-deadline", default_deadline, "Of a call that comes without one");
  runtime::AddDuration(app, "--default-stream-deadline", default_stream_deadline,
                       "Of a stream that comes without one");
  app.add_option("--read-threads", read_threads, "Threads for reads of the database")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--max-queued-reads", max_queued_reads, "Reads that may wait for a thread")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--max-in-flight-items", max_in_flight_items,
                 "Requests of one stream that may wait for an answer")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
}

Responder::Responder(const ResponderOptions& options, Authenticator& authenticator, runtime::Metrics& metrics)
    : options_(options),
      authenticator_(authenticator),
      metrics_(metrics),
      readers_(options.read_threads, options.max_queued_reads) {}

Reactor* Responder::Open(Context* context, const char* method, Handler handler) {
  Greeting greeting = Greet(*context, options_.default_deadline);
  const auto open = std::make_shared<OpenCall>(context, MetricsOf(method), std::move(greeting.call));
  if (!greeting.refusal.ok()) {
    open->Finish(greeting.refusal);
    return open->reactor();
  }
  if (greeting.server_sets_deadline) open->FinishAtDeadline();
  handler(open);
  return open->reactor();
}

void Responder::RunHere(const std::shared_ptr<OpenCall>& open, absl::FunctionRef<void()> work) {
  try {
    work();
  } catch (const std::exception& error) {
    open->Finish(absl::InternalError(error.what()));
  }
}

void Responder::RunOnThread(const std::shared_ptr<OpenCall>& open, std::function<void()> work) {
  const bool taken = readers_.TrySubmit([this, open, work = std::move(work)] {
    if (!open->FinishIfAbandoned()) RunHere(open, work);
  });
  if (taken) return;
  open->Finish(decision::Refuse(absl::StatusCode::kResourceExhausted, "server", "has too many reads waiting",
                                "try again after a pause, and a longer one each time"));
}

Greeting Responder::Greet(const Context& context, absl::Duration default_deadline) {
  Greeting greeting;
  greeting.call.traceparent = TraceparentOf(context);

  const auto deadline = context.deadline();
  greeting.server_sets_deadline = deadline == std::chrono::system_clock::time_point::max();
  greeting.call.deadline =
      greeting.server_sets_deadline ? absl::Now() + default_deadline : absl::FromChrono(deadline);

  auto token = BearerToken(context);
  if (!token.ok()) {
    greeting.refusal = token.status();
    return greeting;
  }
  auto caller = authenticator_.Authenticate(*token);
  if (!caller.ok()) {
    greeting.refusal = caller.status();
    return greeting;
  }
  greeting.call.caller = *std::move(caller);
  greeting.call.token = *std::move(token);
  return greeting;
}

std::shared_ptr<Feed> Responder::StartFeed(MethodMetrics& metrics, Greeting greeting) {
  std::shared_ptr<Feed> feed = Feed::Start(metrics, std::move(greeting));
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(feeds_, [](const std::weak_ptr<Feed>& known) { return known.expired(); });
    feeds_.push_back(feed);
    if (!feeds_end_) return feed;
  }
  feed->End(absl::UnavailableError("the server is stopping"));
  return feed;
}

void Responder::EndFeeds() {
  std::vector<std::weak_ptr<Feed>> feeds;
  {
    const std::lock_guard lock(mutex_);
    feeds_end_ = true;
    feeds.swap(feeds_);
  }
  for (const std::weak_ptr<Feed>& weak : feeds) {
    if (const auto feed = weak.lock()) feed->End(absl::UnavailableError("the server is stopping"));
  }
}

MethodMetrics& Responder::MetricsOf(const char* method) {
  const std::lock_guard lock(mutex_);
  if (const auto found = methods_.find(method); found != methods_.end()) return found->second;
  return methods_.emplace(std::piecewise_construct, std::tuple(method), std::tie(metrics_, method))
      .first->second;
}

}  // namespace lapor::rpc
