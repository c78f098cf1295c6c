// Risk: an effect is lost, doubled, reordered or half done in a service's database.
#include <catch2/catch.hpp>

#include "libs/eventlog/consumer.h"
#include "tests/integration/ledger.h"

namespace lapor::test {
namespace {

using eventlog::Gap;
using eventlog::Inbound;

std::vector<eventlog::Deadline> DueNow(LedgerService& ledger) {
  std::vector<eventlog::Deadline> deadlines;
  LedgerService::Must(ledger.pool.Read([&](pg::Tx& tx) {
    deadlines = eventlog::DueDeadlines(tx, ledger.clock.Now(), std::nullopt, 10);
    return absl::OkStatus();
  }));
  return deadlines;
}

// Puts the next event of its partition into quarantine, though it can be applied.
void Hold(LedgerService& ledger, const Inbound& inbound) {
  LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
    eventlog::Inbox inbox("ledger");
    inbox.Load(tx, inbound.topic, {inbound.partition});
    Gap gap;
    if (inbox.Judge(inbound, &gap) != eventlog::Verdict::kApply) return absl::InternalError("not the next");
    eventlog::Quarantine(tx, inbound, "a calendar is missing");
    return inbox.Save(tx);
  }));
}

TEST_CASE("a request changes the state, adds its records and is in the journal, in one transaction") {
  LedgerService ledger;
  const auto outcome = ledger.Do("r1", "a", {5, "", std::nullopt});
  REQUIRE(outcome.ok());
  CHECK(outcome->subject == "a");
  CHECK(outcome->state == 5);
  CHECK(outcome->position == 1);
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.database.Query("SELECT line FROM ledger_line") == "a 5");
  CHECK(ledger.database.Query("SELECT subject, type, position FROM event") == "a|ReporterReplied|1");
}

TEST_CASE("a repeated request gets the first answer and has no second effect") {
  LedgerService ledger;
  const auto first = ledger.Do("r1", "a", {5, "", std::nullopt});
  ledger.clock.Advance(absl::Hours(24 * 400));
  const auto repeat = ledger.Do("r1", "a", {5, "", std::nullopt});
  REQUIRE(repeat.ok());
  CHECK(repeat->position == first->position);
  CHECK(repeat->decided_at == first->decided_at);
  CHECK(ledger.Trail("a") == "+5 ");
}

TEST_CASE("a request id with another body is refused, and what it did before stands") {
  LedgerService ledger;
  REQUIRE(ledger.Do("r1", "a", {5, "", std::nullopt}, "one body").ok());
  const auto other = ledger.Do("r1", "a", {6, "", std::nullopt}, "another body");
  CHECK(absl::IsAlreadyExists(other.status()));
  CHECK(decision::BadInputOf(other.status())->violations(0).field() == "request_id");
  CHECK(ledger.Trail("a") == "+5 ");
}

TEST_CASE("commands of one batch fold in the order of arrival, one that breaks its rules fails alone") {
  LedgerService ledger;
  // A lock keeps the first transaction in flight until the others have queued up behind it.
  std::vector<std::promise<absl::StatusOr<eventlog::Outcome>>> answers(6);
  std::vector<int64_t> amounts = {1, 2, -3, 4, 5, 4};
  const absl::Status held = ledger.pool.Transact([&](pg::Tx& tx) {
    tx.Run("LOCK TABLE event_head IN EXCLUSIVE MODE");
    for (size_t i = 0; i < answers.size(); ++i) {
      // The last one repeats the fourth within the batch.
      const std::string id = "r" + std::to_string(i == 5 ? 3 : i);
      ledger.executor->Submit(
          {id, "f", "a", {amounts[i], "", std::nullopt}, "", [&answer = answers[i]](auto outcome) {
             answer.set_value(std::move(outcome));
           }});
    }
    return absl::OkStatus();
  });
  REQUIRE(held.ok());
  std::vector<absl::StatusOr<eventlog::Outcome>> outcomes;
  for (auto& answer : answers) outcomes.push_back(answer.get_future().get());
  CHECK(absl::IsFailedPrecondition(outcomes[2].status()));
  REQUIRE(outcomes[5].ok());
  CHECK(outcomes[5]->position == outcomes[3]->position);
  // Each is told the state that it led to, not that of the end.
  CHECK(outcomes[0]->state == 1);
  CHECK(outcomes[3]->state == 7);
  CHECK(outcomes[5]->state == 7);
  CHECK(ledger.Trail("a") == "+1 +2 +4 +5 ");
  CHECK(ledger.database.Query("SELECT string_agg(position::text, ',' ORDER BY position) FROM event") ==
        "1,2,3,4");
}

