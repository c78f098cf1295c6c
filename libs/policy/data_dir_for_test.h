// Small data directories for tests: valid as they stand, so that a test breaks one thing and looks at what is
// said.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace lapor::policy {

// A directory that is removed with its files.
class DataDir {
 public:
  DataDir() {
    std::string name = (std::filesystem::temp_directory_path() / "lapor-policy-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~DataDir() { std::filesystem::remove_all(path_); }
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string File(std::string_view name) const { return (path_ / name).string(); }
  void Write(std::string_view name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  void Remove(std::string_view name) const { std::filesystem::remove(path_ / name); }

 private:
  std::filesystem::path path_;
};

inline std::string Replace(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Line 4 is the first clock_term, line 13 max_bounces, line 32 the first supervisor_step, line 34 the
// evidence_rule, line 35 answer_signals.
inline const std::string kDeadlines =
    R"(version: "1"
effective_from: "2026-01-01"

clock_term { clock: CLOCK_VERIFICATION starts: START_EVENT_SUBMITTED term { amount: 3 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_FIRST_RESPONSE starts: START_EVENT_FIRST_ASSIGNED term { amount: 5 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_RESOLUTION starts: START_EVENT_VERIFIED term { amount: 14 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_COMPLETION starts: START_EVENT_COMPLETION_REQUESTED term { amount: 10 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_REACTION starts: START_EVENT_RESPONDED term { amount: 10 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_CONTEST starts: START_EVENT_ARCHIVED term { amount: 21 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_DELIVERY starts: START_EVENT_ASSIGNED term { amount: 1 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }

limits {
  max_bounces { value: 3 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  max_escalation_age_years { value: 2 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  max_interim_answers { value: 5 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  max_questions { value: 2 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  max_summons { value: 3 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  reminder_percent { value: 50 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  reminder_percent { value: 80 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
}
clock_term { clock: CLOCK_QUESTION starts: START_EVENT_QUESTION_ASKED term { amount: 10 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_PROMISE starts: START_EVENT_INTERIM_GIVEN term { amount: 14 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_REOPENING starts: START_EVENT_CLOSED term { amount: 10 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_APPEAL starts: START_EVENT_APPEALED term { amount: 10 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_OMBUDSMAN_CHECK starts: START_EVENT_CONSENTED term { amount: 14 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_CLARIFICATION starts: START_EVENT_LETTER_RECEIVED term { amount: 14 unit: DAY_UNIT_CALENDAR_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_SECOND_CLARIFICATION starts: START_EVENT_LETTER_RECEIVED term { amount: 14 unit: DAY_UNIT_CALENDAR_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_SUMMONS starts: START_EVENT_LETTER_RECEIVED term { amount: 7 unit: DAY_UNIT_CALENDAR_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_CORRECTIVE_ACTION starts: START_EVENT_LETTER_RECEIVED term { amount: 30 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_RECOMMENDATION starts: START_EVENT_LETTER_RECEIVED term { amount: 60 unit: DAY_UNIT_CALENDAR_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
clock_term { clock: CLOCK_RAPID_RESPONSE starts: START_EVENT_RAPID_RESPONSE_OPENED term { amount: 24 unit: DAY_UNIT_HOURS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
supervisor_step { term { amount: 1 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
supervisor_step { term { amount: 2 unit: DAY_UNIT_WORKING_DAYS citation { instrument: "x" confidence: CONFIDENCE_HIGH } } }
evidence_rule { min_evidence: 1 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
answer_signals {
  other_door_phrase: "silakan menghubungi"
  same_answers { value: 5 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
  same_answers_days { value: 30 citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
}
)";

// Line 4 is the decree, lines 5 and 6 are days.
inline const std::string kCalendar2026 = R"(
year: 2026
version: "2026.1"
decree { id: "skb" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
day { date: "2026-01-01" kind: HOLIDAY_KIND_NATIONAL name: "Tahun Baru" decree: "skb" }
day { date: "2026-12-24" kind: HOLIDAY_KIND_COLLECTIVE_LEAVE name: "Cuti Bersama" decree: "skb" }
)";

inline const std::string kRegions = R"(code,name,kind,parent,time_zone
32,Jawa Barat,province,,WIB
32.01,Kabupaten Bogor,regency,32,WIB
32.73,Kota Bandung,city,32,WIB
)";

inline const std::string kCategories = R"(code,name,name_en,parent
health,Kesehatan,Health,
health.hospital,Rumah Sakit,Hospitals,health
)";

inline const std::string kAgencies = R"(id,name,kind,parent,region,time_zone,short_name,units
id,Administrator Nasional,national,,,WIB,Nasional,
id.kemendagri,Kementerian Dalam Negeri,national,id,,WIB,Kemendagri,
id.32,Pemerintah Provinsi Jawa Barat,province,id.kemendagri,32,WIB,Pemprov Jabar,
id.32.01,Pemerintah Kabupaten Bogor,regency,id.32,32.01,WIB,Pemkab Bogor,regency
id.32.73,Pemerintah Kota Bandung,city,id.32,32.73,WIB,Pemkot Bandung,regency
)";

inline const std::string kUnits = R"(code,name,short_name
dinkes,Dinas Kesehatan {region},Dinkes {region}
dishub,Dinas Perhubungan {region},Dishub {region}
)";

}  // namespace lapor::policy
