// Risk: a notification is lost, told twice or told to nobody who should know; or a case waits for a mail
// server.
#include "migrations/notify.h"

#include <httplib.h>
#include <spdlog/sinks/ostream_sink.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "libs/notify/outbox.h"
#include "libs/notify/sender.h"
#include "libs/runtime/log.h"
#include "libs/runtime/testing/temporary_folder.h"
#include "tests/integration/ledger.h"
#include "tests/support/smtp_sink.h"

namespace lapor::test {
namespace {

using eventlog::Inbound;
using Mood = SmtpSink::Mood;

constexpr char kReporter[] = "siti.canary@warga.example";
constexpr char kOfficer[] = "budi.canary@dinas.example";

const std::vector<notify::TemplateSpec>& Specs() {
  static const std::vector<notify::TemplateSpec> specs = {
      {"note-reporter", {{.name = "report"}}},
      {"note-officer", {{.name = "report"}, {.name = "agency"}, {.name = "amount"}}},
      {"note-digest", {{.name = "agency"}, {.name = "count"}, {.name = "items"}}}};
  return specs;
}

// An HTTP server that keeps what is POSTed to it.
struct HookSink {
  HookSink() {
    server.Post("/hook", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock(mutex);
      response.status = answer;
      keys.push_back(request.get_header_value("Idempotency-Key"));
      bodies.push_back(request.body);
    });
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~HookSink() {
    server.stop();
    thread.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port) + "/hook"; }

  std::vector<std::string> Keys() const {
    const std::lock_guard lock(mutex);
    return keys;
  }
  std::vector<std::string> Bodies() const {
    const std::lock_guard lock(mutex);
    return bodies;
  }

  httplib::Server server;
  int port = 0;
  mutable std::mutex mutex;
  std::vector<std::string> keys, bodies;  // guarded by mutex
  std::atomic<int> answer = 200;
  std::thread thread;
};

// A ledger whose additions are told: to its reporter those of 1, to its agency those above, of 3 and more in
// a digest.
struct NotifyingLedger : LedgerService {
  NotifyingLedger() {
    Must(pg::Migrate(pool, migrations::notify()));
    folder_file("words", [] {
      std::string words;
      for (int month = 1; month <= 12; ++month)
        words += (month < 10 ? "MONTH_0" : "MONTH_") + std::to_string(month) + " = bulan | month\n";
      return words;
    }());
    folder_file("note-reporter",
                "[id]\nSubject: Laporan {report}\n\nKabar.\n[en]\nSubject: Report {report}\n\nNews.\n");
    folder_file(
        "note-officer",
        "[id]\nSubject: {report} +{amount}\n\n{agency}\n[en]\nSubject: {report} +{amount}\n\n{agency}\n");
    folder_file(
        "note-digest",
        "[id]\nSubject: {count} untuk {agency}\n\n{items}\n[en]\nSubject: {count} for {agency}\n\n{items}\n");
    templates = notify::Templates::Load(folder / "", "note-", Specs()).value();
    LedgerAggregate telling = MakeLedger();
    telling.observe = [this](pg::Tx& tx, const std::vector<const event::v1::Event*>& events) {
      std::vector<notify::Outbox::Told> told;
      for (const event::v1::Event* event : events) {
        if (event->producer() != "ledger") continue;
        const std::string amount = event->reporter_replied().message_id();
        notify::Notification notice{.report_id = event->subject(), .template_name = "note-reporter"};
        if (amount != "1") {
          notice.agency_id = "id.1";
          notice.template_name = "note-officer";
          notice.parameters["amount"] = amount;
          notice.in_digest = std::stoll(amount) >= 3;
        }
        told.push_back({event, notice});
      }
      outbox.Add(tx, told);
    };
    executor =
        std::make_unique<LedgerExecutor>(pool, journal, clock, telling, eventlog::ExecutorOptions(), nullptr);
  }

