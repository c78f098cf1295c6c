#include "libs/pg/result.h"

#include <limits>
#include <pqxx/result>
#include <pqxx/row>

#include "fmt/format.h"
#include "libs/pg/errors.h"
#include "libs/pg/text_format.h"

namespace lapor::pg {

// libpqxx counts references for every field it hands out, so each is asked for once, here.
Result::Result(const pqxx::result& result, const char* statement)
    : statement_(statement),
      size_(result.size()),
      columns_(static_cast<int>(result.columns())),
      affected_rows_(result.affected_rows()),
      owner_(std::make_shared<pqxx::result>(result)) {
  cells_.reserve(size_ * static_cast<size_t>(columns_));
  for (const pqxx::row& row : result) {
    for (const pqxx::field& field : row) {
      cells_.push_back(field.is_null() ? Row::Cell{nullptr, 0} : Row::Cell{field.c_str(), field.size()});
    }
  }
}

Row Result::operator[](size_t index) const {
  if (index >= size_) {
    throw Failure(absl::InternalError(
        fmt::format("statement {} gave {} rows, row {} was read", statement_, size_, index)));
  }
  return Row(cells_.data() + index * static_cast<size_t>(columns_), columns_, statement_);
}

void Row::Misread(int column, const char* why) const {
  throw Failure(absl::InternalError(fmt::format("statement {}, column {}: {}", statement_, column, why)));
}

const Row::Cell& Row::At(int column) const {
  if (column < 0 || column >= columns_) Misread(column, "there is no such column");
  return cells_[column];
}

bool Row::IsNull(int column) const { return At(column).data == nullptr; }

std::string_view Row::View(int column) const {
  const Cell& cell = At(column);
  if (cell.data == nullptr) Misread(column, "NULL where a value was expected");
  return {cell.data, cell.size};
}

template <typename T>
T Row::As(int column, std::optional<T> (*parse)(std::string_view), const char* type) const {
  std::optional<T> value = parse(View(column));
  if (!value) Misread(column, type);
  return *std::move(value);
}

int64_t Row::Int(int column) const { return As(column, ParseInt, "not a whole number of 64 bits"); }

int32_t Row::Int32(int column) const {
  const int64_t value = Int(column);
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    Misread(column, "not a whole number of 32 bits");
  }
  return static_cast<int32_t>(value);
}

bool Row::Bool(int column) const { return As(column, ParseBool, "not a boolean"); }
double Row::Double(int column) const { return As(column, ParseDouble, "not a number"); }
std::string Row::Bytes(int column) const { return As(column, ParseHex, "not a bytea"); }
absl::Time Row::Time(int column) const { return As(column, ParseTime, "not a time"); }

std::optional<std::string> Row::OptText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

std::optional<int64_t> Row::OptInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<absl::Time> Row::OptTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

}  // namespace lapor::pg
