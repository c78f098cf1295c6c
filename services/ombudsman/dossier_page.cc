// dossier.html.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/decision/proto_time.h"
#include "libs/telling/days.h"
#include "libs/telling/event_words.h"
#include "libs/telling/terms.h"
#include "services/ombudsman/dossier.h"

namespace lapor::ombudsman {
namespace {

using decision::FromProto;
using telling::Label;

constexpr char kStyle[] = R"css(
body { font: 11pt/1.45 serif; max-width: 52em; margin: 2em auto; padding: 0 1em; color: #111 }
h1 { font-size: 1.5em; margin-bottom: 0 } h2 { font-size: 1.15em; border-bottom: 1px solid #888; margin-top: 2em }
small, .en { color: #555; font-weight: normal } table { border-collapse: collapse; width: 100% }
td, th { border: 1px solid #bbb; padding: .25em .5em; text-align: left; vertical-align: top; font-size: .92em }
blockquote { margin: .3em 0 .3em 1em; padding-left: .7em; border-left: 3px solid #bbb; white-space: pre-wrap }
code { font-size: .85em; overflow-wrap: anywhere }
@media print { body { margin: 0; max-width: none } h2, tr { break-inside: avoid; break-after: auto } }
)css";

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// Builds the page from the top to the bottom. All text goes through Escaped.
class Page {
 public:
  explicit Page(const v1::Dossier& dossier) : dossier_(dossier) {}

  std::string Take() {
    const std::string title = fmt::format("Dossier {}", telling::ShowReportId(dossier_.report_id()));
    html_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"id\"><head><meta "
        "charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>"
        "<body>\n<h1>{0}</h1>\n",
        Escaped(title), kStyle);
    Paragraph(fmt::format(
        "Dibuat {} (WIB) untuk {}. Nama pelapor tidak dimuat. / Made {} (WIB) for {}. The reporter's "
        "name is not in it.",
        Time(dossier_.exported_at()), For(), Time(dossier_.exported_at()), For()));
    Case();
    Verdicts();
    Notes();
    Earlier();
    Documents();
    Clocks();
    Hands();
    Answers();
    Timeline();
    Omissions();
    return std::move(html_) + "</body></html>\n";
  }

 private:
  void Heading(std::string_view indonesian, std::string_view english) {
    html_ += fmt::format("<h2>{} <span class=\"en\">{}</span></h2>\n", Escaped(indonesian), Escaped(english));
  }
  void Paragraph(std::string_view text) { html_ += fmt::format("<p>{}</p>\n", Escaped(text)); }
  void Quote(std::string_view text) {
    if (!text.empty()) html_ += fmt::format("<blockquote>{}</blockquote>\n", Escaped(text));
  }
  void Rows(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows) {
    const auto row = [&](const char* tag, const std::vector<std::string>& cells) {
      html_ += "<tr>";
      for (const std::string& cell : cells) html_ += fmt::format("<{0}>{1}</{0}>", tag, Escaped(cell));
      html_ += "</tr>\n";
    };
    html_ += "<table>\n";
    if (!heads.empty()) row("th", heads);
    for (const auto& cells : rows) row("td", cells);
    html_ += "</table>\n";
  }

  static std::string Time(const google::protobuf::Timestamp& time) {
    return time.seconds() == 0 ? "" : telling::ShowTime(FromProto(time), telling::Wib());
  }
  // The last day in time, of whichever zone; where lives are in danger, in hours, the time.
  static std::string LastDay(const google::protobuf::Timestamp& due_at) {
    return due_at.seconds() == 0 ? "" : telling::ShowLastDay(FromProto(due_at), telling::Wib());
  }
  static std::string Due(report::v1::Clock clock, const google::protobuf::Timestamp& due_at) {
    return due_at.seconds() == 0 ? "" : telling::ShowDue(clock, FromProto(due_at), telling::Wib());
  }
  std::string For() const {
    const report::v1::Actor& actor = dossier_.exported_for();
    return Label(actor.role()) + (actor.agency_id().empty() ? "" : " " + actor.agency_id());
  }
  static std::string Attached(const google::protobuf::RepeatedPtrField<report::v1::Attachment>& attachments) {
    std::string text;
    for (const report::v1::Attachment& a : attachments)
      text += fmt::format("{}, {} bytes, SHA-256 {}\n", a.media_type(), a.size_bytes(), a.sha256());
    return text;
  }

  void Case() {
    const v1::Escalation& e = dossier_.escalation();
    Heading("Perkara", "The case");
    std::vector<std::vector<std::string>> rows = {
        {"Laporan / report", telling::ShowReportId(dossier_.report_id())},
        {"Terlapor / respondent", e.respondent_agency_id()},
        {"Kantor / office", e.office()},
        {"Tahap / stage", Label(e.stage())},
        {"Sebab / cause",
         Label(e.cause()) + (e.clock() == report::v1::CLOCK_UNSPECIFIED ? "" : ", " + Label(e.clock()))},
        {"Dibuka / opened", Time(e.opened_at())}};
    if (e.has_closed_at()) {
      rows.push_back({"Ditutup / closed", Time(e.closed_at())});
      rows.push_back({"Hasil / outcome", Label(e.outcome())});
    }
    if (e.maladministration() != event::v1::MALADMINISTRATION_UNSPECIFIED)
      rows.push_back({"Maladministrasi", Label(e.maladministration())});
    if (e.compliance() != event::v1::COMPLIANCE_UNSPECIFIED)
      rows.push_back({"Pelaksanaan / compliance", Label(e.compliance())});
    Rows({}, rows);
    if (!dossier_.has_report()) return;
    Paragraph(dossier_.report().title());
    Quote(dossier_.report().description());
  }

  // Of the last escalation, or of an earlier one.
  template <class Case>
  void VerdictRows(const Case& of) {
    if (of.verdicts().empty()) return;
    std::vector<std::vector<std::string>> rows;
    for (const event::v1::GroundVerdict& verdict : of.verdicts()) {
      rows.push_back({Label(verdict.ground()), verdict.met() ? "terpenuhi / met" : "TIDAK / NOT met",
                      Label(verdict.basis())});
    }
    Rows({"Syarat / ground", "Putusan / verdict", "Dasar / basis"}, rows);
    for (const v1::Judgement& judgement : of.judgements()) {
      Paragraph(Label(judgement.ground()) + ":");
      Quote(judgement.reason());
    }
  }

  template <class Case>
  void NoteQuotes(const Case& of) {
    for (const v1::Note& note : of.notes()) {
      Paragraph(fmt::format("{} {}", Time(note.written_at()), Label(note.kind())));
      Quote(note.text());
    }
  }

  void Verdicts() {
    if (dossier_.escalation().verdicts().empty()) return;
    Heading("Verifikasi formal", "Formal check, ground by ground");
    VerdictRows(dossier_.escalation());
  }

  void Notes() {
    if (dossier_.escalation().notes().empty()) return;
    Heading("Catatan Ombudsman", "Notes of the Ombudsman's officers");
    NoteQuotes(dossier_.escalation());
  }

  void Earlier() {
    for (const v1::EarlierEscalation& earlier : dossier_.earlier()) {
      Heading(fmt::format("Perkara sebelumnya, {}-{}", dossier_.report_id(), earlier.number()),
              "An earlier case; how it ended is in the timeline");
      if (earlier.finding() != event::v1::FINDING_UNSPECIFIED)
        Paragraph(fmt::format("LHP / examination report: {} {}", Label(earlier.finding()),
                              Label(earlier.maladministration())));
      VerdictRows(earlier);
      NoteQuotes(earlier);
      ClockRows("", earlier.clocks());
    }
  }

  void Documents() {
    if (dossier_.documents().empty()) return;
    Heading("Surat dan dokumen", "Documents");
    for (const v1::Document& d : dossier_.documents()) {
      Paragraph(fmt::format("{} {}: {}{}", d.document_number(), Label(d.kind()),
                            d.agency_id().empty() ? d.addressee() : d.agency_id(),
                            d.finding() == event::v1::FINDING_UNSPECIFIED ? "" : "; " + Label(d.finding())));
      Rows({"Terbit / issued", "Diterima / delivered", "Tenggat / due by"},
           {{Time(d.issued_at()), Time(d.delivered_at()), LastDay(d.due_at())}});
      Quote(d.text());
      Quote(Attached(d.attachments()));
      html_ += fmt::format("<p><small>SHA-256 <code>{}</code></small></p>\n", Escaped(d.text_sha256()));
      for (const v1::Reply& reply : d.replies()) {
        Paragraph(fmt::format("Jawaban / reply {}, {}:", Time(reply.replied_at()),
                              reply.agency_id().empty()
                                  ? "dicatat Ombudsman / recorded by the Ombudsman's officers"
                                  : reply.agency_id()));
        Quote(reply.text());
        Quote(Attached(reply.attachments()));
      }
    }
  }

  // The clock as one row, and what it rests on as a paragraph.
  template <class Clock>
  void ClockRows(const std::string& whose, const google::protobuf::RepeatedPtrField<Clock>& clocks) {
    for (const Clock& clock : clocks) {
      Paragraph(fmt::format("{}{}", whose, Label(clock.clock())));
      Rows({"Mulai / started", "Tenggat / due by", "Dipenuhi / met", "Lewat / breached"},
           {{Time(clock.started_at()), Due(clock.clock(), clock.due_at()), Time(clock.met_at()),
             Breached(clock)}});
      if (!clock.has_explanation()) continue;
      Explain(clock.explanation());
      if (FromProto(clock.explanation().due_at()) == FromProto(clock.due_at())) continue;
      // The calendars have changed since the clock ended.
      const std::string by_now = Due(clock.clock(), clock.explanation().due_at());
      Paragraph(
          fmt::format("Menurut kalender sekarang tenggatnya {0}; yang telah diberitahukan tetap berlaku. / "
                      "By the calendars of "
                      "today it would be due by {0}; what was told stands.",
                      by_now));
    }
  }
  template <class Clock>
  static std::string Breached(const Clock& clock) {
    return Time(clock.breached_at());
  }
  static std::string Breached(const routing::v1::RouteClock& clock) {
    return clock.breached() ? "ya / yes" : "";
  }
  void Explain(const policy::v1::Explanation& e) {
    std::string text = fmt::format(
        "{} {} sejak / since {}; {} {}; kebijakan / policy {}; kalender / calendar {}.", e.term().amount(),
        Label(e.term().unit()), Label(e.starts()), e.term().citation().instrument(),
        e.term().citation().article(), e.policy_version(), fmt::join(e.calendar_version(), ", "));
    for (const policy::v1::SkippedDay& day : e.skipped()) {
      text += fmt::format("\n{} {}{}", day.date(), Label(day.reason()),
                          day.name().empty() ? "" : ", " + day.name());
    }
    Quote(text);
  }

  void Clocks() {
    Heading("Jangka waktu", "Clocks, each with its explanation");
    ClockRows("Ombudsman: ", dossier_.escalation().clocks());
    ClockRows("", dossier_.hands().clocks());
    if (!dossier_.has_agency_case()) return;
    ClockRows("", dossier_.agency_case().clocks());
    for (const followup::v1::Case& child : dossier_.agency_case().children())
      ClockRows(telling::ShowReportId(child.report_id()) + ": ", child.clocks());
  }

  void Hands() {
    if (!dossier_.has_hands()) return;
    Heading("Disposisi", "Hands: who had the report, and why");
    Paragraph(dossier_.hands().why());
    std::vector<std::vector<std::string>> rows;
    for (const routing::v1::ExplainedHand& hand : dossier_.hands().hands())
      rows.push_back({hand.hand().agency_id(), Time(hand.hand().since()), hand.why()});
    Rows({"Instansi / agency", "Sejak / since", "Alasan / why"}, rows);
  }

  void Answers() {
    if (dossier_.report().responses().empty()) return;
    Heading("Tanggapan instansi", "Answers of the agencies");
    for (const intake::v1::Response& r : dossier_.report().responses()) {
      Paragraph(fmt::format("{} {}, {}{}", Time(r.given_at()), r.agency_id(), Label(r.kind()),
                            r.child() == 0 ? "" : fmt::format(" ({})", r.child())));
      Quote(r.text());
      Quote(Attached(r.evidence()));
    }
  }

  void Timeline() {
    if (!dossier_.has_report()) return;
    Heading("Riwayat", "Timeline (WIB)");
    std::map<std::string, std::string> words;
    for (const intake::v1::Message& message : dossier_.report().messages())
      words[message.message_id()] = message.text();
    const auto by_id = [](const std::string& id) { return id; };
    std::vector<std::vector<std::string>> rows;
    for (const event::v1::Event& event : dossier_.report().timeline()) {
      std::string what = telling::Describe(event, telling::Wib(), by_id);
      const auto said = words.find(telling::MessageIdOf(event));
      if (said != words.end()) what += "\n" + said->second;
      rows.push_back({Time(event.occurred_at()), what});
    }
    Rows({"Waktu / when", "Peristiwa / what"}, rows);
  }

  void Omissions() {
    if (dossier_.omissions().empty()) return;
    Heading("Tidak dimuat", "Left out");
    for (const v1::Omission& omission : dossier_.omissions())
      Paragraph(fmt::format("{}: {}", omission.part(), omission.reason()));
  }

  const v1::Dossier& dossier_;
  std::string html_;
};

}  // namespace

std::string DossierPage(const v1::Dossier& dossier) { return Page(dossier).Take(); }

}  // namespace lapor::ombudsman
