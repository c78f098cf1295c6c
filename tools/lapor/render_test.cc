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
  CHECK(ShowReportId("7K3M9QXT2B54") == "7K3M-9QXT-2B54");
  CHECK(ShowReportId("7K3M-9QXT-2B54") == "7K3M-9QXT-2B54");
  CHECK(ShowReportId("7K3M9QXT2B54.1") == "7K3M-9QXT-2B54.1");
  CHECK(ShowReportId("id.32.73") == "id.32.73");
  CHECK(ShowReportId("id.32.73.dlh") == "id.32.73.dlh");
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
  report.set_tracking_id("7K3M9QXT2B54");
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
  CHECK(text.find("7K3M-9QXT-2B54  answered (ditanggapi)\n") == 0);
  CHECK(text.find("  Mon 2025-01-06 10:00  triage            Assigned (disposisi) to id.73.71\n") !=
        std::string::npos);
  CHECK(text.find("  Tue 2025-01-07 11:30  officer id.73.71  Final answer (tanggapan akhir) by id.73.71; the "
                  "reporter may react by Tue 2025-01-21\n") != std::string::npos);
  CHECK(text.find("\"Sudah ditutup.\"\n") != std::string::npos);
}

TEST_CASE("what is told of a part of the report names it, and its days are right in its own agency's zone") {
  intake::v1::Report report;
  const auto assign = [&](int child, report::v1::TimeZone zone, const char* agency) {
    auto& event = AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_TRIAGE);
    event.set_child(child);
    event.mutable_agency_assigned()->set_agency_id(agency);
    event.mutable_agency_assigned()->set_hop(1);
    event.mutable_agency_assigned()->set_time_zone(zone);
    if (child > 0) event.mutable_agency_assigned()->set_category("environment");
  };
  const auto open = [&](int child, const char* due_at) {
    auto& event = AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_SERVICE);
    event.set_child(child);
    *event.mutable_case_opened()->mutable_first_response_due_at() = decision::ToProto(At(due_at));
    *event.mutable_case_opened()->mutable_resolution_due_at() = decision::ToProto(At(due_at));
  };
  assign(0, report::v1::TIME_ZONE_WIB, "id.32.73");
  assign(1, report::v1::TIME_ZONE_WIT, "id.klhk");
  open(0, "2025-01-14T00:00:00+07:00");
  open(1, "2025-01-14T00:00:00+09:00");

  const std::string text = ShowReport(report, Wib(), Id);
  CHECK(text.find("  Assigned (disposisi) to id.32.73\n") != std::string::npos);
  CHECK(text.find("  [part 1] Assigned (disposisi) to id.klhk, for environment\n") != std::string::npos);
  const std::string due = "first response due by Mon 2025-01-13, resolution by Mon 2025-01-13\n";
  CHECK(text.find("  Case opened (proses): " + due) != std::string::npos);
  CHECK(text.find("  [part 1] Case opened (proses): " + due) != std::string::npos);
}

TEST_CASE("days of the Ombudsman's terms are right whichever zone the agency and the office are in") {
  intake::v1::Report report;
  auto& assigned = AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_TRIAGE);
  assigned.mutable_agency_assigned()->set_hop(1);
  assigned.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIT);
  auto& moved =
      *AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_SERVICE).mutable_clock_moved();
  moved.set_clock(report::v1::CLOCK_CLARIFICATION);
  *moved.mutable_due_at_before() = decision::ToProto(At("2025-01-14T00:00:00+07:00"));  // of the head office
  *moved.mutable_due_at() = decision::ToProto(At("2025-01-15T00:00:00+07:00"));
  const std::string text = ShowReport(report, Wib(), Id);
  CHECK(text.find("Mon 2025-01-13") != std::string::npos);
  CHECK(text.find("Tue 2025-01-14") != std::string::npos);
  CHECK(text.find("Wed 2025-01-15") == std::string::npos);
}