TEST_CASE("a request and its counterpart change both of their subjects, or neither") {
  LedgerService ledger;
  const auto transfer = [&](const std::string& request_id, int64_t amount, int64_t from_first) {
    std::promise<absl::StatusOr<eventlog::Outcome>> answer;
    ledger.executor->Submit(
        {request_id,
         "f",
         "a",
         {amount, "", std::nullopt},
         "",
         [&](auto outcome) { answer.set_value(std::move(outcome)); },
         LedgerExecutor::Counterpart{"b", [from_first](const Ledger& first) {
                                       return Add{first.total * from_first, "=a", std::nullopt};
                                     }}});
    return answer.get_future().get();
  };
  // The second is told what the first has become, and the answer is about the first.
  const auto outcome = transfer("r1", 5, 1);
  REQUIRE(outcome.ok());
  CHECK(outcome->subject == "a");
  CHECK(outcome->position > 0);
  CHECK(ledger.database.Query("SELECT position FROM event WHERE subject = 'a'") ==
        std::to_string(outcome->position));
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.Trail("b") == "+5=a ");

  CHECK(absl::IsFailedPrecondition(transfer("r2", 7, -1).status()));
  CHECK(absl::IsFailedPrecondition(transfer("r3", -7, -1).status()));
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.Trail("b") == "+5=a ");
  CHECK(ledger.database.Query("SELECT count(*) FROM event") == "2");
}

TEST_CASE("a command that the database refuses fails alone") {
  LedgerService ledger;
  std::vector<std::promise<absl::StatusOr<eventlog::Outcome>>> answers(3);
  REQUIRE(ledger.pool
              .Transact([&](pg::Tx& tx) {
                tx.Run("LOCK TABLE event_head IN EXCLUSIVE MODE");
                for (size_t i = 0; i < answers.size(); ++i) {
                  ledger.executor->Submit(
                      {"r" + std::to_string(i),
                       "f",
                       "s" + std::to_string(i),
                       {i == 1 ? 2'000'000 : 3, "", std::nullopt},
                       "",
                       [&answer = answers[i]](auto outcome) { answer.set_value(std::move(outcome)); }});
                }
                return absl::OkStatus();
              })
              .ok());
  CHECK(answers[0].get_future().get().ok());
  CHECK(absl::IsInternal(answers[1].get_future().get().status()));
  CHECK(answers[2].get_future().get().ok());
  CHECK(ledger.database.Query("SELECT count(*) FROM event") == "2");
}

TEST_CASE("a full queue refuses at once and loses nothing that it took") {
  LedgerService ledger("ledger", {.max_batch_items = 1, .max_waiting_requests = 2});
  std::vector<std::promise<absl::StatusOr<eventlog::Outcome>>> answers(8);
  REQUIRE(ledger.pool
              .Transact([&](pg::Tx& tx) {
                tx.Run("LOCK TABLE event_head IN EXCLUSIVE MODE");
                for (size_t i = 0; i < answers.size(); ++i) {
                  ledger.executor->Submit(
                      {"r" + std::to_string(i),
                       "f",
                       "a",
                       {1, "", std::nullopt},
                       "",
                       [&answer = answers[i]](auto outcome) { answer.set_value(std::move(outcome)); }});
                }
                return absl::OkStatus();
              })
              .ok());
  int taken = 0;
  for (auto& answer : answers) {
    const auto outcome = answer.get_future().get();
    if (outcome.ok()) {
      ++taken;
    } else {
      CHECK(absl::IsResourceExhausted(outcome.status()));
    }
  }
  CHECK(taken >= 2);
  CHECK(taken <= 3);
  CHECK(ledger.database.Query("SELECT total FROM ledger") == std::to_string(taken));
}

TEST_CASE("a key that is taken fails only the request that takes it") {
  LedgerService ledger;
  ledger.database.Query("CREATE UNIQUE INDEX ON ledger_line (line)");
  ledger.database.Query("INSERT INTO ledger_line (line) VALUES ('s1 3')");
  std::vector<std::function<absl::Status()>> calls;
  for (const std::string n : {"0", "1", "2"}) {
    calls.emplace_back([&ledger, n] { return ledger.Do("r" + n, "s" + n, {3, "", std::nullopt}).status(); });
  }
  const auto statuses = ledger.InOneBatch(calls);
  CHECK(statuses[0].ok());
  CHECK(absl::IsInternal(statuses[1]));
  CHECK(statuses[2].ok());
}