  void folder_file(const std::string& name, const std::string& text) const {
    std::ofstream(folder / (name + ".txt")) << text;
  }

  // A sender that looks up where this test says that people are.
  std::unique_ptr<notify::Sender> NewSender(notify::Channels channels, notify::SenderOptions options = {}) {
    return std::make_unique<notify::Sender>(
        pool, machine, templates, "note-digest", std::move(channels),
        [this](const std::string& agency_id, const std::string&) -> absl::StatusOr<notify::Recipient> {
          const std::lock_guard lock(mutex);
          return agency_id.empty() ? reporter : officers;
        },
        options, metrics);
  }
  std::shared_ptr<notify::Channel> Smtp(const SmtpSink& sink, absl::Duration timeout = absl::Seconds(20)) {
    return notify::MakeSmtp({.url = sink.url(),
                             .user = {},
                             .password = {},
                             .from = "lapor@agency.example",
                             .environment = runtime::Environment::kProduction,
                             .timeout = timeout},
                            machine)
        .value();
  }
  static std::shared_ptr<notify::Channel> Webhook(const HookSink& sink) {
    return notify::MakeWebhook({.url = sink.url(), .token = {}}).value();
  }

  void Tell(const std::string& subject, int64_t amount) {
    Must(Do("r" + std::to_string(++requests), subject, {amount, "", std::nullopt}).status());
  }
  // How many rows there are of each ending, as "0:2 1:1"; 0 waits.
  std::string Endings() const {
    return database.Query(
        "SELECT string_agg(ending || ':' || n, ' ' ORDER BY ending) FROM (SELECT ending, count(*) AS n FROM "
        "notification GROUP BY ending) AS e");
  }
  double Metric(const std::string& name) const {
    std::istringstream lines(metrics.Text());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    }
    return -1;
  }

  runtime::TemporaryFolder folder;
  std::shared_ptr<const notify::Templates> templates;
  runtime::ManualClock machine{absl::FromUnixSeconds(1'736'000'100)};
  notify::Outbox outbox{clock, machine, absl::Hours(1)};
  runtime::Metrics metrics;
  std::mutex mutex;
  notify::Recipient reporter{.contacts = {{.mail = kReporter, .phone = "+628123456789"}}, .agency_name = ""};
  notify::Recipient officers{.contacts = {{.mail = kOfficer, .phone = kOfficer}},
                             .agency_name = "Dinas Satu"};
  int requests = 0;
};

TEST_CASE("each event is told once, however often it is handed over") {
  NotifyingLedger ledger;
  SmtpSink sink;
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.Tell("a", 1);
  const Inbound again = FromOther(ledger.journal, "intake", 1, "a", "1", 10);
  REQUIRE(ledger.executor->Apply({again, again})->empty());
  REQUIRE(ledger.executor->Apply({again})->empty());
  CHECK(ledger.Endings() == "0:2");

  REQUIRE(sender->Round().value() == 2);
  REQUIRE(sender->Round().value() == 0);
  REQUIRE(sink.mails().size() == 2);
  CHECK(sink.mails()[0].from == "lapor@agency.example");
  CHECK(sink.mails()[0].to == std::vector<std::string>{kReporter});
  CHECK(sink.mails()[0].Header("Subject") == "Laporan a");
  CHECK(sink.mails()[0].Header("Message-ID") != sink.mails()[1].Header("Message-ID"));
  CHECK(ledger.Endings() == "1:2");
  CHECK(ledger.Metric("lapor_notify_sent_total{channel=\"smtp\"}") == 2);

  // Also by a service that reads its streams again from the beginning, and forgets what it had applied.
  ledger.database.Query("DELETE FROM inbox");
  ledger.database.Query("DELETE FROM event");
  const auto event_id = ledger.database.Query("SELECT split_part(key, '/', 1) FROM notification LIMIT 1");
  event::v1::Event event = AmountEvent("1");
  event.set_event_id(event_id);
  *event.mutable_occurred_at() = decision::ToProto(ledger.clock.Now());
  LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
    ledger.outbox.Add(tx, {{&event, {.report_id = "a", .template_name = "note-reporter"}}});
    return absl::OkStatus();
  }));
  CHECK(ledger.Endings() == "1:2");
}

