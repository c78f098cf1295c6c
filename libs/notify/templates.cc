#include "libs/notify/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "absl/time/civil_time.h"
#include "libs/policy/data_file.h"

namespace lapor::notify {
namespace {

constexpr int kIndonesian = 0;
constexpr int kEnglish = 1;
constexpr const char* kSections[] = {"[id]", "[en]"};
// As long as servers take them.
constexpr size_t kMaxLineBytes = 500;
// A subject goes out as an SMS, too.
constexpr size_t kMaxSubjectBytes = 160;

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    if (!lines.back().empty() && lines.back().back() == '\r') lines.back().pop_back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `text` and `placeholder` for the parts of a line, in their order; false when a brace has no partner.
template <class OnText, class OnPlaceholder>
bool ForEachPart(std::string_view line, const OnText& text, const OnPlaceholder& placeholder) {
  while (!line.empty()) {
    const size_t open = std::min(line.find('{'), line.size());
    if (line.substr(0, open).find('}') != std::string_view::npos) return false;
    text(line.substr(0, open));
    line.remove_prefix(open);
    if (line.empty()) return true;
    const size_t close = line.find('}');
    if (close == std::string_view::npos) return false;
    placeholder(std::string(line.substr(1, close - 1)));
    line.remove_prefix(close + 1);
  }
  return true;
}

const Placeholder* Find(const TemplateSpec& spec, const std::string& name) {
  const auto found = std::ranges::find(spec.placeholders, name, &Placeholder::name);
  return found == spec.placeholders.end() ? nullptr : &*found;
}

// Whether a word of words.txt can ever be needed: a month, or a code of the events.
bool IsCode(const std::string& name) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  return pool->FindEnumValueByName("lapor.event.v1." + name) != nullptr ||
         pool->FindEnumValueByName("lapor.report.v1." + name) != nullptr;
}

// In this language or, when it isn't known, in both.
template <class RenderIn>
absl::StatusOr<Templates::Text> Compose(report::v1::Language language, const RenderIn& render_in) {
  if (language == report::v1::LANGUAGE_ENGLISH) return render_in(kEnglish);
  absl::StatusOr<Templates::Text> text = render_in(kIndonesian);
  if (!text.ok() || language == report::v1::LANGUAGE_INDONESIAN) return text;
  const absl::StatusOr<Templates::Text> english = render_in(kEnglish);
  if (!english.ok()) return english;
  text->body += fmt::format("\n---\n{}\n\n{}", english->subject, english->body);
  return text;
}

std::string MonthName(int month) { return fmt::format("MONTH_{:02}", month); }

}  // namespace

struct Templates::Loading {
  std::filesystem::path folder;
  policy::Diagnostics diagnostics = {};
  Templates& templates;

  // What a line may hold, and whether it closes its braces.
  void CheckLine(const std::filesystem::path& file, int number, const std::string& line,
                 const TemplateSpec& spec, bool is_subject) {
    if (line.size() > (is_subject ? kMaxSubjectBytes : kMaxLineBytes)) {
      diagnostics.Add(file, number,
                      fmt::format("is longer than {} bytes", is_subject ? kMaxSubjectBytes : kMaxLineBytes));
    }
    const bool closed = ForEachPart(
        line, [](std::string_view) {},
        [&](const std::string& name) {
          const Placeholder* placeholder = Find(spec, name);
          if (placeholder == nullptr) {
            diagnostics.Add(file, number, fmt::format("{{{}}} is no placeholder of this template", name));
          } else if (is_subject && placeholder->optional) {
            diagnostics.Add(file, number, fmt::format("{{{}}} may be missing, so no subject has it", name));
          }
        });
    if (!closed) diagnostics.Add(file, number, "has a brace without its partner");
  }

  void ReadTemplate(const TemplateSpec& spec) {
    const std::filesystem::path file = folder / (spec.name + ".txt");
    const auto content = policy::ReadDataFile(file, diagnostics);
    if (!content) return;
    Template& read = templates.templates_[spec.name];
    read.spec = spec;
    int section = -1;
    bool has_subject[kLanguages] = {};
    int number = 0;
    for (const std::string& line : LinesOf(*content)) {
      ++number;
      if (const auto found = std::ranges::find(kSections, line); found != std::end(kSections)) {
        section = static_cast<int>(found - kSections);
        if (has_subject[section]) diagnostics.Add(file, number, fmt::format("{} is there twice", line));
      } else if (section < 0) {
        if (!line.empty() && !line.starts_with('#')) {
          diagnostics.Add(file, number, "stands before [id] and is no comment");
        }
      } else if (!has_subject[section]) {
        has_subject[section] = true;
        constexpr std::string_view kSubject = "Subject: ";
        if (!line.starts_with(kSubject)) {
          diagnostics.Add(file, number, "is not the subject, as 'Subject: ...'");
          continue;
        }
        read.subject[section] = line.substr(kSubject.size());
        CheckLine(file, number, read.subject[section], spec, true);
      } else {
        read.body[section].push_back(line);
        CheckLine(file, number, line, spec, false);
      }
    }
    for (int language = 0; language < kLanguages; ++language) {
      auto& body = read.body[language];
      while (!body.empty() && body.front().empty()) body.erase(body.begin());
      while (!body.empty() && body.back().empty()) body.pop_back();
      if (read.subject[language].empty() || body.empty()) {
        diagnostics.Add(file, 0, fmt::format("has no subject or no text in {}", kSections[language]));
      }
    }
  }

