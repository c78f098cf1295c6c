// A reference connector: the whole integration of an agency's own application, to be copied. It stores what
// the agency is assigned, acknowledges it, takes it up and gives a first answer; a real one would hand the
// report to the agency's case system where this one writes a line. It may be killed at any point, because
// - a step is taken only when the one before is durable in the ledger, a file that is only added to;
// - an assignment is known by report and hop, so one that comes again changes nothing;
// - request ids are made of report, hop and step: a step whose answer was lost is repeated with the same id,
//   and has its effect once.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "lapor/followup/v1/followup.grpc.pb.h"
#include "lapor/routing/v1/routing.grpc.pb.h"

namespace {

using lapor::followup::v1::Followup;
using lapor::routing::v1::Routing;
namespace followup = lapor::followup::v1;
namespace routing = lapor::routing::v1;

[[noreturn]] void Die(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

std::string Content(const std::string& path) {
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (text.empty()) Die(path);
  return text.substr(0, text.find_last_not_of("\r\n") + 1);
}

// The day by which the reporter shall hear more: a week after the assignment, in WIB.
std::string NextWordAfter(int64_t assigned_at) {
  const std::time_t day = assigned_at + (7 * 24 + 7) * 60 * 60;
  std::tm utc{};
  gmtime_r(&day, &utc);
  char text[std::size("2026-03-20")];
  std::strftime(text, sizeof(text), "%Y-%m-%d", &utc);
  return text;
}

enum Step { kNew, kStored, kAcknowledged, kAccepted, kAnswered, kLeft };
constexpr const char* kSteps[] = {"new", "stored", "acknowledged", "accepted", "answered", "left"};

struct Assignment {
  std::string report_id;
  int hop = 0;
  std::string agency_id;    // ours or a unit of ours
  std::string promised_on;  // for the next word, as 2026-03-20: the same however often the answer is sent
  Step step = kNew;
};

// A line a step: "stored REPORT HOP AGENCY PROMISED_ON RESUME_TOKEN".
class Ledger {
 public:
  explicit Ledger(const std::string& path) : file_(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)) {
    // A second connector waits until the first has gone.
    if (file_ < 0 || flock(file_, LOCK_EX) != 0) Die(path);
    std::ifstream lines(path);
    off_t whole = 0;
    for (std::string line; std::getline(lines, line) && !lines.eof(); whole += std::ssize(line) + 1)
      Read(line);
    // A line that was cut short was never acted on. And the folder has to remember that there is the file.
    if (ftruncate(file_, whole) != 0 || fsync(file_) != 0) Die(path);
    const int folder = open(std::filesystem::absolute(path).parent_path().c_str(), O_RDONLY);
    if (folder < 0 || fsync(folder) != 0 || close(folder) != 0) Die(path);
  }

  Assignment& Find(const std::string& report_id, int hop) { return all_[{report_id, hop}]; }
  std::map<std::pair<std::string, int>, Assignment>& all() { return all_; }
  const std::string& resume_token() const { return resume_token_; }

  // Returns when it is on the disk.
  void Reach(Assignment& assignment, Step step, const std::string& token = "-") {
    std::ostringstream line;
    line << kSteps[step] << ' ' << assignment.report_id << ' ' << assignment.hop << ' '
         << assignment.agency_id << ' ' << assignment.promised_on << ' ' << token << '\n';
    const std::string text = line.str();
    if (write(file_, text.data(), text.size()) != std::ssize(text) || fdatasync(file_) != 0) Die("ledger");
    assignment.step = step;
    if (step == kStored) resume_token_ = token;
  }

 private:
  void Read(const std::string& line) {
    std::istringstream words(line);
    std::string step, token;
    Assignment read;
    words >> step >> read.report_id >> read.hop >> read.agency_id >> read.promised_on >> token;
    read.step = static_cast<Step>(std::ranges::find(kSteps, step) - std::begin(kSteps));
    if (read.step == kStored) resume_token_ = token;
    Find(read.report_id, read.hop) = read;
  }

  const int file_;
  std::string resume_token_;
  std::map<std::pair<std::string, int>, Assignment> all_;
};

class Connector {
 public:
  explicit Connector(char** args) : agency_id_(args[1]), tokens_(args[5]), ledger_(args[6]) {
    grpc::SslCredentialsOptions authority;
    authority.pem_root_certs = Content(args[4]);
    const auto tls = grpc::SslCredentials(authority);
    routing_ = Routing::NewStub(grpc::CreateChannel(args[2], tls));
    followup_ = Followup::NewStub(grpc::CreateChannel(args[3], tls));
  }

