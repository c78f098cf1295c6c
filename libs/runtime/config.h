#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lapor::runtime {

// How a process is told what to do. A setting --pool-size of the process "intake" is taken from the first
// that gives it:
//
//   --pool-size 8                     on the command line
//   LAPOR_INTAKE_POOL_SIZE=8          in the environment, for this process
//   LAPOR_POOL_SIZE=8                 in the environment, for all of them (an empty variable gives nothing)
//   pool-size = 8                     in the file of --config (TOML, flat)
//   its default
//
// Each concern has a struct of its settings with a method AddTo(CLI::App&), in which a setting is one line
// and has a help text that says unit and default. Secrets are never settings; their files are.

// Parses all of that into the variables bound to `app`. `process` is "intake". InvalidArgument, naming the
// setting, for an unknown flag or key and for a value that is not allowed. CLI::CallForHelp and
// CallForVersion pass through.
absl::Status ParseConfiguration(CLI::App& app, const std::string& process, int argc, const char* const* argv);

// A setting that is a positive duration, written as 10s, 500ms or 1h30m.
CLI::Option* AddDuration(CLI::App& app, const std::string& flag, absl::Duration& value,
                         const std::string& help);

// A setting that is one of a few words. `value` must be among `choices`: it is the default.
template <typename T>
CLI::Option* AddChoice(CLI::App& app, const std::string& flag, T& value,
                       const std::map<std::string, T>& choices, const std::string& help) {
  std::string words;
  std::string default_word;
  for (const auto& [word, choice] : choices) {
    words += (words.empty() ? "" : "|") + word;
    if (choice == value) default_word = word;
  }
  const auto choose = [flag, &value, choices, words](const std::string& word) {
    const auto found = choices.find(word);
    if (found == choices.end()) throw CLI::ValidationError(flag, word + " is none of " + words);
    value = found->second;
  };
  return app.add_option_function<std::string>(flag, choose, help)
      ->type_name(words)
      ->default_str(default_word);
}

}  // namespace lapor::runtime
