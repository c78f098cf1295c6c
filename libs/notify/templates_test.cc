#include "libs/notify/templates.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "lapor/report/v1/report.pb.h"
#include "libs/notify/outbox.h"
#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::notify {
namespace {

using report::v1::LANGUAGE_ENGLISH;
using report::v1::LANGUAGE_INDONESIAN;
using report::v1::LANGUAGE_UNSPECIFIED;

const std::vector<TemplateSpec> kSpecs = {
    {"letter-due",
     {{.name = "report"},
      {.name = "language", .kind = Placeholder::Kind::kWord, .words = report::v1::Language_descriptor()},
      {.name = "due", .kind = Placeholder::Kind::kDay, .optional = true}}},
    {"letter-digest", {{.name = "count"}, {.name = "items"}}}};

struct Folder {
  Folder() {
    std::string words =
        "# words\nLANGUAGE_INDONESIAN = Indonesia | Indonesian\nLANGUAGE_ENGLISH=Inggris|English\n";
    for (int month = 1; month <= 12; ++month) {
      words += (month < 10 ? "MONTH_0" : "MONTH_") + std::to_string(month) + " = bulan" +
               std::to_string(month) + " | month" + std::to_string(month) + "\n";
    }
    Write("words", words);
    Write("letter-due",
          "# Why.\n\n[id]\nSubject: Laporan {report}\n\nBahasa {language}.\nSampai {due}.\n\nSalam\n"
          "[en]\nSubject: Report {report}\n\nLanguage {language}.\nUntil {due}.\n");
    Write("letter-digest",
          "[id]\nSubject: {count} kabar\n\n{items}\n[en]\nSubject: {count} news\n\n{items}\n");
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / (name + ".txt")) << text;
  }
  absl::StatusOr<std::shared_ptr<const Templates>> Load() const {
    return Templates::Load(folder / "", "letter-", kSpecs);
  }
  // What is wrong, without the folder's name.
  std::string Wrong() const {
    std::string text(Load().status().message());
    const std::string path = folder / "";
    for (size_t at; (at = text.find(path)) != std::string::npos;) text.erase(at, path.size());
    return text;
  }

  runtime::TemporaryFolder folder;
};

TEST_CASE("a text is told in the reader's language, with days and codes in its words") {
  const Folder folder;
  const auto templates = folder.Load();
  REQUIRE(templates.ok());
  const Templates::Item item{"letter-due",
                             {{"report", "7K3M"}, {"language", "LANGUAGE_ENGLISH"}, {"due", "2025-03-20"}}};
  const auto indonesian = (*templates)->Render(item, LANGUAGE_INDONESIAN);
  REQUIRE(indonesian.ok());
  CHECK(indonesian->subject == "Laporan 7K3M");
  CHECK(indonesian->body == "Bahasa Inggris.\nSampai 20 bulan3 2025.\n\nSalam\n");
  const auto english = (*templates)->Render(item, LANGUAGE_ENGLISH);
  CHECK(english->subject == "Report 7K3M");
  CHECK(english->body == "Language English.\nUntil 20 month3 2025.\n");
  const auto both = (*templates)->Render(item, LANGUAGE_UNSPECIFIED);
  CHECK(both->subject == indonesian->subject);
  CHECK(both->body == indonesian->body + "\n---\nReport 7K3M\n\n" + english->body);
}

TEST_CASE("a line whose value is missing is left out, and a value that is needed is not done without") {
  const Folder folder;
  const auto templates = folder.Load();
  REQUIRE(templates.ok());
  Templates::Item item{"letter-due", {{"report", "7K3M"}, {"language", "LANGUAGE_ENGLISH"}}};
  CHECK((*templates)->Render(item, LANGUAGE_INDONESIAN)->body == "Bahasa Inggris.\n\nSalam\n");
  item.values["due"] = "someday";
  CHECK(absl::IsInternal((*templates)->Render(item, LANGUAGE_INDONESIAN).status()));
  item.values["due"] = "2025-03-20";
  item.values["language"] = "LANGUAGE_KLINGON";
  CHECK(absl::IsInternal((*templates)->Render(item, LANGUAGE_INDONESIAN).status()));
  item.values.erase("report");
  CHECK(absl::IsInternal((*templates)->Render(item, LANGUAGE_INDONESIAN).status()));
  CHECK(absl::IsInternal((*templates)->Render({"letter-gone", {}}, LANGUAGE_INDONESIAN).status()));
}

