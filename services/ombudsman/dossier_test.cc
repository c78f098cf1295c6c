#include "services/ombudsman/dossier.h"

#include <archive.h>
#include <archive_entry.h>
#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>
#include <map>

#include "absl/time/civil_time.h"
#include "libs/decision/proto_time.h"
#include "services/ombudsman/documents.h"
#include "services/ombudsman/dossier_parts.h"

namespace lapor::ombudsman {
namespace {

// A case with one of everything; words that would be markup if they were not text.
v1::Dossier Sample() {
  v1::Dossier dossier;
  dossier.set_report_id("7K3M9QXT2B54");
  dossier.mutable_exported_at()->set_seconds(1'740'000'000);
  dossier.mutable_exported_for()->set_role(report::v1::ROLE_OMBUDSMAN);
  v1::Escalation& escalation = *dossier.mutable_escalation();
  escalation.set_report_id("7K3M9QXT2B54");
  escalation.set_number(2);
  escalation.set_office("jawa-barat");
  escalation.set_respondent_agency_id("id.32.73");
  escalation.set_stage(event::v1::ESCALATION_STAGE_EXAMINATION);
  event::v1::GroundVerdict& verdict = *escalation.add_verdicts();
  verdict.set_ground(event::v1::GROUND_COMPLAINED_FIRST);
  verdict.set_met(true);
  verdict.set_basis(event::v1::VERDICT_BASIS_RECORD);
  v1::Judgement& judgement = *escalation.add_judgements();
  judgement.set_ground(event::v1::GROUND_WITHIN_AUTHORITY);
  judgement.set_reason("Urusan antar-swasta.");
  v1::Note& note = *escalation.add_notes();
  note.set_kind(v1::NOTE_KIND_TRANSFER);
  note.set_text("Terlapor pindah.");
  v1::Document& document = *dossier.add_documents();
  document.set_document_number("7K3M9QXT2B54-1/01");
  document.set_kind(event::v1::DOCUMENT_KIND_CLARIFICATION_REQUEST);
  document.set_agency_id("id.32.73");
  document.set_text("Mohon penjelasan <b>tertulis</b>.");
  document.set_text_sha256(Sha256(document.text()));
  for (const char* text : {"Berkas hilang.", "Berkas ditemukan."}) {
    v1::Reply& reply = *document.add_replies();
    reply.mutable_replied_at()->set_seconds(1'739'500'000);
    reply.set_text(text);
    reply.set_agency_id("id.32.73");
  }
  document.mutable_replies(0)->add_attachments()->set_sha256(std::string(64, 'b'));
  dossier.mutable_report()->set_title("Sertifikat \"tertahan\"");
  dossier.mutable_report()->set_description("<script>alert(1)</script> & dua tahun tanpa kabar");
  intake::v1::Response& response = *dossier.mutable_report()->add_responses();
  response.set_kind(event::v1::RESPONSE_KIND_FINAL);
  response.set_text("Sudah selesai.");
  response.add_evidence()->set_sha256(std::string(64, 'a'));
  dossier.mutable_report()->mutable_lead()->add_responses()->add_evidence()->set_sha256(std::string(64, 'c'));
  event::v1::Event& event = *dossier.mutable_report()->add_timeline();
  event.mutable_occurred_at()->set_seconds(1'739'000'000);
  event.mutable_agency_assigned()->set_agency_id("id.32.73");
  followup::v1::CaseClock& clock = *dossier.mutable_agency_case()->add_clocks();
  clock.set_clock(report::v1::CLOCK_RESOLUTION);
  clock.mutable_due_at()->set_seconds(1'740'500'000);
  policy::v1::SkippedDay& day = *clock.mutable_explanation()->add_skipped();
  day.set_date("2025-03-31");
  day.set_reason(policy::v1::SKIP_REASON_NATIONAL_HOLIDAY);
  day.set_name("Idulfitri 1446 Hijriah");
  v1::EarlierEscalation& earlier = *dossier.add_earlier();
  earlier.set_number(1);
  earlier.add_notes()->set_text("Sudah pernah diperiksa.");
  v1::Omission& omission = *dossier.add_omissions();
  omission.set_part("hands");
  omission.set_reason("PERMISSION_DENIED: not for this caller");
  return dossier;
}

// The files of a zip, by name.
std::map<std::string, std::string> Unzipped(const std::string& zip) {
  std::map<std::string, std::string> files;
  archive* reader = archive_read_new();
  archive_read_support_format_zip(reader);
  REQUIRE(archive_read_open_memory(reader, zip.data(), zip.size()) == ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    std::string& content = files[archive_entry_pathname(entry)];
    char buffer[4096];
    for (la_ssize_t size; (size = archive_read_data(reader, buffer, sizeof(buffer))) > 0;)
      content.append(buffer, static_cast<size_t>(size));
  }
  archive_read_free(reader);
  return files;
}

TEST_CASE("a dossier is one archive with the data, a page and what both hash to") {
  const v1::Dossier dossier = Sample();
  const auto packed = PackDossier(dossier);
  REQUIRE(packed.ok());
  auto files = Unzipped(*packed);
  REQUIRE(files.size() == 3);

  v1::Dossier read;
  REQUIRE(google::protobuf::util::JsonStringToMessage(files["dossier.json"], &read).ok());
  CHECK(read.SerializeAsString() == dossier.SerializeAsString());

  v1::Manifest manifest;
  REQUIRE(google::protobuf::util::JsonStringToMessage(files["manifest.json"], &manifest).ok());
  REQUIRE(manifest.files_size() == 2);
  for (const v1::Manifest::File& file : manifest.files()) {
    CHECK(file.sha256() == Sha256(files[file.name()]));
    CHECK(file.size_bytes() == std::ssize(files[file.name()]));
  }
  REQUIRE(manifest.attachments_size() == 3);
  CHECK(manifest.attachments(0).sha256() == std::string(64, 'a'));
  CHECK(manifest.attachments(1).sha256() == std::string(64, 'c'));  // of the report that it follows
  CHECK(manifest.attachments(2).sha256() == std::string(64, 'b'));
  REQUIRE(manifest.omissions_size() == 1);
  CHECK(manifest.omissions(0).part() == "hands");
}

TEST_CASE("a ground that is not met says so in the data") {
  v1::Dossier dossier = Sample();
  dossier.mutable_escalation()->mutable_verdicts(0)->set_met(false);
  const auto packed = PackDossier(dossier);
  REQUIRE(packed.ok());
  CHECK(Unzipped(*packed)["dossier.json"].find("\"met\": false") != std::string::npos);
}

TEST_CASE("the same dossier is the same archive, byte by byte") {
  CHECK(*PackDossier(Sample()) == *PackDossier(Sample()));
  v1::Dossier other = Sample();
  other.mutable_documents(0)->set_text("Mohon penjelasan.");
  CHECK(*PackDossier(other) != *PackDossier(Sample()));
}

TEST_CASE("what people wrote is text on the page, never markup") {
  const std::string page = DossierPage(Sample());
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt; &amp; dua tahun") != std::string::npos);
  CHECK(page.find("Mohon penjelasan &lt;b&gt;tertulis&lt;/b&gt;.") != std::string::npos);
}

TEST_CASE(
    "the page tells verdicts, documents, clocks with the days that don't count, answers and what is left "
    "out") {
  const std::string page = DossierPage(Sample());
  for (const char* said :
       {"7K3M-9QXT-2B54", "complained to the agency first", "7K3M9QXT2B54-1/01", "Berkas hilang.",
        "Berkas ditemukan.", "Urusan antar-swasta.", "Terlapor pindah.", "Idulfitri 1446 Hijriah",
        "Sudah selesai.", "Assigned (disposisi) to id.32.73", "Perkara sebelumnya, 7K3M9QXT2B54-1",
        "Sudah pernah diperiksa.", "hands: PERMISSION_DENIED"}) {
    INFO(said);
    CHECK(page.find(said) != std::string::npos);
  }
  CHECK(page.find("http") == std::string::npos);
}

TEST_CASE("the page explains the clocks of the report's way, too") {
  v1::Dossier dossier = Sample();
  routing::v1::RouteClock& clock = *dossier.mutable_hands()->add_clocks();
  clock.set_clock(report::v1::CLOCK_VERIFICATION);
  clock.set_breached(true);
  clock.mutable_explanation()->add_skipped()->set_name("Hari Suci Nyepi");
  const std::string page = DossierPage(dossier);
  for (const char* said : {"ya / yes", "Hari Suci Nyepi"}) CHECK_THAT(page, Catch::Contains(said));
}

TEST_CASE("the page tells the last day of a term, and of the one in hours the time") {
  v1::Dossier dossier = Sample();
  // The end of 3 July in the zone of the office, which is WIT.
  const auto end =
      decision::ToProto(absl::FromCivil(absl::CivilDay(2025, 7, 4), absl::FixedTimeZone(9 * 3600)));
  *dossier.mutable_documents(0)->mutable_due_at() = end;
  v1::Clock& clock = *dossier.mutable_escalation()->add_clocks();
  clock.set_clock(report::v1::CLOCK_CLARIFICATION);
  *clock.mutable_due_at() = end;
  std::string page = DossierPage(dossier);
  CHECK(page.find("Fri 2025-07-04") == std::string::npos);
  CHECK(page.find("<td>Thu 2025-07-03</td></tr>") != std::string::npos);               // of the document
  CHECK(page.find("<td>Thu 2025-07-03</td><td></td><td></td>") != std::string::npos);  // of the clock
  dossier.mutable_escalation()->mutable_clocks(0)->set_clock(report::v1::CLOCK_RAPID_RESPONSE);
  page = DossierPage(dossier);
  CHECK(page.find("<td>Thu 2025-07-03 22:00 WIB</td><td></td><td></td>") != std::string::npos);
}

TEST_CASE("the page says where a clock ended by other calendars than those that explain it now") {
  v1::Dossier dossier = Sample();
  followup::v1::CaseClock& clock = *dossier.mutable_agency_case()->mutable_clocks(0);
  const auto end_of = [](int day) {
    return decision::ToProto(
        absl::FromCivil(absl::CivilDay(2025, 7, day + 1), absl::FixedTimeZone(7 * 3600)));
  };
  *clock.mutable_due_at() = end_of(3);
  *clock.mutable_explanation()->mutable_due_at() = end_of(3);
  CHECK(DossierPage(dossier).find("what was told stands") == std::string::npos);
  *clock.mutable_explanation()->mutable_due_at() = end_of(4);
  CHECK(DossierPage(dossier).find("it would be due by Fri 2025-07-04; what was told stands") !=
        std::string::npos);
}

TEST_CASE("a dossier says when the agencies' answers could not be had, and carries no name") {
  v1::Dossier dossier;
  intake::v1::Report report;
  report.set_reporter_name("Siti");
  report.add_timeline()->mutable_after()->insert({"routing", 7});
  report.mutable_lead()->add_timeline()->mutable_after()->insert({"routing", 7});
  AddReport(report, dossier);
  CHECK(dossier.omissions().empty());
  CHECK(dossier.report().reporter_name().empty());
  CHECK(dossier.report().timeline(0).after().empty());
  CHECK(dossier.report().lead().timeline(0).after().empty());

  report.set_responses_unavailable(true);
  AddReport(report, dossier);
  REQUIRE(dossier.omissions_size() == 1);
  CHECK(dossier.omissions(0).part() == "answers");
  CHECK_THAT(dossier.omissions(0).reason(), Catch::StartsWith("UNAVAILABLE"));
}

TEST_CASE("the name of the file says which case it is") {
  CHECK(DossierFileName(Sample()) == "dossier-7K3M9QXT2B54-2.zip");
}

}  // namespace
}  // namespace lapor::ombudsman