TEST_CASE("who waits too long for a lock fails alone, and no event is blamed for it") {
  LedgerService ledger("ledger", {}, absl::Milliseconds(400));
  REQUIRE(ledger.Do("r0", "a", {1, "", std::nullopt}).ok());
  pg::Pool patient({.conninfo = ledger.database.conninfo()});
  std::vector<std::promise<absl::StatusOr<eventlog::Outcome>>> answers(3);
  const std::string other = OtherPartition(ledger.journal, "a");
  LedgerService::Must(patient.Transact([&](pg::Tx& tx) {
    tx.Run("SELECT FROM ledger WHERE id = 'a' FOR UPDATE");
    // While the first one waits, the others become one batch.
    for (size_t i = 0; i < answers.size(); ++i) {
      ledger.executor->Submit(
          {"r" + std::to_string(i + 1),
           "f",
           i == 2 ? other : "a",
           {2, "", std::nullopt},
           "",
           [&answer = answers[i]](auto outcome) { answer.set_value(std::move(outcome)); }});
    }
    CHECK(absl::IsUnavailable(answers[0].get_future().get().status()));
    CHECK(absl::IsUnavailable(answers[1].get_future().get().status()));
    CHECK(answers[2].get_future().get().ok());

    const auto events = ledger.executor->Apply({FromOther(ledger.journal, "intake", 1, other, "5", 10),
                                                FromOther(ledger.journal, "intake", 1, "a", "6", 10)});
    CHECK(absl::IsDeadlineExceeded(events.status()));
    return absl::OkStatus();
  }));
  CHECK(ledger.Trail(other) == "+2 +5<intake ");
  REQUIRE(ledger.executor->Apply({FromOther(ledger.journal, "intake", 1, "a", "6", 10)})->empty());
  CHECK(ledger.Trail("a") == "+1 +6<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine") == "0");
}

TEST_CASE("a COMMIT whose reply is lost is carried out once, and answered, when it had no effect") {
  LedgerService ledger;
  // The session dies at the moment of its first commit.
  LedgerService::Must(ledger.pool.Transact([](pg::Tx& tx) {
    tx.Run(R"sql(
      CREATE SEQUENCE deaths;
      CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER die AFTER INSERT ON ledger_line DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die())sql");
    return absl::OkStatus();
  }));
  const auto outcome = ledger.Do("r1", "a", {5, "", std::nullopt});
  CHECK(outcome.ok());
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.database.Query("SELECT count(*) FROM event") == "1");
}

TEST_CASE("a COMMIT whose reply is lost is carried out once, and answered, when it had effect") {
  if (!TestDatabase::OwnsServer()) {
    WARN("skipped: it needs a server of its own");
    return;
  }
  LedgerService ledger;
  const auto set_standby = [&](const std::string& setting) {
    ledger.database.Query("ALTER SYSTEM " + setting);
    ledger.database.Query("SELECT pg_reload_conf()");
  };
  // With a standby that doesn't exist the backend commits, and then waits with its reply until it is ended.
  set_standby("SET synchronous_standby_names = 'nobody'");
  REQUIRE(Eventually([&] { return ledger.database.Query("SHOW synchronous_standby_names") == "nobody"; }));
  absl::Status status;
  std::thread caller([&] { status = ledger.Do("r1", "a", {5, "", std::nullopt}).status(); });
  const bool in_doubt = Eventually([&] {
    return ledger.database.Query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1";
  });
  ledger.database.TerminateBackends();
  set_standby("RESET synchronous_standby_names");
  caller.join();
  CHECK(in_doubt);
  CHECK(status.ok());
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.database.Query("SELECT count(*) FROM event") == "1");
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger_line") == "1");
}

TEST_CASE("sessions that are killed under load lose and double nothing") {
  LedgerService ledger;
  std::vector<std::promise<absl::StatusOr<eventlog::Outcome>>> answers(3000);
  for (size_t i = 0; i < answers.size(); ++i) {
    ledger.executor->Submit({"r" + std::to_string(i),
                             "f",
                             "s" + std::to_string(i % 7),
                             {1, "", std::nullopt},
                             "",
                             [&answer = answers[i]](auto outcome) { answer.set_value(std::move(outcome)); }});
    if (i % 500 == 499) ledger.database.TerminateBackends();
  }
  int64_t accepted = 0;
  for (auto& answer : answers) accepted += answer.get_future().get().ok() ? 1 : 0;
  CHECK(accepted == 3000);
  CHECK(ledger.database.Query("SELECT sum(total) FROM ledger") == "3000");
  CHECK(ledger.database.Query(
            "SELECT count(*), sum(position) = sum(n) FROM (SELECT position, row_number() OVER "
            "(PARTITION BY partition ORDER BY position) AS n FROM event) e") == "3000|t");
}

