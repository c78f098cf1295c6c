#include "libs/telling/terms.h"

#include <algorithm>
#include <map>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace lapor::telling {
namespace {

using google::protobuf::EnumDescriptor;

// What the English reader doesn't guess from the value's name, or an Indonesian officer would say otherwise.
// `english` may be empty: then the value's own words will do.
struct Term {
  const char* english;
  const char* indonesian;
};

const std::map<std::string_view, Term>& Terms() {
  static const auto* terms = new std::map<std::string_view, Term>{
      {"REPORT_CLASS_COMPLAINT", {"", "pengaduan"}},
      {"REPORT_CLASS_ASPIRATION", {"", "aspirasi"}},
      {"REPORT_CLASS_INFORMATION_REQUEST", {"", "permintaan informasi"}},

      {"CHANNEL_WEB", {"", "situs web"}},
      {"CHANNEL_MOBILE", {"", "aplikasi seluler"}},
      {"CHANNEL_SMS", {"SMS", "SMS 1708"}},
      {"CHANNEL_SOCIAL_MEDIA", {"", "media sosial"}},
      {"CHANNEL_AGENCY_APPLICATION", {"", "aplikasi instansi"}},
      {"CHANNEL_COUNTER", {"", "loket"}},

      {"REPORT_STATUS_RECEIVED", {"", "diterima"}},
      {"REPORT_STATUS_AWAITING_COMPLETION", {"", "tunda"}},
      {"REPORT_STATUS_VERIFIED", {"", "terverifikasi"}},
      {"REPORT_STATUS_IN_PROCESS", {"", "proses"}},
      {"REPORT_STATUS_ANSWERED", {"", "ditanggapi"}},
      {"REPORT_STATUS_CLOSED", {"", "selesai"}},
      {"REPORT_STATUS_ARCHIVED", {"", "arsip"}},
      {"REPORT_STATUS_WITHDRAWN", {"", "dicabut"}},
      {"REPORT_STATUS_MERGED", {"", "digabung"}},

      {"ARCHIVE_REASON_NOT_COMPLETED", {"", "tidak dilengkapi"}},
      {"ARCHIVE_REASON_BEFORE_COURT", {"", "sedang di pengadilan"}},
      {"ARCHIVE_REASON_CRIMINAL_MATTER", {"", "perkara pidana"}},
      {"ARCHIVE_REASON_NOT_PUBLIC_SERVICE", {"", "bukan pelayanan publik"}},
      {"ARCHIVE_REASON_UNINTELLIGIBLE", {"", "tidak dapat dipahami"}},

      {"CLOCK_VERIFICATION", {"", "verifikasi"}},
      {"CLOCK_FIRST_RESPONSE", {"", "tanggapan pertama"}},
      {"CLOCK_RESOLUTION", {"", "penyelesaian"}},
      {"CLOCK_COMPLETION", {"", "kelengkapan"}},
      {"CLOCK_REACTION", {"", "tanggapan pelapor"}},
      {"CLOCK_CONTEST", {"", "keberatan"}},
      {"CLOCK_DELIVERY", {"delivery to the application", "penerusan ke aplikasi instansi"}},
      {"CLOCK_QUESTION", {"answer to the question", "jawaban pelapor"}},
      {"CLOCK_PROMISE", {"promised date", "janji instansi"}},
      {"CLOCK_REOPENING", {"", "pembukaan kembali"}},
      {"CLOCK_APPEAL", {"", "banding"}},
      {"CLOCK_OMBUDSMAN_CHECK", {"checks of the Ombudsman", "verifikasi Ombudsman"}},
      {"CLOCK_CLARIFICATION", {"", "klarifikasi"}},
      {"CLOCK_SECOND_CLARIFICATION", {"", "klarifikasi kedua"}},
      {"CLOCK_SUMMONS", {"", "panggilan"}},
      {"CLOCK_CORRECTIVE_ACTION", {"", "tindakan korektif"}},
      {"CLOCK_RECOMMENDATION", {"", "rekomendasi"}},
      {"CLOCK_RAPID_RESPONSE", {"", "respon cepat"}},

      {"ROLE_CHANNEL", {"", "kanal"}},
      {"ROLE_OFFICER", {"", "pejabat penghubung"}},
      {"ROLE_AGENCY_ADMIN", {"agency administrator", "admin instansi"}},
      {"ROLE_TRIAGE", {"triage", "admin pusat"}},
      {"ROLE_ARBITER", {"", "pemutus"}},
      {"ROLE_OMBUDSMAN", {"Ombudsman", "Ombudsman"}},
      {"ROLE_MONITOR", {"", "pemantau"}},
      {"ROLE_ANALYST", {"", "analis"}},
      {"ROLE_OPERATOR", {"", "operator"}},
      {"ROLE_SERVICE", {"the system", "sistem"}},
      {"ROLE_REPORTER", {"", "pelapor"}},

      {"ROUTE_STATE_AWAITING_TRIAGE", {"", "menunggu verifikasi"}},
      {"ROUTE_STATE_AWAITING_COMPLETION", {"", "tunda"}},
      {"ROUTE_STATE_VERIFIED", {"", "terverifikasi"}},
      {"ROUTE_STATE_ASSIGNED", {"", "disposisi"}},
      {"ROUTE_STATE_ACCEPTED", {"", "diterima instansi"}},
      {"ROUTE_STATE_RETURNED", {"", "dikembalikan"}},
      {"ROUTE_STATE_IN_ARBITRATION", {"", "menunggu putusan"}},
      {"ROUTE_STATE_ARCHIVED", {"", "arsip"}},
      {"ROUTE_STATE_ENDED", {"", "berakhir"}},
      {"ROUTE_STATE_MERGED", {"", "digabung"}},

      {"RETURN_REASON_OTHER_LEVEL",
       {"another level of government is competent", "bukan wewenang: tingkat lain"}},
      {"RETURN_REASON_OTHER_AGENCY", {"another agency is competent", "bukan wewenang: instansi lain"}},
      {"RETURN_REASON_OTHER_REGION", {"another region is competent", "bukan wewenang: daerah lain"}},

      {"SUGGESTION_BASIS_SUBJECT", {"", "pokok perkara"}},
      {"SUGGESTION_BASIS_CATEGORY", {"topic", "topik"}},
      {"SUGGESTION_BASIS_OTHER_CATEGORY", {"another topic", "topik lain"}},
      {"SUGGESTION_BASIS_SUBCATEGORY", {"subtopic", "subtopik"}},
      {"SUGGESTION_BASIS_GOVERNMENT", {"government of the place", "pemerintah setempat"}},
      {"SUGGESTION_BASIS_TRIAGE", {"national administrator", "admin nasional"}},
      {"PLACE_NEEDED_PROVINCE", {"", "provinsi"}},
      {"PLACE_NEEDED_REGENCY", {"regency or city", "kabupaten/kota"}},
      {"RULES_SAY_COMPETENT", {"", "berwenang"}},
      {"RULES_SAY_POSSIBLE", {"may be competent", "mungkin berwenang"}},
      {"RULES_SAY_NOT_COMPETENT", {"others are competent", "bukan wewenangnya"}},
      {"RULES_SAY_UNDECIDED", {"they can't tell", "belum dapat ditentukan"}},

      {"AGENCY_KIND_NATIONAL", {"national body", "pusat"}},
      {"AGENCY_KIND_PROVINCE", {"", "provinsi"}},
      {"AGENCY_KIND_REGENCY", {"", "kabupaten"}},
      {"AGENCY_KIND_CITY", {"", "kota"}},
      {"AGENCY_KIND_UNIT", {"", "unit kerja"}},
      {"AGENCY_KIND_STATE_COMPANY", {"", "BUMN"}},

      {"AGENCY_CHANGE_CREATED", {"", "instansi dibentuk"}},
      {"AGENCY_CHANGE_CHANGED", {"", "instansi berubah"}},
      {"AGENCY_CHANGE_MERGED", {"", "instansi digabung"}},
      {"AGENCY_CHANGE_SPLIT", {"", "instansi dipecah"}},
      {"AGENCY_CHANGE_CLOSED", {"", "instansi dibubarkan"}},

      {"CASE_STATE_AWAITING_ASSIGNMENT", {"", "menunggu disposisi"}},
      {"CASE_STATE_OPEN", {"", "proses"}},
      {"CASE_STATE_ANSWERED", {"", "ditanggapi"}},
      {"CASE_STATE_CLOSED", {"", "selesai"}},
      {"CASE_STATE_ENDED", {"", "berakhir"}},
      {"CASE_STATE_ARCHIVED", {"", "arsip"}},
      {"CASE_STATE_MERGED", {"", "digabung"}},

      {"RESTORE_REASON_CONTESTED", {"the reporter contested it", "keberatan pelapor"}},
      {"RESTORE_REASON_COMPLETED", {"it had been completed in time", "dilengkapi tepat waktu"}},

      {"UNMERGE_REASON_ADMINISTRATOR", {"it is another matter", "perkara lain"}},
      {"UNMERGE_REASON_LEAD_GONE",
       {"the other report was archived or withdrawn", "laporan induk tidak berlanjut"}},
      {"UNMERGE_REASON_ESCALATED", {"the reporter turned to the Ombudsman", "ke Ombudsman"}},
      {"UNMERGE_REASON_WITHDRAWN", {"the reporter withdrew it", "dicabut"}},
      {"UNMERGE_REASON_CLOSED", {"it had been closed", "sudah selesai"}},

      {"RESPONSE_KIND_INTERIM", {"interim answer", "tanggapan sementara"}},
      {"RESPONSE_KIND_FINAL", {"final answer", "tanggapan akhir"}},
      {"RESPONSE_KIND_QUESTION", {"question to the reporter", "pertanyaan kepada pelapor"}},

      {"INTERIM_REASON_COORDINATION", {"", "koordinasi"}},
      {"INTERIM_REASON_FIELD_CHECK", {"", "pemeriksaan lapangan"}},
      {"INTERIM_REASON_BUDGET", {"", "anggaran"}},
      {"INTERIM_REASON_WORK_IN_PROGRESS", {"", "sedang dikerjakan"}},
      {"INTERIM_REASON_THIRD_PARTY", {"", "pihak ketiga"}},

      {"ANSWER_SIGNAL_COPY_PASTE", {"the same words to many", "jawaban seragam"}},
      {"ANSWER_SIGNAL_OTHER_DOOR", {"sends to another door", "menyuruh ke tempat lain"}},
      {"ANSWER_SIGNAL_NO_EVIDENCE", {"", "tanpa bukti"}},

      {"QUESTION_ENDING_REPLIED", {"the reporter replied", "dijawab pelapor"}},
      {"QUESTION_ENDING_LAPSED", {"the term is over", "tidak dijawab"}},
      {"QUESTION_ENDING_DROPPED", {"the agency went on without", "dilanjutkan instansi"}},

      {"DISSATISFACTION_REASON_NOT_RESOLVED", {"", "belum selesai"}},
      {"DISSATISFACTION_REASON_BESIDE_THE_POINT", {"", "tidak menjawab"}},
      {"DISSATISFACTION_REASON_SENT_ELSEWHERE", {"", "disuruh ke tempat lain"}},
      {"DISSATISFACTION_REASON_UNTRUE", {"", "tidak sesuai kenyataan"}},
      {"DISSATISFACTION_REASON_OTHER", {"something else", "lainnya"}},

      {"CLOSING_BY_REPORTER", {"by the satisfied reporter", "oleh pelapor"}},
      {"CLOSING_BY_SILENCE", {"by the reporter's silence", "tanpa tanggapan pelapor"}},
      {"CLOSING_BY_AGENCY", {"by the agency", "oleh instansi"}},
      {"CLOSING_ON_APPEAL", {"as the appeal was dismissed", "banding ditolak"}},

      {"ESCALATION_CAUSE_BREACH", {"a clock of the agency ran out", "lewat waktu"}},
      {"ESCALATION_CAUSE_REPORTER_REQUEST", {"the reporter asked", "permintaan pelapor"}},

      {"GROUND_IDENTITY", {"full identity known", "identitas lengkap"}},
      {"GROUND_CITIZEN_OR_RESIDENT", {"citizen or resident", "warga negara atau penduduk"}},
      {"GROUND_COMPLAINED_FIRST", {"complained to the agency first", "sudah melapor ke instansi"}},
      {"GROUND_WITHIN_TWO_YEARS", {"not older than two years", "belum lewat dua tahun"}},
      {"GROUND_NOT_BEFORE_COURT", {"not before a court", "tidak sedang di pengadilan"}},
      {"GROUND_NOT_SETTLED_ELSEWHERE", {"not settled elsewhere", "belum diselesaikan pihak lain"}},
      {"GROUND_WITHIN_AUTHORITY", {"within the Ombudsman's authority", "wewenang Ombudsman"}},

      {"VERDICT_BASIS_RECORD", {"on record", "catatan"}},
      {"VERDICT_BASIS_DECLARATION", {"as declared", "pernyataan pelapor"}},
      {"VERDICT_BASIS_JUDGEMENT", {"as the officer found", "penilaian pemeriksa"}},
      {"VERDICT_BASIS_NOT_REQUIRED", {"", "tidak disyaratkan"}},

      {"ESCALATION_STAGE_PROPOSED", {"proposed", "diusulkan"}},
      {"ESCALATION_STAGE_FORMAL_CHECK", {"", "verifikasi formal"}},
      {"ESCALATION_STAGE_MATERIAL_CHECK", {"", "verifikasi materiil"}},
      {"ESCALATION_STAGE_EXAMINATION", {"", "pemeriksaan"}},
      {"ESCALATION_STAGE_EXAMINATION_REPORT", {"", "LHP"}},
      {"ESCALATION_STAGE_CLOSED", {"", "selesai"}},
      {"ESCALATION_STAGE_RESOLUTION_AND_MONITORING", {"", "resolusi dan monitoring"}},
      {"ESCALATION_STAGE_RECOMMENDATION", {"", "rekomendasi"}},
      {"ESCALATION_STAGE_PUBLICATION", {"", "publikasi"}},
      {"ESCALATION_STAGE_MEDIATION", {"", "mediasi"}},
      {"ESCALATION_STAGE_CONCILIATION", {"", "konsiliasi"}},
      {"ESCALATION_STAGE_SPECIAL_ADJUDICATION", {"", "ajudikasi khusus"}},

      {"ESCALATION_OUTCOME_NOT_ELIGIBLE", {"", "tidak memenuhi syarat"}},
      {"ESCALATION_OUTCOME_MALADMINISTRATION_FOUND", {"", "maladministrasi"}},
      {"ESCALATION_OUTCOME_NOT_FOUND", {"no maladministration found", "tidak ditemukan maladministrasi"}},
      {"ESCALATION_OUTCOME_RESOLVED", {"resolved by the agency", "diselesaikan instansi"}},
      {"ESCALATION_OUTCOME_STOPPED", {"", "dihentikan"}},
      {"ESCALATION_OUTCOME_SETTLED", {"", "disepakati"}},

      {"DOCUMENT_KIND_CLARIFICATION_REQUEST", {"", "permintaan klarifikasi"}},
      {"DOCUMENT_KIND_SUMMONS", {"", "panggilan"}},
      {"DOCUMENT_KIND_REQUEST_TO_COMPEL", {"", "permintaan menghadirkan paksa"}},
      {"DOCUMENT_KIND_FIELD_CHECK", {"", "pemeriksaan lapangan"}},
      {"DOCUMENT_KIND_EXAMINATION_REPORT", {"", "LHP"}},
      {"DOCUMENT_KIND_RECOMMENDATION", {"", "rekomendasi"}},
      {"DOCUMENT_KIND_SETTLEMENT", {"", "kesepakatan"}},
      {"DOCUMENT_KIND_PUBLICATION", {"", "publikasi"}},
      {"DOCUMENT_KIND_REPORT_TO_PARLIAMENT",
       {"report to parliament and president", "laporan kepada DPR dan Presiden"}},

      {"FINDING_MALADMINISTRATION", {"", "maladministrasi"}},
      {"FINDING_NONE", {"no maladministration", "tidak ditemukan"}},
      {"FINDING_STOPPED", {"", "dihentikan"}},

      {"COMPLIANCE_FULL", {"fully carried out", "dilaksanakan"}},
      {"COMPLIANCE_PARTIAL", {"partly carried out", "dilaksanakan sebagian"}},
      {"COMPLIANCE_NONE", {"not carried out", "tidak dilaksanakan"}},

      {"MALADMINISTRATION_PROTRACTED_DELAY", {"", "penundaan berlarut"}},
      {"MALADMINISTRATION_NOT_PROVIDING_SERVICE", {"", "tidak memberikan pelayanan"}},
      {"MALADMINISTRATION_DEVIATION_FROM_PROCEDURE", {"", "penyimpangan prosedur"}},
      {"MALADMINISTRATION_ABUSE_OF_AUTHORITY", {"", "penyalahgunaan wewenang"}},
      {"MALADMINISTRATION_INCOMPETENCE", {"", "tidak kompeten"}},
      {"MALADMINISTRATION_IMPROPRIETY", {"", "tidak patut"}},
      {"MALADMINISTRATION_DEMANDING_REWARD", {"", "permintaan imbalan"}},
      {"MALADMINISTRATION_DISCRIMINATION", {"", "diskriminasi"}},
      {"MALADMINISTRATION_CONFLICT_OF_INTEREST", {"", "konflik kepentingan"}},
      {"MALADMINISTRATION_PARTIALITY", {"", "berpihak"}},

      {"ESCALATION_STATUS_PROPOSED", {"", "diusulkan"}},
      {"ESCALATION_STATUS_REQUESTED", {"", "diminta"}},
      {"ESCALATION_STATUS_OPEN", {"before the Ombudsman", "di Ombudsman"}},
      {"ESCALATION_STATUS_CLOSED", {"closed by the Ombudsman", "diputus Ombudsman"}},
      {"ESCALATION_STATUS_LAPSED", {"", "gugur"}},

      {"BAND_ABOVE_90", {"above 90", "di atas 90"}},
      {"BAND_50_TO_90", {"50 to 90", "50 sampai 90"}},
      {"BAND_BELOW_50", {"below 50", "di bawah 50"}},
      {"BAND_NO_REPORTS", {"", "tanpa laporan"}},

      {"SCOPE_NATION", {"", "nasional"}},
      {"SCOPE_PROVINCE", {"", "provinsi"}},
      {"SCOPE_AGENCY", {"", "instansi"}},

      {"SKIP_REASON_WEEKEND", {"", "akhir pekan"}},
      {"SKIP_REASON_NATIONAL_HOLIDAY", {"", "hari libur nasional"}},
      {"SKIP_REASON_COLLECTIVE_LEAVE", {"", "cuti bersama"}},
      {"SKIP_REASON_PAUSED", {"the reporter owed something", "menunggu pelapor"}},
      {"SKIP_REASON_CLOSURE", {"the agency was closed", "instansi tutup"}},

      {"START_EVENT_SUBMITTED", {"the complete submission", "laporan lengkap"}},
      {"START_EVENT_VERIFIED", {"the verification", "verifikasi"}},
      {"START_EVENT_FIRST_ASSIGNED", {"the first assignment", "disposisi pertama"}},
      {"START_EVENT_COMPLETION_REQUESTED", {"the request for completion", "permintaan kelengkapan"}},
      {"START_EVENT_RESPONDED", {"the final answer", "tanggapan akhir"}},
      {"START_EVENT_LETTER_RECEIVED", {"the Ombudsman's letter", "surat Ombudsman"}},
      {"START_EVENT_QUESTION_ASKED", {"the question", "pertanyaan"}},
      {"START_EVENT_INTERIM_GIVEN", {"the interim answer", "tanggapan sementara"}},
      {"START_EVENT_CLOSED", {"the closing", "penutupan"}},
      {"START_EVENT_APPEALED", {"the appeal", "banding"}},
      {"START_EVENT_CONSENTED", {"the reporter's request or consent", "permintaan atau persetujuan pelapor"}},
      {"START_EVENT_RAPID_RESPONSE_OPENED", {"the rapid response", "respon cepat"}},
      {"START_EVENT_ARCHIVED", {"the archiving", "pengarsipan"}},
      {"START_EVENT_ASSIGNED", {"the assignment", "disposisi"}},

      {"DAY_UNIT_WORKING_DAYS", {"", "hari kerja"}},
      {"DAY_UNIT_CALENDAR_DAYS", {"", "hari kalender"}},
      {"DAY_UNIT_HOURS", {"", "jam"}},

      {"CONFIDENCE_UNVERIFIED", {"", "belum terverifikasi"}},
      {"CONFIDENCE_MEDIUM", {"secondary sources", "sumber sekunder"}},
      {"CONFIDENCE_HIGH", {"primary text", "naskah asli"}},
  };
  return *terms;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// ReportClass -> REPORT_CLASS_, as its first value, X_UNSPECIFIED, tells.
std::string PrefixOf(const EnumDescriptor& type) {
  const std::string& zero = type.value(0)->name();
  constexpr std::string_view kUnspecified = "UNSPECIFIED";
  return zero.ends_with(kUnspecified) ? zero.substr(0, zero.size() - kUnspecified.size()) : "";
}

std::string Normalised(std::string_view text) {
  std::string word;
  for (const char c : text) word += c == '_' || c == ' ' ? '-' : Lower(c);
  return word;
}

}  // namespace

std::string Word(const EnumDescriptor& type, int value) {
  const auto* known = type.FindValueByNumber(value);
  if (known == nullptr) return std::to_string(value);
  return Normalised(std::string_view(known->name()).substr(PrefixOf(type).size()));
}

std::vector<std::string> WordsOf(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(Word(type, type.value(i)->number()));
  }
  return words;
}

bool ReadWord(const EnumDescriptor& type, std::string_view text, int* value) {
  const std::string given = Normalised(text);
  const std::string prefix = Normalised(PrefixOf(type));
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    const std::string word = Word(type, number);
    if (number == 0 || (given != word && given != prefix + word)) continue;
    *value = number;
    return true;
  }
  return false;
}

std::string Label(const EnumDescriptor& type, int value) {
  if (value == 0) return "";
  std::string english = Word(type, value);
  std::ranges::replace(english, '-', ' ');
  const auto* known = type.FindValueByNumber(value);
  const auto term = known == nullptr ? Terms().end() : Terms().find(known->name());
  if (term == Terms().end()) return english;
  if (*term->second.english != '\0') english = term->second.english;
  if (english == term->second.indonesian) return english;
  return fmt::format("{} ({})", english, term->second.indonesian);
}

std::string CountOf(int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string Joined(const std::vector<std::string>& parts, const char* between) {
  return fmt::format("{}", fmt::join(parts, between));
}

}  // namespace lapor::telling
