#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/config.h"
#include "tools/lapor/commands.h"
#include "tools/lapor/health.h"
#include "tools/lapor/positions.h"

namespace lapor::client {
namespace {

using BackboneStub = backbone::v1::Backbone::Stub;

// --- health

// How long a service may take to answer before it counts as out of reach.
constexpr absl::Duration kHealthLimit = absl::Seconds(2);
constexpr absl::Duration kHealthPause = absl::Milliseconds(100);

absl::Status CheckHealthUntil(absl::Time until, const std::string& address, const std::string& ca_file) {
  while (true) {
    const absl::Status status = CheckHealth(address, ca_file, kHealthLimit);
    if (!absl::IsUnavailable(status) || absl::Now() >= until) return status;
    absl::SleepFor(kHealthPause);
  }
}

void AddHealth(CommandLine& line) {
  struct Options {
    std::vector<std::string> addresses;
    absl::Duration wait = absl::ZeroDuration();
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command =
      line.Add(kOperatorGroup, "health", "whether the services serve; exit code 1 if one doesn't",
               {"lapor health", "lapor health --wait 30s    # until all of them do",
                "lapor health localhost:7402 --ca-file var/tls/ca.crt"},
               [&line, o]() -> absl::Status {
                 const auto session = line.session();
                 if (!session.ok()) return session.status();
                 std::vector<std::string> addresses = o->addresses;
                 if (addresses.empty()) {
                   for (const char* service : kServices) addresses.push_back((*session)->AddressOf(service));
                 }
                 const absl::Time until = absl::Now() + o->wait;
                 for (const std::string& address : addresses) {
                   const auto status = CheckHealthUntil(until, address, (*session)->options().ca_file);
                   if (!status.ok()) return status;
                   std::cout << address << " serves" << std::endl;
                 }
                 return absl::OkStatus();
               });
  command.add_option("ADDRESS", o->addresses, "of one server or several [the five services]")
      ->type_name("HOST:PORT");
  runtime::AddDuration(command, "--wait", o->wait, "wait, at most so long, until they do")->default_str("");
}

// --- positions

std::string ShowPositions(const Positions& positions) {
  using enum Table::Align;
  std::vector<Table::Column> columns = {
      {"service", "layanan"}, {"journal", "jurnal", kRight}, {"to relay", "", kRight}};
  for (const char* producer : kServices) {
    // Reporting emits nothing.
    if (!positions.at(producer).journal().empty() || std::string(producer) != "reporting")
      columns.push_back({fmt::format("behind {}", producer), "", kRight});
  }
  columns.push_back({"quarantined", "karantina", kRight});
  columns.push_back({"blocked deadlines", "", kRight});
  Table table(columns);
  for (const char* service : kServices) {
    int64_t head = 0;
    for (const auto& journal : positions.at(service).journal()) head += journal.head();
    std::vector<std::string> cells = {service, std::to_string(head),
                                      std::to_string(Unrelayed(positions, service))};
    for (const char* producer : kServices) {
      if (cells.size() + 2 == columns.size()) break;
      cells.push_back(
          std::string(producer) == service ? "-" : std::to_string(Unapplied(positions, producer, service)));
    }
    cells.push_back(std::to_string(positions.at(service).quarantined()));
    cells.push_back(std::to_string(positions.at(service).blocked_deadlines()));
    table.Add(std::move(cells));
  }
  return table.ToString();
}

void AddPositions(CommandLine& line) {
  const auto wait = std::make_shared<absl::Duration>(absl::ZeroDuration());
  CLI::App& command = line.Add(
      kOperatorGroup, "positions",
      "how far journals, relays and inboxes are: events written, not relayed, not applied; acts as operator",
      {"lapor positions", "lapor positions --wait 30s    # until nothing is on its way"},
      [&line, wait]() -> absl::Status {
        auto session = line.session();
        if (!session.ok()) return session.status();
        if (*wait > absl::ZeroDuration()) {
          if (auto quiet = AwaitQuiet(**session, *wait); !quiet.ok()) return quiet.status();
        }
        const auto positions = ReadPositions(**session);
        if (!positions.ok()) return positions.status();
        if (!line.json()) {
          std::cout << ShowPositions(*positions);
          return absl::OkStatus();
        }
        for (const char* service : kServices) {
          if (auto status = line.Print(positions->at(service), ""); !status.ok()) return status;
        }
        return absl::OkStatus();
      });
  runtime::AddDuration(command, "--wait", *wait, "first wait, at most so long, until nothing is on its way")
      ->default_str("");
}

// --- quarantine

// A call to the backbone of one service.
template <class Request, class Response>
absl::StatusOr<Response> CallBackbone(CommandLine& line, const std::string& service,
                                      grpc::Status (BackboneStub::*method)(grpc::ClientContext*,
                                                                           const Request&, Response*),
                                      const Request& request) {
  auto session = line.session();
  if (!session.ok()) return session.status();
  const auto caller = line.Caller("operator");
  if (!caller.ok()) return caller.status();
  auto response = (*session)->Call((*session)->Backbone(service), method, request, *caller);
  if (!response.ok()) return line.Explain(response.status(), service);
  return response;
}

CLI::Option* AddService(CLI::App& command, std::string& service) {
  return command.add_option("SERVICE", service, "whose; `list` shows all if none is named")
      ->check(CLI::IsMember({"intake", "routing", "followup", "ombudsman", "reporting"}))
      ->type_name("intake|routing|followup|ombudsman|reporting");
}

// A list of one service or, if none is named, of all: page after page.
template <class Request, class Response>
absl::Status EachPage(CommandLine& line, const std::string& only,
                      grpc::Status (BackboneStub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const std::function<absl::Status(const std::string& service, const Response&)>& take) {
  for (const char* service : kServices) {
    if (!only.empty() && only != service) continue;
    Request request;
    do {
      const absl::StatusOr<Response> page = CallBackbone(line, service, method, request);
      if (!page.ok()) return page.status();
      if (auto status = take(service, *page); !status.ok()) return status;
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
  }
  return absl::OkStatus();
}

absl::Status ListQuarantine(CommandLine& line, const std::string& only) {
  Table table({{"service", "layanan"},
               {"id", "", Table::Align::kRight},
               {"report", "laporan"},
               {"producer", "asal"},
               {"topic, partition, offset", ""},
               {"since, " + line.zone().name, "sejak"},
               {"reason", "sebab"}});
  using Page = backbone::v1::ListQuarantineResponse;
  const auto show = [&](const std::string& service, const Page& page) -> absl::Status {
    if (line.json()) return line.Print(page, "");
    for (const backbone::v1::Quarantined& item : page.items()) {
      table.Add({service, std::to_string(item.id()), ShowReportId(item.subject()),
                 fmt::format("{} {}", item.producer(), item.position()),
                 fmt::format("{}/{} {}", item.topic(), item.partition(), item.offset()),
                 ShowTime(decision::FromProto(item.quarantined_at()), line.zone()), item.reason()});
    }
    return absl::OkStatus();
  };
  if (auto status = EachPage<backbone::v1::ListQuarantineRequest, Page>(line, only,
                                                                        &BackboneStub::ListQuarantine, show);
      !status.ok())
    return status;
  if (!line.json()) std::cout << (table.empty() ? "Nothing is quarantined.\n" : table.ToString());
  return absl::OkStatus();
}

// The first event of every report, if `words` stand in its reason; what waits behind it comes along.
absl::Status ReplayAll(CommandLine& line, const std::string& service, const std::string& words) {
  using Page = backbone::v1::ListQuarantineResponse;
  std::set<std::string> reports;
  std::vector<int64_t> ids;
  const absl::Status listed = EachPage<backbone::v1::ListQuarantineRequest, Page>(
      line, service, &BackboneStub::ListQuarantine, [&](const std::string&, const Page& page) {
        for (const backbone::v1::Quarantined& item : page.items()) {
          const bool first = item.subject().empty() || reports.insert(item.subject()).second;
          if (first && item.reason().find(words) != std::string::npos) ids.push_back(item.id());
        }
        return absl::OkStatus();
      });
  if (!listed.ok()) return listed;

  backbone::v1::ReplayQuarantinedResponse all;
  int refused = 0;
  for (const int64_t id : ids) {
    backbone::v1::ReplayQuarantinedRequest request;
    request.set_id(id);
    const auto replayed = CallBackbone(line, service, &BackboneStub::ReplayQuarantined, request);
    if (replayed.ok()) {
      all.set_applied(all.applied() + replayed->applied());
    } else if (absl::IsFailedPrecondition(replayed.status())) {
      ++refused;
    } else if (!absl::IsNotFound(replayed.status())) {  // somebody else has just let it go
      return replayed.status();
    }
  }
  return line.Print(all, fmt::format("{} events applied; {} still can't be: see lapor quarantine list.\n",
                                     all.applied(), refused));
}

void AddQuarantine(CommandLine& line) {
  CLI::App& family = line.AddFamily(
      kOperatorGroup, "quarantine",
      "events that a service could not decode or apply; later events of the same report wait behind them");

  const auto only = std::make_shared<std::string>();
  CLI::App& list = line.Add(
      kOperatorGroup, "list", "what is held, and why; acts as operator",
      {"lapor quarantine list", "lapor quarantine list followup"},
      [&line, only] { return ListQuarantine(line, *only); }, &family);
  AddService(list, *only);

  struct Options {
    std::string service;
    int64_t id = 0;
    bool all = false;
    std::string reason;
  };
  const auto r = std::make_shared<Options>();
  CLI::App& replay = line.Add(
      kOperatorGroup, "replay",
      "apply an event, now that its reason is gone, and those behind it; acts as operator",
      {"lapor quarantine replay followup 17",
       "lapor quarantine replay followup --all --reason 'no calendar for 2026'"},
      [&line, r]() -> absl::Status {
        if (r->all) return ReplayAll(line, r->service, r->reason);
        if (r->id == 0) return absl::InvalidArgumentError("ID: give one, or --all");
        backbone::v1::ReplayQuarantinedRequest request;
        request.set_id(r->id);
        const auto replayed = CallBackbone(line, r->service, &BackboneStub::ReplayQuarantined, request);
        if (!replayed.ok()) return replayed.status();
        return line.Print(*replayed, fmt::format("{} events applied.\n", replayed->applied()));
      },
      &family);
  AddService(replay, r->service)->required();
  CLI::Option* id = replay.add_option("ID", r->id, "as lapor quarantine list shows");
  CLI::Option* all = replay.add_flag("--all", r->all, "all that are held")->excludes(id);
  replay.add_option("--reason", r->reason, "of all, those with this in their reason")
      ->type_name("TEXT")
      ->needs(all);

  const auto d = std::make_shared<Options>();
  CLI::App& discard = line.Add(
      kOperatorGroup, "discard", "give an event up, with a reason on record; acts as operator",
      {"lapor quarantine discard followup 17 --reason 'foreign bytes on the topic'"},
      [&line, d]() -> absl::Status {
        backbone::v1::DiscardQuarantinedRequest request;
        request.set_id(d->id);
        request.set_reason(d->reason);
        const auto discarded = CallBackbone(line, d->service, &BackboneStub::DiscardQuarantined, request);
        if (!discarded.ok()) return discarded.status();
        return line.Print(*discarded,
                          fmt::format("Discarded; {} events behind it applied.\n", discarded->applied()));
      },
      &family);
  AddService(discard, d->service)->required();
  discard.add_option("ID", d->id, "as lapor quarantine list shows")->required();
  discard.add_option("--reason", d->reason, "1 to 500 characters")->type_name("TEXT")->required();
}

// --- deadlines

absl::Status ListDeadlines(CommandLine& line, const std::string& only) {
  Table table({{"service", "layanan"},
               {"report", "laporan"},
               {"clock", "tenggat"},
               {"due, " + line.zone().name, "jatuh tempo"},
               {"reason", "sebab"}});
  using Page = backbone::v1::ListBlockedDeadlinesResponse;
  const auto show = [&](const std::string& service, const Page& page) -> absl::Status {
    if (line.json()) return line.Print(page, "");
    for (const backbone::v1::BlockedDeadline& item : page.items()) {
      table.Add({service, ShowReportId(item.subject()), Label(item.clock()),
                 ShowTime(decision::FromProto(item.due_at()), line.zone()), item.reason()});
    }
    return absl::OkStatus();
  };
  if (auto status = EachPage<backbone::v1::ListBlockedDeadlinesRequest, Page>(
          line, only, &BackboneStub::ListBlockedDeadlines, show);
      !status.ok())
    return status;
  if (!line.json()) std::cout << (table.empty() ? "No deadline is blocked.\n" : table.ToString());
  return absl::OkStatus();
}

void AddDeadlines(CommandLine& line) {
  CLI::App& family = line.AddFamily(kOperatorGroup, "deadlines",
                                    "deadlines that a service could not carry out when they were due");

  const auto only = std::make_shared<std::string>();
  CLI::App& list = line.Add(
      kOperatorGroup, "list", "what is blocked, and why; acts as operator",
      {"lapor deadlines list", "lapor deadlines list followup"},
      [&line, only] { return ListDeadlines(line, *only); }, &family);
  AddService(list, *only);

  struct Options {
    std::string service;
    std::string report;
  };
  const auto r = std::make_shared<Options>();
  CLI::App& retry = line.Add(
      kOperatorGroup, "retry",
      "let blocked deadlines fire again, now that their reason is gone; acts as operator",
      {"lapor deadlines retry followup", "lapor deadlines retry followup --report 7K3M-9QXT-2B54"},
      [&line, r]() -> absl::Status {
        backbone::v1::RetryBlockedDeadlinesRequest request;
        if (!r->report.empty()) {
          const auto report = ReadReportId("--report", r->report);
          if (!report.ok()) return report.status();
          request.set_subject(*report);
        }
        const auto retried = CallBackbone(line, r->service, &BackboneStub::RetryBlockedDeadlines, request);
        if (!retried.ok()) return retried.status();
        return line.Print(*retried, fmt::format("{} deadlines fire again.\n", retried->retried()));
      },
      &family);
  AddService(retry, r->service)->required();
  retry.add_option("--report", r->report, "of this report and its parts only")->type_name("ID");
}

// --- token, clock

void AddToken(CommandLine& line) {
  const auto lifetime = std::make_shared<absl::Duration>(absl::Hours(1));
  CLI::App& command = line.Add(
      kOperatorGroup, "token", "print a bearer token for whom --as names, for grpcurl and other clients",
      {"lapor token --as triage", "lapor token --as officer:id.32.73.dpupr --lifetime 8h",
       "grpcurl -cacert var/tls/ca.crt -H \"authorization: Bearer $(lapor token --as monitor)\" "
       "localhost:7401 list"},
      [&line, lifetime]() -> absl::Status {
        const auto caller = line.Caller("");
        if (!caller.ok()) return caller.status();
        if (caller->anonymous()) return absl::InvalidArgumentError("--as: say whom the token is for");
        const auto signer = Signer::Open(line.session_options());
        if (!signer.ok()) return signer.status();
        const auto token = (*signer)->Token(*caller, *lifetime);
        if (!token.ok()) return token.status();
        std::cout << *token << '\n';
        return absl::OkStatus();
      });
  runtime::AddDuration(command, "--lifetime", *lifetime, "how long it holds");
}

void AddClock(CommandLine& line) {
  struct Options {
    absl::Time set = absl::InfinitePast();
    absl::Time at_least = absl::InfinitePast();
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command =
      line.Add(kOperatorGroup, "clock",
               "show the simulated time of a local stack, or move it forward; time never goes back",
               {"lapor clock", "lapor clock --set 2025-02-03T08:00:00+07:00",
                "lapor clock --at-least 2025-01-06T08:00:00+07:00    # creates the clock, or leaves a later "
                "one alone"},
               [&line, o]() -> absl::Status {
                 const std::string file = line.session_options().ClockFile();
                 absl::Time wanted = o->set;
                 if (o->at_least != absl::InfinitePast()) {
                   const auto clock = runtime::SimulatedClock::Open(file);
                   if (!clock.ok() || (*clock)->Now() < o->at_least) wanted = o->at_least;
                 }
                 if (wanted != absl::InfinitePast()) {
                   if (auto status = runtime::SimulatedClock::Set(file, wanted); !status.ok()) return status;
                 }
                 const auto clock = runtime::SimulatedClock::Open(file);
                 if (!clock.ok()) {
                   return absl::FailedPreconditionError(
                       fmt::format("there is no simulated clock at {}: the suite lives by the machine's; "
                                   "`make demo` makes one",
                                   file));
                 }
                 std::cout << ShowTime((*clock)->Now(), line.zone()) << ' ' << line.zone().name << '\n';
                 return absl::OkStatus();
               });
  AddTime(command, "--set", o->set, "move it there");
  AddTime(command, "--at-least", o->at_least, "move it there, if it is earlier");
}

}  // namespace

void AddOperatorCommands(CommandLine& line) {
  AddHealth(line);
  AddPositions(line);
  AddQuarantine(line);
  AddDeadlines(line);
  AddToken(line);
  AddClock(line);
}

}  // namespace lapor::client