TEST_CASE("a deadline fires once and never early, whoever scans") {
  LedgerService ledger;
  const absl::Time due = ledger.clock.Now() + absl::Hours(1);
  REQUIRE(ledger.Do("r1", "a", {5, "", due}).ok());

  ledger.clock.Set(due - absl::Microseconds(1));
  CHECK(DueNow(ledger).empty());
  ledger.clock.Set(due);
  const auto deadlines = DueNow(ledger);
  REQUIRE(deadlines.size() == 1);

  auto other_instance = ledger.NewExecutor();
  std::thread racing([&] { CHECK(other_instance->Fire(deadlines).ok()); });
  CHECK(ledger.executor->Fire(deadlines).ok());
  racing.join();
  CHECK(ledger.executor->Fire(deadlines).ok());
  CHECK(ledger.Trail("a") == "+5 +1! ");
}

TEST_CASE("a deadline that can't be carried out is kept with its reason, and the others fire") {
  LedgerService ledger;
  const absl::Time due = ledger.clock.Now() + absl::Hours(1);
  REQUIRE(ledger.Do("r1", "full", {999'999, "", due}).ok());
  REQUIRE(ledger.Do("r2", "free", {1, "", due}).ok());
  ledger.clock.Set(due);
  CHECK(ledger.executor
            ->Fire({{"full", report::v1::CLOCK_REACTION, due}, {"free", report::v1::CLOCK_REACTION, due}})
            .ok());
  CHECK(ledger.Trail("free") == "+1 +1! ");
  CHECK(ledger.database.Query("SELECT subject, blocked <> '' FROM deadline") == "full|t");
}

TEST_CASE("a deadline waits while an event of its subject is in quarantine, and fires afterwards") {
  LedgerService ledger;
  const absl::Time due = ledger.clock.Now() + absl::Hours(1);
  REQUIRE(ledger.Do("r1", "a", {5, "", due}).ok());
  ledger.clock.Set(due);
  const Inbound refused = FromOther(ledger.journal, "intake", 1, "a", "-1", 10);
  const eventlog::Deadline deadline{"a", report::v1::CLOCK_REACTION, due};

  SECTION("quarantined before") {
    REQUIRE(ledger.executor->Apply({refused})->empty());
    CHECK(DueNow(ledger).empty());
    REQUIRE(ledger.executor->Fire({deadline}).ok());
  }
  SECTION("quarantined in the batch in which it would fire") {
    const auto statuses = ledger.InOneBatch({[&] { return ledger.executor->Apply({refused}).status(); },
                                             [&] { return ledger.executor->Fire({deadline}); }});
    CHECK(statuses[0].ok());
    CHECK(statuses[1].ok());
  }
  CHECK(ledger.Trail("a") == "+5 ");
  CHECK(ledger.database.Query("SELECT subject, blocked IS NULL FROM deadline") == "a|t");

  REQUIRE(ledger.executor->Release(1, "a broken import").ok());
  REQUIRE(DueNow(ledger).size() == 1);
  REQUIRE(ledger.executor->Fire(DueNow(ledger)).ok());
  CHECK(ledger.Trail("a") == "+5 +1! ");
}

TEST_CASE("an event is applied once, however often and by however many it is delivered") {
  LedgerService ledger;
  const Inbound one = FromOther(ledger.journal, "intake", 1, "a", "5", 10);
  const Inbound two = FromOther(ledger.journal, "intake", 2, "a", "7", 11);
  REQUIRE(ledger.executor->Apply({one, two, one}).ok());
  REQUIRE(ledger.executor->Apply({one, two}).ok());
  CHECK(ledger.Trail("a") == "+5<intake +7<intake ");
  CHECK(ledger.database.Query("SELECT producer, position, kafka_offset FROM inbox") == "intake|2|11");
}

TEST_CASE("a missing event stops its partition there, and only there") {
  LedgerService ledger;
  const std::string other = OtherPartition(ledger.journal, "a");
  const auto gaps = ledger.executor->Apply({FromOther(ledger.journal, "intake", 1, "a", "1", 10),
                                            FromOther(ledger.journal, "intake", 4, "a", "4", 13),
                                            FromOther(ledger.journal, "routing", 1, "a", "9", 14),
                                            FromOther(ledger.journal, "intake", 1, other, "2", 10)});
  REQUIRE(gaps.ok());
  REQUIRE(gaps->size() == 1);
  CHECK(gaps->front().source.producer == "intake");
  CHECK(gaps->front().from == 2);
  CHECK(gaps->front().to == 3);
  CHECK(gaps->front().kafka_offset == 13);
  CHECK(ledger.Trail("a") == "+1<intake ");
  CHECK(ledger.Trail(other) == "+2<intake ");
}

TEST_CASE("nothing after a gap is applied, also when the database refuses another event of the chunk") {
  LedgerService ledger;
  const std::string other = OtherPartition(ledger.journal, "a");
  const auto gaps = ledger.executor->Apply({FromOther(ledger.journal, "intake", 4, "a", "4", 13),
                                            FromOther(ledger.journal, "routing", 1, "a", "9", 14),
                                            FromOther(ledger.journal, "intake", 1, other, "2000000", 10)});
  REQUIRE(gaps.ok());
  REQUIRE(gaps->size() == 1);
  CHECK(gaps->front().kafka_offset == 13);
  CHECK(ledger.Trail("a").empty());
  CHECK(ledger.database.Query("SELECT producer, partition, position FROM inbox") ==
        "intake|" + std::to_string(ledger.journal.partitioning().Of(eventlog::Topic::kReport, other)) + "|1");
}

TEST_CASE("an event waits for its causes, in whatever order the broker holds them") {
  LedgerService ledger;
  const Inbound effect = FromOther(ledger.journal, "routing", 1, "a", "2", 10, {{"intake", 2}});
  const auto gaps = ledger.executor->Apply({effect});
  REQUIRE(gaps.ok());
  REQUIRE(gaps->size() == 1);
  CHECK(gaps->front().source.producer == "intake");
  CHECK(gaps->front().from == 1);
  CHECK(gaps->front().to == 2);
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger") == "0");

  REQUIRE(ledger.executor
              ->Apply({FromOther(ledger.journal, "intake", 1, "a", "1", 11),
                       FromOther(ledger.journal, "intake", 2, "a", "1", 12), effect})
              ->empty());
  CHECK(ledger.Trail("a") == "+1<intake +1<intake +2<routing ");
}

TEST_CASE("what a service writes names what it had applied as its causes") {
  LedgerService ledger;
  REQUIRE(ledger.executor->Apply({FromOther(ledger.journal, "intake", 1, "a", "1", 10)}).ok());
  REQUIRE(ledger.Do("r1", "a", {5, "", std::nullopt}).ok());
  std::vector<eventlog::JournalRow> rows;
  LedgerService::Must(ledger.pool.Read([&](pg::Tx& tx) {
    rows = eventlog::Journal::Read(tx, eventlog::Topic::kReport,
                                   ledger.journal.partitioning().Of(eventlog::Topic::kReport, "a"), 1, 10);
    return absl::OkStatus();
  }));
  REQUIRE(rows.size() == 2);
  event::v1::Event event;
  REQUIRE(event.ParseFromString(rows[1].payload));
  CHECK(event.after().at("intake") == 1);
  CHECK(event.position() == 2);
  CHECK(event.event_id() == rows[1].event_id);
}

TEST_CASE("bytes that are no event go to quarantine with their reason, and the stream goes on") {
  LedgerService ledger;
  kafka::Message garbage = MessageOf(FromOther(ledger.journal, "intake", 1, "a", "1", 10));
  garbage.value = std::string("\x00\xff nonsense", 10);
  const std::string other = SamePartition(ledger.journal, "a");
  REQUIRE(ledger.executor
              ->Apply({eventlog::ToInbound(garbage), FromOther(ledger.journal, "intake", 2, other, "3", 11)})
              ->empty());
  CHECK(ledger.Trail(other) == "+3<intake ");
  CHECK(ledger.database.Query("SELECT subject, position, value = '\\x00ff206e6f6e73656e73'::bytea, reason "
                              "FROM quarantine") ==
        "a|1|t|can't be decoded: its bytes are not a lapor.event.v1.Event");
}

TEST_CASE("an event of a kind that this version doesn't know holds its report, until a version that does") {
  LedgerService ledger;
  // One byte of its tag makes the reply (22) an event of a later version (246).
  kafka::Message message = MessageOf(FromOther(ledger.journal, "intake", 1, "a", "5", 10));
  const std::string known = message.value;
  const size_t tag = message.value.find("\xb2\x01");
  REQUIRE(tag != std::string::npos);
  message.value[tag + 1] = '\x0f';
  REQUIRE(ledger.executor
              ->Apply({eventlog::ToInbound(message),
                       eventlog::ToInbound(MessageOf(FromOther(ledger.journal, "intake", 2, "a", "7", 11)))})
              ->empty());
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger") == "0");
  CHECK(ledger.database.Query("SELECT string_agg(subject, ',') FROM quarantine") == "a,a");

  const absl::Status too_early = ledger.executor->Release(1, std::nullopt).status();
  CHECK(absl::IsFailedPrecondition(too_early));
  CHECK(too_early.message().find("upgrade this service") != std::string::npos);
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "2");

  // What the next version reads there.
  LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
    static const pg::Statement kUpgrade{"upgrade", "UPDATE quarantine SET value = $1 WHERE id = 1"};
    tx.Exec(kUpgrade, pg::Params(pg::Bytes{known}));
    return absl::OkStatus();
  }));
  CHECK(*ledger.executor->Release(1, std::nullopt) == 2);
  CHECK(ledger.Trail("a") == "+5<intake +7<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger") == "1");
}