TEST_CASE("what was rolled back, and what happened long ago, is told to nobody") {
  NotifyingLedger ledger;
  CHECK_FALSE(ledger.Do("r", "a", {2'000'000, "", std::nullopt}).ok());
  CHECK(ledger.Endings().empty());
  event::v1::Event event = AmountEvent("1");
  event.set_event_id("old");
  *event.mutable_occurred_at() = decision::ToProto(ledger.clock.Now() - notify::kMaxAge - absl::Seconds(1));
  LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
    ledger.outbox.Add(tx, {{&event, {.report_id = "a", .template_name = "note-reporter"}}});
    return absl::OkStatus();
  }));
  CHECK(ledger.Endings().empty());
}

TEST_CASE("two senders share the work, and send each message once") {
  NotifyingLedger ledger;
  SmtpSink one_sink, other_sink;
  for (int i = 0; i < 60; ++i) ledger.Tell("s" + std::to_string(i), i % 2 == 0 ? 1 : 5);
  ledger.machine.Advance(absl::Hours(1));
  auto one = ledger.NewSender({.smtp = ledger.Smtp(one_sink), .sms = nullptr, .webhook = nullptr});
  auto other = ledger.NewSender({.smtp = ledger.Smtp(other_sink), .sms = nullptr, .webhook = nullptr});
  std::thread racing([&] { CHECK(other->Round().ok()); });
  CHECK(one->Round().ok());
  racing.join();
  CHECK(ledger.Endings() == "1:60");
  std::set<std::string> ids;
  const auto count = [&](const SmtpSink& sink) {
    for (const ReceivedMail& mail : sink.mails()) ids.insert(mail.Header("Message-ID"));
    return sink.mails().size();
  };
  CHECK(count(one_sink) + count(other_sink) == 31);  // thirty to reporters, one digest
  CHECK(ids.size() == 31);
}

TEST_CASE("what a sender died over is sent again by the next one, with the same id") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kForgets);
  ledger.Tell("a", 1);
  {
    auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
    REQUIRE(sender->Round().ok());
  }
  // Sent, and its record lost with the process.
  REQUIRE(sink.mails().size() == 1);
  ledger.database.Query(
      "UPDATE notification SET next_attempt_at = to_timestamp(1736000100) + '10 min', attempts = 0");
  sink.Be(Mood::kTakes);
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.machine.Advance(absl::Minutes(9));
  REQUIRE(sender->Round().value() == 0);
  ledger.machine.Advance(absl::Minutes(1));
  REQUIRE(sender->Round().value() == 1);
  REQUIRE(sink.mails().size() == 2);
  CHECK(sink.mails()[0].Header("Message-ID") == sink.mails()[1].Header("Message-ID"));
  CHECK(ledger.Endings() == "1:1");
}

TEST_CASE("a server that is away is tried again until it is back, and meanwhile left alone") {
  NotifyingLedger ledger;
  const int port = SmtpSink().port();
  auto gone = std::make_unique<SmtpSink>(Mood::kTakes, port);
  auto smtp = ledger.Smtp(*gone);
  gone.reset();
  auto sender = ledger.NewSender({.smtp = smtp, .sms = nullptr, .webhook = nullptr});
  for (int i = 0; i < 5; ++i) ledger.Tell("s" + std::to_string(i), 1);
  REQUIRE(sender->Round().value() == 1);
  // The first one found out, nobody touches the others.
  CHECK(ledger.database.Query(
            "SELECT count(*) FROM notification WHERE next_attempt_at = to_timestamp(1736000100)") == "4");
  CHECK(ledger.database.Query("SELECT sum(attempts) FROM notification") == "1");
  CHECK(ledger.Metric("lapor_notify_failed_total{channel=\"smtp\"}") == 1);
  CHECK(ledger.Endings() == "0:5");

  SmtpSink back(Mood::kTakes, port);
  ledger.machine.Advance(absl::Minutes(1));
  REQUIRE(sender->Round().ok());
  CHECK(back.mails().size() == 5);
  CHECK(ledger.Endings() == "1:5");
}

