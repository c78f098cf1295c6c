// That officers are told, where their agency says that they are reached, on a real database.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "libs/runtime/testing/temporary_folder.h"
#include "migrations/notify.h"
#include "services/routing/notices.h"
#include "services/routing/testing/process.h"

namespace lapor::routing {
namespace {

struct TellingProcess : RoutingProcess {
  TellingProcess() {
    Must(pg::Migrate(pool, migrations::notify()));
    RoutingAggregate aggregate = MakeAggregate(ShippedPolicy(), registry);
    aggregate.observe =
        TellOfficers(registry, std::make_shared<notify::Outbox>(clock, clock, absl::Hours(1)));
    executor = std::make_unique<RoutingExecutor>(pool, journal, clock, aggregate, eventlog::ExecutorOptions{},
                                                 nullptr);
    std::vector<v1::Agency> rows = Country();
    for (v1::Agency& row : rows) {
      if (row.agency_id() != "id.32.73.dinkes") continue;
      for (const char* contact : {"+62 811-222-333", "a person's door"}) {
        v1::LiaisonOfficer& officer = *row.add_liaison_officers();
        officer.set_name("Budi Canary");
        officer.set_contact(contact);
      }
    }
    Record(rows);
    Must(registry->Refresh());
  }

  // Those that are due, as the spool of SMS has them.
  std::string Send() {
    const runtime::TemporaryFolder folder;
    notify::Sender sender(
        pool, clock,
        notify::Templates::Load(std::string(std::getenv("LAPOR_SOURCE_DIR")) + "/deploy/notify",
                                kNoticePrefix, NoticeTemplates())
            .value(),
        "officer-digest",
        {.smtp = nullptr, .sms = notify::MakeSmsFile(folder / "sms").value(), .webhook = nullptr},
        FindOfficers(registry), notify::SenderOptions(), metrics);
    Must(sender.Round().status());
    std::ifstream file(folder / "sms");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  runtime::Metrics metrics;
};

TEST_CASE("whoever has a report is told of it, and of what its reporter writes, in one message") {
  TellingProcess process;
  process.Apply("intake", kReportId, SubmissionEvent());
  Must(process.Do(kReportId, VerifyReport{.actor = Triage()}).status());
  event::v1::Event reply;
  reply.mutable_reporter_replied();
  *reply.mutable_occurred_at() = SubmissionEvent().occurred_at();
  reply.set_event_id("early");
  process.Apply("intake", kReportId, reply);  // nobody has it yet
  Must(process.Do(kReportId, AssignReport{Triage(), "id.32.73.dinkes"}).status());
  reply.set_event_id("late");
  process.Apply("intake", kReportId, reply);
  CHECK(process.database.Query(
            "SELECT string_agg(agency_id || ' ' || template, ', ' ORDER BY id) FROM notification") ==
        "id.32.73.dinkes officer-assigned, id.32.73.dinkes officer-reply");
  CHECK(process.database.Query("SELECT string_agg(n::text, '') FROM notification AS n").find("Canary") ==
        std::string::npos);

  CHECK(process.Send().empty());
  process.clock.Advance(absl::Hours(1));
  const std::string sent = process.Send();
  CHECK(sent.find("LAPOR: 2 pemberitahuan untuk ") != std::string::npos);
  CHECK(sent.find("\"to\":\"+62811222333\"") != std::string::npos);
  CHECK(std::ranges::count(sent, '\n') == 1);
}

TEST_CASE("an agency that has a part is told of the reply to what it asked") {
  TellingProcess process;
  process.Apply("intake", kReportId, SubmissionEvent());
  Must(process.Do(kReportId, VerifyReport{.actor = Triage()}).status());
  Must(process.Do(kReportId, AssignReport{Triage(), "id.32.73.dinkes"}).status());
  Must(process.Do(kReportId, AddChildAssignment{Triage(), "id.kemenkes"}).status());
  event::v1::Event ended;
  ended.set_child(1);
  ended.set_event_id("ended");
  *ended.mutable_occurred_at() = SubmissionEvent().occurred_at();
  ended.mutable_question_ended()->set_ending(event::v1::QUESTION_ENDING_REPLIED);
  process.Apply("followup", kReportId, ended);
  CHECK(process.database.Query(
            "SELECT agency_id || ' ' || child FROM notification WHERE template = 'officer-reply'") ==
        "id.kemenkes 1");
}

TEST_CASE("an agency that names nobody, or has ended, keeps nobody waiting") {
  TellingProcess process;
  process.Apply("intake", kReportId, SubmissionEvent());
  Must(process.Do(kReportId, VerifyReport{.actor = Triage()}).status());
  Must(process.Do(kReportId, AssignReport{Triage(), "id.32.73.dpupr"}).status());
  process.clock.Advance(absl::Hours(1));
  CHECK(process.Send().empty());
  CHECK(process.database.Query("SELECT ending FROM notification") == "2");
}

}  // namespace
}  // namespace lapor::routing
