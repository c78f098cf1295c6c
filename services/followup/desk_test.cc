#include "services/followup/desk.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "libs/decision/refusal.h"
#include "services/followup/testing/running.h"

namespace lapor::followup {
namespace {

using rpc::Caller;
using testing::kAgency;
using testing::kOtherAgency;

const Caller kOfficer{"o-1", report::v1::ROLE_OFFICER, kAgency};
const Caller kColleague{"o-2", report::v1::ROLE_AGENCY_ADMIN, kAgency};
const Caller kOtherOfficer{"o-3", report::v1::ROLE_OFFICER, kOtherAgency};
const Caller kOtherAdministrator{"o-4", report::v1::ROLE_AGENCY_ADMIN, kOtherAgency};
const Caller kStranger{"o-5", report::v1::ROLE_AGENCY_ADMIN, "id.11"};
const Caller kMonitor{"m-1", report::v1::ROLE_MONITOR, ""};

struct AtDesk : testing::Running {
  AtDesk() { HearOpening(); }

  v1::AddNoteRequest Note(const std::string& request_id, const std::string& text) {
    v1::AddNoteRequest request;
    request.set_request_id(request_id);
    request.set_report_id(kReport);
    request.set_text(text);
    return request;
  }
  // The texts that the caller reads.
  std::vector<std::string> Notes(const Caller& caller) {
    v1::ListNotesRequest request;
    request.set_report_id(kReport);
    const auto listed = desk.ListNotes(caller, request);
    REQUIRE(listed.status().ToString() == "OK");
    std::vector<std::string> texts;
    for (const v1::Note& note : listed->notes()) texts.push_back(note.text());
    return texts;
  }
  absl::Status Record(const Caller& caller, const std::string& id, const std::string& text) {
    v1::RecordTemplateRequest request;
    request.mutable_template_()->set_template_id(id);
    request.mutable_template_()->set_title("Judul");
    request.mutable_template_()->set_text(text);
    return desk.RecordTemplate(caller, request).status();
  }
  // "agency/id" of those that the caller may answer from.
  std::vector<std::string> Templates(const Caller& caller) {
    const auto listed = desk.ListTemplates(caller);
    REQUIRE(listed.status().ToString() == "OK");
    std::vector<std::string> names;
    for (const v1::Template& t : listed->templates()) names.push_back(t.agency_id() + "/" + t.template_id());
    return names;
  }
  v1::RespondToCaseRequest AnswerFrom(const std::string& template_id) {
    v1::RespondToCaseRequest request;
    request.set_request_id("request-9999");
    request.set_report_id(kReport);
    request.set_template_id(template_id);
    return request;
  }
  absl::StatusOr<v1::RespondToCaseRequest> Resolve(const Caller& caller,
                                                   const v1::RespondToCaseRequest& request) {
    return desk.ResolveTemplate(caller, request);
  }