TEST_CASE("what only a resting server can send is looked at once, and nothing else waits behind it") {
  NotifyingLedger ledger;
  const int port = SmtpSink().port();
  auto gone = std::make_unique<SmtpSink>(Mood::kTakes, port);
  auto smtp = ledger.Smtp(*gone);
  gone.reset();
  const std::string spool = ledger.folder / "sms.jsonl";
  auto sender =
      ledger.NewSender({.smtp = smtp, .sms = notify::MakeSmsFile(spool).value(), .webhook = nullptr},
                       {.rest = absl::Hours(2), .max_rest = absl::Hours(2)});
  ledger.officers.contacts = {{.mail = "", .phone = "+628987654321"}};
  for (int i = 0; i < 3; ++i) ledger.Tell("s" + std::to_string(i), 1);  // mails
  ledger.Tell("last", 2);                                               // an SMS
  REQUIRE(sender->Round().value() == 4);
  CHECK(ledger.Endings() == "0:3 1:1");
  // Those that wait for it come one after the other when it is back, each in its time.
  const auto count = [&](const std::string& when) {
    return ledger.database.Query(
        "SELECT count(DISTINCT next_attempt_at) FROM notification WHERE ending = 0 AND " + when);
  };
  CHECK(count("next_attempt_at > to_timestamp(1736000100) + '2 h'") == "2");

  // The first one's turn comes while the server still rests.
  ledger.machine.Advance(absl::Hours(1));
  ledger.Tell("more", 2);
  REQUIRE(sender->Round().value() == 1);
  CHECK(ledger.Endings() == "0:3 1:2");

  SmtpSink back(Mood::kTakes, port);
  ledger.machine.Advance(absl::Hours(2));
  REQUIRE(sender->Round().value() == 3);
  CHECK(back.mails().size() == 3);
  CHECK(ledger.Endings() == "1:5");
}

TEST_CASE("what fails too often, too long or for good is given up") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kIsOverloaded);
  auto sender =
      ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr}, {.max_attempts = 3});
  ledger.Tell("a", 1);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(sender->Round().ok());
    CHECK(ledger.Endings() == "0:1");
    ledger.machine.Advance(absl::Hours(1));
  }
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Endings() == "3:1");
  CHECK(ledger.Metric("lapor_notify_given_up_total{channel=\"smtp\"}") == 1);

  ledger.Tell("a", 1);
  ledger.machine.Advance(notify::kMaxAge);
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Endings() == "3:2");

  sink.Be(Mood::kRefuses);
  ledger.Tell("a", 1);
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Endings() == "3:3");
  CHECK(sink.mails().empty());
}

TEST_CASE(
    "only a mailbox that doesn't exist is given up at once; the same code of anything else is tried again") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kRefusesSender);
  // None of it is an outage, or the next round would do nothing.
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr},
                                 {.rest = absl::Hours(2), .max_rest = absl::Hours(2)});
  ledger.Tell("a", 1);
  for (const Mood mood : {Mood::kRefusesSender, Mood::kRefusesText, Mood::kRefusesFirst}) {
    CAPTURE(static_cast<int>(mood));
    sink.Be(mood);
    ledger.reporter.contacts = {{.mail = kReporter, .phone = ""}};
    if (mood == Mood::kRefusesFirst) ledger.reporter.contacts.push_back({.mail = kOfficer, .phone = ""});
    REQUIRE(sender->Round().value() == 1);
    CHECK(ledger.Endings() == "0:1");
    ledger.machine.Advance(absl::Hours(1));
  }
  sink.Be(Mood::kRefuses);
  REQUIRE(sender->Round().value() == 1);
  CHECK(ledger.Endings() == "3:1");
}

