#include "tools/lapor/simulation.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <thread>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "libs/eventlog/topic.h"
#include "libs/eventlog/uuid.h"
#include "libs/report/assignment_id.h"
#include "libs/report/clocks.h"
#include "libs/runtime/clock.h"
#include "tools/lapor/positions.h"
#include "tools/lapor/render.h"
#include "tools/lapor/sample_reports.h"

namespace lapor::client {
namespace {

using FollowupStub = followup::v1::Followup::Stub;
using IntakeStub = intake::v1::Intake::Stub;
using OmbudsmanStub = ombudsman::v1::Ombudsman::Stub;
using ReportingStub = reporting::v1::Reporting::Stub;
using RoutingStub = routing::v1::Routing::Stub;

// For anything that the suite does by itself.
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kReadTimeout = absl::Milliseconds(20);
constexpr int kDaysOfWeek = 7;
constexpr int kPageItems = 1000;

// Before anybody acts, the deadlines of the night.
constexpr absl::Duration kMorning = absl::Hours(6);

struct PartOfDay {
  Part part;
  absl::Duration begins;
};
// Reporters file at the hours of scenario.cc.
constexpr PartOfDay kDay[] = {{Part::kReporter, absl::Hours(8)},  {Part::kTriage, absl::Hours(9)},
                              {Part::kReporter, absl::Hours(11)}, {Part::kTriage, absl::Hours(13)},
                              {Part::kAgency, absl::Hours(14)},   {Part::kOmbudsman, absl::Hours(16)},
                              {Part::kReporter, absl::Hours(19)}};

constexpr int kMinutesOfPart = 50;

// Calls `act` for each item, `concurrency` at a time; the first error.
template <class Items, class Act>
absl::Status InParallel(const Items& items, int concurrency, const Act& act) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status first;
  const auto work = [&] {
    for (size_t i = next++; i < items.size(); i = next++) {
      const absl::Status status = act(items[i]);
      if (status.ok()) continue;
      next = items.size();
      std::lock_guard lock(mutex);
      if (first.ok()) first = status;
    }
  };
  std::vector<std::thread> workers;
  const auto wanted = std::min(items.size(), static_cast<size_t>(concurrency));
  for (size_t i = 1; i < wanted; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  return first;
}

// Every page of a list.
template <class Stub, class Request, class Response>
absl::StatusOr<Response> ListAll(Session& session,
                                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 Request request, const std::string& as) {
  Response all;
  request.set_page_size(kPageItems);
  do {
    const auto page = session.CallUntilAnswered(method, request, *ParseCaller(as));
    if (!page.ok()) return page.status();
    all.MergeFrom(*page);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return all;
}

report::v1::Attachment EvidenceOf(const std::string& report_id) {
  constexpr char kSha256[] = "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550";
  report::v1::Attachment photo;
  photo.set_sha256(kSha256);
  photo.set_size_bytes(48'213);
  photo.set_media_type("image/jpeg");
  photo.set_uri("demo/" + report_id + "-selesai.jpg");
  return photo;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Simulation>> Simulation::Make(Session& session, SimulationOptions options,
                                                             const policy::Policy& policy,
                                                             const Competence& competence) {
  if (auto clock = runtime::SimulatedClock::Open(session.options().clock_file); !clock.ok()) {
    return absl::FailedPreconditionError(
        "the demo needs a suite that lives by a simulated clock; `make demo` starts one");
  }
  std::unique_ptr<Simulation> simulation(new Simulation(session, std::move(options), policy, competence));
  // The longest clock that may be started at the end.
  const auto version = policy.VersionAt(simulation->start());
  if (!version.ok()) return version.status();
  const auto due_at = policy.DueAt({.policy_version = *version,
                                    .clock = report::v1::CLOCK_RESOLUTION,
                                    .report_class = report::v1::REPORT_CLASS_COMPLAINT,
                                    .supervision = true,
                                    .start = simulation->end(),
                                    .time_zone = report::v1::TIME_ZONE_WIB});
  if (!due_at.ok()) return due_at.status();

  const auto positions = AwaitQuiet(session, kPatience);
  if (!positions.ok()) return positions.status();
  for (const auto& [service, at] : *positions) {
    for (const auto& journal : at.journal()) {
      if (journal.topic() == NameOf(eventlog::Topic::kReport))
        simulation->heard_[{service, journal.partition()}] = journal.head();
    }
  }
  auto stream = EventStream::Open(simulation->options_.brokers, NameOf(eventlog::Topic::kReport),
                                  EventStream::From::kEnd);
  if (!stream.ok()) return stream.status();
  simulation->stream_ = *std::move(stream);
  return simulation;
}

Simulation::Simulation(Session& session, SimulationOptions options, const policy::Policy& policy,
                       const Competence& competence)
    : session_(session),
      options_(std::move(options)),
      policy_(policy),
      competence_(competence),
      now_(session.clock().Now()),
      random_(options_.seed) {
  // The first midnight whose day has not begun.
  const absl::TimeZone wib = Wib().time_zone;
  start_ = absl::FromCivil(absl::ToCivilDay(now_, wib), wib);
  if (now_ > start_ + kDay[0].begins) start_ += absl::Hours(24);

  // The same seed tells other stories at another time.
  const ScenarioOptions scenario{.seed = options_.seed + static_cast<uint64_t>(absl::ToUnixSeconds(start_)),
                                 .reports = options_.reports,
                                 .start = start_,
                                 .filing_days = std::min(options_.filing_days, options_.days)};
  for (Story& story : Imagine(scenario, policy_, competence_))
    subjects_.push_back({std::move(story), {}, "", "", {}});
}

absl::Status Simulation::Run(const Progress& progress) {
  for (int day = 0; day < options_.days; ++day) {
    if (auto status = Day(start_ + absl::Hours(24 * day)); !status.ok()) return status;
    if ((day + 1) % kDaysOfWeek == 0) progress(now_, tally_);
  }
  if (auto status = SetClock(end()); !status.ok()) return status;
  if (auto status = ComeToRest(); !status.ok()) return status;
  progress(now_, tally_);
  return absl::OkStatus();
}

absl::Status Simulation::Day(absl::Time midnight) {
  // On the first day of all the clock may say later already.
  if (auto status = SetClock(std::max(now_, midnight + kMorning)); !status.ok()) return status;
  if (auto status = ComeToRest(); !status.ok()) return status;
  for (const PartOfDay& part : kDay) {
    const absl::Duration minutes = absl::Minutes(static_cast<int64_t>(random_() % kMinutesOfPart));
    if (auto status = Play(part.part, midnight + part.begins + minutes); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Simulation::Play(Part part, absl::Time now) {
  // Officers' calls say after what they want to be carried out; reporters' calls don't, as a person's don't.
  if (part == Part::kReporter && !at_rest_) {
    if (auto status = ComeToRest(); !status.ok()) return status;
  }
  std::vector<Task> tasks;
  for (Subject& subject : subjects_) {
    const auto act = NextAct(part, subject.story, subject.standing, !subject.receipt_secret.empty(), now,
                             policy_.calendar());
    if (act) tasks.push_back({&subject, *act});
  }
  if (tasks.empty()) return absl::OkStatus();
  if (auto status = SetClock(now); !status.ok()) return status;
  at_rest_ = false;
  const absl::Status status = InParallel(tasks, options_.concurrency, [this](const Task& task) {
    const absl::Status done = Perform(task.act, *task.subject);
    if (done.ok()) return done;
    return absl::Status(done.code(), fmt::format("{} of report {}: {}", NameOf(task.act),
                                                 ShowReportId(task.subject->id), ShowError(done)));
  });
  if (!status.ok()) return status;
  tally_.calls += static_cast<int64_t>(tasks.size());
  for (const Task& task : tasks) by_id_[task.subject->id] = task.subject;
  return AwaitShown(tasks);
}

absl::Status Simulation::SetClock(absl::Time now) {
  now_ = now;
  return runtime::SimulatedClock::Set(session_.options().clock_file, now);
}

// --- watching

absl::Status Simulation::WatchUntil(const std::function<bool()>& done,
                                    const std::function<std::string()>& waiting_for) {
  const absl::Time limit = absl::Now() + kPatience;
  while (!done()) {
    if (absl::Now() > limit) {
      return absl::DeadlineExceededError(fmt::format("after {} the stream has not shown {}",
                                                     absl::FormatDuration(kPatience), waiting_for()));
    }
    const auto events = stream_->Read(kReadTimeout);
    if (!events.ok()) return events.status();
    for (const StreamedEvent& streamed : *events) {
      if (streamed.decoded) Hear(streamed.event);
    }
    if (auto status = AskUnknownClocks(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Simulation::Hear(const event::v1::Event& event) {
  int64_t& heard = heard_[{event.producer(), event.partition()}];
  if (event.position() <= heard) return;  // published twice, or before our time
  heard = event.position();
  tally_.filed += event.has_report_submitted() ? 1 : 0;
  tally_.verified += event.has_report_verified() ? 1 : 0;
  tally_.returned += event.has_assignment_returned() ? 1 : 0;
  const bool final_answer = event.child() == 0 && event.has_response_given() &&
                            event.response_given().kind() == event::v1::RESPONSE_KIND_FINAL;
  tally_.answered += final_answer ? 1 : 0;
  tally_.closed += event.has_case_closed() ? 1 : 0;
  tally_.breached +=
      event.child() == 0 && event.has_clock_breached() && report::IsAgencyTerm(event.clock_breached().clock())
          ? 1
          : 0;
  tally_.escalated += event.has_escalation_opened() ? 1 : 0;
  const auto known = by_id_.find(event.subject());
  if (known == by_id_.end()) return;
  Subject& subject = *known->second;
  Learn(event, policy_, subject.standing);
  // What is asked next of this report shall know of the event.
  report::v1::Token& token = subject.tokens[event.producer()];
  if (token.position() >= event.position()) return;
  token.set_producer(event.producer());
  token.set_partition(event.partition());
  token.set_position(event.position());
}

absl::Status Simulation::AwaitShown(const std::vector<Task>& tasks) {
  const auto hidden = [&]() -> const Task* {
    for (const Task& task : tasks) {
      for (const auto& [producer, token] : task.subject->tokens) {
        if (heard_[{producer, token.partition()}] < token.position()) return &task;
      }
    }
    return nullptr;
  };
  return WatchUntil([&] { return hidden() == nullptr; },
                    [&] {
                      const Task* task = hidden();
                      return fmt::format("{} of report {}", NameOf(task->act),
                                         ShowReportId(task->subject->id));
                    });
}

absl::Status Simulation::ComeToRest() {
  const auto late = [&]() -> std::pair<const Subject*, report::v1::Clock> {
    for (const Subject& subject : subjects_) {
      for (const auto& [clock, due_at] : subject.standing.due) {
        if (due_at <= now_) return {&subject, clock};
      }
    }
    return {nullptr, report::v1::CLOCK_UNSPECIFIED};
  };
  const absl::Status fired =
      WatchUntil([&] { return late().first == nullptr; },
                 [&] {
                   const auto [subject, clock] = late();
                   return fmt::format("that {} of report {} ran out", report::v1::Clock_Name(clock),
                                      ShowReportId(subject->id));
                 });
  if (!fired.ok()) return fired;

  const auto positions = AwaitQuiet(session_, kPatience);
  if (!positions.ok()) return positions.status();
  const auto behind = [&]() -> std::string {
    for (const auto& [service, at] : *positions) {
      for (const auto& journal : at.journal()) {
        if (journal.topic() == NameOf(eventlog::Topic::kReport) &&
            heard_[{service, journal.partition()}] < journal.head()) {
          return fmt::format("position {} of {} in partition {}", journal.head(), service,
                             journal.partition());
        }
      }
    }
    return "";
  };
  const absl::Status heard = WatchUntil([&] { return behind().empty(); }, behind);
  at_rest_ = heard.ok();
  return heard;
}

absl::Status Simulation::AskUnknownClocks() {
  for (auto& [id, subject] : by_id_) {
    if (!subject->standing.due_unknown) continue;
    followup::v1::GetCaseRequest request;
    request.set_report_id(id);
    for (const auto& [producer, token] : subject->tokens) *request.add_not_before() = token;
    const auto found = session_.CallUntilAnswered(&FollowupStub::GetCase, request, *ParseCaller("monitor"));
    if (!found.ok()) return found.status();
    LearnClocks(*found, subject->standing);
  }
  return absl::OkStatus();
}

// --- what an earlier demo left

absl::StatusOr<int> Simulation::TakeOver() {
  const size_t before = by_id_.size();
  for (const auto take_over :
       {&Simulation::TakeOverQueue, &Simulation::TakeOverCases, &Simulation::TakeOverEscalations}) {
    if (auto status = (this->*take_over)(); !status.ok()) return status;
  }
  return static_cast<int>(by_id_.size() - before);
}

Subject& Simulation::Adopt(const std::string& id, const std::string& agency) {
  const auto known = by_id_.find(id);
  if (known != by_id_.end()) return *known->second;
  Subject& subject = subjects_.emplace_back();
  subject.story = ImagineRest(random_, agency);
  subject.id = id;
  by_id_[id] = &subject;
  return subject;
}

bool Simulation::NoteSplit(const std::string& id) {
  const report::AssignmentId assignment = report::ParseAssignmentId(id);
  if (assignment.child > 0) split_.insert(assignment.report_id);
  return assignment.child > 0;
}

absl::Status Simulation::TakeOverQueue() {
  const auto queue =
      ListAll(session_, &RoutingStub::ListTriageQueue, routing::v1::ListTriageQueueRequest(), "triage");
  if (!queue.ok()) return queue.status();
  for (const routing::v1::Route& route : queue->reports()) {
    if (NoteSplit(route.report_id())) continue;
    std::string agency = competence_.Of(route.category(), route.region());
    // Not back to the one that has just returned it.
    if (agency == route.returned_from_agency_id() && !route.proposed_agency_id().empty())
      agency = route.proposed_agency_id();
    Subject& subject = Adopt(route.report_id(), agency);
    subject.standing = StandingOf(route);
    if (route.category().empty()) subject.story.category = "other";
  }
  return absl::OkStatus();
}

absl::Status Simulation::TakeOverCases() {
  reporting::v1::ListFiguresRequest with_reports;
  with_reports.set_scope(reporting::v1::SCOPE_AGENCY);
  with_reports.set_with_reports_only(true);
  const auto agencies = ListAll(session_, &ReportingStub::ListFigures, with_reports, "monitor");
  if (!agencies.ok()) return agencies.status();
  std::vector<followup::v1::Case> open;
  for (const reporting::v1::Figures& agency : agencies->figures()) {
    if (agency.received() + agency.child_assignments() ==
        agency.closed() + agency.archived() + agency.withdrawn() + agency.merged() + agency.child_answered())
      continue;
    followup::v1::ListCasesRequest request;
    request.set_agency_id(agency.id());
    const auto cases = ListAll(session_, &FollowupStub::ListCases, request, "monitor");
    if (!cases.ok()) return cases.status();
    for (const followup::v1::Case& c : cases->cases()) {
      if (!NoteSplit(c.report_id())) open.push_back(c);
    }
  }
  for (const followup::v1::Case& c : open) {
    if (!split_.contains(c.report_id())) Adopt(c.report_id(), c.agency_id()).standing = StandingOf(c);
  }
  return absl::OkStatus();
}

absl::Status Simulation::TakeOverEscalations() {
  const auto escalations = ListAll(session_, &OmbudsmanStub::ListEscalations,
                                   ombudsman::v1::ListEscalationsRequest(), "ombudsman");
  if (!escalations.ok()) return escalations.status();
  for (const ombudsman::v1::Escalation& escalation : escalations->escalations()) {
    Subject& subject = Adopt(escalation.report_id(), escalation.respondent_agency_id());
    // One that is on no work list has ended, and only the Ombudsman still deals with it.
    if (subject.standing.status == report::v1::REPORT_STATUS_UNSPECIFIED)
      subject.standing.status = report::v1::REPORT_STATUS_CLOSED;
    Learn(escalation, subject.standing);
  }
  return absl::OkStatus();
}

// --- acting

template <class Stub, class Request, class Response>
absl::Status Simulation::Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              Request request, const std::string& as, Subject& subject) {
  request.set_request_id(eventlog::NewUuid());
  if constexpr (requires { request.mutable_receipt(); }) {
    request.mutable_receipt()->set_tracking_id(subject.id);
    request.mutable_receipt()->set_receipt_secret(subject.receipt_secret);
  } else {
    request.set_report_id(subject.id);
    for (const auto& [producer, token] : subject.tokens) *request.add_not_before() = token;
  }
  const rpc::Caller caller = as.empty() ? rpc::Caller() : *ParseCaller(as);
  const auto response = session_.CallUntilAnswered(method, request, caller);
  if (!response.ok()) return response.status();
  subject.tokens[response->token().producer()] = response->token();
  return absl::OkStatus();
}

absl::Status Simulation::Perform(Act act, Subject& subject) {
  switch (act) {
    case Act::kFile:
      return File(subject);
    case Act::kComplete:
    case Act::kReply:
    case Act::kReact:
    case Act::kWithdraw:
    case Act::kTurnToOmbudsman:
      return PerformAsReporter(act, subject);
    case Act::kAskCompletion:
    case Act::kArchive:
    case Act::kVerify:
    case Act::kAssign:
    case Act::kArbitrate:
      return PerformAsTriage(act, subject);
    case Act::kPassOn:
    case Act::kAccept:
    case Act::kReturn:
    case Act::kAnswerInterim:
    case Act::kAnswerFinal:
    case Act::kClose:
      return PerformAsAgency(act, subject);
    case Act::kCheck:
    case Act::kExamine:
    case Act::kReportExamination:
    case Act::kEnd:
      return PerformAsOmbudsman(act, subject);
  }
  return absl::InternalError("no such act");
}

absl::Status Simulation::File(Subject& subject) {
  intake::v1::SubmitReportRequest request;
  request.set_request_id(eventlog::NewUuid());
  *request.mutable_report() = subject.story.report;
  const std::string& as = subject.story.brought_by;
  const rpc::Caller caller = as.empty() ? rpc::Caller() : *ParseCaller(as);
  const auto filed = session_.CallUntilAnswered(&IntakeStub::SubmitReport, request, caller);
  if (!filed.ok()) return filed.status();
  subject.id = filed->tracking_id();
  std::erase(subject.id, '-');
  subject.receipt_secret = filed->receipt_secret();
  subject.tokens[filed->token().producer()] = filed->token();
  return absl::OkStatus();
}

absl::Status Simulation::PerformAsReporter(Act act, Subject& subject) {
  const Story& story = subject.story;
  if (act == Act::kComplete) {
    intake::v1::CompleteReportRequest request;
    for (const std::string& field : story.missing) {
      if (field == "region") request.set_region(story.region);
      if (field == "category") request.set_category(story.category);
    }
    return Send(&IntakeStub::CompleteReport, request, "", subject);
  }
  if (act == Act::kReply) {
    intake::v1::ReplyToReportRequest request;
    request.set_text(story.reply);
    return Send(&IntakeStub::ReplyToReport, request, "", subject);
  }
  if (act == Act::kReact) {
    intake::v1::ReactToResponseRequest request;
    request.set_satisfied(story.objection.empty() || subject.standing.reopenings > 0);
    request.set_rating(story.rating);
    if (!request.satisfied()) request.set_text(story.objection);
    return Send(&IntakeStub::ReactToResponse, request, "", subject);
  }
  if (act == Act::kWithdraw)
    return Send(&IntakeStub::WithdrawReport, intake::v1::WithdrawReportRequest(), "", subject);
  intake::v1::RequestEscalationRequest request;
  if (!story.report.has_identity()) request.mutable_identity()->set_name("Pelapor Contoh");
  request.set_name_secret(story.name_secret);
  request.mutable_declarations()->set_citizen_or_resident(true);
  request.mutable_declarations()->set_before_court(story.before_court);
  return Send(&IntakeStub::RequestEscalation, request, "", subject);
}

absl::Status Simulation::PerformAsTriage(Act act, Subject& subject) {
  const Story& story = subject.story;
  if (act == Act::kAskCompletion) {
    routing::v1::RequestCompletionRequest request;
    request.mutable_fields()->Add(story.missing.begin(), story.missing.end());
    return Send(&RoutingStub::RequestCompletion, request, "triage", subject);
  }
  if (act == Act::kArchive) {
    routing::v1::ArchiveReportRequest request;
    request.set_reason(story.archived_because);
    return Send(&RoutingStub::ArchiveReport, request, "triage", subject);
  }
  if (act == Act::kVerify) {
    routing::v1::VerifyReportRequest request;
    request.set_category(story.category);
    request.set_region(story.region);
    return Send(&RoutingStub::VerifyReport, request, "triage", subject);
  }
  if (act == Act::kAssign) {
    routing::v1::AssignReportRequest request;
    request.set_agency_id(NextAgency(story, subject.standing));
    return Send(&RoutingStub::AssignReport, request, "triage", subject);
  }
  routing::v1::ArbitrateReportRequest request;
  request.set_agency_id(story.agency);
  return Send(&RoutingStub::ArbitrateReport, request, "arbiter", subject);
}

absl::Status Simulation::PerformAsAgency(Act act, Subject& subject) {
  const Story& story = subject.story;
  const std::string officer = "officer:" + subject.standing.agency;
  if (act == Act::kPassOn) {
    routing::v1::AssignReportRequest request;
    request.set_agency_id(story.agency);
    return Send(&RoutingStub::AssignReport, request, "agency_admin:" + story.government, subject);
  }
  if (act == Act::kAccept)
    return Send(&RoutingStub::AcceptAssignment, routing::v1::AcceptAssignmentRequest(), officer, subject);
  if (act == Act::kReturn) {
    const auto returns = static_cast<size_t>(subject.standing.returns);
    const bool last = returns + 1 >= story.wrong_agencies.size();
    routing::v1::ReturnAssignmentRequest request;
    request.set_reason(story.wrong_agencies.at(returns).second);
    if (!last) request.set_target_agency_id(story.wrong_agencies[returns + 1].first);
    if (last && !story.asks_arbiter) request.set_target_agency_id(story.agency);
    return Send(&RoutingStub::ReturnAssignment, request, officer, subject);
  }
  if (act == Act::kClose)
    return Send(&FollowupStub::CloseCase, followup::v1::CloseCaseRequest(), officer, subject);
  followup::v1::RespondToCaseRequest request;
  const bool interim = act == Act::kAnswerInterim;
  request.set_kind(interim ? event::v1::RESPONSE_KIND_INTERIM : event::v1::RESPONSE_KIND_FINAL);
  request.set_text(interim ? story.interim : story.answer);
  if (interim) {
    request.set_interim_reason(story.interim_reason);
    const absl::Time promised = now_ + absl::Hours(24 * story.calendar_days_to_next_word);
    request.set_promised_on(absl::FormatTime("%Y-%m-%d", promised, Wib().time_zone));
  }
  const bool complaint = subject.standing.report_class == report::v1::REPORT_CLASS_COMPLAINT;
  if (!interim && complaint) *request.add_evidence() = EvidenceOf(subject.id);
  return Send(&FollowupStub::RespondToCase, request, officer, subject);
}

absl::Status Simulation::PerformAsOmbudsman(Act act, Subject& subject) {
  constexpr char kOmbudsman[] = "ombudsman";
  if (act == Act::kCheck) {
    return Send(&OmbudsmanStub::CheckEligibility, ombudsman::v1::CheckEligibilityRequest(), kOmbudsman,
                subject);
  }
  const Standing& standing = subject.standing;
  if (act == Act::kEnd) {
    ombudsman::v1::CloseEscalationRequest request;
    if (standing.status == report::v1::REPORT_STATUS_CLOSED && standing.reopenings == 0) {
      request.set_outcome(event::v1::ESCALATION_OUTCOME_RESOLVED);
    } else if (standing.finding == event::v1::FINDING_MALADMINISTRATION) {
      ombudsman::v1::RecordComplianceRequest done;
      done.set_compliance(event::v1::COMPLIANCE_FULL);
      done.set_text("Tindakan korektif telah dilaksanakan.");
      if (auto status = Send(&OmbudsmanStub::RecordCompliance, done, kOmbudsman, subject); !status.ok())
        return status;
      request.set_outcome(event::v1::ESCALATION_OUTCOME_MALADMINISTRATION_FOUND);
      request.set_maladministration(standing.maladministration);
    } else {
      request.set_outcome(event::v1::ESCALATION_OUTCOME_NOT_FOUND);
    }
    return Send(&OmbudsmanStub::CloseEscalation, request, kOmbudsman, subject);
  }
  // The demo that was before may have written it.
  if (act == Act::kReportExamination && standing.finding == event::v1::FINDING_UNSPECIFIED) {
    ombudsman::v1::IssueDocumentRequest report;
    report.set_kind(event::v1::DOCUMENT_KIND_EXAMINATION_REPORT);
    report.set_text("Laporan Hasil Pemeriksaan.");
    report.set_finding(event::v1::FINDING_NONE);
    if (subject.story.maladministration) {
      report.set_finding(event::v1::FINDING_MALADMINISTRATION);
      report.set_maladministration(standing.breached ? event::v1::MALADMINISTRATION_PROTRACTED_DELAY
                                                     : event::v1::MALADMINISTRATION_NOT_PROVIDING_SERVICE);
    }
    if (auto status = Send(&OmbudsmanStub::IssueDocument, report, kOmbudsman, subject); !status.ok())
      return status;
  }
  ombudsman::v1::AdvanceEscalationRequest request;
  request.set_stage(act == Act::kExamine ? event::v1::ESCALATION_STAGE_EXAMINATION
                                         : event::v1::ESCALATION_STAGE_EXAMINATION_REPORT);
  return Send(&OmbudsmanStub::AdvanceEscalation, request, kOmbudsman, subject);
}

}  // namespace lapor::client
