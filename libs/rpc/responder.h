#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/call.h"
#include "libs/rpc/conversation.h"
#include "libs/rpc/feed.h"
#include "libs/rpc/open_call.h"
#include "libs/rpc/wire.h"
#include "libs/rpc/worker_pool.h"
#include "libs/runtime/metrics.h"

namespace CLI {
class App;
}

namespace lapor::rpc {

struct ResponderOptions {
  // For calls that come without a deadline.
  absl::Duration default_deadline = absl::Seconds(10);
  absl::Duration default_stream_deadline = absl::Minutes(15);
  // Threads for reads: as many as reads may hold connections of the database.
  int read_threads = 4;
  // Reads that may wait for a thread; one more is refused at once.
  size_t max_queued_reads = 256;
  // Requests of one stream that may wait for their answers; then the stream is read no further.
  size_t max_in_flight_items = 256;

  void AddTo(CLI::App& app);
};

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

// What stands between gRPC's callbacks and a handler, so that a handler is its own few lines, in a
// RawService:
//
//   rpc::Reactor* GetReport(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) override
//   {
//     return responder_.Read<GetReportRequest, Report>(
//         context, request, response,
//         [this](const rpc::Call& call, const auto& r) { return store_.Get(call.caller, r); });
//   }
//
// It authenticates, sets the deadline, decodes the request (INVALID_ARGUMENT by field where it can't be),
// continues the trace, counts, maps the status, and finishes each call exactly once: with the handler's
// answer, or with DEADLINE_EXCEEDED when a call that came without a deadline reaches the server's, or with
// INTERNAL when a handler throws or drops the call without an answer. Answers that come later are ignored.
// The name of the method in metrics is the name of the function that calls. Thread-safe.
class Responder {
 public:
  // `authenticator` and `metrics` must outlive this.
  Responder(const ResponderOptions& options, Authenticator& authenticator, runtime::Metrics& metrics);

  // Answers with what `work` returns. It may block: it runs on a thread for reads. When max_queued_reads wait
  // already, the call is RESOURCE_EXHAUSTED at once; one whose caller has gone, or whose deadline has passed,
  // is not run.
  template <typename Request, typename Response>
  Reactor* Read(Context* context, const Bytes* request, Bytes* response,
                std::function<absl::StatusOr<Response>(const Call&, const Request&)> work,
                const char* method = __builtin_FUNCTION()) {
    return OpenWith<Request>(
        context, *request, method, [&](const std::shared_ptr<OpenCall>& open, Request decoded) {
          RunOnThread(open, [open, response, work = std::move(work), decoded = std::move(decoded)] {
            Done<Response>(open, response)(work(open->call(), decoded));
          });
        });
  }

  // The same, but first waits, without a thread, until `when` has called what it is given: with OK the work
  // begins, with an error the call is answered. For reads that are to see something not yet there.
  template <typename Request, typename Response>
  Reactor* ReadWhen(Context* context, const Bytes* request, Bytes* response,
                    const std::function<void(const Request&, std::function<void(absl::Status)>)>& when,
                    std::function<absl::StatusOr<Response>(const Call&, const Request&)> work,
                    const char* method = __builtin_FUNCTION()) {
    return OpenWith<Request>(
        context, *request, method, [&](const std::shared_ptr<OpenCall>& open, const Request& decoded) {
          when(decoded, [this, open, response, work = std::move(work), decoded](const absl::Status& ready) {
            if (!ready.ok()) return Done<Response>(open, response)(ready);
            RunOnThread(open, [open, response, work, decoded] {
              Done<Response>(open, response)(work(open->call(), decoded));
            });
          });
        });
  }

  // Answers when `begin`'s Done is called, from any thread. `begin` must not block: it checks the request,
  // makes the command, hands it to who carries it out, and returns.
  template <typename Request, typename Response>
  Reactor* Write(Context* context, const Bytes* request, Bytes* response,
                 const std::function<void(const Call&, Request, Done<Response>)>& begin,
                 const char* method = __builtin_FUNCTION()) {
    return OpenWith<Request>(context, *request, method,
                             [&](const std::shared_ptr<OpenCall>& open, Request decoded) {
                               begin(open->call(), std::move(decoded), Done<Response>(open, response));
                             });
  }

