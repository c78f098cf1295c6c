// What messages say: deploy/notify/*.txt, in Indonesian and English, checked as a whole when they are read.
//
//   # Why it is sent.
//   [id]
//   Subject: Laporan {report} telah dijawab; mohon tanggapi paling lambat {due}
//
//   Instansi telah ...
//   [en]
//   Subject: ...
//
// A subject is a whole sentence: as an SMS, and as a line of a digest, it stands alone. A line whose
// placeholder has no value is left out. words.txt has the words of codes and months:
//
//   CLOCK_RESOLUTION = penyelesaian | resolution
#pragma once

#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lapor/report/v1/report.pb.h"

namespace lapor::notify {

struct Placeholder {
  enum class Kind {
    kText,  // as it is: an id, a number
    kDay,   // 2026-03-20, told as 20 Maret 2026
    kWord,  // the name of a value of `words`, told in its words
  };
  std::string name;
  Kind kind = Kind::kText;
  // May be missing. Not allowed in subjects.
  bool optional = false;
  const google::protobuf::EnumDescriptor* words = nullptr;

  static Placeholder Text(std::string name) { return {.name = std::move(name)}; }
  static Placeholder Day(std::string name) { return {.name = std::move(name), .kind = Kind::kDay}; }
  static Placeholder Word(std::string name, const google::protobuf::EnumDescriptor* words) {
    return {.name = std::move(name), .kind = Kind::kWord, .words = words};
  }
};

// What a service has to say: the file NAME.txt, and what its text may hold.
struct TemplateSpec {
  std::string name;
  std::vector<Placeholder> placeholders = {};
};

// Immutable; thread-safe.
class Templates {
 public:
  using Values = std::map<std::string, std::string>;
  struct Item {
    std::string name;
    Values values;
  };
  struct Text {
    std::string subject;
    std::string body;
  };
  // Subjects that a digest lists.
  static constexpr size_t kMaxListed = 100;

  // Reads the templates of `specs` and the words that they need. `prefix`, as "reporter-", is that of all of
  // them: another file with it is an unknown template. INVALID_ARGUMENT with FILE:LINE for all that is wrong.
  static absl::StatusOr<std::shared_ptr<const Templates>> Load(const std::filesystem::path& folder,
                                                               const std::string& prefix,
                                                               const std::vector<TemplateSpec>& specs);

  // In this language; in both, Indonesian first, when it is UNSPECIFIED. INTERNAL when there is no such
  // template or a value that it needs is missing.
  absl::StatusOr<Text> Render(const Item& item, report::v1::Language language) const;

  // Several as one, by the template `digest`, whose values may be those of `common`, {count} and, a line for
  // each, {items}.
  absl::StatusOr<Text> RenderDigest(const std::string& digest, const Values& common,
                                    const std::vector<Item>& items, report::v1::Language language) const;

 private:
  static constexpr int kLanguages = 2;  // Indonesian, English
  struct Template {
    TemplateSpec spec;
    std::string subject[kLanguages];
    std::vector<std::string> body[kLanguages];  // lines
  };
  struct Loading;

  absl::StatusOr<Text> RenderIn(int language, const Item& item) const;

  std::map<std::string, Template> templates_;
  std::map<std::string, std::string> words_[kLanguages];
};

}  // namespace lapor::notify