  Desk desk{pool, clock};
};

std::string FieldOf(const absl::Status& refusal) {
  const auto bad_input = decision::BadInputOf(refusal);
  REQUIRE(bad_input.has_value());
  CHECK_FALSE(bad_input->violations(0).remedy().empty());
  return bad_input->violations(0).field();
}

TEST_CASE("an agency's people read each other's notes on a case, the oldest first, and nobody else does") {
  AtDesk at;
  const auto first = at.desk.AddNote(kOfficer, at.Note("request-0001", "Tanya Bu Rina dulu."));
  REQUIRE(first.status().ToString() == "OK");
  CHECK(first->written_by() == "o-1");
  CHECK(first->report_id() == AtDesk::kReport);
  at.clock.Advance(absl::Hours(1));
  REQUIRE(at.desk.AddNote(kColleague, at.Note("request-0002", "Sudah.")).ok());
  CHECK(at.Notes(kOfficer) == std::vector<std::string>{"Tanya Bu Rina dulu.", "Sudah."});
  CHECK(at.Notes(kOtherAdministrator).empty());
  CHECK(at.Journalled().find("Note") == std::string::npos);

  v1::ListNotesRequest list;
  list.set_report_id(AtDesk::kReport);
  CHECK(at.desk.ListNotes(kMonitor, list).status().code() == absl::StatusCode::kPermissionDenied);
  list.set_report_id("2B547K3M9QXT");
  CHECK(FieldOf(at.desk.ListNotes(kOfficer, list).status()) == "report_id");
}

TEST_CASE("notes stay with the agency that wrote them when the case goes to another one") {
  AtDesk at;
  REQUIRE(at.desk.AddNote(kOfficer, at.Note("request-0001", "Tanya Bu Rina dulu.")).ok());
  event::v1::Event moved;
  moved.mutable_agency_assigned()->set_agency_id(kOtherAgency);
  moved.mutable_agency_assigned()->set_time_zone(report::v1::TIME_ZONE_WIB);
  at.Hear("routing", "2025-06-05 10:00", moved);
  CHECK(at.Notes(kOfficer).size() == 1);
  CHECK(at.Notes(kOtherOfficer).empty());
  const auto late = at.desk.AddNote(kOfficer, at.Note("request-0002", "Sudah."));
  CHECK(late.status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(FieldOf(late.status()) == "report_id");
  CHECK(at.desk.AddNote(kOtherOfficer, at.Note("request-0003", "Kami terima.")).ok());
  CHECK(at.Notes(kOtherOfficer) == std::vector<std::string>{"Kami terima."});
}

TEST_CASE("a part of a report has notes of its own") {
  AtDesk at;
  at.HearPart(1);
  v1::AddNoteRequest request = at.Note("request-0001", "Bagian kami.");
  request.set_report_id("7K3M9QXT2B54.1");
  REQUIRE(at.desk.AddNote(kOtherOfficer, request).status().ToString() == "OK");
  CHECK(at.Notes(kOtherOfficer).empty());
  v1::ListNotesRequest list;
  list.set_report_id("7K3M9QXT2B54.1");
  CHECK(at.desk.ListNotes(kOtherOfficer, list)->notes_size() == 1);
}

TEST_CASE("a repeated note is written once, and its id with other words is refused") {
  AtDesk at;
  const auto first = at.desk.AddNote(kOfficer, at.Note("request-0001", "Tanya dulu."));
  at.clock.Advance(absl::Hours(1));
  const auto again = at.desk.AddNote(kOfficer, at.Note("request-0001", "Tanya dulu."));
  REQUIRE(again.status().ToString() == "OK");
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  CHECK(at.Notes(kOfficer).size() == 1);
  const auto other = at.desk.AddNote(kOfficer, at.Note("request-0001", "Lain."));
  CHECK(other.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(FieldOf(other.status()) == "request_id");
}

TEST_CASE("a note needs words, and an agency's notes on a case have a limit together") {
  AtDesk at;
  CHECK(FieldOf(at.desk.AddNote(kOfficer, at.Note("request-0001", " ")).status()) == "text");
  CHECK(FieldOf(at.desk.AddNote(kOfficer, at.Note("short", "Ya.")).status()) == "request_id");
  at.database.Query(
      fmt::format("INSERT INTO note SELECT '{}', '{}', gen_random_uuid(), now(), 'o-1', repeat('x', 1024) "
                  "FROM generate_series(1, {})",
                  AtDesk::kReport, kAgency, kMaxNoteBytes / 1024 - 1));
  CHECK(at.desk.AddNote(kOfficer, at.Note("request-0002", "Terakhir.")).ok());
  const auto over = at.desk.AddNote(kOfficer, at.Note("request-0003", "Satu lagi."));
  CHECK(over.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(over.status()) == "text");
}

TEST_CASE("an agency answers from its own templates and from those above it, the nearest first") {
  AtDesk at;
  REQUIRE(at.Record(kOtherAdministrator, "diterima", "Provinsi menerima {report}.").ok());
  REQUIRE(at.Record(kOtherAdministrator, "selesai", "Selesai, kata {agency}.").ok());
  REQUIRE(at.Record(kColleague, "diterima", "Kota menerima {report}. {report}!").ok());
  REQUIRE(at.Record(kStranger, "lain", "Lain.").ok());
  CHECK(at.Templates(kOfficer) ==
        std::vector<std::string>{"id.32/diterima", "id.32.73/diterima", "id.32/selesai"});
  CHECK(at.Templates(kOtherOfficer) == std::vector<std::string>{"id.32/diterima", "id.32/selesai"});

  CHECK(at.Resolve(kOfficer, at.AnswerFrom("diterima"))->text() ==
        "Kota menerima 7K3M-9QXT-2B54. 7K3M-9QXT-2B54!");
  CHECK(at.Resolve(kOfficer, at.AnswerFrom("selesai"))->text() == "Selesai, kata id.32.73.");
  const auto foreign = at.Resolve(kOfficer, at.AnswerFrom("lain"));
  CHECK(foreign.status().code() == absl::StatusCode::kNotFound);
  CHECK(FieldOf(foreign.status()) == "template_id");
}

TEST_CASE(
    "an answer without a template is passed on as it is, one with both a text and a template is refused") {
  AtDesk at;
  v1::RespondToCaseRequest request = at.AnswerFrom("");
  request.set_text("{report} apa adanya");
  CHECK(at.Resolve(kOfficer, request)->SerializeAsString() == request.SerializeAsString());
  request.set_template_id("diterima");
  const auto both = at.Resolve(kOfficer, request);
  CHECK(both.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldOf(both.status()) == "template_id");
  CHECK(at.Resolve(kMonitor, at.AnswerFrom("diterima")).status().code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE("a template is recorded by its agency's administrators, anew in the place of the old one") {
  AtDesk at;
  CHECK(at.Record(kOfficer, "diterima", "Ya.").code() == absl::StatusCode::kPermissionDenied);
  REQUIRE(at.Record(kColleague, "diterima", "Lama.").ok());
  REQUIRE(at.Record(kColleague, "diterima", "Baru.").ok());
  CHECK(at.Resolve(kOfficer, at.AnswerFrom("diterima"))->text() == "Baru.");
  v1::RecordTemplateRequest foreign;
  foreign.mutable_template_()->set_agency_id(kOtherAgency);
  CHECK(FieldOf(at.desk.RecordTemplate(kColleague, foreign).status()) == "template.agency_id");

  v1::RemoveTemplateRequest remove;
  remove.set_template_id("diterima");
  CHECK(at.desk.RemoveTemplate(kOfficer, remove).status().code() == absl::StatusCode::kPermissionDenied);
  const auto not_theirs = at.desk.RemoveTemplate(kOtherAdministrator, remove);
  CHECK(not_theirs.status().code() == absl::StatusCode::kNotFound);
  CHECK(FieldOf(not_theirs.status()) == "template_id");
  CHECK(at.desk.RemoveTemplate(kColleague, remove).ok());
  CHECK(at.Templates(kOfficer).empty());
}

TEST_CASE("a template has an id, a title and a text, and no braces but the placeholders") {
  AtDesk at;
  for (const char* id : {"", "a", "Diterima", "a b", "jalan_rusak"})
    CHECK(FieldOf(at.Record(kColleague, id, "Ya.")) == "template.template_id");
  for (const char* text : {"", "{nama}", "{report", "report}", "{{report}}", "{Report}"})
    CHECK(FieldOf(at.Record(kColleague, "diterima", text)) == "template.text");
  v1::RecordTemplateRequest untitled;
  untitled.mutable_template_()->set_template_id("diterima");
  untitled.mutable_template_()->set_text("Ya.");
  CHECK(FieldOf(at.desk.RecordTemplate(kColleague, untitled).status()) == "template.title");
}

TEST_CASE("an agency's templates have a limit together, whichever of them is recorded anew") {
  AtDesk at;
  const std::string longest(20'000, 'x');
  for (int i = 0; i < kMaxTemplateBytes / 20'005; ++i)
    REQUIRE(at.Record(kColleague, fmt::format("nomor-{}", i), longest).ToString() == "OK");
  const absl::Status over = at.Record(kColleague, "satu-lagi", longest);
  CHECK(over.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(FieldOf(over) == "template.text");
  CHECK(at.Record(kColleague, "nomor-1", longest).ok());
  CHECK(at.Record(kOtherAdministrator, "satu-lagi", longest).ok());
}

}  // namespace
}  // namespace lapor::followup
