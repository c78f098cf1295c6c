// What a statement gave back.
//
// Reading a NULL as a value, a column that isn't there or text that isn't of the type asked for is a bug in
// the statement or its reader: it throws out of the body of Pool::Transact, which answers kInternal and names
// the statement and the column. So read rows inside the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace pqxx {
class result;
}

namespace lapor::pg {

// One row; columns count from 0. Cheap to copy, valid as long as its Result.
class Row {
 public:
  std::string Text(int column) const { return std::string(View(column)); }
  // The text without a copy, valid as long as the Result.
  std::string_view View(int column) const;
  int64_t Int(int column) const;
  int32_t Int32(int column) const;
  bool Bool(int column) const;
  double Double(int column) const;
  // Of a bytea column.
  std::string Bytes(int column) const;
  // Of a timestamptz column; a timestamp or date is taken as UTC.
  absl::Time Time(int column) const;

  bool IsNull(int column) const;
  std::optional<std::string> OptText(int column) const;
  std::optional<int64_t> OptInt(int column) const;
  std::optional<absl::Time> OptTime(int column) const;

 private:
  friend class Result;
  struct Cell {
    const char* data;  // nullptr: NULL
    size_t size;
  };
  Row(const Cell* cells, int columns, const char* statement)
      : cells_(cells), columns_(columns), statement_(statement) {}

  const Cell& At(int column) const;
  [[noreturn]] void Misread(int column, const char* why) const;
  template <typename T>
  T As(int column, std::optional<T> (*parse)(std::string_view), const char* type) const;

  const Cell* cells_;
  int columns_;
  const char* statement_;
};

// All rows. Cheap to move; not thread-safe.
class Result {
 public:
  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    Iterator(const Result* result, size_t index) : result_(result), index_(index) {}
    Row operator*() const { return (*result_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Result* result_;
    size_t index_;
  };

  // `statement` names the result in errors and must outlive it.
  Result(const pqxx::result& result, const char* statement);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The rows an INSERT, UPDATE or DELETE touched.
  size_t affected_rows() const { return affected_rows_; }
  Row operator[](size_t index) const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

 private:
  const char* statement_;
  size_t size_;
  int columns_;
  size_t affected_rows_;
  std::shared_ptr<const void> owner_;  // of what the cells point at
  std::vector<Row::Cell> cells_;       // row by row
};

}  // namespace lapor::pg
