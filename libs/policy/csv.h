// Comma-separated values as RFC 4180 has them, read strictly.
//
// Our own and not Debian's libfccp-dev, because every error must name the file, the line and the column's
// name, in one list with the errors of meaning, and that library throws at the first and cannot read quoted
// line breaks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "libs/policy/data_file.h"

namespace lapor::policy {

struct CsvRow {
  // The line on which the row begins, from 1.
  int line = 0;
  // One for each column.
  std::vector<std::string> fields;
};

// The rows after the header. UTF-8; lines end in LF or CRLF; the header must name exactly `columns`, in their
// order. Rows with another number of fields, misplaced quotes, or fields that begin or end with a space are
// diagnostics and left out.
std::vector<CsvRow> ReadCsv(const std::filesystem::path& file, const std::vector<std::string_view>& columns,
                            Diagnostics& diagnostics);

}  // namespace lapor::policy
