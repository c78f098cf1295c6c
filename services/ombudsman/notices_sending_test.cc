// That the office which has a case is told, where it says that it is reached, on a real database.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "libs/runtime/metrics.h"
#include "libs/runtime/testing/temporary_folder.h"
#include "migrations/notify.h"
#include "services/ombudsman/notices.h"
#include "services/ombudsman/testing/running.h"

namespace lapor::ombudsman {
namespace {

using testing::Officer;
using testing::Wib;

struct Telling : testing::Running {
  Telling() {
    if (auto status = pg::Migrate(pool, migrations::notify()); !status.ok())
      throw std::runtime_error(status.ToString());
    offices.at("jawa-barat").contacts = {"+62 22 123-456"};
    Give(offices);
  }

  std::string Notices() const {
    return database.Query(
        "SELECT string_agg(agency_id || ' ' || template, ', ' ORDER BY id) FROM notification");
  }

  // Those that are due, as the spool of SMS has them.
  std::string Send() {
    const runtime::TemporaryFolder folder;
    const std::string source = std::getenv("LAPOR_SOURCE_DIR");
    notify::Sender sender(
        pool, clock,
        notify::Templates::Load(source + "/deploy/notify", kNoticePrefix, NoticeTemplates()).value(),
        "ombudsman-digest",
        {.smtp = nullptr, .sms = notify::MakeSmsFile(folder / "sms").value(), .webhook = nullptr},
        FindContacts(offices), notify::SenderOptions(), metrics);
    const auto sent = sender.Round();
    REQUIRE(sent.ok());
    std::ifstream file(folder / "sms");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // As the reference data says it is from now on.
  void Give(const policy::Offices& given) {
    const std::shared_ptr<const policy::Policy> policy(&testing::ShippedPolicy(), [](const auto*) {});
    Aggregate aggregate = MakeAggregate(policy, given);
    aggregate.observe = TellOffices(given, std::make_shared<notify::Outbox>(clock, clock, absl::Hours(1)));
    executor =
        std::make_unique<Executor>(pool, journal, clock, aggregate, eventlog::ExecutorOptions{}, nullptr);
  }

  policy::Offices offices = testing::ShippedOffices();
  runtime::Metrics metrics;
};

TEST_CASE("an office is told of its case once, and the one that takes it over of what comes then") {
  Telling service;
  service.clock.Set(Wib("2025-06-16 09:00"));
  service.HearBreach();
  CHECK(service.Notices().empty());  // the reporter hasn't agreed
  service.HearConsent();
  CHECK(service.Notices() == "jawa-barat ombudsman-case");
  REQUIRE(service.Ask("request-1", TransferEscalation{Officer(), "aceh", "Keluarga."}).ok());
  REQUIRE(service.Ask("request-1", TransferEscalation{Officer(), "aceh", "Keluarga."}).ok());
  CHECK(service.Notices() == "jawa-barat ombudsman-case, aceh ombudsman-transferred");

  CHECK(service.Send().empty());
  service.clock.Advance(absl::Hours(1));
  const std::string sent = service.Send();
  CHECK_THAT(sent, Catch::Contains("LAPOR 7K3M-9QXT-2B54: perkara baru"));
  CHECK_THAT(sent, Catch::Contains("\"to\":\"+6222123456\""));
  // Aceh has not said where it is reached: it keeps nobody waiting.
  CHECK(std::ranges::count(sent, '\n') == 1);
  CHECK(service.database.Query("SELECT string_agg(ending::text, ',' ORDER BY id) FROM notification") ==
        "1,2");
}

TEST_CASE("an office that examines already, where lives are in danger, is told when the reporter agrees") {
  Telling service;
  service.clock.Set(Wib("2025-06-16 09:00"));
  service.HearBreach();
  REQUIRE(service.Ask("request-1", OpenRapidResponse{Officer(), "Pasien ditolak."}).ok());
  CHECK(service.Notices() == "jawa-barat ombudsman-rapid");
  service.HearConsent();
  CHECK(service.Notices() == "jawa-barat ombudsman-rapid, jawa-barat ombudsman-case");
}

TEST_CASE("the head office is told of the cases of an office that is given up") {
  Telling service;
  service.clock.Set(Wib("2025-06-16 09:00"));
  service.HearBreach();
  policy::Offices fewer = service.offices;
  fewer.erase("jawa-barat");
  service.Give(fewer);
  service.HearConsent();
  CHECK(service.Notices() == "pusat ombudsman-case");
}

}  // namespace
}  // namespace lapor::ombudsman
