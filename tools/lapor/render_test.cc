#include "tools/lapor/render.h"

#include <catch2/catch.hpp>

#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "tools/lapor/figures_table.h"

namespace lapor::client {
namespace {

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) throw std::invalid_argument(error);
  return time;
}

std::string Id(const std::string& id) { return id; }

event::v1::Event& AddEvent(intake::v1::Report& report, const char* at, report::v1::Role role) {
  event::v1::Event& event = *report.add_timeline();
  *event.mutable_occurred_at() = decision::ToProto(At(at));
  event.mutable_actor()->set_role(role);
  return event;
}

TEST_CASE("a due date is shown as the last day in time, in the zone in which it ends") {
  Zone wita;
  REQUIRE(ReadZone("wita", &wita));
  const absl::Time midnight_in_makassar = At("2025-01-16T00:00:00+08:00");
  CHECK(ShowLastDay(midnight_in_makassar, wita) == "Wed 2025-01-15");
  CHECK(ShowTime(midnight_in_makassar, Wib()) == "Wed 2025-01-15 23:00");
}

TEST_CASE("a tracking id is shown in groups, anything else as it is") {
  CHECK(ShowReportId("7K3M9QXT2B5H") == "7K3M-9QXT-2B5H");
  CHECK(ShowReportId("7K3M-9QXT-2B5H") == "7K3M-9QXT-2B5H");
  CHECK(ShowReportId("id.32.73") == "id.32.73");
}

TEST_CASE("columns are as wide as their longest cell, counted in characters") {
  Table table({{"name", "nama"}, {"count", "", Table::Align::kRight}});
  table.Add({"Müller…", "7"});
  table.Add({"x", "12345"});
  table.AddRule();
  table.Add({"both", "12352"});
  CHECK(table.ToString() ==
        "name     count\n"
        "nama\n"
        "-------  -----\n"
        "Müller…      7\n"
        "x        12345\n"
        "-------  -----\n"
        "both     12352\n");
}

TEST_CASE("a text is shortened by characters, not in the middle of one") {
  CHECK(Shorten("Fakfak", 6) == "Fakfak");
  CHECK(Shorten("Müller", 3) == "Mü…");
}

TEST_CASE("the timeline tells who did what when, with the words beneath") {
  intake::v1::Report report;
  report.set_tracking_id("7K3M9QXT2B5H");
  report.set_status(report::v1::REPORT_STATUS_ANSWERED);
  auto& assigned = AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_TRIAGE);
  assigned.mutable_agency_assigned()->set_agency_id("id.73.71");
  assigned.mutable_agency_assigned()->set_hop(1);
  assigned.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WITA);
  auto& answered = AddEvent(report, "2025-01-07T11:30:00+07:00", report::v1::ROLE_OFFICER);
  answered.mutable_actor()->set_agency_id("id.73.71");
  answered.mutable_response_given()->set_agency_id("id.73.71");
  answered.mutable_response_given()->set_response_id("r1");
  answered.mutable_response_given()->set_kind(event::v1::RESPONSE_KIND_FINAL);
  *answered.mutable_response_given()->mutable_reaction_due_at() =
      decision::ToProto(At("2025-01-22T00:00:00+08:00"));
  auto& response = *report.add_responses();
  response.set_response_id("r1");
  response.set_text("Sudah ditutup.");

  const std::string text = ShowReport(report, Wib(), Id);
  CHECK(text.find("7K3M-9QXT-2B5H  answered (ditanggapi)\n") == 0);
  CHECK(text.find("  Mon 2025-01-06 10:00  triage            Assigned (disposisi) to id.73.71\n") !=
        std::string::npos);
  CHECK(text.find("  Tue 2025-01-07 11:30  officer id.73.71  Final answer (tanggapan akhir) by id.73.71; the "
                  "reporter may react by Tue 2025-01-21\n") != std::string::npos);
  CHECK(text.find("\"Sudah ditutup.\"\n") != std::string::npos);
}

TEST_CASE("a refusal is told field by field, with rule and remedy") {
  decision::Refusals refusals;
  refusals.Add("report.title", "is required", "give 1 to 200 characters");
  refusals.Add("report.region", "is not a known region", "give a code of regions.csv");
  CHECK(ShowError(refusals.status()) ==
        "lapor: refused (INVALID_ARGUMENT)\n"
        "  report.title: is required\n    remedy: give 1 to 200 characters\n"
        "  report.region: is not a known region\n    remedy: give a code of regions.csv\n");
}

TEST_CASE("numerator and denominator stand beside every percentage") {
  reporting::v1::Figures figures;
  figures.set_scope(reporting::v1::SCOPE_AGENCY);
  figures.set_id("id.32.73");
  figures.set_name("Pemerintah Kota Bandung");
  figures.set_followed_up_numerator(89);
  figures.set_followed_up_denominator(215);
  figures.set_followed_up_percent(41.4);
  figures.set_band(reporting::v1::BAND_BELOW_50);
  const std::string table = ShowFiguresTable({figures}, nullptr);
  CHECK(table.find("89/215  41.40  below 50 (di bawah 50)") != std::string::npos);
}

TEST_CASE("a count that is left out is not shown as zero") {
  reporting::v1::Figures figures;
  figures.set_scope(reporting::v1::SCOPE_AGENCY);
  figures.set_received(7);
  figures.set_suppressed(true);
  const std::string text = ShowFigures(figures);
  CHECK(text.find("few") != std::string::npos);
  CHECK(text.find("received (diterima)                                7") != std::string::npos);
}

}  // namespace
}  // namespace lapor::client