TEST_CASE("bytes whose key is nobody's id hold nothing, and can only be discarded") {
  LedgerService ledger;
  kafka::Message foreign = MessageOf(FromOther(ledger.journal, "intake", 1, "a", "5", 10));
  foreign.key = "not \xff an id";
  REQUIRE(ledger.executor
              ->Apply({eventlog::ToInbound(foreign), FromOther(ledger.journal, "intake", 2, "a", "7", 11)})
              ->empty());
  CHECK(ledger.Trail("a") == "+7<intake ");
  CHECK(absl::IsFailedPrecondition(ledger.executor->Release(1, std::nullopt).status()));
  CHECK(*ledger.executor->Release(1, "a stranger's") == 0);
  CHECK(ledger.database.Query("SELECT count(*) FROM ledger") == "1");
}

TEST_CASE("what came about is observed once, with its effect or not at all") {
  LedgerService ledger;
  ledger.database.Query("CREATE TABLE observed (n bigserial, line text)");
  LedgerAggregate observing = MakeLedger();
  observing.observe = [](pg::Tx& tx, const std::vector<const event::v1::Event*>& events) {
    static const pg::Statement kNote{"note", "INSERT INTO observed (line) SELECT unnest($1::text[])"};
    pg::Array lines;
    for (const event::v1::Event* event : events) {
      lines.Add(event->producer() + " " + std::to_string(event->position()) +
                (event->event_id().empty() ? " without an id" : ""));
    }
    tx.Exec(kNote, pg::Params(std::move(lines)));
  };
  LedgerExecutor executor(ledger.pool, ledger.journal, ledger.clock, observing, {}, nullptr);
  const auto observed = [&] {
    return ledger.database.Query("SELECT string_agg(line, ', ' ORDER BY n) FROM observed");
  };
  const auto with_id = [](Inbound inbound) {
    inbound.event.set_event_id("e" + std::to_string(inbound.position));
    inbound.value = inbound.event.SerializeAsString();
    return inbound;
  };
  const Inbound one = with_id(FromOther(ledger.journal, "intake", 1, "a", "5", 10));
  Inbound no_command = with_id(FromOther(ledger.journal, "intake", 2, "a", "0", 11));
  no_command.event.mutable_report_withdrawn();
  REQUIRE(executor.Apply({one, no_command, one})->empty());
  REQUIRE(executor.Apply({one, no_command})->empty());
  CHECK(observed() == "intake 1, intake 2, ledger 1");

  // What is refused, or waits, has not come about; once released it has.
  const Inbound refused = with_id(FromOther(ledger.journal, "intake", 3, "a", "2000000", 12));
  REQUIRE(executor.Apply({refused, with_id(FromOther(ledger.journal, "intake", 4, "a", "7", 13))})->empty());
  CHECK(observed() == "intake 1, intake 2, ledger 1");
  ledger.database.Query("ALTER TABLE ledger DROP CONSTRAINT ledger_total_check");
  REQUIRE(executor.Release(1, std::nullopt).ok());
  CHECK(observed() == "intake 1, intake 2, ledger 1, intake 3, ledger 2, intake 4, ledger 3");
}