TEST_CASE("a mail server on this machine needs no certificate, though it offers to encrypt") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kOffersTls);
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.Tell("a", 1);
  REQUIRE(sender->Round().value() == 1);
  CHECK(sink.mails().size() == 1);
  CHECK(ledger.Endings() == "1:1");
}

TEST_CASE("what an agency is told within an interval comes as one message, what is urgent at once") {
  NotifyingLedger ledger;
  SmtpSink sink;
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.Tell("a", 3);
  ledger.Tell("b", 4);
  ledger.Tell("c", 2);
  REQUIRE(sender->Round().value() == 1);
  REQUIRE(sink.mails().size() == 1);
  CHECK(sink.mails()[0].Header("Subject") == "c +2");

  ledger.machine.Advance(absl::Hours(1));
  ledger.Tell("d", 5);  // in the next interval
  REQUIRE(sender->Round().value() == 1);
  REQUIRE(sink.mails().size() == 2);
  CHECK(sink.mails()[1].Header("Subject") == "2 untuk Dinas Satu");
  CHECK(sink.mails()[1].bytes.find("- a +3\r\n- b +4\r\n") != std::string::npos);

  // One alone needs no list.
  ledger.machine.Advance(absl::Hours(1));
  REQUIRE(sender->Round().value() == 1);
  CHECK(sink.mails()[2].Header("Subject") == "d +5");
  CHECK(ledger.Endings() == "1:4");
}

TEST_CASE("a message has an end, however much an agency is to be told") {
  NotifyingLedger ledger;
  SmtpSink sink;
  auto sender =
      ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr}, {.max_bundle = 2});
  for (int i = 0; i < 5; ++i) ledger.Tell("s" + std::to_string(i), 3);
  ledger.machine.Advance(absl::Hours(1));
  REQUIRE(sender->Round().value() == 3);
  REQUIRE(sink.mails().size() == 3);
  CHECK(sink.mails()[0].Header("Subject") == "2 untuk Dinas Satu");
  CHECK(sink.mails()[1].Header("Subject") == "2 untuk Dinas Satu");
  CHECK(sink.mails()[2].Header("Subject") == "s4 +3");
  CHECK(ledger.Endings() == "1:5");
}

TEST_CASE("a webhook gets what agencies are told, and a dead mail server doesn't keep it") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kIsOverloaded);
  HookSink hook;
  auto sender =
      ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = ledger.Webhook(hook)});
  ledger.Tell("a", 2);
  ledger.Tell("b", 1);  // the reporter's, which no webhook gets
  REQUIRE(sender->Round().ok());
  REQUIRE(hook.Bodies().size() == 1);
  const std::string key = ledger.database.Query("SELECT key FROM notification WHERE agency_id <> ''");
  CHECK(hook.Bodies()[0] ==
        R"({"id":")" + hook.Keys()[0] + R"(","agency_id":"id.1","notifications":[{"key":")" + key +
            R"(","report_id":"a","about":"note-officer","occurred_at":"2025-01-04T14:13:20+00:00",)"
            R"("parameters":{"amount":"2"}}]})");
  CHECK(ledger.Endings() == "0:2");

  // What has gone one way isn't repeated for the other's sake.
  sink.Be(Mood::kTakes);
  ledger.machine.Advance(absl::Hours(1));
  REQUIRE(sender->Round().ok());
  CHECK(sink.mails().size() == 2);
  CHECK(hook.Bodies().size() == 1);
  CHECK(ledger.Endings() == "1:2");

  hook.answer = 503;
  ledger.Tell("a", 2);
  REQUIRE(sender->Round().ok());
  hook.answer = 200;
  ledger.machine.Advance(absl::Hours(1));
  REQUIRE(sender->Round().ok());
  REQUIRE(hook.Keys().size() == 3);
  CHECK(hook.Keys()[1] == hook.Keys()[2]);
  CHECK(sink.mails().size() == 3);
  CHECK(ledger.Endings() == "1:3");
}

