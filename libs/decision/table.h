// A state machine as one declarative table.
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "libs/decision/refusal.h"

namespace lapor::decision {

// In state `from`, the command `on` is allowed and may lead to `to`. A command that may lead to several
// states has a row for each.
template <class State, class Command>
struct Transition {
  State from;
  Command on;
  State to;
};

// A view over a constexpr array of transitions. Thread-safe: it never changes.
template <class State, class Command>
class Table {
 public:
  using Namer = std::string (*)(State);
  using CommandNamer = std::string (*)(Command);

  constexpr Table(std::span<const Transition<State, Command>> rows, Namer state_name,
                  CommandNamer command_name)
      : rows_(rows), state_name_(state_name), command_name_(command_name) {}

  bool Allows(State from, Command on) const {
    return std::ranges::any_of(rows_, [&](const auto& row) { return row.from == from && row.on == on; });
  }

  // FAILED_PRECONDITION naming both when the pair is not in the table.
  absl::Status Check(State from, Command on) const {
    if (Allows(from, on)) return absl::OkStatus();
    return RefuseTransition(state_name_(from), command_name_(on));
  }

  // Whether the table foresees that `on` leads from `from` to `to`: what a decision is checked against.
  bool Foresees(State from, Command on, State to) const {
    return std::ranges::any_of(
        rows_, [&](const auto& row) { return row.from == from && row.on == on && row.to == to; });
  }

  std::span<const Transition<State, Command>> rows() const { return rows_; }

 private:
  std::span<const Transition<State, Command>> rows_;
  Namer state_name_;
  CommandNamer command_name_;
};

}  // namespace lapor::decision