TEST_CASE("what an event causes stands in the event's trace") {
  LedgerService ledger;
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  kafka::Message message = MessageOf(FromOther(ledger.journal, "intake", 1, "a", "5", 10));
  message.headers.push_back({"traceparent", trace});
  REQUIRE(ledger.executor->Apply({eventlog::ToInbound(message)})->empty());
  CHECK(ledger.database.Query("SELECT trace FROM event") == trace);
}

TEST_CASE(
    "only the same report's later events wait behind a quarantined one, until it is replayed or discarded") {
  LedgerService ledger;
  REQUIRE(ledger.executor
              ->Apply({FromOther(ledger.journal, "intake", 1, "a", "-1", 10),
                       FromOther(ledger.journal, "intake", 2, "a", "2", 11)})
              ->empty());
  const std::string neighbour = SamePartition(ledger.journal, "a");
  REQUIRE(ledger.executor
              ->Apply({FromOther(ledger.journal, "intake", 3, neighbour, "3", 12),
                       FromOther(ledger.journal, "intake", 4, "a", "4", 13)})
              ->empty());
  CHECK(ledger.Trail(neighbour) == "+3<intake ");
  CHECK(ledger.database.Query(
            "SELECT string_agg(position::text, ',' ORDER BY id) FROM quarantine WHERE ended_at IS NULL") ==
        "1,2,4");

  CHECK(absl::IsNotFound(ledger.executor->Release(2, std::nullopt).status()));
  CHECK(absl::IsFailedPrecondition(ledger.executor->Release(1, std::nullopt).status()));
  CHECK(*ledger.executor->Release(1, "negative amounts came from a broken import") == 2);
  CHECK(ledger.Trail("a") == "+2<intake +4<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "0");

  // What was discarded stays so when the stream is read again from its beginning.
  ledger.database.Query("DELETE FROM inbox");
  ledger.database.Query("DELETE FROM ledger");
  REQUIRE(ledger.executor
              ->Apply({FromOther(ledger.journal, "intake", 1, "a", "-1", 10),
                       FromOther(ledger.journal, "intake", 2, "a", "2", 11)})
              ->empty());
  CHECK(ledger.Trail("a") == "+2<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "0");
}

TEST_CASE("what is still refused when it is replayed stays, with its new reason, and all that is behind it") {
  LedgerService ledger;
  Hold(ledger, FromOther(ledger.journal, "intake", 1, "a", "1", 10));
  Hold(ledger, FromOther(ledger.journal, "intake", 2, "a", "-2", 11));
  Hold(ledger, FromOther(ledger.journal, "intake", 3, "a", "3", 12));
  CHECK(*ledger.executor->Release(1, std::nullopt) == 1);
  CHECK(ledger.Trail("a") == "+1<intake ");
  CHECK(
      ledger.database.Query("SELECT string_agg(position || ' ' || reason, '; ' ORDER BY id) FROM quarantine "
                            "WHERE ended_at IS NULL") ==
      "2 amount: must not be negative; add what there is; 3 a calendar is missing");

  const absl::Status refused = ledger.executor->Release(2, std::nullopt).status();
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(refused.message().find("must not be negative") != std::string::npos);
  CHECK(*ledger.executor->Release(2, "a broken import") == 1);
  CHECK(ledger.Trail("a") == "+1<intake +3<intake ");
}

TEST_CASE(
    "a replay that is asked again, for its COMMIT's reply was lost, is done and lets the next ones go") {
  LedgerService ledger;
  Hold(ledger, FromOther(ledger.journal, "intake", 1, "a", "1", 10));
  Hold(ledger, FromOther(ledger.journal, "intake", 2, "a", "2", 11));
  Hold(ledger, FromOther(ledger.journal, "intake", 3, "b", "3", 12));
  // The first one's transaction, of which nobody came to know.
  REQUIRE(*ledger.executor->Release(1, std::nullopt) == 2);
  ledger.database.Query("UPDATE quarantine SET ended_at = NULL, ending = NULL WHERE id = 2");
  CHECK(*ledger.executor->Release(1, std::nullopt) == 2);
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "1");
  CHECK(*ledger.executor->Release(1, std::nullopt) == 1);

  // It was not discarded then.
  CHECK(absl::IsNotFound(ledger.executor->Release(1, "a broken import").status()));
  REQUIRE(*ledger.executor->Release(3, "a broken import") == 0);
  CHECK(*ledger.executor->Release(3, "a broken import") == 0);
  CHECK(absl::IsNotFound(ledger.executor->Release(3, std::nullopt).status()));
}

TEST_CASE("what the database refuses when it is replayed stays, with its new reason") {
  LedgerService ledger;
  Hold(ledger, FromOther(ledger.journal, "intake", 1, "a", "2000000", 10));
  CHECK(absl::IsFailedPrecondition(ledger.executor->Release(1, std::nullopt).status()));
  CHECK(ledger.database.Query("SELECT reason LIKE '%SQLSTATE 23514%', ended_at FROM quarantine") == "t|");
}

TEST_CASE(
    "a replay and an event of the same report, in two instances at once, neither strand nor lose each "
    "other") {
  LedgerService ledger;
  auto other_instance = ledger.NewExecutor();
  // Nobody has heard of the report before, so that it has no row to be locked.
  Hold(ledger, FromOther(ledger.journal, "intake", 1, "a", "1", 10));
  const std::string neighbour = SamePartition(ledger.journal, "a");
  const auto replay = [&] { return other_instance->Release(1, std::nullopt); };
  const auto apply = [&] {
    return ledger.executor->Apply({FromOther(ledger.journal, "intake", 2, neighbour, "5", 11),
                                   FromOther(ledger.journal, "intake", 3, "a", "2", 12)});
  };
  absl::StatusOr<int> replayed;
  absl::Status applied;
  std::vector<std::thread> threads;
  // The first is kept from committing until the second has met it.
  const auto together = [&](const std::function<void()>& first, const std::function<void()>& second) {
    LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
      tx.Run("LOCK TABLE event_head IN EXCLUSIVE MODE");
      threads.emplace_back(first);
      bool met = ledger.AwaitLockWait("event_head");
      threads.emplace_back(second);
      met = met && ledger.AwaitLockWait("", 2);
      return met ? absl::OkStatus() : absl::DeadlineExceededError("the two didn't meet");
    }));
    for (std::thread& thread : threads) thread.join();
  };
  SECTION("the event first") {
    together([&] { applied = apply().status(); }, [&] { replayed = replay(); });
    CHECK(*replayed == 2);
  }
  SECTION("the replay first") {
    together([&] { replayed = replay(); }, [&] { applied = apply().status(); });
    CHECK(*replayed == 1);
  }
  CHECK(applied.ok());
  CHECK(ledger.Trail("a") == "+1<intake +2<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine WHERE ended_at IS NULL") == "0");
}

