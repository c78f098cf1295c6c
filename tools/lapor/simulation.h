// The demo's people: reporters, administrators, agencies and the Ombudsman of three simulated months, acting
// on a running suite over gRPC, and watching it through its event stream.
//
// The clock moves from one part of the day to the next. Each morning the suite is let come to rest: every
// clock that ran out overnight has been seen to do so, and nothing is on its way. After each part of the day
// the stream has shown what everybody did. So a run depends on the seed and not on how fast the machine is.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/policy/policy.h"
#include "tools/lapor/event_stream.h"
#include "tools/lapor/scenario.h"
#include "tools/lapor/script.h"
#include "tools/lapor/session.h"
#include "tools/lapor/standing.h"

namespace lapor::client {

struct SimulationOptions {
  uint64_t seed = 1;
  int reports = 300;
  // Three months.
  int days = 91;
  // Of them, those in which reports are filed; after that clocks run out.
  int filing_days = 63;
  // Calls at a time.
  int concurrency = 8;
  std::string brokers;
};

// What has happened so far, counted from the stream.
struct Tally {
  int64_t filed = 0;
  int64_t verified = 0;
  int64_t returned = 0;
  int64_t answered = 0;
  int64_t closed = 0;
  int64_t breached = 0;
  int64_t escalated = 0;
  int64_t calls = 0;
};

// One report of the demo.
struct Subject {
  Story story;
  Standing standing;
  std::string id;                                   // empty until filed
  std::string receipt_secret;                       // empty for one that an earlier demo left
  std::map<std::string, report::v1::Token> tokens;  // of what was done to it, by producer
};

// Not thread-safe.
class Simulation {
 public:
  // Called after each simulated week, and at the end.
  using Progress = std::function<void(absl::Time now, const Tally& tally)>;

  // FAILED_PRECONDITION without a simulated clock; OUT_OF_RANGE when the calendars of `policy` end before the
  // clocks of such a run would. `policy` and `competence` must outlive this, as must the session.
  static absl::StatusOr<std::unique_ptr<Simulation>> Make(Session& session, SimulationOptions options,
                                                          const policy::Policy& policy,
                                                          const Competence& competence);

  // When the first day begins, and when the last one ends.
  absl::Time start() const { return start_; }
  absl::Time end() const { return start_ + absl::Hours(24 * options_.days); }

  // Takes over what an earlier demo left in work lists; how many reports that are.
  absl::StatusOr<int> TakeOver();

  absl::Status Run(const Progress& progress);

  const std::deque<Subject>& subjects() const { return subjects_; }

 private:
  struct Task {
    Subject* subject;
    Act act;
  };

  Simulation(Session& session, SimulationOptions options, const policy::Policy& policy,
             const Competence& competence);

  absl::Status Day(absl::Time midnight);
  absl::Status Play(Part part, absl::Time now);
  absl::Status SetClock(absl::Time now);

  // Reads the stream until `done`; `waiting_for` says in an error what did not come.
  absl::Status WatchUntil(const std::function<bool()>& done, const std::function<std::string()>& waiting_for);
  void Hear(const event::v1::Event& event);
  // Until the stream has shown what these tasks did.
  absl::Status AwaitShown(const std::vector<Task>& tasks);
  // Until every clock that has run out is seen to, and nothing is on its way.
  absl::Status ComeToRest();
  absl::Status AskUnknownClocks();

  absl::Status TakeOverQueue();
  absl::Status TakeOverCases();
  absl::Status TakeOverEscalations();
  Subject& Adopt(const std::string& id, const std::string& agency);
  // Whether it is a child assignment: then its report is in split_.
  bool NoteSplit(const std::string& id);

  // One act of one report; calls of different reports are made at the same time.
  absl::Status Perform(Act act, Subject& subject);
  absl::Status File(Subject& subject);
  absl::Status PerformAsReporter(Act act, Subject& subject);
  absl::Status PerformAsTriage(Act act, Subject& subject);
  absl::Status PerformAsAgency(Act act, Subject& subject);
  absl::Status PerformAsOmbudsman(Act act, Subject& subject);
  template <class Stub, class Request, class Response>
  absl::Status Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    Request request, const std::string& as, Subject& subject);

  Session& session_;
  const SimulationOptions options_;
  const policy::Policy& policy_;
  const Competence& competence_;
  absl::Time start_;
  absl::Time now_;
  std::mt19937_64 random_;

  std::deque<Subject> subjects_;  // addresses stay
  std::map<std::string, Subject*> by_id_;
  // Reports of which several agencies have parts. Nobody of the demo splits any: they are left to those who
  // did.
  std::set<std::string> split_;
  Tally tally_;
  // Nothing was done since the suite came to rest.
  bool at_rest_ = false;

  std::unique_ptr<EventStream> stream_;
  // By (producer, partition): the last position heard; what happened before the start counts as heard.
  std::map<std::pair<std::string, int32_t>, int64_t> heard_;
};

}  // namespace lapor::client
