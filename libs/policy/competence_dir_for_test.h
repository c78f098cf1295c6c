// A small country with rules of competence, valid as it stands, so that a test changes one thing and looks.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "libs/policy/competence.h"
#include "libs/policy/data_dir_for_test.h"

namespace lapor::policy {

inline const std::string kCompetenceRegions = R"(code,name,kind,parent,time_zone
31,Jakarta,province,,WIB
31.71,Kota Administrasi Jakarta Pusat,city,31,WIB
32,Jawa Barat,province,,WIB
32.01,Kabupaten Bogor,regency,32,WIB
32.73,Kota Bandung,city,32,WIB
)";

inline const std::string kCompetenceCategories = R"(code,name,name_en,parent
health,Kesehatan,Health,
health.hospital,Rumah Sakit,Hospitals,health
land,Pertanahan,Land,
other,Lainnya,Other,
roads,Jalan,Roads,
roads.national,Jalan Nasional,National Roads,roads
)";

inline const std::string kCompetenceAgencies = R"(id,name,kind,parent,region,time_zone,short_name,units
id,Administrator Nasional,national,,,WIB,Nasional,
id.kemendagri,Kementerian Dalam Negeri,national,id,,WIB,Kemendagri,
id.kemenpu,Kementerian Pekerjaan Umum,national,id,,WIB,Kementerian PU,
id.atrbpn,Badan Pertanahan Nasional,national,id,,WIB,BPN,
id.31,Pemerintah Provinsi Jakarta,province,id.kemendagri,31,WIB,Pemprov Jakarta,province
id.31.71,Pemerintah Kota Jakarta Pusat,city,id.31,31.71,WIB,Pemkot Jakpus,
id.32,Pemerintah Provinsi Jawa Barat,province,id.kemendagri,32,WIB,Pemprov Jabar,province
id.32.01,Pemerintah Kabupaten Bogor,regency,id.32,32.01,WIB,Pemkab Bogor,regency
id.32.73,Pemerintah Kota Bandung,city,id.32,32.73,WIB,Pemkot Bandung,regency
)";

// Line 6 is the first rule, each takes a line.
inline const std::string kCompetence =
    R"(version: "1"

subject { id: "toll-road" name: "Jalan tol" name_en: "Toll roads" phrase: "jalan tol" phrase: "gerbang tol" }
subject { id: "vaccination" name: "Vaksinasi" name_en: "Vaccination" phrase: "vaksin" phrase: "imunisasi" }

rule { id: "health" category: "health" regency: "dinkes" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "hospital" category: "health.hospital" province: "rsud" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "vaccination" category: "health" subject: "vaccination" regency: "dinkes" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "roads" category: "roads" regency: "dpupr" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "roads-jakarta" category: "roads" place { region: "31" } province: "dpupr" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "roads-national" category: "roads.national" national: "id.kemenpu" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "roads-toll" category: "roads" subject: "toll-road" national: "id.kemenpu" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "land" category: "land" national: "id.atrbpn" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
rule { id: "other" category: "other" national: "id" citation { instrument: "x" confidence: CONFIDENCE_HIGH } }
)";

inline std::string RuleLine(std::string_view rest) {
  return "rule { " + std::string(rest) + " citation { instrument: \"x\" confidence: CONFIDENCE_HIGH } }\n";
}

class CompetenceDir : public DataDir {
 public:
  CompetenceDir() {
    Write("deadlines.textproto", kDeadlines);
    Write("calendar-2026.textproto", kCalendar2026);
    Write("regions.csv", kCompetenceRegions);
    Write("categories.csv", kCompetenceCategories);
    Write("agencies.csv", kCompetenceAgencies);
    Write("units-regency.csv", kUnits + "dpupr,Dinas Jalan {region},DPUPR {region}\n");
    Write("units-province.csv",
          "code,name,short_name\nrsud,RSUD {region},RSUD {region}\ndpupr,Dinas Jalan {region},DPUPR "
          "{region}\n");
    Write(kCompetenceFile, kCompetence);
  }

  absl::StatusOr<std::shared_ptr<const Competence>> Load() const {
    const auto policy = Policy::Load(path(), path());
    if (!policy.ok()) return policy.status();
    const auto agencies = ReadAgencies(path());
    if (!agencies.ok()) return agencies.status();
    return Competence::Load(path(), *policy, *agencies);
  }
  std::string Errors() const {
    return Replace(std::string(Load().status().message()), path().string() + "/", "");
  }
};

}  // namespace lapor::policy