TEST_CASE("a digest lists the subjects of what it holds, at most so many") {
  const Folder folder;
  const auto templates = folder.Load();
  REQUIRE(templates.ok());
  std::vector<Templates::Item> items(2,
                                     {"letter-due", {{"report", "7K3M"}, {"language", "LANGUAGE_ENGLISH"}}});
  items[1].values["report"] = "9QXT";
  const auto text = (*templates)->RenderDigest("letter-digest", {}, items, LANGUAGE_UNSPECIFIED);
  REQUIRE(text.ok());
  CHECK(text->subject == "2 kabar");
  CHECK(text->body == "- Laporan 7K3M\n- Laporan 9QXT\n\n---\n2 news\n\n- Report 7K3M\n- Report 9QXT\n");
  items.resize(Templates::kMaxListed + 3, items[0]);
  CHECK((*templates)->RenderDigest("letter-digest", {}, items, LANGUAGE_ENGLISH)->body.ends_with("\n+ 3\n"));
}

TEST_CASE("what is wrong with the texts is told at once, with file and line") {
  const Folder folder;
  SECTION("an unknown placeholder") {
    folder.Write("letter-digest", "[id]\nSubject: {count}\n\n{items}\n{due}\n[en]\nSubject: {n}\n\nx\n");
    CHECK(folder.Wrong() ==
          "letter-digest.txt:5: {due} is no placeholder of this template\n"
          "letter-digest.txt:7: {n} is no placeholder of this template");
  }
  SECTION("a value that may be missing in a subject, and braces") {
    folder.Write("letter-due", "[id]\nSubject: {due}\n\n{report\n[en]\nSubject: x\n\nreport}\n");
    CHECK(folder.Wrong() ==
          "letter-due.txt:2: {due} may be missing, so no subject has it\n"
          "letter-due.txt:4: has a brace without its partner\n"
          "letter-due.txt:8: has a brace without its partner");
  }
  SECTION("a language that is missing") {
    folder.Write("letter-due", "Halo\n[id]\nSalam\n");
    CHECK(folder.Wrong() ==
          "letter-due.txt:1: stands before [id] and is no comment\n"
          "letter-due.txt:3: is not the subject, as 'Subject: ...'\n"
          "letter-due.txt: has no subject or no text in [id]\n"
          "letter-due.txt: has no subject or no text in [en]");
  }
  SECTION("a subject that is too long") {
    folder.Write("letter-digest",
                 "[id]\nSubject: " + std::string(161, 'x') + "\n\nx\n[en]\nSubject: x\n\nx\n");
    CHECK(folder.Wrong() == "letter-digest.txt:2: is longer than 160 bytes");
  }
  SECTION("an unknown template") {
    folder.Write("letter-of-nobody", "[id]\n");
    CHECK(folder.Wrong() == "letter-of-nobody.txt: is an unknown template; nothing sends it");
  }
  SECTION("words") {
    std::ofstream(folder.folder / "words.txt", std::ios::app)
        << "LANGUAGE_KLINGON = a | b\nMONTH_01 = a | b\nMONTH_02\nLANGUAGE_ENGLISH2 = |\n";
    CHECK(folder.Wrong().find("words.txt:16: LANGUAGE_KLINGON is neither a month nor a code of an event\n"
                              "words.txt:17: MONTH_01 is there twice\n"
                              "words.txt:18: is not NAME = Indonesian | English\n") == 0);
    folder.Write("words", "MONTH_01 = a | b\n");
    CHECK(folder.Wrong().find("words.txt: has no words for LANGUAGE_ENGLISH\n") != std::string::npos);
  }
}

TEST_CASE(
    "a term is told by its last day, in the zone that it is counted in, or in its reader's if in hours") {
  const absl::Time end = absl::FromCivil(absl::CivilDay(2026, 3, 21), absl::FixedTimeZone(9 * 3600));
  CHECK(LastDay(end, report::v1::TIME_ZONE_WIT) == "2026-03-20");
  CHECK(LastDay(end + absl::Hours(1), report::v1::TIME_ZONE_WITA) == "2026-03-20");
  CHECK(LastDay(end + absl::Hours(2), report::v1::TIME_ZONE_UNSPECIFIED) == "2026-03-20");
  // Counted in WIB, though a reader in the east is in the next day already; and the other way round.
  CHECK(LastDay(end + absl::Hours(2), report::v1::TIME_ZONE_WIT) == "2026-03-20");
  CHECK(LastDay(end, report::v1::TIME_ZONE_WIB) == "2026-03-20");
  const absl::Time in_hours = end + absl::Minutes(90);
  CHECK(LastDay(in_hours, report::v1::TIME_ZONE_WIT) == "2026-03-21");
  CHECK(LastDay(in_hours, report::v1::TIME_ZONE_WIB) == "2026-03-20");
}

}  // namespace
}  // namespace lapor::notify