  // The same, where the command can't be made without a look at the database: waits for `when` as ReadWhen
  // does, and runs `begin`, which may block, on a thread for reads, under the same limits.
  template <typename Request, typename Response>
  Reactor* WriteWhen(Context* context, const Bytes* request, Bytes* response,
                     const std::function<void(const Request&, std::function<void(absl::Status)>)>& when,
                     std::function<void(const Call&, const Request&, Done<Response>)> begin,
                     const char* method = __builtin_FUNCTION()) {
    return OpenWith<Request>(
        context, *request, method, [&](const std::shared_ptr<OpenCall>& open, const Request& decoded) {
          when(decoded, [this, open, response, begin = std::move(begin), decoded](const absl::Status& ready) {
            if (!ready.ok()) return Done<Response>(open, response)(ready);
            RunOnThread(open, [open, response, begin, decoded] {
              begin(open->call(), decoded, Done<Response>(open, response));
            });
          });
        });
  }

  // Answers each request of a stream as Write does one, in the order of arrival; see Conversation. With Bytes
  // for both, the handler decodes each by itself.
  template <typename Request, typename Response>
  grpc::ServerBidiReactor<Request, Response>* Converse(
      Context* context, std::function<void(const Call&, const Request&, ItemDone<Request, Response>)> each,
      const char* method = __builtin_FUNCTION()) {
    return Conversation<Request, Response>::Start(MetricsOf(method),
                                                  Greet(*context, options_.default_stream_deadline),
                                                  options_.max_in_flight_items, std::move(each));
  }

  // Answers one request with a stream of responses; see Feed. `begin` must not block: it checks the request
  // and either ends the feed with a refusal or hands it to who will write to it.
  template <typename Request>
  grpc::ServerWriteReactor<Bytes>* OpenFeed(
      Context* context, const Bytes* request,
      const std::function<void(const Request&, const std::shared_ptr<Feed>&)>& begin,
      const char* method = __builtin_FUNCTION()) {
    const std::shared_ptr<Feed> feed =
        StartFeed(MetricsOf(method), Greet(*context, options_.default_stream_deadline));
    // What gRPC is given stays until it is done with it.
    grpc::ServerWriteReactor<Bytes>* const reactor = feed.get();
    if (feed->ended()) return reactor;
    const auto decoded = Decode<Request>(*request);
    if (!decoded.ok()) {
      feed->End(decoded.status());
    } else {
      begin(*decoded, feed);
    }
    return reactor;
  }

  // Ends the feeds that are open, and those that open later, with UNAVAILABLE: the caller watches on
  // elsewhere. Before the server stops, which else waits for them.
  void EndFeeds();

  // Ends the threads for reads. After the server has stopped.
  void Stop() { readers_.Stop(); }

 private:
  using Handler = absl::FunctionRef<void(const std::shared_ptr<OpenCall>&)>;

  Reactor* Open(Context* context, const char* method, Handler handler);

  // The same, with the request decoded. `handler` must not block.
  template <typename Request>
  Reactor* OpenWith(Context* context, const Bytes& request, const char* method,
                    absl::FunctionRef<void(const std::shared_ptr<OpenCall>&, Request)> handler) {
    return Open(context, method, [&](const std::shared_ptr<OpenCall>& open) {
      auto decoded = Decode<Request>(request);
      if (!decoded.ok()) return open->Finish(decoded.status());
      RunHere(open, [&] { handler(open, *std::move(decoded)); });
    });
  }

  void RunHere(const std::shared_ptr<OpenCall>& open, absl::FunctionRef<void()> work);
  void RunOnThread(const std::shared_ptr<OpenCall>& open, std::function<void()> work);
  Greeting Greet(const Context& context, absl::Duration default_deadline);
  MethodMetrics& MetricsOf(const char* method);
  std::shared_ptr<Feed> StartFeed(MethodMetrics& metrics, Greeting greeting);

  const ResponderOptions options_;
  Authenticator& authenticator_;
  runtime::Metrics& metrics_;
  WorkerPool readers_;
  std::mutex mutex_;
  std::map<std::string, MethodMetrics, std::less<>> methods_;  // guarded by mutex_; entries stay
  std::vector<std::weak_ptr<Feed>> feeds_;                     // guarded by mutex_
  bool feeds_end_ = false;                                     // guarded by mutex_
};

}  // namespace lapor::rpc
