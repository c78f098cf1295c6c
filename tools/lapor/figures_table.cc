#include "tools/lapor/figures_table.h"

#include <algorithm>

#include "fmt/format.h"
#include "libs/telling/terms.h"
#include "tools/lapor/render.h"

namespace lapor::client {

using telling::Label;
namespace {

using reporting::v1::Figures;

constexpr size_t kMaxNameCharacters = 52;

std::string NameOf(const Figures& figures) {
  if (figures.scope() == reporting::v1::SCOPE_NATION) return "Indonesia";
  return Shorten(figures.name().empty() ? figures.id() : figures.name(), kMaxNameCharacters);
}

std::string PercentOf(const Figures& figures) {
  return figures.has_followed_up_percent() ? fmt::format("{:.2f}", figures.followed_up_percent()) : "";
}

// A suppressed row tells no count that could point at a person: 0 stands for "few" there.
std::string Count(const Figures& figures, int64_t count) {
  return figures.suppressed() && count == 0 ? "few" : std::to_string(count);
}

// Where it would give a suppressed count away the numerator is left out, with percentage and band.
std::string FractionOf(const Figures& figures) {
  const bool told = !figures.suppressed() || figures.has_followed_up_percent();
  const std::string numerator = told ? std::to_string(figures.followed_up_numerator()) : "left out";
  // Merged reports that are few are left out of the denominator, which isn't few.
  const bool denominator_told = told || figures.followed_up_denominator() > 0 || figures.received() == 0;
  return fmt::format("{}/{}", numerator,
                     denominator_told ? Count(figures, figures.followed_up_denominator()) : "left out");
}

// "92.86%, band above 90"; as much of it as there is.
std::string Judgement(const Figures& figures) {
  std::string text = PercentOf(figures);
  if (!text.empty()) text += '%';
  if (figures.band() != reporting::v1::BAND_UNSPECIFIED)
    text += (text.empty() ? "band " : ", band ") + Label(figures.band());
  return text.empty() ? "" : "  " + text;
}

std::string RatingOf(const Figures& figures) {
  if (figures.rating_count() == 0) return Count(figures, 0) == "0" ? "none" : "few";
  return fmt::format("{:.2f}",
                     static_cast<double>(figures.rating_sum()) / static_cast<double>(figures.rating_count()));
}

}  // namespace

std::string ShowFiguresTable(const std::vector<Figures>& rows, const Figures* total) {
  using enum Table::Align;
  Table table({{"agency or province", "instansi atau provinsi"},
               {"id", ""},
               {"received", "diterima", kRight},
               {"verified", "terverif.", kRight},
               {"in process", "proses", kRight},
               {"closed", "selesai", kRight},
               {"overdue", "lewat waktu", kRight},
               {"breached", "pernah lewat", kRight},
               {"returned", "bukan wewenang", kRight},
               {"Ombudsman", "Ombudsman", kRight},
               {"followed up", "tindak lanjut", kRight},
               {"%", "", kRight},
               {"band", "kelompok"}});
  const auto add = [&](const Figures& f) {
    const auto count = [&](int64_t value) { return Count(f, value); };
    table.Add({NameOf(f), f.id(), count(f.received()), count(f.verified()), count(f.in_process()),
               count(f.closed()), count(f.overdue()), count(f.breached()), count(f.returned()),
               count(f.escalated()), FractionOf(f), PercentOf(f), Label(f.band())});
  };
  for (const Figures& row : rows) add(row);
  if (total != nullptr) {
    table.AddRule();
    add(*total);
  }
  return table.ToString();
}

std::string ShowFigures(const Figures& f) {
  std::string text = fmt::format("{}{}{}\n", NameOf(f), f.id().empty() ? "" : "  ", f.id());
  const auto line = [&](const char* label, int64_t count) {
    text += fmt::format("  {:<44}{:>8}\n", label, Count(f, count));
  };
  line("received (diterima)", f.received());
  line("verified (terverifikasi)", f.verified());
  line("in process (proses)", f.in_process());
  line("closed (selesai)", f.closed());
  line("  by the reporter's silence", f.closed_by_silence());
  line("archived (arsip)", f.archived());
  line("withdrawn (dicabut)", f.withdrawn());
  line("following another report (digabung)", f.merged());
  line("overdue now (lewat waktu)", f.overdue());
  line("breached ever (pernah lewat waktu)", f.breached());
  line("returned as not ours (bukan wewenang)", f.returned());
  line("reopened (dibuka kembali)", f.reopened());
  line("appealed (ke atasan instansi)", f.appealed());
  line("  granted (dikabulkan)", f.appeals_granted());
  line("questions to reporters (pertanyaan)", f.questions());
  line("promised dates broken (janji lewat)", f.promises_broken());
  line("breaches raised to above (naik ke atasan)", f.breaches_raised());
  line("answers: the same words to many", f.answers_copy_paste());
  line("  sending to another door", f.answers_other_door());
  line("  without evidence", f.answers_no_evidence());
  line("before the Ombudsman (ke Ombudsman)", f.escalated());
  line("maladministration found (maladministrasi)", f.maladministration_found());
  line("parts beside a leading agency (bagian)", f.child_assignments());
  line("  with their final answer", f.child_answered());
  text += fmt::format("  {:<44}{:>8}", "rating, 1 to 5 (nilai)", RatingOf(f));
  if (f.rating_count() > 0) text += fmt::format("  of {} ratings", f.rating_count());
  text += fmt::format("\n  {:<44}{:>8}{}\n", "followed up (tindak lanjut)", FractionOf(f), Judgement(f));
  if (f.suppressed()) {
    text +=
        "  few, left out: what is below the limit of open figures, or would tell it; a token tells all.\n";
  }
  return text;
}

bool KeepLargest(size_t limit, google::protobuf::RepeatedPtrField<Figures>* figures) {
  std::stable_sort(figures->begin(), figures->end(),
                   [](const Figures& a, const Figures& b) { return a.received() > b.received(); });
  const auto known = static_cast<size_t>(figures->size());
  if (known <= limit) return false;
  figures->DeleteSubrange(static_cast<int>(limit), static_cast<int>(known - limit));
  return true;
}

}  // namespace lapor::client