TEST_CASE("who has no mail address gets an SMS, and who has none at all isn't waited for") {
  NotifyingLedger ledger;
  const std::string spool = ledger.folder / "sms.jsonl";
  auto sender =
      ledger.NewSender({.smtp = nullptr, .sms = notify::MakeSmsFile(spool).value(), .webhook = nullptr});
  ledger.Tell("a", 1);
  REQUIRE(sender->Round().ok());
  std::ifstream file(spool);
  const std::string line(std::istreambuf_iterator<char>(file), {});
  CHECK(line.ends_with("\"text\":\"Laporan a\",\"to\":\"+628123456789\"}\n"));

  // Erased, or changed, since: what counts is where they are reached now.
  ledger.Tell("a", 1);
  ledger.reporter.contacts.clear();
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Endings() == "1:1 2:1");
  CHECK(ledger.Metric("lapor_notify_no_address_total") == 1);
}

TEST_CASE("no person is in the outbox or in the log, whatever fails") {
  std::ostringstream log;
  runtime::StartLog({.service = "test",
                     .level = runtime::Level::kDebug,
                     .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log)});
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kRefuses);
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.Tell("a", 1);
  ledger.Tell("a", 2);
  REQUIRE(sender->Round().ok());
  sink.Be(Mood::kIsOverloaded);
  ledger.Tell("a", 1);
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Endings() == "0:1 3:2");
  runtime::StartLog({});
  CHECK(log.str().find("notification.given_up") != std::string::npos);
  CHECK(log.str().find("notification.failed") != std::string::npos);
  CHECK(log.str().find("canary") == std::string::npos);
  CHECK(log.str().find("8123456789") == std::string::npos);
  CHECK(ledger.database.Query("SELECT string_agg(n::text, ' ') FROM notification AS n").find("canary") ==
        std::string::npos);
  CHECK(ledger.metrics.Text().find("canary") == std::string::npos);
}

TEST_CASE("cases go on while the mail server hangs, and the sender stops when it is told to") {
  NotifyingLedger ledger;
  SmtpSink sink(Mood::kHangs);
  auto sender =
      ledger.NewSender({.smtp = ledger.Smtp(sink, absl::Minutes(5)), .sms = nullptr, .webhook = nullptr},
                       {.poll = absl::Milliseconds(1)});
  ledger.Tell("a", 1);
  sender->Start();
  REQUIRE(Eventually([&] { return sink.connections() == 1; }));
  for (int i = 0; i < 50; ++i) ledger.Tell("s" + std::to_string(i), 1);
  CHECK(ledger.Endings() == "0:51");
  sender->Stop();
  // It is due again, for whoever comes next.
  CHECK(ledger.database.Query("SELECT count(*) FROM notification WHERE attempts > 0") == "0");
  sink.Be(Mood::kTakes);
  auto next = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  REQUIRE(next->Round().value() == 51);
  CHECK(ledger.Endings() == "1:51");
}

TEST_CASE("what has ended is forgotten after a while, what waits is counted") {
  NotifyingLedger ledger;
  SmtpSink sink;
  auto sender = ledger.NewSender({.smtp = ledger.Smtp(sink), .sms = nullptr, .webhook = nullptr});
  ledger.Tell("a", 1);
  ledger.Tell("b", 5);
  REQUIRE(sender->Round().ok());
  ledger.machine.Advance(absl::Seconds(20));
  REQUIRE(sender->Round().ok());
  CHECK(ledger.Metric("lapor_notify_waiting") == 1);
  ledger.machine.Advance(absl::Hours(24 * 31));
  REQUIRE(sender->Round().ok());
  CHECK(ledger.database.Query("SELECT string_agg(report_id, ' ') FROM notification") == "b");
}

}  // namespace
}  // namespace lapor::test
