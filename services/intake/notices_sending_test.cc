// That reporters are told of their reports, where intake knows who they are, on a real database.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "libs/eventlog/uuid.h"
#include "libs/runtime/testing/temporary_folder.h"
#include "services/intake/notices.h"
#include "services/intake/testing/counter.h"
#include "services/intake/testing/reports.h"

namespace lapor::intake {
namespace {

struct TellingCounter {
  TellingCounter() {
    sender = std::make_unique<notify::Sender>(
        counter.pool(), machine,
        notify::Templates::Load(SourceDir() / "deploy/notify", kNoticePrefix, NoticeTemplates()).value(), "",
        notify::Channels{
            .smtp = nullptr, .sms = notify::MakeSmsFile(folder / "sms").value(), .webhook = nullptr},
        FindReporter(counter.pool(), std::make_shared<const IdentityVault>(Counter::Vault())),
        notify::SenderOptions(), metrics);
  }

  std::string Submit(const std::optional<v1::Identity>& identity,
                     report::v1::Language language = report::v1::LANGUAGE_UNSPECIFIED) {
    v1::SubmitReportRequest request;
    request.set_request_id(eventlog::NewUuid());
    *request.mutable_report() = FullReport();
    request.mutable_report()->clear_identity();
    request.mutable_report()->set_anonymous(true);
    request.mutable_report()->set_language(language);
    if (identity) *request.mutable_report()->mutable_identity() = *identity;
    const auto answer = Ask(counter, &v1::Intake::Stub::SubmitReport, request);
    REQUIRE(answer.status().message() == "");
    std::string id = answer->tracking_id();
    std::erase(id, '-');
    return id;
  }

  void ProposeAndEndEscalation(const std::string& report_id, bool consent_needed,
                               const std::optional<event::v1::Event>& meanwhile = std::nullopt) {
    event::v1::Event event = EventOf("ombudsman", "2025-03-03 09:00");
    event.mutable_escalation_opened()->set_consent_needed(consent_needed);
    event.set_event_id("opening of " + report_id);
    counter.Receive(report_id, event);
    if (meanwhile) counter.Receive(report_id, *meanwhile);
    event.mutable_escalation_closed()->set_outcome(event::v1::ESCALATION_OUTCOME_STOPPED);
    event.set_event_id("end of " + report_id);
    counter.Receive(report_id, event);
  }
  // The templates of what is kept in the outbox about the report.
  std::string Kept(const std::string& report_id) const {
    return counter.database().Query(
        "SELECT string_agg(template, ' ' ORDER BY id) FROM notification WHERE report_id = '" + report_id +
        "'");
  }

  void Answer(const std::string& report_id) {
    event::v1::Event event = EventOf("followup", "2025-03-03 09:00");
    event.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
    *event.mutable_response_given()->mutable_reaction_due_at() = event.occurred_at();
    event.set_event_id("event of " + report_id);
    counter.Receive(report_id, event);
  }

  std::string Spool() const {
    std::ifstream file(folder / "sms");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  runtime::TemporaryFolder folder;
  runtime::ManualClock machine{absl::FromUnixSeconds(1'741'057'200)};
  runtime::ManualClock now{At("2025-03-03 09:00")};
  runtime::Metrics metrics;
  std::shared_ptr<const notify::Outbox> outbox =
      std::make_shared<notify::Outbox>(now, machine, absl::Hours(1));
  Counter counter{{.observe = TellReporters(ShippedPolicy(), outbox)}};
  std::unique_ptr<notify::Sender> sender;
};

TEST_CASE("a reporter who left an identity is told, by what the vault knows when it is sent") {
  TellingCounter told;
  v1::Identity identity = FullIdentity();
  identity.set_phone("+628111222333");
  const std::string report_id = told.Submit(identity);
  told.Answer(report_id);
  CHECK(told.counter.database().Query("SELECT count(*) FROM notification WHERE position('8111222333' in "
                                      "notification::text) > 0") == "0");
  REQUIRE(told.sender->Round().value() == 1);
  CHECK(told.Spool().find("\"to\":\"+628111222333\"") != std::string::npos);
  CHECK(told.Spool().find("telah dijawab") != std::string::npos);

  // Erased since.
  const std::string other = told.Submit(identity);
  told.Answer(other);
  told.counter.database().Query("DELETE FROM identity");
  REQUIRE(told.sender->Round().value() == 1);
  CHECK(told.counter.database().Query("SELECT ending FROM notification WHERE report_id = '" + other + "'") ==
        "2");
}

TEST_CASE("a reporter is written to in the language that they chose") {
  TellingCounter told;
  const std::string report_id = told.Submit(FullIdentity(), report::v1::LANGUAGE_ENGLISH);
  told.Answer(report_id);
  CHECK(told.counter.database().Query("SELECT language FROM notification") ==
        std::to_string(report::v1::LANGUAGE_ENGLISH));
  REQUIRE(told.sender->Round().value() == 1);
  CHECK(told.Spool().find("has been answered") != std::string::npos);
  CHECK(told.Spool().find("dijawab") == std::string::npos);
}

TEST_CASE("the end of a proposal that a reporter never agreed to is not told as the end of a case") {
  TellingCounter told;
  const std::string proposed = told.Submit(FullIdentity());
  told.ProposeAndEndEscalation(proposed, true);
  CHECK(told.Kept(proposed) == "reporter-escalation-proposed");
  // Examined before they agreed, and told so.
  const std::string rapid = told.Submit(FullIdentity());
  event::v1::Event rescue = EventOf("ombudsman", "2025-03-03 09:00");
  rescue.mutable_rapid_response_opened();
  told.ProposeAndEndEscalation(rapid, true, rescue);
  CHECK(told.Kept(rapid) == "reporter-escalation-proposed reporter-escalation-outcome");
  const std::string opened = told.Submit(FullIdentity());
  told.ProposeAndEndEscalation(opened, false);
  CHECK(told.Kept(opened) == "reporter-escalation-outcome");
}

TEST_CASE("for a reporter of whom nothing is known nothing is kept") {
  TellingCounter told;
  told.Answer(told.Submit(std::nullopt));
  CHECK(told.counter.database().Query("SELECT count(*) FROM notification") == "0");
}

}  // namespace
}  // namespace lapor::intake
