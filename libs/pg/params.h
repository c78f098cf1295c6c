// Values on their way to a prepared statement, in PostgreSQL's text format: any column type that can read the
// text will do, so an int64_t may go to a smallint and a text to a uuid or an enum.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/pg/text_format.h"

namespace lapor::pg {

// Marks a value as bytea: any bytes, where text is UTF-8 without NUL.
struct Bytes {
  std::string_view value;
};

// Whole numbers; a char is a letter and an enum wants a cast, so neither slips through as a number.
template <typename T>
concept Whole = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, bool>;

// One column of an UNNEST parameter: tx.Exec(kInsert, pg::Params(std::move(ids), std::move(texts))) with
// "... SELECT * FROM unnest($1::bigint[], $2::text[])". Built in one pass into one buffer.
//
// Mind that unnest fills up the shorter of two columns with NULL: add to all of them in the same loop.
class Array {
 public:
  template <Whole T>
  void Add(T value) {
    AppendInt(static_cast<int64_t>(value), Next());
  }
  void Add(std::same_as<bool> auto value) { Next().push_back(value ? 't' : 'f'); }
  void Add(std::floating_point auto value) { AppendDouble(value, Next()); }
  void Add(absl::Time value);
  void Add(std::string_view text);
  void Add(const char* text) { Add(std::string_view(text)); }
  void Add(Bytes bytes) { AddBytes(bytes.value); }
  template <typename T>
  void Add(const std::optional<T>& value) {
    value ? Add(*value) : AddNull();
  }
  void AddBytes(std::string_view bytes);
  void AddNull() { Next() += "NULL"; }

  // The elements so far.
  size_t size() const { return size_; }
  // Makes room for elements of so many bytes together; only saves time.
  void reserve(size_t bytes) { text_.reserve(bytes); }
  // As PostgreSQL reads it: {1,NULL,3}.
  std::string text() const { return text_ + '}'; }

 private:
  friend class Params;
  std::string& Next();

  std::string text_ = "{";
  size_t size_ = 0;
  bool has_nul_ = false;
};

// The parameters $1, $2, ... of one execution: pg::Params(id, "text", when, pg::Bytes{payload}, std::nullopt,
// array). Copies what it is given, except for an Array that is moved in.
//
// Text that holds a NUL byte makes Tx::Exec fail with kInvalidArgument: PostgreSQL has no such text.
class Params {
 public:
  Params() = default;
  template <typename... T>
  requires(sizeof...(T) > 0 && !(std::same_as<std::remove_cvref_t<T>, Params> || ...))
      Params(T&&... values) {  // NOLINT: implicit, so that tx.Exec(kStatement, {1, "x"}) reads well
    values_.reserve(sizeof...(T));
    (Add(std::forward<T>(values)), ...);
  }

  template <Whole T>
  Params& Add(T value) {
    AppendInt(static_cast<int64_t>(value), Next());
    return *this;
  }
  Params& Add(std::same_as<bool> auto value) {
    Next().push_back(value ? 't' : 'f');
    return *this;
  }
  Params& Add(std::floating_point auto value) {
    AppendDouble(value, Next());
    return *this;
  }
  Params& Add(absl::Time value);
  Params& Add(std::string_view text);
  Params& Add(const char* text) { return Add(std::string_view(text)); }
  Params& Add(Bytes bytes);
  Params& Add(Array array);
  Params& Add(std::nullopt_t) { return AddNull(); }
  template <typename T>
  Params& Add(const std::optional<T>& value) {
    return value ? Add(*value) : AddNull();
  }
  Params& AddNull() {
    values_.emplace_back();
    return *this;
  }

  // Nullopt is NULL.
  const std::vector<std::optional<std::string>>& values() const { return values_; }
  // The number, from 1, of the first parameter with a NUL byte in its text.
  std::optional<size_t> nul_in() const { return nul_in_; }

 private:
  std::string& Next() { return values_.emplace_back(std::in_place).value(); }
  void NoteNul(bool found) {
    if (found && !nul_in_) nul_in_ = values_.size();
  }

  std::vector<std::optional<std::string>> values_;
  std::optional<size_t> nul_in_;
};

}  // namespace lapor::pg