  [[noreturn]] void Run() {
    std::minstd_rand chance(std::random_device{}());
    for (int failures = 0;; ++failures) {
      // One that doesn't get on keeps no other waiting.
      for (auto& [key, assignment] : ledger_.all()) Advance(assignment);
      if (Watch()) failures = 0;
      // From 100 ms on, twice as long each time, shortened by chance.
      const int longest_ms = std::min(10'000, 100 << std::min(failures, 7));
      std::this_thread::sleep_for(std::chrono::milliseconds(chance() % longest_ms));
    }
  }

 private:
  enum Outcome { kDone, kAgain, kRefused };

  // Until the stream ends. Whether anything came.
  bool Watch() {
    grpc::ClientContext context;
    Authorize(context, agency_id_);
    routing::WatchAssignmentsRequest request;
    request.set_resume_token(ledger_.resume_token());
    const auto stream = routing_->WatchAssignments(&context, request);
    bool heard = false;
    for (routing::AssignmentDelivery delivery; stream->Read(&delivery); heard = true) {
      if (!delivery.has_assignment()) continue;  // a sign of life
      const routing::Assignment& sent = delivery.assignment();
      Assignment& assignment = ledger_.Find(sent.report_id(), sent.hop());
      if (assignment.step == kNew) {
        assignment = {sent.report_id(), sent.hop(), sent.agency_id(),
                      NextWordAfter(sent.delivery().assigned_at().seconds())};
        ledger_.Reach(assignment, kStored, delivery.resume_token());
      }
      if (!Advance(assignment)) context.TryCancel();
    }
    const grpc::Status end = stream->Finish();
    if (!end.ok()) std::cerr << "stream: " << end.error_message() << std::endl;
    return heard;
  }

  // Takes the steps that are left. False when one has to be tried again.
  bool Advance(Assignment& assignment) {
    if (assignment.step >= kAnswered) return true;
    Outcome outcome = kDone;
    if (assignment.step == kStored) {
      routing::AcknowledgeAssignmentsRequest acknowledge;
      acknowledge.add_assignments()->set_report_id(assignment.report_id);
      acknowledge.mutable_assignments(0)->set_hop(assignment.hop);
      routing::AcknowledgeAssignmentsResponse states;  // one that is WITHDRAWN is refused in the next step
      outcome = Call(*routing_, &Routing::Stub::AcknowledgeAssignments, assignment, acknowledge, states);
      if (outcome == kDone) ledger_.Reach(assignment, kAcknowledged);
    }
    routing::RouteChange accepted;
    if (outcome == kDone) {
      // Again when it was accepted before: the answer is the same, and tells what followup has to know by
      // then.
      routing::AcceptAssignmentRequest accept;
      accept.set_request_id(RequestId(assignment, "accept"));
      accept.set_report_id(assignment.report_id);
      outcome = Call(*routing_, &Routing::Stub::AcceptAssignment, assignment, accept, accepted);
      if (outcome == kDone && assignment.step == kAcknowledged) ledger_.Reach(assignment, kAccepted);
    }
    if (outcome == kDone) {
      followup::RespondToCaseRequest respond;
      respond.set_request_id(RequestId(assignment, "answer"));
      respond.set_report_id(assignment.report_id);
      respond.set_kind(lapor::event::v1::RESPONSE_KIND_INTERIM);
      respond.set_interim_reason(lapor::event::v1::INTERIM_REASON_COORDINATION);
      respond.set_promised_on(assignment.promised_on);
      respond.set_text("Laporan Anda telah diterima oleh aplikasi instansi dan sedang diperiksa.");
      *respond.add_not_before() = accepted.token();
      followup::CaseChange answered;
      outcome = Call(*followup_, &Followup::Stub::RespondToCase, assignment, respond, answered);
      if (outcome == kDone) ledger_.Reach(assignment, kAnswered);
    }
    // It has gone to other hands, or the people of the agency have taken it up.
    if (outcome == kRefused) ledger_.Reach(assignment, kLeft);
    return outcome != kAgain;
  }

  static std::string RequestId(const Assignment& assignment, const std::string& step) {
    return assignment.report_id + '-' + std::to_string(assignment.hop) + '-' + step;
  }

  template <class Stub, class Request, class Response>
  Outcome Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const Assignment& assignment, const Request& request, Response& response) {
    grpc::ClientContext context;
    Authorize(context, assignment.agency_id);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (status.ok()) return kDone;
    std::cerr << assignment.report_id << ": " << status.error_message() << std::endl;
    constexpr grpc::StatusCode kForGood[] = {grpc::INVALID_ARGUMENT, grpc::NOT_FOUND, grpc::ALREADY_EXISTS,
                                             grpc::FAILED_PRECONDITION, grpc::PERMISSION_DENIED};
    return std::ranges::count(kForGood, status.error_code()) > 0 ? kRefused : kAgain;
  }

  // Tokens live for hours: whoever renews them only has to replace the file.
  void Authorize(grpc::ClientContext& context, const std::string& agency_id) const {
    context.AddMetadata("authorization", "Bearer " + Content(tokens_ + '/' + agency_id + ".token"));
  }

  const std::string agency_id_;
  const std::string tokens_;
  Ledger ledger_;
  std::unique_ptr<Routing::Stub> routing_;
  std::unique_ptr<Followup::Stub> followup_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: lapor-connector AGENCY ROUTING FOLLOWUP CA_FILE TOKEN_FOLDER LEDGER\n";
    return 2;
  }
  Connector(argv).Run();
}
