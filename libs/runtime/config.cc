#include "libs/runtime/config.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/runtime/log.h"

extern char** environ;

namespace lapor::runtime {
namespace {

constexpr char kConfigFlag[] = "config";

// pool-size -> POOL_SIZE
std::string VariableName(std::string_view setting) {
  std::string name;
  for (const char c : setting) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

bool IsSet(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

// The variable that gives `setting`: the process's own if set, else the common one.
std::string VariableOf(const std::string& process, const std::string& setting) {
  const std::string own = fmt::format("LAPOR_{}_{}", VariableName(process), VariableName(setting));
  return IsSet(own) ? own : fmt::format("LAPOR_{}", VariableName(setting));
}

// CLI11 puts the file above the environment. A file whose container is configured by variables should be the
// other way round, so what a variable gives is not taken from the file.
class BelowEnvironment final : public CLI::ConfigTOML {
 public:
  explicit BelowEnvironment(std::string process) : process_(std::move(process)) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> given = CLI::ConfigTOML::from_config(input);
    std::erase_if(given, [&](const CLI::ConfigItem& item) { return IsSet(VariableOf(process_, item.name)); });
    return given;
  }

 private:
  std::string process_;
};

// A misspelt variable can't be refused, since others may put variables of such names there (Kubernetes does
// for a service called lapor-intake); but somebody should hear of it.
void WarnOfUnknownVariables(const CLI::App& app, const std::string& process) {
  const std::string prefix = fmt::format("LAPOR_{}_", VariableName(process));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
    if (!variable.starts_with(prefix)) continue;
    bool known = false;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        known = known || VariableName(name) == variable.substr(prefix.size());
      }
    }
    if (!known) Log(Level::kWarning, "config.unknown_variable", {{"variable", variable}});
  }
}

}  // namespace

absl::Status ParseConfiguration(CLI::App& app, const std::string& process, int argc,
                                const char* const* argv) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() || !option->get_configurable()) continue;
    option->envname(VariableOf(process, option->get_lnames().front()));
  }
  // CLI11 looks for the file before it looks at the environment.
  const std::string file_variable = VariableOf(process, kConfigFlag);
  const bool has_file = IsSet(file_variable);
  app.set_config(fmt::format("--{}", kConfigFlag), has_file ? std::getenv(file_variable.c_str()) : "",
                 "File of settings, TOML", has_file);
  app.config_formatter(std::make_shared<BelowEnvironment>(process));
  app.allow_config_extras(false);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::CallForVersion&) {
    throw;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  WarnOfUnknownVariables(app, process);
  return absl::OkStatus();
}

CLI::Option* AddDuration(CLI::App& app, const std::string& flag, absl::Duration& value,
                         const std::string& help) {
  return app
      .add_option_function<std::string>(
          flag,
          [flag, &value](const std::string& text) {
            absl::Duration parsed;
            if (!absl::ParseDuration(text, &parsed) || parsed <= absl::ZeroDuration()) {
              throw CLI::ValidationError(flag,
                                         fmt::format("{} is not a positive duration, as 10s or 500ms", text));
            }
            value = parsed;
          },
          help)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

}  // namespace lapor::runtime
