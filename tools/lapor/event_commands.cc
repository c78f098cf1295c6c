#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/eventlog/journal.h"
#include "libs/eventlog/topic.h"
#include "tools/lapor/commands.h"
#include "tools/lapor/event_stream.h"

namespace lapor::client {
namespace {

constexpr absl::Duration kReadTimeout = absl::Milliseconds(200);

struct Options {
  std::string brokers;
  std::string topic = "report";
  std::string report;
  std::vector<std::string> types;
  std::vector<std::string> producers;
  absl::Time since = absl::InfinitePast();
  bool from_beginning = false;
  bool follow = false;
  bool text = false;
  int64_t limit = 0;
};

// Whose events --report asks for, as keys have it. An id of no report would match nothing, in silence.
absl::StatusOr<std::string> KeyOf(const Options& o) {
  if (o.report.empty()) return "";
  if (o.topic != "report")
    return absl::InvalidArgumentError(
        "--report: events of agencies are of no report; leave it or --topic out");
  return ReadReportId("--report", o.report);
}

bool IsAmong(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool IsWanted(const StreamedEvent& streamed, const Options& o) {
  const event::v1::Event& event = streamed.event;
  // Nobody knows what it is about: shown unless something particular is asked for, and else told as skipped.
  if (!streamed.decoded) return o.report.empty() && o.types.empty() && o.producers.empty();
  return (o.report.empty() || event.subject() == o.report) && IsAmong(o.types, eventlog::TypeOf(event)) &&
         IsAmong(o.producers, event.producer()) && decision::FromProto(event.occurred_at()) >= o.since;
}

std::string ToJson(const StreamedEvent& streamed, const std::string& topic) {
  std::string place =
      fmt::format(R"({{"topic":"{}","partition":{},"offset":{})", topic, streamed.partition, streamed.offset);
  if (!streamed.decoded)
    return fmt::format(R"({},"undecodable":"{}"}})", place, absl::Base64Escape(streamed.value));
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(streamed.event, &json, options);
  return fmt::format(R"({},"type":"{}","event":{}}})", place, eventlog::TypeOf(streamed.event), json);
}

std::string ToText(const StreamedEvent& streamed, const Zone& zone) {
  if (!streamed.decoded)
    return fmt::format("partition {} offset {}: can't be decoded", streamed.partition, streamed.offset);
  const event::v1::Event& event = streamed.event;
  return fmt::format("{}  {:<14}  {:<9}  {}", ShowTime(decision::FromProto(event.occurred_at()), zone),
                     ShowReportId(event.subject()), event.producer(),
                     Describe(event, zone, [](const std::string& id) { return id; }));
}

std::string ToSkipped(const StreamedEvent& streamed, const std::string& topic) {
  return fmt::format("skipped {}/{} offset {}: not a lapor.event.v1.Event, or not the one of its headers",
                     topic, streamed.partition, streamed.offset);
}

std::set<std::string> KnownTypes() {
  std::set<std::string> types;
  const auto* payload = event::v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payload->field_count(); ++i) types.insert(payload->field(i)->message_type()->name());
  return types;
}

absl::Status Tail(CommandLine& line, Options o) {
  auto key = KeyOf(o);
  if (!key.ok()) return key.status();
  o.report = *std::move(key);
  std::string brokers = o.brokers;
  if (brokers.empty()) {
    auto local = LocalBrokers(line.session_options().var);
    if (!local.ok()) return local.status();
    brokers = *std::move(local);
  }
  const std::string topic = NameOf(o.topic == "agency" ? eventlog::Topic::kAgency : eventlog::Topic::kReport);
  const bool from_end = o.follow && !o.from_beginning && o.since == absl::InfinitePast();
  auto stream =
      EventStream::Open(brokers, topic, from_end ? EventStream::From::kEnd : EventStream::From::kBeginning);
  if (!stream.ok()) return stream.status();

  int64_t shown = 0;
  while (o.follow || !(*stream)->caught_up()) {
    const auto events = (*stream)->Read(kReadTimeout);
    if (!events.ok()) return events.status();
    for (const StreamedEvent& event : *events) {
      if (!IsWanted(event, o)) {
        // Or an analyst would count what they have without knowing of what they have not.
        if (!event.decoded) std::cerr << ToSkipped(event, topic) << '\n';
        continue;
      }
      std::cout << (o.text ? ToText(event, line.zone()) : ToJson(event, topic)) << '\n';
      if (++shown == o.limit) {
        std::cout.flush();
        return absl::OkStatus();
      }
    }
    if (!std::cout.flush()) return absl::OkStatus();  // whoever read it has gone
  }
  return absl::OkStatus();
}

}  // namespace

void AddEventCommands(CommandLine& line) {
  const auto o = std::make_shared<Options>();
  CLI::App& command =
      line.Add(kFiguresGroup, "events",
               "the event stream, straight from Kafka, as JSON lines: ids, codes and times, never a person "
               "or their words",
               {"lapor events                                  # all that the broker has, then ends",
                "lapor events --follow                         # those that come from now on",
                "lapor events --report 7K3M-9QXT-2B54 --text",
                "lapor events --type ClockBreached --type EscalationOpened",
                "lapor events --producer followup --since 2025-02-01 --limit 100",
                "lapor events --topic agency --limit 3",
                "lapor events --type CaseClosed | jq -r '.event.case_closed.closing' | sort | uniq -c"},
               [&line, o] { return Tail(line, *o); });
  command.add_option("--brokers", o->brokers, "Kafka [the local stack's]; LAPOR_BROKERS")
      ->envname("LAPOR_BROKERS")
      ->type_name("HOST:PORT,...");
  command.add_option("--topic", o->topic, "lapor.report.v1 or lapor.agency.v1")
      ->check(CLI::IsMember({"report", "agency"}))
      ->type_name("report|agency")
      ->capture_default_str();
  command.add_option("--report", o->report, "only those of one report")->type_name("ID");
  command.add_option("--type", o->types, "only these, as ResponseGiven; may be given several times")
      ->type_name("TYPE")
      ->check(CLI::IsMember(KnownTypes()));
  command.add_option("--producer", o->producers, "only those of these services; may be given several times")
      ->type_name("SERVICE")
      ->check(CLI::IsMember({"intake", "routing", "followup", "ombudsman"}));
  AddTime(command, "--since", o->since, "only those that happened then or later");
  command.add_flag("--from-beginning", o->from_beginning,
                   "with --follow: begin with the oldest, not with the next");
  command.add_flag("--follow,-f", o->follow, "go on as events come, until interrupted");
  command.add_flag("--text", o->text, "a sentence an event, for people");
  command.add_option("--limit", o->limit, "end after so many")->check(CLI::PositiveNumber);
}

}  // namespace lapor::client