TEST_CASE("an agency's later versions wait behind one that is quarantined, and are kept in their order") {
  LedgerService ledger;
  std::vector<std::string> kept;
  LedgerAggregate aggregate = MakeLedger();
  aggregate.keep = [&](pg::Tx&, const std::vector<const event::v1::Event*>& events) {
    for (const event::v1::Event* event : events)
      kept.push_back(std::to_string(event->agency_recorded().version()));
  };
  LedgerExecutor executor(ledger.pool, ledger.journal, ledger.clock, aggregate, {}, nullptr);
  const auto version = [&](int number) {
    Inbound inbound = FromOther(ledger.journal, "routing", number, "id.32.73", "", number);
    inbound.topic = eventlog::Topic::kAgency;
    inbound.partition = 0;
    inbound.event.set_partition(0);
    inbound.event.mutable_agency_recorded()->set_version(number);
    inbound.value = inbound.event.SerializeAsString();
    return inbound;
  };
  Hold(ledger, version(1));
  REQUIRE(executor.Apply({version(2)})->empty());
  CHECK(kept.empty());
  CHECK(*executor.Release(1, std::nullopt) == 2);
  CHECK(kept == std::vector<std::string>{"1", "2"});
}

TEST_CASE("an event that the database refuses is quarantined alone") {
  LedgerService ledger;
  REQUIRE(ledger.executor
              ->Apply({FromOther(ledger.journal, "intake", 1, "a", "2000000", 10),
                       FromOther(ledger.journal, "intake", 2, "b", "2", 11)})
              .ok());
  CHECK(ledger.database.Query("SELECT subject FROM quarantine") == "a");
}

