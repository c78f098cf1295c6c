#include "libs/policy/csv.h"

#include <fmt/format.h>

#include <optional>

namespace lapor::policy {
namespace {

// Well-formed UTF-8 by Unicode's table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const unsigned lead = byte(i);
    std::size_t length = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (lead < 0x80) {
      length = 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    for (std::size_t next = 1; next < length; ++next) {
      if (byte(i + next) < low || byte(i + next) > high) return false;
      low = 0x80;
      high = 0xBF;
    }
    i += length;
  }
  return true;
}

// Takes rows off a text, one at a time.
class RowScanner {
 public:
  RowScanner(const std::filesystem::path& file, std::string_view text, Diagnostics& diagnostics)
      : file_(file), text_(text), diagnostics_(diagnostics) {}

  bool done() const { return at_ == text_.size(); }

  // Nothing, and a diagnostic, for a row that is not well-formed; the next call goes on with the next line.
  std::optional<CsvRow> Next() {
    CsvRow row{.line = line_, .fields = {}};
    do {
      std::optional<std::string> field = Field();
      if (!field) return std::nullopt;
      row.fields.push_back(*std::move(field));
    } while (Take(','));
    if (!done() && !TakeLineEnd()) return Reject("a quoted field must end at a comma or the end of the line");
    return row;
  }

 private:
  std::optional<std::string> Field() {
    if (Take('"')) return QuotedField();
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    const std::string_view field = text_.substr(at_, end - at_);
    if (field.find('"') != field.npos) {
      Reject("a quote inside a field that does not begin with one; quote the field and double the quote");
      return std::nullopt;
    }
    if (!field.empty() && (field.front() == ' ' || field.back() == ' ')) {
      Reject(fmt::format("'{}' begins or ends with a space", field));
      return std::nullopt;
    }
    at_ = end;
    return std::string(field);
  }

  std::optional<std::string> QuotedField() {
    std::string field;
    while (!done()) {
      const char c = text_[at_++];
      if (c == '"' && !Take('"')) return field;
      if (c == '\n') ++line_;
      field += c;
    }
    Reject("a quoted field is not closed");
    return std::nullopt;
  }

  bool Take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool TakeLineEnd() {
    const std::size_t before = at_;
    Take('\r');
    if (Take('\n')) {
      ++line_;
      return true;
    }
    at_ = before;
    return false;
  }

  std::optional<CsvRow> Reject(std::string_view reason) {
    diagnostics_.Add(file_, line_, reason);
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (Take('\n')) ++line_;
    return std::nullopt;
  }

  const std::filesystem::path& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRow> ReadCsv(const std::filesystem::path& file, const std::vector<std::string_view>& columns,
                            Diagnostics& diagnostics) {
  const std::optional<std::string> text = ReadDataFile(file, diagnostics);
  if (!text) return {};
  if (!IsUtf8(*text)) {
    diagnostics.Add(file, 0, "is not UTF-8");
    return {};
  }
  RowScanner scanner(file, *text, diagnostics);
  const std::optional<CsvRow> header = scanner.done() ? CsvRow{} : scanner.Next();
  if (!header) return {};
  if (!std::equal(columns.begin(), columns.end(), header->fields.begin(), header->fields.end())) {
    diagnostics.Add(file, 1, fmt::format("the header must be {}", fmt::join(columns, ",")));
    return {};
  }
  std::vector<CsvRow> rows;
  while (!scanner.done()) {
    std::optional<CsvRow> row = scanner.Next();
    if (!row) continue;
    if (row->fields.size() != columns.size()) {
      diagnostics.Add(file, row->line,
                      fmt::format("has {} fields; the header has {}", row->fields.size(), columns.size()));
      continue;
    }
    rows.push_back(*std::move(row));
  }
  return rows;
}

}  // namespace lapor::policy