  void ReadWords(const std::vector<TemplateSpec>& specs) {
    const std::filesystem::path file = folder / "words.txt";
    const auto content = policy::ReadDataFile(file, diagnostics);
    if (!content) return;
    std::set<std::string> needed;
    for (int month = 1; month <= 12; ++month) needed.insert(MonthName(month));
    const std::set<std::string> months = needed;
    for (const TemplateSpec& spec : specs) {
      for (const Placeholder& placeholder : spec.placeholders) {
        if (placeholder.words == nullptr) continue;
        for (int i = 1; i < placeholder.words->value_count(); ++i)  // 0 is UNSPECIFIED
          needed.insert(placeholder.words->value(i)->name());
      }
    }
    int number = 0;
    for (const std::string& line : LinesOf(*content)) {
      ++number;
      if (line.empty() || line.starts_with('#')) continue;
      const size_t equals = line.find('=');
      const size_t bar = line.find('|', std::min(equals, line.size()));
      if (bar == std::string::npos) {
        diagnostics.Add(file, number, "is not NAME = Indonesian | English");
        continue;
      }
      const std::string_view text = line;
      const std::string name(Trim(text.substr(0, equals)));
      const std::string words[] = {std::string(Trim(text.substr(equals + 1, bar - equals - 1))),
                                   std::string(Trim(text.substr(bar + 1)))};
      if (!months.contains(name) && !IsCode(name)) {
        diagnostics.Add(file, number, fmt::format("{} is neither a month nor a code of an event", name));
      }
      for (int language = 0; language < kLanguages; ++language) {
        if (words[language].empty() || words[language].find_first_of("{}") != std::string::npos)
          diagnostics.Add(file, number, "has no words in a language, or a brace in them");
        if (!templates.words_[language].emplace(name, words[language]).second && language == 0)
          diagnostics.Add(file, number, fmt::format("{} is there twice", name));
      }
      needed.erase(name);
    }
    for (const std::string& name : needed) diagnostics.Add(file, 0, fmt::format("has no words for {}", name));
  }

  void FindUnknown(const std::string& prefix) {
    for (const auto& file : policy::ListDataFiles(folder, prefix, ".txt", diagnostics)) {
      if (!templates.templates_.contains(file.stem().string()))
        diagnostics.Add(file, 0, "is an unknown template; nothing sends it");
    }
  }
};

absl::StatusOr<std::shared_ptr<const Templates>> Templates::Load(const std::filesystem::path& folder,
                                                                 const std::string& prefix,
                                                                 const std::vector<TemplateSpec>& specs) {
  const auto templates = std::make_shared<Templates>();
  Loading loading{.folder = folder, .templates = *templates};
  for (const TemplateSpec& spec : specs) loading.ReadTemplate(spec);
  loading.ReadWords(specs);
  loading.FindUnknown(prefix);
  if (!loading.diagnostics.ok()) return loading.diagnostics.status();
  return templates;
}

absl::StatusOr<Templates::Text> Templates::RenderIn(int language, const Item& item) const {
  const auto found = templates_.find(item.name);
  if (found == templates_.end())
    return absl::InternalError(fmt::format("there is no template {}", item.name));
  const Template& it = found->second;

  // What the values are called in this language.
  Values told;
  for (const Placeholder& placeholder : it.spec.placeholders) {
    const auto value = item.values.find(placeholder.name);
    if (value == item.values.end()) {
      if (placeholder.optional) continue;
      return absl::InternalError(fmt::format("{}: {{{}}} has no value", item.name, placeholder.name));
    }
    std::string text = value->second;
    if (placeholder.kind == Placeholder::Kind::kDay) {
      absl::CivilDay day;
      if (!absl::ParseCivilTime(text, &day))
        return absl::InternalError(fmt::format("{}: {{{}}} is no day", item.name, placeholder.name));
      text = fmt::format("{} {} {}", day.day(), words_[language].at(MonthName(day.month())), day.year());
    } else if (placeholder.kind == Placeholder::Kind::kWord) {
      const auto words = words_[language].find(text);
      if (words == words_[language].end())
        return absl::InternalError(fmt::format("{}: {{{}}} has no words", item.name, placeholder.name));
      text = words->second;
    }
    told.emplace(placeholder.name, std::move(text));
  }

  // Nothing where a value is missing.
  const auto fill = [&](const std::string& line) -> std::optional<std::string> {
    std::string filled;
    bool whole = true;
    ForEachPart(
        line, [&](std::string_view text) { filled += text; },
        [&](const std::string& name) {
          const auto value = told.find(name);
          whole = whole && value != told.end();
          if (value != told.end()) filled += value->second;
        });
    return whole ? std::optional(filled) : std::nullopt;
  };
  Text text;
  text.subject = fill(it.subject[language]).value_or("");
  for (const std::string& line : it.body[language]) {
    const auto filled = fill(line);
    if (!filled) continue;
    if (filled->empty() && text.body.ends_with("\n\n")) continue;  // a paragraph was left out
    text.body += *filled + "\n";
  }
  return text;
}

absl::StatusOr<Templates::Text> Templates::Render(const Item& item, report::v1::Language language) const {
  return Compose(language, [&](int in) { return RenderIn(in, item); });
}

absl::StatusOr<Templates::Text> Templates::RenderDigest(const std::string& digest, const Values& common,
                                                        const std::vector<Item>& items,
                                                        report::v1::Language language) const {
  return Compose(language, [&](int in) -> absl::StatusOr<Text> {
    std::string lines;
    for (size_t i = 0; i < std::min(items.size(), kMaxListed); ++i) {
      const auto text = RenderIn(in, items[i]);
      if (!text.ok()) return text.status();
      lines += (i == 0 ? "- " : "\n- ") + text->subject;
    }
    if (items.size() > kMaxListed) lines += fmt::format("\n+ {}", items.size() - kMaxListed);
    Item whole{digest, common};
    whole.values["count"] = std::to_string(items.size());
    whole.values["items"] = lines;
    return RenderIn(in, whole);
  });
}

}  // namespace lapor::notify