TEST_CASE("an event that meets a database without its tables is not to blame, and is applied later") {
  LedgerService ledger;
  const Inbound event = FromOther(ledger.journal, "intake", 1, "a", "5", 10);
  ledger.database.Query("ALTER TABLE ledger_line RENAME TO ledger_line_away");
  CHECK(absl::IsInternal(ledger.executor->Apply({event}).status()));
  ledger.database.Query("ALTER TABLE ledger_line_away RENAME TO ledger_line");
  CHECK(ledger.executor->Apply({event}).ok());
  CHECK(ledger.Trail("a") == "+5<intake ");
  CHECK(ledger.database.Query("SELECT count(*) FROM quarantine") == "0");
}

TEST_CASE("a zombie that lost its partition can't commit, and requests of its batch still are carried out") {
  LedgerService ledger;
  REQUIRE(ledger.executor->Apply({FromOther(ledger.journal, "intake", 1, "a", "5", 10)})->empty());
  // The instance that owns the partition now moves the inbox after the zombie has read it.
  std::promise<void> moved;
  std::thread owner([&] {
    LedgerService::Must(ledger.pool.Transact([&](pg::Tx& tx) {
      tx.Run("UPDATE inbox SET position = 2");
      moved.set_value();
      return ledger.AwaitLockWait("UPDATE inbox SET") ? absl::OkStatus()
                                                      : absl::DeadlineExceededError("no zombie came");
    }));
  });
  moved.get_future().wait();
  const auto statuses = ledger.InOneBatch(
      {[&] {
         return ledger.executor->Apply({FromOther(ledger.journal, "intake", 2, "a", "7", 11)}).status();
       },
       [&] {
         return ledger.Do("r1", "b", {3, "", std::nullopt}).status();
       }});
  owner.join();
  CHECK(absl::IsFailedPrecondition(statuses[0]));
  CHECK(statuses[1].ok());
  CHECK(ledger.Trail("a") == "+5<intake ");
  CHECK(ledger.Trail("b") == "+3 ");
}

}  // namespace
}  // namespace lapor::test