TEST_CASE("a merged report shows how its lead fares, which reporters are not told the id of") {
  intake::v1::Report report;
  report.set_tracking_id("7K3M9QXT2B54");
  report.set_status(report::v1::REPORT_STATUS_MERGED);
  AddEvent(report, "2025-01-06T10:00:00+07:00", report::v1::ROLE_TRIAGE).mutable_report_merged();
  intake::v1::LeadProgress& lead = *report.mutable_lead();
  lead.set_status(report::v1::REPORT_STATUS_ANSWERED);
  lead.set_agency_id("id.32.73");
  event::v1::Event& answered = *lead.add_timeline();
  *answered.mutable_occurred_at() = decision::ToProto(At("2025-01-07T11:30:00+07:00"));
  answered.mutable_response_given()->set_response_id("r1");
  intake::v1::Response& response = *lead.add_responses();
  response.set_response_id("r1");
  response.set_text("Sudah ditutup.");

  std::string text = ShowReport(report, Wib(), Id);
  CHECK(text.find("7K3M-9QXT-2B54  merged (digabung)\n") == 0);
  CHECK(text.find("Merged (digabung) into another report, about the same matter\n") != std::string::npos);
  CHECK(text.find("\nThe report that it follows (laporan induk): answered (ditanggapi), with id.32.73\n") !=
        std::string::npos);
  CHECK(text.find("\"Sudah ditutup.\"\n") != std::string::npos);

  lead.set_tracking_id("4W8RD2N6HPV6");
  report.mutable_timeline(0)->mutable_report_merged()->set_lead_report_id("4W8RD2N6HPV6");
  text = ShowReport(report, Wib(), Id);
  CHECK(text.find("Merged (digabung) into 4W8R-D2N6-HPV6, about the same matter\n") != std::string::npos);
  CHECK(text.find("(laporan induk): 4W8R-D2N6-HPV6  answered") != std::string::npos);
}

TEST_CASE("a route shows its parts, whom it follows and how many follow it") {
  routing::v1::Route route;
  route.set_report_id("7K3M9QXT2B54");
  route.set_state(routing::v1::ROUTE_STATE_ACCEPTED);
  route.set_holder_agency_id("id.32.73");
  route.set_followers(2);
  routing::v1::Route& child = *route.add_children();
  child.set_report_id("7K3M9QXT2B54.1");
  child.set_state(routing::v1::ROUTE_STATE_ASSIGNED);
  child.set_holder_agency_id("id.klhk");
  child.set_category("environment");
  std::string text = ShowRoute(route, Wib(), Id);
  CHECK(text.find("  followed by   2 reports\n") != std::string::npos);
  CHECK(text.find(
            "  part (bagian) 7K3M-9QXT-2B54.1  assigned (disposisi), with id.klhk, category environment\n") !=
        std::string::npos);

  routing::v1::Route merged;
  merged.set_report_id("7K3M9QXT2B54");
  merged.set_state(routing::v1::ROUTE_STATE_MERGED);
  merged.set_lead_report_id("4W8RD2N6HPV6");
  text = ShowRoute(merged, Wib(), Id);
  CHECK(text.find("  follows       4W8R-D2N6-HPV6, with whoever has that\n") != std::string::npos);
  CHECK(text.find("nobody any more") == std::string::npos);
}

TEST_CASE("a case shows its parts") {
  followup::v1::Case c;
  c.set_report_id("7K3M9QXT2B54");
  followup::v1::Case& child = *c.add_children();
  child.set_report_id("7K3M9QXT2B54.1");
  child.set_state(followup::v1::CASE_STATE_ANSWERED);
  child.set_agency_id("id.klhk");
  CHECK(ShowCase(c, Wib(), Id)
            .find("  part (bagian)   7K3M-9QXT-2B54.1  answered (ditanggapi), with id.klhk\n") !=
        std::string::npos);
}

TEST_CASE("reports that may be about the same matter are listed with what speaks for it") {
  intake::v1::ListDuplicateCandidatesResponse response;
  CHECK(ShowDuplicates(response, Wib()) == "Nothing near it in words, place and time.\n");
  intake::v1::DuplicateCandidate& candidate = *response.add_candidates();
  candidate.set_tracking_id("4W8RD2N6HPV6");
  candidate.set_score(0.914);
  candidate.set_why("the same words: lubang, jembatan; in 32.73; 3 days apart");
  candidate.set_status(report::v1::REPORT_STATUS_IN_PROCESS);
  *candidate.mutable_received_at() = decision::ToProto(At("2025-01-06T10:00:00+07:00"));
  const std::string text = ShowDuplicates(response, Wib());
  CHECK(text.find("0.91  4W8R-D2N6-HPV6  in-process  Mon 2025-01-06 10:00  the same words: lubang, jembatan; "
                  "in 32.73; 3 days apart\n") != std::string::npos);
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

TEST_CASE("a fraction that is left out is said to be, and judged by no percentage or band") {
  reporting::v1::Figures figures;
  figures.set_scope(reporting::v1::SCOPE_AGENCY);
  figures.set_received(14);
  figures.set_followed_up_denominator(14);
  figures.set_suppressed(true);
  const std::string text = ShowFigures(figures);
  CHECK(text.find("left out/14\n") != std::string::npos);
  CHECK(text.find("0/14") == std::string::npos);
  CHECK(text.find("band") == std::string::npos);
  CHECK(ShowFiguresTable({figures}, nullptr).find("left out/14\n") != std::string::npos);

  // Merged reports are few: received less them would tell how many.
  figures.clear_followed_up_denominator();
  CHECK(ShowFigures(figures).find("left out/left out\n") != std::string::npos);
  figures.set_followed_up_denominator(14);

  // Other counts may be left out while the fraction is told.
  figures.set_followed_up_numerator(13);
  figures.set_followed_up_percent(92.86);
  figures.set_band(reporting::v1::BAND_ABOVE_90);
  CHECK(ShowFigures(figures).find("13/14  92.86%, band above 90") != std::string::npos);
}

TEST_CASE("the largest rows come first, and those of equal size by their ids") {
  reporting::v1::ListFiguresResponse list;
  for (const auto& [id, received] : {std::pair("id.a", 2), {"id.b", 7}, {"id.c", 7}, {"id.d", 9}}) {
    reporting::v1::Figures& row = *list.add_figures();
    row.set_id(id);
    row.set_received(received);
  }
  CHECK(KeepLargest(3, list.mutable_figures()));
  REQUIRE(list.figures_size() == 3);
  CHECK(list.figures(0).id() == "id.d");
  CHECK(list.figures(1).id() == "id.b");
  CHECK(list.figures(2).id() == "id.c");
  CHECK_FALSE(KeepLargest(3, list.mutable_figures()));
}

policy::v1::SkippedDay& Skip(policy::v1::Explanation& why, const char* date, policy::v1::SkipReason reason) {
  policy::v1::SkippedDay& day = *why.add_skipped();
  day.set_date(date);
  day.set_reason(reason);
  return day;
}

TEST_CASE("a clock is explained day by day, from the day on which it started in the first agency's zone") {
  followup::v1::Case c;
  followup::v1::CaseClock& clock = *c.add_clocks();
  *clock.mutable_due_at() = decision::ToProto(At("2025-01-29T00:00:00+09:00"));
  policy::v1::Explanation& why = *clock.mutable_explanation();
  why.set_time_zone(report::v1::TIME_ZONE_WIT);
  *why.mutable_started_at() = decision::ToProto(At("2025-01-22T23:30:00+07:00"));
  *why.mutable_due_at() = clock.due_at();
  Skip(why, "2025-01-25", policy::v1::SKIP_REASON_WEEKEND);
  Skip(why, "2025-01-26", policy::v1::SKIP_REASON_WEEKEND);
  Skip(why, "2025-01-27", policy::v1::SKIP_REASON_NATIONAL_HOLIDAY).set_name("Isra Mikraj");

  const std::string text = ShowCase(c, Wib(), Id);
  CHECK(text.find("days of WIT (the zone of the first agency)\n"
                  "    not counted:\n"
                  "      2025-01-23 the day on which it started\n"
                  "      2025-01-27 Isra Mikraj\n"
                  "      2 days of weekends: 2025-01-25, 2025-01-26\n") != std::string::npos);
  CHECK(text.find("what was told stands") == std::string::npos);

  // A decree made the 28th free, after the due date was told.
  *why.mutable_due_at() = decision::ToProto(At("2025-01-30T00:00:00+09:00"));
  CHECK(ShowCase(c, Wib(), Id).find("it would be by Wed 2025-01-29; what was told stands\n") !=
        std::string::npos);
}

TEST_CASE("the clocks of a report's way are explained as those of its case, by the zone of its place") {
  routing::v1::RouteExplanation explanation;
  routing::v1::RouteClock& clock = *explanation.add_clocks();
  clock.set_clock(report::v1::CLOCK_VERIFICATION);
  *clock.mutable_due_at() = decision::ToProto(At("2025-01-29T00:00:00+09:00"));
  policy::v1::Explanation& why = *clock.mutable_explanation();
  why.set_clock(report::v1::CLOCK_VERIFICATION);
  why.set_time_zone(report::v1::TIME_ZONE_WIT);
  *why.mutable_started_at() = decision::ToProto(At("2025-01-22T23:30:00+07:00"));
  *why.mutable_due_at() = clock.due_at();
  const auto shows = [&](const char* words) {
    INFO(ShowHands(explanation, Wib(), Id));
    CHECK(ShowHands(explanation, Wib(), Id).find(words) != std::string::npos);
  };
  shows(": by Tue 2025-01-28; runs\n");
  shows("days of WIT (the zone of the place that it is about)\n");
  explanation.mutable_route()->set_state(routing::v1::ROUTE_STATE_ARCHIVED);
  shows("; stopped\n");
  *clock.mutable_met_at() = why.started_at();
  clock.set_breached(true);
  shows("; RAN OUT, met ");
}

TEST_CASE("what opens before the Ombudsman is the system's doing, with the respondent if there is one") {
  intake::v1::Report report;
  auto& opened = AddEvent(report, "2025-02-03T09:00:00+07:00", report::v1::ROLE_REPORTER);
  opened.mutable_escalation_opened()->set_cause(event::v1::ESCALATION_CAUSE_REPORTER_REQUEST);
  CHECK(ShowReport(report, Wib(), Id)
            .find("the system  OMBUDSMAN opened (Ombudsman): the reporter asked (permintaan pelapor); no "
                  "respondent yet\n") != std::string::npos);
  report.mutable_timeline(0)->mutable_escalation_opened()->set_respondent_agency_id("id.32.73");
  CHECK(ShowReport(report, Wib(), Id).find("; respondent: id.32.73\n") != std::string::npos);

  auto& reached = AddEvent(report, "2025-02-03T09:00:00+07:00", report::v1::ROLE_REPORTER);
  reached.mutable_escalation_stage_reached()->set_stage(event::v1::ESCALATION_STAGE_FORMAL_CHECK);
  CHECK(ShowReport(report, Wib(), Id).find("the system  Ombudsman, stage reached") != std::string::npos);
}

TEST_CASE("a case before the Ombudsman shows what its officers judged and noted") {
  ombudsman::v1::Escalation escalation;
  ombudsman::v1::Judgement& judgement = *escalation.add_judgements();
  judgement.set_ground(event::v1::GROUND_WITHIN_AUTHORITY);
  judgement.set_reason("Urusan antar-swasta.");
  ombudsman::v1::Note& note = *escalation.add_notes();
  note.set_kind(ombudsman::v1::NOTE_KIND_COMPLIANCE);
  note.set_text("KTP sudah diterima.");
  *note.mutable_written_at() = decision::ToProto(At("2025-07-01T09:00:00+07:00"));
  const std::string text = ShowEscalation(escalation, Wib(), Id);
  CHECK(text.find(": Urusan antar-swasta.\n") != std::string::npos);
  CHECK(text.find("Tue 2025-07-01 09:00 WIB, compliance: KTP sudah diterima.\n") != std::string::npos);
}

TEST_CASE(
    "what is due before the Ombudsman is shown by its last day, and what is counted in hours by the time") {
  const auto end =
      decision::ToProto(At("2025-07-04T00:00:00+09:00"));  // of 3 July, for an office in the east
  ombudsman::v1::ListEscalationsResponse list;
  ombudsman::v1::Escalation& escalation = *list.add_escalations();
  ombudsman::v1::Clock& clock = *escalation.add_clocks();
  clock.set_clock(report::v1::CLOCK_CLARIFICATION);
  *clock.mutable_due_at() = end;
  CHECK(ShowEscalations(list, Wib()).find("Thu 2025-07-03 clarification") != std::string::npos);
  CHECK(ShowEscalation(escalation, Wib(), Id).find(": by Thu 2025-07-03\n") != std::string::npos);
  clock.set_clock(report::v1::CLOCK_RAPID_RESPONSE);
  CHECK(ShowEscalations(list, Wib()).find("Thu 2025-07-03 22:00 WIB rapid-response") != std::string::npos);
  CHECK(ShowEscalation(escalation, Wib(), Id).find(": by Thu 2025-07-03 22:00 WIB\n") != std::string::npos);

  ombudsman::v1::ListDocumentsResponse documents;
  *documents.add_documents()->mutable_due_at() = end;
  CHECK(ShowDocuments(documents, Wib()).find("Thu 2025-07-03\n") != std::string::npos);
}

TEST_CASE("a case in the list shows the term that runs, not the one before it that ran out") {
  ombudsman::v1::ListEscalationsResponse list;
  ombudsman::v1::Escalation& escalation = *list.add_escalations();
  ombudsman::v1::Clock& first = *escalation.add_clocks();
  first.set_clock(report::v1::CLOCK_CLARIFICATION);
  *first.mutable_due_at() = decision::ToProto(At("2025-07-04T00:00:00+07:00"));
  *first.mutable_breached_at() = first.due_at();
  escalation.set_overdue(true);
  CHECK(ShowEscalations(list, Wib()).find("Thu 2025-07-03 clarification, OVERDUE") != std::string::npos);
  ombudsman::v1::Clock& second = *escalation.add_clocks();
  second.set_clock(report::v1::CLOCK_SECOND_CLARIFICATION);
  *second.mutable_due_at() = decision::ToProto(At("2025-07-18T00:00:00+07:00"));
  const std::string text = ShowEscalations(list, Wib());
  CHECK(text.find("Thu 2025-07-17 second-clarification") != std::string::npos);
  CHECK(text.find("OVERDUE") == std::string::npos);

  // Answered in time: what had run out before waits for nothing any more.
  *second.mutable_met_at() = second.due_at();
  escalation.set_overdue(false);
  CHECK(ShowEscalations(list, Wib()).find("clarification") == std::string::npos);
}

TEST_CASE("a ground is shown with its law, how sure that is, and what would make it met") {
  ombudsman::v1::PreviewEligibilityResponse preview;
  ombudsman::v1::GroundPreview& ground = *preview.add_grounds();
  ground.mutable_verdict()->set_ground(event::v1::GROUND_WITHIN_AUTHORITY);
  ground.set_source("UU 37/2008 art. 36(1)");
  ground.set_confidence(policy::v1::CONFIDENCE_UNVERIFIED);
  ground.set_remedy("an officer judges so");
  const std::string text = ShowGrounds(preview.grounds());
  CHECK(text.starts_with("  NOT MET"));
  CHECK(text.find("; UU 37/2008 art. 36(1) [unverified (belum terverifikasi)]\n") != std::string::npos);
  CHECK(text.find("to be met: an officer judges so\n") != std::string::npos);
}

TEST_CASE("all replies to a document are shown, each with who wrote it") {
  ombudsman::v1::ListDocumentsResponse list;
  ombudsman::v1::Document& document = *list.add_documents();
  for (const char* text : {"Berkas hilang.", "Berkas ditemukan."}) {
    ombudsman::v1::Reply& reply = *document.add_replies();
    reply.set_text(text);
    *reply.mutable_replied_at() = decision::ToProto(At("2025-07-01T09:00:00+07:00"));
    reply.add_attachments()->set_uri(std::string("https://example.go.id/") + text);
  }
  document.mutable_replies(0)->set_agency_id("id.32.73");
  const std::string text = ShowDocuments(list, Wib());
  for (const char* said :
       {"Berkas hilang.", "Berkas ditemukan.", "WIB, by id.32.73\n",
        "WIB, recorded by the Ombudsman's officers\n", "https://example.go.id/Berkas hilang.",
        "https://example.go.id/Berkas ditemukan."}) {
    INFO(said);
    CHECK(text.find(said) != std::string::npos);
  }
}

TEST_CASE("the verification clock is shown as running, met or run out, by the last day in any zone") {
  const auto shown = [](const routing::v1::Route& route) {
    Zone wit;
    REQUIRE(ReadZone("wit", &wit));
    const std::string text = ShowRoute(route, wit, Id);
    const size_t at = text.find("  verification  ");
    return at == std::string::npos ? "" : text.substr(at + 16, text.find('\n', at) - at - 16);
  };
  routing::v1::Route route;
  route.set_state(routing::v1::ROUTE_STATE_AWAITING_TRIAGE);
  *route.mutable_verification_due_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  CHECK(shown(route) == "by Thu 2025-07-10");
  route.set_hops(1);
  CHECK(shown(route) == "met in time (tepat waktu), was due by Thu 2025-07-10");
  route.set_verification_overdue(true);
  CHECK(shown(route) == "by Thu 2025-07-10, RAN OUT (lewat waktu)");
  route.set_verification_overdue(false);
  route.set_hops(0);
  route.set_state(routing::v1::ROUTE_STATE_ARCHIVED);
  CHECK(shown(route).empty());
}

TEST_CASE("a route says how far it has come on its way to the agency's application") {
  const auto shown = [](const routing::v1::Route& route) {
    const std::string text = ShowRoute(route, Wib(), Id);
    const size_t at = text.find("  application   ");
    return at == std::string::npos ? "" : text.substr(at + 16, text.find('\n', at) - at - 16);
  };
  routing::v1::Route route;
  CHECK(shown(route).empty());
  routing::v1::Delivery& delivery = *route.mutable_delivery();
  delivery.set_state(routing::v1::DELIVERY_STATE_PENDING);
  *delivery.mutable_due_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  CHECK(shown(route) == "may acknowledge it by Thu 2025-07-10");
  delivery.set_state(routing::v1::DELIVERY_STATE_FELL_BACK);
  CHECK(shown(route) == "FELL BACK (lewat waktu) to the people of the agency: was due by Thu 2025-07-10");
  *delivery.mutable_acknowledged_at() = decision::ToProto(At("2025-07-11T09:30:00+07:00"));
  delivery.set_state(routing::v1::DELIVERY_STATE_ACKNOWLEDGED_LATE);
  CHECK(shown(route) == "acknowledged late (terlambat) Fri 2025-07-11 09:30, was due by Thu 2025-07-10");
  delivery.set_state(routing::v1::DELIVERY_STATE_ACKNOWLEDGED);
  CHECK(shown(route) == "acknowledged (diterima) Fri 2025-07-11 09:30");
}

TEST_CASE("a case says who deals with it, what it waits for, and who was told of what is late") {
  followup::v1::Case c;
  c.set_report_id("7K3M9QXT2B54");
  c.set_state(followup::v1::CASE_STATE_OPEN);
  c.set_delegate("meja-2");
  c.set_promised_on("2025-07-10");
  c.set_question_id("some-id");
  policy::v1::Pause& pause = *c.add_pauses();
  *pause.mutable_from() = decision::ToProto(At("2025-07-01T09:00:00+07:00"));
  *pause.mutable_to() = decision::ToProto(At("2025-07-02T10:00:00+07:00"));
  followup::v1::Appeal& appeal = *c.mutable_appeal();
  appeal.set_supervisor_agency_id("id.32");
  *appeal.mutable_due_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  followup::v1::CaseClock& clock = *c.add_clocks();
  clock.set_clock(report::v1::CLOCK_RESOLUTION);
  *clock.mutable_due_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  clock.set_reminded_percent(80);
  const auto has = [&](const std::string& line) {
    CAPTURE(line);
    CHECK(ShowCase(c, Wib(), Id).find(line) != std::string::npos);
  };
  has("  dealt with by   meja-2\n");
  has("  promised for    2025-07-10\n");
  has("  question        waits for the reporter's answer (menunggu pelapor)\n");
  has("  paused (jeda)   Tue 2025-07-01 09:00 WIB to Wed 2025-07-02 10:00 WIB\n");
  has("  appeal          with " + Id("id.32") + ", to be decided by Thu 2025-07-10\n");
  has("resolution (penyelesaian): by Thu 2025-07-10; runs; reminded (pengingat) at 80%\n");

  *appeal.mutable_decided_at() = decision::ToProto(At("2025-07-10T09:00:00+07:00"));
  has("dismissed (ditolak) by " + Id("id.32") + ", Thu 2025-07-10 09:00\n");
  appeal.set_granted(true);
  has("granted (dikabulkan) by ");
  *clock.mutable_breached_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  clock.set_raised_levels(1);
  has("; RAN OUT; reminded (pengingat) at 80%; raised (ke atasan) 1 level above the holder\n");
  clock.set_raised_levels(2);
  has("raised (ke atasan) 2 levels above the holder\n");
}

TEST_CASE("a report says until when its reporter may answer a question, reopen it or appeal") {
  intake::v1::Report report;
  CHECK(ShowReport(report, Wib(), Id).find("to answer") == std::string::npos);
  *report.mutable_question_due_at() = decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  *report.mutable_reopen_until() = decision::ToProto(At("2025-07-12T00:00:00+07:00"));
  const std::string text = ShowReport(report, Wib(), Id);
  CHECK(text.find("  to answer   the agency's question, by Thu 2025-07-10\n") != std::string::npos);
  CHECK(text.find("  to reopen   or to appeal, by Fri 2025-07-11\n") != std::string::npos);
}

TEST_CASE("an answer tells its promise and its signs, a reaction its reason") {
  event::v1::Event event;
  event::v1::ResponseGiven& given = *event.mutable_response_given();
  given.set_agency_id("id.32");
  given.set_kind(event::v1::RESPONSE_KIND_INTERIM);
  given.set_promised_on("2025-07-10");
  given.set_interim_reason(event::v1::INTERIM_REASON_BUDGET);
  CHECK(Describe(event, Wib(), Id) == "Interim answer (tanggapan sementara) by " + Id("id.32") +
                                          "; budget (anggaran), next word promised for 2025-07-10");
  given.Clear();
  given.set_agency_id("id.32");
  given.set_kind(event::v1::RESPONSE_KIND_FINAL);
  given.set_from_template(true);
  given.add_signals(event::v1::ANSWER_SIGNAL_OTHER_DOOR);
  CHECK(Describe(event, Wib(), Id) ==
        "Final answer (tanggapan akhir) by " + Id("id.32") +
            "; from a template (templat); SIGN (tanda): sends to another door (menyuruh ke tempat lain)");
  event.mutable_reporter_reacted()->set_reason(event::v1::DISSATISFACTION_REASON_UNTRUE);
  event.mutable_reporter_reacted()->set_rating(2);
  CHECK(Describe(event, Wib(), Id) ==
        "Not satisfied (tidak puas): untrue (tidak sesuai kenyataan), rating 2 of 5");
}

TEST_CASE("a fallback to the people of an agency is told as what it is") {
  event::v1::Event event;
  event.mutable_assignment_fell_back()->set_agency_id("id.32");
  *event.mutable_assignment_fell_back()->mutable_due_at() =
      decision::ToProto(At("2025-07-11T00:00:00+07:00"));
  CHECK(Describe(event, Wib(), Id) == "Fell back (tidak diambil aplikasi) to the people of " + Id("id.32") +
                                          ": its application didn't acknowledge it by Thu 2025-07-10");
}

}  // namespace
}  // namespace lapor::client
